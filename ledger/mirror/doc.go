// Package mirror keeps a copy of a log in a folder, whoever runs the log: every
// entry and every tile, verified up to a checkpoint that the log has signed before
// a byte of it is stored.
//
//	<mirror>/
//	  mirror      "yurai-mirror/1", a line feed, the log origin, a line feed
//	  log/        the entries and what is derived from them, as a log keeps them (ledger/filestore)
//	  checkpoint  the signed note that is served, byte for byte as the log served it
//
// A [Mirror] is given checkpoints by whoever compares them with what was seen
// before, and pulls what they cover: tiles are authenticated from the root down,
// leaves by the tiles, so that what lies in log/ at any moment is proven, also
// where a copy was cut off in the middle. checkpoint is replaced when everything
// that it covers is durable, in one step: that is the commit point of a pull. It
// never goes back, and a log that does, or that contradicts it, is refused with
// what shows it.
//
// A mirror is an anchor: the file checkpoint, which [Checkpoint] reads, says how
// far the log had come at the least, and the entries restore what it lost.
package mirror

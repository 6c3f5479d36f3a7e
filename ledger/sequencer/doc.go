// Package sequencer orders leaves into a Merkle log and signs for what it has
// ordered. It knows nothing of what the leaves say.
//
// A [Log] takes entries from many goroutines and commits them in batches. There
// is no timer: the next batch is what arrived while the last one committed. The
// way of a batch is
//
//	add → duplicates → guard → commit (write, read back, root, sync) → sign → publish → acknowledge
//
// and each arrow is an order: a signature leaves the process only after the
// entries and the root it covers would survive the loss of power, and an
// acknowledgement only after that.
//
// What is promised:
//
//   - An acknowledged entry is in every later checkpoint, at the index of its
//     receipt, also after a crash.
//   - Two checkpoints that the log ever published are consistent. A log that was
//     restored from a copy can know of this only by an anchor; see [Config].
//   - An entry that was offered before gets the index of the first. This is
//     decided before the guard is asked, exactly, within a batch too.
//   - What the guard refuses takes no index and leaves no trace.
//   - A read gives bytes that were checked against the tree, or an error; nothing
//     above the published size can be read.
//
// Three kinds of failure stay apart. Refused: an error with a code, and trying
// again changes nothing. Busy or full: [ErrBusy], or an error that is
// [ErrUnchanged]; try again later. Unknown: [ErrUnknown], after which the log
// has ended and must be opened anew.
//
// A guard that is a [Snapshotter] is put down every [SnapshotEvery] leaves, by a
// goroutine of its own beside the commits, and taken up again at the next opening.
//
// A [Store] keeps the log; ledger/filestore has the one made of files. A [Guard]
// decides what may become part of it. Package storetest holds the suite that
// every Store passes.
package sequencer

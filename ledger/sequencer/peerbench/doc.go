// Peerbench puts the same work through a log of this repository and through
// github.com/transparency-dev/tessera v1.0.4 on its POSIX driver, and prints what
// came of it as a table in Markdown, with the conditions, and each target met or
// missed. It is a module of its own, so that the peer is no dependency of the
// product. Both need a Unix.
//
//	cd ledger/sequencer/peerbench && go build -o /tmp/peerbench . && /tmp/peerbench > table.md
//
// All rows take an hour or two and 10 GB; -quick takes a minute; -rows and
// -columns choose, -runs counts, -dir keeps the signed statements for the next
// time and says which disk is measured. Each run is a process of its own, on a
// new folder that is gone afterwards, so that its memory is its own and nothing is
// left warm but the statements. The columns take turns, in reversed order every
// other run. A run that ends in a panic or an error is in the table as such, and
// so is every error that a writer was given.
//
// # Work
//
// A writer offers its next entry when the last one is durable (a closed loop). The
// entries are statements on bills of materials by 16 enrolled vendors, signed
// beforehand with a seed's keys: DSSE envelopes over in-toto statements as the log
// takes them, of 2 and of 20 KiB. The small ones are filled up by their note, the
// large ones by the note and the members copied of the product too, each within
// its limit. Every writer reads its entry from a file into new memory, as a
// request would bring it, and every column adds the same bytes; ours has 18
// entries more, that enrol the vendors, before the clock runs. There is no HTTP on
// either side, and no bill of materials is examined or stored.
//
// # Columns
//
//	full              from the bytes of a submission to the receipt, as package server does
//	                  it: envelope and statement parsed, the vendor's signature verified,
//	                  forecast, exact deduplication, the registry as guard, commit, both
//	                  checkpoint signatures, publication; beside it the look-ups in Badger
//	log               the same without opening the statement, since the peer opens none: the
//	                  guard and the look-ups are given one of 16 that were opened before
//	bare              the sequencer over its files alone: deduplication by leaf hash, one
//	                  signature, no guard, no look-ups
//	tessera           the peer at its most favourable: batches of min(writers, 1024), which a
//	                  closed loop fills exactly, age 50 ms, a checkpoint every 100 ms, its least
//	tessera-defaults  256 entries, 250 ms, a checkpoint every 10 s
//	tessera-antispam  as tessera, with its deduplication: 256 Ki entries in memory and
//	                  Badger; the threshold of its pushback is raised so that it never pushes
//	                  back, which favours it
//	tessera-pushback  the same with its own threshold; a writer that is told to come later
//	                  waits 10 ms, and what it was told is counted
//
// The peer signs with Ed25519 alone, verifies no statement, and syncs its files as
// it does by default; its antispam's Badger, like our look-ups', is not synced, as
// both can be rebuilt.
//
// # Numbers
//
// Durable is when the entry would survive the loss of power: our receipt; the
// peer's future, whose index is "durably assigned". Published is when a signed
// checkpoint that covers the entry can be read: our receipt again, which has it;
// the peer's PublicationAwaiter, which looks every 5 ms. At the defaults, a window
// shorter than the checkpoint's interval makes that the time to the next one.
// Entries count when they end within the window. CPU is the process's, user and
// system, with the load's part. Peak memory is VmHWM, mapped files included.
// Growth is the time until all entries are durable, and until what follows the log
// (our look-ups, its antispam) has them. Replay recomputes root and tiles from the
// leaves and compares: package audit over the folder, against the peer's fsck as a
// library over its folder with 1, 2, 4 and 8 workers, of which the best counts.
// Restart is from the start of the process, with a warm page cache, after a clean
// end: to one entry and the checkpoint read, and to one entry accepted.
package main

// Package filestore keeps a log in a folder of append-only files. It implements
// the Store of ledger/sequencer; ledger/FORMAT.md draws the records.
//
//	lock        held by the process that has the log open
//	origin      the log's origin
//	instance    which copy of the log this is
//	entries/    the leaves, in segments of 65,536: the truth
//	journal/    the head journal: what of the entries is the log: the truth
//	derived/    hashes of each tile level, positions of the bundles, identities
//	snapshots/  the guard's state at some sizes, opaque here
//	aside/      bytes found behind the log, never read again
//
// Truth is the entries and the journal. A record of the journal names the size,
// the root and where the entries end; no length of a file is ever believed. What
// lies behind that was not committed: it is set aside, kept, and never trusted.
// Entries that end before are damage, and the log is refused.
//
// Everything in derived/ can be deleted while the log is closed; opening makes
// it anew from the entries. So can everything in snapshots/, of which only what
// the newest record names by its digest is ever used.
//
// A tile, full or partial, and an entry bundle are ranges of files: serving is
// one positioned read, and nothing is ever rewritten. Each full tile is checked
// against the tile above it, up to the right edge that gave the committed root,
// when it is first read after opening; each bundle against its tile.
//
// A sync that fails ends the store: nothing is tried again on a file whose pages
// the kernel may have marked clean. Opening the folder again writes and syncs
// the last record and what it covers anew, by the functions that committed it.
package filestore

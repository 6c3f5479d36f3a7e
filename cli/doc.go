// Package cli is the command line: a tree of cobra commands, one file a
// command, that [Main] runs against the streams, environment and context it is
// given. Tests and the demo run it in-process.
//
// Results go to standard output, everything else to standard error: a refusal
// is a cause line with its stable code, what happened this time, and a hint line
// with the one action that mends it, in English or Japanese (--lang, else
// YURAI_LANG, LC_ALL, LC_MESSAGES, LANG). No command prompts, and none writes
// colour. A flag that is not given is taken from YURAI_FORMAT, YURAI_LISTEN,
// YURAI_POLICY, YURAI_SERVER, YURAI_STAGE or YURAI_TRUST; keys never are.
//
// # Exit codes
//
//	0    accept, or done
//	1    internal: this program or this machine failed
//	2    usage
//	3    input unreadable or invalid
//	4    network or server unreachable, busy, or its answer useless
//	5    not authorised
//	10   HOLD: a person decides
//	11   REJECT: a signature or proof is false, or a rule forbids it
//	12   not in the log
//	13   the log misbehaved
//	14   trust data stale or missing
//	130  cancelled
//
// A caller treats any other code as failure. Of several that apply, to one file
// or to several, the first in the order 1, 2, 3, 5, 4, 13, 11, 12, 14, 10, 0
// is returned. `serve` that is told to stop and has drained returns 0.
//
// # Files
//
// What is written is complete or absent: written beside its name, synced,
// renamed, and its folder synced. Private keys, requests and statements are
// never overwritten; a bundle is replaced only by one that was verified. What a
// file links to is kept in FILE.linked, each document under the name of its SHA-256
// and with its bundle beside it.
package cli

// Package witness cosigns the checkpoints of other people's logs, and gathers
// cosignatures for the checkpoints of one's own.
//
// # The witness
//
// A [Witness] is a name with two keys, Ed25519 and ML-DSA-44, and a folder. It
// knows the logs that were added to it, each by its origin and keys, and speaks
// c2sp.org/tlog-witness over HTTP:
//
//	POST /add-checkpoint             old size, consistency proof, signed checkpoint
//	                                 200 with a line of each key (Ed25519 first),
//	                                 400, 403, 404, 409 with the size, 422
//	GET  /{origin hash}/checkpoint   the last checkpoint that was cosigned
//
// It cosigns a checkpoint only if every key that it knows of the log has signed
// it and if it continues the last one that it cosigned. The new state is durable
// before a cosignature leaves the process: killed or without power at any time, a
// witness never cosigns two roots of one size, nor a smaller tree after a larger.
// Times of cosignatures never go back either. It does not know what leaves say,
// nor whether a log is any good.
//
// A witness whose own folder is put back to an older state has forgotten what it
// cosigned, and cannot know. So has one that runs on a copy of its folder.
//
// # Gathering
//
// A [Gatherer] asks the witnesses of a policy for cosignatures of a log's newest
// checkpoint, beside the commits of that log, which never wait for it. Each
// witness has one request under way, bounded in time and length, and is left
// alone for a while after it failed. What is answered is verified before it
// counts. The newest checkpoint that satisfies the policy is kept durably before
// it is handed on, so that what a log publishes never goes back.
//
// [Anchors] asks the same witnesses what they have seen before a log is opened: a
// log that is behind, or has another history, was put back or cloned. A [Clock]
// keeps what was cosigned, one a minute: an entry is older than the first
// cosigned checkpoint that covers it and younger than the last that does not.
package witness

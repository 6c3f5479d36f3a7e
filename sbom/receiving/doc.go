// Package receiving is the judgement at the dock: a file, a bundle, a trust
// file, a policy and a time go in, a verdict comes out. It opens no file and no
// socket and reads no clock, so the same bytes give the same verdict on every
// machine, in a browser too.
//
// [ParseBundle] reads FILE.yurai.json and [Open] verifies all of it: the
// checkpoint under every key of the trust file, each proof against that
// checkpoint, the pinned genesis, each entry's signatures under the keys that
// stood at its index, and the status that the log signs for the statement. What
// comes back is an [Evidence], the only thing that a verdict believes.
//
// [Check] gives the verdict: six rows (signature, log, witnesses, contents,
// origin, advisories), each passing only on evidence that it names. Take a piece
// of evidence away and its row leaves pass; what nobody looked at is unknown,
// and unknown holds.
//
// A BOM that the file links to by SHA-256, or that such a one links to, is judged
// as an entry of its own if it is among Request.Linked, and speaks in the rows of
// the one verdict; the policy judges the facts of all of them. A link that leads to
// none of these is unknown, and named.
//
// The rules of a policy are given what the log says, as far as a usable status
// vouches for it: the advisories in force, the standing of the entry, the dates of
// status and statement, of which the latter is its signer's claim; and what the
// caller knows: context, reference lists, and what was assessed before.
//
// What parties say of themselves in the log ([OpenProfiles]) are facts about those
// whom a BOM names by their ids, as far as it is opened, and as the log's word shows
// it to be their newest. The entry of a policy ([OpenPolicy]) shows that a file is the
// policy that the trust file pins.
//
// A [Case] names everything that verdicts were made from by its digest, so that
// they can be made again from the same bytes.
package receiving

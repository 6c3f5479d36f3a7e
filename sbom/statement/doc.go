// Package statement is what can be said in the log: the kinds of statement,
// their bodies, and the grammar of everything in them.
//
// A statement is the payload of an envelope: an in-toto Statement v1 in strict
// JSON, whose bytes are signed and kept as they are.
//
//	{"_type":"https://in-toto.io/Statement/v1",
//	 "subject":[{"digest":{"sha256":"<64 hex>"}}],
//	 "predicateType":"https://github.com/yurai-ledger/yurai/<kind>/v1",
//	 "predicate":{"log":…,"party":[…],"made":…,"prev":…,"note":…, members of the kind}}
//
// There is exactly one subject, a SHA-256:
//
//	bom, status, list          of the bytes that are spoken of
//	party, keys, suspend       of the party's id
//	delegate                   of the delegate's SPKI: the key's id
//	revoke                     of the key's SPKI, or of the id of a whole party
//	advisory                   the selector's digest, else of its party's id, else of the log's origin
//	attestation                of the id of the party that it is about, else of the bytes
//	trust                      of the trust file's bytes
//	policy                     of the policy's bytes
//	verdict, decision          of the canonical bytes of the verdict
//	profile                    of the party's id
//	genesis, admission,        of the log's origin
//	withdraw, freeze
//
// Every predicate has log (absent only in a bom or attestation that is for any
// log), party (who acts: ["registrar"] for genesis, admission, freeze and trust, ["registrar",
// id] for party, ["log"] for status, else one party; registrar may stand for it
// in keys, revoke, suspend, withdraw, list, attestation and policy, log in keys
// and revoke) and made. prev is the leaf hash of the last statement on the same
// object, absent for the first: the admission; party/<id>, which party and keys
// share; delegate/<party>/<key>; suspend/<party>; list/<issuer>/<id>; policy/<issuer>/<id>; profile/<party>. No
// other kind has one.
//
// A field of a verdict, of a decision or of a profile is a string, or
// {"commit": digest}, a commitment to that string:
//
//	SHA-256("yurai/commit/1\n" ‖ kind ‖ 0x00 ‖ pointer ‖ 0x00 ‖ salt ‖ value)
//
// with the JSON Pointer of the field in the predicate, 16 bytes of salt for each
// field alone, and the UTF-8 of the value. What opens it travels in a file of its
// own ([Openings]), which names the entry. How many rows a list has, and which
// fields there are, is seen by everybody; and whoever can guess all that a verdict
// says can compare its digest.
//
// A decision names rules, and the log does not know which of them the policy lets
// anybody waive: that is judged by whoever has verdict and policy, before signing
// and when the decision is read. That a waiver has two different keys of its
// operator, the log sees to.
//
// A log ends with a freeze, which both registrars sign, and a successor goes on:
// freeze {size, root, successor {origin, genesis, registrar}} names the tree that it
// ends, which its own index is the size of, and the genesis leaf and the registrar's
// keys of the successor. That genesis may name back, as predecessor {origin, genesis,
// size, root}, a tree of the old log as it was before, which the freeze's begins with.
// Neither hash is made from the other's statement.
//
// Rules of reading, for every kind:
//   - unknown members are refused, whatever they say; names are case-sensitive;
//   - null and empty strings, arrays and objects are refused: what there is not
//     is absent;
//   - integers are digits without sign, leading zero, fraction or exponent, at
//     most 2^53 − 1; times are RFC 3339, UTC, whole seconds, with "Z";
//   - lists of words and identifiers are in strictly ascending order of bytes,
//     keys in ascending order of their ids;
//   - the predicate has at most [MaxBody] bytes as written.
//
// A kind, a version, a rules number or a word that this program does not know
// is refused with an error that wraps [ErrNewer]. Nothing is skipped.
//
// Builders write members in one order without white space; readers take any
// order and any white space that strict JSON allows.
package statement

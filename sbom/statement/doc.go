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
// There is exactly one subject: the BOM's bytes for bom and status, a trust
// file's bytes for trust, a party's id for party, the log's origin for genesis and admission (SHA-256 of each).
// Every predicate has log (absent only in a bom that is for any log), party
// (who acts: ["registrar"] for genesis, admission and trust, ["registrar", id] for
// party, ["log"] for status, [id] for bom) and made. prev, the leaf hash of the
// last statement on the same object, belongs to admission and party alone.
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

// Package registry is the state of a log, as a fold over its statements: who
// the registrar is, which parties there are, which keys are theirs, what is
// admitted. The server's guard, a check of a bundle and an audit all use this
// one fold.
//
// Whether an entry is admitted at index i depends on the entries before i
// alone, and is never undone. The rules have a number, 1, which genesis names:
//
//	every kind  it is one this program knows and no status; log is this log's;
//	            every signature is by a key that acts here at this index
//	genesis     index 0 and nowhere else; registrar threshold of its own key set
//	admission   registrar threshold; prev is the last admission; in force after
//	            its own index
//	party       admitted; registrar threshold and every key of the party; id not
//	            used, or version + 1 with prev the last statement on the party;
//	            each key is of an admitted algorithm and belongs to nobody else:
//	            to no other party, ever, nor to registrar, log or checkpoints
//	bom         admitted, within the limits; the party is enrolled as a vendor;
//	            it speaks for itself and for the maker, where the maker is given
//	            as a party id; its threshold of keys that stand at this index; a
//	            position it supersedes is in this log and below its own index
//
// An admission or party statement identical to one already in the log (same
// payload, same signers) is idle: it is admitted and changes nothing.
//
// [State] is bounded by parties and keys, whatever the number of BOMs. [History]
// also keeps the BOM entries, and answers for their standing.
package registry

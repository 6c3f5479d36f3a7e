// Package registry is the state of a log, as a fold over its statements: who
// the registrar is, which parties there are, which keys are theirs, what is
// admitted. The server's guard, a check of a bundle and an audit all use this
// one fold.
//
// Whether an entry is admitted at index i depends on the entries before i
// alone, and is never undone. What is to be said of it, its standing, is computed
// at a tree size N and knows every entry below N.
//
// The rules of admission have a number, 1, which genesis names. No log was
// published before the kinds below were all there, so they all are rules 1: a
// log whose admission does not name a kind does not take it. Where a position is
// named, it is in this log and below the entry's own index; what is there, the
// guard does not look at.
//
//	every kind  it is one this program knows and no status; log is this log's;
//	            every signature is by a key that acts and stands at this index;
//	            but for genesis, admission and freeze, the admission in force
//	            takes it; no entry before it is a freeze
//	genesis     index 0 and nowhere else; registrar threshold of its own key set
//	admission   registrar threshold; prev is the last admission; in force after
//	            its own index
//	party       registrar threshold and every key of the party; id not used, or
//	            version + 1 with prev the last statement on the party, and the
//	            party not revoked; each key is of an admitted algorithm, not
//	            revoked, and belongs to nobody else: to no other party, ever, nor
//	            to registrar, log or checkpoints
//	keys        the old threshold, the new threshold and every new key; prev is
//	            the last party or keys statement; keys as for party. Genesis is no
//	            such statement: the first of registrar and log have no prev
//	delegate    party threshold; prev is the last on this party and key; the key
//	            is of an admitted algorithm, not revoked as this party's delegate,
//	            and neither the party's own nor that of an office
//	revoke      no prev. What is revoked was there, and invalidFrom is at most the
//	            own index. By the registrar's threshold; by the threshold of any
//	            key set that whom it is about ever had and that is not void, of
//	            keys not revoked; by one key, or one delegate's, itself and from
//	            now on alone
//	suspend     regulator or registrar; the party is known; prev is the last on
//	            this party; a suspension that is in force is lifted by its issuer or
//	            the registrar
//	bom         within the limits; the party is enrolled as a vendor; it speaks for
//	            itself and for the maker, where the maker is given as a party id;
//	            signed by its threshold, or by one delegate within its scope and,
//	            by the statement's own word, not after its end
//	withdraw    threshold of the party or of the registrar
//	advisory    threshold of a regulator, a CSIRT or a vendor
//	list        threshold of a party or of the registrar; prev is the last on this
//	            issuer and id, with version + 1
//	attestation threshold of an auditor, a laboratory or the registrar
//	policy      threshold of a party or of the registrar; prev is the last on this
//	            issuer and id, with a higher version
//	verdict     threshold of an operator
//	decision    threshold of an operator; a waiver by two different keys at least
//	profile     threshold of the party; prev is its last profile
//	freeze      registrar threshold and every key of the successor's registrar;
//	            its size is its own index. The root that it names is compared
//	            where the tree is: by the server before it offers the entry, and
//	            in an audit
//
// Threshold is that of the key set in force, where statements that rest on void
// keys count for nothing, by keys that are not revoked and, but for the
// registrar's, of admitted algorithms. An entry identical to one on the same
// object (same payload, same signers) is idle: it is admitted and changes nothing.
//
// Standing at size N. A key is void at index i if a revocation below N, of the
// key or of its whole party, has an invalidFrom of at most i; the earliest wins.
// An entry is void if without the keys that are void at its index it has not the
// authority that it was admitted with: the threshold of its actor's key set at
// that index, with two keys for a waiver, or a delegation; the role that its kind asks for; for a bom, that its
// party speaks for the maker. A party, keys or delegate entry that is void gives
// no key set, no role and no delegation: what rests on it alone falls too. A key
// that its party revoked is void as its delegate too. A party entry is
// the registrar's word and does not fall with the party's keys; a revocation never
// falls. An entry that would not stand without a key that was revoked from a later
// index is valid then.
//
// A bom, advisory or attestation is withdrawn by a withdraw entry of its own party
// or of the registrar that is not void. Two boms of one party with one serial
// number and version and different bytes are equivocal until one is void or
// withdrawn. A follower that is void supersedes nothing; one that was withdrawn has
// still said that the older one is not right.
//
// [State] is bounded by parties, keys, revocations, suspensions, advisories,
// lists, policies and profiles, whatever the number of BOMs, verdicts and decisions. [History] also keeps what every entry said,
// and answers for its standing.
//
// A snapshot of a State (yurai-guard/1, boxed in ledger/FORMAT.md) names the size,
// the rules and, by index and leaf hash, each entry that changed the state; no
// other entry has a part in it. So one state has one snapshot, however it was
// reached, and [State.Restore] judges those entries again, from the log, instead
// of believing what a file says of parties and keys.
package registry

package index

// The kinds beside [BOMDigest], by which bundles are put together. Each begins
// with the party, so that no party's entries make another's look-ups long.
// Whoever writes a term says what bytes make it.
const (
	BOMOwn        Kind = 2 // party and digest
	BOMNumber     Kind = 3 // party, serial number and version
	BOMSupersedes Kind = 4 // party and the position that its BOM supersedes
	Withdraws     Kind = 5 // who withdraws, and the position
)

package index

// The kinds beside [BOMDigest]. Whoever writes a term says what bytes make it.
const (
	BOMNumber     Kind = 2 // party, serial number and version of a bill of materials
	BOMSupersedes Kind = 3 // position that a bill of materials supersedes
)

package index

// The kinds beside [BOMDigest], by which bundles are put together. Each begins
// with the party, so that no party's entries make another's look-ups long.
// Whoever writes a term says what bytes make it.
const (
	BOMOwn        Kind = 2 // party and digest
	BOMNumber     Kind = 3 // party, serial number and version
	BOMSupersedes Kind = 4 // party and the position that its BOM supersedes
	Withdraws     Kind = 8 // who withdraws, and the position
)

// The kinds that searches ask for and a leaf says.
const (
	BOMParty   Kind = 5 // party
	BOMProduct Kind = 6 // name of the product
	BOMSerial  Kind = 7 // serial number of the BOM, of any party and version
)

// The kinds that only the bytes of a BOM say, and what is known of how much was
// examined. An index has either these or those above.
const (
	InsidePart      Kind = 32 // name of a device
	InsideMakerPart Kind = 33 // maker and name of a device
	InsideMaker     Kind = 34 // maker of a product or component
	InsideDigest    Kind = 35 // SHA-256 that a component states
	InsideHeld      Kind = 36 // nothing: the BOM is held
	InsideUnread    Kind = 37 // nothing: the BOM was not examined, or not all of it
)

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

// The kinds that searches ask for and a leaf says. Each begins with the kind of
// the statement, so that what is said of one makes searches for another no
// longer.
const (
	SaidKind      Kind = 9  // nothing more
	SaidParty     Kind = 5  // who acts
	SaidAbout     Kind = 10 // party that it speaks of
	SaidProduct   Kind = 6  // name, GTIN, CPE or purl of a product
	SaidSerial    Kind = 7  // serial number of the BOM, of any party and version
	SaidDigest    Kind = 11 // SHA-256 of the bytes that it speaks of, BOMs' aside
	SaidEntry     Kind = 12 // entry that it names
	SaidPart      Kind = 13 // number of a part
	SaidMakerPart Kind = 14 // maker, or none, and number of a part
	SaidName      Kind = 15 // name of a party, id of a list
	SaidRole      Kind = 16 // role of a party
	SaidHidden    Kind = 17 // nothing more: a commitment hides the BOM's product
)

// The kinds that only the bytes of a BOM say, and what is known of how much was
// examined. An index has either these or those above.
const (
	InsidePart      Kind = 32 // name, CPE or purl of a component
	InsideMakerPart Kind = 33 // maker, or none, and name, CPE or purl of a component
	InsideMaker     Kind = 34 // maker of a product or component
	InsideDigest    Kind = 35 // SHA-256 that a component states, or of the whole BOM
	InsideHeld      Kind = 36 // nothing: the BOM is held
	InsideUnread    Kind = 37 // nothing: the BOM is not to be examined, or not all of it
	InsideMissing   Kind = 38 // nothing: the bytes were not there when it was to be examined
)

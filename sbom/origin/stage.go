package origin

import "slices"

// Stage is a step in the life of a thing at which something was done to it
// somewhere: the stages that the draft of CycloneDX 2.0 predefines.
type Stage string

// The stages, in the order of the draft.
const (
	Designed     Stage = "designed"     // design, specifications, circuit design
	Mined        Stage = "mined"        // extraction of raw material
	Harvested    Stage = "harvested"    // collection of grown raw material
	Recycled     Stage = "recycled"     // recovery from scrap or used items
	Refined      Stage = "refined"      // purification
	Separated    Stage = "separated"    // separation of elements or compounds
	Smelted      Stage = "smelted"      // extraction of metal from ore
	Melted       Stage = "melted"       // melting into a homogeneous mass
	Processed    Stage = "processed"    // other transformation between stages
	Manufactured Stage = "manufactured" // fabrication from materials or parts
	Assembled    Stage = "assembled"    // integration of parts into the item
	Developed    Stage = "developed"    // writing of source code
	Built        Stage = "built"        // production of artifacts from source
	Tested       Stage = "tested"       // verification against requirements
	Collected    Stage = "collected"    // gathering of data
	Trained      Stage = "trained"      // training of a model
	Hosted       Stage = "hosted"       // infrastructure of a service or data
	Operated     Stage = "operated"     // operation and administration
	Maintained   Stage = "maintained"   // updates, patches and fixes
)

// Overall is the stage of an origin that the draft of CycloneDX 2.0 states of a
// thing as a whole, without a stage. It accuses at every stage and clears none.
const Overall Stage = ""

var stages = []Stage{
	Designed, Mined, Harvested, Recycled, Refined, Separated, Smelted, Melted, Processed,
	Manufactured, Assembled, Developed, Built, Tested, Collected, Trained, Hosted, Operated, Maintained,
}

// Stages returns every stage in the order of the draft.
func Stages() []Stage { return slices.Clone(stages) }

// Valid reports whether s is one of the stages, exactly as written.
func (s Stage) Valid() bool { return slices.Contains(stages, s) }

// making are the stages at which a thing comes to be: a share of any of them in
// a place answers that it was made there.
var making = []Stage{Manufactured, Assembled, Developed, Built}

// Strength tells who stands behind a fact. The order is that of the constants.
type Strength uint8

// The strengths, weakest first.
const (
	Derived  Strength = iota + 1 // worked out from other facts
	Asserted                     // said by the vendor
	Cited                        // with a document named as its source
	Attested                     // by a third party
	Observed                     // seen by the operator
)

var strengths = []string{"", "derived", "asserted", "cited", "attested", "observed"}

// String returns the word for the strength.
func (s Strength) String() string {
	if int(s) < len(strengths) {
		return strengths[s]
	}
	return ""
}

// MarshalText returns the word for the strength.
func (s Strength) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// ParseStrength returns the strength that the word names.
func ParseStrength(word string) (Strength, bool) {
	i := slices.Index(strengths, word)
	return Strength(max(i, 0)), i > 0
}

// Kind tells at which stages a type of component is made.
type Kind uint8

// The kinds.
const (
	OtherKind Kind = iota // a type that is not known: where it was made can be proven, never excluded
	Hardware              // manufactured, assembled
	Software              // developed, built
)

// kinds has every type of CycloneDX 1.2 to 1.7. What exists only as bytes —
// data, files, models, keys and algorithms too — is developed and built.
var kinds = map[string]Kind{
	"device": Hardware,

	"application": Software, "framework": Software, "library": Software, "container": Software,
	"operating-system": Software, "firmware": Software, "file": Software, // 1.4
	"platform": Software, "device-driver": Software, "machine-learning-model": Software, "data": Software, // 1.5
	"cryptographic-asset": Software, // 1.6
}

// KindOf returns the kind of a component type as CycloneDX 1.2 to 1.7 name it.
func KindOf(componentType string) Kind { return kinds[componentType] }

// KnownType reports whether CycloneDX 1.2 to 1.7 know the component type.
func KnownType(componentType string) bool { return kinds[componentType] != OtherKind }

// makingStages returns at which stages things of the kind are made, a bit for
// each of making; 0 if that is not known.
func (k Kind) makingStages() uint {
	switch k {
	case Hardware:
		return 1<<0 | 1<<1
	case Software:
		return 1<<2 | 1<<3
	default:
		return 0
	}
}

// madeAt reports whether things of the kind are made at the stage.
func (k Kind) madeAt(s Stage) bool {
	at := slices.Index(making, s)
	return at >= 0 && k.makingStages()&(1<<at) != 0
}

package origin

import (
	"fmt"
	"slices"

	"github.com/yurai-ledger/yurai/sbom"
)

// State tells what can be made of a fact.
type State string

// The states.
const (
	Stated       State = "stated"       // read, and at odds with nothing
	Contradicted State = "contradicted" // another place tells the same stage and basis differently, or its shares exceed 100 %
	Malformed    State = "malformed"    // there is a value, and it cannot be read
)

// Fact is one thing that a BOM tells about where a stage took place.
type Fact struct {
	Stage    Stage
	Value    Value // empty where State is Malformed
	State    State
	Strength Strength
	Pointer  string   // of the property, JSON Pointer into the raw bytes
	Also     []string // pointers of others that tell the same
}

// Clears reports whether the fact can show that nothing else than what it names
// took place elsewhere: it is stated, tells the whole in recognised codes, and
// is at least as strong as least.
func (f Fact) Clears(least Strength) bool {
	return f.State == Stated && f.Strength >= least && f.Value.Full()
}

// Hint is the country of somebody's address. It means neither plant nor
// registration: it may raise a question, it never answers one with no.
type Hint struct {
	Role    string // manufacturer, supplier, provider, custodians, stewards, owners
	Name    string
	Text    string // as written
	Code    string // what it means, "" if not recognised
	Pointer string // of the text
}

// Link is an external reference of type bom: parts that are told elsewhere.
type Link struct {
	Pointer string
	URL     string // text from the BOM, never fetched
	Hashes  []sbom.Hash
}

// Subject is a component or a service with what is known of its origin. What is
// not told is absent: nothing is inherited from a parent or a child.
type Subject struct {
	Pointer string // into the raw document
	Line    int    // one-based
	Parent  int    // index of the parent among its like, -1 if none
	Product bool   // it is metadata.component
	Service bool

	Ref     string // bom-ref; display only
	Type    string // of a component, as written
	Name    string
	Version string

	// Function is what cdx:device:function says, "" if nothing, or if it says
	// two things.
	Function string

	Facts []Fact // sorted by stage, basis and pointer
	Hints []Hint
	Links []Link
}

// Made tells whether the subject was made in one of the places of codes: whether
// any share of the stages manufactured, assembled, developed or built lies there.
//
// It is true if any share of any such fact does, of whatever strength, even one
// that is contradicted. It is false if at least one fact at a stage at which
// things of its kind are made (manufactured and assembled for devices,
// developed and built for software and firmware) is stated, recognised, whole,
// uncontradicted and at least as strong as least, and no fact may lie there.
// Else it is unknown. Addresses do not count, nor does where it was designed or
// tested, nor what its parent or its parts tell.
func (s *Subject) Made(codes Codes, least Strength) Truth {
	t, _ := s.made(codes, least)
	return t
}

// MadeFirmly is [Subject.Made] for whoever would clear something because it is
// true: a hit counts only on a fact that is stated, uncontradicted and at least
// as strong as least; any weaker one makes it unknown.
func (s *Subject) MadeFirmly(codes Codes, least Strength) Truth {
	t, firm := s.made(codes, least)
	if t == True && !firm {
		return Unknown
	}
	return t
}

// made returns the value of Made, and of a true one whether it is firm.
func (s *Subject) made(codes Codes, least Strength) (t Truth, firm bool) {
	hit, possible, clears := false, false, false
	kind := KindOf(s.Type)
	for i := range s.Facts {
		f := &s.Facts[i]
		if !slices.Contains(making, f.Stage) {
			continue
		}
		for _, share := range f.Value.Shares {
			if !Recognised(share.Code) {
				continue
			}
			switch codes.Holds(share.Code) {
			case True:
				hit = true
				firm = firm || f.State == Stated && f.Strength >= least
			case Unknown:
				possible = true
			}
		}
		clears = clears || kind.madeAt(f.Stage) && f.Clears(least)
	}
	switch {
	case hit:
		return True, firm
	case clears && !possible:
		return False, false
	}
	return Unknown, false
}

// MadeKnown reports whether it is fully told where the subject was made: whether
// [Subject.Made] can be false for some set of places.
func (s *Subject) MadeKnown(least Strength) bool {
	kind := KindOf(s.Type)
	return slices.ContainsFunc(s.Facts, func(f Fact) bool { return kind.madeAt(f.Stage) && f.Clears(least) })
}

// Facts is what one admitted BOM tells about origin, and about how much of the
// product it lists. Only [Read] makes one of use; the zero value knows nothing.
type Facts struct {
	Components []Subject // as [sbom.Document.Components], in the same order
	Services   []Subject // as [sbom.Document.Services], in the same order
	Findings   []sbom.Finding

	// ViewError is set if the document has no view to read facts from. Then
	// both lists are empty and everything is unknown.
	ViewError error

	product  int     // index of metadata.component, -1 if there is none
	listed   []Truth // per component: named in the assemblies of a complete composition
	services Truth   // the product named in the dependencies of a complete composition
	dangling bool    // a composition names something that this document does not hold
}

// Product returns the index of metadata.component among Components, or -1 if
// the BOM does not say what it is about.
func (f *Facts) Product() int {
	if len(f.Components) == 0 {
		return -1
	}
	return f.product
}

// Links returns every link to another BOM of every component and service, in
// document order.
func (f *Facts) Links() []Link {
	var links []Link
	for _, list := range [][]Subject{f.Components, f.Services} {
		for i := range list {
			links = append(links, list[i].Links...)
		}
	}
	return links
}

// notes gathers findings, a bounded number of each code.
type notes struct {
	list  []sbom.Finding
	count map[string]int
}

func (n *notes) add(code string, severity sbom.Severity, pointer, format string, args ...any) {
	if n.count == nil {
		n.count = make(map[string]int)
	}
	if n.count[code]++; n.count[code] <= maxFindings {
		n.list = append(n.list, sbom.Finding{Code: code, Severity: severity, Pointer: pointer, Text: fmt.Sprintf(format, args...)})
	}
}

// findings returns what was kept, and one note for each code of which more was
// found than is kept.
func (n *notes) findings() []sbom.Finding {
	list := n.list
	told := make(map[string]bool)
	for _, f := range n.list {
		if more := n.count[f.Code] - maxFindings; more > 0 && !told[f.Code] {
			told[f.Code] = true
			list = append(list, sbom.Finding{
				Code: "ORIGIN-FINDINGS-MORE", Severity: sbom.SeverityNote,
				Text: fmt.Sprintf("%d more findings with code %s are not shown", more, f.Code),
			})
		}
	}
	return list
}

// quote returns s in ASCII quotes, cut to a bounded length.
func quote(s string) string { return sbom.Quote(s, maxQuote) }

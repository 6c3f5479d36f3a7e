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
	Contradicted State = "contradicted" // another place tells the same differently, or its shares exceed 100 %
	Malformed    State = "malformed"    // there is a value, and it cannot be read
	Untold       State = "untold"       // there is none
)

// Fact is one thing that a BOM tells about where a stage took place, or where a
// party or an access is.
type Fact struct {
	Stage    Stage  // "" of a party or an access; see [Overall]
	Value    Value  // empty where State is Malformed
	Written  string // where State is Malformed: what is written, cut to a bounded length
	State    State
	Strength Strength
	Pointer  string   // of the property, JSON Pointer into the raw bytes
	Also     []string // pointers of others that tell the same

	// By names who raised the strength: pointers of citations and attestations
	// in the document, and words for what the caller knows.
	By []string

	// Profiled is set on what a profile tells, not a document.
	Profiled bool
}

// Clears reports whether the fact can show that nothing else than what it names
// took place elsewhere: it is stated, tells the whole in recognised codes, and
// is at least as strong as least. What is only derived never clears.
func (f Fact) Clears(least Strength) bool {
	return f.State == Stated && f.Strength >= max(least, Asserted) && f.Value.Full()
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

	named [32]byte // by [Source.Named], zero for none
}

// Entry is the position of a log's entry, as the caller knows it.
type Entry struct {
	Log   string // origin of the log
	Index int64  // zero-based
}

// Access is what a subject tells of who reaches it remotely. Nothing told is no
// access denied.
type Access struct {
	From      []Fact // places; Stage is ""
	Operators []Word // parties
	Privilege []Word // none, read, operate or update
	AlwaysOn  []Word // true or false
}

// Flow is a flow of data of a service.
type Flow struct {
	Pointer        string
	Direction      string // inbound, outbound, bi-directional or unknown, as written
	Name           string
	Classification Word // what data it is
}

// Ancestor is a thing that a subject was made from, by its pedigree: what was
// relabelled, forked or built upon. What it tells accuses the subject and never
// clears it.
type Ancestor struct {
	Pointer string
	Name    string
	Version string
	Facts   []Fact
}

// Subject is a component or a service with what is known of its origin. What is
// not told is absent: nothing is inherited from a parent or a child.
type Subject struct {
	Pointer  string // into the raw document
	Document string // "sha256:<hex>" of a linked document; "" for the document's own
	Entry    *Entry // where the document is recorded; nil if the caller does not know
	Draft    bool   // read from a draft of CycloneDX 2.0
	Line     int    // one-based
	Parent   int    // index of the parent among its like, -1 if none
	Product  bool   // it is metadata.component
	Service  bool

	Ref     string // bom-ref; display only
	Type    string // of a component, as written
	Name    string
	Version string

	// Function is what cdx:device:function says, "" if nothing, or if it says
	// two things.
	Function string

	Facts     []Fact // sorted by stage, basis and pointer
	Hints     []Hint
	Links     []Link
	Parties   []Party // that are told; see [Subject.Party]
	Access    Access
	Flows     []Flow // of a service
	Ancestors []Ancestor

	controls []control
	quantity int // how many of it there are; 0 is not told, -1 cannot be read
}

// Facts is what one admitted BOM tells about origin, and about how much of the
// product it lists. Only [Read], [ReadFrom], [ReadDraft] and [Facts.Join] make one
// of use; the zero value knows nothing.
type Facts struct {
	Components []Subject // as [sbom.Document.Components], in the same order; of joined documents, theirs after them
	Services   []Subject // as [sbom.Document.Services], in the same order; the same
	Findings   []sbom.Finding

	// Derivations are the distributions that can be derived from the parts of
	// who declares them. They raise questions and answer none.
	Derivations []Derivation

	// ViewError is set if the document has no view to read facts from. Then
	// both lists are empty and everything is unknown.
	ViewError error

	links    []Link  // of documents as a whole
	product  int     // index of metadata.component, -1 if there is none
	listed   []Truth // per component: named in the assemblies of a complete composition
	services Truth   // the product named in the dependencies of a complete composition
	dangling bool    // a composition names something that this document does not hold

	digest [32]byte            // of the document
	joined map[[32]byte]*place // by linked document; nil before Join
}

// place is where a linked document was put.
type place struct {
	roots  []int // its outermost components
	beside []int // components that link to it too, after the first
}

// Product returns the index of metadata.component among Components, or -1 if
// the BOM does not say what it is about.
func (f *Facts) Product() int {
	if len(f.Components) == 0 {
		return -1
	}
	return f.product
}

// Links returns every link to another BOM: those of the document as a whole, then
// of every component and every service in document order.
func (f *Facts) Links() []Link {
	links := slices.Clone(f.links)
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

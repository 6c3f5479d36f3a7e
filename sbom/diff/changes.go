package diff

import (
	"cmp"
	"slices"
	"strings"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
)

// Weight is how a change weighs: what it is about.
type Weight string

// The weights, heaviest first.
const (
	Origin   Weight = "origin"   // where something is made, hosted or run
	Party    Weight = "party"    // who makes, sells, provides or maintains it
	Access   Weight = "access"   // who reaches it from where, and what data it has
	Contents Weight = "contents" // what there is, and how much of it is told
	Display  Weight = "display"  // what names the document
)

// Weights returns the weights, heaviest first.
func Weights() []Weight { return []Weight{Origin, Party, Access, Contents, Display} }

// Kind is what became of a thing or a fact.
type Kind string

// The kinds. Each has a mirror, which the comparison the other way round gives.
const (
	Added     Kind = "added"     // a component or service; mirror of Removed
	Removed   Kind = "removed"   //
	Moved     Kind = "moved"     // below another part
	Changed   Kind = "changed"   // the value is another
	Told      Kind = "told"      // was not told before; mirror of Untold
	Untold    Kind = "untold"    // no longer told
	Withheld  Kind = "withheld"  // told to be withheld; mirror of Disclosed
	Disclosed Kind = "disclosed" //
	Unknown   Kind = "unknown"   // told to be unknown; mirror of Known
	Known     Kind = "known"     //
	Doubted   Kind = "doubted"   // contradicted or unreadable now; mirror of Settled
	Settled   Kind = "settled"   //
	Weaker    Kind = "weaker"    // the same, less well founded; mirror of Stronger
	Stronger  Kind = "stronger"  //
)

// Mirror returns the kind that the comparison the other way round gives.
func (k Kind) Mirror() Kind {
	pairs := [...][2]Kind{{Added, Removed}, {Told, Untold}, {Withheld, Disclosed}, {Unknown, Known}, {Doubted, Settled}, {Weaker, Stronger}}
	for _, p := range pairs {
		switch k {
		case p[0]:
			return p[1]
		case p[1]:
			return p[0]
		}
	}
	return k
}

// Aspect is what of a thing changed.
type Aspect string

// The aspects, and what Change.Key says of each.
const (
	Whole        Aspect = "whole"        // the thing itself: added, removed or moved
	Identity     Aspect = "identity"     // name, group, type, purl, cpe, gtin
	Version      Aspect = "version"      // "", or purl or cpe where that names another
	Function     Aspect = "function"     //
	Digest       Aspect = "digest"       // the algorithm
	Quantity     Aspect = "quantity"     //
	Property     Aspect = "property"     // its name
	Endpoints    Aspect = "endpoints"    // of a service
	Stage        Aspect = "stage"        // the stage, and the basis after "|"
	Pedigree     Aspect = "pedigree"     // name of the ancestor
	PartyAspect  Aspect = "party"        // role and field: maker:id
	AccessAspect Aspect = "access"       // from, operator, privilege, always-on
	Data         Aspect = "data"         // name of the flow, "" if it has none
	Link         Aspect = "link"         // where to, without the version
	Completeness Aspect = "completeness" // listed, services, document
	Attested     Aspect = "attested"     // the control
	Naming       Aspect = "document"     // serialNumber, version, specVersion
)

// Fact is what one document tells of an aspect. Its text is from unverified input
// and not bounded but by the document: see [sbom.Clip].
type Fact struct {
	Value    string          // canonical; several that contradict each other are sorted, with " / " between
	State    origin.State    // Stated where nothing is at odds
	Strength origin.Strength // zero for what has none
	Pointer  string          // of where it is told first

	withheld bool
	unknown  bool   // nothing of it is attributed to a recognised place
	id       string // what no other value gives
}

// Place is a component, a service or, with nothing but the pointer "", the
// document.
type Place struct {
	Pointer string
	Ref     string // bom-ref; display only
	Type    string // of a component
	Name    string
	Version string
	Parent  string // name of what it lies in, "" if it is outermost
}

// Change is one thing that changed.
type Change struct {
	Kind    Kind
	Weight  Weight
	Aspect  Aspect
	Key     string
	Service bool // it is about a service

	Old, New *Place // nil of the document that does not have it
	Was, Is  *Fact  // nil of the document that does not tell it; both nil where Aspect is Whole

	// Maker is the id, else the name, of who makes or provides the thing, if both
	// documents name the same; else "".
	Maker string

	open bool // a link that nobody followed
}

// Judged tells whether a policy could judge by what changed: true of origin,
// parties, access, data, identity, type, function, completeness, attestations and of
// anything added, removed or moved; false of versions, digests and what is for
// display. It is unknown of a link to another document whose facts are not part
// of both comparisons.
func (c *Change) Judged() origin.Truth {
	switch c.Aspect {
	case Version, Digest, Quantity, Property, Endpoints, Naming:
		return origin.False
	case Link:
		if c.open {
			return origin.Unknown
		}
		return origin.False
	}
	return origin.True
}

// Changes is what changed from one document to another.
type Changes struct {
	// Other is set if the products have neither package URL, CPE, GTIN nor group and
	// name in common: the documents are about different things.
	Other bool

	// ViewError is set if a document has no view to compare; then nothing is
	// known, and List is empty.
	ViewError error

	List []Change // heaviest first; components before services, then by name
}

// Origin tells whether anything changed that a policy could judge by: true if
// [Change.Judged] of any change is, unknown if that of one is or a document has
// no view, and false only if both were read and nothing did.
func (c *Changes) Origin() origin.Truth {
	if c.ViewError != nil {
		return origin.Unknown
	}
	truth := origin.False
	if c.Other {
		truth = origin.True
	}
	for i := range c.List {
		truth = truth.Or(c.List[i].Judged())
	}
	return truth
}

// Count returns the number of changes of a weight.
func (c *Changes) Count(w Weight) int {
	n := 0
	for i := range c.List {
		if c.List[i].Weight == w {
			n++
		}
	}
	return n
}

// Side is one of two documents that are compared, with what is known beside it.
type Side struct {
	Document *sbom.Document

	// Facts are those of the document, as [origin.Read], [origin.ReadFrom] or
	// [origin.Facts.Join] gave them; nil is Read of Document. What is joined on one side
	// should be on the other, else it was added.
	Facts *origin.Facts

	// Linked are the documents that were joined. Of one that is missing the facts
	// of origin are compared and nothing else.
	Linked []*sbom.Document
}

// Compare returns what changed from one document to another. It changes neither.
func Compare(before, after *sbom.Document) *Changes {
	return CompareSides(Side{Document: before}, Side{Document: after})
}

// CompareSides is [Compare] with what is known beside the documents: facts that
// were vouched for, and linked documents.
func CompareSides(before, after Side) *Changes {
	out := &Changes{}
	sides := [2]*Side{&before, &after}
	for _, s := range sides {
		if s.Facts == nil {
			s.Facts = origin.Read(s.Document)
		}
		if err := cmp.Or(s.Document.ViewError, s.Facts.ViewError); err != nil && out.ViewError == nil {
			out.ViewError = err
		}
	}
	if out.ViewError != nil {
		return out
	}
	a, b := gather(&before), gather(&after)
	match(a.components, b.components)
	match(a.services, b.services)
	out.Other = otherProduct(a, b)
	document := &Place{}
	out.facts(a, b, a.document, b.document, Change{Old: document, New: document})
	out.things(a, b, a.components, b.components)
	out.things(a, b, a.services, b.services)
	slices.SortStableFunc(out.List, compareChanges)
	return out
}

// things compares each thing with its counterpart.
func (c *Changes) things(a, b *side, from, to []item) {
	for i := range from {
		x := &from[i]
		if x.mate < 0 {
			c.List = append(c.List, Change{Kind: Removed, Weight: Contents, Aspect: Whole, Service: x.s.Service, Old: x.place(from)})
			continue
		}
		y := &to[x.mate]
		about := Change{Service: x.s.Service, Old: x.place(from), New: y.place(to), Maker: sameMaker(x, y)}
		if moved(x, y, from) {
			move := about
			move.Kind, move.Weight, move.Aspect = Moved, Contents, Whole
			c.List = append(c.List, move)
		}
		c.facts(a, b, x.cells, y.cells, about)
	}
	for i := range to {
		if y := &to[i]; y.mate < 0 {
			c.List = append(c.List, Change{Kind: Added, Weight: Contents, Aspect: Whole, Service: y.s.Service, New: y.place(to)})
		}
	}
}

// moved reports whether the parents of two counterparts are not counterparts.
func moved(x, y *item, from []item) bool {
	if x.product || y.product {
		return false
	}
	if x.parent < 0 || y.parent < 0 {
		return x.parent != y.parent
	}
	return from[x.parent].mate != y.parent
}

// sameMaker returns what names the maker, or provider, of both.
func sameMaker(x, y *item) string {
	role := origin.RoleMaker
	if x.s.Service {
		role = origin.RoleProvider
	}
	p, q := x.s.Party(role), y.s.Party(role)
	if p.State != origin.Stated || q.State != origin.Stated || p.ID != q.ID || p.Name != q.Name {
		return ""
	}
	return cmp.Or(p.ID, p.Name)
}

// facts compares two sorted lists of what is told of one thing.
func (c *Changes) facts(a, b *side, was, is []cell, about Change) {
	for len(was) > 0 || len(is) > 0 {
		order := 0
		switch {
		case len(was) == 0:
			order = 1
		case len(is) == 0:
			order = -1
		default:
			order = was[0].compare(is[0])
		}
		ch := about
		var at cell
		if order <= 0 {
			at, was = was[0], was[1:]
			ch.Was = &at.fact
		}
		if order >= 0 {
			var next cell
			next, is = is[0], is[1:]
			ch.Is = &next.fact
			if order > 0 {
				at = next
			}
		}
		ch.Aspect, ch.Key, ch.Weight = at.aspect, at.key, at.weight
		if ch.Kind = becameOf(ch.Was, ch.Is); ch.Kind == "" {
			continue
		}
		if ch.Aspect == Link {
			ch.open = !(followed(a, ch.Was) && followed(b, ch.Is))
		}
		c.List = append(c.List, ch)
	}
}

// followed reports whether what a link leads to is among the facts of a side, or
// the side has no such link.
func followed(s *side, f *Fact) bool { return f == nil || !s.unresolved[f.Pointer] }

// becameOf returns what became of a fact, "" if nothing did.
func becameOf(was, is *Fact) Kind {
	switch {
	case was == nil:
		return Told
	case is == nil:
		return Untold
	case was.State != is.State && is.State != origin.Stated && was.State == origin.Stated:
		return Doubted
	case was.State != is.State && is.State == origin.Stated:
		return Settled
	case was.withheld != is.withheld && is.withheld:
		return Withheld
	case was.withheld != is.withheld:
		return Disclosed
	case was.unknown != is.unknown && is.unknown:
		return Unknown
	case was.unknown != is.unknown:
		return Known
	case was.id != is.id || was.State != is.State:
		return Changed
	case is.Strength < was.Strength:
		return Weaker
	case is.Strength > was.Strength:
		return Stronger
	}
	return ""
}

// compareChanges is the order of the list. Pointers, which the order of the
// document decides, come last.
func compareChanges(x, y Change) int {
	return cmp.Or(
		slices.Index(Weights(), x.Weight)-slices.Index(Weights(), y.Weight),
		rank(&x)-rank(&y),
		comparePlaces(x.Old, x.New, y.Old, y.New),
		strings.Compare(string(x.Aspect), string(y.Aspect)), strings.Compare(x.Key, y.Key), strings.Compare(string(x.Kind), string(y.Kind)),
		compareFacts(x.Was, y.Was), compareFacts(x.Is, y.Is),
		strings.Compare(pointer(x.Old), pointer(y.Old)), strings.Compare(pointer(x.New), pointer(y.New)),
	)
}

// rank orders the document before components before services.
func rank(c *Change) int {
	switch {
	case c.Service:
		return 2
	case c.Old != nil && c.Old.Pointer == "" || c.New != nil && c.New.Pointer == "":
		return 0
	}
	return 1
}

func comparePlaces(old1, new1, old2, new2 *Place) int {
	p, q := cmp.Or(old1, new1), cmp.Or(old2, new2)
	if c := cmp.Or(strings.Compare(p.Name, q.Name), strings.Compare(p.Type, q.Type), strings.Compare(p.Parent, q.Parent), strings.Compare(p.Version, q.Version), strings.Compare(p.Ref, q.Ref)); c != 0 {
		return c
	}
	p, q = cmp.Or(new1, old1), cmp.Or(new2, old2)
	return cmp.Or(strings.Compare(p.Parent, q.Parent), strings.Compare(p.Version, q.Version), strings.Compare(p.Ref, q.Ref))
}

func compareFacts(f, g *Fact) int {
	switch {
	case f == nil && g == nil:
		return 0
	case f == nil:
		return -1
	case g == nil:
		return 1
	}
	return cmp.Or(strings.Compare(f.Value, g.Value), strings.Compare(string(f.State), string(g.State)), int(f.Strength)-int(g.Strength))
}

func pointer(p *Place) string {
	if p == nil {
		return ""
	}
	return p.Pointer
}

package origin

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/yurai-ledger/yurai/sbom"
)

// holders returns how many components and services carry each bom-ref.
func (f *Facts) holders() map[string]int {
	holders := make(map[string]int)
	for i := range f.Components {
		holders[f.Components[i].Ref]++
	}
	for i := range f.Services {
		holders[f.Services[i].Ref]++
	}
	delete(holders, "")
	return holders
}

// readCompositions reads which components are stated to be listed completely.
func (f *Facts) readCompositions(doc *sbom.Document, holders map[string]int, n *notes) {
	self := ""
	if uuid, ok := strings.CutPrefix(doc.SerialNumber, "urn:uuid:"); ok {
		self = fmt.Sprintf("urn:cdx:%s/%d#", uuid, doc.Version)
	}
	resolve := func(link, pointer string) (string, bool) {
		ref := link
		if rest, ok := strings.CutPrefix(link, self); ok && self != "" {
			if decoded, err := url.PathUnescape(rest); err == nil {
				ref = decoded
			}
		}
		if holders[ref] == 0 {
			f.dangling = true
			n.add("ORIGIN-COMPOSITION-LINK", sbom.SeverityWarning, pointer, "the composition names %s, which this document does not hold", quote(link))
			return "", false
		}
		return ref, true
	}
	assemblies := make(map[string]string)   // bom-ref → aggregate, "" if it has two
	dependencies := make(map[string]string) // the same
	note := func(aggregates map[string]string, ref, aggregate, pointer string) {
		before, ok := aggregates[ref]
		switch {
		case !ok:
			aggregates[ref] = aggregate
		case before != aggregate:
			aggregates[ref] = ""
			n.add("ORIGIN-COMPOSITION-CONTRADICTED", sbom.SeverityWarning, pointer, "%s is named under two aggregates", quote(ref))
		}
	}
	for _, c := range doc.Compositions {
		for i, link := range c.Assemblies {
			pointer := fmt.Sprintf("%s/assemblies/%d", c.Pointer, i)
			if ref, ok := resolve(link, pointer); ok {
				note(assemblies, ref, c.Aggregate, pointer)
			}
		}
		for i, link := range c.Dependencies {
			pointer := fmt.Sprintf("%s/dependencies/%d", c.Pointer, i)
			if ref, ok := resolve(link, pointer); ok {
				note(dependencies, ref, c.Aggregate, pointer)
			}
		}
	}
	f.listed = make([]Truth, len(f.Components))
	for i := range f.Components {
		// A bom-ref that two things carry names neither.
		if ref := f.Components[i].Ref; holders[ref] == 1 {
			f.listed[i] = aggregateTruth(assemblies[ref])
		}
	}
	if f.product >= 0 {
		if ref := f.Components[f.product].Ref; holders[ref] == 1 {
			f.services = aggregateTruth(dependencies[ref])
		}
	}
	if f.dangling && f.services == True {
		f.services = Unknown
	}
}

// aggregateTruth returns what an aggregate says about completeness.
func aggregateTruth(aggregate string) Truth {
	switch {
	case aggregate == "complete":
		return True
	case strings.HasPrefix(aggregate, "incomplete"):
		return False
	default: // unknown, not_specified, two of them, or none
		return Unknown
	}
}

// Complete tells whether the component with index x and every component below
// it, childless ones too, is named in the assemblies of a complete composition.
// Below metadata.component lies everything that the document lists. A component
// below x for which excepted is true need not be named; excepted may be nil.
//
// It is false if any is named in an incomplete composition. It is unknown if
// any is not named, or under two aggregates, or has no bom-ref of its own, or
// if any composition of the document names something that it does not hold.
func (f *Facts) Complete(x int, excepted func(i int) bool) Truth {
	if x < 0 || x >= len(f.Components) {
		return Unknown
	}
	return f.Completeness(excepted)[x]
}

// Completeness returns [Facts.Complete] of every component, in one pass for each
// document that is linked to from several places, and one more.
func (f *Facts) Completeness(excepted func(i int) bool) []Truth {
	below := make([]Truth, len(f.Components)) // everything below, without the component itself
	for i := range below {
		below[i] = True
	}
	with := func(i int) Truth {
		if excepted == nil || !excepted(i) {
			return below[i].And(f.listed[i])
		}
		return below[i]
	}
	for range len(f.joined) + 1 {
		changed := false
		for i := len(f.Components) - 1; i >= 0; i-- {
			t := with(i)
			if parent := f.Components[i].Parent; parent >= 0 && parent < i {
				below[parent] = below[parent].And(t)
			}
		}
		for _, at := range f.joined {
			if len(at.beside) == 0 {
				continue
			}
			t := True
			for _, root := range at.roots {
				t = t.And(with(root))
			}
			for _, linker := range at.beside {
				if next := below[linker].And(t); next != below[linker] {
					below[linker], changed = next, true
				}
			}
		}
		if !changed {
			break
		}
	}
	all := True // everything but metadata.component
	for i := range f.Components {
		if i != f.product {
			all = all.And(with(i))
		}
	}
	for i := range below {
		if i == f.product {
			below[i] = all
		}
		below[i] = below[i].And(f.listed[i])
		if f.dangling && below[i] == True {
			below[i] = Unknown
		}
	}
	return below
}

// DocumentComplete tells whether the whole document is stated to be complete:
// [Facts.Complete] of metadata.component, and unknown if there is none.
func (f *Facts) DocumentComplete(excepted func(i int) bool) Truth {
	return f.Complete(f.product, excepted)
}

// ServicesComplete tells whether the services that the product needs are stated
// to be listed completely: whether the product is named in the dependencies of
// a complete composition.
func (f *Facts) ServicesComplete() Truth { return f.services }

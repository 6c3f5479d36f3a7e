package origin

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/yurai-ledger/yurai/sbom"
)

// Lint returns what there is to say about how an admitted document tells origin:
// the findings of [Read], countries of addresses that are not recognised, links
// to other BOMs that name none by digest, and whether it is stated how complete the list is. None is an error. Findings come
// sorted by line; at most 50 of one code are kept and the rest counted.
func Lint(doc *sbom.Document) []sbom.Finding {
	f := Read(doc)
	list := f.Findings
	if f.ViewError == nil {
		var n notes
		for _, subjects := range [][]Subject{f.Components, f.Services} {
			for i := range subjects {
				addresses(&subjects[i], &n)
				subjects[i].missing(&n)
			}
		}
		for _, l := range f.Links() {
			if _, ok := l.Target(); !ok {
				n.add("ORIGIN-LINK-DIGEST", sbom.SeverityWarning, l.Pointer, "the link to another BOM states no one SHA-256, so nothing shows what is meant")
			}
		}
		f.unstated(doc, &n)
		list = slices.Concat(list, n.findings())
	}
	doc.Place(list)
	slices.SortStableFunc(list, func(a, b sbom.Finding) int { return cmp.Compare(a.Line, b.Line) })
	// What says how many more there are comes after those that are listed.
	slices.SortStableFunc(list, func(a, b sbom.Finding) int { return rest(a) - rest(b) })
	return list
}

func rest(f sbom.Finding) int {
	if f.Code == "ORIGIN-FINDINGS-MORE" {
		return 1
	}
	return 0
}

// addresses reports the countries of addresses that are not recognised. Where an
// address names its country in words that are, there is nothing to mend:
// CycloneDX allows a name.
func addresses(s *Subject, n *notes) {
	for _, h := range s.Hints {
		if h.Code == "" {
			unrecognised(h.Pointer, h.Text, n)
		}
	}
}

// missing reports a stage of making that is not told where another is: then
// nobody can be shown that the subject was not made somewhere.
func (s *Subject) missing(n *notes) {
	var told, not []string
	for _, stage := range making {
		if !KindOf(s.Type).madeAt(stage) {
			continue
		}
		if slices.ContainsFunc(s.Facts, func(f Fact) bool { return f.Stage == stage }) {
			told = append(told, string(stage))
		} else {
			not = append(not, string(stage))
		}
	}
	if len(told) > 0 && len(not) > 0 {
		n.add("ORIGIN-STAGE-MISSING", sbom.SeverityWarning, s.Pointer,
			"%s tells where it was %s and not where it was %s: both are needed to show where it was not made", quote(s.Name), told[0], not[0])
	}
}

// unrecognised reports a text that is no country, and what it looks like.
func unrecognised(pointer, text string, n *notes) {
	if code, ok := LooksLike(text); ok {
		n.add("ORIGIN-CODE-LOOKALIKE", sbom.SeverityWarning, pointer, "%s looks like %s and is not", quote(text), code)
		return
	}
	if code, _, ok := CountryOf(strings.ToUpper(text)); ok {
		n.add("ORIGIN-CODE-UNRECOGNISED", sbom.SeverityWarning, pointer, "%s is no officially assigned country code; %s would be one", quote(text), code)
		return
	}
	n.add("ORIGIN-CODE-UNRECOGNISED", sbom.SeverityWarning, pointer, "%s is no officially assigned country code", quote(text))
}

// LooksLike returns the code of the country that people read in a text which is
// not recognised because other characters stand in it than those they see:
// look-alikes of another script, full-width and invisible characters, controls,
// white space. The code is for a message; the text remains unknown.
func LooksLike(text string) (code string, ok bool) {
	seen := sbom.Skeleton(sbom.Clip(text, maxValue))
	if seen == text {
		return "", false
	}
	if code, _, ok = CountryOf(seen); !ok {
		code, _, ok = CountryOf(strings.ToUpper(seen))
	}
	return code, ok
}

// malformed reports a value that its grammar does not allow.
func malformed(p sbom.Property, why error, n *notes) {
	pointer := p.Pointer
	head, _, _ := strings.Cut(sbom.Clip(p.Value, maxValue), "|")
	if seen := sbom.Skeleton(head); seen != head && why != errSide {
		if v, err := ParseValue(seen); err == nil && !v.Withheld {
			n.add("ORIGIN-CODE-LOOKALIKE", sbom.SeverityWarning, pointer, "%s looks like %s and is not", quote(p.Value), quote(seen))
			return
		}
	}
	n.add("ORIGIN-VALUE-MALFORMED", sbom.SeverityWarning, pointer, "%s cannot be read: %v", quote(p.Value), why)
}

var errSide = errors.New("its property has another grammar")

// unstated reports, once, that the document does not say how complete it is.
// "unknown" says so; "not_specified", like no composition, says nothing.
func (f *Facts) unstated(doc *sbom.Document, n *notes) {
	named := make(map[string]bool)
	anything := false
	for _, c := range doc.Compositions {
		if c.Aggregate == "not_specified" {
			continue
		}
		for _, ref := range c.Assemblies {
			named[f.local(doc, ref)] = true
			anything = true
		}
	}
	without, first := 0, ""
	for i := range f.Components {
		if s := &f.Components[i]; s.Ref == "" || !named[s.Ref] {
			if without++; first == "" {
				first = s.Pointer
			}
		}
	}
	switch {
	case len(f.Components) == 0 && len(f.Services) > 0:
		// A list of services has no product of which they could be all.
	case len(f.Components) == 0 || !anything:
		text := "no composition says how complete the document is"
		if doc.SpecVersion == "1.2" {
			text = "nothing says how complete the document is, and CycloneDX 1.2 has no compositions to say it"
		}
		n.add("ORIGIN-COMPLETENESS-UNSTATED", sbom.SeverityWarning, "", "%s", text)
	case without > 0:
		n.add("ORIGIN-COMPLETENESS-UNSTATED", sbom.SeverityWarning, first, "%d of %d components are in no composition, this one first", without, len(f.Components))
	}
	if product := f.Product(); product >= 0 && len(f.Services) > 0 && !slices.ContainsFunc(doc.Compositions, func(c sbom.Composition) bool {
		return c.Aggregate != "not_specified" && slices.ContainsFunc(c.Dependencies, func(ref string) bool { return f.local(doc, ref) == f.Components[product].Ref })
	}) {
		n.add("ORIGIN-SERVICES-UNSTATED", sbom.SeverityWarning, f.Components[product].Pointer, "no composition says whether the services are all that the product needs")
	}
}

// local returns the bom-ref that a link into the document means, and any other
// link as it is.
func (f *Facts) local(doc *sbom.Document, link string) string {
	if l, ok := sbom.ParseLink(link); ok && l.Ref != "" && l.Version == doc.Version && "urn:uuid:"+l.Serial == doc.SerialNumber {
		return l.Ref
	}
	return link
}

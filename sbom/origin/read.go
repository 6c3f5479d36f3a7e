package origin

import (
	"cmp"
	"slices"
	"strings"

	"github.com/yurai-ledger/yurai/sbom"
)

// Names of properties that are read here; [sbom.KnownProperty] has all that begin
// with yurai:.
const (
	ourPrefix       = "yurai:"
	originPrefix    = "yurai:origin:"
	countryOfOrigin = "cdx:device:countryOfOrigin"
	deviceFunction  = "cdx:device:function"
)

// Read returns the origin facts of an admitted document. It never fails: what
// cannot be read is a finding, and unknown. The result shares no memory with
// the document but its strings, and is safe for concurrent use.
func Read(doc *sbom.Document) *Facts {
	f := &Facts{product: -1, services: Unknown}
	var n notes
	if doc.ViewError != nil {
		f.ViewError = doc.ViewError
		n.add("ORIGIN-VIEW-MISSING", sbom.SeverityWarning, "", "no facts can be read from this document: %v", doc.ViewError)
		f.Findings = n.findings()
		return f
	}
	f.Components = make([]Subject, len(doc.Components))
	for i := range doc.Components {
		c := &doc.Components[i]
		if c.Product {
			f.product = i
		}
		s := Subject{
			Pointer: c.Pointer, Line: c.Line, Parent: c.Parent, Product: c.Product,
			Ref: c.Ref, Type: c.Type, Name: c.Name, Version: c.Version,
		}
		s.hint("manufacturer", c.Manufacturer)
		s.hint("supplier", c.Supplier)
		s.read(c.Properties, c.ExternalReferences, &n)
		f.Components[i] = s
	}
	f.Services = make([]Subject, len(doc.Services))
	for i := range doc.Services {
		v := &doc.Services[i]
		s := Subject{
			Pointer: v.Pointer, Line: v.Line, Parent: v.Parent, Service: true,
			Ref: v.Ref, Name: v.Name, Version: v.Version,
		}
		s.hint("provider", v.Provider)
		for _, data := range v.Data {
			for _, governor := range data.Governance {
				s.hint(governor.Role, governor.Organization)
			}
		}
		s.read(v.Properties, v.ExternalReferences, &n)
		f.Services[i] = s
	}
	f.readCompositions(doc, &n)
	f.Findings = n.findings()
	return f
}

// hint keeps the country of an organization's address.
func (s *Subject) hint(role string, o sbom.Organization) {
	if o.Country == "" {
		return
	}
	code, _, _ := CountryOf(o.Country)
	s.Hints = append(s.Hints, Hint{Role: role, Name: o.Name, Text: o.Country, Code: code, Pointer: o.Pointer + "/address/country"})
}

// read reads the facts of one subject from its properties.
func (s *Subject) read(properties []sbom.Property, references []sbom.ExternalReference, n *notes) {
	functions := 0
	for _, p := range properties {
		switch {
		case p.Name == countryOfOrigin:
			s.Facts = append(s.Facts, countryFact(p, n))
		case p.Name == deviceFunction:
			if functions == 0 || p.Value != s.Function {
				functions++
			}
			s.Function = p.Value
			if functions == 2 {
				n.add("ORIGIN-FUNCTION-CONTRADICTED", sbom.SeverityWarning, p.Pointer, "the component states two functions")
			}
		case !strings.HasPrefix(p.Name, ourPrefix):
		case !sbom.KnownProperty(p.Name):
			n.add("ORIGIN-NAME-UNKNOWN", sbom.SeverityError, p.Pointer, "no property is called %s", quote(p.Name))
		case strings.HasPrefix(p.Name, originPrefix):
			s.Facts = append(s.Facts, stageFact(Stage(p.Name[len(originPrefix):]), p, n))
		case !validSide(p.Name, p.Value):
			malformed(p, errSide, n)
		}
	}
	if functions > 1 {
		s.Function = ""
	}
	for _, r := range references {
		if r.Type == "bom" {
			s.Links = append(s.Links, Link{Pointer: r.Pointer, URL: r.URL, Hashes: r.Hashes})
		}
	}
	s.reconcile(n)
}

// stageFact reads a property yurai:origin:<stage>.
func stageFact(stage Stage, p sbom.Property, n *notes) Fact {
	f := Fact{Stage: stage, State: Stated, Strength: Asserted, Pointer: p.Pointer}
	v, err := ParseValue(p.Value)
	if err != nil {
		f.State = Malformed
		malformed(p, err, n)
		return f
	}
	f.Value = v
	for _, share := range v.Shares {
		if share.Code != UnknownCode && !Recognised(share.Code) {
			unrecognised(p.Pointer, share.Code, n)
		}
	}
	if v.Over() {
		f.State = Contradicted
		n.add("ORIGIN-SHARE-OVER", sbom.SeverityWarning, p.Pointer, "the shares add up to %s %%", FormatPercent(v.Total()))
	}
	return f
}

// countryFact reads a property cdx:device:countryOfOrigin, a free text without
// grammar that stands for the whole of the stage manufactured.
func countryFact(p sbom.Property, n *notes) Fact {
	f := Fact{Stage: Manufactured, State: Stated, Strength: Asserted, Pointer: p.Pointer}
	code, mapped, ok := CountryOf(p.Value)
	switch {
	case !ok:
		f.State = Malformed
		unrecognised(p.Pointer, p.Value, n)
		return f
	case mapped:
		n.add("ORIGIN-CODE-MAPPED", sbom.SeverityNote, p.Pointer, "%s was read as %s", quote(p.Value), code)
	}
	f.Value = Value{Shares: []Share{{Code: code, Percent: whole}}}
	return f
}

// reconcile sorts the facts, merges those that tell the same and marks those
// that cannot be true together: two values for one stage and basis, and every
// value of a stage for which there is also one that cannot be read, since
// nobody knows what that one was meant to say.
func (s *Subject) reconcile(n *notes) {
	if len(s.Facts) < 2 {
		return
	}
	order := func(f Fact) int { return slices.Index(stages, f.Stage) }
	slices.SortStableFunc(s.Facts, func(a, b Fact) int {
		return cmp.Or(order(a)-order(b), strings.Compare(a.Value.Basis, b.Value.Basis))
	})
	s.merge()
	s.contradict(n)
}

// telling is what a fact tells, as the key of a map.
type telling struct {
	stage Stage
	basis string
	told  string // shares added up, or withheld
}

func (f *Fact) telling(parties bool) telling {
	told := Value{Withheld: f.Value.Withheld, Shares: f.Value.merged(parties)}
	return telling{f.Stage, f.Value.Basis, told.String()}
}

// merge leaves one fact of those that tell the same. Parties are compared only
// where both name any: a fact that names some takes in one that names none. The
// work is linear but for the sorting, whatever a BOM repeats.
func (s *Subject) merge() {
	kept := s.Facts[:0]
	first, named := map[telling]int{}, map[telling]int{} // by codes, and by codes and parties
	for _, f := range s.Facts {
		if f.State == Malformed {
			kept = append(kept, f)
			continue
		}
		places := f.telling(false)
		same, told := first[places]
		if !told {
			first[places] = len(kept)
		}
		if f.Value.named() {
			who := f.telling(true)
			if told && kept[same].Value.named() {
				same, told = named[who]
			}
			switch {
			case !told:
				named[who] = len(kept)
			case !kept[same].Value.named():
				kept[same].Value.Shares, named[who] = f.Value.Shares, same
			}
		}
		if told {
			kept[same].Also = append(kept[same].Also, f.Pointer)
			continue
		}
		kept = append(kept, f)
	}
	s.Facts = slices.Clip(kept)
}

// contradict marks each fact beside which another of the same stage and basis
// stands, or one of the stage that cannot be read.
func (s *Subject) contradict(n *notes) {
	type place struct {
		stage Stage
		basis string
	}
	beside := map[place][2]int{} // the first two that can be read, one more than their index
	malformed := map[Stage]int{} // the first that cannot
	for i, f := range s.Facts {
		at := place{f.Stage, f.Value.Basis}
		two := beside[at]
		switch {
		case f.State == Malformed && malformed[f.Stage] == 0:
			malformed[f.Stage] = i + 1
		case f.State == Malformed:
		case two[0] == 0:
			beside[at] = [2]int{i + 1, 0}
		case two[1] == 0:
			beside[at] = [2]int{two[0], i + 1}
		}
	}
	for i := range s.Facts {
		f := &s.Facts[i]
		if f.State == Malformed {
			continue
		}
		two := beside[place{f.Stage, f.Value.Basis}]
		other := two[0]
		if other == i+1 {
			other = two[1]
		}
		if m := malformed[f.Stage]; m > 0 && (other == 0 || m < other) {
			other = m
		}
		if other == 0 {
			continue
		}
		f.State = Contradicted
		n.add("ORIGIN-FACT-CONTRADICTED", sbom.SeverityWarning, f.Pointer, "the stage %s is told differently at %s", f.Stage, s.Facts[other-1].Pointer)
	}
}

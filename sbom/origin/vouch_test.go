package origin

import (
	"slices"
	"testing"

	"github.com/yurai-ledger/yurai/sbom"
)

// cited is a device of one part with a citation of the part's origin.
func cited() *sbom.Document {
	doc := component("device", "yurai:origin:manufactured", "JP=60;DE=40", "yurai:origin:assembled", "JP")
	doc.Components[0].Ref = "part"
	doc.Components = append(doc.Components, sbom.Component{
		Pointer: "/metadata/component", Product: true, Parent: -1, Type: "device", Ref: "product",
		Manufacturer: sbom.Organization{Pointer: "/metadata/component/manufacturer", Ref: "maker", Name: "Maker"},
	})
	doc.Writers = []string{"writer"}
	doc.Citations = []sbom.Citation{{Pointer: "/citations/0", Pointers: []string{"/components/0/properties/0"}, AttributedTo: "customs", Attributed: true}}
	return doc
}

func TestCitations(t *testing.T) {
	for name, c := range map[string]struct {
		change func(c *sbom.Citation)
		want   Strength
	}{
		"the fact":             {func(*sbom.Citation) {}, Cited},
		"its value":            {func(c *sbom.Citation) { c.Pointers[0] += "/value" }, Cited},
		"the component":        {func(c *sbom.Citation) { c.Pointers[0] = "/components/0" }, Cited},
		"the document":         {func(c *sbom.Citation) { c.Pointers[0] = "" }, Cited},
		"its name alone":       {func(c *sbom.Citation) { c.Pointers[0] += "/name" }, Asserted},
		"another fact":         {func(c *sbom.Citation) { c.Pointers[0] = "/components/0/properties/1" }, Asserted},
		"a longer index":       {func(c *sbom.Citation) { c.Pointers[0] = "/components/0/properties/00" }, Asserted},
		"half a name":          {func(c *sbom.Citation) { c.Pointers[0] = "/components/0/prop" }, Asserted},
		"an expression":        {func(c *sbom.Citation) { c.Pointers, c.Expressions = nil, []string{"$.components[0]"} }, Asserted},
		"nobody":               {func(c *sbom.Citation) { c.AttributedTo, c.Attributed = "", false }, Asserted},
		"somebody not there":   {func(c *sbom.Citation) { c.Attributed = false }, Asserted},
		"who wrote it":         {func(c *sbom.Citation) { c.AttributedTo = "writer" }, Asserted},
		"who makes it":         {func(c *sbom.Citation) { c.AttributedTo = "maker" }, Asserted},
		"the thing itself":     {func(c *sbom.Citation) { c.AttributedTo = "product" }, Asserted},
		"a process, no person": {func(c *sbom.Citation) { c.AttributedTo, c.Attributed, c.Process = "", false, "p" }, Asserted},
	} {
		doc := cited()
		c.change(&doc.Citations[0])
		f := Read(doc).Components[0].Facts[0]
		if f.Strength != c.want || (len(f.By) > 0) != (c.want == Cited) {
			t.Errorf("%s: %s by %v, want %s", name, f.Strength, f.By, c.want)
		}
	}
}

func TestVouched(t *testing.T) {
	doc := cited()
	f := ReadFrom(doc, Source{Entry: &Entry{Log: "ledger.example/a", Index: 7}, Vouched: []Vouched{
		{Pointers: []string{"/components/0"}, Strength: Attested, By: "entry 9"},
		{Pointers: []string{""}, Strength: Derived, By: "nobody"},
	}})
	s := &f.Components[0]
	if s.Entry == nil || s.Entry.Index != 7 {
		t.Errorf("entry = %+v", s.Entry)
	}
	if got := s.Facts[0]; got.Strength != Attested || !slices.Equal(got.By, []string{"/citations/0", "entry 9"}) {
		t.Errorf("first fact = %+v", got)
	}
	if got := s.Made(codes(t, "BV"), Attested).Truth; got != False {
		t.Errorf("made = %s where both stages are attested", got)
	}
	if got := s.Made(codes(t, "BV"), Observed).Truth; got != Unknown {
		t.Errorf("made = %s where an observation is asked for", got)
	}
	if f.Components[1].Party(RoleMaker).Strength != Asserted {
		t.Error("what nobody vouched for is raised")
	}
}

func TestAttestedFacts(t *testing.T) {
	const claim = "yurai:origin:manufactured=DE=40;JP=60"
	for name, c := range map[string]struct {
		change func(d *sbom.Declarations)
		want   Strength
	}{
		"in the same shares":    {func(*sbom.Declarations) {}, Attested},
		"in other shares":       {func(d *sbom.Declarations) { d.Claims[0].Predicate = "yurai:origin:manufactured=JP" }, Asserted},
		"on another basis":      {func(d *sbom.Declarations) { d.Claims[0].Predicate = claim + "|cost" }, Asserted},
		"another stage":         {func(d *sbom.Declarations) { d.Claims[0].Predicate = "yurai:origin:tested=DE=40;JP=60" }, Asserted},
		"in words":              {func(d *sbom.Declarations) { d.Claims[0].Predicate = "made in Japan" }, Asserted},
		"of another thing":      {func(d *sbom.Declarations) { d.Claims[0].Target = "product" }, Asserted},
		"of nothing":            {func(d *sbom.Declarations) { d.Claims[0].Target = "" }, Asserted},
		"not a third party":     {func(d *sbom.Declarations) { d.Assessors[0].ThirdParty = false }, Asserted},
		"by nobody":             {func(d *sbom.Declarations) { d.Attestations[0].Assessor = "" }, Asserted},
		"by the maker":          {func(d *sbom.Declarations) { d.Assessors[0].Organization.Name = "Maker" }, Asserted},
		"by the writer":         {func(d *sbom.Declarations) { d.Assessors[0].Organization.Ref = "writer" }, Asserted},
		"by no name":            {func(d *sbom.Declarations) { d.Assessors[0].Organization.Name = " " }, Asserted},
		"not fully":             {func(d *sbom.Declarations) { d.Attestations[0].Map[0].Conformance = 999 }, Asserted},
		"no conformance told":   {func(d *sbom.Declarations) { d.Attestations[0].Map[0].Conformance = -1 }, Asserted},
		"against counterclaims": {func(d *sbom.Declarations) { d.Attestations[0].Map[0].CounterClaims = []string{"x"} }, Asserted},
		"against evidence":      {func(d *sbom.Declarations) { d.Claims[0].CounterEvidence = []string{"x"} }, Asserted},
		"two of that name":      {func(d *sbom.Declarations) { d.Claims = append(d.Claims, d.Claims[0]) }, Asserted},
	} {
		doc := cited()
		doc.Citations = nil
		doc.Declarations = declared("part", claim, 1000)
		c.change(&doc.Declarations)
		if f := Read(doc).Components[0].Facts[0]; f.Strength != c.want {
			t.Errorf("%s: %s, want %s", name, f.Strength, c.want)
		}
	}
}

func TestAttested(t *testing.T) {
	for name, c := range map[string]struct {
		change func(d *sbom.Document)
		want   Answer // of the part, where third parties are asked for
	}{
		"of the part":     {func(*sbom.Document) {}, Answer{True, true}},
		"of the product":  {func(d *sbom.Document) { d.Declarations.Claims[0].Target = "product" }, Answer{True, true}},
		"of another":      {func(d *sbom.Document) { d.Declarations.Claims[0].Target = "other" }, Answer{}},
		"by its own word": {func(d *sbom.Document) { d.Declarations.Assessors[0].ThirdParty = false }, Answer{True, false}},
		"nothing":         {func(d *sbom.Document) { d.Declarations = sbom.Declarations{} }, Answer{}},
		"another control": {func(d *sbom.Document) { d.Requirements[0].Identifier = "rm/2" }, Answer{}},
		"two of that name": {func(d *sbom.Document) {
			d.Requirements = append(d.Requirements, sbom.Requirement{Ref: "c2", Identifier: "rm/1"})
		}, Answer{}},
		"partly":             {func(d *sbom.Document) { d.Declarations.Attestations[0].Map[0].Conformance = 400 }, Answer{Truth: False}},
		"not told":           {func(d *sbom.Document) { d.Declarations.Attestations[0].Map[0].Conformance = -1 }, Answer{}},
		"contested":          {func(d *sbom.Document) { d.Declarations.Attestations[0].Map[0].CounterClaims = []string{"x"} }, Answer{}},
		"contested by proof": {func(d *sbom.Document) { d.Declarations.Claims[0].CounterEvidence = []string{"x"} }, Answer{}},
		"no claim":           {func(d *sbom.Document) { d.Declarations.Attestations[0].Map[0].Claims = nil }, Answer{}},
		"two that differ": {func(d *sbom.Document) {
			m := d.Declarations.Attestations[0].Map[0]
			m.Conformance = 0
			d.Declarations.Attestations[0].Map = append(d.Declarations.Attestations[0].Map, m)
		}, Answer{}},
	} {
		doc := cited()
		doc.Declarations = declared("part", "built with care", 1000)
		doc.Requirements = []sbom.Requirement{{Ref: "c1", Identifier: "rm/1"}}
		c.change(doc)
		if got := Read(doc).Components[0].Attested("rm/1", Attested); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

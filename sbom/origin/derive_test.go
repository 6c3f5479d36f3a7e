package origin

import (
	"testing"

	"github.com/yurai-ledger/yurai/sbom"
)

// board is a product that declares where it was manufactured, and three parts
// with eight placements: six from MY, one from US and one from DE.
func board(declared string) *sbom.Document {
	part := func(pointer, code, quantity string) sbom.Component {
		return sbom.Component{Pointer: pointer, Parent: -1, Type: "device", Properties: properties(pointer, "yurai:origin:manufactured", code, "cdx:device:quantity", quantity)}
	}
	return &sbom.Document{Components: []sbom.Component{
		{Pointer: "/metadata/component", Product: true, Parent: -1, Type: "device", Properties: properties("/metadata/component", "yurai:origin:manufactured", declared)},
		part("/components/0", "US", "1"), part("/components/1", "MY-07", "6"), part("/components/2", "DE", "1"),
		{Pointer: "/components/3", Parent: -1, Type: "firmware"},
	}}
}

func TestDerivedDistributions(t *testing.T) {
	for name, c := range map[string]struct {
		declared string
		change   func(d *sbom.Document)
		derived  string // "" is no derivation
		differs  bool
	}{
		"as declared":              {"MY=75;US=12.5;DE=12.5|number of parts", nil, "MY=75;DE=12.5;US=12.5", false},
		"on no basis":              {"MY=75;US=12.5;DE=12.5", nil, "MY=75;DE=12.5;US=12.5", false},
		"rounded":                  {"MY=75;US=12.6;DE=12.4|placements", nil, "MY=75;DE=12.5;US=12.5", false},
		"one place less":           {"MY=87.5;US=12.5|number of parts", nil, "MY=75;DE=12.5;US=12.5", true},
		"another place":            {"MY=75;US=12.5;JP=12.5|number of parts", nil, "MY=75;DE=12.5;US=12.5", true},
		"the rest not told":        {"MY=75|number of parts", nil, "MY=75;DE=12.5;US=12.5", false},
		"on another basis":         {"MY=10;US=90|cost", nil, "", false},
		"one place":                {"JP", nil, "", false},
		"withheld":                 {"withheld", nil, "", false},
		"unreadable":               {"MY=75,US=25", nil, "", false},
		"a part is not told":       {"MY=75;US=12.5;DE=12.5", func(d *sbom.Document) { d.Components[3].Properties = nil }, "MY=75;US=12.5;unknown=12.5", false},
		"what is told is too much": {"MY=50;US=25;DE=25", func(d *sbom.Document) { d.Components[3].Properties = nil }, "MY=75;US=12.5;unknown=12.5", true},
		"a number that is none":    {"MY=75;US=25", func(d *sbom.Document) { d.Components[2].Properties[1].Value = "six" }, "", false},
		"two numbers": {"MY=75;US=25", func(d *sbom.Document) {
			d.Components[2].Properties = append(d.Components[2].Properties, properties("/x", "cdx:device:quantity", "7")...)
		}, "", false},
		"no parts":                 {"MY=75;US=25", func(d *sbom.Document) { d.Components = d.Components[:1] }, "", false},
		"no part tells":            {"MY=75;US=25", func(d *sbom.Document) { d.Components = []sbom.Component{d.Components[0], d.Components[4]} }, "", false},
		"a part that contradicts":  {"MY=75;US=12.5;DE=12.5", func(d *sbom.Document) { d.Components[3].Properties[0].Value = "DE=70;FR=70" }, "MY=75;US=12.5;unknown=12.5", false},
		"a part of several places": {"MY=75;US=12.5;DE=12.5", func(d *sbom.Document) { d.Components[3].Properties[0].Value = "DE=50;FR=50" }, "MY=75;US=12.5;DE=6.25;FR=6.25", true},
	} {
		doc := board(c.declared)
		if c.change != nil {
			c.change(doc)
		}
		f := Read(doc)
		if (len(f.Derivations) == 1) != (c.derived != "") {
			t.Errorf("%s: derivations %+v", name, f.Derivations)
			continue
		}
		found := 0
		for _, x := range f.Findings {
			if x.Code == "ORIGIN-DISTRIBUTION-DIFFERS" {
				found++
			}
		}
		if (found == 1) != c.differs {
			t.Errorf("%s: %d findings", name, found)
		}
		if c.derived == "" {
			continue
		}
		if d := f.Derivations[0]; d.Derived.String() != c.derived || d.Differs != c.differs || d.Parts != 8 {
			t.Errorf("%s: derived %s of %d parts, differs %t; want %s, %t", name, d.Derived, d.Parts, d.Differs, c.derived, c.differs)
		}
		want, err := ParseValue(c.declared)
		if err != nil || f.Components[0].Facts[0].Value.String() != want.String() || f.Components[0].Facts[0].State != Stated {
			t.Errorf("%s: the fact is %+v now", name, f.Components[0].Facts[0])
		}
	}
}

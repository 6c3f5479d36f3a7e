package origin

import (
	"slices"
	"testing"

	"github.com/yurai-ledger/yurai/sbom"
)

// tree is product ← board (← ic, ← plug), firmware; all but the product are
// listed below components.
func tree(compositions ...sbom.Composition) *sbom.Document {
	return &sbom.Document{
		SerialNumber: "urn:uuid:6f1c0d5e-2b0a-4c57-9a53-3f0a6f1d2c10", Version: 2,
		Components: []sbom.Component{
			{Pointer: "/metadata/component", Product: true, Parent: -1, Ref: "product", Type: "device"},
			{Pointer: "/components/0", Parent: -1, Ref: "board", Type: "device"},
			{Pointer: "/components/0/components/0", Parent: 1, Nested: 1, Ref: "ic", Type: "device"},
			{Pointer: "/components/0/components/1", Parent: 1, Nested: 1, Ref: "plug", Type: "device"},
			{Pointer: "/components/1", Parent: -1, Ref: "firmware", Type: "firmware"},
		},
		Services:     []sbom.Service{{Pointer: "/services/0", Parent: -1, Ref: "service"}},
		Compositions: compositions,
	}
}

func comp(aggregate string, assemblies ...string) sbom.Composition {
	return sbom.Composition{Pointer: "/compositions/0", Aggregate: aggregate, Assemblies: assemblies}
}

func TestComplete(t *testing.T) {
	all := []string{"product", "board", "ic", "plug", "firmware"}
	plug := func(i int) bool { return i == 3 }
	for _, c := range []struct {
		name     string
		doc      *sbom.Document
		excepted func(int) bool
		want     []Truth // product, board, ic, plug, firmware
	}{
		{"nothing stated", tree(), nil, []Truth{Unknown, Unknown, Unknown, Unknown, Unknown}},
		{"everything", tree(comp("complete", all...)), nil, []Truth{True, True, True, True, True}},
		{"a leaf is left out", tree(comp("complete", "product", "board", "plug", "firmware")), nil, []Truth{Unknown, Unknown, Unknown, True, True}},
		{"an excepted leaf is left out", tree(comp("complete", "product", "board", "ic", "firmware")), plug, []Truth{True, True, True, Unknown, True}},
		{"only the product", tree(comp("complete", "product")), nil, []Truth{Unknown, Unknown, Unknown, Unknown, Unknown}},
		{"top-level components lie below the product", tree(comp("complete", "product", "board", "ic", "plug")), nil, []Truth{Unknown, True, True, True, Unknown}},
		{"one is incomplete", tree(comp("complete", "product", "board", "plug", "firmware"), comp("incomplete_third_party_only", "ic")), nil, []Truth{False, False, False, True, True}},
		{"incomplete wins over unknown", tree(comp("incomplete", "ic")), nil, []Truth{False, False, False, Unknown, Unknown}},
		{"an excepted one is incomplete", tree(comp("complete", "product", "board", "ic", "firmware"), comp("incomplete", "plug")), plug, []Truth{True, True, True, False, True}},
		{"unknown", tree(comp("complete", "product", "board", "plug", "firmware"), comp("unknown", "ic")), nil, []Truth{Unknown, Unknown, Unknown, True, True}},
		{"not specified", tree(comp("complete", "product", "board", "plug", "firmware"), comp("not_specified", "ic")), nil, []Truth{Unknown, Unknown, Unknown, True, True}},
		{"two aggregates for one", tree(comp("complete", all...), comp("incomplete", "ic")), nil, []Truth{Unknown, Unknown, Unknown, True, True}},
		{"the same aggregate twice", tree(comp("complete", all...), comp("complete", "ic")), nil, []Truth{True, True, True, True, True}},
		{"a name of nothing", tree(comp("complete", append([]string{"ghost"}, all...)...)), nil, []Truth{Unknown, Unknown, Unknown, Unknown, Unknown}},
		{"a link to another document", tree(comp("complete", append([]string{"urn:cdx:6f1c0d5e-2b0a-4c57-9a53-3f0a6f1d2c10/3#ic"}, all...)...)), nil, []Truth{Unknown, Unknown, Unknown, Unknown, Unknown}},
		{"a link to this document", tree(comp("complete", "urn:cdx:6f1c0d5e-2b0a-4c57-9a53-3f0a6f1d2c10/2#product", "board", "%69c", "plug", "firmware")), nil, []Truth{Unknown, Unknown, Unknown, Unknown, Unknown}},
		{"an escaped link to this document", tree(comp("complete", "product", "board", "urn:cdx:6f1c0d5e-2b0a-4c57-9a53-3f0a6f1d2c10/2#%69c", "plug", "firmware")), nil, []Truth{True, True, True, True, True}},
		{"a service may be named", tree(comp("complete", append([]string{"service"}, all...)...)), nil, []Truth{True, True, True, True, True}},
	} {
		facts := Read(c.doc)
		if got := facts.Completeness(c.excepted); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		for i, want := range c.want {
			if got := facts.Complete(i, c.excepted); got != want {
				t.Errorf("%s: complete(%d) = %s, want %s", c.name, i, got, want)
			}
		}
		if got := facts.DocumentComplete(c.excepted); got != c.want[0] {
			t.Errorf("%s: document = %s, want %s", c.name, got, c.want[0])
		}
	}
}

func TestCompleteNeedsNames(t *testing.T) {
	all := comp("complete", "product", "board", "ic", "plug", "firmware")
	unnamed := tree(comp("complete", "product", "board", "ic", "firmware"))
	unnamed.Components[3].Ref = ""
	if got := Read(unnamed).DocumentComplete(nil); got != Unknown {
		t.Errorf("a component without bom-ref: %s", got)
	}
	twice := tree(all)
	twice.Components[3].Ref = "ic"
	if got := Read(twice).DocumentComplete(nil); got != Unknown {
		t.Errorf("one bom-ref for two: %s", got)
	}
	nameless := tree(comp("complete", "board", "ic", "plug", "firmware"))
	nameless.Components = nameless.Components[1:]
	nameless.Components[1].Parent, nameless.Components[2].Parent = 0, 0
	facts := Read(nameless)
	if got := facts.DocumentComplete(nil); got != Unknown || facts.Product() != -1 {
		t.Errorf("a BOM that does not say what it is about: %s", got)
	}
	if got := facts.Complete(0, nil); got != True {
		t.Errorf("its board: %s", got)
	}
	if got := facts.Complete(99, nil); got != Unknown {
		t.Errorf("no such component: %s", got)
	}
}

func TestServicesComplete(t *testing.T) {
	for aggregate, want := range map[string]Truth{"complete": True, "incomplete": False, "unknown": Unknown} {
		doc := tree(sbom.Composition{Pointer: "/compositions/0", Aggregate: aggregate, Dependencies: []string{"product"}})
		if got := Read(doc).ServicesComplete(); got != want {
			t.Errorf("%s: %s, want %s", aggregate, got, want)
		}
	}
	if got := Read(tree(comp("complete", "product"))).ServicesComplete(); got != Unknown {
		t.Errorf("assemblies say nothing about services: %s", got)
	}
}

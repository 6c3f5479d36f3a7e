package origin

import (
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom"
)

// TestStagesOfTheDraft: the words, as they are written.
func TestStagesOfTheDraft(t *testing.T) {
	want := "designed mined harvested recycled refined separated smelted melted processed " +
		"manufactured assembled developed built tested collected trained hosted operated maintained"
	var got []string
	for _, s := range Stages() {
		got = append(got, string(s))
	}
	if strings.Join(got, " ") != want {
		t.Errorf("stages %v", got)
	}
	for _, role := range []string{"maker", "seller", "provider", "maintainer"} {
		for _, field := range []string{"id", "registered", "owner", "plant"} {
			if name := "yurai:party:" + role + ":" + field; !sbom.KnownProperty(name) {
				t.Errorf("%s is not known", name)
			}
		}
	}
	for _, field := range []string{"from", "operator", "privilege", "always-on"} {
		if name := "yurai:access:" + field; !sbom.KnownProperty(name) {
			t.Errorf("%s is not known", name)
		}
	}
}

// TestAddressesNeverClear: where somebody has an office says nothing of where a
// thing was made.
func TestAddressesNeverClear(t *testing.T) {
	doc := component("device")
	doc.Components[0].Manufacturer = sbom.Organization{Pointer: "/components/0/manufacturer", Name: "M", Country: "JP"}
	set, err := NewCodes([]string{"BV"})
	if err != nil {
		t.Fatal(err)
	}
	if got := Read(doc).Components[0].Made(set, Derived).Truth; got != Unknown {
		t.Errorf("made = %s by an address", got)
	}
}

// TestWholeAndPartApart: neither does a part come from where its whole does, nor
// the reverse.
func TestWholeAndPartApart(t *testing.T) {
	set, err := NewCodes([]string{"BV"})
	if err != nil {
		t.Fatal(err)
	}
	for told := range 2 {
		doc := &sbom.Document{Components: []sbom.Component{
			{Pointer: "/components/0", Parent: -1, Type: "device", Name: "board"},
			{Pointer: "/components/0/components/0", Parent: 0, Nested: 1, Type: "device", Name: "ic"},
		}}
		doc.Components[told].Properties = properties(doc.Components[told].Pointer, "yurai:origin:manufactured", "JP", "yurai:origin:assembled", "JP")
		facts := Read(doc)
		if got := facts.Components[told].Made(set, Asserted).Truth; got != False {
			t.Errorf("%s is told: made = %s", doc.Components[told].Name, got)
		}
		if got := facts.Components[1-told].Made(set, Asserted).Truth; got != Unknown {
			t.Errorf("%s is not told: made = %s", doc.Components[1-told].Name, got)
		}
	}
}

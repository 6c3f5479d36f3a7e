package origin

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yurai-ledger/yurai/sbom"
)

// properties makes properties from alternating names and values.
func properties(pointer string, pairs ...string) []sbom.Property {
	var out []sbom.Property
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, sbom.Property{Pointer: fmt.Sprintf("%s/properties/%d", pointer, i/2), Name: pairs[i], Value: pairs[i+1]})
	}
	return out
}

func component(kind string, pairs ...string) *sbom.Document {
	return &sbom.Document{Components: []sbom.Component{{
		Pointer: "/components/0", Parent: -1, Type: kind, Name: "part", Properties: properties("/components/0", pairs...),
	}}}
}

func codesOf(findings []sbom.Finding) []string {
	var out []string
	for _, f := range findings {
		out = append(out, f.Code)
	}
	slices.Sort(out)
	return out
}

func TestMade(t *testing.T) {
	const man, asm, dev, built, coo = "yurai:origin:manufactured", "yurai:origin:assembled", "yurai:origin:developed", "yurai:origin:built", "cdx:device:countryOfOrigin"
	for _, c := range []struct {
		name  string
		kind  string
		props []string
		want  Truth
		codes string // findings
	}{
		{"nothing is told", "device", nil, Unknown, ""},
		{"made elsewhere", "device", []string{man, "JP", asm, "JP"}, False, ""},
		{"one stage is not enough to clear", "device", []string{man, "JP"}, Unknown, ""},
		{"made there", "device", []string{man, "BV"}, True, ""},
		{"a share of it", "device", []string{man, "JP=99.99;BV=0.01"}, True, ""},
		{"a share of it, the rest unknown", "device", []string{man, "BV=1"}, True, ""},
		{"the rest is unknown", "device", []string{man, "JP=60"}, Unknown, ""},
		{"the rest is said to be unknown", "device", []string{man, "JP=60;unknown=40"}, Unknown, ""},
		{"rounding is no unknown share", "device", []string{man, "DE=33.3;FR=33.3;IT=33.3", asm, "DE"}, False, ""},
		{"withheld", "device", []string{man, "withheld"}, Unknown, ""},
		{"assembled is made", "device", []string{asm, "BV"}, True, ""},
		{"the other one is not enough either", "device", []string{asm, "JP"}, Unknown, ""},
		{"any stage is enough to hit", "device", []string{asm, "JP", man, "BV"}, True, ""},
		{"neither stage may be withheld", "device", []string{asm, "JP", man, "withheld"}, Unknown, ""},
		{"nor partly unknown", "device", []string{asm, "JP=60", man, "JP"}, Unknown, ""},
		{"a subdivision lies in its country", "device", []string{man, "BV-1"}, True, ""},
		{"not assigned", "device", []string{man, "ZZ"}, Unknown, "ORIGIN-CODE-UNRECOGNISED"},
		{"partly not assigned", "device", []string{man, "JP=90;XK=10"}, Unknown, "ORIGIN-CODE-UNRECOGNISED"},
		{"malformed", "device", []string{man, "jp"}, Unknown, "ORIGIN-VALUE-MALFORMED"},
		{"malformed beside readable", "device", []string{man, "JP", man, "ＢＶ"}, Unknown, "ORIGIN-CODE-LOOKALIKE ORIGIN-FACT-CONTRADICTED"},
		{"malformed basis beside readable", "device", []string{man, "JP|cost", man, "JP|"}, Unknown, "ORIGIN-FACT-CONTRADICTED ORIGIN-VALUE-MALFORMED"},
		{"above the whole", "device", []string{man, "JP=60;DE=60"}, Unknown, "ORIGIN-SHARE-OVER"},
		{"above the whole still accuses", "device", []string{man, "JP=60;BV=60"}, True, "ORIGIN-SHARE-OVER"},
		{"the same twice", "device", []string{man, "JP", man, "JP=100", asm, "JP"}, False, ""},
		{"the same in another order", "device", []string{man, "JP=60;DE=40", man, "DE=40;JP=60", asm, "DE"}, False, ""},
		{"the same with and without party", "device", []string{man, "JP@x:a", coo, "JP", asm, "JP"}, False, ""},
		{"two parties", "device", []string{man, "JP@x:a", man, "JP@x:b"}, Unknown, "ORIGIN-FACT-CONTRADICTED ORIGIN-FACT-CONTRADICTED"},
		{"contradicted", "device", []string{man, "JP", man, "DE"}, Unknown, "ORIGIN-FACT-CONTRADICTED ORIGIN-FACT-CONTRADICTED"},
		{"contradicted still accuses", "device", []string{man, "JP", man, "BV"}, True, "ORIGIN-FACT-CONTRADICTED ORIGIN-FACT-CONTRADICTED"},
		{"contradicted by the other property", "device", []string{man, "JP", coo, "DE"}, Unknown, "ORIGIN-FACT-CONTRADICTED ORIGIN-FACT-CONTRADICTED"},
		{"withheld and told", "device", []string{man, "JP", man, "withheld"}, Unknown, "ORIGIN-FACT-CONTRADICTED ORIGIN-FACT-CONTRADICTED"},
		{"two bases are two facts", "device", []string{man, "JP|cost", man, "DE|weight", asm, "JP"}, False, ""},
		{"two bases, and one names no country", "device", []string{man, "JP|cost", man, "XK|weight", asm, "JP"}, Unknown, "ORIGIN-CODE-UNRECOGNISED"},
		{"another stage tells no more", "device", []string{man, "JP", man, "DE", asm, "JP"}, Unknown, "ORIGIN-FACT-CONTRADICTED ORIGIN-FACT-CONTRADICTED"},
		{"country of origin", "device", []string{coo, "JP", asm, "JP"}, False, ""},
		{"country of origin alone", "device", []string{coo, "JP"}, Unknown, ""},
		{"country of origin hits", "device", []string{coo, "BV"}, True, ""},
		{"country of origin by name", "device", []string{coo, "Bouvet Island"}, True, "ORIGIN-CODE-MAPPED"},
		{"country of origin by alpha-3", "device", []string{coo, "JPN", asm, "JP"}, False, "ORIGIN-CODE-MAPPED"},
		{"country of origin in lower case", "device", []string{coo, "jp"}, Unknown, "ORIGIN-CODE-UNRECOGNISED"},
		{"country of origin has no shares", "device", []string{coo, "JP=100"}, Unknown, "ORIGIN-CODE-UNRECOGNISED"},
		{"country of origin without value", "device", []string{coo, ""}, Unknown, "ORIGIN-CODE-UNRECOGNISED"},
		{"designed is not made", "device", []string{"yurai:origin:designed", "JP"}, Unknown, ""},
		{"designed there is not made there", "device", []string{"yurai:origin:designed", "BV", man, "JP", asm, "JP"}, False, ""},
		{"tested is not made", "device", []string{"yurai:origin:tested", "JP"}, Unknown, ""},
		{"a device is not built", "device", []string{built, "JP"}, Unknown, ""},
		{"a device is not built, but it accuses", "device", []string{built, "BV", man, "JP"}, True, ""},
		{"software is developed and built", "library", []string{dev, "JP", built, "JP"}, False, ""},
		{"software that is only developed", "library", []string{dev, "JP"}, Unknown, ""},
		{"software that is only built", "application", []string{built, "JP"}, Unknown, ""},
		{"software is not manufactured", "firmware", []string{man, "JP", asm, "JP"}, Unknown, ""},
		{"firmware is built", "firmware", []string{built, "BV"}, True, ""},
		{"a type that is not known clears nothing", "material", []string{man, "JP", asm, "JP", dev, "JP", built, "JP"}, Unknown, ""},
		{"a type that is not known accuses", "material", []string{man, "BV"}, True, ""},
		{"no such stage", "device", []string{"yurai:origin:fabricated", "JP"}, Unknown, "ORIGIN-NAME-UNKNOWN"},
		{"no such name", "device", []string{"yurai:maker", "JP", man, "JP", asm, "JP"}, False, "ORIGIN-NAME-UNKNOWN"},
		{"other names", "device", []string{"yurai:party:maker:id", "x:a", "yurai:access:from", "JP", "acme:origin", "BV"}, Unknown, ""},
	} {
		facts := Read(component(c.kind, c.props...))
		set, err := NewCodes([]string{"BV"})
		if err != nil {
			t.Fatal(err)
		}
		if got := facts.Components[0].Made(set, Asserted).Truth; got != c.want {
			t.Errorf("%s: made = %s, want %s", c.name, got, c.want)
		}
		if got := strings.Join(codesOf(facts.Findings), " "); got != c.codes {
			t.Errorf("%s: findings %q, want %q", c.name, got, c.codes)
		}
		// A rule that asks for stronger facts is never cleared by these.
		if got := facts.Components[0].Made(set, Cited).Truth; got == False {
			t.Errorf("%s: what the vendor asserts clears where a citation is asked for", c.name)
		}
	}
}

func TestMadeCoarse(t *testing.T) {
	set, err := NewCodes([]string{"CN-XJ"})
	if err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]Truth{"CN": Unknown, "CN-GD": False, "CN-XJ": True, "JP": False} {
		facts := Read(component("device", "yurai:origin:manufactured", value, "yurai:origin:assembled", "JP"))
		if got := facts.Components[0].Made(set, Asserted).Truth; got != want {
			t.Errorf("made(%s, [CN-XJ]) = %s, want %s", value, got, want)
		}
	}
}

func TestMadeFirmly(t *testing.T) {
	set, err := NewCodes([]string{"JP"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		props []string
		least Strength
		want  Truth
	}{
		{[]string{"yurai:origin:manufactured", "JP"}, Asserted, True},
		{[]string{"yurai:origin:manufactured", "JP"}, Attested, Unknown},
		{[]string{"yurai:origin:manufactured", "JP", "yurai:origin:manufactured", "DE"}, Asserted, Unknown},
		{[]string{"yurai:origin:manufactured", "DE"}, Asserted, Unknown},
		{[]string{"yurai:origin:manufactured", "DE", "yurai:origin:assembled", "DE"}, Asserted, False},
		{nil, Asserted, Unknown},
	} {
		if got := Read(component("device", c.props...)).Components[0].Made(set, c.least).Firmly(); got != c.want {
			t.Errorf("%v: firmly = %s, want %s", c.props, got, c.want)
		}
	}
}

func TestReadFacts(t *testing.T) {
	doc := component("device",
		"yurai:origin:tested", "MY",
		"yurai:origin:manufactured", "JP",
		"cdx:device:function", "compute",
		"cdx:device:countryOfOrigin", "JPN",
	)
	doc.Components[0].Manufacturer = sbom.Organization{Pointer: "/components/0/manufacturer", Name: "M", Country: "Japan"}
	doc.Components[0].Supplier = sbom.Organization{Pointer: "/components/0/supplier", Name: "S", Country: "nippon"}
	doc.Components[0].ExternalReferences = []sbom.ExternalReference{
		{Pointer: "/components/0/externalReferences/0", Type: "website", URL: "https://a.example"},
		{Pointer: "/components/0/externalReferences/1", Type: "bom", URL: "urn:cdx:x/1"},
	}
	doc.Services = []sbom.Service{{
		Pointer: "/services/0", Parent: -1, Name: "ota", Properties: properties("/services/0", "yurai:origin:hosted", "SG"),
		Data: []sbom.DataFlow{{Governance: []sbom.Governor{{Role: "owners", Organization: sbom.Organization{Pointer: "/services/0/data/0/governance/owners/0/organization", Country: "NL"}}}}},
	}}
	got := Read(doc)
	jp := Value{Shares: []Share{{Code: "JP", Percent: 10000}}}
	wantFacts := []Fact{
		{Stage: Manufactured, Value: jp, State: Stated, Strength: Asserted, Pointer: "/components/0/properties/1", Also: []string{"/components/0/properties/3"}},
		{Stage: Tested, Value: Value{Shares: []Share{{Code: "MY", Percent: 10000}}}, State: Stated, Strength: Asserted, Pointer: "/components/0/properties/0"},
	}
	if diff := cmp.Diff(wantFacts, got.Components[0].Facts); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	wantHints := []Hint{
		{Role: "manufacturer", Name: "M", Text: "Japan", Code: "JP", Pointer: "/components/0/manufacturer/address/country"},
		{Role: "supplier", Name: "S", Text: "nippon", Pointer: "/components/0/supplier/address/country"},
	}
	if diff := cmp.Diff(wantHints, got.Components[0].Hints); diff != "" {
		t.Errorf("hints (-want +got):\n%s", diff)
	}
	if got.Components[0].Function != "compute" {
		t.Errorf("function = %q", got.Components[0].Function)
	}
	if links := got.Links(); len(links) != 1 || links[0].URL != "urn:cdx:x/1" {
		t.Errorf("links = %+v", links)
	}
	if s := got.Services[0]; !s.Service || len(s.Facts) != 1 || s.Facts[0].Stage != Hosted || len(s.Hints) != 1 || s.Hints[0].Code != "NL" {
		t.Errorf("service = %+v", s)
	}
}

func TestTwoFunctionsAreNone(t *testing.T) {
	facts := Read(component("device", "cdx:device:function", "connector", "cdx:device:function", "network", "cdx:device:function", "connector"))
	if facts.Components[0].Function != "" {
		t.Errorf("function = %q, want none", facts.Components[0].Function)
	}
	if got := codesOf(facts.Findings); !slices.Equal(got, []string{"ORIGIN-FUNCTION-CONTRADICTED"}) {
		t.Errorf("findings = %v", got)
	}
	facts = Read(component("device", "cdx:device:function", "connector", "cdx:device:function", "connector"))
	if facts.Components[0].Function != "connector" || len(facts.Findings) != 0 {
		t.Errorf("function = %q, findings %v", facts.Components[0].Function, facts.Findings)
	}
}

func TestNothingIsInherited(t *testing.T) {
	doc := &sbom.Document{Components: []sbom.Component{
		{Pointer: "/metadata/component", Product: true, Parent: -1, Type: "device", Properties: properties("", "yurai:origin:manufactured", "JP", "yurai:origin:assembled", "JP")},
		{Pointer: "/components/0", Parent: -1, Type: "device"},
		{Pointer: "/components/0/components/0", Parent: 1, Type: "device", Properties: properties("", "yurai:origin:manufactured", "BV")},
	}}
	facts := Read(doc)
	set, err := NewCodes([]string{"BV"})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []Truth{False, Unknown, True} {
		if got := facts.Components[i].Made(set, Asserted).Truth; got != want {
			t.Errorf("component %d: made = %s, want %s", i, got, want)
		}
	}
}

func TestViewError(t *testing.T) {
	facts := Read(&sbom.Document{ViewError: errors.New("no view")})
	if facts.ViewError == nil || len(facts.Components) != 0 || facts.DocumentComplete(nil) != Unknown || facts.ServicesComplete() != Unknown {
		t.Errorf("facts = %+v", facts)
	}
	if got := codesOf(facts.Findings); !slices.Equal(got, []string{"ORIGIN-VIEW-MISSING"}) {
		t.Errorf("findings = %v", got)
	}
}

func TestFindingsAreBounded(t *testing.T) {
	var pairs []string
	for range 300 {
		pairs = append(pairs, "yurai:origin:manufactured", "nowhere")
	}
	facts := Read(component("device", pairs...))
	if got := len(facts.Findings); got != maxFindings+1 {
		t.Errorf("%d findings, want %d and one that says how many more", got, maxFindings)
	}
	if last := facts.Findings[len(facts.Findings)-1]; last.Code != "ORIGIN-FINDINGS-MORE" || !strings.Contains(last.Text, "250") {
		t.Errorf("last finding = %+v", last)
	}
}

func TestKinds(t *testing.T) {
	for kind, want := range map[string]Kind{
		"application": Software, "framework": Software, "library": Software, "container": Software, "operating-system": Software,
		"device": Hardware, "firmware": Software, "file": Software, "platform": Software, "device-driver": Software,
		"machine-learning-model": Software, "data": Software, "cryptographic-asset": Software,
		"": OtherKind, "Device": OtherKind, "material": OtherKind,
	} {
		if got := KindOf(kind); got != want {
			t.Errorf("KindOf(%q) = %d, want %d", kind, got, want)
		}
	}
}

func TestStages(t *testing.T) {
	if got := len(Stages()); got != 19 {
		t.Errorf("%d stages, want the 19 of the draft", got)
	}
	for _, s := range Stages() {
		if !s.Valid() {
			t.Errorf("%s is not valid", s)
		}
	}
	for _, s := range []Stage{"", "Manufactured", "made"} {
		if s.Valid() {
			t.Errorf("%q is valid", s)
		}
	}
	for s := Derived; s <= Observed; s++ {
		if got, ok := ParseStrength(s.String()); !ok || got != s {
			t.Errorf("ParseStrength(%s) = %v, %t", s, got, ok)
		}
	}
	if _, ok := ParseStrength(""); ok {
		t.Error("the empty word is a strength")
	}
}

package origin

import (
	"slices"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom"
)

// Package sbom refuses the names that it does not know, and this package gives
// them their meaning: both must have the same stages.
func TestStagesAreKnown(t *testing.T) {
	for _, s := range Stages() {
		if !sbom.KnownProperty(originPrefix + string(s)) {
			t.Errorf("stage %s is no property", s)
		}
	}
	for _, name := range []string{"yurai:", "yurai:origin:", "yurai:origin:made", "yurai:origin:Manufactured", "yurai:party:maker", "yurai:party:owner:id", "yurai:access:", "cdx:device:function", ""} {
		if sbom.KnownProperty(name) {
			t.Errorf("%q is known", name)
		}
	}
}

func TestLooksLike(t *testing.T) {
	for text, want := range map[string]string{
		"СN": "CN", "ＪＰ": "JP", "ｊｐ": "JP", "JP\u200b": "JP", " JP": "JP", "🇧🇻": "BV", "СN‑11": "CN-11", "Jарan": "JP", "ЈРN": "JP",
		"JP": "", "jp": "", "UK": "", "日本": "", "": "", " ": "", "ХХ": "",
	} {
		if got, _ := LooksLike(text); got != want {
			t.Errorf("LooksLike(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestSideValues(t *testing.T) {
	for _, c := range []struct{ name, value, code string }{
		{"yurai:party:maker:id", "jp-corp:1234567890123", ""},
		{"yurai:party:maker:id", "Hoshino", "ORIGIN-VALUE-MALFORMED"},
		{"yurai:party:maker:registered", "JP", ""},
		{"yurai:party:maker:registered", "unknown", ""},
		{"yurai:party:maker:registered", "XK", "ORIGIN-CODE-UNRECOGNISED"},
		{"yurai:party:seller:plant", "JP=50;MY=50", ""},
		{"yurai:party:provider:owner", "x:holding", ""},
		{"yurai:party:provider:owner", "CN=51;JP=49|votes", ""},
		{"yurai:party:provider:owner", "somebody", "ORIGIN-VALUE-MALFORMED"},
		{"yurai:access:from", "SG", ""},
		{"yurai:access:from", "SG ", "ORIGIN-CODE-LOOKALIKE"},
		{"yurai:access:operator", "dns:ops.example", ""},
		{"yurai:access:operator", "", "ORIGIN-VALUE-MALFORMED"},
		{"yurai:access:privilege", "operate", ""},
		{"yurai:access:privilege", "Operate", "ORIGIN-VALUE-MALFORMED"},
		{"yurai:access:always-on", "false", ""},
		{"yurai:access:always-on", "no", "ORIGIN-VALUE-MALFORMED"},
	} {
		got := strings.Join(codesOf(Read(component("device", c.name, c.value)).Findings), " ")
		if got != c.code {
			t.Errorf("%s = %q: findings %q, want %q", c.name, c.value, got, c.code)
		}
	}
}

func TestLintCompleteness(t *testing.T) {
	parts := []sbom.Component{{Pointer: "/metadata/component", Product: true, Parent: -1, Ref: "p"}, {Pointer: "/components/0", Parent: -1, Ref: "a"}}
	uuid := "3e671687-395b-41f5-a30f-a58921a69b79"
	for name, c := range map[string]struct {
		stated []sbom.Composition
		parts  []sbom.Component
		served bool
		codes  []string
	}{
		"all":             {[]sbom.Composition{{Aggregate: "complete", Assemblies: []string{"p", "a"}}}, parts, false, nil},
		"all, in two":     {[]sbom.Composition{{Aggregate: "complete", Assemblies: []string{"p"}}, {Aggregate: "unknown", Assemblies: []string{"a"}}}, parts, false, nil},
		"by a link":       {[]sbom.Composition{{Aggregate: "complete", Assemblies: []string{"p", "urn:cdx:" + uuid + "/1#a"}}}, parts, false, nil},
		"one":             {[]sbom.Composition{{Aggregate: "complete", Assemblies: []string{"p"}}}, parts, false, []string{"ORIGIN-COMPLETENESS-UNSTATED"}},
		"none":            {nil, parts, false, []string{"ORIGIN-COMPLETENESS-UNSTATED"}},
		"not specified":   {[]sbom.Composition{{Aggregate: "not_specified", Assemblies: []string{"p", "a"}}}, parts, false, []string{"ORIGIN-COMPLETENESS-UNSTATED"}},
		"nothing at all":  {nil, nil, false, []string{"ORIGIN-COMPLETENESS-UNSTATED"}},
		"services alone":  {nil, nil, true, nil},
		"services not":    {[]sbom.Composition{{Aggregate: "complete", Assemblies: []string{"p", "a"}}}, parts, true, []string{"ORIGIN-SERVICES-UNSTATED"}},
		"services stated": {[]sbom.Composition{{Aggregate: "incomplete", Assemblies: []string{"p", "a"}, Dependencies: []string{"p"}}}, parts, true, nil},
	} {
		doc := &sbom.Document{SerialNumber: "urn:uuid:" + uuid, Version: 1, Components: c.parts, Compositions: c.stated}
		if c.served {
			doc.Services = []sbom.Service{{Pointer: "/services/0", Parent: -1}}
		}
		if got := codesOf(Lint(doc)); !slices.Equal(got, c.codes) {
			t.Errorf("%s: %v, want %v", name, got, c.codes)
		}
	}
}

// A finding on an address moves no verdict: it is lint's alone, and the fact
// stays unknown.
func TestLintLeavesFactsAlone(t *testing.T) {
	doc := component("device", "yurai:origin:manufactured", "СN")
	doc.Components[0].Supplier = sbom.Organization{Pointer: "/components/0/supplier", Name: "S", Country: "СN"}
	facts := Read(doc)
	set, err := NewCodes([]string{"CN"})
	if err != nil {
		t.Fatal(err)
	}
	if got := facts.Components[0].Made(set, Asserted).Truth; got != Unknown {
		t.Errorf("made = %s, want unknown", got)
	}
	if got := codesOf(facts.Findings); !slices.Equal(got, []string{"ORIGIN-CODE-LOOKALIKE"}) {
		t.Errorf("facts have findings %v", got)
	}
	if got := codesOf(Lint(doc)); !slices.Equal(got, []string{"ORIGIN-CODE-LOOKALIKE", "ORIGIN-CODE-LOOKALIKE", "ORIGIN-COMPLETENESS-UNSTATED", "ORIGIN-STAGE-MISSING"}) {
		t.Errorf("lint finds %v", got)
	}
}

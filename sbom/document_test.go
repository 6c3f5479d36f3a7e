package sbom_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
)

// admitted admits a file of testdata and fails if it is refused.
func admitted(t testing.TB, file string) *sbom.Document {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	doc, findings := sbom.Admit(raw, sbom.Limits{})
	if doc == nil || doc.ViewError != nil {
		t.Fatalf("%s: %v", file, findings)
	}
	return doc
}

// read returns a document as encoding/json reads it.
func read(t testing.TB, raw []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// at returns the value at a JSON Pointer.
func at(t testing.TB, v any, pointer string) any {
	t.Helper()
	if pointer == "" {
		return v
	}
	for _, step := range strings.Split(pointer[1:], "/") {
		step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		switch in := v.(type) {
		case map[string]any:
			next, ok := in[step]
			if !ok {
				t.Fatalf("pointer %q: no member %q", pointer, step)
			}
			v = next
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(in) {
				t.Fatalf("pointer %q: no element %q", pointer, step)
			}
			v = in[i]
		default:
			t.Fatalf("pointer %q leads through a scalar", pointer)
		}
	}
	return v
}

func TestDocumentOfDevice(t *testing.T) {
	doc := admitted(t, "testdata/valid/relay-1.6.cdx.json")
	if doc.SerialNumber != "urn:uuid:2c9a7e52-3f5d-4e0e-8b21-5d1f6f5f1c77" || doc.Version != 3 || doc.SpecVersion != "1.6" {
		t.Errorf("serial %s version %d of %s", doc.SerialNumber, doc.Version, doc.SpecVersion)
	}
	product := sbom.Product{
		Name: "Protective relay HR-87T", Version: "R4", Maker: "Example Trading",
		GTIN: "4006381333931", CPE: "cpe:2.3:h:example:hr-87t:r4:*:*:*:*:*:*:*",
	}
	if diff := cmp.Diff(product, doc.Product); diff != "" {
		t.Errorf("product (-want +got):\n%s", diff)
	}
	const link = "urn:cdx:2c9a7e52-3f5d-4e0e-8b21-5d1f6f5f1c78/1"
	want := []sbom.Component{
		{
			Pointer: "/components/0", Line: 7, Parent: -1, Ref: "board-cpu", Type: "device", Name: "CPU board", Version: "C",
			Manufacturer: sbom.Organization{Pointer: "/components/0/manufacturer", Ref: "org-1", Name: "Example Boards", Country: "BV", Region: "Nyrøysa"},
			Supplier:     sbom.Organization{Pointer: "/components/0/supplier", Name: "Example Trading"},
			Properties: []sbom.Property{
				{Pointer: "/components/0/properties/0", Name: "cdx:device:function", Value: "control"},
				{Pointer: "/components/0/properties/1", Name: "yurai:origin:assembled", Value: "BV"},
			},
		},
		{Pointer: "/components/0/components/0", Line: 19, Parent: 0, Nested: 1, Ref: "soc", Type: "device", Name: "EX1000", Ancestors: []sbom.Component{{
			Pointer: "/components/0/components/0/pedigree/ancestors/0", Parent: -1, Ref: "soc-old", Type: "device", Name: "EX900",
		}}},
		{Pointer: "/components/0/components/0/components/0", Line: 24, Parent: 1, Nested: 2, Ref: "rom", Type: "firmware", Name: "boot ROM"},
		{Pointer: "/components/0/components/1", Line: 26, Parent: 0, Nested: 1, Ref: "phy", Type: "device", Name: "EX88"},
		{
			Pointer: "/components/1", Line: 29, Parent: -1, Ref: "fw", Type: "firmware", Group: "example", Name: "relay-fw", Version: "5.2.1",
			PURL:   "pkg:generic/relay-fw@5.2.1",
			Hashes: []sbom.Hash{{Algorithm: "SHA-256", Value: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}},
			ExternalReferences: []sbom.ExternalReference{{
				Pointer: "/components/1/externalReferences/0", Type: "bom", URL: link,
				Hashes: []sbom.Hash{{Algorithm: "SHA-256", Value: "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"}},
			}},
		},
		{
			Pointer: "/metadata/component", Line: 49, Parent: -1, Product: true, Ref: "relay", Type: "device",
			Name: "Protective relay HR-87T", Version: "R4", CPE: product.CPE,
			Supplier: sbom.Organization{Pointer: "/metadata/component/supplier", Name: "Example Trading"},
			Properties: []sbom.Property{
				{Pointer: "/metadata/component/properties/0", Name: "cdx:device:gs1:gtin-13", Value: "4006381333931"},
				{Pointer: "/metadata/component/properties/1", Name: "cdx:device:gs1:gtin-14", Value: "04006381333931"},
			},
		},
	}
	if diff := cmp.Diff(want, doc.Components); diff != "" {
		t.Errorf("components (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]sbom.Composition{
		{Pointer: "/compositions/0", Ref: "comp-1", Aggregate: "complete", Assemblies: []string{"board-cpu", "soc", "phy", "rom"}, Dependencies: []string{"relay"}},
		{Pointer: "/compositions/1", Aggregate: "unknown", Assemblies: []string{link + "#lib"}},
	}, doc.Compositions); diff != "" {
		t.Errorf("compositions (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]sbom.Dependency{
		{Pointer: "/dependencies/0", Ref: "relay", DependsOn: []string{"board-cpu", "fw"}},
		{Pointer: "/dependencies/1", Ref: "fw", Provides: []string{"soc-old"}},
	}, doc.Dependencies); diff != "" {
		t.Errorf("dependencies (-want +got):\n%s", diff)
	}
	root := read(t, doc.Raw)
	for _, c := range doc.Components {
		if got := at(t, root, c.Pointer).(map[string]any)["bom-ref"]; got != c.Ref {
			t.Errorf("pointer %s leads to bom-ref %v, want %s", c.Pointer, got, c.Ref)
		}
	}
}

func TestDocumentOfServices(t *testing.T) {
	doc := admitted(t, "testdata/valid/services-1.5.cdx.json")
	want := []sbom.Service{
		{
			Pointer: "/services/0", Line: 7, Parent: -1, Ref: "svc-update", Name: "firmware update",
			Provider:  sbom.Organization{Pointer: "/services/0/provider", Name: "Example Update Ltd"},
			Endpoints: []string{"https://update.example/v1", "https://eu.update.example/v1"},
			Data: []sbom.DataFlow{{
				Pointer: "/services/0/data/0", Flow: "bi-directional", Classification: "device telemetry", Name: "telemetry",
				Governance: []sbom.Governor{
					{Pointer: "/services/0/data/0/governance/custodians/0", Role: "custodians", Organization: sbom.Organization{Pointer: "/services/0/data/0/governance/custodians/0/organization", Name: "Example Hosting"}},
					{Pointer: "/services/0/data/0/governance/custodians/1", Role: "custodians", Contact: "R. Example"},
					{Pointer: "/services/0/data/0/governance/owners/0", Role: "owners", Organization: sbom.Organization{Pointer: "/services/0/data/0/governance/owners/0/organization", Name: "Example Grid"}},
				},
				Source: []string{"https://device.example"}, Destination: []string{"https://dc.example"},
			}},
			Properties: []sbom.Property{{Pointer: "/services/0/properties/0", Name: "yurai:access:from", Value: "BV"}},
		},
		{Pointer: "/services/0/services/0", Line: 27, Parent: 0, Nested: 1, Ref: "svc-cdn", Group: "update", Name: "content delivery"},
		{Pointer: "/services/1", Line: 29, Parent: -1, Ref: "svc-time", Name: "time"},
	}
	if diff := cmp.Diff(want, doc.Services); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
	if doc.Components != nil || doc.Product != (sbom.Product{}) {
		t.Errorf("a BOM of services has %d components and product %+v", len(doc.Components), doc.Product)
	}
}

func TestDocumentVersion(t *testing.T) {
	for more, want := range map[string]int64{
		"":                             1,
		`"version":1`:                  1,
		`"version":1.0`:                1,
		`"version":12e1`:               120,
		`"version":9007199254740991`:   9007199254740991,
		`"version":9007199254740991.0`: 9007199254740991,
	} {
		doc, findings := sbom.Admit([]byte(bom("1.6", more)), sbom.Limits{})
		if doc == nil {
			t.Errorf("%s: %v", more, findings)
		} else if doc.Version != want {
			t.Errorf("%s: version %d, want %d", more, doc.Version, want)
		}
	}
}

func TestDocumentOrderAndParents(t *testing.T) {
	// Members in an order that no struct has: children before names, parts
	// before the product, the product's own parts first.
	in := `{"components":[{"components":[{"name":"a1","type":"file"}],"type":"file","name":"a"},{"type":"file","name":"b"}],
"specVersion":"1.6",
"metadata":{"component":{"components":[{"type":"file","components":[{"name":"p11","type":"file"}],"name":"p1"}],"name":"p","type":"device"}},
"bomFormat":"CycloneDX"}`
	doc, findings := sbom.Admit([]byte(in), sbom.Limits{})
	if doc == nil || doc.ViewError != nil {
		t.Fatal(findings)
	}
	var got []string
	for _, c := range doc.Components {
		parent := "-"
		if c.Parent >= 0 {
			parent = doc.Components[c.Parent].Name
		}
		got = append(got, fmt.Sprintf("%s of %s, nested %d, product %t, line %d", c.Name, parent, c.Nested, c.Product, c.Line))
	}
	want := []string{
		"a of -, nested 0, product false, line 1",
		"a1 of a, nested 1, product false, line 1",
		"b of -, nested 0, product false, line 1",
		"p of -, nested 0, product true, line 3",
		"p1 of p, nested 1, product false, line 3",
		"p11 of p1, nested 2, product false, line 3",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("components (-want +got):\n%s", diff)
	}
	if doc.Product.Name != "p" {
		t.Errorf("product %q, want p", doc.Product.Name)
	}
}

func ExampleAdmit() {
	doc, findings := sbom.Admit([]byte(`{
  "bomFormat": "CycloneDX",
  "specVersion": "1.6",
  "metadata": {"component": {"type": "device", "name": "Protective relay"}},
  "components": [
    {"type": "device", "name": "CPU board", "bom-ref": "cpu"},
    {"type": "firmware", "name": "relay-fw", "bom-ref": "cpu"}
  ]
}`), sbom.DefaultLimits)
	fmt.Println("admitted:", doc != nil)
	for _, f := range findings {
		fmt.Printf("%s %s line %d: %s\n", f.Code, f.Pointer, f.Line, f.Text)
	}
	// Output:
	// admitted: false
	// BOM-REF-DUPLICATE /components/1/bom-ref line 7: bom-ref "cpu" is also on line 6
}

func TestDocumentOfOldTools(t *testing.T) {
	doc := admitted(t, "testdata/valid/router-1.2.cdx.json")
	if diff := cmp.Diff([]sbom.Tool{{Pointer: "/metadata/tools/0", Vendor: "Example Tools", Name: "bom writer", Version: "0.9"}}, doc.Tools); diff != "" {
		t.Errorf("tools (-want +got):\n%s", diff)
	}
	if len(doc.Components) != 2 || doc.Product.Maker != "Example Networks" || doc.Components[1].Publisher != "Example Networks" {
		t.Errorf("components %+v, product %+v", doc.Components, doc.Product)
	}
	flow := []sbom.DataFlow{{Pointer: "/services/0/data/0", Flow: "outbound", Classification: "configuration"}}
	if diff := cmp.Diff(flow, doc.Services[0].Data); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}
	if doc.Sharing != "" || doc.Citations != nil {
		t.Errorf("1.2 has sharing %q and citations %v", doc.Sharing, doc.Citations)
	}
}

func TestDocumentOf17(t *testing.T) {
	doc := admitted(t, "testdata/valid/gateway-1.7.cdx.json")
	tools := []sbom.Tool{
		{Pointer: "/metadata/tools/components/0", Vendor: "Example Tools", Name: "bom writer", Version: "3.1"},
		{Pointer: "/metadata/tools/services/0", Vendor: "Example Data", Name: "bom enricher"},
	}
	if diff := cmp.Diff(tools, doc.Tools); diff != "" {
		t.Errorf("tools (-want +got):\n%s", diff)
	}
	if doc.Sharing != "AMBER" {
		t.Errorf("sharing %q, want AMBER", doc.Sharing)
	}
	cited := []sbom.Citation{{
		Pointer: "/citations/0", Ref: "customs", Pointers: []string{"/components/0/properties/0/value"},
		Timestamp: "2026-11-20T00:00:00Z", AttributedTo: "modem-maker", Attributed: true, Note: "declaration of origin 77-12",
	}}
	if diff := cmp.Diff(cited, doc.Citations); diff != "" {
		t.Errorf("citations (-want +got):\n%s", diff)
	}
	var tls *sbom.Component
	for i := range doc.Components {
		if c := &doc.Components[i]; c.Ref == "tls" {
			tls = c
		} else if c.External || c.VersionRange != "" {
			t.Errorf("%s is external, range %q", c.Ref, c.VersionRange)
		}
	}
	if tls == nil || !tls.External || tls.VersionRange != "vers:generic/>=3.0|<4.0" || tls.Version != "" {
		t.Errorf("external component %+v", tls)
	}
}

// Valid documents that say what they can say are clean.
func TestLintFindsNothing(t *testing.T) {
	for _, file := range []string{"testdata/valid/gateway-1.7.cdx.json"} {
		doc := admitted(t, file)
		if list := append(sbom.Lint(doc, sbom.Limits{}), origin.Lint(doc)...); len(list) > 0 {
			t.Errorf("%s: %+v", file, list)
		}
	}
}

// What a document as a whole refers to is in its view, wherever it stands in the
// file; references of its parts are not.
func TestReferencesOfDocument(t *testing.T) {
	raw := `{"externalReferences": [{"type": "website", "url": "https://a.example"}, {"type": "bom", "url": "b", "hashes": [{"alg": "SHA-512", "content": "` + strings.Repeat("ab", 64) + `"}]}],
 "bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{"type": "library", "name": "x", "externalReferences": [{"type": "bom", "url": "c"}]}]}`
	doc, findings := sbom.Admit([]byte(raw), sbom.DefaultLimits)
	if doc == nil {
		t.Fatal(findings)
	}
	want := []sbom.ExternalReference{
		{Pointer: "/externalReferences/0", Type: "website", URL: "https://a.example"},
		{Pointer: "/externalReferences/1", Type: "bom", URL: "b", Hashes: []sbom.Hash{{Algorithm: "SHA-512", Value: strings.Repeat("ab", 64)}}},
	}
	if diff := cmp.Diff(want, doc.ExternalReferences); diff != "" {
		t.Errorf("references (-want +got):\n%s", diff)
	}
	if doc.Link() != (sbom.Link{Version: 1}) {
		t.Errorf("a document without a serial number is named by %+v", doc.Link())
	}
}

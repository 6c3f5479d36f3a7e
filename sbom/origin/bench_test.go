package origin_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
)

// hardware returns a BOM of n parts that tell what a careful vendor tells.
func hardware(n int) []byte {
	var b strings.Builder
	b.WriteString(`{"bomFormat":"CycloneDX","specVersion":"1.6","components":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `
  {"type": "device", "bom-ref": "part-%[1]d", "name": "NX-%[1]d", "version": "C",
   "manufacturer": {"name": "Maker %[2]d", "address": {"country": "MY"}}, "supplier": {"name": "Seller %[2]d"},
   "properties": [
    {"name": "cdx:device:function", "value": "compute"},
    {"name": "cdx:device:quantity", "value": "%[3]d"},
    {"name": "yurai:origin:manufactured", "value": "MY=70;JP=30|number of parts"},
    {"name": "yurai:origin:assembled", "value": "JP"},
    {"name": "yurai:party:maker:id", "value": "x:maker-%[2]d"},
    {"name": "yurai:party:maker:registered", "value": "MY"}]}`, i, i%97, 1+i%9)
	}
	b.WriteString("]}")
	return []byte(b.String())
}

// BenchmarkRead reads the facts of an admitted document of 2 MB.
func BenchmarkRead(b *testing.B) {
	n := 1000
	for len(hardware(n)) < 2_000_000 {
		n += 100
	}
	raw := hardware(n)
	doc, findings := sbom.Admit(raw, sbom.DefaultLimits)
	if doc == nil {
		b.Fatal(sbom.FirstError(findings))
	}
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	facts := 0
	for b.Loop() {
		facts = len(origin.Read(doc).Components)
	}
	b.ReportMetric(float64(facts), "read")
	b.ReportMetric(float64(n), "components")
}

// TestVersions reads the same device from each version that is admitted, with
// what that version can tell.
func TestVersions(t *testing.T) {
	for _, version := range sbom.SpecVersions() {
		properties := `, "properties": [{"name": "yurai:origin:manufactured", "value": "BV"}]`
		want := origin.True
		if version == "1.2" {
			properties, want = "", origin.Unknown // which has no properties
		}
		raw := fmt.Sprintf(`{"bomFormat": "CycloneDX", "specVersion": %q, "version": 1, "components": [{"type": "device", "name": "d", "version": "1", "supplier": {"name": "S"}%s}]}`, version, properties)
		doc, findings := sbom.Admit([]byte(raw), sbom.DefaultLimits)
		if doc == nil {
			t.Errorf("%s: %v", version, sbom.FirstError(findings))
			continue
		}
		bv, err := origin.NewCodes([]string{"BV"})
		if err != nil {
			t.Fatal(err)
		}
		s := &origin.Read(doc).Components[0]
		if got := s.Made(bv, origin.Asserted).Truth; got != want || s.Party(origin.RoleSeller).Name != "S" {
			t.Errorf("%s: made = %s, want %s; seller %q", version, got, want, s.Party(origin.RoleSeller).Name)
		}
	}
}

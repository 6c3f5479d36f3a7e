package origin

import (
	"fmt"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom"
)

// told lists the parties of a document as role=name.
func told(t *testing.T, raw string) string {
	t.Helper()
	doc, findings := sbom.Admit([]byte(raw), sbom.DefaultLimits)
	if doc == nil {
		t.Fatal(findings)
	}
	var out []string
	for _, p := range Read(doc).Parties() {
		out = append(out, fmt.Sprintf("%s=%s@%s", p.Role, p.Name, p.Pointer))
	}
	return strings.Join(out, " ")
}

// Who metadata says made or supplies the product is looked at as whoever the
// product names itself, and beside it; and who answers for data wherever it stands.
func TestPartiesBesideTheProduct(t *testing.T) {
	const product = "/metadata/component"
	for _, c := range []struct{ name, version, metadata, component, want string }{
		{"nobody", "1.5", "", "", "maker=@" + product},
		{"a maker until 1.5", "1.5", `"manufacture": {"name": "Kurokami"}`, "", "maker=Kurokami@/metadata/manufacture"},
		{"who wrote the document is no maker", "1.6", `"manufacturer": {"name": "Scribe"}`, "", "maker=@" + product},
		{"a seller", "1.6", `"supplier": {"name": "Kurokami"}`, `"manufacturer": {"name": "Hoshino"}`, "maker=Hoshino@" + product + "/manufacturer seller=Kurokami@/metadata/supplier"},
		{"another seller", "1.6", `"supplier": {"name": "Kurokami"}`, `"manufacturer": {"name": "A"}, "supplier": {"name": "B"}`, "maker=A@" + product + "/manufacturer seller=B@" + product + "/supplier seller=Kurokami@/metadata/supplier"},
		{"the same seller", "1.6", `"supplier": {"name": "B"}`, `"manufacturer": {"name": "A"}, "supplier": {"name": "B"}`, "maker=A@" + product + "/manufacturer seller=B@" + product + "/supplier"},
		{"a seller without a name", "1.6", `"supplier": {"address": {"country": "BV"}}`, `"manufacturer": {"name": "A"}, "supplier": {"name": "B"}`, "maker=A@" + product + "/manufacturer seller=B@" + product + "/supplier"},
		{
			"custodians of data", "1.6", "", `"manufacturer": {"name": "A"}, "data": [{"type": "dataset", "governance": {"custodians": [{"organization": {"name": "Kurokami"}}], "owners": [{"contact": {"name": "Taro"}}]}}]`,
			"maker=A@" + product + "/manufacturer custodians=Kurokami@" + product + "/data/0/governance/custodians/0/organization owners=Taro@" + product + "/data/0/governance/owners/0",
		},
	} {
		raw := `{"bomFormat": "CycloneDX", "specVersion": "` + c.version + `", "metadata": {` + c.metadata
		if c.metadata != "" {
			raw += ", "
		}
		raw += `"component": {"type": "data", "name": "x"`
		if c.component != "" {
			raw += ", " + c.component
		}
		if got := told(t, raw+"}}}"); got != c.want {
			t.Errorf("%s: %s\nwant %s", c.name, got, c.want)
		}
	}
	// Two names in one role are no one's, and an address accuses.
	doc, _ := sbom.Admit([]byte(`{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"supplier": {"name": "C", "address": {"country": "BV"}},
 "component": {"type": "device", "name": "x", "supplier": {"name": "B"}, "properties": [{"name": "yurai:party:seller:registered", "value": "JP"}]}}}`), sbom.DefaultLimits)
	p := Read(doc).Components[0].Party(RoleSeller)
	if a := p.RegisteredIn(codes(t, "BV"), Asserted); p.State != Contradicted || a.Truth != True || a.Firm {
		t.Errorf("%s %+v", p.State, a)
	}
}

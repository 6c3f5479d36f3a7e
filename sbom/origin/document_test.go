package origin_test

import (
	"testing"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
)

const attested = `{"bomFormat": "CycloneDX", "specVersion": "1.7", "version": 1,
"metadata": {
 "manufacturer": {"bom-ref": "author", "name": "Author"},
 "component": {"type": "device", "bom-ref": "relay", "name": "R", "manufacturer": {"bom-ref": "maker", "name": "M"}}},
"components": [
 {"type": "device", "bom-ref": "chip", "name": "C",
  "pedigree": {"ancestors": [{"type": "device", "name": "old", "manufacturer": {"name": "Old", "address": {"country": "BV"}},
   "properties": [{"name": "yurai:origin:manufactured", "value": "BV"}],
   "pedigree": {"ancestors": [{"type": "device", "name": "older"}]}}]},
  "properties": [{"name": "yurai:origin:manufactured", "value": "JP"}, {"name": "yurai:origin:assembled", "value": "JP"}]}],
"services": [{"bom-ref": "hist", "name": "historian", "provider": {"name": "P", "address": {"country": "JP"}},
 "data": [{"flow": "outbound", "classification": "customer", "governance": {"owners": [{"organization": {"name": "O", "address": {"country": "BV"}}}], "custodians": [{"contact": {"name": "K"}}]}}]}],
"citations": [{"pointers": ["/components/0/properties/1/value"], "timestamp": "2026-11-20T00:00:00Z", "attributedTo": "lab-org"}],
"declarations": {
 "assessors": [{"bom-ref": "lab", "thirdParty": true, "organization": {"bom-ref": "lab-org", "name": "Laboratory"}}],
 "claims": [{"bom-ref": "claim", "target": "chip", "predicate": "yurai:origin:manufactured=JP"}],
 "attestations": [{"summary": "s", "assessor": "lab", "map": [{"requirement": "req", "claims": ["claim"], "conformance": {"score": 1}}]}]},
"definitions": {"standards": [{"name": "risk management", "requirements": [{"bom-ref": "req", "identifier": "rm/1.1"}]}]}}`

// TestWholeDocument reads everything from bytes as they are admitted.
func TestWholeDocument(t *testing.T) {
	doc, findings := sbom.Admit([]byte(attested), sbom.DefaultLimits)
	if doc == nil || doc.ViewError != nil {
		t.Fatal(sbom.FirstError(findings), doc)
	}
	for _, f := range sbom.Lint(doc, sbom.DefaultLimits) {
		if f.Code == "BOM-PROPERTY-UNREAD" {
			t.Errorf("lint: %+v", f)
		}
	}
	f := origin.Read(doc)
	var chip *origin.Subject
	for i := range f.Components {
		if f.Components[i].Ref == "chip" {
			chip = &f.Components[i]
		}
	}
	if got := chip.Facts[0]; got.Strength != origin.Attested || got.By[0] != "/declarations/attestations/0" {
		t.Errorf("manufactured = %+v", got)
	}
	if got := chip.Facts[1]; got.Strength != origin.Cited || got.By[0] != "/citations/0" {
		t.Errorf("assembled = %+v", got)
	}
	if got := chip.Attested("rm/1.1", origin.Attested); got != (origin.Answer{Truth: origin.True, Firm: true}) {
		t.Errorf("attested = %+v", got)
	}
	bv, err := origin.NewCodes([]string{"BV"})
	if err != nil {
		t.Fatal(err)
	}
	de, err := origin.NewCodes([]string{"DE"})
	if err != nil {
		t.Fatal(err)
	}
	if got := chip.Made(bv, origin.Asserted); got != (origin.Answer{Truth: origin.True}) || len(chip.Ancestors) != 2 {
		t.Errorf("relabelled: %+v of %+v", got, chip.Ancestors)
	}
	if got := chip.Made(de, origin.Cited).Truth; got != origin.False {
		t.Errorf("made elsewhere, cited: %s", got)
	}
	if got := chip.Party(origin.RoleAncestor); got.Name != "Old" || got.RegisteredIn(bv, origin.Asserted).Truth != origin.True {
		t.Errorf("ancestor = %+v", got)
	}
	service := &f.Services[0]
	if service.Carries([]string{"Customer"}, origin.Asserted) != (origin.Answer{Truth: origin.True, Firm: true}) {
		t.Errorf("flows = %+v", service.Flows)
	}
	if p := service.Party(origin.RoleOwners); p.Name != "O" || p.RegisteredIn(bv, origin.Asserted).Truth != origin.True {
		t.Errorf("owners = %+v", p)
	}
	if p := service.Party(origin.RoleCustodians); p.Name != "K" || p.Pointer != "/services/0/data/0/governance/custodians/0" {
		t.Errorf("custodians = %+v", p)
	}
	if p := service.Party(origin.RoleProvider); p.RegisteredIn(bv, origin.Asserted).Truth != origin.Unknown {
		t.Errorf("an address clears: %+v", p)
	}
}

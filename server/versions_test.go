package server

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"testing"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/envelope"
)

// A new ledger's admission opens every version that package sbom admits.
func TestSubmitEveryVersion(t *testing.T) {
	r := serve(t, newLedger(t))
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	for i, version := range sbom.SpecVersions() {
		raw := fmt.Appendf(nil, `{"bomFormat": "CycloneDX", "specVersion": %q, "version": %d,
 "metadata": {"component": {"type": "device", "bom-ref": "relay", "name": "HR-87T", "version": "C", "supplier": {"name": "Hoshino Relay K.K."}}}}
`, version, i+1)
		b := r.accepted(t, http.StatusCreated, signBOM(t, bomBody(t, vendor, raw), key), raw)
		if want := "application/vnd.cyclonedx+json; version=" + version; len(b.Blobs) != 1 || b.Blobs[0].MediaType != want {
			t.Errorf("version %s: blobs %+v, want %s", version, b.Blobs, want)
		}
		if ev := r.evidence(t, b); ev.Index != int64(3+i) {
			t.Errorf("version %s is entry %d, want %d", version, ev.Index, 3+i)
		}
	}
}

// A document that two readers read as two is refused, whoever signed it.
func TestSubmitRefusesTwoDocuments(t *testing.T) {
	r := serve(t, newLedger(t))
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	plain := newBOM(serialA, 1, "HR-87T")
	for name, c := range map[string]struct{ version, properties, code string }{
		"a property of ours that is none": {"1.6", `[{"name": "yurai:origin:made", "value": "JP"}]`, "ORIGIN-NAME-UNKNOWN"},
		"a property that looks like ours": {"1.6", `[{"name": "уurai:origin:manufactured", "value": "JP"}]`, "ORIGIN-NAME-UNKNOWN"},
		"a member in other case":          {"1.5", `[{"Name": "yurai:origin:manufactured", "Value": "JP"}]`, "BOM-MEMBER-CASE"},
		"a member that 1.3 does not name": {"1.3", `[], "country": "JP"`, "BOM-SCHEMA-STRICT"},
	} {
		raw := fmt.Appendf(nil, `{"bomFormat": "CycloneDX", "specVersion": %q, "version": 1, "components": [
  {"type": "device", "name": "board", "version": "1", "properties": %s}]}`, c.version, c.properties)
		said := bomBody(t, vendor, plain)
		said.Digest, said.Size = sha256.Sum256(raw), int64(len(raw))
		a := r.submits(t, signBOM(t, said, key), raw)
		if a.status != http.StatusUnprocessableEntity || codeOf(t, a) != c.code {
			t.Errorf("%s: %d %s, want 422 %s", name, a.status, a.body, c.code)
		}
	}
}

package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
)

// TestDemoBOMs holds the demo's bills of materials to what the demo promises of
// them: nothing to find for the linter, every origin fully stated, all of it
// stated complete, and the same bytes each time.
func TestDemoBOMs(t *testing.T) {
	first, err := newDemoInputs(demoFirmwareSize)
	if err != nil {
		t.Fatal(err)
	}
	again, err := newDemoInputs(demoFirmwareSize)
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range first.files() {
		if !bytes.Equal(raw, again.files()[name]) {
			t.Errorf("%s: two runs give two files", name)
		}
	}
	bouvet, err := origin.NewCodes([]string{"BV"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name        string
		raw         []byte
		least, most int
		made        int // components made in BV
	}{
		{"relay", first.relay, 60, 120, 0},
		{"relay as delivered", first.moved, 60, 120, 0},
		{"relay with a part from elsewhere", first.elsewhere, 60, 120, 1},
		{"relay never logged", first.unlogged, 60, 120, 0},
		{"firmware", first.firmware, demoFirmwareSize + 1, demoFirmwareSize + 1, 0},
		{"service abroad", first.abroad, 1, 1, 0},
		{"service at home", first.word, 1, 1, 0},
		{"service at home, attested", first.attested, 1, 1, 0},
		{"firmware of a thief", first.thief, demoThiefSize + 1, demoThiefSize + 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc, findings := sbom.Admit(c.raw, sbom.DefaultLimits)
			if len(findings) > 0 {
				t.Fatalf("Admit found %d things, first %+v", len(findings), findings[0])
			}
			if n := len(doc.Components); n < c.least || n > c.most {
				t.Errorf("%d components, want %d to %d", n, c.least, c.most)
			}
			if found := append(sbom.Lint(doc, sbom.DefaultLimits), origin.Lint(doc)...); len(found) > 0 {
				t.Fatalf("lint found %d things, first %+v", len(found), found[0])
			}
			facts := origin.Read(doc)
			if len(facts.Findings) > 0 {
				t.Fatalf("origin found %d things, first %+v", len(facts.Findings), facts.Findings[0])
			}
			made := 0
			for i := range facts.Components {
				s := &facts.Components[i]
				if !s.MadeKnown(origin.Asserted) {
					t.Errorf("%s (%s): it is not fully stated where it was made", s.Ref, s.Pointer)
				}
				if s.Made(bouvet, origin.Asserted).Truth == origin.True {
					made++
				}
			}
			if made != c.made {
				t.Errorf("%d components made in BV, want %d", made, c.made)
			}
			if got := facts.DocumentComplete(nil); got != origin.True {
				t.Errorf("complete = %v, want true", got)
			}
			if got := facts.ServicesComplete(); got != origin.True {
				t.Errorf("services complete = %v, want true", got)
			}
		})
	}
	t.Run("link", func(t *testing.T) {
		doc, _ := sbom.Admit(first.relay, sbom.DefaultLimits)
		fw, _ := sbom.Admit(first.firmware, sbom.DefaultLimits)
		if doc == nil || fw == nil {
			t.Fatal("not admitted")
		}
		links := origin.Read(doc).Links()
		if len(links) != 1 {
			t.Fatalf("%d links, want 1", len(links))
		}
		want := "urn:cdx:" + strings.TrimPrefix(fw.SerialNumber, "urn:uuid:") + "/1"
		if links[0].URL != want || "sha256:"+links[0].Hashes[0].Value != fw.DigestString() {
			t.Errorf("link %s with %v, want %s with %s", links[0].URL, links[0].Hashes, want, fw.DigestString())
		}
	})
	t.Run("one byte", func(t *testing.T) {
		changed := demoTamper(first.relay)
		n := 0
		for i := range changed {
			if changed[i] != first.relay[i] {
				n++
			}
		}
		if n != 1 || len(changed) != len(first.relay) {
			t.Errorf("%d bytes differ, want 1", n)
		}
		if _, findings := sbom.Admit(changed, sbom.DefaultLimits); sbom.FirstError(findings) != nil {
			t.Errorf("the changed file is no admissible BOM: %v; the scene should show a change that only the digest sees", findings[0])
		}
	})
	t.Run("serial numbers", func(t *testing.T) {
		seen := make(map[string]string)
		for name, raw := range first.files() {
			doc, _ := sbom.Admit(raw, sbom.DefaultLimits)
			if doc == nil || name == "relay-changed.cdx.json" {
				continue
			}
			if other, ok := seen[doc.SerialNumber]; ok {
				t.Errorf("%s and %s share a serial number: the log would call them equivocal", name, other)
			}
			seen[doc.SerialNumber] = name
		}
	})
}

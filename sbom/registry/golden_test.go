package registry

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

var update = flag.Bool("update", false, "write golden files of formats not yet published")

// goldenLog is a log of every kind, each entry as body and signers. Entries with
// an ECDSA signature were made once; their bytes are kept, not made again.
func goldenLog(t testing.TB) []struct {
	name string
	body any
	by   []string
} {
	held := with(bomBody("x:a", "held"), func(b *statement.BOM) {
		b.Log, b.SerialNumber, b.Version, b.Disclosure = "", "", 0, statement.DisclosureHeld
		b.Product = &statement.Product{Commit: digest("commitment")}
	})
	corrected := with(bomBody("x:a", "corrected"), func(b *statement.BOM) {
		b.Version, b.Note = 2, "the board was revision C"
		b.Product = &statement.Product{Name: "HR-87T", Version: "C", Maker: "x:a", GTIN: "04912345678904", CPE: "cpe:2.3:h:a:hr-87t:c:*:*:*:*:*:*:*", PURL: "pkg:generic/hr-87t@C"}
		b.Supersedes = &statement.Supersedes{Position: statement.Position{Log: origin, Index: 3}, Reason: statement.ReasonCorrection}
	})
	return []struct {
		name string
		body any
		by   []string
	}{
		{"0-genesis", genesisBody(t), []string{"r1", "r2"}},
		{"1-admission", with(admissionBody(), func(a *statement.Admission) {
			a.Kinds = []statement.Kind{statement.KindBOM, statement.KindParty}
		}), []string{"r1", "r3"}},
		{"2-party-ecdsa", partyBody(t, "x:a", 2, "a1", "a2", "p256a"), []string{"r1", "r2", "a1", "a2", "p256a"}},
		{"3-bom", bomBody("x:a", "bytes"), []string{"a1", "a2"}},
		{"4-bom-ecdsa", corrected, []string{"a1", "p256a"}},
		{"5-bom-held", held, []string{"a1", "a2"}},
		{"6-party", partyBody(t, "lei:5493001KJTIIGC8Y1R12", 1, "b1"), []string{"r2", "r3", "b1"}},
		{"7-status", statement.Status{
			Head: head(), BOM: digest("bytes"), Size: 7, Root: digest("root"), About: "x:a", Entries: []int64{2, 3, 4},
		}, []string{"log"}},
	}
}

// TestGoldenLeaves holds a leaf of every kind, its hash and its identity against
// files that never change, and replays them as a log.
func TestGoldenLeaves(t *testing.T) {
	h := NewHistory(origin)
	var table strings.Builder
	for i, g := range goldenLog(t) {
		path := filepath.Join("testdata", g.name+".leaf")
		random := strings.HasSuffix(g.name, "-ecdsa")
		if _, err := os.Stat(path); *update && err != nil {
			if err := os.WriteFile(path, sign(t, g.body, g.by...), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		leaf, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !random && !bytes.Equal(leaf, sign(t, g.body, g.by...)) {
			t.Errorf("%s: leaf\n%s\nwant\n%s", g.name, sign(t, g.body, g.by...), leaf)
		}
		p, err := h.State().OpenLeaf(leaf)
		if err != nil {
			t.Fatalf("%s: %v", g.name, err)
		}
		if !bytes.Equal(payload(t, g.body), mustParse(t, leaf).Payload()) {
			t.Errorf("%s: another payload", g.name)
		}
		fmt.Fprintf(&table, "%s %s %x\n", g.name, p.LeafHash(), p.Identity())
		if g.name == "7-status" {
			wantCode(t, h.Apply(int64(i), p), "STATE-KIND-NEVER")
			continue
		}
		if err := h.Apply(int64(i), p); err != nil {
			t.Fatalf("%s: %v", g.name, err)
		}
	}
	path := filepath.Join("testdata", "leaves.txt")
	if _, err := os.Stat(path); *update && err != nil {
		if err := os.WriteFile(path, []byte(table.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if table.String() != string(want) {
		t.Errorf("leaf hashes and identities\n%swant\n%s", table.String(), want)
	}
	if s, ok := h.Standing(3, 7); !ok || s.Word != Superseded || !s.Corrected() {
		t.Errorf("entry 3 is %+v", s)
	}
}

func mustParse(t testing.TB, leaf []byte) *envelope.Envelope {
	t.Helper()
	e, err := envelope.ParseLeaf(leaf)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

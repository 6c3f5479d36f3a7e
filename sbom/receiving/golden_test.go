package receiving_test

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/receiving"
)

// golden compares bytes with a published file. UPDATE=1 writes it: a change of
// one is a change of format and has a line in CHANGELOG.md.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE") == "1" {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s is published as\n%s\nand now comes out as\n%s", path, want, got)
	}
}

// The bundle and the verdict, byte for byte; and the published bundle, read
// back, still gives the published verdict.
func TestGolden(t *testing.T) {
	w := newWorld(t, origin, 0)
	whole := w.bundle(w.bom(bill, nil))
	whole.Blobs = []receiving.Blob{{Digest: sha256.Sum256([]byte(bill)), Size: int64(len(bill)), MediaType: "application/vnd.cyclonedx+json; version=1.6"}}
	raw, err := whole.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "bundle.json", raw)
	published, err := os.ReadFile(filepath.Join("testdata", "bundle.json"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := receiving.ParseBundle(published)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]*receiving.Verdict{"accept": w.check(bill, b, nil), "hold": w.check(bill, nil, nil)} {
		line, err := v.JSON()
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "verdict-"+name+".json", append(line, '\n'))
		canonical, err := v.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "verdict-"+name+".canonical.json", canonical)
	}
}

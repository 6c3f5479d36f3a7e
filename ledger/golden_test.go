package ledger_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/yurai-ledger/yurai/ledger"
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

// The formats that can never change again, byte for byte.
func TestGolden(t *testing.T) {
	signers, verifiers := keys(t, origin)
	golden(t, "checkpoint-ed25519.key", signers[0].Marshal())
	golden(t, "checkpoint-mldsa44.key", signers[1].Marshal())
	golden(t, "checkpoint.note", signed(t, ledger.Checkpoint{Origin: origin, Size: 7, Root: ledger.LeafHash([]byte("root"))}))
	golden(t, "checkpoint-empty.note", signed(t, ledger.Checkpoint{Origin: origin, Root: ledger.EmptyRoot}))
	trust := &ledger.Trust{
		Version: 1, Expires: at, Policy: &ledger.PolicyPin{ID: "demo", Signer: "x:demo", Version: 1},
		Logs: []ledger.TrustedLog{{Origin: origin, Genesis: ledger.LeafHash([]byte("g")), Keys: verifiers}},
	}
	raw, err := trust.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "trust.json", raw)
	golden(t, "bundle.entries", ledger.AppendBundleEntry(ledger.AppendBundleEntry(nil, []byte("one")), []byte("two")))
}

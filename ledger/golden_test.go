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
	cosignedFiles(t, verifiers)
	golden(t, "bundle.entries", ledger.AppendBundleEntry(ledger.AppendBundleEntry(nil, []byte("one")), []byte("two")))
}

// cosignedFiles are the files of witnesses: keys of both kinds, a checkpoint that both
// cosigned, a proof that rests on it, and a trust file that demands both.
func cosignedFiles(t *testing.T, logs []*ledger.Verifier) {
	t.Helper()
	ed, edKey := cosigner(t, ledger.CosignatureV1, "witness.example/w1", 40)
	ml, mlKey := cosigner(t, ledger.MLDSA44, "witness.example/w2", 41)
	golden(t, "cosigner-ed25519.key", ed.Marshal())
	golden(t, "cosigner-mldsa44.key", ml.Marshal())
	tree := leaves(7)
	c := ledger.Checkpoint{Origin: origin, Size: 7, Root: tree.mth(0, 7)}
	note := append(signed(t, c), cosign(t, ed, c, at)+cosign(t, ml, c, at)...)
	golden(t, "checkpoint-cosigned.note", note)
	hashes, err := ledger.ProveInclusion(tree, 7, 3)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "leaf3.tlog-proof", format(t, ledger.Proof{Index: 3, Hashes: hashes, Extra: []byte("leaf 3"), Note: note}))
	trust := &ledger.Trust{
		Version: 1, Expires: at, Logs: []ledger.TrustedLog{{Origin: origin, Genesis: ledger.LeafHash([]byte("g")), Keys: logs}},
		Witnesses: policyOf(t, "# both\nwitness first "+edKey.String()+" https://witness.example/w1\nwitness second "+mlKey.String()+"\ngroup both all first second\nquorum both\n"),
	}
	raw, err := trust.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "trust-witnesses.json", raw)
	p, err := ledger.ParseProof(readGolden(t, "leaf3.tlog-proof"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := ledger.ParseTrust(readGolden(t, "trust-witnesses.json"))
	if err != nil {
		t.Fatal(err)
	}
	if _, got, err := p.Verify(tree[3], origin, again.Logs[0].Keys, again.Witnesses); err != nil || len(got) != 2 {
		t.Errorf("the published proof: %d cosignatures, %v", len(got), err)
	}
}

func readGolden(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

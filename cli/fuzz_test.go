package cli

import (
	"bytes"
	"crypto/rand"
	"os"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
)

// FuzzState: what is read as an auditor's state is a tree of this log, and is
// written back as the same.
func FuzzState(f *testing.F) {
	const origin = "ledger.example/fuzz"
	signer, err := ledger.NewSigner(ledger.Ed25519, origin, rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	verifier, err := ledger.ParseVerifier(signer.VKey())
	if err != nil {
		f.Fatal(err)
	}
	log := ledger.TrustedLog{Origin: origin, Keys: []*ledger.Verifier{verifier}}
	head := ledger.Checkpoint{Origin: origin, Size: 7, Root: ledger.LeafHash([]byte("x"))}
	note, err := ledger.SignCheckpoint(head, time.Unix(1, 0), signer)
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []auditState{newState(head, note), newState(head, nil)} {
		raw, err := s.marshal()
		if err != nil {
			f.Fatal(err)
		}
		if got, err := parseState(raw, log); err != nil || got.checkpoint != head || !bytes.Equal(got.note, s.note) {
			f.Fatalf("parseState of %s = %+v, %v", raw, got, err)
		}
		f.Add(raw)
		f.Add(bytes.Replace(raw, []byte("7"), []byte("8"), 1))
	}
	if seeds, err := os.ReadDir("testdata/fuzz/FuzzState"); err != nil || len(seeds) == 0 {
		f.Fatalf("no seeds in testdata/fuzz/FuzzState: %v", err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := parseState(raw, log)
		if err != nil {
			if !codeIs(err, "CLI-STATE-MALFORMED") {
				t.Fatalf("error %v without its code", err)
			}
			return
		}
		if s.checkpoint.Origin != origin || s.checkpoint.Size < 0 || s.checkpoint.Root.IsZero() {
			t.Fatalf("%s gives %+v", raw, s.checkpoint)
		}
		again, err := s.marshal()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := parseState(again, log); err != nil || back.checkpoint != s.checkpoint || !bytes.Equal(back.note, s.note) {
			t.Fatalf("%s comes back as %+v, %v", raw, back, err)
		}
	})
}

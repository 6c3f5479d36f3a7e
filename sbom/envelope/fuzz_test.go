package envelope

import (
	"bytes"
	"errors"
	"testing"
)

// seeds fails the target if its committed seeds are gone.
func seeds(f *testing.F) {
	f.Helper()
	for _, payload := range []string{"", "p", `{"_type":"x"}`} {
		ed, p256 := fixedSigner(f, Ed25519, "seed"), fixedSigner(f, ECDSAP256, "seed")
		f.Add(mustSign(f, payload, ed))
		f.Add(mustSign(f, payload, ed, p256))
	}
	requireCorpus(f)
}

func refusal(t *testing.T, err error) {
	t.Helper()
	var coded interface{ Code() string }
	if !errors.As(err, &coded) {
		t.Fatalf("%v has no code", err)
	}
}

// FuzzParseLeaf: what is accepted encodes back to the same bytes, and is an
// envelope for the other parser too.
func FuzzParseLeaf(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := ParseLeaf(raw)
		if err != nil {
			refusal(t, err)
			return
		}
		out, err := e.Marshal()
		if err != nil || !bytes.Equal(out, raw) {
			t.Fatalf("%s comes back as %s, %v", raw, out, err)
		}
		other, err := Parse(raw)
		if err != nil {
			t.Fatalf("a leaf is no envelope: %v", err)
		}
		if out, err := other.Marshal(); err != nil || !bytes.Equal(out, raw) {
			t.Fatalf("%s normalises to %s, %v", raw, out, err)
		}
	})
}

// FuzzParse: what is accepted and marshals is a leaf, and stays the same.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := Parse(raw)
		if err != nil {
			refusal(t, err)
			return
		}
		leaf, err := e.Marshal()
		if err != nil {
			refusal(t, err)
			return
		}
		back, err := ParseLeaf(leaf)
		if err != nil {
			t.Fatalf("%s is no leaf: %v", leaf, err)
		}
		if !bytes.Equal(back.Payload(), e.Payload()) {
			t.Fatal("another payload comes back")
		}
	})
}

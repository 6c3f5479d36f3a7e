package filestore

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

const testOrigin = "ledger.example/test"

func testSigners(t testing.TB) []*ledger.Signer {
	t.Helper()
	var list []*ledger.Signer
	for _, a := range []ledger.Algorithm{ledger.Ed25519, ledger.MLDSA44} {
		s, err := ledger.NewSigner(a, testOrigin, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

func TestLogReopens(t *testing.T) {
	dir := t.TempDir() + "/log"
	o := Options{Origin: testOrigin, layout: &layout{segment: 256, step: 1 << 14, journal: 1 << 16, settle: 300}}
	if err := Create(dir, o, time.Now()); err != nil {
		t.Fatal(err)
	}
	signers := testSigners(t)
	size := int64(0)
	for range 5 {
		s, err := Open(dir, o)
		if err != nil {
			t.Fatal(err)
		}
		l, err := sequencer.Open(context.Background(), sequencer.Config{Origin: testOrigin, Store: s, Signers: signers, Clock: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		if l.Size() != size {
			t.Fatalf("size %d, want %d", l.Size(), size)
		}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() { done <- l.Run(ctx) }()
		for i := range int64(200) {
			r, err := l.Add(context.Background(), sequencer.Entry{Leaf: fmt.Appendf(nil, "leaf %d", size+i)})
			if err != nil {
				t.Fatal(err)
			}
			if r.Index != size+i {
				t.Fatal(r.Index)
			}
		}
		size += 200
		for i := range size {
			b, err := l.Leaf(i)
			if err != nil || string(b) != fmt.Sprintf("leaf %d", i) {
				t.Fatalf("leaf %d: %q, %v", i, b, err)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

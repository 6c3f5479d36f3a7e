package index

import (
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRecent(t *testing.T) {
	var r Recent
	leaf := func(i int) (h [32]byte) { binary.BigEndian.PutUint64(h[:], uint64(i)); return h }
	of := func(s string) []Term { return []Term{{BOMDigest, []byte(s)}} }
	takes := func(i int, want []Term, known bool) {
		t.Helper()
		if got, ok := r.Take(leaf(i)); ok != known || !cmp.Equal(got, want) {
			t.Errorf("leaf %d: %v, %v; want %v, %v", i, got, ok, want, known)
		}
	}
	takes(0, nil, false)
	r.Put(leaf(0), of("a"))
	r.Put(leaf(1), nil) // a leaf without terms is known too
	takes(2, nil, false)
	takes(0, of("a"), true)
	takes(0, nil, false) // once
	takes(1, nil, true)
	for i := range 3*maxRecent + 5 {
		r.Put(leaf(i), of("b"))
	}
	takes(2*maxRecent+4, nil, false)
	takes(2*maxRecent+5, of("b"), true)
	takes(3*maxRecent+4, of("b"), true)
	if len(r.terms) != maxRecent-2 || len(r.order) != maxRecent {
		t.Errorf("%d terms and %d hashes are kept", len(r.terms), len(r.order))
	}
}

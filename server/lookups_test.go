package server

import (
	"fmt"
	"slices"
	"testing"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/server/index"
)

// listed is a log in memory that counts the bundles it was asked for.
type listed struct {
	leaves [][]byte
	read   *int
}

func (l listed) Size() int64 { return int64(len(l.leaves)) }

func (l listed) Leaf(index int64) ([]byte, error) { return l.leaves[index], nil }

func (l listed) Bundle(at int64, width int) (b []byte, err error) {
	*l.read++
	for _, leaf := range l.leaves[at*ledger.TileWidth:][:width] {
		b = ledger.AppendBundleEntry(b, leaf)
	}
	return b, nil
}

func (l listed) Tile(level int, at int64, width int) (b []byte, err error) {
	if level != 0 {
		return nil, fmt.Errorf("level %d", level)
	}
	for _, leaf := range l.leaves[at*ledger.TileWidth:][:width] {
		h := ledger.LeafHash(leaf)
		b = append(b, h[:]...)
	}
	return b, nil
}

// TestTermsFromEitherSource: an index is told the same of what was just added as
// of what is read from the log, whatever part of it is known.
func TestTermsFromEitherSource(t *testing.T) {
	const n = ledger.TileWidth + 30
	key, bundles := newKey(t, envelope.Ed25519), 0
	log := listed{read: &bundles}
	var want [][]index.Term
	for i := range n {
		leaf := signBOM(t, bomBody(t, "x:hoshino", newBOM(serialA, i+1, "relay")), key)
		e, err := readEntry(int64(i), leaf)
		if err != nil {
			t.Fatal(err)
		}
		log.leaves, want = append(log.leaves, leaf), append(want, e.terms())
	}
	for name, c := range map[string]struct {
		known func(i int) bool
		read  int
	}{
		"nothing known":      {func(int) bool { return false }, 2},
		"all known":          {func(int) bool { return true }, 0},
		"every other":        {func(i int) bool { return i%2 == 0 }, 2},
		"all but one":        {func(i int) bool { return i != 270 }, 1},
		"all but the newest": {func(i int) bool { return i != n-1 }, 1},
	} {
		bundles = 0
		l := &lookups{log: log}
		for i, leaf := range log.leaves {
			if c.known(i) {
				p, err := registry.PrepareLeaf(leaf)
				if err != nil {
					t.Fatal(err)
				}
				l.expect(p)
			}
		}
		var got [][]index.Term
		for _, to := range []int64{100, 256, 270, n} { // as an index that falls behind and catches up
			terms, err := l.Terms(t.Context(), int64(len(got)), to)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got = append(got, terms...)
		}
		for i := range want {
			if i >= len(got) || !slices.EqualFunc(got[i], want[i], equalTerms) {
				t.Fatalf("%s: entry %d of %d has other terms than its leaf", name, i, len(got))
			}
		}
		if bundles > 2*c.read { // a bundle may be read anew when it has grown
			t.Errorf("%s: %d bundles were read", name, bundles)
		}
	}
}

package audit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/audit"
)

// memory serves a log from its leaves, each tile computed from the definition.
type memory struct {
	leaves [][]byte
	hashes []ledger.Hash
	change map[string]func([]byte) []byte // by path, what is served instead
}

func logOf(n int) *memory {
	m := &memory{change: map[string]func([]byte) []byte{}}
	for i := range n {
		leaf := fmt.Appendf(nil, "leaf %d", i)
		m.leaves, m.hashes = append(m.leaves, leaf), append(m.hashes, ledger.LeafHash(leaf))
	}
	return m
}

func (m *memory) ReadHash(level int, index int64) (ledger.Hash, error) {
	if level == 0 {
		return m.hashes[index], nil
	}
	l, err := m.ReadHash(level-1, 2*index)
	if err != nil {
		return l, err
	}
	r, err := m.ReadHash(level-1, 2*index+1)
	return ledger.NodeHash(l, r), err
}

func (m *memory) checkpoint(n int) ledger.Checkpoint {
	root, err := ledger.TreeRoot(m, int64(n))
	if err != nil {
		panic(err)
	}
	return ledger.Checkpoint{Origin: "ledger.example/test", Size: int64(n), Root: root}
}

func (m *memory) serve(path string, b []byte) ([]byte, error) {
	if f := m.change[path]; f != nil {
		if b = f(slices.Clone(b)); b == nil {
			return nil, errors.New("gone")
		}
	}
	return b, nil
}

func (m *memory) Tile(_ context.Context, level int, index int64, width int) ([]byte, error) {
	var b []byte
	for i := range int64(width) {
		h, err := m.ReadHash(8*level, 256*index+i)
		if err != nil {
			return nil, err
		}
		b = append(b, h[:]...)
	}
	return m.serve(ledger.TilePath(level, index, width), b)
}

func (m *memory) Bundle(_ context.Context, index int64, width int) ([]byte, error) {
	var b []byte
	for i := range int64(width) {
		b = ledger.AppendBundleEntry(b, m.leaves[256*index+i])
	}
	return m.serve(ledger.BundlePath(index, width), b)
}

func codes(r audit.Result) (out []string) {
	for _, f := range r.Findings {
		out = append(out, f.Code)
	}
	return out
}

func TestReplayClean(t *testing.T) {
	for _, n := range []int{0, 1, 255, 256, 257, 600} {
		m := logOf(n)
		next := int64(0)
		r, err := audit.Replay(t.Context(), m, m.checkpoint(n), []ledger.Checkpoint{m.checkpoint(0), m.checkpoint(n / 2), m.checkpoint(n)}, func(i int64, leaf []byte) error {
			if i != next || string(leaf) != fmt.Sprintf("leaf %d", i) {
				t.Fatalf("visited %d with %q, want %d", i, leaf, next)
			}
			next++
			return nil
		})
		if err != nil || len(r.Findings) != 0 || r.Entries != int64(n) || next != int64(n) || len(r.ConsistentWith) != 3 {
			t.Errorf("%d leaves: got %+v, %v", n, r, err)
		}
	}
}

func TestReplayFinds(t *testing.T) {
	const n = 600
	flip := func(at int) func([]byte) []byte {
		return func(b []byte) []byte { b[at] ^= 1; return b }
	}
	gone := func([]byte) []byte { return nil }
	fork := logOf(n)
	fork.leaves[100] = []byte("other")
	fork.hashes[100] = ledger.LeafHash(fork.leaves[100])
	tests := []struct {
		name    string
		path    string
		change  func([]byte) []byte
		earlier []ledger.Checkpoint
		want    []string
		fails   bool
	}{
		{name: "a flipped leaf", path: "tile/entries/000", change: flip(100), want: []string{"AUDIT-TILE-MISMATCH", "AUDIT-TILE-MISMATCH", "AUDIT-ROOT-MISMATCH"}},
		{name: "a flipped full tile", path: "tile/0/001", change: flip(3), want: []string{"AUDIT-TILE-MISMATCH"}},
		{name: "a flipped partial tile", path: "tile/0/002.p/88", change: flip(3), want: []string{"AUDIT-TILE-MISMATCH"}},
		{name: "a flipped upper tile", path: "tile/1/000.p/2", change: flip(40), want: []string{"AUDIT-TILE-MISMATCH"}},
		{name: "a missing tile", path: "tile/0/000", change: gone, want: []string{"AUDIT-TILE-MISMATCH"}},
		{name: "a missing bundle", path: "tile/entries/001", change: gone, fails: true},
		{name: "a bundle cut short", path: "tile/entries/001", change: func(b []byte) []byte { return b[:len(b)-3] }, fails: true},
		{name: "a bundle with a leaf too few", path: "tile/entries/002.p/88", change: func(b []byte) []byte { return b[:len(b)-10] }, fails: true},
		{name: "seen longer", earlier: []ledger.Checkpoint{logOf(601).checkpoint(601)}, want: []string{"AUDIT-LOG-ROLLBACK"}},
		{name: "forked before what was seen", earlier: []ledger.Checkpoint{fork.checkpoint(300)}, want: []string{"AUDIT-LOG-FORK"}},
		{name: "forked at the same size", earlier: []ledger.Checkpoint{fork.checkpoint(n)}, want: []string{"AUDIT-LOG-FORK"}},
		{name: "a flipped leaf accuses nobody of a fork", path: "tile/entries/000", change: flip(100), earlier: []ledger.Checkpoint{logOf(n).checkpoint(300), logOf(n).checkpoint(n)}, want: []string{"AUDIT-TILE-MISMATCH", "AUDIT-TILE-MISMATCH", "AUDIT-ROOT-MISMATCH"}},
		{name: "a flipped leaf hides no fork at the same size", path: "tile/entries/000", change: flip(100), earlier: []ledger.Checkpoint{fork.checkpoint(n)}, want: []string{"AUDIT-LOG-FORK", "AUDIT-TILE-MISMATCH", "AUDIT-TILE-MISMATCH", "AUDIT-ROOT-MISMATCH"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := logOf(n)
			if tt.path != "" {
				m.change[tt.path] = tt.change
			}
			r, err := audit.Replay(t.Context(), m, m.checkpoint(n), tt.earlier, func(int64, []byte) error { return nil })
			if (err != nil) != tt.fails || !tt.fails && !slices.Equal(codes(r), tt.want) {
				t.Errorf("got %v, %v, want %v", codes(r), err, tt.want)
			}
		})
	}
	m := logOf(3)
	stop := errors.New("stop")
	r, err := audit.Replay(t.Context(), m, m.checkpoint(3), []ledger.Checkpoint{fork.checkpoint(300)}, func(int64, []byte) error { return stop })
	if !errors.Is(err, stop) || !slices.Equal(codes(r), []string{"AUDIT-LOG-ROLLBACK"}) {
		t.Errorf("the visitor's error or the rollback is lost: %v, %v", err, codes(r))
	}
}

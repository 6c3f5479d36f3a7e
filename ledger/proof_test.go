package ledger_test

import (
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/yurai-ledger/yurai/ledger"
	"golang.org/x/mod/sumdb/tlog"
)

// slowTree answers from the leaves, by the definition of RFC 6962 §2.1.
type slowTree []ledger.Hash

func (t slowTree) mth(lo, hi int) ledger.Hash {
	switch n := hi - lo; n {
	case 0:
		return ledger.EmptyRoot
	case 1:
		return t[lo]
	default:
		k := 1
		for k*2 < n {
			k *= 2
		}
		return ledger.NodeHash(t.mth(lo, lo+k), t.mth(lo+k, hi))
	}
}

func (t slowTree) ReadHash(level int, index int64) (ledger.Hash, error) {
	lo, hi := int(index)<<level, int(index+1)<<level
	if hi > len(t) {
		return ledger.Hash{}, fmt.Errorf("node %d/%d lies outside %d leaves", level, index, len(t))
	}
	return t.mth(lo, hi), nil
}

func leaves(n int) slowTree {
	t := make(slowTree, n)
	for i := range t {
		t[i] = ledger.LeafHash(binary.BigEndian.AppendUint64(nil, uint64(i)))
	}
	return t
}

func raw(hashes []ledger.Hash) [][]byte {
	out := make([][]byte, len(hashes))
	for i, h := range hashes {
		out[i] = h[:]
	}
	return out
}

// Every proof of every tree up to 40 leaves is accepted by ours, by
// transparency-dev/merkle and by x/mod; every altered one is refused by ours.
func TestInclusionAgainstOthers(t *testing.T) {
	all := leaves(40)
	for n := 1; n <= len(all); n++ {
		tree := all[:n]
		root := tree.mth(0, n)
		for i := range n {
			p, err := ledger.ProveInclusion(tree, int64(n), int64(i))
			if err != nil {
				t.Fatal(err)
			}
			if err := ledger.VerifyInclusion(root, int64(n), int64(i), tree[i], p); err != nil {
				t.Fatalf("size %d index %d: %v", n, i, err)
			}
			if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(i), uint64(n), tree[i][:], raw(p), root[:]); err != nil {
				t.Fatalf("merkle, size %d index %d: %v", n, i, err)
			}
			rp := make(tlog.RecordProof, len(p))
			for j := range p {
				rp[j] = tlog.Hash(p[j])
			}
			if err := tlog.CheckRecord(rp, int64(n), tlog.Hash(root), int64(i), tlog.Hash(tree[i])); err != nil {
				t.Fatalf("tlog, size %d index %d: %v", n, i, err)
			}
			refuseInclusion(t, root, n, i, tree[i], p)
		}
	}
}

func refuseInclusion(t *testing.T, root ledger.Hash, n, i int, leaf ledger.Hash, p []ledger.Hash) {
	t.Helper()
	size, index := int64(n), int64(i)
	type try struct {
		name        string
		root        ledger.Hash
		size, index int64
		leaf        ledger.Hash
		proof       []ledger.Hash
	}
	tries := []try{
		{"other leaf", root, size, index, ledger.LeafHash([]byte("x")), p},
		{"other root", ledger.LeafHash([]byte("x")), size, index, leaf, p},
		{"longer", root, size, index, leaf, append(append([]ledger.Hash{}, p...), root)},
		{"index at size", root, size, size, leaf, p},
		{"negative index", root, size, -1, leaf, p},
		{"node as leaf", root, size, index, ledger.NodeHash(leaf, leaf), p},
	}
	if len(p) > 0 {
		tries = append(tries, try{"shorter", root, size, index, leaf, p[:len(p)-1]}, try{"front cut", root, size, index, leaf, p[1:]})
		for k := range p {
			q := append([]ledger.Hash{}, p...)
			q[k][7] ^= 1
			tries = append(tries, try{fmt.Sprintf("flip in %d", k), root, size, index, leaf, q})
		}
		for k := range n {
			if k != i {
				tries = append(tries, try{fmt.Sprintf("index %d", k), root, size, int64(k), leaf, p})
			}
		}
	}
	for _, x := range tries {
		if err := ledger.VerifyInclusion(x.root, x.size, x.index, x.leaf, x.proof); err == nil {
			t.Fatalf("size %d index %d: %s is accepted", n, i, x.name)
		}
	}
}

func TestConsistencyAgainstOthers(t *testing.T) {
	all := leaves(33)
	for n := range len(all) + 1 {
		for m := range n + 1 {
			oldRoot, newRoot := all.mth(0, m), all.mth(0, n)
			p, err := ledger.ProveConsistency(all[:n], int64(m), int64(n))
			if err != nil {
				t.Fatal(err)
			}
			if err := ledger.VerifyConsistency(int64(m), int64(n), oldRoot, newRoot, p); err != nil {
				t.Fatalf("%d to %d: %v", m, n, err)
			}
			if m > 0 {
				if err := proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(m), uint64(n), raw(p), oldRoot[:], newRoot[:]); err != nil {
					t.Fatalf("merkle, %d to %d: %v", m, n, err)
				}
			}
			bad := ledger.LeafHash([]byte("x"))
			if m > 0 && ledger.VerifyConsistency(int64(m), int64(n), bad, newRoot, p) == nil {
				t.Fatalf("%d to %d: another old root is accepted", m, n)
			}
			if m > 0 && ledger.VerifyConsistency(int64(m), int64(n), oldRoot, bad, p) == nil {
				t.Fatalf("%d to %d: another new root is accepted", m, n)
			}
			if ledger.VerifyConsistency(int64(m), int64(n), oldRoot, newRoot, append(p[:len(p):len(p)], bad)) == nil {
				t.Fatalf("%d to %d: a longer proof is accepted", m, n)
			}
			if len(p) > 0 && ledger.VerifyConsistency(int64(m), int64(n), oldRoot, newRoot, p[:len(p)-1]) == nil {
				t.Fatalf("%d to %d: a shorter proof is accepted", m, n)
			}
			for k := range p {
				q := append([]ledger.Hash{}, p...)
				q[k][31] ^= 0x80
				if ledger.VerifyConsistency(int64(m), int64(n), oldRoot, newRoot, q) == nil {
					t.Fatalf("%d to %d: a flip in hash %d is accepted", m, n, k)
				}
			}
			if m < n && ledger.VerifyConsistency(int64(n), int64(m), newRoot, oldRoot, p) == nil {
				t.Fatalf("%d to %d: a shrinking tree is accepted", n, m)
			}
		}
	}
	if ledger.VerifyConsistency(0, 5, ledger.LeafHash(nil), all.mth(0, 5), nil) == nil {
		t.Fatal("an empty tree with a root is accepted")
	}
}

func TestRangeFollowsTree(t *testing.T) {
	all := leaves(600)
	var e ledger.Range
	for n := range len(all) + 1 {
		if n%37 == 0 || n > 590 {
			if got, want := e.Root(), all.mth(0, n); got != want {
				t.Fatalf("root at %d: got %v want %v", n, got, want)
			}
			again, err := ledger.NewRange(all[:n], int64(n))
			if err != nil {
				t.Fatal(err)
			}
			if again.Root() != e.Root() || again.Size() != int64(n) {
				t.Fatalf("edge read at %d differs", n)
			}
		}
		if n < len(all) {
			e.Append(all[n], func(level int, index int64, h ledger.Hash) {
				if want, _ := all.ReadHash(level, index); h != want {
					t.Fatalf("node %d/%d differs", level, index)
				}
			})
		}
	}
}

func TestTileNode(t *testing.T) {
	all := leaves(256)
	var tile []byte
	for _, h := range all {
		tile = append(tile, h[:]...)
	}
	for height := 0; height <= 8; height++ {
		for i := range int64(256 >> height) {
			got, err := ledger.TileNode(tile, height, i)
			want, _ := all.ReadHash(height, i)
			if err != nil || got != want {
				t.Fatalf("node %d/%d: %v", height, i, err)
			}
		}
	}
	if _, err := ledger.TileNode(tile[:32*5], 2, 1); err == nil {
		t.Fatal("a node past a partial tile's end is read")
	}
}

func FuzzInclusion(f *testing.F) {
	f.Add(uint16(5), uint16(3), []byte{1})
	f.Add(uint16(1), uint16(0), []byte{})
	f.Fuzz(func(t *testing.T, n, i uint16, noise []byte) {
		size := int(n%300) + 1
		index := int(i) % size
		tree := leaves(size)
		p, err := ledger.ProveInclusion(tree, int64(size), int64(index))
		if err != nil {
			t.Fatal(err)
		}
		for k, b := range noise {
			if len(p) > 0 {
				p[k%len(p)][k%32] ^= b
			}
		}
		root := tree.mth(0, size)
		ours := ledger.VerifyInclusion(root, int64(size), int64(index), tree[index], p) == nil
		theirs := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(index), uint64(size), tree[index][:], raw(p), root[:]) == nil
		if ours != theirs {
			t.Fatalf("size %d index %d: ours %v, merkle's %v", size, index, ours, theirs)
		}
	})
}

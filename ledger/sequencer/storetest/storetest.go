// Package storetest holds the contract that every Store of ledger/sequencer
// passes. It compares with a tree computed from the leaves in the plainest way.
package storetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

// Origin is the origin of the logs that the suite wants.
const Origin = "ledger.example/storetest"

// Open opens a log. Each call of the same Open opens the same log; the suite
// closes one before it opens the next.
type Open func() (s sequencer.Store, close func() error, err error)

// Run runs the suite. fresh makes an empty log.
func Run(t *testing.T, fresh func(t *testing.T) Open) {
	for name, test := range map[string]func(*testing.T, Open){
		"empty log":             testEmpty,
		"reads what was stored": testReads,
		"refuses other batches": testRefuses,
		"finds identities":      testFinds,
		"replay":                testReplay,
		"snapshots":             testSnapshots,
		"reads while it writes": testConcurrent,
	} {
		t.Run(name, func(t *testing.T) { test(t, fresh(t)) })
	}
}

// log is an open store and what must be in it.
type log struct {
	sequencer.Store
	t      *testing.T
	open   Open
	close  func() error
	leaves [][]byte
}

func start(t *testing.T, open Open) *log {
	l := &log{t: t, open: open}
	l.reopen()
	t.Cleanup(func() {
		if err := l.close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func (l *log) reopen() {
	l.t.Helper()
	if l.close != nil {
		if err := l.close(); err != nil {
			l.t.Fatal(err)
		}
	}
	s, closer, err := l.open()
	if err != nil {
		l.t.Fatal(err)
	}
	l.Store, l.close = s, closer
	if err := l.Replay(context.Background(), 0, l.visit); err != nil {
		l.t.Fatal(err)
	}
}

func (l *log) visit(index int64, leaf []byte) ([32]byte, error) {
	if index >= int64(len(l.leaves)) || !bytes.Equal(leaf, l.leaves[index]) {
		return [32]byte{}, fmt.Errorf("leaf %d is %.40q", index, leaf)
	}
	return identity(leaf), nil
}

func identity(leaf []byte) [32]byte { return sha256.Sum256(append([]byte("identity "), leaf...)) }

// batch returns the batch that appends leaves.
func (l *log) batch(leaves ...[]byte) sequencer.Batch {
	b := sequencer.Batch{First: int64(len(l.leaves)), Leaves: leaves, Time: time.Unix(int64(len(l.leaves)), 0)}
	all := append(l.leaves[:len(l.leaves):len(l.leaves)], leaves...)
	b.Root = Root(all)
	for _, leaf := range leaves {
		b.Hashes = append(b.Hashes, ledger.LeafHash(leaf))
		b.Identities = append(b.Identities, identity(leaf))
	}
	return b
}

func (l *log) commit(leaves ...[]byte) {
	l.t.Helper()
	b := l.batch(leaves...)
	head, err := l.Commit(context.Background(), b)
	if err != nil {
		l.t.Fatal(err)
	}
	l.leaves = append(l.leaves, leaves...)
	want := sequencer.Head{Origin: Origin, Size: int64(len(l.leaves)), Root: b.Root, Time: b.Time.UTC()}
	if head != want || l.Head() != want {
		l.t.Fatalf("head is %v, then %v, want %v", head, l.Head(), want)
	}
}

// Root returns the RFC 6962 tree hash of leaves.
func Root(leaves [][]byte) ledger.Hash {
	hashes := make([]ledger.Hash, len(leaves))
	for i, leaf := range leaves {
		hashes[i] = sha256.Sum256(append([]byte{0}, leaf...))
	}
	return root(hashes)
}

func root(hashes []ledger.Hash) ledger.Hash {
	switch len(hashes) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return hashes[0]
	}
	k := 1
	for 2*k < len(hashes) {
		k *= 2
	}
	left, right := root(hashes[:k]), root(hashes[k:])
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

// row returns the hashes of a tile level over all leaves.
func row(leaves [][]byte, level int) []ledger.Hash {
	width := 1 << (8 * level)
	var list []ledger.Hash
	for n := 0; (n+1)*width <= len(leaves); n++ {
		list = append(list, Root(leaves[n*width:][:width]))
	}
	return list
}

// leaf returns a leaf that occurs once.
func leaf(n int, size int) []byte {
	b := fmt.Appendf(nil, "leaf %d ", n)
	return append(b, bytes.Repeat([]byte{'x'}, max(0, size-len(b)))...)
}

func testEmpty(t *testing.T, open Open) {
	l := start(t, open)
	for range 2 {
		h := l.Head()
		if h.Size != 0 || h.Root != ledger.EmptyRoot || h.Origin != Origin {
			t.Fatalf("head is %v", h)
		}
		if _, err := l.Tile(0, 0, 1); err == nil {
			t.Error("the empty log has a tile")
		}
		if _, err := l.Bundle(0, 1); err == nil {
			t.Error("the empty log has a bundle")
		}
		if _, err := l.Leaf(0); err == nil {
			t.Error("the empty log has a leaf")
		}
		l.reopen()
	}
}

// verify compares everything that can be read.
func (l *log) verify() {
	l.t.Helper()
	for i, want := range l.leaves {
		got, err := l.Leaf(int64(i))
		if err != nil || !bytes.Equal(got, want) {
			l.t.Fatalf("leaf %d is %.40q, %v", i, got, err)
		}
	}
	for level := range 3 {
		hashes := row(l.leaves, level)
		for index := 0; index*256 <= len(hashes); index++ {
			n := min(len(hashes)-index*256, 256)
			var want []byte
			for width := 1; width <= 256; width++ {
				got, err := l.Tile(level, int64(index), width)
				if width > n {
					if err == nil {
						l.t.Fatalf("tile %d/%d has width %d of %d", level, index, width, n)
					}
					continue
				}
				want = append(want, hashes[index*256+width-1][:]...)
				if err != nil || !bytes.Equal(got, want) {
					l.t.Fatalf("tile %d/%d/%d is wrong: %v", level, index, width, err)
				}
			}
		}
	}
	for index := 0; index*256 <= len(l.leaves); index++ {
		var want []byte
		for width := 1; width <= 256; width++ {
			got, err := l.Bundle(int64(index), width)
			if index*256+width > len(l.leaves) {
				if err == nil {
					l.t.Fatalf("bundle %d has width %d", index, width)
				}
				continue
			}
			leaf := l.leaves[index*256+width-1]
			want = append(append(want, byte(len(leaf)>>8), byte(len(leaf))), leaf...)
			if err != nil || !bytes.Equal(got, want) {
				l.t.Fatalf("bundle %d/%d is wrong: %v", index, width, err)
			}
		}
	}
}

func testReads(t *testing.T, open Open) {
	l := start(t, open)
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 1, 2, 60, 191, 1, 256, 257, 3, 100} {
		var leaves [][]byte
		for i := range n {
			leaves = append(leaves, leaf(len(l.leaves)+i, r.IntN(300)))
		}
		l.commit(leaves...)
		if n%2 == 1 {
			l.reopen()
		}
	}
	l.verify()
	l.reopen()
	l.verify()
	l.commit(bytes.Repeat([]byte{0xff}, ledger.MaxLeaf), []byte{0}, bytes.Repeat([]byte{1}, ledger.MaxLeaf))
	l.reopen()
	l.verify()
}

func testRefuses(t *testing.T, open Open) {
	l := start(t, open)
	l.commit(leaf(0, 0), leaf(1, 0))
	good := func() sequencer.Batch { return l.batch(leaf(2, 0), leaf(3, 9)) }
	many := make([][]byte, sequencer.MaxBatchLeaves+1)
	for i := range many {
		many[i] = leaf(i, 0)
	}
	for name, spoil := range map[string]func(*sequencer.Batch){
		"first too low":        func(b *sequencer.Batch) { b.First-- },
		"first too high":       func(b *sequencer.Batch) { b.First++ },
		"no leaves":            func(b *sequencer.Batch) { *b = sequencer.Batch{First: b.First, Root: l.Head().Root} },
		"too many leaves":      func(b *sequencer.Batch) { *b = l.batch(many...) },
		"empty leaf":           func(b *sequencer.Batch) { *b = l.batch(leaf(2, 0), nil) },
		"long leaf":            func(b *sequencer.Batch) { *b = l.batch(make([]byte, ledger.MaxLeaf+1)) },
		"hash missing":         func(b *sequencer.Batch) { b.Hashes = b.Hashes[:1] },
		"identity missing":     func(b *sequencer.Batch) { b.Identities = b.Identities[:1] },
		"cancelled beforehand": nil,
	} {
		b, ctx := good(), context.Background()
		if spoil != nil {
			spoil(&b)
		} else {
			c, cancel := context.WithCancel(ctx)
			cancel()
			ctx = c
		}
		if _, err := l.Commit(ctx, b); !errors.Is(err, sequencer.ErrUnchanged) {
			t.Errorf("%s: %v, want ErrUnchanged", name, err)
		}
	}
	l.verify()
	l.commit(leaf(2, 0), leaf(3, 9))
	l.verify()

	// What reads back with another hash, or gives another root, must never be
	// committed, nor may anything after it.
	for _, spoil := range []func(*sequencer.Batch){
		func(b *sequencer.Batch) { b.Hashes[1][0] ^= 1 },
		func(b *sequencer.Batch) { b.Root[31] ^= 1 },
	} {
		b := l.batch(leaf(4, 0), leaf(5, 0))
		spoil(&b)
		if _, err := l.Commit(context.Background(), b); err == nil || errors.Is(err, sequencer.ErrUnchanged) {
			t.Errorf("commit of a batch with a wrong hash: %v", err)
		}
		if _, err := l.Commit(context.Background(), l.batch(leaf(4, 0))); err == nil {
			t.Error("the store went on after an unknown outcome")
		}
		l.verify()
		l.reopen()
		l.verify()
	}
}

func testFinds(t *testing.T, open Open) {
	l := start(t, open)
	for n := range 40 {
		var leaves [][]byte
		for i := range 20 {
			leaves = append(leaves, leaf(20*n+i, 0))
		}
		l.commit(leaves...)
	}
	for range 2 {
		for i, leaf := range l.leaves {
			if index, found, err := l.Find(identity(leaf)); index != int64(i) || !found || err != nil {
				t.Fatalf("leaf %d found at %d, %v, %v", i, index, found, err)
			}
			if _, found, err := l.Find(identity(append(leaf, 'x'))); found || err != nil {
				t.Fatalf("found what was never stored: %v", err)
			}
		}
		l.reopen()
	}
	// Of two leaves with one identity the first is found.
	b := l.batch(leaf(9000, 0), leaf(9001, 0))
	b.Identities[0] = identity(l.leaves[7])
	b.Identities[1] = b.Identities[0]
	if _, err := l.Commit(context.Background(), b); err != nil {
		t.Fatal(err)
	}
	l.leaves = append(l.leaves, b.Leaves...)
	if index, found, err := l.Find(identity(l.leaves[7])); index != 7 || !found || err != nil {
		t.Errorf("found at %d, %v, %v, want 7", index, found, err)
	}
}

func testReplay(t *testing.T, open Open) {
	l := start(t, open)
	for i := range 300 {
		l.leaves = append(l.leaves, leaf(i, 0))
	}
	all := l.leaves
	l.leaves = nil
	l.commit(all...)
	for _, from := range []int64{0, 1, 255, 256, 257, 300} {
		if err := l.close(); err != nil {
			t.Fatal(err)
		}
		s, closer, err := open()
		if err != nil {
			t.Fatal(err)
		}
		l.Store, l.close = s, closer
		next := int64(-1)
		err = s.Replay(context.Background(), from, func(index int64, leaf []byte) ([32]byte, error) {
			if next < 0 && index <= from {
				next = index // it may begin earlier
			}
			if index != next {
				return [32]byte{}, fmt.Errorf("visits leaf %d, want %d", index, next)
			}
			next++
			return l.visit(index, leaf)
		})
		if err != nil || next != 300 && (next >= 0 || from != 300) {
			t.Fatalf("replay from %d reached %d: %v", from, next, err)
		}
		for i, leaf := range l.leaves {
			if index, found, err := s.Find(identity(leaf)); index != int64(i) || !found || err != nil {
				t.Fatalf("after a replay from %d leaf %d is found at %d, %v, %v", from, i, index, found, err)
			}
		}
	}
	if err := l.close(); err != nil {
		t.Fatal(err)
	}
	s, closer, err := open()
	if err != nil {
		t.Fatal(err)
	}
	l.Store, l.close = s, closer
	stop := errors.New("stop")
	if err := s.Replay(context.Background(), 0, func(int64, []byte) ([32]byte, error) { return [32]byte{}, stop }); err != stop {
		t.Errorf("replay returns %v, want the visitor's error", err)
	}
}

// testSnapshots passes over a store that keeps none.
func testSnapshots(t *testing.T, open Open) {
	l := start(t, open)
	store := func() sequencer.SnapshotStore {
		s, ok := l.Store.(sequencer.SnapshotStore)
		if !ok {
			t.Skip("the store keeps no snapshots")
		}
		return s
	}
	holds := func(size int64, content string) {
		t.Helper()
		n, b, err := store().Snapshot()
		if n != size || string(b) != content || err != nil {
			t.Fatalf("the snapshot is %q of %d, %v; want %q of %d", b, n, err, content, size)
		}
	}
	refuses := func(size int64, content []byte) {
		t.Helper()
		if err := store().KeepSnapshot(size, content); err == nil {
			t.Errorf("keeps %d bytes at size %d", len(content), size)
		}
	}
	holds(0, "")
	refuses(0, []byte("of nothing"))
	refuses(1, []byte("of leaves to come"))
	l.commit(leaf(0, 0), leaf(1, 0), leaf(2, 0))
	refuses(-1, []byte("before the first"))
	refuses(4, []byte("of leaves to come"))
	refuses(3, nil)
	refuses(3, make([]byte, sequencer.MaxSnapshot+1))
	holds(0, "")

	// What no commit named is not there.
	if err := store().KeepSnapshot(2, []byte("two")); err != nil {
		t.Fatal(err)
	}
	holds(0, "")
	l.reopen()
	holds(0, "")
	l.commit(leaf(3, 0))
	l.reopen()
	holds(0, "")

	// The newest that was kept before a commit is named by it, and by all after it.
	for _, size := range []int64{2, 3, 4} {
		if err := store().KeepSnapshot(size, fmt.Appendf(nil, "kept at %d", size)); err != nil {
			t.Fatal(err)
		}
	}
	l.commit(leaf(4, 0))
	holds(4, "kept at 4")
	l.commit(leaf(5, 0))
	holds(4, "kept at 4")
	l.reopen()
	holds(4, "kept at 4")
	refuses(4, []byte("another of this size"))
	refuses(3, []byte("an older one"))
	holds(4, "kept at 4")

	// A commit that changed nothing names nothing.
	if err := store().KeepSnapshot(6, []byte("kept at 6")); err != nil {
		t.Fatal(err)
	}
	b := l.batch(leaf(6, 0))
	b.First++
	if _, err := l.Commit(context.Background(), b); !errors.Is(err, sequencer.ErrUnchanged) {
		t.Fatal(err)
	}
	holds(4, "kept at 4")
	l.commit(leaf(6, 0))
	holds(6, "kept at 6")

	// Kept while commits run, over the boundaries of every file: what is named is
	// never older than what was named before, and always whole.
	r := rand.New(rand.NewPCG(4, 4))
	stop, stopped := make(chan struct{}), make(chan struct{})
	large := bytes.Repeat([]byte{7}, 10_000)
	go func() {
		defer close(stopped)
		for last := int64(6); ; {
			select {
			case <-stop:
				return
			default:
			}
			if size := l.Head().Size; size > last {
				if err := store().KeepSnapshot(size, fmt.Appendf(large[:len(large):len(large)], "%d", size)); err != nil {
					t.Error(err)
				}
				last = size
			}
		}
	}()
	last := int64(6)
	for len(l.leaves) < 1500 {
		var leaves [][]byte
		for i := range 1 + r.IntN(40) {
			leaves = append(leaves, leaf(len(l.leaves)+i, 40))
		}
		l.commit(leaves...)
		size, content, err := store().Snapshot()
		if err != nil || size < last || size > 6 && string(content) != string(fmt.Appendf(large[:len(large):len(large)], "%d", size)) {
			t.Fatalf("the snapshot is of %d after that of %d: %v", size, last, err)
		}
		last = size
	}
	close(stop)
	<-stopped
	l.commit(leaf(len(l.leaves), 0))
	l.reopen()
	if size, _, err := store().Snapshot(); size < last || size <= 6 || err != nil {
		t.Errorf("the snapshot is of %d after that of %d: %v", size, last, err)
	}
	l.verify()
}

func testConcurrent(t *testing.T, open Open) {
	l := start(t, open)
	done := make(chan struct{})
	var readers sync.WaitGroup
	for n := range 4 {
		readers.Go(func() {
			r := rand.New(rand.NewPCG(uint64(n), 3))
			for {
				select {
				case <-done:
					return
				default:
				}
				head := l.Head()
				if head.Size == 0 {
					continue
				}
				index := r.Int64N(head.Size)
				if b, err := l.Leaf(index); err != nil || !bytes.Equal(b, leaf(int(index), 40)) {
					t.Errorf("leaf %d of %d is %.40q, %v", index, head.Size, b, err)
					return
				}
				width := int(min(head.Size-index/256*256, 256))
				if _, err := l.Tile(0, index/256, width); err != nil {
					t.Error(err)
					return
				}
				if _, err := l.Bundle(index/256, width); err != nil {
					t.Error(err)
					return
				}
				if i, found, err := l.Find(identity(leaf(int(index), 40))); i != index || !found || err != nil {
					t.Errorf("leaf %d of %d found at %d, %v, %v", index, head.Size, i, found, err)
					return
				}
			}
		})
	}
	for len(l.leaves) < 1000 {
		var leaves [][]byte
		for i := range 1 + len(l.leaves)%97 {
			leaves = append(leaves, leaf(len(l.leaves)+i, 40))
		}
		l.commit(leaves...)
	}
	close(done)
	readers.Wait()
	l.verify()
}

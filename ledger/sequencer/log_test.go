package sequencer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

func TestFirstStartPublishesTheEmptyTree(t *testing.T) {
	w := newWorld(t, nil)
	for range 2 {
		c := w.checkpoint(w.Checkpoint())
		if want := (ledger.Checkpoint{Origin: origin, Root: ledger.EmptyRoot}); c != want {
			t.Errorf("first checkpoint is %v, want %v", c, want)
		}
		if err := w.halt(); err != nil {
			t.Fatal(err)
		}
		w.start()
	}
}

func TestReceiptsAreSignedFor(t *testing.T) {
	w := newWorld(t, nil)
	for i := range int64(20) {
		e := entry("leaf %d", i)
		r := w.add(e)
		c := w.checkpoint(r.Checkpoint)
		if r.Index != i || r.Duplicate || r.Size != i+1 || c.Size != r.Size {
			t.Fatalf("receipt %d is %d, %v, %d", i, r.Index, r.Duplicate, r.Size)
		}
		proof, err := ledger.ProveInclusion(w.Log, c.Size, r.Index)
		if err != nil {
			t.Fatal(err)
		}
		if err := ledger.VerifyInclusion(c.Root, c.Size, r.Index, ledger.LeafHash(e.Leaf), proof); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(w.Checkpoint(), r.Checkpoint) || w.Size() != r.Size || w.Head() != c {
			t.Fatal("acknowledged before it was published")
		}
	}
}

// stored is x/mod's view of a log: the hashes as its own code stores them.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var list []tlog.Hash
	for _, i := range indexes {
		list = append(list, s[i])
	}
	return list, nil
}

// TestTilesAgreeWithAnotherProgram compares every tile, bundle, root and some
// proofs with golang.org/x/mod/sumdb/tlog, across restarts.
func TestTilesAgreeWithAnotherProgram(t *testing.T) {
	w := newWorld(t, nil)
	var hashes stored
	var leaves [][]byte
	sizes := []int{1, 2, 255, 256, 257, 700}
	for _, size := range sizes {
		for n := len(leaves); n < size; n++ {
			leaf := fmt.Appendf(nil, "leaf %d %s", n, strings.Repeat("y", n%50))
			leaves = append(leaves, leaf)
			w.add(sequencer.Entry{Leaf: leaf})
			more, err := tlog.StoredHashes(int64(n), leaf, hashes)
			if err != nil {
				t.Fatal(err)
			}
			hashes = append(hashes, more...)
		}
		root, err := tlog.TreeHash(int64(size), hashes)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.checkpoint(w.Checkpoint()); got.Root != ledger.Hash(root) || got.Size != int64(size) {
			t.Fatalf("checkpoint is %v, want root %v of %d", got, root, size)
		}
		for _, tile := range tlog.NewTiles(8, 0, int64(size)) {
			for width := 1; width <= tile.W; width++ {
				tile := tile
				tile.W = width
				want, err := tlog.ReadTileData(tile, hashes)
				if err != nil {
					t.Fatal(err)
				}
				got, err := w.Tile(tile.L, tile.N, tile.W)
				if err != nil || !bytes.Equal(got, want) {
					t.Fatalf("%s at %d leaves is wrong: %v", tile.Path(), size, err)
				}
			}
		}
		r := rand.New(rand.NewPCG(uint64(size), 0))
		for range 20 {
			old := 1 + r.Int64N(int64(size))
			want, err := tlog.ProveTree(int64(size), old, hashes)
			if err != nil {
				t.Fatal(err)
			}
			got, err := ledger.ProveConsistency(w.Log, old, int64(size))
			if err != nil || len(got) != len(want) {
				t.Fatalf("consistency of %d and %d: %v, %v", old, size, got, err)
			}
			for i := range want {
				if got[i] != ledger.Hash(want[i]) {
					t.Fatalf("consistency of %d and %d differs", old, size)
				}
			}
		}
		if err := w.halt(); err != nil {
			t.Fatal(err)
		}
		w.start()
	}
	for i, want := range leaves {
		got, err := w.Leaf(int64(i))
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("leaf %d is %q, %v", i, got, err)
		}
	}
	b, err := w.Bundle(2, 700-512)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := ledger.ParseBundle(b)
	if err != nil || len(parsed) != 188 || !bytes.Equal(parsed[187], leaves[699]) {
		t.Fatalf("bundle has %d leaves, %v", len(parsed), err)
	}
}

func TestReadsEndAtThePublishedSize(t *testing.T) {
	var g *gate
	w := newWorld(t, func(w *world) {
		w.wrap = func(s sequencer.Store) sequencer.Store { g = newGate(s); return g }
	})
	g.answer <- nil
	w.add(entry("first"))
	<-g.arrived
	for name, err := range map[string]error{
		"LOG-TILE-INVALID level -1":    errOf(w.Tile(-1, 0, 1)),
		"LOG-TILE-INVALID level 64":    errOf(w.Tile(64, 0, 1)),
		"LOG-TILE-INVALID index":       errOf(w.Tile(0, -1, 1)),
		"LOG-TILE-INVALID width 0":     errOf(w.Tile(0, 0, 0)),
		"LOG-TILE-INVALID width 257":   errOf(w.Tile(0, 0, 257)),
		"LOG-TILE-INVALID bundle":      errOf(w.Bundle(0, 300)),
		"LOG-TILE-ABSENT wider":        errOf(w.Tile(0, 0, 2)),
		"LOG-TILE-ABSENT level 1":      errOf(w.Tile(1, 0, 1)),
		"LOG-TILE-ABSENT level 63":     errOf(w.Tile(63, 0, 1)),
		"LOG-TILE-ABSENT huge":         errOf(w.Tile(0, 1<<62, 256)),
		"LOG-TILE-ABSENT bundle":       errOf(w.Bundle(0, 2)),
		"LOG-TILE-ABSENT next bundle":  errOf(w.Bundle(1, 1)),
		"LOG-INDEX-ABSENT next":        errOf(w.Leaf(1)),
		"LOG-INDEX-ABSENT negative":    errOf(w.Leaf(-1)),
		"LOG-TILE-ABSENT node":         errOf(w.ReadHash(0, 1)),
		"LOG-TILE-ABSENT node level 1": errOf(w.ReadHash(1, 0)),
		"LOG-TILE-ABSENT node level -": errOf(w.ReadHash(-1, 0)),
	} {
		if want := strings.Fields(name)[0]; code(err) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	// While a batch is being committed nothing of it can be read.
	done := make(chan error)
	go func() { _, err := w.Add(context.Background(), entry("second")); done <- err }()
	<-g.arrived
	if _, err := w.Leaf(1); code(err) != "LOG-INDEX-ABSENT" {
		t.Errorf("reading an entry in flight: %v", err)
	}
	g.answer <- nil
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if b, err := w.Leaf(1); err != nil || string(b) != "second" {
		t.Errorf("leaf 1 is %q, %v", b, err)
	}
}

func errOf[T any](_ T, err error) error { return err }

func TestLeafSize(t *testing.T) {
	w := newWorld(t, nil)
	for _, n := range []int{0, ledger.MaxLeaf + 1} {
		if _, err := w.Add(context.Background(), sequencer.Entry{Leaf: make([]byte, n)}); code(err) != "LOG-LEAF-SIZE" {
			t.Errorf("a leaf of %d bytes: %v", n, err)
		}
	}
	w.add(sequencer.Entry{Leaf: make([]byte, ledger.MaxLeaf)})
	w.add(sequencer.Entry{Leaf: make([]byte, 1)})
	if w.Size() != 2 {
		t.Errorf("size is %d", w.Size())
	}
}

func TestDuplicates(t *testing.T) {
	var g *gate
	w := newWorld(t, func(w *world) {
		w.wrap = func(s sequencer.Store) sequencer.Store { g = newGate(s); return g }
		w.config.Reopen = func(_ int64, leaf []byte) (sequencer.Entry, error) {
			return sequencer.Entry{Leaf: leaf, Identity: [32]byte{leaf[0]}}, nil
		}
	})
	offer := func(leaf string) chan sequencer.Receipt {
		c := make(chan sequencer.Receipt, 1)
		go func() {
			r, err := w.Add(context.Background(), sequencer.Entry{Leaf: []byte(leaf), Identity: [32]byte{leaf[0]}})
			if err != nil {
				t.Error(err)
			}
			c <- r
		}()
		return c
	}
	// a1 is in flight when the others arrive: two of them its duplicates, and
	// two duplicates of each other.
	a1 := offer("a1")
	<-g.arrived
	others := []chan sequencer.Receipt{offer("a2"), offer("b1"), offer("a3"), offer("b2")}
	waitFor(func() bool { return w.Waiting() == 4 })
	g.answer <- nil
	if b := <-g.arrived; len(b.Leaves) != 1 {
		t.Errorf("the batch has %d leaves, want one", len(b.Leaves))
	}
	g.answer <- nil
	if r := <-a1; r.Index != 0 || r.Duplicate {
		t.Errorf("a1: %d, %v", r.Index, r.Duplicate)
	}
	fresh := 0
	for i, c := range others {
		r := <-c
		if want := int64(i % 2); r.Index != want {
			t.Errorf("offer %d has index %d, want %d", i, r.Index, want)
		}
		if !r.Duplicate {
			fresh++
		}
		if c := w.checkpoint(r.Checkpoint); c.Size <= r.Index {
			t.Errorf("offer %d is acknowledged with a checkpoint of %d leaves", i, c.Size)
		}
	}
	if fresh != 1 {
		t.Errorf("%d of the others are new, want 1", fresh)
	}
	// They are known after a restart too.
	if err := w.halt(); err != nil {
		t.Fatal(err)
	}
	w.start()
	for _, leaf := range []string{"b7", "a7"} {
		r := <-offer(leaf)
		if want := int64(leaf[0] - 'a'); !r.Duplicate || r.Index != want || r.Size != 2 {
			t.Errorf("%s after a restart: %d, %v, size %d", leaf, r.Index, r.Duplicate, r.Size)
		}
	}
}

// waitFor returns when a condition holds.
func waitFor(condition func() bool) {
	for !condition() {
		yield()
	}
}

func TestQueueIsBounded(t *testing.T) {
	w := newWorld(t, func(w *world) { w.config.Queue = 3 })
	w.stop()
	if err := <-w.ran; err != nil {
		t.Fatal(err)
	}
	w.ran = nil
	if _, err := w.Add(context.Background(), entry("late")); !errors.Is(err, sequencer.ErrClosed) {
		t.Errorf("Add after the end: %v", err)
	}
	if err := w.halt(); err != nil {
		t.Fatal(err)
	}
	if err := w.open(); err != nil { // does not run: nobody takes anything
		t.Fatal(err)
	}
	errs := make(chan error, 3)
	for i := range 3 {
		go func() { _, err := w.Add(context.Background(), entry("%d", i)); errs <- err }()
	}
	waitFor(func() bool { return w.Waiting() == 3 })
	if _, err := w.Add(context.Background(), entry("one too many")); !errors.Is(err, sequencer.ErrBusy) || code(err) != "LOG-QUEUE-FULL" {
		t.Errorf("Add to a full queue: %v", err)
	}
	w.run()
	for range 3 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if err := w.Run(context.Background()); err == nil {
		t.Error("a log runs twice")
	}
}

func TestCancelledAdd(t *testing.T) {
	var g *gate
	w := newWorld(t, func(w *world) {
		w.wrap = func(s sequencer.Store) sequencer.Store { g = newGate(s); return g }
	})
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := w.Add(cancelled, entry("never")); err != context.Canceled {
		t.Errorf("Add with an ended context: %v", err)
	}
	inFlight, cancelFirst := context.WithCancel(context.Background())
	waits, cancelSecond := context.WithCancel(context.Background())
	first, second := make(chan error, 1), make(chan error, 1)
	go func() { _, err := w.Add(inFlight, entry("in flight")); first <- err }()
	<-g.arrived
	go func() { _, err := w.Add(waits, entry("waits")); second <- err }()
	waitFor(func() bool { return w.Waiting() == 1 })
	cancelSecond()
	if err := <-second; err != context.Canceled {
		t.Errorf("cancelled while it waited: %v, want context.Canceled alone", err)
	}
	cancelFirst()
	if err := <-first; !errors.Is(err, sequencer.ErrUnknown) || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled in flight: %v, want ErrUnknown and context.Canceled", err)
	}
	g.answer <- nil
	third := make(chan sequencer.Receipt, 1)
	go func() { third <- w.add(entry("third")) }()
	if b := <-g.arrived; len(b.Leaves) != 1 || string(b.Leaves[0]) != "third" {
		t.Errorf("the next batch is %q", b.Leaves)
	}
	g.answer <- nil
	if r := <-third; r.Index != 1 {
		t.Errorf("index %d, want 1: the entry in flight is recorded, the one that waited is not", r.Index)
	}
}

func TestCommitThatChangedNothing(t *testing.T) {
	var g *gate
	judge := &counting{}
	w := newWorld(t, func(w *world) {
		w.wrap = func(s sequencer.Store) sequencer.Store { g = newGate(s); return g }
		w.config.Guard = judge
	})
	before := w.Checkpoint()
	full := fmt.Errorf("no room: %w", sequencer.ErrUnchanged)
	g.answer <- full
	if _, err := w.Add(context.Background(), entry("x")); !errors.Is(err, sequencer.ErrUnchanged) || errors.Is(err, sequencer.ErrUnknown) {
		t.Errorf("Add: %v", err)
	}
	<-g.arrived
	if !bytes.Equal(w.Checkpoint(), before) || judge.kept != 0 || judge.dropped != 1 {
		t.Errorf("size %d, kept %d, dropped %d", w.Size(), judge.kept, judge.dropped)
	}
	g.answer <- nil
	if r := w.add(entry("x")); r.Index != 0 {
		t.Errorf("index %d after the store recovered", r.Index)
	}
}

func TestUnknownOutcomeEndsTheLog(t *testing.T) {
	var g *gate
	w := newWorld(t, func(w *world) {
		w.wrap = func(s sequencer.Store) sequencer.Store { g = newGate(s); return g }
	})
	before := w.Checkpoint()
	first, second := make(chan error, 1), make(chan error, 1)
	go func() { _, err := w.Add(context.Background(), entry("one")); first <- err }()
	<-g.arrived
	go func() { _, err := w.Add(context.Background(), entry("two")); second <- err }()
	waitFor(func() bool { return w.Waiting() == 1 })
	broken := errors.New("the disk is on fire")
	g.answer <- broken
	if err := <-first; !errors.Is(err, sequencer.ErrUnknown) || !errors.Is(err, broken) {
		t.Errorf("Add in flight: %v", err)
	}
	if err := <-second; !errors.Is(err, sequencer.ErrClosed) {
		t.Errorf("Add that waited: %v", err)
	}
	if err := <-w.ran; !errors.Is(err, sequencer.ErrUnknown) || !errors.Is(err, broken) {
		t.Errorf("Run: %v", err)
	}
	w.ran = nil
	if _, err := w.Add(context.Background(), entry("three")); !errors.Is(err, sequencer.ErrClosed) {
		t.Errorf("Add afterwards: %v", err)
	}
	if !bytes.Equal(w.Checkpoint(), before) {
		t.Error("something was published")
	}
}

// TestStoreThatLies holds that no signature leaves for a root that the store did
// not confirm.
func TestStoreThatLies(t *testing.T) {
	w := newWorld(t, func(w *world) {
		w.wrap = func(s sequencer.Store) sequencer.Store { return liar{s} }
	})
	before := w.Checkpoint()
	if _, err := w.Add(context.Background(), entry("x")); !errors.Is(err, sequencer.ErrUnknown) {
		t.Errorf("Add: %v", err)
	}
	if err := <-w.ran; !errors.Is(err, sequencer.ErrUnknown) {
		t.Errorf("Run: %v", err)
	}
	w.ran = nil
	if !bytes.Equal(w.Checkpoint(), before) {
		t.Error("something was published")
	}
}

type liar struct{ sequencer.Store }

func (l liar) Commit(ctx context.Context, b sequencer.Batch) (sequencer.Head, error) {
	head, err := l.Store.Commit(ctx, b)
	head.Root[5] ^= 1
	return head, err
}

func TestAnchors(t *testing.T) {
	w := newWorld(t, nil)
	anchors := []ledger.Checkpoint{w.Head()}
	for i := range 5 {
		anchors = append(anchors, w.checkpoint(w.add(entry("%d", i)).Checkpoint))
	}
	if w.Anchored() {
		t.Error("anchored without an anchor")
	}
	if err := w.halt(); err != nil {
		t.Fatal(err)
	}
	ahead := anchors[5]
	ahead.Size++
	fork := anchors[5]
	fork.Root[0] ^= 1
	old := anchors[3]
	old.Root[0] ^= 1
	other := anchors[3]
	other.Origin = "ledger.example/other"
	for want, anchor := range map[string]ledger.Checkpoint{"LOG-ANCHOR-AHEAD": ahead, "LOG-ANCHOR-FORK same": fork, "LOG-ANCHOR-FORK older": old, "LOG-ORIGIN-MISMATCH": other} {
		w.config.Anchors = append(anchors[:4:4], anchor)
		if err := w.open(); code(err) != strings.Fields(want)[0] {
			t.Errorf("%s: %v", want, err)
		}
	}
	w.config.Anchors = anchors
	w.start()
	if !w.Anchored() {
		t.Error("not anchored")
	}
	if r := w.add(entry("5")); r.Index != 5 {
		t.Errorf("index %d", r.Index)
	}
}

func TestOpenRefuses(t *testing.T) {
	w := newWorld(t, func(w *world) { w.config.Guard = &counting{} })
	w.add(entry("a"))
	w.add(entry("b"))
	if err := w.halt(); err != nil {
		t.Fatal(err)
	}
	good := w.config
	for want, spoil := range map[string]func(*sequencer.Config){
		"LOG-REPLAY-REFUSED guard": func(c *sequencer.Config) { c.Guard = &counting{refuse: func(any) bool { return true }} },
		"LOG-REPLAY-REFUSED reopen": func(c *sequencer.Config) {
			c.Reopen = func(int64, []byte) (sequencer.Entry, error) { return sequencer.Entry{}, errors.New("no") }
		},
		"LOG-ORIGIN-MISMATCH": func(c *sequencer.Config) { c.Origin = "ledger.example/other" },
		"LOG-CHECKPOINT-ORIGIN": func(c *sequencer.Config) {
			s, err := ledger.NewSigner(ledger.Ed25519, "ledger.example/other", zeroReader{})
			if err != nil {
				t.Fatal(err)
			}
			c.Signers = []*ledger.Signer{s}
		},
	} {
		w.config = good
		spoil(&w.config)
		if err := w.open(); code(err) != strings.Fields(want)[0] {
			t.Errorf("%s: %v", want, err)
		}
	}
	w.config = good
	w.config.Guard = &counting{}
	w.start()
	if g := w.config.Guard.(*counting); w.Size() != 2 || g.kept == 0 || g.admitted != 2 {
		t.Errorf("size %d, guard %+v", w.Size(), g)
	}
}

// TestManyAdders lets many goroutines add, some of them the same entries, while
// others read, and holds the outcome against what each was told.
func TestManyAdders(t *testing.T) {
	w := newWorld(t, nil)
	const adders, each = 16, 60
	index := make([]map[string]int64, adders)
	var wait, readers sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		readers.Go(func() {
			last := ledger.Checkpoint{Origin: origin, Root: ledger.EmptyRoot}
			for {
				c := w.Head()
				if c.Size > 0 && last.Size > 0 {
					proof, err := ledger.ProveConsistency(w.Log, last.Size, c.Size)
					if err != nil {
						t.Error(err)
					}
					if err := ledger.VerifyConsistency(last.Size, c.Size, last.Root, c.Root, proof); err != nil {
						t.Error(err)
					}
				}
				last = c
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for a := range adders {
		index[a] = map[string]int64{}
		wait.Go(func() {
			r := rand.New(rand.NewPCG(uint64(a), 9))
			for range each {
				leaf := fmt.Sprintf("leaf %d", r.IntN(adders*each/2))
				receipt, err := w.Add(context.Background(), sequencer.Entry{Leaf: []byte(leaf)})
				if err != nil {
					t.Error(err)
					return
				}
				if receipt.Size <= receipt.Index || w.Size() < receipt.Size {
					t.Errorf("index %d acknowledged at size %d, published %d", receipt.Index, receipt.Size, w.Size())
				}
				index[a][leaf] = receipt.Index
			}
		})
	}
	wait.Wait()
	close(done)
	readers.Wait()
	all := map[string]int64{}
	for a := range adders {
		for leaf, i := range index[a] {
			if before, ok := all[leaf]; ok && before != i {
				t.Errorf("%s is at %d and at %d", leaf, before, i)
			}
			all[leaf] = i
			if b, err := w.Leaf(i); err != nil || string(b) != leaf {
				t.Errorf("leaf %d is %q, %v, want %q", i, b, err, leaf)
			}
		}
	}
	if int64(len(all)) != w.Size() {
		t.Errorf("%d leaves were told, the log has %d", len(all), w.Size())
	}
}

// TestLongestLeaves lets more leaves of the greatest length wait than a batch
// takes: each batch ends with the leaf that reaches over the limit.
func TestLongestLeaves(t *testing.T) {
	var g *gate
	w := newWorld(t, func(w *world) {
		w.wrap = func(s sequencer.Store) sequencer.Store { g = newGate(s); return g }
	})
	const leaves = 200
	var adders sync.WaitGroup
	add := func(n int) {
		adders.Go(func() {
			leaf := bytes.Repeat([]byte{byte(n)}, ledger.MaxLeaf)
			if _, err := w.Add(context.Background(), sequencer.Entry{Leaf: leaf}); err != nil {
				t.Error(err)
			}
		})
	}
	add(0)
	first := <-g.arrived
	for n := 1; n < leaves; n++ {
		add(n)
	}
	for w.Waiting() < leaves-len(first.Leaves) {
		runtime.Gosched()
	}
	for size := len(first.Leaves); size < leaves; {
		g.answer <- nil
		b := <-g.arrived
		size += len(b.Leaves)
		if n := len(b.Leaves) * ledger.MaxLeaf; size < leaves && n < sequencer.MaxBatchBytes || n >= sequencer.MaxBatchBytes+ledger.MaxLeaf {
			t.Errorf("batch of %d leaves", len(b.Leaves))
		}
	}
	g.answer <- nil
	adders.Wait()
	w.halt()
	w.wrap = nil
	w.start()
	if w.Size() != leaves {
		t.Errorf("size %d of %d after opening again", w.Size(), leaves)
	}
}

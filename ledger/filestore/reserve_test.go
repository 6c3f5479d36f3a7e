package filestore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

// freeFS is a layer that says how much space it has.
type freeFS struct {
	*cutFS
	free atomic.Int64
	err  error
}

func (f *freeFS) Free() (int64, error) { return f.free.Load(), f.err }

// openFresh makes and opens a log that was not written to.
func openFresh(t *testing.T, o Options) *Store {
	t.Helper()
	if err := Create("", o, time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	s, err := Open("", o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Replay(t.Context(), 0, func(int64, []byte) ([32]byte, error) { return [32]byte{}, nil }); err != nil {
		t.Fatal(err)
	}
	return s
}

// grows commits batches of leaves of a few kilobytes.
type grows struct {
	*Store
	tree ledger.Range
	made int
}

func (g *grows) commit(leaves int) error {
	var list [][]byte
	for range leaves {
		g.made++
		list = append(list, append(fmt.Appendf(nil, "leaf %d ", g.made), make([]byte, 900)...))
	}
	b := makeBatch(&g.tree, list)
	if _, err := g.Commit(context.Background(), b); err != nil {
		return err
	}
	for _, h := range b.Hashes {
		g.tree.Append(h, nil)
	}
	return nil
}

// TestReserveIsKept commits nothing below the reserve, reads on, and goes on as
// soon as there is space.
func TestReserveIsKept(t *testing.T) {
	files := &freeFS{cutFS: newCutFS()}
	files.free.Store(1 << 20)
	o := tinyOptions(files)
	o.Reserve = 1 << 20
	g := &grows{Store: openFresh(t, o)}
	for _, free := range []int64{1<<20 - 1, 0, 1 << 19} {
		if err := g.commit(2); err != nil {
			t.Fatal(err)
		}
		files.free.Store(free)
		size, calls := g.Head().Size, files.calls
		if err := g.commit(1); !errors.Is(err, sequencer.ErrUnchanged) || code(err) != "STORE-SPACE-LOW" {
			t.Errorf("commit with %d bytes free: %v", free, err)
		}
		if err := g.KeepSnapshot(size, []byte("state")); code(err) != "STORE-SPACE-LOW" {
			t.Errorf("snapshot with %d bytes free: %v", free, err)
		}
		if g.Head().Size != size || files.calls != calls {
			t.Errorf("with %d bytes free the files were changed", free)
		}
		if _, err := g.Leaf(size - 1); err != nil {
			t.Errorf("reading with %d bytes free: %v", free, err)
		}
		if err := g.Room(); !errors.Is(err, sequencer.ErrUnchanged) || code(err) != "STORE-SPACE-LOW" {
			t.Errorf("Room with %d bytes free = %v", free, err)
		}
		files.free.Store(1 << 20)
	}
	if err := errors.Join(g.Room(), g.commit(1)); err != nil {
		t.Errorf("with as much as the reserve: %v", err)
	}
	files.free.Store(0)
	files.err = errors.New("nobody knows")
	if err := errors.Join(g.Room(), g.commit(1)); err != nil {
		t.Errorf("where the free space is not known: %v", err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestFullDisk runs out of space, again and again, wherever a commit asks for
// more: it is refused with nothing changed, never with an unknown outcome, the
// log reads on and takes the next batch when there is room, without being opened
// anew.
func TestFullDisk(t *testing.T) {
	const seed = 9
	r := rand.New(rand.NewPCG(seed, 1))
	files := newCutFS()
	o := tinyOptions(files)
	g := &grows{Store: openFresh(t, o)}
	full, went := 0, 0
	for range 80 {
		files.mu.Lock()
		files.limit = files.used() + r.IntN(160<<10)
		files.mu.Unlock()
		for range 1 + r.IntN(6) {
			err := g.commit(1 + r.IntN(20))
			switch {
			case err == nil:
				went++
			case !errors.Is(err, sequencer.ErrUnchanged) || code(err) != "STORE-DISK-FULL":
				t.Fatalf("seed %d, %d leaves: %v", seed, g.Head().Size, err)
			default:
				full++
			}
		}
		if size := g.Head().Size; size != g.tree.Size() || g.Head().Root != g.tree.Root() {
			t.Fatalf("seed %d: the log has %d leaves, %d were acknowledged", seed, size, g.tree.Size())
		} else if size > 0 {
			if _, err := g.Leaf(r.Int64N(size)); err != nil {
				t.Fatalf("seed %d: reading a full disk: %v", seed, err)
			}
		}
	}
	files.limit = 0
	if err := g.commit(3); err != nil {
		t.Errorf("seed %d: with room again: %v", seed, err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	for _, next := range []*cutFS{files.copy().cut(r), files.restart()} {
		s, err := Open("", tinyOptions(next))
		if err != nil {
			t.Fatal(err)
		}
		if s.Head().Size != g.tree.Size() || s.Head().Root != g.tree.Root() {
			t.Errorf("seed %d: %d leaves after a restart, %d were acknowledged", seed, s.Head().Size, g.tree.Size())
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("seed %d: %d batches committed, %d refused", seed, went, full)
	if went < 20 || full < 20 {
		t.Error("too few outcomes of one kind")
	}
}

// TestNoRoomForARecord lets the write of a journal record itself run out of
// space, as it can where writing over bytes needs new ones: half of it is
// written. The record is taken back and the log goes on; after a loss of power at
// any later moment nothing of it is found.
func TestNoRoomForARecord(t *testing.T) {
	for _, leaves := range []int{1, 30} {
		files := newCutFS()
		g := &grows{Store: openFresh(t, tinyOptions(files))}
		if err := g.commit(5); err != nil {
			t.Fatal(err)
		}
		files.fault = syscall.ENOSPC
		files.failIn = "(*journal).append < "
		if err := g.commit(leaves); !errors.Is(err, sequencer.ErrUnchanged) || code(err) != "STORE-DISK-FULL" {
			t.Fatalf("%d leaves: %v", leaves, err)
		}
		if files.failIn != "" {
			t.Fatal("the record was not written")
		}
		r := rand.New(rand.NewPCG(6, 6))
		for range 20 {
			s, err := Open("", tinyOptions(files.copy().cut(r)))
			if err != nil {
				t.Fatal(err)
			}
			if s.Head().Size != 5 {
				t.Errorf("%d leaves after a loss of power, 5 were acknowledged and the others refused", s.Head().Size)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := g.commit(leaves); err != nil {
			t.Errorf("%d leaves, again: %v", leaves, err)
		}
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
		s, err := Open("", tinyOptions(files.restart()))
		if err != nil || s.Head().Size != int64(5+leaves) {
			t.Fatalf("%d leaves and %v after a restart", s.Head().Size, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// used returns the bytes of all files.
func (c *cutFS) used() int {
	n := 0
	for name, f := range c.names {
		if !f.dir && !strings.HasPrefix(name, "lock") {
			n += len(f.now)
		}
	}
	return n
}

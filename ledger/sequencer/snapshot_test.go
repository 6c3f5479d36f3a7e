package sequencer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

// chained is a guard whose state is a hash of all it admitted, so that one leaf
// more, less or elsewhere shows.
type chained struct {
	counting
	state, before ledger.Hash
	size          int64
	judged        atomic.Int64 // leaves, all proposals together
	refuse        error        // Restore's answer
	read          []int64      // leaves that Restore is to read
}

func (g *chained) Propose(first int64, prepared []any) []error {
	g.before = g.state
	for _, p := range prepared {
		g.state = ledger.LeafHash(fmt.Appendf(nil, "%v %v", g.state, p))
	}
	g.judged.Add(int64(len(prepared)))
	return g.counting.Propose(first, prepared)
}

func (g *chained) Keep() {
	g.counting.Keep()
	g.size = g.next
}

func (g *chained) Drop() {
	g.counting.Drop()
	g.state = g.before
}

func (g *chained) Snapshot() func() []byte {
	if g.open {
		g.broken = errors.New("a snapshot within a proposal")
	}
	state, size := g.state, g.size
	return func() []byte { return fmt.Appendf(nil, "%v at %d", state, size) }
}

func (g *chained) Restore(raw []byte, size int64, leaf func(int64) ([]byte, error)) error {
	if g.refuse != nil {
		return g.refuse
	}
	for _, index := range g.read {
		b, err := leaf(index)
		if inside := index >= 0 && index < size; inside != (err == nil) || inside && string(b) != fmt.Sprintf("leaf %d", index) {
			g.broken = fmt.Errorf("leaf %d of %d is %q, %w", index, size, b, err)
		}
	}
	text, at, _ := strings.Cut(string(raw), " at ")
	if at != fmt.Sprint(size) {
		return fmt.Errorf("snapshot at %s, not %d", at, size)
	}
	var err error
	g.state, err = ledger.ParseHash(text)
	g.next, g.size = size, size
	return err
}

// chainedWorld is a log with a chained guard that has a snapshot every 100 leaves.
func chainedWorld(t *testing.T, wrap func(sequencer.Store) sequencer.Store) (*world, *chained) {
	g := &chained{}
	w := newWorld(t, func(w *world) {
		w.config.Guard, w.config.SnapshotEvery, w.wrap = g, 100, wrap
		w.config.Reopen = func(_ int64, leaf []byte) (sequencer.Entry, error) {
			return sequencer.Entry{Leaf: leaf, Prepared: string(leaf)}, nil
		}
	})
	return w, g
}

// fill adds leaves up to a size, each in a batch of its own.
func (w *world) fill(size int64) {
	w.Helper()
	for w.Size() < size {
		leaf := fmt.Sprintf("leaf %d", w.Size())
		w.add(sequencer.Entry{Leaf: []byte(leaf), Prepared: leaf})
	}
}

// fresh puts a new guard in the place of the old one and opens the log.
func (w *world) fresh() (*chained, error) {
	w.Helper()
	g := &chained{}
	w.config.Guard = g
	return g, w.open()
}

// named returns the size of the snapshot that the log names.
func (w *world) named() int64 {
	w.Helper()
	size, _, err := w.store.Snapshot()
	if err != nil {
		w.Fatal(err)
	}
	return size
}

// TestOpensFromSnapshot holds that a guard that was restored is the guard that
// judged everything, and was asked for the rest alone.
func TestOpensFromSnapshot(t *testing.T) {
	w, g := chainedWorld(t, nil)
	w.fill(520) // over a bundle and some more
	for w.named() == 0 {
		w.fill(w.Size() + 1) // the writer of snapshots may be slow
	}
	if err := w.halt(); err != nil || g.broken != nil {
		t.Fatal(err, g.broken)
	}
	root, size := w.Head().Root, w.Size()

	restored := &chained{read: []int64{0, 1, 99, 3, -1, size}}
	w.config.Guard = restored
	if err := w.open(); err != nil {
		t.Fatal(err)
	}
	from := w.named()
	if restored.state != g.state || restored.judged.Load() != size-from || restored.broken != nil {
		t.Errorf("from a snapshot at %d: state %v, want %v; judged %d of %d; %v", from, restored.state, g.state, restored.judged.Load(), size, restored.broken)
	}
	if w.Head().Root != root || w.Size() != size {
		t.Errorf("opened with %v", w.Head())
	}
	w.run()
	for index := range size { // duplicates are found, also below the snapshot
		if r := w.add(entry("leaf %d", index)); r.Index != index || !r.Duplicate {
			t.Fatalf("leaf %d again is at %d, duplicate %v", index, r.Index, r.Duplicate)
		}
	}
	w.fill(size + 30)
	if err := w.halt(); err != nil || restored.broken != nil {
		t.Fatal(err, restored.broken)
	}

	// Against a guard that judged everything.
	if err := os.RemoveAll(filepath.Join(w.dir, "snapshots")); err != nil {
		t.Fatal(err)
	}
	zero, err := w.fresh()
	if err != nil {
		t.Fatal(err)
	}
	if zero.state != restored.state || zero.judged.Load() != size+30 {
		t.Errorf("from zero: state %v, want %v; judged %d of %d", zero.state, restored.state, zero.judged.Load(), size+30)
	}
}

// shelf is a Store with snapshots of its own making.
type shelf struct {
	sequencer.SnapshotStore
	snapshot func() (int64, []byte, error)
	keep     func(size int64, content []byte) error
	replay   func(from int64) int64
}

func (s *shelf) Snapshot() (int64, []byte, error) {
	if s.snapshot == nil {
		return s.SnapshotStore.Snapshot()
	}
	return s.snapshot()
}

func (s *shelf) KeepSnapshot(size int64, content []byte) error {
	if s.keep == nil {
		return s.SnapshotStore.KeepSnapshot(size, content)
	}
	return s.keep(size, content)
}

func (s *shelf) Replay(ctx context.Context, from int64, visit func(int64, []byte) ([32]byte, error)) error {
	if s.replay != nil {
		from = s.replay(from)
	}
	return s.SnapshotStore.Replay(ctx, from, visit)
}

// TestFallsBackToZero damages the snapshot in every way: the log opens as if
// there were none, and says so.
func TestFallsBackToZero(t *testing.T) {
	w, g := chainedWorld(t, nil)
	for w.named() == 0 || w.Size() < 300 {
		w.fill(w.Size() + 1)
	}
	if err := w.halt(); err != nil {
		t.Fatal(err)
	}
	size := w.Size()
	dir := filepath.Join(w.dir, "snapshots")
	names := func() []string {
		list, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range list {
			names = append(names, filepath.Join(dir, e.Name()))
		}
		return names
	}
	saved := map[string][]byte{}
	for _, name := range names() {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		saved[name] = b
	}
	write := func(name string, b []byte) {
		t.Helper()
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	each := func(change func(b []byte) []byte) func() {
		return func() {
			for name, b := range saved {
				write(name, change(slices.Clone(b)))
			}
		}
	}
	store := func(s *shelf) func(sequencer.Store) sequencer.Store {
		return func(below sequencer.Store) sequencer.Store {
			s.SnapshotStore = below.(sequencer.SnapshotStore)
			return s
		}
	}
	fixed := func(size int64, content string, err error) *shelf {
		return &shelf{snapshot: func() (int64, []byte, error) { return size, []byte(content), err }}
	}
	for name, c := range map[string]struct {
		damage func()
		shelf  *shelf
		refuse error
		quiet  bool
	}{
		"folder deleted": {damage: func() {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}},
		"emptied":           {damage: each(func([]byte) []byte { return nil })},
		"cut off":           {damage: each(func(b []byte) []byte { return b[:len(b)-1] })},
		"longer":            {damage: each(func(b []byte) []byte { return append(b, '\n') })},
		"a bit":             {damage: each(func(b []byte) []byte { b[len(b)/2] ^= 4; return b })},
		"an older one":      {damage: each(func(b []byte) []byte { return []byte("sha256:" + strings.Repeat("0", 64) + " at 1") })},
		"unreadable":        {shelf: fixed(100, "", errors.New("the disk is gone"))},
		"of leaves to come": {shelf: fixed(size+1, "", nil)},
		"of fewer than none": {
			shelf: fixed(-1, "", nil),
		},
		"refused by the guard": {refuse: errors.New("written by a newer program")},
		"none":                 {shelf: fixed(0, "", nil), quiet: true},
	} {
		t.Run(name, func(t *testing.T) {
			each(func(b []byte) []byte { return b })()
			if c.damage != nil {
				c.damage()
			}
			var said bytes.Buffer
			w.config.Logger, w.wrap = slog.New(slog.NewTextHandler(&said, nil)), nil
			if c.shelf != nil {
				w.wrap = store(c.shelf)
			}
			zero := &chained{refuse: c.refuse}
			w.config.Guard = zero
			if err := w.open(); err != nil {
				t.Fatal(err)
			}
			defer w.halt()
			if zero.state != g.state || zero.judged.Load() != size {
				t.Errorf("state %v, want %v; judged %d of %d", zero.state, g.state, zero.judged.Load(), size)
			}
			if warned := strings.Contains(said.String(), "level=WARN msg=\"snapshot of the guard's state not used"); warned == c.quiet {
				t.Errorf("it says %q", said.String())
			}
		})
	}
}

// TestReplayLeavesNothingOut: a store that begins above the snapshot, or does not
// reach the head, is refused.
func TestReplayLeavesNothingOut(t *testing.T) {
	w, _ := chainedWorld(t, nil)
	for w.named() == 0 || w.Size() < 600 {
		w.fill(w.Size() + 1)
	}
	if err := w.halt(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(from int64) int64{
		"above the snapshot": func(int64) int64 { return 512 },
		"nothing at all":     func(int64) int64 { return w.store.Head().Size },
	} {
		g := &chained{refuse: errors.New("none")}
		w.config.Guard = g
		w.wrap = func(s sequencer.Store) sequencer.Store {
			return &shelf{SnapshotStore: late{s.(sequencer.SnapshotStore)}, replay: change}
		}
		if err := w.open(); err == nil || !strings.Contains(err.Error(), "out of the replay") {
			t.Errorf("%s: %v", name, err)
			w.halt()
		}
	}
}

// late is a Store that replays from the very leaf that it is told to.
type late struct{ sequencer.SnapshotStore }

func (l late) Replay(ctx context.Context, from int64, visit func(int64, []byte) ([32]byte, error)) error {
	return l.SnapshotStore.Replay(ctx, 0, func(index int64, leaf []byte) ([32]byte, error) {
		if index < from {
			return ledger.LeafHash(leaf), nil
		}
		return visit(index, leaf)
	})
}

// TestCommitsWhileASnapshotIsKept: adds are answered, no second snapshot is
// begun, and Run does not end before the writer of the first.
func TestCommitsWhileASnapshotIsKept(t *testing.T) {
	arrived, release := make(chan int64, 10), make(chan error)
	w, g := chainedWorld(t, func(s sequencer.Store) sequencer.Store {
		return &shelf{SnapshotStore: s.(sequencer.SnapshotStore), keep: func(size int64, content []byte) error {
			arrived <- size
			return <-release
		}}
	})
	w.fill(100)
	if size := <-arrived; size != 100 {
		t.Errorf("taken at %d", size)
	}
	w.fill(350)
	select {
	case size := <-arrived:
		t.Errorf("one more taken at %d", size)
	default:
	}
	release <- errors.New("no room") // which is no reason to stop
	var second int64
	for second == 0 {
		w.fill(w.Size() + 1)
		select {
		case second = <-arrived:
		default:
			yield()
		}
	}
	w.stop()
	waitFor(func() bool { // Run is about to end: it takes nothing any more
		_, err := w.Add(context.Background(), entry("late"))
		return errors.Is(err, sequencer.ErrClosed)
	})
	select {
	case err := <-w.ran:
		t.Fatalf("Run ended with %v while a snapshot was written", err)
	default:
	}
	release <- nil
	if err := w.halt(); err != nil || g.broken != nil {
		t.Fatal(err, g.broken)
	}
}

// TestNoSnapshotOfWhatIsNotCommitted: a batch that the store could not take is
// in no snapshot.
func TestNoSnapshotOfWhatIsNotCommitted(t *testing.T) {
	taken := make(chan string, 100)
	fail := false
	w, g := chainedWorld(t, func(s sequencer.Store) sequencer.Store {
		return &flaky{shelf: &shelf{SnapshotStore: s.(sequencer.SnapshotStore), keep: func(_ int64, content []byte) error {
			taken <- string(content)
			return nil
		}}, fail: &fail}
	})
	w.fill(99)
	fail = true
	if _, err := w.Add(context.Background(), sequencer.Entry{Leaf: []byte("lost"), Prepared: "lost"}); !errors.Is(err, sequencer.ErrUnchanged) {
		t.Fatal(err)
	}
	fail = false
	w.fill(100)
	want := fmt.Sprintf("%v at 100", g.state)
	if got := <-taken; got != want {
		t.Errorf("snapshot %q, want %q", got, want)
	}
}

type flaky struct {
	*shelf
	fail *bool
}

func (f *flaky) Commit(ctx context.Context, b sequencer.Batch) (sequencer.Head, error) {
	if *f.fail {
		return sequencer.Head{}, fmt.Errorf("%w: no room", sequencer.ErrUnchanged)
	}
	return f.shelf.Commit(ctx, b)
}

package filestore

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

// copy returns the layer as it is at this moment, with what is not durable.
func (c *cutFS) copy() *cutFS {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := newCutFS()
	n.inode = c.inode
	same := map[*cutNode]*cutNode{}
	for _, list := range []struct{ from, to map[string]*cutNode }{{c.names, n.names}, {c.kept, n.kept}, {c.gone, n.gone}} {
		for name, f := range list.from {
			if same[f] == nil {
				g := *f
				g.now, g.disk, g.pending = bytes.Clone(f.now), bytes.Clone(f.disk), slices.Clone(f.pending)
				same[f] = &g
			}
			list.to[name] = same[f]
		}
	}
	return n
}

// counter is a guard that admits everything and counts it.
type counter struct{ n, proposed int64 }

func (c *counter) Propose(_ int64, prepared []any) []error {
	c.proposed = int64(len(prepared))
	return make([]error, len(prepared))
}
func (c *counter) Keep() { c.n, c.proposed = c.n+c.proposed, 0 }
func (c *counter) Drop() { c.proposed = 0 }
func (c *counter) Snapshot() func() []byte {
	n := c.n
	return func() []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }
}

func (c *counter) Restore(b []byte, size int64, _ func(int64) ([]byte, error)) error {
	if len(b) != 8 || int64(binary.BigEndian.Uint64(b)) != size {
		return fmt.Errorf("snapshot of %x at %d", b, size)
	}
	c.n = size
	return nil
}

// stopper stops one step.
type stopper struct {
	step  sequencer.Step
	after bool

	mu    sync.Mutex
	armed bool
	came  chan struct{} // closed when the step is there
	goOn  chan error    // what the step then returns
}

func (s *stopper) at(step sequencer.Step, after bool) error {
	s.mu.Lock()
	hit := s.armed && step == s.step && after == s.after
	if hit {
		s.armed = false
	}
	s.mu.Unlock()
	if !hit {
		return nil
	}
	close(s.came)
	return <-s.goOn
}

// stepLog is a log over a layer.
type stepLog struct {
	*sequencer.Log
	store *Store
	stop  context.CancelFunc
	ran   chan error
}

func openSteps(t *testing.T, files *cutFS, signers []*ledger.Signer, point sequencer.FailPoint) *stepLog {
	t.Helper()
	o := tinyOptions(files)
	o.FailPoint = point
	s, err := Open("", o)
	if err != nil {
		t.Fatal(err)
	}
	guard := &counter{}
	l, err := sequencer.Open(t.Context(), sequencer.Config{
		Origin: testOrigin, Store: s, Signers: signers, Clock: func() time.Time { return time.Unix(1, 0) },
		Guard: guard, SnapshotEvery: 6, FailPoint: point,
	})
	if err != nil {
		t.Fatal(err)
	}
	if guard.n != l.Size() {
		t.Fatalf("the guard knows %d leaves of %d", guard.n, l.Size())
	}
	ctx, cancel := context.WithCancel(t.Context())
	x := &stepLog{l, s, cancel, make(chan error, 1)}
	go func() { x.ran <- l.Run(ctx) }()
	return x
}

func (l *stepLog) halt(t *testing.T) error {
	t.Helper()
	l.stop()
	err := <-l.ran
	if e := l.store.Close(); e != nil {
		t.Fatal(e)
	}
	return err
}

// TestSteps stops a batch before and after each named step, in a record of its
// own and with entries beside it. While it is stopped nothing is published before
// its signature and its sync, and nothing is acknowledged before it is published.
// A process that is killed there, or loses its power, opens with the batch if
// that was certain, without it if that was impossible, and always with everything
// that was acknowledged or published before. A step that fails ends the log, which
// the next opening settles; one that goes on is as if it had not stopped.
func TestSteps(t *testing.T) {
	signers := testSigners(t)
	const never, maybe, surely = 0, 1, 2
	for _, p := range []struct {
		step      sequencer.Step
		after     bool
		kill, cut int  // whether the batch is there after a kill, and after a loss of power
		shown     bool // readers see it
	}{
		{sequencer.StepEntriesWrite, false, never, never, false},
		{sequencer.StepEntriesWrite, true, never, never, false},
		{sequencer.StepEntriesSync, false, never, never, false},
		{sequencer.StepEntriesSync, true, never, never, false},
		{sequencer.StepReadBack, false, never, never, false},
		{sequencer.StepReadBack, true, never, never, false},
		{sequencer.StepJournalWrite, false, never, never, false},
		{sequencer.StepJournalWrite, true, surely, maybe, false},
		{sequencer.StepJournalSync, false, surely, maybe, false},
		{sequencer.StepJournalSync, true, surely, surely, false},
		{sequencer.StepSign, false, maybe, maybe, false},
		{sequencer.StepSign, true, maybe, maybe, false},
		{sequencer.StepPublish, false, surely, surely, false},
		{sequencer.StepPublish, true, surely, surely, true},
		{sequencer.StepAcknowledge, false, surely, surely, true},
		{sequencer.StepAcknowledge, true, surely, surely, true},
	} {
		for _, big := range []bool{false, true} {
			if p.step == sequencer.StepEntriesSync && !big {
				continue // a small batch has none
			}
			for _, fails := range []error{nil, errors.New("injected")} {
				when := map[bool]string{false: "before", true: "after"}[p.after]
				t.Run(fmt.Sprintf("%s %s, beside %v, fails %v", when, p.step, big, fails != nil), func(t *testing.T) {
					x := &stopper{step: p.step, after: p.after, came: make(chan struct{}), goOn: make(chan error, 1)}
					acked := p.step == sequencer.StepAcknowledge && p.after
					testStep(t, signers, x, big, fails, [2]int{p.kill, p.cut}, p.shown, acked)
				})
			}
		}
	}
}

func testStep(t *testing.T, signers []*ledger.Signer, x *stopper, big bool, fails error, there [2]int, shown, acked bool) {
	files := newCutFS()
	if err := Create("", tinyOptions(files), time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	l := openSteps(t, files, signers, x.at)
	const first = 8 // acknowledged before, with a snapshot among them
	for i := range first {
		if _, err := l.Add(t.Context(), sequencer.Entry{Leaf: fmt.Appendf(nil, "leaf %d", i)}); err != nil {
			t.Fatal(err)
		}
	}
	last := []byte("the one that is stopped")
	if big {
		last = append(last, bytes.Repeat([]byte{'x'}, 5000)...)
	}
	x.mu.Lock()
	x.armed = true
	x.mu.Unlock()
	type answer struct {
		sequencer.Receipt
		error
	}
	got := make(chan answer, 1)
	go func() {
		r, err := l.Add(t.Context(), sequencer.Entry{Leaf: last})
		got <- answer{r, err}
	}()
	<-x.came
	if want := map[bool]int64{false: first, true: first + 1}[shown]; l.Size() != want {
		t.Errorf("%d leaves are published while the batch is stopped, want %d", l.Size(), want)
	}
	var a answer
	if acked {
		a = <-got
	} else {
		select {
		case a := <-got:
			t.Errorf("acknowledged while the batch is stopped: %v, %v", a.Receipt, a.error)
		default:
		}
	}

	r := rand.New(rand.NewPCG(3, 3))
	killed := files.copy()
	opens := func(what string, files *cutFS, there int) {
		t.Helper()
		l := openSteps(t, files, signers, nil)
		size := l.Size()
		if want := []string{"8 8", "8 9", "9 9"}[there]; size < int64(want[0]-'0') || size > int64(want[2]-'0') {
			t.Errorf("after a %s the log has %d leaves, want %s", what, size, want)
		}
		for i := range first {
			if b, err := l.Leaf(int64(i)); err != nil || string(b) != fmt.Sprintf("leaf %d", i) {
				t.Errorf("after a %s leaf %d is %q, %v", what, i, b, err)
			}
		}
		again, err := l.Add(t.Context(), sequencer.Entry{Leaf: last})
		if err != nil || again.Index != first || again.Duplicate != (size > first) {
			t.Errorf("after a %s, with %d leaves, the entry gets %v, %v", what, size, again, err)
		}
		if err := l.halt(t); err != nil {
			t.Error(err)
		}
	}
	for range 4 {
		opens("loss of power", killed.copy().cut(r), there[1])
	}
	opens("kill", killed, there[0])

	x.goOn <- fails
	if !acked {
		a = <-got
	}
	switch {
	case fails == nil || acked:
		if a.error != nil || a.Index != first || a.Duplicate {
			t.Errorf("the entry gets %v, %v", a.Receipt, a.error)
		}
	case !errors.Is(a.error, sequencer.ErrUnknown):
		t.Errorf("the entry gets %v, %v; want ErrUnknown", a.Receipt, a.error)
	}
	if err := l.halt(t); (err != nil) != (fails != nil) || err != nil && !errors.Is(err, sequencer.ErrUnknown) {
		t.Errorf("the log ends with %v", err)
	}
	if fails == nil {
		there = [2]int{2, 2}
	}
	opens("next start", files.restart(), there[0])
}

// TestSnapshotStep stops the keeping of a snapshot: commits go on beside it, and
// whatever becomes of it the log opens whole.
func TestSnapshotStep(t *testing.T) {
	signers := testSigners(t)
	for _, after := range []bool{false, true} {
		for _, fails := range []error{nil, errors.New("injected")} {
			files := newCutFS()
			if err := Create("", tinyOptions(files), time.Unix(0, 0)); err != nil {
				t.Fatal(err)
			}
			x := &stopper{step: sequencer.StepSnapshot, after: after, armed: true, came: make(chan struct{}), goOn: make(chan error, 1)}
			l := openSteps(t, files, signers, x.at)
			add := func(i int) {
				if _, err := l.Add(t.Context(), sequencer.Entry{Leaf: fmt.Appendf(nil, "leaf %d", i)}); err != nil {
					t.Fatal(err)
				}
			}
			for i := range 6 {
				add(i)
			}
			<-x.came
			for i := range 8 {
				add(6 + i)
			}
			r := rand.New(rand.NewPCG(4, 4))
			killed := files.copy()
			copies := map[string]*cutFS{"loss of power": killed.copy().cut(r), "kill": killed}
			x.goOn <- fails
			if err := l.halt(t); err != nil {
				t.Errorf("after %v, %v: the log ends with %v", after, fails, err)
			}
			copies["next start"] = files.restart()
			for _, what := range slices.Sorted(maps.Keys(copies)) {
				l := openSteps(t, copies[what], signers, nil)
				if l.Size() != 14 {
					t.Errorf("after %v, %v, %s: %d leaves of 14", after, fails, what, l.Size())
				}
				if err := l.halt(t); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

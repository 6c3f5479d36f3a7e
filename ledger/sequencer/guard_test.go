package sequencer_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

func yield() { runtime.Gosched() }

// counting is a guard that refuses what it is told to and holds its caller to
// the contract.
type counting struct {
	refuse func(prepared any) bool

	kept, dropped, admitted int
	proposed                int // admitted in the proposal, -1 if there is none
	next                    int64
	open                    bool
	broken                  error
}

type refusal struct{ what any }

func (r refusal) Error() string { return fmt.Sprintf("the guard refuses %v", r.what) }
func (r refusal) Code() string  { return "STATE-TEST-REFUSED" }

func (g *counting) Propose(first int64, prepared []any) []error {
	if g.open {
		g.broken = errors.New("two proposals at a time")
	}
	if first != g.next {
		g.broken = fmt.Errorf("proposal at %d, want %d", first, g.next)
	}
	g.open, g.proposed = true, 0
	errs := make([]error, len(prepared))
	for i, p := range prepared {
		if g.refuse != nil && g.refuse(p) {
			errs[i] = refusal{p}
			continue
		}
		g.proposed++
	}
	return errs
}

func (g *counting) Keep() {
	if !g.open {
		g.broken = errors.New("Keep without a proposal")
	}
	g.open = false
	g.kept++
	g.admitted += g.proposed
	g.next += int64(g.proposed)
}

func (g *counting) Drop() {
	if !g.open {
		g.broken = errors.New("Drop without a proposal")
	}
	g.open = false
	g.dropped++
}

// TestRefusalsTakeNoIndex mixes leaves that are admitted, refused and duplicates.
func TestRefusalsTakeNoIndex(t *testing.T) {
	var g *gate
	judge := &counting{refuse: func(p any) bool { return p != nil && p.(int)%3 == 1 }}
	w := newWorld(t, func(w *world) {
		w.config.Guard = judge
		w.wrap = func(s sequencer.Store) sequencer.Store { g = newGate(s); return g }
	})
	done := make(chan error, 1)
	go func() { _, err := w.Add(context.Background(), entry("first")); done <- err }()
	<-g.arrived
	type outcome struct {
		n int
		r sequencer.Receipt
		e error
	}
	const n = 30
	outcomes := make(chan outcome, n)
	for i := range n {
		e := entry("leaf %d", i%20) // ten of them twice
		e.Prepared = i % 20
		go func() {
			r, err := w.Add(context.Background(), e)
			outcomes <- outcome{i % 20, r, err}
		}()
	}
	waitFor(func() bool { return w.Waiting() == n })
	g.answer <- nil
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	<-g.arrived
	g.answer <- nil
	admitted := map[int]int64{}
	refused := 0
	for range n {
		o := <-outcomes
		if o.n%3 == 1 {
			if _, ok := o.e.(refusal); !ok { // unchanged, not wrapped
				t.Errorf("leaf %d: %v, want the guard's refusal", o.n, o.e)
			}
			refused++
			continue
		}
		if o.e != nil {
			t.Errorf("leaf %d: %v", o.n, o.e)
		}
		if before, ok := admitted[o.n]; ok && before != o.r.Index {
			t.Errorf("leaf %d is at %d and %d", o.n, before, o.r.Index)
		}
		admitted[o.n] = o.r.Index
	}
	if w.Size() != int64(1+len(admitted)) || refused != 10 || judge.admitted != int(w.Size()) {
		t.Errorf("size %d, %d admitted, %d refused, guard kept %d", w.Size(), len(admitted), refused, judge.admitted)
	}
	for leaf, index := range admitted {
		if b, err := w.Leaf(index); err != nil || string(b) != fmt.Sprintf("leaf %d", leaf) {
			t.Errorf("leaf %d is %q, %v", index, b, err)
		}
	}
	if err := w.halt(); err != nil || judge.broken != nil {
		t.Fatal(err, judge.broken)
	}
}

// TestDuplicateOfARefusedLeaf holds that the second of two equal entries is
// judged on its own when the first was refused: what lies between them may
// have changed the answer.
func TestDuplicateOfARefusedLeaf(t *testing.T) {
	calls := 0
	judge := &counting{refuse: func(p any) bool {
		if p != "changing" {
			return false
		}
		calls++
		return calls == 1
	}}
	w := newWorld(t, func(w *world) { w.config.Guard = judge })
	first := w.add(entry("before"))
	if err := w.halt(); err != nil {
		t.Fatal(err)
	}
	judge.next = 0
	judge.admitted = 0
	if err := w.open(); err != nil {
		t.Fatal(err)
	}
	e := entry("twice")
	e.Prepared = "changing"
	type outcome struct {
		r sequencer.Receipt
		e error
	}
	outcomes := make(chan outcome, 2)
	for range 2 {
		go func() {
			r, err := w.Add(context.Background(), e)
			outcomes <- outcome{r, err}
		}()
	}
	waitFor(func() bool { return w.Waiting() == 2 })
	w.run()
	a, b := <-outcomes, <-outcomes
	if a.e == nil {
		a, b = b, a
	}
	if code(a.e) != "STATE-TEST-REFUSED" || b.e != nil || b.r.Duplicate || b.r.Index != first.Index+1 {
		t.Errorf("got %v and %d, %v, %v", a.e, b.r.Index, b.r.Duplicate, b.e)
	}
	if judge.broken != nil {
		t.Error(judge.broken)
	}
}

// TestEdge compares the right edge with the plain recursion, for every size.
func TestEdge(t *testing.T) {
	testEdge(t, rand.New(rand.NewPCG(1, 1)))
}

// lazy is a guard that judges all but the last leaf.
type lazy struct{ counting }

func (g *lazy) Propose(first int64, prepared []any) []error {
	errs := g.counting.Propose(first, prepared)
	return errs[:len(errs)-1]
}

// TestGuardThatSkipsALeaf holds that a leaf that nobody judged is not
// acknowledged.
func TestGuardThatSkipsALeaf(t *testing.T) {
	g := &lazy{}
	w := newWorld(t, func(w *world) { w.config.Guard = g })
	if r, err := w.Add(context.Background(), entry("leaf")); !errors.Is(err, sequencer.ErrUnchanged) || w.Size() != 0 {
		t.Errorf("Add = %+v, %v; size %d", r, err, w.Size())
	}
	if g.dropped != 1 || g.kept != 0 {
		t.Errorf("dropped %d, kept %d", g.dropped, g.kept)
	}
}

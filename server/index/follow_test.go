package index

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
)

// source is a log in memory.
type source struct {
	mu      sync.Mutex
	grown   chan struct{} // closed and replaced when the log grows
	entries [][]Term
	most    int64 // entries that Terms returns at once, 0: all
	err     error
	waits   chan int64 // gets each size that is waited for, if set
	reads   int64      // entries that Terms returned
}

func (s *source) add(terms ...[]Term) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entries = append(s.entries, terms...)
	if s.grown != nil {
		close(s.grown)
		s.grown = nil
	}
}

func (s *source) Size() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(len(s.entries))
}

func (s *source) WaitFor(ctx context.Context, size int64) error {
	if s.waits != nil {
		select {
		case s.waits <- size:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for {
		s.mu.Lock()
		if int64(len(s.entries)) >= size {
			s.mu.Unlock()
			return nil
		}
		if s.grown == nil {
			s.grown = make(chan struct{})
		}
		grown := s.grown
		s.mu.Unlock()
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *source) Terms(_ context.Context, from, to int64) ([][]Term, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.most > 0 {
		to = min(to, from+s.most)
	}
	s.reads += to - from
	return s.entries[from:to], s.err
}

// follow starts Run and returns a function that stops it and gives its error.
func follow(ix *Index, src Source) func() error {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- ix.Run(ctx, src) }()
	return func() error {
		cancel()
		return <-done
	}
}

func TestRunFollows(t *testing.T) {
	for _, most := range []int64{0, 1, 7} {
		src := &source{most: most, waits: make(chan int64)}
		ix := openAt(t, t.TempDir(), small())
		stop := follow(ix, src)
		r := rand.New(rand.NewPCG(20, 0))
		var ref reference
		for range 8 {
			for size := range src.waits {
				if size == src.Size()+1 {
					break
				}
			}
			ref.hold(t, ix)
			terms := randomTerms(r, 1+r.IntN(40))
			src.add(terms...)
			ref.add(terms)
		}
		if err := stop(); !errors.Is(err, context.Canceled) {
			t.Errorf("at most %d: Run = %v", most, err)
		}
	}
}

// Damage that a look-up finds while the log is at rest is mended at once.
func TestRunRebuildsADamagedIndex(t *testing.T) {
	src := &source{waits: make(chan int64)}
	ix := openAt(t, t.TempDir(), small())
	var ref reference
	terms := randomTerms(rand.New(rand.NewPCG(21, 0)), 400)
	src.add(terms...)
	ref.add(terms)
	stop := follow(ix, src)
	for range 6 { // more often than maxResets, each time caught up between
		<-src.waits
		ref.hold(t, ix)
		ix.life.RLock()
		g := ix.gen
		w := g.begin()
		for _, r := range g.current.runs {
			if err := w.remove(chunkKey(r.id, 0)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.flush(); err != nil {
			t.Fatal(err)
		}
		g.mu.Lock()
		g.current.ts = g.ts
		g.mu.Unlock()
		ix.life.RUnlock()
		// In which chunk a term lies is chance: some lie in the one that is gone.
		found := false
		for k := range ref.entries {
			if _, _, err := ix.Lookup(Term{Kind(k[0]), []byte(k[1:])}); code(err) == "SERVER-INDEX-CORRUPT" {
				found = true
				break
			}
		}
		if !found {
			t.Fatal("no look-up in a damaged index finds the damage")
		}
	}
	<-src.waits
	ref.hold(t, ix)
	if err := stop(); !errors.Is(err, context.Canceled) {
		t.Errorf("Run = %v", err)
	}
}

func TestRunDropsAnIndexAheadOfTheLog(t *testing.T) {
	src := &source{waits: make(chan int64)}
	ix := openAt(t, t.TempDir(), small())
	var ahead, ref reference
	fill(t, ix, &ahead, 22, 100, 10)
	terms := randomTerms(rand.New(rand.NewPCG(23, 0)), 60)
	src.add(terms...)
	ref.add(terms)
	stop := follow(ix, src)
	<-src.waits
	ref.hold(t, ix)
	if err := stop(); !errors.Is(err, context.Canceled) {
		t.Errorf("Run = %v", err)
	}
}

func TestRunWaitsForSpace(t *testing.T) {
	var mu sync.Mutex
	free := int64(1 << 40)
	o := small()
	o.free = func(string) (int64, error) {
		mu.Lock()
		defer mu.Unlock()
		return free, nil
	}
	ix := openAt(t, t.TempDir(), o)
	free = 0
	src := &source{waits: make(chan int64)}
	src.add([]Term{digestTerm(1)})
	stop := follow(ix, src)
	if size := <-src.waits; size != 2 || ix.Applied() != 0 {
		t.Errorf("a full disk waits for size %d with %d applied, want 2 and 0", size, ix.Applied())
	}
	mu.Lock()
	free = 1 << 40
	mu.Unlock()
	src.add([]Term{digestTerm(2)})
	if size := <-src.waits; size != 3 || ix.Applied() != 2 {
		t.Errorf("afterwards it waits for size %d with %d applied, want 3 and 2", size, ix.Applied())
	}
	if err := stop(); !errors.Is(err, context.Canceled) {
		t.Errorf("Run = %v", err)
	}
}

func TestRunFails(t *testing.T) {
	broken := errors.New("the log cannot be read")
	for name, c := range map[string]struct {
		src  Source
		want error
	}{
		"terms":         {&source{entries: make([][]Term, 3), err: broken}, broken},
		"no terms":      {short{0}, nil},
		"too many":      {short{9}, nil},
		"shrinking log": {&shrinking{}, nil},
	} {
		ix := openAt(t, t.TempDir(), small())
		err := ix.Run(t.Context(), c.src)
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: Run = %v", name, err)
		}
	}
	ix := openAt(t, t.TempDir(), small())
	closed(t, ix)
	src := &source{}
	src.add([]Term{digestTerm(1)})
	if err := ix.Run(t.Context(), src); !errors.Is(err, ErrClosed) {
		t.Errorf("run of a closed index: %v", err)
	}
}

// short is a log of five entries that gives the terms of n.
type short struct{ n int }

func (s short) Size() int64                          { return 5 }
func (s short) WaitFor(context.Context, int64) error { return nil }
func (s short) Terms(context.Context, int64, int64) ([][]Term, error) {
	return make([][]Term, s.n), nil
}

// shrinking is a log that is never twice as long.
type shrinking struct{ asked int }

func (s *shrinking) Size() int64 {
	s.asked++
	return int64(s.asked%2) * 4
}
func (s *shrinking) WaitFor(context.Context, int64) error { return nil }
func (s *shrinking) Terms(_ context.Context, from, to int64) ([][]Term, error) {
	return make([][]Term, to-from), nil
}

// resetting is a source that resets the index once while its terms are read.
type resetting struct {
	*source
	once  sync.Once
	reset func()
}

func (r *resetting) Terms(ctx context.Context, from, to int64) ([][]Term, error) {
	if from > 0 {
		r.once.Do(r.reset)
	}
	return r.source.Terms(ctx, from, to)
}

// A reset by somebody else, while terms are read or while nothing is to be done,
// ends nothing: the index is followed from zero.
func TestResetWhileItFollows(t *testing.T) {
	ix := openAt(t, t.TempDir(), small())
	reset := func() {
		if err := ix.Reset(); err != nil {
			t.Error(err)
		}
	}
	src := &resetting{source: &source{most: 2, waits: make(chan int64)}, reset: reset}
	terms := randomTerms(rand.New(rand.NewPCG(21, 0)), 9)
	src.add(terms...)
	var ref reference
	ref.add(terms)
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { ended <- ix.Run(ctx, src) }()
	for range 2 {
		select {
		case <-src.waits:
		case err := <-ended:
			t.Fatalf("Run = %v", err)
		}
		if ix.Applied() != 9 {
			t.Fatalf("%d of 9 entries are applied", ix.Applied())
		}
		ref.hold(t, ix)
		reset()
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Run = %v", err)
	}
}

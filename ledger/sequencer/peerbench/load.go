package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// system is a log under load.
type system interface {
	// add offers a leaf and returns when it is durable, with its index and
	// whether that is an earlier entry's.
	add(ctx context.Context, leaf []byte) (index int64, duplicate bool, err error)
	// busy reports whether an error of add says to try again later.
	busy(err error) bool
	// watch calls see for each larger size that is published after add returned,
	// until ctx ends; it does nothing if add returns at publication.
	watch(ctx context.Context, see func(size int64))
	// drained returns when what follows the log has come to its end.
	drained(ctx context.Context) error
	// read reads one entry and the checkpoint.
	read(ctx context.Context, at int64) error
	size(ctx context.Context) (int64, error)
	close() error
}

// retryAfter is how long a writer waits that was told to come later.
const retryAfter = 10 * time.Millisecond

// sample is one entry that was added.
type sample struct {
	begun, ended time.Duration // since the start of the load
	index        int64
}

// sighting is a checkpoint seen.
type sighting struct {
	at   time.Duration
	size int64
}

// load is a closed loop: each writer offers its next entry when the last one is
// durable.
type load struct {
	system system
	spec   spec
	file   *os.File
	start  time.Time
	next   atomic.Int64
	over   atomic.Bool

	mu        sync.Mutex // of what the writers hand in
	samples   []sample
	errors    map[string]int64
	added     int64 // entries, duplicates among them
	offered   int64 // duplicates
	found     int64 // of them, answered as such
	elsewhere int64 // of those, with another index than the first had
}

// maxFailures is how many errors, other than to come later, end a writer.
const maxFailures = 3

// write is one writer.
func (l *load) write(ctx context.Context, number int) {
	random := rand.New(rand.NewPCG(l.spec.Seed, uint64(number)))
	var samples []sample
	type first struct{ leaf, index int64 }
	var firsts []first // entries of this writer's own that it may offer again
	var added, offered, found, elsewhere int64
	faults := map[string]int64{}
	failures := 0
	for !l.over.Load() {
		again, which := -1, int64(0)
		if l.spec.Duplicates > 0 && len(firsts) > 0 && random.Float64() < l.spec.Duplicates {
			again = random.IntN(len(firsts))
			which = firsts[again].leaf
		} else if which = l.next.Add(1) - 1; which >= int64(l.spec.Corpus.Leaves) {
			break
		}
		leaf, err := l.spec.Corpus.leaf(l.file, int(which))
		if err != nil {
			faults[err.Error()]++
			break
		}
		begun := time.Since(l.start)
		index, duplicate, err := l.system.add(ctx, leaf)
		for err != nil && l.system.busy(err) && !l.over.Load() {
			faults[err.Error()]++
			time.Sleep(retryAfter)
			index, duplicate, err = l.system.add(ctx, leaf)
		}
		ended := time.Since(l.start)
		if err != nil {
			if l.over.Load() && l.system.busy(err) {
				break
			}
			faults[err.Error()]++
			if failures++; failures == maxFailures {
				break
			}
			continue
		}
		added++
		if !l.spec.Quiet {
			samples = append(samples, sample{begun, ended, index})
		}
		switch {
		case again >= 0:
			offered++
			if duplicate {
				found++
			}
			if index != firsts[again].index {
				elsewhere++
			}
		case l.spec.Duplicates > 0:
			firsts = append(firsts, first{which, index})
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.samples = append(l.samples, samples...)
	l.added += added
	l.offered, l.found, l.elsewhere = l.offered+offered, l.found+found, l.elsewhere+elsewhere
	for text, n := range faults {
		l.errors[text] += n
	}
}

// run drives the system for the window, or until the corpus is used up if that
// comes first, and measures.
func run(ctx context.Context, sys system, s spec) (result, error) {
	file, err := os.Open(s.Corpus.Path)
	if err != nil {
		return result{}, err
	}
	defer file.Close()
	l := &load{system: sys, spec: s, file: file, errors: map[string]int64{}}
	l.next.Store(int64(s.From))
	var seen []sighting
	watching, stopWatching := context.WithCancel(ctx)
	defer stopWatching()
	var newest atomic.Int64
	watched := make(chan struct{})
	l.start = time.Now()
	go func() {
		defer close(watched)
		sys.watch(watching, func(size int64) {
			seen = append(seen, sighting{time.Since(l.start), size})
			newest.Store(size)
		})
	}()
	var writers sync.WaitGroup
	for i := range s.Writers {
		writers.Go(func() { l.write(ctx, i) })
	}
	var from, to usage
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	pause := func(d time.Duration) {
		select {
		case <-done:
		case <-time.After(d):
		}
	}
	if s.Window > 0 {
		pause(s.Warm)
		from = used(l.start)
		pause(s.Window)
		to = used(l.start)
		l.over.Store(true)
		<-done
	} else {
		from = used(l.start)
		<-done
		to = used(l.start)
	}
	r := result{Errors: l.errors, Offered: l.offered, Found: l.found, Elsewhere: l.elsewhere}
	if s.Window == 0 {
		r.Entries, r.Seconds = l.added, (to.at - from.at).Seconds()
		if err := sys.drained(ctx); err != nil {
			return r, fmt.Errorf("waiting for what follows the log: %w", err)
		}
		to = used(l.start)
		r.Drained, r.CPU = (to.at - from.at).Seconds(), (to.cpu - from.cpu).Seconds()
		return r, nil
	}
	// What was added has to be published before it can be said how long that took.
	last := int64(-1)
	for _, a := range l.samples {
		last = max(last, a.index)
	}
	if publishes(s.Column) {
		for deadline := time.Now().Add(15 * time.Second); newest.Load() <= last && time.Now().Before(deadline); {
			time.Sleep(5 * time.Millisecond)
		}
	}
	stopWatching()
	if publishes(s.Column) {
		select {
		case <-watched:
		case <-time.After(time.Second):
			return r, errors.New("the awaiter did not end")
		}
	}
	r.Seconds, r.CPU = (to.at - from.at).Seconds(), (to.cpu - from.cpu).Seconds()
	var durable, published []time.Duration
	for _, a := range l.samples {
		if a.ended < from.at || a.ended >= to.at {
			continue
		}
		r.Entries++
		durable = append(durable, a.ended-a.begun)
		if !publishes(s.Column) {
			published = append(published, a.ended-a.begun)
			continue
		}
		k, _ := slices.BinarySearchFunc(seen, a.index+1, func(c sighting, size int64) int { return cmp.Compare(c.size, size) })
		if k == len(seen) {
			r.Errors["not published within 15 s"]++
			continue
		}
		published = append(published, max(seen[k].at, a.ended)-a.begun)
	}
	r.Durable, r.Published = quantiles(durable), quantiles(published)
	return r, nil
}

// publishes reports whether a column publishes after add has returned.
func publishes(column string) bool { return !isOurs(column) }

// usage is what the process has used by a moment.
type usage struct{ at, cpu time.Duration }

func used(start time.Time) usage {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // never fails for oneself
	return usage{time.Since(start), time.Duration(u.Utime.Nano() + u.Stime.Nano())}
}

// quantile holds the 50th and 99th of a hundred, in milliseconds.
type quantile struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
}

func quantiles(all []time.Duration) quantile {
	if len(all) == 0 {
		return quantile{}
	}
	slices.Sort(all)
	at := func(q float64) float64 {
		return float64(all[min(len(all)-1, int(q*float64(len(all))))]) / float64(time.Millisecond)
	}
	return quantile{at(0.5), at(0.99)}
}

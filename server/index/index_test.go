package index

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// code returns the code of an error, "" without one.
func code(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return ""
}

func openAt(t testing.TB, dir string, o Options) *Index {
	t.Helper()
	ix, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ix.Close() })
	return ix
}

func closed(t testing.TB, ix *Index) {
	t.Helper()
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
}

// small merges early and often.
func small() Options { return Options{Log: "log.example/a", fan: 3, top: 3000} }

func digestTerm(n uint64) Term {
	return Term{BOMDigest, binary.BigEndian.AppendUint64(bytes.Repeat([]byte{0xa5}, 24), n)}
}

// reference is what an index must say, in a plain map.
type reference struct {
	applied int64
	entries map[string][]int64
}

func (r *reference) add(terms [][]Term) {
	if r.entries == nil {
		r.entries = map[string][]int64{}
	}
	for i, ts := range terms {
		for _, t := range ts {
			k := string(append([]byte{byte(t.Kind)}, t.Value...))
			e := r.applied + int64(i)
			if had := r.entries[k]; len(had) == 0 || had[len(had)-1] != e {
				r.entries[k] = append(had, e)
			}
		}
	}
	r.applied += int64(len(terms))
}

// mistakes compares the index's complete answers with the reference; an error
// or a smaller size is no mistake here. Extra candidates are allowed if loose.
func (r *reference) mistakes(ix *Index, loose bool) (out []string, answered int) {
	for k, want := range r.entries {
		got, applied, err := ix.Lookup(Term{Kind(k[0]), []byte(k[1:])})
		if err != nil {
			continue
		}
		answered++
		want = slices.DeleteFunc(slices.Clone(want), func(e int64) bool { return e >= applied })
		for _, e := range want {
			if !slices.Contains(got, e) {
				out = append(out, fmt.Sprintf("term %x: entry %d is missing below %d", k, e, applied))
			}
		}
		if !loose && len(got) != len(want) {
			out = append(out, fmt.Sprintf("term %x: candidates %v, want %v", k, got, want))
		}
		if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
			out = append(out, fmt.Sprintf("term %x: candidates %v do not ascend", k, got))
		}
	}
	return out, answered
}

func (r *reference) hold(t testing.TB, ix *Index) {
	t.Helper()
	if got := ix.Applied(); got != r.applied {
		t.Fatalf("applied %d, want %d", got, r.applied)
	}
	out, answered := r.mistakes(ix, false)
	for i, m := range out {
		if i == 10 {
			t.Fatalf("and %d more", len(out)-10)
		}
		t.Error(m)
	}
	if answered != len(r.entries) {
		t.Errorf("%d of %d look-ups are answered", answered, len(r.entries))
	}
}

// randomTerms draws terms of a small universe in two kinds, some entries having
// none, some one twice.
func randomTerms(r *rand.Rand, n int) [][]Term {
	out := make([][]Term, n)
	for i := range out {
		for range r.IntN(4) {
			t := digestTerm(r.Uint64N(2000))
			if r.IntN(3) == 0 {
				t.Kind = 2
			}
			out[i] = append(out[i], t)
			if r.IntN(20) == 0 {
				out[i] = append(out[i], t)
			}
		}
	}
	return out
}

// fill applies random batches to both until they have n entries.
func fill(t testing.TB, ix *Index, ref *reference, seed uint64, n int64, batch int) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0))
	for ref.applied < n {
		terms := randomTerms(r, 1+r.IntN(batch))
		if err := ix.Apply(ref.applied, terms); err != nil {
			t.Fatal(err)
		}
		ref.add(terms)
	}
}

func TestLookupAgainstMap(t *testing.T) {
	for _, seed := range []uint64{1, 2} {
		dir := t.TempDir()
		ix := openAt(t, dir, small())
		var ref reference
		for _, n := range []int64{1, 50, 1000, 6000} {
			fill(t, ix, &ref, seed, n, 60)
			ref.hold(t, ix)
			for range 50 {
				if got, applied, err := ix.Lookup(digestTerm(1 << 60)); err != nil || len(got) != 0 || applied != ref.applied {
					t.Errorf("absent term: %v, %d, %v", got, applied, err)
				}
			}
			if got, _, err := ix.Lookup(Term{3, digestTerm(5).Value}); err != nil || len(got) != 0 {
				t.Errorf("term of another kind: %v, %v", got, err)
			}
			closed(t, ix)
			ix = openAt(t, dir, small())
			ref.hold(t, ix)
		}
		levels := map[int]int{}
		for _, r := range ix.gen.current.runs {
			levels[r.level]++
		}
		if levels[finalLevel] == 0 || len(ix.gen.current.runs) > 30 {
			t.Errorf("runs by level = %v: merging was not seen", levels)
		}
	}
}

// With a hash that collides the candidates are more, never fewer.
func TestCollisionsGiveCandidates(t *testing.T) {
	for name, hash := range map[string]func(*[32]byte, Term) uint64{
		"16 hashes": func(_ *[32]byte, t Term) uint64 { return uint64(t.Value[31]) % 16 << 60 },
		"one hash":  func(*[32]byte, Term) uint64 { return 7 },
		"extremes":  func(_ *[32]byte, t Term) uint64 { return -uint64(t.Value[31] & 1) },
	} {
		o := small()
		o.hash = hash
		dir := t.TempDir()
		ix := openAt(t, dir, o)
		var ref reference
		fill(t, ix, &ref, 3, 5000, 400)
		if got := len(ix.gen.current.runs); got > 20 {
			t.Errorf("%s: %d runs", name, got)
		}
		if out, n := ref.mistakes(ix, true); len(out) > 0 || n != len(ref.entries) {
			t.Errorf("%s: %d answered, %d mistakes, first %v", name, n, len(out), out[:min(3, len(out))])
		}
	}
}

func TestApplyRefuses(t *testing.T) {
	ix := openAt(t, t.TempDir(), small())
	terms := [][]Term{{digestTerm(1)}, nil}
	for _, first := range []int64{-1, 1, 2} {
		if err := ix.Apply(first, terms); err == nil {
			t.Errorf("applying from %d on an empty index", first)
		}
	}
	if err := ix.Apply(0, terms); err != nil {
		t.Fatal(err)
	}
	if err := ix.Apply(2, nil); err != nil || ix.Applied() != 2 {
		t.Errorf("applying nothing: %v, applied %d", err, ix.Applied())
	}
	if err := ix.Apply(2, make([][]Term, 5)); err != nil || ix.Applied() != 7 {
		t.Errorf("entries without terms: %v, applied %d", err, ix.Applied())
	}
	if err := ix.Apply(2, terms); err == nil {
		t.Error("applying twice")
	}
	closed(t, ix)
	if err := ix.Apply(7, terms); !errors.Is(err, ErrClosed) {
		t.Errorf("apply after close: %v", err)
	}
	if _, _, err := ix.Lookup(digestTerm(1)); !errors.Is(err, ErrClosed) {
		t.Errorf("lookup after close: %v", err)
	}
	if err := ix.Reset(); !errors.Is(err, ErrClosed) {
		t.Errorf("reset after close: %v", err)
	}
	if err := ix.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
}

func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	ix := openAt(t, dir, small())
	if err := ix.Apply(0, [][]Term{{digestTerm(1)}}); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, small()); code(err) != "SERVER-INDEX-LOCKED" {
		t.Errorf("second open: %v, want SERVER-INDEX-LOCKED", err)
	}
	if got, _, err := ix.Lookup(digestTerm(1)); err != nil || len(got) != 1 {
		t.Errorf("the first is disturbed: %v, %v", got, err)
	}
}

func TestFolderThatCannotBeUsed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file, small()); code(err) != "SERVER-INDEX-OPEN" {
		t.Errorf("open of a file: %v", err)
	}
}

func TestFullDisk(t *testing.T) {
	free := int64(1 << 40)
	o := small()
	o.free = func(string) (int64, error) { return free, nil }
	dir := t.TempDir()
	ix := openAt(t, dir, o)
	if err := ix.Apply(0, [][]Term{{digestTerm(1)}}); err != nil {
		t.Fatal(err)
	}
	free = 1 << 20
	if err := ix.Apply(1, [][]Term{{digestTerm(2)}}); code(err) != "SERVER-INDEX-FULL" {
		t.Errorf("apply on a full disk: %v", err)
	}
	if got, applied, err := ix.Lookup(digestTerm(1)); err != nil || applied != 1 || len(got) != 1 {
		t.Errorf("lookup on a full disk: %v, %d, %v", got, applied, err)
	}
	free = 1 << 40
	if err := ix.Apply(1, [][]Term{{digestTerm(2)}}); err != nil {
		t.Errorf("apply after space was freed: %v", err)
	}
	closed(t, ix)
	free = 1 << 20
	// Opened on a full disk it touches nothing, and comes back when there is room.
	ix = openAt(t, dir, o)
	if _, _, err := ix.Lookup(digestTerm(1)); code(err) != "SERVER-INDEX-FULL" {
		t.Errorf("lookup of an index that is not open: %v", err)
	}
	if _, _, _, err := ix.Page(digestTerm(1), 0, 1); code(err) != "SERVER-INDEX-FULL" {
		t.Errorf("page of an index that is not open: %v", err)
	}
	if err := ix.Apply(2, [][]Term{{digestTerm(3)}}); code(err) != "SERVER-INDEX-FULL" {
		t.Errorf("apply to an index that is not open: %v", err)
	}
	for _, again := range []func() error{ix.Reset, ix.late} {
		if err := again(); code(err) != "SERVER-INDEX-FULL" {
			t.Errorf("a full disk lets it in: %v", err)
		}
	}
	closed(t, ix)
	ix = openAt(t, dir, o)
	free = 1 << 40
	if err := ix.late(); err != nil || ix.Applied() != 2 {
		t.Errorf("applied %d after the full disk, %v; want 2", ix.Applied(), err)
	}
	free = 1 << 20
	closed(t, ix) // Badger would write
	free = 1 << 40
	if ix = openAt(t, dir, o); ix.Applied() != 0 {
		t.Errorf("applied %d after it could not be closed cleanly, want 0", ix.Applied())
	}
}

// TestRunOpensLate follows a log from when the disk has room, without a restart.
func TestRunOpensLate(t *testing.T) {
	var free atomic.Int64
	o := small()
	o.free = func(string) (int64, error) { return free.Load(), nil }
	o.poll = time.Millisecond
	ix := openAt(t, t.TempDir(), o)
	src := &source{}
	src.add([]Term{digestTerm(1)})
	stop := follow(ix, src)
	if _, _, err := ix.Lookup(digestTerm(1)); code(err) != "SERVER-INDEX-FULL" {
		t.Errorf("lookup of an index that is not open: %v", err)
	}
	free.Store(1 << 40)
	for ix.Applied() == 0 {
		runtime.Gosched()
	}
	if got, _, err := ix.Lookup(digestTerm(1)); err != nil || len(got) != 1 {
		t.Errorf("lookup gives %v, %v", got, err)
	}
	if err := stop(); !errors.Is(err, context.Canceled) {
		t.Errorf("Run = %v", err)
	}
}

// A look-up under way sees its snapshot however much is merged meanwhile.
func TestSnapshotOutlivesMerges(t *testing.T) {
	ix := openAt(t, t.TempDir(), small())
	var ref reference
	fill(t, ix, &ref, 4, 300, 30)
	g := ix.gen
	s := g.acquire()
	then := maps(ref.entries)
	fill(t, ix, &ref, 5, 6000, 60)
	if err := g.db.db.Flatten(2); err != nil {
		t.Fatal(err)
	}
	for k, want := range then {
		var got []int64
		for _, r := range s.runs {
			var err error
			h := ix.o.hash(&g.key, Term{Kind(k[0]), []byte(k[1:])})
			if got, err = g.search(s.ts, r, h, got); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("term %x: %v in the old snapshot, want %v", k, got, want)
		}
	}
	g.release(s)
	ref.hold(t, ix)
	fill(t, ix, &ref, 6, ref.applied+1, 1)
	if n := len(g.retired); n > 1 {
		t.Errorf("%d old snapshots are kept", n)
	}
}

func maps(m map[string][]int64) map[string][]int64 {
	out := map[string][]int64{}
	for k, v := range m {
		out[k] = slices.Clone(v)
	}
	return out
}

func TestLookupDuringApply(t *testing.T) {
	ix := openAt(t, t.TempDir(), small())
	r := rand.New(rand.NewPCG(7, 0))
	batches := make([][][]Term, 60)
	for i := range batches {
		batches[i] = make([][]Term, 20)
		for j := range batches[i] {
			batches[i][j] = []Term{digestTerm(r.Uint64N(50))}
		}
	}
	truth := map[string][]int64{}
	var n int64
	for _, b := range batches {
		for _, ts := range b {
			truth[string(ts[0].Value)] = append(truth[string(ts[0].Value)], n)
			n++
		}
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	for w := range uint64(3) {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(w, 1))
			for {
				select {
				case <-done:
					return
				default:
				}
				term := digestTerm(r.Uint64N(50))
				got, applied, err := ix.Lookup(term)
				if err != nil {
					t.Error(err)
					return
				}
				want := slices.DeleteFunc(slices.Clone(truth[string(term.Value)]), func(e int64) bool { return e >= applied })
				if !slices.Equal(got, want) {
					t.Errorf("at %d: %v, want %v", applied, got, want)
					return
				}
			}
		})
	}
	for i, b := range batches {
		if err := ix.Apply(int64(i*20), b); err != nil {
			t.Error(err)
		}
		if i == 30 {
			if ix.Applied() != 620 {
				t.Errorf("applied %d, want 620", ix.Applied())
			}
		}
	}
	close(done)
	wg.Wait()
}

func TestPlan(t *testing.T) {
	runs := func(spec ...int64) (out []*run) { // level, pairs, level, pairs …
		var at int64
		for i := 0; i < len(spec); i += 2 {
			out = append(out, &run{level: int(spec[i]), pairs: spec[i+1], from: at, to: at + spec[i+1]})
			at += spec[i+1]
		}
		return out
	}
	for name, c := range map[string]struct {
		runs         []*run
		at, n, level int
	}{
		"none":              {nil, 0, 0, 0},
		"two":               {runs(0, 1, 0, 1), 0, 0, 0},
		"three":             {runs(0, 1, 0, 1, 0, 1), 0, 3, 1},
		"behind others":     {runs(finalLevel, 90, 1, 9, 0, 1, 0, 1, 0, 1), 2, 3, 1},
		"higher first":      {runs(1, 3, 1, 3, 1, 3, 0, 1, 0, 1, 0, 1), 0, 3, 2},
		"too large":         {runs(2, 40, 2, 40, 2, 40), 0, 2, finalLevel},
		"each too large":    {runs(2, 99, 2, 99, 2, 99), 0, 1, finalLevel},
		"larger than top":   {runs(0, 500, 0, 1, 0, 1), 0, 1, finalLevel},
		"final stay":        {runs(finalLevel, 1, finalLevel, 1, finalLevel, 1), 0, 0, 0},
		"spans of too much": {[]*run{{pairs: 1, from: 0, to: 1}, {pairs: 1, from: 1, to: maxSpan}, {pairs: 1, from: maxSpan, to: maxSpan + 5}}, 0, 2, finalLevel},
	} {
		at, n, level := plan(c.runs, 3, 100)
		if at != c.at && n > 0 || n != c.n || n > 0 && level != c.level {
			t.Errorf("%s: plan = %d, %d, %d, want %d, %d, %d", name, at, n, level, c.at, c.n, c.level)
		}
	}
}

// Sixty-four thousand entries leave a few files of a few MiB: what was merged
// away is collected.
func TestFilesStaySmall(t *testing.T) {
	dir := t.TempDir()
	ix := openAt(t, dir, Options{Log: "log.example/a"})
	var n int64
	for n < 1<<16 {
		terms := make([][]Term, 64)
		for i := range terms {
			terms[i] = []Term{digestTerm(uint64(n) + uint64(i))}
		}
		if err := ix.Apply(n, terms); err != nil {
			t.Fatal(err)
		}
		n += 64
	}
	if runs := len(ix.gen.current.runs); runs > 40 {
		t.Errorf("%d runs", runs)
	}
	closed(t, ix)
	var total int64
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		total += info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if total > 32<<20 {
		t.Errorf("%d MiB on disk for %d pairs", total>>20, n)
	}
}

func TestBadgerIsQuietAndItsLogIsPassedOn(t *testing.T) {
	var b bytes.Buffer
	o := small()
	o.Logger = slog.New(slog.NewJSONHandler(&b, &slog.HandlerOptions{Level: slog.LevelInfo}))
	dir := t.TempDir()
	closed(t, openAt(t, dir, o))
	if b.Len() != 0 {
		t.Errorf("a clean start logs %s", b.String())
	}
	if err := os.Remove(filepath.Join(dir, markerName)); err != nil {
		t.Fatal(err)
	}
	closed(t, openAt(t, dir, o))
	if got := b.String(); !strings.Contains(got, "rebuilding index from the log") || !strings.Contains(got, "not closed cleanly") {
		t.Errorf("an unclean start logs %q", got)
	}
	b.Reset()
	(&bridge{o.Logger}).Errorf("bad %d\n", 7)
	(&bridge{o.Logger}).Debugf("detail")
	if got := b.String(); !strings.Contains(got, `"text":"bad 7"`) || strings.Contains(got, "detail") {
		t.Errorf("badger's log arrives as %q", got)
	}
}

func FuzzDirectory(f *testing.F) {
	seed := &run{id: 7, from: 10, to: 20, pairs: 3, chunks: []chunk{{first: 1, count: 2, sum: 5}, {first: 1, count: 1, sum: 6}}}
	f.Add(seed.directory())
	f.Add(seed.directory()[:50])
	f.Add([]byte(dirMagic))
	if _, err := parseDirectory(seed.directory()); err != nil {
		f.Fatal("the seed is no directory: ", err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := parseDirectory(b)
		if err != nil {
			return
		}
		if !bytes.Equal(r.directory(), b) {
			t.Fatalf("%x is read and written as %x", b, r.directory())
		}
	})
}

func Example() {
	dir, err := os.MkdirTemp("", "index")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ix, err := Open(dir, Options{Log: "ledger.example/jp-power-2026"})
	if err != nil {
		fmt.Println(err)
		return
	}
	bom := Term{BOMDigest, bytes.Repeat([]byte{7}, 32)}
	if err := ix.Apply(0, [][]Term{nil, nil, {bom}, nil}); err != nil {
		fmt.Println(err)
		return
	}
	candidates, applied, err := ix.Lookup(bom)
	fmt.Println(candidates, applied, err)
	fmt.Println(ix.Close())
	// Output:
	// [2] 4 <nil>
	// <nil>
}

func BenchmarkApply(b *testing.B) {
	for _, batch := range []int{1, 64, 8192} {
		b.Run(fmt.Sprintf("batch=%d", batch), func(b *testing.B) {
			ix := openAt(b, b.TempDir(), Options{})
			terms := make([][]Term, batch)
			var n int64
			for b.Loop() {
				for i := range terms {
					terms[i] = []Term{digestTerm(uint64(n) + uint64(i))}
				}
				if err := ix.Apply(n, terms); err != nil {
					b.Fatal(err)
				}
				n += int64(batch)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/1000/float64(n), "µs/entry")
			b.ReportMetric(float64(len(ix.gen.current.runs)), "runs")
		})
	}
}

func BenchmarkLookup(b *testing.B) {
	ix := openAt(b, b.TempDir(), Options{})
	const size = 1 << 20
	for n := int64(0); n < size; n += 8192 {
		terms := make([][]Term, 8192)
		for i := range terms {
			terms[i] = []Term{digestTerm(uint64(n) + uint64(i))}
		}
		if err := ix.Apply(n, terms); err != nil {
			b.Fatal(err)
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	for b.Loop() {
		if got, _, err := ix.Lookup(digestTerm(r.Uint64N(size))); err != nil || len(got) != 1 {
			b.Fatal(got, err)
		}
	}
	b.ReportMetric(float64(len(ix.gen.current.runs)), "runs")
}

// copyDir copies the files of a folder, as a kill at this moment would leave them.
func copyDir(t testing.TB, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		in, err := os.Open(path)
		if err != nil {
			return err
		}
		out, err := os.OpenFile(filepath.Join(to, rel), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
		if err != nil {
			return errors.Join(err, in.Close())
		}
		_, err = io.Copy(out, in)
		return errors.Join(err, in.Close(), out.Close())
	})
	if err != nil {
		t.Fatal(err)
	}
}

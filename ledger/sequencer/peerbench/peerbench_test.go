package main

import (
	"bytes"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/sbom/registry"
)

// TestStatementsAreReal: every leaf of a corpus is a statement that the registry
// admits behind the foundation, of one length, and the same for the same seed.
func TestStatementsAreReal(t *testing.T) {
	const seed, count = 7, 40
	f, err := newFoundation(seed)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{2048, 20480} {
		dir := t.TempDir()
		c, err := newCorpus(dir, f, seed, size, count-10, io.Discard)
		if err == nil {
			c, err = newCorpus(dir, f, seed, size, count, io.Discard) // goes on
		}
		if err != nil {
			t.Fatal(err)
		}
		if c.Size > size || c.Size < size-50 || c.Leaves != count {
			t.Errorf("%d leaves of %d bytes, want %d of %d", c.Leaves, c.Size, count, size)
		}
		again, err := newCorpus(t.TempDir(), f, seed, size, count, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		first, e1 := os.ReadFile(c.Path)
		second, e2 := os.ReadFile(again.Path)
		if e1 != nil || e2 != nil || !bytes.Equal(first, second) {
			t.Errorf("two corpora of one seed differ: %v, %v", e1, e2)
		}
		state := registry.New(origin)
		leaves := slices.Concat(f.Leaves, slices.Collect(slices.Chunk(first, c.Size)))
		for i, leaf := range leaves {
			p, err := state.Open(leaf)
			if err == nil {
				err = state.Apply(int64(i), p)
			}
			if err != nil {
				t.Fatalf("leaf %d of %d bytes: %v", i, len(leaf), err)
			}
			if !bytes.Equal(p.Leaf(), leaf) {
				t.Fatalf("leaf %d is not in the form of a leaf", i)
			}
		}
	}
}

func TestSpread(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   spread
	}{
		{[]float64{3}, spread{3, 3, 3}},
		{[]float64{5, 1, 3}, spread{1.4, 3, 4.6}},
		{[]float64{7, 6, 5, 4, 3, 2, 1}, spread{1.6, 4, 6.4}},
	} {
		got := spreadOf(c.values)
		if math.Abs(got.p10-c.want.p10)+math.Abs(got.p50-c.want.p50)+math.Abs(got.p90-c.want.p90) > 1e-9 {
			t.Errorf("of %v: %v, want %v", c.values, got, c.want)
		}
	}
	if s := spreadOf(nil).String(); s != "–" {
		t.Errorf("of nothing: %s", s)
	}
}

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		got, mark float64
		most      bool
		want      string
	}{
		{2, 2, false, "met"},
		{1.99, 2, false, "**missed**"},
		{2.01, 2, false, "met"},
		{3, 3, true, "met"},
		{3.01, 3, true, "**missed**"},
		{2.99, 3, true, "met"},
		{math.NaN(), 3, true, "not measured"},
		{math.Inf(1), 3, false, "not measured"},
		{1, 0, false, "–"},
	} {
		if got := verdict(c.got, c.mark, c.most); got != c.want {
			t.Errorf("%v against %v: %s, want %s", c.got, c.mark, got, c.want)
		}
	}
}

// TestTableHidesNothing: a run that failed and errors of writers are in the table,
// a target without its rows is not met, and the worst row decides.
func TestTableHidesNothing(t *testing.T) {
	of := func(entries int64) result { return result{Entries: entries, Seconds: 1} }
	b := &bencher{options: options{runs: 2}, results: map[string]map[string][]result{
		"20k/64":   {columnFull: {of(300), of(300)}, columnBest: {of(100), {Failed: "aborted: exit status 255: F0000 gone"}}},
		"20k/256":  {columnFull: {of(110)}, columnBest: {of(100)}},
		"20k/1024": {columnFull: {of(900)}, columnBest: {{Entries: 100, Seconds: 1, Errors: map[string]int64{"antispam pushback": 5}}}},
	}}
	all := rows()
	table := &table{bencher: b, rows: slices.DeleteFunc(all, func(r row) bool { return b.results[r.name] == nil }), took: time.Second}
	text := table.markdown()
	for _, want := range []string{
		"**1 of 2 runs failed: aborted: exit status 255: F0000 gone**",
		"- 20k/1024, tessera: 5 × antispam pushback",
		"| 20 KiB, 64 to 1,024 writers (least) | 1.50× | 2.00× | 1.10× | **missed** | **missed** | – | not measured | not measured |",
		"| durable append 2 KiB, 1 writer | 5.00× | 8.00× | – | not measured |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the table lacks %q:\n%s", want, text)
		}
	}
}

func TestChosen(t *testing.T) {
	for _, c := range []struct {
		rows, columns string
		want          string
	}{
		{"2k/1", "bare,tessera", "2k/1 bare tessera"},
		{"2?k/1*", "tessera", "20k/1 tessera 20k/1024 tessera"},
		{"replay,nothing", "", "replay bare tessera"},
		{"growth", "*pushback", ""},
	} {
		var got []string
		for _, r := range chosen(options{rows: c.rows, columns: c.columns}) {
			got = append(append(got, r.name), r.columns...)
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("-rows %s -columns %s: %q, want %q", c.rows, c.columns, text, c.want)
		}
	}
}

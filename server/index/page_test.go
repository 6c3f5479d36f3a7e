package index

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// pages puts the pages of a term together.
func pages(t *testing.T, ix *Index, term Term, from int64, most int) []int64 {
	t.Helper()
	all := []int64{}
	for {
		got, more, _, err := ix.Page(term, from, most)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) > most || more && len(got) != most {
			t.Fatalf("a page of %d has %d entries, more %v", most, len(got), more)
		}
		all = append(all, got...)
		if !more {
			return all
		}
		from = got[len(got)-1] + 1
	}
}

func TestPagesAndCountsAgainstMap(t *testing.T) {
	ix, ref := openAt(t, t.TempDir(), small()), &reference{}
	defer closed(t, ix)
	fill(t, ix, ref, 7, 6000, 900)
	n := 0
	for k, want := range ref.entries {
		if n++; n > 300 {
			break
		}
		term := Term{Kind(k[0]), []byte(k[1:])}
		for _, from := range []int64{0, want[0], want[0] + 1, want[len(want)/2], want[len(want)-1] + 1, ref.applied, math.MaxInt64} {
			at, _ := slices.BinarySearch(want, from)
			for _, most := range []int{1, 3, len(want), 1000} {
				if got := pages(t, ix, term, from, most); !slices.Equal(got, want[at:]) {
					t.Fatalf("pages of %d from %d = %v, want %v", most, from, got, want[at:])
				}
			}
			if got, applied, err := ix.Count(term, from); err != nil || got != int64(at) || applied != ref.applied {
				t.Fatalf("Count below %d = %d at %d, %v; want %d", from, got, applied, err, at)
			}
		}
	}
}

// TestATermOfManyChunks has a term in more entries than a chunk has pairs.
func TestATermOfManyChunks(t *testing.T) {
	ix := openAt(t, t.TempDir(), Options{Log: "log.example/a"})
	defer closed(t, ix)
	common := Term{Kind: SaidParty, Value: []byte("x:a")}
	var want []int64
	for first := int64(0); first < 9000; first += 4500 {
		terms := make([][]Term, 4500)
		for i := range terms {
			terms[i] = []Term{digestTerm(uint64(i))}
			if i%2 == 0 {
				terms[i] = append(terms[i], common)
				want = append(want, first+int64(i))
			}
		}
		if err := ix.Apply(first, terms); err != nil {
			t.Fatal(err)
		}
	}
	for _, from := range []int64{0, 1, 2046, 2047, 2048, 2049, 4499, 4500, 8998, 8999} {
		at, _ := slices.BinarySearch(want, from)
		if got := pages(t, ix, common, from, 1000); !slices.Equal(got, want[at:]) {
			t.Errorf("from %d: %d entries, want %d", from, len(got), len(want)-at)
		}
		if got, _, err := ix.Count(common, from); err != nil || got != int64(at) {
			t.Errorf("Count below %d = %d, %v; want %d", from, got, err, at)
		}
	}
	if n, _, err := ix.Count(Term{Kind: SaidParty, Value: []byte("x:b")}, math.MaxInt64); err != nil || n != 0 {
		t.Errorf("Count of a term that nobody has = %d, %v", n, err)
	}
}

func TestPageOfADamagedOrClosedIndex(t *testing.T) {
	ix := openAt(t, t.TempDir(), small())
	term := digestTerm(1)
	if err := ix.Apply(0, [][]Term{{term}}); err != nil {
		t.Fatal(err)
	}
	ix.spoil(errors.New("a flipped bit"))
	if _, _, _, err := ix.Page(term, 0, 1); code(err) != "SERVER-INDEX-CORRUPT" {
		t.Errorf("Page of a damaged index = %v", err)
	}
	if _, _, err := ix.Count(term, 1); code(err) != "SERVER-INDEX-CORRUPT" {
		t.Errorf("Count of a damaged index = %v", err)
	}
	if err := ix.Reset(); err != nil {
		t.Fatal(err)
	}
	if got, more, applied, err := ix.Page(term, 0, 1); err != nil || len(got) != 0 || more || applied != 0 {
		t.Errorf("Page of an index that begins at zero = %v %v %d, %v", got, more, applied, err)
	}
	closed(t, ix)
	if _, _, _, err := ix.Page(term, 0, 1); !errors.Is(err, ErrClosed) {
		t.Errorf("Page of a closed index = %v", err)
	}
}

package server

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"slices"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/server/index"
)

// SearchFormat is the "format" member of the answer to a search.
const SearchFormat = "yurai-search/1"

// searched is the answer to a search: a page of the entries that have what was
// asked for, all below size and each read again, and what was not looked into.
type searched struct {
	Format     string  `json:"format"`
	Log        string  `json:"log"`
	Size       int64   `json:"size"`       // leaves that were looked through
	Checkpoint string  `json:"checkpoint"` // signed note of that size
	Query      asked   `json:"query"`
	Entries    []int64 `json:"entries"`         // indices, ascending
	Unsure     []int64 `json:"unsure,omitzero"` // those of them of which the BOM does not say whether the advisory selects it
	Next       *int64  `json:"next,omitzero"`   // after of the next page; absent on the last
	Held       int64   `json:"held"`            // entries below size not looked into: they are held
	Unread     int64   `json:"unread"`          // or could not be read whole, or exceed a bound
	Pending    int64   `json:"pending"`         // or were not reached yet
}

// search answers which entries have what is asked for, page by page.
func (s *Server) search(w http.ResponseWriter, r *http.Request) {
	a, err := s.searched(r.Context(), r.URL.RawQuery)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	s.sendJSON(w, r, http.StatusOK, a)
}

// searched answers a query against the newest checkpoint.
func (s *Server) searched(ctx context.Context, query string) (*searched, error) {
	q, err := readQuestion(query)
	if err != nil {
		return nil, err
	}
	note := s.sequence.Checkpoint()
	c, err := ledger.OpenCheckpoint(note, s.origin, s.verifier)
	if err != nil {
		return nil, err
	}
	what, err := s.sought(q, c.Size)
	if err != nil {
		return nil, err
	}
	var p page
	if what.inside != nil {
		wait, cancel := context.WithTimeout(ctx, s.timeouts.queue)
		defer cancel()
		if err := s.contents.readers.Acquire(wait, 1); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return nil, refuse("SERVER-QUEUE-BUSY", "too many bills of materials wait to be examined")
		}
		defer s.contents.readers.Release(1)
		p, err = s.contents.find(ctx, c.Size, what, q.after, q.limit)
	} else {
		p, err = s.lookups.page(ctx, c.Size, what, q.after, q.limit)
	}
	if err != nil {
		return nil, err
	}
	a := &searched{
		Format: SearchFormat, Log: s.origin, Size: c.Size, Checkpoint: string(note), Query: q.asked,
		Entries: p.entries, Unsure: p.unsure, Held: p.held, Unread: p.unread, Pending: p.pending,
	}
	if p.next >= 0 {
		a.Next = &p.next
	}
	return a, nil
}

// sought is what a search looks for. It does not change.
type sought struct {
	terms []index.Term // whatever is sought has one of them; at most eight
	// leaf reports whether the leaf alone says that an entry is sought.
	leaf func(*foundEntry) bool
	// inside says what the document of an open BOM comes to; nil if leaves say all.
	inside func(*foundEntry, *sbom.Document) verdict
	hidden bool // what is sought may be hidden by a commitment
}

// byTerms seeks entries that have one of the terms.
func byTerms(terms ...index.Term) sought {
	return sought{terms: terms, leaf: func(e *foundEntry) bool { return anyTerm(e.terms(), terms) }}
}

// byContents seeks BOMs that have one of the terms inside.
func byContents(terms ...index.Term) sought {
	return sought{
		terms: terms,
		leaf: func(e *foundEntry) bool {
			return anyTerm(e.leafTerms(), slices.DeleteFunc(slices.Clone(terms), func(t index.Term) bool { return t.Kind != index.InsideMaker }))
		},
		inside: func(e *foundEntry, doc *sbom.Document) verdict {
			if eachTerm(doc, e.party, func(got index.Term) bool { return !anyTerm([]index.Term{got}, terms) }) {
				return miss
			}
			return hit
		},
	}
}

func anyTerm(of, terms []index.Term) bool {
	return slices.ContainsFunc(of, func(a index.Term) bool {
		return slices.ContainsFunc(terms, func(b index.Term) bool { return equalTerms(a, b) })
	})
}

// page is a part of the answer to a search.
type page struct {
	entries               []int64 // ascending, not nil
	unsure                []int64 // those of them that may be what is sought, or not
	next                  int64   // last entry that was looked at; -1 if all were
	held, unread, pending int64
}

// verdict is what looking at an entry came to.
type verdict int

const (
	miss  verdict = iota
	maybe         // its document does not say
	hit
	stop // the page has cost enough; the entry was not looked at
)

// page returns a page of the entries below size whose leaves are sought.
func (l *lookups) page(ctx context.Context, size int64, q sought, after int64, limit int) (page, error) {
	p, indexed, err := scan(ctx, l.index, size, q.terms, after, limit, func(at int64, _ uint64) (verdict, error) {
		e, err := l.read(at)
		if err == nil && q.leaf(e) {
			return hit, nil
		}
		return miss, err
	})
	if err != nil || !q.hidden {
		return p, err
	}
	if p.held, err = countBelow(l.index, termHidden, indexed); err != nil {
		return page{}, err
	}
	for at := indexed; at < size; at++ {
		if err := ctx.Err(); err != nil {
			return page{}, err
		}
		e, err := l.read(at)
		if err != nil {
			return page{}, err
		}
		if e.hidden() {
			p.held++
		}
	}
	return p, nil
}

// proposal is an entry that an index proposes, and a bit for each of the terms
// for which it does.
type proposal struct {
	at int64
	by uint64
}

// propose returns entries that may have one of the terms and are not below from,
// ascending and each once: all of them below to, which is above from, and
// math.MaxInt64 if there are no others. What the index says of applied holds for
// all terms.
func propose(ix *index.Index, terms []index.Term, from int64) (list []proposal, to, applied int64, err error) {
	to, applied = math.MaxInt64, math.MaxInt64
	for n, t := range terms {
		candidates, more, upTo, err := ix.Page(t, from, 256)
		if err != nil {
			return nil, 0, 0, err
		}
		applied = min(applied, upTo)
		for _, at := range candidates {
			list = append(list, proposal{at, 1 << n})
		}
		if more {
			to = min(to, candidates[len(candidates)-1]+1)
		}
	}
	slices.SortFunc(list, func(a, b proposal) int { return cmp.Compare(a.at, b.at) })
	merged := list[:0]
	for _, p := range list {
		if last := len(merged) - 1; last >= 0 && merged[last].at == p.at {
			merged[last].by |= p.by
		} else if p.at < to {
			merged = append(merged, p)
		}
	}
	return merged, to, applied, nil
}

// scan looks at the entries below size and after an index that may have one of the
// terms: those that the index proposes, with the bits of the terms, and every one
// that it has not come to, with none. It returns up to where the index was
// followed.
//
// An index that has too far to catch up, is damaged, or is rebuilt between two
// reads leaves no answer: SERVER-INDEX-BEHIND, SERVER-INDEX-CORRUPT.
func scan(ctx context.Context, ix *index.Index, size int64, terms []index.Term, after int64, limit int, look func(at int64, proposed uint64) (verdict, error)) (page, int64, error) {
	p := page{entries: []int64{}, next: -1}
	end, indexed, reads := false, int64(-1), 0
	visit := func(at int64, proposed uint64) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		v := stop
		if reads < maxPageReads {
			var err error
			if v, err = look(at, proposed); err != nil {
				return err
			}
		}
		reads++
		found := v == hit || v == maybe
		switch {
		case v == stop || found && len(p.entries) == limit:
			end, p.next = true, at-1
		case found:
			p.entries = append(p.entries, at)
			if v == maybe {
				p.unsure = append(p.unsure, at)
			}
		}
		return nil
	}
	first := after + 1
	if first < 0 || first > size { // after the last entry, or math.MaxInt64
		first = size
	}
	for from := first; indexed < 0 || from < indexed && !end; {
		list, to, applied, err := propose(ix, terms, from)
		if err != nil {
			return page{}, 0, err
		}
		if indexed < 0 {
			if indexed = min(applied, size); size-indexed > maxTail {
				return page{}, 0, refuse("SERVER-INDEX-BEHIND", "the index has %d of %d entries", applied, size)
			}
		} else if applied < indexed {
			return page{}, 0, refuse("SERVER-INDEX-BEHIND", "the index was rebuilt while it was asked")
		}
		for _, c := range list {
			if c.at >= indexed || end {
				break
			}
			if err := visit(c.at, c.by); err != nil {
				return page{}, 0, err
			}
		}
		from = to
	}
	for at := max(first, indexed); at < size && !end; at++ {
		if err := visit(at, 0); err != nil {
			return page{}, 0, err
		}
	}
	return p, indexed, nil
}

package server

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/yurai-ledger/yurai/ledger"
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
	Entries    []int64 `json:"entries"`       // indices, ascending
	Next       *int64  `json:"next,omitzero"` // after of the next page; absent on the last
	Held       int64   `json:"held"`          // entries below size not looked into: they are held
	Unread     int64   `json:"unread"`        // or could not be read whole, or exceed a bound
	Pending    int64   `json:"pending"`       // or were not reached yet
}

// asked is what a search was for.
type asked struct {
	Party     string `json:"party,omitzero"`
	Product   string `json:"product,omitzero"`
	Serial    string `json:"serial,omitzero"`
	Maker     string `json:"maker,omitzero"`
	Part      string `json:"part,omitzero"`
	Component string `json:"component,omitzero"`
}

// question is a search as it was asked.
type question struct {
	asked
	after int64 // entries at or below are left out; -1 is none
	limit int

	term   index.Term
	inside bool // the contents of BOMs are to be looked into
}

// defaultPage is the limit of a search that states none.
const defaultPage = 100

// readQuestion reads the query of an address. Each name comes at most once, none
// is unknown, and numbers are written in one way. SERVER-QUERY-MALFORMED.
func readQuestion(raw string) (question, error) {
	q := question{after: -1, limit: defaultPage}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return q, refuse("SERVER-QUERY-MALFORMED", "the query cannot be decoded")
	}
	texts := map[string]*string{
		"party": &q.Party, "product": &q.Product, "serial": &q.Serial,
		"maker": &q.Maker, "part": &q.Part, "component": &q.Component,
	}
	for name, list := range values {
		if len(list) != 1 {
			return q, refuse("SERVER-QUERY-MALFORMED", "the query has %.40q %d times", name, len(list))
		}
		text := list[0]
		switch to := texts[name]; {
		case to != nil:
			if text == "" || len(text) > maxTermText || !utf8.ValidString(text) {
				return q, refuse("SERVER-QUERY-MALFORMED", "%s is not 1 to %d bytes of UTF-8", name, maxTermText)
			}
			*to = text
		case name == "after" || name == "limit":
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil || n < 0 || strconv.FormatInt(n, 10) != text {
				return q, refuse("SERVER-QUERY-MALFORMED", "%s is %.40q, not a whole number", name, text)
			}
			if name == "after" {
				q.after = n
				break
			}
			if n < 1 || n > maxPage {
				return q, refuse("SERVER-QUERY-MALFORMED", "limit is %d, not 1 to %d", n, maxPage)
			}
			q.limit = int(n)
		default:
			return q, refuse("SERVER-QUERY-MALFORMED", "the query has an unknown name %.40q", name)
		}
	}
	return q, q.choose()
}

// choose finds the term that the question is for.
func (q *question) choose() error {
	switch q.asked {
	case asked{Party: q.Party}:
		q.term = termText(index.BOMParty, q.Party)
	case asked{Product: q.Product}:
		q.term = termText(index.BOMProduct, q.Product)
	case asked{Serial: q.Serial}:
		q.term = termText(index.BOMSerial, q.Serial)
	case asked{Maker: q.Maker}:
		q.term, q.inside = termText(index.InsideMaker, q.Maker), true
	case asked{Part: q.Part}:
		q.term, q.inside = termText(index.InsidePart, q.Part), true
	case asked{Part: q.Part, Maker: q.Maker}:
		q.term, q.inside = termMakerPart(q.Maker, q.Part), true
	case asked{Component: q.Component}:
		digest, err := ledger.ParseHash(q.Component)
		if err != nil {
			return refuse("SERVER-QUERY-MALFORMED", "component is %.80q, not sha256: and 64 lower-case hexadecimal digits", q.Component)
		}
		q.term, q.inside = index.Term{Kind: index.InsideDigest, Value: digest[:]}, true
	default:
		return refuse("SERVER-QUERY-MALFORMED", "the query asks for several things at once")
	}
	if q.asked == (asked{}) {
		return refuse("SERVER-QUERY-MALFORMED", "the query asks for nothing")
	}
	return nil
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
	var p page
	if q.inside {
		wait, cancel := context.WithTimeout(ctx, s.timeouts.queue)
		defer cancel()
		if err := s.contents.readers.Acquire(wait, 1); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return nil, refuse("SERVER-QUEUE-BUSY", "too many bills of materials wait to be examined")
		}
		defer s.contents.readers.Release(1)
		p, err = s.contents.find(ctx, c.Size, q.term, q.after, q.limit)
	} else {
		p, err = s.lookups.page(ctx, c.Size, q.term, q.after, q.limit)
	}
	if err != nil {
		return nil, err
	}
	a := &searched{
		Format: SearchFormat, Log: s.origin, Size: c.Size, Checkpoint: string(note), Query: q.asked,
		Entries: p.entries, Held: p.held, Unread: p.unread, Pending: p.pending,
	}
	if p.next >= 0 {
		a.Next = &p.next
	}
	return a, nil
}

// page is a part of the answer to a search.
type page struct {
	entries               []int64 // ascending, not nil
	next                  int64   // last entry that was looked at; -1 if all were
	held, unread, pending int64
}

// verdict is what looking at an entry came to.
type verdict int

const (
	miss verdict = iota
	hit
	stop // the page has cost enough; the entry was not looked at
)

// page returns a page of the entries below size whose leaves have the term.
func (l *lookups) page(ctx context.Context, size int64, t index.Term, after int64, limit int) (page, error) {
	p, _, err := scan(ctx, l.index, size, t, after, limit, func(at int64, _ bool) (verdict, error) {
		e, err := l.read(at)
		if err == nil && e != nil && slices.ContainsFunc(e.terms(), func(of index.Term) bool { return equalTerms(of, t) }) {
			return hit, nil
		}
		return miss, err
	})
	return p, err
}

// scan looks at the entries below size and after an index that may have a term:
// those that the index proposes, and every one that it has not come to, of which
// look is told. It returns up to where the index was followed.
//
// An index that has too far to catch up, is damaged, or is rebuilt between two
// reads leaves no answer: SERVER-INDEX-BEHIND, SERVER-INDEX-CORRUPT.
func scan(ctx context.Context, ix *index.Index, size int64, t index.Term, after int64, limit int, look func(at int64, indexed bool) (verdict, error)) (page, int64, error) {
	p := page{entries: []int64{}, next: -1}
	end, indexed, reads := false, int64(-1), 0
	visit := func(at int64, inIndex bool) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		v := stop
		if reads < maxPageReads {
			var err error
			if v, err = look(at, inIndex); err != nil {
				return err
			}
		}
		reads++
		if v == stop || v == hit && len(p.entries) == limit {
			end, p.next = true, at-1
		} else if v == hit {
			p.entries = append(p.entries, at)
		}
		return nil
	}
	from := after + 1
	if from < 0 || from > size { // after the last entry, or math.MaxInt64
		from = size
	}
	for more := true; more && !end; {
		candidates, others, applied, err := ix.Page(t, from, 256)
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
		more = others
		for _, at := range candidates {
			if at >= indexed {
				more = false
				break
			}
			if err := visit(at, true); err != nil {
				return page{}, 0, err
			}
			if end {
				break
			}
			from = at + 1
		}
	}
	for at := max(from, indexed); at < size && !end; at++ {
		if err := visit(at, false); err != nil {
			return page{}, 0, err
		}
	}
	return p, indexed, nil
}

package index

import (
	"fmt"
	"math"
	"sort"
)

// Page returns the first of the entries that may have the term and are not
// below from, ascending and each once, at most that many; more says that there
// are others behind the last. What [Index.Lookup] says of candidates, applied
// and errors holds. Two pages may see two states of the index: a caller that
// puts them together compares applied, which falls when the index is rebuilt.
func (ix *Index) Page(term Term, from int64, most int) (candidates []int64, more bool, applied int64, err error) {
	err = ix.read(func(g *generation, s *snapshot) error {
		applied = s.applied
		h := ix.o.hash(&g.key, term)
		for _, r := range s.runs {
			if r.to <= from {
				continue
			}
			at, err := g.bound(s.ts, r, pair{h, uint32(max(from-r.from, 0))})
			if err != nil {
				return err
			}
			for n := at.chunk; n < len(r.chunks) && r.chunks[n].first <= h; n++ {
				err := g.chunk(s.ts, r, n, func(pairs []byte) {
					for i := at.offset; i < len(pairs)/pairSize && !more; i++ {
						p := pairAt(pairs[i*pairSize:])
						if p.hash != h {
							break
						}
						if len(candidates) == most {
							more = true
							break
						}
						candidates = append(candidates, r.from+int64(p.entry))
					}
				})
				if err != nil {
					return err
				}
				if more {
					return nil
				}
				at.offset = 0
			}
		}
		return nil
	})
	if err != nil {
		return nil, false, 0, err
	}
	return candidates, more, applied, nil
}

// Count returns how many entries below an index may have the term: as many as
// have it, and those whose terms share its hash. It reads a few chunks a run,
// however many entries there are. What [Index.Lookup] says of applied and errors
// holds.
func (ix *Index) Count(term Term, below int64) (n, applied int64, err error) {
	err = ix.read(func(g *generation, s *snapshot) error {
		applied = s.applied
		h := ix.o.hash(&g.key, term)
		for _, r := range s.runs {
			if r.from >= below {
				break
			}
			first, err := g.bound(s.ts, r, pair{h, 0})
			if err != nil {
				return err
			}
			end, err := g.bound(s.ts, r, pair{h, uint32(min(below-r.from, math.MaxUint32))})
			if err != nil {
				return err
			}
			n += end.before(r) - first.before(r)
		}
		return nil
	})
	if err != nil {
		return 0, 0, err
	}
	return n, applied, nil
}

// read calls use with what a look-up sees. What it fails with is damage.
func (ix *Index) read(use func(*generation, *snapshot) error) error {
	ix.life.RLock()
	defer ix.life.RUnlock()
	if ix.closed {
		return ErrClosed
	}
	if e := ix.broken.Load(); e != nil {
		return e
	}
	g := ix.gen
	s := g.acquire()
	defer g.release(s)
	if err := use(g, s); err != nil {
		return ix.spoil(err)
	}
	return nil
}

// place is where a pair is or would be in a run.
type place struct{ chunk, offset int }

// before returns how many pairs of the run lie before the place.
func (p place) before(r *run) int64 {
	n := int64(p.offset)
	for _, c := range r.chunks[:p.chunk] {
		n += int64(c.count)
	}
	return n
}

// bound returns the place of the first pair of the run that is not below p.
func (g *generation) bound(ts uint64, r *run, p pair) (place, error) {
	var failed error
	// A chunk that begins with the hash may begin below p; the directory does
	// not say.
	n := sort.Search(len(r.chunks), func(i int) bool {
		if first := r.chunks[i].first; first != p.hash || failed != nil {
			return first >= p.hash
		}
		least := false
		failed = g.chunk(ts, r, i, func(pairs []byte) { least = pairAt(pairs).entry >= p.entry })
		return least
	})
	if failed != nil || n == 0 {
		return place{}, failed
	}
	at := place{chunk: n}
	// The end of the chunk before may reach p.
	err := g.chunk(ts, r, n-1, func(pairs []byte) {
		count := len(pairs) / pairSize
		i := sort.Search(count, func(i int) bool {
			q := pairAt(pairs[i*pairSize:])
			return q.hash > p.hash || q.hash == p.hash && q.entry >= p.entry
		})
		if i < count {
			at = place{chunk: n - 1, offset: i}
		}
	})
	return at, err
}

// chunk calls use with the pairs of a chunk as they are stored.
func (g *generation) chunk(ts uint64, r *run, n int, use func(pairs []byte)) error {
	err := g.db.get(ts, chunkKey(r.id, uint32(n)), func(b []byte) error {
		pairs, err := parseChunk(r, n, b)
		if err == nil {
			use(pairs)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("reading chunk %d of run %d: %w", n, r.id, err)
	}
	return nil
}

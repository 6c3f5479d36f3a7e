package index

import "sync"

// maxRecent is the number of entries whose terms [Recent] holds at most.
const maxRecent = batchEntries

// Recent remembers the terms of entries that are being added, by their leaf
// hash, so that whoever adds an entry and knows what it says spares the [Source]
// reading it again. It forgets the oldest, whatever became of it: what was asked
// to be added need not be in the log. The zero value is usable; its methods may be
// called at the same time.
type Recent struct {
	mu    sync.Mutex
	terms map[[32]byte][]Term
	order [][32]byte // of the hashes that were put, round and round
	next  int        // in order, once it is full
}

// Put remembers the terms of a leaf. It keeps the slice.
func (r *Recent) Put(leaf [32]byte, terms []Term) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.terms == nil {
		r.terms = make(map[[32]byte][]Term)
	}
	if len(r.order) < maxRecent {
		r.order = append(r.order, leaf)
	} else {
		delete(r.terms, r.order[r.next])
		r.order[r.next] = leaf
		r.next = (r.next + 1) % maxRecent
	}
	r.terms[leaf] = terms
}

// Take returns the terms of a leaf and forgets them; false if it does not know
// them.
func (r *Recent) Take(leaf [32]byte) ([]Term, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	terms, ok := r.terms[leaf]
	delete(r.terms, leaf)
	return terms, ok
}

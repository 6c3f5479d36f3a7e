package server

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/index"
)

// foundEntry is an entry as it was read from the log.
type foundEntry struct {
	index     int64
	party     string // who acts
	statement *statement.Statement
	said      *statement.BOM // nil if it is no bom
}

// readStatement reads the statement in a leaf of our own log.
func readStatement(leaf []byte) (*statement.Statement, error) {
	e, err := envelope.ParseLeaf(leaf)
	if err != nil {
		return nil, err
	}
	return statement.Parse(e.Payload())
}

// readEntry reads the entry in a leaf.
func readEntry(at int64, leaf []byte) (*foundEntry, error) {
	st, err := readStatement(leaf)
	if err != nil {
		return nil, err
	}
	said, _ := st.Body.(*statement.BOM)
	return &foundEntry{index: at, party: st.Actor(), statement: st, said: said}, nil
}

// leaves is the published log as look-ups read it.
type leaves interface {
	Size() int64
	Leaf(index int64) ([]byte, error)
	Bundle(index int64, width int) ([]byte, error)
	Tile(level int, index int64, width int) ([]byte, error)
}

var _ leaves = (*sequencer.Log)(nil)

// lookups answers which entries speak of something, completely up to a size of
// the log: from the index as far as it has come, from the log itself beyond.
// It is the index's source too.
type lookups struct {
	log    leaves
	index  *index.Index
	recent index.Recent

	mu    sync.Mutex    // grown is replaced by whoever closes it
	grown chan struct{} // closed when the log has grown
}

func openLookups(dir string, log leaves, o index.Options) (*lookups, error) {
	ix, err := index.Open(dir, o)
	if err != nil {
		return nil, err
	}
	return &lookups{log: log, index: ix, grown: make(chan struct{})}, nil
}

// run keeps the index up to the log until ctx ends.
func (l *lookups) run(ctx context.Context) error { return l.index.Run(ctx, l) }

func (l *lookups) applied() int64 { return l.index.Applied() }

func (l *lookups) close() error { return l.index.Close() }

// poke says that the log may have grown.
func (l *lookups) poke() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.grown)
	l.grown = make(chan struct{})
}

// Size implements [index.Source].
func (l *lookups) Size() int64 { return l.log.Size() }

// WaitFor implements [index.Source].
func (l *lookups) WaitFor(ctx context.Context, size int64) error {
	for {
		l.mu.Lock()
		grown := l.grown
		l.mu.Unlock()
		if l.log.Size() >= size {
			return nil
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// expect says that a statement is about to be added, whose terms need not be
// read from the log then.
func (l *lookups) expect(p *registry.Prepared) { l.recent.Put(p.LeafHash(), Terms(p.Statement())) }

// Terms implements [index.Source]. What was added just now is remembered, all
// else read a bundle at a time.
func (l *lookups) Terms(ctx context.Context, from, to int64) ([][]index.Term, error) {
	list := make([][]index.Term, 0, to-from)
	for i := from; i < to; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		at := i / ledger.TileWidth
		end := min(to, (at+1)*ledger.TileWidth)
		hashes, err := l.log.Tile(0, at, int(end-at*ledger.TileWidth))
		if err != nil {
			return nil, err
		}
		var bundle [][]byte // nil until a leaf of it is needed
		for ; i < end; i++ {
			place := i % ledger.TileWidth
			terms, ok := l.recent.Take([32]byte(hashes[place*32:]))
			if !ok {
				if bundle == nil {
					if bundle, err = l.readBundle(at, end); err != nil {
						return nil, err
					}
				}
				e, err := readEntry(i, bundle[place])
				if err != nil {
					return nil, err
				}
				terms = e.terms()
			}
			list = append(list, terms)
		}
	}
	return list, nil
}

// readBundle reads the leaves of a bundle that are below a size.
func (l *lookups) readBundle(at, size int64) ([][]byte, error) {
	width := min(size-at*ledger.TileWidth, ledger.TileWidth)
	raw, err := l.log.Bundle(at, int(width))
	if err != nil {
		return nil, err
	}
	leaves, err := ledger.ParseBundle(raw)
	if err != nil {
		return nil, err
	}
	if int64(len(leaves)) != width {
		return nil, fmt.Errorf("entry bundle %d has %d leaves, not %d", at, len(leaves), width)
	}
	return leaves, nil
}

// read reads an entry.
func (l *lookups) read(at int64) (*foundEntry, error) {
	leaf, err := l.log.Leaf(at)
	if err != nil {
		return nil, err
	}
	return readEntry(at, leaf)
}

// look is one question, or several, about the log at one size.
type look struct {
	*lookups
	size int64

	seen  map[int64]bool           // entries that were read
	found map[string][]*foundEntry // the same, by term
	tail  int64                    // everything from here to size was read
}

// at begins a look at the log of size entries.
func (l *lookups) at(size int64) *look {
	return &look{lookups: l, size: size, seen: make(map[int64]bool), found: make(map[string][]*foundEntry), tail: size}
}

func termKey(t index.Term) string { return string(append([]byte{byte(t.Kind)}, t.Value...)) }

// take reads an entry once.
func (k *look) take(ctx context.Context, at int64) error {
	if k.seen[at] {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	e, err := k.read(at)
	if err != nil {
		return err
	}
	k.seen[at] = true
	for _, t := range e.terms() {
		k.found[termKey(t)] = append(k.found[termKey(t)], e)
	}
	return nil
}

// find returns all entries below the size that have the term, ascending. What
// the index proposes is read from the log and dropped if it has not the term;
// what the index has not come to is read entry by entry. If that is too far, or
// the index is damaged and the log too long to do without, there is no answer:
// SERVER-INDEX-BEHIND or SERVER-INDEX-CORRUPT.
func (k *look) find(ctx context.Context, t index.Term) ([]*foundEntry, error) {
	candidates, applied, err := k.index.Lookup(t)
	if err != nil {
		if k.size > maxTail {
			return nil, err
		}
		candidates, applied = nil, 0 // the log is short enough to be read
	}
	if err := k.readTail(ctx, min(applied, k.size)); err != nil {
		return nil, err
	}
	if len(candidates) > maxCandidates {
		return nil, refuse("SERVER-BUNDLE-LARGE", "%d entries may concern this one", len(candidates))
	}
	for _, at := range candidates {
		if at < 0 || at >= k.size {
			continue
		}
		if err := k.take(ctx, at); err != nil {
			return nil, err
		}
	}
	entries := slices.Clone(k.found[termKey(t)])
	slices.SortFunc(entries, func(a, b *foundEntry) int { return cmp.Compare(a.index, b.index) })
	return entries, nil
}

// readTail reads every entry from an index to the size.
func (k *look) readTail(ctx context.Context, from int64) error {
	if k.size-from > maxTail {
		return refuse("SERVER-INDEX-BEHIND", "the index has %d of %d entries", from, k.size)
	}
	for ; k.tail > from; k.tail-- {
		if err := k.take(ctx, k.tail-1); err != nil {
			return err
		}
	}
	return nil
}

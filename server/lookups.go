package server

import (
	"cmp"
	"context"
	"encoding/binary"
	"log/slog"
	"slices"
	"strconv"
	"sync"

	"github.com/yurai-ledger/yurai/ledger/sequencer"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/index"
)

// foundEntry is an entry that has terms, as it was read from the log: a bom, or a
// withdrawal.
type foundEntry struct {
	index    int64
	leaf     []byte
	party    string
	said     *statement.BOM      // nil if it is no bom
	withdraw *statement.Withdraw // nil if it is no withdrawal
}

// readStatement reads the statement in a leaf of our own log.
func readStatement(leaf []byte) (*statement.Statement, error) {
	e, err := envelope.ParseLeaf(leaf)
	if err != nil {
		return nil, err
	}
	return statement.Parse(e.Payload())
}

// readEntry reads the entry in a leaf; nil if it is found by nothing.
func readEntry(at int64, leaf []byte) (*foundEntry, error) {
	st, err := readStatement(leaf)
	if err != nil {
		return nil, err
	}
	e := &foundEntry{index: at, leaf: leaf, party: st.Actor()}
	switch body := st.Body.(type) {
	case *statement.BOM:
		e.said = body
	case *statement.Withdraw:
		e.withdraw = body
	default:
		return nil, nil
	}
	return e, nil
}

// The terms of an entry: what its leaf, which is public, says that it is found
// by. Those by which bundles are put together, but for the digest, are of one
// party. Neither a party id nor a serial number contains a zero byte.

func termDigest(d statement.Digest) index.Term {
	return index.Term{Kind: index.BOMDigest, Value: d[:]}
}

func termOwn(party string, d statement.Digest) index.Term {
	return index.Term{Kind: index.BOMOwn, Value: append([]byte(party+"\x00"), d[:]...)}
}

// termNumber is what no two BOMs of one party share.
func termNumber(party string, said *statement.BOM) index.Term {
	return index.Term{Kind: index.BOMNumber, Value: []byte(party + "\x00" + said.SerialNumber + "\x00" + strconv.FormatInt(said.Version, 10))}
}

func termSupersedes(party string, at int64) index.Term {
	return index.Term{Kind: index.BOMSupersedes, Value: binary.BigEndian.AppendUint64([]byte(party+"\x00"), uint64(at))}
}

// termWithdraws is of who withdraws too: no party makes another's bundles longer.
func termWithdraws(party string, at int64) index.Term {
	return index.Term{Kind: index.Withdraws, Value: binary.BigEndian.AppendUint64([]byte(party+"\x00"), uint64(at))}
}

// termText is what a search asks for in one word of text.
func termText(kind index.Kind, text string) index.Term {
	return index.Term{Kind: kind, Value: []byte(text)}
}

// terms returns the terms of the entry. A BOM without serial number has no
// number that another could take. The guard sees to it that a position is in
// this log.
func (e *foundEntry) terms() []index.Term {
	if e.withdraw != nil {
		return []index.Term{termWithdraws(e.party, e.withdraw.Position.Index)}
	}
	list := []index.Term{termDigest(e.said.Digest), termOwn(e.party, e.said.Digest), termText(index.BOMParty, e.party)}
	if e.said.SerialNumber != "" {
		list = append(list, termNumber(e.party, e.said), termText(index.BOMSerial, e.said.SerialNumber))
	}
	if p := e.said.Product; p != nil && p.Name != "" && len(p.Name) <= maxTermText {
		list = append(list, termText(index.BOMProduct, p.Name))
	}
	if s := e.said.Supersedes; s != nil {
		list = append(list, termSupersedes(e.party, s.Position.Index))
	}
	return list
}

// leaves is the published log as look-ups read it.
type leaves interface {
	Size() int64
	Leaf(index int64) ([]byte, error)
}

var _ leaves = (*sequencer.Log)(nil)

// lookups answers which entries speak of something, completely up to a size of
// the log: from the index as far as it has come, from the log itself beyond.
// It is the index's source too.
type lookups struct {
	log   leaves
	index *index.Index

	mu    sync.Mutex    // grown is replaced by whoever closes it
	grown chan struct{} // closed when the log has grown
}

func openLookups(dir, origin string, log leaves, logger *slog.Logger) (*lookups, error) {
	ix, err := index.Open(dir, index.Options{Log: origin, Logger: logger})
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

// Terms implements [index.Source].
func (l *lookups) Terms(ctx context.Context, from, to int64) ([][]index.Term, error) {
	list := make([][]index.Term, 0, to-from)
	for i := from; i < to; i++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		e, err := l.read(i)
		if err != nil {
			return nil, err
		}
		var terms []index.Term
		if e != nil {
			terms = e.terms()
		}
		list = append(list, terms)
	}
	return list, nil
}

// read reads an entry; nil if it has no terms.
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
	found map[string][]*foundEntry // those that have terms, by term
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
	if e != nil {
		for _, t := range e.terms() {
			k.found[termKey(t)] = append(k.found[termKey(t)], e)
		}
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

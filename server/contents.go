package server

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"log/slog"

	"golang.org/x/sync/semaphore"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/blobs"
	"github.com/yurai-ledger/yurai/server/index"
)

// contents is the index of what open BOMs say inside. It is apart from the one
// of the leaves: reading a BOM takes a thousand times as long as reading a leaf,
// and bundles must not wait for it. It is the index's source too.
type contents struct {
	entries *lookups
	blobs   *blobs.Store
	index   *index.Index
	readers *semaphore.Weighted // BOMs being examined
	most    int                 // terms inside one that are indexed
	log     *slog.Logger
}

func openContents(dir, origin string, entries *lookups, store *blobs.Store, logger *slog.Logger) (*contents, error) {
	ix, err := index.Open(dir, index.Options{Log: origin, Logger: logger})
	if err != nil {
		return nil, err
	}
	return &contents{entries: entries, blobs: store, index: ix, readers: semaphore.NewWeighted(maxReaders), most: maxEntryTerms, log: logger}, nil
}

// run keeps the index up to the log until ctx ends.
func (c *contents) run(ctx context.Context) error { return c.index.Run(ctx, c) }

// Size implements [index.Source].
func (c *contents) Size() int64 { return c.entries.Size() }

// WaitFor implements [index.Source].
func (c *contents) WaitFor(ctx context.Context, size int64) error {
	return c.entries.WaitFor(ctx, size)
}

// Terms implements [index.Source]. It stops early after much work, so that what
// was done is kept.
func (c *contents) Terms(ctx context.Context, from, to int64) ([][]index.Term, error) {
	var list [][]index.Term
	terms, size := 0, int64(0)
	for i := from; i < to && terms < maxBatchTerms && size < maxBatchBytes; i++ {
		e, err := c.entries.read(i)
		if err != nil {
			return nil, err
		}
		if e == nil || e.said == nil {
			list = append(list, nil)
			continue
		}
		of, err := c.terms(ctx, e)
		if err != nil {
			return nil, err
		}
		list = append(list, of)
		terms += len(of)
		size += e.said.Size
	}
	return list, nil
}

// Terms inside a BOM. What two values make is unambiguous whatever they hold.

func termMakerPart(maker, part string) index.Term {
	value := binary.BigEndian.AppendUint32(nil, uint32(len(maker)))
	return index.Term{Kind: index.InsideMakerPart, Value: append(append(value, maker...), part...)}
}

var (
	termHeld   = index.Term{Kind: index.InsideHeld}
	termUnread = index.Term{Kind: index.InsideUnread}
)

// leafMaker returns the term of the maker that the leaf names.
func (e *foundEntry) leafMaker() (index.Term, bool) {
	if p := e.said.Product; p != nil && p.Maker != "" && len(p.Maker) <= maxTermText {
		return termText(index.InsideMaker, p.Maker), true
	}
	return index.Term{}, false
}

// held reports whether the entry's BOM is looked into by nobody. That others
// have the same bytes open does not open this entry.
func (e *foundEntry) held() bool { return e.said.Disclosure != statement.DisclosureOpen }

// terms returns the terms of an entry. A BOM that cannot be read, or has too much
// in it, is marked: searches say that it was not examined.
func (c *contents) terms(ctx context.Context, e *foundEntry) ([]index.Term, error) {
	var list []index.Term
	if t, ok := e.leafMaker(); ok {
		list = append(list, t)
	}
	if e.held() {
		return append(list, termHeld), nil
	}
	if err := c.readers.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer c.readers.Release(1)
	seen := make(map[string]bool)
	whole, err := c.examine(ctx, e, func(t index.Term) bool {
		key := termKey(t)
		if seen[key] {
			return true
		}
		if len(seen) == c.most {
			return false
		}
		seen[key] = true
		list = append(list, t)
		return true
	})
	if err != nil {
		return nil, err
	}
	if !whole {
		c.log.LogAttrs(ctx, slog.LevelWarn, "bill of materials not examined whole for searches", slog.Int64("index", e.index))
		list = append(list, termUnread)
	}
	return list, nil
}

// examine reads the BOM of an open entry and calls yield with each of its terms,
// some more than once, until that returns false. It reports whether it came to
// the end. Its error is that of the context; whatever else is in the way, lost or
// damaged bytes or a document that this program does not read, is only the end
// not come to. The work is linear in the bytes, which are bounded. The caller
// holds a reader.
func (c *contents) examine(ctx context.Context, e *foundEntry, yield func(index.Term) bool) (whole bool, err error) {
	if e.said.Size > maxExamined {
		return false, nil
	}
	blob, err := c.blobs.Get(ctx, e.said.Digest)
	if err != nil {
		return false, ctx.Err()
	}
	defer blob.Close()
	// Whatever the admission in force says now, this one was admitted once.
	doc, _ := sbom.Admit(blob.Bytes(), sbom.Limits{Bytes: maxExamined, Depth: maxDepth})
	if doc == nil || doc.ViewError != nil {
		return false, nil
	}
	return eachTerm(doc, yield), nil
}

// eachTerm calls yield with the terms of the components until it returns false,
// and reports whether it came to the end. A maker is the manufacturer's name,
// else the supplier's, of the component itself: nothing is inherited. What is
// longer than a search can ask for has no term.
func eachTerm(doc *sbom.Document, yield func(index.Term) bool) bool {
	for i := range doc.Components {
		p := &doc.Components[i]
		maker := p.Manufacturer.Name
		if maker == "" {
			maker = p.Supplier.Name
		}
		if maker != "" && len(maker) <= maxTermText && !yield(termText(index.InsideMaker, maker)) {
			return false
		}
		if p.Type == "device" && p.Name != "" && len(p.Name) <= maxTermText {
			if !yield(termText(index.InsidePart, p.Name)) {
				return false
			}
			if maker != "" && len(maker) <= maxTermText && !yield(termMakerPart(maker, p.Name)) {
				return false
			}
		}
		for _, h := range p.Hashes {
			if h.Algorithm != "SHA-256" {
				continue
			}
			sum, err := hex.DecodeString(h.Value)
			if err == nil && len(sum) == len(statement.Digest{}) && !yield(index.Term{Kind: index.InsideDigest, Value: sum}) {
				return false
			}
		}
	}
	return true
}

// find returns a page of the entries below size that have the term, and how many
// entries were not looked into.
func (c *contents) find(ctx context.Context, size int64, t index.Term, after int64, limit int) (page, error) {
	var examined, unread int64
	look := func(at int64, indexed bool) (verdict, error) {
		e, err := c.entries.read(at)
		if err != nil || e == nil || e.said == nil {
			return miss, err
		}
		if said, ok := e.leafMaker(); ok && equalTerms(said, t) {
			return hit, nil
		}
		if e.held() || !indexed {
			return miss, nil // counted below
		}
		if examined > 0 && examined+e.said.Size > maxPageBytes {
			return stop, nil
		}
		examined += max(e.said.Size, 1)
		has := false
		whole, err := c.examine(ctx, e, func(got index.Term) bool { has = equalTerms(got, t); return !has })
		switch {
		case err != nil:
			return miss, err
		case has:
			return hit, nil
		case !whole:
			unread++
		}
		return miss, nil
	}
	p, indexed, err := scan(ctx, c.index, size, t, after, limit, look)
	if err != nil {
		return page{}, err
	}
	p.unread = unread
	for _, count := range []struct {
		of index.Term
		to *int64
	}{{termHeld, &p.held}, {termUnread, &p.unread}} {
		n, applied, err := c.index.Count(count.of, indexed)
		if err != nil {
			return page{}, err
		}
		if applied < indexed {
			return page{}, refuse("SERVER-INDEX-BEHIND", "the index was rebuilt while it was asked")
		}
		*count.to += n
	}
	for at := indexed; at < size; at++ {
		if err := ctx.Err(); err != nil {
			return page{}, err
		}
		e, err := c.entries.read(at)
		switch {
		case err != nil:
			return page{}, err
		case e == nil || e.said == nil:
		case e.held():
			p.held++
		default:
			p.pending++
		}
	}
	return p, nil
}

func equalTerms(a, b index.Term) bool { return a.Kind == b.Kind && bytes.Equal(a.Value, b.Value) }

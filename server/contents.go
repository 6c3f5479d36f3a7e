package server

import (
	"context"
	"encoding/hex"
	"log/slog"
	"slices"

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

func openContents(dir string, entries *lookups, store *blobs.Store, o index.Options) (*contents, error) {
	ix, err := index.Open(dir, o)
	if err != nil {
		return nil, err
	}
	return &contents{entries: entries, blobs: store, index: ix, readers: semaphore.NewWeighted(maxReaders), most: maxEntryTerms, log: o.Logger}, nil
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
		if e.said == nil {
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

// held reports whether the entry's BOM is looked into by nobody. That others
// have the same bytes open does not open this entry.
func (e *foundEntry) held() bool { return e.said.Disclosure != statement.DisclosureOpen }

// terms returns the terms of an entry. A BOM that exceeds a bound or has no view
// is marked for good, one whose bytes are not there until they are: searches say
// that it was not examined.
func (c *contents) terms(ctx context.Context, e *foundEntry) ([]index.Term, error) {
	list := e.leafTerms()
	if e.held() {
		return append(list, termHeld), nil
	}
	if err := c.readers.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer c.readers.Release(1)
	seen := make(map[string]bool)
	came := true
	got, err := c.examine(ctx, e, func(doc *sbom.Document) {
		came = eachTerm(doc, e.party, func(t index.Term) bool {
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
	})
	switch {
	case err != nil:
		return nil, err
	case got == missing:
		list = append(list, termMissing)
	case got == beyond || !came:
		list = append(list, termUnread)
	default:
		return list, nil
	}
	c.log.LogAttrs(ctx, slog.LevelWarn, "bill of materials not examined whole for searches", slog.Int64("index", e.index))
	return list, nil
}

// leafTerms returns what the leaf of a BOM says that is looked for inside too:
// the maker of the product, and the digest of the whole.
func (e *foundEntry) leafTerms() []index.Term {
	list := []index.Term{termInsideDigest(e.said.Digest)}
	if p := e.said.Product; p != nil && findable(p.Maker) {
		list = append(list, termInside(index.InsideMaker, p.Maker))
	}
	return list
}

// reach is how far a BOM could be examined.
type reach int

const (
	whole   reach = iota
	missing       // its bytes are lost or damaged, and may come again
	beyond        // it exceeds a bound, or this program has no view of it
)

// examine reads the BOM of an open entry and calls use with it, if it can be read.
// Its error is that of the context. The work is linear in the bytes, which are
// bounded. The caller holds a reader; use keeps nothing of the document.
func (c *contents) examine(ctx context.Context, e *foundEntry, use func(*sbom.Document)) (reach, error) {
	if e.said.Size > maxExamined {
		return beyond, nil
	}
	blob, err := c.blobs.Get(ctx, e.said.Digest)
	if err != nil {
		return missing, ctx.Err()
	}
	defer blob.Close()
	// Whatever the admission in force says now, this one was admitted once.
	doc, _ := sbom.Admit(blob.Bytes(), sbom.Limits{Bytes: maxExamined, Depth: maxDepth})
	if doc == nil || doc.ViewError != nil {
		return beyond, nil
	}
	use(doc)
	return whole, nil
}

// eachTerm calls yield with the terms of the components of a party's BOM, some
// more than once, until it returns false, and reports whether it came to the end.
// They are those by which an advisory selects a part: its name, CPE or purl, and
// whoever the component names as its maker, or nobody. What is longer than
// whatever is alike to something that can be asked for has no term.
func eachTerm(doc *sbom.Document, party string, yield func(index.Term) bool) bool {
	for i := range doc.Components {
		p := &doc.Components[i]
		makers := makersOf(p, doc, party)
		for _, m := range makers {
			if m != "" && !yield(termInside(index.InsideMaker, m)) {
				return false
			}
		}
		for n, name := range []string{p.Name, p.CPE, p.PURL} {
			if !findable(name) || n == 2 && name == p.CPE {
				continue
			}
			if !yield(termInside(index.InsidePart, name)) {
				return false
			}
			for _, m := range makers {
				if !yield(termInsidePart(m, name)) {
					return false
				}
			}
		}
		for _, h := range p.Hashes {
			if h.Algorithm != "SHA-256" {
				continue
			}
			sum, err := hex.DecodeString(h.Value)
			if err == nil && len(sum) == len(statement.Digest{}) && !yield(termInsideDigest(statement.Digest(sum))) {
				return false
			}
		}
	}
	return true
}

// makersOf returns who a component names as its maker, each once, nobody ("") if
// it names none. Nothing is inherited, but the product is its signer's.
func makersOf(p *sbom.Component, doc *sbom.Document, party string) (list []string) {
	add := func(name string) {
		if findable(name) && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	for _, name := range []string{p.Manufacturer.Name, p.Supplier.Name, p.Publisher, p.Group} {
		add(name)
	}
	for _, x := range p.Properties {
		if x.Name == "yurai:party:maker:id" {
			add(x.Value)
		}
	}
	if p.Product {
		add(doc.Product.Maker)
		add(party)
	}
	if list == nil {
		list = []string{""}
	}
	return list
}

// find returns a page of the entries below size that are sought, and how many
// entries were not looked into. Entries whose bytes were not there when they were
// indexed are looked into again, each time, until the index is rebuilt.
func (c *contents) find(ctx context.Context, size int64, q sought, after int64, limit int) (page, error) {
	terms := append(slices.Clone(q.terms), termMissing)
	marked := uint64(1) << (len(terms) - 1)
	var examined, lost, came int64
	look := func(at int64, proposed uint64) (verdict, error) {
		e, err := c.entries.read(at)
		if err != nil || e.said == nil {
			return miss, err
		}
		if q.leaf(e) {
			return hit, nil
		}
		if e.held() || proposed == 0 {
			return miss, nil // counted below
		}
		if examined > 0 && examined+e.said.Size > maxPageBytes {
			return stop, nil
		}
		v := miss
		got, err := c.examine(ctx, e, func(doc *sbom.Document) { v = q.inside(e, doc) })
		if err != nil {
			return miss, err
		}
		if got != missing {
			examined += e.said.Size
		}
		switch {
		case got == whole && proposed&marked != 0:
			came++
		case got != whole && proposed&marked == 0:
			lost++
		}
		return v, nil
	}
	p, indexed, err := scan(ctx, c.index, size, terms, after, limit, look)
	if err != nil {
		return page{}, err
	}
	counts := [3]int64{}
	for i, mark := range []index.Term{termHeld, termUnread, termMissing} {
		if counts[i], err = countBelow(c.index, mark, indexed); err != nil {
			return page{}, err
		}
	}
	p.held, p.unread = counts[0], counts[1]+max(counts[2]-came, 0)+lost
	for at := indexed; at < size; at++ {
		if err := ctx.Err(); err != nil {
			return page{}, err
		}
		e, err := c.entries.read(at)
		switch {
		case err != nil:
			return page{}, err
		case e.said == nil:
		case e.held():
			p.held++
		default:
			p.pending++
		}
	}
	return p, nil
}

// countBelow counts the entries below an index that have a mark.
func countBelow(ix *index.Index, mark index.Term, indexed int64) (int64, error) {
	n, applied, err := ix.Count(mark, indexed)
	if err == nil && applied < indexed {
		err = refuse("SERVER-INDEX-BEHIND", "the index was rebuilt while it was asked")
	}
	return n, err
}

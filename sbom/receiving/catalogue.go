package receiving

import (
	"iter"
	"slices"
	"strings"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// catalogue finds the components of a document that advisories may name, so that
// thousands of advisories are not held against each of thousands of components. It
// is made when it is first needed.
type catalogue struct {
	doc     *sbom.Document
	names   map[string][]int // by [sbom.NameKeys] of name, CPE and package URL, ascending
	digests map[string][]int // by each SHA-256 that is stated, in lower case
}

func (c *catalogue) make() {
	if c.names != nil {
		return
	}
	c.names, c.digests = make(map[string][]int, len(c.doc.Components)), map[string][]int{}
	for i := range c.doc.Components {
		x := &c.doc.Components[i]
		for _, name := range [...]string{x.Name, x.CPE, x.PURL} {
			for _, key := range sbom.NameKeys(name) {
				if list := c.names[key]; len(list) == 0 || list[len(list)-1] != i {
					c.names[key] = append(list, i)
				}
			}
		}
		for _, h := range x.Hashes {
			if h.Algorithm == "SHA-256" {
				key := strings.ToLower(h.Value)
				c.digests[key] = append(c.digests[key], i)
			}
		}
	}
}

// called yields the components that may go by a name, ascending, each once.
func (p paper) called(name string) iter.Seq[int] {
	if p.by == nil {
		return all(p.doc)
	}
	p.by.make()
	var list []int
	for _, key := range sbom.NameKeys(name) {
		list = append(list, p.by.names[key]...)
	}
	slices.Sort(list)
	return slices.Values(slices.Compact(list))
}

// having yields the components that may have a digest, ascending.
func (p paper) having(d statement.Digest) iter.Seq[int] {
	if p.by == nil {
		return all(p.doc)
	}
	p.by.make()
	return slices.Values(p.by.digests[d.Hex()])
}

// meant yields the components that a selector may name, by their bytes or as a
// part, ascending, each once.
func (p paper) meant(s *statement.Selector) iter.Seq[int] {
	var list []int
	if !s.Digest.IsZero() {
		list = slices.AppendSeq(list, p.having(s.Digest))
		if s.Digest == statement.Digest(p.doc.Digest) {
			list = slices.AppendSeq(list, products(p.doc))
		}
	}
	if s.Part != nil {
		list = slices.AppendSeq(list, p.called(s.Part.Part))
	}
	slices.Sort(list)
	return slices.Values(slices.Compact(list))
}

func all(doc *sbom.Document) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range doc.Components {
			if !yield(i) {
				return
			}
		}
	}
}

// products yields what the document is about.
func products(doc *sbom.Document) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range doc.Components {
			if doc.Components[i].Product && !yield(i) {
				return
			}
		}
	}
}

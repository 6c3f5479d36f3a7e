package origin

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
)

// Join returns the facts together with those of the documents that it links to,
// and that those link to, up to 16 links away and 4,096 documents. linked has the
// facts of documents, each as [Read] gave them, by the SHA-256 of their bytes. A
// link is followed only by the one digest that it states; a link without one, to
// a document that is not among linked or has no view, or beyond the bounds, is not:
// see [Facts.Unresolved].
//
// The components of a linked document come after the others, once each, below the
// first component that links to it: metadata.component below that one, and its
// other outermost components below metadata.component. Subject.Document names
// it, and every pointer into it begins with its name and "#". Documents that link
// in a circle end where they began. Neither f nor what is linked is changed.
func (f *Facts) Join(linked map[[sha256.Size]byte]*Facts) *Facts {
	out := *f
	out.Components, out.Services = slices.Clone(f.Components), slices.Clone(f.Services)
	out.Findings, out.Derivations = slices.Clone(f.Findings), slices.Clone(f.Derivations)
	out.listed = slices.Clone(f.listed)
	out.joined = map[[sha256.Size]byte][]int{f.digest: nil}
	out.beside = maps.Clone(f.beside)
	if out.beside == nil {
		out.beside = make(map[int][]int)
	}
	type at struct {
		service bool
		index   int
		far     int // links away
	}
	var todo []at
	for i := range out.Components {
		todo = append(todo, at{index: i})
	}
	for i := range out.Services {
		todo = append(todo, at{service: true, index: i})
	}
	for k := 0; k < len(todo); k++ {
		from := todo[k]
		subject, linker := &Subject{}, -1
		if from.service {
			subject = &out.Services[from.index]
		} else {
			subject, linker = &out.Components[from.index], from.index
		}
		for _, link := range subject.Links {
			digest, ok := link.Target()
			if !ok {
				continue
			}
			if roots, held := out.joined[digest]; held {
				for _, root := range roots {
					if linker >= 0 && out.Components[root].Parent != linker && !slices.Contains(out.beside[root], linker) {
						out.beside[root] = append(out.beside[root], linker)
					}
				}
				continue
			}
			next := linked[digest]
			if next == nil || next.ViewError != nil || from.far == maxLinkedAt || len(out.joined) > maxLinked {
				continue
			}
			components, services := len(out.Components), len(out.Services)
			out.take(next, digest, linker)
			for i := components; i < len(out.Components); i++ {
				todo = append(todo, at{index: i, far: from.far + 1})
			}
			for i := services; i < len(out.Services); i++ {
				todo = append(todo, at{service: true, index: i, far: from.far + 1})
			}
		}
	}
	return &out
}

// take appends the subjects of a linked document below the component linker, -1
// for below none.
func (f *Facts) take(next *Facts, digest [sha256.Size]byte, linker int) {
	name := "sha256:" + hex.EncodeToString(digest[:])
	first := len(f.Components)
	// A parent comes before its parts: metadata.component before all.
	order := make([]int, 0, len(next.Components))
	product := next.Product()
	if product >= 0 {
		order = append(order, product)
	}
	for i := range next.Components {
		if i != product {
			order = append(order, i)
		}
	}
	place := make([]int, len(order))
	for at, i := range order {
		place[i] = first + at
	}
	var roots []int
	for at, i := range order {
		s := next.Components[i].relocated(name)
		switch {
		case s.Parent >= 0:
			s.Parent = place[s.Parent]
		case product >= 0 && i != product:
			s.Parent = first
		default:
			s.Parent = linker
			roots = append(roots, first+at)
		}
		f.Components = append(f.Components, s)
		listed := next.listed[i]
		if next.dangling && listed == True {
			listed = Unknown
		}
		f.listed = append(f.listed, listed)
	}
	offset := len(f.Services)
	for i := range next.Services {
		s := next.Services[i].relocated(name)
		if s.Parent >= 0 {
			s.Parent += offset
		}
		f.Services = append(f.Services, s)
	}
	f.services = f.services.And(next.services)
	for _, found := range next.Findings {
		found.Pointer = name + "#" + found.Pointer
		f.Findings = append(f.Findings, found)
	}
	for _, d := range next.Derivations {
		d.Subject, d.Pointer = place[d.Subject], name+"#"+d.Pointer
		f.Derivations = append(f.Derivations, d)
	}
	f.joined[digest] = roots
}

// relocated returns a copy of the subject whose pointers are into the named
// document. Nothing in it that differs is shared.
func (s *Subject) relocated(name string) Subject {
	to := *s
	prefix := name + "#"
	to.Document, to.Pointer = name, prefix+s.Pointer
	to.Facts = relocatedFacts(s.Facts, prefix)
	to.Hints = relocatedHints(s.Hints, prefix)
	to.Links = slices.Clone(s.Links)
	for i := range to.Links {
		to.Links[i].Pointer = prefix + to.Links[i].Pointer
	}
	to.Parties = slices.Clone(s.Parties)
	for i := range to.Parties {
		p := &to.Parties[i]
		p.Pointer = prefix + p.Pointer
		p.IDs, p.Names = relocatedWords(p.IDs, prefix), relocatedWords(p.Names, prefix)
		p.Registered, p.Plant, p.Owner = relocatedFacts(p.Registered, prefix), relocatedFacts(p.Plant, prefix), relocatedFacts(p.Owner, prefix)
		p.Hints = relocatedHints(p.Hints, prefix)
	}
	to.Access = Access{
		From: relocatedFacts(s.Access.From, prefix), Operators: relocatedWords(s.Access.Operators, prefix),
		Privilege: relocatedWords(s.Access.Privilege, prefix), AlwaysOn: relocatedWords(s.Access.AlwaysOn, prefix),
	}
	to.Flows = slices.Clone(s.Flows)
	for i := range to.Flows {
		to.Flows[i].Pointer = prefix + to.Flows[i].Pointer
		to.Flows[i].Classification = relocatedWords([]Word{to.Flows[i].Classification}, prefix)[0]
	}
	to.Ancestors = slices.Clone(s.Ancestors)
	for i := range to.Ancestors {
		a := &to.Ancestors[i]
		a.Pointer, a.Facts = prefix+a.Pointer, relocatedFacts(a.Facts, prefix)
	}
	to.controls = slices.Clone(s.controls)
	for i := range to.controls {
		to.controls[i].pointer = prefix + to.controls[i].pointer
	}
	return to
}

func relocatedFacts(list []Fact, prefix string) []Fact {
	list = slices.Clone(list)
	for i := range list {
		list[i].Pointer, list[i].Also, list[i].By = prefix+list[i].Pointer, relocatedPointers(list[i].Also, prefix), relocatedPointers(list[i].By, prefix)
	}
	return list
}

func relocatedWords(list []Word, prefix string) []Word {
	list = slices.Clone(list)
	for i := range list {
		list[i].Pointer, list[i].Also, list[i].By = prefix+list[i].Pointer, relocatedPointers(list[i].Also, prefix), relocatedPointers(list[i].By, prefix)
	}
	return list
}

func relocatedHints(list []Hint, prefix string) []Hint {
	list = slices.Clone(list)
	for i := range list {
		list[i].Pointer = prefix + list[i].Pointer
	}
	return list
}

// relocatedPointers leaves what is no pointer into the document as it is.
func relocatedPointers(list []string, prefix string) []string {
	list = slices.Clone(list)
	for i, p := range list {
		if p == "" || p[0] == '/' {
			list[i] = prefix + p
		}
	}
	return list
}

// Target returns the SHA-256 that the link states of its target, if it states
// exactly one.
func (l Link) Target() (digest [sha256.Size]byte, ok bool) {
	for _, h := range l.Hashes {
		if h.Algorithm != "SHA-256" {
			continue
		}
		b, err := hex.DecodeString(h.Value)
		if err != nil || len(b) != len(digest) || ok && digest != [sha256.Size]byte(b) {
			return [sha256.Size]byte{}, false
		}
		digest, ok = [sha256.Size]byte(b), true
	}
	return digest, ok
}

// Unresolved returns the links whose documents are not among the facts, in
// document order: all of them before [Facts.Join].
func (f *Facts) Unresolved() []Link {
	var links []Link
	for _, l := range f.Links() {
		if digest, ok := l.Target(); ok {
			if _, held := f.joined[digest]; held {
				continue
			}
		}
		links = append(links, l)
	}
	return links
}

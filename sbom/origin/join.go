package origin

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// Join returns the facts together with those of the documents that it links to,
// and that those link to, up to 16 links away and 4,096 documents. linked has the
// facts of documents, each as [Read] gave them, by the SHA-256 of their bytes. A
// link is followed only to its [Link.Target]; a link without one, to
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
	out.listed, out.links = slices.Clone(f.listed), slices.Clone(f.links)
	out.joined = map[[sha256.Size]byte]*place{f.digest: {}}
	type from struct {
		links  []Link
		linker int // component below which the linked come, -1 for none
		far    int // links away
	}
	todo := []from{{links: f.links, linker: f.Product()}}
	follow := func(components, services, far int) {
		for i := components; i < len(out.Components); i++ {
			todo = append(todo, from{out.Components[i].Links, i, far})
		}
		for i := services; i < len(out.Services); i++ {
			todo = append(todo, from{out.Services[i].Links, -1, far})
		}
	}
	follow(0, 0, 0)
	for k := 0; k < len(todo); k++ {
		at := todo[k]
		linker := at.linker
		for _, link := range at.links {
			digest, ok := link.Target()
			if !ok {
				continue
			}
			if place := out.joined[digest]; place != nil {
				// Each linker comes once, with all its links.
				if linker >= 0 && len(place.roots) > 0 && out.Components[place.roots[0]].Parent != linker && (len(place.beside) == 0 || place.beside[len(place.beside)-1] != linker) {
					place.beside = append(place.beside, linker)
				}
				continue
			}
			next := linked[digest]
			if next == nil || next.ViewError != nil || at.far == maxLinkedAt || len(out.joined) > maxLinked {
				continue
			}
			components, services, links := len(out.Components), len(out.Services), len(out.links)
			whole := out.take(next, digest, linker)
			todo = append(todo, from{slices.Clone(out.links[links:]), whole, at.far + 1})
			follow(components, services, at.far+1)
		}
	}
	return &out
}

// take appends the subjects of a linked document below the component linker, -1
// for below none. It returns the component for which the document stands.
func (f *Facts) take(next *Facts, digest [sha256.Size]byte, linker int) int {
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
	places := make([]int, len(order))
	for at, i := range order {
		places[i] = first + at
	}
	var roots []int
	for at, i := range order {
		s := next.Components[i].relocated(name)
		switch {
		case s.Parent >= 0:
			s.Parent = places[s.Parent]
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
		d.Subject, d.Pointer = places[d.Subject], name+"#"+d.Pointer
		f.Derivations = append(f.Derivations, d)
	}
	for _, l := range next.links {
		l.Pointer = name + "#" + l.Pointer
		f.links = append(f.links, l)
	}
	f.joined[digest] = &place{roots: roots}
	if product >= 0 {
		return first
	}
	return linker
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
// exactly one; of a BOM-Link that states no digest at all, the one that
// [Source.Named] knew.
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
	if !ok && l.named != ([sha256.Size]byte{}) {
		return l.named, true
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

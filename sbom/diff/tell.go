package diff

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
)

// cell is what a document tells of one aspect of one thing.
type cell struct {
	aspect Aspect
	key    string
	weight Weight
	fact   Fact
}

func (c cell) compare(d cell) int {
	return cmp.Or(strings.Compare(string(c.aspect), string(d.aspect)), strings.Compare(c.key, d.key))
}

// judged are the aspects by which things with one identity are told apart first.
func (c cell) judged() bool {
	return c.weight == Origin || c.weight == Party || c.weight == Access || c.aspect == Function || c.aspect == Identity
}

// item is a component or a service.
type item struct {
	s       *origin.Subject
	parent  int // index among its like, -1 if it is outermost or lies in the product
	product bool
	mate    int // index of its counterpart, -1 if it has none
	rank    int // its place in the total order among its like

	purl, cpe, group string
	purlVersion      string
	cpeVersion       string

	cells []cell // sorted

	name                            string // digest of type, group and name
	path                            string // digest of the names from the outermost down to it
	within                          string // digest of the name that it lies in
	around                          string // digest of everything told of all that it lies in
	content, below, facts, versions string // digests of what is told: all, with everything below, of origin, of versions
}

// side is everything of one document.
type side struct {
	components, services []item
	document             []cell
	product              int // -1 if there is none
	gtin                 string
	unresolved           map[string]bool // pointers of links that were not followed
}

// gather reads one side.
func gather(in *Side) *side {
	f := in.Facts
	s := &side{product: f.Product(), gtin: in.Document.Product.GTIN, unresolved: make(map[string]bool)}
	for _, l := range f.Unresolved() {
		s.unresolved[l.Pointer] = true
	}
	components, services := make(map[string]*sbom.Component), make(map[string]*sbom.Service)
	attested := make(map[string][]cell) // by pointer of what it is attested of
	for i, doc := range append([]*sbom.Document{in.Document}, in.Linked...) {
		prefix := ""
		if i > 0 {
			prefix = doc.DigestString() + "#"
		}
		for j := range doc.Components {
			components[prefix+doc.Components[j].Pointer] = &doc.Components[j]
		}
		for j := range doc.Services {
			services[prefix+doc.Services[j].Pointer] = &doc.Services[j]
		}
		readAttested(doc, prefix, attested)
	}
	// With everything excepted, what is left of a component's completeness is
	// whether it is itself listed.
	listed := f.Completeness(func(int) bool { return true })
	s.components = make([]item, len(f.Components))
	for i := range f.Components {
		x := &s.components[i]
		*x = item{s: &f.Components[i], product: i == s.product, mate: -1, parent: -1}
		if p := x.s.Parent; p >= 0 && p < i && p != s.product {
			x.parent = p
		}
		t := telling{make([]cell, 0, 16)}
		if c := components[x.s.Pointer]; c != nil {
			x.component(c, &t)
		}
		t.add(Completeness, "listed", Contents, stated(listed[i]), x.s.Pointer)
		x.finish(&t, attested[x.s.Pointer])
	}
	s.services = make([]item, len(f.Services))
	for i := range f.Services {
		x := &s.services[i]
		*x = item{s: &f.Services[i], mate: -1, parent: -1}
		if p := x.s.Parent; p >= 0 && p < i {
			x.parent = p
		}
		var t telling
		if v := services[x.s.Pointer]; v != nil {
			x.service(v, &t)
		}
		x.finish(&t, attested[x.s.Pointer])
	}
	digests(s.components)
	digests(s.services)
	var t telling
	doc := in.Document
	t.add(Naming, "serialNumber", Display, doc.SerialNumber, "/serialNumber")
	t.add(Naming, "version", Display, fmt.Sprint(doc.Version), "/version")
	t.add(Naming, "specVersion", Display, doc.SpecVersion, "/specVersion")
	t.add(Completeness, "document", Contents, stated(f.DocumentComplete(nil)), "")
	t.add(Completeness, "services", Contents, stated(f.ServicesComplete()), "")
	t.links(wholeLinks(f))
	s.document = t.cells()
	return s
}

// wholeLinks returns the links of the documents as wholes, of no subject in them.
func wholeLinks(f *origin.Facts) []origin.Link {
	own := make(map[string]bool)
	for _, list := range [][]origin.Subject{f.Components, f.Services} {
		for i := range list {
			for _, l := range list[i].Links {
				own[l.Pointer] = true
			}
		}
	}
	return slices.DeleteFunc(f.Links(), func(l origin.Link) bool { return own[l.Pointer] })
}

// telling gathers what is told, of each aspect and key one or several facts.
type telling struct{ list []cell }

// add notes a fact that is no place; an empty one is none.
func (t *telling) add(a Aspect, key string, w Weight, value, pointer string) {
	if value != "" {
		t.list = append(t.list, cell{a, key, w, Fact{Value: value, State: origin.Stated, Pointer: pointer, id: value}})
	}
}

// words notes words of the facts.
func (t *telling) words(a Aspect, key string, w Weight, words []origin.Word) {
	for i := range words {
		if word := &words[i]; word.State != origin.Untold {
			t.list = append(t.list, cell{a, key, w, Fact{Value: word.Value, State: word.State, Strength: word.Strength, Pointer: word.Pointer, id: word.Value}})
		}
	}
}

// places notes facts about places of a party.
func (t *telling) places(key, whose string, facts []origin.Fact) {
	for i := range facts {
		t.place(PartyAspect, key, Party, whose, &facts[i])
	}
}

// place notes a fact about a place.
func (t *telling) place(a Aspect, key string, w Weight, whose string, f *origin.Fact) {
	told := Fact{State: f.State, Strength: f.Strength, Pointer: f.Pointer}
	if f.State != origin.Malformed {
		told.withheld = f.Value.Withheld
		told.unknown = !told.withheld && f.Value.UnknownShare() >= 10_000
		told.Value, told.id = of(whose, canonical(f.Value))
	}
	if a == Stage && f.Value.Basis != "" {
		key += "|" + f.Value.Basis
	}
	t.list = append(t.list, cell{a, key, w, told})
}

// whose notes what is told of one of several parties.
func (t *telling) whose(key, whose, value, pointer string) {
	shown, id := of(whose, value)
	t.list = append(t.list, cell{PartyAspect, key, Party, Fact{Value: shown, State: origin.Stated, Pointer: pointer, id: id}})
}

// of returns a value, with whose it is where that has to be told, and what no other
// value of anybody's gives.
func of(whose, value string) (shown, id string) {
	if whose == "" {
		return value, value
	}
	return whose + ": " + value, joined([]string{whose, value})
}

// canonical returns the one form of all values that tell the same: shares added
// up and sorted.
func canonical(v origin.Value) string {
	if len(v.Shares) < 2 {
		return v.String()
	}
	type who struct{ code, party string }
	sum := make(map[who]int)
	for _, s := range v.Shares {
		sum[who{s.Code, s.Party}] += s.Percent
	}
	out := origin.Value{Withheld: v.Withheld, Basis: v.Basis}
	for at, percent := range sum {
		out.Shares = append(out.Shares, origin.Share{Code: at.code, Percent: percent, Party: at.party})
	}
	slices.SortFunc(out.Shares, func(a, b origin.Share) int {
		return cmp.Or(b.Percent-a.Percent, strings.Compare(a.Code, b.Code), strings.Compare(a.Party, b.Party))
	})
	return out.String()
}

// cells returns one cell for each aspect and key, sorted. Several facts of one
// become one: their values sorted, each once.
func (t *telling) cells() []cell {
	slices.SortStableFunc(t.list, func(a, b cell) int {
		return cmp.Or(a.compare(b), strings.Compare(a.fact.id, b.fact.id), int(a.fact.Strength)-int(b.fact.Strength), strings.Compare(string(a.fact.State), string(b.fact.State)))
	})
	kept := t.list[:0]
	for i := 0; i < len(t.list); {
		j, c := i+1, t.list[i]
		values, ids := []string{c.fact.Value}, []string{c.fact.id, c.fact.Strength.String()}
		for ; j < len(t.list) && t.list[j].compare(c) == 0; j++ {
			f, last := &t.list[j].fact, &t.list[j-1].fact
			if f.id != last.id {
				values = append(values, f.Value)
			}
			if f.id != last.id || f.Strength != last.Strength {
				ids = append(ids, f.id, f.Strength.String())
			}
			c.fact.Strength = max(c.fact.Strength, f.Strength)
			c.fact.withheld = c.fact.withheld && f.withheld
			c.fact.unknown = c.fact.unknown && f.unknown
			if c.fact.State == origin.Stated || f.State == origin.Malformed {
				c.fact.State = f.State
			}
		}
		if len(ids) > 2 {
			// That the strength of one of them changed is a change of them all.
			c.fact.Value, c.fact.id = strings.Join(values, " / "), joined(ids)
		}
		kept = append(kept, c)
		i = j
	}
	return kept
}

// links notes where links to other documents lead.
func (t *telling) links(list []origin.Link) {
	for _, l := range list {
		key, version := linkKey(l.URL)
		words := []string{version}
		for _, h := range l.Hashes {
			words = append(words, h.Algorithm+" "+strings.ToLower(h.Value))
		}
		slices.Sort(words[1:])
		t.list = append(t.list, cell{Link, key, Contents, Fact{Value: strings.TrimSpace(strings.Join(words, " ")), State: origin.Stated, Pointer: l.Pointer, id: joined(words)}})
	}
}

// component notes what CycloneDX tells of a component beside its origin.
func (x *item) component(c *sbom.Component, t *telling) {
	x.group = c.Group
	x.purl, x.purlVersion = splitPURL(c.PURL)
	x.cpe, x.cpeVersion = splitCPE(c.CPE)
	t.add(Identity, "group", Contents, c.Group, c.Pointer+"/group")
	t.add(Identity, "purl", Contents, cmp.Or(x.purl, c.PURL), c.Pointer+"/purl")
	t.add(Identity, "cpe", Contents, cmp.Or(strings.Trim(strings.ReplaceAll(x.cpe, "\x00", ":"), ":"), c.CPE), c.Pointer+"/cpe")
	if x.purlVersion != c.Version {
		t.add(Version, "purl", Contents, x.purlVersion, c.Pointer+"/purl")
	}
	if x.cpeVersion != c.Version {
		t.add(Version, "cpe", Contents, x.cpeVersion, c.Pointer+"/cpe")
	}
	t.add(Version, "range", Contents, c.VersionRange, c.Pointer+"/versionRange")
	t.add(PartyAspect, "publisher:name", Party, c.Publisher, c.Pointer+"/publisher")
	if c.External {
		t.add(Property, "isExternal", Contents, "true", c.Pointer+"/isExternal")
	}
	for _, h := range c.Hashes {
		t.add(Digest, h.Algorithm, Contents, strings.ToLower(h.Value), c.Pointer+"/hashes")
	}
	t.properties(c.Properties)
}

// service notes what CycloneDX tells of a service beside its origin.
func (x *item) service(v *sbom.Service, t *telling) {
	x.group = v.Group
	t.add(Identity, "group", Contents, v.Group, v.Pointer+"/group")
	for _, e := range v.Endpoints {
		t.add(Endpoints, "", Contents, e, v.Pointer+"/endpoints")
	}
	for i := range v.Data {
		d := &v.Data[i]
		for _, target := range d.Source {
			t.add(Data, "source "+d.Name, Access, target, d.Pointer+"/source")
		}
		for _, target := range d.Destination {
			t.add(Data, "destination "+d.Name, Access, target, d.Pointer+"/destination")
		}
	}
	t.properties(v.Properties)
}

// properties notes those that tell neither origin nor parties nor access, which
// the facts have.
func (t *telling) properties(list []sbom.Property) {
	for _, p := range list {
		switch {
		case strings.HasPrefix(p.Name, "yurai:"), p.Name == "cdx:device:countryOfOrigin", p.Name == "cdx:device:function":
		case p.Name == "cdx:device:quantity":
			t.add(Quantity, "", Contents, p.Value, p.Pointer)
		case strings.HasPrefix(p.Name, "cdx:device:gs1:gtin"):
			t.add(Identity, "gtin", Contents, p.Value, p.Pointer)
		case strings.HasPrefix(p.Name, "cdx:"):
			t.add(Property, p.Name, Contents, p.Value, p.Pointer)
		default:
			t.add(Property, p.Name, Display, p.Value, p.Pointer)
		}
	}
}

// finish notes the facts of origin, and settles what is told of the item.
func (x *item) finish(t *telling, attested []cell) {
	s := x.s
	t.list = append(t.list, attested...)
	t.add(Identity, "name", Contents, s.Name, s.Pointer+"/name")
	t.add(Identity, "type", Contents, s.Type, s.Pointer+"/type")
	t.add(Version, "", Contents, s.Version, s.Pointer+"/version")
	t.add(Function, "", Contents, s.Function, s.Pointer)
	for i := range s.Facts {
		t.place(Stage, string(s.Facts[i].Stage), Origin, "", &s.Facts[i])
	}
	for i := range s.Ancestors {
		a := &s.Ancestors[i]
		t.add(Pedigree, a.Name, Origin, strings.TrimSpace(a.Name+" "+a.Version), a.Pointer)
		for j := range a.Facts {
			t.place(Pedigree, a.Name+":"+string(a.Facts[j].Stage), Origin, "", &a.Facts[j])
		}
	}
	x.parties(t)
	for i := range s.Access.From {
		t.place(AccessAspect, "from", Access, "", &s.Access.From[i])
	}
	t.words(AccessAspect, "operator", Access, s.Access.Operators)
	t.words(AccessAspect, "privilege", Access, s.Access.Privilege)
	t.words(AccessAspect, "always-on", Access, s.Access.AlwaysOn)
	for i := range s.Flows {
		f := &s.Flows[i]
		told := Fact{Value: strings.TrimSpace(f.Direction + " " + f.Classification.Value), State: origin.Stated, Strength: f.Classification.Strength, Pointer: f.Pointer}
		told.unknown, told.id = f.Classification.State == origin.Untold, joined([]string{f.Direction, f.Classification.Value})
		t.list = append(t.list, cell{Data, f.Name, Access, told})
	}
	t.links(s.Links)
	x.cells = t.cells()
}

// parties notes who is named in which role. Where several are named in one role,
// each fact says of whom it is.
func (x *item) parties(t *telling) {
	var number map[origin.Role]int // of one alone it is clear whose a fact is
	if len(x.s.Parties) > 1 {
		number = make(map[origin.Role]int)
		for i := range x.s.Parties {
			number[x.s.Parties[i].Role]++
		}
	}
	for i := range x.s.Parties {
		p := &x.s.Parties[i]
		whose := ""
		if number[p.Role] > 1 {
			whose = cmp.Or(p.ID, p.Name, "?")
		}
		key := func(field string) string { return string(p.Role) + ":" + field }
		if p.Role != origin.RoleOperator {
			t.words(PartyAspect, key("id"), Party, p.IDs)
		}
		t.words(PartyAspect, key("name"), Party, p.Names)
		t.places(key("registered"), whose, p.Registered)
		t.places(key("plant"), whose, p.Plant)
		t.places(key("owner"), whose, p.Owner)
		for _, id := range p.OwnerIDs {
			t.whose(key("owner"), whose, id, p.Pointer)
		}
		for _, h := range p.Hints {
			t.whose(key("address"), whose, cmp.Or(h.Code, h.Text), h.Pointer)
		}
	}
}

// readAttested notes what the declarations of a document say of the things in it,
// by their pointers. What names several things, or nothing, is about none.
func readAttested(doc *sbom.Document, prefix string, to map[string][]cell) {
	if len(doc.Declarations.Attestations) == 0 {
		return
	}
	held := make(map[string]string)
	hold := func(ref, pointer string) {
		if _, twice := held[ref]; twice {
			pointer = ""
		}
		held[ref] = pointer
	}
	for i := range doc.Components {
		hold(doc.Components[i].Ref, doc.Components[i].Pointer)
	}
	for i := range doc.Services {
		hold(doc.Services[i].Ref, doc.Services[i].Pointer)
	}
	delete(held, "")
	controls, assessors, claims := make(map[string]string), make(map[string]string), make(map[string]*sbom.Claim)
	for _, r := range doc.Requirements {
		controls[r.Ref] = r.Identifier
	}
	own := speakers(doc)
	for _, a := range doc.Declarations.Assessors {
		assessors[a.Ref] = a.Organization.Name
		if a.ThirdParty && !own[a.Ref] && !own[a.Organization.Ref] && !own["name "+a.Organization.Name] {
			assessors[a.Ref] += " (third party)"
		}
	}
	delete(assessors, "")
	for i := range doc.Declarations.Claims {
		c := &doc.Declarations.Claims[i]
		if _, twice := claims[c.Ref]; twice {
			claims[c.Ref] = nil
			continue
		}
		claims[c.Ref] = c
	}
	for _, a := range doc.Declarations.Attestations {
		for _, m := range a.Map {
			said := "conformance not told"
			switch {
			case m.Conformance >= 1000:
				said = "met"
			case m.Conformance >= 0:
				said = fmt.Sprintf("met to %d per mille", m.Conformance)
			}
			if by := assessors[a.Assessor]; by != "" {
				said += ", " + by
			}
			for _, ref := range m.Claims {
				c := claims[ref]
				if c == nil || held[c.Target] == "" {
					continue
				}
				value := said
				if len(m.CounterClaims)+len(c.CounterEvidence) > 0 {
					value += ", contested"
				}
				at := prefix + held[c.Target]
				to[at] = append(to[at], cell{Attested, cmp.Or(controls[m.Requirement], m.Requirement), Contents, Fact{Value: value, State: origin.Stated, Pointer: m.Pointer, id: value}})
			}
		}
	}
}

// speakers returns the bom-refs, and behind "name " the names, of who speaks in a
// document anyway and so is no third party to it.
func speakers(doc *sbom.Document) map[string]bool {
	own := make(map[string]bool)
	for _, ref := range doc.Writers {
		own[ref] = true
	}
	for i := range doc.Components {
		if c := &doc.Components[i]; c.Product {
			own[c.Ref], own[c.Manufacturer.Ref], own[c.Supplier.Ref] = true, true, true
			own["name "+c.Manufacturer.Name], own["name "+c.Supplier.Name] = true, true
		}
	}
	delete(own, "")
	return own
}

// digests works out what things are told apart by.
func digests(list []item) {
	for i := range list {
		x := &list[i]
		within := ""
		if x.parent >= 0 {
			within = list[x.parent].path
			x.within = digest(list[x.parent].group, list[x.parent].s.Name)
		}
		x.name = digest(x.s.Type, x.group, x.s.Name)
		x.path = digest(within, x.name)
		var all, facts, versions []string
		for _, c := range x.cells {
			words := []string{string(c.aspect), c.key, c.fact.id, string(c.fact.State), c.fact.Strength.String()}
			all = append(all, words...)
			switch {
			case c.judged():
				facts = append(facts, words...)
			case c.aspect == Version || c.aspect == Digest:
				versions = append(versions, words...)
			}
		}
		x.content, x.facts, x.versions = digest(all...), digest(facts...), digest(versions...)
	}
	below := make([][]string, len(list))
	for i := len(list) - 1; i >= 0; i-- {
		x := &list[i]
		slices.Sort(below[i])
		x.below = digest(append([]string{x.content}, below[i]...)...)
		if x.parent >= 0 {
			below[x.parent] = append(below[x.parent], x.below)
		}
	}
	for i := range list {
		if p := list[i].parent; p >= 0 {
			list[i].around = digest(list[p].around, list[p].below, list[p].s.Ref)
		}
	}
}

// digest returns a digest of words, of which no others give the same.
func digest(words ...string) string {
	n := 0
	for _, w := range words {
		n += len(w) + 8
	}
	b := make([]byte, 0, n)
	for _, w := range words {
		b = append(binary.BigEndian.AppendUint64(b, uint64(len(w))), w...)
	}
	sum := sha256.Sum256(b)
	return string(sum[:])
}

package origin

import (
	"cmp"
	"slices"
	"strings"

	"github.com/yurai-ledger/yurai/sbom"
)

// Names of properties that are read here; [sbom.KnownProperty] has all that begin
// with yurai:.
const (
	ourPrefix       = "yurai:"
	originPrefix    = "yurai:origin:"
	accessPrefix    = "yurai:access:"
	countryOfOrigin = "cdx:device:countryOfOrigin"
	deviceFunction  = "cdx:device:function"
	deviceQuantity  = "cdx:device:quantity"
)

// Source is what the caller knows of a document beside its bytes.
type Source struct {
	Entry   *Entry    // where it is recorded; nil if that is not known
	Vouched []Vouched // who vouches for what it tells

	// Named returns the SHA-256 of the document that a BOM-Link without a digest
	// means, and whether the caller knows it. A nil function knows none.
	Named func(sbom.Link) (digest [32]byte, ok bool)
}

// Vouched is somebody outside the document who stands behind a part of it, as
// an attestation in the log does.
type Vouched struct {
	Pointers []string // JSON Pointers of what is vouched for, with all below; "" is the whole document
	Strength Strength // raises weaker facts to this
	By       string   // for people: who, and where it is recorded
}

// Read returns the origin facts of an admitted document. It never fails: what
// cannot be read is a finding, and unknown. The result shares no memory with
// the document but its strings, and is safe for concurrent use.
func Read(doc *sbom.Document) *Facts { return ReadFrom(doc, Source{}) }

// ReadFrom is [Read] with what the caller knows of the document beside it.
func ReadFrom(doc *sbom.Document, known Source) *Facts {
	return read(doc, known, func(*Subject, *notes) {})
}

// read reads the facts of a document; more adds to a subject what its properties
// do not tell.
func read(doc *sbom.Document, known Source, more func(s *Subject, n *notes)) *Facts {
	f := &Facts{product: -1, services: Unknown, digest: doc.Digest}
	var n notes
	if doc.ViewError != nil {
		f.ViewError = doc.ViewError
		n.add("ORIGIN-VIEW-MISSING", sbom.SeverityWarning, "", "no facts can be read from this document: %v", doc.ViewError)
		f.Findings = n.findings()
		return f
	}
	f.Components = make([]Subject, len(doc.Components))
	for i := range doc.Components {
		c := &doc.Components[i]
		if c.Product {
			f.product = i
		}
		s := Subject{
			Pointer: c.Pointer, Line: c.Line, Parent: c.Parent, Product: c.Product, Entry: known.Entry,
			Ref: c.Ref, Type: c.Type, Name: c.Name, Version: c.Version,
		}
		s.organization(RoleMaker, "manufacturer", c.Manufacturer)
		s.organization(RoleSeller, "supplier", c.Supplier)
		if c.Product {
			s.another(RoleMaker, "manufacture", doc.Manufacture)
			s.another(RoleSeller, "supplier", doc.Supplier)
		}
		for _, g := range c.Governance {
			s.governor(g)
		}
		for j := range c.Ancestors {
			s.ancestor(&c.Ancestors[j], &n)
		}
		more(&s, &n)
		s.read(c.Properties, c.ExternalReferences, &n)
		known.name(s.Links)
		f.Components[i] = s
	}
	f.Services = make([]Subject, len(doc.Services))
	for i := range doc.Services {
		v := &doc.Services[i]
		s := Subject{
			Pointer: v.Pointer, Line: v.Line, Parent: v.Parent, Service: true, Entry: known.Entry,
			Ref: v.Ref, Name: v.Name, Version: v.Version,
		}
		s.organization(RoleProvider, "provider", v.Provider)
		for i := range v.Data {
			s.flow(&v.Data[i])
		}
		more(&s, &n)
		s.read(v.Properties, v.ExternalReferences, &n)
		known.name(s.Links)
		f.Services[i] = s
	}
	f.links = links(doc.ExternalReferences)
	known.name(f.links)
	holders := f.holders()
	if v := newVouchers(doc, known, holders); !v.empty() {
		for _, list := range [][]Subject{f.Components, f.Services} {
			for i := range list {
				v.subject(&list[i])
			}
		}
	}
	f.readCompositions(doc, holders, &n)
	f.readControls(doc, holders)
	f.derive(&n)
	f.Findings = n.findings()
	return f
}

// links returns the references that are of type bom.
func links(references []sbom.ExternalReference) []Link {
	var list []Link
	for _, r := range references {
		if r.Type == "bom" {
			list = append(list, Link{Pointer: r.Pointer, URL: r.URL, Hashes: r.Hashes})
		}
	}
	return list
}

// name asks the caller what links mean that state no digest. One that states any
// means that, and nothing else.
func (known Source) name(links []Link) {
	if known.Named == nil {
		return
	}
	for i := range links {
		l := &links[i]
		if to, ok := sbom.ParseLink(l.URL); ok && len(l.Hashes) == 0 {
			if digest, ok := known.Named(to); ok {
				l.named = digest
			}
		}
	}
}

// ancestor reads what a thing tells that the subject was made from. Its maker is a
// party of its own.
func (s *Subject) ancestor(c *sbom.Component, n *notes) {
	a := Ancestor{Pointer: c.Pointer, Name: c.Name, Version: c.Version}
	for _, p := range c.Properties {
		switch {
		case p.Name == countryOfOrigin:
			a.Facts = append(a.Facts, countryFact(p, n))
		case strings.HasPrefix(p.Name, originPrefix) && sbom.KnownProperty(p.Name):
			a.Facts = append(a.Facts, stageFact(Stage(p.Name[len(originPrefix):]), p, n))
		}
	}
	s.Ancestors = append(s.Ancestors, a)
	for _, o := range []sbom.Organization{c.Manufacturer, c.Supplier} {
		if sbom.Skeleton(o.Name) == "" && o.Country == "" {
			continue
		}
		s.Parties = append(s.Parties, Party{Role: RoleAncestor, Pointer: o.Pointer, State: Untold})
		s.Parties[len(s.Parties)-1].describe(s, string(RoleAncestor), o)
	}
}

// flow reads a flow of data and who answers for it.
func (s *Subject) flow(d *sbom.DataFlow) {
	to := Flow{
		Pointer: d.Pointer, Direction: d.Flow, Name: d.Name,
		Classification: Word{Value: d.Classification, State: Stated, Strength: Asserted, Pointer: d.Pointer + "/classification"},
	}
	if sbom.Skeleton(d.Classification) == "" {
		to.Classification = Word{State: Untold, Pointer: d.Pointer}
	}
	s.Flows = append(s.Flows, to)
	for _, g := range d.Governance {
		s.governor(g)
	}
}

// read reads the facts of one subject from its properties.
func (s *Subject) read(properties []sbom.Property, references []sbom.ExternalReference, n *notes) {
	functions := 0
	for _, p := range properties {
		switch {
		case p.Name == countryOfOrigin:
			s.Facts = append(s.Facts, countryFact(p, n))
		case p.Name == deviceFunction:
			if functions == 0 || p.Value != s.Function {
				functions++
			}
			s.Function = p.Value
			if functions == 2 {
				n.add("ORIGIN-FUNCTION-CONTRADICTED", sbom.SeverityWarning, p.Pointer, "the component states two functions")
			}
		case p.Name == deviceQuantity:
			s.count(p.Value)
		case !strings.HasPrefix(p.Name, ourPrefix):
		case !sbom.KnownProperty(p.Name):
			n.add("ORIGIN-NAME-UNKNOWN", sbom.SeverityError, p.Pointer, "no property is called %s", quote(p.Name))
		case strings.HasPrefix(p.Name, originPrefix):
			s.Facts = append(s.Facts, stageFact(Stage(p.Name[len(originPrefix):]), p, n))
		default:
			s.side(p, n)
		}
	}
	if functions > 1 {
		s.Function = ""
	}
	s.Links = append(s.Links, links(references)...)
	s.Facts = reconcile(s.Facts, "", n)
	s.settle(n)
}

// side reads a property yurai:party:… or yurai:access:….
func (s *Subject) side(p sbom.Property, n *notes) {
	parts := strings.Split(p.Name, ":")
	field := parts[len(parts)-1]
	if parts[1] == "access" {
		switch field {
		case "from":
			s.Access.From = append(s.Access.From, stageFact("", p, n))
		case "operator":
			s.Access.Operators = append(s.Access.Operators, wordFact(p, ValidParty(p.Value), n))
		case "privilege":
			ok := slices.Contains([]string{"none", "read", "operate", "update"}, p.Value)
			s.Access.Privilege = append(s.Access.Privilege, wordFact(p, ok, n))
		case "always-on":
			s.Access.AlwaysOn = append(s.Access.AlwaysOn, wordFact(p, p.Value == "true" || p.Value == "false", n))
		}
		return
	}
	to := s.party(Role(parts[2]), p.Pointer)
	switch field {
	case "id":
		to.IDs = append(to.IDs, wordFact(p, ValidParty(p.Value), n))
	case "registered":
		to.Registered = append(to.Registered, stageFact("", p, n))
	case "plant":
		to.Plant = append(to.Plant, stageFact("", p, n))
	case "owner":
		if ValidParty(p.Value) {
			to.OwnerIDs = append(to.OwnerIDs, p.Value)
			return
		}
		to.Owner = append(to.Owner, stageFact("", p, n))
	}
}

// wordFact reads a property whose value is one word.
func wordFact(p sbom.Property, valid bool, n *notes) Word {
	w := Word{Value: p.Value, State: Stated, Strength: Asserted, Pointer: p.Pointer}
	if !valid {
		w.State = Malformed
		malformed(p, errSide, n)
	}
	return w
}

// settle compares what was told of parties and access, once all is read.
func (s *Subject) settle(n *notes) {
	for i := range s.Parties {
		p := &s.Parties[i]
		what := "yurai:party:" + string(p.Role) + ":"
		p.IDs = agree(p.IDs, what+"id", n)
		p.Names = agree(p.Names, "the name of the "+string(p.Role), n)
		p.Registered = reconcile(p.Registered, what+"registered", n)
		p.Plant = reconcile(p.Plant, what+"plant", n)
		p.Owner = reconcile(p.Owner, what+"owner", n)
		p.name()
	}
	a := &s.Access
	a.From = reconcile(a.From, accessPrefix+"from", n)
	a.Operators = agree(a.Operators, accessPrefix+"operator", n)
	a.Privilege = agree(a.Privilege, accessPrefix+"privilege", n)
	a.AlwaysOn = agree(a.AlwaysOn, accessPrefix+"always-on", n)
	for _, w := range a.Operators {
		if w.State == Malformed || slices.ContainsFunc(s.Parties, func(p Party) bool { return p.ID == w.Value }) {
			continue
		}
		s.Parties = append(s.Parties, Party{Role: RoleOperator, Pointer: w.Pointer, IDs: []Word{w}})
		s.Parties[len(s.Parties)-1].name()
	}
}

// agree leaves one word of those that are the same, and marks those that differ.
func agree(words []Word, what string, n *notes) []Word {
	if len(words) < 2 {
		return words
	}
	first := make(map[string]int, len(words))
	kept := words[:0]
	for _, w := range words {
		if at, ok := first[w.Value]; ok && kept[at].State == w.State {
			kept[at].Also = append(kept[at].Also, w.Pointer)
			continue
		}
		first[w.Value] = len(kept)
		kept = append(kept, w)
	}
	kept = slices.Clip(kept)
	if len(kept) > 1 {
		for i := range kept {
			if kept[i].State == Stated {
				kept[i].State = Contradicted
			}
			other := kept[0].Pointer
			if i == 0 {
				other = kept[1].Pointer
			}
			n.add("ORIGIN-FACT-CONTRADICTED", sbom.SeverityWarning, kept[i].Pointer, "%s is told differently at %s", what, other)
		}
	}
	return kept
}

// stageFact reads a property yurai:origin:<stage>, or with the stage "" another
// of the same grammar.
func stageFact(stage Stage, p sbom.Property, n *notes) Fact {
	f := Fact{Stage: stage, State: Stated, Strength: Asserted, Pointer: p.Pointer}
	v, err := ParseValue(p.Value)
	if err != nil {
		f.State, f.Written = Malformed, sbom.Clip(p.Value, maxWritten)
		malformed(p, err, n)
		return f
	}
	f.Value = v
	for _, share := range v.Shares {
		if share.Code != UnknownCode && !Recognised(share.Code) {
			unrecognised(p.Pointer, share.Code, n)
		}
	}
	if v.Over() {
		f.State = Contradicted
		n.add("ORIGIN-SHARE-OVER", sbom.SeverityWarning, p.Pointer, "the shares add up to %s %%", FormatPercent(v.Total()))
	}
	return f
}

// countryFact reads a property cdx:device:countryOfOrigin, a free text without
// grammar that stands for the whole of the stage manufactured.
func countryFact(p sbom.Property, n *notes) Fact {
	f := Fact{Stage: Manufactured, State: Stated, Strength: Asserted, Pointer: p.Pointer}
	code, mapped, ok := CountryOf(p.Value)
	switch {
	case !ok:
		f.State, f.Written = Malformed, sbom.Clip(p.Value, maxWritten)
		unrecognised(p.Pointer, p.Value, n)
		return f
	case mapped:
		n.add("ORIGIN-CODE-MAPPED", sbom.SeverityNote, p.Pointer, "%s was read as %s", quote(p.Value), code)
	}
	f.Value = Value{Shares: []Share{{Code: code, Percent: whole}}}
	return f
}

// reconcile sorts the facts, merges those that tell the same and marks those
// that cannot be true together: two values for one stage and basis, and every
// value of a stage for which there is also one that cannot be read, since
// nobody knows what that one was meant to say. what names them in a finding,
// where it is not the stage.
func reconcile(facts []Fact, what string, n *notes) []Fact {
	if len(facts) < 2 {
		return facts
	}
	order := func(f Fact) int { return slices.Index(stages, f.Stage) }
	slices.SortStableFunc(facts, func(a, b Fact) int {
		return cmp.Or(order(a)-order(b), strings.Compare(a.Value.Basis, b.Value.Basis))
	})
	facts = merge(facts)
	contradict(facts, what, n)
	return facts
}

// telling is what a fact tells, as the key of a map.
type telling struct {
	stage Stage
	basis string
	told  string // shares added up, or withheld
}

func (f *Fact) telling(parties bool) telling {
	told := Value{Withheld: f.Value.Withheld, Shares: f.Value.merged(parties)}
	return telling{f.Stage, f.Value.Basis, told.String()}
}

// merge leaves one fact of those that tell the same. Parties are compared only
// where both name any: a fact that names some takes in one that names none. The
// work is linear but for the sorting, whatever a BOM repeats.
func merge(facts []Fact) []Fact {
	kept := facts[:0]
	first, named := map[telling]int{}, map[telling]int{} // by codes, and by codes and parties
	for _, f := range facts {
		if f.State == Malformed {
			kept = append(kept, f)
			continue
		}
		places := f.telling(false)
		same, told := first[places]
		if !told {
			first[places] = len(kept)
		}
		if f.Value.named() {
			who := f.telling(true)
			if told && kept[same].Value.named() {
				same, told = named[who]
			}
			switch {
			case !told:
				named[who] = len(kept)
			case !kept[same].Value.named():
				kept[same].Value.Shares, named[who] = f.Value.Shares, same
			}
		}
		if told {
			kept[same].Also = append(kept[same].Also, f.Pointer)
			continue
		}
		kept = append(kept, f)
	}
	return slices.Clip(kept)
}

// contradict marks each fact beside which another of the same stage and basis
// stands, or one of the stage that cannot be read.
func contradict(facts []Fact, what string, n *notes) {
	type place struct {
		stage Stage
		basis string
	}
	beside := map[place][2]int{} // the first two that can be read, one more than their index
	malformed := map[Stage]int{} // the first that cannot
	for i, f := range facts {
		at := place{f.Stage, f.Value.Basis}
		two := beside[at]
		switch {
		case f.State == Malformed && malformed[f.Stage] == 0:
			malformed[f.Stage] = i + 1
		case f.State == Malformed:
		case two[0] == 0:
			beside[at] = [2]int{i + 1, 0}
		case two[1] == 0:
			beside[at] = [2]int{two[0], i + 1}
		}
	}
	for i := range facts {
		f := &facts[i]
		if f.State == Malformed {
			continue
		}
		two := beside[place{f.Stage, f.Value.Basis}]
		other := two[0]
		if other == i+1 {
			other = two[1]
		}
		if m := malformed[f.Stage]; m > 0 && (other == 0 || m < other) {
			other = m
		}
		if other == 0 {
			continue
		}
		f.State = Contradicted
		name := what
		if name == "" {
			name = "the stage " + string(f.Stage)
		}
		n.add("ORIGIN-FACT-CONTRADICTED", sbom.SeverityWarning, f.Pointer, "%s is told differently at %s", name, facts[other-1].Pointer)
	}
}

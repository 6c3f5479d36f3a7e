package origin

import (
	"slices"

	"github.com/yurai-ledger/yurai/sbom"
)

// Role is what a party is to a subject.
type Role string

// The roles. Custodians, stewards and owners are of data that a service
// handles; an ancestor is the maker of a thing that the subject was made from,
// by its pedigree; an operator is who reaches it remotely; a performer, of a draft of
// CycloneDX 2.0, did a stage somewhere.
const (
	RoleMaker      Role = "maker"
	RoleSeller     Role = "seller"
	RoleProvider   Role = "provider"
	RoleMaintainer Role = "maintainer"
	RoleOperator   Role = "operator"
	RoleAncestor   Role = "ancestor"
	RolePerformer  Role = "performer"
	RoleCustodians Role = "custodians"
	RoleStewards   Role = "stewards"
	RoleOwners     Role = "owners"
)

// Word is a fact that is no place: an id, a name, a classification.
type Word struct {
	Value    string // as written; "" where State is Untold
	State    State
	Strength Strength
	Pointer  string   // of where it is told, of what lacks it where it is not
	Also     []string // pointers of others that tell the same
	By       []string // who raised its strength, as [Fact.By]
}

// Party is one party as one subject names it in one role. What another subject
// tells of a party with the same id is not counted.
type Party struct {
	Role Role

	// ID and Name are what names it, "" if nothing does. Where two are told that
	// differ, State is Contradicted and these are the first of each.
	ID, Name   string
	IDs, Names []Word // everything that was told, in the order of the document

	Pointer    string // of where it is told, of the subject if nothing is
	Registered []Fact // where it is registered; Stage is ""
	Plant      []Fact // where it works
	Owner      []Fact // where its owners are
	OwnerIDs   []string

	Hints    []Hint   // countries of its address
	Strength Strength // the strongest of what names it; zero if nothing does
	State    State    // of what names it; Untold if nothing does
}

// Told reports whether the document tells anything of the party.
func (p *Party) Told() bool {
	return p.State != Untold || len(p.Registered)+len(p.Plant)+len(p.Owner)+len(p.OwnerIDs)+len(p.Hints) > 0
}

// RegisteredIn tells whether the party is registered in one of the places of
// codes. The country of an address means neither plant nor registration: it can
// make this true, which is then not firm, or unknown, and never false. It is false
// only if one fact tells the whole as [Subject.Made] asks for, nothing of the
// party's registration or address lies there, and none may.
func (p *Party) RegisteredIn(codes Codes, least Strength) Answer {
	seen := places{in: codes.Holds, least: least}
	whole := false
	for i := range p.Registered {
		whole = seen.look(&p.Registered[i]) || whole
	}
	for _, h := range p.Hints {
		switch {
		case h.Code == "":
			seen.possible = true
		case codes.Holds(h.Code) == True:
			seen.hit = true
		case codes.Holds(h.Code) == Unknown:
			seen.possible = true
		}
	}
	return seen.answer(whole)
}

// OwnedIn tells whether any share of the party is owned from one of the places
// of codes. It is false only if one fact tells the whole of its ownership as
// [Subject.Made] asks for, and no share lies there or may lie there. Where the
// owner is told by its id alone it is unknown.
func (p *Party) OwnedIn(codes Codes, least Strength) Answer {
	seen := places{in: codes.Holds, least: least}
	whole := false
	for i := range p.Owner {
		whole = seen.look(&p.Owner[i]) || whole
	}
	return seen.answer(whole)
}

// Party returns the party that the subject names in the role. It is never nil:
// where the document names none, [Party.Told] of it is false. Where it names
// several in one role of data, or several ancestors, they come as one that is
// contradicted if their names differ; [Facts.Parties] has each.
func (s *Subject) Party(r Role) *Party {
	var found []*Party
	for i := range s.Parties {
		if s.Parties[i].Role == r {
			found = append(found, &s.Parties[i])
		}
	}
	switch len(found) {
	case 0:
		return &Party{Role: r, Pointer: s.Pointer, State: Untold}
	case 1:
		return found[0]
	}
	all := &Party{Role: r, Pointer: found[0].Pointer, State: Untold}
	for _, p := range found {
		all.IDs = append(all.IDs, p.IDs...)
		all.Names = append(all.Names, p.Names...)
		all.Registered = append(all.Registered, p.Registered...)
		all.Plant = append(all.Plant, p.Plant...)
		all.Owner = append(all.Owner, p.Owner...)
		all.OwnerIDs = append(all.OwnerIDs, p.OwnerIDs...)
		all.Hints = append(all.Hints, p.Hints...)
	}
	all.name()
	// What is told of several speaks of none of them.
	for _, facts := range [][]Fact{all.Registered, all.Plant, all.Owner} {
		for i := range facts {
			if facts[i].State == Stated {
				facts[i].State = Contradicted
			}
		}
	}
	return all
}

// Parties returns every party that is told, in document order, and one that is
// not told for each component without a maker and each service without a
// provider. Nothing in the result may be changed.
func (f *Facts) Parties() []*Party {
	var out []*Party
	for _, list := range [][]Subject{f.Components, f.Services} {
		for i := range list {
			s := &list[i]
			need := RoleMaker
			if s.Service {
				need = RoleProvider
			}
			told := false
			for j := range s.Parties {
				p := &s.Parties[j]
				told = told || p.Role == need
				out = append(out, p)
			}
			if !told {
				out = append(out, s.Party(need))
			}
		}
	}
	return out
}

// name settles what names the party from all that was told.
func (p *Party) name() {
	p.ID, p.Name, p.State, p.Strength = "", "", Untold, 0
	for _, words := range [][]Word{p.IDs, p.Names} {
		for i := range words {
			w := &words[i]
			p.Strength = max(p.Strength, w.Strength)
			switch {
			case w.State == Malformed:
				p.State = Malformed
			case w.State == Contradicted && p.State != Malformed:
				p.State = Contradicted
			case p.State == Untold:
				p.State = Stated
			}
		}
	}
	differ := func(words []Word) (first string, differ bool) {
		for _, w := range words {
			switch {
			case w.State == Malformed:
			case first == "":
				first = w.Value
			case w.Value != first:
				differ = true
			}
		}
		return first, differ
	}
	var ids, names bool
	p.ID, ids = differ(p.IDs)
	p.Name, names = differ(p.Names)
	if (ids || names) && p.State == Stated {
		p.State = Contradicted
	}
}

// party returns the subject's party of the role, which is made if need be.
func (s *Subject) party(r Role, pointer string) *Party {
	for i := range s.Parties {
		if s.Parties[i].Role == r {
			return &s.Parties[i]
		}
	}
	s.Parties = append(s.Parties, Party{Role: r, Pointer: pointer, State: Untold})
	return &s.Parties[len(s.Parties)-1]
}

// organization notes the name and the address by which a field of CycloneDX
// tells a party.
func (s *Subject) organization(r Role, field string, o sbom.Organization) {
	if o.Pointer == "" {
		return
	}
	named := sbom.Skeleton(o.Name) != ""
	if !named && o.Country == "" {
		return
	}
	p := s.party(r, o.Pointer)
	p.describe(s, field, o)
}

// another notes who metadata says made or supplies the product. Where the
// product itself names somebody else in the role, that is a party of its own, so
// that each of them is looked at.
func (s *Subject) another(r Role, field string, o sbom.Organization) {
	other := slices.ContainsFunc(s.Parties, func(p Party) bool {
		return p.Role == r && len(p.Names) > 0 && p.Names[0].Value != o.Name
	})
	if !other || sbom.Skeleton(o.Name) == "" {
		s.organization(r, field, o)
		return
	}
	s.Parties = append(s.Parties, Party{Role: r, Pointer: o.Pointer, State: Untold})
	s.Parties[len(s.Parties)-1].describe(s, field, o)
}

// describe adds what an organizational entity tells to the party.
func (p *Party) describe(s *Subject, field string, o sbom.Organization) {
	if sbom.Skeleton(o.Name) != "" {
		p.Names = append(p.Names, Word{Value: o.Name, State: Stated, Strength: Asserted, Pointer: o.Pointer + "/name"})
	}
	if h, ok := hint(field, o); ok {
		p.Hints = append(p.Hints, h)
		s.Hints = append(s.Hints, h)
	}
}

// governor notes a party that answers for data. Several may hold one role; each
// is a party of its own, those with one name are one.
func (s *Subject) governor(g sbom.Governor) {
	o := g.Organization
	pointer := o.Pointer
	if o.Name == "" && g.Contact != "" {
		o.Name, o.Pointer = g.Contact, g.Pointer+"/contact"
		pointer = g.Pointer
	}
	if sbom.Skeleton(o.Name) == "" && o.Country == "" {
		return
	}
	at := slices.IndexFunc(s.Parties, func(p Party) bool {
		return p.Role == Role(g.Role) && o.Name != "" && len(p.Names) > 0 && p.Names[0].Value == o.Name
	})
	if at < 0 {
		s.Parties = append(s.Parties, Party{Role: Role(g.Role), Pointer: pointer, State: Untold})
		at = len(s.Parties) - 1
		s.Parties[at].describe(s, g.Role, o)
		return
	}
	p := &s.Parties[at]
	p.Names[0].Also = append(p.Names[0].Also, o.Pointer+"/name")
	if h, ok := hint(g.Role, o); ok {
		p.Hints = append(p.Hints, h)
		s.Hints = append(s.Hints, h)
	}
}

// hint returns the country of an organization's address.
func hint(field string, o sbom.Organization) (Hint, bool) {
	if o.Country == "" {
		return Hint{}, false
	}
	code, _, _ := CountryOf(o.Country)
	return Hint{Role: field, Name: o.Name, Text: o.Country, Code: code, Pointer: o.Pointer + "/address/country"}, true
}

package origin

import (
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/yurai-ledger/yurai/sbom"
)

// draftParty is a party as a draft of CycloneDX 2.0 tells it.
type draftParty struct {
	Ref          string             `json:"bom-ref"`
	Roles        []draftRole        `json:"roles"`
	Organization *draftOrganization `json:"organization"`
	Relations    struct {
		Parent string `json:"parent"`
	} `json:"relations"`

	pointer string
}

type draftRole struct {
	Role jsontext.Value `json:"role"`
}

type draftOrganization struct {
	Name         string `json:"name"`
	LegalName    string `json:"legalName"`
	Jurisdiction string `json:"jurisdiction"`
	Addresses    []struct {
		Code    string `json:"isoCode"`
		Country string `json:"country"`
	} `json:"addresses"`
	Identifiers []struct {
		Scheme string `json:"scheme"`
		Value  string `json:"value"`
	} `json:"identifiers"`
}

// draftPlayed is a party in a role.
type draftPlayed struct {
	role  Role
	party *draftParty
}

// draftRoles are the roles of the draft that are told apart here.
var draftRoles = map[string]Role{
	"manufacturer": RoleMaker, "supplier": RoleSeller, "distributor": RoleSeller, "provider": RoleProvider,
	"maintainer": RoleMaintainer, "operator": RoleOperator, "assembler": RolePerformer, "fabricator": RolePerformer,
}

// party reads a party that the document holds, and keeps it by its bom-ref.
func (d *drafting) party(raw jsontext.Value, pointer string) *draftParty {
	p := &draftParty{pointer: pointer}
	if err := json.Unmarshal(raw, p); err != nil {
		d.refuse(pointer, "the party cannot be read: %v", err)
		return p
	}
	if p.Ref != "" {
		if _, twice := d.parties[p.Ref]; twice {
			d.refuse(pointer, "two parties have the bom-ref %s", quote(p.Ref))
		}
		d.parties[p.Ref] = p
	}
	return p
}

// named stands for the party with a bom-ref, wherever it is told. pointer is of
// the reference.
func (d *drafting) named(ref, pointer string) *draftParty {
	return &draftParty{Ref: ref, pointer: pointer, Roles: []draftRole{}}
}

// resolved returns the party itself where p only names it; ok is false if the
// document does not hold it.
func (d *drafting) resolved(p *draftParty) (*draftParty, bool) {
	if p.Organization != nil || p.Ref == "" {
		return p, true
	}
	held, ok := d.parties[p.Ref]
	return held, ok
}

// played reads the parties of a subject, each an object or a bom-ref.
func (d *drafting) played(list []jsontext.Value, prefix string, told *draftTold) {
	for i, raw := range list {
		pointer := prefix + strconv.Itoa(i)
		if raw.Kind() == '"' {
			var ref string
			if err := json.Unmarshal(raw, &ref); err != nil {
				d.refuse(pointer, "the bom-ref cannot be read")
			}
			// Its roles are those of the party, which may come later.
			told.parties = append(told.parties, draftPlayed{"", d.named(ref, pointer)})
			continue
		}
		told.parties = append(told.parties, draftPlayed{"", d.party(raw, pointer)})
	}
}

// entity reads a member such as manufacturer: an organization as CycloneDX 1.7
// has it, or a bom-ref.
func (d *drafting) entity(raw jsontext.Value, role Role, pointer string, told *draftTold) sbom.Organization {
	switch raw.Kind() {
	case '"':
		var ref string
		if err := json.Unmarshal(raw, &ref); err != nil {
			d.refuse(pointer, "the bom-ref cannot be read")
		}
		told.parties = append(told.parties, draftPlayed{role, d.named(ref, pointer)})
	case '{':
		var o struct {
			Ref     string `json:"bom-ref"`
			Name    string `json:"name"`
			Address struct {
				Country string `json:"country"`
				Region  string `json:"region"`
			} `json:"address"`
		}
		if err := json.Unmarshal(raw, &o); err != nil {
			d.refuse(pointer, "the organization cannot be read: %v", err)
		}
		return sbom.Organization{Pointer: pointer, Ref: o.Ref, Name: o.Name, Country: o.Address.Country, Region: o.Address.Region}
	}
	return sbom.Organization{}
}

// join adds a party to a subject, in the role that is given or in its own.
func (d *drafting) join(s *Subject, played draftPlayed, n *notes) {
	p, ok := d.resolved(played.party)
	if !ok {
		d.refuse(played.party.pointer, "the document holds no party with the bom-ref %s", quote(played.party.Ref))
		return
	}
	roles := []Role{played.role}
	if played.role == "" {
		roles = roles[:0]
		for _, r := range p.Roles {
			var word string
			if r.Role.Kind() == '"' && json.Unmarshal(r.Role, &word) == nil {
				if role, known := draftRoles[word]; known && !slices.Contains(roles, role) {
					roles = append(roles, role)
				}
			}
		}
	}
	for _, role := range roles {
		d.tell(s, role, p, n)
	}
}

// tell adds one party in one role. Those that performed a stage may be several.
func (d *drafting) tell(s *Subject, role Role, p *draftParty, n *notes) {
	o := p.Organization
	if o == nil {
		o = &draftOrganization{}
	}
	var to *Party
	if role == RolePerformer {
		if slices.ContainsFunc(s.Parties, func(q Party) bool { return q.Role == role && q.Pointer == p.pointer }) {
			return
		}
		s.Parties = append(s.Parties, Party{Role: role, Pointer: p.pointer, State: Untold})
		to = &s.Parties[len(s.Parties)-1]
	} else {
		to = s.party(role, p.pointer)
	}
	name, member := o.LegalName, "/organization/legalName"
	if name == "" {
		name, member = o.Name, "/organization/name"
	}
	if sbom.Skeleton(name) != "" {
		to.Names = append(to.Names, Word{Value: name, State: Stated, Strength: Asserted, Pointer: p.pointer + member})
	}
	for i, id := range o.Identifiers {
		if party := id.Scheme + ":" + id.Value; ValidParty(party) && len(to.IDs) == 0 {
			to.IDs = append(to.IDs, Word{Value: party, State: Stated, Strength: Asserted, Pointer: p.pointer + "/organization/identifiers/" + strconv.Itoa(i)})
		}
	}
	if o.Jurisdiction != "" {
		to.Registered = append(to.Registered, jurisdiction(p, "", n))
	}
	for i, a := range o.Addresses {
		pointer := p.pointer + "/organization/addresses/" + strconv.Itoa(i)
		text, member := a.Code, "/isoCode"
		if text == "" {
			text, member = a.Country, "/country"
		}
		if text == "" {
			continue
		}
		code, _, _ := CountryOf(text)
		h := Hint{Role: string(role), Name: name, Text: text, Code: code, Pointer: pointer + member}
		to.Hints, s.Hints = append(to.Hints, h), append(s.Hints, h)
	}
	d.owners(to, p, n)
}

// owners follows the parents of a party upward.
func (d *drafting) owners(to *Party, p *draftParty, n *notes) {
	seen := map[*draftParty]bool{p: true}
	for step := 1; p.Relations.Parent != ""; step++ {
		at := p.pointer + "/relations/parent"
		parent, ok := d.parties[p.Relations.Parent]
		if !ok || seen[parent] || parent.Organization == nil || parent.Organization.Jurisdiction == "" {
			to.Owner = append(to.Owner, Fact{State: Malformed, Strength: Asserted, Pointer: at})
		} else {
			to.Owner = append(to.Owner, jurisdiction(parent, "parent "+strconv.Itoa(step), n))
		}
		if !ok || seen[parent] {
			return
		}
		seen[parent] = true
		if parent.Organization != nil {
			for _, id := range parent.Organization.Identifiers {
				if party := id.Scheme + ":" + id.Value; ValidParty(party) {
					to.OwnerIDs = append(to.OwnerIDs, party)
					break
				}
			}
		}
		p = parent
	}
}

// jurisdiction reads where a party is registered.
func jurisdiction(p *draftParty, basis string, n *notes) Fact {
	f := Fact{State: Stated, Strength: Asserted, Pointer: p.pointer + "/organization/jurisdiction"}
	text := p.Organization.Jurisdiction
	code, mapped, ok := CountryOf(text)
	switch {
	case !ok:
		f.State, f.Written = Malformed, sbom.Clip(text, maxWritten)
		unrecognised(f.Pointer, text, n)
		return f
	case mapped:
		n.add("ORIGIN-CODE-MAPPED", sbom.SeverityNote, f.Pointer, "%s was read as %s", quote(text), code)
	}
	f.Value = Value{Shares: []Share{{Code: code, Percent: whole}}, Basis: basis}
	return f
}

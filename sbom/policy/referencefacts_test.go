package policy

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
)

// This file holds what the naive evaluator answers to functions beyond made and
// complete, from the facts as they are read and from nothing of the engine.

// Atoms by what a rule ranges over.
var (
	deliveryAtoms = []string{
		`status(product) == "admitted"`, `status(product) in ["void", "withdrawn"]`, `days_since(product, "statement") > 30`,
		`days_since(product, "profile") < 0`, `unknown_per_mille("manufactured") > 300`, `changed_since_assessment()`,
		`advised(product, "ban")`, `attested(product, "req")`, `listed(maker(product), input.bad)`, `listed(seller(product), input.absent)`,
		`made(product, input.concern)`, `complete(product)`, `ctx.sector == "power"`, `ctx.asset == "b"`,
	}
	componentAtoms = slices.Concat(atoms, deliveryAtoms, []string{
		`at_stage(it, "manufactured", input.concern)`, `abroad(it, "assembled")`, `hosted(it, ["BV"])`, `registered(maker(it), input.concern)`,
		`owned(maker(it), ["BV"])`, `led(maker(it), ["BV"])`, `sells_to(maker(it), input.concern)`, `days_since(maker(it), "profile") > 365`,
		`listed(maker(it), input.bad)`, `listed(seller(it), input.bad)`, `listed(maker(it), input.ids)`,
		`advised(it, "ban")`, `attested(it, "req")`, `access_from(it, ["BV"])`, `maintainer(it) == maker(it)`, `maintainer(it) != maker(it)`,
	})
	serviceAtoms = slices.Concat(deliveryAtoms, []string{
		`hosted(it, input.concern)`, `at_stage(it, "hosted", ["BV"])`, `abroad(it, "hosted")`, `access_from(it, input.concern)`, `abroad(it, "access")`,
		`carries(it, ["PII"])`, `registered(provider(it), ["BV"])`, `maintainer(it) == provider(it)`, `maintainer(it) != provider(it)`, `complete(it)`,
		`listed(provider(it), input.bad)`, `listed(maintainer(it), input.ids)`, `advised(it, "ban")`, `attested(it, "req")`,
	})
	partyAtoms = slices.Concat(deliveryAtoms, []string{
		`registered(it, input.concern)`, `owned(it, ["BV"])`, `led(it, ["BV"])`, `sells_to(it, input.concern)`, `days_since(it, "profile") > 365`,
		`listed(it, input.bad)`, `listed(it, input.ids)`,
	})
)

// Names that the lists of the random policies hold, and what is alike.
var (
	listBad = []string{"id,name", ",Bad Maker", "x:bad,Other Bad"}
	listIDs = []string{"id,name", "x:bad,Other Bad", "x:worse,Worse House"}

	equalNames   = map[string]map[string]bool{"bad": {"Bad Maker": true, "Other Bad": true}, "ids": {"Other Bad": true, "Worse House": true}}
	rowHasID     = map[string]bool{"Other Bad": true, "Worse House": true}
	similarNames = map[string]map[string]bool{"bad": {"Bad Makers": true}, "ids": {"Worse Houses": true}}
	listedIDs    = map[string]map[string]bool{"bad": {"x:bad": true}, "ids": {"x:bad": true, "x:worse": true}}
)

// subject is what a naive rule looks at.
type subject struct {
	of    *origin.Subject // of a component, a service, the product; nil is none
	index int             // of a component; -1
	party *origin.Party
}

func assigned(code string) bool { return code != "unknown" && code != "ZZ" }

// spread is what facts say of places: named, by a fact that counts turned around,
// possibly named, and told as a whole.
type spread struct{ named, firm, possible, whole bool }

func spreadOf(facts []origin.Fact, in func(code string) bool) (s spread) {
	for _, f := range facts {
		sum, full := 0, f.State == origin.Stated && !f.Value.Withheld
		for _, share := range f.Value.Shares {
			sum += share.Percent
			switch {
			case !assigned(share.Code):
				full = false
				s.possible = s.possible || share.Code != "unknown"
			case in(share.Code[:2]):
				s.named = true
				s.firm = s.firm || f.State == origin.Stated
			}
		}
		clears := full && sum >= 9950 && sum <= 10050
		s.whole = s.whole || clears
		s.possible = s.possible || f.Profiled && !clears
	}
	return s
}

// rollOf is what a roll says: told as a whole only if it is whole, and each of its
// facts is.
func rollOf(r *origin.Roll, in func(code string) bool) (s spread) {
	if r == nil {
		return s
	}
	s.whole = r.Whole
	for _, f := range r.Facts {
		one := spreadOf([]origin.Fact{f}, in)
		s.named, s.firm, s.whole = s.named || one.named, s.firm || one.firm, s.whole && one.whole
	}
	return s
}

func (s spread) truth(whole, firm bool) Truth {
	switch {
	case s.named && (s.firm || !firm):
		return True
	case s.named:
		return Unknown
	case whole && !s.possible:
		return False
	}
	return Unknown
}

func stageFacts(of *origin.Subject, stages ...origin.Stage) (out []origin.Fact) {
	for _, f := range of.Facts {
		if slices.Contains(stages, f.Stage) {
			out = append(out, f)
		}
	}
	return out
}

func inBV(code string) bool { return code == "BV" }

// asked answers what an atom asks of a subject; ok is false if it is none of
// these.
func (n *naive) asked(atom string, it subject, firm bool) (t Truth, ok bool) {
	product := subject{index: n.product()}
	if product.index >= 0 {
		product.of = &n.facts.Components[product.index]
	}
	self := it.of
	if self == nil {
		self = new(origin.Subject)
	}
	concern := func(code string) bool { return slices.Contains(n.concern, code) }
	away := func(code string) bool { return code != "JP" }
	at := func(in func(string) bool, stages ...origin.Stage) Truth {
		s := spreadOf(stageFacts(self, stages...), in)
		return s.truth(s.whole, firm)
	}
	access := func(in func(string) bool) Truth {
		s := spreadOf(self.Access.From, in)
		whole := s.whole
		if p := self.Access.Privilege; len(self.Access.From) == 0 && len(p) == 1 && p[0].Value == "none" && p[0].State == origin.Stated {
			whole = true
		}
		more := spreadOf(stageFacts(self, "maintained", "operated"), in)
		s = spread{s.named || more.named, s.firm || more.firm, s.possible || more.possible, false}
		return s.truth(whole, firm)
	}
	party := func(of subject, role origin.Role) *origin.Party {
		if of.of != nil {
			for i := range of.of.Parties {
				if of.of.Parties[i].Role == role {
					return &of.of.Parties[i]
				}
			}
		}
		return &origin.Party{Role: role, State: origin.Untold}
	}
	registered := func(p *origin.Party, in func(string) bool) Truth {
		s := spreadOf(p.Registered, in)
		whole := s.whole
		for _, h := range p.Hints {
			s.named = s.named || h.Code != "" && in(h.Code)
			s.possible = s.possible || h.Code == ""
		}
		return s.truth(whole, firm)
	}
	owned := func(p *origin.Party) Truth {
		s := spreadOf(p.Owner, inBV)
		s.named = s.named || spreadOf(p.Behind, inBV).named
		return s.truth(s.whole, firm)
	}
	led := func(p *origin.Party) Truth {
		s := rollOf(p.Officers, inBV)
		return s.truth(s.whole, firm)
	}
	sells := func(p *origin.Party) Truth {
		s := rollOf(p.Sales, concern)
		return s.truth(s.whole, firm)
	}
	old := func(p *origin.Party) Truth {
		switch {
		case p.AsOf.IsZero():
			return Unknown
		case noon.Sub(p.AsOf) >= 366*24*time.Hour:
			return True
		}
		return False
	}
	same := func(a, b *origin.Party) Truth {
		one := func(p *origin.Party) bool { return p.State == origin.Stated && len(p.IDs) == 1 }
		switch {
		case !one(a) || !one(b):
			return Unknown
		case a.IDs[0].Value == b.IDs[0].Value:
			return True
		}
		return False
	}
	unlessUnset := func(t Truth) Truth {
		if n.concern == nil {
			return Unknown
		}
		return t
	}
	advised := func(of *origin.Subject) Truth {
		switch {
		case of == nil || n.advised == nil:
			return Unknown
		case n.advised[of.Pointer]:
			return True
		}
		return False
	}
	attested := func(of *origin.Subject) Truth {
		if of == nil {
			return Unknown
		}
		var said []Truth
		for _, a := range n.doc.Declarations.Attestations {
			for _, m := range a.Map {
				for _, c := range n.doc.Declarations.Claims {
					target := of.Ref == c.Target || product.of != nil && product.of.Ref == c.Target
					if !slices.Contains(m.Claims, c.Ref) || !target || m.Conformance < 0 || n.holders(c.Target) != 1 {
						continue
					}
					t := False
					if m.Conformance == 1000 {
						t = True
					}
					said = append(said, t)
				}
			}
		}
		if len(said) == 0 || slices.Contains(said, True) && slices.Contains(said, False) {
			return Unknown
		}
		return said[0]
	}
	switch atom {
	case `status(product) == "admitted"`:
		return n.word("admitted"), true
	case `status(product) in ["void", "withdrawn"]`:
		return n.word("void", "withdrawn"), true
	case `days_since(product, "statement") > 30`:
		switch {
		case n.statement.IsZero():
			return Unknown, true
		case noon.Sub(n.statement) >= 31*24*time.Hour:
			return True, true
		}
		return False, true
	case `days_since(product, "profile") < 0`:
		return Unknown, true
	case `unknown_per_mille("manufactured") > 300`:
		return n.share(firm), true
	case `changed_since_assessment()`:
		return n.changed, true
	case `advised(product, "ban")`:
		return advised(product.of), true
	case `advised(it, "ban")`:
		return advised(it.of), true
	case `attested(product, "req")`:
		return attested(product.of), true
	case `attested(it, "req")`:
		return attested(it.of), true
	case `listed(maker(product), input.bad)`:
		return n.listed(party(product, origin.RoleMaker), "bad", firm), true
	case `listed(seller(product), input.absent)`:
		return Unknown, true
	case `at_stage(it, "manufactured", input.concern)`:
		return unlessUnset(at(concern, "manufactured")), true
	case `abroad(it, "assembled")`:
		return at(away, "assembled"), true
	case `hosted(it, ["BV"])`, `at_stage(it, "hosted", ["BV"])`:
		return at(inBV, "hosted"), true
	case `hosted(it, input.concern)`:
		return unlessUnset(at(concern, "hosted")), true
	case `abroad(it, "hosted")`:
		return at(away, "hosted"), true
	case `access_from(it, ["BV"])`:
		return access(inBV), true
	case `access_from(it, input.concern)`:
		return unlessUnset(access(concern)), true
	case `abroad(it, "access")`:
		return access(away), true
	case `registered(maker(it), input.concern)`:
		return unlessUnset(registered(party(it, origin.RoleMaker), concern)), true
	case `registered(provider(it), ["BV"])`:
		return registered(party(it, origin.RoleProvider), inBV), true
	case `registered(it, input.concern)`:
		return unlessUnset(registered(it.party, concern)), true
	case `owned(maker(it), ["BV"])`:
		return owned(party(it, origin.RoleMaker)), true
	case `owned(it, ["BV"])`:
		return owned(it.party), true
	case `led(maker(it), ["BV"])`:
		return led(party(it, origin.RoleMaker)), true
	case `led(it, ["BV"])`:
		return led(it.party), true
	case `sells_to(maker(it), input.concern)`:
		return unlessUnset(sells(party(it, origin.RoleMaker))), true
	case `sells_to(it, input.concern)`:
		return unlessUnset(sells(it.party)), true
	case `days_since(maker(it), "profile") > 365`:
		return old(party(it, origin.RoleMaker)), true
	case `days_since(it, "profile") > 365`:
		return old(it.party), true
	case `listed(maker(it), input.bad)`:
		return n.listed(party(it, origin.RoleMaker), "bad", firm), true
	case `listed(maker(it), input.ids)`:
		return n.listed(party(it, origin.RoleMaker), "ids", firm), true
	case `listed(seller(it), input.bad)`:
		return n.listed(party(it, origin.RoleSeller), "bad", firm), true
	case `listed(provider(it), input.bad)`:
		return n.listed(party(it, origin.RoleProvider), "bad", firm), true
	case `listed(maintainer(it), input.ids)`:
		return n.listed(party(it, origin.RoleMaintainer), "ids", firm), true
	case `listed(it, input.bad)`:
		return n.listed(it.party, "bad", firm), true
	case `listed(it, input.ids)`:
		return n.listed(it.party, "ids", firm), true
	case `maintainer(it) == maker(it)`:
		return same(party(it, origin.RoleMaintainer), party(it, origin.RoleMaker)), true
	case `maintainer(it) == provider(it)`:
		return same(party(it, origin.RoleMaintainer), party(it, origin.RoleProvider)), true
	case `maintainer(it) != maker(it)`:
		return same(party(it, origin.RoleMaintainer), party(it, origin.RoleMaker)).Not(), true
	case `maintainer(it) != provider(it)`:
		return same(party(it, origin.RoleMaintainer), party(it, origin.RoleProvider)).Not(), true
	case `carries(it, ["PII"])`:
		out := False
		for _, f := range it.of.Flows {
			switch {
			case f.Classification.Value == "PII":
				return True, true
			case f.Classification.Value == "":
				out = Unknown
			}
		}
		if len(it.of.Flows) == 0 {
			return Unknown, true
		}
		return out, true
	case `ctx.asset == "b"`:
		return Unknown, true
	}
	return Unknown, false
}

func (n *naive) holders(ref string) (count int) {
	for _, c := range n.doc.Components {
		if c.Ref == ref {
			count++
		}
	}
	for _, s := range n.doc.Services {
		if s.Ref == ref {
			count++
		}
	}
	return count
}

func (n *naive) word(want ...string) Truth {
	switch {
	case n.standing == "":
		return Unknown
	case slices.Contains(want, n.standing):
		return True
	}
	return False
}

// share is unknown_per_mille("manufactured") > 300.
func (n *naive) share(firm bool) Truth {
	count, missing := 0, 0
	for _, s := range n.facts.Components {
		if s.Type == "library" || s.Type == "firmware" || s.Type == "file" {
			continue
		}
		count++
		best := 0
		for _, f := range s.Facts {
			if f.Stage != "manufactured" || f.State != origin.Stated {
				continue
			}
			sum := 0
			for _, share := range f.Value.Shares {
				if assigned(share.Code) {
					sum += share.Percent
				}
			}
			best = max(best, min(sum, 10000))
		}
		if best < 9950 {
			missing += 10000 - best
		}
	}
	switch {
	case count == 0, firm && n.complete(n.product()) != True:
		return Unknown
	case missing*1000 > 300*count*10000:
		return True
	}
	return False
}

func (n *naive) listed(p *origin.Party, name string, firm bool) Truth {
	stated := p.State == origin.Stated
	hit, sure, like := false, false, false
	for _, w := range p.IDs {
		if listedIDs[name][w.Value] {
			hit, sure = true, sure || stated
		}
	}
	for _, w := range p.Names {
		if equalNames[name][w.Value] {
			hit, sure = true, sure || stated && !rowHasID[w.Value]
		}
		like = like || similarNames[name][w.Value]
	}
	switch {
	case hit && (sure || !firm):
		return True
	case hit:
		return Unknown
	case like:
		var key []string
		for _, w := range slices.Concat(p.IDs, p.Names) {
			key = append(key, w.Value)
		}
		id := name + " " + strings.Join(key, " ")
		if t, ok := n.assumed[id]; ok {
			return t
		}
		if !slices.Contains(n.alike, id) {
			n.alike = append(n.alike, id)
		}
		return Unknown
	}
	// Rows of both lists give ids, those of the second all.
	named := len(p.Names) > 0 || name == "ids" && (p.Role == origin.RoleMaintainer || p.Role == origin.RoleOperator)
	if stated && named && len(p.IDs) > 0 {
		return False
	}
	return Unknown
}

// hinges reports whether names that are alike decide an expression that is
// unknown.
func (n *naive) hinges(value func() Truth) bool {
	defer func() { n.assumed = nil }()
	if len(n.alike) == 0 {
		return false
	}
	keys := slices.Clone(n.alike)
	seen := make(map[Truth]bool)
	for mask := range 1 << len(keys) {
		n.assumed = make(map[string]Truth)
		for i, k := range keys {
			n.assumed[k] = []Truth{False, True}[mask>>i&1]
		}
		seen[value()] = true
	}
	return len(seen) > 1
}

// furnish gives a random document parties, access, services and declarations.
func furnish(r *rand.Rand, doc *sbom.Document) {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	places := func() string { return pick("JP", "JP", "BV", "JP=60;BV=40", "withheld", "ZZ", "DE", "jp") }
	organization := func(pointer string) sbom.Organization {
		if r.IntN(3) == 0 {
			return sbom.Organization{}
		}
		return sbom.Organization{Pointer: pointer, Name: pick("Good House", "Good House", "Bad Maker", "Bad Makers", "Other Bad", "Worse Houses"), Country: pick("", "", "", "JP", "BV", "Atlantis")}
	}
	properties := func(pointer string, from []sbom.Property, roles ...string) []sbom.Property {
		for j := range r.IntN(6) {
			p := sbom.Property{Pointer: fmt.Sprintf("%s/properties/%d", pointer, len(from)+j)}
			role := roles[r.IntN(len(roles))]
			switch r.IntN(9) {
			case 0, 1, 2:
				p.Name, p.Value = "yurai:party:"+role+":id", pick("x:good", "x:good", "x:bad", "x:worse", "no id")
			case 3:
				p.Name, p.Value = "yurai:party:"+role+":registered", places()
			case 4:
				p.Name, p.Value = "yurai:party:"+role+":owner", pick(places(), "x:owner")
			case 5:
				p.Name, p.Value = "yurai:origin:"+pick("hosted", "hosted", "maintained"), places()
			case 6:
				p.Name, p.Value = "yurai:access:from", places()
			case 7:
				p.Name, p.Value = "yurai:access:privilege", pick("none", "none", "update")
			case 8:
				p.Name, p.Value = "yurai:access:operator", pick("x:good", "x:bad", "x:else")
			}
			from = append(from, p)
		}
		return from
	}
	for i := range doc.Components {
		c := &doc.Components[i]
		c.Manufacturer, c.Supplier = organization(c.Pointer+"/manufacturer"), organization(c.Pointer+"/supplier")
		c.Properties = properties(c.Pointer, c.Properties, "maker", "maker", "seller", "maintainer")
	}
	for i := range r.IntN(4) {
		s := sbom.Service{Pointer: fmt.Sprintf("/services/%d", i), Parent: -1, Ref: fmt.Sprintf("s%d", i)}
		s.Provider = organization(s.Pointer + "/provider")
		s.Properties = properties(s.Pointer, nil, "provider", "provider", "maintainer")
		for j := range r.IntN(3) {
			s.Data = append(s.Data, sbom.DataFlow{Pointer: fmt.Sprintf("%s/data/%d", s.Pointer, j), Classification: pick("PII", "Process", "Process", "")})
		}
		doc.Services = append(doc.Services, s)
	}
	for i := range doc.Compositions {
		if r.IntN(2) == 0 {
			doc.Compositions[i].Dependencies = []string{doc.Components[0].Ref}
		}
	}
	doc.Requirements = []sbom.Requirement{{Ref: "req"}}
	for i := range r.IntN(3) {
		claim := fmt.Sprintf("claim%d", i)
		doc.Declarations.Claims = append(doc.Declarations.Claims, sbom.Claim{Ref: claim, Target: pick("c0", "c1", "s0")})
		doc.Declarations.Attestations = append(doc.Declarations.Attestations, sbom.Attestation{Map: []sbom.Mapping{
			{Requirement: "req", Claims: []string{claim}, Conformance: []int{-1, 500, 1000, 1000}[r.IntN(4)]},
		}})
	}
}

// profiled returns what some of the parties say of themselves.
func profiled(r *rand.Rand) (list []origin.Profile) {
	fact := func() origin.Fact {
		texts := []string{"JP", "JP", "BV", "JP=60;BV=40", "withheld", "JP=60", "ZZ"}
		v, err := origin.ParseValue(texts[r.IntN(len(texts))])
		if err != nil {
			panic(err)
		}
		return origin.Fact{Value: v, State: origin.Stated, Strength: origin.Asserted}
	}
	roll := func() *origin.Roll {
		if r.IntN(4) == 0 {
			return nil
		}
		out := &origin.Roll{Whole: r.IntN(4) > 0, Strength: origin.Asserted}
		for range r.IntN(3) {
			out.Facts = append(out.Facts, fact())
		}
		return out
	}
	for _, id := range []string{"x:good", "x:bad", "x:owner"} {
		if r.IntN(2) == 0 {
			continue
		}
		p := origin.Profile{Party: id, Strength: origin.Asserted, Officers: roll(), Sales: roll()}
		for _, to := range []*[]origin.Fact{&p.Registered, &p.Owner} {
			if r.IntN(3) > 0 {
				*to = []origin.Fact{fact()}
			}
		}
		if r.IntN(3) > 0 {
			p.AsOf = noon.AddDate(0, 0, -r.IntN(700)).Add(-time.Hour)
		}
		list = append(list, p)
	}
	return list
}

// services is [origin.Facts.ServicesComplete], from the document.
func (n *naive) services() Truth {
	p := n.product()
	if p < 0 {
		return Unknown
	}
	ref := n.doc.Components[p].Ref
	var aggregates []string
	dangling := false
	for _, c := range n.doc.Compositions {
		for _, a := range slices.Concat(c.Assemblies, c.Dependencies) {
			dangling = dangling || n.holders(a) == 0
		}
		if ref != "" && n.holders(ref) == 1 && slices.Contains(c.Dependencies, ref) && !slices.Contains(aggregates, c.Aggregate) {
			aggregates = append(aggregates, c.Aggregate)
		}
	}
	switch {
	case len(aggregates) == 1 && strings.HasPrefix(aggregates[0], "incomplete"):
		return False
	case len(aggregates) == 1 && aggregates[0] == "complete" && !dangling:
		return True
	}
	return Unknown
}

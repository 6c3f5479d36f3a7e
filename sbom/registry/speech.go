package registry

import (
	"slices"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// The roles in which a party may say what only some may. The registrar may say
// it too, but for boms and advisories.
var (
	vendors    = []string{statement.RoleVendor}
	suspenders = []string{statement.RoleRegulator}
	warners    = []string{statement.RoleRegulator, statement.RoleCSIRT, statement.RoleVendor}
	attesters  = []string{statement.RoleAuditor, statement.RoleLaboratory}
)

// checkSpeaker judges what all kinds share in which one party speaks, or the
// registrar: the kind is admitted; the party is enrolled in one of the roles, if
// any are asked for; its threshold signed, by keys of admitted algorithms.
func (s *State) checkSpeaker(index int64, p *Prepared, roles ...string) (*statement.Admission, *sbom.Refusal) {
	admission, r := s.checkKind(p.statement.Kind)
	if r != nil {
		return nil, r
	}
	who, v := p.statement.Actor(), s.now()
	if who == statement.Registrar {
		return admission, checkSigners(p.keys, who, v.standing(who, index))
	}
	if _, ok := v.enrolment(who, index); !ok {
		return nil, refuseParty(who)
	}
	if len(roles) > 0 && !v.plays(who, index, roles) {
		return nil, sbom.Refuse("STATE-ROLE-MISSING", "party %s has no role in which it could say this", who)
	}
	set := v.standing(who, index)
	if r := checkSigners(p.keys, who, set); r != nil {
		return nil, r
	}
	for _, k := range set.Keys {
		if slices.Contains(p.keys, k.ID()) {
			if r := checkAlgorithm(admission, k); r != nil {
				return nil, r
			}
		}
	}
	return admission, nil
}

// judgeWithdraw changes nothing: whose the target is, the fold judges.
func (s *State) judgeWithdraw(index int64, p *Prepared, body *statement.Withdraw) *sbom.Refusal {
	if _, r := s.checkSpeaker(index, p); r != nil {
		return r
	}
	return s.checkPosition(body.Position, index)
}

func (s *State) judgeAdvisory(index int64, p *Prepared, body *statement.Advisory) (func(), *sbom.Refusal) {
	if _, r := s.checkSpeaker(index, p, warners...); r != nil {
		return nil, r
	}
	return func() {
		before := s.warnings
		w := warning{signingOf(index, p), body, s.everWarned(body.Party[0])}
		s.change(func() { s.warnings = append(before, w) }, func() { s.warnings = before })
	}, nil
}

// everWarned reports whether a party was ever enrolled as one that warns of
// everybody's products, whatever became of that: so much anybody sees who reads
// the entries before the advisory, however many later ones he is not shown.
func (s *State) everWarned(who string) bool {
	return slices.ContainsFunc(s.holdings[who], func(h holding) bool { return h.party != nil && WarnsEverybody(h.party) })
}

// WarnsEverybody reports whether a party's advisories reach the products of
// others, as those of a regulator and of a CSIRT do: a vendor's reach its own.
func WarnsEverybody(p *statement.Party) bool {
	return slices.Contains(p.Roles, statement.RoleRegulator) || slices.Contains(p.Roles, statement.RoleCSIRT)
}

func (s *State) judgeList(index int64, p *Prepared, body *statement.List) (func(), *sbom.Refusal) {
	if _, r := s.checkSpeaker(index, p); r != nil {
		return nil, r
	}
	name := listName(body.Party[0], body.ID)
	list := s.lists[name]
	if repeats(list, p) {
		return nil, nil
	}
	now, ok := last(list)
	if r := checkPrev(body.Prev, ok, now.index, now.leaf); r != nil {
		return nil, r
	}
	if ok && body.Version != now.version+1 {
		return nil, sbom.Refuse("STATE-LIST-VERSION", "version %d of list %s does not follow version %d", body.Version, name, now.version)
	}
	return func() { add(s, s.lists, name, listing{signingOf(index, p), body.Version}) }, nil
}

// judgeAttestation changes nothing.
func (s *State) judgeAttestation(index int64, p *Prepared) *sbom.Refusal {
	_, r := s.checkSpeaker(index, p, attesters...)
	return r
}

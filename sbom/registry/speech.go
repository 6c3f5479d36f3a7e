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
	operators  = []string{statement.RoleOperator}
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
	return s.judgeVersion(index, p, body.Version, func(before int64) *sbom.Refusal {
		if body.Version != before+1 {
			return sbom.Refuse("STATE-LIST-VERSION", "version %d of list %s/%s does not follow version %d", body.Version, body.Party[0], body.ID, before)
		}
		return nil
	})
}

// judgePolicy lets versions rise in any step: the number is the policy's own.
func (s *State) judgePolicy(index int64, p *Prepared, body *statement.Policy) (func(), *sbom.Refusal) {
	return s.judgeVersion(index, p, body.Version, func(before int64) *sbom.Refusal {
		if body.Version <= before {
			return sbom.Refuse("STATE-POLICY-VERSION", "version %d of policy %s/%s is not above version %d", body.Version, body.Party[0], body.ID, before)
		}
		return nil
	})
}

func (s *State) judgeProfile(index int64, p *Prepared) (func(), *sbom.Refusal) {
	return s.judgeVersion(index, p, 0, func(int64) *sbom.Refusal { return nil })
}

// judgeVersion judges the next version of an object of whoever speaks. follows
// refuses a number that does not follow the one before.
func (s *State) judgeVersion(index int64, p *Prepared, number int64, follows func(before int64) *sbom.Refusal) (func(), *sbom.Refusal) {
	if _, r := s.checkSpeaker(index, p); r != nil {
		return nil, r
	}
	name, prev := object(p.statement), p.statement.Prev
	list := s.objects[name]
	if repeats(list, p) {
		return nil, nil
	}
	now, ok := last(list)
	if r := checkPrev(prev, ok, now.index, now.leaf); r != nil {
		return nil, r
	}
	if ok {
		if r := follows(now.number); r != nil {
			return nil, r
		}
	}
	return func() { add(s, s.objects, name, version{signingOf(index, p), number}) }, nil
}

// judgeVerdict changes nothing.
func (s *State) judgeVerdict(index int64, p *Prepared) *sbom.Refusal {
	_, r := s.checkSpeaker(index, p, operators...)
	return r
}

// judgeDecision changes nothing. A waiver takes two keys, whatever the operator's
// threshold. Which rules may be waived is not seen here: the log has no verdict
// and no policy.
func (s *State) judgeDecision(index int64, p *Prepared, body *statement.Decision) *sbom.Refusal {
	if _, r := s.checkSpeaker(index, p, operators...); r != nil {
		return r
	}
	if least := leastSigners(body); int64(len(p.keys)) < least {
		return sbom.Refuse("STATE-WAIVER-SINGLE", "%d of the keys of %s signed the waiver; %d different ones have to", len(p.keys), body.Party[0], least)
	}
	if body.Position != nil {
		return s.checkPosition(*body.Position, index)
	}
	return nil
}

// leastSigners is how many keys have to sign a statement beside what the
// threshold of its party asks for.
func leastSigners(body statement.Body) int64 {
	if d, ok := body.(*statement.Decision); ok && d.What == statement.DecideWaive {
		return 2
	}
	return 1
}

// judgeAttestation changes nothing.
func (s *State) judgeAttestation(index int64, p *Prepared) *sbom.Refusal {
	_, r := s.checkSpeaker(index, p, attesters...)
	return r
}

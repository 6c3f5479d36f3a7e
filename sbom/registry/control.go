package registry

import (
	"slices"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

func (s *State) judgeKeys(index int64, p *Prepared, body *statement.Keys) (func(), *sbom.Refusal) {
	admission, r := s.checkKind(statement.KindKeys)
	if r != nil {
		return nil, r
	}
	who := body.Party[0]
	list := s.holdings[who]
	if len(list) == 0 {
		return nil, refuseParty(who)
	}
	old := s.now().standing(who, index)
	if r := checkSigners(p.keys, who, old, body.KeySet); r != nil {
		return nil, r
	}
	count := int64(0)
	for _, k := range body.KeySet.Keys {
		if r := s.checkNewKey(admission, who, k); r != nil {
			return nil, r
		}
		switch signed := slices.Contains(p.keys, k.ID()); {
		case signed:
			count++
		case !old.Has(k.ID()):
			return nil, refusePossession(k)
		}
	}
	if count < body.KeySet.Threshold {
		return nil, refuseShort(count, who, body.KeySet.Threshold)
	}
	if repeats(list, p) {
		return nil, nil
	}
	last, leaf, ok := lastOf(list)
	if r := checkPrev(body.Prev, ok, last, leaf); r != nil {
		return nil, r
	}
	return func() { s.hold(who, holding{signingOf(index, p), body.KeySet, nil}) }, nil
}

func (s *State) judgeDelegate(index int64, p *Prepared, body *statement.Delegate) (func(), *sbom.Refusal) {
	admission, r := s.checkSpeaker(index, p)
	if r != nil {
		return nil, r
	}
	who, id := body.Party[0], body.Key.ID()
	// A delegate's key may be another party's, and stays its own; it proves
	// nothing, so it takes the key from nobody.
	if owner := s.owner[id]; slices.Contains([]string{checkpointOwner, statement.Registrar, statement.Log, who}, owner) {
		return nil, sbom.Refuse("STATE-KEY-TAKEN", "key %s already belongs to %s", id, owner)
	}
	if r := checkAlgorithm(admission, body.Key); r != nil {
		return nil, r
	}
	if !neverRevoked(s.now(), who, statement.TargetDelegate, id, 0) {
		return nil, refuseRevoked(id, who)
	}
	list := s.delegationsTo(who, id)
	if repeats(list, p) {
		return nil, nil
	}
	now, ok := last(list)
	if r := checkPrev(body.Prev, ok, now.index, now.leaf); r != nil {
		return nil, r
	}
	return func() { add(s, s.delegations, who, delegation{signingOf(index, p), body}) }, nil
}

// judgeRevoke admits what takes authority away more readily than what gives it:
// it has no prev, and it is enough to be the threshold of any key set that whom
// it is about ever had and that has not fallen, by keys that are not revoked. Else
// a thief who rotates in a loop would outrun a revocation that was signed offline,
// and one whose rotations fell would revoke each key that comes after.
func (s *State) judgeRevoke(index int64, p *Prepared, body *statement.Revoke) (func(), *sbom.Refusal) {
	if _, r := s.checkKind(statement.KindRevoke); r != nil {
		return nil, r
	}
	from := index
	if body.InvalidFrom != nil {
		from = *body.InvalidFrom
	}
	if from > index {
		return nil, sbom.Refuse("STATE-INVALID-FROM", "entry %d cannot revoke from entry %d on", index, from)
	}
	known := len(s.holdings[body.Of]) > 0
	switch body.Target {
	case statement.TargetKey:
		known = s.owner[body.Key] == body.Of
	case statement.TargetDelegate:
		known = len(s.delegationsTo(body.Of, body.Key)) > 0
	}
	if !known {
		return nil, sbom.Refuse("STATE-TARGET-UNKNOWN", "%s never had this %s", body.Of, body.Target)
	}
	if r := s.checkRevoker(index, p.keys, body, from); r != nil {
		return nil, r
	}
	return func() { add(s, s.revocations, body.Of, revocation{signingOf(index, p), body, from}) }, nil
}

func (s *State) checkRevoker(index int64, keys []string, body *statement.Revoke, from int64) *sbom.Refusal {
	v, of := s.now(), body.Of
	if body.Party[0] != of {
		return checkSigners(keys, statement.Registrar, v.standing(statement.Registrar, index))
	}
	self := false
	for _, id := range keys {
		own := s.owner[id] == of && neverRevoked(v, of, statement.TargetKey, id, 0)
		delegate := body.Target == statement.TargetDelegate && body.Key == id && neverRevoked(v, of, statement.TargetDelegate, id, 0)
		if !own && !delegate {
			return refuseStanding(id, of)
		}
		self = self || delegate || body.Target == statement.TargetKey && body.Key == id
	}
	if self && from == index {
		return nil
	}
	best := int64(0)
	for _, h := range v.chain(of) {
		if v.enough(h, of, 0, keys, neverRevoked) {
			return nil
		}
		best = h.set.Threshold
	}
	return refuseShort(int64(len(keys)), of, best)
}

func (s *State) judgeSuspend(index int64, p *Prepared, body *statement.Suspend) (func(), *sbom.Refusal) {
	if _, r := s.checkSpeaker(index, p, suspenders...); r != nil {
		return nil, r
	}
	if len(s.holdings[body.About]) == 0 {
		return nil, refuseParty(body.About)
	}
	list := s.suspensions[body.About]
	if repeats(list, p) {
		return nil, nil
	}
	now, ok := last(list)
	if r := checkPrev(body.Prev, ok, now.index, now.leaf); r != nil {
		return nil, r
	}
	who := body.Party[0]
	if body.Lifted {
		mine := func(at int64) bool {
			return slices.ContainsFunc(list, func(x suspension) bool {
				return x.index == at && (who == statement.Registrar || x.actor == who)
			})
		}
		if !slices.ContainsFunc(s.now().suspended(body.About), mine) {
			return nil, sbom.Refuse("STATE-SUSPENSION-NONE", "%s has no suspension that %s could lift", body.About, who)
		}
	}
	return func() { add(s, s.suspensions, body.About, suspension{signingOf(index, p), body.Lifted}) }, nil
}

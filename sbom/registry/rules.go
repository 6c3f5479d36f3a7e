package registry

import (
	"fmt"
	"slices"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// StaleError is wrapped by STATE-PREV-STALE: another statement on the same
// object was there first.
type StaleError struct {
	Index int64            // entry of the winner, zero-based
	Leaf  statement.Digest // its leaf hash: the prev to name
}

// Error names the winner.
func (e *StaleError) Error() string {
	return fmt.Sprintf("entry %d was first, leaf %s", e.Index, e.Leaf)
}

// judge decides by rules 1 whether the statement is admitted at the index. It
// changes nothing: what the statement changes is the effect, nil for nothing.
// The effect leaves in s.undo what takes it back.
func (s *State) judge(index int64, p *Prepared) (effect func(), r *sbom.Refusal) {
	st := p.statement
	if index < s.next {
		return nil, sbom.Refuse("STATE-INDEX-ORDER", "index %d comes after entry %d", index, s.next-1)
	}
	if st.Kind == statement.KindStatus || st.Kind == statement.KindTrust {
		return nil, sbom.Refuse("STATE-KIND-NEVER", "a statement of kind %s is never an entry", st.Kind)
	}
	if r := s.checkFrozen(); r != nil {
		return nil, r
	}
	if r := s.checkLog(st); r != nil {
		return nil, r
	}
	if (index == 0) != (st.Kind == statement.KindGenesis) {
		if index == 0 || s.genesis == nil {
			return nil, refuseNoGenesis()
		}
		return nil, sbom.Refuse("STATE-GENESIS-SECOND", "entry %d would be a second genesis", index)
	}
	if index > 0 && s.genesis == nil {
		return nil, refuseNoGenesis()
	}
	switch body := st.Body.(type) {
	case *statement.Genesis:
		return s.judgeGenesis(p, body)
	case *statement.Admission:
		return s.judgeAdmission(index, p, body)
	case *statement.Party:
		return s.judgeParty(index, p, body)
	case *statement.Keys:
		return s.judgeKeys(index, p, body)
	case *statement.Delegate:
		return s.judgeDelegate(index, p, body)
	case *statement.Revoke:
		return s.judgeRevoke(index, p, body)
	case *statement.Suspend:
		return s.judgeSuspend(index, p, body)
	case *statement.Advisory:
		return s.judgeAdvisory(index, p, body)
	case *statement.List:
		return s.judgeList(index, p, body)
	case *statement.BOM:
		return nil, s.judgeBOM(index, p, body)
	case *statement.Withdraw:
		return nil, s.judgeWithdraw(index, p, body)
	case *statement.Attestation:
		return nil, s.judgeAttestation(index, p)
	case *statement.Policy:
		return s.judgePolicy(index, p, body)
	case *statement.Profile:
		return s.judgeProfile(index, p)
	case *statement.Verdict:
		return nil, s.judgeVerdict(index, p)
	case *statement.Decision:
		return nil, s.judgeDecision(index, p, body)
	case *statement.Freeze:
		return s.judgeFreeze(index, p, body)
	}
	return nil, sbom.Refuse("STATE-KIND-NEWER", "kind %q has no rule here: %w", st.Kind, statement.ErrNewer)
}

// checkLog refuses a statement for another log. Only a bom and an attestation may
// name none.
func (s *State) checkLog(st *statement.Statement) *sbom.Refusal {
	if st.Log == s.origin || st.Log == "" && (st.Kind == statement.KindBOM || st.Kind == statement.KindAttestation) {
		return nil
	}
	return sbom.Refuse("STATE-LOG-OTHER", "the statement is for log %q, not for %q", st.Log, s.origin)
}

// checkSigners refuses a signature by a key in none of the sets, and fewer
// signatures than the first set's threshold. Ids are distinct, so that one key
// counts once.
func checkSigners(keys []string, who string, set statement.KeySet, others ...statement.KeySet) *sbom.Refusal {
	count := int64(0)
	for _, id := range keys {
		if set.Has(id) {
			count++
			continue
		}
		if !slices.ContainsFunc(others, func(o statement.KeySet) bool { return o.Has(id) }) {
			return refuseStanding(id, who)
		}
	}
	if count < set.Threshold {
		return refuseShort(count, who, set.Threshold)
	}
	return nil
}

func refuseStanding(id, who string) *sbom.Refusal {
	return sbom.Refuse("STATE-KEY-STANDING", "key %s does not stand for %s at this index", id, who)
}

func refuseShort(count int64, who string, threshold int64) *sbom.Refusal {
	return sbom.Refuse("STATE-THRESHOLD-SHORT", "%d of the keys of %s signed; %d have to", count, who, threshold)
}

func (s *State) judgeGenesis(p *Prepared, g *statement.Genesis) (func(), *sbom.Refusal) {
	if r := checkSigners(p.keys, statement.Registrar, g.Parties.Registrar); r != nil {
		return nil, r
	}
	return func() {
		s.change(func() { s.genesis = &Founding{p.hash, g} }, func() { s.genesis = nil })
		s.own(checkpointOwner, g.CheckpointKeyID())
		s.hold(statement.Registrar, holding{signingOf(0, p), g.Parties.Registrar, nil})
		s.hold(statement.Log, holding{signingOf(0, p), g.Parties.Log, nil})
	}, nil
}

// hold gives somebody a key set.
func (s *State) hold(who string, h holding) {
	add(s, s.holdings, who, h)
	for _, k := range h.set.Keys {
		s.own(who, k.ID())
	}
}

// own notes whose a key is.
func (s *State) own(who, id string) {
	if _, ok := s.owner[id]; ok {
		return
	}
	s.owner[id] = who
	s.undo = append(s.undo, func() { delete(s.owner, id) })
}

func (s *State) judgeAdmission(index int64, p *Prepared, a *statement.Admission) (func(), *sbom.Refusal) {
	if r := checkSigners(p.keys, statement.Registrar, s.now().standing(statement.Registrar, index)); r != nil {
		return nil, r
	}
	if slices.ContainsFunc(s.admissions, func(old Admitting) bool { return old.identity == p.identity }) {
		return nil, nil
	}
	now, ok := last(s.admissions)
	if r := checkPrev(a.Prev, ok, now.Index, now.Leaf); r != nil {
		return nil, r
	}
	return func() {
		before := s.admissions
		s.change(func() { s.admissions = append(before, Admitting{index, p.hash, a, p.identity}) }, func() { s.admissions = before })
	}, nil
}

// checkPrev compares prev with the last statement on the object, if there is one.
func checkPrev(prev statement.Digest, exists bool, index int64, leaf statement.Digest) *sbom.Refusal {
	switch {
	case exists && prev != leaf:
		return sbom.Refuse("STATE-PREV-STALE", "prev is not the last statement on this object: %w", &StaleError{index, leaf})
	case !exists && !prev.IsZero():
		return sbom.Refuse("STATE-PREV-UNKNOWN", "prev names a statement, but there is none on this object")
	}
	return nil
}

func (s *State) judgeParty(index int64, p *Prepared, body *statement.Party) (func(), *sbom.Refusal) {
	admission, r := s.checkKind(statement.KindParty)
	if r != nil {
		return nil, r
	}
	v := s.now()
	if r := checkSigners(p.keys, statement.Registrar, v.standing(statement.Registrar, index), body.KeySet); r != nil {
		return nil, r
	}
	if _, revoked := v.revokedFrom(body.ID, statement.TargetParty, ""); revoked {
		return nil, sbom.Refuse("STATE-PARTY-REVOKED", "party %s was revoked and does not come back", body.ID)
	}
	for _, k := range body.KeySet.Keys {
		if r := s.checkNewKey(admission, body.ID, k); r != nil {
			return nil, r
		}
		if !slices.Contains(p.keys, k.ID()) {
			return nil, refusePossession(k)
		}
	}
	list := s.holdings[body.ID]
	if repeats(list, p) {
		return nil, nil
	}
	last, leaf, ok := lastOf(list)
	if r := checkPrev(body.Prev, ok, last, leaf); r != nil {
		return nil, r
	}
	if now, ok := s.newest(body.ID); ok && body.Version != now.Party.Version+1 {
		return nil, sbom.Refuse("STATE-PARTY-VERSION", "version %d of %s does not follow version %d", body.Version, body.ID, now.Party.Version)
	}
	return func() { s.hold(body.ID, holding{signingOf(index, p), body.KeySet, body}) }, nil
}

// repeats reports whether an entry with this identity is among those of the object.
func repeats[T interface{ same(*Prepared) bool }](list []T, p *Prepared) bool {
	return slices.ContainsFunc(list, func(x T) bool { return x.same(p) })
}

func (x signing) same(p *Prepared) bool { return x.identity == p.identity }

// checkNewKey refuses a key that X may not have: one of somebody else's, of an
// algorithm that is not admitted, or revoked.
func (s *State) checkNewKey(a *statement.Admission, who string, k envelope.Key) *sbom.Refusal {
	if owner, ok := s.owner[k.ID()]; ok && owner != who {
		return sbom.Refuse("STATE-KEY-TAKEN", "key %s already belongs to %s", k.ID(), owner)
	}
	if r := checkAlgorithm(a, k); r != nil {
		return r
	}
	if !neverRevoked(s.now(), who, statement.TargetKey, k.ID(), 0) {
		return refuseRevoked(k.ID(), who)
	}
	return nil
}

func refuseRevoked(id, who string) *sbom.Refusal {
	return sbom.Refuse("STATE-KEY-REVOKED", "key %s of %s was revoked and does not come back", id, who)
}

func refusePossession(k envelope.Key) *sbom.Refusal {
	return sbom.Refuse("STATE-POSSESSION-MISSING", "key %s of the party did not sign the request", k.ID())
}

// checkKind returns the admission in force if it takes the kind.
func (s *State) checkKind(k statement.Kind) (*statement.Admission, *sbom.Refusal) {
	now, ok := last(s.admissions)
	if !ok {
		return nil, sbom.Refuse("STATE-ADMISSION-MISSING", "the log has no admission yet: it takes nothing")
	}
	if !slices.Contains(now.Admission.Kinds, k) {
		return nil, sbom.Refuse("STATE-KIND-CLOSED", "the admission of entry %d does not take kind %s", now.Index, k)
	}
	return now.Admission, nil
}

func checkAlgorithm(a *statement.Admission, k envelope.Key) *sbom.Refusal {
	if !slices.Contains(a.Algorithms, k.Algorithm()) {
		return sbom.Refuse("STATE-ALGORITHM-CLOSED", "key %s is of %s, which the admission does not take", k.ID(), k.Algorithm())
	}
	return nil
}

// judgeBOM changes nothing: the guard keeps no BOMs.
func (s *State) judgeBOM(index int64, p *Prepared, b *statement.BOM) *sbom.Refusal {
	admission, r := s.checkKind(statement.KindBOM)
	if r != nil {
		return r
	}
	actor := b.Party[0]
	v := s.now()
	now, ok := v.enrolment(actor, index)
	if !ok {
		return refuseParty(actor)
	}
	if !v.plays(actor, index, vendors) {
		return sbom.Refuse("STATE-ROLE-MISSING", "party %s is no vendor", actor)
	}
	if r := s.checkCarried(v, admission, index, p.keys, b); r != nil {
		return r
	}
	if r := CheckSpeaksFor(now.Party, makerOf(b)); r != nil {
		return r
	}
	if b.Size > admission.Limits.BOMBytes {
		return sbom.Refuse("STATE-BOM-LIMIT", "the BOM has %d bytes, more than the %d that the admission takes", b.Size, admission.Limits.BOMBytes)
	}
	if !slices.Contains(admission.Limits.SpecVersions, b.SpecVersion) {
		return sbom.Refuse("STATE-SPEC-CLOSED", "the admission does not take CycloneDX %s", b.SpecVersion)
	}
	if b.Supersedes != nil {
		return s.checkPosition(b.Supersedes.Position, index)
	}
	return nil
}

// checkCarried refuses a bom that neither the party's threshold nor one of its
// delegates carries, and a signature by anybody else.
func (s *State) checkCarried(v *view, a *statement.Admission, index int64, keys []string, b *statement.BOM) *sbom.Refusal {
	actor := b.Party[0]
	set := v.standing(actor, index)
	count, delegated := int64(0), false
	for _, id := range keys {
		k, own := find(set, id)
		if own {
			count++
		}
		d, ok := v.delegated(actor, id, index)
		if ok = ok && notVoid(v, actor, statement.TargetDelegate, id, index); ok {
			k = d.Key
		}
		switch {
		case !own && !ok:
			return refuseStanding(id, actor)
		case ok && inScope(d, b):
			delegated = true
		case own:
		case !d.Scope.Covers(b):
			return sbom.Refuse("STATE-DELEGATE-SCOPE", "the BOM is outside the scope that %s gave to key %s", actor, id)
		default:
			return sbom.Refuse("STATE-DELEGATE-ENDED", "%s let key %s sign until %s", actor, id, statement.FormatTime(d.End))
		}
		if r := checkAlgorithm(a, k); r != nil {
			return r
		}
	}
	if count < set.Threshold && !delegated {
		return refuseShort(count, actor, set.Threshold)
	}
	return nil
}

func find(set statement.KeySet, id string) (envelope.Key, bool) {
	for _, k := range set.Keys {
		if k.ID() == id {
			return k, true
		}
	}
	return envelope.Key{}, false
}

// checkPosition refuses a target in another log, or not below the entry's own
// index. What is there is for the fold to judge.
func (s *State) checkPosition(at statement.Position, index int64) *sbom.Refusal {
	if at.Log != s.origin {
		return sbom.Refuse("STATE-POSITION-LOG", "the position is in log %q, not in %q", at.Log, s.origin)
	}
	if at.Index >= index {
		return sbom.Refuse("STATE-POSITION-INDEX", "entry %d cannot speak of entry %d", index, at.Index)
	}
	return nil
}

// makerOf returns the maker that a bom statement names, "" for none.
func makerOf(b *statement.BOM) string {
	if b.Product == nil {
		return ""
	}
	return b.Product.Maker
}

// CheckSpeaksFor refuses a BOM of a maker for whom the party may not speak
// (STATE-SPEAKS-FOR): its own unless speaksFor names others only, and another's,
// where the maker is given as a party id, unless speaksFor names it. The guard
// judges the maker that the statement names; who has the BOM judges the maker
// that the BOM names, since a held BOM's product may be a commitment.
func CheckSpeaksFor(party *statement.Party, maker string) *sbom.Refusal {
	spoken := party.ID
	if statement.CheckParty(maker) == nil {
		spoken = maker
	}
	covered := slices.Contains(party.SpeaksFor, spoken)
	if party.SpeaksFor == nil {
		covered = spoken == party.ID
	}
	if !covered {
		return sbom.Refuse("STATE-SPEAKS-FOR", "party %s does not speak for %s", party.ID, spoken)
	}
	return nil
}

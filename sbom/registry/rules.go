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
	case *statement.BOM:
		return nil, s.judgeBOM(index, p, body)
	}
	return nil, sbom.Refuse("STATE-KIND-NEWER", "kind %q has no rule here: %w", st.Kind, statement.ErrNewer)
}

// checkLog refuses a statement for another log. Only a bom may name none.
func (s *State) checkLog(st *statement.Statement) *sbom.Refusal {
	if st.Log == s.origin || st.Log == "" && st.Kind == statement.KindBOM {
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
			return sbom.Refuse("STATE-KEY-STANDING", "key %s does not stand for %s at this index", id, who)
		}
	}
	if count < set.Threshold {
		return sbom.Refuse("STATE-THRESHOLD-SHORT", "%d of the keys of %s signed; %d have to", count, who, set.Threshold)
	}
	return nil
}

func (s *State) judgeGenesis(p *Prepared, g *statement.Genesis) (func(), *sbom.Refusal) {
	if r := checkSigners(p.keys, statement.Registrar, g.Parties.Registrar); r != nil {
		return nil, r
	}
	return func() {
		s.genesis = &Founding{p.hash, g}
		s.undo = append(s.undo, func() { s.genesis = nil })
		s.own(checkpointOwner, g.CheckpointKeyID())
		for _, k := range g.Parties.Registrar.Keys {
			s.own(statement.Registrar, k.ID())
		}
		for _, k := range g.Parties.Log.Keys {
			s.own(statement.Log, k.ID())
		}
	}, nil
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
	if r := checkSigners(p.keys, statement.Registrar, s.genesis.Genesis.Parties.Registrar); r != nil {
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
		s.admissions = append(s.admissions, Admitting{index, p.hash, a, p.identity})
		s.undo = append(s.undo, func() { s.admissions = s.admissions[:len(s.admissions)-1] })
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
	if r := checkSigners(p.keys, statement.Registrar, s.genesis.Genesis.Parties.Registrar, body.KeySet); r != nil {
		return nil, r
	}
	for _, k := range body.KeySet.Keys {
		if who, ok := s.owner[k.ID()]; ok && who != body.ID {
			return nil, sbom.Refuse("STATE-KEY-TAKEN", "key %s already belongs to %s", k.ID(), who)
		}
		if !slices.Contains(p.keys, k.ID()) {
			return nil, sbom.Refuse("STATE-POSSESSION-MISSING", "key %s of the party did not sign the request", k.ID())
		}
		if r := checkAlgorithm(admission, k); r != nil {
			return nil, r
		}
	}
	versions := s.parties[body.ID]
	if slices.ContainsFunc(versions, func(old Enrolment) bool { return old.identity == p.identity }) {
		return nil, nil
	}
	now, ok := last(versions)
	if r := checkPrev(body.Prev, ok, now.Index, now.Leaf); r != nil {
		return nil, r
	}
	if ok && body.Version != now.Party.Version+1 {
		return nil, sbom.Refuse("STATE-PARTY-VERSION", "version %d of %s does not follow version %d", body.Version, body.ID, now.Party.Version)
	}
	return func() {
		s.parties[body.ID] = append(versions, Enrolment{index, p.hash, body, p.identity})
		s.undo = append(s.undo, func() {
			if len(versions) == 0 {
				delete(s.parties, body.ID)
			} else {
				s.parties[body.ID] = versions
			}
		})
		for _, k := range body.KeySet.Keys {
			s.own(body.ID, k.ID())
		}
	}, nil
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
	now, ok := last(s.parties[actor])
	if !ok {
		return refuseParty(actor)
	}
	if !slices.Contains(now.Party.Roles, statement.RoleVendor) {
		return sbom.Refuse("STATE-ROLE-MISSING", "party %s is no vendor", actor)
	}
	if r := checkSigners(p.keys, actor, now.Party.KeySet); r != nil {
		return r
	}
	for _, k := range now.Party.KeySet.Keys {
		if slices.Contains(p.keys, k.ID()) {
			if r := checkAlgorithm(admission, k); r != nil {
				return r
			}
		}
	}
	maker := ""
	if b.Product != nil {
		maker = b.Product.Maker
	}
	if r := CheckSpeaksFor(now.Party, maker); r != nil {
		return r
	}
	if b.Size > admission.Limits.BOMBytes {
		return sbom.Refuse("STATE-BOM-LIMIT", "the BOM has %d bytes, more than the %d that the admission takes", b.Size, admission.Limits.BOMBytes)
	}
	if !slices.Contains(admission.Limits.SpecVersions, b.SpecVersion) {
		return sbom.Refuse("STATE-SPEC-CLOSED", "the admission does not take CycloneDX %s", b.SpecVersion)
	}
	if b.Supersedes != nil {
		at := b.Supersedes.Position
		if at.Log != s.origin {
			return sbom.Refuse("STATE-POSITION-LOG", "what is superseded is in log %q, not in %q", at.Log, s.origin)
		}
		if at.Index >= index {
			return sbom.Refuse("STATE-POSITION-INDEX", "entry %d cannot supersede entry %d", index, at.Index)
		}
	}
	return nil
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

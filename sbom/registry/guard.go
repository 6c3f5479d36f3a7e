package registry

import (
	"github.com/yurai-ledger/yurai/sbom"
)

// Propose judges a batch in order. The first admitted leaf gets the index
// first, the next admitted one the index after it; a refused one takes none.
// Element i of what it returns is nil if prepared[i], a *Prepared, is admitted.
// Later leaves see the earlier ones of the batch. Every Propose is followed by
// one Keep or Drop.
func (s *State) Propose(first int64, prepared []any) []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proposing {
		panic("registry: proposed twice without keep or drop")
	}
	s.proposing = true
	before := s.next
	s.undo = append(s.undo, func() { s.next = before })
	errs := make([]error, len(prepared))
	index := first
	for i, x := range prepared {
		p, ok := x.(*Prepared)
		if !ok || p == nil {
			errs[i] = sbom.Refuse("STATE-LEAF-UNPREPARED", "the guard was given a %T", x)
			continue
		}
		if first != before {
			errs[i] = sbom.Refuse("STATE-INDEX-ORDER", "the guard knows %d entries, and a batch begins at %d", before, first)
			continue
		}
		effect, r := s.judge(index, p)
		if r != nil {
			errs[i] = r
			continue
		}
		if effect != nil {
			s.effect(index, p, effect)
		}
		index++
		s.next = index
	}
	return errs
}

// Keep says that the proposed batch is committed.
func (s *State) Keep() { s.finish(false) }

// Drop says that the proposed batch is not committed: the state is as it was.
func (s *State) Drop() { s.finish(true) }

func (s *State) finish(drop bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.proposing {
		panic("registry: keep or drop of nothing proposed")
	}
	if drop {
		for i := len(s.undo) - 1; i >= 0; i-- {
			s.undo[i]()
		}
	}
	s.proposing, s.undo = false, nil
}

// Apply replays one entry. Indices ascend and may leave gaps: a bundle's
// history is sparse. An error means that the log should not have admitted the
// entry, or that a newer program is needed; the state is unchanged.
func (s *State) Apply(index int64, p *Prepared) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proposing {
		panic("registry: applied within a proposal")
	}
	effect, r := s.judge(index, p)
	if r != nil {
		return r
	}
	if effect != nil {
		s.effect(index, p, effect)
	}
	s.next, s.undo = index+1, nil
	return nil
}

// Check says what would become of a statement proposed now, nil if it would be
// admitted. Nothing is changed.
func (s *State) Check(p *Prepared) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if _, r := s.judge(s.next, p); r != nil {
		return r
	}
	return nil
}

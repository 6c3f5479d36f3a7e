package registry

import (
	"slices"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// Freezing is the entry that ends a log.
type Freezing struct {
	Index  int64             // zero-based; nothing comes after it
	Leaf   statement.Digest  // leaf hash
	Freeze *statement.Freeze // not to be changed
}

// Frozen returns the entry that ended the log; false if the log goes on. Whether
// the root that it names is the tree's own is not known here: see
// [statement.Freeze].
func (s *State) Frozen() (Freezing, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.frozen == nil {
		return Freezing{}, false
	}
	return *s.frozen, true
}

// judgeFreeze admits what ends the log, whatever the admission takes: the old
// registrar's threshold and every key of the new one's sign it, and nobody else.
// The tree that it ends is as large as its own index. Its root the state cannot
// know: who has the tree compares it, before the entry is offered and in an audit.
func (s *State) judgeFreeze(index int64, p *Prepared, f *statement.Freeze) (func(), *sbom.Refusal) {
	if r := checkSigners(p.keys, statement.Registrar, s.now().standing(statement.Registrar, index), f.Successor.Registrar); r != nil {
		return nil, r
	}
	for _, k := range f.Successor.Registrar.Keys {
		if !slices.Contains(p.keys, k.ID()) {
			return nil, refusePossession(k)
		}
	}
	if f.Size != index {
		return nil, sbom.Refuse("STATE-FREEZE-SIZE", "entry %d would end a tree of %d entries", index, f.Size)
	}
	return func() {
		s.change(func() { s.frozen = &Freezing{index, p.hash, f} }, func() { s.frozen = nil })
	}, nil
}

// checkFrozen refuses whatever comes behind a freeze.
func (s *State) checkFrozen() *sbom.Refusal {
	if s.frozen == nil {
		return nil
	}
	next := s.frozen.Freeze.Successor
	return sbom.Refuse("STATE-LOG-FROZEN", "entry %d froze the log; %s goes on, genesis %s", s.frozen.Index, next.Origin, next.Genesis)
}

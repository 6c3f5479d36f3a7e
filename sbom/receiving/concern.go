package receiving

import (
	"slices"

	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// Concern decides which entries a status about one BOM and its party has to
// name: every party, keys, delegate, revoke and suspend about the party, and of
// the party's BOM entries those with the same digest, those with the same serial
// number and version, those that supersede one of these, and what withdraws one;
// and every advisory that the BOM's statement does not rule out.
type Concern struct {
	log, party string
	bom        *statement.BOM
	related    map[int64]bool // entries with the digest, or with the number
}

// Concern returns what decides for the evidence's statement, nil if that is no
// BOM's.
func (ev *Evidence) Concern() *Concern {
	b, ok := ev.Statement.Body.(*statement.BOM)
	if !ok {
		return nil
	}
	return &Concern{log: ev.Checkpoint.Origin, party: ev.Party, bom: b, related: map[int64]bool{}}
}

// Visit reports whether the status has to name an entry. Entries are visited in
// the order of the log; those that the log should not have taken are left out.
// state is what they have made of the log, this one included. What need not be
// named is never demanded: an honest log is accused of nothing.
func (c *Concern) Visit(index int64, st *statement.Statement, state *registry.State) bool {
	switch body := st.Body.(type) {
	case *statement.Party, *statement.Keys, *statement.Delegate:
		return st.Actor() == c.party
	case *statement.Revoke:
		return body.Of == c.party
	case *statement.Suspend:
		return body.About == c.party
	case *statement.Withdraw:
		return (st.Actor() == c.party || st.Actor() == statement.Registrar) && body.Position.Log == c.log && c.related[body.Position.Index]
	case *statement.BOM:
		return st.Actor() == c.party && c.visitBOM(index, body)
	case *statement.Advisory:
		return body.Concerns(c.bom, state.WarnsEverybody(st.Actor(), index))
	}
	return false
}

func (c *Concern) visitBOM(index int64, b *statement.BOM) bool {
	same := b.Digest == c.bom.Digest || c.bom.SerialNumber != "" && b.SerialNumber == c.bom.SerialNumber && b.Version == c.bom.Version
	if same {
		c.related[index] = true
	}
	return same || b.Supersedes != nil && b.Supersedes.Position.Log == c.log && c.related[b.Supersedes.Position.Index]
}

// names reports whether a status names an entry.
func names(st *statement.Statement, index int64) bool {
	s, ok := st.Body.(*statement.Status)
	return ok && slices.Contains(s.Entries, index)
}

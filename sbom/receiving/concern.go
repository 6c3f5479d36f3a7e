package receiving

import (
	"slices"

	"github.com/yurai-ledger/yurai/sbom/statement"
)

// Concern decides which entries a status about one BOM and its party has to
// name: every statement about the party, and of the party's BOM entries those
// with the same digest, those with the same serial number and version, and those
// that supersede one of these.
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
func (c *Concern) Visit(index int64, st *statement.Statement) bool {
	if st.Actor() != c.party {
		return false
	}
	b, ok := st.Body.(*statement.BOM)
	if !ok {
		return true
	}
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

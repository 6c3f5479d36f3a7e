package receiving

import (
	"slices"

	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// Concern decides which entries a status about one BOM and its party has to
// name, so that whoever is shown all of them sees what speaks against the BOM:
//
//   - every party, keys, delegate, revoke and suspend about the party;
//   - every keys and revoke of the registrar and of the log;
//   - of the party's BOM entries those with the same digest, those with the same
//     serial number and version, those that supersede one of these, and what
//     withdraws one;
//   - every advisory that the statement does not rule out, of the party itself and
//     of whoever was enrolled before it as one that warns of everybody's products,
//     and what its issuer or the registrar withdraws of these;
//   - every revoke, since, of whoever suspended the party or issued one of these.
//
// An entry, once it has to be named, has to be named whatever else there is: who
// is shown only some entries of an honest log demands less of it, never more.
type Concern struct {
	log, party string
	bom        *statement.BOM
	related    map[int64]bool   // entries with the digest, or with the number
	warners    map[string]bool  // who was enrolled as one that warns of everybody's products
	warnings   map[int64]string // advisories that have to be named → issuer
	issuers    map[string]bool  // of those, and of suspensions
}

// Concern returns what decides for the evidence's statement, nil if that is no
// BOM's.
func (ev *Evidence) Concern() *Concern {
	b, ok := ev.Statement.Body.(*statement.BOM)
	if !ok {
		return nil
	}
	return &Concern{
		log: ev.Checkpoint.Origin, party: ev.Party, bom: b, related: map[int64]bool{},
		warners: map[string]bool{}, warnings: map[int64]string{}, issuers: map[string]bool{},
	}
}

// Visit reports whether the status has to name an entry. Entries are visited in
// the order of the log; those that the log should not have taken are left out.
// What need not be named is never demanded: an honest log is accused of nothing.
func (c *Concern) Visit(index int64, st *statement.Statement) bool {
	actor := st.Actor()
	switch body := st.Body.(type) {
	case *statement.Party:
		if registry.WarnsEverybody(body) {
			c.warners[actor] = true
		}
		return actor == c.party
	case *statement.Keys:
		return actor == c.party || office(actor)
	case *statement.Delegate:
		return actor == c.party
	case *statement.Revoke:
		return body.Of == c.party || office(body.Of) || c.issuers[body.Of]
	case *statement.Suspend:
		if body.About == c.party {
			c.issuers[actor] = true
		}
		return body.About == c.party
	case *statement.Advisory:
		if !body.Concerns(c.bom, c.warners[actor]) {
			return false
		}
		c.issuers[actor], c.warnings[index] = true, actor
		return true
	case *statement.Withdraw:
		target := body.Position.Index
		issuer, warned := c.warnings[target]
		return body.Position.Log == c.log &&
			(c.related[target] && (actor == c.party || actor == statement.Registrar) ||
				warned && (actor == issuer || actor == statement.Registrar))
	case *statement.BOM:
		return actor == c.party && c.visitBOM(index, body)
	}
	return false
}

// office reports whether X is the registrar or the log, on whose keys everything
// rests.
func office(who string) bool { return who == statement.Registrar || who == statement.Log }

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

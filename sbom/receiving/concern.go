package receiving

import (
	"slices"

	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// Concern decides which entries a status about one BOM, list, policy or profile and
// its party has to name:
//
//   - every party, keys, delegate and revoke about the party, about the registrar,
//     about the log, and about whoever suspended the party or issued an advisory
//     that may be about the BOM;
//   - every suspend about the party;
//   - of a list, a policy or a profile every version;
//   - of the party's BOM entries those with the same digest, those with the same
//     serial number and version, those that supersede one of these, and what
//     withdraws one with the right to;
//   - every advisory that the BOM's statement does not rule out, of the party or
//     of somebody who ever was in a role to warn everybody, and what withdraws one
//     with the right to.
//
// Of whatever log, the entries that are demanded after some of it was visited are
// demanded too after all of it was: an accuser who leaves entries out accuses no
// honest log.
type Concern struct {
	log, party string
	bom        *statement.BOM // nil if the status is about versions of an object
	object     string         // its name as the log has it, "" if the status is about a BOM

	related  map[int64]bool     // entries with the digest, or with the number
	warnings map[int64]string   // advisories that have to be named → issuer
	warners  map[string]bool    // who ever was in a role to warn everybody
	about    map[string][]int64 // party, keys, delegate and revoke entries, by whom they are about
	charter  []int64            // genesis and admissions, which need not be named
	others   map[string]int64   // who suspended or warned → the first entry by which
	because  map[int64]because  // entries that have to be named
}

// because is why an entry has to be named.
type because struct {
	who string // whose history it rests on, "" for nobody's but the party's
	at  int64  // another entry that it rests on, -1 for none
}

// Concern returns what decides for the evidence's statement, nil if that is of a
// kind about which there is no status.
func (ev *Evidence) Concern() *Concern {
	b, _ := ev.Statement.Body.(*statement.BOM)
	object := registry.Object(ev.Statement)
	if b == nil && object == "" {
		return nil
	}
	return &Concern{
		log: ev.Checkpoint.Origin, party: ev.Party, bom: b, object: object,
		related: map[int64]bool{}, warnings: map[int64]string{}, warners: map[string]bool{},
		about: map[string][]int64{}, others: map[string]int64{}, because: map[int64]because{},
	}
}

// Visit returns the entries that turn out to have to be named: the one visited,
// or earlier ones. Entries are visited in the order of the log; those that the
// log should not have taken, and those that repeat another, are left out. What
// need not be named is never demanded: an honest log is accused of nothing.
func (c *Concern) Visit(index int64, st *statement.Statement) []int64 {
	switch body := st.Body.(type) {
	case *statement.Genesis, *statement.Admission:
		c.charter = append(c.charter, index)
	case *statement.Party:
		if registry.WarnsEverybody(body) {
			c.warners[body.ID] = true
		}
		return c.visitAbout(index, body.ID)
	case *statement.Keys, *statement.Delegate:
		return c.visitAbout(index, st.Actor())
	case *statement.Revoke:
		return c.visitAbout(index, body.Of)
	case *statement.Suspend:
		if body.About == c.party {
			return c.spoke(index, st.Actor())
		}
	case *statement.Advisory:
		who := st.Actor()
		if c.bom != nil && body.Concerns(c.bom, c.warners[who]) {
			c.warnings[index] = who
			return c.spoke(index, who)
		}
	case *statement.Withdraw:
		return c.visitWithdraw(index, st.Actor(), body.Position)
	case *statement.BOM:
		if c.bom != nil && st.Actor() == c.party {
			return c.visitBOM(index, body)
		}
	case *statement.List, *statement.Policy, *statement.Profile:
		if registry.Object(st) == c.object {
			return c.demand(index, because{at: -1})
		}
	}
	return nil
}

// visitAbout takes note of an entry about somebody's keys.
func (c *Concern) visitAbout(index int64, who string) []int64 {
	c.about[who] = append(c.about[who], index)
	if c.own(who) {
		return c.demand(index, because{at: -1})
	}
	if first, ok := c.others[who]; ok {
		return c.demand(index, because{who, first})
	}
	return nil
}

// own reports whether the history of somebody concerns every BOM of the party.
func (c *Concern) own(who string) bool {
	return who == c.party || who == statement.Registrar || who == statement.Log
}

// spoke demands an entry by which somebody suspends or warns, and the history
// that it rests on.
func (c *Concern) spoke(index int64, who string) []int64 {
	list := c.demand(index, because{who, -1})
	if _, known := c.others[who]; known || c.own(who) {
		return list
	}
	c.others[who] = index
	for _, i := range c.about[who] {
		list = append(list, c.demand(i, because{who, index})...)
	}
	return list
}

func (c *Concern) visitWithdraw(index int64, who string, of statement.Position) []int64 {
	if of.Log != c.log {
		return nil
	}
	if issuer, ok := c.warnings[of.Index]; ok && (who == issuer || who == statement.Registrar) {
		return c.demand(index, because{issuer, of.Index})
	}
	if c.related[of.Index] && (who == c.party || who == statement.Registrar) {
		return c.demand(index, because{at: of.Index})
	}
	return nil
}

func (c *Concern) visitBOM(index int64, b *statement.BOM) []int64 {
	if b.Digest == c.bom.Digest || c.bom.SerialNumber != "" && b.SerialNumber == c.bom.SerialNumber && b.Version == c.bom.Version {
		c.related[index] = true
		return c.demand(index, because{at: -1})
	}
	if s := b.Supersedes; s != nil && s.Position.Log == c.log && c.related[s.Position.Index] {
		return c.demand(index, because{at: s.Position.Index})
	}
	return nil
}

func (c *Concern) demand(index int64, why because) []int64 {
	c.because[index] = why
	return []int64{index}
}

// Grounds returns the entries beside it that show that an entry had to be named,
// ascending: those that give its signers their keys, and what it is about.
func (c *Concern) Grounds(index int64) []int64 {
	why, ok := c.because[index]
	if !ok {
		return nil
	}
	list := slices.Concat(c.charter, c.about[c.party], c.about[statement.Registrar], c.about[statement.Log], c.about[why.who])
	if why.at >= 0 {
		list = append(list, why.at)
	}
	list = slices.DeleteFunc(list, func(i int64) bool { return i == index || i > max(index, why.at) })
	slices.Sort(list)
	return slices.Compact(list)
}

// names reports whether a status names an entry.
func names(st *statement.Statement, index int64) bool {
	s, ok := st.Body.(*statement.Status)
	return ok && slices.Contains(s.Entries, index)
}

package receiving_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

const (
	regulator  = "x:ministry"
	competitor = "x:rival"
)

// changing is a world in which things change: beside the vendor (2) there are a
// regulator (3) and a rival (4), and a BOM of the vendor's (5).
type changing struct {
	*world
	regulator, rival *envelope.Signer
	bom5             int64
}

func newChanging(t testing.TB, bill string) *changing {
	w := newWorldTaking(t, origin, 0, statement.Admissible()...)
	c := &changing{world: w, regulator: signer(t, 60), rival: signer(t, 61)}
	w.log(w.must(statement.NewParty(statement.Party{
		Head: statement.Head{Log: origin, Made: made}, ID: regulator, Version: 1, Name: "Ministry", Incorporated: "JP",
		Roles: []string{statement.RoleRegulator}, KeySet: statement.NewKeySet(1, c.regulator.Key()),
	})), w.registrar, c.regulator)
	w.enrol(competitor, c.rival)
	c.bom5 = w.bom(bill, nil)
	return c
}

func by(who string) statement.Head {
	return statement.Head{Log: origin, Party: []string{who}, Made: made}
}

// prev is the leaf hash of an entry.
func (c *changing) prev(index int64) statement.Digest {
	return statement.Digest(ledger.LeafHash(c.leaves[index]))
}

func (c *changing) revoke(who string, of string, key *envelope.Signer, from int64, signers ...*envelope.Signer) int64 {
	r := statement.Revoke{Head: by(who), Target: statement.TargetKey, Of: of, Key: key.Key().ID(), Reason: statement.RevokeCompromise}
	if from >= 0 {
		r.InvalidFrom = &from
	}
	return c.log(c.must(statement.NewRevoke(r)), signers...)
}

func (c *changing) withdraw(who string, index int64, signers ...*envelope.Signer) int64 {
	return c.log(c.must(statement.NewWithdraw(statement.Withdraw{
		Head: by(who), Position: statement.Position{Log: origin, Index: index}, Reason: "r",
	})), signers...)
}

func (c *changing) suspend(who string, prev statement.Digest, lifted bool, signers ...*envelope.Signer) int64 {
	s := statement.Suspend{Head: by(who), About: vendor, Reason: "r", Lifted: lifted}
	s.Prev = prev
	return c.log(c.must(statement.NewSuspend(s)), signers...)
}

func (c *changing) advise(who, severity string, s statement.Selector, change func(*statement.Advisory), signers ...*envelope.Signer) int64 {
	a := statement.Advisory{Head: by(who), Selector: s, Severity: severity, Effective: made, Text: "Do not install."}
	if change != nil {
		change(&a)
	}
	return c.log(c.must(statement.NewAdvisory(a)), signers...)
}

func (c *changing) delegate(key *envelope.Signer, end time.Time) int64 {
	return c.log(c.must(statement.NewDelegate(statement.Delegate{
		Head: by(vendor), Key: key.Key(), Scope: statement.Scope{Kinds: []statement.Kind{statement.KindBOM}}, End: end,
	})), c.vendor)
}

// replay returns what the log's entries make, and what each says.
func (c *changing) replay() (*registry.History, []*statement.Statement) {
	c.t.Helper()
	h := registry.NewHistory(origin)
	var said []*statement.Statement
	for i, leaf := range c.leaves {
		p, err := h.State().OpenLeaf(leaf)
		if err == nil {
			err = h.Apply(int64(i), p)
		}
		if err != nil {
			c.t.Fatalf("entry %d: %v", i, err)
		}
		said = append(said, p.Statement())
	}
	return h, said
}

// whole is a bundle that holds the whole log, and whose status names all of it.
func (c *changing) whole(index int64) *receiving.Bundle {
	c.t.Helper()
	h, _ := c.replay()
	note, err := ledger.SignCheckpoint(c.checkpoint(), made, c.checkpoints...)
	if err != nil {
		c.t.Fatal(err)
	}
	b := &receiving.Bundle{Log: origin, Checkpoint: note, Statement: c.entry(index)}
	var concern []int64
	for i := range int64(len(c.leaves)) {
		if i != index {
			b.History = append(b.History, c.entry(i))
		}
		if i > 1 {
			concern = append(concern, i)
		}
	}
	b.Status = c.status(index, concern, func(s *statement.Status) { s.Advisories = h.State().Advisories(int64(len(c.leaves))) })
	return b
}

// What happened since an entry, and what the dock makes of it.
func TestChanges(t *testing.T) {
	about := statement.Selector{Party: vendor}
	part := func(maker, number string) statement.Selector {
		return statement.Selector{Part: &statement.Part{Maker: maker, Part: number}}
	}
	withMaker := strings.Replace(bill, `"name": "CPU board",`, `"name": "CPU board", "manufacturer": {"name": "Acme"},`, 1)
	withMaker = strings.Replace(withMaker, `"name": "CPU board"`, `"hashes": [{"alg": "SHA-256", "content": "`+strings.Repeat("ab", 32)+`"}], "name": "CPU board"`, 1)
	plant := signer(t, 70)
	ban := func(s statement.Selector) func(c *changing) int64 {
		return func(c *changing) int64 {
			c.advise(regulator, statement.SeverityBan, s, nil, c.regulator)
			return c.bom5
		}
	}
	for _, tt := range []struct {
		name    string
		bill    string
		change  func(c *changing) int64 // returns the entry that is checked
		edit    func(c *changing, b *receiving.Bundle)
		at      time.Duration
		want    string
		exit    int
		codes   string // reasons that are not notes
		notes   string
		outcome string // of a row that does not pass
	}{
		{name: "nothing", change: func(c *changing) int64 { return c.bom5 }, want: receiving.Accept},
		{name: "signed by a key that was stolen before", want: receiving.Reject, exit: 11, codes: "STATE-BOM-VOID", outcome: "signature=fail", change: func(c *changing) int64 {
			c.revoke("registrar", vendor, c.vendor, c.bom5, c.registrar)
			return c.bom5
		}},
		{name: "the key was revoked later", want: receiving.Accept, notes: "STATE-BOM-REVOKED", change: func(c *changing) int64 {
			c.revoke(vendor, vendor, c.vendor, -1, c.vendor)
			return c.bom5
		}},
		{name: "under rotated keys", want: receiving.Accept, change: func(c *changing) int64 {
			k := statement.Keys{Head: by(vendor), KeySet: statement.NewKeySet(1, plant.Key())}
			k.Prev = c.prev(2)
			c.log(c.must(statement.NewKeys(k)), c.vendor, plant)
			return c.bom(bill, func(b *statement.BOM) { b.Note = "again" }, plant)
		}},
		{name: "under keys that a thief rotated in", want: receiving.Reject, exit: 11, codes: "STATE-BOM-VOID", change: func(c *changing) int64 {
			k := statement.Keys{Head: by(vendor), KeySet: statement.NewKeySet(1, plant.Key())}
			k.Prev = c.prev(2)
			at := c.log(c.must(statement.NewKeys(k)), c.vendor, plant)
			i := c.bom(bill, func(b *statement.BOM) { b.Note = "again" }, plant)
			c.revoke("registrar", vendor, c.vendor, at, c.registrar)
			return i
		}},
		{name: "withdrawn by the vendor", want: receiving.Hold, exit: 10, codes: "STATE-BOM-WITHDRAWN", outcome: "contents=hold", change: func(c *changing) int64 {
			c.withdraw(vendor, c.bom5, c.vendor)
			return c.bom5
		}},
		{name: "withdrawn by the registrar", want: receiving.Hold, exit: 10, codes: "STATE-BOM-WITHDRAWN", change: func(c *changing) int64 {
			c.withdraw("registrar", c.bom5, c.registrar)
			return c.bom5
		}},
		{name: "withdrawn by a rival", want: receiving.Accept, change: func(c *changing) int64 {
			c.withdraw(competitor, c.bom5, c.rival)
			return c.bom5
		}},
		{name: "equivocal until the other is withdrawn", want: receiving.Accept, notes: "STATE-BOM-SETTLED", change: func(c *changing) int64 {
			other := c.bom(strings.Replace(bill, "CPU board", "cpu board", 1), nil)
			c.withdraw(vendor, other, c.vendor)
			return c.bom5
		}},
		{name: "the party is suspended", want: receiving.Hold, exit: 10, codes: "STATE-PARTY-SUSPENDED", outcome: "signature=hold", change: func(c *changing) int64 {
			c.suspend(regulator, statement.Digest{}, false, c.regulator)
			return c.bom5
		}},
		{name: "the suspension is lifted", want: receiving.Accept, change: func(c *changing) int64 {
			at := c.suspend(regulator, statement.Digest{}, false, c.regulator)
			c.suspend("registrar", c.prev(at), true, c.registrar)
			return c.bom5
		}},
		{name: "signed by a delegate", want: receiving.Accept, change: func(c *changing) int64 {
			c.delegate(plant, made.Add(time.Hour))
			return c.bom(bill, func(b *statement.BOM) { b.Note = "by the plant" }, plant)
		}},
		{name: "signed by a delegate whose time is over", want: receiving.Hold, exit: 10, codes: "STATE-DELEGATE-LAPSED", outcome: "signature=hold", change: func(c *changing) int64 {
			c.delegate(plant, made.Add(-time.Hour))
			return c.bom(bill, func(b *statement.BOM) { b.Made = made.Add(-2 * time.Hour) }, plant)
		}},
		{name: "a ban", want: receiving.Reject, exit: 11, codes: "VERDICT-ADVISORY-BAN", outcome: "advisories=fail", change: ban(about)},
		{name: "a ban on the product", want: receiving.Reject, exit: 11, codes: "VERDICT-ADVISORY-BAN", change: ban(statement.Selector{Product: "HR-87T"})},
		{name: "a ban on the product in other width", want: receiving.Reject, exit: 11, codes: "VERDICT-ADVISORY-BAN", change: ban(statement.Selector{Product: "ｈｒ-87Ｔ"})},
		{name: "a ban on a product that looks like it", want: receiving.Hold, exit: 10, codes: "VERDICT-ADVISORY-UNSURE", outcome: "advisories=unknown", change: ban(statement.Selector{Product: "НR-87Т"})},
		{name: "a notice on a product that looks like it", want: receiving.Accept, notes: "VERDICT-ADVISORY-NOTICE", change: func(c *changing) int64 {
			c.advise(regulator, statement.SeverityNotice, statement.Selector{Product: "HR\u201087T"}, nil, c.regulator)
			return c.bom5
		}},
		{name: "a ban on another product", want: receiving.Accept, change: ban(statement.Selector{Product: "HR-88"})},
		{name: "a ban on another party", want: receiving.Accept, change: ban(statement.Selector{Party: competitor})},
		{name: "a ban on a maker's part", bill: withMaker, want: receiving.Reject, exit: 11, codes: "VERDICT-ADVISORY-BAN", change: ban(part("ACME", "cpu board"))},
		{name: "a ban on a maker's part in other width", bill: withMaker, want: receiving.Reject, exit: 11, codes: "VERDICT-ADVISORY-BAN", change: ban(part("ＡＣＭＥ", "ｃｐｕ board"))},
		{name: "a ban on a part that looks like it", bill: withMaker, want: receiving.Hold, exit: 10, codes: "VERDICT-ADVISORY-UNSURE", change: ban(part("Acme", "СPU board"))},
		{name: "a ban on a part of a maker who looks like it", bill: withMaker, want: receiving.Hold, exit: 10, codes: "VERDICT-ADVISORY-UNSURE", change: ban(part("Аcme", "CPU board"))},
		{name: "a ban on another maker's part that looks like it", bill: withMaker, want: receiving.Accept, change: ban(part("Other", "СPU board"))},
		{name: "a ban on anybody's part", bill: withMaker, want: receiving.Hold, exit: 10, codes: "VERDICT-ADVISORY-RECALL", outcome: "advisories=hold", change: ban(part("", "CPU board"))},
		{name: "a ban on another maker's part", bill: withMaker, want: receiving.Accept, change: ban(part("Other", "CPU board"))},
		{name: "a ban on a part of which no maker is stated", want: receiving.Hold, exit: 10, codes: "VERDICT-ADVISORY-UNSURE", outcome: "advisories=unknown", change: ban(part("Acme", "CPU board"))},
		{name: "a ban on another part", want: receiving.Accept, change: ban(part("", "GPU board"))},
		{name: "a ban on a component's bytes", bill: withMaker, want: receiving.Reject, exit: 11, codes: "VERDICT-ADVISORY-BAN", change: ban(statement.Selector{Digest: statement.Digest(slices.Repeat([]byte{0xab}, 32))})},
		{name: "a ban on other bytes", bill: withMaker, want: receiving.Accept, change: ban(statement.Selector{Digest: statement.Digest{1}})},
		{name: "a ban on the party and another product", want: receiving.Accept, change: ban(statement.Selector{Party: vendor, Product: "HR-88"})},
		{name: "a recall", want: receiving.Hold, exit: 10, codes: "VERDICT-ADVISORY-RECALL", outcome: "advisories=hold", change: func(c *changing) int64 {
			c.advise(vendor, statement.SeverityRecall, statement.Selector{Product: "HR-87T"}, nil, c.vendor)
			return c.bom5
		}},
		{name: "a notice", want: receiving.Accept, notes: "VERDICT-ADVISORY-NOTICE", change: func(c *changing) int64 {
			c.advise(regulator, statement.SeverityNotice, about, nil, c.regulator)
			return c.bom5
		}},
		{name: "a rival's ban", want: receiving.Accept, change: func(c *changing) int64 {
			c.advise(competitor, statement.SeverityBan, about, nil, c.rival)
			return c.bom5
		}},
		{name: "a ban to come", want: receiving.Accept, notes: "VERDICT-ADVISORY-NOTICE", change: func(c *changing) int64 {
			c.advise(regulator, statement.SeverityBan, about, func(a *statement.Advisory) { a.Effective = now.Add(time.Second) }, c.regulator)
			return c.bom5
		}},
		{name: "a ban from this second on", want: receiving.Reject, exit: 11, codes: "VERDICT-ADVISORY-BAN", change: func(c *changing) int64 {
			c.advise(regulator, statement.SeverityBan, about, func(a *statement.Advisory) { a.Effective = now }, c.regulator)
			return c.bom5
		}},
		{name: "a ban that expired", want: receiving.Accept, change: func(c *changing) int64 {
			c.advise(regulator, statement.SeverityBan, about, func(a *statement.Advisory) { a.Expires = now }, c.regulator)
			return c.bom5
		}},
		{name: "a ban that was withdrawn", want: receiving.Accept, change: func(c *changing) int64 {
			at := c.advise(regulator, statement.SeverityBan, about, nil, c.regulator)
			c.withdraw(regulator, at, c.regulator)
			return c.bom5
		}},
		{name: "a ban by a stolen key", want: receiving.Accept, change: func(c *changing) int64 {
			at := c.advise(regulator, statement.SeverityBan, about, nil, c.regulator)
			c.revoke("registrar", regulator, c.regulator, at, c.registrar)
			return c.bom5
		}},
		{name: "a ban, and no status", want: receiving.Reject, exit: 11, codes: "VERDICT-ADVISORY-BAN", change: ban(about), edit: func(_ *changing, b *receiving.Bundle) { b.Status = nil }},
		{name: "a notice, and no status", want: receiving.Hold, exit: 14, codes: "BUNDLE-STATUS-ABSENT", outcome: "advisories=unknown", change: func(c *changing) int64 {
			c.advise(regulator, statement.SeverityNotice, about, nil, c.regulator)
			return c.bom5
		}, edit: func(_ *changing, b *receiving.Bundle) { b.Status = nil }},
		{name: "a revocation that the bundle leaves out", want: receiving.Hold, exit: 14, codes: "BUNDLE-HISTORY-INCOMPLETE", change: func(c *changing) int64 {
			c.revoke("registrar", vendor, c.vendor, c.bom5, c.registrar)
			return c.bom5
		}, edit: func(_ *changing, b *receiving.Bundle) { b.History = b.History[:len(b.History)-1] }},
		{name: "an advisory that the status does not count", want: receiving.Hold, exit: 14, codes: "BUNDLE-STATUS-OTHER", change: func(c *changing) int64 {
			c.advise(regulator, statement.SeverityNotice, about, nil, c.regulator)
			return c.bom5
		}, edit: func(c *changing, b *receiving.Bundle) { b.Status = c.status(c.bom5, []int64{2, 3, 4, 5, 6}, nil) }},
		{name: "a revocation that the log should not have taken", want: receiving.Reject, exit: 11, codes: "STATE-THRESHOLD-SHORT", change: func(c *changing) int64 { return c.bom5 }, edit: func(c *changing, b *receiving.Bundle) {
			from := int64(0)
			c.delegate(plant, made)
			late := statement.Revoke{Head: by(vendor), Target: statement.TargetDelegate, Of: vendor, Key: plant.Key().ID(), Reason: statement.RevokeRetired, InvalidFrom: &from}
			c.log(c.must(statement.NewRevoke(late)), plant)
			note, err := ledger.SignCheckpoint(c.checkpoint(), made, c.checkpoints...)
			if err != nil {
				c.t.Fatal(err)
			}
			*b = receiving.Bundle{Log: origin, Checkpoint: note, Statement: c.entry(c.bom5)}
			for i := range int64(len(c.leaves)) {
				if i != c.bom5 {
					b.History = append(b.History, c.entry(i))
				}
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := bill
			if tt.bill != "" {
				file = tt.bill
			}
			c := newChanging(t, file)
			b := c.whole(tt.change(c))
			if tt.edit != nil {
				tt.edit(c, b)
			}
			// Bundles travel as bytes.
			raw, err := b.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			if b, err = receiving.ParseBundle(raw); err != nil {
				t.Fatal(err)
			}
			v := c.check(file, b, nil)
			if v.Verdict != tt.want || v.Exit != tt.exit || tt.codes == "" && grave(v) != "" || !strings.Contains(grave(v), tt.codes) || !strings.Contains(outcomes(v), tt.outcome) {
				t.Errorf("got %s %d %q\n%s\nwant %s %d %q %s", v.Verdict, v.Exit, grave(v), outcomes(v), tt.want, tt.exit, tt.codes, tt.outcome)
			}
			if v.Verdict == receiving.Accept && outcomes(v) != allPass {
				t.Errorf("ACCEPT over %s", outcomes(v))
			}
			var notes []string
			for _, r := range v.Reasons {
				if r.Outcome == "note" {
					notes = append(notes, r.Code)
				}
			}
			if got := strings.Join(notes, " "); tt.want == receiving.Accept && got != tt.notes {
				t.Errorf("notes %q, want %q", got, tt.notes)
			}
		})
	}
}

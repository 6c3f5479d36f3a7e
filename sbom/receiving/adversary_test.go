package receiving_test

import (
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// newRegistrars is a world of change in which the registrar has two keys (6), of
// which one is enough; r2 is the second.
func newRegistrars(t *testing.T) (c *changing, r2 byte) {
	c = newChanging(t, bill)
	r2 = 80
	c.log(c.must(statement.NewKeys(statement.Keys{
		Head: by(statement.Registrar), KeySet: statement.NewKeySet(1, c.registrar.Key(), signer(t, r2).Key()),
	})), c.registrar, signer(t, r2))
	return c, r2
}

// TestFallenEnrolment: the thief of one of the registrar's keys lets the vendor
// speak for another maker and gives it another name. The key is revoked back to
// then by the other; the vendor's own key stands throughout.
func TestFallenEnrolment(t *testing.T) {
	c, r2 := newRegistrars(t)
	stolen := c.log(c.must(statement.NewParty(statement.Party{
		Head: statement.Head{Log: origin, Made: made, Prev: c.prev(2)}, ID: vendor, Version: 2, Name: "Ministry of Relays", Incorporated: "JP",
		Roles: []string{statement.RoleVendor}, KeySet: statement.NewKeySet(1, c.vendor.Key()), SpeaksFor: []string{vendor, "x:victim"},
	})), c.registrar, c.vendor)
	forged := strings.Replace(bill, `{"name": "yurai:origin:assembled", "value": "JP"}`, `{"name": "yurai:origin:assembled", "value": "JP"}, {"name": "yurai:party:maker:id", "value": "x:victim"}`, 1)
	forged = strings.Replace(forged, `"manufacturer": {"name": "Hoshino"}`, `"manufacturer": {"name": "x:victim"}`, 1)
	at := c.bom(forged, nil)
	held := c.bom(forged, func(b *statement.BOM) {
		b.Note, b.Disclosure, b.Product = "held", statement.DisclosureHeld, &statement.Product{Commit: sha256.Sum256([]byte("salted"))}
	})
	own := c.bom(bill, func(b *statement.BOM) { b.Note = "again" })
	if v := c.check(forged, c.whole(at), nil); grave(v) != "STATE-BOM-EQUIVOCAL" || v.PartyName != "Ministry of Relays" {
		t.Fatalf("before: %s %q of %q", v.Verdict, grave(v), v.PartyName)
	}
	c.revoke(statement.Registrar, statement.Registrar, c.registrar, stolen, signer(t, r2))
	for _, tt := range []struct {
		name  string
		file  string
		index int64
		want  string
		codes string
	}{
		{"for another maker", forged, at, receiving.Reject, "STATE-BOM-VOID"},
		{"for another maker, held", forged, held, receiving.Hold, "STATE-SPEAKS-FOR"},
		{"for itself", bill, own, receiving.Hold, "STATE-BOM-EQUIVOCAL"}, // with the held one
	} {
		v := c.check(tt.file, c.whole(tt.index), nil)
		if v.Verdict != tt.want || !strings.Contains(grave(v), tt.codes) {
			t.Errorf("%s: %s %q, want %s %s", tt.name, v.Verdict, grave(v), tt.want, tt.codes)
		}
		if v.PartyName != "Hoshino Relay" {
			t.Errorf("%s: the verdict names %q", tt.name, v.PartyName)
		}
	}
}

// TestAllEnrolmentsFallen: a vendor whom the thief of a registrar's key enrolled is
// nobody. Its entries are void, and nothing trips over a party without enrolment.
func TestAllEnrolmentsFallen(t *testing.T) {
	c, r2 := newRegistrars(t)
	evil := signer(t, 90)
	stolen := c.enrol("x:evil", evil)
	at := c.bom(bill, func(b *statement.BOM) { b.Party = []string{"x:evil"} }, evil)
	c.revoke(statement.Registrar, statement.Registrar, c.registrar, stolen, signer(t, r2))
	for name, edit := range map[string]func(*receiving.Bundle){
		"whole": func(*receiving.Bundle) {}, "without status": func(b *receiving.Bundle) { b.Status = nil },
	} {
		b := c.whole(at)
		edit(b)
		if v := c.check(bill, b, nil); v.Exit != receiving.ExitReject || !strings.HasPrefix(grave(v), "STATE-BOM-VOID") {
			t.Errorf("%s: %s %q", name, v.Verdict, grave(v))
		}
	}
}

// TestRegulators: what becomes of the words of regulators that are themselves
// suspended, revoked or robbed, at the times given.
func TestRegulators(t *testing.T) {
	about := statement.Selector{Party: vendor}
	for _, tt := range []struct {
		name   string
		change func(c *changing)
		after  time.Duration // of judgement, after made
		exit   int
		codes  string
	}{
		{"a ban by one that is suspended", func(c *changing) {
			c.advise(regulator, statement.SeverityBan, about, nil, c.regulator)
			s := statement.Suspend{Head: by(statement.Registrar), About: regulator, Reason: "r"}
			c.log(c.must(statement.NewSuspend(s)), c.registrar)
		}, time.Hour, 11, "VERDICT-ADVISORY-BAN"},
		{"a ban by one that ceased since", func(c *changing) {
			c.advise(regulator, statement.SeverityBan, about, nil, c.regulator)
			c.log(c.must(statement.NewRevoke(statement.Revoke{Head: by(statement.Registrar), Target: statement.TargetParty, Of: regulator, Reason: statement.RevokeCeased})), c.registrar)
		}, time.Hour, 11, "VERDICT-ADVISORY-BAN"},
		{"a ban by one that was never to be", func(c *changing) {
			at := c.advise(regulator, statement.SeverityBan, about, nil, c.regulator)
			c.log(c.must(statement.NewRevoke(statement.Revoke{Head: by(statement.Registrar), Target: statement.TargetParty, Of: regulator, Reason: statement.RevokeCompromise, InvalidFrom: &at})), c.registrar)
		}, time.Hour, 0, ""},
		{"a suspension with a stolen key", func(c *changing) {
			at := c.suspend(regulator, statement.Digest{}, false, c.regulator)
			c.revoke(statement.Registrar, regulator, c.regulator, at, c.registrar)
		}, time.Hour, 0, ""},
		{"a suspension lifted with a stolen key", func(c *changing) {
			at := c.suspend(regulator, statement.Digest{}, false, c.regulator)
			c.suspend(regulator, c.prev(at), true, c.regulator)
			c.revoke(statement.Registrar, regulator, c.regulator, at+1, c.registrar)
		}, time.Hour, 10, "STATE-PARTY-SUSPENDED"},
		{"a ban withdrawn with a stolen key", func(c *changing) {
			at := c.advise(regulator, statement.SeverityBan, about, nil, c.regulator)
			c.withdraw(regulator, at, c.regulator)
			c.revoke(statement.Registrar, regulator, c.regulator, at+1, c.registrar)
		}, time.Hour, 11, "VERDICT-ADVISORY-BAN"},
		{"a ban that a rival withdraws", func(c *changing) {
			c.withdraw(competitor, c.advise(regulator, statement.SeverityBan, about, nil, c.regulator), c.rival)
		}, time.Hour, 11, "VERDICT-ADVISORY-BAN"},
		{"a ban that the vendor withdraws", func(c *changing) {
			c.withdraw(vendor, c.advise(regulator, statement.SeverityBan, about, nil, c.regulator), c.vendor)
		}, time.Hour, 11, "VERDICT-ADVISORY-BAN"},
		{"the second before a ban ends", func(c *changing) {
			c.advise(regulator, statement.SeverityBan, about, func(a *statement.Advisory) { a.Expires = made.Add(time.Hour) }, c.regulator)
		}, time.Hour - time.Second, 11, "VERDICT-ADVISORY-BAN"},
		{"the second in which it ends", func(c *changing) {
			c.advise(regulator, statement.SeverityBan, about, func(a *statement.Advisory) { a.Expires = made.Add(time.Hour) }, c.regulator)
		}, time.Hour, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newChanging(t, bill)
			tt.change(c)
			v := c.check(bill, c.whole(c.bom5), func(r *receiving.Request) { r.At = made.Add(tt.after) })
			if v.Exit != tt.exit || grave(v) != tt.codes {
				t.Errorf("exit %d %q, want %d %q", v.Exit, grave(v), tt.exit, tt.codes)
			}
		})
	}
}

// TestHonestLogStaysHonest: what a server names by the registry's word is never
// less than what an accuser can demand, whichever entries he shows.
func TestHonestLogStaysHonest(t *testing.T) {
	c, r2 := newRegistrars(t)
	csirt := signer(t, 91)
	enrolled := statement.Party{
		Head: statement.Head{Log: origin, Made: made}, ID: "x:csirt", Version: 1, Name: "CSIRT", Incorporated: "JP",
		Roles: []string{statement.RoleCSIRT, statement.RoleVendor}, KeySet: statement.NewKeySet(1, csirt.Key()),
	}
	at := c.log(c.must(statement.NewParty(enrolled)), c.registrar, csirt)
	c.advise("x:csirt", statement.SeverityNotice, statement.Selector{Party: vendor}, nil, csirt)
	enrolled.Version, enrolled.Prev, enrolled.Roles = 2, c.prev(at), []string{statement.RoleVendor}
	c.log(c.must(statement.NewParty(enrolled)), c.registrar, csirt)
	// A vendor again, its advisory reaches its own alone.
	c.advise("x:csirt", statement.SeverityBan, statement.Selector{Party: vendor}, nil, csirt)
	suspended := c.suspend(regulator, statement.Digest{}, false, c.regulator)
	c.suspend(statement.Registrar, c.prev(suspended), true, signer(t, r2))
	c.delegate(signer(t, 92), made)
	taken := c.withdraw(vendor, c.bom5, c.vendor)
	c.withdraw(competitor, c.bom5, c.rival)
	c.revoke(statement.Registrar, regulator, c.regulator, suspended, signer(t, r2))
	c.revoke(statement.Registrar, statement.Registrar, c.registrar, -1, signer(t, r2))
	history, entries := c.replay()
	state := history.State()
	ev, err := receiving.Open(c.whole(c.bom5), c.trust)
	if err != nil {
		t.Fatal(err)
	}
	said := ev.Statement.Body.(*statement.BOM)
	size := int64(len(c.leaves))
	warnings, issuers := state.Warnings(said, size)
	named := append(state.Foundation(vendor, size), warnings...)
	for _, who := range issuers {
		named = append(named, state.About(who, size)...)
	}
	named = append(named, c.bom5, taken)
	concern, demanded := ev.Concern(), 0
	for i, st := range entries {
		for _, at := range concern.Visit(int64(i), st) {
			if demanded++; !slices.Contains(named, at) {
				t.Errorf("entry %d of kind %s is demanded, and nobody names it", at, entries[at].Kind)
			}
		}
	}
	if demanded < 10 {
		t.Errorf("%d entries are demanded", demanded)
	}
	// Judged, the CSIRT's second advisory is about nothing.
	if v := c.check(bill, c.whole(c.bom5), nil); strings.Contains(grave(v), "BAN") {
		t.Errorf("%s %q", v.Verdict, grave(v))
	}
}

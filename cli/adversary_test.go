package cli

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

const ministryID = "x:ministry"

// ministry enrols a regulator.
func (l *liar) ministry() int64 {
	l.t.Helper()
	k, err := envelope.NewSigner(envelope.Ed25519, rand.Reader)
	l.ok(err)
	l.keys["ministry"] = k
	return l.add(l.enrolment(ministryID, "ministry", func(p *statement.Party) { p.Roles = []string{statement.RoleRegulator} })("registrar", "ministry"))
}

func (l *liar) headOf(who string) statement.Head {
	h := l.head()
	h.Party = []string{who}
	return h
}

func (l *liar) suspends(by, about string) int64 {
	return l.add(l.seal(statement.NewSuspend(statement.Suspend{Head: l.headOf(by), About: about, Reason: "r"}))("ministry"))
}

func (l *liar) bans(about string) int64 {
	return l.add(l.seal(statement.NewAdvisory(statement.Advisory{
		Head: l.headOf(ministryID), Selector: statement.Selector{Party: about}, Severity: statement.SeverityBan, Effective: time.Now().Add(-time.Hour), Text: "t",
	}))("ministry"))
}

// counts is the bundle of an entry whose status names these entries, and counts
// the advisories among these.
func (l *liar) counts(index int64, advisories []int64, concern ...int64) *receiving.Bundle {
	l.t.Helper()
	b := l.bundle(index, concern...)
	st, err := envelope.ParseLeaf(b.Status)
	l.ok(err)
	read, err := statement.Parse(st.Payload())
	l.ok(err)
	said := *read.Body.(*statement.Status)
	if n := len(advisories); n > 0 {
		said.Advisories = statement.Advisories{Count: int64(n), Last: leafHashOf(l.leaves[advisories[n-1]])}
	}
	b.Status = l.seal(statement.NewStatus(said))("log")
	return b
}

// TestHidden: what a lying log leaves out of a bundle and its status together, so
// that the file passes at the dock, and what the audit makes of that bundle. The
// evidence shows it to whoever has nothing but the trust file.
func TestHidden(t *testing.T) {
	for name, c := range map[string]struct {
		build func(l *liar) *receiving.Bundle // of entry 4, the vendor's BOM
		check int                             // of the lie
		audit int
		entry []string // that evidence files show to be left out
	}{
		"nothing": {func(l *liar) *receiving.Bundle {
			m := l.ministry()
			ban := l.bans(vendorID)
			lifted := l.add(l.withdraws(ministryID, ban)("ministry"))
			return l.counts(4, []int64{ban}, 2, m, ban, lifted)
		}, exitDone, exitDone, nil},
		"a suspension and who issued it": {func(l *liar) *receiving.Bundle {
			l.ministry()
			l.suspends(ministryID, vendorID)
			return l.bundle(4, 2)
		}, exitDone, exitMisbehaved, []string{"6"}},
		"a ban and who issued it": {func(l *liar) *receiving.Bundle {
			l.ministry()
			ban := l.bans(vendorID)
			return l.counts(4, []int64{ban}, 2)
		}, exitDone, exitMisbehaved, []string{"6"}},
		"a ban, and the number of bans": {func(l *liar) *receiving.Bundle {
			l.ministry()
			l.bans(vendorID)
			return l.bundle(4, 2)
		}, exitDone, exitMisbehaved, []string{"6"}},
		"the number of bans alone": {func(l *liar) *receiving.Bundle {
			l.ministry()
			l.bans(rivalID)
			return l.bundle(4, 2)
		}, exitDone, exitMisbehaved, nil},
		"that a ban was withdrawn": {func(l *liar) *receiving.Bundle {
			m := l.ministry()
			ban := l.bans(vendorID)
			l.add(l.withdraws(ministryID, ban)("ministry"))
			return l.counts(4, []int64{ban}, 2, m, ban)
		}, exitReject, exitMisbehaved, []string{"7"}},
		"that the issuer's key was stolen": {func(l *liar) *receiving.Bundle {
			m := l.ministry()
			ban := l.bans(vendorID)
			h, from := l.headOf("registrar"), ban
			l.add(l.seal(statement.NewRevoke(statement.Revoke{
				Head: h, Target: statement.TargetKey, Of: ministryID, Key: l.set("ministry").Keys[0].ID(), Reason: statement.RevokeCompromise, InvalidFrom: &from,
			}))("registrar"))
			return l.counts(4, []int64{ban}, 2, m, ban)
		}, exitReject, exitMisbehaved, []string{"7"}},
		"that the registrar's key was stolen": {func(l *liar) *receiving.Bundle {
			from := int64(0)
			l.add(l.seal(statement.NewRevoke(statement.Revoke{
				Head: l.headOf("registrar"), Target: statement.TargetKey, Of: "registrar", Key: l.set("registrar").Keys[0].ID(), Reason: statement.RevokeCompromise, InvalidFrom: &from,
			}))("registrar"))
			return l.bundle(4, 2)
		}, exitDone, exitMisbehaved, []string{"5"}},
		"all that a regulator did": {func(l *liar) *receiving.Bundle {
			l.ministry()
			l.suspends(ministryID, vendorID)
			l.bans(vendorID)
			return l.bundle(4, 2)
		}, exitDone, exitMisbehaved, []string{"6", "7"}},
		"the suspension and the ban of another": {func(l *liar) *receiving.Bundle {
			l.ministry()
			l.suspends(ministryID, rivalID)
			ban := l.bans(rivalID)
			return l.counts(4, []int64{ban}, 2)
		}, exitDone, exitDone, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLiar(t)
			l.add(l.bom(vendorID, relay(t, 1), nil)("vendor"))
			b := c.build(l)
			file := l.keep("relay.json", relay(t, 1), b)
			if code, out, errs := l.asks("check", file, "--offline"); code != c.check {
				t.Errorf("check exits %d, want %d\n%s%s", code, c.check, out, errs)
			}
			l.add(l.bom(rivalID, relay(t, 9), nil)("rival"))
			code, out, errs := l.asks("audit", l.serve(nil, nil), "--bundle", file+".yurai.json", "-f", "json")
			if code != c.audit || strings.Contains(out, "AUDIT-STATUS-FALSE") != (c.audit == exitMisbehaved) {
				t.Errorf("audit exits %d, want %d\n%s%s", code, c.audit, out, errs)
			}
			files := accused(t, l.dir, "status")
			if len(files) != len(c.entry) {
				t.Fatalf("evidence %q\n%s", files, errs)
			}
			shown := ""
			for _, f := range files {
				code, out, errs := l.asks("verify", f)
				if code != exitMisbehaved {
					t.Errorf("verify exits %d\n%s%s", code, out, errs)
				}
				shown += out
			}
			for _, i := range c.entry {
				if !strings.Contains(shown, "leaves out entry "+i) {
					t.Errorf("no file is about entry %s\n%s", i, shown)
				}
			}
		})
	}
}

// TestSaidByNobody: the thief of a key sees next month's BOM and submits it first.
// Once his entry is void, it is no answer to whoever asks for the file without a
// bundle: what the vendor signed is, under a new key.
func TestSaidByNobody(t *testing.T) {
	bill := relay(t, 1)
	for name, c := range map[string]struct {
		build func(l *liar) map[int64][]int64 // what the bundles name
		want  int
		entry string
	}{
		"the thief's alone": {func(l *liar) map[int64][]int64 {
			l.add(l.bom(vendorID, bill, nil)("vendor"))
			l.add(l.revokes("registrar", 4)("registrar"))
			return map[int64][]int64{4: {2, 5}}
		}, exitReject, "entry 4 "},
		"the thief's first": {func(l *liar) map[int64][]int64 {
			l.add(l.bom(vendorID, bill, nil)("vendor"))
			l.add(l.revokes("registrar", 4)("registrar"))
			l.keys["fresh"], _ = envelope.NewSigner(envelope.Ed25519, rand.Reader)
			l.add(l.enrolment(vendorID, "fresh", l.second)("registrar", "fresh"))
			l.add(l.bom(vendorID, bill, nil)("fresh"))
			return map[int64][]int64{4: {2, 5, 6, 7}, 7: {2, 4, 5, 6}}
		}, exitDone, "entry 7 "},
		"a rival's, whose key was stolen": {func(l *liar) map[int64][]int64 {
			l.add(l.bom(rivalID, bill, nil)("rival"))
			l.add(l.bom(vendorID, bill, nil)("vendor"))
			from := int64(4)
			l.add(l.seal(statement.NewRevoke(statement.Revoke{
				Head: l.headOf("registrar"), Target: statement.TargetKey, Of: rivalID, Key: l.set("rival").Keys[0].ID(), Reason: statement.RevokeCompromise, InvalidFrom: &from,
			}))("registrar"))
			return map[int64][]int64{4: {3, 6}, 5: {2}}
		}, exitDone, "entry 5 "},
		"a rival's that stands": {func(l *liar) map[int64][]int64 {
			l.add(l.bom(rivalID, bill, nil)("rival"))
			l.add(l.bom(vendorID, bill, nil)("vendor"))
			return map[int64][]int64{4: {3}, 5: {2}}
		}, exitHold, "CLI-PARTY-SEVERAL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLiar(t)
			concern := c.build(l)
			file := l.keep("relay.json", bill, nil)
			code, out, errs := l.asks("check", file, "--server", l.serve(concern, nil))
			if code != c.want || !strings.Contains(out+errs, c.entry) {
				t.Errorf("exit %d, want %d and %q\n%s%s", code, c.want, c.entry, out, errs)
			}
		})
	}
}

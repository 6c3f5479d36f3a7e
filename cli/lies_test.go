package cli

import (
	"bytes"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

const ministryID = "x:ministry"

// by is the head of a statement of somebody.
func (l *liar) by(who string) statement.Head {
	h := l.head()
	h.Party = []string{who}
	return h
}

// after is by for a statement that follows an entry.
func (l *liar) after(who string, index int64) statement.Head {
	h := l.by(who)
	h.Prev = leafHashOf(l.leaves[index])
	return h
}

// regulator enrols the ministry, in other roles if any are given.
func (l *liar) regulator(roles ...string) int64 {
	return l.add(l.enrolment(ministryID, "ministry", func(p *statement.Party) {
		p.Roles = append([]string{statement.RoleRegulator}, roles...)
	})("registrar", "ministry"))
}

// bans warns of everything that a product is sold as.
func (l *liar) bans(who, key, product string) int64 {
	return l.add(l.seal(statement.NewAdvisory(statement.Advisory{
		Head: l.by(who), Selector: statement.Selector{Product: product}, Severity: statement.SeverityBan, Effective: time.Now(), Text: "do not use",
	}))(key))
}

func (l *liar) suspends(who, key string) int64 {
	return l.add(l.seal(statement.NewSuspend(statement.Suspend{Head: l.by(who), About: vendorID, Reason: "r"}))(key))
}

// rotates gives the registrar or the log the stranger's key in place of its own.
func (l *liar) rotates(who string) int64 {
	return l.add(l.seal(statement.NewKeys(statement.Keys{Head: l.by(who), KeySet: l.set("stranger")}))(who, "stranger"))
}

// freezes ends a tree of this size, signed by two keys, for a successor whose
// registrar is the stranger.
func (l *liar) freezes(size int64, old, next string, change ...func(*statement.Freeze)) {
	var edge ledger.Range
	for _, leaf := range l.leaves[:size] {
		edge.Append(ledger.LeafHash(leaf), nil)
	}
	f := statement.Freeze{
		Head: l.head(), Size: size, Root: statement.Digest(edge.Root()),
		Successor: statement.Successor{Origin: "ledger.example/next", Genesis: statement.Digest{1}, Registrar: l.set("stranger")},
	}
	for _, c := range change {
		c(&f)
	}
	signers := []string{old}
	if next != old {
		signers = append(signers, next)
	}
	l.add(l.seal(statement.NewFreeze(f))(signers...))
}

// grow adds an entry that concerns nobody else.
func (l *liar) grow() {
	l.add(l.seal(statement.NewRevoke(statement.Revoke{
		Head: l.by(rivalID), Target: statement.TargetKey, Of: rivalID, Key: l.set("rival").Keys[0].ID(), Reason: statement.RevokeRetired,
	}))("rival"))
}

// takes revokes a key of somebody, from an index on.
func (l *liar) takes(of, key string, from int64, signers ...string) int64 {
	return l.add(l.seal(statement.NewRevoke(statement.Revoke{
		Head: l.by(statement.Registrar), Target: statement.TargetKey, Of: of, Key: l.set(key).Keys[0].ID(), Reason: statement.RevokeCompromise, InvalidFrom: &from,
	}))(signers...))
}

// product is what the bill of the tests is sold as.
const product = "HR-87T"

// TestOmissions: whatever a server leaves out of bundle and status, its word is
// signed: the bundle is judged as if it were so, the audit that is shown it and the
// log finds out, and what it writes convinces whoever gets it. Of the honest bundle
// the audit finds nothing.
func TestOmissions(t *testing.T) {
	for name, c := range map[string]struct {
		build  func(l *liar) (whole, told []int64) // the bill is entry 4
		honest int                                 // exit of check
		code   string                              // in its verdict
		lie    int                                 // exit of check, of what is told
		found  int                                 // files of evidence
		signer string                              // of the honest status, if not the log
	}{
		"a revocation back in time": {func(l *liar) (whole, told []int64) {
			return []int64{2, l.takes(vendorID, "vendor", 4, "registrar")}, []int64{2}
		}, 11, "STATE-BOM-VOID", 0, 1, ""},
		"a revocation from now on": {func(l *liar) (whole, told []int64) {
			return []int64{2, l.add(l.revokes(vendorID, 5)("vendor"))}, []int64{2}
		}, 0, "STATE-BOM-REVOKED", 0, 1, ""},
		"a suspension by the registrar": {func(l *liar) (whole, told []int64) {
			return []int64{2, l.suspends(statement.Registrar, "registrar")}, []int64{2}
		}, 10, "STATE-PARTY-SUSPENDED", 0, 1, ""},
		"a suspension by a regulator": {func(l *liar) (whole, told []int64) {
			return []int64{2, l.regulator(), l.suspends(ministryID, "ministry")}, []int64{2}
		}, 10, "STATE-PARTY-SUSPENDED", 0, 2, ""},
		"a withdrawal": {func(l *liar) (whole, told []int64) {
			return []int64{2, l.add(l.withdraws(vendorID, 4)("vendor"))}, []int64{2}
		}, 10, "STATE-BOM-WITHDRAWN", 0, 1, ""},
		"the registrar's withdrawal": {func(l *liar) (whole, told []int64) {
			return []int64{2, l.add(l.withdraws(statement.Registrar, 4)("registrar"))}, []int64{2}
		}, 10, "STATE-BOM-WITHDRAWN", 0, 1, ""},
		"a correction": {func(l *liar) (whole, told []int64) {
			return []int64{2, l.add(l.bom(vendorID, relay(l.t, 2), l.corrects(4))("vendor"))}, []int64{2}
		}, 10, "STATE-BOM-SUPERSEDED", 0, 1, ""},
		"other bytes under one number": {func(l *liar) (whole, told []int64) {
			return []int64{2, l.add(l.bom(vendorID, bytes.Replace(relay(l.t, 1), []byte("HR-87T"), []byte("HR-88T"), 1), nil)("vendor"))}, []int64{2}
		}, 10, "STATE-BOM-EQUIVOCAL", 0, 1, ""},
		"a ban": {func(l *liar) (whole, told []int64) {
			return []int64{2, l.regulator(), l.bans(ministryID, "ministry", product)}, []int64{2}
		}, 11, "VERDICT-ADVISORY-BAN", 0, 2, ""},
		"a ban, and not who issued it": {func(l *liar) (whole, told []int64) {
			m := l.regulator()
			return []int64{2, m, l.bans(ministryID, "ministry", product)}, []int64{2, m}
		}, 11, "VERDICT-ADVISORY-BAN", 0, 1, ""},
		"the vendor's own ban": {func(l *liar) (whole, told []int64) {
			return []int64{2, l.bans(vendorID, "vendor", product)}, []int64{2}
		}, 11, "VERDICT-ADVISORY-BAN", 0, 1, ""},
		"the second of two bans": {func(l *liar) (whole, told []int64) {
			m := l.regulator()
			l.bans(ministryID, "ministry", "another product")
			return []int64{2, m, l.bans(ministryID, "ministry", product)}, []int64{2}
		}, 11, "VERDICT-ADVISORY-BAN", 0, 2, ""},
		"a withdrawal of a ban": {func(l *liar) (whole, told []int64) {
			m, b := l.regulator(), l.bans(ministryID, "ministry", product)
			return []int64{2, m, b, l.add(l.withdraws(ministryID, b)("ministry"))}, []int64{2, m, b}
		}, 0, `"outcome":"pass"`, 11, 1, ""},
		"a revocation of whoever banned": {func(l *liar) (whole, told []int64) {
			m, b := l.regulator(), l.bans(ministryID, "ministry", product)
			return []int64{2, m, b, l.takes(ministryID, "ministry", b, "registrar")}, []int64{2, m, b}
		}, 0, `"outcome":"pass"`, 11, 1, ""},
		"the end of the role of whoever banned": {func(l *liar) (whole, told []int64) {
			m := l.regulator()
			second := l.add(l.enrolment(ministryID, "ministry", func(p *statement.Party) {
				p.Version, p.Prev = 2, leafHashOf(l.leaves[m])
			})("registrar", "ministry"))
			b := l.bans(ministryID, "ministry", product)
			return []int64{2, m, second, b}, []int64{2, m, b}
		}, 0, `"outcome":"pass"`, 11, 1, ""},
		"that the registrar's key was stolen": {func(l *liar) (whole, told []int64) {
			return []int64{2, l.rotates(statement.Registrar), l.takes(statement.Registrar, "registrar", 2, "stranger")}, []int64{2}
		}, 11, "STATE-BOM-VOID", 0, 2, ""},
		"that the log's own key is gone": {func(l *liar) (whole, told []int64) {
			return []int64{2, l.rotates(statement.Log), l.takes(statement.Log, "log", 6, "registrar")}, []int64{2}
		}, 0, `"outcome":"pass"`, 0, 2, "stranger"},
		"a rotation of the vendor's": {func(l *liar) (whole, told []int64) {
			return []int64{2, l.add(l.seal(statement.NewKeys(statement.Keys{
				Head: l.after(vendorID, 2), KeySet: l.set("stranger"),
			}))("vendor", "stranger"))}, []int64{2}
		}, 0, `"outcome":"pass"`, 0, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLiar(t)
			bill := relay(t, 1)
			l.add(l.bom(vendorID, bill, nil)("vendor"))
			whole, told := c.build(l)
			honest := l.bundle(4, whole...)
			if c.signer != "" {
				l.restate(honest, c.signer, func(*statement.Status) {})
			}
			good := l.keep("honest.json", bill, honest)
			lie := l.keep("lie.json", bill, l.restate(l.bundle(4, told...), "log", func(s *statement.Status) {
				if held := l.told(told); held.Count != l.advisories().Count {
					s.Advisories = held // nobody who counts less than it holds is believed
				}
			}))
			l.grow()
			for file, want := range map[string]struct {
				exit int
				code string
			}{good: {c.honest, c.code}, lie: {c.lie, ""}} {
				code, out, errs := l.asks("check", file, "-f", "json")
				if code != want.exit || !strings.Contains(out, want.code) {
					t.Errorf("check of %s exits %d, want %d with %s\n%s%s", filepath.Base(file), code, want.exit, want.code, out, errs)
				}
			}
			url := l.serve(nil, l.finds())
			code, out, errs := l.asks("audit", url, "--bundle", good+".yurai.json", "--state", filepath.Join(l.dir, "one.json"), "-f", "json")
			if strings.Contains(out, "AUDIT-STATUS") || code == exitMisbehaved || len(accused(t, l.dir, "status")) != 0 {
				t.Errorf("the honest bundle: audit exits %d\n%s%s", code, out, errs)
			}
			code, out, errs = l.asks("audit", url, "--bundle", lie+".yurai.json", "--state", filepath.Join(l.dir, "two.json"), "-f", "json")
			files := accused(t, l.dir, "status")
			if code != exitMisbehaved || !strings.Contains(out, "AUDIT-STATUS-FALSE") || len(files) != c.found {
				t.Errorf("the lie: audit exits %d, evidence %q\n%s%s", code, files, out, errs)
			}
			for _, f := range files {
				if code, out, errs := l.asks("verify", f); code != exitMisbehaved || !strings.Contains(out, "leaves out entry") {
					t.Errorf("%s exits %d\n%s%s", filepath.Base(f), code, out, errs)
				}
			}
		})
	}
}

// told counts the advisories among the entries that are told of.
func (l *liar) told(entries []int64) (a statement.Advisories) {
	for _, i := range entries {
		e, err := envelope.ParseLeaf(l.leaves[i])
		l.ok(err)
		if st, err := statement.Parse(e.Payload()); err == nil && st.Kind == statement.KindAdvisory {
			a = statement.Advisories{Count: a.Count + 1, Last: leafHashOf(l.leaves[i])}
		}
	}
	return a
}

// TestFalseCounts: a status that miscounts advisories is a lie too, of which the
// audit itself is the evidence.
func TestFalseCounts(t *testing.T) {
	l := newLiar(t)
	bill := relay(t, 1)
	l.add(l.bom(vendorID, bill, nil)("vendor"))
	l.regulator()
	first := l.bans(ministryID, "ministry", "another product")
	l.bans(ministryID, "ministry", "a third")
	url := l.serve(nil, l.finds())
	for name, change := range map[string]func(a *statement.Advisories){
		"none":            func(a *statement.Advisories) { *a = statement.Advisories{} },
		"one too few":     func(a *statement.Advisories) { *a = statement.Advisories{Count: 1, Last: leafHashOf(l.leaves[first])} },
		"one too many":    func(a *statement.Advisories) { a.Count++ },
		"another last":    func(a *statement.Advisories) { a.Last = leafHashOf(l.leaves[first]) },
		"as they are now": func(*statement.Advisories) {},
	} {
		file := l.keep("bill.json", bill, l.restate(l.bundle(4, 2), "log", func(s *statement.Status) { change(&s.Advisories) }))
		if code, out, errs := l.asks("check", file); code != exitDone {
			t.Errorf("%s: check exits %d\n%s%s", name, code, out, errs)
		}
		want := map[bool]int{true: exitDone, false: exitMisbehaved}[name == "as they are now"]
		code, out, errs := l.asks("audit", url, "--bundle", file+".yurai.json", "-f", "json")
		if code != want || strings.Contains(out, "AUDIT-STATUS-FALSE") != (want == exitMisbehaved) {
			t.Errorf("%s: audit exits %d, want %d\n%s%s", name, code, want, out, errs)
		}
	}
	// Fewer than the bundle holds needs no audit.
	l.leaves = l.leaves[:5]
	l.regulator()
	at := l.bans(ministryID, "ministry", product)
	file := l.keep("bill.json", bill, l.restate(l.bundle(4, 2, 5, at), "log", func(s *statement.Status) { s.Advisories = statement.Advisories{} }))
	if code, out, errs := l.asks("check", file); code != exitReject || !strings.Contains(out, "BUNDLE-STATUS-OTHER") {
		t.Errorf("fewer than it holds: exit %d\n%s%s", code, out, errs)
	}
}

// TestRepeatsNeedNotBeNamed: an entry that repeats another is idle, the log's own
// state does not keep it, and no status is false for its sake.
func TestRepeatsNeedNotBeNamed(t *testing.T) {
	l := newLiar(t)
	bill := relay(t, 1)
	l.add(l.bom(vendorID, bill, nil)("vendor"))
	l.add(l.leaves[2])
	at := l.suspends(statement.Registrar, "registrar")
	l.add(l.leaves[at])
	file := l.keep("bill.json", bill, l.bundle(4, 2, at))
	code, out, errs := l.asks("audit", l.serve(nil, l.finds()), "--bundle", file+".yurai.json", "-f", "json")
	if code != exitDone || strings.Contains(out, "AUDIT-STATUS") || strings.Count(out, "STATE-ENTRY-IDLE") != 2 {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
}

// TestProofsKeptBack: an audit that has the leaves needs no tiles to prove a fork,
// or an omission.
func TestProofsKeptBack(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"missing":     http.NotFound,
		"bent":        func(w http.ResponseWriter, _ *http.Request) { w.Write(bytes.Repeat([]byte{7}, 7*32)) },
		"unreachable": answers(503, "text/plain", ""),
	} {
		l := newLiar(t)
		bill := relay(t, 1)
		l.add(l.bom(vendorID, bill, nil)("vendor"))
		fork := l.branch(4)
		state := filepath.Join(l.dir, "memory.json")
		if code, out, errs := l.asks("audit", l.serve(nil, nil), "--state", state); code != exitDone {
			t.Fatalf("exit %d\n%s%s", code, out, errs)
		}
		fork.add(fork.bom(vendorID, bill, fork.corrects(2))("vendor"))
		fork.add(fork.withdraws(vendorID, 4)("vendor"))
		fork.grow()
		lie := fork.keep("lie.json", bill, fork.bundle(4, 2)) + ".yurai.json"
		url := fork.serve(nil, map[string]http.HandlerFunc{"/tile/0/": h})
		code, out, errs := l.asks("audit", url, "--state", state, "--bundle", lie)
		if name == "unreachable" {
			if code != exitUnreachable {
				t.Errorf("%s: exit %d\n%s%s", name, code, out, errs)
			}
			continue
		}
		if code != exitMisbehaved || len(accused(t, l.dir, "fork")) != 1 || len(accused(t, l.dir, "status")) != 1 {
			t.Errorf("%s: exit %d\n%s%s", name, code, out, errs)
		}
		for _, f := range append(accused(t, l.dir, "fork"), accused(t, l.dir, "status")...) {
			if code, out, errs := l.asks("verify", f); code != exitMisbehaved {
				t.Errorf("%s: %s gives %d\n%s%s", name, f, code, out, errs)
			}
		}
	}
}

// TestAnotherTreeForTheAuditor: what the operator holds, the auditor is given: a
// server that shows each of them a tree of its own is found out as soon as the
// auditor's is as long. A shorter one is only not published yet.
func TestAnotherTreeForTheAuditor(t *testing.T) {
	l := newLiar(t)
	bill := relay(t, 1)
	leaf := l.bom(vendorID, bill, nil)("vendor")
	trunk, fork := l.branch(4), l.branch(4)
	trunk.add(leaf)
	trunk.bans(vendorID, "vendor", product)
	fork.add(leaf)
	fork.grow()
	file := l.keep("bill.json", bill, fork.bundle(4, 2))
	if code, out, errs := l.asks("check", file); code != exitDone {
		t.Fatalf("the operator: exit %d\n%s%s", code, out, errs)
	}
	longer := trunk.branch(6)
	longer.add(longer.withdraws(vendorID, 4)("vendor"))
	for name, c := range map[string]struct {
		shown *liar
		want  int
		code  string
	}{
		"as long":               {trunk, 13, "AUDIT-LOG-FORK"},
		"longer":                {longer, 13, "AUDIT-LOG-FORK"},
		"shorter":               {trunk.branch(5), 0, "AUDIT-STATUS-UNREAD"},
		"the operator's own":    {fork, 0, `"findings":[]`},
		"before all of it":      {l.branch(4), 0, "AUDIT-STATUS-UNREAD"},
		"as long, and no tiles": {trunk, 13, "AUDIT-LOG-FORK"},
	} {
		state := filepath.Join(t.TempDir(), "memory.json")
		var instead map[string]http.HandlerFunc
		if strings.HasSuffix(name, "no tiles") {
			instead = map[string]http.HandlerFunc{"/tile/": http.NotFound}
		}
		code, out, errs := l.asks("audit", c.shown.serve(nil, instead), "--bundle", file+".yurai.json", "--state", state, "-f", "json")
		files := accused(t, filepath.Dir(state), "fork")
		if code != c.want || !strings.Contains(out, c.code) || (c.want == exitMisbehaved) != (len(files) == 1) {
			t.Errorf("%s: exit %d, evidence %q\n%s%s", name, code, files, out, errs)
		}
		for _, f := range files {
			if code, out, errs := l.asks("verify", f); code != exitMisbehaved {
				t.Errorf("%s: the evidence gives %d\n%s%s", name, code, out, errs)
			}
		}
	}
}

// TestUnsignedAbsence: that there is no entry is a server's word. The bundle at
// hand contradicts it, and so does a replay of the log; nothing else does.
func TestUnsignedAbsence(t *testing.T) {
	l := newLiar(t)
	bill := relay(t, 1)
	leaf := l.bom(vendorID, bill, nil)("vendor")
	l.add(leaf)
	url := l.serve(nil, l.finds())
	bare := l.keep("bare.json", bill, nil)
	if code, out, errs := l.asks("check", bare, "--server", url); code != exitAbsent || !strings.Contains(out, "LOG-ENTRY-ABSENT") {
		t.Errorf("without a bundle: exit %d\n%s%s", code, out, errs)
	}
	own := l.keep("own.json", bill, l.bundle(4, 2))
	if code, out, errs := l.asks("check", own, "--server", url); code != exitDone || !strings.Contains(errs, "leaves out entry 4") {
		t.Errorf("with one: exit %d\n%s%s", code, out, errs)
	}
	code, out, errs := l.asks("submit", bare, "--statement", l.file("sent.json", leaf), "--server", url, "--dry-run")
	if code != exitDone || !strings.Contains(out, "duplicate: entry 4") {
		t.Errorf("a replay: exit %d\n%s%s", code, out, errs)
	}
}

// TestLostMemory: who has lost the memory cannot tell an old checkpoint from a new
// one, and is told so; who has it can.
func TestLostMemory(t *testing.T) {
	l := newLiar(t)
	bill := relay(t, 1)
	l.add(l.bom(vendorID, bill, nil)("vendor"))
	old := l.branch(5).serve(map[int64][]int64{4: {2}}, nil)
	l.bans(vendorID, "vendor", product)
	now := l.serve(map[int64][]int64{4: {2, 5}}, nil)
	file := l.keep("bill.json", bill, nil)
	if code, out, errs := l.asks("check", file, "--server", now, "--state", memoryName(l.trust)); code != exitReject {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	if code, out, errs := l.asks("check", file, "--server", old); code != exitMisbehaved || !strings.Contains(out, "AUDIT-LOG-ROLLBACK") {
		t.Errorf("with the memory: exit %d\n%s%s", code, out, errs)
	}
	if code, out, errs := l.asks("check", file, "--server", old, "--state", filepath.Join(l.dir, "new.json")); code != exitDone || !strings.Contains(errs, "CLIENT-CONTACT-FIRST") {
		t.Errorf("without it: exit %d\n%s%s", code, out, errs)
	}
}

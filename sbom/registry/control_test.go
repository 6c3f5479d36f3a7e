package registry

import (
	"errors"
	"slices"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// story is a log that is told entry by entry. It begins with genesis, admission
// and the vendor x:a (threshold 2 of a1, a2, p256a), then x:b (3, a vendor, b1),
// x:g (4, a regulator, g1), x:h (5, a regulator, h1), x:l (6, a laboratory, l1).
type story struct {
	t testing.TB
	*History
	state *State // a guard that is asked the same
	next  int64
	told  []*Prepared
}

func newStory(t testing.TB) *story {
	y := &story{t: t, History: NewHistory(origin), state: New(origin)}
	for _, leaf := range foundation(t) {
		y.tell(mustPrepare(t, leaf), "")
	}
	for _, p := range []struct{ id, key, role string }{
		{"x:b", "b1", statement.RoleVendor},
		{"x:g", "g1", statement.RoleRegulator},
		{"x:h", "h1", statement.RoleRegulator},
		{"x:l", "l1", statement.RoleLaboratory},
	} {
		y.say("", with(partyBody(t, p.id, 1, p.key), func(b *statement.Party) { b.Roles = []string{p.role} }), "r1", "r2", p.key)
	}
	return y
}

// say proposes what somebody says, and replays it if it is admitted. It returns
// the index and what to name as prev.
func (y *story) say(code string, body any, by ...string) (int64, statement.Digest) {
	y.t.Helper()
	return y.tell(prepared(y.t, body, by...), code)
}

func (y *story) tell(p *Prepared, code string) (int64, statement.Digest) {
	y.t.Helper()
	at := y.next
	err := y.state.Propose(at, []any{p})[0]
	y.state.Drop()
	wantCode(y.t, err, code)
	equal(y.t, y.state, y.State())
	wantCode(y.t, y.state.Propose(at, []any{p})[0], code)
	y.state.Keep()
	// A leaf is opened under the keys that act, unless it is refused.
	if code == "" {
		if _, err := y.State().OpenLeaf(p.Leaf()); err != nil {
			y.t.Fatalf("entry %d: %v", at, err)
		}
	}
	wantCode(y.t, y.Apply(at, p), code)
	equal(y.t, y.state, y.State())
	if code == "" {
		y.next++
		y.told = append(y.told, p)
	}
	return at, p.LeafHash()
}

// is checks the standing of an entry now.
func (y *story) is(index int64, want Word) Standing {
	y.t.Helper()
	s, ok := y.Standing(index, y.next)
	if !ok || s.Word != want {
		y.t.Errorf("entry %d is %q at %d, want %q", index, s.Word, y.next, want)
	}
	return s
}

func (y *story) bomA(content string) any {
	return with(bomBody("x:a", content), func(b *statement.BOM) { b.SerialNumber = "" })
}

func (y *story) bomB(content string) any {
	return with(bomBody("x:b", content), func(b *statement.BOM) { b.SerialNumber = "" })
}

func TestRulesOfKeys(t *testing.T) {
	y := newStory(t)
	prev := y.State().Prev("x:a")
	rotate := func(threshold int, names ...string) statement.Keys {
		return keysBody(t, "x:a", prev, threshold, names...)
	}
	y.say("STATE-THRESHOLD-SHORT", rotate(1, "a1", "n1"), "a1", "n1")                   // old threshold
	y.say("STATE-POSSESSION-MISSING", rotate(3, "a1", "a2", "p256a", "n1"), "a1", "a2") // n1 has to sign whatever the threshold
	y.say("STATE-THRESHOLD-SHORT", rotate(3, "a1", "a2", "p256a"), "a1", "a2")          // new threshold
	y.say("STATE-POSSESSION-MISSING", rotate(1, "a1", "n1"), "a1", "a2")                // every new key
	y.say("STATE-KEY-STANDING", rotate(1, "n1"), "a1", "a2", "n1", "stranger")          // nobody else
	y.say("STATE-KEY-TAKEN", rotate(1, "b1"), "a1", "a2", "b1")                         // another party's
	y.say("STATE-KEY-TAKEN", rotate(1, "log"), "a1", "a2", "log")                       // an office's
	y.say("STATE-PREV-STALE", keysBody(t, "x:a", digest("x"), 1, "n1"), "a1", "a2", "n1")
	y.say("STATE-PARTY-UNKNOWN", keysBody(t, "x:nobody", digest("x"), 1, "n1"), "n1")
	at, second := y.say("", rotate(1, "n1", "p256a"), "a1", "a2", "n1") // p256a was there before and need not sign
	err := y.state.Check(prepared(t, rotate(1, "n2"), "n1", "n2"))
	var stale *StaleError
	if !errors.As(err, &stale) || stale.Index != at || stale.Leaf != second {
		t.Errorf("%v does not name entry %d", err, at)
	}
	y.say("STATE-KEY-STANDING", y.bomA("1"), "a1", "a2")
	y.say("", y.bomA("1"), "n1")
	y.say("STATE-KEY-TAKEN", partyBody(t, "x:c", 1, "a1"), "r1", "r2", "a1") // for ever

	// party and keys share the object, and the version is the party statements'.
	enrolled := with(partyBody(t, "x:a", 1, "n1"), func(p *statement.Party) { p.Version, p.Prev = 2, prev })
	y.say("STATE-PREV-STALE", enrolled, "r1", "r2", "n1")
	enrolled.Prev = second
	y.say("", enrolled, "r1", "r2", "n1")

	// The registrar and the log rotate too; their first has no prev.
	y.say("STATE-PREV-UNKNOWN", keysBody(t, "registrar", digest("x"), 1, "r4"), "r1", "r2", "r4")
	y.say("STATE-KEY-STANDING", keysBody(t, "log", statement.Digest{}, 1, "log2"), "r1", "r2", "log2")
	y.say("", keysBody(t, "registrar", statement.Digest{}, 1, "r4"), "r1", "r2", "r4")
	y.say("STATE-PREV-STALE", keysBody(t, "registrar", statement.Digest{}, 1, "r5"), "r4", "r5")
	y.say("STATE-KEY-STANDING", partyBody(t, "x:c", 1, "c1"), "r1", "r2", "c1")
	y.say("", partyBody(t, "x:c", 1, "c1"), "r4", "c1")
	y.say("", keysBody(t, "log", statement.Digest{}, 1, "log2"), "log", "log2")
	if set, _ := y.State().KeysAt(statement.Log, y.next); !set.Has(key(t, "log2").Key().ID()) || len(set.Keys) != 1 {
		t.Errorf("keys of the log: %+v", set)
	}
	admission, _ := y.State().AdmissionAt(y.next)
	y.say("", with(admissionBody(), func(a *statement.Admission) { a.Prev, a.Algorithms = admission.Leaf, []string{envelope.Ed25519} }), "r4")
	y.say("STATE-ALGORITHM-CLOSED", keysBody(t, "x:b", y.State().Prev("x:b"), 1, "p256b"), "b1", "p256b")
}

func TestRulesOfDelegates(t *testing.T) {
	y := newStory(t)
	product := func(name, content string) any {
		return with(bomBody("x:a", content), func(b *statement.BOM) {
			b.SerialNumber = ""
			if name != "" {
				b.Product = &statement.Product{Name: name}
			}
		})
	}
	y.say("STATE-KEY-STANDING", product("n", "1"), "d1")
	y.say("STATE-THRESHOLD-SHORT", delegateBody(t, "x:a", "d1", "n"), "a1")
	y.say("STATE-KEY-STANDING", delegateBody(t, "x:a", "d1", "n"), "a1", "a2", "d1")
	y.say("STATE-KEY-TAKEN", delegateBody(t, "x:a", "a1"), "a1", "a2")
	y.say("STATE-KEY-TAKEN", delegateBody(t, "x:a", "r1"), "a1", "a2")
	y.say("STATE-KEY-TAKEN", delegateBody(t, "x:a", "log"), "a1", "a2")
	y.say("STATE-PREV-UNKNOWN", with(delegateBody(t, "x:a", "d1"), func(d *statement.Delegate) { d.Prev = digest("x") }), "a1", "a2")
	_, first := y.say("", delegateBody(t, "x:a", "d1", "n"), "a1", "a2")
	y.say("", partyBody(t, "x:d", 1, "d1"), "r1", "r2", "d1") // to be a delegate takes the key from nobody
	y.say("", product("n", "1"), "d1")
	y.say("", product("n", "1"), "a1", "d1") // below the threshold, and a delegate
	y.say("", product("m", "1"), "a1", "a2")
	y.say("STATE-DELEGATE-SCOPE", product("m", "1"), "d1")
	y.say("STATE-DELEGATE-SCOPE", product("", "1"), "d1")
	y.say("STATE-DELEGATE-SCOPE", with(bomBody("x:a", "1"), func(b *statement.BOM) {
		b.Disclosure, b.Product = statement.DisclosureHeld, &statement.Product{Commit: digest("n")}
	}), "d1")
	y.say("STATE-DELEGATE-ENDED", with(bomBody("x:a", "1"), func(b *statement.BOM) {
		b.Made, b.Product = made.Add(1e9), &statement.Product{Name: "n"}
	}), "d1")
	y.say("STATE-KEY-STANDING", withdrawBody("x:a", 2), "d1") // boms and nothing else
	y.say("STATE-PREV-STALE", delegateBody(t, "x:a", "d1", "m"), "a1", "a2")
	y.say("", with(delegateBody(t, "x:a", "d1"), func(d *statement.Delegate) { d.Prev = first }), "a1", "a2")
	bom, _ := y.say("", product("", "2"), "d1")

	// A delegate revokes itself, from now on; an earlier index takes the party.
	y.say("STATE-THRESHOLD-SHORT", revokeBody(t, "x:a", "delegate", "x:a", "d1", bom), "d1")
	y.say("", revokeBody(t, "x:a", "delegate", "x:a", "d1", -1), "d1")
	y.is(bom, ValidThen)
	y.say("STATE-KEY-STANDING", product("", "3"), "d1")
	y.say("STATE-KEY-REVOKED", with(delegateBody(t, "x:a", "d1"), func(d *statement.Delegate) { d.Prev = y.State().DelegatePrev("x:a", d.Key.ID()) }), "a1", "a2")
	y.say("", revokeBody(t, "x:a", "delegate", "x:a", "d1", bom), "a1", "a2")
	y.is(bom, Void)
	y.say("STATE-TARGET-UNKNOWN", revokeBody(t, "x:a", "delegate", "x:a", "d2", -1), "a1", "a2")

	// A delegation that rests on a void key falls, and with it what the delegate signed.
	_, _ = y.say("", delegateBody(t, "x:b", "d3"), "b1")
	bom, _ = y.say("", y.bomB("1"), "d3")
	y.is(bom, Admitted)
	y.say("", revokeBody(t, "registrar", "key", "x:b", "b1", 4), "r1", "r2")
	y.is(bom, Void)
	y.say("STATE-KEY-STANDING", y.bomB("2"), "d3")
}

func TestRulesOfRevocation(t *testing.T) {
	y := newStory(t)
	before, _ := y.say("", y.bomA("1"), "a1", "a2")
	three, _ := y.say("", y.bomA("2"), "a1", "a2", "p256a")
	own, _ := y.say("", y.bomB("1"), "b1")
	y.say("STATE-INVALID-FROM", revokeBody(t, "x:a", "key", "x:a", "a1", y.next+1), "a1", "a2")
	y.say("STATE-TARGET-UNKNOWN", revokeBody(t, "x:a", "key", "x:a", "b1", -1), "a1", "a2")
	y.say("STATE-TARGET-UNKNOWN", revokeBody(t, "registrar", "party", "x:nobody", "", -1), "r1", "r2")
	y.say("STATE-THRESHOLD-SHORT", revokeBody(t, "x:a", "key", "x:a", "a2", -1), "a1")       // another of its own
	y.say("STATE-THRESHOLD-SHORT", revokeBody(t, "x:a", "party", "x:a", "", -1), "a1")       // itself whole
	y.say("STATE-THRESHOLD-SHORT", revokeBody(t, "x:a", "key", "x:a", "a1", before), "a1")   // back in time
	y.say("STATE-KEY-STANDING", revokeBody(t, "x:a", "key", "x:a", "a1", -1), "a1", "b1")    // a stranger beside
	y.say("STATE-KEY-STANDING", revokeBody(t, "registrar", "key", "x:a", "a1", -1), "a1")    // as the registrar
	y.say("STATE-THRESHOLD-SHORT", revokeBody(t, "registrar", "key", "x:a", "a1", -1), "r1") // half of it
	now, _ := y.say("", revokeBody(t, "x:a", "key", "x:a", "a1", -1), "a1")
	y.is(before, ValidThen)
	y.is(three, Admitted) // a2 and p256a carry it
	if s, _ := y.Standing(before, now); s.Word != Admitted {
		t.Errorf("before the revocation was known: %s", s.Word)
	}
	y.say("STATE-KEY-STANDING", y.bomA("3"), "a1", "a2")
	y.say("STATE-KEY-STANDING", revokeBody(t, "x:a", "key", "x:a", "a1", before), "a1", "a2") // revoked keys say nothing more
	y.say("STATE-KEY-REVOKED", keysBody(t, "x:a", y.State().Prev("x:a"), 1, "a1", "a2"), "a2", "p256a")

	// The earliest invalidFrom wins; saying it again changes nothing.
	y.say("", revokeBody(t, "x:a", "key", "x:a", "a1", before), "a2", "p256a")
	y.is(before, Void)
	y.is(three, Admitted)
	y.say("", revokeBody(t, "registrar", "key", "x:a", "a1", -1), "r1", "r2")
	y.is(before, Void)

	// What the registrar signed never falls with a party's key.
	y.say("", revokeBody(t, "registrar", "key", "x:b", "b1", 0), "r1", "r2")
	y.is(3, Admitted)
	y.is(own, Void)
	if _, ok := y.State().PartyAt("x:b", y.next); !ok {
		t.Error("the enrolment fell with the party's key")
	}
	// With new keys the party goes on; the revoked one does not come back.
	again := with(partyBody(t, "x:b", 1, "b1"), func(p *statement.Party) { p.Version, p.Prev = 2, y.State().Prev("x:b") })
	y.say("STATE-KEY-REVOKED", again, "r1", "r2", "b1")
	again.KeySet = keySet(t, 1, "b2")
	y.say("", again, "r1", "r2", "b2")
	fresh, _ := y.say("", y.bomB("2"), "b2")
	y.is(fresh, Admitted)

	// A whole party.
	y.say("", revokeBody(t, "x:b", "party", "x:b", "", -1), "b2")
	y.is(fresh, ValidThen)
	y.say("STATE-KEY-STANDING", y.bomB("3"), "b2")
	again.Version, again.Prev = 3, y.State().Prev("x:b")
	again.KeySet = keySet(t, 1, "b3")
	y.say("STATE-PARTY-REVOKED", again, "r1", "r2", "b3")
}

// TestThief: a thief who rotates in a loop does not outrun a revocation that was
// signed offline, and everything that rests on the stolen key falls with it.
func TestThief(t *testing.T) {
	y := newStory(t)
	honest, _ := y.say("", y.bomB("honest"), "b1")
	stolen := y.next
	first, prev := y.say("", keysBody(t, "x:b", y.State().Prev("x:b"), 1, "t1"), "b1", "t1")
	_, prev = y.say("", keysBody(t, "x:b", prev, 1, "t2"), "t1", "t2")
	y.say("", keysBody(t, "x:b", prev, 1, "t3"), "t2", "t3")
	forged, _ := y.say("", y.bomB("forged"), "t3")
	theft, _ := y.say("", withdrawBody("x:b", honest), "t3")
	y.is(honest, Withdrawn)
	late := y.next
	y.say("", revokeBody(t, "x:b", "key", "x:b", "b1", stolen), "b1")
	for _, i := range []int64{first, first + 1, first + 2, forged, theft} {
		y.is(i, Void)
	}
	y.is(honest, ValidThen)
	if s, _ := y.Standing(honest, late); s.Word != Withdrawn {
		t.Errorf("what was known before is rewritten: %s", s.Word)
	}
	y.say("STATE-KEY-STANDING", y.bomB("forged again"), "t3")
	if set, ok := y.State().KeysAt("x:b", y.next); ok {
		t.Errorf("keys %+v", set)
	}
	// The object's last statement is the void one: what is sequenced stays.
	again := with(partyBody(t, "x:b", 1, "b2"), func(p *statement.Party) { p.Version, p.Prev = 2, y.State().Prev("x:b") })
	y.say("", again, "r1", "r2", "b2")
	y.say("", y.bomB("honest again"), "b2")
}

// TestRegistrarsThief: what a stolen registrar's key signed falls, and the
// parties that it enrolled with it.
func TestRegistrarsThief(t *testing.T) {
	y := newStory(t)
	stolen := y.next
	y.say("", partyBody(t, "x:evil", 1, "e1"), "r1", "r2", "e1")
	bom, _ := y.say("", with(bomBody("x:evil", "1"), func(*statement.BOM) {}), "e1")
	suspend, _ := y.say("", suspendBody("registrar", "x:a", statement.Digest{}, false), "r1", "r2")
	if got := y.Suspended("x:a", y.next); len(got) != 1 || got[0] != suspend {
		t.Errorf("suspended by %v", got)
	}
	y.say("STATE-THRESHOLD-SHORT", revokeBody(t, "registrar", "key", "registrar", "r1", stolen), "r3")
	y.say("", revokeBody(t, "registrar", "key", "registrar", "r1", stolen), "r2", "r3")
	y.is(bom, Void)
	y.is(stolen, Void)
	if got := y.Suspended("x:a", y.next); len(got) != 0 {
		t.Errorf("suspended by %v", got)
	}
	y.say("STATE-PARTY-UNKNOWN", with(bomBody("x:evil", "2"), func(*statement.BOM) {}), "e1")
	y.say("STATE-KEY-STANDING", partyBody(t, "x:c", 1, "c1"), "r1", "r2", "c1")
	y.say("", partyBody(t, "x:c", 1, "c1"), "r2", "r3", "c1")
}

func TestRulesOfSuspension(t *testing.T) {
	y := newStory(t)
	suspended := func(want int) {
		t.Helper()
		if got := y.Suspended("x:a", y.next); len(got) != want {
			t.Errorf("suspended by %v", got)
		}
	}
	none := statement.Digest{}
	y.say("STATE-ROLE-MISSING", suspendBody("x:b", "x:a", none, false), "b1")
	y.say("STATE-PARTY-UNKNOWN", suspendBody("x:g", "x:nobody", none, false), "g1")
	y.say("STATE-KEY-STANDING", suspendBody("x:g", "x:a", none, false), "h1")
	y.say("STATE-PREV-UNKNOWN", suspendBody("x:g", "x:a", digest("x"), false), "g1")
	_, prev := y.say("", suspendBody("x:g", "x:a", none, false), "g1")
	suspended(1)
	y.say("", y.bomA("1"), "a1", "a2") // it is admitted, and held
	y.say("STATE-PREV-STALE", suspendBody("registrar", "x:a", none, false), "r1", "r2")
	y.say("STATE-SUSPENSION-NONE", suspendBody("x:h", "x:a", prev, true), "h1") // another's
	_, prev = y.say("", suspendBody("x:h", "x:a", prev, false), "h1")
	suspended(2)
	_, prev = y.say("", suspendBody("x:h", "x:a", prev, true), "h1") // its own alone
	suspended(1)
	_, prev = y.say("", suspendBody("registrar", "x:a", prev, true), "r1", "r2")
	suspended(0)
	y.say("STATE-SUSPENSION-NONE", suspendBody("registrar", "x:a", prev, true), "r1", "r2")
	// A lift that falls lifts nothing.
	again, prev := y.say("", suspendBody("x:g", "x:a", prev, false), "g1")
	y.say("", suspendBody("x:g", "x:a", prev, true), "g1")
	suspended(0)
	y.say("", revokeBody(t, "registrar", "key", "x:g", "g1", again+1), "r1", "r2")
	suspended(1)
}

func TestRulesOfWithdrawal(t *testing.T) {
	y := newStory(t)
	bom, _ := y.say("", y.bomA("1"), "a1", "a2")
	y.say("STATE-POSITION-INDEX", withdrawBody("x:a", y.next), "a1", "a2")
	y.say("STATE-POSITION-LOG", with(withdrawBody("x:a", 0), func(w *statement.Withdraw) { w.Position.Log = "ledger.example/other" }), "a1", "a2")
	y.say("STATE-THRESHOLD-SHORT", withdrawBody("x:a", bom), "a1")
	y.say("", withdrawBody("x:b", bom), "b1") // without the right: idle
	y.say("", withdrawBody("x:b", 3), "b1")   // no bom: idle
	y.is(bom, Admitted)
	y.is(3, Admitted)
	var idle int
	for _, n := range y.Notes() {
		if n.Code == "STATE-WITHDRAW-IDLE" {
			idle++
		}
	}
	if idle != 2 {
		t.Errorf("notes %+v", y.Notes())
	}
	at, _ := y.say("", withdrawBody("x:a", bom), "a1", "a2")
	if s := y.is(bom, Withdrawn); len(s.Withdrawals) != 1 || s.Withdrawals[0] != at {
		t.Errorf("%+v", s)
	}
	other, _ := y.say("", y.bomB("2"), "b1")
	y.say("", withdrawBody("registrar", other), "r1", "r3")
	y.is(other, Withdrawn)
	found, _ := y.say("", attestationBody("x:l"), "l1")
	y.say("", withdrawBody("x:l", found), "l1")
	y.is(found, Withdrawn)
}

// TestEquivocationEnds: when one of two is void or withdrawn, the other passes
// and both are named.
func TestEquivocationEnds(t *testing.T) {
	for name, end := range map[string]func(y *story, second int64){
		"withdrawn": func(y *story, second int64) { y.say("", withdrawBody("x:b", second), "b1") },
		"void":      func(y *story, second int64) { y.say("", revokeBody(t, "x:b", "key", "x:b", "b1", second), "b1") },
	} {
		t.Run(name, func(t *testing.T) {
			y := newStory(t)
			first, _ := y.say("", bomBody("x:b", "1"), "b1")
			second, _ := y.say("", bomBody("x:b", "2"), "b1")
			y.is(first, Equivocal)
			y.is(second, Equivocal)
			end(y, second)
			s, _ := y.Standing(first, y.next)
			if s.Word == Equivocal || len(s.Equivocal) != 0 || len(s.Settled) != 1 || s.Settled[0] != second {
				t.Errorf("%+v", s)
			}
		})
	}
}

// TestVoidCorrection: what a void entry supersedes stands; what a withdrawn one
// supersedes does not come back.
func TestVoidCorrection(t *testing.T) {
	y := newStory(t)
	first, _ := y.say("", y.bomB("1"), "b1")
	correct := func(content string) any {
		return with(bomBody("x:b", content), func(b *statement.BOM) {
			b.SerialNumber = ""
			b.Supersedes = &statement.Supersedes{Position: statement.Position{Log: origin, Index: first}, Reason: statement.ReasonCorrection}
		})
	}
	second, _ := y.say("", correct("2"), "b1")
	y.say("", withdrawBody("x:b", second), "b1")
	y.is(first, Superseded)
	y.say("", revokeBody(t, "x:b", "key", "x:b", "b1", second), "b1")
	y.is(first, ValidThen)
}

func TestRulesOfAdvisories(t *testing.T) {
	y := newStory(t)
	b := with(bomBody("x:a", "1"), func(*statement.BOM) {})
	warned := func(size int64) (list []int64) {
		for _, a := range y.Advisories(&b, size) {
			list = append(list, a.Index)
		}
		return list
	}
	about := statement.Selector{Party: "x:a"}
	y.say("STATE-ROLE-MISSING", advisoryBody("x:l", about), "l1")
	y.say("STATE-KEY-STANDING", advisoryBody("x:g", about), "h1")
	y.say("STATE-PARTY-UNKNOWN", advisoryBody("x:nobody", about), "h1")
	ban, leaf := y.say("", advisoryBody("x:g", about), "g1")
	rival, _ := y.say("", advisoryBody("x:b", about), "b1")
	own, last := y.say("", advisoryBody("x:a", statement.Selector{Part: &statement.Part{Part: "p"}}), "a1", "a2")
	if got := warned(y.next); len(got) != 2 || got[0] != ban || got[1] != own {
		t.Errorf("warned by %v", got)
	}
	if list, issuers := y.State().Warnings(&b, y.next); len(list) != 2 || len(issuers) != 2 || issuers[0] != "x:a" || issuers[1] != "x:g" {
		t.Errorf("warned by %v of %v", list, issuers)
	}
	if got := y.State().Advisories(y.next); got != (statement.Advisories{Count: 3, Last: last}) {
		t.Errorf("%+v", got)
	}
	if got := y.State().Advisories(rival); got != (statement.Advisories{Count: 1, Last: leaf}) {
		t.Errorf("%+v", got)
	}
	y.say("", withdrawBody("x:g", ban), "g1")
	if got := warned(y.next); len(got) != 1 || got[0] != own {
		t.Errorf("warned by %v", got)
	}
	again, _ := y.say("", with(advisoryBody("x:g", about), func(a *statement.Advisory) { a.Text = "again" }), "g1")
	if len(warned(y.next)) != 2 {
		t.Errorf("warned by %v", warned(y.next))
	}
	y.say("", revokeBody(t, "x:g", "key", "x:g", "g1", again), "g1")
	if len(warned(y.next)) != 1 || len(warned(y.next-1)) != 2 {
		t.Errorf("warned by %v, before by %v", warned(y.next), warned(y.next-1))
	}
}

func TestRulesOfLists(t *testing.T) {
	y := newStory(t)
	y.say("STATE-PREV-UNKNOWN", listBody("x:g", "l", 2, digest("x")), "g1")
	_, prev := y.say("", listBody("x:g", "l", 1, statement.Digest{}), "g1")
	y.say("", listBody("x:h", "l", 1, statement.Digest{}), "h1") // another's of the same name
	y.say("", listBody("registrar", "l", 1, statement.Digest{}), "r1", "r2")
	y.say("STATE-PREV-STALE", with(listBody("x:g", "l", 1, statement.Digest{}), func(l *statement.List) { l.Size = 2 }), "g1")
	y.say("STATE-LIST-VERSION", listBody("x:g", "l", 3, prev), "g1")
	y.say("STATE-KEY-STANDING", listBody("x:g", "l", 2, prev), "h1")
	y.say("", listBody("x:g", "l", 2, prev), "g1")
	if got := y.State().Versions(y.told[y.next-1].Statement(), y.next); len(got) != 2 {
		t.Errorf("entries %v", got)
	}
}

func TestRulesOfAttestations(t *testing.T) {
	y := newStory(t)
	y.say("STATE-ROLE-MISSING", attestationBody("x:b"), "b1")
	y.say("STATE-THRESHOLD-SHORT", attestationBody("registrar"), "r1")
	y.say("", attestationBody("registrar"), "r1", "r2")
	y.say("", with(attestationBody("x:l"), func(a *statement.Attestation) { a.Log = "" }), "l1") // for any log
	y.say("STATE-LOG-OTHER", with(attestationBody("x:l"), func(a *statement.Attestation) { a.Log = "ledger.example/other" }), "l1")
}

// TestKindsClosed: each kind is taken only if the admission names it.
func TestKindsClosed(t *testing.T) {
	y := newStory(t)
	admission, _ := y.State().AdmissionAt(y.next)
	y.say("", with(admissionBody(), func(a *statement.Admission) { a.Prev, a.Kinds = admission.Leaf, []statement.Kind{statement.KindBOM} }), "r1", "r2")
	none := statement.Digest{}
	for _, c := range []struct {
		body any
		by   []string
	}{
		{keysBody(t, "x:b", digest("x"), 1, "b2"), []string{"b1", "b2"}},
		{delegateBody(t, "x:b", "d1"), []string{"b1"}},
		{revokeBody(t, "x:b", "key", "x:b", "b1", -1), []string{"b1"}},
		{suspendBody("x:g", "x:a", none, false), []string{"g1"}},
		{withdrawBody("x:b", 0), []string{"b1"}},
		{advisoryBody("x:g", statement.Selector{Party: "x:a"}), []string{"g1"}},
		{listBody("x:g", "l", 1, none), []string{"g1"}},
		{attestationBody("x:l"), []string{"l1"}},
		{policyBody("x:g", "p", 1, none), []string{"g1"}},
		{verdictBody("x:g"), []string{"g1"}},
		{decisionBody("x:g", statement.DecideReturn), []string{"g1"}},
		{profileBody("x:g", none), []string{"g1"}},
	} {
		y.say("STATE-KIND-CLOSED", c.body, c.by...)
	}
}

// TestFoundation: everything that a bundle's history holds, and no more.
func TestFoundation(t *testing.T) {
	y := newStory(t)
	want := []int64{0, 1, 2}
	keep := func(at int64, _ statement.Digest) { want = append(want, at) }
	keep(y.say("", keysBody(t, "log", statement.Digest{}, 1, "log2"), "log", "log2"))
	keep(y.say("", revokeBody(t, "registrar", "key", "registrar", "r3", -1), "r1", "r2"))
	keep(y.say("", delegateBody(t, "x:a", "d1"), "a1", "a2"))
	y.say("", keysBody(t, "x:b", y.State().Prev("x:b"), 1, "b2"), "b1", "b2")
	y.say("", delegateBody(t, "x:b", "d1"), "b2")
	keep(y.say("", keysBody(t, "x:g", y.State().Prev("x:g"), 1, "g2"), "g1", "g2"))
	keep(y.say("", suspendBody("x:g", "x:a", statement.Digest{}, false), "g2"))
	y.say("", suspendBody("x:h", "x:g", statement.Digest{}, false), "h1")
	keep(y.say("", revokeBody(t, "registrar", "key", "x:a", "a1", -1), "r1", "r2"))
	y.say("", y.bomA("1"), "a2", "p256a")
	want = append(want, 4) // the regulator's enrolment
	got := y.State().Foundation("x:a", y.next)
	if len(got) != len(want) {
		t.Fatalf("foundation %v, want %v", got, want)
	}
	for _, i := range want {
		if !slices.Contains(got, i) {
			t.Errorf("foundation %v, want %v", got, want)
		}
	}
	// A replay of nothing else gives the same.
	sparse := NewHistory(origin)
	for _, i := range got {
		if err := sparse.Apply(i, y.told[i]); err != nil {
			t.Fatalf("entry %d: %v", i, err)
		}
	}
	if a, b := y.State().Foundation("x:a", y.next), sparse.State().Foundation("x:a", y.next); len(a) != len(b) {
		t.Errorf("%v and %v", a, b)
	}
}

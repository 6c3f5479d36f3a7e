package registry

import (
	"slices"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// again is the next version of a party with these keys.
func (y *story) again(id string, version int64, names ...string) statement.Party {
	return with(partyBody(y.t, id, 1, names...), func(p *statement.Party) { p.Version, p.Prev = version, y.State().Prev(id) })
}

// TestFallenKeysTakeNothingAway: a key set that fell gives no say in what is
// revoked. Else a thief whose rotation was undone would revoke each key that the
// registrar enrols afterwards.
func TestFallenKeysTakeNothingAway(t *testing.T) {
	y := newStory(t)
	stolen := y.next
	_, prev := y.say("", keysBody(t, "x:b", y.State().Prev("x:b"), 1, "t1"), "b1", "t1")
	y.say("", keysBody(t, "x:b", prev, 1, "t1", "t2"), "t1", "t2")
	y.say("", revokeBody(t, "registrar", "key", "x:b", "b1", stolen), "r1", "r2")
	y.say("", y.again("x:b", 2, "f1"), "r1", "r2", "f1")
	bom, _ := y.say("", y.bomB("honest"), "f1")

	y.say("STATE-THRESHOLD-SHORT", revokeBody(t, "x:b", "key", "x:b", "f1", 0), "t1")
	y.say("STATE-THRESHOLD-SHORT", revokeBody(t, "x:b", "key", "x:b", "f1", -1), "t1", "t2")
	y.say("STATE-THRESHOLD-SHORT", revokeBody(t, "x:b", "party", "x:b", "", -1), "t2")
	y.is(bom, Admitted)
	y.say("", revokeBody(t, "x:b", "key", "x:b", "t1", -1), "t1") // itself, which harms nobody
	y.say("", y.bomB("honest again"), "f1")
	// A key set that stands still may, rotated away or not.
	y.say("", keysBody(t, "x:b", y.State().Prev("x:b"), 1, "f2"), "f1", "f2")
	y.say("", revokeBody(t, "x:b", "key", "x:b", "f2", bom+1), "f1")
}

// TestRevokedKeyIsNoDelegate: a key that its party revoked does not sign on by a
// delegation that it had before it was the party's own.
func TestRevokedKeyIsNoDelegate(t *testing.T) {
	y := newStory(t)
	y.say("", delegateBody(t, "x:b", "d1"), "b1")
	before, _ := y.say("", y.bomB("1"), "d1")
	y.say("", keysBody(t, "x:b", y.State().Prev("x:b"), 1, "b1", "d1"), "b1", "d1")
	stolen, _ := y.say("", y.bomB("2"), "d1")
	y.say("", revokeBody(t, "x:b", "key", "x:b", "d1", stolen), "b1")
	y.is(before, ValidThen)
	y.is(stolen, Void)
	y.say("STATE-KEY-STANDING", y.bomB("3"), "d1")
	if _, err := y.State().Open(sign(t, y.bomB("3"), "d1")); codeOf(err) != "ENVELOPE-KEY-UNKNOWN" {
		t.Errorf("the intake takes a revoked key: %v", err)
	}
	// The other way round the party has said that the key is its own since.
	y.say("", delegateBody(t, "x:b", "d2"), "b1")
	y.say("", keysBody(t, "x:b", y.State().Prev("x:b"), 1, "b1", "d2"), "b1", "d2")
	y.say("", revokeBody(t, "x:b", "delegate", "x:b", "d2", -1), "b1")
	y.say("", y.bomB("4"), "d2")
}

// TestFallenEnrolmentGivesNothing: what a stolen registrar's key let a party do
// beyond what it may falls with that key, although the party's own key stands.
func TestFallenEnrolmentGivesNothing(t *testing.T) {
	y := newStory(t)
	forMaker := func(content, maker string) statement.BOM {
		return with(bomBody("x:b", content), func(b *statement.BOM) {
			b.SerialNumber, b.Product = "", &statement.Product{Name: "n", Maker: maker}
		})
	}
	y.say("STATE-SPEAKS-FOR", forMaker("1", "x:a"), "b1")
	stolen := y.next
	y.say("", with(y.again("x:b", 2, "b1"), func(p *statement.Party) {
		p.SpeaksFor = []string{"x:a", "x:b"}
		p.Roles = []string{statement.RoleAuditor, statement.RoleOperator, statement.RoleRegulator, statement.RoleVendor}
	}), "r1", "r2", "b1")
	forged, _ := y.say("", forMaker("1", "x:a"), "b1")
	own, _ := y.say("", forMaker("2", "x:b"), "b1")
	suspension, _ := y.say("", suspendBody("x:b", "x:a", statement.Digest{}, false), "b1")
	attestation, _ := y.say("", attestationBody("x:b"), "b1")
	verdict, _ := y.say("", verdictBody("x:b"), "b1")
	decision, _ := y.say("", decisionBody("x:b", statement.DecideInstall), "b1")
	advisory, _ := y.say("", advisoryBody("x:b", statement.Selector{Party: "x:a"}), "b1")
	if got := y.Suspended("x:a", y.next); !slices.Equal(got, []int64{suspension}) {
		t.Errorf("suspended by %v", got)
	}
	// The vendor's laboratory is enrolled as a vendor too, and would be none.
	y.say("", with(y.again("x:l", 2, "l1"), func(p *statement.Party) { p.Roles = []string{statement.RoleVendor} }), "r1", "r2", "l1")
	asVendor, _ := y.say("", with(bomBody("x:l", "3"), func(b *statement.BOM) { b.SerialNumber = "" }), "l1")
	y.is(asVendor, Admitted)

	y.say("", revokeBody(t, "registrar", "key", "registrar", "r1", stolen), "r2", "r3")
	y.is(forged, Void)
	y.is(asVendor, Void)
	y.is(attestation, Void)
	y.is(verdict, Void)
	y.is(decision, Void)
	y.is(suspension, Void)
	y.is(own, Admitted)
	y.is(advisory, Admitted) // a vendor's: of its own products
	if got := y.Suspended("x:a", y.next); len(got) != 0 {
		t.Errorf("suspended by %v", got)
	}
	for _, a := range y.Advisories(&statement.BOM{Head: headOf("x:a")}, y.next) {
		t.Errorf("entry %d warns of the rival's products", a.Index)
	}
	// The server names it all the same: which role its issuer had is for readers.
	if got, _ := y.State().Warnings(&statement.BOM{Head: headOf("x:a")}, y.next); !slices.Equal(got, []int64{advisory}) {
		t.Errorf("warnings %v", got)
	}
	y.say("STATE-SPEAKS-FOR", forMaker("4", "x:a"), "b1")
}

// TestWarningsDoNotShrink: which advisories a status names depends on what was
// said before each, and on nothing that was taken back: else an honest log could
// be accused by whoever shows a part of it.
func TestWarningsDoNotShrink(t *testing.T) {
	y := newStory(t)
	roles := func(version int64, roles ...string) statement.Party {
		return with(y.again("x:b", version, "b1"), func(p *statement.Party) { p.Roles = roles })
	}
	y.say("", roles(2, statement.RoleCSIRT, statement.RoleVendor), "r1", "r2", "b1")
	y.say("", roles(3, statement.RoleVendor), "r1", "r2", "b1")
	advisory, _ := y.say("", advisoryBody("x:b", statement.Selector{Party: "x:a"}), "b1")
	about := &statement.BOM{Head: headOf("x:a")}
	if got, issuers := y.State().Warnings(about, y.next); !slices.Equal(got, []int64{advisory}) || !slices.Equal(issuers, []string{"x:b"}) {
		t.Errorf("warnings %v of %v", got, issuers)
	}
	if got := y.Advisories(about, y.next); len(got) != 0 {
		t.Errorf("advisories %v", got)
	}
}

// TestManyDelegates: the keys that act for a party with many delegations are
// each asked for once, the newest delegation first.
func TestManyDelegates(t *testing.T) {
	y := newStory(t)
	prev := statement.Digest{}
	for _, product := range []string{"n", "m", "l"} {
		d := delegateBody(t, "x:b", "d1", product)
		d.Prev = prev
		_, prev = y.say("", d, "b1")
	}
	y.say("", delegateBody(t, "x:b", "d2"), "b1")
	y.say("", delegateBody(t, "x:b", "d3"), "b1")
	y.say("", revokeBody(t, "x:b", "delegate", "x:b", "d3", -1), "b1")
	st, err := statement.Parse(payload(t, bomBody("x:b", "1")))
	if err != nil {
		t.Fatal(err)
	}
	acting, err := y.State().Acting(st)
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, k := range acting {
		got = append(got, k.ID())
	}
	for _, k := range []envelope.Key{key(t, "b1").Key(), key(t, "d1").Key(), key(t, "d2").Key()} {
		want = append(want, k.ID())
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("acting %v, want %v", got, want)
	}
}

// TestVoidLift: a suspension that the thief of a key lifted is in force again once
// that key is revoked, and can be lifted then, by who may.
func TestVoidLift(t *testing.T) {
	y := newStory(t)
	_, prev := y.say("", suspendBody("x:g", "x:a", statement.Digest{}, false), "g1")
	stolen, prev := y.say("", suspendBody("registrar", "x:a", prev, true), "r1", "r2")
	y.say("STATE-SUSPENSION-NONE", suspendBody("x:g", "x:a", prev, true), "g1")
	y.say("", revokeBody(t, "registrar", "key", "registrar", "r1", stolen), "r2", "r3")
	if got := y.Suspended("x:a", y.next); len(got) != 1 {
		t.Errorf("suspended by %v", got)
	}
	y.say("STATE-SUSPENSION-NONE", suspendBody("x:h", "x:a", prev, true), "h1")
	_, prev = y.say("", suspendBody("x:g", "x:a", prev, true), "g1")
	if got := y.Suspended("x:a", y.next); len(got) != 0 {
		t.Errorf("suspended by %v", got)
	}
	// What is void cannot be lifted: it is not in force.
	stolen, prev = y.say("", suspendBody("x:g", "x:a", prev, false), "g1")
	y.say("", revokeBody(t, "registrar", "key", "x:g", "g1", stolen), "r2", "r3")
	y.say("STATE-SUSPENSION-NONE", suspendBody("registrar", "x:a", prev, true), "r2", "r3")
}

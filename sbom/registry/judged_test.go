package registry

import (
	"slices"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/statement"
)

// newJudgedStory is a story with the operator x:o, whose threshold is one of
// three keys, and x:p, another operator.
func newJudgedStory(t testing.TB) *story {
	y := newStory(t)
	operator := func(p *statement.Party) { p.Roles = []string{statement.RoleOperator} }
	y.say("", with(partyBody(t, "x:o", 1, "o1", "o2", "o3"), operator), "r1", "r2", "o1", "o2", "o3")
	y.say("", with(partyBody(t, "x:p", 1, "p1"), operator), "r1", "r2", "p1")
	return y
}

func TestRulesOfPolicies(t *testing.T) {
	y := newJudgedStory(t)
	none := statement.Digest{}
	y.say("STATE-PREV-UNKNOWN", policyBody("x:o", "p", 2, digest("x")), "o1")
	first, prev := y.say("", policyBody("x:o", "p", 4, none), "o1") // the number is the policy's own
	y.say("", policyBody("x:o", "p", 4, none), "o1")                // idle
	y.say("", policyBody("x:o", "q", 1, none), "o1")                // another policy
	y.say("", policyBody("x:p", "p", 1, none), "p1")                // another's of the same name
	y.say("", policyBody("x:g", "p", 1, none), "g1")                // of a regulator
	y.say("", policyBody("x:b", "p", 1, none), "b1")                // of a vendor
	y.say("", policyBody("registrar", "p", 1, none), "r1", "r2")
	y.say("", listBody("x:o", "p", 1, none), "o1") // a list of the name is another object
	y.say("STATE-THRESHOLD-SHORT", policyBody("registrar", "q", 1, none), "r1")
	y.say("STATE-PARTY-UNKNOWN", policyBody("x:z", "p", 1, none), "o1")
	y.say("STATE-KEY-STANDING", policyBody("x:o", "p", 5, prev), "p1") // another party's policy
	y.say("STATE-KEY-STANDING", policyBody("x:o", "p", 5, prev), "o1", "p1")
	y.say("STATE-PREV-STALE", policyBody("x:o", "p", 5, none), "o1")
	y.say("STATE-PREV-STALE", with(policyBody("x:o", "p", 4, none), func(p *statement.Policy) { p.Size = 2 }), "o1")
	y.say("STATE-POLICY-VERSION", policyBody("x:o", "p", 3, prev), "o1") // it goes back
	y.say("STATE-POLICY-VERSION", with(policyBody("x:o", "p", 4, prev), func(p *statement.Policy) { p.Size = 2 }), "o1")
	y.say("STATE-LOG-OTHER", with(policyBody("x:o", "p", 5, prev), func(p *statement.Policy) { p.Log = "ledger.example/other" }), "o1")
	later, again := y.say("", policyBody("x:o", "p", 9, prev), "o2")
	y.say("STATE-PREV-STALE", policyBody("x:o", "p", 10, prev), "o1")
	if leaf, number := y.State().PolicyPrev("x:o", "p"); leaf != again || number != 9 {
		t.Errorf("the last is version %d, %s", number, leaf)
	}
	if got := y.State().Versions(y.told[later].Statement(), y.next); !slices.Equal(got, []int64{first, later}) {
		t.Errorf("versions %v", got)
	}
	if got := y.State().Versions(y.told[2].Statement(), y.next); got != nil {
		t.Errorf("versions of a party: %v", got)
	}
	y.say("", withdrawBody("x:o", later), "o1") // nobody can: idle
	if s := y.is(later, Admitted); s.Withdrawals != nil {
		t.Errorf("%+v", s)
	}
	y.say("", revokeBody(t, "x:o", "key", "x:o", "o2", -1), "o2")
	y.is(later, ValidThen)
}

func TestRulesOfVerdicts(t *testing.T) {
	y := newJudgedStory(t)
	at, _ := y.say("", verdictBody("x:o"), "o1")
	y.say("", verdictBody("x:o"), "o2") // others signed it: not the same
	y.say("STATE-ROLE-MISSING", verdictBody("x:b"), "b1")
	y.say("STATE-ROLE-MISSING", verdictBody("x:g"), "g1")
	y.say("STATE-PARTY-UNKNOWN", verdictBody("x:z"), "o1")
	y.say("STATE-KEY-STANDING", verdictBody("x:o"), "p1")
	y.say("STATE-LOG-OTHER", with(verdictBody("x:o"), func(v *statement.Verdict) { v.Log = "ledger.example/other" }), "o1")
	y.say("", withdrawBody("x:o", at), "o1")
	y.is(at, Admitted)
}

func TestRulesOfDecisions(t *testing.T) {
	y := newJudgedStory(t)
	verdict, _ := y.say("", verdictBody("x:o"), "o1")
	on := func(d statement.Decision, log string, index int64) statement.Decision {
		d.Position = &statement.Position{Log: log, Index: index}
		return d
	}
	install, waive := decisionBody("x:o", statement.DecideInstall), decisionBody("x:o", statement.DecideWaive)
	y.say("", install, "o1")
	y.say("", decisionBody("x:o", statement.DecideReturn), "o3")
	y.say("STATE-WAIVER-SINGLE", waive, "o1")
	y.say("STATE-KEY-STANDING", waive, "o1", "p1")
	y.say("STATE-KEY-STANDING", waive, "o1", "stranger")
	y.say("STATE-WAIVER-SINGLE", decisionBody("x:p", statement.DecideWaive), "p1")
	both, _ := y.say("", on(waive, origin, verdict), "o1", "o2")
	y.say("STATE-ROLE-MISSING", decisionBody("x:b", statement.DecideInstall), "b1")
	y.say("STATE-ROLE-MISSING", decisionBody("x:g", statement.DecideInstall), "g1")
	y.say("STATE-KEY-STANDING", install, "b1")
	y.say("STATE-POSITION-LOG", on(install, "ledger.example/other", verdict), "o1")
	y.say("STATE-POSITION-INDEX", on(install, origin, y.next), "o1")
	y.say("", on(install, origin, 0), "o1") // what is there, the guard does not look at
	y.is(both, Admitted)
	// The threshold is one, but a waiver rests on two.
	y.say("", revokeBody(t, "x:o", "key", "x:o", "o3", 0), "o1")
	y.is(both, Admitted)
	y.say("", revokeBody(t, "x:o", "key", "x:o", "o2", -1), "o2")
	if s := y.is(both, ValidThen); !s.Then {
		t.Errorf("%+v", s)
	}
	y.say("", revokeBody(t, "x:o", "key", "x:o", "o2", both), "o1")
	y.is(both, Void)
	y.say("STATE-KEY-STANDING", waive, "o1", "o2")
}

func TestRulesOfProfiles(t *testing.T) {
	y := newJudgedStory(t)
	none := statement.Digest{}
	y.say("STATE-PREV-UNKNOWN", profileBody("x:b", digest("x")), "b1")
	first, prev := y.say("", profileBody("x:b", none), "b1")
	y.say("", profileBody("x:b", none), "b1") // idle
	y.say("", profileBody("x:o", none), "o1") // another's
	y.say("STATE-KEY-STANDING", profileBody("x:b", prev), "o1")
	y.say("STATE-PARTY-UNKNOWN", profileBody("x:z", none), "b1")
	y.say("STATE-PREV-STALE", with(profileBody("x:b", none), func(p *statement.Profile) { p.AsOf = "2026-10-02" }), "b1")
	y.say("STATE-LOG-OTHER", with(profileBody("x:b", prev), func(p *statement.Profile) { p.Log = "ledger.example/other" }), "b1")
	second, leaf := y.say("", profileBody("x:b", prev), "b1")
	if got := y.State().ProfilePrev("x:b"); got != leaf {
		t.Errorf("prev is %s", got)
	}
	if got := y.State().Versions(y.told[second].Statement(), y.next); !slices.Equal(got, []int64{first, second}) {
		t.Errorf("versions %v", got)
	}
}

// TestObjectNames: a party's id may look like another's id and the name of its
// policy.
func TestObjectNames(t *testing.T) {
	y := newStory(t)
	for id, k := range map[string]string{"x:q": "k1", "x:q/p": "k2"} {
		y.say("", partyBody(t, id, 1, k), "r1", "r2", k)
	}
	none := statement.Digest{}
	y.say("", policyBody("x:q", "p", 1, none), "k1")
	y.say("", profileBody("x:q/p", none), "k2")
	y.say("", policyBody("x:q/p", "p", 1, none), "k2")
	y.say("", profileBody("x:q", none), "k1")
}

// TestJudgedSnapshot: policies and profiles are in a snapshot, verdicts and
// decisions are not.
func TestJudgedSnapshot(t *testing.T) {
	y := newJudgedStory(t)
	before := len(y.State().Snapshot()())
	for range 3 {
		y.say("", with(verdictBody("x:o"), func(v *statement.Verdict) { v.Note = string(rune('a' + y.next)) }), "o1")
		y.say("", with(decisionBody("x:o", statement.DecideWaive), func(d *statement.Decision) { d.Note = string(rune('a' + y.next)) }), "o1", "o2")
	}
	if now := len(y.State().Snapshot()()); now != before {
		t.Errorf("verdicts and decisions make the snapshot longer by %d", now-before)
	}
	_, prev := y.say("", policyBody("x:o", "p", 1, statement.Digest{}), "o1")
	y.say("", profileBody("x:o", statement.Digest{}), "o1")
	raw := y.State().Snapshot()()
	if len(raw) != before+2*footingLen {
		t.Errorf("the snapshot has %d bytes", len(raw))
	}
	fresh := New(origin)
	if err := fresh.Restore(raw, y.next, func(i int64) ([]byte, error) { return y.told[i].Leaf(), nil }); err != nil {
		t.Fatal(err)
	}
	equal(t, fresh, y.State())
	if leaf, number := fresh.PolicyPrev("x:o", "p"); leaf != prev || number != 1 {
		t.Errorf("version %d, %s", number, leaf)
	}
}

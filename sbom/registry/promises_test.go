package registry

import (
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// TestMadeOrdersNothing: what signers say of the time neither keeps an entry out
// nor changes which of two comes first.
func TestMadeOrdersNothing(t *testing.T) {
	y := newStory(t)
	at := func(body statement.BOM, when time.Time) statement.BOM {
		body.SerialNumber, body.Made = "", when
		return body
	}
	late, _ := y.say("", at(bomBody("x:b", "1"), made.AddDate(500, 0, 0)), "b1")
	early, _ := y.say("", at(bomBody("x:b", "2"), made.AddDate(-500, 0, 0)), "b1")
	key := revokeBody(t, "x:b", "key", "x:b", "b1", early)
	key.Made = made.AddDate(-1000, 0, 0)
	y.say("", key, "b1")
	y.is(late, ValidThen) // by its index, which is below invalidFrom
	y.is(early, Void)
}

// TestIdleWithdrawalsAreNoted: an entry that was not seen, or that nobody can
// take back, stays what it is, and an audit says so.
func TestIdleWithdrawalsAreNoted(t *testing.T) {
	h := NewHistory(origin)
	leaves := foundation(t)
	for i, index := range []int64{0, 1, 40} {
		if err := h.Apply(index, mustPrepare(t, leaves[i])); err != nil {
			t.Fatal(err)
		}
	}
	for i, target := range []int64{7, 40, 1} {
		if err := h.Apply(int64(50+i), prepared(t, withdrawBody("x:a", target), "a1", "a2")); err != nil {
			t.Fatal(err)
		}
	}
	notes := h.Notes()
	if len(notes) != 3 {
		t.Fatalf("notes %+v", notes)
	}
	for i, target := range []int64{7, 40, 1} {
		if n := notes[i]; n.Code != "STATE-WITHDRAW-IDLE" || n.Index != int64(50+i) || n.Target != target {
			t.Errorf("note %+v", n)
		}
	}
	if s, ok := h.Standing(40, 60); !ok || s.Word != Admitted {
		t.Errorf("the enrolment is %+v", s)
	}
}

// TestClosedAlgorithm: once an admission takes an algorithm no more, no key of it
// is let in, as whosever it is to be, and none signs.
func TestClosedAlgorithm(t *testing.T) {
	y := newStory(t)
	_, prev := y.say("", keysBody(t, "x:l", y.State().Prev("x:l"), 1, "p256l"), "l1", "p256l")
	admission, _ := y.State().AdmissionAt(y.next)
	y.say("", with(admissionBody(), func(a *statement.Admission) {
		a.Prev, a.Algorithms = admission.Leaf, []string{envelope.Ed25519}
	}), "r1", "r2")
	y.say("STATE-ALGORITHM-CLOSED", delegateBody(t, "x:b", "p256d"), "b1")
	y.say("STATE-ALGORITHM-CLOSED", partyBody(t, "x:c", 1, "p256c"), "r1", "r2", "p256c")
	y.say("STATE-ALGORITHM-CLOSED", keysBody(t, "x:b", y.State().Prev("x:b"), 1, "p256b"), "b1", "p256b")
	y.say("STATE-ALGORITHM-CLOSED", attestationBody("x:l"), "p256l")
	y.say("STATE-ALGORITHM-CLOSED", y.bomA("1"), "a1", "p256a")
	y.say("", keysBody(t, "x:l", prev, 1, "l2"), "p256l", "l2") // the way out
	y.say("", attestationBody("x:l"), "l2")
}

// TestCharter: everything rests on genesis and on every admission.
func TestCharter(t *testing.T) {
	y := newStory(t)
	admission, _ := y.State().AdmissionAt(y.next)
	again, _ := y.say("", with(admissionBody(), func(a *statement.Admission) { a.Prev, a.Note = admission.Leaf, "again" }), "r1", "r2")
	if got := y.State().Charter(y.next); len(got) != 3 || got[0] != 0 || got[1] != 1 || got[2] != again {
		t.Errorf("charter %v", got)
	}
	if got := y.State().Charter(again); len(got) != 2 {
		t.Errorf("charter below %d: %v", again, got)
	}
}

// TestCSIRTsAdvise: a CSIRT warns, and of everybody's products.
func TestCSIRTsAdvise(t *testing.T) {
	y := newStory(t)
	y.say("", with(partyBody(t, "x:c", 1, "c1"), func(p *statement.Party) { p.Roles = []string{statement.RoleCSIRT} }), "r1", "r2", "c1")
	at, _ := y.say("", advisoryBody("x:c", statement.Selector{Party: "x:a"}), "c1")
	b := bomBody("x:a", "1")
	if list := y.Advisories(&b, y.next); len(list) != 1 || list[0].Index != at || !list[0].Everybody {
		t.Errorf("warned by %+v", list)
	}
}

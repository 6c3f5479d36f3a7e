package registry

import (
	"reflect"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/statement"
)

// equal compares everything two states hold.
func equal(t testing.TB, got, want *State) {
	t.Helper()
	type all struct {
		Next        int64
		Genesis     *Founding
		Admissions  []Admitting
		Holdings    map[string][]holding
		Delegations map[string][]delegation
		Revocations map[string][]revocation
		Suspensions map[string][]suspension
		Objects     map[string][]version
		Warnings    []warning
		Frozen      *Freezing
		Owner       map[string]string
		Footings    []footing
		Proposing   bool
		Undo        int
	}
	of := func(s *State) all {
		a := all{
			s.next, s.genesis, s.admissions, s.holdings, s.delegations, s.revocations, s.suspensions,
			s.objects, s.warnings, s.frozen, s.owner, s.footings, s.proposing, len(s.undo),
		}
		if len(a.Admissions) == 0 {
			a.Admissions = nil
		}
		if len(a.Warnings) == 0 {
			a.Warnings = nil
		}
		if len(a.Footings) == 0 {
			a.Footings = nil
		}
		return a
	}
	if g, w := of(got), of(want); !reflect.DeepEqual(g, w) {
		t.Fatalf("state\n%+v\nwant\n%+v", g, w)
	}
}

// batch is a party, its BOM, a race, a change and strangers, in one batch.
func batch(t testing.TB, s *State) []any {
	t.Helper()
	vendor, _ := s.Party("x:a")
	admission, _ := s.AdmissionAt(s.Size())
	second := func(name string) statement.Party {
		return with(partyBody(t, "x:a", 1, "a1", "p256a"), func(p *statement.Party) {
			p.Version, p.Prev, p.Name = 2, vendor.Leaf, name
		})
	}
	return []any{
		prepared(t, bomBody("x:b", "early"), "b1"), // before its party
		prepared(t, partyBody(t, "x:b", 1, "b1"), "r1", "r2", "b1"),
		prepared(t, bomBody("x:b", "b"), "b1"),
		prepared(t, partyBody(t, "x:b", 1, "b2"), "r1", "r2", "b2"), // the race for x:b
		prepared(t, bomBody("x:a", "a"), "a1", "a2"),
		prepared(t, second("first"), "r1", "r2", "a1", "p256a"),
		prepared(t, second("late"), "r1", "r2", "a1", "p256a"),
		prepared(t, bomBody("x:a", "a"), "a1", "a2"), // a2 is gone by now
		"not prepared",
		prepared(t, with(admissionBody(), func(a *statement.Admission) {
			a.Prev, a.Kinds = admission.Leaf, []statement.Kind{statement.KindParty}
		}), "r1", "r3"),
		prepared(t, bomBody("x:b", "closed"), "b1"),
	}
}

var batchCodes = []string{
	"STATE-PARTY-UNKNOWN", "", "", "STATE-PREV-STALE", "", "", "STATE-PREV-STALE",
	"STATE-KEY-STANDING", "STATE-LEAF-UNPREPARED", "", "STATE-KIND-CLOSED",
}

func TestDropRestores(t *testing.T) {
	s := founded(t)
	for range 2 {
		b := batch(t, s)
		errs := s.Propose(3, b)
		for i, err := range errs {
			if codeOf(err) != batchCodes[i] {
				t.Errorf("element %d: %v, want %q", i, err, batchCodes[i])
			}
		}
		s.Drop()
		equal(t, s, founded(t))
	}
	empty := New(origin)
	if errs := empty.Propose(0, []any{mustPrepare(t, foundation(t)[0]), mustPrepare(t, foundation(t)[1])}); errs[0] != nil || errs[1] != nil {
		t.Fatal(errs)
	}
	empty.Drop()
	equal(t, empty, New(origin))
}

func mustPrepare(t testing.TB, leaf []byte) *Prepared {
	t.Helper()
	p, err := PrepareLeaf(leaf)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestBatchEqualsOneByOne(t *testing.T) {
	together, single, replay := founded(t), founded(t), founded(t)
	b := batch(t, together)
	errs := together.Propose(3, b)
	together.Keep()
	index := int64(3)
	for i, p := range b {
		err := single.Propose(index, []any{p})[0]
		if codeOf(err) != codeOf(errs[i]) {
			t.Errorf("element %d: %v alone, %v in the batch", i, err, errs[i])
		}
		if err != nil {
			single.Drop()
			continue
		}
		single.Keep()
		if err := replay.Apply(index, p.(*Prepared)); err != nil {
			t.Errorf("replay of %d: %v", index, err)
		}
		index++
	}
	equal(t, together, single)
	equal(t, together, replay)
	if together.Size() != index {
		t.Errorf("size %d, want %d", together.Size(), index)
	}
}

func TestProposeBeginsAtSize(t *testing.T) {
	p := prepared(t, bomBody("x:a", "a"), "a1", "a2")
	for _, first := range []int64{0, 2, 4} {
		s := founded(t)
		wantCode(t, s.Propose(first, []any{p})[0], "STATE-INDEX-ORDER")
		s.Drop()
		equal(t, s, founded(t))
	}
}

func TestProposalIsFinishedOnce(t *testing.T) {
	panics := func(name string, f func()) {
		defer func() {
			if recover() == nil {
				t.Errorf("%s does not panic", name)
			}
		}()
		f()
	}
	s := founded(t)
	panics("keep of nothing", s.Keep)
	panics("drop of nothing", s.Drop)
	s.Propose(3, nil)
	panics("second proposal", func() { s.Propose(3, nil) })
	panics("apply within a proposal", func() { _ = s.Apply(3, prepared(t, bomBody("x:a", "a"), "a1", "a2")) })
	s.Keep()
	equal(t, s, founded(t))
}

// TestStateIsBounded: BOMs leave no trace but the count.
func TestStateIsBounded(t *testing.T) {
	s := founded(t)
	p := prepared(t, bomBody("x:a", "a"), "a1", "a2")
	many := make([]any, 1000)
	for i := range many {
		many[i] = p
	}
	s.Propose(3, many)
	s.Keep()
	want := founded(t)
	want.next += 1000
	equal(t, s, want)
}

func BenchmarkProposeBOM(b *testing.B) {
	s := founded(b)
	p := prepared(b, bomBody("x:a", "a"), "a1", "a2")
	many := make([]any, 256)
	for i := range many {
		many[i] = p
	}
	for b.Loop() {
		s.Propose(s.Size(), many)
		s.Keep()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/256, "ns/entry")
}

package registry

import (
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/statement"
)

// TestNothingComesBehindAFreeze: of no kind and by nobody, in the same batch and
// later, and the freeze itself not again. What is refused names the successor.
func TestNothingComesBehindAFreeze(t *testing.T) {
	s := founded(t)
	admission, _ := s.AdmissionAt(3)
	vendor, _ := s.Party("x:a")
	freeze := prepared(t, freezeBody(t, 3, "s1"), "r1", "r2", "s1")
	behind := map[string]*Prepared{
		"bom":            prepared(t, bomBody("x:a", "bytes"), "a1", "a2"),
		"admission":      prepared(t, with(admissionBody(), func(a *statement.Admission) { a.Prev = admission.Leaf }), "r1", "r2"),
		"same admission": prepared(t, admissionBody(), "r1", "r2"),
		"party":          prepared(t, partyBody(t, "x:b", 1, "b1"), "r1", "r2", "b1"),
		"keys":           prepared(t, keysBody(t, "x:a", vendor.Leaf, 1, "a3"), "a1", "a2", "a3"),
		"revocation":     prepared(t, revokeBody(t, "x:a", statement.TargetKey, "x:a", "a1", -1), "a1"),
		"withdrawal":     prepared(t, withdrawBody("x:a", 2), "a1", "a2"),
		"freeze again":   freeze,
		"second freeze":  prepared(t, freezeBody(t, 4, "s2"), "r1", "r2", "s2"),
		"genesis":        prepared(t, genesisBody(t), "r1", "r2"),
		"another log's":  prepared(t, with(bomBody("x:a", "b"), func(b *statement.BOM) { b.Log = "ledger.example/other" }), "a1", "a2"),
	}
	for name, p := range behind {
		t.Run(name, func(t *testing.T) {
			one, replay := founded(t), founded(t)
			errs := one.Propose(3, []any{freeze, p})
			one.Keep()
			wantCode(t, errs[0], "")
			wantCode(t, errs[1], "STATE-LOG-FROZEN")
			wantCode(t, one.Check(p), "STATE-LOG-FROZEN")
			wantCode(t, replay.Apply(3, freeze), "")
			wantCode(t, replay.Apply(4, p), "STATE-LOG-FROZEN")
			equal(t, one, replay)
			if text := errs[1].Error(); !strings.Contains(text, "ledger.example/test-2027") || !strings.Contains(text, digest("genesis").String()) {
				t.Errorf("%q does not name the successor", text)
			}
		})
	}
}

// TestFreezeNeedsNoAdmission: like an admission, it is taken whatever is admitted.
func TestFreezeNeedsNoAdmission(t *testing.T) {
	s := New(origin)
	wantCode(t, s.Apply(0, prepared(t, genesisBody(t), "r1", "r2")), "")
	wantCode(t, s.Check(prepared(t, freezeBody(t, 1, "s1"), "r1", "r2", "s1")), "")
}

// TestFrozen: the entry that ended the log is told, kept by snapshots, and taken
// back with the batch that is dropped.
func TestFrozen(t *testing.T) {
	s := founded(t)
	before := founded(t)
	leaf := sign(t, freezeBody(t, 3, "s1"), "r1", "r2", "s1")
	p, err := s.OpenLeaf(leaf)
	if err != nil {
		t.Fatal(err)
	}
	s.Propose(3, []any{p})
	s.Drop()
	equal(t, s, before)
	if _, ok := s.Frozen(); ok {
		t.Error("a dropped freeze froze the log")
	}
	s.Propose(3, []any{p})
	s.Keep()
	got, ok := s.Frozen()
	if !ok || got.Index != 3 || got.Leaf != hashOf(leaf) || got.Freeze.Successor.Origin != "ledger.example/test-2027" {
		t.Errorf("frozen by %+v, %t", got, ok)
	}
	leaves := append(foundation(t), leaf)
	fresh := New(origin)
	if err := fresh.Restore(s.Snapshot()(), 4, func(i int64) ([]byte, error) { return leaves[i], nil }); err != nil {
		t.Fatal(err)
	}
	equal(t, fresh, s)
	wantCode(t, fresh.Check(prepared(t, bomBody("x:a", "bytes"), "a1", "a2")), "STATE-LOG-FROZEN")
}

// TestFreezeStands by the registrar's keys: an entry before it is what it was.
func TestFreezeStands(t *testing.T) {
	h := NewHistory(origin)
	for i, leaf := range append(foundation(t), sign(t, bomBody("x:a", "bytes"), "a1", "a2"), sign(t, freezeBody(t, 4, "s1"), "r1", "r2", "s1")) {
		p, err := h.State().OpenLeaf(leaf)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Apply(int64(i), p); err != nil {
			t.Fatal(err)
		}
	}
	for _, i := range []int64{3, 4} {
		if s, ok := h.Standing(i, 5); !ok || s.Word != Admitted {
			t.Errorf("entry %d is %+v", i, s)
		}
	}
}

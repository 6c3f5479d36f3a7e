package receiving_test

import (
	"slices"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// TestPinnedPolicy: a policy's entry shows that a file is the policy that the trust
// file pins, and nothing less does.
func TestPinnedPolicy(t *testing.T) {
	p := owners(t)
	type setting struct {
		*changing
		pin  ledger.PolicyPin
		said statement.Policy
		at   int64
	}
	published := func(s *setting, change func(*statement.Policy)) int64 {
		said := s.said
		if change != nil {
			change(&said)
		}
		return s.log(s.must(statement.NewPolicy(said)), s.rival)
	}
	for name, tt := range map[string]struct {
		pin    func(*ledger.PolicyPin)
		said   func(*statement.Policy)
		later  func(*setting)
		bundle func(*setting, *receiving.Bundle)
		none   bool
		at     time.Time
		codes  string
		exit   int // 10 where codes are
	}{
		"it is":                    {},
		"it is, of a later least":  {pin: func(p *ledger.PolicyPin) { p.Version = 3 }},
		"its key revoked later":    {later: func(s *setting) { s.revoke(statement.Registrar, competitor, s.rival, s.at+1, s.registrar) }},
		"no entry":                 {none: true, codes: "VERDICT-POLICY-PIN=hold"},
		"older than the least":     {pin: func(p *ledger.PolicyPin) { p.Version = 4 }, codes: "VERDICT-POLICY-PIN=hold"},
		"another policy is pinned": {pin: func(p *ledger.PolicyPin) { p.ID = "other" }, codes: "VERDICT-POLICY-PIN=hold"},
		"another signer is pinned": {pin: func(p *ledger.PolicyPin) { p.Signer = vendor }, codes: "VERDICT-POLICY-ENTRY=hold"},
		"other bytes":              {said: func(p *statement.Policy) { p.Digest[0]++ }, codes: "VERDICT-POLICY-ENTRY=hold"},
		"another id in the log":    {said: func(p *statement.Policy) { p.ID = "others" }, codes: "VERDICT-POLICY-ENTRY=hold"},
		"another version there":    {said: func(p *statement.Policy) { p.Version = 9 }, codes: "VERDICT-POLICY-ENTRY=hold"},
		"its key revoked": {
			later: func(s *setting) { s.revoke(statement.Registrar, competitor, s.rival, s.at, s.registrar) },
			codes: "VERDICT-POLICY-VOID=hold",
		},
		"a newer version": {
			later: func(s *setting) {
				published(s, func(p *statement.Policy) { p.Version, p.Digest, p.Prev = 4, statement.Digest{4}, s.prev(s.at) })
			},
			codes: "VERDICT-POLICY-SUPERSEDED=hold",
		},
		"a newer version of a thief's": {
			later: func(s *setting) {
				published(s, func(p *statement.Policy) { p.Version, p.Digest, p.Prev = 4, statement.Digest{4}, s.prev(s.at) })
				s.revoke(statement.Registrar, competitor, s.rival, s.at+1, s.registrar)
			},
		},
		"the owner is suspended": {
			later: func(s *setting) {
				s.log(s.must(statement.NewSuspend(statement.Suspend{Head: by(regulator), About: competitor, Reason: "r"})), s.regulator)
			},
			codes: "VERDICT-POLICY-ENTRY=hold",
		},
		"no status":      {bundle: func(_ *setting, b *receiving.Bundle) { b.Status = nil }, codes: "VERDICT-POLICY-UNPROVEN=hold", exit: receiving.ExitStale},
		"a stale status": {at: now.AddDate(0, 1, 0), codes: "VERDICT-POLICY-UNPROVEN=hold", exit: receiving.ExitStale},
		"a status that leaves it out": {
			bundle: func(s *setting, b *receiving.Bundle) { b.Status = s.status(s.at, []int64{2}, nil) },
			codes:  "VERDICT-POLICY-UNPROVEN=hold", exit: receiving.ExitStale,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := &setting{
				changing: newChanging(t, bill), pin: ledger.PolicyPin{ID: p.ID, Signer: competitor, Version: 2},
				said: statement.Policy{Head: by(competitor), Digest: p.Digest, ID: p.ID, Version: int64(p.Version), Size: int64(len(p.Raw)), MediaType: "application/yaml"},
			}
			if tt.pin != nil {
				tt.pin(&s.pin)
			}
			s.at = published(s, tt.said)
			if tt.later != nil {
				tt.later(s)
			}
			s.trust.Policy = &s.pin
			b := s.whole(s.at)
			if tt.bundle != nil {
				tt.bundle(s, b)
			}
			entry, err := receiving.OpenPolicy(b, s.trust)
			if err != nil {
				t.Fatal(err)
			}
			v := s.check(bill, s.whole(s.bom5), func(r *receiving.Request) {
				r.Policy, r.PolicyEntry = p, entry
				if tt.none {
					r.PolicyEntry = nil
				}
				if !tt.at.IsZero() {
					r.At = tt.at
				}
			})
			if got := codesOf(v); got != tt.codes || v.Policy.Pinned != (tt.codes == "") {
				t.Errorf("%q, pinned %t; want %q", got, v.Policy.Pinned, tt.codes)
			}
			if tt.exit != 0 && v.Exit != tt.exit || tt.codes != "" && v.Verdict != receiving.Hold {
				t.Errorf("%s, exit %d", v.Verdict, v.Exit)
			}
		})
	}
	t.Run("in another log", func(t *testing.T) {
		c, other := newChanging(t, bill), newWorldTaking(t, "ledger.example/other", 30, statement.Admissible()...)
		said := statement.Policy{Head: statement.Head{Log: other.origin, Party: []string{vendor}, Made: made}, Digest: p.Digest, ID: p.ID, Version: 3, Size: 1, MediaType: "application/yaml"}
		at := other.log(other.must(statement.NewPolicy(said)), other.vendor)
		trust := *c.trust
		trust.Logs, trust.Policy = append(slices.Clone(trust.Logs), other.trust.Logs...), &ledger.PolicyPin{ID: p.ID, Signer: vendor, Version: 1}
		entry, err := receiving.OpenPolicy(other.bundle(at), &trust)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range []*receiving.Bundle{c.whole(c.bom5), nil} {
			v := c.check(bill, b, func(r *receiving.Request) { r.Policy, r.PolicyEntry, r.Trust = p, entry, &trust })
			if codesOf(v) != "VERDICT-POLICY-ENTRY=hold" || v.Policy.Pinned {
				t.Errorf("%s", codesOf(v))
			}
		}
	})
	t.Run("no policy's", func(t *testing.T) {
		c := newChanging(t, bill)
		if _, err := receiving.OpenPolicy(c.whole(c.bom5), c.trust); code(err) != "VERDICT-POLICY-KIND" {
			t.Error(err)
		}
		b := c.whole(c.bom5)
		b.Statement.Proof = nil
		if _, err := receiving.OpenPolicy(b, c.trust); err == nil {
			t.Error("without a proof")
		}
	})
}

// TestConcernOfVersions: a status about a policy or a profile has to name every
// version, and one that leaves a version out is proven a lie.
func TestConcernOfVersions(t *testing.T) {
	c := newChanging(t, named)
	first, _ := c.publish(-1, nil)
	second, _ := c.publish(first, nil)
	ev, err := receiving.Open(c.whole(first), c.trust)
	if err != nil {
		t.Fatal(err)
	}
	if ev.Newest != second {
		t.Errorf("the newest is %d, not %d", ev.Newest, second)
	}
	concern := ev.Concern()
	_, all := c.replay()
	var got []int64
	for i, st := range all {
		got = append(got, concern.Visit(int64(i), st)...)
	}
	if want := []int64{4, first, second}; !slices.Equal(got, want) { // 4 enrols the rival
		t.Errorf("has to name %v, want %v", got, want)
	}
	// The log leaves the second out.
	b := c.whole(first)
	b.History = slices.DeleteFunc(b.History, func(e receiving.Entry) bool { return e.Index == second })
	b.Status = c.status(first, []int64{4, first}, nil)
	if lie, err := receiving.Open(b, c.trust); err != nil || lie.Status == nil || lie.Newest != first {
		t.Fatalf("the lie is not told: %v", err)
	}
	charge := &receiving.Charge{Kind: "status", Bundle: b, Entry: c.entry(second)}
	if _, err := charge.Verify(c.trust); err != nil {
		t.Errorf("the lie is not found: %v", err)
	}
	charge.Entry = c.entry(c.bom5)
	if _, err := charge.Verify(c.trust); code(err) != "AUDIT-EVIDENCE-FALSE" {
		t.Errorf("an entry that is no version accuses: %v", err)
	}
}

package server

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

func headBy(who string) statement.Head {
	return statement.Head{Log: testOrigin, Party: []string{who}, Made: noon}
}

// says submits what somebody says and returns its index.
func (r *running) says(t *testing.T, payload []byte, err error, signers ...*envelope.Signer) int64 {
	t.Helper()
	return r.accepted(t, http.StatusCreated, seals(t, payload, err, signers...), nil).Statement.Index
}

// proven fetches the bundle of an entry and opens it.
func (r *running) proven(t *testing.T, index int64) (*receiving.Bundle, *receiving.Evidence) {
	t.Helper()
	b := r.opens(t, r.get(t, fmt.Sprintf("/api/v1/entries/%d/bundle", index)).body)
	ev, err := receiving.Open(b, r.trust(t))
	if err != nil {
		t.Fatal(err)
	}
	if ev.Statement.Kind == statement.KindBOM && ev.Status == nil {
		t.Fatalf("the bundle of entry %d has no usable status: %v", index, ev.StatusError)
	}
	return b, ev
}

// TestBundlesStayTrue takes a log through everything that can happen to an entry
// and holds each bundle against a replay of the whole log: the same standing,
// suspensions and advisories, and every entry that the format names.
func TestBundlesStayTrue(t *testing.T) {
	r := serve(t, newLedger(t))
	registrar := r.registrarKey(t)
	vendor, other, ministry, next := newKey(t, envelope.Ed25519), newKey(t, envelope.Ed25519), newKey(t, envelope.Ed25519), newKey(t, envelope.Ed25519)
	plant := newKey(t, envelope.Ed25519)
	enrolled := r.enrol(t, "x:hoshino", vendor)
	otherEnrolled := r.enrol(t, "x:other", other)
	p := partyBody("x:ministry", ministry)
	p.Roles = []string{statement.RoleRegulator}
	payload, err := statement.NewParty(p)
	regulator := r.says(t, payload, err, registrar, ministry)

	raw := newBOM(serialA, 1, "relay")
	bom := r.accepted(t, http.StatusCreated, signBOM(t, bomBody(t, "x:hoshino", raw), vendor), raw).Statement.Index
	twin := newBOM(serialA, 1, "relay ")
	equivocal := r.accepted(t, http.StatusCreated, signBOM(t, bomBody(t, "x:hoshino", twin), vendor), twin).Statement.Index

	compare := func(want registry.Word, entries ...int64) {
		t.Helper()
		b, ev := r.proven(t, bom)
		if ev.Standing.Word != want {
			t.Errorf("entry %d is %q, want %q", bom, ev.Standing.Word, want)
		}
		for _, i := range entries {
			if !slices.ContainsFunc(b.History, func(e receiving.Entry) bool { return e.Index == i }) {
				t.Errorf("the history lacks entry %d", i)
			}
			if i > 1 && !slices.Contains(ev.Status.Body.(*statement.Status).Entries, i) {
				t.Errorf("the status does not name entry %d", i)
			}
		}
		whole := registry.NewHistory(testOrigin)
		for i := range ev.Checkpoint.Size {
			leaf, err := r.sequence.Leaf(i)
			if err != nil {
				t.Fatal(err)
			}
			p, err := whole.State().OpenLeaf(leaf)
			if err == nil {
				err = whole.Apply(i, p)
			}
			if err != nil {
				t.Fatalf("entry %d: %v", i, err)
			}
		}
		said := ev.Statement.Body.(*statement.BOM)
		standing, _ := whole.Standing(bom, ev.Checkpoint.Size)
		if got, want := fmt.Sprint(ev.Standing), fmt.Sprint(standing); got != want {
			t.Errorf("standing %s, a replay of everything says %s", got, want)
		}
		if got, want := ev.Suspensions, whole.Suspended("x:hoshino", ev.Checkpoint.Size); !slices.Equal(got, want) {
			t.Errorf("suspended by %v, a replay of everything says %v", got, want)
		}
		if got, want := len(ev.Advisories), len(whole.Advisories(said, ev.Checkpoint.Size)); got != want {
			t.Errorf("%d advisories, a replay of everything finds %d", got, want)
		}
	}
	prev := func(index int64) statement.Digest {
		leaf, err := r.sequence.Leaf(index)
		if err != nil {
			t.Fatal(err)
		}
		return statement.Digest(ledger.LeafHash(leaf))
	}
	compare(registry.Equivocal, 0, 1, enrolled, equivocal)

	payload, err = statement.NewWithdraw(statement.Withdraw{Head: headBy("x:hoshino"), Position: statement.Position{Log: testOrigin, Index: equivocal}, Reason: "r"})
	withdrawn := r.says(t, payload, err, vendor)
	compare(registry.Admitted, equivocal, withdrawn)

	// Another's withdrawal is idle and makes nobody's bundle longer.
	payload, err = statement.NewWithdraw(statement.Withdraw{Head: headBy("x:other"), Position: statement.Position{Log: testOrigin, Index: bom}, Reason: "r"})
	idle := r.says(t, payload, err, other)
	compare(registry.Admitted)
	if b, _ := r.proven(t, bom); slices.ContainsFunc(b.History, func(e receiving.Entry) bool { return e.Index == idle || e.Index == otherEnrolled }) {
		t.Error("the history holds what does not concern the BOM")
	}

	payload, err = statement.NewDelegate(statement.Delegate{
		Head: headBy("x:hoshino"), Key: plant.Key(), Scope: statement.Scope{Kinds: []statement.Kind{statement.KindBOM}}, End: noon.AddDate(1, 0, 0),
	})
	delegated := r.says(t, payload, err, vendor)
	keys := statement.Keys{Head: headBy("x:hoshino"), KeySet: statement.NewKeySet(1, next.Key())}
	keys.Prev = prev(enrolled)
	payload, err = statement.NewKeys(keys)
	rotated := r.says(t, payload, err, vendor, next)
	keys.Note = "late"
	payload, err = statement.NewKeys(keys)
	refused(t, r.submits(t, seals(t, payload, err, next), nil), http.StatusConflict, "STATE-PREV-STALE")
	compare(registry.Admitted, delegated, rotated)

	payload, err = statement.NewSuspend(statement.Suspend{Head: headBy("x:ministry"), About: "x:hoshino", Reason: "r"})
	suspended := r.says(t, payload, err, ministry)
	compare(registry.Admitted, suspended, regulator)

	payload, err = statement.NewAdvisory(statement.Advisory{
		Head: headBy("x:ministry"), Selector: statement.Selector{Part: &statement.Part{Maker: "Acme", Part: "N1"}},
		Severity: statement.SeverityBan, Effective: noon, Text: "t",
	})
	advised := r.says(t, payload, err, ministry)
	payload, err = statement.NewAdvisory(statement.Advisory{
		Head: headBy("x:other"), Selector: statement.Selector{Party: "x:hoshino"}, Severity: statement.SeverityBan, Effective: noon, Text: "t",
	})
	rival := r.says(t, payload, err, other)
	compare(registry.Admitted, advised)
	b, ev := r.proven(t, bom)
	if slices.ContainsFunc(b.History, func(e receiving.Entry) bool { return e.Index == rival }) {
		t.Error("the history holds a rival's advisory")
	}
	if got := ev.Status.Body.(*statement.Status).Advisories; got.Count != 2 || got.Last != prev(rival) {
		t.Errorf("the status counts %+v", got)
	}
	payload, err = statement.NewWithdraw(statement.Withdraw{Head: headBy("x:ministry"), Position: statement.Position{Log: testOrigin, Index: advised}, Reason: "r"})
	lifted := r.says(t, payload, err, ministry)
	compare(registry.Admitted, advised, lifted)

	list := statement.List{Head: headBy("x:ministry"), Digest: statement.Digest{1}, ID: "designated", Version: 1, Size: 1, MediaType: "text/csv"}
	payload, err = statement.NewList(list)
	first := r.says(t, payload, err, ministry)
	list.Version, list.Prev = 2, prev(first)
	payload, err = statement.NewList(list)
	r.proven(t, r.says(t, payload, err, ministry))
	payload, err = statement.NewAttestation(statement.Attestation{Head: headBy("registrar"), About: "x:hoshino", Standard: "s", Scope: "s", Findings: "f"})
	r.says(t, payload, err, registrar)

	// What is judged, decided and owned is proven, and makes no BOM's bundle longer.
	operator, second := newKey(t, envelope.Ed25519), newKey(t, envelope.Ed25519)
	payload, err = statement.NewParty(statement.Party{
		Head: statement.Head{Log: testOrigin, Made: noon}, ID: "x:operator", Version: 1, Name: "Operator", Incorporated: "JP",
		Roles: []string{statement.RoleOperator}, KeySet: statement.NewKeySet(1, operator.Key(), second.Key()),
	})
	r.says(t, payload, err, registrar, operator, second)
	before, _ := r.proven(t, bom)
	rules := statement.Policy{Head: headBy("x:operator"), Digest: statement.Digest{2}, ID: "substations", Version: 2, Size: 1, MediaType: "application/yaml"}
	payload, err = statement.NewPolicy(rules)
	first = r.says(t, payload, err, operator)
	rules.Version, rules.Prev = 1, prev(first)
	payload, err = statement.NewPolicy(rules)
	refused(t, r.submits(t, seals(t, payload, err, operator), nil), http.StatusUnprocessableEntity, "STATE-POLICY-VERSION")
	rules.Version = 5
	payload, err = statement.NewPolicy(rules)
	b, _ = r.proven(t, r.says(t, payload, err, operator))
	if !slices.ContainsFunc(b.History, func(e receiving.Entry) bool { return e.Index == first }) {
		t.Error("the bundle of a policy lacks the version before it")
	}
	owned := statement.Profile{Head: headBy("x:hoshino"), AsOf: "2026-10-01", Incorporated: statement.Field{Text: "JP"}}
	payload, err = statement.NewProfile(owned)
	refused(t, r.submits(t, seals(t, payload, err, other), nil), http.StatusForbidden, "ENVELOPE-KEY-UNKNOWN")
	payload, err = statement.NewProfile(statement.Profile{Head: headBy("x:operator"), AsOf: "2026-10-01", Incorporated: statement.Field{Text: "JP"}})
	profiled := r.says(t, payload, err, operator)
	payload, err = statement.NewVerdict(statement.Verdict{Head: headBy("x:operator"), Digest: statement.Digest{3}, Verdict: statement.Field{Commit: statement.Digest{4}}})
	judged := r.says(t, payload, err, operator)
	waiver := statement.Decision{
		Head: headBy("x:operator"), Verdict: statement.Digest{3}, Position: &statement.Position{Log: testOrigin, Index: judged},
		What: statement.DecideWaive, Rules: []string{"R04"}, Reason: statement.Field{Text: "r"}, Until: noon.AddDate(0, 1, 0),
	}
	payload, err = statement.NewDecision(waiver)
	refused(t, r.submits(t, seals(t, payload, err, operator), nil), http.StatusForbidden, "STATE-WAIVER-SINGLE")
	decided := r.says(t, payload, err, operator, second)
	waiver.Party = []string{"x:other"}
	payload, err = statement.NewDecision(waiver)
	refused(t, r.submits(t, seals(t, payload, err, other), nil), http.StatusForbidden, "STATE-ROLE-MISSING")
	for _, i := range []int64{profiled, judged, decided} {
		r.proven(t, i)
	}
	if after, _ := r.proven(t, bom); len(after.History) != len(before.History) {
		t.Errorf("the BOM's history has %d entries, before %d", len(after.History), len(before.History))
	}
	compare(registry.Admitted)
	three, two := "sha256:03"+strings.Repeat("0", 62), "sha256:02"+strings.Repeat("0", 62)
	for _, q := range []struct {
		kind, by, value string
		want            []int64
	}{
		{"verdict", "digest", three, []int64{judged}},
		{"decision", "digest", three, []int64{decided}},
		{"decision", "entry", fmt.Sprint(judged), []int64{decided}},
		{"decision", "party", "x:operator", []int64{decided}},
		{"verdict", "party", "x:operator", []int64{judged}},
		{"policy", "name", "SUBSTATIONS", []int64{first, first + 1}},
		{"policy", "digest", two, []int64{first, first + 1}},
		{"profile", "about", "x:operator", []int64{profiled}},
		{"profile", "about", "x:hoshino", nil},
	} {
		got := r.searches(t, "kind", q.kind, q.by, q.value).Entries
		if !slices.Equal(got, q.want) {
			t.Errorf("%s by %s %s: entries %v, want %v", q.kind, q.by, q.value, got, q.want)
		}
	}

	// A revocation of the registrar's and of the log's keys, and of the vendor's back in time.
	keys = statement.Keys{Head: headBy("log"), KeySet: statement.NewKeySet(1, r.service.Key(), newKey(t, envelope.Ed25519).Key())}
	payload, err = statement.NewKeys(keys)
	refused(t, r.submits(t, seals(t, payload, err, r.service), nil), http.StatusForbidden, "STATE-POSSESSION-MISSING")
	spare := newKey(t, envelope.Ed25519)
	keys = statement.Keys{Head: headBy("registrar"), KeySet: statement.NewKeySet(1, registrar.Key(), spare.Key())}
	payload, err = statement.NewKeys(keys)
	registrarRotated := r.says(t, payload, err, registrar, spare)
	payload, err = statement.NewRevoke(statement.Revoke{
		Head: headBy("registrar"), Target: statement.TargetKey, Of: "registrar", Key: registrar.Key().ID(), Reason: statement.RevokeRetired,
	})
	registrarRevoked := r.says(t, payload, err, spare)
	compare(registry.Admitted, registrarRotated, registrarRevoked)
	payload, err = statement.NewRevoke(statement.Revoke{
		Head: headBy("registrar"), Target: statement.TargetKey, Of: "x:hoshino", Key: vendor.Key().ID(), Reason: statement.RevokeCompromise, InvalidFrom: &bom,
	})
	stolen := r.says(t, payload, err, spare)
	compare(registry.Void, stolen)

	// The same after the folder was closed and opened: the guard replayed it all.
	r.end(t)
	again := serve(t, r.dir)
	if _, ev := again.proven(t, bom); ev.Standing.Word != registry.Void {
		t.Errorf("after a restart entry %d is %q", bom, ev.Standing.Word)
	}
}

// TestServiceKeyRotates: a service key that no longer stands signs no status, and
// the folder opens again only with one that does.
func TestServiceKeyRotates(t *testing.T) {
	r := serve(t, newLedger(t))
	vendor, next := newKey(t, envelope.Ed25519), newKey(t, envelope.Ed25519)
	r.enrol(t, "x:hoshino", vendor)
	raw := newBOM(serialA, 1, "relay")
	bom := r.accepted(t, http.StatusCreated, signBOM(t, bomBody(t, "x:hoshino", raw), vendor), raw).Statement.Index
	payload, err := statement.NewKeys(statement.Keys{Head: headBy("log"), KeySet: statement.NewKeySet(1, next.Key())})
	r.says(t, payload, err, r.service, next)
	b := r.opens(t, r.get(t, fmt.Sprintf("/api/v1/entries/%d/bundle", bom)).body)
	if b.Status != nil {
		t.Error("a key that does not stand signed a status")
	}
	r.end(t)
	_, err = Open(t.Context(), r.dir, Options{Clock: clockAt(noon)})
	wantCode(t, "opening with the old key", err, "SERVER-KEY-FOREIGN")
	pem, err := next.MarshalPEM()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(r.dir, serviceName), pem, 0o600); err != nil {
		t.Fatal(err)
	}
	again := serve(t, r.dir)
	if _, ev := again.proven(t, bom); ev.Standing.Word != registry.Admitted {
		t.Errorf("entry %d is %q", bom, ev.Standing.Word)
	}
}

// TestVersionsCarryStatus: the bundle of a list, a policy or a profile has the log's
// word on which versions there are, whoever published them, and is newer with each.
func TestVersionsCarryStatus(t *testing.T) {
	r := serve(t, newLedger(t))
	registrar, key := r.registrarKey(t), newKey(t, envelope.Ed25519)
	enrolled := r.enrol(t, vendor, key)
	for _, who := range []string{vendor, statement.Registrar} {
		sign := map[string]*envelope.Signer{vendor: key, statement.Registrar: registrar}[who]
		publish := map[string]func(version int64) int64{
			"policy": func(version int64) int64 {
				p := statement.Policy{Head: headBy(who), Digest: statement.Digest{byte(version)}, ID: "p", Version: version, Size: 1, MediaType: "application/yaml"}
				p.Prev, _ = r.state.PolicyPrev(who, "p")
				payload, err := statement.NewPolicy(p)
				return r.says(t, payload, err, sign)
			},
			"list": func(version int64) int64 {
				l := statement.List{Head: headBy(who), Digest: statement.Digest{byte(version)}, ID: "p", Version: version, Size: 1, MediaType: "text/csv"}
				l.Prev, _ = r.state.ListPrev(who, "p")
				payload, err := statement.NewList(l)
				return r.says(t, payload, err, sign)
			},
			"profile": func(version int64) int64 {
				p := statement.Profile{Head: headBy(who), AsOf: fmt.Sprintf("2026-10-%02d", version), Incorporated: statement.Field{Text: "JP"}}
				p.Prev = r.state.ProfilePrev(who)
				payload, err := statement.NewProfile(p)
				return r.says(t, payload, err, sign)
			},
		}
		if who == statement.Registrar {
			delete(publish, "profile") // of parties alone
		}
		for kind, next := range publish {
			first := next(1)
			if _, ev := r.proven(t, first); ev.Status == nil || ev.Newest != first {
				t.Fatalf("%s of %s: the newest of one is %d: %v", kind, who, ev.Newest, ev.StatusError)
			}
			second := next(2)
			b, ev := r.proven(t, first)
			if ev.Status == nil || ev.Newest != second {
				t.Fatalf("%s of %s: the newest of two is %d: %v", kind, who, ev.Newest, ev.StatusError)
			}
			named := ev.Status.Body.(*statement.Status).Entries
			want := []int64{first, second}
			if who == vendor {
				want = []int64{enrolled, first, second}
			}
			if !slices.Equal(named, want) || !slices.Contains(indicesOf(b), second) {
				t.Errorf("%s of %s: the status names %v, want %v", kind, who, named, want)
			}
		}
	}
}

package server

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// holds demands that the bundle of a BOM's entry, and its status, hold others.
func (r *running) holds(t *testing.T, index int64, others ...int64) {
	t.Helper()
	b, ev := r.proven(t, index)
	named := ev.Status.Body.(*statement.Status).Entries
	for _, i := range others {
		if !slices.Contains(indicesOf(b), i) || !slices.Contains(named, i) {
			t.Errorf("entry %d: the bundle holds %v and its status names %v, not %d", index, indicesOf(b), named, i)
		}
	}
}

// saysOf submits what the vendor says of a BOM and returns its index.
func (r *running) saysOf(t *testing.T, key *envelope.Signer, raw []byte, change func(*statement.BOM)) int64 {
	t.Helper()
	said := bomBody(t, vendor, raw)
	if change != nil {
		change(&said)
	}
	return r.accepted(t, http.StatusCreated, signBOM(t, said, key), raw).Statement.Index
}

// TestBundleHoldsTheSameBytes: what a party signed of the same bytes is in the
// bundle, whether the BOM has a serial number or not, and so is what follows or
// withdraws it.
func TestBundleHoldsTheSameBytes(t *testing.T) {
	r := serve(t, newLedger(t))
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	again := func(b *statement.BOM) { b.Note = "again" }
	// Each BOM has a number of its own, so that nothing but what it says of another
	// makes it bear on that one.
	numbered := func(n int) []byte { return newBOM(fmt.Sprintf("%s%02d", serialA[:34], n), 1, "relay") }
	bare := bytes.Replace(newBOM(serialA, 1, "relay"), []byte(`  "serialNumber": "urn:uuid:`+serialA+"\",\n"), nil, 1)
	for i, raw := range [][]byte{numbered(0), bare} {
		first := r.saysOf(t, key, raw, nil)
		second := r.saysOf(t, key, raw, again)
		r.holds(t, first, second)
		r.holds(t, second, first)
		follows := r.saysOf(t, key, numbered(10+i), func(b *statement.BOM) {
			b.Supersedes = &statement.Supersedes{Position: statement.Position{Log: testOrigin, Index: second}, Reason: statement.ReasonRevision}
		})
		r.holds(t, first, second, follows)
		payload, err := statement.NewWithdraw(statement.Withdraw{Head: headBy(statement.Registrar), Position: statement.Position{Log: testOrigin, Index: follows}, Reason: "r"})
		r.holds(t, first, second, follows, r.says(t, payload, err, r.registrarKey(t)))
	}
}

// TestBundleHoldsTheWarners: an advisory comes with its issuer's enrolment, keys
// and revocations, also where nothing else brings them in; so does a name that
// only looks like the BOM's.
func TestBundleHoldsTheWarners(t *testing.T) {
	r := serve(t, newLedger(t))
	registrar, key := r.registrarKey(t), newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	bom := r.saysOf(t, key, newBOM(serialA, 1, "relay"), nil)
	for i, product := range []string{"relay", "ＲＥＬＡＹ", "rеlay"} { // full width; a Cyrillic letter
		who := fmt.Sprintf("x:ministry-%d", i)
		old, next := newKey(t, envelope.Ed25519), newKey(t, envelope.Ed25519)
		p := partyBody(who, old)
		p.Roles = []string{statement.RoleRegulator}
		payload, err := statement.NewParty(p)
		enrolled := r.says(t, payload, err, registrar, old)
		keys := statement.Keys{Head: headBy(who), KeySet: statement.NewKeySet(1, next.Key())}
		keys.Prev = r.state.Prev(who)
		payload, err = statement.NewKeys(keys)
		rotated := r.says(t, payload, err, old, next)
		payload, err = statement.NewAdvisory(statement.Advisory{
			Head: headBy(who), Selector: statement.Selector{Product: product}, Severity: statement.SeverityRecall, Effective: noon, Text: "t",
		})
		advised := r.says(t, payload, err, next)
		payload, err = statement.NewRevoke(statement.Revoke{
			Head: headBy(who), Target: statement.TargetKey, Of: who, Key: old.Key().ID(), Reason: statement.RevokeRetired,
		})
		r.holds(t, bom, enrolled, rotated, advised, r.says(t, payload, err, next))
	}
}

// TestBundleOfTooMuch: the server gives out no bundle of more entries than one
// holds, and says so.
func TestBundleOfTooMuch(t *testing.T) {
	r := serve(t, newLedger(t))
	registrar, key := r.registrarKey(t), newKey(t, envelope.Ed25519)
	enrolled := r.enrol(t, vendor, key)
	bom := r.saysOf(t, key, newBOM(serialA, 1, "relay"), nil)
	// revoke lets the registrar revoke a key again and again, in other words each time.
	revoke := func(note string) error {
		payload, err := statement.NewRevoke(statement.Revoke{
			Head:   statement.Head{Log: testOrigin, Party: []string{statement.Registrar}, Made: noon, Note: note},
			Target: statement.TargetKey, Of: vendor, Key: key.Key().ID(), Reason: statement.RevokeRetired,
		})
		if err != nil {
			return err
		}
		leaf, err := envelope.Sign(envelope.PayloadType, payload, registrar)
		if err != nil {
			return err
		}
		entry, err := r.reopen(0, leaf)
		if err != nil {
			return err
		}
		_, err = r.sequence.Add(t.Context(), entry)
		r.lookups.poke()
		return err
	}
	var all errgroup.Group
	all.SetLimit(64)
	// The bundle of an enrolment holds genesis, the admission and the revocations.
	const most = receiving.MaxHistory - 2
	for n := range most {
		all.Go(func() error { return revoke(fmt.Sprint(n)) })
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	r.awaitIndex(t, r.Size())
	address := func(index int64) string { return fmt.Sprintf("/api/v1/entries/%d/bundle", index) }
	if b := r.opens(t, r.get(t, address(enrolled)).body); len(b.History) != receiving.MaxHistory {
		t.Errorf("%d entries", len(b.History))
	}
	if err := revoke("one more"); err != nil {
		t.Fatal(err)
	}
	r.awaitIndex(t, r.Size())
	for _, index := range []int64{enrolled, bom} {
		refused(t, r.get(t, address(index)), http.StatusInternalServerError, "SERVER-BUNDLE-LARGE")
	}
}

// TestBundleOfAdvisory: the bundle of an advisory, and of an attestation, holds
// what withdraws it, by its issuer or the registrar, and nobody else's words.
func TestBundleOfAdvisory(t *testing.T) {
	r := serve(t, newLedger(t))
	registrar, ministry, key := r.registrarKey(t), newKey(t, envelope.Ed25519), newKey(t, envelope.Ed25519)
	p := partyBody("x:ministry", ministry)
	p.Roles = []string{statement.RoleRegulator, statement.RoleAuditor}
	payload, err := statement.NewParty(p)
	r.says(t, payload, err, registrar, ministry)
	r.enrol(t, vendor, key)
	payload, err = statement.NewAdvisory(statement.Advisory{
		Head: headBy("x:ministry"), Selector: statement.Selector{Party: vendor}, Severity: statement.SeverityBan, Effective: noon, Text: "t",
	})
	advised := r.says(t, payload, err, ministry)
	payload, err = statement.NewAttestation(statement.Attestation{Head: headBy("x:ministry"), About: vendor, Standard: "s", Scope: "s", Findings: "f"})
	attested := r.says(t, payload, err, ministry)
	for _, of := range []int64{advised, attested} {
		withdraws := func(who string, by *envelope.Signer) int64 {
			payload, err := statement.NewWithdraw(statement.Withdraw{Head: headBy(who), Position: statement.Position{Log: testOrigin, Index: of}, Reason: "r"})
			return r.says(t, payload, err, by)
		}
		idle := withdraws(vendor, key)
		want := []int64{withdraws("x:ministry", ministry), withdraws(statement.Registrar, registrar)}
		b, _ := r.proven(t, of)
		for _, i := range want {
			if !slices.Contains(indicesOf(b), i) {
				t.Errorf("the bundle of entry %d holds %v, not %d", of, indicesOf(b), i)
			}
		}
		if slices.Contains(indicesOf(b), idle) {
			t.Errorf("the bundle of entry %d holds %d, which is idle", of, idle)
		}
	}
}

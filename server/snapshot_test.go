package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/filestore"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// TestRestartFromSnapshot starts a server again from a snapshot, without one, and
// with snapshots that are not to be believed: it has the same state, gives the
// same answers and refuses the same.
func TestRestartFromSnapshot(t *testing.T) {
	dir := newLedger(t)
	var said safeBuffer
	o := Options{Clock: clockAt(noon), Logger: slog.New(slog.NewTextHandler(&said, nil)), snapshotEvery: 3}
	r := serveWith(t, dir, o)
	registrar := r.registrarKey(t)
	vendor, next, other := newKey(t, envelope.Ed25519), newKey(t, envelope.Ed25519), newKey(t, envelope.Ed25519)
	enrolled := r.enrol(t, "x:hoshino", vendor)
	first := newBOM(serialA, 1, "relay")
	bom := r.accepted(t, http.StatusCreated, signBOM(t, bomBody(t, "x:hoshino", first), vendor), first).Statement.Index
	r.enrol(t, "x:other", other)
	prev, err := r.sequence.Leaf(enrolled)
	if err != nil {
		t.Fatal(err)
	}
	rotated := headBy("x:hoshino")
	rotated.Prev = statement.Digest(ledger.LeafHash(prev))
	payload, err := statement.NewKeys(statement.Keys{Head: rotated, KeySet: statement.NewKeySet(1, next.Key())})
	r.says(t, payload, err, vendor, next)
	payload, err = statement.NewRevoke(statement.Revoke{
		Head: headBy("registrar"), Target: statement.TargetKey, Of: "x:hoshino", Key: vendor.Key().ID(), Reason: statement.RevokeRetired,
	})
	r.says(t, payload, err, registrar)
	second := newBOM(serialA, 2, "relay")
	leaf := signBOM(t, bomBody(t, "x:hoshino", second), next)
	again := r.accepted(t, http.StatusCreated, leaf, second).Statement.Index
	named := func(r *running) int64 {
		size, _, err := r.store.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		return size
	}
	for version := 3; named(r) < 9; version++ { // the writer of snapshots may be slow
		raw := newBOM(serialA, version, "relay")
		r.accepted(t, http.StatusCreated, signBOM(t, bomBody(t, "x:hoshino", raw), next), raw)
	}
	state, size, bundle := r.state.Snapshot()(), r.Size(), r.get(t, fmt.Sprintf("/api/v1/entries/%d/bundle", bom)).body
	r.end(t)

	holds := func(r *running) {
		t.Helper()
		if now := r.state.Snapshot()(); !bytes.Equal(now, state) || r.Size() != size {
			t.Errorf("the state after %d entries is\n%x\nwant, of %d\n%x", r.Size(), now, size, state)
		}
		if now := r.get(t, fmt.Sprintf("/api/v1/entries/%d/bundle", bom)).body; !bytes.Equal(now, bundle) {
			t.Errorf("bundle\n%s\nwant\n%s", now, bundle)
		}
		if b := r.accepted(t, http.StatusOK, leaf, second); b.Statement.Index != again {
			t.Errorf("a BOM again is at %d, want %d", b.Statement.Index, again)
		}
		raw := newBOM(serialA, 1000, "relay")
		refused(t, r.submits(t, signBOM(t, bomBody(t, "x:hoshino", raw), vendor), raw), http.StatusForbidden, "ENVELOPE-KEY-UNKNOWN")
		refused(t, r.submits(t, signBOM(t, bomBody(t, "x:nobody", raw), other), raw), http.StatusForbidden, "STATE-PARTY-UNKNOWN")
		payload, err := statement.NewParty(partyBody("x:other", other))
		if b := r.accepted(t, http.StatusOK, seals(t, payload, err, registrar, other), nil); b.Statement.Index != 4 {
			t.Errorf("the enrolment again is at %d", b.Statement.Index)
		}
		p := partyBody("x:third", vendor)
		payload, err = statement.NewParty(p)
		refused(t, r.submits(t, seals(t, payload, err, registrar, vendor), nil), http.StatusForbidden, "STATE-KEY-TAKEN")
	}
	const warning = "snapshot of the guard's state not used"
	r = serveWith(t, dir, o)
	if strings.Contains(said.String(), warning) || named(r) < 9 {
		t.Errorf("not opened from a snapshot: %s", said.String())
	}
	holds(r)
	r.end(t)

	snapshots := filepath.Join(dir, logName, "snapshots")
	files, err := os.ReadDir(snapshots)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"altered": []byte("yurai-guard/1\n"), "of an older state": registry.New(testOrigin).Snapshot()(), "gone": nil,
	} {
		t.Run(name, func(t *testing.T) {
			for _, f := range files {
				err := os.Remove(filepath.Join(snapshots, f.Name()))
				if content != nil {
					err = os.WriteFile(filepath.Join(snapshots, f.Name()), content, 0o600)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			before := strings.Count(said.String(), warning)
			r := serveWith(t, dir, o)
			if strings.Count(said.String(), warning) != before+1 {
				t.Errorf("no warning: %s", said.String())
			}
			holds(r)
			r.end(t)
			for _, f := range files { // for the next
				if err := os.WriteFile(filepath.Join(snapshots, f.Name()), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// unsnapped is the guard without its snapshots.
type unsnapped struct{ sequencer.Guard }

// BenchmarkOpen measures how long a log of 200,000 leaves takes to open, a
// hundredth of them parties, from its newest snapshot and from the first leaf.
// ledger/TESTING.md has a result.
func BenchmarkOpen(b *testing.B) {
	const leaves, every = 200_000, 100
	dir := filepath.Join(b.TempDir(), "ledger")
	if err := Init(dir, InitOptions{Origin: testOrigin, Clock: clockAt(noon)}); err != nil {
		b.Fatal(err)
	}
	s, err := Open(b.Context(), dir, Options{Clock: clockAt(noon)})
	if err != nil {
		b.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, registrarName))
	if err != nil {
		b.Fatal(err)
	}
	registrar, err := envelope.ParsePrivatePEM(raw)
	if err != nil {
		b.Fatal(err)
	}
	var key *envelope.Signer
	var party string
	entry := func(i int) sequencer.Entry {
		var leaf []byte
		var err error
		if i%every == 0 {
			if key, err = envelope.NewSigner(envelope.Ed25519, nil); err != nil {
				b.Fatal(err)
			}
			party = fmt.Sprint("x:party-", i)
			p := partyBody(party, key)
			p.Name = "party"
			if leaf, err = statement.NewParty(p); err == nil {
				leaf, err = envelope.Sign(envelope.PayloadType, leaf, registrar, key)
			}
		} else {
			said := statement.BOM{
				Head: headBy(party), Digest: sha256.Sum256(fmt.Append(nil, i)), Size: 2048, Version: 1, SpecVersion: "1.6",
				MediaType: "application/vnd.cyclonedx+json; version=1.6", SerialNumber: "urn:uuid:" + serialA, Disclosure: statement.DisclosureOpen,
				Product: &statement.Product{Name: fmt.Sprint("relay ", i), Version: "C"},
			}
			if leaf, err = statement.NewBOM(said); err == nil {
				leaf, err = envelope.Sign(envelope.PayloadType, leaf, key)
			}
		}
		if err != nil {
			b.Fatal(err)
		}
		e, err := s.reopen(int64(i), leaf)
		if err != nil {
			b.Fatal(err)
		}
		return e
	}
	ctx, stop := context.WithCancel(b.Context())
	ran := make(chan error, 1)
	go func() { ran <- s.sequence.Run(ctx) }()
	for _, leaf := range [][]byte{s.genesis, s.admission} {
		e, err := s.reopen(0, leaf)
		if err == nil {
			_, err = s.sequence.Add(ctx, e)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	for i := 0; i < leaves; { // a party first, then its BOMs together
		var together sync.WaitGroup
		for range every {
			e := entry(i)
			add := func() {
				if _, err := s.sequence.Add(ctx, e); err != nil {
					b.Error(err)
				}
			}
			if i%every == 0 {
				add()
			} else {
				together.Go(add)
			}
			i++
		}
		together.Wait()
	}
	stop()
	if err := <-ran; err != nil {
		b.Fatal(err)
	}
	size, snapshot, err := s.store.Snapshot()
	if err != nil || size == 0 {
		b.Fatal(size, err)
	}
	b.Logf("%d leaves, snapshot of %d bytes at %d", s.Size(), len(snapshot), size)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	signers, err := s.read(dir)
	if err != nil {
		b.Fatal(err)
	}
	for _, way := range []string{"zero", "snapshot"} {
		b.Run("from="+way, func(b *testing.B) {
			for b.Loop() {
				store, err := filestore.Open(filepath.Join(dir, logName), filestore.Options{Origin: testOrigin})
				if err != nil {
					b.Fatal(err)
				}
				state := registry.New(testOrigin)
				var guard sequencer.Guard = state
				if way == "zero" {
					guard = unsnapped{state}
				}
				if _, err := sequencer.Open(b.Context(), sequencer.Config{
					Origin: testOrigin, Store: store, Guard: guard, Reopen: s.reopen, Signers: signers, Clock: time.Now,
				}); err != nil {
					b.Fatal(err)
				}
				if err := store.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package receiving_test

import (
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/policy"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// rival is another party that is enrolled.
const rival = "x:rival"

// byRival makes a statement the rival's.
func byRival(b *statement.BOM) { b.Party = []string{rival} }

// alone is the honest bundle of an entry of the party that was enrolled at
// index enrolled, with further entries that are named in its status.
func (w *world) alone(index, enrolled int64, further ...int64) *receiving.Bundle {
	w.t.Helper()
	b := w.bundle(index)
	b.History = nil
	concern := append([]int64{enrolled, index}, further...)
	slices.Sort(concern)
	for _, i := range append([]int64{0, 1}, concern...) {
		if i != index {
			b.History = append(b.History, w.entry(i))
		}
	}
	b.Status = w.status(index, concern, nil)
	return b
}

// withMaker is bill with another maker.
func withMaker(maker string) string {
	return strings.Replace(bill, `"manufacturer": {"name": "Hoshino"}`, `"manufacturer": {"name": "`+maker+`"}`, 1)
}

// version2 changes the vendor's enrolment: its key from then on.
func (w *world) version2(key *envelope.Signer) int64 {
	w.t.Helper()
	return w.log(w.must(statement.NewParty(statement.Party{
		Head: statement.Head{Log: w.origin, Made: made, Prev: statement.Digest(ledger.LeafHash(w.leaves[2]))},
		ID:   vendor, Version: 2, Name: "Hoshino Relay", Incorporated: "JP",
		Roles: []string{statement.RoleVendor}, KeySet: statement.NewKeySet(1, key.Key()),
	})), w.registrar, key)
}

// TestAttacks tries to have a file accepted that should not be, or refused that
// should be accepted, with nothing but what the attacker of each case has.
func TestAttacks(t *testing.T) {
	for _, tt := range []struct {
		name  string
		build func(w *world) (file string, b *receiving.Bundle)
		ask   func(*receiving.Request)
		exit  int
		code  string // among the reasons that are not notes; "" if there are none
	}{
		{name: "vendor: a commitment hides that the maker is somebody else", exit: 10, code: "STATE-SPEAKS-FOR", build: func(w *world) (string, *receiving.Bundle) {
			f := withMaker(rival)
			return f, w.bundle(w.bom(f, func(b *statement.BOM) {
				b.Disclosure, b.Product = statement.DisclosureHeld, &statement.Product{Commit: sha256.Sum256([]byte("salted"))}
			}))
		}},
		{name: "vendor: a commitment to a product of its own", exit: 0, build: func(w *world) (string, *receiving.Bundle) {
			f := withMaker(vendor)
			return f, w.bundle(w.bom(f, func(b *statement.BOM) {
				b.Disclosure, b.Product = statement.DisclosureHeld, &statement.Product{Commit: sha256.Sum256([]byte("salted"))}
			}))
		}},
		{name: "vendor: no product stated, though the BOM has one", exit: 10, code: "STATEMENT-BOM-MISMATCH", build: func(w *world) (string, *receiving.Bundle) {
			return bill, w.bundle(w.bom(bill, func(b *statement.BOM) { b.Product = nil }))
		}},
		{name: "vendor: no serial number stated, so that nothing equivocates", exit: 10, code: "STATEMENT-BOM-MISMATCH", build: func(w *world) (string, *receiving.Bundle) {
			return bill, w.bundle(w.bom(bill, func(b *statement.BOM) { b.SerialNumber = "" }))
		}},
		{name: "vendor: version 0 stated for an absent one, so that nothing equivocates", exit: 10, code: "STATEMENT-BOM-MISMATCH", build: func(w *world) (string, *receiving.Bundle) {
			f := strings.Replace(bill, `"version": 1,`, ``, 1)
			return f, w.bundle(w.bom(f, func(b *statement.BOM) { b.Version = 0 }))
		}},
		{name: "vendor: an absent version and version 1 are the same", exit: 10, code: "STATE-BOM-EQUIVOCAL", build: func(w *world) (string, *receiving.Bundle) {
			i := w.bom(bill, nil)
			return bill, w.bundle(i, w.bom(strings.Replace(bill, `"version": 1,`, ``, 1), nil))
		}},
		{name: "vendor: version 1.0 is version 1", exit: 10, code: "STATE-BOM-EQUIVOCAL", build: func(w *world) (string, *receiving.Bundle) {
			i := w.bom(bill, nil)
			return bill, w.bundle(i, w.bom(strings.Replace(bill, `"version": 1,`, `"version": 1.0,`, 1), nil))
		}},
		{name: "vendor: the correction is called a revision as well", exit: 10, code: "STATE-BOM-SUPERSEDED", build: func(w *world) (string, *receiving.Bundle) {
			i := w.bom(bill, nil)
			after := func(version, reason string) int64 {
				return w.bom(strings.Replace(bill, `"version": 1`, `"version": `+version, 1), func(b *statement.BOM) {
					b.Supersedes = &statement.Supersedes{Position: statement.Position{Log: origin, Index: i}, Reason: reason}
				})
			}
			return bill, w.bundle(i, after("2", statement.ReasonCorrection), after("3", statement.ReasonRevision))
		}},
		{name: "rival: corrects what is not its own", exit: 0, build: func(w *world) (string, *receiving.Bundle) {
			i, key := w.bom(bill, nil), signer(w.t, 90)
			e := w.enrol(rival, key)
			j := w.bom(bill, func(b *statement.BOM) {
				byRival(b)
				b.Supersedes = &statement.Supersedes{Position: statement.Position{Log: origin, Index: i}, Reason: statement.ReasonCorrection}
			}, key)
			b := w.alone(i, 2)
			b.History = append(b.History, w.entry(e), w.entry(j))
			return bill, b
		}},
		{name: "rival: squats the vendor's serial number with other bytes", exit: 0, build: func(w *world) (string, *receiving.Bundle) {
			key := signer(w.t, 90)
			e := w.enrol(rival, key)
			j := w.bom(strings.Replace(bill, "CPU board", "cpu board", 1), byRival, key)
			i := w.bom(bill, nil)
			b := w.alone(i, 2)
			b.History = append(b.History, w.entry(e), w.entry(j))
			return bill, b
		}},
		{name: "rival: signs in the vendor's name", exit: 11, code: "ENVELOPE-KEY-UNKNOWN", build: func(w *world) (string, *receiving.Bundle) {
			key := signer(w.t, 90)
			e := w.enrol(rival, key)
			b := w.alone(w.bom(bill, nil, key), 2)
			b.History = append(b.History, w.entry(e))
			return bill, b
		}},
		{name: "courier: the status about the rival's entry of the same bytes", exit: 14, code: "BUNDLE-STATUS-OTHER", build: func(w *world) (string, *receiving.Bundle) {
			key := signer(w.t, 90)
			e := w.enrol(rival, key)
			i := w.bom(bill, nil)
			j := w.bom(bill, byRival, key)
			b := w.alone(i, 2)
			b.Status = w.status(j, []int64{e, j}, nil)
			return bill, b
		}},
		{name: "courier: an old checkpoint with a new status", exit: 14, code: "BUNDLE-STATUS-OTHER", build: func(w *world) (string, *receiving.Bundle) {
			i := w.bom(bill, nil)
			b := w.bundle(i)
			w.enrol("x:other", signer(w.t, 90))
			b.Status = w.status(i, []int64{2, i}, nil)
			return bill, b
		}},
		{name: "courier: a checkpoint that one of two keys signed", exit: 11, code: "LOG-CHECKPOINT-SIGNATURE", build: func(w *world) (string, *receiving.Bundle) {
			b := w.bundle(w.bom(bill, nil))
			b.Checkpoint = w.must(ledger.SignCheckpoint(w.checkpoint(), made, w.checkpoints[0]))
			return bill, b
		}},
		{name: "courier: the bundle names another BOM's bytes", exit: 11, code: "BUNDLE-BLOB-OTHER", build: func(w *world) (string, *receiving.Bundle) {
			b := w.bundle(w.bom(bill, nil))
			b.Blobs = []receiving.Blob{{Digest: sha256.Sum256([]byte("other")), Size: 5, MediaType: "application/json"}}
			return bill, b
		}},
		{name: "courier: the bundle names another log, which is trusted too", exit: 11, code: "LOG-CHECKPOINT-ORIGIN", build: func(w *world) (string, *receiving.Bundle) {
			other := newWorld(w.t, "ledger.example/other", 50)
			w.trust.Logs = append(w.trust.Logs, other.trust.Logs...)
			b := w.bundle(w.bom(bill, nil))
			b.Log = other.origin
			return bill, b
		}},
		{name: "courier: the same statement from a test log that is not trusted, and no entry in ours", exit: 12, code: "LOG-ENTRY-ABSENT", build: func(w *world) (string, *receiving.Bundle) {
			other := newWorld(w.t, "ledger.example/other", 50)
			return bill, other.bundle(other.bom(bill, nil))
		}, ask: func(r *receiving.Request) { r.Absent = 3 }},
		{name: "replayer: a statement for another log", exit: 11, code: "STATE-LOG-OTHER", build: func(w *world) (string, *receiving.Bundle) {
			return bill, w.bundle(w.bom(bill, func(b *statement.BOM) { b.Log = "ledger.example/other" }))
		}},
		{name: "thief: the key signs on after the party changed it", exit: 11, code: "ENVELOPE-KEY-UNKNOWN", build: func(w *world) (string, *receiving.Bundle) {
			v2 := w.version2(signer(w.t, 91))
			return bill, w.alone(w.bom(bill, nil), 2, v2)
		}},
		{name: "thief: as above, and the change is left out of the bundle", exit: 14, code: "BUNDLE-HISTORY-INCOMPLETE", build: func(w *world) (string, *receiving.Bundle) {
			v2 := w.version2(signer(w.t, 91))
			b := w.alone(w.bom(bill, nil), 2, v2)
			b.History = slices.DeleteFunc(b.History, func(e receiving.Entry) bool { return e.Index == v2 })
			return bill, b
		}},
		{name: "vendor: signed before its key changed", exit: 0, build: func(w *world) (string, *receiving.Bundle) {
			i := w.bom(bill, nil)
			return bill, w.alone(i, 2, w.version2(signer(w.t, 91)))
		}},
		{name: "log: a status as a leaf", exit: 11, code: "STATE-KIND-NEVER", build: func(w *world) (string, *receiving.Bundle) {
			i := w.bom(bill, nil)
			w.leaves = append(w.leaves, w.status(i, []int64{2, i}, nil))
			return bill, w.bundle(i, i+1)
		}},
		{name: "log: a second genesis", exit: 11, code: "STATE-GENESIS-SECOND", build: func(w *world) (string, *receiving.Bundle) {
			i := w.bom(bill, nil)
			w.leaves = append(w.leaves, newWorld(w.t, origin, 50).leaves[0])
			return bill, w.bundle(i, i+1)
		}},
		{name: "editor of the policy: its rules are gone, its name is the pinned one's", exit: 10, code: "VERDICT-POLICY-PIN", ask: func(r *receiving.Request) {
			raw, _ := policy.Pack(policy.Demo)
			p, err := policy.Parse([]byte(strings.ReplaceAll(string(raw), "outcome: hold", "outcome: note")))
			if err != nil {
				panic(err)
			}
			trust := *r.Trust
			trust.Policy = &ledger.PolicyPin{ID: p.ID, Signer: "registrar", Version: 1}
			r.Policy, r.Trust = p, &trust
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, origin, 0)
			file, b := bill, (*receiving.Bundle)(nil)
			if tt.build != nil {
				file, b = tt.build(w)
			} else {
				b = w.bundle(w.bom(bill, nil))
			}
			v := w.check(file, b, tt.ask)
			codes := strings.Fields(grave(v))
			if v.Exit != tt.exit || (v.Verdict == receiving.Accept) != (tt.exit == 0) || tt.code != "" && !slices.Contains(codes, tt.code) || tt.code == "" && len(codes) > 0 {
				t.Errorf("got %s %d %q\n%s\nwant %d %s", v.Verdict, v.Exit, codes, outcomes(v), tt.exit, tt.code)
			}
		})
	}
}

// TestAnOmissionIsASignedLie: a log that leaves the correction of a BOM out of
// bundle and status can have it accepted. What it signed then contradicts what
// every replay of the same tree gives.
func TestAnOmissionIsASignedLie(t *testing.T) {
	w := newWorld(t, origin, 0)
	i := w.bom(bill, nil)
	w.bom(strings.Replace(bill, `"version": 1`, `"version": 2`, 1), func(b *statement.BOM) {
		b.Supersedes = &statement.Supersedes{Position: statement.Position{Log: origin, Index: i}, Reason: statement.ReasonCorrection}
	})
	lie := w.alone(i, 2)
	if v := w.check(bill, lie, nil); v.Verdict != receiving.Accept || v.Rows[5].Basis != receiving.ByLogSigned {
		t.Fatalf("got %s, basis %s", v.Verdict, v.Rows[5].Basis)
	}
	ev, err := receiving.Open(lie, w.trust)
	if err != nil {
		t.Fatal(err)
	}
	h := registry.NewHistory(origin)
	for n, leaf := range w.leaves {
		p, err := h.State().OpenLeaf(leaf)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Apply(int64(n), p); err != nil {
			t.Fatal(err)
		}
	}
	said := ev.Status.Body.(*statement.Status)
	found, _ := h.Standing(i, said.Size)
	if ledger.Hash(said.Root) != w.checkpoint().Root || found.Word != registry.Superseded || slices.Contains(said.Entries, found.Followers[0].Index) {
		t.Errorf("the status names %v of the tree %s, the replay finds %+v", said.Entries, said.Root, found)
	}
}

// TestVerdictHasNoOtherInputs: a bundle in another spelling, with proven entries
// that do not concern the file, gives the same canonical bytes, as does a second
// judgement at the same time.
func TestVerdictHasNoOtherInputs(t *testing.T) {
	w := newWorld(t, origin, 0)
	i := w.bom(bill, nil)
	e := w.enrol(rival, signer(t, 90))
	plain := w.alone(i, 2)
	more := w.alone(i, 2)
	more.History = append(more.History, w.entry(e))
	raw, err := more.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	spelt := map[string]any{}
	if err := json.Unmarshal(raw, &spelt); err != nil {
		t.Fatal(err)
	}
	if raw, err = json.Marshal(spelt); err != nil { // members in another order, no white space
		t.Fatal(err)
	}
	again, err := receiving.ParseBundle(raw)
	if err != nil {
		t.Fatal(err)
	}
	zone := now.In(time.FixedZone("Asia/Tokyo", 9*3600))
	var want string
	for name, v := range map[string]*receiving.Verdict{
		"as it is": w.check(bill, plain, nil),
		"spelt":    w.check(bill, again, nil),
		"in Japan": w.check(bill, plain, func(r *receiving.Request) { r.Lang, r.At = "ja", zone }),
	} {
		got, err := v.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		if want == "" {
			want = string(got)
		}
		if string(got) != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
}

package receiving_test

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

const allPass = "signature=pass log=pass witnesses=not-required contents=pass origin=pass advisories=pass"

func TestAccept(t *testing.T) {
	w := newWorld(t, origin, 0)
	i := w.bom(bill, nil)
	for range 5 { // other entries make the proofs longer
		w.enrol("x:other"+string(rune('a'+len(w.leaves))), signer(t, byte(100+len(w.leaves))))
	}
	v := w.check(bill, w.bundle(i), nil)
	if v.Verdict != receiving.Accept || v.Exit != 0 || outcomes(v) != allPass || grave(v) != "" {
		t.Fatalf("got %s %d, %s, %s", v.Verdict, v.Exit, outcomes(v), grave(v))
	}
	if v.Scope != receiving.ScopeDocument || v.Party.ID != vendor || v.Entry.Index != i || v.Entry.Standing != "admitted" {
		t.Errorf("got %+v %+v %+v", v.Scope, v.Party, v.Entry)
	}
}

// Two machines get the same canonical bytes, whatever language they speak.
func TestCanonical(t *testing.T) {
	w := newWorld(t, origin, 0)
	b := w.bundle(w.bom(bill, nil))
	raw, err := b.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	again, err := receiving.ParseBundle(raw)
	if err != nil {
		t.Fatal(err)
	}
	one, err := w.check(bill, b, nil).Canonical()
	if err != nil {
		t.Fatal(err)
	}
	two, err := w.check(bill, again, func(r *receiving.Request) { r.Lang = "ja" }).Canonical()
	if err != nil {
		t.Fatal(err)
	}
	if string(one) != string(two) {
		t.Errorf("canonical bytes differ:\n%s\n%s", one, two)
	}
	for _, member := range []string{`"text"`, `"exit"`} {
		if strings.Contains(string(one), member) {
			t.Errorf("canonical bytes hold %s", member)
		}
	}
}

// Take any one piece of evidence away, or change it, and the verdict is not
// ACCEPT; the code says which piece.
func TestVerdicts(t *testing.T) {
	const edited = "edited"
	tests := []struct {
		name  string
		build func(w *world) (file string, b *receiving.Bundle)
		ask   func(*receiving.Request)
		want  string
		exit  int
		codes string
	}{
		{name: "one byte changed", want: receiving.Reject, exit: 11, codes: "VERDICT-BYTES-DIFFER", build: func(w *world) (string, *receiving.Bundle) {
			return strings.Replace(bill, "CPU board", "CPU Board", 1), w.bundle(w.bom(bill, nil))
		}},
		{name: "no longer JSON", want: receiving.Reject, exit: 11, codes: "VERDICT-BYTES-DIFFER", build: func(w *world) (string, *receiving.Bundle) {
			return bill[:100], w.bundle(w.bom(bill, nil))
		}},
		{name: "no bundle", want: receiving.Hold, exit: 10, codes: "BUNDLE-FILE-ABSENT", build: func(*world) (string, *receiving.Bundle) { return bill, nil }},
		{name: "not in the log", want: receiving.Hold, exit: 12, codes: "LOG-ENTRY-ABSENT", build: func(*world) (string, *receiving.Bundle) { return bill, nil }, ask: func(r *receiving.Request) { r.Absent = 3 }},
		{name: "made in a country of concern", want: receiving.Hold, exit: 10, codes: "POLICY-RULE-HIT", build: func(w *world) (string, *receiving.Bundle) {
			f := strings.Replace(bill, `"yurai:origin:manufactured", "value": "JP"`, `"yurai:origin:manufactured", "value": "BV"`, 1)
			return f, w.bundle(w.bom(f, nil))
		}},
		{name: "origin not stated", want: receiving.Hold, exit: 10, codes: "POLICY-RULE-UNKNOWN", build: func(w *world) (string, *receiving.Bundle) {
			f := strings.ReplaceAll(bill, "yurai:origin:manufactured", "yurai:origin:designed")
			return f, w.bundle(w.bom(f, nil))
		}},
		{name: "completeness not stated", want: receiving.Hold, exit: 10, codes: "POLICY-RULE-UNKNOWN POLICY-RULE-INCOMPLETE", build: func(w *world) (string, *receiving.Bundle) {
			f := strings.Replace(bill, `["relay", "cpu"]`, `["relay"]`, 1)
			return f, w.bundle(w.bom(f, nil))
		}},
		{name: "no status", want: receiving.Hold, exit: 14, codes: "BUNDLE-STATUS-ABSENT", build: func(w *world) (string, *receiving.Bundle) {
			b := w.bundle(w.bom(bill, nil))
			b.Status = nil
			return bill, b
		}},
		{name: "status too old", want: receiving.Hold, exit: 14, codes: "BUNDLE-STATUS-STALE", ask: func(r *receiving.Request) { r.At = made.Add(169 * time.Hour) }},
		{name: "status from the future", want: receiving.Hold, exit: 14, codes: "BUNDLE-STATUS-FUTURE", ask: func(r *receiving.Request) { r.At = made.Add(-11 * time.Minute) }},
		{name: "status of another size", want: receiving.Hold, exit: 14, codes: "BUNDLE-STATUS-OTHER", build: func(w *world) (string, *receiving.Bundle) {
			b := w.bundle(w.bom(bill, nil))
			b.Status = w.status(3, []int64{2, 3}, func(s *statement.Status) { s.Size++ })
			return bill, b
		}},
		{name: "status of another root", want: receiving.Hold, exit: 14, codes: "BUNDLE-STATUS-OTHER", build: func(w *world) (string, *receiving.Bundle) {
			b := w.bundle(w.bom(bill, nil))
			b.Status = w.status(3, []int64{2, 3}, func(s *statement.Status) { s.Root[3] ^= 1 })
			return bill, b
		}},
		{name: "status of another BOM", want: receiving.Hold, exit: 14, codes: "BUNDLE-STATUS-OTHER", build: func(w *world) (string, *receiving.Bundle) {
			b := w.bundle(w.bom(bill, nil))
			b.Status = w.status(3, []int64{2, 3}, func(s *statement.Status) { s.BOM[3] ^= 1 })
			return bill, b
		}},
		{name: "status that does not name the entry", want: receiving.Hold, exit: 14, codes: "BUNDLE-STATUS-OTHER", build: func(w *world) (string, *receiving.Bundle) {
			b := w.bundle(w.bom(bill, nil))
			b.Status = w.status(3, []int64{2}, nil)
			return bill, b
		}},
		{name: "status names an entry that is left out", want: receiving.Hold, exit: 14, codes: "BUNDLE-HISTORY-INCOMPLETE", build: func(w *world) (string, *receiving.Bundle) {
			w.bom(strings.Replace(bill, "CPU", "GPU", 1), nil)
			i := w.bom(bill, nil)
			b := w.bundle(i)
			b.Status = w.status(i, []int64{2, 3, 4}, nil)
			return bill, b
		}},
		{name: "status signed by the registrar", want: receiving.Reject, exit: 11, codes: "ENVELOPE-KEY-UNKNOWN", build: func(w *world) (string, *receiving.Bundle) {
			b := w.bundle(w.bom(bill, nil))
			b.Status = w.status(3, []int64{2, 3}, nil, w.registrar)
			return bill, b
		}},
		{name: "a leaf where the status should be", want: receiving.Reject, exit: 11, codes: "BUNDLE-STATUS-KIND", build: func(w *world) (string, *receiving.Bundle) {
			b := w.bundle(w.bom(bill, nil))
			b.Status = w.leaves[3]
			return bill, b
		}},
		{name: "another entry's proof", want: receiving.Reject, exit: 11, codes: "LOG-PROOF-INVALID", build: func(w *world) (string, *receiving.Bundle) {
			b := w.bundle(w.bom(bill, nil))
			b.Statement.Proof = w.entry(2).Proof
			return bill, b
		}},
		{name: "another index", want: receiving.Reject, exit: 11, codes: "LOG-PROOF-INVALID", build: func(w *world) (string, *receiving.Bundle) {
			i := w.bom(bill, nil)
			w.enrol("x:other", signer(w.t, 99))
			b := w.bundle(i)
			b.Statement.Index++
			return bill, b
		}},
		{name: "another log's checkpoint", want: receiving.Reject, exit: 11, codes: "LOG-CHECKPOINT-ORIGIN", build: func(w *world) (string, *receiving.Bundle) {
			b := w.bundle(w.bom(bill, nil))
			b.Checkpoint = newWorld(w.t, "ledger.example/other", 50).bundle(2).Checkpoint
			return bill, b
		}},
		{name: "a checkpoint of the same name under other keys", want: receiving.Reject, exit: 11, codes: "LOG-CHECKPOINT-SIGNATURE", build: func(w *world) (string, *receiving.Bundle) {
			other := newWorld(w.t, origin, 50)
			return bill, other.bundle(other.bom(bill, nil))
		}},
		{name: "a log that is not trusted", want: receiving.Hold, exit: 14, codes: "TRUST-LOG-UNKNOWN", build: func(w *world) (string, *receiving.Bundle) {
			other := newWorld(w.t, "ledger.example/other", 50)
			return bill, other.bundle(other.bom(bill, nil))
		}},
		{name: "genesis left out", want: receiving.Reject, exit: 11, codes: "BUNDLE-GENESIS-OTHER", build: func(w *world) (string, *receiving.Bundle) {
			b := w.bundle(w.bom(bill, nil))
			b.History = b.History[1:]
			return bill, b
		}},
		{name: "another genesis pinned", want: receiving.Reject, exit: 11, codes: "BUNDLE-GENESIS-OTHER", ask: func(r *receiving.Request) {
			trust := *r.Trust
			trust.Logs = slices.Clone(trust.Logs)
			trust.Logs[0].Genesis[0] ^= 1
			r.Trust = &trust
		}},
		{name: "the party's enrolment left out", want: receiving.Reject, exit: 11, codes: "STATE-PARTY-UNKNOWN", build: func(w *world) (string, *receiving.Bundle) {
			b := w.bundle(w.bom(bill, nil))
			b.History = b.History[:2]
			return bill, b
		}},
		{name: "signed by a stranger", want: receiving.Reject, exit: 11, codes: "ENVELOPE-KEY-UNKNOWN", build: func(w *world) (string, *receiving.Bundle) {
			return bill, w.bundle(w.bom(bill, nil, signer(w.t, 99)))
		}},
		{name: "signed before the party was enrolled", want: receiving.Reject, exit: 11, codes: "STATE-PARTY-UNKNOWN", build: func(w *world) (string, *receiving.Bundle) {
			w.leaves = w.leaves[:2]
			i := w.bom(bill, nil)
			w.enrol(vendor, w.vendor)
			b := w.bundle(3)
			b.Statement, b.History = w.entry(i), []receiving.Entry{w.entry(0), w.entry(1), w.entry(3)}
			return bill, b
		}},
		{name: "a bundle of a party statement", want: receiving.Reject, exit: 11, codes: "BUNDLE-KIND-OTHER", build: func(w *world) (string, *receiving.Bundle) {
			return bill, w.bundle(2)
		}},
		{name: "a statement that describes another product", want: receiving.Hold, exit: 10, codes: "STATEMENT-BOM-MISMATCH", build: func(w *world) (string, *receiving.Bundle) {
			return bill, w.bundle(w.bom(bill, func(b *statement.BOM) { b.Product.Name = edited }))
		}},
		{name: "two BOMs under one number and version", want: receiving.Hold, exit: 10, codes: "STATE-BOM-EQUIVOCAL", build: func(w *world) (string, *receiving.Bundle) {
			i := w.bom(bill, nil)
			j := w.bom(strings.Replace(bill, "CPU board", "cpu board", 1), nil)
			return bill, w.bundle(i, j)
		}},
		{name: "corrected since", want: receiving.Hold, exit: 10, codes: "STATE-BOM-SUPERSEDED", build: func(w *world) (string, *receiving.Bundle) {
			i := w.bom(bill, nil)
			j := w.bom(strings.Replace(bill, `"version": 1`, `"version": 2`, 1), func(b *statement.BOM) {
				b.Supersedes = &statement.Supersedes{Position: statement.Position{Log: origin, Index: i}, Reason: statement.ReasonCorrection}
			})
			return bill, w.bundle(i, j)
		}},
		{name: "trust expired", want: receiving.Hold, exit: 14, codes: "TRUST-FILE-EXPIRED", ask: func(r *receiving.Request) {
			trust := *r.Trust
			trust.Expires = r.At
			r.Trust = &trust
		}},
		{name: "the stage demands a unit", want: receiving.Hold, exit: 10, codes: "VERDICT-SCOPE-SHORT", ask: func(r *receiving.Request) { r.Stage = "recheck" }},
		{name: "an unknown stage", want: receiving.Hold, exit: 10, codes: "VERDICT-SCOPE-SHORT", ask: func(r *receiving.Request) { r.Stage = "whenever" }},
		{name: "another policy is pinned", want: receiving.Hold, exit: 10, codes: "VERDICT-POLICY-PIN", ask: func(r *receiving.Request) {
			trust := *r.Trust
			trust.Policy = &ledger.PolicyPin{ID: "jp-core", Signer: "x:ministry", Version: 1}
			r.Trust = &trust
		}},
		{name: "a newer version of the policy is pinned", want: receiving.Hold, exit: 10, codes: "VERDICT-POLICY-PIN", ask: func(r *receiving.Request) {
			trust := *r.Trust
			trust.Policy = &ledger.PolicyPin{ID: "demo", Signer: "x:ministry", Version: 2}
			r.Trust = &trust
		}},
		{name: "witnesses demanded", want: receiving.Hold, exit: 10, codes: "LOG-QUORUM-UNMET", ask: func(r *receiving.Request) {
			trust := *r.Trust
			trust.Witnesses = witnessed(t)
			r.Trust = &trust
		}},
		{name: "a linked BOM that nobody looked at", want: receiving.Hold, exit: 10, codes: "VERDICT-LINK-UNREAD", build: func(w *world) (string, *receiving.Bundle) {
			f := linking(link("https://vendor.example/fw", strings.Repeat("ab", 32)))
			return f, w.bundle(w.bom(f, nil))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, origin, 0)
			file, b := bill, (*receiving.Bundle)(nil)
			if tt.build != nil {
				file, b = tt.build(w)
			} else {
				b = w.bundle(w.bom(bill, nil))
			}
			v := w.check(file, b, tt.ask)
			if v.Verdict != tt.want || v.Exit != tt.exit || !strings.Contains(grave(v), strings.Fields(tt.codes)[0]) {
				t.Errorf("got %s %d %q\n%s\nwant %s %d %q", v.Verdict, v.Exit, grave(v), outcomes(v), tt.want, tt.exit, tt.codes)
			}
			if outcomes(v) == allPass {
				t.Error("a verdict other than ACCEPT stands over six rows that pass")
			}
			if len(v.Rows) != 6 {
				t.Errorf("%d rows", len(v.Rows))
			}
		})
	}
}

// witnessed returns a policy that demands one witness.
func witnessed(t *testing.T) *ledger.WitnessPolicy {
	t.Helper()
	s, err := ledger.NewSigner(ledger.CosignatureV1, "witness.example/w1", seed(60))
	if err != nil {
		t.Fatal(err)
	}
	p, err := ledger.ParseWitnessPolicy("witness w " + s.VKey() + "\nquorum w\n")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A revision, an aged status and a repeated entry pass with a note.
func TestNotes(t *testing.T) {
	w := newWorld(t, origin, 0)
	i := w.bom(bill, nil)
	j := w.bom(strings.Replace(bill, `"version": 1`, `"version": 2`, 1), func(b *statement.BOM) {
		b.Supersedes = &statement.Supersedes{Position: statement.Position{Log: origin, Index: i}, Reason: statement.ReasonRevision}
	})
	v := w.check(bill, w.bundle(i, j), func(r *receiving.Request) { r.At = made.Add(25 * time.Hour) })
	var notes []string
	for _, r := range v.Reasons {
		notes = append(notes, r.Code)
	}
	if v.Verdict != receiving.Accept || !slices.Equal(notes, []string{"STATE-BOM-SUPERSEDED", "BUNDLE-STATUS-AGED"}) {
		t.Errorf("got %s with %v", v.Verdict, notes)
	}
}

// What lint warns of is between vendor and lint: it moves no verdict and adds no
// word to it.
func TestLintMovesNoVerdict(t *testing.T) {
	misread := strings.NewReplacer(
		`"name": "CPU board",`, `"name": "CPU board", "supplier": {"name": "S", "address": {"country": "СN"}},
  "hashes": [{"alg": "SHA-256", "content": "da39a3ee5e6b4b0d3255bfef95601890afd80709"}],
  "externalReferences": [{"type": "website", "url": "javascript:alert(1)"}, {"type": "other", "url": "urn:cdx:1"}],`,
		`"compositions"`, `"dependencies": [{"ref": "cpu", "dependsOn": ["cpu"]}], "compositions"`,
	).Replace(bill)
	doc, findings := sbom.Admit([]byte(misread), sbom.DefaultLimits)
	if doc == nil || len(findings) > 0 {
		t.Fatalf("admission finds %v", findings)
	}
	if n := len(sbom.Lint(doc, sbom.DefaultLimits)); n < 4 {
		t.Fatalf("lint finds %d things, want at least 4", n)
	}
	w := newWorld(t, origin, 0)
	clean := w.check(bill, w.bundle(w.bom(bill, nil)), nil)
	w = newWorld(t, origin, 0)
	v := w.check(misread, w.bundle(w.bom(misread, nil)), nil)
	if v.Verdict != receiving.Accept || outcomes(v) != outcomes(clean) || len(v.Reasons) != len(clean.Reasons) {
		t.Errorf("got %s %s, reasons %+v; a clean document has %s", v.Verdict, outcomes(v), v.Reasons, outcomes(clean))
	}
}

func TestNothingToJudge(t *testing.T) {
	w := newWorld(t, origin, 0)
	_, err := receiving.Check(receiving.Request{File: []byte("{"), Trust: w.trust, At: now, Policy: demoPolicy(t)})
	if !strings.HasPrefix(code(err), "BOM-") {
		t.Errorf("got %v", err)
	}
}

// Every byte of a bundle counts: change one, and it is refused, or judged the
// same (a member nobody reads has no place in it).
func TestFlippedBundleNeverAccepts(t *testing.T) {
	w := newWorld(t, origin, 0)
	b := w.bundle(w.bom(bill, nil))
	raw, err := b.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(raw); at += 31 {
		for _, bit := range []byte{1, 0x20} {
			changed := slices.Clone(raw)
			changed[at] ^= bit
			again, err := receiving.ParseBundle(changed)
			if err != nil {
				if code(err) == "" {
					t.Fatalf("byte %d: error without a code: %v", at, err)
				}
				continue
			}
			if v := w.check(bill, again, nil); v.Verdict == receiving.Accept {
				same, err := again.Marshal()
				if err != nil {
					t.Fatal(err)
				}
				if string(same) != string(raw) {
					t.Errorf("byte %d bit %d of the bundle is changed and accepted: %q", at, bit, raw[max(0, at-20):min(len(raw), at+20)])
				}
			}
		}
	}
}

func TestParseBundleRefuses(t *testing.T) {
	w := newWorld(t, origin, 0)
	b := w.bundle(w.bom(bill, nil))
	raw, err := b.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for name, tt := range map[string]struct{ raw, want string }{
		"empty":            {"", "BUNDLE-FILE-MALFORMED"},
		"newer":            {strings.Replace(text, "yurai-bundle/1", "yurai-bundle/2", 1), "BUNDLE-FORMAT-UNKNOWN"},
		"doubled member":   {strings.Replace(text, `"log"`, `"log": "x", "log"`, 1), "BUNDLE-FILE-MALFORMED"},
		"unknown member":   {strings.Replace(text, `"log"`, `"more": 1, "log"`, 1), "BUNDLE-FILE-MALFORMED"},
		"case variant":     {strings.Replace(text, `"log"`, `"Log"`, 1), "BUNDLE-FILE-MALFORMED"},
		"trailing data":    {text + "1", "BUNDLE-FILE-MALFORMED"},
		"line in base64":   {strings.Replace(text, base64.StdEncoding.EncodeToString(b.Statement.Leaf), `eyJ\n`, 1), "BUNDLE-FILE-MALFORMED"},
		"negative index":   {strings.Replace(text, `"index": 3`, `"index": -3`, 1), "BUNDLE-FILE-MALFORMED"},
		"history unsorted": {strings.Replace(text, `"index": 1`, `"index": 9`, 1), "BUNDLE-FILE-MALFORMED"},
		"statement twice":  {strings.Replace(text, `"index": 2`, `"index": 3`, 1), "BUNDLE-FILE-MALFORMED"},
		"over the size":    {text + strings.Repeat(" ", receiving.MaxBundle), "BUNDLE-SIZE-LIMIT"},
	} {
		if tt.raw == text {
			t.Fatalf("%s changes nothing", name)
		}
		if _, err := receiving.ParseBundle([]byte(tt.raw)); code(err) != tt.want {
			t.Errorf("%s: got %v, want %s", name, err, tt.want)
		}
	}
}

func TestReceipt(t *testing.T) {
	w := newWorld(t, origin, 0)
	i := w.bom(bill, nil)
	ev, err := receiving.Open(w.bundle(i), w.trust)
	if err != nil {
		t.Fatal(err)
	}
	sent, err := envelope.ParseLeaf(w.leaves[i])
	if err != nil {
		t.Fatal(err)
	}
	if err := ev.Receipt(sent); err != nil {
		t.Error(err)
	}
	for name, leaf := range map[string][]byte{
		"another statement": w.leaves[2],
		"another signer":    w.must(envelope.Sign(envelope.PayloadType, sent.Payload(), signer(t, 77))),
	} {
		other, err := envelope.ParseLeaf(leaf)
		if err != nil {
			t.Fatal(err)
		}
		if err := ev.Receipt(other); code(err) != "BUNDLE-RECEIPT-OTHER" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func FuzzParseBundle(f *testing.F) {
	w := newWorld(f, origin, 0)
	b := w.bundle(w.bom(bill, nil))
	raw, err := b.Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := receiving.ParseBundle(raw)
		if err != nil {
			if code(err) == "" {
				t.Fatalf("error without a code: %v", err)
			}
			return
		}
		if _, err := receiving.Open(b, w.trust); err != nil && code(err) == "" && !errors.Is(err, statement.ErrNewer) {
			t.Fatalf("error without a code: %v", err)
		}
	})
}

package registry

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

var update = flag.Bool("update", false, "write golden files of formats not yet published")

// golden is an entry as body and signers. Those with an ECDSA signature were made
// once; their bytes are kept, not made again. A name that begins with "never" is
// of a kind that is no leaf.
type golden struct {
	name string
	body any
	by   []string
}

// goldenLog is a log of the kinds of the first release's loop, in the end a
// status; goldenRest goes on with every other kind.
func goldenLog(t testing.TB) []golden {
	held := with(bomBody("x:a", "held"), func(b *statement.BOM) {
		b.Log, b.SerialNumber, b.Version, b.Disclosure = "", "", 0, statement.DisclosureHeld
		b.Product = &statement.Product{Commit: digest("commitment")}
	})
	corrected := with(bomBody("x:a", "corrected"), func(b *statement.BOM) {
		b.Version, b.Note = 2, "the board was revision C"
		b.Product = &statement.Product{Name: "HR-87T", Version: "C", Maker: "x:a", GTIN: "04912345678904", CPE: "cpe:2.3:h:a:hr-87t:c:*:*:*:*:*:*:*", PURL: "pkg:generic/hr-87t@C"}
		b.Supersedes = &statement.Supersedes{Position: statement.Position{Log: origin, Index: 3}, Reason: statement.ReasonCorrection}
	})
	return []golden{
		{"0-genesis", genesisBody(t), []string{"r1", "r2"}},
		{"1-admission", with(admissionBody(), func(a *statement.Admission) {
			a.Kinds = []statement.Kind{statement.KindBOM, statement.KindParty}
		}), []string{"r1", "r3"}},
		{"2-party-ecdsa", partyBody(t, "x:a", 2, "a1", "a2", "p256a"), []string{"r1", "r2", "a1", "a2", "p256a"}},
		{"3-bom", bomBody("x:a", "bytes"), []string{"a1", "a2"}},
		{"4-bom-ecdsa", corrected, []string{"a1", "p256a"}},
		{"5-bom-held", held, []string{"a1", "a2"}},
		{"6-party", partyBody(t, "lei:5493001KJTIIGC8Y1R12", 1, "b1"), []string{"r2", "r3", "b1"}},
		{"7-status", statement.Status{
			Head: head(), BOM: digest("bytes"), Size: 7, Root: digest("root"), About: "x:a", Entries: []int64{2, 3, 4},
		}, []string{"log"}},
	}
}

// goldenRest follows on goldenLog, at index 7. Each member of each kind is in one
// of them, so that none can change its name unseen.
func goldenRest(t testing.TB) []golden {
	leaf := func(name string) statement.Digest {
		t.Helper()
		raw, err := os.ReadFile(filepath.Join("testdata", name+".leaf"))
		if err != nil {
			t.Fatal(err)
		}
		return hashOf(raw)
	}
	at := func(of any, names ...string) statement.Digest {
		t.Helper()
		return hashOf(sign(t, of, names...))
	}
	noted := func(h statement.Head, note string) statement.Head {
		h.Note = note
		return h
	}
	taken := with(admissionBody(), func(a *statement.Admission) {
		a.Prev = leaf("1-admission")
		a.Kinds = []statement.Kind{
			statement.KindAdvisory, statement.KindAttestation, statement.KindBOM, statement.KindDelegate, statement.KindKeys,
			statement.KindList, statement.KindParty, statement.KindRevoke, statement.KindSuspend, statement.KindWithdraw,
		}
	})
	regulator := with(partyBody(t, "x:ministry", 1, "m1"), func(p *statement.Party) {
		p.Roles, p.Name = []string{statement.RoleRegulator, statement.RoleAuditor}, "経済産業省"
		p.Identifiers, p.SpeaksFor = []string{"dns:ministry.example", "jp-corp:7000012050002"}, []string{"x:ministry"}
	})
	renamed := with(regulator, func(p *statement.Party) { p.Version, p.Prev, p.Incorporated = 2, at(regulator, "r1", "r2", "m1"), "JP" })
	rotated := keysBody(t, "x:a", leaf("2-party-ecdsa"), 1, "a1", "a3")
	delegated := with(delegateBody(t, "x:a", "plant", "HR-86", "HR-87T"), func(d *statement.Delegate) { d.End = made.AddDate(1, 0, 0) })
	again := with(delegated, func(d *statement.Delegate) {
		d.Scope.Products, d.Prev = nil, at(delegated, "a1")
	})
	suspended := suspendBody("x:ministry", "x:a", statement.Digest{}, false)
	everything := advisoryBody("x:ministry", statement.Selector{
		Party: "x:a", Product: "HR-87T", Part: &statement.Part{Maker: "Acme", Part: "N1"}, Digest: digest("firmware"),
	})
	everything.Severity, everything.Expires, everything.Text = statement.SeverityRecall, made.AddDate(0, 6, 0), "Replace the chip.\n交換すること。"
	designated := listBody("x:ministry", "designated", 1, statement.Digest{})
	shorter := listBody("x:ministry", "designated", 2, at(designated, "m1"))
	shorter.Digest = digest("shorter list")
	looked := statement.Attestation{
		Head: statement.Head{Party: []string{"x:ministry"}, Made: made}, Digest: digest("bytes"),
		Standard: "IEC 62443-4-2", Scope: "firmware 5.2.1", Findings: "None.",
	}
	return []golden{
		{"7-admission-all", taken, []string{"r1", "r2"}},
		{"8-party-regulator", regulator, []string{"r1", "r2", "m1"}},
		{"9-party-renamed", renamed, []string{"r1", "r2", "m1"}},
		{"10-keys", rotated, []string{"a1", "a2", "a3"}},
		{"11-keys-log", with(keysBody(t, "log", statement.Digest{}, 1, "log2"), func(k *statement.Keys) { k.Note = "yearly" }), []string{"log", "log2"}},
		{"12-delegate", delegated, []string{"a1"}},
		{"13-delegate-again", again, []string{"a1"}},
		{"14-revoke-key", revokeBody(t, "registrar", statement.TargetKey, "x:a", "a2", 11), []string{"r1", "r2"}},
		{"15-revoke-delegate", revokeBody(t, "x:a", statement.TargetDelegate, "x:a", "plant", -1), []string{"a1"}},
		{"16-revoke-party", revokeBody(t, "registrar", statement.TargetParty, "lei:5493001KJTIIGC8Y1R12", "", -1), []string{"r1", "r3"}},
		{"17-suspend", suspended, []string{"m1"}},
		{"18-suspend-lifted", suspendBody("registrar", "x:a", at(suspended, "m1"), true), []string{"r1", "r2"}},
		{"19-withdraw", withdrawBody("x:a", 5), []string{"a1"}},
		{"20-advisory", everything, []string{"m1"}},
		{"21-advisory-part", advisoryBody("x:ministry", statement.Selector{Part: &statement.Part{Part: "N1"}}), []string{"m1"}},
		{"22-list", designated, []string{"m1"}},
		{"23-list-second", shorter, []string{"m1"}},
		{"24-attestation", with(attestationBody("registrar"), func(a *statement.Attestation) { a.Head = noted(a.Head, "seen in the register") }), []string{"r1", "r2"}},
		{"25-attestation-bytes", looked, []string{"m1"}},
		{"never-status-warned", statement.Status{
			Head: head(), BOM: digest("bytes"), Size: 26, Root: digest("root"), About: "x:a", Entries: []int64{2, 3},
			Advisories: statement.Advisories{Count: 2, Last: digest("last advisory")},
		}, []string{"log2"}},
		{"never-trust", statement.Trust{Head: head(), File: digest("trust file")}, []string{"r1", "r2"}},
	}
}

// goldenJudged follows on goldenRest, at index 26: what is judged, decided and
// owned.
func goldenJudged(t testing.TB) []golden {
	at := func(of any, names ...string) statement.Digest {
		t.Helper()
		return hashOf(sign(t, of, names...))
	}
	told := func(s string) statement.Field { return statement.Field{Text: s} }
	older, err := os.ReadFile(filepath.Join("testdata", "7-admission-all.leaf"))
	if err != nil {
		t.Fatal(err)
	}
	taken := with(admissionBody(), func(a *statement.Admission) {
		a.Prev = hashOf(older)
		a.Kinds = []statement.Kind{statement.KindDecision, statement.KindParty, statement.KindPolicy, statement.KindProfile, statement.KindVerdict}
	})
	operator := with(partyBody(t, "x:operator", 1, "o1", "o2"), func(p *statement.Party) { p.Roles = []string{statement.RoleOperator} })
	first := policyBody("x:operator", "substations", 2, statement.Digest{})
	judged := with(verdictBody("x:operator"), func(v *statement.Verdict) {
		v.Scope, v.Stage, v.At, v.File = told("document"), told("tender"), told("2026-11-22T09:00:00Z"), told(digest("bytes").String())
		v.Entry = &statement.VerdictEntry{Log: told(origin), Index: told("3")}
		v.Policy = &statement.VerdictPolicy{ID: told("substations"), Version: told("2"), SHA256: told(digest("substations").String())}
		v.Context = &statement.VerdictContext{Sector: told("electricity"), Facility: told("substation 4"), Asset: told("protection"), Operator: told("x:operator")}
	})
	hide := func(body statement.Body) {
		t.Helper()
		if _, err := statement.Hide(body, func(string) bool { return true }, &stream{seed: "salts"}); err != nil {
			t.Fatal(err)
		}
	}
	hidden := judged
	hidden.Entry, hidden.Policy = &statement.VerdictEntry{Log: told(origin), Index: told("3")}, nil
	hidden.Context = nil
	hide(&hidden)
	installed := decisionBody("x:operator", statement.DecideInstall)
	waived := with(decisionBody("x:operator", statement.DecideWaive), func(d *statement.Decision) {
		d.Position, d.Note = &statement.Position{Log: origin, Index: 30}, "特例承認"
	})
	hide(&waived)
	owned := with(profileBody("x:operator", statement.Digest{}), func(p *statement.Profile) {
		p.Holders = &statement.Rows[statement.Holder]{Whole: true, List: []statement.Holder{{Name: told("Holding"), Country: told("JP"), Share: told("62.5")}}}
		p.Officers = &statement.Rows[statement.Officer]{List: []statement.Officer{{Nationality: told("JP")}}}
		p.Sales = &statement.Rows[statement.Sale]{List: []statement.Sale{{Country: told("BV"), Share: told("25"), Year: told("2025")}}}
		p.Plants = &statement.Rows[statement.Plant]{List: []statement.Plant{{Name: told("Works"), Country: told("JP"), Address: told("1-2-3 Chuo, Nagano")}}}
	})
	owned.Incorporated = told("JP")
	closed := profileBody("x:operator", at(owned, "o1"))
	closed.Officers = &statement.Rows[statement.Officer]{Whole: true, List: []statement.Officer{{Name: told("星野 花子"), Born: told("1970-01-31"), Nationality: told("JP")}}}
	hide(&closed)
	return []golden{
		{"26-admission-judged", taken, []string{"r1", "r2"}},
		{"27-party-operator", operator, []string{"r1", "r2", "o1", "o2"}},
		{"28-policy", first, []string{"o1"}},
		{"29-policy-later", policyBody("x:operator", "substations", 5, at(first, "o1")), []string{"o2"}},
		{"30-verdict", judged, []string{"o1"}},
		{"31-verdict-hidden", hidden, []string{"o1"}},
		{"32-decision", installed, []string{"o1"}},
		{"33-decision-waive", waived, []string{"o1", "o2"}},
		{"34-profile", owned, []string{"o1"}},
		{"35-profile-hidden", closed, []string{"o1"}},
		{"36-freeze", with(freezeBody(t, 36, "s1", "s2"), func(f *statement.Freeze) { f.Note = "the year 2027 goes on elsewhere" }), []string{"r1", "r2", "s1", "s2"}},
	}
}

func hashOf(leaf []byte) statement.Digest {
	return sha256.Sum256(append([]byte{0}, leaf...))
}

// TestGoldenLeaves holds a leaf of every kind, its hash and its identity against
// files that never change, and replays them as a log.
func TestGoldenLeaves(t *testing.T) {
	h := NewHistory(origin)
	var table strings.Builder
	next, kinds := int64(0), map[statement.Kind]bool{}
	for _, g := range slices.Concat(goldenLog(t), goldenRest(t), goldenJudged(t)) {
		path := filepath.Join("testdata", g.name+".leaf")
		random := strings.HasSuffix(g.name, "-ecdsa")
		if _, err := os.Stat(path); *update && err != nil {
			if err := os.WriteFile(path, sign(t, g.body, g.by...), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		leaf, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !random && !bytes.Equal(leaf, sign(t, g.body, g.by...)) {
			t.Errorf("%s: leaf\n%s\nwant\n%s", g.name, sign(t, g.body, g.by...), leaf)
		}
		p, err := h.State().OpenLeaf(leaf)
		if err != nil {
			t.Fatalf("%s: %v", g.name, err)
		}
		read := mustParse(t, leaf)
		if !bytes.Equal(payload(t, g.body), read.Payload()) {
			t.Errorf("%s: another payload", g.name)
		}
		st, err := statement.Parse(read.Payload())
		if err != nil {
			t.Fatalf("%s: %v", g.name, err)
		}
		if !bytes.Equal(payload(t, reflect.ValueOf(st.Body).Elem().Interface()), read.Payload()) {
			t.Errorf("%s: what was read builds other bytes", g.name)
		}
		kinds[st.Kind] = true
		fmt.Fprintf(&table, "%s %s %x\n", g.name, p.LeafHash(), p.Identity())
		if g.name == "7-status" || strings.HasPrefix(g.name, "never") {
			wantCode(t, h.Apply(next, p), "STATE-KIND-NEVER")
			continue
		}
		if err := h.Apply(next, p); err != nil {
			t.Fatalf("%s: %v", g.name, err)
		}
		next++
	}
	for _, kind := range append(statement.Admissible(), statement.KindGenesis, statement.KindAdmission, statement.KindStatus, statement.KindTrust, statement.KindFreeze) {
		if !kinds[kind] {
			t.Errorf("no golden leaf of kind %s", kind)
		}
	}
	path := filepath.Join("testdata", "leaves.txt")
	if _, err := os.Stat(path); *update && err != nil {
		if err := os.WriteFile(path, []byte(table.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if table.String() != string(want) {
		t.Errorf("leaf hashes and identities\n%swant\n%s", table.String(), want)
	}
	if s, ok := h.Standing(3, 7); !ok || s.Word != Superseded || !s.Corrected() {
		t.Errorf("entry 3 is %+v", s)
	}
}

func mustParse(t testing.TB, leaf []byte) *envelope.Envelope {
	t.Helper()
	e, err := envelope.ParseLeaf(leaf)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

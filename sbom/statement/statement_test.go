package statement

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yurai-ledger/yurai/sbom/envelope"
)

var update = flag.Bool("update", false, "write golden files of formats not yet published")

const origin = "ledger.example/test-2026"

// stream is an endless reader of SHA-256(seed ‖ counter).
type stream struct {
	seed string
	n    int
	buf  []byte
}

func (s *stream) Read(p []byte) (int, error) {
	for i := range p {
		if len(s.buf) == 0 {
			h := sha256.Sum256(fmt.Appendf(nil, "%s/%d", s.seed, s.n))
			s.buf, s.n = h[:], s.n+1
		}
		p[i], s.buf = s.buf[0], s.buf[1:]
	}
	return len(p), nil
}

func signer(t testing.TB, algorithm, seed string) *envelope.Signer {
	t.Helper()
	s, err := envelope.NewSigner(algorithm, &stream{seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// vkey writes a verifier key as c2sp.org/signed-note says.
func vkey(name string, kind byte, public []byte) string {
	typed := append([]byte{kind}, public...)
	id := sha256.Sum256(append([]byte(name+"\n"), typed...))
	return fmt.Sprintf("%s+%x+%s", name, id[:4], base64.StdEncoding.EncodeToString(typed))
}

var made = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func head() Head { return Head{Log: origin, Made: made} }

func genesis(t testing.TB) Genesis {
	public := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32)).Public().(ed25519.PublicKey)
	return Genesis{
		Head:       head(),
		Checkpoint: []string{vkey(origin, 1, public), vkey(origin, 6, bytes.Repeat([]byte{9}, 1312))},
		Parties: Founders{
			Registrar: NewKeySet(1, signer(t, envelope.Ed25519, "registrar").Key()),
			Log:       NewKeySet(1, signer(t, envelope.Ed25519, "log").Key()),
		},
		Rules: Rules,
	}
}

func admission() Admission {
	return Admission{
		Head: head(), Kinds: []Kind{KindParty, KindBOM},
		Algorithms: []string{envelope.Ed25519, envelope.ECDSAP256},
		Limits:     Limits{BOMBytes: 32 << 20, Depth: 64, SpecVersions: []string{"1.6", "1.4", "1.5"}},
	}
}

func party(t testing.TB) Party {
	return Party{
		Head: head(), ID: "x:hoshino-relay", Version: 1, Name: "Hoshino Relay / 星野継電器",
		Identifiers: []string{"jp-corp:7000012050002", "dns:hoshino.example"}, Incorporated: "JP",
		Roles:  []string{RoleVendor},
		KeySet: NewKeySet(1, signer(t, envelope.Ed25519, "vendor").Key(), signer(t, envelope.ECDSAP256, "vendor").Key()),
	}
}

func bom() BOM {
	return BOM{
		Head:   Head{Log: origin, Party: []string{"x:hoshino-relay"}, Made: made, Note: "second line\nof two"},
		Digest: digestOf("bom"), Size: 1234, MediaType: "application/vnd.cyclonedx+json; version=1.6", SpecVersion: "1.6",
		SerialNumber: "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", Version: 2,
		Product:    &Product{Name: "HR-87T", Version: "C", Maker: "Hoshino <Relay> & Co.", PURL: "pkg:generic/hr-87t@C"},
		Supersedes: &Supersedes{Position: Position{Log: origin, Index: 0}, Reason: ReasonRevision},
		Disclosure: DisclosureOpen,
	}
}

func heldBOM() BOM {
	b := bom()
	b.Log, b.Note, b.SerialNumber, b.Supersedes = "", "", "", nil
	b.Product, b.Disclosure, b.Version = &Product{Commit: digestOf("commitment")}, DisclosureHeld, 0
	return b
}

func status() Status {
	return Status{
		Head: head(), BOM: digestOf("bom"), Size: 10, Root: digestOf("root"), About: "x:hoshino-relay",
		Entries: []int64{2, 7}, Advisories: Advisories{Count: 0},
	}
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	var coded interface{ Code() string }
	switch {
	case code == "" && err == nil:
	case code == "" || !errors.As(err, &coded) || coded.Code() != code:
		t.Fatalf("error %v, want code %q", err, code)
	}
}

// payloads builds one statement of every kind.
func payloads(t testing.TB) map[string][]byte {
	must := func(b []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	second := party(t)
	second.Version, second.Prev, second.SpeaksFor = 2, digestOf("leaf"), []string{"x:hoshino-relay", "x:hoshino-parts"}
	later := admission()
	later.Prev = digestOf("leaf")
	warned := status()
	warned.Advisories = Advisories{Count: 2, Last: digestOf("advisory")}
	return map[string][]byte{
		"genesis":         must(NewGenesis(genesis(t))),
		"admission":       must(NewAdmission(admission())),
		"admission-later": must(NewAdmission(later)),
		"party":           must(NewParty(party(t))),
		"party-second":    must(NewParty(second)),
		"bom":             must(NewBOM(bom())),
		"bom-held":        must(NewBOM(heldBOM())),
		"status":          must(NewStatus(status())),
		"status-warned":   must(NewStatus(warned)),

		"keys":              must(NewKeys(keys(t))),
		"keys-registrar":    must(NewKeys(Keys{Head: by(Registrar), KeySet: NewKeySet(1, signer(t, envelope.Ed25519, "r2").Key())})),
		"delegate":          must(NewDelegate(delegate(t))),
		"revoke":            must(NewRevoke(revoke(t))),
		"revoke-party":      must(NewRevoke(Revoke{Head: by(Registrar), Target: TargetParty, Of: "x:hoshino-relay", Reason: RevokeCeased})),
		"suspend":           must(NewSuspend(suspend())),
		"suspend-lifted":    must(NewSuspend(lift())),
		"withdraw":          must(NewWithdraw(withdraw())),
		"advisory":          must(NewAdvisory(advisory())),
		"advisory-digest":   must(NewAdvisory(Advisory{Head: by("x:csirt"), Selector: Selector{Digest: digestOf("firmware")}, Severity: SeverityNotice, Effective: made, Text: "t"})),
		"advisory-part":     must(NewAdvisory(Advisory{Head: by("x:csirt"), Selector: Selector{Part: &Part{Part: "N1"}}, Severity: SeverityRecall, Effective: made, Text: "t"})),
		"list":              must(NewList(list())),
		"attestation":       must(NewAttestation(attestation())),
		"attestation-bytes": must(NewAttestation(Attestation{Head: Head{Party: []string{"x:lab"}, Made: made}, Digest: digestOf("bom"), Standard: "S", Scope: "s", Findings: "f"})),
		"trust":             must(NewTrust(Trust{Head: head(), File: digestOf("trust")})),

		"policy":          must(NewPolicy(policy())),
		"policy-later":    must(NewPolicy(laterPolicy())),
		"verdict":         must(NewVerdict(verdict())),
		"verdict-silent":  must(NewVerdict(Verdict{Head: by("x:operator"), Digest: digestOf("verdict")})),
		"verdict-hidden":  must(NewVerdict(hidden(t, verdict()))),
		"decision":        must(NewDecision(Decision{Head: by("x:operator"), Verdict: digestOf("verdict"), What: DecideInstall, Reason: Field{Text: "clean"}})),
		"decision-waive":  must(NewDecision(waiver())),
		"decision-hidden": must(NewDecision(hidden(t, waiver()))),
		"profile":         must(NewProfile(profile(t))),
		"profile-hidden":  must(NewProfile(hidden(t, profile(t)))),
		"freeze":          must(NewFreeze(freeze(t))),
		"genesis-follows": must(NewGenesis(following(t))),
		"profile-none":    must(NewProfile(Profile{Head: by("x:hoshino-relay"), AsOf: "2026-10-01", Holders: &Rows[Holder]{Whole: true}})),
	}
}

func by(party string) Head {
	h := head()
	h.Party = []string{party}
	return h
}

func keys(t testing.TB) Keys {
	k := Keys{Head: by("x:hoshino-relay"), KeySet: NewKeySet(1, signer(t, envelope.Ed25519, "vendor").Key(), signer(t, envelope.Ed25519, "next").Key())}
	k.Prev = digestOf("leaf")
	return k
}

func delegate(t testing.TB) Delegate {
	return Delegate{
		Head: by("x:hoshino-relay"), Key: signer(t, envelope.Ed25519, "plant").Key(),
		Scope: Scope{Kinds: []Kind{KindBOM}, Products: []string{"HR-87T", "HR-86"}}, End: made.AddDate(1, 0, 0),
	}
}

func revoke(t testing.TB) Revoke {
	from := int64(0)
	return Revoke{
		Head: by("x:hoshino-relay"), Target: TargetKey, Of: "x:hoshino-relay", Key: signer(t, envelope.Ed25519, "vendor").Key().ID(),
		Reason: RevokeCompromise, InvalidFrom: &from,
	}
}

func suspend() Suspend {
	return Suspend{Head: by("x:regulator"), About: "x:hoshino-relay", Reason: "under investigation"}
}

func lift() Suspend {
	s := suspend()
	s.Party, s.Prev, s.Lifted = []string{Registrar}, digestOf("leaf"), true
	return s
}

func withdraw() Withdraw {
	return Withdraw{Head: by("x:hoshino-relay"), Position: Position{Log: origin, Index: 0}, Reason: "wrong board"}
}

func advisory() Advisory {
	return Advisory{
		Head:     by("x:regulator"),
		Selector: Selector{Party: "x:hoshino-relay", Product: "HR-87T", Part: &Part{Maker: "Acme", Part: "N1"}},
		Severity: SeverityBan, Effective: made, Expires: made.AddDate(0, 0, 1), Text: "Do not install.\n設置しないこと。",
	}
}

func list() List {
	return List{Head: by("x:ministry"), Digest: digestOf("list"), ID: "designated", Version: 1, Size: 12, MediaType: "text/csv"}
}

func attestation() Attestation {
	return Attestation{Head: by(Registrar), About: "x:hoshino-relay", Standard: "register of companies", Scope: "existence", Findings: "It exists.\nSeen."}
}

func freeze(t testing.TB) Freeze {
	f := Freeze{
		Head: head(), Size: 10, Root: digestOf("root"),
		Successor: Successor{
			Origin: "ledger.example/test-2027", Genesis: digestOf("genesis"),
			Registrar: NewKeySet(2, signer(t, envelope.Ed25519, "s1").Key(), signer(t, envelope.Ed25519, "s2").Key()),
		},
	}
	f.Note = "the year 2027 goes on elsewhere"
	return f
}

// following is the genesis of a log with a predecessor.
func following(t testing.TB) Genesis {
	g := genesis(t)
	g.Predecessor = &Predecessor{Origin: "ledger.example/test-2025", Genesis: digestOf("genesis"), Size: 10, Root: digestOf("root")}
	return g
}

func policy() Policy {
	return Policy{Head: by("x:ministry"), Digest: digestOf("policy"), ID: "jp-core", Version: 3, Size: 12, MediaType: "application/yaml"}
}

func laterPolicy() Policy {
	p := policy()
	p.Version, p.Prev = 7, digestOf("leaf")
	return p
}

// told makes a field that is told.
func told(text string) Field { return Field{Text: text} }

func verdict() Verdict {
	return Verdict{
		Head: by("x:operator"), Digest: digestOf("verdict"), Verdict: told("hold"), Scope: told("document"), Stage: told("tender"),
		At: told("2026-11-22T09:00:00Z"), File: told(digestOf("bom").String()),
		Entry:   &VerdictEntry{told(origin), told("0")},
		Policy:  &VerdictPolicy{told("jp-core"), told("3"), told(digestOf("policy").String())},
		Context: &VerdictContext{told("electricity"), told("substation 4"), told("protection"), told("x:operator")},
	}
}

func waiver() Decision {
	return Decision{
		Head: by("x:operator"), Verdict: digestOf("verdict"), Position: &Position{Log: origin, Index: 0}, What: DecideWaive,
		Rules: []string{"R04", "C01"}, Reason: told("No other relay fits.\n代替品なし。"), Until: made.AddDate(0, 3, 0),
	}
}

// profile is one whose officers are committed to, as they have to be.
func profile(t testing.TB) Profile {
	t.Helper()
	p := Profile{
		Head: by("x:hoshino-relay"), AsOf: "2026-10-01", Incorporated: told("JP"),
		Holders:  &Rows[Holder]{Whole: true, List: []Holder{{told("Hoshino Holdings"), told("JP"), told("62.5")}, {Country: told("US-DE")}}},
		Officers: &Rows[Officer]{List: []Officer{{told("星野 花子"), told("1970-01-31"), told("JP")}}},
		Sales:    &Rows[Sale]{Whole: true, List: []Sale{{told("BV"), told("25"), told("2025")}}},
		Plants:   &Rows[Plant]{List: []Plant{{told("Nagano works"), told("JP"), told("1-2-3 Chuo, Nagano")}}},
	}
	if _, err := Hide(&p, func(string) bool { return false }, &stream{seed: "officers"}); err != nil {
		t.Fatal(err)
	}
	return p
}

// hidden commits to every field that a body tells.
func hidden[T any, B interface {
	*T
	Body
}](t testing.TB, body T,
) T {
	t.Helper()
	if _, err := Hide(B(&body), func(string) bool { return true }, &stream{seed: "salts"}); err != nil {
		t.Fatal(err)
	}
	return body
}

// TestGolden holds every kind against a file that never changes.
func TestGolden(t *testing.T) {
	for name, got := range payloads(t) {
		path := filepath.Join("testdata", name+".json")
		if *update {
			if _, err := os.Stat(path); err != nil {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

// rebuild writes a parsed body again.
func rebuild(st *Statement) ([]byte, error) {
	switch b := st.Body.(type) {
	case *Genesis:
		return NewGenesis(*b)
	case *Admission:
		return NewAdmission(*b)
	case *Party:
		return NewParty(*b)
	case *BOM:
		return NewBOM(*b)
	case *Status:
		return NewStatus(*b)
	case *Keys:
		return NewKeys(*b)
	case *Delegate:
		return NewDelegate(*b)
	case *Revoke:
		return NewRevoke(*b)
	case *Suspend:
		return NewSuspend(*b)
	case *Withdraw:
		return NewWithdraw(*b)
	case *Advisory:
		return NewAdvisory(*b)
	case *List:
		return NewList(*b)
	case *Attestation:
		return NewAttestation(*b)
	case *Trust:
		return NewTrust(*b)
	case *Policy:
		return NewPolicy(*b)
	case *Verdict:
		return NewVerdict(*b)
	case *Decision:
		return NewDecision(*b)
	case *Profile:
		return NewProfile(*b)
	case *Freeze:
		return NewFreeze(*b)
	}
	return nil, fmt.Errorf("kind %s", st.Kind)
}

func TestParseBuildIdentity(t *testing.T) {
	for name, payload := range payloads(t) {
		st, err := Parse(payload)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		back, err := rebuild(st)
		if err != nil || !bytes.Equal(back, payload) {
			t.Errorf("%s: comes back as %s, %v", name, back, err)
		}
		if kind, _, _ := strings.Cut(name, "-"); string(st.Kind) != kind || st.Kind != st.Body.Kind() {
			t.Errorf("%s: kind %s", name, st.Kind)
		}
		if !st.Made.Equal(made) {
			t.Errorf("%s: made %s", name, st.Made)
		}
	}
	st, err := Parse(payloads(t)["bom"])
	if err != nil {
		t.Fatal(err)
	}
	want := bom()
	if diff := cmp.Diff(&want, st.Body); diff != "" {
		t.Errorf("-built +parsed\n%s", diff)
	}
	if st.Actor() != "x:hoshino-relay" || st.Log != origin {
		t.Errorf("actor %s, log %s", st.Actor(), st.Log)
	}
}

// TestParseTakesAnyOrder: white space and the order of members are the
// signer's.
func TestParseTakesAnyOrder(t *testing.T) {
	raw := ` { "predicate" : {"disclosure":"open","version":1,"specVersion":"1.5","mediaType":"application/vnd.cyclonedx+json; version=1.5",
		"size":1,"made":"2026-11-22T10:00:00Z","party":["x:a"]},
		"predicateType":"https://github.com/yurai-ledger/yurai/bom/v1","subject":[{"digest":{"sha256":"` + digestOf("b").Hex() + `"}}],
		"_type":"https://in-toto.io/Statement/v1"}
	`
	st, err := Parse([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	if st.Subject != digestOf("b") || st.Log != "" {
		t.Errorf("subject %s, log %q", st.Subject, st.Log)
	}
}

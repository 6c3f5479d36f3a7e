package registry

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

const origin = "ledger.example/test-2026"

var made = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

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

var signerCache = map[string]*envelope.Signer{}

// key returns the signer with this name; names that begin with "p256" are ECDSA.
func key(t testing.TB, name string) *envelope.Signer {
	t.Helper()
	if s, ok := signerCache[name]; ok {
		return s
	}
	algorithm := envelope.Ed25519
	if len(name) >= 4 && name[:4] == "p256" {
		algorithm = envelope.ECDSAP256
	}
	s, err := envelope.NewSigner(algorithm, &stream{seed: name})
	if err != nil {
		t.Fatal(err)
	}
	signerCache[name] = s
	return s
}

func keys(t testing.TB, names ...string) (signers []*envelope.Signer) {
	t.Helper()
	for _, n := range names {
		signers = append(signers, key(t, n))
	}
	return signers
}

func keySet(t testing.TB, threshold int, names ...string) statement.KeySet {
	t.Helper()
	var public []envelope.Key
	for _, s := range keys(t, names...) {
		public = append(public, s.Key())
	}
	return statement.NewKeySet(threshold, public...)
}

func vkey(name string, kind byte, public []byte) string {
	typed := append([]byte{kind}, public...)
	id := sha256.Sum256(append([]byte(name+"\n"), typed...))
	return fmt.Sprintf("%s+%x+%s", name, id[:4], base64.StdEncoding.EncodeToString(typed))
}

// checkpointSeed makes the Ed25519 checkpoint key of the tests.
var checkpointSeed = bytes.Repeat([]byte{7}, 32)

func head() statement.Head { return statement.Head{Log: origin, Made: made} }

func digest(s string) statement.Digest { return sha256.Sum256([]byte(s)) }

func genesisBody(t testing.TB) statement.Genesis {
	t.Helper()
	public := ed25519.NewKeyFromSeed(checkpointSeed).Public().(ed25519.PublicKey)
	return statement.Genesis{
		Head:       head(),
		Checkpoint: []string{vkey(origin, 1, public), vkey(origin, 6, bytes.Repeat([]byte{9}, 1312))},
		Parties:    statement.Founders{Registrar: keySet(t, 2, "r1", "r2", "r3"), Log: keySet(t, 1, "log")},
		Rules:      statement.Rules,
	}
}

func admissionBody() statement.Admission {
	return statement.Admission{
		Head: head(), Kinds: statement.Admissible(),
		Algorithms: []string{envelope.Ed25519, envelope.ECDSAP256},
		Limits:     statement.Limits{BOMBytes: 1000, Depth: 64, SpecVersions: []string{"1.5", "1.6"}},
	}
}

func partyBody(t testing.TB, id string, threshold int, names ...string) statement.Party {
	t.Helper()
	return statement.Party{
		Head: head(), ID: id, Version: 1, Name: "Party " + id, Incorporated: "JP",
		Roles: []string{statement.RoleVendor}, KeySet: keySet(t, threshold, names...),
	}
}

func bomBody(party, content string) statement.BOM {
	return statement.BOM{
		Head:   statement.Head{Log: origin, Party: []string{party}, Made: made},
		Digest: digest(content), Size: 100, MediaType: "application/vnd.cyclonedx+json; version=1.6", SpecVersion: "1.6",
		SerialNumber: "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", Version: 1, Disclosure: statement.DisclosureOpen,
	}
}

// headOf is the head of what somebody says alone.
func headOf(who string) statement.Head {
	return statement.Head{Log: origin, Party: []string{who}, Made: made}
}

func keysBody(t testing.TB, who string, prev statement.Digest, threshold int, names ...string) statement.Keys {
	k := statement.Keys{Head: headOf(who), KeySet: keySet(t, threshold, names...)}
	k.Prev = prev
	return k
}

func delegateBody(t testing.TB, who, name string, products ...string) statement.Delegate {
	return statement.Delegate{
		Head: headOf(who), Key: key(t, name).Key(), End: made,
		Scope: statement.Scope{Kinds: []statement.Kind{statement.KindBOM}, Products: products},
	}
}

// revokeBody revokes the key with this name; from is invalidFrom, −1 for none.
func revokeBody(t testing.TB, who, target, of, name string, from int64) statement.Revoke {
	r := statement.Revoke{Head: headOf(who), Target: target, Of: of, Reason: statement.RevokeCompromise}
	if target != statement.TargetParty {
		r.Key = key(t, name).Key().ID()
	}
	if from >= 0 {
		r.InvalidFrom = &from
	}
	return r
}

func suspendBody(who, about string, prev statement.Digest, lifted bool) statement.Suspend {
	s := statement.Suspend{Head: headOf(who), About: about, Reason: "r", Lifted: lifted}
	s.Prev = prev
	return s
}

func withdrawBody(who string, index int64) statement.Withdraw {
	return statement.Withdraw{Head: headOf(who), Position: statement.Position{Log: origin, Index: index}, Reason: "r"}
}

func advisoryBody(who string, s statement.Selector) statement.Advisory {
	return statement.Advisory{Head: headOf(who), Selector: s, Severity: statement.SeverityBan, Effective: made, Text: "t"}
}

func listBody(who, id string, version int64, prev statement.Digest) statement.List {
	l := statement.List{Head: headOf(who), Digest: digest(id), ID: id, Version: version, Size: 1, MediaType: "text/csv"}
	l.Prev = prev
	return l
}

func policyBody(who, id string, number int64, prev statement.Digest) statement.Policy {
	p := statement.Policy{Head: headOf(who), Digest: digest(id), ID: id, Version: number, Size: 1, MediaType: "application/yaml"}
	p.Prev = prev
	return p
}

func verdictBody(who string) statement.Verdict {
	return statement.Verdict{Head: headOf(who), Digest: digest("verdict"), Verdict: statement.Field{Text: "hold"}}
}

func decisionBody(who, what string) statement.Decision {
	d := statement.Decision{Head: headOf(who), Verdict: digest("verdict"), What: what, Reason: statement.Field{Text: "r"}}
	if what == statement.DecideWaive {
		d.Rules, d.Until = []string{"R04"}, made.AddDate(0, 1, 0)
	}
	return d
}

func profileBody(who string, prev statement.Digest) statement.Profile {
	p := statement.Profile{Head: headOf(who), AsOf: "2026-10-01", Incorporated: statement.Field{Text: "JP"}}
	p.Prev = prev
	return p
}

// freezeBody ends a tree of this size; the successor's registrar is all of the names.
func freezeBody(t testing.TB, size int64, names ...string) statement.Freeze {
	return statement.Freeze{
		Head: head(), Size: size, Root: digest("root"),
		Successor: statement.Successor{Origin: "ledger.example/test-2027", Genesis: digest("genesis"), Registrar: keySet(t, 1, names...)},
	}
}

func attestationBody(who string) statement.Attestation {
	return statement.Attestation{Head: headOf(who), About: "x:a", Standard: "s", Scope: "s", Findings: "f"}
}

// payload builds any body.
func payload(t testing.TB, body any) []byte {
	t.Helper()
	var b []byte
	var err error
	switch v := body.(type) {
	case statement.Genesis:
		b, err = statement.NewGenesis(v)
	case statement.Admission:
		b, err = statement.NewAdmission(v)
	case statement.Party:
		b, err = statement.NewParty(v)
	case statement.BOM:
		b, err = statement.NewBOM(v)
	case statement.Status:
		b, err = statement.NewStatus(v)
	case statement.Keys:
		b, err = statement.NewKeys(v)
	case statement.Delegate:
		b, err = statement.NewDelegate(v)
	case statement.Revoke:
		b, err = statement.NewRevoke(v)
	case statement.Suspend:
		b, err = statement.NewSuspend(v)
	case statement.Withdraw:
		b, err = statement.NewWithdraw(v)
	case statement.Advisory:
		b, err = statement.NewAdvisory(v)
	case statement.List:
		b, err = statement.NewList(v)
	case statement.Attestation:
		b, err = statement.NewAttestation(v)
	case statement.Trust:
		b, err = statement.NewTrust(v)
	case statement.Policy:
		b, err = statement.NewPolicy(v)
	case statement.Verdict:
		b, err = statement.NewVerdict(v)
	case statement.Decision:
		b, err = statement.NewDecision(v)
	case statement.Profile:
		b, err = statement.NewProfile(v)
	case statement.Freeze:
		b, err = statement.NewFreeze(v)
	default:
		t.Fatalf("no builder of %T", body)
	}
	if err != nil {
		t.Fatalf("building %T: %v", body, err)
	}
	return b
}

// leafCache keeps leaves, so that ECDSA signs one thing once.
var leafCache = map[string][]byte{}

// sign returns the leaf of a body signed by the named keys.
func sign(t testing.TB, body any, names ...string) []byte {
	t.Helper()
	b := payload(t, body)
	id := fmt.Sprint(string(b), names)
	if leaf, ok := leafCache[id]; ok {
		return leaf
	}
	leaf, err := envelope.Sign(envelope.PayloadType, b, keys(t, names...)...)
	if err != nil {
		t.Fatal(err)
	}
	leafCache[id] = leaf
	return leaf
}

// prepared returns a body as the guard gets it, whoever signed.
func prepared(t testing.TB, body any, names ...string) *Prepared {
	t.Helper()
	p, err := PrepareLeaf(sign(t, body, names...))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// founded returns a state with genesis at 0, admission at 1 and the vendor
// x:a, keys a1, a2 and p256a with threshold 2, at 2.
func founded(t testing.TB) *State {
	t.Helper()
	s := New(origin)
	for i, leaf := range foundation(t) {
		p, err := s.OpenLeaf(leaf)
		if err != nil {
			t.Fatalf("entry %d: %v", i, err)
		}
		if err := s.Apply(int64(i), p); err != nil {
			t.Fatalf("entry %d: %v", i, err)
		}
	}
	return s
}

func foundation(t testing.TB) [][]byte {
	return [][]byte{
		sign(t, genesisBody(t), "r1", "r2"),
		sign(t, admissionBody(), "r1", "r2"),
		sign(t, partyBody(t, "x:a", 2, "a1", "a2", "p256a"), "r1", "r2", "a1", "a2", "p256a"),
	}
}

func codeOf(err error) string {
	var coded interface{ Code() string }
	switch {
	case err == nil:
		return ""
	case errors.As(err, &coded):
		return coded.Code()
	}
	return "no code: " + err.Error()
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	if got := codeOf(err); got != code {
		t.Fatalf("code %q (%v), want %q", got, err, code)
	}
}

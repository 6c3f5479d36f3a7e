package receiving_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/policy"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

const (
	origin = "ledger.example/test"
	vendor = "x:hoshino-relay"
)

var (
	made = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	now  = made.Add(time.Hour)
)

// bill is a small BOM that the demonstration's policy accepts.
const bill = `{
 "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
 "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
 "metadata": {"component": {"type": "device", "bom-ref": "relay", "name": "HR-87T", "manufacturer": {"name": "Hoshino"},
  "properties": [{"name": "yurai:origin:assembled", "value": "JP"}, {"value": "JP", "name": "yurai:origin:manufactured"}]}},
 "components": [{"type": "device", "bom-ref": "cpu", "name": "CPU board",
  "properties": [{"name": "yurai:origin:manufactured", "value": "JP"}, {"name": "yurai:origin:assembled", "value": "JP"}]}],
 "compositions": [{"aggregate": "complete", "assemblies": ["relay", "cpu"]}]
}
`

// seed gives each key its own bytes, the same in each run.
type seed byte

func (s seed) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(s)*7 + byte(i)
	}
	return len(p), nil
}

// world is a log built leaf by leaf by definition, with its keys.
type world struct {
	t           testing.TB
	origin      string
	checkpoints []*ledger.Signer
	registrar   *envelope.Signer
	service     *envelope.Signer
	vendor      *envelope.Signer
	leaves      [][]byte
	trust       *ledger.Trust
}

func signer(t testing.TB, n byte) *envelope.Signer {
	t.Helper()
	s, err := envelope.NewSigner(envelope.Ed25519, seed(n))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// newWorld is a log that takes parties and boms, as the first ones did.
func newWorld(t testing.TB, origin string, salt byte) *world {
	t.Helper()
	return newWorldTaking(t, origin, salt, statement.KindBOM, statement.KindParty)
}

func newWorldTaking(t testing.TB, origin string, salt byte, kinds ...statement.Kind) *world {
	t.Helper()
	w := &world{t: t, origin: origin, registrar: signer(t, salt+1), service: signer(t, salt+2), vendor: signer(t, salt+3)}
	var vkeys []string
	var verifiers []*ledger.Verifier
	for _, a := range []ledger.Algorithm{ledger.Ed25519, ledger.MLDSA44} {
		s, err := ledger.NewSigner(a, origin, seed(salt+4))
		if err != nil {
			t.Fatal(err)
		}
		v, err := ledger.ParseVerifier(s.VKey())
		if err != nil {
			t.Fatal(err)
		}
		w.checkpoints, vkeys, verifiers = append(w.checkpoints, s), append(vkeys, s.VKey()), append(verifiers, v)
	}
	head := statement.Head{Log: origin, Made: made}
	w.log(w.must(statement.NewGenesis(statement.Genesis{
		Head: head, Checkpoint: vkeys, Rules: statement.Rules,
		Parties: statement.Founders{Registrar: statement.NewKeySet(1, w.registrar.Key()), Log: statement.NewKeySet(1, w.service.Key())},
	})), w.registrar)
	w.log(w.must(statement.NewAdmission(statement.Admission{
		Head: head, Kinds: kinds, Algorithms: []string{envelope.ECDSAP256, envelope.Ed25519},
		Limits: statement.Limits{BOMBytes: 1 << 20, Depth: 64, SpecVersions: []string{"1.6"}},
	})), w.registrar)
	w.enrol(vendor, w.vendor)
	w.trust = &ledger.Trust{
		Version: 1, Expires: made.AddDate(1, 0, 0),
		Logs: []ledger.TrustedLog{{Origin: origin, Genesis: ledger.LeafHash(w.leaves[0]), Keys: verifiers}},
	}
	if _, err := w.trust.Marshal(); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) must(payload []byte, err error) []byte {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	return payload
}

// log appends a statement as it is: the fixture is not a guard.
func (w *world) log(payload []byte, signers ...*envelope.Signer) int64 {
	w.t.Helper()
	w.leaves = append(w.leaves, w.must(envelope.Sign(envelope.PayloadType, payload, signers...)))
	return int64(len(w.leaves) - 1)
}

func (w *world) enrol(id string, key *envelope.Signer) int64 {
	w.t.Helper()
	return w.log(w.must(statement.NewParty(statement.Party{
		Head: statement.Head{Log: w.origin, Made: made}, ID: id, Version: 1, Name: "Hoshino Relay", Incorporated: "JP",
		Roles: []string{statement.RoleVendor}, KeySet: statement.NewKeySet(1, key.Key()),
	})), w.registrar, key)
}

// bom logs a statement about a file, signed by the vendor unless others are given.
func (w *world) bom(file string, change func(*statement.BOM), signers ...*envelope.Signer) int64 {
	w.t.Helper()
	doc, findings := sbom.Admit([]byte(file), sbom.DefaultLimits)
	if doc == nil {
		w.t.Fatal(findings)
	}
	b := receiving.Describe(doc)
	b.Head = statement.Head{Log: w.origin, Party: []string{vendor}, Made: made}
	b.Disclosure = statement.DisclosureOpen
	if change != nil {
		change(&b)
	}
	if len(signers) == 0 {
		signers = []*envelope.Signer{w.vendor}
	}
	return w.log(w.must(statement.NewBOM(b)), signers...)
}

func (w *world) ReadHash(level int, index int64) (ledger.Hash, error) {
	if level == 0 {
		if index >= int64(len(w.leaves)) {
			return ledger.Hash{}, errors.New("outside the tree")
		}
		return ledger.LeafHash(w.leaves[index]), nil
	}
	l, err := w.ReadHash(level-1, 2*index)
	if err != nil {
		return l, err
	}
	r, err := w.ReadHash(level-1, 2*index+1)
	return ledger.NodeHash(l, r), err
}

func (w *world) checkpoint() ledger.Checkpoint {
	w.t.Helper()
	root, err := ledger.TreeRoot(w, int64(len(w.leaves)))
	if err != nil {
		w.t.Fatal(err)
	}
	return ledger.Checkpoint{Origin: w.origin, Size: int64(len(w.leaves)), Root: root}
}

func (w *world) entry(index int64) receiving.Entry {
	w.t.Helper()
	proof, err := ledger.ProveInclusion(w, int64(len(w.leaves)), index)
	if err != nil {
		w.t.Fatal(err)
	}
	return receiving.Entry{Leaf: w.leaves[index], Index: index, Proof: proof}
}

// status signs the log's word about an entry.
func (w *world) status(index int64, entries []int64, change func(*statement.Status), signers ...*envelope.Signer) []byte {
	w.t.Helper()
	e, err := envelope.ParseLeaf(w.leaves[index])
	if err != nil {
		w.t.Fatal(err)
	}
	st, err := statement.Parse(e.Payload())
	if err != nil {
		w.t.Fatal(err)
	}
	cp := w.checkpoint()
	s := statement.Status{
		Head: statement.Head{Log: w.origin, Made: made}, BOM: st.Subject, Size: cp.Size, Root: statement.Digest(cp.Root),
		About: st.Actor(), Entries: entries,
	}
	if change != nil {
		change(&s)
	}
	if len(signers) == 0 {
		signers = []*envelope.Signer{w.service}
	}
	return w.must(envelope.Sign(envelope.PayloadType, w.must(statement.NewStatus(s)), signers...))
}

// bundle is the honest bundle of an entry; history lists what stands beside
// genesis, admission and the vendor's enrolment.
func (w *world) bundle(index int64, history ...int64) *receiving.Bundle {
	w.t.Helper()
	note, err := ledger.SignCheckpoint(w.checkpoint(), made, w.checkpoints...)
	if err != nil {
		w.t.Fatal(err)
	}
	b := &receiving.Bundle{Log: w.origin, Checkpoint: note, Statement: w.entry(index)}
	concern := []int64{2}
	for _, i := range append([]int64{0, 1, 2}, history...) {
		if i != index {
			b.History = append(b.History, w.entry(i))
		}
		if i > 2 && i < index {
			concern = append(concern, i)
		}
	}
	concern = append(concern, index)
	for _, i := range history {
		if i > index {
			concern = append(concern, i)
		}
	}
	if index > 2 {
		b.Status = w.status(index, concern, nil)
	}
	return b
}

var compiled = sync.OnceValues(func() (*policy.Policy, error) {
	raw, _ := policy.Pack(policy.Demo)
	return policy.Parse(raw)
})

func demoPolicy(t testing.TB) *policy.Policy {
	t.Helper()
	p, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (w *world) check(file string, b *receiving.Bundle, change func(*receiving.Request)) *receiving.Verdict {
	w.t.Helper()
	r := receiving.Request{File: []byte(file), Bundle: b, Trust: w.trust, At: now, Policy: demoPolicy(w.t)}
	if change != nil {
		change(&r)
	}
	v, err := receiving.Check(r)
	if err != nil {
		w.t.Fatal(err)
	}
	raw, err := v.JSON()
	if err == nil {
		_, err = receiving.ParseVerdict(raw)
	}
	if err != nil {
		w.t.Errorf("a verdict that was given cannot be read: %v", err)
	}
	return v
}

func code(err error) string {
	var c interface{ Code() string }
	if errors.As(err, &c) {
		return c.Code()
	}
	return ""
}

// grave returns the codes of reasons that are not notes.
func grave(v *receiving.Verdict) string {
	var out []string
	for _, r := range v.Reasons {
		if r.Outcome != "note" {
			out = append(out, r.Code)
		}
	}
	return strings.Join(out, " ")
}

func outcomes(v *receiving.Verdict) string {
	var b bytes.Buffer
	for _, r := range v.Rows {
		fmt.Fprintf(&b, "%s=%s ", r.Name, r.Outcome)
	}
	return strings.TrimSpace(b.String())
}

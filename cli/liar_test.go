package cli

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/policy"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// liar is a log whose operator keeps no rule: it holds whatever leaves it is
// given, signs any tree, and serves what a case wants. Entries 0 genesis, 1
// admission, 2 vendor, 3 rival are honest.
type liar struct {
	t           *testing.T
	origin      string
	checkpoints []*ledger.Signer
	keys        map[string]*envelope.Signer // registrar, log, vendor, rival, stranger, ministry
	leaves      [][]byte
	blobs       map[string][]byte // by hex digest
	dir         string
	trust       string    // file
	policy      string    // file
	now         time.Time // of everything signed, so that no second passes between
}

const vendorID, rivalID = "x:vendor", "x:rival"

func newLiar(t *testing.T) *liar { return newLiarOf(t, "ledger.example/liar") }

func newLiarOf(t *testing.T, origin string) *liar {
	t.Helper()
	l := &liar{t: t, origin: origin, keys: map[string]*envelope.Signer{}, blobs: map[string][]byte{}, dir: t.TempDir(), now: time.Now()}
	for _, name := range []string{"registrar", "log", "vendor", "rival", "stranger", "ministry"} {
		k, err := envelope.NewSigner(envelope.Ed25519, rand.Reader)
		l.ok(err)
		l.keys[name] = k
	}
	var vkeys []string
	var verifiers []*ledger.Verifier
	for _, a := range []ledger.Algorithm{ledger.Ed25519, ledger.MLDSA44} {
		s, err := ledger.NewSigner(a, l.origin, rand.Reader)
		l.ok(err)
		v, err := ledger.ParseVerifier(s.VKey())
		l.ok(err)
		l.checkpoints, vkeys, verifiers = append(l.checkpoints, s), append(vkeys, s.VKey()), append(verifiers, v)
	}
	l.add(l.seal(statement.NewGenesis(statement.Genesis{
		Head: l.head(), Checkpoint: vkeys, Rules: statement.Rules,
		Parties: statement.Founders{Registrar: l.set("registrar"), Log: l.set("log")},
	}))("registrar"))
	l.add(l.seal(statement.NewAdmission(statement.Admission{
		Head: l.head(), Kinds: statement.Admissible(), Algorithms: []string{envelope.ECDSAP256, envelope.Ed25519},
		Limits: statement.Limits{BOMBytes: 1 << 20, Depth: 64, SpecVersions: []string{"1.6"}},
	}))("registrar"))
	l.add(l.enrolment(vendorID, "vendor", nil)("registrar", "vendor"))
	l.add(l.enrolment(rivalID, "rival", nil)("registrar", "rival"))
	trust := &ledger.Trust{
		Version: 1, Expires: time.Now().UTC().Truncate(time.Second).AddDate(1, 0, 0),
		Logs: []ledger.TrustedLog{{Origin: l.origin, Genesis: ledger.LeafHash(l.leaves[0]), Keys: verifiers}},
	}
	raw, err := trust.Marshal()
	l.ok(err)
	l.trust = l.file("trust.json", raw)
	demo, _ := policy.Pack(policy.Demo)
	l.policy = l.file("policy.yaml", demo)
	return l
}

func (l *liar) ok(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *liar) file(name string, raw []byte) string {
	l.t.Helper()
	path := filepath.Join(l.dir, name)
	write(l.t, path, raw)
	return path
}

func (l *liar) head() statement.Head { return statement.Head{Log: l.origin, Made: l.now} }

func (l *liar) set(names ...string) statement.KeySet {
	var keys []envelope.Key
	for _, n := range names {
		keys = append(keys, l.keys[n].Key())
	}
	return statement.NewKeySet(1, keys...)
}

// seal returns what signs a payload with the named keys.
func (l *liar) seal(payload []byte, err error) func(names ...string) []byte {
	l.t.Helper()
	l.ok(err)
	return func(names ...string) []byte {
		l.t.Helper()
		var signers []*envelope.Signer
		for _, n := range names {
			signers = append(signers, l.keys[n])
		}
		leaf, err := envelope.Sign(envelope.PayloadType, payload, signers...)
		l.ok(err)
		return leaf
	}
}

func (l *liar) enrolment(id, key string, change func(*statement.Party)) func(names ...string) []byte {
	l.t.Helper()
	p := statement.Party{
		Head: l.head(), ID: id, Version: 1, Name: "Party " + key, Incorporated: "JP",
		Roles: []string{statement.RoleVendor}, KeySet: l.set(key),
	}
	if change != nil {
		change(&p)
	}
	return l.seal(statement.NewParty(p))
}

// bom is a statement about a file, whose bytes are kept.
func (l *liar) bom(party string, file []byte, change func(*statement.BOM)) func(names ...string) []byte {
	l.t.Helper()
	doc, findings := sbom.Admit(file, sbom.DefaultLimits)
	if doc == nil {
		l.t.Fatal(findings)
	}
	b := receiving.Describe(doc)
	b.Head = l.head()
	b.Party, b.Disclosure = []string{party}, statement.DisclosureOpen
	if change != nil {
		change(&b)
	}
	l.blobs[hex.EncodeToString(doc.Digest[:])] = file
	return l.seal(statement.NewBOM(b))
}

// withdraws takes an entry back.
func (l *liar) withdraws(party string, index int64) func(names ...string) []byte {
	h := l.head()
	h.Party = []string{party}
	return l.seal(statement.NewWithdraw(statement.Withdraw{Head: h, Position: statement.Position{Log: l.origin, Index: index}, Reason: "r"}))
}

// revokes takes the vendor's key away, from an index on.
func (l *liar) revokes(party string, from int64) func(names ...string) []byte {
	h := l.head()
	h.Party = []string{party}
	return l.seal(statement.NewRevoke(statement.Revoke{
		Head: h, Target: statement.TargetKey, Of: vendorID, Key: l.set("vendor").Keys[0].ID(), Reason: statement.RevokeCompromise, InvalidFrom: &from,
	}))
}

// corrects makes a bom statement take the place of an entry.
func (l *liar) corrects(index int64) func(*statement.BOM) {
	return func(b *statement.BOM) {
		b.Supersedes = &statement.Supersedes{Position: statement.Position{Log: l.origin, Index: index}, Reason: statement.ReasonCorrection}
	}
}

// second makes a party statement the vendor's second one.
func (l *liar) second(p *statement.Party) {
	p.Version, p.Name, p.Prev = 2, "Vendor, renamed", leafHashOf(l.leaves[2])
}

func (l *liar) add(leaf []byte) int64 {
	l.leaves = append(l.leaves, leaf)
	return int64(len(l.leaves) - 1)
}

// relay is the bill of the tests under a version.
func relay(t *testing.T, version int) []byte {
	t.Helper()
	raw, err := os.ReadFile("testdata/relay.cdx.json")
	if err != nil {
		t.Fatal(err)
	}
	return []byte(strings.Replace(string(raw), `"version": 1,`, fmt.Sprintf(`"version": %d,`, version), 1))
}

// ReadHash makes the liar a ledger.HashReader by the definition of the tree.
func (l *liar) ReadHash(level int, index int64) (ledger.Hash, error) {
	if level == 0 {
		return ledger.LeafHash(l.leaves[index]), nil
	}
	a, err := l.ReadHash(level-1, 2*index)
	if err != nil {
		return a, err
	}
	b, err := l.ReadHash(level-1, 2*index+1)
	return ledger.NodeHash(a, b), err
}

// note is the signed checkpoint of the first n leaves.
func (l *liar) note(n int64, signers ...*ledger.Signer) []byte {
	l.t.Helper()
	root, err := ledger.TreeRoot(l, n)
	l.ok(err)
	if len(signers) == 0 {
		signers = l.checkpoints
	}
	raw, err := ledger.SignCheckpoint(ledger.Checkpoint{Origin: l.origin, Size: n, Root: root}, l.now, signers...)
	l.ok(err)
	return raw
}

func (l *liar) entry(index int64) receiving.Entry {
	l.t.Helper()
	proof, err := ledger.ProveInclusion(l, int64(len(l.leaves)), index)
	l.ok(err)
	return receiving.Entry{Leaf: l.leaves[index], Index: index, Proof: proof}
}

// bundle is that of an entry, with a status that names concern and the entry.
func (l *liar) bundle(index int64, concern ...int64) *receiving.Bundle {
	l.t.Helper()
	n := int64(len(l.leaves))
	b := &receiving.Bundle{Log: l.origin, Checkpoint: l.note(n), Statement: l.entry(index)}
	e, err := envelope.ParseLeaf(l.leaves[index])
	l.ok(err)
	st, err := statement.Parse(e.Payload())
	l.ok(err)
	named := []int64{}
	for i := int64(0); i < n; i++ {
		at := i == index
		for _, c := range concern {
			at = at || c == i
		}
		if at {
			named = append(named, i)
		}
		if (at || i < 2) && i != index {
			b.History = append(b.History, l.entry(i))
		}
	}
	root, err := ledger.TreeRoot(l, n)
	l.ok(err)
	b.Status = l.seal(statement.NewStatus(statement.Status{
		Head: l.head(), BOM: st.Subject, Size: n, Root: statement.Digest(root), About: st.Actor(), Entries: named,
		Advisories: l.advisories(),
	}))("log")
	return b
}

// advisories counts them.
func (l *liar) advisories() (a statement.Advisories) {
	for _, leaf := range l.leaves {
		e, err := envelope.ParseLeaf(leaf)
		if err != nil {
			continue
		}
		if st, err := statement.Parse(e.Payload()); err == nil && st.Kind == statement.KindAdvisory {
			a = statement.Advisories{Count: a.Count + 1, Last: leafHashOf(leaf)}
		}
	}
	return a
}

// restate changes what the status of a bundle says and has it signed again.
func (l *liar) restate(b *receiving.Bundle, by string, change func(*statement.Status)) *receiving.Bundle {
	l.t.Helper()
	e, err := envelope.ParseLeaf(b.Status)
	l.ok(err)
	st, err := statement.Parse(e.Payload())
	l.ok(err)
	s := *st.Body.(*statement.Status)
	change(&s)
	b.Status = l.seal(statement.NewStatus(s))(by)
	return b
}

// keep writes a file and, unless nil, the bundle beside it, and returns the name.
func (l *liar) keep(name string, file []byte, b *receiving.Bundle) string {
	l.t.Helper()
	if b != nil {
		raw, err := b.Marshal()
		l.ok(err)
		l.file(name+".yurai.json", raw)
	}
	return l.file(name, file)
}

// serve answers as a server of the log would, by its leaves as they are now, but
// for the paths that begin as a key of instead. concern says which entries the
// bundle of an entry names; the longest key wins.
func (l *liar) serve(concern map[int64][]int64, instead map[string]http.HandlerFunc) string {
	l.t.Helper()
	n := int64(len(l.leaves))
	note := l.note(n)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /checkpoint", func(w http.ResponseWriter, _ *http.Request) { w.Write(note) })
	mux.HandleFunc("GET /tile/{path...}", func(w http.ResponseWriter, r *http.Request) {
		tile, err := ledger.ParseTilePath(strings.TrimPrefix(r.URL.Path, "/"))
		if err != nil || tile.Index*ledger.TileWidth+int64(tile.Width) > n>>(ledger.TileHeight*tile.Level) {
			http.NotFound(w, r)
			return
		}
		for i := range int64(tile.Width) {
			at := tile.Index*ledger.TileWidth + i
			if tile.Bundle {
				w.Write(ledger.AppendBundleEntry(nil, l.leaves[at]))
				continue
			}
			h, _ := l.ReadHash(ledger.TileHeight*tile.Level, at)
			w.Write(h[:])
		}
	})
	mux.HandleFunc("GET /blobs/sha256/{digest}", func(w http.ResponseWriter, r *http.Request) {
		raw, ok := l.blobs[r.PathValue("digest")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Write(raw)
	})
	mux.HandleFunc("GET /api/v1/boms/sha256/{digest}", func(w http.ResponseWriter, r *http.Request) {
		var entries []int64
		for i, leaf := range l.leaves {
			if said, err := bomOf(leaf); err == nil && said.Digest.Hex() == r.PathValue("digest") {
				entries = append(entries, int64(i))
			}
		}
		w.Write(l.lookup(r.PathValue("digest"), entries))
	})
	bundles := map[string][]byte{}
	for i := range l.leaves {
		_, form := envelope.ParseLeaf(l.leaves[i])
		if _, err := bomOf(l.leaves[i]); err == nil && form == nil {
			raw, err := l.bundle(int64(i), concern[int64(i)]...).Marshal()
			l.ok(err)
			bundles[strconv.Itoa(i)] = raw
		}
	}
	mux.HandleFunc("GET /api/v1/entries/{index}/bundle", func(w http.ResponseWriter, r *http.Request) {
		w.Write(bundles[r.PathValue("index")])
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for prefix, h := range instead {
			if strings.HasPrefix(r.URL.Path, prefix) {
				h(w, r)
				return
			}
		}
		mux.ServeHTTP(w, r)
	}))
	l.t.Cleanup(server.Close)
	return server.URL
}

// lookup is the answer to a look-up.
func (l *liar) lookup(digest string, entries []int64) []byte {
	if entries == nil {
		entries = []int64{}
	}
	raw, err := json.Marshal(map[string]any{"format": "yurai-lookup/1", "log": l.origin, "size": len(l.leaves), "sha256": digest, "entries": entries})
	l.ok(err)
	return raw
}

// finds answers a look-up with these entries.
func (l *liar) finds(entries ...int64) map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{"/api/v1/boms/": func(w http.ResponseWriter, r *http.Request) {
		w.Write(l.lookup(r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:], entries))
	}}
}

// asks runs a command with the liar's trust file.
func (l *liar) asks(args ...string) (code int, out, errs string) {
	l.t.Helper()
	args = append(args, "--trust", l.trust)
	if args[0] == "check" {
		args = append(args, "--policy", l.policy)
	}
	return in(l.t, nil, "", args...)
}

// hexOf is the digest of a file as look-ups name it.
func hexOf(file []byte) string {
	d := sha256.Sum256(file)
	return hex.EncodeToString(d[:])
}

// leafHashOf is what prev names.
func leafHashOf(leaf []byte) statement.Digest { return statement.Digest(ledger.LeafHash(leaf)) }

// bundleOf is the bundle of the vendor's entry about a file, in a copy of the log.
func (l *liar) bundleOf(file []byte) *receiving.Bundle {
	l.t.Helper()
	after := *l
	after.leaves = append(l.leaves[:len(l.leaves):len(l.leaves)], l.bom(vendorID, file, nil)("vendor"))
	return after.bundle(int64(len(l.leaves)), 2)
}

// newer is a leaf of a kind that this program does not know.
func (l *liar) newer() []byte {
	l.t.Helper()
	e, err := envelope.ParseLeaf(l.bom(vendorID, relay(l.t, 1), nil)("vendor"))
	l.ok(err)
	return l.seal([]byte(strings.Replace(string(e.Payload()), "/bom/v1", "/shipment/v1", 1)), nil)("vendor")
}

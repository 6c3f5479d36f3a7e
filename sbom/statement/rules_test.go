package statement

import (
	"bytes"
	"crypto/ed25519"
	"slices"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/envelope"
)

// TestEachCheckAlone: grammar by which nothing but one check stands in the way,
// the check digits of what is otherwise no such identifier among them.
func TestEachCheckAlone(t *testing.T) {
	for _, id := range []string{
		"lei:5493001KJTIIGC8Y1R014",          // 21 characters, and their check digits
		"lei:5493001KJTIIGC8Y1R1B",           // a letter among the check digits
		"lei:5493001kjtiigc8y1r66",           // lower case
		"duns:8047351320", "duns:80473513/2", // ten digits; nine characters
	} {
		wantCode(t, CheckParty(id), "STATEMENT-PARTY-MALFORMED")
	}
	for _, s := range []string{digestOf("x").String() + "00", strings.TrimSuffix(digestOf("x").String(), digestOf("x").Hex()[62:])} {
		_, err := ParseDigest(s)
		wantCode(t, err, "STATEMENT-DIGEST-MALFORMED")
	}
	for _, old := range []string{"bom", "party"} {
		payload := strings.Replace(string(payloads(t)[old]), predicateBase, "", 1)
		_, err := Parse([]byte(payload))
		wantCode(t, err, "STATEMENT-TYPE-FOREIGN")
	}
	large := bom()
	large.Product = &Product{Name: strings.Repeat("\x01", MaxText), Version: strings.Repeat("\x01", MaxText/2)} // six bytes each in JSON
	_, err := NewBOM(large)
	wantCode(t, err, "STATEMENT-BODY-LIMIT")
	spec := bom()
	spec.SpecVersion, spec.MediaType = "1.x", "application/vnd.cyclonedx+json; version=1.x"
	_, err = NewBOM(spec)
	wantCode(t, err, "STATEMENT-MEMBER-INVALID")
	admitted := admission()
	admitted.Limits.SpecVersions = []string{"1.x"}
	_, err = NewAdmission(admitted)
	wantCode(t, err, "STATEMENT-MEMBER-INVALID")
	keyless := delegate(t)
	keyless.Key = envelope.Key{}
	_, err = NewDelegate(keyless)
	wantCode(t, err, "STATEMENT-MEMBER-INVALID")
	never := revoke(t)
	*never.InvalidFrom = -1
	_, err = NewRevoke(never)
	wantCode(t, err, "STATEMENT-MEMBER-INVALID")
	nothing := list()
	nothing.Digest = Digest{}
	_, err = NewList(nothing)
	wantCode(t, err, "STATEMENT-MEMBER-INVALID")
	aimless := attestation()
	aimless.About = ""
	_, err = NewAttestation(aimless)
	wantCode(t, err, "STATEMENT-MEMBER-INVALID")
	blind := status()
	blind.BOM = Digest{}
	_, err = NewStatus(blind)
	wantCode(t, err, "STATEMENT-MEMBER-INVALID")
	for pointer, change := range map[string]func(*Freeze){
		"/predicate/party":               func(f *Freeze) { f.Party = nil }, // the builder fills it in
		"/predicate/prev":                func(f *Freeze) { f.Prev = digestOf("x") },
		"/predicate/size":                func(f *Freeze) { f.Size = 0 },
		"/predicate/root":                func(f *Freeze) { f.Root = Digest{} },
		"/predicate/successor/origin":    func(f *Freeze) { f.Successor.Origin = f.Log },
		"/predicate/successor/genesis":   func(f *Freeze) { f.Successor.Genesis = Digest{} },
		"/predicate/successor/registrar": func(f *Freeze) { f.Successor.Registrar.Threshold = 3 },
	} {
		f := freeze(t)
		change(&f)
		payload, err := NewFreeze(f)
		if pointer == "/predicate/party" {
			wantCode(t, err, "")
			_, err = Parse(bytes.Replace(payload, []byte(`["registrar"]`), []byte(`["log"]`), 1))
		}
		wantCode(t, err, "STATEMENT-MEMBER-INVALID")
		if !strings.Contains(err.Error(), pointer) {
			t.Errorf("%v is not at %s", err, pointer)
		}
	}
	for pointer, change := range map[string]func(*Predecessor){
		"/predicate/predecessor/origin":  func(p *Predecessor) { p.Origin = origin },
		"/predicate/predecessor/genesis": func(p *Predecessor) { p.Genesis = Digest{} },
		"/predicate/predecessor/size":    func(p *Predecessor) { p.Size = 0 },
		"/predicate/predecessor/root":    func(p *Predecessor) { p.Root = Digest{} },
	} {
		g := following(t)
		change(g.Predecessor)
		_, err := NewGenesis(g)
		wantCode(t, err, "STATEMENT-MEMBER-INVALID")
		if !strings.Contains(err.Error(), pointer) {
			t.Errorf("%v is not at %s", err, pointer)
		}
	}
	if (Scope{}).Covers(&BOM{}) {
		t.Error("a scope without kinds covers a bom")
	}
}

// TestGenesisNamesItsKeys: two checkpoint keys of the log's own name, Ed25519
// first and ML-DSA-44 second, and none of them, nor of the registrar's, in
// another office.
func TestGenesisNamesItsKeys(t *testing.T) {
	public := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32)).Public().(ed25519.PublicKey)
	second := bytes.Repeat([]byte{9}, 1312)
	ed, ml := vkey(origin, 1, public), vkey(origin, 6, second)
	log := signer(t, envelope.Ed25519, "log").Key()
	of := func(s *envelope.Signer) string { return vkey(origin, 1, s.Key().SPKI()[12:]) } // RFC 8410: the key ends the SPKI
	for name, change := range map[string]func(*Genesis){
		"one key":               func(g *Genesis) { g.Checkpoint = []string{ed} },
		"three keys":            func(g *Genesis) { g.Checkpoint = []string{ed, ml, ml} },
		"the other order":       func(g *Genesis) { g.Checkpoint = []string{ml, ed} },
		"two of Ed25519":        func(g *Genesis) { g.Checkpoint = []string{ed, ed} },
		"another kind":          func(g *Genesis) { g.Checkpoint = []string{vkey(origin, 4, public), ml} },
		"a short key":           func(g *Genesis) { g.Checkpoint = []string{vkey(origin, 1, public[1:]), ml} },
		"a long key":            func(g *Genesis) { g.Checkpoint = []string{ed, vkey(origin, 6, append(slices.Clone(second), 1))} },
		"another log's":         func(g *Genesis) { g.Checkpoint = []string{ed, vkey("ledger.example/other", 6, second)} },
		"no registrar":          func(g *Genesis) { g.Parties.Registrar = KeySet{} },
		"registrar's threshold": func(g *Genesis) { g.Parties.Registrar.Threshold = 2 },
		"no log":                func(g *Genesis) { g.Parties.Log = KeySet{} },
		"log's threshold":       func(g *Genesis) { g.Parties.Log.Threshold = 2 },
		"one key, two offices":  func(g *Genesis) { g.Parties.Registrar = NewKeySet(1, g.Parties.Registrar.Keys[0], log) },
		"the log's key signs checkpoints": func(g *Genesis) {
			g.Checkpoint[0] = of(signer(t, envelope.Ed25519, "log"))
		},
		"the registrar's key signs checkpoints": func(g *Genesis) {
			g.Checkpoint[0] = of(signer(t, envelope.Ed25519, "registrar"))
		},
	} {
		g := genesis(t)
		change(&g)
		if _, err := NewGenesis(g); err == nil {
			t.Errorf("%s: taken", name)
		} else {
			wantCode(t, err, "STATEMENT-MEMBER-INVALID")
		}
	}
	g := genesis(t)
	g.Checkpoint[0] = of(signer(t, envelope.Ed25519, "somebody"))
	if _, err := NewGenesis(g); err != nil {
		t.Errorf("a key of its own: %v", err)
	}
}

// TestKeySets: what every kind that brings a key set refuses.
func TestKeySets(t *testing.T) {
	a, b := signer(t, envelope.Ed25519, "vendor").Key(), signer(t, envelope.Ed25519, "next").Key()
	sorted := NewKeySet(1, a, b).Keys
	for name, set := range map[string]KeySet{
		"none":                 {Threshold: 1},
		"none and no number":   {},
		"no number":            {Keys: sorted},
		"more than there are":  {Keys: sorted, Threshold: 3},
		"in the other order":   {Keys: []envelope.Key{sorted[1], sorted[0]}, Threshold: 1},
		"one key twice":        {Keys: []envelope.Key{sorted[0], sorted[0]}, Threshold: 2},
		"a key that is no key": {Keys: []envelope.Key{{}}, Threshold: 1},
	} {
		p, k, g, f := party(t), keys(t), genesis(t), freeze(t)
		p.Party, p.KeySet = []string{Registrar, p.ID}, set
		k.KeySet, g.Party, g.Parties.Registrar = set, []string{Registrar}, set
		f.Party, f.Successor.Registrar = []string{Registrar}, set
		for _, body := range []Body{&p, &k, &g, &f} {
			if r := body.check(); r == nil || r.Code() != "STATEMENT-MEMBER-INVALID" {
				t.Errorf("%s, in kind %s: %v", name, body.Kind(), r)
			}
		}
	}
}

// TestWords: each word of the format is taken.
func TestWords(t *testing.T) {
	parses := func(word string, payload []byte, err error) {
		t.Helper()
		if err == nil {
			_, err = Parse(payload)
		}
		if err != nil {
			t.Errorf("%s: %v", word, err)
		}
	}
	for _, w := range []string{"vendor", "regulator", "csirt", "operator", "auditor", "laboratory"} {
		p := party(t)
		p.Roles = []string{w}
		payload, err := NewParty(p)
		parses(w, payload, err)
	}
	for _, w := range []string{"open", "held"} {
		b := bom()
		b.Disclosure = w
		payload, err := NewBOM(b)
		parses(w, payload, err)
	}
	for _, w := range []string{"correction", "revision"} {
		b := bom()
		b.Supersedes.Reason = w
		payload, err := NewBOM(b)
		parses(w, payload, err)
	}
	for _, w := range []string{"ban", "recall", "notice"} {
		a := advisory()
		a.Severity = w
		payload, err := NewAdvisory(a)
		parses(w, payload, err)
	}
	for _, w := range []string{"key", "delegate"} {
		r := revoke(t)
		r.Target = w
		payload, err := NewRevoke(r)
		parses(w, payload, err)
	}
	kinds := Admissible()
	want := "advisory attestation bom decision delegate keys list party policy profile revoke suspend verdict withdraw"
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	if got := strings.Join(names, " "); got != want {
		t.Errorf("admissible are %s, want %s", got, want)
	}
	for kind, payload := range payloads(t) {
		kind, _, _ = strings.Cut(kind, "-")
		if want := `"predicateType":"https://github.com/yurai-ledger/yurai/` + kind + `/v1"`; !bytes.Contains(payload, []byte(want)) {
			t.Errorf("%s is not written as %s", kind, want)
		}
	}
}

// TestNothingIsFound finds null and everything empty, however it is written and
// wherever it stands, and nothing in what only looks like it.
func TestNothingIsFound(t *testing.T) {
	for _, nothing := range []string{
		`null`, `""`, `[]`, `{}`, "[ ]", "{\n\t\r }", `["a",null]`, `{"a":""}`, `{"":1}`, `[[1],[ ]]`, `{"a":{"b":{}}}`, `["\"",""]`, `[1,2,[3,{"a":[]}]]`,
	} {
		if refuseNothing([]byte(nothing)) == nil {
			t.Errorf("%s holds nothing, and it is not seen", nothing)
		}
	}
	for _, some := range []string{
		`1`, `true`, `"null"`, `"[]"`, `"{}"`, `"a\"\""`, `"\""`, `{"a":"b"}`, `["a","b"]`, `{"null":[1]}`, `"[ ]"`, `{"a":["]"]}`, `[{"a":1},{"b":[2]}]`, "[ 1 ]",
	} {
		if r := refuseNothing([]byte(some)); r != nil {
			t.Errorf("%s: %v", some, r)
		}
	}
}

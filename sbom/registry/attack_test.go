package registry

import (
	"crypto/elliptic"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// dsse is an envelope taken apart by code that shares nothing with the product.
type dsse struct {
	PayloadType string    `json:"payloadType"`
	Payload     string    `json:"payload"`
	Signatures  []dsseSig `json:"signatures"`
}

type dsseSig struct {
	KeyID string `json:"keyid"`
	Sig   string `json:"sig"`
}

func takeApart(t testing.TB, leaf []byte) dsse {
	t.Helper()
	var d dsse
	if err := json.Unmarshal(leaf, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d dsse) bytes(t testing.TB) []byte {
	t.Helper()
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(d); err != nil {
		t.Fatal(err)
	}
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}

// otherS returns the signature with n − S.
func otherS(t testing.TB, text string) string {
	t.Helper()
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	var v struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &v); err != nil {
		t.Fatal(err)
	}
	v.S.Sub(elliptic.P256().Params().N, v.S)
	der, err = asn1.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

// outcome opens a submission and checks it as the server does.
func outcome(s *State, raw []byte) error {
	p, err := s.Open(raw)
	if err != nil {
		return err
	}
	return s.Check(p)
}

// TestAttacks submits what an attacker would, through the whole intake, and the
// same bytes as a leaf that a lying log holds.
func TestAttacks(t *testing.T) {
	bom := bomBody("x:a", "bytes")
	good := sign(t, bom, "a1", "a2")
	withECDSA := sign(t, bom, "a1", "p256a")
	ecdsa := key(t, "p256a").Key().ID()
	forge := func(leaf []byte, f func(*dsse)) []byte {
		d := takeApart(t, leaf)
		f(&d)
		return d.bytes(t)
	}
	reencode := func(d *dsse, f func(string) string) {
		raw, err := base64.StdEncoding.DecodeString(d.Payload)
		if err != nil {
			t.Fatal(err)
		}
		d.Payload = base64.StdEncoding.EncodeToString([]byte(f(string(raw))))
	}
	for _, c := range []struct {
		name string
		raw  []byte
		code string // of the submission
		leaf string // of the same bytes as a leaf
	}{
		{"nothing wrong", good, "", ""},
		{"stranger's key", sign(t, bom, "stranger"), "ENVELOPE-KEY-UNKNOWN", "ENVELOPE-KEY-UNKNOWN"},
		{"another party's key", sign(t, bom, "b1"), "ENVELOPE-KEY-UNKNOWN", "ENVELOPE-KEY-UNKNOWN"},
		{"registrar for a vendor", sign(t, bom, "r1", "r2"), "ENVELOPE-KEY-UNKNOWN", "ENVELOPE-KEY-UNKNOWN"},
		{"stranger beside", sign(t, bom, "a1", "a2", "stranger"), "", "ENVELOPE-SIGNATURE-SURPLUS"},
		{"one key below threshold", sign(t, bom, "a1"), "STATE-THRESHOLD-SHORT", ""},
		{"one key and a stranger", sign(t, bom, "a1", "stranger"), "STATE-THRESHOLD-SHORT", "ENVELOPE-SIGNATURE-SURPLUS"},
		{"one key twice", forge(sign(t, bom, "a1"), func(d *dsse) { d.Signatures = append(d.Signatures, d.Signatures[0]) }), "ENVELOPE-SIGNATURE-DUPLICATE", "ENVELOPE-LEAF-FORM"},
		{"one key twice, once unnamed", forge(sign(t, bom, "a1"), func(d *dsse) {
			d.Signatures = append(d.Signatures, dsseSig{Sig: d.Signatures[0].Sig})
		}), "STATE-THRESHOLD-SHORT", "ENVELOPE-LEAF-FORM"},
		{"one key under two names", forge(sign(t, bom, "a1"), func(d *dsse) {
			d.Signatures = append(d.Signatures, dsseSig{key(t, "a2").Key().ID(), d.Signatures[0].Sig})
		}), "STATE-THRESHOLD-SHORT", "ENVELOPE-SIGNATURE-SURPLUS"},
		{"both S of one key", forge(sign(t, bom, "p256a"), func(d *dsse) {
			d.Signatures = append(d.Signatures, dsseSig{Sig: otherS(t, d.Signatures[0].Sig)})
		}), "STATE-THRESHOLD-SHORT", "ENVELOPE-LEAF-FORM"},
		{"key ids exchanged", forge(good, func(d *dsse) {
			d.Signatures[0].KeyID, d.Signatures[1].KeyID = d.Signatures[1].KeyID, d.Signatures[0].KeyID
		}), "ENVELOPE-SIGNATURE-INVALID", "ENVELOPE-LEAF-FORM"},
		{"key id of a stranger", forge(good, func(d *dsse) {
			d.Signatures[0].KeyID, d.Signatures = key(t, "stranger").Key().ID(), d.Signatures[:1]
		}), "ENVELOPE-KEY-UNKNOWN", "ENVELOPE-KEY-UNKNOWN"},
		{"swapped payload", forge(good, func(d *dsse) {
			reencode(d, func(s string) string { return strings.Replace(s, `"size":100`, `"size":101`, 1) })
		}), "ENVELOPE-SIGNATURE-INVALID", "ENVELOPE-SIGNATURE-INVALID"},
		{"swapped digest", forge(good, func(d *dsse) {
			reencode(d, func(s string) string { return strings.Replace(s, digest("bytes").Hex(), digest("other").Hex(), 1) })
		}), "ENVELOPE-SIGNATURE-INVALID", "ENVELOPE-SIGNATURE-INVALID"},
		{"white space in payload", forge(good, func(d *dsse) { reencode(d, func(s string) string { return s + " " }) }), "ENVELOPE-SIGNATURE-INVALID", "ENVELOPE-SIGNATURE-INVALID"},
		{"other party named", forge(good, func(d *dsse) { reencode(d, func(s string) string { return strings.Replace(s, `"x:a"`, `"x:b"`, 1) }) }), "STATE-PARTY-UNKNOWN", "STATE-PARTY-UNKNOWN"},
		{"other payload type", forge(good, func(d *dsse) { d.PayloadType = "application/json" }), "ENVELOPE-TYPE-UNKNOWN", "ENVELOPE-LEAF-FORM"},
		{"re-encoded base64", forge(good, func(d *dsse) { d.Payload = strings.NewReplacer("+", "-", "/", "_").Replace(d.Payload) + "" }), "", ""},
		{"unpadded base64", forge(good, func(d *dsse) { d.Signatures[0].Sig = strings.TrimRight(d.Signatures[0].Sig, "=") }), "ENVELOPE-BASE64-INVALID", "ENVELOPE-LEAF-FORM"},
		{"high S", forge(withECDSA, func(d *dsse) {
			for i := range d.Signatures {
				if d.Signatures[i].KeyID == ecdsa {
					d.Signatures[i].Sig = otherS(t, d.Signatures[i].Sig)
				}
			}
		}), "", "ENVELOPE-LEAF-FORM"},
		{"reversed signatures", forge(good, func(d *dsse) { d.Signatures[0], d.Signatures[1] = d.Signatures[1], d.Signatures[0] }), "", "ENVELOPE-LEAF-FORM"},
		{"extra member", []byte(strings.Replace(string(good), `{"payloadType"`, `{"certs":"","payloadType"`, 1)), "ENVELOPE-MEMBER-INVALID", "ENVELOPE-LEAF-FORM"},
		{"case variant", []byte(strings.Replace(string(good), `"payload":`, `"Payload":"","payload":`, 1)), "ENVELOPE-JSON-INVALID", "ENVELOPE-LEAF-FORM"},
		{"white space", []byte(strings.Replace(string(good), `,`, `, `, 1)), "", "ENVELOPE-LEAF-FORM"},
		{"unsigned", forge(good, func(d *dsse) { d.Signatures = []dsseSig{} }), "ENVELOPE-SIGNATURE-ABSENT", "ENVELOPE-LEAF-FORM"},
		{"for another log", sign(t, with(bom, func(b *statement.BOM) { b.Log = "ledger.example/other" }), "a1", "a2"), "STATE-LOG-OTHER", "STATE-LOG-OTHER"},
		{"request without possession", sign(t, partyBody(t, "x:b", 1, "b1"), "r1", "r2"), "STATE-POSSESSION-MISSING", ""},
		{"request without the registrar", sign(t, partyBody(t, "x:b", 1, "b1"), "b1"), "STATE-THRESHOLD-SHORT", ""},
		{"one key for two parties", sign(t, partyBody(t, "x:b", 1, "a1"), "r1", "r2", "a1"), "STATE-KEY-TAKEN", ""},
		{"vendor makes an admission", sign(t, with(admissionBody(), func(a *statement.Admission) { a.Prev = digest("x") }), "a1", "a2"), "ENVELOPE-KEY-UNKNOWN", "ENVELOPE-KEY-UNKNOWN"},
		{"log makes an admission", sign(t, with(admissionBody(), func(a *statement.Admission) { a.Prev = digest("x") }), "log"), "ENVELOPE-KEY-UNKNOWN", "ENVELOPE-KEY-UNKNOWN"},
		{"genesis of a stranger", sign(t, with(genesisBody(t), func(g *statement.Genesis) { g.Parties.Registrar = keySet(t, 1, "stranger") }), "stranger"), "STATE-GENESIS-SECOND", ""},
		{"status as an entry", sign(t, statement.Status{
			Head: head(), BOM: digest("b"), Size: 3, Root: digest("r"), About: "x:a", Entries: []int64{2},
		}, "log"), "STATE-KIND-NEVER", ""},
		{"trust as an entry", sign(t, statement.Trust{Head: head(), File: digest("t")}, "r1", "r2"), "STATE-KIND-NEVER", ""},
		{"trust by a vendor", sign(t, statement.Trust{Head: head(), File: digest("t")}, "a1", "a2"), "ENVELOPE-KEY-UNKNOWN", "ENVELOPE-KEY-UNKNOWN"},
		{"status by a vendor", sign(t, statement.Status{
			Head: head(), BOM: digest("b"), Size: 3, Root: digest("r"), About: "x:a", Entries: []int64{2},
		}, "a1", "a2"), "ENVELOPE-KEY-UNKNOWN", "ENVELOPE-KEY-UNKNOWN"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := founded(t)
			wantCode(t, outcome(s, c.raw), c.code)
			_, err := s.OpenLeaf(c.raw)
			wantCode(t, err, c.leaf)
			equal(t, s, founded(t))
		})
	}
}

// TestCrossKind signs one kind and submits the signature over another: the
// payload is signed as a whole, and its type with it.
func TestCrossKind(t *testing.T) {
	leaf := sign(t, bomBody("x:a", "bytes"), "a1", "a2")
	d := takeApart(t, leaf)
	raw, err := base64.StdEncoding.DecodeString(d.Payload)
	if err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{"/bom/v1": "/status/v1", "yurai/bom": "yurai/party"} {
		d.Payload = base64.StdEncoding.EncodeToString([]byte(strings.Replace(string(raw), from, to, 1)))
		if err := outcome(founded(t), d.bytes(t)); err == nil {
			t.Errorf("%s passes as %s", from, to)
		}
	}
}

// TestIntakeGivesTheLeaf: whatever the submission looked like, the leaf that is
// offered is the exact form, and replays.
func TestIntakeGivesTheLeaf(t *testing.T) {
	leaf := sign(t, bomBody("x:a", "bytes"), "a1", "a2")
	d := takeApart(t, sign(t, bomBody("x:a", "bytes"), "a1", "a2", "stranger"))
	for i, j := 0, len(d.Signatures)-1; i < j; i, j = i+1, j-1 {
		d.Signatures[i], d.Signatures[j] = d.Signatures[j], d.Signatures[i]
	}
	loose, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	s := founded(t)
	p, err := s.Open(loose)
	if err != nil {
		t.Fatal(err)
	}
	if string(p.Leaf()) != string(leaf) {
		t.Errorf("leaf\n%s\nwant\n%s", p.Leaf(), leaf)
	}
	again, err := s.OpenLeaf(p.Leaf())
	if err != nil {
		t.Fatal(err)
	}
	trusted, err := PrepareLeaf(p.Leaf())
	if err != nil {
		t.Fatal(err)
	}
	if again.Identity() != p.Identity() || trusted.Identity() != p.Identity() || again.LeafHash() != p.LeafHash() || trusted.LeafHash() != p.LeafHash() {
		t.Error("the three ways to prepare a leaf differ")
	}
}

// TestKeyChangesBetween: a signature good at intake is judged again at its
// index.
func TestKeyChangesBetween(t *testing.T) {
	s := founded(t)
	bom, err := s.Open(sign(t, bomBody("x:a", "bytes"), "a1", "a2"))
	if err != nil {
		t.Fatal(err)
	}
	e, _ := s.Party("x:a")
	change := with(partyBody(t, "x:a", 1, "a1"), func(p *statement.Party) { p.Version, p.Prev = 2, e.Leaf })
	errs := s.Propose(3, []any{prepared(t, change, "r1", "r2", "a1"), bom})
	s.Keep()
	wantCode(t, errs[0], "")
	wantCode(t, errs[1], "STATE-KEY-STANDING")
	if _, err := s.Open(sign(t, bomBody("x:a", "bytes"), "a1", "a2")); err != nil {
		t.Errorf("the key that still stands signs for it: %v", err)
	}
}

func TestActing(t *testing.T) {
	s := founded(t)
	ids := func(keys []envelope.Key) (out []string) {
		for _, k := range keys {
			out = append(out, k.ID())
		}
		return out
	}
	for name, c := range map[string]struct {
		body any
		want []string
	}{
		"genesis":   {genesisBody(t), []string{"r1", "r2", "r3"}},
		"admission": {admissionBody(), []string{"r1", "r2", "r3"}},
		"party":     {partyBody(t, "x:b", 1, "b1"), []string{"r1", "r2", "r3", "b1"}},
		"bom":       {bomBody("x:a", "b"), []string{"a1", "a2", "p256a"}},
		"status": {statement.Status{
			Head: head(), BOM: digest("b"), Size: 3, Root: digest("r"), About: "x:a", Entries: []int64{2},
		}, []string{"log"}},
	} {
		st, err := statement.Parse(payload(t, c.body))
		if err != nil {
			t.Fatal(err)
		}
		keys, err := s.Acting(st)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		got := ids(keys)
		if len(got) != len(c.want) {
			t.Errorf("%s: %d keys, want %d", name, len(got), len(c.want))
		}
		for _, n := range c.want {
			if !strings.Contains(strings.Join(got, " "), key(t, n).Key().ID()) {
				t.Errorf("%s: key %s does not act", name, n)
			}
		}
	}
	st, err := statement.Parse(payload(t, admissionBody()))
	if err != nil {
		t.Fatal(err)
	}
	_, err = New(origin).Acting(st)
	wantCode(t, err, "STATE-GENESIS-MISSING")
	_, err = New("ledger.example/other").Acting(st)
	wantCode(t, err, "STATE-LOG-OTHER")
}

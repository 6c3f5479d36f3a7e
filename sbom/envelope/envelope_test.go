package envelope

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write golden files of formats not yet published")

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

func fixedSigner(t testing.TB, algorithm, seed string) *Signer {
	t.Helper()
	s, err := NewSigner(algorithm, &stream{seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustSign(t testing.TB, payload string, signers ...*Signer) []byte {
	t.Helper()
	leaf, err := Sign(PayloadType, []byte(payload), signers...)
	if err != nil {
		t.Fatal(err)
	}
	return leaf
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

func TestPAEVector(t *testing.T) {
	got := string(pae("http://example.com/HelloWorld", []byte("hello world")))
	if want := "DSSEv1 29 http://example.com/HelloWorld 11 hello world"; got != want {
		t.Errorf("PAE = %q, want %q", got, want)
	}
}

func TestSignVerify(t *testing.T) {
	for _, algorithms := range [][]string{{Ed25519}, {ECDSAP256}, {Ed25519, ECDSAP256, Ed25519}} {
		var signers []*Signer
		var keys []Key
		for i, a := range algorithms {
			s := fixedSigner(t, a, fmt.Sprint("key", i))
			signers, keys = append(signers, s), append(keys, s.Key())
		}
		leaf := mustSign(t, `{"a":1}`, signers...)
		v, err := VerifyLeaf(leaf, keys...)
		if err != nil {
			t.Fatalf("%v: %v", algorithms, err)
		}
		if string(v.Payload()) != `{"a":1}` || !bytes.Equal(v.Leaf(), leaf) || len(v.KeyIDs()) != len(signers) {
			t.Errorf("%v: verified %q by %v", algorithms, v.Payload(), v.KeyIDs())
		}
		e, err := ParseLeaf(leaf)
		if err != nil {
			t.Fatal(err)
		}
		if e.ClaimedIdentity() != v.Identity() {
			t.Errorf("%v: claimed identity differs from the verified one", algorithms)
		}
	}
}

// TestIdentity spells the formula out once more.
func TestIdentity(t *testing.T) {
	a, b := fixedSigner(t, Ed25519, "a"), fixedSigner(t, ECDSAP256, "b")
	payload := "payload"
	v, err := VerifyLeaf(mustSign(t, payload, a, b), a.Key(), b.Key())
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{a.Key().ID(), b.Key().ID()}
	if ids[0] > ids[1] {
		ids[0], ids[1] = ids[1], ids[0]
	}
	input := "yurai/identity/v1\x00DSSEv1 28 application/vnd.in-toto+json 7 payload"
	for _, id := range ids {
		raw, _ := hex.DecodeString(id)
		input += string(raw)
	}
	if v.Identity() != sha256.Sum256([]byte(input)) {
		t.Error("identity is not its formula")
	}
	again, err := VerifyLeaf(mustSign(t, payload, b, a), b.Key(), a.Key())
	if err != nil {
		t.Fatal(err)
	}
	if again.Identity() != v.Identity() {
		t.Error("another ECDSA signature makes another identity")
	}
	one, err := VerifyLeaf(mustSign(t, payload, a), a.Key())
	if err != nil {
		t.Fatal(err)
	}
	if one.Identity() == v.Identity() {
		t.Error("fewer signers make the same identity")
	}
}

func TestVerifyDrops(t *testing.T) {
	a, b, c := fixedSigner(t, Ed25519, "a"), fixedSigner(t, Ed25519, "b"), fixedSigner(t, ECDSAP256, "c")
	all := mustSign(t, "p", a, b, c)
	e, err := Parse(all)
	if err != nil {
		t.Fatal(err)
	}
	v, err := e.Verify(a.Key(), c.Key())
	if err != nil {
		t.Fatal(err)
	}
	if got := len(v.KeyIDs()); got != 2 {
		t.Fatalf("%d signatures kept, want 2", got)
	}
	if _, err := VerifyLeaf(v.Leaf(), a.Key(), c.Key()); err != nil {
		t.Errorf("the rebuilt leaf: %v", err)
	}
	_, err = VerifyLeaf(all, a.Key(), c.Key())
	wantCode(t, err, "ENVELOPE-SIGNATURE-SURPLUS")

	// A false signature under a named key is dropped beside a good one.
	forged := strings.Replace(string(all), base64.StdEncoding.EncodeToString(signatureOf(t, all, b)),
		base64.StdEncoding.EncodeToString(make([]byte, 64)), 1)
	e, err = Parse([]byte(forged))
	if err != nil {
		t.Fatal(err)
	}
	v, err = e.Verify(a.Key(), b.Key())
	if err != nil || len(v.KeyIDs()) != 1 || v.KeyIDs()[0] != a.Key().ID() {
		t.Errorf("kept %v, %v; want the key of a alone", v.KeyIDs(), err)
	}
	_, err = e.Verify(b.Key())
	wantCode(t, err, "ENVELOPE-SIGNATURE-INVALID")
	_, err = e.Verify(fixedSigner(t, Ed25519, "stranger").Key())
	wantCode(t, err, "ENVELOPE-KEY-UNKNOWN")
	_, err = e.Verify()
	wantCode(t, err, "ENVELOPE-KEY-UNKNOWN")
	_, err = e.Verify(Key{})
	wantCode(t, err, "ENVELOPE-KEY-UNKNOWN")
}

func signatureOf(t testing.TB, leaf []byte, s *Signer) []byte {
	t.Helper()
	e, err := ParseLeaf(leaf)
	if err != nil {
		t.Fatal(err)
	}
	for _, sig := range e.signatures {
		if sig.keyid == s.Key().ID() {
			return sig.value
		}
	}
	t.Fatal("no such signature")
	return nil
}

// highS returns the other signature that verifies as well.
func highS(t testing.TB, sig []byte) []byte {
	t.Helper()
	r, s, ok := parseECDSA(sig)
	if !ok {
		t.Fatal("not DER")
	}
	return encodeECDSA(r, new(big.Int).Sub(elliptic.P256().Params().N, s))
}

func TestParseNormalises(t *testing.T) {
	a, b := fixedSigner(t, Ed25519, "a"), fixedSigner(t, ECDSAP256, "b")
	payload := `{"x":"?>?>"}` // its base64 differs between the alphabets
	leaf := mustSign(t, payload, a, b)
	std, url := base64.StdEncoding, base64.URLEncoding
	sa, sb := signatureOf(t, leaf, a), signatureOf(t, leaf, b)
	entry := func(s *Signer, sig string) string {
		return fmt.Sprintf(`{"sig": %q, "keyid": %q}`, sig, s.Key().ID())
	}
	ea, eb := entry(a, std.EncodeToString(sa)), entry(b, std.EncodeToString(sb))
	form := func(payload, first, second string) string {
		return fmt.Sprintf("{\n \"signatures\" : [%s,\n%s],\n\"payload\":\"%s\", \"payloadType\":\"application\\/vnd.in-toto+json\"}\n", first, second, payload)
	}
	p := std.EncodeToString([]byte(payload))
	for name, raw := range map[string]string{
		"leaf":          string(leaf),
		"members":       form(p, ea, eb),
		"order":         form(p, eb, ea),
		"high S":        form(p, entry(b, std.EncodeToString(highS(t, sb))), ea),
		"url alphabet":  form(url.EncodeToString([]byte(payload)), entry(a, url.EncodeToString(sa)), eb),
		"no key ids":    form(p, fmt.Sprintf(`{"sig":%q}`, std.EncodeToString(sa)), fmt.Sprintf(`{"keyid":"","sig":%q}`, std.EncodeToString(sb))),
		"foreign key":   form(p, ea, eb+`,{"keyid":"SHA256:zzz","sig":"AAAA"}`),
		"foreign algo":  form(p, ea, eb+`,{"keyid":"`+strings.Repeat("0", 64)+`","sig":"`+std.EncodeToString(make([]byte, 256))+`"}`),
		"unnamed twice": form(p, ea, eb+fmt.Sprintf(`,{"sig":%q}`, std.EncodeToString(sa))),
	} {
		e, err := Parse([]byte(raw))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		v, err := e.Verify(a.Key(), b.Key())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !bytes.Equal(v.Leaf(), leaf) {
			t.Errorf("%s: leaf\n%s\nwant\n%s", name, v.Leaf(), leaf)
		}
	}
}

// TestLeafIsReadEitherWay reads leaves as such and, with white space before them,
// as any other submission: both give the same envelope.
func TestLeafIsReadEitherWay(t *testing.T) {
	ed, ec, other := fixedSigner(t, Ed25519, "ed"), fixedSigner(t, ECDSAP256, "ec"), fixedSigner(t, Ed25519, "other")
	for name, leaf := range map[string][]byte{
		"one":     mustSign(t, `{"a":1}`, ed),
		"three":   mustSign(t, `{"a":1}`, ed, ec, other),
		"empty":   mustSign(t, ``, ec),
		"no JSON": mustSign(t, "\x00\xff", ed),
		"long":    mustSign(t, strings.Repeat("x", 47<<10), ed),
	} {
		quick, err := Parse(leaf)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		slow, err := Parse(append([]byte(" "), leaf...))
		if err != nil {
			t.Fatalf("%s behind white space: %v", name, err)
		}
		if !bytes.Equal(quick.payload, slow.payload) || !slices.EqualFunc(quick.signatures, slow.signatures, func(a, b sig) bool {
			return a.keyid == b.keyid && bytes.Equal(a.value, b.value)
		}) {
			t.Errorf("%s: read as a leaf %v, otherwise %v", name, quick, slow)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	a, b := fixedSigner(t, Ed25519, "a"), fixedSigner(t, Ed25519, "b")
	leaf := string(mustSign(t, "p", a))
	sig := base64.StdEncoding.EncodeToString(signatureOf(t, []byte(leaf), a))
	one := `{"keyid":"` + a.Key().ID() + `","sig":"` + sig + `"}`
	with := func(signatures string) string {
		return `{"payloadType":"application/vnd.in-toto+json","payload":"cA==","signatures":[` + signatures + `]}`
	}
	many := strings.Repeat(one+",", MaxSignatures) + one
	for name, c := range map[string]struct{ raw, code string }{
		"not JSON":              {"x", "ENVELOPE-JSON-INVALID"},
		"empty":                 {"", "ENVELOPE-JSON-INVALID"},
		"truncated":             {leaf[:len(leaf)-1], "ENVELOPE-JSON-INVALID"},
		"trailing":              {leaf + "{}", "ENVELOPE-JSON-INVALID"},
		"duplicate member":      {strings.Replace(leaf, `"payload":`, `"payload":"cA==","payload":`, 1), "ENVELOPE-JSON-INVALID"},
		"case variant":          {strings.Replace(leaf, `"payload":`, `"Payload":"cA==","payload":`, 1), "ENVELOPE-JSON-INVALID"},
		"wrong case":            {strings.Replace(leaf, `"payload":`, `"Payload":`, 1), "ENVELOPE-MEMBER-INVALID"},
		"extra member":          {strings.Replace(leaf, `{"payloadType"`, `{"x":1,"payloadType"`, 1), "ENVELOPE-MEMBER-INVALID"},
		"extra in signature":    {with(strings.Replace(one, `{`, `{"cert":"",`, 1)), "ENVELOPE-MEMBER-INVALID"},
		"no payload type":       {strings.Replace(leaf, `"payloadType":"application/vnd.in-toto+json",`, ``, 1), "ENVELOPE-MEMBER-INVALID"},
		"null payload":          {`{"payloadType":"application/vnd.in-toto+json","payload":null,"signatures":[]}`, "ENVELOPE-MEMBER-INVALID"},
		"null signatures":       {`{"payloadType":"application/vnd.in-toto+json","payload":"","signatures":null}`, "ENVELOPE-MEMBER-INVALID"},
		"signature without sig": {with(`{"keyid":"` + a.Key().ID() + `"}`), "ENVELOPE-MEMBER-INVALID"},
		"array":                 {"[]", "ENVELOPE-MEMBER-INVALID"},
		"number as payload":     {strings.Replace(leaf, `"cA=="`, `7`, 1), "ENVELOPE-MEMBER-INVALID"},
		"other type":            {strings.Replace(leaf, "in-toto", "in-toto.v2", 1), "ENVELOPE-TYPE-UNKNOWN"},
		"type in capitals":      {strings.Replace(leaf, "application", "Application", 1), "ENVELOPE-TYPE-UNKNOWN"},
		"unpadded":              {strings.Replace(leaf, `"cA=="`, `"cA"`, 1), "ENVELOPE-BASE64-INVALID"},
		"stray bits":            {strings.Replace(leaf, `"cA=="`, `"cB=="`, 1), "ENVELOPE-BASE64-INVALID"},
		"line break":            {strings.Replace(leaf, `"cA=="`, `"cA\n=="`, 1), "ENVELOPE-BASE64-INVALID"},
		"mixed alphabets":       {strings.Replace(leaf, `"cA=="`, `"+_+_"`, 1), "ENVELOPE-BASE64-INVALID"},
		"sig not base64":        {with(strings.Replace(one, sig, "!", 1)), "ENVELOPE-BASE64-INVALID"},
		"unsigned":              {with(""), "ENVELOPE-SIGNATURE-ABSENT"},
		"too many":              {with(many), "ENVELOPE-SIGNATURE-COUNT"},
		"same key twice":        {with(one + "," + one), "ENVELOPE-SIGNATURE-DUPLICATE"},
		"no known form":         {with(`{"keyid":"x","sig":"AAAA"}`), "ENVELOPE-SIGNATURE-FORM"},
		"upper-case key id":     {with(strings.Replace(one, a.Key().ID(), strings.ToUpper(a.Key().ID()), 1)), "ENVELOPE-SIGNATURE-FORM"},
		"too long":              {leaf + strings.Repeat(" ", 2*MaxLeaf), "ENVELOPE-SIZE-LIMIT"},
		"deep":                  {strings.Repeat("[", 10000), "ENVELOPE-JSON-INVALID"},
	} {
		_, err := Parse([]byte(c.raw))
		t.Run(name, func(t *testing.T) { wantCode(t, err, c.code) })
	}

	// A key id that lies: the signature of a under the name of b, and the reverse.
	lie := strings.Replace(leaf, a.Key().ID(), b.Key().ID(), 1)
	e, err := Parse([]byte(lie))
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Verify(a.Key(), b.Key())
	wantCode(t, err, "ENVELOPE-SIGNATURE-INVALID")
	_, err = e.Verify(a.Key())
	wantCode(t, err, "ENVELOPE-KEY-UNKNOWN")

	// A swapped payload.
	e, err = Parse([]byte(strings.Replace(leaf, `"cA=="`, `"cQ=="`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Verify(a.Key())
	wantCode(t, err, "ENVELOPE-SIGNATURE-INVALID")
}

func TestParseLeafRefuses(t *testing.T) {
	a, b := fixedSigner(t, Ed25519, "a"), fixedSigner(t, ECDSAP256, "b")
	leaf := mustSign(t, "ppp?", a, b)
	sa, sb := signatureOf(t, leaf, a), signatureOf(t, leaf, b)
	std := base64.StdEncoding
	swap := func(old, new string) string { return strings.Replace(string(leaf), old, new, 1) }
	e, err := ParseLeaf(leaf)
	if err != nil {
		t.Fatal(err)
	}
	reversed := encode(e.payload, []sig{e.signatures[1], e.signatures[0]})
	twice := encode(e.payload, []sig{e.signatures[0], e.signatures[0]})
	p := std.EncodeToString([]byte("ppp?"))
	cases := map[string]string{
		"empty":               "",
		"space":               swap(":", ": "),
		"space inside":        swap(`","signatures"`, `", "signatures"`),
		"trailing":            string(leaf) + "\n",
		"truncated":           string(leaf[:len(leaf)-1]),
		"member order":        swap(`{"payloadType":"application/vnd.in-toto+json","payload":"`+p+`"`, `{"payload":"`+p+`","payloadType":"application/vnd.in-toto+json"`),
		"extra member":        swap(`{"payloadType"`, `{"x":1,"payloadType"`),
		"case variant":        swap(`"payload"`, `"Payload"`),
		"escaped":             swap(`application/`, `application\/`),
		"other type":          swap("in-toto", "in-tot0"),
		"unpadded":            swap(p, strings.TrimRight(p, "=")),
		"url alphabet":        swap(std.EncodeToString(sa), strings.NewReplacer("+", "-", "/", "_").Replace(std.EncodeToString(sa))),
		"line break":          swap(p, p[:4]+"\n"+p[4:]),
		"carriage return":     swap(p, p[:4]+"\r"+p[4:]),
		"stray bits":          swap(p, p[:len(p)-3]+"x=="),
		"high S":              swap(std.EncodeToString(sb), std.EncodeToString(highS(t, sb))),
		"fixed-width ECDSA":   swap(std.EncodeToString(sb), std.EncodeToString(make([]byte, 63))),
		"long-form length":    swap(std.EncodeToString(sb), std.EncodeToString(append([]byte{0x30, 0x81, sb[1]}, sb[2:]...))),
		"padded integer":      swap(std.EncodeToString(sb), std.EncodeToString(padInteger(sb))),
		"bytes behind":        swap(std.EncodeToString(sb), std.EncodeToString(append(bytes.Clone(sb), 0))),
		"reversed":            string(reversed),
		"same key twice":      string(twice),
		"no signatures":       string(encode(e.payload, nil)),
		"upper-case key id":   swap(a.Key().ID(), strings.ToUpper(a.Key().ID())),
		"short key id":        swap(a.Key().ID(), a.Key().ID()[1:]),
		"sig before keyid":    swap(`{"keyid":"`+e.signatures[0].keyid+`",`, `{`),
		"comma at the end":    strings.TrimSuffix(string(leaf), "]}") + ",]}",
		"nothing behind sigs": strings.TrimSuffix(string(leaf), "}"),
	}
	for name, raw := range cases {
		if raw == string(leaf) {
			t.Fatalf("%s: the case changes nothing", name)
		}
		_, err := ParseLeaf([]byte(raw))
		t.Run(name, func(t *testing.T) { wantCode(t, err, "ENVELOPE-LEAF-FORM") })
	}
	_, err = ParseLeaf(make([]byte, MaxLeaf+1))
	wantCode(t, err, "ENVELOPE-SIZE-LIMIT")
	many := make([]sig, MaxSignatures+1)
	for i := range many {
		many[i] = sig{fmt.Sprintf("%064x", i), make([]byte, 64)}
	}
	_, err = ParseLeaf(encode([]byte("p"), many))
	wantCode(t, err, "ENVELOPE-SIGNATURE-COUNT")
}

// padInteger gives R a leading zero that it does not need.
func padInteger(der []byte) []byte {
	out := append([]byte{0x30, der[1] + 1, 0x02, der[3] + 1, 0x00}, der[4:]...)
	return out
}

func TestSizeLimit(t *testing.T) {
	a := fixedSigner(t, Ed25519, "a")
	_, err := Sign(PayloadType, make([]byte, 50_000), a)
	wantCode(t, err, "ENVELOPE-SIZE-LIMIT")
	_, err = Sign("application/json", []byte("p"), a)
	wantCode(t, err, "ENVELOPE-TYPE-UNKNOWN")
	_, err = Sign(PayloadType, []byte("p"))
	wantCode(t, err, "ENVELOPE-SIGNATURE-ABSENT")
	var signers []*Signer
	for i := range MaxSignatures + 1 {
		signers = append(signers, fixedSigner(t, Ed25519, fmt.Sprint(i)))
	}
	_, err = Sign(PayloadType, []byte("p"), signers...)
	wantCode(t, err, "ENVELOPE-SIGNATURE-COUNT")
}

func TestAddKeepsPayload(t *testing.T) {
	a, b := fixedSigner(t, Ed25519, "a"), fixedSigner(t, ECDSAP256, "b")
	e, err := Parse(mustSign(t, "  {\n}", a))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Add(b, a); err != nil {
		t.Fatal(err)
	}
	leaf, err := e.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	v, err := VerifyLeaf(leaf, a.Key(), b.Key())
	if err != nil || len(v.KeyIDs()) != 2 || string(v.Payload()) != "  {\n}" {
		t.Errorf("%q by %v: %v", v.Payload(), v.KeyIDs(), err)
	}
}

func TestKeyRefusals(t *testing.T) {
	der := func(public any) []byte {
		b, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	raw := func(hexKey string) []byte {
		b, err := hex.DecodeString(hexKey)
		if err != nil {
			t.Fatal(err)
		}
		return der(ed25519.PublicKey(b))
	}
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	p224, _ := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	r2048, _ := rsa.GenerateKey(rand.Reader, 2048)
	good := fixedSigner(t, Ed25519, "a").Key().SPKI()
	p256 := fixedSigner(t, ECDSAP256, "a").Key().SPKI()
	off := bytes.Clone(p256)
	off[len(off)-1] ^= 1
	compressed := append([]byte{0x30, 0x39}, p256[2:24]...)
	compressed = append(compressed, 0x03, 0x22, 0x00, 0x02)
	compressed = append(compressed, p256[27:59]...)
	// The order-8 points and both signs of the others: x is even or odd.
	for name, c := range map[string]struct {
		spki []byte
		code string
	}{
		"P-384":              {der(&p384.PublicKey), "KEY-ALGORITHM-REFUSED"},
		"P-224":              {der(&p224.PublicKey), "KEY-ALGORITHM-REFUSED"},
		"RSA":                {der(&r2048.PublicKey), "KEY-ALGORITHM-REFUSED"},
		"empty":              {nil, "KEY-SPKI-MALFORMED"},
		"trailing":           {append(bytes.Clone(good), 0), "KEY-SPKI-MALFORMED"},
		"truncated":          {good[:len(good)-1], "KEY-SPKI-MALFORMED"},
		"off the curve":      {off, "KEY-SPKI-MALFORMED"},
		"compressed point":   {compressed, "KEY-SPKI-MALFORMED"},
		"long-form length":   {append([]byte{0x30, 0x81, good[1]}, good[2:]...), "KEY-SPKI-MALFORMED"},
		"null parameters":    {withNull(good), "KEY-SPKI-MALFORMED"},
		"all zero":           {raw(strings.Repeat("00", 32)), "KEY-POINT-WEAK"},
		"zero, other sign":   {raw(strings.Repeat("00", 31) + "80"), "KEY-POINT-WEAK"},
		"identity":           {raw("01" + strings.Repeat("00", 31)), "KEY-POINT-WEAK"},
		"identity, sign":     {raw("01" + strings.Repeat("00", 30) + "80"), "KEY-POINT-WEAK"},
		"order two":          {raw("ec" + strings.Repeat("ff", 30) + "7f"), "KEY-POINT-WEAK"},
		"order eight":        {raw("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "KEY-POINT-WEAK"},
		"order eight, sign":  {raw("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"), "KEY-POINT-WEAK"},
		"other order eight":  {raw("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "KEY-POINT-WEAK"},
		"p":                  {raw("ed" + strings.Repeat("ff", 30) + "7f"), "KEY-SPKI-ENCODING"},
		"p + 1":              {raw("ee" + strings.Repeat("ff", 30) + "7f"), "KEY-SPKI-ENCODING"},
		"all ones":           {raw(strings.Repeat("ff", 32)), "KEY-SPKI-ENCODING"},
		"no point":           {raw("02" + strings.Repeat("00", 31)), "KEY-POINT-WEAK"},
		"SEC1 in PKIX":       {p256[26:], "KEY-SPKI-MALFORMED"},
		"P-256 bytes behind": {append(bytes.Clone(p256), 0), "KEY-SPKI-MALFORMED"},
	} {
		t.Run(name, func(t *testing.T) {
			k, err := ParseKey(c.spki)
			if !k.IsZero() {
				t.Error("a key comes with the refusal")
			}
			wantCode(t, err, c.code)
		})
	}
	_, err := NewSigner("rsa", nil)
	wantCode(t, err, "KEY-ALGORITHM-REFUSED")
	_, err = newSigner(r2048)
	wantCode(t, err, "KEY-ALGORITHM-REFUSED")
}

// withNull adds the NULL parameters that RFC 8410 forbids.
func withNull(ed []byte) []byte {
	out := []byte{0x30, ed[1] + 2, 0x30, ed[3] + 2}
	out = append(out, ed[4:9]...)
	out = append(out, 0x05, 0x00)
	return append(out, ed[9:]...)
}

// TestSmallOrderTable multiplies by eight with slow arithmetic on the curve:
// each listed coordinate gives the neutral element, and an honest key does not.
func TestSmallOrderTable(t *testing.T) {
	eight := func(y *big.Int) (neutral bool) {
		mod := func(x *big.Int) *big.Int { return x.Mod(x, edPrime) }
		one := big.NewInt(1)
		y2 := mod(new(big.Int).Mul(y, y))
		u := new(big.Int).Sub(y2, one)
		v := mod(new(big.Int).Add(new(big.Int).Mul(edD, y2), one))
		x := new(big.Int).ModSqrt(mod(u.Mul(u, new(big.Int).ModInverse(v, edPrime))), edPrime)
		if x == nil {
			t.Fatal("no point")
		}
		for range 3 {
			xx, yy, xy := new(big.Int).Mul(x, x), new(big.Int).Mul(y, y), new(big.Int).Mul(x, y)
			dxy := mod(new(big.Int).Mul(edD, mod(new(big.Int).Mul(xx, yy))))
			nx := new(big.Int).Mul(new(big.Int).Lsh(xy, 1), new(big.Int).ModInverse(new(big.Int).Add(one, dxy), edPrime))
			ny := new(big.Int).Mul(new(big.Int).Add(yy, xx), new(big.Int).ModInverse(mod(new(big.Int).Sub(one, dxy)), edPrime))
			x, y = mod(nx), mod(ny)
		}
		return x.Sign() == 0 && y.Cmp(one) == 0
	}
	seen := map[string]bool{}
	for _, s := range smallOrder {
		y, _ := new(big.Int).SetString(s, 16)
		if !eight(y) {
			t.Errorf("8·(x, %s) is not neutral", s)
		}
		seen[s] = true
	}
	if len(seen) != 5 {
		t.Errorf("%d coordinates, want 5: eight points share them", len(seen))
	}
	honest := fixedSigner(t, Ed25519, "a").Key().k.public.(ed25519.PublicKey)
	be := make([]byte, 32)
	for i, b := range honest {
		be[31-i] = b
	}
	be[0] &= 0x7f
	if eight(new(big.Int).SetBytes(be)) {
		t.Error("an honest key is of small order")
	}
}

func TestPEM(t *testing.T) {
	for _, a := range []string{Ed25519, ECDSAP256} {
		s := fixedSigner(t, a, "pem")
		private, err := s.MarshalPEM()
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParsePrivatePEM(private)
		if err != nil {
			t.Fatal(err)
		}
		public, err := ParsePublicPEM(s.PublicPEM())
		if err != nil {
			t.Fatal(err)
		}
		if !back.Key().Equal(s.Key()) || !public.Equal(s.Key()) {
			t.Errorf("%s: another key comes back", a)
		}
		if public.Algorithm() != a || public.ID() != fmt.Sprintf("%x", sha256.Sum256(public.SPKI())) {
			t.Errorf("%s: algorithm %s, id %s", a, public.Algorithm(), public.ID())
		}
		_, err = ParsePublicPEM(private)
		wantCode(t, err, "KEY-PEM-MALFORMED")
		_, err = ParsePrivatePEM(s.PublicPEM())
		wantCode(t, err, "KEY-PEM-MALFORMED")
		_, err = ParsePrivatePEM(append(private, private...))
		wantCode(t, err, "KEY-PEM-MALFORMED")
		_, err = ParsePrivatePEM(append([]byte("x\n"), private...))
		wantCode(t, err, "KEY-PEM-MALFORMED")
	}
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	der, _ := x509.MarshalPKCS8PrivateKey(p384)
	block := func(kind string, headers map[string]string, b []byte) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: kind, Headers: headers, Bytes: b})
	}
	for name, c := range map[string]struct {
		raw  []byte
		code string
	}{
		"encrypted PKCS #8": {block("ENCRYPTED PRIVATE KEY", nil, []byte{1}), "KEY-PEM-ENCRYPTED"},
		"encrypted legacy":  {block("EC PRIVATE KEY", map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "x"}, []byte{1}), "KEY-PEM-ENCRYPTED"},
		"SEC 1":             {block("EC PRIVATE KEY", nil, []byte{1}), "KEY-PEM-MALFORMED"},
		"headers":           {block("PRIVATE KEY", map[string]string{"a": "b"}, der), "KEY-PEM-MALFORMED"},
		"not PKCS #8":       {block("PRIVATE KEY", nil, []byte{1}), "KEY-PEM-MALFORMED"},
		"P-384":             {block("PRIVATE KEY", nil, der), "KEY-ALGORITHM-REFUSED"},
		"empty":             {nil, "KEY-PEM-MALFORMED"},
		"huge":              {make([]byte, maxPEM+1), "KEY-PEM-MALFORMED"},
	} {
		_, err := ParsePrivatePEM(c.raw)
		t.Run(name, func(t *testing.T) { wantCode(t, err, c.code) })
	}
}

// TestGolden holds the leaf form against files that never change. The ECDSA
// leaf was made once; its signature is random, its bytes are not.
func TestGolden(t *testing.T) {
	ed, p256 := fixedSigner(t, Ed25519, "golden"), fixedSigner(t, ECDSAP256, "golden")
	const payload = `{"_type":"https://in-toto.io/Statement/v1"}`
	golden := func(name string, make func() []byte) []byte {
		path := filepath.Join("testdata", name)
		if *update {
			if _, err := os.Stat(path); err != nil {
				if err := os.WriteFile(path, make(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	edLeaf := golden("ed25519.leaf", func() []byte { return mustSign(t, payload, ed) })
	if got := mustSign(t, payload, ed); !bytes.Equal(got, edLeaf) {
		t.Errorf("leaf\n%s\nwant\n%s", got, edLeaf)
	}
	bothLeaf := golden("both.leaf", func() []byte { return mustSign(t, payload, ed, p256) })
	v, err := VerifyLeaf(bothLeaf, ed.Key(), p256.Key())
	if err != nil {
		t.Fatal(err)
	}
	identity := golden("both.identity", func() []byte { return fmt.Appendf(nil, "%x\n", v.Identity()) })
	if got := fmt.Sprintf("%x\n", v.Identity()); got != string(identity) {
		t.Errorf("identity %s, want %s", got, identity)
	}
	ids := golden("keys.txt", func() []byte { return fmt.Appendf(nil, "%s\n%s\n", ed.Key().ID(), p256.Key().ID()) })
	if got := ed.Key().ID() + "\n" + p256.Key().ID() + "\n"; got != string(ids) {
		t.Errorf("key ids %s, want %s", got, ids)
	}
}

package envelope

import (
	"bytes"
	"crypto/elliptic"
	"encoding/base64"
	"fmt"
	"math/big"
	"testing"
)

// TestLeafThatWouldBeTooLong: a submission is bounded loosely, the leaf that is
// made of it by what an entry may be.
func TestLeafThatWouldBeTooLong(t *testing.T) {
	a := fixedSigner(t, Ed25519, "a")
	for size, code := range map[int]string{48_800: "", 50_000: "ENVELOPE-SIZE-LIMIT"} {
		payload := make([]byte, size)
		value, err := a.sign(pae(PayloadType, payload))
		if err != nil {
			t.Fatal(err)
		}
		std := base64.StdEncoding
		e, err := Parse(fmt.Appendf(nil, `{"payloadType":%q,"payload":%q,"signatures":[{"keyid":%q,"sig":%q}]}`,
			PayloadType, std.EncodeToString(payload), a.Key().ID(), std.EncodeToString(value)))
		if err != nil {
			t.Fatal(err)
		}
		_, err = e.Verify(a.Key())
		wantCode(t, err, code)
	}
	if MaxLeaf != 65535 {
		t.Errorf("a leaf may have %d bytes; the length in an entry bundle has 16 bits", MaxLeaf)
	}
}

// TestNumbersOfASignature: R and S are numbers from 1 to one below the order.
func TestNumbersOfASignature(t *testing.T) {
	one, n := big.NewInt(1), elliptic.P256().Params().N
	for _, c := range []struct {
		r, s *big.Int
		good bool
	}{
		{one, one, true},
		{new(big.Int).Sub(n, one), one, true},
		{n, one, false},
		{new(big.Int).Add(n, one), one, false},
		{one, n, false},
	} {
		sig := encodeECDSA(c.r, c.s)
		if _, ok := canonical(sig); ok != c.good {
			t.Errorf("r %x, s %x is taken: %t", c.r, c.s, ok)
		}
		if got := shape(sig) != ""; got != c.good {
			t.Errorf("r %x, s %x is a leaf's: %t", c.r, c.s, got)
		}
	}
}

// TestLeavesBeginWithABrace: the first bytes that are set aside for COSE and for
// records are nobody's yet.
func TestLeavesBeginWithABrace(t *testing.T) {
	leaf := mustSign(t, "p", fixedSigner(t, Ed25519, "a"))
	for _, first := range []byte{0xd2, 0x80, 0x87, 0x97, 0x98, ' ', '[', 0} {
		for _, raw := range [][]byte{append([]byte{first}, leaf...), append([]byte{first}, leaf[1:]...), {first}} {
			_, err := ParseLeaf(raw)
			wantCode(t, err, "ENVELOPE-LEAF-FORM")
		}
	}
}

// TestSecondEncodingOfAKey: elements behind those that X.509 knows are skipped by
// its parser, and would give one key many ids.
func TestSecondEncodingOfAKey(t *testing.T) {
	for _, algorithm := range []string{Ed25519, ECDSAP256} {
		spki := fixedSigner(t, algorithm, "a").Key().SPKI()
		longer := append(bytes.Clone(spki), 0x05, 0x00)
		longer[1] += 2
		_, err := ParseKey(longer)
		wantCode(t, err, "KEY-SPKI-ENCODING")
	}
}

// TestOrderOfSubmittedSignatures: one key twice is found wherever the second is,
// and what is passed on is in order.
func TestOrderOfSubmittedSignatures(t *testing.T) {
	a, b := fixedSigner(t, Ed25519, "a"), fixedSigner(t, Ed25519, "b")
	leaf := mustSign(t, "p", a, b)
	entry := func(s *Signer) string {
		return fmt.Sprintf(`{"keyid":%q,"sig":%q}`, s.Key().ID(), base64.StdEncoding.EncodeToString(signatureOf(t, leaf, s)))
	}
	form := func(list string) []byte {
		return []byte(`{"payloadType":"application/vnd.in-toto+json","payload":"cA==","signatures":[` + list + `]}`)
	}
	for _, list := range []string{entry(a) + "," + entry(b) + "," + entry(a), entry(b) + "," + entry(a) + "," + entry(b)} {
		_, err := Parse(form(list))
		wantCode(t, err, "ENVELOPE-SIGNATURE-DUPLICATE")
	}
	for _, list := range []string{entry(a) + "," + entry(b), entry(b) + "," + entry(a)} {
		e, err := Parse(form(list))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := e.Marshal(); err != nil || !bytes.Equal(got, leaf) {
			t.Errorf("written as %s, %v", got, err)
		}
	}
}

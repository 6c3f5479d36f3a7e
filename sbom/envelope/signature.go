package envelope

import (
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/asn1"
	"math/big"
)

var (
	order     = elliptic.P256().Params().N
	halfOrder = new(big.Int).Rsh(order, 1)
)

// shape returns the algorithm that a signature of this shape belongs to, or ""
// if it is not in canonical form: 64 bytes are Ed25519, all else is ECDSA.
func shape(sig []byte) string {
	if len(sig) == ed25519.SignatureSize {
		return Ed25519
	}
	if r, s, ok := parseECDSA(sig); ok && s.Cmp(halfOrder) <= 0 && len(encodeECDSA(r, s)) == len(sig) {
		return ECDSAP256
	}
	return ""
}

// canonical returns the one form of a signature: an ECDSA signature with the
// higher of its two S gets the lower, n − S. It reports false for what is no
// signature of an admitted algorithm. Signing, submitting and intake all go
// through here.
func canonical(sig []byte) ([]byte, bool) {
	if len(sig) == ed25519.SignatureSize {
		return sig, true
	}
	r, s, ok := parseECDSA(sig)
	if !ok {
		return nil, false
	}
	if s.Cmp(halfOrder) > 0 {
		s.Sub(order, s)
	}
	out := encodeECDSA(r, s)
	return out, shape(out) == ECDSAP256
}

// parseECDSA reads a DER SEQUENCE of two INTEGERs, each in [1, n − 1], of
// minimal length and with nothing behind.
func parseECDSA(sig []byte) (r, s *big.Int, ok bool) {
	var v struct{ R, S *big.Int }
	rest, err := asn1.Unmarshal(sig, &v)
	if err != nil || len(rest) > 0 {
		return nil, nil, false
	}
	in := func(x *big.Int) bool { return x.Sign() > 0 && x.Cmp(order) < 0 }
	if !in(v.R) || !in(v.S) || string(encodeECDSA(v.R, v.S)) != string(sig) {
		return nil, nil, false
	}
	return v.R, v.S, true
}

// encodeECDSA writes the DER SEQUENCE of two positive INTEGERs below 2^256.
func encodeECDSA(r, s *big.Int) []byte {
	integer := func(dst []byte, x *big.Int) []byte {
		b := x.Bytes()
		if b[0]&0x80 != 0 {
			b = append([]byte{0}, b...)
		}
		return append(append(dst, 0x02, byte(len(b))), b...)
	}
	body := integer(integer(nil, r), s)
	return append([]byte{0x30, byte(len(body))}, body...)
}

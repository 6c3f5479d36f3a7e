package envelope

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"

	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	"github.com/sigstore/sigstore/pkg/signature"

	"github.com/yurai-ledger/yurai/sbom"
)

// The algorithms of keys, as they are written in statements.
const (
	Ed25519   = "ed25519"    // RFC 8032, over the message itself
	ECDSAP256 = "ecdsa-p256" // FIPS 186-5 on P-256 with SHA-256, in DER
)

// allowed maps our names to sigstore's registry of algorithms.
var allowed = map[string]protocommon.PublicKeyDetails{
	Ed25519:   protocommon.PublicKeyDetails_PKIX_ED25519,
	ECDSAP256: protocommon.PublicKeyDetails_PKIX_ECDSA_P256_SHA_256,
}

// Key is one public key. The zero Key is no key and verifies nothing.
type Key struct{ k *key }

type key struct {
	id        [sha256.Size]byte
	text      string // hex of id
	spki      []byte
	algorithm string
	public    crypto.PublicKey
	verifier  signature.Verifier
}

// ParseKey reads a SubjectPublicKeyInfo in DER. It refuses what is not exactly
// one such structure (KEY-SPKI-MALFORMED), other algorithms and curves
// (KEY-ALGORITHM-REFUSED), a second encoding of a key (KEY-SPKI-ENCODING) and
// Ed25519 keys that are no point or one of small order (KEY-POINT-WEAK).
func ParseKey(spki []byte) (Key, error) {
	public, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return Key{}, sbom.Refuse("KEY-SPKI-MALFORMED", "the key is no SubjectPublicKeyInfo of a supported kind: %w", err)
	}
	k, err := newKey(public)
	if err != nil {
		return Key{}, err
	}
	if !bytes.Equal(k.k.spki, spki) {
		return Key{}, sbom.Refuse("KEY-SPKI-ENCODING", "the SubjectPublicKeyInfo is not in its one DER form")
	}
	return k, nil
}

// newKey admits a public key of the standard library.
func newKey(public crypto.PublicKey) (Key, error) {
	algorithm := ""
	switch p := public.(type) {
	case ed25519.PublicKey:
		if err := checkPoint(p); err != nil {
			return Key{}, err
		}
		algorithm = Ed25519
	case *ecdsa.PublicKey:
		if p.Curve != elliptic.P256() {
			return Key{}, sbom.Refuse("KEY-ALGORITHM-REFUSED", "ECDSA on %s is not admitted, only on P-256", p.Curve.Params().Name)
		}
		algorithm = ECDSAP256
	default:
		return Key{}, sbom.Refuse("KEY-ALGORITHM-REFUSED", "keys of type %T are not admitted, only Ed25519 and ECDSA on P-256", public)
	}
	details, err := registered(algorithm, public)
	if err != nil {
		return Key{}, err
	}
	verifier, err := signature.LoadVerifierFromAlgorithmDetails(public, details)
	if err != nil {
		return Key{}, sbom.Refuse("KEY-ALGORITHM-REFUSED", "the key is not usable: %w", err)
	}
	spki, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return Key{}, sbom.Refuse("KEY-SPKI-MALFORMED", "the key has no SubjectPublicKeyInfo: %w", err)
	}
	id := sha256.Sum256(spki)
	return Key{&key{
		id: id, text: hex.EncodeToString(id[:]), spki: spki,
		algorithm: algorithm, public: public, verifier: verifier,
	}}, nil
}

// registered returns sigstore's details of an algorithm if its registry,
// narrowed to ours, permits the key.
func registered(algorithm string, public crypto.PublicKey) (signature.AlgorithmDetails, error) {
	none := signature.AlgorithmDetails{}
	known, ok := allowed[algorithm]
	if !ok {
		return none, sbom.Refuse("KEY-ALGORITHM-REFUSED", "algorithm %q is not admitted, only %s and %s", clip(algorithm), Ed25519, ECDSAP256)
	}
	details, err := signature.GetAlgorithmDetails(known)
	if err != nil {
		return none, fmt.Errorf("looking up %s: %w", algorithm, err)
	}
	config, err := signature.NewAlgorithmRegistryConfig([]protocommon.PublicKeyDetails{known})
	if err != nil {
		return none, fmt.Errorf("looking up %s: %w", algorithm, err)
	}
	if ok, err := config.IsAlgorithmPermitted(public, details.GetHashType()); err != nil || !ok {
		return none, sbom.Refuse("KEY-ALGORITHM-REFUSED", "the key is not one of %s", algorithm)
	}
	return details, nil
}

// ParsePublicPEM reads one PEM block "PUBLIC KEY" (PKIX) and nothing beside it.
// Anything else is KEY-PEM-MALFORMED; the key is judged as by [ParseKey].
func ParsePublicPEM(raw []byte) (Key, error) {
	block, err := onePEM(raw)
	if err != nil {
		return Key{}, err
	}
	if block.Type != "PUBLIC KEY" {
		return Key{}, sbom.Refuse("KEY-PEM-MALFORMED", "the PEM block is %q, not a PUBLIC KEY", clip(block.Type))
	}
	return ParseKey(block.Bytes)
}

// onePEM reads exactly one PEM block without headers.
func onePEM(raw []byte) (*pem.Block, error) {
	if len(raw) > maxPEM {
		return nil, sbom.Refuse("KEY-PEM-MALFORMED", "the file has %d bytes, more than a key", len(raw))
	}
	trimmed := bytes.TrimSpace(raw)
	block, rest := pem.Decode(trimmed)
	if block == nil || !bytes.HasPrefix(trimmed, []byte("-----BEGIN ")) {
		return nil, sbom.Refuse("KEY-PEM-MALFORMED", "the file is not PEM")
	}
	if block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "" || block.Headers["Proc-Type"] != "" {
		return nil, sbom.Refuse("KEY-PEM-ENCRYPTED", "the private key is encrypted")
	}
	if len(bytes.TrimSpace(rest)) > 0 || len(block.Headers) > 0 {
		return nil, sbom.Refuse("KEY-PEM-MALFORMED", "the file holds more than one PEM block without headers")
	}
	return block, nil
}

// ID returns the key's id: lower-case hex SHA-256 of its SPKI in DER.
func (k Key) ID() string {
	if k.k == nil {
		return ""
	}
	return k.k.text
}

// Digest returns the 32 bytes of which ID is the text.
func (k Key) Digest() [32]byte {
	if k.k == nil {
		return [32]byte{}
	}
	return k.k.id
}

// SPKI returns a copy of the SubjectPublicKeyInfo in DER.
func (k Key) SPKI() []byte {
	if k.k == nil {
		return nil
	}
	return bytes.Clone(k.k.spki)
}

// Algorithm returns [Ed25519] or [ECDSAP256].
func (k Key) Algorithm() string {
	if k.k == nil {
		return ""
	}
	return k.k.algorithm
}

// IsZero reports whether k is no key.
func (k Key) IsZero() bool { return k.k == nil }

// Equal reports whether both are the same key.
func (k Key) Equal(other Key) bool {
	return k.k != nil && other.k != nil && k.k.id == other.k.id
}

// PublicPEM returns the key as one PEM block "PUBLIC KEY" (PKIX).
func (k Key) PublicPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: k.SPKI()})
}

// verify reports whether sig, in canonical form, is this key's signature of message.
func (k Key) verify(message, sig []byte) bool {
	if k.k == nil || shape(sig) != k.k.algorithm {
		return false
	}
	return k.k.verifier.VerifySignature(bytes.NewReader(sig), bytes.NewReader(message)) == nil
}

// The curve of Ed25519, RFC 8032 §5.1.
var (
	edPrime, _ = new(big.Int).SetString("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed", 16)
	edD, _     = new(big.Int).SetString("52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3", 16)
)

// smallOrder holds the y coordinates, big-endian and reduced, of the eight
// points whose order divides eight: 1, p − 1, 0 and two of order eight.
var smallOrder = [...]string{
	"0000000000000000000000000000000000000000000000000000000000000001",
	"7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec",
	"0000000000000000000000000000000000000000000000000000000000000000",
	"05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826",
	"7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7",
}

// checkPoint refuses an Ed25519 key that is no reduced encoding of a point, or
// of a point of small order, under which one signature fits many messages.
func checkPoint(public ed25519.PublicKey) error {
	if len(public) != ed25519.PublicKeySize {
		return sbom.Refuse("KEY-SPKI-MALFORMED", "an Ed25519 key has %d bytes, not %d", ed25519.PublicKeySize, len(public))
	}
	be := make([]byte, len(public))
	for i, b := range public {
		be[len(be)-1-i] = b
	}
	be[0] &= 0x7f
	y := new(big.Int).SetBytes(be)
	if y.Cmp(edPrime) >= 0 {
		return sbom.Refuse("KEY-SPKI-ENCODING", "the Ed25519 key is not in its one encoding: its coordinate is not reduced")
	}
	text := hex.EncodeToString(be)
	for _, s := range smallOrder {
		if text == s {
			return sbom.Refuse("KEY-POINT-WEAK", "the Ed25519 key is a point of small order")
		}
	}
	// x² = (y² − 1) / (d y² + 1) must be a square.
	one := big.NewInt(1)
	y2 := new(big.Int).Mul(y, y)
	u := new(big.Int).Sub(y2, one)
	v := new(big.Int).Mul(y2, edD)
	v.Add(v, one)
	u.Mul(u, v).Mod(u, edPrime) // u·v is a square exactly if u/v is
	if big.Jacobi(u, edPrime) != 1 {
		return sbom.Refuse("KEY-POINT-WEAK", "the Ed25519 key is no point of the curve")
	}
	return nil
}

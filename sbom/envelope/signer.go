package envelope

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	cryptorand "crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"

	"github.com/sigstore/sigstore/pkg/signature"

	"github.com/yurai-ledger/yurai/sbom"
)

// Signer is one private key.
type Signer struct {
	key     Key
	private crypto.Signer
	signer  signature.Signer
}

// NewSigner makes a key of the algorithm, [Ed25519] or [ECDSAP256], reading at
// least 32 bytes from rand; nil stands for crypto/rand. The same bytes give the
// same key. Another algorithm is KEY-ALGORITHM-REFUSED.
func NewSigner(algorithm string, rand io.Reader) (*Signer, error) {
	if rand == nil {
		rand = cryptorand.Reader
	}
	if _, ok := allowed[algorithm]; !ok {
		return nil, sbom.Refuse("KEY-ALGORITHM-REFUSED", "algorithm %q is not admitted, only %s and %s", clip(algorithm), Ed25519, ECDSAP256)
	}
	for {
		seed := make([]byte, 32)
		if _, err := io.ReadFull(rand, seed); err != nil {
			return nil, fmt.Errorf("reading random bytes: %w", err)
		}
		if algorithm == Ed25519 {
			return newSigner(ed25519.NewKeyFromSeed(seed))
		}
		// Zero and what is not below the order are drawn again (FIPS 186-5 A.2.2).
		if private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed); err == nil {
			return newSigner(private)
		}
	}
}

func newSigner(private crypto.Signer) (*Signer, error) {
	key, err := newKey(private.Public())
	if err != nil {
		return nil, err
	}
	details, err := registered(key.Algorithm(), private.Public())
	if err != nil {
		return nil, err
	}
	s, err := signature.LoadSignerFromAlgorithmDetails(private, details)
	if err != nil {
		return nil, sbom.Refuse("KEY-ALGORITHM-REFUSED", "the key is not usable: %w", err)
	}
	return &Signer{key: key, private: private, signer: s}, nil
}

// ParsePrivatePEM reads one PEM block "PRIVATE KEY" (PKCS #8, plain) and nothing
// beside it. An encrypted key is KEY-PEM-ENCRYPTED, anything else
// KEY-PEM-MALFORMED; the key is judged as by [ParseKey].
func ParsePrivatePEM(raw []byte) (*Signer, error) {
	block, err := onePEM(raw)
	if err != nil {
		return nil, err
	}
	if block.Type != "PRIVATE KEY" {
		return nil, sbom.Refuse("KEY-PEM-MALFORMED", "the PEM block is %q, not a PRIVATE KEY", clip(block.Type))
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, sbom.Refuse("KEY-PEM-MALFORMED", "the private key is not PKCS #8")
	}
	private, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, sbom.Refuse("KEY-ALGORITHM-REFUSED", "keys of type %T do not sign", parsed)
	}
	return newSigner(private)
}

// Key returns the public key.
func (s *Signer) Key() Key { return s.key }

// MarshalPEM returns the private key as one plain PEM block "PRIVATE KEY"
// (PKCS #8). The caller keeps it secret.
func (s *Signer) MarshalPEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(s.private)
	if err != nil {
		return nil, fmt.Errorf("encoding the private key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// PublicPEM returns the public key as one PEM block "PUBLIC KEY".
func (s *Signer) PublicPEM() []byte { return s.key.PublicPEM() }

// sign returns the canonical signature of message.
func (s *Signer) sign(message []byte) ([]byte, error) {
	sig, err := s.signer.SignMessage(bytes.NewReader(message))
	if err != nil {
		return nil, fmt.Errorf("signing with key %s: %w", s.key.ID(), err)
	}
	sig, ok := canonical(sig)
	if !ok || !s.key.verify(message, sig) {
		return nil, sbom.Refuse("ENVELOPE-SIGNATURE-FORM", "key %s made a signature that has no leaf form", s.key.ID())
	}
	return sig, nil
}

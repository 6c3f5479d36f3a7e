package ledger

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/cloudflare/circl/sign/mldsa/mldsa44"
)

// Algorithm is a signature type of c2sp.org/signed-note.
type Algorithm byte

// The algorithms that sign checkpoints.
const (
	Ed25519 Algorithm = 0x01 // signs the note body
	MLDSA44 Algorithm = 0x06 // signs size and root as in c2sp.org/tlog-cosignature, with a time
)

// String returns "ed25519" or "ml-dsa-44".
func (a Algorithm) String() string {
	switch a {
	case Ed25519:
		return "ed25519"
	case MLDSA44:
		return "ml-dsa-44"
	}
	return fmt.Sprintf("type-0x%02x", byte(a))
}

const privatePrefix = "PRIVATE+KEY+"

// Signer is one private checkpoint key. It signs checkpoints of the log whose
// origin is its name, and nothing else.
type Signer struct {
	algorithm Algorithm
	name      string
	seed      [32]byte
	public    []byte
	ed        ed25519.PrivateKey
	ml        *mldsa44.PrivateKey
}

// NewSigner makes a key for the log with this origin, reading 32 bytes from rand.
func NewSigner(a Algorithm, origin string, rand io.Reader) (*Signer, error) {
	var seed [32]byte
	if _, err := io.ReadFull(rand, seed[:]); err != nil {
		return nil, fmt.Errorf("reading random bytes: %w", err)
	}
	return newSigner(a, origin, seed)
}

func newSigner(a Algorithm, origin string, seed [32]byte) (*Signer, error) {
	if err := CheckOrigin(origin); err != nil {
		return nil, err
	}
	s := &Signer{algorithm: a, name: origin, seed: seed}
	switch a {
	case Ed25519:
		s.ed = ed25519.NewKeyFromSeed(seed[:])
		s.public = []byte(s.ed.Public().(ed25519.PublicKey))
	case MLDSA44:
		pub, priv := mldsa44.NewKeyFromSeed(&seed)
		s.ml, s.public = priv, pub.Bytes()
	default:
		return nil, Refuse("KEY-CHECKPOINT-MALFORMED", "%s is no algorithm for checkpoints", a)
	}
	return s, nil
}

// ParseSigner reads what Marshal writes: one line,
// "PRIVATE+KEY+<name>+<id>+<base64 of type and seed>" (golang.org/x/mod/sumdb/note).
func ParseSigner(raw []byte) (*Signer, error) {
	malformed := Refuse("KEY-CHECKPOINT-MALFORMED", "this is no checkpoint key")
	rest, ok := strings.CutPrefix(strings.TrimSuffix(string(raw), "\n"), privatePrefix)
	if !ok {
		return nil, malformed
	}
	name, id, a, seed, err := splitKey(rest)
	if err != nil || len(seed) != 32 {
		return nil, malformed
	}
	s, err := newSigner(a, name, [32]byte(seed))
	if err != nil {
		return nil, err
	}
	if s.id() != id {
		return nil, malformed
	}
	return s, nil
}

// Marshal returns the private key as one line of text; keep it secret.
func (s *Signer) Marshal() []byte {
	return fmt.Appendf(nil, "%s%s+%08x+%s\n", privatePrefix, s.name, s.id(), encodeKey(s.algorithm, s.seed[:]))
}

// VKey returns the verifier key, "<name>+<id>+<base64>" (c2sp.org/signed-note "Verifier keys").
func (s *Signer) VKey() string {
	return fmt.Sprintf("%s+%08x+%s", s.name, s.id(), encodeKey(s.algorithm, s.public))
}

// Algorithm returns the key's signature type.
func (s *Signer) Algorithm() Algorithm { return s.algorithm }

// Origin returns the name of the key, which is the origin of its log.
func (s *Signer) Origin() string { return s.name }

func (s *Signer) id() uint32 { return keyID(s.name, s.algorithm, s.public) }

// noteSigner signs one checkpoint at one time; it is a note.Signer.
type noteSigner struct {
	*Signer
	checkpoint Checkpoint
	at         time.Time
}

func (s noteSigner) Name() string    { return s.name }
func (s noteSigner) KeyHash() uint32 { return s.id() }

func (s noteSigner) Sign(body []byte) ([]byte, error) {
	if s.algorithm == Ed25519 {
		return ed25519.Sign(s.ed, body), nil
	}
	at := uint64(s.at.Unix())
	sig := make([]byte, 8+mldsa44.SignatureSize)
	binary.BigEndian.PutUint64(sig, at)
	err := mldsa44.SignTo(s.ml, subtreeMessage(s.name, at, s.checkpoint), nil, false, sig[8:])
	return sig, err
}

// Verifier is one public checkpoint key.
type Verifier struct {
	algorithm Algorithm
	name      string
	public    []byte
	ml        *mldsa44.PublicKey
	vkey      string
}

// ParseVerifier reads a verifier key, "<name>+<id>+<base64>". It refuses other
// algorithms than those of this package, an id that is not the key's, and any
// second spelling, with KEY-VERIFIER-MALFORMED.
func ParseVerifier(vkey string) (*Verifier, error) {
	malformed := func(why string) error {
		return Refuse("KEY-VERIFIER-MALFORMED", "verifier key %q %s", clip(vkey), why)
	}
	name, id, a, public, err := splitKey(vkey)
	if err != nil {
		return nil, malformed("is not name+id+base64")
	}
	v := &Verifier{algorithm: a, name: name, public: public, vkey: vkey}
	switch {
	case a == Ed25519 && len(public) == ed25519.PublicKeySize:
	case a == MLDSA44 && len(public) == mldsa44.PublicKeySize:
		v.ml = new(mldsa44.PublicKey)
		if err := v.ml.UnmarshalBinary(public); err != nil {
			return nil, malformed("holds no ML-DSA-44 key")
		}
	default:
		return nil, malformed("is neither Ed25519 nor ML-DSA-44")
	}
	if keyID(name, a, public) != id {
		return nil, malformed("has an id that is not its key's")
	}
	if fmt.Sprintf("%s+%08x+%s", name, id, encodeKey(a, public)) != vkey {
		return nil, malformed("is not in canonical form")
	}
	return v, nil
}

// String returns the verifier key as it was parsed.
func (v *Verifier) String() string { return v.vkey }

// Origin returns the name of the key, which is the origin of its log.
func (v *Verifier) Origin() string { return v.name }

// Algorithm returns the key's signature type.
func (v *Verifier) Algorithm() Algorithm { return v.algorithm }

// Name, KeyHash and Verify make a Verifier a golang.org/x/mod/sumdb/note.Verifier.

// Name returns the key's name.
func (v *Verifier) Name() string { return v.name }

// KeyHash returns the key's 32-bit id (c2sp.org/signed-note).
func (v *Verifier) KeyHash() uint32 { return keyID(v.name, v.algorithm, v.public) }

// Verify reports whether sig is this key's signature of the checkpoint body.
func (v *Verifier) Verify(body, sig []byte) bool {
	if v.algorithm == Ed25519 {
		return len(sig) == ed25519.SignatureSize && ed25519.Verify(v.public, body, sig)
	}
	if len(sig) != 8+mldsa44.SignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(sig)
	c, err := parseBody(body)
	if err != nil || at > 1<<63-1 {
		return false
	}
	return mldsa44.Verify(v.ml, subtreeMessage(v.name, at, c), nil, sig[8:])
}

// subtreeMessage is the cosigned_message of c2sp.org/tlog-cosignature for a
// whole tree.
func subtreeMessage(name string, at uint64, c Checkpoint) []byte {
	m := append([]byte("subtree/v1\n\x00"), byte(len(name)))
	m = append(m, name...)
	m = binary.BigEndian.AppendUint64(m, at)
	m = append(m, byte(len(c.Origin)))
	m = append(m, c.Origin...)
	m = binary.BigEndian.AppendUint64(m, 0)
	m = binary.BigEndian.AppendUint64(m, uint64(c.Size))
	return append(m, c.Root[:]...)
}

// keyID is the first four bytes of SHA-256(name ‖ "\n" ‖ type ‖ public key).
func keyID(name string, a Algorithm, public []byte) uint32 {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n", name)
	h.Write([]byte{byte(a)})
	h.Write(public)
	return binary.BigEndian.Uint32(h.Sum(nil))
}

func encodeKey(a Algorithm, key []byte) string {
	return base64.StdEncoding.EncodeToString(append([]byte{byte(a)}, key...))
}

func splitKey(s string) (name string, id uint32, a Algorithm, key []byte, err error) {
	malformed := Refuse("KEY-VERIFIER-MALFORMED", "key is not name+id+base64")
	name, rest, ok := strings.Cut(s, "+")
	digits, text, ok2 := strings.Cut(rest, "+")
	if !ok || !ok2 || len(digits) != 8 || len(s) > 8<<10 || CheckOrigin(name) != nil {
		return "", 0, 0, nil, malformed
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil {
		return "", 0, 0, nil, malformed
	}
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(b) < 2 {
		return "", 0, 0, nil, malformed
	}
	return name, uint32(n), Algorithm(b[0]), b[1:], nil
}

// CheckOrigin returns nil if s can be a log's origin: a schema-less URL of at
// most MaxOrigin bytes without white space, control characters or "+"
// (c2sp.org/tlog-checkpoint), else LOG-ORIGIN-MALFORMED.
func CheckOrigin(s string) error {
	bad := func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == '+' || r == utf8.RuneError
	}
	if s == "" || len(s) > MaxOrigin || !utf8.ValidString(s) || strings.ContainsFunc(s, bad) || strings.Contains(s, "://") {
		return Refuse("LOG-ORIGIN-MALFORMED", "%q cannot be the origin of a log", clip(s))
	}
	return nil
}

package ledger

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/cloudflare/circl/sign/mldsa/mldsa44"
)

// Algorithm is a signature type of c2sp.org/signed-note.
type Algorithm byte

// The algorithms that sign checkpoints. A log signs with Ed25519 and MLDSA44, a
// cosigner with CosignatureV1 and MLDSA44.
const (
	Ed25519       Algorithm = 0x01 // signs the note body
	CosignatureV1 Algorithm = 0x04 // Ed25519 over a time and the note body (c2sp.org/tlog-cosignature)
	MLDSA44       Algorithm = 0x06 // signs size and root as in c2sp.org/tlog-cosignature, with a time
)

// String returns "ed25519", "ed25519-cosignature" or "ml-dsa-44".
func (a Algorithm) String() string {
	switch a {
	case Ed25519:
		return "ed25519"
	case CosignatureV1:
		return "ed25519-cosignature"
	case MLDSA44:
		return "ml-dsa-44"
	}
	return fmt.Sprintf("type-0x%02x", byte(a))
}

const privatePrefix = "PRIVATE+KEY+"

// Signer is one private checkpoint key. A log's signs checkpoints of the log whose
// origin is its name ([SignCheckpoint]), a cosigner's those of other logs
// ([Signer.Cosign]), and nothing else.
type Signer struct {
	algorithm Algorithm
	name      string
	seed      [32]byte
	public    []byte
	ed        ed25519.PrivateKey
	ml        *mldsa44.PrivateKey
}

// NewSigner makes a key for the log with this origin, or for the cosigner with this
// name, which has the same grammar. It reads 32 bytes from rand.
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
	case Ed25519, CosignatureV1:
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

// Origin returns the name of the key: the origin of its log, or the cosigner's name.
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
	at := uint64(s.at.Unix())
	switch s.algorithm {
	case Ed25519:
		return ed25519.Sign(s.ed, body), nil
	case CosignatureV1:
		return append(binary.BigEndian.AppendUint64(nil, at), ed25519.Sign(s.ed, timedMessage(at, body))...), nil
	}
	sig := make([]byte, timeSize+mldsa44.SignatureSize)
	binary.BigEndian.PutUint64(sig, at)
	err := mldsa44.SignTo(s.ml, subtreeMessage(s.name, at, s.checkpoint), nil, false, sig[timeSize:])
	return sig, err
}

// Verifier is one public checkpoint key: a log's, from [ParseVerifier], or a
// cosigner's, from [ParseCosigner].
type Verifier struct {
	algorithm Algorithm
	name      string
	public    []byte
	ml        *mldsa44.PublicKey
	vkey      string
}

// ParseVerifier reads a log's verifier key, "<name>+<id>+<base64>". It refuses other
// algorithms than Ed25519 and MLDSA44, an id that is not the key's, and any second
// spelling, with KEY-VERIFIER-MALFORMED.
func ParseVerifier(vkey string) (*Verifier, error) {
	return parseVerifier(vkey, Ed25519, MLDSA44)
}

// ParseCosigner reads a cosigner's verifier key, as [ParseVerifier] reads a log's:
// its algorithm is CosignatureV1 or MLDSA44. A log's Ed25519 key is none.
func ParseCosigner(vkey string) (*Verifier, error) {
	return parseVerifier(vkey, CosignatureV1, MLDSA44)
}

func parseVerifier(vkey string, allowed ...Algorithm) (*Verifier, error) {
	malformed := func(why string) error {
		return Refuse("KEY-VERIFIER-MALFORMED", "verifier key %q %s", clip(vkey), why)
	}
	name, id, a, public, err := splitKey(vkey)
	if err != nil {
		return nil, malformed("is not name+id+base64")
	}
	v := &Verifier{algorithm: a, name: name, public: public, vkey: vkey}
	switch {
	case !slices.Contains(allowed, a):
		return nil, malformed(fmt.Sprintf("is neither %s nor %s", allowed[0], allowed[1]))
	case a == MLDSA44 && len(public) == mldsa44.PublicKeySize:
		v.ml = new(mldsa44.PublicKey)
		if err := v.ml.UnmarshalBinary(public); err != nil {
			return nil, malformed("holds no ML-DSA-44 key")
		}
	case a == MLDSA44 || len(public) != ed25519.PublicKeySize:
		return nil, malformed("holds no key of its algorithm's size")
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

// Origin returns the name of the key: the origin of its log, or the cosigner's name.
func (v *Verifier) Origin() string { return v.name }

// Algorithm returns the key's signature type.
func (v *Verifier) Algorithm() Algorithm { return v.algorithm }

// Name, KeyHash and Verify make a Verifier a golang.org/x/mod/sumdb/note.Verifier.

// Name returns the key's name.
func (v *Verifier) Name() string { return v.name }

// KeyHash returns the key's 32-bit id (c2sp.org/signed-note).
func (v *Verifier) KeyHash() uint32 { return keyID(v.name, v.algorithm, v.public) }

// Verify reports whether sig is this key's signature of the body of a checkpoint, of
// whatever log, with extension lines or without. The time in an ML-DSA-44 signature may be zero, as a log's may; that of a witness may
// not, see [OpenCosigned].
func (v *Verifier) Verify(body, sig []byte) bool {
	if v.algorithm == Ed25519 {
		return len(sig) == ed25519.SignatureSize && ed25519.Verify(v.public, body, sig)
	}
	size := mldsa44.SignatureSize
	if v.algorithm == CosignatureV1 {
		size = ed25519.SignatureSize
	}
	if len(sig) != timeSize+size {
		return false
	}
	at := binary.BigEndian.Uint64(sig)
	c, err := parseForeign(body)
	if err != nil || at > math.MaxInt64 {
		return false
	}
	if v.algorithm == CosignatureV1 {
		return ed25519.Verify(v.public, timedMessage(at, body), sig[timeSize:])
	}
	return mldsa44.Verify(v.ml, subtreeMessage(v.name, at, c), nil, sig[timeSize:])
}

// same reports whether two verifiers wrap one public key, whatever their names.
func (v *Verifier) same(w *Verifier) bool { return bytes.Equal(v.public, w.public) }

// timeSize is the length of the time before the signature of a cosigner.
const timeSize = 8

// timedMessage is what an Ed25519 cosignature signs (c2sp.org/tlog-cosignature).
func timedMessage(at uint64, body []byte) []byte {
	return fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, body)
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

// keyName reports whether s can be the name of a key in a signature line: not empty,
// UTF-8, without white space, ASCII controls or "+" (c2sp.org/signed-note). Names of
// foreign keys need be no origins.
func keyName(s string) bool {
	bad := func(r rune) bool { return unicode.IsSpace(r) || r < 0x20 || r == '+' }
	return s != "" && utf8.ValidString(s) && !strings.ContainsFunc(s, bad)
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

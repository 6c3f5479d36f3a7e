package envelope

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/yurai-ledger/yurai/sbom"
)

// Envelope is a signed payload whose signatures nobody has verified. It is not
// safe for concurrent use while signatures are added.
type Envelope struct {
	payload    []byte
	signatures []sig // ascending by key id; those without one come first
}

// sig is one signature in canonical form.
type sig struct {
	keyid string // lower-case hex, "" if the submission names no key
	value []byte
}

// New returns an envelope around the payload that nobody has signed. The bytes
// are kept, not copied, and never changed. A payload type other than
// [PayloadType] is ENVELOPE-TYPE-UNKNOWN.
func New(payloadType string, payload []byte) (*Envelope, error) {
	if payloadType != PayloadType {
		return nil, refuseType(payloadType)
	}
	return &Envelope{payload: payload}, nil
}

// Sign returns the leaf form of the payload signed by each of the signers.
func Sign(payloadType string, payload []byte, signers ...*Signer) ([]byte, error) {
	e, err := New(payloadType, payload)
	if err != nil {
		return nil, err
	}
	if err := e.Add(signers...); err != nil {
		return nil, err
	}
	return e.Marshal()
}

// Add signs the payload, of which it changes no byte. A signature that the
// envelope already has under a signer's key is replaced. Nothing is added
// unless all are.
func (e *Envelope) Add(signers ...*Signer) error {
	message := pae(PayloadType, e.payload)
	signatures := slices.Clone(e.signatures)
	for _, s := range signers {
		value, err := s.sign(message)
		if err != nil {
			return err
		}
		id := s.Key().ID()
		signatures = slices.DeleteFunc(signatures, func(old sig) bool { return old.keyid == id })
		signatures = append(signatures, sig{id, value})
	}
	if len(signatures) > MaxSignatures {
		return refuseCount(len(signatures))
	}
	sortSignatures(signatures)
	e.signatures = signatures
	return nil
}

// PayloadType returns [PayloadType], the only one there is.
func (e *Envelope) PayloadType() string { return PayloadType }

// Payload returns the payload; it is not to be changed.
func (e *Envelope) Payload() []byte { return e.payload }

// KeyIDs returns the key ids that the signatures claim, ascending. Nobody has
// verified them.
func (e *Envelope) KeyIDs() []string {
	var ids []string
	for _, s := range e.signatures {
		if s.keyid != "" {
			ids = append(ids, s.keyid)
		}
	}
	return ids
}

// ClaimedIdentity returns the identity that the envelope has if all signatures
// verify under the keys they name. It serves to reopen a log of one's own,
// whose leaves were verified before they were written.
func (e *Envelope) ClaimedIdentity() [32]byte { return identity(e.payload, e.KeyIDs()) }

// Marshal returns the leaf form with every signature that names its key. It
// refuses an envelope without any (ENVELOPE-SIGNATURE-ABSENT) and one of more
// than [MaxLeaf] bytes (ENVELOPE-SIZE-LIMIT).
func (e *Envelope) Marshal() ([]byte, error) {
	named := e.signatures
	for len(named) > 0 && named[0].keyid == "" {
		named = named[1:]
	}
	if len(named) == 0 {
		return nil, refuseUnsigned()
	}
	leaf := encode(e.payload, named)
	if len(leaf) > MaxLeaf {
		return nil, refuseSize(len(leaf))
	}
	return leaf, nil
}

// wire is an envelope as submitted.
type wire struct {
	PayloadType *string          `json:"payloadType"`
	Payload     *string          `json:"payload"`
	Signatures  *[]wireSignature `json:"signatures"`
}

type wireSignature struct {
	KeyID string  `json:"keyid"`
	Sig   *string `json:"sig"`
}

// Parse reads a submitted envelope: strict JSON with the members of DSSE and no
// other, in any order and with any white space, base64 of either alphabet,
// signatures in any order and with either S. Signatures of no admitted
// algorithm, or under a key id that is none of ours, are dropped. What it
// returns has every other signature in canonical form. The refusals are
// ENVELOPE-SIZE-LIMIT, ENVELOPE-JSON-INVALID, ENVELOPE-MEMBER-INVALID,
// ENVELOPE-TYPE-UNKNOWN, ENVELOPE-BASE64-INVALID, ENVELOPE-SIGNATURE-ABSENT,
// ENVELOPE-SIGNATURE-COUNT, ENVELOPE-SIGNATURE-FORM and
// ENVELOPE-SIGNATURE-DUPLICATE.
func Parse(raw []byte) (*Envelope, error) {
	if len(raw) > 2*MaxLeaf {
		return nil, refuseSize(len(raw))
	}
	// What Sign wrote is a leaf, and reads the same either way.
	if e, err := ParseLeaf(raw); err == nil {
		return e, nil
	}
	if _, r := sbom.Scan(raw, sbom.Limits{Bytes: 2 * MaxLeaf, Depth: maxDepth, Findings: 1}); r != nil {
		return nil, sbom.Refuse("ENVELOPE-JSON-INVALID", "the envelope is not strict JSON: %w", r).At(r.Pointer, r.Line)
	}
	var w wire
	if err := json.Unmarshal(raw, &w, json.RejectUnknownMembers(true)); err != nil {
		r := sbom.Refuse("ENVELOPE-MEMBER-INVALID", "the envelope is not payloadType, payload and signatures: %w", err)
		var where *json.SemanticError
		if errors.As(err, &where) {
			r = r.At(string(where.JSONPointer), 0)
		}
		return nil, r
	}
	if w.PayloadType == nil || w.Payload == nil || w.Signatures == nil {
		return nil, sbom.Refuse("ENVELOPE-MEMBER-INVALID", "the envelope lacks payloadType, payload or signatures")
	}
	if *w.PayloadType != PayloadType {
		return nil, refuseType(*w.PayloadType)
	}
	payload, ok := decodeAny(*w.Payload)
	if !ok {
		return nil, sbom.Refuse("ENVELOPE-BASE64-INVALID", "the payload is not padded base64").At("/payload", 0)
	}
	if len(*w.Signatures) == 0 {
		return nil, refuseUnsigned()
	}
	if len(*w.Signatures) > MaxSignatures {
		return nil, refuseCount(len(*w.Signatures))
	}
	e := &Envelope{payload: payload}
	for i, s := range *w.Signatures {
		at := "/signatures/" + strconv.Itoa(i)
		if s.Sig == nil {
			return nil, sbom.Refuse("ENVELOPE-MEMBER-INVALID", "a signature lacks its sig").At(at, 0)
		}
		value, ok := decodeAny(*s.Sig)
		if !ok {
			return nil, sbom.Refuse("ENVELOPE-BASE64-INVALID", "a signature is not padded base64").At(at+"/sig", 0)
		}
		if len(value) > maxSignature || s.KeyID != "" && !isKeyID(s.KeyID) {
			continue
		}
		if value, ok = canonical(value); ok {
			e.signatures = append(e.signatures, sig{s.KeyID, value})
		}
	}
	if len(e.signatures) == 0 {
		return nil, sbom.Refuse("ENVELOPE-SIGNATURE-FORM", "none of the %d signatures is of an admitted algorithm under a key id", len(*w.Signatures))
	}
	sortSignatures(e.signatures)
	for i, s := range e.signatures[1:] {
		if s.keyid != "" && s.keyid == e.signatures[i].keyid {
			return nil, sbom.Refuse("ENVELOPE-SIGNATURE-DUPLICATE", "key %s signs twice", s.keyid)
		}
	}
	return e, nil
}

func sortSignatures(s []sig) {
	slices.SortStableFunc(s, func(a, b sig) int { return strings.Compare(a.keyid, b.keyid) })
}

// decodeAny decodes padded base64 of the standard or the URL alphabet, without
// line breaks and without stray bits.
func decodeAny(s string) ([]byte, bool) {
	encoding := base64.StdEncoding
	if strings.ContainsAny(s, "-_") {
		encoding = base64.URLEncoding
	}
	b, err := encoding.DecodeString(s)
	return b, err == nil && encoding.EncodeToString(b) == s
}

// isKeyID reports whether s is the lower-case hex of 32 bytes.
func isKeyID(s string) bool {
	if len(s) != 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// pae is the Pre-Authentication Encoding of DSSE v1.
func pae(payloadType string, payload []byte) []byte {
	b := make([]byte, 0, len(payload)+len(payloadType)+32)
	b = append(b, "DSSEv1 "...)
	b = strconv.AppendInt(b, int64(len(payloadType)), 10)
	b = append(append(append(b, ' '), payloadType...), ' ')
	b = strconv.AppendInt(b, int64(len(payload)), 10)
	return append(append(b, ' '), payload...)
}

// The parts of the leaf form between its three variable ones.
const (
	leafHead  = `{"payloadType":"` + PayloadType + `","payload":"`
	leafMid   = `","signatures":[`
	sigHead   = `{"keyid":"`
	sigMid    = `","sig":"`
	sigTail   = `"}`
	leafTail  = `]}`
	keyidSize = 64
)

// encode writes the leaf form.
func encode(payload []byte, signatures []sig) []byte {
	size := len(leafHead) + base64.StdEncoding.EncodedLen(len(payload)) + len(leafMid) + len(leafTail)
	for _, s := range signatures {
		size += len(sigHead) + keyidSize + len(sigMid) + base64.StdEncoding.EncodedLen(len(s.value)) + len(sigTail) + 1
	}
	b := make([]byte, 0, size)
	b = append(b, leafHead...)
	b = base64.StdEncoding.AppendEncode(b, payload)
	b = append(b, leafMid...)
	for i, s := range signatures {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, sigHead...), s.keyid...)
		b = base64.StdEncoding.AppendEncode(append(b, sigMid...), s.value)
		b = append(b, sigTail...)
	}
	return append(b, leafTail...)
}

// ParseLeaf reads a leaf and refuses every byte that is not the leaf form
// (ENVELOPE-LEAF-FORM, ENVELOPE-SIZE-LIMIT): what it accepts, Marshal writes
// back the same.
func ParseLeaf(leaf []byte) (*Envelope, error) {
	if len(leaf) > MaxLeaf {
		return nil, refuseSize(len(leaf))
	}
	rest, ok := bytes.CutPrefix(leaf, []byte(leafHead))
	if !ok {
		return nil, refuseForm("it does not begin as an envelope with our payload type")
	}
	text, rest, ok := bytes.Cut(rest, []byte{'"'})
	payload, valid := decodeExact(text)
	if !ok || !valid {
		return nil, refuseForm("its payload is not canonical base64")
	}
	rest, ok = bytes.CutPrefix(rest, []byte(leafMid[1:]))
	if !ok {
		return nil, refuseForm("no signatures follow the payload")
	}
	e := &Envelope{payload: payload}
	for {
		var s sig
		if s, rest, ok = cutSignature(rest); !ok {
			return nil, refuseForm("a signature is not keyid and sig in canonical form")
		}
		if n := len(e.signatures); n > 0 && e.signatures[n-1].keyid >= s.keyid {
			return nil, refuseForm("its signatures are not in ascending order of key id")
		}
		if e.signatures = append(e.signatures, s); len(e.signatures) > MaxSignatures {
			return nil, refuseCount(len(e.signatures))
		}
		if string(rest) == leafTail {
			return e, nil
		}
		if rest, ok = bytes.CutPrefix(rest, []byte{','}); !ok {
			return nil, refuseForm("it does not end with its signatures")
		}
	}
}

// cutSignature reads one signature of a leaf.
func cutSignature(b []byte) (s sig, rest []byte, ok bool) {
	b, ok = bytes.CutPrefix(b, []byte(sigHead))
	if !ok || len(b) < keyidSize {
		return sig{}, nil, false
	}
	s.keyid = string(b[:keyidSize])
	b, ok = bytes.CutPrefix(b[keyidSize:], []byte(sigMid))
	if !ok || !isKeyID(s.keyid) {
		return sig{}, nil, false
	}
	text, b, found := bytes.Cut(b, []byte{'"'})
	s.value, ok = decodeExact(text)
	if !found || !ok || shape(s.value) == "" {
		return sig{}, nil, false
	}
	rest, ok = bytes.CutPrefix(b, []byte(sigTail[1:]))
	return s, rest, ok
}

// decodeExact decodes padded standard base64 that encodes back to text.
func decodeExact(text []byte) ([]byte, bool) {
	b, err := base64.StdEncoding.AppendDecode(make([]byte, 0, base64.StdEncoding.DecodedLen(len(text))), text)
	if err != nil || base64.StdEncoding.EncodedLen(len(b)) != len(text) {
		return nil, false
	}
	return b, bytes.Equal(base64.StdEncoding.AppendEncode(make([]byte, 0, len(text)), b), text)
}

func refuseType(t string) error {
	return sbom.Refuse("ENVELOPE-TYPE-UNKNOWN", "payload type %q is not %s", clip(t), PayloadType).At("/payloadType", 0)
}

func refuseSize(n int) error {
	return sbom.Refuse("ENVELOPE-SIZE-LIMIT", "the envelope has %d bytes; as a leaf it may have %d", n, MaxLeaf)
}

func refuseCount(n int) error {
	return sbom.Refuse("ENVELOPE-SIGNATURE-COUNT", "the envelope has %d signatures, more than %d", n, MaxSignatures)
}

func refuseUnsigned() error {
	return sbom.Refuse("ENVELOPE-SIGNATURE-ABSENT", "nobody has signed the envelope")
}

func refuseForm(why string) error {
	return sbom.Refuse("ENVELOPE-LEAF-FORM", "the leaf is not in its one form: %s", why)
}

// rawID returns the 32 bytes of a key id known to be well formed.
func rawID(id string) (raw [32]byte) {
	if _, err := hex.Decode(raw[:], []byte(id)); err != nil {
		panic("key id " + id + " is not hex")
	}
	return raw
}

// clip cuts text of unverified input to a bounded length.
func clip(s string) string { return sbom.Clip(s, 80) }

package envelope

import (
	"bytes"
	"crypto/sha256"
	"slices"

	"github.com/yurai-ledger/yurai/sbom"
)

// Verified is a payload with the signatures that verified under keys the caller
// named. Only [Envelope.Verify] and [VerifyLeaf] make one; the zero Verified
// has no payload, no keys and no leaf.
type Verified struct {
	payload  []byte
	ids      []string
	leaf     []byte
	identity [32]byte
}

// Verify checks each signature under the key it names, or, if the submission
// names none, under each of the keys. Signatures that verify under none are
// dropped. None left is a refusal that remembers nothing:
// ENVELOPE-KEY-UNKNOWN if no signature names one of the keys,
// ENVELOPE-SIGNATURE-INVALID if one does and is false.
func (e *Envelope) Verify(keys ...Key) (Verified, error) {
	message := pae(PayloadType, e.payload)
	var good []sig
	named := false
	for _, s := range e.signatures {
		for _, k := range keys {
			if k.IsZero() || s.keyid != "" && s.keyid != k.ID() {
				continue
			}
			named = named || s.keyid != ""
			if k.verify(message, s.value) {
				good = append(good, sig{k.ID(), s.value})
				break
			}
		}
	}
	// A signature without a key id may repeat one that has it.
	sortSignatures(good)
	good = slices.CompactFunc(good, func(a, b sig) bool { return a.keyid == b.keyid })
	if len(good) == 0 {
		if named {
			return Verified{}, sbom.Refuse("ENVELOPE-SIGNATURE-INVALID", "no signature of an acting party verifies over this payload")
		}
		return Verified{}, sbom.Refuse("ENVELOPE-KEY-UNKNOWN", "none of the %d signatures is by a key of the acting party", len(e.signatures))
	}
	v := Verified{payload: e.payload, leaf: encode(e.payload, good)}
	if len(v.leaf) > MaxLeaf {
		return Verified{}, refuseSize(len(v.leaf))
	}
	for _, s := range good {
		v.ids = append(v.ids, s.keyid)
	}
	v.identity = identity(e.payload, v.ids)
	return v, nil
}

// VerifyLeaf verifies a leaf of the log. Beside what [ParseLeaf] and
// [Envelope.Verify] refuse, it refuses a leaf that carries a signature which
// does not verify under one of the keys (ENVELOPE-SIGNATURE-SURPLUS): such a
// signature is dropped before a leaf is made.
func VerifyLeaf(leaf []byte, keys ...Key) (Verified, error) {
	e, err := ParseLeaf(leaf)
	if err != nil {
		return Verified{}, err
	}
	v, err := e.Verify(keys...)
	if err != nil {
		return Verified{}, err
	}
	if !bytes.Equal(v.leaf, leaf) {
		return Verified{}, sbom.Refuse("ENVELOPE-SIGNATURE-SURPLUS", "%d of %d signatures verify under keys of the acting party; the leaf carries the others too",
			len(v.ids), len(e.signatures))
	}
	return v, nil
}

// PayloadType returns [PayloadType].
func (v Verified) PayloadType() string { return PayloadType }

// Payload returns exactly the signed bytes; they are not to be changed.
func (v Verified) Payload() []byte { return v.payload }

// KeyIDs returns the ids of the keys whose signatures verified, ascending and
// distinct; not to be changed.
func (v Verified) KeyIDs() []string { return v.ids }

// Leaf returns the leaf form with the verified signatures and no other; not to
// be changed.
func (v Verified) Leaf() []byte { return v.leaf }

// Identity returns what deduplication compares; the package comment has the formula.
func (v Verified) Identity() [32]byte { return v.identity }

// identityPrefix separates the input of identities from every other hash.
const identityPrefix = "yurai/identity/v1\x00"

// identity is the formula; ids are ascending.
func identity(payload []byte, ids []string) [32]byte {
	h := sha256.New()
	h.Write([]byte(identityPrefix))
	h.Write(pae(PayloadType, payload))
	for _, id := range ids {
		raw := rawID(id)
		h.Write(raw[:])
	}
	return [32]byte(h.Sum(nil))
}

package statement

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/envelope"
)

// KeySet is the keys of a party, ascending by id, and how many of them have to
// sign what the party says.
type KeySet struct {
	Keys      []envelope.Key `json:"keys"`
	Threshold int64          `json:"threshold"`
}

// NewKeySet returns the keys in order, without repetition.
func NewKeySet(threshold int, keys ...envelope.Key) KeySet {
	keys = slices.Clone(keys)
	slices.SortFunc(keys, func(a, b envelope.Key) int { return strings.Compare(a.ID(), b.ID()) })
	keys = slices.CompactFunc(keys, envelope.Key.Equal)
	return KeySet{Keys: keys, Threshold: int64(threshold)}
}

// Has reports whether the key with this id is in the set.
func (s KeySet) Has(id string) bool {
	for _, k := range s.Keys {
		if k.ID() == id {
			return true
		}
	}
	return false
}

func (s KeySet) check(what string) *sbom.Refusal {
	if len(s.Keys) < 1 || len(s.Keys) > MaxKeys {
		return refuseMember("%s has %d keys, not 1 to %d", what, len(s.Keys), MaxKeys)
	}
	for i, k := range s.Keys {
		if k.IsZero() {
			return refuseMember("%s has a key that is none", what)
		}
		if i > 0 && s.Keys[i-1].ID() >= k.ID() {
			return refuseMember("the keys of %s are not in ascending order of id without repetition", what)
		}
	}
	if s.Threshold < 1 || s.Threshold > int64(len(s.Keys)) {
		return refuseMember("%s asks for %d of %d keys", what, s.Threshold, len(s.Keys))
	}
	return nil
}

// wireKey is a key as it is written. The algorithm says again what the SPKI
// says; they must agree.
type wireKey struct {
	Algorithm string `json:"algorithm"`
	SPKI      string `json:"spki"` // padded standard base64 of DER
}

func (w wireKey) key() (envelope.Key, error) {
	der, err := base64.StdEncoding.DecodeString(w.SPKI)
	if err != nil || base64.StdEncoding.EncodeToString(der) != w.SPKI {
		return envelope.Key{}, refuseMember("spki is not padded standard base64")
	}
	k, err := envelope.ParseKey(der)
	if err != nil {
		return envelope.Key{}, err
	}
	if k.Algorithm() != w.Algorithm {
		return envelope.Key{}, refuseMember("algorithm %q is not the key's, %s", clip(w.Algorithm), k.Algorithm())
	}
	return k, nil
}

// The checkpoint keys of genesis: signature types of c2sp.org/signed-note and
// the sizes of their public keys.
var checkpointKeys = [...]struct {
	name string
	kind byte
	size int
}{
	{"Ed25519", 0x01, ed25519.PublicKeySize},
	{"ML-DSA-44", 0x06, 1312},
}

// checkVKeys checks the two verifier keys of a log, "<origin>+<id>+<base64>",
// Ed25519 first, ML-DSA-44 second.
func checkVKeys(origin string, vkeys []string) *sbom.Refusal {
	if len(vkeys) != len(checkpointKeys) {
		return refuseMember("checkpoint has %d keys, not %d", len(vkeys), len(checkpointKeys))
	}
	for i, want := range checkpointKeys {
		if _, ok := splitVKey(origin, vkeys[i], want.kind, want.size); !ok {
			return refuseMember("checkpoint key %q is not the verifier key of %q for %s", clip(vkeys[i]), origin, want.name)
		}
	}
	return nil
}

// splitVKey returns the public key of a verifier key in its one form.
func splitVKey(origin, vkey string, kind byte, size int) ([]byte, bool) {
	rest, ok := strings.CutPrefix(vkey, origin+"+")
	id, text, found := strings.Cut(rest, "+")
	if !ok || !found {
		return nil, false
	}
	typed, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(typed) != 1+size || typed[0] != kind || base64.StdEncoding.EncodeToString(typed) != text {
		return nil, false
	}
	h := sha256.Sum256(append([]byte(origin+"\n"), typed...))
	return typed[1:], hex.EncodeToString(h[:4]) == id
}

// CheckpointKeyID returns the id that the log's Ed25519 checkpoint key would
// have as a party's key. No party may have it: checkpoint keys sign checkpoints
// and nothing else.
func (g *Genesis) CheckpointKeyID() string {
	want := checkpointKeys[0]
	public, ok := splitVKey(g.Log, g.Checkpoint[0], want.kind, want.size)
	if !ok {
		return ""
	}
	spki, err := x509.MarshalPKIXPublicKey(ed25519.PublicKey(bytes.Clone(public)))
	if err != nil {
		return ""
	}
	id := sha256.Sum256(spki)
	return hex.EncodeToString(id[:])
}

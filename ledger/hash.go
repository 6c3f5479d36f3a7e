package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Hash is a SHA-256 value: a leaf hash, a node of the tree, or a root.
type Hash [sha256.Size]byte

// EmptyRoot is the root of the tree without leaves, SHA-256 of nothing (RFC 6962 §2.1).
var EmptyRoot = Hash(sha256.Sum256(nil))

// LeafHash returns the hash of a leaf, SHA-256(0x00 ‖ leaf) (RFC 6962 §2.1).
func LeafHash(leaf []byte) Hash {
	h := sha256.New()
	h.Write([]byte{0})
	h.Write(leaf)
	var out Hash
	h.Sum(out[:0])
	return out
}

// NodeHash returns the hash of an inner node, SHA-256(0x01 ‖ left ‖ right) (RFC 6962 §2.1).
func NodeHash(left, right Hash) Hash {
	var b [1 + 2*sha256.Size]byte
	b[0] = 1
	copy(b[1:], left[:])
	copy(b[1+sha256.Size:], right[:])
	return sha256.Sum256(b[:])
}

// String returns the hash as "sha256:" and 64 lower-case hexadecimal digits.
func (h Hash) String() string { return "sha256:" + hex.EncodeToString(h[:]) }

// IsZero reports whether no byte of the hash is set, as in a Hash never assigned.
func (h Hash) IsZero() bool { return h == Hash{} }

// MarshalText returns what String returns.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what ParseHash reads.
func (h *Hash) UnmarshalText(b []byte) error {
	v, err := ParseHash(string(b))
	if err != nil {
		return err
	}
	*h = v
	return nil
}

// ParseHash reads "sha256:" and 64 lower-case hexadecimal digits. It refuses
// everything else with LOG-HASH-MALFORMED.
func ParseHash(s string) (Hash, error) {
	digits, ok := strings.CutPrefix(s, "sha256:")
	if !ok || len(digits) != 2*sha256.Size || strings.ToLower(digits) != digits {
		return Hash{}, Refuse("LOG-HASH-MALFORMED", "%q is not sha256: with 64 lower-case hexadecimal digits", clip(s))
	}
	b, err := hex.DecodeString(digits)
	if err != nil {
		return Hash{}, Refuse("LOG-HASH-MALFORMED", "%q is not sha256: with 64 lower-case hexadecimal digits", clip(s))
	}
	return Hash(b), nil
}

// clip shortens unverified text for a message.
func clip(s string) string {
	if len(s) > 120 {
		return s[:120] + "…"
	}
	return s
}

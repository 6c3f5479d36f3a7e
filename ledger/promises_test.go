package ledger_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/ledger"
)

// vkey writes a verifier key as c2sp.org/signed-note says.
func vkey(name string, kind byte, public []byte) string {
	typed := append([]byte{kind}, public...)
	id := sha256.Sum256(append([]byte(name+"\n"), typed...))
	return fmt.Sprintf("%s+%x+%s", name, id[:4], base64.StdEncoding.EncodeToString(typed))
}

// TestVerifierKeys: two algorithms, each with its size, under the key's own id and
// in one spelling.
func TestVerifierKeys(t *testing.T) {
	public := make([]byte, 32)
	public[0] = 9
	good := vkey(origin, 1, public)
	if _, err := ledger.ParseVerifier(good); err != nil {
		t.Fatal(err)
	}
	id := strings.Split(good, "+")[1]
	for name, bad := range map[string]string{
		"another algorithm":          vkey(origin, 2, public),
		"a cosigner's":               vkey(origin, 4, public),
		"Ed25519, too short":         vkey(origin, 1, public[1:]),
		"Ed25519, too long":          vkey(origin, 1, append(public[:32:32], 0)),
		"ML-DSA-44 as Ed25519":       vkey(origin, 1, make([]byte, 1312)),
		"Ed25519 as ML-DSA-44":       vkey(origin, 6, public),
		"another's id":               strings.Replace(good, id, "00000000", 1),
		"an id in capitals":          strings.Replace(vkey(origin, 1, upperID(t)), vkeyID(vkey(origin, 1, upperID(t))), strings.ToUpper(vkeyID(vkey(origin, 1, upperID(t)))), 1),
		"a line end within":          good[:len(good)-4] + "\n" + good[len(good)-4:],
		"no name":                    strings.TrimPrefix(good, origin),
		"a name that is no origin":   vkey("https://"+origin, 1, public),
		"a name that is no origin 2": vkey("a b", 1, public),
	} {
		if _, err := ledger.ParseVerifier(bad); code(err) != "KEY-VERIFIER-MALFORMED" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func vkeyID(vkey string) string { return strings.Split(vkey, "+")[1] }

// upperID returns a key whose id has a letter in it.
func upperID(t *testing.T) []byte {
	t.Helper()
	for i := range 256 {
		public := make([]byte, 32)
		public[1] = byte(i)
		if id := vkeyID(vkey(origin, 1, public)); strings.ToUpper(id) != id {
			return public
		}
	}
	t.Fatal("no id has a letter")
	return nil
}

// TestParseHash: one spelling of a digest.
func TestParseHash(t *testing.T) {
	good := ledger.LeafHash([]byte("x")).String()
	if h, err := ledger.ParseHash(good); err != nil || h != ledger.LeafHash([]byte("x")) {
		t.Fatal(err)
	}
	digits := strings.TrimPrefix(good, "sha256:")
	for _, bad := range []string{"", digits, "sha512:" + digits, "SHA256:" + digits, "sha256:" + strings.ToUpper(digits), good + "00", good[:len(good)-2], "sha256:" + strings.Repeat("g", 64)} {
		if _, err := ledger.ParseHash(bad); code(err) != "LOG-HASH-MALFORMED" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

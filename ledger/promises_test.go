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

// TestCheckpointForms: what is wrong with the text is said before any signature
// is looked at.
func TestCheckpointForms(t *testing.T) {
	_, verifiers := keys(t, origin)
	full := string(signed(t, ledger.Checkpoint{Origin: origin, Size: 7, Root: ledger.LeafHash([]byte("root"))}))
	empty := string(signed(t, ledger.Checkpoint{Origin: origin, Root: ledger.EmptyRoot}))
	root := strings.Split(full, "\n")[2]
	for name, bad := range map[string]string{
		"a longer root":       strings.Replace(full, root, base64.StdEncoding.EncodeToString(make([]byte, 33)), 1),
		"a shorter root":      strings.Replace(full, root, base64.StdEncoding.EncodeToString(make([]byte, 31)), 1),
		"stray bits":          strings.Replace(full, root, root[:42]+string(root[42]+1)+"=", 1),
		"an empty tree's":     strings.Replace(empty, strings.Split(empty, "\n")[2], root, 1),
		"more than the limit": full + strings.Repeat("— x "+base64.StdEncoding.EncodeToString(make([]byte, 2100))+"\n", 95),
	} {
		if _, err := ledger.OpenCheckpoint([]byte(bad), origin, verifiers...); code(err) != "LOG-CHECKPOINT-MALFORMED" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTrustNamesLogs: at least one, each once, by an origin that can be one, and
// a pinned policy by its name and its least version.
func TestTrustNamesLogs(t *testing.T) {
	_, verifiers := keys(t, origin)
	log := ledger.TrustedLog{Origin: origin, Genesis: ledger.LeafHash([]byte("g")), Keys: verifiers}
	unnamed := log
	unnamed.Origin = "https://" + origin
	for name, c := range map[string]struct {
		trust ledger.Trust
		want  string
	}{
		"one":                 {ledger.Trust{Logs: []ledger.TrustedLog{log}}, ""},
		"none":                {ledger.Trust{}, "TRUST-FILE-MALFORMED"},
		"one twice":           {ledger.Trust{Logs: []ledger.TrustedLog{log, log}}, "TRUST-FILE-MALFORMED"},
		"a URL":               {ledger.Trust{Logs: []ledger.TrustedLog{unnamed}}, "LOG-ORIGIN-MALFORMED"},
		"a pin":               {ledger.Trust{Logs: []ledger.TrustedLog{log}, Policy: &ledger.PolicyPin{ID: "p", Version: 1}}, ""},
		"a pin of no policy":  {ledger.Trust{Logs: []ledger.TrustedLog{log}, Policy: &ledger.PolicyPin{Version: 1}}, "TRUST-FILE-MALFORMED"},
		"a pin of no version": {ledger.Trust{Logs: []ledger.TrustedLog{log}, Policy: &ledger.PolicyPin{ID: "p"}}, "TRUST-FILE-MALFORMED"},
	} {
		c.trust.Version, c.trust.Expires = 1, at
		raw, err := c.trust.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ledger.ParseTrust(raw); code(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEveryListedKey: a checkpoint is good under a list of keys only if each of them
// signed it, whichever keys signed besides and in whatever order the lines stand.
func TestEveryListedKey(t *testing.T) {
	signers, verifiers := keys(t, origin)
	third, err := ledger.NewSigner(ledger.Ed25519, origin, seed(9))
	if err != nil {
		t.Fatal(err)
	}
	v, err := ledger.ParseVerifier(third.VKey())
	if err != nil {
		t.Fatal(err)
	}
	signers, verifiers = append(signers, third), append(verifiers, v)
	_, w := cosigner(t, ledger.MLDSA44, "witness.example/w1", 41)
	c := ledger.Checkpoint{Origin: origin, Size: 7, Root: ledger.LeafHash([]byte("root"))}
	for signed := range 1 << len(signers) {
		var by []*ledger.Signer
		for i, s := range signers {
			if signed>>i&1 == 1 {
				by = append([]*ledger.Signer{s}, by...)
			}
		}
		if len(by) == 0 {
			continue
		}
		raw, err := ledger.SignCheckpoint(c, at, by...)
		if err != nil {
			t.Fatal(err)
		}
		for listed := range 1 << len(signers) {
			var require []*ledger.Verifier
			for i, v := range verifiers {
				if listed>>i&1 == 1 {
					require = append(require, v)
				}
			}
			want := ""
			if listed == 0 || listed&^signed != 0 {
				want = "LOG-CHECKPOINT-SIGNATURE"
			}
			if _, err := ledger.OpenSigned(raw, origin, require...); code(err) != want {
				t.Errorf("signed by %03b, listed %03b: %v", signed, listed, err)
			}
			if _, _, err := ledger.OpenCosigned(raw, origin, require, nil); code(err) != want {
				t.Errorf("signed by %03b, listed %03b, with witnesses: %v", signed, listed, err)
			}
		}
		if _, err := ledger.OpenCheckpoint(raw, origin, append(verifiers[:2:2], w)...); code(err) != "LOG-CHECKPOINT-SIGNATURE" {
			t.Errorf("a listed key of another name did not sign: %v", err)
		}
	}
}

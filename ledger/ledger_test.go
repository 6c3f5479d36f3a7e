package ledger_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	fnote "github.com/transparency-dev/formats/note"
	"github.com/yurai-ledger/yurai/ledger"
	"golang.org/x/mod/sumdb/note"
)

const origin = "ledger.example/test"

var at = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

type seed byte

func (s seed) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(s) + byte(i)
	}
	return len(p), nil
}

func keys(t testing.TB, name string) ([]*ledger.Signer, []*ledger.Verifier) {
	t.Helper()
	var signers []*ledger.Signer
	var verifiers []*ledger.Verifier
	for i, a := range []ledger.Algorithm{ledger.Ed25519, ledger.MLDSA44} {
		s, err := ledger.NewSigner(a, name, seed(i+1))
		if err != nil {
			t.Fatal(err)
		}
		v, err := ledger.ParseVerifier(s.VKey())
		if err != nil {
			t.Fatal(err)
		}
		signers, verifiers = append(signers, s), append(verifiers, v)
	}
	return signers, verifiers
}

func code(err error) string {
	var c interface{ Code() string }
	if errors.As(err, &c) {
		return c.Code()
	}
	return ""
}

func signed(t testing.TB, c ledger.Checkpoint) []byte {
	t.Helper()
	signers, _ := keys(t, c.Origin)
	raw, err := ledger.SignCheckpoint(c, at, signers...)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Another implementation of both signature types accepts what we sign.
func TestCheckpointAgainstOthers(t *testing.T) {
	signers, verifiers := keys(t, origin)
	c := ledger.Checkpoint{Origin: origin, Size: 7, Root: ledger.LeafHash([]byte("root"))}
	raw := signed(t, c)
	got, err := ledger.OpenCheckpoint(raw, origin, verifiers...)
	if err != nil || got != c {
		t.Fatalf("got %+v, %v", got, err)
	}
	ed, err := note.NewVerifier(signers[0].VKey())
	if err != nil {
		t.Fatal(err)
	}
	ml, err := fnote.NewMLDSAVerifier(signers[1].VKey())
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open(raw, note.VerifierList(ed, ml))
	if err != nil || len(n.Sigs) != 2 {
		t.Fatalf("other programs: %v", err)
	}
	lines := strings.Split(string(raw), "\n")
	if !strings.HasPrefix(lines[4], "— "+origin+" ") || len(lines[4]) > 200 || len(lines[5]) < 3000 {
		t.Fatal("the Ed25519 line must come first, ML-DSA-44 second")
	}
}

func TestOpenCheckpointRefuses(t *testing.T) {
	signers, verifiers := keys(t, origin)
	c := ledger.Checkpoint{Origin: origin, Size: 7, Root: ledger.LeafHash([]byte("root"))}
	good := signed(t, c)
	edOnly, err := ledger.SignCheckpoint(c, at, signers[0])
	if err != nil {
		t.Fatal(err)
	}
	mlOnly, err := ledger.SignCheckpoint(c, at, signers[1])
	if err != nil {
		t.Fatal(err)
	}
	other := c
	other.Origin = "ledger.example/other"
	stranger, err := ledger.NewSigner(ledger.Ed25519, origin, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	strange, err := ledger.SignCheckpoint(c, at, stranger)
	if err != nil {
		t.Fatal(err)
	}
	flip := func(sub string, with string) []byte {
		if !bytes.Contains(good, []byte(sub)) {
			t.Fatalf("no %q in the checkpoint", sub)
		}
		return bytes.Replace(good, []byte(sub), []byte(with), 1)
	}
	sig := good[bytes.LastIndexByte(good, ' ')+1 : len(good)-1]
	b, _ := base64.StdEncoding.DecodeString(string(sig))
	b[8] ^= 1 // the time inside the ML-DSA-44 signature
	retimed := bytes.Replace(good, sig, []byte(base64.StdEncoding.EncodeToString(b)), 1)
	tests := []struct {
		name string
		raw  []byte
		want string
	}{
		{"empty", nil, "LOG-CHECKPOINT-MALFORMED"},
		{"no signatures", c.Body(), "LOG-CHECKPOINT-MALFORMED"},
		{"only Ed25519", edOnly, "LOG-CHECKPOINT-SIGNATURE"},
		{"only ML-DSA-44", mlOnly, "LOG-CHECKPOINT-SIGNATURE"},
		{"a stranger's key of the same name", strange, "LOG-CHECKPOINT-SIGNATURE"},
		{"another log's", signed(t, other), "LOG-CHECKPOINT-ORIGIN"},
		{"larger size", flip("\n7\n", "\n8\n"), "LOG-CHECKPOINT-SIGNATURE"},
		{"size with a leading zero", flip("\n7\n", "\n07\n"), "LOG-CHECKPOINT-MALFORMED"},
		{"negative size", flip("\n7\n", "\n-7\n"), "LOG-CHECKPOINT-MALFORMED"},
		{"an empty line more", flip("\n\n", "\n\n\n"), "LOG-CHECKPOINT-MALFORMED"},
		{"an empty line between signatures", slices.Insert(bytes.Clone(good), bytes.LastIndex(good, []byte("— ")), '\n'), "LOG-CHECKPOINT-MALFORMED"},
		{"extension line", flip("\n\n", "\nmore\n\n"), "LOG-CHECKPOINT-MALFORMED"},
		{"time in the ML-DSA-44 signature", retimed, "LOG-CHECKPOINT-SIGNATURE"},
		{"carriage returns", bytes.ReplaceAll(good, []byte("\n"), []byte("\r\n")), "LOG-CHECKPOINT-MALFORMED"},
		{"over the limit", append(good[:len(good):len(good)], bytes.Repeat([]byte("— x y\n"), 40000)...), "LOG-CHECKPOINT-MALFORMED"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ledger.OpenCheckpoint(tt.raw, origin, verifiers...)
			if got := code(err); got != tt.want {
				t.Errorf("got %q (%v), want %q", got, err, tt.want)
			}
		})
	}
	if _, err := ledger.OpenCheckpoint(good, origin); code(err) != "LOG-CHECKPOINT-SIGNATURE" {
		t.Error("a checkpoint is accepted without any key to check it")
	}
	if _, err := ledger.SignCheckpoint(ledger.Checkpoint{Origin: origin, Root: ledger.LeafHash(nil)}, at, signers...); err == nil {
		t.Error("an empty tree with a root is signed")
	}
	if _, err := ledger.SignCheckpoint(other, at, signers...); code(err) != "LOG-CHECKPOINT-ORIGIN" {
		t.Error("another log's checkpoint is signed")
	}
}

func TestKeysRoundTrip(t *testing.T) {
	signers, _ := keys(t, origin)
	for _, s := range signers {
		again, err := ledger.ParseSigner(s.Marshal())
		if err != nil || again.VKey() != s.VKey() {
			t.Fatalf("%s: %v", s.Algorithm(), err)
		}
		if _, err := ledger.ParseSigner(bytes.Replace(s.Marshal(), []byte("test"), []byte("tesT"), 1)); err == nil {
			t.Fatal("a renamed private key is read")
		}
		vkey := s.VKey()
		for name, bad := range map[string]string{
			"empty": "", "other id": strings.Replace(vkey, "+", "+0", 1), "renamed": "x" + vkey, "space": vkey + " ",
			"cut": vkey[:len(vkey)-4], "no padding": strings.TrimRight(vkey, "=") + "A",
		} {
			if _, err := ledger.ParseVerifier(bad); code(err) != "KEY-VERIFIER-MALFORMED" {
				t.Errorf("%s %s: got %v", s.Algorithm(), name, err)
			}
		}
	}
	for _, name := range []string{"", "a b", "a+b", "https://x", "a\nb", strings.Repeat("a", 201), "a\u2028b"} {
		if _, err := ledger.NewSigner(ledger.Ed25519, name, rand.Reader); code(err) != "LOG-ORIGIN-MALFORMED" {
			t.Errorf("origin %q: got %v", name, err)
		}
	}
}

func TestTilePaths(t *testing.T) {
	for _, want := range []string{
		"tile/0/000", "tile/0/x001/x234/067", "tile/entries/000.p/1", "tile/63/x999/999.p/255", "tile/entries/x001/000",
	} {
		tile, err := ledger.ParseTilePath(want)
		if err != nil || tile.Path() != want {
			t.Errorf("%s: got %s, %v", want, tile.Path(), err)
		}
	}
	for _, bad := range []string{
		"", "tile", "tile/0", "tile/0/", "tile/64/000", "tile/-1/000", "tile/00/000", "tile/0/0", "tile/0/0000", "tile/0/001/000",
		"tile/0/x000/001", "tile/0/x001", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/+1", "/tile/0/000",
		"tile/0/000/", "tile/entries/../000", "tile/0/x001/x", "tile/0/" + strings.Repeat("x001/", 40) + "000",
	} {
		if _, err := ledger.ParseTilePath(bad); code(err) != "LOG-PATH-MALFORMED" {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}

func TestParseBundle(t *testing.T) {
	b := ledger.AppendBundleEntry(ledger.AppendBundleEntry(nil, []byte("one")), []byte("two"))
	got, err := ledger.ParseBundle(b)
	if err != nil || len(got) != 2 || string(got[1]) != "two" {
		t.Fatalf("got %q, %v", got, err)
	}
	full := bytes.Repeat(ledger.AppendBundleEntry(nil, []byte("x")), 257)
	for name, bad := range map[string][]byte{"cut in a leaf": b[:len(b)-1], "cut in a length": b[:6], "empty leaf": {0, 0}, "257 leaves": full} {
		if _, err := ledger.ParseBundle(bad); code(err) != "LOG-BUNDLE-MALFORMED" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestTrustRoundTripAndRefusals(t *testing.T) {
	_, verifiers := keys(t, origin)
	trust := &ledger.Trust{
		Version: 1, Expires: at, Policy: &ledger.PolicyPin{ID: "demo", Signer: "x:demo", Version: 1},
		Logs: []ledger.TrustedLog{{Origin: origin, Genesis: ledger.LeafHash([]byte("g")), Keys: verifiers}},
	}
	raw, err := trust.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ledger.ParseTrust(raw)
	if err != nil || again.Digest != trust.Digest || again.Logs[0].Genesis != trust.Logs[0].Genesis || again.Policy.ID != "demo" {
		t.Fatalf("got %+v, %v", again, err)
	}
	_, others := keys(t, "ledger.example/other")
	sub := func(old, new string) []byte {
		if !bytes.Contains(raw, []byte(old)) {
			t.Fatalf("no %q in the trust file", old)
		}
		return bytes.Replace(raw, []byte(old), []byte(new), 1)
	}
	first, second := verifiers[0].String(), verifiers[1].String()
	for name, tt := range map[string]struct {
		raw  []byte
		want string
	}{
		"not JSON":            {[]byte("trust"), "TRUST-FILE-MALFORMED"},
		"newer format":        {sub("yurai-trust/1", "yurai-trust/2"), "TRUST-FORMAT-UNKNOWN"},
		"no format":           {sub(`"format"`, `"Format"`), "TRUST-FORMAT-UNKNOWN"},
		"unknown member":      {sub(`"version": 1,`, `"version": 1, "more": 1,`), "TRUST-FILE-MALFORMED"},
		"doubled member":      {sub(`"version": 1,`, `"version": 1, "version": 2,`), "TRUST-FILE-MALFORMED"},
		"version 0":           {sub(`"version": 1,`, `"version": 0,`), "TRUST-FILE-MALFORMED"},
		"trailing data":       {append(raw[:len(raw):len(raw)], '1'), "TRUST-FILE-MALFORMED"},
		"any key":             {sub(`"all"`, `"any"`), "TRUST-FILE-MALFORMED"},
		"another log's key":   {sub(first, others[0].String()), "TRUST-FILE-MALFORMED"},
		"one key twice":       {sub(second, first), "TRUST-FILE-MALFORMED"},
		"no Ed25519":          {sub(`"`+first+`",`, ""), "TRUST-FILE-MALFORMED"},
		"zero genesis":        {sub(trust.Logs[0].Genesis.String(), ledger.Hash{}.String()), "TRUST-FILE-MALFORMED"},
		"expiry with an hour": {sub("10:00:00Z", "10:00:00+09:00"), "TRUST-FILE-MALFORMED"},
		"witness quorum":      {sub(`"logs"`, `"witnesses": "witness w k\nquorum w\n", "logs"`), "TRUST-WITNESS-MALFORMED"},
		"a list":              {sub(`"logs"`, `"lists": [{"id":"x","signer":"y"}], "logs"`), "TRUST-LIST-UNSUPPORTED"},
	} {
		if _, err := ledger.ParseTrust(tt.raw); code(err) != tt.want {
			t.Errorf("%s: got %v, want %s", name, err, tt.want)
		}
	}
}

func FuzzOpenCheckpoint(f *testing.F) {
	_, verifiers := keys(f, origin)
	f.Add(signed(f, ledger.Checkpoint{Origin: origin, Size: 7, Root: ledger.LeafHash([]byte("root"))}))
	f.Add([]byte(origin + "\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— x AAAAAA==\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := ledger.OpenCheckpoint(raw, origin, verifiers...)
		if err != nil {
			if code(err) == "" {
				t.Fatalf("error without a code: %v", err)
			}
			return
		}
		if !bytes.HasPrefix(raw, append(c.Body(), '\n')) {
			t.Fatal("the body read is not the body signed")
		}
	})
}

func FuzzParseTilePath(f *testing.F) {
	f.Add("tile/0/x001/234.p/5")
	f.Add("tile/entries/000")
	f.Fuzz(func(t *testing.T, p string) {
		if tile, err := ledger.ParseTilePath(p); err == nil && tile.Path() != p {
			t.Fatalf("%q is read as %q", p, tile.Path())
		}
	})
}

func FuzzParseTrust(f *testing.F) {
	_, verifiers := keys(f, origin)
	trust := &ledger.Trust{Version: 1, Expires: at, Logs: []ledger.TrustedLog{{Origin: origin, Genesis: ledger.LeafHash(nil), Keys: verifiers}}}
	raw, err := trust.Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		trust, err := ledger.ParseTrust(raw)
		if err != nil {
			if code(err) == "" {
				t.Fatalf("error without a code: %v", err)
			}
			return
		}
		if len(trust.Logs) == 0 || len(trust.Logs[0].Keys) == 0 {
			t.Fatal("trust without a key is accepted")
		}
	})
}

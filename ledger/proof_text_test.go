package ledger_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	fproof "github.com/transparency-dev/formats/proof"

	"github.com/yurai-ledger/yurai/ledger"
)

// provedLog is a log of seven leaves whose checkpoint one witness cosigned.
type provedLog struct {
	tree   slowTree
	logs   []*ledger.Verifier
	policy *ledger.WitnessPolicy
	proof  ledger.Proof // of leaf 3
	line   string       // of the witness
}

func proved(t testing.TB) provedLog {
	t.Helper()
	x := provedLog{tree: leaves(7)}
	_, x.logs = keys(t, origin)
	w, v := cosigner(t, ledger.CosignatureV1, "witness.example/w1", 40)
	x.policy = policyOf(t, "witness w1 "+v.String()+"\nquorum w1\n")
	c := ledger.Checkpoint{Origin: origin, Size: 7, Root: x.tree.mth(0, 7)}
	x.line = cosign(t, w, c, at)
	hashes, err := ledger.ProveInclusion(x.tree, 7, 3)
	if err != nil {
		t.Fatal(err)
	}
	x.proof = ledger.Proof{Index: 3, Hashes: hashes, Extra: []byte("leaf 3"), Note: append(signed(t, c), x.line...)}
	return x
}

func format(t testing.TB, p ledger.Proof) []byte {
	t.Helper()
	raw, err := ledger.FormatProof(p)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestProofText(t *testing.T) {
	x := proved(t)
	raw := format(t, x.proof)
	p, err := ledger.ParseProof(raw)
	if err != nil || !bytes.Equal(format(t, p), raw) || string(p.Extra) != "leaf 3" || !slices.Equal(p.Hashes, x.proof.Hashes) {
		t.Fatalf("got %+v, %v", p, err)
	}
	s, cosigned, err := p.Verify(x.tree[3], origin, x.logs, x.policy)
	if err != nil || s.Size != 7 || len(cosigned) != 1 || !cosigned[0].Time.Equal(at) {
		t.Fatalf("got %+v, %v, %v", s, cosigned, err)
	}
	// Another program reads ours and writes the same.
	var theirs fproof.TLogProof
	if err := theirs.Unmarshal(raw); err != nil || !bytes.Equal(theirs.Marshal(), raw) {
		t.Errorf("another program reads our proof as %+v, %v", theirs, err)
	}
	one := leaves(1)
	lone := ledger.Proof{Note: signed(t, ledger.Checkpoint{Origin: origin, Size: 1, Root: one[0]})}
	if p, err = ledger.ParseProof(format(t, lone)); err != nil || p.Extra != nil || p.Hashes != nil {
		t.Errorf("a proof without hashes: %+v, %v", p, err)
	}
	if _, _, err := p.Verify(one[0], origin, x.logs, nil); err != nil {
		t.Error(err)
	}
}

func TestProofVerifyRefuses(t *testing.T) {
	x := proved(t)
	_, others := keys(t, "ledger.example/other")
	alter := func(f func(*ledger.Proof)) ledger.Proof {
		p := x.proof
		p.Hashes, p.Note = slices.Clone(p.Hashes), bytes.Clone(p.Note)
		f(&p)
		return p
	}
	unsigned := alter(func(p *ledger.Proof) { p.Note = bytes.TrimSuffix(p.Note, []byte(x.line)) })
	for name, c := range map[string]struct {
		p      ledger.Proof
		leaf   ledger.Hash
		origin string
		logs   []*ledger.Verifier
		policy *ledger.WitnessPolicy
		want   string
	}{
		"another leaf":       {x.proof, x.tree[4], origin, x.logs, x.policy, "LOG-PROOF-INVALID"},
		"another index":      {alter(func(p *ledger.Proof) { p.Index = 2 }), x.tree[3], origin, x.logs, x.policy, "LOG-PROOF-INVALID"},
		"an index outside":   {alter(func(p *ledger.Proof) { p.Index = 7 }), x.tree[3], origin, x.logs, x.policy, "LOG-PROOF-INVALID"},
		"a hash altered":     {alter(func(p *ledger.Proof) { p.Hashes[1][0] ^= 1 }), x.tree[3], origin, x.logs, x.policy, "LOG-PROOF-INVALID"},
		"a hash less":        {alter(func(p *ledger.Proof) { p.Hashes = p.Hashes[1:] }), x.tree[3], origin, x.logs, x.policy, "LOG-PROOF-INVALID"},
		"a hash more":        {alter(func(p *ledger.Proof) { p.Hashes = append(p.Hashes, x.tree[0]) }), x.tree[3], origin, x.logs, x.policy, "LOG-PROOF-INVALID"},
		"hashes swapped":     {alter(func(p *ledger.Proof) { p.Hashes[0], p.Hashes[1] = p.Hashes[1], p.Hashes[0] }), x.tree[3], origin, x.logs, x.policy, "LOG-PROOF-INVALID"},
		"another origin":     {x.proof, x.tree[3], "ledger.example/other", others, nil, "LOG-CHECKPOINT-ORIGIN"},
		"another log's keys": {x.proof, x.tree[3], origin, others, nil, "LOG-CHECKPOINT-SIGNATURE"},
		"no keys":            {x.proof, x.tree[3], origin, nil, x.policy, "LOG-CHECKPOINT-SIGNATURE"},
		"one key of two":     {alter(func(p *ledger.Proof) { p.Note = oneLine(p.Note, 0) }), x.tree[3], origin, x.logs, nil, "LOG-CHECKPOINT-SIGNATURE"},
		"the other key":      {alter(func(p *ledger.Proof) { p.Note = oneLine(p.Note, 1) }), x.tree[3], origin, x.logs, nil, "LOG-CHECKPOINT-SIGNATURE"},
		"no cosignature":     {unsigned, x.tree[3], origin, x.logs, x.policy, "LOG-QUORUM-UNMET"},
		"a false cosignature": {alter(func(p *ledger.Proof) {
			p.Note = append(unsigned.Note[:len(unsigned.Note):len(unsigned.Note)], retime(t, x.line, 5)...)
		}), x.tree[3], origin, x.logs, x.policy, "LOG-COSIGNATURE-INVALID"},
		"another root": {alter(func(p *ledger.Proof) { p.Note = bytes.Replace(p.Note, []byte("\n7\n"), []byte("\n8\n"), 1) }), x.tree[3], origin, x.logs, x.policy, "LOG-CHECKPOINT-SIGNATURE"},
	} {
		if s, got, err := c.p.Verify(c.leaf, c.origin, c.logs, c.policy); code(err) != c.want || s.Note != nil || got != nil {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}

// oneLine returns a note with one signature line only.
func oneLine(note []byte, which int) []byte {
	lines := strings.SplitAfter(string(note), "\n")
	return []byte(strings.Join(lines[:4], "") + lines[4+which])
}

func TestParseProofRefuses(t *testing.T) {
	x := proved(t)
	good := string(format(t, x.proof))
	extra := "extra " + base64.StdEncoding.EncodeToString(x.proof.Extra) + "\n"
	first := base64.StdEncoding.EncodeToString(x.proof.Hashes[0][:])
	sub := func(old, with string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("no %q in the proof", old)
		}
		return strings.Replace(good, old, with, 1)
	}
	for name, bad := range map[string]string{
		"empty":                      "",
		"the first line alone":       "c2sp.org/tlog-proof@v1\n",
		"another version":            sub("@v1", "@v2"),
		"a space before":             " " + good,
		"a byte order mark":          "\ufeff" + good,
		"carriage returns":           strings.ReplaceAll(good, "\n", "\r\n"),
		"a carriage return":          sub("index 3\n", "index 3\r\n"),
		"empty extra data":           sub(extra, "extra \n"),
		"extra data without a space": sub(extra, "extra\n"),
		"extra data twice":           sub(extra, extra+extra),
		"extra data behind":          sub(extra+"index 3\n", "index 3\n"+extra),
		"extra in capitals":          sub("extra ", "Extra "),
		"two spaces behind extra":    sub("extra ", "extra  "),
		"extra without padding":      sub(extra, "extra YQ\n"),
		"extra with stray bits":      sub(extra, "extra YR==\n"),
		"extra in URL base64":        sub(extra, "extra __79\n"),
		"trailing space":             sub(extra, strings.TrimSuffix(extra, "\n")+" \n"),
		"more than a leaf of extra":  sub(extra, "extra "+base64.StdEncoding.EncodeToString(make([]byte, 65536))+"\n"),
		"no index":                   sub("index 3\n", ""),
		"an index of nothing":        sub("index 3", "index "),
		"a negative index":           sub("index 3", "index -3"),
		"a positive sign":            sub("index 3", "index +3"),
		"a zero before":              sub("index 3", "index 03"),
		"a hexadecimal index":        sub("index 3", "index 0x3"),
		"an index above all logs":    sub("index 3", "index 281474976710656"),
		"an index of 2^64":           sub("index 3", "index 18446744073709551616"),
		"a space behind the index":   sub("index 3", "index 3 "),
		"a tab":                      sub("index 3", "index\t3"),
		"index twice":                sub("index 3\n", "index 3\nindex 3\n"),
		"a hash of 31 bytes":         sub(first, base64.StdEncoding.EncodeToString(make([]byte, 31))),
		"a hash of 33 bytes":         sub(first, base64.StdEncoding.EncodeToString(make([]byte, 33))),
		"a hash in hexadecimal":      sub(first, strings.Repeat("ab", 32)),
		"a hash without padding":     sub(first, strings.TrimSuffix(first, "=")),
		"a hash with stray bits":     sub(first, base64.StdEncoding.EncodeToString(make([]byte, 32))[:42]+"B="),
		"a space before a hash":      sub(first, " "+first),
		"64 hashes":                  sub(first+"\n", strings.Repeat(first+"\n", 62)),
		"no empty line":              sub("\n\n", "\n"),
		"two empty lines":            sub("\n\n", "\n\n\n"),
		"no checkpoint":              good[:strings.Index(good, "\n\n")+2],
		"a checkpoint unsigned":      good[:strings.LastIndex(good, "\n\n")+2],
		"no final line feed":         strings.TrimSuffix(good, "\n"),
		"a line behind":              good + "more\n",
		"an empty line behind":       good + "\n",
		"an extension line":          sub("\n7\n", "\n7\nmore\n"),
		"a size with a zero before":  sub("\n7\n", "\n07\n"),
		"more than the limit":        good + strings.Repeat("— x AAAAAAA=\n", 30000),
		"one line without end":       "c2sp.org/tlog-proof@v1\nextra " + strings.Repeat("A", 1<<20),
	} {
		if p, err := ledger.ParseProof([]byte(bad)); code(err) != "LOG-PROOF-MALFORMED" || p.Note != nil {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for name, bad := range map[string]ledger.Proof{
		"no checkpoint":         {Index: 3},
		"a negative index":      {Index: -1, Note: x.proof.Note},
		"an index too high":     {Index: ledger.MaxSize, Note: x.proof.Note},
		"empty extra data":      {Extra: []byte{}, Note: x.proof.Note},
		"too much extra":        {Extra: make([]byte, ledger.MaxLeaf+1), Note: x.proof.Note},
		"too many hashes":       {Hashes: make([]ledger.Hash, 64), Note: x.proof.Note},
		"a body alone":          {Note: []byte(specBody)},
		"signatures that end":   {Note: bytes.TrimSuffix(x.proof.Note, []byte("\n"))},
		"a checkpoint too long": {Note: append(bytes.Clone(x.proof.Note), strings.Repeat("— x AAAAAAA=\n", 20000)...)},
	} {
		if raw, err := ledger.FormatProof(bad); code(err) != "LOG-PROOF-MALFORMED" || raw != nil {
			t.Errorf("%s is written: %v", name, err)
		}
	}
	// The most that a proof can be is written and read.
	most := ledger.Proof{Index: ledger.MaxSize - 1, Hashes: make([]ledger.Hash, 63), Extra: make([]byte, ledger.MaxLeaf), Note: fullNote(t)}
	raw := format(t, most)
	if p, err := ledger.ParseProof(raw); err != nil || !bytes.Equal(format(t, p), raw) {
		t.Errorf("a proof of %d bytes: %v", len(raw), err)
	}
}

// fullNote returns a checkpoint of just MaxCheckpoint bytes, with lines of unknown keys.
func fullNote(t testing.TB) []byte {
	t.Helper()
	note := signed(t, watched)
	filler := "— x " + base64.StdEncoding.EncodeToString(make([]byte, 2400)) + "\n"
	for len(note)+len(filler)+100 < ledger.MaxCheckpoint {
		note = append(note, filler...)
	}
	rest := ledger.MaxCheckpoint - len(note) - len("— ") - len(" AAAAAAA=\n")
	return append(note, "— "+strings.Repeat("x", rest)+" AAAAAAA=\n"...)
}

// corpus adds the published files that a pattern names, and fails without any.
func corpus(f *testing.F, pattern string) {
	f.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil {
		f.Fatal(err)
	}
	if len(files) == 0 {
		f.Fatalf("no file testdata/%s", pattern)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
}

func FuzzParseProof(f *testing.F) {
	corpus(f, "*.tlog-proof")
	f.Add([]byte(specProof + specAnswer))
	f.Add(format(f, proved(f).proof))
	f.Add([]byte("c2sp.org/tlog-proof@v1\nextra \nindex 0\n\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := ledger.ParseProof(raw)
		if err != nil {
			if code(err) != "LOG-PROOF-MALFORMED" {
				t.Fatalf("got %v", err)
			}
			return
		}
		if again, err := ledger.FormatProof(p); err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("read, and written as\n%s%v", again, err)
		}
	})
}

func FuzzOpenCosigned(f *testing.F) {
	corpus(f, "*.note")
	x := proved(f)
	f.Add(x.proof.Note)
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, cosigned, err := ledger.OpenCosigned(raw, origin, x.logs, x.policy)
		if err != nil {
			if code(err) == "" || code(err) != "LOG-QUORUM-UNMET" && (s.Note != nil || cosigned != nil) {
				t.Fatalf("got %v, %v, %v", s, cosigned, err)
			}
			return
		}
		if !x.policy.Satisfied(cosigned) || !bytes.HasPrefix(raw, append(s.Body(), '\n')) {
			t.Fatal("opened without a quorum, or another body")
		}
		again, err := s.With(cosigned...)
		if err != nil || !bytes.Equal(again.Note, raw) {
			t.Fatalf("its own cosignatures change the note: %v", err)
		}
	})
}

func FuzzParseCosignatures(f *testing.F) {
	s, v := cosigner(f, ledger.CosignatureV1, "witness.example/w1", 40)
	f.Add([]byte(cosign(f, s, watched, at)))
	f.Add([]byte(specAnswer))
	f.Add([]byte(specCosigned + specLogLine))
	f.Fuzz(func(t *testing.T, lines []byte) {
		got, err := ledger.ParseCosignatures(watched, lines, v)
		if err != nil {
			if code(err) != "LOG-COSIGNATURE-INVALID" || got != nil {
				t.Fatalf("got %v, %v", got, err)
			}
			return
		}
		for _, c := range got {
			if !bytes.Contains(lines, []byte(c.Line)) || c.Verifier != v || c.Time.Unix() < 1 {
				t.Fatalf("got %+v", c)
			}
		}
	})
}

func FuzzParseVerifier(f *testing.F) {
	_, logs := keys(f, origin)
	for _, v := range logs {
		f.Add(v.String())
	}
	_, w := cosigner(f, ledger.CosignatureV1, "witness.example/w1", 40)
	f.Add(w.String())
	f.Add(specKey)
	f.Fuzz(func(t *testing.T, vkey string) {
		v, err := ledger.ParseVerifier(vkey)
		c, errC := ledger.ParseCosigner(vkey)
		if err == nil && (v.String() != vkey || v.Algorithm() == ledger.CosignatureV1) || errC == nil && (c.String() != vkey || c.Algorithm() == ledger.Ed25519) {
			t.Fatalf("%q is read as %v, %v", vkey, v, c)
		}
		for _, err := range []error{err, errC} {
			if err != nil && code(err) != "KEY-VERIFIER-MALFORMED" {
				t.Fatalf("got %v", err)
			}
		}
	})
}

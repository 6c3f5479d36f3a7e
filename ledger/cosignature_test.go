package ledger_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"github.com/yurai-ledger/yurai/ledger"
)

var watched = ledger.Checkpoint{Origin: origin, Size: 7, Root: ledger.LeafHash([]byte("root"))}

// cosigner returns a witness's key and verifier. Different salts give different keys.
func cosigner(t testing.TB, a ledger.Algorithm, name string, salt byte) (*ledger.Signer, *ledger.Verifier) {
	t.Helper()
	s, err := ledger.NewSigner(a, name, seed(salt))
	if err != nil {
		t.Fatal(err)
	}
	v, err := ledger.ParseCosigner(s.VKey())
	if err != nil {
		t.Fatal(err)
	}
	return s, v
}

func cosign(t testing.TB, s *ledger.Signer, c ledger.Checkpoint, at time.Time) string {
	t.Helper()
	line, err := s.Cosign(c, at)
	if err != nil {
		t.Fatal(err)
	}
	return string(line)
}

// retime returns a signature line with other bytes in place of the time.
func retime(t testing.TB, line string, at uint64) string {
	t.Helper()
	cut := strings.LastIndexByte(line, ' ') + 1
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(line[cut:], "\n"))
	if err != nil {
		t.Fatal(err)
	}
	binary.BigEndian.PutUint64(raw[4:], at)
	return line[:cut] + base64.StdEncoding.EncodeToString(raw) + "\n"
}

func policyOf(t testing.TB, text string) *ledger.WitnessPolicy {
	t.Helper()
	p, err := ledger.ParseWitnessPolicy(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Other programs accept our cosignatures of both kinds, and we theirs.
func TestCosignaturesAgainstOthers(t *testing.T) {
	for _, a := range []ledger.Algorithm{ledger.CosignatureV1, ledger.MLDSA44} {
		s, v := cosigner(t, a, "witness.example/w1", 40)
		line := cosign(t, s, watched, at)
		raw := append(signed(t, watched), line...)
		theirs, err := fnote.NewVerifierForCosignatureV1(s.VKey())
		if err != nil {
			t.Fatal(err)
		}
		n, err := note.Open(raw, note.VerifierList(theirs))
		if err != nil || len(n.Sigs) != 1 {
			t.Fatalf("%s: another program refuses our cosignature: %v", a, err)
		}
		got, err := ledger.ParseCosignatures(watched, []byte(line), v)
		if err != nil || len(got) != 1 || !got[0].Time.Equal(at) || got[0].Verifier != v || got[0].Line != line {
			t.Fatalf("%s: got %+v, %v", a, got, err)
		}
		key, err := fnote.NewSignerForCosignatureV1(strings.TrimSuffix(string(s.Marshal()), "\n"))
		if err != nil {
			t.Fatalf("%s: another program refuses our key: %v", a, err)
		}
		before := time.Now().Truncate(time.Second)
		foreign, err := note.Sign(&note.Note{Text: string(watched.Body())}, key)
		if err != nil {
			t.Fatal(err)
		}
		lines := foreign[len(watched.Body())+1:]
		got, err = ledger.ParseCosignatures(watched, lines, v)
		if err != nil || len(got) != 1 || got[0].Time.Before(before) {
			t.Fatalf("%s: we refuse another program's: %+v, %v", a, got, err)
		}
	}
}

func TestCosignRefuses(t *testing.T) {
	logs, _ := keys(t, origin)
	foreign, _ := keys(t, "witness.example/w1")
	w, _ := cosigner(t, ledger.CosignatureV1, "witness.example/w1", 40)
	own, _ := cosigner(t, ledger.CosignatureV1, origin, 41)
	change := func(f func(*ledger.Checkpoint)) ledger.Checkpoint { c := watched; f(&c); return c }
	for name, x := range map[string]struct {
		key  *ledger.Signer
		c    ledger.Checkpoint
		at   time.Time
		want string
	}{
		"a log's Ed25519 key":      {logs[0], watched, at, "KEY-CHECKPOINT-MALFORMED"},
		"another log's Ed25519":    {foreign[0], watched, at, "KEY-CHECKPOINT-MALFORMED"},
		"the log's ML-DSA-44 key":  {logs[1], watched, at, "LOG-CHECKPOINT-ORIGIN"},
		"a name that is the log's": {own, watched, at, "LOG-CHECKPOINT-ORIGIN"},
		"time zero":                {w, watched, time.Unix(0, 0), "LOG-COSIGNATURE-INVALID"},
		"a time before 1970":       {w, watched, time.Unix(-1, 0), "LOG-COSIGNATURE-INVALID"},
		"the year 10000":           {w, watched, time.Unix(253402300800, 0), "LOG-COSIGNATURE-INVALID"},
		"negative size":            {w, change(func(c *ledger.Checkpoint) { c.Size = -1 }), at, "LOG-CHECKPOINT-MALFORMED"},
		"no origin":                {w, change(func(c *ledger.Checkpoint) { c.Origin = "" }), at, "LOG-CHECKPOINT-MALFORMED"},
		"a line more":              {w, change(func(c *ledger.Checkpoint) { c.Origin += "\n1" }), at, "LOG-CHECKPOINT-MALFORMED"},
		"an empty tree's root":     {w, change(func(c *ledger.Checkpoint) { c.Size = 0 }), at, "LOG-CHECKPOINT-MALFORMED"},
	} {
		if _, err := x.key.Cosign(x.c, x.at); code(err) != x.want {
			t.Errorf("%s: got %v, want %s", name, err, x.want)
		}
	}
	if _, err := ledger.SignCheckpoint(watched, at, own); code(err) != "KEY-CHECKPOINT-MALFORMED" {
		t.Errorf("a cosigner's key signs as a log: %v", err)
	}
}

func TestOpenCosigned(t *testing.T) {
	_, logs := keys(t, origin)
	ed, edKey := cosigner(t, ledger.CosignatureV1, "witness.example/w1", 40)
	ml, mlKey := cosigner(t, ledger.MLDSA44, "witness.example/w2", 41)
	stranger, _ := cosigner(t, ledger.CosignatureV1, "witness.example/w1", 42)
	both := policyOf(t, "witness a "+edKey.String()+"\nwitness b "+mlKey.String()+"\ngroup g all a b\nquorum g\n")
	a, b := cosign(t, ed, watched, at), cosign(t, ml, watched, at.Add(time.Hour))
	base := string(signed(t, watched))

	s, got, err := ledger.OpenCosigned([]byte(base+b+cosign(t, stranger, watched, at)+a), origin, logs, both)
	if err != nil || s.Checkpoint != watched || len(got) != 2 {
		t.Fatalf("got %+v, %v", got, err)
	}
	if got[0].Verifier.String() != mlKey.String() || !got[0].Time.Equal(at.Add(time.Hour)) || !got[1].Time.Equal(at) {
		t.Errorf("got %+v", got)
	}

	other := watched
	other.Size++
	flip := func(line string) string { // in the signature itself
		i := len(line) - 12
		c := byte('A')
		if line[i] == c {
			c = 'B'
		}
		return line[:i] + string(c) + line[i+1:]
	}
	for name, x := range map[string]struct{ lines, want string }{
		"none":                             {"", "LOG-QUORUM-UNMET"},
		"Ed25519 alone":                    {a, "LOG-QUORUM-UNMET"},
		"ML-DSA-44 alone":                  {b, "LOG-QUORUM-UNMET"},
		"a stranger of the same name":      {cosign(t, stranger, watched, at) + b, "LOG-QUORUM-UNMET"},
		"of another checkpoint":            {cosign(t, ed, other, at) + b, "LOG-COSIGNATURE-INVALID"},
		"ML-DSA-44 of another checkpoint":  {a + cosign(t, ml, other, at), "LOG-COSIGNATURE-INVALID"},
		"a bit of Ed25519":                 {flip(a) + b, "LOG-COSIGNATURE-INVALID"},
		"a bit of ML-DSA-44":               {a + flip(b), "LOG-COSIGNATURE-INVALID"},
		"another time":                     {retime(t, a, uint64(at.Unix())+1) + b, "LOG-COSIGNATURE-INVALID"},
		"another time, ML-DSA-44":          {a + retime(t, b, 1), "LOG-COSIGNATURE-INVALID"},
		"time zero":                        {retime(t, a, 0) + b, "LOG-COSIGNATURE-INVALID"},
		"a negative time":                  {retime(t, a, 1<<63) + b, "LOG-COSIGNATURE-INVALID"},
		"the greatest time":                {a + retime(t, b, 1<<64-1), "LOG-COSIGNATURE-INVALID"},
		"the same line twice":              {a + a + b, "LOG-COSIGNATURE-INVALID"},
		"one witness twice":                {a + cosign(t, ed, watched, at.Add(1e9)) + b, "LOG-COSIGNATURE-INVALID"},
		"a false second line of a witness": {a + b + flip(b), "LOG-COSIGNATURE-INVALID"},
		"no final line feed":               {a + strings.TrimSuffix(b, "\n"), "LOG-CHECKPOINT-MALFORMED"},
		"trailing space":                   {a + strings.TrimSuffix(b, "\n") + " \n", "LOG-CHECKPOINT-MALFORMED"},
		"carriage return":                  {a + strings.TrimSuffix(b, "\n") + "\r\n", "LOG-CHECKPOINT-MALFORMED"},
		"an empty line":                    {a + "\n" + b, "LOG-CHECKPOINT-MALFORMED"},
		"no dash":                          {a + strings.TrimPrefix(b, "— "), "LOG-CHECKPOINT-MALFORMED"},
		"too many lines":                   {a + b + strings.Repeat("— x AAAAAAA=\n", 97), "LOG-CHECKPOINT-MALFORMED"},
		"too many bytes":                   {a + b + strings.Repeat("— x "+base64.StdEncoding.EncodeToString(make([]byte, 2400))+"\n", 90), "LOG-CHECKPOINT-MALFORMED"},
	} {
		s, found, err := ledger.OpenCosigned([]byte(base+x.lines), origin, logs, both)
		if code(err) != x.want {
			t.Errorf("%s: got %v, want %s", name, err, x.want)
		}
		if given := s.Note != nil; given != (x.want == "LOG-QUORUM-UNMET") || !given && found != nil {
			t.Errorf("%s: gives %d cosignatures and a checkpoint (%t) beside %s", name, len(found), given, x.want)
		}
	}
	if _, _, err := ledger.OpenCosigned([]byte(base+a+b), origin, logs, nil); err != nil {
		t.Errorf("without a policy: %v", err)
	}
	alone := strings.Join(strings.SplitAfter(base, "\n")[:4], "") + a + b
	if _, _, err := ledger.OpenCosigned([]byte(alone), origin, logs, both); code(err) != "LOG-CHECKPOINT-SIGNATURE" {
		t.Errorf("witnesses without the log: %v", err)
	}
	if _, _, err := ledger.OpenCosigned([]byte(base+a+b), origin, nil, both); code(err) != "LOG-CHECKPOINT-SIGNATURE" {
		t.Errorf("no key of the log is known: %v", err)
	}
	if _, _, err := ledger.OpenCosigned([]byte(base+a+b), origin, []*ledger.Verifier{edKey}, nil); code(err) != "LOG-CHECKPOINT-SIGNATURE" {
		t.Errorf("a witness stands for the log: %v", err)
	}
}

// A log is no witness of itself, under whatever name, algorithm or id.
func TestLogIsNoWitness(t *testing.T) {
	signers, logs := keys(t, origin)
	var texts []string
	for _, x := range []struct {
		a    ledger.Algorithm
		name string
		salt byte
	}{
		{ledger.CosignatureV1, "witness.example/w1", 1}, // the Ed25519 key, as a cosigner's
		{ledger.CosignatureV1, origin, 1},
		{ledger.MLDSA44, "witness.example/w1", 2}, // the ML-DSA-44 key under another name
		{ledger.MLDSA44, origin, 2},
	} {
		_, v := cosigner(t, x.a, x.name, x.salt)
		texts = append(texts, "witness w "+v.String()+"\nquorum w\n")
	}
	raw, err := ledger.SignCheckpoint(watched, at, signers...)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		p := policyOf(t, text)
		if err := p.CheckLog(logs...); code(err) != "TRUST-WITNESS-LOG" {
			t.Errorf("%d: %v", i, err)
		}
		if _, _, err := ledger.OpenCosigned(raw, origin, logs, p); code(err) != "TRUST-WITNESS-LOG" {
			t.Errorf("%d: %v", i, err)
		}
		trust := &ledger.Trust{Version: 1, Expires: at, Witnesses: p, Logs: []ledger.TrustedLog{{Origin: origin, Genesis: watched.Root, Keys: logs}}}
		file, err := trust.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ledger.ParseTrust(file); code(err) != "TRUST-WITNESS-LOG" {
			t.Errorf("%d: %v", i, err)
		}
	}
	if _, err := ledger.ParseWitnessPolicy("witness w " + logs[0].String() + "\nquorum w\n"); code(err) != "TRUST-WITNESS-MALFORMED" {
		t.Errorf("a log key, type 0x01, is taken as a witness: %v", err)
	}
}

func TestWith(t *testing.T) {
	_, logs := keys(t, origin)
	ed, edKey := cosigner(t, ledger.CosignatureV1, "witness.example/w1", 40)
	ml, mlKey := cosigner(t, ledger.MLDSA44, "witness.example/w2", 41)
	s, err := ledger.OpenSigned(signed(t, watched), origin, logs...)
	if err != nil {
		t.Fatal(err)
	}
	early, late := cosign(t, ed, watched, at), cosign(t, ed, watched, at.Add(time.Minute))
	b := cosign(t, ml, watched, at)
	parse := func(lines string) []ledger.Cosignature {
		t.Helper()
		got, err := ledger.ParseCosignatures(watched, []byte(lines), edKey, mlKey)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	got, err := s.With(parse(early + b)...)
	if err != nil || string(got.Note) != string(s.Note)+early+b {
		t.Fatalf("got %s, %v", got.Note, err)
	}
	if got, err = got.With(parse(late)...); err != nil || string(got.Note) != string(s.Note)+late+b {
		t.Errorf("a newer cosignature does not take the older one's place: %v\n%s", err, got.Note)
	}
	other := watched
	other.Size++
	if _, err := s.With(ledger.Cosignature{Verifier: edKey, Line: cosign(t, ed, other, at)}); code(err) != "LOG-COSIGNATURE-INVALID" {
		t.Errorf("a cosignature of another checkpoint: %v", err)
	}
	if _, err := s.With(ledger.Cosignature{Verifier: mlKey, Line: early}); code(err) != "LOG-COSIGNATURE-INVALID" {
		t.Errorf("a cosignature of another key: %v", err)
	}
	if _, err := s.With(ledger.Cosignature{Verifier: edKey, Line: early + b}); code(err) != "LOG-COSIGNATURE-INVALID" {
		t.Errorf("two lines in one: %v", err)
	}
	if _, err := (ledger.Signed{Checkpoint: watched}).With(parse(early)...); code(err) != "LOG-CHECKPOINT-MALFORMED" {
		t.Errorf("a checkpoint without a note: %v", err)
	}
	full := ledger.Signed{Checkpoint: watched, Note: append(bytes.Clone(s.Note), strings.Repeat("— x AAAAAAA=\n", 98)...)}
	if _, err := full.With(parse(early)...); code(err) != "LOG-CHECKPOINT-MALFORMED" {
		t.Errorf("a line too many: %v", err)
	}
}

// Answers of a witness that are none.
func TestParseCosignaturesRefuses(t *testing.T) {
	s, v := cosigner(t, ledger.CosignatureV1, "witness.example/w1", 40)
	line := cosign(t, s, watched, at)
	b64 := strings.TrimSuffix(line[strings.LastIndexByte(line, ' ')+1:], "\n")
	bare := cosign(t, s, watched, time.Unix(1, 0))
	for name, lines := range map[string]string{
		"empty":              "",
		"a line feed":        "\n",
		"words":              "no witness here\n",
		"no final line feed": strings.TrimSuffix(line, "\n"),
		"carriage return":    strings.Replace(line, "\n", "\r\n", 1),
		"a tab":              strings.Replace(line, "w1 ", "w1\t", 1),
		"two spaces":         strings.Replace(line, "w1 ", "w1  ", 1),
		"trailing space":     strings.Replace(line, "\n", " \n", 1),
		"a hyphen":           strings.Replace(line, "—", "-", 1),
		"no name":            "—  " + b64 + "\n",
		"a plus in the name": strings.Replace(line, "w1", "w+1", 1),
		"no signature":       "— witness.example/w1 \n",
		"an id alone":        "— witness.example/w1 " + b64[:8] + "\n",
		"no time":            "— witness.example/w1 " + base64.StdEncoding.EncodeToString(append(mustDecode(t, b64)[:4:4], mustDecode(t, b64)[12:]...)) + "\n",
		"a byte more":        "— witness.example/w1 " + base64.StdEncoding.EncodeToString(append(mustDecode(t, b64), 0)) + "\n",
		"a byte less":        "— witness.example/w1 " + base64.StdEncoding.EncodeToString(mustDecode(t, b64)[:75]) + "\n",
		"URL base64":         "— witness.example/w1 " + base64.URLEncoding.EncodeToString(bytes.Repeat([]byte{255}, 76)) + "\n",
		"twice":              line + line,
		"zero":               retime(t, bare, 0),
		"over the limit":     line + strings.Repeat("— x AAAAAAA=\n", 101),
		"huge":               line + strings.Repeat("— x AAAAAAA=\n", 20000),
	} {
		if got, err := ledger.ParseCosignatures(watched, []byte(lines), v); code(err) != "LOG-COSIGNATURE-INVALID" {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
	if got, err := ledger.ParseCosignatures(watched, []byte(line)); err != nil || got != nil {
		t.Errorf("unknown keys: got %v, %v", got, err)
	}
	// An unknown key's line is ignored, whatever its signature is.
	renamed := strings.Replace(line, "w1", "w9", 1)
	if got, err := ledger.ParseCosignatures(watched, []byte(renamed+line), v); err != nil || len(got) != 1 {
		t.Errorf("an unknown name beside: got %v, %v", got, err)
	}
	reid := mustDecode(t, b64)
	reid[0] ^= 1
	if got, err := ledger.ParseCosignatures(watched, []byte("— witness.example/w1 "+base64.StdEncoding.EncodeToString(reid)+"\n"), v); err != nil || got != nil {
		t.Errorf("the name with another id: got %v, %v", got, err)
	}
}

func mustDecode(t testing.TB, b64 string) []byte {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(b64)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

package ledger_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cloudflare/circl/sign/mldsa/mldsa44"

	"github.com/yurai-ledger/yurai/ledger"
)

// The examples that the specifications print, as they print them.

// c2sp.org/signed-note "Example"
const (
	specKey  = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
	specText = "This is an example message.\n"
	specLine = "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)

// c2sp.org/tlog-checkpoint and c2sp.org/tlog-cosignature, head of the page; the body
// also stands in c2sp.org/tlog-cosignature "Ed25519 signed message".
const (
	specBody = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
`
	specMessage   = "cosignature/v1\ntime 1679315147\n" + specBody
	specLogLine   = "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
	specCosigned  = "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
	specTimestamp = 1679315147
)

// c2sp.org/tlog-witness "add-checkpoint", the example of a response.
const specAnswer = `— witness.example/w1 CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvVjyQLrdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==
— witness.example/w1 I7rEps0pvK2UqkS2gSpVUDhrhVtQV9lgF6pRrWAvjJHjyWpW7VcE3SiOlVlbQNt64vWhO+DlkL0+UfzuOBMh9ChdMkP1vi/lCAsmlw==
— witness.example/w2 AWui8Sk55XjYLOijihBjhqEH6nS1ndDymE0a+6idX7pLcnoB+dhnz0854aLZgrrKbYKA7nC3HNJhm/kWl7oJlqU3rXXvpysAdyP3wQ==
`

// c2sp.org/tlog-policy "Example policy". The page elides the keys, as <vkey>.
const specPolicy = `log <vkey>

witness X1 <vkey>
witness X2 <vkey>
witness X3 <vkey>
group X-witnesses 2 X1 X2 X3

witness Y1 <vkey>
witness Y2 <vkey>
witness Y3 <vkey>
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`

// c2sp.org/tlog-proof, head of the page, as far as its checkpoint's body. Of the
// signatures the page shows the ends alone.
const specProof = `c2sp.org/tlog-proof@v1
extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ
index 73894
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=
RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=
AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=

example.com/fancylog
109482
sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

`

func specCheckpoint(t testing.TB) ledger.Checkpoint {
	t.Helper()
	root, err := base64.StdEncoding.DecodeString(strings.Split(specBody, "\n")[2])
	if err != nil {
		t.Fatal(err)
	}
	return ledger.Checkpoint{Origin: "example.com/behind-the-sofa", Size: 20852163, Root: ledger.Hash(root)}
}

// c2sp.org/signed-note: the key of the page verifies the note of the page, and
// nothing else.
func TestSpecificationNote(t *testing.T) {
	v, err := ledger.ParseVerifier(specKey)
	if err != nil || v.String() != specKey || v.Name() != "example.com/foo" || v.KeyHash() != 0x530d903a || v.Algorithm() != ledger.Ed25519 {
		t.Fatalf("got %v, %v", v, err)
	}
	raw := mustDecode(t, strings.TrimSpace(strings.TrimPrefix(specLine, "— example.com/foo ")))
	if binary.BigEndian.Uint32(raw) != v.KeyHash() || !v.Verify([]byte(specText), raw[4:]) {
		t.Error("the key of the page does not verify its note")
	}
	for i := range raw[4:] {
		bad := bytes.Clone(raw[4:])
		bad[i] ^= 1
		if v.Verify([]byte(specText), bad) {
			t.Fatalf("a signature altered at %d is good", i)
		}
	}
	if v.Verify([]byte(strings.TrimSuffix(specText, "\n")), raw[4:]) {
		t.Error("the text is signed without its last line feed")
	}
	if _, err := ledger.ParseCosigner(specKey); code(err) != "KEY-VERIFIER-MALFORMED" {
		t.Errorf("the key of a log is a cosigner's: %v", err)
	}
	if _, err := ledger.OpenCheckpoint([]byte(specText+"\n"+specLine), "example.com/foo", v); code(err) != "LOG-CHECKPOINT-MALFORMED" {
		t.Errorf("any note is a checkpoint: %v", err)
	}
}

// c2sp.org/tlog-cosignature: our body is the page's, byte for byte, and what an
// Ed25519 cosigner signs is the message of the page.
func TestSpecificationCosignature(t *testing.T) {
	c := specCheckpoint(t)
	if string(c.Body()) != specBody {
		t.Fatalf("body is %q", c.Body())
	}
	raw := mustDecode(t, strings.TrimSpace(specCosigned[strings.LastIndexByte(specCosigned, ' '):]))
	if len(raw) != 4+8+64 || binary.BigEndian.Uint64(raw[4:]) != specTimestamp {
		t.Fatal("the page's cosignature is not id, time and signature")
	}
	// The page gives no keys: its lines are of unknown keys, and ignored.
	_, logs := keys(t, c.Origin)
	if _, err := ledger.OpenCheckpoint([]byte(specBody+"\n"+specLogLine+specCosigned), c.Origin, logs...); code(err) != "LOG-CHECKPOINT-SIGNATURE" {
		t.Errorf("the page's note: %v", err)
	}
	beside := append(signed(t, c), specLogLine+specCosigned...)
	if s, got, err := ledger.OpenCosigned(beside, c.Origin, logs, nil); err != nil || s.Checkpoint != c || got != nil {
		t.Errorf("the page's lines beside ours: %v", err)
	}

	s, v := cosigner(t, ledger.CosignatureV1, "witness.example.com/w1", 40)
	line := cosign(t, s, c, time.Unix(specTimestamp, 0))
	own := mustDecode(t, strings.TrimSpace(line[strings.LastIndexByte(line, ' '):]))
	public := mustDecode(t, strings.SplitN(v.String(), "+", 3)[2])
	switch {
	case len(line) != len(specCosigned):
		t.Errorf("our line has %d bytes, the page's %d", len(line), len(specCosigned))
	case !bytes.Equal(own[4:12], raw[4:12]):
		t.Error("our time is not written as the page's")
	case public[0] != 4 || !ed25519.Verify(public[1:], []byte(specMessage), own[12:]):
		t.Error("our cosignature is not over the page's message")
	}
}

// c2sp.org/tlog-cosignature "ML-DSA-44 signed message": the message field by field.
func TestSpecificationSubtreeMessage(t *testing.T) {
	c := specCheckpoint(t)
	s, v := cosigner(t, ledger.MLDSA44, "witness.example.com/w1", 40)
	line := cosign(t, s, c, time.Unix(specTimestamp, 0))
	raw := mustDecode(t, strings.TrimSpace(line[strings.LastIndexByte(line, ' '):]))
	public := mustDecode(t, strings.SplitN(v.String(), "+", 3)[2])
	if len(raw) != 4+8+2420 || len(public) != 1+1312 || public[0] != 6 {
		t.Fatalf("%d bytes of signature, %d of key", len(raw), len(public))
	}
	var key mldsa44.PublicKey
	if err := key.UnmarshalBinary(public[1:]); err != nil {
		t.Fatal(err)
	}
	message := func(name, log string, at, start, end uint64) []byte {
		m := append([]byte("subtree/v1\n\x00"), byte(len(name)))
		m = append(append(m, name...), binary.BigEndian.AppendUint64(nil, at)...)
		m = append(append(m, byte(len(log))), log...)
		m = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(m, start), end)
		return append(m, c.Root[:]...)
	}
	if !mldsa44.Verify(&key, message("witness.example.com/w1", c.Origin, specTimestamp, 0, 20852163), nil, raw[12:]) {
		t.Error("our cosignature is not over the page's message")
	}
	for name, m := range map[string][]byte{
		"another cosigner": message("witness.example.com/w2", c.Origin, specTimestamp, 0, 20852163),
		"another log":      message("witness.example.com/w1", "example.com/on-the-sofa", specTimestamp, 0, 20852163),
		"another time":     message("witness.example.com/w1", c.Origin, 0, 0, 20852163),
		"another start":    message("witness.example.com/w1", c.Origin, specTimestamp, 1, 20852163),
		"another end":      message("witness.example.com/w1", c.Origin, specTimestamp, 0, 20852164),
		"the note body":    []byte(specMessage),
	} {
		if mldsa44.Verify(&key, m, nil, raw[12:]) {
			t.Errorf("our cosignature is over the message of %s", name)
		}
	}
}

// c2sp.org/tlog-witness: the page's answer is of keys that nobody knows.
func TestSpecificationAnswer(t *testing.T) {
	_, v := cosigner(t, ledger.CosignatureV1, "witness.example/w1", 40)
	if got, err := ledger.ParseCosignatures(specCheckpoint(t), []byte(specAnswer), v); err != nil || got != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

// c2sp.org/tlog-policy: the page's policy with keys put in, without its log.
func TestSpecificationPolicy(t *testing.T) {
	_, logs := keys(t, origin)
	text := strings.Replace(specPolicy, "<vkey>", logs[0].String(), 1)
	var list []*ledger.Verifier
	for i := range 6 {
		_, v := cosigner(t, ledger.CosignatureV1, fmt.Sprintf("witness.example/%d", i), byte(100+i))
		list = append(list, v)
		text = strings.Replace(text, "<vkey>", v.String(), 1)
	}
	if _, err := ledger.ParseWitnessPolicy(text); code(err) != "TRUST-WITNESS-MALFORMED" {
		t.Errorf("a log in a witness policy: %v", err)
	}
	p := policyOf(t, text[strings.Index(text, "\n")+1:])
	if p.Quorum() != "X-and-Y" || len(p.Witnesses()) != 6 || len(p.Groups()) != 3 {
		t.Fatalf("read as %s", canonical(p))
	}
	// "at least two of the X-witnesses, and at least one of the Y-witnesses"
	for set := range 1 << 6 {
		var who []int
		for i := range 6 {
			if set>>i&1 == 1 {
				who = append(who, i)
			}
		}
		x, y := set&1+set>>1&1+set>>2&1, set>>3
		if got := p.Satisfied(cosignedBy(list, who...)); got != (x >= 2 && y > 0) {
			t.Errorf("%v: got %t", who, got)
		}
	}
}

// c2sp.org/tlog-proof: the page's proof is read and written as it stands.
func TestSpecificationProof(t *testing.T) {
	text := []byte(specProof + strings.ReplaceAll(specAnswer, "witness.example/w1", "example.com/fancylog"))
	p, err := ledger.ParseProof(text)
	if err != nil {
		t.Fatal(err)
	}
	if p.Index != 73894 || len(p.Hashes) != 5 || !strings.HasPrefix(string(p.Extra), "age-v1.2.1-darwin-arm64.tar.gz") ||
		!strings.HasPrefix(string(p.Note), "example.com/fancylog\n109482\n") {
		t.Errorf("read as %+v", p)
	}
	again, err := ledger.FormatProof(p)
	if err != nil || !bytes.Equal(again, text) {
		t.Errorf("written as\n%s%v", again, err)
	}
}

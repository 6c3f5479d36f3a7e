package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	fproof "github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	fnote "github.com/transparency-dev/formats/note"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/receiving"
)

// witnessedDock is a dock whose trust file demands a witness, and the bundle of its
// relay without and with the cosignature.
func witnessedDock(t *testing.T) (d *dock, trust, bare, cosigned string, w *ledger.Signer) {
	t.Helper()
	d = newDock(t, "ledger.example/proofs")
	must(t, "fetch", d.relay, "--server", d.url, "--trust", d.trust)
	bare = bundleName(d.relay)
	raw, err := os.ReadFile(d.trust)
	if err != nil {
		t.Fatal(err)
	}
	file, err := ledger.ParseTrust(raw)
	if err != nil {
		t.Fatal(err)
	}
	if w, err = ledger.NewSigner(ledger.CosignatureV1, "witness.example/w1", bytes.NewReader(make([]byte, 32))); err != nil {
		t.Fatal(err)
	}
	if file.Witnesses, err = ledger.ParseWitnessPolicy("witness w " + w.VKey() + "\nquorum w\n"); err != nil {
		t.Fatal(err)
	}
	if raw, err = file.Marshal(); err != nil {
		t.Fatal(err)
	}
	trust, cosigned = filepath.Join(d.dir, "witnessed.json"), filepath.Join(d.dir, "cosigned.yurai.json")
	write(t, trust, raw)
	write(t, cosigned, withLines(t, bare, func(c ledger.Checkpoint) string {
		line, err := w.Cosign(c, time.Unix(1_790_000_000, 0))
		if err != nil {
			t.Fatal(err)
		}
		return string(line)
	}))
	return d, trust, bare, cosigned, w
}

// withLines returns a bundle with further signature lines under its checkpoint.
func withLines(t *testing.T, file string, lines func(ledger.Checkpoint) string) []byte {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b, err := receiving.ParseBundle(raw)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.SplitN(string(b.Checkpoint), "\n", 4)
	root, err := tlog.ParseHash(text[2])
	if err != nil {
		t.Fatal(err)
	}
	b.Checkpoint = append(b.Checkpoint, lines(ledger.Checkpoint{Origin: text[0], Size: 5, Root: ledger.Hash(root)})...)
	if raw, err = b.Marshal(); err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestProofForOthers: what show --proof writes is verified step by step with other
// people's code, under the log's key and the witness's.
func TestProofForOthers(t *testing.T) {
	d, trust, bare, cosigned, w := witnessedDock(t)
	if out := must(t, "trust", "show", trust); !strings.Contains(out, "witness     w witness.example/w1 ed25519-cosignature ") || !strings.Contains(out, "quorum      w\n") {
		t.Errorf("trust show:\n%s", out)
	}
	text := []byte(must(t, "show", cosigned, "--proof", "--trust", trust))
	var p fproof.TLogProof
	if err := p.Unmarshal(text); err != nil {
		t.Fatal(err)
	}
	vkey, _, _ := strings.Cut(must(t, "trust", "show", d.trust, "--vkey"), "\n")
	log, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	witness, err := fnote.NewVerifierForCosignatureV1(w.VKey())
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open(p.Checkpoint, note.VerifierList(log, witness))
	if err != nil || len(n.Sigs) != 2 {
		t.Fatalf("got %+v, %v", n, err)
	}
	root, err := tlog.ParseHash(strings.Split(n.Text, "\n")[2])
	if err != nil {
		t.Fatal(err)
	}
	var hashes tlog.RecordProof
	for _, h := range p.Hashes {
		hashes = append(hashes, h)
	}
	if err := tlog.CheckRecord(hashes, 5, root, int64(p.Index), tlog.RecordHash(p.ExtraData)); err != nil {
		t.Error(err)
	}
	if err := tlog.CheckRecord(hashes, 5, root, int64(p.Index), tlog.RecordHash(append(p.ExtraData, 0))); err == nil {
		t.Error("another leaf is proven too")
	}

	for name, c := range map[string]struct {
		args []string
		exit int
		code string
	}{
		"too few witnesses":      {[]string{bare, "--trust", trust}, exitStale, "LOG-QUORUM-UNMET"},
		"of a server, too few":   {[]string{"3", "--server", d.url, "--trust", trust}, exitStale, "LOG-QUORUM-UNMET"},
		"none are demanded":      {[]string{bare, "--trust", d.trust}, exitDone, ""},
		"more than are demanded": {[]string{cosigned, "--trust", d.trust}, exitDone, ""},
	} {
		code, out, errs := in(t, nil, "", append([]string{"show", "--proof"}, c.args...)...)
		if code != c.exit || !strings.Contains(errs, c.code) || (out == "") != (c.exit != exitDone) {
			t.Errorf("%s: exit %d\n%s%s", name, code, out, errs)
		}
	}

	// verify reads it again.
	own := filepath.Join(d.dir, "own.tlog-proof")
	write(t, own, text)
	if out := must(t, "verify", own, "--trust", trust); !strings.Contains(out, "ledger.example/proofs, entry 3 of 5") || !strings.Contains(out, "witness.example/w1 2026-09-21T") {
		t.Errorf("verify:\n%s", out)
	}
	if out := must(t, "verify", own, "--trust", trust, "-f", "json"); !strings.HasPrefix(out, `{"format":"yurai-inclusion/1","log":"ledger.example/proofs","index":3,"size":5,`) {
		t.Errorf("verify:\n%s", out)
	}
	twin := filepath.Join(d.dir, "twin")
	must(t, "init", twin, "--origin", "ledger.example/twin")
	leafless := p
	leafless.ExtraData = nil
	for name, c := range map[string]struct {
		text  []byte
		trust string
		exit  int
		code  string
	}{
		"another leaf":        {bytes.Replace(text, []byte("\nindex 3\n"), []byte("\nindex 2\n"), 1), trust, exitReject, "LOG-PROOF-INVALID"},
		"another size":        {bytes.Replace(text, []byte("\n5\n"), []byte("\n6\n"), 1), trust, exitReject, "LOG-CHECKPOINT-SIGNATURE"},
		"no leaf":             {leafless.Marshal(), trust, exitInput, "LOG-PROOF-MALFORMED"},
		"no final line feed":  {bytes.TrimSuffix(text, []byte("\n")), trust, exitInput, "LOG-PROOF-MALFORMED"},
		"another version":     {bytes.Replace(text, []byte("@v1"), []byte("@v2"), 1), trust, exitInput, "LOG-PROOF-MALFORMED"},
		"a log nobody trusts": {text, filepath.Join(twin, "trust.json"), exitStale, "TRUST-LOG-UNKNOWN"},
		"too few witnesses":   {[]byte(must(t, "show", bare, "--proof", "--trust", d.trust)), trust, exitStale, "LOG-QUORUM-UNMET"},
	} {
		file := filepath.Join(d.dir, "case.tlog-proof")
		write(t, file, c.text)
		code, out, errs := in(t, nil, "", "verify", file, "--trust", c.trust)
		if code != c.exit || !strings.Contains(errs, c.code) || out != "" {
			t.Errorf("%s: exit %d\n%s%s", name, code, out, errs)
		}
	}

	// A false cosignature is refused, whoever's key it claims; lines that a terminal
	// would obey are left out.
	bent, odd := filepath.Join(d.dir, "bent.yurai.json"), filepath.Join(d.dir, "odd.yurai.json")
	write(t, bent, withLines(t, bare, func(c ledger.Checkpoint) string {
		c.Size++
		line, err := w.Cosign(c, time.Unix(1, 0))
		if err != nil {
			t.Fatal(err)
		}
		return string(line)
	}))
	if code, out, errs := in(t, nil, "", "show", bent, "--proof", "--trust", trust); code != exitReject || out != "" || !strings.Contains(errs, "LOG-COSIGNATURE-INVALID") {
		t.Errorf("a false cosignature: exit %d\n%s%s", code, out, errs)
	}
	write(t, odd, withLines(t, cosigned, func(ledger.Checkpoint) string {
		return "\u2014 a\u202eb AAAAAAA=\n\u2014 a\u009b2Jb AAAAAAA=\n"
	}))
	if out := must(t, "show", odd, "--proof", "--trust", trust); out != string(text) {
		t.Errorf("with lines that a terminal obeys:\n%s", out)
	}
	if code, out, errs := in(t, nil, "", "check", d.relay, "--bundle", cosigned, "--trust", trust, "--policy", d.policy, "--offline"); code != exitStale || !strings.Contains(out, "BUNDLE-WITNESS-STALE") {
		t.Errorf("cosigned in 1970: exit %d\n%s%s", code, out, errs)
	}

	// An update that brings the demand says so.
	update := filepath.Join(d.dir, "update.json")
	must(t, "trust", "sign", trust, "--registrar", filepath.Join(d.dir, "ledger", "registrar.key"), "-o", update)
	if out := must(t, "trust", "update", d.trust, update); !strings.Contains(out, "the witnesses that are demanded changed: quorum \"w\"") {
		t.Errorf("trust update:\n%s", out)
	}
}

package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/audit"
)

var observed = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

type seed byte

func (s seed) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(s) + byte(i)
	}
	return len(p), nil
}

// keys are the checkpoint keys of the test's log, and the log as it is trusted.
func keys(t testing.TB) ([]*ledger.Signer, ledger.TrustedLog) {
	t.Helper()
	log := ledger.TrustedLog{Origin: "ledger.example/test"}
	var signers []*ledger.Signer
	for i, a := range []ledger.Algorithm{ledger.Ed25519, ledger.MLDSA44} {
		s, err := ledger.NewSigner(a, log.Origin, seed(i+1))
		if err != nil {
			t.Fatal(err)
		}
		v, err := ledger.ParseVerifier(s.VKey())
		if err != nil {
			t.Fatal(err)
		}
		signers, log.Keys = append(signers, s), append(log.Keys, v)
	}
	return signers, log
}

func (m *memory) signed(t testing.TB, n int, signers ...*ledger.Signer) ledger.Signed {
	t.Helper()
	if signers == nil {
		signers, _ = keys(t)
	}
	c := m.checkpoint(n)
	note, err := ledger.SignCheckpoint(c, observed, signers...)
	if err != nil {
		t.Fatal(err)
	}
	return ledger.Signed{Checkpoint: c, Note: note}
}

// forked is a log whose leaf at has other bytes.
func forked(n, at int) *memory {
	m := logOf(n)
	m.leaves[at] = []byte("other")
	m.hashes[at] = ledger.LeafHash(m.leaves[at])
	return m
}

// TestConsistent: every pair of sizes of one history is consistent; of two that
// part at a leaf, exactly those where both have it are forks, each proven by its
// file alone.
func TestConsistent(t *testing.T) {
	_, log := keys(t)
	sizes := []int{0, 1, 2, 3, 7, 8, 9, 64, 100, 255, 256, 257, 300, 512, 600}
	one, two := logOf(600), forked(600, 99)
	for _, a := range sizes {
		for _, b := range sizes {
			old, grown := one.signed(t, a), one.signed(t, b)
			if err := audit.Consistent(t.Context(), one, old, grown); err != nil {
				t.Errorf("%d and %d of one log: %v", a, b, err)
			}
			other := two.signed(t, b)
			serving := two // the history of the larger
			if a > b {
				serving = one
			}
			err := audit.Consistent(t.Context(), serving, old, other)
			var fork *audit.Fork
			if errors.As(err, &fork) != (min(a, b) >= 100) || err != nil && fork == nil {
				t.Errorf("%d of one and %d of the other: %v", a, b, err)
			}
			if fork == nil {
				continue
			}
			raw, err := fork.Evidence().Marshal()
			if err != nil {
				t.Fatal(err)
			}
			ev, err := audit.ParseEvidence(raw)
			if err != nil {
				t.Fatal(err)
			}
			if x, y, err := ev.Verify(log); err != nil || x.Size != int64(min(a, b)) || y.Size != int64(max(a, b)) {
				t.Errorf("%d and %d: the file gives %+v, %+v, %v", a, b, x, y, err)
			}
		}
	}
}

// TestBentTilesProveNothing: whatever a server puts in place of a tile, no honest
// log is accused by it.
func TestBentTilesProveNothing(t *testing.T) {
	for _, path := range []string{"tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"} {
		for at := 0; at < 64; at += 5 {
			m := logOf(600)
			m.change[path] = func(b []byte) []byte { b[at%len(b)] ^= 1; return b }
			for _, old := range []int{1, 255, 256, 300, 511, 599} {
				err := audit.Consistent(t.Context(), m, m.signed(t, old), m.signed(t, 600))
				if err != nil && code(err) != "AUDIT-TILE-MISMATCH" {
					t.Errorf("%s, %d: %v", path, old, err)
				}
			}
		}
	}
	m := logOf(600)
	m.change["tile/0/000"] = func([]byte) []byte { return nil }
	if err := audit.Consistent(t.Context(), m, m.signed(t, 200), m.signed(t, 600)); err == nil || code(err) != "" {
		t.Errorf("a missing tile: %v", err)
	}
	other := logOf(3).signed(t, 3)
	other.Origin = "ledger.example/other"
	if err := audit.Consistent(t.Context(), m, other, m.signed(t, 600)); code(err) != "LOG-CHECKPOINT-ORIGIN" {
		t.Errorf("another log: %v", err)
	}
}

// TestFromLeaves: tiles computed from leaves are those of the log, at every level
// and width, and prove what the log's own would.
func TestFromLeaves(t *testing.T) {
	const n = 600
	m, two := logOf(n), forked(n, 99)
	for _, x := range []struct {
		level int
		index int64
		width int
	}{{0, 0, 256}, {0, 0, 1}, {0, 1, 256}, {0, 2, 88}, {0, 2, 3}, {1, 0, 2}, {1, 0, 1}} {
		got, err := audit.FromLeaves(m, n).Tile(t.Context(), x.level, x.index, x.width)
		want, wantErr := m.Tile(t.Context(), x.level, x.index, x.width)
		if err != nil || wantErr != nil || string(got) != string(want) {
			t.Errorf("%+v: %v, %v", x, err, wantErr)
		}
	}
	for _, x := range []struct {
		level int
		index int64
		width int
	}{{0, 2, 89}, {0, 3, 1}, {1, 0, 3}, {2, 0, 1}, {7, 0, 1}, {-1, 0, 1}, {0, -1, 1}, {0, 0, 0}, {0, 0, 257}} {
		if _, err := audit.FromLeaves(m, n).Tile(t.Context(), x.level, x.index, x.width); code(err) != "LOG-RANGE-INVALID" {
			t.Errorf("%+v: %v", x, err)
		}
	}
	for _, path := range []string{"tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"} {
		two.change[path] = func([]byte) []byte { return nil }
	}
	tiles := audit.FromLeaves(two, n)
	var fork *audit.Fork
	if err := audit.Consistent(t.Context(), tiles, m.signed(t, 300), two.signed(t, n)); !errors.As(err, &fork) {
		t.Errorf("a fork: %v", err)
	}
	if err := audit.Consistent(t.Context(), tiles, two.signed(t, 300), two.signed(t, n)); err != nil {
		t.Errorf("none: %v", err)
	}
	two.change["tile/entries/001"] = func([]byte) []byte { return nil }
	if err := audit.Consistent(t.Context(), tiles, m.signed(t, 300), two.signed(t, n)); err == nil || errors.As(err, &fork) && code(err) == "AUDIT-LOG-FORK" {
		t.Errorf("without its leaves: %v", err)
	}
}

func code(err error) string {
	var c interface{ Code() string }
	if errors.As(err, &c) {
		return c.Code()
	}
	return ""
}

func fork(t testing.TB) *audit.Fork {
	t.Helper()
	two := forked(12, 3)
	var f *audit.Fork
	if err := audit.Consistent(context.Background(), two, logOf(7).signed(t, 7), two.signed(t, 12)); !errors.As(err, &f) {
		t.Fatal(err)
	}
	return f
}

func rollback(t testing.TB) *audit.Rollback {
	t.Helper()
	return &audit.Rollback{Shown: logOf(5).signed(t, 5), Seen: logOf(9).signed(t, 9), Observed: observed}
}

// golden compares bytes with a published file. UPDATE=1 writes it: a change of
// one is a change of format and has a line in CHANGELOG.md.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE") == "1" {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s is published as\n%s\nand now comes out as\n%s", path, want, got)
	}
}

func TestGolden(t *testing.T) {
	for name, e := range map[string]*audit.Evidence{"evidence-fork.json": fork(t).Evidence(), "evidence-rollback.json": rollback(t).Evidence()} {
		raw, err := e.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, raw)
	}
}

// TestFalseEvidence: what an accuser may make up.
func TestFalseEvidence(t *testing.T) {
	signers, log := keys(t)
	stranger, err := ledger.NewSigner(ledger.Ed25519, log.Origin, seed(77))
	if err != nil {
		t.Fatal(err)
	}
	one, two := logOf(12), forked(12, 3)
	const untrue, malformed = "AUDIT-EVIDENCE-FALSE", "AUDIT-EVIDENCE-MALFORMED"
	for name, c := range map[string]struct {
		of     *audit.Evidence
		change func(e *audit.Evidence)
		want   string
	}{
		"as it is":            {fork(t).Evidence(), func(*audit.Evidence) {}, ""},
		"another root":        {fork(t).Evidence(), func(e *audit.Evidence) { e.Root[0] ^= 1 }, untrue},
		"another proof":       {fork(t).Evidence(), func(e *audit.Evidence) { e.Proof[0][0] ^= 1 }, untrue},
		"a shorter proof":     {fork(t).Evidence(), func(e *audit.Evidence) { e.Proof = e.Proof[1:] }, untrue},
		"no proof":            {fork(t).Evidence(), func(e *audit.Evidence) { e.Proof, e.Root = nil, ledger.Hash{} }, untrue},
		"the older twice":     {fork(t).Evidence(), func(e *audit.Evidence) { e.Newer = e.Older }, untrue},
		"the other way round": {fork(t).Evidence(), func(e *audit.Evidence) { e.Older, e.Newer = e.Newer, e.Older }, untrue},
		"of an honest log":    {fork(t).Evidence(), func(e *audit.Evidence) { e.Newer = one.signed(t, 12).Note }, untrue},
		"of an honest log, with its proof": {fork(t).Evidence(), func(e *audit.Evidence) {
			proof, err := ledger.ProveConsistency(one, 7, 12)
			if err != nil {
				t.Fatal(err)
			}
			e.Newer, e.Root, e.Proof = one.signed(t, 12).Note, one.checkpoint(7).Root, proof
		}, untrue},
		"signed by one key of two":     {fork(t).Evidence(), func(e *audit.Evidence) { e.Newer = two.signed(t, 12, signers[0]).Note }, untrue},
		"signed by a stranger":         {fork(t).Evidence(), func(e *audit.Evidence) { e.Newer = two.signed(t, 12, stranger).Note }, untrue},
		"a checkpoint that is none":    {fork(t).Evidence(), func(e *audit.Evidence) { e.Older = []byte("hello") }, malformed},
		"another log":                  {fork(t).Evidence(), func(e *audit.Evidence) { e.Log = "ledger.example/other" }, untrue},
		"one size, one root":           {fork(t).Evidence(), func(e *audit.Evidence) { *e = audit.Evidence{Kind: e.Kind, Log: e.Log, Older: e.Older, Newer: e.Older} }, untrue},
		"a rollback":                   {rollback(t).Evidence(), func(*audit.Evidence) {}, ""},
		"a rollback to the same":       {rollback(t).Evidence(), func(e *audit.Evidence) { e.Older = e.Newer }, untrue},
		"a rollback forwards":          {rollback(t).Evidence(), func(e *audit.Evidence) { e.Older, e.Newer = e.Newer, e.Older }, untrue},
		"a rollback signed by one key": {rollback(t).Evidence(), func(e *audit.Evidence) { e.Older = one.signed(t, 5, signers[1]).Note }, untrue},
	} {
		c.change(c.of)
		if _, _, err := c.of.Verify(log); code(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func TestMalformedEvidence(t *testing.T) {
	raw, err := fork(t).Evidence().Marshal()
	if err != nil {
		t.Fatal(err)
	}
	back, err := rollback(t).Evidence().Marshal()
	if err != nil {
		t.Fatal(err)
	}
	const malformed = "AUDIT-EVIDENCE-MALFORMED"
	for name, c := range map[string]struct {
		of       []byte
		old, new string
		want     string
	}{
		"a newer number":         {raw, "evidence/1", "evidence/2", "AUDIT-EVIDENCE-FORMAT"},
		"another kind":           {raw, `"fork"`, `"split"`, malformed},
		"a kind of entries":      {raw, `"fork"`, `"status"`, malformed},
		"a fork to observe":      {raw, `"proof",`, `"observation",`, malformed},
		"a rollback as proof":    {back, `"observation"`, `"proof"`, malformed},
		"a member too many":      {raw, `"kind"`, `"note": 1, "kind"`, malformed},
		"a member twice":         {raw, `"kind"`, `"kind": "fork", "kind"`, malformed},
		"a fork with a time":     {raw, `"kind"`, `"observed": "2026-11-22T10:00:00Z", "kind"`, malformed},
		"no time":                {back, `"2026-11-22T10:00:00Z"`, `"yesterday"`, malformed},
		"a time with a fraction": {back, `10:00:00Z`, `10:00:00.5Z`, malformed},
		"a rollback with root":   {back, `"kind"`, `"root": "sha256:0000000000000000000000000000000000000000000000000000000000000001", "kind"`, malformed},
		"no log":                 {raw, `"ledger.example/test",`, `"",`, malformed},
		"a proof of no hashes":   {raw, `"proof": [`, `"proof": ["AA==",`, malformed},
		"one checkpoint":         {raw, `"checkpoints": [`, `"checkpoints": ["",`, malformed},
	} {
		bent := strings.Replace(string(c.of), c.old, c.new, 1)
		if bent == string(c.of) {
			t.Fatalf("%s: nothing changed", name)
		}
		if _, err := audit.ParseEvidence([]byte(bent)); code(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		if !audit.IsEvidence([]byte(bent)) && name != "a member twice" {
			t.Errorf("%s: not known as evidence", name)
		}
	}
	for _, s := range []string{"", "null", "[]", "{}", `{"format":"yurai-bundle/1"}`} {
		if _, err := audit.ParseEvidence([]byte(s)); code(err) == "" || audit.IsEvidence([]byte(s)) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

// FuzzEvidence: what is accepted is written back as the same.
func FuzzEvidence(f *testing.F) {
	seeds := 0
	for _, name := range []string{"evidence-fork.json", "evidence-rollback.json"} {
		raw, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
		seeds++
	}
	if seeds == 0 {
		f.Fatal("no seeds")
	}
	_, log := keys(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := audit.ParseEvidence(raw)
		if err != nil {
			if code(err) == "" {
				t.Fatalf("error %v without a code", err)
			}
			return
		}
		once, err := e.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		again, err := audit.ParseEvidence(once)
		if err != nil {
			t.Fatalf("%s is written and not read: %v", once, err)
		}
		if twice, err := again.Marshal(); err != nil || string(once) != string(twice) {
			t.Fatalf("%s becomes %s", once, twice)
		}
		if _, _, err := e.Verify(log); err != nil && code(err) == "" {
			t.Fatalf("error %v without a code", err)
		}
	})
}

func ExampleEvidence() {
	raw, err := os.ReadFile("testdata/evidence-fork.json")
	if err != nil {
		panic(err)
	}
	e, err := audit.ParseEvidence(raw)
	if err != nil {
		panic(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(map[string]any{"kind": e.Kind, "weight": e.Kind.Weight()}); err != nil {
		panic(err)
	}
	// Output: {"kind":"fork","weight":"proof"}
}

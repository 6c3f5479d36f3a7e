package client_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/client"
)

type seed byte

func (s seed) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(s) + byte(i)
	}
	return len(p), nil
}

// remembered is a memory of two logs and the trust file that names them.
func remembered(t testing.TB) (*client.Memory, *ledger.Trust) {
	t.Helper()
	trust := &ledger.Trust{Version: 1}
	var m *client.Memory
	for i, name := range []string{"ledger.example/b", "ledger.example/a"} {
		s, err := ledger.NewSigner(ledger.Ed25519, name, seed(i))
		if err != nil {
			t.Fatal(err)
		}
		v, err := ledger.ParseVerifier(s.VKey())
		if err != nil {
			t.Fatal(err)
		}
		trust.Logs = append(trust.Logs, ledger.TrustedLog{Origin: name, Keys: []*ledger.Verifier{v}})
		head := func(n int64) *ledger.Signed {
			c := ledger.Checkpoint{Origin: name, Size: n, Root: ledger.LeafHash([]byte{byte(n)})}
			note, err := ledger.SignCheckpoint(c, time.Unix(1, 0), s)
			if err != nil {
				t.Fatal(err)
			}
			return &ledger.Signed{Checkpoint: c, Note: note}
		}
		seen := client.Seen{Published: head(7), Committed: head(9)}
		if i == 1 {
			seen = client.Seen{Published: head(3), Folder: &ledger.Checkpoint{Origin: name, Size: 4, Root: ledger.LeafHash(nil)}}
		}
		m = m.With(name, seen)
	}
	return m, trust
}

func marshal(t testing.TB, m *client.Memory) []byte {
	t.Helper()
	raw, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestMemoryGolden: the published format, byte for byte. UPDATE=1 writes it: a
// change is a change of format and has a line in CHANGELOG.md.
func TestMemoryGolden(t *testing.T) {
	m, trust := remembered(t)
	got := marshal(t, m)
	path := filepath.Join("testdata", "memory.json")
	if os.Getenv("UPDATE") == "1" {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(got) != string(want) {
		t.Errorf("%s is published as\n%s\nand now comes out as\n%s %v", path, want, got, err)
	}
	again, err := client.ParseMemory(want, trust)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range trust.Logs {
		if !again.Seen(l.Origin).Same(m.Seen(l.Origin)) || again.Seen(l.Origin).None() {
			t.Errorf("%s comes back as %+v", l.Origin, again.Seen(l.Origin))
		}
	}
	if !again.Seen("ledger.example/c").None() || !(*client.Memory)(nil).Seen("ledger.example/a").None() {
		t.Error("something is remembered of nothing")
	}
}

// TestMemoryOfOthers: what is remembered of logs that this trust file does not
// name is kept as it is.
func TestMemoryOfOthers(t *testing.T) {
	m, trust := remembered(t)
	raw := marshal(t, m)
	one := &ledger.Trust{Version: 1, Logs: trust.Logs[:1]}
	part, err := client.ParseMemory(raw, one)
	if err != nil {
		t.Fatal(err)
	}
	if !part.Seen("ledger.example/a").None() {
		t.Error("a log that nobody trusts is remembered")
	}
	if got := marshal(t, part.With("ledger.example/b", m.Seen("ledger.example/b"))); string(got) != string(raw) {
		t.Errorf("%s becomes\n%s", raw, got)
	}
	if _, err := client.ParseMemory(raw, &ledger.Trust{Version: 1, Logs: []ledger.TrustedLog{{Origin: "ledger.example/c"}}}); code(err) != "CLIENT-MEMORY-OTHER" {
		t.Errorf("a memory of other logs: %v", err)
	}
	swapped := &ledger.Trust{Version: 1, Logs: []ledger.TrustedLog{{Origin: "ledger.example/b", Keys: trust.Logs[1].Keys}}}
	if _, err := client.ParseMemory(raw, swapped); code(err) != "CLIENT-MEMORY-OTHER" {
		t.Errorf("a log of that name with other keys: %v", err)
	}
}

func TestMemoryRefused(t *testing.T) {
	m, trust := remembered(t)
	raw := string(marshal(t, m))
	const malformed, other = "CLIENT-MEMORY-MALFORMED", "CLIENT-MEMORY-OTHER"
	for name, c := range map[string]struct{ old, new, want string }{
		"a newer number":      {"memory/1", "memory/2", malformed},
		"another format":      {"yurai-memory/1", "yurai-trust/1", malformed},
		"a member too many":   {`"format"`, `"version": 1, "format"`, malformed},
		"a member twice":      {`"format"`, `"format": "yurai-memory/1", "format"`, malformed},
		"another size":        {`\n7\n`, `\n8\n`, other},
		"out of order":        {`"origin": "ledger.example/a"`, `"origin": "ledger.example/z"`, malformed},
		"a log twice":         {`"origin": "ledger.example/a"`, `"origin": "ledger.example/b"`, malformed},
		"an impossible tree":  {`"size": 4`, `"size": -4`, malformed},
		"no root":             {`"size": 4`, `"size": 4, "root": "x"`, malformed},
		"a note in the place": {`"published": "ledger`, `"published": "`, other},
	} {
		bent := strings.Replace(raw, c.old, c.new, 1)
		if bent == raw {
			t.Fatalf("%s: nothing changed", name)
		}
		if _, err := client.ParseMemory([]byte(bent), trust); code(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	for _, s := range []string{"", "{", "null", "[]", "{}", `{"format":"yurai-memory/1"}`, `{"format":"yurai-memory/1","logs":[]}`, `{"format":"yurai-memory/1","logs":[{"origin":"ledger.example/a"}]}`} {
		if _, err := client.ParseMemory([]byte(s), trust); code(err) != malformed {
			t.Errorf("%q: %v", s, err)
		}
	}
}

// FuzzMemory: what is read is written back as the same.
func FuzzMemory(f *testing.F) {
	m, trust := remembered(f)
	raw := marshal(f, m)
	f.Add(raw)
	f.Add([]byte(strings.Replace(string(raw), "7", "8", 1)))
	if seeds, err := os.ReadDir("testdata/fuzz/FuzzMemory"); err != nil || len(seeds) == 0 {
		f.Fatalf("no seeds in testdata/fuzz/FuzzMemory: %v", err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := client.ParseMemory(raw, trust)
		if err != nil {
			if code(err) == "" {
				t.Fatalf("error %v without a code", err)
			}
			return
		}
		once := marshal(t, m)
		again, err := client.ParseMemory(once, trust)
		if err != nil {
			t.Fatalf("%s is written and not read: %v", once, err)
		}
		for _, l := range trust.Logs {
			if !again.Seen(l.Origin).Same(m.Seen(l.Origin)) {
				t.Fatalf("%s comes back as %s", raw, once)
			}
		}
	})
}

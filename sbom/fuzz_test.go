package sbom_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
)

var codeShape = regexp.MustCompile(`^(BOM|ORIGIN)-[A-Z0-9]+-[A-Z0-9]+$`)

// seed adds the valid and the hostile documents, and fails if the committed seeds are missing.
func seed(f *testing.F, name string) {
	f.Helper()
	seeds, err := os.ReadDir(filepath.Join("testdata", "fuzz", name))
	if err != nil || len(seeds) == 0 {
		f.Fatalf("no committed seeds for %s: %v", name, err)
	}
	var files []string
	for _, folder := range []string{"valid", "hostile"} {
		list, err := filepath.Glob(filepath.Join("testdata", folder, "*.cdx.json"))
		if err != nil || len(list) == 0 {
			f.Fatalf("no %s documents: %v", folder, err)
		}
		files = append(files, list...)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
}

// wellFormed checks what holds for every list of findings.
func wellFormed(t *testing.T, raw []byte, findings []sbom.Finding) {
	t.Helper()
	lines := bytes.Count(raw, []byte{'\n'}) + 1
	for _, f := range findings {
		if !codeShape.MatchString(f.Code) || f.Text == "" || len(f.Text) > 1000 || f.Line < 0 || f.Line > lines {
			t.Errorf("finding %+v of %q", f, raw)
		}
		if f.Pointer != "" && f.Pointer[0] != '/' || len(f.Pointer) > 4200 {
			t.Errorf("pointer %q of %s", f.Pointer, f.Code)
		}
	}
}

func FuzzScan(f *testing.F) {
	seed(f, "FuzzScan")
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, refusal := sbom.Scan(raw, sbom.Limits{Bytes: 1 << 16, Depth: 16, Tokens: 4096})
		wellFormed(t, raw, r.Findings)
		if (refusal != nil) != (sbom.FirstError(r.Findings) != nil) {
			t.Fatalf("refusal %v beside findings %v", refusal, r.Findings)
		}
		if refusal != nil {
			return
		}
		if !json.Valid(raw) || !jsontext.Value(raw).IsValid() {
			t.Errorf("admitted, and another reader refuses it: %q", raw)
		}
		var v any
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Errorf("admitted, and encoding/json can't read it: %v", err)
		}
	})
}

func FuzzAdmit(f *testing.F) {
	seed(f, "FuzzAdmit")
	f.Fuzz(func(t *testing.T, raw []byte) {
		doc, findings := sbom.Admit(raw, sbom.Limits{Bytes: 1 << 14})
		wellFormed(t, raw, findings)
		if (doc == nil) != (sbom.FirstError(findings) != nil) {
			t.Fatalf("document %v beside findings %v", doc != nil, findings)
		}
		if doc == nil {
			return
		}
		if doc.Digest != sha256.Sum256(raw) || !bytes.Equal(doc.Raw, raw) {
			t.Errorf("digest or bytes are not those given")
		}
		root := read(t, raw)
		for i, c := range doc.Components {
			if c.Parent >= i {
				t.Errorf("component %d has parent %d", i, c.Parent)
			}
			if got := at(t, root, c.Pointer).(map[string]any)["name"]; got != c.Name {
				t.Errorf("pointer %s leads to %v, want %q", c.Pointer, got, c.Name)
			}
		}
		for _, s := range doc.Services {
			if got := at(t, root, s.Pointer).(map[string]any)["name"]; got != s.Name {
				t.Errorf("pointer %s leads to %v, want %q", s.Pointer, got, s.Name)
			}
		}
		wellFormed(t, raw, sbom.Lint(doc, sbom.Limits{}))
		wellFormed(t, raw, origin.Lint(doc))
		sound(t, "document", doc)
		again, more := sbom.Admit(raw, sbom.Limits{Bytes: 1 << 14})
		if again == nil || len(more) != len(findings) {
			t.Errorf("second look: %v, want %v", more, findings)
		}
	})
}

func FuzzReference(f *testing.F) {
	seeds, err := os.ReadDir(filepath.Join("testdata", "fuzz", "FuzzReference"))
	if err != nil || len(seeds) == 0 {
		f.Fatalf("no committed seeds: %v", err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if link, ok := sbom.ParseLink(s); ok {
			if link.Version < 1 || link.Version > 1<<53-1 || len(link.Serial) != 36 {
				t.Errorf("ParseLink(%q) = %+v", s, link)
			}
			whole := fmt.Sprintf("urn:cdx:%s/%d", link.Serial, link.Version)
			if s != whole && !strings.HasPrefix(s, whole+"#") {
				t.Errorf("ParseLink(%q) = %+v, which is %s", s, link, whole)
			}
		}
		seen := sbom.Skeleton(s)
		if again := sbom.Skeleton(seen); again != seen {
			t.Errorf("Skeleton(%q) = %q, and of that %q", s, seen, again)
		}
		// What a browser runs is found: it drops tabs and line ends anywhere, and
		// controls and spaces in front.
		bare := strings.ToLower(strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(s))
		bare = strings.TrimLeftFunc(bare, func(r rune) bool { return r <= ' ' })
		for _, scheme := range []string{"javascript", "data", "vbscript"} {
			if strings.HasPrefix(bare, scheme+":") && len(s) < 4096 && sbom.ActiveScheme(s) != scheme {
				t.Errorf("ActiveScheme(%q) = %q, want %s", s, sbom.ActiveScheme(s), scheme)
			}
		}
	})
}

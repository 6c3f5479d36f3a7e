package sbom_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
)

// corpus returns the folder of public BOMs with stated verdicts, or skips.
func corpus(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("YURAI_CORPUS")
	if dir == "" {
		dir = filepath.FromSlash("../../shared/corpus")
	}
	if _, err := os.Stat(filepath.Join(dir, "manifest.json")); errors.Is(err, fs.ErrNotExist) {
		t.Skip("TestCorpus: corpus absent; set YURAI_CORPUS to a folder with a manifest.json")
	}
	return dir
}

var specDir = regexp.MustCompile(`^spec/(1\.[0-9])/.*\.json$`)

func TestCorpus(t *testing.T) {
	dir := corpus(t)
	raw, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var entries []struct{ File, Expect, SHA256 string }
	if err := json.Unmarshal(raw, &entries); err != nil {
		t.Fatal(err)
	}
	judged := 0
	for _, e := range entries {
		m := specDir.FindStringSubmatch(e.File)
		if m == nil || e.Expect != "valid" && e.Expect != "invalid" {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(e.File)))
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != e.SHA256 {
			t.Errorf("%s: file is not the one its manifest names", e.File)
			continue
		}
		doc, findings := sbom.Admit(raw, sbom.Limits{})
		refusal := sbom.FirstError(findings)
		if (doc == nil) != (refusal != nil) {
			t.Errorf("%s: document %v with first error %v", e.File, doc != nil, refusal)
		}
		if slices.Contains(sbom.SpecVersions(), m[1]) {
			judged++
			if (doc != nil) != (e.Expect == "valid") {
				t.Errorf("%s: admitted %v, want %s: %v", e.File, doc != nil, e.Expect, findings)
			}
			if doc == nil && refusal.Code() != "BOM-SCHEMA-INVALID" && refusal.Code() != "BOM-SCHEMA-STRICT" {
				t.Errorf("%s: refused with %s, want BOM-SCHEMA-INVALID", e.File, refusal.Code())
			}
			if doc != nil && doc.ViewError != nil {
				t.Errorf("%s: %v", e.File, doc.ViewError)
			}
			if doc != nil {
				sound(t, e.File, doc)
			}
			if strings.Contains(e.File, "valid-formulation-1.5") && !hasCode(findings, "BOM-REF-REPEATED") {
				t.Errorf("%s: findings %v, want a BOM-REF-REPEATED warning", e.File, findings)
			}
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "spec", "*", "*.json"))
	if err != nil || judged != len(files) || judged < 100 {
		t.Errorf("judged %d of %d files (%v), want all and at least 100", judged, len(files), err)
	}
}

// sound checks what holds for the lint of every admitted document: it warns with
// a place, and refuses nothing.
func sound(t *testing.T, name string, doc *sbom.Document) {
	t.Helper()
	for _, f := range slices.Concat(sbom.Lint(doc, sbom.Limits{}), origin.Lint(doc)) {
		if f.Severity == sbom.SeverityError || f.Text == "" || len(f.Text) > 1000 {
			t.Errorf("%s: lint finds %+v", name, f)
		}
		if f.Pointer != "" && f.Line == 0 {
			t.Errorf("%s: %s at %s has no line", name, f.Code, f.Pointer)
		}
	}
}

func TestCorpusExamples(t *testing.T) {
	dir := corpus(t)
	files, err := filepath.Glob(filepath.Join(dir, "examples", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, findings := sbom.Admit(raw, sbom.Limits{})
		if doc == nil {
			t.Errorf("%s: %v", filepath.Base(file), findings)
			continue
		}
		if doc.ViewError != nil {
			t.Errorf("%s: %v", filepath.Base(file), doc.ViewError)
		}
		sound(t, filepath.Base(file), doc)
		for _, f := range findings {
			t.Logf("%s: %s %s line %d: %s", filepath.Base(file), f.Code, f.Pointer, f.Line, f.Text)
		}
	}
}

func hasCode(findings []sbom.Finding, code string) bool {
	for _, f := range findings {
		if f.Code == code {
			return true
		}
	}
	return false
}

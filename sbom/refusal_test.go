package sbom_test

import (
	"testing"

	"github.com/yurai-ledger/yurai/sbom"
)

// TestRefusalPlace: the place is said once, whoever of two refusals says it.
func TestRefusalPlace(t *testing.T) {
	inner := sbom.Refuse("BOM-JSON-INVALID", "a comma is missing").At("/a/0", 3)
	for name, c := range map[string]struct {
		r    *sbom.Refusal
		want string
	}{
		"none":                   {sbom.Refuse("A-B-C", "it is so"), "it is so"},
		"a pointer":              {sbom.Refuse("A-B-C", "it is so").At("/a", 0), "it is so (/a)"},
		"a line":                 {sbom.Refuse("A-B-C", "it is so").At("", 2), "it is so (line 2)"},
		"both":                   {inner, "a comma is missing (/a/0, line 3)"},
		"of the cause":           {sbom.Refuse("A-B-C", "no JSON: %w", inner).At(inner.Pointer, inner.Line), "no JSON: a comma is missing (/a/0, line 3)"},
		"other than the cause's": {sbom.Refuse("A-B-C", "no JSON: %w", inner).At("/b", 0), "no JSON: a comma is missing (/a/0, line 3) (/b)"},
	} {
		if got := c.r.Error(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

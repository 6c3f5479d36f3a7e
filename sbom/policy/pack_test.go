package policy

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/origin"
)

func mustPack(t testing.TB, name string) *Policy {
	t.Helper()
	raw, ok := Pack(name)
	if !ok {
		t.Fatalf("no pack %s", name)
	}
	p, err := Parse(raw)
	if err != nil {
		t.Fatalf("pack %s: %v", name, err)
	}
	return p
}

func readPackBOM(name string) ([]byte, error) {
	return os.ReadFile(filepath.Join("packs", filepath.FromSlash(name)))
}

func TestPacks(t *testing.T) {
	if got, want := Packs(), []string{"allow-list", Demo, "jp-core", "jp-data-abroad", "jp-espa", "jp-government-it", "us-889-style"}; !slices.Equal(got, want) {
		t.Fatalf("packs are %v, want %v", got, want)
	}
	for _, name := range Packs() {
		p := mustPack(t, name)
		if p.ID != name {
			t.Errorf("pack %s calls itself %s", name, p.ID)
		}
		if p.Verified {
			t.Errorf("pack %s says that it is verified", name)
		}
		if len(p.Tests) == 0 {
			t.Errorf("pack %s has no tests", name)
		}
		for _, r := range p.Test(readPackBOM) {
			for _, fault := range r.Faults {
				t.Errorf("pack %s: %s: %s", name, r.Name, fault)
			}
		}
	}
}

// TestPacksNameNoCountry holds every value and expression of the packs against
// the table of countries.
func TestPacksNameNoCountry(t *testing.T) {
	code := regexp.MustCompile(`\b[A-Z]{2}\b`)
	for _, name := range Packs() {
		p := mustPack(t, name)
		if p.Home != "JP" {
			t.Errorf("pack %s is at home in %s", name, p.Home)
		}
		if len(p.groups) > 0 {
			t.Errorf("pack %s folds countries", name)
		}
		for _, in := range p.Inputs {
			if name == Demo && slices.Equal(in.Value, []string{"BV"}) {
				continue
			}
			if in.Set {
				t.Errorf("pack %s sets the input %s to %v", name, in.Name, in.Value)
			}
		}
		for _, r := range p.Rules {
			for _, text := range []string{r.When, r.Because.EN, r.Because.JA, r.Title.EN, r.Title.JA, r.Basis} {
				for _, word := range code.FindAllString(text, -1) {
					if origin.Assigned(word) {
						t.Errorf("pack %s, rule %s names %s", name, r.ID, word)
					}
				}
			}
		}
	}
}

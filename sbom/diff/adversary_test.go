package diff

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
)

// However things are named, a plant that is another now is a change that a policy
// judges by: whatever has the same identity twice, swaps its bom-ref or its place.
func TestNoIdentityHidesAPlant(t *testing.T) {
	chip := func(ref, more string, words ...string) string {
		return fmt.Sprintf(`{"type":"device","bom-ref":%q,"name":"chip"%s%s}`, ref, more, properties(words...))
	}
	at := func(place string) []string {
		return []string{"yurai:origin:manufactured", place, "yurai:origin:assembled", "JP"}
	}
	list := func(parts ...string) string { return bom(`"components":[` + strings.Join(parts, ",") + `]`) }
	purl := `,"purl":"pkg:generic/acme/chip@1"`
	within := func(inner ...string) string { return `,"components":[` + strings.Join(inner, ",") + `]` }
	for _, c := range []struct{ name, before, after string }{
		{"one", list(chip("a", "", at("TW")...)), list(chip("a", "", at("BV")...))},
		{"of two, one", list(chip("a", "", at("TW")...), chip("b", "", at("TW")...)), list(chip("a", "", at("TW")...), chip("b", "", at("BV")...))},
		{"of two, both, crosswise", list(chip("a", "", at("TW")...), chip("b", "", at("JP")...)), list(chip("a", "", at("JP")...), chip("b", "", at("BV")...))},
		{"of two with one reference between them", list(chip("a", "", at("TW")...), chip("b", "", at("JP")...)), list(chip("b", "", at("TW")...), chip("a", "", at("BV")...))},
		{"of two by package URL", list(chip("a", purl, at("TW")...), chip("b", purl, at("JP")...)), list(chip("a", purl, at("JP")...), chip("b", purl, at("BV")...))},
		{"the package URL is passed on", list(chip("a", purl, at("TW")...), chip("b", "", at("JP")...)), list(chip("a", "", at("BV")...), chip("b", purl, at("JP")...))},
		{"a third one of the old place", list(chip("a", "", at("TW")...)), list(chip("a", "", at("BV")...), chip("b", "", at("TW")...))},
		{"within another", list(chip("a", within(chip("b", "", at("TW")...)), at("JP")...)), list(chip("a", within(chip("b", "", at("BV")...)), at("JP")...))},
		{"in and out of another", list(chip("a", within(chip("b", "", at("TW")...)), at("JP")...), chip("c", "", at("HM")...)), list(chip("a", within(chip("c", "", at("HM")...)), at("JP")...), chip("b", "", at("BV")...))},
		{"a share of it", list(chip("a", "", at("TW=60;JP=40")...)), list(chip("a", "", at("TW=40;JP=60")...))},
		{"who did it there", list(chip("a", "", at("TW@x:a")...)), list(chip("a", "", at("TW@x:b")...))},
		{"on another basis", list(chip("a", "", at("TW|value")...)), list(chip("a", "", at("TW|weight")...))},
		{"withheld now", list(chip("a", "", at("TW")...)), list(chip("a", "", at("withheld")...))},
		{"told twice, once otherwise", list(chip("a", "", at("TW")...)), list(chip("a", "", append(at("TW"), "yurai:origin:manufactured", "BV")...))},
		{"under its other name", list(chip("a", "", "cdx:device:countryOfOrigin", "TW")), list(chip("a", "", "cdx:device:countryOfOrigin", "BV"))},
		{"by the one who supplies the product", bom(`"metadata":{"supplier":{"name":"A"},"component":{"type":"device","name":"p"}}`), bom(`"metadata":{"supplier":{"name":"B"},"component":{"type":"device","name":"p"}}`)},
	} {
		for turn := range 2 {
			one, two := admitted(t, c.before), admitted(t, c.after)
			if turn == 1 {
				one, two = two, one
			}
			changes := Compare(one, two)
			if changes.Origin() != origin.True || !slices.ContainsFunc(changes.List, func(c Change) bool { return c.Judged() == origin.True }) {
				t.Errorf("%s, turned %d: %+v", c.name, turn, changes.List)
			}
		}
		// What only changes its order does not change.
		if changes := Compare(admitted(t, c.before), admitted(t, c.before)); changes.Origin() != origin.False || len(changes.List) > 0 {
			t.Errorf("%s: of itself: %+v", c.name, changes.List)
		}
	}
}

func admitted(t *testing.T, raw string) *sbom.Document {
	t.Helper()
	doc, findings := sbom.Admit([]byte(raw), sbom.DefaultLimits)
	if doc == nil {
		t.Fatalf("%s: %v", raw, findings)
	}
	return doc
}

package receiving

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// What a catalogue finds is what every component that is looked at finds, however
// the names are written.
func TestCatalogueLeavesNothingOut(t *testing.T) {
	names := []string{"", "FW-1", "fw-1", "ＦＷ-1", "FW\u200b-1", "ＦＷ\u200b-１", "ҒW-1", "FＷ-l", "СРU", "CPU", "ｃｐｕ", "cрu", "Ⅸ", "IX", "部品", "部\ufe00品", "ſ", "S", "ẞ", "SS", "K", "\u212a", "\xff"}
	r := rand.New(rand.NewPCG(4, 2))
	pick := func() string { return names[r.IntN(len(names))] }
	hit := map[string]int{}
	for range 1500 {
		doc := &sbom.Document{Components: make([]sbom.Component, 1+r.IntN(4))}
		doc.Digest[0] = byte(r.IntN(4))
		for i := range doc.Components {
			c := &doc.Components[i]
			c.Name, c.CPE, c.PURL, c.Manufacturer.Name, c.Product = pick(), pick(), pick(), pick(), i == 0
			c.Hashes = []sbom.Hash{{Algorithm: "SHA-256", Value: fmt.Sprintf("%02X%062d", r.IntN(4), 0)}}
		}
		said := &statement.BOM{Head: statement.Head{Party: []string{"x:a"}}}
		sel := statement.Selector{}
		if r.IntN(3) > 0 {
			sel.Part = &statement.Part{Maker: pick(), Part: pick()}
		}
		if r.IntN(2) > 0 {
			sel.Digest[0] = byte(r.IntN(5))
		}
		scan, found := paper{said: said, doc: doc}, paper{said: said, doc: doc, by: &catalogue{doc: doc}}
		a, b := matches(sel, scan), matches(sel, found)
		if a != b {
			t.Fatalf("%+v over %+v: %s, with a catalogue %s", sel, doc.Components, a, b)
		}
		hit[a.String()]++
		for i := range doc.Components {
			if n := scan.names(&sel, &doc.Components[i]); n != 0 {
				meant := false
				for at := range found.meant(&sel) {
					meant = meant || at == i
				}
				if !meant && n.String() != "false" {
					t.Fatalf("%+v names %+v, which is not found", sel, doc.Components[i])
				}
			}
		}
	}
	if len(hit) != 3 || hit["true"] < 50 || hit["unknown"] < 50 {
		t.Errorf("hardly anything is selected: %v", hit)
	}
}

// Thousands of advisories on parts are not held against each of thousands of
// components: of those that bear other names none is looked at.
func TestCatalogueBoundsWork(t *testing.T) {
	doc := &sbom.Document{Components: make([]sbom.Component, 2000)}
	for i := range doc.Components {
		doc.Components[i] = sbom.Component{Name: fmt.Sprintf("part-%d", i), PURL: fmt.Sprintf("pkg:generic/acme/部品-%d", i)}
	}
	p := paper{said: &statement.BOM{Head: statement.Head{Party: []string{"x:a"}}}, doc: doc, by: &catalogue{doc: doc}}
	looked := 0
	for i := range 2000 {
		for range p.meant(&statement.Selector{Digest: statement.Digest{byte(i), 1}, Part: &statement.Part{Maker: "Acme", Part: fmt.Sprintf("PART-%d", i)}}) {
			looked++
		}
	}
	if looked != 2000 {
		t.Errorf("%d components were looked at, want one an advisory", looked)
	}
}

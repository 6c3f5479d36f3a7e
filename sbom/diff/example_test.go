package diff_test

import (
	"fmt"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/diff"
)

func ExampleCompare() {
	relay := func(place string) *sbom.Document {
		doc, _ := sbom.Admit([]byte(`{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
			"metadata": {"component": {"type": "device", "name": "HR-87T"}},
			"components": [{"type": "device", "name": "flash chip", "properties": [
				{"name": "yurai:party:maker:id", "value": "x:minami"},
				{"name": "yurai:origin:manufactured", "value": "`+place+`"}]}]}`), sbom.DefaultLimits)
		return doc
	}
	assessed, offered := relay("JP"), relay("BV@x:minami-foundry")
	changes := diff.Compare(assessed, offered)
	for i := range changes.List {
		text := changes.List[i].Sentence()
		fmt.Println(text.EN)
		fmt.Println(text.JA)
	}
	fmt.Println("changed since assessment:", changes.Origin())
	// Output:
	// flash chip: maker unchanged (x:minami), manufactured in JP → BV, by x:minami-foundry
	// flash chip：製造者は変わらず（x:minami）、製造場所 JP → BV（実施者 x:minami-foundry）
	// changed since assessment: true
}

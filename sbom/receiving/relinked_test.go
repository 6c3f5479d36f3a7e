package receiving_test

import (
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/receiving"
)

// What a BOM links to is part of what was assessed: wherever the link stands, another
// document behind it is no unchanged BOM.
func TestRelinkedSinceAssessment(t *testing.T) {
	one, two := firmware(1, "JP"), strings.Replace(firmware(1, "TW"), `"version": 2`, `"version": 3`, 1)
	whole := func(l string) string {
		return strings.Replace(bill, `"components": [`, `"externalReferences": [`+l+`], "components": [`, 1)
	}
	p := asking(t, "    each: delivery\n    when: changed_since_assessment()\n")
	next := strings.Replace(urn(1), "/2", "/3", 1)
	for _, tt := range []struct {
		name, was, is string
	}{
		{"the document's", whole(link(urn(1), hexOf(one))), whole(link(next, hexOf(two)))},
		{"the document's, by URL", whole(link("https://vendor.example/fw", hexOf(one))), whole(link("https://vendor.example/fw", hexOf(two)))},
		{"a new one of the document's", bill, whole(link(next, hexOf(two)))},
		{"a component's", linking(link(urn(1), hexOf(one))), linking(link(next, hexOf(two)))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := chest{newChanging(t, tt.is), t}
			at := c.add(two)
			v := c.judge(tt.is, c.bom5, func(r *receiving.Request) {
				r.Policy, r.Assessed = p, &receiving.Assessment{File: []byte(tt.was)}
			}, c.open(two, at))
			if v.Verdict == receiving.Accept || spoken(v, "VERDICT-ASSESSED-CHANGED") == nil {
				t.Errorf("got %s %s", v.Verdict, grave(v))
			}
		})
	}
}

// A link without a digest can come to mean other bytes while the BOM that has it
// stays as it is: then nobody knows that nothing changed.
func TestRenamedSinceAssessment(t *testing.T) {
	before, after := firmware(2, "JP"), strings.Replace(firmware(2, "JP"), "Acme", "Other", 1)
	p := asking(t, "    each: delivery\n    when: changed_since_assessment()\n")
	for _, tt := range []struct {
		name, file, want string
	}{
		{"by name", linking(link(urn(2), "")), receiving.Hold},
		{"by digest", linking(link(urn(2), hexOf(after))), receiving.Accept},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := chest{newChanging(t, tt.file), t}
			c.withdraw(vendor, c.bom(before, nil), c.vendor)
			v := c.judge(tt.file, c.bom5, func(r *receiving.Request) {
				r.Policy, r.Assessed = p, &receiving.Assessment{File: []byte(tt.file)}
			}, c.open(after, c.bom(after, nil)))
			if v.Verdict != tt.want {
				t.Errorf("got %s %s", v.Verdict, grave(v))
			}
		})
	}
}

package receiving_test

import (
	"crypto/sha256"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// An advisory about a product with a certain part meets the product whose part is
// listed in a linked BOM, and no other product beside it.
func TestAdvisoryWithinLinked(t *testing.T) {
	inner := firmware(2, "JP")
	fw := firmware(1, "JP", link(urn(2), hexOf(inner)))
	beside := firmware(3, "JP")
	file := linking(link(urn(1), hexOf(fw)), link(urn(3), hexOf(beside)))
	for _, tt := range []struct {
		name     string
		selector statement.Selector
		severity string
		want     string
		code     string
	}{
		{"a part one link away", statement.Selector{Product: "HR-87T", Part: &statement.Part{Maker: "Acme", Part: "fw-1"}}, statement.SeverityBan, receiving.Reject, "VERDICT-ADVISORY-BAN"},
		{"a part two links away", statement.Selector{Product: "HR-87T", Part: &statement.Part{Maker: "Acme", Part: "fw-2"}}, statement.SeverityBan, receiving.Reject, "VERDICT-ADVISORY-BAN"},
		{"a part of the linked product, one link away", statement.Selector{Product: "fw-1", Part: &statement.Part{Maker: "Acme", Part: "fw-2"}}, statement.SeverityRecall, receiving.Hold, "VERDICT-ADVISORY-RECALL"},
		{"the bytes of a linked BOM", statement.Selector{Product: "HR-87T", Digest: sha256.Sum256([]byte(inner))}, statement.SeverityRecall, receiving.Hold, "VERDICT-ADVISORY-RECALL"},
		{"a part that lies beside the linked product", statement.Selector{Product: "fw-1", Part: &statement.Part{Maker: "Acme", Part: "fw-3"}}, statement.SeverityBan, receiving.Accept, ""},
		{"a part of another maker", statement.Selector{Product: "HR-87T", Part: &statement.Part{Maker: "Other", Part: "fw-1"}}, statement.SeverityBan, receiving.Accept, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := chest{newChanging(t, file), t}
			one, two, three := c.add(fw), c.add(inner), c.add(beside)
			c.advise(regulator, tt.severity, tt.selector, nil, c.regulator)
			v := c.judge(file, c.bom5, nil, c.open(fw, one), c.open(inner, two), c.open(beside, three))
			if v.Verdict != tt.want || tt.code != "" && spoken(v, tt.code) == nil {
				t.Errorf("got %s %s, want %s %s", v.Verdict, grave(v), tt.want, tt.code)
			}
		})
	}
}

// What a maker says of its own product meets a part that a sub-supplier lists.
func TestOwnAdvisoryWithinLinked(t *testing.T) {
	fw := firmware(1, "JP")
	file := linking(link(urn(1), hexOf(fw)))
	c := chest{newChanging(t, file), t}
	one := c.add(fw)
	c.advise(vendor, statement.SeverityRecall, statement.Selector{Part: &statement.Part{Maker: "Acme", Part: "fw-1"}}, nil, c.vendor)
	v := c.judge(file, c.bom5, nil, c.open(fw, one))
	if r := spoken(v, "VERDICT-ADVISORY-RECALL"); v.Verdict != receiving.Hold || r == nil || r.Document != "" {
		t.Errorf("got %s %s", v.Verdict, grave(v))
	}
}

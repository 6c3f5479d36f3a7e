package receiving_test

import (
	"crypto/sha256"
	"slices"
	"testing"
	"time"

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

// What speaks against a product because of a part that a linked BOM lists speaks
// against that part, in the rules too; and not against what it does not name.
func TestRulesOfAdvisoriesWithinLinked(t *testing.T) {
	inner := firmware(2, "JP")
	fw := firmware(1, "JP", link(urn(2), hexOf(inner)))
	beside := firmware(3, "JP")
	file := linking(link(urn(1), hexOf(fw)), link(urn(3), hexOf(beside)))
	const others = "    each: component\n    when: '!(it == product) && advised(it, \"notice\")'\n"
	part := func(product, name string) statement.Selector {
		return statement.Selector{Product: product, Part: &statement.Part{Maker: "Acme", Part: name}}
	}
	at := func(file string) string { return "sha256:" + hexOf(file) + "#/metadata/component" }
	tests := []struct {
		name     string
		selector statement.Selector
		rule     string
		want     []string // the subjects that it hits
	}{
		{"a part one link away", part("HR-87T", "fw-1"), others, []string{at(fw)}},
		{"a part two links away", part("HR-87T", "fw-2"), others, []string{at(inner)}},
		{"a part of the linked product", part("fw-1", "fw-2"), others, []string{at(fw), at(inner)}},
		{"the bytes of a linked BOM", statement.Selector{Product: "HR-87T", Digest: sha256.Sum256([]byte(inner))}, others, []string{at(inner)}},
		{"the product because of them", part("HR-87T", "fw-2"), "    each: product\n    when: advised(it, \"notice\")\n", []string{"/metadata/component"}},
		{"another severity", part("HR-87T", "fw-2"), "    each: component\n    when: advised(it, \"ban\")\n", nil},
		{"what lies beside the linked product", part("fw-1", "fw-3"), others, nil},
		{"a part of another product", part("HR-99", "fw-1"), others, nil},
		{"the whole product alone", statement.Selector{Product: "HR-87T"}, others, nil},
	}
	// One log; each advisory is in force for an hour of its own.
	c := chest{newChanging(t, file), t}
	one, two, three := c.add(fw), c.add(inner), c.add(beside)
	for i, tt := range tests {
		c.advise(regulator, statement.SeverityNotice, tt.selector, func(a *statement.Advisory) {
			a.Effective, a.Expires = made.Add(time.Duration(i)*time.Hour), made.Add(time.Duration(i+1)*time.Hour)
		}, c.regulator)
	}
	linked := []receiving.Linked{c.open(fw, one), c.open(inner, two), c.open(beside, three)}
	whole, bare := c.whole(c.bom5), c.whole(c.bom5)
	bare.Status = nil
	for i, tt := range tests {
		judge := func(b *receiving.Bundle) *receiving.Verdict {
			return c.check(file, b, func(r *receiving.Request) {
				r.Policy, r.Linked, r.At = asking(t, tt.rule), linked, made.Add(time.Duration(i)*time.Hour)
			})
		}
		v := judge(whole)
		var got []string
		if r := spoken(v, "POLICY-RULE-HIT"); r != nil {
			got = r.Subjects
		}
		slices.Sort(tt.want)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: hits %q, want %q: %s", tt.name, got, tt.want, grave(v))
		}
		// Without the product's status nothing of its parts is known not to be.
		if v = judge(bare); spoken(v, "POLICY-RULE-HIT") == nil && spoken(v, "POLICY-RULE-UNKNOWN") == nil {
			t.Errorf("%s: without a status the rule clears: %s", tt.name, grave(v))
		}
	}
}

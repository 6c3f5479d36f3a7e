package statement

import "testing"

// TestConcerns has a case for everything by which a statement alone can rule an
// advisory out, and for what it cannot.
func TestConcerns(t *testing.T) {
	product := &Product{Name: "HR-87T", GTIN: "g", CPE: "c", PURL: "p", Maker: "x:maker"}
	for _, c := range []struct {
		name      string
		selector  Selector
		issuer    string
		everybody bool
		product   *Product
		want      bool
	}{
		{"its party", Selector{Party: "x:v"}, "x:r", true, product, true},
		{"its maker", Selector{Party: "x:maker"}, "x:r", true, product, true},
		{"another party", Selector{Party: "x:other"}, "x:r", true, product, false},
		{"another party, no product", Selector{Party: "x:other"}, "x:r", true, nil, false},
		{"another party, hidden product", Selector{Party: "x:other"}, "x:r", true, &Product{Commit: digestOf("c")}, true},
		{"its maker in capitals", Selector{Party: "x:maker"}, "x:r", true, &Product{Name: "HR-87T", Maker: "X:Maker"}, false},
		{"its name", Selector{Product: "HR-87T"}, "x:r", true, product, true},
		{"its name in other case", Selector{Product: " hr-87t"}, "x:r", true, product, true},
		{"its name in other width", Selector{Product: "ＨＲ-87T"}, "x:r", true, product, true},
		{"its name in look-alike letters", Selector{Product: "НR-87T"}, "x:r", true, product, true},
		{"its name with what nobody sees", Selector{Product: "HR-\u200b87T"}, "x:r", true, product, true},
		{"a name of nothing that is seen", Selector{Product: "\u200b"}, "x:r", true, &Product{Name: "\u200d"}, false},
		{"its gtin in other width", Selector{Product: "Ｇ"}, "x:r", true, product, true},
		{"its gtin", Selector{Product: "g"}, "x:r", true, product, true},
		{"its cpe", Selector{Product: "c"}, "x:r", true, product, true},
		{"its purl", Selector{Product: "p"}, "x:r", true, product, true},
		{"another product", Selector{Product: "HR-87"}, "x:r", true, product, false},
		{"a product, none there", Selector{Product: "HR-87"}, "x:r", true, nil, false},
		{"a hidden product", Selector{Product: "HR-87"}, "x:r", true, &Product{Commit: digestOf("c")}, true},
		{"its party and another product", Selector{Party: "x:v", Product: "HR-87"}, "x:r", true, product, false},
		{"a part", Selector{Part: &Part{Part: "n"}}, "x:r", true, product, true},
		{"a digest", Selector{Digest: digestOf("firmware")}, "x:r", true, product, true},
		{"a rival's", Selector{Party: "x:v"}, "x:rival", false, product, false},
		{"a rival's, hidden", Selector{Part: &Part{Part: "n"}}, "x:rival", false, &Product{Commit: digestOf("c")}, false},
		{"its own", Selector{Part: &Part{Part: "n"}}, "x:v", false, product, true},
	} {
		a := &Advisory{Head: Head{Party: []string{c.issuer}}, Selector: c.selector}
		b := &BOM{Head: Head{Party: []string{"x:v"}}, Product: c.product}
		if got := a.Concerns(b, c.everybody); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

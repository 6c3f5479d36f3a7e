package origin

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom"
)

// slowReconcile is the definition, fact against fact.
func slowReconcile(facts []Fact) []Fact {
	agree := func(v, w Value) bool {
		parties := v.named() && w.named()
		return v.Withheld == w.Withheld && slices.Equal(v.merged(parties), w.merged(parties))
	}
	slices.SortStableFunc(facts, func(a, b Fact) int {
		return cmp.Or(slices.Index(stages, a.Stage)-slices.Index(stages, b.Stage), strings.Compare(a.Value.Basis, b.Value.Basis))
	})
	var kept []Fact
	for _, f := range facts {
		same := slices.IndexFunc(kept, func(k Fact) bool {
			return k.Stage == f.Stage && k.State != Malformed && f.State != Malformed && k.Value.Basis == f.Value.Basis && agree(k.Value, f.Value)
		})
		if same < 0 {
			kept = append(kept, f)
			continue
		}
		if k := &kept[same]; !k.Value.named() && f.Value.named() {
			k.Value.Shares = f.Value.Shares
		}
		kept[same].Also = append(kept[same].Also, f.Pointer)
	}
	for i := range kept {
		f := &kept[i]
		for j, o := range kept {
			if f.State != Malformed && j != i && o.Stage == f.Stage && (o.State == Malformed || o.Value.Basis == f.Value.Basis) {
				f.State = Contradicted
			}
		}
	}
	return kept
}

// TestReconcileAgainstTheDefinition compares the linear way with the slow one.
func TestReconcileAgainstTheDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	values := []string{"JP", "JP=100", "JP@x:a", "JP@x:b", "JP=50;JP=50", "JP=50@x:a;JP=50@x:b", "JP=40;BV=60", "BV=60;JP=40", "BV=60@x:a;JP=40", "withheld", "unknown", "no value", "JP|cost", "JP@x:a|cost", "BV|cost"}
	names := []string{"yurai:origin:manufactured", "yurai:origin:assembled", "cdx:device:countryOfOrigin"}
	for range 3000 {
		var properties []sbom.Property
		for i := range r.IntN(9) {
			properties = append(properties, sbom.Property{Pointer: fmt.Sprintf("/p/%d", i), Name: names[r.IntN(len(names))], Value: values[r.IntN(len(values))]})
		}
		var got, each Subject
		var n notes
		got.read(properties, nil, &n)
		for _, p := range properties {
			var one Subject
			one.read([]sbom.Property{p}, nil, &n)
			each.Facts = append(each.Facts, one.Facts...)
		}
		want := slowReconcile(each.Facts)
		if g, w := fmt.Sprintf("%+v", got.Facts), fmt.Sprintf("%+v", want); g != w {
			t.Fatalf("of %+v\ngot  %s\nwant %s", properties, g, w)
		}
	}
}

// TestRepeatedFacts: a component that repeats one property a hundred thousand times,
// readable or not, alike or not, costs no more than reading them. Fact against
// fact it was minutes.
func TestRepeatedFacts(t *testing.T) {
	for name, value := range map[string]func(i int) string{
		"alike":      func(int) string { return "JP" },
		"unlike":     func(i int) string { return fmt.Sprintf("JP=%d.%d", 1+i%99, 1+i/99%9) },
		"by parties": func(i int) string { return fmt.Sprintf("JP@x:p%d", i) },
		"unreadable": func(i int) string { return fmt.Sprintf("J%d", i) },
		"by bases":   func(i int) string { return fmt.Sprintf("JP|basis %d", i) },
	} {
		properties := make([]sbom.Property, 100_000)
		for i := range properties {
			properties[i] = sbom.Property{Name: "yurai:origin:manufactured", Value: value(i)}
		}
		var s Subject
		var n notes
		s.read(properties, nil, &n)
		if len(s.Facts) == 0 || len(n.list) > maxFindings*3 {
			t.Errorf("%s: %d facts, %d findings", name, len(s.Facts), len(n.list))
		}
	}
}

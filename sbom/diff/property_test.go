package diff

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
	"github.com/yurai-ledger/yurai/sbom/specimen"
)

func admit(t testing.TB, raw []byte) *sbom.Document {
	t.Helper()
	doc, findings := sbom.Admit(raw, sbom.DefaultLimits)
	if doc == nil {
		t.Fatalf("not admitted: %v", sbom.FirstError(findings))
	}
	return doc
}

// lines are the changes for comparison, without pointers, which follow the order
// of the document.
func lines(c *Changes) []string {
	out := []string{}
	for i := range c.List {
		ch := &c.List[i]
		out = append(out, fmt.Sprintf("%s %s %s %q %s", ch.Kind, ch.Weight, ch.Aspect, ch.Key, ch.Sentence().EN))
	}
	return out
}

// mirrored returns the changes as the comparison the other way round has them.
func mirrored(c *Changes) []string {
	out := &Changes{}
	for _, ch := range c.List {
		ch.Kind, ch.Old, ch.New, ch.Was, ch.Is = ch.Kind.Mirror(), ch.New, ch.Old, ch.Is, ch.Was
		out.List = append(out.List, ch)
	}
	return slices.Sorted(slices.Values(lines(out)))
}

// shuffled returns the document with every list of components and services in
// another order.
func shuffled(t testing.TB, raw []byte, seed uint64) []byte {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	var doc any
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(func(yield func(string) bool) {
				for k := range v {
					if !yield(k) {
						return
					}
				}
			}) {
				if list, ok := v[name].([]any); ok && (name == "components" || name == "services") {
					r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
				}
				walk(v[name])
			}
		case []any:
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(doc)
	out, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// each calls f for specimens of every family, with and without gaps.
func each(t *testing.T, f func(t *testing.T, o specimen.Options)) {
	for i, family := range specimen.Families() {
		for _, missing := range []int{0, 300} {
			o := specimen.Options{Family: family, Seed: uint64(i), Components: 60, Version: []string{"1.4", "1.5", "1.6", "1.7"}[i%4], Missing: missing}
			t.Run(fmt.Sprintf("%s missing %d", family, missing), func(t *testing.T) { f(t, o) })
		}
	}
}

// TestNothingChanged: a document differs from itself in nothing, in whatever order
// its components stand.
func TestNothingChanged(t *testing.T) {
	each(t, func(t *testing.T, o specimen.Options) {
		raw := specimen.New(o).Raw
		a := admit(t, raw)
		for _, b := range []*sbom.Document{a, admit(t, shuffled(t, raw, 1)), admit(t, shuffled(t, raw, 2))} {
			c := Compare(a, b)
			if got := lines(c); len(got) > 0 || c.Other || c.Origin() != origin.False {
				t.Fatalf("changed: %q, other %v, origin %v", got, c.Other, c.Origin())
			}
		}
	})
}

// TestElsewhere: what is made elsewhere is all that is found.
func TestElsewhere(t *testing.T) {
	each(t, func(t *testing.T, o specimen.Options) {
		if o.Missing > 0 {
			return // what is forced is never left out, so more than the place would change
		}
		before := specimen.New(o)
		r := rand.New(rand.NewPCG(o.Seed, 2))
		for range 8 {
			at := r.IntN(len(before.Expected.Components))
			stages := slices.Sorted(func(yield func(string) bool) {
				for s := range before.Expected.Components[at].Stages {
					if !yield(s) {
						return
					}
				}
			})
			stage := stages[r.IntN(len(stages))]
			o.Elsewhere = []specimen.Place{{Component: at, Stage: stage, Code: "BV", By: "x:minami-foundry"}}
			after := specimen.New(o)
			a, b := admit(t, before.Raw), admit(t, after.Raw)
			c := Compare(a, b)
			if len(c.List) != 1 {
				t.Fatalf("%s of component %d: %q", stage, at, lines(c))
			}
			got := c.List[0]
			want := before.Expected.Components[at]
			old, err := origin.ParseValue(want.Stages[stage])
			if err != nil {
				t.Fatal(err)
			}
			maker := want.Maker.ID
			if got.Kind != Changed || got.Weight != Origin || got.Aspect != Stage || got.Key != stage ||
				got.Old.Pointer != want.Pointer || got.New.Pointer != want.Pointer ||
				got.Was.Value != canonical(old) || got.Is.Value != "BV@x:minami-foundry" || got.Maker != maker || c.Origin() != origin.True {
				t.Errorf("%s of component %d: %+v was %+v is %+v", stage, at, got, got.Was, got.Is)
			}
			// The same in any order of components.
			if diff := cmp.Diff(lines(c), lines(Compare(admit(t, shuffled(t, before.Raw, 3)), admit(t, shuffled(t, after.Raw, 4))))); diff != "" {
				t.Errorf("shuffled (-want +got):\n%s", diff)
			}
		}
	})
}

func TestServiceElsewhere(t *testing.T) {
	o := specimen.Options{Family: specimen.Historian, Components: 12}
	a := admit(t, specimen.New(o).Raw)
	o.Elsewhere = []specimen.Place{{Component: -1, Service: 0, Stage: "hosted", Code: "AQ"}, {Component: -1, Service: 2, Stage: "maintained", Code: "HM"}}
	got := lines(Compare(a, admit(t, specimen.New(o).Raw)))
	if len(got) != 2 || !strings.HasPrefix(got[0], `changed origin stage "hosted"`) || !strings.HasPrefix(got[1], `changed access access "from"`) {
		t.Errorf("changes %q", got)
	}
}

// TestRemoved: every fact that is taken out of a document is said to be no longer
// told, at the place where it was, and nothing else is said.
func TestRemoved(t *testing.T) {
	for _, family := range specimen.Families() {
		s := specimen.New(specimen.Options{Family: family, Components: 12})
		a := admit(t, s.Raw)
		for _, p := range s.Expected.Facts {
			less, err := specimen.Remove(s.Raw, p)
			if err != nil {
				t.Fatal(err)
			}
			c := Compare(a, admit(t, less))
			if len(c.List) == 0 || c.Origin() != origin.True {
				t.Errorf("%s: removing %s: %q, %v", family, p, lines(c), c.Origin())
			}
			for _, ch := range c.List {
				if ch.Kind != Untold || ch.Is != nil || ch.Was == nil || ch.Judged() != origin.True {
					t.Errorf("%s: removing %s: %s", family, p, ch.Sentence().EN)
				}
				if p != "/compositions" && !strings.HasPrefix(p, ch.Old.Pointer) {
					t.Errorf("%s: removing %s is said of %s", family, p, ch.Old.Pointer)
				}
			}
		}
	}
}

// TestMirror: the comparison the other way round is the mirror, whatever differs.
func TestMirror(t *testing.T) {
	for seed := range uint64(20) {
		o := specimen.Options{Family: specimen.Families()[seed%7], Seed: seed / 2, Components: 20 + int(seed), Missing: 250}
		p := o
		p.Seed, p.Components, p.Missing = seed, 30, int(seed)*20
		a, b := admit(t, specimen.New(o).Raw), admit(t, shuffled(t, specimen.New(p).Raw, seed))
		forth, back := Compare(a, b), Compare(b, a)
		if diff := cmp.Diff(mirrored(forth), slices.Sorted(slices.Values(lines(back)))); diff != "" {
			t.Fatalf("seed %d (-forth mirrored +back):\n%s", seed, diff)
		}
		if forth.Other != back.Other || forth.Origin() != back.Origin() {
			t.Errorf("seed %d: other %v %v, origin %v %v", seed, forth.Other, back.Other, forth.Origin(), back.Origin())
		}
	}
}

// random makes small documents in which few names, package URLs and makers occur,
// so that identities collide.
func random(r *rand.Rand) []byte {
	type m = map[string]any
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	var component func(depth int) m
	n := 0
	component = func(depth int) m {
		n++
		c := m{"type": pick("device", "device", "library"), "name": pick("a", "b", "c")}
		if r.IntN(3) == 0 {
			c["purl"] = "pkg:generic/" + pick("x", "y") + pick("", "@1", "@2")
		}
		if r.IntN(4) == 0 {
			c["cpe"] = "cpe:2.3:h:maker:" + pick("p", "q") + ":" + pick("1", "*") + ":*:*:*:*:*:*:*"
		}
		if r.IntN(2) == 0 {
			c["version"] = pick("1", "2")
		}
		if r.IntN(4) == 0 {
			c["group"] = pick("g", "h")
		}
		if r.IntN(2) == 0 {
			c["bom-ref"] = fmt.Sprintf("r%d", n)
		}
		if r.IntN(2) == 0 {
			c["properties"] = []m{{"name": "yurai:origin:manufactured", "value": pick("JP", "MY", "withheld", "unknown", "JP=60;MY=40", "nonsense!")}}
		}
		var below []m
		for depth > 0 && r.IntN(2) == 0 {
			below = append(below, component(depth-1))
		}
		if below != nil {
			c["components"] = below
		}
		return c
	}
	doc := m{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}
	if r.IntN(4) > 0 {
		doc["metadata"] = m{"component": component(1)}
	}
	list := []m{}
	for range r.IntN(5) {
		list = append(list, component(2))
	}
	doc["components"] = list
	raw, err := json.Marshal(doc)
	if err != nil {
		panic(err)
	}
	return raw
}

// valid is random until it is admitted: two equal components in one list are not.
func valid(r *rand.Rand) []byte {
	for {
		raw := random(r)
		if doc, _ := sbom.Admit(raw, sbom.DefaultLimits); doc != nil {
			return raw
		}
	}
}

// TestRandom holds the matcher against the slow one, its mirror and shuffles, over
// documents in which nearly everything has the same name.
func TestRandom(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 5))
		rawA, rawB := valid(r), valid(r)
		a, b := admit(t, rawA), admit(t, rawB)
		x, y := gather(&Side{Document: a, Facts: origin.Read(a)}), gather(&Side{Document: b, Facts: origin.Read(b)})
		match(x.components, y.components)
		slow := slowMatch(x.components, y.components)
		for i := range x.components {
			if got := x.components[i].mate; got != slow[i] {
				t.Fatalf("seed %d: component %d is matched with %d, slowly with %d\n%s\n%s", seed, i, got, slow[i], rawA, rawB)
			}
		}
		forth := Compare(a, b)
		if diff := cmp.Diff(mirrored(forth), slices.Sorted(slices.Values(lines(Compare(b, a))))); diff != "" {
			t.Fatalf("seed %d: no mirror\n%s\n%s\n%s", seed, diff, rawA, rawB)
		}
		again := Compare(admit(t, shuffled(t, rawA, seed)), admit(t, shuffled(t, rawB, seed+1)))
		if diff := cmp.Diff(lines(forth), lines(again)); diff != "" {
			t.Fatalf("seed %d: the order plays a part\n%s\n%s\n%s", seed, diff, rawA, rawB)
		}
		if self := Compare(a, admit(t, shuffled(t, rawA, seed))); len(self.List) > 0 {
			t.Fatalf("seed %d: differs from itself: %q\n%s", seed, lines(self), rawA)
		}
	}
}

// TestHostile: many with one identity cost no more than many with many. A matcher
// that compares each with each does not end here.
func TestHostile(t *testing.T) {
	const n = 20_000
	same := func(version string) *sbom.Document {
		var b strings.Builder
		b.WriteString(`{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"components":[`)
		for i := range n {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"type":"device","name":"same","version":"%s%d"%s}`, version, i, []string{"", `,"purl":"pkg:generic/same"`}[i%2])
		}
		b.WriteString("]}")
		return admit(t, []byte(b.String()))
	}
	if c := Compare(same("a"), same("b")); len(c.List) != n || c.Origin() != origin.False {
		t.Errorf("%d changes, %v", len(c.List), c.Origin())
	}
}

func TestViewError(t *testing.T) {
	doc := admit(t, specimen.New(specimen.Options{}).Raw)
	blind := &sbom.Document{ViewError: errors.New("no view")}
	for _, c := range []*Changes{Compare(doc, blind), Compare(blind, doc), Compare(blind, blind)} {
		if c.ViewError == nil || c.Origin() != origin.Unknown || len(c.List) > 0 {
			t.Errorf("without a view: %+v, %v", c, c.Origin())
		}
	}
}

// FuzzCompare: whatever is admitted is compared, nothing differs from itself, and
// the other way round is the mirror.
func FuzzCompare(f *testing.F) {
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 9))
		f.Add(valid(r), valid(r))
	}
	f.Add(specimen.New(specimen.Options{Components: 6}).Raw, specimen.New(specimen.Options{Family: specimen.Historian, Components: 5}).Raw)
	f.Fuzz(func(t *testing.T, rawA, rawB []byte) {
		a, _ := sbom.Admit(rawA, sbom.DefaultLimits)
		b, _ := sbom.Admit(rawB, sbom.DefaultLimits)
		if a == nil || b == nil {
			return
		}
		if c := Compare(a, a); len(c.List) > 0 {
			t.Fatalf("differs from itself: %q", lines(c))
		}
		forth, back := Compare(a, b), Compare(b, a)
		if diff := cmp.Diff(mirrored(forth), slices.Sorted(slices.Values(lines(back)))); diff != "" {
			t.Fatal(diff)
		}
	})
}

func BenchmarkCompare(b *testing.B) {
	o := specimen.Options{Components: 5000}
	x := admit(b, specimen.New(o).Raw)
	o.Elsewhere = []specimen.Place{{Component: 7, Stage: "manufactured", Code: "BV"}}
	y := admit(b, specimen.New(o).Raw)
	from, to := Side{Document: x, Facts: origin.Read(x)}, Side{Document: y, Facts: origin.Read(y)}
	for b.Loop() {
		if c := CompareSides(from, to); len(c.List) != 1 {
			b.Fatal(len(c.List))
		}
	}
}

package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
)

var noon = time.Date(2027, 1, 5, 12, 0, 0, 0, time.UTC)

// rules returns a policy with the rules, written as YAML flow mappings without
// id, title, row and because.
func rules(t testing.TB, extra string, list ...string) *Policy {
	t.Helper()
	var b strings.Builder
	b.WriteString("format: yurai-policy/1\nid: test\nversion: 1\ntitle: {en: a, ja: a}\nnotice: {en: a, ja: a}\nverified: false\nhome: JP\n")
	b.WriteString("critical: {except: {types: [file], functions: [connector]}}\n" + extra + "rules:\n")
	for i, r := range list {
		fmt.Fprintf(&b, "  - {id: R%d, title: {en: Title, ja: 題}, row: origin, because: {en: because, ja: 理由}, %s}\n", i, r)
	}
	p, err := Parse([]byte(b.String()))
	if err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	return p
}

func part(pointer, kind string, pairs ...string) sbom.Component {
	c := sbom.Component{Pointer: pointer, Parent: -1, Type: kind, Ref: pointer, Product: pointer == "/metadata/component"}
	// A test that tells where a device was manufactured, and not where it was
	// assembled, means both.
	if at := slices.Index(pairs, made); at >= 0 && kind == "device" && !slices.Contains(pairs, assembled) {
		pairs = append(slices.Clone(pairs), assembled, pairs[at+1])
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		c.Properties = append(c.Properties, sbom.Property{Pointer: fmt.Sprintf("%s/properties/%d", pointer, i/2), Name: pairs[i], Value: pairs[i+1]})
	}
	return c
}

// document returns a BOM of the parts that states all of them to be complete.
func document(parts ...sbom.Component) *sbom.Document {
	all := sbom.Composition{Aggregate: "complete"}
	for _, c := range parts {
		all.Assemblies = append(all.Assemblies, c.Ref)
	}
	return &sbom.Document{Components: parts, Compositions: []sbom.Composition{all}}
}

const (
	made      = "yurai:origin:manufactured"
	assembled = "yurai:origin:assembled"
)

func TestReasons(t *testing.T) {
	product := part("/metadata/component", "device", made, "JP")
	concern := `inputs: {concern: {type: codes, required: true, value: [BV]}, listed: {type: list, list: "x:a/b"}}` + "\n"
	for _, c := range []struct {
		name    string
		extra   string
		rule    string
		doc     *sbom.Document
		ctx     Context
		verdict string
		reasons []string // code outcome value count subjects
	}{
		{
			"clear", concern, "each: component, when: 'made(it, input.concern)', outcome: reject, unknown: hold",
			document(product),
			Context{},
			"accept", nil,
		},
		{
			"hits sorted", concern, "each: component, when: 'made(it, input.concern)', outcome: reject, unknown: hold",
			document(product, part("/components/3", "device", made, "BV"), part("/components/10", "device", made, "BV")),
			Context{},
			"reject",
			[]string{"POLICY-RULE-HIT reject true 2 /components/10 /components/3"},
		},
		{
			"hit and unknown of two outcomes", concern, "each: component, when: 'made(it, input.concern)', outcome: reject, unknown: hold",
			document(product, part("/components/0", "device", made, "BV"), part("/components/1", "device")),
			Context{},
			"reject",
			[]string{"POLICY-RULE-HIT reject true 1 /components/0", "POLICY-RULE-UNKNOWN hold unknown 1 /components/1"},
		},
		{
			"hit and unknown of one outcome", concern, "each: component, when: 'made(it, input.concern)', outcome: hold, unknown: hold",
			document(product, part("/components/0", "device", made, "BV"), part("/components/1", "device")),
			Context{},
			"hold",
			[]string{"POLICY-RULE-HIT hold true 1 /components/0"},
		},
		{
			"unknown that weighs more than a hit", concern, "each: component, when: 'made(it, input.concern)', outcome: note, unknown: hold",
			document(product, part("/components/0", "device", made, "BV"), part("/components/1", "device")),
			Context{},
			"hold",
			[]string{"POLICY-RULE-HIT note true 1 /components/0", "POLICY-RULE-UNKNOWN hold unknown 1 /components/1"},
		},
		{
			"a note accepts", concern, "each: component, when: 'made(it, input.concern)', outcome: note, unknown: note",
			document(product, part("/components/0", "device", made, "BV")),
			Context{},
			"accept",
			[]string{"POLICY-RULE-HIT note true 1 /components/0"},
		},
		{
			"incomplete once", concern, "each: component, when: 'made(it, input.concern)', outcome: reject, unknown: hold",
			&sbom.Document{Components: []sbom.Component{product, part("/components/0", "device", made, "JP")}},
			Context{},
			"hold",
			[]string{"POLICY-SUBJECTS-INCOMPLETE hold unknown 0"},
		},
		{
			"incomplete and unknown is one reason", concern, "each: component, when: 'made(it, input.concern)', outcome: reject, unknown: hold",
			&sbom.Document{Components: []sbom.Component{product, part("/components/0", "device")}},
			Context{},
			"hold",
			[]string{"POLICY-RULE-UNKNOWN hold unknown 1 /components/0"},
		},
		{
			"a hit needs no completeness", concern, "each: component, when: 'made(it, input.concern)', outcome: reject, unknown: hold",
			&sbom.Document{Components: []sbom.Component{part("/metadata/component", "device", made, "BV")}},
			Context{},
			"reject",
			[]string{"POLICY-RULE-HIT reject true 1 /metadata/component"},
		},
		{
			"no components at all", concern, "each: component, when: 'made(it, input.concern)', outcome: reject, unknown: hold",
			new(sbom.Document),
			Context{},
			"hold",
			[]string{"POLICY-SUBJECTS-INCOMPLETE hold unknown 0"},
		},
		{
			"no product", concern, "each: product, when: 'made(it, input.concern)', outcome: reject, unknown: hold",
			document(part("/components/0", "device", made, "JP")),
			Context{},
			"hold",
			[]string{"POLICY-RULE-UNKNOWN hold unknown 1 "},
		},
		{
			"an input that is not set", "inputs: {concern: {type: codes, required: true}}\n", "each: component, when: 'made(it, input.concern)', outcome: reject, unknown: hold",
			document(product),
			Context{},
			"hold",
			[]string{"POLICY-INPUT-UNSET hold unknown 1 /metadata/component"},
		},
		{
			"has does not excuse an input that is not set", "inputs: {concern: {type: codes, required: true}}\n", "each: component, when: 'has(input.concern) && made(it, input.concern)', outcome: reject, unknown: hold",
			document(product),
			Context{},
			"hold",
			[]string{"POLICY-INPUT-UNSET hold unknown 1 /metadata/component"},
		},
		{
			"an empty input is set", "inputs: {concern: {type: codes, required: true, value: []}}\n", "each: component, when: 'made(it, input.concern)', outcome: reject, unknown: hold",
			document(product),
			Context{},
			"accept", nil,
		},
		{
			"a list that is not at hand", concern, "each: component, when: 'has(input.listed)', outcome: reject, unknown: hold",
			document(product),
			Context{},
			"hold",
			[]string{"POLICY-LIST-ABSENT hold unknown 1 /metadata/component"},
		},
		{
			"an error is unknown", "", "each: product, when: '1 / (size(home) - 2) == 1', outcome: reject, unknown: hold",
			document(product),
			Context{},
			"hold",
			[]string{"POLICY-RULE-ERROR hold unknown 1 /metadata/component"},
		},
		{
			"too costly is unknown", "", "each: product, when: '" + strings.Repeat("[1,2,3,4,5,6,7,8,9].all(x, ", 8) + "x > 0" + strings.Repeat(")", 8) + "', outcome: reject, unknown: hold",
			document(product),
			Context{},
			"hold",
			[]string{"POLICY-RULE-ERROR hold unknown 1 /metadata/component"},
		},
		{
			"excepted", concern, "each: component, where: {critical: true}, when: 'made(it, input.concern)', outcome: reject, unknown: hold",
			document(product, part("/components/0", "device", "cdx:device:function", "connector"), part("/components/1", "file")),
			Context{},
			"accept", nil,
		},
		{
			"excepted only where the rule says so", concern, "each: component, when: 'made(it, input.concern)', outcome: reject, unknown: hold",
			document(product, part("/components/0", "device", "cdx:device:function", "connector")),
			Context{},
			"hold",
			[]string{"POLICY-RULE-UNKNOWN hold unknown 1 /components/0"},
		},
		{
			"a function excepts devices alone, and one function alone", concern, "each: component, where: {critical: true}, when: 'made(it, input.concern)', outcome: reject, unknown: hold",
			document(product, part("/components/0", "firmware", "cdx:device:function", "connector"),
				part("/components/1", "device", "cdx:device:function", "connector", "cdx:device:function", "network"),
				part("/components/2", "gadget", "cdx:device:function", "connector")),
			Context{},
			"hold",
			[]string{"POLICY-RULE-UNKNOWN hold unknown 3 /components/0 /components/1 /components/2"},
		},
		{
			"about another stage", concern, "each: component, where: {stage: [receipt]}, when: 'made(it, input.concern)', outcome: reject, unknown: hold",
			document(part("/metadata/component", "device", made, "BV")),
			Context{Stage: "tender"},
			"accept", nil,
		},
		{
			"about a stage that is not known", concern, "each: component, where: {stage: [receipt], sector: [power]}, when: 'made(it, input.concern)', outcome: reject, unknown: hold",
			document(part("/metadata/component", "device", made, "BV")),
			Context{Stage: "receipt"},
			"reject",
			[]string{"POLICY-RULE-HIT reject true 1 /metadata/component"},
		},
		{
			"a context that is not known is unknown", "", "each: product, when: 'ctx.sector == \"power\"', outcome: reject, unknown: hold",
			document(product),
			Context{},
			"hold",
			[]string{"POLICY-RULE-UNKNOWN hold unknown 1 /metadata/component"},
		},
		{
			"the delivery", "", "each: delivery, when: '!complete(it)', outcome: reject, unknown: hold",
			&sbom.Document{Components: []sbom.Component{product}, Compositions: []sbom.Composition{{Aggregate: "incomplete", Assemblies: []string{"/metadata/component"}}}},
			Context{},
			"reject",
			[]string{"POLICY-RULE-HIT reject true 1 "},
		},
		{
			"strength that nothing has", concern, "each: component, when: 'made(it, input.concern)', strength: attested, outcome: reject, unknown: hold",
			document(product),
			Context{},
			"hold",
			[]string{"POLICY-RULE-UNKNOWN hold unknown 1 /metadata/component"},
		},
		{
			"a weak hit counts", concern, "each: component, when: 'made(it, input.concern)', strength: attested, outcome: reject, unknown: hold",
			document(part("/metadata/component", "device", made, "BV")),
			Context{},
			"reject",
			[]string{"POLICY-RULE-HIT reject true 1 /metadata/component"},
		},
		{
			"an allowed place clears", "", "each: product, when: '!made(it, [\"JP\"])', outcome: reject, unknown: hold",
			document(product),
			Context{},
			"accept", nil,
		},
		{
			"an allowed place that is contradicted does not", "", "each: product, when: '!made(it, [\"JP\"])', outcome: reject, unknown: hold",
			document(part("/metadata/component", "device", assembled, "withheld", made, "JP", made, "DE")),
			Context{},
			"hold",
			[]string{"POLICY-RULE-UNKNOWN hold unknown 1 /metadata/component"},
		},
		{
			"an allowed place that is only asserted does not", "", "each: product, when: '!made(it, [\"JP\"])', strength: cited, outcome: reject, unknown: hold",
			document(product),
			Context{},
			"hold",
			[]string{"POLICY-RULE-UNKNOWN hold unknown 1 /metadata/component"},
		},
		{
			"a group folds", "groups: {JP: [HK], north: [NO, SE]}\n", "each: product, when: 'made(it, [\"JP\", \"north\"])', outcome: reject, unknown: hold",
			document(part("/metadata/component", "device", made, "HK=50;DE=50")),
			Context{},
			"reject",
			[]string{"POLICY-RULE-HIT reject true 1 /metadata/component"},
		},
		{
			"no fold that the policy does not make", "", "each: product, when: 'made(it, [\"CN\"])', outcome: reject, unknown: hold",
			document(part("/metadata/component", "device", made, "HK=40;MO=30;TW=30")),
			Context{},
			"accept", nil,
		},
		{
			"home and time", "", "each: product, when: 'made(it, [home]) && at >= timestamp(\"2027-01-05T12:00:00Z\")', outcome: note, unknown: hold",
			document(product),
			Context{},
			"accept",
			[]string{"POLICY-RULE-HIT note true 1 /metadata/component"},
		},
	} {
		p := rules(t, c.extra, c.rule)
		out := p.Evaluate(Evidence{Facts: origin.Read(c.doc), At: noon, Context: c.ctx})
		var got []string
		for _, r := range out.Reasons {
			got = append(got, fmt.Sprintf("%s %s %s %d", r.Code, r.Outcome, r.Value, r.Count))
			if len(r.Subjects) > 0 {
				got[len(got)-1] += " " + strings.Join(r.Subjects, " ")
			}
			if r.Text.EN == "" || r.Text.JA == "" || r.Rule != "R0" || r.Row != "origin" || r.Subjects == nil {
				t.Errorf("%s: reason %+v", c.name, r)
			}
		}
		if out.Verdict != c.verdict || !slices.Equal(got, c.reasons) {
			t.Errorf("%s: %s %q, want %s %q", c.name, out.Verdict, got, c.verdict, c.reasons)
		}
	}
}

// TestEngineTables holds the engine's own environment against the tables. The
// values come out of made and complete, the error out of arithmetic.
func TestEngineTables(t *testing.T) {
	value := map[string]string{
		"T": `made(it, ["BV"])`, "F": `made(it, ["NO"])`, "U": `made(it, ["BV-1"])`, "E": `1 / (size(home) - 2) == 1`,
	}
	var list, want []string
	add := func(expression, letter string) {
		list = append(list, "each: product, when: '"+expression+"', outcome: hold, unknown: hold")
		want = append(want, letter)
	}
	for _, a := range letters {
		add("!("+value[a]+")", not[a])
		for _, b := range letters {
			add(fmt.Sprintf("(%s) && (%s)", value[a], value[b]), and[a+b])
			add(fmt.Sprintf("(%s) || (%s)", value[a], value[b]), or[a+b])
			add(fmt.Sprintf(`["a", "b"].exists(x, x == "a" ? (%s) : (%s))`, value[a], value[b]), quantified("T", a, b))
			add(fmt.Sprintf(`["a", "b"].all(x, x == "a" ? (%s) : (%s))`, value[a], value[b]), quantified("F", a, b))
			for _, c := range letters {
				add(fmt.Sprintf("(%s) ? (%s) : (%s)", value[c], value[a], value[b]), choose(c, a, b))
			}
		}
	}
	p := rules(t, "", list...)
	out := p.Evaluate(Evidence{Facts: origin.Read(document(part("/metadata/component", "device", made, "BV"))), At: noon})
	for i, r := range out.Rules {
		if letter(r.Value) != want[i] {
			t.Errorf("%s = %s, want %s", p.Rules[i].When, letter(r.Value), want[i])
		}
	}
}

func TestStanding(t *testing.T) {
	p := rules(t, "timezone: Asia/Tokyo\neffective: 2027-01-05\nexpires: 2027-02-01\n", "each: product, when: 'false', outcome: note, unknown: note")
	facts := origin.Read(document(part("/metadata/component", "device")))
	for at, want := range map[string]string{
		"2027-01-04T14:59:59Z": "POLICY-TIME-EARLY",
		"2027-01-04T15:00:00Z": "",
		"2027-01-31T14:59:59Z": "",
		"2027-01-31T15:00:00Z": "POLICY-TIME-EXPIRED",
	} {
		instant, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		out := p.Evaluate(Evidence{Facts: facts, At: instant})
		switch {
		case want == "" && (out.Verdict != "accept" || len(out.Reasons) != 0),
			want != "" && (out.Verdict != "hold" || len(out.Reasons) != 1 || out.Reasons[0].Code != want):
			t.Errorf("at %s: %s %+v, want %q", at, out.Verdict, out.Reasons, want)
		}
	}
	for name, facts := range map[string]*origin.Facts{
		"no facts": nil,
		"no view":  origin.Read(&sbom.Document{ViewError: errors.New("no view")}),
	} {
		out := p.Evaluate(Evidence{Facts: facts, At: noon})
		if out.Verdict != "hold" || out.Reasons[0].Code != "ORIGIN-VIEW-MISSING" {
			t.Errorf("%s: %s %+v", name, out.Verdict, out.Reasons)
		}
	}
}

func TestUnresolvedLinksHold(t *testing.T) {
	p := mustPack(t, Demo)
	raw, err := readPackBOM("testdata/stated.cdx.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, _ := sbom.Admit(raw, sbom.DefaultLimits)
	facts := origin.Read(doc)
	if out := p.Evaluate(Evidence{Facts: facts, At: noon, Context: Context{Stage: "tender"}}); out.Verdict != "accept" || !out.Counts.Complete {
		t.Fatalf("without links: %s %+v", out.Verdict, out.Reasons)
	}
	out := p.Evaluate(Evidence{Facts: facts, At: noon, Context: Context{Stage: "tender"}, Unresolved: []string{"/components/1/externalReferences/0"}})
	if out.Verdict != "hold" || out.Counts.Complete {
		t.Errorf("with a link that was not followed: %s %+v", out.Verdict, out.Counts)
	}
}

func TestCounts(t *testing.T) {
	p := mustPack(t, Demo)
	raw, err := readPackBOM("testdata/unstated.cdx.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, findings := sbom.Admit(raw, sbom.DefaultLimits)
	if doc == nil {
		t.Fatal(sbom.FirstError(findings))
	}
	got := p.Evaluate(Evidence{Facts: origin.Read(doc), At: noon}).Counts
	if want := (Counts{Components: 7, Unknown: 1, Excepted: 2, Complete: true}); got != want {
		t.Errorf("counts = %+v, want %+v", got, want)
	}
}

func TestInputs(t *testing.T) {
	p := rules(t, "groups: {north: [NO]}\ninputs: {a: {type: codes, value: [BV]}, b: {type: codes}, l: {type: list, list: \"x:l\"}}\n",
		"each: product, when: 'made(it, input.a)', outcome: hold, unknown: hold")
	facts := origin.Read(document(part("/metadata/component", "device", made, "NO")))
	for pair, want := range map[string]Truth{"b=JP": False, "a=NO": True, "a=north": True, "a=JP,NO": True, "a=JP": False, "a=[]": False} {
		in, err := p.ParseInputs(pair)
		if err != nil {
			t.Errorf("%s: %v", pair, err)
			continue
		}
		if got := p.Evaluate(Evidence{Facts: facts, At: noon, Inputs: in}).Rules[0].Value; got != want {
			t.Errorf("%s: %s, want %s", pair, got, want)
		}
	}
	for pair, code := range map[string]string{
		"c=JP": "POLICY-INPUT-UNKNOWN", "A=JP": "POLICY-INPUT-UNKNOWN", "l=JP": "POLICY-INPUT-INVALID", "a": "POLICY-INPUT-INVALID", "a=": "POLICY-INPUT-INVALID",
		"a=jp": "POLICY-INPUT-INVALID", "a=JP,": "POLICY-INPUT-INVALID", "a=JP NO": "POLICY-INPUT-INVALID", "a=[JP]": "POLICY-INPUT-INVALID", "a=XK": "POLICY-INPUT-INVALID",
		"a=" + strings.Repeat("JP,", maxCodes) + "JP": "POLICY-INPUT-INVALID",
	} {
		_, err := p.ParseInputs(pair)
		var r *sbom.Refusal
		if !errors.As(err, &r) || r.Code() != code {
			t.Errorf("%s: %v, want %s", quote(pair), err, code)
		}
	}
	if _, err := p.ParseInputs("a=JP", "a=NO"); err == nil {
		t.Error("an input may be set twice")
	}
}

func TestSameBytes(t *testing.T) {
	p := mustPack(t, Demo)
	facts := randomFacts(t, 42)
	encode := func(p *Policy) string {
		b, err := json.Marshal(p.Evaluate(Evidence{Facts: facts, At: noon}))
		if err != nil {
			t.Error(err)
		}
		return string(b)
	}
	want := encode(p)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				if got := encode(p); got != want {
					t.Errorf("%s\nand\n%s", got, want)
				}
			}
		})
	}
	group.Wait()
	if got := encode(mustPack(t, Demo)); got != want {
		t.Errorf("parsed again: %s\nand\n%s", got, want)
	}
}

// removable returns a BOM without contradictions, of which each component tells
// at most stages stages of making.
func removable(r *rand.Rand, stages int) *sbom.Document {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	var parts []sbom.Component
	for i := range 2 + r.IntN(6) {
		pointer := fmt.Sprintf("/components/%d", i)
		if i == 0 {
			pointer = "/metadata/component"
		}
		kind := pick("device", "device", "firmware", "library", "file")
		making := []string{"manufactured", "assembled"}
		if kind != "device" {
			making = []string{"developed", "built"}
		}
		r.Shuffle(2, func(i, j int) { making[i], making[j] = making[j], making[i] })
		var pairs []string
		for _, stage := range making[:r.IntN(stages+1)] {
			pairs = append(pairs, "yurai:origin:"+stage, pick("JP", "JP", "DE=50;FR=50", "BV", "JP=50;BV=50", "JP=50", "withheld", "unknown"))
		}
		if r.IntN(3) == 0 {
			pairs = append(pairs, "yurai:origin:designed", pick("JP", "BV"))
		}
		if kind == "device" && r.IntN(3) == 0 {
			pairs = append(pairs, "cdx:device:function", pick("connector", "network"))
		}
		c := part(pointer, kind, pairs...)
		if i > 1 && r.IntN(2) == 0 {
			c.Parent = 1 + r.IntN(i-1)
		}
		parts = append(parts, c)
	}
	doc := document(parts...)
	doc.Compositions = append(doc.Compositions, sbom.Composition{Aggregate: "incomplete"})
	for i := len(parts) - 1; i > 0 && r.IntN(3) == 0; i-- {
		doc.Compositions[0].Assemblies = slices.Delete(doc.Compositions[0].Assemblies, i, i+1)
		if r.IntN(2) == 0 {
			doc.Compositions[1].Assemblies = append(doc.Compositions[1].Assemblies, parts[i].Ref)
		}
	}
	return doc
}

// strip takes one fact, chosen at random, out of a document: a property, or a
// name in a composition. It reports false if none is left that may go.
func strip(r *rand.Rand, doc *sbom.Document, may func(sbom.Property) bool) bool {
	type place struct{ component, property, composition, name int }
	var places []place
	for i, c := range doc.Components {
		for j, p := range c.Properties {
			if may(p) {
				places = append(places, place{i, j, -1, -1})
			}
		}
	}
	for i, c := range doc.Compositions {
		for j := range c.Assemblies {
			places = append(places, place{-1, -1, i, j})
		}
	}
	if len(places) == 0 {
		return false
	}
	p := places[r.IntN(len(places))]
	if p.component >= 0 {
		c := &doc.Components[p.component]
		c.Properties = slices.Delete(slices.Clone(c.Properties), p.property, p.property+1)
		return true
	}
	c := &doc.Compositions[p.composition]
	c.Assemblies = slices.Delete(slices.Clone(c.Assemblies), p.name, p.name+1)
	return true
}

// TestRemovingFactsNeverAccepts removes facts one after the other, in any order,
// until none is left: what holds or is rejected never becomes an ACCEPT. The
// rules hold what is unknown, as those of every pack do.
func TestRemovingFactsNeverAccepts(t *testing.T) {
	concern := "inputs: {concern: {type: codes, value: [BV]}}\n"
	policies := []*Policy{
		mustPack(t, Demo),
		rules(t, concern, "each: component, when: 'made(it, input.concern)', outcome: reject, unknown: hold",
			"each: product, when: '!complete(it)', outcome: hold, unknown: hold"),
		rules(t, concern, "each: component, where: {critical: true}, when: 'made(it, input.concern) || made(product, input.concern)', outcome: hold, unknown: reject"),
	}
	for _, c := range []struct {
		name   string
		stages int
		may    func(sbom.Property) bool
	}{
		// With one stage a component, nothing else is left to clear it.
		{"any fact", 1, func(sbom.Property) bool { return true }},
		// With two, only a fact that accuses may not go: see the test below.
		{"any fact that does not accuse", 2, func(p sbom.Property) bool { return !strings.Contains(p.Value, "BV") }},
	} {
		accepted := 0
		for seed := range uint64(150) {
			r := rand.New(rand.NewPCG(seed, 7))
			doc := removable(r, c.stages)
			held := make([]bool, len(policies))
			for {
				facts := origin.Read(doc)
				for i, p := range policies {
					out := p.Evaluate(Evidence{Facts: facts, At: noon, Context: Context{Stage: "tender"}})
					if out.Verdict == "accept" {
						accepted++
					}
					if out.Verdict == "accept" && held[i] {
						t.Fatalf("%s: seed %d, policy %d accepts what it held before: %+v", c.name, seed, i, doc)
					}
					held[i] = held[i] || out.Verdict != "accept"
				}
				if !strip(r, doc, c.may) {
					break
				}
			}
		}
		if accepted == 0 {
			t.Errorf("%s: nothing was ever accepted, so nothing was tested", c.name)
		}
	}
}

// TestLeavingAStageOutHolds: a document that no longer tells the one stage that
// accuses clears nothing by telling the other.
func TestLeavingAStageOutHolds(t *testing.T) {
	p := mustPack(t, Demo)
	for _, c := range []struct{ manufactured, assembled, want string }{
		{"BV", "JP", "hold"}, {"", "JP", "hold"}, {"JP", "", "hold"}, {"withheld", "JP", "hold"}, {"JP", "JP", "accept"},
	} {
		c0 := part("/metadata/component", "device")
		for i, p := range [][2]string{{made, c.manufactured}, {assembled, c.assembled}} {
			if p[1] != "" {
				c0.Properties = append(c0.Properties, sbom.Property{Pointer: fmt.Sprintf("/metadata/component/properties/%d", i), Name: p[0], Value: p[1]})
			}
		}
		if got := p.Evaluate(Evidence{Facts: origin.Read(document(c0)), At: noon, Context: Context{Stage: "tender"}}).Verdict; got != c.want {
			t.Errorf("manufactured %q, assembled %q: %s, want %s", c.manufactured, c.assembled, got, c.want)
		}
	}
}

func TestZeroFactsAreUnknown(t *testing.T) {
	for name, facts := range map[string]*origin.Facts{"nil": nil, "zero": {}} {
		if out := mustPack(t, Demo).Evaluate(Evidence{Facts: facts, At: noon, Context: Context{Stage: "tender"}}); out.Verdict != "hold" || out.Counts.Complete {
			t.Errorf("%s: %s %+v", name, out.Verdict, out.Counts)
		}
	}
}

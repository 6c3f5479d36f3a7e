package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v4"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/list"
	"github.com/yurai-ledger/yurai/sbom/origin"
)

// Test is one test that a policy carries.
type Test struct {
	Name    string
	At      time.Time
	BOM     string // name of the BOM, relative to the policy
	Context Context
	Verdict string           // accept, hold or reject; "" is not tested
	Values  map[string]Truth // by rule id

	Lists    map[string]TestList // by input
	Standing string              // "" is unknown
	Changed  Truth
	Dates    map[string]time.Time
	Advised  map[string][]string // severity → pointers of what it speaks against; nil is that nobody looked
	Profiles []origin.Profile    // what parties say of themselves, opened; sorted by party

	inputs Inputs
}

// TestList is the reference list that a test gives for an input.
type TestList struct {
	File string // relative to the policy
	Date time.Time
}

// TestResult is what came of one test.
type TestResult struct {
	Name     string
	Faults   []string // what is otherwise than expected; none is a pass
	Evidence Evidence // what was judged, for [Policy.Explain]; the zero value if it could not be read
	Outcome  Outcome
}

// Passed reports whether everything was as expected.
func (r TestResult) Passed() bool { return len(r.Faults) == 0 }

func (d *decoder) tests(p *Policy, n *yaml.Node) {
	items := d.items(n, "tests")
	if len(items) > maxTests {
		d.refuse("POLICY-VALUE-INVALID", n, "a policy has at most %d tests", maxTests)
	}
	for _, item := range items {
		if d.err != nil {
			return
		}
		f := d.fields(item, "a test", "!name", "!at", "input", "lists", "context", "standing", "changed", "dates", "advised", "profiles", "!bom", "!expect")
		t := Test{
			Name:   d.word(f["name"], "name"),
			At:     d.instant(f["at"], "at"),
			BOM:    d.shaped(f["bom"], "bom", relative),
			Values: make(map[string]Truth),
		}
		for _, pair := range d.pairs(f["input"], "input") {
			codes := d.codes(pair[1], "an input", p.validCode)
			in, err := p.WithCodes(t.inputs, pair[0].Value, codes)
			if err != nil {
				d.refuse("POLICY-TEST-INVALID", pair[0], "%v", err)
				return
			}
			t.inputs = in
		}
		if c := f["context"]; c != nil {
			w := d.fields(c, "context", contextFields...)
			t.Context = Context{
				Stage: d.word(w["stage"], "stage"), Sector: d.word(w["sector"], "sector"),
				Facility: d.word(w["facility"], "facility"), Asset: d.word(w["asset"], "asset"),
				Operator: d.word(w["operator"], "operator"),
			}
		}
		d.known(p, &t, f)
		if pairs := d.pairs(f["expect"], "expect"); len(pairs) == 0 {
			d.refuse("POLICY-TEST-INVALID", f["expect"], "test %s expects nothing, and would always pass", quote(t.Name))
		}
		for _, pair := range d.pairs(f["expect"], "expect") {
			name := pair[0].Value
			if name == "verdict" {
				t.Verdict = d.choice(pair[1], "verdict", "accept", "hold", "reject")
				continue
			}
			if !slices.ContainsFunc(p.Rules, func(r Rule) bool { return r.ID == name }) {
				d.refuse("POLICY-TEST-INVALID", pair[0], "there is no rule %s", quote(name))
			}
			t.Values[name] = map[string]Truth{"true": True, "false": False}[d.choice(pair[1], "a value", "true", "false", "unknown")]
		}
		p.Tests = append(p.Tests, t)
	}
}

// known reads what a test gives beside a BOM.
func (d *decoder) known(p *Policy, t *Test, f map[string]*yaml.Node) {
	for _, pair := range d.pairs(f["lists"], "lists") {
		if in, ok := p.input(pair[0].Value); !ok || in.Type != "list" {
			d.refuse("POLICY-TEST-INVALID", pair[0], "there is no list %s among the inputs", quote(pair[0].Value))
			return
		}
		g := d.fields(pair[1], "a list of a test", "!file", "date")
		l := TestList{File: d.shaped(g["file"], "file", relative)}
		if g["date"] != nil {
			l.Date = d.instant(g["date"], "date")
		}
		if t.Lists == nil {
			t.Lists = make(map[string]TestList)
		}
		t.Lists[pair[0].Value] = l
	}
	if n := f["standing"]; n != nil {
		t.Standing = d.choice(n, "standing", Standings()...)
	}
	if n := f["changed"]; n != nil {
		t.Changed = False
		if d.boolean(n, "changed") {
			t.Changed = True
		}
	}
	if n := f["dates"]; n != nil {
		t.Dates = make(map[string]time.Time)
		for word, v := range d.fields(n, "dates", DateWords()...) {
			t.Dates[word] = d.instant(v, "a date")
		}
	}
	if n := f["advised"]; n != nil {
		t.Advised = make(map[string][]string)
		for word, v := range d.fields(n, "advised", Severities()...) {
			t.Advised[word] = d.words(v, "advised", plainWord.MatchString)
		}
	}
	for _, pair := range d.pairs(f["profiles"], "profiles") {
		t.Profiles = append(t.Profiles, d.profile(pair[0], pair[1]))
	}
	slices.SortFunc(t.Profiles, func(a, b origin.Profile) int { return strings.Compare(a.Party, b.Party) })
}

// profile reads the profile of a party as a test gives it: places in the grammar of
// the properties, officers and sales as countries. What the party only commits to
// is withheld; a country that is unknown stands for one that is not opened, and for
// others that there may be.
func (d *decoder) profile(party, n *yaml.Node) origin.Profile {
	if !origin.ValidParty(party.Value) {
		d.refuse("POLICY-TEST-INVALID", party, "%s is no party", quote(party.Value))
	}
	f := d.fields(n, "a profile", "asOf", "registered", "owner", "officers", "sales")
	p := origin.Profile{Party: party.Value, Strength: origin.Asserted}
	if f["asOf"] != nil {
		day, err := time.Parse(time.DateOnly, d.word(f["asOf"], "asOf"))
		if err != nil {
			d.refuse("POLICY-TEST-INVALID", f["asOf"], "asOf is a day")
		}
		p.AsOf = day
	}
	fact := func(name, text string, at *yaml.Node) origin.Fact {
		v, err := origin.ParseValue(text)
		if err != nil {
			d.refuse("POLICY-TEST-INVALID", at, "%s: %v", name, err)
		}
		return origin.Fact{Value: v, State: origin.Stated, Strength: p.Strength, Pointer: "profile:" + p.Party + "#/" + name}
	}
	place := func(name string) []origin.Fact {
		if f[name] == nil {
			return nil
		}
		return []origin.Fact{fact(name, d.word(f[name], name), f[name])}
	}
	roll := func(name string) *origin.Roll {
		if f[name] == nil {
			return nil
		}
		r := &origin.Roll{Whole: true, Strength: p.Strength}
		for _, code := range d.words(f[name], name, func(s string) bool { return s == origin.UnknownCode || origin.Recognised(s) }) {
			r.Facts = append(r.Facts, fact(name, code, f[name]))
		}
		return r
	}
	p.Registered, p.Owner, p.Officers, p.Sales = place("registered"), place("owner"), roll("officers"), roll("sales")
	return p
}

// advised answers by what the test gives.
func (t *Test) advised(s *origin.Subject, severity string) origin.Answer {
	if slices.Contains(t.Advised[severity], s.Pointer) {
		return origin.Answer{Truth: True, Firm: true}
	}
	return origin.Answer{Truth: False}
}

// relative reports whether s names a file below the policy.
func relative(s string) bool {
	return s != "" && !strings.ContainsAny(s, "\\:\x00") && !strings.HasPrefix(s, "/") &&
		!slices.Contains(strings.Split(s, "/"), "..")
}

// Test runs the tests that the policy carries. read returns the bytes of a BOM or
// a list by the name that a test gives it. A BOM that cannot be read or admitted
// fails its test, and so does a list that cannot be read.
func (p *Policy) Test(read func(name string) ([]byte, error)) []TestResult {
	results := make([]TestResult, 0, len(p.Tests))
	for i := range p.Tests {
		results = append(results, p.test(&p.Tests[i], read))
	}
	return results
}

func (p *Policy) test(t *Test, read func(name string) ([]byte, error)) TestResult {
	out := TestResult{Name: t.Name}
	fault := func(format string, args ...any) { out.Faults = append(out.Faults, fmt.Sprintf(format, args...)) }
	raw, err := read(t.BOM)
	if err != nil {
		fault("reading %s: %v", t.BOM, err)
		return out
	}
	doc, findings := sbom.Admit(raw, sbom.DefaultLimits)
	if doc == nil {
		fault("%s is not admitted: %v", t.BOM, sbom.FirstError(findings))
		return out
	}
	e := Evidence{
		Facts: origin.Read(doc), At: t.At, Context: t.Context, Inputs: t.inputs,
		Standing: t.Standing, Changed: t.Changed, Dates: t.Dates, Lists: make(map[string]Reference),
	}
	if t.Advised != nil {
		e.Advised = t.advised
	}
	if len(t.Profiles) > 0 {
		e.Facts, _ = e.Facts.Profiled(t.Profiles)
	}
	// The first that cannot be used ends the test, so they have an order.
	for _, input := range slices.Sorted(maps.Keys(t.Lists)) {
		l := t.Lists[input]
		raw, err := read(l.File)
		if err != nil {
			fault("reading %s: %v", l.File, err)
			return out
		}
		parsed, err := list.Parse(raw)
		if err != nil {
			fault("%s is no list: %v", l.File, err)
			return out
		}
		e.Lists[input] = Reference{List: parsed, Date: l.Date}
	}
	out.Evidence, out.Outcome = e, p.Evaluate(e)
	if t.Verdict != "" && out.Outcome.Verdict != t.Verdict {
		fault("verdict is %s, want %s", out.Outcome.Verdict, t.Verdict)
	}
	for _, r := range out.Outcome.Rules {
		if want, ok := t.Values[r.Rule]; ok && r.Value != want {
			fault("rule %s is %s, want %s", r.Rule, r.Value, want)
		}
	}
	return out
}

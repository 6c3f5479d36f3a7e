package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
)

// everything is a document in which every function is true of something, false of
// something and unknown of something.
func everything() *sbom.Document {
	c := func(pointer string, maker sbom.Organization, pairs ...string) sbom.Component {
		p := part(pointer, "device", pairs...)
		p.Manufacturer = maker
		return p
	}
	org := func(name string) sbom.Organization { return sbom.Organization{Pointer: "/o", Name: name} }
	doc := document(
		c("/metadata/component", org("Good House"), made, "BV", "yurai:party:maker:id", "x:good", "yurai:party:maker:registered", "BV", "yurai:party:maker:owner", "BV",
			"yurai:party:maintainer:id", "x:good", "yurai:access:from", "BV", "yurai:origin:hosted", "BV"),
		c("/components/0", org("Bad Maker"), made, "JP", "yurai:party:maker:id", "x:bad", "yurai:party:maker:registered", "JP", "yurai:party:maker:owner", "JP",
			"yurai:party:maintainer:id", "x:else", "yurai:access:from", "JP", "yurai:origin:hosted", "JP"),
		c("/components/1", sbom.Organization{}),
	)
	s := func(pointer, provider string, data []string, pairs ...string) sbom.Service {
		p := part(pointer, "", pairs...)
		out := sbom.Service{Pointer: pointer, Ref: pointer, Parent: -1, Provider: org(provider), Properties: p.Properties}
		if provider == "" {
			out.Provider = sbom.Organization{}
		}
		for i, d := range data {
			out.Data = append(out.Data, sbom.DataFlow{Pointer: fmt.Sprintf("%s/data/%d", pointer, i), Classification: d})
		}
		return out
	}
	doc.Services = []sbom.Service{
		s("/services/0", "Bad Maker", []string{"PII"}, "yurai:origin:hosted", "BV", "yurai:access:from", "BV", "yurai:party:provider:id", "x:bad", "yurai:party:provider:registered", "BV", "yurai:party:maintainer:id", "x:bad"),
		s("/services/1", "Good House", []string{"Process"}, "yurai:origin:hosted", "JP", "yurai:access:privilege", "none", "yurai:party:provider:id", "x:good", "yurai:party:provider:registered", "JP", "yurai:party:maintainer:id", "x:else"),
		s("/services/2", "", nil),
	}
	doc.Compositions[0].Dependencies = []string{"/metadata/component"}
	doc.Requirements = []sbom.Requirement{{Ref: "yes"}, {Ref: "no"}}
	doc.Declarations.Claims = []sbom.Claim{{Ref: "a", Target: "/metadata/component"}}
	doc.Declarations.Attestations = []sbom.Attestation{{Map: []sbom.Mapping{{Requirement: "yes", Claims: []string{"a"}, Conformance: 1000}, {Requirement: "no", Claims: []string{"a"}, Conformance: 500}}}}
	return doc
}

// known is evidence about everything.
func known(t testing.TB) Evidence {
	return Evidence{
		Facts: origin.Read(everything()), At: noon, Standing: "admitted", Changed: True,
		Dates: map[string]time.Time{"statement": noon.AddDate(0, 0, -10), "end-of-support": noon.Add(time.Hour)},
		Lists: map[string]Reference{"bad": {List: mustList(t, "id,name", "x:bad,Bad Maker", "x:worse,Worse House"), Date: noon}},
		Advised: func(s *origin.Subject, severity string) origin.Answer {
			switch s.Pointer {
			case "/metadata/component", "/services/0":
				return origin.Answer{Truth: True, Firm: severity == "ban"}
			case "/components/0", "/services/1":
				return origin.Answer{Truth: False}
			}
			return origin.Answer{}
		},
	}
}

const knownInputs = "inputs: {bad: {type: list, list: \"x:bad\", maxAge: 48h}}\n"

// functionValues has for each function expressions that are true, false and
// unknown of everything().
var functionValues = []struct{ name, each, t, f, u string }{
	{"made", "product", `made(it, ["BV"])`, `made(it, ["NO"])`, `made(it, ["BV-1"])`},
	{"at_stage", "product", `at_stage(it, "hosted", ["BV"])`, `at_stage(it, "hosted", ["NO"])`, `at_stage(it, "built", ["NO"])`},
	{"hosted", "product", `hosted(it, ["BV"])`, `hosted(it, ["NO"])`, `hosted(it, ["BV-1"])`},
	{"abroad", "product", `abroad(it, "hosted")`, `!abroad(it, "hosted")`, `abroad(it, "tested")`},
	{"abroad access", "product", `abroad(it, "access")`, `!abroad(it, "access")`, `abroad(it, "maintained")`},
	{"access_from", "product", `access_from(it, ["BV"])`, `access_from(it, ["NO"])`, `access_from(it, ["BV-1"])`},
	{"registered", "product", `registered(maker(it), ["BV"])`, `registered(maker(it), ["NO"])`, `registered(seller(it), ["NO"])`},
	{"owned", "product", `owned(maker(it), ["BV"])`, `owned(maker(it), ["NO"])`, `owned(maintainer(it), ["NO"])`},
	{"parties", "product", `maintainer(it) == maker(it)`, `maintainer(it) != maker(it)`, `maker(it) == seller(it)`},
	{"parties that differ", "product", `maintainer(it) == maker(it)`, `maintainer(it) != maker(it)`, `maker(it) != seller(it)`},
	{"parties among others", "product", `[maker(it), seller(it)].exists(p, p == maintainer(it))`, `[maker(it)].all(p, p != maker(it))`, `[seller(it), maker(it)].all(p, p == maker(it))`},
	{"status", "product", `status(it) == "admitted"`, `status(it) in ["void", "withdrawn"]`, `status(it) == input_unknown`},
	{"advised", "product", `advised(it, "ban")`, `!advised(it, "ban")`, ``},
	{"complete", "product", `complete(it)`, `!complete(it)`, ``},
	{"attested", "product", `attested(it, "yes")`, `attested(it, "no")`, `attested(it, "other")`},
	{"changed", "delivery", `changed_since_assessment()`, `!changed_since_assessment()`, ``},
	{"days_since", "delivery", `days_since(it, "statement") == 10`, `days_since(it, "end-of-support") >= 0`, `days_since(it, "waiver") > 0`},
	{"days_since ahead", "delivery", `days_since(it, "end-of-support") == -1`, `days_since(product, "statement") > 10`, `days_since(product, "clearance") == 0`},
	{"unknown_per_mille", "delivery", `unknown_per_mille("manufactured") == 334`, `unknown_per_mille("manufactured") < 334`, ``},
	{"listed", "product", `listed(maker(it), input.bad) || true`, `listed(maker(it), input.bad)`, `listed(seller(it), input.bad)`},
}

// TestFunctionTables holds each function against Kleene's tables.
func TestFunctionTables(t *testing.T) {
	for _, c := range functionValues {
		value := map[string]string{"T": c.t, "F": c.f, "U": c.u}
		var list, want []string
		add := func(expression, letter string) {
			list = append(list, "each: "+c.each+", when: '"+expression+"', outcome: hold, unknown: hold")
			want = append(want, letter)
		}
		var known []string
		for _, l := range []string{"T", "F", "U"} {
			if value[l] != "" && !strings.Contains(value[l], "input_unknown") {
				known = append(known, l)
			}
		}
		for _, a := range known {
			add(value[a], a)
			add("!("+value[a]+")", not[a])
			for _, b := range known {
				add(fmt.Sprintf("(%s) && (%s)", value[a], value[b]), and[a+b])
				add(fmt.Sprintf("(%s) || (%s)", value[a], value[b]), or[a+b])
				add(fmt.Sprintf("(%s) ? (%s) : true", value[a], value[b]), choose(a, b, "T"))
			}
		}
		p := rules(t, knownInputs, list...)
		for i, r := range p.Evaluate(knownEvidence(t)).Rules {
			if letter(r.Value) != want[i] {
				t.Errorf("%s: %s = %s, want %s", c.name, p.Rules[i].When, letter(r.Value), want[i])
			}
		}
	}
}

func knownEvidence(t testing.TB) Evidence { return known(t) }

// TestSubjects says which subjects a function is true of, and of which unknown.
func TestSubjects(t *testing.T) {
	for _, c := range []struct{ each, when, hits, unknown string }{
		{"component", `made(it, ["BV"])`, "/metadata/component", "/components/1"},
		{"component", `registered(maker(it), ["BV"])`, "/metadata/component", "/components/1"},
		{"component", `owned(maker(it), ["BV"])`, "/metadata/component", "/components/1"},
		{"component", `maintainer(it) != maker(it)`, "/components/0", "/components/1"},
		{"component", `listed(maker(it), input.bad)`, "/components/0", "/components/1"},
		{"component", `!listed(maker(it), input.bad)`, "/metadata/component", "/components/1"},
		{"component", `advised(it, "recall")`, "/metadata/component", "/components/1"},
		{"component", `status(it) == "withdrawn"`, "", "/components/0 /components/1"},
		{"component", `days_since(it, "statement") < 5`, "", "/components/0 /components/1"},
		{"component", `it == product`, "/metadata/component", ""},
		{"service", `hosted(it, ["BV"])`, "/services/0", "/services/2"},
		{"service", `abroad(it, "hosted")`, "/services/0", "/services/2"},
		{"service", `access_from(it, ["BV"])`, "/services/0", "/services/2"},
		{"service", `abroad(it, "access")`, "/services/0", "/services/2"},
		{"service", `carries(it, ["pii"])`, "/services/0", "/services/2"},
		{"service", `registered(provider(it), ["BV"])`, "/services/0", "/services/2"},
		{"service", `maintainer(it) != provider(it)`, "/services/1", "/services/2"},
		{"service", `listed(provider(it), input.bad)`, "/services/0", "/services/2"},
		{"service", `advised(it, "ban")`, "/services/0", "/services/2"},
		{"service", `!complete(it)`, "", ""},
		{"party", `registered(it, ["BV"])`, "/o /services/0/properties/2", "/components/1 /services/2"},
		{"party", `listed(it, input.bad)`, "/o /o /services/0/properties/4", "/components/1 /services/2"},
	} {
		p := rules(t, knownInputs, fmt.Sprintf("each: %s, when: '%s', outcome: reject, unknown: hold", c.each, c.when))
		out := p.Evaluate(known(t))
		hits, unknown := []string{}, []string{}
		for _, r := range out.Reasons {
			if r.Value == True {
				hits = r.Subjects
			} else {
				unknown = r.Subjects
			}
		}
		// Parties of one organization field stand at one place; maintainers, who have
		// no registration, are unknown too.
		unknown = slices.DeleteFunc(slices.Clone(unknown), func(s string) bool {
			return c.each == "party" && strings.Contains(s, "/properties/")
		})
		if c.each == "party" {
			hits = slices.DeleteFunc(slices.Clone(hits), func(string) bool { return false })
		}
		if c.each != "party" && strings.Join(hits, " ") != c.hits || strings.Join(unknown, " ") != c.unknown || c.each == "party" && len(hits) == 0 {
			t.Errorf("each %s %s: hits %q, unknown %q, want %q and %q", c.each, c.when, hits, unknown, c.hits, c.unknown)
		}
	}
}

// TestWithoutEvidence: what nobody gives is unknown, in either direction.
func TestWithoutEvidence(t *testing.T) {
	for _, when := range []string{
		`status(product) == "withdrawn"`, `status(product) != "admitted"`, `advised(product, "ban")`, `changed_since_assessment()`,
		`days_since(it, "statement") > 10`, `days_since(it, "end-of-support") < 0`, `listed(maker(product), input.bad)`, `has(input.bad)`,
	} {
		for _, expression := range []string{when, "!(" + when + ")"} {
			p := rules(t, knownInputs, "each: delivery, when: '"+expression+"', outcome: reject, unknown: hold")
			e := Evidence{Facts: origin.Read(everything()), At: noon}
			if out := p.Evaluate(e); out.Rules[0].Value != Unknown || out.Verdict != "hold" {
				t.Errorf("%s: %+v", expression, out.Rules[0])
			}
			e.Standing = "revoked" // no word of the log's
			if out := p.Evaluate(e); out.Rules[0].Value != Unknown {
				t.Errorf("%s with a standing that is none: %+v", expression, out.Rules[0])
			}
		}
	}
}

// TestUnitsAreUnknown: there are no facts of units, so such a rule is unknown, once.
func TestUnitsAreUnknown(t *testing.T) {
	for _, when := range []string{`!observed(it, "serial")`, `seen_elsewhere(it)`, `true`, `false`} {
		p := rules(t, "", "each: unit, when: '"+when+"', outcome: note, unknown: hold")
		out := p.Evaluate(known(t))
		if len(out.Reasons) != 1 || out.Reasons[0].Code != "POLICY-UNITS-ABSENT" || out.Verdict != "hold" || out.Rules[0].Judged != 0 {
			t.Errorf("%s: %+v", when, out)
		}
	}
}

// TestWeakAnswersDoNotClear: an answer that is not firm counts, and not turned
// around.
func TestWeakAnswersDoNotClear(t *testing.T) {
	attestedOnly := "strength: attested, "
	for when, want := range map[string]string{
		`advised(it, "recall")`:                    "T",
		`!advised(it, "recall")`:                   "U",
		`registered(maker(it), ["BV"])`:            "T",
		`!registered(maker(it), ["BV"])`:           "U",
		`registered(maker(it), ["NO"])`:            "U",
		`hosted(it, ["NO"])`:                       "U",
		`access_from(it, ["NO"])`:                  "U",
		`maintainer(it) == maker(it)`:              "U",
		`!attested(it, "yes")`:                     "U",
		`unknown_per_mille("manufactured") == 334`: "F",
	} {
		p := rules(t, knownInputs, "each: product, "+attestedOnly+"when: '"+when+"', outcome: hold, unknown: hold")
		if got := letter(p.Evaluate(known(t)).Rules[0].Value); got != want {
			t.Errorf("%s = %s, want %s", when, got, want)
		}
	}
	// Of a list that is not complete the share accuses and does not clear.
	doc := everything()
	doc.Compositions = nil
	for when, want := range map[string]string{`unknown_per_mille("manufactured") > 300`: "T", `unknown_per_mille("manufactured") > 400`: "U", `!(unknown_per_mille("manufactured") <= 400)`: "U"} {
		p := rules(t, "", "each: delivery, when: '"+when+"', outcome: hold, unknown: hold")
		if got := letter(p.Evaluate(Evidence{Facts: origin.Read(doc), At: noon}).Rules[0].Value); got != want {
			t.Errorf("%s of an incomplete list = %s, want %s", when, got, want)
		}
	}
}

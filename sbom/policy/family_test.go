package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/list"
	"github.com/yurai-ledger/yurai/sbom/origin"
)

// fixture reads a BOM of the packs' tests.
func fixture(t testing.TB, name string) *origin.Facts {
	t.Helper()
	raw, err := readPackBOM("testdata/" + name + ".cdx.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, findings := sbom.Admit(raw, sbom.DefaultLimits)
	if doc == nil {
		t.Fatal(sbom.FirstError(findings))
	}
	return origin.Read(doc)
}

func fixtureList(t testing.TB, name string) *list.List {
	t.Helper()
	raw, err := readPackBOM("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	l, err := list.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestPredicateFamilies has for each family of predicates, to which the rules of
// the compared regimes come down, a rule of a pack, a BOM that it hits, one that it
// clears and one of which it is unknown. As-built = as-received has no facts: a
// rule over units can be written, and is unknown of every document; the test says
// so and does not pretend more.
func TestPredicateFamilies(t *testing.T) {
	const never = "no facts of units exist"
	for _, c := range []struct {
		family, pack, rule  string
		hit, clear, unknown string // fixtures
		hitList, hitLaterOn string // what the hit needs beside its BOM
		listName            string
	}{
		{family: "list membership", pack: "us-889-style", rule: "L01", hit: "relay", clear: "relay", unknown: "relay-gaps", hitList: "designated-maker.csv"},
		{family: "list of what is allowed", pack: "allow-list", rule: "P01", hit: "relay", clear: "relay", unknown: "relay-silent", hitList: "allowed-some.csv", listName: "allowed.csv"},
		{family: "origin(stage, region)", pack: "jp-core", rule: "R04", hit: "concern", clear: "stated", unknown: "unstated"},
		{family: "control(party, state)", pack: "jp-espa", rule: "R07", hit: "relay-owned-abroad", clear: "relay", unknown: "relay-gaps"},
		{family: "registration of a party", pack: "jp-espa", rule: "R06", hit: "relay-owned-abroad", clear: "relay", unknown: "relay-gaps"},
		{family: "access(from)", pack: "jp-data-abroad", rule: "R10", hit: "historian-abroad", clear: "historian-attested", unknown: "historian-asserted"},
		{family: "hosted abroad", pack: "jp-data-abroad", rule: "R11", hit: "historian-abroad", clear: "historian-attested", unknown: "historian-asserted"},
		{family: "re-entrusted contractor", pack: "jp-data-abroad", rule: "R12", hit: "historian-abroad", clear: "historian-asserted", unknown: "historian-silent", hitList: "designated.csv"},
		{family: "coverage, unknown ratio", pack: "jp-espa", rule: "R14", hit: "relay-silent", clear: "relay", unknown: "relay-gaps"},
		{family: "control attested", pack: "jp-espa", rule: "R20", hit: "relay-owned-abroad", clear: "relay", unknown: "relay-gaps"},
		{family: "as-built = as-received", unknown: never},
		{family: "date-phased", pack: "us-889-style", rule: "L02", hit: "relay", clear: "relay", unknown: "relay-gaps", hitList: "designated-maker.csv", hitLaterOn: "2027-12-24T00:00:00Z"},
	} {
		t.Run(c.family, func(t *testing.T) {
			if c.unknown == never {
				p := rules(t, "", "each: unit, when: '!observed(it, \"serial\")', outcome: hold, unknown: hold")
				for _, name := range []string{"relay", "relay-gaps", "historian-abroad"} {
					out := p.Evaluate(Evidence{Facts: fixture(t, name), At: noon})
					if out.Rules[0].Value != Unknown || out.Reasons[0].Code != "POLICY-UNITS-ABSENT" {
						t.Errorf("%s: %+v", name, out)
					}
				}
				t.Log("unknown of every document: " + never)
				return
			}
			p := mustPack(t, c.pack)
			at := noon
			if c.hitLaterOn != "" {
				var err error
				if at, err = time.Parse(time.RFC3339, c.hitLaterOn); err != nil {
					t.Fatal(err)
				}
			}
			for _, want := range []struct {
				name  string
				value Truth
			}{{c.hit, True}, {c.clear, False}, {c.unknown, Unknown}} {
				e := Evidence{Facts: fixture(t, want.name), At: at, Context: Context{Stage: "tender"}, Lists: make(map[string]Reference)}
				for _, in := range p.Inputs {
					name := "designated.csv"
					switch {
					case in.Type == "codes":
						e.Inputs, _ = p.WithCodes(e.Inputs, in.Name, []string{"BV"})
						continue
					case want.value == True && c.hitList != "":
						name = c.hitList
					case c.listName != "":
						name = c.listName
					}
					e.Lists[in.Name] = Reference{List: fixtureList(t, name), Date: at}
				}
				out := p.Evaluate(e)
				i := slices.IndexFunc(out.Rules, func(r RuleOutcome) bool { return r.Rule == c.rule })
				if out.Rules[i].Value != want.value {
					t.Errorf("%s of %s is %s, want %s", c.rule, want.name, out.Rules[i].Value, want.value)
				}
				if held := out.Rules[i].Outcome.rank() >= Hold.rank(); held != (want.value != False) {
					t.Errorf("%s of %s comes to %s", c.rule, want.name, out.Rules[i].Outcome)
				}
			}
		})
	}
	// Before its day a rule that is phased in clears what it hits after.
	p := mustPack(t, "us-889-style")
	e := Evidence{Facts: fixture(t, "relay"), At: noon, Lists: map[string]Reference{"named_later": {List: fixtureList(t, "designated-maker.csv"), Date: noon}}}
	if got := p.Evaluate(e).Rules[2]; got.Rule != "L02" || got.Value != False {
		t.Errorf("before its day: %+v", got)
	}
}

// TestHostedHistorianAtTender: a service holds for what it is, each for its own
// reason, and clears when a third party attests the facts.
func TestHostedHistorianAtTender(t *testing.T) {
	p := mustPack(t, "jp-data-abroad")
	judge := func(name string) Outcome {
		in, err := p.ParseInputs("countries_of_concern=BV")
		if err != nil {
			t.Fatal(err)
		}
		return p.Evaluate(Evidence{
			Facts: fixture(t, name), At: noon, Context: Context{Stage: "tender"}, Inputs: in,
			Lists: map[string]Reference{"approved_contractors": {List: fixtureList(t, "designated.csv"), Date: noon}},
		})
	}
	var got []string
	out := judge("historian-abroad")
	for _, r := range out.Reasons {
		got = append(got, fmt.Sprintf("%s %s %s %s", r.Rule, r.Value, strings.Join(r.Subjects, " "), r.Text.EN))
	}
	want := []string{
		"R10 true /services/2 reached, maintained or operated from abroad (3 more unknown)",
		"R11 true /services/0 hosted abroad (3 more unknown)",
		"R12 true /services/3 maintained by another party than its provider, which the operator has not approved",
	}
	if out.Verdict != "hold" || !slices.Equal(got, want) {
		t.Errorf("%s %q, want %q", out.Verdict, got, want)
	}
	if out := judge("historian-asserted"); out.Verdict != "hold" || len(out.Reasons) != 2 || out.Reasons[0].Value != Unknown {
		t.Errorf("on the vendor's word alone: %s %+v", out.Verdict, out.Reasons)
	}
	if out := judge("historian-attested"); out.Verdict != "accept" || len(out.Reasons) != 0 {
		t.Errorf("attested: %s %+v", out.Verdict, out.Reasons)
	}
}

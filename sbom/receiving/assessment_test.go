package receiving_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/sbom/list"
	"github.com/yurai-ledger/yurai/sbom/policy"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// asking is a policy with one rule.
func asking(t testing.TB, rule string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse([]byte(`format: yurai-policy/1
id: asking
version: 1
title: {en: Rules, ja: 規則}
notice: {en: "Decision aid.", ja: "判断の補助"}
source: [{ref: "test", read: "2026-11-22"}]
verified: false
home: "JP"
timezone: "Asia/Tokyo"
demands: {tender: document}
inputs:
  designated: {type: list, list: "x:demo/designated", maxAge: 2160h}
critical: {except: {types: [file]}}
rules:
  - id: R1
    title: {en: Rule, ja: 規則}
    row: origin
    strength: asserted
    outcome: hold
    unknown: hold
    waivable: true
    because: {en: "it hits", ja: "該当"}
    basis: "test"
` + rule))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// ruled returns the value that rule R1 came to, "false" where it gives no reason.
func ruled(v *receiving.Verdict) string {
	for _, r := range v.Reasons {
		if r.Rule != nil {
			return r.Value
		}
	}
	return "false"
}

func spoken(v *receiving.Verdict, code string) *receiving.Reason {
	for i := range v.Reasons {
		if v.Reasons[i].Code == code {
			return &v.Reasons[i]
		}
	}
	return nil
}

// What the log and the caller know reaches the rules, and is unknown without a
// usable status.
func TestEvidenceOfRules(t *testing.T) {
	part := func(maker string) statement.Selector {
		return statement.Selector{Part: &statement.Part{Maker: maker, Part: "CPU board"}}
	}
	said := func(severity, maker string, change func(*statement.Advisory)) func(*changing) {
		return func(c *changing) { c.advise(regulator, severity, part(maker), change, c.regulator) }
	}
	for name, x := range map[string]struct {
		advise func(*changing)
		rule   string
		change func(*receiving.Bundle, *receiving.Request)
		want   string
	}{
		"no advisory": {nil, "    each: component\n    when: advised(it, \"ban\")\n", nil, "false"},
		"no advisory, no status": {
			nil, "    each: component\n    when: advised(it, \"ban\")\n",
			func(b *receiving.Bundle, _ *receiving.Request) { b.Status = nil }, "unknown",
		},
		"a recalled part": {
			said("recall", "", nil),
			"    each: component\n    when: advised(it, \"recall\")\n", nil, "true",
		},
		"a recalled part, no status": {
			said("recall", "", nil),
			"    each: component\n    when: advised(it, \"recall\")\n",
			func(b *receiving.Bundle, _ *receiving.Request) { b.Status = nil }, "true",
		},
		"of another severity": {
			said("recall", "", nil),
			"    each: component\n    when: advised(it, \"ban\")\n", nil, "false",
		},
		"a part of which no maker is told": {
			said("ban", vendor, nil),
			"    each: component\n    when: advised(it, \"ban\")\n", nil, "unknown",
		},
		"not in force yet": {
			said("ban", "", func(a *statement.Advisory) { a.Effective = now.Add(time.Hour) }),
			"    each: component\n    when: advised(it, \"ban\")\n", nil, "false",
		},
		"no longer in force": {
			said("ban", "", func(a *statement.Advisory) { a.Expires = now }),
			"    each: component\n    when: advised(it, \"ban\")\n", nil, "false",
		},
		"the product, by its part": {
			said("recall", "", nil),
			"    each: product\n    when: advised(it, \"recall\")\n", nil, "true",
		},
		"turned around without status": {
			said("recall", "", nil),
			"    each: product\n    when: \"!advised(it, \\\"recall\\\")\"\n",
			func(b *receiving.Bundle, _ *receiving.Request) { b.Status = nil }, "unknown",
		},
		"standing": {nil, "    each: product\n    when: status(product) != \"admitted\"\n", nil, "false"},
		"standing without status": {
			nil, "    each: product\n    when: status(product) != \"admitted\"\n",
			func(b *receiving.Bundle, _ *receiving.Request) { b.Status = nil }, "unknown",
		},
		"age of the statement":          {nil, "    each: product\n    when: days_since(product, \"statement\") > 0\n", nil, "false"},
		"age of the status":             {nil, "    each: product\n    when: days_since(product, \"status\") > 0\n", nil, "false"},
		"age of the status, without it": {nil, "    each: product\n    when: days_since(product, \"status\") > 0\n", func(b *receiving.Bundle, _ *receiving.Request) { b.Status = nil }, "unknown"},
		"age of the statement, before it was made": {
			nil, "    each: product\n    when: days_since(product, \"statement\") > 0\n",
			func(_ *receiving.Bundle, r *receiving.Request) { r.At = made.Add(-24 * time.Hour) }, "unknown",
		},
		"no assessment": {nil, "    each: delivery\n    when: changed_since_assessment()\n", nil, "unknown"},
		"assessed, the same": {
			nil, "    each: delivery\n    when: changed_since_assessment()\n",
			func(_ *receiving.Bundle, r *receiving.Request) {
				r.Assessed = &receiving.Assessment{File: []byte(bill)}
			}, "false",
		},
		"assessed, another plant": {
			nil, "    each: delivery\n    when: changed_since_assessment()\n",
			func(_ *receiving.Bundle, r *receiving.Request) {
				r.Assessed = &receiving.Assessment{File: []byte(strings.Replace(bill, `:manufactured", "value": "JP"`, `:manufactured", "value": "BV"`, 1))}
			}, "true",
		},
		"assessed, unreadable": {
			nil, "    each: delivery\n    when: changed_since_assessment()\n",
			func(_ *receiving.Bundle, r *receiving.Request) {
				r.Assessed = &receiving.Assessment{File: []byte("{}")}
			}, "unknown",
		},
		"days since the assessment": {
			nil, "    each: product\n    when: days_since(product, \"assessment\") > 30\n",
			func(_ *receiving.Bundle, r *receiving.Request) {
				r.Assessed = &receiving.Assessment{File: []byte(bill), At: now.AddDate(0, 0, -31)}
			}, "true",
		},
		"days since an assessment without time": {
			nil, "    each: product\n    when: days_since(product, \"assessment\") > 30\n",
			func(_ *receiving.Bundle, r *receiving.Request) {
				r.Assessed = &receiving.Assessment{File: []byte(bill)}
			}, "unknown",
		},
		"a sector that is told": {
			nil, "    each: delivery\n    where: {sector: [water]}\n    when: \"true\"\n",
			func(_ *receiving.Bundle, r *receiving.Request) { r.Context.Sector = "rail" }, "false",
		},
		"a sector that is not told": {nil, "    each: delivery\n    where: {sector: [water]}\n    when: \"true\"\n", nil, "true"},
		"a list that nobody gave":   {nil, "    each: party\n    when: listed(it, input.designated)\n", nil, "unknown"},
	} {
		c := newChanging(t, bill)
		if x.advise != nil {
			x.advise(c)
		}
		b := c.whole(c.bom5)
		r := receiving.Request{File: []byte(bill), Trust: c.trust, At: now, Policy: asking(t, x.rule)}
		if x.change != nil {
			x.change(b, &r)
		}
		r.Bundle = b
		v, err := receiving.Check(r)
		if err != nil {
			t.Fatal(err)
		}
		if got := ruled(v); got != x.want {
			t.Errorf("%s: the rule is %s, want %s\n%s: %s", name, got, x.want, outcomes(v), grave(v))
		}
	}
}

// What a verdict says of what it was judged by.
func TestVerdictNamesInputs(t *testing.T) {
	c := newChanging(t, bill)
	b := c.whole(c.bom5)
	raw := []byte("id,name,country,from,until,note\nx:hoshino-relay,Hoshino,,,,\n")
	designated, err := list.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	day := now.AddDate(0, 0, -10)
	other := strings.Replace(bill, `:manufactured", "value": "JP"`, `:manufactured", "value": "BV"`, 1)
	check := func(rule string, change func(*receiving.Request)) *receiving.Verdict {
		t.Helper()
		r := receiving.Request{File: []byte(bill), Bundle: b, Trust: c.trust, At: now, Policy: asking(t, rule)}
		change(&r)
		v, err := receiving.Check(r)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	party := "    each: party\n    when: listed(it, input.designated)\n"
	v := check(party, func(r *receiving.Request) {
		r.Lists = map[string]policy.Reference{"designated": {List: designated, Date: day}}
	})
	want := receiving.ListRef{ID: "x:demo/designated", SHA256: fmt.Sprintf("%x", sha256.Sum256(raw)), Date: day.Format(time.RFC3339)}
	if len(v.Lists) != 1 || v.Lists[0] != want {
		t.Errorf("lists = %v, want %v", v.Lists, want)
	}
	if r := spoken(v, "POLICY-RULE-HIT"); r == nil || r.List == nil || *r.List != "sha256:"+want.SHA256 {
		t.Errorf("the reason does not name the list: %+v", v.Reasons)
	}
	for code, change := range map[string]func(*receiving.Request){
		"POLICY-LIST-STALE": func(r *receiving.Request) {
			r.Lists = map[string]policy.Reference{"designated": {List: designated, Date: now.AddDate(-1, 0, 0)}}
		},
		"POLICY-LIST-ABSENT": func(*receiving.Request) {},
	} {
		if r := spoken(check(party, change), code); r == nil || r.Outcome != receiving.Hold {
			t.Errorf("no reason %s", code)
		}
	}

	always := "    each: delivery\n    where: {sector: [water], asset: [pump]}\n    when: changed_since_assessment()\n"
	v = check(always, func(r *receiving.Request) {
		r.Context = policy.Context{Stage: "recheck", Asset: "pump", Operator: "x:op"}
		r.Assessed = &receiving.Assessment{File: []byte(other), At: day}
	})
	digest := sha256.Sum256([]byte(other))
	if len(v.Context) != 4 || v.Context["assessedAt"] != day.Format(time.RFC3339) || v.Context["asset"] != "pump" || v.Context["operator"] != "x:op" || v.Context["assessed"] != "sha256:"+hex.EncodeToString(digest[:]) || v.Stage != "tender" {
		t.Errorf("context = %v, stage %s", v.Context, v.Stage)
	}
	if r := spoken(v, "VERDICT-CONTEXT-MISSING"); r == nil || r.Outcome != "note" || !strings.Contains(r.Text, "not told: sector; so R1 apply") {
		t.Errorf("no note of what was not told: %+v", v.Reasons)
	}
	if r := spoken(v, "VERDICT-ASSESSED-CHANGED"); r == nil || r.Outcome != "note" || r.Count != 1 || fmt.Sprint(r.Subjects) != "[/metadata/component]" && fmt.Sprint(r.Subjects) != "[/components/0]" || !strings.Contains(r.Text, "BV → JP") {
		t.Errorf("no note of what changed: %+v", v.Reasons)
	}
	v = check(always, func(r *receiving.Request) {
		r.Context.Sector = "water"
		r.Assessed = &receiving.Assessment{File: []byte("no JSON")}
		r.Tests = &receiving.PolicyTests{Passed: 1, Failed: []string{"one", "two"}}
	})
	for _, code := range []string{"VERDICT-ASSESSED-UNREAD", "VERDICT-POLICY-TESTS"} {
		if r := spoken(v, code); r == nil || r.Outcome != receiving.Hold {
			t.Errorf("no reason %s", code)
		}
	}
	if v.Verdict != receiving.Hold {
		t.Errorf("verdict %s", v.Verdict)
	}
	for _, tests := range []receiving.PolicyTests{{}, {Passed: 1, Skipped: []string{"one"}}} {
		v = check(always, func(r *receiving.Request) { r.Tests = &tests })
		if r := spoken(v, "VERDICT-POLICY-UNTESTED"); r == nil || r.Outcome != "note" {
			t.Errorf("%v: no note of it", tests)
		}
	}
	if v = check(always, func(r *receiving.Request) { r.Tests = &receiving.PolicyTests{Passed: 1} }); spoken(v, "VERDICT-POLICY-UNTESTED") != nil || spoken(v, "VERDICT-POLICY-TESTS") != nil {
		t.Error("tests that pass are spoken of")
	}
}

// Whatever a verdict depends on that is no bytes is in its canonical bytes, also
// where another value would have given the same outcome: else a case could be kept
// under a verdict that was made from something else.
func TestVerdictNamesWhatItWasSet(t *testing.T) {
	c := newChanging(t, bill)
	b := c.whole(c.bom5)
	raw, _ := policy.Pack(policy.Starter)
	p, err := policy.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	inputs := func(pairs ...string) policy.Inputs {
		in, err := p.ParseInputs(pairs...)
		if err != nil {
			t.Fatal(err)
		}
		return in
	}
	seen := map[string]string{}
	for name, change := range map[string]func(*receiving.Request){
		"one country":      func(r *receiving.Request) { r.Inputs = inputs("countries_of_concern=BV") },
		"another":          func(r *receiving.Request) { r.Inputs = inputs("countries_of_concern=HM") },
		"both":             func(r *receiving.Request) { r.Inputs = inputs("countries_of_concern=BV,HM") },
		"none":             func(r *receiving.Request) { r.Inputs = inputs("countries_of_concern=[]") },
		"another sector":   func(r *receiving.Request) { r.Inputs, r.Context.Sector = inputs("countries_of_concern=BV"), "rail" },
		"another operator": func(r *receiving.Request) { r.Inputs, r.Context.Operator = inputs("countries_of_concern=BV"), "rail" },
		"an assessment": func(r *receiving.Request) {
			r.Inputs, r.Assessed = inputs("countries_of_concern=BV"), &receiving.Assessment{File: []byte(bill)}
		},
		"one of another day": func(r *receiving.Request) {
			r.Inputs, r.Assessed = inputs("countries_of_concern=BV"), &receiving.Assessment{File: []byte(bill), At: made}
		},
		"one of the next day": func(r *receiving.Request) {
			r.Inputs, r.Assessed = inputs("countries_of_concern=BV"), &receiving.Assessment{File: []byte(bill), At: now}
		},
		"a second later": func(r *receiving.Request) { r.Inputs, r.At = inputs("countries_of_concern=BV"), now.Add(time.Second) },
	} {
		v := c.check(bill, b, func(r *receiving.Request) { r.Policy = p; change(r) })
		if v.Verdict != receiving.Accept {
			t.Fatalf("%s: %s %s", name, v.Verdict, grave(v))
		}
		digest, err := v.Digest()
		if err != nil {
			t.Fatal(err)
		}
		if other := seen[digest.String()]; other != "" {
			t.Errorf("%s and %s have one verdict", name, other)
		}
		seen[digest.String()] = name
	}
}

// Nothing but what was assessed is what was assessed, and who assessed nothing is
// never told that nothing changed.
func TestAssessedSomethingElse(t *testing.T) {
	c := newChanging(t, bill)
	b := c.whole(c.bom5)
	asks := asking(t, "    each: delivery\n    when: changed_since_assessment()\n")
	swap := func(old, with string) []byte {
		if !strings.Contains(bill, old) {
			t.Fatalf("%q is not in it", old)
		}
		return []byte(strings.Replace(bill, old, with, 1))
	}
	raw, _ := policy.Pack(policy.Starter)
	starter, err := policy.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	in, err := starter.ParseInputs("countries_of_concern=BV")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		was  []byte // nil is nothing
		want string
	}{
		{"nothing", nil, "unknown"},
		{"the same", []byte(bill), "false"},
		{"the same under an older number", swap("3e671687", "3e671688"), "false"},
		{"another product", swap(`"name": "HR-87T"`, `"name": "HR-99"`), "true"},
		{"another party's of the name", swap(`{"name": "Hoshino"}`, `{"name": "Kurokami"}`), "true"},
		{"another party's id", swap(`"properties": [`, `"properties": [{"name": "yurai:party:maker:id", "value": "x:kurokami"}, `), "true"},
		{"one with a part more", swap(`"components": [`, `"components": [{"type": "device", "bom-ref": "x", "name": "x"}, `), "true"},
		{"one that does not say what it is about", []byte(`{"bomFormat": "CycloneDX", "specVersion": "1.6"}`), "true"},
		{"one of another plant", swap(`{"value": "JP", "name": "yurai:origin:manufactured"}`, `{"value": "TW", "name": "yurai:origin:manufactured"}`), "true"},
		{"no BOM", []byte("{"), "unknown"},
	} {
		with := func(p *policy.Policy) func(*receiving.Request) {
			return func(r *receiving.Request) {
				r.Policy = p
				if tt.was != nil {
					r.Assessed = &receiving.Assessment{File: tt.was}
				}
			}
		}
		if got := ruled(c.check(bill, b, with(asks))); got != tt.want {
			t.Errorf("%s: changed is %s, want %s", tt.name, got, tt.want)
		}
		v := c.check(bill, b, func(r *receiving.Request) { with(starter)(r); r.Inputs, r.Stage = in, "receipt" })
		if v.Verdict != receiving.Hold {
			t.Errorf("%s: at receipt %s %s", tt.name, v.Verdict, grave(v))
		}
		held := slices.ContainsFunc(v.Reasons, func(r receiving.Reason) bool { return r.Rule != nil && *r.Rule == "A01" && r.Outcome == "hold" })
		if held != (tt.want != "false") {
			t.Errorf("%s: at receipt A01 holds: %t (%s)", tt.name, held, grave(v))
		}
	}
}

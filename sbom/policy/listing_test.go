package policy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/list"
	"github.com/yurai-ledger/yurai/sbom/origin"
)

// madeBy is a complete BOM of one product.
func madeBy(name string, pairs ...string) *origin.Facts {
	c := part("/metadata/component", "device", pairs...)
	if name != "" {
		c.Manufacturer = sbom.Organization{Pointer: "/metadata/component/manufacturer", Name: name}
	}
	doc := document(c)
	doc.Compositions[0].Dependencies = []string{"/metadata/component"}
	return origin.Read(doc)
}

const makerID = "yurai:party:maker:id"

func TestListed(t *testing.T) {
	byID := []string{"id,name,from,until", "x:kurokami,Kurokami Foundry Co. Ltd.,2026-01-01,2027-06-30", "x:other,Other,,"}
	byName := []string{"name,aliases", "Kurokami Foundry,黒髪半導体株式会社"}
	for _, c := range []struct {
		name    string
		facts   *origin.Facts
		rows    []string
		listed  string // listed
		allowed string // !listed
	}{
		{"by its id", madeBy("Somebody", makerID, "x:kurokami"), byID, "T", "F"},
		{"by an id alone", madeBy("", makerID, "x:kurokami"), byID, "T", "F"},
		{"by a name that a row with an id has", madeBy("KUROKAMI FOUNDRY", makerID, "x:else"), byID, "T", "U"},
		{"by a name that a row without id has", madeBy("Ｋｕｒｏｋａｍｉ　Ｆｏｕｎｄｒｙ, Inc."), byName, "T", "F"},
		{"by another name of it", madeBy("(株)黒髪半導体"), byName, "T", "F"},
		{"not", madeBy("Hoshino Relay", makerID, "x:hoshino"), byID, "F", "T"},
		{"not, of a list without ids", madeBy("Hoshino Relay"), byName, "F", "T"},
		{"a name alone, of a list with ids", madeBy("Hoshino Relay"), byID, "U", "U"},
		{"an id alone", madeBy("", makerID, "x:hoshino"), byID, "U", "U"},
		{"an id alone, of a list without ids", madeBy("", makerID, "x:hoshino"), byName, "U", "U"},
		{"nothing told", madeBy(""), byID, "U", "U"},
		{"a name that cannot be compared", madeBy("!!!", makerID, "x:hoshino"), byID, "U", "U"},
		{"two ids", madeBy("Hoshino Relay", makerID, "x:hoshino", makerID, "x:kurokami"), byID, "T", "U"},
		{"two ids, none listed", madeBy("Hoshino Relay", makerID, "x:hoshino", makerID, "x:hosono"), byID, "U", "U"},
		{"an id that is none", madeBy("Hoshino Relay", makerID, "hoshino"), byID, "U", "U"},
		{"similar", madeBy("Kurokami Foundries", makerID, "x:hoshino"), byID, "U", "U"},
		{"no longer", madeBy("Somebody", makerID, "x:kurokami"), append([]string{"id,name,from,until", "x:kurokami,Kurokami,2020-01-01,2026-12-31"}, byID[2:]...), "F", "T"},
		{"only just no longer, somewhere", madeBy("Somebody", makerID, "x:kurokami"), []string{"id,name,from,until", "x:kurokami,Kurokami,,2027-01-05"}, "T", "U"},
	} {
		p := rules(t, knownInputs, "each: product, when: 'listed(maker(it), input.bad)', outcome: hold, unknown: hold",
			"each: product, when: '!listed(maker(it), input.bad)', outcome: hold, unknown: hold")
		out := p.Evaluate(Evidence{Facts: c.facts, At: noon, Lists: map[string]Reference{"bad": {List: mustList(t, c.rows...), Date: noon}}})
		if got := letter(out.Rules[0].Value) + letter(out.Rules[1].Value); got != c.listed+c.allowed {
			t.Errorf("%s: listed and not listed are %s, want %s%s", c.name, got, c.listed, c.allowed)
		}
	}
}

func TestListsThatAreNotFit(t *testing.T) {
	l := mustList(t, "name", "Kurokami Foundry")
	facts := madeBy("Hoshino Relay")
	for _, c := range []struct {
		name string
		list Reference
		code string
		used int
	}{
		{"fit", Reference{List: l, ID: "x:bad", Date: noon.Add(-48 * time.Hour)}, "", 1},
		{"fit by its input", Reference{List: l, Date: noon}, "", 1},
		{"of tomorrow, somewhere", Reference{List: l, Date: noon.Add(24 * time.Hour)}, "", 1},
		{"none", Reference{}, "POLICY-LIST-ABSENT", 0},
		{"no rows to look in", Reference{ID: "x:bad", Date: noon}, "POLICY-LIST-ABSENT", 0},
		{"another", Reference{List: l, ID: "x:good", Date: noon}, "POLICY-LIST-ABSENT", 0},
		{"old", Reference{List: l, Date: noon.Add(-48*time.Hour - time.Second)}, "POLICY-LIST-STALE", 1},
		{"no date", Reference{List: l}, "POLICY-LIST-STALE", 1},
		{"of a later day", Reference{List: l, Date: noon.Add(25 * time.Hour)}, "POLICY-LIST-STALE", 1},
	} {
		p := rules(t, knownInputs, "each: product, when: 'listed(maker(it), input.bad)', outcome: reject, unknown: hold",
			"each: product, where: {stage: [install]}, when: 'false', outcome: reject, unknown: hold")
		out := p.Evaluate(Evidence{Facts: facts, At: noon, Context: Context{Stage: "tender"}, Lists: map[string]Reference{"bad": c.list}})
		code := ""
		if len(out.Reasons) > 0 {
			code = out.Reasons[0].Code
		}
		if code != c.code || len(out.Lists) != c.used || (code == "") != (out.Verdict == "accept") {
			t.Errorf("%s: %s %q %+v, want %q", c.name, out.Verdict, code, out.Lists, c.code)
		}
	}
	// A rule that does not apply uses no list.
	p := rules(t, knownInputs, "each: product, where: {stage: [install]}, when: 'listed(maker(it), input.bad)', outcome: reject, unknown: hold")
	if out := p.Evaluate(Evidence{Facts: facts, At: noon, Context: Context{Stage: "tender"}, Lists: map[string]Reference{"bad": {List: l, Date: noon}}}); len(out.Lists) != 0 {
		t.Errorf("used %+v", out.Lists)
	}
}

// TestSimilarNamesHold: whatever a rule says of unknown.
func TestSimilarNamesHold(t *testing.T) {
	l := mustList(t, "name", "Kurokami Foundry")
	similar := madeBy("Kurokami Foundries")
	for _, c := range []struct{ rule, verdict, reasons string }{
		{"when: 'listed(maker(it), input.bad)', outcome: note, unknown: note", "hold", "POLICY-NAME-SIMILAR hold"},
		{"when: 'listed(maker(it), input.bad)', outcome: reject, unknown: hold", "hold", "POLICY-NAME-SIMILAR hold"},
		{"when: 'listed(maker(it), input.bad)', outcome: hold, unknown: reject", "reject", "POLICY-NAME-SIMILAR reject"},
		{"when: '!listed(maker(it), input.bad)', outcome: note, unknown: note", "hold", "POLICY-NAME-SIMILAR hold"},
		{"when: 'ctx.sector == \"a\" && listed(maker(it), input.bad)', outcome: note, unknown: note", "hold", "POLICY-NAME-SIMILAR hold"},
		{"when: 'false && listed(maker(it), input.bad)', outcome: note, unknown: note", "accept", ""},
		{"when: '(listed(maker(it), input.bad) && false) || ctx.sector == \"a\"', outcome: note, unknown: note", "accept", "POLICY-RULE-UNKNOWN note"},
		{"when: 'ctx.sector == \"a\" || (false && listed(maker(it), input.bad))', outcome: note, unknown: note", "accept", "POLICY-RULE-UNKNOWN note"},
		{"when: 'true || listed(maker(it), input.bad)', outcome: note, unknown: note", "accept", "POLICY-RULE-HIT note"},
	} {
		p := rules(t, knownInputs, "each: product, "+c.rule)
		out := p.Evaluate(Evidence{Facts: similar, At: noon, Lists: map[string]Reference{"bad": {List: l, Date: noon}}})
		var got []string
		for _, r := range out.Reasons {
			got = append(got, fmt.Sprintf("%s %s", r.Code, r.Outcome))
			if r.Code == "POLICY-NAME-SIMILAR" {
				for _, text := range []string{r.Text.EN, r.Text.JA} {
					score := list.Score(list.Fold("Kurokami Foundries"), list.Fold("Kurokami Foundry"))
					for _, part := range []string{`"Kurokami Foundries"`, `"Kurokami Foundry"`, fmt.Sprint(score), "x:bad"} {
						if !strings.Contains(text, part) {
							t.Errorf("%s: %q lacks %s", c.rule, text, part)
						}
					}
				}
				if r.List != l.DigestString() || len(r.Subjects) != 1 {
					t.Errorf("%s: %+v", c.rule, r)
				}
			}
		}
		if out.Verdict != c.verdict || strings.Join(got, ", ") != c.reasons {
			t.Errorf("%s: %s %q, want %s %q", c.rule, out.Verdict, got, c.verdict, c.reasons)
		}
	}
	// The bound of what is similar is the policy's.
	p := rules(t, strings.Replace(knownInputs, "maxAge: 48h", "fuzzy: 1000", 1), "each: product, when: 'listed(maker(it), input.bad)', outcome: note, unknown: note")
	if out := p.Evaluate(Evidence{Facts: similar, At: noon, Lists: map[string]Reference{"bad": {List: l, Date: noon}}}); out.Verdict != "accept" {
		t.Errorf("fuzzy 1000: %+v", out.Reasons)
	}
	// One reason a rule and outcome: the hit speaks and names the pair.
	doc := &sbom.Document{Components: []sbom.Component{part("/metadata/component", "device"), part("/components/0", "device")}}
	doc.Components[0].Manufacturer = sbom.Organization{Pointer: "/a", Name: "Kurokami Foundry"}
	doc.Components[1].Manufacturer = sbom.Organization{Pointer: "/b", Name: "Kurokami Foundries"}
	p = rules(t, knownInputs, "each: component, when: 'listed(maker(it), input.bad)', outcome: hold, unknown: hold")
	out := p.Evaluate(Evidence{Facts: origin.Read(doc), At: noon, Lists: map[string]Reference{"bad": {List: l, Date: noon}}})
	if len(out.Reasons) != 1 || out.Reasons[0].Code != "POLICY-RULE-HIT" || !strings.Contains(out.Reasons[0].Text.JA, "Kurokami Foundries") || out.Reasons[0].List != l.DigestString() {
		t.Errorf("a hit and a similar name: %+v", out.Reasons)
	}
}

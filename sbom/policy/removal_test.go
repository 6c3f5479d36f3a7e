package policy

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/list"
	"github.com/yurai-ledger/yurai/sbom/origin"
	"github.com/yurai-ledger/yurai/sbom/specimen"
)

// enriched returns a specimen to which is added what specimens do not tell: who
// owns makers, who maintains services and that others are not reached, and what is
// attested of the product; with pointers to everything that tells a fact.
func enriched(t *testing.T, s *specimen.Specimen) (raw []byte, facts []string) {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(s.Raw, &doc); err != nil {
		t.Fatal(err)
	}
	facts = slices.Clone(s.Expected.Facts)
	add := func(pointer, name, value string) {
		at := any(doc)
		for _, step := range strings.Split(pointer[1:], "/") {
			switch x := at.(type) {
			case map[string]any:
				at = x[step]
			case []any:
				var i int
				if _, err := fmt.Sscan(step, &i); err != nil {
					t.Fatal(err)
				}
				at = x[i]
			}
		}
		subject := at.(map[string]any)
		properties, _ := subject["properties"].([]any)
		facts = append(facts, fmt.Sprintf("%s/properties/%d", pointer, len(properties)))
		subject["properties"] = append(properties, map[string]any{"name": name, "value": value})
	}
	for _, c := range s.Expected.Components {
		if c.Maker.Registered != "" {
			add(c.Pointer, "yurai:party:maker:owner", c.Maker.Registered)
		}
	}
	for _, v := range s.Expected.Services {
		if v.Provider.ID != "" {
			add(v.Pointer, "yurai:party:maintainer:id", v.Provider.ID)
		}
		if v.From == "" && !strings.Contains(string(s.Raw), `"value": "`+v.Name) && len(v.Data) > 0 && v.Name != "remote maintenance" && v.Name != "operations desk" {
			add(v.Pointer, "yurai:access:privilege", "none")
		}
	}
	if version, _ := doc["specVersion"].(string); version >= "1.6" {
		doc["declarations"] = map[string]any{
			"assessors":    []any{map[string]any{"bom-ref": "assessor", "thirdParty": true, "organization": map[string]any{"name": "Inspection Body"}}},
			"claims":       []any{map[string]any{"bom-ref": "claim", "target": "c0", "predicate": "in place"}},
			"attestations": []any{map[string]any{"summary": "s", "assessor": "assessor", "map": []any{map[string]any{"requirement": "measure-1", "claims": []any{"claim"}, "conformance": map[string]any{"score": 1}}}}},
		}
		doc["definitions"] = map[string]any{"standards": []any{map[string]any{"bom-ref": "std", "name": "measures", "requirements": []any{map[string]any{"bom-ref": "measure-1", "identifier": "measure-1"}}}}}
		facts = append(facts, "/declarations")
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return raw, facts
}

func mustList(t testing.TB, lines ...string) *list.List {
	t.Helper()
	l, err := list.Parse([]byte(strings.Join(lines, "\n") + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// opened returns the profiles of every maker of a specimen. They go as facts do:
// first what is told of officers and sales is withheld, then there are none.
func opened(s *specimen.Specimen, gone int) []origin.Profile {
	var list []origin.Profile
	roll := func(code string) *origin.Roll {
		return &origin.Roll{Whole: true, Strength: origin.Asserted, Facts: []origin.Fact{{
			Value: origin.Value{Shares: []origin.Share{{Code: code, Percent: 10000}}}, State: origin.Stated, Strength: origin.Asserted,
		}}}
	}
	for _, c := range s.Expected.Components {
		if c.Maker.ID == "" || gone > 14 || slices.ContainsFunc(list, func(p origin.Profile) bool { return p.Party == c.Maker.ID }) {
			continue
		}
		p := origin.Profile{Party: c.Maker.ID, Strength: origin.Asserted, AsOf: noon.AddDate(0, -2, 0), Officers: roll("JP"), Sales: &origin.Roll{Whole: true, Strength: origin.Asserted}}
		if gone > 6 {
			p.Officers, p.AsOf = roll("unknown"), time.Time{}
		}
		list = append(list, p)
	}
	return list
}

// TestRemovingFactsNeverAcceptsInAnyPack takes facts out of specimens of every
// family, in any order, until none is left, under every pack: what holds or is
// rejected, a rule or the whole, never becomes milder than HOLD.
func TestRemovingFactsNeverAcceptsInAnyPack(t *testing.T) {
	accepted, cleared := make(map[string]int), make(map[string]int)
	for f, family := range specimen.Families() {
		for variant := range 4 { // told, told, with a hit, an older version
			r := rand.New(rand.NewPCG(uint64(f), uint64(variant)))
			o := specimen.Options{Family: family, Seed: uint64(10*f + variant), Components: 14, Version: []string{"1.6", "1.7", "1.6", "1.5"}[variant]}
			if variant == 2 {
				o.Elsewhere = []specimen.Place{{Component: 3, Stage: "built", Code: "BV"}, {Component: 2, Stage: "assembled", Code: "BV"}}
				if family == specimen.Historian {
					o.Elsewhere = []specimen.Place{{Component: -1, Service: 2, Stage: "maintained", Code: "BV"}, {Component: -1, Service: 1, Stage: "hosted", Code: "BV"}}
				}
			}
			s := specimen.New(o)
			raw, facts := enriched(t, s)
			rows := []string{"id,name"}
			for _, c := range s.Expected.Components {
				rows = append(rows, c.Maker.ID+","+"Allowed "+strings.ToUpper(c.Name))
			}
			for _, v := range s.Expected.Services {
				rows = append(rows, v.Provider.ID+","+v.Provider.Name)
			}
			slices.Sort(rows[1:])
			rows = slices.Compact(rows)
			others := mustList(t, "id,name", "x:kurokami,Kurokami Foundry")
			if variant == 3 {
				others = mustList(t, "name", s.Expected.Components[4].Maker.Name+"x")
			}
			for _, stage := range []string{"tender", "install"} {
				var policies []*Policy
				var evidence []Evidence
				for _, name := range Packs() {
					p := mustPack(t, name)
					e := Evidence{
						At: noon, Context: Context{Stage: stage, Sector: "electricity"}, Standing: "admitted", Changed: False,
						Lists: make(map[string]Reference), Dates: map[string]time.Time{
							"end-of-support": noon.AddDate(5, 0, 0), "clearance": noon.AddDate(0, 0, -3),
						},
						Advised: func(*origin.Subject, string) origin.Answer { return origin.Answer{Truth: False} },
					}
					for _, in := range p.Inputs {
						switch {
						case in.Type == "codes":
							e.Inputs, _ = p.WithCodes(e.Inputs, in.Name, []string{"BV"})
						case in.Name == "allowed":
							e.Lists[in.Name] = Reference{List: mustList(t, rows...), Date: noon}
						default:
							e.Lists[in.Name] = Reference{List: others, Date: noon}
						}
					}
					policies, evidence = append(policies, p), append(evidence, e)
				}
				left := slices.Clone(facts)
				r.Shuffle(len(left), func(i, j int) { left[i], left[j] = left[j], left[i] })
				held := make([]map[string]bool, len(policies))
				// Few go at first, when a document may still be accepted.
				for gone := 0; ; gone += 1 + gone {
					gone = min(gone, len(left))
					less, err := specimen.Remove(raw, left[:gone]...)
					if err != nil {
						t.Fatal(err)
					}
					doc, findings := sbom.Admit(less, sbom.DefaultLimits)
					if doc == nil {
						t.Fatal(sbom.FirstError(findings))
					}
					read, _ := origin.Read(doc).Profiled(opened(s, gone))
					for i, p := range policies {
						evidence[i].Facts = read
						out := p.Evaluate(evidence[i])
						if held[i] == nil {
							held[i] = make(map[string]bool)
						}
						note := func(what string, holds bool) {
							if !holds && held[i][what] {
								t.Fatalf("%s variant %d at %s, policy %s: %s no longer holds without %q", family, variant, stage, p.ID, what, left[:gone])
							}
							held[i][what] = held[i][what] || holds
						}
						note("verdict", out.Verdict != "accept")
						for _, rule := range out.Rules {
							note(rule.Rule, rule.Outcome.rank() >= Hold.rank())
							if rule.Applies && rule.Value == False {
								cleared[p.ID+" "+rule.Rule]++
							}
						}
						if out.Verdict == "accept" {
							accepted[p.ID]++
						}
					}
					if gone == len(left) {
						break
					}
				}
			}
		}
	}
	for _, name := range Packs() {
		p := mustPack(t, name)
		if accepted[name] == 0 && name != "jp-data-abroad" { // which wants what a third party attests
			t.Errorf("pack %s accepted nothing, so nothing was tested", name)
		}
		for _, r := range p.Rules {
			if cleared[name+" "+r.ID] == 0 && r.Strength < origin.Attested && r.ID != "S01" && len(r.Where.Stage) == 0 {
				t.Errorf("pack %s, rule %s cleared nothing, so nothing was tested", name, r.ID)
			}
		}
	}
}

package policy

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/sbom"
)

// small is a policy of which the tests below change one place each.
const small = `format: yurai-policy/1
id: small
version: 1
title: {en: Small, ja: 小}
notice: {en: A test., ja: 試験。}
verified: false
home: "NO"
inputs:
  codes: {type: codes, required: true, value: [NO]}
rules:
  - id: R1
    title: {en: Made, ja: 製造}
    row: origin
    each: component
    when: made(it, input.codes)
    outcome: hold
    unknown: hold
    because: {en: made there, ja: そこで製造}
`

func TestNorway(t *testing.T) {
	p, err := Parse([]byte(strings.Replace(small, `home: "NO"`, `home: NO`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if p.Home != "NO" || len(p.Inputs) != 1 || len(p.Inputs[0].Value) != 1 || p.Inputs[0].Value[0] != "NO" {
		t.Errorf("home %q, input %q, want the string NO", p.Home, p.Inputs[0].Value)
	}
	set, err := p.Codes(p.Inputs[0].Value)
	if err != nil || set.Holds("NO") != True {
		t.Errorf("NO is not Norway: %v", err)
	}
}

func TestParseRefuses(t *testing.T) {
	change := func(old, changed string) string {
		if !strings.Contains(small, old) {
			panic("the policy of the tests has no " + old)
		}
		return strings.Replace(small, old, changed, 1)
	}
	rule := small[strings.Index(small, "  - id: R1"):]
	for _, c := range []struct {
		name, in, code string
		line           int // 0 is not tested
	}{
		{"empty", "", "POLICY-YAML-DOCUMENTS", 0},
		{"a comment only", "# nothing\n", "POLICY-YAML-DOCUMENTS", 0},
		{"two documents", small + "---\n" + small, "POLICY-YAML-DOCUMENTS", 19},
		{"too large", small + "#" + strings.Repeat("x", maxBytes), "POLICY-YAML-SIZE", 0},
		{"too deep", "format: " + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "\n", "POLICY-YAML-SIZE", 1},
		{"not UTF-8", change("Small", "Sm\xe4ll"), "POLICY-YAML-UTF8", 4},
		{"UTF-16", "\xff\xfef\x00", "POLICY-YAML-UTF8", 1},
		{"a byte order mark", "\xef\xbb\xbf" + small, "POLICY-YAML-UTF8", 1},
		{"a NUL", change("Small", "Sm\x00ll"), "POLICY-YAML-UTF8", 4},
		{"not YAML", change("[NO]", "[NO"), "POLICY-YAML-SYNTAX", 0},
		{"tab as indentation", change("  codes:", "\tcodes:"), "POLICY-YAML-SYNTAX", 0},
		{"an anchor", change("home: \"NO\"", "home: &n \"NO\""), "POLICY-YAML-ANCHOR", 7},
		{"an alias", change("home: \"NO\"", "home: &n NO\nx: *n"), "POLICY-YAML-ANCHOR", 7},
		{"an alias as key", "a: &a b\n*a : c\n", "POLICY-YAML-ANCHOR", 0},
		{"a merge key", change("  codes: {", "  codes: {<<: {type: codes}, "), "POLICY-YAML-MERGE", 9},
		{"a tag", change("home: \"NO\"", "home: !!str NO"), "POLICY-YAML-TAG", 7},
		{"a tag of its own", change("home: \"NO\"", "home: !country NO"), "POLICY-YAML-TAG", 7},
		{"the tag of nothing", change("home: \"NO\"", "home: ! NO"), "POLICY-YAML-TAG", 7},
		{"a tag on a list", change("[NO]", "!!seq [NO]"), "POLICY-YAML-TAG", 9},
		{"a directive", "%TAG !e! tag:example,2000:\n---\n" + small, "POLICY-YAML-TAG", 0},
		{"a key that is no word", change("version: 1", "? [version]\n: 1"), "POLICY-YAML-KEY", 3},
		{"a key twice", change("version: 1", "version: 1\nversion: 2"), "POLICY-KEY-DUPLICATE", 4},
		{"a key twice in a rule", change("    row: origin", "    row: origin\n    row: log"), "POLICY-KEY-DUPLICATE", 14},
		{"a key twice, once quoted", change("version: 1", "version: 1\n\"version\": 2"), "POLICY-KEY-DUPLICATE", 4},
		{"an unknown key", change("version: 1", "version: 1\nauthor: me"), "POLICY-KEY-UNKNOWN", 4},
		{"an unknown key in a rule", change("    row: origin", "    row: origin\n    severity: high"), "POLICY-KEY-UNKNOWN", 14},
		{"an unknown key in a title", change("{en: Small,", "{de: Klein, en: Small,"), "POLICY-KEY-UNKNOWN", 4},
		{"a key in capitals", change("version: 1", "Version: 1"), "POLICY-KEY-UNKNOWN", 3},
		{"no id", change("id: small\n", ""), "POLICY-KEY-MISSING", 1},
		{"no value", change("id: small", "id:"), "POLICY-KEY-MISSING", 2},
		{"no unknown", change("    unknown: hold\n", ""), "POLICY-KEY-MISSING", 11},
		{"no Japanese", change("{en: Small, ja: 小}", "{en: Small}"), "POLICY-KEY-MISSING", 4},
		{"no rules", small[:strings.Index(small, "rules:")], "POLICY-KEY-MISSING", 1},
		{"a list for a word", change("id: small", "id: [small]"), "POLICY-VALUE-KIND", 2},
		{"a word for a list", change("[NO]", "NO"), "POLICY-VALUE-KIND", 9},
		{"a word for a mapping", change("{en: Small, ja: 小}", "Small"), "POLICY-VALUE-KIND", 4},
		{"a list for the whole", "- a\n", "POLICY-VALUE-KIND", 1},
		{"another format", change("yurai-policy/1", "yurai-policy/2"), "POLICY-FORMAT-UNKNOWN", 1},
		{"another format with other fields", change("yurai-policy/1", "yurai-policy/2\nnew: 1"), "POLICY-FORMAT-UNKNOWN", 1},
		{"an id in capitals", change("id: small", "id: Small"), "POLICY-VALUE-INVALID", 2},
		{"version zero", change("version: 1", "version: 0"), "POLICY-VALUE-INVALID", 3},
		{"an octal version", change("version: 1", "version: 01"), "POLICY-VALUE-INVALID", 3},
		{"a version in hexadecimal", change("version: 1", "version: 0x1"), "POLICY-VALUE-INVALID", 3},
		{"yes", change("verified: false", "verified: yes"), "POLICY-VALUE-INVALID", 6},
		{"home is no country", change("home: \"NO\"", "home: XK"), "POLICY-VALUE-INVALID", 7},
		{"a day that is none", change("version: 1", "version: 1\neffective: 2026-02-30"), "POLICY-VALUE-INVALID", 4},
		{"expired before it begins", change("version: 1", "version: 1\neffective: 2026-02-03\nexpires: 2026-02-03"), "POLICY-VALUE-INVALID", 5},
		{"a zone of the machine's", change("version: 1", "version: 1\ntimezone: Local"), "POLICY-TIMEZONE-UNKNOWN", 4},
		{"a zone far away", change("version: 1", "version: 1\ntimezone: \"+15:00\""), "POLICY-TIMEZONE-UNKNOWN", 4},
		{"a freshness without unit", change("version: 1", "version: 1\nfreshness: {note: 24, hold: 168h}"), "POLICY-VALUE-INVALID", 4},
		{"a freshness of none", change("version: 1", "version: 1\nfreshness: {note: 0h, hold: 168h}"), "POLICY-VALUE-INVALID", 4},
		{"a stage that is none", change("version: 1", "version: 1\ndemands: {lunch: document}"), "POLICY-KEY-UNKNOWN", 4},
		{"a scope that is none", change("version: 1", "version: 1\ndemands: {tender: paper}"), "POLICY-VALUE-INVALID", 4},
		{"a source without day", change("version: 1", "version: 1\nsource: [{ref: x}]"), "POLICY-KEY-MISSING", 4},
		{"a code in lower case", change("[NO]", "[no]"), "POLICY-CODE-UNKNOWN", 9},
		{"a code in full width", change("[NO]", "[ＮＯ]"), "POLICY-CODE-UNKNOWN", 9},
		{"a code that is reserved", change("[NO]", "[EU]"), "POLICY-CODE-UNKNOWN", 9},
		{"a code twice", change("[NO]", "[NO, NO]"), "POLICY-VALUE-INVALID", 9},
		{"a group of no country", change("inputs:", "groups: {NO: [XX]}\ninputs:"), "POLICY-CODE-UNKNOWN", 8},
		{"a group with no name", change("inputs:", "groups: {Nordic: [NO]}\ninputs:"), "POLICY-VALUE-INVALID", 8},
		{"a group of groups", change("inputs:", "groups: {nordic: [NO], north: [nordic]}\ninputs:"), "POLICY-CODE-UNKNOWN", 8},
		{"an input of no type", change("type: codes,", "type: country,"), "POLICY-VALUE-INVALID", 9},
		{"an input with another's field", change("type: codes,", "type: codes, fuzzy: 900,"), "POLICY-KEY-UNKNOWN", 9},
		{"a list without id", change("{type: codes, required: true, value: [NO]}", "{type: list}"), "POLICY-KEY-MISSING", 9},
		{"a list with codes", change("{type: codes, required: true, value: [NO]}", "{type: list, list: \"x:a\", value: [NO]}"), "POLICY-KEY-UNKNOWN", 9},
		{"critical of no type", change("rules:", "critical: {except: {types: [gadget]}}\nrules:"), "POLICY-VALUE-INVALID", 10},
		{"critical without except", change("rules:", "critical: {}\nrules:"), "POLICY-KEY-MISSING", 10},
		{"no rule", change(rule, ""), "POLICY-KEY-MISSING", 10},
		{"an empty list of rules", change("rules:\n"+rule, "rules: []\n"), "POLICY-VALUE-INVALID", 10},
		{"two rules of one name", small + rule, "POLICY-RULE-DUPLICATE", 19},
		{"a rule called verdict", change("id: R1", "id: verdict"), "POLICY-VALUE-INVALID", 11},
		{"a row that is none", change("row: origin", "row: price"), "POLICY-VALUE-INVALID", 13},
		{"each of nothing", change("each: component", "each: thing"), "POLICY-VALUE-INVALID", 14},
		{"made of a service", change("each: component", "each: service"), "POLICY-CEL-INVALID", 15},
		{"made of a party", change("each: component", "each: party"), "POLICY-CEL-INVALID", 15},
		{"made of a unit", change("each: component", "each: unit"), "POLICY-CEL-INVALID", 15},
		{"the provider of a component", change("made(it, input.codes)", "registered(provider(it), input.codes)"), "POLICY-CEL-INVALID", 15},
		{"listed on codes", change("made(it, input.codes)", "listed(maker(it), input.codes)"), "POLICY-CEL-INVALID", 15},
		{"a field of a party", change("made(it, input.codes)", "maker(it).name == 'x'"), "POLICY-CEL-INVALID", 15},
		{"a unit's fact of a component", change("made(it, input.codes)", "observed(it, 'serial')"), "POLICY-CEL-INVALID", 15},
		{"the evidence by its name", change("made(it, input.codes)", "'@evidence == @evidence'"), "POLICY-CEL-INVALID", 15},
		{"a party among others", change("made(it, input.codes)", "maker(it) in [seller(it)]"), "POLICY-CEL-TYPE", 15},
		{"parties in a row", change("made(it, input.codes)", "'[maker(it)] == [seller(it)]'"), "POLICY-CEL-TYPE", 15},
		{"anything that is the same", change("made(it, input.codes)", "dyn(maker(it)) == dyn(seller(it))"), "POLICY-CEL-TYPE", 15},
		{"parties in a map", change("made(it, input.codes)", "\"{'a': maker(it)} != {'a': seller(it)}\""), "POLICY-CEL-TYPE", 15},
		{"types", change("made(it, input.codes)", "type(it) == type(product)"), "POLICY-CEL-TYPE", 15},
		{"a stage in an expression", change("made(it, input.codes)", "at_stage(it, 'painted', input.codes)"), "POLICY-WORD-UNKNOWN", 15},
		{"a stage abroad", change("made(it, input.codes)", "abroad(it, 'Hosted')"), "POLICY-WORD-UNKNOWN", 15},
		{"a stage of a share", change("made(it, input.codes)", "unknown_per_mille('') > 1"), "POLICY-WORD-UNKNOWN", 15},
		{"a severity", change("made(it, input.codes)", "advised(it, 'critical')"), "POLICY-WORD-UNKNOWN", 15},
		{"a date", change("made(it, input.codes)", "days_since(it, 'yesterday') > 1"), "POLICY-WORD-UNKNOWN", 15},
		{"a standing", change("made(it, input.codes)", "status(product) == 'withdrawed'"), "POLICY-WORD-UNKNOWN", 15},
		{"a standing, the other way round", change("made(it, input.codes)", "\"'fine' != status(it)\""), "POLICY-WORD-UNKNOWN", 15},
		{"a standing among others", change("made(it, input.codes)", "status(it) in ['void', 'revoked']"), "POLICY-WORD-UNKNOWN", 15},
		{"a code of registration", change("made(it, input.codes)", "registered(maker(it), ['UK'])"), "POLICY-CODE-UNKNOWN", 15},
		{"a code of a stage", change("made(it, input.codes)", "at_stage(it, 'built', ['no'])"), "POLICY-CODE-UNKNOWN", 15},
		{"an outcome that is none", change("outcome: hold", "outcome: accept"), "POLICY-VALUE-INVALID", 16},
		{"unknown that passes", change("unknown: hold", "unknown: pass"), "POLICY-VALUE-INVALID", 17},
		{"a strength that is none", change("    outcome", "    strength: strong\n    outcome"), "POLICY-VALUE-INVALID", 16},
		{"a where that is none", change("    outcome", "    where: {size: [big]}\n    outcome"), "POLICY-KEY-UNKNOWN", 16},
		{"a stage in where that is none", change("    outcome", "    where: {stage: [lunch]}\n    outcome"), "POLICY-VALUE-INVALID", 16},
		{"no expression", change("made(it, input.codes)", "made(it,"), "POLICY-CEL-INVALID", 15},
		{"a variable that is none", change("made(it, input.codes)", "made(that, input.codes)"), "POLICY-CEL-INVALID", 15},
		{"an input that is none", change("input.codes", "input.code"), "POLICY-CEL-INVALID", 15},
		{"an input by another way", change("made(it, input.codes)", "made(it, input['codes'])"), "POLICY-CEL-INVALID", 15},
		{"a context that is none", change("made(it, input.codes)", "ctx.weather == 'rain'"), "POLICY-CEL-INVALID", 15},
		{"a field of a component", change("made(it, input.codes)", "it.name == 'x'"), "POLICY-CEL-INVALID", 15},
		{"has of a field of a component", change("made(it, input.codes)", "has(it.name)"), "POLICY-CEL-INVALID", 15},
		{"a function that is none", change("made(it, input.codes)", "cheap(it)"), "POLICY-CEL-INVALID", 15},
		{"made of the wrong kind", change("made(it, input.codes)", "made(input.codes, it)"), "POLICY-CEL-INVALID", 15},
		{"made of a delivery", change("each: component", "each: delivery"), "POLICY-CEL-INVALID", 15},
		{"a component made up", change("made(it, input.codes)", "yurai.Component{} == it"), "POLICY-CEL-INVALID", 0},
		{"the macro map", change("made(it, input.codes)", "\"[1].map(x, x == 1).exists(y, y)\""), "POLICY-CEL-INVALID", 15},
		{"the macro filter", change("made(it, input.codes)", "\"[1].filter(x, x == 1).exists(y, y == 1)\""), "POLICY-CEL-INVALID", 15},
		{"the macro exists_one", change("made(it, input.codes)", "\"[1].exists_one(x, x == 1)\""), "POLICY-CEL-INVALID", 15},
		{"no truth", change("made(it, input.codes)", "size(input.codes)"), "POLICY-CEL-TYPE", 15},
		{"anything", change("made(it, input.codes)", "dyn(true)"), "POLICY-CEL-TYPE", 15},
		{"too long", change("made(it, input.codes)", strings.Repeat("true && ", 1000)+"true"), "POLICY-CEL-SIZE", 15},
		{"too deep an expression", change("made(it, input.codes)", strings.Repeat("(", 300)+"true"+strings.Repeat(")", 300)), "POLICY-CEL-INVALID", 15},
		{"a code in an expression", change("made(it, input.codes)", "made(it, [\"no\"])"), "POLICY-CODE-UNKNOWN", 15},
		{"a test that expects nothing", small + test("expect: {}"), "POLICY-TEST-INVALID", 20},
		{"a test of a rule that is none", small + test("expect: {R9: unknown}"), "POLICY-TEST-INVALID", 20},
		{"a test of an input that is none", small + test("input: {lists: [NO]}, expect: {R1: unknown}"), "POLICY-TEST-INVALID", 20},
		{"a test of a value that is none", small + test("expect: {R1: maybe}"), "POLICY-VALUE-INVALID", 20},
		{"a test of a verdict that is none", small + test("expect: {verdict: pass}"), "POLICY-VALUE-INVALID", 20},
		{"a test without expectation", small + test("context: {stage: tender}"), "POLICY-KEY-MISSING", 20},
		{"a test at no time", strings.Replace(small+test("expect: {R1: unknown}"), "2027-01-05T00:00:00Z", "2027-01-05", 1), "POLICY-VALUE-INVALID", 20},
		{"a test of a file elsewhere", strings.Replace(small+test("expect: {R1: unknown}"), "a.json", "../../etc/passwd", 1), "POLICY-VALUE-INVALID", 20},
	} {
		_, err := Parse([]byte(c.in))
		var r *Refusal
		if !errors.As(err, &r) {
			t.Errorf("%s: %v, want a refusal with %s", c.name, err, c.code)
			continue
		}
		if r.Code() != c.code || c.line != 0 && r.Line != c.line {
			t.Errorf("%s: %s at line %d (%v), want %s at line %d", c.name, r.Code(), r.Line, r, c.code, c.line)
		}
		if c.line != 0 && r.Column < 1 {
			t.Errorf("%s: no column (%v)", c.name, r)
		}
		var plain *sbom.Refusal
		if !errors.As(err, &plain) || plain.Code() != r.Code() {
			t.Errorf("%s: is no refusal of package sbom", c.name)
		}
	}
}

func test(fields string) string {
	return "tests:\n  - {name: t, at: \"2027-01-05T00:00:00Z\", bom: a.json, " + fields + "}\n"
}

func TestParse(t *testing.T) {
	raw, err := os.ReadFile("testdata/parse/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	if p.ID != "full" || p.Version != 3 || !p.Verified || p.Home != "JP" || len(p.Sources) != 1 || p.Sources[0].Read != "2026-11-22" {
		t.Errorf("head = %+v", p)
	}
	if got, want := p.Effective.UTC(), time.Date(2026, 11, 30, 15, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("effective = %s, want %s", got, want)
	}
	if got, want := p.Freshness, (Freshness{Note: 12 * time.Hour, Hold: 90 * time.Minute}); got != want {
		t.Errorf("freshness = %v, want %v", got, want)
	}
	if scope, ok := p.Demand("install"); !ok || scope != Machine {
		t.Errorf("install demands %s, %t", scope, ok)
	}
	if _, ok := p.Demand("recheck"); ok {
		t.Error("recheck demands something")
	}
	if in := p.Inputs[1]; in.Name != "designated" || in.Type != "list" || in.MaxAge != 2160*time.Hour || in.Fuzzy != 920 {
		t.Errorf("list = %+v", in)
	}
	if r := p.Rules[0]; !r.Where.Critical || r.Where.Stage[0] != "tender" || r.Strength.String() != "attested" || !r.Waivable || r.Basis == "" {
		t.Errorf("rule = %+v", r)
	}
	if len(p.Tests) != 1 || p.Tests[0].Context.Sector != "power" {
		t.Errorf("tests = %+v", p.Tests)
	}
	set, err := p.Codes([]string{"CN", "nordic"})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(set.List()); got != "[CN HK MO NO SE]" {
		t.Errorf("folded = %s", got)
	}
	if p.DigestString()[:7] != "sha256:" || len(p.DigestString()) != 71 {
		t.Errorf("digest = %s", p.DigestString())
	}
	again, err := Parse(append([]byte("# a comment is part of the bytes\n"), raw...))
	if err != nil || again.Digest == p.Digest {
		t.Errorf("two texts have one digest (%v)", err)
	}
}

func FuzzParse(f *testing.F) {
	names, err := filepath.Glob("testdata/parse/*")
	if err != nil {
		f.Fatal(err)
	}
	if len(names) == 0 {
		f.Fatal("testdata/parse holds no seeds")
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	for _, name := range Packs() {
		raw, _ := Pack(name)
		f.Add(raw)
	}
	facts := randomFacts(f, 1)
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := Parse(raw)
		if err != nil {
			var r *Refusal
			if !errors.As(err, &r) || r.Code() == "" {
				t.Fatalf("%v is no refusal with a code", err)
			}
			return
		}
		if len(p.Rules) == 0 {
			t.Fatal("a policy without rules")
		}
		// Whatever parses can be run.
		p.Evaluate(Evidence{Facts: facts})
	})
}

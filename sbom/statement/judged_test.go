package statement

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Each rule of the kinds policy, verdict, decision and profile is broken alone, in
// a body that keeps all others.
func TestJudgedRulesAlone(t *testing.T) {
	const invalid = "STATEMENT-MEMBER-INVALID"
	zero := Digest{}
	no := func(name, code string, err error) {
		t.Helper()
		var coded interface{ Code() string }
		if !errors.As(err, &coded) || coded.Code() != code {
			t.Errorf("%s: %v, want %s", name, err, code)
		}
	}
	for name, change := range map[string]func(*Policy){
		"no digest": func(p *Policy) { p.Digest = zero }, "an id in capitals": func(p *Policy) { p.ID = "JP" }, "version 0": func(p *Policy) { p.Version = 0 },
		"a version too large": func(p *Policy) { p.Version = maxInteger + 1 }, "no bytes": func(p *Policy) { p.Size = 0 }, "bytes too many": func(p *Policy) { p.Size = maxInteger + 1 },
		"no type": func(p *Policy) { p.MediaType = "yaml" }, "half a type": func(p *Policy) { p.MediaType = "application/" },
	} {
		p := policy()
		change(&p)
		_, err := NewPolicy(p)
		no("policy: "+name, invalid, err)
	}
	line := "two\nlines"
	for name, c := range map[string]struct {
		change func(*Verdict)
		code   string
	}{
		"no digest": {func(v *Verdict) { v.Digest = zero }, invalid}, "another word": {func(v *Verdict) { v.Verdict = told("waived") }, invalid},
		"another scope": {func(v *Verdict) { v.Scope = told("papers") }, invalid}, "another stage": {func(v *Verdict) { v.Stage = told("later") }, invalid},
		"a day": {func(v *Verdict) { v.At = told("2026-11-22") }, "STATEMENT-TIME-MALFORMED"}, "no file's digest": {func(v *Verdict) { v.File = told("sha1:00") }, "STATEMENT-DIGEST-MALFORMED"},
		"a silent entry": {func(v *Verdict) { v.Entry = &VerdictEntry{} }, invalid}, "a silent policy": {func(v *Verdict) { v.Policy = &VerdictPolicy{} }, invalid},
		"a silent context": {func(v *Verdict) { v.Context = &VerdictContext{} }, invalid}, "no log": {func(v *Verdict) { v.Entry.Log = told("http://x") }, "STATEMENT-ORIGIN-MALFORMED"},
		"an index with a zero": {func(v *Verdict) { v.Entry.Index = told("00") }, invalid}, "a policy's id in capitals": {func(v *Verdict) { v.Policy.ID = told("JP") }, invalid},
		"a policy's version in words": {func(v *Verdict) { v.Policy.Version = told("three") }, invalid}, "no policy's digest": {func(v *Verdict) { v.Policy.SHA256 = told("sha256:00") }, "STATEMENT-DIGEST-MALFORMED"},
		"sector": {func(v *Verdict) { v.Context.Sector = told(line) }, invalid}, "facility": {func(v *Verdict) { v.Context.Facility = told(line) }, invalid},
		"asset": {func(v *Verdict) { v.Context.Asset = told(line) }, invalid}, "operator": {func(v *Verdict) { v.Context.Operator = told(line) }, invalid},
		"told and committed to": {func(v *Verdict) { v.Verdict.Commit = digestOf("x") }, invalid},
	} {
		v := verdict()
		c.change(&v)
		_, err := NewVerdict(v)
		no("verdict: "+name, c.code, err)
	}
	for name, change := range map[string]func(*Decision){
		"no verdict": func(d *Decision) { d.Verdict = zero }, "another word": func(d *Decision) { d.What = "accept" }, "no reason": func(d *Decision) { d.Reason = Field{} },
		"a reason with a bell": func(d *Decision) { d.Reason = told("\a") }, "a reason too long": func(d *Decision) { d.Reason = told(strings.Repeat("a", MaxNote+1)) },
		"no rules": func(d *Decision) { d.Rules = nil }, "no end": func(d *Decision) { d.Until = time.Time{} },
		"over when it is made": func(d *Decision) { d.Until = d.Made }, "a rule that is none": func(d *Decision) { d.Rules = []string{"C01", "R 04"} },
		"a rule too long":  func(d *Decision) { d.Rules = []string{strings.Repeat("R", 33)} },
		"rules of another": func(d *Decision) { d.What = DecideReturn }, "an index below 0": func(d *Decision) { d.Position = &Position{Log: origin, Index: -1} },
	} {
		d := waiver()
		change(&d)
		_, err := NewDecision(d)
		no("decision: "+name, invalid, err)
	}
	hide := Field{Commit: digestOf("x")}
	for name, change := range map[string]func(*Profile){
		"no day": func(p *Profile) { p.AsOf = "2026-13-01" }, "a day with a time": func(p *Profile) { p.AsOf = "2026-10-01T00:00:00Z" }, "a day of the year 0": func(p *Profile) { p.AsOf = "0000-01-01" },
		"nothing": func(p *Profile) { *p = Profile{Head: p.Head, AsOf: p.AsOf} }, "a silent list": func(p *Profile) { p.Sales = &Rows[Sale]{} },
		"too many rows": func(p *Profile) { p.Sales.List = make([]Sale, MaxList+1); fill(p.Sales.List) },
		"incorporated":  func(p *Profile) { p.Incorporated = told("Japan") }, "a holder's name": func(p *Profile) { p.Holders.List[0].Name = told(line) },
		"a holder's country": func(p *Profile) { p.Holders.List[0].Country = told("jp") }, "a holder of nowhere": func(p *Profile) { p.Holders.List[0].Country = Field{} },
		"a subdivision": func(p *Profile) { p.Holders.List[0].Country = told("US-") }, "a long subdivision": func(p *Profile) { p.Holders.List[0].Country = told("US-ABCD") },
		"a small subdivision": func(p *Profile) { p.Holders.List[0].Country = told("US-ca") }, "letters of another script": func(p *Profile) { p.Incorporated = told("é") },
		"an officer's nationality": func(p *Profile) { p.Officers.List[0].Nationality = told("Japanese") }, "no nationality": func(p *Profile) { p.Officers.List[0].Nationality = Field{} },
		"a sale's country": func(p *Profile) { p.Sales.List[0].Country = told("B") }, "a sale to nobody": func(p *Profile) { p.Sales.List[0].Country = Field{} },
		"a plant's country": func(p *Profile) { p.Plants.List[0].Country = told("J1") }, "a plant nowhere": func(p *Profile) { p.Plants.List[0].Country = Field{} },
		"a plant's name": func(p *Profile) { p.Plants.List[0].Name = told(line) }, "a plant's address": func(p *Profile) { p.Plants.List[0].Address = told(line) },
		"year 0999": func(p *Profile) { p.Sales.List[0].Year = told("0999") }, "a year in words": func(p *Profile) { p.Sales.List[0].Year = told("this") }, "a long year": func(p *Profile) { p.Sales.List[0].Year = told("20255") },
		"a country told and committed to": func(p *Profile) { p.Holders.List[0].Country = Field{"JP", hide.Commit} },
	} {
		p := profile(t)
		change(&p)
		_, err := NewProfile(p)
		no("profile: "+name, invalid, err)
	}
	for _, share := range []string{"0", "101", "999", "100.5", "05", "00.5", "5.50", "5.125", "5.", ".5", "-5", "5%", "1e1", "1000", "5,5", "٥"} {
		p := profile(t)
		p.Holders.List[0].Share = told(share)
		_, err := NewProfile(p)
		no("a share of "+strconv.Quote(share), invalid, err)
		p = profile(t)
		p.Sales.List[0].Share = told(share)
		_, err = NewProfile(p)
		no("a sale of "+strconv.Quote(share), invalid, err)
	}
	for _, share := range []string{"100", "0.01", "0.5", "5", "62.5", "99.99"} {
		p := profile(t)
		p.Holders.List[0].Share = told(share)
		if _, err := NewProfile(p); err != nil {
			t.Errorf("a share of %s: %v", share, err)
		}
	}
	// What may only be committed to is judged while it can still be seen.
	for name, o := range map[string]Officer{
		"a name in two lines": {told(line), Field{}, told("JP")}, "no day of birth": {Field{}, told("1970"), told("JP")}, "born on no day": {Field{}, told("1970-02-30"), told("JP")},
	} {
		_, err := Hide(&Profile{Officers: &Rows[Officer]{List: []Officer{o}}}, func(string) bool { return false }, nil)
		no("officer: "+name, invalid, err)
	}
	var f Field
	no("a commitment to nothing", invalid, f.UnmarshalJSON([]byte(`{}`)))
}

func fill(list []Sale) {
	for i := range list {
		list[i].Country = told("BV")
	}
}

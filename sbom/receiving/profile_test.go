package receiving_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/policy"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// named is bill with the id of its maker.
var named = strings.Replace(bill, `"properties": [{"name": "yurai:origin:assembled", "value": "JP"}, {"value": "JP"`,
	`"properties": [{"name": "yurai:party:maker:id", "value": "`+competitor+`"}, {"name": "yurai:origin:assembled", "value": "JP"}, {"value": "JP"`, 1)

// ownership is what the rival says of itself.
func ownership() statement.Profile {
	told := func(s string) statement.Field { return statement.Field{Text: s} }
	return statement.Profile{
		Head: by(competitor), AsOf: "2026-10-01", Incorporated: told("JP"),
		Holders:  &statement.Rows[statement.Holder]{Whole: true, List: []statement.Holder{{Name: told("Holdings"), Country: told("JP"), Share: told("100")}}},
		Officers: &statement.Rows[statement.Officer]{Whole: true, List: []statement.Officer{{Name: told("Hanako"), Nationality: told("JP")}}},
		Sales:    &statement.Rows[statement.Sale]{Whole: true},
		Plants:   &statement.Rows[statement.Plant]{List: []statement.Plant{{Country: told("JP")}}},
	}
}

// publish logs a profile of the rival's and returns its entry and what opens it.
// Everything is committed to.
func (c *changing) publish(prev int64, change func(*statement.Profile)) (int64, *statement.Openings) {
	c.t.Helper()
	p := ownership()
	if prev >= 0 {
		p.Prev = c.prev(prev)
	}
	if change != nil {
		change(&p)
	}
	list, err := statement.Hide(&p, func(string) bool { return true }, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	at := c.log(c.must(statement.NewProfile(p)), c.rival)
	return at, &statement.Openings{Kind: statement.KindProfile, Leaf: statement.Digest(ledger.LeafHash(c.leaves[at])), List: list}
}

// owners is a policy that asks what only profiles tell.
func owners(t testing.TB) *policy.Policy {
	t.Helper()
	rule := func(id, each, when string) string {
		return fmt.Sprintf("  - {id: %s, title: {en: t, ja: t}, row: origin, each: %s, when: '%s', outcome: hold, unknown: hold, waivable: true, because: {en: b, ja: b}}\n", id, each, when)
	}
	p, err := policy.Parse([]byte("format: yurai-policy/1\nid: owners\nversion: 3\ntitle: {en: t, ja: t}\nnotice: {en: n, ja: n}\nverified: false\nhome: \"JP\"\ndemands: {tender: document, receipt: unit, install: observed, recheck: unit}\nrules:\n" +
		rule("REG", "product", `registered(maker(it), ["BV"])`) +
		rule("OWN", "product", `owned(maker(it), ["BV"])`) +
		rule("LED", "product", `led(maker(it), ["BV"])`) +
		rule("SELL", "product", `sells_to(maker(it), ["BV"])`) +
		rule("AGE", "product", `days_since(maker(it), "profile") > 365`) +
		rule("OLD", "delivery", `days_since(it, "profile") > 365`)))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// said returns what came of the rules: T, F or U each, in their order.
func said(v *receiving.Verdict) string {
	out := ""
	for _, id := range []string{"REG", "OWN", "LED", "SELL", "AGE", "OLD"} {
		letter := "F"
		for _, r := range v.Reasons {
			if r.Rule != nil && *r.Rule == id {
				letter = map[string]string{"true": "T", "unknown": "U"}[r.Value]
			}
		}
		out += letter
	}
	return out
}

func codesOf(v *receiving.Verdict) string {
	var codes []string
	for _, r := range v.Reasons {
		if strings.HasPrefix(r.Code, "VERDICT-PROFILE-") || strings.HasPrefix(r.Code, "VERDICT-POLICY-") && r.Code != "VERDICT-POLICY-STARTER" {
			codes = append(codes, r.Code+"="+r.Outcome)
		}
	}
	slices.Sort(codes)
	return strings.Join(codes, " ")
}

// TestProfileFacts: what a profile tells, and what opens it, answers the rules; what
// nobody opens is withheld.
func TestProfileFacts(t *testing.T) {
	telling := func(old, now string) string { return strings.Replace(named, old, now, 1) }
	const id = `{"name": "yurai:party:maker:id", "value": "` + competitor + `"}`
	for name, tt := range map[string]struct {
		bill   string
		change func(*statement.Profile)
		opens  func(pointer string) bool // nil opens all
		want   string
		codes  string
	}{
		"all opened":     {want: "FFFFFF"},
		"nothing opened": {opens: func(string) bool { return false }, want: "UUUFFF", codes: "VERDICT-PROFILE-WITHHELD=note"},
		"holders withheld": {
			opens: func(p string) bool { return !strings.HasPrefix(p, "/holders") },
			want:  "FUFFFF", codes: "VERDICT-PROFILE-WITHHELD=note",
		},
		"names withheld":          {opens: func(p string) bool { return !strings.HasSuffix(p, "/name") }, want: "FFFFFF"},
		"a share withheld":        {opens: func(p string) bool { return !strings.HasSuffix(p, "/share") }, want: "FUFFFF", codes: "VERDICT-PROFILE-WITHHELD=note"},
		"silent of officers":      {change: func(p *statement.Profile) { p.Officers = nil }, want: "FFUFFF"},
		"officers not all":        {change: func(p *statement.Profile) { p.Officers.Whole = false }, want: "FFUFFF"},
		"an officer of concern":   {change: func(p *statement.Profile) { p.Officers.List[0].Nationality.Text = "BV" }, want: "FFTFFF"},
		"sales of concern":        {change: func(p *statement.Profile) { p.Sales.List = []statement.Sale{{Country: statement.Field{Text: "BV"}}} }, want: "FFFTFF"},
		"registered there":        {change: func(p *statement.Profile) { p.Incorporated.Text = "BV" }, want: "TFFFFF"},
		"a small holder there":    {change: holdersOf("JP", "95", "BV", "5"), want: "FTFFFF"},
		"holders not to 100":      {change: holdersOf("JP", "62.5", "", ""), want: "FUFFFF"},
		"holders over 100":        {change: holdersOf("JP", "80", "NO", "30"), want: "FUFFFF"},
		"a holder without share":  {change: holdersOf("BV", "", "", ""), want: "FTFFFF"},
		"no holder to be named":   {change: func(p *statement.Profile) { p.Holders.List = nil }, want: "FUFFFF"},
		"a country that is none":  {change: func(p *statement.Profile) { p.Incorporated.Text = "XQ" }, want: "UFFFFF"},
		"an old profile":          {change: func(p *statement.Profile) { p.AsOf = "2025-10-01" }, want: "FFFFTT"},
		"of a day that will come": {change: func(p *statement.Profile) { p.AsOf = "2027-10-01" }, want: "FFFFUU"},
		"the BOM agrees": {
			bill: telling(id, id+`, {"name": "yurai:party:maker:owner", "value": "JP"}, {"name": "yurai:party:maker:registered", "value": "JP"}`),
			want: "FFFFFF",
		},
		"the BOM says otherwise": {
			bill: telling(id, id+`, {"name": "yurai:party:maker:owner", "value": "NO"}, {"name": "yurai:party:maker:registered", "value": "NO"}`),
			want: "UUFFFF", codes: "VERDICT-PROFILE-CONTRADICTED=note",
		},
		"the BOM clears what is withheld": {
			bill:  telling(id, id+`, {"name": "yurai:party:maker:owner", "value": "JP"}, {"name": "yurai:party:maker:registered", "value": "JP"}`),
			opens: func(string) bool { return false }, want: "UUUFFF", codes: "VERDICT-PROFILE-WITHHELD=note",
		},
		"the BOM names it by name alone": {
			bill: telling(id+", ", ""), want: "UUUUUU", codes: "VERDICT-PROFILE-UNUSED=note",
		},
		"the BOM names another id": {
			bill: telling(competitor, "x:rival-2"), want: "UUUUUU", codes: "VERDICT-PROFILE-UNUSED=note",
		},
		"the BOM names two ids": {
			bill: telling(id, id+`, {"name": "yurai:party:maker:id", "value": "x:other"}`), want: "UUUUUU",
		},
		"two ids and it accuses": {
			bill:   telling(id, id+`, {"name": "yurai:party:maker:id", "value": "x:other"}`),
			change: func(p *statement.Profile) { p.Incorporated.Text = "BV" }, want: "TUUUUU",
		},
		"its owner's profile": {
			bill:   telling(`:maker:id", "value": "`+competitor, `:maker:owner", "value": "`+competitor),
			change: func(p *statement.Profile) { p.Holders.List[0].Country.Text = "BV" }, want: "UTUUUU",
		},
		"a share of its owner's": {
			bill:   telling(`:maker:id", "value": "`+competitor, `:maker:owner", "value": "JP@`+competitor),
			change: func(p *statement.Profile) { p.Incorporated.Text = "BV" }, want: "UTUUUU",
		},
		"its owner's clears nothing": {
			bill: telling(`:maker:id", "value": "`+competitor, `:maker:owner", "value": "`+competitor), want: "UUUUUU",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.bill == "" {
				tt.bill = named
			}
			c := newChanging(t, tt.bill)
			at, o := c.publish(-1, tt.change)
			if tt.opens != nil {
				o.List = slices.DeleteFunc(o.List, func(x statement.Opening) bool { return !tt.opens(x.Pointer) })
			}
			var openings []*statement.Openings
			if len(o.List) > 0 {
				openings = append(openings, o)
			}
			profiles, err := receiving.OpenProfiles([]*receiving.Bundle{c.whole(at)}, openings, c.trust)
			if err != nil {
				t.Fatal(err)
			}
			v := c.check(tt.bill, c.whole(c.bom5), func(r *receiving.Request) { r.Policy, r.Profiles = owners(t), profiles })
			if got := said(v); got != tt.want || codesOf(v) != tt.codes {
				t.Errorf("%s %q, want %s %q", got, codesOf(v), tt.want, tt.codes)
			}
			if hold := strings.ContainsAny(tt.want, "TU"); hold != (v.Verdict == receiving.Hold) || v.Exit == receiving.ExitStale {
				t.Errorf("%s, exit %d: %s", v.Verdict, v.Exit, grave(v))
			}
			if len(v.Profiles) != 1 || v.Profiles[0].Party != competitor || len(v.Profiles[0].Opened) != len(o.List) {
				t.Errorf("%+v", v.Profiles)
			}
		})
	}
}

// holdersOf makes one or two holders.
func holdersOf(pairs ...string) func(*statement.Profile) {
	return func(p *statement.Profile) {
		p.Holders.List = nil
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] != "" {
				p.Holders.List = append(p.Holders.List, statement.Holder{Country: statement.Field{Text: pairs[i]}, Share: statement.Field{Text: pairs[i+1]}})
			}
		}
	}
}

// TestProfileStanding: a profile that does not stand, or is not shown to be the
// newest as of the file, is no fact, and is named; one that is left out is unknown.
func TestProfileStanding(t *testing.T) {
	for name, tt := range map[string]struct {
		history func(c *changing, at int64)
		bundle  func(c *changing, at int64, b *receiving.Bundle)
		before  bool // the profile is proven before the history goes on
		at      time.Time
		want    string
		codes   string
		exit    int
	}{
		"it stands":          {want: "FFFFFF"},
		"it stands, renewed": {history: func(c *changing, _ int64) { c.enrol("x:newcomer", signer(c.t, 71)) }, want: "FFFFFF"},
		"superseded": {
			history: func(c *changing, at int64) { c.publish(at, nil) },
			want:    "UUUUUU", codes: "VERDICT-PROFILE-SUPERSEDED=hold", exit: receiving.ExitHold,
		},
		"a thief's comes after it": {
			history: func(c *changing, at int64) {
				c.publish(at, nil)
				c.revoke(statement.Registrar, competitor, c.rival, at+1, c.registrar)
			},
			want: "FFFFFF",
		},
		"void": {
			history: func(c *changing, at int64) { c.revoke(statement.Registrar, competitor, c.rival, at, c.registrar) },
			want:    "UUUUUU", codes: "VERDICT-PROFILE-VOID=hold", exit: receiving.ExitHold,
		},
		"its key revoked later": {
			history: func(c *changing, at int64) { c.revoke(statement.Registrar, competitor, c.rival, at+1, c.registrar) },
			want:    "FFFFFF",
		},
		"suspended": {
			history: func(c *changing, _ int64) {
				c.log(c.must(statement.NewSuspend(statement.Suspend{Head: by(regulator), About: competitor, Reason: "r"})), c.regulator)
			},
			want: "UUUUUU", codes: "VERDICT-PROFILE-SUSPENDED=hold", exit: receiving.ExitHold,
		},
		"no status": {
			bundle: func(_ *changing, _ int64, b *receiving.Bundle) { b.Status = nil },
			want:   "UUUUUU", codes: "VERDICT-PROFILE-UNPROVEN=hold", exit: receiving.ExitStale,
		},
		"a status of another party": {
			bundle: func(c *changing, at int64, b *receiving.Bundle) {
				b.Status = c.status(at, []int64{2, at}, func(s *statement.Status) { s.About = vendor })
			},
			want: "UUUUUU", codes: "VERDICT-PROFILE-UNPROVEN=hold", exit: receiving.ExitStale,
		},
		"a status from the future": {
			bundle: func(c *changing, at int64, b *receiving.Bundle) {
				b.Status = c.status(at, []int64{at}, func(s *statement.Status) { s.Made = now.Add(time.Hour) })
			},
			want: "UUUUUU", codes: "VERDICT-PROFILE-UNPROVEN=hold", exit: receiving.ExitStale,
		},
		"a stale status": {
			at: now.AddDate(0, 1, 0), want: "UUUUUU", codes: "VERDICT-PROFILE-UNPROVEN=hold", exit: receiving.ExitStale,
		},
		"a newer one hidden by an older tree": {
			before: true, history: func(c *changing, at int64) { c.publish(at, nil) },
			want: "UUUUUU", codes: "VERDICT-PROFILE-UNPROVEN=hold", exit: receiving.ExitStale,
		},
		"nothing newer, and an older tree": {
			before: true, history: func(c *changing, _ int64) { c.enrol("x:newcomer", signer(c.t, 71)) },
			want: "UUUUUU", codes: "VERDICT-PROFILE-UNPROVEN=hold", exit: receiving.ExitStale,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newChanging(t, named)
			at, o := c.publish(-1, nil)
			var b *receiving.Bundle
			if tt.before {
				b = c.whole(at)
			}
			if tt.history != nil {
				tt.history(c, at)
			}
			if b == nil {
				b = c.whole(at)
			}
			if tt.bundle != nil {
				tt.bundle(c, at, b)
			}
			profiles, err := receiving.OpenProfiles([]*receiving.Bundle{b}, []*statement.Openings{o}, c.trust)
			if err != nil {
				t.Fatal(err)
			}
			v := c.check(named, c.whole(c.bom5), func(r *receiving.Request) {
				r.Policy, r.Profiles = owners(t), profiles
				if !tt.at.IsZero() {
					r.At = tt.at
				}
			})
			if got := said(v); got != tt.want || codesOf(v) != tt.codes || v.Exit != tt.exit {
				t.Errorf("%s %q exit %d, want %s %q %d", got, codesOf(v), v.Exit, tt.want, tt.codes, tt.exit)
			}
		})
	}
	t.Run("left out", func(t *testing.T) {
		c := newChanging(t, named)
		c.publish(-1, nil)
		if v := c.check(named, c.whole(c.bom5), func(r *receiving.Request) { r.Policy = owners(t) }); said(v) != "UUUUUU" || v.Verdict != receiving.Hold || v.Profiles != nil {
			t.Errorf("%s %s", said(v), v.Verdict)
		}
	})
	t.Run("without proof of the file", func(t *testing.T) {
		c := newChanging(t, named)
		at, o := c.publish(-1, func(p *statement.Profile) { p.Incorporated.Text = "BV" })
		profiles, err := receiving.OpenProfiles([]*receiving.Bundle{c.whole(at)}, []*statement.Openings{o}, c.trust)
		if err != nil {
			t.Fatal(err)
		}
		v := c.check(named, nil, func(r *receiving.Request) { r.Policy, r.Profiles = owners(t), profiles })
		if said(v) != "UUUUUU" || codesOf(v) != "VERDICT-PROFILE-UNUSED=note" {
			t.Errorf("%s %s", said(v), codesOf(v))
		}
	})
	t.Run("of another log", func(t *testing.T) {
		c, other := newChanging(t, named), newWorldTaking(t, "ledger.example/other", 30, statement.Admissible()...)
		p := ownership()
		p.Officers = nil
		p.Head = statement.Head{Log: other.origin, Party: []string{vendor}, Made: made}
		at := other.log(other.must(statement.NewProfile(p)), other.vendor)
		trust := *c.trust
		trust.Logs = append(slices.Clone(trust.Logs), other.trust.Logs...)
		profiles, err := receiving.OpenProfiles([]*receiving.Bundle{other.bundle(at)}, nil, &trust)
		if err != nil {
			t.Fatal(err)
		}
		file := strings.Replace(named, competitor, vendor, 1)
		i := c.bom(file, nil)
		v := c.check(file, c.whole(i), func(r *receiving.Request) { r.Policy, r.Profiles, r.Trust = owners(t), profiles, &trust })
		if said(v) != "UUUUUU" || codesOf(v) != "VERDICT-PROFILE-UNUSED=note" {
			t.Errorf("%s %s", said(v), codesOf(v))
		}
	})
}

// TestOpenProfilesRefuses: what does not fit is refused, never ignored.
func TestOpenProfilesRefuses(t *testing.T) {
	c := newChanging(t, named)
	old, oldOpens := c.publish(-1, nil)
	at, opens := c.publish(old, nil)
	mine, err := statement.Hide(&statement.Profile{}, func(string) bool { return true }, nil)
	if err != nil || len(mine) != 0 {
		t.Fatal(mine, err)
	}
	change := func(f func(*statement.Openings)) *statement.Openings {
		o := *opens
		o.List = slices.Clone(o.List)
		f(&o)
		return &o
	}
	type given struct {
		bundles  []*receiving.Bundle
		openings []*statement.Openings
	}
	whole := c.whole(at)
	with := func(openings ...*statement.Openings) given { return given{[]*receiving.Bundle{whole}, openings} }
	for name, tt := range map[string]struct {
		given
		want string
	}{
		"an opening of an older version": {with(oldOpens), "OPENING-ENTRY-OTHER"},
		"an opening and no profile":      {given{nil, []*statement.Openings{opens}}, "OPENING-ENTRY-OTHER"},
		"of another position": {with(change(func(o *statement.Openings) {
			o.Leaf, o.Position = statement.Digest{}, &statement.Position{Log: origin, Index: old}
		})), "OPENING-ENTRY-OTHER"},
		"of another log": {with(change(func(o *statement.Openings) {
			o.Leaf, o.Position = statement.Digest{}, &statement.Position{Log: "ledger.example/other", Index: at}
		})), "OPENING-ENTRY-OTHER"},
		"leaf and position that differ": {with(change(func(o *statement.Openings) { o.Position = &statement.Position{Log: origin, Index: old} })), "OPENING-ENTRY-OTHER"},
		"position and leaf that differ": {with(change(func(o *statement.Openings) {
			o.Leaf, o.Position = statement.Digest{9}, &statement.Position{Log: origin, Index: at}
		})), "OPENING-ENTRY-OTHER"},
		"of another kind":            {with(change(func(o *statement.Openings) { o.Kind = statement.KindVerdict })), "OPENING-ENTRY-OTHER"},
		"a false value":              {with(change(func(o *statement.Openings) { o.List[0].Value = "NO" })), "OPENING-VALUE-FALSE"},
		"a false salt":               {with(change(func(o *statement.Openings) { o.List[0].Salt[0]++ })), "OPENING-VALUE-FALSE"},
		"a field of another pointer": {with(change(func(o *statement.Openings) { o.List[0].Pointer = "/plants/list/7/country" })), "OPENING-FIELD-ABSENT"},
		"twice":                      {with(opens, opens), "OPENING-FIELD-ABSENT"},
		"the profile twice":          {given{[]*receiving.Bundle{whole, c.whole(at)}, nil}, "VERDICT-PROFILE-TWICE"},
		"an older version beside it": {given{[]*receiving.Bundle{whole, c.whole(old)}, nil}, "VERDICT-PROFILE-TWICE"},
		"a BOM":                      {given{[]*receiving.Bundle{c.whole(c.bom5)}, nil}, "VERDICT-PROFILE-KIND"},
		"too many":                   {given{slices.Repeat([]*receiving.Bundle{whole}, receiving.MaxProfiles+1), nil}, "VERDICT-PROFILE-LIMIT"},
		"too many openings":          {with(slices.Repeat([]*statement.Openings{opens}, receiving.MaxProfiles+1)...), "VERDICT-PROFILE-LIMIT"},
	} {
		if list, err := receiving.OpenProfiles(tt.bundles, tt.openings, c.trust); code(err) != tt.want || list != nil {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
	bad := *whole
	bad.Statement = c.entry(c.bom5)
	bad.Statement.Leaf = slices.Clone(whole.Statement.Leaf)
	if _, err := receiving.OpenProfiles([]*receiving.Bundle{&bad}, nil, c.trust); err == nil {
		t.Error("a bundle whose proof is another's is taken")
	}
	if _, err := receiving.OpenProfiles([]*receiving.Bundle{whole}, nil, &ledger.Trust{}); code(err) != "TRUST-LOG-UNKNOWN" {
		t.Errorf("under another trust file: %v", err)
	}
	profiles, err := receiving.OpenProfiles([]*receiving.Bundle{whole}, nil, c.trust)
	if err != nil {
		t.Fatal(err)
	}
	other := *c.trust
	other.Digest[0]++
	if _, err := receiving.Check(receiving.Request{File: []byte(named), Trust: &other, At: now, Policy: demoPolicy(t), Profiles: profiles}); code(err) != "TRUST-LOG-UNKNOWN" {
		t.Errorf("judged under another trust file: %v", err)
	}
}

// TestBundleOpenings: openings travel in bundles, and a bundle with a false one is
// false.
func TestBundleOpenings(t *testing.T) {
	c := newChanging(t, named)
	at, opens := c.publish(-1, nil)
	b := c.whole(at)
	b.Openings = []*statement.Openings{opens}
	raw, err := b.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	read, err := receiving.ParseBundle(raw)
	if err != nil {
		t.Fatal(err)
	}
	again, err := read.Marshal()
	if err != nil || string(again) != string(raw) {
		t.Errorf("read and written again it is other bytes: %v", err)
	}
	var verdicts []string
	for _, in := range []struct {
		b        *receiving.Bundle
		openings []*statement.Openings
	}{{read, nil}, {c.whole(at), []*statement.Openings{opens}}} {
		profiles, err := receiving.OpenProfiles([]*receiving.Bundle{in.b}, in.openings, c.trust)
		if err != nil {
			t.Fatal(err)
		}
		v := c.check(named, c.whole(c.bom5), func(r *receiving.Request) { r.Policy, r.Profiles = owners(t), profiles })
		canonical, err := v.Canonical()
		if err != nil || said(v) != "FFFFFF" {
			t.Fatal(said(v), err)
		}
		verdicts = append(verdicts, string(canonical))
		if strings.Contains(string(canonical), "Hanako") {
			t.Error("the verdict tells what was opened")
		}
	}
	if verdicts[0] != verdicts[1] {
		t.Errorf("in the bundle\n%s\nbeside it\n%s", verdicts[0], verdicts[1])
	}
	if _, err := receiving.OpenProfiles([]*receiving.Bundle{read}, []*statement.Openings{opens}, c.trust); code(err) != "OPENING-FIELD-ABSENT" {
		t.Errorf("opened in the bundle and beside it: %v", err)
	}
	if _, err := receiving.ParseBundle([]byte(strings.Replace(string(raw), "yurai-opening/1", "yurai-opening/2", 1))); code(err) != "OPENING-FORMAT-UNKNOWN" {
		t.Errorf("openings of another format: %v", err)
	}
	read.Openings[0].List[0].Value = "NO"
	if _, err := receiving.Open(read, c.trust); code(err) != "OPENING-VALUE-FALSE" {
		t.Errorf("a false opening in the bundle: %v", err)
	}
	bom := c.whole(c.bom5)
	bom.Openings = []*statement.Openings{opens}
	if v := c.check(named, bom, nil); v.Verdict != receiving.Reject || !strings.Contains(grave(v), "OPENING-ENTRY-OTHER") {
		t.Errorf("a BOM's bundle with a profile's openings: %s %s", v.Verdict, grave(v))
	}
	bom.Openings = slices.Repeat(bom.Openings, 17)
	if raw, err = bom.Marshal(); err != nil {
		t.Fatal(err)
	}
	if _, err := receiving.ParseBundle(raw); code(err) != "BUNDLE-SIZE-LIMIT" {
		t.Errorf("17 openings: %v", err)
	}
}

// TestProfileOfASupplier: the profile is of who a linked BOM names by that id, as the
// log has it that proves the linked BOM; of one that nothing proves it is of nobody.
func TestProfileOfASupplier(t *testing.T) {
	file := strings.Replace(firmware(1, "JP"), `"properties": [`, `"properties": [{"name": "yurai:party:maker:id", "value": "`+competitor+`"}, `, 1)
	top := linking(link(urn(1), hexOf(file)))
	c := chest{newChanging(t, bill), t}
	i, fw := c.bom(top, nil), c.add(file)
	at, opens := c.publish(-1, func(p *statement.Profile) { p.Officers.List[0].Nationality.Text = "BV" })
	profiles, err := receiving.OpenProfiles([]*receiving.Bundle{c.whole(at)}, []*statement.Openings{opens}, c.trust)
	if err != nil {
		t.Fatal(err)
	}
	led, err := policy.Parse([]byte(strings.Replace(string(owners(t).Raw), "id: LED, title: {en: t, ja: t}, row: origin, each: product", "id: LED, title: {en: t, ja: t}, row: origin, each: component", 1)))
	if err != nil {
		t.Fatal(err)
	}
	with := func(r *receiving.Request) { r.Policy, r.Profiles = led, profiles }
	v := c.judge(top, i, with, c.open(file, fw))
	j := slices.IndexFunc(v.Reasons, func(r receiving.Reason) bool { return r.Rule != nil && *r.Rule == "LED" })
	if want := "sha256:" + hexOf(file) + "#/metadata/component"; j < 0 || v.Reasons[j].Value != "true" || !slices.Equal(v.Reasons[j].Subjects, []string{want}) || v.Profiles[0].Used != 1 {
		t.Errorf("%+v", v.Reasons)
	}
	v = c.judge(top, i, with, receiving.Linked{File: []byte(file)})
	if strings.Contains(said(v), "T") || !strings.Contains(codesOf(v), "VERDICT-PROFILE-UNUSED") || v.Profiles[0].Used != 0 {
		t.Errorf("%s %s", said(v), codesOf(v))
	}
	// The linked BOM is proven at a larger tree than the profile.
	c.enrol("x:newcomer", signer(t, 71))
	v = c.judge(top, i, with, c.open(file, fw))
	if !strings.Contains(codesOf(v), "VERDICT-PROFILE-UNPROVEN") || strings.Contains(said(v), "T") {
		t.Errorf("%s %s", said(v), codesOf(v))
	}
}

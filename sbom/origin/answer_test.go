package origin

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom"
)

// ask reads one device and returns it.
func ask(t testing.TB, pairs ...string) *Subject {
	t.Helper()
	return &Read(component("device", pairs...)).Components[0]
}

func TestAt(t *testing.T) {
	const hosted = "yurai:origin:hosted"
	for _, c := range []struct {
		name       string
		props      []string
		at, abroad Truth // in BV; outside of JP
	}{
		{"nothing is told", nil, Unknown, Unknown},
		{"at home", []string{hosted, "JP"}, False, False},
		{"there", []string{hosted, "BV"}, True, True},
		{"elsewhere", []string{hosted, "DE"}, False, True},
		{"partly there", []string{hosted, "JP=99;BV=1"}, True, True},
		{"partly told", []string{hosted, "JP=99"}, Unknown, Unknown},
		{"partly unknown", []string{hosted, "JP=50;unknown=50"}, Unknown, Unknown},
		{"withheld", []string{hosted, "withheld"}, Unknown, Unknown},
		{"no country", []string{hosted, "XK"}, Unknown, Unknown},
		{"look-alike", []string{hosted, "ВV"}, Unknown, Unknown},
		{"over the whole", []string{hosted, "JP=60;DE=60"}, Unknown, True},
		{"told twice", []string{hosted, "JP", hosted, "JP=100"}, False, False},
		{"contradicted", []string{hosted, "JP", hosted, "DE"}, Unknown, True},
		{"another stage", []string{"yurai:origin:operated", "BV"}, Unknown, Unknown},
		{"of two bases one is strange", []string{hosted, "JP|cost", hosted, "XK|weight"}, Unknown, Unknown},
	} {
		s := ask(t, c.props...)
		if got := s.At(Hosted, codes(t, "BV"), Asserted).Truth; got != c.at {
			t.Errorf("%s: at = %s, want %s", c.name, got, c.at)
		}
		if got := s.Abroad(Hosted, codes(t, "JP"), Asserted).Truth; got != c.abroad {
			t.Errorf("%s: abroad = %s, want %s", c.name, got, c.abroad)
		}
		if got := s.At(Hosted, codes(t, "BV"), Cited).Truth; got == False {
			t.Errorf("%s: an assertion clears where a citation is asked for", c.name)
		}
		if got := s.At(Hosted, codes(t, "BV"), Derived).Truth; got != c.at {
			t.Errorf("%s: at, derived = %s, want %s", c.name, got, c.at)
		}
	}
	if got := ask(t, hosted, "JP").Abroad(Hosted, codes(t, "JP-13"), Asserted).Truth; got != Unknown {
		t.Errorf("a country where home is a part of it: %s", got)
	}
}

func TestAccessFrom(t *testing.T) {
	const from, privilege = "yurai:access:from", "yurai:access:privilege"
	for _, c := range []struct {
		name  string
		props []string
		want  Truth
	}{
		{"nothing is told", nil, Unknown},
		{"from elsewhere", []string{from, "JP"}, False},
		{"from there", []string{from, "BV"}, True},
		{"from there, a little", []string{from, "JP=99;BV=1"}, True},
		{"partly told", []string{from, "JP=60"}, Unknown},
		{"contradicted", []string{from, "JP", from, "DE"}, Unknown},
		{"contradicted, and there", []string{from, "JP", from, "BV"}, True},
		{"malformed", []string{from, "bv"}, Unknown},
		{"no access", []string{privilege, "none"}, False},
		{"no access, from there", []string{privilege, "none", from, "BV"}, True},
		{"no access, from somewhere", []string{privilege, "none", from, "withheld"}, Unknown},
		{"no access, and some", []string{privilege, "none", privilege, "read"}, Unknown},
		{"some access", []string{privilege, "update"}, Unknown},
		{"no such privilege", []string{privilege, "None"}, Unknown},
		{"maintained there", []string{from, "JP", "yurai:origin:maintained", "BV"}, True},
		{"operated there", []string{from, "JP", "yurai:origin:operated", "BV"}, True},
		{"maintained elsewhere alone", []string{"yurai:origin:maintained", "JP"}, Unknown},
		{"hosted there", []string{from, "JP", "yurai:origin:hosted", "BV"}, False},
	} {
		if got := ask(t, c.props...).AccessFrom(codes(t, "BV"), Asserted).Truth; got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestCarries(t *testing.T) {
	for _, c := range []struct {
		name  string
		words []string // classifications
		want  Truth
	}{
		{"no flow", nil, Unknown},
		{"another", []string{"telemetry"}, False},
		{"that one", []string{"telemetry", "PII"}, True},
		{"in lower case", []string{"pii"}, True},
		{"with a space", []string{" PII"}, True},
		{"a look-alike", []string{"РII"}, Unknown},
		{"one without", []string{"telemetry", ""}, Unknown},
		{"one without, and that one", []string{"", "PII"}, True},
		{"nothing that is seen", []string{"\u200b"}, Unknown},
	} {
		service := sbom.Service{Pointer: "/services/0", Parent: -1}
		for i, w := range c.words {
			service.Data = append(service.Data, sbom.DataFlow{Pointer: fmt.Sprintf("/services/0/data/%d", i), Classification: w})
		}
		s := &Read(&sbom.Document{Services: []sbom.Service{service}}).Services[0]
		if got := s.Carries([]string{"PII", "customer"}, Asserted).Truth; got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if got := s.Carries([]string{"PII"}, Attested); got.Truth == False || got.Firm {
			t.Errorf("%s: %+v where an attestation is asked for", c.name, got)
		}
	}
}

func TestParties(t *testing.T) {
	const id, registered, owner = "yurai:party:maker:id", "yurai:party:maker:registered", "yurai:party:maker:owner"
	for _, c := range []struct {
		name              string
		maker             sbom.Organization
		props             []string
		state             State
		registered, owned Truth // in BV
	}{
		{"nobody", sbom.Organization{}, nil, Untold, Unknown, Unknown},
		{"a name alone", sbom.Organization{Name: "M"}, nil, Stated, Unknown, Unknown},
		{"a name that nobody sees", sbom.Organization{Name: "\u200b "}, nil, Untold, Unknown, Unknown},
		{"registered elsewhere", sbom.Organization{Name: "M"}, []string{registered, "JP"}, Stated, False, Unknown},
		{"registered there", sbom.Organization{}, []string{registered, "BV"}, Untold, True, Unknown},
		{"an address clears nothing", sbom.Organization{Name: "M", Country: "JP"}, nil, Stated, Unknown, Unknown},
		{"an address accuses", sbom.Organization{Name: "M", Country: "BV"}, []string{registered, "JP"}, Stated, True, Unknown},
		{"an address by name", sbom.Organization{Name: "M", Country: "Bouvet Island"}, nil, Stated, True, Unknown},
		{"an address that is no country", sbom.Organization{Name: "M", Country: "Tokyo"}, []string{registered, "JP"}, Stated, Unknown, Unknown},
		{"registered in two", sbom.Organization{}, []string{registered, "JP", registered, "DE"}, Untold, Unknown, Unknown},
		{"no country", sbom.Organization{}, []string{registered, "UK"}, Untold, Unknown, Unknown},
		{"owned elsewhere", sbom.Organization{}, []string{owner, "JP"}, Untold, Unknown, False},
		{"owned there in part", sbom.Organization{}, []string{owner, "JP=95;BV=5|votes"}, Untold, Unknown, True},
		{"owned in part", sbom.Organization{}, []string{owner, "JP=95"}, Untold, Unknown, Unknown},
		{"owned by somebody", sbom.Organization{}, []string{owner, "x:holding"}, Untold, Unknown, Unknown},
		{"two ids", sbom.Organization{Name: "M"}, []string{id, "x:a", id, "x:b"}, Contradicted, Unknown, Unknown},
		{"one id twice", sbom.Organization{Name: "M"}, []string{id, "x:a", id, "x:a"}, Stated, Unknown, Unknown},
		{"no id", sbom.Organization{Name: "M"}, []string{id, "Hoshino"}, Malformed, Unknown, Unknown},
	} {
		doc := component("device", c.props...)
		if c.maker != (sbom.Organization{}) {
			c.maker.Pointer = "/components/0/manufacturer"
		}
		doc.Components[0].Manufacturer = c.maker
		p := Read(doc).Components[0].Party(RoleMaker)
		if p.State != c.state {
			t.Errorf("%s: state %s, want %s", c.name, p.State, c.state)
		}
		if got := p.RegisteredIn(codes(t, "BV"), Asserted); got.Truth != c.registered {
			t.Errorf("%s: registered = %s, want %s", c.name, got.Truth, c.registered)
		} else if got.Firm && len(p.Registered) == 0 {
			t.Errorf("%s: an address is firm", c.name)
		}
		if got := p.OwnedIn(codes(t, "BV"), Asserted).Truth; got != c.owned {
			t.Errorf("%s: owned = %s, want %s", c.name, got, c.owned)
		}
	}
}

func TestEveryPartyOnce(t *testing.T) {
	doc := component("device", "yurai:party:maintainer:id", "x:care", "yurai:access:operator", "x:care", "yurai:access:operator", "x:far")
	doc.Components[0].Supplier = sbom.Organization{Pointer: "/components/0/supplier", Name: "S"}
	doc.Components[0].Ancestors = []sbom.Component{{Pointer: "/components/0/pedigree/ancestors/0", Name: "old", Manufacturer: sbom.Organization{Pointer: "/a", Name: "A", Country: "BV"}}}
	doc.Services = []sbom.Service{{Pointer: "/services/0", Parent: -1, Data: []sbom.DataFlow{{Pointer: "/services/0/data/0", Governance: []sbom.Governor{
		{Pointer: "/g0", Role: "owners", Organization: sbom.Organization{Pointer: "/g0/organization", Name: "A"}},
		{Pointer: "/g1", Role: "owners", Organization: sbom.Organization{Pointer: "/g1/organization", Name: "B", Country: "BV"}},
		{Pointer: "/g2", Role: "owners", Organization: sbom.Organization{Pointer: "/g2/organization", Name: "A"}},
		{Pointer: "/g3", Role: "custodians", Contact: "C"},
	}}}}}
	f := Read(doc)
	var got []string
	for _, p := range f.Parties() {
		got = append(got, string(p.Role)+" "+p.ID+p.Name+" "+string(p.State))
	}
	want := []string{
		"seller S stated", "ancestor A stated", "maintainer x:care contradicted", "operator x:far contradicted", "maker  untold",
		"owners A stated", "owners B stated", "custodians C stated", "provider  untold",
	}
	// Two operators are told, and only one of them is the maintainer.
	want[2] = "maintainer x:care stated"
	if !slices.Equal(got, want) {
		t.Errorf("parties\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	owners := f.Services[0].Party(RoleOwners)
	if owners.State != Contradicted || owners.RegisteredIn(codes(t, "BV"), Asserted).Truth != True || owners.RegisteredIn(codes(t, "JP"), Asserted).Truth != Unknown {
		t.Errorf("owners = %+v", owners)
	}
	if none := f.Services[0].Party(RoleMaker); none == nil || none.Told() || none.Pointer != "/services/0" {
		t.Errorf("nobody = %+v", none)
	}
}

// TestAncestorsAccuse: what was relabelled is made where it was made, and clears
// nothing.
func TestAncestorsAccuse(t *testing.T) {
	doc := component("device", "yurai:origin:manufactured", "JP", "yurai:origin:assembled", "JP")
	doc.Components[0].Ancestors = []sbom.Component{{Pointer: "/a", Properties: properties("/a", "yurai:origin:manufactured", "BV", "yurai:origin:built", "nowhere")}}
	s := &Read(doc).Components[0]
	if got := s.Made(codes(t, "BV"), Asserted); got != (Answer{Truth: True}) {
		t.Errorf("made = %+v", got)
	}
	if got := s.Made(codes(t, "DE"), Asserted).Truth; got != False {
		t.Errorf("made elsewhere = %s", got)
	}
	doc.Components[0].Properties = nil
	if got := Read(doc).Components[0].Made(codes(t, "DE"), Asserted).Truth; got != Unknown {
		t.Errorf("an ancestor clears: %s", got)
	}
}

func TestUnknownPerMille(t *testing.T) {
	doc := &sbom.Document{}
	for i, p := range [][]string{
		{"device", "JP"}, {"device", "JP=50;unknown=50"}, {"device", ""}, {"device", "XK"}, {"device", "JP=60;DE=60"}, {"library", "JP"},
	} {
		c := component(p[0]).Components[0]
		c.Pointer = fmt.Sprintf("/components/%d", i)
		if p[1] != "" {
			c.Properties = properties(c.Pointer, "yurai:origin:manufactured", p[1])
		}
		doc.Components = append(doc.Components, c)
	}
	f := Read(doc)
	for _, c := range []struct {
		name   string
		stage  Stage
		counts func(int) bool
		least  Strength
		want   int
		ok     bool
	}{
		{"of devices", Manufactured, nil, Asserted, 700, true}, // 0 + 0.5 + 1 + 1 + 1 of 5
		{"of some", Manufactured, func(i int) bool { return i < 2 }, Asserted, 250, true},
		{"of one", Manufactured, func(i int) bool { return i == 0 }, Asserted, 0, true},
		{"of stronger facts", Manufactured, nil, Cited, 1000, true},
		{"of none", Manufactured, func(int) bool { return false }, Asserted, 0, false},
		{"of software", Built, nil, Asserted, 1000, true},
		{"of software at a stage of devices", Manufactured, func(i int) bool { return i == 5 }, Asserted, 0, false},
		{"of anything", Tested, nil, Asserted, 1000, true},
	} {
		got, ok := f.UnknownPerMille(c.stage, c.counts, c.least)
		if got != c.want || ok != c.ok {
			t.Errorf("%s: %d %t, want %d %t", c.name, got, ok, c.want, c.ok)
		}
	}
	if _, ok := new(Facts).UnknownPerMille(Built, nil, Asserted); ok {
		t.Error("of nothing at all: a number")
	}
}

// naiveTruth answers from the properties themselves, slowly: places that a list
// of values names, whole or not. Each name is told at most once.
func naiveTruth(props map[string]string, accuse, need []string, place string) Truth {
	for _, name := range accuse {
		for _, share := range strings.Split(strings.Split(props[name], "|")[0], ";") {
			if code := strings.Split(share, "=")[0]; code == place {
				return True
			}
		}
	}
	for _, name := range accuse {
		if strings.Contains(props[name], "XK") && wellFormed(props[name]) {
			return Unknown
		}
	}
	for _, name := range need {
		v := strings.Split(props[name], "|")[0]
		if !wellFormed(props[name]) || v == "withheld" || strings.Contains(v, "unknown") || strings.Contains(v, "XK") {
			return Unknown
		}
		sum := 0.0
		for _, share := range strings.Split(v, ";") {
			_, percent, told := strings.Cut(share, "=")
			part := 100.0
			if told {
				fmt.Sscan(percent, &part)
			}
			sum += part
		}
		if sum < 99.5 || sum > 100.5 {
			return Unknown
		}
	}
	if len(need) == 0 {
		return Unknown
	}
	return False
}

func wellFormed(v string) bool { return v != "" && v != "jp" && v != "JP=101" && v != "J P" }

var (
	someValues = []string{"", "", "JP", "BV", "JP=60;DE=40", "JP=60", "BV=0.01;JP=99.99", "JP=60;BV=60", "withheld", "unknown", "XK", "JP=50;XK=50", "jp", "JP=101", "J P", "DE|cost", "DE=33.3;JP=33.3;FR=33.3"}
	someNames  = []string{
		"yurai:origin:manufactured", "yurai:origin:assembled", "yurai:origin:developed", "yurai:origin:built", "yurai:origin:hosted", "yurai:origin:designed",
		"yurai:origin:maintained", "yurai:origin:operated", "yurai:party:maker:registered", "yurai:party:maker:owner", "yurai:access:from",
	}
)

// TestAgainstNaiveReader compares every question of places with a reader that
// looks at nothing but the text of the properties.
func TestAgainstNaiveReader(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	bv := codes(t, "BV")
	making := someNames[:4]
	seen := map[Truth]int{}
	for range 4000 {
		props := map[string]string{}
		var pairs []string
		for _, name := range someNames {
			if v := someValues[r.IntN(len(someValues))]; v != "" {
				props[name] = v
				pairs = append(pairs, name, v)
			}
		}
		kind := []string{"device", "firmware", "material"}[r.IntN(3)]
		s := &Read(component(kind, pairs...)).Components[0]
		need := map[string][]string{"device": making[:2], "firmware": making[2:]}[kind]
		for _, c := range []struct {
			name         string
			got          Truth
			accuse, need []string
		}{
			{"made", s.Made(bv, Asserted).Truth, making, need},
			{"hosted", s.At(Hosted, bv, Asserted).Truth, someNames[4:5], someNames[4:5]},
			{"registered", s.Party(RoleMaker).RegisteredIn(bv, Asserted).Truth, someNames[8:9], someNames[8:9]},
			{"owned", s.Party(RoleMaker).OwnedIn(bv, Asserted).Truth, someNames[9:10], someNames[9:10]},
			{"access", s.AccessFrom(bv, Asserted).Truth, []string{someNames[10], someNames[6], someNames[7]}, someNames[10:]},
		} {
			want := naiveTruth(props, c.accuse, c.need, "BV")
			seen[want]++
			if c.got != want {
				t.Fatalf("%s of a %s with %v: %s, want %s", c.name, kind, props, c.got, want)
			}
		}
	}
	for _, truth := range []Truth{True, False, Unknown} {
		if seen[truth] < 500 {
			t.Errorf("%s came up only %d times", truth, seen[truth])
		}
	}
}

// TestLeavingOutNeverClears: no question turns to false when a fact is removed
// from a document that tells each fact once.
func TestLeavingOutNeverClears(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 9))
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	bv := codes(t, "BV")
	ask := func(doc *sbom.Document) map[string]Truth {
		f := Read(doc)
		out := map[string]Truth{}
		for _, list := range [][]Subject{f.Components, f.Services} {
			for i := range list {
				s := &list[i]
				for _, least := range []Strength{Asserted, Cited, Attested} {
					at := s.Pointer + " " + least.String() + " "
					out[at+"made"] = s.Made(bv, least).Truth
					out[at+"hosted"] = s.At(Hosted, bv, least).Truth
					out[at+"abroad"] = s.Abroad(Hosted, codes(t, "JP"), least).Truth
					out[at+"access"] = s.AccessFrom(bv, least).Truth
					out[at+"carries"] = s.Carries([]string{"PII"}, least).Truth
					for _, role := range []Role{RoleMaker, RoleProvider} {
						out[at+string(role)+" registered"] = s.Party(role).RegisteredIn(bv, least).Truth
						out[at+string(role)+" owned"] = s.Party(role).OwnedIn(bv, least).Truth
					}
					// Turned around: a rule may want an attestation.
					out[at+"not attested"] = s.Attested("c1", least).Firmly().Not()
				}
				if !s.Service {
					out[s.Pointer+" incomplete"] = f.Complete(i, nil).Not()
				}
			}
		}
		return out
	}
	cleared := 0
	for range 150 {
		doc := &sbom.Document{}
		kind, places := pick("device", "firmware"), []string{"JP", "JP", "JP", "BV", "JP=40", "withheld"}
		var pairs []string
		stages := map[string][]string{"device": {"manufactured", "assembled"}, "firmware": {"developed", "built"}}[kind]
		for _, stage := range append(stages, "hosted", "designed") {
			pairs = append(pairs, "yurai:origin:"+stage, pick(places...))
		}
		pairs = append(pairs, "yurai:party:maker:registered", pick(places...), "yurai:party:maker:owner", pick(places...))
		if r.IntN(2) == 0 {
			pairs = append(pairs, "yurai:access:from", pick(places...), "yurai:access:privilege", "update")
		} else {
			pairs = append(pairs, "yurai:access:privilege", "none")
		}
		doc.Components = []sbom.Component{{
			Pointer: "/components/0", Parent: -1, Ref: "c", Type: kind, Properties: properties("/components/0", pairs...),
			Manufacturer: sbom.Organization{Pointer: "/components/0/manufacturer", Ref: "m", Name: "M"},
		}}
		doc.Services = []sbom.Service{{
			Pointer: "/services/0", Parent: -1, Ref: "s", Properties: properties("/services/0", "yurai:origin:hosted", pick(places...), "yurai:party:provider:registered", pick(places...)),
			Provider: sbom.Organization{Pointer: "/services/0/provider", Name: "P"},
			Data:     []sbom.DataFlow{{Pointer: "/services/0/data/0", Classification: pick("PII", "telemetry")}, {Pointer: "/services/0/data/1", Classification: "telemetry"}},
		}}
		doc.Compositions = []sbom.Composition{{Pointer: "/compositions/0", Aggregate: pick("complete", "incomplete"), Assemblies: []string{"c"}}}
		doc.Citations = []sbom.Citation{{Pointer: "/citations/0", Pointers: []string{pick("/components/0", "/components/0/properties/0", "/services")}, AttributedTo: "lab", Attributed: true}}
		doc.Declarations = declared("c", "yurai:origin:"+stages[0]+"="+pairs[1], 1000)
		removals := removable(doc)
		r.Shuffle(len(removals), func(i, j int) { removals[i], removals[j] = removals[j], removals[i] })
		before := ask(doc)
		for _, truth := range before {
			if truth == False {
				cleared++
			}
		}
		for _, remove := range removals {
			remove(doc)
			after := ask(doc)
			for question, truth := range after {
				if truth == False && before[question] != False {
					t.Fatalf("%s: %s, and false with a fact less: %+v", question, before[question], doc)
				}
			}
			before = after
		}
	}
	if cleared < 300 {
		t.Errorf("only %d questions were ever answered with no", cleared)
	}
}

// removable lists what a document may leave out, each by a function that does.
func removable(doc *sbom.Document) []func(*sbom.Document) {
	var list []func(*sbom.Document)
	drop := func(from *[]sbom.Property, name string) {
		list = append(list, func(*sbom.Document) {
			*from = slices.DeleteFunc(slices.Clone(*from), func(p sbom.Property) bool { return p.Name == name })
		})
	}
	for _, p := range doc.Components[0].Properties {
		drop(&doc.Components[0].Properties, p.Name)
	}
	for _, p := range doc.Services[0].Properties {
		drop(&doc.Services[0].Properties, p.Name)
	}
	return append(list,
		func(d *sbom.Document) { d.Components[0].Manufacturer = sbom.Organization{} },
		func(d *sbom.Document) { d.Services[0].Provider = sbom.Organization{} },
		func(d *sbom.Document) { d.Services[0].Data[0].Classification = "" },
		func(d *sbom.Document) { d.Services[0].Data[1].Classification = "" },
		func(d *sbom.Document) { d.Compositions = nil },
		func(d *sbom.Document) { d.Citations = nil },
		func(d *sbom.Document) { d.Declarations.Assessors = nil },
		func(d *sbom.Document) { d.Declarations.Claims = nil },
		func(d *sbom.Document) {
			if len(d.Declarations.Attestations) > 0 {
				d.Declarations.Attestations[0].Map[0].Conformance = -1
			}
		},
		func(d *sbom.Document) { d.Declarations = sbom.Declarations{} },
		func(d *sbom.Document) { d.Requirements = nil },
	)
}

// declared is one claim about ref that an outside laboratory attests.
func declared(ref, predicate string, conformance int) sbom.Declarations {
	return sbom.Declarations{
		Assessors: []sbom.Assessor{{Pointer: "/declarations/assessors/0", Ref: "lab", ThirdParty: true, Organization: sbom.Organization{Pointer: "/declarations/assessors/0/organization", Name: "Laboratory"}}},
		Claims:    []sbom.Claim{{Pointer: "/declarations/claims/0", Ref: "claim", Target: ref, Predicate: predicate}},
		Attestations: []sbom.Attestation{{Pointer: "/declarations/attestations/0", Assessor: "lab", Map: []sbom.Mapping{
			{Pointer: "/declarations/attestations/0/map/0", Requirement: "c1", Claims: []string{"claim"}, Conformance: conformance},
		}}},
	}
}

package origin

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yurai-ledger/yurai/sbom"
)

func mustFact(t testing.TB, text string) Fact {
	t.Helper()
	v, err := ParseValue(text)
	if err != nil {
		t.Fatal(err)
	}
	return Fact{Value: v, State: Stated, Strength: Asserted, Pointer: "leaf:00#/" + text}
}

// TestCompatible: two distributions contradict each other only if no whole holds both.
func TestCompatible(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"JP", "JP", true},
		{"JP", "NO", false},
		{"JP", "JP=60", true},
		{"JP=60", "NO=40", true},
		{"JP=60", "NO=41", false},
		{"JP=60", "NO=40.5", true}, // rounded
		{"JP=60;unknown=40", "NO=40", true},
		{"JP", "unknown", true},
		{"JP", "withheld", true},
		{"withheld", "withheld", true},
		{"JP", "JP-13", true},
		{"US-DE", "US-TX", false},
		{"US", "US-DE=50;US-TX=50", true},
		{"US=50;NO=50", "US-DE=50;US-TX=50", false},
		{"JP=60@x:a;NO=40", "NO=40;JP=60@x:b", true},
		{"JP|votes", "NO|capital", false}, // a profile has no basis: it cannot make two of one
		{"ZZ", "JP", true},                // what is not recognised is unknown
	} {
		a, b := mustFact(t, c.a), mustFact(t, c.b)
		if got := compatible(&a.Value, &b.Value); got != c.want || compatible(&b.Value, &a.Value) != got {
			t.Errorf("%s and %s: %t", c.a, c.b, got)
		}
	}
}

// TestProfiled: a profile is about who has its id in its log, and changes nothing that
// it was put to.
func TestProfiled(t *testing.T) {
	doc := &sbom.Document{Components: []sbom.Component{
		{Pointer: "/metadata/component", Parent: -1, Product: true, Type: "device", Properties: properties("/metadata/component",
			"yurai:party:maker:id", "x:a", "yurai:party:maker:owner", "NO", "yurai:party:seller:id", "x:a")},
		{Pointer: "/components/0", Parent: -1, Type: "device", Properties: properties("/components/0", "yurai:party:maker:id", "no id")},
		{Pointer: "/components/1", Parent: -1, Type: "device", Manufacturer: sbom.Organization{Pointer: "/m", Name: "x:a"}},
		{Pointer: "/components/2", Parent: -1, Type: "device", Properties: properties("/components/2", "yurai:party:maker:owner", "x:a")},
	}}
	read := func(log string) *Facts {
		if log == "" {
			return Read(doc)
		}
		return ReadFrom(doc, Source{Entry: &Entry{Log: log}})
	}
	said := Profile{Log: "l", Party: "x:a", Strength: Attested, By: []string{"somebody"}, Owner: []Fact{mustFact(t, "JP")}, Officers: &Roll{Whole: true, Strength: Attested, Facts: []Fact{mustFact(t, "JP")}}}
	before := read("l")
	got, used := before.Profiled([]Profile{said, {Log: "l", Party: "x:b"}, {Log: "other", Party: "x:a", Owner: []Fact{mustFact(t, "BV")}}})
	if fmt.Sprint(used) != "[3 0 0]" { // maker, seller, and owner of components/2
		t.Errorf("used %v", used)
	}
	for i, s := range read("l").Components {
		if diff := cmp.Diff(s.Parties, before.Components[i].Parties); diff != "" {
			t.Errorf("the facts were changed: %s", diff)
		}
	}
	if said.Owner[0].State != Stated || said.Owner[0].Profiled {
		t.Error("the profile was changed")
	}
	maker := got.Components[0].Party(RoleMaker)
	if maker.Owner[0].State != Contradicted || maker.Owner[1].State != Contradicted || maker.Owner[1].Strength != Asserted {
		t.Errorf("%+v", maker.Owner)
	}
	if seller := got.Components[0].Party(RoleSeller); seller.Owner[0].State != Stated {
		t.Errorf("%+v", seller.Owner)
	}
	bv, no := codes(t, "BV"), codes(t, "NO")
	for _, c := range []struct {
		name string
		got  Answer
		want Answer
	}{
		{"what one of two that contradict says", maker.OwnedIn(no, Asserted), Answer{Truth: True}},
		{"contradicted", maker.OwnedIn(bv, Asserted), Answer{}},
		{"officers", maker.LedFrom(bv, Asserted), Answer{Truth: False}},
		{"the id is the vendor's word", maker.LedFrom(bv, Attested), Answer{}},
		{"sales of which nothing is said", maker.SellsTo(bv, Asserted), Answer{}},
		{"the name of an id", got.Components[2].Party(RoleMaker).LedFrom(bv, Asserted), Answer{}},
		{"an id that is none", got.Components[1].Party(RoleMaker).LedFrom(bv, Asserted), Answer{}},
		{"whose owner it is", got.Components[3].Party(RoleMaker).OwnedIn(codes(t, "JP"), Asserted), Answer{Truth: True}},
		{"whose owner it is does not clear", got.Components[3].Party(RoleMaker).OwnedIn(bv, Asserted), Answer{}},
	} {
		if c.got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, c.got, c.want)
		}
	}
	if n := len(got.Findings) - len(before.Findings); n != 1 || got.Findings[len(got.Findings)-1].Code != "ORIGIN-FACT-CONTRADICTED" {
		t.Errorf("%+v", got.Findings)
	}
	if _, used := read("").Profiled([]Profile{said}); used[0] != 0 {
		t.Error("a document of no log has the parties of one")
	}
	rows := ""
	for _, r := range got.Rows() {
		if r.Topic == TopicParty && strings.Contains(r.Name, "officers") {
			rows += r.Name + " " + r.Value + "; "
		}
	}
	if rows != "maker officers JP; seller officers JP; " {
		t.Error(rows)
	}
}

package origin

import (
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom"
)

// devkit is a document of the draft with what its branches have: origins on
// components, parties by reference and in place, a parent chain.
const devkit = `{"specFormat":"CycloneDX","specVersion":"2.0","version":1,
"parties":[
 {"bom-ref":"radio-maker","roles":[{"role":"manufacturer"}],"organization":{"name":"Radio Works","jurisdiction":"NL","addresses":[{"isoCode":"MY-07"}],"identifiers":[{"scheme":"x","value":"radio-works"}]},"relations":{"parent":"holding"}},
 {"bom-ref":"holding","roles":[{"role":"owner"}],"organization":{"name":"Holding","jurisdiction":"BV"}},
 {"bom-ref":"smelter","roles":[{"role":"smelter"}],"organization":{"name":"Smelter"}}],
"metadata":{"component":{"bom-ref":"kit","type":"device","name":"Kit",
 "origins":[{"stage":"manufactured","basis":"number of parts","distribution":[{"isoCode":"MY","percentage":75},{"isoCode":"US","percentage":12.5},{"isoCode":"DE","percentage":12.5}]},
  {"stage":"assembled","basis":"cost","distribution":[{"isoCode":"JP","percentage":100}]}]}},
"components":[
 {"bom-ref":"radio","type":"device","name":"Radio","parties":["radio-maker"],
  "origins":[{"stage":"manufactured","basis":"cost","distribution":[{"isoCode":"MY","percentage":100,"performedBy":"smelter"}]}]},
 {"bom-ref":"magnet","type":"material","name":"Magnet","origins":[{"basis":"weight","distribution":[{"isoCode":"BV","percentage":0.001},{"isoCode":"JP","percentage":99.999}]},
  {"stage":{"name":"sintered"},"basis":"weight","distribution":[{"isoCode":"JP","percentage":100}]}]}]}`

func TestReadDraft(t *testing.T) {
	f, err := ReadDraft([]byte(devkit))
	if err != nil {
		t.Fatal(err)
	}
	bv, us := codes(t, "BV"), codes(t, "US")
	kit, radio, magnet := &f.Components[0], &f.Components[1], &f.Components[2]
	for _, c := range []struct {
		name      string
		got, want Truth
	}{
		{"the kit was made there", kit.Made(us, Asserted).Truth, True},
		{"the kit was not made there", kit.Made(bv, Asserted).Truth, False},
		{"one stage is not told", radio.Made(bv, Asserted).Truth, Unknown},
		{"as a whole counts, however little", magnet.Made(bv, Asserted).Truth, True},
		{"as a whole clears nothing", magnet.At(Mined, us, Asserted).Truth, Unknown},
		{"jurisdiction", radio.Party(RoleMaker).RegisteredIn(codes(t, "NL"), Asserted).Truth, True},
		{"an address accuses", radio.Party(RoleMaker).RegisteredIn(codes(t, "MY"), Asserted).Truth, True},
		{"elsewhere registered", radio.Party(RoleMaker).RegisteredIn(bv, Asserted).Truth, False},
		{"the parent", radio.Party(RoleMaker).OwnedIn(bv, Asserted).Truth, True},
		{"no other parent", radio.Party(RoleMaker).OwnedIn(us, Asserted).Truth, False},
		{"no parent is told", kit.Party(RoleMaker).OwnedIn(us, Asserted).Truth, Unknown},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.name, c.got, c.want)
		}
	}
	if p := radio.Party(RoleMaker); !radio.Draft || p.ID != "x:radio-works" || p.Name != "Radio Works" || p.State != Stated {
		t.Errorf("maker = %+v", p)
	}
	if p := radio.Party(RolePerformer); p.Name != "Smelter" {
		t.Errorf("performer = %+v", p)
	}
	if got := strings.Join(codesOf(f.Findings), " "); got != "ORIGIN-STAGE-CUSTOM" {
		t.Errorf("findings %s", got)
	}
	if len(f.Derivations) != 1 || f.Derivations[0].Told != 1 || f.Derivations[0].Parts != 2 {
		t.Errorf("derivations %+v", f.Derivations)
	}
}

func TestReadDraftRefuses(t *testing.T) {
	for name, c := range map[string]struct{ from, to, code, pointer string }{
		"another version":          {`"specVersion":"2.0"`, `"specVersion":"1.6"`, "ORIGIN-DRAFT-INVALID", ""},
		"another format":           {`"specFormat":"CycloneDX"`, `"specFormat":"SPDX"`, "ORIGIN-DRAFT-INVALID", ""},
		"a member in another case": {`"specFormat"`, `"SpecFormat"`, "ORIGIN-DRAFT-INVALID", ""},
		"a member twice":           {`"version":1,`, `"version":1,"version":2,`, "BOM-MEMBER-DUPLICATE", "/version"},
		"not JSON":                 {`"version":1,`, `"version":1`, "BOM-JSON-SYNTAX", ""},
		"no such stage":            {`"stage":"assembled"`, `"stage":"Assembled"`, "ORIGIN-DRAFT-INVALID", "/metadata/component/origins/1/stage"},
		"a stage without a name":   {`{"name":"sintered"}`, `{"description":"x"}`, "ORIGIN-DRAFT-INVALID", "/components/1/origins/1/stage"},
		"no basis":                 {`"basis":"number of parts",`, ``, "ORIGIN-DRAFT-INVALID", "/metadata/component/origins/0/basis"},
		"no distribution":          {`[{"isoCode":"MY","percentage":100,"performedBy":"smelter"}]`, `[]`, "ORIGIN-DRAFT-INVALID", "/components/0/origins/0/distribution"},
		"a country in lower case":  {`"isoCode":"US"`, `"isoCode":"us"`, "ORIGIN-DRAFT-INVALID", "/metadata/component/origins/0/distribution/1/isoCode"},
		"above a hundred":          {`"percentage":75`, `"percentage":101`, "ORIGIN-DRAFT-INVALID", "/metadata/component/origins/0/distribution/0/percentage"},
		"below zero":               {`"percentage":75`, `"percentage":-1`, "ORIGIN-DRAFT-INVALID", "/metadata/component/origins/0/distribution/0/percentage"},
		"an exponent":              {`"percentage":75`, `"percentage":7e1`, "ORIGIN-DRAFT-INVALID", "/metadata/component/origins/0/distribution/0/percentage"},
		"a percentage in words":    {`"percentage":75`, `"percentage":"75"`, "ORIGIN-DRAFT-INVALID", "/metadata/component/origins/0/distribution/0/percentage"},
		"an unknown member":        {`"percentage":75`, `"percentage":75,"country":"BV"`, "ORIGIN-DRAFT-INVALID", "/metadata/component/origins/0"},
		"nobody of that name":      {`"performedBy":"smelter"`, `"performedBy":"ghost"`, "ORIGIN-DRAFT-INVALID", "/components/0/origins/0/distribution/0/performedBy"},
		"a party of that name":     {`["radio-maker"]`, `["nobody"]`, "ORIGIN-DRAFT-INVALID", "/components/0/parties/0"},
		"one name for two":         {`"bom-ref":"holding"`, `"bom-ref":"radio-maker"`, "ORIGIN-DRAFT-INVALID", "/parties/1"},
	} {
		if !strings.Contains(devkit, c.from) {
			t.Fatalf("%s: nothing to change", name)
		}
		_, err := ReadDraft([]byte(strings.Replace(devkit, c.from, c.to, 1)))
		refused, ok := err.(interface {
			Code() string
			Place() (string, int)
		})
		if !ok || refused.Code() != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
			continue
		}
		if pointer, _ := refused.Place(); c.pointer != "" && pointer != c.pointer {
			t.Errorf("%s: at %s, want %s", name, pointer, c.pointer)
		}
	}
}

func TestDraftOwners(t *testing.T) {
	for name, c := range map[string]struct{ from, to string }{
		"a parent that is not there":      {`"parent":"holding"`, `"parent":"ghost"`},
		"a parent without a jurisdiction": {`"name":"Holding","jurisdiction":"BV"`, `"name":"Holding"`},
		"a circle":                        {`"name":"Holding","jurisdiction":"BV"}`, `"name":"Holding","jurisdiction":"DE"},"relations":{"parent":"radio-maker"}`},
		"no country":                      {`"name":"Holding","jurisdiction":"BV"`, `"name":"Holding","jurisdiction":"XK"`},
	} {
		f, err := ReadDraft([]byte(strings.Replace(devkit, c.from, c.to, 1)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := f.Components[1].Party(RoleMaker).OwnedIn(codes(t, "US"), Asserted); got.Truth != Unknown {
			t.Errorf("%s: %s, want unknown", name, got.Truth)
		}
	}
}

func codes(t testing.TB, list ...string) Codes {
	t.Helper()
	set, err := NewCodes(list)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// Properties of 1.x beside the members of the draft add what accuses and clear
// nothing that the draft leaves open; and no such document is a bill of materials.
func TestDraftMixed(t *testing.T) {
	draft := func(component string) string {
		return `{"specFormat":"CycloneDX","specVersion":"2.0","version":1,"parties":[{"bom-ref":"m","roles":[{"role":"manufacturer"}],"organization":{"name":"Radio Works","jurisdiction":"NL","identifiers":[{"scheme":"x","value":"radio-works"}]}}],
"metadata":{"component":{"bom-ref":"kit","type":"device","name":"Kit",` + component + `}}}`
	}
	in := func(stage, code string) string {
		return `{"stage":"` + stage + `","basis":"cost","distribution":[{"isoCode":"` + code + `","percentage":100}]}`
	}
	property := func(name, value string) string { return `{"name":"` + name + `","value":"` + value + `"}` }
	bv := codes(t, "BV")
	for _, c := range []struct {
		name, component string
		want            Truth // made in BV
	}{
		{"both alike", `"origins":[` + in("manufactured", "JP") + `,` + in("assembled", "JP") + `],"properties":[` + property("yurai:origin:manufactured", "JP") + `]`, False},
		{"a property accuses", `"origins":[` + in("manufactured", "JP") + `,` + in("assembled", "JP") + `],"properties":[` + property("yurai:origin:manufactured", "BV") + `]`, True},
		{"the draft accuses", `"origins":[` + in("manufactured", "BV") + `],"properties":[` + property("yurai:origin:manufactured", "JP|cost") + `,` + property("yurai:origin:assembled", "JP") + `]`, True},
		{"they contradict", `"origins":[` + in("manufactured", "JP") + `,` + in("assembled", "JP") + `],"properties":[` + property("yurai:origin:manufactured", "TW|cost") + `]`, Unknown},
		{"a property that cannot be read", `"origins":[` + in("manufactured", "JP") + `,` + in("assembled", "JP") + `],"properties":[` + property("yurai:origin:manufactured", "Japan?") + `]`, Unknown},
		{"half by each", `"origins":[` + in("manufactured", "JP") + `],"properties":[` + property("yurai:origin:assembled", "JP") + `]`, False},
	} {
		f, err := ReadDraft([]byte(draft(c.component)))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := f.Components[0].Made(bv, Asserted).Truth; got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if doc, _ := sbom.Admit([]byte(draft(c.component)), sbom.DefaultLimits); doc != nil {
			t.Errorf("%s: it is admitted", c.name)
		}
	}
	// Who is named twice is one who is named otherwise.
	f, err := ReadDraft([]byte(draft(`"parties":["m"],"properties":[` + property("yurai:party:maker:id", "x:other") + `,` + property("yurai:party:maker:registered", "BV") + `]`)))
	if err != nil {
		t.Fatal(err)
	}
	p := f.Components[0].Party(RoleMaker)
	if p.State != Contradicted || len(p.IDs) != 2 || p.RegisteredIn(bv, Asserted).Truth != True || p.RegisteredIn(codes(t, "US"), Asserted).Truth != Unknown {
		t.Errorf("%s %+v %+v", p.State, p.IDs, p.Registered)
	}
	// A document of 1.x is none of the draft, and takes nothing of it.
	for _, raw := range []string{
		`{"bomFormat":"CycloneDX","specVersion":"1.7","components":[{"type":"device","name":"x","origins":[]}]}`,
		`{"bomFormat":"CycloneDX","specFormat":"CycloneDX","specVersion":"2.0"}`,
		`{"specFormat":"CycloneDX","specVersion":"1.7"}`,
	} {
		if doc, _ := sbom.Admit([]byte(raw), sbom.DefaultLimits); doc != nil {
			t.Errorf("%s is admitted", raw)
		}
	}
}

package policy

import (
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/list"
	"github.com/yurai-ledger/yurai/sbom/origin"
)

// linkedBy returns the facts of a device that links to a BOM whose product a
// sub-supplier made, which is named there alone.
func linkedBy(t *testing.T, maker string) *origin.Facts {
	t.Helper()
	device := part("/metadata/component", "device", makerID, "x:hoshino")
	device.Manufacturer = sbom.Organization{Pointer: "/metadata/component/manufacturer", Name: "Hoshino Relay"}
	device.ExternalReferences = []sbom.ExternalReference{{
		Pointer: "/metadata/component/externalReferences/0", Type: "bom", URL: "https://sub.example/fw",
		Hashes: []sbom.Hash{{Algorithm: "SHA-256", Value: strings.Repeat("ab", 32)}},
	}}
	chip := part("/metadata/component", "device", makerID, "x:else")
	chip.Manufacturer = sbom.Organization{Pointer: "/metadata/component/manufacturer", Name: maker}
	docs := [2]*sbom.Document{document(device), document(chip)}
	for i, doc := range docs {
		doc.Compositions[0].Dependencies = []string{"/metadata/component"}
		doc.Digest[0] = byte(i + 1)
	}
	var digest [32]byte
	for i := range digest {
		digest[i] = 0xab
	}
	docs[1].Digest = digest
	return origin.Read(docs[0]).Join(map[[32]byte]*origin.Facts{digest: origin.Read(docs[1])})
}

// A sub-supplier that only a linked BOM names is looked for as every other, and no
// way of writing its name clears it: a rule over parties holds, whatever it says of
// unknown, or leaves it unknown.
func TestListedThroughLinks(t *testing.T) {
	rows := mustList(t, "name,aliases", "Kurokami Foundry,黒髪半導体株式会社", "ガビアン電子,", "クロカミ,")
	p := rules(t, knownInputs, "each: party, when: 'listed(it, input.bad)', outcome: reject, unknown: hold",
		"each: component, when: 'listed(maker(it), input.bad)', outcome: note, unknown: note")
	judge := func(maker string, rows *list.List) Outcome {
		return p.Evaluate(Evidence{Facts: linkedBy(t, maker), At: noon, Lists: map[string]Reference{"bad": {List: rows, Date: noon}}})
	}
	if out := judge("Minami Cable", rows); out.Verdict != "accept" {
		t.Fatalf("somebody else: %s %+v", out.Verdict, out.Reasons)
	}
	for _, c := range []struct{ name, maker, verdict string }{
		{"as it is", "Kurokami Foundry", "reject"},
		{"another alias", "黒髪半導体㍿", "reject"},
		{"full width", "ＫＵＲＯＫＡＭＩ　ＦＯＵＮＤＲＹ", "reject"},
		{"a legal form", "株式会社黒髪半導体", "reject"},
		{"legal forms at both ends", "The Kurokami Foundry Holdings Co., Ltd.", "hold"},
		{"half-width kana", "ｶﾞﾋﾞｱﾝ電子", "reject"},
		{"sound marks that stand alone", "カ゛ビアン電子", "reject"},
		{"half-width sound marks behind wide kana", "カﾞヒﾞアン電子", "reject"},
		{"hiragana", "がびあん電子", "reject"},
		{"kanji for kana", "クロ力ミ", "hold"},
		{"traditional forms", "黑髮半導體", "reject"},
		{"letters of another script", "Кurоkаmi Fоundrу", "hold"},
		{"mathematical letters", "𝕶urokami 𝔉oundry", "reject"},
		{"a space without width", "Kuro\u200bkami Foundry", "reject"},
		{"a soft hyphen", "Kuro\u00adkami Foundry", "reject"},
		{"fillers of Hangul", "Kuro\u3164kami\uffa0 Foundry", "reject"},
		{"a blank of Braille", "Kurokami\u2800Foundry", "reject"},
		{"a mark that chooses a form", "黒髪\U000e0100半導体", "reject"},
		{"marks over letters", "K\u0332urokami F\u0336oundry", "reject"},
		{"written backwards, shown forwards", "\u202eyrdnuoF imakoruK\u202c", "hold"},
		{"with direction marks", "\u2066Kurokami\u2069 Foundry\u200f", "reject"},
		{"words turned round", "Foundry Kurokami", "hold"},
		{"without spaces", "KurokamiFoundry", "hold"},
		{"letters set apart", "K.u.r.o.k.a.m.i Foundry", "reject"},
		{"with more words", "Kurokami Foundry of Somewhere, Trading", "hold"},
		{"padded until it is too long", "Kurokami Foundry" + strings.Repeat(" ", 600), "hold"},
		{"padded with what nobody sees", "Kurokami Foundry" + strings.Repeat("\u200b", 200), "hold"},
		{"nothing but what nobody sees", "\u200b\u2060\u3164", "hold"},
		{"not UTF-8", "Kurokami Foundry\xff", "hold"},
	} {
		if out := judge(c.maker, rows); out.Verdict != c.verdict {
			t.Errorf("%s: %q is %s, want %s: %+v", c.name, c.maker, out.Verdict, c.verdict, out.Reasons)
		}
	}
}

// A policy's groups fold once and into themselves, and words of a context are
// alike but for case and width.
func TestGroupsAndWords(t *testing.T) {
	made := func(code string) *origin.Facts {
		return origin.Read(document(part("/metadata/component", "device", made, code)))
	}
	groups := "groups: {BV: [HM, BV], HM: [BV], JP: [JP], island: [HM], north: [BV]}\n"
	for _, c := range []struct {
		name, when, code, want string
	}{
		{"a country's group has the country", `made(it, ["BV"])`, "BV", "T"},
		{"and its members", `made(it, ["BV"])`, "HM", "T"},
		{"a circle is followed once", `made(it, ["HM"])`, "BV", "T"},
		{"a group's members are not folded further", `made(it, ["island"])`, "BV", "F"},
		{"a group stands for its members alone", `made(it, ["island"])`, "HM", "T"},
		{"one in itself changes nothing", `made(it, ["JP"])`, "JP", "T"},
		{"twice in a list", `made(it, ["north", "BV", "BV", "north"])`, "BV", "T"},
		{"home is what its group adds", `abroad(it, "manufactured")`, "HM", "T"},
	} {
		p := rules(t, groups, "each: product, when: '"+c.when+"', outcome: hold, unknown: note")
		if got := letter(p.Evaluate(Evidence{Facts: made(c.code), At: noon}).Rules[0].Value); got != c.want {
			t.Errorf("%s: %s of %s is %s, want %s", c.name, c.when, c.code, got, c.want)
		}
	}
	p := rules(t, "", "each: product, where: {sector: [rail, Ｗater]}, when: 'true', outcome: hold, unknown: hold")
	for sector, applies := range map[string]bool{"": true, "rail": true, "Rail": true, " RAIL ": true, "ｒａｉｌ": true, "water": true, "rails": false, "road": false} {
		if out := p.Evaluate(Evidence{At: noon, Context: Context{Sector: sector}}); out.Rules[0].Applies != applies {
			t.Errorf("in the sector %q the rule applies: %t", sector, !applies)
		}
	}
	// What is set on a command line is refused unless it is codes as they are.
	p = rules(t, strings.Replace(knownInputs, "inputs: {", "inputs: {concern: {type: codes}, ", 1)+groups, "each: product, when: 'made(it, input.concern)', outcome: hold, unknown: hold")
	for _, bad := range []string{"concern=", "concern=bv", "concern=BV, HM", "concern= BV", "concern=BV,", "concern=,", "concern=[],BV", "concern=ZZ", "concern=ISLAND", "concern", "bad=BV", "other=BV"} {
		if _, err := p.ParseInputs(bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
	if _, err := p.ParseInputs("concern=BV", "concern=BV"); err == nil {
		t.Error("an input is set twice")
	}
	in, err := p.ParseInputs("concern=BV,BV,island")
	if err != nil || in.String() != "concern=BV,BV,island" {
		t.Errorf("%q, %v", in.String(), err)
	}
	for code, want := range map[string]string{"HM": "T", "BV": "T", "JP": "F"} {
		if got := letter(p.Evaluate(Evidence{Facts: made(code), At: noon, Inputs: in}).Rules[0].Value); got != want {
			t.Errorf("made in %s is %s, want %s", code, got, want)
		}
	}
	if empty, err := p.ParseInputs("concern=[]"); err != nil || empty.String() != "concern=[]" {
		t.Errorf("%q, %v", empty.String(), err)
	}
}

// Services are judged each for itself, wherever they lie: nothing is taken from
// the service that one lies in, nor from who answers for data in another place.
func TestServicesAreJudgedAlone(t *testing.T) {
	service := func(pointer string, parent int, provider string, governors ...string) sbom.Service {
		s := sbom.Service{Pointer: pointer, Parent: parent, Ref: pointer}
		if provider != "" {
			s.Provider = sbom.Organization{Pointer: pointer + "/provider", Name: provider}
		}
		for i, g := range governors {
			at := pointer + "/data/0/governance/custodians/" + string(rune('0'+i))
			flow := sbom.DataFlow{Pointer: pointer + "/data/" + string(rune('0'+i)), Flow: "outbound", Classification: "customer"}
			flow.Governance = []sbom.Governor{{Pointer: at, Role: "custodians", Organization: sbom.Organization{Pointer: at + "/organization", Name: g}}}
			s.Data = append(s.Data, flow)
		}
		return s
	}
	of := func(services ...sbom.Service) *sbom.Document {
		product := part("/metadata/component", "application", "yurai:origin:developed", "JP", "yurai:origin:built", "JP")
		product.Manufacturer = sbom.Organization{Pointer: "/metadata/component/manufacturer", Name: "Hoshino"}
		doc := document(product)
		doc.Services, doc.Compositions[0].Dependencies = services, []string{"/metadata/component"}
		return doc
	}
	rows := mustList(t, "name", "Kurokami Cloud")
	p := rules(t, knownInputs, "each: service, when: 'listed(provider(it), input.bad)', outcome: reject, unknown: hold", "each: party, when: 'listed(it, input.bad)', outcome: reject, unknown: hold")
	const top, below = "/services/0", "/services/0/services/0"
	for _, c := range []struct {
		name    string
		doc     *sbom.Document
		verdict string
	}{
		{"two that are known", of(service(top, -1, "A"), service(below, 0, "B")), "accept"},
		{"no provider", of(service(top, -1, "")), "hold"},
		{"no provider of one that lies in another", of(service(top, -1, "A"), service(below, 0, "")), "hold"},
		{"a listed one in another", of(service(top, -1, "A"), service(below, 0, "Kurokami Cloud")), "reject"},
		{"a listed custodian", of(service(top, -1, "A", "B", "Kurokami Cloud")), "reject"},
		{"a listed custodian of one in another", of(service(top, -1, "A", "B"), service(below, 0, "C", "D", "Kurokami Cloud")), "reject"},
		{"custodians alike", of(service(top, -1, "A", "B", "Kurokami Clouds")), "hold"},
		{"custodians that are known, in several places", of(service(top, -1, "A", "B", "C"), service(below, 0, "A", "C", "B")), "accept"},
	} {
		out := p.Evaluate(Evidence{Facts: origin.Read(c.doc), At: noon, Lists: map[string]Reference{"bad": {List: rows, Date: noon}}})
		if out.Verdict != c.verdict {
			t.Errorf("%s: %s, want %s: %+v", c.name, out.Verdict, c.verdict, out.Reasons)
		}
		// In a BOM that another one links to they are the same.
		device := document(part("/metadata/component", "device", "yurai:party:maker:id", "x:hoshino"))
		device.Components[0].Manufacturer = sbom.Organization{Pointer: "/metadata/component/manufacturer", Name: "Hoshino"}
		device.Compositions[0].Dependencies = []string{"/metadata/component"}
		device.Digest[0] = 1
		digest := [32]byte{2}
		c.doc.Digest = digest
		device.ExternalReferences = []sbom.ExternalReference{{Pointer: "/externalReferences/0", Type: "bom", Hashes: []sbom.Hash{{Algorithm: "SHA-256", Value: "02" + strings.Repeat("00", 31)}}}}
		facts := origin.Read(device).Join(map[[32]byte]*origin.Facts{digest: origin.Read(c.doc)})
		if out = p.Evaluate(Evidence{Facts: facts, At: noon, Lists: map[string]Reference{"bad": {List: rows, Date: noon}}}); out.Verdict != c.verdict {
			t.Errorf("%s, linked: %s, want %s: %+v", c.name, out.Verdict, c.verdict, out.Reasons)
		}
	}
}

// A list of a later day has no age, and one of tomorrow has, somewhere on earth.
func TestListOfTheFuture(t *testing.T) {
	l := mustList(t, "name", "Somebody")
	p := rules(t, knownInputs, "each: product, when: 'listed(maker(it), input.bad)', outcome: reject, unknown: note")
	for ahead, code := range map[time.Duration]string{0: "", 24 * time.Hour: "", 24*time.Hour + 1: "POLICY-LIST-STALE", 9000 * time.Hour: "POLICY-LIST-STALE"} {
		out := p.Evaluate(Evidence{Facts: madeBy("Hoshino Relay"), At: noon, Lists: map[string]Reference{"bad": {List: l, Date: noon.Add(ahead)}}})
		got := ""
		if len(out.Reasons) > 0 {
			got = out.Reasons[0].Code
		}
		if got != code {
			t.Errorf("%s ahead: %q, want %q", ahead, got, code)
		}
	}
}

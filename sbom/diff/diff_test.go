package diff

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
)

// bom is a document of version 1.6 with the members given.
func bom(members string) string {
	return `{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,` + members + `}`
}

// part is a component named chip with the members given after a comma.
func part(members string) string {
	return bom(`"components":[{"type":"device","name":"chip"` + members + `}]`)
}

func properties(words ...string) string {
	var list []string
	for i := 0; i < len(words); i += 2 {
		list = append(list, fmt.Sprintf(`{"name":%q,"value":%q}`, words[i], words[i+1]))
	}
	return `,"properties":[` + strings.Join(list, ",") + `]`
}

func TestChanges(t *testing.T) {
	const yes, no, open = origin.True, origin.False, origin.Unknown
	made := func(value string) string { return part(properties("yurai:origin:manufactured", value)) }
	service := func(members string) string { return bom(`"services":[{"name":"history"` + members + `}]`) }
	product := func(members string) string {
		return bom(`"metadata":{"component":{"type":"device","bom-ref":"p",` + members + `}}`)
	}
	hash := strings.Repeat("ab", 32)
	link := func(version int, digest string) string {
		h := ""
		if digest != "" {
			h = `,"hashes":[{"alg":"SHA-256","content":"` + digest + `"}]`
		}
		return part(fmt.Sprintf(`,"externalReferences":[{"type":"bom","url":"urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/%d"%s}]`, version, h))
	}
	attested := func(assessor string, third bool) string {
		return bom(fmt.Sprintf(`"metadata":{"component":{"type":"device","bom-ref":"p","name":"relay","manufacturer":{"name":"Hoshino"}}},
			"definitions":{"standards":[{"bom-ref":"s","name":"S","requirements":[{"bom-ref":"r","identifier":"C1"}]}]},
			"declarations":{"assessors":[{"bom-ref":"a","thirdParty":%v,"organization":{"name":%q}}],"claims":[{"bom-ref":"q","target":"p","predicate":"met"}],
			"attestations":[{"assessor":"a","map":[{"requirement":"r","claims":["q"],"conformance":{"score":1}}]}]}`, third, assessor))
	}
	cited := `,"citations":[{"pointers":["/components/0/properties"],"timestamp":"2026-11-01T00:00:00Z","attributedTo":"lab"}]`
	v17 := func(more string) string {
		return strings.Replace(bom(`"components":[{"type":"device","name":"chip","manufacturer":{"bom-ref":"lab","name":"Lab"}`+properties("yurai:origin:manufactured", "JP")+`}]`+more), "1.6", "1.7", 1)
	}
	for name, c := range map[string]struct {
		before, after string
		want          []string // kind, aspect and sentence
		judged        origin.Truth
		other         bool
	}{
		"place":                  {made("JP"), made("BV"), []string{"changed stage chip: manufactured in JP → BV"}, yes, false},
		"the same place twice":   {made("JP=60;MY=40"), made("MY=40;JP=60"), nil, no, false},
		"shares added up":        {made("JP"), made("JP=60;JP=40"), nil, no, false},
		"shares":                 {made("JP=60;MY=40"), made("JP=50;MY=50"), []string{"changed stage chip: manufactured in JP 60 %, MY 40 % → JP 50 %, MY 50 %"}, yes, false},
		"performer":              {made("JP@x:a"), made("JP@x:b"), []string{"changed stage chip: manufactured in JP (x:a) → JP (x:b)"}, yes, false},
		"performer named":        {made("JP"), made("JP@x:b"), []string{"changed stage chip: manufactured in JP → JP, by x:b"}, yes, false},
		"withheld":               {made("JP"), made("withheld"), []string{"withheld stage chip: where it is manufactured withheld now (was JP)"}, yes, false},
		"disclosed":              {made("withheld"), made("JP"), []string{"disclosed stage chip: where it is manufactured no longer withheld: JP"}, yes, false},
		"unknown":                {made("JP"), made("unknown"), []string{"unknown stage chip: where it is manufactured said to be unknown now (was JP)"}, yes, false},
		"known":                  {made("unknown"), made("JP"), []string{"known stage chip: where it is manufactured no longer unknown: JP"}, yes, false},
		"withheld, not unknown":  {made("unknown"), made("withheld"), []string{"withheld stage chip: where it is manufactured withheld now (was unknown)"}, yes, false},
		"unreadable":             {made("JP"), made("Japan"), []string{"doubted stage chip: where it is manufactured cannot be relied on now, it is malformed: ? (was JP)"}, yes, false},
		"readable":               {made("Japan"), made("JP"), []string{"settled stage chip: where it is manufactured no longer malformed: JP"}, yes, false},
		"contradicted":           {made("JP"), part(properties("yurai:origin:manufactured", "JP", "cdx:device:countryOfOrigin", "MY")), []string{"doubted stage chip: where it is manufactured cannot be relied on now, it is contradicted: JP / MY (was JP)"}, yes, false},
		"contradicted otherwise": {part(properties("yurai:origin:manufactured", "TW", "cdx:device:countryOfOrigin", "MY")), part(properties("yurai:origin:manufactured", "JP", "cdx:device:countryOfOrigin", "MY")), []string{"changed stage chip: manufactured in MY / TW → JP / MY"}, yes, false},
		"no longer told":         {made("JP"), part(""), []string{"untold stage chip: where it is manufactured no longer told (was JP)"}, yes, false},
		"told":                   {part(""), made("JP"), []string{"told stage chip: where it is manufactured told now: JP"}, yes, false},
		"basis":                  {made("JP|weight"), made("MY|weight"), []string{"changed stage chip: manufactured in JP → MY"}, yes, false},
		"another basis":          {made("JP|weight"), made("JP|value"), []string{"told stage chip: where it is manufactured by value told now: JP", "untold stage chip: where it is manufactured by weight no longer told (was JP)"}, yes, false},
		"weaker":                 {v17(cited), v17(""), []string{"weaker stage chip: where it is manufactured JP is less well founded: cited → asserted"}, yes, false},
		"stronger":               {v17(""), v17(cited), []string{"stronger stage chip: where it is manufactured JP is better founded: asserted → cited"}, yes, false},
		"maker":                  {part(`,"manufacturer":{"name":"Minami"}`), part(`,"manufacturer":{"name":"Kita"}`), []string{"changed party chip: maker's name Minami → Kita"}, yes, false},
		"group is the maker's":   {part(`,"group":"minami"`), part(`,"group":"kita"`), []string{"changed identity chip: group minami → kita"}, yes, false},
		"seller":                 {part(`,"supplier":{"name":"Minami"}`), part(""), []string{"untold party chip: seller's name no longer told (was Minami)"}, yes, false},
		"registration":           {part(properties("yurai:party:maker:registered", "JP")), part(properties("yurai:party:maker:registered", "BV")), []string{"changed party chip: maker's registration JP → BV"}, yes, false},
		"owner":                  {part(properties("yurai:party:maker:owner", "x:minami")), part(properties("yurai:party:maker:owner", "BV")), []string{"changed party chip: maker's owner x:minami → BV"}, yes, false},
		"plant":                  {part(properties("yurai:party:maintainer:plant", "JP")), part(properties("yurai:party:maintainer:plant", "withheld")), []string{"withheld party chip: maintainer's plant withheld now (was JP)"}, yes, false},
		"address":                {part(`,"supplier":{"name":"M","address":{"country":"JP"}}`), part(`,"supplier":{"name":"M","address":{"country":"BV"}}`), []string{"changed party chip: seller's address JP → BV"}, yes, false},
		"publisher":              {part(`,"publisher":"M"`), part(`,"publisher":"K"`), []string{"changed party chip: publisher's name M → K"}, yes, false},
		"function":               {part(properties("cdx:device:function", "storage")), part(properties("cdx:device:function", "connector")), []string{"changed function chip: function storage → connector"}, yes, false},
		"type":                   {part(""), bom(`"components":[{"type":"firmware","name":"chip"}]`), []string{"changed identity chip: type device → firmware"}, yes, false},
		"version":                {part(`,"version":"1"`), part(`,"version":"2"`), []string{"changed version chip: version 1 → 2"}, no, false},
		"hash":                   {part(`,"hashes":[{"alg":"SHA-256","content":"` + hash + `"}]`), part(""), []string{"untold digest chip: digest SHA-256 no longer told (was " + hash + ")"}, no, false},
		"case of a hash":         {part(`,"hashes":[{"alg":"SHA-256","content":"` + hash + `"}]`), part(`,"hashes":[{"alg":"SHA-256","content":"` + strings.ToUpper(hash) + `"}]`), nil, no, false},
		"quantity":               {part(properties("cdx:device:quantity", "2")), part(properties("cdx:device:quantity", "3")), []string{"changed quantity chip: quantity 2 → 3"}, no, false},
		"property":               {part(properties("our:lot", "2")), part(properties("our:lot", "3")), []string{"changed property chip: property our:lot 2 → 3"}, no, false},
		"renamed":                {bom(`"components":[{"type":"device","name":"flash","purl":"pkg:generic/f@1"}]`), bom(`"components":[{"type":"device","name":"memory","purl":"pkg:generic/f@2"}]`), []string{"changed identity memory: name flash → memory", "changed version memory: version purl 1 → 2"}, yes, false},
		"renamed, by CPE":        {bom(`"components":[{"type":"device","name":"flash","cpe":"cpe:/h:minami:f:1"}]`), bom(`"components":[{"type":"device","name":"memory","cpe":"cpe:2.3:h:Minami:f:1:*:*:*:*:*:*:*"}]`), []string{"changed identity memory: name flash → memory"}, yes, false},
		"updated":                {part(`,"version":"1","purl":"pkg:generic/f@1"`), part(`,"version":"2","purl":"pkg:generic/f@2"`), []string{"changed version chip: version 1 → 2"}, no, false},
		"another package URL":    {part(`,"purl":"pkg:generic/f"`), part(`,"purl":"pkg:generic/g"`), []string{"changed identity chip: package URL pkg:generic/f → pkg:generic/g"}, yes, false},
		"added":                  {bom(`"components":[]`), part(""), []string{"added whole chip: component added, in the product"}, yes, false},
		"removed":                {part(`,"version":"1"`), bom(`"components":[]`), []string{"removed whole chip 1: component removed, from the product"}, yes, false},
		"moved":                  {bom(`"components":[{"type":"device","name":"a","components":[{"type":"device","name":"chip"}]},{"type":"device","name":"b"}]`), bom(`"components":[{"type":"device","name":"a"},{"type":"device","name":"b","components":[{"type":"device","name":"chip"}]}]`), []string{"moved whole chip: component moved, a → b"}, yes, false},
		"moved with what is in":  {bom(`"components":[{"type":"device","name":"a","components":[{"type":"device","name":"c","components":[{"type":"device","name":"chip"}]}]},{"type":"device","name":"b"}]`), bom(`"components":[{"type":"device","name":"a"},{"type":"device","name":"b","components":[{"type":"device","name":"c","components":[{"type":"device","name":"chip","version":"2"}]}]}]`), []string{"moved whole c: component moved, a → b", "told version chip: version told now: 2"}, yes, false},
		"linked BOM":             {link(1, hash), link(2, ""), []string{"changed link chip: link to BOM urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79 1 SHA-256 " + hash + " → 2"}, open, false},
		"link vanished":          {link(1, hash), part(""), []string{"untold link chip: link to BOM urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79 no longer told (was 1 SHA-256 " + hash + ")"}, open, false},
		"hosting":                {service(properties("yurai:origin:hosted", "JP")), service(properties("yurai:origin:hosted", "BV")), []string{"changed stage history: hosted in JP → BV"}, yes, false},
		"access":                 {service(properties("yurai:access:from", "JP")), service(properties("yurai:access:from", "BV")), []string{"changed access history: remote access from JP → BV"}, yes, false},
		"privilege":              {service(properties("yurai:access:privilege", "none")), service(""), []string{"untold access history: privilege of remote access no longer told (was none)"}, yes, false},
		"operator":               {service(properties("yurai:access:operator", "x:a")), service(properties("yurai:access:operator", "x:b")), []string{"changed access history: operator of remote access x:a → x:b"}, yes, false},
		"always on":              {service(properties("yurai:access:always-on", "false")), service(properties("yurai:access:always-on", "true")), []string{"changed access history: remote access always on false → true"}, yes, false},
		"provider":               {service(`,"provider":{"name":"A"}`), service(`,"provider":{"name":"B"}`), []string{"changed party history: provider's name A → B"}, yes, false},
		"data":                   {service(`,"data":[{"flow":"inbound","classification":"public"}]`), service(`,"data":[{"flow":"inbound","classification":"PII"}]`), []string{"changed data history: data inbound public → inbound PII"}, yes, false},
		"custodian":              {service(`,"data":[{"flow":"inbound","classification":"x","governance":{"custodians":[{"organization":{"name":"A"}}]}}]`), service(`,"data":[{"flow":"inbound","classification":"x","governance":{"custodians":[{"organization":{"name":"B"}}]}}]`), []string{"changed party history: custodian of data's name A → B"}, yes, false},
		"two names as one":       {service(`,"data":[{"flow":"inbound","classification":"x","governance":{"custodians":[{"organization":{"name":"A"}},{"organization":{"name":"B"}}]}}]`), service(`,"data":[{"flow":"inbound","classification":"x","governance":{"custodians":[{"organization":{"name":"A / B"}}]}}]`), []string{"changed party history: custodian of data's name A / B → A / B"}, yes, false},
		"whose address":          {service(`,"data":[{"flow":"inbound","classification":"x","governance":{"custodians":[{"organization":{"name":"A","address":{"country":"JP"}}},{"organization":{"name":"B","address":{"country":"BV"}}}]}}]`), service(`,"data":[{"flow":"inbound","classification":"x","governance":{"custodians":[{"organization":{"name":"A","address":{"country":"BV"}}},{"organization":{"name":"B","address":{"country":"JP"}}}]}}]`), []string{"changed party history: custodian of data's address A: JP / B: BV → A: BV / B: JP"}, yes, false},
		"classification untold":  {service(`,"data":[{"flow":"inbound","classification":"public"}]`), service(`,"data":[{"flow":"inbound","classification":""}]`), []string{"unknown data history: data said to be unknown now (was inbound public)"}, yes, false},
		"endpoint":               {service(`,"endpoints":["https://a.example/"]`), service(`,"endpoints":["https://b.example/"]`), []string{"changed endpoints history: endpoint https://a.example/ → https://b.example/"}, no, false},
		"service removed":        {service(""), bom(`"services":[]`), []string{"removed whole history: service removed, from the product"}, yes, false},
		"pedigree":               {part(`,"pedigree":{"ancestors":[{"type":"device","name":"die"` + properties("yurai:origin:manufactured", "BV") + `}]}`), part(""), []string{"untold pedigree chip: made from die no longer told (was die)", "untold pedigree chip: made from die:manufactured no longer told (was BV)"}, yes, false},
		"no longer complete":     {product(`"name":"relay"`)[:len(product(`"name":"relay"`))-1] + `,"compositions":[{"aggregate":"complete","assemblies":["p"]}]}`, product(`"name":"relay"`), []string{"untold completeness BOM: completeness of the list no longer told (was complete)", "untold completeness relay: completeness of its parts no longer told (was complete)"}, yes, false},
		"attestation":            {attested("A", true), attested("A", false), []string{"changed attested relay: attestation C1 met, A (third party) → met, A"}, yes, false},
		"attestation taken back": {attested("A", true), strings.Replace(attested("A", true), `"claims":["q"]`, `"claims":["q"],"counterClaims":["q"]`, 1), []string{"changed attested relay: attestation C1 met, A (third party) → met, A (third party), contested"}, yes, false},
		"assessor is the maker":  {attested("A", true), attested("Hoshino", true), []string{"changed attested relay: attestation C1 met, A (third party) → met, Hoshino"}, yes, false},
		"serial number":          {bom(`"components":[]`), bom(`"serialNumber":"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79","components":[]`), []string{"told document BOM: serial number told now: urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79"}, no, false},
		"another product":        {product(`"name":"relay"`), product(`"name":"router"`), []string{"changed identity router: name relay → router"}, yes, true},
		"product renamed":        {product(`"name":"relay","cpe":"cpe:2.3:h:m:r:1:*:*:*:*:*:*:*"`), product(`"name":"router","cpe":"cpe:2.3:h:m:r:2:*:*:*:*:*:*:*"`), []string{"changed identity router: name relay → router", "changed version router: version cpe 1 → 2"}, yes, false},
		"same name, other group": {product(`"name":"relay","group":"a"`), product(`"name":"relay","group":"b"`), []string{"changed identity relay: group a → b"}, yes, true},
	} {
		t.Run(name, func(t *testing.T) {
			got := Compare(admit(t, []byte(c.before)), admit(t, []byte(c.after)))
			var list []string
			for i := range got.List {
				ch := &got.List[i]
				s := ch.Sentence()
				list = append(list, fmt.Sprintf("%s %s %s", ch.Kind, ch.Aspect, s.EN))
				if s.JA == "" || s.JA == s.EN {
					t.Errorf("in Japanese: %q", s.JA)
				}
			}
			if diff := cmp.Diff(c.want, list); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got.Origin() != c.judged || got.Other != c.other {
				t.Errorf("origin %v, other %v, want %v, %v", got.Origin(), got.Other, c.judged, c.other)
			}
		})
	}
}

// TestJoined: where both sides have the linked document, the link is what it says.
func TestJoined(t *testing.T) {
	linked := func(place string) (*sbom.Document, string) {
		doc := admit(t, []byte(bom(`"metadata":{"component":{"type":"firmware","name":"image","group":"g"}},"components":[{"type":"library","name":"tls","purl":"pkg:generic/tls@1"`+properties("yurai:origin:developed", place)+`}]`)))
		return doc, strings.TrimPrefix(doc.DigestString(), "sha256:")
	}
	side := func(place string, join bool) Side {
		to, hex := linked(place)
		doc := admit(t, []byte(part(`,"externalReferences":[{"type":"bom","url":"https://a.example/bom","hashes":[{"alg":"SHA-256","content":"`+hex+`"}]}]`)))
		if !join {
			return Side{Document: doc}
		}
		facts := origin.Read(doc).Join(map[[32]byte]*origin.Facts{to.Digest: origin.Read(to)})
		return Side{Document: doc, Facts: facts, Linked: []*sbom.Document{to}}
	}
	got := CompareSides(side("JP", true), side("BV", true))
	if len(got.List) != 2 || got.List[0].Sentence().EN != "tls: developed in JP → BV" || got.List[1].Aspect != Link || got.List[1].Judged() != origin.False || got.Origin() != origin.True {
		t.Errorf("joined: %q", lines(got))
	}
	if got := CompareSides(side("JP", false), side("BV", false)); len(got.List) != 1 || got.Origin() != origin.Unknown {
		t.Errorf("not joined: %q, %v", lines(got), got.Origin())
	}
	if got := CompareSides(side("JP", true), side("JP", true)); len(got.List) != 0 || got.Origin() != origin.False {
		t.Errorf("the same: %q, %v", lines(got), got.Origin())
	}
}

// TestVouched: who vouches outside the document counts, in both directions.
func TestVouched(t *testing.T) {
	doc := admit(t, []byte(part(properties("yurai:origin:manufactured", "JP"))))
	vouched := origin.ReadFrom(doc, origin.Source{Vouched: []origin.Vouched{{Pointers: []string{""}, Strength: origin.Attested, By: "x:lab"}}})
	got := CompareSides(Side{Document: doc, Facts: vouched}, Side{Document: doc})
	if len(got.List) != 1 || got.List[0].Kind != Weaker || got.Origin() != origin.True {
		t.Errorf("%q", lines(got))
	}
}

func TestIdentifiers(t *testing.T) {
	for in, want := range map[string][2]string{
		"pkg:npm/%40a/b@1.2%2B3?arch=x#sub": {"pkg:npm/%40a/b", "1.2+3"},
		"PKG:Generic//f/":                   {"pkg:generic/f", ""},
		"pkg:npm/@a/b":                      {"pkg:npm/@a/b", ""},
		"pkg:npm":                           {},
		"pkg:":                              {},
		"http://a/b":                        {},
		"":                                  {},
	} {
		if name, version := splitPURL(in); name != want[0] || version != want[1] {
			t.Errorf("splitPURL(%q) = %q, %q", in, name, version)
		}
	}
	for in, want := range map[string][2]string{
		`cpe:2.3:h:a\:b:p:1.0\:2:*:*:*:*:*:*:*`: {"cpe:h\x00a:b\x00p\x00", "1.0:2"},
		`cpe:/h:A%3Ab:p:-`:                      {"cpe:h\x00a:b\x00p\x00", ""},
		`cpe:2.3:h:*:p:1`:                       {},
		`cpe:2.3:h:a`:                           {},
		`cpe:`:                                  {},
	} {
		if name, version := splitCPE(in); name != want[0] || version != want[1] {
			t.Errorf("splitCPE(%q) = %q, %q", in, name, version)
		}
	}
	if words := splitEscaped(strings.Repeat(":", 1<<16)); len(words) > 17 {
		t.Errorf("%d words of a CPE", len(words))
	}
}

// TestWords: every kind has a mirror, and every stage and aspect its words.
func TestWords(t *testing.T) {
	for _, k := range []Kind{Added, Removed, Moved, Changed, Told, Untold, Withheld, Disclosed, Unknown, Known, Doubted, Settled, Weaker, Stronger} {
		if k.Mirror().Mirror() != k {
			t.Errorf("%s mirrors %s", k, k.Mirror())
		}
	}
	for _, s := range origin.Stages() {
		if !strings.ContainsFunc(stageJA(s), func(r rune) bool { return r > 0x3000 }) {
			t.Errorf("%s is %s in Japanese", s, stageJA(s))
		}
	}
	long := &Change{Kind: Changed, Aspect: Identity, Key: "name", New: &Place{Pointer: "/x", Name: strings.Repeat("n", 5000)}, Was: &Fact{Value: strings.Repeat("a", 5000)}, Is: &Fact{Value: "b"}}
	if s := long.Sentence(); len(s.EN)+len(s.JA) > 1000 {
		t.Errorf("a sentence of %d bytes", len(s.EN))
	}
	if !slices.Equal(Weights(), []Weight{Origin, Party, Access, Contents, Display}) {
		t.Error("weights")
	}
}

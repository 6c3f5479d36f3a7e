package origin

import (
	"crypto/sha256"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/yurai-ledger/yurai/sbom"
)

// The members of a draft of CycloneDX 2.0 that are read. Its branches differ: in
// one a component names its manufacturer, in another it lists parties.
type (
	draftDocument struct {
		SpecFormat   string `json:"specFormat"`
		SpecVersion  string `json:"specVersion"`
		SerialNumber string `json:"serialNumber"`
		Version      int64  `json:"version"`
		Metadata     struct {
			Component *draftComponent `json:"component"`
		} `json:"metadata"`
		Components   []draftComponent `json:"components"`
		Services     []draftService   `json:"services"`
		Parties      []jsontext.Value `json:"parties"`
		Compositions []struct {
			Aggregate    string   `json:"aggregate"`
			Assemblies   []string `json:"assemblies"`
			Dependencies []string `json:"dependencies"`
		} `json:"compositions"`
	}
	draftComponent struct {
		Ref                string           `json:"bom-ref"`
		Type               string           `json:"type"`
		Name               string           `json:"name"`
		Version            string           `json:"version"`
		Origins            []jsontext.Value `json:"origins"`
		Manufacturer       jsontext.Value   `json:"manufacturer"`
		Supplier           jsontext.Value   `json:"supplier"`
		Parties            []jsontext.Value `json:"parties"`
		Properties         []draftProperty  `json:"properties"`
		ExternalReferences []draftReference `json:"externalReferences"`
		Components         []draftComponent `json:"components"`
	}
	draftService struct {
		Ref                string           `json:"bom-ref"`
		Name               string           `json:"name"`
		Version            string           `json:"version"`
		Origins            []jsontext.Value `json:"origins"`
		Provider           jsontext.Value   `json:"provider"`
		Parties            []jsontext.Value `json:"parties"`
		Properties         []draftProperty  `json:"properties"`
		ExternalReferences []draftReference `json:"externalReferences"`
		Data               []struct {
			Flow           string         `json:"flow"`
			Name           string         `json:"name"`
			Classification jsontext.Value `json:"classification"`
		} `json:"data"`
		Services []draftService `json:"services"`
	}
	draftProperty struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	draftReference struct {
		Type   string `json:"type"`
		URL    string `json:"url"`
		Hashes []struct {
			Algorithm string `json:"alg"`
			Content   string `json:"content"`
		} `json:"hashes"`
	}
)

// draftOrigin is one origin, of which every member is known.
type draftOrigin struct {
	Stage        jsontext.Value `json:"stage"`
	Basis        *string        `json:"basis"`
	Distribution []draftRegion  `json:"distribution"`
}

type draftRegion struct {
	Code        string         `json:"isoCode"`
	Percentage  jsontext.Value `json:"percentage"`
	PerformedBy string         `json:"performedBy"`
}

// drafting is one reading of a draft.
type drafting struct {
	doc     sbom.Document
	told    map[string]draftTold // by the pointer of a subject
	parties map[string]*draftParty
	refusal *sbom.Refusal
}

// draftTold is what a subject tells beyond what CycloneDX 1.7 could.
type draftTold struct {
	origins []jsontext.Value
	parties []draftPlayed
}

// ReadDraft returns the facts of a document in the draft of CycloneDX 2.0, as its
// branches 2.0-dev and 2.0-dev-hardware had it in July and August 2026: origins of
// components and services, and parties with jurisdiction and parents. Every
// subject is marked [Subject.Draft]. Such a document is no bill of materials that
// the ledger admits; what is read here may change with the draft.
//
// An origin without a stage is [Overall]; one of a stage of the vendor's own is a
// finding and no fact. The country of an address is a hint. A parent's
// jurisdiction is where the owner is, at every step upward; a parent that the
// document does not hold, or that tells no jurisdiction, leaves ownership unknown.
//
// It fails with a refusal of [sbom.Scan], or ORIGIN-DRAFT-INVALID with the place
// that cannot be read.
func ReadDraft(raw []byte) (*Facts, error) {
	if _, refusal := sbom.Scan(raw, sbom.DefaultLimits); refusal != nil {
		return nil, refusal
	}
	var from draftDocument
	if err := json.Unmarshal(raw, &from); err != nil {
		return nil, draftRefusal("", "the document cannot be read: %v", err)
	}
	if from.SpecFormat != "CycloneDX" || from.SpecVersion != "2.0" {
		return nil, draftRefusal("", "specFormat is %s and specVersion %s, not CycloneDX and 2.0", quote(from.SpecFormat), quote(from.SpecVersion))
	}
	d := &drafting{
		doc:     sbom.Document{Raw: raw, Digest: sha256.Sum256(raw), SpecVersion: "2.0", SerialNumber: from.SerialNumber, Version: max(from.Version, 1)},
		told:    make(map[string]draftTold),
		parties: make(map[string]*draftParty),
	}
	for i, p := range from.Parties {
		d.party(p, "/parties/"+strconv.Itoa(i))
	}
	if c := from.Metadata.Component; c != nil {
		d.component(c, "/metadata/component", -1)
		d.doc.Components[0].Product = true
	}
	for i := range from.Components {
		d.component(&from.Components[i], "/components/"+strconv.Itoa(i), -1)
	}
	for i := range from.Services {
		d.service(&from.Services[i], "/services/"+strconv.Itoa(i), -1)
	}
	for i, c := range from.Compositions {
		d.doc.Compositions = append(d.doc.Compositions, sbom.Composition{
			Pointer: "/compositions/" + strconv.Itoa(i), Aggregate: c.Aggregate, Assemblies: c.Assemblies, Dependencies: c.Dependencies,
		})
	}
	facts := read(&d.doc, Source{}, d.more)
	if d.refusal != nil {
		return nil, d.refusal
	}
	return facts, nil
}

func draftRefusal(pointer, format string, args ...any) *sbom.Refusal {
	return sbom.Refuse("ORIGIN-DRAFT-INVALID", format, args...).At(sbom.Clip(pointer, maxValue), 0)
}

// refuse keeps the first refusal.
func (d *drafting) refuse(pointer, format string, args ...any) {
	if d.refusal == nil {
		d.refusal = draftRefusal(pointer, format, args...)
	}
}

func (d *drafting) component(c *draftComponent, pointer string, parent int) {
	at := len(d.doc.Components)
	to := sbom.Component{Pointer: pointer, Parent: parent, Ref: c.Ref, Type: c.Type, Name: c.Name, Version: c.Version}
	told := draftTold{origins: c.Origins}
	to.Manufacturer = d.entity(c.Manufacturer, RoleMaker, pointer+"/manufacturer", &told)
	to.Supplier = d.entity(c.Supplier, RoleSeller, pointer+"/supplier", &told)
	to.Properties, to.ExternalReferences = draftProperties(c.Properties, pointer), draftReferences(c.ExternalReferences, pointer)
	d.played(c.Parties, pointer+"/parties/", &told)
	d.told[pointer] = told
	d.doc.Components = append(d.doc.Components, to)
	for i := range c.Components {
		d.component(&c.Components[i], pointer+"/components/"+strconv.Itoa(i), at)
	}
}

func (d *drafting) service(v *draftService, pointer string, parent int) {
	at := len(d.doc.Services)
	to := sbom.Service{Pointer: pointer, Parent: parent, Ref: v.Ref, Name: v.Name, Version: v.Version}
	told := draftTold{origins: v.Origins}
	to.Provider = d.entity(v.Provider, RoleProvider, pointer+"/provider", &told)
	to.Properties, to.ExternalReferences = draftProperties(v.Properties, pointer), draftReferences(v.ExternalReferences, pointer)
	for i, flow := range v.Data {
		word := ""
		if flow.Classification.Kind() == '"' {
			if err := json.Unmarshal(flow.Classification, &word); err != nil {
				word = ""
			}
		}
		to.Data = append(to.Data, sbom.DataFlow{Pointer: pointer + "/data/" + strconv.Itoa(i), Flow: flow.Flow, Name: flow.Name, Classification: word})
	}
	d.played(v.Parties, pointer+"/parties/", &told)
	d.told[pointer] = told
	d.doc.Services = append(d.doc.Services, to)
	for i := range v.Services {
		d.service(&v.Services[i], pointer+"/services/"+strconv.Itoa(i), at)
	}
}

func draftProperties(from []draftProperty, owner string) []sbom.Property {
	var to []sbom.Property
	for i, p := range from {
		to = append(to, sbom.Property{Pointer: owner + "/properties/" + strconv.Itoa(i), Name: p.Name, Value: p.Value})
	}
	return to
}

func draftReferences(from []draftReference, owner string) []sbom.ExternalReference {
	var to []sbom.ExternalReference
	for i, r := range from {
		e := sbom.ExternalReference{Pointer: owner + "/externalReferences/" + strconv.Itoa(i), Type: r.Type, URL: r.URL}
		for _, h := range r.Hashes {
			e.Hashes = append(e.Hashes, sbom.Hash{Algorithm: h.Algorithm, Value: h.Content})
		}
		to = append(to, e)
	}
	return to
}

// more adds what a subject of the draft tells beyond properties.
func (d *drafting) more(s *Subject, n *notes) {
	s.Draft = true
	told := d.told[s.Pointer]
	for i, raw := range told.origins {
		if f, ok := d.origin(raw, s.Pointer+"/origins/"+strconv.Itoa(i), s, n); ok {
			s.Facts = append(s.Facts, f)
		}
	}
	for _, p := range told.parties {
		d.join(s, p, n)
	}
}

// origin reads one origin; ok is false if it is no fact.
func (d *drafting) origin(raw jsontext.Value, pointer string, s *Subject, n *notes) (f Fact, ok bool) {
	var from draftOrigin
	if err := json.Unmarshal(raw, &from, json.RejectUnknownMembers(true)); err != nil {
		d.refuse(pointer, "the origin cannot be read: %v", err)
		return f, false
	}
	f = Fact{State: Stated, Strength: Asserted, Pointer: pointer}
	switch from.Stage.Kind() {
	case 0: // of the subject as a whole
	case '"':
		var word Stage
		if err := json.Unmarshal(from.Stage, &word); err != nil || !word.Valid() {
			d.refuse(pointer+"/stage", "no stage is called %s", quote(string(word)))
			return f, false
		}
		f.Stage = word
	default:
		var own struct {
			Name        string `json:"name"`
			Description string `json:"description"`
		}
		if err := json.Unmarshal(from.Stage, &own, json.RejectUnknownMembers(true)); err != nil || own.Name == "" {
			d.refuse(pointer+"/stage", "a stage of one's own needs a name")
			return f, false
		}
		n.add("ORIGIN-STAGE-CUSTOM", sbom.SeverityNote, pointer, "the stage %s is none of the draft's", quote(own.Name))
	}
	if from.Basis == nil || *from.Basis == "" {
		d.refuse(pointer+"/basis", "an origin needs a basis")
		return f, false
	}
	if len(from.Distribution) == 0 || len(from.Distribution) > maxShares {
		d.refuse(pointer+"/distribution", "a distribution has 1 to %d regions", maxShares)
		return f, false
	}
	f.Value.Basis = plainBasis(*from.Basis)
	for i, r := range from.Distribution {
		at := pointer + "/distribution/" + strconv.Itoa(i)
		percent, valid := draftPercent(r.Percentage)
		switch {
		case !shapedCode(r.Code):
			d.refuse(at+"/isoCode", "%s is not of the form of ISO 3166-1 alpha-2 or ISO 3166-2", quote(r.Code))
		case !valid:
			d.refuse(at+"/percentage", "a percentage is a number from 0 to 100")
		case percent == 0:
			continue
		}
		if !Recognised(r.Code) {
			unrecognised(at+"/isoCode", r.Code, n)
		}
		f.Value.Shares = append(f.Value.Shares, Share{Code: r.Code, Percent: percent})
		if r.PerformedBy != "" {
			d.join(s, draftPlayed{RolePerformer, d.named(r.PerformedBy, at+"/performedBy")}, n)
		}
	}
	if f.Value.Over() {
		f.State = Contradicted
		n.add("ORIGIN-SHARE-OVER", sbom.SeverityWarning, pointer, "the shares add up to %s %%", FormatPercent(f.Value.Total()))
	}
	return f, from.Stage.Kind() != '{'
}

// draftPercent reads a JSON number from 0 to 100 in hundredths, rounded up, so
// that a place that is named is never rounded away. A number with an exponent is
// not read.
func draftPercent(v jsontext.Value) (int, bool) {
	units, rest, _ := strings.Cut(string(v), ".")
	if !digits(units) || !digits(rest) || units == "" || len(units) > 3 {
		return 0, false
	}
	n, _ := strconv.Atoi(units)
	n *= 100
	for len(rest) < 2 {
		rest += "0"
	}
	cents, _ := strconv.Atoi(rest[:2])
	n += cents
	if strings.Trim(rest[2:], "0") != "" {
		n++
	}
	return n, n <= whole
}

// plainBasis returns a basis as our own grammar allows it.
func plainBasis(s string) string {
	if ValidBasis(s) {
		return s
	}
	var b strings.Builder
	count := 0
	for _, r := range s {
		if count == maxBasis {
			break
		}
		if !ValidBasis(string(r)) {
			r = '?'
		}
		b.WriteRune(r)
		count++
	}
	return b.String()
}

package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
)

// demoStamp is the time that the demo's bills of materials carry: they are the
// same bytes on every machine and every day.
const demoStamp = "2026-09-30T09:00:00Z"

// The demo writes CycloneDX with structures of its own, so that what it submits
// does not depend on the library that the rest of the program reads with.
type (
	demoBOM struct {
		Schema       string            `json:"$schema"`
		BOMFormat    string            `json:"bomFormat"`
		SpecVersion  string            `json:"specVersion"`
		SerialNumber string            `json:"serialNumber"`
		Version      int               `json:"version"`
		Metadata     demoMetadata      `json:"metadata"`
		Components   []demoComponent   `json:"components"`
		Services     []demoService     `json:"services,omitempty"`
		Dependencies []demoDependency  `json:"dependencies"`
		Compositions []demoComposition `json:"compositions"`
		Declarations *demoDeclarations `json:"declarations,omitempty"`
		Definitions  *demoDefinitions  `json:"definitions,omitempty"`
	}
	demoMetadata struct {
		Timestamp    string            `json:"timestamp"`
		Lifecycles   []demoLifecycle   `json:"lifecycles"`
		Component    demoComponent     `json:"component"`
		Manufacturer *demoOrganization `json:"manufacturer"` // who wrote the BOM
	}
	demoLifecycle struct {
		Phase string `json:"phase"`
	}
	demoComponent struct {
		Type               string            `json:"type"`
		Ref                string            `json:"bom-ref"`
		Supplier           *demoOrganization `json:"supplier,omitempty"`
		Manufacturer       *demoOrganization `json:"manufacturer,omitempty"`
		Name               string            `json:"name"`
		Version            string            `json:"version,omitempty"`
		Description        string            `json:"description,omitempty"`
		Hashes             []demoHash        `json:"hashes,omitempty"`
		Licenses           []demoLicence     `json:"licenses,omitempty"`
		PURL               string            `json:"purl,omitempty"`
		ExternalReferences []demoReference   `json:"externalReferences,omitempty"`
		Components         []demoComponent   `json:"components,omitempty"`
		Properties         []demoProperty    `json:"properties,omitempty"`
	}
	demoOrganization struct {
		Name    string       `json:"name"`
		Address *demoAddress `json:"address,omitempty"`
	}
	demoAddress struct {
		Country string `json:"country"`
	}
	demoHash struct {
		Alg     string `json:"alg"`
		Content string `json:"content"`
	}
	demoLicence struct {
		License struct {
			ID string `json:"id"`
		} `json:"license"`
	}
	demoReference struct {
		Type   string     `json:"type"`
		URL    string     `json:"url"`
		Hashes []demoHash `json:"hashes,omitempty"`
	}
	demoProperty struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	demoDependency struct {
		Ref       string   `json:"ref"`
		DependsOn []string `json:"dependsOn,omitempty"`
	}
	demoComposition struct {
		Aggregate    string   `json:"aggregate"`
		Assemblies   []string `json:"assemblies"`
		Dependencies []string `json:"dependencies"`
	}
)

// encode returns the document as indented JSON, ending in a newline.
func (b *demoBOM) encode() ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(b); err != nil {
		return nil, fmt.Errorf("encoding the bill of materials of %s: %w", b.Metadata.Component.Name, err)
	}
	return out.Bytes(), nil
}

// newDemoBOM returns a document about the component, with everything that is
// listed stated to be all there is: what is not stated is unknown, and holds.
func newDemoBOM(serial string, phase string, author *demoOrganization, about demoComponent, parts []demoComponent, graph []demoDependency) *demoBOM {
	refs := []string{about.Ref}
	var walk func([]demoComponent)
	walk = func(list []demoComponent) {
		for _, c := range list {
			refs = append(refs, c.Ref)
			walk(c.Components)
		}
	}
	walk(parts)
	return &demoBOM{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", BOMFormat: "CycloneDX", SpecVersion: "1.6",
		SerialNumber: "urn:uuid:" + serial, Version: 1,
		Metadata: demoMetadata{
			Timestamp: demoStamp, Lifecycles: []demoLifecycle{{phase}}, Component: about, Manufacturer: author,
		},
		Components: parts, Dependencies: graph,
		Compositions: []demoComposition{{Aggregate: "complete", Assemblies: refs, Dependencies: refs[:1]}},
	}
}

// link returns the BOM-Link of the document (urn:cdx:…).
func (b *demoBOM) link() string {
	return fmt.Sprintf("urn:cdx:%s/%d", b.SerialNumber[len("urn:uuid:"):], b.Version)
}

// demoSeed returns the source of everything that is invented about one thing of
// the demo. The same name gives the same numbers, whatever else is invented.
func demoSeed(name string) *rand.Rand {
	sum := sha256.Sum256([]byte("yurai demo\n" + name))
	return rand.New(rand.NewChaCha8(sum))
}

// demoUUID returns a version 4 UUID (RFC 9562).
func demoUUID(r *rand.Rand) string {
	var u [16]byte
	for i := range u {
		u[i] = byte(r.Uint32())
	}
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// demoBytes returns n bytes that look like a program image.
func demoBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func sha256Of(b []byte) demoHash {
	sum := sha256.Sum256(b)
	return demoHash{"SHA-256", hex.EncodeToString(sum[:])}
}

func demoSPDX(id string) []demoLicence {
	list := make([]demoLicence, 1)
	list[0].License.ID = id
	return list
}

// demoMaker is an invented maker of parts and where it is registered.
type demoMaker struct{ name, registered string }

func (m demoMaker) organization() *demoOrganization {
	return &demoOrganization{Name: m.name, Address: &demoAddress{m.registered}}
}

// The invented companies of the demo.
var (
	hoshino  = demoMaker{"Hoshino Relay Works, Ltd.", "JP"}
	kawabe   = demoMaker{"Kawabe Boards Co., Ltd.", "JP"}
	sorano   = demoMaker{"Sorano Passive Components Co., Ltd.", "JP"}
	minagi   = demoMaker{"Minagi Displays Co., Ltd.", "JP"}
	selat    = demoMaker{"Selat Micro Sdn. Bhd.", "MY"}
	rheintal = demoMaker{"Rheintal Leistungstechnik GmbH", "DE"}
	lakewood = demoMaker{"Lakewood Analog, Inc.", "US"}
	mactan   = demoMaker{"Mactan Interconnect Corp.", "PH"}
	bangna   = demoMaker{"Bangna Magnetics Co., Ltd.", "TH"}
	norrsken = demoMaker{"Norrsken Fotonik AB", "SE"}
	vysocina = demoMaker{"Vysočina Konektory s.r.o.", "CZ"}
)

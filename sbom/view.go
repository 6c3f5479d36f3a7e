package sbom

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// view fills the document's view from what the survey found. cyclonedx-go
// decodes only the members that facts come from, one outermost component or
// service at a time, cut out of the raw bytes, so that what it can't decode
// elsewhere costs nothing. If it fails, or sees other components or services
// than the survey, there is no view, and doc.ViewError says why.
func view(doc *Document, s *survey) {
	v := viewer{raw: doc.Raw}
	if n := len(s.components); n > 0 {
		v.components = make([]Component, n)
	}
	for i, at := range s.components {
		c := &v.components[i]
		c.Pointer, c.Line, c.Parent, c.Nested, c.Product = at.pointer, at.line, at.parent, at.nested, at.product
	}
	if n := len(s.services); n > 0 {
		v.services = make([]Service, n)
	}
	for i, at := range s.services {
		o := &v.services[i]
		o.Pointer, o.Line, o.Parent, o.Nested = at.pointer, at.line, at.parent, at.nested
	}
	err := v.run(s)
	if err == nil && (v.atComponent != len(s.components) || v.atService != len(s.services)) {
		err = errDisagree
	}
	if err != nil {
		doc.ViewError = fmt.Errorf("reading %s: %w", s.counts(), err)
		return
	}
	doc.Components, doc.Services = v.components, v.services
	doc.Compositions, doc.Dependencies = v.compositions, v.dependencies
	doc.Tools, doc.Sharing, doc.Citations = v.tools, v.sharing, v.citations
	doc.ExternalReferences = v.references
	doc.Manufacture, doc.Supplier = v.manufacture, v.supplier
	doc.Writers, doc.Declarations, doc.Requirements = v.writers, v.declarations, v.requirements
	for i := range doc.Components {
		if c := &doc.Components[i]; c.Product {
			doc.Product = productOf(c)
		}
	}
}

var errDisagree = errors.New("two readers see different components or services")

type viewer struct {
	raw          []byte
	components   []Component
	services     []Service
	compositions []Composition
	dependencies []Dependency
	tools        []Tool
	sharing      string
	citations    []Citation
	references   []ExternalReference
	writers      []string
	manufacture  Organization
	supplier     Organization
	declarations Declarations
	requirements []Requirement
	atComponent  int // next of components to be filled
	atService    int // next of services to be filled
}

func (v *viewer) run(s *survey) error {
	outermost := s.parts
	if s.product != (extent{}) {
		if s.productFirst {
			outermost = append([]extent{s.product}, s.parts...)
		} else {
			outermost = append(s.parts[:len(s.parts):len(s.parts)], s.product)
		}
	}
	for _, at := range outermost {
		var c cdx.Component
		if err := v.decode(at, &c); err != nil {
			return err
		}
		if err := v.component(&c, -1); err != nil {
			return err
		}
	}
	for _, at := range s.offers {
		var o cdx.Service
		if err := v.decode(at, &o); err != nil {
			return err
		}
		if err := v.service(&o, -1); err != nil {
			return err
		}
	}
	var stated []cdx.Composition
	if err := v.decode(s.compositions, &stated); err != nil {
		return err
	}
	for i, c := range stated {
		v.compositions = append(v.compositions, Composition{
			Pointer: "/compositions/" + strconv.Itoa(i), Ref: c.BOMRef, Aggregate: string(c.Aggregate),
			Assemblies: texts(c.Assemblies), Dependencies: texts(c.Dependencies),
		})
	}
	var edges []cdx.Dependency
	if err := v.decode(s.dependencies, &edges); err != nil {
		return err
	}
	for i, d := range edges {
		v.dependencies = append(v.dependencies, Dependency{
			Pointer: "/dependencies/" + strconv.Itoa(i), Ref: d.Ref,
			DependsOn: texts(d.Dependencies), Provides: texts(d.Provides),
		})
	}
	var references []cdx.ExternalReference
	if err := v.decode(s.references, &references); err != nil {
		return err
	}
	v.references = externalReferences(&references, "")
	var limits struct {
		TLP string `json:"tlp"`
	}
	if err := v.decode(s.distribution, &limits); err != nil {
		return err
	}
	v.sharing = limits.TLP
	var cited []cdx.Citation
	if err := v.decode(s.citations, &cited); err != nil {
		return err
	}
	for i, c := range cited {
		to := Citation{
			Pointer: "/citations/" + strconv.Itoa(i), Ref: c.BOMRef, Pointers: texts(c.Pointers), Expressions: texts(c.Expressions),
			Timestamp: c.Timestamp, Process: c.Process, Note: c.Note,
		}
		if c.AttributedTo != nil {
			to.AttributedTo = string(*c.AttributedTo)
			to.Attributed = s.refs[to.AttributedTo].defined
		}
		v.citations = append(v.citations, to)
	}
	if err := v.readWriters(s.writers); err != nil {
		return err
	}
	var maker, seller *cdx.OrganizationalEntity
	if err := errors.Join(v.decode(s.manufacture, &maker), v.decode(s.supplier, &seller)); err != nil {
		return err
	}
	v.manufacture, v.supplier = organization(maker, "/metadata/manufacture"), organization(seller, "/metadata/supplier")
	if err := v.readDeclarations(s.declarations); err != nil {
		return err
	}
	if err := v.readRequirements(s.definitions); err != nil {
		return err
	}
	return v.readTools(s.tools)
}

// tool is what is read of a tool, whatever form it has.
type tool struct {
	Vendor, Name, Version            string
	Manufacturer, Supplier, Provider struct{ Name string }
}

// readTools reads metadata.tools: an array of tools, or since 1.5 an object of
// components and services.
func (v *viewer) readTools(at extent) error {
	if at == (extent{}) {
		return nil
	}
	add := func(pointer string, list []tool) {
		for i, t := range list {
			maker := cmp.Or(t.Vendor, t.Manufacturer.Name, t.Supplier.Name, t.Provider.Name)
			v.tools = append(v.tools, Tool{Pointer: pointer + "/" + strconv.Itoa(i), Vendor: maker, Name: t.Name, Version: t.Version})
		}
	}
	if v.raw[at.from] == '[' {
		var list []tool
		err := v.decode(at, &list)
		add("/metadata/tools", list)
		return err
	}
	var both struct{ Components, Services []tool }
	err := v.decode(at, &both)
	add("/metadata/tools/components", both.Components)
	add("/metadata/tools/services", both.Services)
	return err
}

// decode decodes a value of the raw document; nothing if it is not there.
func (v *viewer) decode(at extent, into any) error {
	if at == (extent{}) {
		return nil
	}
	return json.Unmarshal(v.raw[at.from:at.to], into)
}

// component fills the next component and those nested in it.
func (v *viewer) component(c *cdx.Component, parent int) error {
	at := v.atComponent
	if at == len(v.components) || v.components[at].Parent != parent {
		return errDisagree
	}
	v.atComponent++
	to := &v.components[at]
	to.Ref, to.Type, to.MIMEType = c.BOMRef, string(c.Type), c.MIMEType
	to.Group, to.Name, to.Version, to.Publisher = c.Group, c.Name, c.Version, c.Publisher
	to.CPE, to.PURL = c.CPE, c.PackageURL
	to.VersionRange, to.External = c.VersionRange, c.IsExternal != nil && *c.IsExternal
	to.Manufacturer = organization(c.Manufacturer, to.Pointer+"/manufacturer")
	to.Supplier = organization(c.Supplier, to.Pointer+"/supplier")
	to.Properties = properties(c.Properties, to.Pointer)
	to.Hashes = hashes(c.Hashes)
	to.ExternalReferences = externalReferences(c.ExternalReferences, to.Pointer)
	to.Ancestors = ancestors(nil, c, to.Pointer)
	if c.Data != nil {
		for i, d := range *c.Data {
			to.Governance = append(to.Governance, governance(d.Governance, to.Pointer+"/data/"+strconv.Itoa(i))...)
		}
	}
	if c.Components == nil {
		return nil
	}
	for i := range *c.Components {
		if err := v.component(&(*c.Components)[i], at); err != nil {
			return err
		}
	}
	return nil
}

// ancestors appends what the pedigree of a component names as its ancestors, and
// theirs. The depth of the document bounds the recursion.
func ancestors(list []Component, c *cdx.Component, pointer string) []Component {
	if c.Pedigree == nil || c.Pedigree.Ancestors == nil {
		return list
	}
	for i := range *c.Pedigree.Ancestors {
		a := &(*c.Pedigree.Ancestors)[i]
		at := pointer + "/pedigree/ancestors/" + strconv.Itoa(i)
		list = append(list, Component{
			Pointer: at, Parent: -1, Ref: a.BOMRef, Type: string(a.Type), Group: a.Group, Name: a.Name, Version: a.Version,
			Publisher: a.Publisher, CPE: a.CPE, PURL: a.PackageURL,
			Manufacturer: organization(a.Manufacturer, at+"/manufacturer"), Supplier: organization(a.Supplier, at+"/supplier"),
			Properties: properties(a.Properties, at),
		})
		list = ancestors(list, a, at)
	}
	return list
}

// service fills the next service and those nested in it.
func (v *viewer) service(o *cdx.Service, parent int) error {
	at := v.atService
	if at == len(v.services) || v.services[at].Parent != parent {
		return errDisagree
	}
	v.atService++
	to := &v.services[at]
	to.Ref, to.Group, to.Name, to.Version = o.BOMRef, o.Group, o.Name, o.Version
	to.Provider = organization(o.Provider, to.Pointer+"/provider")
	to.Endpoints = texts(o.Endpoints)
	to.Properties = properties(o.Properties, to.Pointer)
	to.ExternalReferences = externalReferences(o.ExternalReferences, to.Pointer)
	if o.Data != nil {
		for i, d := range *o.Data {
			to.Data = append(to.Data, dataFlow(d, to.Pointer+"/data/"+strconv.Itoa(i)))
		}
	}
	if o.Services == nil {
		return nil
	}
	for i := range *o.Services {
		if err := v.service(&(*o.Services)[i], at); err != nil {
			return err
		}
	}
	return nil
}

// productOf says what the BOM is about. The maker is the manufacturer, else the
// supplier.
func productOf(c *Component) Product {
	p := Product{Name: c.Name, Version: c.Version, Maker: c.Manufacturer.Name, CPE: c.CPE, PURL: c.PURL}
	if p.Maker == "" {
		p.Maker = c.Supplier.Name
	}
	for _, property := range c.Properties {
		if strings.HasPrefix(property.Name, "cdx:device:gs1:gtin-") && property.Value != "" {
			p.GTIN = property.Value
			break
		}
	}
	return p
}

func organization(o *cdx.OrganizationalEntity, pointer string) Organization {
	if o == nil {
		return Organization{}
	}
	to := Organization{Pointer: pointer, Ref: o.BOMRef, Name: o.Name}
	if o.Address != nil {
		to.Country, to.Region = o.Address.Country, o.Address.Region
	}
	return to
}

func properties(from *[]cdx.Property, owner string) []Property {
	if from == nil || len(*from) == 0 {
		return nil
	}
	to := make([]Property, len(*from))
	for i, p := range *from {
		to[i] = Property{Pointer: owner + "/properties/" + strconv.Itoa(i), Name: p.Name, Value: p.Value}
	}
	return to
}

func hashes(from *[]cdx.Hash) []Hash {
	if from == nil || len(*from) == 0 {
		return nil
	}
	to := make([]Hash, len(*from))
	for i, h := range *from {
		to[i] = Hash{Algorithm: string(h.Algorithm), Value: h.Value}
	}
	return to
}

func externalReferences(from *[]cdx.ExternalReference, owner string) []ExternalReference {
	if from == nil || len(*from) == 0 {
		return nil
	}
	to := make([]ExternalReference, len(*from))
	for i, e := range *from {
		to[i] = ExternalReference{
			Pointer: owner + "/externalReferences/" + strconv.Itoa(i),
			Type:    string(e.Type), URL: e.URL, Hashes: hashes(e.Hashes),
		}
	}
	return to
}

func dataFlow(d cdx.DataClassification, pointer string) DataFlow {
	to := DataFlow{
		Pointer: pointer, Flow: string(d.Flow), Classification: d.Classification, Name: d.Name,
		Source: texts(d.Source), Destination: texts(d.Destination),
	}
	to.Governance = governance(d.Governance, pointer)
	return to
}

// governance returns who answers for the data at a pointer.
func governance(d *cdx.DataGovernance, pointer string) (to []Governor) {
	if d == nil {
		return nil
	}
	for _, role := range []struct {
		name    string
		parties *[]cdx.ComponentDataGovernanceResponsibleParty
	}{
		{"custodians", d.Custodians},
		{"stewards", d.Stewards},
		{"owners", d.Owners},
	} {
		if role.parties == nil {
			continue
		}
		for i, p := range *role.parties {
			g := Governor{Role: role.name, Pointer: pointer + "/governance/" + role.name + "/" + strconv.Itoa(i)}
			g.Organization = organization(p.Organization, g.Pointer+"/organization")
			if p.Contact != nil {
				g.Contact = p.Contact.Name
			}
			to = append(to, g)
		}
	}
	return to
}

// texts copies a list of strings of any type; nil if there is none.
func texts[T ~string](from *[]T) []string {
	if from == nil || len(*from) == 0 {
		return nil
	}
	to := make([]string, len(*from))
	for i, s := range *from {
		to[i] = string(s)
	}
	return to
}

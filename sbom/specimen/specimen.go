package specimen

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// Options say what to make. The zero value of each field is sensible.
type Options struct {
	Family     Family // "" is Relay
	Seed       uint64
	Components int    // wanted in all, 5 to 50,000; 0 is 50
	Version    string // of CycloneDX, 1.4 to 1.7; "" is 1.6

	// Missing is how many facts of a thousand are left out, as vendors do:
	// stages, makers, functions, data, where access comes from. With any, the
	// list is not stated complete either.
	Missing int

	// Elsewhere puts things in other places than the seed does. What it names
	// is never left out.
	Elsewhere []Place
}

// Place says where one stage of one thing takes place.
type Place struct {
	Component int    // index into Expected.Components; -1 counts services instead
	Service   int    // index into Expected.Services, where Component is -1
	Stage     string // manufactured, assembled, developed, built, hosted
	Code      string // ISO 3166-1
	By        string // party id of whoever did it there, "" is the maker
}

// Specimen is one bill of materials and what is true of it.
type Specimen struct {
	Raw      []byte
	Expected Expected
}

// Expected is what a reader has to find.
type Expected struct {
	Components []Component // as they stand in the document: the product, then depth first
	Services   []Service
	Complete   bool // the list is stated complete
	// Facts are JSON Pointers of everything that tells a fact and could be left
	// out: properties, makers, providers, data, compositions. No one of them
	// lies within another.
	Facts []string
}

// Component is one component.
type Component struct {
	Pointer  string
	Type     string
	Name     string
	Function string            // "" if not told
	Stages   map[string]string // stage → value of the property, only what is told
	Maker    Party
}

// Service is one service.
type Service struct {
	Pointer  string
	Name     string
	Hosted   string   // value of the property, "" if not told
	From     string   // where access comes from, "" if not told or there is none
	Data     []string // classifications, nil if not told
	Provider Party
}

// Party is who made or provides something. A field is "" where it is not told.
type Party struct {
	ID, Name, Registered string
}

// The document as it is written. Members come in the order of the fields.
type (
	document struct {
		Format       string        `json:"bomFormat"`
		Version      string        `json:"specVersion"`
		Serial       string        `json:"serialNumber"`
		Number       int           `json:"version"`
		Metadata     metadata      `json:"metadata"`
		Components   []*component  `json:"components,omitempty"`
		Services     []*provided   `json:"services,omitempty"`
		Dependencies []dependency  `json:"dependencies,omitempty"`
		Compositions []composition `json:"compositions,omitempty"`
	}
	metadata struct {
		Timestamp string     `json:"timestamp"`
		Component *component `json:"component"`
	}
	organization struct {
		Name string `json:"name"`
	}
	property struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	component struct {
		Type         string        `json:"type"`
		Ref          string        `json:"bom-ref"`
		Manufacturer *organization `json:"manufacturer,omitempty"`
		Supplier     *organization `json:"supplier,omitempty"`
		Name         string        `json:"name"`
		Version      string        `json:"version"`
		Components   []*component  `json:"components,omitempty"`
		Properties   []property    `json:"properties,omitempty"`
	}
	provided struct {
		Ref        string        `json:"bom-ref"`
		Provider   *organization `json:"provider,omitempty"`
		Name       string        `json:"name"`
		Data       []flow        `json:"data,omitempty"`
		Properties []property    `json:"properties,omitempty"`
	}
	flow struct {
		Flow           string `json:"flow"`
		Classification string `json:"classification"`
	}
	dependency struct {
		Ref       string   `json:"ref"`
		DependsOn []string `json:"dependsOn"`
	}
	composition struct {
		Aggregate    string   `json:"aggregate"`
		Assemblies   []string `json:"assemblies,omitempty"`
		Dependencies []string `json:"dependencies,omitempty"`
	}
)

// maker is a made-up company.
type maker struct {
	Party
	places []string // where it makes things
}

// maker returns the n-th of the parties that a specimen draws from.
func makerOf(n int) maker {
	syllables := strings.Fields("ka mi yo sa to ne ri ha lu ven dor bel")
	name := syllables[n%12] + syllables[(n/3+5)%12] + syllables[(n/7+2)%12]
	countries := [][]string{{"JP"}, {"JP", "MY"}, {"TW"}, {"DE", "CZ"}, {"US", "MX"}, {"KR", "VN"}, {"FI"}, {"TH"}}
	at := countries[n%len(countries)]
	title := strings.ToUpper(name[:1]) + name[1:]
	return maker{Party{"x:" + name + "-" + fmt.Sprint(n), title + " " + []string{"Devices", "Micro", "Works", "Systems"}[n%4], at[0]}, at}
}

// making is one run of New.
type making struct {
	o      Options
	rand   *rand.Rand
	doc    document
	out    Expected
	count  int // components made
	forced map[Place]Place
}

// New returns the specimen that the options describe. It panics if they name no
// family, no version or a number out of bounds: they are written by programmers.
func New(o Options) *Specimen {
	o.Family, o.Components, o.Version = cmp.Or(o.Family, Relay), cmp.Or(o.Components, 50), cmp.Or(o.Version, "1.6")
	plan, ok := blueprints[o.Family]
	if !ok || o.Components < 5 || o.Components > 50_000 || !slices.Contains([]string{"1.4", "1.5", "1.6", "1.7"}, o.Version) || o.Missing < 0 || o.Missing > 1000 {
		panic(fmt.Sprintf("no specimen of %+v", o))
	}
	m := &making{o: o, rand: rand.New(rand.NewPCG(o.Seed, 0x79757261)), forced: make(map[Place]Place)}
	for _, p := range o.Elsewhere {
		m.forced[Place{Component: p.Component, Service: p.Service, Stage: p.Stage}] = p
	}
	m.build(plan)
	raw, err := json.MarshalIndent(m.doc, "", " ")
	if err != nil {
		panic(err)
	}
	return &Specimen{raw, m.out}
}

// build decides what stands where, then tells it in the order of the document.
func (m *making) build(plan blueprint) {
	kind := "device"
	if m.o.Family == Historian {
		kind = "application"
	}
	product := m.thing(kind, plan.product)
	m.doc = document{
		Format: "CycloneDX", Version: m.o.Version, Number: 1,
		Serial:   fmt.Sprintf("urn:uuid:%08x-%04x-4%03x-8%03x-%012x", m.rand.Uint32(), m.rand.Uint32()>>16, m.rand.Uint32()>>20, m.rand.Uint32()>>20, m.rand.Uint64()>>16),
		Metadata: metadata{"2026-11-01T00:00:00Z", product},
	}
	functions := make(map[*component]string)
	for _, name := range plan.boards {
		c := m.thing("device", name)
		functions[c] = "board"
		m.doc.Components = append(m.doc.Components, c)
	}
	boards := m.doc.Components
	var images []*component
	for _, name := range plan.firmware {
		images = append(images, m.thing("firmware", name))
	}
	m.doc.Components = slices.Concat(boards, images)
	for i := 0; m.count < m.o.Components; i++ {
		switch {
		case len(boards) > 0 && (i%5 != 4 || len(images) == 0):
			p := plan.parts[m.rand.IntN(len(plan.parts))]
			c := m.thing("device", p.name)
			functions[c] = p.function
			to := boards[m.rand.IntN(len(boards))]
			to.Components = append(to.Components, c)
		case len(images) > 0:
			to := images[m.rand.IntN(len(images))]
			to.Components = append(to.Components, m.thing("library", plan.library[m.rand.IntN(len(plan.library))]))
		default:
			m.doc.Components = append(m.doc.Components, m.thing("library", plan.library[m.rand.IntN(len(plan.library))]))
		}
	}
	m.tell(product, "/metadata/component", "assembly", functions)
	for i, c := range m.doc.Components {
		m.tell(c, fmt.Sprintf("/components/%d", i), "", functions)
	}
	for i, s := range plan.services {
		m.offer(s, i)
	}
	m.state(product)
}

// thing makes a component that tells nothing yet.
func (m *making) thing(kind, name string) *component {
	n := m.count
	m.count++
	return &component{
		Type: kind, Ref: fmt.Sprintf("c%d", n), Name: name,
		Version: fmt.Sprintf("%d.%d", 1+m.rand.IntN(5), m.rand.IntN(10)),
	}
}

// told reports whether a fact is told, and not left out.
func (m *making) told() bool { return m.rand.IntN(1000) >= m.o.Missing }

// fact notes a place in the document that tells a fact.
func (m *making) fact(format string, args ...any) {
	m.out.Facts = append(m.out.Facts, fmt.Sprintf(format, args...))
}

// tell fills in what a component and everything below it tells.
func (m *making) tell(c *component, pointer, function string, functions map[*component]string) {
	index := len(m.out.Components)
	by := makerOf(m.rand.IntN(60))
	e := Component{Pointer: pointer, Type: c.Type, Name: c.Name, Stages: make(map[string]string)}
	if f := functions[c]; f != "" {
		function = f
	}
	add := func(name, value string) {
		m.fact("%s/properties/%d", pointer, len(c.Properties))
		c.Properties = append(c.Properties, property{name, value})
	}
	if c.Type == "device" && m.told() {
		e.Function = function
		add("cdx:device:function", function)
	}
	stages := []string{"manufactured", "assembled"}
	if c.Type != "device" {
		stages = []string{"developed", "built"}
	}
	for _, stage := range stages {
		// What has parts tells one place, or its shares would have to be those
		// of its parts.
		value := by.places[m.rand.IntN(len(by.places))]
		if len(c.Components) == 0 && index > 0 {
			value = m.place(by)
		}
		p, forced := m.forced[Place{Component: index, Stage: stage}]
		if forced {
			value = p.Code
			if p.By != "" {
				value += "@" + p.By
			}
		}
		if !m.told() && !forced {
			continue
		}
		e.Stages[stage] = value
		add("yurai:origin:"+stage, value)
	}
	if m.told() {
		e.Maker.Name = by.Name
		if m.o.Version >= "1.6" {
			c.Manufacturer = &organization{by.Name}
			m.fact("%s/manufacturer", pointer)
		} else {
			// Before 1.6 a component has no manufacturer; what names its maker
			// is a property, and the supplier is who sells it.
			e.Maker.Name = ""
			c.Supplier = &organization{by.Name}
			m.fact("%s/supplier", pointer)
		}
		e.Maker.ID = by.ID
		add("yurai:party:maker:id", by.ID)
		if m.told() {
			e.Maker.Registered = by.Registered
			add("yurai:party:maker:registered", by.Registered)
		}
	}
	m.out.Components = append(m.out.Components, e)
	for i, below := range c.Components {
		m.tell(below, fmt.Sprintf("%s/components/%d", pointer, i), "", functions)
	}
}

// place returns where a maker did something, in one place or two.
func (m *making) place(by maker) string {
	if len(by.places) > 1 && m.rand.IntN(4) == 0 {
		share := 10 * (1 + m.rand.IntN(9))
		return fmt.Sprintf("%s=%d;%s=%d", by.places[0], share, by.places[1], 100-share)
	}
	return by.places[m.rand.IntN(len(by.places))]
}

// offer adds a service.
func (m *making) offer(s service, index int) {
	by := makerOf(m.rand.IntN(60))
	pointer := fmt.Sprintf("/services/%d", index)
	o := &provided{Ref: fmt.Sprintf("s%d", index), Name: s.name}
	e := Service{Pointer: pointer, Name: s.name}
	add := func(name, value string) {
		m.fact("%s/properties/%d", pointer, len(o.Properties))
		o.Properties = append(o.Properties, property{name, value})
	}
	if m.told() {
		o.Provider = &organization{by.Name}
		e.Provider.Name = by.Name
		m.fact("%s/provider", pointer)
		add("yurai:party:provider:id", by.ID)
		e.Provider.ID = by.ID
		add("yurai:party:provider:registered", by.Registered)
		e.Provider.Registered = by.Registered
	}
	p, forced := m.forced[Place{Component: -1, Service: index, Stage: "hosted"}]
	if m.told() || forced {
		e.Hosted = by.places[0]
		if forced {
			e.Hosted = p.Code
		}
		add("yurai:origin:hosted", e.Hosted)
	}
	if m.told() && len(s.data) > 0 {
		e.Data = s.data
		for _, class := range s.data {
			o.Data = append(o.Data, flow{"bi-directional", class})
		}
		m.fact("%s/data", pointer)
	}
	if s.access != "" {
		p, forced := m.forced[Place{Component: -1, Service: index, Stage: "maintained"}]
		if m.told() || forced {
			e.From = by.places[0]
			if forced {
				e.From = p.Code
			}
			add("yurai:access:from", e.From)
		}
		add("yurai:access:operator", by.ID)
		add("yurai:access:privilege", s.access)
		add("yurai:access:always-on", fmt.Sprint(s.alwaysOn))
	}
	m.doc.Services = append(m.doc.Services, o)
	m.out.Services = append(m.out.Services, e)
}

// state says how complete the list is.
func (m *making) state(product *component) {
	var all, services []string
	for i := range m.count {
		all = append(all, fmt.Sprintf("c%d", i))
	}
	for _, s := range m.doc.Services {
		services = append(services, s.Ref)
	}
	if len(services) > 0 {
		m.doc.Dependencies = []dependency{{product.Ref, services}}
	}
	m.out.Complete = m.o.Missing == 0
	if !m.out.Complete {
		return
	}
	m.doc.Compositions = []composition{{Aggregate: "complete", Assemblies: all, Dependencies: []string{product.Ref}}}
	m.fact("/compositions")
}

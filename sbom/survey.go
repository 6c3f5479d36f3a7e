package sbom

import (
	"fmt"
	"strings"
)

// role says what a value is to the survey, by its place in the document.
type role int

const (
	other role = iota
	rootRole
	metadataRole
	productRole    // metadata.component
	componentsRole // the elements are components
	componentRole
	pedigreeRole
	lineageRole // the elements are components of a pedigree
	ancestorRole
	servicesRole // the elements are services
	serviceRole
	dependenciesRole
	dependencyRole
	compositionsRole
	compositionRole
	linksRole // the elements refer to bom-refs
	linkRole
	annotationsRole
	annotationRole
	vulnerabilitiesRole
	vulnerabilityRole
	affectsRole
	affectRole
	citationsRole
	citationRole
	toolsRole        // metadata.tools
	distributionRole // metadata.distributionConstraints
	writerRole       // metadata.manufacturer, manufacture, supplier or authors
	referencesRole   // the root's externalReferences
	declarationsRole
	definitionsRole
	propertiesRole // anywhere
	propertyRole
	propertyNameRole
)

// members gives the role of a member by the role of its object and its name.
// What is not in the table is other.
var memberRoles = map[role]map[string]role{
	rootRole: {
		"metadata": metadataRole, "components": componentsRole, "services": servicesRole,
		"dependencies": dependenciesRole, "compositions": compositionsRole,
		"annotations": annotationsRole, "vulnerabilities": vulnerabilitiesRole, "citations": citationsRole,
		"declarations": declarationsRole, "definitions": definitionsRole, "externalReferences": referencesRole,
	},
	metadataRole: {
		"component": productRole, "tools": toolsRole, "distributionConstraints": distributionRole,
		"manufacturer": writerRole, "manufacture": writerRole, "supplier": writerRole, "authors": writerRole,
	},
	productRole:     {"components": componentsRole, "pedigree": pedigreeRole},
	componentRole:   {"components": componentsRole, "pedigree": pedigreeRole},
	pedigreeRole:    {"ancestors": lineageRole, "descendants": lineageRole, "variants": lineageRole},
	ancestorRole:    {"components": lineageRole, "pedigree": pedigreeRole},
	serviceRole:     {"services": servicesRole},
	dependencyRole:  {"ref": linkRole, "dependsOn": linksRole, "provides": linksRole},
	compositionRole: {"assemblies": linksRole, "dependencies": linksRole, "vulnerabilities": linksRole},
	annotationRole:  {"subjects": linksRole},

	vulnerabilityRole: {"affects": affectsRole},
	affectRole:        {"ref": linkRole},
	citationRole:      {"attributedTo": linkRole, "process": linkRole},
	propertyRole:      {"name": propertyNameRole},
}

// elementRoles gives the role of an element by the role of its array.
var elementRoles = map[role]role{
	componentsRole: componentRole, lineageRole: ancestorRole, servicesRole: serviceRole,
	dependenciesRole: dependencyRole, compositionsRole: compositionRole, linksRole: linkRole,
	annotationsRole: annotationRole, vulnerabilitiesRole: vulnerabilityRole, affectsRole: affectRole,
	citationsRole: citationRole, propertiesRole: propertyRole,
}

// identity reports whether a bom-ref in an object with the role must be unique:
// components and services of the inventory, at any depth, and the components of
// their pedigrees, which dependencies and compositions may name too. Tools,
// formulation, declarations and all else may repeat a bom-ref with a warning;
// an official example of 1.5 does.
func (r role) identity() bool {
	return r == productRole || r == componentRole || r == ancestorRole || r == serviceRole
}

// site is the place of a component or service in the document and below others.
type site struct {
	pointer string
	line    int
	parent  int // index among its like, -1 if outermost
	nested  int
	product bool
}

// extent is a value of the raw document.
type extent struct{ from, to int }

// survey is one pass over a document that the schema allows. It lists the
// components and services in document order and judges bom-refs and what refers
// to them.
type survey struct {
	raw   []byte
	out   *collector
	r     *reader
	lines *lines
	path  []byte // JSON Pointer of the value being read; the schema bounds names

	components []site
	services   []site
	component  int // index of the component being read, -1 outside
	service    int // index of the service being read, -1 outside
	nested     int // levels below the outermost component or service

	product      extent   // metadata.component
	parts        []extent // elements of the root's components
	offers       []extent // elements of the root's services
	compositions extent
	dependencies extent
	tools        extent // metadata.tools
	distribution extent // metadata.distributionConstraints
	citations    extent
	writers      []extent // metadata.manufacturer, manufacture, supplier, authors
	manufacture  extent   // metadata.manufacture
	supplier     extent   // metadata.supplier
	declarations extent
	definitions  extent
	references   extent // the root's externalReferences
	productFirst bool   // metadata.component comes before the root's components

	names *vocabulary

	refs    map[string]reference
	pending []string // references not defined when first used, in the order of use
}

// reference is what is known of one bom-ref. There may be millions in a hostile
// document, so that pointers and lines are made only for what is reported.
type reference struct {
	off      int // of its definition, or of its first use while it has none
	defined  bool
	identity bool // defined by something whose bom-ref must be unique
}

func newSurvey(raw []byte, out *collector, names *vocabulary) *survey {
	return &survey{
		raw: raw, out: out, r: newReader(raw), lines: newLines(raw), names: names,
		component: -1, service: -1, refs: make(map[string]reference),
	}
}

func (s *survey) run() error {
	if err := s.value(rootRole); err != nil {
		return err
	}
	return s.dangling()
}

// dangling reports the references that nothing in the document defines.
func (s *survey) dangling() error {
	var names []string
	var offs []int
	for _, name := range s.pending {
		if ref := s.refs[name]; !ref.defined && s.out.wants("BOM-REF-DANGLING") {
			names, offs = append(names, name), append(offs, ref.off)
		}
	}
	if len(offs) == 0 {
		return nil
	}
	pointers, err := pointersAt(s.raw, offs)
	if err != nil {
		return err
	}
	for i, name := range names {
		s.out.add("BOM-REF-DANGLING", SeverityWarning, pointers[i], s.lines.at(offs[i]),
			"nothing in the document has the bom-ref %s", quote(name))
	}
	return nil
}

// value reads the value that comes next.
func (s *survey) value(is role) error {
	from := s.r.offset()
	component, service, nested := s.component, s.service, s.nested
	switch is {
	case productRole, componentRole:
		s.components = append(s.components, site{string(s.path), s.lines.at(from), component, nested, is == productRole})
		s.component, s.nested = len(s.components)-1, nested+1
	case serviceRole:
		s.services = append(s.services, site{string(s.path), s.lines.at(from), service, nested, false})
		s.service, s.nested = len(s.services)-1, nested+1
	}
	var err error
	switch s.r.PeekKind() {
	case '{':
		err = s.object(is)
	case '[':
		err = s.array(elementRoles[is])
	case '"':
		if is != linkRole && is != propertyNameRole {
			err = s.r.SkipValue()
			break
		}
		var name string
		name, _, err = s.r.text()
		switch {
		case err != nil:
		case is == linkRole:
			s.link(name, from)
		default:
			s.property(name, from)
		}
	default:
		err = s.r.SkipValue()
	}
	s.component, s.service, s.nested = component, service, nested
	here := extent{from, int(s.r.InputOffset())}
	switch {
	case is == productRole:
		s.product, s.productFirst = here, len(s.parts) == 0
	case is == componentRole && nested == 0:
		s.parts = append(s.parts, here)
	case is == serviceRole && nested == 0:
		s.offers = append(s.offers, here)
	case is == compositionsRole:
		s.compositions = here
	case is == dependenciesRole:
		s.dependencies = here
	case is == toolsRole:
		s.tools = here
	case is == distributionRole:
		s.distribution = here
	case is == citationsRole:
		s.citations = here
	case is == writerRole:
		s.writers = append(s.writers, here)
		switch string(s.path) {
		case "/metadata/manufacture":
			s.manufacture = here
		case "/metadata/supplier":
			s.supplier = here
		}
	case is == declarationsRole:
		s.declarations = here
	case is == definitionsRole:
		s.definitions = here
	case is == referencesRole:
		s.references = here
	}
	return err
}

func (s *survey) object(is role) error {
	if _, err := s.r.ReadToken(); err != nil {
		return err
	}
	roles, above := memberRoles[is], len(s.path)
	for s.r.PeekKind() != '}' {
		name, at, err := s.r.text()
		if err != nil {
			return err
		}
		s.path, _ = appendName(s.path, name)
		s.member(name, at)
		next := roles[name]
		if next == other && name == "properties" {
			next = propertiesRole
		}
		if name == "bom-ref" && s.r.PeekKind() == '"' {
			from := s.r.offset()
			var ref string
			if ref, _, err = s.r.text(); err == nil {
				s.define(ref, is.identity(), from)
			}
		} else {
			err = s.value(next)
		}
		if err != nil {
			return err
		}
		s.path = s.path[:above]
	}
	_, err := s.r.ReadToken()
	return err
}

func (s *survey) array(element role) error {
	if _, err := s.r.ReadToken(); err != nil {
		return err
	}
	above := len(s.path)
	for i := 0; s.r.PeekKind() != ']'; i++ {
		s.path, _ = appendIndex(s.path, i)
		if err := s.value(element); err != nil {
			return err
		}
		s.path = s.path[:above]
	}
	_, err := s.r.ReadToken()
	return err
}

// define records a bom-ref and reports one that is there already.
func (s *survey) define(name string, identity bool, off int) {
	ref := s.refs[name]
	code, severity := "BOM-REF-REPEATED", SeverityWarning
	if ref.identity && identity {
		code, severity = "BOM-REF-DUPLICATE", SeverityError
	}
	if ref.defined && s.out.wants(code) {
		first := newLines(s.raw).at(ref.off)
		s.out.add(code, severity, string(s.path), s.lines.at(off), "bom-ref %s is also on line %d", quote(name), first)
	}
	if !ref.defined || identity && !ref.identity {
		s.refs[name] = reference{off: off, defined: true, identity: identity}
	}
}

// member reports the name of a member that the specification does not have, but
// for its case. The schema lets a few objects have any member; a reader that
// ignores case takes such a one for what it is not to others.
func (s *survey) member(name string, off int) {
	if s.names.exact[name] {
		return
	}
	meant, ok := s.names.folded[fold(name)]
	if ok && s.out.wants("BOM-MEMBER-CASE") {
		s.out.add("BOM-MEMBER-CASE", SeverityError, string(s.path), s.lines.at(off),
			"member %s differs in case only from member %s of the specification", quote(name), quote(meant))
	}
}

// property reports the name of a property that claims to be one of ours and is
// not.
func (s *survey) property(name string, off int) {
	if KnownProperty(name) || !claimsOurs(name) {
		return
	}
	if s.out.wants("ORIGIN-NAME-UNKNOWN") {
		s.out.add("ORIGIN-NAME-UNKNOWN", SeverityError, string(s.path), s.lines.at(off), "no property is called %s", quote(name))
	}
}

// link records a reference to a bom-ref. A BOM-Link leads out of the document.
func (s *survey) link(name string, off int) {
	if strings.HasPrefix(name, "urn:cdx:") {
		return
	}
	if _, ok := s.refs[name]; !ok {
		s.refs[name] = reference{off: off}
		s.pending = append(s.pending, name)
	}
}

// counts describes how many components and services there are.
func (s *survey) counts() string {
	return fmt.Sprintf("%d components and %d services", len(s.components), len(s.services))
}

package sbom

import (
	"encoding/hex"
)

// Document is an admitted BOM: its bytes, what names them, and the view that
// facts are read from. Only [Admit] makes one.
type Document struct {
	Raw          []byte   // the bytes as given, not a copy; never to be changed
	Digest       [32]byte // SHA-256 of Raw
	MediaType    string   // application/vnd.cyclonedx+json; version=1.6
	SpecVersion  string   // 1.2 to 1.7
	SerialNumber string   // urn:uuid:…, "" if absent
	Version      int64    // of the BOM; 1 if absent, as the specification says

	Product      Product
	Manufacture  Organization // metadata.manufacture, until 1.5: who made what the BOM is about
	Supplier     Organization // metadata.supplier: who supplies it
	Components   []Component  // metadata.component and everything below components, at any depth, in document order
	Services     []Service    // everything below services, at any depth, in document order
	Compositions []Composition
	Dependencies []Dependency
	Tools        []Tool     // that wrote the BOM: metadata.tools, in either of its forms
	Sharing      string     // metadata.distributionConstraints.tlp since 1.7: CLEAR, GREEN, AMBER, …; "" if absent
	Citations    []Citation // since 1.7
	Writers      []string   // bom-refs of metadata.manufacturer, supplier and authors: who speaks in the document
	Declarations Declarations
	Requirements []Requirement // of definitions.standards, since 1.6

	ExternalReferences []ExternalReference // of the document as a whole

	// ViewError says why the view (Product to ExternalReferences) could not be made;
	// then the view is empty and everything it would state is unknown.
	ViewError error
}

// DigestString returns the digest of the raw bytes as sha256:<hex>.
func (d *Document) DigestString() string { return "sha256:" + hex.EncodeToString(d.Digest[:]) }

// Product is what metadata.component says the BOM is about. A field is "" where
// the BOM does not say.
type Product struct {
	Name    string
	Version string
	Maker   string // manufacturer's name, else supplier's
	GTIN    string // first property cdx:device:gs1:gtin-…
	CPE     string
	PURL    string
}

// Component is one component of the inventory. Components of pedigrees, tools,
// formulation and declarations are not part of the inventory.
type Component struct {
	Pointer string // into the raw document
	Line    int    // one-based
	Parent  int    // index into Document.Components, -1 for metadata.component and the elements of the root's components
	Nested  int    // levels below metadata.component or the root's components, zero-based
	Product bool   // it is metadata.component

	Ref       string // bom-ref; display only, "" if absent
	Type      string
	MIMEType  string
	Group     string
	Name      string
	Version   string
	Publisher string

	VersionRange string // vers: range that an external component must lie in, since 1.7
	External     bool   // needed, and not delivered with the product; since 1.7

	CPE  string
	PURL string

	Manufacturer Organization // since 1.6
	Supplier     Organization

	Properties         []Property
	Hashes             []Hash
	ExternalReferences []ExternalReference
	Governance         []Governor // who answers for the data that it is, of data

	// Ancestors are what it was made from by its pedigree, and what those were
	// made from, in document order. Of each only Pointer, Type, Group, Name,
	// Version, Publisher, CPE, PURL, Manufacturer, Supplier and Properties are set.
	Ancestors []Component
}

// Organization is an organizational entity. It is absent where Pointer is "".
type Organization struct {
	Pointer string
	Ref     string
	Name    string
	Country string // free text of address.country: says neither plant nor registration
	Region  string
}

// Property is one name and value.
type Property struct {
	Pointer string
	Name    string
	Value   string
}

// Hash is one digest as stated, not recomputed.
type Hash struct {
	Algorithm string // as CycloneDX names it, e.g. SHA-256
	Value     string // hexadecimal as written
}

// ExternalReference links to something outside the BOM. Its URL is text from
// the BOM; it is never fetched.
type ExternalReference struct {
	Pointer string
	Type    string
	URL     string
	Hashes  []Hash
}

// Service is one service of the inventory.
type Service struct {
	Pointer string // into the raw document
	Line    int    // one-based
	Parent  int    // index into Document.Services, -1 for the elements of the root's services
	Nested  int    // levels below the root's services, zero-based

	Ref      string // bom-ref; display only, "" if absent
	Group    string
	Name     string
	Version  string
	Provider Organization

	Endpoints          []string
	Data               []DataFlow
	Properties         []Property
	ExternalReferences []ExternalReference
}

// DataFlow is one element of a service's data.
type DataFlow struct {
	Pointer        string
	Flow           string // inbound, outbound, bi-directional, unknown
	Classification string
	Name           string
	Governance     []Governor
	Source         []string // URLs or BOM-Links
	Destination    []string
}

// Governor is who answers for data.
type Governor struct {
	Pointer      string
	Role         string // custodians, stewards or owners
	Organization Organization
	Contact      string // name of a person, where no organization is stated
}

// Composition states how complete a part of the BOM is.
type Composition struct {
	Pointer      string
	Ref          string
	Aggregate    string   // complete, incomplete, …, as written
	Assemblies   []string // bom-refs or BOM-Links
	Dependencies []string // bom-refs or BOM-Links
}

// Tool is one thing that wrote the BOM. Up to 1.4, and deprecated since, a tool has
// a vendor; from 1.5 on it is a component with a manufacturer or supplier, or a
// service with a provider.
type Tool struct {
	Pointer string
	Vendor  string // vendor's, manufacturer's, supplier's or provider's name
	Name    string
	Version string
}

// Citation says who stated a part of the BOM.
type Citation struct {
	Pointer      string
	Ref          string
	Pointers     []string // JSON Pointers of what is attributed
	Expressions  []string // path expressions instead; never evaluated
	Timestamp    string   // as written
	AttributedTo string   // bom-ref of a person or organization
	Attributed   bool     // something in the document has that bom-ref
	Process      string   // bom-ref of how it was obtained
	Note         string
}

// Dependency is one element of the dependency graph.
type Dependency struct {
	Pointer   string
	Ref       string
	DependsOn []string
	Provides  []string // since 1.6
}

// Declarations are the claims that a document makes about conformance, and who
// assessed them; since 1.6.
type Declarations struct {
	Assessors    []Assessor
	Attestations []Attestation
	Claims       []Claim
}

// Assessor is who assesses claims.
type Assessor struct {
	Pointer      string
	Ref          string
	ThirdParty   bool // on its own word
	Organization Organization
}

// Claim is a statement about something in the document.
type Claim struct {
	Pointer         string
	Ref             string
	Target          string // bom-ref
	Predicate       string // what is stated, free text
	Evidence        []string
	CounterEvidence []string
}

// Attestation maps claims to requirements.
type Attestation struct {
	Pointer  string
	Assessor string // bom-ref
	Summary  string
	Map      []Mapping
}

// Mapping is what an attestation says of one requirement.
type Mapping struct {
	Pointer       string
	Requirement   string   // bom-ref
	Claims        []string // bom-refs
	CounterClaims []string // bom-refs
	Conformance   int      // per mille, rounded down; −1 if it is not told
}

// Requirement is one requirement of a standard that the document defines.
type Requirement struct {
	Pointer    string
	Ref        string
	Identifier string
	Title      string
	Standard   string // name of the standard
}

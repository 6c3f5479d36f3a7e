package statement

import (
	"crypto/sha256"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/envelope"
)

// Rules is the number of the rules by which this program admits statements.
const Rules = 1

// Head is what every predicate begins with.
type Head struct {
	Log   string    `json:"log,omitzero"`  // origin of the log it is for; may be absent in a bom and an attestation
	Party []string  `json:"party"`         // who acts: one or two
	Made  time.Time `json:"made"`          // the signer's claim, UTC, whole seconds; orders nothing, proves nothing
	Prev  Digest    `json:"prev,omitzero"` // leaf hash of the last statement on the same object; only kinds with objects
	Note  string    `json:"note,omitzero"` // free text
}

// Body is what a statement says: *Genesis, *Admission, *Party, *BOM, *Status,
// *Keys, *Delegate, *Revoke, *Suspend, *Withdraw, *Advisory, *List, *Attestation,
// *Trust, *Policy, *Verdict, *Decision, *Profile or *Freeze.
type Body interface {
	Kind() Kind
	head() *Head
	subject() Digest
	setSubject(Digest)
	check() *sbom.Refusal
}

// Genesis is entry 0: what the log is and whose it is.
type Genesis struct {
	Head
	Checkpoint []string `json:"checkpoint"` // verifier keys of checkpoints: Ed25519, ML-DSA-44
	Parties    Founders `json:"parties"`
	Rules      int64    `json:"rules"` // number of the rules of admission

	Predecessor *Predecessor `json:"predecessor,omitzero"` // nil for a log that follows on none
}

// Founders are the key sets of the two reserved parties.
type Founders struct {
	Registrar KeySet `json:"registrar"`
	Log       KeySet `json:"log"`
}

// Admission says what the log takes from its own index on. Genesis and
// admission are always taken.
type Admission struct {
	Head
	Kinds      []Kind   `json:"kinds"`             // of [Admissible]; ascending
	Algorithms []string `json:"algorithms"`        // of parties' keys; ascending
	Limits     Limits   `json:"limits"`            // of BOMs
	Evidence   []string `json:"evidence,omitzero"` // required beside signatures; no word is known yet
}

// Limits bounds the BOMs that are taken.
type Limits struct {
	BOMBytes     int64    `json:"bomBytes"`     // largest BOM in bytes
	Depth        int64    `json:"depth"`        // deepest nesting
	SpecVersions []string `json:"specVersions"` // of CycloneDX; ascending
}

// Party enrols a party or changes what is known of it.
type Party struct {
	Head
	ID           string   `json:"id"`
	Version      int64    `json:"version"` // 1, then one more with each change
	Name         string   `json:"name"`
	Identifiers  []string `json:"identifiers,omitzero"` // other party ids of the same party; ascending
	Incorporated string   `json:"incorporated"`         // shape of ISO 3166-1 alpha-2
	Roles        []string `json:"roles"`                // ascending
	KeySet       KeySet   `json:"keySet"`
	SpeaksFor    []string `json:"speaksFor,omitzero"` // party ids; absent = its own id; ascending
}

// BOM is a vendor's word about the bytes of one bill of materials.
type BOM struct {
	Head
	Digest       Digest      `json:"-"` // SHA-256 of the BOM's bytes; the statement's subject
	Size         int64       `json:"size"`
	MediaType    string      `json:"mediaType"` // "application/vnd.cyclonedx+json; version=1.6"
	SpecVersion  string      `json:"specVersion"`
	SerialNumber string      `json:"serialNumber,omitzero"` // urn:uuid:…
	Version      int64       `json:"version"`               // of the BOM with this serial number
	Product      *Product    `json:"product,omitzero"`      // absent if the BOM has no metadata.component
	Supersedes   *Supersedes `json:"supersedes,omitzero"`
	Disclosure   string      `json:"disclosure"` // open or held
}

// Product is copied from metadata.component, or, for a held BOM, may be one
// commitment.
type Product struct {
	Name    string `json:"name,omitzero"`
	Version string `json:"version,omitzero"`
	Maker   string `json:"maker,omitzero"`
	GTIN    string `json:"gtin,omitzero"`
	CPE     string `json:"cpe,omitzero"`
	PURL    string `json:"purl,omitzero"`
	Commit  Digest `json:"commit,omitzero"` // commitment to the product; then all else is absent
}

// Supersedes names the entry in whose place a BOM comes.
type Supersedes struct {
	Position Position `json:"position"`
	Reason   string   `json:"reason"` // correction or revision
}

// Position is an entry of a log.
type Position struct {
	Log   string `json:"log"`
	Index int64  `json:"index"` // zero-based
}

// UnmarshalJSON reads a position; index 0 and no index are not the same.
func (p *Position) UnmarshalJSON(raw []byte) error {
	type plain Position
	v := plain{Index: -1}
	if err := json.Unmarshal(raw, &v, strict); err != nil {
		return err
	}
	*p = Position(v)
	return nil
}

// Status is the log's word about the entries that concern one BOM, at one size
// of its tree, or one list, policy or profile. It travels in bundles and is never a
// leaf.
type Status struct {
	Head
	BOM        Digest     `json:"-"`       // the BOM's digest; the subject of the statement that it is about
	Size       int64      `json:"size"`    // of the tree, in leaves
	Root       Digest     `json:"root"`    // of the tree at that size
	About      string     `json:"about"`   // who acts in that statement: a party, or registrar
	Entries    []int64    `json:"entries"` // indices of all entries that concern subject and party; ascending
	Advisories Advisories `json:"advisories"`
}

// Advisories counts all advisory entries of a log below a size.
type Advisories struct {
	Count int64  `json:"count"`
	Last  Digest `json:"last,omitzero"` // leaf hash of the last, absent if there is none
}

// Kind returns genesis.
func (*Genesis) Kind() Kind { return KindGenesis }

// Kind returns admission.
func (*Admission) Kind() Kind { return KindAdmission }

// Kind returns party.
func (*Party) Kind() Kind { return KindParty }

// Kind returns bom.
func (*BOM) Kind() Kind { return KindBOM }

// Kind returns status.
func (*Status) Kind() Kind { return KindStatus }

func (h *Head) head() *Head { return h }

func digestOf(s string) Digest { return sha256.Sum256([]byte(s)) }

func (g *Genesis) subject() Digest   { return digestOf(g.Log) }
func (a *Admission) subject() Digest { return digestOf(a.Log) }
func (p *Party) subject() Digest     { return digestOf(p.ID) }
func (b *BOM) subject() Digest       { return b.Digest }
func (s *Status) subject() Digest    { return s.BOM }

func (*Genesis) setSubject(Digest)    {}
func (*Admission) setSubject(Digest)  {}
func (*Party) setSubject(Digest)      {}
func (b *BOM) setSubject(d Digest)    { b.Digest = d }
func (s *Status) setSubject(d Digest) { s.BOM = d }

// chained are the kinds that have a prev: those that speak on an object.
var chained = []Kind{KindAdmission, KindParty, KindKeys, KindDelegate, KindSuspend, KindList, KindPolicy, KindProfile}

// check judges the members that all kinds share.
func (h *Head) check(kind Kind, party ...string) *sbom.Refusal {
	if h.Log != "" || kind != KindBOM && kind != KindAttestation {
		if err := CheckOrigin(h.Log); err != nil {
			return at(err, "/log")
		}
	}
	if !slices.Equal(h.Party, party) {
		return refuseMember("party is not who acts in kind %s, %q", kind, party).At("/party", 0)
	}
	if h.Made.IsZero() || h.Made.Year() < 1 || h.Made.Year() > 9999 {
		return refuseMember("made is missing").At("/made", 0)
	}
	if !h.Prev.IsZero() && !slices.Contains(chained, kind) {
		return refuseMember("kind %s has no prev", kind).At("/prev", 0)
	}
	if h.Note != "" {
		return place(checkText("note", h.Note, MaxNote, true), "/note")
	}
	return nil
}

func (g *Genesis) check() *sbom.Refusal {
	if r := g.Head.check(KindGenesis, Registrar); r != nil {
		return r
	}
	if g.Rules != Rules {
		if g.Rules > Rules {
			return sbom.Refuse("STATEMENT-RULES-NEWER", "rules %d are not known here: %w", g.Rules, ErrNewer).At("/rules", 0)
		}
		return refuseMember("rules is not the number of any rules").At("/rules", 0)
	}
	if g.Predecessor != nil {
		if r := g.Predecessor.check(g.Log); r != nil {
			return r.At("/predecessor"+r.Pointer, 0)
		}
	}
	if r := checkVKeys(g.Log, g.Checkpoint); r != nil {
		return r.At("/checkpoint", 0)
	}
	if r := g.Parties.Registrar.check("parties.registrar"); r != nil {
		return r.At("/parties/registrar", 0)
	}
	if r := g.Parties.Log.check("parties.log"); r != nil {
		return r.At("/parties/log", 0)
	}
	checkpoint := g.CheckpointKeyID()
	for _, k := range g.Parties.Log.Keys {
		if g.Parties.Registrar.Has(k.ID()) || k.ID() == checkpoint {
			return refuseMember("key %s has two offices", k.ID()).At("/parties/log", 0)
		}
	}
	if g.Parties.Registrar.Has(checkpoint) {
		return refuseMember("key %s has two offices", checkpoint).At("/parties/registrar", 0)
	}
	return nil
}

func (a *Admission) check() *sbom.Refusal {
	if r := a.Head.check(KindAdmission, Registrar); r != nil {
		return r
	}
	kinds := make([]string, 0, len(a.Kinds))
	for _, k := range a.Kinds {
		switch {
		case slices.Contains(Admissible(), k):
		case versions[k] != 0:
			return refuseMember("kind %s is not for an admission to take or to leave", k).At("/kinds", 0)
		default:
			return refuseWord("kind", string(k), "/kinds")
		}
		kinds = append(kinds, string(k))
	}
	for _, w := range a.Algorithms {
		if w != envelope.Ed25519 && w != envelope.ECDSAP256 {
			return refuseWord("algorithm", w, "/algorithms")
		}
	}
	for _, w := range a.Evidence {
		return refuseWord("evidence", w, "/evidence")
	}
	for _, v := range a.Limits.SpecVersions {
		if !isSpecVersion(v) {
			return refuseMember("spec version %q is not two numbers", clip(v)).At("/limits/specVersions", 0)
		}
	}
	switch {
	case len(kinds) == 0 || len(a.Algorithms) == 0 || len(a.Limits.SpecVersions) == 0:
		return refuseMember("an admission without kinds, algorithms or spec versions takes nothing")
	case a.Limits.BOMBytes < 1 || a.Limits.BOMBytes > maxInteger:
		return refuseMember("bomBytes is not a size").At("/limits/bomBytes", 0)
	case a.Limits.Depth < 1 || a.Limits.Depth > maxInteger:
		return refuseMember("depth is not a depth").At("/limits/depth", 0)
	}
	if r := checkList("kinds", kinds, MaxList); r != nil {
		return r.At("/kinds", 0)
	}
	if r := checkList("algorithms", a.Algorithms, MaxList); r != nil {
		return r.At("/algorithms", 0)
	}
	return place(checkList("specVersions", a.Limits.SpecVersions, MaxList), "/limits/specVersions")
}

func (p *Party) check() *sbom.Refusal {
	if err := CheckParty(p.ID); err != nil {
		return at(err, "/id")
	}
	if r := p.Head.check(KindParty, Registrar, p.ID); r != nil {
		return r
	}
	if p.Version < 1 || p.Version > maxInteger || (p.Version == 1) != p.Prev.IsZero() {
		return refuseMember("version %d goes with prev exactly from 2 on", p.Version).At("/version", 0)
	}
	if r := checkText("name", p.Name, MaxName, false); r != nil {
		return r.At("/name", 0)
	}
	for _, id := range p.Identifiers {
		if err := CheckParty(id); err != nil {
			return at(err, "/identifiers")
		}
		if id == p.ID {
			return refuseMember("identifiers repeats the party's id").At("/identifiers", 0)
		}
	}
	if r := checkList("identifiers", p.Identifiers, MaxList); r != nil {
		return r.At("/identifiers", 0)
	}
	if c := p.Incorporated; len(c) != 2 || c[0] < 'A' || c[0] > 'Z' || c[1] < 'A' || c[1] > 'Z' {
		return refuseMember("incorporated %q is not the shape of an ISO 3166-1 alpha-2 code", clip(c)).At("/incorporated", 0)
	}
	if len(p.Roles) == 0 {
		return refuseMember("the party has no role").At("/roles", 0)
	}
	for _, role := range p.Roles {
		if r := roles.check("role", role); r != nil {
			return r.At("/roles", 0)
		}
	}
	if r := checkList("roles", p.Roles, MaxList); r != nil {
		return r.At("/roles", 0)
	}
	if r := p.KeySet.check("keySet"); r != nil {
		return r.At("/keySet", 0)
	}
	for _, id := range p.SpeaksFor {
		if err := CheckParty(id); err != nil {
			return at(err, "/speaksFor")
		}
	}
	return place(checkList("speaksFor", p.SpeaksFor, MaxList), "/speaksFor")
}

func (b *BOM) check() *sbom.Refusal {
	if len(b.Party) != 1 {
		return refuseMember("party is not the one party that acts").At("/party", 0)
	}
	if err := CheckParty(b.Party[0]); err != nil {
		return at(err, "/party/0")
	}
	if r := b.Head.check(KindBOM, b.Party[0]); r != nil {
		return r
	}
	switch {
	case b.Digest.IsZero():
		return refuseMember("the digest of the BOM is missing")
	case b.Size < 1 || b.Size > maxInteger:
		return refuseMember("size is not the size of a BOM").At("/size", 0)
	case !isSpecVersion(b.SpecVersion):
		return refuseMember("specVersion %q is not two numbers", clip(b.SpecVersion)).At("/specVersion", 0)
	case !isMediaType(b.MediaType, b.SpecVersion):
		return refuseMember("mediaType %q is not type/subtype; version=%s", clip(b.MediaType), clip(b.SpecVersion)).At("/mediaType", 0)
	case b.SerialNumber != "" && !isSerialNumber(b.SerialNumber):
		return refuseMember("serialNumber %q is not urn:uuid: and a UUID in lower case", clip(b.SerialNumber)).At("/serialNumber", 0)
	case b.Version < 0 || b.Version > maxInteger:
		return refuseMember("version is not the version of a BOM").At("/version", 0)
	}
	if r := disclosures.check("disclosure", b.Disclosure); r != nil {
		return r.At("/disclosure", 0)
	}
	if b.Product != nil {
		if r := b.Product.check(b.Disclosure); r != nil {
			return r.At("/product", 0)
		}
	}
	if b.Supersedes != nil {
		return b.Supersedes.check()
	}
	return nil
}

func (p *Product) check(disclosure string) *sbom.Refusal {
	if !p.Commit.IsZero() {
		if *p != (Product{Commit: p.Commit}) {
			return refuseMember("product is a commitment and more")
		}
		if disclosure != DisclosureHeld {
			return refuseMember("product is a commitment, but the BOM is not held")
		}
		return nil
	}
	if p.Name == "" {
		return refuseMember("product has no name")
	}
	for _, m := range [...]struct{ name, value string }{
		{"name", p.Name}, {"version", p.Version}, {"maker", p.Maker}, {"gtin", p.GTIN}, {"cpe", p.CPE}, {"purl", p.PURL},
	} {
		if r := checkCopied("product."+m.name, m.value); r != nil {
			return r
		}
	}
	return nil
}

func (s *Supersedes) check() *sbom.Refusal {
	if r := s.Position.check(); r != nil {
		return r.At("/supersedes/position"+r.Pointer, 0)
	}
	return place(reasons.check("reason", s.Reason), "/supersedes/reason")
}

func (s *Status) check() *sbom.Refusal {
	if r := s.Head.check(KindStatus, Log); r != nil {
		return r
	}
	if s.About != Registrar { // of whose policies and lists there is a status too
		if err := CheckParty(s.About); err != nil {
			return at(err, "/about")
		}
	}
	switch {
	case s.BOM.IsZero():
		return refuseMember("the digest of the BOM is missing")
	case s.Size < 1 || s.Size > maxInteger:
		return refuseMember("size is not the size of a tree with entries").At("/size", 0)
	case s.Root.IsZero():
		return refuseMember("root is missing").At("/root", 0)
	case len(s.Entries) < 1 || len(s.Entries) > MaxIndices:
		return refuseMember("entries has %d elements, not 1 to %d", len(s.Entries), MaxIndices).At("/entries", 0)
	case s.Advisories.Count < 0 || s.Advisories.Count > s.Size:
		return refuseMember("advisories.count is not a number of entries").At("/advisories/count", 0)
	case (s.Advisories.Count == 0) != s.Advisories.Last.IsZero():
		return refuseMember("advisories.last goes with a count above zero").At("/advisories/last", 0)
	}
	for i, n := range s.Entries {
		if n < 0 || n >= s.Size || i > 0 && s.Entries[i-1] >= n {
			return refuseMember("entries are not ascending indices below the size").At("/entries", 0)
		}
	}
	return nil
}

// at returns the refusal in err, placed.
func at(err error, pointer string) *sbom.Refusal {
	r, ok := err.(*sbom.Refusal)
	if !ok {
		r = refuseMember("%w", err)
	}
	return r.At(pointer, 0)
}

// place returns the refusal, if there is one, placed.
func place(r *sbom.Refusal, pointer string) *sbom.Refusal {
	if r == nil {
		return nil
	}
	return r.At(pointer, 0)
}

func refuseWord(what, word, pointer string) *sbom.Refusal {
	return sbom.Refuse("STATEMENT-WORD-NEWER", "%s %q is not known here: %w", what, clip(word), ErrNewer).At(pointer, 0)
}

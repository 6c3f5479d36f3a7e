package statement

import (
	"strings"
	"time"

	"github.com/yurai-ledger/yurai/sbom"
)

// Advisory warns of products, parts or bytes.
type Advisory struct {
	Head
	Selector  Selector  `json:"selector"`
	Severity  string    `json:"severity"` // ban, recall or notice
	Effective time.Time `json:"effective"`
	Expires   time.Time `json:"expires,omitzero"` // absent = never; later than effective
	Text      string    `json:"text"`
}

// Selector says what an advisory is about. At least one member is there, and
// what it is about has all of them.
type Selector struct {
	Party   string `json:"party,omitzero"`   // id of who signed the BOM, or of its product's maker
	Product string `json:"product,omitzero"` // name, GTIN, CPE or purl of the product
	Part    *Part  `json:"part,omitzero"`    // of a component at any depth
	Digest  Digest `json:"digest,omitzero"`  // of the BOM's bytes, or of a component's
}

// Part is a part number. Without its maker it is anybody's, and an advisory on
// it holds or notes, and never rejects.
type Part struct {
	Maker string `json:"maker,omitzero"` // name or id, as the BOM writes it
	Part  string `json:"part"`
}

// List is a version of a reference list, whose bytes are elsewhere.
type List struct {
	Head
	Digest    Digest `json:"-"`       // SHA-256 of the list's bytes; the statement's subject
	ID        string `json:"id"`      // lower case; the list's full name is issuer/id
	Version   int64  `json:"version"` // 1, then one more with each change
	Size      int64  `json:"size"`
	MediaType string `json:"mediaType"` // type/subtype
}

// Attestation is what an auditor, a laboratory or the registrar found.
type Attestation struct {
	Head
	Digest   Digest `json:"-"`              // SHA-256 of what was looked at, unless About is there
	About    string `json:"about,omitzero"` // id of the party that was looked at
	Standard string `json:"standard"`       // by what
	Scope    string `json:"scope"`          // how far
	Findings string `json:"findings"`
}

// Kind returns advisory.
func (*Advisory) Kind() Kind { return KindAdvisory }

// Kind returns list.
func (*List) Kind() Kind { return KindList }

// Kind returns attestation.
func (*Attestation) Kind() Kind { return KindAttestation }

func (a *Advisory) subject() Digest {
	switch {
	case !a.Selector.Digest.IsZero():
		return a.Selector.Digest
	case a.Selector.Party != "":
		return digestOf(a.Selector.Party)
	}
	return digestOf(a.Log)
}

func (l *List) subject() Digest { return l.Digest }

func (a *Attestation) subject() Digest {
	if a.About != "" {
		return digestOf(a.About)
	}
	return a.Digest
}

func (*Advisory) setSubject(Digest) {}
func (l *List) setSubject(d Digest) { l.Digest = d }
func (a *Attestation) setSubject(d Digest) {
	if a.About == "" {
		a.Digest = d
	}
}

func (a *Advisory) check() *sbom.Refusal {
	if r := a.checkActor(KindAdvisory); r != nil {
		return r
	}
	if r := a.Selector.check(); r != nil {
		return r.At("/selector"+r.Pointer, 0)
	}
	if r := severities.check("severity", a.Severity); r != nil {
		return r.At("/severity", 0)
	}
	if r := checkInstant("effective", a.Effective); r != nil {
		return r
	}
	if !a.Expires.IsZero() && !a.Expires.After(a.Effective) {
		return refuseMember("expires is not after effective").At("/expires", 0)
	}
	return place(checkText("text", a.Text, MaxText, true), "/text")
}

func (s Selector) check() *sbom.Refusal {
	if s == (Selector{}) {
		return refuseMember("the selector selects nothing")
	}
	if s.Party != "" {
		if err := CheckParty(s.Party); err != nil {
			return at(err, "/party")
		}
	}
	if r := checkCopied("product", s.Product); r != nil {
		return r.At("/product", 0)
	}
	if s.Part == nil {
		return nil
	}
	if s.Part.Part == "" {
		return refuseMember("the part has no number").At("/part/part", 0)
	}
	if r := checkCopied("part", s.Part.Part); r != nil {
		return r.At("/part/part", 0)
	}
	return place(checkCopied("maker", s.Part.Maker), "/part/maker")
}

// Concerns reports whether an advisory may be about the BOM of a bom statement,
// as far as the statement alone can tell: only what it rules out is not. A part
// and the digest of a component are inside the BOM, a commitment hides the
// product, and a product's name may only look like the one selected (see
// [Product.Named]). everybody says whether the advisory's issuer warns of
// everybody's products, as a regulator and a CSIRT do; a vendor warns of its own.
func (a *Advisory) Concerns(b *BOM, everybody bool) bool {
	if !everybody && a.Party[0] != b.Party[0] {
		return false
	}
	s, p := a.Selector, b.Product
	if p != nil && !p.Commit.IsZero() {
		return true
	}
	if s.Party != "" && s.Party != b.Party[0] && (p == nil || s.Party != p.Maker) {
		return false
	}
	if s.Product == "" {
		return true
	}
	_, look := p.Named(s.Product)
	return look
}

// Named reports whether the product goes by this name, GTIN, CPE or purl, and
// whether one of them at least looks like it, both as [sbom.CompareNames]
// compares names. A nil product goes by none.
func (p *Product) Named(name string) (alike, look bool) {
	if p == nil {
		return false, false
	}
	for _, own := range [...]string{p.Name, p.GTIN, p.CPE, p.PURL} {
		same, seen := sbom.CompareNames(own, name)
		alike, look = alike || same, look || seen
	}
	return alike, look
}

func (l *List) check() *sbom.Refusal {
	if r := l.checkActor(KindList, Registrar); r != nil {
		return r
	}
	kind, sub, found := strings.Cut(l.MediaType, "/")
	switch {
	case l.Digest.IsZero():
		return refuseMember("the digest of the list is missing")
	case !isListID(l.ID):
		return refuseMember("id %q is not 1 to 64 of a-z, 0-9 and \"._-\"", clip(l.ID)).At("/id", 0)
	case l.Version < 1 || l.Version > maxInteger || (l.Version == 1) != l.Prev.IsZero():
		return refuseMember("version %d goes with prev exactly from 2 on", l.Version).At("/version", 0)
	case l.Size < 1 || l.Size > maxInteger:
		return refuseMember("size is not the size of a list").At("/size", 0)
	case !found || !isToken(kind) || !isToken(sub):
		return refuseMember("mediaType %q is not type/subtype", clip(l.MediaType)).At("/mediaType", 0)
	}
	return nil
}

// isListID checks the id of a list of one issuer.
func isListID(s string) bool {
	alnum := func(c byte) bool { return isLower(c) || isDigit(c) }
	return matches(s, 1, 64, alnum, func(c byte) bool { return isLowerDigitDash(c) || c == '.' || c == '_' })
}

func (a *Attestation) check() *sbom.Refusal {
	if r := a.checkActor(KindAttestation, Registrar); r != nil {
		return r
	}
	if a.About != "" {
		if err := CheckParty(a.About); err != nil {
			return at(err, "/about")
		}
	}
	if a.subject().IsZero() {
		return refuseMember("the attestation is about nothing")
	}
	for _, m := range [...]struct{ name, value string }{
		{"standard", a.Standard}, {"scope", a.Scope}, {"findings", a.Findings},
	} {
		if r := checkText(m.name, m.value, MaxText, m.name != "standard"); r != nil {
			return r.At("/"+m.name, 0)
		}
	}
	return nil
}

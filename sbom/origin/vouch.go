package origin

import (
	"slices"
	"strings"

	"github.com/yurai-ledger/yurai/sbom"
)

// voucher is somebody who stands behind what is at a pointer and below.
type voucher struct {
	strength Strength
	by       string
}

// vouchers raise the strength of facts: citations and attested claims in the
// document, and what the caller knows.
type vouchers struct {
	places map[string][]voucher // by JSON Pointer
	claims map[claimed][]attested
}

// claimed is what an attested claim is about.
type claimed struct {
	ref  string // bom-ref of the subject, which nothing else has
	name string // of a property
}

// attested is a claim that a third party attests.
type attested struct {
	value string // as written behind the name of the property
	by    string // pointer of the attestation
}

// newVouchers reads who stands behind what. A citation counts if it says to whom
// it is attributed, the document holds that party, and it is not who speaks in the
// document anyway: the author of the document, or the maker or seller of the
// product.
func newVouchers(doc *sbom.Document, known Source, holders map[string]int) *vouchers {
	v := &vouchers{places: make(map[string][]voucher), claims: make(map[claimed][]attested)}
	for _, k := range known.Vouched {
		for _, p := range k.Pointers {
			v.places[p] = append(v.places[p], voucher{k.Strength, k.By})
		}
	}
	own := speakers(doc)
	for _, c := range doc.Citations {
		if !c.Attributed || own[c.AttributedTo] {
			continue
		}
		for _, p := range c.Pointers {
			v.places[p] = append(v.places[p], voucher{Cited, c.Pointer})
		}
	}
	v.readClaims(doc, own, holders)
	return v
}

// speakers returns the bom-refs of who speaks in the document anyway.
func speakers(doc *sbom.Document) map[string]bool {
	own := make(map[string]bool)
	for _, ref := range doc.Writers {
		own[ref] = true
	}
	for i := range doc.Components {
		if c := &doc.Components[i]; c.Product {
			own[c.Ref], own[c.Manufacturer.Ref], own[c.Supplier.Ref] = true, true, true
		}
	}
	delete(own, "")
	return own
}

// outside reports whether an assessor is told to be a third party and is not,
// by bom-ref or by name, who speaks in the document anyway.
func outside(a *sbom.Assessor, doc *sbom.Document, own map[string]bool) bool {
	if !a.ThirdParty || own[a.Ref] || own[a.Organization.Ref] || sbom.Skeleton(a.Organization.Name) == "" {
		return false
	}
	for i := range doc.Components {
		if c := &doc.Components[i]; c.Product && (c.Manufacturer.Name == a.Organization.Name || c.Supplier.Name == a.Organization.Name) {
			return false
		}
	}
	return true
}

// readClaims reads the claims whose predicate states a property of ours as
// NAME=VALUE, and which a third party attests with full conformance and without
// anything that counters them.
func (v *vouchers) readClaims(doc *sbom.Document, own map[string]bool, holders map[string]int) {
	assessors := make(map[string]bool) // bom-ref → is outside
	for i := range doc.Declarations.Assessors {
		if a := &doc.Declarations.Assessors[i]; a.Ref != "" {
			assessors[a.Ref] = outside(a, doc, own)
		}
	}
	claims := claimsByRef(doc)
	for _, a := range doc.Declarations.Attestations {
		if !assessors[a.Assessor] {
			continue
		}
		for _, m := range a.Map {
			if m.Conformance < 1000 || len(m.CounterClaims) > 0 {
				continue
			}
			for _, ref := range m.Claims {
				c := claims[ref]
				if c == nil || len(c.CounterEvidence) > 0 || holders[c.Target] != 1 {
					continue
				}
				name, value, ok := strings.Cut(c.Predicate, "=")
				if ok && (sbom.KnownProperty(name) || name == countryOfOrigin) {
					at := claimed{c.Target, name}
					v.claims[at] = append(v.claims[at], attested{value, a.Pointer})
				}
			}
		}
	}
}

// claimsByRef returns the claims by their bom-refs; one that two have names
// neither.
func claimsByRef(doc *sbom.Document) map[string]*sbom.Claim {
	claims := make(map[string]*sbom.Claim)
	for i := range doc.Declarations.Claims {
		c := &doc.Declarations.Claims[i]
		if _, twice := claims[c.Ref]; twice {
			c = nil
		}
		claims[doc.Declarations.Claims[i].Ref] = c
	}
	delete(claims, "")
	return claims
}

// empty reports whether nobody stands behind anything.
func (v *vouchers) empty() bool { return len(v.places) == 0 && len(v.claims) == 0 }

// subject raises what the subject tells.
func (v *vouchers) subject(s *Subject) {
	for i := range s.Facts {
		name := originPrefix + string(s.Facts[i].Stage)
		v.fact(s, &s.Facts[i], name)
		if s.Facts[i].Stage == Manufactured {
			v.claimed(s, &s.Facts[i], countryOfOrigin)
		}
	}
	for i := range s.Parties {
		p := &s.Parties[i]
		prefix := "yurai:party:" + string(p.Role) + ":"
		v.words(s, p.IDs, prefix+"id")
		v.words(s, p.Names, "")
		for j := range p.Registered {
			v.fact(s, &p.Registered[j], prefix+"registered")
		}
		for j := range p.Plant {
			v.fact(s, &p.Plant[j], prefix+"plant")
		}
		for j := range p.Owner {
			v.fact(s, &p.Owner[j], prefix+"owner")
		}
		p.name()
	}
	a := &s.Access
	for i := range a.From {
		v.fact(s, &a.From[i], accessPrefix+"from")
	}
	v.words(s, a.Operators, accessPrefix+"operator")
	v.words(s, a.Privilege, accessPrefix+"privilege")
	v.words(s, a.AlwaysOn, accessPrefix+"always-on")
	for i := range s.Flows {
		w := &s.Flows[i].Classification
		v.place(&w.Strength, &w.By, w.Pointer, w.Also)
	}
}

func (v *vouchers) fact(s *Subject, f *Fact, name string) {
	v.place(&f.Strength, &f.By, f.Pointer, f.Also)
	v.claimed(s, f, name)
}

// claimed raises a fact that an attested claim states in the same words, but for
// the order of its shares.
func (v *vouchers) claimed(s *Subject, f *Fact, name string) {
	if s.Ref == "" || f.State == Malformed {
		return
	}
	for _, c := range v.claims[claimed{s.Ref, name}] {
		said, err := ParseValue(c.value)
		if name == countryOfOrigin {
			code, _, ok := CountryOf(c.value)
			if !ok {
				continue
			}
			said, err = Value{Shares: []Share{{Code: code, Percent: whole}}}, nil
		}
		if err == nil && said.Basis == f.Value.Basis && said.Withheld == f.Value.Withheld && slices.Equal(said.merged(true), f.Value.merged(true)) {
			raise(&f.Strength, &f.By, voucher{Attested, c.by})
		}
	}
}

func (v *vouchers) words(s *Subject, words []Word, name string) {
	for i := range words {
		w := &words[i]
		v.place(&w.Strength, &w.By, w.Pointer, w.Also)
		if name == "" || s.Ref == "" {
			continue
		}
		for _, c := range v.claims[claimed{s.Ref, name}] {
			if c.value == w.Value {
				raise(&w.Strength, &w.By, voucher{Attested, c.by})
			}
		}
	}
}

// place raises what is told at one of the pointers: whoever stands behind the
// place, its value, or anything that it lies in.
func (v *vouchers) place(strength *Strength, by *[]string, pointer string, also []string) {
	if len(v.places) == 0 {
		return
	}
	v.covered(strength, by, pointer)
	for _, p := range also {
		v.covered(strength, by, p)
	}
}

func (v *vouchers) covered(strength *Strength, by *[]string, pointer string) {
	for _, x := range v.places[pointer+"/value"] {
		raise(strength, by, x)
	}
	for p := pointer; ; {
		for _, x := range v.places[p] {
			raise(strength, by, x)
		}
		at := strings.LastIndexByte(p, '/')
		if at < 0 {
			return
		}
		p = p[:at]
	}
}

// raise raises a strength, and notes who did.
func raise(strength *Strength, by *[]string, x voucher) {
	if x.strength <= Asserted {
		return
	}
	*strength = max(*strength, x.strength)
	if !slices.Contains(*by, x.by) && len(*by) < maxVouchers {
		*by = append(*by, x.by)
	}
}

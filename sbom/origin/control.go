package origin

import "github.com/yurai-ledger/yurai/sbom"

// control is what the declarations of a document say of one requirement and
// one subject.
type control struct {
	requirement string // bom-ref
	identifier  string // "" if the requirement has none, or another has the same
	met         Truth  // Unknown is contested
	strength    Strength
	pointer     string // of the mapping
}

// readControls gives each subject what is attested about it and about the
// product.
func (f *Facts) readControls(doc *sbom.Document, holders map[string]int) {
	if len(doc.Declarations.Attestations) == 0 {
		return
	}
	identifiers, shared := make(map[string]string), make(map[string]int)
	for _, r := range doc.Requirements {
		shared[r.Identifier]++
	}
	for _, r := range doc.Requirements {
		if shared[r.Identifier] == 1 {
			identifiers[r.Ref] = r.Identifier
		}
	}
	own := speakers(doc)
	strengths := make(map[string]Strength)
	for i := range doc.Declarations.Assessors {
		a := &doc.Declarations.Assessors[i]
		strengths[a.Ref] = Asserted
		if outside(a, doc, own) {
			strengths[a.Ref] = Attested
		}
	}
	delete(strengths, "")
	claims := claimsByRef(doc)
	about := make(map[string][]control) // by the bom-ref of the target
	for _, a := range doc.Declarations.Attestations {
		strength := max(strengths[a.Assessor], Asserted)
		for _, m := range a.Map {
			if m.Conformance < 0 && len(m.CounterClaims) == 0 {
				continue // nothing is said of whether it is met
			}
			targets := make(map[string]bool)
			contested := len(m.CounterClaims) > 0
			for _, ref := range m.Claims {
				if c := claims[ref]; c != nil && holders[c.Target] == 1 {
					targets[c.Target] = true
					contested = contested || len(c.CounterEvidence) > 0
				}
			}
			said := control{requirement: m.Requirement, identifier: identifiers[m.Requirement], met: False, strength: strength, pointer: m.Pointer}
			switch {
			case contested:
				said.met = Unknown
			case m.Conformance >= 1000:
				said.met = True
			}
			for ref := range targets {
				about[ref] = append(about[ref], said)
			}
		}
	}
	var product []control
	if p := f.Product(); p >= 0 {
		product = about[f.Components[p].Ref]
	}
	for _, list := range [][]Subject{f.Components, f.Services} {
		for i := range list {
			s := &list[i]
			s.controls = product
			if !s.Product && len(about[s.Ref]) > 0 {
				s.controls = append(append([]control{}, about[s.Ref]...), product...)
			}
		}
	}
}

package sbom

import (
	"math"
	"strconv"
)

// The parts of declarations and definitions that are read. cyclonedx-go cannot
// decode every one that the schema allows.
type (
	declarationsJSON struct {
		Assessors []struct {
			Ref          string           `json:"bom-ref"`
			ThirdParty   bool             `json:"thirdParty"`
			Organization organizationJSON `json:"organization"`
		} `json:"assessors"`
		Attestations []struct {
			Summary  string `json:"summary"`
			Assessor string `json:"assessor"`
			Map      []struct {
				Requirement   string   `json:"requirement"`
				Claims        []string `json:"claims"`
				CounterClaims []string `json:"counterClaims"`
				Conformance   struct {
					Score *float64 `json:"score"`
				} `json:"conformance"`
			} `json:"map"`
		} `json:"attestations"`
		Claims []struct {
			Ref             string   `json:"bom-ref"`
			Target          string   `json:"target"`
			Predicate       string   `json:"predicate"`
			Evidence        []string `json:"evidence"`
			CounterEvidence []string `json:"counterEvidence"`
		} `json:"claims"`
	}
	organizationJSON struct {
		Ref     string `json:"bom-ref"`
		Name    string `json:"name"`
		Address struct {
			Country string `json:"country"`
			Region  string `json:"region"`
		} `json:"address"`
	}
	definitionsJSON struct {
		Standards []struct {
			Name         string `json:"name"`
			Requirements []struct {
				Ref        string `json:"bom-ref"`
				Identifier string `json:"identifier"`
				Title      string `json:"title"`
			} `json:"requirements"`
		} `json:"standards"`
	}
)

// readDeclarations reads who attests what.
func (v *viewer) readDeclarations(at extent) error {
	var d declarationsJSON
	if err := v.decode(at, &d); err != nil {
		return err
	}
	to := &v.declarations
	for i, a := range d.Assessors {
		pointer := "/declarations/assessors/" + strconv.Itoa(i)
		o := Organization{Ref: a.Organization.Ref, Name: a.Organization.Name, Country: a.Organization.Address.Country, Region: a.Organization.Address.Region}
		if o != (Organization{}) {
			o.Pointer = pointer + "/organization"
		}
		to.Assessors = append(to.Assessors, Assessor{Pointer: pointer, Ref: a.Ref, ThirdParty: a.ThirdParty, Organization: o})
	}
	for i, a := range d.Attestations {
		pointer := "/declarations/attestations/" + strconv.Itoa(i)
		attestation := Attestation{Pointer: pointer, Assessor: a.Assessor, Summary: a.Summary}
		for j, m := range a.Map {
			mapping := Mapping{
				Pointer: pointer + "/map/" + strconv.Itoa(j), Requirement: m.Requirement,
				Claims: m.Claims, CounterClaims: m.CounterClaims, Conformance: -1,
			}
			if score := m.Conformance.Score; score != nil {
				mapping.Conformance = int(math.Floor(*score * 1000))
			}
			attestation.Map = append(attestation.Map, mapping)
		}
		to.Attestations = append(to.Attestations, attestation)
	}
	for i, c := range d.Claims {
		to.Claims = append(to.Claims, Claim{
			Pointer: "/declarations/claims/" + strconv.Itoa(i), Ref: c.Ref, Target: c.Target, Predicate: c.Predicate,
			Evidence: c.Evidence, CounterEvidence: c.CounterEvidence,
		})
	}
	return nil
}

// readRequirements reads the requirements that claims may be mapped to.
func (v *viewer) readRequirements(at extent) error {
	var d definitionsJSON
	if err := v.decode(at, &d); err != nil {
		return err
	}
	for i, standard := range d.Standards {
		for j, r := range standard.Requirements {
			v.requirements = append(v.requirements, Requirement{
				Pointer: "/definitions/standards/" + strconv.Itoa(i) + "/requirements/" + strconv.Itoa(j),
				Ref:     r.Ref, Identifier: r.Identifier, Title: r.Title, Standard: standard.Name,
			})
		}
	}
	return nil
}

// readWriters reads the bom-refs of who speaks in the document.
func (v *viewer) readWriters(at []extent) error {
	type writer struct {
		Ref string `json:"bom-ref"`
	}
	for _, e := range at {
		var list []writer
		if v.raw[e.from] == '[' {
			if err := v.decode(e, &list); err != nil {
				return err
			}
		} else {
			list = make([]writer, 1)
			if err := v.decode(e, &list[0]); err != nil {
				return err
			}
		}
		for _, w := range list {
			if w.Ref != "" {
				v.writers = append(v.writers, w.Ref)
			}
		}
	}
	return nil
}

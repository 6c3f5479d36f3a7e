package cli

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/yurai-ledger/yurai/sbom/policy"
)

// Of the services.
const (
	demoServicesRules = "jp-data-abroad"
	demoServicesFile  = "services.yaml"
	// demoApproved is the operator's list of contractors.
	demoApproved = "id,name\nx:umibe-care,Umibe Care\n"
)

type (
	demoService struct {
		Ref         string            `json:"bom-ref"`
		Provider    *demoOrganization `json:"provider"`
		Name        string            `json:"name"`
		Description string            `json:"description,omitempty"`
		Data        []demoData        `json:"data"`
		Properties  []demoProperty    `json:"properties"`
	}
	demoData struct {
		Flow           string `json:"flow"`
		Classification string `json:"classification"`
	}
	demoDeclarations struct {
		Assessors    []demoAssessor    `json:"assessors"`
		Attestations []demoAttestation `json:"attestations"`
		Claims       []demoClaim       `json:"claims"`
	}
	demoAssessor struct {
		Ref          string            `json:"bom-ref"`
		ThirdParty   bool              `json:"thirdParty"`
		Organization *demoOrganization `json:"organization"`
	}
	demoClaim struct {
		Ref       string `json:"bom-ref"`
		Target    string `json:"target"`
		Predicate string `json:"predicate"`
	}
	demoAttestation struct {
		Summary  string        `json:"summary"`
		Assessor string        `json:"assessor"`
		Map      []demoMapping `json:"map"`
	}
	demoMapping struct {
		Requirement string          `json:"requirement"`
		Claims      []string        `json:"claims"`
		Conformance demoConformance `json:"conformance"`
	}
	demoConformance struct {
		Score int `json:"score"`
	}
	demoDefinitions struct {
		Standards []demoStandard `json:"standards"`
	}
	demoStandard struct {
		Ref          string            `json:"bom-ref"`
		Name         string            `json:"name"`
		Requirements []demoRequirement `json:"requirements"`
	}
	demoRequirement struct {
		Ref        string `json:"bom-ref"`
		Identifier string `json:"identifier"`
	}
)

// demoContractor is an invented company that maintains services.
type demoContractor struct{ id, registered string }

var (
	umibe     = demoContractor{"x:umibe-care", "JP"}
	tidewater = demoContractor{"x:tidewater-care", "AU"}
)

// demoHistorian tells apart the offers of one service: a historian, which stores
// the measurements of the relays, and the desk from which it is operated.
type demoHistorian struct {
	name       string // of its seed
	hosted     string // country of the data centre
	access     string // country from which it is operated
	maintainer demoContractor
	attested   bool // by an inspector
}

// bom returns the bill of materials of the offer.
func (h demoHistorian) bom() *demoBOM {
	about := demoComponent{
		Type: "application", Ref: "historian", Manufacturer: hoshino.organization(), Supplier: hoshino.organization(),
		Name: "hoshino-historian", Version: "4", Description: "hosted historian for substations",
		Properties: []demoProperty{
			{"yurai:origin:developed", "JP"}, {"yurai:origin:built", "JP"}, {"yurai:party:maker:registered", hoshino.registered},
		},
	}
	service := func(ref, name, hosted string, maintainer demoContractor, access ...demoProperty) demoService {
		return demoService{
			Ref: ref, Provider: hoshino.organization(), Name: name,
			Data: []demoData{{"bi-directional", "operational"}},
			Properties: append([]demoProperty{
				{"yurai:party:provider:id", demoVendor},
				{"yurai:party:provider:registered", hoshino.registered},
				{"yurai:origin:hosted", hosted},
				{"yurai:party:maintainer:id", maintainer.id},
				{"yurai:party:maintainer:registered", maintainer.registered},
			}, access...),
		}
	}
	closed := demoProperty{"yurai:access:privilege", "none"}
	from := demoProperty{"yurai:access:from", h.access}
	services := []demoService{
		service("store", "history store", h.hosted, demoContractor{demoVendor, hoshino.registered}, closed),
		service("desk", "operations desk", "JP", h.maintainer, from,
			demoProperty{"yurai:access:operator", h.maintainer.id},
			demoProperty{"yurai:access:privilege", "operate"},
			demoProperty{"yurai:access:always-on", "true"}),
	}
	graph := []demoDependency{{Ref: about.Ref, DependsOn: []string{"store", "desk"}}}
	b := newDemoBOM(demoUUID(demoSeed("hoshino-historian "+h.name)), "operations", hoshino.organization(), about, []demoComponent{}, graph)
	b.Services = services
	if !h.attested {
		return b
	}
	const assessor, measure = "assessor", "measure-1"
	told := func(p demoProperty) string { return p.Name + "=" + p.Value }
	claims := []demoClaim{
		{"claim-0", "store", "yurai:origin:hosted=" + h.hosted},
		{"claim-1", "store", told(closed)},
		{"claim-2", "desk", "yurai:origin:hosted=JP"},
		{"claim-3", "desk", told(from)},
	}
	m := demoMapping{Requirement: measure, Conformance: demoConformance{1}}
	for _, c := range claims {
		m.Claims = append(m.Claims, c.Ref)
	}
	b.Declarations = &demoDeclarations{
		Assessors:    []demoAssessor{{assessor, true, &demoOrganization{Name: "Kanda Inspection Association"}}},
		Attestations: []demoAttestation{{"looked at on site", assessor, []demoMapping{m}}},
		Claims:       claims,
	}
	b.Definitions = &demoDefinitions{[]demoStandard{{"standard", "risk management measures", []demoRequirement{{measure, measure}}}}}
	return b
}

// services shows a service at tender: what holds it, and what clears it.
func (d *demonstration) services(ctx context.Context) {
	d.scene("service", "A hosted service: kept abroad, operated from abroad, by a contractor not approved: HOLD", "ホスティング型サービス：データは国外、運用も国外から、委託先は未承認：保留",
		func() error {
			if err := d.servicesRules(); err != nil {
				return err
			}
			d.print("  (%s: the rules %s; %s: whom the operator approves)\n",
				"  （%s は組み込みの規則 %s、%s は事業者が承認した委託先の一覧）\n", demoServicesFile, demoServicesRules, demoApprovedFile)
			if err := d.sequence(ctx, d.submit(demoAbroadFile, demoOldKey)); err != nil {
				return err
			}
			return d.verdictFor(ctx, exitHold, []string{"[POLICY-RULE-HIT R10]", "[POLICY-RULE-HIT R11]", "[POLICY-RULE-HIT R12]"},
				d.serving(demoAbroadFile)...)
		})
	d.scene("attested", "Offered again, all at home: on the vendor's word HOLD, attested by an inspector ACCEPT", "すべて国内に改めた提案：ベンダーの申告だけでは保留、検査機関の証明があれば受入",
		func() error {
			if err := d.sequence(ctx, d.submit(demoWordFile, demoOldKey)); err != nil {
				return err
			}
			if err := d.verdictFor(ctx, exitHold, []string{"[POLICY-RULE-UNKNOWN R10]", "[POLICY-RULE-UNKNOWN R11]"}, d.serving(demoWordFile)...); err != nil {
				return err
			}
			if err := d.sequence(ctx, d.submit(demoAttestedFile, demoOldKey)); err != nil {
				return err
			}
			return d.verdict(ctx, exitDone, "ACCEPT", d.serving(demoAttestedFile)...)
		})
}

// serving is a check of a service.
func (d *demonstration) serving(file string) []any {
	list := demoSetting{"approved_contractors=", demoApprovedFile, "@" + d.e.now().UTC().Format(time.DateOnly)}
	return words(demoFile(file), demoTrusting, "--policy", demoFile(demoServicesFile),
		"--input", "countries_of_concern=BV", "--list", list, d.asking())
}

// servicesRules writes the rules for services into the folder. The demo outlives
// the day on which they expire: after it they are given another.
func (d *demonstration) servicesRules() error {
	raw, ok := policy.Pack(demoServicesRules)
	if !ok {
		return fmt.Errorf("the program holds no policy %q", demoServicesRules)
	}
	rules, err := policy.Parse(raw)
	if err != nil {
		return err
	}
	if now := d.e.now().UTC(); !now.Before(rules.Expires) {
		raw = bytes.Replace(raw, []byte(demoDay(rules.Expires)), []byte(demoDay(now.AddDate(1, 0, 0))), 1)
	}
	return createFile(filepath.Join(d.dir, demoServicesFile), raw, 0o644)
}

// demoDay is the line of a policy that says on which day it expires.
func demoDay(t time.Time) string { return "expires: \"" + t.Format(time.DateOnly) + "\"" }

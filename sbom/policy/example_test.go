package policy_test

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
	"github.com/yurai-ledger/yurai/sbom/policy"
)

func ExamplePolicy_Evaluate() {
	raw, _ := policy.Pack(policy.Starter)
	p, err := policy.Parse(raw)
	if err != nil {
		fmt.Println(err)
		return
	}
	bom, err := os.ReadFile("packs/testdata/concern.cdx.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	doc, findings := sbom.Admit(bom, sbom.DefaultLimits)
	if doc == nil {
		fmt.Println(sbom.FirstError(findings))
		return
	}
	facts := origin.Read(doc)
	at := time.Date(2027, 1, 5, 0, 0, 0, 0, time.UTC)

	// The starter policy names no country, so it holds until somebody does.
	for _, pairs := range [][]string{nil, {"countries_of_concern=BV"}} {
		inputs, err := p.ParseInputs(pairs...)
		if err != nil {
			fmt.Println(err)
			return
		}
		out := p.Evaluate(policy.Evidence{Facts: facts, At: at, Context: policy.Context{Stage: "tender"}, Inputs: inputs})
		fmt.Println(out.Verdict)
		for _, r := range out.Reasons {
			fmt.Println(r.Code, r.Rule, r.Value, r.Count, r.Text.EN)
		}
	}
	// Output:
	// hold
	// POLICY-INPUT-UNSET R04 unknown 5 Place of manufacture: the input countries_of_concern is not set
	// hold
	// POLICY-RULE-HIT R04 true 1 made in a country that the operator has named as of concern
}

func ExamplePolicy_Test() {
	raw, _ := policy.Pack(policy.Demo)
	p, err := policy.Parse(raw)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range p.Test(func(name string) ([]byte, error) { return os.ReadFile(filepath.Join("packs", name)) }) {
		fmt.Println(r.Name, r.Passed())
	}
	// Output:
	// all stated and nothing of concern true
	// unstated origin holds true
	// a part made in a country of concern holds true
	// what is not stated to be complete holds true
	// what is stated to be incomplete holds true
	// two places that differ clear nothing true
	// unchanged since the assessment true
	// what is delivered is not what was assessed true
	// no assessment to compare with true
}

func ExampleParse() {
	_, err := policy.Parse([]byte("format: yurai-policy/1\nid: mine\nversion: 1\ncountry: NO\n"))
	fmt.Println(err)
	fmt.Println(err.(*policy.Refusal).Code())
	// Output:
	// a policy has no field "country" (line 4, column 1)
	// POLICY-KEY-UNKNOWN
}

package origin_test

import (
	"fmt"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
)

func ExampleRead() {
	raw := []byte(`{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"components":[
		{"type":"device","bom-ref":"soc","name":"NX-4410","properties":[
			{"name":"yurai:origin:manufactured","value":"TW=60;MY=30|number of parts"}]}]}`)
	doc, findings := sbom.Admit(raw, sbom.DefaultLimits)
	if doc == nil {
		fmt.Println(sbom.FirstError(findings))
		return
	}
	for _, c := range origin.Read(doc).Components {
		for _, f := range c.Facts {
			fmt.Printf("%s %s: %s (%s, %s %% unknown) at %s\n", c.Name, f.Stage, f.Value, f.Strength, origin.FormatPercent(f.Value.UnknownShare()), f.Pointer)
		}
		for _, place := range []string{"MY", "DE"} {
			codes, err := origin.NewCodes([]string{place})
			if err != nil {
				fmt.Println(err)
				return
			}
			fmt.Printf("made in %s: %s\n", place, c.Made(codes, origin.Asserted).Truth)
		}
	}
	// Output:
	// NX-4410 manufactured: TW=60;MY=30|number of parts (asserted, 10 % unknown) at /components/0/properties/0
	// made in MY: true
	// made in DE: unknown
}

func ExampleParseValue() {
	v, err := origin.ParseValue("JP=070.50;MY=29.5@x:penang-works|cost")
	fmt.Println(v, err)
	_, err = origin.ParseValue("cn")
	fmt.Println(err)
	// Output:
	// JP=70.5;MY=29.5@x:penang-works|cost <nil>
	// a code is two capital letters, with - and up to three capitals or digits for a subdivision, or the word unknown
}

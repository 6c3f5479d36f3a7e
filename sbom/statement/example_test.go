package statement_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/yurai-ledger/yurai/sbom/statement"
)

func ExampleNewBOM() {
	bytes := []byte(`{"bomFormat":"CycloneDX","specVersion":"1.6"}`)
	payload, err := statement.NewBOM(statement.BOM{
		Head: statement.Head{
			Log:   "ledger.example/jp-power-2026",
			Party: []string{"x:hoshino-relay"},
			Made:  time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC),
		},
		Digest:      sha256.Sum256(bytes),
		Size:        int64(len(bytes)),
		MediaType:   "application/vnd.cyclonedx+json; version=1.6",
		SpecVersion: "1.6",
		Version:     1,
		Disclosure:  statement.DisclosureOpen,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	st, err := statement.Parse(payload)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(st.Kind, "by", st.Actor(), "about", st.Subject)
	// Output:
	// bom by x:hoshino-relay about sha256:20b5397e8c658dd61fca0ec2ea9a3841f979716daace2ab4ff747648d9bf9d18
}

func ExampleParse_newer() {
	_, err := statement.Parse([]byte(`{
		"_type": "https://in-toto.io/Statement/v1",
		"subject": [{"digest": {"sha256": "00"}}],
		"predicateType": "https://github.com/yurai-ledger/yurai/shipment/v1",
		"predicate": {}
	}`))
	fmt.Println(errors.Is(err, statement.ErrNewer))
	// Output:
	// true
}

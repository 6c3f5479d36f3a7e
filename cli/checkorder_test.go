package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/policy"
	"github.com/yurai-ledger/yurai/sbom/receiving"
)

// Of several files with the same bytes, each without a usable bundle for another
// reason, the order in which they are given changes no verdict.
func TestCheckOrderOfReasons(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "relay.cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	pack, _ := policy.Pack(policy.Starter)
	p, err := policy.Parse(pack)
	if err != nil {
		t.Fatal(err)
	}
	device := strings.Replace(string(raw), "{", fmt.Sprintf(`{"externalReferences": [{"type": "bom", "url": "https://vendor.example/fw", "hashes": [{"alg": "SHA-256", "content": %q}]}],`, hexSum(raw)), 1)
	others := []*received{
		{name: "b", file: raw, spoiled: saw("BUNDLE-FILE-MALFORMED"), forked: saw("AUDIT-LOG-FORK")},
		{name: "c", file: raw, spoiled: saw("BUNDLE-SIZE-LIMIT"), forked: saw("AUDIT-LOG-ROLLBACK")},
	}
	judge := func(others []*received) []byte {
		f := &received{name: "a", file: []byte(device)}
		c := &checking{e: &environment{stderr: new(bytes.Buffer)}, trust: new(ledger.Trust), policy: p, source: receiving.PolicyStarter, stage: "tender", at: time.Unix(1e9, 0).UTC()}
		c.check(f, append([]*received{f}, others...))
		if f.verdict == nil || len(f.verdict.Linked) != 1 {
			t.Fatalf("%v, %+v", f.refused, f.verdict)
		}
		canonical, err := f.verdict.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		return canonical
	}
	one := judge(others)
	slices.Reverse(others)
	if two := judge(others); !bytes.Equal(one, two) {
		t.Errorf("%s\n%s", one, two)
	}
}

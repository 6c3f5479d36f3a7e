package sbom_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom"
)

// inventory returns a BOM with n libraries as package managers state them.
func inventory(n int) []byte {
	var b strings.Builder
	b.WriteString(`{"bomFormat":"CycloneDX","specVersion":"1.6","components":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `
  {
    "type": "library",
    "bom-ref": "pkg:npm/example-%[1]d@1.2.3",
    "name": "example-%[1]d",
    "version": "1.2.3",
    "purl": "pkg:npm/example-%[1]d@1.2.3",
    "licenses": [{"license": {"id": "MIT"}}],
    "hashes": [{"alg": "SHA-256", "content": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}]
  }`, i)
	}
	b.WriteString("]}")
	return []byte(b.String())
}

func BenchmarkScan(b *testing.B) {
	raw := inventory(5000)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, refusal := sbom.Scan(raw, sbom.Limits{}); refusal != nil {
			b.Fatal(refusal)
		}
	}
}

func BenchmarkAdmit(b *testing.B) {
	raw := inventory(5000)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if doc, findings := sbom.Admit(raw, sbom.Limits{}); doc == nil {
			b.Fatal(findings)
		}
	}
}

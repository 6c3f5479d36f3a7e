package sbom_test

import (
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom"
)

// TestOneDocument: a vendor can't log bytes that two readers read as two BOMs,
// nor a second spelling of a serial number or version, under which two BOMs would
// not be seen to be two.
func TestOneDocument(t *testing.T) {
	const good = `{"bomFormat":"CycloneDX","specVersion":"1.6","serialNumber":"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79","version":1,` +
		`"metadata":{"component":{"type":"device","name":"HR-87T"}},"components":[{"type":"device","name":"board"}]}`
	change := func(old, now string) string {
		s := strings.Replace(good, old, now, 1)
		if s == good {
			t.Fatalf("%q is not in the document", old)
		}
		return s
	}
	serial := func(s string) string { return change("urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", s) }
	version := func(s string) string { return change(`"version":1,`, `"version":`+s+`,`) }
	for name, tt := range map[string]struct{ raw, code string }{
		"components twice":                {change(`"components"`, `"components":[],"components"`), "BOM-MEMBER-DUPLICATE"},
		"components twice, once escaped":  {change(`"components"`, `"component\u0073":[],"components"`), "BOM-MEMBER-DUPLICATE"},
		"components twice, in capitals":   {change(`"components"`, `"Components":[],"components"`), "BOM-MEMBER-CASE"},
		"components twice, with a long s": {change(`"components"`, `"component\u017f":[],"components"`), "BOM-MEMBER-CASE"},
		"bom-ref, in capitals alone":      {change(`"type":"device","name":"board"`, `"type":"device","Bom-ref":"x","name":"board"`), "BOM-SCHEMA-INVALID"},
		"components with a long s alone":  {change(`"components"`, `"component\u017f"`), "BOM-SCHEMA-INVALID"},
		"two documents":                   {good + good, "BOM-JSON-TRAILING"},
		"a zero byte behind":              {good + "\x00", "BOM-JSON-TRAILING"},
		"a byte order mark":               {"\ufeff" + good, "BOM-UTF8-MARK"},
		"UTF-16":                          {"\xff\xfe{\x00}\x00", "BOM-UTF8-INVALID"},
		"half a surrogate":                {change("board", `\ud83d`), "BOM-SURROGATE-LONE"},
		"an overlong slash":               {change("board", "\xc0\xaf"), "BOM-UTF8-INVALID"},
		"a comment":                       {change(`"version"`, `/**/"version"`), "BOM-JSON-SYNTAX"},
		"no number":                       {version("NaN"), "BOM-JSON-SYNTAX"},
		"version of a million digits":     {version(strings.Repeat("9", 1<<20)), "BOM-NUMBER-RANGE"},
		"version 1e400":                   {version("1e400"), "BOM-NUMBER-RANGE"},
		"version 1e99999999999":           {version("1e99999999999"), "BOM-NUMBER-RANGE"},
		"version 2^53 + 1":                {version("9007199254740993"), "BOM-VERSION-INEXACT"},
		"version 2^53 as a fraction":      {version("9007199254740992.0"), "BOM-VERSION-INEXACT"},
		"version 0":                       {version("0"), "BOM-SCHEMA-INVALID"},
		"version -1":                      {version("-1"), "BOM-SCHEMA-INVALID"},
		"version 1.5":                     {version("1.5"), "BOM-SCHEMA-INVALID"},
		"version as text":                 {version(`"1"`), "BOM-SCHEMA-INVALID"},
		"version null":                    {version("null"), "BOM-SCHEMA-INVALID"},
		"serial in capitals":              {serial("urn:uuid:3E671687-395B-41F5-A30F-A58921A69B79"), "BOM-SCHEMA-INVALID"},
		"serial with a capital urn":       {serial("URN:UUID:3e671687-395b-41f5-a30f-a58921a69b79"), "BOM-SCHEMA-INVALID"},
		"serial in braces":                {serial("urn:uuid:{3e671687-395b-41f5-a30f-a58921a69b79}"), "BOM-SCHEMA-INVALID"},
		"serial with a line end":          {serial(`urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79\n`), "BOM-SCHEMA-INVALID"},
		"serial with other digits":        {serial("urn:uuid:３e671687-395b-41f5-a30f-a58921a69b79"), "BOM-SCHEMA-INVALID"},
		"serial with another hyphen":      {serial("urn:uuid:3e671687‐395b-41f5-a30f-a58921a69b79"), "BOM-SCHEMA-INVALID"},
		"serial null":                     {change(`"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79"`, "null"), "BOM-SCHEMA-INVALID"},
		"10,000 levels":                   {change(`[{"type":"device","name":"board"}]`, strings.Repeat("[", 10000)), "BOM-DEPTH-LIMIT"},
	} {
		doc, findings := sbom.Admit([]byte(tt.raw), sbom.DefaultLimits)
		err := sbom.FirstError(findings)
		if doc != nil || err == nil || err.Code() != tt.code {
			t.Errorf("%s: got %v, want %s", name, err, tt.code)
		}
	}
	for name, raw := range map[string]string{
		"as it is": good, "1.0": version("1.0"), "1e0": version("1e0"), "0.1e1": version("0.1e1"), "absent": change(`"version":1,`, ""),
		"serial escaped": serial(`urn:uui\u0064:3e671687-395b-41f5-a30f-a58921a69b79`),
	} {
		doc, findings := sbom.Admit([]byte(raw), sbom.DefaultLimits)
		if doc == nil {
			t.Errorf("%s: %v", name, findings)
			continue
		}
		if doc.Version != 1 || doc.SerialNumber != "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79" {
			t.Errorf("%s: version %d of %s", name, doc.Version, doc.SerialNumber)
		}
	}
}

package sbom_test

import (
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yurai-ledger/yurai/sbom"
)

// bom returns a BOM of a version with more members, which start on line 2.
func bom(version, more string) string {
	if more != "" {
		more = ",\n" + more
	}
	return `{"bomFormat":"CycloneDX","specVersion":"` + version + `"` + more + "}"
}

func TestAdmitRefuses(t *testing.T) {
	const xyz = `"components":[{"type":"library","name":"x"},{"type":"library","name":"y"},{"type":"library","name":"z"}]`
	for name, tc := range map[string]struct {
		in   string
		want []place
	}{
		"empty":                     {"", []place{{"BOM-JSON-EMPTY", "", 0}}},
		"xml":                       {"\xef\xbb\xbf <?xml version=\"1.0\"?><bom/>", []place{{"BOM-FORMAT-XML", "", 1}}},
		"truncated":                 {bom("1.6", xyz)[:80], []place{{"BOM-JSON-TRUNCATED", "/components/0", 2}}},
		"array":                     {"[]", []place{{"BOM-ROOT-KIND", "", 1}}},
		"null":                      {"null", []place{{"BOM-ROOT-KIND", "", 1}}},
		"scalar":                    {"1", []place{{"BOM-ROOT-KIND", "", 1}}},
		"empty object":              {"{}", []place{{"BOM-FORMAT-UNKNOWN", "", 1}}},
		"spdx":                      {`{"spdxVersion":"SPDX-2.3"}`, []place{{"BOM-FORMAT-UNKNOWN", "", 1}}},
		"format in lower case":      {"{\n\"bomFormat\":\"cyclonedx\",\"specVersion\":\"1.6\"}", []place{{"BOM-FORMAT-UNKNOWN", "/bomFormat", 2}}},
		"format no string":          {`{"bomFormat":["CycloneDX"],"specVersion":"1.6"}`, []place{{"BOM-FORMAT-UNKNOWN", "/bomFormat", 1}}},
		"no version":                {`{"bomFormat":"CycloneDX"}`, []place{{"BOM-SPEC-MISSING", "", 1}}},
		"version as number":         {`{"bomFormat":"CycloneDX","specVersion":1.6}`, []place{{"BOM-SPEC-UNKNOWN", "/specVersion", 1}}},
		"version null":              {`{"bomFormat":"CycloneDX","specVersion":null}`, []place{{"BOM-SPEC-UNKNOWN", "/specVersion", 1}}},
		"version 1.0":               {bom("1.0", ""), []place{{"BOM-SPEC-UNSUPPORTED", "/specVersion", 1}}},
		"version 1.1":               {bom("1.1", ""), []place{{"BOM-SPEC-UNSUPPORTED", "/specVersion", 1}}},
		"version 1.8":               {bom("1.8", ""), []place{{"BOM-SPEC-UNKNOWN", "/specVersion", 1}}},
		"version 1.60":              {bom("1.60", ""), []place{{"BOM-SPEC-UNKNOWN", "/specVersion", 1}}},
		"version with space":        {bom("1.6 ", ""), []place{{"BOM-SPEC-UNKNOWN", "/specVersion", 1}}},
		"version 2.0":               {bom("2.0", ""), []place{{"BOM-SPEC-FUTURE", "", 1}}},
		"2.0 by its own member":     {`{"specFormat":"CycloneDX","specVersion":"2.0"}`, []place{{"BOM-SPEC-FUTURE", "", 1}}},
		"both members of format":    {`{"specFormat":"CycloneDX","bomFormat":"CycloneDX","specVersion":"1.6"}`, []place{{"BOM-SPEC-FUTURE", "", 1}}},
		"duplicate member":          {bom("1.6", "\"version\":1,\n\"version\":2"), []place{{"BOM-MEMBER-DUPLICATE", "/version", 3}}},
		"duplicate specVersion":     {bom("1.6", `"specVersion":"1.2"`), []place{{"BOM-MEMBER-DUPLICATE", "/specVersion", 2}}},
		"case variant":              {bom("1.6", `"Version":1,"version":2`), []place{{"BOM-MEMBER-CASE", "/version", 2}}},
		"65 levels":                 {bom("1.6", `"components":`+strings.Repeat("[", 65)), []place{{"BOM-DEPTH-LIMIT", "/components" + strings.Repeat("/0", 63), 2}}},
		"ten thousand levels":       {bom("1.6", `"components":`+strings.Repeat(`[{"components":`, 5000)), []place{{"BOM-DEPTH-LIMIT", "/components" + strings.Repeat("/0/components", 31) + "/0", 2}}},
		"version of the BOM huge":   {bom("1.6", "\"components\":[],\n\"version\":9007199254740993"), []place{{"BOM-NUMBER-PRECISION", "/version", 3}, {"BOM-VERSION-INEXACT", "/version", 3}}},
		"version of the BOM 1e300":  {bom("1.6", `"version":1e300`), []place{{"BOM-NUMBER-PRECISION", "/version", 2}, {"BOM-VERSION-INEXACT", "/version", 2}}},
		"version of the BOM zero":   {bom("1.6", `"version":0`), []place{{"BOM-SCHEMA-INVALID", "/version", 2}}},
		"version of the BOM halved": {bom("1.6", `"version":1.5`), []place{{"BOM-SCHEMA-INVALID", "/version", 2}}},
		"confidence zero, huge exponent": {
			bom("1.6", `"components":[{"type":"file","name":"x","evidence":{"identity":[{"field":"name","confidence":0e99999999999999999999}]}}]`),
			[]place{{"BOM-NUMBER-RANGE", "/components/0/evidence/identity/0/confidence", 2}},
		},
		"confidence of two": {
			bom("1.6", `"components":[{"type":"file","name":"x","evidence":{"identity":[{"field":"name","confidence":2}]}}]`),
			[]place{{"BOM-SCHEMA-INVALID", "/components/0/evidence/identity/0/confidence", 2}},
		},
		"serial number malformed":   {bom("1.6", `"serialNumber":"urn:uuid:1"`), []place{{"BOM-SCHEMA-INVALID", "/serialNumber", 2}}},
		"components no array":       {bom("1.6", `"components":{}`), []place{{"BOM-SCHEMA-INVALID", "/components", 2}}},
		"component null":            {bom("1.6", `"components":[null]`), []place{{"BOM-SCHEMA-INVALID", "/components/0", 2}}},
		"component without type":    {bom("1.5", "\"components\":[\n{\"name\":\"x\"}]"), []place{{"BOM-SCHEMA-INVALID", "/components/0", 3}}},
		"component type unknown":    {bom("1.4", "\"components\":[\n{\"name\":\"x\",\n\"type\":\"gadget\"}]"), []place{{"BOM-SCHEMA-INVALID", "/components/0/type", 4}}},
		"type of a later version":   {bom("1.4", `"components":[{"name":"x","type":"device-driver"}]`), []place{{"BOM-SCHEMA-INVALID", "/components/0/type", 2}}},
		"member of a later version": {bom("1.5", "\"components\":[{\"name\":\"x\",\"type\":\"device\",\n\"manufacturer\":{}}]"), []place{{"BOM-SCHEMA-INVALID", "/components/0/manufacturer", 3}}},
		"of 1.2, not named":         {bom("1.2", `"comment":1`), []place{{"BOM-SCHEMA-STRICT", "/comment", 2}}},
		"of 1.2, case variant":      {bom("1.2", `"components":[{"type":"file","name":"x","version":"1","Group":"g"}]`), []place{{"BOM-SCHEMA-STRICT", "/components/0/Group", 2}}},
		"of 1.3, not named":         {bom("1.3", "\"metadata\":{\n\"origin\":\"JP\"}"), []place{{"BOM-SCHEMA-STRICT", "/metadata/origin", 3}}},
		"of 1.3, wrong by both":     {bom("1.3", `"origin":"JP","components":0`), []place{{"BOM-SCHEMA-INVALID", "/components", 2}, {"BOM-SCHEMA-INVALID", "/origin", 2}}},
		"of 1.7, in 1.6":            {bom("1.6", `"citations":[]`), []place{{"BOM-SCHEMA-INVALID", "/citations", 2}}},
		"open object, case variant": {bom("1.5", "\"components\":[{\"type\":\"file\",\"name\":\"x\",\"properties\":[{\n\"Name\":\"a\"}]}]"), []place{{"BOM-MEMBER-CASE", "/components/0/properties/0/Name", 3}}},
		"no property of ours":       {bom("1.6", "\"components\":[{\"type\":\"file\",\"name\":\"x\",\"properties\":[{\n\"name\":\"yurai:origin:made\",\"value\":\"JP\"}]}]"), []place{{"ORIGIN-NAME-UNKNOWN", "/components/0/properties/0/name", 3}}},
		"no property of ours, far":  {bom("1.6", `"metadata":{"properties":[{"name":"Yurai:origin:built","value":"JP"}]}`), []place{{"ORIGIN-NAME-UNKNOWN", "/metadata/properties/0/name", 2}}},
		"unknown members":           {bom("1.6", "\"b\":1,\n\"a\":{}"), []place{{"BOM-SCHEMA-INVALID", "/a", 3}, {"BOM-SCHEMA-INVALID", "/b", 2}}},
		"equal components":          {bom("1.6", `"components":[{"type":"file","name":"x"},{"name":"x","type":"file"}]`), []place{{"BOM-SCHEMA-INVALID", "/components", 2}}},
		"hash algorithm unknown":    {bom("1.6", `"components":[{"type":"file","name":"x","hashes":[{"alg":"CRC32","content":"00000000000000000000000000000000"}]}]`), []place{{"BOM-SCHEMA-INVALID", "/components/0/hashes/0/alg", 2}}},
		"hash of odd length":        {bom("1.6", `"components":[{"type":"file","name":"x","hashes":[{"alg":"SHA-256","content":"abc"}]}]`), []place{{"BOM-SCHEMA-INVALID", "/components/0/hashes/0/content", 2}}},
		"licence id unknown":        {bom("1.6", `"components":[{"type":"file","name":"x","licenses":[{"license":{"id":"Apache-3.0"}}]}]`), []place{{"BOM-SCHEMA-INVALID", "/components/0/licenses/0/license/id", 2}}},
		"timestamp malformed":       {bom("1.6", `"metadata":{"timestamp":"yesterday"}`), []place{{"BOM-SCHEMA-INVALID", "/metadata/timestamp", 2}}},
		"duplicate bom-ref": {
			bom("1.6", "\"components\":[{\"type\":\"file\",\"name\":\"x\",\"bom-ref\":\"r\"},\n{\"type\":\"file\",\"name\":\"y\",\"bom-ref\":\"r\"}]"),
			[]place{{"BOM-REF-DUPLICATE", "/components/1/bom-ref", 3}},
		},
		"duplicate bom-ref of component and service": {
			bom("1.4", "\"services\":[{\"name\":\"x\",\"bom-ref\":\"r\"}],\n\"components\":[{\"type\":\"file\",\"name\":\"y\",\"bom-ref\":\"r\"}]"),
			[]place{{"BOM-REF-DUPLICATE", "/components/0/bom-ref", 3}},
		},
		"duplicate bom-ref of product and part": {
			bom("1.5", `"metadata":{"component":{"type":"device","name":"x","bom-ref":"r","components":[{"type":"device","name":"y","bom-ref":"r"}]}}`),
			[]place{{"BOM-REF-DUPLICATE", "/metadata/component/components/0/bom-ref", 2}},
		},
		"duplicate bom-ref deep": {
			bom("1.6", `"components":[{"type":"file","name":"x","components":[{"type":"file","name":"y","components":[{"type":"file","name":"z","bom-ref":"r"}]}],"bom-ref":"r"}]`),
			[]place{{"BOM-REF-DUPLICATE", "/components/0/bom-ref", 2}},
		},
		"duplicate bom-ref in a pedigree": {
			bom("1.6", `"components":[{"type":"file","name":"x","bom-ref":"r","pedigree":{"ancestors":[{"type":"file","name":"w","bom-ref":"r"}]}}]`),
			[]place{{"BOM-REF-DUPLICATE", "/components/0/pedigree/ancestors/0/bom-ref", 2}},
		},
		"duplicate bom-ref of nested services": {
			bom("1.6", `"services":[{"name":"x","bom-ref":"r","services":[{"name":"y","bom-ref":"r"}]}]`),
			[]place{{"BOM-REF-DUPLICATE", "/services/0/services/0/bom-ref", 2}},
		},
		"duplicate bom-ref after one elsewhere": {
			bom("1.6", "\"metadata\":{\"tools\":{\"components\":[{\"type\":\"file\",\"name\":\"t\",\"bom-ref\":\"r\"}]}},\n\"components\":[{\"type\":\"file\",\"name\":\"x\",\"bom-ref\":\"r\"},\n{\"type\":\"file\",\"name\":\"y\",\"bom-ref\":\"r\"}]"),
			[]place{{"BOM-REF-REPEATED", "/components/0/bom-ref", 3}, {"BOM-REF-DUPLICATE", "/components/1/bom-ref", 4}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			doc, findings := sbom.Admit([]byte(tc.in), sbom.Limits{})
			if doc != nil {
				t.Errorf("Admit(%.100q) admitted it", tc.in)
			}
			if diff := cmp.Diff(tc.want, places(findings)); diff != "" {
				t.Errorf("Admit(%.100q) findings (-want +got):\n%s\n%v", tc.in, diff, findings)
			}
			for _, f := range findings {
				if len(f.Text) > 600 || f.Text == "" {
					t.Errorf("text of %s has %d bytes: %.80q", f.Code, len(f.Text), f.Text)
				}
			}
		})
	}
}

func TestAdmitWarns(t *testing.T) {
	for name, tc := range map[string]struct {
		in   string
		want []place
	}{
		"plain":                       {bom("1.6", ""), nil},
		"version written 1.0":         {bom("1.6", `"version":1.0`), nil},
		"integer beyond exactness":    {bom("1.6", `"components":[{"type":"file","name":"x","evidence":{"occurrences":[{"location":"a","line":1},{"location":"b","offset":9007199254740993}]}}]`), []place{{"BOM-NUMBER-PRECISION", "/components/0/evidence/occurrences/1/offset", 2}}},
		"dangling dependency":         {bom("1.6", "\"components\":[{\"type\":\"file\",\"name\":\"x\",\"bom-ref\":\"x\"}],\n\"dependencies\":[{\"ref\":\"x\",\n\"dependsOn\":[\"x\",\"gone\"]},{\"ref\":\"away\",\"provides\":[\"gone\"]}]"), []place{{"BOM-REF-DANGLING", "/dependencies/0/dependsOn/1", 4}, {"BOM-REF-DANGLING", "/dependencies/1/ref", 4}}},
		"dangling composition":        {bom("1.4", `"compositions":[{"aggregate":"complete","assemblies":["gone"]}]`), []place{{"BOM-REF-DANGLING", "/compositions/0/assemblies/0", 2}}},
		"dependency before its end":   {bom("1.4", `"dependencies":[{"ref":"x"}],"components":[{"type":"file","name":"x","bom-ref":"x"}]`), nil},
		"bom-link leads outside":      {bom("1.5", `"compositions":[{"aggregate":"complete","assemblies":["urn:cdx:2c9a7e52-3f5d-4e0e-8b21-5d1f6f5f1c78/1#x"]}]`), nil},
		"bom-ref of a tool repeated":  {bom("1.5", `"metadata":{"tools":{"components":[{"type":"file","name":"t","bom-ref":"r"}]}},"components":[{"type":"file","name":"x","bom-ref":"r"}]`), []place{{"BOM-REF-REPEATED", "/components/0/bom-ref", 2}}},
		"bom-refs repeated elsewhere": {bom("1.5", `"formulation":[{"components":[{"type":"file","name":"a","bom-ref":"r"}]},{"components":[{"type":"file","name":"b","bom-ref":"r"}]}]`), []place{{"BOM-REF-REPEATED", "/formulation/1/components/0/bom-ref", 2}}},
		"bom-refs apart in case":      {bom("1.6", `"components":[{"type":"file","name":"x","bom-ref":"r"},{"type":"file","name":"y","bom-ref":"R"}]`), nil},
		"view unreadable":             {bom("1.6", `"components":[{"type":"file","name":"x","evidence":{"occurrences":[{"location":"a","line":1.0}]}}]`), []place{{"BOM-VIEW-UNREADABLE", "", 0}}},
	} {
		t.Run(name, func(t *testing.T) {
			doc, findings := sbom.Admit([]byte(tc.in), sbom.Limits{})
			if doc == nil {
				t.Fatalf("Admit(%.100q) = %v", tc.in, findings)
			}
			if diff := cmp.Diff(tc.want, places(findings)); diff != "" {
				t.Errorf("Admit(%.100q) findings (-want +got):\n%s", tc.in, diff)
			}
			if unread := hasCode(findings, "BOM-VIEW-UNREADABLE"); unread != (doc.ViewError != nil) {
				t.Errorf("ViewError = %v beside findings %v", doc.ViewError, findings)
			} else if unread && doc.Components != nil {
				t.Errorf("unreadable view has %d components, want none", len(doc.Components))
			}
		})
	}
}

func TestAdmitBoundsFindings(t *testing.T) {
	// Each element breaks the schema in two places; the library alone would keep
	// all of them.
	in := bom("1.6", `"components":[`+strings.Repeat(`{"type":0,"group":0},`, 5000)+"\n{}]")
	doc, findings := sbom.Admit([]byte(in), sbom.Limits{Findings: 10})
	if doc != nil || len(findings) != 11 {
		t.Fatalf("admitted %v with %d findings, want 10 and a note", doc != nil, len(findings))
	}
	last := findings[10]
	if last.Code != "BOM-FINDINGS-MORE" || last.Severity != sbom.SeverityNote {
		t.Errorf("last finding = %+v, want the note BOM-FINDINGS-MORE", last)
	}
	for range 5 {
		_, again := sbom.Admit([]byte(in), sbom.Limits{Findings: 10})
		if diff := cmp.Diff(findings, again); diff != "" {
			t.Fatalf("findings differ from run to run (-first +again):\n%s", diff)
		}
	}
}

func TestAdmitBoundsTexts(t *testing.T) {
	long := strings.Repeat("é", 100_000)
	for _, in := range []string{
		bom("1.6", `"`+long+`":1`),
		bom("1.6", `"serialNumber":"`+long+`"`),
		bom("1.6", `"metadata":{"timestamp":"`+long+`"}`),
		bom("1.6", `"components":[{"name":"x","type":"`+long+`"}]`),
		bom(long, ""),
		`{"bomFormat":"` + long + `"}`,
		bom("1.6", `"components":[{"type":"file","name":"x","bom-ref":"`+long+`"},{"type":"file","name":"y","bom-ref":"`+long+`"}]`),
		bom("1.6", `"dependencies":[{"ref":"`+long+`"}]`),
	} {
		_, findings := sbom.Admit([]byte(in), sbom.Limits{})
		if len(findings) == 0 {
			t.Errorf("Admit(%.80q) found nothing", in)
		}
		for _, f := range findings {
			if len(f.Text) > 700 || len(f.Pointer) > 2048 {
				t.Errorf("Admit(%.80q): %s has a text of %d and a pointer of %d bytes", in, f.Code, len(f.Text), len(f.Pointer))
			}
		}
	}
}

func TestAdmitKeepsBytes(t *testing.T) {
	files, err := filepath.Glob("testdata/valid/*.cdx.json")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d valid documents, %v", len(files), err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		before := string(raw)
		doc, findings := sbom.Admit(raw, sbom.Limits{})
		if doc == nil {
			t.Errorf("%s: %v", file, findings)
			continue
		}
		if string(doc.Raw) != before || doc.Digest != sha256.Sum256([]byte(before)) {
			t.Errorf("%s: raw bytes or digest differ from what was given", file)
		}
		if want := "application/vnd.cyclonedx+json; version=" + doc.SpecVersion; doc.MediaType != want || !strings.Contains(file, doc.SpecVersion) {
			t.Errorf("%s: media type %q, version %q", file, doc.MediaType, doc.SpecVersion)
		}
	}
}

func TestAdmitAtOnce(t *testing.T) {
	var group sync.WaitGroup
	for _, version := range sbom.SpecVersions() {
		raw := []byte(bom(version, `"components":[{"type":"file","name":"x","version":"1"}]`))
		for range 8 {
			group.Go(func() {
				if doc, findings := sbom.Admit(raw, sbom.Limits{}); doc == nil || len(doc.Components) != 1 {
					t.Errorf("version %s: %v", version, findings)
				}
			})
		}
	}
	group.Wait()
}

func TestFirstError(t *testing.T) {
	warning := sbom.Finding{Code: "BOM-REF-DANGLING", Severity: sbom.SeverityWarning}
	fault := sbom.Finding{Code: "BOM-ROOT-KIND", Severity: sbom.SeverityError, Text: "no object", Pointer: "/a", Line: 7}
	if r := sbom.FirstError([]sbom.Finding{warning}); r != nil {
		t.Errorf("FirstError of a warning = %v, want nil", r)
	}
	r := sbom.FirstError([]sbom.Finding{warning, fault})
	var coded interface{ Code() string }
	if r == nil || !errors.As(error(r), &coded) || coded.Code() != fault.Code || r.Line != 7 || r.Pointer != "/a" {
		t.Errorf("FirstError = %+v, want %+v", r, fault)
	}
}

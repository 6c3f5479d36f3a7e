package sbom

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Admit returns the document in raw and what there is to say about it. The
// document is nil if and only if one of the findings is an error. Raw is kept,
// not copied; the caller must not change it afterwards.
//
// Findings come in the order of the steps of admission: scan, version, schema,
// lint, view. At most l.Findings of one code are listed, of the schema at most
// 64 below any one array.
func Admit(raw []byte, l Limits) (*Document, []Finding) {
	l = l.resolved()
	out := newCollector(l.Findings)
	if looksLikeXML(raw) {
		out.note("BOM-FORMAT-XML", SeverityError, "", 1, "the document is XML, not JSON")
		return nil, out.findings()
	}
	scan, refusal := Scan(raw, l)
	if refusal != nil {
		return nil, scan.Findings
	}
	doc := admit(raw, out)
	return doc, slices.Concat(scan.Findings, out.findings())
}

// looksLikeXML reports whether the first character is one that XML begins with.
func looksLikeXML(raw []byte) bool {
	head := bytes.TrimLeft(bytes.TrimPrefix(raw[:min(len(raw), 512)], []byte("\xef\xbb\xbf")), " \t\r\n")
	return bytes.HasPrefix(head, []byte("<"))
}

// admit runs the steps that follow the scan. It returns nil if it adds an error.
func admit(raw []byte, out *collector) *Document {
	broken := func(err error) *Document {
		out.note("BOM-JSON-SYNTAX", SeverityError, "", 0, "the document is not JSON: %s", clip(err.Error()))
		return nil
	}
	tree, err := newReader(raw).tree()
	if err != nil {
		return broken(err)
	}
	root, ok := tree.(map[string]any)
	if !ok {
		out.note("BOM-ROOT-KIND", SeverityError, "", 1, "the document is no JSON object")
		return nil
	}
	version, problem := specVersion(root)
	if problem != nil {
		if err := report(raw, out, []violation{*problem}); err != nil {
			return broken(err)
		}
		return nil
	}
	broke, err := validate(version, tree)
	if err != nil {
		out.note("BOM-SCHEMA-UNUSABLE", SeverityError, "", 0, "the embedded schema of version %s can't be used: %s", version, clip(err.Error()))
		return nil
	}
	if len(broke) > 0 {
		if err := report(raw, out, broke); err != nil {
			return broken(err)
		}
		return nil
	}
	doc := &Document{
		Raw: raw, Digest: sha256.Sum256(raw),
		MediaType:   "application/vnd.cyclonedx+json; version=" + version,
		SpecVersion: version,
	}
	doc.SerialNumber, _ = root["serialNumber"].(string)
	if doc.Version, ok = bomVersion(root["version"]); !ok {
		v := violation{code: "BOM-VERSION-INEXACT", path: []string{"version"}, text: "version of the BOM is beyond 2^53 − 1, up to which every reader is exact"}
		if err := report(raw, out, []violation{v}); err != nil {
			return broken(err)
		}
		return nil
	}
	names, err := memberNames()
	if err != nil {
		return broken(err)
	}
	s := newSurvey(raw, out, names)
	if err := s.run(); err != nil {
		return broken(err)
	}
	if FirstError(out.list) != nil {
		return nil
	}
	view(doc, s)
	if doc.ViewError != nil {
		out.note("BOM-VIEW-UNREADABLE", SeverityWarning, "", 0, "the schema allows the document, but its components can't be read: %s", clip(doc.ViewError.Error()))
	}
	return doc
}

// supported are the versions whose schema is embedded: all that have been
// published in JSON. The first two had XML alone.
var (
	supported = []string{"1.2", "1.3", "1.4", "1.5", "1.6", "1.7"}
	known     = []string{"1.0", "1.1"}
)

// SpecVersions returns the versions of CycloneDX that are admitted, ascending.
func SpecVersions() []string { return slices.Clone(supported) }

// specVersion returns the version of the specification that a document says it
// follows, or why it can't be admitted.
func specVersion(root map[string]any) (string, *violation) {
	stated, isText := root["specVersion"].(string)
	if _, ok := root["specFormat"]; ok || strings.HasPrefix(stated, "2.") {
		return "", &violation{code: "BOM-SPEC-FUTURE", text: "CycloneDX 2.0 is not supported yet"}
	}
	format, ok := root["bomFormat"]
	if !ok {
		return "", &violation{code: "BOM-FORMAT-UNKNOWN", text: "member \"bomFormat\" is missing, so this is no CycloneDX BOM"}
	}
	if format != "CycloneDX" {
		return "", &violation{code: "BOM-FORMAT-UNKNOWN", path: []string{"bomFormat"}, text: "bomFormat is " + quoteValue(format) + ", not \"CycloneDX\""}
	}
	if _, ok := root["specVersion"]; !ok {
		return "", &violation{code: "BOM-SPEC-MISSING", text: "member \"specVersion\" is missing"}
	}
	at := []string{"specVersion"}
	switch {
	case isText && slices.Contains(supported, stated):
		return stated, nil
	case isText && slices.Contains(known, stated):
		return "", &violation{code: "BOM-SPEC-UNSUPPORTED", path: at, text: "CycloneDX " + stated + " has no JSON form; " + strings.Join(supported, ", ") + " have"}
	}
	return "", &violation{code: "BOM-SPEC-UNKNOWN", path: at, text: "specVersion " + quoteValue(root["specVersion"]) + " is no version of CycloneDX"}
}

// bomVersion returns the version of a BOM, 1 if it is absent, and whether every
// reader reads the same. The schema has been met: it is an integer above zero.
func bomVersion(v any) (int64, bool) {
	const most = 1<<53 - 1
	n, ok := v.(json.Number)
	if !ok {
		return 1, true
	}
	if i, err := strconv.ParseInt(string(n), 10, 64); err == nil {
		return i, i <= most
	}
	f, err := n.Float64()
	return int64(min(f, most)), err == nil && f <= most
}

// report adds what breaks a rule, each with the line of its place.
func report(raw []byte, out *collector, list []violation) error {
	var root spot
	var shown []violation
	var places []*spot
	for _, v := range list {
		if v.code == "" {
			v.code = "BOM-SCHEMA-INVALID"
		}
		if v.keyword != "" {
			v.text = fmt.Sprintf("%s (%s)", v.text, v.keyword)
		}
		if out.wants(v.code) {
			shown, places = append(shown, v), append(places, root.reach(v.path))
		}
	}
	if err := locate(raw, &root); err != nil {
		return err
	}
	lines := newLines(raw)
	for i, v := range shown {
		off := places[i].value
		if v.member {
			off = places[i].name
		}
		out.add(v.code, SeverityError, pointerTo(v.path), lines.at(off), "%s", v.text)
	}
	return nil
}

// pointerTo returns the JSON Pointer of a path.
func pointerTo(path []string) string {
	var p []byte
	for _, step := range path {
		var ok bool
		if p, ok = appendName(p, step); !ok {
			break
		}
	}
	return string(p)
}

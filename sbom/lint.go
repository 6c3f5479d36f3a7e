package sbom

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// Lint returns what there is to say about an admitted document beyond [Admit]:
// it is valid, and yet somebody reads it wrongly or not at all. All are warnings;
// what makes two readers see two documents is an error, and Admit's. What is told
// about origin is linted by package origin.
//
// Findings have line and pointer, at most l.Findings of one code; they come
// sorted by line. The work is linear in the document.
func Lint(doc *Document, l Limits) []Finding {
	l = l.resolved()
	out := newCollector(l.Findings)
	w := linter{doc: doc, out: out, r: newReader(doc.Raw), lines: newLines(doc.Raw), owners: make(map[string]bool)}
	if uuid, ok := strings.CutPrefix(doc.SerialNumber, "urn:uuid:"); ok {
		w.serial = strings.ToLower(uuid)
		w.refs = make(map[string]bool)
	}
	for i := range doc.Components {
		w.owners[doc.Components[i].Pointer] = true
		for j := range doc.Components[i].Ancestors {
			w.owners[doc.Components[i].Ancestors[j].Pointer] = true
		}
	}
	for i := range doc.Services {
		w.owners[doc.Services[i].Pointer] = true
	}
	if err := w.value(""); err == nil {
		w.resolve()
	}
	cycles(doc, out)
	makers(doc, out)
	citations(doc, out)
	doc.Place(out.list)
	slices.SortStableFunc(out.list, func(a, b Finding) int { return a.Line - b.Line })
	return out.findings()
}

// makers reports the product, devices and firmware that name neither
// manufacturer nor supplier; software that names neither of them, nor a publisher
// or a purl, which says what registry it came from; and services without a
// provider. Data has no maker.
func makers(doc *Document, out *collector) {
	for i := range doc.Components {
		c := &doc.Components[i]
		if named(c.Manufacturer.Name) || named(c.Supplier.Name) {
			continue
		}
		switch c.Type {
		case "device", "firmware":
		case "file", "data", "cryptographic-asset":
			if !c.Product {
				continue
			}
		default:
			if !c.Product && (named(c.Publisher) || c.PURL != "") {
				continue
			}
		}
		if out.wants("BOM-MAKER-MISSING") {
			out.add("BOM-MAKER-MISSING", SeverityWarning, c.Pointer, c.Line, "%s names neither a manufacturer nor a supplier", quote(c.Name))
		}
	}
	for i := range doc.Services {
		if s := &doc.Services[i]; !named(s.Provider.Name) && out.wants("BOM-PROVIDER-MISSING") {
			out.add("BOM-PROVIDER-MISSING", SeverityWarning, s.Pointer, s.Line, "the service %s names no provider", quote(s.Name))
		}
	}
}

// named reports whether a name says anything.
func named(s string) bool { return Skeleton(s) != "" }

// hashDigits are the hexadecimal digits of each algorithm's digest. BLAKE3 has as
// many as one asks for, 64 unless told.
var hashDigits = map[string]int{
	"MD5": 32, "SHA-1": 40, "SHA-256": 64, "SHA-384": 96, "SHA-512": 128,
	"SHA3-256": 64, "SHA3-384": 96, "SHA3-512": 128,
	"BLAKE2b-256": 64, "BLAKE2b-384": 96, "BLAKE2b-512": 128,
	"Streebog-256": 64, "Streebog-512": 128,
}

// urlMembers are the members whose strings are URLs by the schema of some
// version; linkMembers those that may hold a BOM-Link besides.
var (
	urlMembers = map[string]bool{
		"url": true, "references": true, "endpoints": true, "featuredImage": true, "socialImage": true,
		"source": true, "destination": true,
	}
	linkMembers = map[string]bool{
		"ref": true, "dependsOn": true, "provides": true, "assemblies": true, "dependencies": true, "vulnerabilities": true,
		"subjects": true, "tools": true, "assessor": true, "requirement": true, "requirements": true, "claims": true,
		"counterClaims": true, "target": true, "evidence": true, "counterEvidence": true, "mitigationStrategies": true,
		"attributedTo": true, "process": true, "asserter": true, "bom-ref": true,
	}
)

// linter is one pass over a document that is admitted.
type linter struct {
	doc    *Document
	out    *collector
	r      *reader
	lines  *lines
	path   []byte // JSON Pointer of the value being read
	owners map[string]bool

	serial string          // UUID of the document, "" if it has none
	refs   map[string]bool // bom-refs, if it has one
	inward []inwardLink    // links into the document itself, in document order
}

type inwardLink struct {
	ref string
	off int
}

// value reads the value that comes next; member is the name under which it
// stands, itself or as an element of an array.
func (w *linter) value(member string) error {
	from := w.r.offset()
	switch w.r.PeekKind() {
	case '{':
		return w.object(from)
	case '[':
		return w.array(member)
	case '"':
		if !urlMembers[member] && !linkMembers[member] {
			return w.r.SkipValue()
		}
		s, _, err := w.r.text()
		if err == nil {
			w.reference(member, s, from)
		}
		return err
	}
	return w.r.SkipValue()
}

func (w *linter) object(from int) error {
	if _, err := w.r.ReadToken(); err != nil {
		return err
	}
	var name, algorithm, content string
	at := from
	above := len(w.path)
	for w.r.PeekKind() != '}' {
		member, _, err := w.r.text()
		if err != nil {
			return err
		}
		w.path, _ = appendName(w.path, member)
		if w.r.PeekKind() == '"' && (member == "alg" || member == "content" || member == "name") {
			off := w.r.offset()
			var s string
			if s, _, err = w.r.text(); err == nil {
				switch member {
				case "alg":
					algorithm = s
				case "content":
					content, at = s, off
				default:
					name = s
				}
			}
		} else {
			err = w.value(member)
		}
		if err != nil {
			return err
		}
		w.path = w.path[:above]
	}
	if digits := hashDigits[algorithm]; digits > 0 && len(content) != digits && w.out.wants("BOM-HASH-LENGTH") {
		w.out.add("BOM-HASH-LENGTH", SeverityWarning, string(w.path)+"/content", w.lines.at(at),
			"a digest by %s has %d hexadecimal digits, not %d", algorithm, digits, len(content))
	}
	if KnownProperty(name) && !w.read() && w.out.wants("BOM-PROPERTY-UNREAD") {
		w.out.add("BOM-PROPERTY-UNREAD", SeverityWarning, string(w.path), w.lines.at(from),
			"property %s says nothing here: it is read of components and services alone", quote(name))
	}
	_, err := w.r.ReadToken()
	return err
}

// read reports whether the object at the path, if it is a property, is one of a
// component or service of the inventory, or of an ancestor of one.
func (w *linter) read() bool {
	i := bytes.LastIndexByte(w.path, '/')
	owner, ok := bytes.CutSuffix(w.path[:max(i, 0)], []byte("/properties"))
	return !ok || w.doc.ViewError != nil || w.owners[string(owner)]
}

func (w *linter) array(member string) error {
	if _, err := w.r.ReadToken(); err != nil {
		return err
	}
	above := len(w.path)
	for i := 0; w.r.PeekKind() != ']'; i++ {
		w.path, _ = appendIndex(w.path, i)
		if err := w.value(member); err != nil {
			return err
		}
		w.path = w.path[:above]
	}
	_, err := w.r.ReadToken()
	return err
}

// reference judges a string that is a URL, a BOM-Link or a bom-ref.
func (w *linter) reference(member, s string, off int) {
	if member == "bom-ref" && w.refs != nil {
		w.refs[s] = true
	}
	if urlMembers[member] {
		if scheme := ActiveScheme(s); scheme != "" && w.out.wants("BOM-URL-ACTIVE") {
			w.out.add("BOM-URL-ACTIVE", SeverityWarning, string(w.path), w.lines.at(off), "the URL %s has the scheme %s, which runs what it carries", quote(s), scheme)
		}
	}
	if !meansLink(s) {
		return
	}
	link, ok := ParseLink(s)
	switch {
	case !ok || member == "bom-ref":
		if w.out.wants("BOM-LINK-MALFORMED") {
			text := "%s is no BOM-Link: urn:cdx:, a UUID in lower case, /, the version, and # with a bom-ref if it means a part"
			if ok {
				text = "the bom-ref %s reads as a link to another BOM"
			}
			w.out.add("BOM-LINK-MALFORMED", SeverityWarning, string(w.path), w.lines.at(off), text, quote(s))
		}
	case link.Serial != w.serial || link.Version != w.doc.Version:
	case link.Ref == "" || member == "url":
		if w.out.wants("BOM-LINK-SELF") {
			w.out.add("BOM-LINK-SELF", SeverityWarning, string(w.path), w.lines.at(off), "%s links to the document that it stands in", quote(s))
		}
	default:
		w.inward = append(w.inward, inwardLink{link.Ref, off})
	}
}

// resolve reports the links into the document that lead to nothing.
func (w *linter) resolve() {
	var refs []string
	var offs []int
	for _, link := range w.inward {
		if !w.refs[link.ref] && w.out.wants("BOM-REF-DANGLING") {
			refs, offs = append(refs, link.ref), append(offs, link.off)
		}
	}
	if len(offs) == 0 {
		return
	}
	pointers, err := pointersAt(w.doc.Raw, offs)
	if err != nil {
		return
	}
	for i, ref := range refs {
		w.out.add("BOM-REF-DANGLING", SeverityWarning, pointers[i], w.lines.at(offs[i]), "nothing in the document has the bom-ref %s", quote(ref))
	}
}

// Of citations at most maxCited pointers are followed; a pointer of more than
// maxSteps steps leads nowhere, since no document is nested as deep.
const (
	maxCited = 1000
	maxSteps = 128
)

// citations reports the pointers of citations that lead to nothing: a source is
// named for something that is not there.
func citations(doc *Document, out *collector) {
	var findings []Finding
	for _, c := range doc.Citations {
		for i, p := range c.Pointers {
			if len(findings) == maxCited {
				break
			}
			if p != "" {
				findings = append(findings, Finding{Pointer: p, Text: c.Pointer + "/pointers/" + strconv.Itoa(i)})
			}
		}
	}
	doc.Place(findings)
	for _, f := range findings {
		if f.Line == 0 && out.wants("BOM-CITATION-DANGLING") {
			out.add("BOM-CITATION-DANGLING", SeverityWarning, f.Text, 0, "nothing in the document is at %s", quote(f.Pointer))
		}
	}
}

// Place sets the line of each finding that has a pointer and no line, in one
// pass over the document. A pointer that leads nowhere, or has more than 128
// steps, leaves it 0.
func (d *Document) Place(findings []Finding) {
	var root spot
	places := make(map[int]*spot)
	for i, f := range findings {
		if f.Line == 0 && strings.HasPrefix(f.Pointer, "/") && strings.Count(f.Pointer, "/") <= maxSteps {
			path := strings.Split(f.Pointer[1:], "/")
			for j, step := range path {
				path[j] = pointerUnescaper.Replace(step)
			}
			places[i] = root.reach(path)
		}
	}
	if len(places) == 0 || locate(d.Raw, &root) != nil {
		return
	}
	order := make([]int, 0, len(places))
	for i := range places {
		order = append(order, i)
	}
	slices.SortFunc(order, func(a, b int) int { return places[a].value - places[b].value })
	lines := newLines(d.Raw)
	for _, i := range order {
		if off := places[i].value; off > 0 { // nothing but the root begins at 0
			findings[i].Line = lines.at(off)
		}
	}
}

// pointerUnescaper reads a reference token of RFC 6901 as a member name.
var pointerUnescaper = strings.NewReplacer("~1", "/", "~0", "~")

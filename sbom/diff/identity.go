package diff

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/yurai-ledger/yurai/sbom/origin"
)

// splitPURL returns a package URL without version, qualifiers and subpath, which
// is what stays when a package is updated, and the version. What does not begin
// with pkg: is no package URL and names nothing.
func splitPURL(purl string) (name, version string) {
	if len(purl) < 4 || !strings.EqualFold(purl[:4], "pkg:") {
		return "", ""
	}
	rest := strings.TrimLeft(purl[4:], "/")
	rest, _, _ = strings.Cut(rest, "#")
	rest, _, _ = strings.Cut(rest, "?")
	if at := strings.LastIndexByte(rest, '@'); at > strings.LastIndexByte(rest, '/') {
		rest, version = rest[:at], rest[at+1:]
	}
	if plain, err := url.PathUnescape(version); err == nil {
		version = plain
	}
	rest = strings.TrimRight(rest, "/")
	kind, path, _ := strings.Cut(rest, "/")
	if path = strings.TrimLeft(path, "/"); kind == "" || path == "" {
		return "", ""
	}
	return "pkg:" + strings.ToLower(kind) + "/" + path, version
}

// splitCPE returns part, vendor and product of a CPE in either of its bindings,
// and the version, "" if it is any or none.
func splitCPE(cpe string) (name, version string) {
	var words []string
	switch {
	case strings.HasPrefix(cpe, "cpe:2.3:"):
		words = splitEscaped(cpe[len("cpe:2.3:"):])
	case len(cpe) > 5 && strings.EqualFold(cpe[:5], "cpe:/"):
		words = strings.Split(cpe[5:], ":")
		for i, w := range words {
			if plain, err := url.PathUnescape(w); err == nil {
				words[i] = plain
			}
		}
	}
	if len(words) < 3 {
		return "", ""
	}
	for _, w := range words[1:3] {
		if w == "" || w == "*" || w == "-" {
			return "", ""
		}
	}
	if len(words) > 3 && words[3] != "*" && words[3] != "-" {
		version = words[3]
	}
	return "cpe:" + strings.ToLower(joined(words[:3])), version
}

// splitEscaped splits at colons that no backslash stands before, and takes the
// backslashes away. At most 16 words are looked at: a CPE has eleven.
func splitEscaped(s string) []string {
	const most = 16
	var words []string
	var word strings.Builder
	for i := 0; i < len(s) && len(words) < most; i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			word.WriteByte(s[i])
		case s[i] == ':':
			words = append(words, word.String())
			word.Reset()
		default:
			word.WriteByte(s[i])
		}
	}
	return append(words, word.String())
}

// joined writes words as one key that no other words give.
func joined(words []string) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(w, `\`, `\\`), "\x00", `\0`))
		b.WriteByte(0)
	}
	return b.String()
}

// linkKey returns what stays of a link when it leads to a later version, and the
// version.
func linkKey(target string) (key, version string) {
	rest, ok := strings.CutPrefix(target, "urn:cdx:")
	if !ok {
		return target, ""
	}
	serial, rest, ok := strings.Cut(rest, "/")
	if !ok {
		return target, ""
	}
	version, ref, _ := strings.Cut(rest, "#")
	if ref != "" {
		serial += "#" + ref
	}
	return "urn:cdx:" + serial, version
}

// otherProduct reports whether the documents are about different things: both say
// what they are about, and nothing that names it agrees.
func otherProduct(a, b *side) bool {
	if a.product < 0 || b.product < 0 {
		return false
	}
	x, y := &a.components[a.product], &b.components[b.product]
	same := func(p, q string) bool { return p != "" && p == q }
	return !(same(x.purl, y.purl) || same(x.cpe, y.cpe) || same(a.gtin, b.gtin) || x.s.Name == y.s.Name && x.group == y.group)
}

// label names a fact's origin for people: the first that is told.
func (x *item) label() string { return cmp.Or(x.s.Name, x.s.Ref, x.s.Pointer) }

// place returns where the thing stands in its document.
func (x *item) place(all []item) *Place {
	p := &Place{Pointer: x.s.Pointer, Ref: x.s.Ref, Type: x.s.Type, Name: x.s.Name, Version: x.s.Version}
	if x.parent >= 0 {
		p.Parent = all[x.parent].label()
	}
	return p
}

// stated is a completeness as a document states it, "" where nothing is stated.
func stated(t origin.Truth) string {
	switch t {
	case origin.True:
		return "complete"
	case origin.False:
		return "incomplete"
	}
	return ""
}

package sbom

import (
	"html"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// Link is a BOM-Link: a reference to another BOM, or to something in it.
type Link struct {
	Serial  string // UUID of the serial number, in lower case
	Version int64  // of the BOM, 1 to 2^53 − 1
	Ref     string // bom-ref in it, decoded; "" for the whole BOM
}

// Link returns the BOM-Link that names the document. Its Serial is "" if the
// document has no serial number, and then no link names it.
func (d *Document) Link() Link {
	return Link{Serial: strings.TrimPrefix(d.SerialNumber, "urn:uuid:"), Version: d.Version}
}

// Whole returns the link without the bom-ref: the document that it leads into.
func (l Link) Whole() Link {
	l.Ref = ""
	return l
}

// ParseLink parses urn:cdx:<uuid>/<version>["#" bom-ref] as CycloneDX writes it:
// in lower case, without white space, the version without leading zeros and small
// enough that every reader reads the same.
func ParseLink(s string) (Link, bool) {
	rest, ok := strings.CutPrefix(s, "urn:cdx:")
	if !ok {
		return Link{}, false
	}
	rest, ref, hasRef := strings.Cut(rest, "#")
	serial, version, ok := strings.Cut(rest, "/")
	if !ok || !validUUID(serial) || version == "" || version[0] < '1' || version[0] > '9' {
		return Link{}, false
	}
	n, err := strconv.ParseInt(version, 10, 64)
	if err != nil || n > 1<<53-1 {
		return Link{}, false
	}
	if hasRef {
		if ref, err = url.PathUnescape(ref); err != nil || ref == "" {
			return Link{}, false
		}
	}
	return Link{serial, n, ref}, true
}

// validUUID reports whether s is a UUID in lower case.
func validUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case (c < '0' || c > '9') && (c < 'a' || c > 'f'):
			return false
		}
	}
	return true
}

// meansLink reports whether s is a BOM-Link or was meant to be one.
func meansLink(s string) bool {
	const prefix = "urn:cdx:"
	if strings.HasPrefix(s, prefix) {
		return true
	}
	return strings.HasPrefix(strings.ToLower(Skeleton(Clip(s, 64))), prefix)
}

// ActiveScheme returns the scheme of a URL that a reader which opens it would
// run or render as its own content: javascript, data or vbscript, and "" for any
// other. As browsers do it looks through white space, controls and case; and
// beyond them through invisible and full-width characters, one to three layers of
// percent and HTML escapes, and schemes that only wrap another.
func ActiveScheme(s string) string {
	// A scheme ends before the first slash, unless the slash is in an escape.
	head := Clip(s, maxScheme)
	if i := strings.IndexByte(head, '/'); i >= 0 {
		head = head[:i]
	}
	for range 3 {
		if scheme := activeScheme(head); scheme != "" {
			return scheme
		}
		plain := html.UnescapeString(head)
		if decoded, err := url.PathUnescape(plain); err == nil {
			plain = decoded
		}
		if plain == head {
			break
		}
		head = plain
	}
	return activeScheme(head)
}

// maxScheme is how much of a URL is looked at for its scheme, in bytes.
const maxScheme = 4096

func activeScheme(s string) string {
	var word []byte
	for _, r := range s {
		switch {
		case r <= 0x20, r >= 0x7f && r < 0xa0, unicode.IsSpace(r), unicode.Is(unicode.Cf, r):
			continue
		case r == ':' || r == '：':
			switch scheme := string(word); scheme {
			case "javascript", "data", "vbscript":
				return scheme
			case "view-source", "feed", "jar", "url", "livescript", "mocha", "wyciwyg":
				word = word[:0]
				continue
			}
			return ""
		case r >= 0xff01 && r <= 0xff5e:
			r = r - 0xff01 + '!'
		}
		if r = unicode.ToLower(r); r > 0x7e || len(word) == 16 {
			return ""
		}
		word = append(word, byte(r))
	}
	return ""
}

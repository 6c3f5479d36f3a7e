package cli

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// columns returns how many columns of a terminal s takes: East Asian wide and
// full-width characters take two (Unicode Standard Annex #11).
func columns(s string) int {
	n := 0
	for _, r := range s {
		switch k := width.LookupRune(r).Kind(); {
		case unicode.Is(unicode.Mn, r):
		case k == width.EastAsianWide || k == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

// pad returns s followed by spaces up to n columns, at least one.
func pad(s string, n int) string {
	return s + strings.Repeat(" ", max(1, n-columns(s)))
}

// harmless returns JSON text in which no character is left that [printable] would
// escape: each becomes an escape of JSON, so that the value stays the same.
func harmless(text []byte) []byte {
	b := make([]byte, 0, len(text))
	for _, r := range string(text) {
		if r < utf8.RuneSelf && r != 0x7f || unicode.IsPrint(r) || r == '\u3000' {
			b = utf8.AppendRune(b, r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			b = fmt.Appendf(b, "\\u%04x", unit)
		}
	}
	return b
}

// printable returns s with every character that a terminal would obey, or that
// would reorder or break the line, shown escaped.
func printable(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			b.WriteByte(' ')
		case unicode.IsPrint(r) || r == '\u3000':
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "\\u{%x}", r)
		}
	}
	return b.String()
}

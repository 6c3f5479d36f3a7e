package cli

import (
	"fmt"
	"strings"
	"unicode"

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

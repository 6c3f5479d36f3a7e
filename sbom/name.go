package sbom

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// FoldName returns one form for all ways of writing a name that are alike: outer
// blanks, case, and the compatibility forms of Unicode (full and half width,
// ligatures) make no difference. Look-alike letters of another script are other
// letters; see [CompareNames].
func FoldName(name string) string {
	name = strings.TrimSpace(name)
	ascii := true
	for i := range len(name) {
		ascii = ascii && name[i] < utf8.RuneSelf
	}
	if ascii {
		return strings.ToUpper(name)
	}
	// The greatest of the letters that fold alike, then the least: between the
	// two, what only its compatibility form makes a letter has become one, and
	// whatever folded alike before still does.
	name = norm.NFKC.String(strings.Map(func(r rune) rune { return furthest(r, greater) }, name))
	return strings.Map(func(r rune) rune { return furthest(r, less) }, name)
}

func greater(a, b rune) bool { return a > b }
func less(a, b rune) bool    { return a < b }

// furthest returns of the letters that fold like r the one beyond all others.
func furthest(r rune, beyond func(a, b rune) bool) rune {
	best := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		if beyond(f, best) {
			best = f
		}
	}
	return best
}

// CompareNames reports whether two names of products, parts or makers are alike,
// as [FoldName] writes them, and whether they look alike to a person who knows
// the Latin script alone: one may then be written with letters of another script
// or with characters that nobody sees, so as not to be found. Names that are
// alike look alike. The empty name is like none.
func CompareNames(a, b string) (alike, look bool) {
	x, y := FoldName(a), FoldName(b)
	if x == "" || y == "" {
		return false, false
	}
	if x == y {
		return true, true
	}
	return false, eye(a) != "" && eye(a) == eye(b) || eye(x) != "" && eye(x) == eye(y)
}

// NameKeys returns keys by which names can be looked up that look alike to
// [CompareNames]: two such names share a key. Names that share one need not look
// alike. A name that is like none has no key.
func NameKeys(name string) []string {
	x := FoldName(name)
	if x == "" {
		return nil
	}
	keys := []string{x}
	for _, k := range []string{eye(name), eye(x)} {
		if k != "" && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

// eye returns what a name looks like, whatever its case. A letter may look like
// one of ASCII as it stands and like another once it is folded: both count.
func eye(name string) string { return FoldName(Skeleton(name)) }

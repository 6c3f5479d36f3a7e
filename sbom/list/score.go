package list

import (
	"math/bits"
	"strings"
)

// Score returns how alike two names are, in per mille, as the package
// documentation says. It is 0 if either is not comparable, and the same
// whichever comes first.
func Score(a, b Name) int {
	if !a.Comparable() || !b.Comparable() {
		return 0
	}
	switch {
	case a.text == b.text:
		return 1000
	case string(a.joined) == string(b.joined):
		return 980
	case string(a.sorted) == string(b.sorted):
		return 970
	case a.eye == b.text, b.eye == a.text, a.eye != "" && a.eye == b.eye:
		return 960
	case a.bare == b.bare:
		return 950
	}
	score := 0
	if within(a.core, b.core) || within(b.core, a.core) {
		score = 930
	}
	jw := max(jaroWinkler(a.joined, b.joined), jaroWinkler(a.sorted, b.sorted))
	if jw = min(jw, 979); len(a.joined) < 4 || len(b.joined) < 4 {
		jw = min(jw, 929)
	}
	return max(score, jw)
}

// brief is what is compared first: enough to leave most names out.
type brief struct {
	mask, key uint64
	letters   int
	eye       bool // it does not look like what it is
}

func (n *Name) brief() brief { return brief{n.mask, n.key, len(n.joined), n.eye != ""} }

// possible reports whether the score of two names can be at least least. It
// never says no wrongly: letters that one has and the other lacks match nothing,
// and every other score than that of Jaro and Winkler needs the core of one
// within the other.
func possible(a, b brief, least int) bool {
	if a.key&^b.key == 0 || b.key&^a.key == 0 || a.eye || b.eye {
		return true
	}
	both := min(a.letters-bits.OnesCount64(a.mask&^b.mask), b.letters-bits.OnesCount64(b.mask&^a.mask))
	if both <= 0 {
		return least <= 0
	}
	jaro := (both*1000/a.letters+both*1000/b.letters+1000)/3 + 2
	return jaro+(1000-jaro)*4/10+2 >= least
}

// within reports whether the shorter name's words are all words of the longer,
// or it is one word with which the longer begins where words are not set apart.
func within(short, long []string) bool {
	letters := 0
	for _, w := range short {
		n := len([]rune(w))
		if east(w) {
			n *= 2
		}
		letters += n
	}
	if letters < 4 {
		return false
	}
	if len(short) == 1 && east(short[0]) && strings.HasPrefix(long[0], short[0]) {
		return true
	}
	if len(short) >= len(long) {
		return false
	}
	rest := append([]string(nil), long...)
	for _, w := range short {
		at := -1
		for i, other := range rest {
			if w == other {
				at = i
				break
			}
		}
		if at < 0 {
			return false
		}
		rest[at] = ""
	}
	return true
}

// east reports whether a word is in a script that sets no spaces.
func east(word string) bool {
	for _, r := range word {
		return r >= 0x2e80
	}
	return false
}

// jaroWinkler returns the similarity of Jaro and Winkler in per mille, rounded
// down: prefix weight 0.1 for up to four letters, from a Jaro of 700 on.
func jaroWinkler(a, b []rune) int {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	reach := max(len(b)/2-1, 0)
	var room [2 * maxName]bool
	usedA, usedB := room[:len(a)], room[maxName:maxName+len(b)]
	matches := 0
	for i, r := range a {
		for j := max(0, i-reach); j < min(len(b), i+reach+1); j++ {
			if !usedB[j] && b[j] == r {
				usedA[i], usedB[j] = true, true
				matches++
				break
			}
		}
	}
	if matches == 0 {
		return 0
	}
	swapped, j := 0, 0
	for i, r := range a {
		if !usedA[i] {
			continue
		}
		for !usedB[j] {
			j++
		}
		if r != b[j] {
			swapped++
		}
		j++
	}
	// jaro = (m/|a| + m/|b| + (m - t)/m) / 3, in one fraction.
	m, la, lb, t := int64(matches), int64(len(a)), int64(len(b)), int64(swapped/2)
	above := m*m*lb + m*m*la + (m-t)*la*lb
	below := 3 * m * la * lb
	jaro := above * 1000 / below
	if jaro < 700 {
		return int(jaro)
	}
	prefix := int64(0)
	for prefix < 4 && prefix < la && a[prefix] == b[prefix] {
		prefix++
	}
	return int((above*1000*(10-prefix) + below*1000*prefix) / (below * 10))
}

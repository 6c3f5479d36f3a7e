package sbom

import (
	"slices"
	"strings"
)

// ourProperties are the names of the properties that begin with yurai: and mean
// something; package origin says what.
var ourProperties = func() map[string]bool {
	known := make(map[string]bool)
	for _, stage := range []string{
		"designed", "mined", "harvested", "recycled", "refined", "separated", "smelted", "melted", "processed",
		"manufactured", "assembled", "developed", "built", "tested", "collected", "trained", "hosted", "operated", "maintained",
	} {
		known["yurai:origin:"+stage] = true
	}
	for _, role := range []string{"maker", "seller", "provider", "maintainer"} {
		for _, field := range []string{"id", "registered", "owner", "plant"} {
			known["yurai:party:"+role+":"+field] = true
		}
	}
	for _, field := range []string{"from", "operator", "privilege", "always-on"} {
		known["yurai:access:"+field] = true
	}
	return known
}()

// KnownProperty reports whether name is that of a property of ours, exactly.
func KnownProperty(name string) bool { return ourProperties[name] }

// claimsOurs reports whether the name of a property begins with yurai: or with
// something that people read as that.
func claimsOurs(name string) bool {
	const prefix = "yurai:"
	if strings.HasPrefix(name, prefix) {
		return true
	}
	head := strings.ToLower(Skeleton(Clip(name, 64)))
	head = strings.ReplaceAll(head, " ", "")
	return strings.HasPrefix(head, prefix)
}

// Skeleton returns s as a person reads it who knows the Latin script alone:
// look-alike letters of other scripts, full-width and styled forms become the
// ASCII character that they look like, what is not visible is left out, and white
// space is trimmed from both ends. It is for finding deceptions, never for
// repairing them; a string that it changes is not what it looks like.
func Skeleton(s string) string {
	plain := true
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			plain = false
			break
		}
	}
	if !plain {
		s = strings.Map(lookAlike, s)
	}
	return strings.Trim(s, " ")
}

// lookAlike returns the ASCII character that a character looks like, -1 for one
// that is not visible, and any other as it is.
func lookAlike(r rune) rune {
	switch {
	case r == '\t' || r == '\n' || r == '\v' || r == '\f' || r == '\r':
		return ' '
	case r < 0x20, r >= 0x7f && r < 0xa0:
		return -1
	case r < 0x7f:
		return r
	case r == 0xa0, r == 0x1680, r >= 0x2000 && r <= 0x200a, r == 0x2028, r == 0x2029, r == 0x202f, r == 0x205f, r == 0x3000:
		return ' '
	case r == 0xad, r == 0x34f, r == 0x61c, r == 0x115f, r == 0x1160, r == 0x17b4, r == 0x17b5, r >= 0x180b && r <= 0x180f,
		r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r == 0x3164,
		r >= 0xfe00 && r <= 0xfe0f, r == 0xfeff, r == 0xffa0, r >= 0xe0000 && r <= 0xe0fff,
		r >= 0x300 && r <= 0x36f: // combining marks
		return -1
	case r >= 0xff01 && r <= 0xff5e: // full width
		return r - 0xff01 + '!'
	case r >= 0x1f1e6 && r <= 0x1f1ff: // regional indicators, of which flags are made
		return r - 0x1f1e6 + 'A'
	case r >= 0x24b6 && r <= 0x24cf: // circled
		return r - 0x24b6 + 'A'
	case r >= 0x24d0 && r <= 0x24e9:
		return r - 0x24d0 + 'a'
	case r >= 0x1f130 && r <= 0x1f149: // squared
		return r - 0x1f130 + 'A'
	case r >= 0x1f150 && r <= 0x1f169:
		return r - 0x1f150 + 'A'
	case r >= 0x1f170 && r <= 0x1f189:
		return r - 0x1f170 + 'A'
	case r >= 0x1d400 && r <= 0x1d6a3: // mathematical: bold, italic, script, …
		if n := (r - 0x1d400) % 52; n < 26 {
			return 'A' + n
		} else {
			return 'a' + n - 26
		}
	}
	if i, ok := slices.BinarySearchFunc(confusables, r, func(c [2]rune, r rune) int { return int(c[0] - r) }); ok {
		return confusables[i][1]
	}
	return r
}

// confusables are characters that look like one of ASCII in common fonts, sorted.
var confusables = func() [][2]rune {
	var list [][2]rune
	for ascii, others := range map[rune]string{
		'A': "АΑᎪꓮ", 'B': "ВΒᏴꓐℬ", 'C': "СϹᏟꓚⅭℂℭ", 'D': "ᎠꓓⅮ", 'E': "ЕΕᎬꓰℰ", 'F': "ꓝϜℱ", 'G': "ԌᏀꓖ", 'H': "НΗᎻꓧℋℌℍ",
		'I': "ІΙꓲⅠℐℑӀ", 'J': "ЈͿᎫꓙ", 'K': "КΚᏦꓗ\u212a", 'L': "ᏞꓡⅬℒԼ", 'M': "МΜᎷꓟⅯℳ", 'N': "Νꓠℕ", 'O': "ОΟՕꓳ", 'P': "РΡᏢꓑℙ",
		'Q': "Ԛℚ", 'R': "ᎡꓣℛℜℝᏒ", 'S': "ЅՏᏕꓢᏚ", 'T': "ТΤᎢꓔ", 'U': "ՍꓴႮ", 'V': "ѴᏙꓦⅤ", 'W': "ԜᎳꓪᏔ", 'X': "ХΧꓫⅩ", 'Y': "УΥҮꓬᎩᎽ", 'Z': "ΖᏃꓜℤℨ",
		'a': "аɑα", 'c': "сϲⅽ", 'd': "ԁⅾ", 'e': "еҽ", 'g': "ɡց", 'h': "һհ", 'i': "іıɩιⅰ", 'j': "јϳ", 'k': "кκ", 'l': "ⅼ", 'm': "ⅿ", 'n': "ո",
		'o': "оοօ", 'p': "рρ", 'q': "ԛ", 'r': "гꭇ", 's': "ѕꜱ", 't': "тτ", 'u': "սυʋ", 'v': "νѵⅴ", 'w': "ԝѡ", 'x': "хχⅹ", 'y': "уүγ", 'z': "ᴢ",
		'-': "‐‑‒–—−﹣ー﹘", ':': "։׃∶꞉︓", ';': "\u037e⁏", '=': "᐀⹀゠꓿", '.': "․。", '/': "∕⁄⧸", '|': "ǀ∣",
	} {
		for _, r := range others {
			list = append(list, [2]rune{r, ascii})
		}
	}
	slices.SortFunc(list, func(a, b [2]rune) int { return int(a[0] - b[0]) })
	return list
}()

package sbom

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestFoldName(t *testing.T) {
	for _, same := range [][]string{
		{"HR-87T", "hr-87t", "  Hr-87T\n", "ＨＲ－８７Ｔ", "\u3000hr-87t\u00a0"},
		{"Kawa Semi", "\u212aawa \u017femi", "KAWA SEMI", "Ｋａｗａ　Ｓｅｍｉ"},
		{"ｶﾜｾﾐ", "カワセミ"},
		{"ΣΑΣ", "σας", "σασ"},
		{"ΩΙ", "\u2126\u1fbe", "ω\u0345", "ωι"},
		{"é", "E\u0301", "É"},
		{"", " ", "\u3000"},
	} {
		for _, s := range same[1:] {
			if FoldName(s) != FoldName(same[0]) {
				t.Errorf("%q folds to %q, %q to %q", same[0], FoldName(same[0]), s, FoldName(s))
			}
		}
	}
	for _, other := range []string{"НR-87T", "HR-87Τ", "HR–87T", "HR-87", "HR -87T", "HR-8７Т", "HR-87T\u200b"} {
		if FoldName(other) == FoldName("HR-87T") {
			t.Errorf("%q folds like HR-87T", other)
		}
	}
}

// FuzzFoldName: whatever a verdict takes for alike folds alike, at any length.
func FuzzFoldName(f *testing.F) {
	f.Add("HR-87T", uint8(3))
	f.Add("\u212aawa \u017femi ﬃ ω\u0345ΐ", uint8(7))
	f.Add(strings.Repeat("k", 4096), uint8(1))
	f.Fuzz(func(t *testing.T, name string, seed uint8) {
		n := uint(seed)
		other := " " + strings.Map(func(r rune) rune {
			for range n % 4 {
				r = unicode.SimpleFold(r)
			}
			n = n*5 + 1
			return r
		}, name) + "\t"
		if !strings.EqualFold(strings.TrimSpace(name), strings.TrimSpace(other)) {
			return
		}
		if FoldName(name) != FoldName(other) {
			t.Errorf("%q folds to %q, %q to %q", name, FoldName(name), other, FoldName(other))
		}
		if alike, look := CompareNames(name, other); (alike || look) != (FoldName(name) != "") || alike != look {
			t.Errorf("%q and %q: %t, %t", name, other, alike, look)
		}
	})
}

func TestCompareNames(t *testing.T) {
	for _, c := range []struct {
		a, b        string
		alike, look bool
	}{
		{"HR-87T", "hr-87t ", true, true},
		{"HR-87T", "ＨＲ-87Ｔ", true, true},
		{"リレー", "ﾘﾚｰ", true, true},
		{"HR-87T", "НR-87Т", false, true},       // Cyrillic
		{"hr-87t", "НR-87Т", false, true},       // and in other case
		{"HR-87v", "ＨＲ-87ν", false, true},       // Greek, which is N once it is folded
		{"HR-87N", "HR-87ν", false, true},       // as a form that folds shows
		{"HR-87T", "HR\u201087T", false, true},  // another hyphen
		{"HR-87T", "HR-87T\u200b", false, true}, // a space without width
		{"HR-87T", "HR-88T", false, false},
		{"HR-87T", "HR-87", false, false},
		{"HR-87T", "", false, false},
		{"", "", false, false},
		{" ", "\u3000", false, false},
		{"\u200b", "\u200d", false, false}, // nothing that is seen looks like nothing
	} {
		for _, p := range [][2]string{{c.a, c.b}, {c.b, c.a}} {
			if alike, look := CompareNames(p[0], p[1]); alike != c.alike || look != c.look {
				t.Errorf("CompareNames(%q, %q) = %t, %t, want %t, %t", p[0], p[1], alike, look, c.alike, c.look)
			}
			if c.look && !slices.ContainsFunc(NameKeys(p[0]), func(k string) bool { return slices.Contains(NameKeys(p[1]), k) }) {
				t.Errorf("%q and %q look alike and share no key", p[0], p[1])
			}
		}
	}
}

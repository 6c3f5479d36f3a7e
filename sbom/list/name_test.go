package list

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFold(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"Hoshino Relay Co., Ltd.", "hoshino relay"},
		{"ＨＯＳＨＩＮＯ　ＲＥＬＡＹ", "hoshino relay"},
		{"Hoshino Relay K.K.", "hoshino relay"},
		{"Hoshino Relay Kabushiki Kaisha", "hoshino relay"},
		{"星野継電器株式会社", "星野継電器"},
		{"株式会社星野継電器", "星野継電器"},
		{"㈱星野継電器", "星野継電器"},
		{"星野継電器（株）", "星野継電器"},
		{"ｷﾔﾉﾝ", "キヤノン"},
		{"キャノン", "キヤノン"},
		{"きやのん", "キヤノン"},
		{"コンピューター", "コンピユタ"},
		{"A.C. International", "ac international"},
		{"Société Générale S.A.", "societe generale"},
		{"Müller GmbH & Co. KG", "muller"},
		{"Straße AG", "strasse"},
		{"PT Example Tbk", "example"},
		{"ООО Пример", "пример"},
		{"Example Sp. z o.o.", "example"},
		{"Ejemplo S.A. de C.V.", "ejemplo"},
		{"华星电子有限公司", "华星电子"},
		{"華星電子股份有限公司", "华星电子"},
		{"日立ABC製作所", "日立 abc 製作所"},
		{"주식회사 보기", "보기"},
		{"AG", "ag"}, // nothing else is there
		{"株式会社", "株式会社"},
		{"The Example Company", "example"},
		{"Ex\u200bample", "example"},
		{"葛\U000e0100城電機", "葛城電機"}, // another form of one character
		{"星\ufe00野\u034f継電器", "星野継電器"},
		{"カ゛ビアン゜", "ガビアン\u309a"}, // sound marks that stand alone
		{"R&D Works", "r d works"},
		{"", ""},
		{" .-()' ", ""},
		{"\xff\xfe", ""},
		{strings.Repeat("a", maxName+1), ""},
	} {
		if got := Fold(c.name).String(); got != strings.Map(variant, c.want) {
			t.Errorf("Fold(%q) = %q, want %q", c.name, got, c.want)
		}
	}
}

func TestScore(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"Hoshino Relay Co., Ltd.", "HOSHINO RELAY", 1000},
		{"株式会社星野継電器", "星野継電器㈱", 1000},
		{"华星电子有限公司", "華星電子股份有限公司", 1000},
		{"Hua Xing", "Huaxing", 980},
		{"Relay Hoshino", "Hoshino Relay", 970},
		{"Ноshinо Relay", "Hoshino Relay", 960}, // Cyrillic Н and о
		{"クロ力ミ", "クロカミ", 960},                   // the kanji for power
		{"ｸﾛ力ﾐ工房", "クロカミエ房", 960},               // in both, and in half width
		{"Hoshino Technologies Japan", "Hoshino Group", 950},
		{"星野技術", "星野ホールディングス", 950},
		{"Huaxing", "Huaxing Digital Vision of Somewhere", 930},
		{"星野", "星野継電器", 930},
		{"Hoshino Relais", "Hoshino Relay", 952},
		{"Hoshlno Relay", "Hoshino Relay", 930},
		{"ab", "abc", 911},          // too short to be alike
		{"ABC", "ABC Foundry", 836}, // three letters are within many names
		{"Tech", "Technology Group", 853},
		{"Hoshino Relay", "Minami Cable", 557},
		{"Hoshino Relay", "", 0},
		{"...", "...", 0},
	} {
		a, b := Fold(c.a), Fold(c.b)
		if got := Score(a, b); got != c.want {
			t.Errorf("Score(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if Score(a, b) != Score(b, a) {
			t.Errorf("Score(%q, %q) = %d, and %d the other way round", c.a, c.b, Score(a, b), Score(b, a))
		}
	}
}

// slowJaroWinkler is the definition with fractions, written from the papers'
// formula alone.
func slowJaroWinkler(a, b string) float64 {
	x, y := []rune(a), []rune(b)
	if len(x) == 0 || len(y) == 0 {
		return 0
	}
	if len(x) > len(y) {
		x, y = y, x
	}
	window := max(len(y)/2-1, 0)
	taken := make(map[int]bool)
	var common []rune
	for i := range x {
		for j := range y {
			if d := i - j; d <= window && -d <= window && !taken[j] && x[i] == y[j] {
				taken[j] = true
				common = append(common, x[i])
				break
			}
		}
	}
	if len(common) == 0 {
		return 0
	}
	var other []rune
	for j := range y {
		if taken[j] {
			other = append(other, y[j])
		}
	}
	half := 0
	for i := range common {
		if common[i] != other[i] {
			half++
		}
	}
	m := float64(len(common))
	jaro := (m/float64(len(x)) + m/float64(len(y)) + (m-float64(half/2))/m) / 3
	prefix := 0
	for prefix < 4 && prefix < len(x) && x[prefix] == y[prefix] {
		prefix++
	}
	if jaro < 0.7 {
		prefix = 0
	}
	return jaro + float64(prefix)*0.1*(1-jaro)
}

func TestJaroWinklerAgreesWithTheFormula(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	word := func() string {
		var b strings.Builder
		for range r.IntN(14) {
			b.WriteRune([]rune("abcde電")[r.IntN(6)])
		}
		return b.String()
	}
	for range 20_000 {
		a, b := word(), word()
		got, want := jaroWinkler([]rune(a), []rune(b)), slowJaroWinkler(a, b)*1000
		if float64(got) > want+0.001 || float64(got) < want-1.001 {
			t.Fatalf("jaroWinkler(%q, %q) = %d, want %.3f", a, b, got, want)
		}
	}
}

// TestPossibleNeverSaysNoWrongly: what the quick bound leaves out, the score
// would have left out.
func TestPossibleNeverSaysNoWrongly(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	words := strings.Fields("hoshino relay minami cable technology group 星野 継電器 技術 huaxing star еxample a bc def foundry")
	name := func() Name {
		var w []string
		for range 1 + r.IntN(4) {
			s := words[r.IntN(len(words))]
			if r.IntN(3) == 0 {
				at := r.IntN(len(s))
				s = strings.ToValidUTF8(s[:at]+string(rune('a'+r.IntN(26)))+s[at:], "")
			}
			w = append(w, s)
		}
		return Fold(strings.Join(w, " "))
	}
	for range 50_000 {
		a, b := name(), name()
		score := Score(a, b)
		for _, least := range []int{700, 850, 920, 990} {
			if score >= least && !possible(a.brief(), b.brief(), least) {
				t.Fatalf("%q and %q: score %d, and held impossible for %d", a, b, score, least)
			}
		}
	}
}

func FuzzFold(f *testing.F) {
	seeds := []string{"Hoshino Relay Co., Ltd.", "㈱星野", "Ноshinо", "ｷﾔﾉﾝ", "주식회사 보기", "S.A. de C.V.", "\u3099\u0301", "斉齐齊斋"}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := Fold(s)
		if !n.Comparable() {
			return
		}
		if !utf8.ValidString(n.String()) || strings.TrimSpace(n.String()) != n.String() {
			t.Fatalf("Fold(%q) = %q", s, n)
		}
		if Score(n, n) != 1000 {
			t.Fatalf("Score of %q with itself is %d", s, Score(n, n))
		}
		again := Fold(n.String())
		if len(n.String()) <= maxName && !again.Comparable() {
			t.Fatalf("Fold(%q) = %q, which is not comparable", s, n)
		}
	})
}

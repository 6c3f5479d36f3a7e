package origin

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseValue(t *testing.T) {
	share := func(code string, percent int, party string) Share { return Share{code, percent, party} }
	for _, c := range []struct {
		in, out string // out "" is the same as in
		want    Value
	}{
		{"CN", "", Value{Shares: []Share{share("CN", 10000, "")}}},
		{"CN=100", "CN", Value{Shares: []Share{share("CN", 10000, "")}}},
		{"JP=70;MY=30", "", Value{Shares: []Share{share("JP", 7000, ""), share("MY", 3000, "")}}},
		{"JP=0.01", "", Value{Shares: []Share{share("JP", 1, "")}}},
		{"JP=070.50", "JP=70.5", Value{Shares: []Share{share("JP", 7050, "")}}},
		{"CN-XJ=5;unknown=95", "", Value{Shares: []Share{share("CN-XJ", 500, ""), share("unknown", 9500, "")}}},
		{"FR-2A", "", Value{Shares: []Share{share("FR-2A", 10000, "")}}},
		{"ZZ", "", Value{Shares: []Share{share("ZZ", 10000, "")}}},
		{"JP@x:hoshino-relay", "", Value{Shares: []Share{share("JP", 10000, "x:hoshino-relay")}}},
		{"JP=60@x:a;JP=40@x:b|cost", "", Value{Shares: []Share{share("JP", 6000, "x:a"), share("JP", 4000, "x:b")}, Basis: "cost"}},
		{"withheld", "", Value{Withheld: true}},
		{"withheld|cost", "", Value{Withheld: true, Basis: "cost"}},
		{"unknown|部品数", "", Value{Shares: []Share{share("unknown", 10000, "")}, Basis: "部品数"}},
		{"JP|" + strings.Repeat("数", 80), "", Value{Shares: []Share{share("JP", 10000, "")}, Basis: strings.Repeat("数", 80)}},
	} {
		got, err := ParseValue(c.in)
		if err != nil {
			t.Errorf("ParseValue(%q): %v", c.in, err)
			continue
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("ParseValue(%q) (-want +got):\n%s", c.in, diff)
		}
		if c.out == "" {
			c.out = c.in
		}
		if got.String() != c.out {
			t.Errorf("ParseValue(%q).String() = %q, want %q", c.in, got.String(), c.out)
		}
	}
}

func TestParseValueRefuses(t *testing.T) {
	for _, c := range []struct {
		in   string
		want error
	}{
		{"", ErrValueLength},
		{strings.Repeat("JP=1;", 300) + "JP=1", ErrValueLength},
		{strings.Repeat("x", 9000), ErrValueLength},
		{"JP\xff", ErrValueUTF8},
		{"cn", ErrValueCode},
		{"Cn", ErrValueCode},
		{"C", ErrValueCode},
		{"CHN", ErrValueCode},
		{"China", ErrValueCode},
		{"ＣＮ", ErrValueCode},
		{"СN", ErrValueCode}, // Cyrillic Es
		{" CN", ErrValueCode},
		{"CN ", ErrValueCode},
		{"CN\n", ErrValueCode},
		{"CN-", ErrValueCode},
		{"CN-ABCD", ErrValueCode},
		{"CN-xj", ErrValueCode},
		{"Unknown", ErrValueCode},
		{"UNKNOWN", ErrValueCode},
		{"Withheld", ErrValueCode},
		{"withheld=100", ErrValueCode},
		{"withheld;JP=50", ErrValueCode},
		{"CN;", ErrValueShares},
		{";CN=1", ErrValueCode},
		{"JP=70;;MY=30", ErrValueCode},
		{"JP=70;MY", ErrValueShares},
		{"JP;MY", ErrValueShares},
		{"JP=", ErrValuePercent},
		{"JP=0", ErrValuePercent},
		{"JP=0.00", ErrValuePercent},
		{"JP=101", ErrValuePercent},
		{"JP=100.01", ErrValuePercent},
		{"JP=1000", ErrValuePercent},
		{"JP=-5", ErrValuePercent},
		{"JP=+5", ErrValuePercent},
		{"JP=5%", ErrValuePercent},
		{"JP=5.", ErrValuePercent},
		{"JP=.5", ErrValuePercent},
		{"JP=5.123", ErrValuePercent},
		{"JP=5,5", ErrValuePercent},
		{"JP=1e1", ErrValuePercent},
		{"JP=５", ErrValuePercent},
		{"JP=50=50", ErrValuePercent},
		{"JP@", ErrValueParty},
		{"JP@x", ErrValueParty},
		{"JP@x:", ErrValueParty},
		{"JP@:a", ErrValueParty},
		{"JP@X:a", ErrValueParty},
		{"JP@1x:a", ErrValueParty},
		{"JP@x:A", ErrValueParty},
		{"JP@x:-a", ErrValueParty},
		{"JP@x:a b", ErrValueParty},
		{"JP@x:a@x:b", ErrValueParty},
		{"JP@x:a=50", ErrValueParty},
		{"JP@x:" + strings.Repeat("a", 99), ErrValueParty},
		{"JP|", ErrValueBasis},
		{"JP|a|b", ErrValueBasis},
		{"JP|a\tb", ErrValueBasis},
		{"JP|a\u202eb", ErrValueBasis},
		{"JP|a\u200bb", ErrValueBasis},
		{"JP|" + strings.Repeat("a", 81), ErrValueBasis},
	} {
		if got, err := ParseValue(c.in); !errors.Is(err, c.want) {
			t.Errorf("ParseValue(%q) = %+v, %v, want %v", c.in, got, err, c.want)
		}
	}
}

func TestValueArithmetic(t *testing.T) {
	for _, c := range []struct {
		in         string
		full, over bool
		unknown    int
	}{
		{"JP", true, false, 0},
		{"JP=99.5", true, false, 50},
		{"JP=99.49", false, false, 51},
		{"DE=33.3;FR=33.3;IT=33.3", true, false, 10},
		{"DE=33.4;FR=33.4;IT=33.4", true, false, 0},
		{"DE=50;FR=50.5", true, false, 0},
		{"DE=50;FR=50.51", false, true, 0},
		{"DE=100;FR=100", false, true, 0},
		{"JP=60;unknown=40", false, false, 4000},
		{"JP=60;ZZ=40", false, false, 4000},
		{"JP=99.9;unknown=0.1", false, false, 10},
		{"withheld", false, false, 10000},
		{"unknown", false, false, 10000},
		{"JP-13=60;JP=40", true, false, 0},
		{"XK", false, false, 10000},
	} {
		v, err := ParseValue(c.in)
		if err != nil {
			t.Fatalf("%s: %v", c.in, err)
		}
		if v.Full() != c.full || v.Over() != c.over || v.UnknownShare() != c.unknown {
			t.Errorf("%s: full %t, over %t, unknown %d, want %t, %t, %d", c.in, v.Full(), v.Over(), v.UnknownShare(), c.full, c.over, c.unknown)
		}
	}
}

// seeds returns the lines of a file of the committed corpus.
func seeds(f *testing.F, name string) []string {
	f.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		f.Fatal(err)
	}
	lines := slices.DeleteFunc(strings.Split(string(raw), "\n"), func(s string) bool { return s == "" })
	if len(lines) == 0 {
		f.Fatalf("%s holds no seeds", name)
	}
	return lines
}

func FuzzParseValue(f *testing.F) {
	for _, s := range seeds(f, "testdata/values.txt") {
		f.Add(s)
	}
	faults := []error{ErrValueLength, ErrValueCode, ErrValuePercent, ErrValueShares, ErrValueParty, ErrValueBasis, ErrValueUTF8}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseValue(s)
		if err != nil {
			if !slices.Contains(faults, err) {
				t.Fatalf("ParseValue(%q): %v is none of the documented errors", s, err)
			}
			return
		}
		again, err := ParseValue(v.String())
		if err != nil {
			t.Fatalf("ParseValue(%q) formats as %q, which is refused: %v", s, v.String(), err)
		}
		if diff := cmp.Diff(v, again); diff != "" {
			t.Fatalf("ParseValue(%q) formats as %q, which is another value:\n%s", s, v.String(), diff)
		}
		if v.Full() && v.UnknownShare() > tolerance {
			t.Fatalf("%q is full and has an unknown share of %d", s, v.UnknownShare())
		}
	})
}

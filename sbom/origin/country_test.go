package origin

import (
	"testing"

	"golang.org/x/text/language"
)

// TestCountriesAgainstCLDR holds the table against a list that somebody else
// keeps: each alpha-2 code is a country there and has the same alpha-3 code.
func TestCountriesAgainstCLDR(t *testing.T) {
	codes := Countries()
	if len(codes) != 249 {
		t.Errorf("%d codes, want the 249 of ISO 3166-1", len(codes))
	}
	alpha3 := make(map[string]string)
	for name, code := range countries().names {
		if len(name) == 3 && name != "UAE" {
			alpha3[code] = name
		}
	}
	for _, code := range codes {
		r, err := language.ParseRegion(code)
		if err != nil || !r.IsCountry() {
			t.Errorf("%s is no country in CLDR: %v", code, err)
			continue
		}
		if alpha3[code] != r.ISO3() {
			t.Errorf("%s has alpha-3 %q, want %s", code, alpha3[code], r.ISO3())
		}
	}
}

func TestCountryOf(t *testing.T) {
	for _, c := range []struct {
		text, code string
		mapped, ok bool
	}{
		{"JP", "JP", false, true},
		{"CN-XJ", "CN-XJ", false, true},
		{"JPN", "JP", true, true},
		{"Japan", "JP", true, true},
		{"Türkiye", "TR", true, true},
		{"Turkey", "TR", true, true},
		{"Iran, Islamic Republic of", "IR", true, true},
		{"HK", "HK", false, true},
		{"TW", "TW", false, true},
		{"BV", "BV", false, true},
		{"", "", false, false},
		{"jp", "", false, false},
		{"Jp", "", false, false},
		{"japan", "", false, false},
		{" JP", "", false, false},
		{"JP ", "", false, false},
		{"ＪＰ", "", false, false},
		{"ＪＰＮ", "", false, false},
		{"СN", "", false, false}, // Cyrillic Es
		{"ΤW", "", false, false}, // Greek Tau
		{"日本", "", false, false},
		{"Korea", "", false, false},
		{"XK", "", false, false},
		{"UK", "", false, false},
		{"EU", "", false, false},
		{"SU", "", false, false},
		{"AA", "", false, false},
		{"ZZ", "", false, false},
		{"ZZ-1", "", false, false},
		{"JP-", "", false, false},
		{"JP-1234", "", false, false},
		{"unknown", "", false, false},
	} {
		code, mapped, ok := CountryOf(c.text)
		if code != c.code || mapped != c.mapped || ok != c.ok {
			t.Errorf("CountryOf(%q) = %q, %t, %t, want %q, %t, %t", c.text, code, mapped, ok, c.code, c.mapped, c.ok)
		}
	}
}

func TestCodesHolds(t *testing.T) {
	set, err := NewCodes([]string{"CN-XJ", "BV", "BV"})
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]Truth{
		"BV": True, "BV-1": True, "CN-XJ": True, "CN": Unknown, "CN-GD": False, "JP": False,
		"unknown": Unknown, "": Unknown, "ZZ": Unknown, "bv": Unknown,
	} {
		if got := set.Holds(code); got != want {
			t.Errorf("Holds(%q) = %s, want %s", code, got, want)
		}
	}
	for _, bad := range []string{"", "cn", "XK", "unknown", "CHN", "ZZ-1"} {
		if _, err := NewCodes([]string{"JP", bad}); err == nil {
			t.Errorf("NewCodes accepts %q", bad)
		}
	}
	if got := (Codes{}).Holds("JP"); got != False {
		t.Errorf("an empty set holds JP: %s", got)
	}
}

package cli

import (
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/problem"
)

const ownership = `format: yurai-profile/1
asOf: 2026-10-01
incorporated: NO
holders: {whole: true, list: [{name: Hoshino Holdings, country: JP, share: 12.5}, {country: US-DE, share: 5}]}
officers: {list: [{name: 星野 花子, born: 1970-01-31, nationality: JP}]}
sales: {whole: true}
plants: {list: [{name: 'Nagano works', country: JP, address: "1-2-3 Chuo, Nagano"}]}
`

// TestParseProfile: scalars are what is written, whatever YAML takes them for.
func TestParseProfile(t *testing.T) {
	p, err := parseProfile([]byte(ownership))
	if err != nil {
		t.Fatal(err)
	}
	if p.AsOf != "2026-10-01" || p.Incorporated.Text != "NO" || p.Holders.List[0].Share.Text != "12.5" || p.Holders.List[1].Share.Text != "5" ||
		p.Officers.List[0].Born.Text != "1970-01-31" || !p.Sales.Whole || p.Sales.List != nil || p.Officers.Whole {
		t.Errorf("%+v", p)
	}
	if n := len(statement.Pointers(p)); n != 12 {
		t.Errorf("%d fields: %v", n, statement.Pointers(p))
	}
	for name, c := range map[string]struct{ old, now string }{
		"no format":       {"format: yurai-profile/1\n", ""},
		"a newer format":  {"yurai-profile/1", "yurai-profile/2"},
		"an unknown key":  {"sales:", "sale:"},
		"a key twice":     {"sales: {whole: true}", "sales: {whole: true}\nsales: {whole: true}"},
		"a row's key":     {"country: US-DE", "land: US-DE"},
		"an anchor":       {"incorporated: NO", "incorporated: &a NO"},
		"a tag":           {"incorporated: NO", "incorporated: !x NO"},
		"a known tag":     {"incorporated: NO", "incorporated: !!str NO"},
		"a merge key":     {"sales: {whole: true}", "sales: {<<: {whole: true}}"},
		"two documents":   {"format:", "---\na: b\n---\nformat:"},
		"a list for rows": {"sales: {whole: true}", "sales: [a]"},
		"text for rows":   {"sales: {whole: true}", "sales: none"},
		"a word for true": {"sales: {whole: true}", "sales: {whole: all}"},
		"no YAML":         {"format:", "{format:"},
		"nothing":         {ownership, ""},
	} {
		if !strings.Contains(ownership, c.old) {
			t.Fatalf("%s: %q is not there", name, c.old)
		}
		p, err := parseProfile([]byte(strings.Replace(ownership, c.old, c.now, 1)))
		if problem.Code(err) != "CLI-PROFILE-MALFORMED" || p != nil {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
}

// FuzzParseProfile: what is refused has a code, and what is read can be hidden
// or is refused with one.
func FuzzParseProfile(f *testing.F) {
	f.Add([]byte(ownership))
	f.Add([]byte("format: yurai-profile/1\nasOf: x\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := parseProfile(raw)
		if err == nil {
			_, err = statement.Hide(p, func(string) bool { return true }, nil)
		}
		if err != nil && problem.Code(err) == "" {
			t.Fatalf("%v has no code", err)
		}
	})
}

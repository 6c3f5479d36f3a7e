package origin

import (
	_ "embed" // countries.tsv
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

//go:embed countries.tsv
var countriesTSV string

// TableDate is the day as of which the embedded table of country codes holds
// the officially assigned codes of ISO 3166-1.
const TableDate = "2026-11-22"

// countryTable is the embedded table, read once.
type countryTable struct {
	alpha2 map[string]string // code → first name
	names  map[string]string // alpha-3 or English name → code
}

var countries = sync.OnceValue(func() countryTable {
	t := countryTable{alpha2: make(map[string]string), names: make(map[string]string)}
	for line := range strings.Lines(countriesTSV) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 3 {
			panic("origin: countries.tsv: " + line)
		}
		names := strings.Split(fields[2], ";")
		t.alpha2[fields[0]] = names[0]
		for _, name := range append(names, fields[1]) {
			t.names[name] = fields[0]
		}
	}
	return t
})

// Assigned reports whether code is an officially assigned ISO 3166-1 alpha-2
// code, in upper case as the standard writes it.
func Assigned(code string) bool {
	_, ok := countries().alpha2[code]
	return ok
}

// Countries returns the officially assigned alpha-2 codes, sorted.
func Countries() []string { return slices.Sorted(maps.Keys(countries().alpha2)) }

// CountryName returns the English name of an assigned alpha-2 code, or "".
func CountryName(code string) string { return countries().alpha2[code] }

// Recognised reports whether code is an assigned alpha-2 code, or has the shape
// of an ISO 3166-2 code whose country part is assigned. Subdivisions are judged
// by shape alone: the table holds no list of them.
func Recognised(code string) bool {
	return shapedCode(code) && Assigned(code[:2])
}

// shapedCode reports whether s is 2UPPER ["-" 1*3(UPPER/DIGIT)].
func shapedCode(s string) bool {
	if len(s) < 2 || !upper(s[0]) || !upper(s[1]) {
		return false
	}
	if len(s) == 2 {
		return true
	}
	if s[2] != '-' || len(s) < 4 || len(s) > 6 {
		return false
	}
	for i := 3; i < len(s); i++ {
		if !upper(s[i]) && !digit(s[i]) {
			return false
		}
	}
	return true
}

func upper(c byte) bool { return 'A' <= c && c <= 'Z' }
func digit(c byte) bool { return '0' <= c && c <= '9' }

// CountryOf returns the code that a free text about a country means. The text
// is taken as it stands: a recognised code is itself; an alpha-3 code or a
// common English name of the table is mapped, and mapped is true. Anything else
// — lower case, full width, look-alike letters, spaces around it — is not
// recognised and ok is false.
func CountryOf(text string) (code string, mapped, ok bool) {
	if Recognised(text) {
		return text, false, true
	}
	code, ok = countries().names[text]
	return code, ok, ok
}

// Codes is a set of places that a rule looks for. The zero value is empty.
type Codes struct {
	codes     []string        // as given, sorted, without duplicates
	countries map[string]bool // a whole country
	divisions map[string]bool // one subdivision
	divided   map[string]bool // countries of which a subdivision is in the set
}

// NewCodes returns the set of the codes, each of which must be [Recognised].
func NewCodes(codes []string) (Codes, error) {
	c := Codes{countries: make(map[string]bool), divisions: make(map[string]bool), divided: make(map[string]bool)}
	for _, code := range codes {
		switch {
		case !Recognised(code):
			return Codes{}, fmt.Errorf("%s is no officially assigned country code", quote(code))
		case len(code) == 2:
			c.countries[code] = true
		default:
			c.divisions[code] = true
			c.divided[code[:2]] = true
		}
	}
	c.codes = slices.Sorted(maps.Keys(c.countries))
	c.codes = append(c.codes, slices.Sorted(maps.Keys(c.divisions))...)
	slices.Sort(c.codes)
	return c, nil
}

// List returns the codes of the set, sorted. The caller may change it.
func (c Codes) List() []string { return slices.Clone(c.codes) }

// Holds tells whether a stated code lies in the set. A subdivision lies in its
// country. A country of which the set holds only a subdivision may or may not
// lie in it, and so may what is not recognised: both are unknown.
func (c Codes) Holds(code string) Truth {
	switch {
	case !Recognised(code):
		return Unknown
	case c.countries[code[:2]] || c.divisions[code]:
		return True
	case len(code) == 2 && c.divided[code]:
		return Unknown
	}
	return False
}

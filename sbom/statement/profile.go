package statement

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/yurai-ledger/yurai/sbom"
)

// Profile is what a party says of who owns and leads it and where it makes
// things, on a day. Each fact is told or committed to, and may be opened to a
// ministry alone. What is absent is not said: a list of holders that is whole and
// empty says that there is none, no list says nothing.
type Profile struct {
	Head
	AsOf         string `json:"asOf"`                  // the day of which it speaks, YYYY-MM-DD
	Incorporated Field  `json:"incorporated,omitzero"` // country under whose law the party is

	Holders  *Rows[Holder]  `json:"holders,omitzero"`  // of at least 5 % of the votes, directly
	Officers *Rows[Officer] `json:"officers,omitzero"` // who leads it
	Sales    *Rows[Sale]    `json:"sales,omitzero"`    // of at least 25 % to one foreign government, in one of the last three business years
	Plants   *Rows[Plant]   `json:"plants,omitzero"`   // factories and sites
}

// Rows are facts of one sort.
type Rows[T any] struct {
	Whole bool `json:"whole,omitzero"` // whether these are all; none at all, if there are no rows
	List  []T  `json:"list,omitzero"`
}

func (r *Rows[T]) check(name string) *sbom.Refusal {
	switch {
	case r == nil:
	case !r.Whole && len(r.List) == 0:
		return refuseMember("%s says nothing", name).At("/"+name, 0)
	case len(r.List) > MaxList:
		return refuseMember("%s has %d elements, more than %d", name, len(r.List), MaxList).At("/"+name, 0)
	}
	return nil
}

// rowSlots places the fields of each row.
func rowSlots[T any](name string, rows *Rows[T], fields func(*T) []slot) (list []slot) {
	if rows == nil {
		return nil
	}
	for i := range rows.List {
		for _, s := range fields(&rows.List[i]) {
			s.pointer = "/" + name + "/list/" + strconv.Itoa(i) + "/" + s.pointer
			list = append(list, s)
		}
	}
	return list
}

// Holder is one who holds votes.
type Holder struct {
	Name    Field `json:"name,omitzero"`
	Country Field `json:"country"`        // of nationality or incorporation
	Share   Field `json:"share,omitzero"` // of the votes, per cent
}

// Officer is one who leads the party. Name and day of birth are never told in a
// log, which forgets nothing: they are committed to.
type Officer struct {
	Name        Field `json:"name,omitzero"`
	Born        Field `json:"born,omitzero"` // YYYY-MM-DD
	Nationality Field `json:"nationality"`
}

// Sale is the part of one government in a year's sales.
type Sale struct {
	Country Field `json:"country"`
	Share   Field `json:"share,omitzero"` // of all sales, per cent
	Year    Field `json:"year,omitzero"`  // the business year, four digits
}

// Plant is one factory or site.
type Plant struct {
	Name    Field `json:"name,omitzero"`
	Country Field `json:"country"`
	Address Field `json:"address,omitzero"`
}

// Kind returns profile.
func (*Profile) Kind() Kind { return KindProfile }

func (p *Profile) subject() Digest {
	if len(p.Party) != 1 {
		return Digest{}
	}
	return digestOf(p.Party[0])
}
func (*Profile) setSubject(Digest) {}

// NewProfile returns the payload of a profile. Party is the one that it is about.
func NewProfile(p Profile) ([]byte, error) { return build(&p) }

func (p *Profile) slots() []slot {
	return slices.Concat(
		[]slot{{pointer: "/incorporated", field: &p.Incorporated, rule: isPlace}},
		rowSlots("holders", p.Holders, func(h *Holder) []slot {
			return []slot{
				{pointer: "name", field: &h.Name, rule: plainText},
				{pointer: "country", field: &h.Country, rule: isPlace, must: true},
				{pointer: "share", field: &h.Share, rule: isShare},
			}
		}),
		rowSlots("officers", p.Officers, func(o *Officer) []slot {
			return []slot{
				{pointer: "name", field: &o.Name, rule: plainText, secret: true},
				{pointer: "born", field: &o.Born, rule: isDay, secret: true},
				{pointer: "nationality", field: &o.Nationality, rule: isPlace, must: true},
			}
		}),
		rowSlots("sales", p.Sales, func(s *Sale) []slot {
			return []slot{
				{pointer: "country", field: &s.Country, rule: isPlace, must: true},
				{pointer: "share", field: &s.Share, rule: isShare},
				{pointer: "year", field: &s.Year, rule: isYear},
			}
		}),
		rowSlots("plants", p.Plants, func(x *Plant) []slot {
			return []slot{
				{pointer: "name", field: &x.Name, rule: plainText},
				{pointer: "country", field: &x.Country, rule: isPlace, must: true},
				{pointer: "address", field: &x.Address, rule: plainText},
			}
		}),
	)
}

func (p *Profile) check() *sbom.Refusal {
	if r := p.checkActor(KindProfile); r != nil {
		return r
	}
	if r := isDay("asOf", p.AsOf); r != nil {
		return r.At("/asOf", 0)
	}
	if p.Incorporated.IsZero() && p.Holders == nil && p.Officers == nil && p.Sales == nil && p.Plants == nil {
		return refuseMember("the profile says nothing")
	}
	for _, r := range []*sbom.Refusal{
		p.Holders.check("holders"), p.Officers.check("officers"), p.Sales.check("sales"), p.Plants.check("plants"),
	} {
		if r != nil {
			return r
		}
	}
	return checkSlots(p)
}

// isPlace is the rule of a country: the shape of ISO 3166-1 alpha-2, or of a
// subdivision by ISO 3166-2. Whether there is such a country is for readers, who
// have a table with a date.
func isPlace(what, code string) *sbom.Refusal {
	upper := func(c byte) bool { return c >= 'A' && c <= 'Z' }
	country, part, divided := strings.Cut(code, "-")
	if len(country) != 2 || !all(country, upper) ||
		divided && (len(part) < 1 || len(part) > 3 || !all(part, func(c byte) bool { return upper(c) || isDigit(c) })) {
		return refuseMember("%s %q is not the shape of an ISO 3166 code", what, clip(code))
	}
	return nil
}

// isShare is the rule of a percentage above 0, at most 100, with at most two
// decimals, written in one way: no leading zero, none at the end of decimals.
func isShare(what, s string) *sbom.Refusal {
	whole, decimals, point := strings.Cut(s, ".")
	ok := len(whole) >= 1 && len(whole) <= 3 && all(whole, isDigit) && (whole == "0" || whole[0] != '0')
	if point {
		ok = ok && len(decimals) >= 1 && len(decimals) <= 2 && all(decimals, isDigit) && decimals[len(decimals)-1] != '0'
	}
	if n, _ := strconv.Atoi(whole); !ok || n > 100 || n == 100 && point || n == 0 && !point {
		return refuseMember("%s %q is not a percentage such as 62.5", what, clip(s))
	}
	return nil
}

// isDay is the rule of a day.
func isDay(what, s string) *sbom.Refusal {
	if t, err := time.Parse(time.DateOnly, s); err != nil || t.Format(time.DateOnly) != s || t.Year() < 1 {
		return refuseMember("%s %q is not a day such as 2026-10-01", what, clip(s))
	}
	return nil
}

// isYear is the rule of a year.
func isYear(what, s string) *sbom.Refusal {
	if len(s) != 4 || !all(s, isDigit) || s[0] == '0' {
		return refuseMember("%s %q is not a year", what, clip(s))
	}
	return nil
}

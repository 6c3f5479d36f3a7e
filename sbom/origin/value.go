package origin

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// UnknownCode is the word a share carries in the place of a code where the
// place is not known.
const UnknownCode = "unknown"

// Value is what one property yurai:origin:<stage> states.
//
//	value = "withheld" / share *(";" share) ["|" basis]
//	share = code ["=" percent] ["@" party]
type Value struct {
	Withheld bool    // nothing is told; Shares is empty
	Shares   []Share // in the order written
	Basis    string  // what the shares are shares of; "" is unspecified
}

// Share is one part of a distribution.
type Share struct {
	Code    string // ISO 3166-1 alpha-2 or ISO 3166-2 by shape, or [UnknownCode]
	Percent int    // hundredths of a percent, 1 to 10000
	Party   string // who did it there, scheme:value; "" if not told
}

// Errors of [ParseValue]. The value is malformed: what it was meant to state is
// unknown.
var (
	ErrValueLength  = errors.New("the value is empty or too long")
	ErrValueCode    = errors.New("a code is two capital letters, with - and up to three capitals or digits for a subdivision, or the word unknown")
	ErrValuePercent = errors.New("a percentage is above 0 and at most 100, with at most two decimals")
	ErrValueShares  = errors.New("each of several shares needs a percentage")
	ErrValueParty   = errors.New("a party is scheme:value")
	ErrValueBasis   = errors.New("a basis is 1 to 80 printable characters without |")
	ErrValueUTF8    = errors.New("the value is not valid UTF-8")
)

// ParseValue parses the value of a property yurai:origin:<stage>. It accepts
// exactly the grammar: no space, no lower case, nothing after the basis. It does
// not ask whether a code is assigned or what the percentages add up to; see
// [Recognised] and [Value.Total]. The error is one of the ErrValue… errors.
func ParseValue(s string) (Value, error) {
	if s == "" || len(s) > maxValue {
		return Value{}, ErrValueLength
	}
	if !utf8.ValidString(s) {
		return Value{}, ErrValueUTF8
	}
	var v Value
	if head, basis, ok := strings.Cut(s, "|"); ok {
		if !ValidBasis(basis) {
			return Value{}, ErrValueBasis
		}
		s, v.Basis = head, basis
	}
	if s == "withheld" {
		v.Withheld = true
		return v, nil
	}
	parts := strings.Split(s, ";")
	if len(parts) > maxShares {
		return Value{}, ErrValueLength
	}
	v.Shares = make([]Share, len(parts))
	for i, part := range parts {
		share, stated, err := parseShare(part)
		switch {
		case err != nil:
			return Value{}, err
		case !stated && len(parts) > 1:
			return Value{}, ErrValueShares
		}
		v.Shares[i] = share
	}
	return v, nil
}

// parseShare parses one share and reports whether its percentage is written.
func parseShare(s string) (share Share, stated bool, err error) {
	if head, party, ok := strings.Cut(s, "@"); ok {
		if !ValidParty(party) {
			return Share{}, false, ErrValueParty
		}
		s, share.Party = head, party
	}
	share.Percent = whole
	if head, percent, ok := strings.Cut(s, "="); ok {
		if share.Percent, ok = parsePercent(percent); !ok {
			return Share{}, false, ErrValuePercent
		}
		s, stated = head, true
	}
	if s != UnknownCode && !shapedCode(s) {
		return Share{}, false, ErrValueCode
	}
	share.Code = s
	return share, stated, nil
}

// parsePercent parses 1*3DIGIT ["." 1*2DIGIT] with 0 < p <= 100 into hundredths.
func parsePercent(s string) (int, bool) {
	units, cents, dotted := strings.Cut(s, ".")
	if len(units) < 1 || len(units) > 3 || !digits(units) {
		return 0, false
	}
	if dotted && (len(cents) < 1 || len(cents) > 2 || !digits(cents)) {
		return 0, false
	}
	n := 0
	for _, c := range []byte(units) {
		n = n*10 + int(c-'0')
	}
	for i := range 2 {
		n *= 10
		if i < len(cents) {
			n += int(cents[i] - '0')
		}
	}
	return n, n > 0 && n <= whole
}

func digits(s string) bool {
	for i := range len(s) {
		if !digit(s[i]) {
			return false
		}
	}
	return true
}

// FormatPercent returns hundredths of a percent as the grammar writes them, in
// the shortest form: 33.3 for 3330.
func FormatPercent(hundredths int) string {
	s := strconv.Itoa(hundredths / 100)
	if cents := hundredths % 100; cents != 0 {
		s += "." + strings.TrimSuffix(string([]byte{'0' + byte(cents/10), '0' + byte(cents%10)}), "0")
	}
	return s
}

// String returns the value in the one form that [ParseValue] of it gives the
// same value: percentages in their shortest form, and none for a single share
// of 100.
func (v Value) String() string {
	var b strings.Builder
	if v.Withheld {
		b.WriteString("withheld")
	}
	for i, share := range v.Shares {
		if i > 0 {
			b.WriteByte(';')
		}
		b.WriteString(share.Code)
		if len(v.Shares) > 1 || share.Percent != whole {
			b.WriteByte('=')
			b.WriteString(FormatPercent(share.Percent))
		}
		if share.Party != "" {
			b.WriteByte('@')
			b.WriteString(share.Party)
		}
	}
	if v.Basis != "" {
		b.WriteByte('|')
		b.WriteString(v.Basis)
	}
	return b.String()
}

// Total returns the sum of all shares in hundredths of a percent. It may be
// above 10000: see [Value.Over].
func (v Value) Total() int {
	n := 0
	for _, share := range v.Shares {
		n += share.Percent
	}
	return n
}

// Over reports whether the shares add up to more than 100 % beyond rounding
// (0.5 %), which no distribution can.
func (v Value) Over() bool { return v.Total() > whole+tolerance }

// Full reports whether the value tells all of it: every share has a recognised
// code and they add up to 100 ± 0.5 %.
func (v Value) Full() bool {
	if v.Withheld || v.Over() || v.Total() < whole-tolerance {
		return false
	}
	return !slices.ContainsFunc(v.Shares, func(s Share) bool { return !Recognised(s.Code) })
}

// UnknownShare returns how much of the whole is not attributed to a recognised
// place, in hundredths of a percent.
func (v Value) UnknownShare() int {
	known := 0
	for _, share := range v.Shares {
		if Recognised(share.Code) {
			known += share.Percent
		}
	}
	return max(whole-known, 0)
}

// named reports whether any share names a party.
func (v Value) named() bool {
	return slices.ContainsFunc(v.Shares, func(s Share) bool { return s.Party != "" })
}

// merged returns the shares added up per code, or per code and party, sorted.
func (v Value) merged(parties bool) []Share {
	shares := slices.Clone(v.Shares)
	if !parties {
		for i := range shares {
			shares[i].Party = ""
		}
	}
	slices.SortFunc(shares, func(a, b Share) int {
		return cmp.Or(strings.Compare(a.Code, b.Code), strings.Compare(a.Party, b.Party))
	})
	out := shares[:0]
	for _, s := range shares {
		if n := len(out); n > 0 && out[n-1].Code == s.Code && out[n-1].Party == s.Party {
			out[n-1].Percent += s.Percent
			continue
		}
		out = append(out, s)
	}
	return out
}

// ValidBasis reports whether s is 1 to 80 printable characters without "|".
// Printable is every character but controls, line and paragraph separators,
// invisible and direction marks, the byte order mark and noncharacters: a list
// that does not change with versions of Unicode.
func ValidBasis(s string) bool {
	if s == "" || !utf8.ValidString(s) || utf8.RuneCountInString(s) > maxBasis {
		return false
	}
	for _, r := range s {
		switch {
		case r < 0x20, r == '|', r >= 0x7f && r <= 0x9f,
			r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f,
			r == 0x00ad, r == 0x061c, r == 0xfeff, r >= 0xfdd0 && r <= 0xfdef, r&0xfffe == 0xfffe:
			return false
		}
	}
	return true
}

// ValidParty reports whether s has the shape of a party's id: scheme:value of at
// most 100 bytes, with the value in lower case for the schemes x and dns. Check
// digits are the registry's matter.
func ValidParty(s string) bool {
	scheme, value, ok := strings.Cut(s, ":")
	if !ok || len(s) > maxParty || len(scheme) < 1 || len(scheme) > 16 || value == "" {
		return false
	}
	for i := range len(scheme) {
		if c := scheme[i]; !lower(c) && (i == 0 || !digit(c) && c != '-') {
			return false
		}
	}
	folded := scheme == "x" || scheme == "dns"
	for i := range len(value) {
		c := value[i]
		switch {
		case lower(c), digit(c), upper(c) && !folded:
		case i > 0 && strings.IndexByte("._/-", c) >= 0:
		default:
			return false
		}
	}
	return true
}

func lower(c byte) bool { return 'a' <= c && c <= 'z' }

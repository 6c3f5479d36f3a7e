package statement

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/yurai-ledger/yurai/sbom"
)

// The reserved words that stand where a party id may stand.
const (
	Registrar = "registrar" // who admits parties
	Log       = "log"       // who runs the log: the key that signs status statements
)

// Digest is a SHA-256 digest, written "sha256:" and 64 lower-case hex digits.
// The zero Digest stands for "absent" and has no text form.
type Digest [sha256.Size]byte

const digestPrefix = "sha256:"

// ParseDigest reads the text form of a digest; STATEMENT-DIGEST-MALFORMED.
func ParseDigest(s string) (Digest, error) {
	var d Digest
	err := d.UnmarshalText([]byte(s))
	return d, err
}

// String returns the text form, "" for the zero Digest.
func (d Digest) String() string {
	if d.IsZero() {
		return ""
	}
	return digestPrefix + hex.EncodeToString(d[:])
}

// Hex returns the 64 hex digits.
func (d Digest) Hex() string { return hex.EncodeToString(d[:]) }

// IsZero reports whether d stands for "absent".
func (d Digest) IsZero() bool { return d == Digest{} }

// MarshalText returns the text form; the zero Digest has none.
func (d Digest) MarshalText() ([]byte, error) {
	if d.IsZero() {
		return nil, refuseDigest("")
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads the text form.
func (d *Digest) UnmarshalText(text []byte) error {
	rest, ok := strings.CutPrefix(string(text), digestPrefix)
	if !ok {
		return refuseDigest(string(text))
	}
	parsed, ok := parseHex(rest)
	if !ok {
		return refuseDigest(string(text))
	}
	*d = parsed
	return nil
}

// parseHex reads the lower-case hex of a digest that is not zero.
func parseHex(s string) (d Digest, ok bool) {
	raw, err := hex.DecodeString(s)
	if err != nil || len(raw) != len(d) || hex.EncodeToString(raw) != s {
		return Digest{}, false
	}
	d = Digest(raw)
	return d, !d.IsZero()
}

func refuseDigest(s string) error {
	return sbom.Refuse("STATEMENT-DIGEST-MALFORMED", "%q is not sha256: and 64 lower-case hex digits of a digest", clip(s))
}

// CheckParty returns nil if id is a party id: scheme:value in at most MaxParty
// bytes, with the check digits of its scheme. The reserved words are none.
// STATEMENT-PARTY-MALFORMED; STATEMENT-PARTY-SCHEME for a scheme that this
// program does not know.
func CheckParty(id string) error {
	malformed := func(why string) error {
		return sbom.Refuse("STATEMENT-PARTY-MALFORMED", "party id %q %s", clip(id), why)
	}
	scheme, value, ok := strings.Cut(id, ":")
	if !ok || len(id) > MaxParty || !matches(scheme, 1, 16, isLower, isLowerDigitDash) || value == "" ||
		!isAlnum(value[0]) || !matches(value, 1, MaxParty, isAlnum, isValueByte) {
		return malformed("is not scheme:value in at most 100 bytes")
	}
	switch scheme {
	case "jp-corp":
		if !isCorporateNumber(value) {
			return malformed("is not the 13 digits of a corporate number with its check digit")
		}
	case "lei":
		if !isLEI(value) {
			return malformed("is not an ISO 17442 identifier with its check digits")
		}
	case "dns":
		if !isDomain(value) {
			return malformed("is not a domain of lower-case A-labels")
		}
	case "duns":
		if len(value) != 9 || !all(value, isDigit) {
			return malformed("is not the nine digits of a D-U-N-S number")
		}
	case "x":
		if value != strings.ToLower(value) {
			return malformed("is not in lower case")
		}
	default:
		return sbom.Refuse("STATEMENT-PARTY-SCHEME", "party id %q is of a scheme that this program does not know", clip(id))
	}
	return nil
}

// isCorporateNumber checks a Japanese corporate number: the first digit is
// 9 − (Σ PnQn mod 9) over the other twelve, counted from the right, with Qn 1
// and 2 in turn (法人番号の指定等に関する省令).
func isCorporateNumber(s string) bool {
	if len(s) != 13 || !all(s, isDigit) {
		return false
	}
	sum := 0
	for n := 1; n <= 12; n++ {
		q := 2 - n%2
		sum += int(s[13-n]-'0') * q
	}
	return int(s[0]-'0') == 9-sum%9
}

// isLEI checks ISO 17442: 18 letters and digits, two check digits, MOD 97-10.
func isLEI(s string) bool {
	upper := func(c byte) bool { return isDigit(c) || c >= 'A' && c <= 'Z' }
	if len(s) != 20 || !all(s, upper) || !all(s[18:], isDigit) {
		return false
	}
	var digits strings.Builder
	for i := range len(s) {
		if isDigit(s[i]) {
			digits.WriteByte(s[i])
		} else {
			fmt.Fprintf(&digits, "%d", s[i]-'A'+10)
		}
	}
	n, _ := new(big.Int).SetString(digits.String(), 10)
	return n.Mod(n, big.NewInt(97)).Int64() == 1
}

// isDomain checks two or more lower-case labels; a label with "--" in its third
// place is an A-label ("xn--"), and the last label is no number.
func isDomain(s string) bool {
	labels := strings.Split(s, ".")
	for _, l := range labels {
		if !isLabel(l) {
			return false
		}
	}
	return len(labels) >= 2 && len(s) <= 253 && !all(labels[len(labels)-1], isDigit)
}

func isLabel(l string) bool {
	if len(l) == 0 || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' || !all(l, isLowerDigitDash) {
		return false
	}
	return len(l) < 4 || l[2:4] != "--" || l[:4] == "xn--" && len(l) > 4
}

// CheckOrigin returns nil if s can be a log's origin: a host of lower-case
// labels, an optional port, and path segments of letters, digits and "._~-"
// (a schema-less URL, c2sp.org/tlog-checkpoint). STATEMENT-ORIGIN-MALFORMED.
func CheckOrigin(s string) error {
	host, path, hasPath := strings.Cut(s, "/")
	host, port, hasPort := strings.Cut(host, ":")
	ok := len(s) <= MaxOrigin
	for _, l := range strings.Split(host, ".") {
		ok = ok && isLabel(l)
	}
	if hasPort {
		ok = ok && len(port) >= 1 && len(port) <= 5 && all(port, isDigit) && port[0] != '0'
	}
	if hasPath {
		for _, p := range strings.Split(path, "/") {
			ok = ok && p != "" && p != "." && p != ".." && all(p, func(c byte) bool {
				return isAlnum(c) || strings.IndexByte("._~-", c) >= 0
			})
		}
	}
	if !ok {
		return sbom.Refuse("STATEMENT-ORIGIN-MALFORMED", "%q is not the origin of a log: host[:port][/path] in at most %d bytes", clip(s), MaxOrigin)
	}
	return nil
}

const timeLayout = "2006-01-02T15:04:05Z"

// ParseTime reads RFC 3339 in UTC with seconds and nothing finer, 20 bytes;
// STATEMENT-TIME-MALFORMED.
func ParseTime(s string) (time.Time, error) {
	t, err := time.Parse(timeLayout, s)
	if err != nil || len(s) != len(timeLayout) || t.Format(timeLayout) != s || t.IsZero() {
		return time.Time{}, sbom.Refuse("STATEMENT-TIME-MALFORMED", "%q is not a time like 2026-11-22T10:00:00Z", clip(s))
	}
	return t, nil
}

// FormatTime writes what ParseTime reads; fractions of a second are cut off.
func FormatTime(t time.Time) string { return t.UTC().Format(timeLayout) }

// checkText refuses a string that is empty, too long, or that a terminal or a
// reader would not show as it is: control characters (but line feeds where
// lines is true), bidirectional controls, line and paragraph separators, a byte
// order mark, blanks at an end.
func checkText(what, s string, most int, lines bool) *sbom.Refusal {
	bad := func(r rune) bool {
		switch {
		case r == '\n':
			return !lines
		case r < 0x20, r >= 0x7f && r <= 0x9f, r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069,
			r == 0x200e, r == 0x200f, r == 0x061c, r == 0xfeff:
			return true
		}
		return false
	}
	switch {
	case s == "" || len(s) > most:
		return refuseMember("%s has %d bytes, not 1 to %d", what, len(s), most)
	case !utf8.ValidString(s):
		return refuseMember("%s is not UTF-8", what)
	case strings.ContainsFunc(s, bad):
		return refuseMember("%s holds control characters", what)
	case strings.Trim(s, " \n") != s:
		return refuseMember("%s begins or ends with a blank", what)
	}
	return nil
}

// checkCopied bounds a string copied from a BOM, whatever it says.
func checkCopied(what, s string) *sbom.Refusal {
	if len(s) > MaxText || !utf8.ValidString(s) {
		return refuseMember("%s has %d bytes, more than %d, or is not UTF-8", what, len(s), MaxText)
	}
	return nil
}

// checkList refuses a list that is too long or not strictly ascending by bytes.
func checkList(what string, list []string, most int) *sbom.Refusal {
	if len(list) > most {
		return refuseMember("%s has %d elements, more than %d", what, len(list), most)
	}
	for i := 1; i < len(list); i++ {
		if list[i-1] >= list[i] {
			return refuseMember("%s is not in ascending order without repetition", what)
		}
	}
	return nil
}

// isSerialNumber checks "urn:uuid:" and a UUID in lower case, as CycloneDX has it.
func isSerialNumber(s string) bool {
	rest, ok := strings.CutPrefix(s, "urn:uuid:")
	if !ok || len(rest) != 36 {
		return false
	}
	for i := range len(rest) {
		if c := rest[i]; slices.Contains([]int{8, 13, 18, 23}, i) {
			if c != '-' {
				return false
			}
		} else if !isDigit(c) && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// isSpecVersion checks "1.6": two numbers without leading zeros.
func isSpecVersion(s string) bool {
	major, minor, ok := strings.Cut(s, ".")
	number := func(n string) bool {
		return len(n) >= 1 && len(n) <= 3 && all(n, isDigit) && (n == "0" || n[0] != '0')
	}
	return ok && number(major) && number(minor)
}

// isMediaType checks "type/subtype; version=V" in lower case, where V is the
// specification's version.
func isMediaType(s, specVersion string) bool {
	s, ok := strings.CutSuffix(s, "; version="+specVersion)
	kind, sub, found := strings.Cut(s, "/")
	return ok && found && isToken(kind) && isToken(sub)
}

// isToken checks one half of a media type.
func isToken(t string) bool {
	return len(t) >= 1 && len(t) <= 64 && all(t, func(c byte) bool { return isLowerDigitDash(c) || c == '.' || c == '+' })
}

func isDigit(c byte) bool          { return c >= '0' && c <= '9' }
func isLower(c byte) bool          { return c >= 'a' && c <= 'z' }
func isLowerDigitDash(c byte) bool { return isLower(c) || isDigit(c) || c == '-' }
func isAlnum(c byte) bool          { return isLower(c) || isDigit(c) || c >= 'A' && c <= 'Z' }
func isValueByte(c byte) bool      { return isAlnum(c) || strings.IndexByte("._/-", c) >= 0 }

func all(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}

// matches reports whether s has least to most bytes, the first and the rest of
// which are as given.
func matches(s string, least, most int, first, rest func(byte) bool) bool {
	return len(s) >= least && len(s) <= most && first(s[0]) && all(s[1:], rest)
}

func refuseMember(format string, args ...any) *sbom.Refusal {
	return sbom.Refuse("STATEMENT-MEMBER-INVALID", format, args...)
}

// clip cuts text of unverified input to a bounded length.
func clip(s string) string { return sbom.Clip(s, 120) }

package sbom

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// ScanResult is what [Scan] learnt.
type ScanResult struct {
	Findings []Finding // errors and warnings in order of appearance
	Tokens   int       // names, values, opening and closing brackets
	Depth    int       // deepest nesting of arrays and objects
}

// Scan reads raw as one strict JSON text of any kind and keeps nothing of it.
// It returns a refusal, the first error of the findings, if raw is not UTF-8
// JSON (RFC 8259) within the limits, or if two readers could see two documents
// in it: duplicate members, members that differ in case only, lone surrogates,
// numbers out of range. Numbers beyond 2^53 − 1 are a warning.
//
// The work is linear in the length of raw; the memory is bounded by the names
// of the objects open at one time. The codes begin with BOM whatever the
// document is; who scans something else says so around the refusal.
func Scan(raw []byte, l Limits) (ScanResult, *Refusal) {
	l = l.resolved()
	s := &scanner{reader: newReader(raw), limits: l, out: newCollector(l.Findings), lines: newLines(raw)}
	s.run()
	r := ScanResult{Findings: s.out.findings(), Tokens: s.tokens, Depth: s.deepest}
	return r, FirstError(r.Findings)
}

// smallObject is the number of members up to which names are compared one by
// one; beyond it they are looked up in a map.
const smallObject = 16

type scanner struct {
	*reader
	limits  Limits
	out     *collector
	lines   *lines
	tokens  int
	deepest int

	stack []frame
	open  []memberName // of all open objects, outermost first
}

// frame is one open array or object.
type frame struct {
	object bool
	inside bool           // a member name or element has been read
	index  int            // array: of the current element
	first  int            // object: where its names begin in scanner.open
	seen   map[string]int // object with many members: folded name → position in scanner.open
}

type memberName struct {
	name string
	off  int
}

// run scans the document; what it finds is in s.out.
func (s *scanner) run() {
	if len(s.raw) > s.limits.Bytes {
		s.note("BOM-SIZE-LIMIT", SeverityError, "", 0, "the document has %d bytes, more than %d", len(s.raw), s.limits.Bytes)
		return
	}
	if bytes.HasPrefix(s.raw, []byte("\xef\xbb\xbf")) {
		s.note("BOM-UTF8-MARK", SeverityError, "", 1, "the document begins with a byte order mark")
		return
	}
	if len(trimSpace(s.raw)) == 0 {
		s.note("BOM-JSON-EMPTY", SeverityError, "", 0, "the document is empty")
		return
	}
	for first := true; first || len(s.stack) > 0; first = false {
		if !s.step() {
			return
		}
	}
	end := int(s.InputOffset())
	if rest := trimSpace(s.raw[end:]); len(rest) > 0 {
		s.note("BOM-JSON-TRAILING", SeverityError, "", s.lines.at(len(s.raw)-len(rest)),
			"%d bytes follow the end of the document", len(rest))
	}
}

// step reads one token and reports whether the scan goes on.
func (s *scanner) step() bool {
	if s.tokens == s.limits.Tokens {
		s.note("BOM-TOKENS-LIMIT", SeverityError, "", s.lines.at(int(s.InputOffset())),
			"the document has more than %d JSON tokens", s.limits.Tokens)
		return false
	}
	s.tokens++
	top := s.top()
	switch kind := s.PeekKind(); kind {
	case '{', '[':
		if top != nil && !top.object {
			top.next()
		}
		if _, err := s.ReadToken(); err != nil {
			return s.syntax(err)
		}
		if len(s.stack) == s.limits.Depth {
			s.note("BOM-DEPTH-LIMIT", SeverityError, s.pointer(), s.lines.at(int(s.InputOffset())-1),
				"the document is nested more than %d levels deep", s.limits.Depth)
			return false
		}
		s.stack = append(s.stack, frame{object: kind == '{', index: -1, first: len(s.open)})
		s.deepest = max(s.deepest, len(s.stack))
		return true
	case '}', ']':
		if _, err := s.ReadToken(); err != nil {
			return s.syntax(err)
		}
		s.open = s.open[:top.first]
		s.stack = s.stack[:len(s.stack)-1]
	default:
		if top != nil && top.object && !top.inside {
			return s.name(top)
		}
		if top != nil && !top.object {
			top.next()
		}
		v, err := s.ReadValue()
		if err != nil {
			return s.syntax(err)
		}
		if kind == '0' {
			s.number(v)
		}
	}
	if top = s.top(); top != nil && top.object {
		top.inside = false
	}
	return true
}

// next moves an array's frame to the element that follows.
func (f *frame) next() { f.index, f.inside = f.index+1, true }

// name reads a member name and compares it with those before it.
func (s *scanner) name(top *frame) bool {
	name, off, err := s.text()
	if err != nil {
		return s.syntax(err)
	}
	top.inside = true
	s.open = append(s.open, memberName{name, off})
	mine := s.open[top.first : len(s.open)-1]
	if len(mine) < smallObject {
		for _, m := range mine {
			if strings.EqualFold(m.name, name) {
				s.clash(m, name, off)
				break
			}
		}
		return true
	}
	if top.seen == nil {
		top.seen = make(map[string]int, 2*smallObject)
		for i, m := range mine {
			top.seen[fold(m.name)] = top.first + i
		}
	}
	key := fold(name)
	if i, ok := top.seen[key]; ok {
		s.clash(s.open[i], name, off)
	} else {
		top.seen[key] = len(s.open) - 1
	}
	return true
}

// clash reports a member whose name equals, or differs in case only from, that
// of an earlier member of the same object.
func (s *scanner) clash(earlier memberName, name string, off int) {
	code, what := "BOM-MEMBER-CASE", "differs in case only from"
	if earlier.name == name {
		code, what = "BOM-MEMBER-DUPLICATE", "repeats"
	}
	if s.out.wants(code) {
		first := newLines(s.raw).at(earlier.off)
		s.out.add(code, SeverityError, s.pointer(), s.lines.at(off),
			"member %s %s member %s on line %d", quote(name), what, quote(earlier.name), first)
	}
}

// number judges a number literal.
func (s *scanner) number(v jsontext.Value) {
	off := int(s.InputOffset()) - len(v)
	switch {
	case outOfRange(v):
		if s.out.wants("BOM-NUMBER-RANGE") {
			s.out.add("BOM-NUMBER-RANGE", SeverityError, s.pointer(), s.lines.at(off),
				"number %s is too large, too small or too long to be read alike everywhere", quote(string(v)))
		}
	case beyondExact(v):
		if s.out.wants("BOM-NUMBER-PRECISION") {
			s.out.add("BOM-NUMBER-PRECISION", SeverityWarning, s.pointer(), s.lines.at(off),
				"number %s is beyond 2^53 − 1, up to which every reader is exact", quote(string(v)))
		}
	}
}

// outOfRange reports whether a valid JSON number is read by some as infinity or
// as zero, or is too long to be read exactly at a bounded cost: exact arithmetic
// of the schema's validator fails or never ends on exponents like 99999999999,
// even those of zero.
func outOfRange(v []byte) bool {
	if len(v) > maxNumber {
		return true
	}
	at := bytes.IndexAny(v, "eE")
	if at < 0 {
		return false
	}
	if exponent := bytes.TrimLeft(v[at+1:], "+-"); len(exponent) > maxExponent {
		return true
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil || math.IsInf(f, 0) {
		return true
	}
	return f == 0 && bytes.ContainsAny(v[:at], "123456789")
}

// beyondExact reports whether a valid JSON number has a magnitude beyond
// 2^53 − 1 (RFC 7493 §2.2), with or without a fraction or an exponent.
func beyondExact(v []byte) bool {
	if bytes.ContainsAny(v, ".eE") {
		f, err := strconv.ParseFloat(string(v), 64)
		return err == nil && math.Abs(f) > 1<<53-1
	}
	if len(v) < 16 {
		return false
	}
	digits := bytes.TrimPrefix(v, []byte{'-'})
	const most = "9007199254740991"
	return len(digits) > len(most) || len(digits) == len(most) && string(digits) > most
}

// syntax classifies an error of the decoder, always false.
func (s *scanner) syntax(err error) bool {
	off := int(s.InputOffset())
	var syn *jsontext.SyntacticError
	if errors.As(err, &syn) {
		off = int(syn.ByteOffset)
		err = syn.Err
	}
	pointer, line := s.pointer(), s.lines.at(off)
	switch at := s.raw[min(off, len(s.raw)):]; {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		s.note("BOM-JSON-TRUNCATED", SeverityError, pointer, s.lines.at(len(s.raw)), "the document ends before it is complete")
	case loneSurrogate(at):
		s.note("BOM-SURROGATE-LONE", SeverityError, pointer, line, "escape %s is half of a surrogate pair", quote(string(at[:6])))
	case badRune(at):
		s.note("BOM-UTF8-INVALID", SeverityError, pointer, line, "byte %#02x at offset %d is not UTF-8", at[0], off)
	default:
		s.note("BOM-JSON-SYNTAX", SeverityError, pointer, line, "the document is not JSON: %s", clip(err.Error()))
	}
	return false
}

// badRune reports whether b begins with bytes that are not UTF-8.
func badRune(b []byte) bool {
	r, n := utf8.DecodeRune(b)
	return r == utf8.RuneError && n <= 1 && len(b) > 0
}

// loneSurrogate reports whether b begins with the escape of a surrogate.
func loneSurrogate(b []byte) bool {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return false
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return err == nil && n >= 0xd800 && n <= 0xdfff
}

func (s *scanner) note(code string, v Severity, pointer string, line int, format string, args ...any) {
	s.out.note(code, v, pointer, line, format, args...)
}

func (s *scanner) top() *frame {
	if len(s.stack) == 0 {
		return nil
	}
	return &s.stack[len(s.stack)-1]
}

// pointer returns the JSON Pointer of the value being read, or of its nearest
// ancestor whose pointer is not too long.
func (s *scanner) pointer() string {
	var p []byte
	for i, f := range s.stack {
		if !f.inside {
			break
		}
		ok := false
		if f.object {
			last := len(s.open)
			if i+1 < len(s.stack) {
				last = s.stack[i+1].first
			}
			p, ok = appendName(p, s.open[last-1].name)
		} else {
			p, ok = appendIndex(p, f.index)
		}
		if !ok {
			break
		}
	}
	return string(p)
}

// clip cuts a text to a bounded length.
func clip(s string) string { return Clip(s, 160) }

// trimSpace cuts the white space of JSON from both ends.
func trimSpace(b []byte) []byte { return bytes.Trim(b, " \t\r\n") }

// fold returns the same key for all names that differ in case only, by the
// simple folding of Unicode, as readers that ignore case do.
func fold(s string) string {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return strings.Map(foldRune, s)
		}
	}
	return s
}

// foldRune returns one and the same rune for all that differ in case only: the
// ASCII lower-case letter if there is one, else the smallest.
func foldRune(r rune) rune {
	least := r
	for c := unicode.SimpleFold(r); c != r; c = unicode.SimpleFold(c) {
		least = min(least, c)
	}
	if 'A' <= least && least <= 'Z' {
		least += 'a' - 'A'
	}
	return least
}

package sbom

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Refusal reports why bytes, a statement or a state change is refused. Its code
// is stable: programs branch on it, and server/problem holds its cause and
// remedy in English and Japanese. Text may quote unverified input.
type Refusal struct {
	code    string
	Text    string // one sentence, lower case, no full stop
	Pointer string // JSON Pointer (RFC 6901) into the raw bytes, "" for the whole document
	Line    int    // one-based line of Pointer, 0 if not known
	Err     error  // what caused it, may be nil
}

// Refuse returns a Refusal with the code and a formatted text. An error given
// for a %w verb is kept for [errors.Is] and [errors.As].
func Refuse(code, format string, args ...any) *Refusal {
	err := fmt.Errorf(format, args...)
	r := &Refusal{code: code, Text: err.Error()}
	if u, ok := err.(interface{ Unwrap() error }); ok {
		r.Err = u.Unwrap()
	}
	return r
}

// At returns a copy of the refusal that points at a place in the document.
func (r *Refusal) At(pointer string, line int) *Refusal {
	c := *r
	c.Pointer, c.Line = pointer, line
	return &c
}

// Code returns the stable code, AREA-WORD-WORD.
func (r *Refusal) Code() string { return r.code }

// Place returns the pointer and line, "" and 0 where they are not known.
func (r *Refusal) Place() (pointer string, line int) { return r.Pointer, r.Line }

// Error returns the text and, where known, the place it speaks of, which a text
// that ends in the error of another refusal may say already.
func (r *Refusal) Error() string {
	place := ""
	switch {
	case r.Pointer != "" && r.Line > 0:
		place = fmt.Sprintf(" (%s, line %d)", r.Pointer, r.Line)
	case r.Pointer != "":
		place = fmt.Sprintf(" (%s)", r.Pointer)
	case r.Line > 0:
		place = fmt.Sprintf(" (line %d)", r.Line)
	}
	return strings.TrimSuffix(r.Text, place) + place
}

// Unwrap returns the cause, or nil.
func (r *Refusal) Unwrap() error { return r.Err }

// Clip returns text of unverified input, cut to at most that many bytes.
func Clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// Quote returns text of unverified input in ASCII quotes, cut to at most that
// many bytes.
func Quote(s string, most int) string {
	if len(s) <= most {
		return strconv.QuoteToASCII(s)
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return strconv.QuoteToASCII(s[:cut]) + "…"
}

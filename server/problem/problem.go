// Package problem is the one table of everything that can be refused: for each
// stable code its HTTP status, its exit code, its severity, and its cause and
// remedy in English and Japanese. A test holds the table against the code: each
// literal has a row, each row is used.
//
// The table speaks in two ways. [New] and [Document] make of a code and the
// text of one occurrence an RFC 9457 problem document, which [Parse] reads back
// strictly on the client's side. [Print] writes the cause line and the hint
// line that the command line shows. Both take the text of an occurrence as
// something an adversary may have written: it never reaches a terminal with
// control characters in it.
//
// Rows live in one file an area, rows_<area>.go, and are listed in table.go.
package problem

import (
	"errors"
	"strings"
)

// Severity tells what a finding with this code does.
type Severity string

// The severities, gravest first.
const (
	SeverityError   Severity = "error"   // refuses the document, statement or answer
	SeverityWarning Severity = "warning" // admitted; somebody should look
	SeverityNote    Severity = "note"    // admitted; said for the record
)

// valid reports whether s is one of the severities.
func (s Severity) valid() bool {
	return s == SeverityError || s == SeverityWarning || s == SeverityNote
}

// Language selects one of the two languages that every row is written in.
type Language string

// The languages of the table.
const (
	English  Language = "en"
	Japanese Language = "ja"
)

// LanguageOf returns the language that a locale name ("ja_JP.UTF-8"), a
// language tag ("ja-JP") or a bare code asks for: Japanese if its language is
// ja, else English.
func LanguageOf(locale string) Language {
	word := locale
	if i := strings.IndexAny(locale, "_-.@"); i >= 0 {
		word = locale[:i]
	}
	if strings.EqualFold(word, string(Japanese)) {
		return Japanese
	}
	return English
}

// Text is one sentence in both languages.
type Text struct {
	EN string `json:"en"`
	JA string `json:"ja"`
}

// In returns the sentence in the language, English for any other.
func (t Text) In(l Language) string {
	if l == Japanese {
		return t.JA
	}
	return t.EN
}

// Row is what there is to say about one code.
type Row struct {
	Code     string   // AREA-WORD-WORD, never renamed, never reused
	Status   int      // HTTP status, 0 if it never travels over HTTP
	Exit     int      // exit code of the command line
	Severity Severity // what it does
	Cause    Text     // what happened, one sentence
	Remedy   Text     // the one action that mends it
}

// Code returns the stable code that err or an error it wraps carries, and ""
// if there is none. A refusal is any error with a method Code() string.
func Code(err error) string {
	var coded interface{ Code() string }
	if errors.As(err, &coded) {
		return coded.Code()
	}
	return ""
}

// ValidCode reports whether s has the grammar of a code: three words of capital
// letters and digits joined by hyphens, the first of them an area.
func ValidCode(s string) bool {
	area, rest, ok := strings.Cut(s, "-")
	if !ok || !areas[area] {
		return false
	}
	word, last, ok := strings.Cut(rest, "-")
	return ok && validWord(word) && validWord(last)
}

// areas are the first words of codes.
var areas = map[string]bool{
	"BOM": true, "ENVELOPE": true, "STATEMENT": true, "STATE": true, "KEY": true,
	"LOG": true, "STORE": true, "CLIENT": true, "AUDIT": true, "TRUST": true,
	"BUNDLE": true, "POLICY": true, "ORIGIN": true, "VERDICT": true,
	"SERVER": true, "CLI": true, "LIST": true, "DIFF": true, "OPENING": true, "DECISION": true, "WITNESS": true,
	"MIRROR": true,
}

func validWord(s string) bool {
	for i := range len(s) {
		if (s[i] < 'A' || s[i] > 'Z') && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return s != ""
}

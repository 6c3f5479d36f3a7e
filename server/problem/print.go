package problem

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// Occurrence is one thing that went wrong, as the command line shows it.
type Occurrence struct {
	Code    string // AREA-WORD-WORD; without a row of ours Cause and Remedy of Document are shown
	Detail  string // what happened this time, may quote hostile input
	Pointer string // JSON Pointer, "" for the whole document
	Line    int    // one-based line of Pointer, 0 if not known

	Document *Document // the server's answer where the problem came from one, else nil
}

// OccurrenceOf returns the occurrence of an error: its code, its text, its
// place if it has a method Place() (pointer string, line int), and the
// server's document if the error is one.
func OccurrenceOf(err error) Occurrence {
	o := Occurrence{Code: Code(err), Detail: err.Error()}
	if d, ok := asType[*Document](err); ok {
		o.Document, o.Code, o.Detail, o.Pointer, o.Line = d, d.Code, d.Detail, d.Pointer, d.Line
		return o
	}
	if p, ok := asType[interface{ Place() (string, int) }](err); ok {
		o.Pointer, o.Line = p.Place()
	}
	return o
}

// Print writes the occurrence in the language: a cause line with the code, a
// line with what happened this time if that says more, and a hint line with the
// one action that mends it.
//
//	error: The blob is lost or damaged. [STORE-BLOB-LOST]
//	       reading blob sha256:9f…: digest differs
//	hint:  Submit the same bytes again, …
//
// An occurrence whose code nobody knows has neither cause nor hint: its detail
// is the cause line. Control, format and line-breaking characters are shown
// escaped, so that no input can write to the terminal.
func Print(w io.Writer, l Language, o Occurrence) error {
	row, known := Lookup(o.Code)
	if !known && o.Document != nil {
		row = Row{Code: o.Document.Code, Severity: o.Document.Severity, Cause: o.Document.Cause, Remedy: o.Document.Remedy}
		known = true
	}
	detail := plain(located(cut(o.Detail), o.Pointer, o.Line))
	var b strings.Builder
	if !known {
		b.WriteString("error: " + detail)
		if o.Code != "" {
			b.WriteString(" [" + plain(o.Code) + "]")
		}
		b.WriteByte('\n')
	} else {
		head := string(row.Severity) + ": "
		fmt.Fprintf(&b, "%s%s [%s]\n", head, plain(row.Cause.In(l)), row.Code)
		if detail != "" {
			fmt.Fprintf(&b, "%*s%s\n", len(head), "", detail)
		}
		fmt.Fprintf(&b, "%-*s%s\n", len(head), "hint:", plain(row.Remedy.In(l)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// place renders a pointer and a line as a suffix, "" if neither is known.
func place(pointer string, line int) string {
	switch {
	case pointer != "" && line > 0:
		return fmt.Sprintf(" (%s, line %d)", pointer, line)
	case pointer != "":
		return fmt.Sprintf(" (%s)", pointer)
	case line > 0:
		return fmt.Sprintf(" (line %d)", line)
	}
	return ""
}

// located returns the text with its place behind it, once: a refusal's own text
// may end in it already.
func located(text, pointer string, line int) string {
	at := place(pointer, line)
	return strings.TrimSuffix(text, at) + at
}

// plain returns s with every rune that is not printable escaped: control
// characters (a terminal obeys them), format characters (they reorder text) and
// line ends (they would make a line that we did not write).
func plain(s string) string {
	clean := true
	for _, r := range s {
		if !shown(r) {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case shown(r):
			b.WriteRune(r)
		case r == '\n' || r == '\r' || r == '\t':
			b.WriteByte(' ')
		default:
			fmt.Fprintf(&b, "\\u{%x}", r)
		}
	}
	return b.String()
}

func shown(r rune) bool {
	return unicode.IsPrint(r) && r != unicode.ReplacementChar || r == '\u3000'
}

func asType[T any](err error) (T, bool) {
	var target T
	ok := errors.As(err, &target)
	return target, ok
}

package sbom

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// Severity tells what a finding does to the document.
type Severity string

// The severities, gravest first.
const (
	SeverityError   Severity = "error"   // the document is not admitted
	SeverityWarning Severity = "warning" // admitted; somebody should look
	SeverityNote    Severity = "note"    // admitted; said for the record
)

// Finding is one thing to say about a document. Its JSON form is published as
// an element of the findings of `yurai bom lint -f json`.
type Finding struct {
	Code     string   `json:"code"`     // stable, AREA-WORD-WORD
	Severity Severity `json:"severity"` // the same for every finding of a code
	Pointer  string   `json:"pointer"`  // JSON Pointer into the raw bytes, "" for the whole document
	Line     int      `json:"line"`     // one-based, 0 if not known
	Text     string   `json:"text"`     // one sentence, bounded; may quote unverified input
	Remedy   string   `json:"remedy"`   // empty here: who shows the finding takes it from the table of problems
}

// Refusal returns the finding as an error with its code and place.
func (f Finding) Refusal() *Refusal {
	return Refuse(f.Code, "%s", f.Text).At(f.Pointer, f.Line)
}

// FirstError returns the first finding that is an error as a refusal, or nil if
// the findings hold none.
func FirstError(findings []Finding) *Refusal {
	for _, f := range findings {
		if f.Severity == SeverityError {
			return f.Refusal()
		}
	}
	return nil
}

// collector gathers findings, at most limit of each code, and counts the rest.
type collector struct {
	limit int
	list  []Finding
	count map[string]int
}

func newCollector(limit int) *collector {
	return &collector{limit: limit, count: make(map[string]int)}
}

// wants counts a finding with the code and reports whether it will be kept, so
// that the caller builds text and pointer only for what is shown.
func (c *collector) wants(code string) bool {
	c.count[code]++
	return c.count[code] <= c.limit
}

// add keeps a finding for which wants was true.
func (c *collector) add(code string, s Severity, pointer string, line int, format string, args ...any) {
	c.list = append(c.list, Finding{Code: code, Severity: s, Pointer: pointer, Line: line, Text: fmt.Sprintf(format, args...)})
}

// note counts and keeps a finding.
func (c *collector) note(code string, s Severity, pointer string, line int, format string, args ...any) {
	if c.wants(code) {
		c.add(code, s, pointer, line, format, args...)
	}
}

// findings returns what was kept and, for each code of which more was found, a
// note with the number left out.
func (c *collector) findings() []Finding {
	list := c.list
	told := make(map[string]bool)
	for _, f := range c.list {
		if more := c.count[f.Code] - c.limit; more > 0 && !told[f.Code] {
			told[f.Code] = true
			list = append(list, Finding{
				Code: "BOM-FINDINGS-MORE", Severity: SeverityNote,
				Text: fmt.Sprintf("at least %d more findings with code %s are not shown", more, f.Code),
			})
		}
	}
	return list
}

// quote returns s quoted in ASCII and cut to a bounded length.
func quote(s string) string { return Quote(s, maxQuote) }

// lines answers which line an offset is on. Ascending offsets cost one pass
// over the bytes in all.
type lines struct {
	raw  []byte
	off  int
	line int
}

func newLines(raw []byte) *lines { return &lines{raw: raw, line: 1} }

func (l *lines) at(off int) int {
	off = min(max(off, 0), len(l.raw))
	if off < l.off {
		l.off, l.line = 0, 1
	}
	l.line += bytes.Count(l.raw[l.off:off], []byte{'\n'})
	l.off = off
	return l.line
}

// pointerEscaper writes a member name as a reference token of RFC 6901.
var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")

// appendName appends the member name to a JSON Pointer. It reports false, and
// leaves the pointer as it was, where the result would be too long.
func appendName(p []byte, name string) ([]byte, bool) {
	if len(p)+len(name)+1 > maxPointer {
		return p, false
	}
	return append(append(p, '/'), pointerEscaper.Replace(name)...), true
}

// appendIndex is appendName for an element of an array.
func appendIndex(p []byte, index int) ([]byte, bool) {
	if len(p)+21 > maxPointer {
		return p, false
	}
	return strconv.AppendInt(append(p, '/'), int64(index), 10), true
}

package problem

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// MediaType is the media type of a [Document] (RFC 9457 §3).
const MediaType = "application/problem+json"

// Format names the shape of a [Document]; another number is refused.
const Format = "yurai-problem/1"

// MaxDocument is the most bytes that [Parse] reads.
const MaxDocument = 64 << 10

// typePrefix and a code are the document's type (RFC 9457 §3.1.1).
const typePrefix = "https://github.com/yurai-ledger/yurai/problem/"

// maxDetail bounds the text of one occurrence, in bytes.
const maxDetail = 4 << 10

// Document is an RFC 9457 problem document. Type, Title, Status and Detail are
// the standard's; the other members are extensions. A client that has no row
// for the code, because the server is newer, still shows cause and remedy.
// Every field of a parsed document is the server's word: show it, never trust it.
type Document struct {
	Type     string   `json:"type"`              // URI made of the code
	Title    string   `json:"title"`             // the cause in English, the same for each occurrence
	Status   int      `json:"status"`            // HTTP status, 400 to 599
	Detail   string   `json:"detail,omitempty"`  // what happened this time, may quote the request
	Format   string   `json:"format"`            // [Format]
	Code     string   `json:"code"`              // AREA-WORD-WORD
	Severity Severity `json:"severity"`          // what it does
	Pointer  string   `json:"pointer,omitempty"` // JSON Pointer into what was sent, "" for all of it
	Line     int      `json:"line,omitzero"  `   // one-based line of Pointer, 0 if not known
	Cause    Text     `json:"cause"`             // one sentence in both languages
	Remedy   Text     `json:"remedy"`            // one action in both languages
}

// New returns the document for one occurrence of a code. It fails if the code
// has no row or its row no HTTP status: such a code does not travel over HTTP.
// Detail is cut at 4 KiB and made valid UTF-8.
func New(code, detail string) (*Document, error) {
	row, ok := Lookup(code)
	if !ok {
		return nil, fmt.Errorf("code %q has no row", code)
	}
	if row.Status == 0 {
		return nil, fmt.Errorf("code %s has no http status", code)
	}
	return &Document{
		Type: typePrefix + code, Title: row.Cause.EN, Status: row.Status, Detail: cut(detail),
		Format: Format, Code: code, Severity: row.Severity, Cause: row.Cause, Remedy: row.Remedy,
	}, nil
}

// From returns the document for an error that carries a code, its text as the
// detail. An error with a method Place() (pointer string, line int) also gives
// the place. It fails as [New] does, and for an error without a code.
func From(err error) (*Document, error) {
	d, failed := New(Code(err), err.Error())
	if failed != nil {
		return nil, failed
	}
	var placed interface{ Place() (string, int) }
	if errors.As(err, &placed) {
		d.Pointer, d.Line = placed.Place()
		d.Pointer = cut(d.Pointer)
	}
	return d, nil
}

// Marshal returns the document as JSON with a line end.
func (d *Document) Marshal() ([]byte, error) {
	raw, err := json.Marshal(d, jsontext.EscapeForHTML(true))
	if err != nil {
		return nil, fmt.Errorf("encoding problem document: %w", err)
	}
	return append(raw, '\n'), nil
}

// Parse reads a problem document as [Document.Marshal] writes it: strict JSON,
// no unknown or duplicate member, at most [MaxDocument] bytes, an error status,
// a code that is one, and a type that belongs to it. The document is nil
// whenever the error is not.
func Parse(raw []byte) (*Document, error) {
	if len(raw) > MaxDocument {
		return nil, fmt.Errorf("problem document of %d bytes, at most %d are read", len(raw), MaxDocument)
	}
	var head struct {
		Format string `json:"format"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, fmt.Errorf("reading problem document: %w", err)
	}
	if head.Format != Format {
		return nil, fmt.Errorf("problem document of format %q, this program reads %s", cut(head.Format), Format)
	}
	d := new(Document)
	if err := json.Unmarshal(raw, d, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("reading problem document: %w", err)
	}
	switch {
	case !ValidCode(d.Code):
		return nil, fmt.Errorf("problem document with code %q", cut(d.Code))
	case d.Type != typePrefix+d.Code:
		return nil, fmt.Errorf("problem document of type %q with code %s", cut(d.Type), d.Code)
	case d.Status < 400 || d.Status > 599:
		return nil, fmt.Errorf("problem document with status %d", d.Status)
	case !d.Severity.valid():
		return nil, fmt.Errorf("problem document with severity %q", cut(string(d.Severity)))
	case d.Line < 0:
		return nil, fmt.Errorf("problem document with line %d", d.Line)
	case d.Pointer != "" && d.Pointer[0] != '/':
		return nil, fmt.Errorf("problem document with pointer %q", cut(d.Pointer))
	case d.Title == "" || d.Cause.EN == "" || d.Cause.JA == "" || d.Remedy.EN == "" || d.Remedy.JA == "":
		return nil, errors.New("problem document without cause or remedy")
	case d.Title != d.Cause.EN:
		return nil, errors.New("problem document whose title is not its cause")
	}
	return d, nil
}

// Error returns detail, place and code, as the error of a client's call.
func (d *Document) Error() string {
	text := d.Detail
	if text == "" {
		text = d.Title
	}
	return plain(located(text, d.Pointer, d.Line)) + " (" + plain(d.Code) + ")"
}

// Exit returns the exit code of the command line: this program's row decides;
// without one the status does, 4 for a busy or failing server and 3 otherwise.
func (d *Document) Exit() int {
	if row, ok := Lookup(d.Code); ok {
		return row.Exit
	}
	if d.Status == 429 || d.Status >= 500 {
		return 4
	}
	return 3
}

// cut returns s as valid UTF-8 of at most maxDetail bytes.
func cut(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= maxDetail {
		return s
	}
	end := maxDetail - len("…")
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

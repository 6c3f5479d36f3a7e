package list

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
)

// Columns returns the columns of plain CSV, in any order, of which only name is
// needed: id (scheme:value), name, aliases (with ; between), country, from and
// until (YYYY-MM-DD, first and last day), source, note.
func Columns() []string {
	return []string{"id", "name", "aliases", "country", "from", "until", "source", "note"}
}

// screening are columns by which the CSV of the US Consolidated Screening List
// is known, and from which it is read.
var screening = []string{"source", "name", "addresses", "start_date", "end_date", "remarks", "source_list_url", "alt_names"}

// refuse returns a refusal that names a line of the list.
func refuse(code string, line int, format string, args ...any) error {
	return sbom.Refuse(code, format, args...).At("", line)
}

func quote(s string) string { return sbom.Quote(s, 80) }

// Parse reads a list of at most 64 MiB. A refusal has the line: LIST-SIZE-EXCEEDED,
// LIST-CSV-INVALID, LIST-COLUMN-UNKNOWN, LIST-COLUMN-MISSING, LIST-NAME-INVALID,
// LIST-ID-INVALID, LIST-DATE-INVALID, LIST-ROWS-ABSENT. A list without rows is
// refused: it would clear everybody.
func Parse(raw []byte) (*List, error) {
	if len(raw) > maxBytes {
		return nil, refuse("LIST-SIZE-EXCEEDED", 0, "the list has %d bytes, more than %d", len(raw), maxBytes)
	}
	text := bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(text) {
		return nil, refuse("LIST-CSV-INVALID", 0, "the list is not UTF-8")
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.ReuseRecord = true
	head, err := r.Read()
	if err != nil {
		return nil, unreadable(err)
	}
	columns := make(map[string]int, len(head))
	for i, name := range head {
		if _, twice := columns[name]; twice {
			return nil, refuse("LIST-COLUMN-UNKNOWN", 1, "the column %s stands twice", quote(name))
		}
		columns[name] = i
	}
	l := &List{Form: "csv"}
	read := plainRow
	if has(columns, "source", "name", "source_list_url") {
		l.Form, read = "csl", screeningRow
		for _, name := range screening {
			if !has(columns, name) {
				return nil, refuse("LIST-COLUMN-MISSING", 1, "a consolidated screening list has a column %s", name)
			}
		}
	} else {
		for name := range columns {
			if !slices.Contains(Columns(), name) {
				return nil, refuse("LIST-COLUMN-UNKNOWN", 1, "the column %s is none of %s", quote(name), strings.Join(Columns(), ", "))
			}
		}
		if !has(columns, "name") {
			return nil, refuse("LIST-COLUMN-MISSING", 1, "the list has no column name")
		}
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, unreadable(err)
		}
		line, _ := r.FieldPos(0)
		for _, field := range record {
			if len(field) > maxField {
				return nil, refuse("LIST-SIZE-EXCEEDED", line, "a field has %d bytes, more than %d", len(field), maxField)
			}
		}
		if len(l.Rows) == maxRows {
			return nil, refuse("LIST-SIZE-EXCEEDED", line, "the list has more than %d rows", maxRows)
		}
		row, err := read(columns, record, line)
		if err != nil {
			return nil, err
		}
		l.Rows = append(l.Rows, row)
	}
	if len(l.Rows) == 0 {
		return nil, refuse("LIST-ROWS-ABSENT", 0, "the list has no rows, and would clear everybody")
	}
	if err := l.index(raw); err != nil {
		return nil, err
	}
	return l, nil
}

func has(columns map[string]int, names ...string) bool {
	for _, name := range names {
		if _, ok := columns[name]; !ok {
			return false
		}
	}
	return true
}

func unreadable(err error) error {
	var p *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return refuse("LIST-CSV-INVALID", 0, "the list is empty")
	case errors.As(err, &p):
		return refuse("LIST-CSV-INVALID", p.Line, "the list is not CSV: %w", p.Err)
	}
	return refuse("LIST-CSV-INVALID", 0, "the list is not CSV: %w", err)
}

// field returns a column of a record without white space around it, "" if the
// list has no such column. The string shares no memory with the record's line.
func field(columns map[string]int, record []string, name string) string {
	i, ok := columns[name]
	if !ok {
		return ""
	}
	return strings.Clone(strings.TrimSpace(record[i]))
}

func plainRow(columns map[string]int, record []string, line int) (Row, error) {
	get := func(name string) string { return field(columns, record, name) }
	row := Row{Line: line, ID: get("id"), Name: get("name"), Country: get("country"), Source: get("source"), Note: get("note")}
	if row.ID != "" && !origin.ValidParty(row.ID) {
		return Row{}, refuse("LIST-ID-INVALID", line, "%s is no party id, scheme:value", quote(row.ID))
	}
	var err error
	if row.Aliases, err = aliases(get("aliases"), line); err != nil {
		return Row{}, err
	}
	return row, days(&row, get("from"), get("until"))
}

func screeningRow(columns map[string]int, record []string, line int) (Row, error) {
	get := func(name string) string { return field(columns, record, name) }
	row := Row{Line: line, Name: get("name"), Source: get("source"), Note: get("remarks")}
	var err error
	if row.Aliases, err = aliases(get("alt_names"), line); err != nil {
		return Row{}, err
	}
	// An address ends with the country's code.
	for address := range strings.SplitSeq(get("addresses"), ";") {
		last := strings.TrimSpace(address[strings.LastIndexByte(address, ',')+1:])
		if origin.Assigned(last) && !strings.Contains(row.Country, last) {
			row.Country = strings.TrimPrefix(row.Country+" "+last, " ")
		}
	}
	return row, days(&row, get("start_date"), get("end_date"))
}

func aliases(text string, line int) ([]string, error) {
	var list []string
	for name := range strings.SplitSeq(text, ";") {
		if name = strings.TrimSpace(name); name != "" {
			list = append(list, name)
		}
	}
	if len(list) > maxAliases {
		return nil, refuse("LIST-SIZE-EXCEEDED", line, "a row has %d aliases, more than %d", len(list), maxAliases)
	}
	return list, nil
}

func days(row *Row, from, until string) error {
	for _, d := range []struct {
		text string
		to   *time.Time
	}{{from, &row.From}, {until, &row.Until}} {
		if d.text == "" {
			continue
		}
		t, err := time.Parse(time.DateOnly, d.text)
		if err != nil {
			return refuse("LIST-DATE-INVALID", row.Line, "%s is no day like 2026-11-22", quote(d.text))
		}
		*d.to = t
	}
	if !row.From.IsZero() && !row.Until.IsZero() && row.Until.Before(row.From) {
		return refuse("LIST-DATE-INVALID", row.Line, "the row ends on %s, before it begins", until)
	}
	return nil
}

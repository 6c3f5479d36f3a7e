package sbom

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// reader reads a document token by token. [Scan] judges what it finds; whoever
// reads after it meets no error that is not a broken invariant of ours.
type reader struct {
	*jsontext.Decoder
	raw   []byte
	names map[string]string // short texts, shared
}

func newReader(raw []byte) *reader {
	return &reader{
		Decoder: jsontext.NewDecoder(bytes.NewBuffer(raw), jsontext.AllowDuplicateNames(true)),
		raw:     raw,
		names:   make(map[string]string),
	}
}

// text reads a string or a member name and returns it with its offset. Short
// texts are shared.
func (r *reader) text() (string, int, error) {
	v, err := r.ReadValue()
	if err != nil {
		return "", 0, err
	}
	off := int(r.InputOffset()) - len(v)
	body := v[1 : len(v)-1]
	if bytes.IndexByte(body, '\\') >= 0 {
		unquoted, err := jsontext.AppendUnquote(nil, v)
		return string(unquoted), off, err
	}
	if len(body) > 64 {
		return string(body), off, nil
	}
	if known, ok := r.names[string(body)]; ok {
		return known, off, nil
	}
	s := string(body)
	if len(r.names) < 4096 {
		r.names[s] = s
	}
	return s, off, nil
}

// offset returns where the value that comes next begins.
func (r *reader) offset() int {
	off := int(r.InputOffset())
	for off < len(r.raw) {
		switch r.raw[off] {
		case ' ', '\t', '\r', '\n', ',', ':':
			off++
		default:
			return off
		}
	}
	return off
}

// tree reads the value that comes next into maps, slices, strings, booleans,
// nil and [json.Number].
func (r *reader) tree() (any, error) {
	switch r.PeekKind() {
	case '{':
		if _, err := r.ReadToken(); err != nil {
			return nil, err
		}
		members := make(map[string]any)
		for r.PeekKind() != '}' {
			name, _, err := r.text()
			if err != nil {
				return nil, err
			}
			if members[name], err = r.tree(); err != nil {
				return nil, err
			}
		}
		_, err := r.ReadToken()
		return members, err
	case '[':
		if _, err := r.ReadToken(); err != nil {
			return nil, err
		}
		elements := []any{}
		for r.PeekKind() != ']' {
			element, err := r.tree()
			if err != nil {
				return nil, err
			}
			elements = append(elements, element)
		}
		_, err := r.ReadToken()
		return slices.Clip(elements), err
	case '"':
		s, _, err := r.text()
		return s, err
	case '0':
		v, err := r.ReadValue()
		return json.Number(v), err
	}
	t, err := r.ReadToken()
	switch t.Kind() {
	case 't':
		return true, err
	case 'f':
		return false, err
	}
	return nil, err
}

// spot is a place that [locate] looks for.
type spot struct {
	below map[string]*spot
	name  int // offset of the member name, or of the value if there is none
	value int // offset of the value
}

// reach returns the spot at a path below s and makes it if there is none.
func (s *spot) reach(path []string) *spot {
	for _, step := range path {
		next := s.below[step]
		if next == nil {
			next = &spot{}
			if s.below == nil {
				s.below = make(map[string]*spot)
			}
			s.below[step] = next
		}
		s = next
	}
	return s
}

// locate fills the offsets of the spot at the root and of those below it, in
// one pass over the document that skips every value in which there is none.
func locate(raw []byte, root *spot) error { return newReader(raw).locate(root, -1) }

func (r *reader) locate(s *spot, name int) error {
	s.value = r.offset()
	s.name = name
	if name < 0 {
		s.name = s.value
	}
	kind := r.PeekKind()
	if len(s.below) == 0 || kind != '{' && kind != '[' {
		return r.SkipValue()
	}
	if _, err := r.ReadToken(); err != nil {
		return err
	}
	for i := 0; r.PeekKind() != '}' && r.PeekKind() != ']'; i++ {
		step, at := "", -1
		if kind == '{' {
			var err error
			if step, at, err = r.text(); err != nil {
				return err
			}
		} else {
			step = strconv.Itoa(i)
		}
		var err error
		if next := s.below[step]; next != nil {
			err = r.locate(next, at)
		} else {
			err = r.SkipValue()
		}
		if err != nil {
			return err
		}
	}
	_, err := r.ReadToken()
	return err
}

// pointersAt returns the JSON Pointers of the values that begin at the offsets,
// which ascend, in one pass that ends with the last.
func pointersAt(raw []byte, offs []int) ([]string, error) {
	f := finder{reader: newReader(raw), offs: offs}
	err := f.value()
	return f.found, err
}

type finder struct {
	*reader
	offs  []int
	found []string
	path  []byte
}

func (f *finder) value() error {
	if len(f.found) == len(f.offs) {
		return nil
	}
	if f.offset() == f.offs[len(f.found)] {
		f.found = append(f.found, string(f.path))
	}
	kind := f.PeekKind()
	if kind != '{' && kind != '[' {
		return f.SkipValue()
	}
	if _, err := f.ReadToken(); err != nil {
		return err
	}
	above := len(f.path)
	for i := 0; f.PeekKind() != '}' && f.PeekKind() != ']'; i++ {
		if kind == '[' {
			f.path, _ = appendIndex(f.path, i)
		} else {
			name, _, err := f.text()
			if err != nil {
				return err
			}
			f.path, _ = appendName(f.path, name)
		}
		if err := f.value(); err != nil || len(f.found) == len(f.offs) {
			return err
		}
		f.path = f.path[:above]
	}
	_, err := f.ReadToken()
	return err
}

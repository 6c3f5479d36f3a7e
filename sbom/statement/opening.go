package statement

import (
	"errors"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/yurai-ledger/yurai/sbom"
)

// OpeningFormat is the "format" member of a file of openings.
const OpeningFormat = "yurai-opening/1"

// MaxOpenings bounds a file of openings, in bytes.
const MaxOpenings = 1 << 20

// Opening is what turns one commitment back into its value.
type Opening struct {
	Pointer string `json:"pointer"` // JSON Pointer into the predicate, without U+0000
	Salt    Salt   `json:"salt"`
	Value   string `json:"value"`
}

// Openings are what opens fields of one entry. The entry is named by its leaf
// hash, by its position, or by both; then both have to fit.
type Openings struct {
	Kind     Kind
	Leaf     Digest    // leaf hash of the entry, zero if it is named by position
	Position *Position // nil if it is named by leaf hash
	List     []Opening
}

type openingFile struct {
	Format   string    `json:"format"`
	Kind     Kind      `json:"kind"`
	Leaf     Digest    `json:"leaf,omitzero"`
	Position *Position `json:"position,omitzero"`
	Openings []Opening `json:"openings"`
}

// Marshal returns the bytes of the file, which [ParseOpenings] reads. It refuses
// as that does.
func (o *Openings) Marshal() ([]byte, error) {
	f := openingFile{OpeningFormat, o.Kind, o.Leaf, o.Position, o.List}
	if r := f.check(); r != nil {
		return nil, r
	}
	raw, err := json.Marshal(f, plain, jsontext.WithIndent("  "))
	return append(raw, '\n'), err
}

// ParseOpenings reads a file of openings: strict JSON, no unknown member, each
// pointer once, no salt twice. OPENING-FORMAT-UNKNOWN for another format or a
// newer number, OPENING-FILE-MALFORMED for anything else.
func ParseOpenings(raw []byte) (*Openings, error) {
	if len(raw) > MaxOpenings {
		return nil, refuseOpening("the file has %d bytes, more than %d", len(raw), MaxOpenings)
	}
	if _, r := sbom.Scan(raw, sbom.Limits{Bytes: MaxOpenings, Depth: maxDepth, Findings: 1}); r != nil {
		return nil, refuseOpening("the file is not strict JSON: %w", r).At(r.Pointer, r.Line)
	}
	var head struct {
		Format string `json:"format"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, refuseOpening("the file is no object with a format: %w", err)
	}
	if head.Format != OpeningFormat {
		return nil, sbom.Refuse("OPENING-FORMAT-UNKNOWN", "the file has format %q, this program reads %q", clip(head.Format), OpeningFormat)
	}
	var f openingFile
	if err := json.Unmarshal(raw, &f, strict); err != nil {
		where := new(json.SemanticError)
		if errors.As(err, &where) {
			return nil, refuseOpening("the file of openings: %w", err).At(string(where.JSONPointer), 0)
		}
		return nil, refuseOpening("the file of openings: %w", err)
	}
	if r := f.check(); r != nil {
		return nil, r
	}
	return &Openings{f.Kind, f.Leaf, f.Position, f.Openings}, nil
}

func (f *openingFile) check() *sbom.Refusal {
	switch {
	case newBodyWith(f.Kind) == nil:
		return refuseOpening("statements of kind %q have no commitments", clip(string(f.Kind))).At("/kind", 0)
	case f.Leaf.IsZero() && f.Position == nil:
		return refuseOpening("neither leaf nor position names an entry")
	case len(f.Openings) == 0:
		return refuseOpening("nothing is opened").At("/openings", 0)
	}
	if f.Position != nil {
		if r := f.Position.check(); r != nil {
			return refuseOpening("position: %w", r).At("/position", 0)
		}
	}
	pointers, salts := map[string]bool{}, map[Salt]bool{}
	for _, o := range f.Openings {
		switch {
		case !strings.HasPrefix(o.Pointer, "/") || strings.Contains(o.Pointer, "\x00"):
			return refuseOpening("%q is no pointer to a field", clip(o.Pointer)).At("/openings", 0)
		case pointers[o.Pointer]:
			return refuseOpening("field %s is opened twice", clip(o.Pointer)).At("/openings", 0)
		case salts[o.Salt]:
			return refuseOpening("two fields have one salt").At("/openings", 0)
		}
		pointers[o.Pointer], salts[o.Salt] = true, true
	}
	return nil
}

// newBodyWith returns an empty body of a kind with fields, nil for any other.
func newBodyWith(kind Kind) Body {
	switch kind {
	case KindVerdict, KindDecision, KindProfile:
		return newBody(kind)
	}
	return nil
}

// FieldState is how much is known of a field.
type FieldState string

// The states of a field.
const (
	FieldOpen      FieldState = "open"      // the statement tells it
	FieldOpened    FieldState = "opened"    // the statement commits to it, and an opening fits
	FieldCommitted FieldState = "committed" // the statement commits to it: the value is not known
)

// Opened is one field of a statement.
type Opened struct {
	Pointer string     // into the predicate
	State   FieldState // open, opened or committed
	Value   string     // "" where it is not known
	Commit  Digest     // zero where the statement tells the value
}

// Open returns the fields of a statement that are told or committed to, in the
// order in which they are written. leaf is the leaf hash of its entry and at its
// position, nil if that is not known. Each of openings is for this very entry
// and fits, or all are refused:
//
//	OPENING-ENTRY-OTHER    for another entry or kind, or for a position where none is known
//	OPENING-FIELD-ABSENT   for what is no field, is told, or is opened twice
//	OPENING-VALUE-FALSE    salt and value do not give the commitment
//	OPENING-VALUE-INVALID  they do, but the value breaks the rule of its field
func Open(st *Statement, leaf Digest, at *Position, openings ...*Openings) ([]Opened, error) {
	given := map[string]Opening{}
	for _, o := range openings {
		switch {
		case o.Kind != st.Kind:
			return nil, sbom.Refuse("OPENING-ENTRY-OTHER", "the openings are for a statement of kind %s, not %s", clip(string(o.Kind)), st.Kind)
		case !o.Leaf.IsZero() && o.Leaf != leaf:
			return nil, sbom.Refuse("OPENING-ENTRY-OTHER", "the openings are for leaf %s, not for %s", o.Leaf, leaf)
		case o.Position != nil && (at == nil || *o.Position != *at), o.Leaf.IsZero() && o.Position == nil:
			return nil, sbom.Refuse("OPENING-ENTRY-OTHER", "the openings are for another entry")
		}
		for _, x := range o.List {
			if _, twice := given[x.Pointer]; twice {
				return nil, sbom.Refuse("OPENING-FIELD-ABSENT", "field %s is opened twice", clip(x.Pointer)).At(x.Pointer, 0)
			}
			given[x.Pointer] = x
		}
	}
	var list []Opened
	if b, ok := st.Body.(slotted); ok {
		for _, s := range b.slots() {
			if s.field.IsZero() {
				continue
			}
			o, r := s.open(st.Kind, given)
			if r != nil {
				return nil, r.At(s.pointer, 0)
			}
			list = append(list, o)
		}
	}
	for pointer := range given {
		if !slices.ContainsFunc(list, func(o Opened) bool { return o.Pointer == pointer && o.State == FieldOpened }) {
			return nil, sbom.Refuse("OPENING-FIELD-ABSENT", "the statement does not commit to a field %s", clip(pointer)).At(pointer, 0)
		}
	}
	return list, nil
}

func (s slot) open(kind Kind, given map[string]Opening) (Opened, *sbom.Refusal) {
	if s.field.Commit.IsZero() {
		return Opened{s.pointer, FieldOpen, s.field.Text, Digest{}}, nil
	}
	x, ok := given[s.pointer]
	if !ok {
		return Opened{s.pointer, FieldCommitted, "", s.field.Commit}, nil
	}
	if Commit(kind, s.pointer, x.Salt, x.Value) != s.field.Commit {
		return Opened{}, sbom.Refuse("OPENING-VALUE-FALSE", "salt and value of %s do not give the commitment", s.pointer)
	}
	if r := s.rule(strings.TrimPrefix(s.pointer, "/"), x.Value); r != nil {
		return Opened{}, sbom.Refuse("OPENING-VALUE-INVALID", "%s was committed to with what it cannot say: %w", s.pointer, r)
	}
	return Opened{s.pointer, FieldOpened, x.Value, s.field.Commit}, nil
}

func refuseOpening(format string, args ...any) *sbom.Refusal {
	return sbom.Refuse("OPENING-FILE-MALFORMED", format, args...)
}

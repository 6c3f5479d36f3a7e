package statement

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/yurai-ledger/yurai/sbom"
)

// commitPrefix begins what a commitment hashes.
const commitPrefix = "yurai/commit/1\n"

// Salt keeps whoever guesses a value from knowing that the guess is right. Each
// field has its own: one that two fields share opens the second to guesses as
// soon as the first is opened.
type Salt [16]byte

// NewSalt reads a salt from random, nil for crypto/rand.
func NewSalt(random io.Reader) (Salt, error) {
	if random == nil {
		random = rand.Reader
	}
	var s Salt
	if _, err := io.ReadFull(random, s[:]); err != nil {
		return Salt{}, fmt.Errorf("reading random bytes: %w", err)
	}
	return s, nil
}

// MarshalText returns 32 lower-case hex digits.
func (s Salt) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(s[:])), nil }

// UnmarshalText reads 32 lower-case hex digits.
func (s *Salt) UnmarshalText(text []byte) error {
	raw, err := hex.DecodeString(string(text))
	if err != nil || len(raw) != len(s) || hex.EncodeToString(raw) != string(text) {
		return refuseOpening("salt %q is not 32 lower-case hex digits", clip(string(text)))
	}
	*s = Salt(raw)
	return nil
}

// Commit returns the commitment to the value that a statement of a kind has at a
// JSON Pointer into its predicate:
//
//	SHA-256("yurai/commit/1\n" ‖ kind ‖ 0x00 ‖ pointer ‖ 0x00 ‖ salt ‖ value)
//
// The value is the UTF-8 of the decoded string. The pointer contains no U+0000:
// else two pointers could have one commitment.
func Commit(kind Kind, pointer string, salt Salt, value string) Digest {
	h := sha256.New()
	for _, part := range []string{commitPrefix, string(kind), "\x00", pointer, "\x00", string(salt[:]), value} {
		io.WriteString(h, part) // a hash takes everything
	}
	return Digest(h.Sum(nil))
}

// Field is a string that a statement tells, or only commits to. The zero Field
// is neither: the statement is silent.
type Field struct {
	Text   string
	Commit Digest
}

// IsZero reports whether the statement is silent.
func (f Field) IsZero() bool { return f == Field{} }

// MarshalJSON writes a string, or {"commit": digest}.
func (f Field) MarshalJSON() ([]byte, error) {
	if f.Commit.IsZero() {
		return json.Marshal(f.Text)
	}
	return json.Marshal(committed{f.Commit})
}

// UnmarshalJSON reads a string, or {"commit": digest} and nothing beside it.
func (f *Field) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '"' {
		*f = Field{}
		return json.Unmarshal(raw, &f.Text, strict)
	}
	var c committed
	if err := json.Unmarshal(raw, &c, strict); err != nil {
		return err
	}
	if c.Commit.IsZero() {
		return refuseMember("a field is a string or a commitment")
	}
	*f = Field{Commit: c.Commit}
	return nil
}

type committed struct {
	Commit Digest `json:"commit"`
}

// slot is a member of a body that may be a commitment.
type slot struct {
	pointer string // into the predicate
	field   *Field
	rule    func(what, value string) *sbom.Refusal
	secret  bool // is never told: of people, in a log that forgets nothing
	must    bool // is told or committed to
}

// slotted are the bodies with fields.
type slotted interface {
	Body
	// slots returns the fields in the order in which they are written.
	slots() []slot
}

// checkSlots judges the fields of a body: what is told follows the rule of its
// field. What is only committed to is judged by whoever opens it.
func checkSlots(b slotted) *sbom.Refusal {
	for _, s := range b.slots() {
		name := strings.TrimPrefix(s.pointer, "/")
		switch {
		case s.field.IsZero() && s.must:
			return refuseMember("%s is missing", name).At(s.pointer, 0)
		case s.field.Text == "":
		case !s.field.Commit.IsZero():
			return refuseMember("%s is a commitment and more", name).At(s.pointer, 0)
		case s.secret:
			return sbom.Refuse("STATEMENT-FIELD-OPEN", "%s is about a person, and is committed to, never told", name).At(s.pointer, 0)
		default:
			if r := s.rule(name, s.field.Text); r != nil {
				return r.At(s.pointer, 0)
			}
		}
	}
	return nil
}

// Hide puts commitments in the place of the fields that hides names, and of
// those that are never told, and returns what opens them. Salts are read from
// random, nil for crypto/rand. The body is one of [*Verdict], [*Decision] and
// [*Profile]; any other has no fields, and nothing is done. A value that breaks
// the rule of its field is refused while it can still be seen:
// STATEMENT-MEMBER-INVALID and what the rules of its grammar say.
func Hide(body Body, hides func(pointer string) bool, random io.Reader) ([]Opening, error) {
	b, ok := body.(slotted)
	if !ok {
		return nil, nil
	}
	var list []Opening
	for _, s := range b.slots() {
		if s.field.Text == "" || !s.secret && !hides(s.pointer) {
			continue
		}
		if r := s.rule(strings.TrimPrefix(s.pointer, "/"), s.field.Text); r != nil {
			return nil, r.At(s.pointer, 0)
		}
		salt, err := NewSalt(random)
		if err != nil {
			return nil, err
		}
		list = append(list, Opening{s.pointer, salt, s.field.Text})
		*s.field = Field{Commit: Commit(b.Kind(), s.pointer, salt, s.field.Text)}
	}
	return list, nil
}

// Pointers returns where a body has fields that are told or committed to, in the
// order in which they are written; none for a body without fields.
func Pointers(body Body) (list []string) {
	b, ok := body.(slotted)
	if !ok {
		return nil
	}
	for _, s := range b.slots() {
		if !s.field.IsZero() {
			list = append(list, s.pointer)
		}
	}
	return list
}

// oneOf is the rule of a field that is one of a few words.
func oneOf(list ...string) func(what, value string) *sbom.Refusal {
	return func(what, value string) *sbom.Refusal {
		if !slices.Contains(list, value) {
			return refuseMember("%s %q is none of %s", what, clip(value), strings.Join(list, ", "))
		}
		return nil
	}
}

// shaped is the rule of a field that has a grammar of its own.
func shaped(check func(string) error) func(what, value string) *sbom.Refusal {
	return func(_, value string) *sbom.Refusal {
		if err := check(value); err != nil {
			return at(err, "")
		}
		return nil
	}
}

// plainText is the rule of a field of one line.
func plainText(what, value string) *sbom.Refusal { return checkText(what, value, MaxName, false) }

// isNumber is the rule of a field that is an integer in decimal digits.
func isNumber(what, value string) *sbom.Refusal {
	if len(value) < 1 || len(value) > 15 || !all(value, isDigit) || value != "0" && value[0] == '0' {
		return refuseMember("%s %q is not an integer of at most 15 digits", what, clip(value))
	}
	return nil
}

package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v4"

	"github.com/yurai-ledger/yurai/sbom"
)

// Refusal reports why the bytes of a policy are refused, and where. Line of the
// embedded refusal and Column are one-based, 0 if not known.
type Refusal struct {
	*sbom.Refusal
	Column int
}

// Error returns the text with line and column.
func (r *Refusal) Error() string {
	switch {
	case r.Line > 0 && r.Column > 0:
		return fmt.Sprintf("%s (line %d, column %d)", r.Text, r.Line, r.Column)
	case r.Line > 0:
		return fmt.Sprintf("%s (line %d)", r.Text, r.Line)
	}
	return r.Text
}

// Unwrap returns the refusal without the column.
func (r *Refusal) Unwrap() error { return r.Refusal }

func refuse(code string, line, column int, format string, args ...any) *Refusal {
	return &Refusal{Refusal: sbom.Refuse(code, format, args...).At("", line), Column: column}
}

// decoder reads the tree of a policy. The first fault is kept; what is read
// after it is of no use to anybody.
type decoder struct {
	err   *Refusal
	nodes int
}

func (d *decoder) refuse(code string, n *yaml.Node, format string, args ...any) {
	if d.err == nil {
		line, column := 0, 0
		if n != nil {
			line, column = n.Line, n.Column
		}
		d.err = refuse(code, line, column, format, args...)
	}
}

// loadTree returns the root of the one document in raw. No scalar is resolved:
// NO is the string NO.
func loadTree(raw []byte) (*yaml.Node, *Refusal) {
	if len(raw) > maxBytes {
		return nil, refuse("POLICY-YAML-SIZE", 0, 0, "a policy of %d bytes is larger than %d", len(raw), maxBytes)
	}
	if at := invalidUTF8(raw); at >= 0 {
		line := 1 + bytes.Count(raw[:at], []byte{'\n'})
		return nil, refuse("POLICY-YAML-UTF8", line, at-bytes.LastIndexByte(raw[:at], '\n'), "the policy is not plain UTF-8")
	}
	loader, err := yaml.NewLoader(bytes.NewReader(raw), yaml.WithUniqueKeys(false), yaml.WithStreamNodes())
	if err != nil {
		return nil, refuse("POLICY-YAML-SYNTAX", 0, 0, "the policy is not YAML: %v", err)
	}
	var root *yaml.Node
	for {
		n := new(yaml.Node)
		err := loader.Load(n)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			line, column, text := 0, 0, err.Error()
			var fault *yaml.LoadError
			if errors.As(err, &fault) {
				line, column, text = fault.Mark.Line, fault.Mark.Column, fault.Message
			}
			return nil, refuse("POLICY-YAML-SYNTAX", line, column, "the policy is not YAML: %s", text)
		}
		switch n.Kind {
		case yaml.StreamNode:
			if n.Stream != nil && len(n.Stream.TagDirectives) > 0 {
				return nil, refuse("POLICY-YAML-TAG", n.Line, n.Column, "tags are not part of a policy")
			}
		case yaml.DocumentNode:
			if root != nil {
				return nil, refuse("POLICY-YAML-DOCUMENTS", n.Line, n.Column, "a policy is one document")
			}
			if len(n.Content) == 1 {
				root = n.Content[0]
			}
		}
	}
	if root == nil {
		return nil, refuse("POLICY-YAML-DOCUMENTS", 0, 0, "there is no document")
	}
	d := new(decoder)
	d.plain(root, 0)
	return root, d.err
}

// invalidUTF8 returns the offset of the first byte that is not part of plain
// UTF-8 text, a byte order mark or a control character too, or -1.
func invalidUTF8(raw []byte) int {
	for i := 0; i < len(raw); {
		r, size := utf8.DecodeRune(raw[i:])
		switch {
		case r == utf8.RuneError && size <= 1, r == '\ufeff', r == 0x7f,
			r < 0x20 && r != '\n' && r != '\r' && r != '\t':
			return i
		}
		i += size
	}
	return -1
}

// plain refuses everything of YAML that says other than it shows: anchors,
// aliases, merge keys, tags, keys that are no words, and the same key twice.
func (d *decoder) plain(n *yaml.Node, depth int) {
	d.nodes++
	switch {
	case d.err != nil:
		return
	case depth > maxDepth || d.nodes > maxNodes:
		d.refuse("POLICY-YAML-SIZE", n, "the policy is nested deeper than %d or has more than %d values", maxDepth, maxNodes)
		return
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		d.refuse("POLICY-YAML-ANCHOR", n, "anchors and aliases are not part of a policy")
		return
	case n.Style&yaml.TaggedStyle != 0 || strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!"):
		d.refuse("POLICY-YAML-TAG", n, "tags are not part of a policy")
		return
	}
	if n.Kind == yaml.MappingNode {
		seen := make(map[string]bool)
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			switch {
			case key.Kind == yaml.AliasNode:
				d.refuse("POLICY-YAML-ANCHOR", key, "anchors and aliases are not part of a policy")
			case key.Kind != yaml.ScalarNode:
				d.refuse("POLICY-YAML-KEY", key, "a key is a word")
			case key.Value == "<<":
				d.refuse("POLICY-YAML-MERGE", key, "merge keys are not part of a policy")
			case seen[key.Value]:
				d.refuse("POLICY-KEY-DUPLICATE", key, "the key %s is there twice", quote(key.Value))
			}
			seen[key.Value] = true
		}
	}
	for _, c := range n.Content {
		d.plain(c, depth+1)
	}
}

// kind reports whether a node is there and of the kind, and refuses it if not.
func (d *decoder) kind(n *yaml.Node, kind yaml.Kind, what, is string) bool {
	switch {
	case n.Kind == yaml.ScalarNode && n.Value == "" && n.Style == 0:
		d.refuse("POLICY-KEY-MISSING", n, "%s has no value", what)
	case n.Kind != kind:
		d.refuse("POLICY-VALUE-KIND", n, "%s %s", what, is)
	default:
		return true
	}
	return false
}

// fields returns the values of a mapping by key. The keys named with a leading
// ! must be there; no other than those named may be.
func (d *decoder) fields(n *yaml.Node, what string, keys ...string) map[string]*yaml.Node {
	out := make(map[string]*yaml.Node)
	if d.err != nil {
		return out
	}
	if !d.kind(n, yaml.MappingNode, what, "has named fields") {
		return out
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if !slices.Contains(keys, key.Value) && !slices.Contains(keys, "!"+key.Value) {
			d.refuse("POLICY-KEY-UNKNOWN", key, "%s has no field %s", what, quote(key.Value))
			return out
		}
		out[key.Value] = n.Content[i+1]
	}
	for _, key := range keys {
		if name, must := strings.CutPrefix(key, "!"); must && out[name] == nil {
			d.refuse("POLICY-KEY-MISSING", n, "%s needs the field %s", what, name)
		}
	}
	return out
}

// pairs returns keys and values of a mapping with free keys, in order.
func (d *decoder) pairs(n *yaml.Node, what string) [][2]*yaml.Node {
	if d.err != nil || n == nil {
		return nil
	}
	if !d.kind(n, yaml.MappingNode, what, "has named fields") {
		return nil
	}
	var out [][2]*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		out = append(out, [2]*yaml.Node{n.Content[i], n.Content[i+1]})
	}
	return out
}

// items returns the elements of a list; none if it is absent.
func (d *decoder) items(n *yaml.Node, what string) []*yaml.Node {
	if d.err != nil || n == nil {
		return nil
	}
	if !d.kind(n, yaml.SequenceNode, what, "is a list") {
		return nil
	}
	return n.Content
}

// word returns a scalar as it is written; "" if it is absent.
func (d *decoder) word(n *yaml.Node, what string) string { return d.sized(n, what, maxText) }

// sized is word with a bound of its own, in characters.
func (d *decoder) sized(n *yaml.Node, what string, bound int) string {
	if d.err != nil || n == nil {
		return ""
	}
	if d.kind(n, yaml.ScalarNode, what, "is one value") && utf8.RuneCountInString(n.Value) > bound {
		d.refuse("POLICY-VALUE-INVALID", n, "%s is longer than %d characters", what, bound)
	}
	return n.Value
}

// shaped returns a scalar for which valid is true.
func (d *decoder) shaped(n *yaml.Node, what string, valid func(string) bool) string {
	s := d.word(n, what)
	if d.err == nil && n != nil && !valid(s) {
		d.refuse("POLICY-VALUE-INVALID", n, "%s cannot be %s", what, quote(s))
	}
	return s
}

// choice returns a scalar that is one of the words.
func (d *decoder) choice(n *yaml.Node, what string, words ...string) string {
	s := d.word(n, what)
	if d.err == nil && n != nil && !slices.Contains(words, s) {
		d.refuse("POLICY-VALUE-INVALID", n, "%s is %s, not %s", what, strings.Join(words, ", "), quote(s))
	}
	return s
}

// boolean returns true for the word true and false for the word false; absent
// is false.
func (d *decoder) boolean(n *yaml.Node, what string) bool {
	return d.choice(n, what, "true", "false") == "true"
}

// number returns a decimal integer without leading zeros between low and high.
func (d *decoder) number(n *yaml.Node, what string, low, high int) int {
	s := d.word(n, what)
	if d.err != nil || n == nil {
		return 0
	}
	v, err := strconv.Atoi(s)
	if err != nil || strconv.Itoa(v) != s || v < low || v > high {
		d.refuse("POLICY-VALUE-INVALID", n, "%s is a number from %d to %d, not %s", what, low, high, quote(s))
		return 0
	}
	return v
}

// duration returns whole hours, minutes or seconds, written 168h.
func (d *decoder) duration(n *yaml.Node, what string) time.Duration {
	s := d.word(n, what)
	if d.err != nil || n == nil {
		return 0
	}
	v, err := time.ParseDuration(s)
	if err != nil || v <= 0 || len(s) > 10 || strings.Trim(s[:len(s)-1], "0123456789") != "" {
		d.refuse("POLICY-VALUE-INVALID", n, "%s is a time such as 168h, not %s", what, quote(s))
		return 0
	}
	return v
}

// instant returns a time in RFC 3339.
func (d *decoder) instant(n *yaml.Node, what string) time.Time {
	s := d.word(n, what)
	if d.err != nil || n == nil {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		d.refuse("POLICY-VALUE-INVALID", n, "%s is a time such as 2027-01-05T00:00:00Z, not %s", what, quote(s))
	}
	return t
}

// text returns a sentence in both languages, both of which are needed.
func (d *decoder) text(n *yaml.Node, what string) Text {
	if d.err != nil || n == nil {
		return Text{}
	}
	f := d.fields(n, what, "!en", "!ja")
	return Text{EN: d.word(f["en"], what), JA: d.word(f["ja"], what)}
}

// words returns a list of scalars for each of which valid is true, without
// duplicates.
func (d *decoder) words(n *yaml.Node, what string, valid func(string) bool) []string {
	var out []string
	for _, item := range d.items(n, what) {
		s := d.shaped(item, what, valid)
		if d.err == nil && slices.Contains(out, s) {
			d.refuse("POLICY-VALUE-INVALID", item, "%s names %s twice", what, quote(s))
		}
		out = append(out, s)
	}
	if len(out) > maxCodes {
		d.refuse("POLICY-VALUE-INVALID", n, "%s has more than %d values", what, maxCodes)
	}
	return out
}

// quote returns s in ASCII quotes, cut to a bounded length.
func quote(s string) string { return sbom.Quote(s, maxQuote) }

package policy

import (
	"bytes"
	"reflect"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// The fields of a policy and of its parts in the order in which they are written.
var (
	policyOrder = []string{
		"format", "id", "version", "title", "notice", "source", "verified", "home", "timezone", "effective", "expires",
		"freshness", "demands", "inputs", "groups", "critical", "rules", "tests",
	}
	inputOrder = []string{"type", "list", "required", "value", "maxAge", "fuzzy"}
	ruleOrder  = []string{"id", "title", "row", "each", "where", "when", "strength", "outcome", "unknown", "waivable", "because", "basis"}
	testOrder  = []string{"name", "at", "input", "lists", "context", "standing", "changed", "dates", "advised", "profiles", "bom", "expect"}
	textOrder  = []string{"en", "ja"}
)

// Layout returns the policy in its canonical layout: two spaces a level, fields in
// the order of the manual, one line a value, no blank lines. Comments stay, and
// quotes and flow style as they are written. The meaning does not change; the
// digest does, if a byte does. What [Parse] refuses is refused, and a layout that
// would lose a comment with POLICY-COMMENT-LOST.
func Layout(raw []byte) ([]byte, error) {
	was, err := Parse(raw)
	if err != nil {
		return nil, err
	}
	out, err := layout(raw)
	if err != nil {
		return nil, err
	}
	again, err := layout(out)
	if err != nil {
		return nil, err
	}
	is, err := Parse(out)
	if err != nil || !bytes.Equal(out, again) || !same(was, is) || !slices.Equal(comments(raw), comments(out)) {
		return nil, refuse("POLICY-COMMENT-LOST", 0, 0, "the policy cannot be laid out anew as it is")
	}
	return out, nil
}

// layout writes a policy in the canonical layout.
func layout(raw []byte) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil || len(doc.Content) != 1 {
		return nil, refuse("POLICY-YAML-SYNTAX", 0, 0, "the policy is not YAML")
	}
	root := doc.Content[0]
	arrange(root, policyOrder)
	for i := 0; i+1 < len(root.Content); i += 2 {
		v := root.Content[i+1]
		switch root.Content[i].Value {
		case "title", "notice":
			arrange(v, textOrder)
		case "inputs":
			for j := 1; j < len(v.Content); j += 2 {
				arrange(v.Content[j], inputOrder)
			}
		case "rules":
			for _, r := range v.Content {
				arrange(r, ruleOrder)
			}
		case "tests":
			for _, t := range v.Content {
				arrange(t, testOrder)
			}
		}
	}
	out, err := yaml.Dump(&doc, yaml.WithIndent(2), yaml.WithLineWidth(-1), yaml.WithCompactSeqIndent(false))
	if err != nil {
		return nil, refuse("POLICY-YAML-SYNTAX", 0, 0, "the policy cannot be written: %v", err)
	}
	return out, nil
}

// arrange sorts the fields of a mapping.
func arrange(n *yaml.Node, order []string) {
	if n.Kind != yaml.MappingNode {
		return
	}
	type field struct{ key, value *yaml.Node }
	var fields []field
	for i := 0; i+1 < len(n.Content); i += 2 {
		fields = append(fields, field{n.Content[i], n.Content[i+1]})
	}
	slices.SortStableFunc(fields, func(a, b field) int {
		return slices.Index(order, a.key.Value) - slices.Index(order, b.key.Value)
	})
	n.Content = n.Content[:0]
	for _, f := range fields {
		n.Content = append(n.Content, f.key, f.value)
	}
}

// same reports whether two policies mean the same.
func same(a, b *Policy) bool {
	bare := func(p *Policy) Policy {
		q := *p
		q.Raw, q.Digest, q.Rules = nil, [32]byte{}, slices.Clone(p.Rules)
		for i := range q.Rules {
			q.Rules[i].compiled = nil
		}
		return q
	}
	return reflect.DeepEqual(bare(a), bare(b))
}

// comments returns the lines of all comments, sorted, wherever they stand.
func comments(raw []byte) []string {
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return nil
	}
	var lines []string
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		for _, c := range []string{n.HeadComment, n.LineComment, n.FootComment} {
			for line := range strings.Lines(c) {
				if line = strings.TrimSpace(line); line != "" && line != "#" {
					lines = append(lines, line)
				}
			}
		}
		for _, c := range n.Content {
			walk(c)
		}
	}
	walk(&doc)
	slices.Sort(lines)
	return lines
}

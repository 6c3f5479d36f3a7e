package specimen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Remove returns the document without what the JSON Pointers lead to, each as in
// the document given: an element of an array goes and the others move up. It
// fails if one leads nowhere. Members come sorted in what it returns.
func Remove(raw []byte, pointers ...string) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var root any
	if err := d.Decode(&root); err != nil {
		return nil, fmt.Errorf("reading the document: %w", err)
	}
	// Later elements of an array go first, so that each pointer leads to what it
	// led to at the beginning.
	order := slices.Clone(pointers)
	slices.SortFunc(order, compare)
	slices.Reverse(order)
	for _, p := range slices.Compact(order) {
		next, ok := without(root, strings.Split(strings.TrimPrefix(p, "/"), "/"))
		if !ok {
			return nil, fmt.Errorf("nothing stands at %s", p)
		}
		root = next
	}
	return json.Marshal(root)
}

// compare orders pointers so that elements of one array come by their number.
func compare(a, b string) int {
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	for i := range min(len(x), len(y)) {
		m, errM := strconv.Atoi(x[i])
		n, errN := strconv.Atoi(y[i])
		switch {
		case errM == nil && errN == nil && m != n:
			return m - n
		case x[i] != y[i] && (errM != nil || errN != nil):
			return strings.Compare(x[i], y[i])
		}
	}
	return len(x) - len(y)
}

// without returns v less what the path leads to. Names in the documents of this
// package hold no ~ and no /, so that steps need no unescaping.
func without(v any, path []string) (any, bool) {
	switch v := v.(type) {
	case map[string]any:
		child, ok := v[path[0]]
		if !ok {
			return nil, false
		}
		if len(path) == 1 {
			delete(v, path[0])
			return v, true
		}
		next, ok := without(child, path[1:])
		v[path[0]] = next
		return v, ok
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil || i < 0 || i >= len(v) {
			return nil, false
		}
		if len(path) == 1 {
			return slices.Delete(v, i, i+1), true
		}
		next, ok := without(v[i], path[1:])
		v[i] = next
		return v, ok
	}
	return nil, false
}

package sbom

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// violation is one assertion, most often of the schema, that the document does
// not meet.
type violation struct {
	code    string   // "" for the schema
	path    []string // steps from the root
	member  bool     // the member at path should not be there
	keyword string
	text    string
}

// violations returns the leaves of a tree of errors, ordered by place.
func violations(err *jsonschema.ValidationError) []violation {
	var list []violation
	gather(err, &list)
	slices.SortStableFunc(list, func(a, b violation) int {
		return cmp.Or(slices.CompareFunc(a.path, b.path, compareStep), strings.Compare(a.keyword, b.keyword), strings.Compare(a.text, b.text))
	})
	return slices.CompactFunc(list, func(a, b violation) bool {
		return slices.Equal(a.path, b.path) && a.keyword == b.keyword && a.text == b.text
	})
}

func gather(err *jsonschema.ValidationError, list *[]violation) {
	switch k := err.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		names := slices.Sorted(slices.Values(k.Properties))
		for _, name := range names[:min(len(names), maxArrayErrors)] {
			*list = append(*list, violation{
				path: append(slices.Clone(err.InstanceLocation), name), member: true, keyword: "additionalProperties",
				text: "member " + quote(name) + " is not allowed here",
			})
		}
		return
	case *kind.AnyOf, *kind.OneOf:
		if best := nearest(err.Causes); best != nil {
			if depth(best) > len(err.InstanceLocation) {
				gather(best, list)
				return
			}
			var inner []violation
			gather(best, &inner)
			*list = append(*list, violation{
				path: err.InstanceLocation, keyword: keyword(err.ErrorKind),
				text: fmt.Sprintf("none of %d alternatives fits; of the nearest, %s", len(err.Causes), inner[0].text),
			})
			return
		}
	}
	if len(err.Causes) > 0 {
		for _, cause := range err.Causes {
			gather(cause, list)
		}
		return
	}
	*list = append(*list, violation{path: err.InstanceLocation, keyword: keyword(err.ErrorKind), text: explain(err.ErrorKind)})
}

// nearest returns the alternative that failed deepest in the document, which is
// most likely the one that was meant.
func nearest(alternatives []*jsonschema.ValidationError) *jsonschema.ValidationError {
	if len(alternatives) == 0 {
		return nil
	}
	return slices.MaxFunc(alternatives, func(a, b *jsonschema.ValidationError) int { return depth(a) - depth(b) })
}

// depth returns the depth of the deepest place in a tree of errors.
func depth(err *jsonschema.ValidationError) int {
	d := len(err.InstanceLocation)
	for _, cause := range err.Causes {
		d = max(d, depth(cause))
	}
	return d
}

// keyword returns the keyword of the schema that was not met.
func keyword(k jsonschema.ErrorKind) string {
	steps := k.KeywordPath()
	if len(steps) == 0 {
		return "schema"
	}
	return steps[0]
}

// explain says in one bounded sentence what a keyword asks.
func explain(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Type:
		return fmt.Sprintf("value is of type %s, not %s", k.Got, strings.Join(k.Want, " or "))
	case *kind.Required:
		return "required member " + quoteAll(k.Missing) + " is missing"
	case *kind.Dependency:
		return fmt.Sprintf("member %s needs member %s", quote(k.Prop), quoteAll(k.Missing))
	case *kind.Enum:
		return fmt.Sprintf("value %s is none of the %d allowed", quoteValue(k.Got), len(k.Want))
	case *kind.Const:
		return fmt.Sprintf("value %s is not %s", quoteValue(k.Got), quoteValue(k.Want))
	case *kind.Format:
		return fmt.Sprintf("value %s has not the format %s", quoteValue(k.Got), k.Want)
	case *kind.Pattern:
		return fmt.Sprintf("value %s does not match %s", quote(k.Got), clip(k.Want))
	case *kind.MinLength:
		return fmt.Sprintf("string has %d characters, fewer than %d", k.Got, k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("string has %d characters, more than %d", k.Got, k.Want)
	case *kind.MinItems:
		return fmt.Sprintf("array has %d elements, fewer than %d", k.Got, k.Want)
	case *kind.MaxItems:
		return fmt.Sprintf("array has %d elements, more than %d", k.Got, k.Want)
	case *kind.UniqueItems:
		return fmt.Sprintf("elements %d and %d are equal", k.Duplicates[0], k.Duplicates[1])
	case *kind.AdditionalItems:
		return fmt.Sprintf("array has %d elements too many", k.Count)
	case *kind.Minimum:
		return fmt.Sprintf("number is below %s", k.Want.RatString())
	case *kind.Maximum:
		return fmt.Sprintf("number is above %s", k.Want.RatString())
	case *kind.OneOf:
		if len(k.Subschemas) == 2 {
			return fmt.Sprintf("alternatives %d and %d fit at once", k.Subschemas[0], k.Subschemas[1])
		}
		return "no alternative fits"
	case *kind.AnyOf:
		return "no alternative fits"
	case *kind.Not:
		return "value is one that is excluded"
	case *kind.FalseSchema:
		return "nothing is allowed here"
	}
	return fmt.Sprintf("keyword %s is not met", strings.Join(k.KeywordPath(), "/"))
}

// quoteAll quotes at most three names.
func quoteAll(names []string) string {
	var out []string
	for _, name := range names[:min(len(names), 3)] {
		out = append(out, quote(name))
	}
	if len(names) > 3 {
		out = append(out, "…")
	}
	return strings.Join(out, ", ")
}

// quoteValue quotes a scalar and names the type of anything else.
func quoteValue(v any) string {
	switch v := v.(type) {
	case string:
		return quote(v)
	case map[string]any:
		return "of type object"
	case []any:
		return "of type array"
	case nil:
		return "null"
	}
	return clip(fmt.Sprint(v))
}

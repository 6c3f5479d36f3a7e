package sbom

import (
	"cmp"
	"encoding/json"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// Array keywords are validated here and not by the library, so that a hostile
// document can't make it keep an error for every element (a few bytes each in
// the document, some hundreds in memory), nor make the hashes of distinct
// elements collide (the library's hash has no lengths, so that "a","b" and "ab"
// can be made to collide, and comparing colliding elements is quadratic). The
// verdict is the same.
const (
	keywordItems  = "yurai:items"
	keywordUnique = "yurai:uniqueItems"

	// maxArrayErrors is how many errors are kept below one array. The elements
	// that follow are not looked at: the array is invalid whatever they are.
	maxArrayErrors = 64
)

// bound returns a schema in which the array keywords have our names. A schema's
// additionalItems means nothing beside items that are one schema, and is
// dropped there.
func bound(schema any) any {
	switch s := schema.(type) {
	case map[string]any:
		out := make(map[string]any, len(s))
		for key, value := range s {
			switch key {
			case "enum", "const", "required":
				out[key] = value
			case "items":
				if _, ok := value.([]any); ok {
					out[key] = bound(value)
				} else {
					out[keywordItems] = bound(value)
				}
			case "uniqueItems":
				out[keywordUnique] = value
			case "properties", "patternProperties", "definitions":
				members := make(map[string]any)
				for name, member := range value.(map[string]any) {
					members[name] = bound(member)
				}
				out[key] = members
			default:
				out[key] = bound(value)
			}
		}
		if _, ok := out["items"]; !ok {
			delete(out, "additionalItems")
		}
		return out
	case []any:
		out := make([]any, len(s))
		for i, value := range s {
			out[i] = bound(value)
		}
		return out
	}
	return schema
}

func boundedVocabulary() *jsonschema.Vocabulary {
	seed := maphash.MakeSeed()
	return &jsonschema.Vocabulary{
		URL:        "https://github.com/yurai-ledger/yurai/bounded",
		Subschemas: []jsonschema.SchemaPath{{jsonschema.Prop(keywordItems)}},
		Compile: func(ctx *jsonschema.CompilerContext, obj map[string]any) (jsonschema.SchemaExt, error) {
			var b bounded
			if _, ok := obj[keywordItems]; ok {
				b.items = ctx.Enqueue([]string{keywordItems})
			}
			b.unique, _ = obj[keywordUnique].(bool)
			if b.items == nil && !b.unique {
				return nil, nil
			}
			b.seed = seed
			return &b, nil
		},
	}
}

// bounded is items and uniqueItems of one schema.
type bounded struct {
	items  *jsonschema.Schema
	unique bool
	seed   maphash.Seed
}

// Validate reports the errors of the elements of an array.
func (b *bounded) Validate(ctx *jsonschema.ValidatorContext, v any) {
	array, ok := v.([]any)
	if !ok {
		return
	}
	if b.unique && len(array) > 1 {
		if i, j := b.repeated(ctx, array); i >= 0 {
			ctx.AddError(&kind.UniqueItems{Duplicates: [2]int{i, j}})
		}
	}
	if b.items == nil {
		return
	}
	left := maxArrayErrors
	for i, element := range array {
		err, _ := ctx.Validate(b.items, element, []string{strconv.Itoa(i)}).(*jsonschema.ValidationError)
		if err == nil {
			continue
		}
		prune(err, &left)
		ctx.AddErr(err)
		if left <= 0 || err.ErrorKind == nil {
			return
		}
	}
}

// repeated returns the positions of the first two equal elements, or -1, -1.
func (b *bounded) repeated(ctx *jsonschema.ValidatorContext, array []any) (int, int) {
	seen := make(map[uint64]int, len(array))
	for j, element := range array {
		h := b.hash(element)
		i, ok := seen[h]
		if !ok {
			seen[h] = j
			continue
		}
		if same, err := ctx.Equals(array[i], element); err == nil && same {
			return i, j
		}
	}
	return -1, -1
}

// hash returns the same number for equal JSON values and, since nobody outside
// knows the seed, different ones for others but with negligible probability.
func (b *bounded) hash(v any) uint64 {
	const odd = 0x9e3779b97f4a7c15
	switch v := v.(type) {
	case map[string]any:
		sum := uint64(len(v))
		for name, member := range v {
			pair := [2]uint64{maphash.String(b.seed, name), b.hash(member)}
			sum += maphash.Comparable(b.seed, pair)
		}
		return sum*odd + 1
	case []any:
		sum := uint64(len(v))
		for _, element := range v {
			sum = maphash.Comparable(b.seed, [2]uint64{sum, b.hash(element)})
		}
		return sum*odd + 2
	case string:
		return maphash.String(b.seed, v)*odd + 3
	case json.Number:
		return maphash.String(b.seed, plainNumber(string(v)))*odd + 4
	case bool:
		if v {
			return 5
		}
		return 6
	}
	return 7
}

// plainNumber writes a JSON number as its significant digits and the power of
// ten they are multiplied by, the same for equal numbers.
func plainNumber(s string) string {
	rest, negative := strings.CutPrefix(s, "-")
	exponent := 0
	if i := strings.IndexAny(rest, "eE"); i >= 0 {
		exponent, _ = strconv.Atoi(strings.TrimPrefix(rest[i+1:], "+"))
		rest = rest[:i]
	}
	whole, fraction, _ := strings.Cut(rest, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	exponent -= len(fraction)
	short := strings.TrimRight(digits, "0")
	if short == "" {
		return "0"
	}
	exponent += len(digits) - len(short)
	sign := ""
	if negative {
		sign = "-"
	}
	return sign + short + "e" + strconv.Itoa(exponent)
}

// prune cuts from a tree of errors all leaves beyond left, in the order of their
// places, and lowers left by those that stay. At least one stays.
func prune(err *jsonschema.ValidationError, left *int) {
	if len(err.Causes) == 0 {
		*left--
		return
	}
	slices.SortStableFunc(err.Causes, byPlace)
	for i, cause := range err.Causes {
		if i > 0 && *left <= 0 {
			clear(err.Causes[i:])
			err.Causes = err.Causes[:i]
			return
		}
		prune(cause, left)
	}
}

// byPlace orders errors by place and keyword, so that which ones are shown does
// not depend on the order of a map.
func byPlace(a, b *jsonschema.ValidationError) int {
	return cmp.Or(
		slices.CompareFunc(a.InstanceLocation, b.InstanceLocation, compareStep),
		cmp.Compare(a.SchemaURL, b.SchemaURL),
	)
}

// compareStep orders the indices of an array by number.
func compareStep(a, b string) int {
	if len(a) != len(b) && strings.Trim(a+b, "0123456789") == "" {
		return cmp.Compare(len(a), len(b))
	}
	return strings.Compare(a, b)
}

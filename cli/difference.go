package cli

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/yurai-ledger/yurai/sbom"
)

// absent stands where one of two JSON values has no member.
type absent struct{}

// differing returns the JSON Pointer of the first place where two JSON values
// differ, members in the order of their names, and what stands there in each.
func differing(at string, a, b any) (pointer string, x, y any) {
	switch was := a.(type) {
	case map[string]any:
		is, ok := b.(map[string]any)
		if !ok {
			break
		}
		var keys []string
		for k := range was {
			keys = append(keys, k)
		}
		for k := range is {
			if _, both := was[k]; !both {
				keys = append(keys, k)
			}
		}
		slices.Sort(keys)
		for _, k := range keys {
			here := at + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(k)
			old, had := was[k]
			now, has := is[k]
			switch {
			case !had:
				return here, absent{}, now
			case !has:
				return here, old, absent{}
			case !reflect.DeepEqual(old, now):
				return differing(here, old, now)
			}
		}
	case []any:
		is, ok := b.([]any)
		if !ok {
			break
		}
		for i := range max(len(was), len(is)) {
			here := at + "/" + strconv.Itoa(i)
			switch {
			case i >= len(was):
				return here, absent{}, is[i]
			case i >= len(is):
				return here, was[i], absent{}
			case !reflect.DeepEqual(was[i], is[i]):
				return differing(here, was[i], is[i])
			}
		}
	}
	return at, a, b
}

// brief shows a JSON value in few characters.
func brief(v any) string {
	if v == (absent{}) {
		return "nothing"
	}
	raw, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return "?"
	}
	return printable(sbom.Clip(string(raw), 120))
}

package receiving_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/receiving"
)

// bends calls try with every document that differs from one in one member or
// element, and with where.
func bends(t *testing.T, raw []byte, try func(where string, bent []byte)) {
	t.Helper()
	var root any
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	if err := d.Decode(&root); err != nil {
		t.Fatal(err)
	}
	straight, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	say := func(where string) {
		bent, err := json.Marshal(root)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(bent, straight) {
			try(where, bent)
		}
	}
	var walk func(at string, v any, set func(any))
	walk = func(at string, v any, set func(any)) {
		var other []any
		switch v := v.(type) {
		case nil:
			other = []any{"x", json.Number("1"), map[string]any{}, []any{}}
		case string:
			other = []any{"", v + "x", "\u202e" + v, strings.ToUpper(v) + " ", nil, []any{v}}
		case bool:
			other = []any{!v, nil, "true"}
		case json.Number:
			other = []any{json.Number("-1"), json.Number("9007199254740993"), json.Number("1e400"), json.Number(v.String() + ".5"), v.String(), nil}
		case []any:
			other = []any{nil, append(slices.Clone(v), "x"), append(slices.Clone(v), nil), map[string]any{}}
			if len(v) > 0 {
				other = append(other, []any{}, v[1:], append(slices.Clone(v), v[0]))
			}
			if len(v) > 1 {
				turned := slices.Clone(v)
				slices.Reverse(turned)
				other = append(other, turned)
			}
			for i := range v {
				walk(fmt.Sprintf("%s/%d", at, i), v[i], func(x any) { v[i] = x })
			}
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				walk(at+"/"+name, v[name], func(x any) { v[name] = x })
				was := v[name]
				delete(v, name)
				say(at + "/" + name + " is left out")
				v[name] = was
			}
			v["stranger"] = "x"
			say(at + "/stranger is added")
			delete(v, "stranger")
			other = []any{nil, []any{v}, "x"}
			if len(v) > 0 {
				other = append(other, map[string]any{})
			}
		}
		for _, x := range other {
			set(x)
			say(fmt.Sprintf("%s is %v", at, x))
		}
		set(v)
	}
	walk("", root, func(x any) { root = x })
}

// A verdict of which one member was bent is none, or another one: nothing but
// texts and the exit code can be changed under one digest.
func TestBentVerdicts(t *testing.T) {
	for _, name := range []string{"verdict-hold.json", "verdict-accept.json", "linked"} {
		raw := []byte(linkedVerdict)
		if name != "linked" {
			var err error
			if raw, err = os.ReadFile(filepath.Join("testdata", name)); err != nil {
				t.Fatal(err)
			}
		}
		v, err := receiving.ParseVerdict(raw)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		is, err := v.Digest()
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]string{}
		refused := 0
		bends(t, raw, func(where string, bent []byte) {
			v, err := receiving.ParseVerdict(bent)
			if err != nil {
				if c := codeOf(err); v != nil || c != "VERDICT-FILE-MALFORMED" && c != "VERDICT-FORMAT-UNKNOWN" {
					t.Errorf("%s: %s: %v", name, where, err)
				}
				refused++
				return
			}
			free := strings.HasPrefix(where, "/exit") || strings.Contains(where, "/text")
			digest, err := v.Digest()
			switch {
			case err != nil:
				t.Errorf("%s: %s: %v", name, where, err)
			case (digest == is) != free:
				t.Errorf("%s: %s: read as a verdict with the digest of the whole one: %t", name, where, digest == is)
			case !free && seen[digest.String()] != "" && seen[digest.String()] != string(bent):
				t.Errorf("%s: %s: it has the digest of %s", name, where, seen[digest.String()])
			}
			seen[digest.String()] = string(bent)
			if again, err := v.JSON(); err != nil {
				t.Errorf("%s: %s: %v", name, where, err)
			} else if _, err := receiving.ParseVerdict(again); err != nil {
				t.Errorf("%s: %s: written again it is none: %v", name, where, err)
			}
		})
		if refused < 300 {
			t.Errorf("%s: %d bent verdicts are refused", name, refused)
		}
	}
}

// linkedVerdict is a verdict with a linked BOM, a list and a reason with a rule.
var linkedVerdict = strings.NewReplacer("AA", strings.Repeat("a", 64), "BB", strings.Repeat("b", 64)).Replace(
	`{"format":"yurai-verdict/1","verdict":"hold","scope":"document","stage":"tender","at":"2026-11-22T11:00:00Z","exit":10,
 "file":{"sha256":"AA"},"unit":null,"party":{"id":"x:hoshino-relay","registrar":"ledger.example/test"},
 "entry":{"log":"ledger.example/test","index":5,"treeSize":9,"checkpoint":"sha256:AA","standing":"admitted"},
 "policy":{"id":"demo","version":1,"sha256":"AA","verified":false,"pinned":false},"trust":{"sha256":"AA"},
 "context":{"sector":"rail"},"lists":[{"id":"x:demo/designated","sha256":"AA","date":"2026-11-01T00:00:00Z"}],
 "counts":{"components":2,"unknown":1,"excepted":0,"complete":true},
 "rows":[{"name":"signature","outcome":"pass","basis":"proof","asOf":9,"checks":["signature"]},{"name":"log","outcome":"pass","basis":"proof","asOf":9,"checks":["genesis","inclusion"]},
  {"name":"witnesses","outcome":"not-required","basis":"none","asOf":0,"checks":[]},{"name":"contents","outcome":"pass","basis":"proof","asOf":9,"checks":["digest"]},
  {"name":"origin","outcome":"unknown","basis":"proof","asOf":9,"checks":["policy"]},{"name":"advisories","outcome":"pass","basis":"log-signed","asOf":9,"checks":["status"]}],
 "reasons":[{"code":"POLICY-RULE-UNKNOWN","rule":"R04","row":"origin","outcome":"hold","value":"unknown","count":1,"subjects":["/components/0","sha256:BB#/components/1"],"entry":3,"list":"sha256:AA","document":"sha256:BB","text":"t"}],
 "linked":[{"sha256":"AA","from":["/components/0/externalReferences/0","/components/1/externalReferences/0"],"party":null,"entry":null},
  {"sha256":"BB","from":["/components/2/externalReferences/0"],"party":{"id":"x:b","registrar":"ledger.example/test"},"entry":{"log":"ledger.example/test","index":4,"treeSize":9,"checkpoint":"sha256:AA","standing":"admitted"}}]}`)

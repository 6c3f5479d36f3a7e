package sbom

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func TestSchemaManifest(t *testing.T) {
	raw, err := schemas.ReadFile("schema/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		Format, Source, Version, Licence string
		Files                            []struct{ Name, Path, Original, Reduced string }
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	if m.Format != "yurai-schemas/1" || m.Source != "npm:@cyclonedx/cyclonedx-library" || m.Version == "" || m.Licence != "Apache-2.0" {
		t.Errorf("manifest names no source: %+v", m)
	}
	var names []string
	for _, f := range m.Files {
		names = append(names, f.Name)
		text, err := schemas.ReadFile("schema/" + f.Name)
		if err != nil {
			t.Error(err)
			continue
		}
		if sum := sha256.Sum256(text); "sha256:"+hex.EncodeToString(sum[:]) != f.Reduced {
			t.Errorf("%s is not the reduction that its manifest names: edit schema/generate.go, never its output", f.Name)
		}
		if len(f.Original) != len("sha256:")+64 || f.Path == "" {
			t.Errorf("%s has no original: %+v", f.Name, f)
		}
		for _, prose := range []string{`"$id"`, `"$comment"`, `"examples"`, `"meta:enum"`, ".SNAPSHOT."} {
			if bytes.Contains(text, []byte(prose)) {
				t.Errorf("%s holds %s", f.Name, prose)
			}
		}
	}
	slices.Sort(names)
	if want := slices.Sorted(slices.Values(schemaNames)); !slices.Equal(names, want) {
		t.Errorf("manifest lists %v, want %v", names, want)
	}
}

func TestSchemaLoadsNothing(t *testing.T) {
	for _, url := range []string{"file:///etc/hosts", "http://cyclonedx.org/schema/spdx.schema.json", schemaBase + "other.json"} {
		if _, err := (noLoader{}).Load(url); err == nil {
			t.Errorf("loader answers for %s", url)
		}
	}
}

// unbounded compiles a schema as the library understands it, without our array
// keywords.
func unbounded(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.UseLoader(noLoader{})
	for _, file := range schemaNames {
		raw, err := schemas.ReadFile("schema/" + file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource(schemaBase+file, doc); err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Compile(schemaBase + name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestBoundedAgrees changes a document in one place after another, and holds
// our verdict against the library's own array keywords.
func TestBoundedAgrees(t *testing.T) {
	for version, text := range map[string]string{
		"1.2": `{"bomFormat":"CycloneDX","specVersion":"1.2","components":[{"type":"file","name":"x","version":"1","licenses":[{"license":{"id":"MIT"}}]},{"type":"file","name":"y","version":"1"}],"metadata":{"tools":[{"name":"t"}]},"services":[{"name":"s","data":[{"flow":"inbound","classification":"c"}]}]}`,
		"1.3": `{"bomFormat":"CycloneDX","specVersion":"1.3","components":[{"type":"file","name":"x","version":"1","properties":[{"name":"a","value":"1"}]}],"metadata":{"tools":[{"name":"t"}]},"compositions":[{"aggregate":"complete","assemblies":["x","y"]}]}`,
		"1.7": `{"bomFormat":"CycloneDX","specVersion":"1.7","components":[{"type":"device","name":"x","isExternal":true,"versionRange":"vers:generic/>=1"},{"type":"cryptographic-asset","name":"y","cryptoProperties":{"assetType":"algorithm","algorithmProperties":{"algorithmFamily":"AES","ellipticCurve":"nist/P-256"}}}],"citations":[{"pointers":["/components/0"],"timestamp":"2026-11-22T10:00:00Z","attributedTo":"x"}]}`,
		"1.4": `{"bomFormat":"CycloneDX","specVersion":"1.4","components":[{"type":"file","name":"x","licenses":[{"expression":"MIT"}]},{"type":"file","name":"y"}],"metadata":{"tools":[{"name":"t"}]},"compositions":[{"aggregate":"complete","assemblies":["x","y"]}]}`,
		"1.5": `{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"type":"file","name":"x","licenses":[{"license":{"name":"a"}},{"license":{"id":"MIT"}}]}],"dependencies":[{"ref":"x","dependsOn":["y","z"]}],"annotations":[{"subjects":["x"],"annotator":{"individual":{"name":"n"}},"timestamp":"2026-11-22T10:00:00Z","text":"t"}]}`,
		"1.6": `{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"device","name":"x","components":[{"type":"device","name":"y","properties":[{"name":"a","value":"1"},{"name":"a","value":"2"}]}],"evidence":{"identity":[{"field":"name","confidence":0.5}]}}],"services":[{"name":"s","services":[{"name":"q","endpoints":["https://a.example"]}]}],"signature":{"signers":[{"algorithm":"ES256","value":"AA"},{"algorithm":"RS256","value":"BB"}]}}`,
	} {
		file := "bom-" + version + ".schema.json"
		if lenient[version] != nil {
			file = "bom-" + version + "-strict.schema.json"
		}
		reference := unbounded(t, file)
		valid, invalid := 0, 0
		for _, tree := range variants(t, text) {
			_, ok := tree.(map[string]any)
			if !ok {
				continue
			}
			list, err := validate(version, tree)
			if err != nil {
				t.Fatal(err)
			}
			want := reference.Validate(tree)
			if (len(list) == 0) != (want == nil) {
				text, _ := json.Marshal(tree)
				t.Errorf("version %s: %d violations %v; the library says %v: %s", version, len(list), list, want, text)
			}
			if want == nil {
				valid++
			} else {
				invalid++
			}
		}
		if valid < 10 || invalid < 50 {
			t.Errorf("version %s: %d valid and %d invalid variants, too few", version, valid, invalid)
		}
	}
}

// variants returns a document and one variant for each place and change.
func variants(t *testing.T, text string) []any {
	t.Helper()
	changes := []func(any) any{
		func(v any) any { return v },
		func(any) any { return nil },
		func(any) any { return "https://b.example" },
		func(any) any { return json.Number("1") },
		func(any) any { return []any{} },
		func(any) any { return map[string]any{} },
		func(v any) any { // every element twice
			if list, ok := v.([]any); ok {
				return append(slices.Clone(list), list...)
			}
			return true
		},
		func(v any) any { // a hundred elements that don't belong
			if list, ok := v.([]any); ok {
				for i := range 100 {
					list = append(slices.Clip(list), map[string]any{"n": json.Number(fmt.Sprint(i))})
				}
				return list
			}
			return false
		},
	}
	var out []any
	for places := count(parse(t, text)); places > 0; places-- {
		for _, change := range changes {
			tree, at := parse(t, text), places
			out = append(out, alter(tree, &at, change))
		}
	}
	return out
}

func parse(t *testing.T, text string) any {
	t.Helper()
	tree, err := newReader([]byte(text)).tree()
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func count(v any) int {
	n := 1
	switch v := v.(type) {
	case map[string]any:
		for _, member := range v {
			n += count(member)
		}
	case []any:
		for _, element := range v {
			n += count(element)
		}
	}
	return n
}

// alter changes the value that is the at-th in the order of sorted names.
func alter(v any, at *int, change func(any) any) any {
	*at--
	if *at == 0 {
		return change(v)
	}
	switch v := v.(type) {
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			v[name] = alter(v[name], at, change)
		}
	case []any:
		for i := range v {
			v[i] = alter(v[i], at, change)
		}
	}
	return v
}

// TestBoundedKeepsLittle bounds what is kept of a document that is wrong in
// every element, flat and nested.
func TestBoundedKeepsLittle(t *testing.T) {
	flat := `{"bomFormat":"CycloneDX","specVersion":"1.6","components":[` + strings.Repeat("0,", 20000) + `0]}`
	part := `{"components":[` + strings.Repeat("0,", 99) + `0]}`
	nested := `{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"components":[` + strings.Repeat(part+",", 99) + part + `]}]}`
	for name, text := range map[string]string{"flat": flat, "nested": nested} {
		tree := parse(t, text)
		list, err := validate("1.6", tree)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 || len(list) > 3*maxArrayErrors {
			t.Errorf("%s: %d violations, want 1 to %d", name, len(list), 3*maxArrayErrors)
		}
	}
}

func TestUniqueFindsEqualElements(t *testing.T) {
	schema := func() *jsonschema.Schema {
		c := jsonschema.NewCompiler()
		c.DefaultDraft(jsonschema.Draft7)
		c.UseLoader(noLoader{})
		c.RegisterVocabulary(boundedVocabulary())
		c.AssertVocabs()
		if err := c.AddResource(schemaBase+"t.json", bound(map[string]any{"uniqueItems": true})); err != nil {
			t.Fatal(err)
		}
		return c.MustCompile(schemaBase + "t.json")
	}()
	for text, unique := range map[string]bool{
		`[]`:                                  true,
		`[1]`:                                 true,
		`[1,1]`:                               false,
		`[1,1.0]`:                             false,
		`[100,1e2]`:                           false,
		`[0,-0.0]`:                            false,
		`[0.1,1E-1]`:                          false,
		`[1,"1"]`:                             true,
		`[1,true]`:                            true,
		`[0,false,null,"",[],{}]`:             true,
		`[null,null]`:                         false,
		`[[],[]]`:                             false,
		`[["a","b"],["ab"]]`:                  true,
		`[["a",["b"]],[["a"],"b"]]`:           true,
		`[{"a":1,"b":2},{"b":2,"a":1}]`:       false,
		`[{"a":1,"b":2},{"a":2,"b":1}]`:       true,
		`[9007199254740992,9007199254740993]`: true,
		`[{"a":"\u0004b\u0004c","b":"d"},{"a":"","b":""}]`: true,
	} {
		if got := schema.Validate(parse(t, text)) == nil; got != unique {
			t.Errorf("%s: unique %v, want %v", text, got, unique)
		}
	}
}

package sbom

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schemas holds the official CycloneDX schemas, reduced by schema/generate.go;
// schema/manifest.json says where they come from.
//
//go:embed schema/*.json
var schemas embed.FS

// schemaNames are the files that are registered, each by its own name: the
// strict and the lenient schema of 1.2 share one $id, and so do those of 1.3, so
// an $id never decides.
var schemaNames = []string{
	"bom-1.2-strict.schema.json",
	"bom-1.2.schema.json",
	"bom-1.3-strict.schema.json",
	"bom-1.3.schema.json",
	"bom-1.4.schema.json",
	"bom-1.5.schema.json",
	"bom-1.6.schema.json",
	"bom-1.7.schema.json",
	"cryptography-defs.schema.json",
	"jsf-0.82.schema.json",
	"spdx.schema.json",
}

// schemaBase makes file names absolute; nothing is ever loaded from it.
const schemaBase = "yurai-schema:///"

// compiled holds the schema of each admitted version. Of 1.2 and 1.3 the strict
// schema admits: the lenient one lets any object have any member, so that a
// misspelt or case-variant member would be a fact to one reader and nothing to
// another, and the official suite expects files to fail that only the strict one
// refuses. From 1.4 on there is one schema, which is strict.
var compiled = map[string]func() (*jsonschema.Schema, error){
	"1.2": once("bom-1.2-strict.schema.json"),
	"1.3": once("bom-1.3-strict.schema.json"),
	"1.4": once("bom-1.4.schema.json"),
	"1.5": once("bom-1.5.schema.json"),
	"1.6": once("bom-1.6.schema.json"),
	"1.7": once("bom-1.7.schema.json"),
}

// lenient holds the lenient schemas. They admit nothing; they tell whether a
// document that is refused has but members that the specification does not name.
var lenient = map[string]func() (*jsonschema.Schema, error){
	"1.2": once("bom-1.2.schema.json"),
	"1.3": once("bom-1.3.schema.json"),
}

// once returns the schema in a file, compiled when it is first asked for and
// safe for concurrent use.
func once(name string) func() (*jsonschema.Schema, error) {
	return sync.OnceValues(func() (*jsonschema.Schema, error) { return compile(name) })
}

// compile returns the schema in a file with its array keywords replaced by
// bounded ones.
func compile(name string) (*jsonschema.Schema, error) {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft7)
	c.UseLoader(noLoader{})
	c.RegisterVocabulary(boundedVocabulary())
	c.AssertVocabs()
	for _, file := range schemaNames {
		raw, err := schemas.ReadFile("schema/" + file)
		if err != nil {
			return nil, err
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			return nil, fmt.Errorf("reading schema %s: %w", file, err)
		}
		if err := c.AddResource(schemaBase+file, bound(doc)); err != nil {
			return nil, fmt.Errorf("registering schema %s: %w", file, err)
		}
	}
	s, err := c.Compile(schemaBase + name)
	if err != nil {
		return nil, fmt.Errorf("compiling schema %s: %w", name, err)
	}
	return s, nil
}

// noLoader refuses whatever is not registered.
type noLoader struct{}

func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("schema %s is not embedded", url)
}

// validate returns what the schema of a version has against a tree. The list is
// bounded: see maxArrayErrors.
func validate(version string, tree any) ([]violation, error) {
	get, ok := compiled[version]
	if !ok {
		return nil, fmt.Errorf("no schema for version %s", version)
	}
	schema, err := get()
	if err != nil {
		return nil, err
	}
	err = schema.Validate(tree)
	if err == nil {
		return nil, nil
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return nil, err
	}
	list := violations(invalid)
	if get, ok := lenient[version]; ok {
		schema, err := get()
		if err != nil {
			return nil, err
		}
		if schema.Validate(tree) == nil {
			for i := range list {
				list[i].code = "BOM-SCHEMA-STRICT"
			}
		}
	}
	return list, nil
}

// vocabulary is the names of the members that the specification has.
type vocabulary struct {
	exact  map[string]bool
	folded map[string]string // folded form → the name, or one of those it is the form of
}

// memberNames are the names of every member that a schema of any version names.
var memberNames = sync.OnceValues(func() (*vocabulary, error) {
	names := &vocabulary{make(map[string]bool), make(map[string]string)}
	for _, file := range schemaNames {
		raw, err := schemas.ReadFile("schema/" + file)
		if err != nil {
			return nil, err
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			return nil, fmt.Errorf("reading schema %s: %w", file, err)
		}
		addNames(doc, names)
	}
	return names, nil
})

// addNames adds the names that a schema has under properties.
func addNames(schema any, names *vocabulary) {
	switch s := schema.(type) {
	case map[string]any:
		for keyword, value := range s {
			members, ok := value.(map[string]any)
			switch {
			case !ok || keyword != "properties" && keyword != "definitions":
				addNames(value, names)
				continue
			case keyword == "properties":
				for name := range members {
					key := fold(name)
					names.exact[name] = true
					if first, ok := names.folded[key]; !ok || name < first {
						names.folded[key] = name
					}
				}
			}
			for _, member := range members {
				addNames(member, names)
			}
		}
	case []any:
		for _, value := range s {
			addNames(value, names)
		}
	}
}

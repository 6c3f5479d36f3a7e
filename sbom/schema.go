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

// schemaNames are the files that are registered, each by its own name: two
// official schemas share one $id, so an $id never decides.
var schemaNames = []string{
	"bom-1.4.schema.json",
	"bom-1.5.schema.json",
	"bom-1.6.schema.json",
	"jsf-0.82.schema.json",
	"spdx.schema.json",
}

// schemaBase makes file names absolute; nothing is ever loaded from it.
const schemaBase = "yurai-schema:///"

// compiled holds the schema of each admitted version, compiled when it is first
// asked for, once, and safe for concurrent use.
var compiled = map[string]func() (*jsonschema.Schema, error){
	"1.4": sync.OnceValues(func() (*jsonschema.Schema, error) { return compile("bom-1.4.schema.json") }),
	"1.5": sync.OnceValues(func() (*jsonschema.Schema, error) { return compile("bom-1.5.schema.json") }),
	"1.6": sync.OnceValues(func() (*jsonschema.Schema, error) { return compile("bom-1.6.schema.json") }),
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
	return violations(invalid), nil
}

//go:build ignore

// Generate reduces the official CycloneDX schemas to structure without prose
// and writes them beside this file, with a manifest that names the source and
// the digest of each original. Same input, same output, byte for byte.
//
//	npm pack @cyclonedx/cyclonedx-library@10.3.0 && tar xzf cyclonedx-cyclonedx-library-10.3.0.tgz
//	go run sbom/schema/generate.go -package package -out sbom/schema [-check]
//
// With -check nothing is written; it exits 1 if a file differs.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// files are the schemas that are embedded, by the name they have here.
var files = []string{
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

// What becomes of each keyword. One that is not listed stops the generator, so
// that a new schema can't lose an assertion in silence.
var (
	dropped = []string{"$id", "$comment", "title", "description", "examples", "default", "deprecated", "meta:enum"}
	kept    = []string{
		"$schema", "$ref", "type", "enum", "const", "format", "pattern", "required", "uniqueItems",
		"minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems",
	}
	single = []string{"not", "if", "then", "else", "additionalProperties", "additionalItems"}
	listed = []string{"allOf", "anyOf", "oneOf"}
	named  = []string{"properties", "patternProperties", "definitions"}
)

type manifest struct {
	Format  string       `json:"format"`
	Source  string       `json:"source"`
	Version string       `json:"version"`
	Licence string       `json:"licence"`
	Files   []provenance `json:"files"`
}

type provenance struct {
	Name     string `json:"name"`     // here
	Path     string `json:"path"`     // in the source package
	Original string `json:"original"` // digest of the file in the source package
	Reduced  string `json:"reduced"`  // digest of the file here
}

func main() {
	source := flag.String("package", "", "folder of the unpacked npm package")
	out := flag.String("out", "", "folder to write to")
	check := flag.Bool("check", false, "compare instead of writing")
	flag.Parse()
	if *source == "" || *out == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := generate(*source, *out, *check); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func generate(source, out string, check bool) error {
	raw, err := os.ReadFile(filepath.Join(source, "package.json"))
	if err != nil {
		return err
	}
	var about struct{ Name, Version, License string }
	if err := json.Unmarshal(raw, &about); err != nil {
		return fmt.Errorf("reading package.json: %w", err)
	}
	m := manifest{Format: "yurai-schemas/1", Source: "npm:" + about.Name, Version: about.Version, Licence: about.License}
	for _, name := range files {
		path := "res/schema/" + strings.Replace(name, ".schema.json", ".SNAPSHOT.schema.json", 1)
		raw, err := os.ReadFile(filepath.Join(source, filepath.FromSlash(path)))
		if err != nil {
			return err
		}
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber()
		var schema any
		if err := dec.Decode(&schema); err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
		reduced, err := reduce(schema, "#")
		if err != nil {
			return fmt.Errorf("reducing %s: %w", path, err)
		}
		text, err := format(reduced)
		if err != nil {
			return err
		}
		if err := put(filepath.Join(out, name), text, check); err != nil {
			return err
		}
		m.Files = append(m.Files, provenance{Name: name, Path: path, Original: digest(raw), Reduced: digest(text)})
	}
	text, err := format(m)
	if err != nil {
		return err
	}
	return put(filepath.Join(out, "manifest.json"), text, check)
}

// reduce returns the schema at a place without what asserts nothing.
func reduce(schema any, at string) (any, error) {
	in, ok := schema.(map[string]any)
	if !ok {
		if _, ok := schema.(bool); ok {
			return schema, nil
		}
		return nil, fmt.Errorf("%s is no schema", at)
	}
	out := make(map[string]any)
	for key, value := range in {
		at := at + "/" + key
		switch {
		case slices.Contains(dropped, key):
		case key == "$ref":
			ref, ok := value.(string)
			if !ok {
				return nil, fmt.Errorf("%s is no string", at)
			}
			out[key] = strings.Replace(ref, ".SNAPSHOT.", ".", 1)
		case slices.Contains(kept, key):
			out[key] = value
		case slices.Contains(single, key):
			sub, err := reduce(value, at)
			if err != nil {
				return nil, err
			}
			out[key] = sub
		case key == "items" || slices.Contains(listed, key):
			list, ok := value.([]any)
			if !ok {
				sub, err := reduce(value, at)
				if err != nil {
					return nil, err
				}
				out[key] = sub
				continue
			}
			subs := make([]any, len(list))
			for i, item := range list {
				sub, err := reduce(item, fmt.Sprint(at, "/", i))
				if err != nil {
					return nil, err
				}
				subs[i] = sub
			}
			out[key] = subs
		case slices.Contains(named, key):
			members, ok := value.(map[string]any)
			if !ok {
				return nil, fmt.Errorf("%s is no object", at)
			}
			subs := make(map[string]any)
			for name, member := range members {
				sub, err := reduce(member, at+"/"+name)
				if err != nil {
					return nil, err
				}
				subs[name] = sub
			}
			out[key] = subs
		default:
			return nil, fmt.Errorf("%s: unknown keyword", at)
		}
	}
	return out, nil
}

// format writes v with sorted members, one space of indentation and a newline.
func format(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	err := enc.Encode(v)
	return b.Bytes(), err
}

func put(path string, text []byte, check bool) error {
	if !check {
		return os.WriteFile(path, text, 0o644)
	}
	have, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !bytes.Equal(have, text) {
		return fmt.Errorf("%s differs from what its source gives", path)
	}
	return nil
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

package problem_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/server/problem"
)

// code is the shape of the literals that must have a row.
var code = regexp.MustCompile(`^(BOM|ENVELOPE|STATEMENT|STATE|KEY|LOG|STORE|CLIENT|AUDIT|TRUST|BUNDLE|POLICY|ORIGIN|VERDICT|SERVER|CLI|LIST|DIFF|OPENING|DECISION|WITNESS|MIRROR)-[A-Z0-9]+-[A-Z0-9]+$`)

// literals adds to found each string literal of a Go source that has the shape
// of a code, with its places as file:line.
func literals(name string, src []byte, found map[string][]string) error {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, src, parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("parsing %s: %w", name, err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return true
		}
		if s, err := strconv.Unquote(lit.Value); err == nil && code.MatchString(s) {
			p := set.Position(lit.Pos())
			found[s] = append(found[s], fmt.Sprintf("%s:%d", p.Filename, p.Line))
		}
		return true
	})
	return nil
}

// moduleRoot returns the nearest folder above the working directory that has a
// go.mod.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("no go.mod above the test")
		}
		dir = up
	}
}

// sources calls visit for each Go file of the module that is neither a test nor
// in a folder that the go command leaves out.
func sources(root string, visit func(name string, src []byte) error) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() {
			if path == root {
				return nil
			}
			if strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "vendor" {
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil { // a module of its own
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		return visit(filepath.ToSlash(rel), src)
	})
}

// gaps compares the codes found in the code with the rows.
func gaps(found map[string][]string, rows []problem.Row) []string {
	var out []string
	have := map[string]bool{}
	for _, r := range rows {
		have[r.Code] = true
		if len(found[r.Code]) == 0 {
			out = append(out, fmt.Sprintf("%s has a row in server/problem but no line of code refuses with it", r.Code))
		}
	}
	for c, places := range found {
		if !have[c] {
			out = append(out, fmt.Sprintf("%s: %s has no row in server/problem", strings.Join(places, ", "), c))
		}
	}
	slices.Sort(out)
	return out
}

// TestCatalogue holds the table against the code of the whole module: each code
// that stands in it has a row, each row's code stands in it outside the table.
func TestCatalogue(t *testing.T) {
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	files := 0
	err = sources(root, func(name string, src []byte) error {
		if strings.HasPrefix(name, "server/problem/") {
			return nil
		}
		files++
		return literals(name, src, found)
	})
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 || len(found) == 0 {
		t.Fatalf("found %d codes in %d files under %s", len(found), files, root)
	}
	for _, gap := range gaps(found, problem.All()) {
		t.Error(gap)
	}
}

func TestCatalogueFindsGaps(t *testing.T) {
	const src = "package p\n\nvar (\n\ta = refuse(\"BOM-JSON-SYNTAX\", 1)\n\tb = `KEY-FILE-MODE`\n\tc = \"BOM-JSON\"\n\td = \"XBOM-JSON-SYNTAX\"\n\te = \"BOM-JSON-SYNTAX and more\"\n)\n"
	found := map[string][]string{}
	if err := literals("p/p.go", []byte(src), found); err != nil {
		t.Fatal(err)
	}
	got := gaps(found, []problem.Row{{Code: "BOM-JSON-SYNTAX"}, {Code: "LOG-NEVER-USED"}})
	want := []string{
		"LOG-NEVER-USED has a row in server/problem but no line of code refuses with it",
		"p/p.go:5: KEY-FILE-MODE has no row in server/problem",
	}
	if !slices.Equal(got, want) {
		t.Errorf("gaps = %q, want %q", got, want)
	}
}

package cli

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// rulesHeading is the section of a TESTING.md that holds rules against tests.
const rulesHeading = "## Rules of the formats and their tests"

// declared is what a package declares, by name: "" for the product's
// functions, methods, types, variables and constants, "_test" for its tests.
type declared map[string]map[string]bool

// declarations reads every package below the root; packages go by the names of
// their folders, which are distinct.
func declarations(t *testing.T, root string) map[string]declared {
	t.Helper()
	all := map[string]declared{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || isModule(path)):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		name, kind := filepath.Base(filepath.Dir(path)), ""
		if strings.HasSuffix(path, "_test.go") {
			kind = "_test"
		}
		if all[name] == nil {
			all[name] = declared{"": {}, "_test": {}}
		}
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				all[name][kind][d.Name.Name] = true
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch s := spec.(type) {
					case *ast.TypeSpec:
						all[name][kind][s.Name.Name] = true
					case *ast.ValueSpec:
						for _, n := range s.Names {
							all[name][kind][n.Name] = true
						}
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var (
	testName  = regexp.MustCompile(`\b(?:Test|Fuzz)[A-Z]\w*`)
	qualified = regexp.MustCompile(`^([a-z]+)\.(\w+)$`)
)

// ruleFaults returns what is wrong with the tables of rules in a TESTING.md: rows
// of other than three columns, a rule twice, a name that no package declares, and
// any test named anywhere in the file that does not exist.
func ruleFaults(text string, all map[string]declared) (rows int, faults []string) {
	add := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	for _, name := range testName.FindAllString(text, -1) {
		if !slices.ContainsFunc(packageNames(all), func(p string) bool { return all[p]["_test"][name] }) {
			add("no package has a test %s", name)
		}
	}
	_, section, found := strings.Cut(text, rulesHeading+"\n")
	if !found {
		add("there is no section %q", rulesHeading)
	}
	if end := strings.Index(section, "\n## "); end >= 0 {
		section = section[:end]
	}
	heading, seen := "", map[string]bool{}
	for line := range strings.Lines(section) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "#"):
			heading = line
			continue
		case !strings.HasPrefix(line, "|"), strings.HasPrefix(line, "|---"), strings.HasPrefix(line, "| rule |"):
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) != 3 {
			add("%d columns in %q", len(cells), line)
			continue
		}
		rows++
		rule := heading + cells[0]
		if strings.TrimSpace(cells[0]) == "" || seen[rule] {
			add("the rule of %q is empty or there twice", line)
		}
		seen[rule] = true
		for i, kind := range []string{"", "_test"} {
			for _, name := range strings.Split(cells[i+1], ",") {
				m := qualified.FindStringSubmatch(strings.TrimSpace(name))
				if m == nil || !all[m[1]][kind][m[2]] || kind == "_test" && !testName.MatchString(m[2]) {
					add("%s: nothing is called %q", strings.TrimSpace(cells[0]), strings.TrimSpace(name))
				}
			}
		}
	}
	return rows, faults
}

func packageNames(m map[string]declared) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// TestRulesHaveTests: every test and every place of the code that the tables of
// rules name exists, so that no row outlives what it speaks of.
func TestRulesHaveTests(t *testing.T) {
	all := declarations(t, "..")
	for _, name := range []string{"ledger", "sbom"} {
		path := filepath.Join("..", name, "TESTING.md")
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		rows, faults := ruleFaults(string(raw), all)
		for _, f := range faults {
			t.Errorf("%s: %s", path, f)
		}
		if rows < 40 {
			t.Errorf("%s: %d rows of rules", path, rows)
		}
	}
}

// TestRuleFaultsAreFound holds the check itself against tables with one fault.
func TestRuleFaultsAreFound(t *testing.T) {
	all := map[string]declared{"p": {"": {"Check": true}, "_test": {"TestCheck": true, "helper": true}}}
	table := func(row string) string {
		return rulesHeading + "\n### A\n| rule | enforced in | test |\n|---|---|---|\n" + row + "\n\n## Later\n| x |\n"
	}
	const good = "| a rule | p.Check | p.TestCheck |"
	if rows, faults := ruleFaults(table(good), all); rows != 1 || len(faults) > 0 {
		t.Errorf("%d rows, %v", rows, faults)
	}
	for name, text := range map[string]string{
		"no section":      "# Testing\n",
		"twice":           table(good + "\n" + good),
		"no rule":         table("| | p.Check | p.TestCheck |"),
		"four columns":    table("| a | b | p.Check | p.TestCheck |"),
		"no such code":    table("| a rule | p.Chek | p.TestCheck |"),
		"no such package": table("| a rule | q.Check | p.TestCheck |"),
		"no such test":    table("| a rule | p.Check | p.TestChek |"),
		"a test's helper": table("| a rule | p.Check | p.helper |"),
		"no package":      table("| a rule | p.Check | TestCheck |"),
		"nothing":         table("| a rule | p.Check | |"),
		"elsewhere":       table(good) + "`p.TestGone` did this.\n",
	} {
		if _, faults := ruleFaults(text, all); len(faults) == 0 {
			t.Errorf("%s: no fault is found", name)
		}
	}
}

// isModule reports whether a folder is a module of its own, not a part of the product.
func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

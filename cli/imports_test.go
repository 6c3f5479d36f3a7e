package cli_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/yurai-ledger/yurai"

// rule forbids an import. Who and never are package patterns: an import path,
// without the module's for packages of ours; "p/..." is p and all below it, "p/*"
// all below it alone. But names those of who that may.
type rule struct {
	who   []string
	but   []string
	never []string
	why   string
}

// rules are the house's: direct imports of code that is no test.
var rules = []rule{
	{
		who: []string{"ledger/..."}, never: []string{"sbom/...", "server/...", "cli/..."},
		why: "the log orders bytes; it knows nothing of what they say",
	},
	{
		who: []string{"ledger"}, never: []string{"ledger/*"},
		why: "package ledger is the formats; whoever keeps or fetches a log stands on it",
	},
	{
		who: []string{"sbom/..."}, never: []string{"server/...", "cli/..."},
		why: "imports run downwards: a verdict needs neither server nor command line",
	},
	{
		who: []string{"server/..."}, never: []string{"cli/..."},
		why: "imports run downwards: the command line stands on the server",
	},
	{
		who: []string{"server/*"}, never: []string{"server"},
		why: "imports run downwards: the server stands on its parts",
	},
	{
		who: []string{"cli/yurai"}, but: nil, never: []string{"ledger/...", "sbom/...", "server/..."},
		why: "main is a few lines around package cli",
	},
	{
		who:   []string{"ledger", "sbom/..."},
		never: []string{"os/...", "net", "net/http/...", "net/rpc/...", "net/smtp", "syscall/...", "io/ioutil", "log/syslog", "golang.org/x/sys/...", "golang.org/x/term", "github.com/dgraph-io/badger/..."},
		why:   "verification runs in an air-gapped dock and in WebAssembly: bytes are arguments",
	},
	{
		who: []string{"sbom/policy"}, never: []string{"sbom/envelope", "ledger/..."},
		why: "a policy sees facts, not keys or trees",
	},
	{
		who: []string{"sbom/..."}, but: []string{"sbom/receiving"}, never: []string{"ledger/..."},
		why: "only receiving brings a bill of materials and the log together",
	},
	{
		who: []string{"..."}, but: []string{"sbom"}, never: []string{"github.com/CycloneDX/cyclonedx-go/..."},
		why: "cyclonedx-go is one read view, behind package sbom's own types",
	},
	{
		who: []string{"..."}, but: []string{"sbom/envelope", "cli/hsm"}, never: []string{"github.com/sigstore/..."},
		why: "signatures are judged in one place, which alone makes a Verified",
	},
	{
		who: []string{"..."}, but: []string{"server/index"}, never: []string{"github.com/dgraph-io/..."},
		why: "badger is an index that can be deleted, never the truth",
	},
	{
		who: []string{"..."}, but: []string{"server"}, never: []string{"server/index"},
		why: "the index proposes; an answer is read again from the log by the server, and proven",
	},
	{
		who: []string{"..."}, but: []string{"cli/..."}, never: []string{"github.com/spf13/...", "github.com/inconshreveable/..."},
		why: "the command tree belongs to package cli",
	},
	{
		who: []string{"..."}, but: []string{"sbom/policy"}, never: []string{"cel.dev/...", "github.com/google/cel-go/..."},
		why: "rules are evaluated in one place, under one three-valued logic",
	},
	{
		who: []string{"..."}, never: []string{"testing/...", "github.com/google/go-cmp/...", "github.com/rogpeppe/go-internal/..."},
		but: []string{"ledger/sequencer/storetest"},
		why: "what serves tests does not go into the binary",
	},
}

// clocks are functions of package time that read the clock, timers those that
// wait on it.
var (
	clocks = []string{"Now", "Since", "Until"}
	timers = []string{"After", "AfterFunc", "NewTicker", "NewTimer", "Sleep", "Tick"}
)

const (
	clockWhy    = "time is an argument: what reads the clock gives another answer tomorrow"
	timerWhy    = "only sequencer, client and witness wait for time to pass"
	upstreamWhy = "an upstream library must be replaceable without changing who uses us"
	nameWhy     = "a package is named for what it has, and everything here may be imported"
)

// Where the clock may be read and where timers may run.
var (
	clockAllowed = []string{"server", "cli/..."}
	timerAllowed = []string{"server/...", "cli/...", "ledger/sequencer", "ledger/client", "ledger/witness"}
)

// badNames are folder names that say nothing.
var badNames = []string{"internal", "pkg", "util", "utils", "common", "types", "helper", "helpers", "misc", "shared"}

// matches reports whether a package is one of the patterns.
func matches(pkg string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if p == "..." {
			return true
		}
		if base, ok := strings.CutSuffix(p, "/..."); ok {
			return pkg == base || strings.HasPrefix(pkg, base+"/")
		}
		if base, ok := strings.CutSuffix(p, "/*"); ok {
			return strings.HasPrefix(pkg, base+"/")
		}
		return pkg == p
	})
}

// own returns the name that rules know an import by: without the module's path
// for packages of ours.
func own(importPath string) string {
	if rest, ok := strings.CutPrefix(importPath, module+"/"); ok {
		return rest
	}
	return importPath
}

// upstream reports whether an import path is another module's.
func upstream(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return strings.Contains(first, ".") && importPath != module && !strings.HasPrefix(importPath, module+"/")
}

// violations returns what one source file does against the rules, each with its
// place and reason. Name is the file's path from the module's root.
func violations(name string, src []byte) ([]string, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, src, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("parsing %s: %w", name, err)
	}
	if outside(file) {
		return nil, nil
	}
	pkg := path.Dir(name)
	var out []string
	report := func(pos token.Pos, format string, args ...any) {
		p := set.Position(pos)
		out = append(out, fmt.Sprintf("%s:%d: ", p.Filename, p.Line)+fmt.Sprintf(format, args...))
	}
	if i := slices.IndexFunc(strings.Split(pkg, "/"), func(s string) bool { return slices.Contains(badNames, s) }); i >= 0 {
		report(file.Package, "a package in %s: %s", pkg, nameWhy)
	}

	imported := map[string]string{} // name in this file → import path
	for _, im := range file.Imports {
		full, err := strconv.Unquote(im.Path.Value)
		if err != nil {
			return nil, fmt.Errorf("parsing %s: %w", name, err)
		}
		imported[localName(im, full)] = full
		for _, r := range rules {
			if matches(pkg, r.who) && !matches(pkg, r.but) && matches(own(full), r.never) {
				report(im.Pos(), "%s imports %s: %s", pkg, full, r.why)
			}
		}
		if full == "time" && im.Name != nil && im.Name.Name == "." && !matches(pkg, clockAllowed) {
			report(im.Pos(), "%s imports package time into its own names: %s", pkg, clockWhy)
		}
	}

	ast.Inspect(file, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := s.X.(*ast.Ident)
		if !ok || imported[x.Name] != "time" {
			return true
		}
		switch {
		case slices.Contains(clocks, s.Sel.Name) && !matches(pkg, clockAllowed):
			report(s.Pos(), "%s uses time.%s: %s", pkg, s.Sel.Name, clockWhy)
		case slices.Contains(timers, s.Sel.Name) && !matches(pkg, timerAllowed):
			report(s.Pos(), "%s uses time.%s: %s", pkg, s.Sel.Name, timerWhy)
		}
		return true
	})

	if pkg != "cli" && !strings.HasPrefix(pkg, "cli/") {
		for _, e := range exported(file) {
			ast.Inspect(e, func(n ast.Node) bool {
				s, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if x, ok := s.X.(*ast.Ident); ok && upstream(imported[x.Name]) {
					report(s.Pos(), "%s has %s.%s of %s in its exported API: %s", pkg, x.Name, s.Sel.Name, imported[x.Name], upstreamWhy)
				}
				return true
			})
		}
	}
	return out, nil
}

// outside reports whether a file is a program of its own beside its package, by
// the line //go:build ignore.
func outside(file *ast.File) bool {
	for _, g := range file.Comments {
		for _, c := range g.List {
			if c.Pos() < file.Package && c.Text == "//go:build ignore" {
				return true
			}
		}
	}
	return false
}

// localName is the name that a file knows an import by: the given one, else the
// last element of the path that is no version, without what a package name
// cannot have.
func localName(im *ast.ImportSpec, full string) string {
	if im.Name != nil {
		return im.Name.Name
	}
	elements := strings.Split(full, "/")
	last := elements[len(elements)-1]
	if len(elements) > 1 && len(last) > 1 && last[0] == 'v' && strings.Trim(last[1:], "0123456789") == "" {
		last = elements[len(elements)-2]
	}
	if last == "cyclonedx-go" {
		return "cyclonedx"
	}
	last = strings.TrimPrefix(last, "go-")
	return strings.TrimSuffix(last, "-go")
}

// exported returns the parts of a file's exported declarations that make their
// type: signatures, fields, methods of interfaces, declared types of variables.
func exported(file *ast.File) (parts []ast.Node) {
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && (d.Recv == nil || exportedReceiver(d.Recv)) {
				parts = append(parts, d.Type)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					if !s.Name.IsExported() {
						continue
					}
					if s.TypeParams != nil {
						parts = append(parts, s.TypeParams)
					}
					parts = append(parts, exportedType(s.Type)...)
				case *ast.ValueSpec:
					if !slices.ContainsFunc(s.Names, (*ast.Ident).IsExported) {
						continue
					}
					if s.Type != nil {
						parts = append(parts, s.Type)
						continue
					}
					for _, v := range s.Values { // var X = upstream.Y, &upstream.Y{…}
						parts = append(parts, outermost(v))
					}
				}
			}
		}
	}
	return parts
}

// exportedType leaves out the fields that only the package itself sees.
func exportedType(t ast.Expr) (parts []ast.Node) {
	s, ok := t.(*ast.StructType)
	if !ok {
		return []ast.Node{t}
	}
	for _, f := range s.Fields.List {
		if len(f.Names) == 0 || slices.ContainsFunc(f.Names, (*ast.Ident).IsExported) {
			parts = append(parts, exportedType(f.Type)...)
		}
	}
	return parts
}

// outermost returns what gives an initial value its type, as far as it can be
// seen.
func outermost(v ast.Expr) ast.Node {
	switch v := v.(type) {
	case *ast.UnaryExpr:
		return outermost(v.X)
	case *ast.CompositeLit:
		if v.Type != nil {
			return v.Type
		}
	case *ast.FuncLit:
		return v.Type
	case *ast.SelectorExpr:
		return v
	case *ast.CallExpr:
		// upstream.F(…) may return a type of its own or none.
		return &ast.Ident{Name: "_"}
	}
	return &ast.Ident{Name: "_"}
}

func exportedReceiver(l *ast.FieldList) bool {
	if len(l.List) != 1 {
		return false
	}
	t := l.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return false
		}
	}
}

// otherModule reports whether a folder below the root is a module of its own,
// which the product does not contain.
func otherModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// TestImports holds every package of the module against the house's rules.
func TestImports(t *testing.T) {
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		} else if !errors.Is(err, fs.ErrNotExist) || root == filepath.Dir(root) {
			t.Fatal("no go.mod above the test")
		}
		root = filepath.Dir(root)
	}
	seen := map[string]bool{}
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() {
			if p != root && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || otherModule(p)) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go") {
			return nil
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		seen[path.Dir(name)] = true
		found, err := violations(name, src)
		for _, v := range found {
			t.Error(v)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range []string{"ledger", "sbom", "sbom/policy", "sbom/receiving", "server", "server/index", "cli/yurai"} {
		if !seen[pkg] {
			t.Errorf("package %s was not looked at", pkg)
		}
	}
}

// TestImportsFindsViolations shows for each rule a source that breaks it, and
// that nothing is found in sources that keep to them.
func TestImportsFindsViolations(t *testing.T) {
	const house = `"` + module + `/`
	broken := map[string]struct{ name, src, why string }{
		"log knows sbom":           {"ledger/audit/a.go", `package audit; import _ ` + house + `sbom/registry"`, rules[0].why},
		"formats know the keeper":  {"ledger/a.go", `package ledger; import _ ` + house + `ledger/filestore"`, rules[1].why},
		"verdict knows server":     {"sbom/receiving/a.go", `package receiving; import _ ` + house + `server/problem"`, rules[2].why},
		"server knows cli":         {"server/problem/a.go", `package problem; import _ ` + house + `cli"`, rules[3].why},
		"part knows server":        {"server/blobs/a.go", `package blobs; import _ ` + house + `server"`, rules[4].why},
		"main knows server":        {"cli/yurai/main.go", `package main; import _ ` + house + `server"`, rules[5].why},
		"sbom opens files":         {"sbom/registry/a.go", `package registry; import "os"`, rules[6].why},
		"sbom starts processes":    {"sbom/a.go", `package sbom; import "os/exec"`, rules[6].why},
		"ledger speaks HTTP":       {"ledger/a.go", `package ledger; import web "net/http"`, rules[6].why},
		"policy sees keys":         {"sbom/policy/a.go", `package policy; import _ ` + house + `sbom/envelope"`, rules[7].why},
		"policy sees trees":        {"sbom/policy/a.go", `package policy; import _ ` + house + `ledger"`, rules[7].why},
		"statement sees the log":   {"sbom/statement/a.go", `package statement; import _ ` + house + `ledger"`, rules[8].why},
		"second cyclonedx":         {"sbom/origin/a.go", `package origin; import _ "github.com/CycloneDX/cyclonedx-go"`, rules[9].why},
		"second sigstore":          {"server/a.go", `package server; import _ "github.com/sigstore/sigstore/pkg/signature"`, rules[10].why},
		"second badger":            {"server/a.go", `package server; import _ "github.com/dgraph-io/badger/v4"`, rules[11].why},
		"badger as truth":          {"ledger/filestore/a.go", `package filestore; import _ "github.com/dgraph-io/badger/v4"`, rules[11].why},
		"index as answer":          {"cli/a.go", `package cli; import _ ` + house + `server/index"`, rules[12].why},
		"commands below cli":       {"server/a.go", `package server; import _ "github.com/spf13/cobra"`, rules[13].why},
		"second rule engine":       {"sbom/receiving/a.go", `package receiving; import _ "cel.dev/cel-go/cel"`, rules[14].why},
		"test library in code":     {"server/a.go", `package server; import _ "testing"`, rules[15].why},
		"clock":                    {"sbom/receiving/a.go", `package receiving; import "time"; var at = time.Now()`, clockWhy},
		"clock under another name": {"ledger/client/a.go", `package client; import t "time"; func f() { g(t.Since) }`, clockWhy},
		"clock without a name":     {"server/index/a.go", `package index; import . "time"; var at = Now()`, clockWhy},
		"timer":                    {"ledger/filestore/a.go", `package filestore; import "time"; func f() { time.Sleep(1) }`, timerWhy},
		"timer in formats":         {"ledger/a.go", `package ledger; import "time"; var c = time.After(1)`, timerWhy},
		"upstream result":          {"sbom/a.go", `package sbom; import cdx "github.com/CycloneDX/cyclonedx-go"; func BOM() (*cdx.BOM, error)`, upstreamWhy},
		"upstream argument":        {"sbom/envelope/a.go", `package envelope; import "github.com/sigstore/sigstore/pkg/signature"; func (k *Key) With(s []signature.Signer)`, upstreamWhy},
		"upstream field":           {"server/index/a.go", `package index; import "github.com/dgraph-io/badger/v4"; type Index struct { DB *badger.DB }`, upstreamWhy},
		"upstream embedded":        {"server/index/a.go", `package index; import "github.com/dgraph-io/badger/v4"; type Index struct { *badger.DB }`, upstreamWhy},
		"upstream in interface":    {"server/index/a.go", `package index; import "github.com/dgraph-io/badger/v4"; type Source interface { Txn() *badger.Txn }`, upstreamWhy},
		"upstream alias":           {"sbom/policy/a.go", `package policy; import "cel.dev/cel-go/cel"; type Program = cel.Program`, upstreamWhy},
		"upstream variable":        {"sbom/policy/a.go", `package policy; import "cel.dev/cel-go/cel"; var Default cel.Program`, upstreamWhy},
		"upstream value":           {"sbom/policy/a.go", `package policy; import "cel.dev/cel-go/cel"; var Bool = cel.BoolType`, upstreamWhy},
		"upstream type parameter":  {"sbom/policy/a.go", `package policy; import "cel.dev/cel-go/cel"; type Of[T cel.Program] struct{}`, upstreamWhy},
		"folder of nothing":        {"sbom/util/a.go", `package util`, nameWhy},
	}
	used := map[string]bool{}
	for name, c := range broken {
		got, err := violations(c.name, []byte(c.src))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !slices.ContainsFunc(got, func(v string) bool {
			return strings.HasPrefix(v, c.name+":1: ") && strings.HasSuffix(v, ": "+c.why)
		}) {
			t.Errorf("%s: %q does not say: %s", name, got, c.why)
		}
		used[c.why] = true
	}
	for _, r := range rules {
		if !used[r.why] {
			t.Errorf("no source here breaks the rule: %s", r.why)
		}
	}
	for name, src := range map[string]string{
		"sbom/receiving/a.go":   `package receiving; import ( "net/url"; "time"; _ ` + house + `ledger"; _ ` + house + `sbom/policy" ); func At(t time.Time) *url.URL`,
		"sbom/a.go":             `package sbom; import cdx "github.com/CycloneDX/cyclonedx-go"; type Document struct { Raw []byte; view *cdx.BOM }; type view = cdx.BOM; func read() *cdx.BOM; func Read() { var b cdx.BOM; _ = b }`,
		"sbom/policy/a.go":      `package policy; import "cel.dev/cel-go/cel"; type engine struct { E *cel.Env }; func (e *engine) Run() *cel.Env; var Env, _ = cel.NewEnv()`,
		"server/index/a.go":     `package index; import "github.com/dgraph-io/badger/v4"; type Index struct { db *badger.DB }`,
		"ledger/sequencer/a.go": `package sequencer; import "time"; func f() { <-time.NewTimer(1).C }`,
		"server/a.go":           `package server; import ( "time"; _ ` + house + `server/index"; _ ` + house + `ledger/sequencer" ); var now = time.Now`,
		"cli/a.go":              `package cli; import ( "os"; "time"; "github.com/spf13/cobra"; _ ` + house + `server" ); func Command() *cobra.Command { time.Now(); return nil }`,
		"cli/yurai/main.go":     `package main; import ( "os"; "` + module + `/cli" ); func main() { os.Exit(cli.Run()) }`,
		"sbom/schema/gen.go":    "//go:build ignore\n\npackage main; import \"os\"; func main() { os.Exit(1) }",
		"ledger/storetime/a.go": `package storetime; type time struct{}; func (time) Now() {}; func f(t time) { t.Now() }`,
	} {
		got, err := violations(name, []byte(src))
		if err != nil || len(got) > 0 {
			t.Errorf("%s keeps to the rules, found %q, %v", name, got, err)
		}
	}
}

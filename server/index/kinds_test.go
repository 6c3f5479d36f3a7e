package index

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// pinned are the kinds of term with their numbers. Whoever changes one, or the
// bytes that make its terms, raises the vocabulary: an index of older terms
// would call absent what it never heard of.
const pinned = `vocabulary 5
1 BOMDigest
2 BOMOwn
3 BOMNumber
4 BOMSupersedes
5 SaidParty
6 SaidProduct
7 SaidSerial
8 Withdraws
9 SaidKind
10 SaidAbout
11 SaidDigest
12 SaidEntry
13 SaidPart
14 SaidMakerPart
15 SaidName
16 SaidRole
17 SaidHidden
32 InsidePart
33 InsideMakerPart
34 InsideMaker
35 InsideDigest
36 InsideHeld
37 InsideUnread
38 InsideMissing
`

// TestKindNumbers reads the constants from the source: no two kinds share a
// number, none is zero, and all are as pinned.
func TestKindNumbers(t *testing.T) {
	type kind struct {
		n    int
		name string
	}
	var kinds []kind
	for _, name := range []string{"index.go", "kinds.go"} {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				v := s.(*ast.ValueSpec)
				if of, ok := v.Type.(*ast.Ident); !ok || of.Name != "Kind" {
					continue
				}
				lit, ok := v.Values[0].(*ast.BasicLit)
				if !ok || len(v.Names) != 1 {
					t.Fatalf("%s is not one number written out", v.Names[0].Name)
				}
				n, err := strconv.Atoi(lit.Value)
				if err != nil || n < 1 || n > 255 {
					t.Fatalf("%s = %s, %v", v.Names[0].Name, lit.Value, err)
				}
				kinds = append(kinds, kind{n, v.Names[0].Name})
			}
		}
	}
	slices.SortFunc(kinds, func(a, b kind) int { return a.n - b.n })
	var got strings.Builder
	fmt.Fprintf(&got, "vocabulary %d\n", vocabulary)
	for i, k := range kinds {
		if i > 0 && kinds[i-1].n == k.n {
			t.Errorf("%s and %s are both %d", kinds[i-1].name, k.name, k.n)
		}
		fmt.Fprintf(&got, "%d %s\n", k.n, k.name)
	}
	if got.String() != pinned {
		t.Errorf("kinds are\n%swant\n%s", got.String(), pinned)
	}
}

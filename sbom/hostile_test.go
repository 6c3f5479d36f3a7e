package sbom_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
	"github.com/yurai-ledger/yurai/server/problem"
)

var update = flag.Bool("update", false, "write testdata/hostile/expect.txt anew; read the difference before it is committed")

const hostileHead = `# What each file of this folder must give: the file, whether it is admitted, and
# every finding of admission and lint as code, JSON Pointer and line.
`

// TestHostile holds the verdict and every finding of each file of the hostile set
// against what expect.txt says of it, in both directions.
func TestHostile(t *testing.T) {
	files, err := filepath.Glob("testdata/hostile/*.cdx.json")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d hostile documents (%v), want at least 60", len(files), err)
	}
	var got strings.Builder
	got.WriteString(hostileHead)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, findings := sbom.Admit(raw, sbom.Limits{})
		verdict := "refused"
		if doc != nil {
			verdict = "admitted"
			sound(t, file, doc)
			findings = slices.Concat(findings, sbom.Lint(doc, sbom.Limits{}), origin.Lint(doc))
		}
		fmt.Fprintf(&got, "%s %s\n", strings.TrimSuffix(filepath.Base(file), ".cdx.json"), verdict)
		for _, f := range findings {
			fmt.Fprintf(&got, "\t%s %q %d\n", f.Code, f.Pointer, f.Line)
			row, ok := problem.Lookup(f.Code)
			if !ok || string(row.Severity) != string(f.Severity) || row.Remedy.EN == "" || row.Remedy.JA == "" {
				t.Errorf("%s: %s has severity %s and the row %+v", file, f.Code, f.Severity, row)
			}
		}
	}
	const table = "testdata/hostile/expect.txt"
	if *update {
		if err := os.WriteFile(table, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

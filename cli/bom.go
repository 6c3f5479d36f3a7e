package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
	"github.com/yurai-ledger/yurai/server/problem"
)

func newBOM(e *environment) *cobra.Command {
	cmd := group(e, &cobra.Command{Use: "bom", Short: "Work on bills of materials"})
	cmd.AddCommand(newBOMLint(e), newBOMTree(e))
	return cmd
}

// lintReport is one line of `bom lint -f json`.
type lintReport struct {
	File     string         `json:"file"`
	Valid    bool           `json:"valid"`
	Findings []sbom.Finding `json:"findings"`
}

func newBOMLint(e *environment) *cobra.Command {
	var form formatFlag
	var out result
	cmd := leaf(e, &cobra.Command{
		Use:   "lint FILE… [-f table|json]",
		Short: "Say whether files would be admitted, with the place of every fault",
		Long: `Examine CycloneDX bills of materials in JSON as the ledger does when they are
submitted: size, depth, strict JSON, the official schema, references. Of those that
would be admitted it also warns of what somebody would read wrongly or miss: cycles,
BOM-Links, countries, origins, makers, completeness, digests, active URLs. "-" is
standard input. Exit 0 if every file would be admitted, 3 if not; -f json gives one
line a file.`,
		Example: "  yurai bom lint relay.cdx.json -f json",
	}, cobra.MinimumNArgs(1), func(_ *cobra.Command, files []string) error {
		code := exitDone
		for _, file := range files {
			raw, err := e.readInput(file, maxBOM)
			if err != nil {
				e.complain(err)
				code = worst(code, exitOf(err))
				continue
			}
			r := lint(e, file, raw)
			if !r.Valid {
				code = worst(code, exitInput)
			}
			if !form.json() {
				r.print(e, &out)
				continue
			}
			line, err := json.Marshal(r)
			if err != nil {
				return err
			}
			out.Write(append(harmless(line), '\n'))
		}
		if err := out.deliver(e); err != nil {
			return err
		}
		return end(code)
	})
	form.flag(cmd, "table", "json")
	out.flag(cmd)
	return cmd
}

// maxBOM is the most that is read of a bill of materials. What is admitted is
// far less: a file between the two gets the refusal for that, with its digest.
const maxBOM = 256 << 20

// lint examines one document: what refuses it, and what a valid one tells in a way
// that somebody reads wrongly.
func lint(e *environment, file string, raw []byte) lintReport {
	doc, findings := sbom.Admit(raw, sbom.DefaultLimits)
	if doc != nil {
		findings = slices.Concat(findings, sbom.Lint(doc, sbom.DefaultLimits), origin.Lint(doc))
	}
	r := lintReport{File: strings.ToValidUTF8(file, "\uFFFD"), Valid: doc != nil, Findings: []sbom.Finding{}}
	for _, f := range findings {
		if row, ok := problem.Lookup(f.Code); ok {
			f.Remedy = row.Remedy.In(e.lang)
		}
		r.Findings = append(r.Findings, f)
	}
	return r
}

// print writes the report for people.
func (r lintReport) print(e *environment, out *result) {
	word := e.text("valid", "有効")
	if !r.Valid {
		word = e.text("not valid", "無効")
	}
	fmt.Fprintf(out, "%s: %s\n", printable(r.File), word)
	for _, f := range r.Findings {
		where := f.Pointer
		if f.Line > 0 {
			where = e.text(fmt.Sprintf("line %d %s", f.Line, f.Pointer), fmt.Sprintf("%d行目 %s", f.Line, f.Pointer))
		}
		fmt.Fprintf(out, "  %s %s %s\n", e.severity(problem.Severity(f.Severity)), f.Code, printable(where))
		fmt.Fprintf(out, "      %s\n", printable(f.Text))
		if f.Remedy != "" {
			fmt.Fprintf(out, "      %s%s\n", e.text("remedy: ", "対処: "), f.Remedy)
		}
	}
}

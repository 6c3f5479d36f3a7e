package cli

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/server/problem"
)

// explanationFormat is the "format" member of `explain -f json`.
const explanationFormat = "yurai-explanation/1"

// explanation is a row of the table of problems.
type explanation struct {
	Format   string           `json:"format"`
	Code     string           `json:"code"`
	Severity problem.Severity `json:"severity"`
	Exit     int              `json:"exit"`
	Status   int              `json:"status"` // HTTP, 0 if it never travels over HTTP
	Cause    problem.Text     `json:"cause"`
	Remedy   problem.Text     `json:"remedy"`
}

func newExplain(e *environment) *cobra.Command {
	var form formatFlag
	var out result
	cmd := leaf(e, &cobra.Command{
		Use:     "explain CODE [-f table|json]",
		Short:   "Say what a code means and what mends it",
		Example: "  yurai explain LOG-CHECKPOINT-SIGNATURE --lang ja",
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var codes []string
			for _, r := range problem.All() {
				codes = append(codes, r.Code)
			}
			return codes, cobra.ShellCompDirectiveNoFileComp
		},
	}, cobra.ExactArgs(1), func(_ *cobra.Command, args []string) error {
		code := strings.ToUpper(args[0])
		row, ok := problem.Lookup(code)
		if !ok {
			text := fmt.Sprintf("%q is no code of this program", args[0])
			if near := nearest(code); len(near) > 0 {
				text += "; did you mean " + strings.Join(near, " or ") + "?"
			}
			return refuse("CLI-CODE-UNKNOWN", "%s", text)
		}
		if form.json() {
			raw, err := json.Marshal(explanation{explanationFormat, row.Code, row.Severity, row.Exit, row.Status, row.Cause, row.Remedy})
			if err != nil {
				return err
			}
			out.Write(append(raw, '\n'))
			return out.deliver(e)
		}
		fmt.Fprintf(&out, "%s\n", row.Code)
		line := func(en, ja, value string) {
			fmt.Fprintf(&out, "  %s%s\n", pad(e.text(en, ja), 12), value)
		}
		line("cause", "原因", row.Cause.In(e.lang))
		line("remedy", "対処", row.Remedy.In(e.lang))
		line("severity", "重大度", e.severity(row.Severity))
		line("exit code", "終了コード", fmt.Sprint(row.Exit))
		if row.Status != 0 {
			line("http", "HTTP", fmt.Sprint(row.Status))
		}
		return out.deliver(e)
	})
	form.flag(cmd, "table", "json")
	out.flag(cmd)
	return cmd
}

// severity returns the word for a severity.
func (e *environment) severity(s problem.Severity) string {
	switch s {
	case problem.SeverityError:
		return e.text("error", "エラー")
	case problem.SeverityWarning:
		return e.text("warning", "警告")
	}
	return e.text("note", "注記")
}

// nearest returns at most three codes that are few letters away from code.
func nearest(code string) []string {
	const most, enough = 3, 6
	var near [enough][]string
	for _, r := range problem.All() {
		d := distance(code, r.Code)
		if strings.HasPrefix(r.Code, code) && code != "" {
			d = min(d, 1)
		}
		if d < enough {
			near[d] = append(near[d], r.Code)
		}
	}
	var out []string
	for _, codes := range near {
		out = append(out, codes...)
	}
	return out[:min(len(out), most)]
}

// distance is the number of letters to insert, delete or replace (Levenshtein)
// between two short words; longer ones are far apart.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

package cli

import (
	"fmt"
	"strings"

	"github.com/yurai-ledger/yurai/sbom/receiving"
)

// printMarkdown writes verdicts as GitHub Flavored Markdown. All text of bills of
// materials, bundles and policies goes through [plainMarkdown].
func (e *environment) printMarkdown(out *result, judged []*received) {
	for i, f := range judged {
		if i > 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintf(out, "## %s\n\n", plainMarkdown(f.name))
		v := f.verdict
		if v == nil {
			fmt.Fprintf(out, "**%s** %s\n", e.text("no verdict:", "判定不能："), plainMarkdown(refusalText(f.refused)))
			continue
		}
		fmt.Fprintf(out, "**%s**\n\n", plainMarkdown(e.verdictWord(v)))
		fmt.Fprintf(out, "| %s | %s | %s |\n|---|---|---|\n", e.text("row", "項目"), e.text("outcome", "結果"), e.text("basis", "根拠"))
		for _, r := range v.Rows {
			fmt.Fprintf(out, "| %s | %s | %s |\n", plainMarkdown(e.rowWord(r.Name)), plainMarkdown(e.outcomeWord(r.Outcome)), plainMarkdown(r.Text))
		}
		e.markdownReasons(out, v)
		if todo := e.todo(v); len(todo) > 0 {
			fmt.Fprintf(out, "\n### %s\n\n", e.text("What to do", "対処"))
			for _, t := range todo {
				fmt.Fprintf(out, "- %s\n", plainMarkdown(t))
			}
		}
		fmt.Fprintf(out, "\n%s\n\n%s\n", plainMarkdown(e.text(
			fmt.Sprintf("Stage %s, judged at %s.", v.Stage, v.At), fmt.Sprintf("段階 %s、判定時刻 %s。", e.stageWord(v.Stage), v.At))),
			plainMarkdown(e.notice(v)))
	}
}

func (e *environment) markdownReasons(out *result, v *receiving.Verdict) {
	if len(v.Reasons) == 0 {
		return
	}
	fmt.Fprintf(out, "\n| %s | %s | %s | %s |\n|---|---|---|---|\n", e.text("outcome", "結果"), e.text("code", "コード"), e.text("reason", "理由"), e.text("where", "箇所"))
	for _, r := range v.Reasons {
		code := r.Code
		if r.Rule != nil {
			code += " " + *r.Rule
		}
		where := strings.Join(strings.Fields(e.subjects(r)), " ")
		fmt.Fprintf(out, "| %s | %s | %s | %s |\n", plainMarkdown(e.reasonWord(r.Outcome)), plainMarkdown(code), plainMarkdown(r.Text), plainMarkdown(where))
	}
}

// refusalText is an error on one line.
func refusalText(err error) string {
	if err == nil {
		return ""
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}

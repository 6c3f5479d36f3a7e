package cli

import (
	"fmt"
	"strings"

	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/server/problem"
)

// printJudged writes the verdicts in a form: lines of JSON, one a file, or one
// document for all. What came to no verdict was complained of; the forms that are
// one document say so too.
func (e *environment) printJudged(out *result, form string, judged []*received) error {
	switch form {
	case "sarif":
		return e.printSARIF(out, judged)
	case "junit":
		return e.printJUnit(out, judged)
	case "markdown":
		e.printMarkdown(out, judged)
		return nil
	}
	for i, f := range judged {
		if f.verdict == nil {
			continue
		}
		if form == "table" {
			if i > 0 {
				fmt.Fprintln(out)
			}
			e.printVerdict(out, f.name, f.verdict)
			continue
		}
		line, err := f.verdict.JSON()
		if err != nil {
			return err
		}
		out.Write(append(harmless(line), '\n'))
	}
	return nil
}

// printVerdict writes a verdict for people: the word, six rows, why, what to do,
// how much was looked at, and what the verdict is not.
func (e *environment) printVerdict(out *result, name string, v *receiving.Verdict) {
	fmt.Fprintf(out, "%s\n  %s\n\n", printable(name), e.verdictWord(v))
	for _, r := range v.Rows {
		fmt.Fprintf(out, "  %s%s%s\n", pad(e.outcomeWord(r.Outcome), 14), pad(e.rowWord(r.Name), 14), printable(r.Text))
	}
	if len(v.Reasons) > 0 {
		fmt.Fprintf(out, "\n  %s\n", e.text("Reasons", "理由"))
	}
	for _, r := range v.Reasons {
		rule := ""
		if r.Rule != nil {
			rule = " " + *r.Rule
		}
		fmt.Fprintf(out, "    %s%s [%s%s]%s\n", pad(e.reasonWord(r.Outcome), 10), printable(r.Text), r.Code, rule, e.subjects(r))
	}
	if todo := e.todo(v); len(todo) > 0 {
		fmt.Fprintf(out, "\n  %s\n", e.text("What to do", "対処"))
		for _, t := range todo {
			fmt.Fprintf(out, "    %s\n", printable(t))
		}
	}
	fmt.Fprintln(out)
	if v.Entry != nil && v.Party != nil {
		fmt.Fprintf(out, "  %s\n", printable(e.text(
			fmt.Sprintf("%s (%s), entry %d of %d in %s", v.PartyName, v.Party.ID, v.Entry.Index, v.Entry.TreeSize, v.Entry.Log),
			fmt.Sprintf("%s（%s）、%s の%d件中の記録 %d", v.PartyName, v.Party.ID, v.Entry.Log, v.Entry.TreeSize, v.Entry.Index))))
	}
	fmt.Fprintf(out, "  %s\n", e.text(
		fmt.Sprintf("Looked at %d components: %d of unknown origin, %d excepted on the vendor's word, list %s.", v.Counts.Components, v.Counts.Unknown, v.Counts.Excepted, e.complete(v)),
		fmt.Sprintf("部品%d点を確認：製造場所不明%d点、ベンダーの申告による除外%d点、部品表は%s。", v.Counts.Components, v.Counts.Unknown, v.Counts.Excepted, e.complete(v))))
	fmt.Fprintf(out, "  %s\n", e.text(fmt.Sprintf("Stage %s, judged at %s.", v.Stage, v.At), fmt.Sprintf("段階 %s、判定時刻 %s。", e.stageWord(v.Stage), v.At)))
	fmt.Fprintf(out, "  %s\n", e.notice(v))
}

// notice is the line that every rendering of a verdict ends with: what it is not.
func (e *environment) notice(v *receiving.Verdict) string {
	verified := ""
	if !v.Policy.Verified {
		verified = e.text(" (not verified)", "（未検証）")
	}
	return printable(e.text(
		fmt.Sprintf("Decision aid under policy %s v%d%s. Not a filing, clearance or legal opinion.", v.Policy.ID, v.Policy.Version, verified),
		fmt.Sprintf("ポリシー %s v%d%sによる判断の補助です。届出・審査結果・法的見解ではありません。", v.Policy.ID, v.Policy.Version, verified)))
}

// verdictWord is the verdict with its scope.
func (e *environment) verdictWord(v *receiving.Verdict) string {
	word := map[string]string{
		receiving.Accept: e.text("ACCEPT", "受入 ACCEPT"),
		receiving.Hold:   e.text("HOLD", "保留 HOLD"),
		receiving.Reject: e.text("REJECT", "受入拒否 REJECT"),
	}[v.Verdict]
	switch v.Scope {
	case receiving.ScopeDocument:
		return word + e.text(" (document only: no machine was looked at)", "（書類のみ：機器は確認していません）")
	case receiving.ScopeUnit:
		return word + e.text(" (unit: label and shipment, no machine was looked into)", "（現品：表示と出荷明細のみ、機器の内部は確認していません）")
	}
	return word + fmt.Sprintf(" (%s)", v.Scope)
}

func (e *environment) outcomeWord(o receiving.Outcome) string {
	switch o {
	case receiving.Pass:
		return e.text("pass", "合格")
	case receiving.HoldRow:
		return e.text("hold", "保留")
	case receiving.Fail:
		return e.text("FAIL", "不合格")
	case receiving.NotRequired:
		return e.text("not required", "要求なし")
	}
	return e.text("unknown", "不明")
}

func (e *environment) rowWord(name string) string {
	switch name {
	case receiving.RowSignature:
		return e.text(name, "署名")
	case receiving.RowLog:
		return e.text(name, "台帳")
	case receiving.RowWitnesses:
		return e.text(name, "立会人")
	case receiving.RowContents:
		return e.text(name, "内容")
	case receiving.RowOrigin:
		return e.text(name, "原産地")
	case receiving.RowAdvisories:
		return e.text(name, "注意喚起")
	}
	return name
}

func (e *environment) reasonWord(outcome string) string {
	switch outcome {
	case receiving.Reject:
		return e.text("reject", "拒否")
	case receiving.Hold:
		return e.text("hold", "保留")
	}
	return e.text("note", "注記")
}

func (e *environment) stageWord(stage string) string {
	return map[string]string{"tender": "調達前", "receipt": "受領時", "install": "導入時", "recheck": "再確認"}[stage]
}

func (e *environment) complete(v *receiving.Verdict) string {
	if v.Counts.Complete {
		return e.text("stated complete", "完全と申告")
	}
	return e.text("not stated complete", "完全との申告なし")
}

// subjects shows how many places a reason is about, and the first of them.
func (e *environment) subjects(r receiving.Reason) string {
	const most = 3
	if len(r.Subjects) == 0 {
		return ""
	}
	shown := make([]string, 0, most+1)
	for _, s := range r.Subjects[:min(len(r.Subjects), most)] {
		if s == "" {
			s = "/"
		}
		shown = append(shown, printable(s))
	}
	n := max(r.Count, len(r.Subjects))
	if n > len(shown) {
		shown = append(shown, e.text(fmt.Sprintf("%d in all", n), fmt.Sprintf("計%d件", n)))
	}
	return "\n" + strings.Repeat(" ", 14) + strings.Join(shown, ", ")
}

// todo lists the actions that mend what stands against acceptance, each once.
func (e *environment) todo(v *receiving.Verdict) []string {
	var list []string
	seen := map[string]bool{}
	for _, r := range v.Reasons {
		row, ok := problem.Lookup(r.Code)
		if !ok || r.Outcome == "note" {
			continue
		}
		if text := row.Remedy.In(e.lang); !seen[text] {
			seen[text] = true
			list = append(list, text)
		}
	}
	return list
}

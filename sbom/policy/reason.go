package policy

import (
	"fmt"
	"strings"
	"unicode"
)

func (v *evaluation) hitReason(r *Rule, t tally) Reason {
	text := r.Because
	held := v.effectOfSimilar(r, t)
	if len(t.similar) > 0 && held == r.Outcome {
		like := likeness(t)
		text.EN += "; " + like.EN
		text.JA += "。" + like.JA
	}
	more := 0
	if r.Unknown == r.Outcome {
		more += len(t.unknown) - len(t.similar)
	}
	text = withMore(text, more)
	return Reason{
		Code: "POLICY-RULE-HIT", Rule: r.ID, Row: r.Row, Outcome: r.Outcome, Value: True,
		Count: len(t.hits), Subjects: t.hits, Waivable: r.Waivable, List: v.listOf(r, t.list), Text: text,
	}
}

// effectOfSimilar is what a name that is alike does: it holds, whatever the rule
// says of unknown, unless that is more.
func (v *evaluation) effectOfSimilar(r *Rule, t tally) Effect {
	switch {
	case len(t.similar) == 0:
		return Pass
	case r.Unknown == Reject:
		return Reject
	}
	return Hold
}

func withMore(t Text, more int) Text {
	if more > 0 {
		t.EN += fmt.Sprintf(" (%d more unknown)", more)
		t.JA += fmt.Sprintf("(ほかに不明%d件)", more)
	}
	return t
}

// likeness names the pair of names that are most alike.
func likeness(t tally) Text {
	s := t.similar[0]
	told, listed := shown(s.told), shown(s.listed)
	text := Text{
		EN: fmt.Sprintf("%s is similar to %s on the list %s (%d of 1000)", told, listed, s.list.input.List, s.score),
		JA: fmt.Sprintf("%sはリスト%sの%sに類似しています(1000分の%d)", told, s.list.input.List, listed, s.score),
	}
	if more := len(t.similar) - 1; more > 0 {
		text.EN += fmt.Sprintf(", and %d more names", more)
		text.JA += fmt.Sprintf("(ほかに%d件)", more)
	}
	return text
}

// shown returns a name of bounded length without characters that are not seen, in quotes.
func shown(name string) string {
	name = strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return -1
		}
		return r
	}, name)
	if runes := []rune(name); len(runes) > maxQuote {
		name = string(runes[:maxQuote]) + "..."
	}
	return "\"" + name + "\""
}

// similarReason holds because of a name that is alike.
func (v *evaluation) similarReason(r *Rule, t tally) Reason {
	out := Reason{
		Code: "POLICY-NAME-SIMILAR", Rule: r.ID, Row: r.Row, Outcome: v.effectOfSimilar(r, t), Value: Unknown,
		Waivable: r.Waivable, List: v.listOf(r, t.similar[0].list),
	}
	like := likeness(t)
	out.Text = Text{EN: r.Title.EN + ": " + like.EN, JA: r.Title.JA + ":" + like.JA}
	out.Subjects = []string{}
	for _, p := range t.unknown {
		for _, s := range t.similar {
			if s.pointer == p {
				out.Subjects = append(out.Subjects, p)
				break
			}
		}
	}
	if out.Outcome == r.Unknown {
		out.Subjects = t.unknown
		out.Text = withMore(out.Text, len(t.unknown)-len(t.similar))
	}
	out.Count = len(out.Subjects)
	return out
}

// listOf returns the digest of a list, of the first that the rule mentions if no
// one is known to be meant, and "" if there is none at hand.
func (v *evaluation) listOf(r *Rule, l *listValue) string {
	for _, name := range r.compiled.inputs {
		if l != nil {
			break
		}
		l, _ = v.input.values[name].(*listValue)
	}
	if l == nil {
		return ""
	}
	return l.list.DigestString()
}

// unknownReason says why a rule is unknown: what the operator can mend first.
func (v *evaluation) unknownReason(r *Rule, t tally) Reason {
	out := Reason{
		Code: "POLICY-RULE-UNKNOWN", Rule: r.ID, Row: r.Row, Outcome: r.Unknown, Value: Unknown,
		Count: len(t.unknown), Subjects: t.unknown, Waivable: r.Waivable, List: v.listOf(r, nil),
	}
	if out.Subjects == nil {
		out.Subjects = []string{}
	}
	title := r.Title
	for _, code := range []string{"POLICY-INPUT-UNSET", "POLICY-LIST-ABSENT", "POLICY-LIST-STALE"} {
		var names []string
		var why Text
		for _, name := range r.compiled.inputs {
			if l := v.lacking[name]; l.code == code {
				if why = l.text; len(names) > 0 {
					why = lackOfSeveral[code]
				}
				names = append(names, name)
			}
		}
		if len(names) == 0 {
			continue
		}
		list := strings.Join(names, ", ")
		out.Code = code
		out.Text = Text{EN: fmt.Sprintf("%s: the list %s %s", title.EN, list, why.EN), JA: fmt.Sprintf("%s:リスト%s%s", title.JA, list, why.JA)}
		if code == "POLICY-INPUT-UNSET" {
			out.Text = Text{EN: fmt.Sprintf("%s: the input %s %s", title.EN, list, why.EN), JA: fmt.Sprintf("%s:入力%s%s", title.JA, list, why.JA)}
		}
		return out
	}
	switch {
	case r.Each == EachUnit:
		out.Code = "POLICY-UNITS-ABSENT"
		out.Text = Text{
			EN: title.EN + ": no unit was looked at, only a document",
			JA: title.JA + ":文書のみの判定であり、実機(個体)は確認していません",
		}
	case t.failed:
		out.Code = "POLICY-RULE-ERROR"
		out.Text = Text{
			EN: fmt.Sprintf("%s: the expression could not be evaluated for %d of %d subjects", title.EN, len(t.unknown), t.judged),
			JA: fmt.Sprintf("%s:%d件中%d件で式を評価できませんでした", title.JA, t.judged, len(t.unknown)),
		}
	case len(t.unknown) == 0:
		out.Code = "POLICY-SUBJECTS-INCOMPLETE"
		what := subjectWords[r.Each]
		out.Text = Text{
			EN: fmt.Sprintf("%s: none of %d %s, but the bill of materials is not stated to list them all", title.EN, t.judged, what.EN),
			JA: fmt.Sprintf("%s:記載された%s%d件に該当はありませんが、部品表がすべてを記載しているとは明示されていません", title.JA, what.JA, t.judged),
		}
	default:
		out.Text = Text{
			EN: fmt.Sprintf("%s: unknown for %d of %d", title.EN, len(t.unknown), t.judged),
			JA: fmt.Sprintf("%s:%d件中%d件が不明です", title.JA, t.judged, len(t.unknown)),
		}
		if t.incomplete {
			what := subjectWords[r.Each]
			out.Text.EN += fmt.Sprintf(", and the bill of materials is not stated to list all %s", what.EN)
			out.Text.JA += fmt.Sprintf("。また、部品表がすべての%sを記載しているとは明示されていません", what.JA)
		}
	}
	return out
}

// subjectWords name many subjects.
var subjectWords = map[Each]Text{
	EachComponent: {EN: "components", JA: "構成要素"},
	EachService:   {EN: "services", JA: "サービス"},
	EachParty:     {EN: "parties", JA: "当事者"},
}

var lackOfSeveral = map[string]Text{
	"POLICY-INPUT-UNSET": {EN: "are not set", JA: "が設定されていません"},
	"POLICY-LIST-ABSENT": {EN: "are not at hand", JA: "が手元にありません"},
	"POLICY-LIST-STALE":  {EN: "are too old or have no date", JA: "は古すぎるか、日付がありません"},
}

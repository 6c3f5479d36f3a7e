package receiving

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/diff"
	"github.com/yurai-ledger/yurai/sbom/origin"
	"github.com/yurai-ledger/yurai/sbom/policy"
)

// Assessment is what was assessed before, at tender say, and is now compared with
// what is offered.
type Assessment struct {
	File []byte    // the BOM that was assessed
	At   time.Time // when it was judged; zero is not known
}

// PolicyTests is what came of the tests that a policy carries, see
// [policy.Policy.Test].
type PolicyTests struct {
	Passed  int      // number of tests
	Failed  []string // names, in the order of the policy
	Skipped []string // names of those whose files were not at hand; the same
}

// contextAssessed is the member of a verdict's context that names the bytes that
// were assessed before.
const contextAssessed = "assessed"

// told returns the context as a verdict has it: what is told of it, the stage not
// among it.
func told(c policy.Context, a *Assessment) map[string]string {
	out := map[string]string{}
	for name, value := range map[string]string{"sector": c.Sector, "facility": c.Facility, "asset": c.Asset, "operator": c.Operator} {
		if value != "" {
			out[name] = value
		}
	}
	if a != nil {
		digest := sha256.Sum256(a.File)
		out[contextAssessed] = "sha256:" + hex.EncodeToString(digest[:])
	}
	return out
}

// evidence gathers what the policy judges by.
//
// What the log says counts only with a usable status: without one the standing is
// unknown. The date of the statement is what its signer claims, and left out if it
// lies after the time of judgement or after the status that the log signed for it.
func (j *judge) evidence(doc *sbom.Document, facts *origin.Facts) policy.Evidence {
	context := j.r.Context
	context.Stage = j.r.Stage
	e := policy.Evidence{
		Facts: facts, At: j.r.At, Context: context, Inputs: j.r.Inputs, Lists: j.r.Lists,
		Advised: j.advised(doc), Dates: map[string]time.Time{},
	}
	if j.ev != nil {
		if j.vouched {
			e.Standing = string(j.ev.Standing.Word)
			e.Dates["status"] = j.ev.Status.Made
		}
		made := j.ev.Statement.Made
		if !Ahead(made, j.r.At) && (j.ev.Status == nil || !Ahead(made, j.ev.Status.Made)) {
			e.Dates["statement"] = made
		}
	}
	if a := j.r.Assessed; a != nil {
		if !a.At.IsZero() {
			e.Dates["assessment"] = a.At
		}
		e.Changed = j.changed(a, doc)
	}
	return e
}

// changed compares with what was assessed before, and notes what a policy could
// judge by and is otherwise now.
func (j *judge) changed(a *Assessment, doc *sbom.Document) policy.Truth {
	old, findings := j.r.Memo.Admit(a.File, j.r.Limits)
	if old == nil {
		f := sbom.FirstError(findings)
		j.speak(RowContents, Unknown, "VERDICT-ASSESSED-UNREAD",
			"what was assessed before is no admissible BOM: "+f.Error(),
			"以前に審査した部品表を読み取れません: "+f.Error())
		return policy.Unknown
	}
	changes := diff.Compare(old, doc)
	renamed := j.renamed()
	truth := changes.Origin()
	if len(renamed) > 0 {
		truth = truth.Or(policy.Unknown)
	}
	if truth == policy.False {
		return truth
	}
	var first *diff.Change
	var subjects []string
	count := 0
	for i := range changes.List {
		c := &changes.List[i]
		if c.Judged() == policy.False {
			continue
		}
		if count++; first == nil {
			first = c
		}
		if c.New != nil && c.New.Pointer != "" {
			subjects = append(subjects, c.New.Pointer)
		}
	}
	en, ja := "the documents cannot be compared", "部品表を比較できません"
	switch {
	case first != nil:
		text := first.Sentence()
		en, ja = sbom.Clip(text.EN, 400), sbom.Clip(text.JA, 400)
		if count > 1 {
			en += fmt.Sprintf(" (and %d more)", count-1)
			ja += fmt.Sprintf("（ほか%d件）", count-1)
		}
	case len(renamed) > 0:
		en, ja = "a BOM-Link without a digest may mean other bytes", "ダイジェストのないBOM-Linkの参照先が変わった可能性があります"
		subjects, count = renamed, len(renamed)
	case changes.Other:
		en, ja = "the document is about another product", "別の製品の部品表です"
	}
	r := j.speak(RowContents, Pass, "VERDICT-ASSESSED-CHANGED", "since it was assessed: "+en, "審査時からの変更："+ja)
	slices.Sort(subjects)
	r.Count, r.Subjects = count, append(r.Subjects, slices.Compact(subjects)...)
	return truth
}

// renamed returns the pointers of links that state no digest and whose BOM once was
// another one, which was withdrawn or is void: a document with such a link can be
// what it was, and mean something else.
func (j *judge) renamed() []string {
	var pointers []string
	for _, v := range j.linked {
		if ev := v.judge.ev; ev != nil && len(ev.Standing.Settled) > 0 {
			pointers = append(pointers, v.named...)
		}
	}
	return pointers
}

// tested holds a policy against its own tests.
func (j *judge) tested() {
	t := j.r.Tests
	if t == nil {
		return
	}
	name := fmt.Sprintf("%s v%d", j.r.Policy.ID, j.r.Policy.Version)
	if n := len(t.Failed); n > 0 {
		first := sbom.Clip(t.Failed[0], 100)
		j.speak(RowOrigin, HoldRow, "VERDICT-POLICY-TESTS",
			fmt.Sprintf("%d tests of policy %s fail, first %q", n, name, first),
			fmt.Sprintf("ポリシー%sの自己テスト%d件が不合格です（最初は「%s」）", name, n, first)).Count = n
	}
	if n := len(t.Skipped); n > 0 || t.Passed+len(t.Failed) == 0 {
		j.speak(RowOrigin, Pass, "VERDICT-POLICY-UNTESTED",
			fmt.Sprintf("%d tests of policy %s were run, %d lack their files", t.Passed+len(t.Failed), name, n),
			fmt.Sprintf("ポリシー%sの自己テストは%d件を実行し、%d件は必要なファイルがありません", name, t.Passed+len(t.Failed), n)).Count = n
	}
}

// untold notes the rules that apply because nobody told what they ask of the
// context.
func (j *judge) untold(outcomes []policy.RuleOutcome) {
	c := j.r.Context
	var fields, rules []string
	for i, o := range outcomes {
		w := j.r.Policy.Rules[i].Where
		if !o.Applies {
			continue
		}
		lacks := false
		for _, f := range []struct {
			name  string
			words []string
			value string
		}{{"sector", w.Sector, c.Sector}, {"facility", w.Facility, c.Facility}, {"asset", w.Asset, c.Asset}, {"operator", w.Operator, c.Operator}} {
			if len(f.words) == 0 || f.value != "" {
				continue
			}
			lacks = true
			if !slices.Contains(fields, f.name) {
				fields = append(fields, f.name)
			}
		}
		if lacks {
			rules = append(rules, o.Rule)
		}
	}
	if len(rules) == 0 {
		return
	}
	slices.Sort(fields)
	slices.Sort(rules)
	what := strings.Join(fields, ", ")
	j.speak(RowOrigin, Pass, "VERDICT-CONTEXT-MISSING",
		fmt.Sprintf("not told: %s; so %s apply", what, strings.Join(rules, ", ")),
		fmt.Sprintf("%sが指定されていないため、規則%sを適用しました", what, strings.Join(rules, "、"))).Count = len(rules)
}

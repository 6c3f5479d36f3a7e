package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/interpreter"

	"github.com/yurai-ledger/yurai/sbom/origin"
)

// Counts says how much was looked at.
type Counts struct {
	Components int  `json:"components"` // all that the BOM lists
	Unknown    int  `json:"unknown"`    // of those that are critical: not fully told where it was made
	Excepted   int  `json:"excepted"`   // not critical, on the vendor's word
	Complete   bool `json:"complete"`   // the BOM states that it lists everything critical
}

// RuleOutcome is what one rule came to.
type RuleOutcome struct {
	Rule    string `json:"rule"`
	Row     string `json:"row"`
	Applies bool   `json:"applies"` // false: it is not about this context, and Value is false
	Value   Truth  `json:"value"`
	Outcome Effect `json:"outcome"`
	Judged  int    `json:"judged"`  // subjects it ranged over
	Hits    int    `json:"hits"`    // of them: true
	Unknown int    `json:"unknown"` // of them: unknown
}

// Reason is one thing that speaks against a delivery, or is to be noted: at most
// one a rule and outcome.
type Reason struct {
	Code     string   `json:"code"`
	Rule     string   `json:"rule"` // "" speaks of the policy or the document as a whole
	Row      string   `json:"row"`
	Outcome  Effect   `json:"outcome"`
	Value    Truth    `json:"value"`
	Count    int      `json:"count"`    // subjects
	Subjects []string `json:"subjects"` // JSON Pointers, sorted; never null
	Waivable bool     `json:"waivable"`
	List     string   `json:"list"`     // sha256:<hex> of the reference list that it rests on; "" is none
	Text     Text     `json:"text"`
}

// Outcome is what a policy says about evidence. Verdict is the worst of the
// reasons; it is accept where none holds or rejects, and then still no more than
// the policy's part of a verdict.
type Outcome struct {
	Verdict string        `json:"verdict"` // accept, hold or reject
	Rules   []RuleOutcome `json:"rules"`   // in the order of the policy
	Reasons []Reason      `json:"reasons"` // of the policy first, then in the order of its rules
	Counts  Counts        `json:"counts"`

	// Lists are the reference lists that rules which apply were judged by, sorted
	// by the name of the input; never null.
	Lists []ListUsed `json:"lists"`
}

// evaluation is one run of a policy over evidence.
type evaluation struct {
	policy  *Policy
	facts   *origin.Facts
	context Context
	except  []bool
	whole   Truth   // the document is stated complete
	full    []Truth // per component
	seen    bool    // every link that has to be looked at was
	weak    bool    // a hit on a weak or contradicted fact was met
	firmly  bool    // such hits are unknown

	product int
	input   *fieldsValue
	unset   map[string]bool
	ctx     *fieldsValue
	home    types.String
	at      types.Timestamp
}

// Evaluate judges the evidence. It does not fail: what cannot be judged is
// unknown, and counts as each rule says. The outcome depends on nothing but the
// policy and the evidence.
func (p *Policy) Evaluate(e Evidence) Outcome {
	v := &evaluation{policy: p, facts: e.Facts, context: e.Context, whole: Unknown, product: -1}
	if v.facts == nil {
		v.facts = new(origin.Facts)
	} else {
		v.product = v.facts.Product()
	}
	v.except = make([]bool, len(v.facts.Components))
	for i := range v.facts.Components {
		v.except[i] = p.Excepted(&v.facts.Components[i])
	}
	v.full = v.facts.Completeness(func(i int) bool { return v.except[i] })
	if v.product >= 0 {
		v.whole = v.full[v.product]
	}
	v.seen = len(e.Unresolved) == 0
	if !v.seen && v.whole == True {
		v.whole = Unknown
	}
	v.input, v.unset = p.inputValues(e.Inputs)
	v.ctx = contextValue(e.Context)
	v.home = types.String(p.Home)
	v.at = types.Timestamp{Time: e.At.UTC()}

	out := Outcome{Lists: []ListUsed{}, Rules: make([]RuleOutcome, 0, len(p.Rules)), Reasons: p.standing(e)}
	for i := range p.Rules {
		rule, reasons := v.rule(&p.Rules[i])
		out.Rules = append(out.Rules, rule)
		out.Reasons = append(out.Reasons, reasons...)
	}
	worst := Pass
	for _, r := range out.Reasons {
		if r.Outcome.rank() > worst.rank() {
			worst = r.Outcome
		}
	}
	switch worst {
	case Reject:
		out.Verdict = "reject"
	case Hold:
		out.Verdict = "hold"
	default:
		out.Verdict = "accept"
	}
	out.Counts = v.counts()
	return out
}

func (v *evaluation) counts() Counts {
	c := Counts{Components: len(v.facts.Components), Complete: v.whole == True}
	for i := range v.facts.Components {
		switch {
		case v.except[i]:
			c.Excepted++
		case !v.facts.Components[i].MadeKnown(origin.Asserted):
			c.Unknown++
		}
	}
	return c
}

// standing returns what holds whatever the rules say: a policy that is not in
// force, and a document without facts.
func (p *Policy) standing(e Evidence) []Reason {
	reasons := []Reason{}
	hold := func(code string, text Text) {
		reasons = append(reasons, Reason{Code: code, Row: "origin", Outcome: Hold, Value: Unknown, Subjects: []string{}, Text: text})
	}
	day := func(t time.Time) string { return t.Format(time.DateOnly) }
	if !p.Effective.IsZero() && e.At.Before(p.Effective) {
		hold("POLICY-TIME-EARLY", Text{
			EN: fmt.Sprintf("policy %s version %d is in force only from %s", p.ID, p.Version, day(p.Effective)),
			JA: fmt.Sprintf("ポリシー%s第%d版は%sまで発効しません", p.ID, p.Version, day(p.Effective)),
		})
	}
	if !p.Expires.IsZero() && !e.At.Before(p.Expires) {
		hold("POLICY-TIME-EXPIRED", Text{
			EN: fmt.Sprintf("policy %s version %d expired on %s", p.ID, p.Version, day(p.Expires)),
			JA: fmt.Sprintf("ポリシー%s第%d版は%sに失効しました", p.ID, p.Version, day(p.Expires)),
		})
	}
	if e.Facts == nil || e.Facts.ViewError != nil {
		hold("ORIGIN-VIEW-MISSING", Text{
			EN: "no facts can be read from this bill of materials",
			JA: "この部品表からは事実を読み取れません",
		})
	}
	return reasons
}

// complete is complete(component); -1 is a product that the BOM does not name.
func (v *evaluation) complete(index int) Truth {
	if index < 0 {
		return Unknown
	}
	if t := v.full[index]; t != True || v.seen {
		return t
	}
	return Unknown
}

// tally is what a rule came to over its subjects.
type tally struct {
	judged     int
	hits       []string // pointers
	unknown    []string
	failed     bool // an expression could not be evaluated
	incomplete bool // not all subjects are known to be listed
}

// rule runs one rule over all its subjects.
func (v *evaluation) rule(r *Rule) (RuleOutcome, []Reason) {
	out := RuleOutcome{Rule: r.ID, Row: r.Row, Value: False, Outcome: Pass}
	if !r.Where.applies(v.context) {
		return out, nil
	}
	out.Applies = true
	t := v.judge(r)
	out.Judged, out.Hits, out.Unknown = t.judged, len(t.hits), len(t.unknown)
	open := len(t.unknown) > 0 || t.incomplete
	var reasons []Reason
	if len(t.hits) > 0 {
		out.Value, out.Outcome = True, r.Outcome
		reasons = append(reasons, v.hitReason(r, t))
	}
	// One reason a rule and outcome: where both would do the same, the hit
	// speaks and names how many more are not known.
	if open && (len(t.hits) == 0 || len(t.unknown) > 0 && r.Unknown != r.Outcome) {
		if len(t.hits) == 0 {
			out.Value = Unknown
		}
		if r.Unknown.rank() > out.Outcome.rank() {
			out.Outcome = r.Unknown
		}
		reasons = append(reasons, v.unknownReason(r, t))
	}
	return out, reasons
}

// judge evaluates the expression for each subject.
func (v *evaluation) judge(r *Rule) tally {
	var t tally
	act := &activation{in: v, product: v.subject(v.product, r.Strength)}
	add := func(pointer string) {
		t.judged++
		value, failed := act.eval(r.compiled)
		t.failed = t.failed || failed
		switch value {
		case True:
			t.hits = append(t.hits, pointer)
		case Unknown:
			t.unknown = append(t.unknown, pointer)
		}
	}
	switch r.Each {
	case EachDelivery:
		act.delivery = &deliveryValue{opaque: opaque{deliveryType}, in: v}
		add("")
	case EachProduct:
		act.it = act.product
		switch {
		case v.product < 0:
			add("")
		case !r.Where.Critical || !v.except[v.product]:
			add(v.facts.Components[v.product].Pointer)
		}
	case EachComponent:
		for i := range v.facts.Components {
			if r.Where.Critical && v.except[i] {
				continue
			}
			act.it = v.subject(i, r.Strength)
			add(v.facts.Components[i].Pointer)
		}
		t.incomplete = len(t.hits) == 0 && v.whole != True
	}
	slices.Sort(t.hits)
	slices.Sort(t.unknown)
	return t
}

func (v *evaluation) subject(index int, least origin.Strength) *subjectValue {
	return &subjectValue{opaque: opaque{componentType}, in: v, index: index, least: least}
}

// activation gives an expression its variables.
type activation struct {
	in       *evaluation
	product  *subjectValue
	it       *subjectValue
	delivery *deliveryValue
}

// ResolveName returns the value of a variable.
func (a *activation) ResolveName(name string) (any, bool) {
	switch name {
	case "it":
		if a.delivery != nil {
			return a.delivery, true
		}
		return a.it, true
	case "product":
		return a.product, true
	case "ctx":
		return a.in.ctx, true
	case "input":
		return a.in.input, true
	case "home":
		return a.in.home, true
	case "at":
		return a.in.at, true
	}
	return nil, false
}

// Parent returns nil: there is no outer scope.
func (a *activation) Parent() interpreter.Activation { return nil }

// eval evaluates one expression. An evaluation error is unknown.
//
// A hit counts on any fact, but a rule clears only on firm ones. An expression
// may turn a hit around (not made in any of the places that are allowed), so
// one that is false with weak hits in it is looked at again with those unknown,
// and is false only if it is false both times.
func (a *activation) eval(p *program) (value Truth, failed bool) {
	a.in.weak = false
	value, failed = a.run(p)
	if value != False || !a.in.weak {
		return value, failed
	}
	a.in.firmly = true
	value, failed = a.run(p)
	a.in.firmly = false
	return value, failed
}

func (a *activation) run(p *program) (value Truth, failed bool) {
	out, _, err := p.run.Eval(a)
	switch {
	case types.IsUnknown(out):
		return Unknown, false
	case err != nil, types.IsError(out):
		return Unknown, true
	case out == types.True:
		return True, false
	case out == types.False:
		return False, false
	}
	return Unknown, true
}

func (v *evaluation) hitReason(r *Rule, t tally) Reason {
	text := r.Because
	if more := len(t.unknown); more > 0 && r.Unknown == r.Outcome {
		text.EN += fmt.Sprintf(" (%d more unknown)", more)
		text.JA += fmt.Sprintf("(ほかに不明%d件)", more)
	}
	return Reason{
		Code: "POLICY-RULE-HIT", Rule: r.ID, Row: r.Row, Outcome: r.Outcome, Value: True,
		Count: len(t.hits), Subjects: t.hits, Waivable: r.Waivable, Text: text,
	}
}

// unknownReason says why a rule is unknown: what the operator can mend first.
func (v *evaluation) unknownReason(r *Rule, t tally) Reason {
	out := Reason{
		Code: "POLICY-RULE-UNKNOWN", Rule: r.ID, Row: r.Row, Outcome: r.Unknown, Value: Unknown,
		Count: len(t.unknown), Subjects: t.unknown, Waivable: r.Waivable,
	}
	if out.Subjects == nil {
		out.Subjects = []string{}
	}
	var unset, lists []string
	for _, name := range r.compiled.inputs {
		if !v.unset[name] {
			continue
		}
		if in, _ := v.policy.input(name); in.Type == "list" {
			lists = append(lists, name)
		} else {
			unset = append(unset, name)
		}
	}
	title := r.Title
	switch {
	case len(unset) > 0:
		names := strings.Join(unset, ", ")
		out.Code = "POLICY-INPUT-UNSET"
		out.Text = Text{
			EN: fmt.Sprintf("%s: the input %s is not set", title.EN, names),
			JA: fmt.Sprintf("%s:入力%sが設定されていません", title.JA, names),
		}
	case len(lists) > 0:
		names := strings.Join(lists, ", ")
		out.Code = "POLICY-LIST-UNRESOLVED"
		out.Text = Text{
			EN: fmt.Sprintf("%s: the list %s is not at hand", title.EN, names),
			JA: fmt.Sprintf("%s:リスト%sが手元にありません", title.JA, names),
		}
	case t.failed:
		out.Code = "POLICY-RULE-ERROR"
		out.Text = Text{
			EN: fmt.Sprintf("%s: the expression could not be evaluated for %d of %d subjects", title.EN, len(t.unknown), t.judged),
			JA: fmt.Sprintf("%s:%d件中%d件で式を評価できませんでした", title.JA, t.judged, len(t.unknown)),
		}
	case len(t.unknown) == 0:
		out.Code = "POLICY-SUBJECTS-INCOMPLETE"
		out.Text = Text{
			EN: fmt.Sprintf("%s: none of %d components, but the bill of materials is not stated to list them all", title.EN, t.judged),
			JA: fmt.Sprintf("%s:記載された%d件に該当はありませんが、部品表がすべてを記載しているとは明示されていません", title.JA, t.judged),
		}
	default:
		out.Text = Text{
			EN: fmt.Sprintf("%s: unknown for %d of %d", title.EN, len(t.unknown), t.judged),
			JA: fmt.Sprintf("%s:%d件中%d件が不明です", title.JA, t.judged, len(t.unknown)),
		}
		if t.incomplete {
			out.Text.EN += ", and the bill of materials is not stated to list all components"
			out.Text.JA += "。また、部品表がすべての構成要素を記載しているとは明示されていません"
		}
	}
	return out
}

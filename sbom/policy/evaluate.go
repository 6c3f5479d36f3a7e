package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
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
	List     string   `json:"list"` // sha256:<hex> of the reference list that it rests on; "" is none
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
	policy   *Policy
	facts    *origin.Facts
	context  Context
	standing string
	advised  func(*origin.Subject, string) origin.Answer
	changed  Truth
	dates    map[string]time.Time

	except   []bool
	whole    Truth   // the document is stated complete
	services Truth   // the services are
	full     []Truth // per component
	seen     bool    // every link that has to be looked at was

	product   int
	input     *fieldsValue
	lacking   map[string]lack // inputs without value, by name
	ctx       *fieldsValue
	home      types.String
	homeCodes origin.Codes
	awayCodes *origin.Codes // everywhere else; nil until it is asked for
	at        types.Timestamp
	sets      map[string]*codesValue // of codes that expressions list
	listings  map[string]listing
	mentioned map[string]bool // inputs of rules that apply

	// Of the rule and the subject that are judged.
	least   origin.Strength
	weak    bool // an answer was met that is not firm
	firmly  bool // such answers are unknown
	matched *listValue
	alike   *similarity      // the best that was met
	alikes  []string         // every party and list of which a name is alike
	assumed map[string]Truth // what such a party and list are taken for
	trace   *[]AnswerSeen    // nil unless somebody wants to know
}

// Evaluate judges the evidence. It does not fail: what cannot be judged is
// unknown, and counts as each rule says. The outcome depends on nothing but the
// policy and the evidence.
func (p *Policy) Evaluate(e Evidence) Outcome {
	return p.evaluation(e).outcome(e, nil)
}

// evaluation prepares a run.
func (p *Policy) evaluation(e Evidence) *evaluation {
	v := &evaluation{
		policy: p, facts: e.Facts, context: e.Context, product: -1,
		standing: e.Standing, advised: e.Advised, changed: e.Changed, dates: e.Dates,
		input: &fieldsValue{opaque: opaque{inputType}, values: make(map[string]ref.Val)}, lacking: make(map[string]lack),
		ctx: contextValue(e.Context), home: types.String(p.Home), at: types.Timestamp{Time: e.At.UTC()},
		sets: make(map[string]*codesValue), listings: make(map[string]listing), mentioned: make(map[string]bool),
	}
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
	v.services = v.facts.ServicesComplete()
	v.seen = len(e.Unresolved) == 0
	if !v.seen {
		for _, t := range []*Truth{&v.whole, &v.services} {
			if *t == True {
				*t = Unknown
			}
		}
	}
	v.inputs(e.Inputs)
	v.lists(e.Lists)
	if set, err := p.Codes([]string{p.Home}); err == nil {
		v.homeCodes = set
	}
	return v
}

// away returns every place but home, and what the policy's groups add to home.
func (v *evaluation) away() origin.Codes {
	if v.awayCodes != nil {
		return *v.awayCodes
	}
	var codes []string
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if code := string([]rune{a, b}); origin.Assigned(code) && v.homeCodes.Holds(code) != True {
				codes = append(codes, code)
			}
		}
	}
	set, err := origin.NewCodes(codes)
	if err != nil {
		panic("policy: a code that is assigned is not recognised: " + err.Error())
	}
	v.awayCodes = &set
	return set
}

// outcome judges. seen is told what each rule saw; it may be nil.
func (v *evaluation) outcome(e Evidence, seen func(r *Rule, o RuleOutcome, t tally)) Outcome {
	out := Outcome{Rules: make([]RuleOutcome, 0, len(v.policy.Rules)), Reasons: v.policy.standing(e)}
	for i := range v.policy.Rules {
		r := &v.policy.Rules[i]
		rule, t, reasons := v.rule(r)
		out.Rules = append(out.Rules, rule)
		out.Reasons = append(out.Reasons, reasons...)
		if seen != nil {
			seen(r, rule, t)
		}
	}
	out.Lists = v.used(e.Lists)
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
	similar    []similarity // of those that are unknown: a name is alike
	failed     bool         // an expression could not be evaluated
	incomplete bool         // not all subjects are known to be listed
	list       *listValue   // on which one that hits is

	subjects []SubjectSeen // only where somebody wants to know
}

// rule runs one rule over all its subjects.
func (v *evaluation) rule(r *Rule) (RuleOutcome, tally, []Reason) {
	out := RuleOutcome{Rule: r.ID, Row: r.Row, Value: False, Outcome: Pass}
	if !r.Where.applies(v.context) {
		return out, tally{}, nil
	}
	for _, name := range r.compiled.inputs {
		v.mentioned[name] = true
	}
	out.Applies = true
	t := v.judge(r)
	out.Judged, out.Hits, out.Unknown = t.judged, len(t.hits), len(t.unknown)
	// One reason a rule and outcome: where several would do the same, the first
	// speaks, and names how many more there are.
	var reasons []Reason
	say := func(reason Reason) {
		if slices.ContainsFunc(reasons, func(o Reason) bool { return o.Outcome == reason.Outcome }) {
			return
		}
		if reason.Outcome.rank() > out.Outcome.rank() {
			out.Outcome = reason.Outcome
		}
		reasons = append(reasons, reason)
	}
	if len(t.hits) > 0 {
		out.Value = True
		say(v.hitReason(r, t))
	} else if len(t.unknown) > 0 || t.incomplete {
		out.Value = Unknown
	}
	if len(t.similar) > 0 {
		say(v.similarReason(r, t))
	}
	if len(t.unknown) > len(t.similar) || t.incomplete {
		say(v.unknownReason(r, t))
	}
	return out, t, reasons
}

// judge evaluates the expression for each subject.
func (v *evaluation) judge(r *Rule) tally {
	var t tally
	v.least = r.Strength
	act := &activation{in: v, product: v.component(v.product), evidence: &evidenceValue{opaque{evidenceType}, v}}
	add := func(pointer string, it ref.Val) {
		t.judged++
		act.it = it
		v.matched, v.alike, v.alikes = nil, nil, nil
		if v.trace != nil {
			*v.trace = nil
		}
		value, failed := act.eval(r.compiled)
		t.failed = t.failed || failed
		switch value {
		case True:
			t.hits = append(t.hits, pointer)
			if t.list == nil {
				t.list = v.matched
			}
		case Unknown:
			t.unknown = append(t.unknown, pointer)
			if v.alike != nil && act.hinges(r.compiled) {
				v.alike.pointer = pointer
				t.similar = append(t.similar, *v.alike)
			}
		}
		if v.trace != nil {
			t.subjects = append(t.subjects, SubjectSeen{Pointer: pointer, Name: nameOf(it), Value: value, Failed: failed, Answers: compactAnswers(*v.trace)})
		}
	}
	switch r.Each {
	case EachDelivery:
		add("", &deliveryValue{opaque{deliveryType}, v})
	case EachProduct:
		switch {
		case v.product < 0:
			add("", act.product)
		case !r.Where.Critical || !v.except[v.product]:
			add(v.facts.Components[v.product].Pointer, act.product)
		}
	case EachComponent:
		for i := range v.facts.Components {
			if !r.Where.Critical || !v.except[i] {
				add(v.facts.Components[i].Pointer, v.component(i))
			}
		}
		t.incomplete = len(t.hits) == 0 && v.whole != True
	case EachService:
		for i := range v.facts.Services {
			s := &v.facts.Services[i]
			add(s.Pointer, &subjectValue{opaque{serviceType}, v, s, i})
		}
		t.incomplete = len(t.hits) == 0 && v.services != True
	case EachParty:
		for _, p := range v.parties(r.Where.Critical) {
			add(p.Pointer, &partyValue{opaque{partyType}, v, p})
		}
		t.incomplete = len(t.hits) == 0 && (v.whole != True || v.services != True)
	case EachUnit:
		t.incomplete = true // nobody has looked at a unit
	}
	slices.Sort(t.hits)
	slices.Sort(t.unknown)
	slices.SortStableFunc(t.similar, func(a, b similarity) int {
		return cmp.Or(cmp.Compare(b.score, a.score), strings.Compare(a.pointer, b.pointer))
	})
	return t
}

// component returns the component with an index, -1 for a product that the BOM
// does not name.
func (v *evaluation) component(index int) *subjectValue {
	s := &subjectValue{opaque: opaque{componentType}, in: v, index: index}
	if index >= 0 {
		s.subject = &v.facts.Components[index]
	}
	return s
}

// parties returns [origin.Facts.Parties]; with critical without those of
// components that are not.
func (v *evaluation) parties(critical bool) []*origin.Party {
	all := v.facts.Parties()
	if !critical {
		return all
	}
	spared := make(map[string]bool)
	for i := range v.facts.Components {
		if !v.except[i] {
			continue
		}
		s := &v.facts.Components[i]
		spared[s.Pointer] = true
		for j := range s.Parties {
			spared[s.Parties[j].Pointer] = true
		}
	}
	return slices.DeleteFunc(all, func(p *origin.Party) bool { return spared[p.Pointer] })
}

// activation gives an expression its variables.
type activation struct {
	in       *evaluation
	product  *subjectValue
	evidence *evidenceValue
	it       ref.Val
}

// ResolveName returns the value of a variable.
func (a *activation) ResolveName(name string) (any, bool) {
	switch name {
	case "it":
		return a.it, true
	case evidenceName:
		return a.evidence, true
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

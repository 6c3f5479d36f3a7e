package policy

import (
	"slices"

	"cel.dev/cel-go/common/types/ref"

	"github.com/yurai-ledger/yurai/sbom/origin"
)

// Explanation is an outcome with what each rule saw.
type Explanation struct {
	Outcome Outcome    `json:"outcome"`
	Rules   []RuleSeen `json:"rules"` // in the order of the policy
}

// RuleSeen is what one rule saw.
type RuleSeen struct {
	Rule     string        `json:"rule"`
	Title    Text          `json:"title"`
	When     string        `json:"when"`
	Applies  bool          `json:"applies"`
	Value    Truth         `json:"value"`
	Outcome  Effect        `json:"outcome"`
	Subjects []SubjectSeen `json:"subjects"` // all it ranged over, in document order
}

// SubjectSeen is one subject of a rule.
type SubjectSeen struct {
	Pointer string       `json:"pointer"` // "" of the delivery
	Name    string       `json:"name"`    // text from the BOM
	Value   Truth        `json:"value"`
	Failed  bool         `json:"failed"` // the expression could not be evaluated
	Answers []AnswerSeen `json:"answers"`
}

// AnswerSeen is what one function answered.
type AnswerSeen struct {
	Call  string `json:"call"`  // the function with what it was asked for beside the subject
	Value string `json:"value"` // true, false, unknown, a number or a word
	Saw   []Saw  `json:"saw"`   // the facts that it looked at; of complete and what is no fact of the BOM none
}

// Saw is a fact that a function looked at.
type Saw struct {
	Pointer  string          `json:"pointer"`  // into the BOM, or LIST:LINE
	What     string          `json:"what"`     // a stage, a role, address, from, privilege, data; of a list id, name or similar
	Value    string          `json:"value"`    // in the words of the BOM or the list
	State    origin.State    `json:"state"`    // "" of an address and a list
	Strength origin.Strength `json:"strength"` // 0 the same
	Score    int             `json:"score"`    // of a name on a list, per mille
}

// Explain evaluates the evidence as [Policy.Evaluate] does, and returns with the
// same outcome what each rule saw: its subjects, the value of each, and the facts
// at which the functions in its expression looked. What an expression did not need
// to ask for is not there.
func (p *Policy) Explain(e Evidence) Explanation {
	v := p.evaluation(e)
	v.trace = new([]AnswerSeen)
	var x Explanation
	x.Outcome = v.outcome(e, func(r *Rule, o RuleOutcome, t tally) {
		x.Rules = append(x.Rules, RuleSeen{
			Rule: r.ID, Title: r.Title, When: r.When, Applies: o.Applies, Value: o.Value, Outcome: o.Outcome, Subjects: t.subjects,
		})
	})
	return x
}

// note keeps what a function answered, where somebody wants to know.
func (v *evaluation) note(name, arg, value string, saw func() []Saw) {
	if v.trace == nil {
		return
	}
	a := AnswerSeen{Call: name + "(" + arg + ")", Value: value}
	if saw != nil {
		a.Saw = saw()
	}
	*v.trace = append(*v.trace, a)
}

// compactAnswers leaves each answer once: an expression may be looked at twice.
func compactAnswers(all []AnswerSeen) []AnswerSeen {
	var out []AnswerSeen
	for _, a := range all {
		if !slices.ContainsFunc(out, func(o AnswerSeen) bool {
			return o.Call == a.Call && o.Value == a.Value && slices.Equal(o.Saw, a.Saw)
		}) {
			out = append(out, a)
		}
	}
	return out
}

// nameOf returns by what name the BOM calls a subject.
func nameOf(it ref.Val) string {
	switch x := it.(type) {
	case *subjectValue:
		if x.subject != nil {
			return x.subject.Name
		}
	case *partyValue:
		if x.party.Name != "" {
			return x.party.Name
		}
		return x.party.ID
	}
	return ""
}

func sawFacts(s *origin.Subject, stages ...origin.Stage) []Saw {
	var out []Saw
	each := func(facts []origin.Fact) {
		for i := range facts {
			if slices.Contains(stages, facts[i].Stage) {
				out = append(out, sawFact(&facts[i], "overall"))
			}
		}
	}
	each(s.Facts)
	for i := range s.Ancestors {
		each(s.Ancestors[i].Facts)
	}
	return out
}

func sawFact(f *origin.Fact, what string) Saw {
	if f.Stage != "" {
		what = string(f.Stage)
	}
	return Saw{Pointer: f.Pointer, What: what, Value: f.Value.String(), State: f.State, Strength: f.Strength}
}

func sawPlaces(what string, facts []origin.Fact, hints []origin.Hint) []Saw {
	var out []Saw
	for i := range facts {
		out = append(out, sawFact(&facts[i], what))
	}
	for _, h := range hints {
		out = append(out, Saw{Pointer: h.Pointer, What: "address", Value: h.Text})
	}
	return out
}

func sawRoll(what string, r *origin.Roll) []Saw {
	if r == nil {
		return nil
	}
	return sawPlaces(what, r.Facts, nil)
}

func sawWords(what string, words []origin.Word) []Saw {
	var out []Saw
	for _, w := range words {
		out = append(out, Saw{Pointer: w.Pointer, What: what, Value: w.Value, State: w.State, Strength: w.Strength})
	}
	return out
}

func sawParty(p *origin.Party) []Saw {
	out := append(sawWords(string(p.Role), p.Names), sawWords(string(p.Role), p.IDs)...)
	if len(out) == 0 {
		out = append(out, Saw{Pointer: p.Pointer, What: string(p.Role), State: origin.Untold})
	}
	return out
}

func sawAccess(s *origin.Subject) []Saw {
	return slices.Concat(sawPlaces("from", s.Access.From, nil), sawWords("privilege", s.Access.Privilege), sawFacts(s, origin.Maintained, origin.Operated))
}

func sawFlows(s *origin.Subject) []Saw {
	var out []Saw
	for i := range s.Flows {
		out = append(out, sawWords("data", []origin.Word{s.Flows[i].Classification})...)
	}
	return out
}

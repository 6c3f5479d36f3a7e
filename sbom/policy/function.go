package policy

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/yurai-ledger/yurai/sbom/origin"
)

// Access is the word by which abroad asks where remote access comes from.
const Access = "access"

// Severities returns the words of advised, gravest first.
func Severities() []string { return []string{"ban", "recall", "notice"} }

// evidenceName is a variable that no expression can name. Functions that ask of
// no subject have it as a last argument, which a macro adds.
const evidenceName = "@evidence"

// codeArguments are functions that take codes, and where.
var codeArguments = map[string]int{
	"made": 1, "at_stage": 2, "registered": 1, "owned": 1, "led": 1, "sells_to": 1, "hosted": 1, "access_from": 1,
}

// wordArguments are functions that take a word of a few, and where.
var wordArguments = map[string]struct {
	at    int
	words []string
	what  string
}{
	"at_stage":           {1, stageWords(), "stage"},
	"abroad":             {1, append(stageWords(), Access), "stage"},
	"@unknown_per_mille": {0, stageWords(), "stage"},
	"advised":            {1, Severities(), "severity"},
	"days_since":         {1, DateWords(), "date"},
}

func stageWords() []string {
	var words []string
	for _, s := range origin.Stages() {
		words = append(words, string(s))
	}
	return words
}

// macros give functions that ask of no subject the evidence, and make != the
// negation of ==: the language would take two values for different of which it is
// not known whether they are the same.
func macros() []cel.Macro {
	with := func(name string, n int) cel.Macro {
		return cel.GlobalMacro(name, n, func(f cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
			return f.NewCall("@"+name, append(slices.Clone(args), f.NewIdent(evidenceName))...), nil
		})
	}
	differ := cel.GlobalMacro(operators.NotEquals, 2, func(f cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
		return f.NewCall(operators.LogicalNot, f.NewCall(operators.Equals, args...)), nil
	})
	return []cel.Macro{with("unknown_per_mille", 1), with("changed_since_assessment", 0), differ}
}

// functions are the functions by which facts reach an expression.
func functions() []cel.EnvOption {
	var (
		text  = cel.StringType
		words = cel.ListType(cel.StringType)
	)
	// Each overload is called by the types of its arguments.
	function := func(name string, result *cel.Type, call func(args ...ref.Val) ref.Val, overloads ...[]*cel.Type) cel.EnvOption {
		var options []cel.FunctionOpt
		for _, args := range overloads {
			id := strings.TrimPrefix(name, "@")
			for _, t := range args {
				id += "_" + strings.ToLower(strings.TrimPrefix(t.TypeName(), "yurai."))
			}
			binding := cel.FunctionBinding(call)
			switch len(args) {
			case 1:
				binding = cel.UnaryBinding(func(a ref.Val) ref.Val { return call(a) })
			case 2:
				binding = cel.BinaryBinding(func(a, b ref.Val) ref.Val { return call(a, b) })
			}
			options = append(options, cel.Overload(id, args, result, binding))
		}
		return cel.Function(name, options...)
	}
	sig := func(t ...*cel.Type) []*cel.Type { return t }
	return []cel.EnvOption{
		function("made", cel.BoolType, madeFunction, sig(componentType, words)),
		function("at_stage", cel.BoolType, stageFunction, sig(componentType, text, words), sig(serviceType, text, words)),
		function("abroad", cel.BoolType, abroadFunction, sig(componentType, text), sig(serviceType, text)),
		function("hosted", cel.BoolType, hostedFunction, sig(componentType, words), sig(serviceType, words)),
		function("access_from", cel.BoolType, accessFunction, sig(componentType, words), sig(serviceType, words)),
		function("carries", cel.BoolType, carriesFunction, sig(serviceType, words)),
		function("maker", partyType, partyFunction(origin.RoleMaker), sig(componentType)),
		function("seller", partyType, partyFunction(origin.RoleSeller), sig(componentType)),
		function("provider", partyType, partyFunction(origin.RoleProvider), sig(serviceType)),
		function("maintainer", partyType, partyFunction(origin.RoleMaintainer), sig(componentType), sig(serviceType)),
		function("registered", cel.BoolType, registeredFunction, sig(partyType, words)),
		function("owned", cel.BoolType, ownedFunction, sig(partyType, words)),
		function("led", cel.BoolType, ledFunction, sig(partyType, words)),
		function("sells_to", cel.BoolType, sellsFunction, sig(partyType, words)),
		function("listed", cel.BoolType, listedFunction, sig(partyType, listType)),
		function("status", text, statusFunction, sig(componentType)),
		function("advised", cel.BoolType, advisedFunction, sig(componentType, text), sig(serviceType, text)),
		function("complete", cel.BoolType, completeFunction, sig(componentType), sig(serviceType), sig(deliveryType)),
		function("attested", cel.BoolType, attestedFunction, sig(componentType, text), sig(serviceType, text)),
		function("observed", cel.BoolType, unitFunction, sig(unitType, text)),
		function("seen_elsewhere", cel.BoolType, unitFunction, sig(unitType)),
		function("days_since", cel.IntType, daysFunction, sig(componentType, text), sig(deliveryType, text), sig(partyType, text)),
		function("@unknown_per_mille", cel.IntType, unknownFunction, sig(text, evidenceType)),
		function("@changed_since_assessment", cel.BoolType, changedFunction, sig(evidenceType)),
	}
}

// answer gives an expression any hit on the first look, and only firm ones on the
// second; see [activation.eval].
func (v *evaluation) answer(a origin.Answer) ref.Val {
	v.weak = v.weak || a.Truth != a.Firmly()
	if v.firmly {
		return truthValue(a.Firmly())
	}
	return truthValue(a.Truth)
}

// codes returns the set that an argument names.
func (v *evaluation) codes(arg ref.Val) (*codesValue, ref.Val) {
	if c, ok := arg.(*codesValue); ok {
		return c, nil
	}
	words, fault := wordsOf(arg)
	if fault != nil {
		return nil, fault
	}
	text := strings.Join(words, ",")
	if c, ok := v.sets[text]; ok {
		return c, nil
	}
	set, err := v.policy.Codes(words)
	if err != nil {
		return nil, types.WrapErr(err)
	}
	c := &codesValue{set: set, text: text}
	if len(v.sets) < maxInputs {
		v.sets[text] = c
	}
	return c, nil
}

func wordsOf(arg ref.Val) ([]string, ref.Val) {
	list, ok := arg.(traits.Lister)
	if !ok {
		return nil, types.MaybeNoSuchOverloadErr(arg)
	}
	var words []string
	for it := list.Iterator(); it.HasNext() == types.True; {
		word, ok := it.Next().Value().(string)
		if !ok {
			return nil, types.NewErr("a word is a string")
		}
		words = append(words, word)
	}
	return words, nil
}

// subjectOf returns the subject of a function. Where it returns nil, the second
// value is the function's: unknown for a product that the BOM does not name.
func subjectOf(arg ref.Val) (*subjectValue, ref.Val) {
	s, ok := arg.(*subjectValue)
	switch {
	case !ok:
		return nil, types.MaybeNoSuchOverloadErr(arg)
	case s.subject == nil:
		return nil, unknownValue
	}
	return s, nil
}

// placed is a function that asks whether a subject has to do with places.
func placed(name string, args []ref.Val, ask func(s *origin.Subject, codes origin.Codes, least origin.Strength) origin.Answer, saw func(s *origin.Subject) []Saw) ref.Val {
	s, other := subjectOf(args[0])
	if s == nil {
		return other
	}
	codes, fault := s.in.codes(args[len(args)-1])
	if fault != nil {
		return fault
	}
	a := ask(s.subject, codes.set, s.in.least)
	s.in.note(name, codes.text, a.Truth.String(), func() []Saw { return saw(s.subject) })
	return s.in.answer(a)
}

func madeFunction(args ...ref.Val) ref.Val {
	return placed("made", args, (*origin.Subject).Made, func(s *origin.Subject) []Saw {
		return sawFacts(s, origin.Overall, origin.Manufactured, origin.Assembled, origin.Developed, origin.Built)
	})
}

func hostedFunction(args ...ref.Val) ref.Val {
	return placed("hosted", args, func(s *origin.Subject, codes origin.Codes, least origin.Strength) origin.Answer {
		return s.At(origin.Hosted, codes, least)
	}, func(s *origin.Subject) []Saw { return sawFacts(s, origin.Overall, origin.Hosted) })
}

func accessFunction(args ...ref.Val) ref.Val {
	return placed("access_from", args, (*origin.Subject).AccessFrom, sawAccess)
}

func stageFunction(args ...ref.Val) ref.Val {
	word, _ := args[1].Value().(string)
	stage := origin.Stage(word)
	if !stage.Valid() {
		return types.NewErr("%s is no stage", quote(word))
	}
	return placed("at_stage", args, func(s *origin.Subject, codes origin.Codes, least origin.Strength) origin.Answer {
		return s.At(stage, codes, least)
	}, func(s *origin.Subject) []Saw { return sawFacts(s, origin.Overall, stage) })
}

// abroadFunction is abroad(x, stage). Of access it asks whether any comes from
// anywhere but home.
func abroadFunction(args ...ref.Val) ref.Val {
	s, other := subjectOf(args[0])
	if s == nil {
		return other
	}
	word, _ := args[1].Value().(string)
	stage := origin.Stage(word)
	var a origin.Answer
	saw := func() []Saw { return sawFacts(s.subject, origin.Overall, stage) }
	switch {
	case word == Access:
		a = s.subject.AccessFrom(s.in.away(), s.in.least)
		saw = func() []Saw { return sawAccess(s.subject) }
	case stage.Valid():
		a = s.subject.Abroad(stage, s.in.homeCodes, s.in.least)
	default:
		return types.NewErr("%s is no stage", quote(word))
	}
	s.in.note("abroad", word, a.Truth.String(), saw)
	return s.in.answer(a)
}

func carriesFunction(args ...ref.Val) ref.Val {
	s, other := subjectOf(args[0])
	if s == nil {
		return other
	}
	words, fault := wordsOf(args[1])
	if fault != nil {
		return fault
	}
	a := s.subject.Carries(words, s.in.least)
	s.in.note("carries", strings.Join(words, ","), a.Truth.String(), func() []Saw { return sawFlows(s.subject) })
	return s.in.answer(a)
}

func partyFunction(role origin.Role) func(args ...ref.Val) ref.Val {
	return func(args ...ref.Val) ref.Val {
		s, ok := args[0].(*subjectValue)
		if !ok {
			return types.MaybeNoSuchOverloadErr(args[0])
		}
		party := &origin.Party{Role: role, State: origin.Untold}
		if s.subject != nil {
			party = s.subject.Party(role)
		}
		return &partyValue{opaque{partyType}, s.in, party}
	}
}

func registeredFunction(args ...ref.Val) ref.Val {
	return settled("registered", args, (*origin.Party).RegisteredIn, func(p *origin.Party) []Saw {
		return append(sawParty(p), sawPlaces("registered", p.Registered, p.Hints)...)
	})
}

func ownedFunction(args ...ref.Val) ref.Val {
	return settled("owned", args, (*origin.Party).OwnedIn, func(p *origin.Party) []Saw {
		return slices.Concat(sawParty(p), sawPlaces("owner", p.Owner, nil), sawPlaces("owner's", p.Behind, nil))
	})
}

func ledFunction(args ...ref.Val) ref.Val {
	return settled("led", args, (*origin.Party).LedFrom, func(p *origin.Party) []Saw {
		return append(sawParty(p), sawRoll("officer", p.Officers)...)
	})
}

func sellsFunction(args ...ref.Val) ref.Val {
	return settled("sells_to", args, (*origin.Party).SellsTo, func(p *origin.Party) []Saw {
		return append(sawParty(p), sawRoll("sales", p.Sales)...)
	})
}

// settled is a function that asks whether a party has to do with places.
func settled(name string, args []ref.Val, ask func(p *origin.Party, codes origin.Codes, least origin.Strength) origin.Answer, saw func(p *origin.Party) []Saw) ref.Val {
	p, ok := args[0].(*partyValue)
	if !ok {
		return types.MaybeNoSuchOverloadErr(args[0])
	}
	codes, fault := p.in.codes(args[1])
	if fault != nil {
		return fault
	}
	a := ask(p.party, codes.set, p.in.least)
	p.in.note(name, codes.text, a.Truth.String(), func() []Saw { return saw(p.party) })
	return p.in.answer(a)
}

func listedFunction(args ...ref.Val) ref.Val {
	p, isParty := args[0].(*partyValue)
	l, isList := args[1].(*listValue)
	if !isParty || !isList {
		return types.MaybeNoSuchOverloadErr(args[0])
	}
	a, found := p.in.listed(p.party, l)
	p.in.note("listed", l.input.Name, a.Truth.String(), func() []Saw { return append(sawParty(p.party), found.saw(l)...) })
	return p.in.answer(a)
}

func statusFunction(args ...ref.Val) ref.Val {
	s, ok := args[0].(*subjectValue)
	if !ok {
		return types.MaybeNoSuchOverloadErr(args[0])
	}
	standing := s.in.standing
	if !s.product() || !slices.Contains(Standings(), standing) {
		s.in.note("status", "", Unknown.String(), nil)
		return unknownValue
	}
	s.in.note("status", "", standing, nil)
	return types.String(standing)
}

func advisedFunction(args ...ref.Val) ref.Val {
	s, other := subjectOf(args[0])
	if s == nil {
		return other
	}
	word, _ := args[1].Value().(string)
	if !slices.Contains(Severities(), word) {
		return types.NewErr("%s is no severity", quote(word))
	}
	var a origin.Answer
	if s.in.advised != nil {
		a = s.in.advised(s.subject, word)
	}
	s.in.note("advised", word, a.Truth.String(), nil)
	return s.in.answer(a)
}

func completeFunction(args ...ref.Val) ref.Val {
	truth := Unknown
	var in *evaluation
	switch x := args[0].(type) {
	case *subjectValue:
		in = x.in
		switch {
		case x.of == serviceType:
			truth = in.services
		case x.subject != nil:
			truth = in.complete(x.index)
		}
	case *deliveryValue:
		in = x.in
		truth = in.whole
	default:
		return types.MaybeNoSuchOverloadErr(args[0])
	}
	in.note("complete", "", truth.String(), nil)
	return truthValue(truth)
}

func attestedFunction(args ...ref.Val) ref.Val {
	s, other := subjectOf(args[0])
	if s == nil {
		return other
	}
	control, _ := args[1].Value().(string)
	a := s.subject.Attested(control, s.in.least)
	s.in.note("attested", control, a.Truth.String(), nil)
	return s.in.answer(a)
}

// unitFunction is observed(unit, field) and seen_elsewhere(unit). There are no
// facts about units: evidence is one document.
func unitFunction(...ref.Val) ref.Val { return unknownValue }

// daysFunction is days_since(x, what): whole days, rounded down, below zero for
// what is still to come. Dates are of the delivery and its product; of a party there
// is the day of its profile alone.
func daysFunction(args ...ref.Val) ref.Val {
	var in *evaluation
	word, _ := args[1].Value().(string)
	if !slices.Contains(DateWords(), word) {
		return types.NewErr("%s is no date", quote(word))
	}
	var date time.Time
	switch x := args[0].(type) {
	case *subjectValue:
		if !x.product() {
			return unknownValue
		}
		in, date = x.in, x.in.dates[word]
	case *deliveryValue:
		in, date = x.in, x.in.dates[word]
	case *partyValue:
		if in = x.in; word == dateProfile {
			date = x.party.AsOf
		}
	default:
		return types.MaybeNoSuchOverloadErr(args[0])
	}
	if date.IsZero() {
		in.note("days_since", word, Unknown.String(), nil)
		return unknownValue
	}
	const day = 24 * time.Hour
	since := in.at.Sub(date)
	days := int64(since / day)
	if since < 0 && since%day != 0 {
		days--
	}
	in.note("days_since", word, strconv.FormatInt(days, 10), nil)
	return types.Int(days)
}

// unknownFunction is unknown_per_mille(stage), over all components: which are
// critical is the vendor's word, and a share that shrinks when a function is left
// out would clear. Where not all components are known to be listed, the share is
// no firm one.
func unknownFunction(args ...ref.Val) ref.Val {
	e, ok := args[1].(*evidenceValue)
	word, _ := args[0].Value().(string)
	stage := origin.Stage(word)
	switch {
	case !ok:
		return types.MaybeNoSuchOverloadErr(args[1])
	case !stage.Valid():
		return types.NewErr("%s is no stage", quote(word))
	}
	v := e.in
	share, ok := v.facts.UnknownPerMille(stage, nil, v.least)
	if !ok {
		v.note("unknown_per_mille", word, Unknown.String(), nil)
		return unknownValue
	}
	v.note("unknown_per_mille", word, strconv.Itoa(share), nil)
	if v.whole != True {
		v.weak = true
		if v.firmly {
			return unknownValue
		}
	}
	return types.Int(share)
}

func changedFunction(args ...ref.Val) ref.Val {
	e, ok := args[0].(*evidenceValue)
	if !ok {
		return types.MaybeNoSuchOverloadErr(args[0])
	}
	e.in.note("changed_since_assessment", "", e.in.changed.String(), nil)
	return truthValue(e.in.changed)
}

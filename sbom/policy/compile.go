package policy

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	yaml "go.yaml.in/yaml/v4"
)

// The types that an expression sees. None but ctx and input has fields: facts
// reach an expression only through functions.
var (
	componentType = cel.ObjectType("yurai.Component", traits.ReceiverType)
	serviceType   = cel.ObjectType("yurai.Service", traits.ReceiverType)
	partyType     = cel.ObjectType("yurai.Party", traits.ReceiverType)
	unitType      = cel.ObjectType("yurai.Unit", traits.ReceiverType)
	deliveryType  = cel.ObjectType("yurai.Delivery", traits.ReceiverType)
	contextType   = cel.ObjectType("yurai.Context", traits.IndexerType)
	inputType     = cel.ObjectType("yurai.Input", traits.IndexerType)
	listType      = cel.ObjectType("yurai.List")
	evidenceType  = cel.ObjectType("yurai.Evidence")
)

var ourTypes = []*cel.Type{
	componentType, serviceType, partyType, unitType, deliveryType, contextType, inputType, listType, evidenceType,
}

// contextFields are the fields of the variable ctx.
var contextFields = []string{"stage", "sector", "facility", "asset", "operator"}

// program is a rule's expression, ready to run.
type program struct {
	run    cel.Program
	inputs []string // names of the inputs it mentions, sorted
}

// provider gives the type checker the fields of ctx and input, so that a field
// that does not exist is refused when the policy is read.
type provider struct {
	types.Provider
	inputs map[string]*cel.Type
}

func (p provider) FindStructType(name string) (*types.Type, bool) {
	for _, t := range ourTypes {
		if t.TypeName() == name {
			return types.NewTypeTypeWithParam(t), true
		}
	}
	return p.Provider.FindStructType(name)
}

func (p provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	switch name {
	case contextType.TypeName():
		if slices.Contains(contextFields, field) {
			return &types.FieldType{Type: cel.StringType}, true
		}
		return nil, false
	case inputType.TypeName():
		t, ok := p.inputs[field]
		return &types.FieldType{Type: t}, ok
	}
	if strings.HasPrefix(name, "yurai.") {
		return nil, false
	}
	return p.Provider.FindStructFieldType(name, field)
}

func (p provider) FindStructFieldNames(name string) ([]string, bool) {
	if _, ours := p.FindStructType(name); ours && strings.HasPrefix(name, "yurai.") {
		return nil, true
	}
	return p.Provider.FindStructFieldNames(name)
}

func (p provider) NewValue(name string, fields map[string]ref.Val) ref.Val {
	if strings.HasPrefix(name, "yurai.") {
		return types.NewErr("a %s cannot be made up", name)
	}
	return p.Provider.NewValue(name, fields)
}

// environment returns what the rules of a policy are compiled in, by what they
// range over.
func (d *decoder) environment(p *Policy, n *yaml.Node) map[Each]*cel.Env {
	if d.err != nil {
		return nil
	}
	fail := func(err error) map[Each]*cel.Env {
		d.refuse("POLICY-CEL-INVALID", n, "the expressions cannot be prepared: %v", err)
		return nil
	}
	registry, err := types.NewRegistry()
	if err != nil {
		return fail(err)
	}
	inputs := make(map[string]*cel.Type)
	for _, in := range p.Inputs {
		inputs[in.Name] = cel.ListType(cel.StringType)
		if in.Type == "list" {
			inputs[in.Name] = listType
		}
	}
	base, err := cel.NewCustomEnv(append(functions(),
		cel.StdLib(),
		cel.ClearMacros(), cel.Macros(append(macros(), cel.HasMacro, cel.AllMacro, cel.ExistsMacro)...),
		cel.ParserExpressionSizeLimit(maxExpression),
		cel.ParserRecursionLimit(64),
		cel.ParserErrorRecoveryLimit(4),
		cel.RegexProgramSizeLimit(500),
		cel.DefaultUTCTimeZone(true),
		cel.CustomTypeAdapter(registry),
		cel.CustomTypeProvider(provider{Provider: registry, inputs: inputs}),
		cel.Variable("product", componentType),
		cel.Variable("ctx", contextType),
		cel.Variable("input", inputType),
		cel.Variable("home", cel.StringType),
		cel.Variable("at", cel.TimestampType),
		cel.Variable(evidenceName, evidenceType),
	)...)
	if err != nil {
		return fail(err)
	}
	envs := make(map[Each]*cel.Env, len(subjectTypes))
	for each, t := range subjectTypes {
		if envs[each], err = base.Extend(cel.Variable("it", t)); err != nil {
			return fail(err)
		}
	}
	return envs
}

// subjectTypes are the types of the variable it.
var subjectTypes = map[Each]*cel.Type{
	EachComponent: componentType, EachProduct: componentType, EachService: serviceType,
	EachParty: partyType, EachUnit: unitType, EachDelivery: deliveryType,
}

// compile compiles the expression of a rule.
func (d *decoder) compile(p *Policy, envs map[Each]*cel.Env, r *Rule, n *yaml.Node) *program {
	if d.err != nil {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "when" {
			n = n.Content[i+1]
			break
		}
	}
	if utf8.RuneCountInString(r.When) > maxExpression {
		d.refuse("POLICY-CEL-SIZE", n, "rule %s: the expression is longer than %d characters", r.ID, maxExpression)
		return nil
	}
	env := envs[r.Each]
	parsed, issues := env.Parse(r.When)
	if issues.Err() != nil {
		d.refuse("POLICY-CEL-INVALID", n, "rule %s: %s", r.ID, firstIssue(issues))
		return nil
	}
	made := false
	ast.PreOrderVisit(parsed.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) { made = made || e.Kind() == ast.StructKind }))
	if made {
		d.refuse("POLICY-CEL-INVALID", n, "rule %s: an expression makes up no messages", r.ID)
		return nil
	}
	checked, issues := env.Check(parsed)
	if issues.Err() != nil {
		d.refuse("POLICY-CEL-INVALID", n, "rule %s: %s", r.ID, firstIssue(issues))
		return nil
	}
	if !checked.OutputType().IsExactType(cel.BoolType) {
		d.refuse("POLICY-CEL-TYPE", n, "rule %s: the expression is of type %s, not true or false", r.ID, checked.OutputType())
		return nil
	}
	out := new(program)
	loops := false
	ast.PreOrderVisit(checked.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.SelectKind:
			if s := e.AsSelect(); s.Operand().Kind() == ast.IdentKind && s.Operand().AsIdent() == "input" {
				out.inputs = append(out.inputs, s.FieldName())
			}
		case ast.ComprehensionKind:
			loops = true
		case ast.CallKind:
			call := e.AsCall()
			d.literals(p, r, n, call)
			for _, arg := range call.Args() {
				if t := checked.NativeRep().GetType(arg.ID()); slices.Contains(comparing, call.FunctionName()) && !canCompare(t, call.FunctionName()) {
					d.refuse("POLICY-CEL-TYPE", n, "rule %s compares what is of type %s", r.ID, t)
				}
			}
		}
	}))
	slices.Sort(out.inputs)
	out.inputs = slices.Compact(out.inputs)
	options := []cel.ProgramOption{cel.EvalOptions(cel.OptOptimize)}
	if loops {
		// Without a loop the work is bounded by the length of the expression,
		// and counting it takes longer than doing it.
		options = append(options, cel.CostLimit(maxCost))
	}
	run, err := env.Program(checked, options...)
	if err != nil {
		d.refuse("POLICY-CEL-INVALID", n, "rule %s: %v", r.ID, err)
		return nil
	}
	out.run = run
	return out
}

// comparing are the operators that ask whether values are the same.
var comparing = []string{operators.Equals, operators.In}

// canCompare reports whether values of a type may be compared. Of a collection of
// subjects, parties or values of any type the language would say that they are the
// same, or not, where that is not known.
func canCompare(t *cel.Type, operator string) bool {
	switch t.Kind() {
	case types.BoolKind, types.IntKind, types.UintKind, types.DoubleKind, types.StringKind, types.BytesKind, types.TimestampKind, types.DurationKind:
		return true
	case types.ListKind:
		return len(t.Parameters()) == 1 && t.Parameters()[0].Kind() != types.StructKind && canCompare(t.Parameters()[0], operator)
	case types.StructKind:
		return operator == operators.Equals && slices.Contains(ourTypes, t)
	}
	return false
}

// literals refuses a code or a word that is written in an expression and is none:
// what is misspelt would never be met, and so would clear.
func (d *decoder) literals(p *Policy, r *Rule, n *yaml.Node, call ast.CallExpr) {
	text := func(e ast.Expr) (string, bool) {
		if e.Kind() != ast.LiteralKind {
			return "", false
		}
		s, ok := e.AsLiteral().Value().(string)
		return s, ok
	}
	elements := func(e ast.Expr) []ast.Expr {
		if e.Kind() == ast.ListKind {
			return e.AsList().Elements()
		}
		return []ast.Expr{e}
	}
	args := call.Args()
	if at, ok := codeArguments[call.FunctionName()]; ok && at < len(args) && args[at].Kind() == ast.ListKind {
		for _, e := range elements(args[at]) {
			if s, ok := text(e); ok && !p.validCode(s) {
				d.refuse("POLICY-CODE-UNKNOWN", n, "rule %s names %s, which is no officially assigned country code", r.ID, quote(s))
			}
		}
	}
	if w, ok := wordArguments[call.FunctionName()]; ok && w.at < len(args) {
		if s, ok := text(args[w.at]); ok && !slices.Contains(w.words, s) {
			d.refuse("POLICY-WORD-UNKNOWN", n, "rule %s names %s, which is no %s", r.ID, quote(s), w.what)
		}
	}
	if !slices.Contains(comparing, call.FunctionName()) || len(args) != 2 {
		return
	}
	for i, e := range args {
		if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != "status" {
			continue
		}
		for _, other := range elements(args[1-i]) {
			if s, ok := text(other); ok && !slices.Contains(Standings(), s) {
				d.refuse("POLICY-WORD-UNKNOWN", n, "rule %s names %s, which is no standing", r.ID, quote(s))
			}
		}
	}
}

// firstIssue returns the first thing that is wrong with an expression, with the
// place in it.
func firstIssue(issues *cel.Issues) string {
	for _, e := range issues.Errors() {
		return fmt.Sprintf("%s (at %d:%d of the expression)", clip(e.Message), e.Location.Line(), e.Location.Column()+1)
	}
	return "the expression cannot be read"
}

// clip returns a message of bounded length on one line.
func clip(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "") + "..."
	}
	return s
}

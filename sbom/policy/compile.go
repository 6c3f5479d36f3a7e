package policy

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	yaml "go.yaml.in/yaml/v4"

	"github.com/yurai-ledger/yurai/sbom/origin"
)

// The types that an expression sees. A component and a delivery have no fields:
// facts reach an expression only through functions.
var (
	componentType = cel.ObjectType("yurai.Component", traits.ReceiverType)
	deliveryType  = cel.ObjectType("yurai.Delivery", traits.ReceiverType)
	contextType   = cel.ObjectType("yurai.Context", traits.IndexerType)
	inputType     = cel.ObjectType("yurai.Input", traits.IndexerType)
	listType      = cel.ObjectType("yurai.List")
)

// contextFields are the fields of the variable ctx.
var contextFields = []string{"stage", "sector", "facility", "asset", "operator"}

// reserved are functions of the format for whose facts this version has no
// reader. A policy that calls one is refused and not judged without it.
var reserved = []string{
	"at_stage", "maker", "seller", "provider", "maintainer", "registered", "owned", "listed", "hosted", "access_from",
	"abroad", "carries", "status", "advised", "unknown_per_mille", "attested", "observed", "seen_elsewhere",
	"changed_since_assessment", "days_since",
}

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
	for _, t := range []*cel.Type{componentType, deliveryType, contextType, inputType, listType} {
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
	case componentType.TypeName(), deliveryType.TypeName(), listType.TypeName():
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
	base, err := cel.NewCustomEnv(
		cel.StdLib(),
		cel.ClearMacros(), cel.Macros(cel.HasMacro, cel.AllMacro, cel.ExistsMacro),
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
		cel.Function("made", cel.Overload("made_component_codes", []*cel.Type{componentType, cel.ListType(cel.StringType)}, cel.BoolType,
			cel.BinaryBinding(madeFunction))),
		cel.Function("complete",
			cel.Overload("complete_component", []*cel.Type{componentType}, cel.BoolType, cel.UnaryBinding(completeFunction)),
			cel.Overload("complete_delivery", []*cel.Type{deliveryType}, cel.BoolType, cel.UnaryBinding(completeFunction))),
	)
	if err != nil {
		return fail(err)
	}
	component, err := base.Extend(cel.Variable("it", componentType))
	if err != nil {
		return fail(err)
	}
	delivery, err := base.Extend(cel.Variable("it", deliveryType))
	if err != nil {
		return fail(err)
	}
	return map[Each]*cel.Env{EachComponent: component, EachProduct: component, EachDelivery: delivery}
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
	called, made := "", false
	ast.PreOrderVisit(parsed.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		made = made || e.Kind() == ast.StructKind
		if e.Kind() == ast.CallKind && called == "" && slices.Contains(reserved, e.AsCall().FunctionName()) {
			called = e.AsCall().FunctionName()
		}
	}))
	if made {
		d.refuse("POLICY-CEL-INVALID", n, "rule %s: an expression makes up no messages", r.ID)
		return nil
	}
	if called != "" {
		d.refuse("POLICY-FUNCTION-RESERVED", n, "rule %s: the function %s is part of the format and not of this version", r.ID, called)
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
			if c := e.AsCall(); c.FunctionName() == "made" && len(c.Args()) == 2 && c.Args()[1].Kind() == ast.ListKind {
				d.literalCodes(p, r, n, c.Args()[1].AsList())
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

// literalCodes refuses a code that is written in an expression and is none.
func (d *decoder) literalCodes(p *Policy, r *Rule, n *yaml.Node, list ast.ListExpr) {
	for _, e := range list.Elements() {
		if e.Kind() != ast.LiteralKind {
			continue
		}
		if s, ok := e.AsLiteral().Value().(string); ok && !p.validCode(s) {
			d.refuse("POLICY-CODE-UNKNOWN", n, "rule %s names %s, which is no officially assigned country code", r.ID, quote(s))
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

// opaque is a value without fields, operators or conversions.
type opaque struct{ of *types.Type }

func (o opaque) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("a %s is not a %v", o.of.TypeName(), t)
}

func (o opaque) ConvertToType(ref.Type) ref.Val {
	return types.NewErr("a %s cannot be converted", o.of.TypeName())
}
func (o opaque) Type() ref.Type { return o.of }

// subjectValue is a component as an expression sees it. With the index -1 it is
// the product of a BOM that does not say what it is about.
type subjectValue struct {
	opaque
	in    *evaluation
	index int
	least origin.Strength
}

func (s *subjectValue) Value() any { return s }
func (s *subjectValue) Equal(other ref.Val) ref.Val {
	o, ok := other.(*subjectValue)
	if ok && (s.index < 0 || o.index < 0) {
		return unknownValue
	}
	return types.Bool(ok && o.index == s.index)
}

// deliveryValue is the whole document as an expression sees it.
type deliveryValue struct {
	opaque
	in *evaluation
}

func (v *deliveryValue) Value() any { return v }
func (v *deliveryValue) Equal(other ref.Val) ref.Val {
	_, ok := other.(*deliveryValue)
	return types.Bool(ok)
}

// fieldsValue holds the fields of ctx or input. One that is not set is unknown,
// also to has: that nobody told is no sign that there is nothing.
type fieldsValue struct {
	opaque
	values map[string]ref.Val
}

func (f *fieldsValue) Value() any { return f }

// Equal is never asked for a known answer.
func (f *fieldsValue) Equal(ref.Val) ref.Val { return unknownValue }

// Get returns the value of a field, or unknown.
func (f *fieldsValue) Get(index ref.Val) ref.Val {
	name, ok := index.Value().(string)
	if !ok {
		return types.NewErr("no such field")
	}
	if v, set := f.values[name]; set {
		return v
	}
	return unknownValue
}

// codesValue is a list of codes with the set that it means.
type codesValue struct {
	traits.Lister
	set origin.Codes
}

// unknownValue is what an expression sees in the place of what is not known.
var unknownValue ref.Val = types.NewUnknown(0, types.NewAttributeTrail("unknown"))

func truthValue(t Truth) ref.Val {
	switch t {
	case True:
		return types.True
	case False:
		return types.False
	default:
		return unknownValue
	}
}

// madeFunction is made(component, codes).
func madeFunction(component, codes ref.Val) ref.Val {
	s, ok := component.(*subjectValue)
	if !ok {
		return types.MaybeNoSuchOverloadErr(component)
	}
	if s.index < 0 {
		return unknownValue
	}
	if c, ok := codes.(*codesValue); ok {
		return s.made(c.set)
	}
	list, ok := codes.(traits.Lister)
	if !ok {
		return types.MaybeNoSuchOverloadErr(codes)
	}
	var words []string
	for it := list.Iterator(); it.HasNext() == types.True; {
		word, ok := it.Next().Value().(string)
		if !ok {
			return types.NewErr("a code is a string")
		}
		words = append(words, word)
	}
	set, err := s.in.policy.Codes(words)
	if err != nil {
		return types.WrapErr(err)
	}
	return s.made(set)
}

// made answers with any hit on the first look, and only with firm ones on the
// second; see [activation.eval].
func (s *subjectValue) made(set origin.Codes) ref.Val {
	answer := s.in.facts.Components[s.index].Made(set, s.least)
	s.in.weak = s.in.weak || answer.Truth != answer.Firmly()
	if s.in.firmly {
		return truthValue(answer.Firmly())
	}
	return truthValue(answer.Truth)
}

// completeFunction is complete(component) and complete(delivery).
func completeFunction(x ref.Val) ref.Val {
	switch v := x.(type) {
	case *subjectValue:
		return truthValue(v.in.complete(v.index))
	case *deliveryValue:
		return truthValue(v.in.whole)
	}
	return types.MaybeNoSuchOverloadErr(x)
}

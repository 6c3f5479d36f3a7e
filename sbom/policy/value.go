package policy

import (
	"fmt"
	"reflect"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/yurai-ledger/yurai/sbom/list"
	"github.com/yurai-ledger/yurai/sbom/origin"
)

// opaque is a value without fields, operators or conversions.
type opaque struct{ of *types.Type }

func (o opaque) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("a %s is not a %v", o.of.TypeName(), t)
}

func (o opaque) ConvertToType(ref.Type) ref.Val {
	return types.NewErr("a %s cannot be converted", o.of.TypeName())
}
func (o opaque) Type() ref.Type { return o.of }

// subjectValue is a component or a service as an expression sees it. One whose
// subject is nil is the product of a BOM that does not say what it is about.
type subjectValue struct {
	opaque
	in      *evaluation
	subject *origin.Subject
	index   int // among its like; -1 if subject is nil
}

func (s *subjectValue) Value() any { return s }
func (s *subjectValue) Equal(other ref.Val) ref.Val {
	o, ok := other.(*subjectValue)
	if ok && (s.subject == nil || o.subject == nil) {
		return unknownValue
	}
	return types.Bool(ok && o.subject == s.subject)
}

// product reports whether the subject is what the BOM is about.
func (s *subjectValue) product() bool {
	return s.of == componentType && s.index == s.in.product
}

// partyValue is a party as an expression sees it.
type partyValue struct {
	opaque
	in    *evaluation
	party *origin.Party
}

func (p *partyValue) Value() any { return p }

// Equal compares two parties by their ids. It is unknown unless each is named by
// one id that nothing contradicts and that is as strong as the rule asks for.
func (p *partyValue) Equal(other ref.Val) ref.Val {
	o, ok := other.(*partyValue)
	if !ok {
		return types.False
	}
	for _, x := range []*origin.Party{p.party, o.party} {
		if x.State != origin.Stated || x.ID == "" || x.IDs[0].Strength < p.in.least {
			p.in.note("==", "", Unknown.String(), func() []Saw { return append(sawParty(p.party), sawParty(o.party)...) })
			return unknownValue
		}
	}
	same := types.Bool(p.party.ID == o.party.ID)
	p.in.note("==", "", fmt.Sprint(bool(same)), func() []Saw { return append(sawParty(p.party), sawParty(o.party)...) })
	return same
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

// evidenceValue leads functions that ask of no subject to the evaluation.
type evidenceValue struct {
	opaque
	in *evaluation
}

func (v *evidenceValue) Value() any { return v }

// Equal is never asked for a known answer.
func (v *evidenceValue) Equal(ref.Val) ref.Val { return unknownValue }

// listValue is a reference list that is at hand and recent enough.
type listValue struct {
	opaque
	input Input
	list  *list.List
	ids   bool // some row gives an id
	every bool // every row does
}

func (l *listValue) Value() any { return l }
func (l *listValue) Equal(other ref.Val) ref.Val {
	o, ok := other.(*listValue)
	return types.Bool(ok && o.list == l.list)
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
	set  origin.Codes
	text string // the codes with commas between
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

package policy

import (
	"errors"
	"fmt"
	"testing"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// The tables below are Kleene's strong logic, written out by hand: T true,
// F false, U unknown, E an evaluation error. An error is never a value of a
// rule: wherever one would surface, the rule is unknown.

var and = map[string]string{
	"TT": "T", "TF": "F", "TU": "U", "TE": "U",
	"FT": "F", "FF": "F", "FU": "F", "FE": "F",
	"UT": "U", "UF": "F", "UU": "U", "UE": "U",
	"ET": "U", "EF": "F", "EU": "U", "EE": "U",
}

var or = map[string]string{
	"TT": "T", "TF": "T", "TU": "T", "TE": "T",
	"FT": "T", "FF": "F", "FU": "U", "FE": "U",
	"UT": "T", "UF": "U", "UU": "U", "UE": "U",
	"ET": "T", "EF": "U", "EU": "U", "EE": "U",
}

var not = map[string]string{"T": "F", "F": "T", "U": "U", "E": "U"}

// choose is c ? a : b: a condition that is not known makes the whole unknown,
// even where both branches agree.
func choose(c, a, b string) string {
	switch c {
	case "T":
		return plain(a)
	case "F":
		return plain(b)
	default:
		return "U"
	}
}

// plain is what a value becomes when it surfaces.
func plain(v string) string {
	if v == "E" {
		return "U"
	}
	return v
}

// quantified is what exists (true wins) and all (false wins) give over a list.
func quantified(winner string, values ...string) string {
	out := map[string]string{"T": "F", "F": "T"}[winner]
	for _, v := range values {
		switch plain(v) {
		case winner:
			return winner
		case "U":
			out = "U"
		}
	}
	return out
}

var letters = []string{"T", "F", "U", "E"}

func letter(t Truth) string {
	return map[Truth]string{True: "T", False: "F", Unknown: "U"}[t]
}

func TestTruthTables(t *testing.T) {
	value := map[string]Truth{"T": True, "F": False, "U": Unknown, "E": Unknown}
	for _, a := range letters {
		if got := letter(value[a].Not()); got != not[a] {
			t.Errorf("not %s = %s, want %s", a, got, not[a])
		}
		for _, b := range letters {
			if got := letter(value[a].And(value[b])); got != and[a+b] {
				t.Errorf("%s and %s = %s, want %s", a, b, got, and[a+b])
			}
			if got := letter(value[a].Or(value[b])); got != or[a+b] {
				t.Errorf("%s or %s = %s, want %s", a, b, got, or[a+b])
			}
		}
	}
}

// TestExpressionTables holds the expression language against the tables: its
// values come, as facts do, out of a function.
func TestExpressionTables(t *testing.T) {
	env, err := cel.NewEnv(cel.Function("v", cel.Overload("v_string", []*cel.Type{cel.StringType}, cel.BoolType,
		cel.UnaryBinding(func(arg ref.Val) ref.Val {
			switch arg.Value() {
			case "T":
				return types.True
			case "F":
				return types.False
			case "U":
				return types.NewUnknown(1, nil)
			default:
				return types.WrapErr(errors.New("no such fact"))
			}
		}))))
	if err != nil {
		t.Fatal(err)
	}
	eval := func(expression string) string {
		t.Helper()
		ast, issues := env.Compile(expression)
		if issues.Err() != nil {
			t.Fatalf("%s: %v", expression, issues.Err())
		}
		program, err := env.Program(ast)
		if err != nil {
			t.Fatalf("%s: %v", expression, err)
		}
		out, _, err := program.Eval(cel.NoVars())
		switch {
		case err != nil, types.IsUnknownOrError(out):
			return "U"
		case out == types.True:
			return "T"
		case out == types.False:
			return "F"
		}
		t.Fatalf("%s = %v", expression, out)
		return ""
	}
	check := func(expression, want string) {
		t.Helper()
		if got := eval(expression); got != want {
			t.Errorf("%s = %s, want %s", expression, got, want)
		}
	}
	for _, a := range letters {
		check(fmt.Sprintf(`!v("%s")`, a), not[a])
		check(fmt.Sprintf(`!!v("%s")`, a), plain(a))
		for _, b := range letters {
			check(fmt.Sprintf(`v("%s") && v("%s")`, a, b), and[a+b])
			check(fmt.Sprintf(`v("%s") || v("%s")`, a, b), or[a+b])
			check(fmt.Sprintf(`!(v("%s") && v("%s"))`, a, b), not[and[a+b]])
			check(fmt.Sprintf(`["%s", "%s"].exists(x, v(x))`, a, b), quantified("T", a, b))
			check(fmt.Sprintf(`["%s", "%s"].all(x, v(x))`, a, b), quantified("F", a, b))
			for _, c := range letters {
				check(fmt.Sprintf(`v("%s") ? v("%s") : v("%s")`, c, a, b), choose(c, a, b))
				check(fmt.Sprintf(`v("%s") && v("%s") && v("%s")`, a, b, c), and[and[a+b]+c])
				check(fmt.Sprintf(`v("%s") || v("%s") || v("%s")`, a, b, c), or[or[a+b]+c])
			}
		}
	}
}

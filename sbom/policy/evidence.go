package policy

import (
	"maps"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/list"
	"github.com/yurai-ledger/yurai/sbom/origin"
)

// Evidence is everything that a policy judges by. The same evidence gives the
// same outcome on every machine.
type Evidence struct {
	Facts   *origin.Facts // of the BOM; nil is a BOM of which nothing is known
	At      time.Time     // the instant of judgement
	Context Context
	Inputs  Inputs // what the caller sets, over what the policy sets

	// Unresolved points at links to other BOMs of which the caller demands that
	// they be looked at and which could not be. With any, no component rule can
	// clear, since some components were not seen.
	Unresolved []string

	// Lists holds reference lists by the name of the input that they are for. An
	// input without one is unknown.
	Lists map[string]Reference

	// Advised tells whether an advisory of a severity (ban, recall, notice) is in
	// force against a component or a service; nil is unknown throughout. It has to
	// give the same answer each time.
	Advised func(s *origin.Subject, severity string) origin.Answer

	// Standing is what the log says of the BOM's entry, in the words of
	// [Standings]; "" is unknown.
	Standing string

	// Changed tells whether the BOM differs from the one that was assessed before;
	// unknown where no assessment is given.
	Changed origin.Truth

	// Dates are the instants that days_since counts from, by the words of
	// [DateWords]; one that is missing is unknown.
	Dates map[string]time.Time
}

// Reference is a reference list as it was published.
type Reference struct {
	List *list.List
	ID   string    // of the list; "" where the caller names the list by the input alone
	Date time.Time // when it was published
}

// ListUsed names a reference list that an outcome rests on.
type ListUsed struct {
	Input  string `json:"-"`      // of the policy
	ID     string `json:"id"`     // of the list, as the policy calls it
	SHA256 string `json:"sha256"` // of its bytes, hex
	Date   string `json:"date"`   // when it was published, RFC 3339, UTC
}

// Standings returns the words of status(product), gravest last.
func Standings() []string {
	return []string{"admitted", "valid then", "superseded", "equivocal", "withdrawn", "void"}
}

// DateWords returns the words of days_since: when the statement about the BOM was
// made, as its signer claims, the status that tells its standing, as the log does,
// the assessment before; the day of which the profile of a party speaks; when support
// ended, a clearance was given, and so on.
func DateWords() []string {
	return []string{"statement", "status", "assessment", "end-of-support", dateProfile, "clearance", "installation", "waiver"}
}

// dateProfile is the one word that days_since takes of a party.
const dateProfile = "profile"

// Context is for what the delivery is meant. An empty field is not known.
type Context struct {
	Stage    string
	Sector   string
	Facility string
	Asset    string
	Operator string
}

func (c Context) field(name string) string {
	switch name {
	case "stage":
		return c.Stage
	case "sector":
		return c.Sector
	case "facility":
		return c.Facility
	case "asset":
		return c.Asset
	case "operator":
		return c.Operator
	}
	return ""
}

// Inputs are values for inputs of one policy. Only [Policy.ParseInputs] and
// [Policy.WithCodes] make them, so they fit the policy. The zero value sets
// nothing.
type Inputs struct {
	codes map[string][]string
}

// ParseInputs reads values written NAME=VALUE. A value is a list of codes or of
// groups of the policy with commas between, or [] for the empty list; nothing
// else is empty. It fails with POLICY-INPUT-UNKNOWN or POLICY-INPUT-INVALID.
func (p *Policy) ParseInputs(pairs ...string) (Inputs, error) {
	in := Inputs{}
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return Inputs{}, sbom.Refuse("POLICY-INPUT-INVALID", "an input is written NAME=VALUE, not %s", quote(pair))
		}
		if _, twice := in.codes[name]; twice {
			return Inputs{}, sbom.Refuse("POLICY-INPUT-INVALID", "the input %s is set twice", quote(name))
		}
		codes := []string{}
		if value != "[]" {
			codes = strings.Split(value, ",")
		}
		next, err := p.WithCodes(in, name, codes)
		if err != nil {
			return Inputs{}, err
		}
		in = next
	}
	return in, nil
}

// WithCodes returns inputs with one more value of type codes. A list without
// codes is the empty list, which is a value. It fails with POLICY-INPUT-UNKNOWN
// if the policy has no such input, and with POLICY-INPUT-INVALID if a code is
// neither assigned nor a group of the policy.
func (p *Policy) WithCodes(in Inputs, name string, codes []string) (Inputs, error) {
	def, ok := p.input(name)
	switch {
	case !ok:
		return Inputs{}, sbom.Refuse("POLICY-INPUT-UNKNOWN", "policy %s has no input %s", p.ID, quote(name))
	case def.Type != "codes":
		return Inputs{}, sbom.Refuse("POLICY-INPUT-INVALID", "the input %s is a list that is published, not codes", quote(name))
	case len(codes) > maxCodes:
		return Inputs{}, sbom.Refuse("POLICY-INPUT-INVALID", "the input %s has more than %d codes", quote(name), maxCodes)
	}
	for _, code := range codes {
		if !p.validCode(code) {
			return Inputs{}, sbom.Refuse("POLICY-INPUT-INVALID", "the input %s names %s, which is no officially assigned country code", quote(name), quote(code))
		}
	}
	out := Inputs{codes: make(map[string][]string, len(in.codes)+1)}
	for k, v := range in.codes {
		out.codes[k] = v
	}
	out.codes[name] = slices.Clone(codes)
	return out, nil
}

// String returns the inputs that are set as NAME=VALUE in the order of their names,
// with a space between, each value as [Policy.ParseInputs] reads it; "" if none is.
func (in Inputs) String() string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(in.codes)) {
		value := "[]"
		if codes := in.codes[name]; len(codes) > 0 {
			value = strings.Join(codes, ",")
		}
		pairs = append(pairs, name+"="+value)
	}
	return strings.Join(pairs, " ")
}

// set returns the codes of an input, from the caller or else from the policy,
// and whether there are any: the empty list is a value.
func (in Inputs) set(def Input) ([]string, bool) {
	if codes, ok := in.codes[def.Name]; ok {
		return codes, true
	}
	return def.Value, def.Set
}

// lack says why an input has no value.
type lack struct {
	code string
	text Text // what follows its name
}

// inputs gives the inputs of type codes their values, and notes which have none.
func (v *evaluation) inputs(in Inputs) {
	for _, def := range v.policy.Inputs {
		if def.Type != "codes" {
			continue
		}
		codes, ok := in.set(def)
		// Every code was held against this policy when it was set.
		set, err := v.policy.Codes(codes)
		if !ok || err != nil {
			v.lacking[def.Name] = lack{"POLICY-INPUT-UNSET", Text{EN: "is not set", JA: "が設定されていません"}}
			continue
		}
		v.input.values[def.Name] = &codesValue{
			Lister: types.NewStringList(types.DefaultTypeAdapter, codes), set: set, text: strings.Join(codes, ","),
		}
	}
}

// contextValue returns the variable ctx.
func contextValue(c Context) *fieldsValue {
	values := make(map[string]ref.Val)
	for _, name := range contextFields {
		if v := c.field(name); v != "" {
			values[name] = types.String(v)
		}
	}
	return &fieldsValue{opaque: opaque{contextType}, values: values}
}

// applies reports whether a rule is about the context. What is not known
// applies. Case, width and outer blanks make no other word: a rule that is about
// "rail" is about "Rail".
func (w Where) applies(c Context) bool {
	for _, f := range []struct {
		words []string
		value string
	}{
		{w.Stage, c.Stage}, {w.Sector, c.Sector}, {w.Facility, c.Facility}, {w.Asset, c.Asset}, {w.Operator, c.Operator},
	} {
		if len(f.words) == 0 || f.value == "" || slices.Contains(f.words, f.value) {
			continue
		}
		value := sbom.FoldName(f.value)
		if !slices.ContainsFunc(f.words, func(w string) bool { return sbom.FoldName(w) == value }) {
			return false
		}
	}
	return true
}

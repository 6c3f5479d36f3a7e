package receiving

import (
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/policy"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// Digest returns SHA-256 of the verdict's canonical bytes, by which statements
// name it.
func (v *Verdict) Digest() (statement.Digest, error) {
	raw, err := v.Canonical()
	return sha256.Sum256(raw), err
}

// Says returns what a verdict statement can tell of the verdict, everything in
// the open; head is filled in by the caller.
func (v *Verdict) Says() (*statement.Verdict, error) {
	digest, err := v.Digest()
	if err != nil {
		return nil, err
	}
	told := func(text string) statement.Field { return statement.Field{Text: text} }
	hash := func(hex string) statement.Field {
		if hex == "" {
			return statement.Field{}
		}
		return told("sha256:" + hex)
	}
	s := &statement.Verdict{
		Digest: digest, Verdict: told(v.Verdict), Scope: told(string(v.Scope)), Stage: told(v.Stage), At: told(v.At), File: hash(v.File.SHA256),
		Policy: &statement.VerdictPolicy{ID: told(v.Policy.ID), Version: told(strconv.FormatInt(v.Policy.Version, 10)), SHA256: hash(v.Policy.SHA256)},
	}
	if v.Entry != nil {
		s.Entry = &statement.VerdictEntry{Log: told(v.Entry.Log), Index: told(strconv.FormatInt(v.Entry.Index, 10))}
	}
	c := statement.VerdictContext{
		Sector: told(v.Context["sector"]), Facility: told(v.Context["facility"]), Asset: told(v.Context["asset"]), Operator: told(v.Context["operator"]),
	}
	if c != (statement.VerdictContext{}) {
		s.Context = &c
	}
	return s, nil
}

// Stated compares a verdict with the fields of a verdict statement, as
// [statement.Open] returns them. VERDICT-FILE-OTHER if the statement is about
// another verdict, VERDICT-FIELD-OTHER if it says, or was opened to say,
// something else than the verdict.
func (v *Verdict) Stated(about statement.Digest, fields []statement.Opened) error {
	says, err := v.Says()
	if err != nil {
		return err
	}
	if says.Digest != about {
		return sbom.Refuse("VERDICT-FILE-OTHER", "the statement is about verdict %s, not %s", about, says.Digest)
	}
	told := map[string]string{}
	own, err := statement.Open(&statement.Statement{Kind: statement.KindVerdict, Body: says}, statement.Digest{}, nil)
	if err != nil {
		return err
	}
	for _, f := range own {
		told[f.Pointer] = f.Value
	}
	for _, f := range fields {
		if f.State != statement.FieldCommitted && f.Value != told[f.Pointer] {
			return sbom.Refuse("VERDICT-FIELD-OTHER", "the statement says %q at %s, the verdict %q", sbom.Clip(f.Value, 120), f.Pointer, sbom.Clip(told[f.Pointer], 120))
		}
	}
	return nil
}

// Waivable returns the ids of the rules that a waiver of the verdict has to
// name, ascending: those by which it is not ACCEPT. The policy is the one that
// the verdict names. It refuses with
//
//	DECISION-POLICY-OTHER    another policy
//	DECISION-VERDICT-ACCEPT  there is nothing to waive
//	DECISION-RULE-FIXED      something else than waivable rules stands against the
//	                         verdict: a rule that is not marked so, or no rule at
//	                         all, such as a false signature or a status too old
func Waivable(v *Verdict, p *policy.Policy) ([]string, error) {
	if p.DigestString() != "sha256:"+v.Policy.SHA256 {
		return nil, sbom.Refuse("DECISION-POLICY-OTHER", "the verdict rests on policy sha256:%s, not on %s", v.Policy.SHA256, p.DigestString())
	}
	if v.Verdict == Accept {
		return nil, sbom.Refuse("DECISION-VERDICT-ACCEPT", "the verdict is ACCEPT: no rule stands against it")
	}
	var rules, fixed []string
	rows := map[string]bool{} // rows against which a waivable rule speaks
	for _, r := range v.Reasons {
		switch {
		case r.Outcome == "note":
		case r.Rule == nil:
			fixed = append(fixed, r.Code)
		case !slices.ContainsFunc(p.Rules, func(x policy.Rule) bool { return x.ID == *r.Rule && x.Waivable }):
			fixed = append(fixed, *r.Rule)
		default:
			rules = append(rules, *r.Rule)
			rows[r.Row] = true
		}
	}
	for _, row := range v.Rows {
		if row.Outcome != Pass && row.Outcome != NotRequired && !rows[row.Name] && len(fixed) == 0 {
			fixed = append(fixed, "row "+row.Name)
		}
	}
	if len(fixed) > 0 {
		slices.Sort(fixed)
		return nil, sbom.Refuse("DECISION-RULE-FIXED", "not to be waived: %s", strings.Join(slices.Compact(fixed), ", "))
	}
	slices.Sort(rules)
	return slices.Compact(rules), nil
}

// Decided judges a decision by the verdict that it is on, nil if it holds at a
// time. Of a waiver the policy that the verdict names is asked; for others it may
// be nil. Whether its signers may decide, the log has seen to. It refuses as
// [Waivable] does, and with
//
//	DECISION-VERDICT-OTHER  it is on another verdict
//	DECISION-RULE-MISSING   it waives other rules than those that stand against
//	                        the verdict
//	DECISION-WAIVER-ENDED   its end has come
func Decided(d *statement.Decision, v *Verdict, p *policy.Policy, at time.Time) error {
	digest, err := v.Digest()
	if err != nil {
		return err
	}
	if d.Verdict != digest {
		return sbom.Refuse("DECISION-VERDICT-OTHER", "the decision is on verdict %s, not on %s", d.Verdict, digest)
	}
	if d.What != statement.DecideWaive {
		return nil
	}
	rules, err := Waivable(v, p)
	if err != nil {
		return err
	}
	if !slices.Equal(rules, d.Rules) {
		return sbom.Refuse("DECISION-RULE-MISSING", "the decision waives %s, against the verdict stand %s", strings.Join(d.Rules, ", "), strings.Join(rules, ", "))
	}
	if !at.Before(d.Until) {
		return sbom.Refuse("DECISION-WAIVER-ENDED", "the waiver ended at %s", statement.FormatTime(d.Until))
	}
	return nil
}

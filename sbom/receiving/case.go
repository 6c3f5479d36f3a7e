package receiving

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/policy"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// CaseFormat is the "format" member of case.json.
const CaseFormat = "yurai-case/1"

// MaxCase bounds case.json, in bytes.
const MaxCase = 64 << 20

// maxCaseMembers bounds the files, lists and tests of a case, each.
const maxCaseMembers = 4096

var caseCode = regexp.MustCompile(`^[A-Z]{1,20}-[A-Z0-9]{1,20}-[A-Z0-9]{1,20}$`)

// Case is case.json: which bytes verdicts were made from, what else they depend
// on, and the verdicts. Every input is kept beside it under its digest, so that
// whoever has the folder can judge again. Nothing in it is signed.
type Case struct {
	Format   string            `json:"format"`
	Stage    string            `json:"stage"`
	At       string            `json:"at"`      // the time of judgement, RFC 3339 UTC, seconds
	Context  map[string]string `json:"context"` // sector, facility, asset, operator, where they were told
	Trust    FileRef           `json:"trust"`
	Policy   CasePolicy        `json:"policy"`
	Lists    []CaseList        `json:"lists"`    // by the policy's input, ascending
	Assessed []CaseAssessed    `json:"assessed"` // what files are compared with
	Files    []CaseFile        `json:"files"`    // judged together, in the order given
	Linked   []CaseInput       `json:"linked"`   // at hand beside them for what they link to
}

// CasePolicy is the policy of a case.
type CasePolicy struct {
	SHA256 string      `json:"sha256"`
	Chosen string      `json:"chosen"` // given, pinned or starter
	Inputs []string    `json:"inputs"` // NAME=VALUE, ascending
	Tests  []CaseNamed `json:"tests"`  // files that the policy's tests read, by name
}

// CaseNamed is a file that goes by a name. The name leads to no file: the digest
// does.
type CaseNamed struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// CaseList is a reference list of a case.
type CaseList struct {
	Input  string `json:"input"` // of the policy
	SHA256 string `json:"sha256"`
	Date   string `json:"date"` // on which it was published, RFC 3339 UTC; "" is not told
}

// CaseAssessed is a BOM that was assessed before.
type CaseAssessed struct {
	SHA256 string `json:"sha256"`
	At     string `json:"at"` // when it was judged; "" is not known
}

// CaseInput is a BOM of a case with what proves it.
type CaseInput struct {
	Name   string  `json:"name"` // for people
	SHA256 string  `json:"sha256"`
	Bundle *string `json:"bundle"` // SHA-256 of the bundle that it was judged by, null if none

	// What the machine that judged saw of a server, and nobody can see again: the
	// size of a log that has no entry for the file (0 if none said so), the code of
	// why there is no bundle, and of how the log misbehaved ("" if neither).
	Absent     int64  `json:"absent"`
	Unproven   string `json:"unproven"`
	Misbehaved string `json:"misbehaved"`
}

// CaseFile is one file of a case with its verdict.
type CaseFile struct {
	CaseInput `json:",inline"`

	Assessed  *int     `json:"assessed"`  // which of the case's it was compared with, zero-based
	Canonical string   `json:"canonical"` // SHA-256 of the verdict's canonical bytes
	Verdict   *Verdict `json:"verdict"`
}

// Chosen is how a source of a policy is written in a case.
func (s PolicySource) Chosen() string {
	return [...]string{PolicyGiven: "given", PolicyPinned: "pinned", PolicyStarter: "starter"}[s]
}

// Source returns how the policy was chosen. The case was parsed.
func (c *Case) Source() PolicySource {
	for s := range PolicyStarter {
		if s.Chosen() == c.Policy.Chosen {
			return s
		}
	}
	return PolicyStarter
}

// Time returns the time of judgement. The case was parsed.
func (c *Case) Time() time.Time { return caseTime(c.At) }

// Purpose returns the context as rules see it, without the stage.
func (c *Case) Purpose() policy.Context {
	return policy.Context{Sector: c.Context["sector"], Facility: c.Context["facility"], Asset: c.Context["asset"], Operator: c.Context["operator"]}
}

// Published returns when a list was published, zero if that is not told.
func (l CaseList) Published() time.Time { return caseTime(l.Date) }

// Judged returns when a BOM was assessed, zero if that is not known.
func (a CaseAssessed) Judged() time.Time { return caseTime(a.At) }

// caseTime returns a time that was checked when the case was parsed.
func caseTime(text string) time.Time {
	t, err := statement.ParseTime(text)
	if err != nil {
		return time.Time{}
	}
	return t
}

// Marshal returns case.json as indented JSON, ending in a newline.
func (c *Case) Marshal() ([]byte, error) {
	raw, err := json.Marshal(c, json.Deterministic(true), jsontext.WithIndent(" "))
	if err != nil {
		return nil, err
	}
	return append(raw, '\n'), nil
}

// ParseCase reads case.json: strict JSON, no unknown or doubled member, no input
// that goes by a name twice. It compares no digest with any bytes. It refuses with
//
//	VERDICT-CASE-UNKNOWN    another format, or a newer one
//	VERDICT-CASE-MALFORMED  anything else
func ParseCase(raw []byte) (*Case, error) {
	malformed := func(format string, args ...any) (*Case, error) {
		return nil, sbom.Refuse("VERDICT-CASE-MALFORMED", format, args...)
	}
	if len(raw) > MaxCase {
		return malformed("the case has %d bytes, more than %d", len(raw), MaxCase)
	}
	var head struct {
		Format string `json:"format"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return malformed("the case is not strict JSON: %w", err)
	}
	if head.Format != CaseFormat {
		newer := "the file has"
		if strings.HasPrefix(head.Format, "yurai-case/") {
			newer = "the case is of another version of this program and has"
		}
		return nil, sbom.Refuse("VERDICT-CASE-UNKNOWN", "%s format %q, this program reads %q", newer, sbom.Clip(head.Format, 120), CaseFormat)
	}
	c := new(Case)
	if err := json.Unmarshal(raw, c, json.RejectUnknownMembers(true)); err != nil {
		return malformed("the case: %w", err)
	}
	if fault := c.fault(); fault != "" {
		return malformed("the case: %s", fault)
	}
	var plain struct {
		Files []struct {
			Verdict jsontext.Value `json:"verdict"`
		} `json:"files"`
	}
	if err := json.Unmarshal(raw, &plain); err != nil {
		return malformed("the case: %w", err)
	}
	for _, f := range plain.Files {
		if _, err := ParseVerdict(f.Verdict); err != nil {
			return malformed("the case: %w", err)
		}
	}
	return c, nil
}

// fault returns what of a case is not as it has to be, "" if nothing.
func (c *Case) fault() string {
	digests := []string{c.Trust.SHA256, c.Policy.SHA256}
	times := []string{}
	names := map[string]bool{}
	twice := ""
	name := func(kind, name string) {
		if names[kind+"\x00"+name] {
			twice = kind + " " + sbom.Clip(name, 100)
		}
		names[kind+"\x00"+name] = true
	}
	for _, t := range c.Policy.Tests {
		digests = append(digests, t.SHA256)
		name("test file", t.Name)
	}
	for _, in := range c.Policy.Inputs {
		key, _, _ := strings.Cut(in, "=")
		name("input", key)
	}
	for _, l := range c.Lists {
		digests = append(digests, l.SHA256)
		name("list", l.Input)
		times = append(times, l.Date)
	}
	for _, a := range c.Assessed {
		digests = append(digests, a.SHA256)
		times = append(times, a.At)
	}
	inputs := slices.Clone(c.Linked)
	for _, f := range c.Files {
		inputs = append(inputs, f.CaseInput)
	}
	for _, in := range inputs {
		digests = append(digests, in.SHA256)
		if in.Bundle != nil {
			digests = append(digests, *in.Bundle)
		}
		if in.Absent < 0 {
			return "a file was absent from a log of negative size"
		}
		for _, code := range []string{in.Unproven, in.Misbehaved} {
			if code != "" && !isCode(code) {
				return sbom.Quote(code, 100) + " is no code"
			}
		}
	}
	for _, f := range c.Files {
		digests = append(digests, f.Canonical)
		if f.Assessed != nil && (*f.Assessed < 0 || *f.Assessed >= len(c.Assessed)) {
			return "a file is compared with something that is not there"
		}
		if f.Verdict == nil {
			return "a file has no verdict"
		}
	}
	switch {
	case len(c.Files) == 0:
		return "it has no files"
	case len(inputs) > maxCaseMembers || len(c.Lists) > maxCaseMembers || len(c.Policy.Tests) > maxCaseMembers || len(c.Assessed) > maxCaseMembers:
		return "it has too many members"
	case twice != "":
		return twice + " stands in it twice"
	case !slices.Contains(policy.Stages(), c.Stage):
		return "it has no stage"
	case !slices.Contains([]string{"given", "pinned", "starter"}, c.Policy.Chosen):
		return "it does not say how the policy was chosen"
	}
	for key := range c.Context {
		if !slices.Contains([]string{"sector", "facility", "asset", "operator"}, key) {
			return "its context has " + sbom.Quote(key, 100)
		}
	}
	for _, d := range digests {
		if !isHex(d) {
			return sbom.Quote(d, 100) + " is no SHA-256"
		}
	}
	if _, err := statement.ParseTime(c.At); err != nil {
		return err.Error()
	}
	for _, t := range times {
		if _, err := statement.ParseTime(t); t != "" && err != nil {
			return err.Error()
		}
	}
	return ""
}

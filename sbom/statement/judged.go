package statement

import (
	"slices"
	"strings"
	"time"

	"github.com/yurai-ledger/yurai/sbom"
)

// Policy is a version of a policy, whose bytes are elsewhere.
type Policy struct {
	Head
	Digest    Digest `json:"-"`       // SHA-256 of the policy's bytes; the statement's subject
	ID        string `json:"id"`      // as the policy says; its full name is issuer/id
	Version   int64  `json:"version"` // as the policy says; each is higher than the one before
	Size      int64  `json:"size"`
	MediaType string `json:"mediaType"` // type/subtype
}

// Verdict is an operator's word that a verdict was given. The verdict itself is
// a file, named by the digest of its canonical bytes; of what it says the
// statement has as much as the operator chooses, each field told or committed to.
type Verdict struct {
	Head
	Digest  Digest          `json:"-"`                // SHA-256 of the verdict's canonical bytes; the statement's subject
	Verdict Field           `json:"verdict,omitzero"` // accept, hold or reject
	Scope   Field           `json:"scope,omitzero"`   // document, unit or observed
	Stage   Field           `json:"stage,omitzero"`   // tender, receipt, install or recheck
	At      Field           `json:"at,omitzero"`      // the time of judgement
	File    Field           `json:"file,omitzero"`    // digest of the BOM's bytes
	Entry   *VerdictEntry   `json:"entry,omitzero"`   // of the BOM
	Policy  *VerdictPolicy  `json:"policy,omitzero"`  // that was applied
	Context *VerdictContext `json:"context,omitzero"` // of use
}

// VerdictEntry is the position of the entry that a verdict is about.
type VerdictEntry struct {
	Log   Field `json:"log,omitzero"`   // origin
	Index Field `json:"index,omitzero"` // zero-based, in decimal digits
}

// VerdictPolicy is the policy that a verdict rests on.
type VerdictPolicy struct {
	ID      Field `json:"id,omitzero"`
	Version Field `json:"version,omitzero"` // in decimal digits
	SHA256  Field `json:"sha256,omitzero"`  // digest of the policy's bytes
}

// VerdictContext is where the thing is to be used.
type VerdictContext struct {
	Sector   Field `json:"sector,omitzero"`
	Facility Field `json:"facility,omitzero"`
	Asset    Field `json:"asset,omitzero"`
	Operator Field `json:"operator,omitzero"`
}

// What people decide on a verdict.
const (
	DecideInstall = "install" // it is put to use
	DecideReturn  = "return"  // it goes back
	DecideWaive   = "waive"   // rules are set aside until a day; by two different keys
)

var decisions = words{DecideInstall, DecideReturn, DecideWaive}

// Decision is what people of an operator decided on a verdict. It does not
// change the verdict. Which rules of a policy anybody may waive, the log cannot
// see: that is judged by whoever has verdict and policy.
type Decision struct {
	Head
	Verdict  Digest    `json:"-"`                 // SHA-256 of the verdict's canonical bytes; the statement's subject
	Position *Position `json:"position,omitzero"` // of the verdict entry, if there is one
	What     string    `json:"what"`              // install, return or waive
	Rules    []string  `json:"rules,omitzero"`    // ids of the rules that are waived; ascending; of a waiver alone
	Reason   Field     `json:"reason"`
	Until    time.Time `json:"until,omitzero"` // end of a waiver, of which there is no other
}

// Kind returns policy.
func (*Policy) Kind() Kind { return KindPolicy }

// Kind returns verdict.
func (*Verdict) Kind() Kind { return KindVerdict }

// Kind returns decision.
func (*Decision) Kind() Kind { return KindDecision }

func (p *Policy) subject() Digest   { return p.Digest }
func (v *Verdict) subject() Digest  { return v.Digest }
func (d *Decision) subject() Digest { return d.Verdict }

func (p *Policy) setSubject(d Digest)   { p.Digest = d }
func (v *Verdict) setSubject(d Digest)  { v.Digest = d }
func (d *Decision) setSubject(x Digest) { d.Verdict = x }

// NewPolicy returns the payload of a policy statement. Party is the owner.
func NewPolicy(p Policy) ([]byte, error) { return build(&p) }

// NewVerdict returns the payload of a verdict statement. Party is the operator.
func NewVerdict(v Verdict) ([]byte, error) { return build(&v) }

// NewDecision returns the payload of a decision. Party is the operator; rules
// are sorted.
func NewDecision(d Decision) ([]byte, error) {
	d.Rules, d.Until = sorted(d.Rules), d.Until.UTC().Truncate(time.Second)
	return build(&d)
}

func (p *Policy) check() *sbom.Refusal {
	if r := p.checkActor(KindPolicy, Registrar); r != nil {
		return r
	}
	kind, sub, found := strings.Cut(p.MediaType, "/")
	switch {
	case p.Digest.IsZero():
		return refuseMember("the digest of the policy is missing")
	case !isListID(p.ID):
		return refuseMember("id %q is not 1 to 64 of a-z, 0-9 and \"._-\"", clip(p.ID)).At("/id", 0)
	case p.Version < 1 || p.Version > maxInteger:
		return refuseMember("version is not the version of a policy").At("/version", 0)
	case p.Size < 1 || p.Size > maxInteger:
		return refuseMember("size is not the size of a policy").At("/size", 0)
	case !found || !isToken(kind) || !isToken(sub):
		return refuseMember("mediaType %q is not type/subtype", clip(p.MediaType)).At("/mediaType", 0)
	}
	return nil
}

func (v *Verdict) slots() []slot {
	digest := shaped(func(s string) error { _, err := ParseDigest(s); return err })
	list := []slot{
		{pointer: "/verdict", field: &v.Verdict, rule: oneOf("accept", "hold", "reject")},
		{pointer: "/scope", field: &v.Scope, rule: oneOf("document", "unit", "observed")},
		{pointer: "/stage", field: &v.Stage, rule: oneOf("tender", "receipt", "install", "recheck")},
		{pointer: "/at", field: &v.At, rule: shaped(func(s string) error { _, err := ParseTime(s); return err })},
		{pointer: "/file", field: &v.File, rule: digest},
	}
	if e := v.Entry; e != nil {
		list = append(list,
			slot{pointer: "/entry/log", field: &e.Log, rule: shaped(CheckOrigin)},
			slot{pointer: "/entry/index", field: &e.Index, rule: isNumber})
	}
	if p := v.Policy; p != nil {
		list = append(list,
			slot{pointer: "/policy/id", field: &p.ID, rule: func(what, id string) *sbom.Refusal {
				if !isListID(id) {
					return refuseMember("%s %q is no id of a policy", what, clip(id))
				}
				return nil
			}},
			slot{pointer: "/policy/version", field: &p.Version, rule: isNumber},
			slot{pointer: "/policy/sha256", field: &p.SHA256, rule: digest})
	}
	if c := v.Context; c != nil {
		list = append(list,
			slot{pointer: "/context/sector", field: &c.Sector, rule: plainText},
			slot{pointer: "/context/facility", field: &c.Facility, rule: plainText},
			slot{pointer: "/context/asset", field: &c.Asset, rule: plainText},
			slot{pointer: "/context/operator", field: &c.Operator, rule: plainText})
	}
	return list
}

func (v *Verdict) check() *sbom.Refusal {
	if r := v.checkActor(KindVerdict); r != nil {
		return r
	}
	switch {
	case v.Digest.IsZero():
		return refuseMember("the digest of the verdict is missing")
	case v.Entry != nil && *v.Entry == VerdictEntry{}:
		return refuseMember("entry says nothing").At("/entry", 0)
	case v.Policy != nil && *v.Policy == VerdictPolicy{}:
		return refuseMember("policy says nothing").At("/policy", 0)
	case v.Context != nil && *v.Context == VerdictContext{}:
		return refuseMember("context says nothing").At("/context", 0)
	}
	return checkSlots(v)
}

func (d *Decision) slots() []slot {
	return []slot{{pointer: "/reason", field: &d.Reason, must: true, rule: func(what, s string) *sbom.Refusal {
		return checkText(what, s, MaxNote, true)
	}}}
}

func (d *Decision) check() *sbom.Refusal {
	if r := d.checkActor(KindDecision); r != nil {
		return r
	}
	if d.Verdict.IsZero() {
		return refuseMember("the digest of the verdict is missing")
	}
	if d.Position != nil {
		if r := d.Position.check(); r != nil {
			return r.At("/position"+r.Pointer, 0)
		}
	}
	if r := decisions.check("what", d.What); r != nil {
		return r.At("/what", 0)
	}
	waives := d.What == DecideWaive
	switch {
	case waives != (len(d.Rules) > 0):
		return refuseMember("a waiver, and nothing else, names rules").At("/rules", 0)
	case waives == d.Until.IsZero():
		return refuseMember("a waiver, and nothing else, has an end").At("/until", 0)
	case waives && !d.Until.After(d.Made):
		return refuseMember("the waiver ends before it is made").At("/until", 0)
	case slices.ContainsFunc(d.Rules, func(id string) bool { return !isRuleID(id) }):
		return refuseMember("rules names what is no id of a rule").At("/rules", 0)
	}
	if r := checkList("rules", d.Rules, MaxList); r != nil {
		return r.At("/rules", 0)
	}
	return checkSlots(d)
}

// isRuleID checks the id of a rule of a policy.
func isRuleID(s string) bool {
	letter := func(c byte) bool { return isAlnum(c) && !isDigit(c) }
	return matches(s, 1, 32, letter, func(c byte) bool { return isAlnum(c) || strings.IndexByte("._-", c) >= 0 })
}

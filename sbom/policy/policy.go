package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v4"

	"github.com/yurai-ledger/yurai/sbom/origin"
)

// Format is the format that a policy names.
const Format = "yurai-policy/1"

// Text is one sentence in both languages.
type Text struct {
	EN string `json:"en"`
	JA string `json:"ja"`
}

// Source is a document that a policy rests on.
type Source struct {
	Ref  string
	Read string // the day it was read, YYYY-MM-DD
}

// Scope is the most that was looked at.
type Scope string

// The scopes, least first.
const (
	Document Scope = "document" // only papers
	Unit     Scope = "unit"     // the units that were shipped
	Machine  Scope = "observed" // the machine itself
)

// Stages returns the stages at which a delivery is judged, in their order.
func Stages() []string { return []string{"tender", "receipt", "install", "recheck"} }

// Rows returns the six rows of a verdict, in their order.
func Rows() []string {
	return []string{"signature", "log", "witnesses", "contents", "origin", "advisories"}
}

// Effect is what a rule does to a delivery.
type Effect string

// The effects, mildest first.
const (
	Pass   Effect = "pass"
	Note   Effect = "note"
	Hold   Effect = "hold"
	Reject Effect = "reject"
)

func (e Effect) rank() int { return slices.Index([]Effect{Pass, Note, Hold, Reject}, e) }

// Each says what a rule ranges over.
type Each string

// The subjects of rules.
const (
	EachComponent Each = "component" // metadata.component and everything nested, every one
	EachProduct   Each = "product"   // metadata.component
	EachService   Each = "service"   // every service
	EachParty     Each = "party"     // every party that is told, and makers and providers that are not
	EachUnit      Each = "unit"      // every unit that was looked at
	EachDelivery  Each = "delivery"  // the document as a whole
)

// Freshness is how old the standing of an entry may be.
type Freshness struct {
	Note time.Duration // older is noted
	Hold time.Duration // older holds
}

// DefaultFreshness holds where a policy says nothing.
var DefaultFreshness = Freshness{Note: 24 * time.Hour, Hold: 168 * time.Hour}

// Input is what the operator fills in.
type Input struct {
	Name     string
	Type     string // codes or list
	Required bool
	Set      bool     // the policy itself has a value
	Value    []string // of type codes, as the policy sets it

	List   string        // of type list: its id
	MaxAge time.Duration // of type list: 0 is any age
	Fuzzy  int           // of type list: score in per mille from which a name is similar
}

// Where narrows the subjects of a rule. An empty list is all, and a context
// that is not known applies.
type Where struct {
	Critical bool // only critical subjects
	Stage    []string
	Sector   []string
	Facility []string
	Asset    []string
	Operator []string
}

// Rule is one rule. True means that what it looks for is there.
type Rule struct {
	ID       string
	Title    Text
	Row      string // which of the six rows it speaks in
	Each     Each
	Where    Where
	When     string          // expression of CEL
	Strength origin.Strength // least strength of a fact that may clear
	Outcome  Effect          // of true: note, hold or reject
	Unknown  Effect          // of unknown: note, hold or reject
	Waivable bool
	Because  Text
	Basis    string

	compiled *program
}

// Policy is one parsed and compiled policy. It does not change and is safe for
// concurrent use.
type Policy struct {
	Raw    []byte   // the bytes as given; never to be changed
	Digest [32]byte // SHA-256 of Raw

	ID        string
	Version   int
	Title     Text
	Notice    Text
	Sources   []Source
	Verified  bool
	Home      string    // the operator's country, alpha-2
	Timezone  string    // of Effective and Expires
	Effective time.Time // in force from this instant on; zero is always
	Expires   time.Time // in force before this instant; zero is for ever
	Freshness Freshness
	Inputs    []Input // sorted by name
	Rules     []Rule  // in the order of the file
	Tests     []Test  // in the order of the file

	demands   map[string]Scope
	groups    map[string][]string
	types     []string // component types that are not critical
	functions []string // functions of devices that are not critical
}

// DigestString returns the digest of the raw bytes as sha256:<hex>.
func (p *Policy) DigestString() string { return "sha256:" + hex.EncodeToString(p.Digest[:]) }

// Demand returns the scope that the policy demands at a stage. ok is false if
// it says nothing of the stage; then nothing that was looked at is enough.
func (p *Policy) Demand(stage string) (scope Scope, ok bool) {
	scope, ok = p.demands[stage]
	return scope, ok
}

var (
	policyID  = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
	ruleID    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._-]{0,31}$`)
	inputName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
	groupName = regexp.MustCompile(`^[a-z][a-z0-9-]{2,31}$`)
	listID    = regexp.MustCompile(`^[a-z][a-z0-9-]{0,15}:[A-Za-z0-9][A-Za-z0-9._/-]{0,98}$`)
	plainWord = regexp.MustCompile(`^[^\x00-\x1f\x7f]{1,100}$`)
)

// Parse parses and compiles a policy. It accepts the strict part of YAML 1.2 in
// which every scalar is the string that is written, and exactly the fields of
// yurai-policy/1. An error is a [*Refusal] with code, line and column. The
// result keeps raw; the caller must not change it. Every expression is compiled
// here, once: keep the policy to judge by it again.
func Parse(raw []byte) (*Policy, error) {
	root, fault := loadTree(raw)
	if fault != nil {
		return nil, fault
	}
	d := new(decoder)
	p := d.policy(root)
	if d.err != nil {
		return nil, d.err
	}
	p.Raw, p.Digest = raw, sha256.Sum256(raw)
	return p, nil
}

func (d *decoder) policy(root *yaml.Node) *Policy {
	p := &Policy{demands: make(map[string]Scope), groups: make(map[string][]string), Freshness: DefaultFreshness}
	// A newer format may have other fields, so it is asked for first.
	if root.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(root.Content); i += 2 {
			if n := root.Content[i+1]; root.Content[i].Value == "format" && n.Value != Format {
				d.refuse("POLICY-FORMAT-UNKNOWN", n, "the format %s is not %s", quote(n.Value), Format)
			}
		}
	}
	f := d.fields(root, "a policy", "!format", "!id", "!version", "!title", "!notice", "source", "!verified", "!home",
		"timezone", "effective", "expires", "freshness", "demands", "inputs", "groups", "critical", "!rules", "tests")
	p.ID = d.shaped(f["id"], "id", policyID.MatchString)
	p.Version = d.number(f["version"], "version", 1, 1<<31-1)
	p.Title = d.text(f["title"], "title")
	p.Notice = d.text(f["notice"], "notice")
	for _, n := range d.items(f["source"], "source") {
		s := d.fields(n, "a source", "!ref", "!read")
		d.date(s["read"], "read", time.UTC)
		p.Sources = append(p.Sources, Source{Ref: d.word(s["ref"], "ref"), Read: d.word(s["read"], "read")})
	}
	p.Verified = d.boolean(f["verified"], "verified")
	p.Home = d.shaped(f["home"], "home", origin.Assigned)
	zone := d.zone(f["timezone"])
	p.Timezone = zone.String()
	p.Effective = d.date(f["effective"], "effective", zone)
	p.Expires = d.date(f["expires"], "expires", zone)
	if !p.Expires.IsZero() && !p.Effective.Before(p.Expires) {
		d.refuse("POLICY-VALUE-INVALID", f["expires"], "a policy expires after it is in force")
	}
	if n := f["freshness"]; n != nil {
		s := d.fields(n, "freshness", "!note", "!hold")
		p.Freshness = Freshness{Note: d.duration(s["note"], "note"), Hold: d.duration(s["hold"], "hold")}
	}
	if n := f["demands"]; n != nil {
		for stage, v := range d.fields(n, "demands", Stages()...) {
			p.demands[stage] = Scope(d.choice(v, "a demand", string(Document), string(Unit), string(Machine)))
		}
	}
	d.groups(p, f["groups"])
	d.inputs(p, f["inputs"])
	d.critical(p, f["critical"])
	d.rules(p, f["rules"])
	d.tests(p, f["tests"])
	return p
}

// date returns the instant at which a day begins in a zone.
func (d *decoder) date(n *yaml.Node, what string, zone *time.Location) time.Time {
	s := d.word(n, what)
	if d.err != nil || n == nil {
		return time.Time{}
	}
	t, err := time.ParseInLocation(time.DateOnly, s, zone)
	if err != nil {
		d.refuse("POLICY-VALUE-INVALID", n, "%s is a day such as 2026-12-01, not %s", what, quote(s))
	}
	return t
}

// zones are the named time zones that have had one offset for long. Any other
// is written as an offset: a table of the machine's would make the same policy
// end at another instant elsewhere.
var zones = map[string]int{
	"UTC": 0, "Asia/Tokyo": 9 * 3600, "Asia/Seoul": 9 * 3600, "Asia/Taipei": 8 * 3600, "Asia/Singapore": 8 * 3600,
	"Asia/Bangkok": 7 * 3600, "Asia/Jakarta": 7 * 3600, "Asia/Kolkata": 5*3600 + 1800,
}

var offset = regexp.MustCompile(`^[+-](0[0-9]|1[0-4]):[0-5][0-9]$`)

func (d *decoder) zone(n *yaml.Node) *time.Location {
	if n == nil {
		return time.UTC
	}
	s := d.word(n, "timezone")
	if seconds, ok := zones[s]; ok {
		return time.FixedZone(s, seconds)
	}
	if !offset.MatchString(s) {
		d.refuse("POLICY-TIMEZONE-UNKNOWN", n, "the time zone %s is not known; write an offset such as +09:00", quote(s))
		return time.UTC
	}
	hours, _ := strconv.Atoi(s[1:3]) // digits by the expression above
	minutes, _ := strconv.Atoi(s[4:6])
	seconds := hours*3600 + minutes*60
	if s[0] == '-' {
		seconds = -seconds
	}
	return time.FixedZone(s, seconds)
}

// code reads one code of a place.
func (d *decoder) codes(n *yaml.Node, what string, valid func(string) bool) []string {
	for _, item := range d.items(n, what) {
		if s := d.word(item, what); d.err == nil && !valid(s) {
			d.refuse("POLICY-CODE-UNKNOWN", item, "%s names %s, which is no officially assigned country code", what, quote(s))
		}
	}
	return d.words(n, what, valid)
}

func (d *decoder) groups(p *Policy, n *yaml.Node) {
	for _, pair := range d.pairs(n, "groups") {
		name := pair[0].Value
		if !origin.Assigned(name) && !groupName.MatchString(name) {
			d.refuse("POLICY-VALUE-INVALID", pair[0], "a group is called by a country code or a word in lower case, not %s", quote(name))
		}
		p.groups[name] = d.codes(pair[1], "a group", origin.Recognised)
	}
}

// validCode reports whether a list of codes of this policy may name s.
func (p *Policy) validCode(s string) bool { return origin.Recognised(s) || p.groups[s] != nil }

// Codes returns the set of places that a list of codes means under the policy's
// groups: a group that is called by a country's code adds its members to that
// country, any other stands for its members. Groups do not hold groups.
func (p *Policy) Codes(codes []string) (origin.Codes, error) {
	var out []string
	for _, code := range codes {
		members, grouped := p.groups[code]
		if !grouped || origin.Assigned(code) {
			out = append(out, code)
		}
		out = append(out, members...)
	}
	return origin.NewCodes(out)
}

func (d *decoder) inputs(p *Policy, n *yaml.Node) {
	for _, pair := range d.pairs(n, "inputs") {
		in := Input{Name: pair[0].Value}
		if !inputName.MatchString(in.Name) {
			d.refuse("POLICY-VALUE-INVALID", pair[0], "an input cannot be called %s", quote(in.Name))
		}
		f := d.fields(pair[1], "an input", "!type", "required", "value", "list", "maxAge", "fuzzy")
		in.Type = d.choice(f["type"], "type", "codes", "list")
		in.Required = d.boolean(f["required"], "required")
		if in.Type == "codes" {
			d.fields(pair[1], "an input of type codes", "!type", "required", "value")
			in.Set = f["value"] != nil
			in.Value = d.codes(f["value"], "value", p.validCode)
		} else {
			d.fields(pair[1], "an input of type list", "!type", "required", "!list", "maxAge", "fuzzy")
			in.List = d.shaped(f["list"], "list", listID.MatchString)
			in.MaxAge = d.duration(f["maxAge"], "maxAge")
			if in.Fuzzy = defaultFuzzy; f["fuzzy"] != nil {
				in.Fuzzy = d.number(f["fuzzy"], "fuzzy", 1, 1000)
			}
		}
		p.Inputs = append(p.Inputs, in)
	}
	if len(p.Inputs) > maxInputs {
		d.refuse("POLICY-VALUE-INVALID", n, "a policy has at most %d inputs", maxInputs)
	}
	slices.SortFunc(p.Inputs, func(a, b Input) int { return strings.Compare(a.Name, b.Name) })
}

func (p *Policy) input(name string) (Input, bool) {
	i := slices.IndexFunc(p.Inputs, func(in Input) bool { return in.Name == name })
	if i < 0 {
		return Input{}, false
	}
	return p.Inputs[i], true
}

func (d *decoder) critical(p *Policy, n *yaml.Node) {
	if d.err != nil || n == nil {
		return
	}
	f := d.fields(n, "critical", "!except")
	if f["except"] == nil {
		return
	}
	f = d.fields(f["except"], "except", "types", "functions")
	p.types = d.words(f["types"], "types", origin.KnownType)
	p.functions = d.words(f["functions"], "functions", plainWord.MatchString)
}

// Excepted reports whether the policy takes a component for not critical, on
// the word of the vendor who states its type and function: its type is excepted,
// or it is a device and its function is. What states no known type is critical,
// and so is a device that states no function, or two.
func (p *Policy) Excepted(s *origin.Subject) bool {
	if !origin.KnownType(s.Type) {
		return false
	}
	return slices.Contains(p.types, s.Type) ||
		s.Type == "device" && s.Function != "" && slices.Contains(p.functions, s.Function)
}

func (d *decoder) rules(p *Policy, n *yaml.Node) {
	items := d.items(n, "rules")
	if len(items) == 0 || len(items) > maxRules {
		d.refuse("POLICY-VALUE-INVALID", n, "a policy has 1 to %d rules", maxRules)
	}
	env := d.environment(p, n)
	for _, item := range items {
		if d.err != nil {
			return
		}
		r := d.rule(item)
		if slices.ContainsFunc(p.Rules, func(o Rule) bool { return o.ID == r.ID }) {
			d.refuse("POLICY-RULE-DUPLICATE", item, "two rules are called %s", quote(r.ID))
		}
		r.compiled = d.compile(p, env, &r, item)
		p.Rules = append(p.Rules, r)
	}
}

func (d *decoder) rule(n *yaml.Node) Rule {
	f := d.fields(n, "a rule", "!id", "!title", "!row", "!each", "where", "!when", "strength", "!outcome", "!unknown",
		"waivable", "!because", "basis")
	r := Rule{
		ID:       d.shaped(f["id"], "id", func(s string) bool { return ruleID.MatchString(s) && s != "verdict" }),
		Title:    d.text(f["title"], "title"),
		Row:      d.choice(f["row"], "row", Rows()...),
		When:     d.sized(f["when"], "when", maxBytes),
		Strength: origin.Asserted,
		Outcome:  Effect(d.choice(f["outcome"], "outcome", string(Reject), string(Hold), string(Note))),
		Unknown:  Effect(d.choice(f["unknown"], "unknown", string(Reject), string(Hold), string(Note))),
		Waivable: d.boolean(f["waivable"], "waivable"),
		Because:  d.text(f["because"], "because"),
		Basis:    d.word(f["basis"], "basis"),
	}
	r.Each = Each(d.choice(f["each"], "each", "delivery", "product", "component", "service", "party", "unit"))
	if n := f["strength"]; n != nil {
		word := d.choice(n, "strength", "derived", "asserted", "cited", "attested", "observed")
		r.Strength, _ = origin.ParseStrength(word)
	}
	if n := f["where"]; n != nil {
		w := d.fields(n, "where", "critical", "stage", "sector", "facility", "asset", "operator")
		r.Where = Where{
			Critical: d.boolean(w["critical"], "critical"),
			Stage:    d.words(w["stage"], "stage", func(s string) bool { return slices.Contains(Stages(), s) }),
			Sector:   d.words(w["sector"], "sector", plainWord.MatchString),
			Facility: d.words(w["facility"], "facility", plainWord.MatchString),
			Asset:    d.words(w["asset"], "asset", plainWord.MatchString),
			Operator: d.words(w["operator"], "operator", plainWord.MatchString),
		}
	}
	return r
}

package ledger

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// WitnessPolicy says which witnesses have to have cosigned a checkpoint: the
// witnesses, groups and quorum of c2sp.org/tlog-policy. Nil demands none.
type WitnessPolicy struct {
	text      string
	witnesses []Witness
	groups    []WitnessGroup
	quorum    string
}

// Witness is one witness of a policy.
type Witness struct {
	Name     string // in the policy and nowhere else; any octets but blanks and controls
	Verifier *Verifier
	URL      string // submission prefix (c2sp.org/tlog-witness), "" if none is given
}

// WitnessGroup is a group of a policy: it has witnessed what K of its members have.
type WitnessGroup struct {
	Name    string
	K       int      // 1 to len(Members)
	Members []string // names of witnesses, and of groups before it
}

// noQuorum is the quorum that demands nothing.
const noQuorum = "none"

// ParseWitnessPolicy reads the lines "witness NAME VKEY [URL]", "group NAME
// all|any|K NAME…" and "quorum NAME|none" of a policy as c2sp.org/tlog-policy has
// them, and refuses with TRUST-WITNESS-MALFORMED whatever else: a line without line
// feed, a control character, a name that is defined twice or "none" or only later, a
// member of two groups, a threshold outside 1 to the number of members, a quorum
// missing or named twice, one public key twice, a key that is no cosigner's, more
// than MaxWitnesses witnesses or groups or MaxPolicy bytes. "log" lines are refused
// too: which logs are meant is said elsewhere. A URL has to be http or https.
func ParseWitnessPolicy(text string) (*WitnessPolicy, error) {
	if len(text) > MaxPolicy {
		return nil, badPolicy("witness policy of %d bytes is over the limit of %d", len(text), MaxPolicy)
	}
	if !strings.HasSuffix(text, "\n") {
		return nil, badPolicy("witness policy does not end with a line feed")
	}
	r := policyReader{p: &WitnessPolicy{text: text}, defined: map[string]bool{noQuorum: true}, member: map[string]bool{}}
	number := 0
	for line := range strings.Lines(text) {
		number++
		if err := r.line(strings.TrimSuffix(line, "\n")); err != nil {
			return nil, badPolicy("line %d of the witness policy %w", number, err)
		}
	}
	if r.p.quorum == "" {
		return nil, badPolicy("witness policy has no quorum line")
	}
	return r.p, nil
}

func badPolicy(format string, args ...any) *Refusal {
	return Refuse("TRUST-WITNESS-MALFORMED", format, args...)
}

// policyReader gathers a policy line by line.
type policyReader struct {
	p       *WitnessPolicy
	defined map[string]bool
	member  map[string]bool // is in a group already
}

func (r *policyReader) line(line string) error {
	for _, b := range []byte(line) {
		if b < 0x20 && b != '\t' || b == 0x7f {
			return badPolicy("has the control character 0x%02x", b)
		}
	}
	words := strings.FieldsFunc(line, func(c rune) bool { return c == ' ' || c == '\t' })
	if len(words) == 0 || words[0][0] == '#' {
		return nil
	}
	switch words[0] {
	case "witness":
		return r.witness(words[1:])
	case "group":
		return r.group(words[1:])
	case "quorum":
		return r.quorum(words[1:])
	case "log":
		return badPolicy("names a log, which is not the place for it")
	}
	return badPolicy("begins with %q, which is none of witness, group and quorum", clip(words[0]))
}

// define takes a name, which nothing before it may have.
func (r *policyReader) define(name string) error {
	if r.defined[name] {
		return badPolicy("defines %q, a name that is taken", clip(name))
	}
	r.defined[name] = true
	return nil
}

func (r *policyReader) witness(words []string) error {
	if len(words) != 2 && len(words) != 3 {
		return badPolicy("is not witness, name, key and perhaps URL")
	}
	if len(r.p.witnesses) == MaxWitnesses {
		return badPolicy("is one witness more than %d", MaxWitnesses)
	}
	v, err := ParseCosigner(words[1])
	if err != nil {
		return badPolicy("names no cosigner's key: %w", err)
	}
	for _, w := range r.p.witnesses {
		if w.Verifier.same(v) {
			return badPolicy("gives %q the key of %q", clip(words[0]), clip(w.Name))
		}
		if w.Verifier.name == v.name && w.Verifier.KeyHash() == v.KeyHash() {
			return badPolicy("gives %q a key that signature lines cannot tell from that of %q", clip(words[0]), clip(w.Name))
		}
	}
	w := Witness{Name: words[0], Verifier: v}
	if len(words) == 3 {
		w.URL = words[2]
		u, err := url.Parse(w.URL)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return badPolicy("has %q, which is no http or https URL of a witness", clip(w.URL))
		}
	}
	r.p.witnesses = append(r.p.witnesses, w)
	return r.define(w.Name)
}

func (r *policyReader) group(words []string) error {
	if len(words) < 3 {
		return badPolicy("is not group, name, threshold and members")
	}
	if len(r.p.groups) == MaxWitnesses {
		return badPolicy("is one group more than %d", MaxWitnesses)
	}
	g := WitnessGroup{Name: words[0], Members: slices.Clone(words[2:])}
	switch words[1] {
	case "any":
		g.K = 1
	case "all":
		g.K = len(g.Members)
	default:
		k, err := strconv.Atoi(words[1])
		if err != nil || strconv.Itoa(k) != words[1] || k < 1 || k > len(g.Members) {
			return badPolicy("has threshold %q, which is not any, all or a number from 1 to %d", clip(words[1]), len(g.Members))
		}
		g.K = k
	}
	for _, m := range g.Members {
		if m == noQuorum || !r.defined[m] {
			return badPolicy("has %q in a group, which nothing above defines", clip(m))
		}
		if r.member[m] {
			return badPolicy("has %q in a group, which is in one already", clip(m))
		}
		r.member[m] = true
	}
	r.p.groups = append(r.p.groups, g)
	return r.define(g.Name)
}

func (r *policyReader) quorum(words []string) error {
	switch {
	case len(words) != 1:
		return badPolicy("is not quorum and one name")
	case r.p.quorum != "":
		return badPolicy("names a second quorum")
	case !r.defined[words[0]]:
		return badPolicy("has the quorum %q, which nothing above defines", clip(words[0]))
	}
	r.p.quorum = words[0]
	return nil
}

// String returns the text that was parsed, comments and all.
func (p *WitnessPolicy) String() string { return p.text }

// Witnesses returns the witnesses in the order of the text.
func (p *WitnessPolicy) Witnesses() []Witness {
	if p == nil {
		return nil
	}
	return slices.Clone(p.witnesses)
}

// Groups returns the groups in the order of the text.
func (p *WitnessPolicy) Groups() []WitnessGroup {
	if p == nil {
		return nil
	}
	return slices.Clone(p.groups)
}

// Verifiers returns the witnesses' keys in the order of the text.
func (p *WitnessPolicy) Verifiers() []*Verifier {
	if p == nil {
		return nil
	}
	list := make([]*Verifier, len(p.witnesses))
	for i, w := range p.witnesses {
		list[i] = w.Verifier
	}
	return list
}

// Quorum returns the name of the witness or group that has to have cosigned, or "none".
func (p *WitnessPolicy) Quorum() string {
	if p == nil {
		return noQuorum
	}
	return p.quorum
}

// Demanded reports whether any cosignature is demanded: there is a policy and its
// quorum is not "none".
func (p *WitnessPolicy) Demanded() bool { return p.Quorum() != noQuorum }

// Satisfied reports whether cosignatures, all of one checkpoint, reach the quorum.
// Those of keys that are no witness's count for nothing, and two of one witness for
// one. True if none is demanded.
func (p *WitnessPolicy) Satisfied(cosigned []Cosignature) bool {
	if !p.Demanded() {
		return true
	}
	witnessed := map[string]bool{}
	for _, w := range p.witnesses {
		witnessed[w.Name] = slices.ContainsFunc(cosigned, func(c Cosignature) bool { return c.Verifier.vkey == w.Verifier.vkey })
	}
	for _, g := range p.groups {
		n := 0
		for _, m := range g.Members {
			if witnessed[m] {
				n++
			}
		}
		witnessed[g.Name] = n >= g.K
	}
	return witnessed[p.quorum]
}

// CheckLog returns nil if no witness has one of a log's keys, under whatever name and
// algorithm, nor a key that signature lines cannot tell from one, else
// TRUST-WITNESS-LOG: a log is no witness of itself.
func (p *WitnessPolicy) CheckLog(keys ...*Verifier) error {
	if p == nil {
		return nil
	}
	for _, w := range p.witnesses {
		for _, k := range keys {
			if w.Verifier.same(k) || w.Verifier.name == k.name && w.Verifier.KeyHash() == k.KeyHash() {
				return Refuse("TRUST-WITNESS-LOG", "witness %q has a key of the log %q", clip(w.Name), k.name)
			}
		}
	}
	return nil
}

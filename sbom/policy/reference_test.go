package policy

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
)

// This file holds a second evaluator, slow and obvious, written from the
// specification alone. It uses of the engine only the parsed policy, and of
// package origin only the facts: it answers every function itself.

// node is an expression that can be written in CEL and evaluated here.
type node struct {
	op   string // word of an atom, or && || ! ?: exists all
	args []*node
}

var atoms = []string{
	`made(it, input.concern)`, `made(it, ["BV"])`, `made(product, input.concern)`, `made(it, input.unset)`,
	`complete(it)`, `complete(product)`, `ctx.stage == "tender"`, `ctx.sector == "power"`, `has(ctx.sector)`,
	`true`, `false`, `1 / (size(home) - 2) == 1`,
}

func (n *node) String() string {
	switch n.op {
	case "&&", "||":
		return "(" + n.args[0].String() + " " + n.op + " " + n.args[1].String() + ")"
	case "!":
		return "!" + n.args[0].String()
	case "?:":
		return "(" + n.args[0].String() + " ? " + n.args[1].String() + " : " + n.args[2].String() + ")"
	case "exists", "all":
		return fmt.Sprintf(`["a", "b"].%s(x, x == "a" ? %s : %s)`, n.op, n.args[0], n.args[1])
	}
	return "(" + n.op + ")"
}

func randomNode(r *rand.Rand, depth int, atoms []string) *node {
	if depth == 0 || r.IntN(3) == 0 {
		return &node{op: atoms[r.IntN(len(atoms))]}
	}
	op := []string{"&&", "||", "!", "?:", "exists", "all"}[r.IntN(6)]
	n := &node{op: op}
	for range map[string]int{"&&": 2, "||": 2, "!": 1, "?:": 3, "exists": 2, "all": 2}[op] {
		n.args = append(n.args, randomNode(r, depth-1, atoms))
	}
	return n
}

// naive evaluates rules over a document.
type naive struct {
	doc     *sbom.Document
	facts   *origin.Facts
	concern []string // nil is unset
	ctx     Context
	policy  *Policy

	standing  string
	advised   map[string]bool // nil is that nobody looked
	changed   Truth
	statement time.Time

	alike   []string // parties and lists of which a name is alike
	assumed map[string]Truth
}

func (n *naive) excepted(c *sbom.Component) bool {
	var functions []string
	for _, p := range c.Properties {
		if p.Name == "cdx:device:function" && !slices.Contains(functions, p.Value) {
			functions = append(functions, p.Value)
		}
	}
	return c.Type == "file" || c.Type == "device" && len(functions) == 1 && functions[0] == "connector"
}

func (n *naive) made(i int, codes []string, firm bool) Truth {
	if i < 0 || codes == nil {
		return Unknown
	}
	hit := false
	cleared := map[string]bool{}
	for _, f := range n.facts.Components[i].Facts {
		stage := string(f.Stage)
		if stage != "manufactured" && stage != "assembled" && stage != "developed" && stage != "built" {
			continue
		}
		full := !f.Value.Withheld
		sum := 0
		for _, s := range f.Value.Shares {
			sum += s.Percent
			if s.Code == "unknown" || s.Code == "ZZ" {
				full = false
				continue
			}
			if slices.Contains(codes, s.Code[:2]) && (!firm || f.State == origin.Stated) {
				hit = true
			}
			if slices.Contains(codes, s.Code[:2]) {
				full = false // neither does it clear, if it does not count
			}
		}
		kind := n.facts.Components[i].Type
		right := kind == "device" && (stage == "manufactured" || stage == "assembled") ||
			(kind == "library" || kind == "firmware" || kind == "file") && (stage == "developed" || stage == "built")
		if right && full && f.State == origin.Stated && sum >= 9950 && sum <= 10050 {
			cleared[stage] = true
		}
	}
	named, strange := false, false
	for _, f := range n.facts.Components[i].Facts {
		stage := string(f.Stage)
		if stage != "manufactured" && stage != "assembled" && stage != "developed" && stage != "built" {
			continue
		}
		for _, s := range f.Value.Shares {
			strange = strange || s.Code == "ZZ"
			if s.Code != "unknown" && s.Code != "ZZ" && slices.Contains(codes, s.Code[:2]) {
				named = true
			}
		}
	}
	switch {
	case hit:
		return True
	case len(cleared) == 2 && !named && !strange:
		return False
	}
	return Unknown
}

// below reports whether component j is component i or lies below it.
func (n *naive) below(i, j int) bool {
	if n.doc.Components[i].Product {
		return true
	}
	for ; j >= 0; j = n.doc.Components[j].Parent {
		if i == j {
			return true
		}
	}
	return false
}

func (n *naive) complete(i int) Truth {
	if i < 0 {
		return Unknown
	}
	refs := make(map[string]int)
	for _, c := range n.doc.Components {
		refs[c.Ref]++
	}
	dangling := false
	for _, c := range n.doc.Compositions {
		for _, ref := range c.Assemblies {
			dangling = dangling || refs[ref] == 0
		}
	}
	out := True
	for j := range n.doc.Components {
		c := &n.doc.Components[j]
		if !n.below(i, j) || i != j && n.excepted(c) {
			continue
		}
		var aggregates []string
		for _, comp := range n.doc.Compositions {
			if c.Ref != "" && refs[c.Ref] == 1 && slices.Contains(comp.Assemblies, c.Ref) && !slices.Contains(aggregates, comp.Aggregate) {
				aggregates = append(aggregates, comp.Aggregate)
			}
		}
		switch {
		case len(aggregates) == 1 && aggregates[0] == "complete":
		case len(aggregates) == 1 && strings.HasPrefix(aggregates[0], "incomplete"):
			out = False
		case out == True:
			out = Unknown
		}
	}
	if out == True && dangling {
		return Unknown
	}
	return out
}

func (n *naive) product() int {
	return slices.IndexFunc(n.doc.Components, func(c sbom.Component) bool { return c.Product })
}

func (n *naive) eval(e *node, it subject, firm bool) Truth {
	fold := func(winner Truth, values ...Truth) Truth {
		if slices.Contains(values, winner) {
			return winner
		}
		if slices.Contains(values, Unknown) {
			return Unknown
		}
		return winner.Not()
	}
	field := func(value, want string) Truth {
		switch value {
		case "":
			return Unknown
		case want:
			return True
		}
		return False
	}
	var v []Truth
	for _, a := range e.args {
		v = append(v, n.eval(a, it, firm))
	}
	switch e.op {
	case "&&", "all":
		return fold(False, v...)
	case "||", "exists":
		return fold(True, v...)
	case "!":
		return v[0].Not()
	case "?:":
		switch v[0] {
		case True:
			return v[1]
		case False:
			return v[2]
		}
		return Unknown
	case `made(it, input.concern)`:
		return n.made(it.index, n.concern, firm)
	case `made(it, ["BV"])`:
		return n.made(it.index, []string{"BV"}, firm)
	case `made(product, input.concern)`:
		return n.made(n.product(), n.concern, firm)
	case `complete(it)`:
		if it.of != nil && it.of.Service {
			return n.services()
		}
		return n.complete(it.index)
	case `complete(product)`:
		return n.complete(n.product())
	case `ctx.stage == "tender"`:
		return field(n.ctx.Stage, "tender")
	case `ctx.sector == "power"`:
		return field(n.ctx.Sector, "power")
	case `has(ctx.sector)`:
		if n.ctx.Sector != "" {
			return True
		}
		return Unknown
	case `true`:
		return True
	case `false`:
		return False
	}
	if t, ok := n.asked(e.op, it, firm); ok {
		return t
	}
	return Unknown // input.unset, and what cannot be evaluated
}

// result is what both evaluators must agree on.
type result struct {
	Value         Truth
	Outcome       Effect
	Hits, Unknown int
}

func (n *naive) rule(r *Rule, e *node) result {
	var subjects []subject
	excepted := func(i int) bool { return r.Where.Critical && i >= 0 && n.excepted(&n.doc.Components[i]) }
	component := func(i int) {
		if excepted(i) {
			return
		}
		s := subject{index: i}
		if i >= 0 {
			s.of = &n.facts.Components[i]
		}
		subjects = append(subjects, s)
	}
	parties := func(of *origin.Subject, need origin.Role) {
		told := false
		for i := range of.Parties {
			told = told || of.Parties[i].Role == need
			subjects = append(subjects, subject{index: -1, party: &of.Parties[i]})
		}
		if !told {
			subjects = append(subjects, subject{index: -1, party: &origin.Party{Role: need, State: origin.Untold}})
		}
	}
	listed := True // whether all subjects are stated to be listed
	switch r.Each {
	case EachProduct:
		component(n.product())
	case EachDelivery:
		subjects = []subject{{index: -1}}
	case EachComponent:
		for i := range n.doc.Components {
			component(i)
		}
		listed = n.complete(n.product())
	case EachService:
		for i := range n.facts.Services {
			subjects = append(subjects, subject{of: &n.facts.Services[i], index: -1})
		}
		listed = n.services()
	case EachParty:
		for i := range n.facts.Components {
			if !excepted(i) {
				parties(&n.facts.Components[i], origin.RoleMaker)
			}
		}
		for i := range n.facts.Services {
			parties(&n.facts.Services[i], origin.RoleProvider)
		}
		if n.complete(n.product()) != True || n.services() != True {
			listed = Unknown
		}
	case EachUnit:
		listed = Unknown
	}
	out := result{Value: False, Outcome: Pass}
	rank := map[Effect]int{Pass: 0, Note: 1, Hold: 2, Reject: 3}
	worst := func(e Effect) {
		if rank[e] > rank[out.Outcome] {
			out.Outcome = e
		}
	}
	for _, s := range subjects {
		value := func() Truth {
			v := n.eval(e, s, false)
			if v == False {
				// A rule clears only on firm facts.
				v = n.eval(e, s, true)
			}
			return v
		}
		n.alike = nil
		switch value() {
		case True:
			out.Hits++
		case Unknown:
			out.Unknown++
			if n.hinges(value) {
				worst(Hold)
			}
		}
	}
	if out.Unknown > 0 || out.Hits == 0 && listed != True {
		out.Value = Unknown
		worst(r.Unknown)
	}
	if out.Hits > 0 {
		out.Value = True
		worst(r.Outcome)
	}
	return out
}

// randomDocument returns a small document with everything that can be wrong.
func randomDocument(r *rand.Rand) *sbom.Document {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	doc := new(sbom.Document)
	for i := range 1 + r.IntN(5) {
		c := sbom.Component{
			Pointer: fmt.Sprintf("/components/%d", i), Parent: -1, Ref: fmt.Sprintf("c%d", i),
			Type: pick("device", "device", "library", "firmware", "file", "material"),
		}
		switch {
		case i == 0 && r.IntN(8) > 0:
			c.Product, c.Pointer = true, "/metadata/component"
		case i > 0 && r.IntN(2) == 0:
			if c.Parent = r.IntN(i); doc.Components[c.Parent].Product {
				c.Parent = -1
			}
		}
		if r.IntN(10) == 0 {
			c.Ref = pick("", "c0")
		}
		for j := range r.IntN(4) {
			p := sbom.Property{Pointer: fmt.Sprintf("%s/properties/%d", c.Pointer, j)}
			switch r.IntN(8) {
			case 0:
				p.Name, p.Value = "cdx:device:function", pick("connector", "network")
			case 1:
				p.Name, p.Value = "cdx:device:countryOfOrigin", pick("JP", "BV", "Japan", "jp")
			default:
				p.Name = "yurai:origin:" + pick("manufactured", "assembled", "developed", "built", "designed")
				p.Value = pick("JP", "BV", "JP=60;BV=40", "JP=60", "JP=60;unknown=40", "withheld", "ZZ", "JP=80;NO=80", "NO|cost", "jp", "BV-1=99.5")
			}
			c.Properties = append(c.Properties, p)
		}
		doc.Components = append(doc.Components, c)
	}
	for range r.IntN(4) {
		comp := sbom.Composition{Aggregate: pick("complete", "complete", "complete", "incomplete", "unknown")}
		for i := range doc.Components {
			if r.IntN(5) > 0 {
				comp.Assemblies = append(comp.Assemblies, fmt.Sprintf("c%d", i))
			}
		}
		if r.IntN(10) == 0 {
			comp.Assemblies = append(comp.Assemblies, "ghost")
		}
		doc.Compositions = append(doc.Compositions, comp)
	}
	return doc
}

func randomFacts(t testing.TB, seed uint64) *origin.Facts {
	t.Helper()
	return origin.Read(randomDocument(rand.New(rand.NewPCG(seed, 0))))
}

// compareEvaluators runs one random case through both evaluators.
func compareEvaluators(t *testing.T, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	var b strings.Builder
	b.WriteString("format: yurai-policy/1\nid: random\nversion: 1\ntitle: {en: a, ja: a}\nnotice: {en: a, ja: a}\nverified: false\nhome: JP\n")
	b.WriteString("inputs: {concern: {type: codes}, unset: {type: codes, required: true}, bad: {type: list, list: \"x:bad\"}, ids: {type: list, list: \"x:ids\"}, absent: {type: list, list: \"x:absent\"}}\n")
	b.WriteString("critical: {except: {types: [file], functions: [connector]}}\nrules:\n")
	effect := func() string { return []string{"note", "hold", "reject"}[r.IntN(3)] }
	var nodes []*node
	kinds := []Each{EachComponent, EachProduct, EachService, EachParty, EachDelivery, EachUnit}
	for i := range 6 {
		each := kinds[r.IntN(len(kinds))]
		known := map[Each][]string{EachComponent: componentAtoms, EachProduct: componentAtoms, EachService: serviceAtoms, EachParty: partyAtoms, EachDelivery: deliveryAtoms, EachUnit: deliveryAtoms}[each]
		n := randomNode(r, 3, known)
		nodes = append(nodes, n)
		fmt.Fprintf(&b, "  - {id: R%d, title: {en: a, ja: a}, row: origin, each: %s, where: {critical: %t}, when: '%s', outcome: %s, unknown: %s, because: {en: a, ja: a}}\n",
			i, each, r.IntN(2) == 0, n, effect(), effect())
	}
	p, err := Parse([]byte(b.String()))
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, b.String())
	}
	doc := randomDocument(r)
	furnish(r, doc)
	facts := origin.Read(doc)
	if r.IntN(2) == 0 {
		facts, _ = facts.Profiled(profiled(r))
	}
	n := &naive{doc: doc, facts: facts, policy: p, changed: []Truth{Unknown, False, True}[r.IntN(3)]}
	n.standing = []string{"", "admitted", "withdrawn", "void"}[r.IntN(4)]
	e := Evidence{At: noon, Facts: n.facts, Standing: n.standing, Changed: n.changed, Dates: make(map[string]time.Time), Lists: map[string]Reference{
		"bad": {List: mustList(t, listBad...), Date: noon}, "ids": {List: mustList(t, listIDs...), Date: noon},
	}}
	if r.IntN(2) == 0 {
		n.statement = noon.Add(-time.Duration(30*24-12+r.IntN(48)) * time.Hour)
		e.Dates["statement"] = n.statement
	}
	if r.IntN(3) > 0 {
		n.advised = map[string]bool{"/components/1": r.IntN(2) == 0, "/metadata/component": r.IntN(3) == 0, "/services/0": r.IntN(2) == 0}
		e.Advised = func(s *origin.Subject, _ string) origin.Answer {
			if n.advised[s.Pointer] {
				return origin.Answer{Truth: True, Firm: true}
			}
			return origin.Answer{Truth: False}
		}
	}
	n.ctx = Context{Stage: []string{"", "tender", "install"}[r.IntN(3)], Sector: []string{"", "power", "rail"}[r.IntN(3)]}
	var in Inputs
	switch r.IntN(4) {
	case 0:
	case 1:
		n.concern = []string{}
	default:
		n.concern = []string{"BV"}
	}
	if n.concern != nil {
		if in, err = p.WithCodes(in, "concern", n.concern); err != nil {
			t.Fatal(err)
		}
	}
	e.Context, e.Inputs = n.ctx, in
	got := p.Evaluate(e)
	verdict := 0
	for i, rule := range got.Rules {
		want := n.rule(&p.Rules[i], nodes[i])
		have := result{Value: rule.Value, Outcome: rule.Outcome, Hits: rule.Hits, Unknown: rule.Unknown}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("seed %d, rule %s each %s: %s (-naive +engine):\n%s\n%+v\n%+v", seed, rule.Rule, p.Rules[i].Each, nodes[i], diff, doc.Components, doc.Compositions)
		}
		verdict = max(verdict, want.Outcome.rank())
	}
	if want := []string{"accept", "accept", "hold", "reject"}[verdict]; got.Verdict != want {
		t.Errorf("seed %d: verdict %s, want %s", seed, got.Verdict, want)
	}
}

func TestEngineAgainstNaive(t *testing.T) {
	for seed := range uint64(300) {
		compareEvaluators(t, seed)
	}
}

func FuzzEngineAgainstNaive(f *testing.F) {
	for seed := range uint64(16) {
		f.Add(1_000_000 + seed)
	}
	f.Fuzz(compareEvaluators)
}

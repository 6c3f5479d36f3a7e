package origin

import "slices"

// Topic is what a row of [Facts.Rows] is about.
type Topic string

// The topics.
const (
	TopicOrigin   Topic = "origin"   // where a stage took place; Name is the stage
	TopicParty    Topic = "party"    // Name is the role and what is told, as in "maker registered"
	TopicAccess   Topic = "access"   // Name is from, operator, privilege or always-on
	TopicData     Topic = "data"     // Name is classification
	TopicAncestor Topic = "ancestor" // Name is the stage
	TopicDerived  Topic = "derived"  // a distribution that the parts give; Name is the stage
	TopicControl  Topic = "control"  // Name is the control; Value is true, false or unknown
	TopicLink     Topic = "link"     // Name is bom; Value is the URL
)

// Hinted is the state of a row that raises a question and answers none.
const Hinted State = "hint"

// Row is one fact as a line of a table.
type Row struct {
	Subject  *Subject
	Topic    Topic
	Name     string
	Value    string   // text from the document, or ""
	Strength Strength // zero where nothing is told
	State    State
	Pointer  string
	Also     []string
	By       []string
}

// Rows returns every fact, one row each: subjects in document order, components
// before services, and of each its facts in a fixed order. What a subject of its
// kind should tell and does not, a stage of making, its maker or provider, the
// classification of data, is a row too, whose state is [Untold].
func (f *Facts) Rows() []Row {
	var rows []Row
	derived := make(map[int][]*Derivation)
	for i := range f.Derivations {
		d := &f.Derivations[i]
		derived[d.Subject] = append(derived[d.Subject], d)
	}
	for i := range f.Components {
		rows = f.Components[i].rows(rows)
		for _, d := range derived[i] {
			state := Stated
			if d.Differs {
				state = Contradicted
			}
			rows = append(rows, Row{Subject: &f.Components[i], Topic: TopicDerived, Name: string(d.Stage), Value: d.Derived.String(), Strength: Derived, State: state, Pointer: d.Pointer})
		}
	}
	for i := range f.Services {
		rows = f.Services[i].rows(rows)
	}
	return rows
}

// rows appends the rows of one subject.
func (s *Subject) rows(rows []Row) []Row {
	add := func(topic Topic, name string, facts ...Fact) {
		for i := range facts {
			t := &facts[i]
			rows = append(rows, Row{s, topic, name, t.text(), t.Strength, t.State, t.Pointer, t.Also, t.By})
		}
	}
	words := func(topic Topic, name string, list []Word) {
		for _, w := range list {
			rows = append(rows, Row{s, topic, name, w.Value, w.Strength, w.State, w.Pointer, w.Also, w.By})
		}
	}
	untold := func(topic Topic, name, pointer string) {
		rows = append(rows, Row{Subject: s, Topic: topic, Name: name, State: Untold, Pointer: pointer})
	}
	for _, stage := range append([]Stage{Overall}, stages...) {
		name := string(stage)
		if stage == Overall {
			name = "overall"
		}
		told := false
		for i := range s.Facts {
			if s.Facts[i].Stage == stage {
				told = true
				add(TopicOrigin, name, s.Facts[i])
			}
		}
		if !told && !s.Service && KindOf(s.Type).madeAt(stage) {
			untold(TopicOrigin, name, s.Pointer)
		}
	}
	need := RoleMaker
	if s.Service {
		need = RoleProvider
	}
	if !slices.ContainsFunc(s.Parties, func(p Party) bool { return p.Role == need }) {
		untold(TopicParty, string(need), s.Pointer)
	}
	for i := range s.Parties {
		p := &s.Parties[i]
		role := string(p.Role) + " "
		words(TopicParty, role+"id", p.IDs)
		words(TopicParty, role+"name", p.Names)
		add(TopicParty, role+"registered", p.Registered...)
		add(TopicParty, role+"plant", p.Plant...)
		add(TopicParty, role+"owner", p.Owner...)
		for _, r := range []struct {
			what string
			roll *Roll
		}{{"officers", p.Officers}, {"sales", p.Sales}} {
			if r.roll != nil {
				add(TopicParty, role+r.what, r.roll.Facts...)
			}
		}
		for _, id := range p.OwnerIDs {
			rows = append(rows, Row{Subject: s, Topic: TopicParty, Name: role + "owner", Value: id, Strength: Asserted, State: Stated, Pointer: p.Pointer})
		}
		for _, h := range p.Hints {
			rows = append(rows, Row{Subject: s, Topic: TopicParty, Name: role + "address", Value: h.Text, Strength: Asserted, State: Hinted, Pointer: h.Pointer})
		}
	}
	add(TopicAccess, "from", s.Access.From...)
	words(TopicAccess, "operator", s.Access.Operators)
	words(TopicAccess, "privilege", s.Access.Privilege)
	words(TopicAccess, "always-on", s.Access.AlwaysOn)
	for _, flow := range s.Flows {
		words(TopicData, "classification", []Word{flow.Classification})
	}
	for i := range s.Ancestors {
		for _, t := range s.Ancestors[i].Facts {
			name := string(t.Stage)
			if t.Stage == Overall {
				name = "overall"
			}
			rows = append(rows, Row{s, TopicAncestor, name, t.text(), t.Strength, Hinted, t.Pointer, t.Also, t.By})
		}
	}
	for _, c := range s.controls {
		name := c.identifier
		if name == "" {
			name = c.requirement
		}
		rows = append(rows, Row{Subject: s, Topic: TopicControl, Name: name, Value: c.met.String(), Strength: c.strength, State: Stated, Pointer: c.pointer})
	}
	for _, l := range s.Links {
		rows = append(rows, Row{Subject: s, Topic: TopicLink, Name: "bom", Value: l.URL, Strength: Asserted, State: Stated, Pointer: l.Pointer})
	}
	return rows
}

// text returns the value as its grammar writes it, or as it was written where
// that cannot be read.
func (f *Fact) text() string {
	if f.State == Malformed {
		return f.Written
	}
	return f.Value.String()
}

package origin

import "slices"

// Answer is what facts say to a question.
type Answer struct {
	Truth Truth

	// Firm is set on a True that also counts where an expression turns it
	// around: the fact that makes it true is stated, uncontradicted and at least
	// as strong as was asked for. Any other fact makes a thing true and clears
	// nothing.
	Firm bool
}

// Firmly returns the truth, and Unknown for a True that is not firm.
func (a Answer) Firmly() Truth {
	if a.Truth == True && !a.Firm {
		return Unknown
	}
	return a.Truth
}

// places gathers what facts say to whether anything lies in certain places.
type places struct {
	in    func(code string) Truth // of a recognised code
	least Strength

	hit      bool // a share lies there
	firm     bool // by a fact that also counts turned around
	possible bool // a share may lie there
}

// look takes in one fact and reports whether it alone shows that the stage took
// place nowhere else than it says: see [Fact.Clears].
func (p *places) look(f *Fact) bool {
	for i := range f.Value.Shares {
		code := f.Value.Shares[i].Code
		if !Recognised(code) {
			p.possible = p.possible || code != UnknownCode
			continue
		}
		switch p.in(code) {
		case True:
			p.hit = true
			p.firm = p.firm || f.State == Stated && f.Strength >= p.least
		case Unknown:
			p.possible = true
		}
	}
	return f.Clears(p.least)
}

// told is look for a topic of which a party's profile may speak too: what the
// profile does not tell is possible, whatever a document says.
func (p *places) told(f *Fact) bool {
	clears := p.look(f)
	p.possible = p.possible || f.Profiled && !clears
	return clears
}

// suspect takes in a fact that accuses and never clears.
func (p *places) suspect(f *Fact) {
	for i := range f.Value.Shares {
		if code := f.Value.Shares[i].Code; Recognised(code) && p.in(code) == True {
			p.hit = true
		}
	}
}

// answer returns what was seen; whole says that all of it was told.
func (p *places) answer(whole bool) Answer {
	switch {
	case p.hit:
		return Answer{Truth: True, Firm: p.firm}
	case whole && !p.possible:
		return Answer{Truth: False}
	}
	return Answer{}
}

// Made tells whether the subject was made in one of the places of codes: whether
// any share of the stages manufactured, assembled, developed or built lies there.
//
// It is true if any share of any such fact does, of whatever strength, even one
// that is contradicted, one of the subject as a whole, or one of a thing that its
// pedigree names as an ancestor. It is false only if every stage at which things
// of its kind are made (manufactured and assembled for devices; developed and
// built for software and firmware; of a type that is not known there are none) is
// told by a fact that is stated, recognised, whole, uncontradicted and at least as
// strong as least, and no share lies there or may lie there. Else it is unknown:
// who leaves a stage out gains nothing. Addresses do not count, nor does where it
// was designed or tested, nor what its parent or its parts tell.
func (s *Subject) Made(codes Codes, least Strength) Answer {
	p := places{in: codes.Holds, least: least}
	told := uint(0) // a bit for each making stage
	for i := range s.Facts {
		f := &s.Facts[i]
		at := slices.Index(making, f.Stage)
		if at < 0 && f.Stage != Overall {
			continue
		}
		if p.look(f) && at >= 0 {
			told |= 1 << at
		}
	}
	for i := range s.Ancestors {
		for j := range s.Ancestors[i].Facts {
			if f := &s.Ancestors[i].Facts[j]; f.Stage == Overall || slices.Contains(making, f.Stage) {
				p.suspect(f)
			}
		}
	}
	need := KindOf(s.Type).makingStages()
	return p.answer(need != 0 && told&need == need)
}

// MadeKnown reports whether it is fully told where the subject was made: whether
// [Subject.Made] can be false for some set of places.
func (s *Subject) MadeKnown(least Strength) bool {
	told := uint(0)
	for i := range s.Facts {
		if at := slices.Index(making, s.Facts[i].Stage); at >= 0 && s.Facts[i].Clears(least) {
			told |= 1 << at
		}
	}
	need := KindOf(s.Type).makingStages()
	return need != 0 && told&need == need
}

// At tells whether any share of the stage took place in one of the places of
// codes. It is false only if a fact tells the whole of the stage as
// [Subject.Made] asks for, and no share lies there or may lie there.
func (s *Subject) At(stage Stage, codes Codes, least Strength) Answer {
	return s.at(stage, codes.Holds, least)
}

// Abroad tells whether any share of the stage took place outside of home. It is
// false only if a fact tells the whole of the stage and every share lies in home.
func (s *Subject) Abroad(stage Stage, home Codes, least Strength) Answer {
	return s.at(stage, func(code string) Truth { return home.Holds(code).Not() }, least)
}

func (s *Subject) at(stage Stage, in func(string) Truth, least Strength) Answer {
	p := places{in: in, least: least}
	whole := false
	for i := range s.Facts {
		if f := &s.Facts[i]; f.Stage == stage || f.Stage == Overall {
			whole = p.look(f) && f.Stage == stage || whole
		}
	}
	for i := range s.Ancestors {
		for j := range s.Ancestors[i].Facts {
			if f := &s.Ancestors[i].Facts[j]; f.Stage == stage || f.Stage == Overall {
				p.suspect(f)
			}
		}
	}
	return p.answer(whole)
}

// AccessFrom tells whether the subject is reached, maintained or operated from
// one of the places of codes: by yurai:access:from, and by the stages maintained
// and operated, which can make it true or unknown. It is false only if
// yurai:access:from tells the whole as [Subject.Made] asks for, or if nothing is
// told of a place and yurai:access:privilege is none.
func (s *Subject) AccessFrom(codes Codes, least Strength) Answer {
	p := places{in: codes.Holds, least: least}
	whole := false
	for i := range s.Access.From {
		whole = p.look(&s.Access.From[i]) || whole
	}
	if w := s.Access.Privilege; len(s.Access.From) == 0 && len(w) == 1 && w[0].Value == "none" && w[0].State == Stated && w[0].Strength >= least {
		whole = true
	}
	for i := range s.Facts {
		if f := &s.Facts[i]; f.Stage == Maintained || f.Stage == Operated {
			p.look(f)
		}
	}
	return p.answer(whole)
}

// Carries tells whether a service carries data of one of the classifications. It
// is true if any of its flows does, of whatever strength; upper and lower case
// are alike. It is false only if there are flows, each of them has a
// classification that is at least as strong as least, and none is among the words
// or looks like one. Of a component it is unknown.
func (s *Subject) Carries(words []string, least Strength) Answer {
	hit, firm, open := false, false, len(s.Flows) == 0
	for i := range s.Flows {
		f := &s.Flows[i]
		switch sameWord(f.Classification.Value, words) {
		case True:
			hit = true
			firm = firm || f.Classification.Strength >= least
		case Unknown:
			open = true
		}
		open = open || f.Classification.State != Stated || f.Classification.Strength < least
	}
	switch {
	case hit:
		return Answer{Truth: True, Firm: firm}
	case open:
		return Answer{}
	}
	return Answer{Truth: False}
}

// Attested tells whether the declarations of the document attest the control for
// the subject or for the product: whether an attestation maps the requirement to
// a claim about one of them, with full conformance and without a counter-claim.
// It is false if one says that the claim does not fully meet it. It is unknown if
// nothing is said, no conformance is told, or attestations differ. A control is
// named by the bom-ref of the requirement, or by its identifier if no other
// requirement has that.
//
// An attestation is as strong as attested if its assessor is told to be a third
// party, and else asserted. Both are the document's own word: nothing here
// verifies who the assessor is.
func (s *Subject) Attested(control string, least Strength) Answer {
	met, missed, firm := false, false, false
	for i := range s.controls {
		c := &s.controls[i]
		if c.requirement != control && c.identifier != control {
			continue
		}
		switch c.met {
		case True:
			met = true
			firm = firm || c.strength >= least
		case False:
			missed = true
		default:
			return Answer{}
		}
	}
	switch {
	case met && missed:
		return Answer{}
	case met:
		return Answer{Truth: True, Firm: firm}
	case missed:
		return Answer{Truth: False}
	}
	return Answer{}
}

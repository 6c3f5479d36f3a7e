package origin

// UnknownPerMille returns how much of the components is not known to come from a
// recognised place at the stage, in thousandths, rounded up. Each component that
// counts, for which counts is true or counts is nil, has the same weight; of one
// whose stage is told in part the rest is unknown, and a fact that is contradicted,
// cannot be read or is weaker than least tells nothing. At a stage at which only
// devices are made, software does not count, and the reverse. ok is false if there
// is nothing that counts, or the document has no view. Components that nobody
// listed are not counted: see [Facts.DocumentComplete].
func (f *Facts) UnknownPerMille(stage Stage, counts func(i int) bool, least Strength) (perMille int, ok bool) {
	n, unknown := 0, 0
	for i := range f.Components {
		s := &f.Components[i]
		if counts != nil && !counts(i) || elsewhere(stage, KindOf(s.Type)) {
			continue
		}
		n++
		rest := whole
		for j := range s.Facts {
			if t := &s.Facts[j]; t.Stage == stage && t.State == Stated && t.Strength >= max(least, Asserted) {
				rest = min(rest, t.Value.UnknownShare())
			}
		}
		if rest > tolerance {
			unknown += rest
		}
	}
	if n == 0 || f.ViewError != nil {
		return 0, false
	}
	return (unknown*1000 + n*whole - 1) / (n * whole), true
}

// elsewhere reports whether things of the kind are made at other stages than
// this making one.
func elsewhere(stage Stage, kind Kind) bool {
	return kind != OtherKind && (Hardware.madeAt(stage) || Software.madeAt(stage)) && !kind.madeAt(stage)
}

package origin

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/yurai-ledger/yurai/sbom"
)

// Derivation is a distribution that a component declares, beside the one that the
// parts nested in it give. Parts have the weight of cdx:device:quantity, 1 if it
// is not told; what they do not tell is a share of "unknown". A subdivision counts
// as its country.
type Derivation struct {
	Subject  int // index of the component
	Stage    Stage
	Pointer  string // of the declared distribution
	Declared Value
	Derived  Value
	Parts    int // in number
	Told     int // of them: those that tell the stage
	Differs  bool
}

// countedBases are the bases, in lower case, that ask for a number of parts.
var countedBases = []string{"", "number of parts", "parts", "part count", "number of components", "component count", "placements", "number of placements"}

const maxQuantity = 1_000_000 // of one part

// count reads how many of the subject there are.
func (s *Subject) count(text string) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxQuantity || s.quantity != 0 && s.quantity != n {
		n = -1
	}
	s.quantity = n
}

// derive compares distributions that components declare for the stages
// manufactured and assembled, by number of parts or on no stated basis, with what
// their parts tell of the same stage. A difference beyond rounding is a finding;
// no fact is changed. A single place is no distribution: that something was
// assembled in one says nothing of where its parts were.
func (f *Facts) derive(n *notes) {
	var parts [][]int
	for i := range f.Components {
		s := &f.Components[i]
		for j := range s.Facts {
			t := &s.Facts[j]
			if t.Stage != Manufactured && t.Stage != Assembled || t.State == Malformed || !t.Value.distributed() ||
				!slices.Contains(countedBases, strings.ToLower(t.Value.Basis)) {
				continue
			}
			if parts == nil {
				parts = f.parts()
			}
			if d, ok := f.derivation(i, t, parts[i]); ok {
				f.Derivations = append(f.Derivations, d)
				if d.Differs {
					n.add("ORIGIN-DISTRIBUTION-DIFFERS", sbom.SeverityWarning, t.Pointer,
						"the stage %s is declared as %s, and its %d parts give %s", t.Stage, quote(t.Value.String()), d.Parts, d.Derived)
				}
			}
		}
	}
}

// distributed reports whether the value declares shares.
func (v Value) distributed() bool {
	return len(v.Shares) > 1 || len(v.Shares) == 1 && v.Shares[0].Percent < whole
}

// parts returns the components directly below each. Below metadata.component lie
// the outermost ones too.
func (f *Facts) parts() [][]int {
	parts := make([][]int, len(f.Components))
	for i := range f.Components {
		switch parent := f.Components[i].Parent; {
		case parent >= 0:
			parts[parent] = append(parts[parent], i)
		case f.product >= 0 && i != f.product:
			parts[f.product] = append(parts[f.product], i)
		}
	}
	return parts
}

// derivation derives one distribution; ok is false if no part tells the stage, or
// a number of parts cannot be read.
func (f *Facts) derivation(i int, declared *Fact, parts []int) (d Derivation, ok bool) {
	d = Derivation{Subject: i, Stage: declared.Stage, Pointer: declared.Pointer, Declared: declared.Value}
	known := make(map[string]int) // country → hundredths of a percent of one part
	told := 0
	for _, j := range parts {
		part := &f.Components[j]
		if elsewhere(declared.Stage, KindOf(part.Type)) {
			continue
		}
		quantity := max(part.quantity, 1)
		if part.quantity < 0 {
			return d, false
		}
		d.Parts += quantity
		at := slices.IndexFunc(part.Facts, func(t Fact) bool { return t.Stage == declared.Stage && t.State == Stated })
		if at < 0 {
			continue
		}
		d.Told += quantity
		for _, share := range part.Facts[at].Value.Shares {
			if Recognised(share.Code) {
				known[share.Code[:2]] += share.Percent * quantity
				told += share.Percent * quantity
			}
		}
	}
	if told == 0 {
		return d, false
	}
	all := d.Parts * whole
	rest := max(all-told, 0)
	said := make(map[string]int)
	for _, share := range declared.Value.Shares {
		if Recognised(share.Code) {
			said[share.Code[:2]] += share.Percent
			known[share.Code[:2]] += 0
		}
	}
	left, unsaid := whole, declared.Value.UnknownShare()
	for code, n := range known {
		low, high := n*whole/all, (n+rest)*whole/all
		d.Differs = d.Differs || said[code]+unsaid < low-tolerance || said[code] > high+tolerance
		if low > 0 {
			d.Derived.Shares = append(d.Derived.Shares, Share{Code: code, Percent: min(low, whole)})
			left -= low
		}
	}
	slices.SortFunc(d.Derived.Shares, func(a, b Share) int {
		return cmp.Or(b.Percent-a.Percent, strings.Compare(a.Code, b.Code))
	})
	if rest > 0 && left > 0 {
		d.Derived.Shares = append(d.Derived.Shares, Share{Code: UnknownCode, Percent: left})
	}
	return d, true
}

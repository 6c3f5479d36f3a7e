package origin

import (
	"slices"
	"strings"
	"time"

	"github.com/yurai-ledger/yurai/sbom"
)

// Profile is what a party says of itself in a log: who owns and leads it, to which
// governments it sells, and where it makes things. Facts about a topic of which it
// is silent are absent; of what it only commits to, the value is withheld.
type Profile struct {
	Log   string    // origin of the log in which the party is enrolled; "" fits documents of which no entry is known
	Party string    // its id
	Index int64     // of the entry, zero-based
	AsOf  time.Time // the day of which it speaks; zero where that is not to be relied on

	Strength Strength // of who stands behind it
	By       []string // who raised its strength

	// Pointers of these facts name the entry and lead into its predicate; what they
	// look like is the caller's.
	Registered []Fact
	Owner      []Fact // the holders, as one distribution
	Officers   *Roll  // by nationality; nil says nothing
	Sales      *Roll  // large ones to a government, by its country; nil says nothing
	Plant      []Fact // one fact each
}

// Roll is a list of facts, each about one of several, such as the officers of a
// party.
type Roll struct {
	Whole    bool // there are no others
	Strength Strength
	Facts    []Fact
}

// in reports whether any share of the roll lies in one of the places. It is false
// only if the roll is whole and each of its facts tells the whole.
func (r *Roll) in(codes Codes, least Strength) Answer {
	if r == nil {
		return Answer{}
	}
	seen := places{in: codes.Holds, least: least}
	whole := r.Whole && r.Strength >= max(least, Asserted)
	for i := range r.Facts {
		whole = seen.look(&r.Facts[i]) && whole
	}
	return seen.answer(whole)
}

// LedFrom tells whether any officer of the party is a national of one of the
// places of codes. No document says so: it is unknown but for a party of which
// there is a profile. It is false only if the profile tells all officers.
func (p *Party) LedFrom(codes Codes, least Strength) Answer { return p.Officers.in(codes, least) }

// SellsTo tells whether a large part of the party's sales, in the sense of the
// profile's format, goes to the government of one of the places of codes. The same
// holds as of [Party.LedFrom].
func (p *Party) SellsTo(codes Codes, least Strength) Answer { return p.Sales.in(codes, least) }

// Profiled returns the facts together with what parties say of themselves, and for
// each profile the number of parties that it is about. A profile is about each
// party that a subject of the same log names by its id, and about no party that has
// only its name. There is at most one profile of a party.
//
// Facts of a profile are as strong as who stands behind it, and as who says that
// the party has this id, whichever is less. Where document and profile cannot both
// be right, both are contradicted; where a profile speaks of a topic, nothing about
// it is false unless the profile tells the whole too. What the profile of an owner
// says accuses the party owned: [Party.Behind]. f is not changed.
func (f *Facts) Profiled(list []Profile) (*Facts, []int) {
	used := make([]int, len(list))
	type who struct{ log, party string }
	at := make(map[who]int, len(list))
	for i := range list {
		at[who{list[i].Log, list[i].Party}] = i
	}
	out := *f
	out.Findings = slices.Clone(f.Findings)
	var n notes
	subjects := func(from []Subject) []Subject {
		to := slices.Clone(from)
		for i := range to {
			s := &to[i]
			log := ""
			if s.Entry != nil {
				log = s.Entry.Log
			}
			s.Parties = slices.Clone(s.Parties)
			for j := range s.Parties {
				p := &s.Parties[j]
				for _, id := range p.owners() {
					if k, ok := at[who{log, id}]; ok {
						used[k]++
						p.Behind = slices.Concat(p.Behind, list[k].Registered, list[k].Owner)
					}
				}
				for k := range p.IDs {
					if x, ok := at[who{log, p.IDs[k].Value}]; ok && p.IDs[k].State != Malformed {
						used[x]++
						p.take(&list[x], &p.IDs[k], &n)
					}
				}
			}
		}
		return to
	}
	out.Components, out.Services = subjects(f.Components), subjects(f.Services)
	out.Findings = append(out.Findings, n.findings()...)
	return &out, used
}

// owners returns the ids of those who are told to own the party, each once.
func (p *Party) owners() []string {
	ids := slices.Clone(p.OwnerIDs)
	for _, f := range p.Owner {
		for _, s := range f.Value.Shares {
			if s.Party != "" {
				ids = append(ids, s.Party)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// take adds what a profile tells of the party that has this id.
func (p *Party) take(from *Profile, id *Word, n *notes) {
	strength := min(from.Strength, id.Strength)
	doubtful := id.State != Stated // of which of two ids the party has nobody knows
	own := func(facts []Fact) []Fact {
		facts = slices.Clone(facts)
		for i := range facts {
			x := &facts[i]
			x.Strength, x.By, x.Profiled = strength, from.By, true
			if doubtful && x.State == Stated {
				x.State = Contradicted
			}
		}
		return facts
	}
	add := func(to *[]Fact, facts []Fact, what string) {
		facts = own(facts)
		*to = slices.Clone(*to)
		for i := range *to {
			for j := range facts {
				a, b := &(*to)[i], &facts[j]
				if a.Profiled || a.State == Malformed || compatible(&a.Value, &b.Value) {
					continue
				}
				a.State, b.State = Contradicted, Contradicted
				n.add("ORIGIN-FACT-CONTRADICTED", sbom.SeverityWarning, a.Pointer, "%s is told differently at %s", what, b.Pointer)
			}
		}
		*to = append(*to, facts...)
	}
	what := "yurai:party:" + string(p.Role) + ":"
	add(&p.Registered, from.Registered, what+"registered")
	add(&p.Owner, from.Owner, what+"owner")
	p.Plant = append(slices.Clone(p.Plant), own(from.Plant)...)
	roll := func(to **Roll, r *Roll) {
		switch {
		case r == nil:
		case *to == nil:
			*to = &Roll{r.Whole && !doubtful, strength, own(r.Facts)}
		default:
			*to = &Roll{false, strength, slices.Concat((*to).Facts, own(r.Facts))}
		}
	}
	roll(&p.Officers, from.Officers)
	roll(&p.Sales, from.Sales)
	if !doubtful {
		p.AsOf = from.AsOf
	}
}

// compatible reports whether two distributions can both be right: there is one of
// 100 % in which each finds its shares. A subdivision is a part of its country.
func compatible(a, b *Value) bool {
	bare := map[string]bool{}
	for _, v := range []*Value{a, b} {
		for _, s := range v.Shares {
			if !strings.Contains(s.Code, "-") {
				bare[s.Code] = true
			}
		}
	}
	told := map[string][2]int{}
	for i, v := range []*Value{a, b} {
		for _, s := range v.Shares {
			if !Recognised(s.Code) {
				continue
			}
			code := s.Code
			if country, _, divided := strings.Cut(code, "-"); divided && bare[country] {
				code = country
			}
			x := told[code]
			x[i] += s.Percent
			told[code] = x
		}
	}
	sum := 0
	for _, x := range told {
		sum += max(x[0], x[1])
	}
	return sum <= whole+tolerance
}

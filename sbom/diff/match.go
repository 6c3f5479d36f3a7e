package diff

import (
	"cmp"
	"slices"
	"strings"
)

// match gives each item its counterpart, if it has one. The result depends on
// neither the order of the items nor which list is which.
func match(a, b []item) {
	m := &matching{a: a, b: b}
	order(a)
	order(b)
	m.begin()
	m.products()
	m.group(everything(a), everything(b), purl, true)
	m.group(everything(a), everything(b), m.unless(purl, cpe), true)
	m.descend()
	m.group(everything(a), everything(b), purl, false)
	m.group(everything(a), everything(b), cpe, false)
	m.again() // what waited for a package URL in vain may have its name below
	m.descend()
	for {
		// What has left one part and come to another, from the outside in: what lies in
		// it is then looked for there.
		n := m.matched
		m.group(m.open(a), m.open(b), named, false)
		if m.matched == n {
			break
		}
		m.descend()
	}
	m.group(everything(a), everything(b), named, false)
	m.descend()
}

// matching is one run of match.
type matching struct {
	a, b    []item
	matched int
	below   [2][][]int        // items directly below each, those outside first
	fresh   [][2]int          // counterparts below which nothing was looked for yet; {-1, -1} is the outside
	left    [2]map[string]int // how many have a package URL or CPE and no counterpart
}

// order gives each item its rank in an order that depends on nothing but what is
// told. Items that share a rank are alike in everything.
func order(list []item) {
	sorted := everything(list)
	compare := func(i, j int) int {
		x, y := &list[i], &list[j]
		return cmp.Or(
			strings.Compare(x.s.Version, y.s.Version), strings.Compare(x.content, y.content), strings.Compare(x.below, y.below),
			strings.Compare(x.path, y.path), strings.Compare(x.around, y.around), strings.Compare(x.s.Ref, y.s.Ref),
		)
	}
	slices.SortStableFunc(sorted, compare)
	for at, i := range sorted {
		list[i].rank = at
	}
}

func everything(list []item) []int {
	all := make([]int, len(list))
	for i := range all {
		all[i] = i
	}
	return all
}

// What may be the identity of an item, "" if it has none.
func purl(x *item) string  { return x.purl }
func cpe(x *item) string   { return x.cpe }
func named(x *item) string { return x.name }

// begin makes ready: nothing has a counterpart, and the outsides are one another's.
func (m *matching) begin() {
	for k, list := range [][]item{m.a, m.b} {
		m.below[k], m.left[k] = make([][]int, len(list)+1), make(map[string]int)
		for i := range list {
			x := &list[i]
			m.below[k][x.parent+1] = append(m.below[k][x.parent+1], i)
			m.left[k][x.purl]++
			m.left[k][x.cpe]++
		}
		delete(m.left[k], "")
	}
	m.again()
}

// again has everything looked for once more below all counterparts there are.
func (m *matching) again() {
	m.fresh = [][2]int{{-1, -1}}
	for i := range m.a {
		if j := m.a[i].mate; j >= 0 {
			m.fresh = append(m.fresh, [2]int{i, j})
		}
	}
}

// products makes the two products counterparts.
func (m *matching) products() {
	is := func(x item) bool { return x.product }
	if i, j := slices.IndexFunc(m.a, is), slices.IndexFunc(m.b, is); i >= 0 && j >= 0 {
		m.pair(i, j)
	}
}

func (m *matching) pair(i, j int) {
	x, y := &m.a[i], &m.b[j]
	x.mate, y.mate = j, i
	m.matched++
	for k, z := range []*item{x, y} {
		m.left[k][z.purl]--
		m.left[k][z.cpe]--
	}
	m.fresh = append(m.fresh, [2]int{i, j})
}

// unless returns the identity key of those that have no better one, by which
// something in the other document, anywhere, still waits for its counterpart.
func (m *matching) unless(better, key func(*item) string) func(*item) string {
	return func(x *item) string {
		if k := better(x); m.left[0][k] > 0 && m.left[1][k] > 0 {
			return ""
		}
		return key(x)
	}
}

// descend looks for counterparts directly below new counterparts, and below those.
func (m *matching) descend() {
	alone := func(key func(*item) string) func(*item) string {
		return m.unless(purl, m.unless(cpe, key))
	}
	keys := []func(*item) string{
		purl, m.unless(purl, cpe), alone(named),
		alone(func(x *item) string { return digest(x.group, x.s.Name) }),
		alone(func(x *item) string { return x.s.Name }),
	}
	for len(m.fresh) > 0 {
		at := m.fresh
		m.fresh = nil
		for _, key := range keys {
			for _, p := range at {
				m.group(m.below[0][p[0]+1], m.below[1][p[1]+1], key, false)
			}
		}
	}
}

// open returns the items without counterpart whose parent has one.
func (m *matching) open(list []item) []int {
	var out []int
	for i := range list {
		if p := list[i].parent; p < 0 || list[p].mate >= 0 {
			out = append(out, i)
		}
	}
	return out
}

// group makes counterparts of those among a and b that have one key, as far as
// they have none; if sole is set, only where a key has one of each. An empty key
// is none.
func (m *matching) group(a, b []int, key func(*item) string, sole bool) {
	keyed := func(list []item, among []int) map[string][]int {
		groups := make(map[string][]int)
		for _, i := range among {
			if list[i].mate >= 0 {
				continue
			}
			if k := key(&list[i]); k != "" {
				groups[k] = append(groups[k], i)
			}
		}
		return groups
	}
	if len(a) == 0 || len(b) == 0 {
		return
	}
	from := keyed(m.a, a)
	if len(from) == 0 {
		return
	}
	to := keyed(m.b, b)
	for k, x := range from {
		if y := to[k]; len(y) > 0 && (!sole || len(x) == 1 && len(y) == 1) {
			m.agree(x, y)
		}
	}
}

// level is what two items of one identity may agree in, "" if an item has
// nothing there.
type level func(x *item) string

// levels are those in order: what agrees in an earlier one is a counterpart,
// whatever agrees in a later one.
var levels = func() []level {
	places := []level{
		func(x *item) string { return x.around },
		func(x *item) string { return x.path },
		func(x *item) string { return x.within },
		func(*item) string { return "" },
	}
	tellings := []level{
		func(x *item) string { return x.below },
		func(x *item) string { return x.content },
		func(x *item) string { return x.facts + x.s.Ref },
		func(x *item) string { return x.facts },
		func(x *item) string { return x.versions + x.s.Ref },
		func(x *item) string { return x.versions },
		func(x *item) string { return x.s.Ref },
	}
	var out []level
	for _, place := range places {
		for _, told := range tellings {
			out = append(out, func(x *item) string {
				t := told(x)
				if t == "" {
					return ""
				}
				return place(x) + "\x00" + t
			})
		}
	}
	return append(out, func(*item) string { return "any" })
}()

// agree makes counterparts of items of one identity: those that agree in the
// first level, then of the rest those that agree in the next.
func (m *matching) agree(x, y []int) {
	if len(x) == 1 && len(y) == 1 {
		m.pair(x[0], y[0])
		return
	}
	slices.SortFunc(x, func(i, j int) int { return m.a[i].rank - m.a[j].rank })
	slices.SortFunc(y, func(i, j int) int { return m.b[i].rank - m.b[j].rank })
	for _, l := range levels {
		if len(x) == 0 || len(y) == 0 {
			return
		}
		waiting := make(map[string][]int, len(y))
		for _, j := range y {
			if k := l(&m.b[j]); k != "" {
				waiting[k] = append(waiting[k], j)
			}
		}
		rest := x[:0]
		for _, i := range x {
			k := l(&m.a[i])
			list := waiting[k]
			if k == "" || len(list) == 0 {
				rest = append(rest, i)
				continue
			}
			m.pair(i, list[0])
			waiting[k] = list[1:]
		}
		x = rest
		y = slices.DeleteFunc(y, func(j int) bool { return m.b[j].mate >= 0 })
	}
}

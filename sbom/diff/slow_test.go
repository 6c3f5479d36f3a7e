package diff

// slowMatch is the matcher from the package comment alone: it looks at every pair
// again and again. It shares with the other what things are told apart by (keys,
// levels, rank), and neither maps nor queues nor counts.
func slowMatch(from, to []item) []int {
	s := &slow{from: from, to: to, a: make([]int, len(from)), b: make([]int, len(to))}
	for i := range s.a {
		s.a[i] = -1
	}
	for j := range s.b {
		s.b[j] = -1
	}
	for i := range from {
		for j := range to {
			if from[i].product && to[j].product {
				s.pair(i, j)
			}
		}
	}
	anywhere := func(int, int) bool { return true }
	s.sole(purl, nil)
	s.sole(cpe, purl)
	s.below()
	s.take(purl, anywhere, false)
	s.take(cpe, anywhere, false)
	s.looked = nil
	s.below()
	reached := func(i, j int) bool {
		return (from[i].parent < 0 || s.a[from[i].parent] >= 0) && (to[j].parent < 0 || s.b[to[j].parent] >= 0)
	}
	for s.snapshot(named, reached) {
		s.below()
	}
	s.take(named, anywhere, false)
	s.below()
	return s.a
}

type slow struct {
	from, to []item
	a, b     []int
	looked   map[[2]int]bool // pairs that were looked below
}

func (s *slow) pair(i, j int) { s.a[i], s.b[j] = j, i }

// waits reports whether something on each side has the key and no counterpart.
func (s *slow) waits(key func(*item) string, k string) bool {
	x, y := false, false
	for i := range s.from {
		x = x || s.a[i] < 0 && key(&s.from[i]) == k
	}
	for j := range s.to {
		y = y || s.b[j] < 0 && key(&s.to[j]) == k
	}
	return k != "" && x && y
}

// sole pairs what alone has a key on either side, unless a better key waits.
func (s *slow) sole(key, better func(*item) string) {
	count := func(k string) (n, m int) {
		for i := range s.from {
			if s.a[i] < 0 && key(&s.from[i]) == k && (better == nil || !s.waits(better, better(&s.from[i]))) {
				n++
			}
		}
		for j := range s.to {
			if s.b[j] < 0 && key(&s.to[j]) == k && (better == nil || !s.waits(better, better(&s.to[j]))) {
				m++
			}
		}
		return n, m
	}
	type two struct{ i, j int }
	var found []two
	for i := range s.from {
		for j := range s.to {
			k := key(&s.from[i])
			if s.a[i] >= 0 || s.b[j] >= 0 || k == "" || k != key(&s.to[j]) {
				continue
			}
			if better != nil && (s.waits(better, better(&s.from[i])) || s.waits(better, better(&s.to[j]))) {
				continue
			}
			if n, m := count(k); n == 1 && m == 1 {
				found = append(found, two{i, j})
			}
		}
	}
	for _, p := range found {
		s.pair(p.i, p.j)
	}
}

// take pairs all that have a key and may be paired, those first that agree in the
// earliest level; of them those first that come first.
func (s *slow) take(key func(*item) string, may func(i, j int) bool, careful bool) bool {
	blocked := func(x *item) bool { return careful && (s.waits(purl, x.purl) || s.waits(cpe, x.cpe)) }
	any := false
	for _, l := range levels {
		for {
			at, with := -1, -1
			for i := range s.from {
				for j := range s.to {
					x, y := &s.from[i], &s.to[j]
					if s.a[i] >= 0 || s.b[j] >= 0 || key(x) == "" || key(x) != key(y) || l(x) == "" || l(x) != l(y) || !may(i, j) || blocked(x) || blocked(y) {
						continue
					}
					if at < 0 || x.rank < s.from[at].rank || x.rank == s.from[at].rank && y.rank < s.to[with].rank {
						at, with = i, j
					}
				}
			}
			if at < 0 {
				break
			}
			s.pair(at, with)
			any = true
		}
	}
	return any
}

// snapshot is take with may asked before anything is paired.
func (s *slow) snapshot(key func(*item) string, may func(i, j int) bool) bool {
	allowed := make(map[[2]int]bool)
	for i := range s.from {
		for j := range s.to {
			allowed[[2]int{i, j}] = may(i, j)
		}
	}
	return s.take(key, func(i, j int) bool { return allowed[[2]int{i, j}] }, false)
}

// below pairs what lies directly below pairs, until nothing more is found. Each pair
// is looked below once.
func (s *slow) below() {
	parents := func() map[[2]int]bool {
		all := map[[2]int]bool{{-1, -1}: true}
		for i, j := range s.a {
			if j >= 0 {
				all[[2]int{i, j}] = true
			}
		}
		return all
	}
	group := func(x *item) string { return digest(x.group, x.s.Name) }
	name := func(x *item) string { return x.s.Name }
	if s.looked == nil {
		s.looked = make(map[[2]int]bool)
	}
	for {
		at := parents()
		for p := range s.looked {
			delete(at, p)
		}
		if len(at) == 0 {
			return
		}
		for p := range at {
			s.looked[p] = true
		}
		under := func(i, j int) bool { return at[[2]int{s.from[i].parent, s.to[j].parent}] }
		s.take(purl, under, false)
		// By CPE only what no package URL waits for.
		s.take(cpe, func(i, j int) bool {
			return under(i, j) && !s.waits(purl, s.from[i].purl) && !s.waits(purl, s.to[j].purl)
		}, false)
		for _, key := range []func(*item) string{named, group, name} {
			s.take(key, under, true)
		}
	}
}

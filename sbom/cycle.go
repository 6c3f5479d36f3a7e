package sbom

import (
	"slices"
	"strings"
)

// cycles reports each group of things that depend on each other in a circle, one
// finding a group, at the dependency that comes first in the document; and each
// dependency of which there is another with the same ref, since readers take the
// first, the last or both. The work is linear in the edges.
func cycles(doc *Document, out *collector) {
	node := make(map[string]int, len(doc.Dependencies))
	var edges [][]int
	var owner []int // node → its first dependency, -1 while it has none
	of := func(ref string) int {
		n, ok := node[ref]
		if !ok {
			n = len(edges)
			node[ref], edges, owner = n, append(edges, nil), append(owner, -1)
		}
		return n
	}
	for i, d := range doc.Dependencies {
		from := of(d.Ref)
		if first := owner[from]; first < 0 {
			owner[from] = i
		} else {
			out.note("BOM-DEPENDENCY-REPEATED", SeverityWarning, d.Pointer, 0,
				"the dependencies of %s are also stated at %s", quote(d.Ref), doc.Dependencies[first].Pointer)
		}
		for _, ref := range d.DependsOn {
			to := of(ref)
			edges[from] = append(edges[from], to)
		}
	}
	for _, group := range circles(edges) {
		slices.SortFunc(group, func(a, b int) int { return owner[a] - owner[b] })
		if !out.wants("BOM-DEPENDENCY-CYCLE") {
			continue
		}
		first := doc.Dependencies[owner[group[0]]]
		var names []string
		for _, n := range group[:min(len(group), 4)] {
			names = append(names, quote(doc.Dependencies[owner[n]].Ref))
		}
		if len(group) > 4 {
			names = append(names, "…")
		}
		out.add("BOM-DEPENDENCY-CYCLE", SeverityWarning, first.Pointer, 0,
			"%d things depend on each other in a circle: %s", len(group), strings.Join(names, ", "))
	}
}

// circles returns the strongly connected sets of nodes that hold a cycle, a node
// that leads to itself too, ordered by what they are found from. It is Tarjan's
// algorithm without recursion, so that a chain as long as the document is no
// stack as deep.
func circles(edges [][]int) [][]int {
	const unseen = -1
	var (
		found [][]int
		order = make([]int, len(edges)) // when a node was first seen
		low   = make([]int, len(edges)) // earliest node on the stack that it reaches
		held  = make([]bool, len(edges))
		stack []int
		clock int
	)
	for i := range order {
		order[i] = unseen
	}
	type step struct{ node, next int }
	for root := range edges {
		if order[root] != unseen {
			continue
		}
		path := []step{{root, 0}}
		for len(path) > 0 {
			top := &path[len(path)-1]
			n := top.node
			if top.next == 0 {
				order[n], low[n], held[n] = clock, clock, true
				clock++
				stack = append(stack, n)
			}
			if top.next < len(edges[n]) {
				to := edges[n][top.next]
				top.next++
				if order[to] == unseen {
					path = append(path, step{to, 0})
				} else if held[to] {
					low[n] = min(low[n], order[to])
				}
				continue
			}
			path = path[:len(path)-1]
			if len(path) > 0 {
				above := path[len(path)-1].node
				low[above] = min(low[above], low[n])
			}
			if low[n] != order[n] {
				continue
			}
			from := len(stack) - 1
			for stack[from] != n {
				from--
			}
			group := slices.Clone(stack[from:])
			stack = stack[:from]
			for _, m := range group {
				held[m] = false
			}
			if len(group) > 1 || slices.Contains(edges[n], n) {
				found = append(found, group)
			}
		}
	}
	return found
}

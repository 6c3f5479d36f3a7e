package registry

import (
	"math"
	"slices"
	"sort"
	"sync"

	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// Signing is who signed an admitted entry that the state rests on.
type signing struct {
	index    int64
	leaf     statement.Digest
	identity [32]byte
	actor    string
	keys     []string // ids, ascending
}

func signingOf(index int64, p *Prepared) signing {
	return signing{index, p.hash, p.identity, p.statement.Actor(), p.keys}
}

// holding is an entry that gives somebody a key set: genesis, party or keys.
type holding struct {
	signing
	set   statement.KeySet
	party *statement.Party // nil for genesis and keys
}

// delegation is a delegate entry.
type delegation struct {
	signing
	body *statement.Delegate
}

// revocation is a revoke entry.
type revocation struct {
	signing
	body *statement.Revoke
	from int64 // invalidFrom, or the entry's own index
}

// suspension is a suspend entry.
type suspension struct {
	signing
	lifted bool
}

// warning is an advisory entry.
type warning struct {
	signing
	body      *statement.Advisory
	everybody bool // its issuer had ever, at that index, been one that warns of everybody's products
}

// everything is the size of a view to which every entry is known.
const everything = math.MaxInt64

// view is what is to be said, once the entries below a size are known, of the
// keys that stood at each index. What comes later changes what is said: a
// revocation reaches back, and an entry falls that rests only on keys that are
// void where it stands.
//
// A key of X is void at index i if a revocation of the key, or of X as a whole,
// has an invalidFrom of at most i. A revocation itself never falls: taking a key
// away needs less authority than giving one.
type view struct {
	s    *State
	size int64

	mu       sync.Mutex // holdings and deputies are filled in as they are asked for
	holdings map[string][]holding
	deputies map[string][]envelope.Key

	taking sync.Mutex // taken is filled in as it is asked for, under mu or not
	taken  map[string]map[target]int64
}

// target is what a revocation takes away from somebody.
type target struct{ kind, key string }

func (s *State) newView(size int64) *view {
	return &view{
		s: s, size: size, holdings: make(map[string][]holding),
		deputies: make(map[string][]envelope.Key), taken: make(map[string]map[target]int64),
	}
}

// now returns the view to which every entry is known. The caller holds s.mu.
func (s *State) now() *view {
	if v := s.cache.Load(); v != nil {
		return v
	}
	v := s.newView(everything)
	s.cache.Store(v)
	return v
}

// revokedFrom returns the earliest index from which something is void; false if
// it was not revoked. A key that was revoked as the party's own is void as its
// delegate too.
func (v *view) revokedFrom(of, kind, key string) (int64, bool) {
	if len(v.s.revocations[of]) == 0 {
		return everything, false
	}
	taken := v.takenFrom(of)
	from, found := int64(everything), false
	for _, t := range []target{{statement.TargetParty, ""}, {kind, key}, {statement.TargetKey, key}} {
		if at, ok := taken[t]; ok {
			from, found = min(from, at), true
		}
	}
	return from, found
}

// takenFrom returns from which index on each of somebody's keys is void. It is
// gathered once: a party may have thousands of revocations, and a bundle holds
// them all.
func (v *view) takenFrom(of string) map[target]int64 {
	v.taking.Lock()
	defer v.taking.Unlock()
	if m, ok := v.taken[of]; ok {
		return m
	}
	m := make(map[target]int64)
	for _, r := range v.s.revocations[of] {
		if r.index >= v.size {
			break
		}
		t := target{r.body.Target, r.body.Key}
		if from, ok := m[t]; !ok || r.from < from {
			m[t] = r.from
		}
	}
	v.taken[of] = m
	return m
}

// sound says which keys count at an index.
type sound func(v *view, of, target, key string, index int64) bool

// notVoid: the key is not void at the index.
func notVoid(v *view, of, target, key string, index int64) bool {
	from, revoked := v.revokedFrom(of, target, key)
	return !revoked || index < from
}

// neverRevoked: the key is not revoked at any index.
func neverRevoked(v *view, of, target, key string, _ int64) bool {
	_, revoked := v.revokedFrom(of, target, key)
	return !revoked
}

// chain returns the entries that gave X its key sets and still stand, ascending.
func (v *view) chain(who string) []holding {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.chainLocked(who)
}

func (v *view) chainLocked(who string) []holding {
	if list, ok := v.holdings[who]; ok {
		return list
	}
	var list []holding
	for _, h := range v.s.holdings[who] {
		if h.index >= v.size {
			break
		}
		switch {
		case h.index == 0: // genesis
		case h.party != nil:
			if registrar, ok := heldAt(v.chainLocked(statement.Registrar), h.index); !ok || !v.enough(registrar, statement.Registrar, h.index, h.keys, notVoid) {
				continue
			}
		default:
			if before, ok := heldAt(list, h.index); !ok || !v.enough(before, who, h.index, h.keys, notVoid) {
				continue
			}
		}
		list = append(list, h)
	}
	v.holdings[who] = list
	return list
}

// heldAt returns the last of a chain below an index.
func heldAt(chain []holding, index int64) (holding, bool) {
	i := sort.Search(len(chain), func(i int) bool { return chain[i].index >= index })
	if i == 0 {
		return holding{}, false
	}
	return chain[i-1], true
}

// enough reports whether the sound keys among the signers reach the threshold.
func (v *view) enough(h holding, who string, index int64, keys []string, counts sound) bool {
	return v.among(h, who, index, keys, counts) >= h.set.Threshold
}

// among returns how many of the signers are sound keys of a key set.
func (v *view) among(h holding, who string, index int64, keys []string, counts sound) (n int64) {
	for _, id := range keys {
		if h.set.Has(id) && counts(v, who, statement.TargetKey, id, index) {
			n++
		}
	}
	return n
}

// count returns how many of the signers of an entry are sound keys of X at its
// index.
func (v *view) count(who string, index int64, keys []string, counts sound) int64 {
	h, ok := heldAt(v.chain(who), index)
	if !ok {
		return 0
	}
	return v.among(h, who, index, keys, counts)
}

// authority reports whether the sound keys among the signers of an entry speak
// for X at its index.
func (v *view) authority(who string, index int64, keys []string, counts sound) bool {
	h, ok := heldAt(v.chain(who), index)
	return ok && v.enough(h, who, index, keys, counts)
}

// delegates returns the keys that a party lets sign for it, each once: those whose
// last delegation that does not fall is not revoked.
func (v *view) delegates(who string) []envelope.Key {
	v.mu.Lock()
	keys, ok := v.deputies[who]
	v.mu.Unlock()
	if ok {
		return keys
	}
	list := v.s.delegations[who]
	known := make(map[string]bool)
	for i := len(list) - 1; i >= 0; i-- {
		d, id := list[i], list[i].body.Key.ID()
		if known[id] || d.index >= v.size || !v.authority(who, d.index, d.keys, notVoid) {
			continue
		}
		known[id] = true
		if notVoid(v, who, statement.TargetDelegate, id, everything) {
			keys = append(keys, d.body.Key)
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.deputies[who] = keys
	return keys
}

// delegated returns the delegation of X to a key that is in force at an index:
// the last below it that does not fall.
func (v *view) delegated(who, key string, index int64) (*statement.Delegate, bool) {
	list := v.s.delegations[who]
	for i := len(list) - 1; i >= 0; i-- {
		d := list[i]
		if d.index < index && d.index < v.size && d.body.Key.ID() == key && v.authority(who, d.index, d.keys, notVoid) {
			return d.body, true
		}
	}
	return nil, false
}

// carries reports whether the sound keys among the signers of a bom carry it:
// the party's threshold, or one delegate in whose scope it is.
func (v *view) carries(b *statement.BOM, index int64, keys []string, counts sound) bool {
	who := b.Party[0]
	if v.authority(who, index, keys, counts) {
		return true
	}
	return slices.ContainsFunc(keys, func(id string) bool {
		d, ok := v.delegated(who, id, index)
		return ok && inScope(d, b) && counts(v, who, statement.TargetDelegate, id, index)
	})
}

// inScope reports whether a delegation covers the bom, and was not at its end by
// the bom's own word. Whether the word is true is for verifiers, who have a time.
func inScope(d *statement.Delegate, b *statement.BOM) bool {
	return d.Scope.Covers(b) && !b.Made.After(d.End)
}

// standing returns the keys of X that stand at an index; none if X has none.
func (v *view) standing(who string, index int64) statement.KeySet {
	h, ok := heldAt(v.chain(who), index)
	if !ok {
		return statement.KeySet{Threshold: 1}
	}
	if len(v.s.revocations[who]) == 0 {
		return h.set
	}
	set := statement.KeySet{Threshold: h.set.Threshold}
	for _, k := range h.set.Keys {
		if notVoid(v, who, statement.TargetKey, k.ID(), index) {
			set.Keys = append(set.Keys, k)
		}
	}
	return set
}

// enrolment returns the party statement in force at an index that does not fall.
func (v *view) enrolment(who string, index int64) (Enrolment, bool) {
	chain := v.chain(who)
	for i := len(chain) - 1; i >= 0; i-- {
		if h := chain[i]; h.party != nil && h.index < index {
			return Enrolment{h.index, h.leaf, h.party}, true
		}
	}
	return Enrolment{}, false
}

// plays reports whether X is the registrar, or enrolled in one of the roles by
// the statement in force at an index that does not fall.
func (v *view) plays(who string, index int64, roles []string) bool {
	if who == statement.Registrar {
		return true
	}
	now, ok := v.enrolment(who, index)
	return ok && slices.ContainsFunc(roles, func(role string) bool { return slices.Contains(now.Party.Roles, role) })
}

// suspended returns the suspensions of a party that nobody has lifted,
// ascending. Entries that fall suspend and lift nothing.
func (v *view) suspended(about string) []int64 {
	return unlifted(v.s.suspensions[about], func(x suspension) bool {
		return x.index < v.size && v.authority(x.actor, x.index, x.keys, notVoid) && v.plays(x.actor, x.index, suspenders)
	})
}

// unlifted returns the suspensions that are not lifted by their issuers or by
// the registrar, among the entries that count, ascending.
func unlifted(list []suspension, counts func(suspension) bool) []int64 {
	open := make(map[string]int64) // issuer → entry
	for _, x := range list {
		switch {
		case !counts(x):
		case !x.lifted:
			open[x.actor] = x.index
		case x.actor == statement.Registrar:
			clear(open)
		default:
			delete(open, x.actor)
		}
	}
	var indices []int64
	for _, i := range open {
		indices = append(indices, i)
	}
	slices.Sort(indices)
	return indices
}

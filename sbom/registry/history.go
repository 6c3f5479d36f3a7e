package registry

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/yurai-ledger/yurai/sbom/statement"
)

// Word is the standing of an entry in one word.
type Word string

// The words, gravest last.
const (
	Admitted   Word = "admitted"   // nothing speaks against it
	ValidThen  Word = "valid then" // it rests on a key that was revoked later, from an index above it
	Superseded Word = "superseded" // another BOM of the same party comes in its place
	Equivocal  Word = "equivocal"  // the same party gave its number and version to other bytes too
	Withdrawn  Word = "withdrawn"  // its party or the registrar took it back
	Void       Word = "void"       // it rests on keys that are void at its index
)

// Standing is what is to be said of an entry at a tree size. Word is the
// gravest; the other members say the rest.
type Standing struct {
	Word        Word
	First       int64        // the entry that counts: itself, or the earlier one it repeats
	Equivocal   []int64      // the other entries with the same party, serial number and version; ascending
	Settled     []int64      // such entries that are void or withdrawn: they no longer make this one equivocal; ascending
	Followers   []Succession // the entries that supersede it and are not void; ascending
	Withdrawals []int64      // the entries that withdraw it with the right to; ascending
	Then        bool         // whether it would not stand without keys that were revoked later
}

// Succession is one entry in whose favour another stands back.
type Succession struct {
	Index  int64  // the later entry
	Reason string // correction or revision
}

// Corrected reports whether a follower is a correction; a revision only notes.
func (s Standing) Corrected() bool {
	return slices.ContainsFunc(s.Followers, func(f Succession) bool { return f.Reason == statement.ReasonCorrection })
}

// Note is something about an admitted entry that a reader of an audit should
// know. It is no violation.
type Note struct {
	Code   string // STATE-ENTRY-IDLE, STATE-SUPERSEDES-IDLE or STATE-WITHDRAW-IDLE
	Index  int64  // the entry
	Target int64  // the entry it repeats, or tries to supersede or to withdraw
	Text   string
}

// History is a [State] that also remembers what every entry said and who signed
// it. Its memory grows with them; a guard uses State.
type History struct {
	state *State

	mu          sync.RWMutex // entries and what is found from them agree
	entries     map[int64]entry
	identities  map[[32]byte]int64   // of every entry → first index
	repeats     map[int64]int64      // entry → the first with its identity
	versions    map[numbered][]int64 // of BOMs with a serial number; ascending
	followers   map[int64][]Succession
	withdrawals map[int64][]int64 // entry → those that withdraw it with the right to; ascending
	notes       []Note
	latest      *view // the last that was asked for
}

// entry is what is kept of an entry.
type entry struct {
	statement *statement.Statement
	keys      []string
}

// numbered is what no two BOMs of one party share.
type numbered struct {
	party, serialNumber string
	number              int64
}

// NewHistory returns the history of the empty log with this origin.
func NewHistory(origin string) *History {
	return &History{
		state: New(origin), entries: make(map[int64]entry), identities: make(map[[32]byte]int64),
		repeats: make(map[int64]int64), versions: make(map[numbered][]int64), followers: make(map[int64][]Succession),
		withdrawals: make(map[int64][]int64),
	}
}

// State returns the state; it changes with Apply alone.
func (h *History) State() *State { return h.state }

// Apply replays one entry as [State.Apply] does and remembers it.
func (h *History) Apply(index int64, p *Prepared) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.state.Apply(index, p); err != nil {
		return err
	}
	h.latest = nil
	if first, ok := h.identities[p.identity]; ok {
		h.repeats[index] = first
		h.note("STATE-ENTRY-IDLE", index, first, "entry %d repeats entry %d and changes nothing", index, first)
		return nil
	}
	h.identities[p.identity] = index
	h.entries[index] = entry{p.statement, p.keys}
	switch body := p.statement.Body.(type) {
	case *statement.BOM:
		if body.SerialNumber != "" {
			v := numbered{body.Party[0], body.SerialNumber, body.Version}
			h.versions[v] = append(h.versions[v], index)
		}
		if body.Supersedes != nil {
			h.supersede(index, body)
		}
	case *statement.Withdraw:
		h.withdraw(index, body)
	}
	return nil
}

// Repeats reports whether an entry repeats an earlier one, and so says nothing.
func (h *History) Repeats(index int64) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.first(index) != index
}

// first returns the entry that counts for an index: the one it repeats, if any.
func (h *History) first(index int64) int64 {
	if first, ok := h.repeats[index]; ok {
		return first
	}
	return index
}

// withdraw notes that an entry is taken back, if who takes it back has the right.
func (h *History) withdraw(index int64, w *statement.Withdraw) {
	target := h.first(w.Position.Index)
	old, ok := h.entries[target]
	idle := func(format string, args ...any) { h.note("STATE-WITHDRAW-IDLE", index, target, format, args...) }
	if !ok {
		idle("entry %d withdraws entry %d, which was not seen here", index, target)
		return
	}
	switch old.statement.Kind {
	case statement.KindBOM, statement.KindAdvisory, statement.KindAttestation:
	default:
		idle("entry %d withdraws entry %d of kind %s, which nobody can", index, target, old.statement.Kind)
		return
	}
	if who := w.Party[0]; who != statement.Registrar && who != old.statement.Actor() {
		idle("entry %d of %s withdraws entry %d of %s without the right to", index, who, target, old.statement.Actor())
		return
	}
	h.withdrawals[target] = append(h.withdrawals[target], index)
}

// supersede notes the follower of an entry, if the follower's party has the right.
func (h *History) supersede(index int64, b *statement.BOM) {
	target := h.first(b.Supersedes.Position.Index)
	e := h.entries[target]
	var old *statement.BOM
	ok := false
	if e.statement != nil {
		old, ok = e.statement.Body.(*statement.BOM)
	}
	switch {
	case !ok:
		h.note("STATE-SUPERSEDES-IDLE", index, target, "entry %d supersedes entry %d, which is no BOM seen here", index, target)
	case old.Party[0] != b.Party[0]:
		h.note("STATE-SUPERSEDES-IDLE", index, target, "entry %d of %s supersedes entry %d of %s without the right to", index, b.Party[0], target, old.Party[0])
	default:
		h.followers[target] = append(h.followers[target], Succession{index, b.Supersedes.Reason})
	}
}

func (h *History) note(code string, index, target int64, format string, args ...any) {
	h.notes = append(h.notes, Note{code, index, target, fmt.Sprintf(format, args...)})
}

// Notes returns what was idle, in the order of entries.
func (h *History) Notes() []Note {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return slices.Clone(h.notes)
}

// Standing returns the standing of an entry at a tree size, false if no entry
// with this index, below the size, was applied. In a sparse history it is as good
// as the history is complete. A genesis and a revocation are always admitted.
func (h *History) Standing(index, size int64) (Standing, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	first := h.first(index)
	e, ok := h.entries[first]
	if !ok || index >= size {
		return Standing{}, false
	}
	h.state.mu.RLock()
	defer h.state.mu.RUnlock()
	v := h.view(size)
	s := Standing{Word: Admitted, First: first, Then: !h.stands(v, first, neverRevoked)}
	if s.Then {
		s.Word = ValidThen
	}
	for _, f := range h.followers[first] {
		if f.Index < size && h.stands(v, f.Index, notVoid) {
			s.Followers = append(s.Followers, f)
			s.Word = Superseded
		}
	}
	if b, ok := e.statement.Body.(*statement.BOM); ok && b.SerialNumber != "" {
		for _, i := range h.versions[numbered{b.Party[0], b.SerialNumber, b.Version}] {
			switch {
			case i >= size || h.entries[i].statement.Body.(*statement.BOM).Digest == b.Digest:
			case !h.stands(v, i, notVoid) || len(h.withdrawn(v, i)) > 0:
				s.Settled = append(s.Settled, i)
			default:
				s.Equivocal = append(s.Equivocal, i)
				s.Word = Equivocal
			}
		}
	}
	if s.Withdrawals = h.withdrawn(v, first); s.Withdrawals != nil {
		s.Word = Withdrawn
	}
	if !h.stands(v, first, notVoid) {
		s.Word, s.Then = Void, false
	}
	return s, true
}

// view returns the view at a size. The caller holds both locks.
func (h *History) view(size int64) *view {
	if h.latest == nil || h.latest.size != size {
		h.latest = h.state.newView(size)
	}
	return h.latest
}

// stands reports whether the sound keys that signed an entry carry it, and who
// says it is enrolled as somebody who may.
func (h *History) stands(v *view, index int64, counts sound) bool {
	e := h.entries[index]
	who := e.statement.Actor()
	switch body := e.statement.Body.(type) {
	case *statement.Genesis, *statement.Revoke:
		return true
	case *statement.Party:
		// What the registrar signed never falls with a party's key.
		return v.authority(statement.Registrar, index, e.keys, counts)
	case *statement.BOM:
		now, ok := v.enrolment(who, index)
		return ok && v.plays(who, index, vendors) && CheckSpeaksFor(now.Party, makerOf(body)) == nil && v.carries(body, index, e.keys, counts)
	case *statement.Suspend:
		return v.plays(who, index, suspenders) && v.authority(who, index, e.keys, counts)
	case *statement.Advisory:
		return v.plays(who, index, warners) && v.authority(who, index, e.keys, counts)
	case *statement.Attestation:
		return v.plays(who, index, attesters) && v.authority(who, index, e.keys, counts)
	case *statement.Verdict:
		return v.plays(who, index, operators) && v.authority(who, index, e.keys, counts)
	case *statement.Decision:
		return v.plays(who, index, operators) && v.count(who, index, e.keys, counts) >= leastSigners(body) && v.authority(who, index, e.keys, counts)
	}
	return v.authority(who, index, e.keys, counts)
}

// withdrawn returns the entries that withdraw an entry at the view's size.
func (h *History) withdrawn(v *view, target int64) (list []int64) {
	for _, i := range h.withdrawals[target] {
		if i < v.size && h.stands(v, i, notVoid) {
			list = append(list, i)
		}
	}
	return list
}

// Newest returns the entry below a tree size that is the newest version of the
// list, the policy or the profile that a statement is a version of, and not void;
// false if there is none. What the thief of a key says in a party's name takes
// nothing from it once the key is revoked.
func (h *History) Newest(st *statement.Statement, size int64) (int64, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state.mu.RLock()
	defer h.state.mu.RUnlock()
	v, list := h.view(size), h.state.objects[object(st)]
	for i := len(list) - 1; i >= 0; i-- {
		if at := list[i].index; at < size && h.stands(v, at, notVoid) {
			return at, true
		}
	}
	return 0, false
}

// Suspended returns the suspensions of a party that stand and that nobody has
// lifted at a tree size, ascending.
func (h *History) Suspended(party string, size int64) []int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state.mu.RLock()
	defer h.state.mu.RUnlock()
	return h.view(size).suspended(party)
}

// Advice is an advisory that may be about a BOM.
type Advice struct {
	Index     int64
	Advisory  *statement.Advisory // not to be changed
	Everybody bool                // whether it reaches BOMs of others than its issuer
}

// Advisories returns the advisory entries below a size that may be about the BOM
// of a bom statement, as far as the statement alone can tell, and that are
// neither void nor withdrawn nor repeat another; ascending.
func (h *History) Advisories(b *statement.BOM, size int64) (list []Advice) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state.mu.RLock()
	defer h.state.mu.RUnlock()
	v := h.view(size)
	for _, w := range h.state.warnings {
		if w.index >= size || h.first(w.index) != w.index || !h.stands(v, w.index, notVoid) || len(h.withdrawn(v, w.index)) > 0 {
			continue
		}
		// As whom its issuer spoke may have fallen since, and its role with it.
		now, ok := v.enrolment(w.actor, w.index)
		if a := (Advice{w.index, w.body, ok && WarnsEverybody(now.Party)}); w.body.Concerns(b, a.Everybody) {
			list = append(list, a)
		}
	}
	return list
}

// DelegateEnd returns until when the party's delegates let a bom entry of theirs
// be: the latest end that the party gave to one of those that carry it, as it
// says at the tree size. False if the party's own keys carry the entry, or it is
// no bom.
func (h *History) DelegateEnd(index, size int64) (end time.Time, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e, found := h.entries[h.first(index)]
	if !found || index >= size {
		return end, false
	}
	b, isBOM := e.statement.Body.(*statement.BOM)
	if !isBOM {
		return end, false
	}
	h.state.mu.RLock()
	defer h.state.mu.RUnlock()
	v, who := h.view(size), b.Party[0]
	if v.authority(who, h.first(index), e.keys, notVoid) {
		return end, false
	}
	for _, id := range e.keys {
		then, ok := v.delegated(who, id, h.first(index))
		if !ok || !inScope(then, b) {
			continue
		}
		if now, ok := v.delegated(who, id, everything); ok && now.End.After(end) {
			end = now.End
		}
	}
	return end, true
}

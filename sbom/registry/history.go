package registry

import (
	"fmt"
	"slices"
	"sync"

	"github.com/yurai-ledger/yurai/sbom/statement"
)

// Word is the standing of an entry in one word.
type Word string

// The words, gravest last.
const (
	Admitted   Word = "admitted"   // nothing speaks against it
	Superseded Word = "superseded" // another BOM of the same party comes in its place
	Equivocal  Word = "equivocal"  // the same party gave its number and version to other bytes too
)

// Standing is what is to be said of an entry at a tree size.
type Standing struct {
	Word      Word
	First     int64        // the entry that counts: itself, or the earlier one it repeats
	Equivocal []int64      // the other entries with the same party, serial number and version; ascending
	Followers []Succession // the entries that supersede it; ascending
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
	Code   string // STATE-ENTRY-IDLE or STATE-SUPERSEDES-IDLE
	Index  int64  // the entry
	Target int64  // the entry it repeats or tries to supersede
	Text   string
}

// History is a [State] that also remembers BOM entries. Its memory grows with
// them; a guard uses State.
type History struct {
	state *State

	mu         sync.RWMutex // entries and what is found from them agree
	boms       map[int64]*statement.BOM
	identities map[[32]byte]int64  // of every entry → first index
	repeats    map[int64]int64     // entry → the first with its identity
	versions   map[version][]int64 // of BOMs with a serial number; ascending
	followers  map[int64][]Succession
	notes      []Note
}

// version is what no two BOMs of one party share.
type version struct {
	party, serialNumber string
	number              int64
}

// NewHistory returns the history of the empty log with this origin.
func NewHistory(origin string) *History {
	return &History{
		state: New(origin), boms: make(map[int64]*statement.BOM), identities: make(map[[32]byte]int64),
		repeats: make(map[int64]int64), versions: make(map[version][]int64), followers: make(map[int64][]Succession),
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
	if first, ok := h.identities[p.identity]; ok {
		h.repeats[index] = first
		h.note("STATE-ENTRY-IDLE", index, first, "entry %d repeats entry %d and changes nothing", index, first)
		return nil
	}
	h.identities[p.identity] = index
	b, ok := p.statement.Body.(*statement.BOM)
	if !ok {
		return nil
	}
	h.boms[index] = b
	if b.SerialNumber != "" {
		v := version{b.Party[0], b.SerialNumber, b.Version}
		h.versions[v] = append(h.versions[v], index)
	}
	if b.Supersedes != nil {
		h.supersede(index, b)
	}
	return nil
}

// supersede notes the follower of an entry, if the follower's party has the right.
func (h *History) supersede(index int64, b *statement.BOM) {
	target := b.Supersedes.Position.Index
	if first, ok := h.repeats[target]; ok {
		target = first
	}
	old, ok := h.boms[target]
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

// Standing returns the standing of a bom entry at a tree size, false if no bom
// entry with this index, below the size, was applied. In a sparse history it is
// as good as the history is complete.
func (h *History) Standing(index, size int64) (Standing, bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	first := index
	if f, ok := h.repeats[index]; ok {
		first = f
	}
	b, ok := h.boms[first]
	if !ok || index >= size {
		return Standing{}, false
	}
	s := Standing{Word: Admitted, First: first}
	for _, f := range h.followers[first] {
		if f.Index < size {
			s.Followers = append(s.Followers, f)
			s.Word = Superseded
		}
	}
	if b.SerialNumber != "" {
		for _, i := range h.versions[version{b.Party[0], b.SerialNumber, b.Version}] {
			if i < size && h.boms[i].Digest != b.Digest {
				s.Equivocal = append(s.Equivocal, i)
				s.Word = Equivocal
			}
		}
	}
	return s, true
}

package registry

import (
	"maps"
	"slices"
	"sort"
	"sync"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// checkpointOwner owns the key that signs checkpoints and nothing else.
const checkpointOwner = "checkpoint"

// State is what the statements of one log have made of it so far. It is safe
// for concurrent use; views may see what is proposed and not yet kept, and take
// an index or a size to look below it.
type State struct {
	origin string

	mu         sync.RWMutex // what a reader sees is the state between two entries
	next       int64        // least index that may come next
	genesis    *Founding
	admissions []Admitting            // ascending by index
	parties    map[string][]Enrolment // ascending by index
	owner      map[string]string      // key id → who has it, for ever
	proposing  bool
	undo       []func() // what takes back the batch that is proposed
}

// Founding is the genesis entry.
type Founding struct {
	Leaf    statement.Digest // leaf hash, which trust files pin
	Genesis *statement.Genesis
}

// Admitting is an admission entry.
type Admitting struct {
	Index     int64            // zero-based; in force for entries above it
	Leaf      statement.Digest // leaf hash
	Admission *statement.Admission

	identity [32]byte
}

// Enrolment is an entry that enrols a party or changes it. What it says of the
// party is the registrar's word.
type Enrolment struct {
	Index int64            // zero-based; in force for entries above it
	Leaf  statement.Digest // leaf hash
	Party *statement.Party // not to be changed

	identity [32]byte
}

// New returns the state of the empty log with this origin.
func New(origin string) *State {
	return &State{origin: origin, parties: make(map[string][]Enrolment), owner: make(map[string]string)}
}

// Origin returns the origin of the log.
func (s *State) Origin() string { return s.origin }

// Size returns the index that comes next: one more than that of the last entry.
func (s *State) Size() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.next
}

// Genesis returns entry 0, false if it was not applied.
func (s *State) Genesis() (Founding, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.genesis == nil {
		return Founding{}, false
	}
	return *s.genesis, true
}

// AdmissionAt returns the admission in force at an index, the last one below
// it; false if there is none.
func (s *State) AdmissionAt(index int64) (Admitting, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	i := sort.Search(len(s.admissions), func(i int) bool { return s.admissions[i].Index >= index })
	if i == 0 {
		return Admitting{}, false
	}
	return s.admissions[i-1], true
}

// Party returns the newest enrolment of a party, false if it is unknown.
func (s *State) Party(id string) (Enrolment, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return last(s.parties[id])
}

// PartyAt returns the enrolment of a party in force at an index, the last one
// below it; false if there is none.
func (s *State) PartyAt(id string, index int64) (Enrolment, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.partyAt(id, index)
}

func (s *State) partyAt(id string, index int64) (Enrolment, bool) {
	list := s.parties[id]
	i := sort.Search(len(list), func(i int) bool { return list[i].Index >= index })
	return last(list[:i])
}

// Parties returns the ids of all parties enrolled below an index, sorted.
func (s *State) Parties(index int64) []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(s.parties)) {
		if s.parties[id][0].Index < index {
			ids = append(ids, id)
		}
	}
	return ids
}

// KeysAt returns the key set of a party, of [statement.Registrar] or of
// [statement.Log] that stands at an index; false if there is none.
func (s *State) KeysAt(party string, index int64) (statement.KeySet, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.keysAt(party, index)
}

func (s *State) keysAt(party string, index int64) (statement.KeySet, bool) {
	switch party {
	case statement.Registrar, statement.Log:
		if s.genesis == nil || index < 1 {
			return statement.KeySet{}, false
		}
		if party == statement.Log {
			return s.genesis.Genesis.Parties.Log, true
		}
		return s.genesis.Genesis.Parties.Registrar, true
	}
	e, ok := s.partyAt(party, index)
	if !ok {
		return statement.KeySet{}, false
	}
	return e.Party.KeySet, true
}

// KeyStands reports whether a key may sign for a party, for the registrar or
// for the log at an index.
func (s *State) KeyStands(keyID, party string, index int64) bool {
	set, ok := s.KeysAt(party, index)
	return ok && set.Has(keyID)
}

// KeyOwner returns who has, or has had, the key: a party id,
// [statement.Registrar], [statement.Log] or "checkpoint"; false if nobody.
func (s *State) KeyOwner(keyID string) (string, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	who, ok := s.owner[keyID]
	return who, ok
}

// Advisories returns the number of advisory entries below a size and the leaf
// hash of the last. Rules 1 know no advisory: the number is zero.
func (s *State) Advisories(size int64) statement.Advisories { return statement.Advisories{} }

// Foundation returns the entries below a size on which whatever a party signs
// rests: genesis, every admission, and every statement about the party,
// ascending. A bundle's history holds them all.
func (s *State) Foundation(party string, size int64) []int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var list []int64
	if s.genesis != nil && size > 0 {
		list = append(list, 0)
	}
	for _, a := range s.admissions {
		if a.Index < size {
			list = append(list, a.Index)
		}
	}
	for _, e := range s.parties[party] {
		if e.Index < size {
			list = append(list, e.Index)
		}
	}
	slices.Sort(list)
	return list
}

// Acting returns the keys under which the signatures of a statement have to
// verify, as the state is now: for genesis those of its own registrar, for
// party the registrar's and those in its body, for status the log's. It refuses
// a statement for another log (STATE-LOG-OTHER) and one by a party that is not
// enrolled (STATE-PARTY-UNKNOWN). The keys are judged again when the statement
// is proposed.
func (s *State) Acting(st *statement.Statement) ([]envelope.Key, error) {
	if r := s.checkLog(st); r != nil {
		return nil, r
	}
	if g, ok := st.Body.(*statement.Genesis); ok {
		return g.Parties.Registrar.Keys, nil
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.genesis == nil {
		return nil, refuseNoGenesis()
	}
	founders := s.genesis.Genesis.Parties
	switch body := st.Body.(type) {
	case *statement.Admission, *statement.Trust:
		return founders.Registrar.Keys, nil
	case *statement.Party:
		return slices.Concat(founders.Registrar.Keys, body.KeySet.Keys), nil
	case *statement.Status:
		return founders.Log.Keys, nil
	}
	e, ok := last(s.parties[st.Actor()])
	if !ok {
		return nil, refuseParty(st.Actor())
	}
	return e.Party.KeySet.Keys, nil
}

// Open takes a submission from its bytes to what the log can be offered: the
// envelope is normalised, the statement parsed, its signatures verified under
// the keys that act. Codes are those of the three steps.
func (s *State) Open(raw []byte) (*Prepared, error) {
	e, err := envelope.Parse(raw)
	if err != nil {
		return nil, err
	}
	keys, err := s.actingFor(e)
	if err != nil {
		return nil, err
	}
	v, err := e.Verify(keys...)
	if err != nil {
		return nil, err
	}
	return Prepare(v)
}

// OpenLeaf verifies a leaf of a log as an auditor does: exact form, every
// signature good and by a key that acts. The leaf has to be the next one
// applied.
func (s *State) OpenLeaf(leaf []byte) (*Prepared, error) {
	e, err := envelope.ParseLeaf(leaf)
	if err != nil {
		return nil, err
	}
	keys, err := s.actingFor(e)
	if err != nil {
		return nil, err
	}
	v, err := envelope.VerifyLeaf(leaf, keys...)
	if err != nil {
		return nil, err
	}
	return Prepare(v)
}

func (s *State) actingFor(e *envelope.Envelope) ([]envelope.Key, error) {
	st, err := statement.Parse(e.Payload())
	if err != nil {
		return nil, err
	}
	return s.Acting(st)
}

func last[T any](list []T) (T, bool) {
	if len(list) == 0 {
		var none T
		return none, false
	}
	return list[len(list)-1], true
}

func refuseNoGenesis() *sbom.Refusal {
	return sbom.Refuse("STATE-GENESIS-MISSING", "the log has no genesis: entry 0 has to be one")
}

func refuseParty(id string) *sbom.Refusal {
	return sbom.Refuse("STATE-PARTY-UNKNOWN", "party %q is not enrolled", id)
}

package registry

import (
	"maps"
	"slices"
	"sort"
	"sync"
	"sync/atomic"

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
	admissions []Admitting // ascending by index
	// By whose they are: a party id, registrar or log. Ascending by index.
	holdings    map[string][]holding // genesis, party and keys: entries of one object
	delegations map[string][]delegation
	revocations map[string][]revocation
	suspensions map[string][]suspension // by the party they are about
	objects     map[string][]version    // lists, policies and profiles, by the name of the object
	warnings    []warning               // advisories, ascending by index
	frozen      *Freezing               // nil while the log goes on
	owner       map[string]string       // key id → who has it, for ever
	footings    []footing               // every entry that changed something, ascending; only appended to
	proposing   bool
	undo        []func()             // what takes back the batch that is proposed
	cache       atomic.Pointer[view] // of now; nil after each change
}

// change makes a change that can be taken back.
func (s *State) change(do, undo func()) {
	do()
	s.cache.Store(nil)
	s.undo = append(s.undo, func() {
		undo()
		s.cache.Store(nil)
	})
}

// add appends to the list of a key, as a change.
func add[T any](s *State, m map[string][]T, key string, x T) {
	before, had := m[key]
	s.change(func() { m[key] = append(before, x) }, func() {
		if had {
			m[key] = before
		} else {
			delete(m, key)
		}
	})
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
}

// version is an entry that is the next version of an object: a list, a policy or
// a profile.
type version struct {
	signing
	number int64 // 0 of a profile, which has none
}

// New returns the state of the empty log with this origin.
func New(origin string) *State {
	return &State{
		origin: origin, holdings: make(map[string][]holding), delegations: make(map[string][]delegation),
		revocations: make(map[string][]revocation), suspensions: make(map[string][]suspension),
		objects: make(map[string][]version), owner: make(map[string]string),
	}
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

// Party returns the newest enrolment of a party, whatever became of it since;
// false if it is unknown.
func (s *State) Party(id string) (Enrolment, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.newest(id)
}

func (s *State) newest(id string) (Enrolment, bool) {
	list := s.holdings[id]
	for i := len(list) - 1; i >= 0; i-- {
		if h := list[i]; h.party != nil {
			return Enrolment{h.index, h.leaf, h.party}, true
		}
	}
	return Enrolment{}, false
}

// PartyAt returns the enrolment of a party in force at an index: the last one
// below it that does not rest on void keys, as far as is known now; false if
// there is none.
func (s *State) PartyAt(id string, index int64) (Enrolment, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.now().enrolment(id, index)
}

// Prev returns the leaf hash of the last statement on the object that party and
// keys of X share: what the next one names as prev. It is zero if there is none,
// and for the registrar and the log before their first rotation.
func (s *State) Prev(who string) statement.Digest {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, leaf, _ := lastOf(s.holdings[who])
	return leaf
}

// DelegatePrev returns what the next delegate statement of a party on a key
// names as prev, zero for none.
func (s *State) DelegatePrev(party, key string) statement.Digest {
	s.mu.RLock()
	defer s.mu.RUnlock()
	d, _ := last(s.delegationsTo(party, key))
	return d.leaf
}

// SuspendPrev returns what the next suspend statement about a party names as
// prev, zero for none.
func (s *State) SuspendPrev(party string) statement.Digest {
	s.mu.RLock()
	defer s.mu.RUnlock()
	x, _ := last(s.suspensions[party])
	return x.leaf
}

// ListPrev returns what the next version of a list names as prev, zero for none,
// and the last version, 0 for none.
func (s *State) ListPrev(issuer, id string) (statement.Digest, int64) {
	return s.latest(objectName(statement.KindList, issuer, id))
}

// PolicyPrev returns what the next version of a policy names as prev, zero for
// none, and the last version, 0 for none.
func (s *State) PolicyPrev(issuer, id string) (statement.Digest, int64) {
	return s.latest(objectName(statement.KindPolicy, issuer, id))
}

// ProfilePrev returns what the next profile of a party names as prev, zero for
// none.
func (s *State) ProfilePrev(party string) statement.Digest {
	leaf, _ := s.latest(objectName(statement.KindProfile, party, ""))
	return leaf
}

func (s *State) latest(object string) (statement.Digest, int64) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	x, _ := last(s.objects[object])
	return x.leaf, x.number
}

// lastOf returns the last statement on the object party/<id>. Genesis is none.
func lastOf(list []holding) (index int64, leaf statement.Digest, ok bool) {
	h, ok := last(list)
	if !ok || h.index == 0 {
		return 0, statement.Digest{}, false
	}
	return h.index, h.leaf, true
}

func (s *State) delegationsTo(party, key string) (list []delegation) {
	for _, d := range s.delegations[party] {
		if d.body.Key.ID() == key {
			list = append(list, d)
		}
	}
	return list
}

// objectName is list/<issuer>/<id>, policy/<issuer>/<id> or profile/<party>. A
// party id may contain a slash and an id does not: no two objects have one name.
func objectName(kind statement.Kind, issuer, id string) string {
	name := string(kind) + "/" + issuer
	if id != "" {
		name += "/" + id
	}
	return name
}

// Object returns the name of the list, policy or profile whose next version a
// statement is, "" for statements of other kinds.
func Object(st *statement.Statement) string { return object(st) }

func object(st *statement.Statement) string {
	switch body := st.Body.(type) {
	case *statement.List:
		return objectName(st.Kind, st.Actor(), body.ID)
	case *statement.Policy:
		return objectName(st.Kind, st.Actor(), body.ID)
	case *statement.Profile:
		return objectName(st.Kind, st.Actor(), "")
	}
	return ""
}

// Parties returns the ids of all parties enrolled below an index, sorted.
func (s *State) Parties(index int64) []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(s.holdings)) {
		if id != statement.Registrar && id != statement.Log && s.holdings[id][0].index < index {
			ids = append(ids, id)
		}
	}
	return ids
}

// KeysAt returns the key set of a party, of [statement.Registrar] or of
// [statement.Log] that stands at an index, without the keys that are void there,
// as far as is known now; false if there is none. It may have fewer keys than its
// threshold.
func (s *State) KeysAt(party string, index int64) (statement.KeySet, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	set := s.now().standing(party, index)
	return set, len(set.Keys) > 0
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
// hash of the last.
func (s *State) Advisories(size int64) statement.Advisories {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := sort.Search(len(s.warnings), func(i int) bool { return s.warnings[i].index >= size })
	if n == 0 {
		return statement.Advisories{}
	}
	return statement.Advisories{Count: int64(n), Last: s.warnings[n-1].leaf}
}

// Warnings returns the advisory entries below a size that may be about the BOM
// of a bom statement, as far as the statement alone can tell (see
// [statement.Advisory.Concerns]), and their issuers, sorted, each once. An issuer
// counts as warning everybody if one of its enrolments below ever let it: which of
// them was in force is for whoever judges the advisory, and an auditor who has not
// seen all of them asks for no more.
func (s *State) Warnings(b *statement.BOM, size int64) (entries []int64, issuers []string) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, w := range s.warnings {
		// Rather one too many: who judges them knows in which role their issuer spoke.
		if w.index < size && w.body.Concerns(b, w.everybody) {
			entries, issuers = append(entries, w.index), append(issuers, w.actor)
		}
	}
	slices.Sort(issuers)
	return entries, slices.Compact(issuers)
}

// Charter returns the entries below a size on which everything rests: genesis
// and every admission, ascending.
func (s *State) Charter(size int64) []int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.charter(size)
}

func (s *State) charter(size int64) (list []int64) {
	if s.genesis != nil && size > 0 {
		list = append(list, 0)
	}
	for _, a := range s.admissions {
		if a.Index < size {
			list = append(list, a.Index)
		}
	}
	return list
}

// Foundation returns the entries below a size on which whatever a party signs
// rests, ascending: genesis and every admission; every keys and revoke of the
// registrar and of the log; every party, keys, delegate, revoke and suspend about
// the party, and those about whoever suspended it. A bundle's history holds them
// all.
func (s *State) Foundation(party string, size int64) []int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := s.charter(size)
	for _, who := range []string{statement.Registrar, statement.Log, party} {
		list = append(list, s.about(who, size)...)
	}
	for _, x := range s.suspensions[party] {
		if x.index < size {
			list = append(append(list, x.index), s.about(x.actor, size)...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// About returns the party, keys, delegate and revoke entries below a size about
// X, ascending.
func (s *State) About(who string, size int64) []int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.about(who, size)
}

func (s *State) about(who string, size int64) []int64 {
	var list []int64
	collect := func(x signing) {
		if x.index < size && x.index > 0 {
			list = append(list, x.index)
		}
	}
	for _, x := range s.holdings[who] {
		collect(x.signing)
	}
	for _, x := range s.delegations[who] {
		collect(x.signing)
	}
	for _, x := range s.revocations[who] {
		collect(x.signing)
	}
	slices.Sort(list)
	return list
}

// Versions returns the entries below a size that are versions of the list, the
// policy or the profile that a statement is a version of, ascending; none for a
// statement of another kind.
func (s *State) Versions(st *statement.Statement, size int64) (list []int64) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, x := range s.objects[object(st)] {
		if x.index < size {
			list = append(list, x.index)
		}
	}
	return list
}

// Acting returns the keys under which the signatures of a statement have to
// verify, as the state is now: for genesis those of its own registrar, for party
// the registrar's and those in its body, for keys those that stand and those in
// its body, for freeze the registrar's and its successor's, for revoke by whom it
// is about every key that it ever had and that is not revoked, for bom the party's
// and its delegates', for status the log's.
// It refuses a statement for another log (STATE-LOG-OTHER) and one by a party
// that is not enrolled (STATE-PARTY-UNKNOWN). The keys are judged again when the
// statement is proposed.
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
	v := s.now()
	stand := func(who string) []envelope.Key { return v.standing(who, everything).Keys }
	actor := st.Actor()
	if body, ok := st.Body.(*statement.Party); ok {
		return slices.Concat(stand(statement.Registrar), body.KeySet.Keys), nil
	}
	if len(s.holdings[actor]) == 0 {
		return nil, refuseParty(actor)
	}
	switch body := st.Body.(type) {
	case *statement.Keys:
		return slices.Concat(stand(actor), body.KeySet.Keys), nil
	case *statement.Revoke:
		if body.Of == actor {
			return s.everKeys(v, body), nil
		}
	case *statement.BOM:
		return slices.Concat(stand(actor), v.delegates(actor)), nil
	case *statement.Freeze:
		return slices.Concat(stand(actor), body.Successor.Registrar.Keys), nil
	}
	return stand(actor), nil
}

// everKeys returns the keys that may sign a revocation for whom it is about: each
// that it ever had and, for a delegate, the delegate's own, unless revoked.
func (s *State) everKeys(v *view, body *statement.Revoke) (keys []envelope.Key) {
	for _, h := range s.holdings[body.Of] {
		for _, k := range h.set.Keys {
			if neverRevoked(v, body.Of, statement.TargetKey, k.ID(), 0) {
				keys = append(keys, k)
			}
		}
	}
	if body.Target == statement.TargetDelegate && neverRevoked(v, body.Of, statement.TargetDelegate, body.Key, 0) {
		for _, d := range s.delegationsTo(body.Of, body.Key) {
			keys = append(keys, d.body.Key)
		}
	}
	return keys
}

// Open takes a submission from its bytes to what the log can be offered: the
// envelope is normalised, the statement parsed, its signatures verified under
// the keys that act. Codes are those of the three steps.
func (s *State) Open(raw []byte) (*Prepared, error) {
	e, err := envelope.Parse(raw)
	if err != nil {
		return nil, err
	}
	st, keys, err := s.actingFor(e)
	if err != nil {
		return nil, err
	}
	v, err := e.Verify(keys...)
	if err != nil {
		return nil, err
	}
	return newPrepared(st, v), nil
}

// OpenLeaf verifies a leaf of a log as an auditor does: exact form, every
// signature good and by a key that acts. The leaf has to be the next one
// applied.
func (s *State) OpenLeaf(leaf []byte) (*Prepared, error) {
	e, err := envelope.ParseLeaf(leaf)
	if err != nil {
		return nil, err
	}
	st, keys, err := s.actingFor(e)
	if err != nil {
		return nil, err
	}
	v, err := envelope.VerifyLeaf(leaf, keys...)
	if err != nil {
		return nil, err
	}
	return newPrepared(st, v), nil
}

// actingFor returns the statement in an envelope and the keys under which its
// signatures have to verify.
func (s *State) actingFor(e *envelope.Envelope) (*statement.Statement, []envelope.Key, error) {
	st, err := statement.Parse(e.Payload())
	if err != nil {
		return nil, nil, err
	}
	keys, err := s.Acting(st)
	return st, keys, err
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

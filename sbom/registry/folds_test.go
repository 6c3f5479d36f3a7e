package registry

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/sbom/statement"
)

// randomNames are the keys that parties may come to have, and the registrar's.
var (
	partyKeys     = []string{"k1", "k2", "k3", "k4", "k5", "p256k"}
	delegateKeys  = []string{"d1", "d2", "k5"}
	registrarKeys = []string{"r1", "r2", "r3", "r4"}
	partyIDs      = []string{"x:a", "x:b", "x:c"}
)

// random makes histories: mostly sensible, often wrong in one place.
type random struct {
	*rand.Rand
	t   testing.TB
	s   *State
	log *slowFold
}

// having returns the names of keys that X has had, or could sign with.
func (r random) having(who string) (now, ever []string) {
	names := partyKeys
	switch who {
	case statement.Registrar:
		names = registrarKeys
	case statement.Log:
		names = []string{"log", "log2"}
	}
	set, _ := r.s.KeysAt(who, r.s.Size())
	for _, n := range names {
		id := key(r.t, n).Key().ID()
		if set.Has(id) {
			now = append(now, n)
		}
		if owner, _ := r.s.KeyOwner(id); owner == who {
			ever = append(ever, n)
		}
	}
	return now, ever
}

// signers returns who signs for X: nearly always enough of those that stand.
func (r random) signers(who string, more ...string) []string {
	now, ever := r.having(who)
	by := some(r.Rand, 9, now...)
	if r.IntN(10) == 0 {
		by = some(r.Rand, 5, ever...)
	}
	if r.IntN(20) == 0 {
		by = append(by, pick(r.Rand, "stranger", "log", "k1", "d1", "r1"))
	}
	by = append(by, more...)
	if len(by) == 0 {
		by = []string{pick(r.Rand, "stranger", "k1", "r1")}
	}
	slices.Sort(by)
	return slices.Compact(by)
}

func (r random) head(who string) statement.Head {
	h := headOf(who)
	if r.IntN(30) == 0 {
		h.Log = "ledger.example/other"
	}
	return h
}

func (r random) prev(last statement.Digest) statement.Digest {
	switch r.IntN(10) {
	case 0:
		return digest("stale")
	case 1:
		return statement.Digest{}
	}
	return last
}

// target returns an index, mostly of an entry of these kinds.
func (r random) target(kinds ...string) int64 {
	var fit []int64
	for i, e := range r.log.log {
		if slices.Contains(kinds, e.kind) {
			fit = append(fit, int64(i))
		}
	}
	if len(fit) == 0 || r.IntN(8) == 0 {
		return int64(r.IntN(len(r.log.log) + 2))
	}
	return pick(r.Rand, fit...)
}

func (r random) leaf() []byte {
	id := pick(r.Rand, partyIDs...)
	if known := r.s.Parties(everything); len(known) > 0 && r.IntN(6) > 0 {
		id = pick(r.Rand, known...)
	}
	t, n := r.t, len(r.log.log)
	switch what := r.IntN(48); {
	case what == 0 && n > 0:
		return pick(r.Rand, r.log.log...).leaf
	case what == 1:
		a := admissionBody()
		now, _ := r.s.AdmissionAt(r.s.Size())
		a.Head, a.Prev = r.head("registrar"), r.prev(now.Leaf)
		a.Limits.BOMBytes = int64(pick(r.Rand, 90, 110, 1000))
		if r.IntN(4) == 0 {
			a.Kinds = slices.DeleteFunc(a.Kinds, func(statement.Kind) bool { return r.IntN(8) == 0 })
		}
		if r.IntN(6) == 0 {
			a.Algorithms = []string{"ed25519"}
		}
		if r.IntN(3) == 0 {
			a.Limits.SpecVersions = []string{"1.6"}
		}
		if len(a.Kinds) == 0 {
			a.Kinds = statement.Admissible()
		}
		return sign(t, a, r.signers("registrar")...)
	case what <= 7:
		return r.party(id)
	case what == 8:
		if r.IntN(2) == 0 {
			return sign(t, genesisBody(t), "r1", "r2")
		}
		return sign(t, statement.Status{
			Head: head(), BOM: digest("b"), Size: 9, Root: digest("r"), About: id, Entries: []int64{2},
		}, "log")
	case what <= 13:
		return r.rotation(pick(r.Rand, id, id, id, statement.Registrar, statement.Log))
	case what <= 15:
		d := delegateBody(t, id, pick(r.Rand, delegateKeys...), pick(r.Rand, nil, nil, []string{"n"}, []string{"other"})...)
		d.Head = r.head(id)
		d.End = d.End.Add(time.Duration(r.IntN(4)-1) * time.Hour)
		d.Prev = r.prev(r.s.DelegatePrev(id, d.Key.ID()))
		return sign(t, d, r.signers(id)...)
	case what <= 20:
		return r.revocation(id)
	case what <= 22:
		who := pick(r.Rand, append(partyIDs, "x:b", statement.Registrar, statement.Registrar)...)
		s := suspendBody(who, id, r.prev(r.s.SuspendPrev(id)), false)
		s.Log = r.head(who).Log
		s.Lifted = !s.Prev.IsZero() && r.IntN(4) > 0
		return sign(t, s, r.signers(who)...)
	case what <= 24:
		who := pick(r.Rand, id, id, statement.Registrar)
		w := withdrawBody(who, r.target("bom", "bom", "advisory", "attestation"))
		w.Head = r.head(who)
		if r.IntN(20) == 0 {
			w.Position.Log = "ledger.example/other"
		}
		return sign(t, w, r.signers(who)...)
	case what <= 26:
		s := statement.Selector{Product: pick(r.Rand, "", "n", "ｎ", "ո", "m"), Party: pick(r.Rand, "", "x:a", "x:m")}
		if s == (statement.Selector{}) {
			s.Part = &statement.Part{Part: "p"}
		}
		a := advisoryBody(id, s)
		a.Head = r.head(id)
		return sign(t, a, r.signers(id)...)
	case what <= 28:
		who := pick(r.Rand, id, statement.Registrar)
		name := pick(r.Rand, "l", "m")
		prev, version := r.s.ListPrev(who, name)
		l := listBody(who, name, 1, r.prev(prev))
		if !l.Prev.IsZero() {
			l.Version = max(2, version+int64(pick(r.Rand, 1, 1, 1, 2)))
		}
		l.Log = r.head(who).Log
		return sign(t, l, r.signers(who)...)
	case what == 29:
		who := pick(r.Rand, id, statement.Registrar)
		a := attestationBody(who)
		a.Head = r.head(who)
		if r.IntN(2) == 0 {
			a.Log = ""
		}
		return sign(t, a, r.signers(who)...)
	case what <= 31:
		who := pick(r.Rand, id, statement.Registrar)
		name := pick(r.Rand, "l", "m")
		prev, number := r.s.PolicyPrev(who, name)
		p := policyBody(who, name, max(1, number+int64(pick(r.Rand, 1, 3, 0, -1))), r.prev(prev))
		p.Log = r.head(who).Log
		return sign(t, p, r.signers(who)...)
	case what <= 33:
		id = r.operator(id)
		v := verdictBody(id)
		v.Head = r.head(id)
		return sign(t, v, r.signers(id)...)
	case what <= 35:
		id = r.operator(id)
		d := decisionBody(id, pick(r.Rand, statement.DecideWaive, statement.DecideWaive, statement.DecideReturn))
		d.Log = r.head(id).Log
		if r.IntN(2) == 0 {
			d.Position = &statement.Position{Log: pick(r.Rand, origin, origin, origin, "ledger.example/other"), Index: r.target("verdict")}
		}
		return sign(t, d, r.signers(id)...)
	case what == 36:
		p := profileBody(id, r.prev(r.s.ProfilePrev(id)))
		p.AsOf = pick(r.Rand, "2026-10-01", "2026-10-02")
		p.Log = r.head(id).Log
		return sign(t, p, r.signers(id)...)
	}
	return r.bom(id)
}

// freeze ends the log, mostly as it has to be.
func (r random) freeze() []byte {
	next := pick(r.Rand, []string{"s1"}, []string{"s1", "s2"}, []string{"r1", "s1"})
	f := freezeBody(r.t, int64(len(r.log.log)+pick(r.Rand, 0, 0, 0, 0, 0, 1, -1)), next...)
	f.Log = r.head(statement.Registrar).Log
	if r.IntN(8) == 0 {
		next = some(r.Rand, 5, next...)
	}
	return sign(r.t, f, r.signers(statement.Registrar, next...)...)
}

// operator returns, mostly, a party that is one, if there is any.
func (r random) operator(id string) string {
	for _, x := range r.s.Parties(everything) {
		if p, ok := r.s.PartyAt(x, everything); ok && slices.Contains(p.Party.Roles, statement.RoleOperator) && r.IntN(6) > 0 {
			return x
		}
	}
	return id
}

// free returns the names of keys that nobody else has.
func (r random) free(id string) (names []string) {
	for _, n := range partyKeys {
		if owner, ok := r.s.KeyOwner(key(r.t, n).Key().ID()); !ok || owner == id {
			names = append(names, n)
		}
	}
	return names
}

func (r random) party(id string) []byte {
	t := r.t
	own := some(r.Rand, 5, r.free(id)...)
	if r.IntN(15) == 0 {
		own = append(own, pick(r.Rand, "r1", "log", "d1"))
	}
	if len(own) == 0 {
		own = []string{pick(r.Rand, partyKeys...)}
	}
	p := partyBody(t, id, 1+r.IntN(len(own)), own...)
	p.Log = r.head(id).Log
	if last, ok := r.s.Party(id); ok != (r.IntN(12) == 0) {
		p.Version, p.Prev = 2, r.prev(r.s.Prev(id))
		if last.Party != nil {
			p.Version = last.Party.Version + int64(pick(r.Rand, 1, 1, 1, 1, 2))
		}
		if p.Prev.IsZero() {
			p.Version = 1
		}
	}
	p.Roles = pick(r.Rand, []string{"vendor"}, []string{"regulator", "vendor"}, []string{"auditor", "vendor"}, []string{"csirt", "vendor"}, []string{"operator"}, []string{"operator", "vendor"})
	p.SpeaksFor = pick(r.Rand, nil, nil, nil, []string{id, "x:m"}, []string{"x:m"})
	if r.IntN(8) == 0 {
		own = some(r.Rand, 5, own...)
	}
	return sign(t, p, r.signers("registrar", own...)...)
}

func (r random) rotation(who string) []byte {
	names := partyKeys
	switch who {
	case statement.Registrar:
		names = registrarKeys
	case statement.Log:
		names = []string{"log", "log2"}
	}
	if r.IntN(10) > 0 && who != statement.Registrar && who != statement.Log {
		names = r.free(who)
	}
	next := some(r.Rand, 4, names...)
	if len(next) == 0 {
		next = []string{pick(r.Rand, append(names, "k1")...)}
	}
	k := keysBody(r.t, who, r.prev(r.s.Prev(who)), 1+r.IntN(len(next)), next...)
	if k.Prev.IsZero() && who != statement.Registrar && who != statement.Log {
		k.Prev = digest("none")
	}
	k.Log = r.head(who).Log
	if r.IntN(8) == 0 {
		next = some(r.Rand, 5, next...)
	}
	return sign(r.t, k, r.signers(who, next...)...)
}

func (r random) revocation(id string) []byte {
	of, target := id, pick(r.Rand, "key", "key", "key", "key", "delegate", "party")
	if target == "party" && r.IntN(3) > 0 {
		target = "key"
	}
	if target == "key" && r.IntN(8) == 0 {
		of = pick(r.Rand, statement.Registrar, statement.Log)
	}
	now, ever := r.having(of)
	name := pick(r.Rand, append(ever, "stranger")...)
	if target == "delegate" {
		name = pick(r.Rand, delegateKeys...)
	}
	from := int64(-1)
	if r.IntN(3) > 0 {
		from = int64(max(0, len(r.log.log)-r.IntN(12)+1))
	}
	who := pick(r.Rand, of, of, statement.Registrar)
	v := revokeBody(r.t, who, target, of, name, from)
	v.Head = r.head(who)
	by := r.signers(who)
	switch r.IntN(6) {
	case 0:
		by = []string{name}
	case 1:
		by = some(r.Rand, 7, ever...)
	case 2:
		by = some(r.Rand, 7, now...)
	}
	if len(by) == 0 {
		by = []string{"stranger"}
	}
	return sign(r.t, v, by...)
}

func (r random) bom(id string) []byte {
	b := bomBody(id, pick(r.Rand, "1", "2", "3"))
	b.Size = int64(pick(r.Rand, 80, 100, 100, 120))
	b.Version = int64(pick(r.Rand, 1, 1, 2))
	b.SerialNumber = pick(r.Rand, b.SerialNumber, b.SerialNumber, "", "urn:uuid:00000000-0000-0000-0000-000000000000")
	if r.IntN(6) == 0 {
		b.SpecVersion, b.MediaType = "1.5", "application/vnd.cyclonedx+json; version=1.5"
	}
	b.Log = r.head(id).Log
	if r.IntN(4) == 0 {
		b.Log = ""
	}
	b.Product = pick(r.Rand, nil, nil, &statement.Product{Name: "n"}, &statement.Product{Name: "n"}, &statement.Product{Name: "n", Maker: "Acme"},
		&statement.Product{Name: "n", Maker: "x:m"}, &statement.Product{Name: "n", Maker: id})
	if r.IntN(10) == 0 {
		b.Disclosure, b.Product = statement.DisclosureHeld, &statement.Product{Commit: digest("c")}
	}
	if r.IntN(3) == 0 {
		b.Supersedes = &statement.Supersedes{
			Position: statement.Position{Log: pick(r.Rand, origin, origin, origin, origin, origin, "ledger.example/other"), Index: r.target("bom")},
			Reason:   pick(r.Rand, "correction", "revision"),
		}
	}
	by := r.signers(id)
	switch r.IntN(8) {
	case 0, 1:
		by = []string{pick(r.Rand, delegateKeys...)}
	case 2:
		by = slices.Compact(append(by, "d1"))
	}
	return sign(r.t, b, by...)
}

// coverage is what random histories came to.
type coverage struct {
	words, admitted, refused map[string]int
}

// fold lets both folds judge the history that the numbers make: they admit the
// same entries, in batches and with drops, and say the same of each at each size.
// Now and then a state made from a snapshot takes over from the guard.
func (c coverage) fold(t testing.TB, numbers *rand.Rand, batches int) {
	clear(leafCache)
	guard, history, slow := New(origin), NewHistory(origin), newSlowFold()
	r := random{numbers, t, guard, slow}
	next := [][]byte{
		sign(t, genesisBody(t), "r1", "r2"), sign(t, admissionBody(), "r1", "r3"),
		sign(t, with(partyBody(t, "x:a", 1, "k1", "k2"), func(p *statement.Party) { p.Roles = []string{"operator", "vendor"} }), "r1", "r2", "k1", "k2"),
		sign(t, with(partyBody(t, "x:b", 2, "k3", "k4"), func(p *statement.Party) { p.Roles = []string{"regulator", "vendor"} }), "r1", "r2", "k3", "k4"),
	}
	for turn := range batches {
		// The end of some logs, and what is said behind it. What comes before draws
		// the numbers that it always drew.
		ending := turn >= batches-4 && r.IntN(5) == 0
		var batch []any
		var read []slowEntry
		for range 1 + r.IntN(3) {
			var leaf []byte
			switch {
			case len(next) > 0:
				leaf, next = next[0], next[1:]
			case ending:
				leaf, ending = r.freeze(), false
			default:
				leaf = r.leaf()
			}
			batch, read = append(batch, mustPrepare(t, leaf)), append(read, slowRead(t, leaf))
		}
		first := int64(len(slow.log))
		if r.IntN(4) == 0 {
			guard.Propose(first, batch)
			guard.Drop()
			equal(t, guard, history.State())
		}
		errs := guard.Propose(first, batch)
		guard.Keep()
		for i, err := range errs {
			want := slow.admits(read[i])
			if (err == nil) != want {
				t.Fatalf("entry %d of kind %s: refused with %v, the slow fold says %t\n%v", len(slow.log), read[i].kind, err, want, read[i].say)
			}
			if err != nil {
				c.refused[codeOf(err)]++
				continue
			}
			if err := history.Apply(int64(len(slow.log)), batch[i].(*Prepared)); err != nil {
				t.Fatalf("replay refuses entry %d: %v", len(slow.log), err)
			}
			slow.append(read[i])
			c.admitted[read[i].kind]++
		}
		if len(slow.log)%3 == 1 { // no number is drawn for it: the histories stay what they are
			guard = restored(t, guard, history.State(), slow)
			r.s = guard
		}
	}
	equal(t, guard, history.State())
	c.compare(t, history, slow)
}

// compare asks both folds everything.
func (c coverage) compare(t testing.TB, history *History, slow *slowFold) {
	log := slow.log
	for n := 0; n <= len(log); n++ {
		for i := range log {
			want, got := slow.standing(i, n), fastStanding(history, i, n)
			if want != got {
				t.Fatalf("standing(%d, %d) = %s, the slow fold says %s", i, n, got, want)
			}
			if s, ok := history.Standing(int64(i), int64(n)); ok && n == len(log) {
				c.words[string(s.Word)]++
			}
			if e := history.entries[int64(i)]; i < n && e.statement != nil {
				newest, ok := history.Newest(e.statement, int64(n))
				if want, is := slow.newest(i, n); ok != is || ok && newest != int64(want) {
					t.Fatalf("the newest version of what entry %d is one of is at %d entry %d %t, the slow fold says %d %t", i, n, newest, ok, want, is)
				}
			}
			if b, ok := historyBOM(history, i); ok && i < n {
				var got []string
				for _, a := range history.Advisories(b, int64(n)) {
					got = append(got, fmt.Sprint(a.Index, a.Everybody))
				}
				if want := slow.advised(i, n); !slices.Equal(want, got) {
					t.Fatalf("advisories about entry %d at %d: %v, the slow fold says %v", i, n, got, want)
				}
			}
		}
		for _, id := range partyIDs {
			var got []int
			for _, i := range history.Suspended(id, int64(n)) {
				got = append(got, int(i))
			}
			if want := slow.suspended(id, n, func(i int) bool { return slow.carried(i, n, slow.void) }); !slices.Equal(want, got) {
				t.Fatalf("%s is suspended at %d by %v, the slow fold says %v", id, n, got, want)
			}
		}
	}
}

func historyBOM(h *History, i int) (*statement.BOM, bool) {
	e, ok := h.entries[int64(i)]
	if !ok {
		return nil, false
	}
	b, ok := e.statement.Body.(*statement.BOM)
	return b, ok
}

// TestTwoFoldsAgree lets the two folds judge random histories. YURAI_CAMPAIGN=1
// judges 10,000.
func TestTwoFoldsAgree(t *testing.T) {
	seeds := 220
	switch {
	case os.Getenv("YURAI_CAMPAIGN") == "1":
		seeds = 10_000
	case testing.Short():
		seeds = 50
	}
	c := coverage{map[string]int{}, map[string]int{}, map[string]int{}}
	for seed := range seeds {
		t.Run(strconv.Itoa(seed), func(t *testing.T) {
			c.fold(t, rand.New(rand.NewPCG(uint64(seed), 2026)), 20)
		})
		if t.Failed() {
			return
		}
	}
	t.Logf("standings %v, admitted %v, refused %v", c.words, c.admitted, c.refused)
	if testing.Short() {
		return
	}
	// The histories reach what they are to judge.
	for _, w := range []Word{Admitted, ValidThen, Superseded, Equivocal, Withdrawn, Void} {
		if c.words[string(w)] < 10 {
			t.Errorf("%d entries are %s: %v", c.words[string(w)], w, c.words)
		}
	}
	if c.admitted["freeze"] < 50 {
		t.Errorf("%d of %d histories are frozen", c.admitted["freeze"], seeds)
	}
	for _, k := range append(statement.Admissible(), statement.KindAdmission) {
		if c.admitted[string(k)] < 50 {
			t.Errorf("%d entries of kind %s in %d histories", c.admitted[string(k)], k, seeds)
		}
	}
	for _, code := range []string{
		"STATE-ALGORITHM-CLOSED", "STATE-BOM-LIMIT", "STATE-DELEGATE-ENDED", "STATE-DELEGATE-SCOPE", "STATE-GENESIS-SECOND",
		"STATE-INVALID-FROM", "STATE-KEY-REVOKED", "STATE-KEY-STANDING", "STATE-KEY-TAKEN", "STATE-KIND-CLOSED", "STATE-KIND-NEVER",
		"STATE-LIST-VERSION", "STATE-LOG-OTHER", "STATE-PARTY-REVOKED", "STATE-PARTY-UNKNOWN", "STATE-PARTY-VERSION",
		"STATE-POSITION-INDEX", "STATE-POSITION-LOG", "STATE-POSSESSION-MISSING", "STATE-PREV-STALE", "STATE-PREV-UNKNOWN",
		"STATE-ROLE-MISSING", "STATE-SPEAKS-FOR", "STATE-SPEC-CLOSED", "STATE-SUSPENSION-NONE", "STATE-TARGET-UNKNOWN", "STATE-THRESHOLD-SHORT",
		"STATE-POLICY-VERSION", "STATE-WAIVER-SINGLE", "STATE-FREEZE-SIZE", "STATE-LOG-FROZEN",
	} {
		if c.refused[code] == 0 {
			t.Errorf("no history reaches %s", code)
		}
	}
}

// FuzzTwoFolds searches for a history on which the folds disagree: the bytes are
// the choices that the history is made by. Maps make coverage waver: run it with
// -fuzzminimizetime 1x.
func FuzzTwoFolds(f *testing.F) {
	for i := range 8 {
		f.Add([]byte(strings.Repeat(string(rune('a'+i)), 40+i)))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c := coverage{map[string]int{}, map[string]int{}, map[string]int{}}
		c.fold(t, rand.New(&choices{raw: raw}), 12)
	})
}

// choices gives the bytes back eight at a time, then numbers that follow from
// how many there were.
type choices struct {
	raw  []byte
	more uint64
}

func (c *choices) Uint64() (n uint64) {
	if len(c.raw) == 0 {
		c.more = c.more*6364136223846793005 + 1442695040888963407
		return c.more
	}
	take := min(2, len(c.raw))
	for _, b := range c.raw[:take] {
		n = n<<8 | uint64(b)
	}
	c.raw, c.more = c.raw[take:], c.more+n
	return n<<48 | n<<16
}

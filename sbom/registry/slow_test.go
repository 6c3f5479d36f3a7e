package registry

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yurai-ledger/yurai/sbom/statement"
)

// The second fold: slow, obvious, written from the text of the formats, sharing
// no code with the first. It keeps every admitted leaf as parsed JSON and scans
// all of them for each question.

type slowEntry struct {
	kind    string
	subject string
	say     map[string]any // the predicate
	keys    []string       // key ids that signed
	leaf    []byte
	whole   string // payload and signers
}

func slowRead(t testing.TB, leaf []byte) slowEntry {
	t.Helper()
	d := takeApart(t, leaf)
	raw, err := base64.StdEncoding.DecodeString(d.Payload)
	if err != nil {
		t.Fatal(err)
	}
	var st struct {
		Subject []struct {
			Digest map[string]string `json:"digest"`
		} `json:"subject"`
		PredicateType string         `json:"predicateType"`
		Predicate     map[string]any `json:"predicate"`
	}
	if err := json.Unmarshal(raw, &st); err != nil {
		t.Fatal(err)
	}
	e := slowEntry{
		kind:    strings.Split(st.PredicateType, "/")[5],
		subject: st.Subject[0].Digest["sha256"], say: st.Predicate, leaf: leaf,
	}
	for _, s := range d.Signatures {
		e.keys = append(e.keys, s.KeyID)
	}
	e.whole = d.Payload + " " + strings.Join(e.keys, " ")
	return e
}

func (e slowEntry) text(name string) string { s, _ := e.say[name].(string); return s }
func (e slowEntry) num(name string) float64 { n, _ := e.say[name].(float64); return n }

func (e slowEntry) list(name string) (out []string) {
	all, _ := e.say[name].([]any)
	for _, x := range all {
		out = append(out, x.(string))
	}
	return out
}

func (e slowEntry) hash() string {
	h := sha256.Sum256(append([]byte{0}, e.leaf...))
	return "sha256:" + hex.EncodeToString(h[:])
}

// same: one payload, one set of signers.
func (e slowEntry) same(o slowEntry) bool { return e.whole == o.whole }

// keySetOf reads {"keys": …, "threshold": …}: key ids with algorithms.
func keySetOf(x any) (ids []string, algorithms map[string]string, threshold int) {
	m := x.(map[string]any)
	algorithms = map[string]string{}
	for _, k := range m["keys"].([]any) {
		der, _ := base64.StdEncoding.DecodeString(k.(map[string]any)["spki"].(string))
		h := sha256.Sum256(der)
		id := hex.EncodeToString(h[:])
		ids = append(ids, id)
		algorithms[id] = k.(map[string]any)["algorithm"].(string)
	}
	return ids, algorithms, int(m["threshold"].(float64))
}

type slowLog []slowEntry

// find returns the last entry that fits.
func (l slowLog) find(fits func(slowEntry) bool) (slowEntry, bool) {
	for i := len(l) - 1; i >= 0; i-- {
		if fits(l[i]) {
			return l[i], true
		}
	}
	return slowEntry{}, false
}

// effective leaves out the entries that repeat an earlier one.
func (l slowLog) effective() (out slowLog) {
	for i, e := range l {
		if l[:i].first(e) < 0 {
			out = append(out, e)
		}
	}
	return out
}

func (l slowLog) first(e slowEntry) int {
	for i, o := range l {
		if o.same(e) {
			return i
		}
	}
	return -1
}

func count(have, want []string) (n int) {
	for _, x := range have {
		if slices.Contains(want, x) {
			n++
		}
	}
	return n
}

// admits says whether the entry may come next.
func (l slowLog) admits(e slowEntry) bool {
	if e.kind == "status" || (len(l) == 0) != (e.kind == "genesis") {
		return false
	}
	if e.text("log") != origin && (e.kind != "bom" || e.text("log") != "") {
		return false
	}
	genesis := e
	if len(l) > 0 {
		genesis = l[0]
	}
	founders := genesis.say["parties"].(map[string]any)
	registrar, _, quorum := keySetOf(founders["registrar"])
	logKeys, _, _ := keySetOf(founders["log"])
	live := l.effective()
	admission, open := live.find(func(o slowEntry) bool { return o.kind == "admission" })
	switch e.kind {
	case "genesis":
		return count(e.keys, registrar) == len(e.keys) && len(e.keys) >= quorum
	case "admission":
		if count(e.keys, registrar) != len(e.keys) || len(e.keys) < quorum {
			return false
		}
		if l.first(e) >= 0 {
			return true
		}
		return !open && e.text("prev") == "" || open && e.text("prev") == admission.hash()
	case "party":
		own, algorithms, _ := keySetOf(e.say["keySet"])
		if !open || !slices.Contains(admission.list("kinds"), "party") || count(e.keys, registrar) < quorum ||
			count(e.keys, own) != len(own) || count(e.keys, append(slices.Clone(own), registrar...)) != len(e.keys) {
			return false
		}
		checkpoint := checkpointID()
		for _, id := range own {
			if !slices.Contains(admission.list("algorithms"), algorithms[id]) || id == checkpoint ||
				slices.Contains(registrar, id) || slices.Contains(logKeys, id) {
				return false
			}
			for _, o := range live {
				if o.kind == "party" && o.text("id") != e.text("id") {
					if theirs, _, _ := keySetOf(o.say["keySet"]); slices.Contains(theirs, id) {
						return false
					}
				}
			}
		}
		if l.first(e) >= 0 {
			return true
		}
		before, known := live.find(func(o slowEntry) bool { return o.kind == "party" && o.text("id") == e.text("id") })
		if !known {
			return e.text("prev") == ""
		}
		return e.text("prev") == before.hash() && e.num("version") == before.num("version")+1
	case "bom":
		actor := e.list("party")[0]
		party, known := live.find(func(o slowEntry) bool { return o.kind == "party" && o.text("id") == actor })
		if !open || !known || !slices.Contains(admission.list("kinds"), "bom") || !slices.Contains(party.list("roles"), "vendor") {
			return false
		}
		own, algorithms, threshold := keySetOf(party.say["keySet"])
		if count(e.keys, own) != len(e.keys) || len(e.keys) < threshold {
			return false
		}
		for _, id := range e.keys {
			if !slices.Contains(admission.list("algorithms"), algorithms[id]) {
				return false
			}
		}
		limits := slowEntry{say: admission.say["limits"].(map[string]any)}
		if e.num("size") > limits.num("bomBytes") || !slices.Contains(limits.list("specVersions"), e.text("specVersion")) {
			return false
		}
		speaksFor := party.list("speaksFor")
		if speaksFor == nil {
			speaksFor = []string{actor}
		}
		spoken := actor
		if p, ok := e.say["product"].(map[string]any); ok {
			if m, _ := p["maker"].(string); strings.HasPrefix(m, "x:") {
				spoken = m
			}
		}
		if !slices.Contains(speaksFor, spoken) {
			return false
		}
		if s, ok := e.say["supersedes"].(map[string]any); ok {
			at := s["position"].(map[string]any)
			return at["log"] == origin && int(at["index"].(float64)) < len(l)
		}
		return true
	}
	return false
}

func checkpointID() string {
	spki, err := x509.MarshalPKIXPublicKey(ed25519.NewKeyFromSeed(checkpointSeed).Public())
	if err != nil {
		panic(err)
	}
	id := sha256.Sum256(spki)
	return hex.EncodeToString(id[:])
}

// standing says in one line what is to be said of entry i at size n.
func (l slowLog) standing(i, n int) string {
	if i >= n || l[i].kind != "bom" {
		return "none"
	}
	first := l.first(l[i])
	e := l[first]
	var equivocal, followers []string
	word := "admitted"
	for j := 0; j < n; j++ {
		o := l[j]
		if l.first(o) != j || o.kind != "bom" || o.list("party")[0] != e.list("party")[0] {
			continue
		}
		if s, ok := o.say["supersedes"].(map[string]any); ok {
			target := int(s["position"].(map[string]any)["index"].(float64))
			if l.first(l[target]) == first {
				followers = append(followers, fmt.Sprint(j, s["reason"]))
			}
		}
		if o.text("serialNumber") != "" && o.text("serialNumber") == e.text("serialNumber") && o.num("version") == e.num("version") && o.subject != e.subject {
			equivocal = append(equivocal, fmt.Sprint(j))
		}
	}
	if len(followers) > 0 {
		word = "superseded"
	}
	if len(equivocal) > 0 {
		word = "equivocal"
	}
	return fmt.Sprint(word, first, equivocal, followers)
}

func fastStanding(h *History, i, n int) string {
	s, ok := h.Standing(int64(i), int64(n))
	if !ok {
		return "none"
	}
	var equivocal, followers []string
	for _, x := range s.Equivocal {
		equivocal = append(equivocal, fmt.Sprint(x))
	}
	for _, f := range s.Followers {
		followers = append(followers, fmt.Sprint(f.Index, f.Reason))
	}
	return fmt.Sprint(string(s.Word), s.First, equivocal, followers)
}

// some returns each name with the given odds in ten, in order.
func some(r *rand.Rand, odds int, names ...string) (out []string) {
	for _, n := range names {
		if r.IntN(10) < odds {
			out = append(out, n)
		}
	}
	return out
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// randomLeaf makes the next submission: mostly sensible, often wrong in one place.
func randomLeaf(t testing.TB, r *rand.Rand, s *State, log slowLog) []byte {
	registrars := some(r, 8, "r1", "r2", "r3")
	if r.IntN(12) == 0 {
		registrars = append(registrars, pick(r, "stranger", "log", "k1"))
	}
	wrongLog := func(h *statement.Head) {
		if r.IntN(25) == 0 {
			h.Log = "ledger.example/other"
		}
	}
	prev := func(last statement.Digest) statement.Digest {
		switch r.IntN(8) {
		case 0:
			return digest("stale")
		case 1:
			return statement.Digest{}
		}
		return last
	}
	if len(registrars) == 0 {
		registrars = []string{"r2"}
	}
	names := []string{"k1", "k2", "k3", "k4", "k5", "p256k"}
	id := pick(r, "x:a", "x:b", "x:c")
	switch what := r.IntN(20); {
	case what == 0 && len(log) > 0:
		return pick(r, log...).leaf
	case what <= 2:
		a := admissionBody()
		if now, ok := s.AdmissionAt(s.Size()); ok {
			a.Prev = prev(now.Leaf)
		} else {
			a.Prev = prev(statement.Digest{})
		}
		a.Limits.BOMBytes = int64(pick(r, 90, 110, 1000))
		if r.IntN(6) == 0 {
			a.Kinds = []statement.Kind{pick(r, statement.KindBOM, statement.KindParty)}
		}
		if r.IntN(4) == 0 {
			a.Algorithms = []string{"ed25519"}
		}
		if r.IntN(4) == 0 {
			a.Limits.SpecVersions = []string{"1.6"}
		}
		wrongLog(&a.Head)
		return sign(t, a, registrars...)
	case what <= 8:
		own := some(r, 3, names...)
		if r.IntN(15) == 0 {
			own = append(own, pick(r, "r1", "log"))
		}
		if len(own) == 0 {
			own = []string{pick(r, names...)}
		}
		p := partyBody(t, id, 1+r.IntN(len(own)), own...)
		last, ok := s.Party(id)
		if r.IntN(8) == 0 {
			ok = !ok
			last.Leaf = digest("stale")
		}
		if ok {
			p.Version, p.Prev = 2, last.Leaf
			if last.Party != nil {
				p.Version = last.Party.Version + int64(pick(r, 1, 1, 1, 1, 2))
			}
		}
		p.Roles = pick(r, []string{"vendor"}, []string{"vendor"}, []string{"auditor", "vendor"}, []string{"operator"})
		p.SpeaksFor = pick(r, nil, nil, []string{id, "x:m"}, []string{"x:m"})
		wrongLog(&p.Head)
		by := append(registrars, own...)
		if r.IntN(8) == 0 {
			by = append(registrars, some(r, 5, own...)...)
		}
		slices.Sort(by)
		return sign(t, p, slices.Compact(by)...)
	case what == 9 && r.IntN(3) == 0:
		return sign(t, genesisBody(t), "r1", "r2")
	case what == 9:
		return sign(t, statement.Status{
			Head: head(), BOM: digest("b"), Size: 9, Root: digest("r"), About: id, Entries: []int64{2},
		}, "log")
	}
	b := bomBody(id, pick(r, "1", "2", "3"))
	b.Size = int64(pick(r, 80, 100, 120))
	b.Version = int64(pick(r, 1, 1, 2))
	b.SerialNumber = pick(r, b.SerialNumber, "", "urn:uuid:00000000-0000-0000-0000-000000000000")
	if r.IntN(4) == 0 {
		b.SpecVersion, b.MediaType = "1.5", "application/vnd.cyclonedx+json; version=1.5"
	}
	b.Log = pick(r, origin, origin, origin, "")
	wrongLog(&b.Head)
	b.Product = pick(r, nil, nil, &statement.Product{Name: "n"}, &statement.Product{Name: "n", Maker: "Acme"},
		&statement.Product{Name: "n", Maker: "x:m"}, &statement.Product{Name: "n", Maker: id})
	if r.IntN(3) == 0 {
		b.Supersedes = &statement.Supersedes{
			Position: statement.Position{Log: pick(r, origin, origin, origin, origin, "ledger.example/other"), Index: int64(r.IntN(len(log) + 2))},
			Reason:   pick(r, "correction", "revision"),
		}
	}
	var own []string
	if e, ok := s.Party(id); ok && r.IntN(8) > 0 {
		for _, n := range names {
			if e.Party.KeySet.Has(key(t, n).Key().ID()) && r.IntN(6) > 0 {
				own = append(own, n)
			}
		}
	}
	if len(own) == 0 || r.IntN(12) == 0 {
		own = append(own, pick(r, "stranger", "r1"))
	}
	return sign(t, b, own...)
}

// TestTwoFoldsAgree lets the two folds judge random histories: they admit the
// same entries, in batches and with drops, and say the same of each at each size.
func TestTwoFoldsAgree(t *testing.T) {
	seeds := 200
	if testing.Short() {
		seeds = 50
	}
	words, admitted, refused := map[string]int{}, map[string]int{}, map[string]int{}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(uint64(seed), 2026))
		guard, history := New(origin), NewHistory(origin)
		var log slowLog
		next := [][]byte{sign(t, genesisBody(t), "r1", "r2"), sign(t, admissionBody(), "r1", "r3")}
		for range 18 {
			var batch []any
			var read []slowEntry
			for range 1 + r.IntN(3) {
				var leaf []byte
				if len(next) > 0 {
					leaf, next = next[0], next[1:]
				} else {
					leaf = randomLeaf(t, r, guard, log)
				}
				batch, read = append(batch, mustPrepare(t, leaf)), append(read, slowRead(t, leaf))
			}
			if r.IntN(4) == 0 {
				guard.Propose(int64(len(log)), batch)
				guard.Drop()
			}
			errs := guard.Propose(int64(len(log)), batch)
			guard.Keep()
			for i, err := range errs {
				want := log.admits(read[i])
				if (err == nil) != want {
					t.Fatalf("seed %d, entry %d of kind %s: refused with %v, the slow fold says %t\n%v", seed, len(log), read[i].kind, err, want, read[i].say)
				}
				if err != nil {
					refused[codeOf(err)]++
					continue
				}
				if err := history.Apply(int64(len(log)), batch[i].(*Prepared)); err != nil {
					t.Fatalf("seed %d: replay refuses entry %d: %v", seed, len(log), err)
				}
				log = append(log, read[i])
				admitted[read[i].kind]++
			}
		}
		equal(t, guard, history.State())
		for n := 0; n <= len(log); n++ {
			for i := range log {
				want, got := log.standing(i, n), fastStanding(history, i, n)
				if want != got {
					t.Fatalf("seed %d: standing(%d, %d) = %s, the slow fold says %s", seed, i, n, got, want)
				}
				words[strings.TrimRight(strings.Fields(got)[0], "0123456789")]++
			}
		}
	}
	// The histories reach what they are to judge.
	for _, w := range []string{"admitted", "superseded", "equivocal", "none"} {
		if words[w] == 0 {
			t.Errorf("no entry is %s: %v", w, words)
		}
	}
	for _, k := range []string{"admission", "party", "bom"} {
		if admitted[k] < seeds {
			t.Errorf("%d entries of kind %s in %d histories", admitted[k], k, seeds)
		}
	}
	codes := []string{}
	for c := range refused {
		codes = append(codes, c)
	}
	slices.Sort(codes)
	want := []string{
		"STATE-ALGORITHM-CLOSED", "STATE-BOM-LIMIT", "STATE-GENESIS-SECOND", "STATE-KEY-STANDING", "STATE-KEY-TAKEN",
		"STATE-KIND-CLOSED", "STATE-KIND-NEVER", "STATE-LOG-OTHER", "STATE-PARTY-UNKNOWN", "STATE-PARTY-VERSION",
		"STATE-POSITION-INDEX", "STATE-POSITION-LOG", "STATE-POSSESSION-MISSING", "STATE-PREV-STALE", "STATE-PREV-UNKNOWN",
		"STATE-ROLE-MISSING", "STATE-SPEAKS-FOR", "STATE-SPEC-CLOSED", "STATE-THRESHOLD-SHORT",
	}
	if diff := cmp.Diff(want, codes); diff != "" && !testing.Short() {
		t.Errorf("refusals that the histories reach: -want +got\n%s", diff)
	}
}

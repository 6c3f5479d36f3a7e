package registry

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/yurai-ledger/yurai/sbom"
)

// The second fold: slow, obvious, written from the text of the formats, sharing
// no code with the first but the table of look-alike letters. It keeps every admitted leaf as parsed JSON and scans
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

// slowFold is the log so far. chains remembers what chain found: what is below a
// size never changes.
type slowFold struct {
	log    []slowEntry
	chains map[string][]int
	firsts map[string]int // payload and signers → first entry
}

func newSlowFold() *slowFold {
	return &slowFold{chains: map[string][]int{}, firsts: map[string]int{}}
}

func (l *slowFold) append(e slowEntry) {
	if _, ok := l.firsts[e.whole]; !ok {
		l.firsts[e.whole] = len(l.log)
	}
	l.log = append(l.log, e)
}

// first returns the first entry that is the same, -1 if there is none.
func (l *slowFold) first(e slowEntry) int {
	if i, ok := l.firsts[e.whole]; ok {
		return i
	}
	return -1
}

// last returns the last entry that fits and repeats none.
func (l *slowFold) last(fits func(slowEntry) bool) (slowEntry, bool) {
	for i := len(l.log) - 1; i >= 0; i-- {
		if l.first(l.log[i]) == i && fits(l.log[i]) {
			return l.log[i], true
		}
	}
	return slowEntry{}, false
}

func count(have, want []string) (n int) {
	for _, x := range have {
		if slices.Contains(want, x) {
			n++
		}
	}
	return n
}

func without(list []string, drop func(string) bool) []string {
	return slices.DeleteFunc(slices.Clone(list), drop)
}

// slowSet is a key set.
type slowSet struct {
	ids        []string
	algorithms map[string]string
	threshold  int
}

func setOf(x any) slowSet {
	ids, algorithms, threshold := keySetOf(x)
	return slowSet{ids, algorithms, threshold}
}

// gives returns the key set that an entry gives to X, if it gives one.
func (e slowEntry) gives(who string) (slowSet, bool) {
	switch {
	case e.kind == "genesis" && (who == "registrar" || who == "log"):
		return setOf(e.say["parties"].(map[string]any)[who]), true
	case e.kind == "party" && e.text("id") == who, e.kind == "keys" && e.actor() == who:
		return setOf(e.say["keySet"]), true
	}
	return slowSet{}, false
}

func (e slowEntry) actor() string {
	p := e.list("party")
	return p[len(p)-1]
}

// invalidFrom is the earliest effective invalidFrom among the first n entries.
func (l *slowFold) invalidFrom(of, target, key string, n int) (from int, revoked bool) {
	for i, e := range l.log[:n] {
		if e.kind != "revoke" || e.text("of") != of || e.text("target") != "party" && (e.text("key") != key || e.text("target") != target && e.text("target") != "key") {
			continue
		}
		at := i
		if x, ok := e.say["invalidFrom"]; ok {
			at = int(x.(float64))
		}
		if !revoked || at < from {
			from, revoked = at, true
		}
	}
	return from, revoked
}

func (l *slowFold) void(of, target, key string, i, n int) bool {
	from, revoked := l.invalidFrom(of, target, key, n)
	return revoked && i >= from
}

func (l *slowFold) revoked(of, target, key string, n int) bool {
	_, revoked := l.invalidFrom(of, target, key, n)
	return revoked
}

// chain returns the entries that give X its key sets, of the first n, without
// those that fall.
func (l *slowFold) chain(who string, n int) []int {
	id := fmt.Sprint(who, n)
	if c, ok := l.chains[id]; ok {
		return c
	}
	var c []int
	for i, e := range l.log[:n] {
		if _, ok := e.gives(who); !ok || l.first(e) != i {
			continue
		}
		ok := e.kind == "genesis"
		switch e.kind {
		case "party": // the registrar's word
			ok = l.speaks("registrar", i, n, e.keys, l.void)
		case "keys":
			if len(c) > 0 {
				before, _ := l.log[c[len(c)-1]].gives(who)
				ok = count(without(e.keys, func(k string) bool { return l.void(who, "key", k, i, n) }), before.ids) >= before.threshold
			}
		}
		if ok {
			c = append(c, i)
		}
	}
	l.chains[id] = c
	return c
}

// setAt is the key set of X in force at i, as the first n entries have it.
func (l *slowFold) setAt(who string, i, n int) (set slowSet, ok bool) {
	for _, at := range l.chain(who, n) {
		if at < i {
			set, ok = l.log[at].gives(who)
		}
	}
	return set, ok
}

// speaks says whether the keys that are not bad reach the threshold of X at i.
func (l *slowFold) speaks(who string, i, n int, keys []string, bad func(of, target, key string, i, n int) bool) bool {
	set, ok := l.setAt(who, i, n)
	return ok && count(without(keys, func(k string) bool { return bad(who, "key", k, i, n) }), set.ids) >= set.threshold
}

// delegation is the last delegate entry of X on a key below i that does not fall.
func (l *slowFold) delegation(who, key string, i, n int) (slowEntry, bool) {
	for j := min(i, n) - 1; j >= 0; j-- {
		if e := l.log[j]; e.kind == "delegate" && e.actor() == who && e.subject == key && l.first(e) == j && l.speaks(who, j, n, e.keys, l.void) {
			return e, true
		}
	}
	return slowEntry{}, false
}

// covers: scope and end of a delegate entry let this bom be.
func (e slowEntry) covers(bom slowEntry) bool {
	scope := slowEntry{say: e.say["scope"].(map[string]any)}
	name := ""
	if p, ok := bom.say["product"].(map[string]any); ok {
		name, _ = p["name"].(string)
	}
	products := scope.list("products")
	return (products == nil || name != "" && slices.Contains(products, name)) && bom.text("made") <= e.text("end")
}

// carried says whether entry i stands on keys that are not bad.
func (l *slowFold) carried(i, n int, bad func(of, target, key string, i, n int) bool) bool {
	e := l.log[i]
	switch e.kind {
	case "genesis", "revoke":
		return true
	case "party":
		return l.speaks("registrar", i, n, e.keys, bad)
	case "suspend":
		if !l.plays(e.actor(), i, n, "regulator") {
			return false
		}
	case "advisory":
		if !l.plays(e.actor(), i, n, "regulator", "csirt", "vendor") {
			return false
		}
	case "attestation":
		if !l.plays(e.actor(), i, n, "auditor", "laboratory") {
			return false
		}
	case "verdict", "decision":
		if !l.plays(e.actor(), i, n, "operator") {
			return false
		}
	case "bom":
		party, _ := l.enrolledAt(e.actor(), i, n)
		if !l.plays(e.actor(), i, n, "vendor") || !party.speaksFor(e) {
			return false
		}
		for _, k := range e.keys {
			if d, ok := l.delegation(e.actor(), k, i, n); ok && d.covers(e) && !bad(e.actor(), "delegate", k, i, n) {
				return true
			}
		}
	}
	if e.text("what") == "waive" {
		good := without(e.keys, func(k string) bool { return bad(e.actor(), "key", k, i, n) })
		if set, _ := l.setAt(e.actor(), i, n); count(good, set.ids) < 2 {
			return false
		}
	}
	return l.speaks(e.actor(), i, n, e.keys, bad)
}

// stand returns the keys of X that may sign the next entry, and the threshold.
func (l *slowFold) stand(who string) (slowSet, bool) {
	n := len(l.log)
	set, ok := l.setAt(who, n, n)
	set.ids = without(set.ids, func(k string) bool { return l.revoked(who, "key", k, n) })
	return set, ok
}

// owner says whose a key is, for ever.
func (l *slowFold) owner(key string) string {
	if len(l.log) > 0 && key == checkpointID() {
		return "checkpoint"
	}
	for _, e := range l.log {
		for _, who := range []string{"registrar", "log", "x:a", "x:b", "x:c"} {
			if set, ok := e.gives(who); ok && slices.Contains(set.ids, key) {
				return who
			}
		}
	}
	return ""
}

// object names what an entry with prev speaks on.
func (e slowEntry) object() string {
	switch e.kind {
	case "admission":
		return "admission"
	case "party":
		return "party/" + e.text("id")
	case "keys":
		return "party/" + e.actor()
	case "delegate":
		return "delegate/" + e.actor() + "/" + e.subject
	case "suspend":
		return "suspend/" + e.text("about")
	case "list", "policy":
		return e.kind + "/" + e.actor() + "/" + e.text("id")
	case "profile":
		return "profile/" + e.actor()
	}
	return ""
}

// enrolledAt is the party entry of X in force at i that, as the first n entries
// have it, does not fall.
func (l *slowFold) enrolledAt(who string, i, n int) (out slowEntry, ok bool) {
	for _, at := range l.chain(who, n) {
		if at < i && l.log[at].kind == "party" {
			out, ok = l.log[at], true
		}
	}
	return out, ok
}

// enrolment is the party entry of X in force now.
func (l *slowFold) enrolment(who string) (slowEntry, bool) {
	return l.enrolledAt(who, len(l.log), len(l.log))
}

// plays: the registrar, or a party in one of these roles.
func (l *slowFold) plays(who string, i, n int, roles ...string) bool {
	party, ok := l.enrolledAt(who, i, n)
	return who == "registrar" || ok && count(roles, party.list("roles")) > 0
}

// speaksFor: a party may say this of the maker that a bom names.
func (e slowEntry) speaksFor(bom slowEntry) bool {
	makers := e.list("speaksFor")
	if makers == nil {
		makers = []string{bom.actor()}
	}
	spoken := bom.actor()
	if p, ok := bom.say["product"].(map[string]any); ok {
		if m, _ := p["maker"].(string); strings.HasPrefix(m, "x:") {
			spoken = m
		}
	}
	return slices.Contains(makers, spoken)
}

// known says whether somebody was ever enrolled.
func (l *slowFold) known(who string) bool {
	for _, e := range l.log {
		if _, ok := e.gives(who); ok {
			return true
		}
	}
	return false
}

// admits says whether the entry may come next.
func (l *slowFold) admits(e slowEntry) bool {
	n := len(l.log)
	if e.kind == "status" || (n == 0) != (e.kind == "genesis") {
		return false
	}
	if e.text("log") != origin && (e.kind != "bom" && e.kind != "attestation" || e.text("log") != "") {
		return false
	}
	if _, over := l.last(func(o slowEntry) bool { return o.kind == "freeze" }); over {
		return false
	}
	if e.kind == "genesis" {
		set, _ := e.gives("registrar")
		return count(e.keys, set.ids) == len(e.keys) && len(e.keys) >= set.threshold
	}
	registrar, _ := l.stand("registrar")
	admission, open := l.last(func(o slowEntry) bool { return o.kind == "admission" })
	if e.kind != "admission" && e.kind != "freeze" && (!open || !slices.Contains(admission.list("kinds"), e.kind)) {
		return false
	}
	algorithm := func(a string) bool { return slices.Contains(admission.list("algorithms"), a) }
	// inOrder: idle, or prev is the last statement on the object.
	inOrder := func(version bool) bool {
		if l.first(e) >= 0 {
			return true
		}
		before, ok := l.last(func(o slowEntry) bool { return o.object() == e.object() })
		if !ok {
			return e.text("prev") == ""
		}
		if e.text("prev") != before.hash() {
			return false
		}
		if version {
			before, ok = l.last(func(o slowEntry) bool { return o.object() == e.object() && o.kind == e.kind })
			rises := e.kind == "policy" && e.num("version") > before.num("version")
			return !ok || rises || e.num("version") == before.num("version")+1
		}
		return true
	}
	// newKeys: nobody else's, not revoked, of an admitted algorithm.
	newKeys := func(who string, set slowSet) bool {
		for _, id := range set.ids {
			if o := l.owner(id); o != "" && o != who || l.revoked(who, "key", id, n) || !algorithm(set.algorithms[id]) {
				return false
			}
		}
		return true
	}
	// spoken: the registrar, or a party in one of the roles, spoke with its threshold.
	spoken := func(roles ...string) bool {
		who := e.actor()
		set, ok := l.stand(who)
		if !ok || count(e.keys, set.ids) != len(e.keys) || len(e.keys) < set.threshold {
			return false
		}
		if who == "registrar" {
			return true
		}
		party, ok := l.enrolment(who)
		if !ok || len(roles) > 0 && count(roles, party.list("roles")) == 0 {
			return false
		}
		for _, k := range e.keys {
			if !algorithm(set.algorithms[k]) {
				return false
			}
		}
		return true
	}
	reaches := func(name string) bool {
		var m any = e.say
		for _, part := range strings.Split(name, ".") {
			m = m.(map[string]any)[part]
			if m == nil {
				return true
			}
		}
		at := m.(map[string]any)
		return at["log"] == origin && int(at["index"].(float64)) < n
	}
	switch e.kind {
	case "admission":
		return count(e.keys, registrar.ids) == len(e.keys) && len(e.keys) >= registrar.threshold && inOrder(false)
	case "freeze":
		next := setOf(e.say["successor"].(map[string]any)["registrar"])
		both := append(slices.Clone(next.ids), registrar.ids...)
		return count(e.keys, registrar.ids) >= registrar.threshold && registrar.threshold > 0 && count(e.keys, next.ids) == len(next.ids) &&
			count(e.keys, both) == len(e.keys) && int(e.num("size")) == n
	case "party":
		own := setOf(e.say["keySet"])
		return count(e.keys, registrar.ids) >= registrar.threshold && count(e.keys, own.ids) == len(own.ids) &&
			count(e.keys, append(slices.Clone(own.ids), registrar.ids...)) == len(e.keys) &&
			newKeys(e.text("id"), own) && !l.revoked(e.text("id"), "party", "", n) && inOrder(true)
	case "keys":
		who := e.actor()
		old, _ := l.stand(who)
		next := setOf(e.say["keySet"])
		fresh := without(next.ids, func(k string) bool { return slices.Contains(old.ids, k) })
		return l.known(who) && old.threshold > 0 && count(e.keys, old.ids) >= old.threshold && count(e.keys, next.ids) >= next.threshold &&
			count(e.keys, fresh) == len(fresh) && count(e.keys, append(slices.Clone(old.ids), next.ids...)) == len(e.keys) &&
			newKeys(who, next) && inOrder(false)
	case "delegate":
		k := e.say["key"].(map[string]any)["algorithm"].(string)
		return spoken() && algorithm(k) && !slices.Contains([]string{"checkpoint", "registrar", "log", e.actor()}, l.owner(e.subject)) &&
			!l.revoked(e.actor(), "delegate", e.subject, n) && inOrder(false)
	case "suspend":
		if !spoken("regulator") || !l.known(e.text("about")) {
			return false
		}
		if l.first(e) < 0 && e.say["lifted"] == true {
			open := l.suspended(e.text("about"), n, func(i int) bool { return l.carried(i, n, l.void) })
			if !slices.ContainsFunc(open, func(i int) bool { return e.actor() == "registrar" || e.actor() == l.log[i].actor() }) {
				return false
			}
		}
		return inOrder(false)
	case "withdraw":
		return spoken() && reaches("position")
	case "advisory":
		return e.actor() != "registrar" && spoken("regulator", "csirt", "vendor")
	case "list":
		return spoken() && inOrder(true)
	case "attestation":
		return spoken("auditor", "laboratory")
	case "policy":
		return spoken() && inOrder(true)
	case "profile":
		return spoken() && inOrder(false)
	case "verdict":
		return spoken("operator")
	case "decision":
		return spoken("operator") && (e.text("what") != "waive" || len(e.keys) >= 2) && reaches("position")
	case "revoke":
		of, target, key := e.text("of"), e.text("target"), e.text("key")
		from := n
		if x, ok := e.say["invalidFrom"]; ok {
			from = int(x.(float64))
		}
		_, delegated := l.last(func(o slowEntry) bool { return o.kind == "delegate" && o.actor() == of && o.subject == key })
		if from > n || target == "party" && !l.known(of) || target == "key" && l.owner(key) != of || target == "delegate" && !delegated {
			return false
		}
		if e.actor() != of {
			return count(e.keys, registrar.ids) == len(e.keys) && len(e.keys) >= registrar.threshold
		}
		self := false
		for _, k := range e.keys {
			own := l.owner(k) == of && !l.revoked(of, "key", k, n)
			theirs := target == "delegate" && k == key && !l.revoked(of, "delegate", k, n)
			if !own && !theirs {
				return false
			}
			if k == key && (theirs || target == "key") {
				self = true
			}
		}
		if self && from == n {
			return true
		}
		for _, at := range l.chain(of, n) {
			if set, ok := l.log[at].gives(of); ok && count(without(e.keys, func(k string) bool { return l.revoked(of, "key", k, n) }), set.ids) >= set.threshold {
				return true
			}
		}
		return false
	case "bom":
		actor := e.actor()
		party, known := l.enrolment(actor)
		if !known || !slices.Contains(party.list("roles"), "vendor") {
			return false
		}
		set, _ := l.stand(actor)
		enough := count(e.keys, set.ids) >= set.threshold
		for _, k := range e.keys {
			own := slices.Contains(set.ids, k)
			d, theirs := l.delegation(actor, k, n, n)
			theirs = theirs && !l.revoked(actor, "delegate", k, n)
			if !own && (!theirs || !d.covers(e)) {
				return false
			}
			if theirs && d.covers(e) {
				enough = true
			}
			a := set.algorithms[k]
			if theirs {
				a = d.say["key"].(map[string]any)["algorithm"].(string)
			}
			if !algorithm(a) {
				return false
			}
		}
		limits := slowEntry{say: admission.say["limits"].(map[string]any)}
		if !enough || e.num("size") > limits.num("bomBytes") || !slices.Contains(limits.list("specVersions"), e.text("specVersion")) {
			return false
		}
		return party.speaksFor(e) && reaches("supersedes.position")
	}
	return false
}

// suspended returns the suspensions of a party that nobody lifted, among the
// first n entries and those that count.
func (l *slowFold) suspended(about string, n int, counts func(int) bool) []int {
	open := map[string]int{}
	for i, e := range l.log[:n] {
		if e.kind != "suspend" || e.text("about") != about || l.first(e) != i || !counts(i) {
			continue
		}
		if e.say["lifted"] == nil {
			open[e.actor()] = i
		} else if e.actor() == "registrar" {
			open = map[string]int{}
		} else {
			delete(open, e.actor())
		}
	}
	return slices.Sorted(maps.Values(open))
}

func checkpointID() string {
	spki, err := x509.MarshalPKIXPublicKey(ed25519.NewKeyFromSeed(checkpointSeed).Public())
	if err != nil {
		panic(err)
	}
	id := sha256.Sum256(spki)
	return hex.EncodeToString(id[:])
}

// withdrawn returns the entries that take entry i back, at size n.
func (l *slowFold) withdrawn(i, n int) (out []string) {
	for j, e := range l.log[:n] {
		if e.kind != "withdraw" || l.first(e) != j || !slices.Contains([]string{"bom", "advisory", "attestation"}, l.log[i].kind) {
			continue
		}
		target := l.first(l.log[int(e.say["position"].(map[string]any)["index"].(float64))])
		if target == i && (e.actor() == "registrar" || e.actor() == l.log[i].actor()) && l.carried(j, n, l.void) {
			out = append(out, fmt.Sprint(j))
		}
	}
	return out
}

// ever reports that a key is revoked at any index.
// newest returns the last entry below n that is a version of the list, policy or
// profile that entry i is one of, says something, and is not void there.
func (l *slowFold) newest(i, n int) (at int, ok bool) {
	e := l.log[i]
	if e.kind != "list" && e.kind != "policy" && e.kind != "profile" {
		return 0, false
	}
	for j := 0; j < n; j++ {
		if o := l.log[j]; o.object() == e.object() && l.first(o) == j && l.carried(j, n, l.void) {
			at, ok = j, true
		}
	}
	return at, ok
}

func (l *slowFold) ever(of, target, key string, _, n int) bool { return l.revoked(of, target, key, n) }

// standing says in one line what is to be said of entry i at size n.
func (l *slowFold) standing(i, n int) string {
	if i >= n {
		return "none"
	}
	first := l.first(l.log[i])
	e := l.log[first]
	var equivocal, settled, followers []string
	word := "admitted"
	then := !l.carried(first, n, l.ever)
	if then {
		word = "valid then"
	}
	for j := 0; j < n && e.kind == "bom"; j++ {
		o := l.log[j]
		if l.first(o) != j || o.kind != "bom" || o.list("party")[0] != e.list("party")[0] {
			continue
		}
		void := !l.carried(j, n, l.void)
		if s, ok := o.say["supersedes"].(map[string]any); ok && !void {
			target := int(s["position"].(map[string]any)["index"].(float64))
			if l.first(l.log[target]) == first {
				followers = append(followers, fmt.Sprint(j, s["reason"]))
			}
		}
		if o.text("serialNumber") != "" && o.text("serialNumber") == e.text("serialNumber") && o.num("version") == e.num("version") && o.subject != e.subject {
			if void || len(l.withdrawn(j, n)) > 0 {
				settled = append(settled, fmt.Sprint(j))
			} else {
				equivocal = append(equivocal, fmt.Sprint(j))
			}
		}
	}
	if len(followers) > 0 {
		word = "superseded"
	}
	if len(equivocal) > 0 {
		word = "equivocal"
	}
	withdrawn := l.withdrawn(first, n)
	if len(withdrawn) > 0 {
		word = "withdrawn"
	}
	if !l.carried(first, n, l.void) {
		word, then = "void", false
	}
	return fmt.Sprint(word, " ", first, equivocal, settled, followers, withdrawn, then)
}

func fastStanding(h *History, i, n int) string {
	s, ok := h.Standing(int64(i), int64(n))
	if !ok {
		return "none"
	}
	text := func(list []int64) (out []string) {
		for _, x := range list {
			out = append(out, fmt.Sprint(x))
		}
		return out
	}
	var followers []string
	for _, f := range s.Followers {
		followers = append(followers, fmt.Sprint(f.Index, f.Reason))
	}
	return fmt.Sprint(string(s.Word), " ", s.First, text(s.Equivocal), text(s.Settled), followers, text(s.Withdrawals), s.Then)
}

// advised returns the advisories that may be about bom entry i at size n.
func (l *slowFold) advised(i, n int) (out []string) {
	b := l.log[i]
	product, _ := b.say["product"].(map[string]any)
	maker, _ := product["maker"].(string)
	for j, e := range l.log[:n] {
		if e.kind != "advisory" || l.first(e) != j || !l.carried(j, n, l.void) || len(l.withdrawn(j, n)) > 0 {
			continue
		}
		everybody := false
		for _, at := range l.chain(e.actor(), n) {
			if p := l.log[at]; at < j && p.kind == "party" {
				everybody = count([]string{"regulator", "csirt"}, p.list("roles")) > 0
			}
		}
		if !everybody && e.actor() != b.actor() {
			continue
		}
		s := slowEntry{say: e.say["selector"].(map[string]any)}
		if product["commit"] == nil {
			if p := s.text("party"); p != "" && p != b.actor() && p != maker {
				continue
			}
			if p := s.text("product"); p != "" && !slices.ContainsFunc([]string{"name", "gtin", "cpe", "purl"}, func(member string) bool {
				own, _ := product[member].(string)
				return slowAlike(own, p)
			}) {
				continue
			}
		}
		out = append(out, fmt.Sprint(j, everybody))
	}
	return out
}

// slowAlike reports whether two names are alike or look alike: they agree in the
// form of full and half width, or in what a reader of Latin takes them for,
// neither in case.
func slowAlike(a, b string) bool {
	wide := func(s string) string { return strings.TrimSpace(norm.NFKC.String(s)) }
	return a != "" && (strings.EqualFold(wide(a), wide(b)) || strings.EqualFold(sbom.Skeleton(a), sbom.Skeleton(b)))
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

package policy

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/yurai-ledger/yurai/sbom/list"
	"github.com/yurai-ledger/yurai/sbom/origin"
)

// listing is what a list says of a party.
type listing struct {
	matches []list.Match // best first
	looked  bool         // everything that names the party could be compared
	key     string       // list and party
}

// similarity is a name that is alike and not the same.
type similarity struct {
	pointer string
	told    string // as the BOM names the party
	listed  string // as the list does
	score   int    // per mille
	list    *listValue
}

// equal returns the first match that is no mere likeness.
func (l listing) equal() (list.Match, bool) {
	for _, m := range l.matches {
		if m.By != list.BySimilar {
			return m, true
		}
	}
	return list.Match{}, false
}

// listed tells whether a party is on a list.
//
// It is true if a row has its id, or its name after folding. Turned around, as by
// a list of what is allowed, a row by its id counts, and one by its name only if
// the row gives no id: a name is easily borrowed. It is false only if the party is
// told without contradiction, with a name that can be compared and, if rows of the
// list give ids, with an id: else who leaves out the one that is listed would be
// cleared by the other. A maintainer or an operator, of whom a BOM has an id and
// no name, needs no name if every row gives an id. A name that is alike is unknown,
// and noted.
func (v *evaluation) listed(p *origin.Party, l *listValue) (origin.Answer, listing) {
	q := list.Query{At: v.at.Time, Least: l.input.Fuzzy}
	for _, w := range p.IDs {
		q.IDs = append(q.IDs, w.Value)
	}
	for _, w := range p.Names {
		q.Names = append(q.Names, w.Value)
	}
	found := v.find(q, l)
	if _, ok := found.equal(); ok {
		a := origin.Answer{Truth: True}
		for _, m := range found.matches {
			words := p.IDs
			if m.By == list.ByName {
				words = p.Names
			}
			a.Firm = a.Firm || m.By != list.BySimilar && p.State == origin.Stated && words[0].Strength >= v.least &&
				(m.By == list.ByID || m.Row.ID == "") && strictly(m.Row, v.at.Time)
		}
		v.matched = l
		return a, found
	}
	if len(found.matches) > 0 {
		if truth, ok := v.assumed[found.key]; ok {
			return origin.Answer{Truth: truth, Firm: true}, found
		}
		best := found.matches[0]
		if v.alike == nil || best.Score > v.alike.score {
			v.alike = &similarity{told: closest(q.Names, best.Name), listed: best.Name, score: best.Score, list: l}
		}
		if !slices.Contains(v.alikes, found.key) {
			v.alikes = append(v.alikes, found.key)
		}
		return origin.Answer{}, found
	}
	named := len(p.Names) > 0 || l.every && (p.Role == origin.RoleMaintainer || p.Role == origin.RoleOperator)
	clear := found.looked && p.State == origin.Stated && named && (len(p.IDs) > 0 || !l.ids)
	for _, w := range slices.Concat(p.IDs, p.Names) {
		clear = clear && w.State == origin.Stated && w.Strength >= v.least
	}
	if clear {
		return origin.Answer{Truth: False}, found
	}
	return origin.Answer{}, found
}

// hinges reports whether the value of an expression that is unknown depends on
// names that are alike: whether it would not be the same whatever became of them.
// Then it holds, and not where they stand beside something that decides.
func (a *activation) hinges(p *program) bool {
	v := a.in
	defer func(alike *similarity, trace *[]AnswerSeen) { v.assumed, v.alike, v.trace = nil, alike, trace }(v.alike, v.trace)
	v.trace = nil
	for {
		n := len(v.alikes)
		if n > maxAlike {
			return true
		}
		var first Truth
		for mask := range 1 << n {
			v.assumed = make(map[string]Truth, n)
			for i, key := range v.alikes[:n] {
				v.assumed[key] = False
				if mask&(1<<i) != 0 {
					v.assumed[key] = True
				}
			}
			value, _ := a.eval(p)
			if mask == 0 {
				first = value
			} else if value != first {
				return true
			}
		}
		if len(v.alikes) == n {
			return false
		}
	}
}

// find looks in a list, once for each party that is named alike.
func (v *evaluation) find(q list.Query, l *listValue) listing {
	key := l.input.Name + "\x00" + strings.Join(q.IDs, "\x00") + "\x00\x00" + strings.Join(q.Names, "\x00")
	if found, ok := v.listings[key]; ok {
		return found
	}
	found := listing{key: key}
	found.matches, found.looked = l.list.Find(q)
	v.listings[key] = found
	return found
}

// strictly reports whether a row counts at an instant wherever on earth one is.
// To find somebody listed it may count longer, see [list.Row.On]; to clear
// somebody by a list it may not.
func strictly(r *list.Row, at time.Time) bool {
	return (r.From.IsZero() || !at.Before(r.From.Add(12*time.Hour))) &&
		(r.Until.IsZero() || at.Before(r.Until.Add(10*time.Hour)))
}

// closest returns the name that is most like the listed one.
func closest(names []string, listed string) string {
	best, most := "", -1
	fold := list.Fold(listed)
	for _, n := range names {
		if score := list.Score(list.Fold(n), fold); score > most {
			best, most = n, score
		}
	}
	return best
}

// saw tells what was found.
func (l listing) saw(of *listValue) []Saw {
	var out []Saw
	for _, m := range l.matches[:min(len(l.matches), 3)] {
		out = append(out, Saw{Pointer: fmt.Sprintf("%s:%d", of.input.List, m.Row.Line), What: string(m.By), Value: m.Name, Score: m.Score})
	}
	return out
}

// lists gives the inputs of type list their values, and notes which have none
// and why.
func (v *evaluation) lists(given map[string]Reference) {
	for _, def := range v.policy.Inputs {
		if def.Type != "list" {
			continue
		}
		r, ok := given[def.Name]
		if fault := fit(def, r, v.at.Time); !ok || fault != "" {
			v.lacking[def.Name] = lack{"POLICY-LIST-ABSENT", Text{EN: "is not at hand", JA: "が手元にありません"}}
			if fault == "POLICY-LIST-STALE" {
				v.lacking[def.Name] = lack{fault, stale(def, r, v.at.Time)}
			}
			continue
		}
		l := &listValue{opaque: opaque{listType}, input: def, list: r.List}
		l.every = true
		for i := range r.List.Rows {
			l.ids = l.ids || r.List.Rows[i].ID != ""
			l.every = l.every && r.List.Rows[i].ID != ""
		}
		v.input.values[def.Name] = l
	}
}

// fit returns why a list cannot be used as an input, "" if it can. A list that
// was published after the time of judgement, but for a day, has no age.
func fit(def Input, r Reference, at time.Time) string {
	switch {
	case r.List == nil, r.ID != "" && r.ID != def.List:
		return "POLICY-LIST-ABSENT"
	case r.Date.IsZero(), def.MaxAge > 0 && at.Sub(r.Date) > def.MaxAge, r.Date.Sub(at) > 24*time.Hour:
		return "POLICY-LIST-STALE"
	}
	return ""
}

func stale(def Input, r Reference, at time.Time) Text {
	day := r.Date.UTC().Format(time.DateOnly)
	switch {
	case r.Date.IsZero():
		return Text{EN: "has no date", JA: "に日付がありません"}
	case r.Date.After(at):
		return Text{EN: "is of " + day + ", after the time of judgement", JA: "は判定時点より後の" + day + "付です"}
	}
	return Text{
		EN: fmt.Sprintf("is of %s, older than %s", day, hours(def.MaxAge)),
		JA: fmt.Sprintf("は%s付で、許される古さ%sを超えています", day, hours(def.MaxAge)),
	}
}

func hours(d time.Duration) string { return fmt.Sprintf("%dh", int64(d/time.Hour)) }

// used names the lists that the rules which apply were judged by.
func (v *evaluation) used(given map[string]Reference) []ListUsed {
	out := []ListUsed{}
	for _, def := range v.policy.Inputs {
		r := given[def.Name]
		if def.Type != "list" || !v.mentioned[def.Name] || fit(def, r, v.at.Time) == "POLICY-LIST-ABSENT" {
			continue
		}
		u := ListUsed{Input: def.Name, ID: def.List, SHA256: hex.EncodeToString(r.List.Digest[:])}
		if !r.Date.IsZero() {
			u.Date = r.Date.UTC().Format(time.RFC3339)
		}
		out = append(out, u)
	}
	return out
}

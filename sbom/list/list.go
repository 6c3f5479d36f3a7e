package list

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// Row is one party on a list.
type Row struct {
	Line    int    // one-based, of the row's first line
	ID      string // party id, scheme:value; "" if the list gives none
	Name    string // as written
	Aliases []string
	Country string    // as written; display only
	From    time.Time // first day (UTC); zero is always
	Until   time.Time // last day (UTC); zero is for ever
	Source  string    // which list, where a file holds several
	Note    string
}

// On reports whether the row counts at an instant. A day counts wherever on
// earth it is that day, so that a row counts rather too long than too short.
func (r *Row) On(at time.Time) bool {
	return (r.From.IsZero() || !at.Before(r.From.Add(-14*time.Hour))) &&
		(r.Until.IsZero() || at.Before(r.Until.Add(36*time.Hour)))
}

// List is one parsed list. It does not change and is safe for concurrent use.
type List struct {
	Digest [32]byte // SHA-256 of the raw bytes
	Form   string   // "csv" or "csl"
	Rows   []Row

	byID   map[string][]int
	byText map[string][]place
	names  []entry
	briefs []brief // of names
}

type place struct{ row, name int }

type entry struct {
	place
	name Name
}

// DigestString returns the digest of the raw bytes as sha256:<hex>.
func (l *List) DigestString() string { return "sha256:" + hex.EncodeToString(l.Digest[:]) }

// By says what a match rests on.
type By string

// The grounds of a match, strongest first.
const (
	ByID      By = "id"      // the party's id
	ByName    By = "name"    // a name that is the same after folding
	BySimilar By = "similar" // a name that is alike
)

// overrides are the characters that turn letters round for whoever reads them.
const overrides = "\u202d\u202e"

// Match is a row that speaks of a party.
type Match struct {
	Row   *Row
	By    By
	Name  string // name or alias of the row, as written; its id if by id
	Score int    // per mille; 1000 by id or name
}

// Query is a party to look for.
type Query struct {
	IDs   []string
	Names []string
	At    time.Time
	Least int // least score of a name that is alike, per mille, 1 to 1000
}

// Find returns the rows that speak of a party, best first, each row once, and
// whether everything that was asked for could be compared: looked is false if
// neither id nor name was given, or a name is not comparable, or is shown in
// another order than it is written in. Then no match does not mean that the party
// is not on the list.
func (l *List) Find(q Query) (matches []Match, looked bool) {
	best := make(map[int]Match)
	add := func(row int, by By, name string, score int) {
		if !l.Rows[row].On(q.At) {
			return
		}
		if m, ok := best[row]; !ok || score > m.Score || score == m.Score && by == ByID {
			best[row] = Match{&l.Rows[row], by, name, score}
		}
	}
	looked = len(q.IDs)+len(q.Names) > 0
	for _, id := range q.IDs {
		for _, row := range l.byID[id] {
			add(row, ByID, id, 1000)
		}
	}
	for _, written := range q.Names {
		name := Fold(written)
		if !name.Comparable() {
			looked = false
			continue
		}
		looked = looked && !strings.ContainsAny(written, overrides)
		for _, at := range l.byText[name.text] {
			add(at.row, ByName, l.written(at), 1000)
		}
		if q.Least > 1000 {
			continue
		}
		asked := name.brief()
		for i, b := range l.briefs {
			if !possible(asked, b, q.Least) {
				continue
			}
			e := &l.names[i]
			if score := Score(name, e.name); score >= q.Least && score < 1000 {
				add(e.row, BySimilar, l.written(e.place), score)
			}
		}
	}
	for _, m := range best {
		matches = append(matches, m)
	}
	slices.SortFunc(matches, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(rankOf(a.By), rankOf(b.By)), cmp.Compare(a.Row.Line, b.Row.Line))
	})
	return matches, looked
}

func rankOf(b By) int { return slices.Index([]By{ByID, ByName, BySimilar}, b) }

func (l *List) written(at place) string {
	if at.name == 0 {
		return l.Rows[at.row].Name
	}
	return l.Rows[at.row].Aliases[at.name-1]
}

// index prepares what Find looks in. It refuses a row without a name that can
// be compared.
func (l *List) index(raw []byte) error {
	l.Digest = sha256.Sum256(raw)
	l.byID, l.byText = make(map[string][]int), make(map[string][]place)
	total := 0
	for i := range l.Rows {
		total += 1 + len(l.Rows[i].Aliases)
	}
	if total > maxNames {
		return refuse("LIST-SIZE-EXCEEDED", 0, "the list has %d names, more than %d", total, maxNames)
	}
	l.names = make([]entry, 0, total)
	for i := range l.Rows {
		row := &l.Rows[i]
		if row.ID != "" {
			l.byID[row.ID] = append(l.byID[row.ID], i)
		}
		for k, written := range append([]string{row.Name}, row.Aliases...) {
			name := Fold(written)
			if !name.Comparable() {
				// An alias of nothing but punctuation is none; any other would be
				// lost without a word.
				if k > 0 && len(written) <= maxName {
					continue
				}
				return refuse("LIST-NAME-INVALID", row.Line, "%s is no name that can be compared", quote(written))
			}
			l.byText[name.text] = append(l.byText[name.text], place{i, k})
			l.names = append(l.names, entry{place{i, k}, name})
			l.briefs = append(l.briefs, name.brief())
		}
	}
	return nil
}

package server

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/index"
)

// asked is what a search was for.
type asked struct {
	Kind      statement.Kind `json:"kind"` // of the statements that are sought
	Party     string         `json:"party,omitzero"`
	About     string         `json:"about,omitzero"`
	Product   string         `json:"product,omitzero"`
	Serial    string         `json:"serial,omitzero"`
	Maker     string         `json:"maker,omitzero"`
	Part      string         `json:"part,omitzero"`
	Component string         `json:"component,omitzero"`
	Digest    string         `json:"digest,omitzero"`
	Name      string         `json:"name,omitzero"`
	Role      string         `json:"role,omitzero"`
	Entry     *int64         `json:"entry,omitzero"`
	Advisory  *int64         `json:"advisory,omitzero"`
}

// question is a search as it was asked.
type question struct {
	asked
	names []string // of what is asked for, beside the kind; sorted
	after int64    // entries at or below are left out; -1 is none
	limit int
}

// defaultPage is the limit of a search that states none.
const defaultPage = 100

// searchable returns the kinds of statements that searches find.
func searchable() []statement.Kind {
	return append(statement.Admissible(), statement.KindGenesis, statement.KindAdmission, statement.KindFreeze)
}

// questions says of which kinds what can be asked, by the names in the query.
var questions = map[string][]statement.Kind{
	"": searchable(), "party": searchable(),
	"about": {
		statement.KindBOM, statement.KindParty, statement.KindKeys, statement.KindDelegate, statement.KindRevoke,
		statement.KindSuspend, statement.KindAdvisory, statement.KindAttestation, statement.KindProfile,
	},
	"product":    {statement.KindBOM, statement.KindAdvisory},
	"serial":     {statement.KindBOM},
	"maker":      {statement.KindBOM},
	"part":       {statement.KindBOM, statement.KindAdvisory},
	"maker part": {statement.KindBOM, statement.KindAdvisory},
	"component":  {statement.KindBOM},
	"digest": {
		statement.KindBOM, statement.KindAdvisory, statement.KindAttestation, statement.KindList, statement.KindPolicy,
		statement.KindVerdict, statement.KindDecision,
	},
	"name":     {statement.KindParty, statement.KindList, statement.KindPolicy},
	"role":     {statement.KindParty},
	"entry":    {statement.KindBOM, statement.KindWithdraw, statement.KindDecision},
	"advisory": {statement.KindBOM},
}

// roles are those that a party can have.
var roles = []string{
	statement.RoleAuditor, statement.RoleCSIRT, statement.RoleLaboratory, statement.RoleOperator, statement.RoleRegulator, statement.RoleVendor,
}

// readQuestion reads the query of an address. Each name comes at most once, none
// is unknown, and numbers are written in one way. Without a kind it is for BOMs.
// SERVER-QUERY-MALFORMED.
func readQuestion(raw string) (question, error) {
	q := question{asked: asked{Kind: statement.KindBOM}, after: -1, limit: defaultPage}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return q, refuse("SERVER-QUERY-MALFORMED", "the query cannot be decoded")
	}
	texts := map[string]*string{
		"kind": (*string)(&q.Kind), "party": &q.Party, "about": &q.About, "product": &q.Product, "serial": &q.Serial,
		"maker": &q.Maker, "part": &q.Part, "component": &q.Component, "digest": &q.Digest, "name": &q.Name, "role": &q.Role,
	}
	limit := int64(defaultPage)
	entry, advisory := int64(-1), int64(-1)
	numbers := map[string]*int64{"after": &q.after, "limit": &limit, "entry": &entry, "advisory": &advisory}
	for name, list := range values {
		if len(list) != 1 {
			return q, refuse("SERVER-QUERY-MALFORMED", "the query has %.40q %d times", name, len(list))
		}
		text := list[0]
		if to := texts[name]; to != nil {
			if text == "" || len(text) > maxTermText || !utf8.ValidString(text) {
				return q, refuse("SERVER-QUERY-MALFORMED", "%s is not 1 to %d bytes of UTF-8", name, maxTermText)
			}
			*to = text
		} else if to := numbers[name]; to != nil {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil || n < 0 || strconv.FormatInt(n, 10) != text {
				return q, refuse("SERVER-QUERY-MALFORMED", "%s is %.40q, not a whole number", name, text)
			}
			*to = n
		} else {
			return q, refuse("SERVER-QUERY-MALFORMED", "the query has an unknown name %.40q", name)
		}
		if !slices.Contains([]string{"kind", "after", "limit"}, name) {
			q.names = append(q.names, name)
		}
	}
	if limit < 1 || limit > maxPage {
		return q, refuse("SERVER-QUERY-MALFORMED", "limit is %d, not 1 to %d", limit, maxPage)
	}
	q.limit = int(limit)
	if entry >= 0 {
		q.Entry = &entry
	}
	if advisory >= 0 {
		q.Advisory = &advisory
	}
	slices.Sort(q.names)
	return q, q.check(values.Has("kind"))
}

// check refuses what cannot be asked for.
func (q *question) check(kinded bool) error {
	kinds, ok := questions[strings.Join(q.names, " ")]
	switch {
	case !slices.Contains(searchable(), q.Kind):
		return refuse("SERVER-QUERY-MALFORMED", "kind %.40q is none that is searched for", q.Kind)
	case len(q.names) == 0 && !kinded:
		return refuse("SERVER-QUERY-MALFORMED", "the query asks for nothing")
	case !ok:
		return refuse("SERVER-QUERY-MALFORMED", "the query asks for several things at once")
	case !slices.Contains(kinds, q.Kind):
		return refuse("SERVER-QUERY-MALFORMED", "statements of kind %s are not found by %s", q.Kind, strings.Join(q.names, " and "))
	case q.Role != "" && !slices.Contains(roles, q.Role):
		return refuse("SERVER-QUERY-MALFORMED", "role is %.40q, none of %s", q.Role, strings.Join(roles, ", "))
	}
	for _, d := range []struct{ name, text string }{{"component", q.Component}, {"digest", q.Digest}} {
		if d.text == "" {
			continue
		}
		if _, err := ledger.ParseHash(d.text); err != nil {
			return refuse("SERVER-QUERY-MALFORMED", "%s is %.80q, not sha256: and 64 lower-case hexadecimal digits", d.name, d.text)
		}
	}
	return nil
}

// sought returns what a question is for, in the log of size entries.
func (s *Server) sought(q question, size int64) (sought, error) {
	if q.Advisory != nil {
		return s.selected(*q.Advisory, size)
	}
	what := q.sought()
	what.hidden = q.Kind == statement.KindBOM && (q.Product != "" || q.About != "")
	return what, nil
}

func (q *question) sought() sought {
	var digest statement.Digest
	if text := q.Digest + q.Component; text != "" {
		d, _ := ledger.ParseHash(text) // checked when it was read
		digest = statement.Digest(d)
	}
	bom := q.Kind == statement.KindBOM
	switch {
	case q.Party != "":
		return byTerms(termSaid(index.SaidParty, q.Kind, q.Party))
	case q.About != "":
		return byTerms(termSaid(index.SaidAbout, q.Kind, q.About))
	case q.Product != "":
		return byTerms(termNamed(index.SaidProduct, q.Kind, q.Product))
	case q.Serial != "":
		return byTerms(termSaid(index.SaidSerial, q.Kind, q.Serial))
	case q.Part != "" && q.Maker != "" && bom:
		return byContents(termInsidePart(q.Maker, q.Part))
	case q.Part != "" && q.Maker != "": // an advisory that names no maker speaks of anybody's
		return byTerms(termSaidPart(q.Kind, q.Maker, q.Part), termSaidPart(q.Kind, "", q.Part))
	case q.Part != "" && bom:
		return byContents(termInside(index.InsidePart, q.Part))
	case q.Part != "":
		return byTerms(termNamed(index.SaidPart, q.Kind, q.Part))
	case q.Maker != "":
		return byContents(termInside(index.InsideMaker, q.Maker))
	case q.Component != "":
		return byContents(termInsideDigest(digest))
	case q.Digest != "" && bom:
		return byTerms(termDigest(digest))
	case q.Digest != "":
		return byTerms(termSaid(index.SaidDigest, q.Kind, string(digest[:])))
	case q.Name != "":
		return byTerms(termNamed(index.SaidName, q.Kind, q.Name))
	case q.Role != "":
		return byTerms(termSaid(index.SaidRole, q.Kind, q.Role))
	case q.Entry != nil:
		return byTerms(termSaidEntry(q.Kind, *q.Entry))
	}
	return byTerms(termSaid(index.SaidKind, q.Kind, ""))
}

// selected returns what finds the BOMs that the advisory at an index selects, as
// verdicts judge it. Whether it stands, and is in force, it leaves to them. The
// terms are those of what is most particular about it.
func (s *Server) selected(at, size int64) (sought, error) {
	if at >= size {
		return sought{}, refuse("SERVER-ENTRY-ABSENT", "the log of %d entries has no entry %d", size, at)
	}
	e, err := s.lookups.read(at)
	if err != nil {
		return sought{}, err
	}
	a, ok := e.statement.Body.(*statement.Advisory)
	if !ok {
		return sought{}, refuse("SERVER-QUERY-MALFORMED", "entry %d is no advisory, but of kind %s", at, e.statement.Kind)
	}
	// A vendor warns of its own products. Where its enrolment fell: rather too many.
	by, known := s.state.PartyAt(e.party, at)
	everybody := !known || slices.Contains(by.Party.Roles, statement.RoleRegulator) || slices.Contains(by.Party.Roles, statement.RoleCSIRT)
	judge := func(e *foundEntry, doc *sbom.Document) verdict {
		if e.said == nil || !everybody && e.said.Party[0] != a.Party[0] {
			return miss
		}
		selects, sure := receiving.Selects(a.Selector, e.said, doc)
		switch {
		case !selects:
			return miss
		case !sure:
			return maybe
		}
		return hit
	}
	const bom = statement.KindBOM
	sel := a.Selector
	q := sought{leaf: func(e *foundEntry) bool { return judge(e, nil) == hit }, inside: judge}
	switch {
	case !sel.Digest.IsZero():
		q.terms = []index.Term{termInsideDigest(sel.Digest)}
	case sel.Part != nil && sel.Part.Maker == "":
		q.terms = []index.Term{termInside(index.InsidePart, sel.Part.Part)}
	case sel.Part != nil:
		q.terms = []index.Term{termInsidePart(sel.Part.Maker, sel.Part.Part), termInsidePart("", sel.Part.Part)}
	case sel.Product != "":
		q.terms, q.inside, q.hidden = []index.Term{termNamed(index.SaidProduct, bom, sel.Product)}, nil, true
	default:
		q.terms, q.inside, q.hidden = []index.Term{termSaid(index.SaidAbout, bom, sel.Party)}, nil, true
	}
	return q, nil
}

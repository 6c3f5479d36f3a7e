package receiving

import (
	"strings"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
	"github.com/yurai-ledger/yurai/sbom/policy"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// advised returns whether an advisory of a severity is in force, at the time of
// judgement, against a component or service of a document. Against the product
// is each that selects the BOM, against any other component each that names it, by
// its bytes or as a part, and selects the BOM. What is in a linked BOM is in each
// that leads to it: the advisories of all of them are asked. Without a usable
// status of one there may be others: then none is false.
func (j *judge) advised(doc *sbom.Document) func(s *origin.Subject, severity string) origin.Answer {
	if j.ev == nil {
		return nil
	}
	if _, ok := j.ev.Statement.Body.(*statement.BOM); !ok {
		return nil
	}
	inForce := map[*judge]*warned{j: j.warned(doc)}
	// By what stands before their pointers: the document's own, and those linked.
	places := map[string]*asked{"": newAsked(j.paper(doc), inForce[j])}
	for name, v := range j.linked {
		if v.doc == nil {
			continue
		}
		w := v.judge.warned(v.doc)
		inForce[v.judge] = w
		places[name] = newAsked(v.judge.paper(v.doc), w)
	}
	for by, w := range inForce {
		for v := range by.reached() {
			if p := places[v.name]; p != nil {
				p.name(w)
			}
		}
	}
	return func(s *origin.Subject, severity string) origin.Answer {
		p := places[s.Document]
		if p == nil {
			return origin.Answer{}
		}
		return p.answer(s, severity)
	}
}

// warned are the advisories in force, at the time of judgement, that select the
// BOM of a judge, and whether there may be more.
type warned struct {
	force   []statement.Advisory
	selects []policy.Truth // of each; none is false
	vouched bool
}

func (j *judge) warned(doc *sbom.Document) *warned {
	w := &warned{vouched: j.vouched}
	if j.ev == nil {
		return w
	}
	if _, ok := j.ev.Statement.Body.(*statement.BOM); !ok {
		return w
	}
	own, within := j.paper(doc), j.within()
	for _, a := range j.ev.Advisories {
		body := a.Advisory
		if body.Effective.After(j.r.At) || !body.Expires.IsZero() && !j.r.At.Before(body.Expires) {
			continue
		}
		if hit := matches(body.Selector, own, within...); hit != policy.False {
			w.force, w.selects = append(w.force, *body), append(w.selects, hit)
		}
	}
	return w
}

// asked is a document of which it is asked what advisories are against.
type asked struct {
	paper   paper
	own     *warned
	vouched bool              // that there are no others, by the status of each that may have some
	pointer map[string]int    // of components
	named   map[int][]against // by component: what names it
}

// against is an advisory that is, or may be, against a component.
type against struct {
	severity string
	hit      policy.Truth
	firm     bool
}

func newAsked(p paper, own *warned) *asked {
	a := &asked{paper: p, own: own, vouched: own.vouched, pointer: make(map[string]int, len(p.doc.Components)), named: map[int][]against{}}
	for i := range p.doc.Components {
		a.pointer[p.doc.Components[i].Pointer] = i
	}
	a.note(own, func(c *sbom.Component) bool { return !c.Product })
	return a
}

// name takes in the advisories of a BOM that leads to the document. They are
// against what they name in it, by its bytes or as a part.
func (a *asked) name(w *warned) {
	a.vouched = a.vouched && w.vouched
	a.note(w, func(*sbom.Component) bool { return true })
}

func (a *asked) note(w *warned, may func(*sbom.Component) bool) {
	for i := range w.force {
		sel := w.force[i].Selector
		for at := range a.paper.meant(&sel) {
			c := &a.paper.doc.Components[at]
			if hit := w.selects[i].And(a.paper.names(&sel, c)); hit != policy.False && may(c) {
				a.named[at] = append(a.named[at], against{w.force[i].Severity, hit, hit == policy.True && w.vouched})
			}
		}
	}
}

// answer is [judge.advised] of one subject of the document.
func (a *asked) answer(s *origin.Subject, severity string) origin.Answer {
	out := origin.Answer{Truth: policy.False}
	if !a.vouched {
		out.Truth = policy.Unknown
	}
	at, ok := a.pointer[strings.TrimPrefix(s.Pointer, s.Document+"#")]
	if !ok || s.Service {
		return out
	}
	if a.paper.doc.Components[at].Product {
		for i := range a.own.force {
			if hit := a.own.selects[i]; a.own.force[i].Severity == severity {
				out.Truth, out.Firm = out.Truth.Or(hit), out.Firm || hit == policy.True && a.own.vouched
			}
		}
	}
	for _, x := range a.named[at] {
		if x.severity == severity {
			out.Truth, out.Firm = out.Truth.Or(x.hit), out.Firm || x.firm
		}
	}
	return out
}

// names reports whether a selector names a component of the document, by its bytes
// or as a part.
func (p paper) names(sel *statement.Selector, c *sbom.Component) policy.Truth {
	if !sel.Digest.IsZero() && (isDigest(sel.Digest, c) || c.Product && sel.Digest == statement.Digest(p.doc.Digest)) {
		return policy.True
	}
	if sel.Part != nil {
		return isPart(sel.Part, c, p.said, p.doc)
	}
	return policy.False
}

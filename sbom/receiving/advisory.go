package receiving

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
	"github.com/yurai-ledger/yurai/sbom/policy"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// advisories judges the advisories that the bundle holds, at the time of
// judgement: a ban rejects, a recall holds, a notice notes. Only a usable status
// says that these are all there are; without one the row stays unknown, whatever
// they say against the BOM. doc is nil if the document was not read.
func (j *judge) advisories(doc *sbom.Document) {
	if j.ev == nil {
		return
	}
	said, ok := j.ev.Statement.Body.(*statement.BOM)
	if !ok {
		return
	}
	about, within := 0, j.within()
	for _, a := range j.ev.Advisories {
		if !a.Advisory.Expires.IsZero() && !j.r.At.Before(a.Advisory.Expires) {
			continue
		}
		hit := matches(a.Advisory.Selector, said, doc, within...)
		if hit == policy.False {
			continue
		}
		about++
		j.advise(a, hit)
	}
	if !j.vouched {
		return
	}
	when := statement.FormatTime(j.ev.Status.Made)
	if about == 0 {
		j.pass(RowAdvisories, ByLogSigned, "no advisory in the log as of "+when, when+"時点で台帳に注意喚起はありません", "status")
		return
	}
	j.pass(RowAdvisories, ByLogSigned,
		fmt.Sprintf("%d advisories as of %s, none against it", about, when),
		fmt.Sprintf("%s時点の注意喚起%d件はいずれも受入を妨げません", when, about), "status")
}

// advise says what an advisory means that is about the BOM, or may be.
func (j *judge) advise(a registry.Advice, hit policy.Truth) {
	body := a.Advisory
	issuer := body.Party[0]
	outcome, code := Pass, "VERDICT-ADVISORY-NOTICE"
	switch {
	case body.Effective.After(j.r.At): // it is not in force yet, which is worth knowing
	case body.Severity == statement.SeverityNotice:
	case hit == policy.Unknown:
		outcome, code = Unknown, "VERDICT-ADVISORY-UNSURE"
	case body.Severity == statement.SeverityBan && (body.Selector.Part == nil || body.Selector.Part.Maker != ""):
		outcome, code = Fail, "VERDICT-ADVISORY-BAN"
	default:
		outcome, code = HoldRow, "VERDICT-ADVISORY-RECALL"
	}
	text := strings.Join(strings.Fields(sbom.Clip(body.Text, 200)), " ")
	from := statement.FormatTime(body.Effective)
	j.speak(RowAdvisories, outcome, code,
		fmt.Sprintf("%s of %s, in force from %s (entry %d): %s", body.Severity, issuer, from, a.Index, text),
		fmt.Sprintf("%sの%s（%sから有効、%d番の記録）：%s", issuer, severityJA[body.Severity], from, a.Index, text)).Entry = &a.Index
}

var severityJA = map[string]string{
	statement.SeverityBan: "使用禁止", statement.SeverityRecall: "回収", statement.SeverityNotice: "注意喚起",
}

// matches reports whether a selector selects a BOM: all its members do. What
// only the document says is unknown without it, and so is whether a name that only
// looks like the one selected is it: nobody clears a product by the letters that
// it is written with. How names compare is [sbom.CompareNames]. A part of a linked
// document is one of the product too: within has those that doc leads to.
func matches(s statement.Selector, said *statement.BOM, doc *sbom.Document, within ...paper) policy.Truth {
	product := said.Product
	if doc != nil {
		product = Describe(doc).Product
	}
	hidden := product != nil && !product.Commit.IsZero()
	all := []policy.Truth{policy.True}
	if s.Party != "" && s.Party != said.Party[0] {
		all = append(all, whether(hidden, product != nil && product.Maker == s.Party))
	}
	if s.Product != "" {
		all = append(all, named(hidden, product, s.Product))
	}
	papers := append([]paper{{said, doc}}, within...)
	if !s.Digest.IsZero() && s.Digest != said.Digest {
		found := policy.False
		for _, p := range papers {
			found = found.Or(hasDigest(s.Digest, p.doc))
		}
		all = append(all, found)
	}
	if s.Part != nil {
		found := policy.False
		for _, p := range papers {
			found = found.Or(hasPart(s.Part, p.said, p.doc))
		}
		all = append(all, found)
	}
	least := policy.True
	for _, t := range all {
		switch {
		case t == policy.False:
			return policy.False
		case t == policy.Unknown:
			least = policy.Unknown
		}
	}
	return least
}

func whether(hidden, is bool) policy.Truth {
	switch {
	case hidden:
		return policy.Unknown
	case is:
		return policy.True
	}
	return policy.False
}

// named reports whether a product goes by a name.
func named(hidden bool, product *statement.Product, name string) policy.Truth {
	alike, look := product.Named(name)
	return whether(hidden || look && !alike, alike)
}

// paper is a document with what its signer says of it.
type paper struct {
	said *statement.BOM // without a party if nobody signed
	doc  *sbom.Document // nil if it was not read
}

// paper returns the judge's document with what its signer says of it.
func (j *judge) paper(doc *sbom.Document) paper {
	p := paper{&statement.BOM{Head: statement.Head{Party: []string{""}}}, doc}
	if j.ev != nil {
		if said, ok := j.ev.Statement.Body.(*statement.BOM); ok {
			p.said = said
		}
	}
	return p
}

// reached yields the linked documents that the judge's leads to, each once,
// nearest first.
func (j *judge) reached() iter.Seq[*visit] {
	return func(yield func(*visit) bool) {
		todo, known := slices.Clone(j.leads), map[*judge]bool{j: true}
		for len(todo) > 0 {
			v := todo[0]
			todo = todo[1:]
			if known[v.judge] {
				continue
			}
			known[v.judge] = true
			todo = append(todo, v.judge.leads...)
			if !yield(v) {
				return
			}
		}
	}
}

// within returns what was read of the documents that the judge's leads to.
func (j *judge) within() []paper {
	var papers []paper
	for v := range j.reached() {
		if v.doc != nil {
			papers = append(papers, v.judge.paper(v.doc))
		}
	}
	return papers
}

// hasDigest reports whether a document or a component of it has these bytes.
func hasDigest(d statement.Digest, doc *sbom.Document) policy.Truth {
	if doc == nil {
		return policy.Unknown
	}
	if d == statement.Digest(doc.Digest) {
		return policy.True
	}
	for i := range doc.Components {
		if isDigest(d, &doc.Components[i]) {
			return policy.True
		}
	}
	return policy.False
}

// isDigest reports whether a component says that it has these bytes.
func isDigest(d statement.Digest, c *sbom.Component) bool {
	for _, h := range c.Hashes {
		if h.Algorithm == "SHA-256" && strings.EqualFold(h.Value, d.Hex()) {
			return true
		}
	}
	return false
}

// hasPart reports whether a component at any depth, the product among them, goes
// by the part's number and is its maker's. A component of which no maker is
// stated may be anybody's, and one whose number or maker only looks like the
// part's may be it.
func hasPart(p *statement.Part, said *statement.BOM, doc *sbom.Document) policy.Truth {
	if doc == nil {
		return policy.Unknown
	}
	found := policy.False
	for i := range doc.Components {
		found = found.Or(isPart(p, &doc.Components[i], said, doc))
	}
	return found
}

// oneNamed reports whether one of several names is alike to a name, and whether
// one at least looks like it.
func oneNamed(name string, several ...string) (alike, look bool) {
	for _, s := range several {
		same, seen := sbom.CompareNames(s, name)
		alike, look = alike || same, look || seen
	}
	return alike, look
}

// isPart is hasPart of one component.
func isPart(p *statement.Part, c *sbom.Component, said *statement.BOM, doc *sbom.Document) policy.Truth {
	is, maybe := oneNamed(p.Part, c.Name, c.CPE, c.PURL)
	if !maybe {
		return policy.False
	}
	makers := []string{c.Manufacturer.Name, c.Supplier.Name, c.Publisher, c.Group}
	for _, x := range c.Properties {
		if x.Name == "yurai:party:maker:id" {
			makers = append(makers, x.Value)
		}
	}
	if c.Product {
		makers = append(makers, doc.Product.Maker, said.Party[0])
	}
	its, mayBeIts := oneNamed(p.Maker, makers...)
	stated := slices.ContainsFunc(makers, func(m string) bool { return m != "" })
	switch {
	case p.Maker == "":
		its, mayBeIts = true, true
	case !stated:
		mayBeIts = true
	}
	switch {
	case is && its:
		return policy.True
	case mayBeIts:
		return policy.Unknown
	}
	return policy.False
}

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
	places := map[string]*asked{"": {components: pointed(doc), paper: j.paper(doc), by: []*warned{inForce[j]}}}
	for name, v := range j.linked {
		if v.doc == nil {
			continue
		}
		w := v.judge.warned(v.doc)
		inForce[v.judge] = w
		places[name] = &asked{components: pointed(v.doc), paper: v.judge.paper(v.doc), by: []*warned{w}}
	}
	for by, w := range inForce {
		for v := range by.reached() {
			if p := places[v.name]; p != nil && v.judge != by {
				p.by = append(p.by, w)
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
	said, ok := j.ev.Statement.Body.(*statement.BOM)
	if !ok {
		return w
	}
	within := j.within()
	for _, a := range j.ev.Advisories {
		body := a.Advisory
		if body.Effective.After(j.r.At) || !body.Expires.IsZero() && !j.r.At.Before(body.Expires) {
			continue
		}
		if hit := matches(body.Selector, said, doc, within...); hit != policy.False {
			w.force, w.selects = append(w.force, *body), append(w.selects, hit)
		}
	}
	return w
}

// asked is a document of which it is asked what advisories are against.
type asked struct {
	components map[string]*sbom.Component // by pointer
	paper      paper
	by         []*warned // its own first, then those of what leads to it
}

func pointed(doc *sbom.Document) map[string]*sbom.Component {
	components := make(map[string]*sbom.Component, len(doc.Components))
	for i := range doc.Components {
		components[doc.Components[i].Pointer] = &doc.Components[i]
	}
	return components
}

// answer is [judge.advised] of one subject. Against what a linked BOM is about
// speaks an advisory of a BOM that leads to it only where it names it, by its bytes
// or as a part.
func (p *asked) answer(s *origin.Subject, severity string) origin.Answer {
	pointer := s.Pointer
	if s.Document != "" {
		pointer = strings.TrimPrefix(pointer, s.Document+"#")
	}
	c := p.components[pointer]
	answer, firm := policy.False, false
	for k, w := range p.by {
		found := policy.False
		for i := range w.force {
			sel := w.force[i].Selector
			if w.force[i].Severity != severity || c == nil || s.Service {
				continue
			}
			hit := w.selects[i]
			if !c.Product || k > 0 {
				hit = hit.And(p.paper.names(&sel, c))
			}
			found = found.Or(hit)
		}
		firm = firm || found == policy.True && w.vouched
		if found == policy.False && !w.vouched {
			found = policy.Unknown
		}
		answer = answer.Or(found)
	}
	return origin.Answer{Truth: answer, Firm: firm}
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

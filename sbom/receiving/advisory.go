package receiving

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/yurai-ledger/yurai/sbom"
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
	if _, ok := j.ev.Statement.Body.(*statement.BOM); !ok {
		return
	}
	about, own, within := 0, j.paper(doc), j.within()
	for _, a := range j.ev.Advisories {
		if !a.Advisory.Expires.IsZero() && !j.r.At.Before(a.Advisory.Expires) {
			continue
		}
		hit := matches(a.Advisory.Selector, own, within...)
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
func matches(s statement.Selector, own paper, within ...paper) policy.Truth {
	said, doc := own.said, own.doc
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
	papers := append([]paper{own}, within...)
	if !s.Digest.IsZero() && s.Digest != said.Digest {
		found := policy.False
		for _, p := range papers {
			found = found.Or(p.hasDigest(s.Digest))
		}
		all = append(all, found)
	}
	if s.Part != nil {
		found := policy.False
		for _, p := range papers {
			found = found.Or(p.hasPart(s.Part))
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
	by   *catalogue     // of doc; nil where that is not worth while
}

// paper returns the judge's document with what its signer says of it.
func (j *judge) paper(doc *sbom.Document) paper {
	p := paper{&statement.BOM{Head: statement.Head{Party: []string{""}}}, doc, nil}
	if doc != nil {
		if j.listed == nil {
			j.listed = &catalogue{doc: doc}
		}
		p.by = j.listed
	}
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
func (p paper) hasDigest(d statement.Digest) policy.Truth {
	if p.doc == nil {
		return policy.Unknown
	}
	if d == statement.Digest(p.doc.Digest) {
		return policy.True
	}
	for i := range p.having(d) {
		if isDigest(d, &p.doc.Components[i]) {
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
func (p paper) hasPart(part *statement.Part) policy.Truth {
	if p.doc == nil {
		return policy.Unknown
	}
	found := policy.False
	for i := range p.called(part.Part) {
		found = found.Or(isPart(part, &p.doc.Components[i], p.said, p.doc))
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

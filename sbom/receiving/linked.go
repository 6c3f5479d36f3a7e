package receiving

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// Bounds of what is followed from one BOM. A link beyond them is one that nobody
// looked at.
const (
	MaxLinked    = 64 // documents beside the one that is judged
	MaxLinkDepth = 8  // links between the two
)

// Linked is a BOM at hand that the one that is judged may link to, or one of those
// that it links to. It is looked into only if a link states the digest of its bytes,
// or names its entry.
type Linked struct {
	File   []byte
	Bundle *Bundle // nil if there is none
	Absent int64   // as [Request.Absent]
}

// LinkedRef is a linked BOM that was looked at.
type LinkedRef struct {
	SHA256 string    `json:"sha256"`
	From   []string  `json:"from"`  // pointers of the links that lead to it, sorted
	Party  *PartyRef `json:"party"` // whose signature verified, else null
	Entry  *EntryRef `json:"entry"` // whose proof verified, else null

	// PartyName is the name that the registrar enrolled, for human renderings.
	PartyName string `json:"-"`
}

type digest = [sha256.Size]byte

// offer is a [Linked] as it is at hand.
type offer struct {
	Linked
	sum digest

	opened bool
	ev     *Evidence      // nil if no bundle about these bytes verifies
	said   *statement.BOM // of ev
}

// open verifies the bundle, once.
func (o *offer) open(t *ledger.Trust) *Evidence {
	if o.opened || o.Bundle == nil {
		return o.ev
	}
	o.opened = true
	if ev, err := Open(o.Bundle, t); err == nil {
		if said, ok := ev.Statement.Body.(*statement.BOM); ok && said.Digest == o.sum {
			o.ev, o.said = ev, said
		}
	}
	return o.ev
}

// visit is a linked BOM that was looked at.
type visit struct {
	judge *judge
	name  string // sha256:<hex>
	title string // what people call it
	from  []string
	named []string       // those of from that state no digest
	is    sbom.Link      // its serial number and version, zero if it was not read
	doc   *sbom.Document // nil if it was not read
	seen  bool           // its entry verified, and its facts are those that were signed
}

// walk follows the links of the document that is judged, nearest first, each
// document once, in the order of the links.
type walk struct {
	top    *judge
	offers []*offer // by digest
	facts  map[digest]*origin.Facts
	visits map[digest]*visit
	order  []digest

	unread map[string][]string // code → pointers of links that lead nowhere
	unseen []string            // pointers of all links whose documents nobody saw
	others map[sbom.Link]bool  // what the documents at hand say that they are; nil before it was asked
}

// step is a document whose links are to be followed.
type step struct {
	judge *judge
	facts *origin.Facts
	name  string // "" for the document that is judged
	far   int
}

// follow judges every document that doc leads to, and returns the facts of all of
// them together, with the pointers of the links that show nothing.
func (j *judge) follow(doc *sbom.Document) (*origin.Facts, []string) {
	w := &walk{
		top: j, facts: map[digest]*origin.Facts{}, visits: map[digest]*visit{}, unread: map[string][]string{},
	}
	w.take(j.r.Linked)
	own := j.read(doc, w.meant(j))
	own = w.run(own, doc.Digest)
	// What an advisory selects may lie in any document that was found.
	j.advisories(doc)
	for _, sum := range w.order {
		if v := w.visits[sum]; v.doc != nil {
			v.judge.advisories(v.doc)
		}
	}
	w.report()
	for _, v := range w.visits {
		j.linked[v.name] = v
	}
	slices.Sort(w.unseen)
	return own, slices.Compact(w.unseen)
}

// read returns the facts of the document that the judge judges.
func (j *judge) read(doc *sbom.Document, named func(sbom.Link) (digest, bool)) *origin.Facts {
	known := origin.Source{Named: named}
	if j.ev != nil {
		known.Entry = &origin.Entry{Log: j.r.Bundle.Log, Index: j.ev.Index}
	}
	return origin.ReadFrom(doc, known)
}

// take sorts what is at hand. Of several with the same bytes the one is kept whose
// bundle says most, whichever came first.
func (w *walk) take(list []Linked) {
	for _, l := range list {
		w.offers = append(w.offers, &offer{Linked: l, sum: sha256.Sum256(l.File)})
	}
	slices.SortStableFunc(w.offers, func(a, b *offer) int {
		if c := bytes.Compare(a.sum[:], b.sum[:]); c != 0 {
			return c
		}
		a.open(w.top.r.Trust)
		b.open(w.top.r.Trust)
		return a.compare(b)
	})
	w.offers = slices.CompactFunc(w.offers, func(a, b *offer) bool { return a.sum == b.sum })
}

// compare orders what is known of the same bytes: an entry before none; one that
// is not void before one that is, since a thief who submits bytes takes them from
// nobody; the larger tree; the entry that something speaks against; the newer
// status.
func (o *offer) compare(other *offer) int {
	if o.ev == nil || other.ev == nil {
		return cmp.Or(whichever(other.ev != nil)-whichever(o.ev != nil), whichever(other.Bundle != nil)-whichever(o.Bundle != nil),
			cmp.Compare(other.Absent, o.Absent), compareBundles(o.Bundle, other.Bundle))
	}
	grave := func(o *offer) int {
		return whichever(o.ev.Standing.Word != registry.Admitted && o.ev.Standing.Word != registry.ValidThen)
	}
	made := func(o *offer) int64 {
		if o.ev.Status == nil {
			return 0
		}
		return o.ev.Status.Made.Unix()
	}
	return cmp.Or(
		whichever(o.ev.Standing.Word == registry.Void)-whichever(other.ev.Standing.Word == registry.Void),
		cmp.Compare(other.ev.Checkpoint.Size, o.ev.Checkpoint.Size),
		grave(other)-grave(o),
		cmp.Compare(made(other), made(o)),
		cmp.Compare(o.ev.Index, other.ev.Index),
		compareBundles(o.Bundle, other.Bundle),
	)
}

func whichever(is bool) int {
	if is {
		return 1
	}
	return 0
}

// compareBundles orders bundles by their bytes.
func compareBundles(a, b *Bundle) int {
	if a == nil || b == nil {
		return 0
	}
	x, _ := a.Marshal()
	y, _ := b.Marshal()
	return bytes.Compare(x, y)
}

// at returns what is at hand of these bytes, nil if nothing is.
func (w *walk) at(sum digest) *offer {
	i, found := slices.BinarySearchFunc(w.offers, sum, func(o *offer, sum digest) int { return bytes.Compare(o.sum[:], sum[:]) })
	if !found {
		return nil
	}
	return w.offers[i]
}

// meant returns what a BOM-Link without a digest means in a document that was
// judged: the one entry with that serial number and version of the party that signed
// the document itself. Of that party the log's status shows that it signed no
// other bytes under them. Of any other party nothing does, since anybody may write
// any serial number: then the link means nothing that can be known.
func (w *walk) meant(by *judge) func(sbom.Link) (digest, bool) {
	return func(l sbom.Link) (digest, bool) {
		if by.ev == nil || !by.vouched {
			return digest{}, false
		}
		var found *offer
		for _, o := range append([]*offer{itself(by), itself(w.top)}, w.offers...) {
			if o.open(w.top.r.Trust) == nil || o.said.SerialNumber != "urn:uuid:"+l.Serial || o.said.Version != l.Version || found != nil && found.sum == o.sum {
				continue
			}
			s := o.ev.Standing
			if found != nil || o.ev.Party != by.ev.Party || o.Bundle.Log != by.r.Bundle.Log || o.ev.Status == nil || len(s.Equivocal) > 0 || s.Word == registry.Void {
				return digest{}, false
			}
			found = o
		}
		if found == nil {
			return digest{}, false
		}
		return found.sum, true
	}
}

// itself returns the document that a judge judges as if it were at hand.
func itself(j *judge) *offer {
	return &offer{Linked: Linked{File: j.r.File, Bundle: j.r.Bundle}, sum: sha256.Sum256(j.r.File)}
}

// run follows the links of the document with these facts and digest, and returns
// all facts together.
func (w *walk) run(own *origin.Facts, self digest) *origin.Facts {
	todo := []step{{judge: w.top, facts: own}}
	for k := 0; k < len(todo); k++ {
		from := todo[k]
		for _, link := range from.facts.Links() {
			pointer := link.Pointer
			if from.name != "" {
				pointer = from.name + "#" + pointer
			}
			sum, ok := link.Target()
			if ok && sum == self {
				continue // a circle ends where it began
			}
			v := w.visits[sum]
			switch {
			case !ok:
				w.nowhere(unnamed(link), pointer)
				continue
			case v != nil:
			case w.at(sum) == nil:
				w.nowhere(w.missing(link), pointer)
				continue
			case from.far == MaxLinkDepth || len(w.visits) == MaxLinked:
				w.nowhere("VERDICT-LINK-LIMIT", pointer)
				continue
			default:
				var facts *origin.Facts
				if v, facts = w.look(w.at(sum)); facts != nil {
					w.facts[sum] = facts
					todo = append(todo, step{v.judge, facts, v.name, from.far + 1})
				}
				w.visits[sum], w.order = v, append(w.order, sum)
			}
			v.from = append(v.from, pointer)
			if len(link.Hashes) == 0 {
				v.named = append(v.named, pointer)
			}
			from.judge.leads = append(from.judge.leads, v)
			switch to, ok := sbom.ParseLink(link.URL); {
			case ok && v.is.Version > 0 && (to.Whole() != v.is):
				w.nowhere("VERDICT-LINK-CONTRADICTED", pointer)
			case !v.seen:
				w.unseen = append(w.unseen, pointer)
			}
		}
	}
	return own.Join(w.facts)
}

func (w *walk) nowhere(code, pointer string) {
	w.unread[code], w.unseen = append(w.unread[code], pointer), append(w.unseen, pointer)
}

// unnamed says why a link names no document.
func unnamed(l origin.Link) string {
	if _, ok := sbom.ParseLink(l.URL); ok && len(l.Hashes) == 0 {
		return "VERDICT-LINK-UNSURE"
	}
	return "VERDICT-LINK-DIGEST"
}

// missing says of a link whose document is not at hand whether there is another
// one that is what the link calls it, and is not.
func (w *walk) missing(l origin.Link) string {
	to, ok := sbom.ParseLink(l.URL)
	if !ok {
		return "VERDICT-LINK-UNREAD"
	}
	if w.others == nil {
		w.others = map[sbom.Link]bool{}
		for _, o := range w.offers[:min(len(w.offers), MaxLinked)] {
			if doc, _ := w.top.r.Memo.Admit(o.File, w.top.r.Limits); doc != nil {
				w.others[doc.Link()] = true
			}
		}
	}
	if w.others[to.Whole()] {
		return "VERDICT-LINK-OTHER"
	}
	return "VERDICT-LINK-UNREAD"
}

// look judges a linked BOM as a file of its own would be, but for the policy, which
// judges all facts together. There are no facts of a document that was not read.
func (w *walk) look(o *offer) (*visit, *origin.Facts) {
	r := w.top.r
	r.File, r.Bundle, r.Absent, r.Linked = o.File, o.Bundle, o.Absent, nil
	j := newJudge(r)
	v := &visit{judge: j, name: "sha256:" + hex.EncodeToString(o.sum[:])}
	v.title = v.name[:len("sha256:")+12]
	if r.Bundle == nil {
		j.noBundle()
	} else if !j.bundle() {
		j.advisories(nil)
		return v, nil
	}
	doc, findings := r.Memo.Admit(o.File, r.Limits)
	if doc == nil || doc.ViewError != nil {
		err := error(sbom.FirstError(findings))
		if doc != nil {
			err = doc.ViewError
		}
		j.speak(RowContents, HoldRow, "VERDICT-LINK-INVALID", "it is no BOM that can be read: "+err.Error(), "部品表として読み取れません: "+err.Error())
		j.advisories(nil)
		return v, nil
	}
	if name := strings.TrimSpace(doc.Product.Name + " " + doc.Product.Version); name != "" {
		v.title = sbom.Quote(name, 60) + " " + v.title
	}
	v.is, v.doc = doc.Link(), doc
	j.contents(doc, findings)
	v.seen = true
	for _, row := range []string{RowSignature, RowLog, RowContents} {
		v.seen = v.seen && j.passed[row] && (j.against[row] == "" || j.against[row] == Pass)
	}
	return v, j.read(doc, w.meant(j))
}

// report says in the verdict what was found.
func (w *walk) report() {
	for _, sum := range w.order {
		v := w.visits[sum]
		slices.Sort(v.from)
		w.top.absorb(v)
		w.top.v.Linked = append(w.top.v.Linked, LinkedRef{
			SHA256: strings.TrimPrefix(v.name, "sha256:"), From: v.from, Party: v.judge.v.Party, Entry: v.judge.v.Entry, PartyName: v.judge.v.PartyName,
		})
	}
	slices.SortFunc(w.top.v.Linked, func(a, b LinkedRef) int { return strings.Compare(a.SHA256, b.SHA256) })
	for _, x := range []struct{ code, en, ja string }{
		{"VERDICT-LINK-OTHER", "a linked BOM is not the one at hand, which has its serial number and version and other bytes", "手元の部品表は参照先と同じシリアル番号・版ですが、内容が異なります"},
		{"VERDICT-LINK-CONTRADICTED", "a BOM-Link names another serial number or version than the BOM has whose digest it states", "BOM-Linkのシリアル番号・版が、記載されたダイジェストの部品表と一致しません"},
		{"VERDICT-LINK-UNREAD", "a linked BOM was not judged beside this one", "参照先の部品表を併せて判定していません"},
		{"VERDICT-LINK-DIGEST", "a link states no one SHA-256, so nothing shows which BOM it means", "参照に一意のSHA-256がなく、参照先の部品表を特定できません"},
		{"VERDICT-LINK-UNSURE", "a BOM-Link states no digest, and no entry of the same party shows which BOM it means", "BOM-Linkにダイジェストがなく、同じ当事者の記録からも参照先を特定できません"},
		{"VERDICT-LINK-LIMIT", fmt.Sprintf("a linked BOM is beyond %d links or %d documents", MaxLinkDepth, MaxLinked), fmt.Sprintf("参照先の部品表が上限（%d段、%d件）を超えています", MaxLinkDepth, MaxLinked)},
	} {
		if list := w.unread[x.code]; len(list) > 0 {
			slices.Sort(list)
			r := w.top.speak(RowContents, Unknown, x.code, x.en, x.ja)
			r.Count, r.Subjects = len(list), list
		}
	}
}

// absorb takes over what was found of a linked BOM, in the rows in which it was
// found, and names the BOM and the links that lead to it. A row that has no evidence
// of a linked BOM does not pass.
func (j *judge) absorb(v *visit) {
	for _, row := range []string{RowSignature, RowLog, RowContents, RowAdvisories} {
		against := v.judge.against[row]
		if rank[against] == rank[Pass] && !v.judge.passed[row] {
			against = Unknown
		}
		if rank[against] > rank[j.against[row]] {
			j.against[row] = against
		}
	}
	j.stale = j.stale || v.judge.stale
	for _, r := range v.judge.v.Reasons {
		r.Document = v.name
		r.Text = j.say("linked BOM "+v.title+": ", "参照先の部品表 "+v.title+"：") + r.Text
		for i, at := range r.Subjects {
			r.Subjects[i] = v.name + "#" + at
		}
		if len(r.Subjects) == 0 {
			r.Subjects = v.from
		}
		if r.Entry == nil && v.judge.ev != nil {
			r.Entry = &v.judge.ev.Index
		}
		j.v.Reasons = append(j.v.Reasons, r)
	}
}

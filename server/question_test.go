package server

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/index"
	"github.com/yurai-ledger/yurai/server/problem"
)

const (
	ministry = "x:ministry"
	serialD  = "3e671687-395b-41f5-a30f-a58921a69b7c"
)

// warned is a log in which a regulator and a vendor's rival warn of everything
// that there is to select.
type warned struct {
	*running
	open, other, held, hidden int64
	raw                       map[int64][]byte // bytes of the BOMs, held ones too
	advisories                map[string]int64
	withdrawn                 int64
}

func warn(t *testing.T, r *running) warned {
	t.Helper()
	key, theirs, regulator := newKey(t, envelope.Ed25519), newKey(t, envelope.Ed25519), newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	body := partyBody(rival, theirs)
	body.Name, body.Identifiers = "Rival", []string{"dns:rival.example"}
	payload, err := statement.NewParty(body)
	r.says(t, payload, err, r.registrarKey(t), theirs)
	body = partyBody(ministry, regulator)
	body.Name, body.Roles = "経済産業省", []string{statement.RoleRegulator}
	payload, err = statement.NewParty(body)
	r.says(t, payload, err, r.registrarKey(t), regulator)

	w := warned{running: r, raw: map[int64][]byte{}, advisories: map[string]int64{}}
	record := func(party string, key *envelope.Signer, raw []byte, disclosure string) int64 {
		at := r.records(t, party, key, raw, disclosure)
		w.raw[at] = raw
		return at
	}
	w.open = record(vendor, key, bomOfDevices(t, serialA, "HR-87T", device{"Kawa Semi", "MC-1", hexOf("mc")}, device{"", "BOARD", ""}), statement.DisclosureOpen)
	w.other = record(rival, theirs, bomOfDevices(t, serialB, "hr-87t ", device{"ＵＭＩ Semi", "mc-1", ""}, device{"", "MC-1", ""}), statement.DisclosureOpen)
	w.held = record(vendor, key, bomOfDevices(t, serialC, "HR-88", device{"Kawa Semi", "MC-1", hexOf("mc")}), statement.DisclosureHeld)
	raw := bomOfDevices(t, serialD, "HR-87T")
	said := bomBody(t, vendor, raw)
	said.Disclosure, said.Product = statement.DisclosureHeld, &statement.Product{Commit: statement.Digest{7}}
	w.hidden = r.accepted(t, 201, signBOM(t, said, key), raw).Statement.Index
	w.raw[w.hidden] = raw

	digest, err := statement.ParseDigest("sha256:" + hexOf("mc"))
	if err != nil {
		t.Fatal(err)
	}
	advise := func(name, who string, by *envelope.Signer, s statement.Selector) {
		payload, err := statement.NewAdvisory(statement.Advisory{Head: headBy(who), Selector: s, Severity: statement.SeverityBan, Effective: noon, Text: name})
		w.advisories[name] = r.says(t, payload, err, by)
	}
	for name, s := range map[string]statement.Selector{
		"party":          {Party: vendor},
		"product":        {Product: "HR-87t"},
		"part":           {Part: &statement.Part{Part: "MC-1"}},
		"maker and part": {Part: &statement.Part{Maker: "kawa semi", Part: " mc-1"}},
		"component":      {Digest: digest},
		"whole":          {Digest: bomBody(t, vendor, w.raw[w.held]).Digest},
		"all":            {Party: vendor, Product: "HR-87T", Part: &statement.Part{Maker: "Kawa Semi", Part: "MC-1"}, Digest: digest},
		"none":           {Party: rival, Product: "HR-88"},
	} {
		advise(name, ministry, regulator, s)
	}
	advise("rival's party", rival, theirs, statement.Selector{Party: vendor})
	advise("rival's part", rival, theirs, statement.Selector{Part: &statement.Part{Part: "MC-1"}})
	payload, err = statement.NewWithdraw(statement.Withdraw{Head: headBy(ministry), Position: statement.Position{Log: testOrigin, Index: w.advisories["none"]}, Reason: "r"})
	w.withdrawn = r.says(t, payload, err, regulator)
	return w
}

func (w warned) of(names ...string) []int64 {
	list := []int64{}
	for _, n := range names {
		list = append(list, w.advisories[n])
	}
	slices.Sort(list)
	return list
}

// agrees holds every answer about advisories, both ways, against what the leaves
// and the bytes say when all of them are read.
func (w warned) agrees(t *testing.T) {
	t.Helper()
	for name, c := range map[string]struct {
		query []string
		want  []int64
	}{
		"party":            {[]string{"about", vendor}, w.of("party", "all", "rival's party")},
		"party in capital": {[]string{"about", strings.ToUpper(vendor)}, nil},
		"product":          {[]string{"product", "ＨＲ-87Ｔ"}, w.of("product", "all")},
		"part":             {[]string{"part", "mc-1"}, w.of("part", "maker and part", "all", "rival's part")},
		"part of maker":    {[]string{"part", "MC-1", "maker", "KAWA SEMI"}, w.of("part", "maker and part", "all", "rival's part")},
		"part of another":  {[]string{"part", "MC-1", "maker", "Umi Semi"}, w.of("part", "rival's part")},
		"digest":           {[]string{"digest", "sha256:" + hexOf("mc")}, w.of("component", "all")},
		"issuer":           {[]string{"party", rival}, w.of("rival's party", "rival's part")},
		"nothing":          {[]string{"product", "HR-8"}, nil},
	} {
		got := w.searches(t, append([]string{"kind", "advisory"}, c.query...)...)
		if !slices.Equal(got.Entries, c.want) || got.Held+got.Unread+got.Pending != 0 || got.Next != nil || len(got.Unsure) != 0 {
			t.Errorf("advisories by %s = %+v, want %v", name, got, c.want)
		}
	}
	for name, at := range w.advisories {
		e, err := w.lookups.read(at)
		if err != nil {
			t.Fatal(err)
		}
		a := e.statement.Body.(*statement.Advisory)
		var want, unsure []int64
		for bom := range w.Size() {
			e, err := w.lookups.read(bom)
			if err != nil {
				t.Fatal(err)
			}
			if e.said == nil || a.Party[0] == rival && e.party != rival {
				continue
			}
			var doc *sbom.Document
			if !e.held() {
				doc, _ = sbom.Admit(w.raw[bom], sbom.DefaultLimits)
			}
			if selects, sure := receiving.Selects(a.Selector, e.said, doc); selects && (sure || !e.held()) {
				want = append(want, bom)
				if !sure {
					unsure = append(unsure, bom)
				}
			}
		}
		got := w.searches(t, "advisory", fmt.Sprint(at))
		if !slices.Equal(got.Entries, want) || !slices.Equal(got.Unsure, unsure) || got.Unread+got.Pending != 0 {
			t.Errorf("selected by %q = %+v, want %v, unsure %v", name, got, want, unsure)
		}
		// What it did not look into is said: two are held, one of them hides its product.
		if held := map[bool]int64{true: 2, false: 1}[a.Selector.Part != nil || !a.Selector.Digest.IsZero()]; got.Held != held {
			t.Errorf("selected by %q: held %d, want %d", name, got.Held, held)
		}
		// The bundle of whatever is selected holds the advisory: the status says so.
		for _, bom := range got.Entries {
			b, ev := w.proven(t, bom)
			if !slices.ContainsFunc(b.History, func(e receiving.Entry) bool { return e.Index == at }) || len(ev.Advisories) == 0 {
				t.Errorf("the bundle of entry %d has not the advisory %d", bom, at)
			}
		}
		w.opens(t, w.get(t, fmt.Sprintf("/api/v1/entries/%d/bundle", at)).body)
	}
}

// TestAdvisories looks advisories up, both ways: with the index, with none, after
// it was deleted, damaged, or fell behind.
func TestAdvisories(t *testing.T) {
	dir := newLedger(t)
	r := serve(t, dir)
	w := warn(t, r)
	r.awaitContents(t)
	if got := w.searches(t, "advisory", fmt.Sprint(w.advisories["part"])); !slices.Equal(got.Entries, []int64{w.open, w.other}) || len(got.Unsure) != 0 {
		t.Errorf("selected by a part of anybody's = %+v", got)
	}
	if got := w.searches(t, "advisory", fmt.Sprint(w.advisories["maker and part"])); !slices.Equal(got.Entries, []int64{w.open, w.other}) || !slices.Equal(got.Unsure, []int64{w.other}) {
		t.Errorf("selected by maker and part = %+v", got)
	}
	if got := w.searches(t, "advisory", fmt.Sprint(w.advisories["whole"])); !slices.Equal(got.Entries, []int64{w.held}) {
		t.Errorf("selected by the digest of a held BOM = %+v", got)
	}
	w.agrees(t)
	for name, c := range map[string]struct {
		query string
		code  string
		at    int
	}{
		"no entry yet":    {fmt.Sprintf("advisory=%d", r.Size()), "SERVER-ENTRY-ABSENT", 404},
		"hostile index":   {"advisory=9223372036854775807", "SERVER-ENTRY-ABSENT", 404},
		"no advisory":     {fmt.Sprintf("advisory=%d", w.open), "SERVER-QUERY-MALFORMED", 400},
		"another kind":    {fmt.Sprintf("advisory=%d&kind=advisory", w.of("part")[0]), "SERVER-QUERY-MALFORMED", 400},
		"leading zero":    {"advisory=01", "SERVER-QUERY-MALFORMED", 400},
		"with a cursor 0": {fmt.Sprintf("advisory=%d&after=+0", w.of("part")[0]), "SERVER-QUERY-MALFORMED", 400},
	} {
		t.Run(name, func(t *testing.T) { refused(t, r.get(t, "/api/v1/search?"+c.query), c.at, c.code) })
	}

	for _, ix := range []*index.Index{r.contents.index, r.lookups.index} {
		if err := ix.Reset(); err != nil {
			t.Fatal(err)
		}
	}
	r.lookups.poke()
	r.enrol(t, "x:someone-else", newKey(t, envelope.Ed25519))
	r.awaitContents(t)
	w.agrees(t)
	r.end(t)
	remove(t, filepath.Join(dir, indexName))
	w.running = serve(t, dir)
	w.awaitContents(t)
	w.agrees(t)
	w.end(t)
	spoil(t, filepath.Join(dir, indexName))
	w.running = serve(t, dir)
	w.awaitContents(t)
	w.agrees(t)

	// With an index that has come to nothing every leaf is read, and nothing inside.
	bare := &lookups{log: w.sequence, index: emptyIndex(t)}
	got, err := bare.page(t.Context(), w.Size(), byTerms(termSaid(index.SaidAbout, statement.KindAdvisory, vendor)), -1, 10)
	if err != nil || !slices.Equal(got.entries, w.of("party", "all", "rival's party")) {
		t.Errorf("advisories without an index = %+v, %v", got, err)
	}
	c := &contents{entries: w.lookups, blobs: w.blobs, index: emptyIndex(t), readers: w.contents.readers, most: 99, log: w.log}
	what, err := w.selected(w.advisories["part"], w.Size())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.find(t.Context(), w.Size(), what, -1, 10); err != nil || len(got.entries) != 0 || got.pending != 2 || got.held != 2 {
		t.Errorf("selected without an index = %+v, %v", got, err)
	}
	// One that proposes everything, as if all selectors hashed alike, adds nothing.
	lie := make([][]index.Term, w.Size())
	for i := range lie {
		lie[i] = what.terms
	}
	c.index = emptyIndex(t)
	if err := c.index.Apply(0, lie); err != nil {
		t.Fatal(err)
	}
	if got, err := c.find(t.Context(), w.Size(), what, -1, 10); err != nil || !slices.Equal(got.entries, []int64{w.open, w.other}) || got.held+got.unread != 0 {
		t.Errorf("selected with an index that lies = %+v, %v", got, err)
	}
	// Damaged and too long to do without: no answer.
	if err := bare.index.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := bare.page(t.Context(), w.Size(), byTerms(termSaid(index.SaidKind, statement.KindAdvisory, "")), -1, 10); err == nil {
		t.Error("a closed index answered")
	}
	far := &lookups{log: longLog{}, index: emptyIndex(t)}
	_, err = far.page(t.Context(), maxTail+1, byTerms(termSaid(index.SaidKind, statement.KindAdvisory, "")), -1, 10)
	if problem.Code(err) != "SERVER-INDEX-BEHIND" {
		t.Errorf("an index too far behind answered %v", err)
	}
}

// TestSearchesByKind finds every kind of statement.
func TestSearchesByKind(t *testing.T) {
	r := serve(t, newLedger(t))
	w := warn(t, r)
	regulator := w.of("party")[0]
	all := w.of("party", "product", "part", "maker and part", "component", "whole", "all", "none", "rival's party", "rival's part")
	for name, c := range map[string]struct {
		query []string
		want  []int64
		held  int64
	}{
		"genesis":                  {[]string{"kind", "genesis"}, []int64{0}, 0},
		"admission of registrar":   {[]string{"kind", "admission", "party", "registrar"}, []int64{1}, 0},
		"party":                    {[]string{"kind", "party"}, []int64{2, 3, 4}, 0},
		"party by the registrar":   {[]string{"kind", "party", "party", "registrar"}, []int64{2, 3, 4}, 0},
		"party by id":              {[]string{"kind", "party", "about", rival}, []int64{3}, 0},
		"party by identifier":      {[]string{"kind", "party", "about", "dns:rival.example"}, []int64{3}, 0},
		"party by name":            {[]string{"kind", "party", "name", "ＲＩＶＡＬ"}, []int64{3}, 0},
		"party by Japanese name":   {[]string{"kind", "party", "name", "経済産業省"}, []int64{4}, 0},
		"party by part of name":    {[]string{"kind", "party", "name", "経済"}, nil, 0},
		"party by role":            {[]string{"kind", "party", "role", "regulator"}, []int64{4}, 0},
		"bom":                      {[]string{"kind", "bom"}, []int64{w.open, w.other, w.held, w.hidden}, 0},
		"bom about its signer":     {[]string{"about", vendor}, []int64{w.open, w.held, w.hidden}, 1},
		"bom by product":           {[]string{"product", "HR-87T"}, []int64{w.open, w.other}, 1},
		"bom by digest":            {[]string{"digest", bomBody(t, vendor, w.raw[w.held]).Digest.String()}, []int64{w.held}, 0},
		"advisory":                 {[]string{"kind", "advisory"}, all, 0},
		"withdraw":                 {[]string{"kind", "withdraw"}, []int64{w.withdrawn}, 0},
		"withdraw of an entry":     {[]string{"kind", "withdraw", "entry", fmt.Sprint(w.advisories["none"])}, []int64{w.withdrawn}, 0},
		"withdraw of none":         {[]string{"kind", "withdraw", "entry", fmt.Sprint(regulator)}, nil, 0},
		"withdraw of what is none": {[]string{"kind", "withdraw", "entry", "9223372036854775807"}, nil, 0},
		"keys of nobody":           {[]string{"kind", "keys"}, nil, 0},
	} {
		got := r.searches(t, c.query...)
		if !slices.Equal(got.Entries, c.want) || got.Held != c.held || got.Unread+got.Pending != 0 || got.Query.Kind == "" {
			t.Errorf("%s = %+v, want %v held %d", name, got, c.want, c.held)
		}
	}
	for _, q := range []string{
		"kind=status", "kind=trust", "kind=", "kind=BOM", "kind=bom%00", "kind=bom&kind=party", "name=Rival", "kind=party&name=a&role=vendor",
		"kind=party&role=king", "kind=party&product=a", "kind=advisory&serial=a", "kind=advisory&maker=a", "kind=advisory&component=sha256:" + hexOf("a"),
		"kind=list&about=x:a", "kind=keys&entry=1", "kind=withdraw&entry=-1", "kind=withdraw&entry=1&entry=2", "kind=advisory&digest=" + hexOf("a"),
		"kind=advisory&digest=sha256:" + strings.Repeat("0", 63), "digest=sha256:" + hexOf("a") + "&component=sha256:" + hexOf("a"),
	} {
		t.Run(q, func(t *testing.T) { refused(t, r.get(t, "/api/v1/search?"+q), 400, "SERVER-QUERY-MALFORMED") })
	}
}

// TestBytesThatCameBack: a BOM whose bytes were lost when it was indexed is found
// as soon as they are submitted again, and no longer counted as unread.
func TestBytesThatCameBack(t *testing.T) {
	dir := newLedger(t)
	r := serve(t, dir)
	w := warn(t, r)
	leaf, err := r.sequence.Leaf(w.open)
	if err != nil {
		t.Fatal(err)
	}
	r.end(t)
	remove(t, filepath.Join(dir, indexName))
	spoil(t, filepath.Join(dir, blobsName))
	r = serve(t, dir)
	r.awaitContents(t)
	advisory := fmt.Sprint(w.advisories["part"])
	for _, q := range [][]string{{"part", "MC-1"}, {"advisory", advisory}} {
		if got := r.searches(t, q...); len(got.Entries) != 0 || got.Unread != 2 || got.Held != 2 {
			t.Errorf("search for %q over lost bytes = %+v", q, got)
		}
	}
	r.accepted(t, 200, leaf, w.raw[w.open])
	came := func(r *running) {
		t.Helper()
		for _, q := range [][]string{{"part", "MC-1"}, {"advisory", advisory}, {"component", "sha256:" + hexOf("mc")}} {
			if got := r.searches(t, q...); !slices.Equal(got.Entries, []int64{w.open}) || got.Unread != 1 || got.Held != 2 || got.Pending != 0 {
				t.Errorf("search for %q after the bytes came = %+v", q, got)
			}
		}
		if got := r.searches(t, "part", "never there"); len(got.Entries) != 0 || got.Unread != 1 {
			t.Errorf("search for what is nowhere = %+v", got)
		}
	}
	came(r)
	// The marks outlive a clean stop; the answer stays.
	r.end(t)
	r = serve(t, dir)
	came(r)
	// Pages: a limit of one stops before the other.
	if got := r.searches(t, "part", "MC-1", "limit", "1"); !slices.Equal(got.Entries, []int64{w.open}) || got.Next != nil {
		t.Errorf("page = %+v", got)
	}
}

// oneLeaf is a log of one leaf, over and over.
type oneLeaf struct {
	size  int64
	leaf  []byte
	reads *int
}

func (l oneLeaf) Size() int64 { return l.size }

func (l oneLeaf) Leaf(int64) ([]byte, error) { *l.reads++; return l.leaf, nil }

func (l oneLeaf) Bundle(int64, int) ([]byte, error) { return nil, errors.New("one leaf is no bundle") }

func (l oneLeaf) Tile(int, int64, int) ([]byte, error) { return nil, errors.New("one leaf is no tile") }

// TestTenThousandHits pages through a term that ten thousand entries have: no
// page reads more than its bound, and together they are all.
func TestTenThousandHits(t *testing.T) {
	const n = 10_000
	key := newKey(t, envelope.Ed25519)
	payload, err := statement.NewAdvisory(statement.Advisory{
		Head: headBy(rival), Selector: statement.Selector{Part: &statement.Part{Part: "MC-1"}}, Severity: statement.SeverityNotice, Effective: noon, Text: "t",
	})
	reads := 0
	log := oneLeaf{n, seals(t, payload, err, key), &reads}
	e, err := readEntry(0, log.leaf)
	if err != nil {
		t.Fatal(err)
	}
	terms := make([][]index.Term, n)
	for i := range terms {
		terms[i] = e.terms()
	}
	l := &lookups{log: log, index: emptyIndex(t)}
	if err := l.index.Apply(0, terms[:n-100]); err != nil { // the rest is read from the log
		t.Fatal(err)
	}
	both := byTerms(termSaidPart(statement.KindAdvisory, "Kawa Semi", "mc-1"), termSaidPart(statement.KindAdvisory, "", "mc-1"))
	for _, limit := range []int{maxPage, 999, 7 * maxPage} {
		got, after := []int64{}, int64(-1)
		for pages := 0; ; pages++ {
			reads = 0
			p, err := l.page(t.Context(), n, both, after, limit)
			if err != nil || len(p.entries) > limit || reads > min(limit+1, maxPageReads) || pages > n/min(limit, maxPageReads) {
				t.Fatalf("page %d of %d: %d entries, %d reads, %v", pages, limit, len(p.entries), reads, err)
			}
			got = append(got, p.entries...)
			if p.next < 0 {
				break
			}
			if p.next <= after {
				t.Fatalf("a page after %d leads to %d", after, p.next)
			}
			after = p.next
		}
		for i, at := range got {
			if at != int64(i) {
				t.Fatalf("hit %d is entry %d", i, at)
			}
		}
		if len(got) != n {
			t.Errorf("%d hits of %d with pages of %d", len(got), n, limit)
		}
	}
	// And none of them is a candidate for anybody else's question.
	for _, other := range []index.Term{
		termNamed(index.SaidPart, statement.KindAdvisory, "MC-2"), termSaid(index.SaidParty, statement.KindAdvisory, vendor),
		termSaid(index.SaidAbout, statement.KindAdvisory, rival), termSaid(index.SaidKind, statement.KindBOM, ""), termWithdraws(rival, 0),
		termSaidPart(statement.KindAdvisory, "MC-1", ""), termNamed(index.SaidPart, statement.KindBOM, "MC-1"), termHidden,
	} {
		if list, _, err := l.index.Lookup(other); err != nil || len(list) != 0 {
			t.Errorf("%d candidates for %d %q, %v", len(list), other.Kind, other.Value, err)
		}
	}
}

// TestTermsAreApart: no two questions that differ have one term, whatever bytes
// they are made of.
func TestTermsAreApart(t *testing.T) {
	texts := []string{
		"x:a", "x:a\x00", "\x00x:a", "bom\x00x:a", "advisory\x00x:a", "a\x00b", "\x00", "0", "1", "HR-87T", "HR–87T", "НR-87T", "HR-87T\u200b",
		"ΗR-87T", "é", "e", "\u202eT78-RH", strings.Repeat("x", maxTermText), strings.Repeat("x", maxTermText-1), "ﷺ", "ß", "ss",
	}
	seen := map[string]string{}
	add := func(what string, term index.Term) {
		if was, ok := seen[termKey(term)]; ok {
			t.Errorf("%q and %q have one term", was, what)
		}
		seen[termKey(term)] = what
	}
	for _, kind := range searchable() {
		add("kind "+string(kind), termSaid(index.SaidKind, kind, ""))
		add("entry of "+string(kind), termSaidEntry(kind, 1))
		for _, a := range texts {
			what := fmt.Sprintf("%s %q", kind, a)
			add("party "+what, termSaid(index.SaidParty, kind, a))
			add("about "+what, termSaid(index.SaidAbout, kind, a))
			add("product "+what, termNamed(index.SaidProduct, kind, a))
			add("part "+what, termNamed(index.SaidPart, kind, a))
			for _, b := range append(texts, "") {
				add(fmt.Sprintf("part of %s %q", what, b), termSaidPart(kind, b, a))
			}
		}
	}
	for _, a := range texts {
		add("inside "+a, termInside(index.InsidePart, a))
		add("maker inside "+a, termInside(index.InsideMaker, a))
		for _, b := range append(texts, "") {
			add(fmt.Sprintf("part inside %q %q", a, b), termInsidePart(b, a))
		}
	}
}

// FuzzFindable: whatever is alike to a name that can be asked for is found, at
// any length.
func FuzzFindable(f *testing.F) {
	f.Add("HR-87T", uint8(3))
	f.Add(strings.Repeat("k", maxTermText), uint8(1))
	f.Fuzz(func(t *testing.T, name string, seed uint8) {
		n := uint(seed)
		other := " " + strings.Map(func(r rune) rune {
			for range n % 4 {
				r = unicode.SimpleFold(r)
			}
			n = n*5 + 1
			return r
		}, name) + "\t"
		if !strings.EqualFold(strings.TrimSpace(name), strings.TrimSpace(other)) {
			return
		}
		if name != "" && len(name) <= maxTermText && !findable(other) {
			t.Errorf("%q can be asked for, and %q is not found", name, other)
		}
	})
}

package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/semaphore"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/index"
	"github.com/yurai-ledger/yurai/server/problem"
)

const rival = "x:rival-relay"

// device is a component of type device, in a BOM of one product.
type device struct{ maker, name, sha256 string }

func bomOfDevices(t *testing.T, serial, product string, devices ...device) []byte {
	t.Helper()
	component := func(d device) map[string]any {
		c := map[string]any{"type": "device", "name": d.name}
		if d.maker != "" {
			c["manufacturer"] = map[string]any{"name": d.maker}
		}
		if d.sha256 != "" {
			c["hashes"] = []any{map[string]any{"alg": "SHA-256", "content": d.sha256}}
		}
		return c
	}
	list := []any{}
	for _, d := range devices {
		list = append(list, component(d))
	}
	raw, err := json.Marshal(map[string]any{
		"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": "urn:uuid:" + serial, "version": 1,
		"metadata":   map[string]any{"component": component(device{"Hoshino Relay K.K.", product, ""})},
		"components": list,
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// records submits a BOM and returns its index.
func (r *running) records(t *testing.T, party string, key *envelope.Signer, raw []byte, disclosure string) int64 {
	t.Helper()
	body := bomBody(t, party, raw)
	body.Disclosure = disclosure
	return r.accepted(t, http.StatusCreated, signBOM(t, body, key), raw).Statement.Index
}

// maxTurns is how often a condition is looked for before it is given up: an index
// that nobody follows any more never comes to it.
const maxTurns = 100_000

// awaitContents waits until searches look into all that there is.
func (r *running) awaitContents(t *testing.T) {
	t.Helper()
	for turns := 0; r.contents.index.Applied() < r.Size() || r.lookups.applied() < r.Size(); turns++ {
		if turns == maxTurns {
			t.Fatalf("after %d turns the indices have %d and %d of %d entries", turns, r.lookups.applied(), r.contents.index.Applied(), r.Size())
		}
		r.get(t, "/readyz")
	}
}

// searches asks, and checks what every answer must say.
func (r *running) searches(t *testing.T, pairs ...string) searched {
	t.Helper()
	query := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
	}
	a := r.get(t, "/api/v1/search?"+query.Encode())
	var got searched
	if err := json.Unmarshal(a.body, &got); err != nil || a.status != http.StatusOK {
		t.Fatalf("search for %v = %d %s", pairs, a.status, a.body)
	}
	log, _ := r.trust(t).Log(testOrigin)
	c, err := ledger.OpenCheckpoint([]byte(got.Checkpoint), testOrigin, log.Keys...)
	if err != nil || c.Size != got.Size || got.Log != testOrigin || got.Format != SearchFormat || got.Entries == nil {
		t.Fatalf("search for %v = %s, %v", pairs, a.body, err)
	}
	return got
}

func hexOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

const (
	serialB = "3e671687-395b-41f5-a30f-a58921a69b7a"
	serialC = "3e671687-395b-41f5-a30f-a58921a69b7b"
)

// market is a log with an open BOM of a vendor, one of a rival with the same
// product and serial number, and one that the vendor holds.
func market(t *testing.T, r *running) (open, other, held int64) {
	t.Helper()
	key, theirs := newKey(t, envelope.Ed25519), newKey(t, envelope.Ed25519)
	body := partyBody(rival, theirs)
	body.Name, body.SpeaksFor = "Rival", []string{"Hoshino Relay K.K."}
	r.enrol(t, vendor, key)
	r.enrol(t, rival, theirs)
	open = r.records(t, vendor, key, bomOfDevices(t, serialA, "HR-87T",
		device{"Kawa Semi", "MC-1", hexOf("mc")}, device{"", "BOARD", ""}, device{"Kawa", " SemiMC-1", ""}), statement.DisclosureOpen)
	other = r.records(t, rival, theirs, bomOfDevices(t, serialA, "HR-87T", device{"Umi Semi", "MC-1", hexOf("mc")}), statement.DisclosureOpen)
	held = r.records(t, vendor, key, bomOfDevices(t, serialB, "HR-88", device{"Secret Semi", "SECRET-1", hexOf("secret")}, device{"Kawa Semi", "MC-1", hexOf("mc")}), statement.DisclosureHeld)
	return open, other, held
}

func TestSearch(t *testing.T) {
	dir := newLedger(t)
	r := serve(t, dir)
	open, other, held := market(t, r)
	check := func(t *testing.T) {
		t.Helper()
		r.awaitContents(t)
		for name, c := range map[string]struct {
			query  []string
			want   []int64
			inside bool
		}{
			"party":                    {[]string{"party", vendor}, []int64{open, held}, false},
			"another party":            {[]string{"party", rival}, []int64{other}, false},
			"party unknown":            {[]string{"party", "x:nobody"}, nil, false},
			"part of a party's id":     {[]string{"party", vendor[:len(vendor)-1]}, nil, false},
			"product of two parties":   {[]string{"product", "HR-87T"}, []int64{open, other}, false},
			"product of a held leaf":   {[]string{"product", "HR-88"}, []int64{held}, false},
			"product in other case":    {[]string{"product", "\u3000hr-87\uff34 "}, []int64{open, other}, false},
			"product in other letters": {[]string{"product", "H\u0420-87T"}, nil, false},
			"serial of two parties":    {[]string{"serial", "urn:uuid:" + serialA}, []int64{open, other}, false},
			"serial of nobody":         {[]string{"serial", "urn:uuid:" + serialC}, nil, false},
			"maker that leaves name":   {[]string{"maker", "Hoshino Relay K.K."}, []int64{open, other, held}, true},
			"maker of a component":     {[]string{"maker", "Kawa Semi"}, []int64{open}, true},
			"part of any maker":        {[]string{"part", "MC-1"}, []int64{open, other}, true},
			"part of one maker":        {[]string{"part", "MC-1", "maker", "Umi Semi"}, []int64{other}, true},
			"maker and part regrouped": {[]string{"part", "emiMC-1", "maker", "Kawa S"}, nil, true},
			"outer blanks":             {[]string{"part", "SemiMC-1", "maker", "Kawa "}, []int64{open}, true},
			"part without maker":       {[]string{"part", "BOARD"}, []int64{open}, true},
			"product as a part":        {[]string{"part", "HR-87T", "maker", "Hoshino Relay K.K."}, []int64{open, other}, true},
			"component":                {[]string{"component", "sha256:" + hexOf("mc")}, []int64{open, other}, true},
			"component of nobody":      {[]string{"component", "sha256:" + hexOf("?")}, nil, true},
			"held part":                {[]string{"part", "SECRET-1"}, nil, true},
			"held part and maker":      {[]string{"part", "SECRET-1", "maker", "Secret Semi"}, nil, true},
			"held maker":               {[]string{"maker", "Secret Semi"}, nil, true},
			"held component":           {[]string{"component", "sha256:" + hexOf("secret")}, nil, true},
		} {
			got := r.searches(t, c.query...)
			if !slices.Equal(got.Entries, c.want) || got.Next != nil {
				t.Errorf("%s: entries %v next %v, want %v", name, got.Entries, got.Next, c.want)
			}
			wantHeld := int64(0)
			if c.inside {
				wantHeld = 1
			}
			if got.Held != wantHeld || got.Unread != 0 || got.Pending != 0 {
				t.Errorf("%s: held %d unread %d pending %d", name, got.Held, got.Unread, got.Pending)
			}
			for _, at := range got.Entries {
				r.opens(t, r.get(t, fmt.Sprintf("/api/v1/entries/%d/bundle", at)).body)
			}
		}
	}
	check(t)
	// Rebuilt while the server runs, and from nothing after it was deleted.
	for _, ix := range []*index.Index{r.contents.index, r.lookups.index} {
		if err := ix.Reset(); err != nil {
			t.Fatal(err)
		}
	}
	r.lookups.poke()
	r.enrol(t, "x:someone-else", newKey(t, envelope.Ed25519))
	check(t)
	r.end(t)
	remove(t, filepath.Join(dir, indexName))
	r = serve(t, dir)
	check(t)
	r.end(t)
	spoil(t, filepath.Join(dir, indexName))
	r = serve(t, dir)
	check(t)
}

// TestHeldBytesThatAnotherHasOpen: another party's openness opens no held entry.
func TestHeldBytesThatAnotherHasOpen(t *testing.T) {
	r := serve(t, newLedger(t))
	key, theirs := newKey(t, envelope.Ed25519), newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	r.enrol(t, rival, theirs)
	raw := bomOfDevices(t, serialA, "HR-87T", device{"Kawa Semi", "MC-1", ""})
	r.records(t, vendor, key, raw, statement.DisclosureHeld)
	open := r.records(t, rival, theirs, raw, statement.DisclosureOpen)
	r.awaitContents(t)
	if got := r.searches(t, "part", "MC-1"); !slices.Equal(got.Entries, []int64{open}) || got.Held != 1 {
		t.Errorf("search = %+v", got)
	}
}

func TestHostileNames(t *testing.T) {
	r := serve(t, newLedger(t))
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	long := strings.Repeat("長", 1366) // 4,098 bytes
	names := []string{"a\x00b", "\x00", "a&party=x", "%00", "<script>", "\u202eT78-RH", "é", "e\u0301", strings.Repeat("x", maxTermText), " "}
	var devices []device
	for _, n := range append(names, long) {
		devices = append(devices, device{"M\x00", n, ""})
	}
	at := r.records(t, vendor, key, bomOfDevices(t, serialA, "HR\"-87T\n", devices...), statement.DisclosureOpen)
	r.awaitContents(t)
	for _, n := range names {
		for _, q := range [][]string{{"part", n}, {"part", n, "maker", "M\x00"}} {
			if got := r.searches(t, q...); !slices.Equal(got.Entries, []int64{at}) || got.Query.Part != n {
				t.Errorf("search for %q = %+v", q, got)
			}
		}
		if len(n) == maxTermText {
			continue
		}
		// The zero byte may stand in either word: neither reads as the other.
		if got := r.searches(t, "part", "\x00"+n, "maker", "M"); len(got.Entries) != 0 {
			t.Errorf("search for a regrouped %q = %v", n, got.Entries)
		}
	}
	refused(t, r.get(t, "/api/v1/search?part="+url.QueryEscape(long)), 400, "SERVER-QUERY-MALFORMED")
}

func TestMalformedQueries(t *testing.T) {
	r := serve(t, newLedger(t))
	for _, q := range []string{
		"", "limit=1", "after=1", "party=", "party=x:a&party=x:a", "party=x:a&product=b", "product=a&maker=b", "serial=a&part=b", "part=a&maker=b&party=c",
		"who=x:a", "party=x:a&who=b", "Party=x:a", "party=%ff", "party=%zz", "party=x:a;limit=1", "party=" + strings.Repeat("a", maxTermText+1),
		"party=x:a&limit=0", "party=x:a&limit=-1", "party=x:a&limit=01", "party=x:a&limit=1001", "party=x:a&limit=", "party=x:a&limit=1e3", "party=x:a&limit=1&limit=2",
		"party=x:a&after=-1", "party=x:a&after=%2b1", "party=x:a&after=9223372036854775808", "party=x:a&after=0x1",
		"component=" + hexOf("a"), "component=sha256:" + strings.ToUpper(hexOf("a")), "component=sha256:00", "component=sha512:" + hexOf("a"), "component=sha256:" + hexOf("a") + "&maker=b",
	} {
		t.Run(q, func(t *testing.T) { refused(t, r.get(t, "/api/v1/search?"+q), 400, "SERVER-QUERY-MALFORMED") })
	}
	for _, after := range []string{"0", "2", "9223372036854775807"} {
		if got := r.searches(t, "party", "x:a", "after", after); len(got.Entries) != 0 || got.Next != nil {
			t.Errorf("after %s = %+v", after, got)
		}
	}
}

// TestPagesWhileTheLogGrows asks page by page while entries come in.
func TestPagesWhileTheLogGrows(t *testing.T) {
	r := serve(t, newLedger(t))
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	var want []int64
	add := func() {
		raw := bomOfDevices(t, serialA[:34]+fmt.Sprintf("%02x", len(want)), "HR-87T", device{"Kawa Semi", "MC-1", ""})
		want = append(want, r.records(t, vendor, key, raw, statement.DisclosureOpen))
	}
	for range 5 {
		add()
	}
	for _, q := range [][]string{{"party", vendor}, {"part", "MC-1"}} {
		var got []int64
		after, size := "", int64(0)
		for n := 0; ; n++ {
			if n == 1 || n == 3 {
				add()
				if err := r.contents.index.Reset(); err != nil { // rebuilt midway
					t.Fatal(err)
				}
				r.lookups.poke()
				r.enrol(t, fmt.Sprintf("x:party-%s-%d", q[0], n), newKey(t, envelope.Ed25519))
			}
			r.awaitContents(t)
			args := append(slices.Clone(q), "limit", "2")
			if after != "" {
				args = append(args, "after", after)
			}
			p := r.searches(t, args...)
			if p.Size < size || len(p.Entries) > 2 {
				t.Fatalf("page %d = %+v after one of size %d", n, p, size)
			}
			size = p.Size
			got = append(got, p.Entries...)
			if p.Next == nil {
				break
			}
			after = fmt.Sprint(*p.Next)
		}
		if !slices.Equal(got, want) {
			t.Errorf("pages of %v = %v, want %v", q, got, want)
		}
	}
}

// TestWhatWasNotExaminedIsSaid: lost bytes and bounds are never an absence.
func TestWhatWasNotExaminedIsSaid(t *testing.T) {
	dir := newLedger(t)
	r := serve(t, dir)
	open, other, _ := market(t, r)
	r.awaitContents(t)

	few := &contents{entries: r.lookups, blobs: r.blobs, readers: semaphore.NewWeighted(1), most: 2, log: r.log}
	e, err := r.lookups.read(open)
	if err != nil {
		t.Fatal(err)
	}
	terms, err := few.terms(t.Context(), e)
	if err != nil || len(terms) != 5 || !equalTerms(terms[4], termUnread) {
		t.Errorf("terms of a BOM with too many = %v, %v", terms, err)
	}
	cut, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := few.terms(cut, e); err == nil {
		t.Error("a look that was broken off is no word about the BOM")
	}

	// The bytes are lost while the index still has what was in them.
	r.end(t)
	spoil(t, filepath.Join(dir, blobsName))
	r = serve(t, dir)
	got := r.searches(t, "part", "MC-1")
	if len(got.Entries) != 0 || got.Unread != 2 || got.Held != 1 || got.Pending != 0 {
		t.Errorf("search over lost bytes = %+v", got)
	}
	// And the index with them.
	r.end(t)
	remove(t, filepath.Join(dir, indexName))
	r = serve(t, dir)
	r.awaitContents(t)
	for _, part := range []string{"MC-1", "never there"} {
		if got := r.searches(t, "part", part); len(got.Entries) != 0 || got.Unread != 2 || got.Held != 1 || got.Pending != 0 {
			t.Errorf("search for %q over lost bytes = %+v", part, got)
		}
	}
	if got := r.searches(t, "product", "HR-87T"); !slices.Equal(got.Entries, []int64{open, other}) || got.Unread != 0 {
		t.Errorf("search of leaves over lost bytes = %+v", got)
	}
}

// TestPendingEntries searches with an index that has not come to anything.
func TestPendingEntries(t *testing.T) {
	r := serve(t, newLedger(t))
	_, _, held := market(t, r)
	ix := emptyIndex(t)
	c := &contents{entries: r.lookups, blobs: r.blobs, index: ix, readers: r.contents.readers, most: 9, log: r.log}
	p, err := c.find(t.Context(), r.Size(), byContents(termInside(index.InsidePart, "MC-1")), -1, 10)
	if err != nil || len(p.entries) != 0 || p.pending != 2 || p.held != 1 {
		t.Errorf("search with an empty index = %+v, %v", p, err)
	}
	p, err = c.find(t.Context(), held, byContents(termInside(index.InsidePart, "MC-1")), -1, 10)
	if err != nil || p.pending != 2 || p.held != 0 {
		t.Errorf("search of a smaller log = %+v, %v", p, err)
	}
}

func emptyIndex(t *testing.T) *index.Index {
	t.Helper()
	ix, err := index.Open(t.TempDir(), index.Options{Log: testOrigin})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ix.Close() })
	return ix
}

// TestTheIndexOnlyProposes has an index that says of every entry that it has
// what is asked for, as a colliding hash would.
func TestTheIndexOnlyProposes(t *testing.T) {
	r := serve(t, newLedger(t))
	open, other, _ := market(t, r)
	part, product := termInside(index.InsidePart, "MC-1"), termNamed(index.SaidProduct, statement.KindBOM, "HR-87T")
	lie := make([][]index.Term, r.Size())
	for i := range lie {
		lie[i] = []index.Term{part, product, termInside(index.InsidePart, "SECRET-1")}
	}
	ix := emptyIndex(t)
	if err := ix.Apply(0, lie); err != nil {
		t.Fatal(err)
	}
	want := []int64{open, other}
	p, err := (&lookups{log: r.sequence, index: ix}).page(t.Context(), r.Size(), byTerms(product), -1, 10)
	if err != nil || !slices.Equal(p.entries, want) {
		t.Errorf("search of leaves = %+v, %v", p, err)
	}
	c := &contents{entries: r.lookups, blobs: r.blobs, index: ix, readers: r.contents.readers, most: 9, log: r.log}
	if p, err := c.find(t.Context(), r.Size(), byContents(part), -1, 10); err != nil || !slices.Equal(p.entries, want) {
		t.Errorf("search of contents = %+v, %v", p, err)
	}
	if p, err := c.find(t.Context(), r.Size(), byContents(termInside(index.InsidePart, "SECRET-1")), -1, 10); err != nil || len(p.entries) != 0 {
		t.Errorf("search for what is held = %+v, %v", p, err)
	}
}

func TestScan(t *testing.T) {
	term := []index.Term{termSaid(index.SaidParty, statement.KindBOM, "x:a")}
	const n = 600
	filled := func(t *testing.T) *index.Index {
		ix := emptyIndex(t)
		terms := make([][]index.Term, n)
		for i := range terms {
			terms[i] = term
		}
		if err := ix.Apply(0, terms); err != nil {
			t.Fatal(err)
		}
		return ix
	}
	all := func(int64, uint64) (verdict, error) { return hit, nil }
	t.Run("rebuilt midway", func(t *testing.T) {
		ix, once := filled(t), false
		_, _, err := scan(t.Context(), ix, n, term, -1, maxPage, func(int64, uint64) (verdict, error) {
			if !once {
				once = true
				return hit, ix.Reset()
			}
			return hit, nil
		})
		if problem.Code(err) != "SERVER-INDEX-BEHIND" {
			t.Errorf("scan = %v", err)
		}
	})
	t.Run("too far behind", func(t *testing.T) {
		if _, _, err := scan(t.Context(), filled(t), n+maxTail+1, term, -1, 1, all); problem.Code(err) != "SERVER-INDEX-BEHIND" {
			t.Errorf("scan = %v", err)
		}
	})
	t.Run("index ahead of the checkpoint", func(t *testing.T) {
		p, indexed, err := scan(t.Context(), filled(t), 10, term, 3, maxPage, all)
		if err != nil || indexed != 10 || !slices.Equal(p.entries, []int64{4, 5, 6, 7, 8, 9}) || p.next != -1 {
			t.Errorf("scan = %+v %d %v", p, indexed, err)
		}
	})
	t.Run("tail and limit", func(t *testing.T) {
		p, _, err := scan(t.Context(), filled(t), n+50, term, 9, n, all)
		if err != nil || len(p.entries) != n || p.entries[0] != 10 || p.next != n+9 {
			t.Errorf("scan = %d entries, next %d, %v", len(p.entries), p.next, err)
		}
		if p, _, err := scan(t.Context(), filled(t), n+50, term, n+9, n, all); err != nil || len(p.entries) != 40 || p.next != -1 {
			t.Errorf("scan = %+v, %v", p, err)
		}
	})
	t.Run("costly page", func(t *testing.T) {
		seen := 0
		p, _, err := scan(t.Context(), filled(t), n, term, -1, n, func(int64, uint64) (verdict, error) {
			if seen++; seen > 300 {
				return stop, nil
			}
			return miss, nil
		})
		if err != nil || len(p.entries) != 0 || p.next != 299 {
			t.Errorf("scan = %+v, %v", p, err)
		}
	})
	t.Run("after the end", func(t *testing.T) {
		if p, _, err := scan(t.Context(), filled(t), n, term, math.MaxInt64, 1, all); err != nil || len(p.entries) != 0 || p.next != -1 {
			t.Errorf("scan = %+v, %v", p, err)
		}
	})
	t.Run("context over", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := scan(ctx, filled(t), n, term, -1, 1, all); err == nil {
			t.Error("scan after its end answered")
		}
	})
}

func FuzzQuestion(f *testing.F) {
	for _, q := range []string{"party=x:a", "part=a&maker=b&after=3&limit=1000", "component=sha256:" + hexOf("a"), "serial=%00", "limit=1", "a=%zz", "part=a;maker=b"} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		q, err := readQuestion(raw)
		if err != nil {
			if problem.Code(err) != "SERVER-QUERY-MALFORMED" {
				t.Fatalf("%q: %v", raw, err)
			}
			return
		}
		if q.limit < 1 || q.limit > maxPage || q.after < -1 || len(q.sought().terms) == 0 {
			t.Fatalf("%q = %+v", raw, q)
		}
	})
}

package receiving_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/policy"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// TestGenesisNamesTheTrustedKeys: a trust file that asks for fewer keys than the
// log has from its genesis on, or for others, is not of that log.
func TestGenesisNamesTheTrustedKeys(t *testing.T) {
	w := newWorld(t, origin, 0)
	b := w.bundle(w.bom(bill, nil))
	fewer := *w.trust
	fewer.Logs = []ledger.TrustedLog{w.trust.Logs[0]}
	fewer.Logs[0].Keys = w.trust.Logs[0].Keys[:1]
	if _, err := receiving.Open(b, &fewer); code(err) != "BUNDLE-GENESIS-KEYS" {
		t.Errorf("got %v", err)
	}
	if _, err := receiving.Open(b, w.trust); err != nil {
		t.Error(err)
	}
}

// TestBundleBounds: more entries than a bundle holds are refused before anything
// of them is read, and base64 has one spelling.
func TestBundleBounds(t *testing.T) {
	w := newWorld(t, origin, 0)
	b := w.bundle(w.bom(bill, nil))
	grown := *b
	for i := range int64(receiving.MaxHistory) {
		grown.History = append(grown.History, receiving.Entry{Leaf: []byte("{"), Index: 10 + i})
	}
	for n, want := range map[int]string{receiving.MaxHistory: "", receiving.MaxHistory + 1: "BUNDLE-SIZE-LIMIT"} {
		some := grown
		some.History = grown.History[:n]
		raw, err := some.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := receiving.ParseBundle(raw); code(err) != want {
			t.Errorf("%d entries: %v", n, err)
		}
	}
	raw, err := b.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for _, broken := range []string{`"status": "e\n`, `"status": "e\r\n`} {
		text := strings.Replace(string(raw), `"status": "e`, broken, 1)
		if text == string(raw) || !json.Valid([]byte(text)) {
			t.Fatal("the edit changes nothing")
		}
		if _, err := receiving.ParseBundle([]byte(text)); code(err) != "BUNDLE-FILE-MALFORMED" {
			t.Errorf("a line end within base64: %v", err)
		}
	}
}

// TestStatusOfSomethingElse: a status, rightly signed, that differs from what the
// bundle holds in one thing says nothing of it.
func TestStatusOfSomethingElse(t *testing.T) {
	c := newChanging(t, bill)
	c.advise(regulator, statement.SeverityNotice, statement.Selector{Party: vendor}, nil, c.regulator)
	for name, change := range map[string]func(*statement.Status){
		"":                         func(*statement.Status) {},
		"about another party":      func(s *statement.Status) { s.About = competitor },
		"another last advisory":    func(s *statement.Status) { s.Advisories.Last[0] ^= 1 },
		"fewer advisories":         func(s *statement.Status) { s.Advisories = statement.Advisories{} },
		"without the entry itself": func(s *statement.Status) { s.Entries = []int64{2, 3, 4, 6} },
	} {
		b := c.whole(c.bom5)
		b.Status = c.status(c.bom5, []int64{2, 3, 4, 5, 6}, func(s *statement.Status) {
			s.Advisories = statement.Advisories{Count: 1, Last: c.prev(6)}
			change(s)
		})
		ev, err := receiving.Open(b, c.trust)
		if err != nil {
			t.Fatal(err)
		}
		if (ev.Status != nil) != (name == "") || name != "" && ev.StatusError.Code() != "BUNDLE-STATUS-OTHER" {
			t.Errorf("%q: status %v, %v", name, ev.Status, ev.StatusError)
		}
	}
}

// TestStatusThreshold: where two of the log's keys have to sign, one does not.
func TestStatusThreshold(t *testing.T) {
	c := newChanging(t, bill)
	second := signer(t, 71)
	c.log(c.must(statement.NewKeys(statement.Keys{
		Head: by(statement.Log), KeySet: statement.NewKeySet(2, c.service.Key(), second.Key()),
	})), c.service, second)
	b := c.whole(c.bom5)
	if _, err := receiving.Open(b, c.trust); code(err) != "BUNDLE-STATUS-THRESHOLD" {
		t.Errorf("one of two: %v", err)
	}
	b.Status = c.status(c.bom5, []int64{2, 3, 4, 5, 6}, nil, c.service, second)
	if ev, err := receiving.Open(b, c.trust); err != nil || ev.Status == nil {
		t.Errorf("both: %v", err)
	}
}

// TestNewerProgramHolds: an entry that a newer program may know accuses nobody,
// and is not passed over.
func TestNewerProgramHolds(t *testing.T) {
	w := newWorld(t, origin, 0)
	i := w.bom(bill, nil)
	e, err := envelope.ParseLeaf(w.leaves[i])
	if err != nil {
		t.Fatal(err)
	}
	for _, newer := range []string{"/shipment/v1", "/bom/v2"} {
		w.leaves = w.leaves[:i+1]
		j := w.log([]byte(strings.Replace(string(e.Payload()), "/bom/v1", newer, 1)), w.vendor)
		v := w.check(bill, w.bundle(i, j), nil)
		if v.Verdict != receiving.Hold || v.Exit != 10 || !strings.HasSuffix(grave(v), "-NEWER") {
			t.Errorf("%s: got %s %d %s", newer, v.Verdict, v.Exit, grave(v))
		}
	}
}

// TestOtherBytesAreNotParsed: nothing is said of a file that is not the one that
// was signed but this.
func TestOtherBytesAreNotParsed(t *testing.T) {
	w := newWorld(t, origin, 0)
	b := w.bundle(w.bom(bill, nil))
	for _, file := range []string{bill[:100], "", strings.Replace(bill, `"JP"`, `"BV"`, 2)} {
		v := w.check(file, b, nil)
		if v.Exit != 11 || len(v.Reasons) != 1 || grave(v) != "VERDICT-BYTES-DIFFER" || v.Counts.Components != 0 {
			t.Errorf("got %d %s, %d components", v.Exit, grave(v), v.Counts.Components)
		}
	}
}

// TestOrderOfExits: of several exit codes the first in the order of the format,
// 13 aside, which is not for a bundle to say.
func TestOrderOfExits(t *testing.T) {
	c := newChanging(t, bill)
	c.withdraw(vendor, c.bom5, c.vendor)
	holds := c.whole(c.bom5)
	stale := c.whole(c.bom5)
	stale.Status = nil
	expired := func(r *receiving.Request) {
		trust := *r.Trust
		trust.Expires = r.At
		r.Trust = &trust
	}
	for name, tt := range map[string]struct {
		file   string
		bundle *receiving.Bundle
		ask    func(*receiving.Request)
		want   int
	}{
		"10":                 {bill, holds, nil, 10},
		"14 before 10":       {bill, stale, nil, 14},
		"14 before 10 again": {bill, holds, expired, 14},
		"11 before 14":       {"{}", stale, nil, 11},
		"12 before 14": {bill, nil, func(r *receiving.Request) {
			expired(r)
			r.Absent = 3
		}, 12},
		"no 12 against a proof": {bill, holds, func(r *receiving.Request) { r.Absent = 3 }, 10},
		"11 before 12":          {"{}", holds, func(r *receiving.Request) { r.Absent = 3 }, 11},
	} {
		if v := c.check(tt.file, tt.bundle, tt.ask); v.Exit != tt.want || v.Verdict == receiving.Accept {
			t.Errorf("%s: got %s %d %s", name, v.Verdict, v.Exit, grave(v))
		}
	}
}

// TestContentsMemberByMember: each member that a statement copies from the BOM is
// held against it.
func TestContentsMemberByMember(t *testing.T) {
	doc, findings := sbom.Admit([]byte(bill), sbom.DefaultLimits)
	if doc == nil {
		t.Fatal(findings)
	}
	by := &statement.Party{ID: vendor}
	for name, change := range map[string]func(*statement.BOM){
		"":              func(*statement.BOM) {},
		"digest":        func(b *statement.BOM) { b.Digest[0] ^= 1 },
		"size":          func(b *statement.BOM) { b.Size++ },
		"media type":    func(b *statement.BOM) { b.MediaType = "application/json; version=1.6" },
		"spec version":  func(b *statement.BOM) { b.SpecVersion = "1.5" },
		"serial number": func(b *statement.BOM) { b.SerialNumber = "" },
		"version":       func(b *statement.BOM) { b.Version++ },
		"no product":    func(b *statement.BOM) { b.Product = nil },
		"name":          func(b *statement.BOM) { b.Product.Name += "x" },
		"maker":         func(b *statement.BOM) { b.Product.Maker += "x" },
		"product's":     func(b *statement.BOM) { b.Product.Version += "x" },
		"gtin":          func(b *statement.BOM) { b.Product.GTIN = "1" },
		"cpe":           func(b *statement.BOM) { b.Product.CPE = "cpe:x" },
		"purl":          func(b *statement.BOM) { b.Product.PURL = "pkg:x" },
	} {
		said := receiving.Describe(doc)
		change(&said)
		want := "STATEMENT-BOM-MISMATCH"
		if name == "" {
			want = ""
		}
		if err := receiving.CompareContents(&said, by, doc); code(err) != want {
			t.Errorf("%q: %v", name, err)
		}
	}
	said := receiving.Describe(doc)
	if err := receiving.CompareContents(&said, &statement.Party{ID: vendor, SpeaksFor: []string{competitor}}, doc); code(err) != "STATE-SPEAKS-FOR" {
		t.Errorf("a party that speaks for others only: %v", err)
	}
}

// TestConcernOfEnrolments: what gives the party its keys, or lets others sign for
// it, concerns each of its BOMs.
func TestConcernOfEnrolments(t *testing.T) {
	w := newWorld(t, origin, 0)
	i := w.bom(bill, nil)
	ev, err := receiving.Open(w.bundle(i), w.trust)
	if err != nil {
		t.Fatal(err)
	}
	for _, actor := range []string{vendor, competitor} {
		for _, body := range []statement.Body{&statement.Party{ID: actor}, &statement.Keys{}, &statement.Delegate{}} {
			st := &statement.Statement{Kind: body.Kind(), Head: by(actor), Body: body}
			if got := slices.Contains(ev.Concern().Visit(i+1, st), i+1); got != (actor == vendor) {
				t.Errorf("%s of %s: %t", body.Kind(), actor, got)
			}
		}
	}
}

// TestConcernOfNumbers: other bytes under the number of the BOM concern it, and
// under another number do not.
func TestConcernOfNumbers(t *testing.T) {
	w := newWorld(t, origin, 0)
	i := w.bom(bill, nil)
	ev, err := receiving.Open(w.bundle(i), w.trust)
	if err != nil {
		t.Fatal(err)
	}
	mine := ev.Statement.Body.(*statement.BOM)
	for name, tt := range map[string]struct {
		serial  string
		version int64
		want    bool
	}{
		"the same":       {mine.SerialNumber, mine.Version, true},
		"other version":  {mine.SerialNumber, mine.Version + 1, false},
		"another serial": {"urn:uuid:00000000-395b-41f5-a30f-a58921a69b79", mine.Version, false},
		"none":           {"", mine.Version, false},
	} {
		other := &statement.BOM{Head: by(vendor), Digest: statement.Digest{1}, SerialNumber: tt.serial, Version: tt.version}
		st := &statement.Statement{Kind: statement.KindBOM, Head: by(vendor), Body: other}
		if got := slices.Contains(ev.Concern().Visit(i+1, st), i+1); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestAdvisoriesOnHiddenProducts: a commitment hides from the log what an
// advisory is about, and not from who has the BOM.
func TestAdvisoriesOnHiddenProducts(t *testing.T) {
	for name, tt := range map[string]struct {
		about statement.Selector
		want  int
	}{
		"this product":    {statement.Selector{Product: "HR-87T"}, 11},
		"another product": {statement.Selector{Product: "HR-88"}, 0},
		"another party":   {statement.Selector{Party: competitor}, 0},
	} {
		c := newChanging(t, bill)
		i := c.bom(bill, func(b *statement.BOM) {
			b.Disclosure, b.Product, b.Note = statement.DisclosureHeld, &statement.Product{Commit: statement.Digest{1}}, "held"
		})
		c.advise(regulator, statement.SeverityBan, tt.about, nil, c.regulator)
		if v := c.check(bill, c.whole(i), nil); v.Exit != tt.want {
			t.Errorf("%s: got %s %d %s", name, v.Verdict, v.Exit, grave(v))
		}
	}
}

// TestRejectBeforeAbsent: what a policy rejects is rejected, whether or not the
// log has an entry for it.
func TestRejectBeforeAbsent(t *testing.T) {
	raw, _ := policy.Pack(policy.Demo)
	strict, err := policy.Parse([]byte(strings.ReplaceAll(string(raw), "outcome: hold", "outcome: reject")))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, origin, 0)
	v := w.check(strings.Replace(bill, `"value": "JP"`, `"value": "BV"`, 1), nil, func(r *receiving.Request) { r.Policy, r.Absent = strict, 3 })
	if v.Verdict != receiving.Reject || v.Exit != 11 {
		t.Errorf("got %s %d %s", v.Verdict, v.Exit, grave(v))
	}
}

// TestStatusTenMinutesAhead: ten minutes are the clocks', a second more is none.
func TestStatusTenMinutesAhead(t *testing.T) {
	w := newWorld(t, origin, 0)
	b := w.bundle(w.bom(bill, nil))
	for ahead, want := range map[time.Duration]int{10 * time.Minute: 0, 10*time.Minute + time.Second: 14} {
		if v := w.check(bill, b, func(r *receiving.Request) { r.At = made.Add(-ahead) }); v.Exit != want {
			t.Errorf("%s ahead: got %s %d %s", ahead, v.Verdict, v.Exit, grave(v))
		}
	}
}

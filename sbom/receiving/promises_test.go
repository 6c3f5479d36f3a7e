package receiving_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/envelope"
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

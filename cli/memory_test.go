package cli

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/client"
	"github.com/yurai-ledger/yurai/sbom/receiving"
)

// accused returns the evidence files of a kind in a folder.
func accused(t *testing.T, dir, kind string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "*.evidence-"+kind+"-*.json"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// remembers is what the memory of the liar's trust file holds.
func (l *liar) remembers() client.Seen {
	l.t.Helper()
	trust, err := readTrust(l.trust)
	l.ok(err)
	raw, err := os.ReadFile(memoryName(l.trust))
	l.ok(err)
	m, err := client.ParseMemory(raw, trust)
	l.ok(err)
	return m.Seen(l.origin)
}

// branch is a copy of the liar that goes its own way from the first n entries on.
func (l *liar) branch(n int) *liar {
	other := *l
	other.leaves = l.leaves[:n:n]
	return &other
}

// TestContacts: what each command makes of a log that another history, or a
// longer one, is remembered of.
func TestContacts(t *testing.T) {
	type world struct {
		*liar
		file, sent string
		posted     *atomic.Int64
	}
	// The log has 6 entries, of which all are remembered as published.
	build := func(t *testing.T) world {
		l := newLiar(t)
		bill := relay(t, 1)
		l.add(l.bom(vendorID, bill, nil)("vendor"))
		l.add(l.bom(vendorID, relay(t, 2), nil)("vendor"))
		w := world{l, l.keep("relay.json", bill, nil), l.file("sent.json", l.leaves[4]), &atomic.Int64{}}
		code, out, errs := l.asks("fetch", w.file, "--server", l.serve(map[int64][]int64{4: {2}, 5: {2}}, nil))
		if code != exitDone || !strings.Contains(errs, "CLIENT-CONTACT-FIRST") {
			t.Fatalf("exit %d\n%s%s", code, out, errs)
		}
		return w
	}
	hide := func(prefix string) map[string]http.HandlerFunc {
		return map[string]http.HandlerFunc{prefix: http.NotFound}
	}
	bent := func(w http.ResponseWriter, _ *http.Request) { w.Write(bytes.Repeat([]byte{7}, 7*32)) }
	grown := func(w world, n int) *liar {
		for v := range n {
			w.add(w.bom(vendorID, relay(w.t, 10+v), nil)("vendor"))
		}
		return w.liar
	}
	aside := func(w world, at, n int) *liar {
		b := w.branch(at)
		for v := range n {
			b.add(b.bom(vendorID, relay(w.t, 20+v), nil)("vendor"))
		}
		return b
	}
	const rollback, fork = "AUDIT-LOG-ROLLBACK", "AUDIT-LOG-FORK"
	for name, c := range map[string]struct {
		log     func(w world) *liar
		instead map[string]http.HandlerFunc
		want    int
		code    string
		kind    string // of evidence
	}{
		"the same log":                     {func(w world) *liar { return w.liar }, nil, 0, "", ""},
		"a longer log":                     {func(w world) *liar { return grown(w, 3) }, nil, 0, "", ""},
		"a shorter one":                    {func(w world) *liar { return w.branch(5) }, nil, 13, rollback, "rollback"},
		"a shorter one that forked":        {func(w world) *liar { return aside(w, 4, 1) }, nil, 13, rollback, "rollback"},
		"another of the same size":         {func(w world) *liar { return aside(w, 5, 1) }, nil, 13, fork, "fork"},
		"the same size, and no tiles":      {func(w world) *liar { return aside(w, 5, 1) }, hide("/tile/"), 13, fork, "fork"},
		"another that is longer":           {func(w world) *liar { return aside(w, 5, 4) }, nil, 13, fork, "fork"},
		"another from the second entry on": {func(w world) *liar { return aside(w, 4, 9) }, nil, 13, fork, "fork"},
		"longer, without tiles":            {func(w world) *liar { return grown(w, 1) }, hide("/tile/"), 4, "CLI-ANSWER-MALFORMED", ""},
		"longer, with bent tiles":          {func(w world) *liar { return grown(w, 1) }, map[string]http.HandlerFunc{"/tile/0/": bent}, 4, "CLI-ANSWER-MALFORMED", ""},
		"another, longer, with bent tiles": {func(w world) *liar { return aside(w, 5, 2) }, map[string]http.HandlerFunc{"/tile/0/": bent}, 4, "CLI-ANSWER-MALFORMED", ""},
		"a checkpoint that nobody signed": {func(w world) *liar { return w.liar }, map[string]http.HandlerFunc{
			"/checkpoint": answers(200, "text/plain", "ledger.example/liar\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— ledger.example/liar AAAAAAAAAAA=\n"),
		}, 4, "CLI-ANSWER-MALFORMED", ""},
		"no answer": {func(w world) *liar { return w.liar }, map[string]http.HandlerFunc{"/checkpoint": answers(503, "text/plain", "")}, 4, "CLIENT-SERVER-UNREACHABLE", ""},
	} {
		for _, command := range []string{"fetch", "submit", "check", "check --state", "audit"} {
			t.Run(name+"/"+command, func(t *testing.T) {
				t.Parallel()
				w := build(t)
				shown := c.log(w)
				instead := map[string]http.HandlerFunc{"/api/v1/statements": func(rw http.ResponseWriter, r *http.Request) {
					w.posted.Add(1)
					raw, err := shown.bundle(4, 2).Marshal()
					w.ok(err)
					rw.WriteHeader(http.StatusOK)
					rw.Write(raw)
				}}
				for k, v := range c.instead {
					instead[k] = v
				}
				url := shown.serve(map[int64][]int64{4: {2}, 5: {2}, 6: {2}, 7: {2}, 8: {2}}, instead)
				before := mustRead(t, memoryName(w.trust))
				state := w.file + ".state.json"
				write(t, state, before)
				want := c.want
				var code int
				var out, errs string
				switch command {
				case "fetch":
					code, out, errs = w.asks("fetch", w.file, "--server", url)
				case "submit":
					code, out, errs = w.asks("submit", w.file, "--statement", w.sent, "--server", url)
				case "check":
					code, out, errs = w.asks("check", w.file, "--server", url)
				case "check --state":
					code, out, errs = w.asks("check", w.file, "--server", url, "--state", state)
				case "audit":
					code, out, errs = w.asks("audit", url)
				}
				if strings.HasPrefix(command, "check") && want == exitUnreachable {
					want = exitDone // there is a bundle to judge by
				}
				if command == "audit" && c.instead != nil && strings.Contains(name, "tiles") {
					want = code // its own tests say what an audit makes of tiles
					if code == exitDone {
						t.Errorf("exit 0\n%s%s", out, errs)
					}
				} else if code != want || c.want != exitDone && !strings.Contains(out+errs, c.code) {
					t.Errorf("exit %d, want %d with %s\n%s%s", code, want, c.code, out, errs)
				}
				if c.want != exitDone && w.posted.Load() != 0 {
					t.Error("something was sent")
				}
				dir := filepath.Dir(w.trust)
				kind := c.kind
				if command == "audit" && name == "another, longer, with bent tiles" {
					kind = "fork" // the leaves prove it
				}
				evidence := append(accused(t, dir, "fork"), accused(t, dir, "rollback")...)
				if kind == "" && len(evidence) > 0 || kind != "" && (len(evidence) != 1 || len(accused(t, dir, kind)) != 1) {
					t.Errorf("evidence %q\n%s", evidence, errs)
				}
				for _, file := range evidence {
					want := map[string]int{"fork": exitMisbehaved, "rollback": exitHold}[kind]
					if code, out, errs := w.asks("verify", file); code != want {
						t.Errorf("the evidence gives %d, want %d\n%s%s", code, want, out, errs)
					}
				}
				after := mustRead(t, memoryName(w.trust))
				if command == "check" || c.want != exitDone {
					if !bytes.Equal(before, after) {
						t.Errorf("the memory changed\n%s\n%s", before, after)
					}
				}
				if command == "check --state" {
					after = mustRead(t, state)
				}
				if c.want != exitDone || command == "check" || name != "a longer log" {
					return
				}
				if trust, _ := readTrust(w.trust); trust != nil {
					m, err := client.ParseMemory(after, trust)
					if err != nil || m.Seen(w.origin).Published.Size != 9 {
						t.Errorf("remembered: %s, %v", after, err)
					}
				}
			})
		}
	}
}

// TestOldCache: a checkpoint that a cache kept too long is asked for again and is
// no rollback.
func TestOldCache(t *testing.T) {
	l := newLiar(t)
	bill := relay(t, 1)
	l.add(l.bom(vendorID, bill, nil)("vendor"))
	file := l.keep("relay.json", bill, nil)
	old := l.note(4)
	cached := map[string]http.HandlerFunc{}
	url := l.serve(map[int64][]int64{4: {2}}, cached)
	if code, out, errs := l.asks("fetch", file, "--server", url); code != exitDone {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	now := l.note(5)
	asked := 0
	cached["/checkpoint"] = func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.Header.Get("Cache-Control") == "no-cache" {
			w.Write(now)
			return
		}
		w.Write(old)
	}
	for _, args := range [][]string{{"fetch", file, "--server", url}, {"check", file, "--server", url}, {"audit", url}} {
		asked = 0
		if code, out, errs := l.asks(args...); code != exitDone || asked < 2 {
			t.Errorf("%s: exit %d after %d questions\n%s%s", args[0], code, asked, out, errs)
		}
	}
	if s := l.remembers(); s.Published.Size != 5 || s.Committed.Size != 5 {
		t.Errorf("remembered %+v", s)
	}
}

// TestNotYetPublished: a published checkpoint below what a receipt committed to
// is no rollback; one that contradicts it later is a fork.
func TestNotYetPublished(t *testing.T) {
	l := newLiar(t)
	bill := relay(t, 1)
	leaf := l.bom(vendorID, bill, nil)("vendor")
	file, sent := l.keep("relay.json", bill, nil), l.file("sent.json", leaf)
	l.add(leaf)
	receipt, err := l.bundle(4, 2).Marshal()
	l.ok(err)
	behind := l.note(4)
	url := l.serve(map[int64][]int64{4: {2}}, map[string]http.HandlerFunc{
		"/checkpoint":        func(w http.ResponseWriter, _ *http.Request) { w.Write(behind) },
		"/api/v1/statements": answers(201, "application/json", string(receipt)),
	})
	for range 2 {
		if code, out, errs := l.asks("submit", file, "--statement", sent, "--server", url); code != exitDone {
			t.Fatalf("exit %d\n%s%s", code, out, errs)
		}
	}
	if s := l.remembers(); s.Published.Size != 4 || s.Committed.Size != 5 {
		t.Fatalf("remembered %+v", s)
	}
	// A mirror that is behind has no tiles that would prove the receipt's tree.
	if code, out, errs := l.asks("audit", l.branch(4).serve(nil, nil)); code != exitDone {
		t.Errorf("a server that is behind: exit %d\n%s%s", code, out, errs)
	}
	if s := l.remembers(); s.Published.Size != 4 || s.Committed.Size != 5 {
		t.Errorf("remembered %+v", s)
	}
	other := l.branch(4)
	other.add(other.bom(vendorID, relay(t, 2), nil)("vendor"))
	other.add(other.bom(vendorID, relay(t, 3), nil)("vendor"))
	for name, args := range map[string][]string{
		"fetch": {"fetch", file, "--server", other.serve(nil, nil), "-o", filepath.Join(l.dir, "new.json")},
		"audit": {"audit", other.serve(nil, nil)},
	} {
		if code, out, errs := l.asks(args...); code != exitMisbehaved || !strings.Contains(out+errs, "AUDIT-LOG-FORK") {
			t.Errorf("%s: exit %d\n%s%s", name, code, out, errs)
		}
	}
	if got := accused(t, l.dir, "fork"); len(got) != 1 {
		t.Errorf("evidence %q", got)
	}
}

// TestCheckWritesNothing: neither what check fetches nor what it sees is written,
// unless it is told where.
func TestCheckWritesNothing(t *testing.T) {
	l := newLiar(t)
	bill := relay(t, 1)
	l.add(l.bom(vendorID, bill, nil)("vendor"))
	file := l.keep("relay.json", bill, nil)
	url := l.serve(map[int64][]int64{4: {2}}, nil)
	list := func() string {
		var names []string
		entries, err := os.ReadDir(l.dir)
		l.ok(err)
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return strings.Join(names, " ")
	}
	before := list()
	code, out, errs := l.asks("check", file, "--server", url)
	if code != exitDone || list() != before || strings.Count(errs, "CLIENT-CONTACT-FIRST") != 1 {
		t.Errorf("exit %d, %s\n%s%s", code, list(), out, errs)
	}
	state := filepath.Join(l.dir, "mine.json")
	for i := range 2 {
		code, out, errs = l.asks("check", file, "--server", url, "--state", state)
		if code != exitDone || strings.Contains(errs, "CLIENT-CONTACT-FIRST") != (i == 0) || !exists(state) {
			t.Errorf("with --state: exit %d\n%s%s", code, out, errs)
		}
	}
	if code, out, errs := l.asks("check", file, "--server", url, "--state", filepath.Join(l.dir, "absent", "mine.json")); code != exitInternal || !strings.Contains(errs, "CLI-FILE-UNWRITABLE") {
		t.Errorf("where nothing can be written: exit %d\n%s%s", code, out, errs)
	}
}

// TestTogether: runs that write one memory at once lose nothing of each other's.
func TestTogether(t *testing.T) {
	var logs []*liar
	trust := &ledger.Trust{Version: 1, Expires: time.Now().UTC().Truncate(time.Second).AddDate(1, 0, 0)}
	for i := range 6 {
		l := newLiarOf(t, "ledger.example/liar-"+string(rune('a'+i)))
		l.add(l.bom(vendorID, relay(t, 1), nil)("vendor"))
		own, err := readTrust(l.trust)
		l.ok(err)
		trust.Logs = append(trust.Logs, own.Logs...)
		logs = append(logs, l)
	}
	raw, err := trust.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "trust.json")
	write(t, file, raw)
	var all sync.WaitGroup
	for _, l := range logs {
		bill := l.keep("relay.json", relay(t, 1), nil)
		url := l.serve(map[int64][]int64{4: {2}}, nil)
		for range 2 {
			all.Go(func() {
				code, out, errs := in(t, nil, "", "audit", url, "--trust", file)
				if code != exitDone {
					t.Errorf("audit exits %d\n%s%s", code, out, errs)
				}
				code, out, errs = in(t, nil, "", "fetch", bill, "--server", url, "--trust", file)
				if code != exitDone {
					t.Errorf("fetch exits %d\n%s%s", code, out, errs)
				}
			})
		}
	}
	all.Wait()
	kept, err := os.ReadFile(memoryName(file))
	if err != nil {
		t.Fatal(err)
	}
	m, err := client.ParseMemory(kept, trust)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range logs {
		if s := m.Seen(l.origin); s.Published == nil || s.Published.Size != 5 || s.Committed == nil || s.Committed.Size != 5 {
			t.Errorf("%s: remembered %+v", l.origin, s)
		}
	}
}

// TestOvertaken: what another run remembered meanwhile is compared with, not
// overwritten: a client that is shown the other history finds out.
func TestOvertaken(t *testing.T) {
	l := newLiar(t)
	other := l.branch(4)
	l.add(l.bom(vendorID, relay(t, 1), nil)("vendor"))
	other.add(other.bom(vendorID, relay(t, 2), nil)("vendor"))
	trust, err := readTrust(l.trust)
	l.ok(err)
	open := func(x *liar) *ledger.Signed {
		s, err := ledger.OpenSigned(x.note(int64(len(x.leaves))), x.origin, trust.Logs[0].Keys...)
		l.ok(err)
		return &s
	}
	m := (&environment{stderr: &bytes.Buffer{}, now: time.Now}).remember(l.trust, "", trust)
	none, ours, theirs := client.Seen{}, client.Seen{Published: open(l)}, client.Seen{Published: open(other)}
	for i, c := range []struct {
		was, next client.Seen
		want      bool
	}{{none, ours, true}, {none, theirs, false}, {theirs, ours, true}, {theirs, none, false}} {
		if c.next.Same(c.was) != false {
			t.Fatal("nothing would be written")
		}
		if i == 2 {
			continue // what was is not what is remembered either, but the next is
		}
		done, err := m.keep(t.Context(), l.origin, c.was, c.next)
		if err != nil || done != c.want {
			t.Errorf("case %d: %v, %v", i, done, err)
		}
	}
	if s := l.remembers(); !s.Same(ours) {
		t.Errorf("remembered %+v", s)
	}
	if code, out, errs := l.asks("audit", other.serve(nil, nil)); code != exitMisbehaved {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
}

// TestLyingStatus: a bundle whose status keeps an entry back is held against the
// log that gave it out.
func TestLyingStatus(t *testing.T) {
	for name, c := range map[string]struct {
		build func(l *liar) *receiving.Bundle
		want  int
		files int
	}{
		"whole": {func(l *liar) *receiving.Bundle {
			l.add(l.bom(vendorID, relay(l.t, 1), nil)("vendor"))
			l.add(l.bom(vendorID, relay(l.t, 2), l.corrects(4))("vendor"))
			return l.bundle(4, 2, 5)
		}, exitDone, 0},
		"made before what it does not name": {func(l *liar) *receiving.Bundle {
			l.add(l.bom(vendorID, relay(l.t, 1), nil)("vendor"))
			b := l.bundle(4, 2)
			l.add(l.bom(vendorID, relay(l.t, 2), l.corrects(4))("vendor"))
			return b
		}, exitDone, 0},
		"without the correction": {func(l *liar) *receiving.Bundle {
			l.add(l.bom(vendorID, relay(l.t, 1), nil)("vendor"))
			l.add(l.bom(vendorID, relay(l.t, 2), l.corrects(4))("vendor"))
			return l.bundle(4, 2)
		}, exitMisbehaved, 1},
		"without a change of the party": {func(l *liar) *receiving.Bundle {
			l.add(l.bom(vendorID, relay(l.t, 1), nil)("vendor"))
			l.add(l.enrolment(vendorID, "vendor", l.second)("registrar", "vendor"))
			return l.bundle(4, 2)
		}, exitMisbehaved, 1},
		"without the same bytes again": {func(l *liar) *receiving.Bundle {
			l.add(l.bom(vendorID, relay(l.t, 1), nil)("vendor"))
			l.add(l.bom(vendorID, relay(l.t, 1), l.corrects(4))("vendor"))
			return l.bundle(4, 2)
		}, exitMisbehaved, 1},
		"a rival's words do not count": {func(l *liar) *receiving.Bundle {
			l.add(l.bom(vendorID, relay(l.t, 1), nil)("vendor"))
			l.add(l.bom(rivalID, relay(l.t, 1), nil)("rival"))
			l.add(l.bom(rivalID, relay(l.t, 2), l.corrects(4))("rival"))
			return l.bundle(4, 2)
		}, exitDone, 0},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLiar(t)
			b := c.build(l)
			l.keep("relay.json", relay(t, 1), b)
			l.add(l.bom(vendorID, relay(t, 9), nil)("vendor")) // the log has grown since
			url := l.serve(nil, nil)
			code, out, errs := l.asks("audit", url, "--bundle", filepath.Join(l.dir, "relay.json.yurai.json"), "-f", "json")
			if code != c.want || strings.Contains(out, "AUDIT-STATUS-FALSE") != (c.want == exitMisbehaved) {
				t.Errorf("exit %d, want %d\n%s%s", code, c.want, out, errs)
			}
			if exists(memoryName(l.trust)) != (c.want == exitDone) {
				t.Errorf("remembered: %v", exists(memoryName(l.trust)))
			}
			files := accused(t, l.dir, "status")
			if len(files) != c.files {
				t.Fatalf("evidence %q\n%s", files, errs)
			}
			for _, f := range files {
				if code, out, errs := l.asks("verify", f); code != exitMisbehaved || !strings.Contains(out, "leaves out entry 5") {
					t.Errorf("verify exits %d\n%s%s", code, out, errs)
				}
			}
		})
	}
}

// TestEquivocationKept: an audit keeps what shows that a party gave one number to
// two BOMs.
func TestEquivocationKept(t *testing.T) {
	l := newLiar(t)
	l.add(l.bom(vendorID, relay(t, 1), nil)("vendor"))
	l.add(l.bom(vendorID, bytes.Replace(relay(t, 1), []byte("HR-87T"), []byte("HR-88T"), 1), nil)("vendor"))
	code, out, errs := l.asks("audit", l.serve(map[int64][]int64{4: {2, 5}, 5: {2, 4}}, nil))
	files := accused(t, l.dir, "equivocation")
	if code != exitReject || len(files) != 1 {
		t.Fatalf("exit %d, evidence %q\n%s%s", code, files, out, errs)
	}
	code, out, errs = l.asks("verify", files[0], "-f", "json")
	var got accusation
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitMisbehaved || got.Party != vendorID || len(got.Entries) != 2 {
		t.Errorf("exit %d, %v\n%s%s", code, err, out, errs)
	}
	// A server whose bundles keep the other entry back leaves nothing to show.
	silent := filepath.Join(l.dir, "silent.json")
	write(t, silent, mustRead(t, memoryName(l.trust)))
	code, _, errs = l.asks("audit", l.serve(map[int64][]int64{4: {2}, 5: {2}}, nil), "--state", silent)
	if code != exitReject || !strings.Contains(errs, "AUDIT-EVIDENCE-FALSE") {
		t.Errorf("exit %d\n%s", code, errs)
	}
}

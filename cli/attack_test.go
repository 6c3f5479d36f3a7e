package cli

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// TestWhoseEntry: which entry a file is judged by is never the choice of a
// server, nor of another party that signed the same bytes.
func TestWhoseEntry(t *testing.T) {
	l := newLiar(t)
	one, two := relay(t, 1), relay(t, 2)
	l.add(l.bom(vendorID, one, nil)("vendor"))             // 4
	l.add(l.bom(vendorID, two, l.corrects(4))("vendor"))   // 5
	l.add(l.bom(rivalID, one, nil)("rival"))               // 6
	l.add(l.bom(rivalID, two, nil)("rival"))               // 7
	three := relay(t, 3)                                   //
	l.add(l.bom(vendorID, three, nil)("vendor"))           // 8
	l.add(l.bom(vendorID, three, l.corrects(8))("vendor")) // 9, the same bytes again
	concern := map[int64][]int64{4: {2, 5}, 5: {2, 4}, 6: {3}, 7: {3}, 8: {2, 9}, 9: {2, 8}}
	honest := l.serve(concern, nil)
	other := newLiar(t)
	other.add(other.bom(vendorID, two, nil)("vendor"))

	corrected := l.keep("one.json", one, l.bundle(4, 2, 5))
	good := l.keep("two.json", two, l.bundle(5, 2, 4))
	alone := l.keep("alone.json", two, nil)
	again := l.keep("again.json", three, nil)
	swapped := l.keep("swapped.json", two, l.bundle(4, 2, 5))
	untrusted := l.keep("untrusted.json", relay(t, 4), other.bundle(4, 2))
	l.file("untrusted.json.yurai.json", bytes.ReplaceAll(mustRead(t, untrusted+".yurai.json"), []byte("ledger.example/liar"), []byte("ledger.example/test")))

	for _, c := range []struct {
		name, file, server string
		check              int
		code               string // in the verdict
		fetch              int
	}{
		{"the vendor's bundle, the vendor's entry", good, honest, 0, `"id":"x:vendor"`, 0},
		{"no bundle, and a rival signed the same bytes", alone, honest, 10, "CLI-PARTY-SEVERAL", 10},
		{"corrected, and a rival's entry stands", corrected, honest, 10, "STATE-BOM-SUPERSEDED", 0},
		{"corrected, and the server finds the rival's entry alone", corrected, l.serve(concern, l.finds(6)), 10, "STATE-BOM-SUPERSEDED", 4},
		{"good, and the server finds the rival's entry alone", good, l.serve(concern, l.finds(7)), 0, `"id":"x:vendor"`, 4},
		{"proven, and the server finds nothing", good, l.serve(concern, l.finds()), 0, `"id":"x:vendor"`, 4},
		{"no bundle, signed twice, corrected once", again, honest, 10, "STATE-BOM-SUPERSEDED", 0},
		{"the bundle proves other bytes, and the server has these", swapped, honest, 11, "VERDICT-BYTES-DIFFER", 10},
		{"a bundle of a log that is not trusted, and no entry in ours", untrusted, honest, 12, "TRUST-LOG-UNKNOWN", 12},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errs := l.asks("check", c.file, "--server", c.server, "-f", "json")
			if code != c.check || !strings.Contains(out, c.code) || strings.Contains(out, `"id":"x:rival"`) {
				t.Errorf("check exits %d, want %d with %s\n%s%s", code, c.check, c.code, out, errs)
			}
			copied := filepath.Join(t.TempDir(), "copy.json")
			write(t, copied, mustRead(t, c.file))
			var before []byte
			if exists(c.file + ".yurai.json") {
				before = mustRead(t, c.file+".yurai.json")
				write(t, copied+".yurai.json", before)
			}
			code, out, errs = l.asks("fetch", copied, "--server", c.server)
			if code != c.fetch {
				t.Errorf("fetch exits %d, want %d\n%s%s", code, c.fetch, out, errs)
			}
			if code != 0 && exists(copied+".yurai.json") && !bytes.Equal(before, mustRead(t, copied+".yurai.json")) {
				t.Error("the bundle changed")
			}
		})
	}
}

func mustRead(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// answers is a fixed answer.
func answers(status int, mediaType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// problemOf is a problem document as a server may write one.
func problemOf(code string, status int, text string) string {
	raw, _ := json.Marshal(map[string]any{
		"type": "https://github.com/yurai-ledger/yurai/problem/" + code, "title": text, "status": status, "format": "yurai-problem/1", "detail": text,
		"code": code, "severity": "error", "cause": map[string]string{"en": text, "ja": text}, "remedy": map[string]string{"en": text, "ja": text},
	})
	return string(raw)
}

// TestUselessAnswers: without a bundle, a server that gives no usable answer is
// exit 4 and HOLD, whatever it answers: never absent, never invalid input, never
// unauthorised, and nothing of it reaches the terminal unescaped.
func TestUselessAnswers(t *testing.T) {
	l := newLiar(t)
	bill := relay(t, 1)
	at := l.add(l.bom(vendorID, bill, nil)("vendor"))
	file := l.keep("relay.json", bill, nil)
	const lookup, entries, typ = "/api/v1/boms/", "/api/v1/entries/", "application/problem+json"
	const hostile = "\x1b]0;owned\a\x1b[2J\u009b31m \u202eTPECCA accept."
	half := fmt.Sprintf(`{"format":"yurai-lookup/1","log":%q,"size":5,"sha256":%q`, l.origin, hexOf(bill))
	oneKey := l.bundle(at, 2)
	oneKey.Checkpoint = l.note(5, l.checkpoints[0])
	bent := l.bundle(at, 2)
	bent.Statement.Proof[0][0] ^= 1
	marshal := func(b *receiving.Bundle) string {
		raw, err := b.Marshal()
		l.ok(err)
		return string(raw)
	}
	gz := &bytes.Buffer{}
	z := gzip.NewWriter(gz)
	z.Write(make([]byte, 8<<20))
	z.Close()
	for name, c := range map[string]struct {
		path string
		h    http.HandlerFunc
	}{
		"a look-up that does not say what it found": {lookup, answers(200, "application/json", half+"}")},
		"a look-up that found null":                 {lookup, answers(200, "application/json", half+`,"entries":null}`)},
		"a look-up that says it twice":              {lookup, answers(200, "application/json", half+`,"entries":[4],"entries":[]}`)},
		"a look-up with a member in capitals":       {lookup, answers(200, "application/json", half+`,"Entries":[]}`)},
		"a refusal as of invalid input":             {lookup, answers(422, typ, problemOf("BOM-JSON-SYNTAX", 422, "x."))},
		"a refusal as of a stranger":                {lookup, answers(403, typ, problemOf("ENVELOPE-KEY-UNKNOWN", 403, "x."))},
		"a refusal in the words of an absence":      {lookup, answers(404, typ, problemOf("LOG-ENTRY-ABSENT", 404, "x."))},
		"a refusal in the words of a fork":          {lookup, answers(500, typ, problemOf("AUDIT-LOG-FORK", 500, "x."))},
		"a refusal of the checkpoint":               {"/checkpoint", answers(401, typ, problemOf("ENVELOPE-KEY-UNKNOWN", 401, "x."))},
		"words that a terminal obeys":               {lookup, answers(503, typ, problemOf("SERVER-LATER-CODE", 503, hostile))},
		"words that a terminal obeys, for a bundle": {entries, answers(422, typ, problemOf("SERVER-LATER-CODE", 422, hostile))},
		"an answer without end":                     {lookup, endless},
		"a bundle without end":                      {entries, endless},
		"a zipped bomb":                             {lookup, zipped(gz.Bytes())},
		"a bundle whose checkpoint one key signed":  {entries, answers(200, "application/json", marshal(oneKey))},
		"a bundle with a bent proof":                {entries, answers(200, "application/json", marshal(bent))},
		"a bundle, deeply nested":                   {entries, answers(200, "application/json", strings.Repeat("[", 1<<20))},
		"a redirect to the right answer": {entries, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/api/v1/boms/", http.StatusTemporaryRedirect)
		}},
		"a connection cut": {lookup, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
	} {
		t.Run(name, func(t *testing.T) {
			url := l.serve(map[int64][]int64{at: {2}}, map[string]http.HandlerFunc{c.path: c.h})
			code, out, errs := l.asks("check", file, "--server", url, "-f", "json")
			if code != exitUnreachable || !strings.Contains(out, `"verdict":"hold"`) || !strings.Contains(out, `"exit":4`) {
				t.Errorf("check exits %d\n%s%s", code, out, errs)
			}
			code, table, more := l.asks("check", file, "--server", url)
			if code != exitUnreachable {
				t.Errorf("check exits %d\n%s%s", code, table, more)
			}
			if strings.ContainsAny(out+errs+table+more, "\x1b\a\u009b\u202e") {
				t.Errorf("the terminal obeys\n%q", out+errs+table+more)
			}
			if code, _, errs := l.asks("fetch", file, "--server", url); code == exitDone || code == exitAbsent || exists(file+".yurai.json") {
				t.Errorf("fetch exits %d\n%s", code, errs)
			}
		})
	}
}

func endless(w http.ResponseWriter, _ *http.Request) {
	for {
		if _, err := w.Write(bytes.Repeat([]byte(" "), 1<<16)); err != nil {
			return
		}
	}
}

func zipped(body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(body)
	}
}

// TestSilentServer: a server that never answers is waited for no longer than the
// user does.
func TestSilentServer(t *testing.T) {
	l := newLiar(t)
	file := l.keep("relay.json", relay(t, 1), nil)
	ctx, cancel := context.WithCancel(t.Context())
	url := l.serve(nil, map[string]http.HandlerFunc{"/api/": func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}})
	var out, errs bytes.Buffer
	if code := Main(ctx, []string{"check", file, "--server", url, "--trust", l.trust}, strings.NewReader(""), &out, &errs, english); code != exitCancelled {
		t.Errorf("exit %d\n%s%s", code, out.String(), errs.String())
	}
}

// TestForks: two signed roots of one size are exit 13 wherever they meet, even
// where the server says no more than its checkpoint.
func TestForks(t *testing.T) {
	l := newLiar(t)
	one, two := relay(t, 1), relay(t, 2)
	l.add(l.bom(vendorID, one, nil)("vendor"))
	a := l.keep("a.json", one, l.bundle(4, 2))
	trunk := l.leaves
	l.leaves = append(trunk[:4:4], l.bom(vendorID, two, nil)("vendor"))
	b := l.keep("b.json", two, l.bundle(4, 2))
	// The same size again, with what the vendor says of itself.
	told := l.head()
	told.Party = []string{vendorID}
	l.leaves = append(trunk[:4:4], l.seal(statement.NewProfile(statement.Profile{Head: told, AsOf: "2026-10-01", Incorporated: statement.Field{Text: "JP"}}))("vendor"))
	raw, err := l.bundle(4, 2).Marshal()
	l.ok(err)
	profile := l.file("profile.json", raw)
	l.leaves = append(trunk[:4:4], l.bom(vendorID, two, nil)("vendor"))
	c := l.keep("c.json", one, nil)
	forked := l.serve(map[int64][]int64{4: {2}}, nil)
	silent := l.serve(nil, map[string]http.HandlerFunc{"/api/": answers(503, "text/plain", ""), "/tile/": http.NotFound})
	longer := func() string {
		l.add(l.bom(vendorID, relay(t, 3), nil)("vendor"))
		return l.serve(map[int64][]int64{4: {2}, 5: {2}}, l.finds())
	}()
	for name, args := range map[string][]string{
		"offline, between two files":         {"check", a, b, "--offline"},
		"offline, by a profile":              {"check", a, "--profile", profile, "--offline"},
		"by a profile and no file's bundle":  {"check", c, a, "--profile", profile, "--server", forked},
		"with the server's checkpoint alone": {"check", a, "--server", silent},
		"with a look-up that finds nothing":  {"check", a, "--server", forked},
		"with the tiles of a longer tree":    {"check", a, "--server", longer},
		"beside a file without bundle":       {"check", c, a, "--server", forked},
		"fetch":                              {"fetch", a, "--server", silent},
	} {
		code, out, errs := l.asks(args...)
		if code != exitMisbehaved || !strings.Contains(out+errs, "AUDIT-LOG-FORK") {
			t.Errorf("%s: exit %d\n%s%s", name, code, out, errs)
		}
		if strings.Contains(out, "ACCEPT") {
			t.Errorf("%s: something of a forked log is accepted\n%s", name, out)
		}
	}
}

// TestFirstThatApplies: of several exit codes that apply to one run of check the
// first counts, in the order 2, 3, 4, 13, 11, 12, 14, 10, 0.
func TestFirstThatApplies(t *testing.T) {
	l := newLiar(t)
	one, two := relay(t, 1), relay(t, 2)
	l.add(l.bom(vendorID, one, nil)("vendor"))
	good := l.bundle(4, 2)
	without := *good
	without.Status = nil
	accepted := l.keep("accepted.json", one, good)
	other := l.keep("other.json", two, good)
	stale := l.keep("stale.json", one, &without)
	bare := l.keep("bare.json", one, nil)
	stranger := l.keep("stranger.json", two, nil)
	spoiled := l.keep("spoiled.json", one, nil)
	l.file("spoiled.json.yurai.json", []byte("{"))
	malformed := l.file("malformed.json", []byte("{"))
	spoiledTrust := l.file("spoiled-trust.json", []byte("{"))
	honest := l.serve(map[int64][]int64{4: {2}}, nil)
	nobody := l.serve(nil, map[string]http.HandlerFunc{"/": answers(503, "text/plain", "")})
	fork := l.branch(4)
	fork.add(fork.bom(vendorID, two, nil)("vendor"))
	forked := fork.serve(map[int64][]int64{4: {2}}, nil)
	for _, c := range []struct {
		name string
		want int
		args []string
	}{
		{"2 before 3: a stage that is none, no such file", 2, []string{l.dir + "/absent.json", "--stage", "none"}},
		{"3 before 4: a bundle that is none, no answer", 3, []string{spoiled, "--server", nobody}},
		{"3 before 13: a bundle that is none, beside a fork", 3, []string{spoiled, accepted, "--server", forked}},
		{"3 before 11: no such file, other bytes", 3, []string{l.dir + "/absent.json", other}},
		{"3 before 10: no BOM, no bundle", 3, []string{malformed}},
		{"4 before 13: no bundle, no answer, two files that fork", 4, []string{bare, accepted, fork.keep("fork.json", two, fork.bundle(4, 2)), "--server", nobody}},
		{"4 before 10: no bundle, no answer", 4, []string{bare, "--server", nobody}},
		{"13 before 11: other bytes, a fork", 13, []string{other, accepted, "--server", forked}},
		{"13 before 14: no status, a fork", 13, []string{stale, "--server", forked}},
		{"11 before 12: other bytes, another not in the log", 11, []string{other, stranger, "--server", honest}},
		{"11 before 14: other bytes, another without status", 11, []string{stale, other}},
		{"12 before 14: not in the log, another without status", 12, []string{stranger, stale, "--server", honest}},
		{"14 before 10: no status, another without bundle", 14, []string{bare, stale}},
		{"10 before 0: no bundle, another accepted", 10, []string{bare, accepted}},
		{"0", 0, []string{accepted}},
		{"0: no answer, with a bundle at hand", 0, []string{accepted, "--server", nobody}},
	} {
		if code, out, errs := l.asks(append([]string{"check"}, c.args...)...); code != c.want {
			t.Errorf("%s: exit %d\n%s%s", c.name, code, out, errs)
		}
	}
	if code, out, errs := in(t, nil, "", "check", accepted, "--trust", spoiledTrust, "--server", nobody); code != exitInput {
		t.Errorf("3 before 4: a trust file that is none, no answer: exit %d\n%s%s", code, out, errs)
	}
}

// TestMissingTiles: tiles that a server withholds prove nothing.
func TestMissingTiles(t *testing.T) {
	l := newLiar(t)
	bill := relay(t, 1)
	l.add(l.bom(vendorID, bill, nil)("vendor"))
	file := l.keep("relay.json", bill, l.bundle(4, 2))
	l.add(l.bom(vendorID, relay(t, 2), nil)("vendor"))
	url := l.serve(map[int64][]int64{4: {2}, 5: {2}}, map[string]http.HandlerFunc{"/tile/": http.NotFound})
	before := mustRead(t, file+".yurai.json")
	if code, out, errs := l.asks("fetch", file, "--server", url); code != exitUnreachable || !bytes.Equal(before, mustRead(t, file+".yurai.json")) {
		t.Errorf("fetch exits %d\n%s%s", code, out, errs)
	}
	if code, out, errs := l.asks("check", file, "--server", url); code != exitDone || errs == "" {
		t.Errorf("check exits %d\n%s%s", code, out, errs)
	}
}

// TestAuditOfALiar: whatever rule a log broke, its audit does not end with 0.
func TestAuditOfALiar(t *testing.T) {
	const broken = "AUDIT-RULE-BROKEN"
	for name, c := range map[string]struct {
		build   func(l *liar)
		instead map[string]http.HandlerFunc
		exit    int
		code    string // of a finding, with what it rests on
	}{
		"nothing wrong":                 {func(*liar) {}, nil, 0, `"findings":[]`},
		"a stranger's signature":        {func(l *liar) { l.add(l.bom(vendorID, relay(l.t, 1), nil)("stranger")) }, nil, 13, "ENVELOPE-KEY-UNKNOWN"},
		"a stranger's signature beside": {func(l *liar) { l.add(l.bom(vendorID, relay(l.t, 1), nil)("vendor", "stranger")) }, nil, 13, "ENVELOPE-SIGNATURE-SURPLUS"},
		"a party nobody enrolled":       {func(l *liar) { l.add(l.bom("x:nobody", relay(l.t, 1), nil)("stranger")) }, nil, 13, "STATE-PARTY-UNKNOWN"},
		"no possession":                 {func(l *liar) { l.add(l.enrolment("x:new", "stranger", nil)("registrar")) }, nil, 13, "STATE-POSSESSION-MISSING"},
		"no registrar":                  {func(l *liar) { l.add(l.enrolment("x:new", "stranger", nil)("stranger")) }, nil, 13, "STATE-THRESHOLD-SHORT"},
		"one key for two parties":       {func(l *liar) { l.add(l.enrolment("x:new", "vendor", nil)("registrar", "vendor")) }, nil, 13, "STATE-KEY-TAKEN"},
		"the log's key for a party":     {func(l *liar) { l.add(l.enrolment("x:new", "log", nil)("registrar", "log")) }, nil, 13, "STATE-KEY-TAKEN"},
		"a stale prev": {func(l *liar) {
			for _, name := range []string{"One", "Two"} {
				l.add(l.enrolment(vendorID, "vendor", func(p *statement.Party) {
					p.Version, p.Name, p.Prev = 2, name, leafHashOf(l.leaves[2])
				})("registrar", "vendor"))
			}
		}, nil, 13, "STATE-PREV-STALE"},
		"a key that was changed": {func(l *liar) {
			l.add(l.enrolment(vendorID, "stranger", func(p *statement.Party) { p.Version, p.Prev = 2, leafHashOf(l.leaves[2]) })("registrar", "stranger"))
			l.add(l.bom(vendorID, relay(l.t, 1), nil)("vendor"))
		}, nil, 13, "ENVELOPE-KEY-UNKNOWN"},
		"a second genesis": {func(l *liar) { l.add(l.leaves[0]) }, nil, 13, "STATE-GENESIS-SECOND"},
		"a status":         {func(l *liar) { l.add(l.bundleOf(relay(l.t, 1)).Status) }, nil, 13, "STATE-KIND-NEVER"},
		"another log's statement": {func(l *liar) {
			l.add(l.bom(vendorID, relay(l.t, 1), func(b *statement.BOM) { b.Log = "ledger.example/test" })("vendor"))
		}, nil, 13, "STATE-LOG-OTHER"},
		"a leaf in another form": {func(l *liar) {
			l.add(bytes.Replace(l.bom(vendorID, relay(l.t, 1), nil)("vendor"), []byte(","), []byte(", "), 1))
		}, nil, 13, "ENVELOPE-LEAF-FORM"},
		"a position to come": {func(l *liar) { l.add(l.bom(vendorID, relay(l.t, 1), l.corrects(4))("vendor")) }, nil, 13, "STATE-POSITION-INDEX"},
		"a BOM beyond the admission": {func(l *liar) {
			l.add(l.bom(vendorID, relay(l.t, 1), func(b *statement.BOM) { b.Size = 2 << 20 })("vendor"))
		}, nil, 13, "STATE-BOM-LIMIT"},
		"a BOM that its statement describes wrongly": {func(l *liar) {
			l.add(l.bom(vendorID, relay(l.t, 1), func(b *statement.BOM) { b.Version = 7 })("vendor"))
		}, nil, 11, "AUDIT-BOM-REFUSED"},
		"a BOM that is lost":                         {func(l *liar) { l.add(l.bom(vendorID, relay(l.t, 1), nil)("vendor")) }, map[string]http.HandlerFunc{"/blobs/": http.NotFound}, 11, "AUDIT-BOM-LOST"},
		"a BOM without end":                          {func(l *liar) { l.add(l.bom(vendorID, relay(l.t, 1), nil)("vendor")) }, map[string]http.HandlerFunc{"/blobs/": endless}, 11, "AUDIT-BOM-LOST"},
		"tiles without end":                          {func(*liar) {}, map[string]http.HandlerFunc{"/tile/0/": endless}, 11, "AUDIT-TILE-MISMATCH"},
		"leaves without end":                         {func(*liar) {}, map[string]http.HandlerFunc{"/tile/entries/": endless}, 4, ""},
		"leaves of other bytes, which no key signed": {func(*liar) {}, map[string]http.HandlerFunc{"/tile/entries/": answers(200, "application/octet-stream", "\x00\x01a\x00\x01b\x00\x01c\x00\x01d")}, 11, "AUDIT-ROOT-MISMATCH"},
		"two BOMs under one number": {func(l *liar) {
			l.add(l.bom(vendorID, relay(l.t, 1), nil)("vendor"))
			l.add(l.bom(vendorID, bytes.Replace(relay(l.t, 1), []byte("HR-87T"), []byte("HR-88T"), 1), nil)("vendor"))
		}, nil, 11, "STATE-BOM-EQUIVOCAL"},
		"two BOMs under one number, one withdrawn": {func(l *liar) {
			l.add(l.bom(vendorID, relay(l.t, 1), nil)("vendor"))
			l.add(l.bom(vendorID, bytes.Replace(relay(l.t, 1), []byte("HR-87T"), []byte("HR-88T"), 1), nil)("vendor"))
			l.add(l.withdraws(vendorID, 5)("vendor"))
		}, nil, 0, ""},
		"a rival's withdrawal is idle": {func(l *liar) {
			l.add(l.bom(vendorID, relay(l.t, 1), nil)("vendor"))
			l.add(l.withdraws(rivalID, 4)("rival"))
		}, nil, 0, "STATE-WITHDRAW-IDLE"},
		"a withdrawal of what is to come": {func(l *liar) { l.add(l.withdraws(vendorID, 4)("vendor")) }, nil, 13, "STATE-POSITION-INDEX"},
		"a revocation by a rival":         {func(l *liar) { l.add(l.revokes(vendorID, 0)("rival")) }, nil, 13, "ENVELOPE-KEY-UNKNOWN"},
		"a revocation to come":            {func(l *liar) { l.add(l.revokes(vendorID, 5)("vendor")) }, nil, 13, "STATE-INVALID-FROM"},
		"a revocation back in time":       {func(l *liar) { l.add(l.revokes("registrar", 0)("registrar")) }, nil, 0, ""},
		"a BOM under a revoked key": {func(l *liar) {
			l.add(l.revokes(vendorID, 4)("vendor"))
			l.add(l.bom(vendorID, relay(l.t, 1), nil)("vendor"))
		}, nil, 13, "ENVELOPE-KEY-UNKNOWN"},
		"an entry twice is idle": {func(l *liar) {
			leaf := l.bom(vendorID, relay(l.t, 1), nil)("vendor")
			l.add(leaf)
			l.add(leaf)
		}, nil, 0, "STATE-ENTRY-IDLE"},
		"a freeze": {func(l *liar) { l.freezes(4, "registrar", "stranger") }, nil, 0, `"findings":[]`},
		"an entry behind a freeze": {func(l *liar) {
			l.freezes(4, "registrar", "stranger")
			l.add(l.bom(vendorID, relay(l.t, 1), nil)("vendor"))
		}, nil, 13, "STATE-LOG-FROZEN"},
		"a freeze of another tree": {func(l *liar) {
			l.freezes(4, "registrar", "stranger", func(f *statement.Freeze) { f.Root = statement.Digest{1} })
		}, nil, 13, "STATE-FREEZE-ROOT"},
		"a freeze of an older tree":          {func(l *liar) { l.freezes(3, "registrar", "stranger") }, nil, 13, "STATE-FREEZE-SIZE"},
		"a freeze without the old registrar": {func(l *liar) { l.freezes(4, "stranger", "stranger") }, nil, 13, "STATE-THRESHOLD-SHORT"},
		"a freeze without the new registrar": {func(l *liar) { l.freezes(4, "registrar", "registrar") }, nil, 13, "STATE-POSSESSION-MISSING"},
		"a kind of a newer program":          {func(l *liar) { l.add(l.newer()) }, nil, 3, ""},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLiar(t)
			c.build(l)
			url := l.serve(nil, c.instead)
			state := filepath.Join(l.dir, "state.json")
			code, out, errs := l.asks("audit", url, "--state", state, "-f", "json")
			if code != c.exit || !strings.Contains(out, c.code) {
				t.Errorf("exit %d, want %d with %s\n%s%s", code, c.exit, c.code, out, errs)
			}
			if c.exit == 13 && !strings.Contains(out, broken) {
				t.Errorf("no %s\n%s", broken, out)
			}
		})
	}
}

// TestRollbackBehindNoise: a log that went back, or forked, is named even where
// the rest of it can't be replayed.
func TestRollbackBehindNoise(t *testing.T) {
	l := newLiar(t)
	l.add(l.bom(vendorID, relay(t, 1), nil)("vendor"))
	l.add(l.bom(vendorID, relay(t, 2), nil)("vendor"))
	state := filepath.Join(l.dir, "state.json")
	if code, out, errs := l.asks("audit", l.serve(nil, nil), "--state", state); code != exitDone {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	kept := mustRead(t, state)
	l.leaves = l.leaves[:4]
	l.add(l.newer())
	back := l.serve(nil, nil)
	l.add(l.bom(vendorID, relay(t, 3), nil)("vendor"))
	aside := l.serve(nil, nil)
	for url, want := range map[string]string{back: "AUDIT-LOG-ROLLBACK", aside: "AUDIT-LOG-FORK"} {
		code, out, errs := l.asks("audit", url, "--state", state, "-f", "json")
		if code != exitMisbehaved || !strings.Contains(out, want) || !bytes.Equal(kept, mustRead(t, state)) {
			t.Errorf("exit %d, want 13 with %s\n%s%s", code, want, out, errs)
		}
	}
}

// TestNothingObeyed: what a BOM holds reaches no terminal unescaped, in either
// form of output, and JSON stays the same value.
func TestNothingObeyed(t *testing.T) {
	l := newLiar(t)
	bill := strings.Replace(string(relay(t, 1)), `"bomFormat"`, `"\u009b2J\u202e\udb40\udc01": 1, "bomFormat"`, 1)
	file := l.keep("hostile.json", []byte(bill), nil)
	for _, form := range []string{"table", "json"} {
		code, out, errs := in(t, nil, "", "bom", "lint", file, "-f", form)
		if code != exitInput || strings.ContainsAny(out+errs, "\x1b\u009b\u202e\U000e0001") {
			t.Errorf("%s: exit %d\n%q", form, code, out+errs)
		}
		if form != "json" {
			continue
		}
		var got struct {
			Findings []struct{ Pointer, Text string }
		}
		if err := json.Unmarshal([]byte(out), &got); err != nil || len(got.Findings) == 0 || !strings.Contains(got.Findings[0].Pointer+got.Findings[0].Text, "\u009b") {
			t.Errorf("the value changed: %v\n%s", err, out)
		}
	}
}

// TestReceiptForged: a receipt that does not verify whole is not written.
func TestReceiptForged(t *testing.T) {
	l := newLiar(t)
	bill := relay(t, 1)
	leaf := l.bom(vendorID, bill, nil)("vendor")
	file, sent := l.keep("relay.json", bill, nil), l.file("sent.json", leaf)
	l.add(leaf)
	good := l.bundle(4, 2)
	oneKey := *good
	oneKey.Checkpoint = l.note(5, l.checkpoints[0])
	badStatus := *good
	badStatus.Status = leaf
	noHistory := *good
	noHistory.History = good.History[:2]
	rivals := func() *receiving.Bundle {
		after := l.branch(5)
		after.add(l.bom(rivalID, bill, nil)("rival"))
		return after.bundle(5, 3)
	}()
	for name, c := range map[string]struct {
		b    *receiving.Bundle
		want int
	}{
		"as it should be":                  {good, 0},
		"a checkpoint that one key signed": {&oneKey, 4},
		"a statement for a status":         {&badStatus, 4},
		"without the party's enrolment":    {&noHistory, 4},
		"the rival's entry of the bytes":   {rivals, 4},
	} {
		raw, err := c.b.Marshal()
		l.ok(err)
		url := l.serve(map[int64][]int64{4: {2}}, map[string]http.HandlerFunc{"/api/v1/statements": answers(201, "application/json", string(raw))})
		out := filepath.Join(t.TempDir(), "receipt.json")
		code, said, errs := l.asks("submit", file, "--statement", sent, "--server", url, "-o", out)
		if code != c.want || exists(out) != (c.want == 0) {
			t.Errorf("%s: exit %d, want %d, written %v\n%s%s", name, code, c.want, exists(out), said, errs)
		}
	}
}

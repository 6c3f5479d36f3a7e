package cli

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// answersBundle serves a bundle for every entry.
func (l *liar) answersBundle(b *receiving.Bundle) http.HandlerFunc {
	l.t.Helper()
	raw, err := b.Marshal()
	l.ok(err)
	return answers(200, "application/json", string(raw))
}

// trees serves what belongs to a log's tree: its tiles.
func (l *liar) trees() http.HandlerFunc {
	l.t.Helper()
	url := l.serve(nil, nil)
	return func(w http.ResponseWriter, r *http.Request) { relayTo(w, url+r.URL.Path) }
}

// TestOldTreeNewStatus: a status of this minute about the tree of yesterday hides
// what was logged since. A server that has shown a larger tree is not believed.
func TestOldTreeNewStatus(t *testing.T) {
	l := newLiar(t)
	bill := relay(t, 1)
	leaf := l.bom(vendorID, bill, nil)("vendor")
	l.add(leaf)
	old := l.branch(5).bundle(4, 2)
	m := l.regulator()
	b := l.bans(ministryID, "ministry", product)
	stale := map[string]http.HandlerFunc{
		"/api/v1/entries/":   l.answersBundle(old),
		"/api/v1/statements": l.answersBundle(old),
	}
	url := l.serve(nil, stale)
	file, sent := l.keep("bill.json", bill, nil), l.file("sent.json", leaf)
	for name, args := range map[string][]string{
		"check":    {"check", file, "--server", url},
		"fetch":    {"fetch", file, "--server", url},
		"submit":   {"submit", file, "--statement", sent, "--server", url},
		"show":     {"show", "4", "--server", url},
		"withdraw": {"withdraw", "4", "--reason", "r", "--key", l.keyFile("vendor"), "--server", url},
	} {
		code, out, errs := l.asks(args...)
		if code != exitUnreachable || !strings.Contains(out+errs, "CLI-ANSWER-MALFORMED") || strings.Contains(out, "ACCEPT") || exists(file+".yurai.json") {
			t.Errorf("%s exits %d\n%s%s", name, code, out, errs)
		}
	}
	// The bundle at hand judges, and it is as old as its status says.
	own := l.keep("own.json", bill, old)
	if code, out, errs := l.asks("check", own, "--server", url); code != exitDone || !strings.Contains(errs, "CLI-ANSWER-MALFORMED") {
		t.Errorf("with a bundle at hand: exit %d\n%s%s", code, out, errs)
	}
	honest := l.serve(map[int64][]int64{4: {2, m, b}}, nil)
	if code, out, errs := l.asks("check", own, "--server", honest); code != exitReject {
		t.Errorf("an honest server: exit %d\n%s%s", code, out, errs)
	}
}

// keyFile writes a private key as `key new` does.
func (l *liar) keyFile(name string) string {
	l.t.Helper()
	raw, err := l.keys[name].MarshalPEM()
	l.ok(err)
	path := filepath.Join(l.dir, name+".key")
	if !exists(path) {
		l.ok(createFile(path, raw, 0o600))
	}
	return path
}

// TestBundleOfAnotherTree: one tree in the checkpoint, another in the bundle, at
// another size so that neither contradicts the other by itself. The tiles prove
// it, or prove nothing; in no case is the bundle believed, though nothing was seen
// of the log before.
func TestBundleOfAnotherTree(t *testing.T) {
	for name, c := range map[string]struct {
		tiles func(trunk, fork *liar) http.HandlerFunc
		want  int
	}{
		"with the tiles of the bundle's tree":     {func(_, fork *liar) http.HandlerFunc { return fork.trees() }, 13},
		"with the tiles of the checkpoint's tree": {func(trunk, _ *liar) http.HandlerFunc { return trunk.trees() }, 4},
		"without tiles": {func(_, _ *liar) http.HandlerFunc { return http.NotFound }, 4},
		"with tiles cut short": {func(_, fork *liar) http.HandlerFunc {
			whole := fork.trees()
			return func(w http.ResponseWriter, r *http.Request) {
				rec := httptest.NewRecorder()
				whole(rec, r)
				w.Write(rec.Body.Bytes()[:rec.Body.Len()/2])
			}
		}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLiar(t)
			bill := relay(t, 1)
			leaf := l.bom(vendorID, bill, nil)("vendor")
			l.add(leaf)
			trunk, fork := l.branch(5), l.branch(4)
			trunk.add(l.withdraws(vendorID, 4)("vendor"))
			fork.add(leaf)
			fork.grow()
			fork.grow()
			lie := fork.bundle(4, 2)
			url := trunk.serve(nil, map[string]http.HandlerFunc{
				"/api/v1/entries/":   l.answersBundle(lie),
				"/api/v1/statements": l.answersBundle(lie),
				"/tile/":             c.tiles(trunk, fork),
			})
			for command, args := range map[string][]string{
				"check":    {"check", "$", "--server", url},
				"fetch":    {"fetch", "$", "--server", url},
				"submit":   {"submit", "$", "--statement", l.file("sent.json", leaf), "--server", url},
				"show":     {"show", "4", "--server", url},
				"withdraw": {"withdraw", "4", "--reason", "r", "--key", l.keyFile("vendor"), "--server", url},
			} {
				dir := t.TempDir()
				trust, file := filepath.Join(dir, "trust.json"), filepath.Join(dir, "bill.json")
				write(t, trust, mustRead(t, l.trust))
				write(t, file, bill)
				for i := range args {
					args[i] = strings.Replace(args[i], "$", file, 1)
				}
				if command == "check" {
					args = append(args, "--policy", l.policy)
				}
				code, out, errs := in(t, nil, "", append(args, "--trust", trust)...)
				if code != c.want || strings.Contains(out, "ACCEPT") || exists(file+".yurai.json") {
					t.Errorf("%s exits %d, want %d\n%s%s", command, code, c.want, out, errs)
				}
				files := accused(t, dir, "fork")
				if (c.want == exitMisbehaved) != (len(files) == 1) {
					t.Errorf("%s: evidence %q\n%s", command, files, errs)
				}
				for _, f := range files {
					if code, out, errs := l.asks("verify", f); code != exitMisbehaved {
						t.Errorf("%s: the evidence gives %d\n%s%s", command, code, out, errs)
					}
				}
			}
		})
	}
}

// TestReceiptOfAnotherTree: what a receipt commits the log to is compared and
// remembered, whichever command submits.
func TestReceiptOfAnotherTree(t *testing.T) {
	l := newLiar(t)
	bill := relay(t, 1)
	l.add(l.bom(vendorID, bill, nil)("vendor"))
	bundle := l.keep("bill.json", bill, l.bundle(4, 2)) + ".yurai.json"
	seen := l.serve(nil, l.finds())
	if code, out, errs := l.asks("show", "4", "--server", l.serve(map[int64][]int64{4: {2}}, nil)); code != exitDone {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	fork := l.branch(4)
	fork.grow()
	var posted [][]byte
	url := l.serve(nil, map[string]http.HandlerFunc{
		"/api/v1/statements": func(w http.ResponseWriter, r *http.Request) {
			form, err := r.MultipartReader()
			l.ok(err)
			part, err := form.NextPart()
			l.ok(err)
			var leaf bytes.Buffer
			_, err = leaf.ReadFrom(part)
			l.ok(err)
			posted = append(posted, leaf.Bytes())
			after := fork.branch(5)
			at := after.add(leaf.Bytes())
			raw, err := after.bundle(at, 2).Marshal()
			l.ok(err)
			w.WriteHeader(http.StatusCreated)
			w.Write(raw)
		},
		"/tile/": func(w http.ResponseWriter, r *http.Request) {
			after := fork.branch(5)
			after.add(posted[len(posted)-1])
			after.trees()(w, r)
		},
	})
	request := l.file("request.json", l.withdraws(vendorID, 4)("vendor"))
	for name, args := range map[string][]string{
		"withdraw":              {"withdraw", bundle, "--reason", "r", "--key", l.keyFile("vendor"), "--server", url},
		"submit of a statement": {"submit", "--statement", request, "--server", url},
	} {
		if code, out, errs := l.asks(args...); code != exitMisbehaved || !strings.Contains(errs, "AUDIT-LOG-FORK") {
			t.Errorf("%s exits %d\n%s%s", name, code, out, errs)
		}
	}
	// Nothing is sent to a log that has another history than the one remembered.
	other := l.branch(4)
	other.grow()
	sent := len(posted)
	elsewhere := other.serve(nil, map[string]http.HandlerFunc{"/api/v1/statements": func(http.ResponseWriter, *http.Request) { posted = append(posted, nil) }})
	code, out, errs := l.asks("withdraw", bundle, "--reason", "r", "--key", l.keyFile("vendor"), "--server", elsewhere)
	if code != exitMisbehaved || len(posted) != sent {
		t.Errorf("exit %d, %d statements sent\n%s%s", code, len(posted)-sent, out, errs)
	}
	if code, out, errs := l.asks("fetch", filepath.Join(l.dir, "bill.json"), "--server", seen); code == exitDone {
		t.Errorf("a look-up that leaves the entry out: exit %d\n%s%s", code, out, errs)
	}
}

// TestBetterBundleStays: fetch does not put a bundle without status, or with an
// older one, in the place of one that is good. What an entry suffered since always
// comes through.
func TestBetterBundleStays(t *testing.T) {
	l := newLiar(t)
	bill := relay(t, 1)
	l.add(l.bom(vendorID, bill, nil)("vendor"))
	made := func(d time.Duration) func(*statement.Status) {
		return func(s *statement.Status) { s.Made = s.Made.Add(d) }
	}
	bare := func(b *receiving.Bundle) *receiving.Bundle { b.Status = nil; return b }
	for name, c := range map[string]struct {
		own, sent func(l *liar) *receiving.Bundle
		fetch     int // exit; 0 writes
		check     int // exit of check with the server, and the old bundle
	}{
		"the same, later":   {func(l *liar) *receiving.Bundle { return l.restate(l.bundle(4, 2), "log", made(-time.Hour)) }, func(l *liar) *receiving.Bundle { return l.bundle(4, 2) }, 0, 0},
		"the same, earlier": {func(l *liar) *receiving.Bundle { return l.bundle(4, 2) }, func(l *liar) *receiving.Bundle { return l.restate(l.bundle(4, 2), "log", made(-200*time.Hour)) }, 4, 0},
		"without status":    {func(l *liar) *receiving.Bundle { return l.bundle(4, 2) }, func(l *liar) *receiving.Bundle { return bare(l.bundle(4, 2)) }, 4, 0},
		"with one to come":  {func(l *liar) *receiving.Bundle { return l.bundle(4, 2) }, func(l *liar) *receiving.Bundle { return l.restate(l.bundle(4, 2), "log", made(time.Hour)) }, 4, 0},
		"about another party": {func(l *liar) *receiving.Bundle { return l.bundle(4, 2) }, func(l *liar) *receiving.Bundle {
			return l.restate(l.bundle(4, 2), "log", func(s *statement.Status) { s.About = rivalID })
		}, 4, 0},
		"of a larger tree, without status": {func(l *liar) *receiving.Bundle { return l.bundle(4, 2) }, func(l *liar) *receiving.Bundle {
			l.grow()
			return bare(l.bundle(4, 2))
		}, 4, 14},
		"of a larger tree, with an older status": {func(l *liar) *receiving.Bundle { return l.bundle(4, 2) }, func(l *liar) *receiving.Bundle {
			l.grow()
			return l.restate(l.bundle(4, 2), "log", made(-time.Hour))
		}, 0, 0},
		"without status, but withdrawn": {func(l *liar) *receiving.Bundle { return l.bundle(4, 2) }, func(l *liar) *receiving.Bundle {
			at := l.add(l.withdraws(vendorID, 4)("vendor"))
			return bare(l.bundle(4, 2, at))
		}, 0, 14},
		"where none had a status": {func(l *liar) *receiving.Bundle { return bare(l.bundle(4, 2)) }, func(l *liar) *receiving.Bundle { return bare(l.bundle(4, 2)) }, 0, 14},
		"where the old one's is to come": {
			func(l *liar) *receiving.Bundle { return l.restate(l.bundle(4, 2), "log", made(10000*time.Hour)) },
			func(l *liar) *receiving.Bundle { return l.bundle(4, 2) }, 0, 0,
		},
	} {
		b := l.branch(5)
		file := l.keep("bill.json", bill, c.own(b))
		before := mustRead(t, file+".yurai.json")
		sent := c.sent(b)
		url := b.serve(nil, map[string]http.HandlerFunc{"/api/v1/entries/": l.answersBundle(sent)})
		state := filepath.Join(t.TempDir(), "memory.json")
		if code, out, errs := l.asks("check", file, "--server", url); code != c.check {
			t.Errorf("%s: check exits %d, want %d\n%s%s", name, code, c.check, out, errs)
		}
		code, out, errs := l.asks("fetch", file, "--server", url, "--state", state)
		if changed := !bytes.Equal(before, mustRead(t, file+".yurai.json")); code != c.fetch || changed && code != 0 {
			t.Errorf("%s: fetch exits %d, want %d, changed %v\n%s%s", name, code, c.fetch, changed, out, errs)
		}
	}
}

// TestNonsenseOverHTTP: whatever HTTP allows a server to say, no command believes,
// follows, waits for ever, or remembers it.
func TestNonsenseOverHTTP(t *testing.T) {
	l := newLiar(t)
	bill := relay(t, 1)
	at := l.add(l.bom(vendorID, bill, nil)("vendor"))
	asked := 0
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer elsewhere.Close()
	redirect := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL+r.URL.Path, status) }
	}
	for name, h := range map[string]http.HandlerFunc{
		"not modified, though nobody asked": answers(304, "text/plain", ""),
		"partial content":                   answers(206, "text/plain", "half"),
		"no content":                        answers(204, "text/plain", ""),
		"nothing":                           answers(200, "application/json", ""),
		"a web page":                        answers(200, "text/html", "<!doctype html><title>Welcome</title>"),
		"a refusal, with 200":               answers(200, "application/problem+json", problemOf("LOG-ENTRY-ABSENT", 404, "x.")),
		"null":                              answers(200, "application/json", "null"),
		"moved for good":                    redirect(301),
		"see other":                         redirect(303),
		"moved for now":                     redirect(307),
		"not implemented":                   answers(501, "text/plain", ""),
		"a code nobody knows":               answers(599, "text/plain", ""),
		"header lines without end": func(w http.ResponseWriter, _ *http.Request) {
			for i := range 12 << 10 {
				w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("x", 1<<10))
			}
			w.Write([]byte("{}"))
		},
		"less than it says": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000000000000")
			w.Write([]byte("{"))
		},
		"hints without end": func(w http.ResponseWriter, _ *http.Request) {
			for range 1000 {
				w.Header().Set("Link", strings.Repeat("x", 4<<10))
				w.WriteHeader(http.StatusEarlyHints)
			}
			w.Write([]byte("{}"))
		},
		"a wrong encoding": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write([]byte("{}"))
		},
		"an unknown encoding": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			w.Write([]byte("{}"))
		},
	} {
		for _, path := range []string{"/checkpoint", "/api/v1/boms/", "/api/v1/entries/"} {
			url := l.serve(map[int64][]int64{at: {2}}, map[string]http.HandlerFunc{path: h})
			for _, command := range []string{"check", "fetch", "show"} {
				file := l.keep("bill.json", bill, nil)
				args := []string{command, file, "--server", url}
				if command == "show" {
					args[1] = "sha256:" + hexOf(bill)
				}
				code, out, errs := l.asks(args...)
				if code != exitUnreachable || strings.Contains(out, "ACCEPT") || exists(file+".yurai.json") {
					t.Errorf("%s of %s: %s exits %d\n%.2000s%.2000s", name, path, command, code, out, errs)
				}
			}
		}
		url := l.serve(nil, map[string]http.HandlerFunc{"/tile/": h})
		if code, out, errs := l.asks("audit", url, "--state", filepath.Join(t.TempDir(), "m.json")); code != exitUnreachable && code != exitReject {
			t.Errorf("%s: audit exits %d\n%.2000s%.2000s", name, code, out, errs)
		}
		receipts := l.serve(nil, map[string]http.HandlerFunc{"/api/v1/statements": h})
		code, out, errs := l.asks("submit", l.keep("bill.json", bill, nil), "--statement", l.file("sent.json", l.leaves[at]), "--server", receipts)
		if code != exitUnreachable || exists(filepath.Join(l.dir, "bill.json.yurai.json")) {
			t.Errorf("%s: submit exits %d\n%.2000s%.2000s", name, code, out, errs)
		}
	}
	if asked != 0 {
		t.Errorf("%d requests went elsewhere", asked)
	}
}

// TestHalfHistories: a bundle that a server sends with something missing, doubled,
// moved or from elsewhere is no answer.
func TestHalfHistories(t *testing.T) {
	l := newLiar(t)
	bill := relay(t, 1)
	l.add(l.bom(vendorID, bill, nil)("vendor"))
	at := l.add(l.withdraws(vendorID, 4)("vendor"))
	again := l.add(l.bom(vendorID, bill, l.corrects(4))("vendor"))
	other := newLiar(t)
	for name, change := range map[string]func(b *receiving.Bundle){
		"no genesis":                 func(b *receiving.Bundle) { b.History = b.History[1:] },
		"no admission":               func(b *receiving.Bundle) { b.History = append(b.History[:1:1], b.History[2:]...) },
		"no enrolment":               func(b *receiving.Bundle) { b.History = append(b.History[:2:2], b.History[3:]...) },
		"no history":                 func(b *receiving.Bundle) { b.History = nil },
		"an entry twice":             func(b *receiving.Bundle) { b.History = append(b.History, b.History[len(b.History)-1]) },
		"entries in another order":   func(b *receiving.Bundle) { b.History[1], b.History[2] = b.History[2], b.History[1] },
		"the statement again":        func(b *receiving.Bundle) { b.History = append(b.History[:3:3], b.Statement, b.History[3]) },
		"another log's genesis":      func(b *receiving.Bundle) { b.History[0].Leaf = other.leaves[0] },
		"another log's enrolment":    func(b *receiving.Bundle) { b.History[2].Leaf = other.leaves[2] },
		"another log's checkpoint":   func(b *receiving.Bundle) { b.Checkpoint = other.note(4) },
		"another place":              func(b *receiving.Bundle) { b.History[2].Index = 3 },
		"a place that is impossible": func(b *receiving.Bundle) { b.History[3].Index = 1 << 62 },
		"another entry of the bytes": func(b *receiving.Bundle) { *b = *l.bundle(again, 2, 4, at) },
		"a false signature on the status": func(b *receiving.Bundle) {
			b.Status = bytes.Replace(b.Status, []byte(`"sig":"`), []byte(`"sig":"AAAA`), 1)
		},
		"a status by whoever":         func(b *receiving.Bundle) { l.restate(b, "stranger", func(*statement.Status) {}) },
		"a status by the registrar":   func(b *receiving.Bundle) { l.restate(b, "registrar", func(*statement.Status) {}) },
		"the vendor's word as status": func(b *receiving.Bundle) { b.Status = b.Statement.Leaf },
		"a statement that is no BOM's": func(b *receiving.Bundle) {
			b.Statement, b.History = b.History[2], append(b.History[:2:2], b.History[3])
		},
		"a tree of one leaf, unsigned": func(b *receiving.Bundle) {
			b.Checkpoint = bytes.Replace(b.Checkpoint, []byte("\n7\n"), []byte("\n8\n"), 1)
		},
		"checkpoint keys of a stranger": func(b *receiving.Bundle) { b.Checkpoint = l.note(7, other.checkpoints...) },
	} {
		b := l.bundle(4, 2, at)
		change(b)
		url := l.serve(nil, map[string]http.HandlerFunc{"/api/v1/boms/": l.finds(4)["/api/v1/boms/"], "/api/v1/entries/": l.answersBundle(b)})
		file := l.keep("bill.json", bill, nil)
		for _, command := range []string{"check", "fetch"} {
			code, out, errs := l.asks(command, file, "--server", url)
			if code != exitUnreachable || strings.Contains(out, "ACCEPT") || exists(file+".yurai.json") {
				t.Errorf("%s: %s exits %d\n%s%s", name, command, code, out, errs)
			}
		}
	}
}

// TestTrustFromALiar: a server that is asked for the genesis makes no trust file
// with anything but the one whose fingerprint came on paper.
func TestTrustFromALiar(t *testing.T) {
	l, other := newLiar(t), newLiar(t)
	paper := ledger.LeafHash(l.leaves[0]).String()
	entry := func(leaves ...[]byte) http.HandlerFunc {
		var raw []byte
		for _, leaf := range leaves {
			raw = ledger.AppendBundleEntry(raw, leaf)
		}
		return answers(200, "application/octet-stream", string(raw))
	}
	vain := bytes.Replace(l.leaves[0], []byte(`"sig":"`), []byte(`"sig":"AAAA`), 1)
	for name, c := range map[string]struct {
		path string
		h    http.HandlerFunc
		want int
	}{
		"as it is":                      {"/nothing", http.NotFound, 0},
		"the genesis of another log":    {"/tile/entries/", entry(other.leaves[0]), 11},
		"the genesis behind another":    {"/tile/entries/", entry(other.leaves[0], l.leaves[0]), 11},
		"the genesis, signed otherwise": {"/tile/entries/", entry(vain), 11},
		"the admission":                 {"/tile/entries/", entry(l.leaves[1]), 11},
		"no entry":                      {"/tile/entries/", entry(), 4},
		"half an entry":                 {"/tile/entries/", answers(200, "text/plain", "\x00\x09abc"), 4},
		"a web page for entries":        {"/tile/entries/", answers(200, "text/html", "<html>"), 4},
		"entries without end":           {"/tile/entries/", endless, 4},
		"a redirect":                    {"/tile/entries/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/checkpoint", http.StatusFound) }, 4},
		"no checkpoint":                 {"/checkpoint", http.NotFound, 4},
		"a checkpoint of nothing":       {"/checkpoint", answers(200, "text/plain", "a\n0\nb\n"), 4},
		"a checkpoint of too much":      {"/checkpoint", answers(200, "text/plain", "a\n99999999999999999999\nb\n"), 4},
		"a checkpoint without end":      {"/checkpoint", endless, 4},
	} {
		file := filepath.Join(t.TempDir(), "trust.json")
		url := l.serve(nil, map[string]http.HandlerFunc{c.path: c.h})
		code, out, errs := in(t, nil, "", "trust", "init", "--fingerprint", paper, url, "-o", file)
		if code != c.want || exists(file) != (c.want == 0) {
			t.Errorf("%s: exit %d, want %d\n%s%s", name, code, c.want, out, errs)
		}
	}
}

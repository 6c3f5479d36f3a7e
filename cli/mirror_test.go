package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/audit"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server"
)

// mirrored is a liar whose log begins with an open and a held bill.
func mirrored(t *testing.T) (l *liar, open, held []byte) {
	l = newLiar(t)
	open, held = relay(t, 1), relay(t, 2)
	l.add(l.bom(vendorID, open, nil)("vendor"))
	l.add(l.bom(vendorID, held, func(b *statement.BOM) { b.Disclosure = statement.DisclosureHeld })("vendor"))
	return l, open, held
}

// copies runs `mirror` into the folder copy.
func (l *liar) copies(url string, args ...string) (code int, out, errs string) {
	l.t.Helper()
	return l.asks(append([]string{"mirror", url, l.copy()}, args...)...)
}

func (l *liar) copy() string { return filepath.Join(l.dir, "copy") }

// checkpointOf is what the copy serves, "" if nothing.
func (l *liar) served() string {
	raw, _ := os.ReadFile(filepath.Join(l.copy(), "checkpoint"))
	return string(raw)
}

// TestMirrorIsIdentical: a mirror answers every address that it has with the bytes
// of the log.
func TestMirrorIsIdentical(t *testing.T) {
	l, open, held := mirrored(t)
	url := l.serve(nil, nil)
	if code, out, errs := l.copies(url, "-f", "json"); code != exitDone || !strings.Contains(out, `"size":6,`) || !strings.Contains(out, `"pulled":6,"missing":0`) || !strings.Contains(errs, "CLIENT-CONTACT-FIRST") {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	for range 2000 { // as many as make a second level
		l.leaves = append(l.leaves, append(bytes.Clone(l.leaves[2]), byte('0'+len(l.leaves)%10)))
	}
	at := l.add(l.bom(vendorID, relay(t, 3), nil)("vendor"))
	rows := newRows(l)
	url = rows.serve(t, nil)
	if code, out, errs := l.copies(url); code != exitDone || !strings.Contains(out, "2007 entries mirrored, 2001 of them new") || strings.Contains(errs, "CLIENT-CONTACT-FIRST") {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	trust, err := readTrust(l.trust)
	l.ok(err)
	log, _ := trust.Log(l.origin)
	m, err := server.OpenMirror(t.Context(), l.copy(), log, server.Options{})
	l.ok(err)
	defer m.Close()
	copied := httptest.NewServer(m.Handler())
	defer copied.Close()
	paths := []string{
		"checkpoint", "tile/0/000", "tile/0/006", "tile/0/007.p/215", "tile/0/007.p/1", "tile/0/003.p/77", "tile/1/000.p/7", "tile/1/000.p/3",
		"tile/entries/000", "tile/entries/000.p/6", "tile/entries/007.p/215", "tile/entries/003.p/255",
		"blobs/sha256/" + hexOf(open), "blobs/sha256/" + hexOf(relay(t, 3)),
	}
	for _, p := range paths {
		want, got := fetched(t, url, p), fetched(t, copied.URL, p)
		if want.status != 200 || got.status != 200 || got.body != want.body {
			t.Errorf("%s: %d, %d bytes; the log %d, %d bytes", p, got.status, len(got.body), want.status, len(want.body))
		}
	}
	for p, want := range map[string]int{
		"tile/0/007.p/216": 404, "tile/0/007": 404, "tile/1/000": 404, "tile/2/000.p/1": 404, "tile/entries/008.p/1": 404, "tile/0/0": 404,
		"blobs/sha256/" + hexOf(held): 404, "blobs/sha256/" + hexOf([]byte("x")): 404, "blobs/sha256/x": 400,
		"api/v1/statements": 404, "memory.json": 404, "": 404,
	} {
		if got := fetched(t, copied.URL, p); got.status != want {
			t.Errorf("%s: %d instead of %d\n%s", p, got.status, want, got.body)
		}
	}
	if got := fetched(t, copied.URL, "readyz"); got.status != 200 || !strings.Contains(got.body, `"ready":true,"log":"ledger.example/liar","size":2007`) {
		t.Errorf("readyz: %d %s", got.status, got.body)
	}
	m.Misbehaved("two roots")
	if got := fetched(t, copied.URL, "readyz"); got.status != 503 || !strings.Contains(got.body, `"reason":"two roots"`) {
		t.Errorf("readyz: %d %s", got.status, got.body)
	}
	if at != 2006 {
		t.Fatal(at)
	}
}

type answer struct {
	status int
	body   string
}

func fetched(t *testing.T, base, path string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, string(raw)}
}

// rows is a liar whose tree was computed once: for logs of more than some leaves.
type rows struct {
	*liar
	levels [][]ledger.Hash
	leaves [][]byte // as they were
}

func newRows(l *liar) *rows {
	r := &rows{liar: l, leaves: slices.Clone(l.leaves)}
	var level []ledger.Hash
	for _, leaf := range l.leaves {
		level = append(level, ledger.LeafHash(leaf))
	}
	for len(level) > 0 {
		r.levels = append(r.levels, level)
		next := make([]ledger.Hash, len(level)/2)
		for i := range next {
			next[i] = ledger.NodeHash(level[2*i], level[2*i+1])
		}
		level = next
	}
	return r
}

// ReadHash implements [ledger.HashReader].
func (r *rows) ReadHash(level int, index int64) (ledger.Hash, error) {
	return r.levels[level][index], nil
}

// serve answers the addresses that a mirror reads, but for those that begin as a
// key of instead.
func (r *rows) serve(t *testing.T, instead map[string]http.HandlerFunc) string {
	t.Helper()
	root, err := ledger.TreeRoot(r, int64(len(r.leaves)))
	r.ok(err)
	note, err := ledger.SignCheckpoint(ledger.Checkpoint{Origin: r.origin, Size: int64(len(r.leaves)), Root: root}, r.now, r.checkpoints...)
	r.ok(err)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		path := strings.TrimPrefix(req.URL.Path, "/")
		for prefix, h := range instead {
			if strings.HasPrefix(path, prefix) {
				h(w, req)
				return
			}
		}
		digest, blob := strings.CutPrefix(path, "blobs/sha256/")
		tile, err := ledger.ParseTilePath(path)
		switch {
		case path == "checkpoint":
			w.Write(note)
		case blob && r.blobs[digest] != nil:
			w.Write(r.blobs[digest])
		case err != nil || tile.Level > 1 || tile.Index*ledger.TileWidth+int64(tile.Width) > int64(len(r.leaves))>>(tile.Level*ledger.TileHeight):
			http.NotFound(w, req)
		case tile.Bundle:
			for i := range int64(tile.Width) {
				w.Write(ledger.AppendBundleEntry(nil, r.leaves[tile.Index*ledger.TileWidth+i]))
			}
		default:
			for i := range int64(tile.Width) {
				h := r.levels[tile.Level*ledger.TileHeight][tile.Index*ledger.TileWidth+i]
				w.Write(h[:])
			}
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// TestMirrorRefuses: whatever a server sends, the copy goes on serving what it
// served, and goes on when the truth comes.
func TestMirrorRefuses(t *testing.T) {
	l, _, _ := mirrored(t)
	if code, out, errs := l.copies(l.serve(nil, nil)); code != exitDone {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	before := l.served()
	l.add(l.bom(vendorID, relay(t, 3), nil)("vendor"))
	truth := newRows(l)
	url := truth.serve(t, nil)
	bent := func(w http.ResponseWriter, r *http.Request) {
		raw := []byte(fetched(t, url, strings.TrimPrefix(r.URL.Path, "/")).body)
		raw[len(raw)-1] ^= 1
		w.Write(raw)
	}
	strange, err := ledger.NewSigner(ledger.Ed25519, l.origin, rand.Reader)
	l.ok(err)
	for name, c := range map[string]struct {
		path string
		h    http.HandlerFunc
		code int
		says string
	}{
		"checkpoint of another key":    {"checkpoint", func(w http.ResponseWriter, _ *http.Request) { w.Write(l.note(7, strange)) }, 4, "CLI-ANSWER-MALFORMED"},
		"checkpoint without end":       {"checkpoint", endless, 4, "CLIENT-ANSWER-INVALID"},
		"checkpoint of an unknown log": {"checkpoint", answers(200, "text/plain", "ledger.example/other\n1\nAAAA\n\n\u2014 x AAAA\n"), 14, "TRUST-LOG-UNKNOWN"},
		"tiles bent":                   {"tile/0/", bent, 4, "-ANSWER-"},
		"tiles missing":                {"tile/0/", http.NotFound, 4, "-ANSWER-"},
		"entries bent":                 {"tile/entries/", bent, 4, "MIRROR-ANSWER-FALSE"},
		"entries without end":          {"tile/entries/", endless, 4, "CLIENT-ANSWER-INVALID"},
		"entries missing":              {"tile/entries/", http.NotFound, 4, "MIRROR-ANSWER-ABSENT"},
		"entries moved elsewhere":      {"tile/entries/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, url+r.URL.Path, http.StatusFound) }, 4, "CLIENT-ANSWER-INVALID"},
	} {
		lying := truth.serve(t, map[string]http.HandlerFunc{c.path: c.h})
		code, out, errs := l.copies(lying)
		if code != c.code || out != "" || !strings.Contains(errs, c.says) || l.served() != before {
			t.Errorf("%s: exit %d\n%s%.600s", name, code, out, errs)
		}
	}
	if found, _ := filepath.Glob(filepath.Join(l.copy(), "*evidence*")); len(found) > 0 {
		t.Errorf("evidence where nobody is accused: %q", found)
	}
	if code, out, errs := l.copies(url); code != exitDone || !strings.Contains(out, "7 entries mirrored, 1 of them new") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
}

// TestMirrorBlobs: a bill of other bytes is not kept, one that is missing is said
// and asked for again.
func TestMirrorBlobs(t *testing.T) {
	l, _, held := mirrored(t)
	r := newRows(l)
	for name, h := range map[string]http.HandlerFunc{
		"other bytes": answers(200, "application/octet-stream", string(held)),
		"none":        http.NotFound,
		"elsewhere": func(w http.ResponseWriter, req *http.Request) {
			http.Redirect(w, req, "http://127.0.0.1:1/", http.StatusMovedPermanently)
		},
	} {
		code, out, errs := l.copies(r.serve(t, map[string]http.HandlerFunc{"blobs/": h}))
		if code != exitUnreachable || !strings.Contains(out, "6 entries mirrored") || !strings.Contains(errs, "MIRROR-BLOBS-MISSING") {
			t.Errorf("%s: exit %d\n%s%s", name, code, out, errs)
		}
	}
	asked := atomic.Int32{}
	count := func(w http.ResponseWriter, req *http.Request) {
		asked.Add(1)
		w.Write(l.blobs[strings.TrimPrefix(req.URL.Path, "/blobs/sha256/")])
	}
	url := r.serve(t, map[string]http.HandlerFunc{"blobs/": count})
	for range 2 {
		if code, out, errs := l.copies(url); code != exitDone {
			t.Errorf("exit %d\n%s%s", code, out, errs)
		}
	}
	if asked.Load() != 1 {
		t.Errorf("bills were asked for %d times: held ones, or ones that are here", asked.Load())
	}
	// What is lost or damaged of copied.json is found out again.
	for _, raw := range []string{"{", `{"format":"yurai-copied/1","log":"ledger.example/liar","size":7,"missing":[]}`} {
		write(t, filepath.Join(l.copy(), "copied.json"), []byte(raw))
		l.ok(os.RemoveAll(filepath.Join(l.copy(), "blobs")))
		asked.Store(0)
		if code, _, errs := l.copies(url); code != exitDone || asked.Load() != 1 {
			t.Errorf("%q: exit %d, asked %d times\n%s", raw, code, asked.Load(), errs)
		}
	}
}

// TestMirrorAccuses: forks and rollbacks are 13 with evidence, also when the memory
// was lost, and the copy stays what it was.
func TestMirrorAccuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(l *liar) // what is shown instead
		forget bool
		kind   audit.Kind
	}{
		"a fork of the same size, memory lost":     {func(l *liar) { l.leaves[5] = l.leaves[4] }, true, audit.KindFork},
		"a fork of a larger size":                  {func(l *liar) { l.leaves[4] = l.leaves[3]; l.add(l.leaves[2]) }, false, audit.KindFork},
		"a rollback":                               {func(l *liar) { l.leaves = l.leaves[:5] }, false, audit.KindRollback},
		"a rollback to the beginning, memory lost": {func(l *liar) { l.leaves = l.leaves[:1] }, true, audit.KindRollback},
	} {
		l, _, _ := mirrored(t)
		if code, out, errs := l.copies(newRows(l).serve(t, nil)); code != exitDone {
			t.Fatalf("exit %d\n%s%s", code, out, errs)
		}
		before := l.served()
		if c.forget {
			l.ok(os.Remove(filepath.Join(l.copy(), mirrorMemory)))
		}
		l.leaves = slices.Clone(l.leaves)
		c.change(l)
		url := newRows(l).serve(t, nil)
		code, out, errs := l.copies(url)
		if code != exitMisbehaved || out != "" || l.served() != before || strings.Contains(errs, "CLIENT-CONTACT-FIRST") {
			t.Errorf("%s: exit %d\n%s%s", name, code, out, errs)
		}
		found, _ := filepath.Glob(filepath.Join(l.copy(), "memory.evidence-"+string(c.kind)+"-*.json"))
		if len(found) != 1 {
			t.Errorf("%s: the evidence is %q", name, found)
			continue
		}
		want := exitMisbehaved
		if c.kind == audit.KindRollback {
			want = exitHold // an observation
		}
		if code, _, errs := l.asks("verify", found[0]); code != want {
			t.Errorf("%s: verify exits %d\n%s", name, code, errs)
		}
	}
}

// TestMirrorCutOff ends the command at requests that it makes, at each with
// YURAI_CAMPAIGN set: what it has is whole, and the next run goes on.
func TestMirrorCutOff(t *testing.T) {
	l, _, _ := mirrored(t)
	for range 300 {
		l.leaves = append(l.leaves, append(bytes.Clone(l.leaves[2]), byte('0'+len(l.leaves)%10), byte('0'+len(l.leaves)/10%10), byte('0'+len(l.leaves)/100)))
	}
	r := newRows(l)
	step := int32(4)
	if os.Getenv("YURAI_CAMPAIGN") != "" {
		step = 1
	}
	for at, ended := int32(2), false; !ended; at += step {
		ctx, cancel := context.WithCancel(t.Context())
		asked := atomic.Int32{}
		var base string
		front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if asked.Add(1) == at {
				cancel()
				return
			}
			w.Write([]byte(fetched(t, base, strings.TrimPrefix(req.URL.Path, "/")).body))
		}))
		base = r.serve(t, nil)
		l.ok(os.RemoveAll(l.copy()))
		run := func(ctx context.Context, url string) (int, string) {
			var out, errs bytes.Buffer
			code := Main(ctx, []string{"mirror", url, l.copy(), "--trust", l.trust}, nil, &out, &errs, crashEnv)
			return code, out.String() + errs.String()
		}
		code, said := run(ctx, front.URL)
		cancel()
		front.Close()
		if ended = code == exitDone; ended {
			if at < 8 {
				t.Errorf("only %d requests", at)
			}
			break
		}
		if code != exitCancelled {
			t.Errorf("request %d: exit %d\n%s", at, code, said)
		}
		if served := l.served(); served != "" && !strings.Contains(served, "\n306\n") {
			t.Errorf("request %d: served\n%s", at, served)
		}
		if code, said := run(t.Context(), base); code != exitDone || !strings.Contains(said, "306 entries mirrored") {
			t.Errorf("after request %d: exit %d\n%s", at, code, said)
		}
	}
}

// TestMirrorFollows: it serves while it pulls, while the log is down, and after
// the log has shown another history, of which it takes nothing and says so in the
// end.
func TestMirrorFollows(t *testing.T) {
	l, _, _ := mirrored(t)
	var now atomic.Pointer[string] // what is asked in truth; nil is nobody
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		base := now.Load()
		if base == nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		got := fetched(t, *base, strings.TrimPrefix(req.URL.Path, "/"))
		w.WriteHeader(got.status)
		io.WriteString(w, got.body)
	}))
	defer front.Close()
	shows := func() {
		url := newRows(l).serve(t, nil)
		now.Store(&url)
	}
	shows()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	said, stdout := io.Pipe()
	var errs bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- Main(ctx, []string{"mirror", front.URL, l.copy(), "--trust", l.trust, "--listen", "127.0.0.1:0", "--every", "20ms"}, nil, stdout, &errs, crashEnv)
		stdout.Close()
	}()
	line := make([]byte, 64)
	n, err := said.Read(line)
	if err != nil {
		t.Fatalf("exit %d\n%s", <-ended, &errs)
	}
	base := strings.TrimSuffix(string(line[:n]), "\n")
	await := func(what string, holds func() bool) {
		t.Helper()
		for deadline := time.After(20 * time.Second); !holds(); {
			select {
			case <-deadline:
				t.Fatalf("%s: not in 20 s", what)
			case <-time.After(5 * time.Millisecond):
			}
		}
	}
	size := func(want string) func() bool {
		return func() bool { return strings.HasPrefix(fetched(t, base, "checkpoint").body, l.origin+"\n"+want+"\n") }
	}
	await("the first pull", size("6"))
	if code, _, errs := l.copies(front.URL); code != exitUnreachable || !strings.Contains(errs, "STORE-FOLDER-LOCKED") {
		t.Errorf("a second process: exit %d\n%s", code, errs)
	}
	l.add(l.bom(vendorID, relay(t, 3), nil)("vendor"))
	shows()
	await("the second pull", size("7"))
	now.Store(nil)
	if code, out, errs := l.asks("audit", base, "--state", filepath.Join(l.dir, "auditor.json"), "-f", "json"); code != exitDone || !strings.Contains(out, `"size":7`) {
		t.Errorf("an audit of the mirror while the log is down: exit %d\n%s%s", code, out, errs)
	}
	l.leaves = slices.Clone(l.leaves)
	l.leaves[6] = l.leaves[5]
	l.add(l.leaves[4])
	shows()
	await("the fork", func() bool { return fetched(t, base, "readyz").status == 503 })
	if !size("7")() {
		t.Errorf("after the fork:\n%s", fetched(t, base, "checkpoint").body)
	}
	cancel()
	if code := <-ended; code != exitMisbehaved || !strings.Contains(errs.String(), "AUDIT-LOG-FORK") {
		t.Errorf("exit %d\n%s", code, &errs)
	}
}

// TestMirrorUsage: what cannot be meant is refused before anything is asked or made.
func TestMirrorUsage(t *testing.T) {
	l, _, _ := mirrored(t)
	url := l.serve(nil, nil)
	for name, c := range map[string]struct {
		args []string
		code int
	}{
		"no trust":                 {[]string{"mirror", url, l.copy()}, exitUsage},
		"every alone":              {[]string{"mirror", url, l.copy(), "--trust", l.trust, "--every", "1m"}, exitUsage},
		"every too often":          {[]string{"mirror", url, l.copy(), "--trust", l.trust, "--listen", "127.0.0.1:0", "--every", "1ms"}, exitUsage},
		"json of a server":         {[]string{"mirror", url, l.copy(), "--trust", l.trust, "--listen", "127.0.0.1:0", "-f", "json"}, exitUsage},
		"all the world may listen": {[]string{"mirror", url, l.copy(), "--trust", l.trust, "--listen", "0.0.0.0:0"}, exitUsage},
		"no address of a log":      {[]string{"mirror", l.dir, l.copy(), "--trust", l.trust}, exitUsage},
		"a folder with something":  {[]string{"mirror", url, l.dir, "--trust", l.trust}, exitInput},
		"no trust file":            {[]string{"mirror", url, l.copy(), "--trust", l.dir + "/absent"}, exitInput},
	} {
		if code, out, errs := in(t, nil, "", c.args...); code != c.code || out != "" || exists(l.copy()) {
			t.Errorf("%s: exit %d\n%s%s", name, code, out, errs)
		}
	}
	if code, _, errs := in(t, map[string]string{"YURAI_LISTEN": "127.0.0.1:0", "YURAI_TRUST": l.trust}, "", "mirror", url, l.copy()); code != exitDone {
		t.Errorf("an address in the environment made it serve: exit %d\n%s", code, errs)
	}
	other := newLiarOf(t, "ledger.example/second")
	write(t, other.trust, []byte(strings.Replace(string(readAllOf(t, other.trust)), `"logs": [`, `"logs": [`+logOf(t, l.trust)+`,`, 1)))
	if code, _, errs := other.asks("mirror", other.serve(nil, nil), l.copy()); code != exitUsage || !strings.Contains(errs, "MIRROR-LOG-OTHER") {
		t.Errorf("another log into the same folder: exit %d\n%s", code, errs)
	}
}

func readAllOf(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// logOf returns the one log of a trust file as text.
func logOf(t *testing.T, name string) string {
	t.Helper()
	text := string(readAllOf(t, name))
	_, text, _ = strings.Cut(text, `"logs": [`)
	i := strings.Index(text, "\n  ]")
	if i < 0 {
		t.Fatal("the trust file is laid out otherwise")
	}
	return text[:i]
}

package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/audit"
	"github.com/yurai-ledger/yurai/ledger/client"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/blobs"
	"github.com/yurai-ledger/yurai/server/problem"
	"golang.org/x/sync/semaphore"
)

func TestAddresses(t *testing.T) {
	r := serve(t, newLedger(t))
	for name, c := range map[string]struct {
		method, path string
		status       int
		code         string
	}{
		"root":                 {"GET", "/", 404, "SERVER-PATH-UNKNOWN"},
		"unknown":              {"GET", "/api/v2/statements", 404, "SERVER-PATH-UNKNOWN"},
		"blobs folder":         {"GET", "/blobs/", 404, "SERVER-PATH-UNKNOWN"},
		"up and out":           {"GET", "/blobs/sha256/%2e%2e%2f%2e%2e%2fkeys%2fservice.key", 400, "SERVER-ADDRESS-MALFORMED"},
		"get statements":       {"GET", "/api/v1/statements", 405, "SERVER-METHOD-REFUSED"},
		"delete a blob":        {"DELETE", "/blobs/sha256/" + strings.Repeat("0a", 32), 405, "SERVER-METHOD-REFUSED"},
		"post a checkpoint":    {"POST", "/checkpoint", 405, "SERVER-METHOD-REFUSED"},
		"index negative":       {"GET", "/api/v1/entries/-1/bundle", 400, "SERVER-ADDRESS-MALFORMED"},
		"index padded":         {"GET", "/api/v1/entries/01/bundle", 400, "SERVER-ADDRESS-MALFORMED"},
		"index too large":      {"GET", "/api/v1/entries/99999999999999999999/bundle", 400, "SERVER-ADDRESS-MALFORMED"},
		"search for nothing":   {"GET", "/api/v1/search", 400, "SERVER-QUERY-MALFORMED"},
		"post a search":        {"POST", "/api/v1/search?party=x:a", 405, "SERVER-METHOD-REFUSED"},
		"index beyond":         {"GET", "/api/v1/entries/2/bundle", 404, "SERVER-ENTRY-ABSENT"},
		"digest in capitals":   {"GET", "/api/v1/boms/sha256/" + strings.Repeat("0A", 32), 400, "SERVER-ADDRESS-MALFORMED"},
		"digest short":         {"GET", "/api/v1/boms/sha256/0a", 400, "SERVER-ADDRESS-MALFORMED"},
		"blob never stored":    {"GET", "/blobs/sha256/" + strings.Repeat("0a", 32), 404, "SERVER-BLOB-ABSENT"},
		"tile malformed":       {"GET", "/tile/0/00", 404, "LOG-PATH-MALFORMED"},
		"tile beyond":          {"GET", "/tile/0/001.p/1", 404, "SERVER-TILE-ABSENT"},
		"tile too wide":        {"GET", "/tile/0/000.p/3", 404, "SERVER-TILE-ABSENT"},
		"tile not full":        {"GET", "/tile/0/000", 404, "SERVER-TILE-ABSENT"},
		"tile of no level":     {"GET", "/tile/63/000.p/1", 404, "SERVER-TILE-ABSENT"},
		"tile level empty":     {"GET", "/tile/1/000.p/1", 404, "SERVER-TILE-ABSENT"},
		"entries beyond":       {"GET", "/tile/entries/000.p/3", 404, "SERVER-TILE-ABSENT"},
		"entries far beyond":   {"GET", "/tile/entries/x999/x999/999.p/1", 404, "SERVER-TILE-ABSENT"},
		"tile with a tail":     {"GET", "/tile/0/000.p/1/2", 404, "LOG-PATH-MALFORMED"},
		"a method nobody uses": {"BREW", "/readyz", 405, "SERVER-METHOD-REFUSED"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, r.url+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		a := do(t, req)
		t.Run(name, func(t *testing.T) { refused(t, a, c.status, c.code) })
		if c.status == http.StatusMethodNotAllowed && a.header.Get("Allow") == "" {
			t.Errorf("%s: no Allow", name)
		}
	}
}

func TestHeaders(t *testing.T) {
	r := serve(t, newLedger(t))
	for path, want := range map[string]struct{ mediaType, cache string }{
		"/checkpoint":              {typeText, "no-cache"},
		"/tile/0/000.p/2":          {typeBytes, "public, max-age=31536000, immutable"},
		"/tile/entries/000.p/2":    {typeBytes, "public, max-age=31536000, immutable"},
		"/api/v1/entries/0/bundle": {typeBundle, "no-cache"},
		"/api/v1/search?party=x:a": {typeJSON, "no-store"},
		"/readyz":                  {typeJSON, "no-store"},
		"/healthz":                 {typeText, "no-store"},
		"/api/v1/boms/sha256/" + strings.Repeat("0a", 32): {typeJSON, "no-store"},
	} {
		a := r.get(t, path)
		if a.status != http.StatusOK || a.header.Get("Content-Type") != want.mediaType || a.header.Get("Cache-Control") != want.cache {
			t.Errorf("%s = %d %q %q", path, a.status, a.header.Get("Content-Type"), a.header.Get("Cache-Control"))
		}
		if a.header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(a.header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: headers = %v", path, a.header)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodHead, r.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if h := do(t, req); h.status != http.StatusOK || len(h.body) != 0 || h.header.Get("Content-Length") != fmt.Sprint(len(a.body)) {
			t.Errorf("HEAD %s = %d, %d bytes of %s", path, h.status, len(h.body), h.header.Get("Content-Length"))
		}
	}
}

func TestReadiness(t *testing.T) {
	dir := newLedger(t)
	s, err := Open(t.Context(), dir, Options{Clock: clockAt(noon)})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(path string) answer {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		return answer{w.Code, w.Header(), w.Body.Bytes()}
	}
	for _, path := range []string{"/checkpoint", "/tile/0/000", "/api/v1/entries/0/bundle", "/api/v1/boms/sha256/00", "/blobs/sha256/00", "/"} {
		refused(t, ask(path), http.StatusServiceUnavailable, "SERVER-NOT-READY")
	}
	if a := ask("/healthz"); a.status != http.StatusOK {
		t.Errorf("/healthz = %d", a.status)
	}
	if a := ask("/readyz"); a.status != http.StatusServiceUnavailable || !strings.Contains(string(a.body), `"ready":false,"size":0,"anchored":false`) {
		t.Errorf("/readyz = %d %s", a.status, a.body)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	r := serve(t, dir)
	a := r.get(t, "/readyz")
	var got readiness
	if err := json.Unmarshal(a.body, &got); err != nil || a.status != http.StatusOK || !got.Ready || got.Size != 2 || got.Anchored || got.Reason != "" {
		t.Errorf("/readyz = %d %s", a.status, a.body)
	}
}

func TestTilesGiveTheCheckpoint(t *testing.T) {
	r := serve(t, newLedger(t))
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	log, _ := r.trust(t).Log(testOrigin)
	reader, err := client.New(r.url, log)
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := reader.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var visited int64
	result, err := audit.Replay(t.Context(), reader, c, nil, func(int64, []byte) error { visited++; return nil })
	if err != nil || len(result.Findings) > 0 || visited != 3 || result.Root != c.Root {
		t.Errorf("replay = %+v, %v, %d leaves", result, err, visited)
	}
	if got := ledger.TilePath(0, 0, 3); r.get(t, "/"+got).status != http.StatusOK {
		t.Errorf("%s is not served", got)
	}
}

func TestForms(t *testing.T) {
	r := serve(t, newLedger(t))
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	raw := newBOM(serialA, 1, "HR-87T")
	leaf := signBOM(t, bomBody(t, vendor, raw), key)
	contentType, whole := encodeForm(t, part{"statement", leaf}, part{"bom", raw})
	build := func(parts ...part) ([]byte, string) {
		kind, body := encodeForm(t, parts...)
		return body, kind
	}
	unknown, unknownType := build(part{"statement", leaf}, part{"bom", raw}, part{"extra", raw})
	twice, twiceType := build(part{"statement", leaf}, part{"statement", leaf})
	twoBOMs, twoBOMsType := build(part{"bom", raw}, part{"statement", leaf}, part{"bom", raw})
	none, noneType := build(part{"bom", raw})
	nameless, namelessType := build(part{"", leaf})
	quoted := bytes.Replace(whole, []byte("Content-Disposition"), []byte("Content-Transfer-Encoding: quoted-printable\r\nContent-Disposition"), 1)
	manyHeaders := bytes.Replace(whole, []byte("Content-Disposition"), []byte(strings.Repeat("X-%d: y\r\n", 1)+headers(20)+"Content-Disposition"), 1)
	before := r.stores(t)
	for name, c := range map[string]struct {
		contentType string
		body        []byte
		encoding    string
		status      int
		code        string
	}{
		"no content type":       {"", whole, "", 415, "SERVER-MEDIA-TYPE"},
		"json":                  {"application/json", leaf, "", 415, "SERVER-MEDIA-TYPE"},
		"multipart/mixed":       {strings.Replace(contentType, "form-data", "mixed", 1), whole, "", 415, "SERVER-MEDIA-TYPE"},
		"compressed":            {contentType, whole, "gzip", 415, "SERVER-MEDIA-TYPE"},
		"no boundary":           {"multipart/form-data", whole, "", 400, "SERVER-FORM-MALFORMED"},
		"boundary too long":     {"multipart/form-data; boundary=" + strings.Repeat("x", 71), whole, "", 400, "SERVER-FORM-MALFORMED"},
		"another boundary":      {"multipart/form-data; boundary=other", whole, "", 400, "SERVER-FORM-MALFORMED"},
		"empty":                 {contentType, nil, "", 400, "SERVER-FORM-MALFORMED"},
		"cut in a part":         {contentType, whole[:len(whole)/2], "", 400, "SERVER-FORM-MALFORMED"},
		"cut before its end":    {contentType, whole[:len(whole)-4], "", 400, "SERVER-FORM-MALFORMED"},
		"cut in a header":       {contentType, whole[:90], "", 400, "SERVER-FORM-MALFORMED"},
		"an unknown part":       {unknownType, unknown, "", 400, "SERVER-FORM-PART"},
		"two statements":        {twiceType, twice, "", 400, "SERVER-FORM-PART"},
		"two boms":              {twoBOMsType, twoBOMs, "", 400, "SERVER-FORM-PART"},
		"no statement":          {noneType, none, "", 400, "SERVER-FORM-PART"},
		"a part without a name": {namelessType, nameless, "", 400, "SERVER-FORM-PART"},
		"an encoded part":       {contentType, quoted, "", 400, "SERVER-FORM-PART"},
		"a part of headers":     {contentType, manyHeaders, "", 400, "SERVER-FORM-PART"},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+"/api/v1/statements", bytes.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", c.contentType)
			if c.contentType == "" {
				req.Header["Content-Type"] = nil
			}
			if c.encoding != "" {
				req.Header.Set("Content-Encoding", c.encoding)
			}
			refused(t, do(t, req), c.status, c.code)
		})
	}
	if !maps.Equal(before, r.stores(t)) {
		t.Error("a refused form changed the stores")
	}
	// The parts may come in any order, in chunks and without file names.
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+"/api/v1/statements", io.MultiReader(bytes.NewReader(whole)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	if a := do(t, req); a.status != http.StatusCreated {
		t.Errorf("the form in chunks = %d %s", a.status, a.body)
	}
}

func headers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "X-Header-%d: y\r\n", i)
	}
	return b.String()
}

// endless is a body that never ends by itself.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestABodyWithoutEndIsCutOff(t *testing.T) {
	r := serve(t, newLedger(t))
	var head bytes.Buffer
	fmt.Fprintf(&head, "--edge\r\nContent-Disposition: form-data; name=\"bom\"\r\n\r\n")
	// An http.Client may see the reset before the answer, so speak by hand.
	c := r.dial(t)
	fmt.Fprintf(c, "POST /api/v1/statements HTTP/1.1\r\nHost: ledger\r\nContent-Type: multipart/form-data; boundary=edge\r\nContent-Length: %d\r\n\r\n", int64(1)<<40)
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	refused(t, answer{res.StatusCode, res.Header, body}, http.StatusRequestEntityTooLarge, "SERVER-BODY-LARGE")
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}

	w := httptest.NewRecorder()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/statements", io.MultiReader(&head, endless{}))
	req.Header.Set("Content-Type", "multipart/form-data; boundary=edge")
	r.Handler().ServeHTTP(w, req)
	refused(t, answer{w.Code, w.Header(), w.Body.Bytes()}, http.StatusRequestEntityTooLarge, "SERVER-BODY-LARGE")
	if !r.memory.TryAcquire(maxIntakeMemory) {
		t.Error("memory of a refused submission was not given back")
	}
}

func (r *running) dial(t *testing.T) net.Conn {
	t.Helper()
	var d net.Dialer
	c, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestSlowAndHugeHeaders(t *testing.T) {
	r := serve(t, newLedger(t), func(s *Server) { s.timeouts.header, s.timeouts.body = 500*time.Millisecond, 500*time.Millisecond })
	slow := r.dial(t)
	fmt.Fprint(slow, "GET /checkpoint HTTP/1.1\r\nHost: led")
	if b, err := io.ReadAll(slow); err == nil && bytes.HasPrefix(b, []byte("HTTP/1.1 200")) {
		t.Errorf("a header that never ends is answered: %s", b)
	}
	// The connection above was closed by the server, or ReadAll would still wait.

	huge := r.dial(t)
	go func() {
		fmt.Fprintf(huge, "GET /checkpoint HTTP/1.1\r\nHost: ledger\r\nX-Long: %s\r\n\r\n", strings.Repeat("x", 1<<20))
	}()
	line, err := bufio.NewReader(huge).ReadString('\n')
	if err == nil && !strings.Contains(line, " 431 ") && !strings.Contains(line, " 408 ") && !strings.Contains(line, " 400 ") {
		t.Errorf("a header of 1 MiB is answered %q", line)
	}

	half := r.dial(t)
	fmt.Fprint(half, "POST /api/v1/statements HTTP/1.1\r\nHost: ledger\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 100\r\n\r\n--x\r\n")
	res, err := http.ReadResponse(bufio.NewReader(half), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	refused(t, answer{res.StatusCode, res.Header, body}, http.StatusBadRequest, "SERVER-FORM-MALFORMED")
	if a := r.get(t, "/checkpoint"); a.status != http.StatusOK {
		t.Errorf("afterwards /checkpoint = %d", a.status)
	}
}

func TestBusy(t *testing.T) {
	r := serve(t, newLedger(t), func(s *Server) {
		s.requests = make(chan struct{}, 2)
		s.timeouts.queue = time.Millisecond
	})
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	raw := newBOM(serialA, 1, "HR-87T")
	leaf := signBOM(t, bomBody(t, vendor, raw), key)

	r.requests <- struct{}{}
	r.requests <- struct{}{}
	refused(t, r.get(t, "/checkpoint"), http.StatusServiceUnavailable, "SERVER-REQUESTS-BUSY")
	if a := r.get(t, "/healthz"); a.status != http.StatusOK {
		t.Errorf("/healthz of a busy server = %d", a.status)
	}
	<-r.requests
	<-r.requests

	hold := func(s *semaphore.Weighted, n int64, what string) { // a handler gives back after it has answered
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := s.Acquire(ctx, n); err != nil {
			t.Fatalf("%s was not given back: %v", what, err)
		}
	}
	hold(r.memory, maxIntakeMemory-8<<10, "memory")
	refused(t, r.submits(t, leaf, raw), http.StatusServiceUnavailable, "SERVER-MEMORY-BUSY")
	r.memory.Release(maxIntakeMemory - 8<<10)

	n := int64(max(2, runtime.GOMAXPROCS(0)))
	hold(r.examiners, n, "the place of an examiner")
	refused(t, r.submits(t, leaf, raw), http.StatusServiceUnavailable, "SERVER-QUEUE-BUSY")
	r.examiners.Release(n)

	hold(r.bundles, maxBundles, "the place of a bundle")
	refused(t, r.get(t, "/api/v1/entries/0/bundle"), http.StatusServiceUnavailable, "SERVER-REQUESTS-BUSY")
	r.bundles.Release(maxBundles)

	r.accepted(t, http.StatusCreated, leaf, raw)
	hold(r.memory, maxIntakeMemory, "memory")
}

func TestNoPanicReachesTheClient(t *testing.T) {
	r := serve(t, newLedger(t))
	ask := func(h http.HandlerFunc) (a answer, aborted bool) {
		defer func() { aborted = recover() != nil }()
		w := httptest.NewRecorder()
		r.guarded(h).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
		return answer{w.Code, w.Header(), w.Body.Bytes()}, false
	}
	a, _ := ask(func(http.ResponseWriter, *http.Request) { panic("the key is 12345") })
	refused(t, a, http.StatusInternalServerError, "SERVER-INTERNAL-ERROR")
	if bytes.Contains(a.body, []byte("12345")) {
		t.Error("the panic's text is in the answer")
	}
	if _, aborted := ask(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200); panic("late") }); !aborted {
		t.Error("half an answer was ended as if it were whole")
	}
	a, _ = ask(func(w http.ResponseWriter, req *http.Request) { r.fail(w, req, errors.New("secret path /root")) })
	refused(t, a, http.StatusInternalServerError, "SERVER-INTERNAL-ERROR")
	if bytes.Contains(a.body, []byte("secret")) {
		t.Error("the text of an error without code is in the answer")
	}
}

func TestAMovedLogSignsNothing(t *testing.T) {
	r := serve(t, newLedger(t))
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	r.halt("SERVER-LOG-MOVED", "this is not the machine the log was made on")
	raw := newBOM(serialA, 1, "HR-87T")
	refused(t, r.submits(t, signBOM(t, bomBody(t, vendor, raw), key), raw), http.StatusServiceUnavailable, "SERVER-LOG-MOVED")
	if a := r.get(t, "/readyz"); a.status != http.StatusServiceUnavailable || !strings.Contains(string(a.body), "not the machine") {
		t.Errorf("/readyz = %d %s", a.status, a.body)
	}
	refused(t, r.get(t, "/checkpoint"), http.StatusServiceUnavailable, "SERVER-LOG-MOVED")
	refused(t, r.get(t, "/api/v1/entries/2/bundle"), http.StatusServiceUnavailable, "SERVER-LOG-MOVED")
	if a := r.get(t, "/tile/0/000.p/3"); a.status != http.StatusOK {
		t.Errorf("a tile = %d", a.status)
	}
}

func TestALookUpThatCannotAnswerSaysSo(t *testing.T) {
	r := serve(t, newLedger(t))
	k := (&lookups{log: longLog{}, index: r.lookups.index}).at(maxTail + 100)
	_, err := k.find(t.Context(), termDigest(statement.Digest{1}))
	if problem.Code(err) != "SERVER-INDEX-BEHIND" {
		t.Errorf("a look-up past an index that is behind = %v", err)
	}
	if err := r.lookups.index.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := k.find(t.Context(), termDigest(statement.Digest{1})); err == nil {
		t.Error("a look-up without index found nothing instead of failing")
	}
	// A short log is read as it is.
	if got := r.find(t, strings.Repeat("0a", 32)); len(got.Entries) != 0 || got.Size != 2 {
		t.Errorf("a look-up in a short log without index = %+v", got)
	}
}

type longLog struct{}

func (longLog) Size() int64                { return maxTail + 100 }
func (longLog) Leaf(int64) ([]byte, error) { return nil, errors.New("not to be read") }

func (longLog) Bundle(int64, int) ([]byte, error) { return nil, errors.New("not to be read") }

func (longLog) Tile(int, int64, int) ([]byte, error) { return nil, errors.New("not to be read") }

func TestStopFinishesRequestsInFlight(t *testing.T) {
	r := serve(t, newLedger(t))
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	raw := newBOM(serialA, 1, "HR-87T")
	contentType, whole := encodeForm(t, part{"statement", signBOM(t, bomBody(t, vendor, raw), key)}, part{"bom", raw})
	pr, pw := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+"/api/v1/statements", pr)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Expect", "100-continue") // the body is asked for when the handler reads it
	transport := &http.Transport{ExpectContinueTimeout: time.Minute}
	defer transport.CloseIdleConnections()
	answered := make(chan answer, 1)
	go func() {
		res, err := transport.RoundTrip(req)
		if err != nil {
			answered <- answer{body: []byte(err.Error())}
			return
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		answered <- answer{res.StatusCode, res.Header, body}
	}()
	if _, err := pw.Write(whole[:100]); err != nil {
		t.Fatal(err)
	}
	r.stop()
	for !r.stopping.Load() {
		runtime.Gosched()
	}
	if _, err := pw.Write(whole[100:]); err != nil {
		t.Fatal(err)
	}
	if err := pw.Close(); err != nil {
		t.Fatal(err)
	}
	if a := <-answered; a.status != http.StatusCreated {
		t.Errorf("the request in flight = %d %s", a.status, a.body)
	}
	r.end(t)
	if again := serve(t, r.dir); again.Size() != 4 {
		t.Errorf("size after the stop = %d, want 4", again.Size())
	}
}

// TestBlobThatCannotBeStored shows that what the blob store refuses is refused before
// a leaf is offered.
func TestBlobThatCannotBeStored(t *testing.T) {
	r := serve(t, newLedger(t))
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	small, err := blobs.Open(t.TempDir(), blobs.Options{MaxSize: 16})
	if err != nil {
		t.Fatal(err)
	}
	whole := r.Server.blobs
	r.Server.blobs = small
	raw := newBOM(serialA, 1, "HR-87T")
	refused(t, r.submits(t, signBOM(t, bomBody(t, vendor, raw), key), raw), http.StatusRequestEntityTooLarge, "STORE-BLOB-LARGE")
	if r.Size() != 3 {
		t.Errorf("a leaf without its bytes was recorded")
	}
	r.Server.blobs = whole
	if err := small.Close(); err != nil {
		t.Fatal(err)
	}
}

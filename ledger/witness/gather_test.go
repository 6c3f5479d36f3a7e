package witness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
)

// cosigner is a witness on a port, behind whatever stands before it.
type cosigner struct {
	*Witness
	server *httptest.Server
	asked  atomic.Int64 // add-checkpoint requests under way
	most   atomic.Int64
	total  atomic.Int64
	before func(w http.ResponseWriter, r *http.Request) bool // true if it has answered
}

func newCosigner(t *testing.T, name string, b byte, l *testLog) *cosigner {
	t.Helper()
	c := &cosigner{Witness: newWitness(t, newShim(), name, b, l)}
	c.clock = time.Now
	handler := c.Handler()
	c.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			c.total.Add(1)
			if n := c.asked.Add(1); n > c.most.Load() {
				c.most.Store(n)
			}
			defer c.asked.Add(-1)
		}
		if c.before != nil && c.before(w, r) {
			return
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(c.server.Close)
	return c
}

// policy demands all of the witnesses by their Ed25519 keys, or k of them.
func policy(t testing.TB, k string, list ...*cosigner) *ledger.WitnessPolicy {
	t.Helper()
	text, names := "", ""
	for i, c := range list {
		text += fmt.Sprintf("witness w%d %s %s/\n", i, c.Keys()[0], c.server.URL)
		names += fmt.Sprintf(" w%d", i)
	}
	p, err := ledger.ParseWitnessPolicy(text + "group all-of-them " + k + names + "\nquorum all-of-them\n")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// gathering is a gatherer that runs.
type gathering struct {
	*Gatherer
	kept    []ledger.Signed // by Keep, under mu
	against []error
	fail    error
	mu      sync.Mutex
	kick    chan struct{}
}

func gather(t *testing.T, l *testLog, p *ledger.WitnessPolicy, change ...func(*GatherConfig)) *gathering {
	t.Helper()
	g := &gathering{kick: make(chan struct{}, 1)}
	c := GatherConfig{
		Log: l.log(), Tree: l, Policy: p, Clock: time.Now,
		Keep: func(s ledger.Signed, cosigned []ledger.Cosignature) error {
			g.mu.Lock()
			defer g.mu.Unlock()
			if g.fail != nil {
				return g.fail
			}
			if !p.Satisfied(cosigned) {
				t.Errorf("%d leaves are kept without quorum", s.Size)
			}
			g.kept = append(g.kept, s)
			return nil
		},
		Contradicted: func(err error) { g.mu.Lock(); g.against = append(g.against, err); g.mu.Unlock() },
		timeout:      300 * time.Millisecond, pause: time.Millisecond, longest: 20 * time.Millisecond, between: time.Millisecond, refresh: time.Hour, poll: 20 * time.Millisecond,
	}
	for _, f := range change {
		f(&c)
	}
	g.Gatherer = NewGatherer(c)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
	return g
}

// await waits for a condition, and shows what was waited for if it does not come.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 3000 {
		if is() {
			return
		}
		time.Sleep(5 * time.Millisecond) // between two looks at a condition
	}
	t.Fatalf("%s does not come", what)
}

func (g *gathering) size() int64 {
	if c := g.Checkpoint(); c != nil {
		return c.Size
	}
	return -1
}

// verified holds what is published against the policy.
func (g *gathering) verified(t *testing.T, l *testLog, p *ledger.WitnessPolicy) {
	t.Helper()
	c := g.Checkpoint()
	s, _, err := ledger.OpenCosigned(c.Note, l.origin, l.keys, p)
	if err != nil || s.Root != l.at(s.Size).Root {
		t.Errorf("published is %v, %v", s.Checkpoint, err)
	}
}

func TestGathers(t *testing.T) {
	l := newTestLog(t, testOrigin, 1, "main", 5)
	a, b := newCosigner(t, "witness.example/a", 11, l), newCosigner(t, "witness.example/b", 12, l)
	p := policy(t, "all", a, b)
	g := gather(t, l, p)
	for range 30 {
		l.grow("main", 7)
		g.Poke()
	}
	await(t, "the newest", func() bool { return g.size() == 215 })
	g.verified(t, l, p)
	if !g.Anchored() {
		t.Error("not anchored")
	}
	for _, c := range []*cosigner{a, b} {
		if n := c.most.Load(); n > 1 {
			t.Errorf("%d requests at one time", n)
		}
	}
	last := int64(0)
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, s := range g.kept {
		if s.Size < last {
			t.Errorf("kept %d after %d", s.Size, last)
		}
		last = s.Size
	}
	// What goes to witnesses is the log's own: its two lines, and within what others take.
	if n := len(l.request(0, 215).Marshal()); n > 10<<10 {
		t.Errorf("a request has %d bytes", n)
	}
}

// A log that grew unsaid is noticed, one that does not grow is cosigned again, and
// what another gatherer told the witnesses is asked for.
func TestGathersUnasked(t *testing.T) {
	l := newTestLog(t, testOrigin, 1, "main", 5)
	a := newCosigner(t, "witness.example/a", 11, l)
	if _, err := a.AddCheckpoint(t.Context(), l.request(0, 3)); err != nil {
		t.Fatal(err)
	}
	p := policy(t, "all", a)
	g := gather(t, l, p, func(c *GatherConfig) { c.refresh = 10 * time.Millisecond })
	await(t, "the first", func() bool { return g.size() == 5 })
	l.grow("main", 1)
	await(t, "the next", func() bool { return g.size() == 6 })
	await(t, "the same again", func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		n := len(g.kept)
		return n > 4 && g.kept[n-1].Size == 6 && g.kept[n-2].Size == 6
	})
}

// One address with both keys of a witness is asked once, and gives both.
func TestBothKeys(t *testing.T) {
	l := newTestLog(t, testOrigin, 1, "main", 5)
	a := newCosigner(t, "witness.example/a", 11, l)
	p, err := ledger.ParseWitnessPolicy(fmt.Sprintf("witness ed %s %s\nwitness ml %s %[2]s/\ngroup g all ed ml\nquorum g\n", a.Keys()[0], a.server.URL, a.Keys()[1]))
	if err != nil {
		t.Fatal(err)
	}
	g := gather(t, l, p)
	await(t, "both", func() bool { return g.size() == 5 })
	g.verified(t, l, p)
	if n := a.total.Load(); n > 2 {
		t.Errorf("asked %d times", n)
	}
}

// Whatever a witness does, the others count, nothing hangs, and what is published is
// verified; a quorum that needs the bad one stands still.
func TestBadWitnesses(t *testing.T) {
	answer := func(status int, kind, body string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
			return true
		}
	}
	l := newTestLog(t, testOrigin, 1, "main", 5)
	sign := func(c ledger.Checkpoint, b byte, name string, at time.Time) string {
		s, err := ledger.NewSigner(ledger.CosignatureV1, name, bytes.NewReader(bytes.Repeat([]byte{b}, 32)))
		if err != nil {
			t.Fatal(err)
		}
		line, err := s.Cosign(c, at)
		if err != nil {
			t.Fatal(err)
		}
		return string(line)
	}
	const bad = "witness.example/bad"
	other := l.at(5)
	other.Root[0] ^= 1
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	for name, before := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"another size":           answer(200, "text/plain", sign(l.at(4), 12, bad, time.Now())),
		"another root":           answer(200, "text/plain", sign(other, 12, bad, time.Now())),
		"another key":            answer(200, "text/plain", sign(l.at(5), 13, bad, time.Now())),
		"another name":           answer(200, "text/plain", sign(l.at(5), 12, "witness.example/else", time.Now())),
		"the future":             answer(200, "text/plain", sign(l.at(5), 12, bad, time.Now().Add(time.Hour))),
		"twice":                  answer(200, "text/plain", strings.Repeat(sign(l.at(5), 12, bad, time.Now()), 2)),
		"the log's own lines":    answer(200, "text/plain", string(l.note(5)[len(l.at(5).Body())+1:])),
		"nothing":                answer(200, "text/plain", ""),
		"a web page":             answer(200, "text/html", "<html>"),
		"half a line":            answer(200, "text/plain", sign(l.at(5), 12, bad, time.Now())[:40]),
		"a whole note":           answer(200, "text/plain", string(l.note(5))),
		"accepted":               answer(202, "text/plain", sign(l.at(5), 12, bad, time.Now())),
		"forbidden":              answer(403, "text/plain", "no"),
		"unknown":                answer(404, "text/plain", "no"),
		"a fault":                answer(500, "text/plain", "no"),
		"busy":                   answer(503, "text/plain", "no"),
		"another history":        answer(422, "text/plain", "no"),
		"a huge size":            answer(409, sizeType, "999999\n"),
		"no size":                answer(409, sizeType, "many\n"),
		"a size below":           answer(409, sizeType, "-1\n"),
		"a size of another type": answer(409, "text/plain", "3\n"),
		"the size that was said": answer(409, sizeType, "0\n"),
		"elsewhere": func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "http://192.0.2.1/", http.StatusTemporaryRedirect)
			return true
		},
		"gigabytes": func(w http.ResponseWriter, r *http.Request) bool {
			b := make([]byte, 1<<16)
			for r.Context().Err() == nil {
				if _, err := w.Write(b); err != nil {
					break
				}
			}
			return true
		},
		"headers without end": func(w http.ResponseWriter, _ *http.Request) bool {
			c, b, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return false
			}
			defer c.Close()
			_, _ = b.WriteString("HTTP/1.1 200 OK\r\n")
			for range 10000 {
				if _, err := b.WriteString("X: " + strings.Repeat("x", 100) + "\r\n"); err != nil {
					break
				}
			}
			return true
		},
		"breaks off": func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, sign(l.at(5), 12, bad, time.Now())[:50])
			if err := http.NewResponseController(w).Flush(); err != nil {
				return true
			}
			panic(http.ErrAbortHandler)
		},
		"never answers": func(_ http.ResponseWriter, r *http.Request) bool {
			_, _ = io.Copy(io.Discard, r.Body) // else nobody notices that the client has left
			select {
			case <-hang:
			case <-r.Context().Done():
			}
			return true
		},
		"never ends": func(w http.ResponseWriter, r *http.Request) bool {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(w, "x")
			_ = http.NewResponseController(w).Flush()
			select {
			case <-hang:
			case <-r.Context().Done():
			}
			return true
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newTestLog(t, testOrigin, 1, "main", 5)
			good, evil := newCosigner(t, "witness.example/good", 11, l), newCosigner(t, bad, 12, l)
			evil.before = before
			one, both := policy(t, "any", good, evil), policy(t, "all", good, evil)
			g, still := gather(t, l, one), gather(t, l, both)
			await(t, "the good witness's", func() bool { return g.size() == 5 })
			l.grow("main", 3)
			g.Poke()
			still.Poke()
			await(t, "the next", func() bool { return g.size() == 8 })
			g.verified(t, l, one)
			seen := evil.total.Load()
			await(t, "another try", func() bool { return evil.total.Load() > seen+2 })
			if c := still.Checkpoint(); c != nil {
				t.Errorf("%d leaves are published without the bad witness", c.Size)
			}
			still.mu.Lock()
			if len(still.against) > 0 {
				t.Errorf("a witness without evidence is believed: %v", still.against)
			}
			still.mu.Unlock()
		})
	}
}

// A witness that is down and comes back is asked again, and the newest is published.
func TestComesBack(t *testing.T) {
	l := newTestLog(t, testOrigin, 1, "main", 5)
	a, b := newCosigner(t, "witness.example/a", 11, l), newCosigner(t, "witness.example/b", 12, l)
	var down atomic.Bool
	b.before = func(w http.ResponseWriter, _ *http.Request) bool {
		if down.Load() {
			w.WriteHeader(http.StatusBadGateway)
		}
		return down.Load()
	}
	p := policy(t, "all", a, b)
	g := gather(t, l, p)
	await(t, "the first", func() bool { return g.size() == 5 })
	down.Store(true)
	n := b.total.Load()
	for range 10 {
		l.grow("main", 5)
		g.Poke()
	}
	await(t, "a try", func() bool { return b.total.Load() > n+3 })
	if g.size() >= 55 {
		t.Errorf("%d leaves are published without the quorum", g.size())
	}
	down.Store(false)
	await(t, "the newest", func() bool { return g.size() == 55 })
	g.verified(t, l, p)
}

// What cannot be kept is not published, and is asked for again.
func TestKeepFails(t *testing.T) {
	l := newTestLog(t, testOrigin, 1, "main", 5)
	a := newCosigner(t, "witness.example/a", 11, l)
	var tries atomic.Int64
	g := gather(t, l, policy(t, "all", a), func(c *GatherConfig) {
		keep := c.Keep
		c.Keep = func(s ledger.Signed, list []ledger.Cosignature) error {
			if tries.Add(1) < 4 {
				return errors.New("disk full")
			}
			return keep(s, list)
		}
	})
	await(t, "the first", func() bool { return g.size() == 5 })
	if tries.Load() < 4 {
		t.Error("published before it was kept")
	}
}

// A log that was put back, or is a copy of one that went on, is told so by a witness,
// with the log's own signature; no fork is cosigned.
func TestContradicted(t *testing.T) {
	for name, c := range map[string]struct {
		branch string
		grow   int
		want   string
	}{
		"put back":                  {"main", 0, "LOG-ANCHOR-AHEAD"},
		"put back, grown elsewhere": {"fork", 3, "LOG-ANCHOR-AHEAD"},
		"a copy of the same size":   {"fork", 10, "LOG-ANCHOR-FORK"},
		"a copy that went on":       {"fork", 30, "LOG-ANCHOR-FORK"},
	} {
		t.Run(name, func(t *testing.T) {
			went := newTestLog(t, testOrigin, 1, "main", 20)
			a := newCosigner(t, "witness.example/a", 11, went)
			if _, err := a.AddCheckpoint(t.Context(), went.request(0, 20)); err != nil {
				t.Fatal(err)
			}
			back := newTestLog(t, testOrigin, 1, "main", 10)
			back.grow(c.branch, c.grow)
			g := gather(t, back, policy(t, "all", a))
			await(t, "the contradiction", func() bool { g.mu.Lock(); defer g.mu.Unlock(); return len(g.against) > 0 })
			g.mu.Lock()
			if got := code(g.against[0]); got != c.want {
				t.Errorf("contradicted by %v, want %s", g.against[0], c.want)
			}
			g.mu.Unlock()
			if g.size() >= 0 || g.Anchored() {
				t.Error("the other history is cosigned")
			}
			anchors := Anchors(t.Context(), policy(t, "all", a), back.log(), g.Logger)
			if len(anchors) != 1 || anchors[0] != went.at(20) {
				t.Errorf("anchors = %v", anchors)
			}
		})
	}
}

// Two servers with the keys of one log ask one witness: only one of them ever gets
// cosignatures for what they do not share.
func TestTwoServersOneWitness(t *testing.T) {
	l, copied := newTestLog(t, testOrigin, 1, "main", 10), newTestLog(t, testOrigin, 1, "main", 10)
	a := newCosigner(t, "witness.example/a", 11, l)
	p := policy(t, "all", a)
	first, second := gather(t, l, p), gather(t, copied, p)
	await(t, "the shared part", func() bool { return first.size() == 10 && second.size() == 10 })
	for range 5 {
		l.grow("one", 3)
		copied.grow("other", 3)
		first.Poke()
		second.Poke()
	}
	caught := func(g *gathering) bool { g.mu.Lock(); defer g.mu.Unlock(); return len(g.against) > 0 }
	await(t, "that one is caught", func() bool { return caught(first) || caught(second) })
	if first.size() > 10 && second.size() > 10 {
		t.Errorf("both are cosigned, %d and %d leaves", first.size(), second.size())
	}
}

// Anchors counts what the log signed, whoever shows it, and waits for nobody.
func TestAnchors(t *testing.T) {
	l := newTestLog(t, testOrigin, 1, "main", 9)
	stranger := newTestLog(t, testOrigin, 7, "main", 99)
	show := func(status int, body []byte) *cosigner {
		c := newCosigner(t, "witness.example/x", byte(20+len(body)%7), l)
		c.before = func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(status)
			_, _ = w.Write(body)
			return true
		}
		return c
	}
	gone := newCosigner(t, "witness.example/gone", 30, l)
	gone.server.Close()
	for name, c := range map[string]struct {
		w    *cosigner
		want int
	}{
		"the log's own":    {show(200, l.note(9)), 1},
		"nothing yet":      {show(404, nil), 0},
		"a stranger's":     {show(200, stranger.note(99)), 0},
		"no note":          {show(200, []byte("x")), 0},
		"too long":         {show(200, bytes.Repeat(l.note(9), 40)), 0},
		"a fault":          {show(500, l.note(9)), 0},
		"nobody there":     {gone, 0},
		"without its name": {show(200, append([]byte("x"), l.note(9)...)), 0},
	} {
		got := Anchors(t.Context(), policy(t, "all", c.w), l.log(), gather(t, l, policy(t, "all", c.w)).Logger)
		if len(got) != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// The protocol, over HTTP.
func TestProtocol(t *testing.T) {
	l := newTestLog(t, testOrigin, 1, "main", 30)
	fork := newTestLog(t, testOrigin, 1, "fork", 30)
	stranger := newTestLog(t, testOrigin, 2, "main", 30)
	other := newTestLog(t, "log.example/b", 3, "main", 30)
	c := newCosigner(t, testName, 9, l)
	post := func(body []byte) (int, string, string) {
		res, err := http.Post(c.server.URL+"/add-checkpoint", "text/plain", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, res.Header.Get("Content-Type"), string(b)
	}
	get := func(path string) (int, string) {
		res, err := http.Get(c.server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(b)
	}
	if status, _ := get("/" + Path(testOrigin) + "/checkpoint"); status != 404 {
		t.Errorf("before the first: %d", status)
	}
	status, _, lines := post(l.request(0, 10).Marshal())
	if status != 200 || strings.Count(lines, "\n") != 2 || !strings.HasPrefix(lines, "\u2014 "+testName+" ") {
		t.Fatalf("%d %q", status, lines)
	}
	if status, note := get("/" + Path(testOrigin) + "/checkpoint"); status != 200 || note != string(l.note(10))+lines {
		t.Errorf("%d %q", status, note)
	}
	for name, x := range map[string]struct {
		body   []byte
		status int
		code   string
	}{
		"malformed":       {[]byte("x"), 400, "WITNESS-REQUEST-MALFORMED"},
		"endless":         {bytes.Repeat([]byte("x"), MaxRequest+1), 400, "WITNESS-REQUEST-MALFORMED"},
		"old larger":      {Request{Old: 12, Note: l.note(11)}.Marshal(), 400, "WITNESS-OLD-LARGER"},
		"unknown log":     {other.request(0, 10).Marshal(), 404, "WITNESS-LOG-UNKNOWN"},
		"unknown key":     {stranger.request(10, 20).Marshal(), 403, "WITNESS-SIGNATURE-REFUSED"},
		"another history": {fork.request(10, 20).Marshal(), 422, "WITNESS-PROOF-REFUSED"},
		"same size":       {fork.request(10, 10).Marshal(), 422, "WITNESS-PROOF-REFUSED"},
	} {
		if status, _, body := post(x.body); status != x.status || !strings.HasPrefix(body, x.code+": ") {
			t.Errorf("%s: %d %q", name, status, body)
		}
	}
	if status, kind, body := post(l.request(5, 20).Marshal()); status != 409 || kind != "text/x.tlog.size" || body != "10\n" {
		t.Errorf("conflict: %d %q %q", status, kind, body)
	}
	for path, want := range map[string]int{
		"/": 404, "/checkpoint": 404, "/add-checkpoint": 405, "/x/checkpoint": 404, "/" + strings.ToUpper(Path(testOrigin)) + "/checkpoint": 404,
		"/" + Path("log.example/b") + "/checkpoint": 404, "/../" + Path(testOrigin) + "/checkpoint": 200,
	} {
		if status, _ := get(path); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
}

// A disk that fails before anything was changed is another try; one that fails when
// nobody knows ends the cosigning of that log.
func TestDiskFails(t *testing.T) {
	for n := 1; n < 12; n++ {
		l := newTestLog(t, testOrigin, 1, "main", 30)
		disk := newShim()
		w := newWitness(t, disk, testName, 9, l)
		disk.failAt, disk.fault = disk.calls+n, errors.New("input/output error")
		_, err := w.AddCheckpoint(t.Context(), l.request(0, 10))
		again, next := w.AddCheckpoint(t.Context(), l.request(0, 10))
		switch code(err) {
		case "<nil>":
			return // past the last call
		case "WITNESS-STATE-UNWRITTEN":
			if next != nil || len(again) == 0 {
				t.Errorf("call %d: not written, then %v", n, next)
			}
		case "WITNESS-STATE-UNKNOWN":
			if code(next) != "WITNESS-STATE-UNKNOWN" {
				t.Errorf("call %d: unknown, then %v", n, next)
			}
			if _, ok := w.Checkpoint(Path(testOrigin)); ok {
				t.Errorf("call %d: monitors are shown what may not be", n)
			}
		default:
			t.Fatalf("call %d: %v", n, err)
		}
	}
	t.Error("the calls do not end")
}

// Serve ends when it is told to, with what is under way answered.
func TestServeEnds(t *testing.T) {
	l := newTestLog(t, testOrigin, 1, "main", 30)
	w := newWitness(t, newShim(), testName, 9, l)
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Serve(ctx, socket) }()
	res, err := http.Post("http://"+socket.Addr().String()+"/add-checkpoint", "text/plain", bytes.NewReader(l.request(0, 10).Marshal()))
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res, err)
	}
	_ = res.Body.Close()
	stop()
	if err := <-ended; err != nil {
		t.Errorf("Serve = %v", err)
	}
}

package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/witness"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/server/problem"
)

// watching is a witness of the ledger in a folder, on a port, that can be down.
type watching struct {
	*witness.Witness
	keys []string
	url  string
	down atomic.Bool
}

func watch(t *testing.T, dir string) *watching {
	t.Helper()
	w := &watching{}
	folder := filepath.Join(t.TempDir(), "witness")
	var err error
	if w.keys, err = witness.Init(folder, "witness.example/w", nil); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, trustName))
	if err != nil {
		t.Fatal(err)
	}
	trust, err := ledger.ParseTrust(raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := witness.Add(folder, witness.Log{Origin: testOrigin, Keys: trust.Logs[0].Keys}, noon); err != nil {
		t.Fatal(err)
	}
	if w.Witness, err = witness.Open(folder, witness.Options{Clock: time.Now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	handler := w.Handler()
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if w.down.Load() {
			rw.WriteHeader(http.StatusBadGateway)
			return
		}
		handler.ServeHTTP(rw, r)
	}))
	t.Cleanup(s.Close)
	w.url = s.URL
	return w
}

func (w *watching) policy(t *testing.T) *ledger.WitnessPolicy {
	t.Helper()
	p, err := ParseWitnesses(fmt.Sprintf("witness w %s %s\nquorum w\n", w.keys[0], w.url))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (r *running) readiness(t *testing.T) readiness {
	t.Helper()
	var a readiness
	if err := json.Unmarshal(r.get(t, "/readyz").body, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

func (r *running) awaits(t *testing.T, what string, is func(readiness) bool) {
	t.Helper()
	for range 2000 {
		if is(r.readiness(t)) {
			return
		}
		time.Sleep(10 * time.Millisecond) // between two looks at a condition
	}
	t.Fatalf("%s does not come: %+v", what, r.readiness(t))
}

// published is the size of /checkpoint, which its witness has cosigned.
func (r *running) published(t *testing.T, w *watching) int64 {
	t.Helper()
	log, _ := r.trust(t).Log(testOrigin)
	a := r.get(t, "/checkpoint")
	s, cosigned, err := ledger.OpenCosigned(a.body, testOrigin, log.Keys, w.policy(t))
	if err != nil || len(cosigned) != 1 {
		t.Fatalf("/checkpoint = %d %v", a.status, err)
	}
	return s.Size
}

// What nobody cosigned is not published, and commits wait for nobody; what was
// published stays published when the witness is gone, and over a restart.
func TestPublishesWhatIsWitnessed(t *testing.T) {
	dir := newLedger(t)
	w := watch(t, dir)
	w.down.Store(true)
	o := Options{Clock: time.Now, Logger: testLogger(t), Witnesses: w.policy(t)}
	r := serveWith(t, dir, o)
	refused(t, r.get(t, "/checkpoint"), http.StatusServiceUnavailable, "SERVER-CHECKPOINT-UNWITNESSED")
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	raw := newBOM(serialA, 1, "HR-87T")
	a := r.submits(t, signBOM(t, bomBody(t, vendor, raw), key), raw)
	if a.status != http.StatusCreated || a.header.Get(anchoredHeader) != "no" {
		t.Fatalf("submit = %d, anchored %q", a.status, a.header.Get(anchoredHeader))
	}
	r.opens(t, a.body)
	if a := r.readiness(t); !a.Ready || a.Anchored || a.Published != 0 || a.Size != 4 {
		t.Errorf("/readyz = %+v", a)
	}
	if b := r.get(t, "/api/v1/entries/3/bundle"); b.status != http.StatusOK {
		t.Errorf("bundle = %d", b.status)
	}

	w.down.Store(false)
	r.awaits(t, "the witness", func(a readiness) bool { return a.Published == 4 && a.Anchored })
	if n := r.published(t, w); n != 4 {
		t.Errorf("published are %d", n)
	}
	w.down.Store(true)
	again := newBOM(serialA, 2, "HR-87T")
	a = r.submits(t, signBOM(t, bomBody(t, vendor, again), key), again)
	if a.status != http.StatusCreated || a.header.Get(anchoredHeader) != "yes" {
		t.Fatalf("submit = %d, anchored %q", a.status, a.header.Get(anchoredHeader))
	}
	if n := r.published(t, w); n != 4 {
		t.Errorf("published are %d without the witness", n)
	}
	// An entry is proven against what is published if that covers it.
	for index, cosigned := range map[int]bool{3: true, 4: false} {
		b := r.opens(t, r.get(t, fmt.Sprintf("/api/v1/entries/%d/bundle", index)).body)
		if bytes.Contains(b.Checkpoint, []byte("— witness.example/w ")) != cosigned {
			t.Errorf("bundle of entry %d: cosigned is %v", index, !cosigned)
		}
	}

	r.end(t)
	r = serveWith(t, dir, o)
	if n := r.published(t, w); n != 4 {
		t.Errorf("published after a restart are %d", n)
	}
	if a := r.readiness(t); a.Anchored || a.Published != 4 || a.Size != 5 {
		t.Errorf("/readyz after a restart = %+v", a)
	}
	w.down.Store(false)
	r.awaits(t, "the newest", func(a readiness) bool { return a.Published == 5 })

	// The clock has them.
	var page ticks
	if err := json.Unmarshal(r.get(t, "/api/v1/clock").body, &page); err != nil || page.Format != ClockFormat || page.Log != testOrigin || len(page.Checkpoints) == 0 || page.Next == "" {
		t.Errorf("clock = %+v, %v", page, err)
	}
	var times around
	if err := json.Unmarshal(r.get(t, "/api/v1/entries/3/time").body, &times); err != nil || times.Index != 3 || !strings.Contains(times.Behind, "\n4\n") || times.Before != "" {
		t.Errorf("time of entry 3 = %+v, %v", times, err)
	}
	for path, code := range map[string]string{
		"/api/v1/clock?after=x": "WITNESS-CLOCK-PLACE", "/api/v1/clock?limit=0": "SERVER-QUERY-MALFORMED", "/api/v1/clock?limit=1441": "SERVER-QUERY-MALFORMED",
		"/api/v1/clock?since=1": "SERVER-QUERY-MALFORMED", "/api/v1/clock?limit=1&limit=1": "SERVER-QUERY-MALFORMED", "/api/v1/entries/-1/time": "SERVER-ADDRESS-MALFORMED",
	} {
		refused(t, r.get(t, path), http.StatusBadRequest, code)
	}
	var next ticks
	if err := json.Unmarshal(r.get(t, "/api/v1/clock?after="+page.Next).body, &next); err != nil || len(next.Checkpoints) != 0 {
		t.Errorf("behind the end = %+v, %v", next, err)
	}

	// Without its witnesses it goes on to what nobody cosigned, and not back to what was
	// when they are there again.
	r.end(t)
	w.down.Store(true)
	r = serveWith(t, dir, Options{Clock: time.Now, Logger: testLogger(t)})
	third := newBOM(serialA, 3, "HR-87T")
	r.accepted(t, http.StatusCreated, signBOM(t, bomBody(t, vendor, third), key), third)
	r.end(t)
	r = serveWith(t, dir, o)
	refused(t, r.get(t, "/checkpoint"), http.StatusServiceUnavailable, "SERVER-CHECKPOINT-UNWITNESSED")
	w.down.Store(false)
	r.awaits(t, "all of it", func(a readiness) bool { return a.Published == 6 })
}

// A copy that went its own way is found out by the witness that knows the original:
// when it is opened, and while it runs. It records nothing more, and nothing of it is
// ever cosigned.
func TestCopyIsFoundOut(t *testing.T) {
	dir := newLedger(t)
	w := watch(t, dir)
	o := Options{Clock: time.Now, Logger: testLogger(t), Witnesses: w.policy(t)}
	key := newKey(t, envelope.Ed25519)
	r := serveWith(t, dir, o)
	r.enrol(t, vendor, key)
	r.awaits(t, "the witness", func(a readiness) bool { return a.Published == 3 })
	r.end(t)
	copied := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{ed25519Name, mldsa44Name, serviceName, registrarName} {
		if err := os.Chmod(filepath.Join(copied, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r = serveWith(t, dir, o)
	for v := range 3 {
		raw := newBOM(serialA, v+1, "HR-87T")
		r.accepted(t, http.StatusCreated, signBOM(t, bomBody(t, vendor, raw), key), raw)
	}
	r.awaits(t, "the newest", func(a readiness) bool { return a.Published == 6 })
	r.end(t)

	if _, err := Open(t.Context(), copied, o); problem.Code(err) != "LOG-ANCHOR-AHEAD" {
		t.Errorf("the copy opens with %v", err)
	}
	// The witness cannot be asked when the copy is opened, which was told that it had
	// moved and believes that it may go on.
	w.down.Store(true)
	c := serveWith(t, copied, o, func(s *Server) { s.halted.Store(nil) })
	for v := range 4 {
		raw := newBOM(serialA, v+11, "HR-87T")
		c.accepted(t, http.StatusCreated, signBOM(t, bomBody(t, vendor, raw), key), raw)
	}
	w.down.Store(false)
	c.awaits(t, "that it is found out", func(a readiness) bool { return !a.Ready && a.Code == "SERVER-LOG-CONTRADICTED" })
	raw := newBOM(serialA, 20, "HR-87T")
	refused(t, c.submits(t, signBOM(t, bomBody(t, vendor, raw), key), raw), http.StatusServiceUnavailable, "SERVER-LOG-CONTRADICTED")
	refused(t, c.get(t, "/checkpoint"), http.StatusServiceUnavailable, "SERVER-LOG-CONTRADICTED")
	if a := c.readiness(t); a.Anchored {
		t.Errorf("/readyz = %+v", a)
	}
	note, ok := w.Checkpoint(witness.Path(testOrigin))
	if !ok || !bytes.HasPrefix(note, []byte(testOrigin+"\n6\n")) {
		t.Errorf("the witness has\n%s", note)
	}
	c.end(t)
	if _, err := Open(t.Context(), copied, o); problem.Code(err) != "LOG-ANCHOR-FORK" {
		t.Errorf("the copy opens again with %v", err)
	}
}

func TestWitnessPolicies(t *testing.T) {
	dir := newLedger(t)
	w := watch(t, dir)
	if _, err := ParseWitnesses("witness w " + w.keys[0] + "\nquorum w\n"); problem.Code(err) != "SERVER-WITNESS-ADDRESS" {
		t.Errorf("no address: %v", err)
	}
	if _, err := ParseWitnesses("quorum w\n"); problem.Code(err) != "TRUST-WITNESS-MALFORMED" {
		t.Errorf("no witness: %v", err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, trustName))
	if err != nil {
		t.Fatal(err)
	}
	trust, err := ledger.ParseTrust(raw)
	if err != nil {
		t.Fatal(err)
	}
	own, err := ParseWitnesses(fmt.Sprintf("witness w %s %s\nquorum w\n", trust.Logs[0].Keys[1], w.url))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir, Options{Clock: clockAt(noon), Witnesses: own}); problem.Code(err) != "TRUST-WITNESS-LOG" {
		t.Errorf("its own witness: %v", err)
	}
}

// A ban is not lifted on the word of an anchor and the operator against what a witness
// has cosigned, nor against what the clock has published: the folder is as it was, and
// signs nothing at the next start either, when the witness is not asked.
func TestWitnessesBeforeTheBanIsLifted(t *testing.T) {
	t.Parallel()
	dir := newLedger(t)
	w := watch(t, dir)
	alone := Options{Clock: time.Now, Logger: testLogger(t)}
	o := alone
	o.Witnesses = w.policy(t)
	var n parties
	r := serveWith(t, dir, o)
	n.enrol(t, r, 1)
	r.awaits(t, "the witness", func(a readiness) bool { return a.Published == 3 })
	saved := filepath.Join(t.TempDir(), "saved")
	if err := os.WriteFile(saved, r.get(t, "/checkpoint").body, 0o600); err != nil {
		t.Fatal(err)
	}
	r.end(t)
	copied := filepath.Join(t.TempDir(), "copy")
	copyTree(t, dir, copied, false)
	r = serveWith(t, dir, o)
	n.enrol(t, r, 2)
	r.awaits(t, "the newest", func(a readiness) bool { return a.Published == 5 })
	r.end(t)

	lifting := o
	lifting.Anchors, lifting.NewestKnown = []string{saved}, true
	_, err := Open(t.Context(), copied, lifting)
	wantCode(t, "a copy, by an old anchor and the operator's word", err, "LOG-ANCHOR-AHEAD")

	w.down.Store(true)
	published := filepath.Join(copied, logName, "clock", "newest")
	older, err := os.ReadFile(published)
	if err != nil {
		t.Fatal(err)
	}
	newest, err := os.ReadFile(filepath.Join(dir, logName, "clock", "newest"))
	if err == nil {
		err = os.WriteFile(published, newest, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []Options{lifting, {Clock: time.Now, Logger: o.Logger, Anchors: lifting.Anchors, NewestKnown: true}, alone} {
		_, err := Open(t.Context(), copied, o)
		wantCode(t, "a copy that has published more", err, "LOG-ANCHOR-AHEAD")
	}
	if now, err := os.ReadFile(published); err != nil || !bytes.Equal(now, newest) {
		t.Errorf("what was published is forgotten: %v", err)
	}
	if err := os.WriteFile(published, older, 0o600); err != nil {
		t.Fatal(err)
	}
	c := serveWith(t, copied, alone)
	c.signsNothing(t, "SERVER-LOG-MOVED")
}

// Over restarts with other policies, and with none, what is published never goes back,
// and a newest of the clock that is bent, or another log's, is published by nobody.
func TestPoliciesOverRestarts(t *testing.T) {
	t.Parallel()
	dir := newLedger(t)
	one, two := watch(t, dir), watch(t, dir)
	with := func(w *watching) Options {
		return Options{Clock: time.Now, Logger: testLogger(t), Witnesses: w.policy(t)}
	}
	var n parties
	r := serveWith(t, dir, with(one))
	n.enrol(t, r, 1)
	r.awaits(t, "the first", func(a readiness) bool { return a.Published == 3 })
	r.end(t)
	two.down.Store(true)
	r = serveWith(t, dir, with(two))
	refused(t, r.get(t, "/checkpoint"), http.StatusServiceUnavailable, "SERVER-CHECKPOINT-UNWITNESSED")
	n.enrol(t, r, 1)
	r.end(t)
	one.down.Store(true)
	r = serveWith(t, dir, with(one))
	if size := r.published(t, one); size != 3 {
		t.Errorf("published are %d", size)
	}
	r.end(t)
	two.down.Store(false)
	r = serveWith(t, dir, with(two))
	r.awaits(t, "the second", func(a readiness) bool { return a.Published == 4 })
	r.end(t)
	r = serveWith(t, dir, with(one)) // which has cosigned no more than 3
	refused(t, r.get(t, "/checkpoint"), http.StatusServiceUnavailable, "SERVER-CHECKPOINT-UNWITNESSED")
	r.end(t)

	published := filepath.Join(dir, logName, "clock", "newest")
	note, err := os.ReadFile(published)
	if err != nil {
		t.Fatal(err)
	}
	larger := bytes.Replace(note, []byte("\n4\n"), []byte("\n9\n"), 1)
	for what, bent := range map[string][]byte{
		"cut": note[:len(note)/2], "another size": larger, "another log's": bytes.Replace(note, []byte(testOrigin), []byte("ledger.example/other"), 1), "empty": {},
	} {
		if err := os.WriteFile(published, bent, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), dir, with(two))
		if err == nil {
			t.Errorf("%s: opened", what)
			_ = s.Close()
		}
	}
	// Without a policy nobody needs it.
	serveWith(t, dir, Options{Clock: time.Now, Logger: testLogger(t)}).end(t)
	if _, err := os.Stat(published); !os.IsNotExist(err) {
		t.Errorf("the bent newest is kept: %v", err)
	}
}

// A backup that is brought up to date forgets the newest that the log has forgotten: a
// log restored from it would publish less than was published since.
func TestBackupForgetsTheNewest(t *testing.T) {
	t.Parallel()
	dir, target := newLedger(t), filepath.Join(t.TempDir(), "backup")
	w := watch(t, dir)
	o := Options{Clock: time.Now, Logger: testLogger(t), Witnesses: w.policy(t)}
	r := serveWith(t, dir, o)
	r.awaits(t, "the witness", func(a readiness) bool { return a.Published == 2 })
	r.end(t)
	save := func() {
		t.Helper()
		if _, err := Save(t.Context(), dir, target, BackupOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	save()
	newest := filepath.Join(target, logName, "clock", "newest")
	if _, err := os.Stat(newest); err != nil {
		t.Fatal(err)
	}
	var n parties
	r = serveWith(t, dir, Options{Clock: time.Now, Logger: testLogger(t)})
	n.enrol(t, r, 1)
	r.end(t)
	save()
	if _, err := os.Stat(newest); !os.IsNotExist(err) {
		t.Errorf("the backup has the forgotten newest: %v", err)
	}
}

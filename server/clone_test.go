package server

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/filestore"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/server/problem"
)

// onlooker is a witness of the plainest kind: it keeps the newest checkpoint of
// one log, goes on only from there by a proof of consistency, and shows it. What
// it would cosign is what it has taken.
type onlooker struct {
	url string

	mu    sync.Mutex // what is compared is what is replaced
	keys  []*ledger.Verifier
	note  []byte
	last  ledger.Checkpoint
	taken []ledger.Checkpoint
}

func newOnlooker(t *testing.T, r *running) *onlooker {
	t.Helper()
	w := &onlooker{keys: r.outside.keys}
	sum := sha256.Sum256([]byte(testOrigin))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /"+hex.EncodeToString(sum[:])+"/checkpoint", func(res http.ResponseWriter, _ *http.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.note == nil {
			res.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = res.Write(w.note)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	w.url = s.URL
	return w
}

// add takes a checkpoint that goes on from old, or says which size it is at.
func (w *onlooker) add(old int64, proof []ledger.Hash, note []byte) (at int64, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, err := ledger.OpenCheckpoint(note, testOrigin, w.keys...)
	if err != nil {
		return 0, err
	}
	if w.note != nil {
		if old != w.last.Size {
			return w.last.Size, fmt.Errorf("at %d, not at %d", w.last.Size, old)
		}
		if err := ledger.VerifyConsistency(w.last.Size, c.Size, w.last.Root, c.Root, proof); err != nil {
			return w.last.Size, err
		}
	}
	w.note, w.last = note, c
	w.taken = append(w.taken, c)
	return c.Size, nil
}

// round is what a log does with a witness: its newest checkpoint is offered, and
// if the witness does not take it, the log looks what the witness has.
func (r *running) round(t *testing.T, w *onlooker) (taken bool) {
	t.Helper()
	a := r.get(t, "/checkpoint")
	if a.status != http.StatusOK {
		return false
	}
	c, err := ledger.OpenCheckpoint(a.body, testOrigin, r.outside.keys...)
	if err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	old := w.last.Size
	w.mu.Unlock()
	var proof []ledger.Hash
	if old > 0 && old < c.Size {
		if proof, err = ledger.ProveConsistency(r.sequence, old, c.Size); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.add(old, proof, a.body); err == nil {
		return true
	}
	r.ask(t.Context(), w.url)
	return false
}

// signsNothing holds that a server neither records nor signs, for the reason given.
func (r *running) signsNothing(t *testing.T, code string) {
	t.Helper()
	refused(t, r.get(t, "/checkpoint"), http.StatusServiceUnavailable, code)
	refused(t, r.get(t, "/api/v1/entries/1/bundle"), http.StatusServiceUnavailable, code)
	refused(t, r.post(t, "text/plain", nil), http.StatusServiceUnavailable, code)
	if a := r.get(t, "/readyz"); a.status != http.StatusServiceUnavailable || !strings.Contains(string(a.body), code) {
		t.Errorf("/readyz = %d %s", a.status, a.body)
	}
}

// one holds that all that a witness has taken is one history, that of a log.
func (w *onlooker) one(t *testing.T, r *running) {
	t.Helper()
	for _, c := range w.taken {
		if err := contradicts(c, r.sequence.Size(), r.sequence); err != nil {
			t.Errorf("the witness has cosigned a fork: %v", err)
		}
	}
}

// trials returns how many times each kind of accident is tried: YURAI_CAMPAIGN
// times 50 of each, or one.
func trials(t *testing.T) int {
	s := os.Getenv("YURAI_CAMPAIGN")
	if s == "" {
		return 1
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		t.Fatalf("YURAI_CAMPAIGN is %q", s)
	}
	return 50 * n
}

// parties makes the log grow.
type parties int

func (n *parties) enrol(t *testing.T, r *running, count int) {
	t.Helper()
	for range count {
		*n++
		r.enrol(t, fmt.Sprintf("x:party-%d", *n), newKey(t, envelope.Ed25519))
	}
}

// copyTree copies a folder. In place it writes over the files that are there, as
// a restored disk image does: the inodes are what they were.
func copyTree(t *testing.T, from, to string, inPlace bool) {
	t.Helper()
	if !inPlace {
		if err := os.RemoveAll(to); err != nil {
			t.Fatal(err)
		}
	}
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(from, path)
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, name), 0o700)
		}
		src, err := os.Open(path)
		if err != nil {
			return err
		}
		defer src.Close()
		dst, err := os.OpenFile(filepath.Join(to, name), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		_, err = io.Copy(dst, src)
		if e := dst.Close(); err == nil {
			err = e
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRollbacks puts an older state of a log back, by its folder or under it by
// its bytes, and starts it: with a witness it is refused, or signs no more after
// one round.
func TestRollbacks(t *testing.T) {
	t.Parallel()
	n := trials(t)
	for seed := range 2 * n {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(uint64(seed), 51))
			inPlace := seed%2 == 0
			dir := newLedger(t)
			var names parties
			r := serve(t, dir)
			w := newOnlooker(t, r)
			names.enrol(t, r, 1+random.IntN(3))
			r.round(t, w)
			r.end(t)
			kept := filepath.Join(t.TempDir(), "kept")
			copyTree(t, dir, kept, false)

			r = serve(t, dir)
			names.enrol(t, r, 1+random.IntN(3))
			if !r.round(t, w) {
				t.Fatal("the witness does not take what goes on")
			}
			r.end(t)
			copyTree(t, kept, dir, inPlace)

			_, err := Open(t.Context(), dir, Options{Clock: clockAt(noon), Anchors: []string{w.url}})
			wantCode(t, "an old state, with a witness", err, "LOG-ANCHOR-AHEAD")
			// Nobody was asked when it was started: the first round tells.
			r = serve(t, dir)
			if !inPlace {
				r.signsNothing(t, "SERVER-LOG-MOVED")
				return
			}
			if random.IntN(2) == 0 {
				names.enrol(t, r, 1+random.IntN(4)) // and goes on to fork
			}
			if a := r.get(t, "/readyz"); !strings.Contains(string(a.body), `"anchored":false`) {
				t.Errorf("/readyz does not say that there is no anchor: %s", a.body)
			}
			if r.round(t, w) {
				t.Fatal("the witness takes an old state")
			}
			r.signsNothing(t, "SERVER-LOG-CONTRADICTED")
		})
	}
}

// TestClones copies a log that has a witness. A copy that is noticed signs
// nothing. One that is not, as that of a whole machine, contends with the other
// for the witness, later or at the same time: one of them goes on, the other
// signs no more after one round.
func TestClones(t *testing.T) {
	t.Parallel()
	n := trials(t)
	for seed := range 2 * n {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(uint64(seed), 52))
			together := seed%2 == 0
			dir, clone := newLedger(t), filepath.Join(t.TempDir(), "clone")
			var names parties
			r := serve(t, dir)
			w := newOnlooker(t, r)
			names.enrol(t, r, 1+random.IntN(3))
			r.round(t, w)
			r.end(t)
			copyTree(t, dir, clone, false)

			c := serve(t, clone)
			c.signsNothing(t, "SERVER-LOG-MOVED")
			c.end(t)
			settle(t, clone) // as if nothing could be told

			first, second := serve(t, dir), (*running)(nil)
			if together {
				second = serve(t, clone)
			}
			names.enrol(t, first, 1+random.IntN(3))
			if together {
				names.enrol(t, second, 1+random.IntN(3))
			}
			if random.IntN(2) == 0 && together {
				first, second = second, first
			}
			if !first.round(t, w) {
				t.Fatal("the witness does not take the first that comes")
			}
			if !together {
				_, err := Open(t.Context(), clone, Options{Clock: clockAt(noon), Anchors: []string{w.url}})
				wantCode(t, "a clone that is started later, with a witness", err, "LOG-ANCHOR-AHEAD")
				second = serve(t, clone)
				names.enrol(t, second, random.IntN(4))
			}
			if second.round(t, w) {
				t.Fatal("the witness takes both")
			}
			second.signsNothing(t, "SERVER-LOG-CONTRADICTED")
			names.enrol(t, first, 1)
			if !first.round(t, w) {
				t.Error("the one that goes on is held up")
			}
			w.one(t, first)
		})
	}
}

// settle makes a folder believe that it is where it was made.
func settle(t *testing.T, dir string) {
	t.Helper()
	s, err := filestore.Open(filepath.Join(dir, logName), filestore.Options{Origin: testOrigin})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestAnchorsThatDoNotAnswer starts a log whose witness is away: it goes on, says
// that it has no anchor, and asks again.
func TestAnchorsThatDoNotAnswer(t *testing.T) {
	t.Parallel()
	dir := newLedger(t)
	r := serve(t, dir)
	w := newOnlooker(t, r)
	r.round(t, w)
	r.end(t)
	away := httptest.NewServer(http.HandlerFunc(func(res http.ResponseWriter, _ *http.Request) { res.WriteHeader(http.StatusBadGateway) }))
	defer away.Close()
	r = serveWith(t, dir, Options{Clock: clockAt(noon), Anchors: []string{away.URL}})
	if a := r.get(t, "/readyz"); a.status != http.StatusOK || !strings.Contains(string(a.body), `"anchored":false`) {
		t.Errorf("/readyz with an anchor that is away = %d %s", a.status, a.body)
	}
	r.ask(t.Context(), w.url)
	if a := r.get(t, "/readyz"); a.status != http.StatusOK || !strings.Contains(string(a.body), `"anchored":true`) {
		t.Errorf("/readyz with an anchor = %d %s", a.status, a.body)
	}
	r.end(t)
	moved := filepath.Join(t.TempDir(), "moved")
	if err := os.Rename(dir, moved); err != nil {
		t.Fatal(err)
	}
	copyTree(t, moved, dir, false)
	_, err := Open(t.Context(), dir, Options{Clock: clockAt(noon), Anchors: []string{away.URL}, NewestKnown: true})
	wantCode(t, "a moved log whose anchor is away", err, "SERVER-ANCHOR-UNREACHABLE")
	_, err = Open(t.Context(), dir, Options{Clock: clockAt(noon), Anchors: []string{w.url, filepath.Join(dir, configName)}})
	wantCode(t, "an anchor that is none", err, "SERVER-ANCHOR-UNREADABLE")
	if problem.Code(r.Compare(ledger.Checkpoint{Origin: "ledger.example/other"})) != "LOG-ORIGIN-MISMATCH" {
		t.Error("a checkpoint of another log is compared")
	}
	// The witness has seen exactly this: the log goes on where it lies now.
	r = serveWith(t, dir, Options{Clock: clockAt(noon), Anchors: []string{w.url}})
	var names parties
	names.enrol(t, r, 1)
	r.round(t, w)
	r.end(t)
	r = serve(t, dir) // for good
	names.enrol(t, r, 1)
}

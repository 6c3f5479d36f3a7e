package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/filestore"
	"github.com/yurai-ledger/yurai/ledger/witness"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/server/problem"
)

// fuse is a context that ends when it has been looked at a number of times.
type fuse struct {
	context.Context
	left atomic.Int64
}

func (f *fuse) Err() error {
	if f.left.Add(-1) < 0 {
		return context.Canceled
	}
	return f.Context.Err()
}

// tick keeps the newest checkpoint of a log in its clock, as if it were cosigned.
func (r *running) tick(t *testing.T, at time.Time) []byte {
	t.Helper()
	note := r.get(t, "/checkpoint").body
	keep(t, r.dir, r.outside.keys, note, at)
	return note
}

func keep(t *testing.T, dir string, keys []*ledger.Verifier, note []byte, at time.Time) {
	t.Helper()
	c, err := ledger.OpenCheckpoint(note, testOrigin, keys...)
	if err != nil {
		t.Fatal(err)
	}
	clock, err := witness.OpenClock(filestore.Disk(filepath.Join(dir, logName)), witness.Log{Origin: testOrigin, Keys: keys})
	if err == nil {
		err = clock.Keep(ledger.Signed{Checkpoint: c, Note: note}, at)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// stride is how far apart places are at which something is tried: all of them in a
// campaign.
func stride(t *testing.T, far int64) int64 {
	if trials(t) > 1 {
		return 1
	}
	return far
}

// fresh is a name that no folder has yet.
func fresh(t *testing.T) string { return filepath.Join(t.TempDir(), "fresh") }

// TestInterruptedBackup stops a backup over an older one at every place where it
// looks whether to go on: what is there can be restored, to the older end or the
// newer one, and the backup be ended.
func TestInterruptedBackup(t *testing.T) {
	t.Parallel()
	dir, old := newLedger(t), fresh(t)
	r := serve(t, dir)
	var names parties
	names.enrol(t, r, 1)
	r.tick(t, noon)
	if _, err := Save(t.Context(), dir, old, BackupOptions{Keys: true}); err != nil {
		t.Fatal(err)
	}
	names.enrol(t, r, 2)
	r.tick(t, noon.Add(time.Hour))
	r.end(t)
	for n := int64(0); ; n += stride(t, 12) {
		target := fresh(t)
		copyTree(t, old, target, false)
		ctx := &fuse{Context: t.Context()}
		ctx.left.Store(n)
		_, err := Save(ctx, dir, target, BackupOptions{Keys: true})
		restored, err2 := Restore(t.Context(), target, fresh(t), RestoreOptions{})
		if err2 != nil {
			t.Fatalf("interrupted at %d (%v): %v", n, err, err2)
		}
		if restored.End.Size != 3 && restored.End.Size != 5 {
			t.Fatalf("interrupted at %d: %d entries", n, restored.End.Size)
		}
		if err == nil {
			if restored.End.Size != 5 {
				t.Errorf("a whole backup has %d entries", restored.End.Size)
			}
			return
		}
		if b, err := Save(t.Context(), dir, target, BackupOptions{}); err != nil || b.End.Size != 5 {
			t.Fatalf("interrupted at %d, again: %+v, %v", n, b, err)
		}
	}
}

// TestInterruptedRestore stops a restore at every such place: what is left cannot be
// served, or signs nothing, and is not restored over.
func TestInterruptedRestore(t *testing.T) {
	t.Parallel()
	dir, backup := newLedger(t), fresh(t)
	r := serve(t, dir)
	var names parties
	names.enrol(t, r, 1)
	note := r.tick(t, noon)
	r.end(t)
	if _, err := Save(t.Context(), dir, backup, BackupOptions{Keys: true}); err != nil {
		t.Fatal(err)
	}
	anchor := filepath.Join(t.TempDir(), "note")
	if err := os.WriteFile(anchor, note, 0o600); err != nil {
		t.Fatal(err)
	}
	for n := int64(0); ; n += stride(t, 12) {
		target := fresh(t)
		ctx := &fuse{Context: t.Context()}
		ctx.left.Store(n)
		_, err := Restore(ctx, backup, target, RestoreOptions{})
		s, err2 := Open(t.Context(), target, Options{Clock: clockAt(noon)})
		if err2 == nil {
			if problem.Code(s.shut()) != "SERVER-LOG-MOVED" {
				t.Fatalf("interrupted at %d: the log signs", n)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		} else if code := problem.Code(err2); code != "SERVER-FOLDER-INVALID" {
			t.Fatalf("interrupted at %d: %v", n, err2)
		}
		if list, err := os.ReadDir(target); err != nil || len(list) == 0 {
			continue // nothing was begun
		}
		if _, err := Restore(t.Context(), backup, target, RestoreOptions{}); problem.Code(err) != "SERVER-FOLDER-EXISTS" {
			t.Fatalf("interrupted at %d: restored over: %v", n, err)
		}
		if err == nil {
			return
		}
	}
}

// TestManyRestores lets several restore into one empty folder: one does.
func TestManyRestores(t *testing.T) {
	t.Parallel()
	dir, backup := newLedger(t), fresh(t)
	serve(t, dir).end(t)
	if _, err := Save(t.Context(), dir, backup, BackupOptions{Keys: true}); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		target := t.TempDir()
		var done sync.WaitGroup
		var took atomic.Int64
		for range 4 {
			done.Go(func() {
				_, err := Restore(t.Context(), backup, target, RestoreOptions{})
				if err == nil {
					took.Add(1)
				} else if problem.Code(err) != "SERVER-FOLDER-EXISTS" {
					t.Errorf("a restore beside another: %v", err)
				}
			})
		}
		done.Wait()
		if took.Load() != 1 {
			t.Errorf("%d have restored into one folder", took.Load())
		}
	}
}

// TestBackupMendsItself damages a blob in a backup, of which the ledger has the
// bytes still, and one in the ledger.
func TestBackupMendsItself(t *testing.T) {
	t.Parallel()
	dir, target := newLedger(t), fresh(t)
	r := serve(t, dir)
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	raw := newBOM(serialA, 1, "HR-87T")
	r.accepted(t, http.StatusCreated, signBOM(t, bomBody(t, vendor, raw), key), raw)
	r.tick(t, noon)
	r.end(t)
	if _, err := Save(t.Context(), dir, target, BackupOptions{}); err != nil {
		t.Fatal(err)
	}
	flip(t, onlyFile(t, filepath.Join(target, blobsName)), 20)
	if b, err := Save(t.Context(), dir, target, BackupOptions{}); err != nil || len(b.Lost) > 0 {
		t.Errorf("a backup of a sound ledger: %+v, %v", b, err)
	}
	if e, err := Check(t.Context(), target, CheckOptions{}); err != nil || e.Damaged() {
		t.Errorf("the backup stays damaged: %+v, %v", e, err)
	}
	// What the ledger has lost does not spoil what the backup has, nor the rest.
	flip(t, onlyFile(t, filepath.Join(dir, blobsName)), 20)
	if b, err := Save(t.Context(), dir, target, BackupOptions{}); err != nil || len(b.Lost) > 0 {
		t.Errorf("a backup that has what the ledger lost: %+v, %v", b, err)
	}
	day := filepath.Join(dir, "log/clock", noon.Format(time.DateOnly))
	keep(t, dir, r.outside.keys, readAll(t, filepath.Join(dir, "log/clock/newest")), noon.Add(time.Hour))
	flip(t, day, 30)
	b, err := Save(t.Context(), dir, target, BackupOptions{})
	if err != nil || len(b.Lost) != 1 || b.Lost[0].Code != "STORE-CLOCK-DAMAGED" {
		t.Errorf("a backup of a ledger whose clock is damaged: %+v, %v", b, err)
	}
	if x, err := Restore(t.Context(), target, fresh(t), RestoreOptions{}); err != nil || len(x.Lost) != 1 {
		t.Errorf("restored: %+v, %v", x, err)
	}
}

func readAll(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// onlyFile is the one file below a folder.
func onlyFile(t *testing.T, dir string) (name string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if name != "" {
				err = fmt.Errorf("%s and %s", name, path)
			}
			name = path
		}
		return err
	})
	if err != nil || name == "" {
		t.Fatalf("%s: %q, %v", dir, name, err)
	}
	return name
}

// TestClockDamageIsFound harms what a log has kept of its witnesses' signatures:
// fsck names it, and what lies behind is still shown.
func TestClockDamageIsFound(t *testing.T) {
	t.Parallel()
	dir := newLedger(t)
	r := serve(t, dir)
	var names parties
	for i := range 3 {
		names.enrol(t, r, 1)
		r.tick(t, noon.Add(time.Duration(i)*time.Hour))
	}
	r.end(t)
	if e, err := Check(t.Context(), dir, CheckOptions{}); err != nil || e.Damaged() {
		t.Fatalf("a sound clock: %+v, %v", e, err)
	}
	folder := filepath.Join(dir, "log/clock")
	newest, day := filepath.Join(folder, "newest"), filepath.Join(folder, noon.Format(time.DateOnly))
	for _, path := range []string{newest, day} {
		whole := readAll(t, path)
		end := len(whole)
		if path == day {
			end -= end / 3 // the last record may have been torn
		}
		for at := 0; at < end; at += int(stride(t, 1499)) {
			flip(t, path, int64(at))
			e, err := Check(t.Context(), dir, CheckOptions{})
			if err != nil || !slices.ContainsFunc(e.Faults, func(f filestore.Fault) bool {
				return f.Damage && f.File == "log/clock/"+filepath.Base(path) && f.Offset <= int64(at) && int64(at) < f.Offset+f.Length
			}) {
				t.Errorf("byte %d of %s: %+v, %v", at, filepath.Base(path), e, err)
			}
			if err := os.WriteFile(path, whole, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	flip(t, day, 30)
	r = serve(t, dir)
	var a struct{ Checkpoints []string }
	if err := json.Unmarshal(r.get(t, "/api/v1/clock").body, &a); err != nil || len(a.Checkpoints) != 2 {
		t.Errorf("behind a damaged record are %d checkpoints, %v", len(a.Checkpoints), err)
	}
	r.end(t)
	if err := os.Remove(newest); err == nil || os.IsNotExist(err) {
		err = os.Mkdir(newest, 0o700)
		if err != nil {
			t.Fatal(err)
		}
	}
	if e, err := Check(t.Context(), dir, CheckOptions{}); err != nil || !e.Damaged() {
		t.Errorf("a folder in the place of the newest: %+v, %v", e, err)
	}
}

// TestOldLogForgetsNothing starts a log that is behind what it published, without a
// policy by which it published: the log's own word stands, and stays.
func TestOldLogForgetsNothing(t *testing.T) {
	t.Parallel()
	dir, old := newLedger(t), fresh(t)
	r := serve(t, dir)
	r.end(t)
	copyTree(t, dir, old, false)
	settle(t, old)
	r = serve(t, dir)
	var names parties
	names.enrol(t, r, 2)
	note := r.get(t, "/checkpoint").body
	r.end(t)
	keep(t, old, r.outside.keys, note, noon)
	for range 2 {
		_, err := Open(t.Context(), old, Options{Clock: clockAt(noon)})
		wantCode(t, "a log behind what it published", err, "LOG-ANCHOR-AHEAD")
	}
}

// TestBentBackups lets an adversary edit a backup: it is refused, or what is restored
// is the log that was backed up, and signs nothing.
func TestBentBackups(t *testing.T) {
	t.Parallel()
	dir, whole, early := newLedger(t), fresh(t), fresh(t)
	r := serve(t, dir)
	var names parties
	if _, err := Save(t.Context(), dir, early, BackupOptions{Keys: true}); err != nil {
		t.Fatal(err)
	}
	names.enrol(t, r, 2)
	r.tick(t, noon)
	if _, err := Save(t.Context(), dir, whole, BackupOptions{Keys: true}); err != nil {
		t.Fatal(err)
	}
	names.enrol(t, r, 1)
	ahead := r.get(t, "/checkpoint").body
	r.end(t)
	stranger := newLedger(t)
	serve(t, stranger).end(t)
	put := func(t *testing.T, b, name string, content []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(b, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	segment := func(t *testing.T, b, folder string) string {
		t.Helper()
		return onlyFile(t, filepath.Join(b, "log", folder))
	}
	for name, harm := range map[string]func(*testing.T, string){
		"the journal of another day": func(t *testing.T, b string) {
			j := segment(t, b, "journal")
			rel, _ := filepath.Rel(b, j)
			put(t, b, rel, readAll(t, filepath.Join(early, rel)))
		},
		"entries swapped": func(t *testing.T, b string) {
			e := segment(t, b, "entries")
			raw := readAll(t, e)
			copy(raw[100:], bytes.Repeat(raw[600:640], 3))
			if err := os.WriteFile(e, raw, 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"entries cut": func(t *testing.T, b string) {
			if err := os.Truncate(segment(t, b, "entries"), 300); err != nil {
				t.Fatal(err)
			}
		},
		"another day's end": func(t *testing.T, b string) { put(t, b, backupName, readAll(t, filepath.Join(early, backupName))) },
		"another's beginning": func(t *testing.T, b string) {
			put(t, b, genesisName, readAll(t, filepath.Join(stranger, genesisName)))
			put(t, b, admissionName, readAll(t, filepath.Join(stranger, admissionName)))
		},
		"a checkpoint of later": func(t *testing.T, b string) { keep(t, b, r.outside.keys, ahead, noon.Add(time.Hour)) },
		"links out of it": func(t *testing.T, b string) {
			e := segment(t, b, "entries")
			if err := os.Remove(e); err == nil {
				err = os.Symlink(filepath.Join(stranger, configName), e)
				if err != nil {
					t.Fatal(err)
				}
			}
		},
		"an instance that needs nothing": func(t *testing.T, b string) {
			put(t, b, "log/instance", readAll(t, filepath.Join(dir, "log/instance")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			backup, target := fresh(t), fresh(t)
			copyTree(t, whole, backup, false)
			harm(t, backup)
			x, err := Restore(t.Context(), backup, target, RestoreOptions{})
			if err == nil && x.End.Size != 4 && name != "another day's end" {
				t.Errorf("restored %d entries", x.End.Size)
			}
			s, err2 := Open(t.Context(), target, Options{Clock: clockAt(noon)})
			if err2 != nil {
				if err == nil && problem.Code(err2) != "LOG-ANCHOR-AHEAD" {
					t.Errorf("restored, and cannot be opened: %v", err2)
				}
				return
			}
			if problem.Code(s.shut()) != "SERVER-LOG-MOVED" {
				t.Errorf("it signs: %v", err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestSignsNothingAnywhere asks a restored log for everything that it answers: none of
// it is signed by the log.
func TestSignsNothingAnywhere(t *testing.T) {
	t.Parallel()
	dir, backup, target := newLedger(t), fresh(t), fresh(t)
	serve(t, dir).end(t)
	if _, err := Save(t.Context(), dir, backup, BackupOptions{Keys: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), backup, target, RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	r := serve(t, target)
	var api struct {
		Paths map[string]map[string]any
	}
	if err := json.Unmarshal(r.get(t, "/openapi.json").body, &api); err != nil {
		t.Fatal(err)
	}
	if len(api.Paths) < 8 {
		t.Fatalf("%d addresses", len(api.Paths))
	}
	for path, methods := range api.Paths {
		if _, ok := methods["get"]; !ok {
			refused(t, r.post(t, "text/plain", nil), http.StatusServiceUnavailable, "SERVER-LOG-MOVED")
			continue
		}
		path = strings.NewReplacer("{path}", "0/000.p/2", "{index}", "1", "{digest}", strings.Repeat("0", 64)).Replace(path)
		a := r.get(t, path)
		if bytes.Contains(a.body, []byte("— "+testOrigin)) || bytes.Contains(a.body, []byte(`\u2014 `+testOrigin)) {
			t.Errorf("%s is signed: %d %s", path, a.status, a.body)
		}
	}
	for _, path := range []string{"/%63heckpoint", "//checkpoint", "/./checkpoint", "/api/v1/entries/1/%62undle", "/api/v1%2Fentries/1/bundle", "/checkpoint/", "/api/v1/statements/"} {
		if a := r.get(t, path); bytes.Contains(a.body, []byte("— "+testOrigin)) {
			t.Errorf("%s is signed: %d", path, a.status)
		}
	}
}

// TestAnchorsThatLie restores a log and gives it what is no anchor: it goes on with
// none of them, whatever the operator says of them.
func TestAnchorsThatLie(t *testing.T) {
	t.Parallel()
	dir, backup, target := newLedger(t), fresh(t), fresh(t)
	r := serve(t, dir)
	first := r.get(t, "/checkpoint").body
	var names parties
	names.enrol(t, r, 1)
	r.end(t)
	if _, err := Save(t.Context(), dir, backup, BackupOptions{Keys: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), backup, target, RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	strangers := serve(t, newLedger(t))
	other := strangers.get(t, "/checkpoint").body
	newest := r.sequence.Checkpoint()
	good := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(newest) }))
	defer good.Close()
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		code   string
		word   bool // the operator's word helps
	}{
		"leads elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, good.URL+"/checkpoint", http.StatusFound)
		}, "SERVER-ANCHOR-UNREACHABLE", false},
		"another log's": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(other) }, "SERVER-ANCHOR-UNREADABLE", false},
		"unsigned": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(newest[:bytes.Index(newest, []byte("\n\n"))+2])
		}, "SERVER-ANCHOR-UNREADABLE", false},
		"an older tree":      {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(first) }, "SERVER-ANCHOR-BEHIND", true},
		"nothing":            {func(http.ResponseWriter, *http.Request) {}, "SERVER-ANCHOR-UNREADABLE", false},
		"more than it holds": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) }, "SERVER-ANCHOR-UNREACHABLE", false},
		"no such log":        {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, "SERVER-ANCHOR-UNREADABLE", false},
	} {
		s := httptest.NewServer(tt.answer)
		for _, known := range []bool{false, true} {
			if known && tt.word {
				continue
			}
			_, err := Open(t.Context(), target, Options{Clock: clockAt(noon), Anchors: []string{s.URL}, NewestKnown: known})
			wantCode(t, name, err, tt.code)
			// Nor beside one that is good.
			if !tt.word {
				_, err = Open(t.Context(), target, Options{Clock: clockAt(noon), Anchors: []string{good.URL, s.URL}, NewestKnown: known})
				wantCode(t, name+", beside a good one", err, tt.code)
			}
		}
		s.Close()
	}
	serve(t, target).signsNothing(t, "SERVER-LOG-MOVED")
}

// TestClockCannotBeWritten takes from a log the place where it keeps what is cosigned:
// commits go on, what is published stands still, and goes on when there is place.
func TestClockCannotBeWritten(t *testing.T) {
	t.Parallel()
	dir := newLedger(t)
	w := watch(t, dir)
	r := serveWith(t, dir, Options{Clock: time.Now, Logger: testLogger(t), Witnesses: w.policy(t)})
	r.awaits(t, "what is cosigned", func(a readiness) bool { return a.Published == 2 })
	draft := filepath.Join(dir, "log/clock/newest.new")
	if err := os.MkdirAll(filepath.Join(draft, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	var names parties
	names.enrol(t, r, 3)
	if got := r.published(t, w); got != 2 || r.Size() != 5 {
		t.Errorf("published are %d of %d", got, r.Size())
	}
	if a := r.get(t, "/api/v1/entries/4/bundle"); a.status != http.StatusOK {
		t.Errorf("a bundle = %d", a.status)
	}
	if e, err := Check(t.Context(), dir, CheckOptions{}); err != nil || e.Damaged() {
		t.Errorf("fsck: %+v, %v", e.Faults, err)
	}
	target := fresh(t)
	if b, err := Save(t.Context(), dir, target, BackupOptions{}); err != nil || b.End.Size != 5 {
		t.Errorf("backup: %+v, %v", b, err)
	}
	if err := os.RemoveAll(draft); err != nil {
		t.Fatal(err)
	}
	r.awaits(t, "what is cosigned, with place", func(a readiness) bool { return a.Published == 5 })
	if got := r.published(t, w); got != 5 {
		t.Errorf("published are %d", got)
	}
}

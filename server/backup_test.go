package server

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/filestore"
	"github.com/yurai-ledger/yurai/ledger/witness"
	"github.com/yurai-ledger/yurai/sbom/envelope"
)

// TestSaveAndRestore backs a running ledger up, again when it has grown, and
// restores it: it signs nothing without an anchor, and goes on with one.
func TestSaveAndRestore(t *testing.T) {
	t.Parallel()
	dir, target := newLedger(t), filepath.Join(t.TempDir(), "backup")
	r := serve(t, dir)
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	raw := newBOM(serialA, 1, "HR-87T")
	r.accepted(t, http.StatusCreated, signBOM(t, bomBody(t, vendor, raw), key), raw)
	save := func(o BackupOptions) *Backup {
		t.Helper()
		b, err := Save(t.Context(), dir, target, o)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if b := save(BackupOptions{}); b.End.Size != 4 || b.Blobs != 1 || b.Keys {
		t.Errorf("backup = %+v", b)
	}
	if _, err := os.Stat(filepath.Join(target, keysName)); err == nil {
		t.Error("the backup has keys that nobody asked for")
	}
	raw = newBOM(serialA, 2, "HR-87T")
	r.accepted(t, http.StatusCreated, signBOM(t, bomBody(t, vendor, raw), key), raw)
	if b := save(BackupOptions{Keys: true}); b.End.Size != 5 || b.Blobs != 2 || !b.Keys {
		t.Errorf("the second backup = %+v", b)
	}
	for _, name := range []string{registrarName, indexName, "log/derived", "log/instance"} {
		if _, err := os.Lstat(filepath.Join(target, name)); err == nil {
			t.Errorf("the backup has %s", name)
		}
	}
	if e, err := Check(t.Context(), target, CheckOptions{}); err != nil || e.Damaged() || e.Log.Leaves != 5 {
		t.Errorf("check of a backup: %+v, %v", e, err)
	}

	// The original is still running: what asks it is held against its newest tree.
	restored := filepath.Join(t.TempDir(), "restored")
	if _, err := Restore(t.Context(), target, restored, RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	s := serve(t, restored)
	s.signsNothing(t, "SERVER-LOG-MOVED")
	if a := s.get(t, "/tile/entries/000.p/5"); a.status != http.StatusOK {
		t.Errorf("a restored log does not show its entries: %d", a.status)
	}
	s.end(t)
	r.end(t)

	// A copy of the head as an anchor is as old as it is.
	_, err := Open(t.Context(), restored, Options{Anchors: []string{target}})
	wantCode(t, "a folder as anchor", err, "SERVER-ANCHOR-BEHIND")
	s = serveWith(t, restored, Options{Clock: clockAt(noon), Anchors: []string{dir}, NewestKnown: true})
	registrar, err := os.ReadFile(filepath.Join(dir, registrarName))
	if err == nil {
		err = os.WriteFile(filepath.Join(restored, registrarName), registrar, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	var names parties
	names.enrol(t, s, 1)
	s.end(t)
	serve(t, restored).end(t)

	// The folder that was left behind is now the old one.
	_, err = Open(t.Context(), dir, Options{Anchors: []string{restored}})
	wantCode(t, "the folder that was restored from", err, "LOG-ANCHOR-AHEAD")
	if _, err := Save(t.Context(), restored, target, BackupOptions{}); err != nil {
		t.Errorf("the restored ledger into the backup it was made from: %v", err)
	}
	_, err = Save(t.Context(), dir, target, BackupOptions{})
	wantCode(t, "an old ledger over a newer backup", err, "STORE-COPY-AHEAD")
}

// TestBackupRefuses names what is no backup, and what a second process meets.
func TestBackupRefuses(t *testing.T) {
	t.Parallel()
	dir, target := newLedger(t), filepath.Join(t.TempDir(), "backup")
	_, err := Save(t.Context(), dir, target, BackupOptions{})
	wantCode(t, "a ledger that was never served", err, "STORE-FOLDER-ABSENT")
	r := serve(t, dir)
	r.end(t)
	_, err = Restore(t.Context(), target, filepath.Join(t.TempDir(), "x"), RestoreOptions{})
	wantCode(t, "a backup that was never completed", err, "SERVER-BACKUP-MALFORMED")
	if _, err := Save(t.Context(), dir, target, BackupOptions{}); err != nil {
		t.Fatal(err)
	}
	lock, err := filestore.Disk(target).Lock("lock")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Save(t.Context(), dir, target, BackupOptions{})
	wantCode(t, "a backup that another process writes", err, "STORE-FOLDER-LOCKED")
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = Save(t.Context(), target, filepath.Join(t.TempDir(), "y"), BackupOptions{})
	wantCode(t, "a backup of a backup", err, "SERVER-FOLDER-BACKUP")
	_, err = Open(t.Context(), target, Options{})
	wantCode(t, "a backup that is served", err, "SERVER-FOLDER-BACKUP")
	_, err = Restore(t.Context(), target, dir, RestoreOptions{})
	wantCode(t, "over a ledger", err, "SERVER-FOLDER-EXISTS")
	_, err = Restore(t.Context(), t.TempDir(), filepath.Join(t.TempDir(), "z"), RestoreOptions{})
	wantCode(t, "from nothing", err, "SERVER-BACKUP-MALFORMED")

	manifest := filepath.Join(target, backupName)
	whole, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	for old, new := range map[string]string{
		BackupFormat:        "yurai-backup/2",
		`"record": `:        `"record": 1`,
		`"hash": "sha256:`:  `"hash": "sha256:0`,
		`"log": "`:          `"log": "x`,
		`"format"`:          `"extra":1,"format"`,
		`"keys": false`:     `"keys": "no"`,
		"\"root\": \"sha25": "\"root\": \"sha26",
	} {
		if !strings.Contains(string(whole), old) {
			t.Fatalf("%s has no %s: %s", backupName, old, whole)
		}
		if err := os.WriteFile(manifest, []byte(strings.Replace(string(whole), old, new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Restore(t.Context(), target, filepath.Join(t.TempDir(), "r"), RestoreOptions{}); err == nil {
			t.Errorf("%s with %s is restored", backupName, new)
		}
	}
	if err := os.WriteFile(manifest, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	flip(t, filepath.Join(target, logName, "entries", "0000000000000000"), 300)
	_, err = Restore(t.Context(), target, filepath.Join(t.TempDir(), "r"), RestoreOptions{})
	wantCode(t, "a damaged backup", err, "SERVER-BACKUP-DAMAGED")
	_, err = Save(t.Context(), dir, target, BackupOptions{})
	wantCode(t, "a ledger over a damaged backup", err, "SERVER-BACKUP-DAMAGED")
}

// TestCheckOfAFolder finds what lies beside the log damaged or lost.
func TestCheckOfAFolder(t *testing.T) {
	t.Parallel()
	dir, target := newLedger(t), filepath.Join(t.TempDir(), "backup")
	r := serve(t, dir)
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	raw := newBOM(serialA, 1, "HR-87T")
	r.accepted(t, http.StatusCreated, signBOM(t, bomBody(t, vendor, raw), key), raw)
	damage := func(what string, want ...string) {
		t.Helper()
		e, err := Check(t.Context(), dir, CheckOptions{})
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		var got []string
		for _, f := range e.Faults {
			if f.Damage {
				got = append(got, f.Code+" "+f.File)
			}
		}
		if len(got) != len(want) || e.Damaged() != (len(want) > 0) {
			t.Errorf("%s: %q, want %q", what, got, want)
			return
		}
		for i := range want {
			if !strings.HasPrefix(got[i], want[i]) {
				t.Errorf("%s: %q, want %q", what, got, want)
			}
		}
	}
	damage("beside a running server")
	digest := bomBody(t, vendor, raw).Digest.Hex()
	name := filepath.Join(dir, blobsName, "sha256", digest[:2], digest)
	if _, err := os.Stat(name); err != nil {
		name += ".zst"
	}
	flip(t, name, 40)
	damage("a damaged blob", "STORE-BLOB-LOST blobs/sha256/"+digest[:2]+"/"+digest)
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	damage("a lost blob", "STORE-BLOB-LOST blobs/sha256/"+digest[:2]+"/"+digest)
	// A backup can still be made, and says what is lost.
	b, err := Save(t.Context(), dir, target, BackupOptions{Keys: true})
	if err != nil || len(b.Lost) != 1 || b.End.Size != 4 {
		t.Errorf("backup of a ledger that lost a blob: %+v, %v", b, err)
	}
	flip(t, filepath.Join(dir, admissionName), 50)
	damage("an altered admission", "SERVER-BEGINNING-OTHER "+admissionName, "STORE-BLOB-LOST")
	r.end(t)
	if err := os.RemoveAll(filepath.Join(dir, logName, "derived")); err != nil {
		t.Fatal(err)
	}
	damage("no derived files", "SERVER-BEGINNING-OTHER", "STORE-BLOB-LOST")
	if _, err := Check(t.Context(), t.TempDir(), CheckOptions{}); err == nil {
		t.Error("an empty folder is checked")
	}
}

// TestManifestIsFrozen holds backup.json to the byte.
func TestManifestIsFrozen(t *testing.T) {
	dir := t.TempDir()
	m := manifest{Format: BackupFormat, Log: testOrigin, Made: "2026-11-23T04:00:00Z", Blobs: 12, End: &manifestEnd{
		Record: 41, Hash: "sha256:" + strings.Repeat("0a", 32), Size: 57, Root: "sha256:" + strings.Repeat("0b", 32), Time: "2026-11-23T03:59:59.5Z",
	}}
	if err := writeManifest(dir, m); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, backupName))
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "format": "yurai-backup/1",
  "log": "` + testOrigin + `",
  "made": "2026-11-23T04:00:00Z",
  "keys": false,
  "blobs": 12,
  "end": {
    "record": 41,
    "hash": "sha256:` + strings.Repeat("0a", 32) + `",
    "size": 57,
    "root": "sha256:` + strings.Repeat("0b", 32) + `",
    "time": "2026-11-23T03:59:59.5Z"
  }
}
`
	if string(got) != want {
		t.Errorf("%s:\n%s\nwant\n%s", backupName, got, want)
	}
	if p, err := m.point(); err != nil || p.Sequence != 41 || p.Size != 57 {
		t.Errorf("its end is %+v, %v", p, err)
	}
}

// TestCheckOfAClock holds cosigned checkpoints that a log kept against it.
func TestCheckOfAClock(t *testing.T) {
	t.Parallel()
	dir := newLedger(t)
	r := serve(t, dir)
	early := r.sequence.Checkpoint()
	earlier := filepath.Join(t.TempDir(), "earlier")
	r.end(t)
	copyTree(t, dir, earlier, false)
	r = serve(t, dir)
	var names parties
	names.enrol(t, r, 2)
	late := r.sequence.Checkpoint()
	r.end(t)
	keep := func(dir string, notes ...[]byte) {
		t.Helper()
		log := witness.Log{Origin: testOrigin, Keys: r.outside.keys}
		clock, err := witness.OpenClock(filestore.Disk(filepath.Join(dir, logName)), log)
		if err != nil {
			t.Fatal(err)
		}
		for i, note := range notes {
			c, err := ledger.OpenSigned(note, testOrigin, r.outside.keys...)
			if err == nil {
				err = clock.Keep(c, noon.Add(time.Duration(i)*time.Hour))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	check := func(dir, code string) {
		t.Helper()
		e, err := Check(t.Context(), dir, CheckOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var got string
		for _, f := range e.Faults {
			if f.Damage && strings.HasPrefix(f.File, clockName) {
				got += f.Code
			}
		}
		if got != code {
			t.Errorf("%s: %q in %+v, want %q", dir, got, e.Faults, code)
		}
	}
	keep(dir, early, late)
	check(dir, "")
	keep(earlier, early, late)
	check(earlier, "LOG-ANCHOR-AHEADLOG-ANCHOR-AHEAD") // as the newest, and for good
	target := filepath.Join(t.TempDir(), "backup")
	if _, err := Save(t.Context(), dir, target, BackupOptions{}); err != nil {
		t.Fatal(err)
	}
	check(target, "")
	flip(t, filepath.Join(dir, clockName, noon.Format("2006-01-02")), 200)
	if e, err := Check(t.Context(), dir, CheckOptions{}); err != nil || len(e.Faults) == 0 {
		t.Errorf("a damaged clock: %+v, %v", e, err)
	}
}

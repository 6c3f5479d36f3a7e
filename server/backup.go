package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/filestore"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
	"github.com/yurai-ledger/yurai/ledger/witness"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/blobs"
)

// BackupFormat is the "format" member of backup.json.
const BackupFormat = "yurai-backup/1"

const (
	backupName = "backup.json"
	clockName  = "log/clock"
	newestName = "newest" // in it: what was published last
)

// manifest is backup.json, the last thing that is written: a backup without an
// end was interrupted.
type manifest struct {
	Format string       `json:"format"`
	Log    string       `json:"log"`
	Made   string       `json:"made"` // RFC 3339, UTC
	Keys   bool         `json:"keys"` // whether the private keys are in it
	Blobs  int64        `json:"blobs"`
	End    *manifestEnd `json:"end,omitzero"`
}

// manifestEnd is the record of the journal that the backup ends with.
type manifestEnd struct {
	Record int64  `json:"record"`
	Hash   string `json:"hash"`
	Size   int64  `json:"size"`
	Root   string `json:"root"`
	Time   string `json:"time"`
}

// BackupOptions say how a backup is made; the zero value is usable.
type BackupOptions struct {
	Clock func() time.Time // nil is time.Now

	// Keys takes the private keys of the log into the backup, which whoever has it
	// can then sign with. They never change: one copy, kept apart, is enough.
	Keys bool

	Progress func(what string, done, total int64) // of bytes copied, leaves checked
}

// Backup is what a backup holds.
type Backup struct {
	Log   string
	End   filestore.Point
	Blobs int64 // files of blobs
	Keys  bool
	Lost  []filestore.Fault // blobs of entries and cosigned checkpoints that the ledger itself has lost
}

// Save copies the ledger in dir, which may be running, to the folder target, and
// reads the whole copy again: it is returned only if every leaf gives the root of
// the journal. The journal is read first, then the entries that it names, then the
// blobs that those name. A target that holds an older backup of the same log gets
// what is new. Refused are
//
//	SERVER-FOLDER-EXISTS    target holds something that is no backup
//	SERVER-BACKUP-MALFORMED its backup.json cannot be read
//	SERVER-BACKUP-DAMAGED   the copy does not stand its check
//	STORE-COPY-AHEAD        target has more than the ledger: the ledger is an old copy
//	STORE-COPY-OTHER        target is a backup of another log or history
//	STORE-FOLDER-LOCKED     another process writes to target
func Save(ctx context.Context, dir, target string, o BackupOptions) (*Backup, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Progress == nil {
		o.Progress = func(string, int64, int64) {}
	}
	if _, err := os.Lstat(filepath.Join(dir, backupName)); err == nil {
		return nil, refuse("SERVER-FOLDER-BACKUP", "%s is a backup itself", dir)
	}
	raw, err := readFile(dir, configName)
	if err != nil {
		return nil, err
	}
	c, err := parseConfig(raw)
	if err != nil {
		return nil, err
	}
	lock, err := claimBackup(target, c.Origin)
	if err != nil {
		return nil, err
	}
	b, err := save(ctx, dir, target, c.Origin, o)
	return b, errors.Join(err, lock.Close())
}

// claimBackup takes the folder of a backup, new or old.
func claimBackup(target, origin string) (io.Closer, error) {
	m, err := readManifest(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := claim(target); err != nil {
			return nil, err
		}
		m = manifest{Format: BackupFormat, Log: origin}
		if err := writeManifest(target, m); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	case m.Log != origin:
		return nil, refuse("STORE-COPY-OTHER", "%s is a backup of log %q, not of %q", target, m.Log, origin)
	}
	lock, err := filestore.Disk(target).Lock("lock")
	if errors.Is(err, filestore.ErrLocked) {
		return nil, refuse("STORE-FOLDER-LOCKED", "another process writes to the backup: %w", err)
	}
	return lock, err
}

func save(ctx context.Context, dir, target, origin string, o BackupOptions) (*Backup, error) {
	// What is cosigned is noted first and copied last: whenever this ends, none of it
	// is ahead of the record that backup.json names.
	clock, err := noteClock(dir)
	if err != nil {
		return nil, err
	}
	end, err := filestore.Copy(ctx, filepath.Join(dir, logName), filepath.Join(target, logName), filestore.CopyOptions{
		Origin: origin, Progress: func(done, total int64) { o.Progress("copy", done, total) },
	})
	if err != nil {
		return nil, err
	}
	if err := copyBlobs(ctx, dir, target, nil); err != nil {
		return nil, err
	}
	if err := copyFiles(dir, target, o.Keys); err != nil {
		return nil, err
	}
	e, err := Check(ctx, target, CheckOptions{Progress: o.Progress})
	if err != nil {
		return nil, err
	}
	// What rotted in the backup is in the ledger still.
	if rotten := rottenBlobs(e); len(rotten) > 0 {
		if err := copyBlobs(ctx, dir, target, rotten); err != nil {
			return nil, err
		}
		if e, err = Check(ctx, target, CheckOptions{Progress: o.Progress}); err != nil {
			return nil, err
		}
	}
	b := &Backup{Log: origin, End: end, Blobs: e.Blobs, Keys: o.Keys}
	for _, f := range e.Faults {
		switch {
		case f.Code == "STORE-BLOB-LOST":
			b.Lost = append(b.Lost, f)
		case f.Code == "STORE-CLOCK-DAMAGED": // of an earlier backup: it is replaced below
		case f.Damage:
			return nil, refuse("SERVER-BACKUP-DAMAGED", "%s from byte %d on: %s [%s]", f.File, f.Offset, f.Text, f.Code)
		}
	}
	if e.Log.Sequence != end.Sequence || e.Log.Hash != end.Hash || e.Log.Leaves != end.Size {
		return nil, refuse("SERVER-BACKUP-DAMAGED", "the copy ends at record %d with %d entries proven, not at record %d with %d", e.Log.Sequence, e.Log.Leaves, end.Sequence, end.Size)
	}
	if err := writeManifest(target, manifest{
		Format: BackupFormat, Log: origin, Made: statement.FormatTime(o.Clock()), Keys: o.Keys, Blobs: e.Blobs,
		End: &manifestEnd{end.Sequence, ledger.Hash(end.Hash).String(), end.Size, end.Root.String(), end.Time.UTC().Format(time.RFC3339Nano)},
	}); err != nil {
		return nil, err
	}
	if err := clock.copyTo(ctx, target); err != nil {
		return nil, err
	}
	faults, err := checkClock(ctx, target, origin, ledger.Checkpoint{Origin: origin, Size: end.Size, Root: end.Root})
	if err != nil {
		return nil, err
	}
	for _, f := range faults {
		switch {
		case f.Code == "STORE-CLOCK-DAMAGED" && f.Damage:
			b.Lost = append(b.Lost, f)
		case f.Damage:
			return nil, refuse("SERVER-BACKUP-DAMAGED", "%s from byte %d on: %s [%s]", f.File, f.Offset, f.Text, f.Code)
		}
	}
	return b, nil
}

// rottenBlobs returns the names of the files of blobs that are not what they were.
func rottenBlobs(e *Examination) map[string]bool {
	names := map[string]bool{}
	for _, f := range e.Faults {
		if name, ok := strings.CutPrefix(f.File, blobsName+"/"); ok && f.Code == "STORE-BLOB-LOST" {
			names[name] = true
		}
	}
	return names
}

// readManifest reads backup.json; fs.ErrNotExist if there is none.
func readManifest(dir string) (manifest, error) {
	path := filepath.Join(dir, backupName)
	info, err := os.Stat(path)
	if err != nil {
		return manifest{}, err
	}
	if !info.Mode().IsRegular() {
		return manifest{}, refuse("SERVER-BACKUP-MALFORMED", "%s is no regular file", backupName)
	}
	raw, err := readBounded(path, maxFile)
	if err != nil {
		return manifest{}, err
	}
	var m manifest
	if err := json.Unmarshal(raw, &m, json.RejectUnknownMembers(true)); err != nil {
		return manifest{}, refuse("SERVER-BACKUP-MALFORMED", "%s: %w", backupName, err)
	}
	if m.Format != BackupFormat {
		return manifest{}, refuse("SERVER-BACKUP-MALFORMED", "%s has format %.40q, this program reads %q", backupName, m.Format, BackupFormat)
	}
	if err := ledger.CheckOrigin(m.Log); err != nil {
		return manifest{}, refuse("SERVER-BACKUP-MALFORMED", "%s: %w", backupName, err)
	}
	return m, nil
}

func writeManifest(dir string, m manifest) error {
	raw, err := json.Marshal(m, jsontext.Multiline(true), jsontext.WithIndent("  "))
	if err != nil {
		return err
	}
	return replaceWith(dir, backupName, append(raw, '\n'))
}

// point returns the record that a backup ends with.
func (m manifest) point() (*filestore.Point, error) {
	if m.End == nil {
		return nil, refuse("SERVER-BACKUP-MALFORMED", "the backup was never completed")
	}
	hash, err := ledger.ParseHash(m.End.Hash)
	if err != nil {
		return nil, refuse("SERVER-BACKUP-MALFORMED", "%s: %w", backupName, err)
	}
	root, err := ledger.ParseHash(m.End.Root)
	if err != nil {
		return nil, refuse("SERVER-BACKUP-MALFORMED", "%s: %w", backupName, err)
	}
	return &filestore.Point{Sequence: m.End.Record, Hash: hash, Size: m.End.Size, Root: root}, nil
}

// RestoreOptions say how a backup is restored; the zero value is usable.
type RestoreOptions struct {
	Logger *slog.Logger // nil discards

	// Anchors and NewestKnown are those of [Options]. Without an anchor the ledger
	// is restored and signs nothing until it is served with one.
	Anchors     []string
	NewestKnown bool

	// KeysFrom is a folder of keys that were kept apart from the backup, "" for
	// none.
	KeysFrom string

	Progress func(what string, done, total int64)
}

// Restored is what was restored.
type Restored struct {
	Log      string
	End      filestore.Point
	Blobs    int64
	Keys     bool              // whether the private keys are there
	Anchored bool              // the log may sign: it was held against an anchor
	Lost     []filestore.Fault // blobs of entries and cosigned checkpoints that the backup has not
}

// Restore makes the ledger in the folder dir, which must be empty or not be there,
// from a backup, and reads all of it again. The log signs nothing before it has
// been held against an anchor: here, or when it is served. With an anchor that
// contradicts it, or shows it to be old, the folder stays, signs nothing, and the
// error says why: LOG-ANCHOR-AHEAD, LOG-ANCHOR-FORK, SERVER-ANCHOR-BEHIND. Other
// refusals:
//
//	SERVER-FOLDER-EXISTS     dir is not empty
//	SERVER-BACKUP-MALFORMED  there is no complete backup
//	SERVER-BACKUP-DAMAGED    what was restored does not stand its check
//	STORE-POINT-ABSENT       the backup's journal is not the one that was backed up
func Restore(ctx context.Context, backup, dir string, o RestoreOptions) (*Restored, error) {
	if o.Progress == nil {
		o.Progress = func(string, int64, int64) {}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	m, err := readManifest(backup)
	if errors.Is(err, fs.ErrNotExist) {
		err = refuse("SERVER-BACKUP-MALFORMED", "%s has no %s", backup, backupName)
	}
	if err != nil {
		return nil, err
	}
	end, err := m.point()
	if err != nil {
		return nil, err
	}
	if _, err := claim(dir); err != nil {
		return nil, err
	}
	clock, err := noteClock(backup)
	if err != nil {
		return nil, err
	}
	// Of two that find the folder empty one makes this.
	if err := os.Mkdir(filepath.Join(dir, logName), 0o700); errors.Is(err, fs.ErrExist) {
		return nil, refuse("SERVER-FOLDER-EXISTS", "%s is not empty", dir)
	} else if err != nil {
		return nil, err
	}
	got, err := filestore.Copy(ctx, filepath.Join(backup, logName), filepath.Join(dir, logName), filestore.CopyOptions{
		Origin: m.Log, End: end, Restore: true, Progress: func(done, total int64) { o.Progress("copy", done, total) },
	})
	if err != nil {
		_ = os.Remove(filepath.Join(dir, logName)) // if nothing is in it the folder is as it was
		return nil, err
	}
	if err := clock.copyTo(ctx, dir); err != nil {
		return nil, err
	}
	if err := copyBlobs(ctx, backup, dir, nil); err != nil {
		return nil, err
	}
	if o.KeysFrom != "" {
		if err := copyKeys(o.KeysFrom, dir); err != nil {
			return nil, err
		}
	}
	if err := copyFiles(backup, dir, m.Keys && o.KeysFrom == ""); err != nil { // config.yaml last
		return nil, err
	}
	e, err := Check(ctx, dir, CheckOptions{Progress: o.Progress})
	if err != nil {
		return nil, err
	}
	r := &Restored{Log: m.Log, End: got, Blobs: e.Blobs, Keys: m.Keys || o.KeysFrom != ""}
	for _, f := range e.Faults {
		switch {
		case f.Code == "STORE-BLOB-LOST", f.Code == "STORE-CLOCK-DAMAGED" && f.Damage:
			r.Lost = append(r.Lost, f)
		case f.Damage:
			return nil, refuse("SERVER-BACKUP-DAMAGED", "%s from byte %d on: %s [%s]", f.File, f.Offset, f.Text, f.Code)
		}
	}
	if e.Log.Root != end.Root || e.Log.Leaves != end.Size {
		return nil, refuse("SERVER-BACKUP-DAMAGED", "%d entries with root %v were restored, the backup has %d with %v", e.Log.Leaves, e.Log.Root, end.Size, end.Root)
	}
	if len(o.Anchors) == 0 {
		return r, nil
	}
	r.Anchored = true
	return r, moorFolder(ctx, dir, m.Log, o)
}

// moorFolder holds a log that is not in service against anchors, and lets it sign
// if they allow it.
func moorFolder(ctx context.Context, dir, origin string, o RestoreOptions) (err error) {
	raw, err := readFile(dir, genesisName)
	if err != nil {
		return err
	}
	st, err := readStatement(raw)
	if err != nil {
		return refuse("SERVER-FOLDER-INVALID", "%s: %w", genesisName, err)
	}
	genesis, ok := st.Body.(*statement.Genesis)
	if !ok || genesis.Log != origin {
		return refuse("SERVER-FOLDER-INVALID", "%s is not the genesis of %q", genesisName, origin)
	}
	anchors, err := readerOf(genesis)
	if err != nil {
		return err
	}
	store, err := filestore.Open(filepath.Join(dir, logName), filestore.Options{Origin: origin, Logger: o.Logger})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	clock, err := witness.OpenClock(filestore.Disk(filepath.Join(dir, logName)), witness.Log{Origin: origin, Keys: anchors.keys})
	if err == nil {
		err = heldPublished(clock, store)
	}
	if err != nil {
		return err
	}
	list, err := holdAgainst(ctx, anchors, o.Anchors, true, store.Head().Size, sequencer.Hashes(store), o.Logger)
	if err != nil {
		return err
	}
	return lift(ctx, store, list, o.NewestKnown, o.Logger)
}

// copyFiles copies the files that Init made, config.yaml last. The registrar's key
// is none of the log's and is never copied.
func copyFiles(from, to string, keys bool) error {
	if keys {
		if err := copyKeys(filepath.Join(from, keysName), to); err != nil {
			return err
		}
	}
	for _, name := range []string{registrarPub, trustName, genesisName, admissionName, configName} {
		raw, err := readFile(from, name)
		if err != nil {
			if name == registrarPub || name == trustName {
				continue // copies for others, which may have been taken away
			}
			return err
		}
		if err := replaceWith(to, name, raw); err != nil {
			return err
		}
	}
	return nil
}

// copyKeys copies the log's private keys.
func copyKeys(from, to string) error {
	if err := os.Mkdir(filepath.Join(to, keysName), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	for _, name := range []string{ed25519Name, mldsa44Name, serviceName} {
		raw, err := readSecret(from, filepath.Base(name))
		if err != nil {
			return err
		}
		if err := replaceWith(to, name, raw); err != nil {
			return err
		}
	}
	return syncFolder(filepath.Join(to, keysName))
}

// clockNote is what a clock held at a moment: of the files of days, which only grow,
// the lengths.
type clockNote struct {
	from   string
	days   map[string]int64
	newest []byte // nil if there was none
}

// noteClock notes what the clock of a folder holds; nil if it has none.
func noteClock(dir string) (*clockNote, error) {
	from := filepath.Join(dir, filepath.FromSlash(clockName))
	list, err := os.ReadDir(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	n := &clockNote{from: from, days: map[string]int64{}}
	for _, f := range list {
		if !f.Type().IsRegular() {
			continue
		}
		if f.Name() == newestName {
			if n.newest, err = readBounded(filepath.Join(from, newestName), ledger.MaxCheckpoint); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
			continue
		}
		if _, err := time.Parse(time.DateOnly, f.Name()); err != nil {
			continue // a draft
		}
		info, err := f.Info()
		if err != nil {
			return nil, err
		}
		n.days[f.Name()] = info.Size()
	}
	return n, nil
}

// copyTo copies what was noted to the clock of another folder.
func (n *clockNote) copyTo(ctx context.Context, dir string) error {
	if n == nil {
		return nil
	}
	to := filepath.Join(dir, filepath.FromSlash(clockName))
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	for name, length := range n.days {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := copyFile(filepath.Join(n.from, name), filepath.Join(to, name), length); err != nil {
			return err
		}
	}
	if n.newest != nil {
		if err := replaceWith(dir, clockName+"/"+newestName, n.newest); err != nil {
			return err
		}
	} else if err := os.Remove(filepath.Join(to, newestName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := syncFolder(to); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(to))
}

// copyBlobs copies the blobs that are not there yet, and those of these names anew.
// Each is compared with its digest when the copy is checked.
func copyBlobs(ctx context.Context, from, to string, anew map[string]bool) error {
	have := map[string]bool{}
	target := filepath.Join(to, blobsName)
	return blobs.Survey(ctx, filepath.Join(from, blobsName), blobs.Options{MaxSize: maxBOM}, func(b blobs.Stored) error {
		if b.Err != nil {
			return nil // a damaged blob is no blob; the check says whose bytes are lost
		}
		path := filepath.Join(target, filepath.FromSlash(b.Name))
		shard := filepath.Dir(path)
		if !have[shard] {
			if err := os.MkdirAll(shard, 0o700); err != nil {
				return err
			}
			have[shard] = true
			for _, parent := range []string{filepath.Dir(shard), target, to} {
				if err := syncFolder(parent); err != nil {
					return err
				}
			}
		}
		if info, err := os.Stat(path); err == nil && info.Size() == b.Size && !anew[b.Name] {
			return nil
		}
		if err := copyFile(filepath.Join(from, blobsName, filepath.FromSlash(b.Name)), path, b.Size); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return syncFolder(shard)
	})
}

// copyFile copies the first bytes of a file in one step, durably up to its name.
func copyFile(from, to string, length int64) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	draft := to + ".new"
	dst, err := os.OpenFile(draft, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, io.LimitReader(src, length))
	if err == nil {
		err = dst.Sync()
	}
	if err := errors.Join(err, dst.Close()); err != nil {
		return fmt.Errorf("copying %s: %w", filepath.Base(from), err)
	}
	return os.Rename(draft, to)
}

// replaceWith writes a file of a folder in one step, durably, unless it holds
// these bytes already.
func replaceWith(dir, name string, content []byte) error {
	path := filepath.Join(dir, filepath.FromSlash(name))
	if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, content) {
		return nil
	}
	draft := path + ".new"
	f, err := os.OpenFile(draft, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if err := os.Rename(draft, path); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return syncFolder(filepath.Dir(path))
}

package filestore

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/ledger"
)

// check checks a folder of tiny files.
func check(t testing.TB, dir string) *CheckReport {
	t.Helper()
	r, err := Check(t.Context(), dir, CheckOptions{layout: &tiny})
	if err != nil {
		t.Fatalf("check of %s: %v", dir, err)
	}
	return r
}

// snapshotted is a log on disk with a snapshot and several segments of each kind.
func snapshotted(t *testing.T) (string, *history) {
	t.Helper()
	dir, o, h := onDisk(t)
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.verify(s); err != nil {
		t.Fatal(err)
	}
	h.grow(t, s, 30)
	size := s.Head().Size
	if err := s.KeepSnapshot(size, snapshotOf(size)); err != nil {
		t.Fatal(err)
	}
	h.grow(t, s, 3)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, h
}

func TestCheckOfASoundLog(t *testing.T) {
	dir, h := snapshotted(t)
	var seen int64
	r, err := Check(t.Context(), dir, CheckOptions{layout: &tiny, Visit: func(index int64, leaf []byte) error {
		if index != seen || !bytes.Equal(leaf, h.leaves[index]) {
			t.Errorf("leaf %d is visited as %d with %d bytes", seen, index, len(leaf))
		}
		seen++
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Damaged() || r.Size != int64(len(h.leaves)) || r.Root != h.tree.Root() || r.Leaves != r.Size || seen != r.Size {
		t.Errorf("check of a sound log of %d leaves: %+v, %d seen", len(h.leaves), r, seen)
	}
	stop := errors.New("enough")
	if _, err := Check(t.Context(), dir, CheckOptions{layout: &tiny, Visit: func(int64, []byte) error { return stop }}); !errors.Is(err, stop) {
		t.Errorf("a visit that ends the check: %v", err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Check(over, dir, CheckOptions{layout: &tiny}); !errors.Is(err, context.Canceled) {
		t.Errorf("a check that was cancelled: %v", err)
	}
	if _, err := Check(t.Context(), t.TempDir(), CheckOptions{}); code(err) != "STORE-FOLDER-ABSENT" {
		t.Errorf("check of an empty folder: %v", err)
	}
}

// TestCheckNamesTheByte flips bits of every file: each that is part of the log is
// within a range that the check names, and a log without derived files or with
// entries cut off is told from a sound one.
func TestCheckNamesTheByte(t *testing.T) {
	const seed = 23
	dir, _ := snapshotted(t)
	r := rand.New(rand.NewPCG(seed, 1))
	sound := check(t, dir)
	last, newest := sound.last, ""
	var names []string
	if err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasPrefix(name, "journal/") {
			newest = max(newest, name)
		}
	}
	end := journalEnd(t, dir, newest)
	// counts reports whether a byte of a file is part of the log.
	counts := func(name string, at int64) bool {
		switch folder, base, _ := strings.Cut(name, "/"); folder {
		case "entries":
			return base < lastSegment(last) || at < last.EntriesEnd-last.SegmentStart
		case "derived":
			for level := range tileLevels {
				if name == levelName(level) {
					return at < last.DerivedTo>>(8*level)*hashLen
				}
			}
			if base == "offsets" {
				return at >= offsetLen && at < (last.DerivedTo/ledger.TileWidth+1)*offsetLen
			}
			return at < last.DerivedTo*identityLen
		case "journal":
			return name != newest || at < end
		case "snapshots":
			return name == snapshotName(last.AppAt)
		}
		return true
	}
	flips := 3 * campaign(t)
	tried := 0
	for _, name := range names {
		path := filepath.Join(dir, name)
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for range flips {
			at := int64(-1)
			for range 100 {
				if len(raw) == 0 {
					break
				}
				if q := r.Int64N(int64(len(raw))); counts(name, q) {
					at = q
					break
				}
			}
			if at < 0 {
				continue
			}
			tried++
			bent := bytes.Clone(raw)
			bent[at] ^= 1 << r.IntN(8)
			if err := os.WriteFile(path, bent, 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := Check(t.Context(), dir, CheckOptions{layout: &tiny})
			switch {
			case err != nil && code(err) == "":
				t.Errorf("seed %d: byte %d of %s: %v", seed, at, name, err)
			case err == nil && !named(got, name, at):
				t.Errorf("seed %d: byte %d of %s is flipped, the check says %+v", seed, at, name, got.Faults)
			}
		}
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d flips over %d files", tried, len(names))
	if again := check(t, dir); again.Damaged() {
		t.Fatalf("put right again: %+v", again.Faults)
	}
	first := filepath.Join(dir, "entries", "0000000000000000")
	if err := os.Truncate(first, 100); err != nil {
		t.Fatal(err)
	}
	if got := check(t, dir); !named(got, "entries/0000000000000000", 99) && !named(got, "entries/0000000000000000", 100) {
		t.Errorf("entries cut off at byte 100: %+v", got.Faults)
	}
}

// named reports whether a fault covers a byte.
func named(r *CheckReport, name string, at int64) bool {
	for _, f := range r.Faults {
		// Another machine's number cannot be told from a damaged one.
		if (f.Damage || name == instanceName) && f.File == name && (f.Length == 0 || at >= f.Offset && at < f.Offset+f.Length) {
			return true
		}
	}
	return false
}

func lastSegment(r Record) string {
	return strings.TrimPrefix(newSegments(nil, tiny).name((r.Size-1)/tiny.segment), "entries/")
}

// journalEnd returns where the records of a segment end.
func journalEnd(t *testing.T, dir, name string) int64 {
	t.Helper()
	s, err := Open(dir, func() Options { o := tinyOptions(ReadOnly(dir)); return o }())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if journalName(s.journal.name) != name {
		t.Fatalf("newest segment is %s, not %s", journalName(s.journal.name), name)
	}
	return s.journal.at
}

// TestCheckBesideWriter checks a log again and again while it grows.
func TestCheckBesideWriter(t *testing.T) {
	dir, o, h := onDisk(t)
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.verify(s); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.grow(t, s, 40)
	}()
	for rounds := 0; ; rounds++ {
		select {
		case <-done:
			if rounds == 0 {
				t.Error("the log was never checked while it grew")
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return
		default:
		}
		if r := check(t, dir); r.Damaged() {
			t.Fatalf("round %d, %d leaves: %+v", rounds, r.Size, r.Faults)
		}
	}
}

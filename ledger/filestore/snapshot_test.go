package filestore

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
)

// snapshotLog is a log in a folder whose journal names the snapshot of 3 leaves,
// after that of 2. Its leaves begin with the name.
func snapshotLog(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	o := Options{Origin: testOrigin}
	if err := Create(dir, o, time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	s := openReplayed(t, dir)
	defer s.Close()
	var tree ledger.Range
	for n := range int64(4) {
		if n >= 2 {
			if err := s.KeepSnapshot(n, []byte(name+" at "+string('0'+rune(n)))); err != nil {
				t.Fatal(err)
			}
		}
		b := makeBatch(&tree, [][]byte{[]byte(name + " leaf " + string('0'+rune(n)))})
		if _, err := s.Commit(context.Background(), b); err != nil {
			t.Fatal(err)
		}
		tree.Append(b.Hashes[0], nil)
	}
	return dir
}

func openReplayed(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir, Options{Origin: testOrigin})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Replay(context.Background(), 0, func(_ int64, leaf []byte) ([32]byte, error) { return ledger.LeafHash(leaf), nil })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSnapshotIsTheOneNamed puts other files in the place of the snapshot, valid
// ones too: none is ever taken for it, and the log opens.
func TestSnapshotIsTheOneNamed(t *testing.T) {
	two, three := filepath.FromSlash(snapshotName(2)), filepath.FromSlash(snapshotName(3))
	put := func(t *testing.T, dir, name string, b []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	get := func(t *testing.T, dir, name string) []byte {
		t.Helper()
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, damage := range map[string]func(t *testing.T, dir string){
		"deleted": func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, three)); err != nil {
				t.Fatal(err)
			}
		},
		"an older one under its name": func(t *testing.T, dir string) { put(t, dir, three, get(t, dir, two)) },
		"two with swapped names": func(t *testing.T, dir string) {
			a, b := get(t, dir, two), get(t, dir, three)
			put(t, dir, two, b)
			put(t, dir, three, a)
		},
		"under a newer name": func(t *testing.T, dir string) {
			if err := os.Rename(filepath.Join(dir, three), filepath.Join(dir, filepath.FromSlash(snapshotName(4)))); err != nil {
				t.Fatal(err)
			}
		},
		"another log's": func(t *testing.T, dir string) { put(t, dir, three, get(t, snapshotLog(t, "other"), three)) },
		"emptied":       func(t *testing.T, dir string) { put(t, dir, three, nil) },
		"huge": func(t *testing.T, dir string) {
			if err := os.Truncate(filepath.Join(dir, three), 1<<36); err != nil {
				t.Skip("no sparse files of 64 GiB here: ", err)
			}
		},
		"a folder": func(t *testing.T, dir string) {
			if err := errors.Join(os.Remove(filepath.Join(dir, three)), os.Mkdir(filepath.Join(dir, three), 0o700)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := snapshotLog(t, "log")
			damage(t, dir)
			s := openReplayed(t, dir)
			defer s.Close()
			if size, b, err := s.Snapshot(); code(err) != "STORE-SNAPSHOT-DAMAGED" || b != nil {
				t.Errorf("snapshot of %d is %q, %v", size, b, err)
			}
			if s.Head().Size != 4 {
				t.Errorf("the log has %d leaves", s.Head().Size)
			}
		})
	}
}

// TestOldSnapshotsAreRemoved counts the files, and leaves alone what is not ours.
func TestOldSnapshotsAreRemoved(t *testing.T) {
	dir := snapshotLog(t, "log")
	foreign := filepath.Join(dir, snapshotDir, "README")
	if err := os.WriteFile(foreign, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	// Left by a process that ended before any commit named it.
	left := filepath.Join(dir, filepath.FromSlash(snapshotName(4)))
	if err := os.WriteFile(left, []byte(strings.Repeat("left", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	s := openReplayed(t, dir)
	defer s.Close()
	if err := s.KeepSnapshot(4, []byte("new")); err != nil {
		t.Fatal(err)
	}
	names, err := s.files.Names(snapshotDir)
	want := []string{"0000000000000003", "0000000000000004", "README"}
	if err != nil || !slices.Equal(names, want) {
		t.Errorf("files %v, want %v; %v", names, want, err)
	}
	if b, err := os.ReadFile(left); err != nil || string(b) != "new" {
		t.Errorf("the new one is %.20q, %v", b, err)
	}
}

// TestFailedSnapshot makes every call of KeepSnapshot fail: the record that
// follows names the snapshot before, or a whole one.
func TestFailedSnapshot(t *testing.T) {
	for _, fault := range []error{syscall.EIO, syscall.ENOSPC} {
		for n := 1; ; n++ {
			files, h := sample(t, 6)
			s, err := Open("", tinyOptions(files))
			if err != nil {
				t.Fatal(err)
			}
			if err := h.verify(s); err != nil {
				t.Fatal(err)
			}
			before, size := h.named, s.Head().Size
			files.calls, files.failAt, files.fault = 0, n, fault
			failed := s.KeepSnapshot(size, snapshotOf(size))
			done := files.calls < n
			files.failAt = 0
			b := makeBatch(&h.tree, [][]byte{[]byte("one more")})
			if _, err := s.Commit(context.Background(), b); err != nil {
				t.Fatal(err)
			}
			h.leaves, h.made = append(h.leaves, b.Leaves...), h.made+1
			want := size
			if failed != nil {
				want = before
			}
			if got, _, err := s.Snapshot(); got != want || err != nil {
				t.Errorf("call %d, %v: snapshot of %d, want %d, %v", n, failed, got, want, err)
			}
			if err := s.Close(); err != nil || files.handles != 0 {
				t.Errorf("call %d: %d files left open, %v", n, files.handles, err)
			}
			if done {
				break
			}
		}
	}
}

//go:build unix

package server

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/envelope"
)

// TestPipesAreNoFiles puts a pipe in the place of each file, by itself and behind a
// link: nobody who reads the folder waits for what nobody writes, and none calls it
// sound.
func TestPipesAreNoFiles(t *testing.T) {
	t.Parallel()
	dir, backup := newLedger(t), fresh(t)
	r := serve(t, dir)
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	raw := newBOM(serialA, 1, "HR-87T")
	r.accepted(t, http.StatusCreated, signBOM(t, bomBody(t, vendor, raw), key), raw)
	r.tick(t, noon)
	r.end(t)
	if _, err := Save(t.Context(), dir, backup, BackupOptions{Keys: true}); err != nil {
		t.Fatal(err)
	}
	unread := []string{"lock", "log/lock", registrarName, registrarPub, trustName, ed25519Name, mldsa44Name, serviceName}
	for _, root := range []string{dir, backup} {
		var files []string
		err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			name, _ := filepath.Rel(root, path)
			if err == nil && d.Type().IsRegular() && !strings.HasPrefix(name, indexName+"/") && !slices.Contains(unread, filepath.ToSlash(name)) {
				files = append(files, path)
			}
			return err
		})
		if err != nil || len(files) < 6 {
			t.Fatal(len(files), err)
		}
		for i, path := range files {
			for _, link := range []bool{false, true} {
				if trials(t) == 1 && link != (i%2 == 0) {
					continue
				}
				kept := path + ".kept"
				if err := os.Rename(path, kept); err != nil {
					t.Fatal(err)
				}
				pipe := path
				if link {
					pipe = filepath.Join(t.TempDir(), "pipe")
				}
				err := syscall.Mkfifo(pipe, 0o600)
				if err == nil && link {
					err = os.Symlink(pipe, path)
				}
				if err != nil {
					t.Fatal(err)
				}
				name, _ := filepath.Rel(root, path)
				if e, err := Check(t.Context(), root, CheckOptions{}); err == nil && !e.Damaged() && filepath.Base(path) != backupName && !strings.HasPrefix(name, "log/derived/") {
					t.Errorf("a pipe for %s (link %t) is called sound", name, link)
				}
				if root == backup {
					if _, err := Restore(t.Context(), backup, fresh(t), RestoreOptions{}); err == nil && !strings.HasPrefix(name, blobsName) && !strings.HasPrefix(name, "log/clock") && name != "log/origin" {
						t.Errorf("a pipe for %s (link %t) is restored", name, link)
					}
				}
				if err := os.Remove(path); err == nil {
					err = os.Rename(kept, path)
					if err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
}

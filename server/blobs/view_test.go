package blobs_test

import (
	"bytes"
	"crypto/sha256"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/yurai-ledger/yurai/server/blobs"
)

// TestViewReadsAndChangesNothing reads beside a store that is open, whose
// unfinished writes stay.
func TestViewReadsAndChangesNothing(t *testing.T) {
	dir := t.TempDir()
	s, err := blobs.Open(dir, blobs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	content := []byte("a bill of materials")
	digest := sha256.Sum256(content)
	if err := s.Put(t.Context(), digest, bytes.NewReader(content), int64(len(content))); err != nil {
		t.Fatal(err)
	}
	unfinished := filepath.Join(dir, "tmp", "unfinished")
	if err := os.WriteFile(unfinished, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	view, err := blobs.View(dir, blobs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	blob, err := view.Get(t.Context(), digest)
	if err != nil || !bytes.Equal(blob.Bytes(), content) {
		t.Fatalf("Get = %v", err)
	}
	blob.Close()
	other := []byte("other bytes")
	if err := view.Put(t.Context(), sha256.Sum256(other), bytes.NewReader(other), int64(len(other))); err == nil {
		t.Error("a view took a blob")
	}
	if _, err := os.Stat(unfinished); err != nil {
		t.Errorf("an unfinished write is gone: %v", err)
	}
	files := 0
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			files++
		}
		return err
	})
	if err != nil || files != 2 {
		t.Errorf("%d files, %v; want 2", files, err)
	}
	if _, err := blobs.View(filepath.Join(dir, "absent"), blobs.Options{}); err == nil {
		t.Error("a folder that is not there was opened")
	}
}

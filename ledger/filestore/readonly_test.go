package filestore_test

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/yurai-ledger/yurai/ledger/filestore"
)

// TestReadOnlyChangesNothing writes over, behind and beside files of a folder:
// what was written is read back, and the folder is as it was.
func TestReadOnlyChangesNothing(t *testing.T) {
	dir := t.TempDir()
	old := bytes.Repeat([]byte("abcdefgh"), 1024)
	if err := os.WriteFile(filepath.Join(dir, "entries"), old, 0o400); err != nil {
		t.Fatal(err)
	}
	layer := filestore.ReadOnly(dir)
	if _, err := layer.Open("absent"); !os.IsNotExist(err) {
		t.Errorf("Open of an absent file: %v, want %v", err, fs.ErrNotExist)
	}
	f, err := layer.Open("entries")
	if err != nil {
		t.Fatal(err)
	}
	want := append(bytes.Clone(old), make([]byte, 5000)...)
	write := func(at int, s string) {
		if _, err := f.WriteAt([]byte(s), int64(at)); err != nil {
			t.Fatal(err)
		}
		copy(want[at:], s)
	}
	write(4090, "across a page")
	write(len(old)+4000, "behind the end")
	if err := f.Allocate(int64(len(want))); err != nil {
		t.Fatal(err)
	}
	again, err := layer.Open("entries")
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(want)+1)
	if n, err := again.ReadAt(got, 0); n != len(want) || err != io.EOF || !bytes.Equal(got[:n], want) {
		t.Errorf("ReadAt = %d, %v, equal %v; want %d, EOF", n, err, bytes.Equal(got[:n], want), len(want))
	}
	if _, err := layer.Create("made"); err != nil {
		t.Fatal(err)
	}
	if err := layer.MakeDir("folder"); err != nil {
		t.Fatal(err)
	}
	names, err := layer.Names(".")
	if err != nil || len(names) != 2 || names[0] != "entries" || names[1] != "made" {
		t.Errorf("Names = %q, %v", names, err)
	}
	now, err := os.ReadFile(filepath.Join(dir, "entries"))
	if err != nil || !bytes.Equal(now, old) {
		t.Errorf("the file on disk changed, %v", err)
	}
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 1 {
		t.Errorf("the folder holds %v, %v", list, err)
	}
}

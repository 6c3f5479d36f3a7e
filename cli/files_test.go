package cli

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/yurai-ledger/yurai/server/problem"
)

func content(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// codeIs reports whether err is a refusal with the code.
func codeIs(err error, code string) bool {
	return problem.Code(err) == code
}

func TestCreateFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a")
	if err := createFile(name, []byte("one"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := createFile(name, []byte("two"), 0o600); !codeIs(err, "CLI-FILE-EXISTS") {
		t.Errorf("creating twice: %v", err)
	}
	if err := keepOrCreate(name, []byte("one"), 0o600); err != nil {
		t.Errorf("the same content again: %v", err)
	}
	for _, other := range []string{"", "on", "ones", "two"} {
		if err := keepOrCreate(name, []byte(other), 0o600); !codeIs(err, "CLI-FILE-EXISTS") {
			t.Errorf("%q over %q: %v", other, "one", err)
		}
	}
	if got := content(t, name); got != "one" {
		t.Errorf("content %q", got)
	}
	if err := createFile(filepath.Join(dir, "absent", "a"), nil, 0o600); !codeIs(err, "CLI-FILE-UNWRITABLE") {
		t.Errorf("in a folder that is not there: %v", err)
	}
	link := filepath.Join(dir, "dangling")
	if err := os.Symlink(filepath.Join(dir, "nowhere"), link); err != nil {
		t.Fatal(err)
	}
	if err := createFile(link, []byte("x"), 0o600); !codeIs(err, "CLI-FILE-EXISTS") {
		t.Errorf("through a dangling link: %v", err)
	}
}

func TestReplaceFile(t *testing.T) {
	dir := t.TempDir()
	name, link := filepath.Join(dir, "a"), filepath.Join(dir, "link")
	for _, want := range []string{"one", "two"} {
		if err := replaceFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := content(t, name); got != want {
			t.Errorf("content %q, want %q", got, want)
		}
	}
	if err := os.Symlink(name, link); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(link, []byte("three"), 0o644); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 || content(t, name) != "three" {
		t.Errorf("a link was replaced: %v, %v", info, err)
	}
	for _, bad := range []string{filepath.Join(dir, "absent", "a"), dir} {
		if err := replaceFile(bad, nil, 0o644); !codeIs(err, "CLI-FILE-UNWRITABLE") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 2 {
		t.Errorf("the folder holds %v, %v: something unfinished stayed", list, err)
	}
}

// TestReplaceKeepsOthers: what is no file, such as a device given with -o, is
// never replaced by one. A socket stands for it here: it cannot be written into.
func TestReplaceKeepsOthers(t *testing.T) {
	name := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", name)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := replaceFile(name, []byte("x"), 0o644); !codeIs(err, "CLI-FILE-UNWRITABLE") {
		t.Errorf("writing to a socket: %v", err)
	}
	if info, err := os.Lstat(name); err != nil || info.Mode().Type() != fs.ModeSocket {
		t.Errorf("the socket became %v, %v", info, err)
	}
}

func TestReadLimits(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a")
	write(t, name, []byte("12345"))
	if raw, err := readFile(name, 5); err != nil || string(raw) != "12345" {
		t.Errorf("readFile = %q, %v", raw, err)
	}
	if _, err := readFile(name, 4); !codeIs(err, "CLI-FILE-LARGE") {
		t.Errorf("over the limit: %v", err)
	}
	if _, err := readFile(name+"x", 4); !codeIs(err, "CLI-FILE-UNREADABLE") || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
	if _, err := readFile(filepath.Dir(name), 4); !codeIs(err, "CLI-FILE-UNREADABLE") {
		t.Errorf("a folder: %v", err)
	}
}

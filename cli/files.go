package cli

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/yurai-ledger/yurai/server/problem"
)

// Bounds of files that are read.
const (
	maxKeyFile   = 64 << 10
	maxStateFile = 256 << 10
	maxPolicy    = 1 << 20
)

// readFile returns the content of a file of at most limit bytes.
func readFile(name string, limit int) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, refuse("CLI-FILE-UNREADABLE", "%s: %w", name, plainPath(err))
	}
	defer f.Close()
	return readAll(name, f, limit)
}

// readInput is readFile where "-" stands for standard input.
func (e *environment) readInput(name string, limit int) ([]byte, error) {
	if name == "-" {
		return readAll("standard input", e.stdin, limit)
	}
	return readFile(name, limit)
}

func readAll(name string, r io.Reader, limit int) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return nil, refuse("CLI-FILE-UNREADABLE", "%s: %w", name, plainPath(err))
	}
	if len(raw) > limit {
		return nil, refuse("CLI-FILE-LARGE", "%s has more than %d bytes", name, limit)
	}
	return raw, nil
}

// plainPath takes the operation and path off an error of the file system, which
// the caller names already.
func plainPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	var l *os.LinkError
	if errors.As(err, &l) {
		return l.Err
	}
	return err
}

// createFile writes a file that must not exist yet, and syncs it and its folder.
// What could not be written whole is removed.
func createFile(name string, content []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return refuse("CLI-FILE-EXISTS", "%s exists and is left as it is", name)
	}
	if err != nil {
		return refuse("CLI-FILE-UNWRITABLE", "%s: %w", name, plainPath(err))
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = syncFolder(filepath.Dir(name))
	}
	if err != nil {
		return errors.Join(refuse("CLI-FILE-UNWRITABLE", "%s: %w", name, plainPath(err)), os.Remove(name))
	}
	return nil
}

// keepOrCreate is createFile, but a file that has the content already is done.
func keepOrCreate(name string, content []byte, mode fs.FileMode) error {
	err := createFile(name, content, mode)
	if problem.Code(err) != "CLI-FILE-EXISTS" {
		return err
	}
	if old, readErr := readFile(name, len(content)); readErr == nil && bytes.Equal(old, content) {
		return nil
	}
	return err
}

// replaceFile writes a file whole or not at all: beside its name, synced, then
// renamed, and its folder synced. The rename is the commit point. A link is
// followed; what is no file, such as a device or a pipe, is written into and
// never replaced.
func replaceFile(name string, content []byte, mode fs.FileMode) error {
	if info, err := os.Stat(name); err == nil {
		if !info.Mode().IsRegular() {
			return writeInto(name, content)
		}
		if name, err = filepath.EvalSymlinks(name); err != nil {
			return refuse("CLI-FILE-UNWRITABLE", "%s: %w", name, plainPath(err))
		}
	}
	dir := filepath.Dir(name)
	f, err := os.CreateTemp(dir, "."+filepath.Base(name)+".*")
	if err != nil {
		return refuse("CLI-FILE-UNWRITABLE", "%s: %w", name, plainPath(err))
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(refuse("CLI-FILE-UNWRITABLE", "%s: %w", name, plainPath(err)), os.Remove(f.Name()))
	}
	if err := syncFolder(dir); err != nil {
		return refuse("CLI-FILE-UNWRITABLE", "%s: %w", name, plainPath(err))
	}
	return nil
}

// writeInto writes to a device, a pipe or the like.
func writeInto(name string, content []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err == nil {
		_, err = f.Write(content)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return refuse("CLI-FILE-UNWRITABLE", "%s: %w", name, plainPath(err))
	}
	return nil
}

// syncFolder makes names in a folder durable. Windows has no such call.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// swapSuffix returns name with the suffix from replaced by to, or to appended
// where name does not end in from.
func swapSuffix(name, from, to string) string {
	return strings.TrimSuffix(name, from) + to
}

package blobs

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// folder is what a store needs of a file system. Names are relative, with
// slashes. Nothing is durable before the call that says so.
type folder interface {
	// Temp makes a new empty file in the folder tmp.
	Temp() (temporary, error)
	// Open opens a regular file for reading; fs.ErrNotExist if there is none.
	Open(name string) (stored, error)
	// Remove removes a file; that none is there is no error.
	Remove(name string) error
	// Mkdir makes one folder; that it exists is no error.
	Mkdir(name string) error
	// Sync makes the names in a folder durable.
	Sync(name string) error
	// Clear removes every file in a folder.
	Clear(name string) error
}

// temporary is a file that nobody sees yet. Publish or Discard ends it.
type temporary interface {
	io.Writer
	// Sync makes what was written durable.
	Sync() error
	// Publish closes the file and gives it a name, replacing what had it.
	Publish(name string) error
	// Discard closes the file and removes it.
	Discard() error
}

// stored is a file open for reading.
type stored interface {
	io.ReadCloser
	// Size is the file's length in bytes when it was opened.
	Size() int64
}

// disk is a folder of the operating system. It is an [os.Root]: no name, and no
// symbolic link that somebody put there, leads out of it. Files are for the
// server's user alone, since held blobs are among them.
type disk struct{ root *os.Root }

// openDisk opens the folder and makes it, durably, if it is not there.
func openDisk(dir string) (*disk, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	var missing []string
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); err == nil {
			break
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		missing = append(missing, at)
	}
	for i := len(missing) - 1; i >= 0; i-- {
		if err := os.Mkdir(missing[i], 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		parent, err := os.Open(filepath.Dir(missing[i]))
		if err != nil {
			return nil, err
		}
		if err := errors.Join(parent.Sync(), parent.Close()); err != nil {
			return nil, err
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &disk{root}, nil
}

func (d *disk) Temp() (temporary, error) {
	name := tempFolder + "/" + rand.Text()
	f, err := d.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return &diskTemp{File: f, root: d.root, name: name}, nil
}

func (d *disk) Open(name string) (stored, error) {
	// Lstat first: opening a pipe that somebody put there would wait for ever.
	info, err := d.root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", name)
	}
	f, err := d.root.Open(name)
	if err != nil {
		return nil, err
	}
	return &diskFile{f, info.Size()}, nil
}

func (d *disk) Remove(name string) error {
	if err := d.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (d *disk) Mkdir(name string) error {
	if err := d.root.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

func (d *disk) Sync(name string) error {
	f, err := d.root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (d *disk) Clear(name string) error {
	f, err := d.root.Open(name)
	if err != nil {
		return err
	}
	names, err := f.Readdirnames(-1)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	for _, n := range names {
		if err := d.root.RemoveAll(name + "/" + n); err != nil {
			return err
		}
	}
	return nil
}

type diskTemp struct {
	*os.File
	root *os.Root
	name string
}

func (t *diskTemp) Publish(name string) error {
	if err := t.Close(); err != nil {
		return err
	}
	return t.root.Rename(t.name, name)
}

func (t *diskTemp) Discard() error {
	err := t.Close()
	if errors.Is(err, fs.ErrClosed) {
		err = nil // Publish got as far as closing it
	}
	return errors.Join(err, t.root.Remove(t.name))
}

type diskFile struct {
	*os.File
	size int64
}

func (f *diskFile) Size() int64 { return f.size }

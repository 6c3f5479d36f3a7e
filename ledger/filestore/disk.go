package filestore

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// ErrLocked is returned by [FS.Lock] when the lock is held already.
var ErrLocked = errors.New("the lock is held by another process")

// Disk is the FS of a folder of the operating system.
type Disk string

func (d Disk) path(name string) string { return filepath.Join(string(d), filepath.FromSlash(name)) }

// Open implements [FS].
func (d Disk) Open(name string) (File, error) { return openDisk(d.path(name), os.O_RDWR) }

// Create implements [FS]. The file is readable by its owner only.
func (d Disk) Create(name string) (File, error) {
	return openDisk(d.path(name), os.O_RDWR|os.O_CREATE)
}

func openDisk(path string, flag int) (File, error) {
	f, err := os.OpenFile(path, flag, 0o600)
	if err != nil {
		return nil, err
	}
	return diskFile{f}, nil
}

// openRegular opens a file to be read, and nothing else that bears its name: to open
// a pipe waits for whoever writes to it, for good.
func openRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("it is no regular file")}
	}
	return os.Open(path)
}

// Rename implements [FS].
func (d Disk) Rename(from, to string) error { return os.Rename(d.path(from), d.path(to)) }

// Remove implements [FS].
func (d Disk) Remove(name string) error { return os.Remove(d.path(name)) }

// Names implements [FS]. A symbolic link counts as the file that it leads to.
func (d Disk) Names(dir string) ([]string, error) {
	list, err := os.ReadDir(d.path(dir))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range list {
		if e.Type()&^fs.ModeSymlink == 0 {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// MakeDir implements [FS].
func (d Disk) MakeDir(dir string) error {
	err := os.Mkdir(d.path(dir), 0o700)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	return err
}

// SyncDir implements [FS].
func (d Disk) SyncDir(dir string) error { return syncDir(d.path(dir)) }

// Mark implements [FS]. It is made of the inode and, since a file system soon
// gives the inode of a deleted file to a new one, of the time of birth.
func (d Disk) Mark(name string) (uint64, error) {
	info, err := os.Stat(d.path(name))
	if err != nil {
		return 0, err
	}
	n := inode(info)
	if n == 0 {
		return 0, nil
	}
	b := binary.BigEndian.AppendUint64([]byte("yurai/mark/1\n"), n)
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(b, uint64(born(d.path(name)))))
	return binary.BigEndian.Uint64(sum[:]), nil
}

// Lock implements [FS].
func (d Disk) Lock(name string) (io.Closer, error) { return lockFile(d.path(name)) }

// diskFile is a File of the operating system.
type diskFile struct{ *os.File }

// Size implements [File].
func (f diskFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Allocate implements [File].
func (f diskFile) Allocate(size int64) error {
	have, err := f.Size()
	if err != nil || have >= size {
		return err
	}
	return allocate(f.File, have, size)
}

// Sync implements [File].
func (f diskFile) Sync() error { return syncFile(f.File) }

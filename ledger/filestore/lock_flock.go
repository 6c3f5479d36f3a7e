//go:build unix && !solaris && !aix

package filestore

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// lockFile takes flock(2), which belongs to the open file: two opens exclude
// each other within one process too, and the kernel lets go when it ends. The
// folder is locked with it, so that whoever deletes the file frees nothing.
func lockFile(path string) (io.Closer, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lock(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	switch err := lock(dir); {
	case errors.Is(err, ErrLocked):
		return nil, errors.Join(err, dir.Close(), f.Close())
	case err != nil: // no file system is bound to lock folders: the file's lock has to do
		if err := dir.Close(); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		return f, nil
	}
	return locks{f, dir}, nil
}

func lock(f *os.File) error {
	for {
		switch err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); {
		case err == unix.EINTR:
		case errors.Is(err, unix.EWOULDBLOCK):
			return ErrLocked
		default:
			return os.NewSyscallError("flock", err)
		}
	}
}

// locks is a locked file and its locked folder.
type locks struct{ file, dir *os.File }

func (l locks) Close() error { return errors.Join(l.dir.Close(), l.file.Close()) }

package index

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// pin reserves room under the write-ahead files of Badger that were not seen
// before. They are sparse and memory-mapped: a write to one on a disk that became
// full would end the process. What has no room is SERVER-INDEX-FULL; a file
// system that reserves nothing is left to the index's own reserve.
func (d *database) pin() *Error {
	names, err := filepath.Glob(filepath.Join(d.dir, "*.mem"))
	if err != nil {
		return nil // the pattern is good
	}
	for _, name := range names {
		if d.pinned[name] {
			continue
		}
		err := reserve(name)
		if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) || errors.Is(err, unix.EFBIG) {
			return fault("SERVER-INDEX-FULL", "reserving room for %s: %w", filepath.Base(name), err)
		}
		d.pinned[name] = true
	}
	return nil
}

// reserve gives blocks to all of a file.
func reserve(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil && info.Size() > 0 {
		err = unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, info.Size())
	}
	return errors.Join(err, f.Close())
}

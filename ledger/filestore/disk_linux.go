package filestore

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// syncFile flushes data and the metadata needed to read it, the length among
// them, but not times.
func syncFile(f *os.File) error {
	for {
		err := unix.Fdatasync(int(f.Fd()))
		if err != unix.EINTR {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}

// allocate reserves [from, to) and makes the file to bytes long.
func allocate(f *os.File, from, to int64) error {
	for {
		err := unix.Fallocate(int(f.Fd()), 0, from, to-from)
		switch {
		case err == unix.EINTR:
		case errors.Is(err, unix.EOPNOTSUPP) || err == unix.ENOSYS:
			return f.Truncate(to) // no room is promised then
		default:
			return os.NewSyscallError("fallocate", err)
		}
	}
}

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

// born returns when a file was made, in nanoseconds since 1970, 0 if the file
// system does not keep it.
func born(path string) int64 {
	var st unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, path, 0, unix.STATX_BTIME, &st); err != nil || st.Mask&unix.STATX_BTIME == 0 {
		return 0
	}
	return st.Btime.Sec*1e9 + int64(st.Btime.Nsec)
}

// allocate reserves [from, to), where from is the length of the file, and makes
// it to bytes long. Room that was only got in part is given back: the disk is not
// filled to the last byte for nothing.
func allocate(f *os.File, from, to int64) error {
	for {
		err := unix.Fallocate(int(f.Fd()), 0, from, to-from)
		switch {
		case err == unix.EINTR:
		case errors.Is(err, unix.EOPNOTSUPP) || err == unix.ENOSYS:
			return f.Truncate(to) // no room is promised then
		case err != nil:
			return errors.Join(os.NewSyscallError("fallocate", err), f.Truncate(from))
		default:
			return nil
		}
	}
}

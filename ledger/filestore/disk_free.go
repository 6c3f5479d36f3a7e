//go:build linux || darwin || freebsd

package filestore

import "golang.org/x/sys/unix"

// Free returns the bytes that an unprivileged user may still write to the file
// system of the folder.
func (d Disk) Free() (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(string(d), &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}

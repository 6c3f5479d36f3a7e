//go:build linux || darwin || freebsd

package blobs

import "golang.org/x/sys/unix"

// Free returns the bytes that an unprivileged user may still write.
func (d *disk) Free() (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(d.root.Name(), &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}

//go:build unix

package filestore

import (
	"errors"
	"os"
	"syscall"
)

// syncDir flushes the names in a folder.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// inode returns the file's number.
func inode(info os.FileInfo) uint64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Ino)
	}
	return 0
}

// outOfSpace reports an error that says that there is no room, after which the
// bytes that could not be written were not.
func outOfSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

// machine returns what the operating system calls this installation, or "".
func machine() string {
	b, err := os.ReadFile("/etc/machine-id")
	if err != nil {
		return ""
	}
	return string(b)
}

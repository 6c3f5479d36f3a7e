//go:build !unix

package filestore

import (
	"errors"
	"os"
	"syscall"
)

// syncDir does nothing: such a system has no way to ask for it.
func syncDir(string) error { return nil }

func inode(os.FileInfo) uint64 { return 0 }

func machine() string { return "" }

// outOfSpace knows ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL of Windows.
func outOfSpace(err error) bool {
	var errno syscall.Errno
	return errors.As(err, &errno) && (errno == 112 || errno == 39)
}

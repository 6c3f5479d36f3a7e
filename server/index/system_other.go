//go:build !linux && !darwin && !freebsd

package index

import (
	"errors"
	"os"
)

var errLocked = errors.New("the folder is in use")

// lockFile opens the file; this system has no lock that ends with the process.
func lockFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
}

func freeSpace(string) (int64, error) { return 0, errors.ErrUnsupported }

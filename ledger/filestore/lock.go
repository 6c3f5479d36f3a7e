package filestore

import "io"

// Lock takes the lock that a file stands for, making the file if it is not there,
// and holds it until the result is closed or the process ends. It returns
// [ErrLocked] if another has it. The file stays behind, empty.
func Lock(path string) (io.Closer, error) { return lockFile(path) }

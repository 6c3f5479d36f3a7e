package filestore

import "io"

// FS is the file layer below a Store: what it needs of a folder. Names are
// relative to that folder, with slashes. [Disk] is the real one; tests put
// layers between that cut power, tear writes and return errors.
type FS interface {
	// Open opens a file for reading and writing. A file that is not there is
	// fs.ErrNotExist.
	Open(name string) (File, error)

	// Create opens a file like Open and makes it, empty, if it is not there. The
	// new name is durable after SyncDir of its folder.
	Create(name string) (File, error)

	// Names returns the names of the files of a folder, sorted.
	Names(dir string) ([]string, error)

	// MakeDir makes a folder if it is not there.
	MakeDir(dir string) error

	// SyncDir makes the names in a folder durable. "." is the folder itself.
	SyncDir(dir string) error

	// Inode returns the number by which the file system knows a file or folder,
	// 0 where there is no such thing. A copy has another.
	Inode(name string) (uint64, error)

	// Lock takes the exclusive lock of a file, which it makes if need be, and
	// holds it until closed or until the process ends. If somebody else holds it,
	// the answer is ErrLocked, at once.
	Lock(name string) (io.Closer, error)
}

// File is one open file.
type File interface {
	io.ReaderAt
	io.WriterAt

	// Size returns the length in bytes.
	Size() (int64, error)

	// Allocate makes the file at least size bytes long and reserves the room, so
	// that writing there cannot fail for want of space where the file system can
	// promise that. What is new reads as zeros.
	Allocate(size int64) error

	// Sync returns when what was written, and what is needed to read it, would
	// survive the loss of power. After an error nothing is known about what was
	// written since the last Sync, and a later success means nothing.
	Sync() error

	Close() error
}

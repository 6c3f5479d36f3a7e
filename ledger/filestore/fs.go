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

	// Rename gives a file another name in the same folder, in one step. The new
	// name is durable after SyncDir of the folder; until then the file may bear
	// either name after a crash.
	Rename(from, to string) error

	// Remove removes a file. Until SyncDir of its folder it may be there again after
	// a crash. A file that is not there is fs.ErrNotExist.
	Remove(name string) error

	// Names returns the names of the files of a folder, sorted.
	Names(dir string) ([]string, error)

	// MakeDir makes a folder if it is not there.
	MakeDir(dir string) error

	// SyncDir makes the names in a folder durable. "." is the folder itself.
	SyncDir(dir string) error

	// Mark returns a number by which a file or folder differs from its copies and
	// from whatever may take its place later, 0 where there is no such thing. It
	// does not change while the file exists, also when it is renamed.
	Mark(name string) (uint64, error)

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

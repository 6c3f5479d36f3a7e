package mirror

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/filestore"
)

// Format is the first line of the file mirror.
const Format = "yurai-mirror/1"

// Names in the folder of a mirror.
const (
	markName       = "mirror"
	logName        = "log"
	checkpointName = "checkpoint"
	newSuffix      = ".new" // of a file being written
)

func invalid(format string, args ...any) error {
	return ledger.Refuse("MIRROR-FOLDER-INVALID", format, args...)
}

// Origin returns the origin of the log that the folder dir is a mirror of, "" if
// the folder is absent or empty. Any other folder is MIRROR-FOLDER-INVALID.
func Origin(dir string) (string, error) {
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", invalid("%s cannot be read: %w", dir, err)
	}
	others := 0
	for _, f := range list {
		if f.Name() != markName+newSuffix { // a beginning that was cut off
			others++
		}
	}
	if others == 0 {
		return "", nil
	}
	return readMark(filestore.Disk(dir))
}

func readMark(files filestore.FS) (string, error) {
	raw, err := readFile(files, markName, len(Format)+ledger.MaxOrigin+2)
	if errors.Is(err, fs.ErrNotExist) {
		return "", invalid("the folder holds something, and no mirror: %w", err)
	}
	if err != nil {
		return "", invalid("the file %s cannot be read: %w", markName, err)
	}
	format, rest, _ := strings.Cut(string(raw), "\n")
	origin, ok := strings.CutSuffix(rest, "\n")
	if format != Format || !ok || ledger.CheckOrigin(origin) != nil {
		return "", invalid("the file %s is not of format %s", markName, Format)
	}
	return origin, nil
}

// Checkpoint returns the checkpoint that a mirror of the log in the folder dir
// serves, verified under the log's keys: the log had come this far at the least.
// It takes no lock. A mirror that has not pulled anything yet is fs.ErrNotExist.
func Checkpoint(dir string, log ledger.TrustedLog) (ledger.Signed, error) {
	return readCheckpoint(filestore.Disk(dir), log)
}

func readCheckpoint(files filestore.FS, log ledger.TrustedLog) (ledger.Signed, error) {
	raw, err := readFile(files, checkpointName, ledger.MaxCheckpoint)
	if err != nil {
		return ledger.Signed{}, err
	}
	return ledger.OpenSigned(raw, log.Origin, log.Keys...)
}

// readFile returns the content of a file of at most limit bytes.
func readFile(files filestore.FS, name string, limit int) ([]byte, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	size, err := f.Size()
	if err == nil && size > int64(limit) {
		err = invalid("the file %s has more than %d bytes", name, limit)
	}
	raw := make([]byte, min(size, int64(limit)))
	if err == nil {
		if _, err = f.ReadAt(raw, 0); errors.Is(err, io.EOF) {
			err = nil
		}
	}
	return raw, errors.Join(err, f.Close())
}

// replaceFile gives a file this content, durably and in one step: the renaming.
func replaceFile(files filestore.FS, name string, content []byte) error {
	next := name + newSuffix
	if err := files.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := files.Create(next)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(content, 0)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := files.Rename(next, name); err != nil {
		return err
	}
	return files.SyncDir(".")
}

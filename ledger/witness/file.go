package witness

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"github.com/yurai-ledger/yurai/ledger/filestore"
)

// errUnchanged is wrapped by errors of replace after which the file is certain to
// be what it was before. After any other it is the old or the new one.
var errUnchanged = errors.New("nothing was changed")

// replace gives a file new content, whole or not at all, and returns when it would
// survive the loss of power. The commit point is the sync of the folder; after the
// renaming a crash may show either content.
func replace(disk filestore.FS, name string, content []byte) error {
	fresh := name + ".new"
	if err := writeNew(disk, fresh, content); err != nil {
		return fmt.Errorf("writing %s: %w: %w", fresh, errUnchanged, err)
	}
	if err := disk.Rename(fresh, name); err != nil {
		return fmt.Errorf("renaming %s: %w", fresh, err)
	}
	if err := disk.SyncDir(path.Dir(name)); err != nil {
		return fmt.Errorf("syncing the folder of %s: %w", name, err)
	}
	return nil
}

// writeNew writes a file that has this content and no other, and syncs it. Its
// name is not durable yet. What a process that ended left under it is removed.
func writeNew(disk filestore.FS, name string, content []byte) error {
	if err := disk.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := disk.Create(name)
	if err != nil {
		return err
	}
	if _, err := f.WriteAt(content, 0); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	return f.Close()
}

// readWhole returns the content of a file of at most limit bytes.
func readWhole(disk filestore.FS, name string, limit int64) ([]byte, error) {
	f, err := disk.Open(name)
	if err != nil {
		return nil, err
	}
	size, err := f.Size()
	if err == nil && size > limit {
		err = fmt.Errorf("%s has more than %d bytes", name, limit)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	b := make([]byte, size)
	if n, err := f.ReadAt(b, 0); err != nil && (err != io.EOF || n < len(b)) {
		return nil, errors.Join(err, f.Close())
	}
	return b, f.Close()
}

package blobs

import (
	"fmt"
	"os"

	"golang.org/x/sync/semaphore"
)

// View returns the store in an existing folder for reading alone: it makes,
// syncs and removes nothing, so that an auditor can read beside the process that
// has the folder open. Put and Check refuse as after a folder that could not be
// synced.
func View(dir string, o Options) (*Store, error) {
	if o.MaxSize == 0 {
		o.MaxSize = 32 << 20
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening blobs: %w", err)
	}
	total := max(o.Memory, o.MaxSize+2*working)
	s := &Store{files: &disk{root}, maxSize: o.MaxSize, memory: semaphore.NewWeighted(total), total: total}
	s.unsafe.Store(true)
	return s, nil
}

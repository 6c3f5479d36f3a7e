package filestore

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

// snapshotDir is the folder of the guard's snapshots, one file each. A file is
// whole and durable under its name before a record names it, and is never
// written again: what counts is the digest in the record.
const snapshotDir = "snapshots"

// naming is what a record says of a snapshot; the zero value names none.
type naming struct {
	size   int64 // at which it was taken
	digest [32]byte
}

// snapshots are the namings that the writer of snapshots and the committer have
// in common.
type snapshots struct {
	mu    sync.Mutex // a naming is read and replaced as a whole
	named naming     // by the last committed record
	kept  naming     // durable since; the next record names it
}

// next returns what the next record is to name.
func (s *snapshots) next() naming {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept.size > s.named.size {
		return s.kept
	}
	return s.named
}

// committed says what the last record names.
func (s *snapshots) committed(n naming) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.named = n
}

func (s *snapshots) now() naming {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.named
}

func snapshotName(size int64) string { return fmt.Sprintf("%s/%016x", snapshotDir, size) }

// Snapshot implements [sequencer.SnapshotStore]. A snapshot that is missing or
// is not the one that the record names is STORE-SNAPSHOT-DAMAGED.
func (s *Store) Snapshot() (size int64, content []byte, err error) {
	n := s.snapshots.now()
	if n.size == 0 {
		return 0, nil, nil
	}
	f, err := s.files.Open(snapshotName(n.size))
	if err == nil {
		content, err = read(f, sequencer.MaxSnapshot)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return n.size, nil, ledger.Refuse("STORE-SNAPSHOT-DAMAGED", "the snapshot of %d leaves cannot be read: %w", n.size, err)
	}
	if sha256.Sum256(content) != n.digest {
		return n.size, nil, ledger.Refuse("STORE-SNAPSHOT-DAMAGED", "the snapshot of %d leaves is not the one that the journal names", n.size)
	}
	return n.size, content, nil
}

// KeepSnapshot implements [sequencer.SnapshotStore]. Files of snapshots that no
// record will be asked for again are removed first, so that there are three at
// most. A failed sync is no danger here: the file is not named then.
func (s *Store) KeepSnapshot(size int64, content []byte) error {
	named := s.snapshots.now()
	switch head := s.Head().Size; {
	case size <= named.size || size > head:
		return fmt.Errorf("snapshot of %d leaves of a log of %d, after that of %d", size, head, named.size)
	case len(content) == 0 || len(content) > sequencer.MaxSnapshot:
		return fmt.Errorf("snapshot of %d bytes", len(content))
	}
	if err := s.dropSnapshots(named.size, size); err != nil {
		return err
	}
	if err := s.Room(); err != nil {
		return err
	}
	if err := s.points.At(sequencer.StepSnapshot, false); err != nil {
		return err
	}
	name := snapshotName(size)
	if err := writeFile(s.files, name, content); err != nil {
		return fmt.Errorf("writing a snapshot: %w", errors.Join(err, s.files.Remove(name)))
	}
	if err := s.files.SyncDir(snapshotDir); err != nil {
		return err
	}
	s.snapshots.mu.Lock()
	s.snapshots.kept = naming{size, sha256.Sum256(content)}
	s.snapshots.mu.Unlock()
	return s.points.At(sequencer.StepSnapshot, true)
}

// dropSnapshots removes the files of snapshots older than the one that the last
// record names, and what an earlier process left that was never named. What lies
// between is kept: a record that names it may be being written.
func (s *Store) dropSnapshots(named, size int64) error {
	names, err := s.files.Names(snapshotDir)
	if err != nil {
		return err
	}
	for _, name := range names {
		at, err := strconv.ParseInt(name, 16, 64)
		if err != nil || snapshotName(at) != snapshotDir+"/"+name {
			continue // not ours
		}
		if at < named || at >= size {
			if err := s.files.Remove(snapshotName(at)); err != nil {
				return err
			}
		}
	}
	return nil
}

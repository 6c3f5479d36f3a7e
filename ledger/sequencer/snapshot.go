package sequencer

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/yurai-ledger/yurai/ledger"
)

// SnapshotEvery is the number of leaves after which the guard's state is put
// down again, unless [Config] says otherwise. It bounds what an opening replays
// through the guard to little more than that many leaves, which takes part of a
// second.
const SnapshotEvery = 32768

// MaxSnapshot is the length in bytes up to which a snapshot is kept.
const MaxSnapshot = 64 << 20

// Snapshotter is a [Guard] whose state can be put down and taken up again.
type Snapshotter interface {
	Guard

	// Snapshot is called between a Keep and the next Propose, and returns at once.
	// encode gives the state as it is now; another goroutine calls it, while the
	// guard goes on.
	Snapshot() (encode func() []byte)

	// Restore brings the guard, which was asked nothing yet, to the state of a
	// snapshot that was taken when the log had size leaves. leaf returns leaves
	// below that, checked against the tree; it is cheapest in ascending order, and
	// the bytes may be kept. After an error the guard is as it was before.
	Restore(snapshot []byte, size int64, leaf func(index int64) ([]byte, error)) error
}

// SnapshotStore is a [Store] that keeps the guard's snapshots too. They are
// opaque to it. With them opening is faster, and nothing else: a log can be
// opened without any.
type SnapshotStore interface {
	Store

	// Snapshot returns the snapshot that the last commit names, and the size of
	// the log at which it was taken; 0 if none is named. One that is not there, or
	// has other bytes than were kept, is an error.
	Snapshot() (size int64, content []byte, err error)

	// KeepSnapshot keeps a snapshot of 1 to MaxSnapshot bytes, taken at a committed
	// size above that of the one that is named. It returns when it would survive
	// the loss of power; the next commit that begins afterwards names it, and only
	// then may the one before be dropped. After an error no commit names it. It is
	// never called twice at a time, and may run beside Commit.
	KeepSnapshot(size int64, content []byte) error
}

// snapshots takes the guard's state up when the log is opened, and puts it down
// now and then while it runs.
type snapshots struct {
	guard Snapshotter
	store SnapshotStore
	every int64 // leaves

	// The rest belongs to Run.
	last    int64         // size at which the newest was taken, or tried
	writing chan struct{} // closed when that is kept or given up; nil before the first
}

// newSnapshots returns nil if the guard or the store has no snapshots.
func newSnapshots(c Config) *snapshots {
	guard, ok := c.Guard.(Snapshotter)
	store, also := c.Store.(SnapshotStore)
	if !ok || !also {
		return nil
	}
	s := &snapshots{guard: guard, store: store, every: c.SnapshotEvery}
	if s.every <= 0 {
		s.every = SnapshotEvery
	}
	return s
}

// restore takes up the newest snapshot and returns its size. Whatever is wrong
// with it, the guard then begins with nothing, at 0.
func (s *snapshots) restore(ctx context.Context, logger *slog.Logger) int64 {
	if s == nil {
		return 0
	}
	size, content, err := s.store.Snapshot()
	if err == nil && size == 0 {
		return 0
	}
	if head := s.store.Head().Size; err == nil && (size < 0 || size > head) {
		err = fmt.Errorf("snapshot was taken at size %d of a log of %d", size, head)
	}
	if err == nil {
		r := bundleReader{store: s.store, size: size, index: -1}
		err = s.guard.Restore(content, size, r.leaf)
	}
	if err != nil {
		logger.LogAttrs(ctx, slog.LevelWarn, "snapshot of the guard's state not used, the log is replayed from its first leaf",
			slog.Int64("size", size), slog.String("reason", err.Error()))
		return 0
	}
	s.last = size
	return size
}

// take puts the guard's state down if that is due and the last one is written.
// The batch of which it is called is committed and answered.
func (s *snapshots) take(ctx context.Context, logger *slog.Logger, size int64) {
	if s == nil || size-s.last < s.every {
		return
	}
	if s.writing != nil {
		select {
		case <-s.writing:
		default:
			return
		}
	}
	encode, writing := s.guard.Snapshot(), make(chan struct{})
	s.last, s.writing = size, writing
	go func() { // the snapshot writer; wait awaits it
		defer close(writing)
		content := encode()
		err := s.store.KeepSnapshot(size, content)
		if err != nil {
			logger.LogAttrs(ctx, slog.LevelWarn, "snapshot of the guard's state not kept", slog.Int64("size", size), slog.String("reason", err.Error()))
			return
		}
		logger.LogAttrs(ctx, slog.LevelDebug, "snapshot of the guard's state kept", slog.Int64("size", size), slog.Int("bytes", len(content)))
	}()
}

// wait returns when no snapshot is being written.
func (s *snapshots) wait() {
	if s != nil && s.writing != nil {
		<-s.writing
	}
}

// bundleReader reads leaves below a size, a bundle at a time.
type bundleReader struct {
	store  Store
	size   int64
	index  int64 // of the bundle in leaves, -1 if there is none
	leaves [][]byte
}

// leaf returns the leaf at an index.
func (r *bundleReader) leaf(index int64) ([]byte, error) {
	if index < 0 || index >= r.size {
		return nil, fmt.Errorf("no leaf %d below %d", index, r.size)
	}
	if bundle := index / ledger.TileWidth; bundle != r.index {
		b, err := r.store.Bundle(bundle, int(min(r.size-bundle*ledger.TileWidth, ledger.TileWidth)))
		if err != nil {
			return nil, err
		}
		leaves, err := ledger.ParseBundle(b)
		if err != nil {
			return nil, err
		}
		r.index, r.leaves = bundle, leaves
	}
	return r.leaves[index%ledger.TileWidth], nil
}

package mirror

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/audit"
	"github.com/yurai-ledger/yurai/ledger/filestore"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

// Options say what is mirrored. Log and Clock are needed.
type Options struct {
	Log    ledger.TrustedLog
	Clock  func() time.Time
	Logger *slog.Logger // nil discards

	Files filestore.FS // layer of the folder instead of the disk, for tests
	Store filestore.FS // of log/ within it
}

// Mirror is a copy of a log that this process holds open. [Mirror.Pull] belongs
// to one goroutine; the reading methods may be called at any time, and answer for
// what the newest whole checkpoint covers.
type Mirror struct {
	log    ledger.TrustedLog
	clock  func() time.Time
	logger *slog.Logger
	files  filestore.FS
	store  *filestore.Store

	published atomic.Pointer[ledger.Signed] // nil before the first whole pull

	edge *ledger.Range // of the stored tree; Pull's
}

// Open opens the mirror in the folder dir and makes it where the folder is absent
// or empty. It verifies what lies there: the log as filestore.Open does, and that
// its entries give the root of the stored checkpoint. Refused are
//
//	MIRROR-FOLDER-INVALID  the folder is no mirror, or a file of it is damaged
//	MIRROR-LOG-OTHER       it is a mirror of another log
//	STORE-FOLDER-LOCKED    another process has it open
//
// and what filestore.Open refuses.
func Open(ctx context.Context, dir string, o Options) (*Mirror, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	m := &Mirror{log: o.Log, clock: o.Clock, logger: o.Logger, files: o.Files}
	origin := ""
	var err error
	if m.files == nil {
		if origin, err = Origin(dir); err != nil {
			return nil, err
		}
		// filestore.Create makes the name of the folder durable together with its own.
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, invalid("%s cannot be made: %w", dir, err)
		}
		m.files = filestore.Disk(dir)
	} else if origin, err = readMark(m.files); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	switch origin {
	case "":
		if err := replaceFile(m.files, markName, []byte(Format+"\n"+o.Log.Origin+"\n")); err != nil {
			return nil, fmt.Errorf("making the folder of the mirror: %w", err)
		}
	case o.Log.Origin:
	default:
		return nil, ledger.Refuse("MIRROR-LOG-OTHER", "%s is a mirror of %q, not of %q", dir, origin, o.Log.Origin)
	}
	head, err := readCheckpoint(m.files, m.log)
	fresh := errors.Is(err, fs.ErrNotExist)
	if err != nil && !fresh {
		return nil, invalid("the stored checkpoint: %w", err)
	}
	options := filestore.Options{Origin: o.Log.Origin, Logger: o.Logger, FS: o.Store}
	path := filepath.Join(dir, logName)
	if fresh { // else the log was there, and if it is not it was lost
		if err := filestore.Create(path, options, m.clock()); err != nil && code(err) != "STORE-FOLDER-EXISTS" {
			return nil, err
		}
	}
	if m.store, err = filestore.Open(path, options); err != nil {
		return nil, err
	}
	if err := m.begin(ctx, head, fresh); err != nil {
		return nil, errors.Join(err, m.store.Close())
	}
	return m, nil
}

// begin holds the stored checkpoint against the stored entries.
func (m *Mirror) begin(ctx context.Context, head ledger.Signed, fresh bool) error {
	stored := m.store.Head()
	// Nobody asks a mirror for duplicates: the identity of a leaf is its hash.
	err := m.store.Replay(ctx, stored.Size, func(_ int64, leaf []byte) ([32]byte, error) { return ledger.LeafHash(leaf), nil })
	if err != nil {
		return err
	}
	if m.edge, err = ledger.NewRange(nodes{m.store}, stored.Size); err != nil {
		return err
	}
	if root := m.edge.Root(); root != stored.Root {
		return invalid("the stored tiles give root %v at %d entries, the journal %v", root, stored.Size, stored.Root)
	}
	if fresh {
		return nil
	}
	if head.Size > stored.Size {
		return invalid("the stored checkpoint covers %d entries, of which %d are here", head.Size, stored.Size)
	}
	root, err := ledger.TreeRoot(nodes{m.store}, head.Size)
	if err != nil {
		return err
	}
	if root != head.Root {
		return invalid("the stored entries give root %v at %d, the checkpoint says %v", root, head.Size, head.Root)
	}
	m.published.Store(&head)
	return nil
}

// code returns the stable code of an error, "" if it has none.
func code(err error) string {
	var coded interface{ Code() string }
	if errors.As(err, &coded) {
		return coded.Code()
	}
	return ""
}

// Close gives the folder back. Nothing may be called afterwards.
func (m *Mirror) Close() error { return m.store.Close() }

// Log returns the log and the keys that it is trusted by.
func (m *Mirror) Log() ledger.TrustedLog { return m.log }

// Signed returns the checkpoint that is served, and false before the first pull
// was whole. Its note is as the log served it.
func (m *Mirror) Signed() (ledger.Signed, bool) {
	if p := m.published.Load(); p != nil {
		return *p, true
	}
	return ledger.Signed{}, false
}

// Size returns the number of entries that are served.
func (m *Mirror) Size() int64 {
	head, _ := m.Signed()
	return head.Size
}

// Stored returns the number of entries that are stored and proven: more than are
// served if a pull was cut off.
func (m *Mirror) Stored() int64 { return m.store.Head().Size }

// Tile implements [audit.Source]: the first width hashes of a tile, verified. What
// is not served is LOG-TILE-ABSENT.
func (m *Mirror) Tile(_ context.Context, level int, index int64, width int) ([]byte, error) {
	count := int64(0)
	if level >= 0 && level < 8 {
		count = m.Size() >> (ledger.TileHeight * level)
	}
	if err := within(ledger.Tile{Level: level, Index: index, Width: width}, count); err != nil {
		return nil, err
	}
	return m.store.Tile(level, index, width)
}

// Bundle implements [audit.Source]: the first width leaves of an entry bundle,
// verified. What is not served is LOG-TILE-ABSENT.
func (m *Mirror) Bundle(_ context.Context, index int64, width int) ([]byte, error) {
	if err := within(ledger.Tile{Index: index, Width: width, Bundle: true}, m.Size()); err != nil {
		return nil, err
	}
	return m.store.Bundle(index, width)
}

var _ audit.Source = (*Mirror)(nil)

// Leaves calls visit for each stored entry from index from on and below size, in
// order. An error of visit ends it and is returned unchanged. The leaf is visit's
// to keep.
func (m *Mirror) Leaves(ctx context.Context, from, size int64, visit func(index int64, leaf []byte) error) error {
	size = min(size, m.Stored())
	for at := max(from, 0); at < size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		first := at - at%ledger.TileWidth
		raw, err := m.store.Bundle(first/ledger.TileWidth, int(min(ledger.TileWidth, size-first)))
		if err != nil {
			return err
		}
		leaves, err := ledger.ParseBundle(raw)
		if err != nil {
			return err
		}
		for _, leaf := range leaves[at-first:] {
			if err := visit(at, leaf); err != nil {
				return err
			}
			at++
		}
	}
	return nil
}

// within holds a request against the number of hashes or leaves served.
func within(t ledger.Tile, count int64) error {
	if t.Index < 0 || t.Width < 1 || t.Width > ledger.TileWidth || t.Index > count/ledger.TileWidth || t.Index*ledger.TileWidth+int64(t.Width) > count {
		return ledger.Refuse("LOG-TILE-ABSENT", "%s is not in the mirror", t.Path())
	}
	return nil
}

// nodes reads nodes of the stored tree.
type nodes struct{ store sequencer.Store }

// ReadHash implements [ledger.HashReader].
func (n nodes) ReadHash(level int, index int64) (ledger.Hash, error) {
	row, height := level/ledger.TileHeight, level%ledger.TileHeight
	first := index << height
	tile, err := n.store.Tile(row, first/ledger.TileWidth, int(first%ledger.TileWidth)+1<<height)
	if err != nil {
		return ledger.Hash{}, err
	}
	return ledger.TileNode(tile, height, index%(ledger.TileWidth>>height))
}

package filestore

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

// InlineLimit is the number of bytes of entries up to which a batch rides in its
// journal record, so that one sync commits it; above, the entries are synced
// first and then the record. ledger/TESTING.md has the measurement behind it.
const InlineLimit = 160 << 10

// Options say how a store is opened. Origin is needed; the rest may stay zero.
type Options struct {
	Origin string       // log origin; a folder of another log is refused
	Logger *slog.Logger // nil discards
	FS     FS           // file layer instead of the folder, for tests

	// Reserve is the free space in bytes below which nothing is committed: a
	// commit is then STORE-SPACE-LOW, and changes nothing. 0 is none. A disk that
	// is full all the same is STORE-DISK-FULL.
	Reserve int64

	// FailPoint is called at each step of a commit, for tests.
	FailPoint sequencer.FailPoint

	inline  *int    // InlineLimit, for measuring
	layout  *layout // for tests
	inOrder bool    // nothing runs beside the commits, so that tests can be repeated
}

func (o Options) withDefaults(dir string) Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.FS == nil {
		o.FS = Disk(dir)
	}
	if o.layout == nil {
		l := standard
		o.layout = &l
	}
	if o.inline == nil {
		n := InlineLimit
		o.inline = &n
	}
	return o
}

// Store is a log in a folder. It implements [sequencer.Store].
type Store struct {
	files    FS
	origin   string
	layout   layout
	inline   int
	logger   *slog.Logger
	lock     io.Closer
	instance Instance
	reserve  int64
	points   sequencer.FailPoint

	// view is what readers see: it is replaced when a commit is durable.
	view     atomic.Pointer[view]
	segments *segments
	derived  *derived
	table    table
	checked  checked

	snapshots snapshots

	// The rest belongs to the writer.
	journal   journal
	ahead     ahead
	scratch   []byte // of entries
	replayed  bool
	derivedTo int64 // leaves below it are durable in the derived files
	settling  int64 // what derivedTo will be when they are synced
	unsettled bool  // they are not synced any more
	failed    error // why nothing can be committed any more
}

// view is a committed state. Its slices are only ever appended to.
type view struct {
	head    sequencer.Head
	start   int64 // position of the segment that holds the last leaf
	end     int64 // position behind the last leaf
	edge    sequencer.Edge
	offsets []int64 // see growth
}

var _ sequencer.SnapshotStore = (*Store)(nil)

// Create makes the folder of an empty log, and the folder's parents if need be.
// It refuses a folder that holds a log already (STORE-FOLDER-EXISTS). If it is
// interrupted it can be called again. at is recorded as the time of record 0.
func Create(dir string, o Options, at time.Time) error {
	if o.FS == nil {
		if err := makeFolder(dir); err != nil {
			return err
		}
	}
	o = o.withDefaults(dir)
	if err := ledger.CheckOrigin(o.Origin); err != nil {
		return err
	}
	if err := checkTime(at); err != nil {
		return err
	}
	lock, err := takeLock(o.FS)
	if err != nil {
		return err
	}
	return errors.Join(create(o, at), lock.Close())
}

func create(o Options, at time.Time) error {
	names, err := journalSegments(o.FS)
	if err != nil {
		return err
	}
	entries, err := o.FS.Names("entries")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(names)+len(entries) > 0 {
		return ledger.Refuse("STORE-FOLDER-EXISTS", "the folder holds a log already")
	}
	origin := sha256.Sum256([]byte(o.Origin))
	for _, dir := range []string{"entries", "journal", "derived", snapshotDir, "aside"} {
		if err := o.FS.MakeDir(dir); err != nil {
			return err
		}
	}
	if err := writeFile(o.FS, "origin", []byte(o.Origin+"\n")); err != nil {
		return err
	}
	inst, err := newInstance(o.FS)
	if err != nil {
		return err
	}
	if err := writeFile(o.FS, instanceName, inst.marshal()); err != nil {
		return err
	}
	if err := o.FS.SyncDir("."); err != nil {
		return err
	}
	j := journal{files: o.FS, origin: origin, capacity: o.layout.journal}
	j.last = Record{Root: ledger.EmptyRoot, Time: at.UTC(), Epoch: inst.Epoch, Origin: origin}
	if err := j.begin(); err != nil {
		return err
	}
	return j.file.Close()
}

// makeFolder makes a folder and its parents, each durable in its own parent: also
// one that is there, since whoever made it may have been interrupted.
func makeFolder(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	parent := filepath.Dir(dir)
	if parent == dir {
		return nil
	}
	if err := makeFolder(parent); err != nil {
		return err
	}
	stood := true
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		err = Disk(parent).MakeDir(filepath.Base(dir))
		stood = false
		if err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	err = syncDir(parent)
	if stood && (errors.Is(err, fs.ErrPermission) || errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL)) {
		return nil // a folder of the system's, which this process neither made nor may sync
	}
	return err
}

// checkTime refuses what a record cannot hold.
func checkTime(t time.Time) error {
	if y := t.UTC().Year(); y < 1970 || y > 2261 {
		return fmt.Errorf("the clock says %s; only the years 1970 to 2261 can be recorded", t.UTC().Format(time.RFC3339))
	}
	return nil
}

// writeFile writes a small file that nobody reads before its folder was synced.
func writeFile(files FS, name string, content []byte) error {
	f, err := files.Create(name)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(content, 0)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func takeLock(files FS) (io.Closer, error) {
	lock, err := files.Lock("lock")
	if errors.Is(err, ErrLocked) {
		return nil, ledger.Refuse("STORE-FOLDER-LOCKED", "another process has the log's folder open: %w", err)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ledger.Refuse("STORE-FOLDER-ABSENT", "there is no log's folder: %w", err)
	}
	return lock, err
}

// Open opens the log in a folder. It takes the folder's lock, verifies the newest
// journal segment, writes and syncs again what a crash may have left in memory
// only, makes the derived files good where they lag behind, and compares the
// root with the journal's. What it cannot prove to be the committed log it
// refuses, with one of
//
//	STORE-FOLDER-LOCKED    another process has it open
//	STORE-FOLDER-ABSENT    no log was ever made there
//	STORE-FOLDER-ORIGIN    it is another log's
//	STORE-VERSION-UNKNOWN  written by a newer program
//	STORE-JOURNAL-DAMAGED  a committed record cannot be read
//	STORE-ENTRIES-MISSING  entries end before what the journal names
//	STORE-ROOT-MISMATCH    entries give another root than the journal's
func Open(dir string, o Options) (*Store, error) {
	o = o.withDefaults(dir)
	lock, err := takeLock(o.FS)
	if err != nil {
		return nil, err
	}
	s := &Store{
		files: o.FS, origin: o.Origin, layout: *o.layout, inline: *o.inline, logger: o.Logger,
		lock: lock, segments: newSegments(o.FS, *o.layout), reserve: o.Reserve, points: o.FailPoint,
	}
	s.ahead.inOrder = o.inOrder
	if err := s.recover(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Head implements [sequencer.Store].
func (s *Store) Head() sequencer.Head { return s.view.Load().head }

// Instance returns where the log is and whether it was there when it was made.
func (s *Store) Instance() Instance { return s.instance }

// Close closes the files and gives the folder's lock back. There is nothing to
// sync: what was acknowledged is durable. Nothing may be called afterwards.
func (s *Store) Close() error {
	for _, t := range []*task{&s.ahead.draft, &s.ahead.settle} {
		_, _ = t.end() // what fails here nobody needs
	}
	list := []error{s.segments.close()}
	if s.derived != nil {
		list = append(list, s.derived.close())
	}
	if s.journal.file != nil {
		list = append(list, s.journal.file.Close())
	}
	return errors.Join(append(list, s.lock.Close())...)
}

// Replay implements [sequencer.Store]. It begins at a bundle: the one of the
// first leaf that is asked for, the first above which identities may not be
// durable, or the first in which one is damaged, whichever comes first.
func (s *Store) Replay(ctx context.Context, from int64, visit func(index int64, leaf []byte) ([32]byte, error)) error {
	v := s.view.Load()
	if from < 0 || from > v.head.Size {
		return fmt.Errorf("replaying from leaf %d of %d", from, v.head.Size)
	}
	if s.replayed {
		return errors.New("the store was replayed already")
	}
	from, err := s.loadIdentities(from)
	if err != nil {
		return err
	}
	var ids [][32]byte
	for at := from; at < v.head.Size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		bundle := at / ledger.TileWidth
		width := int(min(v.head.Size-bundle*ledger.TileWidth, ledger.TileWidth))
		b, err := s.Bundle(bundle, width)
		if err != nil {
			return err
		}
		leaves, err := ledger.ParseBundle(b)
		if err != nil {
			return err
		}
		ids = ids[:0]
		first := at
		for ; at < bundle*ledger.TileWidth+int64(width); at++ {
			id, err := visit(at, leaves[at%ledger.TileWidth])
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		if err := s.keepIdentities(first, ids); err != nil {
			return err
		}
	}
	s.replayed = true
	return nil
}

// loadIdentities enters the identities that the file holds for certain, below a
// leaf at the most, and returns how far they reach.
func (s *Store) loadIdentities(to int64) (int64, error) {
	const step = 16 * ledger.TileWidth
	b := make([]byte, 0, step*identityLen)
	ids := make([][32]byte, 0, step)
	to = min(to, s.derivedTo) &^ (ledger.TileWidth - 1)
	for first := int64(0); first < to; first += step {
		b, ids = b[:min(step, to-first)*identityLen], ids[:0]
		if err := readAt(s.derived.identities, b, first*identityLen); errors.Is(err, io.EOF) {
			return first, nil
		} else if err != nil {
			return 0, err
		}
		for rest := b; len(rest) > 0; rest = rest[identityLen:] {
			id := [32]byte(rest)
			if index := first + int64(len(ids)); string(checksum("identity", index, id[:])) != string(rest[32:identityLen]) {
				whole := index &^ (ledger.TileWidth - 1)
				s.table.add(first, ids[:whole-first]...)
				return whole, nil
			}
			ids = append(ids, id)
		}
		s.table.add(first, ids...)
	}
	return to, nil
}

// keepIdentities enters identities of committed leaves, and writes them if the
// file does not hold them.
func (s *Store) keepIdentities(first int64, ids [][32]byte) error {
	s.table.add(first, ids...)
	want := encodeIdentities(first, ids)
	have := make([]byte, len(want))
	if _, err := s.derived.identities.ReadAt(have, first*identityLen); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if bytes.Equal(have, want) {
		return nil
	}
	return s.derived.writeIdentities(first, ids)
}

// Find implements [sequencer.Store].
func (s *Store) Find(identity [32]byte) (index int64, found bool, err error) {
	s.table.candidates(identity, func(i int64) bool {
		id, whole, e := s.derived.readIdentity(i)
		switch {
		case e != nil:
			err = e
		case !whole:
			err = ledger.Refuse("STORE-IDENTITY-DAMAGED", "the identity of leaf %d is damaged or missing", i)
		case id == identity && (!found || i < index):
			index, found = i, true
		}
		return err != nil
	})
	if err != nil {
		return 0, false, err
	}
	return index, found, nil
}

// newEpoch returns the name of a new instance.
func newEpoch() (e [16]byte) {
	_, _ = rand.Read(e[:]) // never fails
	return e
}

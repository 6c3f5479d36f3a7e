// Package index answers "which entries speak of this?" for a log: derived
// look-ups that are rebuilt from the log whenever they are in doubt. It is never
// the truth and never the answer to a question of trust. It proposes entries;
// the caller reads each from the log and looks whether it is what was asked for.
//
// # Sorted runs
//
// One write of entries becomes one run: a sorted list of pairs of a keyed 64-bit
// hash of a term and the entry that has the term. Eight runs of a level are
// merged into one of the next, streamed pair by pair, until a run has about two
// million pairs. A look-up searches every run, oldest first, so its candidates
// ascend. The hash's key is random for each index: nobody can aim at a
// collision, and one that happens costs a second look at an entry.
//
// Runs lie in Badger in chunks of 1,024 pairs, one value each, under the run's
// number and the chunk's, with a directory a run. A chunk carries the numbers it
// is stored under, its count and a CRC-32C over all of it, and the directory
// repeats count and checksum. What is missing or differs is damage, never
// "absent": [Index.Lookup] fails then and goes on failing until [Index.Reset]
// or [Index.Run] has rebuilt the index.
//
// # Life
//
// Nothing is synced while the index is open. [Index.Close] syncs the files and
// leaves the file clean beside them: what was applied, the runs with the
// SHA-256 of their directories, each file with its size and SHA-256. Open
// compares all of it before Badger sees a byte, and removes clean before it
// goes on. Without a clean that fits (a killed process, a power cut, a flipped
// bit, a deleted folder, another log) the index begins at zero.
package index

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// ErrClosed is returned by calls after [Index.Close].
var ErrClosed = errors.New("index is closed")

// Error reports why the index cannot answer, grow or open. Its code is stable;
// server/problem holds its cause and remedy.
type Error struct {
	code string
	Err  error
}

// Code returns the stable code, SERVER-INDEX-….
func (e *Error) Code() string { return e.code }

// Error returns what happened.
func (e *Error) Error() string { return "index: " + e.Err.Error() }

// Unwrap returns what happened.
func (e *Error) Unwrap() error { return e.Err }

func fault(code, format string, args ...any) *Error {
	return &Error{code: code, Err: fmt.Errorf(format, args...)}
}

// Kind tells what a term is the value of.
type Kind byte

// The kinds of term.
const (
	BOMDigest Kind = 1 // SHA-256 of the bytes of a bill of materials
)

// vocabulary is raised whenever a kind is added or the bytes that make a term
// change: an index written under another lacks terms of older entries, so it
// begins at zero.
const vocabulary = 5

// Term is what entries are looked up by: exact, compared byte for byte.
type Term struct {
	Kind  Kind
	Value []byte // not kept after a call returns
}

// Options of an index; only Log is needed.
type Options struct {
	// Log names the log that is indexed, for instance by its origin. The index
	// of another begins at zero.
	Log string
	// Reserve is the free space in bytes below which the index opens no file of
	// Badger's, writes to none and closes none, since a full disk under its
	// memory-mapped files would end the process; 0 means 256 MiB. It must exceed
	// what one write can need, some 64 MiB, and what others may write to the disk
	// meanwhile.
	Reserve int64
	// Logger hears of rebuilding and, at debug level, of Badger; nil is silent.
	Logger *slog.Logger

	fan  int                                // runs of a level that become one
	top  int64                              // pairs of the largest run
	hash func(key *[32]byte, t Term) uint64 // keyed hash of a term
	free func(dir string) (int64, error)    // free bytes of the disk
	poll time.Duration                      // between looks for space
}

// Index is an open index. Lookup and Applied may be called at any time, also
// while a write is under way, for which they never wait; Apply, Reset and Run
// are one caller's at a time.
type Index struct {
	dir  string
	o    Options
	log  *slog.Logger
	lock *os.File

	// write makes the calls that change the index follow each other.
	write sync.Mutex
	// life is held shared by every call that uses gen and alone by Reset and
	// Close, which replace it.
	life   sync.RWMutex
	closed bool
	gen    *generation // nil until there was room to open one; broken is set then

	broken atomic.Pointer[Error]              // set once damage was found, until Reset
	wake   atomic.Pointer[context.CancelFunc] // ends the wait of Run when broken is set
}

// generation is one database from zero or a clean close on. Its fields above
// the blank line do not change, those below belong to mu or, where it says so,
// to the writer.
type generation struct {
	db  *database
	key [32]byte

	mu      sync.Mutex
	current *snapshot
	retired []*snapshot // older ones that are still read
	nextRun uint64      // the writer's
	ts      uint64      // the writer's: last commit timestamp used
}

// snapshot is what a look-up sees: it changes in nothing but readers.
type snapshot struct {
	ts      uint64 // Badger timestamp to read at
	applied int64  // entries below this are in
	runs    []*run // oldest first
	readers int    // guarded by generation.mu
}

// Open opens the index in the folder dir, which is made if it is not there. An
// index that was not closed cleanly, or is damaged, or is of another log, begins
// at zero. It fails if another process has the folder (SERVER-INDEX-LOCKED) or
// the folder cannot be used (SERVER-INDEX-OPEN). On a full disk it opens nothing
// yet: every call is then SERVER-INDEX-FULL until [Index.Run] finds room.
func Open(dir string, o Options) (*Index, error) {
	if o.Reserve == 0 {
		o.Reserve = 256 << 20
	}
	if o.fan == 0 {
		o.fan = 8
	}
	if o.top == 0 {
		o.top = 1 << 21
	}
	if o.hash == nil {
		o.hash = hashTerm
	}
	if o.free == nil {
		o.free = freeSpace
	}
	if o.poll == 0 {
		o.poll = 2 * time.Second
	}
	ix := &Index{dir: dir, o: o, log: o.Logger}
	if ix.log == nil {
		ix.log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault("SERVER-INDEX-OPEN", "making folder: %w", err)
	}
	lock, err := lockFile(filepath.Join(dir, "lock"))
	if errors.Is(err, errLocked) {
		return nil, fault("SERVER-INDEX-LOCKED", "%w", err)
	} else if err != nil {
		return nil, fault("SERVER-INDEX-OPEN", "locking folder: %w", err)
	}
	ix.lock = lock
	if full := ix.room(); full != nil {
		ix.log.LogAttrs(context.Background(), slog.LevelError, "index waits for free space", slog.String("reason", full.Error()))
		ix.broken.Store(full)
		return ix, nil
	}
	if ix.gen, err = ix.whole(); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return ix, nil
}

// whole returns the generation of a clean close, or an empty one.
func (ix *Index) whole() (*generation, error) {
	gen, err := ix.reopen()
	if err != nil {
		ix.log.LogAttrs(context.Background(), slog.LevelWarn, "rebuilding index from the log", slog.String("reason", err.Error()))
	}
	if gen == nil {
		return ix.fresh()
	}
	return gen, nil
}

// late opens what a full disk kept closed.
func (ix *Index) late() error {
	ix.write.Lock()
	defer ix.write.Unlock()
	ix.life.Lock()
	defer ix.life.Unlock()
	switch {
	case ix.closed:
		return ErrClosed
	case ix.gen != nil:
		return nil
	}
	if err := ix.room(); err != nil {
		return err
	}
	gen, err := ix.whole()
	if err != nil {
		return err
	}
	ix.gen = gen
	ix.broken.Store(nil)
	return nil
}

// databaseDir is the folder that Badger has to itself.
func (ix *Index) databaseDir() string { return filepath.Join(ix.dir, "db") }

// fresh drops what is there and returns an empty generation.
func (ix *Index) fresh() (*generation, error) {
	if err := removeMarker(ix.dir); err != nil {
		return nil, fault("SERVER-INDEX-OPEN", "%w", err)
	}
	var db *database
	var err error
	// A second try, because Badger is known to fail once on files of its own
	// that a killed process left behind.
	for range 2 {
		if err = os.RemoveAll(ix.databaseDir()); err != nil {
			break
		}
		if err = os.Mkdir(ix.databaseDir(), 0o700); err != nil {
			break
		}
		if db, err = openDatabase(ix.databaseDir(), ix.log); err == nil {
			break
		}
	}
	if err != nil {
		return nil, fault("SERVER-INDEX-OPEN", "%w", err)
	}
	g := &generation{db: db, current: &snapshot{}, nextRun: 1}
	if _, err := rand.Read(g.key[:]); err != nil {
		return nil, fault("SERVER-INDEX-OPEN", "drawing hash key: %w", err)
	}
	return g, nil
}

// Applied returns the number of entries that are in: all below it, none from
// it on.
func (ix *Index) Applied() int64 {
	ix.life.RLock()
	defer ix.life.RUnlock()
	g := ix.gen
	if g == nil {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.current.applied
}

// Lookup returns the entries that may have the term, ascending and each once,
// and the size up to which the answer is complete: an entry at or above applied
// may have the term without being a candidate. Candidates rest on a 64-bit hash:
// the caller reads each entry and drops those without the term. It fails with
// SERVER-INDEX-CORRUPT when the index was found damaged.
func (ix *Index) Lookup(term Term) (candidates []int64, applied int64, err error) {
	ix.life.RLock()
	defer ix.life.RUnlock()
	if ix.closed {
		return nil, 0, ErrClosed
	}
	if e := ix.broken.Load(); e != nil {
		return nil, 0, e
	}
	g := ix.gen
	s := g.acquire()
	defer g.release(s)
	h := ix.o.hash(&g.key, term)
	for _, r := range s.runs {
		candidates, err = g.search(s.ts, r, h, candidates)
		if err != nil {
			return nil, 0, ix.spoil(err)
		}
	}
	return candidates, s.applied, nil
}

// Apply takes in the entries from first on, terms[i] being the terms of entry
// first+i, of which there may be none. First must equal [Index.Applied]. It
// needs about 16 bytes of memory a term. On SERVER-INDEX-FULL nothing has
// changed; on SERVER-INDEX-CORRUPT the index is to be rebuilt.
func (ix *Index) Apply(first int64, terms [][]Term) error {
	ix.write.Lock()
	defer ix.write.Unlock()
	ix.life.RLock()
	defer ix.life.RUnlock()
	if ix.closed {
		return ErrClosed
	}
	if e := ix.broken.Load(); e != nil {
		return e
	}
	g := ix.gen
	now := g.current // only the writer replaces it
	if first != now.applied {
		return fmt.Errorf("applying entries from %d on, the index has %d: %w", first, now.applied, errElsewhere)
	}
	if len(terms) == 0 {
		return nil
	}
	if err := ix.room(); err != nil {
		return err
	}
	next := &snapshot{applied: first + int64(len(terms)), runs: slices.Clone(now.runs)}
	if pairs := ix.pairs(terms); len(pairs) > 0 {
		r, err := g.store(first, next.applied, pairs)
		if err != nil {
			return ix.spoil(err)
		}
		next.runs = append(next.runs, r)
	}
	next.ts = g.ts
	g.publish(next)
	for {
		next, err := ix.merge(g)
		if err != nil {
			return ix.spoil(err)
		}
		if next == nil {
			return nil
		}
		g.publish(next)
	}
}

// pairs returns the sorted pairs of the terms, each once.
func (ix *Index) pairs(terms [][]Term) []pair {
	n := 0
	for _, ts := range terms {
		n += len(ts)
	}
	pairs := make([]pair, 0, n)
	for i, ts := range terms {
		for _, t := range ts {
			pairs = append(pairs, pair{ix.o.hash(&ix.gen.key, t), uint32(i)})
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.entry, b.entry))
	})
	return slices.Compact(pairs)
}

// merge makes one run of several where a level is full, and returns the
// snapshot that has it, nil if there is nothing to merge.
func (ix *Index) merge(g *generation) (*snapshot, error) {
	now := g.current
	at, n, level := plan(now.runs, ix.o.fan, ix.o.top)
	if n == 0 {
		return nil, nil
	}
	var merged *run
	if n == 1 {
		one := *now.runs[at]
		one.level = level
		merged = &one
	} else {
		if err := ix.room(); err != nil {
			return nil, nil // more runs make look-ups slower, not wrong
		}
		var err error
		if merged, err = g.combine(now.runs[at:at+n], level); err != nil {
			return nil, err
		}
	}
	runs := slices.Concat(now.runs[:at], []*run{merged}, now.runs[at+n:])
	return &snapshot{ts: g.ts, applied: now.applied, runs: runs}, nil
}

// plan returns which runs to merge and the level of what they become; n is 0 if
// none, and 1 if a run shall only be counted as final, because the next would
// make it too large.
func plan(runs []*run, fan int, top int64) (at, n, level int) {
	for i := 0; i < len(runs); {
		j := i
		for j < len(runs) && runs[j].level == runs[i].level {
			j++
		}
		if runs[i].level != finalLevel && j-i >= fan {
			var pairs int64
			for n < fan {
				r := runs[i+n]
				if n > 0 && (pairs+r.pairs > top || r.to-runs[i].from > maxSpan) {
					return i, n, finalLevel
				}
				pairs += r.pairs
				n++
			}
			return i, n, runs[i].level + 1
		}
		i = j
	}
	return 0, 0, 0
}

// room fails with SERVER-INDEX-FULL when the disk has less than the reserve.
func (ix *Index) room() *Error {
	free, err := ix.o.free(ix.dir)
	if err == nil && free < ix.o.Reserve {
		return fault("SERVER-INDEX-FULL", "%d MiB are free, the reserve is %d MiB", free>>20, ix.o.Reserve>>20)
	}
	return nil
}

// spoil remembers damage, wakes Run and returns the error for the caller.
func (ix *Index) spoil(err error) *Error {
	e := fault("SERVER-INDEX-CORRUPT", "%w", err)
	if ix.broken.CompareAndSwap(nil, e) {
		ix.log.LogAttrs(context.Background(), slog.LevelWarn, "index is damaged", slog.String("reason", err.Error()))
	}
	if wake := ix.wake.Load(); wake != nil {
		(*wake)()
	}
	return e
}

// errElsewhere is returned for entries that are not the next ones.
var errElsewhere = errors.New("these are not the next entries")

// Reset drops the index and begins at zero. It waits for look-ups under way. On
// SERVER-INDEX-FULL nothing has changed.
func (ix *Index) Reset() error {
	ix.write.Lock()
	defer ix.write.Unlock()
	ix.life.Lock()
	defer ix.life.Unlock()
	if ix.closed {
		return ErrClosed
	}
	if err := ix.room(); err != nil {
		return err
	}
	if ix.gen == nil {
		ix.gen = &generation{}
	} else if err := ix.gen.db.close(); err != nil {
		ix.log.LogAttrs(context.Background(), slog.LevelWarn, "closing damaged index", slog.String("reason", err.Error()))
	}
	g, err := ix.fresh()
	if err != nil {
		ix.broken.CompareAndSwap(nil, fault("SERVER-INDEX-CORRUPT", "%w", err))
		return err
	}
	ix.gen = g
	ix.broken.Store(nil)
	if wake := ix.wake.Load(); wake != nil {
		(*wake)()
	}
	return nil
}

// Close waits for calls under way and closes the index so that the next Open
// finds it whole. After an error, or if the index was damaged, the next Open
// begins at zero; so it does after a full disk, which leaves Badger's files as
// they are until the process ends.
func (ix *Index) Close() error {
	ix.write.Lock()
	defer ix.write.Unlock()
	ix.life.Lock()
	defer ix.life.Unlock()
	if ix.closed {
		return nil
	}
	ix.closed = true
	if ix.gen == nil {
		return ix.lock.Close()
	}
	if full := ix.room(); full != nil {
		ix.log.LogAttrs(context.Background(), slog.LevelWarn, "index is not closed cleanly, the next start builds it anew", slog.String("reason", full.Error()))
		return ix.lock.Close()
	}
	err := ix.gen.db.close()
	if err == nil && ix.broken.Load() == nil {
		err = ix.writeMarker()
	}
	return errors.Join(err, ix.lock.Close())
}

func (g *generation) acquire() *snapshot {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.current.readers++
	return g.current
}

func (g *generation) release(s *snapshot) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s.readers--
}

// publish makes the snapshot the one that look-ups see, and lets Badger collect
// what neither it nor a look-up under way can see.
func (g *generation) publish(s *snapshot) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.retired = append(g.retired, g.current)
	g.current = s
	g.retired = slices.DeleteFunc(g.retired, func(r *snapshot) bool { return r.readers == 0 })
	oldest := s.ts
	for _, r := range g.retired {
		oldest = min(oldest, r.ts)
	}
	g.db.discardBelow(oldest)
}

// hashTerm is SHA-256 over the index's key, the kind and the value, cut to 64
// bits.
func hashTerm(key *[32]byte, t Term) uint64 {
	var space [128]byte
	b := append(space[:0], key[:]...)
	b = append(b, byte(t.Kind))
	b = append(b, t.Value...)
	sum := sha256.Sum256(b)
	return binary.BigEndian.Uint64(sum[:])
}

package sequencer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
)

// DefaultQueue is the number of entries that may wait while a batch commits.
const DefaultQueue = 2 * MaxBatchLeaves

// Entry is what is offered to a log.
type Entry struct {
	Leaf     []byte   // 1 to ledger.MaxLeaf bytes; the log keeps these bytes and does not change them
	Identity [32]byte // two entries with one identity are one entry; zero stands for the leaf hash
	Prepared any      // what the guard made of the leaf beforehand; opaque here
}

// Guard decides which leaves may become part of the log. It is called by one
// goroutine, in the order of the log, and judges by its state, the leaf and the
// index alone: no I/O, no clock. Each Propose is followed by Keep or Drop.
type Guard interface {
	// Propose judges a batch in order; element i of the answer is nil if the leaf
	// is admitted. Admitted leaves get the indices first, first+1, …; a refused
	// one takes no index. Later leaves of the batch are judged as if the admitted
	// ones before them were in the log.
	Propose(first int64, prepared []any) []error

	// Keep says that the proposed batch is committed.
	Keep()

	// Drop says that it is not: the state is to be what it was before.
	Drop()
}

// Config says how a log is opened. Origin, Store, Signers and Clock are needed.
type Config struct {
	Origin  string
	Store   Store
	Signers []*ledger.Signer // of checkpoints, in the order of their lines
	Clock   func() time.Time

	// Guard may be nil: every leaf is admitted. If it is a [Snapshotter] and Store
	// is a [SnapshotStore], its state is put down now and then beside the commits,
	// and the log is opened from there.
	Guard Guard

	// SnapshotEvery is the number of leaves after which the guard's state is put
	// down again; 0 is the constant of this name.
	SnapshotEvery int64

	// Reopen returns for a committed leaf what was offered when it was added. Nil
	// returns the leaf alone, whose identity is then its hash.
	Reopen func(index int64, leaf []byte) (Entry, error)

	// Anchors are checkpoints of this log that were verified and are known from
	// elsewhere. A log that is behind one, or contradicts one, is refused.
	Anchors []ledger.Checkpoint

	Logger *slog.Logger // nil discards
	Queue  int          // entries that may wait; 0 is DefaultQueue

	FailPoint FailPoint // for tests
}

// Log sequences entries into a Merkle tree and serves what it published.
//
// What is published is always durable: an entry is written and synced, its
// journal record after it, and only then does the signature of a checkpoint that
// covers it leave this package. All reads are cut off at the published size.
type Log struct {
	origin   string
	store    Store
	guard    Guard
	signers  []*ledger.Signer
	clock    func() time.Time
	logger   *slog.Logger
	anchored bool
	points   FailPoint

	queue     chan *request
	running   atomic.Bool
	ended     chan struct{} // closed when Run has ended
	published atomic.Pointer[published]

	// The rest belongs to Run.
	tree      *ledger.Range
	carry     []*request // duplicates whose first was refused, first of the next batch
	snapshots *snapshots // nil if there are none
}

// published is what readers may see.
type published struct {
	ledger.Checkpoint
	note []byte
}

// request is one Add.
type request struct {
	Entry
	hash   ledger.Hash
	state  atomic.Int32 // who has it: one of the constants below
	done   chan struct{}
	answer Receipt
	err    error
}

const (
	waiting   = iota // in the queue
	taken            // in a batch
	withdrawn        // by its Add, before it was taken
)

// Receipt says where an entry is and shows that the log has signed for it.
type Receipt struct {
	Index      int64  // zero-based
	Duplicate  bool   // the entry was there before; Index is that of the first
	Checkpoint []byte // signed note that covers the entry
	Size       int64  // leaves the checkpoint covers
}

// Open brings the log of a store into service. It replays every leaf through
// Reopen and the guard, checks that the leaves give the root the store has
// committed to, compares that with the anchors, and publishes a signed
// checkpoint, that of the empty tree at the first start. Where the store has a
// snapshot of the guard's state that is whole, the replay begins there, on the
// tree below it; any other is passed over with a warning. It refuses with
//
//	LOG-ORIGIN-MISMATCH  the store is another log's
//	LOG-REPLAY-REFUSED   Reopen or the guard refuses a committed leaf
//	LOG-ROOT-MISMATCH    the leaves give another root than the store's
//	LOG-ANCHOR-AHEAD     an anchor has more leaves: this is an old copy
//	LOG-ANCHOR-FORK      an anchor has another root: this is another history
//
// and with whatever the store refuses. Nothing is signed then.
func Open(ctx context.Context, c Config) (*Log, error) {
	if c.Store == nil || c.Clock == nil || len(c.Signers) == 0 {
		return nil, errors.New("a log needs a store, a clock and a signer")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Queue <= 0 {
		c.Queue = DefaultQueue
	}
	l := &Log{
		origin: c.Origin, store: c.Store, guard: c.Guard, signers: c.Signers, clock: c.Clock, logger: c.Logger, points: c.FailPoint,
		queue: make(chan *request, c.Queue), ended: make(chan struct{}), snapshots: newSnapshots(c),
	}
	if l.guard == nil {
		l.guard = admitAll{}
	}
	head := c.Store.Head()
	if head.Origin != c.Origin {
		return nil, ledger.Refuse("LOG-ORIGIN-MISMATCH", "the store is that of log %q, not of %q", head.Origin, c.Origin)
	}
	if err := l.replay(ctx, c.Reopen); err != nil {
		return nil, err
	}
	if root := l.tree.Root(); l.tree.Size() != head.Size || root != head.Root {
		return nil, ledger.Refuse("LOG-ROOT-MISMATCH", "%d leaves give root %v, the store says %v of %d", l.tree.Size(), root, head.Root, head.Size)
	}
	if err := l.compare(head, c.Anchors); err != nil {
		return nil, err
	}
	p, err := l.sign(head.Size, head.Root, l.now(head.Time))
	if err != nil {
		return nil, err
	}
	l.published.Store(p)
	return l, nil
}

// replay feeds the committed leaves to the guard and to the tree, from the newest
// snapshot of the guard's state on. Leaves below that, which the store needs the
// identities of, go to the tree alone.
func (l *Log) replay(ctx context.Context, reopen func(int64, []byte) (Entry, error)) error {
	var prepared []any
	known := l.snapshots.restore(ctx, l.logger) // leaves that the guard knows
	first := known
	propose := func() error {
		errs := l.guard.Propose(first, prepared)
		if len(errs) != len(prepared) {
			l.guard.Drop()
			return fmt.Errorf("the guard judged %d of %d leaves", len(errs), len(prepared))
		}
		for i, err := range errs {
			if err != nil {
				l.guard.Drop()
				return ledger.Refuse("LOG-REPLAY-REFUSED", "leaf %d of the log is refused by the guard: %w", first+int64(i), err)
			}
		}
		l.guard.Keep()
		first += int64(len(prepared))
		prepared = prepared[:0]
		return nil
	}
	err := l.store.Replay(ctx, known, func(index int64, leaf []byte) ([32]byte, error) {
		if err := l.reach(index, known); err != nil {
			return [32]byte{}, err
		}
		h := ledger.LeafHash(leaf)
		e := Entry{Leaf: leaf}
		if reopen != nil {
			var err error
			if e, err = reopen(index, leaf); err != nil {
				return [32]byte{}, ledger.Refuse("LOG-REPLAY-REFUSED", "leaf %d of the log cannot be read: %w", index, err)
			}
		}
		l.tree.Append(h, nil)
		if index >= known {
			prepared = append(prepared, e.Prepared)
		}
		if len(prepared) == MaxBatchLeaves {
			if err := propose(); err != nil {
				return [32]byte{}, err
			}
		}
		return e.identity(h), nil
	})
	if err != nil {
		return err
	}
	if err := l.reach(l.store.Head().Size, known); err != nil {
		return err
	}
	if len(prepared) > 0 {
		return propose()
	}
	return nil
}

// reach holds that the leaf at an index comes next. The first that comes may be
// any that leaves none out above what the guard knows; the tree below it is read
// from the store.
func (l *Log) reach(index, known int64) (err error) {
	if l.tree == nil && index <= known {
		l.tree, err = ledger.NewRange(hashReader{l.store}, index)
		return err
	}
	if l.tree == nil || l.tree.Size() != index {
		return fmt.Errorf("the store left leaves before %d out of the replay from %d", index, known)
	}
	return nil
}

// identity returns what makes the entry the same as another.
func (e *Entry) identity(h ledger.Hash) [32]byte {
	if e.Identity == [32]byte{} {
		return h
	}
	return e.Identity
}

// compare holds the head against the anchors.
func (l *Log) compare(head Head, anchors []ledger.Checkpoint) error {
	for _, a := range anchors {
		if a.Origin != l.origin {
			return ledger.Refuse("LOG-ORIGIN-MISMATCH", "an anchor is a checkpoint of %q, not of %q", a.Origin, l.origin)
		}
		if a.Size > head.Size {
			return ledger.Refuse("LOG-ANCHOR-AHEAD", "an anchor has %d leaves, this log has %d", a.Size, head.Size)
		}
		root, err := ledger.TreeRoot(hashReader{l.store}, a.Size)
		if err != nil {
			return err
		}
		if root != a.Root {
			return ledger.Refuse("LOG-ANCHOR-FORK", "an anchor has root %v at %d leaves, this log %v", a.Root, a.Size, root)
		}
		l.anchored = true
	}
	return nil
}

// now returns the time, not before what was recorded last.
func (l *Log) now(last time.Time) time.Time {
	if t := l.clock(); t.After(last) {
		return t
	}
	return last
}

// sign makes what can be published once its tree is durable.
func (l *Log) sign(size int64, root ledger.Hash, at time.Time) (*published, error) {
	c := ledger.Checkpoint{Origin: l.origin, Size: size, Root: root}
	note, err := ledger.SignCheckpoint(c, at, l.signers...)
	if err != nil {
		return nil, fmt.Errorf("signing the checkpoint of %d leaves: %w", size, err)
	}
	return &published{Checkpoint: c, note: note}, nil
}

// admitAll is the guard that refuses nothing.
type admitAll struct{}

func (admitAll) Propose(_ int64, prepared []any) []error { return make([]error, len(prepared)) }
func (admitAll) Keep()                                   {}
func (admitAll) Drop()                                   {}

// Add offers an entry and returns when it is committed, signed for and
// published. A duplicate gets the index of the first of its kind. The errors are
//
//	LOG-LEAF-SIZE    the leaf is empty or longer than ledger.MaxLeaf
//	[ErrBusy]        too many entries wait
//	[ErrClosed]      the log has ended
//	[ErrUnchanged]   wrapped: the store could not take the batch now; not recorded
//	[ErrUnknown]     wrapped: the log has ended, and may have recorded the entry
//	a context error  alone if the entry was not recorded, together with ErrUnknown
//	                 if it is being committed
//
// or that of the guard, unchanged. Nothing may change the leaf before Add has
// returned, nor afterwards if it returned a context error.
func (l *Log) Add(ctx context.Context, e Entry) (Receipt, error) {
	if len(e.Leaf) == 0 || len(e.Leaf) > ledger.MaxLeaf {
		return Receipt{}, ledger.Refuse("LOG-LEAF-SIZE", "leaf has %d bytes; 1 to %d are possible", len(e.Leaf), ledger.MaxLeaf)
	}
	if err := ctx.Err(); err != nil {
		return Receipt{}, err
	}
	r := &request{Entry: e, hash: ledger.LeafHash(e.Leaf), done: make(chan struct{})}
	r.Identity = e.identity(r.hash)
	select {
	case <-l.ended:
		return Receipt{}, ErrClosed
	default:
	}
	select {
	case l.queue <- r:
	default:
		return Receipt{}, ErrBusy
	}
	select {
	case <-r.done:
		return r.answer, r.err
	case <-ctx.Done():
		if r.state.CompareAndSwap(waiting, withdrawn) {
			return Receipt{}, ctx.Err()
		}
		select {
		case <-r.done:
			return r.answer, r.err
		default:
			return Receipt{}, fmt.Errorf("%w: %w", ErrUnknown, ctx.Err())
		}
	case <-l.ended:
		if r.state.CompareAndSwap(waiting, withdrawn) {
			return Receipt{}, ErrClosed
		}
		<-r.done // what Run took up it answers before it ends
		return r.answer, r.err
	}
}

// reply answers an Add.
func (r *request) reply(answer Receipt, err error) {
	r.answer, r.err = answer, err
	close(r.done)
}

// Waiting returns the number of entries in the queue.
func (l *Log) Waiting() int { return len(l.queue) }

// Anchored reports whether the log was held against an anchor when it was opened.
func (l *Log) Anchored() bool { return l.anchored }

// Checkpoint returns the newest published checkpoint, a signed note. The caller
// must not change it.
func (l *Log) Checkpoint() []byte { return l.published.Load().note }

// Size returns the number of published leaves.
func (l *Log) Size() int64 { return l.published.Load().Size }

// Head returns the newest published checkpoint without its signatures.
func (l *Log) Head() ledger.Checkpoint { return l.published.Load().Checkpoint }

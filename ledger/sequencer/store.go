package sequencer

import (
	"context"
	"errors"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
)

// Limits of one batch. A batch is what arrived while the batch before it
// committed, cut off at whichever limit comes first.
const (
	MaxBatchLeaves = 4096    // leaves
	MaxBatchBytes  = 8 << 20 // bytes of leaves; the last leaf may reach over it
)

// ErrUnchanged is wrapped by every error of [Store.Commit] after which the
// store is certain to hold exactly what it held before: nothing of the batch is
// or will become part of the log, and the next Commit may be tried. Any other
// error of Commit means that the outcome is unknown; the [Log] then ends, and
// opening the store again settles it.
var ErrUnchanged = errors.New("nothing was recorded")

// Head is the state a store has committed to.
type Head struct {
	Origin string      // log origin the store was made for
	Size   int64       // leaves
	Root   ledger.Hash // RFC 6962 tree hash of those leaves
	Time   time.Time   // when the last batch was committed, by the clock of who committed it
}

// Batch is what one commit appends. The slices run in parallel and belong to
// the caller again when Commit returns.
type Batch struct {
	First      int64         // index of Leaves[0]; must equal the size of the store's head
	Leaves     [][]byte      // 1 to MaxBatchLeaves leaves of 1 to ledger.MaxLeaf bytes
	Hashes     []ledger.Hash // leaf hashes, computed by whoever offered the leaves
	Identities [][32]byte    // what makes two leaves the same to the outside
	Root       ledger.Hash   // root after the batch, computed from Hashes
	Time       time.Time     // recorded with the head
}

// Store keeps one log. There is one writer: Commit is never called twice at a
// time. The reading methods may be called from many goroutines, while Commit
// runs too, and answer for everything committed before they were called.
//
// Every byte a Store hands out has been checked against the tree at least once
// since it was opened. Bytes that fail the check are an error, and so is a
// missing entry below the head's size: it is damage, never absence.
type Store interface {
	// Head returns the last committed head.
	Head() Head

	// Replay visits the leaves from index from up to the head in order, each
	// checked against the tree. It begins earlier where the store is not sure of
	// the identities of leaves below from, and never later. What visit returns is
	// the leaf's identity; the store keeps it for Find. It must be called once,
	// before Find and Commit.
	// The leaf is valid during the call only. An error of visit ends the replay
	// and is returned unchanged.
	Replay(ctx context.Context, from int64, visit func(index int64, leaf []byte) ([32]byte, error)) error

	// Find returns the index of the first committed leaf with this identity.
	// The answer is exact; an error means that it could not be found out.
	Find(identity [32]byte) (index int64, found bool, err error)

	// Commit appends a batch, all of it or nothing, and returns when it would
	// survive the loss of power. Before that it reads back what it wrote and
	// computes the root from that; a root other than the batch's is an error.
	// See ErrUnchanged for what an error means.
	Commit(ctx context.Context, b Batch) (Head, error)

	// Leaf returns the leaf at an index below the head's size.
	Leaf(index int64) ([]byte, error)

	// Bundle returns the first width (1 to 256) leaves of entry bundle index in
	// the encoding of c2sp.org/tlog-tiles.
	Bundle(index int64, width int) ([]byte, error)

	// Tile returns the first width (1 to 256) hashes of a hash tile as
	// c2sp.org/tlog-tiles serves it.
	Tile(level int, index int64, width int) ([]byte, error)
}

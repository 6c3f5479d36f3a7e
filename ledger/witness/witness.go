package witness

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/filestore"
)

// Options of a witness. Clock is needed.
type Options struct {
	Clock  func() time.Time
	Logger *slog.Logger // nil discards
}

// Witness cosigns checkpoints of the logs that were added to it. Its methods may be
// called at the same time.
type Witness struct {
	disk      filestore.FS
	lock      interface{ Close() error }
	clock     func() time.Time
	logger    *slog.Logger
	signers   []*ledger.Signer // Ed25519 first
	verifiers []*ledger.Verifier
	logs      map[string]*watched // by Path of the origin
	slots     chan struct{}       // one a request handled
}

// watched is one log.
type watched struct {
	Log

	mu     sync.Mutex // between the comparison with seen and the answer no other request changes it
	seen   seen
	broken error // why what is on disk is not known any more
}

// seen is what was cosigned last of a log.
type seen struct {
	ledger.Checkpoint
	at     time.Time // of the cosignatures, seconds
	note   []byte    // with the lines of the log and ours
	lines  []byte    // ours
	signed bool      // false while there is only the empty tree that the log was added with
}

// ConflictError says that a request began at another size than that of the last
// checkpoint that was cosigned. Its code is WITNESS-SIZE-CONFLICT.
type ConflictError struct {
	Size int64 // leaves of that
}

// Error returns the text.
func (c *ConflictError) Error() string {
	return fmt.Sprintf("the last checkpoint that was cosigned has %d leaves", c.Size)
}

// Code returns the stable code.
func (c *ConflictError) Code() string { return "WITNESS-SIZE-CONFLICT" }

// Open opens the witness in a folder that [Init] made and holds it until Close. It
// refuses with
//
//	WITNESS-FOLDER-LOCKED   another process has it
//	WITNESS-FOLDER-INVALID  a file is missing, malformed or not the witness's
//	WITNESS-STATE-DAMAGED   what was cosigned last of a log is lost
func Open(dir string, o Options) (*Witness, error) {
	if err := private(dir); err != nil {
		return nil, err
	}
	return open(filestore.Disk(dir), o)
}

func open(disk filestore.FS, o Options) (*Witness, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	w := &Witness{disk: disk, clock: o.Clock, logger: o.Logger, logs: map[string]*watched{}, slots: make(chan struct{}, maxHandled)}
	// Locking makes the file: not in a folder that is somebody else's.
	if _, err := readWhole(disk, configName, maxFile); err != nil {
		return nil, ledger.Refuse("WITNESS-FOLDER-INVALID", "this is not the folder of a witness: %w", err)
	}
	lock, err := disk.Lock(lockName)
	if errors.Is(err, filestore.ErrLocked) {
		return nil, ledger.Refuse("WITNESS-FOLDER-LOCKED", "another process has the folder of this witness")
	}
	if err != nil {
		return nil, fmt.Errorf("locking the folder of the witness: %w", err)
	}
	w.lock = lock
	if err := w.read(); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return w, nil
}

// Close gives the folder back.
func (w *Witness) Close() error { return w.lock.Close() }

// Name returns the witness's name.
func (w *Witness) Name() string { return w.signers[0].Origin() }

// Keys returns the witness's verifier keys, Ed25519 first.
func (w *Witness) Keys() []string {
	return []string{w.signers[0].VKey(), w.signers[1].VKey()}
}

// Logs returns how many logs are watched.
func (w *Witness) Logs() int { return len(w.logs) }

// AddCheckpoint cosigns a checkpoint that continues the last one cosigned of its log,
// and returns a signature line of each key, Ed25519 first. When it returns without
// error the new state is durable. The refusals are, in the order in which they are
// looked for,
//
//	WITNESS-REQUEST-MALFORMED  400  no checkpoint
//	WITNESS-LOG-UNKNOWN        404  of no log that was added
//	WITNESS-SIGNATURE-REFUSED  403  a key of the log did not sign it, or falsely
//	WITNESS-OLD-LARGER         400  the old size is above the new
//	[ConflictError]            409  the old size is not that of the last one cosigned
//	WITNESS-PROOF-REFUSED      422  it is another history, or the proof is none
//	WITNESS-STATE-UNKNOWN      500  the disk failed: the log is not cosigned until the
//	                                witness is started again
//	WITNESS-STATE-UNWRITTEN    500  the disk failed before anything was changed
func (w *Witness) AddCheckpoint(ctx context.Context, r Request) ([]byte, error) {
	origin := originOf(r.Note)
	if checkOrigin(origin) != nil {
		return nil, ledger.Refuse("WITNESS-REQUEST-MALFORMED", "the checkpoint has no origin")
	}
	l := w.logs[Path(origin)]
	if l == nil {
		return nil, ledger.Refuse("WITNESS-LOG-UNKNOWN", "the witness does not watch %.80q", origin)
	}
	h, err := openNote(r.Note, l.Keys)
	if err != nil {
		return nil, err
	}
	if r.Old > h.Size {
		return nil, ledger.Refuse("WITNESS-OLD-LARGER", "the old size %d is above %d", r.Old, h.Size)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != nil {
		return nil, l.broken
	}
	if r.Old != l.seen.Size {
		return nil, &ConflictError{l.seen.Size}
	}
	if err := l.continues(h, r.Proof); err != nil {
		w.logger.LogAttrs(ctx, slog.LevelWarn, "checkpoint not cosigned", slog.String("origin", l.Origin),
			slog.Int64("size", h.Size), slog.Int64("cosigned_size", l.seen.Size), slog.String("note", string(r.Note)), slog.String("error", err.Error()))
		return nil, err
	}
	next, err := w.state(l, h, w.clock())
	if err != nil {
		return nil, err
	}
	err = replace(w.disk, stateName+"/"+Path(l.Origin), next.note) // the commit point is inside
	if errors.Is(err, errUnchanged) {
		return nil, ledger.Refuse("WITNESS-STATE-UNWRITTEN", "the new state could not be kept: %w", err)
	}
	if err != nil {
		l.broken = ledger.Refuse("WITNESS-STATE-UNKNOWN", "what is kept of %q is unknown: %w", l.Origin, err)
		w.logger.LogAttrs(ctx, slog.LevelError, "log not cosigned until the witness is started again", slog.String("origin", l.Origin), slog.String("error", err.Error()))
		return nil, l.broken
	}
	l.seen = next
	return next.lines, nil
}

// continues holds a checkpoint, whose old size was that of the last one cosigned,
// against that.
func (l *watched) continues(h head, proof []ledger.Hash) error {
	refuse := func(format string, args ...any) error {
		return ledger.Refuse("WITNESS-PROOF-REFUSED", format, args...)
	}
	if h.Size == 0 && h.Root != ledger.EmptyRoot {
		return refuse("an empty tree has the empty root")
	}
	if l.seen.Size == 0 && len(proof) > 0 {
		return refuse("nothing is to be proven from the empty tree")
	}
	if err := ledger.VerifyConsistency(l.seen.Size, h.Size, l.seen.Root, h.Root, proof); err != nil {
		return refuse("the checkpoint of %d leaves does not continue that of %d: %w", h.Size, l.seen.Size, err)
	}
	return nil
}

// state cosigns a checkpoint, at a time that is not before that of the last one.
func (w *Witness) state(l *watched, h head, at time.Time) (seen, error) {
	if at.Before(l.seen.at) {
		at = l.seen.at
	}
	s := seen{Checkpoint: h.Checkpoint, at: at.Truncate(time.Second), signed: len(h.lines) > 0}
	for _, k := range w.signers {
		line, err := k.CosignBody(h.body, at)
		if err != nil {
			return seen{}, fmt.Errorf("cosigning: %w", err)
		}
		s.lines = append(s.lines, line...)
	}
	s.note = append(s.note, h.body...)
	s.note = append(s.note, '\n')
	s.note = append(s.note, h.lines...)
	s.note = append(s.note, s.lines...)
	return s, nil
}

// Checkpoint returns the last checkpoint cosigned of the log with this [Path], with
// the lines of the log and of the witness, or false if there is none.
func (w *Witness) Checkpoint(path string) ([]byte, bool) {
	l := w.logs[path]
	if l == nil {
		return nil, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seen.note, l.seen.signed && l.broken == nil
}

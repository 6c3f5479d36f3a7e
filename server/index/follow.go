package index

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
)

// batchEntries is the most entries that Run takes in with one write: enough for
// long runs, few enough that look-ups are not far behind.
const batchEntries = 8192

// maxResets is how often Run begins at zero before it has caught up once: more
// is a disk that cannot hold an index.
const maxResets = 3

// Source is the log as an index follows it.
type Source interface {
	// Size is the number of entries that can be read.
	Size() int64
	// WaitFor returns when Size is at least size, or with the context's error.
	WaitFor(ctx context.Context, size int64) error
	// Terms returns the terms of the entries from, inclusive, to, exclusive; it
	// may stop after any entry but the first.
	Terms(ctx context.Context, from, to int64) ([][]Term, error)
}

// Run keeps the index up to the log until the context ends, and returns its
// error. The next write is what the log took while the last was made. An index
// that is damaged, or ahead of the log, is dropped and rebuilt; while the disk
// is full it waits, and looks for space now and then. An index that somebody else resets
// meanwhile is followed from zero. It fails if the source does, or if a rebuilt
// index is damaged again and again. The caller owns the goroutine.
func (ix *Index) Run(ctx context.Context, src Source) error {
	resets, full := 0, false
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		applied, size := ix.Applied(), src.Size()
		if e := ix.broken.Load(); e != nil && e.code == "SERVER-INDEX-FULL" {
			if err := ix.late(); err == nil {
				continue
			} else if !isFull(err) {
				return fmt.Errorf("following the log: %w", err)
			}
			if err := ix.patient(ctx, src, size); err != nil {
				return fmt.Errorf("following the log: %w", err)
			}
			continue
		}
		if damage := ix.broken.Load(); damage != nil || applied > size {
			if damage == nil {
				damage = fault("SERVER-INDEX-CORRUPT", "it has %d entries, the log %d", applied, size)
			}
			if resets++; resets > maxResets {
				return fmt.Errorf("following the log: %w", damage)
			}
			ix.log.LogAttrs(ctx, slog.LevelWarn, "rebuilding index from the log", slog.String("reason", damage.Error()))
			if err := ix.Reset(); isFull(err) {
				resets--
				err = ix.patient(ctx, src, size)
				if err != nil {
					return fmt.Errorf("following the log: %w", err)
				}
			} else if err != nil {
				return fmt.Errorf("following the log: %w", err)
			}
			continue
		}
		if applied == size {
			resets = 0
			if err := ix.wait(ctx, src, applied, size+1); err != nil {
				return fmt.Errorf("following the log: %w", err)
			}
			continue
		}
		to := min(size, applied+batchEntries)
		terms, err := src.Terms(ctx, applied, to)
		if err != nil {
			return fmt.Errorf("reading terms of entries %d to %d: %w", applied, to, err)
		}
		if n := int64(len(terms)); n == 0 || n > to-applied {
			return fmt.Errorf("reading terms of entries %d to %d: got those of %d entries", applied, to, n)
		}
		err = ix.Apply(applied, terms)
		var e *Error
		switch {
		case err == nil:
			full = false
		case errors.As(err, &e) && e.code == "SERVER-INDEX-CORRUPT":
			// The next turn rebuilds it.
		case errors.Is(err, errElsewhere):
			// It was reset while the terms were read.
		case errors.As(err, &e) && e.code == "SERVER-INDEX-FULL":
			if !full {
				ix.log.LogAttrs(ctx, slog.LevelError, "index waits for free space", slog.String("reason", err.Error()))
			}
			full = true
			if err := ix.patient(ctx, src, size); err != nil {
				return fmt.Errorf("following the log: %w", err)
			}
		default:
			return fmt.Errorf("following the log: %w", err)
		}
	}
}

// isFull reports SERVER-INDEX-FULL.
func isFull(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.code == "SERVER-INDEX-FULL"
}

// patient waits for the log to move on, or long enough that there may be space.
func (ix *Index) patient(ctx context.Context, src Source, size int64) error {
	soon, cancel := context.WithTimeout(ctx, ix.o.poll)
	defer cancel()
	err := src.WaitFor(soon, size+1)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if soon.Err() != nil {
		return nil
	}
	return err
}

// wait returns when the log has the size, or the index was found damaged or has
// no longer applied what it had.
func (ix *Index) wait(ctx context.Context, src Source, applied, size int64) error {
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	ix.wake.Store(&cancel)
	defer ix.wake.Store(nil)
	if ix.broken.Load() != nil || ix.Applied() != applied {
		return nil
	}
	err := src.WaitFor(waiting, size)
	if err != nil && ctx.Err() == nil && waiting.Err() != nil {
		return nil
	}
	return err
}

package server

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/filestore"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/blobs"
	"github.com/yurai-ledger/yurai/server/problem"
)

// scrubRate is how much the scrubber reads, in bytes a second, and scrubPause how
// long it rests after it has read everything.
const (
	scrubRate  = 4 << 20
	scrubPause = time.Hour
)

// scrubbed is what the scrubber has to say.
type scrubbed struct {
	Pass     int64 `json:"pass"`     // times that everything was read
	Verified int64 `json:"verified"` // leaves of the log read in this pass
	Blobs    int64 `json:"blobs"`    // blobs read in this pass
	Damaged  int64 `json:"damaged"`  // bundles and tiles found damaged, in this pass or the last whole one
	Lost     int64 `json:"lost"`     // BOM entries whose bytes are lost or damaged, counted likewise
}

// scrubber reads the whole log again, slowly and for ever: each tile, each bundle,
// and the bytes of each BOM entry. What it finds it says; it changes nothing. The
// entry of a lost blob stands as before.
type scrubber struct {
	store *filestore.Store
	blobs *blobs.Store
	log   *slog.Logger
	rate  int64 // bytes a second
	pause time.Duration

	mu    sync.Mutex // now and whole are read while Run writes them
	now   scrubbed
	whole scrubbed // of the last whole pass

	debt int64 // bytes read and not yet waited for; Run's
}

func newScrubber(store *filestore.Store, blobs *blobs.Store, rate int64, log *slog.Logger) *scrubber {
	if rate <= 0 {
		rate = scrubRate
	}
	return &scrubber{store: store, blobs: blobs, log: log, rate: rate, pause: scrubPause}
}

// said returns what was found.
func (s *scrubber) said() scrubbed {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.now
	a.Damaged, a.Lost = max(a.Damaged, s.whole.Damaged), max(a.Lost, s.whole.Lost)
	return a
}

func (s *scrubber) note(change func(*scrubbed)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.now)
}

// Run reads until ctx ends.
func (s *scrubber) Run(ctx context.Context) error {
	for {
		if err := s.once(ctx); err != nil {
			return err
		}
		s.mu.Lock()
		s.whole = s.now
		s.now = scrubbed{Pass: s.now.Pass + 1}
		found := s.whole
		s.mu.Unlock()
		s.log.LogAttrs(ctx, slog.LevelInfo, "scrubbed the log", slog.Int64("leaves", found.Verified), slog.Int64("blobs", found.Blobs),
			slog.Int64("damaged", found.Damaged), slog.Int64("lost", found.Lost))
		if err := sleep(ctx, s.pause); err != nil {
			return err
		}
	}
}

// once reads everything that the log has when it begins.
func (s *scrubber) once(ctx context.Context) error {
	size := s.store.Head().Size
	for at := int64(0); at < size; at += ledger.TileWidth {
		n, err := s.store.Verify(at / ledger.TileWidth)
		if err != nil {
			s.note(func(a *scrubbed) { a.Damaged++ })
			s.log.LogAttrs(ctx, slog.LevelError, "the log's files are damaged", slog.Int64("first", at), slog.String("code", problem.Code(err)), slog.String("error", err.Error()))
		}
		width := min(size-at, ledger.TileWidth)
		s.note(func(a *scrubbed) { a.Verified += width })
		if err := s.rest(ctx, n); err != nil {
			return err
		}
		if err == nil {
			if err := s.bodies(ctx, at, int(width)); err != nil {
				return err
			}
		}
	}
	return nil
}

// bodies reads the bytes of the BOM entries of a bundle.
func (s *scrubber) bodies(ctx context.Context, first int64, width int) error {
	b, err := s.store.Bundle(first/ledger.TileWidth, width)
	if err != nil {
		return nil // said by Verify, or at the next pass
	}
	leaves, err := ledger.ParseBundle(b)
	if err != nil {
		return nil
	}
	for i, leaf := range leaves {
		st, err := readStatement(leaf)
		if err != nil {
			continue
		}
		said, ok := st.Body.(*statement.BOM)
		if !ok {
			continue
		}
		n, err := s.blobs.Verify(ctx, said.Digest)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, blobs.ErrAbsent):
			err = blobs.Lost(said.Digest, blobs.ErrAbsent)
		}
		if err != nil {
			s.note(func(a *scrubbed) { a.Lost++ })
			s.log.LogAttrs(ctx, slog.LevelError, "the bytes of an entry are lost; the entry stands", slog.Int64("index", first+int64(i)),
				slog.String("code", problem.Code(err)), slog.String("error", err.Error()))
		}
		s.note(func(a *scrubbed) { a.Blobs++ })
		if err := s.rest(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// rest waits so that no more than the rate is read.
func (s *scrubber) rest(ctx context.Context, n int64) error {
	const least = 10 * time.Millisecond
	s.debt += n
	wait := time.Duration(float64(s.debt) / float64(s.rate) * float64(time.Second))
	if wait < least {
		return ctx.Err()
	}
	s.debt = 0
	return sleep(ctx, wait)
}

// sleep waits, or returns the context's error.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

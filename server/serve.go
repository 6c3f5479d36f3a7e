package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"

	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

// Serve answers on l until ctx ends or the log fails, then stops in order: no
// new connection, requests in flight finished, the sequencer, the index and the
// files closed. It returns nil after ctx ended, else what failed. It may be
// called once, and l is closed when it returns. A listener that others than
// this machine can reach is SERVER-LISTEN-LOOPBACK.
//
// On its first run it appends genesis and admission as entries 0 and 1. A
// process that is killed at any time, between the two as well, goes on where it
// was at the next Serve.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	if err := checkLoopback(l); err != nil {
		return errors.Join(err, l.Close(), s.Close())
	}
	if s.served.Swap(true) {
		return errors.Join(errors.New("the server has been served already"), l.Close())
	}
	// The committer outlives ctx: requests in flight wait for it.
	inner, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()

	var running sync.WaitGroup
	failed := make(chan error, 2)
	start := func(name string, run func() error) {
		running.Go(func() {
			if err := run(); err != nil {
				s.log.LogAttrs(inner, slog.LevelError, "part of the server failed", slog.String("part", name), slog.String("error", err.Error()))
				failed <- err
			}
		})
	}
	web := s.web(inner, s.Handler())
	start("sequencer", func() error { return quiet(s.sequence.Run(inner)) })
	running.Go(func() {
		// Without its index the log goes on: look-ups say that they cannot answer.
		if err := quiet(s.lookups.run(inner)); err != nil {
			s.log.LogAttrs(inner, slog.LevelError, "look-up index failed", slog.String("error", err.Error()))
		}
	})
	running.Go(func() {
		if err := quiet(s.contents.run(inner)); err != nil {
			s.log.LogAttrs(inner, slog.LevelError, "index of contents failed", slog.String("error", err.Error()))
		}
	})
	running.Go(func() { _ = quiet(s.scrub.Run(inner)) })
	if len(s.watched) > 0 {
		running.Go(func() { _ = quiet(s.watch(inner, s.watched, s.watching)) })
	}
	start("http", func() error {
		if err := web.Serve(limit(l, maxConnections)); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})

	err := s.begin(ctx)
	if err == nil {
		select {
		case <-ctx.Done():
		case err = <-failed:
		}
	} else if ctx.Err() != nil {
		err = nil
	} else {
		// The sequencer's own error says more than that it took nothing.
		select {
		case err = <-failed:
		default:
		}
	}

	s.stopping.Store(true)
	s.log.LogAttrs(inner, slog.LevelInfo, "stopping", slog.Int64("size", s.sequence.Size()))
	drain, cancel := context.WithTimeout(inner, s.timeouts.drain)
	defer cancel()
	if late := web.Shutdown(drain); late != nil {
		s.log.LogAttrs(inner, slog.LevelWarn, "requests in flight were cut off", slog.String("error", late.Error()))
		_ = web.Close()
	}
	stop()
	running.Wait()
	return errors.Join(err, s.Close())
}

// quiet drops the error of a part that ended because it was told to.
func quiet(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, sequencer.ErrClosed) {
		return nil
	}
	return err
}

// begin records genesis and admission where the log has not, and opens the
// server to requests.
func (s *Server) begin(ctx context.Context) error {
	for index, leaf := range [][]byte{s.genesis, s.admission} {
		if s.sequence.Size() > int64(index) {
			continue // compared at open
		}
		if h := s.halted.Load(); h != nil {
			return refuse(h.code, "nothing is recorded: %s", h.reason)
		}
		entry, err := s.reopen(int64(index), leaf)
		if err != nil {
			return err
		}
		receipt, err := s.sequence.Add(ctx, entry)
		if err != nil {
			return err
		}
		if receipt.Index != int64(index) || receipt.Duplicate {
			return refuse("SERVER-FOLDER-INVALID", "the log has entry %d of its beginning at index %d", index, receipt.Index)
		}
	}
	s.lookups.poke()
	close(s.begun)
	s.log.LogAttrs(ctx, slog.LevelInfo, "ready", slog.String("origin", s.origin), slog.Int64("size", s.sequence.Size()))
	if !s.anchored {
		s.log.LogAttrs(ctx, slog.LevelWarn, "the log has no anchor: a restored backup or a cloned machine would not be noticed")
	}
	return nil
}

// web returns the HTTP server with every bound that net/http has.
func (s *Server) web(ctx context.Context, h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: s.timeouts.header,
		ReadTimeout:       s.timeouts.body,
		WriteTimeout:      s.timeouts.answer,
		IdleTimeout:       s.timeouts.idle,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
}

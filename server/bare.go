package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// bare returns a server without a ledger: what a handler needs to be bounded,
// logged and refused in the words of every other, and no more.
func bare(o Options) *Server {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		clock: o.Clock, log: o.Logger, timeouts: defaultTimeouts,
		begun: make(chan struct{}), requests: make(chan struct{}, maxRequests),
		outgoing: semaphore.NewWeighted(maxOutgoing),
	}
	close(s.begun)
	return s
}

// runBare answers on l with h, runs part beside it until ctx ends or either
// fails, then finishes what is being answered. l is closed when it returns.
func (s *Server) runBare(ctx context.Context, l net.Listener, h http.Handler, part func(context.Context) error) error {
	if err := checkLoopback(l); err != nil {
		return errors.Join(err, l.Close())
	}
	inner, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	web := s.web(inner, s.guarded(h))
	failed := make(chan error, 2)
	var running sync.WaitGroup
	running.Go(func() { failed <- part(inner) })
	running.Go(func() {
		if err := web.Serve(limit(l, maxConnections)); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	})
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	s.stopping.Store(true)
	drain, cancel := context.WithTimeout(inner, s.timeouts.drain)
	defer cancel()
	if late := web.Shutdown(drain); late != nil {
		s.log.LogAttrs(inner, slog.LevelWarn, "requests in flight were cut off", slog.String("error", late.Error()))
		_ = web.Close()
	}
	stop()
	running.Wait()
	return quiet(err)
}

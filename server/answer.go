package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/server/problem"
)

// Media types of answers.
const (
	typeJSON   = "application/json"
	typeText   = "text/plain; charset=utf-8"
	typeBytes  = "application/octet-stream"
	typeBundle = "application/vnd.yurai.bundle+json"
)

// retryAfter is how long a client should wait before it asks a busy server
// again, in seconds.
const retryAfter = 2

// send writes an answer whole.
func send(w http.ResponseWriter, r *http.Request, status int, mediaType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client is gone; nobody to tell
	}
}

// fail answers with the problem document of an error. An error without a code,
// or with one that does not travel over HTTP, is the server's own fault: it is
// logged and its text stays here.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	d, unknown := problem.From(err)
	if unknown != nil {
		if r.Context().Err() != nil && errors.Is(err, context.Cause(r.Context())) {
			d, unknown = problem.New("SERVER-REQUEST-ENDED", "the request ended before its answer")
		} else {
			s.log.LogAttrs(r.Context(), slog.LevelError, "request failed",
				slog.String("method", r.Method), slog.String("route", route(r)),
				slog.String("code", problem.Code(err)), slog.String("error", err.Error()))
			d, unknown = problem.New("SERVER-INTERNAL-ERROR", "")
		}
	}
	if unknown != nil {
		panic(unknown) // our own codes have rows; a test holds the table against the code
	}
	// A refusal of package sbom says its place apart from its text.
	var refused *sbom.Refusal
	if errors.As(err, &refused) && d.Code == refused.Code() {
		if placed, err := problem.New(d.Code, refused.Text); err == nil {
			placed.Pointer, placed.Line = refused.Pointer, refused.Line
			d = placed
		}
	}
	raw, err := d.Marshal()
	if err != nil {
		panic(err)
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	if d.Status == http.StatusServiceUnavailable || d.Status == http.StatusTooManyRequests || d.Status == http.StatusInsufficientStorage {
		h.Set("Retry-After", strconv.Itoa(retryAfter))
	}
	send(w, r, d.Status, problem.MediaType, raw)
}

// route returns the pattern that a request matched, never its path: paths are
// the client's text.
func route(r *http.Request) string {
	if r.Pattern == "" {
		return "none"
	}
	return r.Pattern
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// guarded wraps every handler: headers that keep browsers from guessing,
// deadlines, the bound on requests, the access log, and the net under a panic.
func (s *Server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := s.clock()
		rec := &recorder{ResponseWriter: w}
		h := rec.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		defer func() {
			if fault := recover(); fault != nil {
				if err, ok := fault.(error); ok && errors.Is(err, http.ErrAbortHandler) {
					panic(fault)
				}
				s.log.LogAttrs(r.Context(), slog.LevelError, "handler panicked",
					slog.String("method", r.Method), slog.String("route", route(r)), slog.Any("panic", fault), slog.String("stack", stack()))
				if rec.status != 0 {
					panic(http.ErrAbortHandler) // half an answer is worse than none
				}
				s.fail(rec, r, refuse("SERVER-INTERNAL-ERROR", "the server hit a fault of its own"))
			}
			s.log.LogAttrs(r.Context(), slog.LevelInfo, "answered request",
				slog.String("method", r.Method), slog.String("route", route(r)), slog.Int("status", rec.status),
				slog.Int64("bytes", rec.bytes), slog.Int64("duration_ms", s.clock().Sub(began).Milliseconds()))
		}()
		select {
		case s.requests <- struct{}{}:
			defer func() { <-s.requests }()
		default:
			if !health(r) {
				s.fail(rec, r, refuse("SERVER-REQUESTS-BUSY", "%d requests are being answered", cap(s.requests)))
				return
			}
		}
		if !s.ready() && !health(r) {
			s.fail(rec, r, refuse("SERVER-NOT-READY", "the log has not recorded its genesis and admission yet"))
			return
		}
		if err := s.mute(r.URL.Path); err != nil {
			s.fail(rec, r, err)
			return
		}
		next.ServeHTTP(rec, r)
	})
}

func health(r *http.Request) bool { return r.URL.Path == "/healthz" || r.URL.Path == "/readyz" }

// only refuses every method but those that the route has.
func (s *Server) only(allow string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", allow)
		s.fail(w, r, refuse("SERVER-METHOD-REFUSED", "%.20s is not a method of this address, only %s", r.Method, allow))
	}
}

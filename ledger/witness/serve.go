package witness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
)

// sizeType is the media type of the size in a 409 (c2sp.org/tlog-witness).
const sizeType = "text/x.tlog.size"

// Handler returns what answers c2sp.org/tlog-witness: submission and monitoring
// prefix are one. Refusals are a line of text with their code.
func (w *Witness) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add-checkpoint", w.addCheckpoint)
	mux.HandleFunc("GET /{origin}/checkpoint", w.checkpoint)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("X-Content-Type-Options", "nosniff")
		select {
		case w.slots <- struct{}{}:
			defer func() { <-w.slots }()
		default:
			rw.Header().Set("Retry-After", "1")
			http.Error(rw, fmt.Sprintf("%d requests are being answered", maxHandled), http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(rw, r)
	})
}

func (w *Witness) addCheckpoint(rw http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, MaxRequest))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		http.Error(rw, "WITNESS-REQUEST-MALFORMED: the request is too long", http.StatusBadRequest)
		return
	case err != nil:
		http.Error(rw, "the request broke off", http.StatusBadRequest)
		return
	}
	request, err := ParseRequest(raw)
	var lines []byte
	if err == nil {
		// A client that leaves now does not change what becomes of it.
		lines, err = w.AddCheckpoint(context.WithoutCancel(r.Context()), request)
	}
	if err != nil {
		w.refuse(rw, r, err)
		return
	}
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = rw.Write(lines) // the client is gone; nobody to tell
}

// refuse answers with the status that the protocol has for an error.
func (w *Witness) refuse(rw http.ResponseWriter, r *http.Request, err error) {
	var conflict *ConflictError
	if errors.As(err, &conflict) {
		rw.Header().Set("Content-Type", sizeType)
		rw.WriteHeader(http.StatusConflict)
		_, _ = io.WriteString(rw, strconv.FormatInt(conflict.Size, 10)+"\n")
		return
	}
	code := ""
	if c := interface{ Code() string }(nil); errors.As(err, &c) {
		code = c.Code()
	}
	status := http.StatusInternalServerError
	switch code {
	case "WITNESS-REQUEST-MALFORMED", "WITNESS-OLD-LARGER":
		status = http.StatusBadRequest
	case "WITNESS-LOG-UNKNOWN":
		status = http.StatusNotFound
	case "WITNESS-SIGNATURE-REFUSED":
		status = http.StatusForbidden
	case "WITNESS-PROOF-REFUSED":
		status = http.StatusUnprocessableEntity
	default:
		w.logger.LogAttrs(r.Context(), slog.LevelError, "request failed", slog.String("code", code), slog.String("error", err.Error()))
		err = errors.New("the witness hit a fault of its own") // which is nobody else's business
	}
	http.Error(rw, fmt.Sprintf("%s: %v", code, err), status)
}

// checkpoint answers a monitor.
func (w *Witness) checkpoint(rw http.ResponseWriter, r *http.Request) {
	note, ok := w.Checkpoint(r.PathValue("origin"))
	if !ok {
		http.Error(rw, "no checkpoint of this log was cosigned", http.StatusNotFound)
		return
	}
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	rw.Header().Set("Cache-Control", "no-cache")
	_, _ = rw.Write(note)
}

// Serve answers on l until ctx ends, then finishes the requests in flight and
// returns nil. l is closed when it returns; the witness stays open.
func (w *Witness) Serve(ctx context.Context, l net.Listener) error {
	web := &http.Server{
		Handler:           w.Handler(),
		ReadHeaderTimeout: headerTimeout, ReadTimeout: bodyTimeout, WriteTimeout: answerTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeaders,
		ErrorLog:       slog.NewLogLogger(w.logger.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(l) }() // awaited below
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	if err := web.Shutdown(drain); err != nil {
		w.logger.LogAttrs(drain, slog.LevelWarn, "requests in flight were cut off", slog.String("error", err.Error()))
		_ = web.Close()
	}
	<-ended
	return nil
}

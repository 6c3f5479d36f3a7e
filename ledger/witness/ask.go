package witness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
)

// remote is a witness as it is asked: one address, and the keys that a policy
// knows it by.
type remote struct {
	url  string
	name string // of the first key, for what is logged
	keys []*ledger.Verifier
}

// remotes returns the witnesses of a policy that have an address, each address once.
func remotes(p *ledger.WitnessPolicy) []*remote {
	var list []*remote
	byURL := map[string]*remote{}
	for _, w := range p.Witnesses() {
		u := strings.TrimSuffix(w.URL, "/")
		if u == "" {
			continue
		}
		r := byURL[u]
		if r == nil {
			r = &remote{url: u, name: w.Verifier.Name()}
			byURL[u] = r
			list = append(list, r)
		}
		r.keys = append(r.keys, w.Verifier)
	}
	return list
}

// newClient returns the HTTP client that witnesses are asked with: one connection
// each, no redirect, nothing unpacked.
func newClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			MaxConnsPerHost:        2,
			MaxResponseHeaderBytes: maxHeaders,
			ResponseHeaderTimeout:  askTimeout,
			TLSHandshakeTimeout:    askTimeout,
			IdleConnTimeout:        idleTimeout,
			DisableCompression:     true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// invalid refuses what a witness answered.
func invalid(format string, args ...any) error {
	return ledger.Refuse("WITNESS-ANSWER-INVALID", format, args...)
}

// exchange sends one request and returns status, media type and at most maxAnswer
// bytes; a longer answer is an error.
func exchange(client *http.Client, r *http.Request) (int, string, []byte, error) {
	res, err := client.Do(r)
	if err != nil {
		return 0, "", nil, ledger.Refuse("WITNESS-SERVER-UNREACHABLE", "no answer: %w", err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return 0, "", nil, ledger.Refuse("WITNESS-SERVER-UNREACHABLE", "the answer broke off: %w", err)
	}
	if len(b) > maxAnswer {
		return 0, "", nil, invalid("the answer is longer than %d bytes", maxAnswer)
	}
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	return res.StatusCode, kind, b, nil
}

// errOther is wrapped when a witness says that it knows another or a longer history
// than the one it was shown.
var errOther = errors.New("the witness says that it has cosigned what this log does not have")

// add asks for cosignatures of a signed checkpoint. old is the size that the witness
// cosigned last, as far as known; the size that it then has is returned, also with
// an error. Every cosignature returned is verified, and at least one is.
func (w *remote) add(ctx context.Context, client *http.Client, tree ledger.HashReader, target ledger.Signed, old int64, now time.Time) ([]ledger.Cosignature, int64, error) {
	for range 3 {
		proof, err := ledger.ProveConsistency(tree, old, target.Size)
		if err != nil {
			return nil, old, err
		}
		body := Request{Old: old, Proof: proof, Note: target.Note}.Marshal()
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url+"/add-checkpoint", bytes.NewReader(body))
		if err != nil {
			return nil, old, err
		}
		r.Header.Set("Content-Type", "text/plain; charset=utf-8")
		status, kind, answer, err := exchange(client, r)
		if err != nil {
			return nil, old, err
		}
		switch status {
		case http.StatusOK:
			list, err := w.verify(target.Checkpoint, answer, now)
			if err != nil {
				return nil, old, err
			}
			return list, target.Size, nil
		case http.StatusConflict:
			size, ok := parseSize(strings.TrimSuffix(string(answer), "\n"))
			switch {
			case kind != sizeType || !ok || size == old:
				return nil, old, invalid("a conflict without another size")
			case size > target.Size:
				return nil, old, fmt.Errorf("%w: %d leaves, shown were %d", errOther, size, target.Size)
			}
			old = size
		case http.StatusUnprocessableEntity:
			return nil, old, fmt.Errorf("%w: it refuses the proof from %d to %d leaves", errOther, old, target.Size)
		default:
			return nil, old, invalid("status %d: %.200q", status, answer)
		}
	}
	return nil, old, invalid("it changes its mind about what it cosigned last")
}

// verify returns the cosignatures in an answer.
func (w *remote) verify(c ledger.Checkpoint, lines []byte, now time.Time) ([]ledger.Cosignature, error) {
	list, err := ledger.ParseCosignatures(c, lines, w.keys...)
	if err != nil {
		return nil, invalid("%w", err)
	}
	if len(list) == 0 {
		return nil, invalid("it did not sign with any of its keys")
	}
	for _, s := range list {
		if s.Time.After(now.Add(ahead)) {
			return nil, invalid("its cosignature is dated %s", s.Time.Format(time.RFC3339))
		}
	}
	return list, nil
}

// latest asks for the last checkpoint that the witness cosigned of a log, and
// verifies it under the log's keys; nil if there is none.
func (w *remote) latest(ctx context.Context, client *http.Client, log Log) (*ledger.Signed, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+"/"+Path(log.Origin)+"/checkpoint", nil)
	if err != nil {
		return nil, err
	}
	status, _, answer, err := exchange(client, r)
	switch {
	case err != nil:
		return nil, err
	case status == http.StatusNotFound:
		return nil, nil
	case status != http.StatusOK:
		return nil, invalid("status %d: %.200q", status, answer)
	}
	s, err := ledger.OpenSigned(answer, log.Origin, log.Keys...)
	if err != nil {
		return nil, invalid("%w", err)
	}
	return &s, nil
}

// Anchors asks every witness of a policy that has an address for the last checkpoint
// of a log that it cosigned, all at once and no longer than a few seconds. What it
// returns is signed by the log's own keys, whatever the witness says of it. Those that
// do not answer are logged; no anchor at all is no error.
func Anchors(ctx context.Context, p *ledger.WitnessPolicy, log Log, logger *slog.Logger) []ledger.Checkpoint {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	client := newClient()
	defer client.CloseIdleConnections()
	list := remotes(p)
	found := make([]*ledger.Signed, len(list))
	var all sync.WaitGroup
	for i, w := range list {
		all.Go(func() { // awaited below
			s, err := w.latest(ctx, client, log)
			if err != nil {
				logger.LogAttrs(ctx, slog.LevelWarn, "witness does not say what it has seen", slog.String("witness", w.name), slog.String("error", err.Error()))
				return
			}
			found[i] = s
		})
	}
	all.Wait()
	var anchors []ledger.Checkpoint
	for _, s := range found {
		if s != nil {
			anchors = append(anchors, s.Checkpoint)
		}
	}
	return anchors
}

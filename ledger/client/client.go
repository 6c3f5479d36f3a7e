// Package client reads a log over HTTP as c2sp.org/tlog-tiles lays it out and
// verifies what it reads: a checkpoint is returned only if every key that the
// trust file requires has signed it. Tiles and entry bundles come back as
// served; whoever uses them hashes them up to a verified checkpoint.
package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
)

// MaxAnswer bounds the bytes of one tile or entry bundle.
const MaxAnswer = ledger.TileWidth * (ledger.MaxLeaf + 2)

// ErrNotFound is returned when the server answers that it has no such
// resource: an answer, unlike a server that cannot be reached.
var ErrNotFound = errors.New("the server has no such resource")

// Client reads one log. Its methods may be used concurrently.
type Client struct {
	base string
	log  ledger.TrustedLog
	http *http.Client
}

// New returns a reader of the log at base, an http or https URL, whose
// checkpoints must verify under log. It refuses any other URL with
// CLIENT-URL-MALFORMED. Redirects are not followed: the operator named the server.
func New(base string, log ledger.TrustedLog) (*Client, error) {
	hc, err := HTTP(base)
	if err != nil {
		return nil, err
	}
	return &Client{base: strings.TrimSuffix(base, "/"), log: log, http: hc}, nil
}

// HTTP returns the HTTP client that this program talks to a ledger server with:
// bounded in time, following no redirect, keeping no cookies. It refuses a base
// that is not an http or https URL of a host, with CLIENT-URL-MALFORMED.
func HTTP(base string) (*http.Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, ledger.Refuse("CLIENT-URL-MALFORMED", "%q is not the http or https address of a server", base)
	}
	return &http.Client{
		Timeout:       2 * time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

// Origin returns the origin of the log that is read.
func (c *Client) Origin() string { return c.log.Origin }

// Checkpoint fetches the published checkpoint and verifies it under the trusted
// keys; it returns the signed note too. Refusals: CLIENT-SERVER-UNREACHABLE,
// CLIENT-ANSWER-INVALID, and those of [ledger.OpenCheckpoint].
func (c *Client) Checkpoint(ctx context.Context) (ledger.Checkpoint, []byte, error) {
	raw, err := c.get(ctx, "checkpoint", ledger.MaxCheckpoint)
	if err != nil {
		return ledger.Checkpoint{}, nil, err
	}
	cp, err := ledger.OpenCheckpoint(raw, c.log.Origin, c.log.Keys...)
	if err != nil {
		return ledger.Checkpoint{}, nil, err
	}
	return cp, raw, nil
}

// Tile fetches width hashes of a tile, unverified.
func (c *Client) Tile(ctx context.Context, level int, index int64, width int) ([]byte, error) {
	b, err := c.get(ctx, ledger.TilePath(level, index, width), ledger.TileWidth*len(ledger.Hash{}))
	if err == nil && len(b) != width*len(ledger.Hash{}) {
		return nil, ledger.Refuse("CLIENT-ANSWER-INVALID", "tile %s has %d bytes instead of %d", ledger.TilePath(level, index, width), len(b), width*len(ledger.Hash{}))
	}
	return b, err
}

// Bundle fetches an entry bundle of width leaves, unverified.
func (c *Client) Bundle(ctx context.Context, index int64, width int) ([]byte, error) {
	return c.get(ctx, ledger.BundlePath(index, width), MaxAnswer)
}

func (c *Client) get(ctx context.Context, path string, limit int) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/"+path, nil)
	if err != nil {
		return nil, ledger.Refuse("CLIENT-URL-MALFORMED", "no request can be made for %s: %w", path, err)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, Unreachable(c.base, err)
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusNotFound:
		return nil, fmt.Errorf("reading %s: %w", path, ErrNotFound)
	case res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests:
		return nil, ledger.Refuse("CLIENT-SERVER-UNREACHABLE", "%s answers %s for %s", c.base, res.Status, path)
	case res.StatusCode != http.StatusOK:
		return nil, ledger.Refuse("CLIENT-ANSWER-INVALID", "%s answers %s for %s", c.base, res.Status, path)
	}
	return ReadAll(res.Body, limit)
}

// Unreachable returns the refusal for a server that gave no answer.
func Unreachable(base string, err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return ledger.Refuse("CLIENT-SERVER-UNREACHABLE", "no answer from %s: %w", base, err)
}

// ReadAll reads an answer of at most limit bytes; a longer one is
// CLIENT-ANSWER-INVALID, a broken one CLIENT-SERVER-UNREACHABLE.
func ReadAll(r io.Reader, limit int) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return nil, ledger.Refuse("CLIENT-SERVER-UNREACHABLE", "the answer broke off: %w", err)
	}
	if len(b) > limit {
		return nil, ledger.Refuse("CLIENT-ANSWER-INVALID", "the answer is longer than %d bytes", limit)
	}
	return b, nil
}

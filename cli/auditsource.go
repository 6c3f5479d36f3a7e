package cli

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/audit"
	"github.com/yurai-ledger/yurai/ledger/client"
	"github.com/yurai-ledger/yurai/ledger/filestore"
	"github.com/yurai-ledger/yurai/server/blobs"
)

// source is a log to audit.
type source interface {
	audit.Source

	// Log returns the log and the keys that it is trusted by.
	Log() ledger.TrustedLog

	// Head returns the newest checkpoint, verified; a folder's has no note. past
	// asks for it past caches.
	Head(ctx context.Context, past bool) (ledger.Signed, error)

	// Blob returns the bytes of a digest, compared with it.
	Blob(ctx context.Context, digest ledger.Hash, size int64) ([]byte, error)

	// ReadsHeld reports whether held blobs can be read.
	ReadsHeld() bool

	Close() error
}

// openSource opens a log by the address of its server or by its folder.
func openSource(ctx context.Context, where string, trust *ledger.Trust) (source, error) {
	if strings.HasPrefix(where, "http://") || strings.HasPrefix(where, "https://") {
		return openServer(ctx, where, trust)
	}
	return openFolder(where, trust)
}

// served is a log over HTTP.
type served struct {
	*client.Client
	remote *remote
}

func openServer(ctx context.Context, base string, trust *ledger.Trust) (source, error) {
	r, _, err := meet(ctx, base, trust)
	if err != nil {
		return nil, err
	}
	c, err := client.New(r.base, r.log)
	if err != nil {
		return nil, err
	}
	return &served{c, r}, nil
}

func (s *served) Log() ledger.TrustedLog { return s.remote.log }
func (s *served) ReadsHeld() bool        { return false }
func (s *served) Close() error           { return nil }

func (s *served) Head(ctx context.Context, past bool) (ledger.Signed, error) {
	return s.remote.checkpoint(ctx, past)
}

func (s *served) Blob(ctx context.Context, digest ledger.Hash, size int64) ([]byte, error) {
	raw, err := s.remote.get(ctx, "blobs/sha256/"+strings.TrimPrefix(digest.String(), "sha256:"), int(min(size, maxBOM)))
	if err != nil {
		return nil, err
	}
	if got := ledger.Hash(sha256.Sum256(raw)); got != digest {
		return nil, refuse("CLI-ANSWER-MALFORMED", "%s serves other bytes, %s", s.remote.base, got)
	}
	return raw, nil
}

// folder is a log where its server keeps it. Nothing in it is changed, and its
// server may be running.
type folder struct {
	log   ledger.TrustedLog
	store *filestore.Store
	blobs *blobs.Store // nil if there is no folder of blobs
}

func openFolder(dir string, trust *ledger.Trust) (source, error) {
	name := filepath.Join(dir, "log")
	raw, err := readFile(filepath.Join(name, "origin"), ledger.MaxOrigin+1)
	if err != nil {
		return nil, err
	}
	origin := strings.TrimSuffix(string(raw), "\n")
	log, ok := trust.Log(origin)
	if !ok {
		return nil, ledger.Refuse("TRUST-LOG-UNKNOWN", "%s holds log %q, which the trust file does not name", dir, printable(origin))
	}
	store, err := filestore.Open(name, filestore.Options{Origin: origin, FS: filestore.ReadOnly(name)})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	f := &folder{log: log, store: store}
	if f.blobs, err = blobs.View(filepath.Join(dir, "blobs"), blobs.Options{}); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(refuse("CLI-FILE-UNREADABLE", "%s: %w", dir, err), store.Close())
	}
	return f, nil
}

func (f *folder) Log() ledger.TrustedLog { return f.log }
func (f *folder) ReadsHeld() bool        { return true }

func (f *folder) Close() error {
	err := f.store.Close()
	if f.blobs != nil {
		err = errors.Join(err, f.blobs.Close())
	}
	return err
}

func (f *folder) Head(context.Context, bool) (ledger.Signed, error) {
	h := f.store.Head()
	return ledger.Signed{Checkpoint: ledger.Checkpoint{Origin: f.log.Origin, Size: h.Size, Root: h.Root}}, nil
}

func (f *folder) Tile(_ context.Context, level int, index int64, width int) ([]byte, error) {
	return f.store.Tile(level, index, width)
}

func (f *folder) Bundle(_ context.Context, index int64, width int) ([]byte, error) {
	return f.store.Bundle(index, width)
}

func (f *folder) Blob(ctx context.Context, digest ledger.Hash, _ int64) ([]byte, error) {
	if f.blobs == nil {
		return nil, blobs.ErrAbsent
	}
	b, err := f.blobs.Get(ctx, digest)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	return append([]byte(nil), b.Bytes()...), nil
}

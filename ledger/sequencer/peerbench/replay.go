package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/audit"
	"github.com/yurai-ledger/yurai/ledger/filestore"
)

// replay recomputes root and tiles of a log from its leaves and compares them
// with what the log says: ours by package audit, the peer's by its fsck, both
// straight from the folder.
func replay(ctx context.Context, s spec) (result, error) {
	folder := filepath.Join(s.Dir, "log")
	begun := used(started)
	var n int64
	var err error
	if isOurs(s.Column) {
		n, err = replayOurs(ctx, folder)
	} else {
		n, err = replayPeer(ctx, s, folder)
	}
	ended := used(started)
	return result{Entries: n, Seconds: (ended.at - begun.at).Seconds(), CPU: (ended.cpu - begun.cpu).Seconds()}, err
}

// folderSource is a store as package audit reads it.
type folderSource struct{ *filestore.Store }

func (f folderSource) Bundle(_ context.Context, index int64, width int) ([]byte, error) {
	return f.Store.Bundle(index, width)
}

func (f folderSource) Tile(_ context.Context, level int, index int64, width int) ([]byte, error) {
	return f.Store.Tile(level, index, width)
}

func replayOurs(ctx context.Context, folder string) (int64, error) {
	store, err := filestore.Open(folder, filestore.Options{Origin: origin, FS: filestore.ReadOnly(folder)})
	if err != nil {
		return 0, err
	}
	head := store.Head()
	found, err := audit.Replay(ctx, folderSource{store}, ledger.Checkpoint{Origin: origin, Size: head.Size, Root: head.Root}, nil,
		func(int64, []byte) error { return nil })
	if err == nil && len(found.Findings) > 0 {
		err = fmt.Errorf("findings: %v", found.Findings[0])
	}
	return found.Entries, errors.Join(err, store.Close())
}

func replayPeer(ctx context.Context, s spec, folder string) (int64, error) {
	_, public, err := peerKeys(s.Dir)
	if err != nil {
		return 0, err
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		return 0, err
	}
	source := client.FileFetcher{Root: folder}
	if err := fsck.New(origin, verifier, source, leafHashes, fsck.Opts{N: uint(s.Workers)}).Check(ctx); err != nil {
		return 0, err
	}
	raw, err := source.ReadCheckpoint(ctx)
	if err != nil {
		return 0, err
	}
	return checkpointSize(raw)
}

// leafHashes is what the peer's own program gives its fsck.
func leafHashes(bundle []byte) ([][]byte, error) {
	b := &api.EntryBundle{}
	if err := b.UnmarshalText(bundle); err != nil {
		return nil, err
	}
	hashes := make([][]byte, 0, len(b.Entries))
	for _, e := range b.Entries {
		hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(e))
	}
	return hashes, nil
}

// bound hashes as many leaves and nodes as the corpus has, on all cores, and
// does nothing else: no replay can be faster.
func bound(s spec) result {
	cores := runtime.GOMAXPROCS(0)
	begun := time.Now()
	var wait sync.WaitGroup
	for range cores {
		wait.Go(func() {
			leaf := make([]byte, s.Corpus.Size)
			var node ledger.Hash
			for range s.Corpus.Leaves / cores {
				node = ledger.NodeHash(ledger.LeafHash(leaf), node)
			}
		})
	}
	wait.Wait()
	return result{Entries: int64(s.Corpus.Leaves / cores * cores), Seconds: time.Since(begun).Seconds()}
}

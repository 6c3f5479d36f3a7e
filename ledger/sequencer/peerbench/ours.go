package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/filestore"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server"
	"github.com/yurai-ledger/yurai/server/index"
)

// ours is a log of this repository: a sequencer over a folder of files and, but
// for the bare column, the registry as its guard and the look-ups beside it. It
// does what package server does between reading a request and answering it.
type ours struct {
	log   *sequencer.Log
	store *filestore.Store
	stop  context.CancelFunc
	ran   chan error

	// The rest is zero in the bare column.
	state   *registry.State
	opened  []*registry.Prepared // a vendor's statement, opened beforehand; nil to open each
	index   *index.Index
	source  *source
	indexed chan error
}

// openOurs opens the log in a folder, and makes it and its first entries where
// there is none.
func openOurs(ctx context.Context, s spec) (*ours, error) {
	f, err := loadFoundation(s.Foundation)
	if err != nil {
		return nil, err
	}
	signers, err := f.signers()
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(s.Dir, "log")
	if _, err := os.Stat(folder); errors.Is(err, os.ErrNotExist) {
		if err := filestore.Create(folder, filestore.Options{Origin: origin}, time.Now()); err != nil {
			return nil, err
		}
	}
	o := &ours{ran: make(chan error, 1)}
	if o.store, err = filestore.Open(folder, filestore.Options{Origin: origin}); err != nil {
		return nil, err
	}
	c := sequencer.Config{Origin: origin, Store: o.store, Signers: signers, Clock: time.Now}
	bare := s.Column == columnBare
	if bare {
		c.Signers = signers[:1]
	} else {
		o.state = registry.New(origin)
		c.Guard, c.Reopen = o.state, reopen
	}
	if o.log, err = sequencer.Open(ctx, c); err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(ctx)
	o.stop = stop
	if !bare {
		if o.index, err = index.Open(filepath.Join(s.Dir, "index"), index.Options{Log: origin}); err != nil {
			return nil, err
		}
		o.source = &source{log: o.log, grown: make(chan struct{})}
		o.indexed = make(chan error, 1)
		go func() { o.indexed <- o.index.Run(running, o.source) }()
	}
	go func() { o.ran <- o.log.Run(running) }()
	if bare {
		return o, nil
	}
	if o.log.Size() == 0 {
		for _, leaf := range f.Leaves {
			if _, _, err := o.add(ctx, leaf); err != nil {
				return nil, fmt.Errorf("adding the foundation: %w", err)
			}
		}
	}
	if s.Column == columnLog {
		return o, o.prepare(s)
	}
	return o, nil
}

// prepare opens one statement of each vendor, for the guard to judge.
func (o *ours) prepare(s spec) error {
	file, err := os.Open(s.Corpus.Path)
	if err != nil {
		return err
	}
	defer file.Close()
	for i := range vendors {
		leaf, err := s.Corpus.leaf(file, i)
		if err != nil {
			return err
		}
		p, err := o.state.Open(leaf)
		if err != nil {
			return err
		}
		o.opened = append(o.opened, p)
	}
	return nil
}

// reopen returns for a leaf of the log what was offered when it was added.
func reopen(_ int64, leaf []byte) (sequencer.Entry, error) {
	p, err := registry.PrepareLeaf(slices.Clone(leaf))
	if err != nil {
		return sequencer.Entry{}, err
	}
	return sequencer.Entry{Leaf: leaf, Identity: p.Identity(), Prepared: p}, nil
}

func (o *ours) add(ctx context.Context, leaf []byte) (int64, bool, error) {
	e := sequencer.Entry{Leaf: leaf}
	switch {
	case o.opened != nil:
		e.Prepared = o.opened[int(leaf[len(leaf)/2])%vendors]
	case o.state != nil:
		p, err := o.state.Open(leaf)
		if err != nil {
			return 0, false, err
		}
		if err := o.state.Check(p); err != nil {
			return 0, false, err
		}
		e = sequencer.Entry{Leaf: p.Leaf(), Identity: p.Identity(), Prepared: p}
	}
	if p, ok := e.Prepared.(*registry.Prepared); ok {
		o.source.recent.Put(ledger.LeafHash(e.Leaf), server.Terms(p.Statement()))
	}
	receipt, err := o.log.Add(ctx, e)
	if err != nil {
		return 0, false, err
	}
	if o.source != nil {
		o.source.poke()
	}
	return receipt.Index, receipt.Duplicate, nil
}

// watch has nothing to see: what add returns is published.
func (o *ours) watch(context.Context, func(int64)) {}

func (o *ours) busy(err error) bool { return errors.Is(err, sequencer.ErrBusy) }

func (o *ours) read(_ context.Context, at int64) error {
	_, err := o.log.Leaf(at)
	if len(o.log.Checkpoint()) == 0 {
		err = errors.Join(err, errors.New("no checkpoint"))
	}
	return err
}

func (o *ours) size(context.Context) (int64, error) { return o.log.Size(), nil }

// drained returns when the index has every entry.
func (o *ours) drained(ctx context.Context) error {
	for o.index != nil && o.index.Applied() < o.log.Size() {
		select {
		case err := <-o.indexed:
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
	return nil
}

func (o *ours) close() error {
	o.stop()
	err := <-o.ran
	if o.index != nil {
		if e := <-o.indexed; !errors.Is(e, context.Canceled) {
			err = errors.Join(err, e)
		}
		err = errors.Join(err, o.index.Close())
	}
	return errors.Join(err, o.store.Close())
}

// source is the log as the index follows it, as in package server: the terms of
// what was just added are remembered, all else is read back and parsed.
type source struct {
	log    *sequencer.Log
	recent index.Recent

	mu    sync.Mutex    // grown is replaced by whoever closes it
	grown chan struct{} // closed when the log has grown
}

func (s *source) poke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.grown)
	s.grown = make(chan struct{})
}

func (s *source) Size() int64 { return s.log.Size() }

func (s *source) WaitFor(ctx context.Context, size int64) error {
	for {
		s.mu.Lock()
		grown := s.grown
		s.mu.Unlock()
		if s.log.Size() >= size {
			return nil
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *source) Terms(ctx context.Context, from, to int64) ([][]index.Term, error) {
	list := make([][]index.Term, 0, to-from)
	for i := from; i < to && ctx.Err() == nil; {
		at := i / ledger.TileWidth
		end := min(to, (at+1)*ledger.TileWidth)
		hashes, err := s.log.Tile(0, at, int(end-at*ledger.TileWidth))
		if err != nil {
			return nil, err
		}
		var bundle [][]byte
		for ; i < end; i++ {
			place := i % ledger.TileWidth
			terms, ok := s.recent.Take([32]byte(hashes[place*32:]))
			if !ok {
				if bundle == nil {
					raw, err := s.log.Bundle(at, int(end-at*ledger.TileWidth))
					if err != nil {
						return nil, err
					}
					if bundle, err = ledger.ParseBundle(raw); err != nil {
						return nil, err
					}
				}
				if terms, err = termsOf(bundle[place]); err != nil {
					return nil, err
				}
			}
			list = append(list, terms)
		}
	}
	return list, ctx.Err()
}

func termsOf(leaf []byte) ([]index.Term, error) {
	e, err := envelope.ParseLeaf(leaf)
	if err != nil {
		return nil, err
	}
	said, err := statement.Parse(e.Payload())
	if err != nil {
		return nil, err
	}
	return server.Terms(said), nil
}

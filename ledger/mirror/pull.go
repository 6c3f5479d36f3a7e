package mirror

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/audit"
	"github.com/yurai-ledger/yurai/ledger/client"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

// Bounds of what one pull holds in memory: so many entry bundles of at most
// client.MaxAnswer bytes each, so many of them asked for at one time.
const (
	window   = 8
	parallel = 4
)

// Pull brings the mirror to the tree of a checkpoint, which the caller has
// verified and compared with what was seen before: it reads from src every tile
// and entry that is not here yet, verifies each before it is stored, and replaces
// the served checkpoint last. before, which may be nil, is called ahead of that,
// when all that the checkpoint covers is stored; its error is returned. What was
// stored when it fails, or the process ends, is where the next Pull goes on. The
// errors are
//
//	*audit.Fork, *audit.Rollback  the checkpoint contradicts the one that is served
//	MIRROR-ENTRIES-OTHER          the entries here, behind the served checkpoint, are not the log's
//	MIRROR-ANSWER-FALSE           what src serves does not give the root
//	MIRROR-ANSWER-ABSENT          src lacks what its checkpoint covers
//
// and those of src and of the store; after one of the store that does not wrap
// sequencer.ErrUnchanged the mirror has to be opened again.
func (m *Mirror) Pull(ctx context.Context, src audit.Source, head ledger.Signed, before func(context.Context) error) error {
	if head.Origin != m.log.Origin {
		return ledger.Refuse("MIRROR-LOG-OTHER", "a checkpoint of %q is not one of %q", head.Origin, m.log.Origin)
	}
	if served, ok := m.Signed(); ok {
		if head.Size < served.Size {
			return &audit.Rollback{Shown: head, Seen: served, Observed: m.clock()}
		}
		if err := audit.Consistent(ctx, src, served, head); err != nil {
			return useless(err)
		}
	}
	t, err := openTree(ctx, src, head.Checkpoint)
	if err != nil {
		return err
	}
	if err := m.joins(ctx, t); err != nil {
		return err
	}
	began := m.Stored()
	for m.Stored() < head.Size {
		if err := m.advance(ctx, t); err != nil {
			return err
		}
	}
	if before != nil {
		if err := before(ctx); err != nil {
			return err
		}
	}
	if err := m.publish(head); err != nil {
		return err
	}
	if head.Size > began {
		m.logger.LogAttrs(ctx, slog.LevelInfo, "pulled entries", slog.Int64("size", head.Size), slog.Int64("entries", head.Size-began))
	}
	return nil
}

// joins reports whether the stored tree is where the pulled one begins, by the
// right edge of the smaller of them.
func (m *Mirror) joins(ctx context.Context, t *tree) error {
	size := min(m.Stored(), t.size)
	for level := 0; size>>(ledger.TileHeight*level) > 0; level++ {
		count := size >> (ledger.TileHeight * level)
		width := int(count % ledger.TileWidth)
		if width == 0 {
			continue
		}
		index := count / ledger.TileWidth
		mine, err := m.store.Tile(level, index, width)
		if err != nil {
			return err
		}
		theirs, err := t.tile(ctx, level, index)
		if err != nil {
			return err
		}
		if !bytes.Equal(mine, theirs[:len(mine)]) {
			return ledger.Refuse("MIRROR-ENTRIES-OTHER", "the %d entries stored here are not those that the checkpoint of %d covers", size, t.size)
		}
	}
	return nil
}

// advance pulls and stores the next window of bundles.
func (m *Mirror) advance(ctx context.Context, t *tree) error {
	at := m.Stored()
	bundles, err := t.bundles(ctx, at/ledger.TileWidth)
	if err != nil {
		return err
	}
	b := sequencer.Batch{First: at, Time: m.now()}
	size := 0
	edge := *m.edge
	commit := func() error {
		b.Root = edge.Root()
		if _, err := m.store.Commit(ctx, b); err != nil {
			return fmt.Errorf("storing entries %d to %d: %w", b.First, b.First+int64(len(b.Leaves))-1, err)
		}
		*m.edge = edge
		b, size = sequencer.Batch{First: edge.Size(), Time: b.Time}, 0
		return nil
	}
	first := at - at%ledger.TileWidth
	for _, leaves := range bundles {
		for i, leaf := range leaves {
			if first+int64(i) < at {
				continue // stored before
			}
			if len(b.Leaves) == sequencer.MaxBatchLeaves || len(b.Leaves) > 0 && size+len(leaf) > sequencer.MaxBatchBytes {
				if err := commit(); err != nil {
					return err
				}
			}
			h := ledger.LeafHash(leaf)
			b.Leaves, b.Hashes, b.Identities = append(b.Leaves, leaf), append(b.Hashes, h), append(b.Identities, [32]byte(h))
			size += len(leaf)
			edge.Append(h, nil)
		}
		first += ledger.TileWidth
	}
	return commit()
}

// now returns the time of a commit, not before the one of the last.
func (m *Mirror) now() time.Time {
	at, last := m.clock(), m.store.Head().Time
	if at.After(last) {
		return at
	}
	return last
}

// publish serves a checkpoint from now on. Everything that it covers is durable.
func (m *Mirror) publish(head ledger.Signed) error {
	if served, ok := m.Signed(); ok && bytes.Equal(served.Note, head.Note) {
		return nil
	}
	if head.Size == m.Stored() && m.edge.Root() != head.Root {
		return ledger.Refuse("MIRROR-ENTRIES-OTHER", "the %d entries stored here give another root than the checkpoint's", head.Size)
	}
	if err := replaceFile(m.files, checkpointName, head.Note); err != nil {
		return fmt.Errorf("storing the checkpoint of %d entries: %w", head.Size, err)
	}
	m.published.Store(&head)
	return nil
}

// useless turns an error about tiles that prove nothing into the one of a useless
// answer. What accuses the log passes through.
func useless(err error) error {
	var fork *audit.Fork
	switch {
	case err == nil, errors.As(err, &fork):
		return err
	case errors.Is(err, client.ErrNotFound):
		return ledger.Refuse("MIRROR-ANSWER-ABSENT", "the log does not serve what its checkpoint covers: %w", err)
	case code(err) == "AUDIT-TILE-MISMATCH", code(err) == "LOG-TILE-MALFORMED":
		return ledger.Refuse("MIRROR-ANSWER-FALSE", "%v", err)
	}
	return err
}

// tree reads the tiles and leaves of one verified checkpoint. Everything that it
// returns is authenticated.
type tree struct {
	src  audit.Source
	size int64
	edge sequencer.Edge
	last [8]struct { // the full tile that was read last, a level
		index  int64
		hashes []byte
	}
}

// openTree reads the right edge of a tree, which gives its root.
func openTree(ctx context.Context, src audit.Source, head ledger.Checkpoint) (*tree, error) {
	t := &tree{src: src, size: head.Size}
	var err error
	t.edge, err = sequencer.Restore(head.Size, func(level int, index int64, width int) ([]ledger.Hash, error) {
		raw, err := src.Tile(ctx, level, index, width)
		if err != nil {
			return nil, useless(err)
		}
		if len(raw) != width*len(ledger.Hash{}) {
			return nil, ledger.Refuse("MIRROR-ANSWER-FALSE", "%s has %d bytes", ledger.TilePath(level, index, width), len(raw))
		}
		hashes := make([]ledger.Hash, width)
		for i := range hashes {
			hashes[i] = ledger.Hash(raw[i*len(ledger.Hash{}):])
		}
		return hashes, nil
	})
	if err != nil {
		return nil, err
	}
	if root := t.edge.Root(); root != head.Root {
		return nil, ledger.Refuse("MIRROR-ANSWER-FALSE", "the tiles at the edge of %d entries give root %v, the checkpoint says %v", head.Size, root, head.Root)
	}
	for i := range t.last {
		t.last[i].index = -1
	}
	return t, nil
}

// tile returns all hashes that a tile has in the tree: one on the right edge gave
// the root, a full one must fold to its hash in the tile above.
func (t *tree) tile(ctx context.Context, level int, index int64) ([]byte, error) {
	if at, hashes := t.edge.Tile(level); index == at {
		return join(hashes), nil
	}
	if t.last[level].index == index {
		return t.last[level].hashes, nil
	}
	raw, err := t.src.Tile(ctx, level, index, ledger.TileWidth)
	if err != nil {
		return nil, useless(err)
	}
	return raw, t.authentic(ctx, level, index, raw)
}

// authentic holds a full tile against the tile above, and keeps it.
func (t *tree) authentic(ctx context.Context, level int, index int64, raw []byte) error {
	name := ledger.TilePath(level, index, ledger.TileWidth)
	if len(raw) != ledger.TileWidth*len(ledger.Hash{}) {
		return ledger.Refuse("MIRROR-ANSWER-FALSE", "%s has %d bytes", name, len(raw))
	}
	above, err := t.tile(ctx, level+1, index/ledger.TileWidth)
	if err != nil {
		return err
	}
	root, err := ledger.TileNode(raw, ledger.TileHeight, 0)
	if err != nil {
		return err
	}
	if at := int(index%ledger.TileWidth) * len(root); !bytes.Equal(above[at:at+len(root)], root[:]) {
		return ledger.Refuse("MIRROR-ANSWER-FALSE", "%s does not fold to its hash in the tile above", name)
	}
	t.last[level].index, t.last[level].hashes = index, raw
	return nil
}

// bundles returns the leaves of the next bundles from one on, each bundle whole up
// to the size of the tree. They are asked for at the same time, with their tiles,
// and verified in order.
func (t *tree) bundles(ctx context.Context, first int64) ([][][]byte, error) {
	count := int(min(window, (t.size+ledger.TileWidth-1)/ledger.TileWidth-first))
	bundles, tiles := make([][]byte, count), make([][]byte, count)
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i := range count {
		index := first + int64(i)
		width := t.width(index)
		group.Go(func() (err error) {
			if bundles[i], err = t.src.Bundle(inner, index, width); err != nil || width < ledger.TileWidth {
				return useless(err)
			}
			tiles[i], err = t.src.Tile(inner, 0, index, width)
			return useless(err)
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	all := make([][][]byte, count)
	for i := range count {
		index := first + int64(i)
		if tiles[i] != nil {
			if err := t.authentic(ctx, 0, index, tiles[i]); err != nil {
				return nil, err
			}
		} else {
			_, hashes := t.edge.Tile(0)
			tiles[i] = join(hashes)
		}
		var err error
		if all[i], err = t.leaves(index, bundles[i], tiles[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// leaves returns the leaves of a bundle if they have the hashes of a tile.
func (t *tree) leaves(index int64, bundle, tile []byte) ([][]byte, error) {
	width := t.width(index)
	name := ledger.BundlePath(index, width)
	leaves, err := ledger.ParseBundle(bundle)
	if err != nil {
		return nil, ledger.Refuse("MIRROR-ANSWER-FALSE", "%s: %w", name, err)
	}
	if len(leaves) != width {
		return nil, ledger.Refuse("MIRROR-ANSWER-FALSE", "%s holds %d entries instead of %d", name, len(leaves), width)
	}
	for i, leaf := range leaves {
		if h := ledger.LeafHash(leaf); !bytes.Equal(h[:], tile[i*len(h):(i+1)*len(h)]) {
			return nil, ledger.Refuse("MIRROR-ANSWER-FALSE", "entry %d is not the one that the checkpoint covers", index*ledger.TileWidth+int64(i))
		}
	}
	return leaves, nil
}

// width returns how many entries a bundle has in the tree.
func (t *tree) width(index int64) int {
	return int(min(ledger.TileWidth, t.size-index*ledger.TileWidth))
}

// join returns the bytes of hashes.
func join(hashes []ledger.Hash) []byte {
	b := make([]byte, 0, len(hashes)*len(ledger.Hash{}))
	for _, h := range hashes {
		b = append(b, h[:]...)
	}
	return b
}

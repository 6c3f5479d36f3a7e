package audit

import (
	"context"

	"github.com/yurai-ledger/yurai/ledger"
)

// Tiles serves the tiles of a log, unverified.
type Tiles interface {
	Tile(ctx context.Context, level int, index int64, width int) ([]byte, error)
}

// Consistent reports whether two verified checkpoints of one log are of one
// history, by the log's tiles. It returns nil if they are. A [*Fork] is proof
// that they are not: two roots of one size, or tiles that give the newer root and
// another root than the older at its size. Tiles that do not give the newer root
// prove nothing: AUDIT-TILE-MISMATCH. Errors of src are returned.
func Consistent(ctx context.Context, src Tiles, older, newer ledger.Signed) error {
	if older.Size > newer.Size {
		older, newer = newer, older
	}
	if older.Origin != newer.Origin {
		return ledger.Refuse("LOG-CHECKPOINT-ORIGIN", "checkpoints of %q and of %q are of two logs", older.Origin, newer.Origin)
	}
	switch {
	case older.Size == newer.Size && older.Root != newer.Root:
		return &Fork{Older: older, Newer: newer}
	case older.Size == newer.Size || older.Size == 0:
		return nil
	}
	tiles := &tileHashes{ctx: ctx, source: src, size: newer.Size, seen: map[string][]byte{}}
	root, err := ledger.TreeRoot(tiles, older.Size)
	if err != nil {
		return err
	}
	proof, err := ledger.ProveConsistency(tiles, older.Size, newer.Size)
	if err != nil {
		return err
	}
	// The proof leads from root, the one that the tiles give at the older size.
	if err := ledger.VerifyConsistency(older.Size, newer.Size, root, newer.Root, proof); err != nil {
		return ledger.Refuse("AUDIT-TILE-MISMATCH", "the tiles do not give the root of the checkpoint of %d leaves: %w", newer.Size, err)
	}
	if root != older.Root {
		return &Fork{Older: older, Newer: newer, Root: root, Proof: proof}
	}
	return nil
}

// ProveInclusion returns the inclusion proof of an entry in the tree of a
// checkpoint, by the tiles of the log that has grown to size leaves since,
// verified. leaf is the entry's leaf hash. Tiles that do not give the root are
// AUDIT-TILE-MISMATCH.
func ProveInclusion(ctx context.Context, src Tiles, size int64, c ledger.Checkpoint, index int64, leaf ledger.Hash) ([]ledger.Hash, error) {
	tiles := &tileHashes{ctx: ctx, source: src, size: max(size, c.Size), seen: map[string][]byte{}}
	proof, err := ledger.ProveInclusion(tiles, c.Size, index)
	if err != nil {
		return nil, err
	}
	if err := ledger.VerifyInclusion(c.Root, c.Size, index, leaf, proof); err != nil {
		return nil, ledger.Refuse("AUDIT-TILE-MISMATCH", "the tiles do not prove entry %d in the checkpoint of %d leaves: %w", index, c.Size, err)
	}
	return proof, nil
}

// FromLeaves returns the tiles of a log of size leaves, computed from its entry
// bundles: for a log whose leaves are good and whose tiles are not. A tile of level
// l reads up to 256 to the power of l+1 leaves.
func FromLeaves(src Source, size int64) Tiles { return leafTiles{src, size} }

type leafTiles struct {
	source Source
	size   int64 // leaves
}

// Tile implements [Tiles].
func (t leafTiles) Tile(ctx context.Context, level int, index int64, width int) ([]byte, error) {
	if level < 0 || level > 6 || width < 1 || width > ledger.TileWidth || index < 0 || (index*ledger.TileWidth+int64(width)) > t.size>>(level*ledger.TileHeight) {
		return nil, ledger.Refuse("LOG-RANGE-INVALID", "%s lies outside a tree of %d leaves", ledger.TilePath(level, index, width), t.size)
	}
	r := replay{src: t.source, size: t.size}
	span := int64(1) << (level * ledger.TileHeight) // leaves a hash
	at := index * ledger.TileWidth * span
	end := at + int64(width)*span
	var tile []byte
	var edge ledger.Range
	for first := at - at%ledger.TileWidth; first < end; first += ledger.TileWidth {
		leaves, err := r.bundle(ctx, first)
		if err != nil {
			return nil, err
		}
		for i, leaf := range leaves {
			if n := first + int64(i); n < at || n >= end {
				continue
			}
			edge.Append(ledger.LeafHash(leaf), nil)
			if edge.Size() == span {
				root := edge.Root()
				tile, edge = append(tile, root[:]...), ledger.Range{}
			}
		}
	}
	return tile, nil
}

// tileHashes reads nodes of a tree of size leaves from tiles, unverified. It is
// a ledger.HashReader for one call.
type tileHashes struct {
	ctx    context.Context
	source Tiles
	size   int64
	seen   map[string][]byte
}

// ReadHash returns the root of the perfect subtree [index<<level, (index+1)<<level).
func (t *tileHashes) ReadHash(level int, index int64) (ledger.Hash, error) {
	row, height := level/ledger.TileHeight, level%ledger.TileHeight
	first := index << height // in hashes of the tile's row
	n := first / ledger.TileWidth
	width := int(min(ledger.TileWidth, t.size>>(row*ledger.TileHeight)-n*ledger.TileWidth))
	name := ledger.TilePath(row, n, width)
	tile, ok := t.seen[name]
	if !ok {
		var err error
		if tile, err = t.source.Tile(t.ctx, row, n, width); err != nil {
			return ledger.Hash{}, err
		}
		t.seen[name] = tile
	}
	return ledger.TileNode(tile, height, index-n<<(ledger.TileHeight-height))
}

package cli

import (
	"context"
	"errors"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/client"
)

// consistent reports whether two verified checkpoints of the server's log are of
// one history, by the tiles that the server has. It returns nil if they are.
// AUDIT-LOG-FORK is proof: two roots of one size, or tiles that give the newer
// root and another root than the older at its size. Tiles that do not give the
// newer root prove nothing and are a useless answer, CLI-ANSWER-MALFORMED.
func (r *remote) consistent(ctx context.Context, older, newer ledger.Checkpoint) error {
	if older.Size > newer.Size {
		older, newer = newer, older
	}
	fork := func(root ledger.Hash) error {
		return ledger.Refuse("AUDIT-LOG-FORK", "%s signed two roots of %d leaves: %s and %s", r.log.Origin, older.Size, older.Root, root)
	}
	if older.Size == newer.Size {
		if older.Root != newer.Root {
			return fork(newer.Root)
		}
		return nil
	}
	if older.Size == 0 {
		return nil
	}
	source, err := client.New(r.base, r.log)
	if err != nil {
		return err
	}
	tiles := &tileHashes{ctx: ctx, source: source, size: newer.Size, seen: map[string][]byte{}}
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
		return refuse("CLI-ANSWER-MALFORMED", "the tiles of %s do not give the root of its checkpoint: %w", r.base, err)
	}
	if root != older.Root {
		return fork(root)
	}
	return nil
}

// tileHashes reads nodes of a tree of size leaves from the tiles of a server,
// unverified. It is a ledger.HashReader for one call.
type tileHashes struct {
	ctx    context.Context
	source *client.Client
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
		tile, err = t.source.Tile(t.ctx, row, n, width)
		if errors.Is(err, client.ErrNotFound) {
			err = refuse("CLI-ANSWER-MALFORMED", "the server lacks %s of its log of %d entries", name, t.size)
		}
		if err != nil {
			return ledger.Hash{}, err
		}
		t.seen[name] = tile
	}
	return ledger.TileNode(tile, height, index-n<<(ledger.TileHeight-height))
}

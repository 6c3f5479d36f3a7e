package sequencer

import (
	"github.com/yurai-ledger/yurai/ledger"
)

// Tile returns the first width hashes of a hash tile (c2sp.org/tlog-tiles): 256
// for a full one, fewer for any partial one that was ever published. What cannot
// be asked for is LOG-TILE-INVALID, what the published log does not have is
// LOG-TILE-ABSENT.
func (l *Log) Tile(level int, index int64, width int) ([]byte, error) {
	if level < 0 || level > 63 {
		return nil, ledger.Refuse("LOG-TILE-INVALID", "tile level %d is not one of 0 to 63", level)
	}
	count := int64(0)
	if level < 8 {
		count = l.Size() >> (tileBits * level)
	}
	if err := within(ledger.Tile{Level: level, Index: index, Width: width}, count); err != nil {
		return nil, err
	}
	return l.store.Tile(level, index, width)
}

// Bundle returns the first width leaves of an entry bundle, with the same
// refusals as [Log.Tile].
func (l *Log) Bundle(index int64, width int) ([]byte, error) {
	if err := within(ledger.Tile{Index: index, Width: width, Bundle: true}, l.Size()); err != nil {
		return nil, err
	}
	return l.store.Bundle(index, width)
}

// within holds a request against the number of hashes or leaves published.
func within(t ledger.Tile, count int64) error {
	switch {
	case t.Index < 0 || t.Width < 1 || t.Width > ledger.TileWidth:
		return ledger.Refuse("LOG-TILE-INVALID", "there is no tile of index %d and width %d", t.Index, t.Width)
	case t.Index > count/ledger.TileWidth || t.Index*ledger.TileWidth+int64(t.Width) > count:
		return ledger.Refuse("LOG-TILE-ABSENT", "%s is not in the published log", t.Path())
	}
	return nil
}

// Leaf returns the leaf at an index; one that is not published is
// LOG-INDEX-ABSENT.
func (l *Log) Leaf(index int64) ([]byte, error) {
	if size := l.Size(); index < 0 || index >= size {
		return nil, ledger.Refuse("LOG-INDEX-ABSENT", "entry %d is not among the %d published", index, size)
	}
	return l.store.Leaf(index)
}

// ReadHash implements [ledger.HashReader] over the published tree. A node that is
// not in it is LOG-TILE-ABSENT.
func (l *Log) ReadHash(level int, index int64) (ledger.Hash, error) {
	if level < 0 || index < 0 || level > 48 || index >= l.Size()>>level {
		return ledger.Hash{}, ledger.Refuse("LOG-TILE-ABSENT", "node %d of level %d is not in the published tree", index, level)
	}
	return hashReader{l.store}.ReadHash(level, index)
}

// hashReader reads nodes from the tiles of a store.
type hashReader struct{ store Store }

// ReadHash implements [ledger.HashReader].
func (r hashReader) ReadHash(level int, index int64) (ledger.Hash, error) {
	height := level % ledger.TileHeight
	first := index << height
	tile, err := r.store.Tile(level/ledger.TileHeight, first/ledger.TileWidth, int(first%ledger.TileWidth)+(1<<height))
	if err != nil {
		return ledger.Hash{}, err
	}
	return ledger.TileNode(tile, height, index%(ledger.TileWidth>>height))
}

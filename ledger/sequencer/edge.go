package sequencer

import (
	"math/bits"

	"github.com/yurai-ledger/yurai/ledger"
)

// tileBits is log2 of the width of a tile.
const tileBits = 8

// Edge is the right edge of a tree cut into tiles: for every tile level the
// hashes of its last, not yet full tile. It is all that is needed to append and
// to compute the root. The zero value is the edge of the empty tree.
//
// The hashes of a tile are only ever appended to, so that a [Edge.Clone] is
// cheap and a reader may go on using an older Edge while a clone grows. Of
// several clones only one may be appended to.
type Edge struct {
	size   int64
	levels []edgeTile
}

// edgeTile is the last tile of one level.
type edgeTile struct {
	hashes []ledger.Hash // fewer than ledger.TileWidth
	stack  []ledger.Hash // roots of the perfect subtrees of hashes, widest first
}

// Size returns the number of leaves.
func (e *Edge) Size() int64 { return e.size }

// Clone returns an Edge that can be appended to without changing e.
func (e *Edge) Clone() Edge {
	c := Edge{size: e.size, levels: make([]edgeTile, len(e.levels), len(e.levels)+1)}
	for i, t := range e.levels {
		stack := make([]ledger.Hash, len(t.stack), tileBits+1)
		copy(stack, t.stack)
		c.levels[i] = edgeTile{hashes: t.hashes, stack: stack}
	}
	return c
}

// Append adds a leaf hash. It calls emit for each hash that thereby becomes part
// of a tile: its tile level and its index among the hashes of that level.
func (e *Edge) Append(leaf ledger.Hash, emit func(level int, index int64, h ledger.Hash)) {
	h, index := leaf, e.size
	e.size++
	for level := 0; ; level++ {
		if level == len(e.levels) {
			e.levels = append(e.levels, edgeTile{stack: make([]ledger.Hash, 0, tileBits+1)})
		}
		emit(level, index, h)
		full, root := e.levels[level].push(h)
		if !full {
			return
		}
		h, index = root, index>>tileBits
	}
}

// push adds a hash to the tile. When that fills the tile it returns the tile's
// root and starts an empty one.
func (t *edgeTile) push(h ledger.Hash) (full bool, root ledger.Hash) {
	if t.hashes == nil {
		t.hashes = make([]ledger.Hash, 0, ledger.TileWidth)
	}
	t.hashes = append(t.hashes, h)
	t.stack = append(t.stack, h)
	for range bits.TrailingZeros(uint(len(t.hashes))) {
		n := len(t.stack)
		t.stack[n-2] = ledger.NodeHash(t.stack[n-2], t.stack[n-1])
		t.stack = t.stack[:n-1]
	}
	if len(t.hashes) < ledger.TileWidth {
		return false, ledger.Hash{}
	}
	root = t.stack[0]
	t.hashes, t.stack = nil, t.stack[:0]
	return true, root
}

// Restore returns the Edge of a tree of the given size from the hashes of its
// last tiles: tile must return the first width hashes of the tile at a level
// and index.
func Restore(size int64, tile func(level int, index int64, width int) ([]ledger.Hash, error)) (Edge, error) {
	e := Edge{size: size}
	for level := 0; size>>(tileBits*level) > 0; level++ {
		count := size >> (tileBits * level)
		t := edgeTile{stack: make([]ledger.Hash, 0, tileBits+1)}
		if width := int(count % ledger.TileWidth); width > 0 {
			hashes, err := tile(level, count>>tileBits, width)
			if err != nil {
				return Edge{}, err
			}
			for _, h := range hashes {
				t.push(h)
			}
		}
		e.levels = append(e.levels, t)
	}
	return e, nil
}

// Root returns the RFC 6962 tree hash.
func (e *Edge) Root() ledger.Hash {
	root, some := ledger.Hash{}, false
	for _, t := range e.levels {
		for i := len(t.stack) - 1; i >= 0; i-- {
			if !some {
				root, some = t.stack[i], true
				continue
			}
			root = ledger.NodeHash(t.stack[i], root)
		}
	}
	if !some {
		return ledger.EmptyRoot
	}
	return root
}

// Tile returns the hashes of the last tile of a level, and that tile's index.
// The tile may be empty. The caller must not change the hashes.
func (e *Edge) Tile(level int) (index int64, hashes []ledger.Hash) {
	count := int64(0)
	if level < 8 {
		count = e.size >> (tileBits * level)
	}
	if level < len(e.levels) {
		hashes = e.levels[level].hashes
	}
	return count >> tileBits, hashes
}

package filestore

import "github.com/yurai-ledger/yurai/ledger"

// Verify reads an entry bundle and the tile of its hashes again, whatever was
// verified before, and with the first bundle of a tile above that tile too. It
// returns the bytes read. Refusals are those of [Store.Bundle] and [Store.Tile]:
// STORE-ENTRIES-MISSING, STORE-ENTRIES-DAMAGED, STORE-TILE-DAMAGED. index is that
// of a bundle, full or partial, of the log as it is now.
func (s *Store) Verify(index int64) (n int64, err error) {
	v := s.view.Load()
	width := int(min(v.head.Size-index*ledger.TileWidth, ledger.TileWidth))
	b, ends, err := s.bundle(index, width)
	if err != nil {
		return 0, err
	}
	n = int64(len(b))
	for level, at := 0, index; level < tileLevels; level, at = level+1, at/ledger.TileWidth {
		read, err := s.verifyTile(v, level, at)
		if n += read; err != nil {
			return n, err
		}
		if at%ledger.TileWidth != 0 || v.head.Size>>(ledger.TileHeight*(level+1)) == 0 {
			break
		}
	}
	hashes, err := s.tile(v, 0, index, width)
	if err != nil {
		return n, err
	}
	at := 0
	for i, end := range ends {
		if ledger.LeafHash(b[at+2:end]) != hashes[i] {
			return n, damagedLeaf(index*ledger.TileWidth + int64(i))
		}
		at = end
	}
	return n, nil
}

// verifyTile reads a full tile again and folds it; the last of a level is in
// memory.
func (s *Store) verifyTile(v *view, level int, index int64) (int64, error) {
	if last, _ := v.edge.Tile(level); index >= last {
		return 0, nil
	}
	s.checked.mu.Lock()
	if bits := s.checked.tiles[level]; has(bits, index) {
		bits[index>>6] &^= 1 << (index & 63)
	}
	s.checked.mu.Unlock()
	_, err := s.tile(v, level, index, ledger.TileWidth)
	return ledger.TileWidth * hashLen, err
}

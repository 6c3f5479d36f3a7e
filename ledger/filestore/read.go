package filestore

import (
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/yurai-ledger/yurai/ledger"
)

// checked remembers which full tiles and bundles were verified since the store
// was opened. Concurrent readers may verify one twice.
type checked struct {
	mu      sync.RWMutex
	tiles   [tileLevels][]uint64
	bundles []uint64
}

func has(bits []uint64, n int64) bool { return n>>6 < int64(len(bits)) && bits[n>>6]>>(n&63)&1 == 1 }

func set(bits []uint64, n int64) []uint64 {
	for int64(len(bits)) <= n>>6 {
		bits = append(bits, 0)
	}
	bits[n>>6] |= 1 << (n & 63)
	return bits
}

// errAbsent is returned for what lies above the head.
func errAbsent(format string, args ...any) error {
	return ledger.Refuse("STORE-RANGE-ABSENT", format, args...)
}

// Tile implements [sequencer.Store].
func (s *Store) Tile(level int, index int64, width int) ([]byte, error) {
	hashes, err := s.tile(s.view.Load(), level, index, width)
	if err != nil {
		return nil, err
	}
	b := make([]byte, 0, len(hashes)*hashLen)
	for i := range hashes {
		b = append(b, hashes[i][:]...)
	}
	return b, nil
}

// tile returns the first width hashes of a tile. The last tile of a level is in
// memory, where its hashes gave the root. A full one is read and must fold to
// its hash in the tile above, once since the store was opened.
func (s *Store) tile(v *view, level int, index int64, width int) ([]ledger.Hash, error) {
	if level < 0 || index < 0 || width < 1 || width > ledger.TileWidth {
		return nil, fmt.Errorf("no tile of level %d, index %d, width %d", level, index, width)
	}
	last, hashes := v.edge.Tile(level)
	switch {
	case index > last || index == last && width > len(hashes):
		return nil, errAbsent("tile %s is not in a log of %d leaves", ledger.TilePath(level, index, width), v.head.Size)
	case index == last:
		return hashes[:width], nil
	}
	hashes, err := s.derived.readHashes(level, index*ledger.TileWidth, ledger.TileWidth)
	if err != nil {
		return nil, ledger.Refuse("STORE-TILE-DAMAGED", "tile %s cannot be read: %w", ledger.TilePath(level, index, ledger.TileWidth), err)
	}
	s.checked.mu.RLock()
	known := has(s.checked.tiles[level], index)
	s.checked.mu.RUnlock()
	if known {
		return hashes[:width], nil
	}
	above, err := s.tile(v, level+1, index/ledger.TileWidth, int(index%ledger.TileWidth)+1)
	if err != nil {
		return nil, err
	}
	if fold(hashes) != above[index%ledger.TileWidth] {
		return nil, ledger.Refuse("STORE-TILE-DAMAGED", "tile %s does not fold to its hash in the tile above", ledger.TilePath(level, index, ledger.TileWidth))
	}
	s.checked.mu.Lock()
	s.checked.tiles[level] = set(s.checked.tiles[level], index)
	s.checked.mu.Unlock()
	return hashes[:width], nil
}

// fold returns the root of a perfect tree over its hashes.
func fold(hashes []ledger.Hash) ledger.Hash {
	row := append([]ledger.Hash(nil), hashes...)
	for len(row) > 1 {
		for i := range len(row) / 2 {
			row[i] = ledger.NodeHash(row[2*i], row[2*i+1])
		}
		row = row[:len(row)/2]
	}
	return row[0]
}

// Bundle implements [sequencer.Store].
func (s *Store) Bundle(index int64, width int) ([]byte, error) {
	b, ends, err := s.bundle(index, width)
	if err != nil {
		return nil, err
	}
	full := width == ledger.TileWidth
	s.checked.mu.RLock()
	known := full && has(s.checked.bundles, index)
	s.checked.mu.RUnlock()
	if known {
		return b, nil
	}
	hashes, err := s.tile(s.view.Load(), 0, index, width)
	if err != nil {
		return nil, err
	}
	at := 0
	for i, end := range ends {
		if ledger.LeafHash(b[at+2:end]) != hashes[i] {
			return nil, damagedLeaf(index*ledger.TileWidth + int64(i))
		}
		at = end
	}
	if full {
		s.checked.mu.Lock()
		s.checked.bundles = set(s.checked.bundles, index)
		s.checked.mu.Unlock()
	}
	return b, nil
}

// Leaf implements [sequencer.Store]. The leaf is compared with its hash on every
// call.
func (s *Store) Leaf(index int64) ([]byte, error) {
	if index < 0 {
		return nil, fmt.Errorf("no leaf %d", index)
	}
	bundle, n := index/ledger.TileWidth, int(index%ledger.TileWidth)
	b, ends, err := s.bundle(bundle, n+1)
	if err != nil {
		return nil, err
	}
	from := 2
	if n > 0 {
		from += ends[n-1]
	}
	hashes, err := s.tile(s.view.Load(), 0, bundle, n+1)
	if err != nil {
		return nil, err
	}
	if ledger.LeafHash(b[from:]) != hashes[n] {
		return nil, damagedLeaf(index)
	}
	return append([]byte(nil), b[from:]...), nil
}

func damagedLeaf(index int64) error {
	return ledger.Refuse("STORE-ENTRIES-DAMAGED", "leaf %d has other bytes than were recorded", index)
}

// bundle reads the first width leaves of a bundle, unverified, and where each
// ends.
func (s *Store) bundle(index int64, width int) ([]byte, []int, error) {
	if index < 0 || width < 1 || width > ledger.TileWidth {
		return nil, nil, fmt.Errorf("no entry bundle of index %d, width %d", index, width)
	}
	v := s.view.Load()
	if index > v.head.Size/ledger.TileWidth || index*ledger.TileWidth+int64(width) > v.head.Size {
		return nil, nil, errAbsent("entry bundle %s is not in a log of %d leaves", ledger.BundlePath(index, width), v.head.Size)
	}
	segment := index * ledger.TileWidth / s.layout.segment
	start := v.offsets[segment*s.layout.segment/ledger.TileWidth]
	at, end := v.offsets[index], v.end
	if index+1 < int64(len(v.offsets)) {
		end = v.offsets[index+1]
	}
	if at < start || end < at || end-at > ledger.TileWidth*(2+ledger.MaxLeaf) {
		return nil, nil, damagedLeaf(index * ledger.TileWidth)
	}
	b := make([]byte, end-at)
	if err := s.segments.read(segment, at-start, b); err != nil {
		return nil, nil, err
	}
	ends := make([]int, 0, width)
	next := 0
	for len(ends) < width {
		if len(b) < next+2 {
			return nil, nil, damagedLeaf(index*ledger.TileWidth + int64(len(ends)))
		}
		n := int(binary.BigEndian.Uint16(b[next:]))
		if n == 0 || len(b) < next+2+n {
			return nil, nil, damagedLeaf(index*ledger.TileWidth + int64(len(ends)))
		}
		next += 2 + n
		ends = append(ends, next)
	}
	if width == ledger.TileWidth && next != len(b) {
		return nil, nil, damagedLeaf(index*ledger.TileWidth + ledger.TileWidth - 1)
	}
	return b[:next:next], ends, nil
}

package ledger

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// Tile names one resource of c2sp.org/tlog-tiles: Width hashes of Level, or
// Width leaves of an entry bundle, starting at Index*256.
type Tile struct {
	Level  int   // in tiles, 0–63
	Index  int64 // zero-based, in tiles
	Width  int   // 1–256, 256 is a full one
	Bundle bool  // an entry bundle; Level is 0
}

// Path returns the resource's path below the log's prefix, without a leading
// slash: "tile/0/x001/234.p/5" or "tile/entries/000".
func (t Tile) Path() string {
	level := strconv.Itoa(t.Level)
	if t.Bundle {
		level = "entries"
	}
	p := "tile/" + level + "/" + pathIndex(t.Index)
	if t.Width < TileWidth {
		p += ".p/" + strconv.Itoa(t.Width)
	}
	return p
}

// TilePath returns the path of a tile of hashes.
func TilePath(level int, index int64, width int) string {
	return Tile{Level: level, Index: index, Width: width}.Path()
}

// BundlePath returns the path of an entry bundle.
func BundlePath(index int64, width int) string {
	return Tile{Index: index, Width: width, Bundle: true}.Path()
}

func pathIndex(n int64) string {
	s := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		s = fmt.Sprintf("x%03d/%s", n%1000, s)
	}
	return s
}

// ParseTilePath reads a path that Path writes, in that form only. Anything else
// is LOG-PATH-MALFORMED.
func ParseTilePath(path string) (Tile, error) {
	malformed := Refuse("LOG-PATH-MALFORMED", "%q is not a path of tlog-tiles", clip(path))
	rest, ok := strings.CutPrefix(path, "tile/")
	if !ok || len(path) > 120 {
		return Tile{}, malformed
	}
	level, rest, ok := strings.Cut(rest, "/")
	if !ok {
		return Tile{}, malformed
	}
	t := Tile{Width: TileWidth}
	if level == "entries" {
		t.Bundle = true
	} else {
		n, err := strconv.Atoi(level)
		if err != nil || n < 0 || n > 63 {
			return Tile{}, malformed
		}
		t.Level = n
	}
	if index, width, ok := strings.Cut(rest, ".p/"); ok {
		w, err := strconv.Atoi(width)
		if err != nil || w < 1 || w >= TileWidth {
			return Tile{}, malformed
		}
		t.Width, rest = w, index
	}
	for group := range strings.SplitSeq(rest, "/") {
		digits := strings.TrimPrefix(group, "x")
		n, err := strconv.ParseUint(digits, 10, 32)
		if err != nil || len(digits) != 3 || t.Index > MaxSize {
			return Tile{}, malformed
		}
		t.Index = t.Index*1000 + int64(n)
	}
	if t.Path() != path { // one spelling only
		return Tile{}, malformed
	}
	return t, nil
}

// TileNode returns the root of the perfect subtree over the hashes
// [index<<height, (index+1)<<height) of a tile, which is a concatenation of
// 32-byte hashes. height is 0 to 8. A tile too narrow is LOG-TILE-MALFORMED.
func TileNode(tile []byte, height int, index int64) (Hash, error) {
	lo, hi := index<<height, (index+1)<<height
	if height < 0 || height > TileHeight || index < 0 || hi*int64(len(Hash{})) > int64(len(tile)) {
		return Hash{}, Refuse("LOG-TILE-MALFORMED", "tile of %d bytes does not hold hashes %d to %d", len(tile), lo, hi)
	}
	row := make([]Hash, hi-lo)
	for i := range row {
		copy(row[i][:], tile[(lo+int64(i))*int64(len(Hash{})):])
	}
	for len(row) > 1 {
		for i := range len(row) / 2 {
			row[i] = NodeHash(row[2*i], row[2*i+1])
		}
		row = row[:len(row)/2]
	}
	return row[0], nil
}

// AppendBundleEntry appends a leaf in the encoding of an entry bundle, its
// length in 16 bits, big-endian, then its bytes. The caller bounds the leaf by
// MaxLeaf.
func AppendBundleEntry(dst, leaf []byte) []byte {
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(leaf)))
	return append(dst, leaf...)
}

// ParseBundle returns the leaves of an entry bundle; they alias b. It refuses a
// bundle that ends inside a leaf, has an empty leaf, or has more than 256, with
// LOG-BUNDLE-MALFORMED.
func ParseBundle(b []byte) ([][]byte, error) {
	var leaves [][]byte
	for len(b) > 0 {
		if len(leaves) == TileWidth {
			return nil, Refuse("LOG-BUNDLE-MALFORMED", "entry bundle holds more than %d leaves", TileWidth)
		}
		if len(b) < 2 {
			return nil, Refuse("LOG-BUNDLE-MALFORMED", "entry bundle ends inside a length")
		}
		n := int(binary.BigEndian.Uint16(b))
		if n == 0 || len(b) < 2+n {
			return nil, Refuse("LOG-BUNDLE-MALFORMED", "entry bundle ends inside leaf %d", len(leaves))
		}
		leaves = append(leaves, b[2:2+n:2+n])
		b = b[2+n:]
	}
	return leaves, nil
}

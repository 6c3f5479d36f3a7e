package filestore

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

// tileLevels is the number of tile levels a log of ledger.MaxSize leaves has.
const tileLevels = 7

const (
	hashLen     = 32
	offsetLen   = 16 // position, 8 bytes of checksum
	identityLen = 40 // identity, 8 bytes of checksum
)

// derived are the files that can be made again from the entries: one of hashes
// for each tile level, the positions of the bundles, and the identities. They
// are written in a commit and synced now and then; the journal says up to which
// leaf they are durable.
type derived struct {
	levels     [tileLevels]File
	offsets    File
	identities File
}

// openDerived opens the derived files. Any that is not there is made, empty.
func openDerived(files FS) (*derived, error) {
	d := &derived{}
	for level := range d.levels {
		f, err := files.Create(fmt.Sprintf("derived/level%d", level))
		if err != nil {
			return d, spaceOr(err)
		}
		d.levels[level] = f
	}
	var err error
	if d.offsets, err = files.Create("derived/offsets"); err != nil {
		return d, spaceOr(err)
	}
	if d.identities, err = files.Create("derived/identities"); err != nil {
		return d, spaceOr(err)
	}
	return d, nil
}

func (d *derived) each(do func(File) error) error {
	for _, f := range append(d.levels[:], d.offsets, d.identities) {
		if f == nil {
			continue
		}
		if err := do(f); err != nil {
			return err
		}
	}
	return nil
}

// sync makes the derived files durable.
func (d *derived) sync() error { return d.each(File.Sync) }

func (d *derived) close() error { return d.each(File.Close) }

// reach reports, by an error, a file too short to hold what the first size leaves
// give. That it is long enough says nothing of its content.
func (d *derived) reach(size int64) error {
	longEnough := func(f File, want int64) error {
		have, err := f.Size()
		if err == nil && have < want {
			err = fmt.Errorf("a derived file has %d bytes of %d", have, want)
		}
		return err
	}
	for level, f := range d.levels {
		if err := longEnough(f, size>>(8*level)*hashLen); err != nil {
			return err
		}
	}
	if err := longEnough(d.offsets, (size/ledger.TileWidth+1)*offsetLen); err != nil && size > 0 {
		return err
	}
	return longEnough(d.identities, size*identityLen)
}

// growth is a tree that grows by a run of leaves, and what that adds to the
// derived files. Commit and recovery both grow a tree with it.
type growth struct {
	edge    sequencer.Edge
	offsets []int64 // positions of all bundles' first bytes, and of the byte behind the last full one

	firstHash   [tileLevels]int64
	hashes      [tileLevels][]byte
	firstOffset int
}

func newGrowth(edge sequencer.Edge, offsets []int64) *growth {
	return &growth{edge: edge, offsets: offsets, firstOffset: len(offsets)}
}

// leaf adds the leaf whose encoding ends at the position end.
func (g *growth) leaf(h ledger.Hash, end int64) {
	g.edge.Append(h, func(level int, index int64, h ledger.Hash) {
		if len(g.hashes[level]) == 0 {
			g.firstHash[level] = index
		}
		g.hashes[level] = append(g.hashes[level], h[:]...)
	})
	if g.edge.Size()%ledger.TileWidth == 0 {
		g.offsets = append(g.offsets, end)
	}
}

// write writes what was added since the last write.
func (g *growth) write(d *derived) error {
	for level, b := range g.hashes {
		if len(b) == 0 {
			continue
		}
		if _, err := d.levels[level].WriteAt(b, g.firstHash[level]*hashLen); err != nil {
			return spaceOr(err)
		}
		g.hashes[level] = b[:0]
	}
	if fresh := g.offsets[g.firstOffset:]; len(fresh) > 0 {
		b := make([]byte, 0, len(fresh)*offsetLen)
		for i, at := range fresh {
			b = appendOffset(b, g.firstOffset+i, at)
		}
		if _, err := d.offsets.WriteAt(b, int64(g.firstOffset)*offsetLen); err != nil {
			return spaceOr(err)
		}
		g.firstOffset = len(g.offsets)
	}
	return nil
}

// appendOffset appends the record of bundle n, which begins at a position.
func appendOffset(b []byte, n int, at int64) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(at))
	return append(b, checksum("offset", int64(n), b[len(b)-8:])...)
}

// checksum returns 8 bytes that bind a derived value to its place.
func checksum(kind string, n int64, value []byte) []byte {
	b := make([]byte, 0, 64)
	b = append(b, kind...)
	b = binary.BigEndian.AppendUint64(b, uint64(n))
	sum := sha256.Sum256(append(b, value...))
	return sum[:8]
}

// readOffsets returns the positions of the bundles 0 to n.
func (d *derived) readOffsets(n int64) ([]int64, error) {
	b := make([]byte, n*offsetLen)
	if err := readAt(d.offsets, b, offsetLen); err != nil {
		return nil, err
	}
	offsets := make([]int64, 1, n+1)
	for i := int64(1); i <= n; i++ {
		r := b[(i-1)*offsetLen:][:offsetLen]
		if string(checksum("offset", i, r[:8])) != string(r[8:]) {
			return nil, fmt.Errorf("position of bundle %d fails its checksum", i)
		}
		offsets = append(offsets, int64(binary.BigEndian.Uint64(r)))
	}
	return offsets, nil
}

// readHashes returns count hashes of a level, from index first on.
func (d *derived) readHashes(level int, first int64, count int) ([]ledger.Hash, error) {
	if level >= tileLevels {
		return nil, fmt.Errorf("no tile level %d", level)
	}
	b := make([]byte, count*hashLen)
	if err := readAt(d.levels[level], b, first*hashLen); err != nil {
		return nil, err
	}
	hashes := make([]ledger.Hash, count)
	for i := range hashes {
		hashes[i] = ledger.Hash(b[i*hashLen:])
	}
	return hashes, nil
}

// encodeIdentities returns identities as the file holds them.
func encodeIdentities(first int64, list [][32]byte) []byte {
	b := make([]byte, 0, len(list)*identityLen)
	for i, id := range list {
		b = append(b, id[:]...)
		b = append(b, checksum("identity", first+int64(i), id[:])...)
	}
	return b
}

// writeIdentities puts identities at index first and after.
func (d *derived) writeIdentities(first int64, list [][32]byte) error {
	if _, err := d.identities.WriteAt(encodeIdentities(first, list), first*identityLen); err != nil {
		return spaceOr(err)
	}
	return nil
}

// readIdentity returns the identity of a leaf as it was kept; whole is false if
// there is none or it is damaged.
func (d *derived) readIdentity(index int64) (id [32]byte, whole bool, err error) {
	var b [identityLen]byte
	err = readAt(d.identities, b[:], index*identityLen)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, fs.ErrNotExist) {
		return id, false, nil
	}
	if err != nil {
		return id, false, err
	}
	id = [32]byte(b[:])
	return id, string(checksum("identity", index, id[:])) == string(b[32:]), nil
}

package filestore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

// treeCheck compares entries and derived files with the roots of the journal.
//
// Where a leaf has another hash than the derived file says, either may be wrong.
// From there on two trees grow, one of what the entries give and one of what the
// derived file says, until the next record of the journal decides between them.
type treeCheck struct {
	c      *checker
	reader *entryReader
	levels [tileLevels]*window
	offset *window

	edge  sequencer.Edge  // of the entries; not to be looked at if lost
	other *sequencer.Edge // of the derived file, nil while both are the same
	lost  bool            // edge went wrong since the last record
	blind bool            // no entry can be read up to the next bundle
	at    int64           // position of the next leaf
	start int64           // position of its segment
	doubt []doubt         // since the last record
	skip  int64           // differences beyond those kept
}

// doubt is a place where entries and derived files differ.
type doubt struct {
	level  int   // -1: the offsets
	index  int64 // of the hash, or the record
	at     int64 // position of the leaf, level 0 only
	length int64 // of its encoding
	start  int64 // position of its segment
	blind  bool  // from here on nothing could be read, up to the end of the bundle
}

// maxDoubts bounds what is remembered between two records.
const maxDoubts = 1 << 12

// window reads records of a file one after another.
type window struct {
	f    File
	unit int64
	buf  []byte
	from int64 // index of the first in buf
	end  int64 // records to compare with

	durable int64 // those that the journal calls durable
}

// open opens a derived file that should have end records, the first of them
// durable. Those behind are compared with too, since they were written before the
// journal, but are nobody's fault.
func (c *checker) open(name string, unit, end, durable int64) (*window, error) {
	f, err := c.files.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		if durable > 0 {
			c.fault("STORE-TILE-DAMAGED", name, 0, durable*unit, "the file is missing")
		}
		return &window{unit: unit}, nil
	}
	if err != nil {
		return nil, err
	}
	size, err := f.Size()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if size < durable*unit {
		c.fault("STORE-TILE-DAMAGED", name, size, durable*unit-size, "the file ends before what the journal calls durable")
	}
	return &window{f: f, unit: unit, end: min(end, size/unit), durable: durable}, nil
}

func (w *window) close() {
	if w.f != nil {
		_ = w.f.Close() // read only
	}
}

// record returns a record, nil if there is none that counts.
func (w *window) record(index int64) []byte {
	if index >= w.end {
		return nil
	}
	if i := index - w.from; i >= 0 && (i+1)*w.unit <= int64(len(w.buf)) {
		return w.buf[i*w.unit:][:w.unit]
	}
	const ahead = 1 << 11
	if w.buf == nil {
		w.buf = make([]byte, ahead*w.unit)
	}
	w.from, w.buf = index, w.buf[:min(ahead, w.end-index)*w.unit]
	n, _ := w.f.ReadAt(w.buf, index*w.unit)
	w.buf = w.buf[:int64(n)/w.unit*w.unit]
	if len(w.buf) == 0 {
		return nil
	}
	return w.buf[:w.unit]
}

// entries reads every entry and compares the tree with each record.
func (c *checker) entries() error {
	last := c.report.last
	t := &treeCheck{c: c, reader: &entryReader{segments: c.segments, end: last.EntriesEnd}}
	defer func() {
		for _, w := range append(t.levels[:], t.offset) {
			if w != nil {
				w.close()
			}
		}
	}()
	durable := c.durable()
	var err error
	for level := range t.levels {
		if t.levels[level], err = c.open(levelName(level), hashLen, last.Size>>(8*level), durable>>(8*level)); err != nil {
			return err
		}
	}
	bundles := int64(0)
	if durable > 0 {
		bundles = durable/ledger.TileWidth + 1
	}
	if t.offset, err = c.open("derived/offsets", offsetLen, last.Size/ledger.TileWidth+1, bundles); err != nil {
		return err
	}
	for n, name := range c.names {
		done, err := c.along(name, n == len(c.names)-1, t)
		if err != nil || done {
			return err
		}
	}
	if last.Size > 0 {
		t.behind((last.Size-1)/c.layout.segment, false)
	}
	return nil
}

// durable returns below which leaf derived files are to be compared. That none is
// there is no damage: whoever deletes the folder, or makes a copy without it, has
// them made again.
func (c *checker) durable() int64 {
	names, err := c.files.Names("derived")
	if err == nil && len(names) > 0 {
		return c.report.last.DerivedTo
	}
	if c.report.last.DerivedTo > 0 {
		c.remark("STORE-DERIVED-ABSENT", "derived", 0, 0, "no derived files: they are made when the log is opened")
	}
	return 0
}

func levelName(level int) string { return fmt.Sprintf("derived/level%d", level) }

// along compares the tree with the records of a segment. done says that nothing
// behind can be compared any more.
func (c *checker) along(name int64, newest bool, t *treeCheck) (done bool, err error) {
	f, err := c.files.Open(journalName(name))
	if err != nil {
		return false, err
	}
	defer f.Close()
	w := &walk{c: c, f: f, name: name, newest: newest, quick: true, until: c.report.Sequence, bound: true}
	if w.size, err = f.Size(); err != nil {
		return false, err
	}
	for {
		r, err := w.next()
		if r == nil || err != nil {
			return false, err
		}
		if r.Size < t.edge.Size() {
			continue // of a segment that the one before overlaps
		}
		if ok, err := t.reach(&r.Record); !ok || err != nil {
			return true, err
		}
	}
}

// reach grows the tree to a record and compares. It returns false if the entries
// cannot be followed any further.
func (t *treeCheck) reach(r *Record) (bool, error) {
	from, fromStart, first := t.at, t.start, t.size()
	for t.size() < r.Size {
		if t.size()%4096 == 0 {
			if err := t.c.ctx.Err(); err != nil {
				return false, err
			}
			if t.c.o.Progress != nil {
				t.c.o.Progress(t.size(), t.c.report.Size)
			}
		}
		ok, err := t.leaf(r)
		if err != nil {
			return false, err
		}
		if !ok {
			break
		}
	}
	sound := !t.lost && t.edge.Size() == r.Size && t.edge.Root() == r.Root
	switch {
	case sound && t.at == r.EntriesEnd && t.start == r.SegmentStart:
		for _, d := range t.doubt {
			t.blameDerived(d)
		}
		t.c.report.More += t.skip
	case !sound && t.other != nil && t.other.Size() == r.Size && t.other.Root() == r.Root:
		for _, d := range t.doubt {
			if d.level == 0 && (d.blind || !t.c.within(t.file(d.index), d.at-d.start, d.length)) {
				t.c.fault("STORE-ENTRIES-DAMAGED", t.file(d.index), d.at-d.start, d.length, "entry %d", d.index)
			}
		}
		t.c.report.More += t.skip
		t.edge, t.lost, t.blind, t.at, t.start = *t.other, false, false, r.EntriesEnd, r.SegmentStart
	default:
		if len(t.doubt) > 0 && t.doubt[0].level == 0 {
			from, fromStart, first = t.doubt[0].at, t.doubt[0].start, t.doubt[0].index
		} else if first%t.c.layout.segment == 0 {
			fromStart = from
		}
		end := r.EntriesEnd
		if r.SegmentStart > fromStart {
			end = max(r.SegmentStart, from)
		}
		t.c.fault("STORE-ROOT-MISMATCH", t.file(first), from-fromStart, end-from,
			"entries up to %d do not give the root of record %d; entries behind were not examined", r.Size, r.Sequence)
		return false, nil
	}
	t.other, t.doubt, t.skip = nil, t.doubt[:0], 0
	t.c.report.Leaves = r.Size
	return true, nil
}

// size returns how many leaves were taken.
func (t *treeCheck) size() int64 {
	if t.other != nil {
		return t.other.Size()
	}
	return t.edge.Size()
}

// file returns the entries segment of a leaf.
func (t *treeCheck) file(index int64) string {
	return t.c.segments.name(index / t.c.layout.segment)
}

func (t *treeCheck) blameDerived(d doubt) {
	switch {
	case d.level < 0 && d.index >= t.offset.durable, d.level >= 0 && d.index >= t.levels[d.level].durable:
		return
	}
	if d.level < 0 {
		t.c.fault("STORE-TILE-DAMAGED", "derived/offsets", d.index*offsetLen, offsetLen, "the position of bundle %d", d.index)
		return
	}
	t.c.fault("STORE-TILE-DAMAGED", levelName(d.level), d.index*hashLen, hashLen, "hash %d of the level", d.index)
}

func (t *treeCheck) doubts(d doubt) {
	if len(t.doubt) >= maxDoubts {
		t.skip++
		return
	}
	t.doubt = append(t.doubt, d)
}

// leaf takes the next leaf. It returns false if there is none to go on with.
func (t *treeCheck) leaf(r *Record) (bool, error) {
	index := t.edge.Size()
	if t.other != nil {
		index = t.other.Size()
	}
	if index%t.c.layout.segment == 0 {
		if index > 0 && t.other == nil {
			t.behind(index/t.c.layout.segment-1, true)
		}
		t.start = t.at
	}
	h, length, err := t.read(index)
	if err != nil {
		return false, err
	}
	said := t.levels[0].record(index)
	switch {
	case length == 0 && said == nil:
		return false, nil
	case length == 0: // the derived file leads on
		t.fork()
		t.lost = true
		if !t.blind {
			t.blind = true
			t.doubts(doubt{0, index, t.at, max(t.bundleEnd(index, r)-t.at, 0), t.start, true})
		}
	case said != nil && h != ledger.Hash(said):
		t.fork()
		t.doubts(doubt{0, index, t.at, length, t.start, false})
	}
	if !t.lost {
		t.edge.Append(h, t.compare)
	}
	if t.other != nil {
		if said != nil {
			h = ledger.Hash(said)
		}
		t.other.Append(h, func(int, int64, ledger.Hash) {})
	}
	t.at += length
	if (index+1)%ledger.TileWidth == 0 {
		t.boundary((index + 1) / ledger.TileWidth)
	}
	return true, nil
}

// behind looks at what lies behind the entries of a segment: zeros, or in the
// last one the entries of a batch that was never committed or is being committed.
func (t *treeCheck) behind(segment int64, full bool) {
	name := t.c.segments.name(segment)
	f, err := t.c.segments.file(segment)
	if err != nil {
		return // said already
	}
	switch rest, err := tailOf(name, f, t.at-t.start); {
	case err != nil:
		t.c.fault("STORE-ENTRIES-DAMAGED", name, t.at-t.start, 0, "the file cannot be read behind its last entry: %v", err)
	case rest.end == rest.from:
	case full:
		t.c.fault("STORE-ENTRIES-DAMAGED", name, rest.from, rest.end-rest.from, "bytes behind the last entry of a full segment")
	default:
		t.c.remark("STORE-TAIL-UNCOMMITTED", name, rest.from, rest.end-rest.from, "bytes behind the last entry: a batch that is being committed, or never was")
	}
}

// read reads the leaf at the place and shows it to whoever wants to see each. A
// length of 0 says that it cannot be read.
func (t *treeCheck) read(index int64) (ledger.Hash, int64, error) {
	if t.blind {
		return ledger.Hash{}, 0, nil
	}
	leaf, err := t.reader.next(index/t.c.layout.segment, t.start, t.at)
	switch {
	case err != nil && code(err) == "":
		return ledger.Hash{}, 0, err
	case err != nil:
		return ledger.Hash{}, 0, nil
	}
	h := ledger.LeafHash(leaf)
	if said := t.levels[0].record(index); t.c.o.Visit != nil && (said == nil || h == ledger.Hash(said)) {
		if err := t.c.o.Visit(index, leaf); err != nil {
			return ledger.Hash{}, 0, err
		}
	}
	return h, 2 + int64(len(leaf)), nil
}

// fork begins the tree of what the derived file says.
func (t *treeCheck) fork() {
	if t.other == nil {
		other := t.edge.Clone()
		t.other = &other
	}
}

// compare holds a hash of the tree against the derived files; level 0 was.
func (t *treeCheck) compare(level int, index int64, h ledger.Hash) {
	if level == 0 || level >= tileLevels || t.other != nil {
		return
	}
	if said := t.levels[level].record(index); said != nil && h != ledger.Hash(said) {
		t.doubts(doubt{level: level, index: index})
	}
}

// position returns where a bundle begins by the derived file.
func (t *treeCheck) position(bundle int64) (int64, bool) {
	r := t.offset.record(bundle)
	if r == nil || string(checksum("offset", bundle, r[:8])) != string(r[8:]) {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(r)), true
}

// bundleEnd returns where the bundle of a leaf ends, or where the record does.
func (t *treeCheck) bundleEnd(index int64, r *Record) int64 {
	if at, ok := t.position(index/ledger.TileWidth + 1); ok {
		return at
	}
	return r.EntriesEnd
}

// boundary compares the position at the end of a bundle. Where the entries
// differ already, the derived file says where to go on.
func (t *treeCheck) boundary(bundle int64) {
	at, ok := t.position(bundle)
	switch {
	case ok && at == t.at:
	case t.other != nil:
		if ok {
			t.at, t.blind = at, false
		}
	case t.offset.record(bundle) != nil:
		t.doubts(doubt{level: -1, index: bundle})
	}
}

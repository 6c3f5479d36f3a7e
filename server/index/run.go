package index

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"sort"
)

const (
	chunkPairs = 1024           // pairs of a full chunk
	finalLevel = 255            // level of runs that are merged no more
	maxSpan    = math.MaxUint32 // entries that a run may span: a pair counts from the run's first

	pairSize   = 12 // hash, entry − first entry of the run
	chunkHead  = 20 // magic, run, number, count
	dirHead    = 40 // magic, run, from, to, pairs, chunks
	dirEntry   = 16 // first hash, count, checksum
	dirNumber  = math.MaxUint32
	chunkMagic = "yix1"
	dirMagic   = "yid1"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// pair says that an entry has a term.
type pair struct {
	hash  uint64
	entry uint32 // counted from the first entry of the run
}

// run is a sorted list of pairs, in chunks in the database. It never changes.
type run struct {
	id       uint64
	level    int
	from, to int64 // entries from, inclusive, and to, exclusive
	pairs    int64
	chunks   []chunk
	digest   [32]byte // SHA-256 of the directory as it is stored
}

// chunk is a line of a run's directory.
type chunk struct {
	first uint64 // hash of the first pair
	count uint32
	sum   uint32 // CRC-32C of the stored chunk without its last four bytes
}

// chunkKey is the database key of a chunk, and of the directory for dirNumber.
func chunkKey(run uint64, number uint32) []byte {
	k := binary.BigEndian.AppendUint64(make([]byte, 0, 12), run)
	return binary.BigEndian.AppendUint32(k, number)
}

// runWriter writes sorted pairs as a run.
type runWriter struct {
	batch *batch
	r     *run
	buf   []byte // chunk being filled; the database keeps it, so each is new
	n     uint32
}

func newRunWriter(b *batch, id uint64, level int, from, to int64) *runWriter {
	return &runWriter{batch: b, r: &run{id: id, level: level, from: from, to: to}}
}

func (w *runWriter) add(p pair) error {
	if w.n == 0 {
		w.buf = make([]byte, 0, chunkHead+chunkPairs*pairSize+4)
		w.buf = append(w.buf, chunkMagic...)
		w.buf = binary.BigEndian.AppendUint64(w.buf, w.r.id)
		w.buf = binary.BigEndian.AppendUint32(w.buf, uint32(len(w.r.chunks)))
		w.buf = binary.BigEndian.AppendUint32(w.buf, 0)
		w.r.chunks = append(w.r.chunks, chunk{first: p.hash})
	}
	w.buf = binary.BigEndian.AppendUint64(w.buf, p.hash)
	w.buf = binary.BigEndian.AppendUint32(w.buf, p.entry)
	w.n++
	w.r.pairs++
	if w.n == chunkPairs {
		return w.flush()
	}
	return nil
}

func (w *runWriter) flush() error {
	if w.n == 0 {
		return nil
	}
	number := len(w.r.chunks) - 1
	binary.BigEndian.PutUint32(w.buf[16:], w.n)
	c := &w.r.chunks[number]
	c.count, c.sum = w.n, crc32.Checksum(w.buf, castagnoli)
	w.n = 0
	return w.batch.set(chunkKey(w.r.id, uint32(number)), binary.BigEndian.AppendUint32(w.buf, c.sum))
}

// finish writes what is left and the directory, and returns the run.
func (w *runWriter) finish() (*run, error) {
	if err := w.flush(); err != nil {
		return nil, err
	}
	dir := w.r.directory()
	w.r.digest = sha256.Sum256(dir)
	return w.r, w.batch.set(chunkKey(w.r.id, dirNumber), dir)
}

// directory returns the run's directory as it is stored.
func (r *run) directory() []byte {
	b := make([]byte, 0, dirHead+len(r.chunks)*dirEntry)
	b = append(b, dirMagic...)
	b = binary.BigEndian.AppendUint64(b, r.id)
	b = binary.BigEndian.AppendUint64(b, uint64(r.from))
	b = binary.BigEndian.AppendUint64(b, uint64(r.to))
	b = binary.BigEndian.AppendUint64(b, uint64(r.pairs))
	b = binary.BigEndian.AppendUint32(b, uint32(len(r.chunks)))
	for _, c := range r.chunks {
		b = binary.BigEndian.AppendUint64(b, c.first)
		b = binary.BigEndian.AppendUint32(b, c.count)
		b = binary.BigEndian.AppendUint32(b, c.sum)
	}
	return b
}

// parseDirectory is the inverse of [run.directory]; the level is not part of it.
func parseDirectory(b []byte) (*run, error) {
	if len(b) < dirHead || string(b[:4]) != dirMagic {
		return nil, errors.New("no directory of a run")
	}
	u64 := binary.BigEndian.Uint64
	r := &run{id: u64(b[4:]), from: int64(u64(b[12:])), to: int64(u64(b[20:])), pairs: int64(u64(b[28:]))}
	n := int64(binary.BigEndian.Uint32(b[36:]))
	b = b[dirHead:]
	if r.from < 0 || r.to <= r.from || r.to-r.from > maxSpan || int64(len(b)) != n*dirEntry {
		return nil, errors.New("directory of a run with wrong lengths")
	}
	r.chunks = make([]chunk, n)
	var pairs int64
	for i := range r.chunks {
		c := chunk{u64(b), binary.BigEndian.Uint32(b[8:]), binary.BigEndian.Uint32(b[12:])}
		if c.count == 0 || c.count > chunkPairs || i > 0 && c.first < r.chunks[i-1].first {
			return nil, errors.New("directory of a run with chunks out of order")
		}
		pairs += int64(c.count)
		r.chunks[i] = c
		b = b[dirEntry:]
	}
	if pairs != r.pairs || pairs == 0 {
		return nil, errors.New("directory of a run with a wrong count")
	}
	return r, nil
}

// parseChunk checks a stored chunk against its place and the directory and
// returns its pairs as they are stored, pairSize bytes each.
func parseChunk(r *run, number int, b []byte) ([]byte, error) {
	c := r.chunks[number]
	want := chunkHead + int(c.count)*pairSize + 4
	switch {
	case len(b) != want:
		return nil, fmt.Errorf("chunk %d of run %d has %d bytes instead of %d", number, r.id, len(b), want)
	case !bytes.Equal(b[:4], []byte(chunkMagic)) ||
		binary.BigEndian.Uint64(b[4:]) != r.id ||
		binary.BigEndian.Uint32(b[12:]) != uint32(number) ||
		binary.BigEndian.Uint32(b[16:]) != c.count ||
		binary.BigEndian.Uint64(b[chunkHead:]) != c.first:
		return nil, fmt.Errorf("chunk %d of run %d is another", number, r.id)
	case binary.BigEndian.Uint32(b[want-4:]) != c.sum || crc32.Checksum(b[:want-4], castagnoli) != c.sum:
		return nil, fmt.Errorf("chunk %d of run %d has a wrong checksum", number, r.id)
	}
	return b[chunkHead : want-4], nil
}

// store writes the pairs as a run of the lowest level.
func (g *generation) store(from, to int64, pairs []pair) (*run, error) {
	b := g.begin()
	defer b.cancel()
	w := newRunWriter(b, g.nextRun, 0, from, to)
	g.nextRun++
	for _, p := range pairs {
		if err := w.add(p); err != nil {
			return nil, err
		}
	}
	r, err := w.finish()
	if err != nil {
		return nil, err
	}
	return r, b.flush()
}

// begin starts a write with a timestamp of its own.
func (g *generation) begin() *batch {
	g.ts++
	return g.db.batch(g.ts)
}

// combine merges adjacent runs into one, holding one chunk of each, and removes
// them: look-ups under way read at an older timestamp and still see them.
func (g *generation) combine(runs []*run, level int) (*run, error) {
	at := g.ts
	b := g.begin()
	defer b.cancel()
	from, to := runs[0].from, runs[len(runs)-1].to
	w := newRunWriter(b, g.nextRun, level, from, to)
	g.nextRun++
	cursors := make([]*cursor, len(runs))
	for i, r := range runs {
		cursors[i] = &cursor{g: g, ts: at, r: r, offset: uint32(r.from - from)}
		if err := cursors[i].next(); err != nil {
			return nil, err
		}
	}
	for {
		// Runs ascend by entry, so the first of equal hashes is the lowest.
		var least *cursor
		for _, c := range cursors {
			if !c.done && (least == nil || c.head.hash < least.head.hash) {
				least = c
			}
		}
		if least == nil {
			break
		}
		if err := w.add(least.head); err != nil {
			return nil, err
		}
		if err := least.next(); err != nil {
			return nil, err
		}
	}
	merged, err := w.finish()
	if err != nil {
		return nil, err
	}
	var pairs int64
	for _, r := range runs {
		pairs += r.pairs
		for n := range r.chunks {
			if err := b.remove(chunkKey(r.id, uint32(n))); err != nil {
				return nil, err
			}
		}
		if err := b.remove(chunkKey(r.id, dirNumber)); err != nil {
			return nil, err
		}
	}
	if pairs != merged.pairs {
		return nil, fmt.Errorf("merging runs of %d pairs gave %d", pairs, merged.pairs)
	}
	return merged, b.flush()
}

// cursor reads a run pair by pair, holding one chunk.
type cursor struct {
	g      *generation
	ts     uint64
	r      *run
	offset uint32 // added to entries: first entry of this run − that of the merged one

	number int
	buf    []byte
	rest   []byte // pairs of the chunk that were not read yet
	head   pair
	done   bool
}

func (c *cursor) next() error {
	if len(c.rest) == 0 {
		if c.number == len(c.r.chunks) {
			c.done = true
			return nil
		}
		err := c.g.db.get(c.ts, chunkKey(c.r.id, uint32(c.number)), func(b []byte) error {
			p, err := parseChunk(c.r, c.number, b)
			c.buf = append(c.buf[:0], p...)
			return err
		})
		if err != nil {
			return fmt.Errorf("reading chunk %d of run %d: %w", c.number, c.r.id, err)
		}
		c.rest = c.buf
		c.number++
	}
	p := pairAt(c.rest)
	c.rest = c.rest[pairSize:]
	if p.hash < c.head.hash {
		return fmt.Errorf("run %d is not sorted", c.r.id)
	}
	p.entry += c.offset
	c.head = p
	return nil
}

func pairAt(b []byte) pair {
	return pair{binary.BigEndian.Uint64(b), binary.BigEndian.Uint32(b[8:])}
}

// search appends the entries of the run that have the hash.
func (g *generation) search(ts uint64, r *run, h uint64, found []int64) ([]int64, error) {
	// The first chunk that begins at or above h, and the one before it, whose
	// end may have h too.
	n := sort.Search(len(r.chunks), func(i int) bool { return r.chunks[i].first >= h })
	for n = max(n-1, 0); n < len(r.chunks) && r.chunks[n].first <= h; n++ {
		err := g.db.get(ts, chunkKey(r.id, uint32(n)), func(b []byte) error {
			pairs, err := parseChunk(r, n, b)
			if err != nil {
				return err
			}
			count := len(pairs) / pairSize
			at := sort.Search(count, func(i int) bool { return pairAt(pairs[i*pairSize:]).hash >= h })
			for ; at < count; at++ {
				p := pairAt(pairs[at*pairSize:])
				if p.hash != h {
					break
				}
				found = append(found, r.from+int64(p.entry))
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("reading chunk %d of run %d: %w", n, r.id, err)
		}
	}
	return found, nil
}

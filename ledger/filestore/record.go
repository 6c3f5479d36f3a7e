package filestore

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

// Measures of a journal record; see ledger/FORMAT.md.
const (
	blockLen      = 4096 // what a disk is taken to write or tear as one
	headLen       = 512  // one copy of the head, at the start of a block
	guardLen      = 8    // zeros at the start of a block that holds entries alone
	recordVersion = 1
	recordMagic   = "yuraijrn"
	coreDomain    = "yurai/journal/1\n"

	flagCarried = 1 // copy of the last record of the segment before, without its entries
)

// Offsets in a head.
const (
	atVersion    = 8
	atCopy       = 10
	atFlags      = 11
	atLength     = 12
	atInline     = 16
	atInlineHash = 24
	atCore       = 56
	atOwn        = 256
	atMark       = 288
	atZero       = 296
	atCheck      = 480
)

// Record is what one commit states. Records form a chain: each holds the hash
// of the one before it. The layout is fixed by ledger/FORMAT.md.
type Record struct {
	Sequence     int64       // number of the record, zero-based; record 0 is the empty log
	Size         int64       // leaves
	Root         ledger.Hash // RFC 6962 tree hash of those leaves
	Time         time.Time   // UTC, of the commit, by the committer's clock
	SegmentStart int64       // position, in the concatenation of all entries, of the segment that holds the last one
	EntriesEnd   int64       // position behind the last entry
	DerivedTo    int64       // the derived files are durable for the leaves below this index
	AppAt        int64       // size at which the guard's snapshot was taken; 0 is none
	App          [32]byte    // digest of that snapshot, opaque here
	Epoch        [16]byte    // of the instance that wrote the record
	Origin       [32]byte    // SHA-256 of the log origin
	Previous     [32]byte    // Hash of the record before; zeros in record 0
}

// core returns the part of the record that the chain covers.
func (r *Record) core() []byte {
	b := make([]byte, 0, atOwn-atCore)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Sequence))
	b = binary.BigEndian.AppendUint64(b, uint64(r.Size))
	b = append(b, r.Root[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Time.UnixNano()))
	b = binary.BigEndian.AppendUint64(b, uint64(r.SegmentStart))
	b = binary.BigEndian.AppendUint64(b, uint64(r.EntriesEnd))
	b = binary.BigEndian.AppendUint64(b, uint64(r.DerivedTo))
	b = binary.BigEndian.AppendUint64(b, uint64(r.AppAt))
	b = append(b, r.App[:]...)
	b = append(b, r.Epoch[:]...)
	b = append(b, r.Origin[:]...)
	return append(b, r.Previous[:]...)
}

// Hash returns the record's own hash, by which the next one names it.
func (r *Record) Hash() [32]byte {
	return sha256.Sum256(append([]byte(coreDomain), r.core()...))
}

// maxGrowth bounds the bytes of entries that one record commits: a batch of the
// sequencer stops growing at MaxBatchBytes of leaves.
const maxGrowth = sequencer.MaxBatchBytes + ledger.MaxLeaf + 2*sequencer.MaxBatchLeaves

// holds reports whether a stretch of n leaves can have that many bytes.
func holds(n, bytes int64) bool {
	return bytes >= 3*n && (bytes == 0 || (bytes-1)/(2+ledger.MaxLeaf) < n)
}

// stands reports whether the numbers of a record can be those of some log.
func (r *Record) stands(segment int64) bool {
	inLast := r.Size // leaves of the last segment
	if r.Size > 0 {
		inLast = (r.Size-1)%segment + 1
	}
	return holds(r.Size-inLast, r.SegmentStart) && holds(inLast, r.EntriesEnd-r.SegmentStart) &&
		(r.Size > 0 || r.Root == ledger.EmptyRoot)
}

// follows reports whether the numbers of a frame may stand behind a record's. It
// commits a batch more, or it commits the same leaves and states only how far the
// derived files and the guard's snapshot are durable.
func (f *frame) follows(last *Record, segment int64) bool {
	leaves, bytes := f.Size-last.Size, f.EntriesEnd-last.EntriesEnd
	if leaves == 0 {
		return f.inline == 0 && f.Root == last.Root && f.SegmentStart == last.SegmentStart && bytes == 0
	}
	if leaves < 0 || leaves > min(sequencer.MaxBatchLeaves, segment) || bytes > maxGrowth || !holds(leaves, bytes) ||
		f.inline != 0 && int64(f.inline) != bytes {
		return false
	}
	if before := max(last.Size-1, 0) / segment; (f.Size-1)/segment == before {
		return f.SegmentStart == last.SegmentStart
	}
	// It goes over to the next segment.
	old := (segment - last.Size%segment) % segment
	return holds(old, f.SegmentStart-last.EntriesEnd) && holds(leaves-old, f.EntriesEnd-f.SegmentStart)
}

// frame is how a record lies in a segment.
type frame struct {
	Record
	copy       int      // 1 at the start of the record, 2 in its last block
	carried    bool     // see flagCarried
	length     int      // bytes of the whole record, a multiple of blockLen
	inline     int      // bytes of entries that ride inside
	inlineHash [32]byte // SHA-256 of them
	mark       uint64   // of the file that the record was written to, 0 if it has none
}

// recordLen returns the length of a record with n bytes of entries inside.
func recordLen(n int) int {
	const ends, between = 2 * (blockLen - headLen), blockLen - guardLen
	return blockLen * (2 + (max(n-ends, 0)+between-1)/between)
}

// encodeRecord lays a record out: head, entries, and the head again in the last
// block, with the entries going on behind it.
func encodeRecord(r Record, entries []byte, carried bool, mark uint64) []byte {
	return layRecord(nil, r, entries, carried, mark)
}

// layRecord is encodeRecord into a buffer, which is used if it is long enough.
func layRecord(buf []byte, r Record, entries []byte, carried bool, mark uint64) []byte {
	f := frame{Record: r, carried: carried, length: recordLen(len(entries)), inline: len(entries), inlineHash: sha256.Sum256(entries), mark: mark}
	b := slices.Grow(buf[:0], f.length)[:f.length]
	clear(b)
	eachArea(b, func(area []byte) { entries = entries[copy(area, entries):] })
	f.copy = 1
	f.put(b[:headLen])
	f.copy = 2
	f.put(b[f.length-blockLen:][:headLen])
	return b
}

// eachArea calls do for the parts of a record that entries lie in: of each block
// what is behind the head, and behind some zeros where there is no head. So a
// leaf can hold what it likes: where a head is looked for, none of its bytes is.
func eachArea(record []byte, do func(area []byte)) {
	for at := 0; at < len(record); at += blockLen {
		skip := guardLen
		if at == 0 || at == len(record)-blockLen {
			skip = headLen
		}
		do(record[at+skip : at+blockLen])
	}
}

// put writes the head into b, which has headLen bytes, all zero.
func (f *frame) put(b []byte) {
	copy(b, recordMagic)
	binary.BigEndian.PutUint16(b[atVersion:], recordVersion)
	b[atCopy] = byte(f.copy)
	if f.carried {
		b[atFlags] = flagCarried
	}
	binary.BigEndian.PutUint32(b[atLength:], uint32(f.length))
	binary.BigEndian.PutUint32(b[atInline:], uint32(f.inline))
	copy(b[atInlineHash:], f.inlineHash[:])
	copy(b[atCore:], f.core())
	own := f.Hash()
	copy(b[atOwn:], own[:])
	binary.BigEndian.PutUint64(b[atMark:], f.mark)
	check := sha256.Sum256(b[:atCheck])
	copy(b[atCheck:], check[:])
}

// parseHead reads one copy of a head. Bytes that are no head, or a damaged one,
// are STORE-RECORD-MALFORMED; an intact head of another version is
// STORE-VERSION-UNKNOWN.
func parseHead(b []byte) (frame, error) {
	malformed := func(what string) (frame, error) {
		return frame{}, ledger.Refuse("STORE-RECORD-MALFORMED", "journal record %s", what)
	}
	if len(b) < headLen || string(b[:atVersion]) != recordMagic {
		return malformed("does not begin with its magic")
	}
	b = b[:headLen]
	if [32]byte(b[atCheck:]) != sha256.Sum256(b[:atCheck]) {
		return malformed("fails its checksum")
	}
	if v := binary.BigEndian.Uint16(b[atVersion:]); v != recordVersion {
		return frame{}, ledger.Refuse("STORE-VERSION-UNKNOWN", "journal record has version %d, this program knows %d", v, recordVersion)
	}
	f := frame{
		copy:       int(b[atCopy]),
		carried:    b[atFlags] == flagCarried,
		length:     int(binary.BigEndian.Uint32(b[atLength:])),
		inline:     int(binary.BigEndian.Uint32(b[atInline:])),
		inlineHash: [32]byte(b[atInlineHash:]),
		mark:       binary.BigEndian.Uint64(b[atMark:]),
	}
	c := b[atCore:atOwn]
	number := func() int64 {
		n := int64(binary.BigEndian.Uint64(c))
		c = c[8:]
		return n
	}
	bytes := func(dst []byte) { c = c[copy(dst, c):] }
	r := &f.Record
	r.Sequence = number()
	r.Size = number()
	bytes(r.Root[:])
	r.Time = time.Unix(0, number()).UTC()
	r.SegmentStart = number()
	r.EntriesEnd = number()
	r.DerivedTo = number()
	r.AppAt = number()
	bytes(r.App[:])
	bytes(r.Epoch[:])
	bytes(r.Origin[:])
	bytes(r.Previous[:])
	switch {
	case f.copy != 1 && f.copy != 2, b[atFlags] > flagCarried, [4]byte(b[20:]) != [4]byte{}, [atCheck - atZero]byte(b[atZero:]) != [atCheck - atZero]byte{}:
		return malformed("has a field set that this version leaves unset")
	case f.inline > maxGrowth || f.length != recordLen(f.inline), f.carried && f.inline != 0,
		f.inline == 0 && f.inlineHash != sha256.Sum256(nil):
		return malformed("has a length or hash that does not fit its entries")
	case r.Sequence < 0, r.Size < 0 || r.Size > ledger.MaxSize, r.SegmentStart < 0, r.EntriesEnd < r.SegmentStart,
		r.DerivedTo < 0 || r.DerivedTo > r.Size || r.DerivedTo%ledger.TileWidth != 0, r.AppAt < 0 || r.AppAt > r.Size:
		return malformed("has a number out of bounds")
	case r.Hash() != [32]byte(b[atOwn:]):
		return malformed("has another hash than it says")
	}
	return f, nil
}

// inlineEntries returns the entries inside a record, and whether they are what
// its head says. b is the whole record.
func (f *frame) inlineEntries(b []byte) ([]byte, bool) {
	entries := make([]byte, 0, f.length)
	eachArea(b[:f.length], func(area []byte) { entries = append(entries, area...) })
	entries = entries[:f.inline]
	return entries, sha256.Sum256(entries) == f.inlineHash
}

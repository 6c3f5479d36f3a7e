package filestore

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

// recover brings a folder to the state its journal names. Every step can be
// interrupted and begun again.
func (s *Store) recover() error {
	if err := s.checkOrigin(); err != nil {
		return err
	}
	records, err := s.openJournal()
	if err != nil {
		return err
	}
	for _, dir := range []string{"derived", "aside"} { // may have been deleted
		if err := s.files.MakeDir(dir); err != nil {
			return err
		}
	}
	if records, err = s.restoreInline(records); err != nil {
		return err
	}
	last := records[len(records)-1]
	s.journal.last, s.journal.at = last.Record, last.at+int64(last.length)
	if err := s.commitAgain(records); err != nil {
		return err
	}
	if err := s.setTailsAside(); err != nil {
		return err
	}
	if s.instance, err = openInstance(s.files, last.Record); err != nil {
		return err
	}
	if s.instance.Moved != "" {
		s.logger.LogAttrs(context.Background(), slog.LevelWarn, "log lies elsewhere than where it was made", slog.String("reason", s.instance.Moved))
	}
	return s.openDerived()
}

// checkOrigin compares the folder's origin with the one asked for.
func (s *Store) checkOrigin() error {
	f, err := s.files.Open("origin")
	if errors.Is(err, fs.ErrNotExist) {
		return ledger.Refuse("STORE-FOLDER-ABSENT", "the folder holds no log")
	}
	if err != nil {
		return err
	}
	b, err := read(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if origin := strings.TrimSuffix(string(b), "\n"); origin != s.origin {
		return ledger.Refuse("STORE-FOLDER-ORIGIN", "the folder holds log %q, not %q", origin, s.origin)
	}
	return nil
}

// openJournal finds the newest segment and returns its records. A segment whose
// making was interrupted has no record and is passed over.
func (s *Store) openJournal() ([]found, error) {
	s.journal = journal{files: s.files, origin: sha256.Sum256([]byte(s.origin)), capacity: s.layout.journal}
	names, err := journalSegments(s.files)
	if err != nil {
		return nil, err
	}
	for i, n := range names {
		f, err := s.files.Open(journalName(n))
		if err != nil {
			return nil, err
		}
		records, err := readSegment(f, n, s.journal.origin)
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		if len(records) == 0 {
			if err := f.Close(); err != nil {
				return nil, err
			}
			continue
		}
		if last := records[len(records)-1]; i > 0 && last.Sequence < names[0] {
			return nil, errors.Join(f.Close(), ledger.Refuse("STORE-JOURNAL-DAMAGED",
				"segment %s holds no record, the one before it ends with record %d", journalName(names[0]), last.Sequence))
		}
		s.journal.file, s.journal.name = f, n
		return records, nil
	}
	if len(names) > 0 && names[0] > 0 {
		return nil, ledger.Refuse("STORE-JOURNAL-DAMAGED", "no segment of the journal holds a record")
	}
	return nil, ledger.Refuse("STORE-FOLDER-ABSENT", "the folder holds no log")
}

// readSegment reads and scans a segment. One that another process is appending
// to, as a reader of a running log finds it, may look damaged when a record was
// written behind the place that was just read; it is read again then.
func readSegment(f File, n int64, origin [32]byte) (records []found, err error) {
	for range 4 {
		var b []byte
		if b, err = read(f); err != nil {
			return nil, err
		}
		if records, err = scanSegment(b, n, origin); code(err) != "STORE-JOURNAL-DAMAGED" {
			break
		}
	}
	return records, err
}

// restoreInline writes the entries that ride in the records of the newest
// journal segment into the entries files: until that segment ends the journal
// may hold their only durable copy. A last record whose entries are nowhere whole
// was never committed, and is left out of what it returns.
func (s *Store) restoreInline(records []found) ([]found, error) {
	for i := range records {
		r := &records[i]
		if r.inline == 0 {
			continue
		}
		prev := records[i-1].Record // a record with entries is never the first
		if !r.intact {
			b := make([]byte, r.inline)
			err := s.eachPart(prev, r.Record, b, func(p part) error {
				return s.segments.read(p.segment, p.at-p.start, p.bytes)
			})
			switch {
			case err == nil && sha256.Sum256(b) == r.inlineHash:
				r.entries, r.intact, r.whole = b, true, false
			case i == len(records)-1:
				return records[:i], nil
			default:
				return nil, ledger.Refuse("STORE-JOURNAL-DAMAGED", "the entries in journal record %d are damaged", r.Sequence)
			}
		}
		err := s.eachPart(prev, r.Record, r.entries, func(p part) error {
			return s.segments.write(p.segment, p.at-p.start, p.bytes)
		})
		if err != nil {
			return nil, err
		}
	}
	return records, nil
}

// eachPart calls do for each segment's part of the entries between two records.
func (s *Store) eachPart(prev, r Record, b []byte, do func(part) error) error {
	for _, p := range s.layout.parts(prev.Size, prev.EntriesEnd, prev.SegmentStart, r.SegmentStart, b) {
		if err := do(p); err != nil {
			return err
		}
	}
	return nil
}

// commitAgain writes the last record and what it covers once more, and syncs
// both: what can be read after a crash may be in memory only, and what was
// written before a failed sync is marked clean without being on the disk. Damaged
// copies of heads are made good on the way.
func (s *Store) commitAgain(records []found) error {
	n := len(records) - 1
	last := records[n]
	if n > 0 && last.inline == 0 {
		prev := records[n-1].Record
		b := make([]byte, last.EntriesEnd-prev.EntriesEnd)
		err := s.eachPart(prev, last.Record, b, func(p part) error {
			if err := s.segments.read(p.segment, p.at-p.start, p.bytes); err != nil {
				return err
			}
			return s.segments.write(p.segment, p.at-p.start, p.bytes)
		})
		if err != nil {
			return err
		}
	}
	if err := s.segments.sync(); err != nil {
		return err
	}
	for i := range records {
		if r := &records[i]; i == n || !r.whole {
			if !r.whole {
				s.logger.LogAttrs(context.Background(), slog.LevelWarn, "journal record repaired from its second copy", slog.Int64("sequence", r.Sequence))
			}
			if _, err := s.journal.file.WriteAt(encodeRecord(r.Record, r.entries, r.carried), r.at); err != nil {
				return err
			}
		}
	}
	if err := s.journal.file.Sync(); err != nil {
		return err
	}
	return s.files.SyncDir("journal")
}

// setTailsAside copies what lies behind the committed log into the aside folder
// and clears it: it is evidence, and is never read again.
func (s *Store) setTailsAside() error {
	last := s.journal.last
	if err := s.setAside(journalName(s.journal.name), s.journal.file, s.journal.at); err != nil {
		return err
	}
	names, err := s.files.Names("entries")
	if err != nil {
		return err
	}
	for _, name := range names {
		n, ok := s.segments.number(name)
		if !ok {
			continue
		}
		from := int64(0)
		switch current := max(last.Size-1, 0) / s.layout.segment; {
		case n < current:
			continue
		case n == current:
			from = last.EntriesEnd - last.SegmentStart
		}
		f, err := s.segments.file(n)
		if err != nil {
			return err
		}
		if err := s.setAside("entries/"+name, f, from); err != nil {
			return err
		}
	}
	return nil
}

// setAside moves what is not zero in a file from a place on.
func (s *Store) setAside(name string, f File, from int64) error {
	size, err := f.Size()
	if err != nil || size <= from {
		return err
	}
	b := make([]byte, size-from)
	if err := readAt(f, b, from); err != nil {
		return err
	}
	n := len(b)
	for n > 0 && b[n-1] == 0 {
		n--
	}
	if n == 0 {
		return nil
	}
	b = b[:n]
	sum := sha256.Sum256(b)
	aside := fmt.Sprintf("aside/%s-at-%d-%x", strings.ReplaceAll(name, "/", "-"), from, sum[:4])
	if err := writeFile(s.files, aside, b); err != nil {
		return spaceOr(err)
	}
	if err := s.files.SyncDir("aside"); err != nil {
		return err
	}
	s.logger.LogAttrs(context.Background(), slog.LevelWarn, "bytes that were never committed set aside",
		slog.String("file", aside), slog.Int("bytes", n))
	return zero(f, from, from+int64(n)) // synced with whatever is written there next
}

// openDerived opens the derived files and makes them good: from where the journal
// says they were durable, or, if that does not lead to the journal's root, from
// the first leaf.
func (s *Store) openDerived() error {
	d, err := openDerived(s.files)
	s.derived = d
	if err != nil {
		return err
	}
	last := s.journal.last
	if err = s.derived.reach(last.DerivedTo); err == nil {
		err = s.derive(last.DerivedTo)
	}
	if err == nil || last.DerivedTo == 0 {
		return err
	}
	s.logger.LogAttrs(context.Background(), slog.LevelWarn, "derived files are made again from the entries", slog.String("reason", err.Error()))
	if err := s.disownDerived(); err != nil {
		return err
	}
	return s.derive(0)
}

// disownDerived commits a record that no longer calls the derived files durable.
// While they are made anew they may have the right length and the wrong content.
func (s *Store) disownDerived() error {
	if !s.journal.room(0) {
		if err := s.segments.sync(); err != nil {
			return err
		}
		if err := s.journal.begin(); err != nil {
			return err
		}
	}
	r := s.journal.last
	r.Sequence, r.Previous, r.DerivedTo = r.Sequence+1, r.Hash(), 0
	return s.journal.append(r, nil)
}

// derive computes the derived files from a leaf on, a multiple of 256, and
// compares what comes out with the journal. It sets the view.
func (s *Store) derive(from int64) error {
	last := s.journal.last
	offsets, err := s.derived.readOffsets(from / ledger.TileWidth)
	if err != nil {
		return err
	}
	edge, err := sequencer.Restore(from, func(level int, index int64, width int) ([]ledger.Hash, error) {
		return s.derived.readHashes(level, index*ledger.TileWidth, width)
	})
	if err != nil {
		return err
	}
	g := newGrowth(edge, offsets)
	at, start := offsets[from/ledger.TileWidth], int64(0)
	if from > 0 {
		start = offsets[(from-1)/s.layout.segment*s.layout.segment/ledger.TileWidth]
	}
	r := &entryReader{segments: s.segments, end: last.EntriesEnd}
	for g.edge.Size() < last.Size {
		index := g.edge.Size()
		if index%s.layout.segment == 0 {
			start = at
		}
		leaf, err := r.next(index/s.layout.segment, start, at)
		if err != nil {
			return err
		}
		at += 2 + int64(len(leaf))
		g.leaf(ledger.LeafHash(leaf), at)
		if g.edge.Size()%sequencer.MaxBatchLeaves == 0 {
			if err := g.write(s.derived); err != nil {
				return err
			}
		}
	}
	if root := g.edge.Root(); root != last.Root || at != last.EntriesEnd || start != last.SegmentStart {
		return ledger.Refuse("STORE-ROOT-MISMATCH", "the entries give root %v over %d bytes, the journal says %v over %d", root, at, last.Root, last.EntriesEnd)
	}
	if err := g.write(s.derived); err != nil {
		return err
	}
	s.derivedTo = from
	s.view.Store(&view{
		head:  sequencer.Head{Origin: s.origin, Size: last.Size, Root: last.Root, Time: last.Time},
		start: start, end: at, edge: g.edge, offsets: g.offsets,
	})
	return nil
}

// entryReader reads entries one after another.
type entryReader struct {
	segments *segments
	end      int64 // position behind the last entry there is

	buf     []byte
	at      int64 // position of buf
	segment int64
}

// next returns the leaf at a position in a segment that begins at start. It is
// valid until the next call.
func (r *entryReader) next(segment, start, at int64) ([]byte, error) {
	const ahead = 1 << 20
	have := func(n int64) bool {
		return segment == r.segment && at >= r.at && at+n <= r.at+int64(len(r.buf))
	}
	fill := func(n int64) error {
		if have(n) {
			return nil
		}
		if at+n > r.end {
			return ledger.Refuse("STORE-ENTRIES-DAMAGED", "an entry reaches over the end of the log at byte %d", r.end)
		}
		// What is read ahead of the segment's end is preallocated, cut or unused.
		f, err := r.segments.file(segment)
		if err != nil {
			return err
		}
		if r.buf == nil {
			r.buf = make([]byte, min(ahead, r.end-at))
		}
		r.buf = r.buf[:min(int64(cap(r.buf)), r.end-at)]
		got, err := f.ReadAt(r.buf, at-start)
		r.buf, r.at, r.segment = r.buf[:got], at, segment
		if !have(n) {
			return ledger.Refuse("STORE-ENTRIES-MISSING", "entries segment %s ends before byte %d: %w", r.segments.name(segment), at-start+n, err)
		}
		return nil
	}
	if err := fill(2); err != nil {
		return nil, err
	}
	n := int64(binary.BigEndian.Uint16(r.buf[at-r.at:]))
	if n == 0 {
		return nil, ledger.Refuse("STORE-ENTRIES-DAMAGED", "an entry of no bytes at byte %d", at)
	}
	if err := fill(2 + n); err != nil {
		return nil, err
	}
	return r.buf[at-r.at+2:][:n], nil
}

package filestore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
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
	for _, dir := range []string{"derived", snapshotDir, "aside"} { // may have been deleted
		if err := s.files.MakeDir(dir); err != nil {
			return err
		}
	}
	if err := s.files.SyncDir("."); err != nil {
		return err
	}
	if records, err = s.restoreInline(records); err != nil {
		return err
	}
	last := records[len(records)-1]
	s.journal.last, s.journal.at, s.journal.mark = last.Record, last.at+int64(last.length), last.mark
	s.snapshots.committed(naming{last.AppAt, last.App})
	if err := s.commitAgain(records); err != nil {
		return err
	}
	if err := s.setTailsAside(); err != nil {
		return err
	}
	segment, err := s.files.Mark(journalName(s.journal.name))
	if err != nil {
		return err
	}
	s.journal.kept = last.mark != segment // the next opening is to see it too
	if s.instance, err = openInstance(s.files, last.frame, segment); err != nil {
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
	b, err := read(f, ledger.MaxOrigin+1)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if origin := strings.TrimSuffix(string(b), "\n"); origin != s.origin {
		return ledger.Refuse("STORE-FOLDER-ORIGIN", "the folder holds log %q, not %q", origin, s.origin)
	}
	return nil
}

// openJournal finds the newest segment and returns its records. It bears its name
// since its first record was durable.
func (s *Store) openJournal() ([]found, error) {
	s.journal = journal{files: s.files, origin: sha256.Sum256([]byte(s.origin)), capacity: s.layout.journal}
	names, err := journalSegments(s.files)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		entries, err := s.files.Names("entries")
		if err == nil && len(entries) > 0 {
			return nil, ledger.Refuse("STORE-JOURNAL-DAMAGED", "the folder holds entries and no journal")
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		return nil, ledger.Refuse("STORE-FOLDER-ABSENT", "the folder holds no log")
	}
	f, err := s.files.Open(journalName(names[0]))
	if err != nil {
		return nil, err
	}
	s.journal.file, s.journal.name = f, names[0]
	records, err := s.readSegment(f, names[0])
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return nil, ledger.Refuse("STORE-JOURNAL-DAMAGED", "the first record of segment %s is damaged", journalName(names[0]))
	}
	return records, nil
}

// readSegment reads and scans a segment. One that another process is appending
// to, as a reader of a running log finds it, may look damaged when a record was
// written behind the place that was just read; it is read again then.
func (s *Store) readSegment(f File, n int64) (records []found, err error) {
	for range 4 {
		var b []byte
		if b, err = read(f, s.layout.journal); err != nil {
			return nil, ledger.Refuse("STORE-JOURNAL-DAMAGED", "journal segment %s cannot be read: %w", journalName(n), err)
		}
		if records, err = scanSegment(b, n, s.journal.origin, s.layout.segment); code(err) != "STORE-JOURNAL-DAMAGED" {
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
			if err != nil && !errors.Is(err, io.EOF) {
				return nil, err // the segment is durable before a record that needs it
			}
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
// There is none between records that commit the same leaves: behind a full
// segment the next may not have been made.
func (s *Store) eachPart(prev, r Record, b []byte, do func(part) error) error {
	if len(b) == 0 {
		return nil
	}
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
			if _, err := s.journal.file.WriteAt(encodeRecord(r.Record, r.entries, r.carried, r.mark), r.at); err != nil {
				return err
			}
		}
	}
	if err := s.journal.file.Sync(); err != nil {
		return err
	}
	return s.files.SyncDir("journal")
}

// tail is what lies behind the committed log in one file.
type tail struct {
	name string
	file File
	from int64
	end  int64 // behind the last byte that is not zero
}

// setTailsAside copies what lies behind the committed log into the aside folder
// and clears it: it is evidence, and is never read again. There is one batch at
// most whose commit was interrupted; entries that go on for longer were committed
// by records that are missing, and the log is refused.
func (s *Store) setTailsAside() error {
	if _, ok := s.files.(*overlay); ok {
		return nil // nothing will be appended, and the log's own process may be writing there
	}
	last := s.journal.last
	journal, err := tailOf(journalName(s.journal.name), s.journal.file, s.journal.at)
	if err != nil {
		return err
	}
	names, err := s.files.Names("entries")
	if err != nil {
		return err
	}
	tails := []tail{journal}
	current := max(last.Size-1, 0) / s.layout.segment
	for _, name := range names {
		n, ok := s.segments.number(name)
		if !ok || n < current {
			continue
		}
		from := int64(0)
		if n == current {
			from = last.EntriesEnd - last.SegmentStart
		}
		f, err := s.segments.file(n)
		if err != nil {
			return err
		}
		t, err := tailOf("entries/"+name, f, from)
		if err != nil {
			return err
		}
		if n > current+1 || t.end-t.from > maxGrowth {
			return ledger.Refuse("STORE-JOURNAL-DAMAGED", "%s goes on to byte %d, the newest record of the journal, %d, ends at leaf %d: records are missing", t.name, t.end, last.Sequence, last.Size)
		}
		tails = append(tails, t)
	}
	for _, t := range tails {
		if err := s.setAside(t); err != nil {
			return err
		}
	}
	return nil
}

// tailOf finds the last byte behind from that is not zero.
func tailOf(name string, f File, from int64) (tail, error) {
	t := tail{name, f, from, from}
	size, err := f.Size()
	if err != nil {
		return t, err
	}
	err = eachPiece(f, from, size, func(at int64, b []byte) error {
		if n := len(bytes.TrimRight(b, "\x00")); n > 0 {
			t.end = at + int64(n)
		}
		return nil
	})
	return t, err
}

// eachPiece reads a part of a file piece by piece.
func eachPiece(f File, from, to int64, do func(at int64, b []byte) error) error {
	b := make([]byte, min(max(to-from, 0), 1<<20))
	for from < to {
		b = b[:min(int64(len(b)), to-from)]
		if err := readAt(f, b, from); err != nil {
			return err
		}
		if err := do(from, b); err != nil {
			return err
		}
		from += int64(len(b))
	}
	return nil
}

// setAside moves a tail.
func (s *Store) setAside(t tail) error {
	if t.end == t.from {
		return nil
	}
	sum := sha256.New()
	err := eachPiece(t.file, t.from, t.end, func(_ int64, b []byte) error {
		_, err := sum.Write(b)
		return err
	})
	if err != nil {
		return err
	}
	aside := fmt.Sprintf("aside/%s-at-%d-%x", strings.ReplaceAll(t.name, "/", "-"), t.from, sum.Sum(nil)[:4])
	f, err := s.files.Create(aside)
	if err != nil {
		return spaceOr(err)
	}
	err = eachPiece(t.file, t.from, t.end, func(at int64, b []byte) error {
		_, err := f.WriteAt(b, at-t.from)
		return err
	})
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return spaceOr(err)
	}
	if err := s.files.SyncDir("aside"); err != nil {
		return err
	}
	s.logger.LogAttrs(context.Background(), slog.LevelWarn, "bytes that were never committed set aside",
		slog.String("file", aside), slog.Int64("bytes", t.end-t.from))
	return zero(t.file, t.from, t.end) // synced with whatever is written there next
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
	return s.journal.append(r, nil, nil)
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

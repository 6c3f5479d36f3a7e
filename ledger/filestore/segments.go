package filestore

import (
	"fmt"
	"io/fs"
	"strconv"
	"sync"

	"github.com/yurai-ledger/yurai/ledger"
)

// layout holds the measures of the files. Those of a log never change; tests
// use small ones to reach the boundaries.
type layout struct {
	segment int64 // leaves of one entries segment, a multiple of 256; part of the format
	step    int64 // bytes by which an entries segment is preallocated
	journal int64 // bytes of one journal segment
	settle  int64 // leaves after which the derived files are synced
}

// standard is the layout of every log that is not a test's.
var standard = layout{segment: 65536, step: 16 << 20, journal: 16 << 20, settle: 65536}

// segments are the files of the entries. Entry i lies in segment i/leaves; the
// concatenation of all segments is what positions count in. How much of a
// segment is log is said by the journal, never by the length of the file.
type segments struct {
	files  FS
	layout layout

	mu     sync.RWMutex
	open   map[int64]File
	closed bool

	// The rest belongs to the writer.
	room  map[int64]int64    // bytes allocated, of segments written to
	dirty map[int64]struct{} // segments with writes that were not synced
}

func newSegments(files FS, l layout) *segments {
	return &segments{files: files, layout: l, open: map[int64]File{}, room: map[int64]int64{}, dirty: map[int64]struct{}{}}
}

func (s *segments) name(n int64) string { return fmt.Sprintf("entries/%016x", n*s.layout.segment) }

// number returns which segment a file of the entries folder is.
func (s *segments) number(file string) (int64, bool) {
	first, err := strconv.ParseInt(file, 16, 64)
	n := first / s.layout.segment
	return n, err == nil && s.name(n) == "entries/"+file
}

// file returns segment n, which must exist.
func (s *segments) file(n int64) (File, error) {
	s.mu.RLock()
	f := s.open[n]
	s.mu.RUnlock()
	if f != nil {
		return f, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.open[n]; f != nil {
		return f, nil
	}
	if s.closed {
		return nil, fs.ErrClosed
	}
	f, err := s.files.Open(s.name(n))
	if err != nil {
		return nil, ledger.Refuse("STORE-ENTRIES-MISSING", "entries segment %s cannot be opened: %w", s.name(n), err)
	}
	s.open[n] = f
	return f, nil
}

// create makes segment n with room in it, and makes its name durable. It does no
// harm to a segment that exists.
func (s *segments) create(n int64) error {
	f, err := s.files.Create(s.name(n))
	if err != nil {
		return spaceOr(err)
	}
	s.mu.Lock()
	if old := s.open[n]; old != nil {
		err = old.Close()
	}
	s.open[n] = f
	s.mu.Unlock()
	if err != nil {
		return err
	}
	if err := s.reserve(n, f, 1); err != nil {
		return err
	}
	return s.files.SyncDir("entries")
}

// reserve makes sure that a segment is at least size bytes long.
func (s *segments) reserve(n int64, f File, size int64) error {
	if s.room[n] >= size {
		return nil
	}
	size = (size + s.layout.step - 1) / s.layout.step * s.layout.step
	if err := f.Allocate(size); err != nil {
		return spaceOr(err)
	}
	s.room[n] = size
	return nil
}

// write puts bytes into segment n.
func (s *segments) write(n, at int64, b []byte) error {
	f, err := s.file(n)
	if err != nil {
		return err
	}
	if err := s.reserve(n, f, at+int64(len(b))); err != nil {
		return err
	}
	s.dirty[n] = struct{}{}
	if _, err := f.WriteAt(b, at); err != nil {
		return spaceOr(err)
	}
	return nil
}

// read fills b from segment n.
func (s *segments) read(n, at int64, b []byte) error {
	f, err := s.file(n)
	if err != nil {
		return err
	}
	if err := readAt(f, b, at); err != nil {
		return ledger.Refuse("STORE-ENTRIES-MISSING", "entries segment %s ends before byte %d: %w", s.name(n), at+int64(len(b)), err)
	}
	return nil
}

// sync makes what was written to any segment durable.
func (s *segments) sync() error {
	for n := range s.dirty {
		f, err := s.file(n)
		if err != nil {
			return err
		}
		if err := f.Sync(); err != nil {
			return fmt.Errorf("syncing entries segment %s: %w", s.name(n), err)
		}
		delete(s.dirty, n)
	}
	return nil
}

// part is the share of a batch that lies in one segment.
type part struct {
	segment int64
	start   int64 // position of the segment's first byte
	at      int64 // position of the part's first byte
	bytes   []byte
}

// parts cuts the entries that lie at position at, from leaf first on, where
// segments end. start is the position of the segment that holds leaf first-1,
// next that of the segment that holds the last leaf.
func (l layout) parts(first int64, at, start, next int64, b []byte) []part {
	if first%l.segment == 0 {
		return []part{{segment: first / l.segment, start: at, at: at, bytes: b}}
	}
	n := first / l.segment
	if next == start {
		return []part{{segment: n, start: start, at: at, bytes: b}}
	}
	return []part{
		{segment: n, start: start, at: at, bytes: b[:next-at]},
		{segment: n + 1, start: next, at: next, bytes: b[next-at:]},
	}
}

// close closes the files. A reader that comes late gets an error.
func (s *segments) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	var first error
	for n, f := range s.open {
		if err := f.Close(); err != nil && first == nil {
			first = err
		}
		delete(s.open, n)
	}
	return first
}

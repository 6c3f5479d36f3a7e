package filestore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

// Point is a record of a journal: what a copy of a log ends with.
type Point struct {
	Sequence int64
	Hash     [32]byte // the record's own
	Size     int64    // leaves
	Root     ledger.Hash
	Time     time.Time
}

// CopyOptions say what [Copy] copies.
type CopyOptions struct {
	Origin string

	// End is the record to end with; nil is the newest one.
	End *Point

	// Restore makes the copy a log that can be opened, with an instance that needs
	// an anchor. Without it the copy has no instance.
	Restore bool

	// Progress is called now and then with the bytes of entries copied and to be.
	Progress func(done, total int64)

	layout *layout
}

// copyPiece is what is read and written at once.
const copyPiece = 1 << 20

// Copy copies the log in folder from, which may be running, to folder to, and
// returns where the copy ends. The journal is read first and the entries that it
// names after it, so that the copy holds all of them; what is written comes in
// the other order, so that a copy that was interrupted is one of an earlier state.
// Everything is durable when it returns. Derived files are not copied: they are
// made anew when the copy is opened.
//
// A folder to that holds an older copy of the same log gets what is new; segments
// that are full are not read again. It is refused as
//
//	STORE-COPY-AHEAD      the copy has records that the log has not: the log is old
//	STORE-COPY-OTHER      the copy is of another log, or of another history
//	STORE-POINT-ABSENT    the record to end with is not in the log
//	STORE-FOLDER-ABSENT   there is no log in from
//	STORE-JOURNAL-DAMAGED the newest segment of its journal cannot be read
//	STORE-ENTRIES-MISSING entries end before what the journal names
//
// Copy compares no leaf with its hash: [Check] does that, of the copy.
func Copy(ctx context.Context, from, to string, o CopyOptions) (Point, error) {
	if o.layout == nil {
		l := standard
		o.layout = &l
	}
	c := &copier{ctx: ctx, from: from, to: to, o: o, check: &checker{
		ctx: ctx, layout: *o.layout, files: ReadOnly(from), report: &CheckReport{}, hash: sha256.Sum256([]byte(o.Origin)),
	}}
	c.check.segments = newSegments(c.check.files, c.check.layout)
	point, err := c.run()
	return point, errors.Join(err, c.check.segments.close())
}

// copier is one copy.
type copier struct {
	ctx      context.Context // of the one call that the copier lives for
	from, to string
	o        CopyOptions
	check    *checker // reads the journal of from

	names []int64 // journal segments up to the one that holds the end, oldest first
	end   int64   // behind the last record in the newest of them
	last  Record
	old   *Record // what to ends with
}

func (c *copier) run() (Point, error) {
	if err := c.find(); err != nil {
		return Point{}, err
	}
	if err := c.compare(); err != nil {
		return Point{}, err
	}
	if err := makeFolder(c.to); err != nil {
		return Point{}, err
	}
	for _, dir := range []string{"entries", "journal", snapshotDir} {
		if err := Disk(c.to).MakeDir(dir); err != nil {
			return Point{}, err
		}
	}
	if err := c.small("origin", []byte(c.o.Origin+"\n")); err != nil {
		return Point{}, err
	}
	// Held open before anything else is read: the segment may be left meanwhile.
	newest, err := openRegular(c.path(journalName(c.names[len(c.names)-1])))
	if err != nil {
		return Point{}, err
	}
	defer newest.Close()
	if err := c.entries(); err != nil {
		return Point{}, err
	}
	if err := c.snapshot(); err != nil {
		return Point{}, err
	}
	if err := c.journal(newest); err != nil {
		return Point{}, err
	}
	if c.o.Restore {
		if err := c.instance(); err != nil {
			return Point{}, err
		}
	}
	return Point{c.last.Sequence, c.last.Hash(), c.last.Size, c.last.Root, c.last.Time}, syncDir(c.to)
}

func (c *copier) path(name string) string { return Disk(c.from).path(name) }

// walk goes through a segment of from and calls see for each record until it
// says enough. at is where the record ends.
func (c *copier) walk(files FS, name int64, newest bool, see func(r *Record, end int64) (enough bool)) error {
	f, err := files.Open(journalName(name))
	if err != nil {
		return err
	}
	defer f.Close()
	w := &walk{c: c.check, f: f, name: name, newest: newest, quick: true}
	if w.size, err = f.Size(); err != nil {
		return err
	}
	for {
		r, err := w.next()
		if r == nil || err != nil || see(w.last, w.at) {
			return err
		}
	}
}

// find finds the record to end with.
func (c *copier) find() error {
	names, err := journalSegments(c.check.files)
	if err != nil {
		return err
	}
	slices.Reverse(names)
	if len(names) == 0 {
		return ledger.Refuse("STORE-FOLDER-ABSENT", "the folder holds no log")
	}
	newest := len(names) - 1
	if c.o.End != nil {
		for newest > 0 && names[newest] > c.o.End.Sequence {
			newest--
		}
	}
	found := false
	err = c.walk(c.check.files, names[newest], newest == len(names)-1, func(r *Record, end int64) bool {
		c.last, c.end, found = *r, end, true
		return c.o.End != nil && r.Sequence == c.o.End.Sequence
	})
	if err != nil {
		return err
	}
	c.names = names[:newest+1]
	switch {
	case c.o.End != nil && (!found || c.last.Sequence != c.o.End.Sequence || c.last.Hash() != c.o.End.Hash):
		return ledger.Refuse("STORE-POINT-ABSENT", "the journal does not hold record %d as it was noted", c.o.End.Sequence)
	case !found:
		return ledger.Refuse("STORE-JOURNAL-DAMAGED", "%s has no good first record of log %q", journalName(names[newest]), c.o.Origin)
	}
	return nil
}

// compare holds the journal in to, if there is one, against the one in from.
func (c *copier) compare() error {
	files := ReadOnly(c.to)
	names, err := journalSegments(files)
	if err != nil || len(names) == 0 {
		return err
	}
	err = c.walk(files, names[0], true, func(r *Record, _ int64) bool {
		copied := *r
		c.old = &copied
		return false
	})
	if err != nil {
		return err
	}
	if c.old == nil {
		return ledger.Refuse("STORE-COPY-OTHER", "the copy's journal is not one of log %q", c.o.Origin)
	}
	if c.old.Sequence > c.last.Sequence || c.old.Size > c.last.Size {
		return ledger.Refuse("STORE-COPY-AHEAD", "the copy has record %d and %d leaves, the log ends at record %d with %d", c.old.Sequence, c.old.Size, c.last.Sequence, c.last.Size)
	}
	n, ok := slices.BinarySearch(c.names, c.old.Sequence)
	if !ok {
		n--
	}
	if n < 0 {
		return ledger.Refuse("STORE-COPY-OTHER", "the log no longer has the journal up to record %d, which the copy ends with", c.old.Sequence)
	}
	same := false
	err = c.walk(c.check.files, c.names[n], n == len(c.names)-1, func(r *Record, _ int64) bool {
		same = r.Sequence == c.old.Sequence && r.Hash() == c.old.Hash()
		return r.Sequence >= c.old.Sequence
	})
	if err == nil && !same {
		err = ledger.Refuse("STORE-COPY-OTHER", "the copy has another record %d than the log", c.old.Sequence)
	}
	return err
}

// entries copies what the last record names and the copy lacks.
func (c *copier) entries() error {
	if c.last.Size == 0 {
		return nil
	}
	per := c.o.layout.segment
	first, at := int64(0), int64(0)
	if c.old != nil && c.old.Size > 0 {
		first, at = (c.old.Size-1)/per, c.old.EntriesEnd-c.old.SegmentStart
	}
	for n := first; n <= (c.last.Size-1)/per; n++ {
		end := int64(-1)
		if n == (c.last.Size-1)/per {
			end = c.last.EntriesEnd - c.last.SegmentStart
		}
		if err := c.segment(c.check.segments.name(n), at, end); err != nil {
			return err
		}
		at = 0
	}
	return syncDir(Disk(c.to).path("entries"))
}

// segment copies a file from a place on, up to end or, if that is -1, all of it.
// Zeros that lie behind are not written.
func (c *copier) segment(name string, at, end int64) error {
	src, err := openRegular(c.path(name))
	if err != nil {
		return ledger.Refuse("STORE-ENTRIES-MISSING", "%s cannot be opened: %w", name, err)
	}
	defer src.Close()
	info, err := src.Stat()
	if err != nil {
		return err
	}
	length := info.Size()
	if end < 0 {
		end = length
	}
	if length < end {
		return ledger.Refuse("STORE-ENTRIES-MISSING", "%s has %d bytes of %d", name, length, end)
	}
	dst, err := os.OpenFile(Disk(c.to).path(name), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	// What an interrupted copy left behind goes.
	if err := errors.Join(dst.Truncate(at), dst.Truncate(end)); err != nil {
		return errors.Join(err, dst.Close())
	}
	b := make([]byte, copyPiece)
	for at < end && err == nil {
		if err = c.ctx.Err(); err != nil {
			break
		}
		n := min(int64(len(b)), end-at)
		if _, err = io.ReadFull(io.NewSectionReader(src, at, n), b[:n]); err == nil && len(bytes.TrimLeft(b[:n], "\x00")) > 0 {
			_, err = dst.WriteAt(b[:n], at)
		}
		at += n
		if c.o.Progress != nil && err == nil {
			c.o.Progress(at, end)
		}
	}
	if err == nil {
		err = dst.Sync()
	}
	return errors.Join(err, dst.Close())
}

// snapshot copies the snapshot that the last record names, if it is still there:
// a running log removes it when a newer one is durable. It saves time alone.
func (c *copier) snapshot() error {
	names, err := Disk(c.to).Names(snapshotDir)
	if err != nil {
		return err
	}
	keep := snapshotName(c.last.AppAt)
	for _, name := range names {
		if snapshotDir+"/"+name != keep {
			if err := os.Remove(Disk(c.to).path(snapshotDir + "/" + name)); err != nil {
				return err
			}
		}
	}
	if c.last.AppAt == 0 {
		return nil
	}
	f, err := openRegular(c.path(keep))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(f, sequencer.MaxSnapshot+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if sha256.Sum256(b) != c.last.App {
		return nil // a damaged snapshot is passed over, here as at an opening
	}
	return errors.Join(c.small(keep, b), syncDir(Disk(c.to).path(snapshotDir)))
}

// journal copies the segments that the copy lacks, the newest up to its last
// record, each under its name only when it is whole.
func (c *copier) journal(newest *os.File) error {
	for i, name := range c.names {
		file := journalName(name)
		if i < len(c.names)-1 {
			if c.old != nil && c.names[i+1] <= c.old.Sequence {
				if _, err := os.Stat(Disk(c.to).path(file)); err == nil {
					continue // full and copied before
				}
			}
			src, err := openRegular(c.path(file))
			if errors.Is(err, fs.ErrNotExist) {
				continue // history that was moved away
			}
			if err != nil {
				return err
			}
			info, err := src.Stat()
			if err == nil {
				err = c.draft(file, src, info.Size(), info.Size())
			}
			if err := errors.Join(err, src.Close()); err != nil {
				return err
			}
			continue
		}
		info, err := newest.Stat()
		if err == nil {
			err = c.draft(file, newest, c.end, info.Size())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// draft copies the first n bytes of a segment and makes it size bytes long.
func (c *copier) draft(file string, src *os.File, n, size int64) error {
	draft := Disk(c.to).path(journalDraft)
	dst, err := os.OpenFile(draft, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, io.NewSectionReader(src, 0, n))
	if err == nil {
		err = dst.Truncate(size)
	}
	if err == nil {
		err = dst.Sync()
	}
	if err := errors.Join(err, dst.Close()); err != nil {
		return err
	}
	if err := os.Rename(draft, Disk(c.to).path(file)); err != nil {
		return err
	}
	return syncDir(Disk(c.to).path("journal"))
}

// instance makes the copy one that needs an anchor before it signs.
func (c *copier) instance() error {
	inst, err := here(Disk(c.to))
	if err != nil {
		return err
	}
	inst.Epoch, inst.Needs = c.last.Epoch, NeedsAnchor
	return c.small(instanceName, inst.marshal())
}

// small writes a small file in one step.
func (c *copier) small(name string, content []byte) error {
	path := Disk(c.to).path(name)
	if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, content) {
		return nil
	}
	draft := path + ".new"
	f, err := os.OpenFile(draft, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if err := os.Rename(draft, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

package filestore

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

// journal is the head journal: segments of records, of which the newest takes
// the next record. A segment is filled with zeros and synced with its first
// record before it bears its name: so a commit changes no length and no
// allocation, and a segment without a first record is damage, never a beginning.
type journal struct {
	files    FS
	origin   [32]byte
	capacity int64 // bytes of a new segment

	file File
	name int64 // first sequence number of file
	at   int64 // where the next record goes in file
	last Record

	drafted bool   // journalDraft is zeros and durable
	buf     []byte // of the record being written

	mark uint64 // that records bear: that of file
	kept bool   // mark stays as it was found, which is another
}

// found is a record as it was read from a segment.
type found struct {
	frame
	at      int64  // where it begins in the segment
	whole   bool   // both heads are good
	entries []byte // that ride inside
	intact  bool   // entries are what the head says
}

// journalDraft is the name of a segment that is being made.
const journalDraft = "journal/new"

func journalName(sequence int64) string { return fmt.Sprintf("journal/%016x", sequence) }

// journalSegments returns the sequence numbers that name segments, newest first.
func journalSegments(files FS) ([]int64, error) {
	names, err := files.Names("journal")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []int64
	for i := len(names) - 1; i >= 0; i-- {
		n, err := strconv.ParseInt(names[i], 16, 64)
		if err != nil || journalName(n) != "journal/"+names[i] {
			continue // not ours
		}
		list = append(list, n)
	}
	return list, nil
}

// read returns the whole content of a file of at most limit bytes.
func read(f File, limit int64) ([]byte, error) {
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	if size > limit {
		return nil, fmt.Errorf("a file has %d bytes, more than %d", size, limit)
	}
	b := make([]byte, size)
	return b, readAt(f, b, 0)
}

// readAt fills b, or fails.
func readAt(f File, b []byte, at int64) error {
	n, err := f.ReadAt(b, at)
	if n == len(b) {
		return nil
	}
	return err
}

// scanSegment returns the records of a segment, of which the first must have the
// sequence number that names the segment. It ends before the first record of
// which neither head is good or that does not continue the chain: what follows
// was not committed. It refuses a segment in which a later record exists, since
// then something that was committed is damaged (STORE-JOURNAL-DAMAGED), and a
// record of a newer format. leaves is the number of leaves in an entries segment.
func scanSegment(b []byte, first int64, origin [32]byte, leaves int64) ([]found, error) {
	var list []found
	at := int64(0)
	for at < int64(len(b)) {
		r, err := recordAt(b, at, func(f frame) bool {
			if f.Origin != origin || !f.stands(leaves) {
				return false
			}
			if len(list) == 0 {
				return f.Sequence == first && f.carried == (first > 0)
			}
			last := &list[len(list)-1].Record
			return !f.carried && f.Sequence == last.Sequence+1 && f.Previous == last.Hash() && f.follows(last, leaves)
		})
		if err != nil {
			return nil, err
		}
		if r == nil {
			break
		}
		list = append(list, *r)
		at += int64(r.length)
	}
	next := first
	if len(list) > 0 {
		next = list[len(list)-1].Sequence + 1
	}
	// A record that was being written when power failed may have left its second
	// head; its number is next. A higher number was written after next was durable.
	for q := at - at%blockLen; q+headLen <= int64(len(b)); q += blockLen {
		f, err := parseHead(b[q:])
		if code(err) == "STORE-VERSION-UNKNOWN" {
			return nil, err
		}
		if err == nil && f.Origin == origin && f.Sequence > next {
			return nil, ledger.Refuse("STORE-JOURNAL-DAMAGED", "journal record %d in segment %s is damaged, record %d follows it", next, journalName(first), f.Sequence)
		}
	}
	return list, nil
}

// recordAt returns the record that begins at a place, from whichever of its
// heads is good and fits, or nil.
func recordAt(b []byte, at int64, fits func(frame) bool) (*found, error) {
	take := func(q int64, copy int) (*found, error) {
		f, err := parseHead(b[q:])
		if err != nil {
			if code(err) == "STORE-VERSION-UNKNOWN" {
				return nil, err
			}
			return nil, nil
		}
		start := q
		if copy == 2 {
			start = q + blockLen - int64(f.length)
		}
		if f.copy != copy || start != at || at+int64(f.length) > int64(len(b)) || !fits(f) {
			return nil, nil
		}
		r := &found{frame: f, at: at}
		r.entries, r.intact = f.inlineEntries(b[at:])
		return r, nil
	}
	r, err := take(at, 1)
	if err != nil {
		return nil, err
	}
	if r != nil {
		second, err := parseHead(b[at+int64(r.length)-blockLen:])
		r.whole = err == nil && second.copy == 2 && second.Record == r.Record && second.inlineHash == r.inlineHash && second.mark == r.mark
		return r, nil
	}
	for q := at + blockLen; q+headLen <= int64(len(b)); q += blockLen {
		if r, err := take(q, 2); r != nil || err != nil {
			return r, err
		}
	}
	return nil, nil
}

// code returns the code of a refusal, "" for any other error.
func code(err error) string {
	var r interface{ Code() string }
	if errors.As(err, &r) {
		return r.Code()
	}
	return ""
}

// room reports whether a record with n bytes of entries fits the segment.
func (j *journal) room(n int) bool { return j.at+int64(recordLen(n)) <= j.capacity }

// begin makes a new segment that begins with a copy of the last record, or with
// record 0, and goes over to it. Everything that rode in the records of the
// segment before must be durable in the entries already. An error that is
// sequencer.ErrUnchanged left the journal as it was; after any other nothing may be appended.
func (j *journal) begin() error {
	f, err := j.files.Create(journalDraft)
	if err != nil {
		return spaceOr(err)
	}
	if !j.drafted {
		if err := j.blank(f); err != nil {
			return errors.Join(spaceOr(err), f.Close())
		}
	}
	j.drafted = false
	if !j.kept {
		if j.mark, err = j.files.Mark(journalDraft); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	b := encodeRecord(j.last, nil, j.last.Sequence > 0, j.mark)
	if _, err = f.WriteAt(b, 0); err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	name := journalName(j.last.Sequence)
	if err := j.files.Rename(journalDraft, name); err != nil {
		return err
	}
	if err := j.files.SyncDir("journal"); err != nil {
		return err
	}
	if j.file != nil {
		if err := j.file.Close(); err != nil {
			return err
		}
	}
	if j.file, err = j.files.Open(name); err != nil {
		return err
	}
	j.name, j.at = j.last.Sequence, int64(len(b))
	return nil
}

// append writes the record that follows the last one, with the entries that ride
// in it, and syncs it. When it returns nil the record is committed. A record for
// which there was no room is taken back: the error is then
// sequencer.ErrUnchanged.
func (j *journal) append(r Record, inline []byte, points sequencer.FailPoint) error {
	if err := points.At(sequencer.StepJournalWrite, false); err != nil {
		return err
	}
	j.buf = layRecord(j.buf, r, inline, false, j.mark)
	if _, err := j.file.WriteAt(j.buf, j.at); err != nil {
		if outOfSpace(err) && j.takeBack() == nil {
			return spaceOr(err)
		}
		return fmt.Errorf("writing journal record %d: %w", r.Sequence, err)
	}
	if err := errors.Join(points.At(sequencer.StepJournalWrite, true), points.At(sequencer.StepJournalSync, false)); err != nil {
		return err
	}
	if err := j.file.Sync(); err != nil { // the commit point
		return fmt.Errorf("syncing journal record %d: %w", r.Sequence, err)
	}
	j.at += int64(len(j.buf))
	j.last = r
	return points.At(sequencer.StepJournalSync, true)
}

// takeBack makes sure that nothing of a record that was not written whole is
// left: then it was not committed, and is not after a loss of power.
func (j *journal) takeBack() error {
	if err := zero(j.file, j.at, j.at+int64(len(j.buf))); err != nil {
		return err
	}
	return j.file.Sync()
}

// zero writes zeros over a part of a file.
func zero(f File, from, to int64) error {
	zeros := make([]byte, min(max(to-from, 0), 1<<20))
	for from < to {
		n := min(int64(len(zeros)), to-from)
		if _, err := f.WriteAt(zeros[:n], from); err != nil {
			return err
		}
		from += n
	}
	return nil
}

// spaceOr turns an error for want of space into a refusal after which the store
// is unchanged. It is only for what is written before the journal record.
func spaceOr(err error) error {
	if outOfSpace(err) {
		return noRoom{ledger.Refuse("STORE-DISK-FULL", "the log's folder is out of space: %w", err)}
	}
	return err
}

// noRoom is a refusal that is sequencer.ErrUnchanged too.
type noRoom struct{ *ledger.Refusal }

// Is makes errors.Is find sequencer.ErrUnchanged.
func (e noRoom) Is(target error) bool { return target == sequencer.ErrUnchanged }

// Unwrap returns the refusal.
func (e noRoom) Unwrap() error { return e.Refusal }

package filestore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

// MaxFaults bounds the faults that [Check] lists; the rest are counted.
const MaxFaults = 100

// Fault is a range of bytes in a log's folder that are not what was written, or
// a remark about one.
type Fault struct {
	Code   string // stable; server/problem holds cause and remedy
	File   string // within the log's folder, with slashes
	Offset int64  // of the first byte
	Length int64  // bytes; 0 where there is no range to name
	Damage bool   // false: a remark about a sound log
	Text   string // what it is, one sentence, lower case, no full stop
}

// CheckOptions say what [Check] does beside its own work.
type CheckOptions struct {
	Origin string // that the folder must have; "" takes the folder's word

	// Visit is called with each leaf in order, as far as the tree proves them. The
	// leaf is valid during the call; an error ends the check.
	Visit func(index int64, leaf []byte) error

	// Progress is called now and then with the leaves done and to be done.
	Progress func(done, total int64)

	layout *layout
}

// CheckReport is what [Check] found. Size, Root and Time are those of the last
// record of the journal that is committed.
type CheckReport struct {
	Origin   string
	Size     int64 // leaves
	Root     ledger.Hash
	Time     time.Time
	Sequence int64    // number of the last record
	Hash     [32]byte // its own hash
	Records  int64    // of the journal, those read
	Leaves   int64    // read and proven
	Faults   []Fault  // in the order found: journal, entries and derived, snapshot, instance
	More     int64    // faults that are not listed

	last  Record
	first int64 // number of the oldest record that is there
}

// Damaged reports whether any byte is not what was written.
func (r *CheckReport) Damaged() bool {
	return r.More > 0 || slices.ContainsFunc(r.Faults, func(f Fault) bool { return f.Damage })
}

// Check reads all of a log's folder and compares it with itself: the chain of
// every journal segment that is there, each entry with the root of each record,
// the derived files, the snapshot that the journal names, the instance. It
// changes nothing and takes no lock: beside a running log it sees the log as it
// was when it began. It holds one record and some pieces of files in memory,
// never a file.
//
// What is wrong is a fault of the report. The error says that the check could
// not be made or not be ended: STORE-FOLDER-ABSENT, STORE-VERSION-UNKNOWN, the
// context's, Visit's.
func Check(ctx context.Context, dir string, o CheckOptions) (*CheckReport, error) {
	if o.layout == nil {
		l := standard
		o.layout = &l
	}
	c := &checker{ctx: ctx, o: o, layout: *o.layout, files: ReadOnly(dir), report: &CheckReport{}}
	c.segments = newSegments(c.files, c.layout)
	err := c.run()
	if e := c.segments.close(); err == nil {
		err = e
	}
	if err != nil {
		return nil, err
	}
	return c.report, nil
}

// checker is one check.
type checker struct {
	ctx      context.Context // of the one call that the checker lives for
	o        CheckOptions
	layout   layout
	files    FS
	segments *segments
	report   *CheckReport
	hash     [32]byte // SHA-256 of the origin, as the journal says
	names    []int64  // journal segments, oldest first
}

// fault notes damage, one range for neighbours of one kind.
func (c *checker) fault(code, file string, offset, length int64, format string, args ...any) {
	c.add(Fault{code, file, offset, length, true, fmt.Sprintf(format, args...)})
}

// remark notes what is no damage.
func (c *checker) remark(code, file string, offset, length int64, format string, args ...any) {
	c.add(Fault{code, file, offset, length, false, fmt.Sprintf(format, args...)})
}

func (c *checker) add(f Fault) {
	list := c.report.Faults
	if n := len(list); n > 0 && f.Length > 0 {
		if l := &list[n-1]; l.Code == f.Code && l.File == f.File && l.Offset+l.Length == f.Offset && l.Damage == f.Damage && l.Length > 0 {
			l.Length += f.Length
			return
		}
	}
	if len(list) >= MaxFaults {
		if f.Damage {
			c.report.More++
		}
		return
	}
	c.report.Faults = append(list, f)
}

func (c *checker) run() error {
	if err := c.begin(); err != nil {
		return err
	}
	if err := c.journal(); err != nil {
		return err
	}
	if err := c.entries(); err != nil {
		return err
	}
	if err := c.identities(); err != nil {
		return err
	}
	if err := c.snapshot(); err != nil {
		return err
	}
	return c.aside()
}

// begin finds the journal, the origin and the last record, behind which nothing
// is looked at: a running log goes on.
func (c *checker) begin() error {
	names, err := journalSegments(c.files)
	if err != nil {
		return err
	}
	slices.Reverse(names)
	if c.names = names; len(names) == 0 {
		if entries, err := c.files.Names("entries"); err == nil && len(entries) > 0 {
			return ledger.Refuse("STORE-JOURNAL-DAMAGED", "the folder holds entries and no journal")
		}
		return ledger.Refuse("STORE-FOLDER-ABSENT", "the folder holds no log")
	}
	newest := names[len(names)-1]
	f, err := c.files.Open(journalName(newest))
	if err != nil {
		return err
	}
	defer f.Close()
	if err := c.origin(f); err != nil {
		return err
	}
	w := &walk{c: c, f: f, name: newest, newest: true, quick: true}
	if w.size, err = f.Size(); err != nil {
		return err
	}
	var last *frame
	for {
		r, err := w.next()
		if err != nil {
			return err
		}
		if r == nil {
			break
		}
		last = &r.frame
	}
	if last == nil {
		return ledger.Refuse("STORE-JOURNAL-DAMAGED", "%s has no good first record", journalName(newest))
	}
	r := c.report
	r.last = last.Record
	r.Size, r.Root, r.Time, r.Sequence, r.Hash = last.Size, last.Root, last.Time, last.Sequence, last.Record.Hash()
	made, err := openInstance(c.files, *last, c.markOf(newest))
	switch {
	case err != nil:
		return err
	case strings.HasPrefix(made.Moved, unreadInstance) && !absent(c.files, instanceName):
		c.fault("STORE-INSTANCE-DAMAGED", instanceName, 0, 0, "%s", made.Moved)
	case made.Moved != "":
		c.remark("STORE-INSTANCE-MOVED", instanceName, 0, 0, "%s", made.Moved)
	}
	return nil
}

// within reports whether a part of a range was named already.
func (c *checker) within(file string, offset, length int64) bool {
	return slices.ContainsFunc(c.report.Faults, func(f Fault) bool {
		return f.Damage && f.File == file && f.Length > 0 && f.Offset >= offset && f.Offset+f.Length <= offset+length
	})
}

// absent reports whether there is certainly no file of a name.
func absent(files FS, name string) bool {
	f, err := files.Open(name)
	if err == nil {
		_ = f.Close() // nothing was written
	}
	return errors.Is(err, fs.ErrNotExist)
}

func (c *checker) markOf(segment int64) uint64 {
	mark, err := c.files.Mark(journalName(segment))
	if err != nil {
		return 0
	}
	return mark
}

// origin compares the folder's origin with what the newest segment says.
func (c *checker) origin(newest File) error {
	var said string
	f, err := c.files.Open("origin")
	if err == nil {
		var b []byte
		b, err = read(f, ledger.MaxOrigin+1)
		err = errors.Join(err, f.Close())
		said = strings.TrimSuffix(string(b), "\n")
	}
	c.report.Origin = said
	want := c.o.Origin
	if want == "" {
		want = said
	}
	c.hash = sha256.Sum256([]byte(want))
	head, ok, herr := headAt(newest, 0)
	if herr != nil {
		return herr
	}
	switch {
	case err != nil:
		c.fault("STORE-ORIGIN-DAMAGED", "origin", 0, 0, "the file cannot be read: %v", err)
	case ok && head.Origin != sha256.Sum256([]byte(said)), said != want:
		c.fault("STORE-ORIGIN-DAMAGED", "origin", 0, int64(len(said))+1, "the file names a log of which the journal is not")
	}
	if ok && (c.o.Origin == "" || err == nil && said != want) {
		c.hash = head.Origin
	}
	return nil
}

// headAt reads one copy of a head. A newer program's is an error.
func headAt(f File, at int64) (frame, bool, error) {
	b := make([]byte, headLen)
	if err := readAt(f, b, at); err != nil {
		return frame{}, false, nil
	}
	h, err := parseHead(b)
	if code(err) == "STORE-VERSION-UNKNOWN" {
		return frame{}, false, err
	}
	return h, err == nil, nil
}

// walk goes through the records of one segment.
type walk struct {
	c      *checker
	f      File
	name   int64
	size   int64
	newest bool
	quick  bool // heads alone

	at    int64
	last  *Record // nil before the first
	until int64   // number of the record to end with, if bound
	bound bool
}

// walked is a record on the way.
type walked struct {
	frame
	at      int64
	entries []byte // that ride inside; nil if there are none, or they are damaged
}

func (w *walk) fits(f frame) bool {
	if f.Origin != w.c.hash || !f.stands(w.c.layout.segment) {
		return false
	}
	if w.last == nil {
		return f.Sequence == w.name && f.carried == (w.name > 0)
	}
	return !f.carried && f.Sequence == w.last.Sequence+1 && f.Previous == w.last.Hash() && f.follows(w.last, w.c.layout.segment)
}

// next returns the next record, nil at the end.
func (w *walk) next() (*walked, error) {
	if err := w.c.ctx.Err(); err != nil {
		return nil, err
	}
	if w.bound && w.last != nil && w.last.Sequence >= w.until || w.at >= w.size {
		return nil, nil
	}
	r, err := w.find()
	if r == nil || err != nil {
		return nil, err
	}
	name := journalName(w.name)
	if r.inline > 0 || !w.quick {
		b := make([]byte, r.length)
		if err := readAt(w.f, b, r.at); err != nil {
			if !w.quick {
				w.c.fault("STORE-JOURNAL-DAMAGED", name, r.at, int64(r.length), "record %d cannot be read: %v", r.Sequence, err)
			}
			return nil, nil
		}
		if err := w.body(r, b); err != nil {
			return nil, err
		}
		if r.entries == nil && r.inline > 0 && w.newest && w.quick && !w.follow(r) {
			return nil, nil // torn: it was not committed
		}
	}
	record := r.Record
	w.at, w.last = r.at+int64(r.length), &record
	return r, nil
}

// find finds the record that begins at the place, by either of its heads.
func (w *walk) find() (*walked, error) {
	h, ok, err := headAt(w.f, w.at)
	if err != nil {
		return nil, err
	}
	if ok && h.copy == 1 && w.at+int64(h.length) <= w.size && w.fits(h) {
		return &walked{frame: h, at: w.at}, nil
	}
	for q := w.at + blockLen; q+headLen <= min(w.size, w.at+int64(recordLen(maxGrowth))); q += blockLen {
		h, ok, err := headAt(w.f, q)
		if err != nil {
			return nil, err
		}
		if ok && h.copy == 2 && q+blockLen-int64(h.length) == w.at && w.fits(h) {
			return &walked{frame: h, at: w.at}, nil
		}
	}
	return nil, nil
}

// follow reports whether any later record is good: then this one was committed.
func (w *walk) follow(r *walked) bool {
	for q := r.at + blockLen; q+headLen <= w.size; q += blockLen {
		if h, ok, _ := headAt(w.f, q); ok && h.Origin == w.c.hash && h.Sequence > r.Sequence {
			return true
		}
	}
	return false
}

// body compares a record with what its writer wrote, byte for byte, and the
// entries inside with those of the segments.
func (w *walk) body(r *walked, b []byte) error {
	name := journalName(w.name)
	var inside []byte
	intact := true
	if r.inline > 0 {
		inside, intact = r.inlineEntries(b)
	}
	var stored []byte
	var missing error
	if r.inline > 0 && w.last != nil {
		stored = make([]byte, r.inline)
		for _, p := range w.c.layout.parts(w.last.Size, w.last.EntriesEnd, w.last.SegmentStart, r.SegmentStart, stored) {
			missing = errors.Join(missing, w.c.segments.read(p.segment, p.at-p.start, p.bytes))
		}
	}
	whole := stored != nil && missing == nil && sha256.Sum256(stored) == r.inlineHash
	switch {
	case intact:
		r.entries = inside
	case whole:
		r.entries = stored
	}
	if w.quick {
		return nil
	}
	if !intact && !whole {
		w.c.fault("STORE-JOURNAL-DAMAGED", name, r.at, int64(r.length), "the entries inside record %d are damaged, here and in their segment", r.Sequence)
		return nil
	}
	what := "STORE-HISTORY-DAMAGED"
	if w.newest {
		what = "STORE-RECORD-DAMAGED"
	}
	eachDifference(encodeRecord(r.Record, r.entries, r.carried, r.mark), b, func(from, to int64) {
		w.c.fault(what, name, r.at+from, to-from, "part of record %d, which is whole otherwise", r.Sequence)
	})
	if intact && !whole && stored != nil {
		return w.restore(r, stored, missing)
	}
	return nil
}

// restore names what the segments lack of the entries inside a record, and reads
// on as opening the log would leave them, in memory: only the newest segment of
// the journal stands in for entries.
func (w *walk) restore(r *walked, stored []byte, missing error) error {
	want := r.entries
	for _, p := range w.c.layout.parts(w.last.Size, w.last.EntriesEnd, w.last.SegmentStart, r.SegmentStart, stored) {
		from := int64(0)
		if p.at != w.last.EntriesEnd {
			from = p.at - w.last.EntriesEnd
		}
		part := want[from : from+int64(len(p.bytes))]
		what := "STORE-ENTRIES-DAMAGED"
		if w.newest {
			what = "STORE-ENTRIES-PENDING"
		}
		eachDifference(part, p.bytes, func(a, b int64) {
			w.c.fault(what, w.c.segments.name(p.segment), p.at-p.start+a, b-a, "entries that record %d of the journal has whole", r.Sequence)
		})
		if !w.newest {
			continue
		}
		if missing != nil {
			if err := w.c.segments.create(p.segment); err != nil {
				return err
			}
		}
		if err := w.c.segments.write(p.segment, p.at-p.start, part); err != nil { // into memory
			return err
		}
	}
	return nil
}

// eachDifference calls do for each run of bytes that differ; runs less than 16
// bytes apart are one.
func eachDifference(want, got []byte, do func(from, to int64)) {
	from, to := -1, -1
	for i := 0; i < len(want); i++ {
		if i%512 == 0 && i+512 <= len(want) && bytes.Equal(want[i:i+512], got[i:i+512]) {
			i += 511
			continue
		}
		if want[i] == got[i] {
			continue
		}
		if from >= 0 && i-to > 16 {
			do(int64(from), int64(to))
			from = -1
		}
		if from < 0 {
			from = i
		}
		to = i + 1
	}
	if from >= 0 {
		do(int64(from), int64(to))
	}
}

// journal goes through every segment: each record, the chain from one segment to
// the next, and what lies behind the last record.
func (c *checker) journal() error {
	var before *Record
	for n, name := range c.names {
		last, err := c.segment(name, n == len(c.names)-1, before)
		if err != nil {
			return err
		}
		before = last
	}
	return nil
}

// segment goes through one segment and returns its last record.
func (c *checker) segment(name int64, newest bool, before *Record) (*Record, error) {
	file := journalName(name)
	f, err := c.files.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	w := &walk{c: c, f: f, name: name, newest: newest, until: c.report.Sequence, bound: true}
	if w.size, err = f.Size(); err != nil {
		return nil, err
	}
	for first := true; ; first = false {
		r, err := w.next()
		if err != nil {
			return nil, err
		}
		if r == nil {
			break
		}
		c.report.Records++
		switch {
		case !first:
		case before == nil && name > 0:
			c.report.first = name
			c.remark("STORE-HISTORY-ABSENT", file, 0, 0, "the journal before record %d is not in the folder", name)
		case before != nil && before.Sequence == name && before.Hash() != r.Record.Hash():
			c.fault("STORE-HISTORY-DAMAGED", file, 0, int64(r.length), "record %d is not the one that ends the segment before", name)
		case before != nil && before.Sequence < name:
			c.remark("STORE-HISTORY-ABSENT", file, 0, 0, "the journal between records %d and %d is not in the folder, or damaged", before.Sequence, name)
		}
	}
	if w.last == nil {
		c.fault("STORE-HISTORY-DAMAGED", file, 0, blockLen, "the segment has no good first record")
		return before, nil
	}
	return w.last, c.behind(w, f, file)
}

// behind looks at what lies behind the last record of a segment: zeros, or in
// the newest one a batch that was never committed or is being committed now.
func (c *checker) behind(w *walk, f File, file string) error {
	if w.newest && w.last.Sequence >= c.report.Sequence {
		for q := w.at; q+headLen <= w.size; q += blockLen {
			h, ok, err := headAt(f, q)
			if err != nil {
				return err
			}
			if !ok || h.Origin != c.hash || h.Sequence <= w.last.Sequence+1 {
				continue
			}
			// A log that runs has written it since, behind the record that follows.
			if again, found, err := headAt(f, w.at); err != nil {
				return err
			} else if found && w.fits(again) {
				return nil
			}
			c.fault("STORE-JOURNAL-DAMAGED", file, w.at, q-w.at, "record %d cannot be read, record %d follows it", w.last.Sequence+1, h.Sequence)
			return nil
		}
	}
	t, err := tailOf(file, f, w.at)
	if err != nil {
		c.fault("STORE-JOURNAL-DAMAGED", file, w.at, w.size-w.at, "it cannot be read: %v", err)
		return nil
	}
	switch {
	case t.end == t.from:
	case w.newest:
		c.remark("STORE-TAIL-UNCOMMITTED", file, t.from, t.end-t.from, "bytes behind the last record: a batch that is being committed, or never was")
	default:
		c.fault("STORE-HISTORY-DAMAGED", file, t.from, t.end-t.from, "bytes behind record %d that are no record", w.last.Sequence)
	}
	return nil
}

// identities checks the checksum of each identity that is called durable.
func (c *checker) identities() error {
	const file, step = "derived/identities", 1 << 10
	f, err := c.files.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		if names, _ := c.files.Names("derived"); len(names) > 0 && c.report.last.DerivedTo > 0 {
			c.fault("STORE-IDENTITY-DAMAGED", file, 0, c.report.last.DerivedTo*identityLen, "the file is missing")
		}
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	b := make([]byte, step*identityLen)
	for first := int64(0); first < c.report.last.DerivedTo; first += step {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		b = b[:min(step, c.report.last.DerivedTo-first)*identityLen]
		n, err := f.ReadAt(b, first*identityLen)
		if n < len(b) {
			c.fault("STORE-IDENTITY-DAMAGED", file, first*identityLen+int64(n), c.report.last.DerivedTo*identityLen-first*identityLen-int64(n), "it cannot be read: %v", err)
			return nil
		}
		for i := int64(0); i < int64(len(b))/identityLen; i++ {
			r := b[i*identityLen:][:identityLen]
			if string(checksum("identity", first+i, r[:32])) != string(r[32:]) {
				c.fault("STORE-IDENTITY-DAMAGED", file, (first+i)*identityLen, identityLen, "the identity of leaf %d fails its checksum", first+i)
			}
		}
	}
	return nil
}

// snapshot compares the snapshot that the journal names with its digest.
func (c *checker) snapshot() error {
	if c.report.last.AppAt == 0 {
		return nil
	}
	name := snapshotName(c.report.last.AppAt)
	f, err := c.files.Open(name)
	if err != nil {
		c.fault("STORE-SNAPSHOT-DAMAGED", name, 0, 0, "it cannot be opened: %v", err)
		return nil
	}
	defer f.Close()
	size, err := f.Size()
	sum := sha256.New()
	if err == nil && size <= sequencer.MaxSnapshot {
		err = eachPiece(f, 0, size, func(_ int64, b []byte) error {
			_, err := sum.Write(b)
			return err
		})
	}
	if err != nil || [32]byte(sum.Sum(nil)) != c.report.last.App {
		c.fault("STORE-SNAPSHOT-DAMAGED", name, 0, size, "it is not the one that the journal names")
	}
	return nil
}

// aside says what was set aside when the log was opened.
func (c *checker) aside() error {
	names, err := c.files.Names("aside")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, name := range names {
		c.remark("STORE-ASIDE-KEPT", "aside/"+name, 0, 0, "bytes that were found behind the log")
	}
	return nil
}

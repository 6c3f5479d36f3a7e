package witness

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/filestore"
)

// ClockFolder is the name of a clock's folder in that of its log.
const ClockFolder = "clock"

const (
	newestName = ClockFolder + "/newest"
	dayForm    = "2006-01-02"
	thinning   = time.Minute // between two checkpoints that are kept
	recordSum  = 8           // bytes of a record's checksum
)

// Clock keeps the cosigned checkpoints of a log: the newest, which a log may have
// published and must not go back behind, and of all others one a minute, by which
// anybody can say when an entry was there and when it was not yet. It trusts its
// files for nothing but not having been torn: whoever reads checkpoints verifies them.
// Its methods may be called at the same time.
type Clock struct {
	disk filestore.FS
	log  Log

	mu      sync.Mutex // what is in memory is what is on disk
	days    []string   // ascending
	end     int64      // behind the last record of the last day
	last    time.Time  // when that was kept
	size    int64      // that it has
	pending []byte     // the newest that is not kept yet
}

// Tick is a checkpoint that a clock has kept, and where.
type Tick struct {
	Note []byte
	Size int64  // leaves, as the note says
	At   string // place of the record behind it
}

// OpenClock opens the clock in the folder of a log, and makes it if it is not there.
// A record that was torn when the power was cut is written over later.
func OpenClock(disk filestore.FS, log Log) (*Clock, error) {
	c := &Clock{disk: disk, log: log}
	if err := disk.MakeDir(ClockFolder); err != nil {
		return nil, fmt.Errorf("making %s: %w", ClockFolder, err)
	}
	if err := disk.SyncDir("."); err != nil {
		return nil, fmt.Errorf("syncing the folder of the log: %w", err)
	}
	names, err := disk.Names(ClockFolder)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", ClockFolder, err)
	}
	for _, n := range names {
		if isDay(n) {
			c.days = append(c.days, n)
		}
	}
	slices.Sort(c.days)
	if len(c.days) > 0 {
		err = c.scan(c.days[len(c.days)-1], 0, func(t Tick, at int64) bool {
			c.end, c.size = at, t.Size
			return true
		})
	}
	return c, err
}

func isDay(name string) bool {
	t, err := time.Parse(dayForm, name)
	return err == nil && t.Format(dayForm) == name
}

// Newest returns the newest checkpoint that was published, verified under the log's
// keys and a policy, with its cosignatures; nil if there is none that satisfies it.
func (c *Clock) Newest(p *ledger.WitnessPolicy) (*ledger.Signed, error) {
	raw, err := readWhole(c.disk, newestName, ledger.MaxCheckpoint)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s, _, err := ledger.OpenCosigned(raw, c.log.Origin, c.log.Keys, p)
	if err != nil {
		return nil, err
	}
	return &s, nil
}

// Forget removes the newest: a log that is going to publish what nobody cosigned does
// not go back to it.
func (c *Clock) Forget() error {
	if err := c.disk.Remove(newestName); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return c.disk.SyncDir(ClockFolder)
}

// Keep makes a cosigned checkpoint the newest, and keeps it for good if the last that
// was kept is a minute old. When it returns the newest is durable.
func (c *Clock) Keep(s ledger.Signed, at time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := replace(c.disk, newestName, s.Note); err != nil {
		return err
	}
	c.pending = s.Note
	if d := at.Sub(c.last); d >= 0 && d < thinning {
		return nil
	}
	return c.write(at)
}

// Flush keeps the newest for good if it is not and the last that was kept is a minute
// old, or in any case if always.
func (c *Clock) Flush(at time.Time, always bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d := at.Sub(c.last); c.pending == nil || !always && d >= 0 && d < thinning {
		return nil
	}
	return c.write(at)
}

// write appends what is pending to the file of the day, or of the last day if that
// is later.
func (c *Clock) write(at time.Time) error {
	day := at.UTC().Format(dayForm)
	fresh := len(c.days) == 0 || c.days[len(c.days)-1] < day
	end := c.end
	if fresh {
		end = 0
	} else {
		day = c.days[len(c.days)-1]
	}
	f, err := c.disk.Create(ClockFolder + "/" + day)
	if err != nil {
		return err
	}
	record := encodeTick(c.pending)
	_, err = f.WriteAt(record, end)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil && fresh {
		err = c.disk.SyncDir(ClockFolder)
	}
	if err != nil {
		return fmt.Errorf("writing %s/%s: %w", ClockFolder, day, err)
	}
	if fresh {
		c.days = append(c.days, day)
	}
	c.end, c.last, c.pending = end+int64(len(record)), at, nil
	return nil
}

// encodeTick returns a record: the length of the note in four bytes, the note, and a
// checksum.
func encodeTick(note []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(note)))
	b = append(b, note...)
	return append(b, tickSum(b)...)
}

func tickSum(record []byte) []byte {
	sum := sha256.Sum256(append([]byte("yurai/clock/1\n"), record...))
	return sum[:recordSum]
}

// RecordLen returns the length in bytes of the record of a note in a day's file.
func RecordLen(note []byte) int64 { return 4 + int64(len(note)) + recordSum }

// scan visits the records of a day from a place on, with the place behind each, until
// visit says no or none follows. What is no whole record and has one behind it is
// passed over: it was damaged, and not torn when the power was cut.
func (c *Clock) scan(day string, from int64, visit func(t Tick, at int64) bool) error {
	f, err := c.disk.Open(ClockFolder + "/" + day)
	if err != nil {
		return fmt.Errorf("reading %s/%s: %w", ClockFolder, day, err)
	}
	defer f.Close()
	for at := from; ; {
		note, size, err := c.record(f, at)
		if err == nil && note == nil {
			if at, err = c.next(f, at); err == nil && at < 0 {
				return nil
			}
			if err == nil {
				note, size, err = c.record(f, at)
			}
		}
		if err != nil || note == nil {
			return err
		}
		at += RecordLen(note)
		if !visit(Tick{Note: note, Size: size, At: day + "." + strconv.FormatInt(at, 10)}, at) {
			return nil
		}
	}
}

// record reads the record at a place, nil if there is no whole one.
func (c *Clock) record(f filestore.File, at int64) (note []byte, size int64, err error) {
	var length [4]byte
	if whole, err := fill(f, length[:], at); !whole || err != nil {
		return nil, 0, err
	}
	n := int64(binary.BigEndian.Uint32(length[:]))
	if n == 0 || n > ledger.MaxCheckpoint {
		return nil, 0, nil
	}
	record := make([]byte, 4+n+recordSum)
	if whole, err := fill(f, record, at); !whole || err != nil {
		return nil, 0, err
	}
	if !bytes.Equal(tickSum(record[:4+n]), record[4+n:]) {
		return nil, 0, nil
	}
	h, err := parseBody(record[4 : 4+bytes.Index(record[4:4+n], []byte("\n\n"))+1])
	if err != nil || h.Origin != c.log.Origin {
		return nil, 0, nil
	}
	return record[4 : 4+n], h.Size, nil
}

// next returns the place of the first whole record behind one that is not, -1 if
// there is none within a record's greatest length: checkpoints begin with the origin.
func (c *Clock) next(f filestore.File, at int64) (int64, error) {
	begin := []byte(c.log.Origin + "\n")
	window := make([]byte, ledger.MaxCheckpoint+4+recordSum+4+len(begin))
	n, err := f.ReadAt(window, at)
	if err != nil && err != io.EOF {
		return 0, err
	}
	window = window[:n]
	for i := 0; ; i++ {
		found := bytes.Index(window[i:], begin)
		if found < 0 {
			return -1, nil
		}
		if i += found; i < 5 {
			continue // that of the record itself
		}
		if note, _, err := c.record(f, at+int64(i)-4); note != nil || err != nil {
			return at + int64(i) - 4, err
		}
	}
}

// fill reads into all of b, or reports that the file ends before.
func fill(f filestore.File, b []byte, at int64) (bool, error) {
	n, err := f.ReadAt(b, at)
	if n == len(b) {
		return true, nil
	}
	if err == io.EOF {
		err = nil
	}
	return false, err
}

// Ticks returns at most limit checkpoints that were kept behind a place, in the order
// of their sizes: "" for the first of all, a day as 2006-01-02 for the first of it, or
// the At of another. At most most bytes of notes are returned, and one in any case.
// A place that cannot be one is WITNESS-CLOCK-PLACE.
func (c *Clock) Ticks(after string, limit, most int) ([]Tick, error) {
	day, offset, found := strings.Cut(after, ".")
	from := int64(0)
	if found {
		var err error
		if from, err = strconv.ParseInt(offset, 10, 64); err != nil || from < 1 || strconv.FormatInt(from, 10) != offset {
			return nil, ledger.Refuse("WITNESS-CLOCK-PLACE", "%.40q is no place in a clock", after)
		}
	}
	if after != "" && !isDay(day) {
		return nil, ledger.Refuse("WITNESS-CLOCK-PLACE", "%.40q is no place in a clock", after)
	}
	var list []Tick
	total := 0
	for _, d := range c.list() {
		if d < day {
			continue
		}
		if d > day {
			from = 0
		}
		full := false
		err := c.scan(d, from, func(t Tick, _ int64) bool {
			full = len(list) == limit || len(list) > 0 && total+len(t.Note) > most
			if !full {
				list, total = append(list, t), total+len(t.Note)
			}
			return !full
		})
		if err != nil || full {
			return list, err
		}
	}
	return list, nil
}

// Around returns the last checkpoint that was kept without the entry at an index, and
// the first with it; nil for one that there is not.
func (c *Clock) Around(index int64) (before, behind []byte, err error) {
	days := c.list()
	// The day before the first that begins with the entry has the change, or its end
	// is the last without.
	first := len(days)
	for lo, hi := 0, len(days); lo < hi; {
		mid := (lo + hi) / 2
		size := int64(-1)
		if err := c.scan(days[mid], 0, func(t Tick, _ int64) bool { size = t.Size; return false }); err != nil {
			return nil, nil, err
		}
		if size > index {
			first, hi = mid, mid
		} else {
			lo = mid + 1
		}
	}
	from := max(0, first-1)
	for ; from > 0; from-- { // past days of which the only record was torn
		some := false
		if err := c.scan(days[from], 0, func(Tick, int64) bool { some = true; return false }); err != nil {
			return nil, nil, err
		}
		if some {
			break
		}
	}
	for i := from; i < len(days) && behind == nil; i++ {
		err := c.scan(days[i], 0, func(t Tick, _ int64) bool {
			if t.Size > index {
				behind = t.Note
				return false
			}
			before = t.Note
			return true
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return before, behind, nil
}

func (c *Clock) list() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.days)
}

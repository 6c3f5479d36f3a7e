package filestore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

// TestLeafIsNoHead puts heads into leaves, at every distance from the block: a
// torn record that carries them is as torn as any other.
func TestLeafIsNoHead(t *testing.T) {
	origin := sha256.Sum256([]byte(testOrigin))
	first := Record{Root: ledger.EmptyRoot, Time: time.Unix(0, 0).UTC(), Origin: origin}
	high := first
	high.Sequence, high.Previous = 99, first.Hash()
	later := encodeRecord(high, nil, false, 0)[:headLen]
	newer := bytes.Clone(later)
	newer[atVersion+1] = 2
	check := sha256.Sum256(newer[:atCheck])
	copy(newer[atCheck:], check[:])

	torn := first
	torn.Sequence, torn.Size, torn.Previous = 1, 1, first.Hash()
	for _, forged := range [][]byte{later, newer} {
		for shift := range blockLen {
			entries := make([]byte, 3*blockLen)
			copy(entries[shift:], forged)
			copy(entries[shift+blockLen:], forged)
			r := encodeRecord(torn, entries, false, 0)
			clear(r[:headLen])
			clear(r[len(r)-blockLen:][:headLen])
			list, err := scanSegment(append(encodeRecord(first, nil, false, 0), r...), 0, origin, tiny.segment)
			if err != nil || len(list) != 1 {
				t.Fatalf("shift %d: %d records, %v", shift, len(list), err)
			}
		}
	}
}

// TestImpossibleNumbers appends records whose checksums and chain are good and
// whose numbers no log has, as somebody may who hands a folder to an auditor.
func TestImpossibleNumbers(t *testing.T) {
	files, h := sample(t, 12)
	name, last := lastRecord(t, files)
	at := last.at + int64(last.length)
	for what, change := range map[string]func(*Record){
		"end far away":       func(r *Record) { r.Size++; r.EntriesEnd = 1 << 62 },
		"end at once":        func(r *Record) { r.Size++; r.EntriesEnd++ },
		"more than a batch":  func(r *Record) { r.Size += 1 << 40; r.EntriesEnd += 1 << 42 },
		"segment behind":     func(r *Record) { r.Size++; r.EntriesEnd += 10; r.SegmentStart++ },
		"segment not begun":  func(r *Record) { r.Size += 256; r.EntriesEnd += 1000 },
		"segment begun late": func(r *Record) { r.Size += 256; r.EntriesEnd += 1000; r.SegmentStart = r.EntriesEnd },
		"fewer leaves":       func(r *Record) { r.Size--; r.DerivedTo = 0; r.EntriesEnd += 10 },
		"same leaves":        func(r *Record) { r.EntriesEnd += 10 },
	} {
		c := files.clone()
		r := last.Record
		r.Sequence, r.Previous = r.Sequence+1, last.Hash()
		change(&r)
		copy(c.names[name].now[at:], encodeRecord(r, nil, false, last.mark))
		if refused, failed, wrong := h.damaged(c); refused != nil || failed > 0 || wrong != nil {
			t.Errorf("%s: %v, %d, %v", what, refused, failed, wrong)
		}
	}
	for what, change := range map[string]func(*Record){
		"end far away":   func(r *Record) { r.EntriesEnd = 1<<63 - 1 },
		"segment behind": func(r *Record) { r.SegmentStart += 5 },
		"size":           func(r *Record) { r.Size = ledger.MaxSize },
		"derived":        func(r *Record) { r.DerivedTo = 1 },
	} {
		c := files.clone()
		r := last.Record
		change(&r)
		for n := range c.names {
			if strings.HasPrefix(n, "journal/") {
				delete(c.names, n)
			}
		}
		c.names[journalName(r.Sequence)] = &cutNode{now: encodeRecord(r, nil, true, 0)}
		if _, err := Open("", tinyOptions(c)); code(err) != "STORE-JOURNAL-DAMAGED" {
			t.Errorf("carried record with another %s: %v", what, err)
		}
	}
}

// TestHugeFiles holds that no length of a file is believed.
func TestHugeFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "log")
	o := Options{Origin: testOrigin}
	if err := Create(dir, o, time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	grow := func(name string) {
		t.Helper()
		if err := os.Truncate(filepath.Join(dir, name), 1<<36); err != nil {
			t.Skip("no sparse files of 64 GiB here: ", err)
		}
	}
	grow("instance")
	s, err := Open(dir, o)
	if err != nil || s.Instance().Moved == "" {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	grow(journalName(0))
	if _, err := Open(dir, o); code(err) != "STORE-JOURNAL-DAMAGED" {
		t.Error(err)
	}
	grow("origin")
	if _, err := Open(dir, o); err == nil {
		t.Error("opened")
	}
}

// deafFS is a file layer whose entries cannot be read.
type deafFS struct{ FS }

func (d deafFS) Open(name string) (File, error) {
	f, err := d.FS.Open(name)
	if err == nil && strings.HasPrefix(name, "entries/") {
		f = deafFile{f}
	}
	return f, err
}

type deafFile struct{ File }

func (deafFile) ReadAt([]byte, int64) (int, error) { return 0, syscall.EIO }

// TestUnreadableIsNotUncommitted damages the entries in the last record, and
// makes those in their segment unreadable: nothing says that the record is torn.
func TestUnreadableIsNotUncommitted(t *testing.T) {
	files, h := sample(t, 1)
	for {
		name, last := lastRecord(t, files)
		if last.inline > 0 {
			files.names[name].now[last.at+headLen] ^= 1
			break
		}
		if _, err := h.process(files.restart(), rand.New(rand.NewPCG(3, 3)), 1); err != nil {
			t.Fatal(err)
		}
	}
	c := files.clone()
	if _, err := Open("", tinyOptions(deafFS{c})); !errors.Is(err, syscall.EIO) {
		t.Fatalf("Open: %v, want %v", err, syscall.EIO)
	}
	if refused, failed, wrong := h.damaged(c); refused != nil || failed > 0 || wrong != nil {
		t.Error(refused, failed, wrong)
	}
}

// TestOldJournalIsNotTheLog puts the journal of an earlier day under the entries,
// and the other way round.
func TestOldJournalIsNotTheLog(t *testing.T) {
	old, _ := sample(t, 3)
	files, h := sample(t, 60)
	mix := func(journal, rest *cutFS) *cutFS {
		c := rest.clone()
		for name := range c.names {
			if strings.HasPrefix(name, "journal/") {
				delete(c.names, name)
			}
		}
		for name, f := range journal.clone().names {
			if strings.HasPrefix(name, "journal/") {
				c.names[name] = f
			}
		}
		return c
	}
	if refused, _, _ := h.damaged(mix(old, files)); code(refused) != "STORE-JOURNAL-DAMAGED" {
		t.Errorf("old journal: %v", refused)
	}
	if refused, _, _ := h.damaged(mix(files, old)); !strings.HasPrefix(code(refused), "STORE-") {
		t.Errorf("old entries: %v", refused)
	}
}

// TestOlderSegmentsOfTheJournal are history: nothing needs them.
func TestOlderSegmentsOfTheJournal(t *testing.T) {
	files, h := sample(t, 30)
	names, err := journalSegments(files)
	if err != nil || len(names) < 2 {
		t.Fatal(names, err)
	}
	for _, n := range names[1:] {
		delete(files.names, journalName(n))
	}
	if refused, failed, wrong := h.damaged(files); refused != nil || failed > 0 || wrong != nil {
		t.Error(refused, failed, wrong)
	}
}

// TestCreateSparesEntries refuses a folder whose journal was lost.
func TestCreateSparesEntries(t *testing.T) {
	files, _ := sample(t, 2)
	for name := range files.names {
		if strings.HasPrefix(name, "journal") {
			delete(files.names, name)
		}
	}
	if err := Create("", tinyOptions(files), time.Unix(0, 0)); code(err) != "STORE-FOLDER-EXISTS" {
		t.Errorf("Create over entries: %v", err)
	}
	if _, err := Open("", tinyOptions(files)); code(err) != "STORE-JOURNAL-DAMAGED" {
		t.Errorf("Open without a journal: %v", err)
	}
}

func TestClockOutOfRange(t *testing.T) {
	for _, at := range []time.Time{{}, time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC), time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if err := Create("", tinyOptions(newCutFS()), at); err == nil {
			t.Errorf("a log was made in %v", at)
		}
		files, h := sample(t, 2)
		s, err := Open("", tinyOptions(files))
		if err != nil {
			t.Fatal(err)
		}
		if err := h.verify(s); err != nil {
			t.Fatal(err)
		}
		b := makeBatch(&h.tree, [][]byte{[]byte("leaf")})
		good := b.Time
		b.Time = at
		if _, err := s.Commit(context.Background(), b); !errors.Is(err, sequencer.ErrUnchanged) {
			t.Errorf("a batch of %v: %v", at, err)
		}
		b.Time = good
		if _, err := s.Commit(context.Background(), b); err != nil {
			t.Error(err)
		}
	}
}

// onDisk makes a log with some leaves in a real folder.
func onDisk(t *testing.T) (dir string, o Options, h *history) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "log")
	o = tinyOptions(nil)
	o.FS = nil
	if err := Create(dir, o, time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	h = &history{created: true}
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.verify(s); err != nil {
		t.Fatal(err)
	}
	h.grow(t, s, 12)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, o, h
}

// grow commits batches to an open store.
func (h *history) grow(t *testing.T, s *Store, batches int) {
	r := rand.New(rand.NewPCG(5, uint64(len(h.leaves))))
	for range batches {
		b := h.batch(r)
		if _, err := s.Commit(context.Background(), b); err != nil {
			t.Error(err)
			return
		}
		h.leaves = append(h.leaves, b.Leaves...)
		for _, hash := range b.Hashes {
			h.tree.Append(hash, nil)
		}
	}
}

// TestLockOutlivesItsFile deletes the lock of an open log, as one does with locks
// that look stale.
func TestLockOutlivesItsFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no deleting of open files here")
	}
	dir, o, _ := onDisk(t)
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "lock")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, o); code(err) != "STORE-FOLDER-LOCKED" {
		t.Errorf("second Open: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(dir, o); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestSegmentBehindLink keeps the newest segment of the journal elsewhere.
func TestSegmentBehindLink(t *testing.T) {
	dir, o, h := onDisk(t)
	names, err := journalSegments(Disk(dir))
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, journalName(names[0]))
	there := filepath.Join(filepath.Dir(dir), "segment")
	if err := os.Rename(name, there); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(there, name); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := h.verify(s); err != nil || s.Instance().Moved != "" {
		t.Error(err, s.Instance().Moved)
	}
}

// TestRestoreInPlaceIsNoticed puts a copy of the newest journal segment in its
// place, as restoring into the folder of the log does.
func TestRestoreInPlaceIsNoticed(t *testing.T) {
	dir, o, _ := onDisk(t)
	names, err := journalSegments(Disk(dir))
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, journalName(names[0]))
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(name+".part", b, 0o600), os.Rename(name+".part", name)); err != nil {
		t.Fatal(err)
	}
	for _, spoil := range []func(){func() {}, func() {
		// Opening has to append a record then; the next one is to notice too.
		if err := os.RemoveAll(filepath.Join(dir, "derived")); err != nil {
			t.Fatal(err)
		}
	}, func() {}} {
		spoil()
		s, err := Open(dir, o)
		if err != nil {
			t.Fatal(err)
		}
		if m, err := Disk(dir).Mark("journal"); err == nil && m != 0 && s.Instance().Moved == "" {
			t.Error("not noticed")
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCloseUnderReaders closes a store that is being read: each answer is right
// or an error.
func TestCloseUnderReaders(t *testing.T) {
	dir, o, h := onDisk(t)
	for range 5 {
		s, err := Open(dir, o)
		if err != nil {
			t.Fatal(err)
		}
		var readers sync.WaitGroup
		begun := make(chan struct{}, 4)
		for n := range 4 {
			readers.Go(func() {
				for i := n; ; i++ {
					got, err := s.Leaf(int64(i % len(h.leaves)))
					if err == nil && !bytes.Equal(got, h.leaves[i%len(h.leaves)]) {
						t.Errorf("leaf %d has other bytes", i)
					}
					if i == n {
						begun <- struct{}{}
					}
					if err != nil {
						return
					}
				}
			})
		}
		for range 4 {
			<-begun
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		readers.Wait()
	}
}

// TestReadOnlyBesideWriter opens the folder of a log that is being written to,
// again and again: what it sees is a beginning of the log, all of it good.
func TestReadOnlyBesideWriter(t *testing.T) {
	dir, o, h := onDisk(t)
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := h.verify(s); err != nil {
		t.Fatal(err)
	}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				h.grow(t, s, 1)
			}
		}
	}()
	for range 20 {
		view := o
		view.FS = ReadOnly(dir)
		before := s.Head().Size
		r, err := Open(dir, view)
		if err != nil {
			t.Error(err)
			break
		}
		if r.Head().Size < before || r.Instance().Moved != "" {
			t.Errorf("%d leaves, %d were committed; %s", r.Head().Size, before, r.Instance().Moved)
		}
		if err := r.Replay(t.Context(), 0, func(_ int64, leaf []byte) ([32]byte, error) {
			return ledger.LeafHash(leaf), nil
		}); err != nil {
			t.Error(err)
		}
		if n := len(r.files.(*overlay).written); n > 30 {
			t.Errorf("%d files are held", n)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	<-done
}

package filestore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
)

// sample is a log in memory, written by one process and closed.
func sample(t testing.TB, batches int) (*cutFS, *history) {
	t.Helper()
	files, h := newCutFS(), &history{}
	if _, err := h.process(files, mathrand.New(mathrand.NewPCG(11, 11)), batches); err != nil {
		t.Fatal(err)
	}
	return files, h
}

// clone returns a copy of the files, all durable.
func (c *cutFS) clone() *cutFS {
	n := newCutFS()
	n.inode = c.inode
	for name, f := range c.names {
		g := &cutNode{inode: f.inode, dir: f.dir, now: bytes.Clone(f.now), disk: bytes.Clone(f.now)}
		n.names[name], n.kept[name] = g, g
	}
	return n
}

// files returns the names of the files, sorted.
func (c *cutFS) files() []string {
	var names []string
	for name, f := range c.names {
		if !f.dir {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// damaged opens a log and reads all of it: every answer must be right or an
// error. It returns the error with which opening refused, and how many reads
// failed.
func (h *history) damaged(files FS) (refused error, failed int, wrong error) {
	s, err := Open("", tinyOptions(files))
	if err != nil {
		return err, 0, nil
	}
	defer s.Close()
	head := s.Head()
	if head.Size != int64(len(h.leaves)) || head.Root != h.tree.Root() {
		return nil, 0, fmt.Errorf("opens with %d leaves and root %v, want %d and %v", head.Size, head.Root, len(h.leaves), h.tree.Root())
	}
	from, content, err := s.Snapshot()
	switch {
	case err != nil:
		failed++
		from = 0
	case from != h.named || from > 0 && !bytes.Equal(content, snapshotOf(from)):
		return nil, 0, fmt.Errorf("the snapshot is of %d leaves and %.40q, want that of %d", from, content, h.named)
	}
	if err := s.Replay(context.Background(), from, func(index int64, leaf []byte) ([32]byte, error) {
		if !bytes.Equal(leaf, h.leaves[index]) {
			wrong = fmt.Errorf("replay gives other bytes for leaf %d", index)
		}
		return ledger.LeafHash(leaf), nil
	}); err != nil {
		failed++ // what could not be replayed may not be written to; it can be read
	} else {
		for i, leaf := range h.leaves {
			if index, found, err := s.Find(ledger.LeafHash(leaf)); err == nil && (!found || index != int64(i)) {
				wrong = fmt.Errorf("leaf %d is found at %d, %v", i, index, found)
			}
		}
	}
	for i, want := range h.leaves {
		if got, err := s.Leaf(int64(i)); err != nil {
			failed++
		} else if !bytes.Equal(got, want) {
			wrong = fmt.Errorf("leaf %d has other bytes", i)
		}
	}
	for level := 0; head.Size>>(8*level) > 0; level++ {
		count := head.Size >> (8 * level)
		for index := int64(0); index*256 < count; index++ {
			width := int(min(count-index*256, 256))
			got, err := s.Tile(level, index, width)
			if err != nil {
				failed++
				continue
			}
			for i := range width {
				first := (index*256 + int64(i)) << (8 * level)
				var tree ledger.Range
				for _, leaf := range h.leaves[first:][:1<<(8*level)] {
					tree.Append(ledger.LeafHash(leaf), nil)
				}
				if root := tree.Root(); !bytes.Equal(got[32*i:][:32], root[:]) {
					wrong = fmt.Errorf("tile %d/%d has a wrong hash", level, index)
				}
			}
			if level > 0 {
				continue
			}
			b, err := s.Bundle(index, width)
			if err != nil {
				failed++
				continue
			}
			var want []byte
			for _, leaf := range h.leaves[index*256:][:width] {
				want = ledger.AppendBundleEntry(want, leaf)
			}
			if !bytes.Equal(b, want) {
				wrong = fmt.Errorf("bundle %d has other bytes", index)
			}
		}
	}
	return nil, failed, wrong
}

// TestBitFlips flips one bit at a time, in every file, the last journal record
// among them: each answer is the unflipped log's or an error.
func TestBitFlips(t *testing.T) {
	const seed = 5
	flips := 200 * campaign(t)
	files, h := sample(t, 25)
	r := mathrand.New(mathrand.NewPCG(seed, 1))
	names := files.files()
	var refused, errs, clean int
	flip := func(name string, at int) {
		c := files.clone()
		c.names[name].now[at] ^= 1 << r.IntN(8)
		copy(c.names[name].disk, c.names[name].now)
		refusal, failed, wrong := h.damaged(c)
		switch {
		case wrong != nil:
			t.Errorf("seed %d: bit of byte %d of %s: %v", seed, at, name, wrong)
		case refusal != nil:
			refused++
			if code(refusal) == "" {
				t.Errorf("seed %d: bit of byte %d of %s: refused without a code: %v", seed, at, name, refusal)
			}
		case failed > 0:
			errs++
		default:
			clean++
		}
	}
	for i := range flips {
		name := names[i%len(names)]
		if n := len(files.names[name].now); n > 0 {
			at := r.IntN(n)
			if strings.HasPrefix(name, "entries/") || strings.HasPrefix(name, "derived/") {
				for range 20 { // rather in what is used than in what is preallocated
					if files.names[name].now[at] != 0 {
						break
					}
					at = r.IntN(n)
				}
			}
			flip(name, at)
		}
	}
	// Every byte of the heads of the last record, and some of its entries.
	s, err := Open("", tinyOptions(files.clone()))
	if err != nil {
		t.Fatal(err)
	}
	name, end := journalName(s.journal.name), int(s.journal.at)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for q := end - 2*blockLen; q < end; q += 61 {
		flip(name, q)
	}
	t.Logf("%d flips: %d refused at opening, %d answered with errors, %d harmless or repaired", refused+errs+clean, refused, errs, clean)
	if refused == 0 || errs == 0 || clean == 0 {
		t.Error("the flips did not reach all outcomes")
	}
}

// lastRecord returns where the last record of the newest segment lies.
func lastRecord(t *testing.T, c *cutFS) (name string, r found) {
	t.Helper()
	segments, err := journalSegments(c)
	if err != nil {
		t.Fatal(err)
	}
	name = journalName(segments[0])
	f, err := c.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	b, err := read(f, tiny.journal)
	if err != nil {
		t.Fatal(err)
	}
	list, err := scanSegment(b, segments[0], [32]byte(c.origin(t)), tiny.segment)
	if err != nil {
		t.Fatal(err)
	}
	return name, list[len(list)-1]
}

func (c *cutFS) origin(t *testing.T) []byte {
	t.Helper()
	s, err := Open("", tinyOptions(c.clone()))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return s.journal.origin[:]
}

func TestOneGoodHeadIsEnough(t *testing.T) {
	files, h := sample(t, 12)
	name, last := lastRecord(t, files)
	for _, at := range []int64{last.at, last.at + int64(last.length) - blockLen} {
		c := files.clone()
		clear(c.names[name].now[at:][:headLen])
		for range 2 { // opening repairs it
			if refused, failed, wrong := h.damaged(c); refused != nil || failed > 0 || wrong != nil {
				t.Errorf("head at %d torn: %v, %d, %v", at, refused, failed, wrong)
			}
		}
		if !bytes.Equal(c.names[name].now, files.names[name].now) {
			t.Errorf("the head at %d was not repaired", at)
		}
	}
}

// TestTornRecordWasNeverCommitted takes both heads of the last record away, as a
// power cut in the middle of its write does.
func TestTornRecordWasNeverCommitted(t *testing.T) {
	files, h := sample(t, 12)
	name, last := lastRecord(t, files)
	clear(files.names[name].now[last.at:][:headLen])
	clear(files.names[name].now[last.at+int64(last.length)-blockLen:][:headLen])
	s, err := Open("", tinyOptions(files))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if n := s.Head().Size; n >= int64(len(h.leaves)) || n == 0 {
		t.Errorf("size %d of %d", n, len(h.leaves))
	}
	names, err := files.Names("aside")
	if err != nil || len(names) == 0 { // the entries, and what rode in the record
		t.Errorf("set aside are %q, %v", names, err)
	}
	for i := range s.Head().Size {
		if b, err := s.Leaf(i); err != nil || !bytes.Equal(b, h.leaves[i]) {
			t.Errorf("leaf %d: %q, %v", i, b, err)
		}
	}
}

func TestDamageIsRefused(t *testing.T) {
	files, h := sample(t, 30)
	name, last := lastRecord(t, files)
	segments, err := journalSegments(files)
	if err != nil || len(segments) < 2 {
		t.Fatal(segments, err)
	}
	entries, err := files.Names("entries")
	if err != nil || len(entries) < 2 {
		t.Fatal(entries, err)
	}
	newest := "entries/" + entries[len(entries)-1]
	wipe := func(c *cutFS, name string, from, to int64) { clear(c.names[name].now[from:to]) }
	for name, test := range map[string]struct {
		spoil func(*cutFS)
		codes string
	}{
		"record before the last lost": {func(c *cutFS) {
			second := last.at - blockLen
			for q := int64(0); q <= second; q += blockLen {
				if f, err := parseHead(c.names[name].now[q:]); err == nil && f.Sequence == last.Sequence-1 {
					wipe(c, name, q, q+headLen)
				}
			}
		}, "STORE-JOURNAL-DAMAGED"},
		"first record of the segment lost": {func(c *cutFS) { wipe(c, name, 0, headLen); wipe(c, name, blockLen, blockLen+headLen) }, "STORE-JOURNAL-DAMAGED"},
		"newest segment empty":             {func(c *cutFS) { clear(c.names[name].now) }, "STORE-JOURNAL-DAMAGED"},
		"journal deleted": {func(c *cutFS) {
			for _, n := range segments {
				delete(c.names, journalName(n))
			}
		}, "STORE-JOURNAL-DAMAGED"},
		"journal emptied": {func(c *cutFS) {
			for _, n := range segments {
				clear(c.names[journalName(n)].now)
			}
		}, "STORE-JOURNAL-DAMAGED"},
		"newer version": {func(c *cutFS) {
			b := c.names[name].now[last.at:][:headLen]
			b[atVersion+1] = 9
			check := sha256.Sum256(b[:atCheck])
			copy(b[atCheck:], check[:])
		}, "STORE-VERSION-UNKNOWN"},
		"older entries lost":   {func(c *cutFS) { delete(c.names, "entries/"+entries[0]) }, "reads"},
		"newest entries lost":  {func(c *cutFS) { delete(c.names, newest) }, "STORE-ENTRIES-MISSING"},
		"entries cut off":      {func(c *cutFS) { c.names[newest].now = c.names[newest].now[:10] }, "STORE-ENTRIES-MISSING STORE-ENTRIES-DAMAGED STORE-ROOT-MISMATCH reads"},
		"entries overwritten":  {func(c *cutFS) { clear(c.names["entries/"+entries[0]].now) }, "reads"},
		"another log's origin": {func(c *cutFS) { c.names["origin"].now = []byte("ledger.example/other\n") }, "STORE-FOLDER-ORIGIN"},
		"origin deleted":       {func(c *cutFS) { delete(c.names, "origin") }, "STORE-FOLDER-ABSENT"},
	} {
		t.Run(name, func(t *testing.T) {
			c := files.clone()
			test.spoil(c)
			refused, failed, wrong := h.damaged(c)
			switch {
			case wrong != nil:
				t.Error(wrong)
			case refused == nil && failed == 0:
				t.Error("nobody noticed")
			case refused != nil && !strings.Contains(test.codes, code(refused)):
				t.Errorf("refused with %v (%s), want %s", refused, code(refused), test.codes)
			case refused == nil && !strings.Contains(test.codes, "reads"):
				t.Errorf("opened, want %s", test.codes)
			}
		})
	}
}

func TestDerivedCanBeDeleted(t *testing.T) {
	files, h := sample(t, 30)
	for _, name := range files.files() {
		if !strings.HasPrefix(name, "derived/") {
			continue
		}
		c := files.clone()
		delete(c.names, name)
		if refused, failed, wrong := h.damaged(c); refused != nil || failed > 0 || wrong != nil {
			t.Errorf("without %s: %v, %d, %v", name, refused, failed, wrong)
		}
	}
	c := files.clone()
	for name := range c.names {
		if strings.HasPrefix(name, "derived") {
			delete(c.names, name)
		}
	}
	if refused, failed, wrong := h.damaged(c); refused != nil || failed > 0 || wrong != nil {
		t.Errorf("without the folder: %v, %d, %v", refused, failed, wrong)
	}
}

func TestTailIsSetAside(t *testing.T) {
	files, h := sample(t, 8)
	s, err := Open("", tinyOptions(files))
	if err != nil {
		t.Fatal(err)
	}
	end := s.view.Load().end - s.view.Load().start
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	name := "entries/0000000000000000"
	tail := []byte("\x00\x05never")
	copy(files.names[name].now[end:], tail)
	for range 2 {
		if refused, failed, wrong := h.damaged(files); refused != nil || failed > 0 || wrong != nil {
			t.Fatal(refused, failed, wrong)
		}
		names, err := files.Names("aside")
		if err != nil || len(names) != 1 {
			t.Fatalf("set aside are %q, %v", names, err)
		}
		if got := files.names["aside/"+names[0]].now; !bytes.Equal(got, tail) {
			t.Errorf("kept is %q, want %q", got, tail)
		}
		if got := files.names[name].now[end:][:len(tail)]; !bytes.Equal(got, make([]byte, len(tail))) {
			t.Errorf("left in place is %q", got)
		}
	}
}

func TestCreateAndOpenRefuse(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "log")
	o := Options{Origin: testOrigin}
	if _, err := Open(dir, o); code(err) != "STORE-FOLDER-ABSENT" {
		t.Errorf("Open of no folder: %v", err)
	}
	if err := Create(dir, Options{Origin: "with space"}, time.Unix(0, 0)); err == nil {
		t.Error("Create with a bad origin")
	}
	if _, err := Open(dir, o); code(err) != "STORE-FOLDER-ABSENT" {
		t.Errorf("Open of an empty folder: %v", err)
	}
	if err := Create(dir, o, time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	if err := Create(dir, o, time.Unix(0, 0)); code(err) != "STORE-FOLDER-EXISTS" {
		t.Errorf("Create twice: %v", err)
	}
	if _, err := Open(dir, Options{Origin: "ledger.example/other"}); code(err) != "STORE-FOLDER-ORIGIN" {
		t.Errorf("Open with another origin: %v", err)
	}
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, o); code(err) != "STORE-FOLDER-LOCKED" || !errors.Is(err, ErrLocked) {
		t.Errorf("second Open: %v", err)
	}
	if err := Create(dir, o, time.Unix(0, 0)); code(err) != "STORE-FOLDER-LOCKED" {
		t.Errorf("Create of an open log: %v", err)
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

func TestCloneIsNoticed(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	o := Options{Origin: testOrigin}
	if err := Create(first, o, time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	instance := func(dir string) Instance {
		t.Helper()
		s, err := Open(dir, o)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		return s.Instance()
	}
	made := instance(first)
	if made.Moved != "" || made.Epoch == [16]byte{} {
		t.Errorf("instance of a new log is %+v", made)
	}
	if err := os.CopyFS(second, os.DirFS(first)); err != nil {
		t.Fatal(err)
	}
	if got := instance(second); got.Moved == "" || got.Epoch != made.Epoch {
		t.Errorf("instance of a clone is %+v", got)
	}
	if err := os.WriteFile(filepath.Join(second, "instance"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := instance(second); got.Moved == "" {
		t.Errorf("instance without its file is %+v", got)
	}
	if got := instance(first); got != made {
		t.Errorf("instance is %+v, was %+v", got, made)
	}
}

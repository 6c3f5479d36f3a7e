package filestore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

// tiny is a layout that reaches every boundary within some hundred leaves.
var tiny = layout{segment: 256, step: 16 << 10, journal: 64 << 10, settle: 300}

func tinyOptions(files FS) Options {
	inline := 3000
	return Options{Origin: testOrigin, FS: files, layout: &tiny, inline: &inline, inOrder: true}
}

// history is what the outside world knows of a log: leaves that were
// acknowledged or published must be there for ever, leaves that were offered when
// the process ended may be.
type history struct {
	created bool
	leaves  [][]byte // promised
	offered [][]byte // may follow them
	aside   map[string][]byte
	made    int          // batches ever made, so that no two leaves are equal
	named   int64        // size of the newest snapshot that an acknowledged commit names
	kept    bool         // whether a snapshot was ever kept: a commit may name it that nobody heard of
	tree    ledger.Range // of leaves
}

func (h *history) batch(r *rand.Rand) sequencer.Batch {
	n := 1 + r.IntN(4)
	if r.IntN(4) == 0 {
		n = 1 + r.IntN(120)
	}
	h.made++
	var leaves [][]byte
	for i := range n {
		leaf := fmt.Appendf(nil, "batch %d leaf %d ", h.made, i)
		leaves = append(leaves, append(leaf, bytes.Repeat([]byte{byte('a' + i%26)}, r.IntN(150))...))
	}
	return makeBatch(&h.tree, leaves)
}

// makeBatch returns the batch that appends leaves to a tree.
func makeBatch(before *ledger.Range, leaves [][]byte) sequencer.Batch {
	b := sequencer.Batch{First: before.Size(), Time: time.Unix(before.Size(), 0)}
	tree := *before
	for _, leaf := range leaves {
		h := ledger.LeafHash(leaf)
		tree.Append(h, nil)
		b.Leaves = append(b.Leaves, leaf)
		b.Hashes = append(b.Hashes, h)
		b.Identities = append(b.Identities, h)
	}
	b.Root = tree.Root()
	return b
}

// snapshotOf returns the guard's snapshot of a log of that size.
func snapshotOf(size int64) []byte {
	return bytes.Repeat(fmt.Appendf(nil, "the guard at %d\n", size), 1+int(size%150))
}

// process makes the log if need be, opens it, checks it against the history and
// commits batches. The error is what ended it, or what is wrong (wrong is true).
func (h *history) process(files FS, r *rand.Rand, batches int) (wrong bool, err error) {
	o := tinyOptions(files)
	var injected error
	if c, ok := files.(*cutFS); ok {
		injected = c.fault
	}
	if !h.created {
		err := Create("", o, time.Unix(0, 0))
		if err != nil && code(err) != "STORE-FOLDER-EXISTS" {
			return false, err
		}
		h.created = err == nil // what exists may still be lost until it was opened
	}
	s, err := Open("", o)
	if err != nil {
		if !h.created && code(err) == "STORE-FOLDER-ABSENT" {
			return false, err
		}
		// A refusal is wrong, what comes of a call that failed is not.
		return code(err) != "" && !errors.Is(err, errKilled) && (injected == nil || !errors.Is(err, injected)), err
	}
	defer s.Close()
	h.created = true
	if s.instance.Moved != "" && injected == nil {
		return true, errors.New(s.instance.Moved)
	}
	if err := h.verify(s); err != nil {
		return !errors.Is(err, errKilled) && (injected == nil || !errors.Is(err, injected)), err
	}
	if err := h.checkAside(files); err != nil {
		return true, err
	}
	kept := h.named
	for range batches {
		if size := s.Head().Size; size > kept && r.IntN(5) == 0 {
			switch err := s.KeepSnapshot(size, snapshotOf(size)); {
			case err == nil:
				kept, h.kept = size, true
			case errors.Is(err, errKilled):
				return false, err
			}
		}
		b := h.batch(r)
		h.offered = b.Leaves
		if r.IntN(3) == 0 {
			h.offered = append(h.offered[:0:0], b.Leaves...)
		}
		head, err := s.Commit(context.Background(), b)
		if errors.Is(err, sequencer.ErrUnchanged) {
			h.offered = nil
			if s.Head().Size != int64(len(h.leaves)) {
				return true, fmt.Errorf("size %d after a batch that changed nothing, want %d", s.Head().Size, len(h.leaves))
			}
			continue
		}
		if err != nil {
			return false, err
		}
		h.leaves, h.offered, h.named = append(h.leaves, b.Leaves...), nil, kept
		for _, hash := range b.Hashes {
			h.tree.Append(hash, nil)
		}
		if head.Size != int64(len(h.leaves)) || head.Root != b.Root {
			return true, fmt.Errorf("head is %d %v", head.Size, head.Root)
		}
	}
	return false, nil
}

// verify opens the log to readers: what it shows then is published.
func (h *history) verify(s *Store) error {
	head := s.Head()
	want := h.leaves
	if head.Size != int64(len(want)) {
		want = append(want[:len(want):len(want)], h.offered...)
		if head.Size != int64(len(want)) {
			return fmt.Errorf("the log has %d leaves, %d were promised and %d more offered", head.Size, len(h.leaves), len(h.offered))
		}
	}
	named, content, err := s.Snapshot()
	if err != nil {
		return err
	}
	if named < h.named || named > 0 && !bytes.Equal(content, snapshotOf(named)) {
		return fmt.Errorf("the snapshot is of %d leaves and %.40q, after one of %d was named", named, content, h.named)
	}
	from := int64(0)
	if h.made%2 == 1 {
		from = named
	}
	var tree ledger.Range
	next := int64(-1)
	err = s.Replay(context.Background(), from, func(index int64, leaf []byte) ([32]byte, error) {
		if next < 0 && index <= from {
			for next = 0; next < index; next++ {
				tree.Append(ledger.LeafHash(want[next]), nil)
			}
		}
		if index != next || !bytes.Equal(leaf, want[index]) {
			return [32]byte{}, fmt.Errorf("leaf %d is %.40q, want %.40q", index, leaf, want[next])
		}
		next++
		tree.Append(ledger.LeafHash(leaf), nil)
		return ledger.LeafHash(leaf), nil
	})
	if err != nil {
		return err
	}
	if next < 0 && from == head.Size {
		next = from
		for _, leaf := range want {
			tree.Append(ledger.LeafHash(leaf), nil)
		}
	}
	for i, leaf := range want {
		if index, found, err := s.Find(ledger.LeafHash(leaf)); err != nil || !found || index != int64(i) {
			return fmt.Errorf("after a replay from %d leaf %d is found at %d, %v, %w", from, i, index, found, err)
		}
	}
	if next != head.Size || tree.Root() != head.Root {
		return fmt.Errorf("%d leaves give %v, the head is %d %v", next, tree.Root(), head.Size, head.Root)
	}
	for level := 0; head.Size>>(8*level) > 0; level++ {
		count := head.Size >> (8 * level)
		for index := int64(0); index*256 < count; index++ {
			if _, err := s.Tile(level, index, int(min(count-index*256, 256))); err != nil {
				return err
			}
		}
	}
	h.leaves, h.offered, h.tree, h.named = want, nil, tree, named
	return nil
}

// checkAside holds that nothing that was set aside is ever lost.
func (h *history) checkAside(files FS) error {
	c, ok := files.(*cutFS)
	if !ok {
		return nil
	}
	now := map[string][]byte{}
	for name, f := range c.names {
		if len(name) > 6 && name[:6] == "aside/" {
			now[name] = bytes.Clone(f.now)
		}
	}
	for name, b := range h.aside {
		if !bytes.Equal(now[name], b) {
			return fmt.Errorf("%s was set aside and is lost", name)
		}
	}
	h.aside = maps.Clone(now)
	return nil
}

// powerCuts runs processes that are killed, or lose their power, at random calls.
func powerCuts(seed uint64, cuts int, skip string) (sites map[string]int, err error) {
	r := rand.New(rand.NewPCG(seed, 1))
	files, h := newCutFS(), &history{}
	for range cuts {
		files.skip = skip
		files.stopAt = 1 + r.IntN(40)
		if r.IntN(3) == 0 {
			files.stopAt = 1 + r.IntN(400)
		}
		batches := 1000
		opens := seed%2 == 1 // odd seeds are about opening
		if r.IntN(4) == 0 || opens && r.IntN(3) > 0 {
			batches = 0 // opens, publishes, and is gone
		}
		if wrong, err := h.process(files, r, batches); wrong {
			return files.sites, fmt.Errorf("seed %d: %w", seed, err)
		}
		if r.IntN(3) == 0 {
			files = files.restart()
		} else {
			files = files.cut(r)
		}
		if r.IntN(8) == 0 || opens && r.IntN(2) == 0 { // what is derived may be deleted
			name := fmt.Sprintf("derived/level%d", r.IntN(2))
			delete(files.names, name)
			delete(files.kept, name)
		}
		if !h.kept && r.IntN(3) == 0 { // a log of the days before snapshots
			for name := range files.names {
				if strings.HasPrefix(name, snapshotDir) {
					delete(files.names, name)
					delete(files.kept, name)
				}
			}
		}
		if len(h.leaves) > 900 {
			files, h = newCutFS(), &history{}
		}
	}
	files.skip, files.stopAt = skip, 0
	if wrong, err := h.process(files, r, 3); wrong || err != nil {
		return files.sites, fmt.Errorf("seed %d: %w", seed, err)
	}
	return files.sites, nil
}

// campaign is by how much the environment wants the long tests longer: 1 if it
// says nothing.
func campaign(t *testing.T) int {
	t.Helper()
	s := os.Getenv("YURAI_CAMPAIGN")
	if s == "" {
		return 1
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		t.Fatalf("YURAI_CAMPAIGN is %q, not a number from 1", s)
	}
	return n
}

func TestPowerCuts(t *testing.T) {
	seeds, cuts := uint64(8*campaign(t)), 30
	for seed := range seeds {
		if _, err := powerCuts(seed, cuts, ""); err != nil {
			t.Error(err)
		}
	}
	t.Logf("seeds 0 to %d: %d processes killed or without power", seeds-1, int(seeds)*cuts)
}

// telling are seeds that notice what few others do; they go first.
var telling = []uint64{0, 32, 48, 44, 45, 13, 6, 40, 17, 9, 25, 1}

// early is the place whose sync only takes the time of a later one of the same
// file: leaving it out changes nothing.
const early = "(*journal).draft < "

// TestEverySyncIsNeeded leaves out the syncs of one place after the other and
// demands that the power cuts notice.
func TestEverySyncIsNeeded(t *testing.T) {
	sites := map[string]int{}
	for seed := range uint64(4) {
		found, err := powerCuts(seed, 40, "")
		if err != nil {
			t.Fatal(err)
		}
		for s, n := range found {
			sites[s] += n
		}
	}
	for site, n := range sites {
		if strings.HasPrefix(site, early) {
			continue
		}
		t.Run(site, func(t *testing.T) {
			for i := range 400 {
				seed := uint64(i)
				if i < len(telling) {
					seed = telling[i]
				}
				if _, err := powerCuts(seed, 40, site); err != nil {
					t.Logf("%d syncs; noticed with %v", n, err)
					return
				}
			}
			t.Errorf("%d syncs; leaving them out changes nothing", n)
		})
	}
}

// TestEveryCallFails kills the process at every call, and makes every call fail
// in two ways; without YURAI_CAMPAIGN, one of the three at each.
func TestEveryCallFails(t *testing.T) {
	const batches = 40
	run := func(prepare func(*cutFS)) (*cutFS, *history, error) {
		files, h, r := newCutFS(), &history{}, rand.New(rand.NewPCG(7, 7))
		prepare(files)
		wrong, err := h.process(files, r, batches)
		if wrong {
			t.Fatalf("wrong: %v, after %v failed", err, files.failed)
		}
		return files, h, err
	}
	files, _, err := run(func(c *cutFS) { c.reads = true })
	if err != nil {
		t.Fatal(err)
	}
	calls := files.calls
	for i, fault := range []error{errKilled, syscall.EIO, syscall.ENOSPC} {
		step := 3 // each call in one way, each way at every third call
		switch {
		case raceEnabled:
			step = 11
		case campaign(t) > 1:
			step = 1
		}
		for n := 1 + i%step; n <= calls; n += step {
			files, h, err := run(func(c *cutFS) {
				c.reads, c.fault = fault != errKilled, fault // a kill between reads is one at the next write
				if fault == errKilled {
					c.stopAt = n
				} else {
					c.failAt = n
				}
			})
			if files.calls < n {
				break
			}
			if files.handles != 0 {
				t.Fatalf("call %d, %v at %v: %d files are left open, or closed twice", n, fault, files.failed, files.handles)
			}
			r := rand.New(rand.NewPCG(uint64(n), 7))
			for _, next := range []*cutFS{files.restart(), files.cut(r)} {
				h2 := *h
				h2.made += 1000
				if _, again := h2.process(next, r, 3); again != nil {
					t.Fatalf("call %d, %v at %v, ended with %v; then: %v", n, fault, files.failed, err, again)
				}
			}
		}
	}
	t.Logf("%d calls", calls)
}

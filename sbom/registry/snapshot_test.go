package registry

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/statement"
)

// restored returns the state that the guard's snapshot gives. It has to be the
// guard's, and that of the state that never saw a snapshot, and to give the same
// bytes as both.
func restored(t testing.TB, guard, replayed *State, log *slowFold) *State {
	t.Helper()
	raw := guard.Snapshot()()
	if other := replayed.Snapshot()(); !bytes.Equal(raw, other) {
		t.Fatalf("snapshots of one state\n%x\n%x", raw, other)
	}
	s := New(origin)
	last := int64(-1)
	err := s.Restore(raw, guard.Size(), func(index int64) ([]byte, error) {
		if index <= last {
			t.Fatalf("leaf %d is asked for after leaf %d", index, last)
		}
		last = index
		return log.log[index].leaf, nil
	})
	if err != nil {
		t.Fatalf("snapshot of %d entries: %v", guard.Size(), err)
	}
	equal(t, s, guard)
	equal(t, s, replayed)
	if again := s.Snapshot()(); !bytes.Equal(raw, again) {
		t.Fatalf("snapshot of the restored state\n%x\nwant\n%x", again, raw)
	}
	return s
}

// eventful is a state to which every kind of entry that changes one came, and
// its leaves.
func eventful(t testing.TB) (*State, [][]byte) {
	t.Helper()
	s, leaves := founded(t), foundation(t)
	take := func(leaf []byte) {
		t.Helper()
		if err := s.Apply(s.Size(), mustPrepare(t, leaf)); err != nil {
			t.Fatalf("entry %d: %v", s.Size(), err)
		}
		leaves = append(leaves, leaf)
	}
	take(sign(t, bomBody("x:a", "a"), "a1", "a2"))
	take(sign(t, with(partyBody(t, "x:b", 1, "b1"), func(p *statement.Party) {
		p.Roles = []string{"regulator", "vendor"}
	}), "r1", "r2", "b1"))
	take(sign(t, delegateBody(t, "x:b", "d1"), "b1"))
	take(sign(t, suspendBody("x:b", "x:a", statement.Digest{}, false), "b1"))
	take(sign(t, bomBody("x:b", "b"), "d1"))
	take(sign(t, advisoryBody("x:b", statement.Selector{Product: "n"}), "b1"))
	take(sign(t, listBody("x:b", "l", 1, statement.Digest{}), "b1"))
	take(sign(t, withdrawBody("x:b", 7), "b1"))
	take(sign(t, keysBody(t, "x:b", s.Prev("x:b"), 1, "b2"), "b1", "b2"))
	take(sign(t, revokeBody(t, "registrar", "key", "x:b", "b1", 8), "r1", "r2"))
	take(leaves[1]) // idle
	return s, leaves
}

func fromLeaves(leaves [][]byte) func(int64) ([]byte, error) {
	return func(index int64) ([]byte, error) {
		if index < 0 || index >= int64(len(leaves)) {
			return nil, errors.New("no such leaf")
		}
		return leaves[index], nil
	}
}

// TestEmptySnapshot: also nothing has a snapshot.
func TestEmptySnapshot(t *testing.T) {
	s := New(origin)
	if err := s.Restore(New(origin).Snapshot()(), 0, nil); err != nil {
		t.Fatal(err)
	}
	equal(t, s, New(origin))
}

// TestSnapshotOfTheMoment: what comes between Snapshot and encode is not in it,
// nor is what was proposed and dropped.
func TestSnapshotOfTheMoment(t *testing.T) {
	s := founded(t)
	encode := s.Snapshot()
	want := founded(t).Snapshot()()
	s.Propose(3, batch(t, s))
	s.Drop()
	if got := s.Snapshot()(); !bytes.Equal(got, want) {
		t.Error("a dropped batch changes the snapshot")
	}
	s.Propose(3, batch(t, s))
	s.Keep()
	if !bytes.Equal(encode(), want) {
		t.Error("a later batch changes the snapshot")
	}
	if bytes.Equal(s.Snapshot()(), want) {
		t.Error("a kept batch does not change the snapshot")
	}
}

// TestSnapshotsAreRefused: every kind of wrong snapshot, and a state that is as
// empty afterwards as before.
func TestSnapshotsAreRefused(t *testing.T) {
	s, leaves := eventful(t)
	good, size := s.Snapshot()(), s.Size()
	x, r := parseSnapshot(good)
	if r != nil {
		t.Fatal(r)
	}
	head := len(snapshotMagic)
	change := func(f func(b []byte) []byte) []byte { return f(slices.Clone(good)) }
	without := func(i int) []byte {
		y := *x
		y.entries = slices.Delete(slices.Clone(x.entries), i, i+1)
		return y.format()
	}
	naming := func(index int64) []byte {
		y := *x
		y.entries = append(slices.Clone(x.entries), footing{index, leafHash(leaves[index])})
		slices.SortFunc(y.entries, func(a, b footing) int { return cmp.Compare(a.index, b.index) })
		return y.format()
	}
	lost := errors.New("the disk is gone")
	for _, c := range []struct {
		name string
		raw  []byte
		size int64
		leaf func(int64) ([]byte, error)
		code string
	}{
		{name: "nothing", raw: nil, code: "STATE-SNAPSHOT-MALFORMED"},
		{name: "other bytes", raw: []byte("{}"), code: "STATE-SNAPSHOT-MALFORMED"},
		{name: "magic alone", raw: good[:head], code: "STATE-SNAPSHOT-MALFORMED"},
		{name: "cut off in the numbers", raw: good[:head+9], code: "STATE-SNAPSHOT-MALFORMED"},
		{name: "cut off in the origin", raw: good[:head+20], code: "STATE-SNAPSHOT-MALFORMED"},
		{name: "cut off in an entry", raw: good[:len(good)-1], code: "STATE-SNAPSHOT-MALFORMED"},
		{name: "an entry less than counted", raw: good[:len(good)-footingLen], code: "STATE-SNAPSHOT-MALFORMED"},
		{name: "more behind it", raw: append(slices.Clone(good), 0), code: "STATE-SNAPSHOT-MALFORMED"},
		{name: "count that overflows", raw: change(func(b []byte) []byte {
			binary.BigEndian.PutUint32(b[head+14+len(origin):], 1<<32-1)
			return b
		}), code: "STATE-SNAPSHOT-MALFORMED"},
		{name: "negative size", raw: change(func(b []byte) []byte { b[head+4] = 0x80; return b }), code: "STATE-SNAPSHOT-MALFORMED"},
		{name: "size below its entries", raw: change(func(b []byte) []byte {
			binary.BigEndian.PutUint64(b[head+4:], 3)
			return b
		}), size: 3, code: "STATE-SNAPSHOT-MALFORMED"},
		{name: "entries and no genesis", raw: without(0), code: "STATE-SNAPSHOT-MALFORMED"},
		{name: "no entries of some", raw: (&snapshot{origin: origin, size: size}).format(), code: "STATE-SNAPSHOT-MALFORMED"},
		{name: "entries out of order", raw: change(func(b []byte) []byte {
			at := len(b) - 2*footingLen
			return slices.Concat(b[:at], b[at+footingLen:], b[at:at+footingLen])
		}), code: "STATE-SNAPSHOT-MALFORMED"},
		{name: "an entry twice", raw: (&snapshot{origin, size, slices.Insert(slices.Clone(x.entries), 1, x.entries[1])}).format(), code: "STATE-SNAPSHOT-MALFORMED"},
		{name: "newer format", raw: change(func(b []byte) []byte { b[head-2] = '2'; return b }), code: "STATE-SNAPSHOT-NEWER"},
		{name: "format of a longer number", raw: []byte("yurai-guard/10\n"), code: "STATE-SNAPSHOT-NEWER"},
		{name: "newer rules", raw: change(func(b []byte) []byte { b[head+3] = 2; return b }), code: "STATE-SNAPSHOT-NEWER"},
		{name: "no rules", raw: change(func(b []byte) []byte { b[head+3] = 0; return b }), code: "STATE-SNAPSHOT-NEWER"},
		{name: "another log", raw: (&snapshot{"ledger.example/other-2026", size, x.entries}).format(), code: "STATE-SNAPSHOT-OTHER"},
		{name: "another size", raw: good, size: size + 1, code: "STATE-SNAPSHOT-OTHER"},
		{name: "an older one", raw: founded(t).Snapshot()(), code: "STATE-SNAPSHOT-OTHER"},
		{name: "without the admission", raw: without(1), code: "STATE-SNAPSHOT-OTHER"},
		{name: "without a party that others rest on", raw: without(3), code: "STATE-SNAPSHOT-OTHER"},
		{name: "a bom named", raw: naming(3), code: "STATE-SNAPSHOT-OTHER"},
		{name: "an idle entry named", raw: naming(size - 1), code: "STATE-SNAPSHOT-OTHER"},
		{name: "other leaves in the log", raw: good, leaf: fromLeaves(slices.Concat(leaves[:6], leaves[7:], leaves[6:7])), code: "STATE-SNAPSHOT-OTHER"},
		{name: "a leaf that cannot be read", raw: good, leaf: func(i int64) ([]byte, error) { return nil, lost }, code: codeOf(lost)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.size == 0 {
				c.size = size
			}
			if c.leaf == nil {
				c.leaf = fromLeaves(leaves)
			}
			got := New(origin)
			wantCode(t, got.Restore(c.raw, c.size, c.leaf), c.code)
			equal(t, got, New(origin))
			if err := got.Restore(good, size, fromLeaves(leaves)); err != nil {
				t.Fatalf("the good one afterwards: %v", err)
			}
			equal(t, got, s)
		})
	}
}

// TestFlippedSnapshot: no bit can change, whatever a digest outside says.
func TestFlippedSnapshot(t *testing.T) {
	s, leaves := eventful(t)
	good := s.Snapshot()()
	for bit := range 8 * len(good) {
		raw := slices.Clone(good)
		raw[bit/8] ^= 1 << (bit % 8)
		got := New(origin)
		if err := got.Restore(raw, s.Size(), fromLeaves(leaves)); err == nil || got.Size() != 0 {
			t.Fatalf("bit %d of byte %d changes nothing: %v", bit%8, bit/8, err)
		}
	}
}

func TestRestoreNeedsAnEmptyState(t *testing.T) {
	s, leaves := eventful(t)
	defer func() {
		if recover() == nil {
			t.Error("restored over a state")
		}
	}()
	_ = founded(t).Restore(s.Snapshot()(), s.Size(), fromLeaves(leaves))
}

// FuzzSnapshot: what is read is written again to the same bytes, all else is
// refused with a code.
func FuzzSnapshot(f *testing.F) {
	s, leaves := eventful(f)
	for _, raw := range [][]byte{s.Snapshot()(), founded(f).Snapshot()(), New(origin).Snapshot()(), []byte("yurai-guard/2\n")} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		x, r := parseSnapshot(raw)
		if r != nil {
			if r.Code() == "" {
				t.Fatal(r)
			}
			return
		}
		if again := x.format(); !bytes.Equal(raw, again) {
			t.Fatalf("%x is written as %x", raw, again)
		}
		got := New(origin)
		if err := got.Restore(raw, x.size, fromLeaves(leaves)); err == nil {
			if again := got.Snapshot()(); !bytes.Equal(raw, again) {
				t.Fatalf("%x restores a state of %x", raw, again)
			}
		}
	})
}

// BenchmarkSnapshot measures what a snapshot keeps the guard from, and what is
// done beside it, for a state that many entries changed.
func BenchmarkSnapshot(b *testing.B) {
	s := founded(b)
	for i := range 100_000 {
		s.footings = append(s.footings, footing{int64(3 + i), digest(fmt.Sprint(i))})
	}
	s.next += 100_000
	b.Run("take", func(b *testing.B) {
		for b.Loop() {
			s.Snapshot()
		}
	})
	encode := s.Snapshot()
	b.Run("encode", func(b *testing.B) {
		for b.Loop() {
			encode()
		}
	})
}

package filestore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

// Commit implements [sequencer.Store]. The order is what makes it safe:
//
//  1. entries are written to their segment; above [InlineLimit] their sync begins,
//  2. meanwhile they are read back, the root is computed from what came back, and
//     the derived files are written (they may be lost),
//  3. the sync of the entries has returned,
//  4. the journal record is written, with the entries in it if they are few,
//  5. the journal is synced: this is the commit point.
//
// Running out of space leaves the store as it was, up to 4 and where the record
// that could not be written whole was taken back.
func (s *Store) Commit(ctx context.Context, b sequencer.Batch) (sequencer.Head, error) {
	if s.failed != nil {
		return sequencer.Head{}, s.failed
	}
	size, err := s.admit(ctx, b)
	if err != nil {
		return sequencer.Head{}, fmt.Errorf("%w: %w", sequencer.ErrUnchanged, err)
	}
	next, err := s.commit(b, size)
	if err != nil {
		if !errors.Is(err, sequencer.ErrUnchanged) {
			err = ledger.Refuse("STORE-COMMIT-UNKNOWN", "whether leaves %d to %d were recorded is unknown: %w", b.First, b.First+int64(len(b.Leaves))-1, err)
			s.failed = err
		}
		return sequencer.Head{}, err
	}
	s.table.add(b.First, b.Identities...)
	s.view.Store(next)
	s.prepare(next)
	return next.head, nil
}

// admit checks a batch before anything is written, and returns the bytes of its
// entries.
func (s *Store) admit(ctx context.Context, b sequencer.Batch) (int, error) {
	v := s.view.Load()
	n := len(b.Leaves)
	switch {
	case !s.replayed:
		return 0, errors.New("the store was not replayed")
	case b.First != v.head.Size:
		return 0, fmt.Errorf("batch begins at leaf %d of a log of %d", b.First, v.head.Size)
	case n == 0 || n > sequencer.MaxBatchLeaves || int64(n) > s.layout.segment:
		return 0, fmt.Errorf("batch of %d leaves", n)
	case len(b.Hashes) != n || len(b.Identities) != n:
		return 0, fmt.Errorf("batch of %d leaves, %d hashes, %d identities", n, len(b.Hashes), len(b.Identities))
	}
	size := 0
	for _, leaf := range b.Leaves {
		if len(leaf) == 0 || len(leaf) > ledger.MaxLeaf {
			return 0, fmt.Errorf("leaf of %d bytes", len(leaf))
		}
		size += 2 + len(leaf)
	}
	if size > maxGrowth {
		return 0, fmt.Errorf("batch of %d bytes", size)
	}
	if err := checkTime(b.Time); err != nil {
		return 0, err
	}
	if err := s.Room(); err != nil {
		return 0, err
	}
	return size, ctx.Err()
}

func (s *Store) commit(b sequencer.Batch, size int) (*view, error) {
	v := s.view.Load()
	inline := size <= s.inline && recordLen(size) <= int(s.layout.journal)-2*blockLen
	riding := 0
	if inline {
		riding = size
	}
	if err := s.makeRoom(riding); err != nil {
		return nil, err
	}

	next, entries, err := s.write(v, b, size, !inline)
	if err != nil {
		return nil, err
	}
	if next.head.Root != b.Root {
		return nil, ledger.Refuse("STORE-ROOT-MISMATCH", "what was written gives root %v, the leaves %v", next.head.Root, b.Root)
	}
	if !inline {
		entries = nil
	}
	previous, snapshot := s.journal.last, s.snapshots.next()
	record := Record{
		Sequence: previous.Sequence + 1, Size: next.head.Size, Root: next.head.Root, Time: next.head.Time,
		SegmentStart: next.start, EntriesEnd: next.end, DerivedTo: s.derivedTo,
		AppAt: snapshot.size, App: snapshot.digest,
		Epoch: s.instance.Epoch, Origin: s.journal.origin, Previous: previous.Hash(),
	}
	if err := s.journal.append(record, entries, s.points); err != nil {
		return nil, err
	}
	s.snapshots.committed(snapshot)
	return next, nil
}

// makeRoom goes over to a new journal segment when the next record does not fit.
// Before one is left, what rode in its records is synced in the entries. What
// was done ahead is taken note of.
func (s *Store) makeRoom(riding int) error {
	if err := s.settled(); err != nil {
		return fmt.Errorf("syncing derived files: %w", err)
	}
	if s.journal.room(riding) {
		return s.drafted(s.ahead.draft.ended())
	}
	if err := s.drafted(s.ahead.draft.end()); err != nil {
		return err
	}
	if err := s.segments.sync(); err != nil {
		return err
	}
	return s.journal.begin()
}

// write puts a batch into the entries, reads it back, and grows the tree by what
// it read. It returns the state that the journal record will commit, and the
// entries as read. If durable is set the entries are synced meanwhile.
func (s *Store) write(v *view, b sequencer.Batch, size int, durable bool) (*view, []byte, error) {
	entries := slices.Grow(s.scratch[:0], size)
	s.scratch = entries
	after := v.head.Size + int64(len(b.Leaves))
	next := &view{start: v.start, end: v.end + int64(size)}
	for i, leaf := range b.Leaves {
		if (b.First+int64(i))%s.layout.segment == 0 {
			next.start = v.end + int64(len(entries))
		}
		entries = ledger.AppendBundleEntry(entries, leaf)
	}
	if err := s.points.At(sequencer.StepEntriesWrite, false); err != nil {
		return nil, nil, err
	}
	parts := s.layout.parts(b.First, v.end, v.start, next.start, entries)
	for _, p := range parts {
		if p.at == p.start {
			if err := s.segments.create(p.segment); err != nil {
				return nil, nil, err
			}
		}
		if err := s.segments.write(p.segment, p.at-p.start, p.bytes); err != nil {
			return nil, nil, err
		}
	}

	if err := s.points.At(sequencer.StepEntriesWrite, true); err != nil {
		return nil, nil, err
	}
	var synced chan error
	if durable { // the disk writes while this reads back and hashes
		if err := s.points.At(sequencer.StepEntriesSync, false); err != nil {
			return nil, nil, err
		}
		synced = make(chan error, 1)
		go func() { synced <- s.segments.sync() }()
	}
	err := s.points.At(sequencer.StepReadBack, false)
	if err == nil {
		err = s.readBack(parts, entries)
	}
	if err == nil {
		err = s.points.At(sequencer.StepReadBack, true)
	}
	g := newGrowth(v.edge.Clone(), v.offsets)
	if err == nil {
		err = grow(g, b, v.end, entries)
	}
	if err == nil {
		err = g.write(s.derived)
	}
	if err == nil {
		err = s.derived.writeIdentities(b.First, b.Identities)
	}
	if synced != nil {
		err = errors.Join(err, <-synced)
	}
	if err == nil && durable {
		err = s.points.At(sequencer.StepEntriesSync, true)
	}
	if err != nil {
		return nil, nil, err
	}
	next.edge, next.offsets = g.edge, g.offsets
	next.head = sequencer.Head{Origin: s.origin, Size: after, Root: g.edge.Root(), Time: b.Time.UTC().Truncate(time.Nanosecond)}
	return next, entries, nil
}

// readBack reads the parts over the bytes they were written from.
func (s *Store) readBack(parts []part, entries []byte) error {
	clear(entries)
	for _, p := range parts {
		if err := s.segments.read(p.segment, p.at-p.start, p.bytes); err != nil {
			return err
		}
	}
	return nil
}

// grow adds entries, which begin at a position, to the tree. Each must have the
// hash that the one who offered it computed.
func grow(g *growth, b sequencer.Batch, at int64, entries []byte) error {
	for i := range b.Leaves {
		n := 0
		if len(entries) >= 2 {
			n = int(binary.BigEndian.Uint16(entries))
		}
		if n == 0 || len(entries) < 2+n {
			return ledger.Refuse("STORE-ENTRIES-DAMAGED", "leaf %d reads back cut off", b.First+int64(i))
		}
		h := ledger.LeafHash(entries[2 : 2+n])
		if h != b.Hashes[i] {
			return ledger.Refuse("STORE-ENTRIES-DAMAGED", "leaf %d reads back with other bytes", b.First+int64(i))
		}
		entries = entries[2+n:]
		at += 2 + int64(n)
		g.leaf(h, at)
	}
	return nil
}

package registry

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// Measures of a snapshot; ledger/FORMAT.md has the boxes.
const (
	snapshotFamily = "yurai-guard/"
	snapshotMagic  = snapshotFamily + "1\n"
	snapshotFixed  = len(snapshotMagic) + 4 + 8 + 2 // magic, rules, size, length of the origin
	footingLen     = 8 + 32                         // index, leaf hash
)

// footing is an entry that changed the state.
type footing struct {
	index int64
	leaf  statement.Digest
}

// snapshot names everything that a state was made of. The fold is a function of
// the entries that changed it, whatever stood between them, so that they and the
// size are the whole state.
type snapshot struct {
	origin  string
	size    int64
	entries []footing // ascending by index
}

// Snapshot returns what gives the state, as it is now, in canonical bytes. It
// takes no time; encode may be called from any goroutine while the state goes on.
// It panics within a proposal.
func (s *State) Snapshot() (encode func() []byte) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.proposing {
		panic("registry: snapshot within a proposal")
	}
	// What is kept of footings is never written again, only what lies behind.
	x := snapshot{s.origin, s.next, s.footings}
	return x.format
}

// effect lets an entry change the state, and notes that it did.
func (s *State) effect(index int64, p *Prepared, do func()) {
	do()
	before := s.footings
	s.footings = append(before, footing{index, p.hash})
	s.undo = append(s.undo, func() { s.footings = before })
}

// format returns the bytes of a snapshot.
func (x *snapshot) format() []byte {
	b := make([]byte, 0, snapshotFixed+len(x.origin)+4+footingLen*len(x.entries))
	b = append(b, snapshotMagic...)
	b = binary.BigEndian.AppendUint32(b, statement.Rules)
	b = binary.BigEndian.AppendUint64(b, uint64(x.size))
	b = binary.BigEndian.AppendUint16(b, uint16(len(x.origin)))
	b = append(b, x.origin...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(x.entries)))
	for _, e := range x.entries {
		b = binary.BigEndian.AppendUint64(b, uint64(e.index))
		b = append(b, e.leaf[:]...)
	}
	return b
}

// parseSnapshot reads the bytes of a snapshot: STATE-SNAPSHOT-MALFORMED, or
// STATE-SNAPSHOT-NEWER for another format or other rules than this program's.
// It keeps nothing of raw.
func parseSnapshot(raw []byte) (*snapshot, *sbom.Refusal) {
	malformed := func(what string) (*snapshot, *sbom.Refusal) {
		return nil, sbom.Refuse("STATE-SNAPSHOT-MALFORMED", "snapshot %s", what)
	}
	if !bytes.HasPrefix(raw, []byte(snapshotMagic)) {
		if line, _, ok := strings.Cut(string(raw[:min(len(raw), 64)]), "\n"); ok && strings.HasPrefix(line, snapshotFamily) {
			return nil, sbom.Refuse("STATE-SNAPSHOT-NEWER", "snapshot has format %q, this program reads %q", line, strings.TrimSuffix(snapshotMagic, "\n"))
		}
		return malformed("does not begin with its format")
	}
	if len(raw) < snapshotFixed {
		return malformed("is cut off")
	}
	b := raw[len(snapshotMagic):]
	if rules := binary.BigEndian.Uint32(b); rules != statement.Rules {
		return nil, sbom.Refuse("STATE-SNAPSHOT-NEWER", "snapshot was made by rules %d, this program judges by rules %d", rules, statement.Rules)
	}
	size, n := binary.BigEndian.Uint64(b[4:]), int(binary.BigEndian.Uint16(b[12:]))
	b = b[14:]
	if len(b) < n+4 {
		return malformed("is cut off")
	}
	x := &snapshot{origin: string(b[:n]), size: int64(size)}
	entries := binary.BigEndian.Uint32(b[n:])
	b = b[n+4:]
	switch {
	case size > math.MaxInt64:
		return malformed("has a size out of bounds")
	case uint64(len(b)) != uint64(entries)*footingLen:
		return malformed("does not have the length of its entries")
	case entries == 0 && size > 0:
		return malformed("of a log with entries names none")
	}
	x.entries = make([]footing, 0, entries)
	next := uint64(0)
	for ; len(b) > 0; b = b[footingLen:] {
		index := binary.BigEndian.Uint64(b)
		if index < next || index >= size || len(x.entries) == 0 && index != 0 {
			return malformed("names entries that are not in order")
		}
		x.entries = append(x.entries, footing{int64(index), statement.Digest(b[8:footingLen])})
		next = index + 1
	}
	return x, nil
}

// Restore brings an empty state to that of a snapshot, taken at a size of the
// same log. leaf returns the leaf at an index; it is asked in ascending order,
// and each must have the hash that the snapshot names. The entries are judged
// again, so that what was never admitted gives no state. After an error the state
// is as empty as before:
//
//	STATE-SNAPSHOT-MALFORMED  the bytes are no snapshot
//	STATE-SNAPSHOT-NEWER      another format, or other rules
//	STATE-SNAPSHOT-OTHER      of another log or size, or of entries that are
//	                          others in this log, or do not give this snapshot
//
// or what leaf returns.
func (s *State) Restore(raw []byte, size int64, leaf func(index int64) ([]byte, error)) error {
	x, r := parseSnapshot(raw)
	if r != nil {
		return r
	}
	other := func(format string, args ...any) error { return sbom.Refuse("STATE-SNAPSHOT-OTHER", format, args...) }
	if x.origin != s.origin {
		return other("snapshot is of log %q, not of %q", x.origin, s.origin)
	}
	if x.size != size {
		return other("snapshot was taken at size %d, not at %d", x.size, size)
	}
	fresh := New(s.origin)
	for _, e := range x.entries {
		b, err := leaf(e.index)
		if err != nil {
			return err
		}
		if leafHash(b) != e.leaf {
			return other("entry %d is not the one that the snapshot names", e.index)
		}
		p, err := PrepareLeaf(b)
		if err == nil {
			err = fresh.Apply(e.index, p)
		}
		if err != nil {
			return other("entry %d of the snapshot is refused: %w", e.index, err)
		}
	}
	if !slices.Equal(fresh.footings, x.entries) {
		return other("snapshot names entries that change nothing")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next != 0 || s.proposing {
		panic("registry: restored into a state that is not empty")
	}
	s.next, s.genesis, s.admissions, s.holdings, s.delegations = size, fresh.genesis, fresh.admissions, fresh.holdings, fresh.delegations
	s.revocations, s.suspensions, s.objects, s.warnings, s.frozen = fresh.revocations, fresh.suspensions, fresh.objects, fresh.warnings, fresh.frozen
	s.owner, s.footings = fresh.owner, fresh.footings
	s.cache.Store(nil)
	return nil
}

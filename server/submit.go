package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/blobs"
	"github.com/yurai-ledger/yurai/server/problem"
)

// submit takes a statement and, for kind bom, the bytes that it speaks of. It
// answers 201 with the bundle of a new entry, 200 with that of one already there.
func (s *Server) submit(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	if s.stopping.Load() {
		s.fail(w, r, refuse("SERVER-STOPPING-NOW", "the server is stopping"))
		return
	}
	if err := s.store.Room(); err != nil { // the commit looks again
		s.fail(w, r, err)
		return
	}
	mine := &purse{memory: s.memory}
	defer mine.close()
	f, err := readForm(w, r, int64(s.limits().Bytes), mine)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	entry, err := s.judge(ctx, f)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	// A client that leaves now does not change what becomes of the entry.
	patient, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.timeouts.answer)
	defer cancel()
	if p, ok := entry.Prepared.(*registry.Prepared); ok {
		s.lookups.expect(p)
	}
	receipt, err := s.sequence.Add(patient, entry)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.grown()
	if !receipt.Duplicate {
		s.log.LogAttrs(ctx, slog.LevelInfo, "recorded statement", slog.Int64("index", receipt.Index), slog.Int64("size", receipt.Size))
	}
	raw, err := s.bundle(ctx, receipt.Checkpoint, receipt.Index)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	status := http.StatusCreated
	if receipt.Duplicate {
		status = http.StatusOK
	}
	w.Header().Set("Cache-Control", "no-store")
	anchored := "no"
	if s.anchored() {
		anchored = "yes"
	}
	w.Header().Set(anchoredHeader, anchored)
	w.Header().Set("Location", "/api/v1/entries/"+strconv.FormatInt(receipt.Index, 10)+"/bundle")
	send(w, r, status, typeBundle, raw)
}

// judge examines a submission and returns the entry to sequence. Until it has
// nothing left to refuse it stores nothing; then it makes the BOM durable, so
// that no leaf ever names bytes that were not there.
//
// It reads the registry's state while the sequencer's guard changes it. Each
// read sees the state between two entries, and may see entries that are being
// committed and will perhaps be dropped: what is judged here is a forecast. The
// guard judges the same statement again, by the same rules, at the index that it
// gets; that alone admits it. Reads for an answer name a size that is published
// and see what is below it, which never changes.
func (s *Server) judge(ctx context.Context, f form) (sequencer.Entry, error) {
	var none sequencer.Entry
	p, err := s.state.Open(f.statement)
	if err != nil {
		return none, err
	}
	if err := s.state.Check(p); err != nil {
		return none, err
	}
	if freeze, ok := p.Statement().Body.(*statement.Freeze); ok {
		if err := s.compareTree(freeze); err != nil {
			return none, err
		}
	}
	said, ok := p.Statement().Body.(*statement.BOM)
	switch {
	case ok:
		if err := s.examine(ctx, p.Statement().Actor(), said, f.bom); err != nil {
			return none, err
		}
	case f.bom != nil:
		return none, refuse("SERVER-BOM-SURPLUS", "a statement of kind %s comes without bom", p.Statement().Kind)
	}
	if ok && f.bom != nil {
		if err := s.blobs.Put(ctx, said.Digest, bytes.NewReader(f.bom), said.Size); err != nil {
			return none, err
		}
	}
	return sequencer.Entry{Leaf: p.Leaf(), Identity: p.Identity(), Prepared: p}, nil
}

// compareTree refuses a freeze that ends another tree than the log's own. The
// guard sees to the size again, and the root at a size is for ever.
func (s *Server) compareTree(f *statement.Freeze) error {
	head := s.sequence.Head()
	switch {
	case f.Size != head.Size:
		return sbom.Refuse("STATE-FREEZE-SIZE", "the freeze ends a tree of %d entries, the log has %d", f.Size, head.Size)
	case ledger.Hash(f.Root) != head.Root:
		return sbom.Refuse("STATE-FREEZE-ROOT", "the freeze names the root %s, the tree of %d entries has %s", f.Root, head.Size, head.Root)
	}
	return nil
}

// limits returns what the admission in force says of BOMs, and no more than
// this server can hold.
func (s *Server) limits() sbom.Limits {
	l := sbom.DefaultLimits
	if a, ok := s.state.AdmissionAt(s.state.Size()); ok {
		l.Bytes = int(min(a.Admission.Limits.BOMBytes, maxBOM))
		l.Depth = int(min(a.Admission.Limits.Depth, maxDepth))
	}
	return l
}

// stored returns the bytes of a BOM that were submitted before. They stand in
// for bytes that did not come only where that tells nobody what is held: an open
// entry speaks of them, or an entry of the same party. Otherwise a stranger who
// knows a public digest could open what a vendor has held.
func (s *Server) stored(ctx context.Context, party string, digest statement.Digest) (*blobs.Blob, error) {
	absent := refuse("SERVER-BOM-ABSENT", "the bytes of %s were not sent and are not stored", digest)
	entries, err := s.lookups.at(s.sequence.Size()).find(ctx, termDigest(digest))
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(entries, func(e *foundEntry) bool {
		return e.party == party || e.said.Disclosure == statement.DisclosureOpen
	}) {
		return nil, absent
	}
	if _, err := s.blobs.Check(ctx, digest); err != nil {
		if errors.Is(err, blobs.ErrAbsent) || problem.Code(err) == "STORE-BLOB-LOST" {
			return nil, absent // to be sent again, which mends it
		}
		return nil, err
	}
	return s.blobs.Get(ctx, digest)
}

// examine applies the content rules to the bytes that a bom statement speaks of:
// those sent, or else those stored before.
func (s *Server) examine(ctx context.Context, party string, said *statement.BOM, raw []byte) error {
	if raw == nil {
		blob, err := s.stored(ctx, party, said.Digest)
		if err != nil {
			return err
		}
		defer blob.Close()
		raw = blob.Bytes()
	}
	// The digest first: other bytes are not worth reading.
	if got := sha256.Sum256(raw); got != said.Digest {
		return sbom.Refuse("STATEMENT-BOM-MISMATCH", "the statement speaks of %s, the bytes are %s", said.Digest, ledger.Hash(got))
	}
	wait, cancel := context.WithTimeout(ctx, s.timeouts.queue)
	defer cancel()
	if err := s.examiners.Acquire(wait, 1); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return refuse("SERVER-QUEUE-BUSY", "too many bills of materials wait to be examined")
	}
	defer s.examiners.Release(1)
	doc, findings := sbom.Admit(raw, s.limits())
	if doc == nil {
		return sbom.FirstError(findings)
	}
	by, ok := s.state.PartyAt(party, s.state.Size())
	if !ok {
		return sbom.Refuse("STATE-PARTY-UNKNOWN", "party %q is not enrolled", party)
	}
	return receiving.CompareContents(said, by.Party, doc)
}

package server

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strconv"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/index"
)

// indexOf reads the index in the address.
func indexOf(r *http.Request) (int64, error) {
	text := r.PathValue("index")
	at, err := strconv.ParseInt(text, 10, 64)
	if err != nil || at < 0 || strconv.FormatInt(at, 10) != text {
		return 0, refuse("SERVER-ADDRESS-MALFORMED", "%.40q is no index of an entry", text)
	}
	return at, nil
}

// serveBundle answers with the bundle of an entry, against the checkpoint that is
// published if it covers the entry, else against the newest.
func (s *Server) serveBundle(w http.ResponseWriter, r *http.Request) {
	at, err := indexOf(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	raw, err := s.bundle(r.Context(), s.covering(at), at)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	send(w, r, http.StatusOK, typeBundle, raw)
}

// bundle returns the bundle of an entry, everything in it against one signed
// checkpoint of ours. It refuses an index that the checkpoint does not cover
// (SERVER-ENTRY-ABSENT) and more than a bundle holds (SERVER-BUNDLE-LARGE).
func (s *Server) bundle(ctx context.Context, note []byte, at int64) ([]byte, error) {
	if !s.bundles.TryAcquire(1) {
		wait, cancel := context.WithTimeout(ctx, s.timeouts.queue)
		defer cancel()
		if err := s.bundles.Acquire(wait, 1); err != nil {
			return nil, refuse("SERVER-REQUESTS-BUSY", "%d bundles are being put together", maxBundles)
		}
	}
	defer s.bundles.Release(1)
	c, err := ledger.OpenCheckpoint(note, s.origin, s.verifier)
	if err != nil {
		return nil, err
	}
	if at >= c.Size {
		return nil, refuse("SERVER-ENTRY-ABSENT", "the log of %d entries has no entry %d", c.Size, at)
	}
	b := &receiving.Bundle{Log: s.origin, Checkpoint: note}
	if b.Statement, err = s.entry(c.Size, at); err != nil {
		return nil, err
	}
	history, err := s.concerns(ctx, c, b)
	if err != nil {
		return nil, err
	}
	history = slices.DeleteFunc(history, func(i int64) bool { return i == at })
	if len(history) > receiving.MaxHistory {
		return nil, refuse("SERVER-BUNDLE-LARGE", "%d entries concern entry %d, a bundle holds %d", len(history), at, receiving.MaxHistory)
	}
	for _, i := range history {
		e, err := s.entry(c.Size, i)
		if err != nil {
			return nil, err
		}
		b.History = append(b.History, e)
	}
	raw, err := b.Marshal()
	if err != nil {
		return nil, err
	}
	if len(raw) > receiving.MaxBundle {
		return nil, refuse("SERVER-BUNDLE-LARGE", "the bundle of entry %d would have %d bytes, more than %d", at, len(raw), receiving.MaxBundle)
	}
	return raw, nil
}

// entry reads a leaf and proves it in the tree of size leaves.
func (s *Server) entry(size, at int64) (receiving.Entry, error) {
	leaf, err := s.sequence.Leaf(at)
	if err != nil {
		return receiving.Entry{}, err
	}
	proof, err := ledger.ProveInclusion(s.sequence, size, at)
	if err != nil {
		return receiving.Entry{}, err
	}
	return receiving.Entry{Leaf: leaf, Index: at, Proof: proof}, nil
}

// concerns returns the indices below the checkpoint's size of everything that
// the bundle's statement rests on or is touched by, and adds, for a bom, the status
// and the blob, and for a list, a policy or a profile the status, which names every
// version. An advisory and an attestation are touched by what withdraws
// them.
//
// A bom is touched by the entries of its own party for the same bytes, by those
// for other bytes under the same serial number and version, by those of its party
// that supersede one of these, and by what withdraws one of these; and by every
// advisory that its statement does not rule out, with its issuer's history and
// what withdraws it. The status names them all, so that what a bundle leaves out is
// a signed lie, and an audit needs nothing but leaves to find it. An entry of
// another party that says it supersedes or withdraws has no right to, is idle, and
// is left out.
func (s *Server) concerns(ctx context.Context, c ledger.Checkpoint, b *receiving.Bundle) ([]int64, error) {
	st, err := readStatement(b.Statement.Leaf)
	if err != nil {
		return nil, err
	}
	foundation := s.state.Foundation(st.Actor(), c.Size)
	switch body := st.Body.(type) {
	case *statement.BOM:
		return s.concern(ctx, c, b, body, foundation)
	case *statement.Revoke:
		foundation = append(foundation, s.state.Foundation(body.Of, c.Size)...)
	case *statement.Suspend:
		foundation = append(foundation, s.state.Foundation(body.About, c.Size)...)
	case *statement.Advisory, *statement.Attestation:
		taken, err := withdrawals(ctx, s.lookups.at(c.Size), st.Actor(), b.Statement.Index)
		if err != nil {
			return nil, err
		}
		foundation = append(foundation, taken...)
	case *statement.List, *statement.Policy, *statement.Profile:
		history := sortedIndices(slices.Concat(foundation, s.state.Versions(st, c.Size), []int64{b.Statement.Index}))
		b.Status, err = s.status(ctx, c, st.Actor(), st.Subject, s.uncharted(history, c.Size))
		return history, err
	}
	return sortedIndices(foundation), nil
}

// uncharted returns the entries that concern somebody or something: all but genesis
// and admissions, which are of the log.
func (s *Server) uncharted(history []int64, size int64) []int64 {
	charter := s.state.Charter(size)
	return slices.DeleteFunc(slices.Clone(history), func(i int64) bool { return slices.Contains(charter, i) })
}

// concern returns what bears on a bom, and adds the status and the blob.
func (s *Server) concern(ctx context.Context, c ledger.Checkpoint, b *receiving.Bundle, said *statement.BOM, foundation []int64) ([]int64, error) {
	party := said.Party[0]
	look := s.lookups.at(c.Size)
	bearing, err := s.touching(ctx, look, party, said)
	if err != nil {
		return nil, err
	}
	warnings, issuers := s.state.Warnings(said, c.Size)
	for _, who := range issuers {
		bearing = append(bearing, s.state.About(who, c.Size)...)
	}
	for _, at := range warnings {
		issuer, err := s.actor(at)
		if err != nil {
			return nil, err
		}
		withdrawals, err := withdrawals(ctx, look, issuer, at)
		if err != nil {
			return nil, err
		}
		bearing = append(append(bearing, at), withdrawals...)
	}
	history := sortedIndices(slices.Concat(foundation, bearing))
	if b.Status, err = s.status(ctx, c, party, said.Digest, s.uncharted(history, c.Size)); err != nil {
		return nil, err
	}
	b.Blobs = []receiving.Blob{{Digest: ledger.Hash(said.Digest), Size: said.Size, MediaType: said.MediaType}}
	return history, nil
}

// actor returns who spoke in an entry of our own log.
func (s *Server) actor(at int64) (string, error) {
	leaf, err := s.sequence.Leaf(at)
	if err != nil {
		return "", err
	}
	st, err := readStatement(leaf)
	if err != nil {
		return "", err
	}
	return st.Actor(), nil
}

// withdrawals returns the entries by which a party or the registrar withdraws an
// entry, ascending.
func withdrawals(ctx context.Context, look *look, party string, at int64) (list []int64, err error) {
	for _, who := range []string{party, statement.Registrar} {
		entries, err := look.find(ctx, termWithdraws(who, at))
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			list = append(list, e.index)
		}
	}
	return sortedIndices(list), nil
}

// touching returns the bom entries of a party that bear on what it said, and what
// withdraws them. Each term is of that party, or of the registrar: what others
// submit makes its bundles no longer.
func (s *Server) touching(ctx context.Context, look *look, party string, said *statement.BOM) ([]int64, error) {
	terms := []index.Term{termOwn(party, said.Digest)}
	if said.SerialNumber != "" {
		terms = append(terms, termNumber(party, said))
	}
	var list []int64
	collect := func(terms ...index.Term) error {
		for _, t := range terms {
			entries, err := look.find(ctx, t)
			if err != nil {
				return err
			}
			for _, e := range entries {
				list = append(list, e.index)
			}
		}
		list = sortedIndices(list)
		if len(list) > receiving.MaxHistory {
			return refuse("SERVER-BUNDLE-LARGE", "%d entries concern these bytes, a bundle holds %d", len(list), receiving.MaxHistory)
		}
		return nil
	}
	if err := collect(terms...); err != nil {
		return nil, err
	}
	for _, old := range slices.Clone(list) {
		if err := collect(termSupersedes(party, old)); err != nil {
			return nil, err
		}
	}
	for _, old := range slices.Clone(list) {
		more, err := withdrawals(ctx, look, party, old)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return sortedIndices(list), nil
}

// status is the log's signed word about the entries that concern a BOM and its
// party at the size of a checkpoint. It is nil while the service key does not
// stand alone for party log, since its keys were rotated or revoked: a bundle
// without status holds, one with a status that does not verify is false.
func (s *Server) status(ctx context.Context, c ledger.Checkpoint, party string, digest statement.Digest, entries []int64) ([]byte, error) {
	if len(entries) > statement.MaxIndices {
		return nil, refuse("SERVER-BUNDLE-LARGE", "%d entries concern %s, a status names %d", len(entries), digest, statement.MaxIndices)
	}
	if set, ok := s.state.KeysAt(statement.Log, c.Size); !ok || set.Threshold != 1 || !set.Has(s.service.Key().ID()) {
		s.log.LogAttrs(ctx, slog.LevelError, "bundles carry no status: the service key does not stand for the log")
		return nil, nil
	}
	payload, err := statement.NewStatus(statement.Status{
		Head: statement.Head{Log: s.origin, Made: s.clock()},
		BOM:  digest, Size: c.Size, Root: statement.Digest(c.Root), About: party,
		Entries: entries, Advisories: s.state.Advisories(c.Size),
	})
	if err != nil {
		return nil, err
	}
	return envelope.Sign(envelope.PayloadType, payload, s.service)
}

// sortedIndices returns the indices ascending, each once.
func sortedIndices(list []int64) []int64 {
	slices.Sort(list)
	return slices.Compact(list)
}

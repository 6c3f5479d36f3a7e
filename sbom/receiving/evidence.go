package receiving

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// Evidence is what a bundle proves under a trust file. Only [Open] makes one.
type Evidence struct {
	Checkpoint ledger.Checkpoint // signed by every key that the trust file requires
	// Cosigned are the cosignatures of the trust file's witnesses on the checkpoint,
	// in the order of its note: verified, but neither counted nor held against a clock.
	Cosigned  []ledger.Cosignature
	Index     int64  // of the statement, zero-based, proven
	Leaf      []byte // the statement's leaf
	Statement *statement.Statement
	Fields    []statement.Opened // of the statement that are told or committed to, with the bundle's openings
	KeyIDs    []string           // keys that signed the statement and stood at its index, ascending
	Party     string             // who acts: a party id, or registrar
	PartyName string             // as the registrar enrolled it, "" for the registrar

	// What follows is so as far as the bundle's history goes; only with a Status
	// is that history known to be all there is. Advisories and delegates are empty
	// for statements that are no BOM's.
	Standing    registry.Standing
	Suspensions []int64           // of the party, not lifted; ascending
	Newest      int64             // of a list, a policy or a profile: its newest version that is not void; -1 else
	Advisories  []registry.Advice // that may be about the BOM; ascending
	Delegated   bool              // whether a delegate's key, not the party's, carries the statement
	DelegateEnd time.Time         // until when the party lets the delegate sign, as it says now
	// Status is the log's word that the history is complete at the checkpoint's
	// size; nil if the bundle has none that can be used, and StatusError says why.
	Status      *statement.Statement
	StatusError *sbom.Refusal

	enrolment *statement.Party // of Party, in force at Index; nil for the registrar
}

// Open verifies a bundle: the checkpoint under all trusted keys, each inclusion
// proof against it, the pinned genesis and its checkpoint keys, then every entry
// in order under the rules of the log and the keys that stood at its index, the
// status, and what the bundle opens of its statement. An error means that something in the bundle is false, unless its
// code is TRUST-LOG-UNKNOWN (the trust file does not name this log) or it wraps
// [statement.ErrNewer]. That too few witnesses cosigned the checkpoint is no error, a
// false cosignature of one of them is. A status that is missing or not about this statement is
// no error: see Evidence.StatusError. A status with a false signature is one.
func Open(b *Bundle, t *ledger.Trust) (*Evidence, error) {
	log, ok := t.Log(b.Log)
	if !ok {
		return nil, sbom.Refuse("TRUST-LOG-UNKNOWN", "the trust file names no log %.200q", b.Log)
	}
	signed, cosigned, err := ledger.OpenCosigned(b.Checkpoint, log.Origin, log.Keys, t.Witnesses)
	if unmet := (*ledger.Refusal)(nil); err != nil && !(errors.As(err, &unmet) && unmet.Code() == "LOG-QUORUM-UNMET") {
		return nil, err
	}
	cp := signed.Checkpoint
	entries := b.entries()
	if first := entries[0]; first.Index != 0 || ledger.LeafHash(first.Leaf) != log.Genesis {
		return nil, sbom.Refuse("BUNDLE-GENESIS-OTHER", "the bundle does not begin with the genesis that the trust file pins")
	}
	history := registry.NewHistory(log.Origin)
	var subject *registry.Prepared
	var enrolment *statement.Party
	for _, e := range entries {
		if err := ledger.VerifyInclusion(cp.Root, cp.Size, e.Index, ledger.LeafHash(e.Leaf), e.Proof); err != nil {
			return nil, err
		}
		p, err := history.State().OpenLeaf(e.Leaf)
		if err != nil {
			return nil, err
		}
		if e.Index == b.Statement.Index {
			// As it was, in case all of it fell since, which is for the standing to say.
			if e, ok := history.State().PartyAt(p.Statement().Actor(), e.Index); ok {
				enrolment = e.Party
			}
			subject = p
		}
		if err := history.Apply(e.Index, p); err != nil {
			return nil, err
		}
		if e.Index == 0 {
			if err := sameKeys(p, log); err != nil {
				return nil, err
			}
		}
	}
	st := subject.Statement()
	ev := &Evidence{
		Checkpoint: cp, Index: b.Statement.Index, Leaf: b.Statement.Leaf,
		Cosigned:  cosigned,
		Statement: st, KeyIDs: subject.KeyIDs(), Party: st.Actor(), enrolment: enrolment,
	}
	// What fell since gives nobody a name, nor a maker to speak for.
	if e, ok := history.State().PartyAt(ev.Party, ev.Index); ok {
		ev.enrolment = e.Party
	}
	if e, ok := history.State().PartyAt(ev.Party, cp.Size); ok {
		ev.PartyName = e.Party.Name
	} else if enrolment != nil {
		ev.PartyName = enrolment.Name
	}
	if err := ev.checkBlobs(b.Blobs); err != nil {
		return nil, err
	}
	at := &statement.Position{Log: log.Origin, Index: ev.Index}
	if ev.Fields, err = statement.Open(st, statement.Digest(ledger.LeafHash(ev.Leaf)), at, b.Openings...); err != nil {
		return nil, err
	}
	ev.Standing, _ = history.Standing(ev.Index, cp.Size)
	ev.Suspensions, ev.Newest = history.Suspended(ev.Party, cp.Size), -1
	if newest, ok := history.Newest(st, cp.Size); ok {
		ev.Newest = newest
	}
	if said, ok := st.Body.(*statement.BOM); ok {
		ev.Advisories = history.Advisories(said, cp.Size)
		ev.DelegateEnd, ev.Delegated = history.DelegateEnd(ev.Index, cp.Size)
	}
	if b.Status == nil {
		return ev, nil
	}
	status, err := openStatus(b.Status, history.State(), cp.Size)
	if err != nil {
		return nil, err
	}
	if ev.StatusError = ev.checkStatus(status, entries, history.State().Advisories(cp.Size)); ev.StatusError == nil {
		ev.Status = status
	}
	return ev, nil
}

// checkBlobs refuses a bundle that names other bytes than its statement does
// (BUNDLE-BLOB-OTHER): whoever fetches what a bundle names gets what was signed.
func (ev *Evidence) checkBlobs(blobs []Blob) error {
	said, _ := ev.Statement.Body.(*statement.BOM)
	for _, b := range blobs {
		if said == nil || b != (Blob{ledger.Hash(said.Digest), said.Size, said.MediaType}) {
			return sbom.Refuse("BUNDLE-BLOB-OTHER", "the bundle names the bytes %s, of which its statement does not speak", b.Digest)
		}
	}
	return nil
}

// sameKeys refuses a genesis whose checkpoint keys are not those of the trust file.
func sameKeys(p *registry.Prepared, log ledger.TrustedLog) error {
	said := slices.Clone(p.Statement().Body.(*statement.Genesis).Checkpoint)
	var trusted []string
	for _, k := range log.Keys {
		trusted = append(trusted, k.String())
	}
	slices.Sort(said)
	slices.Sort(trusted)
	if !slices.Equal(said, trusted) {
		return sbom.Refuse("BUNDLE-GENESIS-KEYS", "the genesis names other checkpoint keys than the trust file")
	}
	return nil
}

// openStatus verifies the status under the keys of party log that stand at size.
func openStatus(raw []byte, s *registry.State, size int64) (*statement.Statement, error) {
	p, err := s.OpenLeaf(raw)
	if err != nil {
		return nil, err
	}
	st := p.Statement()
	if st.Kind != statement.KindStatus {
		return nil, sbom.Refuse("BUNDLE-STATUS-KIND", "the bundle's status is a statement of kind %s", st.Kind)
	}
	if set, ok := s.KeysAt(statement.Log, size); !ok || int64(len(p.KeyIDs())) < set.Threshold {
		return nil, sbom.Refuse("BUNDLE-STATUS-THRESHOLD", "the status has fewer signatures than the log's key set demands")
	}
	return st, nil
}

// checkStatus reports why a status, rightly signed, says nothing of this bundle.
func (ev *Evidence) checkStatus(st *statement.Statement, entries []Entry, held statement.Advisories) *sbom.Refusal {
	s := st.Body.(*statement.Status)
	switch {
	case s.Size != ev.Checkpoint.Size || ledger.Hash(s.Root) != ev.Checkpoint.Root:
		return sbom.Refuse("BUNDLE-STATUS-OTHER", "the status is of the tree of %d leaves, the bundle's checkpoint of %d", s.Size, ev.Checkpoint.Size)
	case s.BOM != ev.Statement.Subject || s.About != ev.Party:
		return sbom.Refuse("BUNDLE-STATUS-OTHER", "the status is about something else or another party")
	case !slices.Contains(s.Entries, ev.Index):
		return sbom.Refuse("BUNDLE-STATUS-OTHER", "the status does not name entry %d", ev.Index)
	case held.Count > s.Advisories.Count || held.Count == s.Advisories.Count && held != s.Advisories:
		return sbom.Refuse("BUNDLE-STATUS-OTHER", "the status counts %d advisories, and the bundle holds %d, or others", s.Advisories.Count, held.Count)
	}
	for _, index := range s.Entries {
		_, found := slices.BinarySearchFunc(entries, index, func(e Entry, i int64) int { return cmp.Compare(e.Index, i) })
		if !found {
			return sbom.Refuse("BUNDLE-HISTORY-INCOMPLETE", "the status names entry %d, which the bundle does not hold", index)
		}
	}
	return nil
}

// Receipt reports whether the evidence answers what was sent: the same payload
// type and payload, signed by some of those who signed it, and nobody else.
// BUNDLE-RECEIPT-OTHER if not. The signatures are those verified, not those sent.
func (ev *Evidence) Receipt(sent *envelope.Envelope) error {
	got, err := envelope.ParseLeaf(ev.Leaf)
	if err != nil {
		return err
	}
	if got.PayloadType() != sent.PayloadType() || string(got.Payload()) != string(sent.Payload()) {
		return sbom.Refuse("BUNDLE-RECEIPT-OTHER", "the bundle proves another statement than the one that was sent")
	}
	signed := sent.KeyIDs()
	for _, id := range ev.KeyIDs {
		if !slices.Contains(signed, id) {
			return sbom.Refuse("BUNDLE-RECEIPT-OTHER", "the bundle's statement is signed by key %s, which did not sign what was sent", id)
		}
	}
	return nil
}

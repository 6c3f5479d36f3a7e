package receiving

import (
	"encoding/base64"
	"errors"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// UpdateFormat is the "format" member of an update of a trust file.
const UpdateFormat = "yurai-update/1"

// MaxUpdate bounds an update, in bytes.
const MaxUpdate = 4 << 20

// Update is the next version of a trust file, the registrar's signed statement
// about its bytes, and the entries by which the registrar's keys stand. Nothing
// in it is verified until [Update.Apply].
type Update struct {
	Log        string  // origin of the log whose registrar signs
	Trust      []byte  // the new trust file
	Statement  []byte  // DSSE of kind trust, in leaf form
	Checkpoint []byte  // signed note, to which the proofs lead; nil if History is the genesis alone
	History    []Entry // genesis, and every entry that changed the registrar's keys; ascending
}

type updateFile struct {
	Format     string      `json:"format"`
	Log        string      `json:"log"`
	Trust      string      `json:"trust"`
	Statement  string      `json:"statement"`
	Checkpoint string      `json:"checkpoint,omitzero"`
	History    []entryFile `json:"history"`
}

// Marshal returns the update as indented JSON, ending in a newline.
func (u *Update) Marshal() ([]byte, error) {
	f := updateFile{
		Format: UpdateFormat, Log: u.Log, Trust: string(u.Trust), Checkpoint: string(u.Checkpoint),
		Statement: base64.StdEncoding.EncodeToString(u.Statement), History: []entryFile{},
	}
	for _, e := range u.History {
		f.History = append(f.History, e.file())
	}
	raw, err := json.Marshal(f, jsontext.WithIndent(" "))
	if err != nil {
		return nil, err
	}
	return append(raw, '\n'), nil
}

func malformedUpdate(format string, args ...any) error {
	return sbom.Refuse("TRUST-UPDATE-MALFORMED", format, args...)
}

// ParseUpdate reads an update without verifying it. TRUST-UPDATE-MALFORMED for
// everything but this format with these members, each once, in its one form.
func ParseUpdate(raw []byte) (*Update, error) {
	if len(raw) > MaxUpdate {
		return nil, malformedUpdate("an update of %d bytes is over the limit of %d", len(raw), MaxUpdate)
	}
	var f updateFile
	if err := json.Unmarshal(raw, &f, json.RejectUnknownMembers(true)); err != nil {
		return nil, malformedUpdate("the update: %w", err)
	}
	if f.Format != UpdateFormat {
		return nil, malformedUpdate("the update has format %.40q, this program reads %q", f.Format, UpdateFormat)
	}
	if len(f.History) < 1 || len(f.History) > MaxHistory || len(f.History) > 1 && f.Checkpoint == "" {
		return nil, malformedUpdate("the update has %d entries: it needs the genesis, and a checkpoint for more", len(f.History))
	}
	u := &Update{Log: f.Log, Trust: []byte(f.Trust)}
	if f.Checkpoint != "" {
		u.Checkpoint = []byte(f.Checkpoint)
	}
	var err error
	if u.Statement, err = decode(f.Statement); err != nil {
		return nil, malformedUpdate("the statement of the update: %w", err)
	}
	for i, x := range f.History {
		e, err := x.entry()
		if err != nil {
			return nil, malformedUpdate("the update: %w", err)
		}
		if i == 0 && e.Index != 0 || i > 0 && e.Index <= u.History[i-1].Index {
			return nil, malformedUpdate("entry %d of the update's history is out of order", e.Index)
		}
		u.History = append(u.History, e)
	}
	return u, nil
}

// NewUpdate returns an update that nobody has signed but the signers, keys of the
// registrar of the log whose genesis leaf is given. The trust file has to be one
// that [ledger.ParseTrust] reads, and to pin that genesis.
func NewUpdate(trust, genesis []byte, at time.Time, signers ...*envelope.Signer) (*Update, error) {
	next, err := ledger.ParseTrust(trust)
	if err != nil {
		return nil, err
	}
	g, err := OpenGenesis(genesis)
	if err != nil {
		return nil, err
	}
	if log, ok := next.Log(g.Log); !ok || log.Genesis != ledger.LeafHash(genesis) {
		return nil, sbom.Refuse("TRUST-FINGERPRINT-OTHER", "the trust file does not pin the genesis of %q that signs", g.Log)
	}
	payload, err := statement.NewTrust(statement.Trust{
		Head: statement.Head{Log: g.Log, Made: at}, File: statement.Digest(next.Digest),
	})
	if err != nil {
		return nil, err
	}
	u := &Update{Log: g.Log, Trust: trust, History: []Entry{{Leaf: genesis}}}
	u.Statement, err = envelope.Sign(envelope.PayloadType, payload, signers...)
	return u, err
}

// Sign adds signatures to the update's statement, of whose payload it changes no
// byte.
func (u *Update) Sign(signers ...*envelope.Signer) error {
	e, err := envelope.ParseLeaf(u.Statement)
	if err != nil {
		return err
	}
	if err := e.Add(signers...); err != nil {
		return err
	}
	leaf, err := e.Marshal()
	if err != nil {
		return err
	}
	u.Statement = leaf
	return nil
}

// Apply verifies the update against the trust file that is in use and returns
// the one that takes its place, whose bytes are u.Trust. The statement has to be
// signed by the threshold of the registrar's keys, as they stand by the pinned
// genesis and the entries that the update proves. at is now. It refuses
//
//	TRUST-UPDATE-MALFORMED   the new trust file or the statement cannot be read
//	TRUST-LOG-UNKNOWN        a log that the trust file in use does not name
//	TRUST-UPDATE-FALSE       another genesis, a proof or a signature that does not
//	                         verify, other bytes than those signed, too few signatures
//	TRUST-UPDATE-OLDER       a version that is not above the one in use
//	TRUST-UPDATE-GAP         a version that skips one
//	TRUST-UPDATE-EXPIRED     a new trust file that has ended
//	TRUST-UPDATE-LOGS        a log of the trust file in use is missing or changed
//
// A trust file that has ended can be updated: that is the way out.
func (u *Update) Apply(current *ledger.Trust, at time.Time) (*ledger.Trust, error) {
	log, ok := current.Log(u.Log)
	if !ok {
		return nil, sbom.Refuse("TRUST-LOG-UNKNOWN", "the update is signed for log %.200q, which the trust file does not name", u.Log)
	}
	next, err := ledger.ParseTrust(u.Trust)
	if err != nil {
		return nil, malformedUpdate("the trust file in the update: %w", err)
	}
	if err := u.verify(log, next.Digest); err != nil {
		return nil, err
	}
	switch {
	case next.Version <= current.Version:
		return nil, sbom.Refuse("TRUST-UPDATE-OLDER", "the update is to version %d, version %d is in use", next.Version, current.Version)
	case next.Version > current.Version+1:
		return nil, sbom.Refuse("TRUST-UPDATE-GAP", "the update is to version %d, version %d is in use", next.Version, current.Version)
	case !at.Before(next.Expires):
		return nil, sbom.Refuse("TRUST-UPDATE-EXPIRED", "the trust file in the update expired on %s", statement.FormatTime(next.Expires))
	}
	for _, old := range current.Logs {
		l, ok := next.Log(old.Origin)
		same := ok && l.Genesis == old.Genesis && slices.EqualFunc(l.Keys, old.Keys, func(a, b *ledger.Verifier) bool { return a.String() == b.String() })
		if !same {
			return nil, sbom.Refuse("TRUST-UPDATE-LOGS", "the update takes log %q away or changes it", old.Origin)
		}
	}
	return next, nil
}

// verify verifies the statement about a trust file's digest and what its keys
// stand by.
func (u *Update) verify(log ledger.TrustedLog, digest ledger.Hash) error {
	untrue := func(format string, args ...any) error { return sbom.Refuse("TRUST-UPDATE-FALSE", format, args...) }
	if ledger.LeafHash(u.History[0].Leaf) != log.Genesis {
		return untrue("the update does not begin with the genesis that the trust file pins")
	}
	size := int64(1)
	var cp ledger.Checkpoint
	if u.Checkpoint != nil {
		var err error
		if cp, err = ledger.OpenCheckpoint(u.Checkpoint, log.Origin, log.Keys...); err != nil {
			return untrue("the checkpoint of the update: %w", err)
		}
		size = max(cp.Size, 1)
	}
	history := registry.NewHistory(log.Origin)
	for _, e := range u.History {
		if u.Checkpoint != nil {
			if err := ledger.VerifyInclusion(cp.Root, cp.Size, e.Index, ledger.LeafHash(e.Leaf), e.Proof); err != nil {
				return untrue("entry %d of the update: %w", e.Index, err)
			}
		}
		p, err := history.State().OpenLeaf(e.Leaf)
		if err == nil {
			err = history.Apply(e.Index, p)
		}
		switch {
		case errors.Is(err, statement.ErrNewer):
			return err
		case err != nil:
			return untrue("entry %d of the update: %w", e.Index, err)
		}
	}
	return u.signedBy(history.State(), size, digest)
}

// signedBy reports whether the registrar's keys that stand in a state at a size
// signed a trust file's digest.
func (u *Update) signedBy(state *registry.State, size int64, digest ledger.Hash) error {
	untrue := func(format string, args ...any) error { return sbom.Refuse("TRUST-UPDATE-FALSE", format, args...) }
	p, err := state.OpenLeaf(u.Statement)
	if err != nil {
		return untrue("the statement of the update: %w", err)
	}
	said, ok := p.Statement().Body.(*statement.Trust)
	if !ok {
		return untrue("the update is signed with a statement of kind %s", p.Statement().Kind)
	}
	if ledger.Hash(said.File) != digest {
		return untrue("the registrar signed another trust file, %s", said.File)
	}
	set, ok := state.KeysAt(statement.Registrar, size)
	if !ok {
		return untrue("no key of the registrar stands")
	}
	signed := int64(0)
	for _, id := range p.KeyIDs() {
		if set.Has(id) {
			signed++
		}
	}
	if signed < set.Threshold {
		return untrue("%d of the registrar's keys signed, %d have to", signed, set.Threshold)
	}
	return nil
}

// Confirm holds the update against a bundle of the same log, which has to carry a
// status: the log's signed word that none of the registrar's keys was changed or
// revoked below its size but as its history says. An update brings a history of its
// own, and who has a key that the registrar revoked leaves the revocation out of it.
// Besides what [Open] refuses, it refuses a bundle of another log or without a
// usable status (TRUST-UPDATE-UNCONFIRMED) and signatures that are not by the
// threshold of the registrar's keys as they stand there (TRUST-UPDATE-FALSE).
func (u *Update) Confirm(b *Bundle, current *ledger.Trust) error {
	next, err := ledger.ParseTrust(u.Trust)
	if err != nil {
		return malformedUpdate("the trust file in the update: %w", err)
	}
	ev, err := Open(b, current)
	if err != nil {
		return err
	}
	if b.Log != u.Log || ev.Status == nil {
		return sbom.Refuse("TRUST-UPDATE-UNCONFIRMED", "the bundle is of log %.200q, the update of %.200q, or the bundle has no status", b.Log, u.Log)
	}
	history := registry.NewHistory(b.Log)
	for _, e := range b.entries() {
		p, err := history.State().OpenLeaf(e.Leaf)
		if err != nil {
			return err
		}
		if err := history.Apply(e.Index, p); err != nil {
			return err
		}
	}
	return u.signedBy(history.State(), ev.Checkpoint.Size, next.Digest)
}

// Rest makes the update rest on a bundle's history: genesis, every admission, and
// every entry that changed the registrar's keys. It is for a registrar whose keys
// are no longer those of the genesis; the signatures stay what they are. It refuses
// what [Open] refuses, and a bundle of another log (TRUST-LOG-UNKNOWN).
func (u *Update) Rest(b *Bundle, t *ledger.Trust) error {
	ev, err := Open(b, t)
	if err != nil {
		return err
	}
	if b.Log != u.Log {
		return sbom.Refuse("TRUST-LOG-UNKNOWN", "the bundle is of log %.200q, the update of %.200q", b.Log, u.Log)
	}
	var list []Entry
	for _, e := range b.entries() {
		leaf, err := envelope.ParseLeaf(e.Leaf)
		if err != nil {
			return err
		}
		st, err := statement.Parse(leaf.Payload())
		if err != nil {
			return err
		}
		ours := st.Kind == statement.KindGenesis || st.Kind == statement.KindAdmission
		switch body := st.Body.(type) {
		case *statement.Keys:
			ours = st.Actor() == statement.Registrar
		case *statement.Revoke:
			ours = body.Of == statement.Registrar
		}
		if ours && e.Index < ev.Checkpoint.Size {
			list = append(list, e)
		}
	}
	u.Checkpoint, u.History = b.Checkpoint, list
	return nil
}

// OpenGenesis verifies a genesis leaf by itself: its form, and that the keys that
// it names as the registrar's signed it. Whose log it is nothing but its leaf hash
// can say, which came another way.
func OpenGenesis(leaf []byte) (*statement.Genesis, error) {
	e, err := envelope.ParseLeaf(leaf)
	if err != nil {
		return nil, err
	}
	st, err := statement.Parse(e.Payload())
	if err != nil {
		return nil, err
	}
	g, ok := st.Body.(*statement.Genesis)
	if !ok {
		return nil, sbom.Refuse("STATE-GENESIS-MISSING", "the statement is of kind %s, not genesis", st.Kind)
	}
	state := registry.New(g.Log)
	p, err := state.OpenLeaf(leaf)
	if err != nil {
		return nil, err
	}
	return g, state.Apply(0, p)
}

// TrustGenesis returns the log that a genesis leaf founds, as a trust file names
// it: the checkpoint keys are those in the genesis.
func TrustGenesis(leaf []byte) (ledger.TrustedLog, error) {
	g, err := OpenGenesis(leaf)
	if err != nil {
		return ledger.TrustedLog{}, err
	}
	log := ledger.TrustedLog{Origin: g.Log, Genesis: ledger.LeafHash(leaf)}
	for _, k := range g.Checkpoint {
		v, err := ledger.ParseVerifier(k)
		if err != nil {
			return ledger.TrustedLog{}, err
		}
		log.Keys = append(log.Keys, v)
	}
	return log, nil
}

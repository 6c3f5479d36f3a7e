package audit

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/yurai-ledger/yurai/ledger"
)

// EvidenceFormat is the "format" member of an evidence file.
const EvidenceFormat = "yurai-evidence/1"

// MaxEvidence bounds an evidence file, in bytes. The largest are those that hold
// a bundle.
const MaxEvidence = 18 << 20

// Kind is what an evidence file is about.
type Kind string

// The kinds. What a fork and a rollback are, checkpoints alone show; the other
// two rest on what entries say, and are judged where that is read.
const (
	KindFork         Kind = "fork"         // the log signed two histories: proof
	KindRollback     Kind = "rollback"     // the log was shown shorter than before: an observation
	KindEquivocation Kind = "equivocation" // a party gave one number and version to two BOMs: proof
	KindStatus       Kind = "status"       // the log signed a status that leaves an entry out: proof
)

// What an evidence file is worth to somebody who was not there.
const (
	WeightProof       = "proof"
	WeightObservation = "observation"
)

// Weight returns [WeightProof], or [WeightObservation] for a rollback: the log
// signed both checkpoints rightly, and that the smaller was shown after the
// larger is the word of whoever wrote the file.
func (k Kind) Weight() string {
	if k == KindRollback {
		return WeightObservation
	}
	return WeightProof
}

// Fork is the error for two verified checkpoints of one log that cannot both be
// true, with the proof of it. Older has at most the size of Newer.
type Fork struct {
	Older, Newer ledger.Signed
	Root         ledger.Hash   // of the newer tree at the older's size; zero if the sizes are equal
	Proof        []ledger.Hash // consistency of Root with the newer root (RFC 6962 §2.1.2)
}

// Code returns AUDIT-LOG-FORK.
func (f *Fork) Code() string { return "AUDIT-LOG-FORK" }

// Error names both roots.
func (f *Fork) Error() string {
	root := f.Root
	if f.Older.Size == f.Newer.Size {
		root = f.Newer.Root
	}
	return fmt.Sprintf("%s signed two roots of %d leaves: %s and %s", f.Older.Origin, f.Older.Size, f.Older.Root, root)
}

// Evidence returns the fork for a file.
func (f *Fork) Evidence() *Evidence {
	return &Evidence{Kind: KindFork, Log: f.Older.Origin, Older: f.Older.Note, Newer: f.Newer.Note, Root: f.Root, Proof: f.Proof}
}

// Rollback is the error for a log that was published smaller than it had been
// published before.
type Rollback struct {
	Shown    ledger.Signed // now, asked for twice
	Seen     ledger.Signed // before, larger
	Observed time.Time     // UTC
}

// Code returns AUDIT-LOG-ROLLBACK.
func (r *Rollback) Code() string { return "AUDIT-LOG-ROLLBACK" }

// Error names both sizes.
func (r *Rollback) Error() string {
	return fmt.Sprintf("%s was published with %d leaves before and has %d now", r.Seen.Origin, r.Seen.Size, r.Shown.Size)
}

// Evidence returns the observation for a file.
func (r *Rollback) Evidence() *Evidence {
	return &Evidence{Kind: KindRollback, Log: r.Seen.Origin, Older: r.Shown.Note, Newer: r.Seen.Note, Observed: r.Observed.UTC().Truncate(time.Second)}
}

// Evidence is an evidence file about the checkpoints of a log: a fork or a
// rollback. It is a claim until [Evidence.Verify].
type Evidence struct {
	Kind         Kind
	Log          string // origin
	Older, Newer []byte // signed notes, the smaller tree first
	Root         ledger.Hash
	Proof        []ledger.Hash
	Observed     time.Time // of a rollback, UTC, whole seconds; the writer's word
}

type evidenceFile struct {
	Format      string      `json:"format"`
	Kind        Kind        `json:"kind"`
	Weight      string      `json:"weight"`
	Log         string      `json:"log"`
	Checkpoints []string    `json:"checkpoints"`
	Root        ledger.Hash `json:"root,omitzero"`
	Proof       []string    `json:"proof,omitempty"`
	Observed    string      `json:"observed,omitzero"`
}

const timeForm = "2006-01-02T15:04:05Z"

// Marshal returns the file as indented JSON, ending in a newline.
func (e *Evidence) Marshal() ([]byte, error) {
	f := evidenceFile{Format: EvidenceFormat, Kind: e.Kind, Weight: e.Kind.Weight(), Log: e.Log, Checkpoints: []string{string(e.Older), string(e.Newer)}, Root: e.Root}
	for _, h := range e.Proof {
		f.Proof = append(f.Proof, base64.StdEncoding.EncodeToString(h[:]))
	}
	if !e.Observed.IsZero() {
		f.Observed = e.Observed.UTC().Format(timeForm)
	}
	raw, err := json.Marshal(f, jsontext.WithIndent("  "))
	if err != nil {
		return nil, err
	}
	return append(raw, '\n'), nil
}

func malformed(format string, args ...any) error {
	return ledger.Refuse("AUDIT-EVIDENCE-MALFORMED", format, args...)
}

// IsEvidence reports whether a file is JSON whose format says that it is an
// evidence file, of whichever number.
func IsEvidence(raw []byte) bool {
	var head struct {
		Format string `json:"format"`
	}
	name, _, _ := strings.Cut(EvidenceFormat, "/")
	return json.Unmarshal(raw, &head) == nil && strings.HasPrefix(head.Format, name+"/")
}

// EvidenceKind returns what an evidence file is about. It refuses other formats
// (AUDIT-EVIDENCE-FORMAT) and, as AUDIT-EVIDENCE-MALFORMED, what is too large, no
// strict JSON, of no kind known, or says that it is worth more or less than its
// kind is.
func EvidenceKind(raw []byte) (Kind, error) {
	if len(raw) > MaxEvidence {
		return "", malformed("an evidence file of %d bytes is over the limit of %d", len(raw), MaxEvidence)
	}
	var head struct {
		Format string `json:"format"`
		Kind   Kind   `json:"kind"`
		Weight string `json:"weight"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return "", malformed("the evidence file is not strict JSON: %w", err)
	}
	if head.Format != EvidenceFormat {
		return "", ledger.Refuse("AUDIT-EVIDENCE-FORMAT", "the evidence file has format %.40q, this program reads %q", head.Format, EvidenceFormat)
	}
	switch head.Kind {
	case KindFork, KindRollback, KindEquivocation, KindStatus:
	default:
		return "", malformed("%.40q is no kind of evidence known here", head.Kind)
	}
	if head.Weight != head.Kind.Weight() {
		return "", malformed("evidence of kind %s is a matter of %s, not of %.40q", head.Kind, head.Kind.Weight(), head.Weight)
	}
	return head.Kind, nil
}

// ParseEvidence reads an evidence file of kind fork or rollback without
// verifying it. It refuses what [EvidenceKind] does, the two other kinds, and
// unknown, doubled or surplus members.
func ParseEvidence(raw []byte) (*Evidence, error) {
	kind, err := EvidenceKind(raw)
	if err != nil {
		return nil, err
	}
	if kind != KindFork && kind != KindRollback {
		return nil, malformed("evidence of kind %s is not about checkpoints", kind)
	}
	var f evidenceFile
	if err := json.Unmarshal(raw, &f, json.RejectUnknownMembers(true)); err != nil {
		return nil, malformed("the evidence file: %w", err)
	}
	if err := ledger.CheckOrigin(f.Log); err != nil {
		return nil, malformed("the evidence file: %w", err)
	}
	if len(f.Checkpoints) != 2 || len(f.Proof) > ledger.MaxProof {
		return nil, malformed("evidence of kind %s has two checkpoints and at most %d hashes of proof", kind, ledger.MaxProof)
	}
	e := &Evidence{Kind: kind, Log: f.Log, Older: []byte(f.Checkpoints[0]), Newer: []byte(f.Checkpoints[1]), Root: f.Root}
	for _, s := range f.Proof {
		h, err := base64.StdEncoding.Strict().DecodeString(s)
		if err != nil || len(h) != len(ledger.Hash{}) || base64.StdEncoding.EncodeToString(h) != s {
			return nil, malformed("the proof holds something that is no hash")
		}
		e.Proof = append(e.Proof, ledger.Hash(h))
	}
	if kind == KindFork {
		if f.Observed != "" || e.Root.IsZero() != (len(e.Proof) == 0) {
			return nil, malformed("a fork has a root together with its proof, and no time")
		}
		return e, nil
	}
	if !e.Root.IsZero() || len(e.Proof) > 0 {
		return nil, malformed("a rollback has no proof")
	}
	if e.Observed, err = time.Parse(timeForm, f.Observed); err != nil || e.Observed.Format(timeForm) != f.Observed {
		return nil, malformed("a rollback has the time at which it was observed, UTC, in seconds")
	}
	return e, nil
}

// Verify returns the two checkpoints if both are signed by every key that the
// log is trusted by and the file shows what its kind says: for a fork that they
// exclude each other, for a rollback no more than that the first is smaller than
// the second. AUDIT-EVIDENCE-FALSE if not, AUDIT-EVIDENCE-MALFORMED if a
// checkpoint is none.
func (e *Evidence) Verify(log ledger.TrustedLog) (older, newer ledger.Checkpoint, err error) {
	none := ledger.Checkpoint{}
	untrue := func(format string, args ...any) error {
		return ledger.Refuse("AUDIT-EVIDENCE-FALSE", format, args...)
	}
	open := func(note []byte) (ledger.Checkpoint, error) {
		c, err := ledger.OpenCheckpoint(note, log.Origin, log.Keys...)
		if coded, ok := err.(interface{ Code() string }); ok && coded.Code() == "LOG-CHECKPOINT-MALFORMED" {
			return none, malformed("a checkpoint of the evidence: %w", err)
		}
		if err != nil {
			return none, untrue("a checkpoint of the evidence does not verify: %w", err)
		}
		return c, nil
	}
	if e.Log != log.Origin {
		return none, none, untrue("the evidence is about %.200q, not about %q", e.Log, log.Origin)
	}
	if older, err = open(e.Older); err != nil {
		return none, none, err
	}
	if newer, err = open(e.Newer); err != nil {
		return none, none, err
	}
	switch {
	case e.Kind == KindRollback && older.Size < newer.Size:
		return older, newer, nil
	case e.Kind == KindRollback:
		return none, none, untrue("a tree of %d leaves is not smaller than one of %d", older.Size, newer.Size)
	case older.Size > newer.Size:
		return none, none, untrue("the checkpoints stand in the wrong order")
	case older.Size == newer.Size:
		if older.Root == newer.Root || len(e.Proof) > 0 {
			return none, none, untrue("the checkpoints of %d leaves have one root", older.Size)
		}
		return older, newer, nil
	}
	if err := ledger.VerifyConsistency(older.Size, newer.Size, e.Root, newer.Root, e.Proof); err != nil {
		return none, none, untrue("what should be the newer tree's root at %d leaves is not proven: %w", older.Size, err)
	}
	if e.Root == older.Root {
		return none, none, untrue("the tree of %d leaves begins with the one of %d", newer.Size, older.Size)
	}
	return older, newer, nil
}

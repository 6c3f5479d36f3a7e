package ledger

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"
)

// latest is the last second of the year 9999. A cosignature of a later time is of
// the future whatever the clock says, and is refused.
const latest = 253402300799

// maxSignatures is how many signature lines a note may have, known or not; package
// note reads no more.
const maxSignatures = 100

// Cosignature is one witness's word that a checkpoint is consistent with all that it
// has seen of the log: its signature was verified.
type Cosignature struct {
	Verifier *Verifier
	Time     time.Time // UTC seconds, by the witness's clock
	Line     string    // the signature line, with its line feed
}

// Cosign returns a cosignature of a checkpoint as one signature line of a note
// (c2sp.org/tlog-cosignature), for the whole tree and with a time in seconds. The
// caller has verified the checkpoint, and that it continues the last one cosigned.
// A key of the log itself cosigns nothing: LOG-CHECKPOINT-ORIGIN for a log whose
// origin is the key's name, KEY-CHECKPOINT-MALFORMED for an Ed25519 log key,
// LOG-CHECKPOINT-MALFORMED for a checkpoint that cannot be one,
// LOG-COSIGNATURE-INVALID for a time before 1970 or after 9999.
func (s *Signer) Cosign(c Checkpoint, at time.Time) ([]byte, error) {
	body := c.Body()
	if again, err := parseBody(body); err != nil {
		return nil, err
	} else if again != c {
		return nil, Refuse("LOG-CHECKPOINT-MALFORMED", "this is no checkpoint")
	}
	return s.CosignBody(body, at)
}

// CosignBody is [Signer.Cosign] for the body of any log's checkpoint, which may have
// extension lines, and an origin in which [CheckOrigin] would find fault.
func (s *Signer) CosignBody(body []byte, at time.Time) ([]byte, error) {
	c, err := parseForeign(body)
	switch {
	case s.algorithm == Ed25519:
		return nil, Refuse("KEY-CHECKPOINT-MALFORMED", "%q is a log's key, not a cosigner's", s.name)
	case err != nil:
		return nil, err
	case c.Size == 0 && c.Root != EmptyRoot:
		return nil, Refuse("LOG-CHECKPOINT-MALFORMED", "an empty tree has the empty root")
	case s.name == c.Origin:
		return nil, Refuse("LOG-CHECKPOINT-ORIGIN", "%q is a log's name, and no log cosigns its own checkpoints", s.name)
	case at.Unix() < 1 || at.Unix() > latest:
		return nil, Refuse("LOG-COSIGNATURE-INVALID", "no cosignature can be of %s", at.UTC())
	}
	sig, err := noteSigner{s, c, at}.Sign(body)
	if err != nil {
		return nil, err
	}
	raw := append(binary.BigEndian.AppendUint32(nil, s.id()), sig...)
	return []byte(signaturePrefix + s.name + " " + base64.StdEncoding.EncodeToString(raw) + "\n"), nil
}

// ParseCosignatures reads signature lines, such as a witness answers with, and
// returns the cosignatures of the known keys on a checkpoint, in their order there.
// Lines of other keys are ignored. LOG-COSIGNATURE-INVALID if anything is no
// signature line, or if a line of a known key is false, has no time, or is that
// key's second.
func ParseCosignatures(c Checkpoint, lines []byte, known ...*Verifier) ([]Cosignature, error) {
	if len(lines) > MaxCheckpoint {
		return nil, Refuse("LOG-COSIGNATURE-INVALID", "%d bytes of signature lines are over the limit of %d", len(lines), MaxCheckpoint)
	}
	list, err := splitSignatures(lines)
	if err != nil {
		return nil, Refuse("LOG-COSIGNATURE-INVALID", "cosignatures: %w", err)
	}
	return cosignatures(c, list, known)
}

// OpenCosigned is [OpenSigned] with a witness policy: it returns beside the
// checkpoint the cosignatures of the policy's witnesses, in the order of the note.
// Their names need not be the origin. A nil policy knows no witness and demands none.
// It refuses further
//
//	LOG-COSIGNATURE-INVALID  a line of a witness is false, has no time, or is its second
//	LOG-QUORUM-UNMET         the cosignatures do not reach the policy's quorum
//	TRUST-WITNESS-LOG        a witness has a key of the log itself
//
// Beside LOG-QUORUM-UNMET, and no other refusal, it returns the checkpoint, which the
// log signed, and the cosignatures there are.
func OpenCosigned(raw []byte, origin string, require []*Verifier, policy *WitnessPolicy) (Signed, []Cosignature, error) {
	s, err := OpenSigned(raw, origin, require...)
	if err != nil {
		return Signed{}, nil, err
	}
	if err := policy.CheckLog(require...); err != nil {
		return Signed{}, nil, err
	}
	list, err := splitSignatures(raw[len(s.Body())+1:])
	if err != nil {
		return Signed{}, nil, Refuse("LOG-CHECKPOINT-MALFORMED", "checkpoint is no signed note: %w", err)
	}
	found, err := cosignatures(s.Checkpoint, list, policy.Verifiers())
	if err != nil {
		return Signed{}, nil, err
	}
	if !policy.Satisfied(found) {
		return s, found, Refuse("LOG-QUORUM-UNMET", "%d of %d witnesses cosigned the checkpoint of %d leaves, which does not reach quorum %q",
			len(found), len(policy.Witnesses()), s.Size, clip(policy.Quorum()))
	}
	return s, found, nil
}

// With returns the checkpoint with further cosignatures in its note, behind those it
// has. One of a key that has a line already takes the place of that line. They are
// verified: LOG-COSIGNATURE-INVALID if one is of another checkpoint,
// LOG-CHECKPOINT-MALFORMED if the note grows over its limits.
func (s Signed) With(cosigned ...Cosignature) (Signed, error) {
	body := s.Body()
	if !bytes.HasPrefix(s.Note, append(body[:len(body):len(body)], '\n')) {
		return Signed{}, Refuse("LOG-CHECKPOINT-MALFORMED", "the checkpoint of %d leaves has no note", s.Size)
	}
	lines, err := splitSignatures(s.Note[len(body)+1:])
	if err != nil {
		return Signed{}, Refuse("LOG-CHECKPOINT-MALFORMED", "checkpoint is no signed note: %w", err)
	}
	for _, c := range cosigned {
		again, err := ParseCosignatures(s.Checkpoint, []byte(c.Line), c.Verifier)
		if err != nil {
			return Signed{}, err
		}
		added, _ := splitSignatures([]byte(c.Line))
		if len(again) != 1 || len(added) != 1 {
			return Signed{}, Refuse("LOG-COSIGNATURE-INVALID", "a cosignature of %q is not in its line", c.Verifier.name)
		}
		place := len(lines)
		for i, l := range lines {
			if l.of(c.Verifier) {
				place = i
			}
		}
		lines = append(lines[:place:place], append(added, lines[min(place+1, len(lines)):]...)...)
	}
	out := append(body[:len(body):len(body)], '\n')
	for _, l := range lines {
		out = append(out, l.text...)
	}
	if len(lines) > maxSignatures || len(out) > MaxCheckpoint {
		return Signed{}, Refuse("LOG-CHECKPOINT-MALFORMED", "a checkpoint with %d signatures in %d bytes is over the limit", len(lines), len(out))
	}
	return Signed{s.Checkpoint, out}, nil
}

const signaturePrefix = "— "

// signature is one signature line of a note, not verified.
type signature struct {
	name  string
	id    uint32
	bytes []byte // behind the id
	exact bool   // its base64 is canonical
	text  string // with the line feed
}

func (s signature) of(v *Verifier) bool { return s.name == v.name && s.id == v.KeyHash() }

// splitSignatures reads the signature lines of a note (c2sp.org/signed-note "Format").
func splitSignatures(lines []byte) ([]signature, error) {
	if len(lines) == 0 || lines[len(lines)-1] != '\n' {
		return nil, Refuse("LOG-CHECKPOINT-MALFORMED", "signature lines do not end with a line feed")
	}
	var list []signature
	for text := range strings.Lines(string(lines)) {
		rest, ok := strings.CutPrefix(text, signaturePrefix)
		name, b64, ok2 := strings.Cut(strings.TrimSuffix(rest, "\n"), " ")
		if !ok || !ok2 || !keyName(name) || strings.ContainsRune(b64, '\r') {
			return nil, Refuse("LOG-CHECKPOINT-MALFORMED", "%q is no signature line", clip(text))
		}
		raw, err := base64.StdEncoding.DecodeString(b64)
		if err != nil || len(raw) < 5 {
			return nil, Refuse("LOG-CHECKPOINT-MALFORMED", "the signature of %q is no base64 of an id and a signature", clip(name))
		}
		if len(list) == maxSignatures {
			return nil, Refuse("LOG-CHECKPOINT-MALFORMED", "more than %d signature lines", maxSignatures)
		}
		list = append(list, signature{
			name: name, id: binary.BigEndian.Uint32(raw), bytes: raw[4:],
			exact: base64.StdEncoding.EncodeToString(raw) == b64, text: text,
		})
	}
	return list, nil
}

// cosignatures returns those lines that known keys signed, each verified.
func cosignatures(c Checkpoint, lines []signature, known []*Verifier) ([]Cosignature, error) {
	body := c.Body()
	var out []Cosignature
	for _, l := range lines {
		for _, v := range known {
			if !l.of(v) {
				continue
			}
			for _, earlier := range out {
				if earlier.Verifier == v {
					return nil, Refuse("LOG-COSIGNATURE-INVALID", "%q cosigned the checkpoint of %d leaves twice", v.name, c.Size)
				}
			}
			if v.algorithm == Ed25519 || !l.exact || !v.Verify(body, l.bytes) {
				return nil, Refuse("LOG-COSIGNATURE-INVALID", "the cosignature of %q on the checkpoint of %d leaves is false", v.name, c.Size)
			}
			at := binary.BigEndian.Uint64(l.bytes)
			if at == 0 || at > latest {
				return nil, Refuse("LOG-COSIGNATURE-INVALID", "the cosignature of %q on the checkpoint of %d leaves has no possible time: %d", v.name, c.Size, at)
			}
			out = append(out, Cosignature{Verifier: v, Time: time.Unix(int64(at), 0).UTC(), Line: l.text})
		}
	}
	return out, nil
}

package ledger

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// Proof is the content of a c2sp.org/tlog-proof@v1 text: that a leaf stands in a log,
// for anybody who has the keys of the log and of the witnesses. Nothing in it is
// true before [Proof.Verify].
type Proof struct {
	Index  int64  // zero-based
	Hashes []Hash // inclusion proof, the leaf's sibling first
	// Extra is what an application adds, at most MaxLeaf bytes, nil for nothing. No
	// signature covers it.
	Extra []byte
	// Note is the signed checkpoint to whose root the proof leads, verbatim with the
	// cosignatures.
	Note []byte
}

// proofHead is the first line of a proof as text.
const proofHead = "c2sp.org/tlog-proof@v1\n"

// FormatProof returns a proof as text, which [ParseProof] reads, to be kept in files
// named *.tlog-proof. LOG-PROOF-MALFORMED if it would not.
func FormatProof(p Proof) ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	out := []byte(proofHead)
	if p.Extra != nil {
		out = fmt.Appendf(out, "extra %s\n", base64.StdEncoding.EncodeToString(p.Extra))
	}
	out = fmt.Appendf(out, "index %d\n", p.Index)
	for _, h := range p.Hashes {
		out = fmt.Appendf(out, "%s\n", base64.StdEncoding.EncodeToString(h[:]))
	}
	return append(append(out, '\n'), p.Note...), nil
}

// check refuses what has no text.
func (p Proof) check() error {
	switch {
	case p.Index < 0 || p.Index >= MaxSize:
		return badProof("has the impossible index %d", p.Index)
	case len(p.Hashes) > MaxProof:
		return badProof("has more than %d hashes", MaxProof)
	case p.Extra != nil && len(p.Extra) == 0 || len(p.Extra) > MaxLeaf:
		return badProof("has %d bytes of extra data", len(p.Extra))
	}
	_, lines, err := splitNote(p.Note)
	if err == nil {
		_, err = splitSignatures(lines)
	}
	if err != nil {
		return badProof("has no checkpoint: %w", err)
	}
	return nil
}

func badProof(format string, args ...any) error {
	return Refuse("LOG-PROOF-MALFORMED", "the text of the proof %w", fmt.Errorf(format, args...))
}

// ParseProof reads a c2sp.org/tlog-proof@v1 text in its one form, with
// LOG-PROOF-MALFORMED for any other: another first line, extra data that are empty
// or over MaxLeaf bytes, numbers or base64 in a second spelling, more than MaxProof
// hashes, a checkpoint that cannot be one, more than MaxProofText bytes. It verifies
// nothing.
func ParseProof(raw []byte) (Proof, error) {
	if len(raw) > MaxProofText {
		return Proof{}, badProof("of %d bytes is over the limit of %d", len(raw), MaxProofText)
	}
	rest, ok := strings.CutPrefix(string(raw), proofHead)
	if !ok {
		return Proof{}, badProof("does not begin with %q", proofHead)
	}
	var p Proof
	line, rest, ok := strings.Cut(rest, "\n")
	if text, has := strings.CutPrefix(line, "extra "); ok && has {
		var err error
		if p.Extra, err = exactBase64(text); err != nil {
			return Proof{}, badProof("has extra data that are no base64: %w", err)
		}
		line, rest, ok = strings.Cut(rest, "\n")
	}
	digits, has := strings.CutPrefix(line, "index ")
	n, err := strconv.ParseInt(digits, 10, 64)
	if !ok || !has || err != nil || strconv.FormatInt(n, 10) != digits {
		return Proof{}, badProof("has %q where its index should be", clip(line))
	}
	p.Index = n
	for {
		if line, rest, ok = strings.Cut(rest, "\n"); !ok {
			return Proof{}, badProof("ends before its checkpoint")
		}
		if line == "" {
			break
		}
		h, err := exactBase64(line)
		if err != nil || len(h) != len(Hash{}) {
			return Proof{}, badProof("has %q where a hash should be", clip(line))
		}
		if len(p.Hashes) == MaxProof {
			return Proof{}, badProof("has more than %d hashes", MaxProof)
		}
		p.Hashes = append(p.Hashes, Hash(h))
	}
	p.Note = []byte(rest)
	if err := p.check(); err != nil {
		return Proof{}, err
	}
	return p, nil
}

// exactBase64 decodes standard base64 in its canonical form only.
func exactBase64(s string) ([]byte, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err == nil && base64.StdEncoding.EncodeToString(b) != s {
		err = fmt.Errorf("%q is not in canonical form", clip(s))
	}
	return b, err
}

// Verify verifies that a leaf with this hash stands in a log: the checkpoint is of
// the origin, every key in require signed it, the witnesses' cosignatures reach the
// policy's quorum, and the inclusion proof leads to its root (c2sp.org/tlog-proof
// "Verifying a tlog proof"). It returns what [OpenCosigned] does, and refuses as it
// does, or with LOG-PROOF-INVALID; beside LOG-QUORUM-UNMET it returns nothing.
func (p Proof) Verify(leaf Hash, origin string, require []*Verifier, policy *WitnessPolicy) (Signed, []Cosignature, error) {
	s, cosigned, err := OpenCosigned(p.Note, origin, require, policy)
	if err != nil {
		return Signed{}, nil, err
	}
	if err := VerifyInclusion(s.Root, s.Size, p.Index, leaf, p.Hashes); err != nil {
		return Signed{}, nil, err
	}
	return s, cosigned, nil
}

package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Checkpoint is what a log commits to: its root at a size.
type Checkpoint struct {
	Origin string
	Size   int64 // leaves
	Root   Hash
}

// Body returns the text that is signed: origin, size and root, a line each
// (c2sp.org/tlog-checkpoint).
func (c Checkpoint) Body() []byte {
	return fmt.Appendf(nil, "%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

// Digest returns SHA-256 of the body: the name of a checkpoint whatever its signatures.
func (c Checkpoint) Digest() Hash { return sha256.Sum256(c.Body()) }

// parseBody reads what Body writes, in that form only.
func parseBody(body []byte) (Checkpoint, error) {
	c, err := parseForeign(body)
	if err == nil && (CheckOrigin(c.Origin) != nil || !bytes.Equal(c.Body(), body)) {
		err = malformedBody()
	}
	if err != nil {
		return Checkpoint{}, err
	}
	return c, nil
}

// parseForeign reads the checkpoint of any log: an origin of at most 255 bytes, size
// and root in the form of Body, and extension lines, of which none is empty.
func parseForeign(body []byte) (Checkpoint, error) {
	lines := strings.Split(string(body), "\n")
	if n := len(lines); n < 4 || lines[n-1] != "" || slices.Contains(lines[:n-1], "") || len(lines[0]) > maxForeignOrigin {
		return Checkpoint{}, malformedBody()
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || size > MaxSize || strconv.FormatInt(size, 10) != lines[1] {
		return Checkpoint{}, malformedBody()
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != len(Hash{}) || base64.StdEncoding.EncodeToString(root) != lines[2] {
		return Checkpoint{}, malformedBody()
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: Hash(root)}, nil
}

// maxForeignOrigin is the length in bytes of the longest origin that ML-DSA-44
// messages have room for.
const maxForeignOrigin = 255

func malformedBody() *Refusal {
	return Refuse("LOG-CHECKPOINT-MALFORMED", "checkpoint is not origin, size and root, a line each")
}

// SignCheckpoint returns the note: body, blank line, one signature line a
// signer, in the order given. Callers give Ed25519 first. at goes into the
// ML-DSA-44 signature, in seconds. Each signer must be a log's key with the origin
// as its name.
func SignCheckpoint(c Checkpoint, at time.Time, signers ...*Signer) ([]byte, error) {
	if c.Size == 0 && c.Root != EmptyRoot {
		return nil, Refuse("LOG-CHECKPOINT-MALFORMED", "an empty tree has the empty root")
	}
	list := make([]note.Signer, len(signers))
	for i, s := range signers {
		if s.algorithm == CosignatureV1 {
			return nil, Refuse("KEY-CHECKPOINT-MALFORMED", "%q is a cosigner's key, not a log's", s.name)
		}
		if s.name != c.Origin {
			return nil, Refuse("LOG-CHECKPOINT-ORIGIN", "a key of %q signs no checkpoint of %q", s.name, c.Origin)
		}
		list[i] = noteSigner{s, c, at}
	}
	return note.Sign(&note.Note{Text: string(c.Body())}, list...)
}

// OpenCheckpoint verifies a signed note and returns its checkpoint. It demands
// the given origin and a good signature of every key in require, of which there
// must be at least one; signatures of other keys are ignored, as
// c2sp.org/signed-note says. Refusals: LOG-CHECKPOINT-MALFORMED (no such note),
// LOG-CHECKPOINT-ORIGIN (another log's), LOG-CHECKPOINT-SIGNATURE (a required
// signature is missing or false).
func OpenCheckpoint(raw []byte, origin string, require ...*Verifier) (Checkpoint, error) {
	c, _, err := splitNote(raw)
	if err != nil {
		return Checkpoint{}, err
	}
	if c.Origin != origin {
		return Checkpoint{}, Refuse("LOG-CHECKPOINT-ORIGIN", "checkpoint is of %q, not of %q", clip(c.Origin), origin)
	}
	if len(require) == 0 {
		return Checkpoint{}, Refuse("LOG-CHECKPOINT-SIGNATURE", "no key is known for %q", origin)
	}
	if c.Size == 0 && c.Root != EmptyRoot {
		return Checkpoint{}, Refuse("LOG-CHECKPOINT-MALFORMED", "an empty tree has the empty root")
	}
	list := make([]note.Verifier, len(require))
	for i, v := range require {
		if v.algorithm == CosignatureV1 {
			return Checkpoint{}, Refuse("LOG-CHECKPOINT-SIGNATURE", "the key of %q is a cosigner's, not a log's", v.name)
		}
		list[i] = v
	}
	n, err := note.Open(raw, note.VerifierList(list...))
	var unverified *note.UnverifiedNoteError
	var invalid *note.InvalidSignatureError
	switch {
	case errors.As(err, &invalid):
		return Checkpoint{}, Refuse("LOG-CHECKPOINT-SIGNATURE", "a signature of %q on the checkpoint of %d leaves is false", origin, c.Size)
	case errors.As(err, &unverified):
		return Checkpoint{}, Refuse("LOG-CHECKPOINT-SIGNATURE", "no known key of %q signed the checkpoint of %d leaves", origin, c.Size)
	case err != nil:
		return Checkpoint{}, Refuse("LOG-CHECKPOINT-MALFORMED", "checkpoint is no signed note: %w", err)
	}
	for _, v := range require {
		signed := false
		for _, s := range n.Sigs {
			signed = signed || s.Name == v.name && s.Hash == v.KeyHash()
		}
		if !signed {
			return Checkpoint{}, Refuse("LOG-CHECKPOINT-SIGNATURE", "the %s key of %q did not sign the checkpoint of %d leaves", v.algorithm, origin, c.Size)
		}
	}
	return c, nil
}

// splitNote reads the text of a signed checkpoint and returns it with the signature
// lines, of which it has looked at nothing but that no empty line is among them: the
// text of a note ends at its last empty line.
func splitNote(raw []byte) (Checkpoint, []byte, error) {
	if len(raw) > MaxCheckpoint {
		return Checkpoint{}, nil, Refuse("LOG-CHECKPOINT-MALFORMED", "checkpoint of %d bytes is over the limit of %d", len(raw), MaxCheckpoint)
	}
	body, lines, found := bytes.Cut(raw, []byte("\n\n"))
	if !found {
		return Checkpoint{}, nil, Refuse("LOG-CHECKPOINT-MALFORMED", "checkpoint has no signature lines")
	}
	if bytes.HasPrefix(lines, []byte("\n")) || bytes.Contains(lines, []byte("\n\n")) {
		return Checkpoint{}, nil, Refuse("LOG-CHECKPOINT-MALFORMED", "checkpoint has an empty line among its signatures")
	}
	c, err := parseBody(append(body[:len(body):len(body)], '\n'))
	return c, lines, err
}

// Signed is a checkpoint with the note that signs it. Note is nil for the head
// of a log's own folder, which nobody signed.
type Signed struct {
	Checkpoint
	Note []byte
}

// OpenSigned is [OpenCheckpoint] that keeps the note.
func OpenSigned(note []byte, origin string, require ...*Verifier) (Signed, error) {
	c, err := OpenCheckpoint(note, origin, require...)
	if err != nil {
		return Signed{}, err
	}
	return Signed{c, note}, nil
}

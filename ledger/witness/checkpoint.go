package witness

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"

	"github.com/yurai-ledger/yurai/ledger"
)

// maxOrigin is the length in bytes up to which a log's origin can be cosigned
// with ML-DSA-44.
const maxOrigin = 255

// checkOrigin refuses what cannot be the first line of a checkpoint. It is less
// strict than [ledger.CheckOrigin]: logs of others have names of other kinds.
func checkOrigin(s string) error {
	if s == "" || len(s) > maxOrigin || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return ledger.Refuse("LOG-ORIGIN-MALFORMED", "%.80q cannot be the origin of a log", s)
	}
	return nil
}

// head is a checkpoint as it stands in a note.
type head struct {
	ledger.Checkpoint
	body  []byte // what is signed: three lines, and extension lines where the log has them
	lines []byte // signature lines that were verified
}

// originOf returns the first line of a note, which nothing has verified.
func originOf(raw []byte) string {
	line, _, _ := bytes.Cut(raw, []byte{'\n'})
	return string(line)
}

// parseBody reads origin, size and root from a checkpoint's body. Extension lines
// are let pass (c2sp.org/tlog-checkpoint).
func parseBody(body []byte) (head, error) {
	malformed := ledger.Refuse("WITNESS-REQUEST-MALFORMED", "the checkpoint is not origin, size and root, a line each")
	lines := strings.SplitN(string(body), "\n", 4)
	if len(lines) != 4 || checkOrigin(lines[0]) != nil {
		return head{}, malformed
	}
	size, ok := parseSize(lines[1])
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if !ok || err != nil || len(root) != len(ledger.Hash{}) || base64.StdEncoding.EncodeToString(root) != lines[2] {
		return head{}, malformed
	}
	for rest := lines[3]; rest != ""; {
		line, more, found := strings.Cut(rest, "\n")
		if line == "" || !found {
			return head{}, malformed
		}
		rest = more
	}
	return head{Checkpoint: ledger.Checkpoint{Origin: lines[0], Size: size, Root: ledger.Hash(root)}, body: body}, nil
}

// openNote verifies a note under all of keys and returns its checkpoint, with the
// lines of these keys in their order. Lines of other keys are ignored.
// WITNESS-REQUEST-MALFORMED if it is no checkpoint, WITNESS-SIGNATURE-REFUSED if a
// key did not sign it or its signature is false.
func openNote(raw []byte, keys []*ledger.Verifier) (head, error) {
	if len(raw) > ledger.MaxCheckpoint {
		return head{}, ledger.Refuse("WITNESS-REQUEST-MALFORMED", "a checkpoint of %d bytes is over the limit of %d", len(raw), ledger.MaxCheckpoint)
	}
	at := bytes.LastIndex(raw, []byte("\n\n")) // where golang.org/x/mod/sumdb/note cuts
	if at < 0 {
		return head{}, ledger.Refuse("WITNESS-REQUEST-MALFORMED", "the checkpoint has no signature lines")
	}
	h, err := parseBody(bytes.Clone(raw[:at+1]))
	if err != nil {
		return head{}, err
	}
	list := make([]note.Verifier, len(keys))
	for i, k := range keys {
		list[i] = k
	}
	n, err := note.Open(raw, note.VerifierList(list...))
	var unverified *note.UnverifiedNoteError
	var invalid *note.InvalidSignatureError
	switch {
	case errors.As(err, &invalid):
		return head{}, ledger.Refuse("WITNESS-SIGNATURE-REFUSED", "a signature of %.80q on the checkpoint of %d leaves is false", invalid.Name, h.Size)
	case errors.As(err, &unverified):
		return head{}, ledger.Refuse("WITNESS-SIGNATURE-REFUSED", "no known key of %q signed the checkpoint of %d leaves", h.Origin, h.Size)
	case err != nil:
		return head{}, ledger.Refuse("WITNESS-REQUEST-MALFORMED", "the checkpoint is no signed note: %w", err)
	}
	for _, k := range keys {
		signed := false
		for _, s := range n.Sigs {
			if s.Name == k.Name() && s.Hash == k.KeyHash() {
				signed = true
				h.lines = fmt.Appendf(h.lines, "\u2014 %s %s\n", s.Name, s.Base64)
			}
		}
		if !signed {
			return head{}, ledger.Refuse("WITNESS-SIGNATURE-REFUSED", "the %s key of %q did not sign the checkpoint of %d leaves", k.Algorithm(), h.Origin, h.Size)
		}
	}
	return h, nil
}

// timeOf returns the time in the first of verified lines of a cosigner.
func timeOf(lines []byte) time.Time {
	line, _, _ := bytes.Cut(lines, []byte{'\n'})
	raw, err := base64.StdEncoding.DecodeString(string(line[bytes.LastIndexByte(line, ' ')+1:]))
	if err != nil || len(raw) < 12 {
		return time.Time{} // not of a line that was verified
	}
	return time.Unix(int64(binary.BigEndian.Uint64(raw[4:])), 0).UTC()
}

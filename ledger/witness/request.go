package witness

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/yurai-ledger/yurai/ledger"
)

// Request is the body of an add-checkpoint (c2sp.org/tlog-witness).
type Request struct {
	Old   int64         // leaves of the checkpoint that the witness cosigned last
	Proof []ledger.Hash // consistency from Old to the note's size (RFC 6962 §2.1.2)
	Note  []byte        // checkpoint, signed by its log
}

// Marshal returns the body that ParseRequest reads.
func (r Request) Marshal() []byte {
	b := fmt.Appendf(nil, "old %d\n", r.Old)
	for _, h := range r.Proof {
		b = base64.StdEncoding.AppendEncode(b, h[:])
		b = append(b, '\n')
	}
	b = append(b, '\n')
	return append(b, r.Note...)
}

// ParseRequest reads a body of at most MaxRequest bytes, in the one form that
// Marshal writes; any other is WITNESS-REQUEST-MALFORMED. The note is not looked at.
func ParseRequest(raw []byte) (Request, error) {
	malformed := func(why string) (Request, error) {
		return Request{}, ledger.Refuse("WITNESS-REQUEST-MALFORMED", "the request %s", why)
	}
	if len(raw) > MaxRequest {
		return malformed("is too long")
	}
	top, note, found := bytes.Cut(raw, []byte("\n\n"))
	if !found || len(note) == 0 {
		return malformed("has no checkpoint")
	}
	lines := strings.Split(string(top), "\n")
	digits, ok := strings.CutPrefix(lines[0], "old ")
	old, good := parseSize(digits)
	if !ok || !good {
		return malformed("does not begin with the old size")
	}
	if len(lines)-1 > ledger.MaxProof {
		return malformed("has a proof of more than 63 hashes")
	}
	r := Request{Old: old, Note: note}
	for _, line := range lines[1:] {
		h, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(h) != len(ledger.Hash{}) || base64.StdEncoding.EncodeToString(h) != line {
			return malformed("has a line in its proof that is no hash")
		}
		r.Proof = append(r.Proof, ledger.Hash(h))
	}
	return r, nil
}

// parseSize reads a decimal number without leading zeros, at most ledger.MaxSize.
func parseSize(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n >= 0 && n <= ledger.MaxSize && strconv.FormatInt(n, 10) == s
}

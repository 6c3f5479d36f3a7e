package witness

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"github.com/cloudflare/circl/sign/mldsa/mldsa44"
	"golang.org/x/mod/sumdb/note"

	"github.com/yurai-ledger/yurai/ledger"
)

// signRaw signs a checkpoint that package ledger would not, with what the keys' own
// libraries have.
func signRaw(s *ledger.Signer, c ledger.Checkpoint) (string, error) {
	if s.Algorithm() == ledger.Ed25519 {
		n, err := note.NewSigner(string(s.Marshal()[:len(s.Marshal())-1]))
		if err != nil {
			return "", err
		}
		raw, err := note.Sign(&note.Note{Text: string(c.Body())}, n)
		return string(raw[len(c.Body())+1:]), err
	}
	v, err := ledger.ParseVerifier(s.VKey())
	if err != nil {
		return "", err
	}
	var b [32]byte
	_, _ = seed(1).Read(b[:])
	_, key := mldsa44.NewKeyFromSeed(&b)
	m := append([]byte("subtree/v1\n\x00"), byte(len(s.Origin())))
	m = append(m, s.Origin()...)
	m = binary.BigEndian.AppendUint64(m, 0)
	m = append(m, byte(len(c.Origin)))
	m = append(m, c.Origin...)
	m = binary.BigEndian.AppendUint64(m, 0)
	m = binary.BigEndian.AppendUint64(m, uint64(c.Size))
	m = append(m, c.Root[:]...)
	sig := make([]byte, mldsa44.SignatureSize)
	if err := mldsa44.SignTo(key, m, nil, false, sig); err != nil {
		return "", err
	}
	raw := binary.BigEndian.AppendUint32(nil, v.KeyHash())
	raw = binary.BigEndian.AppendUint64(raw, 0)
	raw = append(raw, sig...)
	return fmt.Sprintf("\u2014 %s %s\n", s.Origin(), base64.StdEncoding.EncodeToString(raw)), nil
}

package registry

import (
	"crypto/sha256"

	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// Prepared is a statement with its signers, ready to be judged at an index.
// It is immutable.
type Prepared struct {
	statement *statement.Statement
	keys      []string
	leaf      []byte
	hash      statement.Digest
	identity  [32]byte
}

// Prepare parses the payload of a verified envelope. It refuses what
// [statement.Parse] refuses.
func Prepare(v envelope.Verified) (*Prepared, error) {
	st, err := statement.Parse(v.Payload())
	if err != nil {
		return nil, err
	}
	return newPrepared(st, v), nil
}

// newPrepared returns a statement that was read from the payload of v.
func newPrepared(st *statement.Statement, v envelope.Verified) *Prepared {
	return &Prepared{st, v.KeyIDs(), v.Leaf(), leafHash(v.Leaf()), v.Identity()}
}

// PrepareLeaf parses a leaf of one's own log. It judges its form and believes
// the key ids in it: they were verified before the leaf was written. A leaf from
// anywhere else goes through [State.OpenLeaf].
func PrepareLeaf(leaf []byte) (*Prepared, error) {
	e, err := envelope.ParseLeaf(leaf)
	if err != nil {
		return nil, err
	}
	st, err := statement.Parse(e.Payload())
	if err != nil {
		return nil, err
	}
	return &Prepared{st, e.KeyIDs(), leaf, leafHash(leaf), e.ClaimedIdentity()}, nil
}

// leafHash is SHA-256(0x00 ‖ leaf), RFC 6962 §2.1.
func leafHash(leaf []byte) statement.Digest {
	h := sha256.New()
	h.Write([]byte{0})
	h.Write(leaf)
	return statement.Digest(h.Sum(nil))
}

// Statement returns the parsed statement; not to be changed.
func (p *Prepared) Statement() *statement.Statement { return p.statement }

// KeyIDs returns the ids of the keys that signed, ascending; not to be changed.
func (p *Prepared) KeyIDs() []string { return p.keys }

// Leaf returns the leaf; not to be changed.
func (p *Prepared) Leaf() []byte { return p.leaf }

// LeafHash returns the leaf's hash in the tree, to which prev refers.
func (p *Prepared) LeafHash() statement.Digest { return p.hash }

// Identity returns what deduplication compares.
func (p *Prepared) Identity() [32]byte { return p.identity }

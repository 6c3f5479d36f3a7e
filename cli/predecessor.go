package cli

import (
	"context"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/audit"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// rootAt returns the root of the first size leaves of a log, which have to be the
// beginning of the tree that its checkpoint signs.
func rootAt(ctx context.Context, source audit.Source, c ledger.Checkpoint, size int64) (ledger.Hash, error) {
	var edge ledger.Range
	var root ledger.Hash
	got, err := audit.Replay(ctx, source, c, nil, func(_ int64, leaf []byte) error {
		if edge.Append(ledger.LeafHash(leaf), nil); edge.Size() == size {
			root = edge.Root()
		}
		return nil
	})
	if err != nil {
		return ledger.Hash{}, err
	}
	if got.Root != c.Root {
		return ledger.Hash{}, refuse("CLI-ANSWER-MALFORMED", "the %d leaves of %s do not give the root of its checkpoint", c.Size, c.Origin)
	}
	return root, nil
}

// checkEnd refuses a freeze that names another root than that of the leaves before
// it, which the fold of the log's rules does not see.
func checkEnd(before *ledger.Range, st *statement.Statement) error {
	f, ok := st.Body.(*statement.Freeze)
	if !ok {
		return nil
	}
	if root := before.Root(); root != ledger.Hash(f.Root) {
		return refuse("STATE-FREEZE-ROOT", "it ends a tree with the root %s, the %d leaves before it give %s", f.Root, before.Size(), root)
	}
	return nil
}

// predecessor returns the tree of a log as its server publishes it, verified
// under a trust file and against what is remembered.
func (e *environment) predecessor(ctx context.Context, url, trustFile string) (*statement.Predecessor, error) {
	trust, err := readTrust(trustFile)
	if err != nil {
		return nil, err
	}
	c, err := e.contact(ctx, url, trustFile, trust)
	if err != nil {
		return nil, err
	}
	return &statement.Predecessor{
		Origin: c.log.Origin, Genesis: statement.Digest(c.log.Genesis),
		Size: c.cp.Size, Root: statement.Digest(c.cp.Root),
	}, nil
}

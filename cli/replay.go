package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/audit"
	"github.com/yurai-ledger/yurai/ledger/client"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// replayed is the state of a log that was verified entry by entry: of the whole
// log, or of as much as a bundle holds. It is the caller's own and may be played
// on.
type replayed struct {
	history *registry.History
	size    int64 // of the verified tree
	whole   bool  // every entry below size was read

	statements map[int64]*statement.Statement
	identities map[[32]byte]int64 // → first index
}

func newReplayed(origin string, size int64) *replayed {
	return &replayed{
		history: registry.NewHistory(origin), size: size,
		statements: make(map[int64]*statement.Statement), identities: make(map[[32]byte]int64),
	}
}

// state returns the registry's state at the end of what was replayed.
func (k *replayed) state() *registry.State { return k.history.State() }

// add verifies one leaf under the keys that stood at its index and applies it.
func (k *replayed) add(index int64, leaf []byte) error {
	p, err := k.state().OpenLeaf(leaf)
	if err != nil {
		return err
	}
	if err := k.history.Apply(index, p); err != nil {
		return err
	}
	k.statements[index] = p.Statement()
	if _, there := k.identities[p.Identity()]; !there {
		k.identities[p.Identity()] = index
	}
	return nil
}

// replay reads the server's whole log up to a verified checkpoint and trusts none
// of it: the leaves must give the checkpoint's root, the first must be the genesis
// that the trust file pins, and each must be what the log's rules admit. Leaves
// that do not give the root are a useless answer, CLI-ANSWER-MALFORMED. Leaves
// that do and break the rules are the log's own doing: AUDIT-GENESIS-OTHER,
// AUDIT-RULE-BROKEN.
func (r *remote) replay(ctx context.Context, cp ledger.Checkpoint) (*replayed, error) {
	source, err := client.New(r.base, r.log)
	if err != nil {
		return nil, err
	}
	k := newReplayed(r.log.Origin, cp.Size)
	k.whole = true
	var broken error
	var edge ledger.Range
	got, err := audit.Replay(ctx, source, cp, nil, func(index int64, leaf []byte) error {
		before := edge
		edge.Append(ledger.LeafHash(leaf), nil)
		switch {
		case broken != nil:
		case index == 0 && ledger.LeafHash(leaf) != r.log.Genesis:
			broken = refuse("AUDIT-GENESIS-OTHER", "entry 0 is %s, the trust file pins %s", ledger.LeafHash(leaf), r.log.Genesis)
		default:
			err := k.add(index, leaf)
			if st, ok := k.statements[index]; ok && err == nil {
				err = checkEnd(&before, st)
			}
			if errors.Is(err, statement.ErrNewer) {
				broken = fmt.Errorf("entry %d: %w", index, err)
			} else if err != nil {
				broken = refuse("AUDIT-RULE-BROKEN", "the log should not have taken entry %d: %v", index, err)
			}
		}
		return nil
	})
	switch {
	case errors.Is(err, client.ErrNotFound):
		return nil, refuse("CLI-ANSWER-MALFORMED", "%s does not serve what its checkpoint covers: %v", r.base, err)
	case err != nil:
		return nil, err
	case got.Root != cp.Root:
		return nil, refuse("CLI-ANSWER-MALFORMED", "the %d leaves that %s serves do not give the root of its checkpoint", cp.Size, r.base)
	}
	return k, broken
}

// replayBundle replays what a verified bundle holds: genesis, every admission,
// and the history of the party that signed its statement.
func replayBundle(h held) (*replayed, error) {
	k := newReplayed(h.bundle.Log, h.evidence.Checkpoint.Size)
	own := h.bundle.Statement
	done := false
	for _, entry := range h.bundle.History {
		if !done && entry.Index > own.Index {
			if err := k.add(own.Index, own.Leaf); err != nil {
				return nil, err
			}
			done = true
		}
		if err := k.add(entry.Index, entry.Leaf); err != nil {
			return nil, err
		}
	}
	if done {
		return k, nil
	}
	return k, k.add(own.Index, own.Leaf)
}

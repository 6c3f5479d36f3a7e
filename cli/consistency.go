package cli

import (
	"context"
	"errors"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/audit"
	"github.com/yurai-ledger/yurai/ledger/client"
	"github.com/yurai-ledger/yurai/server/problem"
)

// consistent reports whether two verified checkpoints of the server's log are of
// one history, by the tiles that the server has. It returns nil if they are. An
// *audit.Fork is proof that they are not; tiles that are missing or do not give
// the newer root prove nothing and are a useless answer, CLI-ANSWER-MALFORMED.
func (r *remote) consistent(ctx context.Context, a, b ledger.Signed) error {
	source, err := client.New(r.base, r.log)
	if err != nil {
		return err
	}
	err = audit.Consistent(ctx, source, a, b)
	switch {
	case errors.Is(err, client.ErrNotFound):
		return refuse("CLI-ANSWER-MALFORMED", "%s lacks tiles of its log of %d entries: %v", r.base, max(a.Size, b.Size), err)
	case problem.Code(err) == "AUDIT-TILE-MISMATCH":
		return refuse("CLI-ANSWER-MALFORMED", "%s: %v", r.base, err)
	}
	return err
}

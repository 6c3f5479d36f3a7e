package cli

import (
	"context"
	"time"
)

// waitWitnessed is the word of --wait that there is.
const waitWitnessed = "witnessed"

// waitPause is the time between two looks at the published checkpoint.
const waitPause = 250 * time.Millisecond

// awaitWitnessed waits until the log publishes a checkpoint that covers the entry of a
// receipt, cosigned as the trust file demands, and returns the bundle against it, which
// is of no smaller tree than the receipt. It waits no longer than limit: CLI-WAIT-ENDED.
// A server that is busy or does not answer
// meanwhile is asked again.
func (m *memory) awaitWitnessed(ctx context.Context, r *remote, got held, limit time.Duration) (held, error) {
	index, end := got.evidence.Index, time.NewTimer(limit)
	defer end.Stop()
	for {
		h, done, err := m.witnessed(ctx, r, got)
		if done || err != nil && exitOf(err) != exitUnreachable {
			return h, err
		}
		select {
		case <-ctx.Done():
			return held{}, ctx.Err()
		case <-end.C:
			if err != nil {
				return held{}, refuse("CLI-WAIT-ENDED", "entry %d is recorded, and is not witnessed after %s: %w", index, limit, err)
			}
			return held{}, refuse("CLI-WAIT-ENDED", "entry %d is recorded, and is not witnessed after %s", index, limit)
		case <-time.After(waitPause):
		}
	}
}

// witnessed looks once.
func (m *memory) witnessed(ctx context.Context, r *remote, got held) (held, bool, error) {
	index := got.evidence.Index
	head, err := r.checkpoint(ctx, false)
	if err != nil {
		return held{}, false, unanswered(err)
	}
	if head.Size < got.evidence.Checkpoint.Size {
		return held{}, false, nil
	}
	if head, err = m.published(ctx, r, head); err != nil {
		return held{}, false, err
	}
	h, err := r.bundle(ctx, index, m.trust)
	if err != nil {
		return held{}, false, unanswered(err)
	}
	return h, h.evidence.Index == index && h.evidence.Witnessed(m.trust, m.e.now()), nil
}

// Package audit replays a log: it reads every leaf, recomputes every tile and
// the root, compares them with the checkpoint and with checkpoints seen earlier,
// and hands each leaf to the caller in order, so that the rules of what leaves
// say can be replayed beside it. It trusts nothing that it reads but what hashes
// up to the checkpoint.
package audit

import (
	"context"
	"errors"
	"fmt"

	"github.com/yurai-ledger/yurai/ledger"
)

// Source serves the tiles and entry bundles of a log, unverified: a
// client.Client over HTTP, or a folder.
type Source interface {
	Tile(ctx context.Context, level int, index int64, width int) ([]byte, error)
	Bundle(ctx context.Context, index int64, width int) ([]byte, error)
}

// Finding is one thing that is not as it should be.
type Finding struct {
	Code  string // stable code
	Index int64  // entry it speaks of, -1 for the log as a whole
	Text  string
}

// Result is what a replay found.
type Result struct {
	Entries  int64 // leaves read and hashed
	Root     ledger.Hash
	Findings []Finding
	// ConsistentWith are the earlier checkpoints that this log begins with.
	ConsistentWith []ledger.Checkpoint
}

// Replay reads the tree of checkpoint c leaf by leaf and calls visit for each,
// in order; visit may keep the leaf. earlier are verified checkpoints of the same
// log seen before: one that is larger is a rollback (AUDIT-LOG-ROLLBACK), one
// whose root is not the root at its size a fork (AUDIT-LOG-FORK). Leaves that do
// not give c's root are AUDIT-ROOT-MISMATCH: then nothing that was visited is the
// log's own, and it is compared with no smaller checkpoint. A served tile that is
// not the tree's is AUDIT-TILE-MISMATCH. An error is returned if something cannot
// be read or visit returns one; then nothing is known of the rest, but a rollback
// and a fork at c's own size, which need no leaves, are among the findings.
func Replay(ctx context.Context, src Source, c ledger.Checkpoint, earlier []ledger.Checkpoint, visit func(index int64, leaf []byte) error) (Result, error) {
	r := replay{src: src, size: c.Size}
	seen := map[int64]bool{}
	for _, e := range earlier {
		if e.Size > c.Size {
			r.find("AUDIT-LOG-ROLLBACK", -1, "the log has %d leaves, but %d were seen before", c.Size, e.Size)
			continue
		}
		if e.Size == c.Size && e.Root != c.Root {
			r.fork(e, c.Root)
			continue
		}
		seen[e.Size] = true
	}
	roots := map[int64]ledger.Hash{} // that the leaves give, at the sizes seen before
	reached := func() {
		if n := r.edge.Size(); seen[n] {
			roots[n] = r.edge.Root()
		}
	}
	reached()
	for first := int64(0); first < c.Size; first += ledger.TileWidth {
		leaves, err := r.bundle(ctx, first)
		if err != nil {
			return r.result, err
		}
		for i, leaf := range leaves {
			if err := r.add(ctx, ledger.LeafHash(leaf)); err != nil {
				return r.result, err
			}
			reached()
			if err := visit(first+int64(i), leaf); err != nil {
				return r.result, err
			}
		}
	}
	if err := r.rest(ctx); err != nil {
		return r.result, err
	}
	r.result.Entries, r.result.Root = r.edge.Size(), r.edge.Root()
	if r.result.Root != c.Root {
		r.find("AUDIT-ROOT-MISMATCH", -1, "the %d leaves give the root %s, the checkpoint says %s", c.Size, r.result.Root, c.Root)
		roots = nil
	}
	for _, e := range earlier {
		got, ok := roots[e.Size]
		switch {
		case !ok:
		case got == e.Root:
			r.result.ConsistentWith = append(r.result.ConsistentWith, e)
		case e.Size < c.Size:
			r.fork(e, got)
		}
	}
	return r.result, nil
}

type replay struct {
	src    Source
	size   int64
	edge   ledger.Range
	open   [8][]byte // the tile being filled, a level
	done   [8]int64  // full tiles, a level
	result Result
}

func (r *replay) find(code string, index int64, format string, args ...any) {
	r.result.Findings = append(r.result.Findings, Finding{code, index, fmt.Sprintf(format, args...)})
}

func (r *replay) fork(seen ledger.Checkpoint, root ledger.Hash) {
	r.find("AUDIT-LOG-FORK", -1, "at %d leaves the root is %s, but %s was signed before", seen.Size, root, seen.Root)
}

func (r *replay) bundle(ctx context.Context, first int64) ([][]byte, error) {
	width := min(ledger.TileWidth, r.size-first)
	b, err := r.src.Bundle(ctx, first/ledger.TileWidth, int(width))
	if err != nil {
		return nil, fmt.Errorf("reading leaves %d to %d: %w", first, first+width-1, err)
	}
	leaves, err := ledger.ParseBundle(b)
	if err != nil {
		return nil, fmt.Errorf("reading leaves %d to %d: %w", first, first+width-1, err)
	}
	if int64(len(leaves)) != width {
		return nil, ledger.Refuse("LOG-BUNDLE-MALFORMED", "entry bundle at %d holds %d leaves instead of %d", first, len(leaves), width)
	}
	return leaves, nil
}

// add hashes a leaf into the tree and compares each tile that it fills.
func (r *replay) add(ctx context.Context, leaf ledger.Hash) error {
	var err error
	put := func(level int, h ledger.Hash) {
		r.open[level] = append(r.open[level], h[:]...)
		if len(r.open[level]) == ledger.TileWidth*len(h) && err == nil {
			err = r.compare(ctx, level)
			r.open[level], r.done[level] = r.open[level][:0], r.done[level]+1
		}
	}
	put(0, leaf)
	r.edge.Append(leaf, func(level int, _ int64, h ledger.Hash) {
		if level%ledger.TileHeight == 0 && level/ledger.TileHeight < len(r.open) {
			put(level/ledger.TileHeight, h)
		}
	})
	return err
}

// rest compares the partial tiles at the right edge.
func (r *replay) rest(ctx context.Context) error {
	for level := range r.open {
		if len(r.open[level]) > 0 {
			if err := r.compare(ctx, level); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *replay) compare(ctx context.Context, level int) error {
	want := r.open[level]
	width := len(want) / len(ledger.Hash{})
	got, err := r.src.Tile(ctx, level, r.done[level], width)
	if refused := (*ledger.Refusal)(nil); errors.As(err, &refused) && refused.Code() == "CLIENT-SERVER-UNREACHABLE" {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	name := ledger.TilePath(level, r.done[level], width)
	switch {
	case err != nil:
		r.find("AUDIT-TILE-MISMATCH", -1, "%s cannot be read: %v", name, err)
	case string(got) != string(want):
		r.find("AUDIT-TILE-MISMATCH", -1, "%s is not the tile that the leaves give", name)
	}
	return nil
}

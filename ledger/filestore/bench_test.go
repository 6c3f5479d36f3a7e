package filestore

import (
	"context"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

// BenchmarkCommit measures one commit of a batch, with the entries inside the
// journal record (one sync) and beside it (two). ledger/TESTING.md has results.
func BenchmarkCommit(b *testing.B) {
	for _, n := range []int{1, 8, 16, 32, 64, 128, 256} {
		for _, way := range []struct {
			name   string
			inline int
		}{{"one", 1 << 30}, {"two", 0}} {
			b.Run(fmt.Sprintf("batch=%d/syncs=%s", n, way.name), func(b *testing.B) {
				benchmarkCommit(b, n, 2048, way.inline)
			})
		}
	}
}

func benchmarkCommit(b *testing.B, n, leafLen, inline int) {
	dir := b.TempDir()
	o := Options{Origin: testOrigin, inline: &inline}
	if err := Create(dir, o, time.Unix(0, 0)); err != nil {
		b.Fatal(err)
	}
	s, err := Open(dir, o)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if err := s.Replay(b.Context(), 0, nil); err != nil {
		b.Fatal(err)
	}
	var tree ledger.Range
	leaf := make([]byte, leafLen)
	leaves := 0
	for b.Loop() {
		batch := sequencer.Batch{First: tree.Size(), Time: time.Unix(1, 0)}
		for range n {
			leaf := append([]byte(nil), leaf...)
			binary.BigEndian.PutUint64(leaf, uint64(leaves))
			leaves++
			h := ledger.LeafHash(leaf)
			tree.Append(h, nil)
			batch.Leaves = append(batch.Leaves, leaf)
			batch.Hashes = append(batch.Hashes, h)
			batch.Identities = append(batch.Identities, h)
		}
		batch.Root = tree.Root()
		if _, err := s.Commit(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(leaves)/b.Elapsed().Seconds(), "leaves/s")
}

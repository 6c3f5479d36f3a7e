package sequencer_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

// BenchmarkAdd measures entries of 2 KiB from when they are offered until they
// are durable, signed for with both keys, published and acknowledged, by writers
// that each wait for their last entry. Identities are kept, no guard judges.
func BenchmarkAdd(b *testing.B) {
	for _, writers := range []int{1, 64, 256, 1024} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			w := newWorld(b, nil)
			var left, next atomic.Int64
			var wait sync.WaitGroup
			left.Store(int64(b.N))
			b.ResetTimer()
			for range writers {
				wait.Go(func() {
					for left.Add(-1) >= 0 {
						leaf := make([]byte, 2048)
						binary.BigEndian.PutUint64(leaf, uint64(next.Add(1)))
						if _, err := w.Add(context.Background(), sequencer.Entry{Leaf: leaf}); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wait.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "leaves/s")
		})
	}
}

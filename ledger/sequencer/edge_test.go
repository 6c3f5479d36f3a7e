package sequencer_test

import (
	"math/rand/v2"
	"testing"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
	"github.com/yurai-ledger/yurai/ledger/sequencer/storetest"
)

func testEdge(t *testing.T, r *rand.Rand) {
	var e sequencer.Edge
	var leaves [][]byte
	rows := map[int][]ledger.Hash{}
	for size := range 1100 {
		if size < 20 || size%256 < 3 || r.IntN(40) == 0 {
			if got, want := e.Root(), storetest.Root(leaves); got != want || e.Size() != int64(size) {
				t.Fatalf("root of %d leaves is %v, want %v", size, got, want)
			}
			restored, err := sequencer.Restore(int64(size), func(level int, index int64, width int) ([]ledger.Hash, error) {
				return rows[level][index*256:][:width], nil
			})
			if err != nil || restored.Root() != e.Root() {
				t.Fatalf("restored edge of %d leaves has another root, %v", size, err)
			}
			if r.IntN(2) == 0 {
				e = restored
			} else {
				e = e.Clone()
			}
		}
		leaf := []byte{byte(size), byte(size >> 8)}
		leaves = append(leaves, leaf)
		e.Append(ledger.LeafHash(leaf), func(level int, index int64, h ledger.Hash) {
			if index != int64(len(rows[level])) {
				t.Fatalf("hash %d of level %d comes after %d others", index, level, len(rows[level]))
			}
			rows[level] = append(rows[level], h)
		})
	}
}

package sequencer_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/anishathalye/porcupine"

	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

// question is what one client does: append a leaf, read an index, or ask for the
// size.
type question struct {
	do    string // append, read, size
	leaf  string
	index int64
}

// reply is what it is told.
type reply struct {
	leaf      string // read, "" if there is none
	index     int64  // append, or size
	duplicate bool
}

// logModel is a log as one client alone would see it: a list of leaves, each
// once. Its state is the leaves, each with a line end.
var logModel = porcupine.Model{
	Init: func() any { return "" },
	Step: func(state, input, output any) (bool, any) {
		s, q, r := state.(string), input.(question), output.(reply)
		leaves := strings.Split(s, "\n")
		leaves = leaves[:len(leaves)-1]
		switch q.do {
		case "append":
			if at := slices.Index(leaves, q.leaf); at >= 0 {
				return r.duplicate && r.index == int64(at), s
			}
			return !r.duplicate && r.index == int64(len(leaves)), s + q.leaf + "\n"
		case "read":
			if q.index < int64(len(leaves)) {
				return r.leaf == leaves[q.index], s
			}
			return r.leaf == "", s
		}
		return r.index == int64(len(leaves)), s
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v: %+v", input, output) },
}

// TestLinearizable lets clients append, read and ask at the same time, over
// restarts, and looks for an order of all they did, within the times at which
// each began and ended, in which one after the other would have been told the
// same. Whatever was acknowledged or read once is there for all who ask later.
func TestLinearizable(t *testing.T) {
	const clients, each, starts = 6, 25, 2
	for seed := range uint64(campaign(t)) {
		var now atomic.Int64
		w := newWorld(t, nil)
		var all []porcupine.Operation
		for start := range starts {
			if start > 0 {
				if err := w.halt(); err != nil {
					t.Fatal(err)
				}
				w.start()
			}
			done := make([][]porcupine.Operation, clients)
			var wait sync.WaitGroup
			for c := range clients {
				wait.Go(func() {
					r := rand.New(rand.NewPCG(seed, uint64(start*clients+c)))
					for range each {
						done[c] = append(done[c], w.asks(c, r, &now))
					}
				})
			}
			wait.Wait()
			all = slices.Concat(append(done, all)...)
		}
		if !porcupine.CheckOperations(logModel, all) {
			t.Errorf("seed %d: no order explains what %d clients were told", seed, clients)
		}
		if seed == 0 {
			bent(t, all)
		}
	}
}

// campaign is how many histories are made: YURAI_CAMPAIGN, or one.
func campaign(t *testing.T) int {
	t.Helper()
	s := os.Getenv("YURAI_CAMPAIGN")
	if s == "" {
		return 1
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		t.Fatalf("YURAI_CAMPAIGN is %q, not a number from 1", s)
	}
	return n
}

// asks has a client do something at random.
func (w *world) asks(client int, r *rand.Rand, now *atomic.Int64) porcupine.Operation {
	size := w.Size()
	q := question{do: "append", leaf: fmt.Sprintf("leaf %d", r.IntN(200))}
	switch r.IntN(8) {
	case 0:
		q = question{do: "size"}
	case 1, 2, 3:
		q = question{do: "read", index: max(0, size-6+r.Int64N(12))}
	}
	op := porcupine.Operation{ClientId: client, Input: q, Call: now.Add(1)}
	var told reply
	switch q.do {
	case "append":
		got, err := w.Add(context.Background(), sequencer.Entry{Leaf: []byte(q.leaf)})
		if err != nil {
			w.Error(err)
		}
		told.index, told.duplicate = got.Index, got.Duplicate
	case "read":
		b, err := w.Leaf(q.index)
		if err != nil && code(err) != "LOG-INDEX-ABSENT" {
			w.Error(err)
		}
		told.leaf = string(b)
	default:
		told.index = w.Log.Size()
	}
	op.Output, op.Return = told, now.Add(1)
	return op
}

// bent holds that histories that no log can have are not explained.
func bent(t *testing.T, all []porcupine.Operation) {
	t.Helper()
	last := int64(0)
	var first porcupine.Operation // an append of a new leaf
	for _, op := range all {
		last = max(last, op.Return)
		if q := op.Input.(question); q.do == "append" && !op.Output.(reply).duplicate && op.Output.(reply).index == 5 {
			first = op
		}
	}
	later := func(q question, r reply) porcupine.Operation {
		return porcupine.Operation{ClientId: 99, Input: q, Output: r, Call: last + 1, Return: last + 2}
	}
	leaf := first.Input.(question).leaf
	for name, op := range map[string]porcupine.Operation{
		"an acknowledged leaf is absent":    later(question{do: "read", index: 5}, reply{}),
		"an index has another leaf":         later(question{do: "read", index: 5}, reply{leaf: leaf + "x"}),
		"the log shrank":                    later(question{do: "size"}, reply{index: 5}),
		"a duplicate gets a new index":      later(question{do: "append", leaf: leaf}, reply{index: 1000}),
		"a duplicate gets another's index":  later(question{do: "append", leaf: leaf}, reply{index: 4, duplicate: true}),
		"a new leaf is called a duplicate":  later(question{do: "append", leaf: "never"}, reply{index: 5, duplicate: true}),
		"a new leaf gets a taken index":     later(question{do: "append", leaf: "never"}, reply{index: 5}),
		"a leaf was read before it was put": {ClientId: 99, Input: question{do: "read", index: 5}, Output: reply{leaf: leaf}, Call: -2, Return: -1},
	} {
		if porcupine.CheckOperations(logModel, append(slices.Clone(all), op)) {
			t.Errorf("explained: %s", name)
		}
	}
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/server/problem"
)

// TestWorst holds worst against the order that is printed in the package comment.
func TestWorst(t *testing.T) {
	order := []int{130, 1, 2, 3, 5, 4, 13, 11, 12, 14, 10, 0}
	if !slices.Equal(order, precedence) {
		t.Fatalf("precedence = %v, want %v", precedence, order)
	}
	for i, a := range order {
		for j, b := range order {
			if got, want := worst(a, b), order[min(i, j)]; got != want {
				t.Errorf("worst(%d, %d) = %d, want %d", a, b, got, want)
			}
		}
	}
	for _, code := range []int{13, 11, 0} {
		if got := worst(code, 77); got != 77 {
			t.Errorf("worst(%d, 77) = %d: a code of nobody's is a failure of ours", code, got)
		}
	}
}

func TestExitOf(t *testing.T) {
	answer := func(code string, status int) error { return &problem.Document{Code: code, Status: status} }
	for name, c := range map[string]struct {
		err  error
		want int
	}{
		"nil":                       {nil, 0},
		"ended":                     {ended(10), 10},
		"wrapped":                   {fmt.Errorf("x: %w", refuse("CLI-FILE-EXISTS", "x")), 2},
		"no code":                   {errors.New("x"), 1},
		"code without a row":        {refuse("CLI-NOTHING"+"-SUCH", "x"), 1},
		"cancelled":                 {fmt.Errorf("x: %w", context.Canceled), 130},
		"log's":                     {ledger.Refuse("LOG-CHECKPOINT-SIGNATURE", "x"), 11},
		"answer 3":                  {answer("BOM-JSON-SYNTAX", 422), 3},
		"answer 4":                  {answer("SERVER-QUEUE-BUSY", 503), 4},
		"answer 5":                  {answer("ENVELOPE-KEY-UNKNOWN", 403), 5},
		"answer of a note":          {answer("STATE-ENTRY-IDLE", 422), 3},
		"answer that would accept":  {answer("AUDIT-FINDINGS-MORE", 500), 4},
		"answer that would reject":  {answer("LOG-PROOF-INVALID", 422), 3},
		"answer that would absent":  {answer("LOG-ENTRY-ABSENT", 404), 3},
		"answer of a fork":          {answer("AUDIT-LOG-FORK", 403), 5},
		"answer of a newer program": {answer("SERVER-LATER-CODE", 429), 4},
		"answer wrapped by us":      {refuse("CLI-ANSWER-MALFORMED", "x: %w", answer("LOG-ENTRY-ABSENT", 404)), 4},
	} {
		if got := exitOf(c.err); got != c.want {
			t.Errorf("%s: exitOf(%v) = %d, want %d", name, c.err, got, c.want)
		}
	}
}

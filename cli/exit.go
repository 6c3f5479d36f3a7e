package cli

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/server/problem"
)

// The exit codes. They are frozen; the package comment says what each means.
const (
	exitDone         = 0
	exitInternal     = 1
	exitUsage        = 2
	exitInput        = 3
	exitUnreachable  = 4
	exitUnauthorised = 5
	exitHold         = 10
	exitReject       = 11
	exitAbsent       = 12
	exitMisbehaved   = 13
	exitStale        = 14
	exitCancelled    = 130
)

// precedence orders the codes: of several that apply the first is returned.
var precedence = []int{
	exitCancelled, exitInternal, exitUsage, exitInput, exitUnauthorised, exitUnreachable,
	exitMisbehaved, exitReject, exitAbsent, exitStale, exitHold, exitDone,
}

// worst returns the one of two exit codes that is returned for both. A code
// that is none of ours counts as internal.
func worst(a, b int) int {
	rank := func(code int) int {
		if i := slices.Index(precedence, code); i >= 0 {
			return i
		}
		return slices.Index(precedence, exitInternal)
	}
	if rank(b) < rank(a) {
		return b
	}
	return a
}

// exitOf returns the exit code for an error of a command: the code that it
// carries decides, by the table of problems.
func exitOf(err error) int {
	var doc *problem.Document
	var code ended
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &code):
		return int(code)
	case problem.Code(err) == "" && errors.As(err, &doc):
		return exitOfAnswer(doc)
	case errors.Is(err, context.Canceled):
		return exitCancelled
	}
	if row, ok := problem.Lookup(problem.Code(err)); ok && row.Exit != exitDone {
		return row.Exit
	}
	return exitInternal
}

// exitOfAnswer returns the exit code for a server's refusal. The document is
// the server's word alone, so it can say that something was refused, not that
// something is accepted or false: 3, 4 or 5, by its code or else by its status.
func exitOfAnswer(doc *problem.Document) int {
	switch code := doc.Exit(); {
	case code == exitInput || code == exitUnreachable || code == exitUnauthorised:
		return code
	case doc.Status == 429 || doc.Status >= 500:
		return exitUnreachable
	case doc.Status == 401 || doc.Status == 403:
		return exitUnauthorised
	}
	return exitInput
}

// refuse returns why the command line does not do what it was asked, as
// [ledger.Refuse] does.
func refuse(code, format string, args ...any) *ledger.Refusal {
	return ledger.Refuse(code, format, args...)
}

// usageError is a command line that cmd cannot run.
type usageError struct {
	cmd *cobra.Command
	err error
}

func (u usageError) Error() string { return u.err.Error() }
func (u usageError) Unwrap() error { return u.err }

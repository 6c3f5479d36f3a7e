package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

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

// Refusal reports why the command line does not do what it was asked. Its code
// is stable and has a row in server/problem. Text may quote unverified input.
type Refusal struct {
	code string
	Text string // one sentence, lower case, no full stop
	Err  error  // what caused it, may be nil
}

// refuse returns a Refusal with the code and a formatted text. An error given
// for a %w verb is kept for errors.Is and errors.As.
func refuse(code, format string, args ...any) *Refusal {
	err := fmt.Errorf(format, args...)
	r := &Refusal{code: code, Text: err.Error()}
	if u, ok := err.(interface{ Unwrap() error }); ok {
		r.Err = u.Unwrap()
	}
	return r
}

// Code returns the stable code, AREA-WORD-WORD.
func (r *Refusal) Code() string { return r.code }

// Error returns the text.
func (r *Refusal) Error() string { return r.Text }

// Unwrap returns the cause, or nil.
func (r *Refusal) Unwrap() error { return r.Err }

// usageError is a command line that cmd cannot run.
type usageError struct {
	cmd *cobra.Command
	err error
}

func (u usageError) Error() string { return u.err.Error() }
func (u usageError) Unwrap() error { return u.err }

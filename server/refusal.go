package server

import (
	"fmt"
)

// Refusal reports why a folder is not served or a request not answered. Its
// code is stable and has a row in server/problem. Text may quote the request.
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

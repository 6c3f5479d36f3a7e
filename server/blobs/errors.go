package blobs

import (
	"encoding/hex"
	"errors"
	"fmt"
	"syscall"
)

// ErrAbsent is returned when no file of the digest is there. Whether it was
// never stored or has been lost is the caller's to say: for a digest that an
// entry names it is lost, and [Lost] makes that error.
var ErrAbsent = errors.New("blob is not stored")

// Error reports why a blob was refused, could not be stored or is lost. Its
// code is stable; server/problem holds its cause and remedy.
type Error struct {
	code   string
	Digest [32]byte // SHA-256 that the blob is named by
	Err    error    // what happened
}

// Code returns the stable code, STORE-BLOB-….
func (e *Error) Code() string { return e.code }

// Error returns the digest and what happened.
func (e *Error) Error() string {
	return fmt.Sprintf("blob sha256:%s: %v", hex.EncodeToString(e.Digest[:]), e.Err)
}

// Unwrap returns what happened.
func (e *Error) Unwrap() error { return e.Err }

// Lost returns the STORE-BLOB-LOST error for a digest that an entry names but
// whose bytes are not there: what [Store.Get] returns for a file that is there
// and damaged. Cause says what was found, for instance [ErrAbsent].
func Lost(digest [32]byte, cause error) *Error {
	return &Error{code: "STORE-BLOB-LOST", Digest: digest, Err: cause}
}

func refuse(code string, digest [32]byte, format string, args ...any) *Error {
	return &Error{code: code, Digest: digest, Err: fmt.Errorf(format, args...)}
}

// unwritten returns the error for a write that did not succeed: a full disk
// (STORE-BLOB-FULL) is the caller's to report as such, all else is a disk that
// somebody must look at (STORE-BLOB-WRITE).
func unwritten(digest [32]byte, doing string, err error) *Error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		return refuse("STORE-BLOB-FULL", digest, "%s: %w", doing, err)
	}
	return refuse("STORE-BLOB-WRITE", digest, "%s: %w", doing, err)
}

package filestore

import (
	"github.com/yurai-ledger/yurai/ledger"
)

// spacer is an FS that knows how much may still be written to it, in bytes.
type spacer interface {
	Free() (int64, error)
}

// free returns the bytes that may still be written, -1 if nobody can tell.
func (s *Store) free() int64 {
	f, ok := s.files.(spacer)
	if !ok {
		return -1
	}
	n, err := f.Free()
	if err != nil {
		return -1
	}
	return n
}

// roomy reports whether n more bytes leave the reserve as it is.
func (s *Store) roomy(n int64) bool {
	if s.reserve <= 0 {
		return true
	}
	free := s.free()
	return free < 0 || free >= s.reserve+n
}

// Room returns nil if a commit would find more free space than the reserve
// ([Options]), else STORE-SPACE-LOW. It may be called at any time, from any
// goroutine; where the free space cannot be found out it returns nil.
func (s *Store) Room() error {
	if s.roomy(0) {
		return nil
	}
	return noRoom{ledger.Refuse("STORE-SPACE-LOW", "%d bytes are free on the log's disk, %d of them are kept in reserve", s.free(), s.reserve)}
}

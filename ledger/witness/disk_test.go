package witness

import (
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"path"
	"slices"
	"sync"

	"github.com/yurai-ledger/yurai/ledger/filestore"
)

// errKilled is what every call returns after the process was killed.
var errKilled = errors.New("the process was killed")

// shim is a disk in memory that keeps what was not synced apart from what was. It can
// be killed at any call, fail at any call, and lose its power: of what was not synced
// a random choice of sectors and names then remains.
type shim struct {
	filestore.FS // what a witness does not use

	mu     sync.Mutex
	names  map[string]*node // what the process sees
	kept   map[string]*node // names that are durable
	locked bool
	calls  int
	stopAt int   // the call at which the process is killed, 0 is never
	failAt int   // the call that fails with fault
	fault  error // for failAt
}

type node struct{ now, synced []byte }

func newShim() *shim { return &shim{names: map[string]*node{}, kept: map[string]*node{}} }

func (s *shim) call() error {
	s.calls++
	switch {
	case s.stopAt > 0 && s.calls >= s.stopAt:
		return errKilled
	case s.failAt > 0 && s.calls == s.failAt:
		return s.fault
	}
	return nil
}

// restart is the disk as the next process finds it after a kill.
func (s *shim) restart() *shim {
	n := newShim()
	n.names, n.kept = s.names, s.kept
	return n
}

// cut is the disk as the next process finds it after a loss of power.
func (s *shim) cut(r *rand.Rand) *shim {
	n := newShim()
	survive := func(x *node) *node {
		if slices.Equal(x.now, x.synced) {
			return &node{now: x.now, synced: x.synced}
		}
		b := slices.Clone(x.now)
		for at := 0; at < len(b); at += 512 {
			if r.IntN(2) == 0 {
				clear(b[at:min(at+512, len(b))])
				copy(b[at:min(at+512, len(b))], x.synced[min(at, len(x.synced)):])
			}
		}
		b = b[:len(b)-r.IntN(len(b)-min(len(x.synced), len(b))+1)]
		return &node{now: b, synced: slices.Clone(b)}
	}
	all := map[string]bool{}
	for name := range s.names {
		all[name] = true
	}
	for name := range s.kept {
		all[name] = true
	}
	list := make([]string, 0, len(all))
	for name := range all {
		list = append(list, name)
	}
	slices.Sort(list)
	for _, name := range list {
		x := s.names[name]
		if s.kept[name] != x && r.IntN(2) == 0 {
			x = s.kept[name]
		}
		if x != nil {
			n.names[name] = survive(x)
			n.kept[name] = n.names[name]
		}
	}
	return n
}

func (s *shim) do(f func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.call(); err != nil {
		return err
	}
	return f()
}

func (s *shim) Open(name string) (filestore.File, error) {
	var f filestore.File
	return f, s.do(func() error {
		x := s.names[name]
		if x == nil {
			return &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		f = &shimFile{s: s, x: x}
		return nil
	})
}

func (s *shim) Create(name string) (filestore.File, error) {
	var f filestore.File
	return f, s.do(func() error {
		if s.names[name] == nil {
			s.names[name] = &node{}
		}
		f = &shimFile{s: s, x: s.names[name]}
		return nil
	})
}

func (s *shim) Rename(from, to string) error {
	return s.do(func() error {
		x := s.names[from]
		if x == nil {
			return fs.ErrNotExist
		}
		delete(s.names, from)
		s.names[to] = x
		return nil
	})
}

func (s *shim) Remove(name string) error {
	return s.do(func() error {
		if s.names[name] == nil {
			return fs.ErrNotExist
		}
		delete(s.names, name)
		return nil
	})
}

func (s *shim) Names(dir string) (list []string, err error) {
	return list, s.do(func() error {
		for name := range s.names {
			if path.Dir(name) == dir {
				list = append(list, path.Base(name))
			}
		}
		slices.Sort(list)
		return nil
	})
}

func (s *shim) MakeDir(string) error { return s.do(func() error { return nil }) }

func (s *shim) SyncDir(dir string) error {
	return s.do(func() error {
		for name := range s.kept {
			if path.Dir(name) == dir && s.names[name] == nil {
				delete(s.kept, name)
			}
		}
		for name, x := range s.names {
			if path.Dir(name) == dir {
				s.kept[name] = x
			}
		}
		return nil
	})
}

func (s *shim) Lock(string) (io.Closer, error) {
	var c io.Closer
	return c, s.do(func() error {
		if s.locked {
			return filestore.ErrLocked
		}
		s.locked, c = true, unlock{s}
		return nil
	})
}

type unlock struct{ s *shim }

func (u unlock) Close() error { u.s.locked = false; return nil }

type shimFile struct {
	s *shim
	x *node
}

func (f *shimFile) ReadAt(b []byte, at int64) (n int, err error) {
	err = f.s.do(func() error {
		if at < int64(len(f.x.now)) {
			n = copy(b, f.x.now[at:])
		}
		if n < len(b) {
			return io.EOF
		}
		return nil
	})
	return n, err
}

// WriteAt writes half of it before it fails.
func (f *shimFile) WriteAt(b []byte, at int64) (int, error) {
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	err := f.s.call()
	if err != nil {
		b = b[:len(b)/2]
	}
	now := slices.Clone(f.x.now)
	if grow := int(at) + len(b) - len(now); grow > 0 {
		now = append(now, make([]byte, grow)...)
	}
	n := copy(now[at:], b)
	f.x.now = now
	return n, err
}

func (f *shimFile) Size() (n int64, err error) {
	return n, f.s.do(func() error { n = int64(len(f.x.now)); return nil })
}

func (f *shimFile) Allocate(int64) error { return errors.ErrUnsupported }

func (f *shimFile) Sync() error {
	return f.s.do(func() error { f.x.synced = slices.Clone(f.x.now); return nil })
}

func (f *shimFile) Close() error { return nil }

package mirror_test

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sync"

	"github.com/yurai-ledger/yurai/ledger/filestore"
)

// ram is a file layer in memory that stops at a call, as a killed process does,
// and forgets what was not synced, as a loss of power does.
type ram struct {
	mu    sync.Mutex
	names map[string]*ramFile // what a running process sees
	kept  map[string]*ramFile // the names that are durable
	locks map[string]bool

	calls  int // that change something
	stopAt int // the call at which the process is killed; 0 is never
}

// ramFile is a file or folder, in pages; one that is not there is zeros.
type ramFile struct {
	dir       bool
	now, disk content
	dirty     map[int64]bool
}

type content struct {
	size  int64
	pages map[int64]*[ramPage]byte
}

const ramPage = 4096

var (
	errKilled = errors.New("the process was killed")
	noPage    [ramPage]byte
)

func newRAM() *ram {
	return &ram{names: map[string]*ramFile{}, kept: map[string]*ramFile{}, locks: map[string]bool{}}
}

func (r *ram) call() error {
	if r.calls++; r.stopAt > 0 && r.calls >= r.stopAt {
		return errKilled
	}
	return nil
}

// next returns what the next process finds when this one was killed.
func (r *ram) next() *ram {
	n := newRAM()
	n.names, n.kept = r.names, r.kept
	return n
}

// cut returns what the next process finds after a loss of power: what was synced.
func (r *ram) cut() *ram {
	n := newRAM()
	for name, f := range r.kept {
		pages := maps.Clone(f.disk.pages)
		g := &ramFile{dir: f.dir, disk: f.disk, now: content{f.disk.size, pages}, dirty: map[int64]bool{}}
		n.names[name], n.kept[name] = g, g
	}
	return n
}

func (r *ram) open(name string, make bool) (filestore.File, error) {
	f := r.names[name]
	if f == nil && !make {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	if f == nil {
		f = newFile(false)
		r.names[name] = f
	}
	return &ramHandle{r, f}, nil
}

func newFile(dir bool) *ramFile {
	return &ramFile{dir: dir, now: content{pages: map[int64]*[ramPage]byte{}}, disk: content{pages: map[int64]*[ramPage]byte{}}, dirty: map[int64]bool{}}
}

func (r *ram) Open(name string) (filestore.File, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.open(name, false)
}

func (r *ram) Create(name string) (filestore.File, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.call(); err != nil {
		return nil, err
	}
	return r.open(name, true)
}

func (r *ram) Rename(from, to string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.call(); err != nil {
		return err
	}
	f := r.names[from]
	if f == nil {
		return fs.ErrNotExist
	}
	delete(r.names, from)
	r.names[to] = f
	return nil
}

func (r *ram) Remove(name string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.names[name] == nil {
		return fs.ErrNotExist
	}
	if err := r.call(); err != nil {
		return err
	}
	delete(r.names, name)
	return nil
}

func (r *ram) Names(dir string) ([]string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.names[dir] == nil {
		return nil, fs.ErrNotExist
	}
	var list []string
	for name, f := range r.names {
		if path.Dir(name) == dir && !f.dir {
			list = append(list, path.Base(name))
		}
	}
	slices.Sort(list)
	return list, nil
}

func (r *ram) MakeDir(dir string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.call(); err != nil {
		return err
	}
	if r.names[dir] == nil {
		r.names[dir] = newFile(true)
	}
	return nil
}

func (r *ram) SyncDir(dir string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.call(); err != nil {
		return err
	}
	for name := range r.kept {
		if path.Dir(name) == dir && r.names[name] == nil {
			delete(r.kept, name)
		}
	}
	for name, f := range r.names {
		if path.Dir(name) == dir {
			r.kept[name] = f
		}
	}
	return nil
}

func (r *ram) Mark(string) (uint64, error) { return 0, nil }

func (r *ram) Lock(name string) (io.Closer, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.locks[name] {
		return nil, filestore.ErrLocked
	}
	r.locks[name] = true
	return unlock{r, name}, nil
}

type unlock struct {
	r    *ram
	name string
}

func (u unlock) Close() error {
	u.r.mu.Lock()
	defer u.r.mu.Unlock()
	delete(u.r.locks, u.name)
	return nil
}

// ramHandle is an open file.
type ramHandle struct {
	r *ram
	f *ramFile
}

func (h *ramHandle) ReadAt(b []byte, at int64) (int, error) {
	h.r.mu.Lock()
	defer h.r.mu.Unlock()
	c := h.f.now
	n := int(max(0, min(int64(len(b)), c.size-at)))
	for done := 0; done < n; {
		page, from := (at+int64(done))/ramPage, (at+int64(done))%ramPage
		p := c.pages[page]
		if p == nil {
			p = &noPage
		}
		done += copy(b[done:n], p[from:])
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (h *ramHandle) WriteAt(b []byte, at int64) (int, error) {
	h.r.mu.Lock()
	defer h.r.mu.Unlock()
	if err := h.r.call(); err != nil {
		return 0, err
	}
	for done := 0; done < len(b); {
		page, from := (at+int64(done))/ramPage, (at+int64(done))%ramPage
		step := min(ramPage-int(from), len(b)-done)
		p := new([ramPage]byte) // pages are never changed: disk and a cut may share them
		if old := h.f.now.pages[page]; old != nil {
			*p = *old
		}
		copy(p[from:], b[done:done+step])
		if h.f.now.pages[page] != nil || *p != noPage {
			h.f.now.pages[page], h.f.dirty[page] = p, true
		}
		done += step
	}
	h.f.now.size = max(h.f.now.size, at+int64(len(b)))
	return len(b), nil
}

func (h *ramHandle) Size() (int64, error) {
	h.r.mu.Lock()
	defer h.r.mu.Unlock()
	return h.f.now.size, nil
}

func (h *ramHandle) Allocate(size int64) error {
	h.r.mu.Lock()
	defer h.r.mu.Unlock()
	if err := h.r.call(); err != nil {
		return err
	}
	h.f.now.size = max(h.f.now.size, size)
	return nil
}

func (h *ramHandle) Sync() error {
	h.r.mu.Lock()
	defer h.r.mu.Unlock()
	if err := h.r.call(); err != nil {
		return err
	}
	pages := maps.Clone(h.f.disk.pages)
	for page := range h.f.dirty {
		pages[page] = h.f.now.pages[page]
	}
	clear(h.f.dirty)
	h.f.disk = content{h.f.now.size, pages}
	return nil
}

func (h *ramHandle) Close() error { return nil }

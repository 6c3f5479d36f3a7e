package blobs

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"sync"
)

// model is a folder in memory that knows what a power cut would leave: the
// bytes of a file as of its last sync, the names in a folder as of its last
// sync. Each call of it can be made to fail, and every call after one can.
type model struct {
	mu    sync.Mutex
	calls int
	fail  func(call int, op string) error // nil: succeed; the error otherwise
	omit  string                          // syncs of this kind do nothing and report success

	nowDirs  map[string]map[string]*inode // folders and their files as a running process sees them
	diskDirs map[string]map[string]*inode // the same as they are on the disk
	madeDirs map[string]bool              // folders that are on the disk
	temps    int
}

type inode struct {
	now, disk []byte
}

func newModel() *model {
	return &model{
		nowDirs:  map[string]map[string]*inode{".": {}},
		diskDirs: map[string]map[string]*inode{".": {}},
		madeDirs: map[string]bool{".": true},
	}
}

// step counts a call and says whether it fails. The caller holds mu.
func (m *model) step(op string) error {
	m.calls++
	if m.fail == nil {
		return nil
	}
	return m.fail(m.calls, op)
}

func split(name string) (dir, base string) {
	i := strings.LastIndexByte(name, '/')
	if i < 0 {
		return ".", name
	}
	return name[:i], name[i+1:]
}

func (m *model) Mkdir(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step("mkdir " + name); err != nil {
		return err
	}
	if up, _ := split(name); m.nowDirs[up] == nil {
		return fs.ErrNotExist
	}
	if m.nowDirs[name] == nil {
		m.nowDirs[name] = map[string]*inode{}
	}
	return nil
}

func (m *model) Sync(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step("sync " + name); err != nil {
		return err
	}
	kind := name
	if strings.Contains(name, "/") {
		kind = "shard"
	}
	if kind == m.omit {
		return nil
	}
	m.diskDirs[name] = maps.Clone(m.nowDirs[name])
	for dir := range m.nowDirs {
		if up, _ := split(dir); up == name {
			m.madeDirs[dir] = true
		}
	}
	return nil
}

func (m *model) Clear(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step("clear " + name); err != nil {
		return err
	}
	clear(m.nowDirs[name])
	return nil
}

func (m *model) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step("remove " + name); err != nil {
		return err
	}
	dir, base := split(name)
	delete(m.nowDirs[dir], base)
	return nil
}

func (m *model) Open(name string) (stored, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step("open " + name); err != nil {
		return nil, err
	}
	dir, base := split(name)
	f := m.nowDirs[dir][base]
	if f == nil {
		return nil, fs.ErrNotExist
	}
	return &modelFile{m: m, r: bytes.NewReader(bytes.Clone(f.now)), size: int64(len(f.now))}, nil
}

type modelFile struct {
	m    *model
	r    *bytes.Reader
	size int64
}

func (f *modelFile) Read(p []byte) (int, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.m.step("read"); err != nil {
		return 0, err
	}
	return f.r.Read(p)
}
func (f *modelFile) Close() error { return nil }
func (f *modelFile) Size() int64  { return f.size }

func (m *model) Temp() (temporary, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step("temp"); err != nil {
		return nil, err
	}
	m.temps++
	t := &modelTemp{m: m, name: fmt.Sprint(m.temps), f: &inode{}}
	m.nowDirs[tempFolder][t.name] = t.f
	return t, nil
}

type modelTemp struct {
	m    *model
	name string
	f    *inode
}

// Write keeps half of the bytes when it fails.
func (t *modelTemp) Write(p []byte) (int, error) {
	t.m.mu.Lock()
	defer t.m.mu.Unlock()
	if err := t.m.step("write"); err != nil {
		t.f.now = append(t.f.now, p[:len(p)/2]...)
		return len(p) / 2, err
	}
	t.f.now = append(t.f.now, p...)
	return len(p), nil
}

func (t *modelTemp) Sync() error {
	t.m.mu.Lock()
	defer t.m.mu.Unlock()
	if err := t.m.step("sync file"); err != nil {
		return err
	}
	if t.m.omit != "file" {
		t.f.disk = bytes.Clone(t.f.now)
	}
	return nil
}

func (t *modelTemp) Publish(name string) error {
	t.m.mu.Lock()
	defer t.m.mu.Unlock()
	if err := t.m.step("rename"); err != nil {
		return err
	}
	dir, base := split(name)
	if t.m.nowDirs[dir] == nil {
		return fs.ErrNotExist
	}
	t.m.nowDirs[dir][base] = t.f
	delete(t.m.nowDirs[tempFolder], t.name)
	return nil
}

func (t *modelTemp) Discard() error {
	t.m.mu.Lock()
	defer t.m.mu.Unlock()
	if err := t.m.step("discard"); err != nil {
		return err
	}
	delete(t.m.nowDirs[tempFolder], t.name)
	return nil
}

var errCut = errors.New("the power is cut")

// survivals are what may be found after a cut: nothing but what was synced; all
// names but only synced bytes, as a file system leaves it that journals names;
// everything, as after a kill of the process.
func (m *model) survivals() map[string]*model {
	m.mu.Lock()
	defer m.mu.Unlock()
	synced, names, all := newModel(), newModel(), newModel()
	for dir := range m.nowDirs {
		names.nowDirs[dir], all.nowDirs[dir] = map[string]*inode{}, map[string]*inode{}
		for base, f := range m.nowDirs[dir] {
			names.nowDirs[dir][base] = durable(f.disk)
			all.nowDirs[dir][base] = durable(f.now)
		}
		if up, _ := split(dir); !m.madeDirs[dir] || !m.madeDirs[up] {
			continue
		}
		synced.nowDirs[dir] = map[string]*inode{}
		for base, f := range m.diskDirs[dir] {
			synced.nowDirs[dir][base] = durable(f.disk)
		}
	}
	out := map[string]*model{"synced": synced, "names": names, "all": all}
	for _, s := range out {
		for dir, files := range s.nowDirs {
			s.diskDirs[dir], s.madeDirs[dir] = maps.Clone(files), true
		}
	}
	return out
}

func durable(b []byte) *inode { return &inode{now: bytes.Clone(b), disk: bytes.Clone(b)} }

package filestore

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"sync"
)

// overlayPage is the unit in which an overlay keeps what was written.
const overlayPage = 4096

// ReadOnly returns an FS over a folder that changes nothing in it: what is
// written is kept in memory and read back from there, and the lock is free. An
// auditor opens the log of a running server with it, and sees the log as it was
// committed when it was opened. It needs leave to read only, and memory for what
// opening repairs.
func ReadOnly(dir string) FS {
	return &overlay{disk: Disk(dir), written: make(map[string]*overlayData)}
}

type overlay struct {
	disk Disk

	mu      sync.Mutex // what was written to a name is in written
	written map[string]*overlayData
}

// Open implements [FS].
func (o *overlay) Open(name string) (File, error) { return o.open(name, false) }

// Create implements [FS].
func (o *overlay) Create(name string) (File, error) { return o.open(name, true) }

func (o *overlay) open(name string, create bool) (File, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	data, known := o.written[name]
	below := name
	if known {
		below = data.name
	}
	var f *os.File
	if below != "" {
		var err error
		if f, err = openRegular(o.disk.path(below)); os.IsNotExist(err) && (create || known) {
			f, below = nil, ""
		} else if err != nil {
			return nil, err
		}
	}
	if !known {
		data = &overlayData{name: below, pages: make(map[int64]*[overlayPage]byte)}
		if f != nil {
			info, err := f.Stat()
			if err != nil {
				return nil, errors.Join(err, f.Close())
			}
			data.below = info.Size()
		}
		data.size = data.below
		o.written[name] = data
	}
	return &overlayFile{disk: f, data: data}, nil
}

// Rename implements [FS]. What bears the new name on disk is hidden.
func (o *overlay) Rename(from, to string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	data, ok := o.written[from]
	if !ok {
		return &fs.PathError{Op: "rename", Path: from, Err: fs.ErrNotExist} // a file is opened before it is renamed
	}
	delete(o.written, from)
	o.written[to] = data
	return nil
}

// Remove implements [FS]. Nothing that opening or reading a log does removes files.
func (o *overlay) Remove(name string) error {
	return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrPermission}
}

// Names implements [FS].
func (o *overlay) Names(dir string) ([]string, error) {
	names, err := o.disk.Names(dir)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for name := range o.written {
		if path.Dir(name) == dir && !slices.Contains(names, path.Base(name)) {
			names = append(names, path.Base(name))
		}
	}
	slices.Sort(names)
	return names, nil
}

// MakeDir implements [FS].
func (o *overlay) MakeDir(string) error { return nil }

// SyncDir implements [FS].
func (o *overlay) SyncDir(string) error { return nil }

// Mark implements [FS]. A file in memory alone has none.
func (o *overlay) Mark(name string) (uint64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if data, ok := o.written[name]; ok {
		if data.name == "" {
			return 0, nil
		}
		name = data.name
	}
	return o.disk.Mark(name)
}

// Lock implements [FS]. It takes nothing: nothing is changed.
func (o *overlay) Lock(string) (io.Closer, error) {
	if _, err := os.Stat(string(o.disk)); err != nil {
		return nil, err
	}
	return io.NopCloser(nil), nil
}

// overlayData is what was written to one file; it outlives each opening of it.
type overlayData struct {
	name  string       // of the file on disk, "" if there is none
	mu    sync.RWMutex // size and pages agree
	below int64        // bytes that the file on disk had
	size  int64
	pages map[int64]*[overlayPage]byte
}

type overlayFile struct {
	disk *os.File // nil if the file is in memory alone
	data *overlayData
}

// ReadAt implements [File].
func (f *overlayFile) ReadAt(p []byte, at int64) (int, error) {
	f.data.mu.RLock()
	defer f.data.mu.RUnlock()
	if at < 0 {
		return 0, fs.ErrInvalid
	}
	if at >= f.data.size {
		return 0, io.EOF
	}
	want := p[:min(int64(len(p)), f.data.size-at)]
	if err := f.fill(want, at); err != nil {
		return 0, err
	}
	if len(want) < len(p) {
		return len(want), io.EOF
	}
	return len(want), nil
}

// fill reads bytes that lie inside the file.
func (f *overlayFile) fill(p []byte, at int64) error {
	clear(p)
	if n := min(int64(len(p)), f.data.below-at); n > 0 {
		if f.disk == nil {
			return fs.ErrNotExist // it was there when it was first opened
		}
		if _, err := f.disk.ReadAt(p[:n], at); err != nil && err != io.EOF {
			return err
		}
	}
	for done := int64(0); done < int64(len(p)); {
		n, from := (at+done)/overlayPage, (at+done)%overlayPage
		step := min(overlayPage-from, int64(len(p))-done)
		if page, ok := f.data.pages[n]; ok {
			copy(p[done:done+step], page[from:])
		}
		done += step
	}
	return nil
}

// WriteAt implements [File].
func (f *overlayFile) WriteAt(p []byte, at int64) (int, error) {
	f.data.mu.Lock()
	defer f.data.mu.Unlock()
	if at < 0 {
		return 0, fs.ErrInvalid
	}
	for done := int64(0); done < int64(len(p)); {
		n, from := (at+done)/overlayPage, (at+done)%overlayPage
		page, ok := f.data.pages[n]
		if !ok {
			page = new([overlayPage]byte)
			if err := f.fill(page[:], n*overlayPage); err != nil {
				return int(done), err
			}
			f.data.pages[n] = page
		}
		done += int64(copy(page[from:], p[done:]))
	}
	f.data.size = max(f.data.size, at+int64(len(p)))
	return len(p), nil
}

// Size implements [File].
func (f *overlayFile) Size() (int64, error) {
	f.data.mu.RLock()
	defer f.data.mu.RUnlock()
	return f.data.size, nil
}

// Allocate implements [File].
func (f *overlayFile) Allocate(size int64) error {
	f.data.mu.Lock()
	defer f.data.mu.Unlock()
	f.data.size = max(f.data.size, size)
	return nil
}

// Sync implements [File].
func (f *overlayFile) Sync() error { return nil }

// Close implements [File].
func (f *overlayFile) Close() error {
	if f.disk == nil {
		return nil
	}
	return f.disk.Close()
}

package index

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/go-json-experiment/json"
)

const (
	markerName   = "clean"
	markerFormat = "yurai-index/1"
)

// marker is the file clean: a line of JSON, then the line sha256:<hex> over it.
// It is there only while the index is closed.
type marker struct {
	Format  string       `json:"format"`
	Log     string       `json:"log"`
	Terms   int          `json:"terms"` // [vocabulary] of its writer
	Key     string       `json:"key"`   // hex of the hash key
	Applied int64        `json:"applied"`
	TS      uint64       `json:"ts"`
	NextRun uint64       `json:"nextRun"`
	Runs    []markedRun  `json:"runs"`
	Files   []markedFile `json:"files"`
}

type markedRun struct {
	ID        uint64 `json:"id"`
	Level     int    `json:"level"`
	Directory string `json:"directory"` // sha256:<hex>
}

type markedFile struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

func sumOf(b []byte) string {
	s := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(s[:])
}

// writeMarker syncs the database's files and then says what they are. Without
// it, or with one that was only half written, the index begins at zero.
func (ix *Index) writeMarker() error {
	g := ix.gen
	m := marker{
		Format: markerFormat, Log: ix.o.Log, Terms: vocabulary, Key: hex.EncodeToString(g.key[:]),
		Applied: g.current.applied, TS: g.ts, NextRun: g.nextRun, Runs: []markedRun{},
	}
	for _, r := range g.current.runs {
		m.Runs = append(m.Runs, markedRun{r.id, r.level, "sha256:" + hex.EncodeToString(r.digest[:])})
	}
	var err error
	if m.Files, err = survey(ix.databaseDir(), true); err != nil {
		return err
	}
	line, err := json.Marshal(m)
	if err != nil {
		return err
	}
	path := filepath.Join(ix.dir, markerName)
	f, err := os.OpenFile(path+".tmp", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%s\n%s\n", line, sumOf(line))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".tmp", path); err != nil {
		return err
	}
	return syncDir(ix.dir)
}

// readMarker returns the marker of a clean close, fs.ErrNotExist if there is
// none, another error if it is not one of this index.
func (ix *Index) readMarker() (*marker, error) {
	raw, err := os.ReadFile(filepath.Join(ix.dir, markerName))
	if err != nil {
		return nil, err
	}
	line, rest, ok := bytes.Cut(raw, []byte("\n"))
	if !ok || string(rest) != sumOf(line)+"\n" {
		return nil, errors.New("the file clean is damaged")
	}
	m := new(marker)
	if err := json.Unmarshal(line, m, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("reading the file clean: %w", err)
	}
	if m.Format != markerFormat {
		return nil, fmt.Errorf("format %q, this program reads %s", m.Format, markerFormat)
	}
	if m.Log != ix.o.Log {
		return nil, fmt.Errorf("it is the index of the log %q", m.Log)
	}
	if m.Terms != vocabulary {
		return nil, fmt.Errorf("its terms are those of vocabulary %d, this program's of %d", m.Terms, vocabulary)
	}
	return m, nil
}

// removeMarker makes sure, durably, that no later open finds the index clean.
func removeMarker(dir string) error {
	if err := os.Remove(filepath.Join(dir, markerName)); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	return syncDir(dir)
}

// reopen returns the generation of a clean close. Without one it returns nil,
// and the reason, nil if nothing was there.
func (ix *Index) reopen() (*generation, error) {
	m, err := ix.readMarker()
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(ix.databaseDir()); err != nil {
			return nil, nil
		}
		return nil, errors.New("it was not closed cleanly")
	} else if err != nil {
		return nil, err
	}
	files, err := survey(ix.databaseDir(), false)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(files, m.Files) {
		return nil, errors.New("its files are not those of the last clean close")
	}
	// From here on a crash leaves an index that begins at zero.
	if err := removeMarker(ix.dir); err != nil {
		return nil, err
	}
	db, err := openDatabase(ix.databaseDir(), ix.log)
	if err != nil {
		return nil, err
	}
	g := &generation{db: db, nextRun: m.NextRun, ts: m.TS}
	if err := g.restore(m); err != nil {
		return nil, errors.Join(err, db.close())
	}
	return g, nil
}

// restore reads the runs that the marker names.
func (g *generation) restore(m *marker) error {
	key, err := hex.DecodeString(m.Key)
	if err != nil || len(key) != len(g.key) {
		return errors.New("the file clean has no hash key")
	}
	g.key = [32]byte(key)
	s := &snapshot{ts: m.TS, applied: m.Applied}
	var end int64
	for _, mr := range m.Runs {
		var r *run
		err := g.db.get(m.TS, chunkKey(mr.ID, dirNumber), func(b []byte) (err error) {
			if sumOf(b) != mr.Directory {
				return errors.New("directory differs from the one of the last clean close")
			}
			r, err = parseDirectory(b)
			return err
		})
		if err != nil {
			return fmt.Errorf("reading run %d: %w", mr.ID, err)
		}
		if r.id != mr.ID || r.id >= m.NextRun || r.from < end || r.to > m.Applied || mr.Level < 0 || mr.Level > finalLevel {
			return fmt.Errorf("run %d is out of order", mr.ID)
		}
		end = r.to
		r.level = mr.Level
		r.digest = sha256.Sum256(r.directory())
		s.runs = append(s.runs, r)
	}
	g.current = s
	return nil
}

// survey lists the files of a folder with size and SHA-256, by name, and syncs
// them and the folder first if asked to. Anything but a regular file is an error.
func survey(dir string, sync bool) ([]markedFile, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	files := make([]markedFile, 0, len(entries))
	for _, e := range entries {
		if !e.Type().IsRegular() {
			return nil, fmt.Errorf("%s is no regular file", e.Name())
		}
		f, err := os.OpenFile(filepath.Join(dir, e.Name()), os.O_RDWR, 0)
		if err != nil {
			return nil, err
		}
		if sync {
			err = f.Sync()
		}
		hash := sha256.New()
		n, copied := io.Copy(hash, f)
		if err := errors.Join(err, copied, f.Close()); err != nil {
			return nil, err
		}
		files = append(files, markedFile{e.Name(), n, hex.EncodeToString(hash.Sum(nil))})
	}
	if sync {
		return files, syncDir(dir)
	}
	return files, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

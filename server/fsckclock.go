package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/filestore"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
	"github.com/yurai-ledger/yurai/ledger/witness"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/problem"
)

// clockCheck compares the cosigned checkpoints that a log has kept with the log:
// each is signed by the log's keys, and a tree that the log begins with. One that
// is ahead, or has another root, is the log's own word that this is not the log.
type clockCheck struct {
	dir  string
	keys reader
	days map[string]int64 // length of each day's file when the check began

	newest []byte   // what was published last when the check began, nil if nothing
	others []string // what has a day's name and is no file
}

// newClockCheck looks what there is, before the log is read: a running log goes on.
// It returns nil if the log has no clock.
func newClockCheck(dir, origin string) (*clockCheck, error) {
	list, err := os.ReadDir(filepath.Join(dir, filepath.FromSlash(clockName)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the clock: %w", err)
	}
	raw, err := readFile(dir, genesisName)
	if err != nil {
		return nil, err
	}
	st, err := readStatement(raw)
	if err != nil {
		return nil, nil // said with the log's beginning
	}
	genesis, ok := st.Body.(*statement.Genesis)
	if !ok || genesis.Log != origin {
		return nil, nil
	}
	c := &clockCheck{dir: dir, days: map[string]int64{}}
	if c.keys, err = readerOf(genesis); err != nil {
		return nil, err
	}
	for _, f := range list {
		if f.Name() == newestName {
			if c.newest, err = readRegular(filepath.Join(dir, filepath.FromSlash(clockName), newestName)); err != nil {
				return nil, err
			}
			continue
		}
		if _, err := time.Parse(time.DateOnly, f.Name()); err != nil {
			continue // a draft, whose name is as long as a day's
		}
		info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(clockName), f.Name()))
		if err != nil || !info.Mode().IsRegular() {
			c.others = append(c.others, f.Name())
			continue
		}
		c.days[f.Name()] = info.Size()
	}
	return c, nil
}

// readRegular reads the newest checkpoint. What can be none, such as a folder or a
// pipe of that name, is empty, which is malformed.
func readRegular(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil // withdrawn meanwhile
	case err != nil:
		return nil, fmt.Errorf("reading the clock: %w", err)
	case !info.Mode().IsRegular() || info.Size() > ledger.MaxCheckpoint:
		return []byte{}, nil
	}
	b, err := readBounded(path, ledger.MaxCheckpoint)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the clock: %w", err)
	}
	return b, nil
}

// checkClock compares the clock in a folder with a log's newest tree.
func checkClock(ctx context.Context, dir, origin string, head ledger.Checkpoint) (faults []filestore.Fault, err error) {
	c, err := newClockCheck(dir, origin)
	if c == nil || err != nil {
		return nil, err
	}
	err = c.run(ctx, head, func(f filestore.Fault) { faults = append(faults, f) })
	return faults, err
}

// run compares, and shows each fault to add.
func (c *clockCheck) run(ctx context.Context, head ledger.Checkpoint, add func(filestore.Fault)) error {
	for _, name := range c.others {
		add(filestore.Fault{Code: "STORE-CLOCK-DAMAGED", File: clockName + "/" + name, Damage: true, Text: "it is no regular file"})
	}
	path := filepath.Join(c.dir, logName)
	clock, err := witness.OpenClock(filestore.ReadOnly(path), witness.Log{Origin: c.keys.origin, Keys: c.keys.keys})
	if err != nil {
		return err
	}
	size, hashes := head.Size, ledger.HashReader(nil)
	if store, err := filestore.Open(path, filestore.Options{Origin: c.keys.origin, FS: filestore.ReadOnly(path)}); err == nil {
		defer store.Close()
		size, hashes = store.Head().Size, sequencer.Hashes(store)
	}
	if c.newest != nil {
		if f := c.tick(c.newest, size, hashes); f != nil {
			f.File, f.Length = clockName+"/"+newestName, int64(len(c.newest))
			add(*f)
		}
	}
	ends := map[string]int64{}
	for after := ""; ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		ticks, err := clock.Ticks(after, 1000, 4<<20)
		if err != nil {
			return err
		}
		if len(ticks) == 0 {
			break
		}
		for _, t := range ticks {
			day, at, _ := strings.Cut(t.At, ".")
			end, err := strconv.ParseInt(at, 10, 64)
			if err != nil {
				return err
			}
			begin := end - witness.RecordLen(t.Note)
			if begin > ends[day] {
				add(filestore.Fault{
					Code: "STORE-CLOCK-DAMAGED", File: clockName + "/" + day, Offset: ends[day], Length: begin - ends[day], Damage: true,
					Text: "it is no whole checkpoint, and one follows",
				})
			}
			if f := c.tick(t.Note, size, hashes); f != nil {
				f.File, f.Offset, f.Length = clockName+"/"+day, begin, end-begin
				add(*f)
			}
			ends[day], after = end, t.At
		}
	}
	c.behind(ends, add)
	return nil
}

// tick compares one checkpoint.
func (c *clockCheck) tick(note []byte, size int64, hashes ledger.HashReader) *filestore.Fault {
	cp, err := ledger.OpenCheckpoint(note, c.keys.origin, c.keys.keys...)
	if err != nil {
		return &filestore.Fault{Code: "STORE-CLOCK-DAMAGED", Damage: true, Text: err.Error()}
	}
	if hashes == nil && cp.Size <= size {
		return nil // the log cannot be opened, which is said already
	}
	switch err := contradicts(cp, size, hashes); problem.Code(err) {
	case "LOG-ANCHOR-AHEAD":
		return &filestore.Fault{Code: "LOG-ANCHOR-AHEAD", Damage: true, Text: err.Error()}
	case "LOG-ANCHOR-FORK":
		return &filestore.Fault{Code: "LOG-ANCHOR-FORK", Damage: true, Text: err.Error()}
	}
	return nil
}

// behind names what lies behind the last whole checkpoint of each day: on the last
// day one that is being written, or was torn.
func (c *clockCheck) behind(ends map[string]int64, add func(filestore.Fault)) {
	var days []string
	for day := range c.days {
		days = append(days, day)
	}
	slices.Sort(days)
	for i, day := range days {
		if rest := c.days[day] - ends[day]; rest > 0 {
			add(filestore.Fault{
				Code: "STORE-CLOCK-DAMAGED", File: clockName + "/" + day, Offset: ends[day], Length: rest, Damage: i < len(days)-1 || rest > witness.RecordLen(make([]byte, ledger.MaxCheckpoint)),
				Text: "what follows is no whole checkpoint",
			})
		}
	}
}

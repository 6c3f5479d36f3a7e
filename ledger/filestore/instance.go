package filestore

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

const (
	instanceName   = "instance"
	instanceFormat = "yurai-instance/1"
	unreadInstance = "the instance file cannot be read"
)

// Instance tells one running copy of a log from every other. A log that was
// restored from a backup or cloned looks sound from inside and would fork if it
// went on; that it lies elsewhere than where it was made is the one trace.
type Instance struct {
	Epoch   [16]byte // random, drawn when the instance file was made; stands in every journal record
	Machine string   // hash of the machine's id, "" if it has none
	Journal uint64   // mark of the journal folder, 0 if the file system has none
	Needs   string   // what it needs before anything is signed: "", or [NeedsAnchor] after a restore

	// Moved says what does not fit: "" as long as the log lies where it was made.
	Moved string
}

// instanceFile is the file's form.
type instanceFile struct {
	Format  string `json:"format"`
	Epoch   string `json:"epoch"`
	Machine string `json:"machine"`
	Journal uint64 `json:"journal"`
	Needs   string `json:"needs,omitempty"`
}

// NeedsAnchor is the state of a log that was restored from a backup: what it
// signed after the backup is not in it.
const NeedsAnchor = "anchor"

// here returns the instance fields of the place where the files lie.
func here(files FS) (Instance, error) {
	mark, err := files.Mark("journal")
	if err != nil {
		return Instance{}, err
	}
	i := Instance{Journal: mark}
	if id := strings.TrimSpace(machine()); id != "" {
		sum := sha256.Sum256([]byte("yurai/machine/1\n" + id))
		i.Machine = "sha256:" + hex.EncodeToString(sum[:])
	}
	return i, nil
}

func newInstance(files FS) (Instance, error) {
	i, err := here(files)
	i.Epoch = newEpoch()
	return i, err
}

func (i Instance) marshal() []byte {
	b, err := json.Marshal(instanceFile{instanceFormat, hex.EncodeToString(i.Epoch[:]), i.Machine, i.Journal, i.Needs})
	if err != nil {
		panic(err) // strings and a number
	}
	return append(b, '\n')
}

// parseInstance reads what marshal writes.
func parseInstance(b []byte) (Instance, error) {
	var f instanceFile
	if err := json.Unmarshal(b, &f); err != nil {
		return Instance{}, err
	}
	epoch, err := hex.DecodeString(f.Epoch)
	if err != nil || len(epoch) != 16 || f.Format != instanceFormat {
		return Instance{}, fmt.Errorf("not a file of format %s", instanceFormat)
	}
	i := Instance{Epoch: [16]byte(epoch), Machine: f.Machine, Journal: f.Journal, Needs: f.Needs}
	if f.Needs != "" && f.Needs != NeedsAnchor {
		return Instance{}, fmt.Errorf("it needs %q, which this program does not know", f.Needs)
	}
	if !bytes.Equal(i.marshal(), b) {
		return Instance{}, fmt.Errorf("not a file of format %s", instanceFormat)
	}
	return i, nil
}

// openInstance reads the instance file and compares it with where the files lie.
// A file that cannot be read is a reason to call the log moved, not to refuse it.
// last is the newest record, segment the mark of the file that it was read from.
func openInstance(files FS, last frame, segment uint64) (Instance, error) {
	now, err := here(files)
	if err != nil {
		return Instance{}, err
	}
	made, err := readInstance(files)
	switch {
	case err != nil:
		now.Epoch, now.Moved = last.Epoch, fmt.Sprintf("%s: %v", unreadInstance, err)
		return now, nil
	case made.Needs != "":
		made.Moved = "it was restored from a backup and has not been held against an anchor"
	case made.Epoch != last.Epoch:
		made.Moved = "the instance file is not that of the journal"
	case made.Journal != now.Journal:
		made.Moved = "the journal's folder is not the one the log was made in"
	case last.mark != segment:
		made.Moved = "the newest segment of the journal is not the file that the log wrote"
	case made.Machine != now.Machine:
		made.Moved = "this is not the machine the log was made on"
	}
	return made, nil
}

func readInstance(files FS) (Instance, error) {
	f, err := files.Open(instanceName)
	if err != nil {
		return Instance{}, err
	}
	defer f.Close()
	b, err := read(f, 4096)
	if err != nil {
		return Instance{}, err
	}
	return parseInstance(b)
}

// instanceDraft is the name of an instance file that is being replaced.
const instanceDraft = "instance.new"

// Settle makes the place where the files lie the log's own: from then on
// [Instance.Moved] is empty here, and only here. It is for a log that was moved
// or restored, after it has been held against what others have seen of it; what
// it says is the caller's to know. A new epoch is drawn and stated by a record in
// a new journal segment. Nothing may be committed meanwhile; if it is interrupted
// the log is still called moved, and it can be called again.
func (s *Store) Settle() error {
	if s.failed != nil {
		return s.failed
	}
	inst, err := newInstance(s.files)
	if err != nil {
		return err
	}
	// What rides in the records of the segment is durable before the next one.
	if err := errors.Join(s.segments.sync(), s.derived.sync()); err != nil {
		return err
	}
	s.journal.kept = false
	if err := s.journal.begin(); err != nil {
		return err
	}
	r := s.journal.last
	r.Sequence, r.Previous, r.Epoch = r.Sequence+1, r.Hash(), inst.Epoch
	if err := s.journal.append(r, nil, nil); err != nil {
		s.failed = err
		return err
	}
	if err := s.files.Remove(instanceDraft); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := writeFile(s.files, instanceDraft, inst.marshal()); err != nil {
		return err
	}
	if err := s.files.Rename(instanceDraft, instanceName); err != nil {
		return err
	}
	if err := s.files.SyncDir("."); err != nil {
		return err
	}
	s.instance = inst
	return nil
}

package filestore

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
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

	// Moved says what does not fit: "" as long as the log lies where it was made.
	Moved string
}

// instanceFile is the file's form.
type instanceFile struct {
	Format  string `json:"format"`
	Epoch   string `json:"epoch"`
	Machine string `json:"machine"`
	Journal uint64 `json:"journal"`
}

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
	b, err := json.Marshal(instanceFile{instanceFormat, hex.EncodeToString(i.Epoch[:]), i.Machine, i.Journal})
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
	i := Instance{Epoch: [16]byte(epoch), Machine: f.Machine, Journal: f.Journal}
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

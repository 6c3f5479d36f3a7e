package server

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"

	"github.com/yurai-ledger/yurai/ledger/filestore"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/blobs"
)

// CheckOptions say how [Check] goes about; the zero value is usable.
type CheckOptions struct {
	// Progress is called now and then with what is being read, and how much of it
	// is done: leaves of the log, or files of blobs, whose number is not known.
	Progress func(what string, done, total int64)
}

// Examination is what [Check] found in the folder of a ledger. Files of faults
// are named within that folder.
type Examination struct {
	Log    filestore.CheckReport
	Blobs  int64 // files of blobs that were read
	Absent int64 // BOM entries whose bytes are not there
	Faults []filestore.Fault
	More   int64 // damage that is not listed
}

// Damaged reports whether any byte is not what was written, or is lost.
func (e *Examination) Damaged() bool {
	if e.More > 0 {
		return true
	}
	for _, f := range e.Faults {
		if f.Damage {
			return true
		}
	}
	return false
}

// Check reads the whole folder of a ledger, or of a backup of one: the log, every
// blob, and whether each BOM entry has its bytes. It changes nothing, takes no
// lock, and may run beside the server. The index, which can be deleted, is not
// looked at; keys are not read. Refused is what is no ledger
// (SERVER-FOLDER-INVALID, STORE-FOLDER-ABSENT), and with
// STORE-JOURNAL-DAMAGED a journal of which nothing can be followed.
func Check(ctx context.Context, dir string, o CheckOptions) (*Examination, error) {
	raw, err := readFile(dir, configName)
	if err != nil {
		return nil, err
	}
	c, err := parseConfig(raw)
	if err != nil {
		return nil, err
	}
	begins := map[int64]string{0: genesisName, 1: admissionName}
	e := &Examination{}
	view, err := blobs.View(filepath.Join(dir, blobsName), blobs.Options{MaxSize: maxBOM})
	if err != nil {
		view = nil // no blob was ever stored, or all are lost: each entry says so
	} else {
		defer view.Close()
	}
	if o.Progress == nil {
		o.Progress = func(string, int64, int64) {}
	}
	var beside []filestore.Fault
	report, err := filestore.Check(ctx, filepath.Join(dir, logName), filestore.CheckOptions{
		Origin:   c.Origin,
		Progress: func(done, total int64) { o.Progress(logName, done, total) },
		Visit: func(index int64, leaf []byte) error {
			if name, ok := begins[index]; ok {
				if want, err := readFile(dir, name); err != nil || !bytes.Equal(leaf, want) {
					beside = append(beside, filestore.Fault{Code: "SERVER-BEGINNING-OTHER", File: name, Damage: true, Text: fmt.Sprintf("it is not entry %d of the log", index)})
				}
			}
			st, err := readStatement(leaf)
			if err != nil {
				return nil // the log's business: audit judges what leaves say
			}
			said, ok := st.Body.(*statement.BOM)
			if !ok || view != nil && view.Has(said.Digest) {
				return nil
			}
			if e.Absent++; e.Absent <= filestore.MaxFaults {
				beside = append(beside, lostBlob(index, said.Digest, blobs.ErrAbsent))
			}
			return nil
		},
	})
	if err != nil {
		return nil, err
	}
	e.Log = *report
	for _, f := range report.Faults {
		f.File = logName + "/" + f.File
		e.Faults = append(e.Faults, f)
	}
	e.Faults = append(e.Faults, beside...)
	e.More = report.More + max(e.Absent-filestore.MaxFaults, 0)
	if view == nil {
		return e, nil
	}
	err = blobs.Survey(ctx, filepath.Join(dir, blobsName), blobs.Options{MaxSize: maxBOM}, func(b blobs.Stored) error {
		e.Blobs++
		o.Progress(blobsName, e.Blobs, 0)
		switch {
		case b.Err == nil:
		case len(e.Faults) >= 2*filestore.MaxFaults:
			e.More++
		default:
			e.Faults = append(e.Faults, filestore.Fault{Code: "STORE-BLOB-LOST", File: blobsName + "/" + b.Name, Length: b.Size, Damage: true, Text: b.Err.Error()})
		}
		return nil
	})
	return e, err
}

// lostBlob is the fault of an entry whose bytes are gone. The entry stands.
func lostBlob(index int64, digest statement.Digest, cause error) filestore.Fault {
	return filestore.Fault{
		Code: "STORE-BLOB-LOST", File: blobsName + "/sha256/" + digest.Hex()[:2] + "/" + digest.Hex(), Damage: true,
		Text: fmt.Sprintf("the bytes of entry %d: %v", index, cause),
	}
}

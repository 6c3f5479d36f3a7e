package cli

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/yurai-ledger/yurai/ledger"
)

// stateFormat is the "format" member of an auditor's state file.
const stateFormat = "yurai-audit/1"

// auditState is the newest tree of a log that an auditor found clean.
type auditState struct {
	checkpoint ledger.Checkpoint
	note       []byte // signed; nil if it was seen in a folder, which has none
}

type stateFile struct {
	Format     string      `json:"format"`
	Log        string      `json:"log"`
	Size       int64       `json:"size"`
	Root       ledger.Hash `json:"root"`
	Checkpoint string      `json:"checkpoint,omitzero"`
}

func newState(c ledger.Checkpoint, note []byte) auditState { return auditState{c, note} }

func (s auditState) marshal() ([]byte, error) {
	raw, err := json.Marshal(stateFile{stateFormat, s.checkpoint.Origin, s.checkpoint.Size, s.checkpoint.Root, string(s.note)}, jsontext.WithIndent("  "))
	if err != nil {
		return nil, err
	}
	return append(raw, '\n'), nil
}

// readState reads a state file for this log, nil if it is not there yet. A
// signed checkpoint in it must verify and be the tree that it names.
func readState(file string, log ledger.TrustedLog) (*auditState, error) {
	raw, err := readFile(file, maxStateFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s, err := parseState(raw, log)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return s, nil
}

func parseState(raw []byte, log ledger.TrustedLog) (*auditState, error) {
	var head struct {
		Format string `json:"format"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, refuse("CLI-STATE-MALFORMED", "the state is not strict JSON: %w", err)
	}
	if head.Format != stateFormat {
		return nil, refuse("CLI-STATE-MALFORMED", "the state has format %.40q, this program reads %q", head.Format, stateFormat)
	}
	var f stateFile
	if err := json.Unmarshal(raw, &f, json.RejectUnknownMembers(true)); err != nil {
		return nil, refuse("CLI-STATE-MALFORMED", "the state: %w", err)
	}
	if f.Log != log.Origin {
		return nil, refuse("CLI-STATE-MALFORMED", "the state is of log %.200q, not of %q", f.Log, log.Origin)
	}
	if f.Size < 0 || f.Size > ledger.MaxSize || f.Root.IsZero() {
		return nil, refuse("CLI-STATE-MALFORMED", "the state names no tree")
	}
	s := &auditState{checkpoint: ledger.Checkpoint{Origin: f.Log, Size: f.Size, Root: f.Root}}
	if f.Checkpoint == "" {
		return s, nil
	}
	s.note = []byte(f.Checkpoint)
	cp, err := ledger.OpenCheckpoint(s.note, log.Origin, log.Keys...)
	if err != nil {
		return nil, refuse("CLI-STATE-MALFORMED", "the checkpoint in the state does not verify: %w", err)
	}
	if cp != s.checkpoint {
		return nil, refuse("CLI-STATE-MALFORMED", "the checkpoint in the state is of %d leaves with root %s, the state says %d with %s", cp.Size, cp.Root, f.Size, f.Root)
	}
	return s, nil
}

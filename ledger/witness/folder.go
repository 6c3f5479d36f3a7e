package witness

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/filestore"
)

// The "format" members of the files of a witness.
const (
	Format    = "yurai-witness/1"
	LogFormat = "yurai-witness-log/1"
)

// Names in the folder of a witness.
const (
	lockName    = "lock"
	configName  = "witness.json"
	keysName    = "keys"
	ed25519Name = "keys/ed25519.key"
	mldsa44Name = "keys/mldsa44.key"
	logsName    = "logs"
	stateName   = "state"
)

// config is witness.json: it says what the keys are, and its being there that the
// folder is complete.
type config struct {
	Format string   `json:"format"`
	Name   string   `json:"name"`
	Keys   []string `json:"keys"` // verifier keys, Ed25519 first
}

// logConfig is a file of logs/.
type logConfig struct {
	Format string   `json:"format"`
	Origin string   `json:"origin"`
	Keys   []string `json:"keys"` // verifier keys, all of which have to have signed
}

// Log is a log that a witness watches.
type Log struct {
	Origin string
	Keys   []*ledger.Verifier // 1 to 8, all of which have to have signed a checkpoint
}

// Path returns the name of an origin in files and addresses: SHA-256 in lower-case
// hexadecimal (c2sp.org/tlog-witness "origin hash").
func Path(origin string) string {
	sum := sha256.Sum256([]byte(origin))
	return hex.EncodeToString(sum[:])
}

// Init makes the folder of a new witness with this name, a schema-less URL, and
// returns its verifier keys, Ed25519 first. random is crypto/rand where nil. A folder
// that holds anything is WITNESS-FOLDER-EXISTS.
func Init(dir, name string, random io.Reader) ([]string, error) {
	list, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("making the folder: %w", err)
		}
	case err != nil || len(list) > 0:
		return nil, ledger.Refuse("WITNESS-FOLDER-EXISTS", "%s holds something already", dir)
	}
	if random == nil {
		random = rand.Reader
	}
	return initFolder(filestore.Disk(dir), name, random)
}

func initFolder(disk filestore.FS, name string, random io.Reader) ([]string, error) {
	ed, err := ledger.NewSigner(ledger.CosignatureV1, name, random)
	if err != nil {
		return nil, err
	}
	ml, err := ledger.NewSigner(ledger.MLDSA44, name, random)
	if err != nil {
		return nil, err
	}
	for _, d := range []string{keysName, logsName, stateName} {
		if err := disk.MakeDir(d); err != nil {
			return nil, fmt.Errorf("making %s: %w", d, err)
		}
	}
	for file, key := range map[string]*ledger.Signer{ed25519Name: ed, mldsa44Name: ml} {
		if err := writeNew(disk, file, key.Marshal()); err != nil {
			return nil, fmt.Errorf("writing %s: %w", file, err)
		}
	}
	c := config{Format: Format, Name: name, Keys: []string{ed.VKey(), ml.VKey()}}
	raw, err := marshal(c)
	if err != nil {
		return nil, err
	}
	for _, d := range []string{keysName, "."} {
		if err := disk.SyncDir(d); err != nil {
			return nil, fmt.Errorf("syncing the folder: %w", err)
		}
	}
	if err := replace(disk, configName, raw); err != nil { // the commit point
		return nil, err
	}
	return c.Keys, nil
}

func marshal(v any) ([]byte, error) {
	raw, err := json.Marshal(v, jsontext.WithIndent("  "), json.Deterministic(true))
	return append(raw, '\n'), err
}

// Add makes the witness in a folder watch a log from the empty tree on. One that it
// watches already is WITNESS-LOG-EXISTS, whatever its keys: what a witness knows of a
// log is never forgotten. The witness must not be served meanwhile
// (WITNESS-FOLDER-LOCKED).
func Add(dir string, log Log, at time.Time) error {
	w, err := Open(dir, Options{Clock: func() time.Time { return at }})
	if err != nil {
		return err
	}
	return errors.Join(w.add(log), w.Close())
}

func (w *Witness) add(log Log) error {
	if err := checkOrigin(log.Origin); err != nil {
		return err
	}
	if len(log.Keys) < 1 || len(log.Keys) > maxKeys {
		return ledger.Refuse("WITNESS-LOG-INVALID", "a log has 1 to %d keys, not %d", maxKeys, len(log.Keys))
	}
	c := logConfig{Format: LogFormat, Origin: log.Origin}
	for _, k := range log.Keys {
		if slices.Contains(c.Keys, k.String()) {
			return ledger.Refuse("WITNESS-LOG-INVALID", "one key of %q is named twice", log.Origin)
		}
		c.Keys = append(c.Keys, k.String())
	}
	for _, k := range w.verifiers {
		if k.Name() == log.Origin {
			return ledger.Refuse("WITNESS-LOG-INVALID", "%q is the witness's own name, and no log cosigns itself", log.Origin)
		}
	}
	id := Path(log.Origin)
	if w.logs[id] != nil {
		return ledger.Refuse("WITNESS-LOG-EXISTS", "the witness watches %q already", log.Origin)
	}
	if len(w.logs) >= maxLogs {
		return ledger.Refuse("WITNESS-LOG-INVALID", "a witness watches at most %d logs", maxLogs)
	}
	l := &watched{Log: log}
	empty := ledger.Checkpoint{Origin: log.Origin, Root: ledger.EmptyRoot}
	state, err := w.state(l, head{Checkpoint: empty, body: empty.Body()}, w.clock())
	if err != nil {
		return err
	}
	raw, err := marshal(c)
	if err != nil {
		return err
	}
	// The state first: a log that is watched has one, and a witness that has lost it
	// does not begin anew.
	if err := replace(w.disk, stateName+"/"+id, state.note); err != nil {
		return err
	}
	if err := replace(w.disk, logsName+"/"+id+".json", raw); err != nil { // the commit point
		return err
	}
	l.seen, w.logs[id] = state, l
	return nil
}

// read reads the folder: who the witness is, which logs it watches, and what it
// cosigned last of each.
func (w *Witness) read() error {
	invalid := func(format string, args ...any) error {
		return ledger.Refuse("WITNESS-FOLDER-INVALID", format, args...)
	}
	raw, err := readWhole(w.disk, configName, maxFile)
	if err != nil {
		return invalid("this is not the folder of a witness: %w", err)
	}
	var c config
	if err := json.Unmarshal(raw, &c, json.RejectUnknownMembers(true)); err != nil {
		return invalid("%s: %w", configName, err)
	}
	if c.Format != Format || len(c.Keys) != 2 {
		return invalid("%s has format %.40q, this program reads %q", configName, c.Format, Format)
	}
	for i, name := range []string{ed25519Name, mldsa44Name} {
		raw, err := readWhole(w.disk, name, maxFile)
		if err != nil {
			return invalid("reading %s: %w", name, err)
		}
		k, err := ledger.ParseSigner(raw)
		if err != nil {
			return invalid("%s: %w", name, err)
		}
		if k.VKey() != c.Keys[i] || k.Origin() != c.Name {
			return invalid("%s is not the key that %s names", name, configName)
		}
		v, err := ledger.ParseCosigner(k.VKey())
		if err != nil {
			return invalid("%s: %w", name, err)
		}
		w.signers, w.verifiers = append(w.signers, k), append(w.verifiers, v)
	}
	names, err := w.disk.Names(logsName)
	if err != nil {
		return invalid("reading %s: %w", logsName, err)
	}
	for _, name := range names {
		id, ok := strings.CutSuffix(name, ".json")
		if !ok {
			continue // one that was not added in the end
		}
		l, err := w.readLog(id)
		if err != nil {
			return err
		}
		w.logs[id] = l
	}
	return nil
}

func (w *Witness) readLog(id string) (*watched, error) {
	name := logsName + "/" + id + ".json"
	invalid := func(err error) error {
		return ledger.Refuse("WITNESS-FOLDER-INVALID", "%s: %w", name, err)
	}
	raw, err := readWhole(w.disk, name, maxFile)
	if err != nil {
		return nil, invalid(err)
	}
	var c logConfig
	if err := json.Unmarshal(raw, &c, json.RejectUnknownMembers(true)); err != nil {
		return nil, invalid(err)
	}
	if c.Format != LogFormat || checkOrigin(c.Origin) != nil || Path(c.Origin) != id || len(c.Keys) < 1 || len(c.Keys) > maxKeys {
		return nil, invalid(errors.New("this is not how a log is named to a witness"))
	}
	l := &watched{Log: Log{Origin: c.Origin}}
	for _, k := range c.Keys {
		v, err := ledger.ParseVerifier(k)
		if err != nil {
			return nil, invalid(err)
		}
		l.Keys = append(l.Keys, v)
	}
	if l.seen, err = w.readState(l); err != nil {
		return nil, err
	}
	return l, nil
}

// readState reads what was cosigned last. Our own signatures on it show that it is
// whole: a state that does not verify is never taken for none.
func (w *Witness) readState(l *watched) (seen, error) {
	name := stateName + "/" + Path(l.Origin)
	damaged := func(err error) error {
		return ledger.Refuse("WITNESS-STATE-DAMAGED", "what was cosigned last of %q cannot be read: %w", l.Origin, err)
	}
	raw, err := readWhole(w.disk, name, maxState)
	if err != nil {
		return seen{}, damaged(err)
	}
	own, err := openNote(raw, w.verifiers)
	if err != nil {
		return seen{}, damaged(err)
	}
	if own.Origin != l.Origin {
		return seen{}, damaged(fmt.Errorf("it is of %q", own.Origin))
	}
	s := seen{Checkpoint: own.Checkpoint, at: timeOf(own.lines), note: raw}
	_, err = openNote(raw, l.Keys)
	if s.signed = err == nil; !s.signed && s.Size > 0 {
		return seen{}, damaged(err)
	}
	return s, nil
}

// private refuses keys that others can read, where files have such a mode.
func private(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	for _, name := range []string{ed25519Name, mldsa44Name} {
		info, err := os.Stat(dir + "/" + name)
		if err != nil {
			continue // said when it is read
		}
		if info.Mode().Perm()&0o077 != 0 {
			return ledger.Refuse("WITNESS-FOLDER-INVALID", "%s can be read by others: mode %v instead of 0600", name, info.Mode().Perm())
		}
	}
	return nil
}

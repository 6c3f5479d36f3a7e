package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/audit"
	"github.com/yurai-ledger/yurai/ledger/client"
	"github.com/yurai-ledger/yurai/ledger/filestore"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/server/problem"
)

// How often other runs may have been there first, and how long the lock of the
// memory is waited for.
const (
	maxTurns  = 64
	lockTries = 1000
	lockPause = 10 * time.Millisecond
)

// memory is the file in which this client remembers the checkpoints it has seen
// of the logs that a trust file names.
//
// Every contact with a log goes through it: what the log shows is compared with
// what is remembered, by tiles, and only then remembered in its place. What is
// remembered is read again under a lock before it is replaced, and if another run
// has changed it meanwhile, the comparison begins anew.
type memory struct {
	e     *environment
	file  string
	trust *ledger.Trust
	fixed bool // compared with, never written
	quiet bool // the caller says itself that nothing is remembered

	said map[string]bool // logs of which it was said
}

// stateFlag adds --state to a command.
func stateFlag(cmd *cobra.Command, state *string, more string) {
	cmd.Flags().StringVar(state, "state", "", "`FILE` that remembers the checkpoints seen (default TRUST.memory.json beside the trust file"+more+")")
}

// memoryName is where the memory of a trust file is kept.
func memoryName(trustFile string) string { return swapSuffix(trustFile, ".json", ".memory.json") }

// remember returns the memory in a file, by default the one of the trust file.
func (e *environment) remember(trustFile, state string, trust *ledger.Trust) *memory {
	if state == "" {
		state = memoryName(trustFile)
	}
	return &memory{e: e, file: state, trust: trust, said: map[string]bool{}}
}

// read returns what is remembered, nil if there is no file.
func (m *memory) read() (*client.Memory, error) {
	raw, err := readFile(m.file, client.MaxMemory+1)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	all, err := client.ParseMemory(raw, m.trust)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.file, err)
	}
	return all, nil
}

// recall returns what is remembered of a log. That it is nothing is said aloud,
// once: a first contact and a lost memory look the same from here.
func (m *memory) recall(origin string) (client.Seen, error) {
	all, err := m.read()
	if err != nil {
		return client.Seen{}, err
	}
	seen := all.Seen(origin)
	if seen.None() && !m.quiet && !m.said[origin] {
		m.said[origin] = true
		m.e.complain(ledger.Refuse("CLIENT-CONTACT-FIRST", "%s remembers nothing of %s", m.file, origin))
	}
	return seen, nil
}

// keep remembers next of a log in place of was. It returns false, and changes
// nothing, if another run has changed what is remembered.
func (m *memory) keep(ctx context.Context, origin string, was, next client.Seen) (bool, error) {
	if m.fixed || next.Same(was) {
		return true, nil
	}
	lock, err := m.lock(ctx)
	if err != nil {
		return false, err
	}
	defer lock.Close()
	all, err := m.read()
	if err != nil {
		return false, err
	}
	if !all.Seen(origin).Same(was) {
		return false, nil
	}
	raw, err := all.With(origin, next).Marshal()
	if err != nil {
		return false, err
	}
	return true, replaceFile(m.file, raw, 0o644)
}

// lock waits until no other run is writing the memory.
func (m *memory) lock(ctx context.Context) (io.Closer, error) {
	name := m.file
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	name = filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+".lock")
	for range lockTries {
		lock, err := filestore.Lock(name)
		if err == nil {
			return lock, nil
		}
		if !errors.Is(err, filestore.ErrLocked) {
			return nil, refuse("CLI-FILE-UNWRITABLE", "%s: %w", name, plainPath(err))
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(lockPause):
		}
	}
	return nil, m.busy()
}

func (m *memory) busy() error {
	return ledger.Refuse("CLIENT-MEMORY-BUSY", "other runs keep writing %s", m.file)
}

// meet asks the server at base for its checkpoint, as the function meet does, and
// compares it with what is remembered. If the log misbehaved the server is
// returned with the error.
func (m *memory) meet(ctx context.Context, base string) (*remote, ledger.Signed, error) {
	if _, err := m.read(); err != nil {
		return nil, ledger.Signed{}, err
	}
	r, head, err := meet(ctx, base, m.trust)
	if err != nil {
		return nil, ledger.Signed{}, err
	}
	head, err = m.published(ctx, r, head)
	return r, head, err
}

// contact is a server that was met with the memory that goes with a trust file.
type contact struct {
	*remote
	memory *memory
	cp     ledger.Checkpoint // that it publishes
}

// contact meets the server at base with the memory that goes with a trust file.
func (e *environment) contact(ctx context.Context, base, trustFile string, trust *ledger.Trust) (*contact, error) {
	m := e.remember(trustFile, "", trust)
	r, head, err := m.meet(ctx, base)
	if err != nil {
		return nil, err
	}
	return &contact{r, m, head.Checkpoint}, nil
}

// reach is contact for the server of the log with this origin.
func (e *environment) reach(ctx context.Context, base, trustFile string, trust *ledger.Trust, origin string) (*contact, error) {
	m := e.remember(trustFile, "", trust)
	r, head, err := m.reach(ctx, base, origin)
	if err != nil {
		return nil, err
	}
	return &contact{r, m, head.Checkpoint}, nil
}

// submit posts a statement that has no file beside it and compares what the
// receipt commits the log to with what is remembered.
func (c *contact) submit(ctx context.Context, trust *ledger.Trust, leaf []byte) (receipt, error) {
	got, err := c.remote.submit(ctx, trust, leaf, nil)
	if err != nil {
		return receipt{}, err
	}
	return got, c.memory.committed(ctx, c.remote, got.signed())
}

// reach is meet for the server of the log with this origin, of whichever trusted
// log if origin is "".
func (m *memory) reach(ctx context.Context, base, origin string) (*remote, ledger.Signed, error) {
	if origin != "" {
		if _, ok := m.trust.Log(origin); !ok {
			return nil, ledger.Signed{}, ledger.Refuse("TRUST-LOG-UNKNOWN", "log %q is not among those that the trust file names", printable(origin))
		}
	}
	r, head, err := m.meet(ctx, base)
	if err != nil {
		return nil, ledger.Signed{}, err
	}
	if origin != "" && r.log.Origin != origin {
		return nil, ledger.Signed{}, refuse("CLI-ANSWER-MALFORMED", "%s serves log %q, not %q", r.base, r.log.Origin, origin)
	}
	return r, head, nil
}

// published compares a verified checkpoint that the log publishes with what is
// remembered of it, remembers it if it is the newest, and returns the one that
// was compared. One that is smaller than what was published before is asked for
// again, past caches; still smaller, it is a rollback. One that is smaller than
// what the log has committed to is only not published yet.
func (m *memory) published(ctx context.Context, r *remote, head ledger.Signed) (ledger.Signed, error) {
	for range maxTurns {
		seen, err := m.recall(r.log.Origin)
		if err != nil {
			return head, err
		}
		if before := seen.Published; before != nil && head.Size < before.Size {
			if head, err = r.checkpoint(ctx, true); err != nil {
				return head, unanswered(err)
			}
			if head.Size < before.Size {
				return head, m.accuse(m.backwards(ctx, r, head, *before))
			}
		}
		if err := m.compare(ctx, r, seen, head); err != nil {
			return head, m.accuse(err)
		}
		next := seen
		if next.Published == nil || next.Published.Size < head.Size {
			next.Published = &head
		}
		if done, err := m.keep(ctx, r.log.Origin, seen, next); done || err != nil {
			return head, err
		}
	}
	return head, m.busy()
}

// committed compares the verified checkpoint of a receipt or bundle that the log
// sent with what is remembered, and remembers it if it is the newest.
func (m *memory) committed(ctx context.Context, r *remote, head ledger.Signed) error {
	for range maxTurns {
		seen, err := m.recall(r.log.Origin)
		if err != nil {
			return err
		}
		if err := m.compare(ctx, r, seen, head); err != nil {
			return m.accuse(err)
		}
		next := seen
		if next.Committed == nil || next.Committed.Size < head.Size {
			next.Committed = &head
		}
		if done, err := m.keep(ctx, r.log.Origin, seen, next); done || err != nil {
			return err
		}
	}
	return m.busy()
}

// compare reports whether a checkpoint is of one history with those remembered,
// and with the one that the server has just shown. Where a larger one is known only
// a proof that it is not counts: the server asked may not have its tiles yet.
func (m *memory) compare(ctx context.Context, r *remote, seen client.Seen, head ledger.Signed) error {
	for _, before := range []*ledger.Signed{seen.Published, seen.Committed, &r.head} {
		if before == nil || before.Note == nil {
			continue
		}
		err := r.consistent(ctx, *before, head)
		var fork *audit.Fork
		if err != nil && (before.Size <= head.Size || ctx.Err() != nil || errors.As(err, &fork)) {
			return err
		}
	}
	return nil
}

// backwards is the error for a log that was published larger before: a fork if
// its tiles prove one, else the rollback.
func (m *memory) backwards(ctx context.Context, r *remote, head, before ledger.Signed) error {
	var fork *audit.Fork
	if err := r.consistent(ctx, head, before); errors.As(err, &fork) {
		return err
	}
	return &audit.Rollback{Shown: head, Seen: before, Observed: m.e.now()}
}

// accuse keeps what an error shows against the log as an evidence file beside the
// memory, and returns the error. An error that accuses nobody passes through.
func (m *memory) accuse(err error) error {
	var fork *audit.Fork
	var back *audit.Rollback
	var about *audit.Evidence
	var trees [2]ledger.Signed
	switch {
	case errors.As(err, &fork):
		about, trees = fork.Evidence(), [2]ledger.Signed{fork.Older, fork.Newer}
	case errors.As(err, &back):
		about, trees = back.Evidence(), [2]ledger.Signed{back.Shown, back.Seen}
	}
	if about == nil || about.Older == nil || about.Newer == nil {
		return err
	}
	raw, failed := about.Marshal()
	if failed != nil {
		return errors.Join(err, failed)
	}
	a, b := trees[0].Digest(), trees[1].Digest()
	m.save(about.Kind, append(a[:], b[:]...), raw)
	return err
}

// charge keeps what a bundle shows against its party or its log.
func (m *memory) charge(c *receiving.Charge) {
	raw, err := c.Marshal()
	if err != nil {
		m.e.complain(err)
		return
	}
	m.save(c.Kind, fmt.Appendf(c.Bundle.Statement.Leaf[:len(c.Bundle.Statement.Leaf):len(c.Bundle.Statement.Leaf)], "%d %d", c.Other, c.Entry.Index), raw)
}

// save writes an evidence file and says where it is. Its name is made of what it
// is about: seen again, it is there already. Evidence that cannot be written is
// no reason to be silent about what it shows.
func (m *memory) save(kind audit.Kind, about, raw []byte) {
	sum := sha256.Sum256(about)
	name := swapSuffix(m.file, ".json", "") + ".evidence-" + string(kind) + "-" + hex.EncodeToString(sum[:4]) + ".json"
	if err := createFile(name, raw, 0o644); err != nil && problem.Code(err) != "CLI-FILE-EXISTS" {
		m.e.complain(err)
		return
	}
	m.e.say("the evidence is in "+name, "証拠を "+name+" に保存しました")
}

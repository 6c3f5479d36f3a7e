package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/audit"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// maxCharges bounds the evidence files that one audit writes about entries.
const maxCharges = 16

// question is a bundle whose status an audit holds against the log.
type question struct {
	held
	name    string
	concern *receiving.Concern
	missing []int64 // entries that the status should have named
}

// question reads a bundle to hold against the log that is audited.
func (a *auditing) question(name string) error {
	raw, err := readFile(name, receiving.MaxBundle+1)
	if err != nil {
		return err
	}
	h, err := openBundle(raw, a.trust)
	if err != nil {
		a.e.complainAbout(name, err)
		return end(exitOfBundle(err))
	}
	if h.bundle.Log != a.log.Origin {
		return refuse("CLI-BUNDLE-OTHER", "%s is of log %q, the audit of %q", name, h.bundle.Log, a.log.Origin)
	}
	q := &question{held: h, name: name, concern: h.evidence.Concern()}
	if h.evidence.Status == nil || q.concern == nil {
		return refuse("CLI-BUNDLE-OTHER", "%s has no status", name)
	}
	a.questions = append(a.questions, q)
	return nil
}

// visit takes note of entries that the status should have named.
func (q *question) visit(index int64, st *statement.Statement) {
	if index >= q.evidence.Checkpoint.Size {
		return
	}
	said := q.evidence.Status.Body.(*statement.Status)
	for _, i := range q.concern.Visit(index, st) {
		if !slices.Contains(said.Entries, i) {
			q.missing = append(q.missing, i)
		}
	}
}

// answer says of each bundle what the log kept back when it signed the status.
// What was replayed has to be the tree that the bundle's checkpoint is of.
func (a *auditing) answer(ctx context.Context) {
	for _, q := range a.questions {
		cp, said := q.evidence.Checkpoint, q.evidence.Status.Body.(*statement.Status)
		if !a.authentic || !slices.Contains(a.result.ConsistentWith, cp) {
			a.find("AUDIT-STATUS-UNREAD", -1, "%s is of %d leaves, which could not be compared", q.name, cp.Size)
			continue
		}
		if held := a.history.State().Advisories(cp.Size); held != said.Advisories {
			a.clean = false
			a.find("AUDIT-STATUS-FALSE", -1, "at %d leaves the log signed a status that counts %d advisories, the last of them %s; there were %d, the last %s",
				cp.Size, said.Advisories.Count, said.Advisories.Last, held.Count, held.Last)
		}
		slices.Sort(q.missing)
		for _, index := range q.missing {
			a.clean = false
			a.find("AUDIT-STATUS-FALSE", index, "at %d leaves the log signed a status about %s of %s that leaves entry %d out", cp.Size, q.evidence.Statement.Subject, q.evidence.Party, index)
			c, err := a.omission(ctx, q, index)
			if err != nil {
				a.e.complain(err)
				continue
			}
			a.charge(c)
		}
	}
}

// omission returns the evidence that a status leaves an entry out, with what shows
// that the entry had to be named and the bundle does not hold.
func (a *auditing) omission(ctx context.Context, q *question, index int64) (*receiving.Charge, error) {
	c := &receiving.Charge{Kind: audit.KindStatus, Bundle: q.bundle}
	var err error
	if c.Entry, err = a.entry(ctx, index, q.evidence.Checkpoint); err != nil {
		return nil, err
	}
	for _, i := range q.concern.Grounds(index) {
		if q.bundle.Statement.Index == i || slices.ContainsFunc(q.bundle.History, func(e receiving.Entry) bool { return e.Index == i }) {
			continue
		}
		g, err := a.entry(ctx, i, q.evidence.Checkpoint)
		if err != nil {
			return nil, err
		}
		c.Grounds = append(c.Grounds, g)
	}
	return c, nil
}

// entry reads an entry again and proves it in the tree of a checkpoint.
func (a *auditing) entry(ctx context.Context, index int64, cp ledger.Checkpoint) (receiving.Entry, error) {
	first := index / ledger.TileWidth
	raw, err := a.src.Bundle(ctx, first, int(min(ledger.TileWidth, a.head.Size-first*ledger.TileWidth)))
	if err != nil {
		return receiving.Entry{}, err
	}
	leaves, err := ledger.ParseBundle(raw)
	if err != nil {
		return receiving.Entry{}, err
	}
	at := index - first*ledger.TileWidth
	if at >= int64(len(leaves)) {
		return receiving.Entry{}, refuse("CLI-ANSWER-MALFORMED", "entry %d is not served any more", index)
	}
	e := receiving.Entry{Leaf: leaves[at], Index: index}
	err = a.proving(ctx, func(tiles audit.Tiles) error {
		e.Proof, err = audit.ProveInclusion(ctx, tiles, a.head.Size, cp, index, ledger.LeafHash(e.Leaf))
		return err
	})
	return e, err
}

// proving calls f with the log's tiles and, where they are missing or not those
// that the leaves give, with what the leaves give: a log keeps no proof back by
// bending tiles.
func (a *auditing) proving(ctx context.Context, f func(audit.Tiles) error) error {
	err := f(a.src)
	var fork *audit.Fork
	if err == nil || errors.As(err, &fork) || ctx.Err() != nil || !a.authentic {
		return err
	}
	return f(audit.FromLeaves(a.src, a.head.Size))
}

// equivocation asks the server for the bundle in which a party gives one number
// to two BOMs. A folder signs no status, and without one nothing says that the
// history is whole.
func (a *auditing) equivocation(ctx context.Context, index, other int64) {
	s, ok := a.src.(*served)
	if !ok || !a.authentic || a.charges >= maxCharges {
		return
	}
	h, err := s.remote.bundle(ctx, index, a.trust)
	if err == nil {
		err = s.remote.consistent(ctx, a.head, h.signed())
	}
	if err != nil {
		a.e.complain(a.memory.accuse(unanswered(err)))
		return
	}
	a.charge(&receiving.Charge{Kind: audit.KindEquivocation, Bundle: h.bundle, Other: other})
}

// charge writes evidence about entries, once it was verified as whoever gets it
// will.
func (a *auditing) charge(c *receiving.Charge) {
	if a.charges++; a.charges > maxCharges {
		return
	}
	if _, err := c.Verify(a.trust); err != nil {
		a.e.complain(fmt.Errorf("no evidence about entry %d is written: %w", c.Bundle.Statement.Index, err))
		return
	}
	a.memory.charge(c)
}

// accuse writes what the replay shows against the log, as far as it signed it: a
// folder signs nothing.
func (a *auditing) accuse(ctx context.Context) {
	if a.head.Note == nil || !slices.ContainsFunc(a.result.Findings, contradicts) {
		return
	}
	for _, before := range a.signed {
		err := error(&audit.Rollback{Shown: a.head, Seen: before, Observed: a.e.now()})
		if before.Size <= a.head.Size {
			err = a.proving(ctx, func(tiles audit.Tiles) error { return audit.Consistent(ctx, tiles, before, a.head) })
		}
		var fork *audit.Fork
		if before.Size > a.head.Size || errors.As(err, &fork) {
			_ = a.memory.accuse(err) // it is among the findings
		}
	}
}

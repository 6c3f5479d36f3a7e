package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/audit"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// maxCharges bounds the evidence files that one audit writes about entries.
const maxCharges = 16

// question is a bundle whose status an audit holds against the log.
type question struct {
	held
	name    string
	concern *receiving.Concern
	missing []receiving.Entry // that the status should have named; without proofs
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
		return refuse("CLI-BUNDLE-OTHER", "%s has no status about a BOM", name)
	}
	a.questions = append(a.questions, q)
	return nil
}

// visit takes note of an entry that the status should have named.
func (q *question) visit(index int64, leaf []byte, st *statement.Statement, state *registry.State) {
	if index >= q.evidence.Checkpoint.Size || !q.concern.Visit(index, st, state) {
		return
	}
	if said := q.evidence.Status.Body.(*statement.Status); !slices.Contains(said.Entries, index) {
		q.missing = append(q.missing, receiving.Entry{Leaf: slices.Clone(leaf), Index: index})
	}
}

// answer says of each bundle which entries the log kept back when it signed the
// status. What was replayed has to be the tree that the bundle's checkpoint is of.
func (a *auditing) answer(ctx context.Context) {
	for _, q := range a.questions {
		cp := q.evidence.Checkpoint
		if !a.authentic || !slices.Contains(a.result.ConsistentWith, cp) {
			a.find("AUDIT-STATUS-UNREAD", -1, "%s is of %d leaves, which could not be compared", q.name, cp.Size)
			continue
		}
		for _, e := range q.missing {
			a.clean = false
			a.find("AUDIT-STATUS-FALSE", e.Index, "at %d leaves the log signed a status about %s of %s that leaves entry %d out", cp.Size, q.evidence.Statement.Subject, q.evidence.Party, e.Index)
			if a.charges >= maxCharges {
				continue
			}
			grounds, err := a.grounds(ctx, cp, e)
			if err == nil {
				e.Proof, err = audit.ProveInclusion(ctx, a.src, a.head.Size, cp, e.Index, ledger.LeafHash(e.Leaf))
			}
			if err != nil {
				a.e.complain(err)
				continue
			}
			a.charge(&receiving.Charge{Kind: audit.KindStatus, Bundle: q.bundle.With(grounds...), Entry: e})
		}
	}
}

// grounds returns the entries before one that say who its issuer is, proven against
// a checkpoint: a log that keeps back a ban keeps back who is behind it.
func (a *auditing) grounds(ctx context.Context, cp ledger.Checkpoint, e receiving.Entry) ([]receiving.Entry, error) {
	signed, err := envelope.ParseLeaf(e.Leaf)
	if err != nil {
		return nil, err
	}
	st, err := statement.Parse(signed.Payload())
	if err != nil {
		return nil, err
	}
	var list []receiving.Entry
	for _, index := range a.history.State().About(st.Actor(), e.Index) {
		first := index / ledger.TileWidth * ledger.TileWidth
		raw, err := a.src.Bundle(ctx, index/ledger.TileWidth, int(min(ledger.TileWidth, a.head.Size-first)))
		if err != nil {
			return nil, err
		}
		leaves, err := ledger.ParseBundle(raw)
		if err != nil {
			return nil, err
		}
		if index-first >= int64(len(leaves)) {
			return nil, refuse("CLI-ANSWER-MALFORMED", "the log served entry %d and serves it no more", index)
		}
		g := receiving.Entry{Leaf: leaves[index-first], Index: index}
		if g.Proof, err = audit.ProveInclusion(ctx, a.src, a.head.Size, cp, index, ledger.LeafHash(g.Leaf)); err != nil {
			return nil, err
		}
		list = append(list, g)
	}
	return list, nil
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
	if err != nil {
		a.e.complain(unanswered(err))
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
			err = audit.Consistent(ctx, a.src, before, a.head)
		}
		var fork *audit.Fork
		if before.Size > a.head.Size || errors.As(err, &fork) {
			_ = a.memory.accuse(err) // it is among the findings
		}
	}
}

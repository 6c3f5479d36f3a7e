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
func (q *question) visit(index int64, leaf []byte, st *statement.Statement) {
	if index >= q.evidence.Checkpoint.Size || !q.concern.Visit(index, st) {
		return
	}
	if said := q.evidence.Status.Body.(*statement.Status); !slices.Contains(said.Entries, index) {
		q.missing = append(q.missing, receiving.Entry{Leaf: slices.Clone(leaf), Index: index})
	}
}

// keepLeaf keeps a leaf on which other entries rest, if there are questions.
func (a *auditing) keepLeaf(index int64, leaf []byte, st *statement.Statement) {
	if len(a.questions) == 0 {
		return
	}
	switch st.Kind {
	case statement.KindGenesis, statement.KindAdmission, statement.KindParty, statement.KindKeys, statement.KindDelegate,
		statement.KindRevoke, statement.KindSuspend, statement.KindAdvisory:
		if a.kept == nil {
			a.kept = make(map[int64][]byte)
		}
		a.kept[index] = slices.Clone(leaf)
	}
}

// support returns, with proofs, what an entry rests on that a status left out and
// the bundle does not hold: what was left out before it, and the foundation of
// everybody whom these entries name.
func (a *auditing) support(ctx context.Context, q *question, before []receiving.Entry, of receiving.Entry) (list []receiving.Entry, err error) {
	leaves := make(map[int64][]byte)
	state := a.history.State()
	for _, x := range append(slices.Clone(before), of) {
		if x.Index < of.Index {
			leaves[x.Index] = x.Leaf
		}
		who, err := namesOf(x.Leaf)
		if err != nil {
			return nil, err
		}
		for _, id := range who {
			for _, i := range state.Foundation(id, of.Index) {
				leaves[i] = a.kept[i]
			}
		}
	}
	delete(leaves, q.bundle.Statement.Index)
	for _, x := range q.bundle.History {
		delete(leaves, x.Index)
	}
	for _, i := range sortedKeys(leaves) {
		x := receiving.Entry{Leaf: leaves[i], Index: i}
		if x.Proof, err = audit.ProveInclusion(ctx, a.src, a.head.Size, q.evidence.Checkpoint, i, ledger.LeafHash(x.Leaf)); err != nil {
			return nil, err
		}
		list = append(list, x)
	}
	return list, nil
}

// namesOf returns who acts in a statement and whom it is about.
func namesOf(leaf []byte) ([]string, error) {
	e, err := envelope.ParseLeaf(leaf)
	if err != nil {
		return nil, err
	}
	st, err := statement.Parse(e.Payload())
	if err != nil {
		return nil, err
	}
	switch body := st.Body.(type) {
	case *statement.Revoke:
		return []string{st.Actor(), body.Of}, nil
	case *statement.Suspend:
		return []string{st.Actor(), body.About}, nil
	}
	return []string{st.Actor()}, nil
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
		// What rests on an entry that broke the rules is not the same for a reader who
		// leaves it out; the log is found out by that entry then.
		said := q.evidence.Status.Body.(*statement.Status).Advisories
		if counted := a.history.State().Advisories(cp.Size); counted != said && a.counts["AUDIT-RULE-BROKEN"] == 0 {
			a.clean = false
			a.find("AUDIT-STATUS-FALSE", -1, "at %d leaves the log signed that it has %d advisories, the last %s; it has %d, the last %s", cp.Size, said.Count, said.Last, counted.Count, counted.Last)
		}
		for i, e := range q.missing {
			a.clean = false
			a.find("AUDIT-STATUS-FALSE", e.Index, "at %d leaves the log signed a status about %s of %s that leaves entry %d out", cp.Size, q.evidence.Statement.Subject, q.evidence.Party, e.Index)
			var err error
			if e.Proof, err = audit.ProveInclusion(ctx, a.src, a.head.Size, cp, e.Index, ledger.LeafHash(e.Leaf)); err != nil {
				a.e.complain(err)
				continue
			}
			support, err := a.support(ctx, q, q.missing[:i], e)
			if err != nil {
				a.e.complain(err)
				continue
			}
			a.charge(&receiving.Charge{Kind: audit.KindStatus, Bundle: q.bundle, Entry: e, Support: support})
		}
	}
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

package receiving

import (
	"errors"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/audit"
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// Charge is an evidence file (yurai-evidence/1) about what entries say. It is a
// claim until [Charge.Verify].
//
// Of kind equivocation: Bundle is that of a BOM entry, Other the entry in its
// history in which the same party gave the same serial number and version to
// other bytes. Of kind status: Bundle holds a status signed by the log, Entry the
// entry that it leaves out, proven against the bundle's own checkpoint. What the
// entry rests on and the log kept back with it, as its issuer's enrolment, whoever
// accuses adds to the bundle's history: see [Bundle.With].
type Charge struct {
	Kind   audit.Kind
	Bundle *Bundle
	Other  int64 // equivocation
	Entry  Entry // status
}

type chargeFile struct {
	Format string         `json:"format"`
	Kind   audit.Kind     `json:"kind"`
	Weight string         `json:"weight"`
	Log    string         `json:"log"`
	Bundle jsontext.Value `json:"bundle"`
	Other  *int64         `json:"other,omitzero"`
	Entry  *entryFile     `json:"entry,omitzero"`
}

// Marshal returns the file as one line of JSON.
func (c *Charge) Marshal() ([]byte, error) {
	bundle, err := c.Bundle.Marshal()
	if err != nil {
		return nil, err
	}
	f := chargeFile{Format: audit.EvidenceFormat, Kind: c.Kind, Weight: c.Kind.Weight(), Log: c.Bundle.Log, Bundle: bundle}
	if err := f.Bundle.Compact(); err != nil {
		return nil, err
	}
	if c.Kind == audit.KindEquivocation {
		f.Other = &c.Other
	} else {
		e := c.Entry.file()
		f.Entry = &e
	}
	raw, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	return append(raw, '\n'), nil
}

// ParseCharge reads an evidence file of kind equivocation or status without
// verifying it. It refuses what [audit.EvidenceKind] and, for the bundle in it,
// [ParseBundle] do; AUDIT-EVIDENCE-MALFORMED for the other kinds and for unknown,
// doubled, missing or surplus members.
func ParseCharge(raw []byte) (*Charge, error) {
	malformed := func(format string, args ...any) error {
		return sbom.Refuse("AUDIT-EVIDENCE-MALFORMED", format, args...)
	}
	kind, err := audit.EvidenceKind(raw)
	if err != nil {
		return nil, err
	}
	if kind != audit.KindEquivocation && kind != audit.KindStatus {
		return nil, malformed("evidence of kind %s is not about entries", kind)
	}
	var f chargeFile
	if err := json.Unmarshal(raw, &f, json.RejectUnknownMembers(true)); err != nil {
		return nil, malformed("the evidence file: %w", err)
	}
	if (f.Other != nil) != (kind == audit.KindEquivocation) || (f.Entry != nil) != (kind == audit.KindStatus) || len(f.Bundle) == 0 {
		return nil, malformed("evidence of kind %s lacks a member or has one too many", kind)
	}
	c := &Charge{Kind: kind}
	if c.Bundle, err = ParseBundle(f.Bundle); err != nil {
		return nil, err
	}
	if c.Bundle.Log != f.Log {
		return nil, malformed("the evidence is about log %.200q, its bundle of %.200q", f.Log, c.Bundle.Log)
	}
	if kind == audit.KindStatus {
		c.Entry, err = f.Entry.entry()
		return c, err
	}
	c.Other = *f.Other
	return c, nil
}

// Verify returns what the charge's bundle proves if the charge is true. Besides
// the refusals of [Open] it returns AUDIT-EVIDENCE-FALSE for a charge that does
// not hold: a bundle without a usable status, which alone says that no entry was
// kept back from the history; no such equivocation at the bundle's size; an entry
// that is not in the log, does not verify, does not concern the BOM, or is named
// by the status after all.
func (c *Charge) Verify(t *ledger.Trust) (*Evidence, error) {
	untrue := func(format string, args ...any) error {
		return sbom.Refuse("AUDIT-EVIDENCE-FALSE", format, args...)
	}
	ev, err := Open(c.Bundle, t)
	if err != nil {
		return nil, err
	}
	if ev.Status == nil {
		return nil, untrue("the bundle has no status about its statement")
	}
	if c.Kind == audit.KindEquivocation {
		if !slices.Contains(ev.Standing.Equivocal, c.Other) {
			return nil, untrue("entry %d gives no number of entry %d to other bytes", c.Other, ev.Index)
		}
		return ev, nil
	}
	e := c.Entry
	switch cp := ev.Checkpoint; {
	case e.Index >= cp.Size:
		return nil, untrue("entry %d came after the status of %d leaves", e.Index, cp.Size)
	case names(ev.Status, e.Index):
		return nil, untrue("the status names entry %d", e.Index)
	default:
		if err := ledger.VerifyInclusion(cp.Root, cp.Size, e.Index, ledger.LeafHash(e.Leaf), e.Proof); err != nil {
			return nil, untrue("entry %d is not proven: %w", e.Index, err)
		}
	}
	concern := ev.Concern()
	if concern == nil {
		return nil, untrue("the statement is no BOM's, and no status is about it")
	}
	concerned, err := concern.replay(c.Bundle, e)
	switch {
	case errors.Is(err, statement.ErrNewer):
		return nil, err
	case err != nil:
		return nil, untrue("the log's rules do not admit entry %d: %w", e.Index, err)
	case !concerned:
		return nil, untrue("entry %d does not concern the BOM or its party", e.Index)
	}
	return ev, nil
}

// replay applies the bundle's entries up to one that it does not hold, and that
// one, and reports whether it concerns the BOM.
func (c *Concern) replay(b *Bundle, omitted Entry) (bool, error) {
	history := registry.NewHistory(c.log)
	var last bool
	for _, e := range append(slices.DeleteFunc(b.entries(), func(x Entry) bool { return x.Index >= omitted.Index }), omitted) {
		p, err := history.State().OpenLeaf(e.Leaf)
		if err == nil {
			err = history.Apply(e.Index, p)
		}
		if err != nil {
			return false, err
		}
		last = c.Visit(e.Index, p.Statement(), history.State())
	}
	return last, nil
}

package receiving

import (
	"cmp"
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
// entry that it leaves out, proven against the bundle's own checkpoint, and so are
// the Grounds, entries that the bundle does not hold and that Entry rests on: see
// [Concern.Grounds].
type Charge struct {
	Kind    audit.Kind
	Bundle  *Bundle
	Other   int64   // equivocation
	Entry   Entry   // status
	Grounds []Entry // status; ascending
}

type chargeFile struct {
	Format  string         `json:"format"`
	Kind    audit.Kind     `json:"kind"`
	Weight  string         `json:"weight"`
	Log     string         `json:"log"`
	Bundle  jsontext.Value `json:"bundle"`
	Other   *int64         `json:"other,omitzero"`
	Entry   *entryFile     `json:"entry,omitzero"`
	Grounds []entryFile    `json:"grounds,omitempty"`
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
		for _, g := range c.Grounds {
			f.Grounds = append(f.Grounds, g.file())
		}
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
	if (f.Other != nil) != (kind == audit.KindEquivocation) || (f.Entry != nil) != (kind == audit.KindStatus) || len(f.Bundle) == 0 ||
		f.Grounds != nil && (kind != audit.KindStatus || len(f.Grounds) == 0) {
		return nil, malformed("evidence of kind %s lacks a member or has one too many", kind)
	}
	c := &Charge{Kind: kind}
	if c.Bundle, err = ParseBundle(f.Bundle); err != nil {
		return nil, err
	}
	if c.Bundle.Log != f.Log {
		return nil, malformed("the evidence is about log %.200q, its bundle of %.200q", f.Log, c.Bundle.Log)
	}
	if kind == audit.KindEquivocation {
		c.Other = *f.Other
		return c, nil
	}
	if c.Entry, err = f.Entry.entry(); err != nil {
		return nil, err
	}
	if len(f.Grounds) > MaxHistory {
		return nil, malformed("evidence with %d grounds is over the limit of %d", len(f.Grounds), MaxHistory)
	}
	for i, x := range f.Grounds {
		e, err := x.entry()
		if err != nil {
			return nil, err
		}
		if i > 0 && e.Index <= c.Grounds[i-1].Index {
			return nil, malformed("entry %d of the grounds is out of order", e.Index)
		}
		c.Grounds = append(c.Grounds, e)
	}
	return c, nil
}

// Verify returns what the charge's bundle proves if the charge is true. Besides
// the refusals of [Open] it returns AUDIT-EVIDENCE-FALSE for a charge that does
// not hold: a bundle without a usable status, which alone says that no entry was
// kept back from the history; no such equivocation at the bundle's size; an entry
// or a ground that is not in the log or does not verify; an entry that does not
// concern the BOM, repeats another, or is named by the status after all.
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
		for _, x := range append([]Entry{e}, c.Grounds...) {
			if err := ledger.VerifyInclusion(cp.Root, cp.Size, x.Index, ledger.LeafHash(x.Leaf), x.Proof); err != nil {
				return nil, untrue("entry %d is not proven: %w", x.Index, err)
			}
		}
	}
	concern := ev.Concern()
	if concern == nil {
		return nil, untrue("the statement is no BOM's, and no status is about it")
	}
	concerned, err := concern.replay(c)
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

// replay applies the entries of the bundle, the grounds and the entry that was
// left out, in the order of the log, and reports whether that one concerns the
// BOM. All of them are proven. It fails if the log should not have taken the entry,
// or one before it, as far as these show.
func (c *Concern) replay(of *Charge) (bool, error) {
	omitted := of.Entry.Index
	list := append(append(of.Bundle.entries(), of.Grounds...), of.Entry)
	slices.SortFunc(list, func(a, b Entry) int { return cmp.Compare(a.Index, b.Index) })
	list = slices.CompactFunc(list, func(a, b Entry) bool { return a.Index == b.Index })
	history := registry.NewHistory(c.log)
	for _, e := range list {
		p, err := history.State().OpenLeaf(e.Leaf)
		if err == nil {
			err = history.Apply(e.Index, p)
		}
		switch {
		case err != nil && e.Index <= omitted:
			return false, err
		case err != nil || history.Repeats(e.Index):
			continue // nobody said it, or said it before
		}
		if slices.Contains(c.Visit(e.Index, p.Statement()), omitted) {
			return true, nil
		}
	}
	return false, nil
}

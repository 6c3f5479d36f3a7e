package receiving_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/audit"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// twice is a log in which the vendor gave one number to two BOMs, entries 3 and
// 4, and corrected the first with entry 5.
func twice(t testing.TB) *world {
	t.Helper()
	w := newWorld(t, origin, 0)
	w.bom(bill, nil)
	w.bom(strings.Replace(bill, "HR-87T", "HR-88T", 1), nil)
	w.bom(strings.Replace(bill, `"version": 1`, `"version": 2`, 1), func(b *statement.BOM) {
		b.Supersedes = &statement.Supersedes{Position: statement.Position{Log: origin, Index: 3}, Reason: statement.ReasonCorrection}
	})
	return w
}

func equivocation(w *world) *receiving.Charge {
	return &receiving.Charge{Kind: audit.KindEquivocation, Bundle: w.bundle(3, 4, 5), Other: 4}
}

// kept is a charge that the status leaves entry 5 out.
func kept(w *world) *receiving.Charge {
	return &receiving.Charge{Kind: audit.KindStatus, Bundle: w.bundle(3, 4), Entry: w.entry(5)}
}

// TestChargeGolden: the published files, byte for byte; read back they still show
// what they say.
func TestChargeGolden(t *testing.T) {
	w := twice(t)
	for name, c := range map[string]*receiving.Charge{"evidence-equivocation.json": equivocation(w), "evidence-status.json": kept(w)} {
		raw, err := c.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, raw)
		published, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		back, err := receiving.ParseCharge(published)
		if err != nil {
			t.Fatal(err)
		}
		ev, err := back.Verify(w.trust)
		if err != nil || ev.Party != vendor || ev.Index != 3 {
			t.Errorf("%s: %+v, %v", name, ev, err)
		}
	}
}

// TestFalseCharges: what an accuser may make up about a vendor or about the log.
func TestFalseCharges(t *testing.T) {
	const untrue = "AUDIT-EVIDENCE-FALSE"
	w := twice(t)
	stranger := newWorld(t, origin, 50)
	rival := twice(t)
	rival.enrol("x:rival", signer(t, 40))
	for name, c := range map[string]struct {
		of     *receiving.Charge
		change func(c *receiving.Charge)
		want   string
	}{
		"an equivocation":                   {equivocation(w), func(*receiving.Charge) {}, ""},
		"a false status":                    {kept(w), func(*receiving.Charge) {}, ""},
		"the BOM itself":                    {equivocation(w), func(c *receiving.Charge) { c.Other = 3 }, untrue},
		"a correction":                      {equivocation(w), func(c *receiving.Charge) { c.Other = 5 }, untrue},
		"an enrolment":                      {equivocation(w), func(c *receiving.Charge) { c.Other = 2 }, untrue},
		"an entry that is not there":        {equivocation(w), func(c *receiving.Charge) { c.Other = 9 }, untrue},
		"an entry the bundle does not hold": {equivocation(w), func(c *receiving.Charge) { c.Bundle = w.bundle(3, 5) }, untrue},
		"no status":                         {equivocation(w), func(c *receiving.Charge) { c.Bundle.Status = nil }, untrue},
		"a status by a stranger": {equivocation(w), func(c *receiving.Charge) {
			c.Bundle.Status = w.status(3, []int64{2, 3, 4, 5}, nil, stranger.service)
		}, "ENVELOPE-KEY-UNKNOWN"},
		"a status that names what is missing": {equivocation(w), func(c *receiving.Charge) { c.Bundle.History = c.Bundle.History[:4] }, untrue},
		"a bent leaf":                         {equivocation(w), func(c *receiving.Charge) { c.Bundle.Statement.Leaf = c.Bundle.History[3].Leaf }, "LOG-PROOF-INVALID"},
		"another log":                         {equivocation(w), func(c *receiving.Charge) { c.Bundle.Log = "ledger.example/other" }, "TRUST-LOG-UNKNOWN"},

		"no status that lies":                 {kept(w), func(c *receiving.Charge) { c.Bundle.Status = nil }, untrue},
		"an entry that the status names":      {kept(w), func(c *receiving.Charge) { c.Entry = w.entry(4) }, untrue},
		"the genesis":                         {kept(w), func(c *receiving.Charge) { c.Entry = w.entry(0) }, untrue},
		"the admission":                       {kept(w), func(c *receiving.Charge) { c.Entry = w.entry(1) }, untrue},
		"another party's enrolment":           {kept(rival), func(c *receiving.Charge) { c.Entry = rival.entry(6) }, untrue},
		"an entry beyond the status":          {kept(w), func(c *receiving.Charge) { c.Entry.Index = 6 }, untrue},
		"an entry with another's proof":       {kept(w), func(c *receiving.Charge) { c.Entry.Proof = w.entry(4).Proof }, untrue},
		"an entry at another index":           {kept(w), func(c *receiving.Charge) { c.Entry.Index = 4 }, untrue},
		"an entry that the log does not have": {kept(w), func(c *receiving.Charge) { c.Entry.Leaf = rival.leaves[6] }, untrue},
		"a statement that is no BOM's":        {kept(w), func(c *receiving.Charge) { c.Bundle = w.bundle(2) }, untrue},
	} {
		c.change(c.of)
		if _, err := c.of.Verify(w.trust); code(err) != c.want {
			t.Errorf("%s: %v [%s], want %s", name, err, code(err), c.want)
		}
	}
}

// TestHiddenWarnings: a log that keeps back who a regulator is, and what it said
// of a BOM or of its vendor, is found out; one that names what it has to is not.
func TestHiddenWarnings(t *testing.T) {
	const untrue = "AUDIT-EVIDENCE-FALSE"
	about := statement.Selector{Party: vendor}
	for name, tt := range map[string]struct {
		say   func(c *changing) int64 // index of what is hidden
		names []int64                 // that the bundle holds, and its status names
		more  []int64                 // that the accuser adds
		want  string
	}{
		"a ban": {func(c *changing) int64 {
			return c.advise(regulator, statement.SeverityBan, about, nil, c.regulator)
		}, nil, []int64{3}, ""},
		"a ban by one that the bundle knows": {func(c *changing) int64 {
			return c.advise(regulator, statement.SeverityBan, about, nil, c.regulator)
		}, []int64{3}, []int64{3}, ""},
		"a ban by nobody knows whom": {func(c *changing) int64 {
			return c.advise(regulator, statement.SeverityBan, about, nil, c.regulator)
		}, nil, nil, untrue},
		"a suspension": {func(c *changing) int64 { return c.suspend(regulator, statement.Digest{}, false, c.regulator) }, nil, []int64{3}, ""},
		"a ban of a rival's": {func(c *changing) int64 {
			return c.advise(competitor, statement.SeverityBan, about, nil, c.rival)
		}, nil, []int64{4}, untrue},
		"a ban of something else": {func(c *changing) int64 {
			return c.advise(regulator, statement.SeverityBan, statement.Selector{Party: competitor}, nil, c.regulator)
		}, nil, []int64{3}, untrue},
		"a ban that the status names": {func(c *changing) int64 {
			return c.advise(regulator, statement.SeverityBan, about, nil, c.regulator)
		}, []int64{3, 6}, nil, untrue},
	} {
		c := newChanging(t, bill)
		hidden := tt.say(c)
		b := c.bundle(c.bom5, tt.names...)
		var more []receiving.Entry
		for _, i := range tt.more {
			more = append(more, c.entry(i))
		}
		charge := &receiving.Charge{Kind: audit.KindStatus, Bundle: b.With(more...), Entry: c.entry(hidden)}
		raw, err := charge.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if charge, err = receiving.ParseCharge(raw); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := charge.Verify(c.trust); code(err) != tt.want {
			t.Errorf("%s: %v [%s], want %q", name, err, code(err), tt.want)
		}
	}
}

// TestStatusOfBrokenRules: an entry that the log's own rules refuse was said by
// nobody, and no status has to name it.
func TestStatusOfBrokenRules(t *testing.T) {
	w := newWorld(t, origin, 0)
	w.bom(bill, nil)
	w.bom(bill, func(b *statement.BOM) { b.Note = "again" }, signer(t, 90))
	c := &receiving.Charge{Kind: audit.KindStatus, Bundle: w.bundle(3), Entry: w.entry(4)}
	if _, err := c.Verify(w.trust); code(err) != "AUDIT-EVIDENCE-FALSE" {
		t.Errorf("%v", err)
	}
}

func TestMalformedCharges(t *testing.T) {
	w := twice(t)
	files := map[string]string{}
	for kind, c := range map[string]*receiving.Charge{"equivocation": equivocation(w), "status": kept(w)} {
		raw, err := c.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		files[kind] = string(raw)
	}
	const malformed = "AUDIT-EVIDENCE-MALFORMED"
	for name, c := range map[string]struct{ of, old, new, want string }{
		"a newer number":      {"status", "evidence/1", "evidence/2", "AUDIT-EVIDENCE-FORMAT"},
		"as an observation":   {"status", `"proof"`, `"observation"`, malformed},
		"a kind of trees":     {"status", `"kind":"status"`, `"kind":"fork"`, malformed},
		"the other kind":      {"equivocation", `"kind":"equivocation"`, `"kind":"status"`, malformed},
		"without the entry":   {"status", `"entry":`, `"other":1,"entrx":`, malformed},
		"with both":           {"status", `"entry":`, `"other":1,"entry":`, malformed},
		"of another log":      {"status", `"log":"ledger.example/test","bundle"`, `"log":"ledger.example/tost","bundle"`, malformed},
		"without a bundle":    {"equivocation", `"bundle":`, `"bundlx":`, malformed},
		"a bundle of nothing": {"equivocation", `"bundle":{`, `"bundle":{"x":1,`, "BUNDLE-FILE-MALFORMED"},
		"a newer bundle":      {"equivocation", `yurai-bundle/1`, `yurai-bundle/2`, "BUNDLE-FORMAT-UNKNOWN"},
		"an entry twice":      {"status", `"entry":{`, `"entry":{"index":1,`, malformed},
		"an entry of nothing": {"status", `"entry":{"leaf":"`, `"entry":{"leaf":"","x":"`, malformed},
		"an impossible entry": {"status", `"index":5,`, `"index":-5,`, "BUNDLE-FILE-MALFORMED"},
	} {
		bent := strings.Replace(files[c.of], c.old, c.new, 1)
		if bent == files[c.of] {
			t.Fatalf("%s: nothing changed", name)
		}
		if _, err := receiving.ParseCharge([]byte(bent)); code(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// FuzzCharge: what is accepted is written back as the same.
func FuzzCharge(f *testing.F) {
	seeds := 0
	for _, name := range []string{"evidence-equivocation.json", "evidence-status.json"} {
		raw, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
		seeds++
	}
	if seeds == 0 {
		f.Fatal("no seeds")
	}
	trust := &ledger.Trust{Version: 1}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := receiving.ParseCharge(raw)
		if err != nil {
			if code(err) == "" {
				t.Fatalf("error %v without a code", err)
			}
			return
		}
		once, err := c.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		again, err := receiving.ParseCharge(once)
		if err != nil {
			t.Fatalf("%s is written and not read: %v", once, err)
		}
		if two, err := again.Marshal(); err != nil || string(once) != string(two) {
			t.Fatalf("%s becomes %s", once, two)
		}
		if _, err := c.Verify(trust); code(err) != "TRUST-LOG-UNKNOWN" {
			t.Fatalf("nobody is trusted: %v", err)
		}
	})
}

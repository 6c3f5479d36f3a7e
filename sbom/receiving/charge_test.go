package receiving_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/audit"
	"github.com/yurai-ledger/yurai/sbom/envelope"
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

// TestForgedGrounds: what an accuser may leave out of the grounds, or put into
// them, accuses no log whose status named what it had to.
func TestForgedGrounds(t *testing.T) {
	const ministry, untrue = "x:ministry", "AUDIT-EVIDENCE-FALSE"
	w := newWorldTaking(t, origin, 0, statement.KindBOM, statement.KindParty, statement.KindAdvisory, statement.KindSuspend, statement.KindRevoke)
	key := signer(t, 60)
	by := func(who string) statement.Head {
		return statement.Head{Log: origin, Party: []string{who}, Made: made}
	}
	enrol := func(version int64, prev statement.Digest, roles ...string) int64 {
		return w.log(w.must(statement.NewParty(statement.Party{
			Head: statement.Head{Log: origin, Made: made, Prev: prev}, ID: ministry, Version: version, Name: "Ministry", Incorporated: "JP",
			Roles: roles, KeySet: statement.NewKeySet(1, key.Key()),
		})), w.registrar, key)
	}
	w.bom(bill, nil)                                                               // 3
	enrol(1, statement.Digest{}, statement.RoleLaboratory)                         // 4
	enrol(2, statement.Digest(ledger.LeafHash(w.leaves[4])), statement.RoleVendor) // 5
	advise := func() int64 {
		return w.log(w.must(statement.NewAdvisory(statement.Advisory{
			Head: by(ministry), Selector: statement.Selector{Product: "HR-87T"}, Severity: statement.SeverityBan, Effective: made, Text: "do not use",
		})), key)
	}
	advise()                                                                          // 6, of its own products alone
	enrol(3, statement.Digest(ledger.LeafHash(w.leaves[5])), statement.RoleRegulator) // 7
	suspension := w.must(statement.NewSuspend(statement.Suspend{Head: by(ministry), About: vendor, Reason: "r"}))
	w.log(suspension, key)                                                                                         // 8
	w.log(suspension, key)                                                                                         // 9, idle
	w.log(w.must(statement.NewSuspend(statement.Suspend{Head: by(ministry), About: "x:rival", Reason: "r"})), key) // 10
	charge := func(index int64, grounds ...int64) *receiving.Charge {
		c := &receiving.Charge{Kind: audit.KindStatus, Bundle: w.bundle(3, 4, 5, 7, 8), Entry: w.entry(index)}
		c.Bundle.Status = w.status(3, []int64{2, 3, 4, 5, 7, 8}, func(s *statement.Status) {
			s.Advisories = statement.Advisories{Count: 1, Last: statement.Digest(ledger.LeafHash(w.leaves[6]))}
		})
		for _, g := range grounds {
			c.Grounds = append(c.Grounds, w.entry(g))
		}
		return c
	}
	lie := charge(8, 4, 5, 7)
	lie.Bundle = w.bundle(3)
	for name, c := range map[string]struct {
		of   *receiving.Charge
		want string
	}{
		"a suspension that was left out":                {lie, ""},
		"a warning without the role":                    {charge(6), untrue},
		"and whoever got the role later":                {charge(6, 4, 5, 7), untrue},
		"and only who got the role later":               {charge(6, 7), untrue},
		"a suspension that repeats a named one":         {charge(9, 8), untrue},
		"a suspension of somebody else":                 {charge(10), untrue},
		"a ground that is not there":                    {func() *receiving.Charge { c := charge(6, 4); c.Grounds[0].Index = 5; return c }(), untrue},
		"a ground of another log":                       {func() *receiving.Charge { c := charge(6, 4); c.Grounds[0].Leaf = w.leaves[2]; return c }(), untrue},
		"a ground beyond the tree":                      {func() *receiving.Charge { c := charge(6, 4); c.Grounds[0].Index = 99; return c }(), untrue},
		"without the grounds that it rests on, nothing": {func() *receiving.Charge { c := *lie; c.Grounds = nil; return &c }(), untrue},
	} {
		if _, err := c.of.Verify(w.trust); code(err) != c.want {
			t.Errorf("%s: %v [%s], want %s", name, err, code(err), c.want)
		}
	}
	raw, err := lie.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	back, err := receiving.ParseCharge(raw)
	if err != nil || len(back.Grounds) != 3 {
		t.Fatalf("%v", err)
	}
	if _, err := back.Verify(w.trust); err != nil {
		t.Errorf("read back: %v", err)
	}
	const malformed = "AUDIT-EVIDENCE-MALFORMED"
	for name, change := range map[string][2]string{
		"empty":                {`"grounds":[`, `"grounds":[],"x":[`},
		"in another order":     {`"grounds":[`, `"grounds":[{"leaf":"AA==","index":99,"proof":[]},`},
		"with an unknown word": {`"grounds":[{`, `"grounds":[{"x":1,`},
	} {
		bent := strings.Replace(string(raw), change[0], change[1], 1)
		if _, err := receiving.ParseCharge([]byte(bent)); code(err) != malformed {
			t.Errorf("%s: %v", name, err)
		}
	}
	other, err := equivocation(twice(t)).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	bent := strings.Replace(string(other), `"other":`, `"grounds":[{"leaf":"AA==","index":9,"proof":[]}],"other":`, 1)
	if _, err := receiving.ParseCharge([]byte(bent)); code(err) != malformed {
		t.Errorf("an equivocation with grounds: %v", err)
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

// BenchmarkManyDelegates opens a bundle of a party with hundreds of delegates and
// as many BOMs: time grows with the bundle, not with its third power.
func BenchmarkManyDelegates(b *testing.B) {
	w := newWorldTaking(b, origin, 0, statement.KindBOM, statement.KindParty, statement.KindDelegate)
	var history []int64
	for i := range 400 {
		key, err := envelope.NewSigner(envelope.Ed25519, seed(100+i%100))
		if err != nil {
			b.Fatal(err)
		}
		head := statement.Head{Log: origin, Party: []string{vendor}, Made: made, Note: strconv.Itoa(i)}
		if i >= 100 {
			head.Prev = statement.Digest(ledger.LeafHash(w.leaves[len(w.leaves)-100]))
		}
		history = append(history, w.log(w.must(statement.NewDelegate(statement.Delegate{
			Head: head, Key: key.Key(), Scope: statement.Scope{Kinds: []statement.Kind{statement.KindBOM}}, End: made.AddDate(1, 0, 0),
		})), w.vendor))
	}
	for i := range 400 {
		history = append(history, w.bom(bill, func(s *statement.BOM) { s.Note = strconv.Itoa(i) }))
	}
	at := w.bom(bill, nil)
	bundle := w.bundle(at, history...)
	for b.Loop() {
		if _, err := receiving.Open(bundle, w.trust); err != nil {
			b.Fatal(err)
		}
	}
}

package receiving_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/receiving"
)

// aCase is a case with one of everything.
func aCase(t testing.TB) *receiving.Case {
	t.Helper()
	w := newWorld(t, origin, 0)
	b := w.bundle(w.bom(bill, nil))
	v := w.check(bill, b, nil)
	sum, err := v.Digest()
	if err != nil {
		t.Fatal(err)
	}
	digest, zero := sum.Hex(), 0
	return &receiving.Case{
		Format: receiving.CaseFormat, Stage: "tender", At: v.At, Context: map[string]string{"sector": "rail"},
		Trust:    v.Trust,
		Policy:   receiving.CasePolicy{SHA256: digest, Chosen: "given", Inputs: []string{"a=JP"}, Tests: []receiving.CaseNamed{{Name: "x", SHA256: digest}}},
		Lists:    []receiving.CaseList{{Input: "l", SHA256: digest, Date: v.At}},
		Assessed: []receiving.CaseAssessed{{SHA256: digest, At: v.At}},
		Files:    []receiving.CaseFile{{CaseInput: receiving.CaseInput{Name: "f", SHA256: v.File.SHA256, Bundle: &digest}, Assessed: &zero, Canonical: digest, Verdict: v}},
		Linked:   []receiving.CaseInput{{Name: "g", SHA256: digest, Bundle: &digest}},
	}
}

// A case is read as it was written; one thing wrong, and it is refused.
func TestCase(t *testing.T) {
	raw, err := aCase(t).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	c, err := receiving.ParseCase(raw)
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.Marshal()
	if err != nil || !bytes.Equal(raw, again) {
		t.Errorf("read back and written, %v\n%s\nis\n%s", err, raw, again)
	}
	if c.Source() != receiving.PolicyGiven || c.Purpose().Sector != "rail" || !c.Time().Equal(now) || !c.Lists[0].Published().Equal(now) || !c.Assessed[0].Judged().Equal(now) {
		t.Errorf("read as %+v", c)
	}
	for source, word := range map[receiving.PolicySource]string{receiving.PolicyGiven: "given", receiving.PolicyPinned: "pinned", receiving.PolicyStarter: "starter"} {
		if c.Policy.Chosen = source.Chosen(); c.Policy.Chosen != word || c.Source() != source {
			t.Errorf("%v is written %q, want %q, and read as %v", source, c.Policy.Chosen, word, c.Source())
		}
	}
	for name, change := range map[string]func(*receiving.Case){
		"no stage":            func(c *receiving.Case) { c.Stage = "" },
		"no time":             func(c *receiving.Case) { c.At = "" },
		"a day for a time":    func(c *receiving.Case) { c.At = "2026-11-22" },
		"a list's time":       func(c *receiving.Case) { c.Lists[0].Date = "2026-11-22" },
		"an assessment's":     func(c *receiving.Case) { c.Assessed[0].At = "now" },
		"context":             func(c *receiving.Case) { c.Context["colour"] = "red" },
		"chosen":              func(c *receiving.Case) { c.Policy.Chosen = "" },
		"trust":               func(c *receiving.Case) { c.Trust.SHA256 = "" },
		"policy":              func(c *receiving.Case) { c.Policy.SHA256 = strings.Repeat("g", 64) },
		"test":                func(c *receiving.Case) { c.Policy.Tests[0].SHA256 = "../x" },
		"test twice":          func(c *receiving.Case) { c.Policy.Tests = append(c.Policy.Tests, c.Policy.Tests[0]) },
		"list":                func(c *receiving.Case) { c.Lists[0].SHA256 = "00" },
		"list twice":          func(c *receiving.Case) { c.Lists = append(c.Lists, c.Lists[0]) },
		"input twice":         func(c *receiving.Case) { c.Policy.Inputs = []string{"a=JP", "a=US"} },
		"assessed":            func(c *receiving.Case) { c.Assessed[0].SHA256 = strings.ToUpper(c.Trust.SHA256) },
		"assessed by nothing": func(c *receiving.Case) { c.Assessed = nil },
		"no files":            func(c *receiving.Case) { c.Files = nil },
		"file":                func(c *receiving.Case) { c.Files[0].SHA256 = "x" },
		"bundle":              func(c *receiving.Case) { x := "x"; c.Files[0].Bundle = &x },
		"canonical":           func(c *receiving.Case) { c.Files[0].Canonical = "" },
		"absent":              func(c *receiving.Case) { c.Files[0].Absent = -1 },
		"linked":              func(c *receiving.Case) { c.Linked[0].SHA256 = "x" },
		"linked's bundle":     func(c *receiving.Case) { x := "x"; c.Linked[0].Bundle = &x },
		"linked, absent":      func(c *receiving.Case) { c.Linked[0].Absent = -1 },
		"linked, unproven":    func(c *receiving.Case) { c.Linked[0].Unproven = "so it was" },
		"no verdict":          func(c *receiving.Case) { c.Files[0].Verdict = nil },
		"unproven":            func(c *receiving.Case) { c.Files[0].Unproven = "so it was" },
		"misbehaved":          func(c *receiving.Case) { c.Files[0].Misbehaved = "AUDIT-LOG-FORK\x1b" },
		"verdict":             func(c *receiving.Case) { c.Files[0].Verdict.Verdict = "hold" },
		"too many": func(c *receiving.Case) {
			for range 5000 {
				c.Files = append(c.Files, c.Files[0])
			}
		},
	} {
		c := aCase(t)
		change(c)
		raw, err := c.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := receiving.ParseCase(raw); code(err) != "VERDICT-CASE-MALFORMED" {
			t.Errorf("%s: %v, want VERDICT-CASE-MALFORMED", name, err)
		}
	}
	for _, format := range []string{"yurai-case/2", "yurai-verdict/1", ""} {
		c := aCase(t)
		c.Format = format
		raw, err := c.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		_, err = receiving.ParseCase(raw)
		if code(err) != "VERDICT-CASE-UNKNOWN" || strings.Contains(err.Error(), "another version") != (format == "yurai-case/2") {
			t.Errorf("format %q: %v", format, err)
		}
	}
}

func FuzzParseCase(f *testing.F) {
	raw, err := aCase(f).Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"format":"yurai-case/1"}`))
	f.Add([]byte(`{"format":"yurai-case/1","files":[{"verdict":{}}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := receiving.ParseCase(raw)
		if err != nil {
			if code(err) == "" {
				t.Fatalf("an error without code: %v", err)
			}
			return
		}
		once, err := c.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		again, err := receiving.ParseCase(once)
		if err != nil {
			t.Fatalf("what was read is written as\n%s\nand refused: %v", once, err)
		}
		twice, err := again.Marshal()
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%v\n%s\nis\n%s", err, once, twice)
		}
	})
}

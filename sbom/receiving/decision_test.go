package receiving_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/sbom/policy"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

func codeOf(err error) string {
	var coded interface{ Code() string }
	if errors.As(err, &coded) {
		return coded.Code()
	}
	return ""
}

// TestParseVerdict: what is written is read, with the same canonical bytes; what
// is no verdict is refused.
func TestParseVerdict(t *testing.T) {
	for _, name := range []string{"accept", "hold"} {
		raw, err := os.ReadFile(filepath.Join("testdata", "verdict-"+name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join("testdata", "verdict-"+name+".canonical.json"))
		if err != nil {
			t.Fatal(err)
		}
		v, err := receiving.ParseVerdict(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := v.Canonical(); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: canonical bytes are now\n%s, %v", name, got, err)
		}
		// The canonical bytes are a verdict without its texts.
		again, err := receiving.ParseVerdict(want)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := again.Canonical(); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: read from canonical bytes it becomes\n%s, %v", name, got, err)
		}
	}
	raw, err := os.ReadFile(filepath.Join("testdata", "verdict-hold.json"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for name, c := range map[string]struct{ old, now, code string }{
		"another format":   {"yurai-verdict/1", "yurai-bundle/1", "VERDICT-FORMAT-UNKNOWN"},
		"a newer format":   {"yurai-verdict/1", "yurai-verdict/2", "VERDICT-FORMAT-UNKNOWN"},
		"another word":     {`"verdict":"hold"`, `"verdict":"accept"`, "VERDICT-FILE-MALFORMED"},
		"a word of ours":   {`"verdict":"hold"`, `"verdict":"waived"`, "VERDICT-FILE-MALFORMED"},
		"an unknown row":   {`"name":"origin"`, `"name":"colour"`, "VERDICT-FILE-MALFORMED"},
		"a row twice":      {`"name":"log"`, `"name":"signature"`, "VERDICT-FILE-MALFORMED"},
		"a new member":     {`"verdict":"hold"`, `"verdict":"hold","waived":true`, "VERDICT-FILE-MALFORMED"},
		"a member twice":   {`"verdict":"hold"`, `"verdict":"hold","verdict":"hold"`, "VERDICT-FILE-MALFORMED"},
		"no time":          {`"at":"`, `"at":"x`, "VERDICT-FILE-MALFORMED"},
		"a second verdict": {"\n", "\n" + text, "VERDICT-FILE-MALFORMED"},
		"nothing":          {text, "", "VERDICT-FILE-MALFORMED"},
	} {
		if !strings.Contains(text, c.old) {
			t.Fatalf("%s: %q is not there", name, c.old)
		}
		v, err := receiving.ParseVerdict([]byte(strings.Replace(text, c.old, c.now, 1)))
		if codeOf(err) != c.code || v != nil {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

// rulesOf returns a policy whose rule R04 is waivable and whose C01 is not.
func rulesOf(t *testing.T) *policy.Policy {
	t.Helper()
	raw, ok := policy.Pack(policy.Demo)
	if !ok {
		t.Fatal("no policy")
	}
	text := strings.Replace(string(raw), "    waivable: true\n", "", 1) // C01, the first
	p, err := policy.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// heldBy is a verdict under a policy with these reasons.
func heldBy(p *policy.Policy, word string, reasons ...receiving.Reason) *receiving.Verdict {
	v := &receiving.Verdict{
		Format: receiving.VerdictFormat, Verdict: word, Scope: receiving.ScopeDocument, Stage: "tender", At: "2026-11-22T10:00:00Z",
		Policy: receiving.PolicyRef{ID: p.ID, Version: int64(p.Version), SHA256: strings.TrimPrefix(p.DigestString(), "sha256:")}, Reasons: reasons,
	}
	for _, name := range []string{"signature", "log", "witnesses", "contents", "origin", "advisories"} {
		row := receiving.Row{Name: name, Outcome: receiving.Pass}
		for _, r := range reasons {
			if r.Row == name && r.Outcome != "note" {
				row.Outcome = map[string]receiving.Outcome{"hold": receiving.HoldRow, "reject": receiving.Fail}[r.Outcome]
			}
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

func reasonOf(rule, row, outcome string) receiving.Reason {
	r := receiving.Reason{Code: "POLICY-RULE-HIT", Row: row, Outcome: outcome, Subjects: []string{}}
	if rule != "" {
		r.Rule = &rule
	}
	return r
}

func TestWaivable(t *testing.T) {
	p := rulesOf(t)
	other, err := policy.Parse(append(slices.Clone(p.Raw), '\n'))
	if err != nil {
		t.Fatal(err)
	}
	origin := reasonOf("R04", "origin", "hold")
	for name, c := range map[string]struct {
		v    *receiving.Verdict
		p    *policy.Policy
		code string
	}{
		"one rule that holds":             {heldBy(p, "hold", origin), p, ""},
		"one rule that rejects":           {heldBy(p, "reject", reasonOf("R04", "origin", "reject")), p, ""},
		"the rule twice":                  {heldBy(p, "reject", reasonOf("R04", "origin", "reject"), origin), p, ""},
		"a note beside it":                {heldBy(p, "hold", origin, reasonOf("", "origin", "note"), reasonOf("C01", "contents", "note")), p, ""},
		"accepted":                        {heldBy(p, "accept"), p, "DECISION-VERDICT-ACCEPT"},
		"a rule that is not waivable":     {heldBy(p, "hold", reasonOf("C01", "contents", "hold")), p, "DECISION-RULE-FIXED"},
		"one that is and one that is not": {heldBy(p, "reject", origin, reasonOf("C01", "contents", "reject")), p, "DECISION-RULE-FIXED"},
		"a rule that the policy has not":  {heldBy(p, "hold", reasonOf("R99", "origin", "hold")), p, "DECISION-RULE-FIXED"},
		"no rule":                         {heldBy(p, "hold", reasonOf("", "log", "hold")), p, "DECISION-RULE-FIXED"},
		"a false signature beside a rule": {heldBy(p, "reject", origin, reasonOf("", "signature", "reject")), p, "DECISION-RULE-FIXED"},
		"what is no rule, in its row":     {heldBy(p, "hold", origin, reasonOf("", "origin", "hold")), p, "DECISION-RULE-FIXED"},
		"another policy":                  {heldBy(p, "hold", origin), other, "DECISION-POLICY-OTHER"},
		"a row that nothing speaks against": {func() *receiving.Verdict {
			v := heldBy(p, "hold", origin)
			v.Rows[0].Outcome = receiving.Unknown
			return v
		}(), p, "DECISION-RULE-FIXED"},
	} {
		rules, err := receiving.Waivable(c.v, c.p)
		if codeOf(err) != c.code || c.code == "" && (err != nil || !slices.Equal(rules, []string{"R04"})) {
			t.Errorf("%s: %v, %v, want %q", name, rules, err, c.code)
		}
	}
}

func TestDecided(t *testing.T) {
	p := rulesOf(t)
	v := heldBy(p, "hold", reasonOf("R04", "origin", "hold"))
	digest, err := v.Digest()
	if err != nil {
		t.Fatal(err)
	}
	end := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	waiver := func(do func(*statement.Decision)) *statement.Decision {
		d := &statement.Decision{Verdict: digest, What: statement.DecideWaive, Rules: []string{"R04"}, Until: end}
		if do != nil {
			do(d)
		}
		return d
	}
	for name, c := range map[string]struct {
		d    *statement.Decision
		at   time.Time
		code string
	}{
		"in time":           {waiver(nil), end.Add(-time.Second), ""},
		"at its end":        {waiver(nil), end, "DECISION-WAIVER-ENDED"},
		"another verdict's": {waiver(func(d *statement.Decision) { d.Verdict[0] ^= 1 }), made, "DECISION-VERDICT-OTHER"},
		"another rule":      {waiver(func(d *statement.Decision) { d.Rules = []string{"C01"} }), made, "DECISION-RULE-MISSING"},
		"one rule more":     {waiver(func(d *statement.Decision) { d.Rules = []string{"C01", "R04"} }), made, "DECISION-RULE-MISSING"},
		"returned":          {waiver(func(d *statement.Decision) { d.What, d.Rules = statement.DecideReturn, nil }), end, ""},
		"another returned": {waiver(func(d *statement.Decision) {
			d.What, d.Rules, d.Verdict = statement.DecideReturn, nil, statement.Digest{1}
		}), made, "DECISION-VERDICT-OTHER"},
	} {
		if err := receiving.Decided(c.d, v, p, c.at); codeOf(err) != c.code || c.code == "" && err != nil {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
	// One replayed on a verdict that differs in its time alone.
	later := heldBy(p, "hold", reasonOf("R04", "origin", "hold"))
	later.At = "2026-11-22T10:00:01Z"
	if err := receiving.Decided(waiver(nil), later, p, made); codeOf(err) != "DECISION-VERDICT-OTHER" {
		t.Errorf("replayed: %v", err)
	}
	fixed := heldBy(p, "reject", reasonOf("C01", "contents", "reject"))
	digest, _ = fixed.Digest()
	if err := receiving.Decided(waiver(func(d *statement.Decision) { d.Verdict, d.Rules = digest, []string{"C01"} }), fixed, p, made); codeOf(err) != "DECISION-RULE-FIXED" {
		t.Errorf("waiver of what is not waivable: %v", err)
	}
}

func TestStated(t *testing.T) {
	v := heldBy(rulesOf(t), "hold", reasonOf("R04", "origin", "hold"))
	v.Entry = &receiving.EntryRef{Log: origin, Index: 3}
	v.File.SHA256 = strings.Repeat("ab", 32)
	v.Context = map[string]string{"sector": "electricity"}
	says, err := v.Says()
	if err != nil {
		t.Fatal(err)
	}
	says.Head = statement.Head{Log: origin, Party: []string{"x:operator"}, Made: made}
	payload, err := statement.NewVerdict(*says)
	if err != nil {
		t.Fatal(err)
	}
	st, err := statement.Parse(payload)
	if err != nil {
		t.Fatal(err)
	}
	fields, err := statement.Open(st, statement.Digest{}, nil)
	if err != nil || len(fields) != 11 {
		t.Fatalf("%d fields, %v", len(fields), err)
	}
	if err := v.Stated(st.Subject, fields); err != nil {
		t.Error(err)
	}
	if err := v.Stated(statement.Digest{1}, fields); codeOf(err) != "VERDICT-FILE-OTHER" {
		t.Errorf("another verdict: %v", err)
	}
	for i := range fields {
		lied := slices.Clone(fields)
		lied[i].Value = "x"
		if err := v.Stated(st.Subject, lied); codeOf(err) != "VERDICT-FIELD-OTHER" {
			t.Errorf("a lie at %s: %v", lied[i].Pointer, err)
		}
		lied[i] = statement.Opened{Pointer: lied[i].Pointer, State: statement.FieldCommitted}
		if err := v.Stated(st.Subject, lied); err != nil {
			t.Errorf("a commitment at %s: %v", lied[i].Pointer, err)
		}
	}
}

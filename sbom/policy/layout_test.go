package policy

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// TestPacksAreLaidOut holds what is published to its own layout.
func TestPacksAreLaidOut(t *testing.T) {
	for _, name := range Packs() {
		raw, _ := Pack(name)
		if out, err := Layout(raw); err != nil || !bytes.Equal(out, raw) {
			t.Errorf("pack %s is not laid out: %v", name, err)
		}
	}
}

func TestLayout(t *testing.T) {
	in := `# head
version: 1 # beside
id: small
format: yurai-policy/1


title: {ja: あ, en: a}
notice: {en: a, ja: a}
home: "NO"
verified: false
rules:
      # above a rule
      - when: |
            made(it, ["NO"])
        id: R1
        title: {en: a, ja: a}
        row: origin
        each: product
        outcome: hold
        unknown: hold
        because: {en: "long ` + strings.Repeat("text ", 40) + `", ja: a}
# tail
`
	out, err := Layout([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# head\n", "version: 1 # beside\n", "title: {en: a, ja: あ}\n", `home: "NO"`, "  # above a rule\n  - id: R1\n", "    when: |\n      made(it, [\"NO\"])\n", "# tail"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("lacks %q:\n%s", want, out)
		}
	}
	if !bytes.HasPrefix(out, []byte("# head")) && !bytes.HasPrefix(out, []byte("format:")) || strings.Contains(string(out), "\n\n") {
		t.Errorf("laid out as\n%s", out)
	}
	for name, raw := range map[string]string{"no policy": "a: b\n", "no YAML": "a: [", "two": in + "---\n" + in} {
		var r *Refusal
		if _, err := Layout([]byte(raw)); !errors.As(err, &r) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestExplain says of each rule what it saw, and comes to the same outcome.
func TestExplain(t *testing.T) {
	p := rules(t, knownInputs, "each: component, when: 'made(it, [\"BV\"]) || listed(maker(it), input.bad)', outcome: reject, unknown: hold",
		"each: delivery, where: {stage: [install]}, when: 'true', outcome: hold, unknown: hold")
	e := known(t)
	e.Context.Stage = "tender"
	x := p.Explain(e)
	if got, want := x.Outcome, p.Evaluate(e); got.Verdict != want.Verdict || len(got.Reasons) != len(want.Reasons) {
		t.Errorf("explained as %+v, evaluated as %+v", got, want)
	}
	if len(x.Rules) != 2 || x.Rules[1].Applies || len(x.Rules[0].Subjects) != 3 {
		t.Fatalf("%+v", x.Rules)
	}
	s := x.Rules[0].Subjects[1] // by a maker that is listed
	if s.Pointer != "/components/0" || s.Value != True || len(s.Answers) != 2 || s.Answers[0].Call != "made(BV)" || s.Answers[0].Value != "false" ||
		s.Answers[1].Call != "listed(bad)" || s.Answers[1].Saw[len(s.Answers[1].Saw)-1].Pointer != "x:bad:2" {
		t.Errorf("saw %+v", s)
	}
	if a := x.Rules[0].Subjects[2].Answers; a[1].Value != "unknown" || a[1].Saw[0].State != "untold" {
		t.Errorf("of nothing told it saw %+v", a)
	}
}

func FuzzLayout(f *testing.F) {
	for _, name := range Packs() {
		raw, _ := Pack(name)
		f.Add(raw)
	}
	f.Add([]byte(small))
	f.Fuzz(func(t *testing.T, raw []byte) {
		out, err := Layout(raw)
		if err != nil {
			var r *Refusal
			if !errors.As(err, &r) {
				t.Fatalf("an error that is no refusal: %v", err)
			}
			return
		}
		if again, err := Layout(out); err != nil || !bytes.Equal(again, out) {
			t.Fatalf("laid out again it is another: %v\n%s\n%s", err, out, again)
		}
	})
}

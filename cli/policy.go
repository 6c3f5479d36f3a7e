package cli

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/list"
	"github.com/yurai-ledger/yurai/sbom/origin"
	"github.com/yurai-ledger/yurai/sbom/policy"
)

// policyExplanationFormat is the "format" member of `policy explain -f json`.
const policyExplanationFormat = "yurai-policy-explanation/1"

func newPolicy(e *environment) *cobra.Command {
	cmd := group(e, &cobra.Command{Use: "policy", Short: "Write, test, explain and publish policies"})
	cmd.AddCommand(newPolicyTest(e), newPolicyExplain(e), newPolicyFmt(e), newPolicyPublish(e))
	return cmd
}

// readPolicy reads a policy from a file, or the one of that name in the program
// if there is no such file.
func readPolicy(e *environment, name string) (*policy.Policy, error) {
	raw, inside := policy.Pack(name)
	if !inside || exists(name) {
		var err error
		if raw, err = e.readInput(name, maxPolicy); err != nil {
			return nil, err
		}
	}
	p, err := policy.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return p, nil
}

// beside returns what reads the files that a policy's tests name.
func beside(file string) func(name string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		if !fs.ValidPath(name) {
			return nil, refuse("CLI-FILE-UNREADABLE", "%q is no name of a file below the policy", name)
		}
		return readFile(filepath.Join(filepath.Dir(file), filepath.FromSlash(name)), maxBOM)
	}
}

// policyTest is one line of `policy test -f json`.
type policyTest struct {
	Name    string   `json:"name"`
	Passed  bool     `json:"passed"`
	Verdict string   `json:"verdict"`
	Faults  []string `json:"faults"`
}

func newPolicyTest(e *environment) *cobra.Command {
	var form formatFlag
	var out result
	cmd := leaf(e, &cobra.Command{
		Use:   "test FILE [-f table|json]",
		Short: "Run the tests that a policy carries",
		Long: `Run every test in the policy over the bill of materials and the lists that it names
below the policy's folder. Exit 0 if each comes to what it expects, 3 if one does not
or the policy cannot be read; -f json gives one line a test. A policy without tests
fails: nothing shows what it does.`,
		Example: "  yurai policy test rules.yaml",
	}, cobra.ExactArgs(1), func(_ *cobra.Command, args []string) error {
		raw, err := readFile(args[0], maxPolicy)
		if err != nil {
			return err
		}
		p, err := policy.Parse(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		failed := 0
		results := p.Test(beside(args[0]))
		for _, r := range results {
			if !r.Passed() {
				failed++
			}
			if form.json() {
				line, err := json.Marshal(policyTest{r.Name, r.Passed(), r.Outcome.Verdict, append([]string{}, r.Faults...)})
				if err != nil {
					return err
				}
				out.Write(append(harmless(line), '\n'))
				continue
			}
			word := e.text("ok", "合格")
			if !r.Passed() {
				word = e.text("FAILED", "不合格")
			}
			fmt.Fprintf(&out, "%s%s\n", pad(word, 8), printable(r.Name))
			for _, fault := range r.Faults {
				fmt.Fprintf(&out, "        %s\n", printable(fault))
			}
		}
		if err := out.deliver(e); err != nil {
			return err
		}
		switch {
		case len(results) == 0:
			return refuse("POLICY-TEST-FAILED", "%s carries no tests", args[0])
		case failed > 0:
			return refuse("POLICY-TEST-FAILED", "%d of %d tests of %s failed", failed, len(results), args[0])
		}
		return nil
	})
	form.flag(cmd, "table", "json")
	out.flag(cmd)
	return cmd
}

func newPolicyFmt(e *environment) *cobra.Command {
	var out result
	cmd := leaf(e, &cobra.Command{
		Use:   "fmt FILE [-o FILE]",
		Short: "Lay out a policy in the canonical way",
		Long: `Write the policy with its fields in the order of the manual, two spaces a level, one
line a value and no blank lines. Comments stay, and the meaning; the digest does not,
so that a policy is laid out before it is published. "-" is standard input.`,
		Example: "  yurai policy fmt rules.yaml -o tidy.yaml",
	}, cobra.ExactArgs(1), func(_ *cobra.Command, args []string) error {
		raw, err := e.readInput(args[0], maxPolicy)
		if err != nil {
			return err
		}
		tidy, err := policy.Layout(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		out.Write(tidy)
		return out.deliver(e)
	})
	out.flag(cmd)
	return cmd
}

func newPolicyExplain(e *environment) *cobra.Command {
	var form formatFlag
	var out result
	var test, rule, stage, at string
	var inputs, lists []string
	cmd := leaf(e, &cobra.Command{
		Use:   "explain FILE (BOM | --test NAME) [--rule ID] [--input NAME=VALUE]… [--list NAME=FILE@DAY]… [--stage STAGE] [--at TIME] [-f table|json]",
		Short: "Say what each rule of a policy saw",
		Long: `Evaluate the rules of a policy over a bill of materials, or over one of the tests that
it carries, and say for each rule its value, for each subject that it ranges over
what its functions answered, and for each answer the facts that were looked at, with
their places. FILE is also the name of a policy in this program. Nothing here is a
verdict: neither signature nor log was looked at. The day of a list is the day on
which it was published; without one it has no age, and stays unknown.`,
		Example: `  yurai policy explain rules.yaml --test "a part made elsewhere holds"
  yurai policy explain jp-core relay.cdx.json --input countries_of_concern=BV --rule R04`,
	}, cobra.RangeArgs(1, 2), func(cmd *cobra.Command, args []string) error {
		if (len(args) == 2) == (test != "") {
			return misuse(cmd, "give either a bill of materials or --test")
		}
		if stage != "" && !slices.Contains(policy.Stages(), stage) {
			return misuse(cmd, "--stage %q is none of %q", stage, policy.Stages())
		}
		p, err := readPolicy(e, args[0])
		if err != nil {
			return err
		}
		if rule != "" && !slices.ContainsFunc(p.Rules, func(r policy.Rule) bool { return r.ID == rule }) {
			return misuse(cmd, "the policy has no rule %q", rule)
		}
		var evidence policy.Evidence
		if test != "" {
			if evidence, err = testEvidence(p, test, args[0]); err != nil {
				return err
			}
		} else {
			raw, err := e.readInput(args[1], maxBOM)
			if err != nil {
				return err
			}
			doc, findings := sbom.Admit(raw, sbom.DefaultLimits)
			if doc == nil {
				return fmt.Errorf("%s: %w", args[1], sbom.FirstError(findings))
			}
			evidence = policy.Evidence{Facts: origin.Read(doc), At: e.now().UTC().Truncate(time.Second), Context: policy.Context{Stage: stage}}
			if at != "" {
				t, err := time.Parse(time.RFC3339, at)
				if err != nil {
					return misuse(cmd, "--at %q is not a time like 2026-11-22T10:00:00Z", at)
				}
				evidence.At = t.UTC()
			}
			if evidence.Inputs, err = p.ParseInputs(inputs...); err != nil {
				return err
			}
			if evidence.Lists, _, err = readLists(cmd, p, lists); err != nil {
				return err
			}
		}
		x := p.Explain(evidence)
		if rule != "" {
			x.Rules = slices.DeleteFunc(x.Rules, func(r policy.RuleSeen) bool { return r.Rule != rule })
		}
		if form.json() {
			line, err := json.Marshal(struct {
				Format string `json:"format"`
				policy.Explanation
			}{policyExplanationFormat, x})
			if err != nil {
				return err
			}
			out.Write(append(harmless(line), '\n'))
			return out.deliver(e)
		}
		for _, r := range x.Rules {
			e.printRuleSeen(&out, r, x.Outcome)
		}
		return out.deliver(e)
	})
	f := cmd.Flags()
	f.StringVar(&test, "test", "", "`NAME` of a test in the policy whose evidence is looked at")
	f.StringVar(&rule, "rule", "", "`ID` of the one rule to explain")
	f.StringArrayVar(&inputs, "input", nil, "input of the policy, `NAME=VALUE[,VALUE]`; may be repeated")
	f.StringArrayVar(&lists, "list", nil, "reference list for an input, `NAME=FILE@YYYY-MM-DD`; may be repeated")
	f.StringVar(&stage, "stage", "", "`STAGE`: tender, receipt, install, recheck (default not told)")
	f.StringVar(&at, "at", "", "`TIME` to judge at, RFC 3339 (default now)")
	form.flag(cmd, "table", "json")
	out.flag(cmd)
	return cmd
}

// testEvidence returns what a test of a policy gives to judge.
func testEvidence(p *policy.Policy, name, file string) (policy.Evidence, error) {
	for _, r := range p.Test(beside(file)) {
		if r.Name != name {
			continue
		}
		if r.Evidence.Facts == nil {
			return policy.Evidence{}, refuse("POLICY-TEST-FAILED", "%s: %s", name, strings.Join(r.Faults, "; "))
		}
		return r.Evidence, nil
	}
	return policy.Evidence{}, refuse("POLICY-TEST-FAILED", "%s carries no test %q", file, name)
}

// readLists reads reference lists given as NAME=FILE@DAY, and returns their bytes
// too, both by the name of the input.
func readLists(cmd *cobra.Command, p *policy.Policy, given []string) (map[string]policy.Reference, map[string][]byte, error) {
	out, raws := make(map[string]policy.Reference), make(map[string][]byte)
	for _, text := range given {
		name, file, ok := strings.Cut(text, "=")
		if !ok || !slices.ContainsFunc(p.Inputs, func(in policy.Input) bool { return in.Name == name && in.Type == "list" }) {
			return nil, nil, misuse(cmd, "--list %q is not NAME=FILE@DAY with a list among the inputs of the policy", text)
		}
		if _, twice := out[name]; twice {
			return nil, nil, misuse(cmd, "--list names %s twice", name)
		}
		var r policy.Reference
		if i := strings.LastIndexByte(file, '@'); i >= 0 {
			day, err := time.Parse(time.DateOnly, file[i+1:])
			if err != nil {
				return nil, nil, misuse(cmd, "--list %q: %q is no day like 2026-11-22", text, file[i+1:])
			}
			file, r.Date = file[:i], day
		}
		raw, err := readFile(file, maxListFile)
		if err != nil {
			return nil, nil, err
		}
		if r.List, err = list.Parse(raw); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", file, err)
		}
		out[name], raws[name] = r, raw
	}
	return out, raws, nil
}

// maxSubjects bounds the subjects that are shown of one rule in a table.
const maxSubjects = 50

// printRuleSeen writes what one rule saw, for people: hits first, then what is
// unknown, then the rest.
func (e *environment) printRuleSeen(out *result, r policy.RuleSeen, o policy.Outcome) {
	value := e.truthWord(r.Value.String())
	if !r.Applies {
		value = e.text("does not apply", "適用外")
	}
	title := r.Title.EN
	if e.text("en", "ja") == "ja" {
		title = r.Title.JA
	}
	fmt.Fprintf(out, "%s %s: %s\n", printable(r.Rule), printable(title), value)
	fmt.Fprintf(out, "  %s\n", printable(r.When))
	for _, reason := range o.Reasons {
		if reason.Rule == r.Rule {
			fmt.Fprintf(out, "  %s%s [%s]\n", pad(e.reasonWord(string(reason.Outcome)), 10), printable(e.text(reason.Text.EN, reason.Text.JA)), reason.Code)
		}
	}
	shown := 0
	for _, want := range []policy.Truth{policy.True, policy.Unknown, policy.False} {
		for _, s := range r.Subjects {
			if s.Value != want {
				continue
			}
			if shown++; shown > maxSubjects {
				continue
			}
			pointer := s.Pointer
			if pointer == "" {
				pointer = e.text("the delivery", "納入全体")
			}
			fmt.Fprintf(out, "  %s%s\n", pad(e.truthWord(s.Value.String()), 10), printable(strings.TrimSpace(pointer+" "+s.Name)))
			for _, a := range s.Answers {
				fmt.Fprintf(out, "    %s = %s\n", printable(a.Call), printable(e.truthWord(a.Value)))
				for _, saw := range a.Saw {
					e.printSaw(out, saw)
				}
			}
		}
	}
	if shown > maxSubjects {
		fmt.Fprintf(out, "  %s\n", e.text(fmt.Sprintf("and %d more", shown-maxSubjects), fmt.Sprintf("ほか%d件", shown-maxSubjects)))
	}
}

func (e *environment) printSaw(out *result, s policy.Saw) {
	state := ""
	switch {
	case s.Score > 0:
		state = e.text(fmt.Sprintf("%d of 1000", s.Score), fmt.Sprintf("1000分の%d", s.Score))
	case s.State == origin.Untold:
		state = e.stateWord(s.State)
	case s.State != "":
		state = e.stateWord(s.State) + e.text(", ", "、") + e.strengthWord(s.Strength)
	}
	line := strings.TrimSpace(s.What + " " + s.Value)
	if state != "" {
		line += e.text(" (", "（") + state + e.text(")", "）")
	}
	fmt.Fprintf(out, "      %s%s\n", pad(printable(line), 44), printable(s.Pointer))
}

// truthWord returns the word for a value of a rule, and what is none as it is.
func (e *environment) truthWord(value string) string {
	switch value {
	case "true":
		return e.text("true", "該当")
	case "false":
		return e.text("false", "非該当")
	case "unknown":
		return e.text("unknown", "不明")
	}
	return value
}

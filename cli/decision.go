package cli

import (
	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

func newDecision(e *environment) *cobra.Command {
	cmd := group(e, &cobra.Command{Use: "decision", Short: "Record what people decided on a verdict"})
	cmd.AddCommand(
		newDecide(e, statement.DecideInstall, "Record that it is put to use", `Sign, as an operator, that what the verdict is about is put to use.`),
		newDecide(e, statement.DecideReturn, "Record that it goes back", `Sign, as an operator, that what the verdict is about goes back to its supplier.`),
		newDecide(e, statement.DecideWaive, "Set rules aside until a day, with two keys", `Sign, as an operator and with two different keys, that the rules that stand against
the verdict are set aside until a day. That is possible only if nothing else stands
against it, and if the policy marks each of these rules as waivable, whether they hold
or reject: the policy is --policy, or the one of the program's that the verdict names.
The verdict stays what it is, and is shown as "HOLD → waived (特例承認)".

Two people need not be in one place: the first signs with -o, the second adds the key
with `+"`yurai submit --statement S --key K2`"+`.`),
	)
	return cmd
}

func newDecide(e *environment, what, short, long string) *cobra.Command {
	var s speaking
	var h hiding
	var verdictFile, policyFile, second, reason, until string
	var entry int64
	waives := what == statement.DecideWaive
	more := ""
	if waives {
		more = " --key2 K2 --until TIME [--policy P]"
	}
	cmd := leaf(e, &cobra.Command{
		Use:   what + " --verdict FILE --party ID --key K" + more + " --reason TEXT [--entry N] [--commit reason] (--server URL --trust T | --log ORIGIN -o STATEMENT)",
		Short: short,
		Long:  long,
		Example: map[string]string{
			statement.DecideWaive: `  yurai decision waive --verdict verdict.json --party x:operator --key one.key --key2 two.key \
      --reason "no other relay fits" --until 2027-03-31T00:00:00Z --server http://127.0.0.1:8080 --trust trust.json`,
		}[what],
	}, cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		needed := []string{"verdict", "reason"}
		if waives {
			needed = append(needed, "until")
		}
		if err := require(cmd, needed...); err != nil {
			return err
		}
		if second != "" {
			s.keys = append(s.keys, second)
		}
		if err := s.check(cmd); err != nil {
			return err
		}
		v, err := e.readVerdict(verdictFile)
		if err != nil {
			return err
		}
		body := &statement.Decision{What: what, Reason: statement.Field{Text: reason}}
		if body.Verdict, err = v.Digest(); err != nil {
			return err
		}
		if waives {
			if body.Until, err = readTime(cmd, "until", until); err != nil {
				return err
			}
			p, err := e.policyOf(v, policyFile)
			if err != nil {
				return err
			}
			if body.Rules, err = receiving.Waivable(v, p); err != nil {
				return err
			}
		}
		hides, err := h.choose(cmd, body, false)
		if err != nil {
			return err
		}
		if h.file == "" {
			h.file = verdictFile + "." + what + ".openings.json"
		}
		signers, err := s.signers()
		if err != nil {
			return err
		}
		if waives && len(signers) < 2 && len(h.commit) > 0 {
			return misuse(cmd, "--commit goes with both keys: openings name the statement as all have signed it")
		}
		ctx := cmd.Context()
		sp, err := e.begin(ctx, &s, false)
		if err != nil {
			return err
		}
		body.Head = sp.head
		if given(cmd, "entry") {
			body.Position = &statement.Position{Log: sp.head.Log, Index: entry}
		}
		openings, err := statement.Hide(body, hides, nil)
		if err != nil {
			return err
		}
		payload, err := statement.NewDecision(*body)
		if err != nil {
			return err
		}
		word := e.decisionWord(v.Verdict, body)
		return e.seal(ctx, &s, sp, &h, payload, openings, statement.KindDecision, said{word, word}, signers...)
	})
	s.flags(cmd)
	s.partyFlag(cmd)
	s.logFlag(cmd)
	h.flags(cmd, "VERDICT."+what)
	f := cmd.Flags()
	f.StringVar(&verdictFile, "verdict", "", "verdict `FILE` that check -f json wrote")
	f.StringVar(&reason, "reason", "", "`TEXT` that says why")
	f.Int64Var(&entry, "entry", 0, "`NUMBER` of the verdict's own entry in the log, if it has one")
	if waives {
		f.StringVar(&second, "key2", "", "private key `FILE` of the second person")
		f.StringVar(&until, "until", "", "`TIME` at which the waiver ends, RFC 3339")
		f.StringVar(&policyFile, "policy", "", "policy `FILE` that the verdict rests on (default one of the program's)")
	}
	return cmd
}

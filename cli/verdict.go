package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/sbom/statement"
)

func newVerdict(e *environment) *cobra.Command {
	cmd := group(e, &cobra.Command{Use: "verdict", Short: "Publish verdicts, and judge again from kept inputs"})
	cmd.AddCommand(newVerdictPublish(e), newVerdictRecompute(e))
	return cmd
}

func newVerdictPublish(e *environment) *cobra.Command {
	var s speaking
	var h hiding
	cmd := leaf(e, &cobra.Command{
		Use:   "publish VERDICT.json --party ID --key K [--commit FIELD…] (--server URL --trust T | --log ORIGIN -o STATEMENT)",
		Short: "Sign that a verdict was given",
		Long: `Sign, as an operator, that the verdict that ` + "`yurai check -f json`" + ` wrote was given. The
statement has the digest of the verdict's canonical bytes and, in the open or as salted
commitments, its word, scope, stage, time, file, entry, policy and context. What opens
the commitments is written to a file of its own before anything is submitted.

A commitment hides a field from whoever cannot guess everything in the verdict: the
digest of its canonical bytes is public.`,
		Example: `  yurai check relay.cdx.json --trust trust.json -f json -o verdict.json
  yurai verdict publish verdict.json --party x:operator --key operator.key --commit file --commit entry \
      --server http://127.0.0.1:8080 --trust trust.json`,
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if err := s.check(cmd); err != nil {
			return err
		}
		v, err := e.readVerdict(args[0])
		if err != nil {
			return err
		}
		body, err := v.Says()
		if err != nil {
			return err
		}
		hides, err := h.choose(cmd, body, false)
		if err != nil {
			return err
		}
		if h.file == "" {
			h.file = args[0] + ".openings.json"
		}
		signers, err := s.signers()
		if err != nil {
			return err
		}
		ctx := cmd.Context()
		sp, err := e.begin(ctx, &s, false)
		if err != nil {
			return err
		}
		body.Head = sp.head
		openings, err := statement.Hide(body, hides, nil)
		if err != nil {
			return err
		}
		payload, err := statement.NewVerdict(*body)
		if err != nil {
			return err
		}
		word := strings.ToUpper(v.Verdict)
		return e.seal(ctx, &s, sp, &h, payload, openings, statement.KindVerdict, said{
			fmt.Sprintf("verdict %s of %s, %s", word, s.party, body.Digest),
			fmt.Sprintf("%[2]s の判定 %[1]s（%[3]s）", word, s.party, body.Digest),
		}, signers...)
	})
	s.flags(cmd)
	s.partyFlag(cmd)
	s.logFlag(cmd)
	h.flags(cmd, "VERDICT.json")
	return cmd
}

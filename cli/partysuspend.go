package cli

import (
	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/sbom/statement"
)

func newPartySuspend(e *environment) *cobra.Command {
	var s speaking
	var reason string
	var lift bool
	cmd := leaf(e, &cobra.Command{
		Use:   "suspend ID --reason R (--party REGULATOR --key K | --registrar K) [--lift] (--server URL --trust T | -o FILE)",
		Short: "Hold what a party signs until it is lifted",
		Long: `Sign, as regulator or registrar, that what a party signs is to be held until the
suspension is lifted. --lift ends a suspension: its issuer's own, or, for the registrar,
any. A suspension makes nothing void.

The statement names the one before it, which is looked for in the log, read and
verified entry by entry, or, with -o and --bundle, in a bundle of the party's.`,
		Example: `  yurai party suspend x:hoshino-relay --reason "under investigation" --party x:regulator --key regulator.key \
      --server http://127.0.0.1:8080 --trust trust.json`,
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if err := require(cmd, "reason"); err != nil {
			return err
		}
		if err := s.check(cmd); err != nil {
			return err
		}
		signers, err := s.signers()
		if err != nil {
			return err
		}
		ctx := cmd.Context()
		sp, err := e.begin(ctx, &s, true)
		if err != nil {
			return err
		}
		if err := sp.known.enrolled(args[0]); err != nil {
			return err
		}
		sp.head.Prev = sp.known.state().SuspendPrev(args[0])
		if lift && sp.head.Prev.IsZero() {
			return refuse("CLI-SUSPENSION-NONE", "nobody ever suspended %s", printable(args[0]))
		}
		payload, err := statement.NewSuspend(statement.Suspend{Head: sp.head, About: args[0], Lifted: lift, Reason: reason})
		if err != nil {
			return err
		}
		what := said{"suspended " + args[0], args[0] + " を一時停止しました"}
		if lift {
			what = said{"lifted the suspension of " + args[0], args[0] + " の一時停止を解除しました"}
		}
		return e.utter(ctx, &s, sp, payload, what, signers...)
	})
	s.flags(cmd)
	s.registrarFlag(cmd)
	s.partyFlag(cmd)
	s.chainFlag(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "`WHY`, free text")
	cmd.Flags().BoolVar(&lift, "lift", false, "end the suspension")
	return cmd
}

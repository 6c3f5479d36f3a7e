package cli

import (
	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

func newPartyRotate(e *environment) *cobra.Command {
	var s speaking
	var fresh []string
	var threshold int
	cmd := leaf(e, &cobra.Command{
		Use:   "rotate --party ID --key OLD [--key OLD2] --new NEW [--new NEW2 --threshold N] (--server URL --trust T | -o FILE)",
		Short: "Put new keys in the place of a party's keys",
		Long: `Sign a statement that new keys come in the place of all of a party's keys, by enough
of the old keys and by every new one, and submit it. A key that stays is named with
--new too. With --registrar instead of --party and --key, the registrar's own keys are
rotated. What was signed with the old keys stays valid; a stolen key has to be revoked.

The statement names the one before it, which is looked for in the log, read and
verified entry by entry, or, with -o and --bundle, in a bundle of the party's. -o
writes the statement for others to add their signatures with ` + "`yurai submit`" + `.`,
		Example: `  yurai party rotate --party x:hoshino-relay --key vendor.key --new vendor-2027.key \
      --server http://127.0.0.1:8080 --trust trust.json`,
	}, cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		if err := require(cmd, "new"); err != nil {
			return err
		}
		if err := s.check(cmd); err != nil {
			return err
		}
		old, err := s.signers()
		if err != nil {
			return err
		}
		next, err := readSigners(fresh)
		if err != nil {
			return err
		}
		if !given(cmd, "threshold") {
			threshold = len(next)
		}
		if threshold < 1 || threshold > len(next) {
			return misuse(cmd, "--threshold %d does not lie between 1 and the number of new keys, %d", threshold, len(next))
		}
		ctx := cmd.Context()
		sp, err := e.begin(ctx, &s, true)
		if err != nil {
			return err
		}
		var public []envelope.Key
		signers := old
		for _, n := range next {
			public = append(public, n.Key())
			if !holds(old, n.Key()) {
				signers = append(signers, n)
			}
		}
		who := s.actor()
		sp.head.Prev = sp.known.state().Prev(who)
		if err := sp.known.enrolled(who); err != nil {
			return err
		}
		payload, err := statement.NewKeys(statement.Keys{Head: sp.head, KeySet: statement.NewKeySet(threshold, public...)})
		if err != nil {
			return err
		}
		return e.utter(ctx, &s, sp, payload, said{"rotated the keys of " + who, who + " の鍵を更新しました"}, signers...)
	})
	s.flags(cmd)
	s.registrarFlag(cmd)
	s.partyFlag(cmd)
	s.chainFlag(cmd)
	cmd.Flags().StringArrayVar(&fresh, "new", nil, "private key `FILE` that comes in; once for each key")
	cmd.Flags().IntVar(&threshold, "threshold", 0, "`NUMBER` of the new keys that must sign from then on (default all)")
	return cmd
}

// holds reports whether a key is one of the signers'.
func holds(signers []*envelope.Signer, key envelope.Key) bool {
	for _, s := range signers {
		if s.Key().Equal(key) {
			return true
		}
	}
	return false
}

// enrolled refuses who acts or is spoken of and is not enrolled.
func (k *replayed) enrolled(who string) error {
	if who == statement.Registrar || who == statement.Log {
		return nil
	}
	if _, ok := k.state().Party(who); ok {
		return nil
	}
	if !k.whole {
		return refuse("CLI-BUNDLE-PARTY", "the bundle holds nothing of %s", printable(who))
	}
	return refuse("CLI-PARTY-UNKNOWN", "none of the %d entries of %s enrols %s", k.size, k.state().Origin(), printable(who))
}

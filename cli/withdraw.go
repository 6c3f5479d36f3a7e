package cli

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/sbom/statement"
)

func newWithdraw(e *environment) *cobra.Command {
	var s speaking
	var reason string
	cmd := leaf(e, &cobra.Command{
		Use:   "withdraw FILE.yurai.json|INDEX (--key K | --registrar R) --reason TEXT --trust T (--server URL | -o FILE)",
		Short: "Take an entry back: a bill of materials, an advisory or an attestation",
		Long: `Sign that the entry that a bundle proves is taken back, as the party that signed it or
as the registrar, and submit it. The entry stays in the log, and every check that knows
of it holds what it enrolled. INDEX is the number of an entry, whose bundle is asked for.`,
		Example: `  yurai withdraw relay.cdx.json.yurai.json --key vendor.key --reason "wrong board revision" \
      --server http://127.0.0.1:8080 --trust trust.json`,
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if err := require(cmd, "reason"); err != nil {
			return err
		}
		if err := s.check(cmd); err != nil {
			return err
		}
		index, numbered := entryIndex(args[0])
		switch {
		case s.trust == "":
			return misuse(cmd, "--trust must be given")
		case numbered && s.server == "":
			return misuse(cmd, "--server must be given to ask for entry %d", index)
		}
		signers, err := s.signers()
		if err != nil {
			return err
		}
		trust, err := readTrust(s.trust)
		if err != nil {
			return err
		}
		ctx := cmd.Context()
		sp := &speech{trust: trust}
		var old held
		if numbered {
			if sp.remote, err = e.contact(ctx, s.server, s.trust, trust); err != nil {
				return err
			}
			if old, err = sp.remote.entry(ctx, index, trust); err != nil {
				return err
			}
		} else {
			if old, err = e.readBundle(args[0], trust); err != nil {
				return err
			}
			if s.server != "" {
				if sp.remote, err = e.reach(ctx, s.server, s.trust, trust, old.bundle.Log); err != nil {
					return err
				}
			}
		}
		st := old.evidence.Statement
		switch st.Kind {
		case statement.KindBOM, statement.KindAdvisory, statement.KindAttestation:
		default:
			return refuse("CLI-WITHDRAW-KIND", "entry %d is of kind %s", old.evidence.Index, st.Kind)
		}
		if s.party = ""; len(s.registrars) == 0 {
			s.party = old.evidence.Party
		}
		payload, err := statement.NewWithdraw(statement.Withdraw{
			Head:     statement.Head{Log: old.bundle.Log, Party: []string{s.actor()}, Made: e.now()},
			Position: statement.Position{Log: old.bundle.Log, Index: old.evidence.Index}, Reason: reason,
		})
		if err != nil {
			return err
		}
		return e.utter(ctx, &s, sp, payload, said{
			fmt.Sprintf("withdrew entry %d of %s", old.evidence.Index, old.evidence.Party),
			fmt.Sprintf("%[2]s の記録 %[1]d を取り下げました", old.evidence.Index, old.evidence.Party),
		}, signers...)
	})
	s.flags(cmd)
	s.registrarFlag(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` that says why")
	return cmd
}

// entryIndex reads the number of an entry in its one form.
func entryIndex(word string) (int64, bool) {
	n, err := strconv.ParseInt(word, 10, 64)
	return n, err == nil && n >= 0 && strconv.FormatInt(n, 10) == word
}

// absentEntry is the refusal of an entry that a log of size entries has not.
func absentEntry(origin string, size, index int64) error {
	return refuse("CLI-ENTRY-ABSENT", "%s has %d entries, and no entry %d", origin, size, index)
}

package cli

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/problem"
)

// revoked is what a revocation takes away.
type revoked struct{ key, delegate, party string }

// target returns the one thing that is revoked, and the key's id.
func (r revoked) target(cmd *cobra.Command) (target, key string, err error) {
	n := 0
	for _, flag := range []string{"revoked-key", "revoked-delegate", "revoked-party"} {
		if given(cmd, flag) {
			n++
		}
	}
	if n != 1 {
		return "", "", misuse(cmd, "one of --revoked-key, --revoked-delegate and --revoked-party must be given")
	}
	switch {
	case r.key != "":
		target, key = statement.TargetKey, r.key
	case r.delegate != "":
		target, key = statement.TargetDelegate, r.delegate
	default:
		return statement.TargetParty, "", nil
	}
	if raw, err := hex.DecodeString(key); err == nil && len(raw) == 32 && strings.ToLower(key) == key {
		return target, key, nil
	}
	public, err := readPublic(key)
	return target, public.ID(), err
}

func newPartyRevoke(e *environment) *cobra.Command {
	var s speaking
	var what revoked
	var of, reason string
	var from int64
	cmd := leaf(e, &cobra.Command{
		Use: "revoke (--party ID --key K | --registrar R) (--revoked-key KEY | --revoked-delegate KEY | --revoked-party ID) " +
			"--reason compromise|retired|ceased [--of ID] [--invalid-from INDEX] (--server URL --trust T | -o FILE)",
		Short: "Take a key, a delegate or a whole party away",
		Long: `Sign a statement that takes a key, a delegate's key or a party with all its keys away.
What the key signed from --invalid-from on is void; without --invalid-from, what it
signs after the revocation. KEY is a key id or a file with a public key.

One key may revoke itself from now on; an earlier index needs as many keys as the party
needs to sign, or the registrar. A revocation names no statement before it and is never
too late: sign it with -o and --log on a machine without a network, long before it is
needed, and hand it in with ` + "`yurai submit`" + ` when the key is lost.`,
		Example: `  yurai party revoke --registrar registrar.key --of x:hoshino-relay --revoked-key vendor.pub \
      --reason compromise --invalid-from 1842 --server http://127.0.0.1:8080`,
	}, cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		if err := require(cmd, "reason"); err != nil {
			return err
		}
		target, key, err := what.target(cmd)
		if err != nil {
			return err
		}
		if err := s.check(cmd); err != nil {
			return err
		}
		switch {
		case target == statement.TargetParty && of != "" && of != what.party:
			return misuse(cmd, "--of says again whom --revoked-party names, and says another")
		case target == statement.TargetParty:
			of = what.party
		case of == "":
			of = s.actor()
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
		body := statement.Revoke{Head: sp.head, Target: target, Of: of, Key: key, Reason: reason}
		if given(cmd, "invalid-from") {
			body.InvalidFrom = &from
		}
		payload, err := statement.NewRevoke(body)
		if err != nil {
			return err
		}
		return e.utter(ctx, &s, sp, payload, revocationText(body), signers...)
	})
	s.flags(cmd)
	s.registrarFlag(cmd)
	s.partyFlag(cmd)
	s.logFlag(cmd)
	f := cmd.Flags()
	f.StringVar(&what.key, "revoked-key", "", "`KEY` of the party that is revoked: its id, or a file with the public key")
	f.StringVar(&what.delegate, "revoked-delegate", "", "`KEY` of a delegate that is revoked: its id, or a file with the public key")
	f.StringVar(&what.party, "revoked-party", "", "`ID` of the party that is revoked with all its keys")
	f.StringVar(&of, "of", "", "`ID` of the party whose key it is (default who acts)")
	f.StringVar(&reason, "reason", "", "`WHY`: compromise, retired or ceased; what is void is --invalid-from's to say")
	f.Int64Var(&from, "invalid-from", 0, "`INDEX` of the first entry that the key no longer carries (default the revocation's own)")
	return cmd
}

var targetWords = map[string]problem.Text{
	statement.TargetKey:      {EN: "key", JA: "鍵"},
	statement.TargetDelegate: {EN: "delegate", JA: "受任鍵"},
	statement.TargetParty:    {EN: "party", JA: "当事者"},
}

// revocationText says what a revocation does.
func revocationText(r statement.Revoke) said {
	from, ja := "", ""
	if r.InvalidFrom != nil {
		from, ja = fmt.Sprintf(" from entry %d on", *r.InvalidFrom), fmt.Sprintf("、記録 %d 以降", *r.InvalidFrom)
	}
	key, keyJA := "", ""
	if r.Key != "" {
		key, keyJA = " "+r.Key+" of", " "+r.Key
	}
	return said{
		"revoked " + targetWords[r.Target].EN + key + " " + r.Of + from,
		r.Of + " の" + targetWords[r.Target].JA + keyJA + " を失効させました（理由 " + r.Reason + ja + "）",
	}
}

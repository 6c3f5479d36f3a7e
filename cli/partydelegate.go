package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

func newPartyDelegate(e *environment) *cobra.Command {
	var s speaking
	var public, until string
	var products []string
	cmd := leaf(e, &cobra.Command{
		Use:   "delegate --party ID --key K --delegate D.pub --until TIME [--product NAME] (--server URL --trust T | -o FILE)",
		Short: "Let another key sign bills of materials in the party's name",
		Long: `Sign a statement that lets another key, of a plant or of a build machine, sign bills
of materials in the party's name, all of them or those of the named products, until a
time. Saying it again for the same key changes scope and end; yurai party revoke
--revoked-delegate ends it at once.

The statement names the one before it, which is looked for in the log, read and
verified entry by entry, or, with -o and --bundle, in a bundle of the party's.`,
		Example: `  yurai party delegate --party x:hoshino-relay --key vendor.key --delegate build.pub \
      --until 2027-12-01T00:00:00Z --server http://127.0.0.1:8080 --trust trust.json`,
	}, cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		if err := require(cmd, "party", "key", "delegate", "until"); err != nil {
			return err
		}
		if err := s.check(cmd); err != nil {
			return err
		}
		last, err := readTime(cmd, "until", until)
		if err != nil {
			return err
		}
		key, err := readPublic(public)
		if err != nil {
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
		if err := sp.known.enrolled(s.party); err != nil {
			return err
		}
		sp.head.Prev = sp.known.state().DelegatePrev(s.party, key.ID())
		payload, err := statement.NewDelegate(statement.Delegate{
			Head: sp.head, Key: key, End: last,
			Scope: statement.Scope{Kinds: []statement.Kind{statement.KindBOM}, Products: products},
		})
		if err != nil {
			return err
		}
		return e.utter(ctx, &s, sp, payload, said{
			"key " + key.ID() + " may sign for " + s.party + " until " + statement.FormatTime(last),
			"鍵 " + key.ID() + " に " + s.party + " としての署名を " + statement.FormatTime(last) + " まで委任しました",
		}, signers...)
	})
	s.flags(cmd)
	s.partyFlag(cmd)
	s.chainFlag(cmd)
	f := cmd.Flags()
	f.StringVar(&public, "delegate", "", "public key `FILE` of the delegate")
	f.StringVar(&until, "until", "", "`TIME` after which the delegate may not sign, RFC 3339")
	f.StringArrayVar(&products, "product", nil, "`NAME` of a product that the delegate may sign for; may be repeated (default all)")
	return cmd
}

// readPublic reads a public key.
func readPublic(file string) (envelope.Key, error) {
	raw, err := readFile(file, maxKeyFile)
	if err != nil {
		return envelope.Key{}, err
	}
	key, err := envelope.ParsePublicPEM(raw)
	if err != nil {
		return envelope.Key{}, fmt.Errorf("%s: %w", file, err)
	}
	return key, nil
}

// readTime reads the time of a flag.
func readTime(cmd *cobra.Command, flag, text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, misuse(cmd, "--%s %q is not a time like 2027-04-01T00:00:00Z", flag, text)
	}
	return t.UTC().Truncate(time.Second), nil
}

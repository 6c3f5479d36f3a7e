package cli

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/sbom/statement"
)

// maxListFile bounds a reference list, in bytes.
const maxListFile = 64 << 20

// listTypes are the media types of lists by the ends of their names.
var listTypes = map[string]string{
	".csv": "text/csv", ".json": "application/json", ".txt": "text/plain", ".xml": "application/xml", ".yaml": "application/yaml", ".yml": "application/yaml",
}

func newList(e *environment) *cobra.Command {
	cmd := group(e, &cobra.Command{Use: "list", Short: "Publish reference lists"})
	cmd.AddCommand(newListPublish(e))
	return cmd
}

func newListPublish(e *environment) *cobra.Command {
	var s speaking
	var id, mediaType string
	cmd := leaf(e, &cobra.Command{
		Use:   "publish FILE --id NAME (--party ID --key K | --registrar R) [--media-type TYPE] (--server URL --trust T | -o STATEMENT)",
		Short: "Sign the next version of a reference list",
		Long: `Sign that the bytes of FILE are the next version of a list, the first or one more than
the last, and submit the statement. The log takes the digest; whoever uses the list
gets its bytes from its owner and compares them.

The statement names the version before it, which is looked for in the log, read and
verified entry by entry, or, with -o and --bundle, in a bundle of the list's.`,
		Example: `  yurai list publish designated.csv --id designated --party x:regulator --key regulator.key \
      --server http://127.0.0.1:8080 --trust trust.json`,
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if err := require(cmd, "id"); err != nil {
			return err
		}
		if err := s.check(cmd); err != nil {
			return err
		}
		raw, err := e.readInput(args[0], maxListFile)
		if err != nil {
			return err
		}
		if mediaType == "" {
			if mediaType = listTypes[filepath.Ext(args[0])]; mediaType == "" {
				return misuse(cmd, "--media-type must be given: the name of %s does not tell", args[0])
			}
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
		who := s.actor()
		if err := sp.known.enrolled(who); err != nil {
			return err
		}
		prev, version := sp.known.state().ListPrev(who, id)
		sp.head.Prev = prev
		payload, err := statement.NewList(statement.List{
			Head: sp.head, Digest: sha256.Sum256(raw), ID: id, Version: version + 1, Size: int64(len(raw)), MediaType: mediaType,
		})
		if err != nil {
			return err
		}
		return e.utter(ctx, &s, sp, payload, said{
			fmt.Sprintf("version %d of list %s/%s", version+1, who, id),
			fmt.Sprintf("リスト %[2]s/%[3]s の第%[1]d版", version+1, who, id),
		}, signers...)
	})
	s.flags(cmd)
	s.registrarFlag(cmd)
	s.partyFlag(cmd)
	s.chainFlag(cmd)
	cmd.Flags().StringVar(&id, "id", "", "`NAME` of the list among its owner's, lower case")
	cmd.Flags().StringVar(&mediaType, "media-type", "", "`TYPE` of the list's bytes, type/subtype (default by the end of FILE's name)")
	return cmd
}

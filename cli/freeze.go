package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/client"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

func newFreeze(e *environment) *cobra.Command {
	var s speaking
	var successor string
	var fresh []string
	cmd := leaf(e, &cobra.Command{
		Use:   "freeze --registrar KEY [--registrar KEY2] --successor NEW --new NEWKEY --server URL [--trust T] [-o FILE]",
		Short: "End a log for good and hand it over to a successor",
		Long: `Sign that a log ends as it is now and that another goes on, and submit it: nothing is
taken after it, and what the log holds stays valid and is served on. Both sign, the
registrar of the log with --registrar, and every key of the successor's registrar with
--new. NEW is the successor's folder or its genesis.statement.json, made with
` + "`yurai init NEW --origin … --predecessor URL`" + `, whose tree of this log is compared.

The log is read and verified entry by entry. With -o the statement is written instead,
signed by the keys at hand, for others to add their signatures with ` + "`yurai submit --statement FILE --key`" + `;
it holds for the tree as it is now, and a log that grows meanwhile refuses it.`,
		Example: `  yurai freeze --registrar ledger/registrar.key --successor next --new next/registrar.key \
      --server http://127.0.0.1:8080`,
	}, cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		if err := require(cmd, "registrar", "successor", "server"); err != nil {
			return err
		}
		if len(fresh) == 0 && s.file == "" {
			return misuse(cmd, "--new or --output must be given")
		}
		if s.trust == "" {
			s.trust = filepath.Join(filepath.Dir(s.registrars[0]), "trust.json")
		}
		signers, err := s.signers()
		if err != nil {
			return err
		}
		next, err := readSigners(fresh)
		if err != nil {
			return err
		}
		for _, n := range next {
			if !holds(signers, n.Key()) {
				signers = append(signers, n)
			}
		}
		genesis, leaf, err := e.readSuccessor(successor)
		if err != nil {
			return err
		}
		ctx := cmd.Context()
		sp, err := e.begin(ctx, &s, true)
		if err != nil {
			return err
		}
		if err := sp.remote.follows(ctx, genesis); err != nil {
			return err
		}
		payload, err := statement.NewFreeze(statement.Freeze{
			Head: sp.head, Size: sp.remote.cp.Size, Root: statement.Digest(sp.remote.cp.Root),
			Successor: statement.Successor{
				Origin: genesis.Log, Genesis: statement.Digest(ledger.LeafHash(leaf)), Registrar: genesis.Parties.Registrar,
			},
		})
		if err != nil {
			return err
		}
		return e.utter(ctx, &s, sp, payload, said{
			fmt.Sprintf("%s is frozen, %s goes on", sp.head.Log, genesis.Log),
			fmt.Sprintf("%s を凍結しました。%s が引き継ぎます", sp.head.Log, genesis.Log),
		}, signers...)
	})
	f := cmd.Flags()
	s.registrarFlag(cmd)
	f.StringVar(&successor, "successor", "", "folder of the successor, or the `FILE` of its genesis")
	f.StringArrayVar(&fresh, "new", nil, "private key `FILE` of the successor's registrar; once for each key")
	f.StringVar(&s.server, "server", "", "`URL` of the log's server")
	f.StringVar(&s.trust, "trust", "", "trust `FILE` (default trust.json beside the first key)")
	f.StringVarP(&s.file, "output", "o", "", "`FILE` for the statement, which is then not submitted; - is standard output")
	return cmd
}

// readSuccessor reads the genesis of a log that is to go on: its file, or its
// folder. Signatures are verified.
func (e *environment) readSuccessor(name string) (*statement.Genesis, []byte, error) {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		name = filepath.Join(name, "genesis.statement.json")
	}
	raw, err := e.readInput(name, envelope.MaxLeaf+1)
	if err != nil {
		return nil, nil, err
	}
	leaf := bytes.TrimSuffix(raw, []byte{'\n'})
	g, err := receiving.OpenGenesis(leaf)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return g, leaf, nil
}

// follows refuses a genesis that does not follow on this log: another one's, or
// one that names a tree that this log does not begin with.
func (c *contact) follows(ctx context.Context, g *statement.Genesis) error {
	p := g.Predecessor
	switch {
	case p == nil:
		return refuse("CLI-SUCCESSOR-OTHER", "the genesis of %s names no predecessor", g.Log)
	case p.Origin != c.log.Origin || ledger.Hash(p.Genesis) != c.log.Genesis:
		return refuse("CLI-SUCCESSOR-OTHER", "the genesis of %s follows on %s, genesis %s", g.Log, p.Origin, p.Genesis)
	case p.Size > c.cp.Size:
		return refuse("CLI-SUCCESSOR-OTHER", "the genesis of %s follows on a tree of %d entries, this one has %d", g.Log, p.Size, c.cp.Size)
	}
	root := c.cp.Root
	if p.Size < c.cp.Size {
		source, err := client.New(c.base, c.log)
		if err != nil {
			return err
		}
		if root, err = rootAt(ctx, source, c.cp, p.Size); err != nil {
			return err
		}
	}
	if root != ledger.Hash(p.Root) {
		return refuse("CLI-SUCCESSOR-OTHER", "the genesis of %s follows on a tree with the root %s, this one has %s at %d entries", g.Log, p.Root, root, p.Size)
	}
	return nil
}

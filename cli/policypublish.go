package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/sbom/policy"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

func newPolicyPublish(e *environment) *cobra.Command {
	var s speaking
	cmd := leaf(e, &cobra.Command{
		Use:   "publish FILE (--party ID --key K | --registrar R) (--server URL --trust T | -o STATEMENT)",
		Short: "Sign the next version of a policy",
		Long: `Read a policy, run the tests that it carries, and sign that its bytes are the version
that it names of the policy that it names, of whoever signs. The log takes the digest;
whoever judges by the policy gets its bytes from its owner and compares them. A version
has to be above the last one in the log, and tests that fail refuse it. FILE.yurai.json,
which is written beside it, proves to ` + "`yurai check`" + ` that a file is the policy that a trust
file pins.

The statement names the version before it, which is looked for in the log, read and
verified entry by entry, or, with -o and --bundle, in a bundle of the policy's.`,
		Example: `  yurai policy publish policy.yaml --party x:operator --key operator.key \
      --server http://127.0.0.1:8080 --trust trust.json`,
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if err := s.check(cmd); err != nil {
			return err
		}
		raw, err := readFile(args[0], maxPolicy)
		if err != nil {
			return err
		}
		p, err := policy.Parse(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		if err := tested(p, filepath.Dir(args[0])); err != nil {
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
		who := s.actor()
		if err := sp.known.enrolled(who); err != nil {
			return err
		}
		prev, last := sp.known.state().PolicyPrev(who, p.ID)
		if int64(p.Version) <= last {
			return refuse("STATE-POLICY-VERSION", "%s is version %d of %s/%s, and version %d is in the log", args[0], p.Version, who, p.ID, last)
		}
		sp.head.Prev = prev
		payload, err := statement.NewPolicy(statement.Policy{
			Head: sp.head, Digest: p.Digest, ID: p.ID, Version: int64(p.Version), Size: int64(len(raw)), MediaType: "application/yaml",
		})
		if err != nil {
			return err
		}
		s.receipt = bundleName(args[0])
		return e.utter(ctx, &s, sp, payload, said{
			fmt.Sprintf("version %d of policy %s/%s", p.Version, who, p.ID),
			fmt.Sprintf("ポリシー %[2]s/%[3]s の第%[1]d版", p.Version, who, p.ID),
		}, signers...)
	})
	s.flags(cmd)
	s.registrarFlag(cmd)
	s.partyFlag(cmd)
	s.chainFlag(cmd)
	return cmd
}

// tested refuses a policy whose own tests fail. Their files are below the folder
// of the policy.
func tested(p *policy.Policy, folder string) error {
	for _, r := range p.Test(func(name string) ([]byte, error) {
		return readFile(filepath.Join(folder, filepath.FromSlash(name)), maxBOM)
	}) {
		if !r.Passed() {
			return refuse("CLI-POLICY-TESTS", "test %q: %s", printable(r.Name), printable(strings.Join(r.Faults, "; ")))
		}
	}
	return nil
}

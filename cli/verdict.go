package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/sbom/receiving"
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
	var folder string
	cmd := leaf(e, &cobra.Command{
		Use:   "publish (VERDICT.json | --case FOLDER [NAME]) --party ID --key K [--commit FIELD…] (--server URL --trust T | --log ORIGIN -o STATEMENT)",
		Short: "Sign that a verdict was given",
		Long: `Sign, as an operator, that the verdict that ` + "`yurai check -f json`" + ` wrote was given. The
statement has the digest of the verdict's canonical bytes and, in the open or as salted
commitments, its word, scope, stage, time, file, entry, policy and context. What opens
the commitments is written to a file of its own before anything is submitted.

With --case the verdict is that of the folder that ` + "`yurai check --keep`" + ` wrote: it is judged
again first, and published only if the kept inputs give the same canonical bytes. Of a
case of several files NAME says which.

A commitment hides a field from whoever cannot guess everything in the verdict: the
digest of its canonical bytes is public.`,
		Example: `  yurai check relay.cdx.json --trust trust.json -f json -o verdict.json
  yurai verdict publish verdict.json --party x:operator --key operator.key --commit file --commit entry \
      --server http://127.0.0.1:8080 --trust trust.json`,
	}, cobra.MaximumNArgs(1), func(cmd *cobra.Command, args []string) error {
		if folder == "" && len(args) == 0 {
			return misuse(cmd, "VERDICT.json or --case must be given")
		}
		if err := s.check(cmd); err != nil {
			return err
		}
		var v *receiving.Verdict
		var beside string
		var err error
		if folder != "" {
			v, beside, err = e.caseVerdict(cmd, folder, args)
		} else {
			beside = args[0]
			v, err = e.readVerdict(args[0])
		}
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
			h.file = beside + ".openings.json"
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
	cmd.Flags().StringVar(&folder, "case", "", "`FOLDER` of a case, whose verdict is judged again and published")
	return cmd
}

// caseVerdict judges a case again and returns the verdict of one of its files, and
// beside what its openings go. Every verdict of the case has to come out as it was.
func (e *environment) caseVerdict(cmd *cobra.Command, folder string, names []string) (*receiving.Verdict, string, error) {
	k, err := openCase(folder)
	if err != nil {
		return nil, "", err
	}
	judged, err := k.judge(e)
	if err := errors.Join(err, k.close()); err != nil {
		return nil, "", err
	}
	found := -1
	for i, f := range judged {
		if _, err := k.compare(i, f); err != nil {
			return nil, "", err
		}
		if len(names) == 0 || f.name == names[0] {
			if found >= 0 {
				return nil, "", misuse(cmd, "the case has several files: say which by its name, which no two of them share")
			}
			found = i
		}
	}
	if found < 0 {
		return nil, "", misuse(cmd, "the case has no file %q", names[0])
	}
	beside := filepath.Clean(folder)
	if len(judged) > 1 {
		beside += "." + strconv.Itoa(found)
	}
	return judged[found].verdict, beside, nil
}

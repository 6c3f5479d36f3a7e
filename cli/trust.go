package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/ledger"
)

func newTrust(e *environment) *cobra.Command {
	cmd := group(e, &cobra.Command{Use: "trust", Short: "Make, look at and renew trust files"})
	cmd.AddCommand(newTrustInit(e), newTrustShow(e), newTrustUpdate(e), newTrustSign(e))
	return cmd
}

func newTrustShow(e *environment) *cobra.Command {
	var keysOnly bool
	var out result
	cmd := leaf(e, &cobra.Command{
		Use:   "show T [--vkey]",
		Short: "Show whom a trust file trusts",
		Long: `Show the logs, keys, witnesses and policy that a trust file names, and until when. --vkey
prints the checkpoint keys alone, one a line, as c2sp.org/signed-note writes them.`,
		Example: "  yurai trust show trust.json --vkey",
	}, cobra.ExactArgs(1), func(_ *cobra.Command, args []string) error {
		t, err := readTrust(args[0])
		if err != nil {
			return err
		}
		for _, log := range t.Logs {
			for _, k := range log.Keys {
				if keysOnly {
					fmt.Fprintln(&out, k.String())
				}
			}
		}
		if keysOnly {
			return out.deliver(e)
		}
		line := func(en, ja, value string) {
			fmt.Fprintf(&out, "%s%s\n", pad(e.text(en, ja), 12), value)
		}
		line("file", "ファイル", fmt.Sprintf("%s (%s)", printable(args[0]), t.Digest))
		line("version", "版", fmt.Sprint(t.Version))
		expires := t.Expires.Format("2006-01-02T15:04:05Z")
		if e.now().After(t.Expires) {
			expires += e.text(" (expired: every verdict holds)", "（期限切れ：すべて保留になります）")
		}
		line("expires", "有効期限", expires)
		for _, log := range t.Logs {
			line("log", "台帳", log.Origin)
			line("  genesis", "  創始記録", log.Genesis.String())
			for _, k := range log.Keys {
				id, _, _ := strings.Cut(strings.TrimPrefix(k.String(), log.Origin+"+"), "+")
				line("  key", "  鍵", fmt.Sprintf("%s %s", k.Algorithm(), id))
			}
		}
		for _, w := range t.Witnesses.Witnesses() {
			line("witness", "立会人", strings.TrimSpace(printable(fmt.Sprintf("%s %s %s %08x %s", w.Name, w.Verifier.Name(), w.Verifier.Algorithm(), w.Verifier.KeyHash(), w.URL))))
		}
		for _, g := range t.Witnesses.Groups() {
			line("  group", "  グループ", e.text(
				fmt.Sprintf("%s: %d of %s", printable(g.Name), g.K, printable(strings.Join(g.Members, " "))),
				fmt.Sprintf("%s：%sのうち%d", printable(g.Name), printable(strings.Join(g.Members, " ")), g.K)))
		}
		if t.Witnesses != nil {
			line("quorum", "定足数", printable(t.Witnesses.Quorum()))
		}
		if p := t.Policy; p != nil {
			line("policy", "ポリシー", fmt.Sprintf("%s v%d %s", printable(p.ID), p.Version, printable(p.Signer)))
		}
		return out.deliver(e)
	})
	cmd.Flags().BoolVar(&keysOnly, "vkey", false, "print the checkpoint keys alone")
	out.flag(cmd)
	return cmd
}

// readTrust reads a trust file.
func readTrust(file string) (*ledger.Trust, error) {
	raw, err := readFile(file, ledger.MaxTrust+1)
	if err != nil {
		return nil, err
	}
	t, err := ledger.ParseTrust(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return t, nil
}

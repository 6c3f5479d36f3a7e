package cli

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/server"
)

func newInit(e *environment) *cobra.Command {
	var origin, predecessor, trustFile string
	cmd := leaf(e, &cobra.Command{
		Use:   "init DIR --origin ledger.example/jp-power-2026 [--predecessor URL --trust OLD]",
		Short: "Make the folder of a new log: keys, configuration, trust file, first entries",
		Long: `Make the folder of a new log. The origin is its name for ever, a URL without
scheme. registrar.key enrols parties and may leave this machine at once; trust.json
goes to operators and auditors by a way that they trust. A folder that holds
something already is refused.

A log that follows on another names it for ever, with the tree that the server of
--predecessor publishes now, verified under --trust. ` + "`yurai freeze`" + ` then ends the other.`,
		Example: "  yurai init ledger --origin ledger.example/jp-power-2026",
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if err := require(cmd, "origin"); err != nil {
			return err
		}
		dir, o := args[0], server.InitOptions{Origin: origin, Clock: e.now}
		if given(cmd, "predecessor") {
			if err := require(cmd, "trust"); err != nil {
				return err
			}
			var err error
			if o.Predecessor, err = e.predecessor(cmd.Context(), predecessor, trustFile); err != nil {
				return err
			}
		}
		if err := server.Init(dir, o); err != nil {
			return err
		}
		for _, f := range []struct{ name, en, ja string }{
			{"config.yaml", "configuration of the server", "サーバーの設定"},
			{"keys", "keys of the log; keep them here", "台帳の鍵（この機器に保管）"},
			{"registrar.key", "enrols parties; take it off this machine", "登録機関の署名鍵（別の場所に保管）"},
			{"trust.json", "give it to operators and auditors", "信頼ファイル（事業者と監査人に配布）"},
		} {
			fmt.Fprintf(e.stdout, "%s%s\n", pad(filepath.Join(dir, f.name), 36), e.text(f.en, f.ja))
		}
		return nil
	})
	cmd.Flags().StringVar(&origin, "origin", "", "`NAME` of the log, a URL without scheme")
	cmd.Flags().StringVar(&predecessor, "predecessor", "", "`URL` of the server of the log that this one follows on")
	cmd.Flags().StringVar(&trustFile, "trust", "", "trust `FILE` of that log")
	return cmd
}

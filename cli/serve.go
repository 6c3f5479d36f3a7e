package cli

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/server"
)

func newServe(e *environment) *cobra.Command {
	var listen, witnesses string
	cmd := leaf(e, &cobra.Command{
		Use:   "serve DIR [--listen 127.0.0.1:8080] [--witnesses FILE]",
		Short: "Run the log in a folder that `yurai init` made",
		Long: `Serve the log over plain HTTP on this machine's loopback until told to stop
(SIGINT, SIGTERM); requests in flight are finished, then the exit code is 0. Port 0
takes a free one. The address is the first line on standard output; GET /readyz
answers 200 as soon as the log takes statements.

--witnesses names a witness policy (c2sp.org/tlog-policy), with the URL of each witness.
Their cosignatures are gathered beside the commits, which never wait for them, and
/checkpoint shows the newest checkpoint that reached the quorum, or 503 before there is
one. A log that is behind what a witness has cosigned, or has another history, is not
served: it was put back to an older state, or copied.`,
		Example: "  yurai serve ledger --listen 127.0.0.1:8080",
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		var policy *ledger.WitnessPolicy
		if witnesses != "" {
			raw, err := readFile(witnesses, ledger.MaxPolicy)
			if err != nil {
				return err
			}
			if policy, err = server.ParseWitnesses(string(raw)); err != nil {
				return fmt.Errorf("%s: %w", witnesses, err)
			}
		}
		l, err := server.Listen(ctx, listen)
		if err != nil {
			return err
		}
		logger := slog.New(slog.NewTextHandler(e.stderr, nil))
		s, err := server.Open(ctx, args[0], server.Options{Clock: e.now, Logger: logger, Witnesses: policy})
		if err != nil {
			return errors.Join(err, l.Close())
		}
		fmt.Fprintf(e.stdout, "http://%s\n", l.Addr())
		return s.Serve(ctx, l)
	})
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "`ADDRESS` on this machine's loopback")
	cmd.Flags().StringVar(&witnesses, "witnesses", "", "witness policy `FILE` by which checkpoints are published")
	return cmd
}

package cli

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/server"
)

func newServe(e *environment) *cobra.Command {
	var listen string
	var anchors anchorFlags
	cmd := leaf(e, &cobra.Command{
		Use:   "serve DIR [--listen 127.0.0.1:8080] [--anchor WHERE]… [--newest-known]",
		Short: "Run the log in a folder that `yurai init` made",
		Long: `Serve the log over plain HTTP on this machine's loopback until told to stop
(SIGINT, SIGTERM); requests in flight are finished, then the exit code is 0. Port 0
takes a free one. The address is the first line on standard output; GET /readyz
answers 200 as soon as the log takes statements.

An --anchor is somebody outside who has seen the log: the log is held against what it
has seen, at the start and, at an address, every minute. If that is more than is here,
or something else, this is an old or second copy: it is not started, or signs no more.
Without an anchor nothing of the kind would be noticed, which is said in /readyz. A log
that was moved or restored signs nothing until anchors allow it: see yurai restore
--help for what they show and when --newest-known is true.`,
		Example: "  yurai serve ledger --listen 127.0.0.1:8080",
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if err := anchors.check(cmd); err != nil {
			return err
		}
		ctx := cmd.Context()
		l, err := server.Listen(ctx, listen)
		if err != nil {
			return err
		}
		logger := slog.New(slog.NewTextHandler(e.stderr, nil))
		s, err := server.Open(ctx, args[0], server.Options{
			Clock: e.now, Logger: logger, Anchors: anchors.places, NewestKnown: anchors.newest,
		})
		if err != nil {
			return errors.Join(err, l.Close())
		}
		fmt.Fprintf(e.stdout, "http://%s\n", l.Addr())
		return s.Serve(ctx, l)
	})
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "`ADDRESS` on this machine's loopback")
	anchors.flags(cmd)
	return cmd
}

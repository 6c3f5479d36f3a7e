package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/server"
)

func newServe(e *environment) *cobra.Command {
	var listen string
	var raw bool
	cmd := leaf(e, &cobra.Command{
		Use:   "serve DIR [--listen 127.0.0.1:8080]",
		Short: "Run the log in a folder that `yurai init` made",
		Long: `Serve the log over plain HTTP on this machine's loopback until told to stop
(SIGINT, SIGTERM); requests in flight are finished, then the exit code is 0. Port 0
takes a free one. The address is the first line on standard output; GET /readyz
answers 200 as soon as the log takes statements.`,
		Example: "  yurai serve ledger --listen 127.0.0.1:8080",
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		l, err := server.Listen(ctx, listen)
		if err != nil {
			return err
		}
		logger := slog.New(slog.NewTextHandler(e.stderr, nil))
		s, err := openServed(ctx, args[0], raw, server.Options{Clock: e.now, Logger: logger})
		if err != nil {
			return errors.Join(err, l.Close())
		}
		fmt.Fprintf(e.stdout, "http://%s\n", l.Addr())
		return s.Serve(ctx, l)
	})
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "`ADDRESS` on this machine's loopback")
	// For programs that load and check logs of every kind: no ledger, and never one.
	cmd.Flags().BoolVar(&raw, "test-raw-add", false, "serve a raw log for tests: POST /add takes anything")
	_ = cmd.Flags().MarkHidden("test-raw-add") // the flag was added a line above
	return cmd
}

// openServed opens what `serve` serves: a ledger, or a raw log for tests.
func openServed(ctx context.Context, dir string, raw bool, o server.Options) (interface {
	Serve(ctx context.Context, l net.Listener) error
}, error,
) {
	if raw {
		return server.OpenRaw(ctx, dir, o)
	}
	return server.Open(ctx, dir, o)
}

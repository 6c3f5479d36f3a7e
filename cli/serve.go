package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/server"
)

func newServe(e *environment) *cobra.Command {
	var listen, witnesses string
	var anchors anchorFlags
	reserve := size(server.DefaultReserve)
	var raw bool
	cmd := leaf(e, &cobra.Command{
		Use:   "serve DIR [--listen 127.0.0.1:8080] [--reserve 512MiB] [--witnesses FILE] [--anchor WHERE]… [--newest-known]",
		Short: "Run the log in a folder that `yurai init` made",
		Long: `Serve the log over plain HTTP on this machine's loopback until told to stop
(SIGINT, SIGTERM); requests in flight are finished, then the exit code is 0. Port 0
takes a free one. The address is the first line on standard output; GET /readyz
answers 200 as soon as the log takes statements. While the disk has less free space
than --reserve they are answered with 507, and everything else goes on.

An --anchor is somebody outside who has seen the log: the log is held against what it
has seen, at the start and, at an address, every minute. If that is more than is here,
or something else, this is an old or second copy: it is not started, or signs no more.
Without an anchor nothing of the kind would be noticed, which is said in /readyz. A log
that was moved or restored signs nothing until anchors allow it: see yurai restore
--help for what they show and when --newest-known is true.

--witnesses names a witness policy (c2sp.org/tlog-policy), with the URL of each witness.
Their cosignatures are gathered beside the commits, which never wait for them, and
/checkpoint shows the newest checkpoint that reached the quorum, or 503 before there is
one. Witnesses are anchors too.`,
		Example: "  yurai serve ledger --listen 127.0.0.1:8080",
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if err := anchors.check(cmd); err != nil {
			return err
		}
		if raw && (len(anchors.places) > 0 || witnesses != "") {
			return misuse(cmd, "nobody anchors or witnesses a raw log")
		}
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
		kept := int64(reserve)
		if kept == 0 {
			kept = -1 // none, and not the default
		}
		s, err := openServed(ctx, args[0], raw, server.Options{
			Clock: e.now, Logger: logger, Reserve: kept, Witnesses: policy,
			Anchors: anchors.places, NewestKnown: anchors.newest,
		})
		if err != nil {
			return errors.Join(err, l.Close())
		}
		fmt.Fprintf(e.stdout, "http://%s\n", l.Addr())
		return s.Serve(ctx, l)
	})
	cmd.Flags().Var(&reserve, "reserve", "free space to keep on the disk: below it nothing is recorded (507), and reading goes on")
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "`ADDRESS` on this machine's loopback")
	cmd.Flags().StringVar(&witnesses, "witnesses", "", "witness policy `FILE` by which checkpoints are published")
	// For programs that load and check logs of every kind: no ledger, and never one.
	cmd.Flags().BoolVar(&raw, "test-raw-add", false, "serve a raw log for tests: POST /add takes anything")
	_ = cmd.Flags().MarkHidden("test-raw-add") // the flag was added a line above
	anchors.flags(cmd)
	return cmd
}

// size is a flag of bytes: a number, and KiB, MiB or GiB behind it.
type size int64

var units = []struct {
	name  string
	bytes int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"", 1}}

// String implements [pflag.Value] in the largest unit that leaves no rest.
func (s *size) String() string {
	for _, u := range units {
		if n := int64(*s); n%u.bytes == 0 && (n > 0 || u.bytes == 1) {
			return strconv.FormatInt(n/u.bytes, 10) + u.name
		}
	}
	return ""
}

// Set implements [pflag.Value].
func (s *size) Set(text string) error {
	for _, u := range units {
		number, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(number, 10, 63)
		if err != nil || int64(n) > math.MaxInt64/u.bytes {
			break
		}
		*s = size(int64(n) * u.bytes)
		return nil
	}
	return fmt.Errorf("%q is no size such as 512MiB", text)
}

// Type implements [pflag.Value].
func (s *size) Type() string { return "SIZE" }

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

package cli

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/witness"
	"github.com/yurai-ledger/yurai/server"
)

func newWitness(e *environment) *cobra.Command {
	cmd := group(e, &cobra.Command{Use: "witness", Short: "Run a witness, which cosigns the checkpoints of other people's logs"})
	cmd.AddCommand(newWitnessInit(e), newWitnessAdd(e), newWitnessServe(e))
	return cmd
}

func newWitnessInit(e *environment) *cobra.Command {
	var name string
	cmd := leaf(e, &cobra.Command{
		Use:   "init DIR --name witness.example/w1",
		Short: "Make the folder of a new witness; prints its verifier keys",
		Long: `Make the folder of a new witness: an Ed25519 key and an ML-DSA-44 key, which sign
cosignatures and nothing else. The name is a URL without scheme. The verifier keys on
standard output, Ed25519 first, go to whoever demands this witness: into the witness
policy of a trust file, and with the witness's URL into that of the log's server
(c2sp.org/tlog-policy). A folder that holds something already is refused.`,
		Example: "  yurai witness init w1 --name witness.example/w1",
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if err := require(cmd, "name"); err != nil {
			return err
		}
		keys, err := witness.Init(args[0], name, nil)
		if err != nil {
			return err
		}
		for _, k := range keys {
			fmt.Fprintln(e.stdout, k)
		}
		return nil
	})
	cmd.Flags().StringVar(&name, "name", "", "`NAME` of the witness, a URL without scheme")
	return cmd
}

func newWitnessAdd(e *environment) *cobra.Command {
	var trustFile, origin string
	var keys []string
	cmd := leaf(e, &cobra.Command{
		Use:   "add DIR --trust T [--origin O] | --origin O --key VKEY…",
		Short: "Make a witness watch a log, from the empty tree on",
		Long: `Make the witness in a folder watch the logs that a trust file names, of these the one
with --origin alone, or any log of c2sp.org/tlog-tiles or the like by its origin and
its verifier keys, all of which have to sign. What a witness has seen of a log it never
forgets, so a log cannot be added twice. The witness must not be served meanwhile.`,
		Example: "  yurai witness add w1 --trust trust.json",
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		var logs []witness.Log
		switch {
		case trustFile != "" && len(keys) == 0:
			trust, err := readTrust(trustFile)
			if err != nil {
				return err
			}
			for _, l := range trust.Logs {
				if origin == "" || origin == l.Origin {
					logs = append(logs, witness.Log{Origin: l.Origin, Keys: l.Keys})
				}
			}
			if len(logs) == 0 {
				return ledger.Refuse("TRUST-LOG-UNKNOWN", "log %q is not among those that the trust file names", printable(origin))
			}
		case origin != "" && len(keys) > 0 && !given(cmd, "trust"):
			log := witness.Log{Origin: origin}
			for _, k := range keys {
				v, err := ledger.ParseVerifier(k)
				if err != nil {
					return err
				}
				log.Keys = append(log.Keys, v)
			}
			logs = append(logs, log)
		default:
			return misuse(cmd, "--trust, or --origin and --key, must be given")
		}
		for _, log := range logs {
			if err := witness.Add(args[0], log, e.now()); err != nil {
				return err
			}
			e.printf("watches %s\n", "%s を監視します\n", printable(log.Origin))
		}
		return nil
	})
	f := cmd.Flags()
	f.StringVar(&trustFile, "trust", "", "trust `FILE` that names logs")
	f.StringVar(&origin, "origin", "", "`NAME` of the log")
	f.StringArrayVar(&keys, "key", nil, "verifier key `VKEY` of the log; may be repeated")
	return cmd
}

func newWitnessServe(e *environment) *cobra.Command {
	var listen string
	cmd := leaf(e, &cobra.Command{
		Use:   "serve DIR [--listen 127.0.0.1:8070]",
		Short: "Run the witness in a folder that `yurai witness init` made",
		Long: `Serve c2sp.org/tlog-witness over plain HTTP on this machine's loopback until told to
stop (SIGINT, SIGTERM); requests in flight are finished, then the exit code is 0. Port 0
takes a free one. The address is the first line on standard output, and is both the
submission prefix and the monitoring prefix: POST /add-checkpoint, GET
/HASH/checkpoint with the SHA-256 of a log's origin.

A checkpoint is cosigned only if all keys of its log signed it and if it continues the
last one cosigned, which is durable before the cosignature is answered. Never put the
folder back to an older state, and never run a copy of it: a witness that forgets may
cosign a second history.`,
		Example: "  yurai witness serve w1 --listen 127.0.0.1:8070",
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) (err error) {
		ctx := cmd.Context()
		w, err := witness.Open(args[0], witness.Options{Clock: e.now, Logger: slog.New(slog.NewTextHandler(e.stderr, nil))})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, w.Close()) }()
		l, err := server.Listen(ctx, listen)
		if err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "http://%s\n", l.Addr())
		return w.Serve(ctx, l)
	})
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8070", "`ADDRESS` on this machine's loopback")
	return cmd
}

package cli

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/envelope"
)

// bundleName is where the bundle of a file is kept: the whole name and a suffix.
func bundleName(file string) string { return file + ".yurai.json" }

func newSubmit(e *environment) *cobra.Command {
	var s signing
	var statementFile, server, trustFile, state, file string
	var dry bool
	var wait string
	var limit time.Duration
	cmd := leaf(e, &cobra.Command{
		Use:   "submit [FILE] --statement S --server URL --trust T [--state FILE] [-o FILE.yurai.json] [--wait witnessed] [--dry-run]",
		Short: "Submit a signed bill of materials and keep the receipt",
		Long: `Send a bill of materials and the statement about it to the log, verify the receipt
against the trust file, and only then write it: FILE.yurai.json is the bundle that
everybody who receives FILE checks it with. Instead of --statement, --key and --party
sign first. A statement that the log has already gives the receipt of its first entry.
Nothing is sent to a log that contradicts what is remembered of it (exit 13).

--wait witnessed waits until the log publishes a checkpoint with the entry that its
witnesses have cosigned, as the trust file demands, and writes the bundle against that
one in the place of the receipt; after --timeout it ends with 4, and the receipt stays.

--dry-run reads and verifies the log, says what would happen (new, duplicate, equivocal,
suspended, held, or the refusal) and submits and writes nothing; exit 10 if every check
would hold it.

Without FILE, --statement is a statement that another command wrote with -o: --key adds
signatures to it, and -o writes it with them instead of submitting it.`,
		Example: `  yurai submit relay.cdx.json --statement relay.cdx.json.statement.json \
      --server http://127.0.0.1:8080 --trust trust.json`,
	}, cobra.MaximumNArgs(1), func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			if err := require(cmd, "statement"); err != nil {
				return err
			}
			switch {
			case s.party != "" || s.log != "" || s.held || dry || wait != "":
				return misuse(cmd, "--party, --log, --held, --wait and --dry-run go with a FILE")
			case file != "" && len(s.keys) == 0:
				return misuse(cmd, "--output without a FILE writes the statement with the signatures of --key")
			}
			if file == "" {
				if err := require(cmd, "server", "trust"); err != nil {
					return err
				}
			}
			return e.submitStatement(cmd, statementFile, server, trustFile, file, s.keys)
		}
		if err := require(cmd, "server", "trust"); err != nil {
			return err
		}
		signs := len(s.keys) > 0 || s.party != "" || s.log != "" || s.held
		switch {
		case statementFile != "" && signs:
			return misuse(cmd, "--statement is signed already: --key, --party, --log and --held do not go with it")
		case statementFile == "" && (len(s.keys) == 0 || s.party == ""):
			return misuse(cmd, "--statement, or --key and --party, must be given")
		case wait != "" && wait != waitWitnessed:
			return misuse(cmd, "--wait knows %q alone", waitWitnessed)
		case wait != "" && dry:
			return misuse(cmd, "--dry-run waits for nothing: --wait does not go with it")
		case given(cmd, "timeout") && (wait == "" || limit <= 0):
			return misuse(cmd, "--timeout is a time above zero, and goes with --wait")
		case dry && file != "":
			return misuse(cmd, "--dry-run writes nothing: --output does not go with it")
		case args[0] == "-" && (file == "" && !dry || statementFile == "-"):
			return misuse(cmd, "standard input needs --output and is one file")
		}
		trust, err := readTrust(trustFile)
		if err != nil {
			return err
		}
		bom, err := e.readInput(args[0], maxBOM)
		if err != nil {
			return err
		}
		leaf, err := e.statementFor(args[0], bom, statementFile, s)
		if err != nil {
			return err
		}
		said, err := bomOf(leaf)
		if err != nil {
			return err
		}
		if digest := sha256.Sum256(bom); said.Digest != digest {
			return refuse("CLI-STATEMENT-FILE", "the statement is about %s, %s is %s", said.Digest, args[0], ledger.Hash(digest))
		}
		ctx := cmd.Context()
		m := e.remember(trustFile, state, trust)
		r, _, err := m.reach(ctx, server, said.Log)
		if err != nil {
			return err
		}
		if dry {
			doc, _ := sbom.Admit(bom, sbom.DefaultLimits)
			if doc == nil || statementFile != "" { // else it was examined to be signed
				if doc, err = e.admit(args[0], bom); err != nil {
					return err
				}
			}
			known, err := e.replayServer(ctx, server, trustFile, trust)
			if err != nil {
				return err
			}
			if known.state().Origin() != r.log.Origin {
				return refuse("CLI-ANSWER-MALFORMED", "%s serves log %q, not %q", r.base, known.state().Origin(), r.log.Origin)
			}
			code, err := e.forecast(known, leaf, doc)
			if err != nil {
				return err
			}
			return end(code)
		}
		got, err := r.submit(ctx, trust, leaf, bom)
		if err != nil {
			return err
		}
		if file == "" {
			file = bundleName(args[0])
		}
		if err := m.keepNewer(ctx, r, file, got.held); err != nil {
			return err
		}
		if trust.Witnesses.Demanded() && r.anchored == "no" {
			e.say("no witness has cosigned this log since its server was started", "サーバーの起動後、この台帳に連署した立会人はまだありません")
		}
		if wait != "" {
			cosigned, err := m.awaitWitnessed(ctx, r, got.held, limit)
			if err != nil {
				return err
			}
			if err := m.keepNewer(ctx, r, file, cosigned); err != nil {
				return err
			}
		}
		if got.duplicate {
			e.printf("entry %d of %s, there already: %s\n", "%[2]s の記録 %[1]d として登録済みです：%[3]s\n", got.evidence.Index, got.bundle.Log, file)
			return nil
		}
		e.printf("entry %d of %s: %s\n", "%[2]s の記録 %[1]d として登録しました：%[3]s\n", got.evidence.Index, got.bundle.Log, file)
		return nil
	})
	s.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&statementFile, "statement", "", "`FILE` that `yurai sign` wrote")
	f.StringVar(&server, "server", "", "`URL` of the log's server")
	f.StringVar(&trustFile, "trust", "", "trust `FILE`")
	stateFlag(cmd, &state, "")
	f.StringVarP(&file, "output", "o", "", "`FILE` for the bundle (default FILE.yurai.json)")
	f.StringVar(&wait, "wait", "", "wait until the entry is `WHAT`: witnessed")
	f.DurationVar(&limit, "timeout", 2*time.Minute, "longest `TIME` that --wait waits")
	f.BoolVar(&dry, "dry-run", false, "say what would happen; submit and write nothing")
	return cmd
}

// statementFor reads the statement about a file, or signs one.
func (e *environment) statementFor(name string, bom []byte, file string, s signing) ([]byte, error) {
	if file == "" {
		return e.sign(name, bom, s)
	}
	raw, err := e.readInput(file, 2*envelope.MaxLeaf)
	if err != nil {
		return nil, err
	}
	if _, err := bomOf(raw); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return raw, nil
}

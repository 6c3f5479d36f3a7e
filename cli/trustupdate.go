package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

func newTrustUpdate(e *environment) *cobra.Command {
	var server, bundle string
	cmd := leaf(e, &cobra.Command{
		Use:   "update T UPDATE [--server URL | --bundle FILE.yurai.json]",
		Short: "Put the trust file that the registrar signed in place of yours",
		Long: `Replace a trust file by the next version, which the registrar of one of its logs made
with "trust sign". The update has to be signed by the threshold of the registrar's
keys, as they stand by the pinned genesis and the rotations that it proves; to be of
the very next version; not to have ended; and to keep every log as it is. Whatever else
it changes is shown. A trust file that has ended can be updated.

Nothing is fetched without --server. An update that was signed with stolen keys, and
leaves out that they were rotated away or revoked, is told only by what is known from
elsewhere: with --server the whole log is read and verified, with --bundle what a
bundle proves, and the keys have to stand by that too.`,
		Example: "  yurai trust update trust.json update.json",
	}, cobra.ExactArgs(2), func(cmd *cobra.Command, args []string) error {
		if server != "" && bundle != "" {
			return misuse(cmd, "--server and --bundle exclude each other")
		}
		current, err := readTrust(args[0])
		if err != nil {
			return err
		}
		raw, err := e.readInput(args[1], receiving.MaxUpdate+1)
		if err != nil {
			return err
		}
		u, err := receiving.ParseUpdate(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", args[1], err)
		}
		next, err := u.Apply(current, e.now())
		if err != nil {
			return fmt.Errorf("%s: %w", args[1], err)
		}
		if server != "" || bundle != "" {
			_, known, err := e.registrarKnown(cmd.Context(), server, bundle, args[0], current, u.Log)
			if err != nil {
				return err
			}
			if err := u.Stands(known.state(), known.size); err != nil {
				return fmt.Errorf("%s: %w", args[1], err)
			}
		}
		if err := replaceFile(args[0], u.Trust, 0o644); err != nil {
			return err
		}
		e.printf("%s is version %d now, until %s\n", "%s を第%d版に更新しました（有効期限 %s）\n", args[0], next.Version, next.Expires.Format(time.RFC3339))
		for _, log := range next.Logs {
			if _, had := current.Log(log.Origin); !had {
				e.printf("  trusts one more log: %s\n", "  追加された台帳：%s\n", log.Origin)
			}
		}
		if !sameWitnesses(current.Witnesses, next.Witnesses) {
			e.printf("  the witnesses that are demanded changed: quorum %q\n", "  要求する立会人が変わりました（定足数 %q）\n", next.Witnesses.Quorum())
		}
		if a, b := current.Policy, next.Policy; (a == nil) != (b == nil) || a != nil && *a != *b {
			e.printf("  the pinned policy changed\n", "  指定ポリシーが変わりました\n")
		}
		return nil
	})
	cmd.Flags().StringVar(&server, "server", "", "`URL` of the log's server, to see which keys of the registrar stand now")
	cmd.Flags().StringVar(&bundle, "bundle", "", "`FILE.yurai.json` to see it from, without a server")
	return cmd
}

// sameWitnesses reports whether two policies have the same text, or there is none.
func sameWitnesses(a, b *ledger.WitnessPolicy) bool {
	return (a == nil) == (b == nil) && (a == nil || a.String() == b.String())
}

// registrarKnown returns what a server or a bundle proves of the log with this
// origin under a trust file: a bundle that holds what became of the registrar's
// keys, and the state that it, or the server's whole log, gives.
func (e *environment) registrarKnown(ctx context.Context, server, bundle, trustFile string, trust *ledger.Trust, origin string) (held, *replayed, error) {
	if bundle != "" {
		h, err := e.readBundle(bundle, trust)
		if err != nil {
			return held{}, nil, err
		}
		if origin != "" && h.bundle.Log != origin {
			return held{}, nil, ledger.Refuse("TRUST-LOG-UNKNOWN", "%s is of log %q, not %q", bundle, h.bundle.Log, printable(origin))
		}
		if h.evidence.Status == nil {
			return held{}, nil, ledger.Refuse("TRUST-UPDATE-UNCONFIRMED", "%s has no usable status, so that what became of the registrar's keys could be left out", bundle)
		}
		known, err := replayBundle(h)
		return h, known, err
	}
	r, err := e.contact(ctx, server, trustFile, trust)
	if err != nil {
		return held{}, nil, err
	}
	if origin != "" && r.log.Origin != origin {
		return held{}, nil, ledger.Refuse("TRUST-LOG-UNKNOWN", "%s serves log %q, not %q", r.base, r.log.Origin, printable(origin))
	}
	known, err := r.replay(ctx, r.cp)
	if err != nil {
		return held{}, nil, err
	}
	// Any bundle holds what became of the registrar's keys.
	h, err := r.entry(ctx, 0, trust)
	return h, known, err
}

func newTrustSign(e *environment) *cobra.Command {
	var registrars []string
	var genesisFile, expires, server, bundle, file string
	var version int64
	cmd := leaf(e, &cobra.Command{
		Use:   "sign T|UPDATE --registrar DIR/registrar.key [--registrar R2] [--genesis G | --server URL | --bundle FILE.yurai.json] [--version N] [--expires TIME] -o UPDATE",
		Short: "Make the next version of a trust file as registrar",
		Long: `Take the trust file that operators use and sign its next version: its number one
higher, its end a year from now unless --expires says when, all else as it stands in
T, which may be edited first. Operators take the result with "trust update". Given an
update instead, the registrar's signatures are added to it and nothing is changed, so
that several registrars reach their threshold one after the other.

An update rests on the genesis, which is genesis.statement.json beside the first key
unless --genesis names it, and after the registrar's keys were rotated or revoked on the
entries that say so: --server reads and verifies the whole log for them, --bundle takes
them from a bundle, which has to be newer than they are.`,
		Example: "  yurai trust sign trust.json --registrar ledger/registrar.key -o update.json",
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if err := require(cmd, "registrar", "output"); err != nil {
			return err
		}
		raw, err := e.readInput(args[0], receiving.MaxUpdate+1)
		if err != nil {
			return err
		}
		signers, err := readSigners(registrars)
		if err != nil {
			return err
		}
		if n := len(slices.DeleteFunc([]string{genesisFile, server, bundle}, func(s string) bool { return s == "" })); n > 1 {
			return misuse(cmd, "--genesis, --server and --bundle exclude each other")
		}
		var u *receiving.Update
		isUpdate := strings.HasPrefix(formatOf(raw), "yurai-update/")
		switch {
		case isUpdate && (given(cmd, "version") || given(cmd, "expires") || given(cmd, "genesis") || given(cmd, "server") || bundle != ""):
			return misuse(cmd, "%s is an update already: only signatures can be added", args[0])
		case isUpdate:
			if u, err = receiving.ParseUpdate(raw); err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			err = u.Sign(signers...)
		default:
			t, parsed := ledger.ParseTrust(raw)
			if parsed != nil {
				return fmt.Errorf("%s: %w", args[0], parsed)
			}
			if t.Version++; given(cmd, "version") {
				t.Version = version
			}
			if t.Expires, err = e.parseEnd(cmd, expires); err != nil {
				return err
			}
			if server != "" || bundle != "" {
				u, err = e.nextTrustAfter(cmd.Context(), t, server, bundle, args[0], signers)
			} else {
				u, err = e.nextTrust(t, genesisFile, registrars[0], signers)
			}
		}
		if err != nil {
			return err
		}
		if raw, err = u.Marshal(); err != nil {
			return err
		}
		return createFile(file, raw, 0o644)
	})
	f := cmd.Flags()
	f.StringArrayVar(&registrars, "registrar", nil, "private key `FILE` of the registrar; once for each key")
	f.StringVar(&genesisFile, "genesis", "", "`FILE` with the genesis (default genesis.statement.json beside the first key)")
	f.StringVar(&server, "server", "", "`URL` of the log's server, to prove which keys of the registrar stand")
	f.StringVar(&bundle, "bundle", "", "`FILE.yurai.json` to prove it from, without a server")
	f.Int64Var(&version, "version", 0, "`NUMBER` of the new version (default one more than T's)")
	f.StringVar(&expires, "expires", "", "`TIME` until which the new version is good, RFC 3339 (default a year from now)")
	f.StringVarP(&file, "output", "o", "", "`FILE` for the update")
	return cmd
}

// formatOf returns the "format" member of a JSON file, "" if it has none.
func formatOf(raw []byte) string {
	var head struct {
		Format string `json:"format"`
	}
	if json.Unmarshal(raw, &head) != nil {
		return ""
	}
	return head.Format
}

// nextTrustAfter signs a new version of a trust file with keys that stand by what a
// server or a bundle proves, and puts the proof under it.
func (e *environment) nextTrustAfter(ctx context.Context, t *ledger.Trust, server, bundle, trustFile string, signers []*envelope.Signer) (*receiving.Update, error) {
	h, known, err := e.registrarKnown(ctx, server, bundle, trustFile, t, "")
	if err != nil {
		return nil, err
	}
	set, _ := known.state().KeysAt(statement.Registrar, known.size)
	for _, s := range signers {
		if !set.Has(s.Key().ID()) {
			return nil, refuse("CLI-KEY-OTHER", "key %s is none of those that stand for the registrar of %s", s.Key().ID(), h.bundle.Log)
		}
	}
	raw, err := t.Marshal()
	if err != nil {
		return nil, err
	}
	genesis := h.bundle.Statement
	if genesis.Index != 0 {
		genesis = h.bundle.History[0]
	}
	u, err := receiving.NewUpdate(raw, genesis.Leaf, e.now(), signers...)
	if err != nil {
		return nil, err
	}
	if err := u.Rest(h.bundle); err != nil {
		return nil, err
	}
	for _, index := range known.state().About(statement.Registrar, known.size) {
		if !slices.ContainsFunc(u.History, func(e receiving.Entry) bool { return e.Index == index }) {
			return nil, refuse("CLI-ANSWER-MALFORMED", "the bundle of entry %d leaves out entry %d of the registrar", h.evidence.Index, index)
		}
	}
	return u, nil
}

// nextTrust signs a new version of a trust file by the genesis alone.
func (e *environment) nextTrust(t *ledger.Trust, genesisFile, key string, signers []*envelope.Signer) (*receiving.Update, error) {
	if genesisFile == "" {
		genesisFile = filepath.Join(filepath.Dir(key), "genesis.statement.json")
	}
	genesis, err := readFile(genesisFile, envelope.MaxLeaf+1)
	if err != nil {
		return nil, err
	}
	raw, err := t.Marshal()
	if err != nil {
		return nil, err
	}
	u, err := receiving.NewUpdate(raw, genesis, e.now(), signers...)
	if err != nil {
		return nil, err
	}
	if g, err := receiving.OpenGenesis(genesis); err == nil {
		for _, s := range signers {
			if !g.Parties.Registrar.Has(s.Key().ID()) {
				e.say("the genesis does not name key "+s.Key().ID()+": if it came by a rotation, --server or --bundle has to prove it",
					"創始記録に鍵 "+s.Key().ID()+" はありません。鍵の更新で加わった場合は --server または --bundle による証明が必要です")
			}
		}
	}
	return u, nil
}

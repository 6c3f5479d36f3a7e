package cli

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/receiving"
)

func newTrustUpdate(e *environment) *cobra.Command {
	var bundle string
	cmd := leaf(e, &cobra.Command{
		Use:   "update T UPDATE [--bundle FILE.yurai.json]",
		Short: "Put the trust file that the registrar signed in place of yours",
		Long: `Replace a trust file by the next version, which the registrar of one of its logs made
with "trust sign". The update has to be signed by the threshold of the registrar's
keys, as they stand by the pinned genesis; to be of the very next version; not to have
ended; and to keep every log as it is. Whatever else it changes is shown. A trust file
that has ended can be updated, and nothing is fetched.

An update says itself how the registrar's keys changed, and whoever has a key that was
revoked leaves that out. --bundle holds the update against the log's own word in a
bundle that was fetched lately.`,
		Example: "  yurai trust update trust.json update.json",
	}, cobra.ExactArgs(2), func(_ *cobra.Command, args []string) error {
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
		if bundle != "" {
			h, err := e.readBundle(bundle, current)
			if err != nil {
				return err
			}
			if err := u.Confirm(h.bundle, current); err != nil {
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
		if a, b := current.Policy, next.Policy; (a == nil) != (b == nil) || a != nil && *a != *b {
			e.printf("  the pinned policy changed\n", "  指定ポリシーが変わりました\n")
		}
		return nil
	})
	cmd.Flags().StringVar(&bundle, "bundle", "", "`FILE.yurai.json` to hold the update against")
	return cmd
}

func newTrustSign(e *environment) *cobra.Command {
	var registrars []string
	var genesisFile, bundle, expires, file string
	var version int64
	cmd := leaf(e, &cobra.Command{
		Use:   "sign T|UPDATE --registrar DIR/registrar.key [--registrar R2] [--genesis G | --bundle B] [--version N] [--expires TIME] -o UPDATE",
		Short: "Make the next version of a trust file as registrar",
		Long: `Take the trust file that operators use and sign its next version: its number one
higher, its end a year from now unless --expires says when, all else as it stands in
T, which may be edited first. Operators take the result with "trust update". Given an
update instead, the registrar's signatures are added to it and nothing is changed, so
that several registrars reach their threshold one after the other. The genesis is
genesis.statement.json beside the first key unless --genesis names it. Once the
registrar's keys were rotated, --bundle names a bundle of the log: the update rests on
its genesis and on the entries in it that changed the keys.`,
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
		var u *receiving.Update
		isUpdate := strings.HasPrefix(formatOf(raw), "yurai-update/")
		switch {
		case genesisFile != "" && bundle != "":
			return misuse(cmd, "--genesis and --bundle do not go together")
		case isUpdate && (given(cmd, "version") || given(cmd, "expires") || given(cmd, "genesis") || given(cmd, "bundle")):
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
			if bundle != "" {
				u, err = e.nextTrustBy(t, bundle, signers)
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
	f.StringVar(&bundle, "bundle", "", "`FILE.yurai.json` of the log, once the registrar's keys were rotated")
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

// nextTrust signs a new version of a trust file.
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
	return receiving.NewUpdate(raw, genesis, e.now(), signers...)
}

// nextTrustBy signs a new version of a trust file by what a bundle proves of the
// registrar's keys.
func (e *environment) nextTrustBy(t *ledger.Trust, bundle string, signers []*envelope.Signer) (*receiving.Update, error) {
	h, err := e.readBundle(bundle, t)
	if err != nil {
		return nil, err
	}
	raw, err := t.Marshal()
	if err != nil {
		return nil, err
	}
	genesis := h.bundle.Statement
	if genesis.Index > 0 {
		genesis = h.bundle.History[0]
	}
	u, err := receiving.NewUpdate(raw, genesis.Leaf, e.now(), signers...)
	if err != nil {
		return nil, err
	}
	return u, u.Rest(h.bundle, t)
}

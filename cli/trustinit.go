package cli

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/client"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/receiving"
)

// parseFingerprint reads the fingerprint of a log as somebody types it from
// paper: 64 hexadecimal digits in either case, grouped by spaces, colons or
// hyphens or not at all, with or without "sha256:" before them.
func parseFingerprint(s string) (ledger.Hash, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	s = strings.NewReplacer(" ", "", ":", "", "-", "").Replace(strings.TrimPrefix(s, "sha256:"))
	raw, err := hex.DecodeString(s)
	if err != nil || len(raw) != len(ledger.Hash{}) || ledger.Hash(raw).IsZero() {
		return ledger.Hash{}, false
	}
	return ledger.Hash(raw), true
}

func newTrustInit(e *environment) *cobra.Command {
	var fingerprints []string
	var expires, file string
	cmd := leaf(e, &cobra.Command{
		Use:   "init --fingerprint SHA256 GENESIS|URL … [--expires TIME] -o trust.json",
		Short: "Make a trust file from fingerprints that came on paper",
		Long: `Make a trust file for one log or several. A log is known by the fingerprint of its
genesis, entry 0: SHA-256 of a zero byte and the leaf, the "genesis" that "trust show"
prints. Type it from a paper, a contract or a voice on the telephone, whole, never from
the server itself. The genesis is read from a file (genesis.statement.json) or from the
log's server, and has to have one of the fingerprints; each fingerprint has to be used.
The checkpoint keys are those that the genesis names. An existing file is not replaced.`,
		Example: `  yurai trust init --fingerprint "ae77 bf78 …" http://127.0.0.1:8080 -o trust.json`,
	}, cobra.MinimumNArgs(1), func(cmd *cobra.Command, args []string) error {
		if err := require(cmd, "fingerprint", "output"); err != nil {
			return err
		}
		unused := map[ledger.Hash]bool{}
		for _, s := range fingerprints {
			h, ok := parseFingerprint(s)
			if !ok {
				return misuse(cmd, "--fingerprint %q is not 64 hexadecimal digits", s)
			}
			unused[h] = true
		}
		if len(unused) != len(args) {
			return misuse(cmd, "%d different fingerprints for %d logs", len(unused), len(args))
		}
		t := &ledger.Trust{Version: 1}
		var err error
		if t.Expires, err = e.parseEnd(cmd, expires); err != nil {
			return err
		}
		for _, where := range args {
			genesis, err := e.readGenesis(cmd.Context(), where)
			if err != nil {
				return err
			}
			if h := ledger.LeafHash(genesis); !unused[h] {
				return ledger.Refuse("TRUST-FINGERPRINT-OTHER", "the genesis from %s has the fingerprint %s", where, h)
			}
			delete(unused, ledger.LeafHash(genesis))
			log, err := receiving.TrustGenesis(genesis)
			if err != nil {
				return fmt.Errorf("%s: %w", where, err)
			}
			t.Logs = append(t.Logs, log)
		}
		raw, err := t.Marshal()
		if err != nil {
			return err
		}
		if _, err := ledger.ParseTrust(raw); err != nil {
			return err
		}
		if err := createFile(file, raw, 0o644); err != nil {
			return err
		}
		for _, log := range t.Logs {
			e.printf("%s trusts %s until %s\n", "%s：%s を %s まで信頼します\n", file, log.Origin, t.Expires.Format(time.RFC3339))
		}
		return nil
	})
	f := cmd.Flags()
	f.StringArrayVar(&fingerprints, "fingerprint", nil, "`SHA256` of a log's genesis, from paper; once for each log")
	f.StringVar(&expires, "expires", "", "`TIME` until which the file is good, RFC 3339 (default a year from now)")
	f.StringVarP(&file, "output", "o", "", "`FILE` for the trust file")
	return cmd
}

// parseEnd reads the time at which a trust file ends, by default a year from now.
func (e *environment) parseEnd(cmd *cobra.Command, s string) (time.Time, error) {
	now := e.now().UTC().Truncate(time.Second)
	if s == "" {
		return now.AddDate(1, 0, 0), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || !t.After(now) || t.Year() > 9999 {
		return time.Time{}, misuse(cmd, "--expires %q is not a time to come like 2028-11-22T10:00:00Z", s)
	}
	return t.UTC().Truncate(time.Second), nil
}

// readGenesis reads the leaf of entry 0 from a file or a server. Nothing about it
// is believed yet.
func (e *environment) readGenesis(ctx context.Context, where string) ([]byte, error) {
	if !strings.HasPrefix(where, "http://") && !strings.HasPrefix(where, "https://") {
		raw, err := e.readInput(where, envelope.MaxLeaf+1)
		return bytes.TrimSuffix(raw, []byte{'\n'}), err
	}
	hc, err := client.HTTP(where)
	if err != nil {
		return nil, err
	}
	r := &remote{base: strings.TrimSuffix(where, "/"), http: hc}
	note, err := r.get(ctx, "checkpoint", ledger.MaxCheckpoint)
	if err != nil {
		return nil, unanswered(err)
	}
	lines := strings.SplitN(string(note), "\n", 3)
	size := int64(0)
	if len(lines) == 3 {
		size, _ = strconv.ParseInt(lines[1], 10, 64) // 0 is refused below
	}
	if size < 1 {
		return nil, refuse("CLI-ANSWER-MALFORMED", "%s serves no checkpoint of a log with entries", r.base)
	}
	raw, err := r.get(ctx, ledger.BundlePath(0, int(min(size, ledger.TileWidth))), client.MaxAnswer)
	if err != nil {
		return nil, unanswered(err)
	}
	leaves, err := ledger.ParseBundle(raw)
	if err != nil || len(leaves) == 0 {
		return nil, refuse("CLI-ANSWER-MALFORMED", "%s serves no entries", r.base)
	}
	return leaves[0], nil
}

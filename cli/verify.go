package cli

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/audit"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/problem"
)

// verificationFormat is the "format" member of `verify -f json`.
const verificationFormat = "yurai-verification/1"

// verification is what a bundle proves.
type verification struct {
	Format   string   `json:"format"`
	Log      string   `json:"log"`
	Index    int64    `json:"index"`
	Size     int64    `json:"size"`
	Root     string   `json:"root"`
	Kind     string   `json:"kind"`
	Party    string   `json:"party"`
	Keys     []string `json:"keys"`
	Subject  string   `json:"subject"`
	Standing string   `json:"standing,omitzero"` // of a BOM's entry
	Status   string   `json:"status,omitzero"`   // time of the log's status
}

func newVerify(e *environment) *cobra.Command {
	var trustFile string
	var form formatFlag
	var out result
	cmd := leaf(e, &cobra.Command{
		Use:   "verify FILE --trust T [-f table|json]",
		Short: "Verify every signature and proof of a bundle, a proof or evidence, offline",
		Long: `Verify what a bundle claims: the checkpoint under the keys of the trust file, each
proof, the genesis, and each signature under the keys that stood at its index. No
file is judged by it and no socket opened. Exit 3 if it is no bundle, 11 if a
signature or proof is false, 14 if the trust file does not name its log or has expired,
or too few of its witnesses cosigned the checkpoint.

A proof that show --proof wrote (*.tlog-proof) shows that its leaf is in the log, under
the keys and the witnesses of the trust file, and nothing of who signed the leaf. Exit
14 if too few witnesses cosigned.

A file of evidence that another command wrote is known by its format. Exit 13 if it
proves what it says, 10 if it is true as far as anybody can tell but an observation,
which is no proof, 11 if something in it is false, 3 if it is malformed.`,
		Example: "  yurai verify relay.cdx.json.yurai.json --trust trust.json",
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if err := require(cmd, "trust"); err != nil {
			return err
		}
		trust, err := readTrust(trustFile)
		if err != nil {
			return err
		}
		raw, err := e.readInput(args[0], audit.MaxEvidence+1)
		if err != nil {
			return err
		}
		if audit.IsEvidence(raw) {
			return e.verifyEvidence(args[0], raw, trust, &form, &out)
		}
		verify := e.verifyBundle
		if isProof(raw) {
			verify = e.verifyProof
		}
		if err := verify(args[0], raw, trust, &form, &out); err != nil {
			return err
		}
		if err := out.deliver(e); err != nil {
			return err
		}
		if !e.now().Before(trust.Expires) {
			return ledger.Refuse("TRUST-FILE-EXPIRED", "%s expired on %s", trustFile, statement.FormatTime(trust.Expires))
		}
		return nil
	})
	cmd.Flags().StringVar(&trustFile, "trust", "", "trust `FILE`")
	form.flag(cmd, "table", "json")
	out.flag(cmd)
	return cmd
}

// verifyBundle gathers what a bundle proves.
func (e *environment) verifyBundle(file string, raw []byte, trust *ledger.Trust, form *formatFlag, out *result) error {
	h, err := e.openHeld(file, raw, trust)
	if err != nil {
		return err
	}
	v := verificationOf(h)
	if !form.json() {
		v.print(e, out, h.evidence)
	} else {
		line, err := json.Marshal(v)
		if err != nil {
			return err
		}
		out.Write(append(harmless(line), '\n'))
	}
	if w := trust.Witnesses; !w.Satisfied(h.evidence.Cosigned) {
		unmet := ledger.Refuse("LOG-QUORUM-UNMET", "%s: %d of %d witnesses cosigned its checkpoint, which does not reach quorum %q", file, len(h.evidence.Cosigned), len(w.Witnesses()), w.Quorum())
		return errors.Join(out.deliver(e), unmet)
	}
	return nil
}

// exitOfBundle returns the exit code for what [receiving.Open] refuses: whatever
// the refusal is where a statement is submitted, in a bundle it means that
// something is false, unless it could not be read, or not by this program, or
// the log is not one that is trusted.
func exitOfBundle(err error) int {
	switch code := problem.Code(err); {
	case code == "TRUST-LOG-UNKNOWN":
		return exitStale
	case code == "LOG-CHECKPOINT-MALFORMED", errors.Is(err, statement.ErrNewer):
		return exitInput
	}
	return exitReject
}

func verificationOf(h held) verification {
	ev := h.evidence
	v := verification{
		Format: verificationFormat, Log: h.bundle.Log, Index: ev.Index,
		Size: ev.Checkpoint.Size, Root: ev.Checkpoint.Root.String(),
		Kind: string(ev.Statement.Kind), Party: ev.Party, Keys: ev.KeyIDs,
		Subject: "sha256:" + hex.EncodeToString(ev.Statement.Subject[:]), Standing: string(ev.Standing.Word),
	}
	if ev.Status != nil {
		v.Status = statement.FormatTime(ev.Status.Made)
	}
	return v
}

func (v verification) print(e *environment, out *result, ev *receiving.Evidence) {
	line := func(en, ja, value string) {
		fmt.Fprintf(out, "  %s%s\n", pad(e.text(en, ja), 12), printable(value))
	}
	fmt.Fprintln(out, e.text("Every signature and proof verifies.", "すべての署名と証明が正しいことを確認しました。"))
	line("log", "台帳", e.text(fmt.Sprintf("%s, entry %d of %d", v.Log, v.Index, v.Size), fmt.Sprintf("%s、%d件中の記録 %d", v.Log, v.Size, v.Index)))
	line("root", "ルート", v.Root)
	line("party", "当事者", fmt.Sprintf("%s (%s)", v.Party, ev.PartyName))
	line("keys", "鍵", strings.Join(v.Keys, " "))
	line("kind", "種別", v.Kind)
	line("subject", "対象", v.Subject)
	if v.Standing != "" {
		line("standing", "状態", v.Standing)
	}
	if v.Status != "" {
		line("as of", "時点", v.Status)
	} else {
		line("as of", "時点", e.text("the bundle has no status", "状態証明なし"))
	}
}

package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/yurai-ledger/yurai/sbom/receiving"
)

// Of the relay between tender and delivery.
const (
	demoTender    = "tender"               // the case that the operator keeps at tender
	demoDelivered = "delivery"             // and at receipt
	demoThird     = "third-party"          // has nothing else than copies of that case
	demoForged    = "third-party/altered"  // the same with a part of it altered
	demoThirdCase = "third-party/delivery" // a copy of that case
	demoMovedPart = "CPU/U3"               // the boot flash
	demoMovedFrom = "PH"
	demoMovedTo   = "TH"
	demoChange    = "A01" // rule of the demo's policy: change since the assessment
)

// delivery shows what moves between tender and delivery, what the operator makes
// of it, and how a third party judges again.
func (d *demonstration) delivery(ctx context.Context) {
	d.scene("moved", "Before delivery a chip's plant quietly moves: same part, same maker, same revision", "納入までの間に、ある半導体の製造国がひそかに変わる（品番、製造者、改訂版は同じ）",
		func() error {
			if err := d.sequence(ctx, d.submit(demoMovedFile, demoOldKey)); err != nil {
				return err
			}
			return d.because(ctx, exitDone, demoMovedFrom+" → "+demoMovedTo,
				"diff", demoFile(demoRelayFile), demoFile(demoMovedFile))
		})
	d.scene("delivered", "At receipt it is compared with the case of the tender: HOLD, in both languages", "受領時に調達前の案件と比較する：保留（日本語と英語で表示）",
		func() error { return d.receipt(ctx) })
	d.scene("recomputed", "A third party has the case alone, and comes to the same bytes; an altered input shows", "第三者が案件のフォルダーだけから判定を再現する：バイト列まで一致。改ざんされた入力は見つかる",
		func() error { return d.recompute(ctx) })
}

// receipt checks what is delivered, once in each language. No place of it is of
// concern: only the change speaks.
func (d *demonstration) receipt(ctx context.Context) error {
	codes := []string{"[POLICY-RULE-HIT " + demoChange + "]", "[VERDICT-ASSESSED-CHANGED]"}
	check := words(demoFile(demoMovedFile), demoFile(demoFirmwareFile), demoJudging, "--stage", "receipt", "--assessed", demoFile(demoTender))
	if err := d.verdictFor(ctx, exitHold, codes, words(check, d.asking(), "--keep", demoFile(demoDelivered))...); err != nil {
		return err
	}
	return d.verdictFor(ctx, exitHold, codes, words(check, "--offline", "--lang", d.e.text("ja", "en"))...)
}

// recompute judges again from a copy of the case in a folder of its own, and from
// one whose bill of materials no longer tells that the plant moved.
func (d *demonstration) recompute(ctx context.Context) error {
	for _, to := range []string{demoThirdCase, demoForged} {
		if err := os.CopyFS(filepath.Join(d.dir, filepath.FromSlash(to)), os.DirFS(filepath.Join(d.dir, demoDelivered))); err != nil {
			return refuse("CLI-FILE-UNWRITABLE", "%s: %w", to, plainPath(err))
		}
	}
	d.print("  (%s has a copy of the folder %s alone: no trust file, no server, another language)\n",
		"  （%s にはフォルダー %s の写しだけがある。信頼ファイルもサーバーもなく、言語も異なる）\n", demoThird, demoDelivered)
	digest, err := d.judged(demoDelivered)
	if err != nil {
		return err
	}
	if err := d.because(ctx, exitDone, digest, "verdict", "recompute", demoFile(demoThirdCase), "--lang", d.e.text("ja", "en")); err != nil {
		return err
	}
	if err := d.alter(); err != nil {
		return err
	}
	d.print("  (in %s the delivered relay's plant is put back to %s)\n",
		"  （%s では、納入されたリレーの製造国が%sに書き戻されている）\n", demoForged, demoMovedFrom)
	return d.because(ctx, exitInput, "[VERDICT-INPUT-ALTERED]", "verdict", "recompute", demoFile(demoForged))
}

// judged returns the SHA-256, as recompute writes it, of the canonical bytes of the
// first verdict that a case holds.
func (d *demonstration) judged(folder string) (string, error) {
	raw, err := readFile(filepath.Join(d.dir, folder, caseFile), receiving.MaxCase)
	if err != nil {
		return "", err
	}
	c, err := receiving.ParseCase(raw)
	if err != nil {
		return "", err
	}
	canonical, err := c.Files[0].Verdict.Canonical()
	if err != nil {
		return "", err
	}
	return "sha256:" + hex.EncodeToString(sha256Bytes(canonical)), nil
}

// alter puts the relay that was delivered back to where it was made at tender, in
// one copy of the case.
func (d *demonstration) alter() error {
	sum := sha256.Sum256(d.inputs.moved)
	name := filepath.Join(d.dir, filepath.FromSlash(demoForged), keptName(hex.EncodeToString(sum[:])))
	raw, err := os.ReadFile(name)
	if err != nil {
		return plainPath(err)
	}
	at, err := d.movedAt()
	if err != nil {
		return err
	}
	if len(raw) != len(d.inputs.moved) {
		return fmt.Errorf("%s has %d bytes, not %d", filepath.Base(name), len(raw), len(d.inputs.moved))
	}
	copy(raw[at:], demoMovedFrom)
	if err := os.WriteFile(name, raw, 0o644); err != nil {
		return refuse("CLI-FILE-UNWRITABLE", "%w", plainPath(err))
	}
	return nil
}

// movedAt returns where in the delivered relay's bill of materials it stands to
// where the plant moved.
func (d *demonstration) movedAt() (int, error) {
	part := bytes.Index(d.inputs.moved, []byte(`"bom-ref": "`+demoMovedPart+`"`))
	stage := bytes.Index(d.inputs.moved[max(part, 0):], []byte("yurai:origin:manufactured"))
	place := bytes.Index(d.inputs.moved[max(part+stage, 0):], []byte(`"`+demoMovedTo+`"`))
	if part < 0 || stage < 0 || place < 0 {
		return 0, errors.New("the delivered relay does not tell where its part is made")
	}
	return part + stage + place + 1, nil
}

package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/yurai-ledger/yurai/sbom/policy"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// demoPlant is the folder of the operator's second plant, which asks another
// server than the first.
const demoPlant = "plant-2"

// theft shows what becomes of a stolen key and of what was signed with it.
func (d *demonstration) theft(ctx context.Context) {
	d.scene("stolen", "The key is stolen; the thief logs an update of the firmware, and nobody knows: ACCEPT", "署名鍵が盗まれ、偽の更新ファームウェアが登録される。まだ誰も気づいていない：受入",
		func() error {
			if err := d.sequence(ctx, d.submit(demoThiefFile, demoOldKey)); err != nil {
				return err
			}
			return d.verdict(ctx, exitDone, "", demoFile(demoThiefFile), demoJudging, d.asking())
		})
	d.scene("revoked", "The theft is noticed: the key in the safe brings in a new one, the stolen one is revoked", "盗難が発覚：予備鍵で新しい鍵に更新し、盗まれた鍵は偽の記録以降について失効させる",
		func() error {
			from, err := d.entry(demoThiefFile)
			if err != nil {
				return err
			}
			return d.sequence(ctx,
				makeKey(demoNewKey),
				words("party", "rotate", "--party", demoVendor, "--key", demoFile(demoSafeKey), "--new", demoFile(demoNewKey), d.asking(), demoTrusting),
				words("party", "revoke", "--registrar", demoFile(demoRegistrar), "--of", demoVendor,
					"--revoked-key", demoFile(swapSuffix(demoOldKey, ".key", ".pub")), "--reason", "compromise", "--invalid-from", from, d.asking()),
			)
		})
	d.scene("void", "The thief's update is void: REJECT; what was signed before it still stands: ACCEPT", "偽の更新は無効：受入拒否。盗難前に署名されたものは有効のまま：受入",
		func() error {
			if err := d.verdict(ctx, exitReject, "[STATE-BOM-VOID]", demoFile(demoThiefFile), demoJudging, d.asking()); err != nil {
				return err
			}
			return d.verdict(ctx, exitDone, "[STATE-BOM-REVOKED]", demoBoth, demoJudging, d.asking())
		})
	d.scene("again", "The thief tries once more with the stolen key: refused", "盗んだ鍵でもう一度提出を試みる：拒否", func() error {
		return d.because(ctx, exitUnauthorised, "[ENVELOPE-KEY-UNKNOWN]", d.submit(demoUnloggedFile, demoOldKey)...)
	})
}

// entry returns the index of the entry that the bundle beside a file proves.
func (d *demonstration) entry(file string) (int64, error) {
	raw, err := os.ReadFile(filepath.Join(d.dir, file+".yurai.json"))
	if err != nil {
		return 0, plainPath(err)
	}
	b, err := receiving.ParseBundle(raw)
	if err != nil {
		return 0, err
	}
	return b.Statement.Index, nil
}

// withdraw shows a file that its vendor takes back.
func (d *demonstration) withdraw(ctx context.Context) error {
	check := words(demoFile(demoUnloggedFile), demoFile(demoFirmwareFile), demoJudging, d.asking())
	if err := d.sequence(ctx, d.submit(demoUnloggedFile, demoNewKey)); err != nil {
		return err
	}
	if err := d.verdict(ctx, exitDone, "[STATE-BOM-REVOKED]", check...); err != nil {
		return err
	}
	if err := d.sequence(ctx, words("withdraw", demoFile(demoUnloggedFile+".yurai.json"), "--key", demoFile(demoNewKey),
		"--reason", d.e.text("wrong trip relay fitted", "トリップリレーの誤実装"), d.asking(), demoTrusting)); err != nil {
		return err
	}
	return d.verdict(ctx, exitHold, "[STATE-BOM-WITHDRAWN]", check...)
}

// ban shows a ban of what was accepted, how it comes to who has an old bundle,
// and a server that hides it.
func (d *demonstration) ban(ctx context.Context) error {
	d.scene("ban", "A regulator is enrolled, and bans the relay that was accepted", "規制当局が登録を受け、受入済みのリレーを使用禁止にする", func() error {
		if err := d.sequence(ctx, makeKey("regulator.key")); err != nil {
			return err
		}
		if err := d.enrol(ctx, demoRegulator, "Grid Safety Authority", "regulator", "regulator.json", "regulator.key"); err != nil {
			return err
		}
		return d.sequence(ctx, words("advisory", "publish", "--party", demoRegulator, "--key", demoFile("regulator.key"),
			"--select", "product=HR-87T", "--severity", "ban", "--effective", d.e.now().UTC().Format(time.RFC3339),
			"--text", d.e.text("undocumented radio on the panel board", "パネル基板に未申告の無線機能"), d.asking(), demoTrusting))
	})
	if err := d.secondPlant(); err != nil {
		return err
	}
	d.scene("banned", "A bundle from before the ban: ACCEPT, in eight days too old: HOLD, renewed: REJECT", "使用禁止前の証明束：受入。8日後には期限切れ：保留。更新すると：受入拒否",
		func() error { return d.banned(ctx) })
	d.scene("hidden", "A second plant renews its bundles at a server that hides the ban: ACCEPT, for now", "別の拠点が、使用禁止を隠すサーバーで証明束を更新する：今のところ受入",
		func() error { return d.hidden(ctx) })
	d.scene("found", "An auditor holds that bundle against the log: the lie is signed, and so it is proof", "監査人が証明束を台帳と照合する：うそには台帳の署名があり、それが証拠になる",
		func() error { return d.found(ctx) })
	return ctx.Err()
}

// secondPlant gives the operator's second plant copies of files and bundles.
func (d *demonstration) secondPlant() error {
	if err := os.MkdirAll(filepath.Join(d.dir, demoPlant), 0o755); err != nil {
		return refuse("CLI-FILE-UNWRITABLE", "%s: %w", demoPlant, plainPath(err))
	}
	for _, file := range []string{demoRelayFile, demoFirmwareFile} {
		for _, name := range []string{file, bundleName(file)} {
			raw, err := readFile(filepath.Join(d.dir, name), receiving.MaxBundle)
			if err != nil {
				return err
			}
			if err := createFile(filepath.Join(d.dir, demoPlant, name), raw, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// banned looks with an old bundle, today and when it is too old, and with a new one.
func (d *demonstration) banned(ctx context.Context) error {
	raw, _ := policy.Pack(policy.Demo)
	rules, err := policy.Parse(raw)
	if err != nil {
		return err
	}
	later := d.e.now().UTC().Add(rules.Freshness.Hold + 24*time.Hour).Format(time.RFC3339)
	alone := words(demoBoth, demoJudging, "--offline")
	if err := d.verdict(ctx, exitDone, d.unbanned(), alone...); err != nil {
		return err
	}
	if err := d.verdict(ctx, exitStale, "[BUNDLE-STATUS-STALE]", demoFile(demoRelayFile), demoJudging, "--offline", "--at", later); err != nil {
		return err
	}
	if err := d.sequence(ctx, words("fetch", demoFile(demoRelayFile), d.asking(), demoTrusting)); err != nil {
		return err
	}
	return d.verdict(ctx, exitReject, "[VERDICT-ADVISORY-BAN]", alone...)
}

// unbanned is what a verdict says where the log's word is that there is no ban.
func (d *demonstration) unbanned() string {
	return d.e.text("no advisory in the log", "台帳に注意喚起はありません")
}

// plant is a file of the second plant.
func plant(file string) demoFile { return demoFile(demoPlant + "/" + file) }

// hidden starts the liar and lets the second plant ask it.
func (d *demonstration) hidden(ctx context.Context) error {
	var err error
	if d.liar, err = newDemoLiar(ctx, d.server.url, filepath.Join(d.dir, demoLedger, "keys", "service.key")); err != nil {
		return err
	}
	d.print("  (%s has every entry and the ledger's own key, and signs that there is no ban;\n   plant-2 has copies of both files, and bundles from before the ban)\n",
		"  （%s は全記録と台帳の鍵を持ち、使用禁止はないと署名する。\n   plant-2 には両ファイルの写しと、使用禁止前の証明束がある）\n", d.liar.url)
	asking := words("--server", d.liar.url, demoTrusting)
	if err := d.sequence(ctx, words("fetch", plant(demoRelayFile), asking), words("fetch", plant(demoFirmwareFile), asking)); err != nil {
		return err
	}
	return d.verdict(ctx, exitDone, d.unbanned(), plant(demoRelayFile), plant(demoFirmwareFile), demoJudging, "--offline")
}

// found audits the log that the liar serves, with an honest bundle and with the
// liar's.
func (d *demonstration) found(ctx context.Context) error {
	if d.liar == nil {
		return fmt.Errorf("%s", d.e.text("no server lies", "うそをつくサーバーがありません"))
	}
	audit := words("audit", d.liar.url, demoAuditing)
	if err := d.sequence(ctx, words(audit, "--bundle", demoFile(bundleName(demoRelayFile)))); err != nil {
		return err
	}
	if err := d.because(ctx, exitMisbehaved, "AUDIT-STATUS-FALSE", words(audit, "--bundle", plant(bundleName(demoRelayFile)))...); err != nil {
		return err
	}
	evidence, err := d.evidence()
	if err != nil {
		return err
	}
	err = d.liar.stop()
	d.liar = nil
	if err != nil {
		return err
	}
	d.print("  (the liar is gone; the evidence stays)\n", "  （うそをつくサーバーは停止。証拠は残る）\n")
	_, err = d.command(ctx, exitMisbehaved, words("verify", evidence, demoTrusting)...)
	return err
}

// evidence returns the evidence file that is about the ban.
func (d *demonstration) evidence() (demoFile, error) {
	files, err := filepath.Glob(filepath.Join(d.dir, "auditor.evidence-status-*.json"))
	if err != nil {
		return "", err
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			return "", plainPath(err)
		}
		c, err := receiving.ParseCharge(raw)
		if err != nil {
			return "", err
		}
		if st, err := saidIn(c.Entry.Leaf); err == nil && st.Kind == statement.KindAdvisory {
			return demoFile(filepath.Base(name)), nil
		}
	}
	return "", fmt.Errorf(d.e.text("none of %d evidence files is about the ban", "証拠ファイル%d件の中に使用禁止に関するものがありません"), len(files))
}

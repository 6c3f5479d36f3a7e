package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/yurai-ledger/yurai/sbom/policy"
	"github.com/yurai-ledger/yurai/sbom/receiving"
)

// What the commands of the demo work with.
const (
	demoOrigin    = "ledger.example/demo-2026"
	demoVendor    = "x:hoshino-relay"
	demoRegulator = "x:grid-safety"
	demoLedger    = "ledger"
	demoTrust     = "ledger/trust.json"
	demoState     = "auditor.json"
	demoRegistrar = "ledger/registrar.key"
	demoOldKey    = "vendor.key" // which is stolen
	demoSafeKey   = "vendor-safe.key"
	demoNewKey    = "vendor-2.key"
	demoLogFile   = "serve.log"
	demoRule      = "R04" // of the demo's policy: place of manufacture
)

// Options that the commands of the demo have in common.
var (
	demoTrusting = []any{"--trust", demoFile(demoTrust)}
	demoAuditing = words(demoTrusting, "--state", demoFile(demoState))
	demoJudging  = words(demoTrusting, "--policy", demoFile(demoPolicyFile))
	demoBoth     = []any{demoFile(demoRelayFile), demoFile(demoFirmwareFile)}
)

// asking is the option that names the server.
func (d *demonstration) asking() []any { return []any{"--server", d.server.url} }

// story shows the scenes. It returns an error only if nothing further can be
// shown.
func (d *demonstration) story(ctx context.Context) error {
	rules, ok := policy.Pack(policy.Demo)
	if !ok {
		return fmt.Errorf("the program holds no policy %q", policy.Demo)
	}
	if err := createFile(filepath.Join(d.dir, demoPolicyFile), rules, 0o644); err != nil {
		return err
	}
	d.scene("init", "A registrar makes a ledger", "登録機関が台帳を作る",
		func() error {
			return d.sequence(ctx, words("init", demoFile(demoLedger), "--origin", demoOrigin))
		})
	d.scene("serve", "The ledger's server is started (in this process, on a free port)", "サーバーを起動する（このプロセス内、空きポート）",
		func() error { return d.serve(ctx) })
	if d.server == nil || ctx.Err() != nil {
		return d.halt(ctx)
	}
	d.arrival(ctx)
	d.theft(ctx)
	d.scene("withdrawn", "The vendor logs revision E with its new key, and takes it back: HOLD", "ベンダーが新しい鍵で改訂版Eを登録し、後に取り下げる：保留",
		func() error { return d.withdraw(ctx) })
	if err := d.ban(ctx); err != nil {
		return err
	}
	d.scene("offline", "The server is switched off: the same verdicts, byte for byte", "サーバーを停止しても、判定は1バイトも変わらない",
		func() error { return d.offline(ctx) })
	d.scene("verify", "Anybody verifies the bundle alone", "証明束だけで誰でも検証できる",
		func() error {
			return d.sequence(ctx, words("verify", demoFile(demoRelayFile+".yurai.json"), demoTrusting))
		})
	d.scene("replay", "The auditor replays the ledger's folder, bodies and all", "監査人が台帳フォルダー全体を再生する",
		func() error { return d.sequence(ctx, words("audit", demoFile(demoLedger), demoAuditing)) })
	return ctx.Err()
}

// halt ends the story where no server could be started.
func (d *demonstration) halt(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return fmt.Errorf("%s", d.e.text("without a server nothing further can be shown; see "+demoLogFile, "サーバーがないため続行できません（"+demoLogFile+" を参照）"))
}

// enrol has a party enrolled with keys that were made, of which any may sign.
func (d *demonstration) enrol(ctx context.Context, id, name, role, request string, keys ...string) error {
	ask := []any{"party", "request"}
	for _, key := range keys {
		ask = words(ask, "--key", demoFile(key))
	}
	if len(keys) > 1 {
		ask = words(ask, "--threshold", 1)
	}
	return d.sequence(ctx,
		words(ask, "--id", id, "--name", name, "--incorporated", "JP", "--role", role, "--log", demoOrigin, "-o", demoFile(request)),
		words("party", "enrol", demoFile(request), "--registrar", demoFile(demoRegistrar), d.asking()),
	)
}

// makeKey makes a key.
func makeKey(file string) []any { return []any{"key", "new", "-o", demoFile(file)} }

// submit signs and submits a file.
func (d *demonstration) submit(file, key string) []any {
	return words("submit", demoFile(file), "--key", demoFile(key), "--party", demoVendor, d.asking(), demoTrusting)
}

// arrival shows how files come to the operator, and which are not accepted.
func (d *demonstration) arrival(ctx context.Context) {
	d.scene("enrol", "A vendor makes a key, and another one for the safe, and is enrolled", "ベンダーが署名鍵と金庫に置く予備鍵を作り、登録を受ける",
		func() error {
			if err := d.sequence(ctx, makeKey(demoOldKey), makeKey(demoSafeKey)); err != nil {
				return err
			}
			return d.enrol(ctx, demoVendor, hoshino.name, "vendor", "request.json", demoOldKey, demoSafeKey)
		})
	d.scene("lint", "The vendor's two bills of materials: a relay, and its firmware", "二つの部品表（保護リレーとそのファームウェア）を検査する",
		func() error { return d.sequence(ctx, words("bom", "lint", demoBoth)) })
	d.scene("submit", "The vendor signs and submits both", "ベンダーが両方に署名し、提出する", func() error {
		for _, file := range []string{demoFirmwareFile, demoRelayFile} {
			if err := d.sequence(ctx,
				words("sign", demoFile(file), "--key", demoFile(demoOldKey), "--party", demoVendor),
				words("submit", demoFile(file), "--statement", demoFile(file+".statement.json"), d.asking(), demoTrusting),
			); err != nil {
				return err
			}
		}
		return nil
	})
	d.scene("accept", "An operator checks both at tender, and keeps the case: ACCEPT", "事業者が調達前に両方を確認し、案件として保管する：受入",
		func() error {
			return d.sequence(ctx, words("check", demoBoth, demoJudging, d.asking(), "--stage", "tender", "--keep", demoFile(demoTender)))
		})
	d.delivery(ctx)
	d.scene("changed", "One byte of the relay's file was changed on the way: REJECT", "途中で1バイトが書き換えられた：受入拒否", func() error {
		return d.because(ctx, exitReject, "[VERDICT-BYTES-DIFFER]",
			words("check", demoFile(demoChangedFile), "--bundle", demoFile(demoRelayFile+".yurai.json"), demoJudging, "--offline")...)
	})
	d.scene("concern", "The next revision has a part made in BV (uninhabited; the demo's country of concern): HOLD", "次の改訂版に懸念対象国（実演では無人のBV）製の部品がある：保留",
		func() error {
			if err := d.sequence(ctx, d.submit(demoElsewhereFile, demoOldKey)); err != nil {
				return err
			}
			return d.verdict(ctx, exitHold, "[POLICY-RULE-HIT "+demoRule+"]",
				demoFile(demoElsewhereFile), demoFile(demoFirmwareFile), demoJudging, d.asking())
		})
	d.scene("unlogged", "A file that nobody logged: not in the log", "台帳に記録のないファイル：記録なし", func() error {
		return d.verdict(ctx, exitAbsent, "[LOG-ENTRY-ABSENT]", demoFile(demoUnloggedFile), demoFile(demoFirmwareFile), demoJudging, d.asking())
	})
	d.services(ctx)
	d.scene("audit", "An auditor replays the log over the network", "監査人が通信越しに台帳を再生する",
		func() error { return d.sequence(ctx, words("audit", d.server.url, demoAuditing)) })
}

// offline checks with the server, stops it, and checks without it as of the
// same moment.
func (d *demonstration) offline(ctx context.Context) error {
	// Both bundles are renewed, so that both verdicts speak of the same size.
	for _, file := range demoBoth {
		if err := d.sequence(ctx, words("fetch", file, d.asking(), demoTrusting)); err != nil {
			return err
		}
	}
	at := d.e.now().UTC().Truncate(time.Second).Format(time.RFC3339)
	check := words("check", demoBoth, demoJudging, "--at", at, "-f", "json")
	online, err := d.command(ctx, exitReject, words(check, d.asking())...)
	if err != nil {
		return err
	}
	err = d.server.stop()
	d.server = nil
	if err != nil {
		return err
	}
	d.print("  (the server has stopped)\n", "  （サーバー停止）\n")
	alone, err := d.command(ctx, exitReject, words(check, "--offline")...)
	if err != nil {
		return err
	}
	a, err := canonical(online.stdout)
	if err != nil {
		return err
	}
	b, err := canonical(alone.stdout)
	if err != nil {
		return err
	}
	if err := differ(d.e.text("verdicts with and without the server", "サーバーありとなしの判定"), a, b); err != nil {
		return err
	}
	if !bytes.Contains(b, []byte(`"VERDICT-ADVISORY-BAN"`)) {
		return d.reason(alone, "VERDICT-ADVISORY-BAN", nil)
	}
	d.print("  the same %d canonical bytes both times (RFC 8785, without texts), sha256:%x…\n",
		"  正規形（RFC 8785、文面を除く）はどちらも同じ%dバイト、sha256:%x…\n", len(b), sha256Bytes(b)[:8])
	return nil
}

// canonical returns the canonical bytes of verdicts as `check -f json` prints
// them, one a line. Texts are no part of them: they may tell when the log's
// status was made, which a fresh bundle has newer.
func canonical(lines []byte) ([]byte, error) {
	var all []byte
	for line := range bytes.Lines(lines) {
		var v receiving.Verdict
		if err := json.Unmarshal(line, &v, json.RejectUnknownMembers(true)); err != nil {
			return nil, fmt.Errorf("reading a verdict: %w", err)
		}
		c, err := v.Canonical()
		if err != nil {
			return nil, err
		}
		all = append(append(all, c...), '\n')
	}
	return all, nil
}

func sha256Bytes(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}

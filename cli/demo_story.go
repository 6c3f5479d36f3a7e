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
	demoOrigin  = "ledger.example/demo-2026"
	demoVendor  = "x:hoshino-relay"
	demoLedger  = "ledger"
	demoTrust   = "ledger/trust.json"
	demoLogFile = "serve.log"
	demoRule    = "R04" // of the demo's policy: place of manufacture
)

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
	// sequence runs command lines that all should end with 0.
	sequence := func(lines ...[]any) func() error {
		return func() error {
			for _, words := range lines {
				if _, err := d.command(ctx, exitDone, words...); err != nil {
					return err
				}
			}
			return nil
		}
	}
	// ends is a body that is one command line with its exit code.
	ends := func(want int, words ...any) func() error {
		return func() error {
			_, err := d.command(ctx, want, words...)
			return err
		}
	}
	trust := []any{"--trust", demoFile(demoTrust)}
	state := []any{"--state", demoFile("auditor.json")}
	rule := append(trust[:2:2], "--policy", demoFile(demoPolicyFile))
	line := func(words ...any) []any {
		var all []any
		for _, w := range words {
			if list, ok := w.([]any); ok {
				all = append(all, list...)
				continue
			}
			all = append(all, w)
		}
		return all
	}

	d.scene("init", "A registrar makes a ledger", "登録機関が台帳を作る",
		ends(exitDone, "init", demoFile(demoLedger), "--origin", demoOrigin))
	d.scene("serve", "The ledger's server is started (in this process, on a free port)", "サーバーを起動する（このプロセス内、空きポート）",
		func() error { return d.serve(ctx) })
	if d.server == nil || ctx.Err() != nil {
		return d.halt(ctx)
	}
	server := []any{"--server", d.server.url}
	d.scene("enrol", "A vendor makes a key and is enrolled", "ベンダーが署名鍵を作り、登録を受ける", sequence(
		line("key", "new", "-o", demoFile("vendor.key")),
		line("party", "request", "--key", demoFile("vendor.key"), "--id", demoVendor, "--name", hoshino.name,
			"--incorporated", "JP", "--role", "vendor", "--log", demoOrigin, "-o", demoFile("request.json")),
		line("party", "enrol", demoFile("request.json"), "--registrar", demoFile("ledger/registrar.key"), server),
	))
	d.scene("lint", "The vendor's two bills of materials: a relay, and its firmware", "二つの部品表（保護リレーとそのファームウェア）を検査する",
		ends(exitDone, "bom", "lint", demoFile(demoRelayFile), demoFile(demoFirmwareFile)))
	d.scene("submit", "The vendor signs and submits both", "ベンダーが両方に署名し、提出する", sequence(
		line("sign", demoFile(demoFirmwareFile), "--key", demoFile("vendor.key"), "--party", demoVendor),
		line("submit", demoFile(demoFirmwareFile), "--statement", demoFile(demoFirmwareFile+".statement.json"), server, trust),
		line("sign", demoFile(demoRelayFile), "--key", demoFile("vendor.key"), "--party", demoVendor),
		line("submit", demoFile(demoRelayFile), "--statement", demoFile(demoRelayFile+".statement.json"), server, trust),
	))
	d.scene("accept", "An operator checks both before buying: ACCEPT", "事業者が調達前に両方を確認する：受入",
		sequence(line("check", demoFile(demoRelayFile), demoFile(demoFirmwareFile), rule, server)))
	d.scene("changed", "One byte of the relay's file was changed on the way: REJECT", "途中で1バイトが書き換えられた：受入拒否",
		ends(exitReject, line("check", demoFile(demoChangedFile), "--bundle", demoFile(demoRelayFile+".yurai.json"), rule, "--offline")...))
	d.scene("concern", "The next revision has a part made in BV (uninhabited; the demo's country of concern): HOLD", "次の改訂版に懸念対象国（実演では無人のBV）製の部品がある：保留",
		func() error {
			if err := sequence(line("submit", demoFile(demoElsewhereFile), "--key", demoFile("vendor.key"), "--party", demoVendor, server, trust))(); err != nil {
				return err
			}
			held, err := d.command(ctx, exitHold, line("check", demoFile(demoElsewhereFile), demoFile(demoFirmwareFile), rule, server)...)
			if err == nil && !bytes.Contains(held.stdout, []byte(demoRule)) {
				err = fmt.Errorf(d.e.text("it holds, but not by rule %s", "保留の理由が規則 %s ではない"), demoRule)
			}
			return err
		})
	d.scene("unlogged", "A file that nobody logged: not in the log", "台帳に記録のないファイル：記録なし",
		ends(exitAbsent, line("check", demoFile(demoUnloggedFile), demoFile(demoFirmwareFile), rule, server)...))
	d.scene("audit", "An auditor replays the log over the network", "監査人が通信越しに台帳を再生する",
		ends(exitDone, line("audit", d.server.url, trust, state)...))
	d.scene("offline", "The server is switched off: the same verdict, byte for byte", "サーバーを停止しても、判定は1バイトも変わらない",
		func() error { return d.offline(ctx, rule, server, trust) })
	d.scene("verify", "Anybody verifies the bundle alone", "証明束だけで誰でも検証できる",
		ends(exitDone, line("verify", demoFile(demoRelayFile+".yurai.json"), trust)...))
	d.scene("replay", "The auditor replays the ledger's folder, bodies and all", "監査人が台帳フォルダー全体を再生する",
		ends(exitDone, line("audit", demoFile(demoLedger), trust, state)...))
	return ctx.Err()
}

// halt ends the story where no server could be started.
func (d *demonstration) halt(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return fmt.Errorf("%s", d.e.text("without a server nothing further can be shown; see "+demoLogFile, "サーバーがないため続行できません（"+demoLogFile+" を参照）"))
}

// offline checks with the server, stops it, and checks without it as of the
// same moment.
func (d *demonstration) offline(ctx context.Context, rule, server, trust []any) error {
	// Both bundles are renewed, so that both verdicts speak of the same size.
	for _, file := range []demoFile{demoRelayFile, demoFirmwareFile} {
		if _, err := d.command(ctx, exitDone, append(append([]any{"fetch", file}, server...), trust...)...); err != nil {
			return err
		}
	}
	at := d.e.now().UTC().Truncate(time.Second).Format(time.RFC3339)
	check := append([]any{"check", demoFile(demoRelayFile), demoFile(demoFirmwareFile)}, rule...)
	check = append(check, "--at", at, "-f", "json")
	online, err := d.command(ctx, exitDone, append(check[:len(check):len(check)], server...)...)
	if err != nil {
		return err
	}
	err = d.server.stop()
	d.server = nil
	if err != nil {
		return err
	}
	d.print("  (the server has stopped)\n", "  （サーバー停止）\n")
	alone, err := d.command(ctx, exitDone, append(check[:len(check):len(check)], "--offline")...)
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

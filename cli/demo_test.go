package cli

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// english answers for an environment that asks for nothing.
func english(string) string { return "" }

// runDemo runs the demo in a fresh folder, with a small firmware and with a hand in
// its scenes.
func runDemo(t *testing.T, lang string, before func(dir, scene string)) (code int, dir, stdout, stderr string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "demo")
	var out, errs bytes.Buffer
	e := &environment{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, getenv: english, now: time.Now}
	if err := (*langFlag)(&e.lang).Set(lang); err != nil {
		t.Fatal(err)
	}
	d, err := newDemonstration(e, dir, 100)
	if err != nil {
		t.Fatal(err)
	}
	if before != nil {
		d.before = func(scene string) { before(dir, scene) }
	}
	code = exitOf(d.run(t.Context()))
	return code, dir, out.String(), errs.String()
}

// TestDemo runs the demo as a stranger does.
func TestDemo(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "demo")
	var out, errs bytes.Buffer
	if code := Main(t.Context(), []string{"demo", "--dir", dir}, strings.NewReader(""), &out, &errs, english); code != exitDone {
		t.Fatalf("exit %d\n%s%s", code, &out, &errs)
	}
	rest := out.String()
	for _, want := range []string{
		"$ yurai init ledger --origin " + demoOrigin, "exit 0, as it should",
		"$ yurai serve ledger", "http://127.0.0.1:",
		"$ yurai key new -o vendor.key",
		"$ yurai party enrol request.json",
		"$ yurai bom lint relay.cdx.json firmware.cdx.json", "exit 0, as it should",
		"$ yurai submit relay.cdx.json", "exit 0, as it should",
		"$ yurai check relay.cdx.json firmware.cdx.json", "--stage tender --keep tender", "ACCEPT (document only: no machine was looked at)", "exit 0, as it should",
		"$ yurai diff relay.cdx.json", "product: HR-87T C → HR-87T C", "MTI-NOR256: maker unchanged (Mactan Interconnect Corp.), manufactured in PH → TH", "exit 0, as it should",
		"--stage receipt --assessed tender", "HOLD", "what is delivered is not what was assessed [POLICY-RULE-HIT A01]", "manufactured in PH → TH [VERDICT-ASSESSED-CHANGED]", "exit 10, as it should",
		"--lang ja", "保留 HOLD", "納入されるものが審査されたものと異なります [POLICY-RULE-HIT A01]", "製造場所 PH → TH [VERDICT-ASSESSED-CHANGED]", "exit 10, as it should",
		"$ yurai verdict recompute third-party/delivery", "保留 HOLD", "sha256:", "同じ正規バイト列", "exit 0, as it should",
		"$ yurai verdict recompute third-party/altered", "[VERDICT-INPUT-ALTERED]", "exit 3, as it should",
		"REJECT", "VERDICT-BYTES-DIFFER", "exit 11, as it should",
		"HOLD", "R04", "/components/3/components/1", "exit 10, as it should",
		"[LOG-ENTRY-ABSENT]", "exit 12, as it should",
		"$ yurai check historian.cdx.json", "HOLD", "[POLICY-RULE-HIT R10]", "[POLICY-RULE-HIT R11]", "[POLICY-RULE-HIT R12]", "exit 10, as it should",
		"$ yurai check historian-home.cdx.json", "HOLD", "[POLICY-RULE-UNKNOWN R10]", "[POLICY-RULE-UNKNOWN R11]", "exit 10, as it should",
		"$ yurai check historian-attested.cdx.json", "ACCEPT", "exit 0, as it should",
		"$ yurai audit http://127.0.0.1:", "exit 0, as it should",
		"$ yurai submit firmware-5.2.2.cdx.json --key vendor.key", "ACCEPT", "exit 0, as it should",
		"$ yurai party rotate", "--key vendor-safe.key", "exit 0, as it should",
		"$ yurai party revoke", "--invalid-from 10", "exit 0, as it should",
		"REJECT", "[STATE-BOM-VOID]", "exit 11, as it should", "ACCEPT", "[STATE-BOM-REVOKED]", "exit 0, as it should",
		"$ yurai submit relay-rev-e.cdx.json --key vendor.key", "[ENVELOPE-KEY-UNKNOWN]", "exit 5, as it should",
		"$ yurai submit relay-rev-e.cdx.json --key vendor-2.key", "ACCEPT", "exit 0, as it should",
		"$ yurai withdraw relay-rev-e.cdx.json.yurai.json", "HOLD", "[STATE-BOM-WITHDRAWN]", "exit 10, as it should",
		"$ yurai advisory publish", "ban of x:grid-safety: entry 16", "exit 0, as it should",
		"--offline", "ACCEPT", "no advisory in the log as of", "exit 0, as it should",
		"--at ", "HOLD", "[BUNDLE-STATUS-STALE]", "exit 14, as it should",
		"$ yurai fetch relay.cdx.json", "REJECT", "[VERDICT-ADVISORY-BAN]", "exit 11, as it should",
		"$ yurai fetch plant-2/relay.cdx.json", "ACCEPT", "no advisory in the log as of", "exit 0, as it should",
		"--bundle relay.cdx.json.yurai.json", "no findings", "exit 0, as it should",
		"--bundle plant-2/relay.cdx.json.yurai.json", "AUDIT-STATUS-FALSE", "leaves entry 16 out", "exit 13, as it should",
		"$ yurai verify auditor.evidence-status-", "Proof: ", "leaves out entry 16", "exit 13, as it should",
		"(the server has stopped)", "--offline", `"verdict":"reject"`, `"verdict":"accept"`, "exit 11, as it should", "the same ", "canonical bytes both times",
		"$ yurai verify relay.cdx.json.yurai.json", "exit 0, as it should",
		"$ yurai audit ledger", "exit 0, as it should",
		"scenes gave what they should",
	} {
		_, after, ok := strings.Cut(rest, want)
		if !ok {
			t.Fatalf("the output lacks %q at its place\n%s", want, &out)
		}
		rest = after
	}
	if errs.Len() > 0 {
		t.Errorf("standard error: %s", &errs)
	}
	if strings.Contains(strings.TrimSuffix(out.String(), rest), dir+string(filepath.Separator)) {
		t.Errorf("the output names files by their whole path\n%s", &out)
	}
	for line := range strings.Lines(out.String()) {
		if n := columns(strings.TrimSuffix(line, "\n")); n > 100 && !strings.Contains(line, dir) {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	for _, name := range []string{
		demoRelayFile, demoRelayFile + ".yurai.json", demoFirmwareFile, demoImageFile, demoChangedFile, demoElsewhereFile,
		demoMovedFile, demoServicesFile, "tender/case.json", "delivery/case.json",
		demoUnloggedFile, demoThiefFile, demoPolicyFile, demoTrust, demoLogFile, "vendor.key", "plant-2/relay.cdx.json.yurai.json",
	} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("not kept: %v", err)
		}
	}
	t.Run("looking again", func(t *testing.T) {
		var out, errs bytes.Buffer
		in := func(name string) string { return filepath.Join(dir, name) }
		code := Main(t.Context(), []string{
			"check", in(demoRelayFile), in(demoFirmwareFile), "--trust", in(demoTrust), "--policy", in(demoPolicyFile), "--offline", "-f", "json",
		}, strings.NewReader(""), &out, &errs, english)
		relay, firmware, _ := strings.Cut(out.String(), "\n")
		if code != exitReject || !strings.Contains(relay, `"code":"VERDICT-ADVISORY-BAN"`) || !strings.Contains(firmware, `"verdict":"accept"`) {
			t.Errorf("exit %d\n%s%s", code, &out, &errs)
		}
	})
	t.Run("elsewhere", func(t *testing.T) {
		alone := filepath.Join(t.TempDir(), "case")
		if err := os.CopyFS(alone, os.DirFS(filepath.Join(dir, demoDelivered))); err != nil {
			t.Fatal(err)
		}
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		c := exec.CommandContext(t.Context(), self)
		c.Args = []string{"yurai", "verdict", "recompute", alone}
		c.Env, c.Dir = []string{"TZ=Pacific/Kiritimati", "YURAI_LANG=ja"}, alone
		said, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, said)
		}
		for line := range strings.Lines(string(said)) {
			if !strings.Contains(out.String(), line) {
				t.Errorf("the demo does not have %q", line)
			}
		}
	})
	t.Run("a folder that is used", func(t *testing.T) {
		var out, errs bytes.Buffer
		if code := Main(t.Context(), []string{"demo", "--dir", dir}, strings.NewReader(""), &out, &errs, english); code != exitUsage {
			t.Errorf("exit %d, want %d\n%s", code, exitUsage, &errs)
		}
		if !strings.Contains(errs.String(), "CLI-FILE-EXISTS") || out.Len() > 0 {
			t.Errorf("stdout %q, stderr %q", &out, &errs)
		}
	})
}

// TestDemoSabotaged puts a hand into the folder of the demo: then it must not
// end with 0, and must name the scene.
func TestDemoSabotaged(t *testing.T) {
	t.Parallel()
	// hand changes a file before a scene, and takes that back before the next one.
	type hand struct {
		scene, file string
		with        func(dir string, raw []byte) []byte
		said        []string // of the scene, in the list of those that failed
	}
	other := func(name string) func(string, []byte) []byte {
		return func(dir string, _ []byte) []byte {
			raw, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Error(err)
			}
			return raw
		}
	}
	replace := func(old, next string) func(string, []byte) []byte {
		return func(_ string, raw []byte) []byte { return bytes.Replace(raw, []byte(old), []byte(next), 1) }
	}
	tamper := func(_ string, raw []byte) []byte { return demoTamper(raw) }
	for _, c := range []struct {
		name, lang string
		hands      []hand
	}{
		{"each by itself", "en", []hand{
			{"accept", demoRelayFile, tamper, []string{"An operator checks both at tender, and keeps the case: ACCEPT", "exit 11, not 0"}},
			{"moved", demoRelayFile, other(demoMovedFile), []string{"a chip's plant quietly moves", "not because of PH → TH"}},
			{"delivered", demoPolicyFile, replace("changed_since_assessment()", "false"), []string{"compared with the case of the tender: HOLD", "exit 0, not 10"}},
			{"service", demoAbroadFile, replace(`"SG"`, `"JP"`), []string{"A hosted service", "not because of [POLICY-RULE-HIT R11]"}},
			{"attested", demoAttestedFile, replace(`"thirdParty": true`, `"thirdParty": false`), []string{"attested by an inspector ACCEPT", "exit 10, not 0"}},
			{"void", demoThiefFile, replace("5.2.2", "5.2.3"), []string{"The thief's update is void", "not because of [STATE-BOM-VOID]"}},
			{"again", demoOldKey, other(demoNewKey), []string{"The thief tries once more", "exit 0, not 5"}},
			{"withdrawn", demoUnloggedFile, other(demoElsewhereFile), []string{"and takes it back: HOLD", "exit 10, not 0"}},
			{"banned", demoPolicyFile, replace("168h", "1680h"), []string{"in eight days too old: HOLD", "exit 10, not 14"}},
			{"found", "plant-2/relay.cdx.json.yurai.json", other("relay.cdx.json.yurai.json"), []string{"An auditor holds that bundle against the log", "exit 0, not 13"}},
			{"verify", "relay.cdx.json.yurai.json", replace(`"index": 4,`, `"index": 3,`), []string{"Anybody verifies", "not 0"}},
		}},
		{"what others rest on", "ja", []hand{
			{"concern", demoPolicyFile, replace(`["BV"]`, `[]`), []string{"懸念対象国", "終了コード 0、想定は 10"}},
			{"delivered", "tender/case.json", replace(`"stage": "tender"`, `"stage": "TENDER"`), []string{"受領時に調達前の案件と比較する", "終了コード 3、想定は 10"}},
			{"service", demoApprovedFile, replace("x:umibe-care,", "x:tidewater-care,"), []string{"委託先は未承認", "[POLICY-RULE-HIT R12]"}},
			{"revoked", demoRegistrar, other(demoOldKey), []string{"盗難が発覚", "終了コード 5、想定は 0"}},
			{"ban", demoRegistrar, other(demoOldKey), []string{"規制当局が登録を受け", "終了コード 5、想定は 0"}},
			{"found", "relay.cdx.json.yurai.json", replace(`"index": 4,`, `"index": 3,`), []string{"監査人が証明束を台帳と照合する", "終了コード 11、想定は 0"}},
		}},
		{"whose key it is", "en", []hand{
			{"recomputed", "delivery/case.json", replace(`"stage": "receipt"`, `"stage": "tender"`), []string{"A third party has the case alone", "exit 11, not 0"}},
			{"stolen", demoOldKey, other(demoRegistrar), []string{"The key is stolen", "exit 5, not 0"}},
			{"hidden", "ledger/keys/service.key", other(demoOldKey), []string{"at a server that hides the ban", "yurai fetch: exit 4, not 0"}},
			{"found", "auditor.json", replace("{", "["), []string{"An auditor holds that bundle"}},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var undo func()
			put := func(h hand, dir string) {
				name := filepath.Join(dir, filepath.FromSlash(h.file))
				raw, err := os.ReadFile(name)
				if err != nil {
					t.Error(err)
				}
				write := func(raw []byte) {
					if err := os.WriteFile(name, raw, 0o600); err != nil {
						t.Error(err)
					}
				}
				next := h.with(dir, raw)
				if bytes.Equal(next, raw) {
					t.Errorf("%s: nothing is changed", h.scene)
				}
				write(next)
				undo = func() { write(raw) }
			}
			code, _, stdout, _ := runDemo(t, c.lang, func(dir, scene string) {
				if undo != nil {
					undo()
					undo = nil
				}
				for _, h := range c.hands {
					if h.scene == scene {
						put(h, dir)
					}
				}
			})
			if code != exitInternal {
				t.Fatalf("exit %d, want %d\n%s", code, exitInternal, stdout)
			}
			for _, h := range c.hands {
				found := false
				for line := range strings.Lines(stdout) {
					if !strings.HasPrefix(line, "  - ") {
						continue
					}
					all := true
					for _, want := range h.said {
						all = all && strings.Contains(line, want)
					}
					found = found || all
				}
				if !found {
					t.Errorf("%s: no scene failed with %q\n%s", h.scene, h.said, stdout)
				}
			}
		})
	}
	t.Run("no server can start", func(t *testing.T) {
		code, _, stdout, _ := runDemo(t, "en", func(dir, scene string) {
			if scene != "serve" {
				return
			}
			if err := os.Remove(filepath.Join(dir, demoLedger, "config.yaml")); err != nil {
				t.Fatal(err)
			}
		})
		if code != exitInternal || !strings.Contains(stdout, "Broken off: without a server") {
			t.Errorf("exit %d\n%s", code, stdout)
		}
	})
	t.Run("told to stop", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "demo")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var out, errs bytes.Buffer
		if code := Main(ctx, []string{"demo", "--dir", dir}, strings.NewReader(""), &out, &errs, english); code != exitCancelled {
			t.Errorf("exit %d, want %d\n%s%s", code, exitCancelled, &out, &errs)
		}
	})
}

// TestFold holds how long lines of output are shown.
func TestFold(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want []string
	}{
		{"short", 10, []string{"short"}},
		{"", 10, []string{""}},
		{"  one two three four", 14, []string{"  one two", "    three four"}},
		{"unbrokenunbrokenunbroken", 12, []string{"unbrokenun", "  brokenun", "  broken"}},
		{"日本語の長い一行です", 12, []string{"日本語の長", "  い一行です"}},
		{`{"format":"yurai-verdict/1"}`, 12, []string{`{"format": …`}},
	} {
		got := fold(c.in, c.n)
		if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("fold(%q, %d) = %q, want %q", c.in, c.n, got, c.want)
		}
		for _, line := range got {
			if columns(line) > c.n {
				t.Errorf("fold(%q, %d): %q has %d columns", c.in, c.n, line, columns(line))
			}
		}
	}
}

// TestCommandLine holds how command lines are shown.
func TestCommandLine(t *testing.T) {
	for _, c := range []struct {
		words []string
		want  string
	}{
		{[]string{"version"}, "  $ yurai version\n"},
		{[]string{"party", "request", "--name", quoteWord("Hoshino Relay Works, Ltd.")}, "  $ yurai party request --name 'Hoshino Relay Works, Ltd.'\n"},
		{
			[]string{"check", strings.Repeat("a", 35), "--trust", strings.Repeat("b", 30), "--offline"},
			"  $ yurai check " + strings.Repeat("a", 35) + " --trust " + strings.Repeat("b", 30) + " \\\n      --offline\n",
		},
		{[]string{"sign", quoteWord("it's")}, "  $ yurai sign 'it'\\''s'\n"},
	} {
		if got := commandLine(c.words); got != c.want {
			t.Errorf("commandLine(%q) = %q, want %q", c.words, got, c.want)
		}
	}
}

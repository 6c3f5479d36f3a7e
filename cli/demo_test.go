package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// english answers for an environment that asks for nothing.
func english(string) string { return "" }

// runDemo runs the demo in a fresh folder with a hand in its scenes.
func runDemo(t *testing.T, lang string, before func(dir, scene string)) (code int, dir, stdout, stderr string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "demo")
	var out, errs bytes.Buffer
	e := &environment{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, getenv: english, now: time.Now}
	if err := (*langFlag)(&e.lang).Set(lang); err != nil {
		t.Fatal(err)
	}
	d, err := newDemonstration(e, dir)
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
		"$ yurai check relay.cdx.json firmware.cdx.json", "ACCEPT (document only: no machine was looked at)", "exit 0, as it should",
		"REJECT", "VERDICT-BYTES-DIFFER", "exit 11, as it should",
		"HOLD", "R04", "/components/3/components/1", "exit 10, as it should",
		"exit 12, as it should",
		"$ yurai audit http://127.0.0.1:", "exit 0, as it should",
		"(the server has stopped)", "--offline", "exit 0, as it should", "the same ", "canonical bytes both times",
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
		demoUnloggedFile, demoPolicyFile, demoTrust, demoLogFile, "vendor.key",
	} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("not kept: %v", err)
		}
	}
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
	overwrite := func(t *testing.T, dir, name string, with func([]byte) []byte) {
		t.Helper()
		name = filepath.Join(dir, name)
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, with(raw), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name, lang, scene string
		file              string
		with              func(dir string, raw []byte) []byte
		said              []string
	}{
		{
			"the logged file is changed", "en", "accept", demoRelayFile,
			func(_ string, raw []byte) []byte { return demoTamper(raw) },
			[]string{"exit 11, not 0", "scenes did NOT give what they should:", "An operator checks both before buying"},
		},
		{
			"the list of concern is emptied", "ja", "concern", demoPolicyFile,
			func(_ string, raw []byte) []byte { return bytes.Replace(raw, []byte(`["BV"]`), []byte(`[]`), 1) },
			[]string{"終了コード 0（想定は 10）", "想定と異なりました", "保留"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			code, _, stdout, _ := runDemo(t, c.lang, func(dir, scene string) {
				if scene == c.scene {
					overwrite(t, dir, c.file, func(raw []byte) []byte { return c.with(dir, raw) })
				}
			})
			if code != exitInternal {
				t.Fatalf("exit %d, want %d\n%s", code, exitInternal, stdout)
			}
			for _, want := range c.said {
				if !strings.Contains(stdout, want) {
					t.Errorf("the output lacks %q\n%s", want, stdout)
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

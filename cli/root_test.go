package cli

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// in runs one command line in this process.
func in(t *testing.T, env map[string]string, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Main(t.Context(), args, strings.NewReader(stdin), &out, &errs, func(name string) string { return env[name] })
	return code, out.String(), errs.String()
}

// TestFrozen holds the tree against the commands and flags that scripts rely on.
// What stands here is never renamed or taken away; a shorthand is behind a slash.
func TestFrozen(t *testing.T) {
	frozen := map[string][]string{
		"demo":                {"dir"},
		"init":                {"origin", "predecessor", "trust"},
		"serve":               {"anchor", "listen", "newest-known", "reserve", "witnesses"},
		"witness init":        {"name"},
		"witness add":         {"trust", "origin", "key"},
		"witness serve":       {"listen"},
		"key new":             {"output/o", "algorithm"},
		"party request":       {"key", "threshold", "id", "name", "incorporated", "role", "identifier", "speaks-for", "log", "output/o"},
		"party change":        {"party", "key", "new", "threshold", "name", "incorporated", "role", "identifier", "speaks-for", "server", "bundle", "trust", "output/o"},
		"party enrol":         {"registrar", "trust", "state", "server", "output/o"},
		"party rotate":        {"party", "key", "new", "threshold", "registrar", "server", "trust", "bundle", "output/o"},
		"party delegate":      {"party", "key", "delegate", "until", "product", "server", "trust", "bundle", "output/o"},
		"party revoke":        {"party", "key", "registrar", "of", "revoked-key", "revoked-delegate", "revoked-party", "reason", "invalid-from", "log", "server", "trust", "output/o"},
		"party suspend":       {"party", "key", "registrar", "reason", "lift", "server", "trust", "bundle", "output/o"},
		"party show":          {"server", "bundle", "trust", "format/f"},
		"withdraw":            {"key", "registrar", "reason", "server", "trust", "output/o"},
		"advisory publish":    {"party", "key", "select", "severity", "effective", "expires", "text", "log", "server", "trust", "output/o"},
		"attestation publish": {"party", "key", "registrar", "standard", "scope", "findings", "log", "server", "trust", "output/o"},
		"list publish":        {"party", "key", "registrar", "id", "media-type", "server", "trust", "bundle", "output/o"},
		"show":                {"format/f", "openings", "output/o", "policy", "proof", "server", "trust", "verdict"},
		"bom lint":            {"format/f"},
		"bom tree":            {"linked", "trust", "format/f", "output/o"},
		"sign":                {"key", "party", "log", "held", "output/o"},
		"submit":              {"statement", "key", "party", "server", "trust", "state", "output/o", "dry-run"},
		"fetch":               {"linked", "server", "trust", "state"},
		"check":               {"linked", "trust", "bundle", "policy", "input", "stage", "at", "server", "state", "offline", "format/f", "output/o", "context", "list", "assessed", "keep"},
		"verify":              {"trust"},
		"audit":               {"trust", "state", "bundle", "format/f"},
		"trust init":          {"fingerprint", "expires", "output/o"},
		"trust show":          {"vkey"},
		"trust update":        {"server", "bundle"},
		"trust sign":          {"registrar", "genesis", "server", "bundle", "version", "expires", "output/o"},
		"origin":              {"linked", "draft", "format/f", "output/o"},
		"decision install":    {"commit", "entry", "key", "log", "openings", "output/o", "party", "reason", "server", "trust", "verdict"},
		"decision return":     {"commit", "entry", "key", "log", "openings", "output/o", "party", "reason", "server", "trust", "verdict"},
		"decision waive":      {"commit", "entry", "key", "key2", "log", "openings", "output/o", "party", "policy", "reason", "server", "trust", "until", "verdict"},
		"diff":                {"format/f", "origin-only", "output/o"},
		"policy explain":      {"at", "format/f", "input", "list", "output/o", "rule", "stage", "test"},
		"policy fmt":          {"output/o"},
		"policy publish":      {"bundle", "key", "output/o", "party", "registrar", "server", "trust"},
		"policy test":         {"format/f", "output/o"},
		"profile publish":     {"bundle", "commit", "key", "open", "openings", "output/o", "party", "server", "trust"},
		"verdict publish":     {"commit", "key", "log", "openings", "output/o", "party", "server", "trust"},
		"verdict recompute":   {"format/f", "output/o"},
		"mirror":              {"trust", "listen", "every", "format/f", "output/o"},
		"fsck":                {"format/f", "output/o"},
		"freeze":              {"registrar", "successor", "new", "server", "trust", "output/o"},
		"backup":              {"with-keys"},
		"restore":             {"anchor", "keys", "newest-known"},
		"explain":             {},
		"version":             {},
	}
	root := newRoot(&environment{getenv: english, now: time.Now, stdin: strings.NewReader(""), stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}})
	var leaves []string
	var walk func(cmd *cobra.Command, path []string)
	walk = func(cmd *cobra.Command, path []string) {
		if len(path) > 0 && !cmd.HasSubCommands() {
			name := strings.Join(path, " ")
			leaves = append(leaves, name)
			for _, flag := range frozen[name] {
				long, short, _ := strings.Cut(flag, "/")
				f := cmd.Flags().Lookup(long)
				if f == nil || f.Shorthand != short {
					t.Errorf("yurai %s has no flag --%s %s", name, long, short)
				}
			}
			cmd.Flags().VisitAll(func(f *pflag.Flag) {
				if f.Usage == "" {
					t.Errorf("yurai %s --%s says nothing of itself", name, f.Name)
				}
			})
		}
		if cmd.Short == "" {
			t.Errorf("yurai %s says nothing of itself", strings.Join(path, " "))
		}
		for _, sub := range cmd.Commands() {
			if sub.Name() == "completion" || sub.Name() == "help" {
				continue // cobra's
			}
			walk(sub, append(slices.Clone(path), sub.Name()))
		}
	}
	walk(root, nil)
	for name := range frozen {
		if !slices.Contains(leaves, name) {
			t.Errorf("there is no command yurai %s", name)
		}
	}
	for _, name := range leaves {
		if _, ok := frozen[name]; !ok {
			t.Errorf("yurai %s is not among the frozen commands", name)
		}
	}
}

func TestLanguage(t *testing.T) {
	const english, japanese = "cause ", "原因"
	for name, c := range map[string]struct {
		env  map[string]string
		args []string
		want string
	}{
		"nothing":               {nil, nil, english},
		"LANG":                  {map[string]string{"LANG": "ja_JP.UTF-8"}, nil, japanese},
		"LC_ALL over LANG":      {map[string]string{"LANG": "ja_JP.UTF-8", "LC_ALL": "C"}, nil, english},
		"LC_MESSAGES over LANG": {map[string]string{"LANG": "en_GB", "LC_MESSAGES": "ja_JP"}, nil, japanese},
		"YURAI_LANG over all":   {map[string]string{"LANG": "C", "LC_ALL": "C", "YURAI_LANG": "ja"}, nil, japanese},
		"--lang over YURAI":     {map[string]string{"YURAI_LANG": "ja"}, []string{"--lang", "en"}, english},
		"another language":      {map[string]string{"LANG": "fr_FR"}, nil, english},
	} {
		code, out, errs := in(t, c.env, "", append([]string{"explain", "CLI-FILE-LARGE"}, c.args...)...)
		if code != 0 || !strings.Contains(out, c.want) {
			t.Errorf("%s: exit %d, output %q %q, want %q in it", name, code, out, errs, c.want)
		}
	}
}

// TestEnvironment: flags are taken from the environment where they are not
// given; those that name keys or files to write never are.
func TestEnvironment(t *testing.T) {
	env := map[string]string{"YURAI_FORMAT": "json", "YURAI_OUTPUT": "never", "YURAI_KEY": "never", "YURAI_REGISTRAR": "never", "YURAI_STATE": "never"}
	if code, out, _ := in(t, env, "", "version"); code != 0 || !strings.HasPrefix(out, "{") {
		t.Errorf("YURAI_FORMAT=json: exit %d, %q", code, out)
	}
	if code, out, _ := in(t, env, "", "version", "-f", "table"); code != 0 || strings.HasPrefix(out, "{") {
		t.Errorf("-f table over YURAI_FORMAT=json: exit %d, %q", code, out)
	}
	if code, _, errs := in(t, map[string]string{"YURAI_FORMAT": "xml"}, "", "version"); code != 2 || !strings.Contains(errs, "YURAI_FORMAT") {
		t.Errorf("YURAI_FORMAT=xml: exit %d, %q", code, errs)
	}
	if code, _, errs := in(t, env, "", "key", "new"); code != 2 {
		t.Errorf("key new took its file from the environment: exit %d, %q", code, errs)
	}
	if code, _, errs := in(t, env, "", "sign", "x", "--party", "x:a"); code != 2 {
		t.Errorf("sign took its key from the environment: exit %d, %q", code, errs)
	}
}

// TestEnvironmentWeakensNothing: where a log is anchored, the word that nothing newer
// was signed, by whom checkpoints are cosigned and where keys lie are said on the
// command line, where they are seen.
func TestEnvironmentWeakensNothing(t *testing.T) {
	for _, flag := range []string{"anchor", "newest-known", "witnesses", "keys", "reserve", "profile", "opening", "key", "registrar", "state", "offline"} {
		if name, ok := fromEnvironment[flag]; ok {
			t.Errorf("--%s is taken from %s", flag, name)
		}
	}
	// An anchor from the environment would be an anchor that cannot be read.
	env := map[string]string{"YURAI_NEWEST_KNOWN": "true", "YURAI_ANCHOR": "nowhere"}
	without, _, want := in(t, nil, "", "restore", t.TempDir(), "x")
	if code, _, errs := in(t, env, "", "restore", t.TempDir(), "x"); code != without || strings.Contains(errs, "anchor") || want == "" {
		t.Errorf("exit %d %q", code, errs)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	dir := t.TempDir()
	if code, _, e := in(t, nil, "", "init", dir+"/ledger", "--origin", "ledger.example/a"); code != 0 {
		t.Fatal(e)
	}
	code := Main(ctx, []string{"audit", "http://127.0.0.1:1", "--trust", dir + "/ledger/trust.json"}, strings.NewReader(""), &out, &errs, english)
	if code != exitCancelled {
		t.Errorf("exit %d, want %d\n%s", code, exitCancelled, errs.String())
	}
}

func TestNearest(t *testing.T) {
	for word, want := range map[string]string{
		"CLI-FILE-EXIST": "CLI-FILE-EXISTS", "LOG-CHECKPOINT-SIG": "LOG-CHECKPOINT-SIGNATURE", "BOM-JSON-SYNTACKS": "BOM-JSON-SYNTAX",
	} {
		if got := nearest(word); !slices.Contains(got, want) {
			t.Errorf("nearest(%q) = %q, want %q among them", word, got, want)
		}
	}
	for _, word := range []string{"", "NOTHING-LIKE-IT", strings.Repeat("X", 10000)} {
		if got := nearest(word); len(got) > 0 {
			t.Errorf("nearest(%.20q) = %q", word, got)
		}
	}
}

func TestColumns(t *testing.T) {
	for s, want := range map[string]int{"": 0, "abc": 3, "署名": 4, "ﾃｽﾄ": 3, "Ａ": 2, "か\u3099": 2} {
		if got := columns(s); got != want {
			t.Errorf("columns(%q) = %d, want %d", s, got, want)
		}
	}
	if got := printable("a\x1b[31m\u202eb\nc\u3000d"); got != `a\u{1b}[31m\u{202e}b c`+"\u3000d" {
		t.Errorf("printable = %q", got)
	}
}

package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/policy"
)

// keptCase returns a folder with a case in a folder "case", and the digest of its
// bill of materials.
func keptCase(t *testing.T) (dir, digest string) {
	t.Helper()
	dir = t.TempDir()
	raw, err := os.ReadFile(filepath.Join("testdata", "relay.cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	demo, _ := policy.Pack(policy.Demo)
	own := strings.Replace(string(demo), "id: demo", "id: own", 1)
	for name, content := range map[string]string{
		"relay.cdx.json": strings.Replace(string(raw), `"value": "TW"`, `"value": "BV"`, 1), "before.cdx.json": string(raw), "rules.yaml": own,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if code, _, errs := in(t, nil, "", "init", filepath.Join(dir, "ledger"), "--origin", "ledger.example/a"); code != 0 {
		t.Fatal(errs)
	}
	code, _, errs := in(t, nil, "", "check", filepath.Join(dir, "relay.cdx.json"), "--trust", filepath.Join(dir, "ledger", "trust.json"), "--policy", filepath.Join(dir, "rules.yaml"),
		"--assessed", filepath.Join(dir, "before.cdx.json"), "--context", "sector=rail", "--input", "countries_of_concern=BV", "--at", "2026-11-22T10:00:00Z", "--keep", filepath.Join(dir, "case"))
	if code != exitHold {
		t.Fatalf("exit %d\n%s", code, errs)
	}
	bom, err := os.ReadFile(filepath.Join(dir, "relay.cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(bom)
	return dir, hex.EncodeToString(sum[:])
}

// Whoever changes anything that a verdict depends on is found out; what is no part
// of the canonical bytes is not compared.
func TestCaseAltered(t *testing.T) {
	dir, digest := keptCase(t)
	original, err := os.ReadFile(filepath.Join(dir, "case", caseFile))
	if err != nil {
		t.Fatal(err)
	}
	swap := func(old, new string) func(string) error {
		return func(folder string) error {
			changed := strings.Replace(string(original), old, new, 1)
			if changed == string(original) {
				return fmt.Errorf("%s is not in the case", old)
			}
			return os.WriteFile(filepath.Join(folder, caseFile), []byte(changed), 0o644)
		}
	}
	again := func(pattern, with string) func(string) error {
		return func(folder string) error {
			changed := regexp.MustCompile(pattern).ReplaceAllString(string(original), with)
			if changed == string(original) {
				return fmt.Errorf("%s is not in the case", pattern)
			}
			return os.WriteFile(filepath.Join(folder, caseFile), []byte(changed), 0o644)
		}
	}
	input := func(change func(name string) error) func(string) error {
		return func(folder string) error { return change(filepath.Join(folder, keptName(digest))) }
	}
	for name, c := range map[string]struct {
		change func(folder string) error
		exit   int
		says   string
	}{
		"nothing":                 {func(string) error { return nil }, 0, ""},
		"a text":                  {swap(`"text": "no bundle came`, `"text": "a bundle came`), 0, ""},
		"the exit code":           {swap(`"exit": 10`, `"exit": 0`), 0, ""},
		"a name for people":       {swap(`"name": "relay.cdx.json"`, `"name": "../../../etc/passwd"`), 0, ""},
		"the stage":               {swap(`"stage": "tender"`, `"stage": "install"`), 11, "differs first at /reasons/1/code"},
		"the time":                {swap(`"at": "2026-11-22T10:00:00Z"`, `"at": "2026-11-22T10:00:01Z"`), 11, "differs first at /at: the case says \"2026-11-22T10:00:00Z\""},
		"the context":             {swap(`"sector": "rail"`, `"sector": "water"`), 11, "/context/sector"},
		"a context that is none":  {swap(`"sector": "rail"`, `"stage": "rail"`), 3, "VERDICT-CASE-MALFORMED"},
		"the inputs":              {swap(`"countries_of_concern=BV"`, `"countries_of_concern=HM"`), 11, "VERDICT-CASE-DIFFERS"},
		"an input that is none":   {swap(`"countries_of_concern=BV"`, `"colour=BV"`), 3, "VERDICT-CASE-MALFORMED"},
		"an input given twice":    {swap(`"countries_of_concern=BV"`, `"countries_of_concern=BV", "countries_of_concern=BV"`), 3, "stands in it twice"},
		"how it was chosen":       {swap(`"chosen": "given"`, `"chosen": "starter"`), 11, "VERDICT-CASE-DIFFERS"},
		"that it was pinned":      {swap(`"chosen": "given"`, `"chosen": "pinned"`), 3, "VERDICT-CASE-MALFORMED"},
		"chosen by nobody":        {swap(`"chosen": "given"`, `"chosen": "mine"`), 3, "VERDICT-CASE-MALFORMED"},
		"the policy's digest":     {again(`"policy": \{\n  "sha256": "[0-9a-f]+"`, `"policy": {"sha256": "`+digest+`"`), 3, "POLICY-"},
		"the trust file's digest": {again(`"trust": \{\n  "sha256": "[0-9a-f]+"`, `"trust": {"sha256": "`+digest+`"`), 3, "TRUST-"},
		"other rules":             {func(folder string) error { return otherRules(folder, original) }, 11, "differs first at /policy/id: the case says \"own\", recomputed is \"demo\""},
		"no assessment":           {swap(`"assessed": 0`, `"assessed": null`), 11, "/context/assessed: the case says \"sha256:"},
		"another assessment":      {swap(`"assessed": 0`, `"assessed": 7`), 3, "VERDICT-CASE-MALFORMED"},
		"a log that lacked it":    {swap(`"absent": 0`, `"absent": 9`), 11, "VERDICT-CASE-DIFFERS"},
		"a negative log":          {swap(`"absent": 0`, `"absent": -9`), 3, "VERDICT-CASE-MALFORMED"},
		"why nothing was proven":  {swap(`"unproven": ""`, `"unproven": "BUNDLE-FILE-MALFORMED"`), 11, "/reasons/0/code"},
		"that the log misbehaved": {swap(`"misbehaved": ""`, `"misbehaved": "LOG-FORK-FOUND"`), 11, "VERDICT-CASE-DIFFERS"},
		"counts":                  {swap(`"excepted": 3`, `"excepted": 2`), 11, "differs first at /counts/excepted: the case says 2, recomputed is 3"},
		"a reason":                {swap(`"code": "POLICY-RULE-HIT"`, `"code": "POLICY-RULE-UNKNOWN"`), 11, "/reasons/1/code"},
		"its digest":              {again(`"canonical": "[0-9a-f]+"`, `"canonical": "`+digest+`"`), 11, "and it says"},
		"a member of it":          {swap(`"party": null,`, ``), 3, "VERDICT-CASE-MALFORMED"},
		"its word":                {swap(`"verdict": "hold"`, `"verdict": "accept"`), 3, "VERDICT-CASE-MALFORMED"},
		"its word and rows":       {func(folder string) error { return accepted(folder, original) }, 11, "VERDICT-CASE-DIFFERS"},
		"the bill of materials":   {input(func(n string) error { return os.WriteFile(n, []byte("{}"), 0o644) }), 3, "VERDICT-INPUT-ALTERED"},
		"no bill of materials":    {input(os.Remove), 3, "VERDICT-INPUT-MISSING"},
		"a folder for it":         {input(func(n string) error { os.Remove(n); return os.Mkdir(n, 0o755) }), 3, "VERDICT-INPUT-ALTERED"},
		"a link to it":            {input(func(n string) error { os.Remove(n); return os.Symlink(filepath.Join(dir, "relay.cdx.json"), n) }), 3, "VERDICT-INPUT-ALTERED"},
		"a huge one":              {input(func(n string) error { return os.Truncate(n, 1<<30) }), 3, "CLI-FILE-LARGE"},
		"another file's digest":   {swap(`"name": "relay.cdx.json",`+"\n   "+`"sha256": "`+digest, `"name": "relay.cdx.json",`+"\n   "+`"sha256": "`+strings.Repeat("0", 64)), 3, "VERDICT-INPUT-MISSING"},
		"a path for a digest":     {swap(`"name": "relay.cdx.json",`+"\n   "+`"sha256": "`+digest, `"name": "relay.cdx.json",`+"\n   "+`"sha256": "../case/`+digest), 3, "VERDICT-CASE-MALFORMED"},
		"capitals in a digest":    {swap(digest, strings.ToUpper(digest)), 3, "VERDICT-CASE-MALFORMED"},
		"a newer format":          {swap("yurai-case/1", "yurai-case/2"), 3, "VERDICT-CASE-UNKNOWN"},
		"another format":          {swap("yurai-case/1", "yurai-verdict/1"), 3, "VERDICT-CASE-UNKNOWN"},
		"an unknown member":       {swap(`"stage": "tender"`, `"colour": "red", "stage": "tender"`), 3, "VERDICT-CASE-MALFORMED"},
		"a member twice":          {swap(`"stage": "tender"`, `"stage": "tender", "stage": "tender"`), 3, "VERDICT-CASE-MALFORMED"},
		"no files": {func(f string) error {
			return os.WriteFile(filepath.Join(f, caseFile), []byte(`{"format":"yurai-case/1"}`), 0o644)
		}, 3, "VERDICT-CASE-MALFORMED"},
		"no case":              {func(f string) error { return os.Remove(filepath.Join(f, caseFile)) }, 3, "VERDICT-INPUT-MISSING"},
		"no JSON":              {func(f string) error { return os.WriteFile(filepath.Join(f, caseFile), nil, 0o644) }, 3, "VERDICT-CASE-MALFORMED"},
		"what nobody asks for": {func(f string) error { return os.WriteFile(filepath.Join(f, "extra"), nil, 0o644) }, 0, ""},
	} {
		if runtime.GOOS == "windows" && strings.Contains(name, "link") {
			continue
		}
		folder := filepath.Join(t.TempDir(), "case")
		if err := os.CopyFS(folder, os.DirFS(filepath.Join(dir, "case"))); err != nil {
			t.Fatal(err)
		}
		if err := c.change(folder); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		code, out, errs := in(t, nil, "", "verdict", "recompute", folder)
		if code != c.exit || !strings.Contains(errs, c.says) || (code == 0) != strings.Contains(out, "the same canonical bytes") {
			t.Errorf("%s: exit %d, want %d and %q\n%s%s", name, code, c.exit, c.says, out, errs)
		}
	}
}

// accepted makes the verdict of a case an ACCEPT whose rows all pass, digest and all
// but what a reader of the case alone cannot see.
func accepted(folder string, original []byte) error {
	text := regexp.MustCompile(`"outcome": "(unknown|hold)"(,\s+"basis")`).ReplaceAllString(string(original), `"outcome": "pass"$2`)
	text = strings.Replace(text, `"verdict": "hold"`, `"verdict": "accept"`, 1)
	return os.WriteFile(filepath.Join(folder, caseFile), []byte(text), 0o644)
}

// otherRules puts another policy in the place of the one that judged.
func otherRules(folder string, original []byte) error {
	demo, _ := policy.Pack(policy.Demo)
	sum := sha256.Sum256(demo)
	text := regexp.MustCompile(`"policy": \{\n  "sha256": "[0-9a-f]+"`).ReplaceAllString(string(original), `"policy": {"sha256": "`+hex.EncodeToString(sum[:])+`"`)
	if err := os.WriteFile(filepath.Join(folder, keptName(hex.EncodeToString(sum[:]))), demo, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, caseFile), []byte(text), 0o644)
}

// A case that cannot be written leaves nothing behind, and a second one of the same
// inputs is the same byte for byte.
func TestCaseWhole(t *testing.T) {
	dir, _ := keptCase(t)
	args := []string{
		"check", filepath.Join(dir, "relay.cdx.json"), "--trust", filepath.Join(dir, "ledger", "trust.json"), "--policy", filepath.Join(dir, "rules.yaml"),
		"--assessed", filepath.Join(dir, "before.cdx.json"), "--context", "sector=rail", "--input", "countries_of_concern=BV", "--at", "2026-11-22T10:00:00Z", "--keep",
	}
	if code, _, errs := in(t, nil, "", append(args, filepath.Join(dir, "again"))...); code != exitHold {
		t.Fatalf("exit %d\n%s", code, errs)
	}
	var names []string
	err := fs.WalkDir(os.DirFS(dir), "case", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		names = append(names, d.Name())
		one, err := os.ReadFile(filepath.Join(dir, "case", d.Name()))
		if err != nil {
			return err
		}
		two, err := os.ReadFile(filepath.Join(dir, "again", d.Name()))
		if err != nil || string(one) != string(two) {
			t.Errorf("%s is otherwise the second time: %v", d.Name(), err)
		}
		return nil
	})
	if err != nil || len(names) != 5 { // case, trust file, policy, both bills of materials
		t.Errorf("the case is %q, %v", names, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{filepath.Join(dir, "again"), filepath.Join(dir, "file"), filepath.Join(dir, "file", "below"), filepath.Join(dir, "no", "such")} {
		if code, _, _ := in(t, nil, "", append(args, folder)...); code != exitUsage && code != exitInternal && code != exitInput {
			t.Errorf("--keep %s: exit %d", folder, code)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

func TestFirstDifference(t *testing.T) {
	for _, c := range [][3]string{
		{`{"a":1,"b":[1,2]}`, `{"a":1,"b":[1,3]}`, "/b/1: the case says 2, recomputed is 3"},
		{`{"a":1}`, `{"a":1,"b/~":2}`, "/b~1~0: the case says nothing, recomputed is 2"},
		{`{"a":[1,2]}`, `{"a":[1]}`, "/a/1: the case says 2, recomputed is nothing"},
		{`{"a":{"b":"x"}}`, `{"a":null}`, `/a: the case says {"b":"x"}, recomputed is null`},
		{`1`, `2`, "/: the case says 1, recomputed is 2"},
		{`{`, `{}`, "the beginning"},
	} {
		if got := firstDifference([]byte(c[0]), []byte(c[1])); got != c[2] {
			t.Errorf("%s, %s: %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

func TestLinesOf(t *testing.T) {
	raw := []byte("{\n \"a\": [\n  {\"b\": 1},\n  2\n ],\n \"c\":\n  3\n}")
	wanted := map[string]bool{"": true, "/a": true, "/a/0": true, "/a/0/b": true, "/a/1": true, "/c": true, "/d": true}
	got := linesOf(raw, wanted)
	if want := (map[string]int{"": 1, "/a": 2, "/a/0": 3, "/a/0/b": 3, "/a/1": 4, "/c": 6}); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("lines %v, want %v", got, want)
	}
	for _, raw := range []string{"", "no JSON", "{\"a\": ", "\x00"} {
		linesOf([]byte(raw), wanted)
	}
}

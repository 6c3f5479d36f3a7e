package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/server/problem"
)

func newDemo(e *environment) *cobra.Command {
	var dir string
	cmd := leaf(e, &cobra.Command{
		Use:   "demo [--dir DIR]",
		Short: "Show the whole way of a bill of materials, from key to audit, on this machine",
		Long: `Run the commands of a vendor, an operator and an auditor one after the other in a
fresh folder: a protection relay and its firmware are signed, logged and checked at
tender; a chip's plant moves before delivery, and a third party judges again from what
was kept; then a changed byte, a part from a place of concern, a file that nobody
logged, a hosted service; a stolen key, a file that its vendor withdraws, a ban after
the fact, a server that hides the ban and is found out by an audit; and the verdicts
with the server switched off. Each command line is shown as one would type it. The files are kept. Exit 0 only
if every scene gave what it should, else 1.`,
		Example: "  yurai demo --dir yurai-demo",
	}, cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		d, err := newDemonstration(e, dir, demoFirmwareSize)
		if err != nil {
			return err
		}
		return d.run(cmd.Context())
	})
	cmd.Flags().StringVar(&dir, "dir", "", "empty or new `FOLDER` to work in (default a new one for temporary files)")
	return cmd
}

// demonstration is one run of the demo in one folder.
type demonstration struct {
	e      *environment
	dir    string
	inputs *demoInputs
	server *demoServer // nil while none runs
	liar   *demoLiar   // nil while none runs

	count  int      // scenes shown
	failed []string // titles of those that did not give what they should

	// before is called with the name of each scene before it is shown; a test
	// sets it to put a hand into the folder.
	before func(scene string)
}

// newDemonstration writes the inputs into dir, or a new temporary folder if dir
// is "". The firmware has that many components. A folder that holds something is
// refused.
func newDemonstration(e *environment, dir string, firmware int) (*demonstration, error) {
	var err error
	if dir == "" {
		if dir, err = os.MkdirTemp("", "yurai-demo-"); err != nil {
			return nil, refuse("CLI-FILE-UNWRITABLE", "making a temporary folder: %w", err)
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, refuse("CLI-FILE-UNWRITABLE", "%s: %w", dir, plainPath(err))
	}
	held, err := os.ReadDir(dir)
	if err != nil {
		return nil, refuse("CLI-FILE-UNREADABLE", "%s: %w", dir, plainPath(err))
	}
	if len(held) > 0 {
		return nil, refuse("CLI-FILE-EXISTS", "%s holds something already and is left as it is", dir)
	}
	d := &demonstration{e: e, dir: dir, before: func(string) {}}
	if d.inputs, err = newDemoInputs(firmware); err != nil {
		return nil, err
	}
	for name, raw := range d.inputs.files() {
		if err := createFile(filepath.Join(dir, name), raw, 0o644); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// run shows every scene and then says how it went.
func (d *demonstration) run(ctx context.Context) error {
	start := d.e.now()
	d.print("Yurai: from a signed bill of materials to a verdict and an audit\n",
		"由来：署名された部品表から、判定と監査まで\n")
	d.print("Everything happens in %s\n", "作業フォルダー：%s\n", d.dir)
	err := d.story(ctx)
	if d.liar != nil {
		err = errors.Join(err, d.liar.stop())
	}
	if d.server != nil {
		err = errors.Join(err, d.server.stop())
	}
	fmt.Fprintln(d.e.stdout)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		d.print("Broken off: %v\n", "中断しました：%v\n", err)
	}
	taken := d.e.now().Sub(start).Round(100 * time.Millisecond)
	if err != nil || len(d.failed) > 0 {
		d.print("%d of %d scenes did NOT give what they should:\n", "%[2]d場面のうち%[1]d場面が想定と異なりました:\n", len(d.failed), d.count)
		for _, title := range d.failed {
			fmt.Fprintf(d.e.stdout, "  - %s\n", title)
		}
		d.print("The files are kept in %s\n", "ファイルは%sに残っています\n", d.dir)
		return ended(exitInternal)
	}
	d.print("All %d scenes gave what they should, in %v.\n", "全%d場面が想定どおりでした（%v）。\n", d.count, taken)
	d.print("The files are kept. Look again, without any server (the relay is banned, its firmware is not):\n",
		"ファイルは残してあります。サーバーなしで再確認できます（リレーは使用禁止、ファームウェアは可）:\n")
	fmt.Fprintf(d.e.stdout, "  $ cd %s\n", d.dir)
	fmt.Fprint(d.e.stdout, commandLine([]string{
		"check", demoRelayFile, demoFirmwareFile, "--trust", demoTrust, "--policy", demoPolicyFile, "--offline",
	}))
	return nil
}

// print writes a line of the demo's own in the language.
func (d *demonstration) print(en, ja string, args ...any) { d.e.printf(en, ja, args...) }

// scene shows a title and what body does. What body returns says how the scene
// departs from what it should give; then later scenes are still shown.
func (d *demonstration) scene(name, en, ja string, body func() error) {
	d.count++
	d.before(name)
	title := problem.Text{EN: en, JA: ja}.In(d.e.lang)
	fmt.Fprintf(d.e.stdout, "\n%2d. %s\n", d.count, title)
	if err := body(); err != nil {
		d.failed = append(d.failed, fmt.Sprintf("%d. %s: %v", d.count, title, err))
		d.print("  NOT AS IT SHOULD: %v\n", "  想定外：%v\n", err)
	}
}

// demoFile is an argument that names a file in the folder of the demo.
type demoFile string

// demoSetting is an argument that names such a file among other things.
type demoSetting struct {
	before string
	file   demoFile
	after  string
}

// outcome is what a command gave.
type outcome struct{ stdout, stderr []byte }

// words joins words of command lines and lists of them.
func words(parts ...any) []any {
	var all []any
	for _, p := range parts {
		if list, ok := p.([]any); ok {
			all = append(all, list...)
			continue
		}
		all = append(all, p)
	}
	return all
}

// command shows a command line and its result. It fails if the exit code is
// not the wanted one.
func (d *demonstration) command(ctx context.Context, want int, args ...any) (outcome, error) {
	return d.perform(ctx, d.show, want, words(args...))
}

// sequence runs command lines that all should end with 0.
func (d *demonstration) sequence(ctx context.Context, lines ...[]any) error {
	for _, line := range lines {
		if _, err := d.command(ctx, exitDone, line...); err != nil {
			return err
		}
	}
	return nil
}

// because runs a command and fails too if it does not give the code among its
// reasons. Code may go on with the id of a rule.
func (d *demonstration) because(ctx context.Context, want int, code string, args ...any) error {
	out, err := d.command(ctx, want, args...)
	return d.reason(out, code, err)
}

// verdict is because for a check, of whose result only the verdicts and that
// row or reason are shown. Without a code the verdicts should have no reason at all.
func (d *demonstration) verdict(ctx context.Context, want int, code string, args ...any) error {
	return d.verdictFor(ctx, want, []string{code}, args...)
}

// verdictFor is verdict for several rows or reasons, all of which there should be.
func (d *demonstration) verdictFor(ctx context.Context, want int, codes []string, args ...any) error {
	show := func(output []byte) { d.showVerdicts(output, codes) }
	out, err := d.perform(ctx, show, want, words(append([]any{"check"}, args...)...))
	for _, code := range codes {
		if err := d.reason(out, code, err); err != nil {
			return err
		}
	}
	return nil
}

func (d *demonstration) reason(out outcome, code string, err error) error {
	all := slices.Concat(out.stdout, out.stderr)
	switch {
	case err != nil:
		return err
	case code == "" && bytes.Contains(all, []byte(" [")):
		return errors.New(d.e.text("there are reasons, and there should be none", "理由がないはずの判定に理由があります"))
	case !bytes.Contains(all, []byte(code)):
		return fmt.Errorf(d.e.text("it is so, but not because of %s", "理由が %s ではありません"), code)
	}
	return nil
}

// perform runs a command, whose output show shows.
func (d *demonstration) perform(ctx context.Context, show func([]byte), want int, args []any) (outcome, error) {
	shown := make([]string, 0, len(args))
	given := make([]string, 0, len(args))
	path := func(f demoFile) string { return filepath.Join(d.dir, filepath.FromSlash(string(f))) }
	for _, a := range args {
		switch a := a.(type) {
		case demoFile:
			shown, given = append(shown, string(a)), append(given, path(a))
		case demoSetting:
			shown = append(shown, a.before+string(a.file)+a.after)
			given = append(given, a.before+path(a.file)+a.after)
		default:
			shown, given = append(shown, quoteWord(fmt.Sprint(a))), append(given, fmt.Sprint(a))
		}
	}
	fmt.Fprint(d.e.stdout, commandLine(shown))
	var stdout, stderr bytes.Buffer
	code := Main(ctx, given, strings.NewReader(""), &stdout, &stderr, d.getenv)
	if err := ctx.Err(); err != nil {
		return outcome{}, err
	}
	show(stdout.Bytes())
	d.show(stderr.Bytes())
	if code != want {
		d.print("  exit %d, not %d\n", "  終了コード %d（想定は %d）\n", code, want)
		return outcome{}, fmt.Errorf(d.e.text("yurai %s: exit %d, not %d", "yurai %s：終了コード %d、想定は %d"), shown[0], code, want)
	}
	d.print("  exit %d, as it should\n", "  終了コード %d（想定どおり）\n", code)
	return outcome{stdout.Bytes(), stderr.Bytes()}, nil
}

// getenv gives the commands an environment of their own: of what surrounds the
// demo only the language reaches them.
func (d *demonstration) getenv(name string) string {
	if name == "YURAI_LANG" {
		return string(d.e.lang)
	}
	return ""
}

// What of a command's output is shown.
const (
	demoLines   = 24
	demoColumns = 100
)

// showVerdicts shows of what `check` prints each file's verdict, and the rows and
// reasons with one of the codes.
func (d *demonstration) showVerdicts(output []byte, codes []string) {
	var kept []string
	left := 0
	for block := range strings.SplitSeq(strings.TrimRight(string(output), "\n"), "\n\n") {
		lines := strings.Split(block, "\n")
		switch {
		case !strings.HasPrefix(block, " "): // the file's name and its verdict
			kept = append(kept, block)
			continue
		case slices.Equal(codes, []string{""}):
			left += 1 + len(lines)
			continue
		}
		left++
		wanted := false
		for _, line := range lines {
			if !strings.HasPrefix(line, "      ") { // else it goes on
				wanted = slices.ContainsFunc(codes, func(code string) bool { return strings.Contains(line, code) })
			}
			if wanted {
				kept = append(kept, line)
			} else {
				left++
			}
		}
	}
	d.show([]byte(strings.Join(kept, "\n")))
	if left > 0 {
		d.print("    … and %d lines more\n", "    … ほか%d行\n", left)
	}
}

// show prints output indented, with the folder's name left out as in the
// command lines, long lines folded, JSON cut, and many lines summed up.
func (d *demonstration) show(output []byte) {
	text := strings.TrimRight(string(output), "\n")
	if text == "" {
		return
	}
	folder := d.dir + string(filepath.Separator)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		name, rest, more := strings.Cut(line, " ")
		if name, ok := strings.CutPrefix(name, folder); ok && more {
			line = pad(name, 24) + strings.TrimLeft(rest, " ") // a table, whose column the folder's name shifted
		}
		lines[i] = strings.ReplaceAll(line, folder, "")
	}
	more := len(lines) - demoLines
	if more > 1 {
		lines = lines[:demoLines]
		for lines[len(lines)-1] == "" {
			lines, more = lines[:len(lines)-1], more+1
		}
	}
	for _, line := range lines {
		for _, part := range fold(line, demoColumns-4) {
			fmt.Fprintln(d.e.stdout, strings.TrimRight("    "+part, " "))
		}
	}
	if more > 1 {
		d.print("    … and %d lines more\n", "    … ほか%d行\n", more)
	}
}

// fold returns s in lines of at most n columns: cut after the first if it is
// JSON, else broken at spaces where there are any, later lines set in.
func fold(s string, n int) []string {
	var lines []string
	indent := strings.Repeat(" ", min(len(s)-len(strings.TrimLeft(s, " "))+2, n/2))
	for columns(s) > n {
		at, taken := 0, 0
		for i, r := range s {
			if taken += columns(string(r)); taken > n-2 {
				at = i
				break
			}
		}
		if strings.HasPrefix(s, "{") {
			return []string{s[:at] + " …"}
		}
		if space := strings.LastIndexByte(s[:at], ' '); space > len(indent) && at-space < n/2 {
			at = space
		}
		lines = append(lines, s[:at])
		s = indent + strings.TrimLeft(s[at:], " ")
	}
	return append(lines, s)
}

// commandLine returns the words as one would type them, broken before an option
// where the line would be too long.
func commandLine(words []string) string {
	var b strings.Builder
	line := "  $ yurai"
	for i := 0; i < len(words); i++ {
		chunk := words[i]
		if strings.HasPrefix(chunk, "-") && i+1 < len(words) && !strings.HasPrefix(words[i+1], "-") {
			i++
			chunk += " " + words[i] // an option stays with its value
		}
		if columns(line)+1+columns(chunk) > demoColumns-6 {
			b.WriteString(line + " \\\n")
			line = "     "
		}
		line += " " + chunk
	}
	return b.String() + line + "\n"
}

// quoteWord returns a word as a shell takes it.
func quoteWord(s string) string {
	if strings.ContainsAny(s, " '\"$&|;<>()*?\\`") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

// differ says how two outputs differ, or returns nil.
func differ(what string, a, b []byte) error {
	if bytes.Equal(a, b) {
		return nil
	}
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	return fmt.Errorf("%s: %d and %d bytes, different from byte %d on", what, len(a), len(b), i)
}

// openLog opens a file in the folder for what a server says on standard error.
func (d *demonstration) openLog(name string) (io.WriteCloser, error) {
	f, err := os.OpenFile(filepath.Join(d.dir, name), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, refuse("CLI-FILE-UNWRITABLE", "%s: %w", name, plainPath(err))
	}
	return f, nil
}

package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/yurai-ledger/yurai/server/problem"
)

// environment is what a run of the command line has of its surroundings.
type environment struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	now            func() time.Time

	lang problem.Language
}

// Main runs the command line with args, the program's name not among them, and
// returns the exit code. When ctx ends the command is cancelled. env answers
// for the environment, as os.Getenv does.
func Main(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, env func(string) string) int {
	e := &environment{stdin: stdin, stdout: stdout, stderr: stderr, getenv: env, now: time.Now}
	return e.main(ctx, args)
}

// main runs one command line.
func (e *environment) main(ctx context.Context, args []string) int {
	e.lang = e.locale()
	root := newRoot(e)
	root.SetArgs(append([]string{}, args...))
	err := root.ExecuteContext(ctx)
	return e.report(ctx, root, err)
}

// locale returns the language that the environment asks for.
func (e *environment) locale() problem.Language {
	for _, name := range []string{"YURAI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := e.getenv(name); v != "" {
			return problem.LanguageOf(v)
		}
	}
	return problem.English
}

// ran marks an error as a command's own: every other error of cobra's is about
// the command line itself.
type ran struct{ err error }

func (r ran) Error() string { return r.err.Error() }
func (r ran) Unwrap() error { return r.err }

// ended is a command that has said all there is to say and ends with a code.
type ended int

func (e ended) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// end returns nil for code 0, else an error that ends the command with the code.
func end(code int) error {
	if code == exitDone {
		return nil
	}
	return ended(code)
}

// report says on stderr what err means and returns the exit code.
func (e *environment) report(ctx context.Context, root *cobra.Command, err error) int {
	var own ran
	var code ended
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &code):
		return int(code)
	case !errors.As(err, &own):
		e.usage(root, err)
		return exitUsage
	case ctx.Err() != nil && (problem.Code(err) == "" || errors.Is(err, context.Canceled)):
		e.say("cancelled", "取り消されました")
		return exitCancelled
	}
	e.complain(own.err)
	return exitOf(own.err)
}

// usage shows cobra's own words about a command line that cannot be run.
func (e *environment) usage(root *cobra.Command, err error) {
	text, rest, _ := strings.Cut(err.Error(), "\n")
	fmt.Fprintf(e.stderr, "error: %s\n", text)
	if rest = strings.TrimSpace(rest); rest != "" {
		fmt.Fprintln(e.stderr, rest)
	}
	name := root.CommandPath()
	var at usageError
	if errors.As(err, &at) {
		name = at.cmd.CommandPath()
		if !at.cmd.HasSubCommands() {
			fmt.Fprintf(e.stderr, "usage: %s\n", at.cmd.UseLine())
		}
	}
	if e.lang == problem.Japanese {
		fmt.Fprintf(e.stderr, "hint:  「%s --help」を実行してください。\n", name)
		return
	}
	fmt.Fprintf(e.stderr, "hint:  Run %q.\n", name+" --help")
}

// complain prints an error as cause, occurrence and hint.
func (e *environment) complain(err error) {
	// A broken standard error leaves nobody to tell.
	_ = problem.Print(e.stderr, e.lang, problem.OccurrenceOf(err))
}

// complainAbout is complain for one file of several.
func (e *environment) complainAbout(file string, err error) {
	o := problem.OccurrenceOf(err)
	o.Detail = file + ": " + o.Detail
	_ = problem.Print(e.stderr, e.lang, o)
}

// say prints one line on stderr in the language.
func (e *environment) say(en, ja string) {
	fmt.Fprintln(e.stderr, e.text(en, ja))
}

// text returns one of the two.
func (e *environment) text(en, ja string) string {
	return problem.Text{EN: en, JA: ja}.In(e.lang)
}

// fromEnvironment are the flags that an unset flag takes from the environment.
// None holds a secret, names a file to write or weakens a check.
var fromEnvironment = map[string]string{
	"format": "YURAI_FORMAT",
	"listen": "YURAI_LISTEN",
	"policy": "YURAI_POLICY",
	"server": "YURAI_SERVER",
	"stage":  "YURAI_STAGE",
	"trust":  "YURAI_TRUST",
}

// fill sets flags of cmd that were not given from the environment. A flag that
// excludes one that was given is left alone.
func (e *environment) fill(cmd *cobra.Command) error {
	var failed error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		name := fromEnvironment[f.Name]
		if f.Changed || name == "" || failed != nil {
			return
		}
		if f.Name == "server" && excludesServer(cmd) || f.Name == "listen" && cmd.Name() == "mirror" {
			return // whether a mirror serves at all is said by the flag itself
		}
		if v := e.getenv(name); v != "" {
			if err := cmd.Flags().Set(f.Name, v); err != nil {
				failed = usageError{cmd, fmt.Errorf("%s: %w", name, err)}
			}
		}
	})
	return failed
}

// excludesServer reports whether a flag that was given says that no server is to
// be asked.
func excludesServer(cmd *cobra.Command) bool {
	switch {
	case given(cmd, "offline"), cmd.HasParent() && cmd.Parent().Name() == "trust":
		return true // a trust file is renewed without a network unless the flag itself asks
	case cmd.Name() == "enrol":
		return given(cmd, "output")
	case cmd.Name() == "show":
		return given(cmd, "bundle")
	case cmd.Name() == "submit", cmd.Flags().Lookup("key") == nil:
		return false
	}
	return given(cmd, "output") && (given(cmd, "log") || given(cmd, "bundle"))
}

// given reports whether the flag stands on the command line.
func given(cmd *cobra.Command, flag string) bool {
	f := cmd.Flags().Lookup(flag)
	return f != nil && f.Changed
}

// result is where a command's result goes: standard output, or with --output a
// file that is written when the command is through.
type result struct {
	bytes.Buffer
	file string
}

// flag adds --output to a command whose result is text.
func (r *result) flag(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&r.file, "output", "o", "", "write the result to `FILE` instead of standard output")
}

// deliver writes what was gathered.
func (r *result) deliver(e *environment) error {
	if r.file == "" || r.file == "-" {
		if _, err := r.WriteTo(e.stdout); err != nil {
			return refuse("CLI-FILE-UNWRITABLE", "writing to standard output: %w", err)
		}
		return nil
	}
	return replaceFile(r.file, r.Bytes(), 0o644)
}

// formatFlag is --format with the values that a command knows.
type formatFlag struct {
	value string
	known []string
}

// flag adds --format to cmd; the first of known is the default.
func (f *formatFlag) flag(cmd *cobra.Command, known ...string) {
	f.known, f.value = known, known[0]
	cmd.Flags().VarP(f, "format", "f", "`FORM` of the result: "+strings.Join(known, ", "))
	// The flag was added a line above: registering its values cannot fail.
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(known, cobra.ShellCompDirectiveNoFileComp))
}

// String returns the form.
func (f *formatFlag) String() string { return f.value }

// Type names the flag's type in usage texts.
func (f *formatFlag) Type() string { return "form" }

// Set takes one of the known forms.
func (f *formatFlag) Set(s string) error {
	for _, k := range f.known {
		if s == k {
			f.value = s
			return nil
		}
	}
	return fmt.Errorf("%q is none of %s", s, strings.Join(f.known, ", "))
}

// json reports whether JSON is asked for.
func (f *formatFlag) json() bool { return f.value == "json" }

// exists reports whether a file of this name can be seen.
func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/server/problem"
)

// commands returns what makes each command of the tree, in the order of the
// help text.
func commands() []func(*environment) *cobra.Command {
	return []func(*environment) *cobra.Command{
		newDemo,
		newInit,
		newServe,
		newWitness,
		newKey,
		newParty,
		newBOM,
		newOrigin,
		newSign,
		newSubmit,
		newWithdraw,
		newAdvisory,
		newAttestation,
		newList,
		newPolicy,
		newVerdict,
		newDecision,
		newProfile,
		newFetch,
		newCheck,
		newDiff,
		newVerify,
		newShow,
		newAudit,
		newMirror,
		newFsck,
		newBackup,
		newRestore,
		newFreeze,
		newTrust,
		newExplain,
		newVersion,
	}
}

// newRoot returns the tree of commands.
func newRoot(e *environment) *cobra.Command {
	root := group(e, &cobra.Command{
		Use:   "yurai",
		Short: "Signed bills of materials in a log that nobody can rewrite",
		Long: `Yurai (由来, "where a thing comes from") keeps signed hardware and software
bills of materials in an append-only log. Vendors sign and submit, operators check
before they buy and before they install, auditors replay the log and trust nobody.`,
		SilenceErrors: true,
		SilenceUsage:  true,
	})
	root.SetIn(e.stdin)
	root.SetOut(e.stdout)
	root.SetErr(e.stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usageError{cmd, err} })
	root.PersistentFlags().Var((*langFlag)(&e.lang), "lang", "language of messages and verdicts: en, ja (default from LANG)")
	_ = root.RegisterFlagCompletionFunc("lang", cobra.FixedCompletions([]string{"en", "ja"}, cobra.ShellCompDirectiveNoFileComp))
	for _, make := range commands() {
		root.AddCommand(make(e))
	}
	root.SetHelpCommand(newHelp(e))
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() == "completion" {
			group(e, cmd)
		}
	}
	return root
}

// newHelp returns the command that shows the help of another.
func newHelp(e *environment) *cobra.Command {
	return leaf(e, &cobra.Command{
		Use:   "help [COMMAND…]",
		Short: "Show the help of a command",
	}, cobra.ArbitraryArgs, func(cmd *cobra.Command, words []string) error {
		found, rest, err := cmd.Root().Find(words)
		if err != nil {
			return usageError{cmd.Root(), err}
		}
		if len(rest) > 0 {
			return misuse(cmd, "unknown command %q for %q", rest[0], found.CommandPath())
		}
		found.InitDefaultHelpFlag()
		return found.Help()
	})
}

// langFlag is --lang.
type langFlag problem.Language

// String returns the language.
func (l *langFlag) String() string { return "" }

// Type names the flag's type in usage texts.
func (l *langFlag) Type() string { return "LANG" }

// Set takes one of the two languages.
func (l *langFlag) Set(s string) error {
	if s != string(problem.English) && s != string(problem.Japanese) {
		return fmt.Errorf("%q is none of en, ja", s)
	}
	*l = langFlag(s)
	return nil
}

// group completes a command that only holds others: a word that is none of them
// is refused with suggestions, and no word at all with the list.
func group(e *environment, cmd *cobra.Command) *cobra.Command {
	cmd.SuggestionsMinimumDistance = 2
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		text := fmt.Sprintf("unknown command %q for %q", args[0], cmd.CommandPath())
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			text += "\n       did you mean " + strings.Join(near, " or ") + "?"
		}
		return usageError{cmd, errors.New(text)}
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cmd.SetOut(e.stderr)
		if err := cmd.Help(); err != nil {
			return err
		}
		return ended(exitUsage)
	}
	return cmd
}

// leaf completes a command that does something: its words are counted, flags
// are filled from the environment, and errors of its body are its own.
func leaf(e *environment, cmd *cobra.Command, args cobra.PositionalArgs, body func(cmd *cobra.Command, args []string) error) *cobra.Command {
	cmd.Args = func(cmd *cobra.Command, words []string) error {
		if err := args(cmd, words); err != nil {
			return usageError{cmd, err}
		}
		return e.fill(cmd)
	}
	cmd.RunE = func(cmd *cobra.Command, words []string) error {
		err := body(cmd, words)
		var usage usageError
		if err == nil || errors.As(err, &usage) {
			return err
		}
		return ran{err}
	}
	cmd.DisableFlagsInUseLine = true
	return cmd
}

// require refuses a command line without these flags. It is asked after flags
// were filled from the environment.
func require(cmd *cobra.Command, flags ...string) error {
	var missing []string
	for _, f := range flags {
		if !given(cmd, f) {
			missing = append(missing, "--"+f)
		}
	}
	if len(missing) > 0 {
		return usageError{cmd, fmt.Errorf("%s must be given", strings.Join(missing, ", "))}
	}
	return nil
}

// misuse is a command line whose flags do not go together.
func misuse(cmd *cobra.Command, format string, args ...any) error {
	return usageError{cmd, fmt.Errorf(format, args...)}
}

package cli

import (
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/server"
)

func newBackup(e *environment) *cobra.Command {
	var keys bool
	cmd := leaf(e, &cobra.Command{
		Use:   "backup DIR TARGET [--with-keys]",
		Short: "Copy a ledger, running or not, and read the whole copy again",
		Long: `Copy the ledger in DIR to the folder TARGET: the journal first, then the entries that
it names, then the blobs that those name, so that the copy of a running ledger is whole.
All of the copy is read again, and called a backup only if every entry gives the root
of the journal. A TARGET that holds an older backup of the same log gets what is new;
one that is ahead of DIR is refused, since DIR is then an old copy itself.

The private keys of the log are not copied unless --with-keys is given: they never
change, so that one copy kept apart, of the folder keys, is enough. Without them a
restored log can be read and signs nothing. registrar.key is never copied.

A backup is always older than the log it was made of. What restore asks for is in
yurai restore --help. Exit 11 if the backup is whole but DIR has lost blobs.`,
		Example: "  yurai backup ledger /mnt/backup/ledger",
	}, cobra.ExactArgs(2), func(cmd *cobra.Command, args []string) error {
		p := e.progress()
		b, err := server.Save(cmd.Context(), args[0], args[1], server.BackupOptions{Clock: e.now, Keys: keys, Progress: p.report})
		p.end()
		if err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, e.text("%s: backed up %d entries and %d files of blobs, read again and proven\n", "%s：記録%d件と部品表ファイル%d件をバックアップし、照合しました\n"), b.Log, b.End.Size, b.Blobs)
		if !keys {
			e.say("the private keys are not in it: keep a copy of the folder keys apart, or this log cannot go on", "秘密鍵は含まれていません。keys フォルダーの写しを別途保管しないと、台帳を続けられません")
		}
		return e.lost(faultsOf(e, b.Lost))
	})
	cmd.Flags().BoolVar(&keys, "with-keys", false, "take the private keys of the log into the backup")
	return cmd
}

// lost says whose bytes are gone, and ends with 11 if any are.
func (e *environment) lost(list []fsckFault) error {
	for _, f := range list {
		fmt.Fprintf(e.stderr, "%s %s: %s\n", f.Code, printable(f.File), printable(f.Text))
	}
	if len(list) > 0 {
		return end(exitReject)
	}
	return nil
}

// anchorFlags are the flags of commands that hold a log against what others have
// seen of it.
type anchorFlags struct {
	places []string
	newest bool
}

func (a *anchorFlags) flags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&a.places, "anchor", nil, "`WHERE` somebody outside has seen the log: address of a witness or mirror, a mirror's folder, a file with a checkpoint, bundle or memory; may be repeated")
	cmd.Flags().BoolVar(&a.newest, "newest-known", false, "your word that nothing was signed after what the anchors have seen")
}

// check refuses a word about anchors where there are none.
func (a *anchorFlags) check(cmd *cobra.Command) error {
	if a.newest && len(a.places) == 0 {
		return misuse(cmd, "--newest-known needs an --anchor: it is a word about what that has seen")
	}
	return nil
}

func newRestore(e *environment) *cobra.Command {
	var anchors anchorFlags
	var keys string
	cmd := leaf(e, &cobra.Command{
		Use:   "restore BACKUP DIR [--keys FOLDER] [--anchor WHERE]… [--newest-known]",
		Short: "Make a ledger from a backup; it signs nothing before it was held against an anchor",
		Long: `Make the ledger in the folder DIR, which must be empty or not exist, from a backup,
and read all of it again.

Whatever the log signed after the backup is not in it. If it went on from there it
would contradict its own signatures: a fork, which every client that saw more proves
against it, for good. So it needs an anchor before it signs, and ` + "`serve`" + ` answers
without signing until it has one, here or with serve --anchor:

  address of a witness or mirror   asked now. If it has seen exactly the last entry
                                   restored, and others no more, the log may go on.
  folder of a mirror, or a file    a signed checkpoint, a bundle or a client's memory,
                                   as old as it is: it can only convict.

An anchor that has seen more: refused, 13; bring the missing entries from a mirror. One
that has seen another history: refused, 13. One that has seen less, or was not asked
now, shows nothing about what was signed after it: refused, 14, unless you say
--newest-known. Say it only if nobody can hold a receipt, bundle or checkpoint that is
newer; give the anchors of as many as can have seen one. If you cannot, leave this log
to its readers and begin a new one with yurai init.`,
		Example: "  yurai restore /mnt/backup/ledger ledger --keys /mnt/keys --anchor https://witness.example/",
	}, cobra.ExactArgs(2), func(cmd *cobra.Command, args []string) error {
		if err := anchors.check(cmd); err != nil {
			return err
		}
		p := e.progress()
		r, err := server.Restore(cmd.Context(), args[0], args[1], server.RestoreOptions{
			Logger: slog.New(slog.NewTextHandler(e.stderr, nil)), Anchors: anchors.places, NewestKnown: anchors.newest, KeysFrom: keys, Progress: p.report,
		})
		p.end()
		if r != nil {
			fmt.Fprintf(e.stdout, e.text("%s: restored %d entries and %d files of blobs, read again and proven\n", "%s：記録%d件と部品表ファイル%d件を復元し、照合しました\n"), r.Log, r.End.Size, r.Blobs)
			if !r.Keys {
				e.say("there are no private keys in it: put the folder keys into it before it is served", "秘密鍵がありません。起動する前に keys フォルダーを戻してください")
			}
			if !r.Anchored || err != nil {
				e.say("it needs an anchor and signs nothing until yurai serve --anchor gives it one", "アンカーとの照合が必要です。yurai serve --anchor で照合するまで何も署名しません")
			}
		}
		if err != nil {
			return err
		}
		return e.lost(faultsOf(e, r.Lost))
	})
	cmd.Flags().StringVar(&keys, "keys", "", "`FOLDER` of private keys that were kept apart from the backup")
	anchors.flags(cmd)
	return cmd
}

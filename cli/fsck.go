package cli

import (
	"fmt"
	"io"
	"os"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/ledger/filestore"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server"
	"github.com/yurai-ledger/yurai/server/problem"
)

// fsckFormat is the "format" member of what `fsck -f json` prints.
const fsckFormat = "yurai-fsck/1"

// fsckReport is what `fsck -f json` prints.
type fsckReport struct {
	Format  string      `json:"format"`
	Log     string      `json:"log"`
	Size    int64       `json:"size"`   // leaves, by the journal's last record
	Root    string      `json:"root"`   // likewise
	Record  int64       `json:"record"` // its number
	Time    string      `json:"time"`   // of its commit, by the log's clock
	Records int64       `json:"records"`
	Entries int64       `json:"entries"` // read and proven
	Blobs   int64       `json:"blobs"`   // files read
	Damaged bool        `json:"damaged"`
	Faults  []fsckFault `json:"faults"`
	More    int64       `json:"more"` // damage that is not listed
}

// fsckFault is a range of bytes that are not what was written, or a remark.
type fsckFault struct {
	Code   string `json:"code"`
	Damage bool   `json:"damage"`
	File   string `json:"file"`
	Offset int64  `json:"offset"`
	Length int64  `json:"length"` // 0 for the file as a whole
	Text   string `json:"text"`
	Remedy string `json:"remedy"`
}

func newFsck(e *environment) *cobra.Command {
	var form formatFlag
	var out result
	cmd := leaf(e, &cobra.Command{
		Use:   "fsck DIR [-f table|json]",
		Short: "Read every byte of a ledger's folder and name those that are not what was written",
		Long: `Read the whole folder of a ledger, or of a backup: the chain of the journal over all
its segments, each entry against the root of each record, hashes, positions and
identities derived from them, the snapshot, the instance, and the bytes of every bill
of materials. Each damaged range is named by file, offset and length, with what mends
it; what was derived can be made again. Nothing is changed, and the server may be
running. Signatures and rules are audit's to judge.

Exit 0 if every byte is sound, 11 if any is damaged or lost, 3 if there is no ledger.`,
		Example: "  yurai fsck ledger",
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		p := e.progress()
		found, err := server.Check(cmd.Context(), args[0], server.CheckOptions{Progress: p.report})
		p.end()
		if err != nil {
			return err
		}
		report := fsckReport{
			Format: fsckFormat, Log: found.Log.Origin, Size: found.Log.Size, Root: found.Log.Root.String(), Record: found.Log.Sequence,
			Time: statement.FormatTime(found.Log.Time), Records: found.Log.Records, Entries: found.Log.Leaves, Blobs: found.Blobs,
			Damaged: found.Damaged(), Faults: faultsOf(e, found.Faults), More: found.More,
		}
		if form.json() {
			line, err := json.Marshal(report)
			if err != nil {
				return err
			}
			out.Write(append(harmless(line), '\n'))
		} else {
			report.print(e, &out)
		}
		if err := out.deliver(e); err != nil {
			return err
		}
		if report.Damaged {
			return end(exitReject)
		}
		return nil
	})
	form.flag(cmd, "table", "json")
	out.flag(cmd)
	return cmd
}

// faultsOf returns faults with what mends them, damage first.
func faultsOf(e *environment, list []filestore.Fault) []fsckFault {
	faults := []fsckFault{}
	for _, damage := range []bool{true, false} {
		for _, f := range list {
			if f.Damage != damage {
				continue
			}
			row, _ := problem.Lookup(f.Code)
			faults = append(faults, fsckFault{f.Code, f.Damage, f.File, f.Offset, f.Length, f.Text, row.Remedy.In(e.lang)})
		}
	}
	return faults
}

func (r fsckReport) print(e *environment, out *result) {
	line := func(en, ja string, args ...any) { fmt.Fprintf(out, e.text(en, ja)+"\n", args...) }
	line("%s: %d entries, last committed %s", "%s：記録%d件、最終確定 %s", r.Log, r.Size, r.Time)
	line("  root %s", "  ルート %s", r.Root)
	line("  read and proven: %d entries, %d records of the journal, %d files of blobs", "  読み取り・照合済み：記録%d件、ジャーナル%d件、部品表ファイル%d件", r.Entries, r.Records, r.Blobs)
	if r.Damaged {
		line("  DAMAGED: %d places", "  破損あり：%d箇所", int64(damages(r.Faults))+r.More)
	} else {
		line("  every byte is what was written", "  すべて書き込まれたとおりです")
	}
	for _, f := range r.Faults {
		where := printable(f.File)
		if f.Length > 0 {
			where = fmt.Sprintf(e.text("%s, %d bytes from %d on", "%s、%[3]dバイト目から%[2]dバイト"), where, f.Length, f.Offset)
		}
		word := e.text("note", "参考")
		if f.Damage {
			word = e.text("damage", "破損")
		}
		line("  %s %s: %s", "  %s %s：%s", word, f.Code, where)
		line("      %s", "      %s", printable(f.Text))
		line("      remedy: %s", "      対処：%s", f.Remedy)
	}
	if r.More > 0 {
		line("  %d more places are not shown", "  ほか%d箇所は表示していません", r.More)
	}
}

func damages(list []fsckFault) (n int) {
	for _, f := range list {
		if f.Damage {
			n++
		}
	}
	return n
}

// progress shows how far a long command is, in one line of a terminal.
type progress struct {
	e     *environment
	shows bool
	last  string
	wide  int
}

// progress returns what shows progress: nothing, where standard error is no
// terminal.
func (e *environment) progress() *progress {
	p := &progress{e: e}
	if f, ok := e.stderr.(*os.File); ok {
		info, err := f.Stat()
		p.shows = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// report shows that some of what there is to do is done.
func (p *progress) report(what string, done, total int64) {
	if !p.shows {
		return
	}
	text := fmt.Sprintf("%s: %d", what, done)
	if total > 0 {
		text = fmt.Sprintf("%s: %d%%", what, 100*done/total)
	}
	if text == p.last {
		return
	}
	p.last, p.wide = text, max(p.wide, len(text))
	// A broken standard error leaves nobody to tell.
	_, _ = io.WriteString(p.e.stderr, "\r"+pad(text, p.wide))
}

// end takes the line away.
func (p *progress) end() {
	if p.last != "" {
		_, _ = io.WriteString(p.e.stderr, "\r"+pad("", p.wide)+"\r")
	}
}

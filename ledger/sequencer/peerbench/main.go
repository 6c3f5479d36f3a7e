package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"k8s.io/klog/v2"
)

// options are the flags.
type options struct {
	runs    int
	rows    string
	columns string
	window  time.Duration
	warm    time.Duration
	growth  int
	replay  int
	seed    uint64
	dir     string
	note    string
	profile string
	quick   bool
}

// row is one kind of work, done by several columns in turn.
type row struct {
	name       string
	size       int // bytes of a leaf
	writers    int
	duplicates float64
	columns    []string
}

const (
	rowGrowth  = "growth"
	rowReplay  = "replay"
	rowRestart = "restart"
)

// shareOfDuplicates is how many entries of a row of duplicates were added before.
const shareOfDuplicates = 0.1

// rows returns all there are, in the order of the table.
func rows() []row {
	var list []row
	for _, size := range []int{2048, 20480} {
		for _, writers := range []int{1, 64, 256, 1024} {
			r := row{name: fmt.Sprintf("%dk/%d", size/1024, writers), size: size, writers: writers, columns: columns}
			if size > 2048 {
				r.columns = []string{columnFull, columnLog, columnBare, columnBest, columnDefaults}
			}
			list = append(list, r)
		}
	}
	for _, writers := range []int{64, 256, 1024} {
		list = append(list, row{
			name: fmt.Sprintf("duplicates/%d", writers), size: 2048, writers: writers, duplicates: shareOfDuplicates,
			columns: []string{columnFull, columnLog, columnAntispam, columnPushback},
		})
	}
	return append(list,
		row{name: rowGrowth, size: 2048, writers: 1024, columns: []string{columnFull, columnLog, columnBare, columnBest, columnAntispam}},
		row{name: rowReplay, size: 2048, writers: 1024, columns: []string{columnBare, columnBest}},
		row{name: rowRestart, size: 2048, writers: 1024, columns: []string{columnFull, columnBest, columnAntispam}})
}

// chosen keeps the rows and columns whose names match one of the patterns.
func chosen(o options) []row {
	matches := func(patterns, name string) bool {
		return slices.ContainsFunc(strings.Split(patterns, ","), func(p string) bool {
			ok, err := path.Match(p, name)
			return ok && err == nil || p == name
		})
	}
	var list []row
	for _, r := range rows() {
		if o.rows != "" && !matches(o.rows, r.name) {
			continue
		}
		r.columns = slices.DeleteFunc(slices.Clone(r.columns), func(c string) bool {
			return o.columns != "" && !matches(o.columns, c)
		})
		if len(r.columns) > 0 {
			list = append(list, r)
		}
	}
	return list
}

func main() {
	klog.LogToStderr(true)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var o options
	isChild := flag.Bool("child", false, "for this program's own use: do what standard input says")
	flag.IntVar(&o.runs, "runs", 7, "runs of each row and column")
	flag.StringVar(&o.rows, "rows", "", "rows, comma-separated, `patterns` such as 2k/*,growth (all)")
	flag.StringVar(&o.columns, "columns", "", "columns, comma-separated `patterns` (all)")
	flag.DurationVar(&o.window, "window", 2*time.Second, "measured part of a run")
	flag.DurationVar(&o.warm, "warm", 300*time.Millisecond, "part of a run before it")
	flag.IntVar(&o.growth, "growth", 1_000_000, "entries of the rows growth and restart")
	flag.IntVar(&o.replay, "replay", 500_000, "entries of the row replay")
	flag.Uint64Var(&o.seed, "seed", 1, "seed of keys, statements and duplicates")
	flag.StringVar(&o.dir, "dir", "", "folder of logs and statements; the statements stay there for the next time (a temporary folder)")
	flag.StringVar(&o.note, "note", "", "a remark for the head of the table, such as what else the machine does")
	flag.StringVar(&o.profile, "profile", "", "folder for CPU and allocation profiles of the last run of each cell")
	flag.BoolVar(&o.quick, "quick", false, "seconds instead of an hour: one short run of a few rows, to see that all works")
	flag.Parse()
	if *isChild {
		if err := serve(ctx, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if o.quick {
		o.runs, o.window, o.warm, o.growth, o.replay = 1, 300*time.Millisecond, 100*time.Millisecond, 5_120, 5_120
		if o.rows == "" {
			o.rows = "2k/1,2k/64,duplicates/64,growth,replay,restart"
		}
		if o.columns == "" {
			o.columns = strings.Join([]string{columnFull, columnBare, columnBest, columnAntispam}, ",")
		}
	}
	if err := bench(ctx, o, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// bencher measures; its results are by row and column.
type bencher struct {
	options
	say        io.Writer
	foundation *foundation
	path       string // of the foundation
	results    map[string]map[string][]result
}

func bench(ctx context.Context, o options, out, say io.Writer) error {
	list := chosen(o)
	if len(list) == 0 {
		return errors.New("no such row or column")
	}
	if o.dir == "" {
		dir, err := os.MkdirTemp("", "peerbench")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.dir = dir
	}
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return err
	}
	if o.profile != "" {
		if err := os.MkdirAll(o.profile, 0o700); err != nil {
			return err
		}
	}
	f, err := newFoundation(o.seed)
	if err != nil {
		return err
	}
	b := &bencher{options: o, say: say, foundation: f, path: filepath.Join(o.dir, "foundation"), results: map[string]map[string][]result{}}
	if err := saveFoundation(b.path, f); err != nil {
		return err
	}
	before, began := loadAverage(), time.Now()
	defer os.RemoveAll(b.logs())
	if err := os.RemoveAll(b.logs()); err != nil {
		return err
	}
	for _, r := range list {
		if err := b.row(ctx, r); err != nil && ctx.Err() == nil {
			return fmt.Errorf("row %s: %w", r.name, err)
		}
		if ctx.Err() != nil { // what there is, is shown
			b.note = strings.TrimSpace("Interrupted: some runs are missing. " + b.note)
			break
		}
	}
	t := &table{bencher: b, rows: list, before: before, after: loadAverage(), took: time.Since(began)}
	_, err = io.WriteString(out, t.markdown())
	return err
}

func (b *bencher) logs() string { return filepath.Join(b.dir, "logs") }

// need returns a corpus for a row.
func (b *bencher) need(r row) (*corpus, error) {
	perSecond := 150_000 // more than any column does
	if r.size > 2048 {
		perSecond = 30_000
	}
	if b.quick {
		perSecond = 40_000
	}
	n := int((b.window + b.warm).Seconds() * float64(perSecond))
	switch r.name {
	case rowGrowth, rowRestart:
		n = b.growth + b.runs
	case rowReplay:
		n = b.replay
	}
	return newCorpus(b.dir, b.foundation, b.seed, r.size, n, b.say)
}

// row measures one row: all columns in turn, the order reversed every other run.
func (b *bencher) row(ctx context.Context, r row) error {
	c, err := b.need(r)
	if err != nil {
		return err
	}
	b.results[r.name] = map[string][]result{}
	for run := range b.runs {
		order := slices.Clone(r.columns)
		if run%2 == 1 {
			slices.Reverse(order)
		}
		for _, column := range order {
			s := spec{
				Work: workLoad, Column: column, Foundation: b.path, Corpus: *c, Writers: r.writers, Warm: b.warm, Window: b.window,
				Duplicates: r.duplicates, Seed: b.seed + uint64(run), Dir: filepath.Join(b.logs(), strings.ReplaceAll(r.name, "/", "-")+"-"+column),
			}
			switch r.name {
			case rowGrowth:
				b.grow(ctx, r, s, run)
			case rowReplay:
				b.replayed(ctx, r, s)
			case rowRestart:
				b.restarted(ctx, r, s, run)
			default:
				b.once(ctx, r, s, column, false)
			}
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	return nil
}

// once runs a child in a folder that is new and, unless it is kept, gone
// afterwards.
func (b *bencher) once(ctx context.Context, r row, s spec, as string, keep bool) result {
	got := b.build(ctx, r, s, as)
	b.results[r.name][as] = append(b.results[r.name][as], got)
	if !keep {
		_ = os.RemoveAll(s.Dir)
	}
	return got
}

func (b *bencher) build(ctx context.Context, r row, s spec, as string) result {
	if err := errors.Join(os.RemoveAll(s.Dir), os.MkdirAll(s.Dir, 0o700)); err != nil {
		return result{Failed: err.Error()}
	}
	return b.ask(ctx, r, s, as)
}

func (b *bencher) ask(ctx context.Context, r row, s spec, as string) result {
	if b.profile != "" {
		name := filepath.Join(b.profile, strings.NewReplacer("/", "-", " ", "-").Replace(r.name+"-"+as))
		s.Profile, s.Heap = name+".cpu", name+".allocs"
	}
	if !b.quick {
		_ = exec.CommandContext(ctx, "sync").Run() // what the last one left is written back before this one begins
	}
	got := child(ctx, s)
	if ctx.Err() != nil {
		got = result{Failed: "interrupted"}
	}
	fmt.Fprintf(b.say, "%-16s %-18s ", r.name, as)
	switch {
	case got.Failed != "":
		fmt.Fprintln(b.say, got.Failed)
	case s.Work == workRestart:
		fmt.Fprintf(b.say, "read after %.2f s, write after %.2f s, %d MiB\n", got.Read, got.Write, got.Peak>>20)
	case s.Work == workLoad && s.Window > 0:
		fmt.Fprintf(b.say, "%.0f/s, durable %.2f/%.2f ms, published %.2f/%.2f ms, %.0f µs CPU, %d MiB\n",
			got.rate(), got.Durable.P50, got.Durable.P99, got.Published.P50, got.Published.P99, got.micros(), got.Peak>>20)
	default:
		fmt.Fprintf(b.say, "%.0f/s, %.1f µs CPU, %d MiB\n", got.rate(), got.micros(), got.Peak>>20)
	}
	return got
}

// rate is entries a second, until what follows the log had them where that was
// waited for.
func (r result) rate() float64 {
	if s := max(r.Seconds, r.Drained); s > 0 {
		return float64(r.Entries) / s
	}
	return 0
}

// micros is the processor's time an entry, in microseconds.
func (r result) micros() float64 {
	if r.Entries == 0 {
		return 0
	}
	return r.CPU / float64(r.Entries) * 1e6
}

// grown is the spec that adds a whole corpus.
func (b *bencher) grown(s spec, n int) spec {
	s.Window, s.Warm, s.Quiet, s.Keep = 0, 0, true, true
	s.Corpus.Leaves = n
	return s
}

func (b *bencher) grow(ctx context.Context, r row, s spec, run int) {
	last := run == b.runs-1 && slices.ContainsFunc(chosen(b.options), func(r row) bool {
		return r.name == rowRestart && slices.Contains(r.columns, s.Column)
	})
	b.once(ctx, r, b.grown(s, b.growth), s.Column, last)
}

// standing makes the log of a row once, or takes the one of another row.
func (b *bencher) standing(ctx context.Context, r row, s spec, n int) error {
	if other := filepath.Join(b.logs(), rowGrowth+"-"+s.Column); r.name == rowRestart {
		if _, err := os.Stat(other); err == nil {
			_ = os.Rename(other, s.Dir)
		}
	}
	if _, err := os.Stat(s.Dir); err == nil {
		return nil
	}
	if got := b.build(ctx, row{name: r.name + " (made)"}, b.grown(s, n), s.Column); got.Failed != "" {
		return errors.New(got.Failed)
	}
	return nil
}

func (b *bencher) replayed(ctx context.Context, r row, s spec) {
	add := func(as string, got result) { b.results[r.name][as] = append(b.results[r.name][as], got) }
	if err := b.standing(ctx, r, s, b.replay); err != nil {
		add(s.Column, result{Failed: err.Error()})
		return
	}
	s.Work = workReplay
	if isOurs(s.Column) {
		add(columnAudit, b.ask(ctx, r, s, columnAudit))
		s.Work = workBound
		add(columnBound, b.ask(ctx, r, s, columnBound))
		return
	}
	for _, s.Workers = range []int{1, 2, 4, 8} {
		as := columnFsck + strconv.Itoa(s.Workers)
		add(as, b.ask(ctx, r, s, as))
	}
}

// The columns of the row of replays.
const (
	columnAudit = "ledger/audit"
	columnBound = "SHA-256 alone"
	columnFsck  = "fsck N="
)

func (b *bencher) restarted(ctx context.Context, r row, s spec, run int) {
	if err := b.standing(ctx, r, s, b.growth); err != nil {
		b.results[r.name][s.Column] = append(b.results[r.name][s.Column], result{Failed: err.Error()})
		return
	}
	s.Work, s.From, s.Writers = workRestart, b.growth+run, 1
	b.results[r.name][s.Column] = append(b.results[r.name][s.Column], b.ask(ctx, r, s, s.Column))
}

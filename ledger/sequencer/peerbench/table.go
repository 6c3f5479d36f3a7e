package main

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// table is what was measured, as Markdown.
type table struct {
	*bencher
	rows          []row
	before, after string // load averages
	took          time.Duration
}

// spread is the median of the runs and the tenth and ninetieth of a hundred,
// interpolated between runs.
type spread struct{ p10, p50, p90 float64 }

func spreadOf(values []float64) spread {
	if len(values) == 0 {
		return spread{math.NaN(), math.NaN(), math.NaN()}
	}
	v := slices.Sorted(slices.Values(values))
	at := func(q float64) float64 {
		x := q * float64(len(v)-1)
		i := int(x)
		if i+1 == len(v) {
			return v[i]
		}
		return v[i] + (x-float64(i))*(v[i+1]-v[i])
	}
	return spread{at(0.1), at(0.5), at(0.9)}
}

// of returns the spread of one number over the runs of a cell that gave one, NaN
// if none did.
func (t *table) of(row, column string, number func(result) float64) spread {
	var values []float64
	for _, r := range t.results[row][column] {
		if r.Failed == "" {
			values = append(values, number(r))
		}
	}
	return spreadOf(values)
}

// short writes a number with three digits.
func short(x float64) string {
	switch {
	case math.IsNaN(x):
		return "–"
	case x >= 9_999.5:
		return fmt.Sprintf("%.1fk", x/1000)
	case x >= 99.95:
		return fmt.Sprintf("%.0f", x)
	case x >= 9.995:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.2f", x)
}

func (s spread) String() string {
	if math.IsNaN(s.p50) {
		return "–"
	}
	return fmt.Sprintf("%s (%s–%s)", short(s.p50), short(s.p10), short(s.p90))
}

func (t *table) markdown() string {
	var w strings.Builder
	t.conditions(&w)
	w.WriteString("\n### Targets\n\n")
	t.targets(&w)
	t.appends(&w)
	t.duplicates(&w)
	t.growth(&w)
	t.replays(&w)
	t.restarts(&w)
	t.errors(&w)
	return w.String()
}

func (t *table) conditions(w *strings.Builder) {
	versions := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if strings.HasSuffix(m.Path, "/tessera") || strings.HasSuffix(m.Path, "/badger/v4") {
				versions += fmt.Sprintf(", %s %s", m.Path[strings.LastIndex(strings.TrimSuffix(m.Path, "/v4"), "/")+1:], m.Version)
			}
		}
	}
	fmt.Fprintf(w, "%d cores (%s), %s, %s%s; %s; load %s at the start, %s at the end; seed %d; ",
		runtime.GOMAXPROCS(0), processor(), fileSystem(t.dir), runtime.Version(), versions, time.Now().UTC().Format("January 2006"), t.before, t.after, t.seed)
	fmt.Fprintf(w, "runs of %s after %s, %d a cell, order reversed every other run; median (10th–90th of a hundred); load and log share the cores; %s in all.\n",
		t.window, t.warm, t.runs, t.took.Round(time.Second))
	if t.note != "" {
		fmt.Fprintf(w, "\n**%s**\n", t.note)
	}
}

// failures says how many runs of a cell gave nothing, and why the last did not.
func (t *table) failures(row, column string) string {
	all, failed, why := t.results[row][column], 0, ""
	for _, r := range all {
		if r.Failed != "" {
			failed, why = failed+1, r.Failed
		}
	}
	if failed == 0 {
		return ""
	}
	return fmt.Sprintf("**%d of %d runs failed: %s**", failed, len(all), strings.ReplaceAll(why, "|", "/"))
}

// faults returns the errors that the writers of a cell were given, over all runs.
func (t *table) faults(row, column string) map[string]int64 {
	sum := map[string]int64{}
	for _, r := range t.results[row][column] {
		for text, n := range r.Errors {
			sum[text] += n
		}
	}
	return sum
}

// each calls visit for the rows of one kind and their columns.
func (t *table) each(is func(row) bool, visit func(r row, column string)) {
	for _, r := range t.rows {
		if !is(r) {
			continue
		}
		for _, c := range r.columns {
			visit(r, c)
		}
	}
}

func isAppend(r row) bool { return r.duplicates == 0 && strings.Contains(r.name, "k/") }

func isNamed(name string) func(row) bool { return func(r row) bool { return r.name == name } }

func (t *table) has(is func(row) bool) bool { return slices.ContainsFunc(t.rows, is) }

// memory is the peak of a cell, and what of the memory at the end is files.
func (t *table) memory(row, column string) string {
	return fmt.Sprintf("%s (%s)", short(t.of(row, column, peak).p50), short(t.of(row, column, func(r result) float64 { return float64(r.Mapped) / (1 << 20) }).p50))
}

func perSecond(r result) float64   { return r.rate() }
func durable(r result) float64     { return r.Durable.P50 }
func durable99(r result) float64   { return r.Durable.P99 }
func published(r result) float64   { return r.Published.P50 }
func published99(r result) float64 { return r.Published.P99 }
func perEntry(r result) float64    { return r.micros() }
func peak(r result) float64        { return float64(r.Peak) / (1 << 20) }
func toRead(r result) float64      { return r.Read }
func toWrite(r result) float64     { return r.Write }
func (t *table) ratio(row, of, to string) float64 {
	return t.of(row, of, perSecond).p50 / t.of(row, to, perSecond).p50
}

func times(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return "–"
	}
	return fmt.Sprintf("%.2f×", x)
}

func (t *table) appends(w *strings.Builder) {
	if !t.has(isAppend) {
		return
	}
	w.WriteString("\n### Appends\n\n| leaf/writers | column | entries/s | to the peer's best | durable p50, p99 ms | published p50, p99 ms | CPU µs an entry | peak MiB (mapped files at the end) |\n|---|---|---|---|---|---|---|---|\n")
	t.each(isAppend, func(r row, c string) {
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s, %s | %s, %s | %s | %s |%s\n", r.name, c, t.of(r.name, c, perSecond), times(t.ratio(r.name, c, columnBest)),
			short(t.of(r.name, c, durable).p50), short(t.of(r.name, c, durable99).p50),
			short(t.of(r.name, c, published).p50), short(t.of(r.name, c, published99).p50),
			short(t.of(r.name, c, perEntry).p50), t.memory(r.name, c), t.failures(r.name, c))
	})
}

func (t *table) duplicates(w *strings.Builder) {
	is := func(r row) bool { return r.duplicates > 0 }
	if !t.has(is) {
		return
	}
	w.WriteString("\n### One in ten was added before\n\n| writers | column | entries/s | durable p50, p99 ms | duplicates | answered as such | with another index | peak MiB (mapped) |\n|---|---|---|---|---|---|---|---|\n")
	t.each(is, func(r row, c string) {
		var offered, found, elsewhere int64
		for _, x := range t.results[r.name][c] {
			offered, found, elsewhere = offered+x.Offered, found+x.Found, elsewhere+x.Elsewhere
		}
		fmt.Fprintf(w, "| %d | %s | %s | %s, %s | %d | %d | %d | %s |%s\n", r.writers, c, t.of(r.name, c, perSecond),
			short(t.of(r.name, c, durable).p50), short(t.of(r.name, c, durable99).p50), offered, found, elsewhere, t.memory(r.name, c), t.failures(r.name, c))
	})
}

func (t *table) growth(w *strings.Builder) {
	if !t.has(isNamed(rowGrowth)) {
		return
	}
	fmt.Fprintf(w, "\n### From nothing to %d entries, 1,024 writers\n\n| column | entries/s, all durable | entries/s, index or antispam drained | CPU µs an entry | peak MiB (mapped files at the end) |\n|---|---|---|---|---|\n", t.bencher.growth)
	t.each(isNamed(rowGrowth), func(r row, c string) {
		all := t.of(r.name, c, func(x result) float64 { return float64(x.Entries) / x.Seconds })
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s |%s\n", c, all, t.of(r.name, c, perSecond), short(t.of(r.name, c, perEntry).p50), t.memory(r.name, c), t.failures(r.name, c))
	})
}

func (t *table) replays(w *strings.Builder) {
	if !t.has(isNamed(rowReplay)) {
		return
	}
	fmt.Fprintf(w, "\n### Replay of %d entries\n\n| by | entries/s | CPU µs an entry | peak MiB (mapped files at the end) |\n|---|---|---|---|\n", t.bencher.replay)
	for _, c := range slices.Sorted(maps.Keys(t.results[rowReplay])) {
		fmt.Fprintf(w, "| %s | %s | %s | %s |%s\n", c, t.of(rowReplay, c, perSecond), short(t.of(rowReplay, c, perEntry).p50), t.memory(rowReplay, c), t.failures(rowReplay, c))
	}
}

func (t *table) restarts(w *strings.Builder) {
	if !t.has(isNamed(rowRestart)) {
		return
	}
	fmt.Fprintf(w, "\n### Restart of a log of %d entries\n\n| column | s to the first read | s to the first accepted write | peak MiB (mapped) |\n|---|---|---|---|\n", t.bencher.growth)
	t.each(isNamed(rowRestart), func(r row, c string) {
		fmt.Fprintf(w, "| %s | %s | %s | %s |%s\n", c, t.of(r.name, c, toRead), t.of(r.name, c, toWrite), t.memory(r.name, c), t.failures(r.name, c))
	})
}

func (t *table) errors(w *strings.Builder) {
	w.WriteString("\n### Errors that writers were given, all runs together\n\n")
	none := true
	for _, r := range t.rows {
		for _, c := range r.columns {
			faults := t.faults(r.name, c)
			for _, text := range slices.Sorted(maps.Keys(faults)) {
				fmt.Fprintf(w, "- %s, %s: %d × %s\n", r.name, c, faults[text], text)
				none = false
			}
		}
	}
	if none {
		w.WriteString("None.\n")
	}
}

// target is one line of what is to be reached. Its measure is NaN where a row or
// column is missing; most says that less is better.
type target struct {
	work        string
	unit        string
	most        bool
	least, aim  float64 // aim 0: none
	measure     func(column string) float64
	withoutLog  bool // says nothing of the column log
	ownsColumns string
}

// worstOf returns the number furthest from good over rows, NaN if one is missing.
func worstOf(most bool, names []string, number func(row string) float64) float64 {
	worst := math.NaN()
	for _, name := range names {
		x := number(name)
		if math.IsNaN(x) {
			return x
		}
		if math.IsNaN(worst) || most == (x > worst) {
			worst = x
		}
	}
	return worst
}

func (t *table) list() []target {
	faster := func(than string, names ...string) func(string) float64 {
		return func(c string) float64 {
			return worstOf(false, names, func(row string) float64 { return t.ratio(row, c, than) })
		}
	}
	sooner := func(number func(result) float64) func(string) float64 {
		return func(c string) float64 {
			return worstOf(true, []string{"2k/1", "2k/64", "2k/256", "2k/1024"}, func(row string) float64 {
				return t.of(row, c, number).p50 / t.of(row, columnBest, number).p50
			})
		}
	}
	number := func(row string, n func(result) float64) func(string) float64 {
		return func(c string) float64 { return t.of(row, c, n).p50 }
	}
	fsck := math.NaN() // the best of its settings
	for c := range t.results[rowReplay] {
		if x := t.of(rowReplay, c, perSecond).p50; strings.HasPrefix(c, columnFsck) && (math.IsNaN(fsck) || x > fsck) {
			fsck = x
		}
	}
	replayed := t.of(rowReplay, columnAudit, perSecond).p50
	const x, ms, mib, s = "×", " ms", " MiB", " s"
	return []target{
		{work: "durable append 2 KiB, 1 writer", unit: x, least: 5, aim: 8, measure: faster(columnBest, "2k/1")},
		{work: "64 writers", unit: x, least: 2.5, aim: 3.2, measure: faster(columnBest, "2k/64")},
		{work: "256 writers", unit: x, least: 2, aim: 2.6, measure: faster(columnBest, "2k/256")},
		{work: "1,024 writers", unit: x, least: 2, aim: 2.6, measure: faster(columnBest, "2k/1024")},
		{work: "64 to 1,024 writers against its antispam (least of the rows)", unit: x, least: 3, aim: 4, measure: faster(columnAntispam, "2k/64", "2k/256", "2k/1024")},
		{work: "10% duplicates against its antispam (least)", unit: x, least: 4, aim: 6, measure: faster(columnAntispam, "duplicates/64", "duplicates/256", "duplicates/1024")},
		{work: "growth, index drained", unit: x, least: 2.5, aim: 3, measure: faster(columnBest, rowGrowth)},
		{work: "20 KiB, 64 to 1,024 writers (least)", unit: x, least: 1.5, aim: 2, measure: faster(columnBest, "20k/64", "20k/256", "20k/1024")},
		{work: "published p50, of the peer's (worst)", unit: x, most: true, least: 0.2, aim: 0.125, measure: sooner(published)},
		{work: "published p50, 1 writer", unit: ms, most: true, least: 3, measure: number("2k/1", published)},
		{work: "published p50, 1,024 writers", unit: ms, most: true, least: 15, measure: number("2k/1024", published)},
		{work: "durable p50, of the peer's (worst)", unit: x, most: true, least: 0.5, aim: 1.0 / 3, measure: sooner(durable)},
		{work: "peak memory, 1,024 writers, with index and guard", unit: mib, most: true, least: 256, measure: number("2k/1024", peak)},
		{work: "peak memory, 1,024 writers, sequencer alone, of the peer's", unit: x, most: true, least: 1.5, ownsColumns: columnBare, measure: func(string) float64 {
			return t.of("2k/1024", columnBare, peak).p50 / t.of("2k/1024", columnBest, peak).p50
		}},
		{work: "replay, of its fsck's best", unit: x, least: 2.5, ownsColumns: columnAudit, measure: func(string) float64 { return replayed / fsck }},
		{work: "replay, of the SHA-256 bound", unit: x, aim: 0.8, ownsColumns: columnAudit, measure: func(string) float64 {
			return replayed / t.of(rowReplay, columnBound, perSecond).p50
		}},
		{work: "restart to the first read", unit: s, most: true, least: 1, withoutLog: true, measure: number(rowRestart, toRead)},
		{work: "restart to the first accepted write", unit: s, most: true, least: 5, withoutLog: true, measure: number(rowRestart, toWrite)},
	}
}

// verdict says whether a number reaches a mark.
func verdict(got, mark float64, most bool) string {
	switch {
	case mark == 0:
		return "–"
	case math.IsNaN(got) || math.IsInf(got, 0):
		return "not measured"
	case cmp.Compare(got, mark) == 0 || most == (got < mark):
		return "met"
	}
	return "**missed**"
}

func (t *table) targets(w *strings.Builder) {
	w.WriteString("| work | at least | aim | full | | | log | | |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, g := range t.list() {
		mark := func(x float64) string {
			switch {
			case x == 0:
				return "–"
			case g.most:
				return "≤ " + short(x) + g.unit
			}
			return short(x) + g.unit
		}
		cell := func(column string) string {
			got := g.measure(column)
			value := short(got)
			if !math.IsNaN(got) {
				value += g.unit
			}
			return fmt.Sprintf("%s | %s | %s", value, verdict(got, g.least, g.most), verdict(got, g.aim, g.most))
		}
		full, log := cell(columnFull), "– | – | –"
		if g.ownsColumns == "" && !g.withoutLog {
			log = cell(columnLog)
		}
		work := g.work
		if g.ownsColumns != "" {
			work += " (column " + g.ownsColumns + ")"
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s |\n", work, mark(g.least), mark(g.aim), full, log)
	}
}

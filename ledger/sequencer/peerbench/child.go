package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"
)

// The columns: what is measured side by side.
const (
	columnFull     = "full"
	columnLog      = "log"
	columnBare     = "bare"
	columnBest     = "tessera"
	columnDefaults = "tessera-defaults"
	columnAntispam = "tessera-antispam"
	columnPushback = "tessera-pushback"
)

var columns = []string{columnFull, columnLog, columnBare, columnBest, columnDefaults, columnAntispam, columnPushback}

func isOurs(column string) bool {
	return column == columnFull || column == columnLog || column == columnBare
}

// What a child does.
const (
	workLoad    = "load"    // writers for a window, or for all of a corpus
	workReplay  = "replay"  // a log that is there, from its leaves to its root
	workRestart = "restart" // a log that is there, to a read and a write
	workBound   = "bound"   // hashing alone
)

// spec is what a child is told.
type spec struct {
	Work       string        `json:"work"`
	Column     string        `json:"column"`
	Dir        string        `json:"dir"` // the log's folder is in it
	Foundation string        `json:"foundation"`
	Corpus     corpus        `json:"corpus"`
	From       int           `json:"from"` // first leaf of the corpus
	Writers    int           `json:"writers"`
	Warm       time.Duration `json:"warm"`
	Window     time.Duration `json:"window"` // 0: until the corpus is used up
	Duplicates float64       `json:"duplicates"`
	Quiet      bool          `json:"quiet"` // no latencies
	Seed       uint64        `json:"seed"`
	Workers    int           `json:"workers"` // of a replay
	Keep       bool          `json:"keep"`    // close the log, it will be opened again
	Profile    string        `json:"profile"` // file for a CPU profile
	Heap       string        `json:"heap"`    // file for a profile of the memory
}

// result is what a child answers.
type result struct {
	Entries   int64            `json:"entries"`
	Seconds   float64          `json:"seconds"`
	Drained   float64          `json:"drained"` // seconds until what follows the log had it all
	CPU       float64          `json:"cpu"`     // seconds, user and system
	Peak      int64            `json:"peak"`    // bytes resident at most
	Mapped    int64            `json:"mapped"`  // bytes resident at the end that are pages of files
	Durable   quantile         `json:"durable"`
	Published quantile         `json:"published"`
	Offered   int64            `json:"offered"` // duplicates
	Found     int64            `json:"found"`
	Elsewhere int64            `json:"elsewhere"`
	Errors    map[string]int64 `json:"errors"`
	Read      float64          `json:"read"`  // seconds to the first read
	Write     float64          `json:"write"` // seconds to the first accepted write

	Failed string `json:"failed"` // why there is nothing else
}

// started is when this process began.
var started = time.Now()

// serve is a child: one spec in, one result out.
func serve(ctx context.Context, in io.Reader, out io.Writer) error {
	var s spec
	if err := json.NewDecoder(in).Decode(&s); err != nil {
		return fmt.Errorf("reading what to do: %w", err)
	}
	if s.Profile != "" {
		f, err := os.Create(s.Profile)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	r, err := perform(ctx, s)
	if err != nil {
		r.Failed = err.Error()
	}
	r.Peak, r.Mapped = resident("VmHWM:"), resident("RssFile:")
	if s.Heap != "" {
		f, err := os.Create(s.Heap)
		if err != nil {
			return err
		}
		if err := pprof.Lookup("allocs").WriteTo(f, 0); err != nil {
			return err
		}
	}
	return json.NewEncoder(out).Encode(r)
}

func perform(ctx context.Context, s spec) (result, error) {
	switch s.Work {
	case workLoad:
		sys, err := open(ctx, s)
		if err != nil {
			return result{}, err
		}
		r, err := run(ctx, sys, s)
		if s.Keep {
			err = errors.Join(err, sys.close())
		}
		return r, err
	case workReplay:
		return replay(ctx, s)
	case workRestart:
		return restart(ctx, s)
	case workBound:
		return bound(s), nil
	}
	return result{}, fmt.Errorf("no such work: %q", s.Work)
}

func open(ctx context.Context, s spec) (system, error) {
	if isOurs(s.Column) {
		return openOurs(ctx, s)
	}
	return openPeer(ctx, s)
}

// restart measures from the start of the process.
func restart(ctx context.Context, s spec) (result, error) {
	file, err := os.Open(s.Corpus.Path)
	if err != nil {
		return result{}, err
	}
	defer file.Close()
	leaf, err := s.Corpus.leaf(file, s.From)
	if err != nil {
		return result{}, err
	}
	sys, err := open(ctx, s)
	if err != nil {
		return result{}, err
	}
	var r result
	if r.Entries, err = sys.size(ctx); err != nil {
		return r, err
	}
	if err := sys.read(ctx, r.Entries/2); err != nil {
		return r, fmt.Errorf("reading: %w", err)
	}
	r.Read = time.Since(started).Seconds()
	_, duplicate, err := sys.add(ctx, leaf)
	if err == nil && duplicate {
		err = errors.New("the leaf was there already")
	}
	if err != nil {
		return r, fmt.Errorf("writing: %w", err)
	}
	r.Write = time.Since(started).Seconds()
	return r, sys.close()
}

// resident is the kernel's word on what memory this process has, or had at most,
// in bytes; 0 where /proc does not say.
func resident(name string) int64 {
	raw, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return n << 10
		}
	}
	return 0
}

// patience is how much longer than its window a child may take.
const patience = 10 * time.Minute

// child runs a spec in a process of its own. However that ends, the result says.
func child(ctx context.Context, s spec) result {
	ctx, cancel := context.WithTimeout(ctx, s.Window+patience)
	defer cancel()
	self, err := os.Executable()
	if err != nil {
		return result{Failed: err.Error()}
	}
	in, err := json.Marshal(s)
	if err != nil {
		return result{Failed: err.Error()}
	}
	var out, said bytes.Buffer
	c := exec.CommandContext(ctx, self, "-child")
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(in), &out, &said
	c.Env = append(os.Environ(), "GOTRACEBACK=single")
	ran := c.Run()
	var r result
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		tail := strings.TrimSpace(said.String())
		if lines := strings.Split(tail, "\n"); len(lines) > 0 {
			tail = worst(lines)
		}
		return result{Failed: fmt.Sprintf("aborted: %v: %s", ran, tail)}
	}
	return r
}

// worst returns the line of a dying program that says why.
func worst(lines []string) string {
	for _, l := range lines {
		if strings.HasPrefix(l, "panic:") || strings.HasPrefix(l, "fatal error:") || strings.HasPrefix(l, "F") && strings.Contains(l, "]") {
			return l
		}
	}
	return lines[len(lines)-1]
}

// loadAverage is the kernel's, of the last minute; what it cannot say is a dash.
func loadAverage() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if fields := strings.Fields(string(raw)); err == nil && len(fields) > 0 {
		return fields[0]
	}
	return "–"
}

// fileSystem names the file system and the device a folder is on.
func fileSystem(dir string) string {
	raw, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return "unknown"
	}
	dir, _ = filepath.Abs(dir)
	best, name := "", "unknown"
	for line := range strings.Lines(string(raw)) {
		f := strings.Fields(line)
		if len(f) < 3 {
			continue
		}
		if at := strings.TrimSuffix(f[1], "/") + "/"; strings.HasPrefix(dir+"/", at) && len(at) > len(best) {
			best, name = at, f[2]+" on "+f[0]
		}
	}
	return name
}

// processor names the processor.
func processor() string {
	raw, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(raw)) {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == "model name" {
			return strings.TrimSpace(v)
		}
	}
	return runtime.GOARCH
}

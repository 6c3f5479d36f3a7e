package cli

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/yurai-ledger/yurai/sbom/policy"
)

// TestMain runs the command line where the test binary is started as yurai, and
// the tests otherwise.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"yurai": func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			code := Main(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv)
			stop()
			os.Exit(code)
		},
	})
}

// TestScript tells the stories in testdata/script. UPDATE=1 rewrites what they
// compare with. Beside testscript's own commands they have
//
//	run yurai args…           runs the command line in this process; `exec` starts one
//	exits CODE program args…  runs and demands the exit code, yurai in this process
//	serve DIR                 starts `yurai serve`, sets URL, waits for /readyz
//	stop-server               tells the last server to stop; it must end with 0
//	kill-server               ends it without a word
//	now VAR [DURATION]        sets VAR to the time in RFC 3339, moved
//	edit FILE OLD NEW         replaces the one OLD in a file
//	sums DIR FILE             writes the digests of all files below DIR to FILE
//	bytes FILE PATTERN N      writes N times PATTERN
//	damage FILE N             flips a bit of byte N
//
// A process for each of the many commands would take longer than all else here.
// Those that run in this one are in the script's folder, so that the stories come
// one after the other; servers, and what a shell starts, are processes.
func TestScript(t *testing.T) {
	dir, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir()) // and back, at the end
	testscript.RunT(inTurn{t}, testscript.Params{
		Dir:                 filepath.Join(dir, "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE") != "",
		Setup:               func(env *testscript.Env) error { return setUp(env, dir) },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"run":         cmdRun,
			"exits":       cmdExits,
			"serve":       cmdServe,
			"stop-server": cmdStop,
			"kill-server": cmdKill,
			"now":         cmdNow,
			"edit":        cmdEdit,
			"sums":        cmdSums,
			"bytes":       cmdBytes,
			"damage":      cmdDamage,
		},
	})
}

// inTurn is a test whose parts run one after the other.
type inTurn struct{ *testing.T }

// Parallel does nothing.
func (inTurn) Parallel() {}

// Run runs a part.
func (t inTurn) Run(name string, part func(testscript.T)) {
	t.T.Run(name, func(t *testing.T) { part(inTurn{t}) })
}

// Verbose reports whether the tests were asked to say more.
func (inTurn) Verbose() bool { return testing.Verbose() }

// setUp puts the bills of materials and the demonstration's policy beside each
// script.
func setUp(env *testscript.Env, dir string) error {
	for _, name := range []string{"relay.cdx.json", "firmware.cdx.json", "bay.cdx.json"} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(env.WorkDir, name), raw, 0o666); err != nil {
			return err
		}
	}
	demo, ok := policy.Pack(policy.Demo)
	if !ok {
		return errors.New("the program has no demonstration policy")
	}
	env.Values[serversKey{}] = new([]*background)
	env.Setenv("ORIGIN", "ledger.example/test-2026")
	return os.WriteFile(filepath.Join(env.WorkDir, "demo.yaml"), demo, 0o666)
}

// inProcess runs the command line in the script's folder and environment, and
// returns its exit code.
func inProcess(ts *testscript.TestScript, args []string) int {
	ts.Check(os.Chdir(ts.MkAbs(".")))
	return Main(context.Background(), args, strings.NewReader(""), ts.Stdout(), ts.Stderr(), ts.Getenv)
}

func cmdRun(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || args[0] != "yurai" {
		ts.Fatalf("usage: run yurai args…")
	}
	if code := inProcess(ts, args[1:]); code != exitDone {
		ts.Fatalf("exit code %d, want 0", code)
	}
}

func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE program args…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if args[1] == "yurai" {
		got = inProcess(ts, args[2:])
	} else if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// background is a server in a process of its own.
type background struct {
	cmd    *exec.Cmd
	ended  chan int // the exit code, once
	stderr *bytes.Buffer
}

type serversKey struct{}

func servers(ts *testscript.TestScript) *[]*background {
	return ts.Value(serversKey{}).(*[]*background)
}

func cmdServe(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: serve DIR")
	}
	self, err := os.Executable()
	ts.Check(err)
	b := &background{cmd: exec.Command(self), ended: make(chan int, 1), stderr: new(bytes.Buffer)}
	b.cmd.Args = []string{"yurai", "serve", ts.MkAbs(args[0]), "--listen", "127.0.0.1:0"}
	b.cmd.Stderr = b.stderr
	stdout, err := b.cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(b.cmd.Start())
	*servers(ts) = append(*servers(ts), b)
	lines := bufio.NewReader(stdout)
	url, readErr := lines.ReadString('\n')
	go func() {
		_, _ = io.Copy(io.Discard, lines) // until the process ends
		_ = b.cmd.Wait()                  // ProcessState says what there is to know
		b.ended <- b.cmd.ProcessState.ExitCode()
	}()
	ts.Defer(func() { b.end() })
	if readErr != nil {
		ts.Fatalf("the server says no address, exit %d\n%s", <-b.ended, b.stderr)
	}
	url = strings.TrimSuffix(url, "\n")
	if err := awaitReady(context.Background(), url, b.ended); err != nil {
		ts.Fatalf("%v", err)
	}
	ts.Setenv("URL", url)
}

// end kills a server that still runs.
func (b *background) end() {
	_ = b.cmd.Process.Kill() // it may have ended
}

// last takes the newest server off the list.
func last(ts *testscript.TestScript) *background {
	list := servers(ts)
	if len(*list) == 0 {
		ts.Fatalf("no server runs")
	}
	b := (*list)[len(*list)-1]
	*list = (*list)[:len(*list)-1]
	return b
}

func cmdStop(ts *testscript.TestScript, neg bool, args []string) {
	b := last(ts)
	ts.Check(b.cmd.Process.Signal(os.Interrupt))
	if code := <-b.ended; code != exitDone {
		ts.Fatalf("the server ended with %d\n%s", code, b.stderr)
	}
}

func cmdKill(ts *testscript.TestScript, neg bool, args []string) {
	b := last(ts)
	ts.Check(b.cmd.Process.Kill())
	<-b.ended
}

func cmdNow(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: now VAR [DURATION]")
	}
	at := time.Now().UTC()
	if len(args) == 2 {
		d, err := time.ParseDuration(args[1])
		ts.Check(err)
		at = at.Add(d)
	}
	ts.Setenv(args[0], at.Format(time.RFC3339))
}

func cmdEdit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE OLD NEW")
	}
	old := ts.ReadFile(args[0])
	if n := strings.Count(old, args[1]); n != 1 {
		ts.Fatalf("%q stands %d times in %s", args[1], n, args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(old, args[1], args[2], 1)), 0o666))
}

func cmdSums(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sums DIR FILE")
	}
	var out strings.Builder
	root := ts.MkAbs(args[0])
	ts.Check(filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		fmt.Fprintf(&out, "%x %s\n", sha256.Sum256(raw), filepath.ToSlash(rel))
		return err
	}))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(out.String()), 0o666))
}

func cmdBytes(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: bytes FILE PATTERN N")
	}
	n, err := strconv.Atoi(args[2])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Repeat(args[1], n)), 0o666))
}

func cmdDamage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: damage FILE N")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	raw, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	raw[n] ^= 4
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), raw, 0o600))
}

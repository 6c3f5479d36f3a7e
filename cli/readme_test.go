package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// The README's console blocks are typed here as a stranger types them, in one
// folder, and print what the README says. A line "[exit 11]" stands for a code
// other than 0. Run with UPDATE=1 to write what was printed into the README.
func TestReadme(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no POSIX shell here for the README's commands")
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	r := newReader(t, root)
	var out strings.Builder
	blocks := 0
	for rest := string(raw); ; {
		before, after, found := strings.Cut(rest, "```console\n")
		out.WriteString(before)
		if !found {
			break
		}
		block, tail, closed := strings.Cut(after, "```\n")
		if !closed {
			t.Fatal("a console block of the README is not closed")
		}
		blocks++
		out.WriteString("```console\n" + r.block(block) + "```\n")
		rest = tail
	}
	if blocks < 5 || r.commands < 15 {
		t.Fatalf("the README has only %d console blocks with %d commands", blocks, r.commands)
	}
	if os.Getenv("UPDATE") == "1" {
		if err := os.WriteFile(filepath.Join(root, "README.md"), []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// reader is the stranger: a folder, a server in the background.
type reader struct {
	t        *testing.T
	dir      string
	port     string
	update   bool
	commands int
}

const readmePort = "127.0.0.1:8080"

func newReader(t *testing.T, root string) *reader {
	dir := t.TempDir()
	// The clone: what the README's commands read from it.
	if err := os.CopyFS(filepath.Join(dir, "cli", "testdata"), os.DirFS(filepath.Join(root, "cli", "testdata"))); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return &reader{t: t, dir: dir, port: l.Addr().String(), update: os.Getenv("UPDATE") == "1"}
}

// block types each command of a block and compares what it prints.
func (r *reader) block(text string) string {
	var out strings.Builder
	lines := strings.SplitAfter(text, "\n")
	for i := 0; i < len(lines); {
		command, ok := strings.CutPrefix(lines[i], "$ ")
		if !ok {
			if lines[i] != "" {
				r.t.Fatalf("README: %q stands before any command", lines[i])
			}
			break
		}
		typed := lines[i]
		for i++; strings.HasSuffix(command, "\\\n"); i++ {
			command = strings.TrimSuffix(command, "\\\n") + lines[i]
			typed += lines[i]
		}
		var want strings.Builder
		for ; i < len(lines) && !strings.HasPrefix(lines[i], "$ "); i++ {
			want.WriteString(lines[i])
		}
		got := r.typed(strings.TrimSpace(command), want.String())
		out.WriteString(typed)
		out.WriteString(got)
	}
	return out.String()
}

// typed runs one command and returns what it printed.
func (r *reader) typed(command, want string) string {
	r.commands++
	if command == "go test ./..." || strings.HasPrefix(command, "git clone ") || strings.HasPrefix(command, "go install ") {
		return want // this very run, and what came before it
	}
	command = strings.ReplaceAll(command, readmePort, r.port)
	if strings.Contains(command, "--fingerprint ") {
		trust, err := readTrust(filepath.Join(r.dir, "ledger", "trust.json")) // the paper
		if err != nil {
			r.t.Fatal(err)
		}
		digits := strings.TrimPrefix(trust.Logs[0].Genesis.String(), "sha256:")
		command = fingerprint.ReplaceAllString(command, regexp.MustCompile(`.{8}`).ReplaceAllString(digits, " $0"))
	}
	var out bytes.Buffer
	code := 0
	words := split(r.t, command)
	switch {
	case words[0] == "cd":
		r.dir = filepath.Join(r.dir, words[1])
	case command == "go run ./cli/yurai demo":
		code = r.main(&out, "demo", "--dir", filepath.Join(r.t.TempDir(), "demo"))
		last := strings.LastIndex(strings.TrimSpace(out.String()), "\nAll ")
		if code != 0 || last < 0 {
			r.t.Errorf("README: the demo ends with %d:\n%s", code, out.String())
		}
		return want
	case words[0] == "yurai" && words[len(words)-1] == "&":
		r.serve(append(words[1:len(words)-1], "--listen", r.port))
	case words[0] == "yurai":
		code = r.main(&out, words[1:]...)
	default:
		c := exec.Command("sh", "-c", command)
		c.Dir, c.Stdout, c.Stderr = r.dir, &out, &out
		if err := c.Run(); err != nil {
			r.t.Fatalf("README: %s: %v\n%s", command, err, out.String())
		}
	}
	if code != 0 {
		fmt.Fprintf(&out, "[exit %d]\n", code)
	}
	got := strings.ReplaceAll(out.String(), r.port, readmePort)
	if same(want) != same(got) && !r.update {
		r.t.Errorf("README: %s\nprints\n%s\nbut the README says\n%s", command, got, want)
	}
	if same(want) == same(got) {
		return want
	}
	return got
}

// main runs the program in the reader's folder.
func (r *reader) main(out io.Writer, args ...string) int {
	r.t.Helper()
	r.t.Chdir(r.dir)
	return Main(r.t.Context(), args, strings.NewReader(""), out, out, func(string) string { return "" })
}

// serve starts the server in the background and waits until it is ready.
func (r *reader) serve(args []string) {
	r.t.Chdir(r.dir)
	ctx, cancel := context.WithCancel(r.t.Context())
	var log bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- Main(ctx, args, strings.NewReader(""), &log, &log, func(string) string { return "" })
	}()
	r.t.Cleanup(func() { cancel(); <-ended })
	for {
		select {
		case code := <-ended:
			ended <- code
			r.t.Fatalf("README: the server ends with %d:\n%s", code, log.String())
		case <-time.After(5 * time.Millisecond):
		}
		res, err := http.Get("http://" + r.port + "/readyz")
		if err != nil {
			continue
		}
		res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return
		}
	}
}

// split splits a command line at blanks outside quotes.
func split(t *testing.T, line string) []string {
	var words []string
	for _, m := range regexp.MustCompile(`'([^']*)'|"([^"]*)"|(\S+)`).FindAllStringSubmatch(line, -1) {
		words = append(words, m[1]+m[2]+m[3])
	}
	if len(words) == 0 {
		t.Fatal("README: an empty command")
	}
	return words
}

// fingerprint is one on paper: eight groups of eight digits.
var fingerprint = regexp.MustCompile(`\b[0-9a-f]{8}( [0-9a-f]{8}){7}\b`)

var volatile = []struct {
	pattern *regexp.Regexp
	word    string
}{
	{regexp.MustCompile(`\b[0-9a-f]{64}\b`), "<sha256>"},
	{regexp.MustCompile(`\b[0-9a-f]{12}\b`), "<key>"},
	{regexp.MustCompile(`\b[0-9a-f]{8}\b`), "<id>"},
	{regexp.MustCompile(`\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z`), "<time>"},
}

// same replaces what differs from run to run: keys, digests, times.
func same(s string) string {
	for _, v := range volatile {
		s = v.pattern.ReplaceAllString(s, v.word)
	}
	return s
}

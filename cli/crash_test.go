package cli

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/client"
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// What the kill test does in each round.
const (
	crashWriters     = 8
	crashSubmissions = 200
	crashOrigin      = "ledger.example/crash-2026"
	crashVendor      = "x:crash-vendor"
)

// TestKill is the story of a server that dies: 200 submissions of eight writers,
// and SIGKILL at a random moment among them, again and again over one folder. Whatever
// was acknowledged is in the log at its index, each root that was signed is the
// root of the log at its size, what was on its way can be sent again, and the
// audit of the folder finds nothing. YURAI_CRASH_SEED repeats a run's moments,
// YURAI_CRASH_ROUNDS is how often the server dies, for a campaign more than three
// times; it has a new folder after every fifty.
func TestKill(t *testing.T) {
	t.Parallel()
	rounds := 3
	if s := os.Getenv("YURAI_CRASH_ROUNDS"); s != "" {
		var err error
		if rounds, err = strconv.Atoi(s); err != nil || rounds < 1 {
			t.Fatalf("YURAI_CRASH_ROUNDS is %q", s)
		}
	} else if testing.Short() {
		rounds = 2
	}
	seed := rand.Uint64()
	if s := os.Getenv("YURAI_CRASH_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("YURAI_CRASH_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for first := 0; first < rounds; first += 50 {
		killed(t, random, first, min(first+50, rounds))
	}
}

// killed kills the server of a new folder from one round to another.
func killed(t *testing.T, random *rand.Rand, first, rounds int) {
	t.Helper()
	c := newCrash(t)
	var again []submission // were on their way when the server died
	for round := first; round < rounds; round++ {
		s := c.start(t)
		c.compare(t, s)
		for _, x := range again {
			if err := c.submit(t.Context(), s.url, x); err != nil {
				t.Fatalf("round %d: %s was on its way when the server was killed, and sending it again gives: %v", round, x.name, err)
			}
		}
		work := make([]submission, crashSubmissions)
		for i := range work {
			work[i] = c.sign(t, fmt.Sprintf("part-%d-%d", round, i))
		}
		moment, spin := random.IntN(len(work)), random.IntN(3000)
		again = c.storm(t, s, work, moment, spin)
		t.Logf("round %d: killed at submission %d, %d acknowledged so far, %d on their way", round, moment, len(c.acked), len(again))
	}

	s := c.start(t)
	c.compare(t, s)
	earliest := c.acked[0]
	if err := c.submit(t.Context(), s.url, earliest.submission); err != nil {
		t.Fatal(err)
	}
	if last := c.acked[len(c.acked)-1]; last.index != earliest.index {
		t.Errorf("sent again, %s got entry %d instead of %d", earliest.name, last.index, earliest.index)
	}
	s.interrupt(t)
	var out, errs bytes.Buffer
	if code := Main(t.Context(), []string{"audit", c.ledger, "--trust", c.trustFile}, nil, &out, &errs, crashEnv); code != exitDone {
		t.Errorf("audit of the folder: exit %d\n%s%s", code, &out, &errs)
	}
}

// crashEnv is an empty environment.
func crashEnv(string) string { return "" }

// crash is one folder with a ledger and what a client knows of it.
type crash struct {
	ledger, trustFile string
	trust             *ledger.Trust
	vendor            *envelope.Signer

	mu    sync.Mutex // guards acked
	acked []acknowledged
}

// submission is a statement and the BOM that it is about.
type submission struct {
	name      string
	leaf, bom []byte
}

// acknowledged is a submission with its verified receipt.
type acknowledged struct {
	submission
	index      int64
	recorded   []byte // the leaf as recorded
	checkpoint ledger.Checkpoint
}

// newCrash makes a ledger and enrols a vendor through the commands.
func newCrash(t *testing.T) *crash {
	dir := t.TempDir()
	c := &crash{ledger: filepath.Join(dir, "ledger"), trustFile: filepath.Join(dir, "ledger", "trust.json")}
	key, request := filepath.Join(dir, "vendor.key"), filepath.Join(dir, "request.json")
	run := func(args ...string) {
		t.Helper()
		var out, errs bytes.Buffer
		if code := Main(t.Context(), args, nil, &out, &errs, crashEnv); code != exitDone {
			t.Fatalf("yurai %q: exit %d\n%s%s", args, code, &out, &errs)
		}
	}
	run("init", c.ledger, "--origin", crashOrigin)
	run("key", "new", "-o", key)
	run("party", "request", "--key", key, "--id", crashVendor, "--name", "Crash Vendor", "--incorporated", "JP",
		"--role", "vendor", "--log", crashOrigin, "-o", request)
	s := c.start(t)
	run("party", "enrol", request, "--registrar", filepath.Join(c.ledger, "registrar.key"), "--server", s.url)
	s.interrupt(t)
	var err error
	if c.trust, err = readTrust(c.trustFile); err != nil {
		t.Fatal(err)
	}
	if c.vendor, err = readSigner(key); err != nil {
		t.Fatal(err)
	}
	return c
}

// sign returns a statement about a small BOM of its own.
func (c *crash) sign(t *testing.T, name string) submission {
	t.Helper()
	id := sha256.Sum256([]byte(name))
	bom := fmt.Appendf(nil, `{"bomFormat":"CycloneDX","specVersion":"1.6","serialNumber":"urn:uuid:%x-%x-%x-%x-%x","version":1,`+
		`"metadata":{"component":{"type":"device","bom-ref":"p","name":%q}}}`, id[:4], id[4:6], id[6:8], id[8:10], id[10:16], name)
	doc, findings := sbom.Admit(bom, sbom.DefaultLimits)
	if doc == nil {
		t.Fatal(findings)
	}
	body := receiving.Describe(doc)
	body.Head = statement.Head{Log: crashOrigin, Party: []string{crashVendor}, Made: time.Now()}
	body.Disclosure = statement.DisclosureOpen
	payload, err := statement.NewBOM(body)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := envelope.Sign(envelope.PayloadType, payload, c.vendor)
	if err != nil {
		t.Fatal(err)
	}
	return submission{name, leaf, bom}
}

// submit sends a submission as `yurai submit` does and keeps the receipt, which
// was verified.
func (c *crash) submit(ctx context.Context, url string, x submission) error {
	hc, err := client.HTTP(url)
	if err != nil {
		return err
	}
	log, _ := c.trust.Log(crashOrigin)
	r := &remote{base: url, log: log, http: hc}
	got, err := r.submit(ctx, c.trust, x.leaf, x.bom)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.acked = append(c.acked, acknowledged{x, got.evidence.Index, got.bundle.Statement.Leaf, got.evidence.Checkpoint})
	return nil
}

// storm has the writers send the work and kills the server when the submission
// with index moment sets out. It returns what was sent and not acknowledged.
func (c *crash) storm(t *testing.T, s *serving, work []submission, moment, spin int) []submission {
	t.Helper()
	next := make(chan int, len(work))
	for i := range work {
		next <- i
	}
	close(next)
	var writers sync.WaitGroup
	var mu sync.Mutex
	var lost []submission
	dead := make(chan struct{})
	for range crashWriters {
		writers.Go(func() {
			for i := range next {
				select {
				case <-dead:
					return
				default:
				}
				if i == moment {
					writers.Go(func() {
						for range spin { // a moment within a submission, not between two
							runtime.Gosched()
						}
						if err := s.cmd.Process.Kill(); err != nil {
							t.Errorf("killing the server: %v", err)
						}
						close(dead)
					})
				}
				if err := c.submit(t.Context(), s.url, work[i]); err != nil {
					mu.Lock()
					lost = append(lost, work[i])
					mu.Unlock()
					if exitOf(err) != exitUnreachable {
						t.Errorf("%s: %v; a server that dies gives no answer, not this", work[i].name, err)
					}
				}
			}
		})
	}
	writers.Wait()
	<-s.ended
	if state := s.cmd.ProcessState; state.Exited() {
		t.Fatalf("the server ended by itself: %v\n%s", state, s.stderr.String())
	}
	return lost
}

// compare reads the whole log from the server and holds every acknowledgement
// against it.
func (c *crash) compare(t *testing.T, s *serving) {
	t.Helper()
	log, ok := c.trust.Log(crashOrigin)
	if !ok {
		t.Fatal("the trust file does not name the log")
	}
	reader, err := client.New(s.url, log)
	if err != nil {
		t.Fatal(err)
	}
	published, _, err := reader.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	leaves := make([][]byte, 0, published.Size)
	for first := int64(0); first < published.Size; first += ledger.TileWidth {
		raw, err := reader.Bundle(t.Context(), first/ledger.TileWidth, int(min(ledger.TileWidth, published.Size-first)))
		if err != nil {
			t.Fatal(err)
		}
		some, err := ledger.ParseBundle(raw)
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, some...)
	}
	if int64(len(leaves)) != published.Size {
		t.Fatalf("the log serves %d entries, its checkpoint says %d", len(leaves), published.Size)
	}
	roots := make([]ledger.Hash, 1, len(leaves)+1) // by size
	roots[0] = ledger.EmptyRoot
	var tree ledger.Range
	for _, leaf := range leaves {
		tree.Append(ledger.LeafHash(leaf), func(int, int64, ledger.Hash) {})
		roots = append(roots, tree.Root())
	}
	if roots[published.Size] != published.Root {
		t.Fatalf("the entries give root %s, the checkpoint of %d says %s", roots[published.Size], published.Size, published.Root)
	}
	for _, a := range c.acked {
		switch {
		case a.index >= published.Size:
			t.Errorf("%s was acknowledged as entry %d; the log has %d", a.name, a.index, published.Size)
		case !bytes.Equal(leaves[a.index], a.recorded):
			t.Errorf("%s was acknowledged as entry %d, which holds something else", a.name, a.index)
		case a.checkpoint.Size > published.Size || roots[a.checkpoint.Size] != a.checkpoint.Root:
			t.Errorf("%s was acknowledged under a signed root of size %d that is not the log's", a.name, a.checkpoint.Size)
		}
	}
}

// serving is a `yurai serve` in a process of its own: this test binary, run
// under the name that [TestMain] knows the command line by.
type serving struct {
	url    string
	cmd    *exec.Cmd
	ended  chan int
	stderr *bytes.Buffer // to be read when ended was received from
}

// start runs the server and returns when it takes statements.
func (c *crash) start(t *testing.T) *serving {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &serving{cmd: exec.Command(self), ended: make(chan int, 1), stderr: new(bytes.Buffer)}
	s.cmd.Args = []string{"yurai", "serve", c.ledger, "--listen", "127.0.0.1:0"}
	s.cmd.Stderr = s.stderr
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(stdout)
	url, readErr := lines.ReadString('\n')
	go func() {
		_, _ = io.Copy(io.Discard, lines) // until the process ends
		_ = s.cmd.Wait()                  // ProcessState says what there is to know
		s.ended <- s.cmd.ProcessState.ExitCode()
	}()
	t.Cleanup(func() {
		if err := s.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Errorf("ending the server: %v", err)
		}
	})
	if readErr != nil {
		t.Fatalf("the server says no address, exit %d\n%s", <-s.ended, s.stderr.String())
	}
	s.url = url[:len(url)-1]
	if err := awaitReady(t.Context(), s.url, s.ended); err != nil {
		_ = s.cmd.Process.Kill()
		<-s.ended
		t.Fatalf("%v\n%s", err, s.stderr.String())
	}
	return s
}

// interrupt tells the server to stop; it must drain and end with 0.
func (s *serving) interrupt(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code := <-s.ended; code != exitDone {
		t.Fatalf("the server was told to stop: exit %d\n%s", code, s.stderr.String())
	}
}

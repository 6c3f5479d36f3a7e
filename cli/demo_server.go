package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// demoServer is a `yurai serve` that runs in this process.
type demoServer struct {
	url    string
	cancel context.CancelFunc
	ended  chan int // receives the exit code
	log    io.Closer
}

// announcement is the standard output of `yurai serve`: its first line is the
// address.
type announcement struct {
	mu   sync.Mutex // one Write at a time; line receives once
	text strings.Builder
	line chan string
	said bool
}

func (a *announcement) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.said {
		return len(p), nil
	}
	a.text.Write(p)
	if line, _, ok := strings.Cut(a.text.String(), "\n"); ok {
		a.said = true
		a.line <- line
	}
	return len(p), nil
}

// readyTime bounds how long the demo waits for its server: it opens a log of a
// few entries.
const readyTime = time.Minute

// serve starts `yurai serve` on a free port of the loopback, shows it, and
// returns when it takes statements.
func (d *demonstration) serve(ctx context.Context) error {
	log, err := d.openLog(demoLogFile)
	if err != nil {
		return err
	}
	fmt.Fprint(d.e.stdout, commandLine([]string{"serve", demoLedger, "--listen", "127.0.0.1:0"}))
	ctx, cancel := context.WithCancel(ctx)
	s := &demoServer{cancel: cancel, ended: make(chan int, 1), log: log}
	out := &announcement{line: make(chan string, 1)}
	go func() {
		s.ended <- Main(ctx, []string{"serve", filepath.Join(d.dir, demoLedger), "--listen", "127.0.0.1:0"}, strings.NewReader(""), out, log, d.getenv)
	}()
	select {
	case s.url = <-out.line:
		d.server = s
	case code := <-s.ended:
		cancel()
		return errors.Join(fmt.Errorf("yurai serve: exit %d", code), log.Close())
	}
	if err := awaitReady(ctx, s.url, s.ended); err != nil {
		return err
	}
	d.show([]byte(s.url))
	return nil
}

// awaitReady returns when the server at url answers that it takes statements, or
// an error when its process ends, which sends an exit code to ended and leaves it
// there, or when a minute is over.
func awaitReady(ctx context.Context, url string, ended chan int) error {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	last := "none"
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", nil)
		if err != nil {
			return err
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			answer, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10)) // only for the message
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
			last = fmt.Sprintf("%d %q", resp.StatusCode, answer)
		}
		select {
		case <-again.C:
		case code := <-ended:
			ended <- code
			return fmt.Errorf("yurai serve: exit %d", code)
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s/readyz: %w; last answer %s", url, ctx.Err(), last)
		}
	}
}

// stop tells the server to end and waits until it has drained.
func (s *demoServer) stop() error {
	s.cancel()
	code := <-s.ended
	err := s.log.Close()
	if code != exitDone {
		err = errors.Join(fmt.Errorf("yurai serve: exit %d, not %d", code, exitDone), err)
	}
	return err
}

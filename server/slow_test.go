package server

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestIdleConnectionsGiveWay opens more connections than the server has places
// for, silent ones and ones that never finish their headers, and others are
// served at once: the longest idle are closed, one with a request is not.
func TestIdleConnectionsGiveWay(t *testing.T) {
	r := serve(t, newLedger(t), func(s *Server) { s.connections = 8 })
	busy := r.dial(t)
	contentType, body := encodeForm(t, part{"statement", []byte("{}")})
	fmt.Fprintf(busy, "POST /api/v1/statements HTTP/1.1\r\nHost: ledger\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", contentType, len(body), body[:10])
	for len(r.requests) == 0 { // until its handler reads the rest
		if t.Context().Err() != nil {
			t.FailNow()
		}
	}
	var idle []net.Conn
	for i := range 40 {
		c := r.dial(t)
		if i%2 == 1 {
			fmt.Fprint(c, "GET /checkpoint HTTP/1.1\r\nHost: led")
		}
		idle = append(idle, c)
	}
	for range 3 {
		if a := r.get(t, "/checkpoint"); a.status != http.StatusOK {
			t.Errorf("/checkpoint beside idle connections = %d", a.status)
		}
		http.DefaultClient.CloseIdleConnections()
	}
	for i, c := range idle[:20] { // those that came first are closed, or ReadAll would wait
		if b, err := io.ReadAll(c); err == nil && len(b) > 0 {
			t.Errorf("idle connection %d was answered %q", i, b)
		}
	}
	fmt.Fprintf(busy, "%s", body[10:])
	res, err := http.ReadResponse(bufio.NewReader(busy), nil)
	if err != nil {
		t.Fatalf("a connection with a request was closed: %v", err)
	}
	if err := res.Body.Close(); err != nil || res.StatusCode < 400 {
		t.Errorf("an empty statement is answered %d, %v", res.StatusCode, err)
	}
}

// TestIdleConnectionsTimeOut closes one that asks for nothing any more.
func TestIdleConnectionsTimeOut(t *testing.T) {
	r := serve(t, newLedger(t), func(s *Server) { s.timeouts.idle = time.Millisecond })
	c := r.dial(t)
	fmt.Fprint(c, "GET /healthz HTTP/1.1\r\nHost: ledger\r\n\r\n")
	b, err := io.ReadAll(c) // ends when the server closes it
	if err != nil || !bytes.HasPrefix(b, []byte("HTTP/1.1 200")) {
		t.Errorf("read %q, %v", b, err)
	}
}

// pipes is a listener of connections in memory that buffer nothing.
type pipes struct {
	come chan net.Conn
	done chan struct{}
	once sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.come:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial(t *testing.T) net.Conn {
	here, there := net.Pipe()
	p.come <- there
	t.Cleanup(func() { _ = here.Close() })
	return here
}

// TestSlowReadersKeepNobodyOut: a client that does not take its answer has no
// place among the requests meanwhile, unless very much is being sent, and is cut
// off when it takes nothing for long.
func TestSlowReadersKeepNobodyOut(t *testing.T) {
	s := serve(t, newLedger(t), func(s *Server) {
		s.requests = make(chan struct{}, 1)
		s.timeouts.piece = time.Hour
	}).Server
	big := make([]byte, 1<<20)
	l := &pipes{come: make(chan net.Conn), done: make(chan struct{})}
	web := s.web(t.Context(), nil)
	web.Handler = s.guarded(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/big" {
			send(w, r, http.StatusOK, typeBytes, big)
			return
		}
		send(w, r, http.StatusOK, typeText, []byte("small\n"))
	}))
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(limit(l, 100)) }()
	defer func() {
		if err := web.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	}()
	ask := func(path string) (net.Conn, *http.Response) {
		t.Helper()
		c := l.dial(t)
		go func() { fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: ledger\r\n\r\n", path) }()
		res, err := http.ReadResponse(bufio.NewReaderSize(c, 16), nil)
		if err != nil {
			t.Fatal(err)
		}
		return c, res
	}
	var slow []*http.Response
	for range 20 { // each has the head of its answer, and takes no more
		_, res := ask("/big")
		slow = append(slow, res)
	}
	if _, res := ask("/small"); res.StatusCode != http.StatusOK {
		t.Errorf("beside slow readers = %d", res.StatusCode)
	}
	if b, err := io.ReadAll(slow[0].Body); err != nil || !bytes.Equal(b, big) {
		t.Errorf("a slow reader gets %d bytes, %v", len(b), err)
	}

	// When as much is being sent as may, the place is kept.
	if err := s.outgoing.Acquire(t.Context(), maxOutgoing-19<<20); err != nil {
		t.Fatal(err)
	}
	_, last := ask("/big")
	if _, res := ask("/small"); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("beside a slow reader that keeps its place = %d", res.StatusCode)
	}
	if b, err := io.ReadAll(last.Body); err != nil || !bytes.Equal(b, big) {
		t.Errorf("the last reader gets %d bytes, %v", len(b), err)
	}
	s.outgoing.Release(maxOutgoing - 19<<20)
}

// TestStalledReadersAreCutOff takes the head of an answer and nothing more.
func TestStalledReadersAreCutOff(t *testing.T) {
	s := serve(t, newLedger(t), func(s *Server) { s.timeouts.piece = time.Millisecond }).Server
	l := &pipes{come: make(chan net.Conn), done: make(chan struct{})}
	web := s.web(t.Context(), nil)
	cut := make(chan struct{})
	web.Handler = s.guarded(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		send(w, r, http.StatusOK, typeBytes, make([]byte, 1<<20))
		close(cut)
	}))
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(limit(l, 100)) }()
	c := l.dial(t)
	fmt.Fprint(c, "GET /big HTTP/1.1\r\nHost: ledger\r\n\r\n")
	<-cut
	if err := errors.Join(web.Close(), c.Close()); err != nil {
		t.Error(err)
	}
	<-ended
}

// BenchmarkCrowd measures what others wait for beside idle connections and slow
// readers: eight clients ask for checkpoints, tiles and bundles, and p99 is of
// their answers. ledger/TESTING.md has results.
func BenchmarkCrowd(b *testing.B) {
	for _, crowd := range []struct {
		name       string
		idle, slow int
	}{{"alone", 0, 0}, {"idle=10000", 10_000, 0}, {"idle=10000,slow=200", 10_000, 200}} {
		b.Run(crowd.name, func(b *testing.B) { benchmarkCrowd(b, crowd.idle, crowd.slow) })
	}
}

func benchmarkCrowd(b *testing.B, idle, slow int) {
	dir := b.TempDir() + "/ledger"
	if err := Init(dir, InitOptions{Origin: testOrigin, Clock: clockAt(noon)}); err != nil {
		b.Fatal(err)
	}
	s, err := Open(b.Context(), dir, Options{Clock: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	l, err := Listen(b.Context(), "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	<-s.begun
	address := l.Addr().String()
	var crowd []net.Conn
	dial := func(say string) {
		c, err := net.Dial("tcp", address)
		if err != nil {
			b.Fatal(err)
		}
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetReadBuffer(2048)
		}
		_, _ = io.WriteString(c, say)
		crowd = append(crowd, c)
	}
	for i := range idle {
		dial([]string{"", "GET /checkpoint HTTP/1.1\r\nHost: led"}[i%2])
	}
	for range slow { // ask for one entry bundle after the other and read none
		dial(strings.Repeat("GET /tile/entries/000.p/2 HTTP/1.1\r\nHost: ledger\r\n\r\n", 800))
	}
	var mu sync.Mutex
	var took []time.Duration
	var clients sync.WaitGroup
	next := make(chan int)
	for range 8 {
		clients.Go(func() {
			hc := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
			for i := range next {
				path := []string{"/checkpoint", "/tile/0/000.p/2", "/tile/entries/000.p/2", "/api/v1/entries/0/bundle"}[i%4]
				began := time.Now()
				res, err := hc.Get("http://" + address + path)
				if err == nil {
					_, err = io.Copy(io.Discard, res.Body)
					err = errors.Join(err, res.Body.Close())
				}
				if err != nil || res.StatusCode != http.StatusOK {
					b.Errorf("%s: %v, %v", path, res, err)
				}
				mu.Lock()
				took = append(took, time.Since(began))
				mu.Unlock()
			}
			hc.CloseIdleConnections()
		})
	}
	i := 0
	for range 2000 { // until the slow ones have as much as they take
		next <- i
		i++
	}
	mu.Lock()
	took = took[:0]
	mu.Unlock()
	for b.Loop() {
		next <- i
		i++
	}
	close(next)
	clients.Wait()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-us")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-us")
	for _, c := range crowd {
		_ = c.Close()
	}
	stop()
	if err := <-done; err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		b.Error(err)
	}
}

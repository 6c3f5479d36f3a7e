package server

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// BenchmarkRestart measures how long a server of many entries takes from its
// start to the first answer and to the first statement that it accepts, after it
// was closed and after it was killed. YURAI_LEAVES is the number of entries,
// 20,000 unless it is set; YURAI_LEDGER a folder to keep the ledger in for the
// next time. Entries are BOMs of one party, of a few hundred bytes each, whose
// bytes are held. ledger/TESTING.md has a result.
func BenchmarkRestart(b *testing.B) {
	leaves := 20_000
	if s := os.Getenv("YURAI_LEAVES"); s != "" {
		var err error
		if leaves, err = strconv.Atoi(s); err != nil || leaves < 1 {
			b.Fatalf("YURAI_LEAVES is %q", s)
		}
	}
	dir := filepath.Join(b.TempDir(), "ledger")
	if kept := os.Getenv("YURAI_LEDGER"); kept != "" {
		dir = kept
	}
	seed := sha256.Sum256([]byte("restart"))
	key, err := envelope.NewSigner(envelope.Ed25519, &constant{seed: seed})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		fillLedger(b, dir, key, leaves)
	}
	next := 0
	for _, way := range []string{"closed", "killed"} {
		b.Run("after="+way, func(b *testing.B) {
			var read, write, ready time.Duration
			for b.Loop() {
				if way == "killed" {
					forget(b, dir)
				}
				r, w, y := restart(b, dir, key, &next)
				read, write, ready = read+r, write+w, ready+y
			}
			ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 / float64(b.N) }
			b.ReportMetric(ms(read), "first_read_ms")
			b.ReportMetric(ms(write), "first_write_ms")
			b.ReportMetric(ms(ready), "ready_ms")
		})
	}
}

// constant gives the bytes of a seed, again and again.
type constant struct {
	seed [32]byte
	at   int
}

// Read implements io.Reader.
func (e *constant) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.seed[e.at%len(e.seed)]
		e.at++
	}
	return len(p), nil
}

// cheap returns a small BOM statement, signed.
func cheap(b *testing.B, key *envelope.Signer, name string, digest [32]byte, size int64, disclosure string) []byte {
	leaf, err := statement.NewBOM(statement.BOM{
		Head: headBy("x:many"), Digest: digest, Size: size, Version: 1, SpecVersion: "1.6",
		MediaType: "application/vnd.cyclonedx+json; version=1.6", Disclosure: disclosure,
		Product: &statement.Product{Name: name, Version: "C"},
	})
	if err == nil {
		leaf, err = envelope.Sign(envelope.PayloadType, leaf, key)
	}
	if err != nil {
		b.Fatal(err)
	}
	return leaf
}

// fillLedger makes a ledger of many entries, and closes it when its index knows
// them all.
func fillLedger(b *testing.B, dir string, key *envelope.Signer, leaves int) {
	if err := Init(dir, InitOptions{Origin: testOrigin, Clock: clockAt(noon)}); err != nil {
		b.Fatal(err)
	}
	s, err := Open(b.Context(), dir, Options{Clock: clockAt(noon)})
	if err != nil {
		b.Fatal(err)
	}
	l, err := Listen(b.Context(), "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	ran := make(chan error, 1)
	go func() { ran <- s.Serve(ctx, l) }()
	<-s.begun
	raw, err := os.ReadFile(filepath.Join(dir, registrarName))
	if err != nil {
		b.Fatal(err)
	}
	registrar, err := envelope.ParsePrivatePEM(raw)
	if err != nil {
		b.Fatal(err)
	}
	payload, err := statement.NewParty(partyBody("x:many", key))
	if err == nil {
		payload, err = envelope.Sign(envelope.PayloadType, payload, registrar, key)
	}
	if err != nil {
		b.Fatal(err)
	}
	add := func(leaf []byte) {
		e, err := s.reopen(0, leaf)
		if err == nil {
			_, err = s.sequence.Add(ctx, e)
		}
		if err != nil {
			b.Error(err)
		}
	}
	add(payload)
	const writers = 512
	var together sync.WaitGroup
	for w := range writers {
		together.Go(func() {
			for i := w; i < leaves && !b.Failed(); i += writers {
				add(cheap(b, key, "relay", sha256.Sum256(fmt.Append(nil, i)), 2048, statement.DisclosureHeld))
			}
		})
	}
	together.Wait()
	s.lookups.poke()
	for s.lookups.applied() < s.Size() || s.contents.index.Applied() < s.Size() {
		if err := sleep(ctx, 10*time.Millisecond); err != nil {
			b.Fatal(err)
		}
	}
	stop()
	if err := <-ran; err != nil {
		b.Fatal(err)
	}
}

// forget leaves a ledger as a process that was killed leaves it: its indexes were
// not closed.
func forget(b *testing.B, dir string) {
	if err := filepath.WalkDir(filepath.Join(dir, indexName), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "clean" {
			return os.Remove(path)
		}
		return err
	}); err != nil {
		b.Fatal(err)
	}
}

// restart starts a server, and returns when it first answered, accepted a
// statement, and called itself ready.
func restart(b *testing.B, dir string, key *envelope.Signer, next *int) (read, write, ready time.Duration) {
	*next++
	body := newBOM(serialA, *next, fmt.Sprint("HR-", time.Now().UnixNano()))
	leaf := cheap(b, key, "late", sha256.Sum256(body), int64(len(body)), statement.DisclosureOpen)
	began := time.Now()
	s, err := Open(b.Context(), dir, Options{Clock: clockAt(noon)})
	if err != nil {
		b.Fatal(err)
	}
	l, err := Listen(b.Context(), "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	ran := make(chan error, 1)
	go func() { ran <- s.Serve(ctx, l) }()
	get := func(path string) bool {
		res, err := http.Get("http://" + l.Addr().String() + path)
		if err != nil {
			b.Fatal(err)
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK
	}
	wait := func(path string) time.Duration {
		for !get(path) {
			if err := sleep(ctx, time.Millisecond); err != nil {
				b.Fatal(err)
			}
		}
		return time.Since(began)
	}
	read = wait("/tile/entries/000")
	e, err := s.reopen(0, leaf)
	if err == nil {
		_, err = s.sequence.Add(ctx, e)
	}
	if err != nil {
		b.Fatal(err)
	}
	write = time.Since(began)
	s.lookups.poke()
	ready = wait("/readyz")
	stop()
	if err := <-ran; err != nil {
		b.Fatal(err)
	}
	return read, write, ready
}

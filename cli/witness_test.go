package cli

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/witness"
)

// forked is one of two logs with the same name and keys that share their first leaves.
type forked struct {
	branch  string
	shared  int64
	signers []*ledger.Signer
}

// ReadHash computes a node from the leaves.
func (f forked) ReadHash(level int, index int64) (ledger.Hash, error) {
	if level > 0 {
		a, _ := f.ReadHash(level-1, 2*index)
		b, _ := f.ReadHash(level-1, 2*index+1)
		return ledger.NodeHash(a, b), nil
	}
	if index < f.shared {
		return ledger.LeafHash(fmt.Appendf(nil, "leaf %d", index)), nil
	}
	return ledger.LeafHash(fmt.Appendf(nil, "leaf %d of %s", index, f.branch)), nil
}

// request asks to go on from one size to another; root is that of the latter.
func (f forked) request(old, size int64) (body []byte, root ledger.Hash, err error) {
	if root, err = ledger.TreeRoot(f, size); err != nil {
		return nil, root, err
	}
	note, err := ledger.SignCheckpoint(ledger.Checkpoint{Origin: "log.example/killed", Size: size, Root: root}, time.Unix(1, 0), f.signers...)
	if err != nil {
		return nil, root, err
	}
	proof, err := ledger.ProveConsistency(f, old, size)
	return witness.Request{Old: old, Proof: proof, Note: note}.Marshal(), root, err
}

// A witness that is killed again and again, while two logs with the same keys ask it at
// once, cosigns one of them and never goes back. YURAI_CAMPAIGN=n kills it n times as
// often.
func TestWitnessKilled(t *testing.T) {
	kills := 10
	if n, err := strconv.Atoi(os.Getenv("YURAI_CAMPAIGN")); err == nil && n > 0 {
		kills *= n
	}
	const seed = 5
	t.Logf("seed %d, %d kills", seed, kills)
	random := rand.New(rand.NewPCG(seed, seed))
	folder := filepath.Join(t.TempDir(), "witness")
	if _, err := witness.Init(folder, "witness.example/killed", nil); err != nil {
		t.Fatal(err)
	}
	a := forked{branch: "a", shared: 40}
	log := witness.Log{Origin: "log.example/killed"}
	for _, x := range []ledger.Algorithm{ledger.Ed25519, ledger.MLDSA44} {
		s, err := ledger.NewSigner(x, log.Origin, bytes.NewReader(make([]byte, 32)))
		if err != nil {
			t.Fatal(err)
		}
		v, err := ledger.ParseVerifier(s.VKey())
		if err != nil {
			t.Fatal(err)
		}
		a.signers, log.Keys = append(a.signers, s), append(log.Keys, v)
	}
	b := a
	b.branch = "b"
	if err := witness.Add(folder, log, time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}

	var mu sync.Mutex
	cosigned := map[int64]ledger.Hash{}
	largest, whose := int64(0), ""
	count := 0
	for kill := range kills {
		cmd := exec.Command(self)
		cmd.Args = []string{"yurai", "witness", "serve", folder, "--listen", "127.0.0.1:0"}
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		url, err := bufio.NewReader(stdout).ReadString('\n')
		if err != nil {
			t.Fatalf("start %d: the witness says no address: %v", kill, err)
		}
		url = strings.TrimSpace(url)
		enough := make(chan struct{})
		var once sync.Once
		left := 1 + random.IntN(12)
		var asking sync.WaitGroup
		for i, l := range []forked{a, b, a, b} {
			r := rand.New(rand.NewPCG(seed, uint64(kill*10+i)))
			asking.Go(func() {
				old := int64(0)
				for tries := 0; tries < 400; tries++ {
					size := old + r.Int64N(9)
					body, root, err := l.request(old, size)
					if err != nil {
						t.Error(err)
						return
					}
					res, err := http.Post(url+"/add-checkpoint", "text/plain", bytes.NewReader(body))
					if err != nil {
						return // killed
					}
					answer, err := io.ReadAll(res.Body)
					_ = res.Body.Close()
					if err != nil {
						return
					}
					switch res.StatusCode {
					case http.StatusOK:
						mu.Lock()
						if was, ok := cosigned[size]; ok && was != root {
							t.Errorf("two roots of %d leaves are cosigned", size)
						}
						if size > l.shared && whose != "" && whose != l.branch {
							t.Errorf("%d leaves of %s are cosigned after those of %s", size, l.branch, whose)
						}
						if size > l.shared {
							whose = l.branch
						}
						cosigned[size], largest, count = root, max(largest, size), count+1
						if left--; left <= 0 {
							once.Do(func() { close(enough) })
						}
						mu.Unlock()
						old = size
					case http.StatusConflict:
						if old, err = strconv.ParseInt(strings.TrimSpace(string(answer)), 10, 64); err != nil {
							t.Error(err)
							return
						}
					case http.StatusUnprocessableEntity:
						mu.Lock()
						if l.branch == whose {
							t.Errorf("refused: %s", answer)
						}
						mu.Unlock()
						return // the other log was first
					default:
						t.Errorf("status %d: %s", res.StatusCode, answer)
						return
					}
				}
			})
		}
		ended := make(chan struct{})
		go func() { asking.Wait(); close(ended) }()
		select {
		case <-enough:
		case <-ended:
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-ended
		_ = cmd.Wait()
		w, err := witness.Open(folder, witness.Options{Clock: time.Now})
		if err != nil {
			t.Fatalf("after kill %d: %v", kill, err)
		}
		note, ok := w.Checkpoint(witness.Path(log.Origin))
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		var size int64
		if ok {
			if size, err = strconv.ParseInt(strings.Split(string(note), "\n")[1], 10, 64); err != nil {
				t.Fatal(err)
			}
		}
		if size < largest {
			t.Fatalf("after kill %d it remembers %d leaves, and cosigned %d", kill, size, largest)
		}
	}
	if count < kills || largest <= a.shared {
		t.Errorf("only %d checkpoints were cosigned, the largest of %d leaves", count, largest)
	}
}

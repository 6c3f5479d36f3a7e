package witness

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
)

const (
	testOrigin = "log.example/a"
	testName   = "witness.example/w1"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

// seed gives 32 equal bytes for each key.
func seed(b byte) *bytes.Reader { return bytes.NewReader(bytes.Repeat([]byte{b}, 256)) }

// testLog is a log in memory: leaves are numbers, and its own keys sign.
type testLog struct {
	origin  string
	signers []*ledger.Signer
	keys    []*ledger.Verifier

	mu     sync.Mutex
	hashes []ledger.Hash
	shown  []byte // what Checkpoint answers
}

// newTestLog makes a log of size leaves; two with one seed have the same keys, and
// with one branch the same leaves.
func newTestLog(t testing.TB, origin string, b byte, branch string, size int) *testLog {
	t.Helper()
	l := &testLog{origin: origin}
	for _, a := range []ledger.Algorithm{ledger.Ed25519, ledger.MLDSA44} {
		s, err := ledger.NewSigner(a, origin, seed(b))
		if err != nil {
			t.Fatal(err)
		}
		v, err := ledger.ParseVerifier(s.VKey())
		if err != nil {
			t.Fatal(err)
		}
		l.signers, l.keys = append(l.signers, s), append(l.keys, v)
	}
	l.grow(branch, size)
	return l
}

func (l *testLog) grow(branch string, n int) {
	l.mu.Lock()
	for range n {
		l.hashes = append(l.hashes, ledger.LeafHash(fmt.Appendf(nil, "%s %d", branch, len(l.hashes))))
	}
	l.mu.Unlock()
	note := l.note(l.size())
	l.mu.Lock()
	l.shown = note
	l.mu.Unlock()
}

func (l *testLog) size() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int64(len(l.hashes))
}

func (l *testLog) log() Log { return Log{Origin: l.origin, Keys: l.keys} }

// ReadHash computes a node from the leaves.
func (l *testLog) ReadHash(level int, index int64) (ledger.Hash, error) {
	if level == 0 {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.hashes[index], nil
	}
	a, _ := l.ReadHash(level-1, 2*index)
	b, _ := l.ReadHash(level-1, 2*index+1)
	return ledger.NodeHash(a, b), nil
}

func (l *testLog) Checkpoint() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.shown
}

func (l *testLog) at(size int64) ledger.Checkpoint {
	root, err := ledger.TreeRoot(l, size)
	if err != nil {
		panic(err)
	}
	return ledger.Checkpoint{Origin: l.origin, Size: size, Root: root}
}

func (l *testLog) note(size int64) []byte {
	note, err := ledger.SignCheckpoint(l.at(size), noon, l.signers...)
	if err != nil {
		panic(err)
	}
	return note
}

// request asks to go on from old to size.
func (l *testLog) request(old, size int64) Request {
	proof, err := ledger.ProveConsistency(l, old, size)
	if err != nil {
		panic(err)
	}
	return Request{Old: old, Proof: proof, Note: l.note(size)}
}

// newWitness opens a witness in memory that watches the logs.
func newWitness(t testing.TB, disk *shim, name string, b byte, logs ...*testLog) *Witness {
	t.Helper()
	if _, err := initFolder(disk, name, bytes.NewReader(bytes.Repeat([]byte{b}, 64))); err != nil {
		t.Fatal(err)
	}
	w, err := open(disk, Options{Clock: at(noon)})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range logs {
		if err := w.add(l.log()); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// code returns the code of an error, "" if it has none.
func code(err error) string {
	if c := interface{ Code() string }(nil); errors.As(err, &c) {
		return c.Code()
	}
	return fmt.Sprint(err)
}

func seeded(n uint64) *rand.Rand {
	var s [32]byte
	binary.BigEndian.PutUint64(s[:], n)
	return rand.New(rand.NewChaCha8(s))
}

package sequencer_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/filestore"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

const origin = "ledger.example/test"

// keys are signers of the log and the verifiers that everybody demands.
type keys struct {
	signers   []*ledger.Signer
	verifiers []*ledger.Verifier
}

var sharedKeys = sync.OnceValues(func() (keys, error) {
	var k keys
	for _, a := range []ledger.Algorithm{ledger.Ed25519, ledger.MLDSA44} {
		s, err := ledger.NewSigner(a, origin, zeroReader{})
		if err != nil {
			return k, err
		}
		v, err := ledger.ParseVerifier(s.VKey())
		if err != nil {
			return k, err
		}
		k.signers, k.verifiers = append(k.signers, s), append(k.verifiers, v)
	}
	return k, nil
})

type zeroReader struct{}

func (zeroReader) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// world is a log in a folder, which can be stopped and started.
type world struct {
	testing.TB
	dir    string
	config sequencer.Config
	wrap   func(sequencer.Store) sequencer.Store

	keys
	*sequencer.Log
	store *filestore.Store
	stop  func()
	ran   chan error
}

func newWorld(t testing.TB, change func(*world)) *world {
	t.Helper()
	k, err := sharedKeys()
	if err != nil {
		t.Fatal(err)
	}
	var clock sync.Mutex
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	w := &world{TB: t, dir: t.TempDir() + "/log", keys: k, config: sequencer.Config{
		Origin: origin, Signers: k.signers,
		Clock: func() time.Time {
			clock.Lock()
			defer clock.Unlock()
			now = now.Add(time.Millisecond)
			return now
		},
	}}
	if change != nil {
		change(w)
	}
	if err := filestore.Create(w.dir, filestore.Options{Origin: origin}, now); err != nil {
		t.Fatal(err)
	}
	w.start()
	t.Cleanup(func() {
		if w.store != nil {
			w.halt()
		}
	})
	return w
}

// open opens the log without running it.
func (w *world) open() error {
	w.Helper()
	s, err := filestore.Open(w.dir, filestore.Options{Origin: origin})
	if err != nil {
		w.Fatal(err)
	}
	w.store = s
	w.config.Store = s
	if w.wrap != nil {
		w.config.Store = w.wrap(s)
	}
	l, err := sequencer.Open(context.Background(), w.config)
	if err != nil {
		if err := s.Close(); err != nil {
			w.Fatal(err)
		}
		w.store = nil
		return err
	}
	w.Log = l
	w.ran = nil
	return nil
}

func (w *world) start() {
	w.Helper()
	if err := w.open(); err != nil {
		w.Fatal(err)
	}
	w.run()
}

func (w *world) run() {
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	w.stop, w.ran = cancel, ran
	go func() { ran <- w.Run(ctx) }()
}

// halt stops the log and returns what Run returned.
func (w *world) halt() error {
	w.Helper()
	var err error
	if w.ran != nil {
		w.stop()
		err = <-w.ran
	}
	if e := w.store.Close(); e != nil {
		w.Fatal(e)
	}
	w.store = nil
	return err
}

func (w *world) add(e sequencer.Entry) sequencer.Receipt {
	w.Helper()
	r, err := w.Add(context.Background(), e)
	if err != nil {
		w.Fatal(err)
	}
	return r
}

// checkpoint verifies a note under both keys.
func (w *world) checkpoint(note []byte) ledger.Checkpoint {
	w.Helper()
	c, err := ledger.OpenCheckpoint(note, origin, w.verifiers...)
	if err != nil {
		w.Fatalf("%v in %q", err, note)
	}
	return c
}

func entry(format string, args ...any) sequencer.Entry {
	return sequencer.Entry{Leaf: fmt.Appendf(nil, format, args...)}
}

// gate is a Store whose commits wait to be let through, or fail.
type gate struct {
	sequencer.Store
	arrived chan sequencer.Batch // a batch that is about to be committed
	answer  chan error           // nil lets it through
}

func newGate(s sequencer.Store) *gate {
	return &gate{s, make(chan sequencer.Batch, 1), make(chan error, 1)}
}

func (g *gate) Commit(ctx context.Context, b sequencer.Batch) (sequencer.Head, error) {
	g.arrived <- b
	if err := <-g.answer; err != nil {
		return sequencer.Head{}, err
	}
	return g.Store.Commit(ctx, b)
}

// code returns the code of a refusal.
func code(err error) string {
	var r interface{ Code() string }
	if errors.As(err, &r) {
		return r.Code()
	}
	return ""
}

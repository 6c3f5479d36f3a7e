package server

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/yurai-ledger/yurai/ledger/filestore"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
	"github.com/yurai-ledger/yurai/sbom/envelope"
)

// measured is a folder that says how much space it has.
type measured struct {
	filestore.Disk
	free *atomic.Int64
}

func (m measured) Free() (int64, error) { return m.free.Load(), nil }

// TestReserve answers writes with 507 while the disk has less than the reserve,
// goes on reading, and takes statements again as soon as there is space.
func TestReserve(t *testing.T) {
	var free atomic.Int64
	free.Store(1 << 40)
	o := Options{Clock: clockAt(noon), Logger: testLogger(t), Reserve: 1 << 30}
	o.files = func(dir string) filestore.FS {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		return measured{filestore.Disk(dir), &free}
	}
	dir := newLedger(t)
	r := serveWith(t, dir, o)
	key := newKey(t, envelope.Ed25519)
	index := r.enrol(t, vendor, key)
	for round, raw := range [][]byte{newBOM(serialA, 1, "HR-87T"), newBOM(serialB, 1, "HR-88T")} {
		leaf := signBOM(t, bomBody(t, vendor, raw), key)
		before := r.stores(t)
		free.Store(1<<30 - 1)
		a := r.submits(t, leaf, raw)
		refused(t, a, http.StatusInsufficientStorage, "STORE-SPACE-LOW")
		if a.header.Get("Retry-After") == "" {
			t.Error("507 without Retry-After")
		}
		if after := r.stores(t); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("round %d: a write below the reserve left %v, before it was %v", round, after, before)
		}
		for _, path := range []string{"/checkpoint", "/tile/0/000.p/3", "/tile/entries/000.p/3", fmt.Sprintf("/api/v1/entries/%d/bundle", index), "/healthz"} {
			if a := r.get(t, path); a.status != http.StatusOK {
				t.Errorf("round %d: %s = %d %s", round, path, a.status, a.body)
			}
		}
		if a := r.get(t, "/readyz"); a.status != http.StatusServiceUnavailable || !strings.Contains(string(a.body), "reserve") {
			t.Errorf("round %d: /readyz = %d %s", round, a.status, a.body)
		}
		free.Store(1 << 30)
		r.accepted(t, http.StatusCreated, leaf, raw)
		if a := r.get(t, "/readyz"); a.status != http.StatusOK {
			t.Errorf("round %d: /readyz = %d %s", round, a.status, a.body)
		}
	}
	r.end(t)
	free.Store(0)
	again := serveWith(t, dir, o) // a start with a full disk serves what there is
	if a := again.get(t, "/checkpoint"); a.status != http.StatusOK || again.Size() != 5 {
		t.Errorf("/checkpoint of %d entries = %d", again.Size(), a.status)
	}
}

// TestQueueIsFull answers 503 with Retry-After when as many entries wait as may,
// and loses none of those that waited.
func TestQueueIsFull(t *testing.T) {
	var armed atomic.Bool
	goOn := make(chan struct{})
	stopped := make(chan struct{})
	o := Options{Clock: clockAt(noon), Logger: testLogger(t), queue: 2}
	o.point = func(s sequencer.Step, after bool) error {
		if s == sequencer.StepPublish && !after && armed.CompareAndSwap(true, false) {
			close(stopped)
			<-goOn
		}
		return nil
	}
	r := serveWith(t, newLedger(t), o)
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	leaves, raws := make([][]byte, 4), make([][]byte, 4)
	for i := range leaves {
		raws[i] = newBOM(fmt.Sprintf("3e671687-395b-41f5-a30f-a58921a69b7%d", i), 1, "HR-87T")
		leaves[i] = signBOM(t, bomBody(t, vendor, raws[i]), key)
	}
	answers := make([]answer, len(leaves))
	var all sync.WaitGroup
	submit := func(i int) { all.Go(func() { answers[i] = r.submits(t, leaves[i], raws[i]) }) }
	armed.Store(true)
	submit(0)
	<-stopped
	submit(1)
	submit(2)
	for r.sequence.Waiting() < 2 {
		if t.Failed() {
			t.FailNow()
		}
	}
	a := r.submits(t, leaves[3], raws[3])
	refused(t, a, http.StatusServiceUnavailable, "LOG-QUEUE-FULL")
	if a.header.Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
	close(goOn)
	all.Wait()
	for i, a := range answers[:3] {
		if a.status != http.StatusCreated {
			t.Errorf("submission %d = %d %s", i, a.status, a.body)
		}
	}
	r.accepted(t, http.StatusCreated, leaves[3], raws[3])
}

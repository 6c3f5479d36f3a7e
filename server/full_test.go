//go:build linux

package server

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/problem"
)

// smallDisk names the folder of the small file system, in the process that has
// one.
const smallDisk = "YURAI_SMALL_DISK"

// TestFullDisk serves a ledger from a file system of 320 MiB that others fill to
// the last byte: a process in a user namespace of its own, which may mount one.
func TestFullDisk(t *testing.T) {
	if dir := os.Getenv(smallDisk); dir != "" {
		onSmallDisk(t, dir)
		return
	}
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const mounts = `mount -t tmpfs -o size=320m none "$1"`
	if out, err := exec.Command("unshare", "-rm", "sh", "-c", mounts, "sh", dir).CombinedOutput(); err != nil {
		t.Skipf("absent: a user namespace that may mount a small file system: %v: %s", err, bytes.TrimSpace(out))
	}
	cmd := exec.Command("unshare", "-rm", "sh", "-c", mounts+` && exec "$2" -test.run '^TestFullDisk$' -test.v`, "sh", dir, self)
	cmd.Env = append(os.Environ(), smallDisk+"="+dir, "TMPDIR="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestFullDisk") {
		t.Fatalf("on the small disk: %v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// fillDisk writes a file until the disk has so many bytes left, 0 for none.
func fillDisk(t *testing.T, dir string, left int64) (empty func()) {
	t.Helper()
	path := filepath.Join(dir, "filler")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	piece := make([]byte, 1<<20)
	for {
		var s syscall.Statfs_t
		if err := syscall.Statfs(dir, &s); err != nil {
			t.Fatal(err)
		}
		rest := int64(s.Bavail)*s.Bsize - left
		if rest <= 0 {
			break
		}
		if _, err := f.Write(piece[:min(rest, int64(len(piece)))]); errors.Is(err, syscall.ENOSPC) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// onSmallDisk fills the disk below the reserve, to the last byte, while writers
// write, and before a start. The process lives, reads go on, a write is recorded
// or answered with 507, and writing resumes with space.
func onSmallDisk(t *testing.T, disk string) {
	dir := filepath.Join(disk, "ledger")
	if err := Init(dir, InitOptions{Origin: testOrigin, Clock: clockAt(noon)}); err != nil {
		t.Fatal(err)
	}
	const reserve = 32 << 20
	o := Options{Clock: clockAt(noon), Logger: testLogger(t), Reserve: reserve}
	r := serveWith(t, dir, o)
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	made := 0
	next := func() (leaf, raw []byte) {
		made++
		raw = newBOM(fmt.Sprintf("3e671687-395b-41f5-a30f-%012x", made), 1, strings.Repeat("HR-87T ", 300))
		return signBOM(t, bomBody(t, vendor, raw), key), raw
	}
	reads := func(when string) {
		t.Helper()
		size := r.Size()
		for _, path := range []string{"/checkpoint", fmt.Sprintf("/tile/0/000.p/%d", size), fmt.Sprintf("/tile/entries/000.p/%d", size), "/api/v1/entries/2/bundle"} {
			if size >= 256 {
				path = strings.Replace(path, fmt.Sprintf(".p/%d", size), "", 1)
			}
			if a := r.get(t, path); a.status != http.StatusOK {
				t.Errorf("%s, %s = %d %s", when, path, a.status, a.body)
			}
		}
	}
	takes := func(when string) {
		t.Helper()
		leaf, raw := next()
		r.accepted(t, http.StatusCreated, leaf, raw)
		reads(when)
	}
	full := map[string]int{}
	refusedForSpace := func(when string, a answer) {
		t.Helper()
		d, err := problem.Parse(a.body)
		if err != nil || a.status != http.StatusInsufficientStorage {
			t.Errorf("%s: %d %s", when, a.status, a.body)
			return
		}
		full[d.Code]++
	}
	takes("at first")

	// Below the reserve.
	empty := fillDisk(t, disk, reserve-1<<20)
	for range 3 {
		leaf, raw := next()
		refusedForSpace("below the reserve", r.submits(t, leaf, raw))
	}
	reads("below the reserve")
	empty()
	takes("above the reserve again")

	// While writers write: none hears anything but that it is recorded or that
	// there is no room.
	var writers sync.WaitGroup
	var mu sync.Mutex
	recorded := map[string][]byte{} // leaf by location
	stop := make(chan struct{})
	for range 4 {
		writers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				mu.Lock()
				leaf, raw := next()
				mu.Unlock()
				a := r.submits(t, leaf, raw)
				mu.Lock()
				if a.status == http.StatusCreated {
					recorded[a.header.Get("Location")] = leaf
				} else {
					refusedForSpace("while writing", a)
				}
				mu.Unlock()
			}
		})
	}
	for range 2 {
		empty := fillDisk(t, disk, 0)
		reads("on a disk that is full")
		empty()
	}
	close(stop)
	writers.Wait()
	takes("after writers met a full disk")
	r.end(t)

	// Without a reserve the disk itself says no.
	o.Reserve = -1
	r = serveWith(t, dir, o)
	empty = fillDisk(t, disk, 0)
	for range 20 {
		leaf, raw := next()
		if a := r.submits(t, leaf, raw); a.status != http.StatusCreated {
			refusedForSpace("without a reserve", a)
		}
		k := newKey(t, envelope.Ed25519)
		made++
		p := partyBody(fmt.Sprintf("x:vendor-%d", made), k)
		payload, err := statement.NewParty(p)
		if a := r.submits(t, seals(t, payload, err, k, r.registrarKey(t)), nil); a.status != http.StatusCreated {
			refusedForSpace("without a reserve", a)
		}
	}
	reads("without a reserve")

	// A start on a full disk serves what there is, and the indexes follow when
	// there is room.
	r.end(t)
	o.Reserve = reserve
	r = serveWith(t, dir, o)
	reads("after a start on a full disk")
	leaf, raw := next()
	refusedForSpace("after a start on a full disk", r.submits(t, leaf, raw))
	empty()
	r.accepted(t, http.StatusCreated, leaf, raw)
	for r.lookups.applied() < r.Size() || r.contents.index.Applied() < r.Size() {
		runtime.Gosched()
	}
	for location, leaf := range recorded {
		a := r.get(t, location)
		if a.status != http.StatusOK || !bytes.Equal(r.opens(t, a.body).Statement.Leaf, leaf) {
			t.Errorf("%s was acknowledged: %d", location, a.status)
		}
	}
	t.Logf("%d entries, %d recorded while the disk was filled; refused: %v", r.Size(), len(recorded), full)
}

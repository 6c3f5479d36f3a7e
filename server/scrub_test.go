package server

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/envelope"
)

// TestScrubberFindsWhatIsLost damages a blob, a leaf and a tile of a running log:
// the scrubber says so, nothing else changes, and the entry of the blob stands.
func TestScrubberFindsWhatIsLost(t *testing.T) {
	t.Parallel()
	dir := newLedger(t)
	var said safeBuffer
	r := serve(t, dir)
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	raw := newBOM(serialA, 1, "HR-87T")
	index := r.accepted(t, http.StatusCreated, signBOM(t, bomBody(t, vendor, raw), key), raw).Statement.Index
	once := func() scrubbed {
		t.Helper()
		s := newScrubber(r.store, r.blobs, 1<<40, slog.New(slog.NewTextHandler(&said, nil)))
		if err := s.once(t.Context()); err != nil {
			t.Fatal(err)
		}
		return s.said()
	}
	if got := once(); got.Damaged != 0 || got.Lost != 0 || got.Blobs != 1 || got.Verified != r.Size() {
		t.Errorf("a sound log is scrubbed as %+v", got)
	}
	var blob string
	if err := filepath.WalkDir(filepath.Join(dir, blobsName, "sha256"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			blob = path
		}
		return err
	}); err != nil || blob == "" {
		t.Fatal(blob, err)
	}
	before := r.get(t, "/api/v1/entries/3/bundle")
	flip(t, blob, 30)
	if got := once(); got.Lost != 1 || got.Damaged != 0 || !strings.Contains(said.String(), "STORE-BLOB-LOST") {
		t.Errorf("a damaged blob is scrubbed as %+v: %s", got, said.String())
	}
	if err := os.Remove(blob); err != nil {
		t.Fatal(err)
	}
	if got := once(); got.Lost != 1 {
		t.Errorf("a lost blob is scrubbed as %+v", got)
	}
	refused(t, r.get(t, "/blobs/sha256/"+bomBody(t, vendor, raw).Digest.Hex()), http.StatusInternalServerError, "STORE-BLOB-LOST")
	after := r.get(t, "/api/v1/entries/3/bundle")
	if index != 3 || after.status != http.StatusOK || len(r.opens(t, after.body).History) != len(r.opens(t, before.body).History) {
		t.Errorf("the bundle of an entry whose bytes are lost = %d %s", after.status, after.body)
	}
	if is, was := r.evidence(t, r.opens(t, after.body)), r.evidence(t, r.opens(t, before.body)); is.Standing.Word != was.Standing.Word {
		t.Errorf("the standing of an entry whose bytes are lost is %v, was %v", is.Standing, was.Standing)
	}
	flip(t, filepath.Join(dir, logName, "entries", "0000000000000000"), 200)
	if got := once(); got.Damaged != 1 || !strings.Contains(said.String(), "STORE-ENTRIES-DAMAGED") {
		t.Errorf("a damaged leaf is scrubbed as %+v", got)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.scrub.Run(over); err == nil {
		t.Error("the scrubber does not end with its context")
	}
	if a := r.get(t, "/readyz"); !strings.Contains(string(a.body), `"scrub":{"pass":`) {
		t.Errorf("/readyz does not tell of the scrubber: %s", a.body)
	}
}

// flip flips a bit of a file.
func flip(t *testing.T, name string, at int64) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b [1]byte
	if _, err := f.ReadAt(b[:], at); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 2
	if _, err := f.WriteAt(b[:], at); err != nil {
		t.Fatal(err)
	}
}

package filestore

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/yurai-ledger/yurai/ledger"
)

func copyOptions() CopyOptions { return CopyOptions{Origin: testOrigin, layout: &tiny} }

// copyOf copies a log and checks the copy.
func copyOf(t *testing.T, from, to string, o CopyOptions) Point {
	t.Helper()
	p, err := Copy(t.Context(), from, to, o)
	if err != nil {
		t.Fatalf("copy: %v", err)
	}
	r := check(t, to)
	if r.Damaged() || r.Sequence != p.Sequence || r.Hash != p.Hash || r.Root != p.Root || r.Size != p.Size {
		t.Fatalf("the copy of %+v is %+v", p, r)
	}
	return p
}

// TestCopyOfARunningLog copies a log while it grows, again and again into one
// folder and into new ones, and goes on with the copies.
func TestCopyOfARunningLog(t *testing.T) {
	dir, o, h := onDisk(t)
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.verify(s); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.grow(t, s, 60)
	}()
	again := filepath.Join(t.TempDir(), "again")
	var points []Point
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		points = append(points, copyOf(t, dir, again, copyOptions()))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	last := points[len(points)-1]
	if last.Size != int64(len(h.leaves)) || last.Root != h.tree.Root() {
		t.Fatalf("the last copy has %d leaves, the log %d", last.Size, len(h.leaves))
	}
	// An earlier state can be had from a later copy.
	for _, p := range []Point{points[0], points[len(points)/2]} {
		early := copyOptions()
		early.End, early.Restore = &p, true
		if got := copyOf(t, again, filepath.Join(t.TempDir(), "early"), early); got != p {
			t.Errorf("copy up to record %d is %+v", p.Sequence, got)
		}
	}
	bent := points[0]
	bent.Hash[0] ^= 1
	early := copyOptions()
	early.End = &bent
	if _, err := Copy(t.Context(), again, filepath.Join(t.TempDir(), "bent"), early); code(err) != "STORE-POINT-ABSENT" {
		t.Errorf("copy up to a record that is not there: %v", err)
	}
}

// TestCopyRefuses names what is no older copy of the same log.
func TestCopyRefuses(t *testing.T) {
	dir, o, _ := onDisk(t)
	to := filepath.Join(t.TempDir(), "copy")
	copyOf(t, dir, to, copyOptions())
	older := filepath.Join(t.TempDir(), "older")
	if err := os.CopyFS(older, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	grow := func(dir string, seed uint64) {
		t.Helper()
		s, err := Open(dir, o)
		if err != nil {
			t.Fatal(err)
		}
		h := &history{created: true}
		err = s.Replay(t.Context(), 0, func(_ int64, leaf []byte) ([32]byte, error) {
			h.tree.Append(ledger.LeafHash(leaf), nil)
			return ledger.LeafHash(leaf), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		h.made = int(seed)
		r := rand.New(rand.NewPCG(seed, seed))
		for range 3 {
			b := h.batch(r)
			if _, err := s.Commit(context.Background(), b); err != nil {
				t.Fatal(err)
			}
			for _, hash := range b.Hashes {
				h.tree.Append(hash, nil)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	grow(dir, 1000)
	copyOf(t, dir, to, copyOptions())
	if _, err := Copy(t.Context(), older, to, copyOptions()); code(err) != "STORE-COPY-AHEAD" {
		t.Errorf("an older log over a newer copy: %v", err)
	}
	grow(older, 2000)
	grow(older, 3000)
	if _, err := Copy(t.Context(), older, to, copyOptions()); code(err) != "STORE-COPY-OTHER" {
		t.Errorf("another history over a copy: %v", err)
	}
	other := copyOptions()
	other.Origin = "ledger.example/other"
	if _, err := Copy(t.Context(), dir, filepath.Join(t.TempDir(), "x"), other); code(err) != "STORE-JOURNAL-DAMAGED" {
		t.Errorf("a log of another origin: %v", err)
	}
	if _, err := Copy(t.Context(), t.TempDir(), to, copyOptions()); code(err) != "STORE-FOLDER-ABSENT" {
		t.Errorf("no log: %v", err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Copy(over, dir, filepath.Join(t.TempDir(), "y"), copyOptions()); !errors.Is(err, context.Canceled) {
		t.Errorf("a copy that was cancelled: %v", err)
	}
}

// TestSettle restores a copy, finds that it needs an anchor, settles it, goes on,
// and finds that a clone of it is moved.
func TestSettle(t *testing.T) {
	dir, o, h := onDisk(t)
	to := filepath.Join(t.TempDir(), "restored")
	restore := copyOptions()
	restore.Restore = true
	copyOf(t, dir, to, restore)
	for range 2 { // opening alone changes nothing
		s, err := Open(to, o)
		if err != nil {
			t.Fatal(err)
		}
		if i := s.Instance(); i.Moved == "" || i.Needs != NeedsAnchor {
			t.Fatalf("a restored log says %+v", i)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(to, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.verify(s); err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(); err != nil || s.Instance().Moved != "" {
		t.Fatalf("settled: %v, %+v", err, s.Instance())
	}
	h.grow(t, s, 20)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(to, o); err != nil {
		t.Fatal(err)
	}
	if i := s.Instance(); i.Moved != "" || i.Needs != "" || s.Head().Size != int64(len(h.leaves)) {
		t.Errorf("opened again, a settled log says %+v, %d leaves", i, s.Head().Size)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if r := check(t, to); r.Damaged() {
		t.Errorf("a settled log: %+v", r.Faults)
	}
	clone := filepath.Join(t.TempDir(), "clone")
	if err := os.CopyFS(clone, os.DirFS(to)); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(clone, o); err != nil {
		t.Fatal(err)
	}
	if s.Instance().Moved == "" {
		t.Error("a clone of a settled log is not noticed")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestSettleIsInterrupted ends the process at each call of settling: the log opens
// afterwards, with all it had, settled or still to be.
func TestSettleIsInterrupted(t *testing.T) {
	files, h := sample(t, 6)
	settle := func(c *cutFS) error {
		s, err := Open("", tinyOptions(c))
		if err != nil {
			return err
		}
		return errors.Join(s.Settle(), s.Close())
	}
	whole := files.clone()
	if err := settle(whole); err != nil {
		t.Fatal(err)
	}
	for n := range whole.calls {
		c := files.clone()
		c.stopAt = n + 1
		_ = settle(c)
		next := c.restart()
		if n%2 == 1 {
			next = c.cut(rand.New(rand.NewPCG(31, uint64(n))))
		}
		s, err := Open("", tinyOptions(next))
		if err != nil {
			t.Fatalf("killed at call %d: %v", n+1, err)
		}
		if err := h.verify(s); err != nil {
			t.Errorf("killed at call %d: %v", n+1, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

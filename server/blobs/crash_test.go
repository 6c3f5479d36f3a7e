package blobs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
)

// story is what the crash and fault tests do: three blobs of both forms, one of
// them over a damaged file in each form, one stored twice, two in one shard.
func story() [][]byte {
	text := []byte(strings.Repeat(`{"type":"library","name":"left-pad"}`, 60))
	noise := make([]byte, 3000)
	h := sha256.Sum256([]byte("seed"))
	for i := range noise {
		if i%32 == 0 {
			h = sha256.Sum256(h[:])
		}
		noise[i] = h[i%32]
	}
	return [][]byte{text, noise, []byte("small"), {}, text, sameShard(text)}
}

// sameShard returns other bytes whose digest begins with the same byte.
func sameShard(b []byte) []byte {
	want := sha256.Sum256(b)[0]
	for i := 0; ; i++ {
		c := fmt.Appendf(nil, "%d", i)
		if sha256.Sum256(c)[0] == want {
			return c
		}
	}
}

// prepared returns a folder where a process wrote damaged files for the first
// two blobs of the story.
func prepared(t *testing.T) *model {
	t.Helper()
	m := newModel()
	s, err := open(m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range story()[:2] {
		d := sha256.Sum256(b)
		if err := s.makeShard(d); err != nil {
			t.Fatal(err)
		}
		dir, base := split(nameOf(d, []form{plainForm, zstdForm}[i]))
		m.nowDirs[dir][base] = durable(b[:len(b)/2])
		if err := m.Sync(dir); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Sync(blobFolder); err != nil {
		t.Fatal(err)
	}
	m.calls = 0
	return m
}

// play puts the story's blobs and returns the digests that were acknowledged.
func play(m *model) (map[[32]byte]bool, []error) {
	acked := map[[32]byte]bool{}
	s, err := open(m, Options{})
	if err != nil {
		return acked, []error{err}
	}
	var errs []error
	for _, b := range story() {
		d := sha256.Sum256(b)
		if err := s.Put(context.Background(), d, bytes.NewReader(b), int64(len(b))); err != nil {
			errs = append(errs, err)
		} else {
			acked[d] = true
		}
	}
	return acked, errs
}

// broken opens what is left and returns what is wrong with it: an acknowledged
// blob that is not there, other bytes, a half blob that was not there before.
func broken(m *model, acked map[[32]byte]bool) []string {
	var out []string
	s, err := open(m, Options{})
	if err != nil {
		return []string{"does not open: " + err.Error()}
	}
	if n := len(m.nowDirs[tempFolder]); n != 0 {
		out = append(out, fmt.Sprintf("%d temporary files left", n))
	}
	for i, b := range story() {
		d := sha256.Sum256(b)
		got, err := s.Get(context.Background(), d)
		var lost *Error
		switch {
		case err == nil && !bytes.Equal(got.Bytes(), b):
			out = append(out, fmt.Sprintf("blob %d: other bytes", i))
		case err != nil && acked[d]:
			out = append(out, fmt.Sprintf("blob %d was acknowledged: %v", i, err))
		case errors.As(err, &lost) && i != 0 && i != 1 && i != 4:
			out = append(out, fmt.Sprintf("blob %d is half there: %v", i, err))
		case err != nil && lost == nil && !errors.Is(err, ErrAbsent):
			out = append(out, fmt.Sprintf("blob %d: %v", i, err))
		}
		if got != nil {
			got.Close()
		}
		if err := s.Put(context.Background(), d, bytes.NewReader(b), int64(len(b))); err != nil {
			out = append(out, fmt.Sprintf("blob %d cannot be put again: %v", i, err))
		}
	}
	return out
}

// cuts cuts the power before each call of the story and returns what broke.
func cuts(t *testing.T, omit string) (broke []string, calls int) {
	t.Helper()
	for n := 1; ; n++ {
		m := prepared(t)
		m.omit = omit
		m.fail = func(call int, _ string) error {
			if call >= n {
				return errCut
			}
			return nil
		}
		acked, errs := play(m)
		for name, left := range m.survivals() {
			for _, b := range broken(left, acked) {
				broke = append(broke, fmt.Sprintf("cut before call %d, %s survives: %s", n, name, b))
			}
		}
		if len(errs) == 0 {
			return broke, n
		}
	}
}

func TestPowerCutAtEachCall(t *testing.T) {
	broke, calls := cuts(t, "")
	for _, b := range broke {
		t.Error(b)
	}
	if calls < 50 {
		t.Errorf("the story has only %d calls", calls)
	}
}

// Without any one of the syncs the test above must fail, else it proves nothing.
func TestEachSyncIsNeeded(t *testing.T) {
	for _, omit := range []string{"file", "shard", blobFolder, "."} {
		// The folders are made before the story, so a fresh one is cut too.
		broke, _ := cuts(t, omit)
		m := newModel()
		m.omit = omit
		acked, errs := play(m)
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		for _, left := range m.survivals() {
			broke = append(broke, broken(left, acked)...)
		}
		if len(broke) == 0 {
			t.Errorf("without syncing %q nothing is lost", omit)
		}
	}
}

func TestEachCallFails(t *testing.T) {
	for _, fault := range []error{syscall.EIO, syscall.ENOSPC} {
		for _, lasting := range []bool{false, true} {
			for n := 1; ; n++ {
				m := prepared(t)
				failed := ""
				m.fail = func(call int, op string) error {
					if call == n || lasting && call > n {
						if failed == "" {
							failed = op
						}
						return fault
					}
					return nil
				}
				acked, errs := play(m)
				if failed == "" {
					break
				}
				where := fmt.Sprintf("call %d (%s) fails with %v, lasting %v", n, failed, fault, lasting)
				for _, err := range errs {
					checkFault(t, where, fault, err)
				}
				m.fail = nil
				for _, b := range broken(m, acked) {
					t.Errorf("%s: %s", where, b)
				}
			}
		}
	}
}

// checkFault holds an error of Put against the fault that caused it.
func checkFault(t *testing.T, where string, fault, err error) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		if !errors.Is(err, fault) {
			t.Errorf("%s: error %v is not of the fault", where, err)
		}
		return // open failed
	}
	want := "STORE-BLOB-WRITE"
	if errors.Is(err, syscall.ENOSPC) {
		want = "STORE-BLOB-FULL"
	}
	if e.Code() != want {
		t.Errorf("%s: code %s, want %s: %v", where, e.Code(), want, err)
	}
}

// After a folder could not be synced no write is acknowledged, not even of a
// blob that is there, until the store is opened again.
func TestNoWriteAfterAFailedFolderSync(t *testing.T) {
	m := newModel()
	s, err := open(m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	put := func(b string) error {
		return s.Put(context.Background(), sha256.Sum256([]byte(b)), strings.NewReader(b), int64(len(b)))
	}
	if err := put("before"); err != nil {
		t.Fatal(err)
	}
	once := false
	m.fail = func(_ int, op string) error {
		if strings.HasPrefix(op, "sync sha256/") && !once {
			once = true
			return syscall.EIO
		}
		return nil
	}
	for _, b := range []string{"a", "a", "b", "before"} {
		err := put(b)
		if code(err) != "STORE-BLOB-WRITE" {
			t.Errorf("put of %q = %v, want STORE-BLOB-WRITE", b, err)
		}
	}
	if _, err := s.Check(context.Background(), sha256.Sum256([]byte("before"))); code(err) != "STORE-BLOB-WRITE" {
		t.Errorf("check = %v, want STORE-BLOB-WRITE", err)
	}
	if b, err := s.Get(context.Background(), sha256.Sum256([]byte("before"))); err != nil {
		t.Errorf("reading goes on: %v", err)
	} else {
		b.Close()
	}
	if s, err = open(m, Options{}); err != nil {
		t.Fatal(err)
	}
	if err := put("a"); err != nil {
		t.Errorf("after opening again: %v", err)
	}
}

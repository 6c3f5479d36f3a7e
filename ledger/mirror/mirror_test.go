package mirror_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/audit"
	"github.com/yurai-ledger/yurai/ledger/client"
	"github.com/yurai-ledger/yurai/ledger/mirror"
)

func TestPullIsIdentical(t *testing.T) {
	w := newWorld(t, 2900)
	files, store := newRAM(), newRAM()
	m := w.mirrored(files, store)
	if _, ok := m.Signed(); ok || m.Size() != 0 {
		t.Error("a new mirror serves something")
	}
	if _, err := m.Tile(t.Context(), 0, 0, 1); code(err) != "LOG-TILE-ABSENT" {
		t.Errorf("a tile of a new mirror: %v", err)
	}
	for _, size := range []int{0, 1, 5, 255, 256, 257, 512, 700, 700, 2600, 2900} {
		head := w.head(size)
		if err := m.Pull(t.Context(), w, head, nil); err != nil {
			t.Fatalf("size %d: %v", size, err)
		}
		w.same(m, head)
	}
	// The same tree with another signature line is served as it came.
	head := w.head(2900)
	head.Note = append(bytes.Clone(head.Note), "\u2014 witness.example/w AAAAAAAA\n"...)
	if err := m.Pull(t.Context(), w, head, nil); err != nil {
		t.Fatal(err)
	}
	w.same(m, head)
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	m = w.mirrored(files.next(), store.next())
	w.same(m, head)

	n := int64(300)
	err := m.Leaves(t.Context(), 300, 1<<40, func(index int64, leaf []byte) error {
		if index != n || !bytes.Equal(leaf, w.leaves[n]) {
			t.Fatalf("entry %d after %d: %q", index, n-1, leaf)
		}
		n++
		return nil
	})
	if err != nil || n != 2900 {
		t.Errorf("%d entries visited, %v", n, err)
	}
}

// TestPullRefuses: whatever a server sends instead of the truth, nothing that it
// says is served, and what was served stays.
func TestPullRefuses(t *testing.T) {
	const from, size = 300, 1300
	w := newWorld(t, size)
	before, head := w.head(from), w.head(size)
	flip := func(at int) func([]byte) ([]byte, error) {
		return func(b []byte) ([]byte, error) {
			b = bytes.Clone(b)
			b[(at+len(b))%len(b)] ^= 1
			return b, nil
		}
	}
	cases := map[string]struct {
		path string
		bend func([]byte) ([]byte, error)
		want string
	}{
		"edge tile bent":             {"tile/0/005.p/20", flip(3), "MIRROR-ANSWER-FALSE"},
		"edge tile above bent":       {"tile/1/000.p/5", flip(-1), "MIRROR-ANSWER-FALSE"},
		"edge tile cut short":        {"tile/1/000.p/5", func(b []byte) ([]byte, error) { return b[:len(b)-32], nil }, "MIRROR-ANSWER-FALSE"},
		"edge tile too long":         {"tile/0/005.p/20", func(b []byte) ([]byte, error) { return append(bytes.Clone(b), b[:32]...), nil }, "MIRROR-ANSWER-FALSE"},
		"tile bent at its beginning": {"tile/0/001", flip(0), "MIRROR-ANSWER-FALSE"},
		"tile bent at its end":       {"tile/0/004", flip(-1), "MIRROR-ANSWER-FALSE"},
		"tile cut short":             {"tile/0/003", func(b []byte) ([]byte, error) { return b[:8191], nil }, "MIRROR-ANSWER-FALSE"},
		"tile empty":                 {"tile/0/003", func([]byte) ([]byte, error) { return nil, nil }, "MIRROR-ANSWER-FALSE"},
		"tile of another place":      {"tile/0/003", func([]byte) ([]byte, error) { return w.Tile(context.Background(), 0, 2, 256) }, "MIRROR-ANSWER-FALSE"},
		"tile missing":               {"tile/0/002", func([]byte) ([]byte, error) { return nil, client.ErrNotFound }, "MIRROR-ANSWER-ABSENT"},
		"edge tile missing":          {"tile/1/000.p/5", func([]byte) ([]byte, error) { return nil, client.ErrNotFound }, "MIRROR-ANSWER-ABSENT"},
		"bundle bent":                {"tile/entries/003", flip(77), "MIRROR-ANSWER-FALSE"},
		"bundle's last byte bent":    {"tile/entries/005.p/20", flip(-1), "MIRROR-ANSWER-FALSE"},
		"bundle's length bent":       {"tile/entries/003", flip(1), "MIRROR-ANSWER-FALSE"},
		"bundle cut inside a leaf":   {"tile/entries/003", func(b []byte) ([]byte, error) { return b[:len(b)-1], nil }, "MIRROR-ANSWER-FALSE"},
		"bundle one leaf short":      {"tile/entries/005.p/20", func(b []byte) ([]byte, error) { return b[:len(b)-2-len(w.leaves[size-1])], nil }, "MIRROR-ANSWER-FALSE"},
		"bundle one leaf long":       {"tile/entries/005.p/20", func(b []byte) ([]byte, error) { return ledger.AppendBundleEntry(bytes.Clone(b), []byte("x")), nil }, "MIRROR-ANSWER-FALSE"},
		"bundle empty":               {"tile/entries/002", func([]byte) ([]byte, error) { return nil, nil }, "MIRROR-ANSWER-FALSE"},
		"bundle with an empty leaf":  {"tile/entries/002", func(b []byte) ([]byte, error) { return append([]byte{0, 0}, b...), nil }, "MIRROR-ANSWER-FALSE"},
		"bundle of another place":    {"tile/entries/003", func([]byte) ([]byte, error) { return w.Bundle(context.Background(), 2, 256) }, "MIRROR-ANSWER-FALSE"},
		"bundle missing":             {"tile/entries/004", func([]byte) ([]byte, error) { return nil, client.ErrNotFound }, "MIRROR-ANSWER-ABSENT"},
		"bundle that breaks off":     {"tile/entries/004", func([]byte) ([]byte, error) { return nil, ledger.Refuse("CLIENT-SERVER-UNREACHABLE", "broken") }, "CLIENT-SERVER-UNREACHABLE"},
	}
	m := w.mirrored(newRAM(), newRAM())
	if err := m.Pull(t.Context(), w, before, nil); err != nil {
		t.Fatal(err)
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			met := false
			w.bend = func(path string, b []byte) ([]byte, error) {
				if path != c.path {
					return b, nil
				}
				met = true
				bend := w.bend
				w.bend = nil // an answer may be made of others
				defer func() { w.bend = bend }()
				return c.bend(b)
			}
			// Concurrent requests would race for bend: one at a time.
			err := m.Pull(t.Context(), &single{w}, head, nil)
			w.bend = nil
			if code(err) != c.want || !met {
				t.Fatalf("got %v, want %s; asked for: %v", err, c.want, met)
			}
			if m.Stored() != from {
				t.Errorf("%d entries are stored", m.Stored())
			}
			w.same(m, before)
		})
	}
	if err := m.Pull(t.Context(), w, head, nil); err != nil {
		t.Fatal(err)
	}
	w.same(m, head)
}

// single lets one request through at a time.
type single struct{ *world }

var one = make(chan struct{}, 1)

func (s *single) Tile(ctx context.Context, level int, index int64, width int) ([]byte, error) {
	one <- struct{}{}
	defer func() { <-one }()
	return s.world.Tile(ctx, level, index, width)
}

func (s *single) Bundle(ctx context.Context, index int64, width int) ([]byte, error) {
	one <- struct{}{}
	defer func() { <-one }()
	return s.world.Bundle(ctx, index, width)
}

// TestForks: two histories of one log, at whatever sizes they are met, and a log
// that goes back.
func TestForks(t *testing.T) {
	w := newWorld(t, 900)
	m := w.mirrored(newRAM(), newRAM())
	seen := w.head(600)
	if err := m.Pull(t.Context(), w, seen, nil); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		from, size int // where the other history begins, and what is shown of it
		want       string
	}{
		"another tree of the same size":       {100, 600, "AUDIT-LOG-FORK"},
		"another last entry":                  {599, 600, "AUDIT-LOG-FORK"},
		"a larger tree of another history":    {100, 900, "AUDIT-LOG-FORK"},
		"a larger tree, the last entry other": {599, 601, "AUDIT-LOG-FORK"},
		"a larger tree, all entries others":   {0, 700, "AUDIT-LOG-FORK"},
		"a smaller tree of the same history":  {600, 400, "AUDIT-LOG-ROLLBACK"},
		"a smaller tree of another history":   {100, 400, "AUDIT-LOG-ROLLBACK"},
		"the empty tree":                      {600, 0, "AUDIT-LOG-ROLLBACK"},
		"the same history, one entry less":    {600, 599, "AUDIT-LOG-ROLLBACK"},
	} {
		t.Run(name, func(t *testing.T) {
			other := w.twin(c.from, max(c.size, c.from))
			err := m.Pull(t.Context(), other, other.head(c.size), nil)
			if code(err) != c.want {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			w.same(m, seen)
			var fork *audit.Fork
			var back *audit.Rollback
			var evidence *audit.Evidence
			switch {
			case errors.As(err, &fork):
				evidence = fork.Evidence()
			case errors.As(err, &back):
				evidence = back.Evidence()
			default:
				t.Fatalf("%v shows nothing", err)
			}
			if _, _, err := evidence.Verify(w.log); err != nil {
				t.Errorf("the evidence does not verify: %v", err)
			}
		})
	}
	if err := m.Pull(t.Context(), w, w.head(900), nil); err != nil {
		t.Errorf("the same history: %v", err)
	}
}

// TestEntriesOfAnotherHistory: what was stored behind the served checkpoint, by a
// pull that was cut off, is never taken for the log's.
func TestEntriesOfAnotherHistory(t *testing.T) {
	w := newWorld(t, 6000)
	other := w.twin(100, 6000)
	m := w.mirrored(newRAM(), newRAM())
	if err := m.Pull(t.Context(), w, w.head(50), nil); err != nil {
		t.Fatal(err)
	}
	other.bend = func(path string, b []byte) ([]byte, error) {
		if strings.HasPrefix(path, "tile/entries/020") {
			return nil, client.ErrNotFound
		}
		return b, nil
	}
	if err := m.Pull(t.Context(), other, other.head(6000), nil); code(err) != "MIRROR-ANSWER-ABSENT" || m.Stored() <= 50 || m.Size() != 50 {
		t.Fatalf("cut off at %d stored, %d served: %v", m.Stored(), m.Size(), err)
	}
	stored := m.Stored()
	for _, size := range []int{6000, int(stored) + 1, int(stored), int(stored) - 1, 200} {
		if err := m.Pull(t.Context(), w, w.head(size), nil); code(err) != "MIRROR-ENTRIES-OTHER" {
			t.Errorf("size %d: %v", size, err)
		}
		if m.Size() != 50 || m.Stored() != stored {
			t.Errorf("size %d: %d served, %d stored", size, m.Size(), m.Stored())
		}
	}
	// Below what differs both are one history, and a smaller tree than is stored is served.
	if err := m.Pull(t.Context(), w, w.head(100), nil); err != nil {
		t.Fatal(err)
	}
	w.same(m, w.head(100))
}

func TestCheckpointOfAnotherLog(t *testing.T) {
	w := newWorld(t, 3)
	m := w.mirrored(newRAM(), newRAM())
	head := w.head(3)
	head.Origin = "ledger.example/other"
	if err := m.Pull(t.Context(), w, head, nil); code(err) != "MIRROR-LOG-OTHER" {
		t.Errorf("got %v", err)
	}
}

// TestKilledAnywhere kills the process at calls that change a file, or cuts the
// power there: what is found is a mirror that serves a checkpoint that was served
// before, or the one that was being pulled, and goes on. With YURAI_CAMPAIGN set it
// does both at every call.
func TestKilledAnywhere(t *testing.T) {
	every := os.Getenv("YURAI_CAMPAIGN") != ""
	w := newWorld(t, 700)
	heads := []ledger.Signed{w.head(0), w.head(3), w.head(260), w.head(700)}
	// play pulls one checkpoint after the other, and returns how many were whole.
	play := func(m *mirror.Mirror) (int, error) {
		defer m.Close()
		for i, head := range heads {
			if head.Size < m.Size() {
				continue
			}
			if err := m.Pull(t.Context(), w, head, nil); err != nil {
				return i, err
			}
		}
		return len(heads), nil
	}
	from := func(files, store *ram) (int, error) {
		m, err := w.open(files, store)
		if err != nil {
			return 0, err
		}
		return play(m)
	}
	files, store := newRAM(), newRAM()
	if _, err := from(files, store); err != nil {
		t.Fatal(err)
	}
	calls := [2]int{files.calls, store.calls}
	t.Logf("%d calls in the folder, %d in its log", calls[0], calls[1])
	round := func(layer, n int, cut bool) {
		files, store := newRAM(), newRAM()
		[]*ram{files, store}[layer].stopAt = n
		whole, err := from(files, store)
		if !errors.Is(err, errKilled) {
			t.Fatalf("layer %d, call %d: %v", layer, n, err)
		}
		if cut {
			files, store = files.cut(), store.cut()
		} else {
			files, store = files.next(), store.next()
		}
		m, err := w.open(files, store)
		if err != nil {
			t.Fatalf("layer %d, call %d, power cut %v: %v", layer, n, cut, err)
		}
		least := int64(-1)
		if whole > 0 {
			least = heads[whole-1].Size
		}
		if at, ok := m.Signed(); ok && at.Size < least || !ok && least >= 0 {
			t.Errorf("layer %d, call %d, power cut %v: %d entries were served, now %d", layer, n, cut, least, at.Size)
		} else if ok {
			w.same(m, at)
		}
		if _, err := play(m); err != nil {
			t.Fatalf("layer %d, call %d, power cut %v, again: %v", layer, n, cut, err)
		}
	}
	for layer, count := range calls {
		for n := 1; n <= count; n++ {
			if every {
				round(layer, n, false)
			}
			if every || n%[]int{3, 16}[layer] == 0 {
				round(layer, n, true)
			}
		}
	}
}

// TestFolders: a folder is a mirror of one log or refused, and one process's.
func TestFolders(t *testing.T) {
	w := newWorld(t, 300)
	dir := filepath.Join(t.TempDir(), "a", "mirror")
	open := func(log ledger.TrustedLog) (*mirror.Mirror, error) {
		return mirror.Open(t.Context(), dir, mirror.Options{Log: log, Clock: clock})
	}
	if origin, err := mirror.Origin(dir); origin != "" || err != nil {
		t.Errorf("an absent folder: %q, %v", origin, err)
	}
	m, err := open(w.log)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mirror.Checkpoint(dir, w.log); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the checkpoint of a new mirror: %v", err)
	}
	if err := m.Pull(t.Context(), w, w.head(300), nil); err != nil {
		t.Fatal(err)
	}
	if got, err := mirror.Checkpoint(dir, w.log); err != nil || got.Checkpoint != w.head(300).Checkpoint {
		t.Errorf("the anchor is %+v, %v", got.Checkpoint, err)
	}
	if second, err := open(w.log); code(err) != "STORE-FOLDER-LOCKED" {
		t.Errorf("opened twice: %v", err)
		if second != nil {
			second.Close()
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if origin, err := mirror.Origin(dir); origin != testOrigin || err != nil {
		t.Errorf("a mirror: %q, %v", origin, err)
	}
	other := newWorld(t, 300)
	otherLog := w.log
	otherLog.Origin = "ledger.example/other"
	name := func(n string) string { return filepath.Join(dir, n) }
	read := func(n string) []byte {
		t.Helper()
		raw, err := os.ReadFile(name(n))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	write := func(n string, raw []byte) {
		t.Helper()
		if err := os.WriteFile(name(n), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mark, note := read("mirror"), read("checkpoint")
	for what, c := range map[string]struct {
		log    ledger.TrustedLog
		change func()
		want   string
	}{
		"another log":                        {otherLog, func() {}, "MIRROR-LOG-OTHER"},
		"other keys":                         {other.log, func() {}, "MIRROR-FOLDER-INVALID"},
		"checkpoint bent":                    {w.log, func() { write("checkpoint", bytes.Replace(note, []byte("\n300\n"), []byte("\n301\n"), 1)) }, "MIRROR-FOLDER-INVALID"},
		"checkpoint empty":                   {w.log, func() { write("checkpoint", nil) }, "MIRROR-FOLDER-INVALID"},
		"checkpoint without end":             {w.log, func() { write("checkpoint", make([]byte, 1<<20)) }, "MIRROR-FOLDER-INVALID"},
		"checkpoint of a larger tree":        {w.log, func() { w.grow(301, "leaf"); write("checkpoint", w.head(301).Note) }, "MIRROR-FOLDER-INVALID"},
		"checkpoint of another history":      {w.log, func() { write("checkpoint", w.twin(10, 200).head(200).Note) }, "MIRROR-FOLDER-INVALID"},
		"mark of another format":             {w.log, func() { write("mirror", []byte("yurai-mirror/2\n"+testOrigin+"\n")) }, "MIRROR-FOLDER-INVALID"},
		"mark cut short":                     {w.log, func() { write("mirror", mark[:len(mark)-1]) }, "MIRROR-FOLDER-INVALID"},
		"mark without end":                   {w.log, func() { write("mirror", make([]byte, 1<<16)) }, "MIRROR-FOLDER-INVALID"},
		"no mark":                            {w.log, func() { os.Remove(name("mirror")) }, "MIRROR-FOLDER-INVALID"},
		"no journal, but a checkpoint":       {w.log, func() { os.Rename(name("log"), name("gone")) }, "STORE-FOLDER-ABSENT"},
		"as it was, with a write unfinished": {w.log, func() { write("checkpoint.new", []byte("half")) }, ""},
	} {
		c.change()
		m, err := open(c.log)
		if code(err) != c.want {
			t.Errorf("%s: %v, want %s", what, err, c.want)
		}
		if m != nil {
			w.same(m, w.head(300))
			if err := m.Pull(t.Context(), w, w.head(300), nil); err != nil {
				t.Error(err)
			}
			m.Close()
		}
		write("mirror", mark)
		write("checkpoint", note)
		if _, err := os.Stat(name("gone")); err == nil {
			os.RemoveAll(name("log"))
			os.Rename(name("gone"), name("log"))
		}
	}
}

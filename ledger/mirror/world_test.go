package mirror_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/client"
	"github.com/yurai-ledger/yurai/ledger/mirror"
)

const testOrigin = "ledger.example/mirrored"

// world is a log in memory that is read as a client reads one.
type world struct {
	t      *testing.T
	signer *ledger.Signer
	log    ledger.TrustedLog
	leaves [][]byte
	rows   [][]ledger.Hash // by level of the binary tree, perfect subtrees alone

	bend func(path string, b []byte) ([]byte, error) // what is served instead; nil is the truth
}

func newWorld(t *testing.T, size int) *world {
	t.Helper()
	s, err := ledger.NewSigner(ledger.Ed25519, testOrigin, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	v, err := ledger.ParseVerifier(s.VKey())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, signer: s, log: ledger.TrustedLog{Origin: testOrigin, Genesis: ledger.LeafHash(nil), Keys: []*ledger.Verifier{v}}}
	w.grow(size, "leaf")
	return w
}

// twin is another history of the same log from an entry on.
func (w *world) twin(from, size int) *world {
	w.t.Helper()
	o := &world{t: w.t, signer: w.signer, log: w.log}
	for _, leaf := range w.leaves[:from] {
		o.add(leaf)
	}
	o.grow(size, "other")
	return o
}

func (w *world) grow(size int, word string) {
	for i := len(w.leaves); i < size; i++ {
		w.add(fmt.Appendf(nil, "%s %d %s", word, i, bytes.Repeat([]byte{'x'}, i%97)))
	}
}

func (w *world) add(leaf []byte) {
	w.leaves = append(w.leaves, leaf)
	h := ledger.LeafHash(leaf)
	for level := 0; ; level++ {
		if level == len(w.rows) {
			w.rows = append(w.rows, nil)
		}
		w.rows[level] = append(w.rows[level], h)
		n := len(w.rows[level])
		if n%2 == 1 {
			return
		}
		h = ledger.NodeHash(w.rows[level][n-2], w.rows[level][n-1])
	}
}

// ReadHash implements [ledger.HashReader].
func (w *world) ReadHash(level int, index int64) (ledger.Hash, error) {
	return w.rows[level][index], nil
}

// head signs the tree of the first size leaves.
func (w *world) head(size int) ledger.Signed {
	w.t.Helper()
	root, err := ledger.TreeRoot(w, int64(size))
	if err != nil {
		w.t.Fatal(err)
	}
	note, err := ledger.SignCheckpoint(ledger.Checkpoint{Origin: testOrigin, Size: int64(size), Root: root}, time.Unix(1, 0), w.signer)
	if err != nil {
		w.t.Fatal(err)
	}
	signed, err := ledger.OpenSigned(note, testOrigin, w.log.Keys...)
	if err != nil {
		w.t.Fatal(err)
	}
	return signed
}

func (w *world) serve(path string, b []byte) ([]byte, error) {
	if w.bend == nil {
		return b, nil
	}
	return w.bend(path, b)
}

// Tile implements [audit.Source].
func (w *world) Tile(ctx context.Context, level int, index int64, width int) ([]byte, error) {
	path := ledger.TilePath(level, index, width)
	row := level * ledger.TileHeight
	first := index * ledger.TileWidth
	if row >= len(w.rows) || first+int64(width) > int64(len(w.rows[row])) {
		return nil, fmt.Errorf("reading %s: %w", path, client.ErrNotFound)
	}
	var b []byte
	for _, h := range w.rows[row][first : first+int64(width)] {
		b = append(b, h[:]...)
	}
	return w.serve(path, b)
}

// Bundle implements [audit.Source].
func (w *world) Bundle(ctx context.Context, index int64, width int) ([]byte, error) {
	path := ledger.BundlePath(index, width)
	first := index * ledger.TileWidth
	if first+int64(width) > int64(len(w.leaves)) {
		return nil, fmt.Errorf("reading %s: %w", path, client.ErrNotFound)
	}
	var b []byte
	for _, leaf := range w.leaves[first : first+int64(width)] {
		b = ledger.AppendBundleEntry(b, leaf)
	}
	return w.serve(path, b)
}

// open opens a mirror of the log in memory.
func (w *world) open(files, store *ram) (*mirror.Mirror, error) {
	for _, f := range []*ram{files, store} {
		if f.names["."] == nil {
			f.names["."], f.kept["."] = newFile(true), newFile(true)
		}
	}
	return mirror.Open(w.t.Context(), "", mirror.Options{Log: w.log, Clock: clock, Files: files, Store: store})
}

func clock() time.Time { return time.Unix(1_800_000_000, 0).UTC() }

// mirrored is open that must succeed; the mirror is closed at the end.
func (w *world) mirrored(files, store *ram) *mirror.Mirror {
	w.t.Helper()
	m, err := w.open(files, store)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { m.Close() })
	return m
}

// same holds everything that the mirror serves against the log of a size.
func (w *world) same(m *mirror.Mirror, head ledger.Signed) {
	w.t.Helper()
	got, ok := m.Signed()
	if !ok || !bytes.Equal(got.Note, head.Note) || got.Checkpoint != head.Checkpoint {
		w.t.Fatalf("the mirror serves %+v, not %+v", got.Checkpoint, head.Checkpoint)
	}
	o := &world{t: w.t, log: w.log, leaves: w.leaves[:head.Size]}
	for level := range w.rows {
		o.rows = append(o.rows, w.rows[level][:head.Size>>level])
	}
	compare := func(path string, got []byte, gotErr error, want []byte, wantErr error) {
		w.t.Helper()
		if (gotErr == nil) != (wantErr == nil) || !bytes.Equal(got, want) {
			w.t.Errorf("%s: %d bytes, %v; the log has %d, %v", path, len(got), gotErr, len(want), wantErr)
		}
	}
	ctx := w.t.Context()
	for level := 0; head.Size>>(level*ledger.TileHeight) > 0; level++ {
		count := head.Size >> (level * ledger.TileHeight)
		for index := int64(0); index <= count/ledger.TileWidth; index++ {
			for _, width := range []int{1, 2, 100, 255, 256, int(count % ledger.TileWidth), int(count%ledger.TileWidth) + 1} {
				if width < 1 || width > ledger.TileWidth {
					continue
				}
				got, gotErr := m.Tile(ctx, level, index, width)
				want, wantErr := o.Tile(ctx, level, index, width)
				compare(ledger.TilePath(level, index, width), got, gotErr, want, wantErr)
				if level == 0 {
					got, gotErr = m.Bundle(ctx, index, width)
					want, wantErr = o.Bundle(ctx, index, width)
					compare(ledger.BundlePath(index, width), got, gotErr, want, wantErr)
				}
			}
		}
	}
}

func code(err error) string {
	var coded interface{ Code() string }
	if errors.As(err, &coded) {
		return coded.Code()
	}
	return ""
}

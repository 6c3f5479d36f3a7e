package index

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// kept makes an index of a few runs, closes it and returns its folder.
func kept(t *testing.T, entries int64) (string, *reference) {
	t.Helper()
	dir := t.TempDir()
	ix := openAt(t, dir, small())
	ref := new(reference)
	fill(t, ix, ref, 8, entries, 100)
	closed(t, ix)
	return dir, ref
}

// regular lists the files below a folder.
func regular(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// fromZero says that an index begins at zero and can be filled again.
func fromZero(t *testing.T, what, dir string) {
	t.Helper()
	ix, err := Open(dir, small())
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	if got := ix.Applied(); got != 0 {
		t.Errorf("%s: applied %d, want 0", what, got)
	}
	if err := ix.Apply(0, [][]Term{{digestTerm(3)}}); err != nil {
		t.Errorf("%s: %v", what, err)
	}
	if got, applied, err := ix.Lookup(digestTerm(3)); err != nil || len(got) != 1 || applied != 1 {
		t.Errorf("%s: afterwards %v, %d, %v", what, got, applied, err)
	}
	closed(t, ix)
}

func TestUncleanStopBeginsAtZero(t *testing.T) {
	dir := t.TempDir()
	ix := openAt(t, dir, small())
	var ref reference
	fill(t, ix, &ref, 9, 500, 50)
	killed := filepath.Join(t.TempDir(), "killed")
	copyDir(t, dir, killed)
	fromZero(t, "killed while open", killed)
	closed(t, ix)

	// Killed after a clean start: the marker of the last stop must be gone.
	ix = openAt(t, dir, small())
	ref.hold(t, ix)
	copyDir(t, dir, filepath.Join(killed, "again"))
	fromZero(t, "killed after a clean start", filepath.Join(killed, "again"))
	closed(t, ix)
	ref.hold(t, openAt(t, dir, small()))
}

func TestDeletedIndexBeginsAtZero(t *testing.T) {
	dir, _ := kept(t, 300)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	fromZero(t, "deleted", dir)
	if err := os.RemoveAll(filepath.Join(dir, "db")); err != nil {
		t.Fatal(err)
	}
	fromZero(t, "database deleted", dir)
	if err := os.Remove(filepath.Join(dir, markerName)); err != nil {
		t.Fatal(err)
	}
	fromZero(t, "marker deleted", dir)
}

func TestAnotherLogBeginsAtZero(t *testing.T) {
	dir, ref := kept(t, 300)
	o := small()
	o.Log = "log.example/b"
	ix := openAt(t, dir, o)
	if got := ix.Applied(); got != 0 {
		t.Errorf("applied %d of another log", got)
	}
	out, _ := ref.mistakes(ix, true)
	if len(out) != 0 {
		t.Error(out[0])
	}
}

// Each file of a closed index with one bit changed, cut short, made longer,
// emptied or taken away: the index begins at zero, or all of it is right.
func TestDamageWhileClosed(t *testing.T) {
	dir, ref := kept(t, 1500)
	r := rand.New(rand.NewPCG(10, 0))
	type damage struct {
		what string
		do   func(b []byte) []byte // nil: take the file away
	}
	n := 0
	for _, path := range regular(t, dir) {
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var damages []damage
		damages = append(damages, damage{"taken away", nil}, damage{"longer", func(b []byte) []byte { return append(b, 0) }})
		if len(whole) > 0 {
			damages = append(damages,
				damage{"cut", func(b []byte) []byte { return b[:len(b)-1] }},
				damage{"half", func(b []byte) []byte { return b[:len(b)/2] }},
				damage{"empty", func([]byte) []byte { return nil }})
			for i := range 5 {
				bit := r.IntN(len(whole) * 8)
				if i < 4 { // heads and ends of files are where the structure is
					bit = []int{0, 100 % (len(whole) * 8), len(whole)*8 - 1, len(whole)*8 - 1 - 200%(len(whole)*8)}[i]
				}
				damages = append(damages, damage{fmt.Sprintf("bit %d", bit), func(b []byte) []byte { b[bit/8] ^= 1 << (bit % 8); return b }})
			}
		}
		for _, d := range damages {
			n++
			at := filepath.Join(t.TempDir(), "copy")
			copyDir(t, dir, at)
			what := d.what + " of " + rel
			if d.do == nil {
				err = os.Remove(filepath.Join(at, rel))
			} else {
				err = os.WriteFile(filepath.Join(at, rel), d.do(bytes.Clone(whole)), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			if rel == "lock" {
				// Nothing is read from it.
				ix := openAt(t, at, small())
				ref.hold(t, ix)
				closed(t, ix)
				continue
			}
			fromZero(t, what, at)
		}
	}
	if n < 45 {
		t.Errorf("only %d damages were tried", n)
	}
	ref.hold(t, openAt(t, dir, small()))
}

func TestForeignMarkers(t *testing.T) {
	dir, _ := kept(t, 300)
	raw, err := os.ReadFile(filepath.Join(dir, markerName))
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	for what, change := range map[string]func(m map[string]any) string{
		"newer format":   func(m map[string]any) string { m["format"] = "yurai-index/2"; return "" },
		"other terms":    func(m map[string]any) string { m["terms"] = vocabulary + 1; return "" },
		"unknown member": func(m map[string]any) string { m["more"] = 1; return "" },
		"lost run":       func(m map[string]any) string { m["runs"] = []any{map[string]any{"id": 99}}; return "" },
		"runs reversed":  func(m map[string]any) string { r := m["runs"].([]any); r[0], r[1] = r[1], r[0]; return "" },
		"wrong directory": func(m map[string]any) string {
			m["runs"].([]any)[0].(map[string]any)["directory"] = "sha256:00"
			return ""
		},
		"applied less": func(m map[string]any) string { m["applied"] = 1; return "" },
		"negative":     func(m map[string]any) string { m["applied"] = -1; return "" },
		"short key":    func(m map[string]any) string { m["key"] = "00"; return "" },
		"level":        func(m map[string]any) string { m["runs"].([]any)[0].(map[string]any)["level"] = 900; return "" },
		"unsigned":     func(map[string]any) string { return "\nsha256:00\n" },
		"no sum":       func(map[string]any) string { return "\n" },
		"unparsable":   func(map[string]any) string { return "{" },
		"other file":   func(m map[string]any) string { m["files"].([]any)[0].(map[string]any)["name"] = "../x"; return "" },
	} {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		end := change(m)
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if end == "" {
			end = "\n" + sumOf(b) + "\n"
		}
		at := filepath.Join(t.TempDir(), "copy")
		copyDir(t, dir, at)
		if err := os.WriteFile(filepath.Join(at, markerName), append(b, end...), 0o600); err != nil {
			t.Fatal(err)
		}
		fromZero(t, what, at)
	}
	t.Run("extra file", func(t *testing.T) {
		if err := os.WriteFile(filepath.Join(dir, "db", "000099.sst"), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		fromZero(t, "extra file", dir)
	})
}

// flip changes one bit of a file in place, where an open index has it mapped.
func flip(t *testing.T, path string, bit int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	var b [1]byte
	if _, err := f.ReadAt(b[:], bit/8); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 1 << (bit % 8)
	if _, err := f.WriteAt(b[:], bit/8); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// Bits that change below an open index: each look-up is right or fails. A bit of
// a chunk that a run still has is always found; one elsewhere may be of what was
// merged away.
func TestDamageWhileOpen(t *testing.T) {
	dir, ref := kept(t, 2500)
	r := rand.New(rand.NewPCG(11, 0))
	for round := range 6 {
		at := filepath.Join(t.TempDir(), "copy")
		copyDir(t, dir, at)
		ix := openAt(t, at, small())
		ref.holds(t, ix, r, 3)
		tables, err := filepath.Glob(filepath.Join(at, "db", "*.sst"))
		if err != nil || len(tables) == 0 {
			t.Fatalf("no tables: %v", err)
		}
		inChunk := round%2 == 0
		if inChunk {
			run := ix.gen.current.runs[r.IntN(len(ix.gen.current.runs))]
			number := r.IntN(len(run.chunks))
			head := append([]byte(chunkMagic), chunkKey(run.id, uint32(number))...)
			hit := false
			for _, path := range tables {
				b, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if i := bytes.Index(b, head); i >= 0 {
					size := int64(chunkHead+int(run.chunks[number].count)*pairSize+4) * 8
					flip(t, path, int64(i)*8+r.Int64N(size))
					hit = true
				}
			}
			if !hit {
				t.Fatalf("chunk %d of run %d is in no table", number, run.id)
			}
		} else {
			for _, path := range tables {
				info, err := os.Stat(path)
				if err != nil {
					t.Fatal(err)
				}
				for range 4 {
					flip(t, path, r.Int64N(info.Size()*8))
				}
			}
		}
		out, answered := ref.mistakes(ix, false)
		for _, m := range out {
			t.Errorf("round %d: %s", round, m)
		}
		if inChunk && answered == len(ref.entries) {
			t.Errorf("round %d: a changed bit of a chunk is not found", round)
		}
		if answered < len(ref.entries) {
			if _, _, err := ix.Lookup(digestTerm(1 << 60)); code(err) != "SERVER-INDEX-CORRUPT" {
				t.Errorf("round %d: damage was found, then Lookup = %v", round, err)
			}
			if err := ix.Apply(ix.Applied(), [][]Term{nil}); code(err) != "SERVER-INDEX-CORRUPT" {
				t.Errorf("round %d: damage was found, then Apply = %v", round, err)
			}
			if round%3 == 0 {
				_ = ix.Close()
				fromZero(t, "closed after damage", at)
				continue
			}
			if err := ix.Reset(); err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
			var again reference
			fill(t, ix, &again, 12, 200, 50)
			again.hold(t, ix)
		}
		_ = ix.Close()
	}
}

// holds asks for a few terms, so that some of the files are in caches.
func (r *reference) holds(t *testing.T, ix *Index, rnd *rand.Rand, n int) {
	t.Helper()
	for range n {
		if _, _, err := ix.Lookup(digestTerm(rnd.Uint64N(2000))); err != nil {
			t.Fatal(err)
		}
	}
}

// A chunk that is gone, or another one in its place, is damage and no absence.
func TestChunksThatAreNotTheirs(t *testing.T) {
	for what, do := range map[string]func(t *testing.T, g *generation, a, b *run){
		"gone": func(t *testing.T, g *generation, a, _ *run) {
			w := g.begin()
			if err := w.remove(chunkKey(a.id, 0)); err != nil {
				t.Fatal(err)
			}
			if err := w.flush(); err != nil {
				t.Fatal(err)
			}
		},
		"another's": func(t *testing.T, g *generation, a, b *run) {
			copyChunk(t, g, a, b, func(v []byte) []byte { return v })
		},
		"empty": func(t *testing.T, g *generation, a, _ *run) {
			copyChunk(t, g, a, a, func([]byte) []byte { return nil })
		},
		"shorter": func(t *testing.T, g *generation, a, _ *run) {
			copyChunk(t, g, a, a, func(v []byte) []byte { return v[:len(v)-12] })
		},
		"one pair changed": func(t *testing.T, g *generation, a, _ *run) {
			copyChunk(t, g, a, a, func(v []byte) []byte { v[chunkHead+pairSize+3] ^= 1; return v })
		},
		"last bit changed": func(t *testing.T, g *generation, a, _ *run) {
			copyChunk(t, g, a, a, func(v []byte) []byte { v[len(v)-1] ^= 1; return v })
		},
	} {
		ix := openAt(t, t.TempDir(), Options{fan: 100})
		for i := range int64(2) {
			if err := ix.Apply(i*2, [][]Term{{digestTerm(uint64(i))}, {digestTerm(50)}}); err != nil {
				t.Fatal(err)
			}
		}
		g := ix.gen
		do(t, g, g.current.runs[0], g.current.runs[1])
		g.current.ts = g.ts
		for _, n := range []uint64{0, 50} {
			if got, _, err := ix.Lookup(digestTerm(n)); code(err) != "SERVER-INDEX-CORRUPT" {
				t.Errorf("%s: %v, %v", what, got, err)
			}
		}
	}
}

// copyChunk stores the first chunk of one run, changed, as that of another.
func copyChunk(t *testing.T, g *generation, to, from *run, change func([]byte) []byte) {
	t.Helper()
	var v []byte
	err := g.db.get(g.ts, chunkKey(from.id, 0), func(b []byte) error {
		v = change(bytes.Clone(b))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w := g.begin()
	if err := w.set(chunkKey(to.id, 0), v); err != nil {
		t.Fatal(err)
	}
	if err := w.flush(); err != nil {
		t.Fatal(err)
	}
}

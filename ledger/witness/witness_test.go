package witness

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/yurai-ledger/yurai/ledger"
)

func TestRequests(t *testing.T) {
	hash := base64.StdEncoding.EncodeToString(make([]byte, 32))
	for name, body := range map[string]string{
		"empty":                 "",
		"no checkpoint":         "old 0\n\n",
		"no empty line":         "old 0\n" + hash + "\n",
		"no old size":           "new 0\n\nx",
		"old size alone":        "old\n\nx",
		"leading zero":          "old 00\n\nx",
		"plus":                  "old +1\n\nx",
		"minus":                 "old -1\n\nx",
		"two blanks":            "old  1\n\nx",
		"trailing blank":        "old 1 \n\nx",
		"carriage return":       "old 1\r\n\nx",
		"beyond every log":      "old 281474976710657\n\nx",
		"beyond 64 bits":        "old 99999999999999999999\n\nx",
		"a short hash":          "old 1\n" + base64.StdEncoding.EncodeToString(make([]byte, 31)) + "\n\nx",
		"a long hash":           "old 1\n" + base64.StdEncoding.EncodeToString(make([]byte, 33)) + "\n\nx",
		"no base64":             "old 1\n!\n\nx",
		"unpadded":              "old 1\n" + strings.TrimSuffix(hash, "=") + "\n\nx",
		"bits behind":           "old 1\n" + hash[:42] + "B=\n\nx",
		"a return in base64":    "old 1\n" + hash[:10] + "\r" + hash[10:] + "\n\nx",
		"64 hashes":             "old 1\n" + strings.Repeat(hash+"\n", 64) + "\nx",
		"longer than the limit": "old 1\n\n" + strings.Repeat("x", MaxRequest),
	} {
		if r, err := ParseRequest([]byte(body)); code(err) != "WITNESS-REQUEST-MALFORMED" {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
	for _, body := range []string{"old 0\n\nx", "old 12\n" + hash + "\n\nx\n\ny\n", "old 1\n" + strings.Repeat(hash+"\n", 63) + "\nx"} {
		r, err := ParseRequest([]byte(body))
		if err != nil || string(r.Marshal()) != body {
			t.Errorf("%q read as %v, %v", body, r, err)
		}
	}
}

func FuzzRequest(f *testing.F) {
	l := newTestLog(f, testOrigin, 1, "main", 12)
	f.Add(l.request(0, 5).Marshal())
	f.Add(l.request(5, 12).Marshal())
	f.Add([]byte("old 0\n\n"))
	w := newWitness(f, newShim(), testName, 9, l)
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := ParseRequest(raw)
		if err != nil {
			if code(err) != "WITNESS-REQUEST-MALFORMED" {
				t.Errorf("%v", err)
			}
			return
		}
		if !bytes.Equal(r.Marshal(), raw) {
			t.Errorf("%q is written as %q", raw, r.Marshal())
		}
		before, _ := w.Checkpoint(Path(testOrigin))
		if _, err := w.AddCheckpoint(t.Context(), r); err != nil {
			if after, _ := w.Checkpoint(Path(testOrigin)); !bytes.Equal(before, after) {
				t.Errorf("%v, and the state has changed", err)
			}
		}
	})
}

// What is answered is what the specification says, and verifies in package note and
// in package ledger.
func TestCosigns(t *testing.T) {
	l := newTestLog(t, testOrigin, 1, "main", 300)
	w := newWitness(t, newShim(), testName, 9, l)
	var known []*ledger.Verifier
	var notes []note.Verifier
	for _, k := range w.Keys() {
		v, err := ledger.ParseCosigner(k)
		if err != nil {
			t.Fatal(err)
		}
		known, notes = append(known, v), append(notes, v)
	}
	if _, ok := w.Checkpoint(Path(testOrigin)); ok {
		t.Error("a checkpoint before any was cosigned")
	}
	old := int64(0)
	for _, size := range []int64{0, 1, 1, 7, 255, 256, 300, 300} {
		r := l.request(old, size)
		lines, err := w.AddCheckpoint(t.Context(), r)
		if err != nil {
			t.Fatalf("%d to %d: %v", old, size, err)
		}
		got, err := ledger.ParseCosignatures(l.at(size), lines, known...)
		if err != nil || len(got) != 2 || got[0].Verifier != known[0] || got[1].Verifier != known[1] || !got[0].Time.Equal(noon) {
			t.Fatalf("%d: cosignatures %v, %v", size, got, err)
		}
		whole := append(bytes.Clone(r.Note), lines...)
		if n, err := note.Open(whole, note.VerifierList(notes...)); err != nil || len(n.Sigs) != 2 {
			t.Fatalf("%d: note: %v", size, err)
		}
		if shown, ok := w.Checkpoint(Path(testOrigin)); !ok || !bytes.Equal(shown, whole) {
			t.Fatalf("%d: shown to monitors is\n%s", size, shown)
		}
		old = size
	}
}

func TestRefuses(t *testing.T) {
	l := newTestLog(t, testOrigin, 1, "main", 40)
	fork := newTestLog(t, testOrigin, 1, "main", 10)
	fork.grow("fork", 30)
	stranger := newTestLog(t, testOrigin, 2, "main", 40)
	other := newTestLog(t, "log.example/b", 1, "main", 40)
	w := newWitness(t, newShim(), testName, 9, l)
	if _, err := w.AddCheckpoint(t.Context(), l.request(0, 20)); err != nil {
		t.Fatal(err)
	}
	before, _ := w.Checkpoint(Path(testOrigin))
	changed := func(r Request, f func(*Request)) Request { f(&r); return r }
	signed := func(c ledger.Checkpoint, signers ...*ledger.Signer) []byte {
		n := &note.Note{Text: string(c.Body())}
		raw, err := note.Sign(n)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range signers {
			one, err := ledger.SignCheckpoint(c, noon, s)
			if err != nil {
				t.Fatal(err)
			}
			raw = append(raw, one[len(c.Body())+1:]...)
		}
		return raw
	}
	empty := ledger.Checkpoint{Origin: testOrigin, Root: ledger.Hash{1}}
	for name, c := range map[string]struct {
		r    Request
		want string
	}{
		"no note":                    {Request{Old: 20, Note: []byte("x")}, "WITNESS-LOG-UNKNOWN"},
		"no origin":                  {Request{Old: 20, Note: []byte("\nx\n\n")}, "WITNESS-REQUEST-MALFORMED"},
		"another log":                {other.request(0, 20), "WITNESS-LOG-UNKNOWN"},
		"body alone":                 {Request{Old: 20, Note: l.at(30).Body()}, "WITNESS-REQUEST-MALFORMED"},
		"nobody signed":              {Request{Old: 20, Note: append(l.at(30).Body(), '\n')}, "WITNESS-REQUEST-MALFORMED"},
		"a stranger signed":          {stranger.request(20, 30), "WITNESS-SIGNATURE-REFUSED"},
		"one of two keys":            {changed(l.request(20, 30), func(r *Request) { r.Note = signed(l.at(30), l.signers[0]) }), "WITNESS-SIGNATURE-REFUSED"},
		"the other of two keys":      {changed(l.request(20, 30), func(r *Request) { r.Note = signed(l.at(30), l.signers[1]) }), "WITNESS-SIGNATURE-REFUSED"},
		"another tree's signature":   {changed(l.request(20, 30), func(r *Request) { r.Note = append(l.at(30).Body(), l.note(31)[len(l.at(31).Body()):]...) }), "WITNESS-SIGNATURE-REFUSED"},
		"size with a zero":           {changed(l.request(20, 30), func(r *Request) { r.Note = bytes.Replace(r.Note, []byte("\n30\n"), []byte("\n030\n"), 1) }), "WITNESS-REQUEST-MALFORMED"},
		"old above new":              {Request{Old: 31, Note: l.note(30)}, "WITNESS-OLD-LARGER"},
		"old above new and known":    {Request{Old: 20, Note: l.note(19)}, "WITNESS-OLD-LARGER"},
		"begins at nothing":          {l.request(0, 30), "WITNESS-SIZE-CONFLICT"},
		"begins before":              {l.request(19, 30), "WITNESS-SIZE-CONFLICT"},
		"begins behind":              {l.request(21, 30), "WITNESS-SIZE-CONFLICT"},
		"back":                       {l.request(10, 15), "WITNESS-SIZE-CONFLICT"},
		"back from nothing":          {l.request(0, 10), "WITNESS-SIZE-CONFLICT"},
		"another root, same size":    {fork.request(20, 20), "WITNESS-PROOF-REFUSED"},
		"another history":            {fork.request(20, 30), "WITNESS-PROOF-REFUSED"},
		"another history, our proof": {changed(l.request(20, 30), func(r *Request) { r.Note = fork.note(30) }), "WITNESS-PROOF-REFUSED"},
		"no proof":                   {changed(l.request(20, 30), func(r *Request) { r.Proof = nil }), "WITNESS-PROOF-REFUSED"},
		"proof too long":             {changed(l.request(20, 30), func(r *Request) { r.Proof = append(r.Proof, ledger.Hash{}) }), "WITNESS-PROOF-REFUSED"},
		"proof for the same size":    {changed(l.request(20, 20), func(r *Request) { r.Proof = []ledger.Hash{{}} }), "WITNESS-PROOF-REFUSED"},
		"proof bent":                 {changed(l.request(20, 30), func(r *Request) { r.Proof[0][0] ^= 1 }), "WITNESS-PROOF-REFUSED"},
		"empty tree, another root":   {Request{Note: signedEmpty(t, l, empty)}, "WITNESS-SIZE-CONFLICT"},
	} {
		if lines, err := w.AddCheckpoint(t.Context(), c.r); code(err) != c.want || lines != nil {
			t.Errorf("%s: %q, %v, want %s", name, lines, err, c.want)
		}
		if after, _ := w.Checkpoint(Path(testOrigin)); !bytes.Equal(after, before) {
			t.Fatalf("%s: the state has changed", name)
		}
	}
	var conflict *ConflictError
	if _, err := w.AddCheckpoint(t.Context(), l.request(0, 30)); !errors.As(err, &conflict) || conflict.Size != 20 {
		t.Errorf("conflict = %v", err)
	}
	fresh := newWitness(t, newShim(), testName, 9, l)
	for name, r := range map[string]Request{
		"a proof from nothing":     {Proof: []ledger.Hash{{}}, Note: l.note(5)},
		"empty tree, another root": {Note: signedEmpty(t, l, empty)},
	} {
		if _, err := fresh.AddCheckpoint(t.Context(), r); code(err) != "WITNESS-PROOF-REFUSED" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// signedEmpty signs an empty tree with another root, which package ledger refuses to.
func signedEmpty(t *testing.T, l *testLog, c ledger.Checkpoint) []byte {
	t.Helper()
	raw := append(c.Body(), '\n')
	for _, s := range l.signers {
		line, err := signRaw(s, c)
		if err != nil {
			t.Fatal(err)
		}
		raw = append(raw, line...)
	}
	return raw
}

// Two servers with the keys of one log, each sure of its own leaves, ask at the same
// time: whatever is cosigned is one history.
func TestNeverTwoHistories(t *testing.T) {
	a := newTestLog(t, testOrigin, 1, "main", 400)
	b := newTestLog(t, testOrigin, 1, "main", 100)
	b.grow("fork", 300)
	w := newWitness(t, newShim(), testName, 9, a)
	if _, err := w.AddCheckpoint(t.Context(), a.request(0, 100)); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	roots := map[int64]ledger.Hash{}
	var all sync.WaitGroup
	for i, l := range []*testLog{a, b, a, b} {
		all.Go(func() {
			r := seeded(uint64(i))
			old := int64(100)
			for range 60 {
				size := old + r.Int64N(12)
				_, err := w.AddCheckpoint(t.Context(), l.request(old, min(size, 400)))
				var conflict *ConflictError
				switch {
				case err == nil:
					mu.Lock()
					if root, ok := roots[size]; ok && root != l.at(size).Root {
						t.Errorf("two roots of %d leaves are cosigned", size)
					}
					roots[size] = l.at(size).Root
					mu.Unlock()
					old = size
				case errors.As(err, &conflict):
					old = conflict.Size
				}
				if old > 380 {
					return
				}
			}
		})
	}
	all.Wait()
	of := map[bool]int{}
	for size, root := range roots {
		if size > 100 {
			of[a.at(size).Root == root]++
		}
	}
	if of[true] > 0 && of[false] > 0 || len(of) == 0 {
		t.Errorf("%d checkpoints of one history are cosigned and %d of the other", of[true], of[false])
	}
}

// Times never go back, though the clock does.
func TestClockGoesBack(t *testing.T) {
	l := newTestLog(t, testOrigin, 1, "main", 10)
	disk := newShim()
	newWitness(t, disk, testName, 9, l)
	last := time.Time{}
	for i, now := range []time.Time{noon, noon.Add(time.Hour), noon.Add(-time.Hour), noon.Add(time.Minute), noon.Add(2 * time.Hour)} {
		disk = disk.restart()
		w, err := open(disk, Options{Clock: at(now)})
		if err != nil {
			t.Fatal(err)
		}
		lines, err := w.AddCheckpoint(t.Context(), l.request(int64(i), int64(i)+1))
		if err != nil {
			t.Fatal(err)
		}
		if got := timeOf(lines); got.Before(last) {
			t.Errorf("cosigned at %v after %v", got, last)
		} else {
			last = got
		}
	}
	if !last.Equal(noon.Add(2 * time.Hour)) {
		t.Errorf("last time is %v", last)
	}
}

// Checkpoints of other people's logs: extension lines, names with blanks, one key.
func TestOtherLogs(t *testing.T) {
	for name, body := range map[string]string{
		"extension lines": "log.example/x\n1\n%s\nextra\nmore\n",
		"name of a sumdb": "go.sum database tree\n1\n%s\n",
	} {
		t.Run(name, func(t *testing.T) {
			root := ledger.LeafHash([]byte("x"))
			body := fmt.Sprintf(body, base64.StdEncoding.EncodeToString(root[:]))
			skey, vkey, err := note.GenerateKey(seed(5), "sum.example")
			if err != nil {
				t.Fatal(err)
			}
			signer, err := note.NewSigner(skey)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := note.Sign(&note.Note{Text: body}, signer)
			if err != nil {
				t.Fatal(err)
			}
			key, err := ledger.ParseVerifier(vkey)
			if err != nil {
				t.Fatal(err)
			}
			disk := newShim()
			w := newWitness(t, disk, testName, 9)
			if err := w.add(Log{Origin: originOf(raw), Keys: []*ledger.Verifier{key}}); err != nil {
				t.Fatal(err)
			}
			lines, err := w.AddCheckpoint(t.Context(), Request{Note: raw})
			if err != nil {
				t.Fatal(err)
			}
			if n, err := note.Open(append(raw, lines...), note.VerifierList(w.verifiers[0], w.verifiers[1])); err != nil || n.Text != body || len(n.Sigs) != 2 {
				t.Errorf("note = %v, %v", n, err)
			}
			again, err := open(disk.restart(), Options{Clock: at(noon)})
			if err != nil {
				t.Fatal(err)
			}
			if shown, ok := again.Checkpoint(Path(originOf(raw))); !ok || !bytes.Equal(shown, append(raw, lines...)) {
				t.Errorf("after a restart %q is shown", shown)
			}
		})
	}
}

func TestAddRefuses(t *testing.T) {
	l := newTestLog(t, testOrigin, 1, "main", 3)
	own := newTestLog(t, testName, 2, "main", 3)
	w := newWitness(t, newShim(), testName, 9, l)
	for name, c := range map[string]struct {
		log  Log
		want string
	}{
		"again":             {l.log(), "WITNESS-LOG-EXISTS"},
		"with other keys":   {Log{testOrigin, own.keys}, "WITNESS-LOG-EXISTS"},
		"its own name":      {own.log(), "WITNESS-LOG-INVALID"},
		"no key":            {Log{"log.example/c", nil}, "WITNESS-LOG-INVALID"},
		"a key twice":       {Log{"log.example/c", []*ledger.Verifier{l.keys[0], l.keys[0]}}, "WITNESS-LOG-INVALID"},
		"no origin":         {Log{"", l.keys}, "LOG-ORIGIN-MALFORMED"},
		"two lines":         {Log{"a\nb", l.keys}, "LOG-ORIGIN-MALFORMED"},
		"a name too long":   {Log{strings.Repeat("a", 256), l.keys}, "LOG-ORIGIN-MALFORMED"},
		"a name of no text": {Log{"a\xff", l.keys}, "LOG-ORIGIN-MALFORMED"},
	} {
		if err := w.add(c.log); code(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// A folder that is not whole is refused; a state that is lost is never taken for none.
func TestFolders(t *testing.T) {
	l := newTestLog(t, testOrigin, 1, "main", 20)
	state := stateName + "/" + Path(testOrigin)
	for name, c := range map[string]struct {
		harm func(*shim)
		want string
	}{
		"nothing":             {func(s *shim) { clear(s.names) }, "WITNESS-FOLDER-INVALID"},
		"no key":              {func(s *shim) { delete(s.names, ed25519Name) }, "WITNESS-FOLDER-INVALID"},
		"keys exchanged":      {func(s *shim) { s.names[ed25519Name] = s.names[mldsa44Name] }, "WITNESS-FOLDER-INVALID"},
		"no configuration":    {func(s *shim) { delete(s.names, configName) }, "WITNESS-FOLDER-INVALID"},
		"newer format":        {func(s *shim) { s.edit(configName, "yurai-witness/1", "yurai-witness/2") }, "WITNESS-FOLDER-INVALID"},
		"another name":        {func(s *shim) { s.edit(configName, `"name": "w`, `"name": "v`) }, "WITNESS-FOLDER-INVALID"},
		"unknown member":      {func(s *shim) { s.edit(configName, `"name"`, `"nome"`) }, "WITNESS-FOLDER-INVALID"},
		"log of another name": {func(s *shim) { s.edit(logsName+"/"+Path(testOrigin)+".json", "log.example/a", "log.example/b") }, "WITNESS-FOLDER-INVALID"},
		"state lost":          {func(s *shim) { delete(s.names, state) }, "WITNESS-STATE-DAMAGED"},
		"state empty":         {func(s *shim) { s.names[state] = &node{} }, "WITNESS-STATE-DAMAGED"},
		"state cut short":     {func(s *shim) { s.names[state].now = s.names[state].now[:200] }, "WITNESS-STATE-DAMAGED"},
		"state smaller":       {func(s *shim) { s.edit(state, "\n20\n", "\n19\n") }, "WITNESS-STATE-DAMAGED"},
		"log not signed":      {func(s *shim) { s.edit(state, "— "+testOrigin, "— x") }, "WITNESS-STATE-DAMAGED"},
		"somebody else's":     {func(s *shim) { s.names[state].now = l.note(20) }, "WITNESS-STATE-DAMAGED"},
	} {
		t.Run(name, func(t *testing.T) {
			disk := newShim()
			w := newWitness(t, disk, testName, 9, l)
			if _, err := w.AddCheckpoint(t.Context(), l.request(0, 20)); err != nil {
				t.Fatal(err)
			}
			again := disk.restart()
			c.harm(again)
			if _, err := open(again, Options{Clock: at(noon)}); code(err) != c.want {
				t.Errorf("opened with %v, want %s", err, c.want)
			}
		})
	}
	disk := newShim()
	newWitness(t, disk, testName, 9, l)
	if _, err := open(disk, Options{Clock: at(noon)}); code(err) != "WITNESS-FOLDER-LOCKED" {
		t.Errorf("a second process: %v", err)
	}
}

// edit replaces the first old in a file.
func (s *shim) edit(name, old, new string) {
	s.names[name] = &node{now: bytes.Replace(s.names[name].now, []byte(old), []byte(new), 1)}
}

// Every bit of a state file is needed: a flipped one is refused, or changes nothing.
func TestFlippedState(t *testing.T) {
	l := newTestLog(t, testOrigin, 1, "main", 20)
	disk := newShim()
	w := newWitness(t, disk, testName, 9, l)
	if _, err := w.AddCheckpoint(t.Context(), l.request(0, 20)); err != nil {
		t.Fatal(err)
	}
	name := stateName + "/" + Path(testOrigin)
	whole := bytes.Clone(disk.names[name].now)
	for i := 0; i < len(whole); i += 7 { // each place, of which the signatures are the most
		bent := bytes.Clone(whole)
		bent[i] ^= 1 << (i % 8)
		again := disk.restart()
		again.names[name] = &node{now: bent}
		w, err := open(again, Options{Clock: at(noon)})
		if err != nil {
			continue
		}
		if got := w.logs[Path(testOrigin)].seen.Checkpoint; got != l.at(20) {
			t.Fatalf("byte %d: opened at %v", i, got)
		}
		_ = w.Close()
	}
}

// The process is killed at every call to the disk, or the power is cut there, or the
// call fails: no cosignature that left it is ever contradicted, and the witness goes on.
func TestEveryCall(t *testing.T) {
	a := newTestLog(t, testOrigin, 1, "main", 40)
	b := newTestLog(t, testOrigin, 1, "main", 3)
	b.grow("fork", 37)
	base := newShim()
	w := newWitness(t, base, testName, 9, a)
	if _, err := w.AddCheckpoint(t.Context(), a.request(0, 3)); err != nil {
		t.Fatal(err)
	}
	for _, way := range []string{"kill", "cut", "EIO", "ENOSPC"} {
		finished := false
		for n := 1; !finished; n++ {
			if n > 500 {
				t.Fatal("the workload does not end")
			}
			disk := base.copy()
			if way == "EIO" || way == "ENOSPC" {
				disk.failAt, disk.fault = n, map[string]error{"EIO": syscall.EIO, "ENOSPC": syscall.ENOSPC}[way]
			} else {
				disk.stopAt = n
			}
			cosigned := map[int64]ledger.Hash{3: a.at(3).Root} // that left a process
			largest := int64(3)
			take := func(l *testLog, w *Witness, old, size int64) error {
				_, err := w.AddCheckpoint(t.Context(), l.request(old, size))
				if err == nil {
					if root, ok := cosigned[size]; ok && root != l.at(size).Root {
						t.Fatalf("%s at call %d: two roots of %d leaves", way, n, size)
					}
					if size < largest {
						t.Fatalf("%s at call %d: %d leaves cosigned after %d", way, n, size, largest)
					}
					cosigned[size], largest = l.at(size).Root, size
				}
				return err
			}
			failed := 0
			w, err := open(disk, Options{Clock: at(noon)})
			if err == nil {
				for i, size := range []int64{3, 7, 8, 20} {
					old := max(largest, 3)
					if err := take(a, w, old, size); err != nil {
						failed++
						var conflict *ConflictError
						if errors.As(err, &conflict) {
							t.Fatalf("%s at call %d: step %d: %v", way, n, i, err)
						}
					}
				}
			}
			finished = disk.calls < n
			for round := range 3 {
				next := disk.copy()
				if way == "cut" {
					next = disk.cut(seeded(uint64(n*10 + round)))
				}
				w, err := open(next, Options{Clock: at(noon)})
				if err != nil {
					t.Fatalf("%s at call %d: opening: %v", way, n, err)
				}
				has := w.logs[Path(testOrigin)].seen
				if has.Size < largest || has.Root != a.at(has.Size).Root {
					t.Fatalf("%s at call %d: it remembers %d leaves, and cosigned %d", way, n, has.Size, largest)
				}
				before := largest
				if err := take(b, w, has.Size, 30); has.Size > 3 && code(err) != "WITNESS-PROOF-REFUSED" {
					t.Fatalf("%s at call %d: the other history: %v", way, n, err)
				} else if has.Size == 3 {
					largest = before // nothing was promised yet: either may be first
					delete(cosigned, 30)
					continue
				}
				if err := take(a, w, has.Size, 40); err != nil {
					t.Fatalf("%s at call %d: going on: %v", way, n, err)
				}
				largest = before
				delete(cosigned, 40)
			}
		}
	}
}

// copy returns a disk with the same content, and nobody's lock.
func (s *shim) copy() *shim {
	n := newShim()
	nodes := map[*node]*node{}
	of := func(x *node) *node {
		if nodes[x] == nil {
			nodes[x] = &node{now: x.now, synced: x.synced}
		}
		return nodes[x]
	}
	for name, x := range s.names {
		n.names[name] = of(x)
	}
	for name, x := range s.kept {
		n.kept[name] = of(x)
	}
	return n
}

// Leaving out either sync, or the renaming's, is noticed by the cuts above.
func TestSyncsAreNeeded(t *testing.T) {
	l := newTestLog(t, testOrigin, 1, "main", 40)
	lost := 0
	for n := range uint64(40) {
		disk := newShim()
		w := newWitness(t, disk, testName, 9, l)
		w.disk = lazy{disk}
		if _, err := w.AddCheckpoint(t.Context(), l.request(0, 20)); err != nil {
			t.Fatal(err)
		}
		again, err := open(disk.cut(seeded(n)), Options{Clock: at(noon)})
		if err != nil || again.logs[Path(testOrigin)].seen.Size != 20 {
			lost++
		}
	}
	if lost == 0 {
		t.Error("a witness that syncs no folder loses nothing: the shim keeps what it should not")
	}
}

// lazy syncs no folder.
type lazy struct{ *shim }

func (lazy) SyncDir(string) error { return nil }

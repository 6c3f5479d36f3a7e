package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/server/problem"
)

// image is the content of a folder: of each file its length and the blocks that
// are not zero.
type image map[string]imageFile

type imageFile struct {
	size   int64
	blocks map[int64][]byte // by offset
}

const imageBlock = 4096

// imageOf reads a folder.
func imageOf(t *testing.T, dir string) image {
	t.Helper()
	m := image{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		f := imageFile{int64(len(b)), map[int64][]byte{}}
		for at := 0; at < len(b); at += imageBlock {
			if block := b[at:min(at+imageBlock, len(b))]; len(bytes.Trim(block, "\x00")) > 0 {
				f.blocks[int64(at)] = block
			}
		}
		m[path] = f
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// restore makes a folder what it was. Files that are there are written over, and
// so stay the files that they are to whoever knows them by number.
func (m image) restore(t *testing.T, dir string) {
	t.Helper()
	var surplus []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if _, ok := m[path]; err == nil && !d.IsDir() && !ok {
			surplus = append(surplus, path)
		}
		return err
	})
	for _, path := range surplus {
		if err == nil {
			err = os.Remove(path)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	for path, file := range m {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if err = f.Truncate(0); err == nil {
			err = f.Truncate(file.size)
		}
		for at, b := range file.blocks {
			if err == nil {
				_, err = f.WriteAt(b, at)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// known is a ledger, everything that it answers, and one statement more.
type known struct {
	trust   *ledger.Trust
	leaves  [][]byte
	boms    map[string][]byte  // open ones, by digest
	finds   map[string][]int64 // look-ups, by digest
	queries map[string][]int64 // searches, by query
	leaf    []byte
	raw     []byte
}

// wrongs asks the server everything and returns what is wrong: an answer that is
// neither the right one nor an error of the server's. It counts the errors.
func (k *known) wrongs(t *testing.T, r *running) (wrong []string, errors int) {
	t.Helper()
	says := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	ask := func(path string) ([]byte, bool) {
		a := r.get(t, path)
		if a.status == http.StatusOK {
			return a.body, true
		}
		if errors++; a.status < 500 {
			says("%s = %d %s", path, a.status, a.body)
		}
		return nil, false
	}
	log, _ := k.trust.Log(testOrigin)
	roots := func(note []byte, leaves [][]byte) {
		var tree ledger.Range
		for _, leaf := range leaves {
			tree.Append(ledger.LeafHash(leaf), nil)
		}
		if c, err := ledger.OpenCheckpoint(note, testOrigin, log.Keys...); err != nil || c.Size != tree.Size() || c.Root != tree.Root() {
			says("a checkpoint of %d leaves with root %v is signed for, want %d and %v: %v", c.Size, c.Root, tree.Size(), tree.Root(), err)
		}
	}
	if b, ok := ask("/checkpoint"); ok {
		roots(b, k.leaves)
	}
	var hashes, entries []byte
	for _, leaf := range k.leaves {
		h := ledger.LeafHash(leaf)
		hashes, entries = append(hashes, h[:]...), ledger.AppendBundleEntry(entries, leaf)
	}
	for path, want := range map[string][]byte{"/tile/0/000": hashes, "/tile/entries/000": entries} {
		if b, ok := ask(fmt.Sprintf("%s.p/%d", path, len(k.leaves))); ok && !bytes.Equal(b, want) {
			says("%s has other bytes", path)
		}
	}
	for i, leaf := range k.leaves {
		b, ok := ask(fmt.Sprintf("/api/v1/entries/%d/bundle", i))
		if !ok {
			continue
		}
		bundle, err := receiving.ParseBundle(b)
		if err == nil {
			_, err = receiving.Open(bundle, k.trust)
		}
		if err != nil || !bytes.Equal(bundle.Statement.Leaf, leaf) {
			says("the bundle of entry %d: %v", i, err)
		}
	}
	for digest, want := range k.finds {
		var got found
		if b, ok := ask("/api/v1/boms/sha256/" + digest); ok && (json.Unmarshal(b, &got) != nil || !slices.Equal(got.Entries, want)) {
			says("the look-up of %s = %s, want %v", digest, b, want)
		}
	}
	for query, want := range k.queries {
		var got searched
		b, ok := ask("/api/v1/search?" + query)
		if !ok {
			continue
		}
		// What is missing was not looked into, and it says so.
		err := json.Unmarshal(b, &got)
		missing := int64(0)
		for _, at := range want {
			if !slices.Contains(got.Entries, at) {
				missing++
			}
		}
		if err != nil || int64(len(got.Entries))+missing != int64(len(want)) || missing > got.Unread+got.Pending {
			says("the search %s = %s, want %v", query, b, want)
		}
	}
	for digest, want := range k.boms {
		if b, ok := ask("/blobs/sha256/" + digest); ok && !bytes.Equal(b, want) {
			says("the BOM %s has other bytes", digest)
		}
	}
	// What is recorded on top of it is signed for with the right root, or not
	// recorded.
	a := r.submits(t, k.leaf, k.raw)
	switch {
	case a.status == http.StatusCreated:
		bundle, err := receiving.ParseBundle(a.body)
		if err == nil {
			_, err = receiving.Open(bundle, k.trust)
		}
		if err != nil || bundle.Statement.Index != int64(len(k.leaves)) {
			says("the next entry: %v", err)
		}
		if b, ok := ask("/checkpoint"); ok {
			roots(b, append(slices.Clone(k.leaves), k.leaf))
		}
	case a.status >= 500:
		errors++
	default:
		says("the next entry = %d %s", a.status, a.body)
	}
	return wrong, errors
}

// TestBitFlips flips one bit of one file of a server's folder, each file in turn,
// starts the server and asks it everything: each answer is that of the ledger as
// it was, or an error; no bytes are wrong, nothing that is there is called
// absent, and no wrong root is signed. YURAI_CAMPAIGN=n flips 200 times n bits.
func TestBitFlips(t *testing.T) {
	const seed = 11
	flips := 10
	if s := os.Getenv("YURAI_CAMPAIGN"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			t.Fatalf("YURAI_CAMPAIGN is %q, not a number from 1", s)
		}
		flips = 200 * n
	}
	dir := newLedger(t)
	o := Options{Clock: clockAt(noon), Logger: testLogger(t), snapshotEvery: 3}
	r := serveWith(t, dir, o)
	k := &known{trust: r.trust(t), boms: map[string][]byte{}, finds: map[string][]int64{}, queries: map[string][]int64{}}
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	var made []int64
	for i := range 5 {
		raw := newBOM(fmt.Sprintf("3e671687-395b-41f5-a30f-00000000000%d", i), 1, strings.Repeat("HR-87T ", 200))
		b := r.accepted(t, http.StatusCreated, signBOM(t, bomBody(t, vendor, raw), key), raw)
		digest := sha256.Sum256(raw)
		k.boms[fmt.Sprintf("%x", digest)] = raw
		k.finds[fmt.Sprintf("%x", digest)] = []int64{b.Statement.Index}
		made = append(made, b.Statement.Index)
	}
	k.finds[strings.Repeat("0a", 32)] = nil
	k.queries["party="+vendor] = made
	k.raw = newBOM("3e671687-395b-41f5-a30f-0000000000ff", 1, "HR-88T")
	k.leaf = signBOM(t, bomBody(t, vendor, k.raw), key)
	for i := range r.Size() {
		leaf, err := r.sequence.Leaf(i)
		if err != nil {
			t.Fatal(err)
		}
		k.leaves = append(k.leaves, leaf)
	}
	r.awaitContents(t)
	r.end(t)
	whole := imageOf(t, dir)

	// Unflipped, all of it is right.
	r = serveWith(t, dir, o)
	if wrong, errors := k.wrongs(t, r); len(wrong) > 0 || errors > 0 {
		t.Fatalf("%d errors of a whole folder: %v", errors, wrong)
	}
	r.end(t)
	var names []string
	for name, f := range whole {
		if len(f.blocks) > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	random := rand.New(rand.NewPCG(seed, 1))
	random.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	journal := slices.IndexFunc(names, func(n string) bool { return strings.Contains(n, "/journal/") })
	names[0], names[journal] = names[journal], names[0]
	refusals, errs, harmless := 0, 0, 0
	for i := range flips {
		whole.restore(t, dir)
		name := names[i%len(names)]
		at := flipOne(t, name, whole[name], random, i < 2 || i%len(names) == 0)
		s, err := Open(t.Context(), dir, o)
		if err != nil {
			if problem.Code(err) == "" {
				t.Errorf("seed %d: byte %d of %s: refused without a code: %v", seed, at, name, err)
			}
			refusals++
			continue
		}
		l, err := Listen(t.Context(), "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		r := &running{Server: s, dir: dir, url: "http://" + l.Addr().String(), done: make(chan error, 1), stop: stop}
		go func() { r.done <- s.Serve(ctx, l) }()
		select {
		case <-s.begun:
			wrong, n := k.wrongs(t, r)
			for _, w := range wrong {
				t.Errorf("seed %d: byte %d of %s: %s", seed, at, name, w)
			}
			if n > 0 {
				errs++
			} else {
				harmless++
			}
			stop()
			<-r.done // it may have ended with what it found
		case <-r.done:
			refusals++
			stop()
		}
	}
	t.Logf("seed %d: %d flips in %d files: %d refused at opening, %d answered with errors, %d harmless or repaired", seed, flips, len(names), refusals, errs, harmless)
	if refusals == 0 || errs+harmless == 0 {
		t.Error("the flips did not reach all outcomes")
	}
}

// flipOne flips a bit of a file, in its last block that is not zero if asked to:
// for the journal that is the last record.
func flipOne(t *testing.T, name string, f imageFile, random *rand.Rand, last bool) int64 {
	t.Helper()
	var offsets []int64
	for at := range f.blocks {
		offsets = append(offsets, at)
	}
	slices.Sort(offsets)
	at := offsets[random.IntN(len(offsets))]
	if last {
		at = offsets[len(offsets)-1-random.IntN(min(2, len(offsets)))]
	}
	block := f.blocks[at]
	n := random.IntN(len(block))
	for range 20 { // rather in what is used
		if block[n] != 0 {
			break
		}
		n = random.IntN(len(block))
	}
	file, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt([]byte{block[n] ^ 1<<random.IntN(8)}, at+int64(n)); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return at + int64(n)
}

package blobs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"
)

// code returns the code of an error, "" without one.
func code(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return ""
}

func openAt(t *testing.T, dir string, o Options) *Store {
	t.Helper()
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func put(t *testing.T, s *Store, b []byte) [32]byte {
	t.Helper()
	d := sha256.Sum256(b)
	if err := s.Put(t.Context(), d, bytes.NewReader(b), int64(len(b))); err != nil {
		t.Fatalf("putting %d bytes: %v", len(b), err)
	}
	return d
}

// files lists the files below dir with their sizes.
func files(t *testing.T, dir string) map[string]int64 {
	t.Helper()
	out := map[string]int64{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		out[filepath.ToSlash(rel)] = info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func noise(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(b)
	return b
}

func TestPutGet(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	s := openAt(t, dir, Options{})
	for name, c := range map[string]struct {
		bytes []byte
		form  form
	}{
		"empty":        {[]byte{}, plainForm},
		"one byte":     {[]byte("x"), plainForm},
		"small text":   {bytes.Repeat([]byte("a"), smallest-1), plainForm},
		"text":         {bytes.Repeat([]byte("component "), 1000), zstdForm},
		"sample":       {bytes.Repeat([]byte("a"), sampleSize), zstdForm},
		"above sample": {bytes.Repeat([]byte("abc"), sampleSize), zstdForm},
		"noise":        {noise(100_000), plainForm},
		"large":        {bytes.Repeat([]byte(`{"type":"library","version":"1.2.3"},`), 200_000), zstdForm},
	} {
		d := put(t, s, c.bytes)
		b, err := s.Get(t.Context(), d)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !bytes.Equal(b.Bytes(), c.bytes) {
			t.Errorf("%s: other bytes", name)
		}
		b.Close()
		b.Close()
		if n, err := s.Check(t.Context(), d); err != nil || n != int64(len(c.bytes)) {
			t.Errorf("%s: Check = %d, %v, want %d", name, n, err, len(c.bytes))
		}
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(nameOf(d, c.form)))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if n, ok := files(t, dir)[nameOf(d, zstdForm)]; ok && n > int64(len(c.bytes))*7/8 {
			t.Errorf("%s: %d bytes compressed to %d", name, len(c.bytes), n)
		}
	}
	for name := range files(t, dir) {
		info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
}

func TestPutIsIdempotent(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, dir, Options{})
	b := bytes.Repeat([]byte("again "), 500)
	d := put(t, s, b)
	before := files(t, dir)
	if err := s.Put(t.Context(), d, iotest.ErrReader(errors.New("must not be read")), int64(len(b))); err != nil {
		t.Errorf("second put: %v", err)
	}
	if after := files(t, dir); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("files %v, before %v", after, before)
	}
}

func TestPutRefuses(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, dir, Options{MaxSize: 1 << 20})
	text := bytes.Repeat([]byte("text "), 40_000)
	hard := noise(150_000)
	faulty := errors.New("the client went away")
	for name, c := range map[string]struct {
		bytes, of []byte
		size      int64
		code      string
	}{
		"other bytes":            {[]byte("b"), []byte("a"), 1, "STORE-BLOB-DIGEST"},
		"other text":             {bytes.ToUpper(text), text, int64(len(text)), "STORE-BLOB-DIGEST"},
		"last byte differs":      {append(bytes.Clone(hard[:len(hard)-1]), hard[len(hard)-1]^1), hard, int64(len(hard)), "STORE-BLOB-DIGEST"},
		"short":                  {[]byte("a"), []byte("a"), 2, "STORE-BLOB-SIZE"},
		"short after the sample": {text, text, int64(len(text)) + 1, "STORE-BLOB-SIZE"},
		"long":                   {[]byte("ab"), []byte("a"), 1, "STORE-BLOB-SIZE"},
		"long text":              {text, text, int64(len(text)) - 1, "STORE-BLOB-SIZE"},
		"endless":                {nil, hard, int64(len(hard)), "STORE-BLOB-SIZE"},
		"nothing":                {[]byte{}, []byte("a"), 1, "STORE-BLOB-SIZE"},
		"negative":               {[]byte("a"), []byte("a"), -1, "STORE-BLOB-SIZE"},
		"too large":              {text, text, 1<<20 + 1, "STORE-BLOB-LARGE"},
	} {
		d := sha256.Sum256(c.of)
		var r io.Reader = bytes.NewReader(c.bytes)
		if c.bytes == nil {
			r = zeros{}
		}
		if err := s.Put(t.Context(), d, r, c.size); code(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
		if _, err := s.Get(t.Context(), d); !errors.Is(err, ErrAbsent) {
			t.Errorf("%s: afterwards Get = %v, want ErrAbsent", name, err)
		}
	}
	d := sha256.Sum256(text)
	r := io.MultiReader(bytes.NewReader(text[:100_000]), iotest.ErrReader(faulty))
	if err := s.Put(t.Context(), d, r, int64(len(text))); !errors.Is(err, faulty) || code(err) != "" {
		t.Errorf("reader fails: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := s.Put(ctx, d, io.MultiReader(bytes.NewReader(text[:100_000]), readFunc(func([]byte) (int, error) { cancel(); return 0, nil })), int64(len(text))); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if left := files(t, dir); len(left) != 0 {
		t.Errorf("files left behind: %v", left)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

func TestDamageIsFoundAndMended(t *testing.T) {
	text := bytes.Repeat([]byte("component "), 1000)
	hard := noise(5000)
	for _, b := range [][]byte{text, hard} {
		dir := t.TempDir()
		s := openAt(t, dir, Options{})
		d := put(t, s, b)
		var path string
		for name := range files(t, dir) {
			path = filepath.Join(dir, filepath.FromSlash(name))
		}
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		damaged := map[string][]byte{
			"empty": {}, "half": good[:len(good)/2], "one byte less": good[:len(good)-1], "one more": append(bytes.Clone(good), 0),
			"zeros": make([]byte, len(good)),
		}
		for i := 0; i < len(good)*8; i += 1 + len(good)*8/100 {
			bad := bytes.Clone(good)
			bad[i/8] ^= 1 << (i % 8)
			damaged[fmt.Sprintf("bit %d", i)] = bad
		}
		for name, bad := range damaged {
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := s.Get(t.Context(), d)
			if err == nil {
				// A bit that zstd does not use, or the checksum of its frame.
				if !bytes.Equal(got.Bytes(), b) {
					t.Errorf("%s of %s: other bytes", name, path)
				}
				got.Close()
				continue
			}
			if code(err) != "STORE-BLOB-LOST" {
				t.Errorf("%s of %s: %v, want STORE-BLOB-LOST", name, path, err)
			}
			if _, err := s.Check(t.Context(), d); code(err) != "STORE-BLOB-LOST" {
				t.Errorf("%s of %s: Check = %v, want STORE-BLOB-LOST", name, path, err)
			}
			put(t, s, b)
			if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, good) {
				t.Errorf("%s of %s is not mended: %v", name, path, err)
			}
		}
	}
}

// A damaged file in one form neither hides nor outlives a good one in the other.
func TestTwoForms(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, dir, Options{})
	text := bytes.Repeat([]byte("component "), 1000)
	d := put(t, s, text)
	if err := os.Rename(filepath.Join(dir, nameOf(d, zstdForm)), filepath.Join(dir, "kept")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, nameOf(d, zstdForm)), []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, nameOf(d, plainForm)), text, 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := s.Get(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	b.Close()
	if err := os.WriteFile(filepath.Join(dir, nameOf(d, plainForm)), text[1:], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), d); code(err) != "STORE-BLOB-LOST" {
		t.Errorf("both damaged: %v", err)
	}
	put(t, s, text)
	if _, ok := files(t, dir)[nameOf(d, plainForm)]; ok {
		t.Error("the damaged file in the other form is still there")
	}
}

// What a file states about itself allocates nothing above the limit.
func TestBombs(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, dir, Options{MaxSize: 1 << 20})
	compress := func(b []byte, o ...zstd.EOption) []byte {
		e, err := zstd.NewWriter(nil, o...)
		if err != nil {
			t.Fatal(err)
		}
		return e.EncodeAll(b, nil)
	}
	unsized := func(b []byte) []byte {
		var out bytes.Buffer
		e, err := zstd.NewWriter(&out)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Write(b); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(e.Flush(), e.Close()); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	large := make([]byte, 16<<20)
	ok := bytes.Repeat([]byte("fine "), 1000)
	for name, c := range map[string]struct{ file, of []byte }{
		"16 MiB of zeros":         {compress(large), large},
		"16 MiB without a size":   {unsized(large), large},
		"second frame":            {append(compress(ok), compress(large)...), ok},
		"no size":                 {unsized(ok), ok},
		"skippable frame":         {append([]byte{0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4}, compress(ok)...), ok},
		"size of 2^63":            {[]byte{0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x80, 1, 0, 0}, ok},
		"padded to ten times":     {append(compress(ok), make([]byte, 50_000)...), ok},
		"dictionary that we lack": {[]byte{0x28, 0xb5, 0x2f, 0xfd, 0x21, 7, 5, 1, 0, 0}, ok},
	} {
		d := sha256.Sum256(c.of)
		path := filepath.Join(dir, filepath.FromSlash(nameOf(d, zstdForm)))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, c.file, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Get(t.Context(), d); code(err) != "STORE-BLOB-LOST" {
			t.Errorf("%s: %v, want STORE-BLOB-LOST", name, err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	d := sha256.Sum256(large)
	path := filepath.Join(dir, filepath.FromSlash(nameOf(d, plainForm)))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, large, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), d); code(err) != "STORE-BLOB-LOST" {
		t.Errorf("plain file above the limit: %v", err)
	}
}

// A file compressed by another writer with its size stated is read.
func TestForeignZstd(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, dir, Options{})
	b := bytes.Repeat([]byte("by hand "), 50_000)
	d := sha256.Sum256(b)
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBetterCompression), zstd.WithWindowSize(1<<20))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, filepath.FromSlash(nameOf(d, zstdForm)))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, e.EncodeAll(b, nil), 0o600); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Check(t.Context(), d); err != nil || n != int64(len(b)) {
		t.Errorf("Check = %d, %v", n, err)
	}
}

// No name leads out of the folder, and nothing but a regular file is a blob.
func TestPathsStayInside(t *testing.T) {
	outside := t.TempDir()
	secret := []byte("outside the store")
	d := sha256.Sum256(secret)
	name := hex.EncodeToString(d[:])
	if err := os.WriteFile(filepath.Join(outside, name), secret, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Run("folder", func(t *testing.T) {
		dir := t.TempDir()
		s := openAt(t, dir, Options{})
		if err := os.Symlink(outside, filepath.Join(dir, filepath.FromSlash(shardOf(d)))); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
		if b, err := s.Get(t.Context(), d); code(err) != "STORE-BLOB-LOST" {
			t.Errorf("Get = %v, %v", b, err)
		}
		if err := s.Put(t.Context(), d, bytes.NewReader(secret), int64(len(secret))); code(err) != "STORE-BLOB-WRITE" {
			t.Errorf("Put = %v", err)
		}
		if got := files(t, outside); len(got) != 1 {
			t.Errorf("outside now has %v", got)
		}
	})
	t.Run("file", func(t *testing.T) {
		dir := t.TempDir()
		s := openAt(t, dir, Options{})
		at := filepath.Join(dir, filepath.FromSlash(nameOf(d, plainForm)))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(outside, name), at); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
		if b, err := s.Get(t.Context(), d); code(err) != "STORE-BLOB-LOST" {
			t.Errorf("Get = %v, %v", b, err)
		}
		put(t, s, secret)
		if info, err := os.Lstat(at); err != nil || !info.Mode().IsRegular() {
			t.Errorf("the link is not replaced by a file: %v, %v", info, err)
		}
	})
	t.Run("folder as file", func(t *testing.T) {
		dir := t.TempDir()
		s := openAt(t, dir, Options{})
		if err := os.MkdirAll(filepath.Join(dir, filepath.FromSlash(nameOf(d, plainForm))), 0o700); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Get(t.Context(), d); code(err) != "STORE-BLOB-LOST" {
			t.Errorf("Get = %v", err)
		}
	})
}

func TestOpenRemovesLeftovers(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	d := put(t, s, []byte("kept"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, n := range []string{"AAAA", "BBBB"} {
		if err := os.WriteFile(filepath.Join(dir, tempFolder, n), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s = openAt(t, dir, Options{})
	if got := files(t, dir); len(got) != 1 {
		t.Errorf("files = %v, want the blob alone", got)
	}
	if _, err := s.Check(t.Context(), d); err != nil {
		t.Error(err)
	}
}

func TestConcurrentPutsOfOneDigest(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, dir, Options{})
	b := bytes.Repeat([]byte("same "), 30_000)
	d := sha256.Sum256(b)
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			if err := s.Put(t.Context(), d, bytes.NewReader(b), int64(len(b))); err != nil {
				t.Error(err)
			}
			got, err := s.Get(t.Context(), d)
			if err != nil {
				t.Error(err)
				return
			}
			if !bytes.Equal(got.Bytes(), b) {
				t.Error("other bytes")
			}
			got.Close()
		})
	}
	wg.Wait()
	if got := files(t, dir); len(got) != 1 {
		t.Errorf("files = %v, want one", got)
	}
}

// Readers above the memory bound wait, and go on when a blob is closed.
func TestMemoryIsBounded(t *testing.T) {
	s := openAt(t, t.TempDir(), Options{MaxSize: 1 << 20, Memory: 1}) // raised to one blob and two workings
	d := put(t, s, noise(1<<20))
	first, err := s.Get(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	second := make(chan error, 1)
	go func() {
		_, err := s.Get(ctx, d)
		second <- err
	}()
	if s.memory.TryAcquire(working + 1) {
		t.Error("the first blob is not charged")
	}
	cancel()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("a reader above the bound gets %v", err)
	}
	first.Close()
	again, err := s.Get(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}

func TestLost(t *testing.T) {
	err := fmt.Errorf("serving: %w", Lost([32]byte{0xab}, ErrAbsent))
	if code(err) != "STORE-BLOB-LOST" || !errors.Is(err, ErrAbsent) || !strings.Contains(err.Error(), "sha256:ab00") {
		t.Errorf("error = %v with code %q", err, code(err))
	}
}

func ExampleStore() {
	dir, err := os.MkdirTemp("", "blobs")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	s, err := Open(dir, Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	bom := []byte(`{"bomFormat":"CycloneDX"}`)
	digest := sha256.Sum256(bom)
	if err := s.Put(context.Background(), digest, bytes.NewReader(bom), int64(len(bom))); err != nil {
		fmt.Println(err)
		return
	}
	blob, err := s.Get(context.Background(), digest)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", blob.Bytes())
	blob.Close()
	fmt.Println(s.Close())
	// Output:
	// {"bomFormat":"CycloneDX"}
	// <nil>
}

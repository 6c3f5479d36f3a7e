// Package blobs keeps bytes beside the log, each under its SHA-256. A blob is
// durable, file and folder, before [Store.Put] returns, so that the leaf that
// names it may be offered to the log afterwards. What is read is hashed again
// before anybody gets it: a damaged blob is an error, never other bytes.
//
// On disk:
//
//	sha256/ab/abcdef…        the bytes as they are
//	sha256/ab/abcdef….zst    one zstd frame that states its content size
//	tmp/…                    files being written; emptied at open
//
// Which of the two forms a blob has is decided for each blob by what it saves;
// either may be put there by hand with sha256sum and zstd at its own level. The commit point of
// a write is the sync of the folder ab after the rename: before it the blob may
// be gone after a power cut, but never half there, since the file is synced
// before it gets its name.
//
// The store decides nothing about who may see a blob: held and open ones lie
// side by side, and whoever serves them asks the log first.
package blobs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/semaphore"
)

// Folders of a store.
const (
	blobFolder = "sha256"
	tempFolder = "tmp"
)

// working is the memory in bytes that one read or write is charged for its
// buffers and its zstd window, beside the bytes it returns.
const working = 8 << 20

const (
	windowSize = 2 << 20  // zstd window of what we write and the largest that is read
	sampleSize = 64 << 10 // bytes that decide the form
	smallest   = 512      // bytes below which nothing is compressed
)

// Options of a store; the zero value is usable.
type Options struct {
	// MaxSize is the largest blob in bytes; 0 means 32 MiB.
	MaxSize int64
	// Memory bounds what all reads and writes hold together, in bytes; 0 means
	// 128 MiB, and it is at least one blob of MaxSize. Calls above it wait.
	Memory int64
	// Reserve is the free space in bytes that a write leaves on the disk; 0 is
	// none. A write that would take of it is STORE-BLOB-FULL.
	Reserve int64
}

// Store is a folder of blobs. One process opens a folder at a time. Its methods
// may be called at the same time.
type Store struct {
	files   folder
	maxSize int64
	memory  *semaphore.Weighted
	total   int64
	reserve int64

	// unsafe is set when a folder could not be synced: a later sync may then
	// report success for names that never reached the disk, so no write is
	// accepted until the store is opened again.
	unsafe atomic.Bool
	// parent orders making and syncing the shard folders, shards the syncs of
	// each: who sees unsafe unset after its own sync knows that no earlier one
	// of that folder went wrong.
	parent sync.Mutex
	made   [256]bool
	shards [256]sync.Mutex

	encoders sync.Pool
	decoders sync.Pool
}

// Open returns the store in the folder dir, which is made if it is not there,
// and removes what unfinished writes left behind.
func Open(dir string, o Options) (*Store, error) {
	d, err := openDisk(dir)
	if err != nil {
		return nil, fmt.Errorf("opening blobs: %w", err)
	}
	s, err := open(d, o)
	if err != nil {
		return nil, errors.Join(err, d.root.Close())
	}
	return s, nil
}

func open(files folder, o Options) (*Store, error) {
	if o.MaxSize == 0 {
		o.MaxSize = 32 << 20
	}
	if o.Memory == 0 {
		o.Memory = 128 << 20
	}
	if o.MaxSize < 0 || o.Memory < 0 {
		return nil, errors.New("opening blobs: negative limit")
	}
	o.Memory = max(o.Memory, o.MaxSize+2*working)
	s := &Store{files: files, maxSize: o.MaxSize, memory: semaphore.NewWeighted(o.Memory), total: o.Memory, reserve: o.Reserve}
	for _, name := range []string{blobFolder, tempFolder} {
		if err := files.Mkdir(name); err != nil {
			return nil, fmt.Errorf("opening blobs: %w", err)
		}
	}
	if err := files.Sync("."); err != nil {
		return nil, fmt.Errorf("opening blobs: %w", err)
	}
	if err := files.Clear(tempFolder); err != nil {
		return nil, fmt.Errorf("removing unfinished blobs: %w", err)
	}
	return s, nil
}

// Close waits for calls under way and gives the folder back.
func (s *Store) Close() error {
	if err := s.memory.Acquire(context.Background(), s.total); err != nil {
		return err
	}
	if d, ok := s.files.(*disk); ok {
		return d.root.Close()
	}
	return nil
}

// Put stores size bytes of r under their digest and returns when they are
// durable. Bytes that are there already, undamaged, are kept and r is not read;
// a damaged file is replaced.
//
// Refused are a size above the limit (STORE-BLOB-LARGE), a reader with fewer or
// more bytes (STORE-BLOB-SIZE) and other bytes (STORE-BLOB-DIGEST). A full disk,
// and one with no more than the reserve, is STORE-BLOB-FULL, any other fault of it STORE-BLOB-WRITE. After any error
// the store is as before; a file that was renamed but whose folder could not be
// synced may be there, whole.
func (s *Store) Put(ctx context.Context, digest [32]byte, r io.Reader, size int64) error {
	if size < 0 {
		return refuse("STORE-BLOB-SIZE", digest, "size of %d bytes", size)
	}
	if size > s.maxSize {
		return refuse("STORE-BLOB-LARGE", digest, "%d bytes, the limit is %d", size, s.maxSize)
	}
	if err := s.memory.Acquire(ctx, working); err != nil {
		return err
	}
	defer s.memory.Release(working)
	if _, err := s.verify(ctx, digest, 0); err == nil {
		return s.settle(digest)
	} else if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := s.room(digest, size); err != nil {
		return err
	}
	if err := s.makeShard(digest); err != nil {
		return err
	}

	sample := make([]byte, min(size, sampleSize))
	if n, err := io.ReadFull(r, sample); err == io.EOF || err == io.ErrUnexpectedEOF {
		return refuse("STORE-BLOB-SIZE", digest, "the bytes end after %d of %d", n, size)
	} else if err != nil {
		return fmt.Errorf("reading blob to store: %w", err)
	}
	form := plainForm
	if s.pays(sample) {
		form = zstdForm
	}
	temp, err := s.files.Temp()
	if err != nil {
		return unwritten(digest, "creating temporary file", err)
	}
	whole := io.MultiReader(bytes.NewReader(sample), r)
	if err := s.fill(ctx, temp, form, digest, whole, size); err != nil {
		return discard(temp, err)
	}
	// The bytes are durable before the name leads to them.
	if err := temp.Sync(); err != nil {
		return discard(temp, unwritten(digest, "syncing temporary file", err))
	}
	if err := temp.Publish(nameOf(digest, form)); err != nil {
		return discard(temp, unwritten(digest, "naming file", err))
	}
	if err := s.settle(digest); err != nil {
		return err
	}
	// A damaged file in the other form would only cost readers a second look.
	_ = s.files.Remove(nameOf(digest, other(form)))
	return nil
}

// room refuses a write that would leave less than the reserve, where the free
// space is known.
func (s *Store) room(digest [32]byte, size int64) error {
	f, ok := s.files.(interface{ Free() (int64, error) })
	if !ok || s.reserve <= 0 {
		return nil
	}
	if free, err := f.Free(); err == nil && free-size < s.reserve {
		return refuse("STORE-BLOB-FULL", digest, "%d bytes are free, %d of them are kept in reserve", free, s.reserve)
	}
	return nil
}

// discard removes the temporary file; if that fails the next open does it.
func discard(t temporary, err error) error {
	_ = t.Discard()
	return err
}

// fill writes the bytes of r in the form and compares size and digest.
func (s *Store) fill(ctx context.Context, w io.Writer, f form, digest [32]byte, r io.Reader, size int64) error {
	sink := &sinkWriter{w: w}
	var to io.Writer = sink
	var enc *zstd.Encoder
	if f == zstdForm {
		var err error
		if enc, err = s.encoder(); err != nil {
			return err
		}
		defer func() {
			enc.Reset(nil)
			s.encoders.Put(enc)
		}()
		enc.ResetContentSize(sink, size)
		to = enc
	}
	hash := sha256.New()
	// One byte more than announced is read, to see that there is none.
	n, err := io.Copy(io.MultiWriter(hash, &boundWriter{to, size}), &contextReader{ctx, io.LimitReader(r, size+1)})
	switch {
	case sink.err != nil:
		return unwritten(digest, "writing temporary file", sink.err)
	case n > size:
		return refuse("STORE-BLOB-SIZE", digest, "the bytes go on after %d", size)
	case err != nil:
		return fmt.Errorf("reading blob to store: %w", err)
	case n < size:
		return refuse("STORE-BLOB-SIZE", digest, "the bytes end after %d of %d", n, size)
	}
	if got := [32]byte(hash.Sum(nil)); got != digest {
		return refuse("STORE-BLOB-DIGEST", digest, "the bytes have the digest sha256:%s", hex.EncodeToString(got[:]))
	}
	if enc != nil {
		if err := enc.Close(); err != nil {
			return unwritten(digest, "writing temporary file", err)
		}
	}
	return nil
}

// settle makes the name of a blob durable.
func (s *Store) settle(digest [32]byte) error {
	if err := s.makeShard(digest); err != nil {
		return err
	}
	m := &s.shards[digest[0]]
	m.Lock()
	defer m.Unlock()
	err := s.files.Sync(shardOf(digest))
	if err != nil {
		s.unsafe.Store(true)
		return unwritten(digest, "syncing folder", err)
	}
	if s.unsafe.Load() {
		return refuse("STORE-BLOB-WRITE", digest, "an earlier sync of a folder went wrong; the store must be opened again")
	}
	return nil
}

// makeShard makes the folder of the digest durable, once a process: one that is
// there may have been made by a process that was killed before its sync.
func (s *Store) makeShard(digest [32]byte) error {
	s.parent.Lock()
	defer s.parent.Unlock()
	if s.unsafe.Load() {
		return refuse("STORE-BLOB-WRITE", digest, "an earlier sync of a folder went wrong; the store must be opened again")
	}
	if s.made[digest[0]] {
		return nil
	}
	if err := s.files.Mkdir(shardOf(digest)); err != nil {
		return unwritten(digest, "making folder", err)
	}
	if err := s.files.Sync(blobFolder); err != nil {
		s.unsafe.Store(true)
		return unwritten(digest, "syncing folder", err)
	}
	s.made[digest[0]] = true
	return nil
}

// pays reports whether a blob that begins with the sample is worth compressing:
// at least an eighth is saved.
func (s *Store) pays(sample []byte) bool {
	if len(sample) < smallest {
		return false
	}
	enc, err := s.encoder()
	if err != nil {
		return false
	}
	defer s.encoders.Put(enc)
	return len(enc.EncodeAll(sample, make([]byte, 0, len(sample)))) < len(sample)-len(sample)/8
}

func (s *Store) encoder() (*zstd.Encoder, error) {
	if e, ok := s.encoders.Get().(*zstd.Encoder); ok {
		return e, nil
	}
	return zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(windowSize), zstd.WithLowerEncoderMem(true))
}

// form is how a blob is written, told by the suffix of its name.
type form string

const (
	plainForm form = ""
	zstdForm  form = ".zst"
)

func other(f form) form {
	if f == zstdForm {
		return plainForm
	}
	return zstdForm
}

func shardOf(digest [32]byte) string {
	return blobFolder + "/" + hex.EncodeToString(digest[:1])
}

func nameOf(digest [32]byte, f form) string {
	return shardOf(digest) + "/" + hex.EncodeToString(digest[:]) + string(f)
}

// sinkWriter remembers the error of the file below, so that it is not mistaken
// for one of the reader.
type sinkWriter struct {
	w   io.Writer
	err error
}

func (s *sinkWriter) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	if err != nil && s.err == nil {
		s.err = err
	}
	return n, err
}

// boundWriter passes on the first left bytes and swallows the rest.
type boundWriter struct {
	w    io.Writer
	left int64
}

func (b *boundWriter) Write(p []byte) (int, error) {
	take := p[:min(int64(len(p)), b.left)]
	b.left -= int64(len(take))
	if n, err := b.w.Write(take); err != nil {
		return n, err
	}
	return len(p), nil
}

// contextReader ends with the context.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

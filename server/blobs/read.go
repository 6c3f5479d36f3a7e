package blobs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
)

// Blob is a stored blob in memory, compared with its digest. Close gives its
// share of the memory bound back.
type Blob struct {
	bytes   []byte
	release func()
	closed  atomic.Bool
}

// Bytes returns the bytes, valid until Close and not to be changed.
func (b *Blob) Bytes() []byte { return b.bytes }

// Close ends the use of the bytes. It may be called more than once.
func (b *Blob) Close() {
	if !b.closed.Swap(true) {
		b.bytes = nil
		b.release()
	}
}

// Get returns the bytes of a digest; the caller closes the blob. It waits while
// other readers hold the store's memory. The error is [ErrAbsent] if no file is
// there, STORE-BLOB-LOST if one is but its bytes cannot be read or are others.
func (s *Store) Get(ctx context.Context, digest [32]byte) (*Blob, error) {
	var blob *Blob
	err := s.each(digest, func(f form) error {
		var err error
		blob, err = s.load(ctx, digest, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	return blob, nil
}

// Check reads the blob without keeping it, makes its name durable, and returns
// its size in bytes. Its errors are those of [Store.Get], and those of
// [Store.Put] if the name cannot be made durable. After nil a leaf that names
// the blob may be offered.
func (s *Store) Check(ctx context.Context, digest [32]byte) (size int64, err error) {
	size, err = s.verify(ctx, digest, working)
	if err != nil {
		return 0, err
	}
	if err := s.settle(digest); err != nil {
		return 0, err
	}
	return size, nil
}

// verify reads the blob without keeping it; weight is what it charges.
func (s *Store) verify(ctx context.Context, digest [32]byte, weight int64) (size int64, err error) {
	if err := s.memory.Acquire(ctx, weight); err != nil {
		return 0, err
	}
	defer s.memory.Release(weight)
	err = s.each(digest, func(f form) (err error) {
		size, err = s.verifyForm(ctx, digest, f)
		return err
	})
	return size, err
}

// verifyForm reads one form of the blob and returns its size in bytes.
func (s *Store) verifyForm(ctx context.Context, digest [32]byte, f form) (int64, error) {
	file, err := s.open(digest, f)
	if err != nil {
		return 0, err
	}
	defer file.close()
	hash := sha256.New()
	if n, err := io.Copy(hash, &contextReader{ctx, io.LimitReader(file, file.size+1)}); err != nil {
		return 0, fmt.Errorf("reading: %w", err)
	} else if n != file.size {
		return 0, fmt.Errorf("%d bytes, the file states %d", n, file.size)
	}
	if [32]byte(hash.Sum(nil)) != digest {
		return 0, errOther
	}
	return file.size, nil
}

var errOther = errors.New("the file holds other bytes")

// each tries the forms in turn until one serves: a damaged file in one form
// does not hide a good one in the other. A context that ended is not damage.
// The first form is looked for once more at the end, since a Put that mends a
// damaged blob names the new form before it removes the old one.
func (s *Store) each(digest [32]byte, try func(form) error) error {
	var damage error
	for _, f := range []form{zstdForm, plainForm, zstdForm} {
		err := try(f)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
			return err
		case !errors.Is(err, fs.ErrNotExist):
			damage = errors.Join(damage, err)
		}
		if damage != nil && f == plainForm {
			break
		}
	}
	if damage != nil {
		return Lost(digest, damage)
	}
	return ErrAbsent
}

// load reads one form into memory and compares it.
func (s *Store) load(ctx context.Context, digest [32]byte, f form) (*Blob, error) {
	file, err := s.open(digest, f)
	if err != nil {
		return nil, err
	}
	defer file.close()
	weight := file.size + working
	if err := s.memory.Acquire(ctx, weight); err != nil {
		return nil, err
	}
	b := &Blob{release: func() { s.memory.Release(weight) }}
	b.bytes = make([]byte, file.size)
	if err := file.fill(ctx, b.bytes); err != nil {
		b.Close()
		return nil, err
	}
	if sha256.Sum256(b.bytes) != digest {
		b.Close()
		return nil, errOther
	}
	return b, nil
}

// content is a stored file seen as the bytes of the blob.
type content struct {
	io.Reader
	size  int64 // bytes of the blob, as the file states them, at most the store's limit
	close func()
}

// fill reads exactly the content into p.
func (c *content) fill(ctx context.Context, p []byte) error {
	r := &contextReader{ctx, c}
	if _, err := io.ReadFull(r, p); err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	var one [1]byte
	if n, err := io.ReadFull(r, one[:]); n > 0 {
		return fmt.Errorf("the file goes on after the %d bytes that it states", c.size)
	} else if !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading: %w", err)
	}
	return nil
}

// open opens one form. A file that states more than the store's limit is
// damaged: nothing is allocated for what a file merely says.
func (s *Store) open(digest [32]byte, f form) (*content, error) {
	file, err := s.files.Open(nameOf(digest, f))
	if err != nil {
		return nil, err
	}
	if f == plainForm {
		if file.Size() > s.maxSize {
			return nil, errors.Join(fmt.Errorf("file of %d bytes, the limit is %d", file.Size(), s.maxSize), file.Close())
		}
		return &content{Reader: file, size: file.Size(), close: func() { _ = file.Close() }}, nil
	}
	size, head, err := s.frame(file)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	dec, err := s.decoder()
	if err == nil {
		err = dec.Reset(io.MultiReader(bytes.NewReader(head), file))
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &content{Reader: dec, size: size, close: func() {
		_ = dec.Reset(nil)
		s.decoders.Put(dec)
		_ = file.Close()
	}}, nil
}

// frame reads the header of a zstd file and returns the size that it states and
// the bytes read.
func (s *Store) frame(file stored) (size int64, head []byte, err error) {
	head = make([]byte, zstd.HeaderMaxSize)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, nil, fmt.Errorf("reading zstd header: %w", err)
	}
	var h zstd.Header
	if err := h.Decode(head[:n]); err != nil {
		return 0, nil, fmt.Errorf("reading zstd header: %w", err)
	}
	switch {
	case h.Skippable || !h.HasFCS:
		return 0, nil, errors.New("zstd file does not state its content size")
	case h.FrameContentSize > uint64(s.maxSize):
		return 0, nil, fmt.Errorf("zstd file states %d bytes, the limit is %d", h.FrameContentSize, s.maxSize)
	case uint64(file.Size()) > h.FrameContentSize+h.FrameContentSize/8+1024:
		return 0, nil, fmt.Errorf("zstd file of %d bytes states only %d", file.Size(), h.FrameContentSize)
	}
	return int64(h.FrameContentSize), head[:n], nil
}

func (s *Store) decoder() (*zstd.Decoder, error) {
	if d, ok := s.decoders.Get().(*zstd.Decoder); ok {
		return d, nil
	}
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(windowSize), zstd.WithDecoderMaxMemory(uint64(max(s.maxSize, windowSize))))
}

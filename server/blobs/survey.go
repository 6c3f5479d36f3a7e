package blobs

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Verify reads the blob without keeping it and compares it with its digest. It
// writes nothing. Its errors are those of [Store.Get].
func (s *Store) Verify(ctx context.Context, digest [32]byte) (size int64, err error) {
	return s.verify(ctx, digest, working)
}

// Stored is one file of a store.
type Stored struct {
	Name   string   // within the folder, with slashes
	Digest [32]byte // that its name says
	Size   int64    // bytes of the file
	Err    error    // why it is not the blob of its name, nil if it is
}

// Survey reads every blob that lies in a folder, in the order of their names, and
// shows each to visit, whose error ends it. It writes nothing and may run beside
// the process that has the folder open. A file whose name is no digest's is shown
// with an error. A folder that is not there holds no blobs.
func Survey(ctx context.Context, dir string, o Options, visit func(Stored) error) error {
	s, err := View(dir, o)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	err = s.survey(ctx, dir, visit)
	return errors.Join(err, s.Close())
}

func (s *Store) survey(ctx context.Context, dir string, visit func(Stored) error) error {
	shards, err := os.ReadDir(filepath.Join(dir, blobFolder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("listing blobs: %w", err)
	}
	for _, shard := range shards {
		files, err := os.ReadDir(filepath.Join(dir, blobFolder, shard.Name()))
		if err != nil {
			return fmt.Errorf("listing blobs: %w", err)
		}
		for _, f := range files {
			if err := ctx.Err(); err != nil {
				return err
			}
			b := Stored{Name: blobFolder + "/" + shard.Name() + "/" + f.Name()}
			info, err := f.Info()
			if errors.Is(err, fs.ErrNotExist) {
				continue // replaced by its other form meanwhile
			}
			if err != nil {
				return fmt.Errorf("listing blobs: %w", err)
			}
			b.Size = info.Size()
			if !info.Mode().IsRegular() {
				b.Err = errors.New("it is no regular file")
			} else if err := s.inspect(ctx, &b); err != nil {
				return err
			}
			if err := visit(b); err != nil {
				return err
			}
		}
	}
	return nil
}

// inspect reads one file. Its error is the context's.
func (s *Store) inspect(ctx context.Context, b *Stored) error {
	hexed := b.Name[strings.LastIndexByte(b.Name, '/')+1:]
	form := plainForm
	if cut, ok := strings.CutSuffix(hexed, string(zstdForm)); ok {
		hexed, form = cut, zstdForm
	}
	raw, err := hex.DecodeString(hexed)
	if err != nil || len(raw) != len(b.Digest) || nameOf([32]byte(raw), form) != b.Name {
		b.Err = errors.New("its name is not that of a blob")
		return nil
	}
	b.Digest = [32]byte(raw)
	_, err = s.verifyForm(ctx, b.Digest, form)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		b.Err = err
	}
	return nil
}

// Has reports whether a file of the digest is there, whatever it holds.
func (s *Store) Has(digest [32]byte) bool {
	for _, f := range []form{zstdForm, plainForm, zstdForm} {
		if file, err := s.files.Open(nameOf(digest, f)); err == nil {
			_ = file.Close() // nothing was written
			return true
		}
	}
	return false
}

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	antispam "github.com/transparency-dev/tessera/storage/posix/antispam"
	"golang.org/x/mod/sumdb/note"
)

// awaitPoll is how often the peer's awaiter looks for a newer checkpoint.
const awaitPoll = 5 * time.Millisecond

// peer is a log of Tessera's POSIX driver.
type peer struct {
	appender *tessera.Appender
	shutdown func(context.Context) error
	reader   tessera.LogReader
	follower tessera.Follower // nil without antispam
	awaiter  *tessera.PublicationAwaiter
	stop     context.CancelFunc
}

// peerKeys are the two lines of the file beside a peer's log.
func peerKeys(dir string) (signer note.Signer, verifier string, err error) {
	path := filepath.Join(dir, "key")
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		private, public, e := note.GenerateKey(rand.Reader, origin)
		if e != nil {
			return nil, "", e
		}
		raw = []byte(private + "\n" + public)
		err = os.WriteFile(path, raw, 0o600)
	}
	if err != nil {
		return nil, "", err
	}
	private, public, _ := strings.Cut(string(raw), "\n")
	signer, err = note.NewSigner(private)
	return signer, public, err
}

// openPeer opens the log in a folder, or makes it, at the setting of a column.
func openPeer(ctx context.Context, s spec) (*peer, error) {
	signer, _, err := peerKeys(s.Dir)
	if err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(ctx)
	p := &peer{stop: stop}
	folder := filepath.Join(s.Dir, "log")
	driver, err := posix.New(running, posix.Config{Path: folder})
	if err != nil {
		return nil, err
	}
	o := tessera.NewAppendOptions().WithCheckpointSigner(signer)
	if s.Column != columnDefaults {
		o = o.WithBatching(uint(min(s.Writers, 1024)), 50*time.Millisecond).WithCheckpointInterval(100 * time.Millisecond)
	}
	if s.Column == columnAntispam || s.Column == columnPushback {
		opts := antispam.AntispamOpts{}
		if s.Column == columnAntispam {
			opts.PushbackThreshold = 1 << 30
		}
		as, err := antispam.NewAntispam(running, filepath.Join(s.Dir, "antispam"), opts)
		if err != nil {
			return nil, err
		}
		o = o.WithAntispam(tessera.DefaultAntispamInMemorySize, as)
		p.follower = as.Follower(nil) // only asked how far the other has come
	}
	if p.appender, p.shutdown, p.reader, err = tessera.NewAppender(running, driver, o); err != nil {
		return nil, err
	}
	p.awaiter = tessera.NewPublicationAwaiter(running, p.reader.ReadCheckpoint, awaitPoll)
	return p, nil
}

func (p *peer) add(ctx context.Context, leaf []byte) (int64, bool, error) {
	i, err := p.appender.Add(ctx, tessera.NewEntry(leaf))()
	return int64(i.Index), i.IsDup, err
}

// watch tells of each larger checkpoint as the awaiter returns it.
func (p *peer) watch(ctx context.Context, see func(size int64)) {
	for size := int64(0); ctx.Err() == nil; {
		_, raw, err := p.awaiter.Await(ctx, func() (tessera.Index, error) { return tessera.Index{Index: uint64(size)}, nil })
		if err != nil {
			continue // the checkpoint was not there yet, or the run is over
		}
		if size, err = checkpointSize(raw); err != nil {
			return
		}
		see(size)
	}
}

func checkpointSize(raw []byte) (int64, error) {
	lines := strings.SplitN(string(raw), "\n", 3)
	if len(lines) < 3 {
		return 0, fmt.Errorf("checkpoint of %d lines", len(lines))
	}
	return strconv.ParseInt(lines[1], 10, 64)
}

func (p *peer) busy(err error) bool { return errors.Is(err, tessera.ErrPushback) }

func (p *peer) read(ctx context.Context, at int64) error {
	size, err := p.size(ctx)
	if err != nil {
		return err
	}
	partial := uint8(0)
	if at/256 == size/256 {
		partial = uint8(size % 256)
	}
	if _, err = p.reader.ReadEntryBundle(ctx, uint64(at/256), partial); err != nil {
		return err
	}
	_, err = p.reader.ReadCheckpoint(ctx)
	return err
}

func (p *peer) size(ctx context.Context) (int64, error) {
	n, err := p.reader.IntegratedSize(ctx)
	return int64(n), err
}

// drained returns when the antispam's follower has every entry.
func (p *peer) drained(ctx context.Context) error {
	if p.follower == nil {
		return nil
	}
	for {
		size, err := p.size(ctx)
		if err != nil {
			return err
		}
		done, err := p.follower.EntriesProcessed(ctx)
		if err != nil || int64(done) >= size {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (p *peer) close() error {
	err := p.shutdown(context.Background())
	p.stop()
	return err
}

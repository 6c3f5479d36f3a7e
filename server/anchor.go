package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/client"
	"github.com/yurai-ledger/yurai/ledger/filestore"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/problem"
)

// maxAnchor bounds the file that an anchor is read from, in bytes: a bundle.
const maxAnchor = 32 << 20

// watchEvery is how often anchors that can be asked are asked again.
const watchEvery = time.Minute

// anchor is somebody outside who has seen the log, and what that was.
type anchor struct {
	where string
	ledger.Checkpoint
	now bool // asked just now, of somebody who keeps the newest
}

// reader reads anchors of one log.
type reader struct {
	origin string
	keys   []*ledger.Verifier
}

// readerOf returns the reader of the log that a genesis founds.
func readerOf(g *statement.Genesis) (reader, error) {
	r := reader{origin: g.Log}
	for _, vkey := range g.Checkpoint {
		v, err := ledger.ParseVerifier(vkey)
		if err != nil {
			return r, err
		}
		r.keys = append(r.keys, v)
	}
	return r, nil
}

// read returns the newest checkpoint that an anchor holds, verified under every
// checkpoint key of the log. Where is
//
//	an http or https address   a witness's monitoring path, or a mirror
//	a folder                   a mirror's, or another copy of the ledger or of a backup
//	a file                     a signed checkpoint, a bundle, a client's memory
//
// Refused are SERVER-ANCHOR-UNREACHABLE and SERVER-ANCHOR-UNREADABLE.
func (r reader) read(ctx context.Context, where string) (anchor, error) {
	a := anchor{where: where}
	if strings.HasPrefix(where, "http://") || strings.HasPrefix(where, "https://") {
		a.now = true
		note, err := r.fetch(ctx, where)
		if err == nil {
			a.Checkpoint, err = r.open(where, note)
		}
		return a, err
	}
	info, err := os.Stat(where)
	if err != nil {
		return a, noAnchor(where, err)
	}
	name := where
	if info.IsDir() {
		name = filepath.Join(where, "checkpoint")
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
			a.Checkpoint, err = r.folder(ctx, where)
			return a, err
		}
	}
	raw, err := readBounded(name, maxAnchor)
	if err != nil {
		return a, noAnchor(where, err)
	}
	for _, note := range r.notes(raw) {
		c, err := r.open(where, note)
		if err != nil {
			return a, err
		}
		if a.Origin == "" || c.Size > a.Size {
			a.Checkpoint = c
		}
	}
	if a.Origin == "" {
		return a, refuse("SERVER-ANCHOR-UNREADABLE", "%s holds no checkpoint of %q", where, r.origin)
	}
	return a, nil
}

func noAnchor(where string, err error) error {
	return refuse("SERVER-ANCHOR-UNREADABLE", "%s: %w", where, err)
}

func readBounded(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("it has more than %d bytes", limit)
	}
	return b, errors.Join(err, f.Close())
}

func (r reader) open(where string, note []byte) (ledger.Checkpoint, error) {
	c, err := ledger.OpenCheckpoint(note, r.origin, r.keys...)
	if err != nil {
		return c, noAnchor(where, err)
	}
	return c, nil
}

// notes returns the signed notes of the log in a file.
func (r reader) notes(raw []byte) [][]byte {
	if !bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("{")) {
		return [][]byte{raw}
	}
	var f struct {
		Log        string `json:"log"`
		Checkpoint string `json:"checkpoint"` // of a bundle
		Logs       []struct {
			Origin    string `json:"origin"`
			Published string `json:"published"`
			Committed string `json:"committed"`
		} `json:"logs"` // of a memory
	}
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil
	}
	var list [][]byte
	add := func(note string) {
		if note != "" {
			list = append(list, []byte(note))
		}
	}
	if f.Log == r.origin {
		add(f.Checkpoint)
	}
	for _, l := range f.Logs {
		if l.Origin == r.origin {
			add(l.Published)
			add(l.Committed)
		}
	}
	return list
}

// folder returns the head of another copy of the log.
func (r reader) folder(ctx context.Context, dir string) (ledger.Checkpoint, error) {
	path := filepath.Join(dir, logName)
	store, err := filestore.Open(path, filestore.Options{Origin: r.origin, FS: filestore.ReadOnly(path)})
	if err != nil {
		return ledger.Checkpoint{}, noAnchor(dir, err)
	}
	h := store.Head()
	return ledger.Checkpoint{Origin: r.origin, Size: h.Size, Root: h.Root}, errors.Join(ctx.Err(), store.Close())
}

// fetch asks for the newest checkpoint: at the address itself, below it as a
// mirror serves it, or under the log's name as a witness does
// (c2sp.org/tlog-witness: SHA-256 of the origin).
func (r reader) fetch(ctx context.Context, where string) ([]byte, error) {
	hc, err := client.HTTP(where)
	if err != nil {
		return nil, err
	}
	hc.Timeout = 20 * time.Second
	base, sum := strings.TrimSuffix(where, "/"), sha256.Sum256([]byte(r.origin))
	places := []string{base + "/" + hex.EncodeToString(sum[:]) + "/checkpoint", base + "/checkpoint"}
	if strings.HasSuffix(base, "/checkpoint") {
		places = []string{base}
	}
	for _, place := range places {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, place, nil)
		if err != nil {
			return nil, noAnchor(where, err)
		}
		req.Header.Set("Cache-Control", "no-cache")
		res, err := hc.Do(req)
		if err != nil {
			return nil, refuse("SERVER-ANCHOR-UNREACHABLE", "%s: %w", where, client.Unreachable(base, err))
		}
		note, err := client.ReadAll(res.Body, ledger.MaxCheckpoint)
		if err := errors.Join(err, res.Body.Close()); err != nil {
			return nil, refuse("SERVER-ANCHOR-UNREACHABLE", "%s: %w", where, err)
		}
		switch {
		case res.StatusCode == http.StatusOK:
			return note, nil
		case res.StatusCode != http.StatusNotFound:
			return nil, refuse("SERVER-ANCHOR-UNREACHABLE", "%s answers %s", where, res.Status)
		}
	}
	return nil, refuse("SERVER-ANCHOR-UNREADABLE", "%s has no checkpoint of %q", where, r.origin)
}

// contradicts returns why an anchor and a log are not one history, or why the log
// is behind: LOG-ANCHOR-AHEAD, LOG-ANCHOR-FORK.
func contradicts(a ledger.Checkpoint, size int64, hashes ledger.HashReader) error {
	if a.Size > size {
		return ledger.Refuse("LOG-ANCHOR-AHEAD", "an anchor has %d leaves, this log has %d", a.Size, size)
	}
	root, err := ledger.TreeRoot(hashes, a.Size)
	if err != nil {
		return err
	}
	if root != a.Root {
		return ledger.Refuse("LOG-ANCHOR-FORK", "an anchor has root %v at %d leaves, this log %v", a.Root, a.Size, root)
	}
	return nil
}

// enough reports whether anchors that contradict nothing allow a log that was
// moved or restored to sign again. What an anchor shows is that nothing it has
// seen is missing. Only one that was asked just now and has exactly this tree
// leaves no gap to itself; with any other, whether something newer was signed is
// the operator's word.
func enough(list []anchor, head sequencer.Head, newestKnown bool) error {
	if newestKnown {
		return nil
	}
	for _, a := range list {
		if a.now && a.Size == head.Size && a.Root == head.Root {
			return nil
		}
	}
	return refuse("SERVER-ANCHOR-BEHIND", "%s has seen %d of the log's %d entries, which shows nothing about what was signed after them", list[0].where, list[0].Size, head.Size)
}

// holdAgainst reads anchors and compares each with the log. If all need not
// answer, an address that does not is passed over and said.
func holdAgainst(ctx context.Context, r reader, places []string, all bool, size int64, hashes ledger.HashReader, log *slog.Logger) ([]anchor, error) {
	var list []anchor
	for _, where := range places {
		a, err := r.read(ctx, where)
		if a.now && !all && ctx.Err() == nil && problem.Code(err) == "SERVER-ANCHOR-UNREACHABLE" {
			log.LogAttrs(ctx, slog.LevelWarn, "anchor gives no answer", slog.String("anchor", where), slog.String("error", err.Error()))
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := contradicts(a.Checkpoint, size, hashes); err != nil {
			return nil, fmt.Errorf("%s: %w", where, err)
		}
		list = append(list, a)
	}
	return list, nil
}

// watch asks the anchors that can be asked, again and again, and ends the signing
// if one has seen what this log has not: another copy of it is running, or this
// one went back.
func (s *Server) watch(ctx context.Context, places []string, every time.Duration) error {
	for {
		if s.anchored() { // else at once: none answered when the log was opened
			if err := sleep(ctx, every); err != nil {
				return err
			}
		}
		for _, where := range places {
			s.ask(ctx, where)
		}
		if !s.anchored() {
			if err := sleep(ctx, every); err != nil {
				return err
			}
		}
	}
}

// ask asks one anchor and compares what it says with the log.
func (s *Server) ask(ctx context.Context, where string) {
	a, err := s.outside.read(ctx, where)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		s.log.LogAttrs(ctx, slog.LevelWarn, "anchor cannot be read", slog.String("anchor", where), slog.String("error", err.Error()))
	default:
		if err := s.Compare(a.Checkpoint); err != nil {
			s.log.LogAttrs(ctx, slog.LevelError, "anchor contradicts the log", slog.String("anchor", where), slog.String("error", err.Error()))
			return
		}
		s.seen.Store(true)
	}
}

// Compare holds a verified checkpoint of this log that somebody outside has shown
// against the log as it is. If that has more entries or another root, nothing is
// signed any more, here and until the server is opened again, and the error says
// why: LOG-ANCHOR-AHEAD, LOG-ANCHOR-FORK. Whoever gathers cosignatures calls it
// with what a witness has seen.
func (s *Server) Compare(c ledger.Checkpoint) error {
	if c.Origin != s.origin {
		return refuse("LOG-ORIGIN-MISMATCH", "a checkpoint of %q is held against log %q", c.Origin, s.origin)
	}
	// What is committed is published at once; a witness can have seen no more.
	err := contradicts(c, s.sequence.Size(), s.sequence)
	if code := problem.Code(err); code == "LOG-ANCHOR-AHEAD" || code == "LOG-ANCHOR-FORK" {
		s.halt("SERVER-LOG-CONTRADICTED", err.Error())
	}
	return err
}

// halted is why nothing is signed.
type halted struct{ code, reason string }

// halt ends the signing, for the first reason that is given.
func (s *Server) halt(code, reason string) {
	if s.halted.CompareAndSwap(nil, &halted{code, reason}) {
		s.log.LogAttrs(context.Background(), slog.LevelError, "nothing will be signed or recorded", slog.String("code", code), slog.String("reason", reason))
	}
}

// shut returns why nothing is signed or recorded, nil if it is.
func (s *Server) shut() error {
	h := s.halted.Load()
	if h == nil {
		return nil
	}
	return refuse(h.code, "nothing is signed or recorded: %s", h.reason)
}

// signs reports whether the log has to sign what it answers at a path. What can be
// verified without a new signature (tiles, entries, blobs) and what nobody signs
// (searches) is answered also when nothing is signed.
func signs(path string) bool {
	return path == "/checkpoint" || path == "/api/v1/statements" || strings.HasPrefix(path, "/api/v1/entries/")
}

// anchored reports whether the log was held against an anchor since it was opened.
func (s *Server) anchored() bool {
	return s.seen.Load() || s.sequence.Anchored() || s.witnesses.gatherer != nil && s.witnesses.gatherer.Anchored()
}

// moor holds a log that was just opened against what witnesses have cosigned and the
// anchors that were given, and lifts the ban on one that was moved or restored if they
// allow it; of such a one all anchors must answer. Without any it is read only.
func (s *Server) moor(ctx context.Context, o Options, cosigned []ledger.Checkpoint) error {
	moved := s.store.Instance().Moved
	for _, c := range cosigned {
		if err := contradicts(c, s.store.Head().Size, sequencer.Hashes(s.store)); err != nil {
			return fmt.Errorf("a witness has cosigned it: %w", err)
		}
	}
	list, err := holdAgainst(ctx, s.outside, o.Anchors, moved != "", s.store.Head().Size, sequencer.Hashes(s.store), s.log)
	if err != nil {
		return err
	}
	s.seen.Store(len(list) > 0)
	if moved == "" {
		return nil
	}
	if len(list) == 0 {
		s.halt("SERVER-LOG-MOVED", moved)
		return nil
	}
	return lift(ctx, s.store, list, o.NewestKnown, s.log)
}

// lift settles a log that was moved or restored if the anchors it was held
// against allow it.
func lift(ctx context.Context, store *filestore.Store, list []anchor, newestKnown bool, log *slog.Logger) error {
	head := store.Head()
	if err := enough(list, head, newestKnown); err != nil {
		return err
	}
	log.LogAttrs(ctx, slog.LevelWarn, "the log was moved or restored and goes on here from now on",
		slog.String("was", store.Instance().Moved), slog.Int64("size", head.Size), slog.Int("anchors", len(list)), slog.Bool("newest_known", newestKnown))
	return store.Settle()
}

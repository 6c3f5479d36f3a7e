package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/audit"
	"github.com/yurai-ledger/yurai/ledger/mirror"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/blobs"
	"github.com/yurai-ledger/yurai/server/problem"
)

// CopiedFormat is the "format" member of the file copied.json in the folder of a
// mirror.
const CopiedFormat = "yurai-copied/1"

const (
	copiedName     = "copied.json"
	maxCopied      = 1 << 20 // bytes of that file
	maxMissing     = 4096    // bills of materials that may be missing before no more are looked for
	copiedEachTime = 256     // bills after which the file is written again
)

// MirrorSource is a log that is mirrored.
type MirrorSource interface {
	audit.Source

	// Blob returns the bytes of a digest, compared with it; size is what the entry
	// says of them.
	Blob(ctx context.Context, digest ledger.Hash, size int64) ([]byte, error)
}

// Mirror is a mirror of a log together with its open bills of materials, held
// open by this process. Beside what ledger/mirror keeps, its folder has
//
//	blobs/       bytes of open bills of materials (server/blobs)
//	copied.json  which entries were looked at for them, and which bytes are missing
type Mirror struct {
	*Server
	mirror *mirror.Mirror
	dir    string
	copied copied // Pull's

	mu     sync.Mutex
	reason string // why the mirror follows the log no more, "" if it does
}

// copied is copied.json.
type copied struct {
	Format  string     `json:"format"`
	Log     string     `json:"log"`
	Size    int64      `json:"size"`    // entries that were looked at
	Missing []uncopied `json:"missing"` // by ascending entry
}

// uncopied is a bill of materials that an entry calls open and that could not be
// read yet.
type uncopied struct {
	Entry  int64       `json:"entry"`
	Digest ledger.Hash `json:"sha256"`
	Size   int64       `json:"size"` // bytes
}

// OpenMirror opens the mirror in the folder dir and makes it where the folder is
// absent or empty, with the refusals of mirror.Open. It must be closed.
func OpenMirror(ctx context.Context, dir string, log ledger.TrustedLog, o Options) (*Mirror, error) {
	m := &Mirror{Server: bare(o), dir: dir}
	m.origin = log.Origin
	var err error
	if m.mirror, err = mirror.Open(ctx, dir, mirror.Options{Log: log, Clock: m.clock, Logger: m.log}); err != nil {
		return nil, err
	}
	if m.copied, err = m.readCopied(); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	if m.blobs, err = blobs.Open(filepath.Join(dir, blobsName), blobs.Options{MaxSize: maxBOM, Memory: maxBlobMemory}); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// Close gives the folder back. It may be called more than once.
func (m *Mirror) Close() error {
	if m.closed.Load() {
		return nil
	}
	return errors.Join(m.Server.Close(), m.mirror.Close())
}

// Signed returns the checkpoint that is served, and false before the first pull
// was whole.
func (m *Mirror) Signed() (ledger.Signed, bool) { return m.mirror.Signed() }

// Size returns the number of entries that are served.
func (m *Mirror) Size() int64 { return m.mirror.Size() }

// Missing returns how many open bills of materials of the entries served could not
// be read from the log yet.
func (m *Mirror) Missing() int { return len(m.copied.Missing) }

// Misbehaved makes the mirror say, in /readyz, why it follows the log no more. It
// goes on serving what it has verified.
func (m *Mirror) Misbehaved(reason string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reason = reason
}

// Pull brings the mirror to a checkpoint, as mirror.Mirror.Pull does. The bills of
// materials that its entries call open are copied before it is served. Those that
// cannot be read do not fail it: [Mirror.Missing] counts them, and the next Pull
// asks for them again. It belongs to one goroutine.
func (m *Mirror) Pull(ctx context.Context, src MirrorSource, head ledger.Signed) error {
	return m.mirror.Pull(ctx, src, head, func(ctx context.Context) error {
		c := copying{Mirror: m, src: src}
		if err := c.run(ctx, head.Size); err != nil {
			return errors.Join(err, m.writeCopied())
		}
		return m.writeCopied()
	})
}

// copying is the part of a pull that copies bills of materials.
type copying struct {
	*Mirror
	src  MirrorSource
	down bool // the log gave no answer: it is not asked again in this pull
}

var errEnough = errors.New("too many bills of materials are missing to look for more")

// run asks again for what is missing, then looks at the entries below size.
func (c *copying) run(ctx context.Context, size int64) error {
	still := c.copied.Missing
	c.copied.Missing = nil
	for i, b := range still {
		if err := c.take(ctx, b); err != nil {
			c.copied.Missing = append(c.copied.Missing, still[i:]...)
			return err
		}
	}
	since := 0
	err := c.mirror.Leaves(ctx, c.copied.Size, size, func(index int64, leaf []byte) error {
		if len(c.copied.Missing) >= maxMissing {
			return errEnough
		}
		if b, ok := openBOM(index, leaf); ok {
			if err := c.take(ctx, b); err != nil {
				return err
			}
			since++
		}
		c.copied.Size = index + 1
		if since < copiedEachTime {
			return nil
		}
		since = 0
		return c.writeCopied()
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// openBOM returns the bill of materials that a leaf calls open.
func openBOM(index int64, leaf []byte) (uncopied, bool) {
	e, err := envelope.ParseLeaf(leaf)
	if err != nil {
		return uncopied{}, false // a leaf of another kind of log, or of a newer program
	}
	st, err := statement.Parse(e.Payload())
	if err != nil {
		return uncopied{}, false
	}
	b, ok := st.Body.(*statement.BOM)
	if !ok || b.Disclosure != statement.DisclosureOpen || b.Size > maxBOM {
		return uncopied{}, false
	}
	return uncopied{Entry: index, Digest: ledger.Hash(b.Digest), Size: b.Size}, true
}

// take stores a bill of materials unless it is there, undamaged, or takes note that
// the log does not give it out. An error ends the pull.
func (c *copying) take(ctx context.Context, b uncopied) error {
	if _, err := c.blobs.Check(ctx, b.Digest); err == nil {
		return nil
	}
	var raw []byte
	err := errDown
	if !c.down {
		raw, err = c.src.Blob(ctx, b.Digest, b.Size)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil:
		return c.blobs.Put(ctx, b.Digest, bytes.NewReader(raw), int64(len(raw)))
	}
	c.down = c.down || problem.Code(err) == "CLIENT-SERVER-UNREACHABLE"
	c.log.LogAttrs(ctx, slog.LevelWarn, "open bill of materials not read", slog.Int64("entry", b.Entry), slog.String("digest", b.Digest.String()), slog.String("error", err.Error()))
	c.copied.Missing = append(c.copied.Missing, b)
	return nil
}

var errDown = errors.New("the log gave no answer to the question before")

func (m *Mirror) readCopied() (copied, error) {
	c := copied{Format: CopiedFormat, Log: m.origin}
	raw, err := os.ReadFile(filepath.Join(m.dir, copiedName))
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, fmt.Errorf("reading %s: %w", copiedName, err)
	}
	// What cannot be read is made again by looking at every entry.
	var f copied
	if len(raw) > maxCopied || json.Unmarshal(raw, &f, json.RejectUnknownMembers(true)) != nil ||
		f.Format != CopiedFormat || f.Log != m.origin || f.Size < 0 || f.Size > m.mirror.Stored() || len(f.Missing) > maxMissing ||
		slices.ContainsFunc(f.Missing, func(b uncopied) bool { return b.Size < 0 || b.Size > maxBOM }) {
		m.log.LogAttrs(context.Background(), slog.LevelWarn, "every entry is looked at for bills of materials again", slog.String("file", copiedName))
		return c, nil
	}
	return f, nil
}

// writeCopied writes copied.json. The bytes that it says are there are durable. If
// the file is lost every entry is looked at again.
func (m *Mirror) writeCopied() error {
	if m.copied.Missing == nil {
		m.copied.Missing = []uncopied{}
	}
	raw, err := json.Marshal(m.copied, jsontext.WithIndent("  "))
	if err != nil {
		return err
	}
	name := filepath.Join(m.dir, copiedName)
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, append(raw, '\n')) {
		return nil
	}
	f, err := os.OpenFile(name+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("writing %s: %w", copiedName, err)
	}
	_, err = f.Write(append(raw, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", copiedName, err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		return fmt.Errorf("writing %s: %w", copiedName, err)
	}
	return syncFolder(m.dir)
}

// Serve answers on l and runs follow beside it until ctx ends or follow fails. It
// may be called once. A listener that others than this machine can reach is
// SERVER-LISTEN-LOOPBACK.
func (m *Mirror) Serve(ctx context.Context, l net.Listener, follow func(context.Context) error) error {
	if m.served.Swap(true) {
		return errors.Join(errors.New("the mirror has been served already"), l.Close())
	}
	return m.runBare(ctx, l, m.Handler(), follow)
}

// Handler returns the handler of every address of a mirror, which answers as the
// log does:
//
//	GET  /checkpoint              the signed note, byte for byte as the log served it
//	GET  /tile/…                  c2sp.org/tlog-tiles
//	GET  /blobs/sha256/{hex}      bytes of an open bill of materials; 404 for others
//	GET  /healthz, /readyz        503 while there is no checkpoint, or the log misbehaved
func (m *Mirror) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range map[string]http.HandlerFunc{
		"/checkpoint":            m.mirroredCheckpoint,
		"/tile/{path...}":        m.mirroredTile,
		"/blobs/sha256/{digest}": m.mirroredBlob,
		"/healthz":               m.healthz,
		"/readyz":                m.mirrorReady,
	} {
		mux.HandleFunc("GET "+pattern, h)
		mux.HandleFunc(pattern, m.only("GET, HEAD"))
	}
	mux.HandleFunc("/", m.unknown)
	return mux
}

func (m *Mirror) mirroredCheckpoint(w http.ResponseWriter, r *http.Request) {
	head, ok := m.mirror.Signed()
	if !ok {
		m.fail(w, r, refuse("MIRROR-LOG-EMPTY", "no checkpoint of %s was pulled yet", m.origin))
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	send(w, r, http.StatusOK, typeText, head.Note)
}

func (m *Mirror) mirroredTile(w http.ResponseWriter, r *http.Request) {
	tile, err := ledger.ParseTilePath(strings.TrimPrefix(r.URL.Path, "/"))
	if err != nil {
		m.fail(w, r, err)
		return
	}
	if size := m.mirror.Size(); !published(tile, size) {
		m.fail(w, r, refuse("SERVER-TILE-ABSENT", "the mirror of %d entries has no %s", size, tile.Path()))
		return
	}
	var b []byte
	if tile.Bundle {
		b, err = m.mirror.Bundle(r.Context(), tile.Index, tile.Width)
	} else {
		b, err = m.mirror.Tile(r.Context(), tile.Level, tile.Index, tile.Width)
	}
	if err != nil {
		m.fail(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	send(w, r, http.StatusOK, typeBytes, b)
}

// mirroredBlob answers with the bytes of a digest. Only open ones are ever copied.
func (m *Mirror) mirroredBlob(w http.ResponseWriter, r *http.Request) {
	digest, err := digestOf(r)
	if err != nil {
		m.fail(w, r, err)
		return
	}
	blob, err := m.blobs.Get(r.Context(), digest)
	if errors.Is(err, blobs.ErrAbsent) {
		err = refuse("MIRROR-BLOB-ABSENT", "the mirror has no %s", digest)
	}
	if err != nil {
		m.fail(w, r, err)
		return
	}
	defer blob.Close()
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Disposition", `attachment; filename="`+digest.Hex()+`.json"`)
	send(w, r, http.StatusOK, typeBytes, blob.Bytes())
}

// mirrorReadiness is the answer of /readyz.
type mirrorReadiness struct {
	Ready  bool   `json:"ready"`
	Log    string `json:"log"`
	Size   int64  `json:"size"` // entries served
	Reason string `json:"reason,omitzero"`
}

func (m *Mirror) mirrorReady(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	a := mirrorReadiness{Log: m.origin, Size: m.mirror.Size(), Reason: m.reason}
	m.mu.Unlock()
	_, pulled := m.mirror.Signed()
	switch {
	case m.stopping.Load():
		a.Reason = "the server is stopping"
	case a.Reason == "" && !pulled:
		a.Reason = "nothing was pulled yet"
	}
	a.Ready = a.Reason == ""
	status := http.StatusOK
	if !a.Ready {
		status = http.StatusServiceUnavailable
	}
	w.Header().Set("Cache-Control", "no-store")
	m.sendJSON(w, r, status, a)
}

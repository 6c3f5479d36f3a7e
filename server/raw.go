package server

import (
	"context"
	cryptorand "crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/filestore"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
	"github.com/yurai-ledger/yurai/server/problem"
)

// RawFormat is the first line of the file raw in the folder of a raw log.
const RawFormat = "yurai-raw/1"

// Names in the folder of a raw log, beside those of keys and the log.
const (
	rawName    = "raw"
	rawEd25519 = "log.pub"
	rawMLDSA44 = "log-mldsa44.pub"
	rawOrigin  = "raw.invalid/" // followed by 16 hexadecimal digits drawn when it is made
)

// Raw is a log that takes any bytes from anybody: for programs that load and
// check logs of every kind and know nothing of statements. It has a folder of its
// own, with keys and an origin of its own below raw.invalid, a name that nobody
// can own. Neither can it be opened as a ledger nor a ledger as it.
type Raw struct {
	*Server
}

// OpenRaw opens the raw log in the folder dir, and makes it where the folder is
// absent or empty. Any other folder, that of a ledger above all, is
// SERVER-RAW-REFUSED, as is one whose files are not those of a raw log.
func OpenRaw(ctx context.Context, dir string, o Options) (*Raw, error) {
	list, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, rawRefused("%s cannot be read: %w", dir, err)
	}
	if len(list) == 0 {
		if err := initRaw(dir); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{configName, genesisName, backupName} {
		if _, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(name))); err == nil {
			return nil, rawRefused("%s holds %s", dir, name)
		}
	}
	r := &Raw{bare(o)}
	signers, err := r.readRaw(dir)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, logName)
	options := filestore.Options{Origin: r.origin, Logger: r.log}
	if err := filestore.Create(path, options, r.clock()); err != nil && problem.Code(err) != "STORE-FOLDER-EXISTS" {
		return nil, err
	}
	if r.store, err = filestore.Open(path, options); err != nil {
		return nil, err
	}
	r.sequence, err = sequencer.Open(ctx, sequencer.Config{Origin: r.origin, Store: r.store, Signers: signers, Clock: r.clock, Logger: r.log})
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

func rawRefused(format string, args ...any) error {
	return refuse("SERVER-RAW-REFUSED", format, args...)
}

// initRaw makes the folder of a raw log. The file raw is written last: a folder
// without it is none.
func initRaw(dir string) error {
	draw := make([]byte, 8)
	if _, err := cryptorand.Read(draw); err != nil {
		return err
	}
	origin := rawOrigin + hex.EncodeToString(draw)
	var files []file
	for _, k := range []struct {
		algorithm   ledger.Algorithm
		secret, pub string
	}{{ledger.Ed25519, ed25519Name, rawEd25519}, {ledger.MLDSA44, mldsa44Name, rawMLDSA44}} {
		s, err := ledger.NewSigner(k.algorithm, origin, cryptorand.Reader)
		if err != nil {
			return err
		}
		files = append(files, file{k.secret, s.Marshal()}, file{k.pub, []byte(s.VKey())})
	}
	files = append(files, file{rawName, []byte(RawFormat + "\n" + origin + "\n")})
	made, err := claim(dir)
	if err != nil {
		return err
	}
	if err := fill(dir, files); err != nil {
		return errors.Join(err, discard(dir, files, made))
	}
	return nil
}

// readRaw reads what initRaw wrote.
func (r *Raw) readRaw(dir string) ([]*ledger.Signer, error) {
	raw, err := readFile(dir, rawName)
	if err != nil {
		return nil, rawRefused("%s is no folder that was made for a raw log: %w", dir, err)
	}
	format, rest, _ := strings.Cut(string(raw), "\n")
	r.origin = strings.TrimSuffix(rest, "\n")
	if name, ok := strings.CutPrefix(r.origin, rawOrigin); format != RawFormat || !ok || ledger.CheckOrigin(r.origin) != nil || strings.Contains(name, "/") {
		return nil, rawRefused("%s of %s is not of format %s", rawName, dir, RawFormat)
	}
	var signers []*ledger.Signer
	for _, name := range []string{ed25519Name, mldsa44Name} {
		raw, err := readSecret(dir, name)
		if err != nil {
			return nil, err
		}
		s, err := ledger.ParseSigner(raw)
		if err != nil {
			return nil, rawRefused("%s: %w", name, err)
		}
		if s.Origin() != r.origin {
			return nil, rawRefused("%s is a key of %q, not of %q", name, s.Origin(), r.origin)
		}
		signers = append(signers, s)
	}
	return signers, nil
}

// Serve answers on l until ctx ends or the log fails, and gives the folder back.
// It may be called once. A listener that others than this machine can reach is
// SERVER-LISTEN-LOOPBACK.
func (r *Raw) Serve(ctx context.Context, l net.Listener) error {
	if r.served.Swap(true) {
		return errors.Join(errors.New("the server has been served already"), l.Close())
	}
	r.log.LogAttrs(ctx, slog.LevelWarn, "this log takes anything from anybody: it is for tests alone", slog.String("origin", r.origin))
	return errors.Join(r.runBare(ctx, l, r.Handler(), r.sequence.Run), r.Close())
}

// Handler returns the handler of every address of a raw log:
//
//	GET  /checkpoint, /tile/…  as of every log
//	POST /add                  the body is a leaf; answers its index in decimal digits
//	GET  /healthz, /readyz     200
func (r *Raw) Handler() http.Handler {
	mux := http.NewServeMux()
	get := func(pattern string, h http.HandlerFunc) {
		mux.HandleFunc("GET "+pattern, h)
		mux.HandleFunc(pattern, r.only("GET, HEAD"))
	}
	get("/checkpoint", r.serveCheckpoint)
	get("/tile/{path...}", r.serveTile)
	get("/healthz", r.healthz)
	get("/readyz", r.healthz)
	mux.HandleFunc("POST /add", r.add)
	mux.HandleFunc("/add", r.only(http.MethodPost))
	mux.HandleFunc("/", r.unknown)
	return mux
}

// add appends the body and answers its index when it is published.
func (r *Raw) add(w http.ResponseWriter, req *http.Request) {
	leaf, err := io.ReadAll(io.LimitReader(req.Body, ledger.MaxLeaf+1))
	if err != nil {
		r.fail(w, req, refuse("SERVER-REQUEST-ENDED", "the body broke off: %w", err))
		return
	}
	// What was sent whole is recorded, also for a client that does not wait.
	receipt, err := r.sequence.Add(context.WithoutCancel(req.Context()), sequencer.Entry{Leaf: leaf})
	if err != nil {
		r.fail(w, req, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	send(w, req, http.StatusOK, typeText, []byte(strconv.FormatInt(receipt.Index, 10)))
}

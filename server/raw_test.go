package server

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/server/problem"
)

// serveRaw serves the raw log in a folder until the test or the returned function
// ends it.
func serveRaw(t *testing.T, dir string) (base string, r *Raw, stop func()) {
	t.Helper()
	r, err := OpenRaw(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Serve(ctx, l) }()
	return "http://" + l.Addr().String(), r, func() {
		t.Helper()
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestRawLog(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "raw")
	base, r, stop := serveRaw(t, dir)
	ask := func(method, path string, body io.Reader) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, base+path, body)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		raw, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(raw)
	}
	checkpoint := func() ledger.Checkpoint {
		t.Helper()
		var keys []*ledger.Verifier
		for _, name := range []string{rawEd25519, rawMLDSA44} {
			raw, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			v, err := ledger.ParseVerifier(string(raw))
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, v)
		}
		status, note := ask("GET", "/checkpoint", nil)
		c, err := ledger.OpenCheckpoint([]byte(note), r.Origin(), keys...)
		if status != 200 || err != nil {
			t.Fatalf("checkpoint: %d, %v", status, err)
		}
		return c
	}
	if c := checkpoint(); c.Size != 0 || c.Root != ledger.EmptyRoot {
		t.Errorf("a new raw log publishes %+v", c)
	}
	for i, leaf := range []string{"a", "b", "a", strings.Repeat("c", ledger.MaxLeaf)} {
		if status, index := ask("POST", "/add", strings.NewReader(leaf)); status != 200 || index != fmt.Sprint([]int{0, 1, 0, 2}[i]) {
			t.Errorf("leaf %d: %d %q", i, status, index)
		}
	}
	if c := checkpoint(); c.Size != 3 {
		t.Errorf("three leaves give %+v", c)
	}
	for _, c := range []struct {
		method, path string
		body         io.Reader
		status       int
		code         string
	}{
		{"POST", "/add", nil, 413, "LOG-LEAF-SIZE"},
		{"POST", "/add", bytes.NewReader(make([]byte, ledger.MaxLeaf+1)), 413, "LOG-LEAF-SIZE"},
		{"GET", "/add", nil, 405, "SERVER-METHOD-REFUSED"},
		{"POST", "/checkpoint", nil, 405, "SERVER-METHOD-REFUSED"},
		{"GET", "/tile/0/000", nil, 404, "SERVER-TILE-ABSENT"},
		{"POST", "/api/v1/statements", nil, 404, "SERVER-PATH-UNKNOWN"},
		{"GET", "/api/v1/search", nil, 404, "SERVER-PATH-UNKNOWN"},
	} {
		status, body := ask(c.method, c.path, c.body)
		d, err := problem.Parse([]byte(body))
		if status != c.status || err != nil || d.Code != c.code {
			t.Errorf("%s %s: %d %s", c.method, c.path, status, body)
		}
	}
	if status, tile := ask("GET", "/tile/entries/000.p/2", nil); status != 200 || tile != "\x00\x01a\x00\x01b" {
		t.Errorf("bundle: %d %q", status, tile)
	}
	if status, tile := ask("GET", "/tile/entries/000.p/3", nil); status != 200 || len(tile) != 6+2+ledger.MaxLeaf || len(tile) <= sendPiece {
		t.Errorf("a bundle in several pieces: %d, %d bytes", status, len(tile))
	}
	stop()

	base, r, stop = serveRaw(t, dir)
	if status, index := ask("POST", "/add", strings.NewReader("d")); status != 200 || index != "3" {
		t.Errorf("after a restart: %d %q", status, index)
	}
	if _, err := Open(t.Context(), dir, Options{}); problem.Code(err) != "SERVER-FOLDER-INVALID" {
		t.Errorf("a raw log opened as a ledger: %v", err)
	}
	if _, err := OpenRaw(t.Context(), dir, Options{}); problem.Code(err) != "STORE-FOLDER-LOCKED" {
		t.Errorf("opened twice: %v", err)
	}
	stop()
}

// TestRawRefuses: no folder but an empty one, or one that was made so, becomes a
// log that takes anything.
func TestRawRefuses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	if err := Init(dir, InitOptions{Origin: "ledger.example/raw"}); err != nil {
		t.Fatal(err)
	}
	refused := func(what string) {
		t.Helper()
		if r, err := OpenRaw(t.Context(), dir, Options{}); problem.Code(err) != "SERVER-RAW-REFUSED" {
			t.Errorf("%s: %v", what, err)
			if r != nil {
				_ = r.Close()
			}
		}
	}
	put := func(content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, rawName), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	refused("a ledger")
	put(RawFormat + "\nledger.example/raw\n")
	refused("a ledger with a file that calls it raw")
	put(RawFormat + "\nraw.invalid/0011223344556677\n")
	refused("the keys of a ledger under a raw name")
	put("yurai-raw/2\nraw.invalid/0011223344556677\n")
	refused("another format")
	if _, err := os.Stat(filepath.Join(dir, logName)); err == nil {
		t.Error("a refused folder has a log now")
	}
	dir = filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refused("a file")
}

// TestRawIsNoWayIntoALedger: not by links, names or files that are moved, and nobody
// else can reach what takes anything.
func TestRawIsNoWayIntoALedger(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	real, raw := filepath.Join(top, "ledger"), filepath.Join(top, "raw")
	if err := Init(real, InitOptions{Origin: "ledger.example/real"}); err != nil {
		t.Fatal(err)
	}
	serve(t, real).end(t)
	before, err := os.ReadDir(real)
	if err != nil {
		t.Fatal(err)
	}
	r, err := OpenRaw(t.Context(), raw, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	link := func(from, to string) {
		t.Helper()
		if err := os.Symlink(from, to); err != nil {
			t.Skip("no symbolic links here")
		}
	}
	// twin is a raw folder in which change moves things about.
	twin := func(name string, change func(dir string)) string {
		dir := filepath.Join(top, name)
		copyTree(t, raw, dir, false)
		change(dir)
		return dir
	}
	replaced := func(name string) func(dir string) {
		return func(dir string) {
			if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
			link(filepath.Join(real, name), filepath.Join(dir, name))
		}
	}
	linked := filepath.Join(top, "linked")
	link(real, linked)
	for dir, code := range map[string]string{
		linked:                           "SERVER-RAW-REFUSED",
		twin("log", replaced(logName)):   "STORE-",
		twin("keys", replaced(keysName)): "SERVER-RAW-REFUSED",
		twin("both", func(dir string) { replaced(keysName)(dir); replaced(logName)(dir) }): "SERVER-RAW-REFUSED",
		twin("named", func(dir string) { // under the ledger's name, with its keys
			replaced(keysName)(dir)
			if err := os.WriteFile(filepath.Join(dir, rawName), []byte(RawFormat+"\nledger.example/real\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}): "SERVER-RAW-REFUSED",
		twin("founded", func(dir string) { link(filepath.Join(real, genesisName), filepath.Join(dir, genesisName)) }):  "SERVER-RAW-REFUSED",
		twin("configured", func(dir string) { link(filepath.Join(real, configName), filepath.Join(dir, configName)) }): "SERVER-RAW-REFUSED",
	} {
		r, err := OpenRaw(t.Context(), dir, Options{})
		if !strings.HasPrefix(problem.Code(err), code) || err == nil {
			t.Errorf("%s: %v", filepath.Base(dir), err)
		}
		if r != nil {
			_ = r.Close()
		}
	}
	// A ledger that is named as a raw log is: its own folder does not become one.
	shaped := filepath.Join(top, "shaped")
	if err := Init(shaped, InitOptions{Origin: rawOrigin + "0011223344556677"}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(shaped, rawName), []byte(RawFormat+"\n"+rawOrigin+"0011223344556677\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenRaw(t.Context(), shaped, Options{}); problem.Code(err) != "SERVER-RAW-REFUSED" {
		t.Errorf("a ledger of a raw name: %v", err)
	}
	if after, err := os.ReadDir(real); err != nil || len(after) != len(before) {
		t.Errorf("the ledger's folder changed: %v %v", after, err)
	}
	serve(t, real).end(t)

	if r, err = OpenRaw(t.Context(), raw, Options{}); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Serve(t.Context(), l); problem.Code(err) != "SERVER-LISTEN-LOOPBACK" {
		t.Errorf("for everybody: %v", err)
	}
}

package server

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/server/problem"
)

func wantCode(t *testing.T, what string, err error, code string) {
	t.Helper()
	if got := problem.Code(err); got != code {
		t.Errorf("%s = %q (%v), want %s", what, got, err, code)
	}
}

func TestInit(t *testing.T) {
	dir := newLedger(t)
	want := map[string]bool{
		configName: true, ed25519Name: true, mldsa44Name: true, serviceName: true, registrarName: true,
		registrarPub: true, trustName: true, genesisName: true, admissionName: true,
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if d.IsDir() {
			if info.Mode().Perm() != 0o700 {
				t.Errorf("%s has mode %v", path, info.Mode())
			}
			return nil
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if !want[filepath.ToSlash(rel)] || info.Mode().Perm() != 0o600 {
			t.Errorf("%s, mode %v", rel, info.Mode())
		}
		delete(want, filepath.ToSlash(rel))
		return nil
	})
	if err != nil || len(want) > 0 {
		t.Errorf("missing %v, %v", want, err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, configName))
	if err != nil || string(raw) != "format: yurai-config/1\norigin: "+testOrigin+"\n" {
		t.Errorf("config.yaml = %q, %v", raw, err)
	}
	raw, err = os.ReadFile(filepath.Join(dir, trustName))
	if err != nil {
		t.Fatal(err)
	}
	trust, err := ledger.ParseTrust(raw)
	if err != nil {
		t.Fatal(err)
	}
	log, ok := trust.Log(testOrigin)
	genesis, err := os.ReadFile(filepath.Join(dir, genesisName))
	if err != nil || !ok || log.Genesis != ledger.LeafHash(genesis) || len(log.Keys) != 2 || !trust.Expires.Equal(noon.AddDate(1, 0, 0)) || trust.Version != 1 {
		t.Errorf("trust = %+v, %v", trust, err)
	}
	wantCode(t, "Init over a ledger", Init(dir, InitOptions{Origin: testOrigin}), "SERVER-FOLDER-EXISTS")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "Init over a file", Init(file, InitOptions{Origin: testOrigin}), "SERVER-FOLDER-EXISTS")
	for _, origin := range []string{"", "https://ledger.example", "ledger example", "Ledger.Example/a+b"} {
		fresh := filepath.Join(t.TempDir(), "fresh")
		wantCode(t, "Init of "+origin, Init(fresh, InitOptions{Origin: origin}), "STATEMENT-ORIGIN-MALFORMED")
		if _, err := os.Stat(fresh); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Init of %q left a folder", origin)
		}
	}
	// Without random bytes nothing is made, and an empty folder may be used.
	empty := t.TempDir()
	if err := Init(empty, InitOptions{Origin: testOrigin, Rand: strings.NewReader("short")}); err == nil {
		t.Error("Init without random bytes succeeds")
	}
	if list, err := os.ReadDir(empty); err != nil || len(list) > 0 {
		t.Errorf("a failed Init left %v, %v", list, err)
	}
	if err := Init(empty, InitOptions{Origin: testOrigin}); err != nil {
		t.Errorf("Init in an empty folder = %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	replace := func(name, old, now string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			path := filepath.Join(dir, filepath.FromSlash(name))
			raw, err := os.ReadFile(path)
			if err != nil || !strings.Contains(string(raw), old) {
				t.Fatalf("%s holds no %q: %v", name, old, err)
			}
			if err := os.WriteFile(path, []byte(strings.Replace(string(raw), old, now, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	absent := func(name string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) { remove(t, filepath.Join(dir, filepath.FromSlash(name))) }
	}
	foreign := func(names ...string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			other := newLedger(t)
			for _, name := range names {
				raw, err := os.ReadFile(filepath.Join(other, filepath.FromSlash(name)))
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), raw, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	loosen := func(name string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			if err := os.Chmod(filepath.Join(dir, filepath.FromSlash(name)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	served := func(change func(t *testing.T, dir string)) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			serve(t, dir).end(t)
			change(t, dir)
		}
	}
	for name, c := range map[string]struct {
		change func(t *testing.T, dir string)
		code   string
	}{
		"no config":             {absent(configName), "SERVER-FOLDER-INVALID"},
		"config of a newer":     {replace(configName, "yurai-config/1", "yurai-config/2"), "SERVER-FOLDER-INVALID"},
		"config misspelt":       {replace(configName, "origin:", "orgin:"), "SERVER-FOLDER-INVALID"},
		"config twice":          {replace(configName, "origin:", "format: yurai-config/1\norigin:"), "SERVER-FOLDER-INVALID"},
		"config of another log": {replace(configName, "2026", "2027"), "SERVER-FOLDER-INVALID"},
		"no genesis":            {absent(genesisName), "SERVER-FOLDER-INVALID"},
		"genesis no leaf":       {replace(genesisName, "{", "{ "), "SERVER-FOLDER-INVALID"},
		"no admission":          {absent(admissionName), "SERVER-FOLDER-INVALID"},
		"admission no leaf":     {replace(admissionName, "{", "{ "), "SERVER-FOLDER-INVALID"},
		"genesis twice": {func(t *testing.T, dir string) {
			raw, err := os.ReadFile(filepath.Join(dir, genesisName))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, admissionName), raw, 0o600); err != nil {
				t.Fatal(err)
			}
		}, "SERVER-FOLDER-INVALID"},
		"no checkpoint key":      {absent(ed25519Name), "SERVER-FOLDER-INVALID"},
		"no second key":          {absent(mldsa44Name), "SERVER-FOLDER-INVALID"},
		"no service key":         {absent(serviceName), "SERVER-FOLDER-INVALID"},
		"checkpoint key broken":  {replace(ed25519Name, "PRIVATE", "PUBLIC"), "SERVER-FOLDER-INVALID"},
		"service key broken":     {replace(serviceName, "PRIVATE", "PUBLIC"), "SERVER-FOLDER-INVALID"},
		"foreign checkpoint":     {foreign(ed25519Name), "SERVER-KEY-FOREIGN"},
		"foreign second key":     {foreign(mldsa44Name), "SERVER-KEY-FOREIGN"},
		"foreign service key":    {foreign(serviceName), "SERVER-KEY-FOREIGN"},
		"foreign genesis":        {foreign(genesisName), "SERVER-KEY-FOREIGN"},
		"loose checkpoint key":   {loosen(ed25519Name), "SERVER-FOLDER-INVALID"},
		"loose service key":      {loosen(serviceName), "SERVER-FOLDER-INVALID"},
		"log gone":               {served(absent(logName)), "STORE-FOLDER-ABSENT"},
		"another ledger's files": {served(foreign(genesisName, admissionName, ed25519Name, mldsa44Name, serviceName)), "SERVER-FOLDER-INVALID"},
		"another admission":      {served(foreign(admissionName)), "SERVER-FOLDER-INVALID"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := newLedger(t)
			c.change(t, dir)
			s, err := Open(t.Context(), dir, Options{})
			if err == nil {
				_ = s.Close()
			}
			wantCode(t, "Open", err, c.code)
		})
	}
	_, err := Open(t.Context(), filepath.Join(t.TempDir(), "nowhere"), Options{})
	wantCode(t, "Open of nothing", err, "SERVER-FOLDER-INVALID")
}

func TestAFolderIsServedOnce(t *testing.T) {
	r := serve(t, newLedger(t))
	s, err := Open(t.Context(), r.dir, Options{})
	if err == nil {
		_ = s.Close()
	}
	wantCode(t, "Open of a served folder", err, "STORE-FOLDER-LOCKED")
	if a := r.get(t, "/readyz"); a.status != 200 {
		t.Errorf("the first server = %d", a.status)
	}
	// The registrar's key may leave, and so may what only operators need.
	r.end(t)
	remove(t, filepath.Join(r.dir, registrarName))
	remove(t, filepath.Join(r.dir, registrarPub))
	remove(t, filepath.Join(r.dir, trustName))
	serve(t, r.dir)
}

func TestListen(t *testing.T) {
	l, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = Listen(t.Context(), l.Addr().String())
	wantCode(t, "Listen on a port taken", err, "SERVER-PORT-TAKEN")
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:8080", "ledger.example:80", "127.0.0.1", "", "localhost.example:0"} {
		got, err := Listen(t.Context(), address)
		if err == nil {
			_ = got.Close()
		}
		wantCode(t, "Listen on "+address, err, "SERVER-LISTEN-LOOPBACK")
	}
	_, err = Listen(t.Context(), "127.0.0.1:99999")
	wantCode(t, "Listen on no port", err, "SERVER-LISTEN-FAILED")
	local, err := Listen(t.Context(), "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := local.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestServeRefusesAListenerThatOthersReach(t *testing.T) {
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp", "0.0.0.0:0")
	if err != nil {
		t.Skip("no listener on all addresses here")
	}
	s, err := Open(t.Context(), newLedger(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, "Serve", s.Serve(t.Context(), l), "SERVER-LISTEN-LOOPBACK")
}

func TestServeEndsWithItsContext(t *testing.T) {
	dir := newLedger(t)
	s, err := Open(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Serve(ctx, l); err != nil {
		t.Errorf("Serve with an ended context = %v", err)
	}
	serve(t, dir)
}

func ExampleInit() {
	dir, err := os.MkdirTemp("", "ledger")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := Init(dir, InitOptions{Origin: "ledger.example/jp-power-2026"}); err != nil {
		panic(err)
	}
	s, err := Open(context.Background(), dir, Options{})
	if err != nil {
		panic(err)
	}
	l, err := Listen(context.Background(), "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop() // a program would wait for a signal here
	if err := s.Serve(ctx, l); err != nil {
		panic(err)
	}
	// Output:
}

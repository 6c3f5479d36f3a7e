package client_test

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/client"
)

const origin = "ledger.example/test"

func code(err error) string {
	var c interface{ Code() string }
	if errors.As(err, &c) {
		return c.Code()
	}
	return ""
}

func TestClient(t *testing.T) {
	s, err := ledger.NewSigner(ledger.Ed25519, origin, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	v, err := ledger.ParseVerifier(s.VKey())
	if err != nil {
		t.Fatal(err)
	}
	want := ledger.Checkpoint{Origin: origin, Size: 3, Root: ledger.LeafHash(nil)}
	note, err := ledger.SignCheckpoint(want, time.Unix(1, 0), s)
	if err != nil {
		t.Fatal(err)
	}
	answer := func(w http.ResponseWriter, _ *http.Request) { w.Write(note) }
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r) }))
	defer srv.Close()
	c, err := client.New(srv.URL+"/", ledger.TrustedLog{Origin: origin, Keys: []*ledger.Verifier{v}})
	if err != nil {
		t.Fatal(err)
	}
	got, raw, err := c.Checkpoint(t.Context())
	if err != nil || got != want || string(raw) != string(note) {
		t.Fatalf("got %+v, %v", got, err)
	}
	other, err := ledger.NewSigner(ledger.MLDSA44, origin, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	second, err := ledger.ParseVerifier(other.VKey())
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range [][]*ledger.Verifier{{v, second}, {second, v}, {second}} {
		c, err := client.New(srv.URL, ledger.TrustedLog{Origin: origin, Keys: list})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.Checkpoint(t.Context()); code(err) != "LOG-CHECKPOINT-SIGNATURE" {
			t.Errorf("a key that is listed did not sign: got %v", err)
		}
	}
	status := func(n int) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(n) }
	}
	for name, tt := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request)
		want   string
	}{
		"false signature": {func(w http.ResponseWriter, _ *http.Request) {
			w.Write([]byte(strings.Replace(string(note), "\n3\n", "\n4\n", 1)))
		}, "LOG-CHECKPOINT-SIGNATURE"},
		"endless": {func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, ledger.MaxCheckpoint+1)) }, "CLIENT-ANSWER-INVALID"},
		"busy":    {status(503), "CLIENT-SERVER-UNREACHABLE"},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://ledger.example/checkpoint", http.StatusFound)
		}, "CLIENT-ANSWER-INVALID"},
		"forbidden": {status(403), "CLIENT-ANSWER-INVALID"},
		"broken off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			w.Write([]byte("x"))
		}, "CLIENT-SERVER-UNREACHABLE"},
	} {
		answer = tt.answer
		if _, _, err := c.Checkpoint(t.Context()); code(err) != tt.want {
			t.Errorf("%s: got %v, want %s", name, err, tt.want)
		}
	}
	answer = status(404)
	if _, err := c.Bundle(t.Context(), 0, 3); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("404: got %v", err)
	}
	answer = func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 31)) }
	if _, err := c.Tile(t.Context(), 0, 0, 1); code(err) != "CLIENT-ANSWER-INVALID" {
		t.Errorf("short tile: got %v", err)
	}
	srv.Close()
	if _, _, err := c.Checkpoint(t.Context()); code(err) != "CLIENT-SERVER-UNREACHABLE" {
		t.Errorf("stopped server: got %v", err)
	}
	for _, bad := range []string{"", "ledger.example", "ftp://x", "http://", "http://a@b/", "http://x/?q", "http://x/#f", "file:///tmp"} {
		if _, err := client.New(bad, ledger.TrustedLog{}); code(err) != "CLIENT-URL-MALFORMED" {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}

package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/problem"
)

const testOrigin = "ledger.example/jp-power-2026"

// noon is the time of every test.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// running is a server that answers on a port of its own.
type running struct {
	*Server
	dir  string
	url  string
	done chan error
	stop context.CancelFunc
}

// newLedger makes the folder of a ledger.
func newLedger(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "ledger")
	if err := Init(dir, InitOptions{Origin: testOrigin, Clock: clockAt(noon)}); err != nil {
		t.Fatal(err)
	}
	return dir
}

func clockAt(at time.Time) func() time.Time { return func() time.Time { return at } }

// serve opens the ledger in dir and serves it until stopped or the test ends.
func serve(t *testing.T, dir string, change ...func(*Server)) *running {
	t.Helper()
	return serveWith(t, dir, Options{Clock: clockAt(noon), Logger: testLogger(t)}, change...)
}

func serveWith(t *testing.T, dir string, o Options, change ...func(*Server)) *running {
	t.Helper()
	s, err := Open(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range change {
		c(s)
	}
	l, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &running{Server: s, dir: dir, url: "http://" + l.Addr().String(), done: make(chan error, 1), stop: stop}
	go func() { r.done <- s.Serve(ctx, l) }()
	t.Cleanup(func() { r.end(t) })
	select {
	case <-s.begun:
	case err := <-r.done:
		r.done <- nil
		t.Fatalf("the server ended: %v", err)
	}
	return r
}

// end stops the server and waits for it.
func (r *running) end(t *testing.T) {
	t.Helper()
	r.stop()
	if err, open := <-r.done; open {
		close(r.done)
		if err != nil {
			t.Errorf("Serve = %v", err)
		}
	}
}

// testLogger shows what the server says if the test fails.
func testLogger(t *testing.T) *slog.Logger {
	var b safeBuffer
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the server says:\n%s", b.String())
		}
	})
	return slog.New(slog.NewTextHandler(&b, nil))
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// trust is the trust file that Init made.
func (r *running) trust(t *testing.T) *ledger.Trust {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(r.dir, trustName))
	if err != nil {
		t.Fatal(err)
	}
	trust, err := ledger.ParseTrust(raw)
	if err != nil {
		t.Fatal(err)
	}
	return trust
}

// registrar is the registrar's key of the folder.
func (r *running) registrarKey(t *testing.T) *envelope.Signer {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(r.dir, registrarName))
	if err != nil {
		t.Fatal(err)
	}
	k, err := envelope.ParsePrivatePEM(raw)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newKey(t *testing.T, algorithm string) *envelope.Signer {
	t.Helper()
	k, err := envelope.NewSigner(algorithm, nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// partyBody is a vendor with one key.
func partyBody(id string, keys ...*envelope.Signer) statement.Party {
	var public []envelope.Key
	for _, k := range keys {
		public = append(public, k.Key())
	}
	return statement.Party{
		Head: statement.Head{Log: testOrigin, Made: noon},
		ID:   id, Version: 1, Name: "Hoshino Relay K.K.", Incorporated: "JP",
		Roles: []string{statement.RoleVendor}, KeySet: statement.NewKeySet(1, public...),
	}
}

func seals(t *testing.T, payload []byte, err error, signers ...*envelope.Signer) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := envelope.Sign(envelope.PayloadType, payload, signers...)
	if err != nil {
		t.Fatal(err)
	}
	return leaf
}

// enrol enrols a party and returns its entry's index.
func (r *running) enrol(t *testing.T, id string, keys ...*envelope.Signer) int64 {
	t.Helper()
	payload, err := statement.NewParty(partyBody(id, keys...))
	leaf := seals(t, payload, err, append([]*envelope.Signer{r.registrarKey(t)}, keys...)...)
	b := r.accepted(t, http.StatusCreated, leaf, nil)
	return b.Statement.Index
}

// newBOM is a small device: a relay with a board and a chip on it.
func newBOM(serial string, version int, name string) []byte {
	return fmt.Appendf(nil, `{
  "bomFormat": "CycloneDX",
  "specVersion": "1.6",
  "serialNumber": "urn:uuid:%s",
  "version": %d,
  "metadata": {"component": {"type": "device", "bom-ref": "relay", "name": %q, "version": "C", "manufacturer": {"name": "Hoshino Relay K.K."}}},
  "components": [
    {"type": "device", "bom-ref": "board", "name": "control board", "components": [
      {"type": "device", "bom-ref": "mcu", "name": "microcontroller", "properties": [{"name": "yurai:origin:manufactured", "value": "JP"}]}
    ]}
  ],
  "compositions": [{"aggregate": "complete", "assemblies": ["relay", "board", "mcu"]}]
}
`, serial, version, name)
}

const serialA = "3e671687-395b-41f5-a30f-a58921a69b79"

// bomBody is what a vendor says of a BOM.
func bomBody(t *testing.T, party string, raw []byte) statement.BOM {
	t.Helper()
	doc, findings := sbom.Admit(raw, sbom.DefaultLimits)
	if doc == nil {
		t.Fatal(sbom.FirstError(findings))
	}
	b := receiving.Describe(doc)
	b.Head = statement.Head{Log: testOrigin, Party: []string{party}, Made: noon}
	b.Disclosure = statement.DisclosureOpen
	return b
}

func signBOM(t *testing.T, b statement.BOM, signers ...*envelope.Signer) []byte {
	t.Helper()
	payload, err := statement.NewBOM(b)
	return seals(t, payload, err, signers...)
}

// part is one part of a form.
type part struct {
	name  string
	bytes []byte
}

func encodeForm(t *testing.T, parts ...part) (contentType string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		to, err := w.CreateFormFile(p.name, p.name+".json")
		if err == nil {
			_, err = to.Write(p.bytes)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.Bytes()
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func do(t *testing.T, req *http.Request) answer {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, body}
}

func (r *running) get(t *testing.T, path string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, req)
}

func (r *running) post(t *testing.T, contentType string, body []byte) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+"/api/v1/statements", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	return do(t, req)
}

// submits sends a statement, and bytes if raw is not nil.
func (r *running) submits(t *testing.T, leaf, raw []byte) answer {
	t.Helper()
	parts := []part{{"statement", leaf}}
	if raw != nil {
		parts = append(parts, part{"bom", raw})
	}
	contentType, body := encodeForm(t, parts...)
	return r.post(t, contentType, body)
}

// accepted sends a statement, wants the status, and returns the bundle, which
// must open under the trust file.
func (r *running) accepted(t *testing.T, status int, leaf, raw []byte) *receiving.Bundle {
	t.Helper()
	a := r.submits(t, leaf, raw)
	if a.status != status {
		t.Fatalf("submit = %d, want %d: %s", a.status, status, a.body)
	}
	return r.opens(t, a.body)
}

// opens parses a bundle and verifies all of it.
func (r *running) opens(t *testing.T, raw []byte) *receiving.Bundle {
	t.Helper()
	b, err := receiving.ParseBundle(raw)
	if err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	if _, err := receiving.Open(b, r.trust(t)); err != nil {
		t.Fatalf("opening the bundle of entry %d: %v", b.Statement.Index, err)
	}
	return b
}

// refused checks that an answer is a problem document with the status and code.
func refused(t *testing.T, a answer, status int, code string) {
	t.Helper()
	d, err := problem.Parse(a.body)
	if err != nil {
		t.Fatalf("answer %d is no problem document: %v: %.300s", a.status, err, a.body)
	}
	if a.status != status || d.Code != code {
		t.Errorf("answer = %d %s (%s), want %d %s", a.status, d.Code, d.Detail, status, code)
	}
	if got := a.header.Get("Content-Type"); got != problem.MediaType {
		t.Errorf("content type of a problem = %q", got)
	}
	if d.Status != a.status {
		t.Errorf("the document says %d, the answer %d", d.Status, a.status)
	}
	if busy := status == 503 || status == 429 || status == 507; busy != (a.header.Get("Retry-After") != "") {
		t.Errorf("Retry-After of %d = %q", status, a.header.Get("Retry-After"))
	}
}

// stores returns the digest of every file of the log and the blobs.
func (r *running) stores(t *testing.T) map[string]string {
	t.Helper()
	sums := map[string]string{}
	for _, name := range []string{logName, blobsName} {
		err := filepath.WalkDir(filepath.Join(r.dir, name), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(r.dir, path)
			if err != nil {
				return err
			}
			if d.IsDir() {
				sums[rel] = "folder"
				return nil
			}
			b, err := os.ReadFile(path)
			sum := sha256.Sum256(b)
			sums[rel] = hex.EncodeToString(sum[:])
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return sums
}

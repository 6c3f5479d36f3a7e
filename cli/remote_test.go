package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// TestHostileServer puts a server of the wrong kind between a client and its
// log: whatever it answers, nothing is written, nothing accepted, and no exit
// code but that of a useless answer comes out.
func TestHostileServer(t *testing.T) {
	d := newDock(t, "ledger.example/hostile")
	bundle, err := os.ReadFile(filepath.Join(d.dir, "firmware.cdx.json.yurai.json"))
	if err != nil {
		t.Fatal(err)
	}
	note := func(code string, status int) string {
		raw, _ := json.Marshal(map[string]any{
			"type": "https://github.com/yurai-ledger/yurai/problem/" + code, "title": "x.", "status": status, "format": "yurai-problem/1",
			"code": code, "severity": "note", "cause": map[string]string{"en": "x.", "ja": "x。"}, "remedy": map[string]string{"en": "x.", "ja": "x。"},
		})
		return string(raw)
	}
	const lookup = "/api/v1/boms/"
	for name, c := range map[string]struct {
		path   string // answered by us; everything else by the log
		status int
		kind   string
		body   string
		want   int
	}{
		"web page for a checkpoint":        {"/checkpoint", 200, "text/html", "<html>hello</html>", 4},
		"no checkpoint":                    {"/checkpoint", 404, "text/html", "", 4},
		"unsigned checkpoint":              {"/checkpoint", 200, "text/plain", "ledger.example/hostile\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n", 4},
		"endless checkpoint":               {"/checkpoint", 200, "text/plain", "ledger.example/hostile\n" + strings.Repeat("x", 1<<20), 4},
		"web page for a look-up":           {lookup, 200, "text/html", "<html>hello</html>", 4},
		"look-up of nothing":               {lookup, 200, "application/json", `{}`, 4},
		"look-up of an older tree":         {lookup, 200, "application/json", `{"format":"yurai-lookup/1","log":"ledger.example/hostile","size":4,"sha256":"$","entries":[]}`, 4},
		"look-up of another digest":        {lookup, 200, "application/json", `{"format":"yurai-lookup/1","log":"ledger.example/hostile","size":9,"sha256":"00","entries":[]}`, 4},
		"look-up of another log":           {lookup, 200, "application/json", `{"format":"yurai-lookup/1","log":"ledger.example/other","size":9,"sha256":"$","entries":[]}`, 4},
		"look-up of unsorted entries":      {lookup, 200, "application/json", `{"format":"yurai-lookup/1","log":"ledger.example/hostile","size":9,"sha256":"$","entries":[4,3]}`, 4},
		"look-up beyond the tree":          {lookup, 200, "application/json", `{"format":"yurai-lookup/1","log":"ledger.example/hostile","size":9,"sha256":"$","entries":[9]}`, 4},
		"look-up of another's entry":       {lookup, 200, "application/json", `{"format":"yurai-lookup/1","log":"ledger.example/hostile","size":9,"sha256":"$","entries":[4]}`, 4},
		"look-up of an entry not there":    {lookup, 200, "application/json", `{"format":"yurai-lookup/1","log":"ledger.example/hostile","size":9,"sha256":"$","entries":[8]}`, 4},
		"404 instead of a look-up":         {lookup, 404, "application/problem+json", note("LOG-ENTRY-ABSENT", 404), 3},
		"a note that would mean accept":    {lookup, 422, "application/problem+json", note("AUDIT-FINDINGS-MORE", 422), 3},
		"another entry's bundle":           {"/api/v1/entries/", 200, "application/json", string(bundle), 4},
		"no bundle":                        {"/api/v1/entries/", 200, "application/json", `{}`, 4},
		"404 instead of a bundle":          {"/api/v1/entries/", 404, "application/problem+json", note("LOG-ENTRY-ABSENT", 404), 4},
		"redirect to elsewhere":            {"/api/v1/entries/", 302, "text/plain", "", 4},
		"busy":                             {lookup, 503, "text/plain", "", 4},
		"an answer of the wrong kind: 204": {lookup, 204, "text/plain", "", 4},
	} {
		t.Run(name, func(t *testing.T) {
			digest := strings.TrimPrefix(verdictOf(t, d)["file"].(map[string]any)["sha256"].(string), "sha256:")
			hostile := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, c.path) {
					w.Header().Set("Content-Type", c.kind)
					w.Header().Set("Location", "http://127.0.0.1:1/")
					w.WriteHeader(c.status)
					_, _ = io.WriteString(w, strings.ReplaceAll(c.body, "$", digest)) // the client may have gone
					return
				}
				res, err := http.Get(d.url + r.URL.Path)
				if err != nil {
					w.WriteHeader(http.StatusBadGateway)
					return
				}
				defer res.Body.Close()
				w.Header().Set("Content-Type", res.Header.Get("Content-Type"))
				w.WriteHeader(res.StatusCode)
				_, _ = io.Copy(w, res.Body) // the client may have gone
			}))
			defer hostile.Close()
			out := filepath.Join(t.TempDir(), "bundle.json")
			code, said, errs := in(t, nil, "", "fetch", d.relay, "--server", hostile.URL, "--trust", d.trust, "-o", out)
			if code != c.want {
				t.Errorf("fetch exits %d, want %d\n%s%s", code, c.want, said, errs)
			}
			if exists(out) {
				t.Error("a bundle was written")
			}
			// With a good bundle at hand the verdict does not change.
			code, said, errs = in(t, nil, "", "check", d.relay, "--server", hostile.URL, "--trust", d.trust, "--policy", d.policy)
			if code != exitDone {
				t.Errorf("check with a good bundle exits %d\n%s%s", code, said, errs)
			}
			if errs == "" {
				t.Error("check says nothing of the server")
			}
		})
	}
}

// verdictOf judges the relay offline and returns the verdict.
func verdictOf(t *testing.T, d *dock) map[string]any {
	t.Helper()
	v := map[string]any{}
	if err := json.Unmarshal([]byte(must(t, "check", d.relay, "--trust", d.trust, "--policy", d.policy, "-f", "json")), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestReceiptOfAnother: a server that answers a submission with the bundle of
// another statement has given no receipt.
func TestReceiptOfAnother(t *testing.T) {
	d := newDock(t, "ledger.example/receipts")
	bundle, err := os.ReadFile(filepath.Join(d.dir, "firmware.cdx.json.yurai.json"))
	if err != nil {
		t.Fatal(err)
	}
	liar := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // what was sent does not matter
		if r.Method == http.MethodGet {
			relayTo(w, d.url+r.URL.Path)
			return
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(bundle) // the client may have gone
	}))
	defer liar.Close()
	out := filepath.Join(d.dir, "receipt.json")
	code, said, errs := in(t, nil, "", "submit", d.relay, "--key", filepath.Join(d.dir, "vendor.key"), "--party", "x:vendor",
		"--log", "ledger.example/receipts", "--server", liar.URL, "--trust", d.trust, "-o", out)
	if code == exitDone || exists(out) || !strings.Contains(errs, "BUNDLE-RECEIPT-OTHER") {
		t.Errorf("exit %d, written %v\n%s%s", code, exists(out), said, errs)
	}
}

// relayTo answers with what another address answers.
func relayTo(w http.ResponseWriter, url string) {
	res, err := http.Get(url)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer res.Body.Close()
	w.WriteHeader(res.StatusCode)
	_, _ = io.Copy(w, res.Body) // the client may have gone
}

// TestOfflineAsksNobody: without --server, and with --offline whatever the
// environment says, no command opens a connection.
func TestOfflineAsksNobody(t *testing.T) {
	d := newDock(t, "ledger.example/offline")
	var asked atomic.Int64
	watch := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer watch.Close()
	env := map[string]string{"YURAI_SERVER": watch.URL, "HTTP_PROXY": watch.URL, "http_proxy": watch.URL}
	for _, args := range [][]string{
		{"check", d.relay, "--trust", d.trust, "--policy", d.policy, "--offline"},
		{"verify", d.relay + ".yurai.json", "--trust", d.trust},
		{"bom", "lint", d.relay},
		{"audit", filepath.Join(d.dir, "ledger"), "--trust", d.trust},
	} {
		if code, out, errs := in(t, env, "", args...); code != exitDone {
			t.Errorf("%q exits %d\n%s%s", args, code, out, errs)
		}
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("%d requests were made", n)
	}
}

// TestAuditOfBadTiles: a server whose tiles or leaves are not those that its
// checkpoint covers is found out.
func TestAuditOfBadTiles(t *testing.T) {
	d := newDock(t, "ledger.example/tiles")
	for name, c := range map[string]struct {
		path string
		want int
		code string
	}{
		"a bent tile":   {"/tile/0/", 11, "AUDIT-TILE-MISMATCH"},
		"bent leaves":   {"/tile/entries/", 11, "AUDIT-ROOT-MISMATCH"},
		"a bent blob":   {"/blobs/", 11, "AUDIT-BOM-LOST"},
		"no bent thing": {"/nothing", 0, `"findings":[]`},
	} {
		bent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			res, err := http.Get(d.url + r.URL.Path)
			if err != nil {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			defer res.Body.Close()
			raw, _ := io.ReadAll(res.Body)
			if strings.HasPrefix(r.URL.Path, c.path) {
				raw[len(raw)/2] ^= 1
			}
			w.WriteHeader(res.StatusCode)
			_, _ = w.Write(raw) // the client may have gone
		}))
		state := filepath.Join(t.TempDir(), "state.json")
		code, out, errs := in(t, nil, "", "audit", bent.URL, "--trust", d.trust, "--state", state, "-f", "json")
		bent.Close()
		if code != c.want || !strings.Contains(out, c.code) {
			t.Errorf("%s: exit %d, want %d with %s\n%s%s", name, code, c.want, c.code, out, errs)
		}
		if exists(state) != (c.path == "/nothing" || c.path == "/blobs/") {
			t.Errorf("%s: the state was written: %v", name, exists(state))
		}
	}
}

func ExampleMain() {
	code := Main(context.Background(), []string{"bom", "lint", "testdata/relay.cdx.json"}, strings.NewReader(""), os.Stdout, os.Stderr, func(string) string { return "" })
	fmt.Println("exit", code)
	// Output:
	// testdata/relay.cdx.json: valid
	// exit 0
}

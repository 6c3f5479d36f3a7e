package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestExpiredTrust: what a trust file says is worth nothing after its end.
func TestExpiredTrust(t *testing.T) {
	d := newDock(t, "ledger.example/expired")
	for _, args := range [][]string{
		{"verify", d.relay + ".yurai.json", "--trust", d.trust},
		{"audit", filepath.Join(d.dir, "ledger"), "--trust", d.trust, "-f", "json"},
		{"audit", d.url, "--trust", d.trust},
		{"check", d.relay, "--trust", d.trust, "--policy", d.policy},
	} {
		for _, c := range []struct {
			in   time.Duration
			want int
		}{{0, exitDone}, {2 * 366 * 24 * time.Hour, exitStale}} {
			var out, errs bytes.Buffer
			e := &environment{
				stdin: strings.NewReader(""), stdout: &out, stderr: &errs, getenv: english,
				now: func() time.Time { return time.Now().Add(c.in) },
			}
			if code := e.main(t.Context(), args); code != c.want {
				t.Errorf("%s in %v exits %d, want %d\n%s%s", args[0], c.in, code, c.want, out.String(), errs.String())
			}
			if said := strings.Contains(out.String()+errs.String(), "TRUST-FILE-EXPIRED"); said != (c.want == exitStale) {
				t.Errorf("%s in %v speaks of it: %v", args[0], c.in, said)
			}
		}
	}
}

// TestPinnedPolicy: a policy that the trust file pins judges where none is
// given; another or an older one holds.
func TestPinnedPolicy(t *testing.T) {
	d := newDock(t, "ledger.example/pinned")
	raw, err := os.ReadFile(d.trust)
	if err != nil {
		t.Fatal(err)
	}
	starter := []string{"--input", "countries_of_concern=BV"}
	for name, c := range map[string]struct {
		id      string
		version int
		args    []string
		want    int
		says    []string
	}{
		"pinned":             {"demo", 1, nil, exitDone, []string{`"id":"demo"`, `"pinned":true`}},
		"newer than ours":    {"demo", 99, nil, exitHold, []string{`"pinned":false`, "VERDICT-POLICY-PIN"}},
		"not ours":           {"acme", 1, starter, exitHold, []string{`"id":"jp-core"`, "VERDICT-POLICY-PIN"}},
		"the same given":     {"demo", 1, []string{"--policy", d.policy}, exitDone, []string{`"id":"demo"`}},
		"another given":      {"jp-core", 1, []string{"--policy", d.policy}, exitHold, []string{`"id":"demo"`, "VERDICT-POLICY-PIN"}},
		"the starter pinned": {"jp-core", 1, starter, exitDone, []string{`"id":"jp-core"`, `"pinned":true`}},
	} {
		f := map[string]any{}
		if err := json.Unmarshal(raw, &f); err != nil {
			t.Fatal(err)
		}
		f["policy"] = map[string]any{"id": c.id, "signer": "registrar", "version": c.version}
		pinned, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(d.dir, "pinned.json")
		write(t, file, pinned)
		code, out, errs := in(t, nil, "", append([]string{"check", d.relay, "--trust", file, "-f", "json"}, c.args...)...)
		if code != c.want {
			t.Errorf("%s: exit %d, want %d\n%s%s", name, code, c.want, out, errs)
		}
		for _, s := range c.says {
			if !strings.Contains(out, s) {
				t.Errorf("%s: %s is not in %s", name, s, out)
			}
		}
	}
}

// TestBentTilesProveNothing: tiles that do not give the newer root are a useless
// answer, no proof of a fork; the bundle at hand stays.
func TestBentTilesProveNothing(t *testing.T) {
	d := newDock(t, "ledger.example/bent")
	before, err := os.ReadFile(d.relay + ".yurai.json")
	if err != nil {
		t.Fatal(err)
	}
	bent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		res, err := http.Get(d.url + r.URL.Path)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer res.Body.Close()
		raw, _ := io.ReadAll(res.Body)
		if strings.HasPrefix(r.URL.Path, "/tile/0/") {
			raw[0] ^= 1
		}
		w.WriteHeader(res.StatusCode)
		_, _ = w.Write(raw) // the client may have gone
	}))
	defer bent.Close()
	code, out, errs := in(t, nil, "", "fetch", d.relay, "--server", bent.URL, "--trust", d.trust)
	if code != exitUnreachable || !strings.Contains(errs, "CLI-ANSWER-MALFORMED") {
		t.Errorf("fetch exits %d\n%s%s", code, out, errs)
	}
	if after, err := os.ReadFile(d.relay + ".yurai.json"); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the bundle changed, %v", err)
	}
	if code, out, errs := in(t, nil, "", "check", d.relay, "--server", bent.URL, "--trust", d.trust, "--policy", d.policy); code != exitDone || errs == "" {
		t.Errorf("check exits %d\n%s%s", code, out, errs)
	}
	if code, out, errs := in(t, nil, "", "fetch", d.relay, "--server", d.url, "--trust", d.trust); code != exitDone {
		t.Errorf("fetch from the log exits %d\n%s%s", code, out, errs)
	}
}

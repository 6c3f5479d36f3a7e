package cli

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/policy"
)

// dock is a log that is served in this process, a vendor, and the relay's
// bundle: entries 0 genesis, 1 admission, 2 party, 3 relay, 4 firmware.
type dock struct {
	dir, url, trust, policy, relay string
	stop                           func()
}

// must runs a command line that has to end with 0.
func must(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errs := in(t, nil, "", args...)
	if code != exitDone {
		t.Fatalf("yurai %s: exit %d\n%s%s", strings.Join(args, " "), code, out, errs)
	}
	return out
}

func newDock(t *testing.T, origin string) *dock {
	t.Helper()
	d := &dock{dir: t.TempDir()}
	ledger := filepath.Join(d.dir, "ledger")
	d.trust, d.policy, d.relay = filepath.Join(ledger, "trust.json"), filepath.Join(d.dir, "demo.yaml"), filepath.Join(d.dir, "relay.cdx.json")
	must(t, "init", ledger, "--origin", origin)
	d.serve(t, ledger)
	demo, _ := policy.Pack(policy.Demo)
	write(t, d.policy, demo)
	key, request := filepath.Join(d.dir, "vendor.key"), filepath.Join(d.dir, "request.json")
	must(t, "key", "new", "-o", key)
	must(t, "party", "request", "--key", key, "--id", "x:vendor", "--name", "Vendor", "--incorporated", "JP", "--role", "vendor", "--log", origin, "-o", request)
	must(t, "party", "enrol", request, "--registrar", filepath.Join(ledger, "registrar.key"), "--server", d.url)
	for _, name := range []string{"relay.cdx.json", "firmware.cdx.json"} {
		raw, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(d.dir, name), raw)
		must(t, "submit", filepath.Join(d.dir, name), "--key", key, "--party", "x:vendor", "--server", d.url, "--trust", d.trust)
	}
	return d
}

// serve runs `yurai serve` until the test ends or stop is called.
func (d *dock) serve(t *testing.T, ledger string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	said := &announcement{line: make(chan string, 1)}
	var errs bytes.Buffer // read after ended
	go func() {
		ended <- Main(ctx, []string{"serve", ledger, "--listen", "127.0.0.1:0"}, strings.NewReader(""), said, &errs, english)
	}()
	d.stop = sync.OnceFunc(func() {
		cancel()
		if code := <-ended; code != exitDone {
			t.Errorf("the server ended with %d\n%s", code, errs.String())
		}
	})
	select {
	case d.url = <-said.line:
	case code := <-ended:
		t.Fatalf("the server ended with %d\n%s", code, errs.String())
	}
	t.Cleanup(d.stop)
	if err := awaitReady(ctx, d.url, ended); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, name string, raw []byte) {
	t.Helper()
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

// loose is a bundle as anybody can write one.
type loose map[string]any

func (b loose) entry(name string) map[string]any { return b[name].(map[string]any) }
func (b loose) past(i int) map[string]any        { return b["history"].([]any)[i].(map[string]any) }

func read(t *testing.T, name string) loose {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	b := loose{}
	if err := json.Unmarshal(raw, &b); err != nil {
		t.Fatal(err)
	}
	return b
}

// bend changes one bit of base64, leaving it canonical.
func bend(t *testing.T, s any) string {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(s.(string))
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)/2] ^= 1
	return base64.StdEncoding.EncodeToString(raw)
}

// TestBundleTampered: whoever hands over a bundle can't make it prove anything
// else than the log proved.
func TestBundleTampered(t *testing.T) {
	d := newDock(t, "ledger.example/tampered")
	other := newDock(t, "ledger.example/tampered")
	foreign := newDock(t, "ledger.example/foreign")
	good := d.relay + ".yurai.json"
	firmware := filepath.Join(d.dir, "firmware.cdx.json.yurai.json")
	for name, c := range map[string]struct {
		change        func(b loose)
		verify, check int
	}{
		"nothing":                   {func(loose) {}, 0, 0},
		"another entry's proof":     {func(b loose) { b.entry("statement")["proof"] = read(t, firmware).entry("statement")["proof"] }, 11, 11},
		"another entry's index":     {func(b loose) { b.entry("statement")["index"] = 2 }, 3, 3},
		"an index that is nobody's": {func(b loose) { b.entry("statement")["index"] = 99 }, 11, 11},
		"a bent proof":              {func(b loose) { p := b.entry("statement")["proof"].([]any); p[0] = bend(t, p[0]) }, 11, 11},
		"a proof too short":         {func(b loose) { p := b.entry("statement")["proof"].([]any); b.entry("statement")["proof"] = p[1:] }, 11, 11},
		"a proof too long": {func(b loose) {
			p := b.entry("statement")["proof"].([]any)
			b.entry("statement")["proof"] = append(p, p[0])
		}, 11, 11},
		"a bent leaf":                {func(b loose) { b.entry("statement")["leaf"] = bend(t, b.entry("statement")["leaf"]) }, 11, 11},
		"an empty leaf":              {func(b loose) { b.entry("statement")["leaf"] = "" }, 3, 3},
		"another bundle's statement": {func(b loose) { b["statement"] = read(t, firmware)["statement"] }, 11, 11},
		"another bundle's checkpoint, older": {func(b loose) {
			c := read(t, firmware)["checkpoint"].(string)
			b["checkpoint"] = c
		}, 11, 11},
		"a bent checkpoint":            {func(b loose) { b["checkpoint"] = strings.Replace(b["checkpoint"].(string), "\n4\n", "\n5\n", 1) }, 11, 11},
		"no checkpoint":                {func(b loose) { b["checkpoint"] = "" }, 3, 11},
		"the same name, other keys":    {func(b loose) { b["checkpoint"] = read(t, other.relay+".yurai.json")["checkpoint"] }, 11, 11},
		"another log's checkpoint":     {func(b loose) { b["checkpoint"] = read(t, foreign.relay+".yurai.json")["checkpoint"] }, 11, 11},
		"another log's name":           {func(b loose) { b["log"] = "ledger.example/foreign" }, 14, 14},
		"no genesis":                   {func(b loose) { b["history"] = b["history"].([]any)[1:] }, 11, 11},
		"no admission":                 {func(b loose) { h := b["history"].([]any); b["history"] = []any{h[0], h[2]} }, 11, 11},
		"no party":                     {func(b loose) { b["history"] = b["history"].([]any)[:2] }, 11, 11},
		"a history out of order":       {func(b loose) { h := b["history"].([]any); b["history"] = []any{h[1], h[0], h[2]} }, 3, 3},
		"a bent genesis":               {func(b loose) { b.past(0)["leaf"] = bend(t, b.past(0)["leaf"]) }, 11, 11},
		"a bent party":                 {func(b loose) { b.past(2)["leaf"] = bend(t, b.past(2)["leaf"]) }, 11, 11},
		"no status":                    {func(b loose) { delete(b, "status") }, 0, 14},
		"a bent status":                {func(b loose) { b["status"] = bend(t, b["status"]) }, 11, 11},
		"another bundle's status":      {func(b loose) { b["status"] = read(t, firmware)["status"] }, 0, 14},
		"a status that is a statement": {func(b loose) { b["status"] = b.past(2)["leaf"] }, 11, 11},
		"a newer format":               {func(b loose) { b["format"] = "yurai-bundle/2" }, 3, 3},
		"no format":                    {func(b loose) { delete(b, "format") }, 3, 3},
		"an unknown member":            {func(b loose) { b["verdict"] = "accept" }, 3, 3},
	} {
		b := read(t, good)
		c.change(b)
		raw, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(d.dir, "tampered.json")
		write(t, file, raw)
		if code, out, errs := in(t, nil, "", "verify", file, "--trust", d.trust); code != c.verify {
			t.Errorf("%s: verify exits %d, want %d\n%s%s", name, code, c.verify, out, errs)
		}
		code, out, errs := in(t, nil, "", "check", d.relay, "--bundle", file, "--trust", d.trust, "--policy", d.policy, "-f", "json")
		if code != c.check {
			t.Errorf("%s: check exits %d, want %d\n%s%s", name, code, c.check, out, errs)
		}
		if strings.Contains(out, `"verdict":"accept"`) != (c.check == 0) {
			t.Errorf("%s: check says %s", name, out)
		}
	}
}

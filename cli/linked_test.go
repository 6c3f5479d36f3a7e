package cli

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// linksTo is a bill whose root links, by digest, to each of these files under the
// URL of the test's own.
func linksTo(url string, files ...[]byte) []byte {
	var links []string
	for _, f := range files {
		links = append(links, fmt.Sprintf(`{"type": "bom", "url": %q, "hashes": [{"alg": "SHA-256", "content": "%x"}]}`, url, sha256.Sum256(f)))
	}
	return fmt.Appendf(nil, `{"bomFormat": "CycloneDX", "specVersion": "1.6",
 "metadata": {"component": {"type": "device", "bom-ref": "d", "name": "d%d"}}, "externalReferences": [%s]}`, len(files), strings.Join(links, ","))
}

// TestFetchLinkedFromALiar: what a server sends for a digest is compared with it
// before anything reads it, nothing but the server is asked, and nothing is kept
// that is not what was asked for.
func TestFetchLinkedFromALiar(t *testing.T) {
	l := newLiar(t)
	inner := relay(t, 2)
	middle := linksTo("https://nowhere.invalid/", inner)
	var asked atomic.Int64
	outside := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asked.Add(1); w.Write(middle) })
	l.add(l.bom(vendorID, inner, nil)("vendor"))  // 4
	l.add(l.bom(vendorID, middle, nil)("vendor")) // 5
	concern := map[int64][]int64{4: {2}, 5: {2}, 6: {2}}
	trap := l.serve(concern, map[string]http.HandlerFunc{"/trap": outside})
	file := linksTo(trap+"/trap", middle)
	l.add(l.bom(vendorID, file, nil)("vendor")) // 6
	l.blobs[hexOf(inner)], l.blobs[hexOf(middle)] = inner, middle
	send := func(body []byte) map[string]http.HandlerFunc {
		return map[string]http.HandlerFunc{"/blobs/sha256/" + hexOf(middle): func(w http.ResponseWriter, _ *http.Request) { w.Write(body) }}
	}
	for name, c := range map[string]struct {
		instead map[string]http.HandlerFunc
		exit    int
		says    string
		kept    int
	}{
		"honest":            {nil, 0, "entry 4 of", 2},
		"another BOM":       {send(inner), 4, "CLI-BLOB-OTHER", 0},
		"one byte more":     {send(append([]byte(" "), middle...)), 4, "CLI-BLOB-OTHER", 0},
		"nothing":           {send(nil), 4, "CLI-BLOB-OTHER", 0},
		"no JSON":           {send([]byte("\x1b[2J")), 4, "CLI-BLOB-OTHER", 0},
		"held":              {map[string]http.HandlerFunc{"/blobs/": answers(403, "application/problem+json", problemOf("SERVER-BLOB-HELD", 403, "held"))}, 0, "held: sha256:" + hexOf(middle) + " is entry 5", 0},
		"lost":              {map[string]http.HandlerFunc{"/blobs/": answers(500, "application/problem+json", problemOf("STORE-BLOB-LOST", 500, "lost"))}, 4, "CLIENT-SERVER-UNREACHABLE", 0},
		"refused as a fork": {map[string]http.HandlerFunc{"/blobs/": answers(409, "application/problem+json", problemOf("AUDIT-LOG-FORK", 409, "fork"))}, 4, "CLI-ANSWER-MALFORMED", 0},
		"the inner one is not in the log": {map[string]http.HandlerFunc{"/api/v1/boms/sha256/" + hexOf(inner): func(w http.ResponseWriter, _ *http.Request) {
			w.Write(l.lookup(hexOf(inner), nil))
		}}, 0, "not in the log: sha256:" + hexOf(inner), 1},
	} {
		t.Run(name, func(t *testing.T) {
			at := filepath.Join(t.TempDir(), "device.json")
			write(t, at, file)
			code, out, errs := l.asks("fetch", at, "--linked", "--server", l.serve(concern, c.instead))
			if code != c.exit || !strings.Contains(out+errs, c.says) || strings.Contains(out+errs, "\x1b") {
				t.Errorf("exit %d, want %d and %q\n%s%s", code, c.exit, c.says, out, errs)
			}
			list, _ := filepath.Glob(filepath.Join(linkedFolder(at), "*.cdx.json"))
			for _, name := range list {
				raw, err := os.ReadFile(name)
				if err != nil || hexOf(raw)+".cdx.json" != filepath.Base(name) {
					t.Errorf("%s holds %s, %v", name, hexOf(raw), err)
				}
			}
			if len(list) != c.kept {
				t.Errorf("%d files kept, want %d", len(list), c.kept)
			}
		})
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("a URL of a link was asked %d times", n)
	}
}

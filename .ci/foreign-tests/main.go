// Command foreign-tests reads what Yurai serves and writes with code that Yurai
// shares nothing with: golang.org/x/mod/sumdb/tlog and filippo.io/torchwood. It is
// a module of its own, so that the program depends on neither.
//
//	foreign-tests tiles URL VKEY              every leaf and proof of a log, by its tiles
//	foreign-tests proof POLICY LEAF PROOF     a tlog-proof of a leaf; altered ones are refused
//	foreign-tests witness URL VKEY LOG LOGVKEY  has a witness cosign a log's checkpoint
//	foreign-tests await URL                   waits until a resource is there
//	foreign-tests get URL                     what is there
//	foreign-tests port                        a port of loopback that nobody listens on
//
// VKEY, POLICY, LEAF and PROOF are files. It ends with 0 if all is as it has to be.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	commands := map[string]struct {
		args int
		run  func(args []string) (string, error)
	}{
		"tiles":   {2, func(a []string) (string, error) { return tiles(a[0], a[1]) }},
		"proof":   {3, func(a []string) (string, error) { return proof(a[0], a[1], a[2]) }},
		"witness": {4, func(a []string) (string, error) { return witness(a[0], a[1], a[2], a[3]) }},
		"await":   {1, func(a []string) (string, error) { return "", await(a[0]) }},
		"get":     {1, func(a []string) (string, error) { raw, err := get(a[0]); os.Stdout.Write(raw); return "", err }},
		"port":    {0, func([]string) (string, error) { return port() }},
	}
	if len(os.Args) < 2 {
		fail(fmt.Errorf("usage: foreign-tests tiles|proof|witness …"))
	}
	c, ok := commands[os.Args[1]]
	if args := os.Args[2:]; !ok || len(args) != c.args {
		fail(fmt.Errorf("foreign-tests %s: wrong usage", os.Args[1]))
	}
	said, err := c.run(os.Args[2:])
	if err != nil {
		fail(err)
	}
	if said != "" {
		fmt.Println(said)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "foreign-tests:", err)
	os.Exit(1)
}

// text returns the content of a file without a last line end.
func text(name string) (string, error) {
	raw, err := os.ReadFile(name)
	return strings.TrimSuffix(string(raw), "\n"), err
}

var web = &http.Client{Timeout: 30 * time.Second}

// get reads a resource; any answer but 200 is an error.
func get(url string) ([]byte, error) {
	return do(http.MethodGet, url, nil)
}

func do(method, url string, body io.Reader) ([]byte, error) {
	req, err := http.NewRequestWithContext(context.Background(), method, url, body)
	if err != nil {
		return nil, err
	}
	res, err := web.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, 64<<20))
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s\n%.400s", method, url, res.Status, raw)
	}
	return raw, err
}

// await asks until the answer is 200, for half a minute at most.
func await(url string) error {
	var err error
	for range 600 {
		if _, err = get(url); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return err
}

// port returns a port for a program that cannot say which one it was given.
func port() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, p, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "", err
	}
	return p, l.Close()
}

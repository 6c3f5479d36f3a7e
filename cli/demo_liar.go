package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// demoLiar is a server of the demo's ledger that hides every advisory: it passes
// on what the honest one says, but for bundles, which it signs anew with the
// ledger's service key. It knows how bundles are written, and nothing of how they
// are judged.
type demoLiar struct {
	url   string
	http  *http.Server
	ended chan error // receives how serving ended
}

// newDemoLiar starts a liar on a free port of the loopback, before the server at
// truth and with the private key in a file.
func newDemoLiar(ctx context.Context, truth, key string) (*demoLiar, error) {
	raw, err := os.ReadFile(key)
	if err != nil {
		return nil, plainPath(err)
	}
	service, err := envelope.ParsePrivatePEM(raw)
	if err != nil {
		return nil, err
	}
	behind, err := url.Parse(truth)
	if err != nil {
		return nil, err
	}
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:  func(r *httputil.ProxyRequest) { r.SetURL(behind) },
		ErrorLog: log.New(io.Discard, "", 0), // whoever asked is told
		ModifyResponse: func(res *http.Response) error {
			path := res.Request.URL.Path
			if res.StatusCode != http.StatusOK || !strings.HasPrefix(path, "/api/v1/entries/") || !strings.HasSuffix(path, "/bundle") {
				return nil
			}
			honest, err := io.ReadAll(io.LimitReader(res.Body, receiving.MaxBundle))
			if err != nil {
				return err
			}
			lie, err := withoutAdvisories(honest, service)
			if err != nil {
				return err
			}
			res.Body = io.NopCloser(strings.NewReader(string(lie)))
			res.ContentLength = int64(len(lie))
			res.Header.Set("Content-Length", strconv.Itoa(len(lie)))
			res.Header.Del("ETag")
			return nil
		},
	}
	liar := &demoLiar{url: "http://" + l.Addr().String(), http: &http.Server{Handler: proxy}, ended: make(chan error, 1)}
	go func() { liar.ended <- liar.http.Serve(l) }()
	return liar, nil
}

// stop ends the liar and waits for it.
func (l *demoLiar) stop() error {
	err := l.http.Close()
	if ended := <-l.ended; !errors.Is(ended, http.ErrServerClosed) {
		return fmt.Errorf("serving lies: %w", ended)
	}
	return err
}

// withoutAdvisories returns a bundle without the advisories in it and without
// who issued them, and with a status that says that there are none.
func withoutAdvisories(bundle []byte, service *envelope.Signer) ([]byte, error) {
	b, err := receiving.ParseBundle(bundle)
	if err != nil {
		return nil, err
	}
	said := map[int64]*statement.Statement{}
	var issuers []string
	for _, e := range b.History {
		if said[e.Index], err = saidIn(e.Leaf); err != nil {
			return nil, err
		}
		if st := said[e.Index]; st.Kind == statement.KindAdvisory {
			issuers = append(issuers, st.Actor())
		}
	}
	gone := func(index int64) bool {
		st := said[index]
		return st != nil && slices.Contains(issuers, st.Actor())
	}
	b.History = slices.DeleteFunc(b.History, func(e receiving.Entry) bool { return gone(e.Index) })
	st, err := saidIn(b.Status)
	if err != nil {
		return nil, err
	}
	status, ok := st.Body.(*statement.Status)
	if !ok {
		return nil, fmt.Errorf("the status is of kind %s", st.Kind)
	}
	status.Entries = slices.DeleteFunc(status.Entries, gone)
	status.Advisories = statement.Advisories{}
	payload, err := statement.NewStatus(*status)
	if err != nil {
		return nil, err
	}
	if b.Status, err = envelope.Sign(envelope.PayloadType, payload, service); err != nil {
		return nil, err
	}
	return b.Marshal()
}

// saidIn returns the statement in a leaf, unverified.
func saidIn(leaf []byte) (*statement.Statement, error) {
	e, err := envelope.ParseLeaf(leaf)
	if err != nil {
		return nil, err
	}
	return statement.Parse(e.Payload())
}

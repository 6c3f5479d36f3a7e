package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/client"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/problem"
)

// lookupFormat is the "format" member of an answer to a look-up.
const lookupFormat = "yurai-lookup/1"

// maxLookup bounds the answer to a look-up, in bytes.
const maxLookup = 1 << 20

// remote is a log's server. Nothing that it answers is believed before it is
// verified under the trusted log's keys.
type remote struct {
	base string
	log  ledger.TrustedLog
	http *http.Client
	head ledger.Signed // the largest that it has shown as its checkpoint

	anchored string // what its last receipt says of the log: "yes" or "no", "" if nothing
}

// meet asks the server at base for its checkpoint, picks the trusted log that it
// is of, and verifies it.
func meet(ctx context.Context, base string, trust *ledger.Trust) (*remote, ledger.Signed, error) {
	hc, err := client.HTTP(base)
	if err != nil {
		return nil, ledger.Signed{}, err
	}
	r := &remote{base: strings.TrimSuffix(base, "/"), http: hc}
	note, err := r.get(ctx, "checkpoint", ledger.MaxCheckpoint)
	if err != nil {
		return nil, ledger.Signed{}, err
	}
	origin, _, _ := bytes.Cut(note, []byte{'\n'})
	log, ok := trust.Log(string(origin))
	if !ok {
		// A signed note has its first signature line behind an empty one.
		if ledger.CheckOrigin(string(origin)) != nil || !bytes.Contains(note, []byte("\n\n\u2014 ")) {
			return nil, ledger.Signed{}, refuse("CLI-ANSWER-MALFORMED", "%s serves no checkpoint", r.base)
		}
		return nil, ledger.Signed{}, ledger.Refuse("TRUST-LOG-UNKNOWN", "%s serves log %q, which the trust file does not name", r.base, origin)
	}
	r.log = log
	head, err := r.published(note)
	if err != nil {
		return nil, ledger.Signed{}, err
	}
	return r, head, nil
}

// published verifies what the server serves as its checkpoint.
func (r *remote) published(note []byte) (ledger.Signed, error) {
	head, err := ledger.OpenSigned(note, r.log.Origin, r.log.Keys...)
	if err != nil {
		return ledger.Signed{}, refuse("CLI-ANSWER-MALFORMED", "the checkpoint that %s serves does not verify: %w", r.base, err)
	}
	if r.head.Note == nil || r.head.Size < head.Size {
		r.head = head
	}
	return head, nil
}

// checkpoint asks for the published checkpoint; past asks for it past caches.
func (r *remote) checkpoint(ctx context.Context, past bool) (ledger.Signed, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+"/checkpoint", nil)
	if err != nil {
		return ledger.Signed{}, refuse("CLI-ANSWER-MALFORMED", "no request can be made for the checkpoint: %w", err)
	}
	if past {
		req.Header.Set("Cache-Control", "no-cache")
	}
	note, _, err := r.do(req, ledger.MaxCheckpoint, http.StatusOK)
	if err != nil {
		return ledger.Signed{}, err
	}
	return r.published(note)
}

// get reads a resource of at most limit bytes.
func (r *remote) get(ctx context.Context, path string, limit int) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+"/"+path, nil)
	if err != nil {
		return nil, refuse("CLI-ANSWER-MALFORMED", "no request can be made for %s: %w", path, err)
	}
	raw, _, err := r.do(req, limit, http.StatusOK)
	return raw, err
}

// do sends a request and returns the answer if its status is one of good. Every
// other answer is an error: the server's problem document where it sent one.
func (r *remote) do(req *http.Request, limit int, good ...int) ([]byte, int, error) {
	res, err := r.http.Do(req)
	if err != nil {
		if ctx := req.Context(); ctx.Err() != nil {
			return nil, 0, ctx.Err()
		}
		return nil, 0, client.Unreachable(r.base, err)
	}
	defer res.Body.Close()
	if slices.Contains(good, res.StatusCode) {
		raw, err := client.ReadAll(res.Body, limit)
		if a := res.Header.Get("Yurai-Anchored"); a == "yes" || a == "no" {
			r.anchored = a
		}
		return raw, res.StatusCode, err
	}
	what := fmt.Sprintf("%s answers %d for %s", r.base, res.StatusCode, req.URL.Path)
	raw, err := io.ReadAll(io.LimitReader(res.Body, problem.MaxDocument+1))
	if err != nil {
		return nil, 0, client.Unreachable(r.base, err)
	}
	if kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")); kind == problem.MediaType {
		if doc, err := problem.Parse(raw); err == nil {
			return nil, res.StatusCode, doc
		}
	}
	if res.StatusCode == http.StatusTooManyRequests || res.StatusCode >= 500 {
		return nil, 0, ledger.Refuse("CLIENT-SERVER-UNREACHABLE", "%s", what)
	}
	return nil, 0, refuse("CLI-ANSWER-MALFORMED", "%s without a reason", what)
}

// lookup returns the indices of the entries about a BOM and the size of the tree
// that was looked through, which is at least that of the verified checkpoint cp.
func (r *remote) lookup(ctx context.Context, digest ledger.Hash, cp ledger.Checkpoint) ([]int64, int64, error) {
	path := "api/v1/boms/sha256/" + strings.TrimPrefix(digest.String(), "sha256:")
	raw, err := r.get(ctx, path, maxLookup)
	if err != nil {
		return nil, 0, err
	}
	var a struct {
		Format  string   `json:"format"`
		Log     string   `json:"log"`
		Size    int64    `json:"size"`
		SHA256  string   `json:"sha256"`
		Entries *[]int64 `json:"entries"` // none and nothing said are not the same
	}
	if err := json.Unmarshal(raw, &a, json.RejectUnknownMembers(true)); err != nil {
		return nil, 0, refuse("CLI-ANSWER-MALFORMED", "the look-up of %s: %w", digest, err)
	}
	switch {
	case a.Format != lookupFormat || a.Log != r.log.Origin || !strings.HasSuffix(digest.String(), ":"+strings.TrimPrefix(a.SHA256, "sha256:")):
		return nil, 0, refuse("CLI-ANSWER-MALFORMED", "the look-up answers another question")
	case a.Entries == nil:
		return nil, 0, refuse("CLI-ANSWER-MALFORMED", "the look-up does not say which entries there are")
	case a.Size < cp.Size:
		return nil, 0, refuse("CLI-ANSWER-MALFORMED", "the look-up covers %d entries, the checkpoint %d", a.Size, cp.Size)
	}
	entries := *a.Entries
	for i, n := range entries {
		if n < 0 || n >= a.Size || i > 0 && entries[i-1] >= n {
			return nil, 0, refuse("CLI-ANSWER-MALFORMED", "the look-up names impossible entries")
		}
	}
	return entries, a.Size, nil
}

// bundle fetches the bundle of an entry and verifies it.
func (r *remote) bundle(ctx context.Context, index int64, trust *ledger.Trust) (held, error) {
	raw, err := r.get(ctx, fmt.Sprintf("api/v1/entries/%d/bundle", index), receiving.MaxBundle)
	if doc := (*problem.Document)(nil); errors.As(err, &doc) && doc.Status == http.StatusNotFound {
		return held{}, refuse("CLI-ANSWER-MALFORMED", "%s names entry %d and does not have it: %v", r.base, index, doc)
	}
	if err != nil {
		return held{}, err
	}
	return r.open(raw, trust)
}

// unanswered turns a server's refusal to answer a question into the refusal of
// a useless answer: what a server says of a question neither makes our input
// invalid nor us unauthorised.
func unanswered(err error) error {
	doc := (*problem.Document)(nil)
	switch {
	case problem.Code(err) != "" || !errors.As(err, &doc):
		return err
	case exitOfAnswer(doc) == exitUnreachable:
		return ledger.Refuse("CLIENT-SERVER-UNREACHABLE", "the server does not answer now: %v", doc)
	}
	return refuse("CLI-ANSWER-MALFORMED", "the server refuses to answer: %v", doc)
}

// held is a bundle that was verified, with its bytes.
type held struct {
	raw      []byte
	bundle   *receiving.Bundle
	evidence *receiving.Evidence
}

// signed returns the checkpoint that the bundle rests on.
func (h held) signed() ledger.Signed {
	return ledger.Signed{Checkpoint: h.evidence.Checkpoint, Note: h.bundle.Checkpoint}
}

// openBundle parses and verifies a bundle.
func openBundle(raw []byte, trust *ledger.Trust) (held, error) {
	b, err := receiving.ParseBundle(raw)
	if err != nil {
		return held{}, err
	}
	ev, err := receiving.Open(b, trust)
	if err != nil {
		return held{}, err
	}
	return held{raw, b, ev}, nil
}

// open verifies a bundle that this server sent. One of another log, of a smaller
// tree than the server has shown, or that is no bundle, is a useless answer, not a
// forgery that somebody handed over.
func (r *remote) open(raw []byte, trust *ledger.Trust) (held, error) {
	h, err := openBundle(raw, trust)
	if err != nil {
		return held{}, refuse("CLI-ANSWER-MALFORMED", "the bundle that %s sent does not verify: %w", r.base, err)
	}
	if h.bundle.Log != r.log.Origin {
		return held{}, refuse("CLI-ANSWER-MALFORMED", "the bundle that %s sent is of log %q", r.base, h.bundle.Log)
	}
	if h.evidence.Checkpoint.Size < r.head.Size {
		// A fresh status of an old tree would hide what came since.
		return held{}, refuse("CLI-ANSWER-MALFORMED", "the bundle that %s sent is of %d entries, its checkpoint of %d", r.base, h.evidence.Checkpoint.Size, r.head.Size)
	}
	return h, nil
}

// submit posts a statement, with the BOM that it speaks of unless nil, and
// verifies the receipt: a bundle whose payload is the one sent, byte for byte,
// and whose signers are among those sent.
func (r *remote) submit(ctx context.Context, trust *ledger.Trust, leaf, bom []byte) (receipt, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := part(form, "statement", "application/json", leaf); err != nil {
		return receipt{}, err
	}
	if bom != nil {
		if err := part(form, "bom", "application/octet-stream", bom); err != nil {
			return receipt{}, err
		}
	}
	if err := form.Close(); err != nil {
		return receipt{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.base+"/api/v1/statements", &body)
	if err != nil {
		return receipt{}, err
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	raw, status, err := r.do(req, receiving.MaxBundle, http.StatusCreated, http.StatusOK)
	if err != nil {
		return receipt{}, err
	}
	h, err := r.open(raw, trust)
	if err != nil {
		return receipt{}, err
	}
	sent, err := envelope.Parse(leaf)
	if err != nil {
		return receipt{}, err
	}
	if err := h.evidence.Receipt(sent); err != nil {
		return receipt{}, err
	}
	return receipt{held: h, duplicate: status == http.StatusOK}, nil
}

// receipt is a verified answer to a submission.
type receipt struct {
	held
	duplicate bool // the log had the entry already
}

func part(form *multipart.Writer, name, mediaType string, content []byte) error {
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", mime.FormatMediaType("form-data", map[string]string{"name": name, "filename": name}))
	h.Set("Content-Type", mediaType)
	w, err := form.CreatePart(h)
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	return err
}

// digest returns the digest of the BOM that the statement is about, zero if it
// is of another kind.
func (h held) digest() ledger.Hash {
	if b, ok := h.evidence.Statement.Body.(*statement.BOM); ok {
		return ledger.Hash(b.Digest)
	}
	return ledger.Hash{}
}

// bomOf returns what a statement of kind bom says.
func bomOf(leaf []byte) (*statement.BOM, error) {
	e, err := envelope.Parse(leaf)
	if err != nil {
		return nil, err
	}
	st, err := statement.Parse(e.Payload())
	if err != nil {
		return nil, err
	}
	b, ok := st.Body.(*statement.BOM)
	if !ok {
		return nil, refuse("CLI-STATEMENT-KIND", "the statement is of kind %s, not bom", st.Kind)
	}
	return b, nil
}

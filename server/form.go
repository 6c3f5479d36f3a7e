package server

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"golang.org/x/sync/semaphore"
)

// form is a submission as it was sent.
type form struct {
	statement []byte
	bom       []byte // nil if the form has no such part
}

// purse is the memory that one request has taken from the bound on all of them.
// It is taken as bytes arrive, so that who announces much and sends little
// keeps nobody out.
type purse struct {
	memory *semaphore.Weighted
	taken  int64
}

func (p *purse) take(n int64) error {
	if !p.memory.TryAcquire(n) {
		return refuse("SERVER-MEMORY-BUSY", "submissions already hold all the memory set aside for them")
	}
	p.taken += n
	return nil
}

func (p *purse) close() {
	p.memory.Release(p.taken)
	p.taken = 0
}

// readForm reads multipart/form-data with the parts statement and, at most
// once and in any order, bom. Nothing is written to disk; parts are the raw
// bytes, whatever their headers say of encodings. Refusals: SERVER-MEDIA-TYPE,
// SERVER-FORM-MALFORMED, SERVER-FORM-PART, SERVER-BODY-LARGE,
// SERVER-MEMORY-BUSY.
func readForm(w http.ResponseWriter, r *http.Request, bomLimit int64, p *purse) (form, error) {
	if e := r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return form{}, refuse("SERVER-MEDIA-TYPE", "the request is encoded as %.40q", e)
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || len(r.Header.Values("Content-Type")) != 1 {
		return form{}, refuse("SERVER-MEDIA-TYPE", "the request has content type %.80q", r.Header.Get("Content-Type"))
	}
	if b := params["boundary"]; b == "" || len(b) > 70 {
		return form{}, refuse("SERVER-FORM-MALFORMED", "the content type names no boundary of 1 to 70 characters")
	}
	limit := maxStatement + bomLimit + maxFormSlack
	if r.ContentLength > limit {
		return form{}, refuse("SERVER-BODY-LARGE", "the request has %d bytes, the limit is %d", r.ContentLength, limit)
	}
	body := &tailed{r: http.MaxBytesReader(w, r.Body, limit)}
	parts := multipart.NewReader(body, params["boundary"])
	var f form
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return form{}, unreadable(err)
		}
		if err := f.read(part, bomLimit, p); err != nil {
			return form{}, err
		}
	}
	// A form that is cut off within the headers of a part looks complete too.
	if _, err := io.Copy(io.Discard, body); err != nil {
		return form{}, unreadable(err)
	}
	if end := "--" + params["boundary"] + "--"; !bytes.HasSuffix(bytes.TrimRight(body.tail, "\r\n"), []byte(end)) {
		return form{}, refuse("SERVER-FORM-MALFORMED", "the form does not end with its final boundary")
	}
	if f.statement == nil {
		return form{}, refuse("SERVER-FORM-PART", "the form has no part named statement")
	}
	return f, nil
}

// tailed remembers the last bytes that were read, a final boundary's worth.
type tailed struct {
	r    io.Reader
	tail []byte
}

func (t *tailed) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.tail = append(t.tail, p[max(0, n-maxTailed):n]...)
	if over := len(t.tail) - maxTailed; over > 0 {
		t.tail = append(t.tail[:0], t.tail[over:]...)
	}
	return n, err
}

// maxTailed is the length of the longest final boundary and a line end.
const maxTailed = 70 + 4 + 2

// read takes one part.
func (f *form) read(part *multipart.Part, bomLimit int64, p *purse) error {
	if len(part.Header) > maxPartHeaders {
		return refuse("SERVER-FORM-PART", "a part has %d headers", len(part.Header))
	}
	switch e := strings.ToLower(part.Header.Get("Content-Transfer-Encoding")); e {
	case "", "binary", "8bit":
	default:
		return refuse("SERVER-FORM-PART", "a part is encoded as %.40q", e)
	}
	var to *[]byte
	var limit int64
	switch name := part.FormName(); name {
	case "statement":
		to, limit = &f.statement, maxStatement
	case "bom":
		to, limit = &f.bom, bomLimit
	default:
		return refuse("SERVER-FORM-PART", "the form has a part named %.40q", name)
	}
	if *to != nil {
		return refuse("SERVER-FORM-PART", "the form has two parts named %s", part.FormName())
	}
	b, err := readPart(part, limit, p)
	if err != nil {
		return err
	}
	*to = b
	return nil
}

// readPart reads at most limit bytes; the result is not nil.
func readPart(part *multipart.Part, limit int64, p *purse) ([]byte, error) {
	size := int64(16 << 10)
	if err := p.take(size); err != nil {
		return nil, err
	}
	b := make([]byte, 0, size)
	for {
		n, err := part.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if int64(len(b)) > limit {
			return nil, refuse("SERVER-BODY-LARGE", "part %s has more than %d bytes", part.FormName(), limit)
		}
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return nil, unreadable(err)
		}
		if len(b) == cap(b) {
			more := min(int64(cap(b)), limit+1-int64(cap(b)))
			if more <= 0 {
				more = 1
			}
			if err := p.take(more); err != nil {
				return nil, err
			}
			grown := make([]byte, len(b), int64(cap(b))+more)
			copy(grown, b)
			b = grown
		}
	}
}

// unreadable tells a form that is too large from one that is broken.
func unreadable(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return refuse("SERVER-BODY-LARGE", "the request has more than %d bytes", large.Limit)
	}
	return refuse("SERVER-FORM-MALFORMED", "the form breaks off or is not multipart: %w", err)
}

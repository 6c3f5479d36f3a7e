package server

import (
	"encoding/hex"
	"errors"
	"net/http"

	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/blobs"
)

// LookupFormat is the "format" member of the answer to a look-up by digest.
const LookupFormat = "yurai-lookup/1"

// found is the answer to a look-up: every entry below size that speaks of these
// bytes, held or open. None means that there is none below size.
type found struct {
	Format  string  `json:"format"`
	Log     string  `json:"log"`
	Size    int64   `json:"size"`   // leaves that were looked through
	SHA256  string  `json:"sha256"` // of the bytes
	Entries []int64 `json:"entries"`
}

// digestOf reads the digest in the address.
func digestOf(r *http.Request) (statement.Digest, error) {
	text := r.PathValue("digest")
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(statement.Digest{}) || hex.EncodeToString(raw) != text {
		return statement.Digest{}, refuse("SERVER-ADDRESS-MALFORMED", "%.80q is not a SHA-256 digest in lower-case hexadecimal", text)
	}
	return statement.Digest(raw), nil
}

// lookUp answers which entries speak of a whole BOM. It answers only when it has
// looked at every entry of the published log.
func (s *Server) lookUp(w http.ResponseWriter, r *http.Request) {
	digest, err := digestOf(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	size := s.sequence.Size()
	entries, err := s.lookups.at(size).find(r.Context(), termDigest(digest))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	a := found{Format: LookupFormat, Log: s.origin, Size: size, SHA256: digest.Hex(), Entries: []int64{}}
	for _, e := range entries {
		a.Entries = append(a.Entries, e.index)
	}
	w.Header().Set("Cache-Control", "no-store")
	s.sendJSON(w, r, http.StatusOK, a)
}

// serveBlob answers with the bytes of a BOM. They are held, and go to nobody, if
// every entry that speaks of them says so; bytes that no entry speaks of were
// never admitted, whatever lies in the folder.
func (s *Server) serveBlob(w http.ResponseWriter, r *http.Request) {
	digest, err := digestOf(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	entries, err := s.lookups.at(s.sequence.Size()).find(r.Context(), termDigest(digest))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if len(entries) == 0 {
		s.fail(w, r, refuse("SERVER-BLOB-ABSENT", "no entry speaks of %s", digest))
		return
	}
	open := false
	for _, e := range entries {
		open = open || e.said.Disclosure == statement.DisclosureOpen
	}
	if !open {
		s.fail(w, r, refuse("SERVER-BLOB-HELD", "%s is held", digest))
		return
	}
	blob, err := s.blobs.Get(r.Context(), digest)
	if errors.Is(err, blobs.ErrAbsent) {
		err = blobs.Lost(digest, blobs.ErrAbsent)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer blob.Close()
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Disposition", `attachment; filename="`+digest.Hex()+`.json"`)
	send(w, r, http.StatusOK, typeBytes, blob.Bytes())
}

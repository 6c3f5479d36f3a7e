package server

import (
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// readiness is the answer of /readyz.
type readiness struct {
	Ready    bool     `json:"ready"`
	Size     int64    `json:"size"`     // leaves published
	Anchored bool     `json:"anchored"` // whether the log was held against what somebody outside has seen of it
	Index    int64    `json:"index"`    // leaves that the look-up index has applied
	Contents int64    `json:"contents"` // leaves whose bills of materials searches look into
	Scrub    scrubbed `json:"scrub"`
	Code     string   `json:"code,omitzero"` // why nothing is signed
	Reason   string   `json:"reason,omitzero"`
}

// healthz says that the process answers, and nothing more.
func (s *Server) healthz(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	send(w, r, http.StatusOK, typeText, []byte("ok\n"))
}

// readyz says whether statements are taken and look-ups answered, what the
// scrubber has found, and whether the log has an anchor: without one a restored
// backup or a cloned machine would go unnoticed by the server itself.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	a := readiness{Ready: true, Size: s.sequence.Size(), Anchored: s.anchored, Scrub: s.scrub.said(), Index: s.lookups.applied(), Contents: s.contents.index.Applied()}
	h := s.halted.Load()
	switch {
	case s.stopping.Load():
		a.Ready, a.Reason = false, "the server is stopping"
	case !s.ready():
		a.Ready, a.Reason = false, "the log has not recorded its genesis and admission yet"
	case h != nil:
		a.Ready, a.Code, a.Reason = false, h.code, "nothing is signed or recorded: "+h.reason
	case s.store.Room() != nil:
		a.Ready, a.Reason = false, "nothing is recorded: the disk has less free space than the reserve"
	case a.Size-a.Index > maxTail:
		a.Ready, a.Reason = false, "the look-up index is being built from the log"
	}
	status := http.StatusOK
	if !a.Ready {
		status = http.StatusServiceUnavailable
	}
	w.Header().Set("Cache-Control", "no-store")
	s.sendJSON(w, r, status, a)
}

// sendJSON writes a value of ours as JSON with a line end.
func (s *Server) sendJSON(w http.ResponseWriter, r *http.Request, status int, v any) {
	raw, err := json.Marshal(v, jsontext.EscapeForHTML(true))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	send(w, r, status, typeJSON, append(raw, '\n'))
}

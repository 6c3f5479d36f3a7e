package server

import (
	"net/http"
	"runtime/debug"
)

// Handler returns the handler of every address. It answers 503 until
// [Server.Serve] has recorded the beginning of the log.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	get := func(pattern string, h http.HandlerFunc) {
		mux.HandleFunc("GET "+pattern, h)
		mux.HandleFunc(pattern, s.only("GET, HEAD"))
	}
	get("/checkpoint", s.serveCheckpoint)
	get("/tile/{path...}", s.serveTile)
	mux.HandleFunc("POST /api/v1/statements", s.submit)
	mux.HandleFunc("/api/v1/statements", s.only("POST"))
	get("/api/v1/entries/{index}/bundle", s.serveBundle)
	get("/api/v1/boms/sha256/{digest}", s.lookUp)
	get("/api/v1/search", s.search)
	get("/blobs/sha256/{digest}", s.serveBlob)
	get("/healthz", s.healthz)
	get("/readyz", s.readyz)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, refuse("SERVER-PATH-UNKNOWN", "the server has nothing at this address"))
	})
	return s.guarded(mux)
}

func stack() string { return string(debug.Stack()) }

package server

import (
	"context"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// multiplexer is what routes are put in.
type multiplexer interface {
	HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request))
	ServeHTTP(http.ResponseWriter, *http.Request)
}

// Handler returns the handler of every address. It answers 503 until
// [Server.Serve] has recorded the beginning of the log.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	s.routes(mux)
	return s.guarded(mux)
}

// routes puts every address into the mux by way of its operation, from which
// the OpenAPI document is made: there is no other way to add one.
func (s *Server) routes(mux multiplexer) {
	var document []byte
	handlers := map[string]http.HandlerFunc{
		"checkpoint": s.serveCheckpoint,
		"tile":       s.serveTile,
		"submit":     s.submit,
		"bundle":     s.serveBundle,
		"lookup":     s.lookUp,
		"search":     s.search,
		"blob":       s.serveBlob,
		"health":     s.healthz,
		"ready":      s.readyz,
		"openapi": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "no-cache")
			send(w, r, http.StatusOK, typeJSON, document)
		},
	}
	api := newAPI(mux)
	for _, op := range operations(api.OpenAPI().Components.Schemas) {
		handler := handlers[op.OperationID]
		if handler == nil {
			panic("operation without handler: " + op.OperationID)
		}
		if op.RequestBody != nil {
			// Described only: huma reads a body whole, under limits of its own
			// and before anything of ours sees it, and refuses it in its own words.
			api.OpenAPI().AddOperation(&op)
			mux.HandleFunc(op.Method+" "+patternOf(op.Path), handler)
		} else {
			// The answer is ours from the first header to the last byte: what huma
			// would read, negotiate or refuse by itself, it does not come to see.
			huma.Register(api, op, func(context.Context, *struct{}) (*huma.StreamResponse, error) {
				return &huma.StreamResponse{Body: func(c huma.Context) {
					r, w := humago.Unwrap(c)
					handler(w, r)
				}}, nil
			})
		}
		allow := "GET, HEAD"
		if op.Method != http.MethodGet {
			allow = op.Method
		}
		mux.HandleFunc(patternOf(op.Path), s.only(allow))
	}
	mux.HandleFunc("/", s.unknown)
	document = describe(api)
}

// unknown refuses what no other route has.
func (s *Server) unknown(w http.ResponseWriter, r *http.Request) {
	s.fail(w, r, refuse("SERVER-PATH-UNKNOWN", "the server has nothing at this address"))
}

// patternOf returns the pattern of the mux for a path of the document, which has
// no notation for a parameter with slashes in it.
func patternOf(path string) string { return strings.Replace(path, "{path}", "{path...}", 1) }

// adapter is the standard mux under huma.
type adapter struct{ multiplexer }

// Handle implements [huma.Adapter].
func (a adapter) Handle(op *huma.Operation, handler func(huma.Context)) {
	a.HandleFunc(op.Method+" "+patternOf(op.Path), func(w http.ResponseWriter, r *http.Request) {
		handler(humago.NewContext(op, r, w))
	})
}

func stack() string { return string(debug.Stack()) }

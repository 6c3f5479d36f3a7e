package server

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/problem"
)

// patterns is a mux that remembers what is put in.
type patterns struct {
	*http.ServeMux
	list []string
}

func (p *patterns) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	p.list = append(p.list, pattern)
	p.ServeMux.HandleFunc(pattern, handler)
}

// TestEveryRouteIsDescribed holds the routes of the mux against the document,
// both ways.
func TestEveryRouteIsDescribed(t *testing.T) {
	r := serve(t, newLedger(t))
	var doc struct {
		OpenAPI string                               `json:"openapi"`
		Paths   map[string]map[string]map[string]any `json:"paths"`
	}
	a := r.get(t, "/openapi.json")
	if err := json.Unmarshal(a.body, &doc); err != nil || a.status != http.StatusOK || a.header.Get("Content-Type") != typeJSON {
		t.Fatalf("/openapi.json = %d %v %.200s", a.status, err, a.body)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1.") {
		t.Errorf("the document is OpenAPI %s", doc.OpenAPI)
	}
	described := map[string]bool{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			described[strings.ToUpper(method)+" "+patternOf(path)] = true
			responses, _ := op["responses"].(map[string]any)
			if responses["default"] == nil || op["summary"] == "" || op["operationId"] == "" {
				t.Errorf("%s %s is not described: %v", method, path, op)
			}
		}
	}
	mux := &patterns{ServeMux: http.NewServeMux()}
	r.routes(mux)
	routed, refused := map[string]bool{}, map[string]bool{}
	for _, p := range mux.list {
		if method, path, ok := strings.Cut(p, " "); ok {
			routed[method+" "+path] = true
		} else {
			refused[p] = true
		}
	}
	if !maps.Equal(routed, described) || len(routed) != 12 {
		t.Errorf("routes are %v, described %v", slices.Sorted(maps.Keys(routed)), slices.Sorted(maps.Keys(described)))
	}
	for p := range routed {
		_, path, _ := strings.Cut(p, " ")
		if !refused[path] {
			t.Errorf("other methods of %s are not refused by us", path)
		}
	}
	if len(refused) != len(routed)+1 || !refused["/"] {
		t.Errorf("addresses without description: %v", slices.Sorted(maps.Keys(refused)))
	}
	if bytes.Contains(a.body, []byte("ErrorModel")) {
		t.Error("the document has errors that are not ours")
	}
}

// TestAnswersFitTheirSchemas asks for everything that is JSON, and holds what
// comes back against the document.
func TestAnswersFitTheirSchemas(t *testing.T) {
	r := serve(t, newLedger(t))
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	raw := newBOM(serialA, 1, "HR-87T")
	body := bomBody(t, vendor, raw)
	leaf := signBOM(t, body, key)
	recorded, again := r.submits(t, leaf, raw), r.submits(t, leaf, raw)
	r.records(t, vendor, key, newBOM(serialB, 1, "HR-88"), statement.DisclosureHeld)

	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(r.get(t, "/openapi.json").body))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	if err := compiler.AddResource("openapi.json", document); err != nil {
		t.Fatal(err)
	}
	escape := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D")
	fits := func(what, path, method, status, mediaType string, a answer) {
		t.Helper()
		at := "openapi.json#/paths/" + escape.Replace(path) + "/" + method + "/responses/" + status + "/content/" + escape.Replace(mediaType) + "/schema"
		schema, err := compiler.Compile(at)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if got := a.header.Get("Content-Type"); got != mediaType {
			t.Errorf("%s has type %q", what, got)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(a.body))
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s does not fit: %v", what, err)
		}
		object, ok := value.(map[string]any)
		if !ok {
			return
		}
		object["more"] = true
		if path != "/openapi.json" && schema.Validate(value) == nil {
			t.Errorf("%s: the schema takes anything", what)
		}
	}
	const search, boms, bundle = "/api/v1/search", "/api/v1/boms/sha256/{digest}", "/api/v1/entries/{index}/bundle"
	fits("201", "/api/v1/statements", "post", "201", typeBundle, recorded)
	fits("200", "/api/v1/statements", "post", "200", typeBundle, again)
	fits("bundle", bundle, "get", "200", typeBundle, r.get(t, "/api/v1/entries/3/bundle"))
	fits("bundle of genesis", bundle, "get", "200", typeBundle, r.get(t, "/api/v1/entries/0/bundle"))
	fits("look-up", boms, "get", "200", typeJSON, r.get(t, "/api/v1/boms/sha256/"+body.Digest.Hex()))
	fits("empty look-up", boms, "get", "200", typeJSON, r.get(t, "/api/v1/boms/sha256/"+strings.Repeat("0a", 32)))
	fits("search", search, "get", "200", typeJSON, r.get(t, search+"?part=board"))
	fits("search by kind", search, "get", "200", typeJSON, r.get(t, search+"?kind=withdraw&entry=0"))
	fits("page", search, "get", "200", typeJSON, r.get(t, search+"?party="+vendor+"&limit=1"))
	fits("ready", "/readyz", "get", "200", typeJSON, r.get(t, "/readyz"))
	fits("document", "/openapi.json", "get", "200", typeJSON, r.get(t, "/openapi.json"))
	fits("refused search", search, "get", "default", problem.MediaType, r.get(t, search))
	fits("refused index", bundle, "get", "default", problem.MediaType, r.get(t, "/api/v1/entries/x/bundle"))
	fits("refused form", "/api/v1/statements", "post", "default", problem.MediaType, r.post(t, "text/plain", nil))
	bad := bytes.Replace(raw, []byte(`"version": 1`), []byte(`"version": "1"`), 1)
	fits("refused bom", "/api/v1/statements", "post", "default", problem.MediaType, r.submits(t, leaf, bad))
}

// TestTheAnswerIsOurs: what a client says of formats and methods does not bring
// out an answer of the library's.
func TestTheAnswerIsOurs(t *testing.T) {
	r := serve(t, newLedger(t))
	for _, accept := range []string{"application/cbor", "text/html", "*/*;q=0", "\"", "application/xml;q=1"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/readyz", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept", accept)
		if a := do(t, req); a.status != http.StatusOK || a.header.Get("Content-Type") != typeJSON || a.header.Get("Link") != "" || bytes.Contains(a.body, []byte("$schema")) {
			t.Errorf("Accept %q = %d %v %s", accept, a.status, a.header, a.body)
		}
	}
	for _, path := range []string{"/docs", "/openapi.yaml", "/openapi-3.0.json", "/schemas/Searched.json"} {
		refused(t, r.get(t, path), http.StatusNotFound, "SERVER-PATH-UNKNOWN")
	}
}

package server

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/yurai-ledger/yurai/server/problem"
)

// schemaPrefix is where the document keeps its schemas.
const schemaPrefix = "#/components/schemas/"

// newAPI returns an API without routes of its own: huma serves neither its pages
// nor its document, and encodes nothing.
func newAPI(mux multiplexer) huma.API {
	return huma.NewAPI(huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Yurai ledger", Version: "1",
				Description: "A supply-chain ledger: signed statements about bills of materials in an append-only log. Nothing that it answers is to be believed before it is verified under the keys of a trust file. Whatever it refuses is a problem document (RFC 9457) with a stable code.",
				License:     &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			},
			Components: &huma.Components{Schemas: huma.NewMapRegistry(schemaPrefix, huma.DefaultSchemaNamer)},
		},
		NoFormatFallback: true,
	}, adapter{mux})
}

// bundleShape is a bundle as sbom/receiving writes it, for the document alone.
type bundleShape struct {
	Format     string       `json:"format" enum:"yurai-bundle/1"`
	Log        string       `json:"log" doc:"origin of the log"`
	Checkpoint string       `json:"checkpoint" doc:"signed note, c2sp.org/tlog-checkpoint"`
	Statement  entryShape   `json:"statement"`
	History    []entryShape `json:"history" doc:"what the statement rests on or is touched by, by ascending index"`
	Status     string       `json:"status,omitzero" doc:"DSSE envelope by party log"`
	Blobs      []blobShape  `json:"blobs"`
}

type entryShape struct {
	Leaf  string   `json:"leaf"`
	Index int64    `json:"index" minimum:"0"`
	Proof []string `json:"proof" doc:"inclusion proof in the tree of the checkpoint, RFC 6962"`
}

type blobShape struct {
	SHA256    string `json:"sha256"`
	Size      int64  `json:"size" minimum:"0"`
	MediaType string `json:"mediaType"`
}

// operations returns every address with what it takes and answers.
func operations(schemas huma.Registry) []huma.Operation {
	one := 1.0
	most := float64(maxPage)
	mostTicks := float64(maxTicks)
	zero := 0.0
	digest := &huma.Schema{Type: "string", Pattern: "^[0-9a-f]{64}$"}
	path := func(name, what string, s *huma.Schema) *huma.Param {
		return &huma.Param{Name: name, In: "path", Required: true, Description: what, Schema: s}
	}
	longest := maxTermText
	var kinds []any
	for _, k := range searchable() {
		kinds = append(kinds, string(k))
	}
	query := func(name, what string) *huma.Param {
		return &huma.Param{Name: name, In: "query", Description: what, Schema: &huma.Schema{Type: "string", MaxLength: &longest}}
	}
	opaque := &huma.Schema{Type: "string", Format: "binary"}
	text := &huma.Schema{Type: "string"}
	of := func(t reflect.Type) *huma.Schema { return schemas.Schema(t, true, "") }
	bundle := answers(typeBundle, "The bundle of the entry, against one checkpoint.", of(reflect.TypeFor[bundleShape]()))
	list := []huma.Operation{
		{
			OperationID: "checkpoint", Method: http.MethodGet, Path: "/checkpoint", Summary: "Newest checkpoint that satisfies the witness policy (c2sp.org/tlog-checkpoint)",
			Responses: answers(typeText, "A signed note, with the cosignatures of witnesses.", text),
		},
		{
			OperationID: "tile", Method: http.MethodGet, Path: "/tile/{path}", Summary: "Tile of hashes or entry bundle (c2sp.org/tlog-tiles)",
			Parameters: []*huma.Param{path("path", "The rest of the tile's path, with slashes.", text)},
			Responses:  answers(typeBytes, "The tile.", opaque),
		},
		{
			OperationID: "submit", Method: http.MethodPost, Path: "/api/v1/statements", Summary: "Submit a statement",
			Description: "Each part comes at most once and as raw bytes. Both are judged before either is stored.",
			RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
				Type: "object", Required: []string{"statement"}, AdditionalProperties: false,
				Properties: map[string]*huma.Schema{
					"statement": {Type: "string", Format: "binary", Description: "DSSE envelope, at most " + strconv.Itoa(maxStatement) + " bytes"},
					"bom":       {Type: "string", Format: "binary", Description: "the bytes that a statement of kind bom speaks of, within the admission in force; may miss if they are stored"},
				},
			}}}},
			Responses: map[string]*huma.Response{
				"200": {Description: "The log had the statement already; the bundle of its first entry.", Content: bundle["200"].Content},
				"201": {Description: "Recorded; the bundle of the new entry.", Content: bundle["200"].Content},
			},
		},
		{
			OperationID: "bundle", Method: http.MethodGet, Path: "/api/v1/entries/{index}/bundle", Summary: "Bundle of an entry",
			Parameters: []*huma.Param{path("index", "Index of the entry, zero-based.", &huma.Schema{Type: "integer", Format: "int64", Minimum: &zero})},
			Responses:  bundle,
		},
		{
			OperationID: "time", Method: http.MethodGet, Path: "/api/v1/entries/{index}/time", Summary: "Cosigned checkpoints around an entry",
			Description: "The entry is older than behind and younger than before, by the clocks of the witnesses that cosigned them.",
			Parameters:  []*huma.Param{path("index", "Index of the entry, zero-based.", &huma.Schema{Type: "integer", Format: "int64", Minimum: &zero})},
			Responses:   answers(typeJSON, "The last that was kept without the entry and the first with it.", of(reflect.TypeFor[around]())),
		},
		{
			OperationID: "clock", Method: http.MethodGet, Path: "/api/v1/clock", Summary: "Cosigned checkpoints that were kept, one a minute, page by page",
			Parameters: []*huma.Param{
				query("after", "Leave out what was kept up to here: next of the page before, or a day as 2006-01-02 to begin with."),
				{Name: "limit", In: "query", Description: "Most checkpoints of the page; " + strconv.Itoa(defaultTicks) + " if absent.", Schema: &huma.Schema{Type: "integer", Minimum: &one, Maximum: &mostTicks}},
			},
			Responses: answers(typeJSON, "A page of checkpoints.", of(reflect.TypeFor[ticks]())),
		},
		{
			OperationID: "lookup", Method: http.MethodGet, Path: "/api/v1/boms/sha256/{digest}", Summary: "Entries about the bytes of a BOM, open or held",
			Parameters: []*huma.Param{path("digest", "SHA-256 of the bytes.", digest)},
			Responses:  answers(typeJSON, "Every entry below size that speaks of them.", of(reflect.TypeFor[found]())),
		},
		{
			OperationID: "search", Method: http.MethodGet, Path: "/api/v1/search", Summary: "Entries by what they say, page by page",
			Description: "Takes a kind and one of the others, maker also together with part. Names of products, parts, makers and parties are alike without regard to case, outer blanks, and full and half width; all else is compared byte for byte. The contents of held BOMs are never looked into. An answer proposes entries, each to be verified by its bundle; that none is named proves nothing.",
			Parameters: []*huma.Param{
				{Name: "kind", In: "query", Description: "Kind of the statements that are sought; bom if absent. Alone: all of them.", Schema: &huma.Schema{Type: "string", Enum: kinds}},
				query("party", "Party that acts. Any kind."),
				query("about", "Party that it speaks of: bom, party, keys, delegate, revoke, suspend, advisory, attestation."),
				query("product", "Name, GTIN, CPE or purl of a product, as the leaf says: bom, advisory."),
				query("serial", "Serial number of the BOM: bom."),
				query("maker", "Maker of the product or of a component; with part, of that part: bom, and with part advisory."),
				query("part", "Name, CPE or purl of a component: bom, advisory."),
				query("component", "sha256: and the digest that a component states: bom."),
				query("digest", "sha256: and the digest of the bytes that it speaks of: bom, advisory, attestation, list."),
				query("name", "Name of a party, id of a list: party, list."),
				query("role", "Role of a party: party."),
				{Name: "entry", In: "query", Description: "Entry that it withdraws or supersedes: withdraw, bom.", Schema: &huma.Schema{Type: "integer", Format: "int64", Minimum: &zero}},
				{Name: "advisory", In: "query", Description: "Index of an advisory: what its selector selects, whether it stands and is in force or not: bom.", Schema: &huma.Schema{Type: "integer", Format: "int64", Minimum: &zero}},
				{Name: "after", In: "query", Description: "Leave out entries up to this index: next of the page before.", Schema: &huma.Schema{Type: "integer", Format: "int64", Minimum: &zero}},
				{Name: "limit", In: "query", Description: "Most entries of the page; " + strconv.Itoa(defaultPage) + " if absent.", Schema: &huma.Schema{Type: "integer", Minimum: &one, Maximum: &most}},
			},
			Responses: answers(typeJSON, "A page of indices, and how many entries were not looked into.", of(reflect.TypeFor[searched]())),
		},
		{
			OperationID: "blob", Method: http.MethodGet, Path: "/blobs/sha256/{digest}", Summary: "Bytes of an open BOM",
			Parameters: []*huma.Param{path("digest", "SHA-256 of the bytes.", digest)},
			Responses:  answers(typeBytes, "The bytes.", opaque),
		},
		{
			OperationID: "health", Method: http.MethodGet, Path: "/healthz", Summary: "Whether the process answers",
			Responses: answers(typeText, "It does.", text),
		},
		{
			OperationID: "ready", Method: http.MethodGet, Path: "/readyz", Summary: "Whether statements are taken and look-ups answered",
			Responses: answers(typeJSON, "They are.", of(reflect.TypeFor[readiness]())),
		},
		{
			OperationID: "openapi", Method: http.MethodGet, Path: "/openapi.json", Summary: "This document",
			Responses: answers(typeJSON, "An OpenAPI 3.1 document.", &huma.Schema{Type: "object"}),
		},
	}
	refusal := &huma.Response{
		Description: "A problem document; its code says what was refused and how to mend it.",
		Content:     map[string]*huma.MediaType{problem.MediaType: {Schema: of(reflect.TypeFor[problem.Document]())}},
	}
	for i := range list {
		if list[i].OperationID == "ready" {
			list[i].Responses["503"] = &huma.Response{Description: "They are not, and why.", Content: list[i].Responses["200"].Content}
		}
		list[i].Responses["default"] = refusal
	}
	return list
}

// answers is a 200 of one media type.
func answers(mediaType, what string, s *huma.Schema) map[string]*huma.Response {
	return map[string]*huma.Response{"200": {Description: what, Content: map[string]*huma.MediaType{mediaType: {Schema: s}}}}
}

// describe returns the OpenAPI document. It panics where the code describes
// itself wrongly; a test makes the document.
func describe(api huma.API) []byte {
	schemas := api.OpenAPI().Components.Schemas
	for name, s := range schemas.Map() {
		t := schemas.TypeFromRef(schemaPrefix + name)
		if t == nil || t.Kind() != reflect.Struct {
			continue
		}
		for i := range t.NumField() {
			member, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			p := s.Properties[member]
			if p == nil {
				continue
			}
			p.Nullable = false // an absent member is left out, an empty list is []
			if strings.Contains(options, "omit") {
				s.Required = slices.DeleteFunc(s.Required, func(r string) bool { return r == member })
			}
		}
	}
	delete(schemas.Map(), "ErrorModel") // huma's own, which it never gets to send
	delete(schemas.Map(), "ErrorDetail")
	raw, err := json.Marshal(api.OpenAPI())
	if err != nil {
		panic(err)
	}
	return append(raw, '\n')
}

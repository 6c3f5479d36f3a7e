package sbom

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestParseLink(t *testing.T) {
	const uuid = "3e671687-395b-41f5-a30f-a58921a69b79"
	for s, want := range map[string]Link{
		"urn:cdx:" + uuid + "/1":                {uuid, 1, ""},
		"urn:cdx:" + uuid + "/9007199254740991": {uuid, 1<<53 - 1, ""},
		"urn:cdx:" + uuid + "/12#a#b/c":         {uuid, 12, "a#b/c"},
		"urn:cdx:" + uuid + "/12#a%20b":         {uuid, 12, "a b"},
	} {
		if got, ok := ParseLink(s); !ok || got != want {
			t.Errorf("ParseLink(%q) = %+v, %v; want %+v", s, got, ok, want)
		}
	}
	for _, s := range []string{
		"", "urn:cdx:", "urn:cdx:" + uuid, "urn:cdx:" + uuid + "/", "urn:cdx:" + uuid + "/0", "urn:cdx:" + uuid + "/01",
		"urn:cdx:" + uuid + "/-1", "urn:cdx:" + uuid + "/+1", "urn:cdx:" + uuid + "/1.0", "urn:cdx:" + uuid + "/1 ", " urn:cdx:" + uuid + "/1",
		"urn:cdx:" + uuid + "/9007199254740992", "urn:cdx:" + uuid + "/99999999999999999999", "urn:cdx:" + uuid + "/1#", "urn:cdx:" + uuid + "/1#%zz",
		"urn:cdx:" + strings.ToUpper(uuid) + "/1", "URN:CDX:" + uuid + "/1", "urn:uuid:" + uuid + "/1", "urn:cdx:" + uuid[:35] + "/1",
		"urn:cdx:" + uuid + "0/1", "urn:cdx:3e671687x395b-41f5-a30f-a58921a69b79/1", "urn:cdx:{" + uuid + "}/1", "urn:cdx:" + uuid + "/１",
	} {
		if got, ok := ParseLink(s); ok {
			t.Errorf("ParseLink(%q) = %+v, want none", s, got)
		}
	}
}

func TestActiveScheme(t *testing.T) {
	for s, want := range map[string]string{
		"":                               "",
		"https://a.example/javascript:1": "",
		"mailto:javascript:1":            "",
		"pkg:npm/data:1":                 "",
		"javascripts:1":                  "",
		"database:1":                     "",
		"/data:1":                        "",
		"javascript":                     "",
		"javascript:1":                   "javascript",
		"JAVASCRIPT:1":                   "javascript",
		" \x00\x1f\u00a0javascript:1":    "javascript",
		"java\nscript\r:1":               "javascript",
		"java\u200bscript:1":             "javascript",
		"java\u202escript:1":             "javascript",
		"&#x6a;avascript:1":              "javascript",
		"java&Tab;script&colon;1":        "javascript",
		"%6Aavascript:1":                 "javascript",
		"javascript%3a1":                 "javascript",
		"javascript%25253a1":             "javascript",
		"ＪＡＶＡscript:1":                   "javascript",
		"feed:javascript:1":              "javascript",
		"view-source:feed:data:,x":       "data",
		"url:data:,x":                    "data",
		"DATA:text/html;base64,PHA+":     "data",
		"v b script:x":                   "vbscript",
	} {
		if got := ActiveScheme(s); got != want {
			t.Errorf("ActiveScheme(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestSkeleton(t *testing.T) {
	for s, want := range map[string]string{
		"JP": "JP", "": "", "jp": "jp", " JP\t": "JP", "ＪＰ": "JP", "СN": "CN", "𝐉𝐏": "JP", "𝚓𝚙": "jp", "🇨🇳": "CN", "ⒿⓅ": "JP",
		"J\u200bP": "JP", "\u202eJP": "JP", "J\u0301P": "JP", "\ufeffJP\u00a0": "JP", "Jарan": "Japan", "CN‑11": "CN-11", "日本": "日本",
		"\u2003": "", "\u200b\u200b": "",
	} {
		if got := Skeleton(s); got != want {
			t.Errorf("Skeleton(%q) = %q, want %q", s, got, want)
		}
	}
	for i := 1; i < len(confusables); i++ {
		if confusables[i-1][0] >= confusables[i][0] {
			t.Errorf("%q stands in the table of look-alikes twice", confusables[i][0])
		}
	}
	for _, c := range confusables {
		if c[0] < 0x80 || c[1] > 0x7e {
			t.Errorf("%q is said to look like %q", c[0], c[1])
		}
	}
}

// slowCircles finds the same by reachability, cubic.
func slowCircles(edges [][]int) [][]int {
	n := len(edges)
	reach := make([][]bool, n)
	for i := range reach {
		reach[i] = make([]bool, n)
		for _, j := range edges[i] {
			reach[i][j] = true
		}
	}
	for k := range n {
		for i := range n {
			for j := range n {
				reach[i][j] = reach[i][j] || reach[i][k] && reach[k][j]
			}
		}
	}
	var out [][]int
	done := make([]bool, n)
	for i := range n {
		if done[i] || !reach[i][i] {
			continue
		}
		var group []int
		for j := range n {
			if reach[i][j] && reach[j][i] {
				group, done[j] = append(group, j), true
			}
		}
		out = append(out, group)
	}
	return out
}

func TestCirclesAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(2026, 11))
	for range 3000 {
		edges := make([][]int, 1+r.IntN(9))
		for i := range edges {
			for range r.IntN(3) {
				edges[i] = append(edges[i], r.IntN(len(edges)))
			}
		}
		got, want := circles(edges), slowCircles(edges)
		for _, g := range got {
			slices.Sort(g)
		}
		slices.SortFunc(got, slices.Compare[[]int])
		slices.SortFunc(want, slices.Compare[[]int])
		if !slices.EqualFunc(got, want, slices.Equal[[]int]) {
			t.Fatalf("circles(%v) = %v, want %v", edges, got, want)
		}
	}
}

// A chain of dependencies as long as a document can be needs no stack as deep.
func TestCirclesOfAChain(t *testing.T) {
	edges := make([][]int, 500_000)
	for i := range edges {
		edges[i] = []int{(i + 1) % len(edges)}
	}
	if got := circles(edges); len(got) != 1 || len(got[0]) != len(edges) {
		t.Errorf("%d circles", len(got))
	}
}

func TestLintIsBounded(t *testing.T) {
	var parts, refs strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&parts, `,{"type":"device","name":"x%d","bom-ref":"r%[1]d","hashes":[{"alg":"MD5","content":"da39a3ee5e6b4b0d3255bfef95601890afd80709"}],"externalReferences":[{"type":"bom","url":"urn:cdx:1"},{"type":"website","url":"data:,%[1]d"},{"type":"bom","url":"urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1"}]}`, i)
		fmt.Fprintf(&refs, `,{"ref":"r%d","dependsOn":["r%[1]d","urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#no%[1]d"]}`, i)
	}
	raw := `{"bomFormat":"CycloneDX","specVersion":"1.6","serialNumber":"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79","components":[` +
		parts.String()[1:] + `],"dependencies":[` + refs.String()[1:] + `]}`
	doc, findings := Admit([]byte(raw), Limits{})
	if doc == nil {
		t.Fatal(findings)
	}
	count := make(map[string]int)
	for _, f := range Lint(doc, Limits{Findings: 7}) {
		count[f.Code]++
	}
	for _, code := range []string{"BOM-MAKER-MISSING", "BOM-HASH-LENGTH", "BOM-LINK-MALFORMED", "BOM-LINK-SELF", "BOM-URL-ACTIVE", "BOM-REF-DANGLING", "BOM-DEPENDENCY-CYCLE"} {
		if count[code] != 7 {
			t.Errorf("%d findings with %s, want 7", count[code], code)
		}
	}
	if count["BOM-FINDINGS-MORE"] != 7 {
		t.Errorf("%d notes that there are more, want one a code", count["BOM-FINDINGS-MORE"])
	}
}

// What is cited is followed a bounded number of steps.
func TestCitationsAreBounded(t *testing.T) {
	deep := strings.Repeat("/a", 100_000)
	raw := `{"bomFormat":"CycloneDX","specVersion":"1.7","citations":[{"pointers":["` + deep + `","","/citations/0/pointers/1"],"timestamp":"2026-11-22T10:00:00Z","attributedTo":"x"}]}`
	doc, findings := Admit([]byte(raw), Limits{})
	if doc == nil {
		t.Fatal(findings)
	}
	var got []string
	for _, f := range Lint(doc, Limits{}) {
		if f.Code == "BOM-CITATION-DANGLING" {
			got = append(got, f.Pointer)
		}
	}
	if !slices.Equal(got, []string{"/citations/0/pointers/0"}) {
		t.Errorf("dangling: %v", got)
	}
}

func TestPlace(t *testing.T) {
	doc := &Document{Raw: []byte("{\n\"a\":\n [1,\n {\"b/~c\": 2}]}")}
	list := []Finding{{Pointer: "/a/1/b~1~0c"}, {Pointer: "/a/0"}, {Pointer: "/a/7"}, {Pointer: ""}, {Pointer: "/a", Line: 9}, {Pointer: "/a/1/b~1~0c/x"}}
	doc.Place(list)
	for i, want := range []int{4, 3, 0, 0, 9, 0} {
		if list[i].Line != want {
			t.Errorf("%q is on line %d, want %d", list[i].Pointer, list[i].Line, want)
		}
	}
}

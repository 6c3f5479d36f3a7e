package sbom_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yurai-ledger/yurai/sbom"
)

// place is what a test expects of one finding.
type place struct {
	Code    string
	Pointer string
	Line    int
}

func places(findings []sbom.Finding) []place {
	var out []place
	for _, f := range findings {
		out = append(out, place{f.Code, f.Pointer, f.Line})
	}
	return out
}

// members returns an object with n members m0, m1, … and then the extra ones.
func members(n int, extra ...string) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`"m%d":%d`, i, i))
	}
	return "{" + strings.Join(append(all, extra...), ",\n") + "}"
}

func TestScanRefuses(t *testing.T) {
	small := sbom.Limits{Bytes: 1 << 20, Depth: 8, Tokens: 1000}
	for name, tc := range map[string]struct {
		in   string
		want []place
	}{
		"empty":                           {"", []place{{"BOM-JSON-EMPTY", "", 0}}},
		"only white space":                {" \r\n\t ", []place{{"BOM-JSON-EMPTY", "", 0}}},
		"over the size":                   {`"` + strings.Repeat("x", 1<<20) + `"`, []place{{"BOM-SIZE-LIMIT", "", 0}}},
		"byte order mark":                 {"\xef\xbb\xbf{}", []place{{"BOM-UTF8-MARK", "", 1}}},
		"utf-16 little endian":            {"\xff\xfe{\x00}\x00", []place{{"BOM-UTF8-INVALID", "", 1}}},
		"not json":                        {"hello", []place{{"BOM-JSON-SYNTAX", "", 1}}},
		"comment":                         {"{\n// no\n}", []place{{"BOM-JSON-SYNTAX", "", 2}}},
		"single quotes":                   {"{'a':1}", []place{{"BOM-JSON-SYNTAX", "", 1}}},
		"trailing comma in array":         {"{\"a\":\n[1,\n]}", []place{{"BOM-JSON-SYNTAX", "/a/1", 2}}},
		"trailing comma in object":        {"{\"a\":1,\n}", []place{{"BOM-JSON-SYNTAX", "", 1}}},
		"NaN":                             {`{"a":NaN}`, []place{{"BOM-JSON-SYNTAX", "/a", 1}}},
		"leading zero":                    {`{"a":01}`, []place{{"BOM-JSON-SYNTAX", "", 1}}},
		"leading plus":                    {`{"a":+1}`, []place{{"BOM-JSON-SYNTAX", "/a", 1}}},
		"literal in capitals":             {`{"a":TRUE}`, []place{{"BOM-JSON-SYNTAX", "/a", 1}}},
		"name without value":              {`{"a"}`, []place{{"BOM-JSON-SYNTAX", "/a", 1}}},
		"value without name":              {`{1:2}`, []place{{"BOM-JSON-SYNTAX", "", 1}}},
		"brackets crossed":                {`{"a":[}`, []place{{"BOM-JSON-SYNTAX", "/a", 1}}},
		"lone closing bracket":            {`]`, []place{{"BOM-JSON-SYNTAX", "", 1}}},
		"control character in string":     {"[\"a\x01\"]", []place{{"BOM-JSON-SYNTAX", "/0", 1}}},
		"line break in string":            {"[\"a\n\"]", []place{{"BOM-JSON-SYNTAX", "/0", 1}}},
		"unknown escape":                  {`["\x41"]`, []place{{"BOM-JSON-SYNTAX", "/0", 1}}},
		"nul bytes after the end":         {"{}\n\x00\x00", []place{{"BOM-JSON-TRAILING", "", 2}}},
		"second document":                 {"{}\n{}", []place{{"BOM-JSON-TRAILING", "", 2}}},
		"bracket too many":                {"{}}", []place{{"BOM-JSON-TRAILING", "", 1}}},
		"truncated in object":             {"{\"a\":{\n\"b\":1", []place{{"BOM-JSON-TRUNCATED", "/a", 2}}},
		"truncated in name":               {`{"a`, []place{{"BOM-JSON-TRUNCATED", "", 1}}},
		"truncated in string":             {`{"a":"b`, []place{{"BOM-JSON-TRUNCATED", "/a", 1}}},
		"truncated in literal":            {`{"a":tru`, []place{{"BOM-JSON-TRUNCATED", "/a", 1}}},
		"truncated in escape":             {`{"a":"\u00`, []place{{"BOM-JSON-TRUNCATED", "/a", 1}}},
		"truncated in rune":               {"{\"a\":\"\xe3\x81", []place{{"BOM-JSON-TRUNCATED", "/a", 1}}},
		"truncated after comma":           {`{"a":1,`, []place{{"BOM-JSON-TRUNCATED", "", 1}}},
		"bad byte in string":              {"{\"a\":[\n\"ok\",\"\xff\"]}", []place{{"BOM-UTF8-INVALID", "/a/1", 2}}},
		"bad byte late in string":         {"{\"a\":\"1234567890 \xc3\x28\"}", []place{{"BOM-UTF8-INVALID", "/a", 1}}},
		"bad byte in name":                {"{\"\xff\":1}", []place{{"BOM-UTF8-INVALID", "", 1}}},
		"overlong slash":                  {"[\"\xc0\xaf\"]", []place{{"BOM-UTF8-INVALID", "/0", 1}}},
		"surrogate as utf-8":              {"[\"\xed\xa0\x80\"]", []place{{"BOM-UTF8-INVALID", "/0", 1}}},
		"bad byte outside strings":        {"{\xff}", []place{{"BOM-UTF8-INVALID", "", 1}}},
		"lone high surrogate":             {`["abc\ud800"]`, []place{{"BOM-SURROGATE-LONE", "/0", 1}}},
		"lone low surrogate":              {`{"a":"\uDC00x"}`, []place{{"BOM-SURROGATE-LONE", "/a", 1}}},
		"two high surrogates":             {`["\ud800\ud800"]`, []place{{"BOM-SURROGATE-LONE", "/0", 1}}},
		"high surrogate and newline":      {`["\ud800\n "]`, []place{{"BOM-SURROGATE-LONE", "/0", 1}}},
		"surrogate in name":               {`{"\ud800":1}`, []place{{"BOM-SURROGATE-LONE", "", 1}}},
		"nine arrays":                     {strings.Repeat("[", 9) + strings.Repeat("]", 9), []place{{"BOM-DEPTH-LIMIT", "/0/0/0/0/0/0/0/0", 1}}},
		"ten thousand objects":            {strings.Repeat("{\"a\":\n", 10000), []place{{"BOM-DEPTH-LIMIT", "/a/a/a/a/a/a/a/a", 9}}},
		"ten million brackets":            {strings.Repeat("[", 1<<20), []place{{"BOM-DEPTH-LIMIT", "/0/0/0/0/0/0/0/0", 1}}},
		"too many tokens":                 {"[" + strings.Repeat("0,", 2000) + "0]", []place{{"BOM-TOKENS-LIMIT", "", 1}}},
		"duplicate member":                {"{\"a\":1,\n\"a\":1}", []place{{"BOM-MEMBER-DUPLICATE", "/a", 2}}},
		"duplicate member by escape":      {"{\"a\":1,\n\"\\u0061\":2}", []place{{"BOM-MEMBER-DUPLICATE", "/a", 2}}},
		"duplicate empty name":            {`{"":1,"":2}`, []place{{"BOM-MEMBER-DUPLICATE", "/", 1}}},
		"duplicate with slash and tilde":  {`{"a/b~c":1,"a\/b~c":2}`, []place{{"BOM-MEMBER-DUPLICATE", "/a~1b~0c", 1}}},
		"duplicate deep":                  {`{"x":[0,{"y":{"z":1,"z":1}}]}`, []place{{"BOM-MEMBER-DUPLICATE", "/x/1/y/z", 1}}},
		"duplicate thrice":                {`{"a":1,"a":1,"a":1}`, []place{{"BOM-MEMBER-DUPLICATE", "/a", 1}, {"BOM-MEMBER-DUPLICATE", "/a", 1}}},
		"duplicate after a nested object": {`{"a":{"b":1,"c":2},"b":1,"a":3}`, []place{{"BOM-MEMBER-DUPLICATE", "/a", 1}}},
		"duplicate among many":            {members(40, `"m3":0`), []place{{"BOM-MEMBER-DUPLICATE", "/m3", 41}}},
		"duplicate at the map's edge":     {members(16, `"m15":0`), []place{{"BOM-MEMBER-DUPLICATE", "/m15", 17}}},
		"case variant":                    {"{\"country\":\"CN\",\n\"COUNTRY\":\"JP\"}", []place{{"BOM-MEMBER-CASE", "/COUNTRY", 2}}},
		"case variant by Kelvin sign":     {"{\"key\":1,\n\"\u212aey\":2}", []place{{"BOM-MEMBER-CASE", "/\u212aey", 2}}},
		"case variant by long s":          {"{\"serial\":1,\"\u017ferial\":2}", []place{{"BOM-MEMBER-CASE", "/\u017ferial", 1}}},
		"case variant among many":         {members(40, `"M3":0`), []place{{"BOM-MEMBER-CASE", "/M3", 41}}},
		"Kelvin sign among many":          {members(40, `"key":0`, "\"\u212aey\":0"), []place{{"BOM-MEMBER-CASE", "/\u212aey", 42}}},
		"capital first among many":        {members(40, `"KEY":0`, `"kEy":0`), []place{{"BOM-MEMBER-CASE", "/kEy", 42}}},
		"number read as infinity":         {`{"a":1e400}`, []place{{"BOM-NUMBER-RANGE", "/a", 1}}},
		"number read as zero":             {`[-1E-4000]`, []place{{"BOM-NUMBER-RANGE", "/0", 1}}},
		"number with huge exponent":       {`[1e999999999]`, []place{{"BOM-NUMBER-RANGE", "/0", 1}}},
		"zero with huge exponent":         {`{"a":0e99999999999999999999}`, []place{{"BOM-NUMBER-RANGE", "/a", 1}}},
		"zero with huge small exponent":   {`[-0.0E-99999]`, []place{{"BOM-NUMBER-RANGE", "/0", 1}}},
		"number of many digits":           {"[" + strings.Repeat("9", 200) + "]", []place{{"BOM-NUMBER-RANGE", "/0", 1}}},
		"several of several kinds": {
			"{\"a\":1,\n\"A\":9007199254740993,\n\"a\":1e999}",
			[]place{{"BOM-MEMBER-CASE", "/A", 2}, {"BOM-NUMBER-PRECISION", "/A", 2}, {"BOM-MEMBER-DUPLICATE", "/a", 3}, {"BOM-NUMBER-RANGE", "/a", 3}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, refusal := sbom.Scan([]byte(tc.in), small)
			if diff := cmp.Diff(tc.want, places(got.Findings)); diff != "" {
				t.Errorf("Scan(%.60q) findings (-want +got):\n%s", tc.in, diff)
			}
			if refusal == nil {
				t.Fatalf("Scan(%.60q) = no refusal", tc.in)
			}
			if want := tc.want[0]; refusal.Code() != want.Code || refusal.Pointer != want.Pointer || refusal.Line != want.Line {
				t.Errorf("Scan(%.60q) refusal = %s at %q line %d, want %v", tc.in, refusal.Code(), refusal.Pointer, refusal.Line, want)
			}
			for _, f := range got.Findings {
				if len(f.Text) > 400 || f.Text == "" {
					t.Errorf("text of %s has %d bytes: %.80q", f.Code, len(f.Text), f.Text)
				}
			}
		})
	}
}

func TestScanAdmits(t *testing.T) {
	for name, tc := range map[string]struct {
		in     string
		tokens int
		depth  int
		want   []place
	}{
		"object":                       {in: "{}", tokens: 2, depth: 1},
		"scalar":                       {in: " 1 ", tokens: 1},
		"string":                       {in: `"x"`, tokens: 1},
		"white space around":           {in: "\r\n\t {} \r\n", tokens: 2, depth: 1},
		"nested to the limit":          {in: `{"a":[{"b":[]}]}`, tokens: 10, depth: 4},
		"surrogate pair":               {in: `["\ud83d\ude00"]`, tokens: 3, depth: 1},
		"same name in other objects":   {in: `[{"a":1},{"A":1},{"a":{"a":{"A":1}}}]`, tokens: 20, depth: 4},
		"names alike but not in case":  {in: `{"bom-ref":1,"bom_ref":2,"bomref":3}`, tokens: 8, depth: 1},
		"dotted i is no case of i":     {in: "{\"i\":1,\"\u0130\":2,\"\u0131\":3}", tokens: 8, depth: 1},
		"largest exact integer":        {in: `[9007199254740991,-9007199254740991]`, tokens: 4, depth: 1},
		"floating point":               {in: `[0.1,1e15,5e-324,0e999,-0.0E-9999]`, tokens: 7, depth: 1},
		"integer beyond exactness":     {in: "[1,\n9007199254740992]", tokens: 4, depth: 1, want: []place{{"BOM-NUMBER-PRECISION", "/1", 2}}},
		"negative beyond exactness":    {in: `{"a":-12345678901234567890}`, tokens: 4, depth: 1, want: []place{{"BOM-NUMBER-PRECISION", "/a", 1}}},
		"many members, none the other": {in: members(40), tokens: 82, depth: 1},
	} {
		t.Run(name, func(t *testing.T) {
			got, refusal := sbom.Scan([]byte(tc.in), sbom.Limits{Depth: 4})
			if refusal != nil {
				t.Fatalf("Scan(%q) refused: %s %v", tc.in, refusal.Code(), refusal)
			}
			if got.Tokens != tc.tokens || got.Depth != tc.depth {
				t.Errorf("Scan(%q) = %d tokens, depth %d; want %d, %d", tc.in, got.Tokens, got.Depth, tc.tokens, tc.depth)
			}
			if diff := cmp.Diff(tc.want, places(got.Findings)); diff != "" {
				t.Errorf("Scan(%q) findings (-want +got):\n%s", tc.in, diff)
			}
		})
	}
}

func TestScanCountsWhatItDoesNotShow(t *testing.T) {
	in := "[" + strings.Repeat("9007199254740992,", 99) + "1e400]"
	got, refusal := sbom.Scan([]byte(in), sbom.Limits{Findings: 3})
	want := []place{
		{"BOM-NUMBER-PRECISION", "/0", 1},
		{"BOM-NUMBER-PRECISION", "/1", 1},
		{"BOM-NUMBER-PRECISION", "/2", 1},
		{"BOM-NUMBER-RANGE", "/99", 1},
		{"BOM-FINDINGS-MORE", "", 0},
	}
	if diff := cmp.Diff(want, places(got.Findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if refusal == nil || refusal.Code() != "BOM-NUMBER-RANGE" {
		t.Errorf("refusal = %v, want BOM-NUMBER-RANGE: an error is never crowded out by warnings", refusal)
	}
	if last := got.Findings[len(got.Findings)-1].Text; !strings.HasPrefix(last, "at least 96 more") {
		t.Errorf("last text = %q, want at least 96 more", last)
	}
}

func TestScanBoundsPointerAndText(t *testing.T) {
	long := strings.Repeat("x", 5000)
	in := `{"a":{"` + long + `":1,"` + long + `":2}}`
	got, _ := sbom.Scan([]byte(in), sbom.Limits{})
	if diff := cmp.Diff([]place{{"BOM-MEMBER-DUPLICATE", "/a", 1}}, places(got.Findings)); diff != "" {
		t.Fatalf("findings (-want +got):\n%s", diff)
	}
	if n := len(got.Findings[0].Text); n > 400 {
		t.Errorf("text has %d bytes, want at most 400", n)
	}
}

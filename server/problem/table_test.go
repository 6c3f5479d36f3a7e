package problem

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

// exits are the exit codes that the command line has.
var exits = []int{0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 130}

// statuses are the HTTP statuses that an answer may carry; 0 is none.
var statuses = []int{0, 400, 403, 404, 405, 406, 408, 409, 410, 411, 413, 414, 415, 421, 422, 429, 431, 500, 501, 503, 505, 507}

// faults returns what is wrong with a row.
func faults(r Row) []string {
	var out []string
	add := func(bad bool, what string) {
		if bad {
			out = append(out, what)
		}
	}
	add(!ValidCode(r.Code), "code is not AREA-WORD-WORD of a known area")
	add(!slices.Contains(statuses, r.Status), "status is not one that we answer with")
	add(!slices.Contains(exits, r.Exit), "exit code is not one of ours")
	add(!r.Severity.valid(), "severity is unknown")
	add(r.Severity == SeverityError && r.Exit == 0, "an error exits with 0")
	add((r.Status == 429 || r.Status == 503 || r.Status == 507) && r.Exit != 4, "busy or full (429, 503, 507) exits with other than 4")
	add((r.Status == 413 || r.Status == 422 || r.Status == 415) && r.Exit != 3, "refused content (413, 415, 422) exits with other than 3")
	for _, t := range []struct {
		name string
		text Text
	}{{"cause", r.Cause}, {"remedy", r.Remedy}} {
		en, ja := t.text.EN, t.text.JA
		add(en == "" || ja == "", t.name+" is missing in a language")
		for _, s := range []string{en, ja} {
			add(s != strings.TrimSpace(s), t.name+" has white space around it")
			add(strings.ContainsFunc(s, func(c rune) bool { return !shown(c) }), t.name+" has a character that cannot be shown")
		}
		add(en != "" && !strings.HasSuffix(en, "."), t.name+" in English does not end with a full stop")
		add(ja != "" && !strings.HasSuffix(ja, "。"), t.name+" in Japanese does not end with 。")
		add(sentences(en) > 1, t.name+" in English is more than one sentence")
		add(strings.Count(ja, "。") > 1, t.name+" in Japanese is more than one sentence")
		add(strings.ContainsFunc(en, func(c rune) bool { return unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana) }), t.name+" in English has Japanese in it")
		add(ja != "" && !strings.ContainsFunc(ja, func(c rune) bool { return unicode.In(c, unicode.Hiragana, unicode.Katakana) }), t.name+" in Japanese is not Japanese")
	}
	return out
}

// sentences counts the places where a full stop, question or exclamation mark
// is followed by white space and a capital letter, and the end.
func sentences(s string) int {
	n := 1
	runes := []rune(s)
	for i := 0; i+2 < len(runes); i++ {
		if strings.ContainsRune(".?!", runes[i]) && unicode.IsSpace(runes[i+1]) && unicode.IsUpper(runes[i+2]) {
			n++
		}
	}
	return n
}

func TestRows(t *testing.T) {
	rows := All()
	if len(rows) == 0 {
		t.Fatal("the table is empty")
	}
	for i, r := range rows {
		for _, f := range faults(r) {
			t.Errorf("%s: %s", r.Code, f)
		}
		if i > 0 && rows[i-1].Code == r.Code {
			t.Errorf("%s: two rows", r.Code)
		}
		if i > 0 && rows[i-1].Code > r.Code {
			t.Errorf("%s: not sorted", r.Code)
		}
		if got, ok := Lookup(r.Code); !ok || got.Code != r.Code {
			t.Errorf("Lookup(%s) = %+v, %v", r.Code, got, ok)
		}
	}
}

func TestFaultyRowsAreFound(t *testing.T) {
	good := Row{
		Code: "BOM-JSON-SYNTAX", Status: 422, Exit: 3, Severity: SeverityError,
		Cause:  Text{EN: "The file is no JSON, e.g. 1.4 or XML.", JA: "JSON ではありません。"},
		Remedy: Text{EN: "Send JSON.", JA: "JSON で送ってください。"},
	}
	if got := faults(good); len(got) != 0 {
		t.Fatalf("faults of a good row = %q", got)
	}
	for name, spoil := range map[string]func(*Row){
		"area":            func(r *Row) { r.Code = "BOMB-JSON-SYNTAX" },
		"two words":       func(r *Row) { r.Code = "BOM-JSON" },
		"four words":      func(r *Row) { r.Code = "BOM-JSON-SYNTAX-BAD" },
		"lower case":      func(r *Row) { r.Code = "BOM-JSON-syntax" },
		"empty word":      func(r *Row) { r.Code = "BOM--SYNTAX" },
		"status":          func(r *Row) { r.Status = 200 },
		"exit":            func(r *Row) { r.Exit = 42 },
		"severity":        func(r *Row) { r.Severity = "fatal" },
		"error exits 0":   func(r *Row) { r.Exit = 0 },
		"busy exits 3":    func(r *Row) { r.Status = 503 },
		"content exits 4": func(r *Row) { r.Exit = 4 },
		"no english":      func(r *Row) { r.Cause.EN = "" },
		"no japanese":     func(r *Row) { r.Remedy.JA = "" },
		"two sentences":   func(r *Row) { r.Cause.EN = "It is bad. It is really bad." },
		"zwei sentences":  func(r *Row) { r.Cause.JA = "だめです。本当にだめです。" },
		"no full stop":    func(r *Row) { r.Cause.EN = "It is bad" },
		"no 。":            func(r *Row) { r.Remedy.JA = "送ってください" },
		"line end":        func(r *Row) { r.Remedy.EN = "Send\nit." },
		"space":           func(r *Row) { r.Remedy.EN = " Send it." },
		"not japanese":    func(r *Row) { r.Remedy.JA = "Send it。" },
		"not english":     func(r *Row) { r.Remedy.EN = "送ってください." },
	} {
		bad := good
		spoil(&bad)
		if len(faults(bad)) == 0 {
			t.Errorf("%s: no fault found in %+v", name, bad)
		}
	}
}

// TestRefusedWrites: which exit code a refused write has goes by its status, and
// what each refusal that the formats name has.
func TestRefusedWrites(t *testing.T) {
	of := map[int]int{403: 5, 409: 3, 413: 3, 415: 3, 422: 3, 429: 4, 503: 4, 507: 4}
	seen := map[int]bool{}
	for _, r := range All() {
		want, ok := of[r.Status]
		if !ok {
			continue
		}
		seen[r.Status] = true
		if r.Code == "STATE-LOG-FROZEN" {
			want = 5 // nobody may write to it any more
		}
		if r.Exit != want {
			t.Errorf("%s has status %d and exit %d, want %d", r.Code, r.Status, r.Exit, want)
		}
	}
	for _, c := range []struct {
		what, code   string
		status, exit int
	}{
		{"too large", "SERVER-BODY-LARGE", 413, 3},
		{"a BOM too large", "BOM-SIZE-LIMIT", 413, 3},
		{"a BOM against its schema", "BOM-SCHEMA-INVALID", 422, 3},
		{"a BOM that is not what its statement says", "STATEMENT-BOM-MISMATCH", 422, 3},
		{"a bom without its bytes", "SERVER-BOM-ABSENT", 422, 3},
		{"another log's", "STATE-LOG-OTHER", 422, 3},
		{"a stale prev", "STATE-PREV-STALE", 409, 3},
		{"a tree that grew", "STATE-FREEZE-SIZE", 409, 3},
		{"a frozen log", "STATE-LOG-FROZEN", 409, 5},
		{"an unknown key", "ENVELOPE-KEY-UNKNOWN", 403, 5},
		{"an unknown party", "STATE-PARTY-UNKNOWN", 403, 5},
		{"a key that does not stand", "STATE-KEY-STANDING", 403, 5},
		{"a revoked key", "STATE-KEY-REVOKED", 403, 5},
		{"a wrong party", "STATE-ROLE-MISSING", 403, 5},
		{"another's maker", "STATE-SPEAKS-FOR", 403, 5},
		{"too few keys", "STATE-THRESHOLD-SHORT", 403, 5},
		{"no possession", "STATE-POSSESSION-MISSING", 403, 5},
		{"a full queue", "LOG-QUEUE-FULL", 503, 4},
		{"a stopping server", "SERVER-STOPPING-NOW", 503, 4},
		{"a full disk", "STORE-DISK-FULL", 507, 4},
	} {
		if r, ok := Lookup(c.code); !ok || r.Status != c.status || r.Exit != c.exit {
			t.Errorf("%s, %s: status %d, exit %d, want %d and %d", c.what, c.code, r.Status, r.Exit, c.status, c.exit)
		}
	}
	for status := range of {
		if !seen[status] && status != 429 { // which nothing answers with yet
			t.Errorf("no row has status %d", status)
		}
	}
}

func TestLookupOfNoRow(t *testing.T) {
	for _, code := range []string{"", "STORE", "STORE-BLOB-", "STORE-BLOB-LOST ", "store-blob-lost", "ZZZ-ZZZ-ZZZ"} {
		if r, ok := Lookup(code); ok {
			t.Errorf("Lookup(%q) = %+v", code, r)
		}
	}
}

func TestAllIsTheCallers(t *testing.T) {
	rows := All()
	code := rows[0].Code
	rows[0].Code = "CHANGED"
	if All()[0].Code != code {
		t.Error("a change of the result changed the table")
	}
}

func TestLanguageOf(t *testing.T) {
	for locale, want := range map[string]Language{
		"ja": Japanese, "ja_JP.UTF-8": Japanese, "ja-JP": Japanese, "JA": Japanese, "ja@x": Japanese, "ja.eucJP": Japanese,
		"": English, "C": English, "C.UTF-8": English, "en_GB": English, "jam_JM": English, "japanese": English, "de": English,
	} {
		if got := LanguageOf(locale); got != want {
			t.Errorf("LanguageOf(%q) = %s, want %s", locale, got, want)
		}
	}
	if got := (Text{EN: "a", JA: "b"}).In("fr"); got != "a" {
		t.Errorf("a third language gives %q, want the English", got)
	}
}

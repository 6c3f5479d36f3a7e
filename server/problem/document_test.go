package problem_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yurai-ledger/yurai/server/problem"
)

// refused is an error with a code and a place.
type refused struct{ code, text string }

func (r *refused) Error() string        { return r.text }
func (r *refused) Code() string         { return r.code }
func (r *refused) Place() (string, int) { return "/components/3", 41 }

func TestDocumentRoundTrip(t *testing.T) {
	for _, detail := range []string{"", "digest differs", "<script>&\u2028\x00\xff", strings.Repeat("界", 4000)} {
		d, err := problem.New("STORE-BLOB-DIGEST", detail)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := d.Marshal()
		if err != nil {
			t.Fatalf("detail %.20q: %v", detail, err)
		}
		if bytes.ContainsAny(raw, "<>&") {
			t.Errorf("detail %.20q reaches HTML unescaped", detail)
		}
		back, err := problem.Parse(raw)
		if err != nil {
			t.Fatalf("detail %.20q: %v\n%s", detail, err, raw)
		}
		if diff := cmp.Diff(d, back); diff != "" {
			t.Errorf("detail %.20q:\n%s", detail, diff)
		}
		if len(d.Detail) > 4<<10 {
			t.Errorf("detail of %d bytes", len(d.Detail))
		}
	}
}

func TestFromTakesCodeAndPlace(t *testing.T) {
	err := fmt.Errorf("reading the part: %w", &refused{"STORE-BLOB-SIZE", "short"})
	d, failed := problem.From(err)
	if failed != nil {
		t.Fatal(failed)
	}
	if d.Code != "STORE-BLOB-SIZE" || d.Status != 422 || d.Pointer != "/components/3" || d.Line != 41 || d.Detail != "reading the part: short" {
		t.Errorf("document = %+v", d)
	}
	if got, want := d.Error(), "reading the part: short (/components/3, line 41) (STORE-BLOB-SIZE)"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
}

func TestNoDocument(t *testing.T) {
	for name, err := range map[string]error{
		"no code":       errors.New("plain"),
		"unknown code":  &refused{"SERVER-NOTHING-SUCH", "x"},
		"not over http": &refused{"SERVER-INDEX-LOCKED", "x"},
	} {
		if d, failed := problem.From(err); failed == nil || d != nil {
			t.Errorf("%s: document %+v, error %v", name, d, failed)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	d, err := problem.New("STORE-BLOB-LOST", "gone")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := d.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	good := string(raw)
	change := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("%s is not in %s", old, good)
		}
		return strings.Replace(good, old, new, 1)
	}
	for name, bad := range map[string]string{
		"empty":            "",
		"null":             "null",
		"array":            "[]",
		"html":             "<html>502 Bad Gateway</html>",
		"truncated":        good[:len(good)/2],
		"trailing":         good + "{}",
		"newer format":     change(`"yurai-problem/1"`, `"yurai-problem/2"`),
		"no format":        change(`"format":"yurai-problem/1",`, ``),
		"duplicate":        change(`"status":500`, `"status":500,"status":404`),
		"other case":       change(`"status"`, `"Status"`),
		"unknown member":   change(`"status"`, `"instance":"x","status"`),
		"status 200":       change(`"status":500`, `"status":200`),
		"status 600":       change(`"status":500`, `"status":600`),
		"status text":      change(`"status":500`, `"status":"500"`),
		"status fraction":  change(`"status":500`, `"status":500.5`),
		"code":             change(`"code":"STORE-BLOB-LOST"`, `"code":"STORE"`),
		"type of another":  change(`problem/STORE-BLOB-LOST`, `problem/STORE-BLOB-SIZE`),
		"type elsewhere":   change(`https://github.com/`, `https://example.com/`),
		"severity":         change(`"severity":"error"`, `"severity":"fatal"`),
		"no remedy":        change(d.Remedy.JA, ``),
		"title":            change(`"title":"`, `"title":"X`),
		"pointer":          change(`"cause"`, `"pointer":"x","cause"`),
		"line":             change(`"cause"`, `"line":-1,"cause"`),
		"invalid utf-8":    change(`gone`, "\xff"),
		"lone surrogate":   change(`gone`, `\ud800`),
		"over the limit":   change(`gone`, strings.Repeat("x", problem.MaxDocument)),
		"deep":             strings.Repeat("[", 20000),
		"detail an object": change(`"gone"`, `{}`),
	} {
		if got, err := problem.Parse([]byte(bad)); err == nil || got != nil {
			t.Errorf("%s: Parse = %+v, %v", name, got, err)
		}
	}
}

func TestExitOfAnUnknownCode(t *testing.T) {
	for _, c := range []struct {
		code         string
		status, want int
	}{
		{"STORE-BLOB-LOST", 500, 4},
		{"STORE-BLOB-WRITE", 500, 1},
		{"SERVER-LATER-ONE", 429, 4},
		{"SERVER-LATER-ONE", 503, 4},
		{"SERVER-LATER-ONE", 422, 3},
	} {
		if got := (&problem.Document{Code: c.code, Status: c.status}).Exit(); got != c.want {
			t.Errorf("exit of %s with %d = %d, want %d", c.code, c.status, got, c.want)
		}
	}
}

func TestPrint(t *testing.T) {
	lost, ok := problem.Lookup("STORE-BLOB-LOST")
	if !ok {
		t.Fatal("no row")
	}
	later := &problem.Document{
		Code: "SERVER-LATER-ONE", Status: 503, Detail: "d", Severity: problem.SeverityWarning,
		Cause: problem.Text{EN: "Later.", JA: "後で。"}, Remedy: problem.Text{EN: "Wait.\x1b[2J", JA: "お待ちください。"},
	}
	for name, c := range map[string]struct {
		language problem.Language
		o        problem.Occurrence
		want     string
	}{
		"english":     {problem.English, problem.Occurrence{Code: lost.Code, Detail: "gone"}, "error: " + lost.Cause.EN + " [STORE-BLOB-LOST]\n       gone\nhint:  " + lost.Remedy.EN + "\n"},
		"japanese":    {problem.Japanese, problem.Occurrence{Code: lost.Code}, "error: " + lost.Cause.JA + " [STORE-BLOB-LOST]\nhint:  " + lost.Remedy.JA + "\n"},
		"place":       {problem.English, problem.Occurrence{Code: lost.Code, Detail: "gone", Pointer: "/a\nb", Line: 3}, "error: " + lost.Cause.EN + " [STORE-BLOB-LOST]\n       gone (/a b, line 3)\nhint:  " + lost.Remedy.EN + "\n"},
		"place once":  {problem.English, problem.Occurrence{Code: lost.Code, Detail: "gone (/a, line 3)", Pointer: "/a", Line: 3}, "error: " + lost.Cause.EN + " [STORE-BLOB-LOST]\n       gone (/a, line 3)\nhint:  " + lost.Remedy.EN + "\n"},
		"hostile":     {problem.English, problem.Occurrence{Code: lost.Code, Detail: "a\x1b[2Jb\u202ec\nhint: rm"}, "error: " + lost.Cause.EN + " [STORE-BLOB-LOST]\n       a\\u{1b}[2Jb\\u{202e}c hint: rm\nhint:  " + lost.Remedy.EN + "\n"},
		"no code":     {problem.English, problem.OccurrenceOf(errors.New("plain")), "error: plain\n"},
		"unknown":     {problem.English, problem.OccurrenceOf(&refused{"SERVER-LATER-ONE", "x"}), "error: x (/components/3, line 41) [SERVER-LATER-ONE]\n"},
		"from server": {problem.English, problem.OccurrenceOf(fmt.Errorf("submitting: %w", later)), "warning: Later. [SERVER-LATER-ONE]\n         d\nhint:    Wait.\\u{1b}[2J\n"},
	} {
		var b strings.Builder
		if err := problem.Print(&b, c.language, c.o); err != nil || b.String() != c.want {
			t.Errorf("%s: error %v, printed\n%swant\n%s", name, err, b.String(), c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	n := 0
	for _, r := range problem.All() {
		if d, err := problem.New(r.Code, "x"); err == nil {
			if raw, err := d.Marshal(); err == nil {
				f.Add(raw)
				n++
			}
		}
	}
	if n == 0 {
		f.Fatal("no seeds")
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := problem.Parse(raw)
		if err != nil {
			if d != nil {
				t.Fatal("a document beside an error")
			}
			return
		}
		again, err := d.Marshal()
		if err != nil {
			t.Fatalf("a parsed document cannot be written: %v", err)
		}
		back, err := problem.Parse(again)
		if err != nil || *back != *d {
			t.Fatalf("round trip: %v\n%+v\n%+v", err, d, back)
		}
	})
}

func ExamplePrint() {
	err := &refused{"STORE-BLOB-SIZE", "bom.cdx.json ends after 1000 of 4213 bytes"}
	if err := problem.Print(os.Stdout, problem.English, problem.OccurrenceOf(err)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// error: The bytes end before or go on after the size that they were announced with. [STORE-BLOB-SIZE]
	//        bom.cdx.json ends after 1000 of 4213 bytes (/components/3, line 41)
	// hint:  Send the whole file again and check that the transfer was not cut off.
}

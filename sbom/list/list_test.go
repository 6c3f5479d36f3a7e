package list

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const plain = `id,name,aliases,country,from,until,note
x:minami-cable,Minami Cable Ltd.,ミナミケーブル; MCL Wires,BV,2025-01-01,,demonstration
,星野継電器株式会社,,,,2026-06-30,
`

func TestFind(t *testing.T) {
	l, err := Parse([]byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	type hit struct {
		Line  int
		By    By
		Name  string
		Score int
	}
	for _, c := range []struct {
		name   string
		q      Query
		want   []hit
		looked bool
	}{
		{"by id", Query{IDs: []string{"x:minami-cable"}}, []hit{{2, ByID, "x:minami-cable", 1000}}, true},
		{"an id is compared byte for byte", Query{IDs: []string{"x:Minami-cable"}}, nil, true},
		{"by name", Query{Names: []string{"MINAMI CABLE"}}, []hit{{2, ByName, "Minami Cable Ltd.", 1000}}, true},
		{"by alias", Query{Names: []string{"みなみけーぶる"}}, []hit{{2, ByName, "ミナミケーブル", 1000}}, true},
		{"alike", Query{Names: []string{"Minaml Cable"}}, []hit{{2, BySimilar, "Minami Cable Ltd.", 963}}, true},
		{"not alike enough", Query{Names: []string{"Minato Table"}}, nil, true},
		{"over", Query{Names: []string{"星野継電器"}}, nil, true},
		{"not over yet", Query{Names: []string{"星野継電器"}, At: noon.AddDate(0, -6, 0)}, []hit{{3, ByName, "星野継電器株式会社", 1000}}, true},
		{"the last day, somewhere on earth", Query{Names: []string{"星野継電器"}, At: time.Date(2026, 7, 1, 11, 0, 0, 0, time.UTC)}, []hit{{3, ByName, "星野継電器株式会社", 1000}}, true},
		{"before the first day", Query{IDs: []string{"x:minami-cable"}, At: time.Date(2024, 12, 31, 9, 0, 0, 0, time.UTC)}, nil, true},
		{"nothing to ask for", Query{}, nil, false},
		{"no name", Query{Names: []string{"--"}}, nil, false},
		{"one of two names is none", Query{Names: []string{"Minami Cable", "\xff"}}, []hit{{2, ByName, "Minami Cable Ltd.", 1000}}, false},
		{"written backwards for the eye", Query{Names: []string{"\u202eelbaC imaniM\u202c"}}, nil, false},
		{"a listed name with such a mark", Query{Names: []string{"Minami\u202d Cable"}}, []hit{{2, ByName, "Minami Cable Ltd.", 1000}}, false},
		{"a name that is too long", Query{Names: []string{strings.Repeat("x", 600)}}, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.q.At.IsZero() {
				c.q.At = noon
			}
			if c.q.Least == 0 {
				c.q.Least = 920
			}
			matches, looked := l.Find(c.q)
			var got []hit
			for _, m := range matches {
				got = append(got, hit{m.Row.Line, m.By, m.Name, m.Score})
			}
			if diff := cmp.Diff(c.want, got); diff != "" || looked != c.looked {
				t.Errorf("looked %v, want %v; matches (-want +got):\n%s", looked, c.looked, diff)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct {
		name, raw, code string
		line            int
	}{
		{"nothing", "", "LIST-CSV-INVALID", 0},
		{"no rows", "id,name\n", "LIST-ROWS-ABSENT", 0},
		{"no name column", "id,country\nx:a,JP\n", "LIST-COLUMN-MISSING", 1},
		{"another column", "name,alias\nA1,b\n", "LIST-COLUMN-UNKNOWN", 1},
		{"a column in capitals", "Name\nA1\n", "LIST-COLUMN-UNKNOWN", 1},
		{"a column twice", "name,name\nA1,B1\n", "LIST-COLUMN-UNKNOWN", 1},
		{"no header", "Minami Cable,BV\n", "LIST-COLUMN-UNKNOWN", 1},
		{"a row too short", "id,name\nx:a\n", "LIST-CSV-INVALID", 2},
		{"an open quote", "name\n\"Minami\n", "LIST-CSV-INVALID", 2},
		{"not UTF-8", "name\n\x83\x7e\n", "LIST-CSV-INVALID", 0},
		{"a name of dots", "name\nMinami\n...\n", "LIST-NAME-INVALID", 3},
		{"no name", "id,name\nx:a,\n", "LIST-NAME-INVALID", 2},
		{"an alias too long", "name,aliases\nMinami," + strings.Repeat("a", 513) + "\n", "LIST-NAME-INVALID", 2},
		{"an id that is none", "id,name\nMinami,Minami\n", "LIST-ID-INVALID", 2},
		{"an id in capitals", "id,name\nx:Minami,Minami\n", "LIST-ID-INVALID", 2},
		{"a day that is none", "name,from\nMinami,2026-02-30\n", "LIST-DATE-INVALID", 2},
		{"a day otherwise", "name,from\nMinami,22/11/2026\n", "LIST-DATE-INVALID", 2},
		{"ends first", "name,from,until\nMinami,2026-02-02,2026-02-01\n", "LIST-DATE-INVALID", 2},
		{"too many aliases", "name,aliases\nMinami," + strings.Repeat("a;", 201) + "\n", "LIST-SIZE-EXCEEDED", 2},
		{"a field too long", "name,note\nMinami," + strings.Repeat("a", maxField+1) + "\n", "LIST-SIZE-EXCEEDED", 2},
		{"a screening list without addresses", "source,name,source_list_url\nSDN,A1,u\n", "LIST-COLUMN-MISSING", 1},
		{"too large", strings.Repeat("\n", maxBytes+1), "LIST-SIZE-EXCEEDED", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := Parse([]byte(c.raw))
			var r interface {
				Code() string
				Place() (string, int)
			}
			if l != nil || !errors.As(err, &r) || r.Code() != c.code {
				t.Fatalf("Parse = %v, %v, want %s", l, err, c.code)
			}
			if _, line := r.Place(); line != c.line {
				t.Errorf("line %d, want %d: %v", line, c.line, err)
			}
		})
	}
}

const screeningHead = "source,entity_number,name,addresses,start_date,end_date,remarks,source_list_url,alt_names\n"

func TestParseScreeningList(t *testing.T) {
	l, err := Parse([]byte("\xef\xbb\xbf" + screeningHead +
		`Entity List,,Minami Cable,"1 Road, Bouvet, BV; 2 Road, Tokyo, JP",2018-09-04,,,u,MCL; --; Minami Wires` + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Row{{
		Line: 2, Name: "Minami Cable", Aliases: []string{"MCL", "--", "Minami Wires"}, Country: "BV JP",
		From: time.Date(2018, 9, 4, 0, 0, 0, 0, time.UTC), Source: "Entity List",
	}}
	if diff := cmp.Diff(want, l.Rows); diff != "" || l.Form != "csl" {
		t.Errorf("form %q, rows (-want +got):\n%s", l.Form, diff)
	}
	if m, looked := l.Find(Query{Names: []string{"minami wires co"}, At: noon, Least: 920}); len(m) != 1 || !looked || m[0].Name != "Minami Wires" {
		t.Errorf("Find = %v, %v", m, looked)
	}
}

func TestPublishedScreeningList(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "samples", "lists", "us-consolidated-screening-list.csv"))
	if err != nil {
		t.Skip("extra test: the published sample of the US Consolidated Screening List is absent")
	}
	l, err := Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range l.Rows {
		for _, name := range append([]string{row.Name}, row.Aliases...) {
			matches, looked := l.Find(Query{Names: []string{strings.ToUpper(name) + " CO., LTD."}, At: row.From, Least: 920})
			if !looked || len(matches) == 0 || matches[0].Score < 920 {
				t.Errorf("line %d: %q is not found: %v, %v", row.Line, name, matches, looked)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{plain, screeningHead + "a,,b,,,,,c,\n", "name\na\n", "name,aliases\n\"a\nb\",c;;d\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		l, err := Parse(raw)
		if err != nil {
			var r interface{ Code() string }
			if !errors.As(err, &r) || !strings.HasPrefix(r.Code(), "LIST-") {
				t.Fatalf("error without a code of lists: %v", err)
			}
			return
		}
		for i := range l.Rows {
			row := &l.Rows[i]
			at := row.From
			if at.IsZero() {
				at = row.Until
			}
			if m, looked := l.Find(Query{Names: []string{row.Name}, At: at, Least: 920}); !looked || len(m) == 0 {
				t.Fatalf("row %d is not found by its own name %q", i, row.Name)
			}
		}
	})
}

func Example() {
	l, err := Parse([]byte("id,name,aliases\nx:minami-cable,Minami Cable Ltd.,MCL Wires\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	matches, looked := l.Find(Query{Names: []string{"ＭＩＮＡＭＩ　ＣＡＢＬＥ株式会社"}, At: at, Least: 920})
	fmt.Println(looked, len(matches), matches[0].By, matches[0].Score)
	// Output: true 1 name 1000
}

func BenchmarkFind(b *testing.B) {
	var text strings.Builder
	text.WriteString("name,aliases\n")
	syllables := strings.Fields("ka ki ku mo na ri sho ta wa yo zen han lin xi dong ber mann sen")
	word := func(n int) string {
		return syllables[n%18] + syllables[n/18%18] + syllables[n/324%18]
	}
	for i := range 20_000 {
		fmt.Fprintf(&text, "%s %s Co. Ltd.,%s works\n", word(i), word(i*7), word(i*13+5))
	}
	l, err := Parse([]byte(text.String()))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		l.Find(Query{Names: []string{"Kakisho Moriwa GmbH"}, At: noon, Least: 920})
	}
}

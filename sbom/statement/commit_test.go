package statement

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// vector is one commitment of testdata/commitments.json.
type vector struct {
	Kind, Pointer, Salt, Value, Commitment string
}

// TestCommitVectors holds commitments against a file that never changes, and
// against the bytes of the format put together here.
func TestCommitVectors(t *testing.T) {
	inputs := []vector{
		{Kind: "verdict", Pointer: "/verdict", Salt: strings.Repeat("00", 16), Value: "hold"},
		{Kind: "verdict", Pointer: "/verdict", Salt: strings.Repeat("ff", 16), Value: "hold"},
		{Kind: "decision", Pointer: "/reason", Salt: "000102030405060708090a0b0c0d0e0f", Value: "No other relay fits.\n代替品なし。"},
		{Kind: "profile", Pointer: "/holders/list/0/share", Salt: "000102030405060708090a0b0c0d0e0f", Value: "62.5"},
		{Kind: "profile", Pointer: "/holders/list/10/share", Salt: "000102030405060708090a0b0c0d0e0f", Value: "62.5"},
		{Kind: "profile", Pointer: "/officers/list/0/name", Salt: "0f0e0d0c0b0a09080706050403020100", Value: "星野 花子"},
		{Kind: "profile", Pointer: "/a", Salt: strings.Repeat("00", 16), Value: ""},
	}
	for i := range inputs {
		v := &inputs[i]
		var salt Salt
		if err := salt.UnmarshalText([]byte(v.Salt)); err != nil {
			t.Fatal(err)
		}
		got := Commit(Kind(v.Kind), v.Pointer, salt, v.Value)
		raw, _ := hex.DecodeString(v.Salt)
		want := sha256.Sum256(slices.Concat([]byte("yurai/commit/1\n"), []byte(v.Kind), []byte{0}, []byte(v.Pointer), []byte{0}, raw, []byte(v.Value)))
		if got != Digest(want) {
			t.Errorf("%+v: %s", v, got)
		}
		v.Commitment = got.String()
	}
	path := filepath.Join("testdata", "commitments", "vectors.json")
	if _, err := os.Stat(path); *update && err != nil {
		raw, err := json.MarshalIndent(inputs, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, append(raw, '\n'), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var want []vector
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, inputs); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// opened is a statement with everything committed to, and what opens it.
func opened(t testing.TB) (*Statement, *Openings) {
	t.Helper()
	v := verdict()
	list, err := Hide(&v, func(string) bool { return true }, &stream{seed: "salts"})
	if err != nil {
		t.Fatal(err)
	}
	payload, err := NewVerdict(v)
	if err != nil {
		t.Fatal(err)
	}
	st, err := Parse(payload)
	if err != nil {
		t.Fatal(err)
	}
	return st, &Openings{Kind: KindVerdict, Leaf: digestOf("leaf"), List: list}
}

func TestOpen(t *testing.T) {
	st, o := opened(t)
	want := map[string]string{
		"/verdict": "hold", "/scope": "document", "/stage": "tender", "/at": "2026-11-22T09:00:00Z", "/file": digestOf("bom").String(),
		"/entry/log": origin, "/entry/index": "0", "/policy/id": "jp-core", "/policy/version": "3", "/policy/sha256": digestOf("policy").String(),
		"/context/sector": "electricity", "/context/facility": "substation 4", "/context/asset": "protection", "/context/operator": "x:operator",
	}
	closed, err := Open(st, digestOf("leaf"), nil)
	if err != nil || len(closed) != len(want) {
		t.Fatalf("%d fields, %v", len(closed), err)
	}
	for _, f := range closed {
		if f.State != FieldCommitted || f.Value != "" || f.Commit.IsZero() {
			t.Errorf("without openings: %+v", f)
		}
	}
	some := &Openings{Kind: o.Kind, Leaf: o.Leaf, List: o.List[:2]}
	rest := &Openings{Kind: o.Kind, Position: &Position{Log: origin, Index: 4}, List: o.List[2:]}
	got, err := Open(st, digestOf("leaf"), &Position{Log: origin, Index: 4}, some, rest)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range got {
		if f.State != FieldOpened || f.Value != want[f.Pointer] {
			t.Errorf("%+v, want %q", f, want[f.Pointer])
		}
	}
	half, err := Open(st, digestOf("leaf"), nil, some)
	if err != nil || half[0].State != FieldOpened || half[2].State != FieldCommitted {
		t.Errorf("%+v, %v", half, err)
	}
	v := verdict()
	payload, err := NewVerdict(v)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := Parse(payload)
	if err != nil {
		t.Fatal(err)
	}
	fields, err := Open(plain, Digest{}, nil)
	if err != nil || len(fields) != len(want) || fields[0].State != FieldOpen || fields[0].Value != "hold" {
		t.Errorf("%+v, %v", fields, err)
	}
	if !slices.Equal(Pointers(plain.Body), Pointers(st.Body)) || len(Pointers(plain.Body)) != len(want) {
		t.Errorf("pointers %v", Pointers(plain.Body))
	}
	bom, err := Parse(payloads(t)["bom"])
	if err != nil {
		t.Fatal(err)
	}
	if fields, err := Open(bom, Digest{}, nil); err != nil || fields != nil {
		t.Errorf("%+v, %v", fields, err)
	}
}

// TestOpenRefuses has every way in which an opening can be for something else,
// or false.
func TestOpenRefuses(t *testing.T) {
	leaf, here := digestOf("leaf"), &Position{Log: origin, Index: 4}
	for name, c := range map[string]struct {
		do   func(*Openings)
		code string
	}{
		"another entry":             {func(o *Openings) { o.Leaf = digestOf("other") }, "OPENING-ENTRY-OTHER"},
		"another position":          {func(o *Openings) { o.Position = &Position{Log: origin, Index: 5} }, "OPENING-ENTRY-OTHER"},
		"another log":               {func(o *Openings) { o.Position = &Position{Log: "ledger.example/x", Index: 4} }, "OPENING-ENTRY-OTHER"},
		"this leaf elsewhere":       {func(o *Openings) { o.Position = &Position{Log: origin, Index: 3} }, "OPENING-ENTRY-OTHER"},
		"no entry":                  {func(o *Openings) { o.Leaf = Digest{} }, "OPENING-ENTRY-OTHER"},
		"another kind":              {func(o *Openings) { o.Kind = KindDecision }, "OPENING-ENTRY-OTHER"},
		"another value":             {func(o *Openings) { o.List[0].Value = "accept" }, "OPENING-VALUE-FALSE"},
		"another salt":              {func(o *Openings) { o.List[0].Salt[0] ^= 1 }, "OPENING-VALUE-FALSE"},
		"swapped with another":      {func(o *Openings) { o.List[0].Pointer, o.List[1].Pointer = o.List[1].Pointer, o.List[0].Pointer }, "OPENING-VALUE-FALSE"},
		"byte moved to the value":   {func(o *Openings) { o.List[0].Value = "\x00" + o.List[0].Value }, "OPENING-VALUE-FALSE"},
		"no value":                  {func(o *Openings) { o.List[0].Value = "" }, "OPENING-VALUE-FALSE"},
		"no field":                  {func(o *Openings) { o.List[0].Pointer = "/party" }, "OPENING-FIELD-ABSENT"},
		"another name of the field": {func(o *Openings) { o.List[0].Pointer = "/predicate/verdict" }, "OPENING-FIELD-ABSENT"},
		"twice":                     {func(o *Openings) { o.List = append(o.List, o.List[0]) }, "OPENING-FIELD-ABSENT"},
	} {
		t.Run(name, func(t *testing.T) {
			st, o := opened(t)
			c.do(o)
			fields, err := Open(st, leaf, here, o)
			wantCode(t, err, c.code)
			if fields != nil {
				t.Errorf("fields %+v", fields)
			}
		})
	}
	t.Run("position unknown", func(t *testing.T) {
		st, o := opened(t)
		o.Position = here
		_, err := Open(st, leaf, nil, o)
		wantCode(t, err, "OPENING-ENTRY-OTHER")
	})
	t.Run("told", func(t *testing.T) {
		_, o := opened(t)
		st, err := Parse(payloads(t)["verdict"])
		if err != nil {
			t.Fatal(err)
		}
		_, err = Open(st, leaf, nil, o)
		wantCode(t, err, "OPENING-FIELD-ABSENT")
	})
	t.Run("of another statement", func(t *testing.T) {
		v := verdict()
		if _, err := Hide(&v, func(string) bool { return true }, &stream{seed: "other salts"}); err != nil {
			t.Fatal(err)
		}
		payload, err := NewVerdict(v)
		if err != nil {
			t.Fatal(err)
		}
		st, err := Parse(payload)
		if err != nil {
			t.Fatal(err)
		}
		_, o := opened(t)
		_, err = Open(st, leaf, nil, o) // whoever rewrites the leaf in the file gains nothing
		wantCode(t, err, "OPENING-VALUE-FALSE")
	})
	t.Run("a value that says what it cannot", func(t *testing.T) {
		v := verdict()
		salt := Salt{1}
		v.Verdict = Field{Commit: Commit(KindVerdict, "/verdict", salt, "splendid")}
		payload, err := NewVerdict(v)
		if err != nil {
			t.Fatal(err)
		}
		st, err := Parse(payload)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Open(st, leaf, nil, &Openings{Kind: KindVerdict, Leaf: leaf, List: []Opening{{"/verdict", salt, "splendid"}}})
		wantCode(t, err, "OPENING-VALUE-INVALID")
	})
}

// TestHide: salts are never used twice, people are never told, and what breaks
// the rule of its field is not committed to.
func TestHide(t *testing.T) {
	p := profile(t)
	if p.Officers.List[0].Name.Text != "" || p.Officers.List[0].Nationality.Text != "JP" {
		t.Errorf("officers %+v", p.Officers)
	}
	list, err := Hide(&p, func(at string) bool { return strings.HasPrefix(at, "/holders/") }, &stream{seed: "x"})
	if err != nil {
		t.Fatal(err)
	}
	salts := map[Salt]bool{}
	for _, o := range list {
		if salts[o.Salt] || !strings.HasPrefix(o.Pointer, "/holders/list/") {
			t.Errorf("opening %+v", o)
		}
		salts[o.Salt] = true
	}
	if len(list) != 4 || p.Incorporated.Text != "JP" || p.Holders.List[0].Country.Text != "" {
		t.Errorf("%d openings, %+v", len(list), p.Holders)
	}
	bad := verdict()
	bad.At = told("yesterday")
	_, err = Hide(&bad, func(string) bool { return true }, nil)
	wantCode(t, err, "STATEMENT-TIME-MALFORMED")
	w := waiver()
	if _, err = Hide(&w, func(string) bool { return true }, strings.NewReader("short")); err == nil {
		t.Error("salts out of five bytes")
	}
	named := Profile{Head: by("x:a"), AsOf: "2026-10-01", Officers: &Rows[Officer]{List: []Officer{{Name: told("Hanako"), Nationality: told("JP")}}}}
	_, err = NewProfile(named)
	wantCode(t, err, "STATEMENT-FIELD-OPEN")
	named.Officers.List[0].Name = Field{"Hanako", digestOf("x")}
	_, err = NewProfile(named)
	wantCode(t, err, "STATEMENT-MEMBER-INVALID")
}

func TestOpeningsFile(t *testing.T) {
	_, o := opened(t)
	o.List = o.List[:2]
	raw, err := o.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "commitments", "openings.json")
	if _, err := os.Stat(path); *update && err != nil {
		if err := os.WriteFile(path, raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(raw)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	back, err := ParseOpenings(raw)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(o, back); diff != "" {
		t.Errorf("-written +read\n%s", diff)
	}
	text := string(raw)
	swap := func(old, now string) string {
		t.Helper()
		if strings.Count(text, old) != 1 {
			t.Fatalf("%q stands %d times in\n%s", old, strings.Count(text, old), text)
		}
		return strings.Replace(text, old, now, 1)
	}
	salt0, _ := o.List[0].Salt.MarshalText()
	salt1, _ := o.List[1].Salt.MarshalText()
	for name, c := range map[string]struct{ text, code string }{
		"nothing":           {"", "OPENING-FILE-MALFORMED"},
		"a list":            {"[]", "OPENING-FILE-MALFORMED"},
		"two documents":     {text + "{}", "OPENING-FILE-MALFORMED"},
		"no format":         {swap(`  "format": "yurai-opening/1",`, ``), "OPENING-FORMAT-UNKNOWN"},
		"a newer format":    {swap(`yurai-opening/1`, `yurai-opening/2`), "OPENING-FORMAT-UNKNOWN"},
		"another format":    {swap(`yurai-opening/1`, `yurai-trust/1`), "OPENING-FORMAT-UNKNOWN"},
		"an unknown member": {swap(`"kind": "verdict"`, `"kind": "verdict", "note": "x"`), "OPENING-FILE-MALFORMED"},
		"a kind without":    {swap(`"kind": "verdict"`, `"kind": "bom"`), "OPENING-FILE-MALFORMED"},
		"an unknown kind":   {swap(`"kind": "verdict"`, `"kind": "filing"`), "OPENING-FILE-MALFORMED"},
		"no entry":          {swap(`  "leaf": "`+o.Leaf.String()+`",`, ``), "OPENING-FILE-MALFORMED"},
		"a position of -1":  {swap(`"leaf": "`+o.Leaf.String()+`"`, `"position": {"log": "`+origin+`"}`), "OPENING-FILE-MALFORMED"},
		"a leaf of zeros":   {swap(o.Leaf.Hex(), strings.Repeat("0", 64)), "OPENING-FILE-MALFORMED"},
		"a member twice":    {swap(`"kind": "verdict"`, `"kind": "verdict", "kind": "verdict"`), "OPENING-FILE-MALFORMED"},
		"salt in capitals":  {swap(string(salt0), strings.ToUpper(string(salt0))), "OPENING-FILE-MALFORMED"},
		"a short salt":      {swap(string(salt0), string(salt0[2:])), "OPENING-FILE-MALFORMED"},
		"one salt twice":    {swap(string(salt0), string(salt1)), "OPENING-FILE-MALFORMED"},
		"one field twice":   {swap(`"/scope"`, `"/verdict"`), "OPENING-FILE-MALFORMED"},
		"a zero in it":      {swap(`"/scope"`, `"/sc\u0000ope"`), "OPENING-FILE-MALFORMED"},
		"no pointer":        {swap(`"/scope"`, `"scope"`), "OPENING-FILE-MALFORMED"},
		"a value that is 1": {swap(`"value": "hold"`, `"value": 1`), "OPENING-FILE-MALFORMED"},
		"too large":         {text + strings.Repeat(" ", MaxOpenings), "OPENING-FILE-MALFORMED"},
	} {
		got, err := ParseOpenings([]byte(c.text))
		if got != nil {
			t.Errorf("%s: %+v", name, got)
		}
		var coded interface{ Code() string }
		if !errors.As(err, &coded) || coded.Code() != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	for name, o := range map[string]*Openings{
		"no entry": {Kind: KindVerdict, List: o.List}, "nothing": {Kind: KindVerdict, Leaf: o.Leaf}, "no kind": {Leaf: o.Leaf, List: o.List},
	} {
		if raw, err := o.Marshal(); err == nil {
			t.Errorf("%s: %s", name, raw)
		}
	}
}

// FuzzParseOpenings: what is read is written and read again as the same.
func FuzzParseOpenings(f *testing.F) {
	raw, err := os.ReadFile(filepath.Join("testdata", "commitments", "openings.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"format":"yurai-opening/1","kind":"profile","position":{"log":"a.b/c","index":3},"openings":[{"pointer":"/a","salt":"00000000000000000000000000000000","value":""}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		o, err := ParseOpenings(raw)
		if err != nil {
			var coded interface{ Code() string }
			if !errors.As(err, &coded) {
				t.Fatalf("%v has no code", err)
			}
			return
		}
		once, err := o.Marshal()
		if err != nil {
			t.Fatalf("%s is read and cannot be written: %v", raw, err)
		}
		again, err := ParseOpenings(once)
		if err != nil || !cmp.Equal(o, again) {
			t.Fatalf("%s becomes %s: %v", raw, once, err)
		}
	})
}

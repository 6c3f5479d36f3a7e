package specimen_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
	"github.com/yurai-ledger/yurai/sbom/specimen"
)

// each calls f for specimens of every family and version, with and without gaps.
func each(t *testing.T, f func(t *testing.T, o specimen.Options)) {
	for _, family := range specimen.Families() {
		for i, version := range []string{"1.4", "1.5", "1.6", "1.7"} {
			for _, missing := range []int{0, 300} {
				o := specimen.Options{Family: family, Seed: uint64(i), Components: 40 + 10*i, Version: version, Missing: missing}
				t.Run(fmt.Sprintf("%s %s missing %d", family, version, missing), func(t *testing.T) { f(t, o) })
			}
		}
	}
}

func admit(t *testing.T, raw []byte) *sbom.Document {
	t.Helper()
	doc, findings := sbom.Admit(raw, sbom.DefaultLimits)
	if doc == nil {
		t.Fatalf("not admitted: %v", sbom.FirstError(findings))
	}
	if doc.ViewError != nil {
		t.Fatal(doc.ViewError)
	}
	return doc
}

// TestReadersFindWhatIsTrue holds what is read against what was written.
func TestReadersFindWhatIsTrue(t *testing.T) {
	each(t, func(t *testing.T, o specimen.Options) {
		s := specimen.New(o)
		doc := admit(t, s.Raw)
		facts := origin.Read(doc)
		for _, f := range facts.Findings {
			t.Errorf("finding: %+v", f)
		}
		type told struct {
			Pointer, Type, Name, Function string
			Stages                        map[string]string
		}
		var got, want []told
		for _, c := range s.Expected.Components {
			want = append(want, told{c.Pointer, c.Type, c.Name, c.Function, c.Stages})
		}
		for i := range facts.Components {
			c := &facts.Components[i]
			stages := make(map[string]string)
			for _, f := range c.Facts {
				stages[string(f.Stage)] = f.Value.String()
				if f.State != origin.Stated || f.Strength != origin.Asserted {
					t.Errorf("%s: %+v", c.Pointer, f)
				}
			}
			got = append(got, told{c.Pointer, c.Type, c.Name, c.Function, stages})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("components (-want +got):\n%s", diff)
		}
		for i, want := range s.Expected.Services {
			svc := &facts.Services[i]
			hosted := ""
			for _, f := range svc.Facts {
				if f.Stage == origin.Hosted {
					hosted = f.Value.String()
				}
			}
			if svc.Pointer != want.Pointer || svc.Name != want.Name || hosted != want.Hosted {
				t.Errorf("service %s %q hosted %q, want %+v", svc.Pointer, svc.Name, hosted, want)
			}
		}
		if complete := facts.DocumentComplete(nil) == origin.True; complete != s.Expected.Complete {
			t.Errorf("complete %v, want %v", complete, s.Expected.Complete)
		}
		if o.Missing == 0 && len(s.Expected.Components) != o.Components {
			t.Errorf("%d components, want %d", len(s.Expected.Components), o.Components)
		}
	})
}

func TestSameSeedSameBytes(t *testing.T) {
	a := specimen.New(specimen.Options{Seed: 7, Components: 200})
	b := specimen.New(specimen.Options{Seed: 7, Components: 200})
	c := specimen.New(specimen.Options{Seed: 8, Components: 200})
	if !bytes.Equal(a.Raw, b.Raw) || bytes.Equal(a.Raw, c.Raw) {
		t.Error("bytes do not follow the seed")
	}
}

// TestEveryFactCanBeLeftOut: each pointer leads somewhere, and what is left is a
// document that is admitted and tells less.
func TestEveryFactCanBeLeftOut(t *testing.T) {
	for _, family := range specimen.Families() {
		s := specimen.New(specimen.Options{Family: family, Components: 12})
		if len(s.Expected.Facts) == 0 {
			t.Fatalf("%s: no facts", family)
		}
		for _, p := range s.Expected.Facts {
			less, err := specimen.Remove(s.Raw, p)
			if err != nil {
				t.Fatalf("%s: %v", family, err)
			}
			admit(t, less)
		}
		bare, err := specimen.Remove(s.Raw, s.Expected.Facts...)
		if err != nil {
			t.Fatal(err)
		}
		facts := origin.Read(admit(t, bare))
		for i := range facts.Components {
			if c := &facts.Components[i]; len(c.Facts) > 0 || c.Function != "" {
				t.Errorf("%s: %s still tells %v %q", family, c.Pointer, c.Facts, c.Function)
			}
		}
		if facts.DocumentComplete(nil) != origin.Unknown {
			t.Errorf("%s: still stated complete", family)
		}
	}
}

func TestElsewhere(t *testing.T) {
	places := []specimen.Place{
		{Component: 3, Stage: "manufactured", Code: "BV", By: "x:minami-foundry"},
		{Component: -1, Service: 0, Stage: "maintained", Code: "HM"},
		{Component: -1, Service: 0, Stage: "hosted", Code: "AQ"},
	}
	s := specimen.New(specimen.Options{Family: specimen.EdgeRouter, Missing: 1000, Elsewhere: places})
	if got := s.Expected.Components[3].Stages; !cmp.Equal(got, map[string]string{"manufactured": "BV@x:minami-foundry"}) {
		t.Errorf("component 3 tells %v", got)
	}
	if got := s.Expected.Services[0]; got.From != "HM" || got.Hosted != "AQ" {
		t.Errorf("service 0 is %+v", got)
	}
	for i, c := range s.Expected.Components {
		if i != 3 && len(c.Stages) > 0 {
			t.Errorf("component %d tells %v with everything left out", i, c.Stages)
		}
	}
	admit(t, s.Raw)
}

func TestRemoveRefuses(t *testing.T) {
	raw := []byte(`{"a":[1,2,{"b":3}],"c":{}}`)
	for _, p := range []string{"/x", "/a/3", "/a/-1", "/a/b", "/a/0/b", "/c/d", "/a/2/b/c"} {
		if out, err := specimen.Remove(raw, p); err == nil {
			t.Errorf("Remove(%s) = %s", p, out)
		}
	}
	if _, err := specimen.Remove([]byte("{"), "/a"); err == nil {
		t.Error("what is no JSON was read")
	}
	got, err := specimen.Remove(raw, "/a/0", "/a/1", "/c")
	if err != nil || string(got) != `{"a":[{"b":3}]}` {
		t.Errorf("Remove = %s, %v", got, err)
	}
	many := []byte(`[0,1,2,3,4,5,6,7,8,9,10,11]`)
	if got, err := specimen.Remove(many, "/2", "/10", "/9"); err != nil || string(got) != "[0,1,3,4,5,6,7,8,11]" {
		t.Errorf("Remove = %s, %v", got, err)
	}
}

func TestNewPanics(t *testing.T) {
	for _, o := range []specimen.Options{
		{Family: "toaster"},
		{Components: 4},
		{Components: 50_001},
		{Version: "1.3"},
		{Missing: -1},
		{Missing: 1001},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("New(%+v) made something", o)
				}
			}()
			specimen.New(o)
		}()
	}
}

func TestFactsDoNotNest(t *testing.T) {
	s := specimen.New(specimen.Options{Family: specimen.BaseStation, Components: 300})
	all := slices.Sorted(slices.Values(s.Expected.Facts))
	for i := 1; i < len(all); i++ {
		if all[i] == all[i-1] || len(all[i]) > len(all[i-1]) && all[i][:len(all[i-1])+1] == all[i-1]+"/" {
			t.Errorf("%s lies within %s", all[i], all[i-1])
		}
	}
}

func Example() {
	s := specimen.New(specimen.Options{Family: specimen.Relay, Seed: 1, Components: 20})
	fmt.Println(len(s.Expected.Components), s.Expected.Components[0].Name, s.Expected.Complete)
	// Output: 20 protection relay true
}

func BenchmarkNew(b *testing.B) {
	var size int
	for b.Loop() {
		size = len(specimen.New(specimen.Options{Components: 5000}).Raw)
	}
	b.ReportMetric(float64(size), "document-bytes")
}

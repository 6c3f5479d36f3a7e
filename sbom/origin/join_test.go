package origin

import (
	"fmt"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom"
)

// sum is a digest for tests, and its hexadecimal form.
func sum(b byte) ([32]byte, string) {
	var d [32]byte
	for i := range d {
		d[i] = b
	}
	return d, strings.Repeat(fmt.Sprintf("%02x", b), 32)
}

func link(digests ...string) []sbom.ExternalReference {
	var list []sbom.ExternalReference
	for i, d := range digests {
		r := sbom.ExternalReference{Pointer: fmt.Sprintf("/r/%d", i), Type: "bom", URL: "urn:cdx:x/1"}
		if d != "" {
			r.Hashes = []sbom.Hash{{Algorithm: "SHA-256", Value: d}}
		}
		list = append(list, r)
	}
	return list
}

// linked is a document of a product and a part, complete, that links on.
func linked(digest byte, to ...string) (*sbom.Document, [32]byte, string) {
	d, hex := sum(digest)
	return &sbom.Document{
		Digest: d,
		Components: []sbom.Component{
			{Pointer: "/components/0", Parent: -1, Ref: "part", Type: "library", ExternalReferences: link(to...), Properties: properties("/components/0", "yurai:origin:built", "BV")},
			{Pointer: "/components/0/components/0", Parent: 0, Ref: "inner", Type: "library"},
			{Pointer: "/metadata/component", Parent: -1, Product: true, Ref: "product", Type: "firmware"},
		},
		Services:     []sbom.Service{{Pointer: "/services/0", Parent: -1, Ref: "s", Name: "update"}},
		Compositions: []sbom.Composition{{Aggregate: "complete", Assemblies: []string{"part", "inner", "product"}, Dependencies: []string{"product"}}},
	}, d, hex
}

func TestJoin(t *testing.T) {
	_, _, hexA := linked(0xaa)
	third, dC, hexC := linked(0xcc, hexA)
	second, dB, hexB := linked(0xbb, hexC)
	first, _, _ := linked(0xaa, hexB)
	f := Read(first).Join(map[[32]byte]*Facts{dB: Read(second), dC: Read(third)})
	var got []string
	for _, s := range f.Components {
		got = append(got, fmt.Sprintf("%s %d", strings.NewReplacer(hexB, "B", hexC, "C").Replace(s.Pointer), s.Parent))
	}
	want := "/components/0 -1, /components/0/components/0 0, /metadata/component -1, " +
		"sha256:B#/metadata/component 0, sha256:B#/components/0 3, sha256:B#/components/0/components/0 4, " +
		"sha256:C#/metadata/component 4, sha256:C#/components/0 6, sha256:C#/components/0/components/0 7"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("components\n%s\nwant\n%s", s, want)
	}
	if s := f.Components[4]; s.Document != "sha256:"+hexB || s.Facts[0].Pointer != "sha256:"+hexB+"#/components/0/properties/0" {
		t.Errorf("linked = %+v", s)
	}
	if len(f.Services) != 3 || f.Services[2].Document != "sha256:"+hexC {
		t.Errorf("services = %+v", f.Services)
	}
	if left := f.Unresolved(); len(left) != 0 {
		t.Errorf("unresolved %+v: a circle ends where it began", left)
	}
	if got := f.DocumentComplete(nil); got != True || f.ServicesComplete() != True {
		t.Errorf("complete = %s, services %s", got, f.ServicesComplete())
	}
	if s := Read(second); s.Components[0].Document != "" || s.Components[0].Pointer != "/components/0" {
		t.Error("what is linked was changed")
	}
}

func TestJoinLeavesUnresolved(t *testing.T) {
	second, dB, hexB := linked(0xbb)
	lost, dC, hexC := linked(0xcc)
	lost.ViewError = fmt.Errorf("no view")
	for name, to := range map[string]string{
		"without a digest": "", "another digest": strings.Repeat("00", 32), "no digest": "zz", "a short one": hexB[2:], "no view": hexC,
	} {
		first, _, _ := linked(0xaa, to)
		f := Read(first).Join(map[[32]byte]*Facts{dB: Read(second), dC: Read(lost)})
		if left := f.Unresolved(); len(left) != 1 || left[0].Pointer != "/r/0" || len(f.Components) != 3 {
			t.Errorf("%s: unresolved %+v, %d components", name, left, len(f.Components))
		}
	}
	first, _, _ := linked(0xaa, hexB)
	first.Components[0].ExternalReferences[0].Hashes = append(first.Components[0].ExternalReferences[0].Hashes, sbom.Hash{Algorithm: "SHA-256", Value: hexC})
	if left := Read(first).Join(map[[32]byte]*Facts{dB: Read(second)}).Unresolved(); len(left) != 1 {
		t.Errorf("two digests: unresolved %+v", left)
	}
}

func TestJoinDepth(t *testing.T) {
	others := map[[32]byte]*Facts{}
	_, _, next := sum2(0)
	first, _, _ := linked(0xff, next)
	for i := range 40 {
		d, _, _ := sum2(i)
		_, _, on := sum2(i + 1)
		doc, _, _ := linked(0, on)
		doc.Digest = d
		others[d] = Read(doc)
	}
	f := Read(first).Join(others)
	if n := len(f.Components); n != 3+3*maxLinkedAt {
		t.Errorf("%d components, want those of %d documents", n, maxLinkedAt+1)
	}
	if len(f.Unresolved()) != 1 {
		t.Errorf("unresolved %+v", f.Unresolved())
	}
}

func sum2(i int) ([32]byte, byte, string) {
	d, hex := sum(byte(i + 1))
	return d, byte(i + 1), hex
}

// TestJoinIncomplete: what a linked document leaves open is open for everything
// that links to it, also for the second that does.
func TestJoinIncomplete(t *testing.T) {
	second, dB, hexB := linked(0xbb)
	second.Compositions[0].Assemblies = []string{"product", "part"}
	first, _, _ := linked(0xaa, hexB)
	first.Components[1].ExternalReferences = link(hexB)
	f := Read(first).Join(map[[32]byte]*Facts{dB: Read(second)})
	for i, want := range []Truth{Unknown, Unknown, Unknown, Unknown, Unknown, Unknown} {
		if got := f.Complete(i, nil); got != want {
			t.Errorf("%s: %s, want %s", f.Components[i].Pointer, got, want)
		}
	}
	if got := Read(first).Complete(1, nil); got != True {
		t.Errorf("alone: %s", got)
	}
}

// TestJoinWhole: a link of the document as a whole leads below the product, and one
// of a linked document below that one's.
func TestJoinWhole(t *testing.T) {
	third, dC, hexC := linked(0xcc)
	second, dB, hexB := linked(0xbb)
	second.ExternalReferences = link(hexC)
	first, _, _ := linked(0xaa)
	first.ExternalReferences = link(hexB)
	f := Read(first)
	if left := f.Unresolved(); len(left) != 1 || left[0].Pointer != "/r/0" {
		t.Errorf("unresolved %+v", left)
	}
	f = f.Join(map[[32]byte]*Facts{dB: Read(second), dC: Read(third)})
	if len(f.Components) != 9 || f.Components[3].Parent != 2 || f.Components[6].Parent != 3 || len(f.Unresolved()) != 0 {
		t.Errorf("%d components, parents %d and %d, unresolved %+v", len(f.Components), f.Components[3].Parent, f.Components[6].Parent, f.Unresolved())
	}
	if l := f.Links(); len(l) != 2 || l[1].Pointer != "sha256:"+hexB+"#/r/0" {
		t.Errorf("links %+v", l)
	}
	third.Compositions[0].Aggregate = "incomplete"
	if got := Read(first).Join(map[[32]byte]*Facts{dB: Read(second), dC: Read(third)}).DocumentComplete(nil); got != False {
		t.Errorf("complete = %s with a linked one that is not", got)
	}
}

// TestNamed: only a BOM-Link without any digest is what the caller says it is.
func TestNamed(t *testing.T) {
	digest, hex := sum(0xbb)
	for _, c := range []struct {
		name, url string
		hashes    []sbom.Hash
		want      bool
	}{
		{"BOM-Link", "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1", nil, true},
		{"into it", "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#part", nil, true},
		{"another", "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/2", nil, false},
		{"no BOM-Link", "https://vendor.example/", nil, false},
		{"of another algorithm", "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1", []sbom.Hash{{Algorithm: "SHA-512", Value: hex + hex}}, false},
		{"not hexadecimal", "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1", []sbom.Hash{{Algorithm: "SHA-256", Value: "zz"}}, false},
	} {
		doc, _, _ := linked(0xaa)
		doc.Components[0].ExternalReferences = []sbom.ExternalReference{{Type: "bom", URL: c.url, Hashes: c.hashes}}
		doc.Services[0].ExternalReferences, doc.ExternalReferences = doc.Components[0].ExternalReferences, doc.Components[0].ExternalReferences
		f := ReadFrom(doc, Source{Named: func(l sbom.Link) ([32]byte, bool) { return digest, l.Version == 1 }})
		for _, l := range f.Links() {
			if got, ok := l.Target(); ok != c.want || ok && got != digest {
				t.Errorf("%s: %x %v", c.name, got, ok)
			}
		}
		if n := len(f.Links()); n != 3 {
			t.Errorf("%s: %d links", c.name, n)
		}
		if _, ok := Read(doc).Links()[0].Target(); ok {
			t.Errorf("%s: known to nobody, and resolved", c.name)
		}
	}
}

// TestJoinManyLinkers: thousands of components that link to a document of thousands
// cost the sum of both.
func TestJoinManyLinkers(t *testing.T) {
	_, dB, hexB := linked(0xbb)
	second := &sbom.Document{Digest: dB}
	first := &sbom.Document{}
	for i := range 20_000 {
		first.Components = append(first.Components, sbom.Component{Pointer: fmt.Sprint(i), Parent: -1, ExternalReferences: link(hexB, hexB)})
		second.Components = append(second.Components, sbom.Component{Pointer: fmt.Sprint(i), Parent: -1})
	}
	f := Read(first).Join(map[[32]byte]*Facts{dB: Read(second)})
	if len(f.Components) != 40_000 || f.Complete(19_999, nil) != Unknown {
		t.Errorf("%d components", len(f.Components))
	}
}

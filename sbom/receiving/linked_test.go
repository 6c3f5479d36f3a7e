package receiving_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// firmware is the n-th BOM that others link to, of the given place of building,
// with links of its own.
func firmware(n int, built string, links ...string) string {
	return fmt.Sprintf(`{
 "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 2, "serialNumber": "urn:uuid:00000000-0000-4000-8000-%012d",
 "metadata": {"component": {"type": "firmware", "bom-ref": "fw", "name": "fw-%d", "version": "1", "manufacturer": {"name": "Acme"},
  "properties": [{"name": "yurai:origin:developed", "value": "JP"}, {"name": "yurai:origin:built", "value": "%s"}]}},
 "externalReferences": [%s],
 "compositions": [{"aggregate": "complete", "assemblies": ["fw"]}]
}
`, n, n, built, strings.Join(links, ","))
}

// urn is the BOM-Link of the n-th.
func urn(n int) string { return fmt.Sprintf("urn:cdx:00000000-0000-4000-8000-%012d/2", n) }

func hexOf(file string) string {
	sum := sha256.Sum256([]byte(file))
	return hex.EncodeToString(sum[:])
}

// link is a reference of type bom, with a SHA-256 unless that is "".
func link(url, digest string) string {
	if digest == "" {
		return fmt.Sprintf(`{"type": "bom", "url": %q}`, url)
	}
	return fmt.Sprintf(`{"type": "bom", "url": %q, "hashes": [{"alg": "SHA-256", "content": %q}]}`, url, digest)
}

// linking is the bill of materials, whose board links.
func linking(links ...string) string {
	return strings.Replace(bill, `"name": "CPU board",`, `"name": "CPU board", "externalReferences": [`+strings.Join(links, ",")+`],`, 1)
}

// chest is what came with a delivery.
type chest struct {
	*changing
	t *testing.T
}

// add logs a linked BOM of the rival's, a sub-supplier.
func (c chest) add(file string) int64 {
	return c.bom(file, func(b *statement.BOM) { b.Party = []string{competitor} }, c.rival)
}

// open is a file with its bundle as of now.
func (c chest) open(file string, index int64) receiving.Linked {
	return receiving.Linked{File: []byte(file), Bundle: c.whole(index)}
}

// judge judges the device with what is at hand, in both orders, which must give
// the same canonical bytes.
func (c chest) judge(file string, index int64, change func(*receiving.Request), linked ...receiving.Linked) *receiving.Verdict {
	c.t.Helper()
	with := func(list []receiving.Linked) *receiving.Verdict {
		return c.check(file, c.whole(index), func(r *receiving.Request) {
			r.Linked = list
			if change != nil {
				change(r)
			}
		})
	}
	v := with(linked)
	turned := slices.Clone(linked)
	slices.Reverse(turned)
	a, err := v.Canonical()
	if err != nil {
		c.t.Fatal(err)
	}
	if b, err := with(turned).Canonical(); err != nil || string(a) != string(b) {
		c.t.Errorf("the order of what is at hand changes the verdict (%v)\n%s\n%s", err, a, b)
	}
	if v.Verdict != receiving.Accept && outcomes(v) == allPass {
		c.t.Error("a verdict other than ACCEPT stands over six rows that pass")
	}
	return v
}

// Each linked BOM is judged as an entry of its own, and speaks in the rows of the
// one that links to it.
func TestLinked(t *testing.T) {
	const board = "/components/0/externalReferences/0"
	fw := firmware(1, "JP")
	device := linking(link(urn(1), hexOf(fw)))
	for _, tt := range []struct {
		name   string
		device string // "" for the one that links to fw
		at     func(c chest, entry int64) ([]receiving.Linked, func(*receiving.Request))
		want   string
		exit   int
		codes  string // of reasons that are not notes and not rules'
		row    string // that a reason about the linked BOM stands in
	}{
		{name: "at hand", want: receiving.Accept, at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			return []receiving.Linked{c.open(fw, i)}, nil
		}},
		{name: "not at hand", want: receiving.Hold, exit: 10, codes: "VERDICT-LINK-UNREAD", at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			return nil, nil
		}},
		{name: "swapped for one of the same name", want: receiving.Hold, exit: 10, codes: "VERDICT-LINK-OTHER", at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			other := firmware(1, "BV")
			return []receiving.Linked{c.open(other, c.add(other))}, nil
		}},
		{name: "without a bundle", want: receiving.Hold, exit: 10, codes: "BUNDLE-FILE-ABSENT", row: "log", at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			return []receiving.Linked{{File: []byte(fw)}}, nil
		}},
		{name: "not in the log", want: receiving.Hold, exit: 10, codes: "LOG-ENTRY-ABSENT", row: "log", at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			return []receiving.Linked{{File: []byte(fw), Absent: 9}}, nil
		}},
		{name: "with and without a bundle", want: receiving.Accept, at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			return []receiving.Linked{{File: []byte(fw)}, c.open(fw, i)}, nil
		}},
		{name: "with the bundle of another", want: receiving.Reject, exit: 11, codes: "VERDICT-BYTES-DIFFER", row: "contents", at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			return []receiving.Linked{{File: []byte(fw), Bundle: c.whole(c.bom5)}}, nil
		}},
		{name: "with a bundle that proves nothing", want: receiving.Reject, exit: 11, codes: "LOG-PROOF-INVALID", row: "log", at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			l := c.open(fw, i)
			l.Bundle.Statement.Index--
			l.Bundle.History = slices.DeleteFunc(l.Bundle.History, func(e receiving.Entry) bool { return e.Index == l.Bundle.Statement.Index })
			return []receiving.Linked{l}, nil
		}},
		{name: "with a bundle that has no status", want: receiving.Hold, exit: 14, codes: "BUNDLE-STATUS-ABSENT", row: "signature", at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			l := c.open(fw, i)
			l.Bundle.Status = nil
			return []receiving.Linked{l}, nil
		}},
		{name: "of a log that nobody trusts", want: receiving.Hold, exit: 14, codes: "TRUST-LOG-UNKNOWN", row: "log", at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			other := newWorld(t, "ledger.example/bench", 100)
			return []receiving.Linked{{File: []byte(fw), Bundle: other.bundle(other.bom(fw, nil))}}, nil
		}},
		{name: "withdrawn after", want: receiving.Hold, exit: 10, codes: "STATE-BOM-WITHDRAWN", row: "contents", at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			c.withdraw(competitor, i, c.rival)
			return []receiving.Linked{c.open(fw, i)}, nil
		}},
		{name: "withdrawn after, and the bundle from before beside it", want: receiving.Hold, exit: 10, codes: "STATE-BOM-WITHDRAWN", row: "contents", at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			old := c.open(fw, i)
			c.withdraw(competitor, i, c.rival)
			return []receiving.Linked{old, c.open(fw, i)}, nil
		}},
		{name: "signed with a stolen key", want: receiving.Reject, exit: 11, codes: "STATE-BOM-VOID", row: "signature", at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			c.revoke("registrar", competitor, c.rival, i, c.registrar)
			return []receiving.Linked{c.open(fw, i)}, nil
		}},
		{name: "its party suspended", want: receiving.Hold, exit: 10, codes: "STATE-PARTY-SUSPENDED", row: "signature", at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			c.log(c.must(statement.NewSuspend(statement.Suspend{Head: by(regulator), About: competitor, Reason: "r"})), c.regulator)
			return []receiving.Linked{c.open(fw, i)}, nil
		}},
		{name: "equivocal", want: receiving.Hold, exit: 10, codes: "STATE-BOM-EQUIVOCAL", row: "contents", at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			c.add(firmware(1, "TW"))
			return []receiving.Linked{c.open(fw, i)}, nil
		}},
		{name: "banned", want: receiving.Reject, exit: 11, codes: "VERDICT-ADVISORY-BAN", row: "advisories", at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			c.advise(regulator, statement.SeverityBan, statement.Selector{Product: "fw-1"}, nil, c.regulator)
			return []receiving.Linked{c.open(fw, i)}, nil
		}},
		{name: "stale", want: receiving.Hold, exit: 14, codes: "BUNDLE-STATUS-STALE", row: "signature", at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			return []receiving.Linked{c.open(fw, i)}, func(r *receiving.Request) { r.At = made.Add(1000 * time.Hour) }
		}},
		{name: "made where it must not be", device: linking(link("x", hexOf(firmware(1, "BV")))), want: receiving.Hold, exit: 10, codes: "", at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			other := firmware(1, "BV")
			return []receiving.Linked{c.open(other, c.bom(other, nil))}, nil
		}},
		{name: "no BOM", device: linking(link("x", hexOf("{}"))), want: receiving.Hold, exit: 10, codes: "VERDICT-LINK-INVALID", row: "contents", at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			return []receiving.Linked{{File: []byte("{}")}}, nil
		}},
		{name: "whose digest and BOM-Link are of two documents", device: linking(link(urn(7), hexOf(fw))), want: receiving.Hold, exit: 10, codes: "VERDICT-LINK-CONTRADICTED", at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			return []receiving.Linked{c.open(fw, i)}, nil
		}},
		{name: "by SHA-512 alone", device: linking(`{"type": "bom", "url": "` + urn(1) + `", "hashes": [{"alg": "SHA-512", "content": "` + strings.Repeat("ab", 64) + `"}]}`), want: receiving.Hold, exit: 10, codes: "VERDICT-LINK-DIGEST", at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			return []receiving.Linked{c.open(fw, i)}, nil
		}},
		{name: "by URL alone", device: linking(link("https://vendor.example/fw.cdx.json", "")), want: receiving.Hold, exit: 10, codes: "VERDICT-LINK-DIGEST", at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			return []receiving.Linked{c.open(fw, i)}, nil
		}},
		{name: "by BOM-Link alone, of another party", device: linking(link(urn(1), "")), want: receiving.Hold, exit: 10, codes: "VERDICT-LINK-UNSURE", at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			return []receiving.Linked{c.open(fw, i)}, nil
		}},
		{name: "by BOM-Link alone, of the same party", device: linking(link(urn(2), "")), want: receiving.Accept, at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			other := firmware(2, "JP")
			return []receiving.Linked{c.open(other, c.bom(other, nil)), c.open(fw, i)}, nil
		}},
		{name: "by BOM-Link alone, of two parties", device: linking(link(urn(2), "")), want: receiving.Hold, exit: 10, codes: "VERDICT-LINK-UNSURE", at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			one, two := firmware(2, "JP"), firmware(2, "TW")
			a, b := c.bom(one, nil), c.add(two)
			return []receiving.Linked{c.open(one, a), c.open(two, b)}, nil
		}},
		{name: "by BOM-Link alone, equivocal", device: linking(link(urn(2), "")), want: receiving.Hold, exit: 10, codes: "VERDICT-LINK-UNSURE", at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			one := firmware(2, "JP")
			a := c.bom(one, nil)
			c.bom(firmware(2, "TW"), nil)
			return []receiving.Linked{c.open(one, a)}, nil
		}},
		{name: "by BOM-Link alone, without a bundle", device: linking(link(urn(2), "")), want: receiving.Hold, exit: 10, codes: "VERDICT-LINK-UNSURE", at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			return []receiving.Linked{{File: []byte(firmware(2, "JP"))}}, nil
		}},
		{name: "to itself", device: linking(link("urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1", "")), want: receiving.Accept, at: func(c chest, i int64) ([]receiving.Linked, func(*receiving.Request)) {
			return nil, nil
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := device
			if tt.device != "" {
				file = tt.device
			}
			c := chest{newChanging(t, file), t}
			linked, change := tt.at(c, c.add(fw))
			v := c.judge(file, c.bom5, change, linked...)
			var codes []string
			for _, r := range v.Reasons {
				if r.Outcome != "note" && r.Rule == nil {
					codes = append(codes, r.Code)
				}
				if r.Document != "" && r.Row == tt.row && r.Outcome != "note" && (r.Document != "sha256:"+v.Linked[0].SHA256 || !slices.Contains(r.Subjects, board)) {
					t.Errorf("%s names %s and %v", r.Code, r.Document, r.Subjects)
				}
			}
			if v.Verdict != tt.want || v.Exit != tt.exit || tt.codes != "" && !slices.Contains(codes, tt.codes) || tt.codes == "" && len(codes) > 0 {
				t.Errorf("got %s %d %v\n%s\nwant %s %d %s", v.Verdict, v.Exit, codes, outcomes(v), tt.want, tt.exit, tt.codes)
			}
			if tt.row != "" && !slices.ContainsFunc(v.Reasons, func(r receiving.Reason) bool { return r.Code == tt.codes && r.Row == tt.row && r.Document != "" }) {
				t.Errorf("no reason %s in row %s names the linked BOM", tt.codes, tt.row)
			}
		})
	}
}

// A verdict over linked BOMs counts their parts, names the party and entry of each,
// and points into them.
func TestLinkedFacts(t *testing.T) {
	inner := firmware(2, "BV")
	fw := firmware(1, "JP", link(urn(2), hexOf(inner)))
	file := linking(link(urn(1), hexOf(fw)), link("https://again.example", hexOf(fw)))
	c := chest{newChanging(t, file), t}
	one, two := c.add(fw), c.bom(inner, nil)
	v := c.judge(file, c.bom5, nil, c.open(inner, two), c.open(fw, one), c.open(bill, c.bom5))
	if v.Verdict != receiving.Hold || v.Counts.Components != 4 || !v.Counts.Complete || !strings.HasPrefix(grave(v), "POLICY-") {
		t.Errorf("got %s, %+v, %s", v.Verdict, v.Counts, grave(v))
	}
	at := "sha256:" + hexOf(inner) + "#/metadata/component"
	if !slices.ContainsFunc(v.Reasons, func(r receiving.Reason) bool { return r.Rule != nil && slices.Contains(r.Subjects, at) }) {
		t.Errorf("no rule points at %s: %+v", at, v.Reasons)
	}
	for _, l := range v.Linked {
		switch l.SHA256 {
		case hexOf(fw):
			if l.Party.ID != competitor || l.Entry.Index != one || len(l.From) != 2 {
				t.Errorf("%+v", l)
			}
		case hexOf(inner):
			if l.Party.ID != vendor || l.Entry.Index != two || !slices.Equal(l.From, []string{"sha256:" + hexOf(fw) + "#/externalReferences/0"}) {
				t.Errorf("%+v", l)
			}
		default:
			t.Errorf("%s was looked at", l.SHA256)
		}
	}
	if len(v.Linked) != 2 {
		t.Errorf("%d linked", len(v.Linked))
	}
	without := c.judge(file, c.bom5, nil, c.open(fw, one))
	if without.Verdict != receiving.Hold || !strings.Contains(grave(without), "VERDICT-LINK-UNREAD") || without.Counts.Complete {
		t.Errorf("without the inner one: %s %s", without.Verdict, grave(without))
	}
}

// Circles end, and neither depth nor number runs away.
func TestLinkedBounds(t *testing.T) {
	// Two that link to each other can only do so by BOM-Link.
	a, b := firmware(1, "JP", link(urn(2), "")), firmware(2, "JP", link(urn(1), ""))
	file := linking(link(urn(1), hexOf(a)))
	c := chest{newChanging(t, file), t}
	one, two := c.bom(a, nil), c.bom(b, nil)
	if v := c.judge(file, c.bom5, nil, c.open(a, one), c.open(b, two)); v.Verdict != receiving.Accept || len(v.Linked) != 2 {
		t.Errorf("a circle: %s %s, %d linked", v.Verdict, grave(v), len(v.Linked))
	}

	// A chain one longer than is followed.
	chain := []string{firmware(100, "JP")}
	for i := range receiving.MaxLinkDepth {
		chain = append(chain, firmware(101+i, "JP", link("x", hexOf(chain[i]))))
	}
	bare := func(list []string) (linked []receiving.Linked) {
		for _, f := range list {
			linked = append(linked, receiving.Linked{File: []byte(f)})
		}
		return linked
	}
	file = linking(link("x", hexOf(chain[len(chain)-1])))
	c = chest{newChanging(t, file), t}
	v := c.judge(file, c.bom5, nil, bare(chain)...)
	if len(v.Linked) != receiving.MaxLinkDepth || !strings.Contains(grave(v), "VERDICT-LINK-LIMIT") {
		t.Errorf("a chain: %d linked, %s", len(v.Linked), grave(v))
	}

	// More documents than are followed, and thousands of links.
	var many, links []string
	for i := range receiving.MaxLinked + 1 {
		many = append(many, firmware(200+i, "JP"))
	}
	for i := range 7_000 {
		links = append(links, link("x", hexOf(many[i%len(many)])))
	}
	file = linking(links...)
	c = chest{newChanging(t, file), t}
	v = c.judge(file, c.bom5, nil, bare(many)...)
	if len(v.Linked) != receiving.MaxLinked || !strings.Contains(grave(v), "VERDICT-LINK-LIMIT") {
		t.Errorf("many: %d linked, %s", len(v.Linked), grave(v))
	}
}

// No bit of a linked BOM or of its bundle can be turned, and nothing of it taken
// away, so that the verdict is still ACCEPT over other evidence.
func TestFlippedLinkedNeverAccepts(t *testing.T) {
	fw := firmware(1, "JP")
	file := linking(link(urn(1), hexOf(fw)))
	c := chest{newChanging(t, file), t}
	good := c.open(fw, c.add(fw))
	if v := c.judge(file, c.bom5, nil, good); v.Verdict != receiving.Accept {
		t.Fatalf("unharmed: %s %s", v.Verdict, grave(v))
	}
	own := c.whole(c.bom5)
	judge := func(l receiving.Linked) string {
		return c.check(file, own, func(r *receiving.Request) { r.Linked = []receiving.Linked{l} }).Verdict
	}
	for i := 0; i < len(fw); i += 31 {
		bent := []byte(fw)
		bent[i] ^= 1
		if judge(receiving.Linked{File: bent, Bundle: good.Bundle}) == receiving.Accept {
			t.Errorf("byte %d of the file", i)
		}
	}
	raw, err := good.Bundle.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for i := 0; i < len(raw); i += 61 {
		bent := slices.Clone(raw)
		bent[i] ^= 1
		b, err := receiving.ParseBundle(bent)
		if err != nil {
			continue
		}
		again, err := b.Marshal()
		if err != nil || string(again) == string(raw) {
			continue // another spelling of the same
		}
		read++
		if judge(receiving.Linked{File: []byte(fw), Bundle: b}) == receiving.Accept {
			t.Errorf("byte %d of the bundle", i)
		}
	}
	if read < 10 {
		t.Errorf("only %d bent bundles could be parsed", read)
	}
	for i := range good.Bundle.History {
		b := *good.Bundle
		b.History = slices.Delete(slices.Clone(b.History), i, i+1)
		// The admission gives nobody a key.
		if i != 1 && judge(receiving.Linked{File: []byte(fw), Bundle: &b}) == receiving.Accept {
			t.Errorf("without entry %d", good.Bundle.History[i].Index)
		}
	}
}

package policy

import (
	"fmt"
	"testing"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
	"github.com/yurai-ledger/yurai/sbom/specimen"
)

func largeDocument(n int) *sbom.Document {
	parts := make([]sbom.Component, n)
	for i := range parts {
		pointer := fmt.Sprintf("/components/%d", i-1)
		if i == 0 {
			pointer = "/metadata/component"
		}
		parts[i] = part(pointer, "device", made, "JP=70;MY=30|number of parts", "yurai:origin:assembled", "DE", "cdx:device:function", "compute")
	}
	return document(parts...)
}

func BenchmarkEvaluate(b *testing.B) {
	var list []string
	for i := range 24 {
		list = append(list, fmt.Sprintf("each: component, where: {critical: true}, when: 'made(it, input.concern) || (ctx.stage == \"stage%d\" && !complete(it))', outcome: hold, unknown: hold", i))
	}
	p := rules(b, "inputs: {concern: {type: codes, value: [BV, HM, AQ]}}\n", list...)
	facts := origin.Read(largeDocument(1000))
	b.ReportAllocs()
	for b.Loop() {
		out := p.Evaluate(Evidence{Facts: facts, At: noon, Context: Context{Stage: "tender"}})
		if out.Verdict != "accept" {
			b.Fatal(out.Verdict, out.Reasons[0])
		}
	}
	b.ReportMetric(float64(24*1000*b.N)/b.Elapsed().Seconds(), "subjects/s")
}

func BenchmarkRead(b *testing.B) {
	doc := largeDocument(1000)
	b.ReportAllocs()
	for b.Loop() {
		origin.Read(doc)
	}
}

func BenchmarkParse(b *testing.B) {
	raw, _ := Pack(Starter)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(raw); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPack judges a specimen by a pack with lists, as a check does.
func BenchmarkPack(b *testing.B) {
	s := specimen.New(specimen.Options{Family: specimen.BaseStation, Components: 1000})
	doc, findings := sbom.Admit(s.Raw, sbom.DefaultLimits)
	if doc == nil {
		b.Fatal(sbom.FirstError(findings))
	}
	rows := []string{"id,name"}
	for i := range 10_000 {
		rows = append(rows, fmt.Sprintf("x:listed-%d,Listed Company %d of Nowhere", i, i))
	}
	l := mustList(b, rows...)
	for _, name := range []string{"jp-espa", "us-889-style"} {
		b.Run(name, func(b *testing.B) {
			p := mustPack(b, name)
			e := Evidence{Facts: origin.Read(doc), At: noon, Context: Context{Stage: "tender"}, Lists: make(map[string]Reference)}
			for _, in := range p.Inputs {
				if in.Type == "codes" {
					e.Inputs, _ = p.WithCodes(e.Inputs, in.Name, []string{"BV"})
					continue
				}
				e.Lists[in.Name] = Reference{List: l, Date: noon}
			}
			b.ReportAllocs()
			for b.Loop() {
				if out := p.Evaluate(e); out.Counts.Components != 1000 {
					b.Fatal(out.Counts)
				}
			}
		})
	}
}

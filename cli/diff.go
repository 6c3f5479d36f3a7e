package cli

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/diff"
	"github.com/yurai-ledger/yurai/sbom/origin"
	"github.com/yurai-ledger/yurai/server/problem"
)

// diffFormat is the "format" member of `diff -f json`.
const diffFormat = "yurai-diff/1"

// diffReport is what `diff -f json` prints: changes in the order of package diff.
type diffReport struct {
	Format      string        `json:"format"`
	Old         diffDocument  `json:"old"`
	New         diffDocument  `json:"new"`
	SameProduct bool          `json:"sameProduct"`
	Judged      origin.Truth  `json:"judged"` // whether a policy could judge by anything that changed
	Counts      diffCounts    `json:"counts"`
	Changes     []changeEntry `json:"changes"`
}

type diffDocument struct {
	File         string `json:"file"`
	SHA256       string `json:"sha256"` // hex
	SerialNumber string `json:"serialNumber"`
	Version      int64  `json:"version"`
	Product      string `json:"product"`
	Revision     string `json:"productVersion"`
}

// diffCounts are the changes of each weight, those not shown too.
type diffCounts struct {
	Origin   int `json:"origin"`
	Party    int `json:"party"`
	Access   int `json:"access"`
	Contents int `json:"contents"`
	Display  int `json:"display"`
}

type changeEntry struct {
	Kind    diff.Kind    `json:"kind"`
	Weight  diff.Weight  `json:"weight"`
	Aspect  diff.Aspect  `json:"aspect"`
	Key     string       `json:"key"`
	Service bool         `json:"service"`
	Judged  origin.Truth `json:"judged"`
	Maker   string       `json:"maker,omitzero"` // of both
	Old     *diffPlace   `json:"old"`
	New     *diffPlace   `json:"new"`
	Was     *diffFact    `json:"was"`
	Is      *diffFact    `json:"is"`
	Text    string       `json:"text"` // in the language
}

type diffPlace struct {
	Pointer string `json:"pointer"`
	Ref     string `json:"ref,omitzero"`
	Type    string `json:"type,omitzero"`
	Name    string `json:"name,omitzero"`
	Version string `json:"version,omitzero"`
	Parent  string `json:"parent,omitzero"`
}

type diffFact struct {
	Value    string       `json:"value"`
	State    origin.State `json:"state"`
	Strength string       `json:"strength,omitzero"`
	Pointer  string       `json:"pointer"`
}

func newDiff(e *environment) *cobra.Command {
	var form formatFlag
	var out result
	var originOnly bool
	cmd := leaf(e, &cobra.Command{
		Use:   "diff OLD NEW [--origin-only] [-f table|json|markdown]",
		Short: "Say what changed between two bills of materials, part by part",
		Long: `Compare two bills of materials: which parts came, went or moved, and of the others
what is told differently: where they are made and by whom, parties, remote access and
data, function, versions, digests, completeness, links. A part is found again by its
package URL or CPE without version, else by type, group and name below the same part,
so the order of components and their bom-refs do not matter. A fact that is no longer
told, withheld, unknown, contradicted or less well founded is a change of its own.

--origin-only leaves out what no policy judges by: versions, digests and display.
"-" is standard input. Exit 0 whether or not anything changed, 3 if a file cannot be
read as a bill of materials.`,
		Example: "  yurai diff tender.cdx.json delivered.cdx.json --origin-only",
	}, cobra.ExactArgs(2), func(cmd *cobra.Command, files []string) error {
		if files[0] == "-" && files[1] == "-" {
			return misuse(cmd, "only one of the two can be standard input")
		}
		var docs [2]*sbom.Document
		for i, file := range files {
			raw, err := e.readInput(file, maxBOM)
			if err != nil {
				return err
			}
			doc, findings := sbom.Admit(raw, sbom.DefaultLimits)
			if doc == nil {
				return fmt.Errorf("%s: %w", file, sbom.FirstError(findings))
			}
			if doc.ViewError != nil {
				return refuse("DIFF-VIEW-MISSING", "%s: %w", file, doc.ViewError)
			}
			docs[i] = doc
		}
		c := diff.Compare(docs[0], docs[1])
		if c.ViewError != nil {
			return refuse("DIFF-VIEW-MISSING", "%w", c.ViewError)
		}
		v := diffView{e: e, files: files, docs: docs, changes: c}
		for i := range c.List {
			if ch := &c.List[i]; !originOnly || ch.Judged() != origin.False {
				v.shown = append(v.shown, ch)
			}
		}
		switch {
		case form.json():
			line, err := json.Marshal(v.report())
			if err != nil {
				return err
			}
			out.Write(append(harmless(line), '\n'))
		case form.value == "markdown":
			v.markdown(&out)
		default:
			v.table(&out)
		}
		return out.deliver(e)
	})
	cmd.Flags().BoolVar(&originOnly, "origin-only", false, "show only what a policy could judge by")
	form.flag(cmd, "table", "json", "markdown")
	out.flag(cmd)
	return cmd
}

// diffView is a comparison as it is shown.
type diffView struct {
	e       *environment
	files   []string
	docs    [2]*sbom.Document
	changes *diff.Changes
	shown   []*diff.Change
}

func (v *diffView) report() diffReport {
	document := func(i int) diffDocument {
		d := v.docs[i]
		return diffDocument{strings.ToValidUTF8(v.files[i], "\uFFFD"), strings.TrimPrefix(d.DigestString(), "sha256:"), d.SerialNumber, d.Version, d.Product.Name, d.Product.Version}
	}
	place := func(p *diff.Place) *diffPlace {
		if p == nil {
			return nil
		}
		return &diffPlace{p.Pointer, p.Ref, p.Type, p.Name, p.Version, p.Parent}
	}
	fact := func(f *diff.Fact) *diffFact {
		if f == nil {
			return nil
		}
		strength := ""
		if f.Strength != 0 {
			strength = f.Strength.String()
		}
		return &diffFact{f.Value, f.State, strength, f.Pointer}
	}
	c := v.changes
	r := diffReport{
		Format: diffFormat, Old: document(0), New: document(1), SameProduct: !c.Other, Judged: c.Origin(),
		Counts:  diffCounts{c.Count(diff.Origin), c.Count(diff.Party), c.Count(diff.Access), c.Count(diff.Contents), c.Count(diff.Display)},
		Changes: []changeEntry{},
	}
	for _, ch := range v.shown {
		r.Changes = append(r.Changes, changeEntry{
			ch.Kind, ch.Weight, ch.Aspect, ch.Key, ch.Service, ch.Judged(), ch.Maker,
			place(ch.Old), place(ch.New), fact(ch.Was), fact(ch.Is), v.sentence(ch),
		})
	}
	return r
}

func (v *diffView) sentence(c *diff.Change) string { return problem.Text(c.Sentence()).In(v.e.lang) }

// diffRow is a change, or several that differ in nothing but the part.
type diffRow struct {
	weight, text, where string
}

// rows are the changes for people. Where many parts are no longer listed, or are
// now, one stands for all.
func (v *diffView) rows() []diffRow {
	type alike struct {
		kind    diff.Kind
		key     string
		was, is string
	}
	const enough = 3
	value := func(f *diff.Fact) string {
		if f == nil {
			return ""
		}
		return f.Value
	}
	of := func(c *diff.Change) alike { return alike{c.Kind, c.Key, value(c.Was), value(c.Is)} }
	count, said := make(map[alike]int), make(map[alike]bool)
	for _, c := range v.shown {
		if c.Aspect == diff.Completeness {
			count[of(c)]++
		}
	}
	var rows []diffRow
	for _, c := range v.shown {
		text := v.sentence(c)
		if n := count[of(c)]; c.Aspect == diff.Completeness && n > enough {
			if said[of(c)] {
				continue
			}
			said[of(c)] = true
			text += v.e.text(fmt.Sprintf("; the same of %d more", n-1), fmt.Sprintf("（ほかに同様の変更%d件）", n-1))
		}
		rows = append(rows, diffRow{v.weight(c.Weight), text, where(c)})
	}
	return rows
}

// where says where a change is found in the documents.
func where(c *diff.Change) string {
	switch {
	case c.Old == nil:
		return c.New.Pointer
	case c.New == nil || c.New.Pointer == c.Old.Pointer:
		return c.Old.Pointer
	}
	return c.Old.Pointer + " → " + c.New.Pointer
}

func (v *diffView) weight(w diff.Weight) string {
	return v.e.text(string(w), map[diff.Weight]string{
		diff.Origin: "原産地", diff.Party: "当事者", diff.Access: "アクセス", diff.Contents: "内容", diff.Display: "表示",
	}[w])
}

// head says what was compared and how much changed.
func (v *diffView) head() []string {
	e, c := v.e, v.changes
	name := func(i int) string {
		p := v.docs[i].Product
		return sbom.Clip(strings.TrimSpace(cmp.Or(p.Name, "?")+" "+p.Version), 200)
	}
	var lines []string
	if c.Other {
		lines = append(lines, e.text(
			fmt.Sprintf("ANOTHER PRODUCT: %s → %s", name(0), name(1)),
			fmt.Sprintf("別の製品です：%s → %s", name(0), name(1))))
	} else {
		lines = append(lines, e.text(
			fmt.Sprintf("product: %s → %s", name(0), name(1)),
			fmt.Sprintf("製品：%s → %s", name(0), name(1))))
	}
	if len(c.List) == 0 {
		return append(lines, e.text("nothing changed", "変更はありません"))
	}
	counts := make([]string, 0, 5)
	for _, w := range diff.Weights() {
		if n := c.Count(w); n > 0 {
			counts = append(counts, fmt.Sprintf("%s %d", v.weight(w), n))
		}
	}
	lines = append(lines, e.text(
		fmt.Sprintf("%s: %s", number(len(c.List), "change"), strings.Join(counts, ", ")),
		fmt.Sprintf("変更%d件：%s", len(c.List), strings.Join(counts, "、"))))
	switch c.Origin() {
	case origin.True:
		lines = append(lines, e.text("a policy could judge the new one otherwise", "ポリシーの判定が変わりうる変更があります"))
	case origin.Unknown:
		lines = append(lines, e.text("whether a policy could judge the new one otherwise is unknown: a link leads elsewhere", "リンク先の部品表が変わったため、ポリシーの判定が変わりうるかは不明です"))
	default:
		lines = append(lines, e.text("nothing that a policy judges by", "ポリシーの判定に関わる変更はありません"))
	}
	return lines
}

// number counts things in English.
func number(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// table writes the comparison for a terminal.
func (v *diffView) table(out *result) {
	fmt.Fprintf(out, "%s → %s\n", printable(v.files[0]), printable(v.files[1]))
	for _, line := range v.head() {
		fmt.Fprintf(out, "  %s\n", printable(line))
	}
	rows := v.rows()
	if len(rows) > 0 {
		fmt.Fprintln(out)
	}
	for _, r := range rows {
		fmt.Fprintf(out, "  %s%s\n", pad(r.weight, 10), printable(r.text))
		if r.where != "" {
			fmt.Fprintf(out, "  %s%s\n", pad("", 10), printable(r.where))
		}
	}
}

// markdown writes the comparison as a table of GitHub Flavored Markdown.
func (v *diffView) markdown(out *result) {
	fmt.Fprintf(out, "## %s → %s\n\n", plainMarkdown(v.files[0]), plainMarkdown(v.files[1]))
	for _, line := range v.head() {
		fmt.Fprintf(out, "- %s\n", plainMarkdown(line))
	}
	rows := v.rows()
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(out, "\n| %s | %s | %s |\n|---|---|---|\n", v.e.text("weight", "区分"), v.e.text("change", "変更"), v.e.text("where", "箇所"))
	for _, r := range rows {
		fmt.Fprintf(out, "| %s | %s | %s |\n", plainMarkdown(r.weight), plainMarkdown(r.text), plainMarkdown(r.where))
	}
}

// plainMarkdown returns text of unverified input so that Markdown shows it and
// reads nothing in it: no markup, link, HTML, list or cell.
func plainMarkdown(s string) string {
	var b strings.Builder
	text := []rune(printable(s))
	for i, r := range text {
		before, after := string(text[:min(i, 9)]), rune(0)
		if i+1 < len(text) {
			after = text[i+1]
		}
		switch {
		case strings.ContainsRune("&<>", r):
			fmt.Fprintf(&b, "&#%d;", r)
			continue
		case strings.ContainsRune("\\`*_[]|~", r),
			i == 0 && strings.ContainsRune("#+-=", r),
			r == '.' && i < 10 && strings.Trim(before, "0123456789") == "",
			r == '.' && i >= 3 && strings.EqualFold(string(text[i-3:i]), "www"),
			r == ':' && after == '/':
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

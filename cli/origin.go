package cli

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
	"github.com/yurai-ledger/yurai/server/problem"
)

// OriginFormat is the name of what `origin -f json` prints.
const OriginFormat = "yurai-origin/1"

// originReport is the result of `origin -f json`.
type originReport struct {
	Format   string         `json:"format"`
	File     string         `json:"file"`
	Digest   string         `json:"sha256"`
	Draft    bool           `json:"draft"`    // of CycloneDX 2.0: no bill of materials that the ledger admits
	Complete origin.Truth   `json:"complete"` // all components are stated to be listed
	Rows     []originRow    `json:"rows"`
	Links    []string       `json:"unresolved"` // pointers of links to documents that were not given
	Findings []sbom.Finding `json:"findings"`
}

// originRow is one fact.
type originRow struct {
	Subject  string          `json:"subject"` // JSON Pointer
	Label    string          `json:"label"`
	Topic    origin.Topic    `json:"topic"`
	Name     string          `json:"name"`
	Value    string          `json:"value"`
	Strength origin.Strength `json:"strength"`
	State    origin.State    `json:"state"`
	Pointer  string          `json:"pointer"`
	Also     []string        `json:"also"`
	By       []string        `json:"by"`
}

func newOrigin(e *environment) *cobra.Command {
	var form formatFlag
	var out result
	var linked []string
	var draft bool
	cmd := leaf(e, &cobra.Command{
		Use:   "origin FILE [--linked FILE]… [--draft] [-f table|json|csv] [-o FILE]",
		Short: "List what a bill of materials tells of where things come from",
		Long: `List every fact of origin in a CycloneDX bill of materials, one a row: the component
or service, the stage or the role of a party, the value, who stands behind it, whether
it can be relied on, and the JSON Pointer of where it is told. What should be told and
is not is a row as well. Nothing is inferred, and nothing here is a verdict: check
judges. --linked gives a file that the first one links to by its SHA-256, as those are
that fetch --linked kept beside it; its facts come below the component that links. --draft reads origins and parties of a document
in the draft of CycloneDX 2.0, which the ledger does not admit. "-" is standard input.
A cell of -f csv that a spreadsheet would run begins with an apostrophe.`,
		Example: "  yurai origin relay.cdx.json --linked firmware.cdx.json -f csv -o origin.csv",
	}, cobra.ExactArgs(1), func(_ *cobra.Command, files []string) error {
		facts, digest, err := originFacts(e, files[0], draft)
		if err != nil {
			return err
		}
		others := make(map[[sha256.Size]byte]*origin.Facts)
		beside, err := e.beside(files, linked)
		if err != nil {
			return err
		}
		for _, name := range beside {
			other, sum, err := originFacts(e, name, false)
			if err != nil {
				return err
			}
			others[sum] = other
		}
		report := originOf(facts.Join(others), files[0], digest, draft)
		switch {
		case form.json():
			line, err := json.Marshal(report)
			if err != nil {
				return err
			}
			out.Write(append(harmless(line), '\n'))
		case form.value == "csv":
			if err := report.csv(e, &out); err != nil {
				return err
			}
		default:
			report.table(e, &out)
		}
		return out.deliver(e)
	})
	cmd.Flags().StringArrayVar(&linked, "linked", nil, "`FILE` that the bill of materials links to; may be repeated")
	cmd.Flags().BoolVar(&draft, "draft", false, "FILE is in the draft of CycloneDX 2.0")
	form.flag(cmd, "table", "json", "csv")
	out.flag(cmd)
	return cmd
}

// originFacts reads the facts of one file.
func originFacts(e *environment, name string, draft bool) (*origin.Facts, [sha256.Size]byte, error) {
	raw, err := e.readInput(name, maxBOM)
	if err != nil {
		return nil, [sha256.Size]byte{}, err
	}
	digest := sha256.Sum256(raw)
	if draft {
		facts, err := origin.ReadDraft(raw)
		if err != nil {
			err = fmt.Errorf("%s: %w", name, err)
		}
		return facts, digest, err
	}
	doc, findings := sbom.Admit(raw, sbom.DefaultLimits)
	if doc == nil {
		return nil, digest, fmt.Errorf("%s: %w", name, sbom.FirstError(findings))
	}
	return origin.Read(doc), digest, nil
}

// originOf makes the report. Findings come in the order of the document's parts.
func originOf(f *origin.Facts, name string, digest [sha256.Size]byte, draft bool) originReport {
	r := originReport{
		Format: OriginFormat, File: strings.ToValidUTF8(name, "\uFFFD"), Digest: "sha256:" + hex.EncodeToString(digest[:]),
		Draft: draft, Complete: f.DocumentComplete(nil), Rows: []originRow{}, Links: []string{}, Findings: []sbom.Finding{},
	}
	for _, row := range f.Rows() {
		r.Rows = append(r.Rows, originRow{
			Subject: row.Subject.Pointer, Label: strings.TrimSpace(row.Subject.Name + " " + row.Subject.Version),
			Topic: row.Topic, Name: row.Name, Value: row.Value, Strength: row.Strength, State: row.State,
			Pointer: row.Pointer, Also: append([]string{}, row.Also...), By: append([]string{}, row.By...),
		})
	}
	for _, l := range f.Unresolved() {
		r.Links = append(r.Links, l.Pointer)
	}
	r.Findings = append(r.Findings, f.Findings...)
	return r
}

// title is what a row is about, in one cell.
func (r originRow) title() string {
	if r.Topic == origin.TopicOrigin || r.Topic == origin.TopicParty {
		return r.Name
	}
	return string(r.Topic) + " " + r.Name
}

// heads are the headings of the columns.
func (e *environment) originHeads() []string {
	return []string{
		e.text("subject", "対象"), e.text("what", "事項"), e.text("value", "値"),
		e.text("strength", "根拠の強さ"), e.text("state", "状態"), e.text("pointer", "箇所"),
	}
}

// table writes the report for people: each subject, and its facts below.
func (r originReport) table(e *environment, out *result) {
	if r.Draft {
		fmt.Fprintf(out, "%s\n", e.text("draft: CycloneDX 2.0 is not published, and what is read here may change with it",
			"草案：CycloneDX 2.0は未公開のため、ここで読み取る内容は変わる可能性があります"))
	}
	heads := e.originHeads()
	lines := [][]string{heads[1:]}
	for _, row := range r.Rows {
		lines = append(lines, []string{printable(row.title()), printable(sbom.Clip(row.Value, 60)), e.strengthWord(row.Strength), e.stateWord(row.State), printable(row.Pointer)})
	}
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], columns(cell)+2)
		}
	}
	write := func(line []string) {
		var b strings.Builder
		b.WriteString("  ")
		for i, cell := range line[:len(line)-1] {
			b.WriteString(pad(cell, widths[i]))
		}
		b.WriteString(line[len(line)-1])
		fmt.Fprintln(out, strings.TrimRight(b.String(), " "))
	}
	write(lines[0])
	last := "\x00"
	for i, row := range r.Rows {
		if row.Subject != last {
			last = row.Subject
			fmt.Fprintf(out, "%s %s\n", printable(row.Subject), printable(row.Label))
		}
		write(lines[i+1])
	}
	for _, p := range r.Links {
		fmt.Fprintf(out, "%s %s\n", e.text("not looked at: what is linked at", "未確認の参照先："), printable(p))
	}
	for _, f := range r.Findings {
		fmt.Fprintf(out, "%s %s %s\n    %s\n", e.severity(problem.Severity(f.Severity)), f.Code, printable(f.Pointer), printable(f.Text))
	}
	fmt.Fprintf(out, "%s\n", map[origin.Truth]string{
		origin.True:    e.text("The list is stated to be complete.", "部品表はすべてを記載していると申告されています。"),
		origin.False:   e.text("The list is stated to be incomplete.", "部品表は一部のみの記載と申告されています。"),
		origin.Unknown: e.text("The list is not stated to be complete.", "部品表がすべてを記載しているとは申告されていません。"),
	}[r.Complete])
}

// csv writes the rows by RFC 4180, but for line ends.
func (r originReport) csv(e *environment, out *result) error {
	w := csv.NewWriter(out)
	heads := slices.Insert(e.originHeads(), 1, e.text("name", "名称"))
	if err := w.Write(append(heads, e.text("also", "同じ記載"), e.text("by", "裏付け"))); err != nil {
		return err
	}
	for _, row := range r.Rows {
		cells := []string{
			row.Subject, row.Label, row.title(), row.Value, e.strengthWord(row.Strength), e.stateWord(row.State), row.Pointer,
			strings.Join(row.Also, " "), strings.Join(row.By, " "),
		}
		for i, cell := range cells {
			cells[i] = inert(printable(cell))
		}
		if err := w.Write(cells); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// inert returns the cell with an apostrophe before what a spreadsheet would take
// for a formula: =, +, -, @ and their full-width forms, tabs and line ends, behind
// spaces too.
func inert(cell string) string {
	head := strings.TrimLeft(cell, " \u3000\u00a0")
	if head != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(head)[0]) {
		return "'" + cell
	}
	return cell
}

func (e *environment) strengthWord(s origin.Strength) string {
	return e.text(s.String(), map[origin.Strength]string{
		origin.Derived: "導出", origin.Asserted: "申告", origin.Cited: "出典あり", origin.Attested: "第三者証明", origin.Observed: "現物確認",
	}[s])
}

func (e *environment) stateWord(s origin.State) string {
	return e.text(string(s), map[origin.State]string{
		origin.Stated: "記載あり", origin.Contradicted: "矛盾", origin.Malformed: "読取不能", origin.Untold: "記載なし", origin.Hinted: "参考",
	}[s])
}

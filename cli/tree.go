package cli

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/server/problem"
)

// TreeFormat is the name of what `bom tree -f json` prints.
const TreeFormat = "yurai-tree/1"

// treeReport is the result of `bom tree -f json`. Documents come in the order in
// which links lead to them, nodes in the order of the tree.
type treeReport struct {
	Format     string         `json:"format"`
	Documents  []treeDocument `json:"documents"` // the file first
	Nodes      []treeNode     `json:"nodes"`
	Unresolved int            `json:"unresolved"` // links
}

// treeDocument is a document. What its bundle says is there only if it verified.
type treeDocument struct {
	SHA256       string `json:"sha256"`
	File         string `json:"file"`
	Bytes        int    `json:"bytes"`
	SpecVersion  string `json:"specVersion"`
	SerialNumber string `json:"serialNumber"` // "" if it has none
	Version      int64  `json:"version"`
	Components   int    `json:"components"`
	Services     int    `json:"services"`
	Party        string `json:"party,omitzero"`
	Name         string `json:"name,omitzero"` // as the registrar enrolled it
	Log          string `json:"log,omitzero"`
	Entry        *int64 `json:"entry,omitzero"`
	Standing     string `json:"standing,omitzero"`
	Unproven     string `json:"unproven,omitzero"` // code of why nothing of that is known
}

// treeNode is a document as a whole, a component or a service.
type treeNode struct {
	Document int        `json:"document"` // index among the documents
	Kind     string     `json:"kind"`     // document, component or service
	Pointer  string     `json:"pointer"`
	Depth    int        `json:"depth"` // below the file
	Type     string     `json:"type,omitzero"`
	Label    string     `json:"label,omitzero"`
	Links    []treeLink `json:"links,omitempty"`
}

// treeLink is a link to another document, which is among the documents or not.
type treeLink struct {
	Pointer    string `json:"pointer"`
	URL        string `json:"url"`
	SHA256     string `json:"sha256,omitzero"` // that it states
	Document   *int   `json:"document,omitzero"`
	Unresolved string `json:"unresolved,omitzero"` // code of why
}

func newBOMTree(e *environment) *cobra.Command {
	var form formatFlag
	var out result
	var linked []string
	var trustFile string
	cmd := leaf(e, &cobra.Command{
		Use:   "tree FILE [--linked FILE]… [--trust T] [-f table|json] [-o FILE]",
		Short: "Show what a bill of materials lists and links to, as one tree",
		Long: `Show the components and services of a bill of materials and, where they link to other
bills of materials by SHA-256, those of these: the ones named with --linked, and the
ones in FILE.linked, where fetch --linked keeps them. Each document stands once. A link
that cannot be followed is named, with the reason. With --trust the bundle beside each
document says who signed it and where it is recorded. Nothing here is a verdict: check
judges. "-" is standard input.`,
		Example: "  yurai bom tree relay.cdx.json --linked firmware.cdx.json --trust trust.json",
	}, cobra.ExactArgs(1), func(_ *cobra.Command, files []string) error {
		t := planting{e: e, files: map[[sha256.Size]byte]*planted{}, others: map[sbom.Link]bool{}}
		if trustFile != "" {
			var err error
			if t.trust, err = readTrust(trustFile); err != nil {
				return err
			}
		}
		own, err := t.read(files[0])
		if err != nil {
			return err
		}
		names, err := e.beside(files, linked)
		if err != nil {
			return err
		}
		for _, name := range names {
			other, err := t.read(name)
			if err != nil {
				return err
			}
			if t.files[other.doc.Digest] == nil {
				t.files[other.doc.Digest] = other
				t.others[other.doc.Link()] = true
			}
		}
		t.files[own.doc.Digest] = own
		t.report = treeReport{Format: TreeFormat, Documents: []treeDocument{}, Nodes: []treeNode{}}
		t.document(own, 0, 0)
		if form.json() {
			line, err := json.Marshal(t.report)
			if err != nil {
				return err
			}
			out.Write(append(harmless(line), '\n'))
		} else {
			t.report.table(e, &out)
		}
		return out.deliver(e)
	})
	cmd.Flags().StringArrayVar(&linked, "linked", nil, "`FILE` that the bill of materials links to; may be repeated")
	cmd.Flags().StringVar(&trustFile, "trust", "", "trust `FILE`, under which the bundles are verified")
	form.flag(cmd, "table", "json")
	out.flag(cmd)
	return cmd
}

// planted is a document at hand.
type planted struct {
	name string
	doc  *sbom.Document
	at   int // one more than its index among the documents, 0 before it is there
}

// planting makes a tree of documents.
type planting struct {
	e      *environment
	trust  *ledger.Trust // nil to verify nothing
	files  map[[sha256.Size]byte]*planted
	others map[sbom.Link]bool // what the files say that they are
	report treeReport
}

// read reads a file that has to be a bill of materials.
func (t *planting) read(name string) (*planted, error) {
	raw, err := t.e.readInput(name, maxBOM)
	if err != nil {
		return nil, err
	}
	if err := swapped(name, raw); err != nil {
		t.e.complain(err)
	}
	doc, findings := sbom.Admit(raw, sbom.DefaultLimits)
	if doc == nil {
		return nil, fmt.Errorf("%s: %w", name, sbom.FirstError(findings))
	}
	return &planted{name: name, doc: doc}, nil
}

// document adds a document, what it lists, and what that links to.
func (t *planting) document(p *planted, depth, far int) {
	doc := p.doc
	t.report.Documents = append(t.report.Documents, t.describe(p))
	p.at = len(t.report.Documents)
	t.node(p, treeNode{Kind: "document", Depth: depth}, doc.ExternalReferences, far)
	below := make(map[int][]int)
	product := -1
	for i, c := range doc.Components {
		if c.Product {
			product = i
		}
		below[c.Parent] = append(below[c.Parent], i)
	}
	var part func(i, depth int)
	part = func(i, depth int) {
		c := &doc.Components[i]
		t.node(p, treeNode{
			Kind: "component", Pointer: c.Pointer, Depth: depth, Type: c.Type, Label: strings.TrimSpace(c.Name + " " + c.Version),
		}, c.ExternalReferences, far)
		for _, k := range below[i] {
			part(k, depth+1)
		}
	}
	// The outermost components are parts of the product.
	depth++
	if product >= 0 {
		part(product, depth)
		depth++
	}
	for _, i := range below[-1] {
		if i != product {
			part(i, depth)
		}
	}
	for _, s := range doc.Services {
		t.node(p, treeNode{
			Kind: "service", Pointer: s.Pointer, Depth: depth + s.Nested, Label: strings.TrimSpace(s.Name + " " + s.Version),
		}, s.ExternalReferences, far)
	}
}

// node adds a node, its links, and below it the documents to which no link led
// before.
func (t *planting) node(p *planted, n treeNode, references []sbom.ExternalReference, far int) {
	n.Document = p.at - 1
	at := len(t.report.Nodes)
	t.report.Nodes = append(t.report.Nodes, n)
	for _, r := range references {
		if r.Type != "bom" {
			continue
		}
		to := treeLink{Pointer: r.Pointer, URL: r.URL}
		var next *planted
		switch sum, ok := (origin.Link{URL: r.URL, Hashes: r.Hashes}).Target(); {
		case !ok:
			to.Unresolved = "VERDICT-LINK-DIGEST"
			if _, ok := sbom.ParseLink(r.URL); ok && len(r.Hashes) == 0 {
				to.Unresolved = "VERDICT-LINK-UNSURE"
			}
		default:
			to.SHA256 = fmt.Sprintf("%x", sum)
			next = t.files[sum]
			switch named, isLink := sbom.ParseLink(r.URL); {
			case next == nil && isLink && t.others[named.Whole()]:
				to.Unresolved = "VERDICT-LINK-OTHER"
			case next == nil:
				to.Unresolved = "VERDICT-LINK-UNREAD"
			case isLink && next.doc.Link() != named.Whole():
				next, to.Unresolved = nil, "VERDICT-LINK-CONTRADICTED"
			case next.at == 0 && (far == receiving.MaxLinkDepth || len(t.report.Documents) > receiving.MaxLinked):
				next, to.Unresolved = nil, "VERDICT-LINK-LIMIT"
			}
		}
		if to.Unresolved != "" {
			t.report.Unresolved++
		}
		if next != nil {
			if next.at == 0 {
				t.document(next, n.Depth+1, far+1)
			}
			index := next.at - 1
			to.Document = &index
		}
		t.report.Nodes[at].Links = append(t.report.Nodes[at].Links, to)
	}
}

// describe returns what is known of a document, with what its bundle proves.
func (t *planting) describe(p *planted) treeDocument {
	doc := p.doc
	d := treeDocument{
		SHA256: fmt.Sprintf("%x", doc.Digest), File: strings.ToValidUTF8(p.name, "\uFFFD"), Bytes: len(doc.Raw), SpecVersion: doc.SpecVersion,
		SerialNumber: doc.SerialNumber, Version: doc.Version, Components: len(doc.Components), Services: len(doc.Services),
	}
	if t.trust == nil {
		return d
	}
	h, err := t.e.localBundle(bundleName(p.name), t.trust)
	switch {
	case p.name == "-" || errors.Is(err, fs.ErrNotExist):
		d.Unproven = "BUNDLE-FILE-ABSENT"
	case err != nil:
		if d.Unproven = problem.Code(err); d.Unproven == "" {
			d.Unproven = "BUNDLE-PROOF-INVALID"
		}
	case h.digest() != ledger.Hash(doc.Digest):
		d.Unproven = "VERDICT-BYTES-DIFFER"
	default:
		ev := h.evidence
		d.Party, d.Name, d.Log, d.Entry, d.Standing = ev.Party, ev.PartyName, h.bundle.Log, &ev.Index, string(ev.Standing.Word)
	}
	return d
}

// table writes the tree for people. A document to which a second link leads is
// named there, and shown where the first led.
func (r treeReport) table(e *environment, out *result) {
	shown := 0 // documents
	for i := range r.Nodes {
		n := &r.Nodes[i]
		indent := strings.Repeat("  ", n.Depth)
		switch n.Kind {
		case "document":
			d := &r.Documents[n.Document]
			shown = n.Document + 1
			if n.Document > 0 {
				fmt.Fprintf(out, "%s%s ", indent, e.text("links to:", "参照先："))
			}
			fmt.Fprintf(out, "%s sha256:%s\n", printable(d.File), d.SHA256[:12])
			fmt.Fprintf(out, "%s  %s\n", indent, e.text(
				fmt.Sprintf("CycloneDX %s, %d bytes, %d components, %d services", d.SpecVersion, d.Bytes, d.Components, d.Services),
				fmt.Sprintf("CycloneDX %s、%dバイト、部品%d点、サービス%d点", d.SpecVersion, d.Bytes, d.Components, d.Services)))
			if line := d.signed(e); line != "" {
				fmt.Fprintf(out, "%s  %s\n", indent, printable(line))
			}
		default:
			kind := n.Type
			if n.Kind == "service" {
				kind = e.text("service", "サービス")
			}
			fmt.Fprintf(out, "%s%s (%s)\n", indent, printable(sbom.Clip(n.Label, 80)), printable(kind))
		}
		for _, l := range n.Links {
			url := sbom.Quote(l.URL, 80)
			switch {
			case l.Document == nil:
				fmt.Fprintf(out, "%s  %s %s [%s]\n", indent, e.text("not resolved:", "未解決の参照："), printable(url), l.Unresolved)
			case *l.Document < shown:
				fmt.Fprintf(out, "%s  %s %s sha256:%s\n", indent, e.text("links to, shown above:", "参照先（表示済み）："), printable(r.Documents[*l.Document].File), l.SHA256[:12])
			}
		}
	}
	parts := 0
	for _, d := range r.Documents {
		parts += d.Components
	}
	fmt.Fprintf(out, "%s\n", e.text(
		fmt.Sprintf("%d documents, %d components, %d links not resolved.", len(r.Documents), parts, r.Unresolved),
		fmt.Sprintf("部品表%d件、部品%d点、未解決の参照%d件。", len(r.Documents), parts, r.Unresolved)))
}

// signed says who signed a document and where that is recorded.
func (d *treeDocument) signed(e *environment) string {
	switch {
	case d.Entry != nil:
		return e.text(
			fmt.Sprintf("signed by %s (%s), entry %d of %s, %s", d.Name, d.Party, *d.Entry, d.Log, d.Standing),
			fmt.Sprintf("%s（%s）が署名、%s の記録 %d、%s", d.Name, d.Party, d.Log, *d.Entry, d.Standing))
	case d.Unproven != "":
		return e.text("not proven to be in a log", "台帳の記録であることの証明なし") + " [" + d.Unproven + "]"
	}
	return ""
}

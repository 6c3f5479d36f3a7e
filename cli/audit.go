package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/audit"
	"github.com/yurai-ledger/yurai/ledger/client"
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/problem"
)

// maxFindings bounds the findings reported of one code; the rest are counted.
const maxFindings = 50

// auditReport is what `audit -f json` prints.
type auditReport struct {
	Log            string         `json:"log"`
	Size           int64          `json:"size"` // leaves, by the checkpoint
	Root           string         `json:"root"`
	Entries        int64          `json:"entries"` // leaves read and replayed
	Findings       []auditFinding `json:"findings"`
	ConsistentWith *treeHead      `json:"consistentWith"` // what was seen before; null if nothing was
	Examined       int64          `json:"examined"`       // BOM entries whose bytes were examined
	NotExamined    int64          `json:"notExamined"`    // BOM entries whose bytes are held
}

// treeHead is a tree that was seen.
type treeHead struct {
	Size int64  `json:"size"`
	Root string `json:"root"`
}

// auditFinding is one thing that is not as it should be, or a note.
type auditFinding struct {
	Code     string           `json:"code"`
	Severity problem.Severity `json:"severity"`
	Entry    *int64           `json:"entry"` // null for the log as a whole
	Text     string           `json:"text"`
	Remedy   string           `json:"remedy"`
}

func newAudit(e *environment) *cobra.Command {
	var trustFile, stateFile string
	var bundles []string
	var form formatFlag
	var out result
	cmd := leaf(e, &cobra.Command{
		Use:   "audit URL|DIR --trust T [--state FILE] [--bundle B]… [-f table|json]",
		Short: "Replay a whole log: every leaf, signature, rule and readable BOM",
		Long: `Read every leaf of a log, over HTTP or from its folder, and trust none of it: the
leaves must give the root that the log signed, the genesis must be the one that the
trust file pins, each signature is verified again under the keys that stood at its
index, the log's rules are replayed, and each BOM whose bytes can be read is examined.
A folder is not changed and may be in use; it has no signed checkpoint, so its own
head is compared.

The log has to begin with every checkpoint that is remembered of it, and if it is
clean its newest is remembered. --bundle holds the log's word in a bundle that it gave
out against its entries: a status that left one out is proof against the log. What
accuses somebody is written beside the memory as evidence. Exit 13 if the log
misbehaved, 14 if too few of the trust file's witnesses cosigned its checkpoint, 11 for
other grave findings, else 0.`,
		Example: "  yurai audit http://127.0.0.1:8080 --trust trust.json --state audit.json",
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if err := require(cmd, "trust"); err != nil {
			return err
		}
		trust, err := readTrust(trustFile)
		if err != nil {
			return err
		}
		ctx := cmd.Context()
		src, err := openSource(ctx, args[0], trust)
		if err != nil {
			return err
		}
		defer src.Close()
		a := auditing{
			e: e, log: src.Log(), src: src, history: registry.NewHistory(src.Log().Origin), counts: map[string]int{}, clean: true,
			trust: trust, memory: e.remember(trustFile, stateFile, trust),
		}
		a.memory.quiet = true // the report says what was compared
		for _, b := range bundles {
			if err := a.question(b); err != nil {
				return err
			}
		}
		if err := a.run(ctx); err != nil {
			return err
		}
		a.cosigned()
		if !e.now().Before(trust.Expires) {
			a.find("TRUST-FILE-EXPIRED", -1, "%s expired on %s", trustFile, statement.FormatTime(trust.Expires))
		}
		if err := a.keep(ctx); err != nil {
			return err
		}
		report := a.report()
		if form.json() {
			line, err := json.Marshal(report)
			if err != nil {
				return err
			}
			out.Write(append(harmless(line), '\n'))
		} else {
			report.print(e, &out)
		}
		if err := out.deliver(e); err != nil {
			return err
		}
		return end(a.exit())
	})
	cmd.Flags().StringVar(&trustFile, "trust", "", "trust `FILE`")
	stateFlag(cmd, &stateFile, "")
	cmd.Flags().StringArrayVar(&bundles, "bundle", nil, "bundle `FILE` whose status is held against the log; may be repeated")
	form.flag(cmd, "table", "json")
	out.flag(cmd)
	return cmd
}

// auditing is one replay.
type auditing struct {
	e       *environment
	log     ledger.TrustedLog
	src     source
	history *registry.History
	trust   *ledger.Trust
	memory  *memory

	head      ledger.Signed   // without a note for a folder
	signed    []ledger.Signed // checkpoints seen before that the head is compared with
	questions []*question
	charges   int // evidence about entries, written or not
	result    audit.Result
	findings  []auditFinding
	counts    map[string]int // findings, a code
	clean     bool           // the log is one history, and the one that was trusted
	authentic bool           // the leaves that were read are those of head
	seen      *treeHead
	boms      []int64
	edge      ledger.Range // of the leaves visited
	examined  int64
	unread    int64
}

// run replays the log. An error means that the rest is not known.
func (a *auditing) run(ctx context.Context) error {
	seen, err := a.memory.recall(a.log.Origin)
	if err != nil {
		return err
	}
	if a.head, err = a.src.Head(ctx, false); err != nil {
		return err
	}
	if p := seen.Published; p != nil && a.head.Size < p.Size {
		// A cache may be behind: ask again, past caches, before calling it a rollback.
		if a.head, err = a.src.Head(ctx, true); err != nil {
			return err
		}
	}
	before := a.earlier(seen)
	a.result, err = audit.Replay(ctx, a.src, a.head.Checkpoint, before, func(index int64, leaf []byte) error { return a.visit(ctx, index, leaf) })
	switch {
	case err == nil:
		a.authentic = a.result.Root == a.head.Root
	case damaged(err):
		a.clean = false
		a.find(problem.Code(err), -1, "the replay ended at %d of %d leaves: %v", a.history.State().Size(), a.head.Size, err)
	case ctx.Err() == nil && slices.ContainsFunc(a.result.Findings, contradicts):
		a.e.complain(err) // what breaks the replay off does not hide that
	case errors.Is(err, client.ErrNotFound):
		return refuse("CLI-ANSWER-MALFORMED", "the log does not serve what its checkpoint covers: %v", err)
	default:
		return err
	}
	for _, f := range a.result.Findings {
		a.clean = false
		a.find(f.Code, f.Index, "%s", f.Text)
	}
	for _, c := range a.result.ConsistentWith {
		if a.seen == nil || a.seen.Size < c.Size {
			a.seen = &treeHead{c.Size, c.Root.String()}
		}
	}
	a.accuse(ctx)
	for _, n := range a.history.Notes() {
		a.find(n.Code, n.Index, "%s", n.Text)
	}
	for _, index := range a.boms {
		if s, ok := a.history.Standing(index, a.head.Size); ok && s.Word == registry.Equivocal && s.First == index {
			a.find("STATE-BOM-EQUIVOCAL", index, "entry %d and %d others have the same party, serial number and version, and other bytes", index, len(s.Equivocal))
			if other := s.Equivocal[0]; index < other {
				a.equivocation(ctx, index, other)
			}
		}
	}
	a.answer(ctx)
	return nil
}

// earlier returns the checkpoints that the log has to begin with. What it has
// committed to and not published yet, or has in its folder, is no reason to call
// what it publishes short.
func (a *auditing) earlier(seen client.Seen) []ledger.Checkpoint {
	published := a.head.Note != nil
	var list []ledger.Checkpoint
	if c := seen.Published; c != nil {
		a.signed = append(a.signed, *c)
	}
	if c := seen.Committed; c != nil && (!published || c.Size <= a.head.Size) {
		a.signed = append(a.signed, *c)
	}
	for _, q := range a.questions {
		if c := q.signed(); !published || c.Size <= a.head.Size {
			a.signed = append(a.signed, c)
		}
	}
	for _, c := range a.signed {
		list = append(list, c.Checkpoint)
	}
	if c := seen.Folder; c != nil && (!published || c.Size <= a.head.Size) {
		list = append(list, *c)
	}
	return list
}

// contradicts reports whether a finding rests on two signed checkpoints.
func contradicts(f audit.Finding) bool {
	return f.Code == "AUDIT-LOG-ROLLBACK" || f.Code == "AUDIT-LOG-FORK"
}

// damaged reports whether a folder's own files contradict what it committed to.
func damaged(err error) bool {
	code := problem.Code(err)
	return strings.HasPrefix(code, "STORE-") && (strings.HasSuffix(code, "-DAMAGED") || strings.HasSuffix(code, "-MISSING") || strings.HasSuffix(code, "-MISMATCH"))
}

// visit judges one leaf: genesis pin, form, signatures, log rules, content.
func (a *auditing) visit(ctx context.Context, index int64, leaf []byte) error {
	before := a.edge
	a.edge.Append(ledger.LeafHash(leaf), nil)
	if index == 0 && ledger.LeafHash(leaf) != a.log.Genesis {
		a.clean = false
		a.find("AUDIT-GENESIS-OTHER", 0, "entry 0 is %s, the trust file pins %s", ledger.LeafHash(leaf), a.log.Genesis)
	}
	p, err := a.history.State().OpenLeaf(leaf)
	if err == nil {
		err = a.history.Apply(index, p)
	}
	if err == nil {
		err = checkEnd(&before, p.Statement())
	}
	switch {
	case errors.Is(err, statement.ErrNewer):
		return fmt.Errorf("entry %d: %w", index, err)
	case err != nil:
		a.find("AUDIT-RULE-BROKEN", index, "the log should not have taken entry %d: %v [%s]", index, err, problem.Code(err))
		return nil
	}
	if !a.history.Repeats(index) {
		for _, q := range a.questions {
			q.visit(index, p.Statement())
		}
	}
	switch body := p.Statement().Body.(type) {
	case *statement.Genesis:
		a.compareKeys(body)
	case *statement.BOM:
		a.boms = append(a.boms, index)
		return a.content(ctx, index, body)
	}
	return nil
}

// compareKeys holds the checkpoint keys of the genesis against the trust file's.
func (a *auditing) compareKeys(g *statement.Genesis) {
	var trusted []string
	for _, k := range a.log.Keys {
		trusted = append(trusted, k.String())
	}
	said := slices.Clone(g.Checkpoint)
	slices.Sort(said)
	slices.Sort(trusted)
	if !slices.Equal(said, trusted) {
		a.clean = false
		a.find("AUDIT-GENESIS-OTHER", 0, "the genesis names other checkpoint keys than the trust file")
	}
}

// content applies the content rules again to the bytes of a BOM, where they can
// be read.
func (a *auditing) content(ctx context.Context, index int64, said *statement.BOM) error {
	if said.Disclosure == statement.DisclosureHeld && !a.src.ReadsHeld() {
		a.unread++
		return nil
	}
	raw, err := a.src.Blob(ctx, ledger.Hash(said.Digest), said.Size)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case problem.Code(err) == "CLIENT-SERVER-UNREACHABLE":
		return err
	case err != nil:
		a.find("AUDIT-BOM-LOST", index, "the bytes of %s cannot be read: %v", said.Digest, err)
		return nil
	}
	a.examined++
	limits := sbom.DefaultLimits
	admission, ok := a.history.State().AdmissionAt(index)
	if ok {
		limits.Bytes, limits.Depth = int(admission.Admission.Limits.BOMBytes), int(admission.Admission.Limits.Depth)
	}
	doc, findings := sbom.Admit(raw, limits)
	if doc == nil {
		a.find("AUDIT-BOM-REFUSED", index, "the BOM of entry %d is not admissible: %v", index, sbom.FirstError(findings))
		return nil
	}
	if ok && !slices.Contains(admission.Admission.Limits.SpecVersions, doc.SpecVersion) {
		a.find("AUDIT-BOM-REFUSED", index, "specification version %s was not admitted at entry %d", doc.SpecVersion, index)
	}
	by, ok := a.history.State().PartyAt(said.Party[0], index)
	if !ok {
		return nil // Apply has refused the entry
	}
	if err := receiving.CompareContents(said, by.Party, doc); err != nil {
		a.find("AUDIT-BOM-REFUSED", index, "entry %d: %v", index, err)
	}
	return nil
}

// find adds a finding. Its severity is that of the code's row.
func (a *auditing) find(code string, index int64, format string, args ...any) {
	if a.counts[code]++; a.counts[code] > maxFindings {
		return
	}
	f := auditFinding{Code: code, Severity: problem.SeverityError, Text: fmt.Sprintf(format, args...)}
	if row, ok := problem.Lookup(code); ok {
		f.Severity, f.Remedy = row.Severity, row.Remedy.In(a.e.lang)
	}
	if index >= 0 {
		f.Entry = &index
	}
	a.findings = append(a.findings, f)
}

// exit returns 13 if the log misbehaved, 14 if the trust file has expired, 11
// for other grave findings, 0 for notes. What is wrong with leaves that are not
// those that the log signed is not the log's doing.
func (a *auditing) exit() int {
	code := exitDone
	for _, f := range a.findings {
		row, _ := problem.Lookup(f.Code)
		switch {
		case !a.authentic && (f.Code == "AUDIT-RULE-BROKEN" || f.Code == "AUDIT-GENESIS-OTHER"):
			code = worst(code, exitReject)
		case row.Exit == exitMisbehaved || row.Exit == exitStale:
			code = worst(code, row.Exit)
		case f.Severity == problem.SeverityError:
			code = worst(code, exitReject)
		}
	}
	return code
}

// cosigned finds what the trust file demands of the checkpoint that the log published
// and its witnesses do not show. The head of a folder is nobody's.
func (a *auditing) cosigned() {
	if a.head.Note == nil {
		return
	}
	if _, _, err := ledger.OpenCosigned(a.head.Note, a.log.Origin, a.log.Keys, a.trust.Witnesses); err != nil {
		a.find(problem.Code(err), -1, "%v", err)
	}
}

// keep remembers the log as it is now, if it is one history with what was seen
// before and its entries are those that it signed. The head of a folder, which
// nobody signed, is remembered by itself.
func (a *auditing) keep(ctx context.Context) error {
	if !a.clean {
		return nil
	}
	if s, ok := a.src.(*served); ok {
		_, err := a.memory.published(ctx, s.remote, a.head)
		return err
	}
	for range maxTurns {
		seen, err := a.memory.recall(a.log.Origin)
		if err != nil {
			return err
		}
		next := seen
		if next.Folder == nil || next.Folder.Size < a.head.Size {
			next.Folder = &a.head.Checkpoint
		}
		if done, err := a.memory.keep(ctx, a.log.Origin, seen, next); done || err != nil {
			return err
		}
	}
	return a.memory.busy()
}

func (a *auditing) report() auditReport {
	r := auditReport{
		Log: a.log.Origin, Size: a.head.Size, Root: a.head.Root.String(), Entries: a.result.Entries,
		Findings: a.findings, ConsistentWith: a.seen, Examined: a.examined, NotExamined: a.unread,
	}
	for _, code := range sortedKeys(a.counts) {
		if more := a.counts[code] - maxFindings; more > 0 {
			r.Findings = append(r.Findings, auditFinding{
				Code: "AUDIT-FINDINGS-MORE", Severity: problem.SeverityNote, Text: fmt.Sprintf("%d more findings with code %s are not shown", more, code),
			})
		}
	}
	if r.Findings == nil {
		r.Findings = []auditFinding{}
	}
	return r
}

func sortedKeys(m map[string]int) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (r auditReport) print(e *environment, out *result) {
	line := func(en, ja string, args ...any) { fmt.Fprintf(out, e.text(en, ja)+"\n", args...) }
	line("%s: %d of %d entries replayed", "%s：%[3]d件中%[2]d件の記録を再生しました", r.Log, r.Entries, r.Size)
	line("  root %s", "  ルート %s", r.Root)
	if c := r.ConsistentWith; c != nil {
		line("  begins with the %d entries seen before", "  以前確認した%d件の記録から始まっています", c.Size)
	} else {
		line("  compared with nothing seen before", "  以前の確認との比較なし")
	}
	line("  %d BOM entries examined, %d not examined because they are held", "  部品表%d件を検査、%d件は非開示のため未検査", r.Examined, r.NotExamined)
	if len(r.Findings) == 0 {
		line("  no findings", "  指摘事項なし")
	}
	for _, f := range r.Findings {
		line("  %s %s: %s", "  %s %s：%s", e.severity(f.Severity), f.Code, printable(f.Text))
		if f.Remedy != "" {
			line("      remedy: %s", "      対処：%s", f.Remedy)
		}
	}
}

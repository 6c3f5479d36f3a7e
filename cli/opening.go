package cli

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/policy"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// hiding is which fields of a statement are only committed to, and where what
// opens them goes.
type hiding struct {
	commit []string
	open   []string
	file   string
}

// flags adds --commit and --openings. beside is the name of the argument beside
// which openings are written.
func (h *hiding) flags(cmd *cobra.Command, beside string) {
	f := cmd.Flags()
	f.StringArrayVar(&h.commit, "commit", nil, "`FIELD` to commit to instead of telling it, such as entry or entry/index; all for every one; may be repeated")
	f.StringVar(&h.file, "openings", "", "`FILE` for what opens the commitments (default "+beside+".openings.json)")
}

// choose returns which fields of a body are committed to. A word that names none
// of them is misuse.
func (h *hiding) choose(cmd *cobra.Command, body statement.Body, otherwise bool) (func(string) bool, error) {
	pointers := statement.Pointers(body)
	in := func(words []string, pointer string) bool {
		return slices.ContainsFunc(words, func(w string) bool {
			return w == "all" || pointer == "/"+w || strings.HasPrefix(pointer, "/"+w+"/")
		})
	}
	for flag, words := range map[string][]string{"commit": h.commit, "open": h.open} {
		for _, w := range words {
			if !slices.ContainsFunc(pointers, func(p string) bool { return in([]string{w}, p) }) {
				return nil, misuse(cmd, "--%s %q is no field of this statement; fields are %s", flag, w, strings.Join(pointers, " "))
			}
		}
	}
	switch {
	case len(h.commit) > 0 && len(h.open) > 0:
		return nil, misuse(cmd, "--commit and --open exclude each other")
	case len(h.commit) > 0:
		return func(p string) bool { return in(h.commit, p) }, nil
	case len(h.open) > 0:
		return func(p string) bool { return !in(h.open, p) }, nil
	}
	return func(string) bool { return otherwise }, nil
}

// seal signs a payload and hands it over, with its openings in a file that is on
// disk before the statement leaves: whoever loses them can never show what was
// meant. They stay there whatever is answered, since a server that says it refused
// may have taken the statement.
func (e *environment) seal(ctx context.Context, s *speaking, sp *speech, h *hiding, payload []byte, list []statement.Opening, kind statement.Kind, what said, signers ...*envelope.Signer) error {
	leaf, err := envelope.Sign(envelope.PayloadType, payload, signers...)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return e.hand(ctx, s, sp, leaf, what)
	}
	raw, err := (&statement.Openings{Kind: kind, Leaf: statement.Digest(ledger.LeafHash(leaf)), List: list}).Marshal()
	if err != nil {
		return err
	}
	if err := createFile(h.file, raw, 0o600); err != nil {
		return err
	}
	err = e.hand(ctx, s, sp, leaf, what)
	e.say(fmt.Sprintf("%s: what opens %d fields; keep it, and hand it only to whom you open them", h.file, len(list)),
		fmt.Sprintf("%s：秘匿した%d項目の開示ファイルです。保管し、開示する相手だけに渡してください", h.file, len(list)))
	return err
}

// revealing is what `show` is given to see more of an entry than it tells.
type revealing struct {
	openings []string
	verdict  string
	policy   string
}

func (r *revealing) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&r.openings, "openings", nil, "`FILE` of openings for the entry; may be repeated")
	f.StringVar(&r.verdict, "verdict", "", "verdict `FILE` to compare a verdict's entry with, or to judge a decision by")
	f.StringVar(&r.policy, "policy", "", "policy `FILE` that the verdict rests on (default one of the program's)")
}

func (r *revealing) asked() bool { return len(r.openings) > 0 || r.verdict != "" || r.policy != "" }

// reveal fills in the fields and the decision of an entry.
func (r *revealing) reveal(e *environment, h held, v *entryView) error {
	ev := h.evidence
	var files []*statement.Openings
	for _, name := range r.openings {
		raw, err := e.readInput(name, statement.MaxOpenings)
		if err != nil {
			return err
		}
		o, err := statement.ParseOpenings(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		files = append(files, o)
	}
	fields, err := statement.Open(ev.Statement, statement.Digest(ledger.LeafHash(ev.Leaf)), &statement.Position{Log: h.bundle.Log, Index: ev.Index}, files...)
	if err != nil {
		return err
	}
	v.opened = fields
	for _, f := range fields {
		v.Fields = append(v.Fields, fieldView{f.Pointer, string(f.State), f.Value})
	}
	decision, decided := ev.Statement.Body.(*statement.Decision)
	if decided {
		v.Decision = e.decisionWord("", decision)
	}
	if r.verdict == "" {
		return nil
	}
	verdict, err := e.readVerdict(r.verdict)
	if err != nil {
		return err
	}
	switch body := ev.Statement.Body.(type) {
	case *statement.Verdict:
		return verdict.Stated(body.Digest, fields)
	case *statement.Decision:
		var p *policy.Policy
		if body.What == statement.DecideWaive {
			if p, err = e.policyOf(verdict, r.policy); err != nil {
				return err
			}
		}
		if err := receiving.Decided(body, verdict, p, e.now()); err != nil {
			return err
		}
		v.Decision = e.decisionWord(verdict.Verdict, body)
		return nil
	}
	return refuse("CLI-STATEMENT-KIND", "entry %d is of kind %s, no verdict or decision", ev.Index, ev.Statement.Kind)
}

// printFields shows what is known of each field.
func (v entryView) printFields(e *environment, out *result) {
	if len(v.opened) == 0 {
		return
	}
	fmt.Fprintf(out, "  %s\n", e.text("fields", "項目"))
	for _, f := range v.opened {
		state := map[statement.FieldState]string{
			statement.FieldOpen:      e.text("open", "公開"),
			statement.FieldOpened:    e.text("opened", "開示"),
			statement.FieldCommitted: e.text("committed, not known", "秘匿（不明）"),
		}[f.State]
		fmt.Fprintf(out, "    %s%s%s\n", pad(printable(f.Pointer), 30), pad(state, 22), printable(f.Value))
	}
}

// decisionWord says what people made of a verdict. It is never ACCEPT.
func (e *environment) decisionWord(verdict string, d *statement.Decision) string {
	word := map[string]string{
		statement.DecideInstall: e.text("install", "導入"),
		statement.DecideReturn:  e.text("return", "返品"),
		statement.DecideWaive:   e.text("waived (特例承認)", "waived（特例承認）"),
	}[d.What]
	if d.What == statement.DecideWaive {
		word += e.text(fmt.Sprintf(" until %s: %s", statement.FormatTime(d.Until), strings.Join(d.Rules, ", ")),
			fmt.Sprintf("%s まで：%s", statement.FormatTime(d.Until), strings.Join(d.Rules, "、")))
	}
	if verdict == "" {
		return word
	}
	return strings.ToUpper(verdict) + " → " + word
}

// readVerdict reads a verdict that `check -f json` wrote.
func (e *environment) readVerdict(name string) (*receiving.Verdict, error) {
	raw, err := e.readInput(name, receiving.MaxVerdict)
	if err != nil {
		return nil, err
	}
	v, err := receiving.ParseVerdict(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return v, nil
}

// policyOf returns the policy that a verdict rests on: the one in a file, else
// the one of the program's that has its digest.
func (e *environment) policyOf(v *receiving.Verdict, file string) (*policy.Policy, error) {
	if file != "" {
		raw, err := readFile(file, maxPolicy)
		if err != nil {
			return nil, err
		}
		p, err := policy.Parse(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		return p, nil
	}
	for _, name := range policy.Packs() {
		if raw, ok := policy.Pack(name); ok && fmt.Sprintf("%x", sha256.Sum256(raw)) == v.Policy.SHA256 {
			return policy.Parse(raw)
		}
	}
	return nil, refuse("CLI-POLICY-ABSENT", "the verdict rests on policy %s version %d, sha256:%s", printable(v.Policy.ID), v.Policy.Version, printable(v.Policy.SHA256))
}

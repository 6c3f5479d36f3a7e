package cli

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/audit"
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/policy"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/server/problem"
)

// checking is one run of `check`: what is the same for every file.
type checking struct {
	e       *environment
	memo    *sbom.Memo // of the documents that come again: judged, linked to, compared with
	trust   *ledger.Trust
	policy  *policy.Policy
	source  receiving.PolicySource
	inputs  policy.Inputs
	stage   string
	context policy.Context // without the stage
	lists   map[string]policy.Reference
	tests   *receiving.PolicyTests

	assessed []receiving.Assessment // what files are compared with
	kept     *keeping
	at       time.Time
	bundle   string      // file of the one bundle, "" for FILE.yurai.json
	linked   []string    // files and folders of what is linked to
	beside   []*received // what is at hand of that; nothing is judged for itself
	remote   *remote
	head     ledger.Signed // of remote
	memory   *memory       // of what was seen before; nil without --server
	offline  error         // why there is no remote though one was asked for
	seen     []ledger.Signed
	forks    map[string]error // origin of a log → that it signed two histories, or went back
}

func newCheck(e *environment) *cobra.Command {
	c := checking{e: e, memo: new(sbom.Memo), forks: map[string]error{}}
	var trustFile, policyFile, at, server, state, keep string
	var inputs, contexts, lists, assessed []string
	var offline bool
	var form formatFlag
	var out result
	cmd := leaf(e, &cobra.Command{
		Use:   "check FILE… --trust T [--bundle B] [--linked FILE]… [--policy P] [--input NAME=VALUE] [--stage S] [--context NAME=VALUE] [--list INPUT=FILE@DAY] [--assessed CASE|BOM] [--at TIME] [--keep FOLDER] [--server URL [--state FILE] | --offline] [-f table|json|markdown|sarif|junit]",
		Short: "Judge received bills of materials: ACCEPT, HOLD or REJECT",
		Long: `Judge each FILE by the bundle that came with it (FILE.yurai.json), the trust file, a
policy and a time. Without --server no socket is opened; with it a fresh bundle is
fetched, the newer one is used, and no bundle is written. A BOM that another one links
to is judged with it, as an entry of its own, if it is among the FILEs, named with
--linked, or in FILE.linked, where fetch --linked keeps them.

What the server shows is compared with what is remembered of the log beside the trust
file, which check reads and does not change; with --state it is remembered in that
file. Should the log have misbehaved, the evidence is written beside it.

--context says what the delivery is for; a rule about something that is not told
applies. --list gives a reference list to the policy, with the day on which it was
published. --assessed is what was judged before, a bill of materials or the folder of a
case; files are compared with it. --keep puts everything that the verdicts depend on
into a new folder, from which ` + "`yurai verdict recompute`" + ` judges again anywhere.

Exit 0 ACCEPT, 10 HOLD, 11 REJECT, 12 not in the log, 13 the log misbehaved, 14 trust
data stale or missing, 3 unreadable, 4 no answer. Of several files the worst counts,
in the order 3, 4, 13, 11, 12, 14, 10, 0; -f json gives one line a file, the other forms
one document for all.`,
		Example: `  yurai check relay.cdx.json --trust trust.json --policy policy.yaml
  yurai check relay.cdx.json --trust trust.json --input countries_of_concern=BV --stage tender
  yurai check relay.cdx.json --trust trust.json --context sector=electricity --keep case --assessed tender-case -f sarif`,
	}, cobra.MinimumNArgs(1), func(cmd *cobra.Command, files []string) error {
		if err := require(cmd, "trust"); err != nil {
			return err
		}
		switch {
		case offline && server != "":
			return misuse(cmd, "--server and --offline exclude each other")
		case state != "" && server == "":
			return misuse(cmd, "--state goes with --server: without it nothing is compared with it")
		case c.bundle != "" && len(files) > 1:
			return misuse(cmd, "--bundle goes with one file, not %d", len(files))
		case keep != "" && exists(keep):
			return refuse("CLI-FILE-EXISTS", "%s exists and is left as it is", keep)
		}
		if err := c.purpose(cmd, contexts); err != nil {
			return err
		}
		if !slices.Contains(policy.Stages(), c.stage) {
			return misuse(cmd, "--stage %q is none of %q", c.stage, policy.Stages())
		}
		c.at = e.now().UTC().Truncate(time.Second)
		if at != "" {
			t, err := time.Parse(time.RFC3339, at)
			if err != nil {
				return misuse(cmd, "--at %q is not a time like 2026-11-22T10:00:00Z", at)
			}
			c.at = t.UTC().Truncate(time.Second)
		}
		var err error
		k := &keeping{inputs: inputs}
		if k.trust, err = readFile(trustFile, ledger.MaxTrust+1); err != nil {
			return err
		}
		if c.trust, err = ledger.ParseTrust(k.trust); err != nil {
			return fmt.Errorf("%s: %w", trustFile, err)
		}
		if err := c.choosePolicy(policyFile); err != nil {
			return err
		}
		if policyFile != "" {
			if c.tests, k.tests, err = runTests(c.policy, beside(policyFile)); err != nil {
				return err
			}
		}
		if c.inputs, err = c.policy.ParseInputs(inputs...); err != nil {
			return err
		}
		if c.lists, k.lists, err = readLists(cmd, c.policy, lists); err != nil {
			return err
		}
		if c.assessed, err = readAssessed(assessed, c.memo); err != nil {
			return err
		}
		if keep != "" {
			c.kept = k
		}
		ctx := cmd.Context()
		if server != "" {
			c.memory = e.remember(trustFile, state, c.trust)
			c.memory.fixed = state == ""
			if err := c.meet(ctx, server); err != nil {
				return err
			}
		}
		judged, code, err := c.judge(ctx, files)
		if err != nil {
			return err
		}
		if keep != "" {
			if err := c.keep(keep, judged); err != nil {
				return err
			}
		}
		if err := e.printJudged(&out, form.value, judged); err != nil {
			return err
		}
		if err := out.deliver(e); err != nil {
			return err
		}
		return end(code)
	})
	f := cmd.Flags()
	f.StringVar(&trustFile, "trust", "", "trust `FILE`")
	f.StringVar(&c.bundle, "bundle", "", "bundle `FILE` (default FILE.yurai.json beside FILE)")
	f.StringArrayVar(&c.linked, "linked", nil, "`FILE` of a BOM that a FILE links to; may be repeated")
	f.StringVar(&policyFile, "policy", "", "policy `FILE` (default the one that the trust file pins, else the starter policy)")
	f.StringArrayVar(&inputs, "input", nil, "input of the policy, `NAME=VALUE[,VALUE]`; may be repeated")
	f.StringVar(&c.stage, "stage", "tender", "`STAGE`: tender, receipt, install, recheck")
	f.StringArrayVar(&contexts, "context", nil, "what the delivery is for, `NAME=VALUE` with NAME one of stage, sector, facility, asset, operator; may be repeated")
	f.StringArrayVar(&lists, "list", nil, "reference list for an input of the policy, `INPUT=FILE@YYYY-MM-DD`; may be repeated")
	f.StringArrayVar(&assessed, "assessed", nil, "`CASE|BOM` that was assessed before; may be repeated")
	f.StringVar(&keep, "keep", "", "new `FOLDER` to keep everything in that the verdicts depend on")
	f.StringVar(&at, "at", "", "`TIME` to judge at, RFC 3339 (default now)")
	f.StringVar(&server, "server", "", "`URL` of the log's server to fetch a fresh bundle from")
	stateFlag(cmd, &state, ", which is then only read")
	f.BoolVar(&offline, "offline", false, "open no socket, whatever the environment says")
	form.flag(cmd, "table", "json", "markdown", "sarif", "junit")
	out.flag(cmd)
	return cmd
}

// purpose takes what the delivery is for.
func (c *checking) purpose(cmd *cobra.Command, pairs []string) error {
	fields := map[string]*string{
		"stage": &c.stage, "sector": &c.context.Sector, "facility": &c.context.Facility, "asset": &c.context.Asset, "operator": &c.context.Operator,
	}
	seen := map[string]bool{}
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		field := fields[name]
		switch {
		case !ok || field == nil:
			return misuse(cmd, "--context %q is not NAME=VALUE with NAME one of stage, sector, facility, asset, operator", pair)
		case seen[name]:
			return misuse(cmd, "--context names %s twice", name)
		case name == "stage" && given(cmd, "stage") && value != c.stage:
			return misuse(cmd, "--stage says %q, --context stage=%s", c.stage, value)
		case value == "" || len(value) > maxContext || value != printable(value):
			return misuse(cmd, "--context %q has a value that is empty, over %d bytes or not to be printed", pair, maxContext)
		}
		seen[name], *field = true, value
	}
	return nil
}

// maxContext bounds a value of the context, in bytes.
const maxContext = 100

// meet asks the server for its checkpoint. That it gives no usable answer, or
// contradicts what is remembered, is for the verdicts to say; an error is
// returned if the user has to mend something first.
func (c *checking) meet(ctx context.Context, server string) error {
	if _, err := c.memory.read(); err != nil {
		return err
	}
	r, head, err := c.memory.meet(ctx, server)
	switch code := exitOf(err); {
	case err == nil:
		c.remote, c.head = r, head
		c.see(head)
	case code == exitMisbehaved && r != nil:
		c.remote, c.head = r, head
		c.forks[r.log.Origin] = err
		c.e.complain(err)
	case code == exitUsage || code == exitInternal || strings.HasPrefix(problem.Code(err), "CLIENT-MEMORY-") || ctx.Err() != nil:
		return err
	default:
		c.e.complain(err)
		c.offline = unanswered(err)
	}
	return nil
}

// choosePolicy takes the policy in a file, else the one that the trust file
// pins, else the starter policy. A pinned policy that this program does not have
// leaves the starter policy, which then holds.
func (c *checking) choosePolicy(file string) error {
	if file != "" {
		raw, err := readFile(file, maxPolicy)
		if err != nil {
			return err
		}
		if c.policy, err = policy.Parse(raw); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		return nil
	}
	name := policy.Starter
	c.source = receiving.PolicyStarter
	if pin := c.trust.Policy; pin != nil && slices.Contains(policy.Packs(), pin.ID) {
		name, c.source = pin.ID, receiving.PolicyPinned
	}
	raw, ok := policy.Pack(name)
	if !ok {
		return fmt.Errorf("the program lacks policy %s", name)
	}
	var err error
	if c.policy, err = policy.Parse(raw); err != nil {
		return err
	}
	if pin := c.trust.Policy; c.source == receiving.PolicyPinned && int64(c.policy.Version) < pin.Version {
		c.source = receiving.PolicyStarter
	}
	return nil
}

// received is one file on its way to a verdict.
type received struct {
	name     string
	file     []byte
	bundle   *receiving.Bundle
	assessed *receiving.Assessment
	absent   int64
	spoiled  error // the bundle at hand cannot be read or parsed
	forked   error // two checkpoints of its log contradict each other
	missing  error // a server was asked for, gave no answer, and there is no usable bundle
	refused  error // why there is no verdict
	verdict  *receiving.Verdict
}

// judge judges the files with what they link to at hand. It returns them in the
// order given, with a verdict or why there is none, and the exit code.
func (c *checking) judge(ctx context.Context, names []string) ([]*received, int, error) {
	code := exitDone
	linked, err := c.e.beside(names, c.linked)
	if err != nil {
		return nil, 0, err
	}
	var all []*received
	for i, name := range slices.Concat(names, linked) {
		bundle := c.bundle
		if i >= len(names) {
			bundle = ""
		}
		f, err := c.receive(ctx, name, bundle)
		if ctx.Err() != nil {
			return nil, 0, ctx.Err()
		}
		if err != nil {
			c.e.complain(err)
			code = worst(code, exitOf(err))
			f = &received{name: name, refused: err}
		}
		switch {
		case i < len(names):
			all = append(all, f)
		case err == nil:
			if err := swapped(name, f.file); err != nil {
				c.e.complain(err)
			}
			c.beside = append(c.beside, f)
		}
	}
	given := slices.DeleteFunc(slices.Clone(all), func(f *received) bool { return f.refused != nil })
	for _, f := range given {
		f.assessed = c.counterpart(f.file, len(given))
	}
	c.together(given)
	for _, f := range all {
		if f.verdict == nil {
			code = worst(code, exitOf(f.refused))
		} else {
			code = worst(code, f.verdict.Exit)
		}
	}
	return all, code, nil
}

// together judges each of the files with the others, and what else is at hand.
func (c *checking) together(files []*received) {
	all := slices.Concat(files, c.beside)
	for _, f := range all {
		f.forked = c.fork(f)
	}
	for _, f := range files {
		c.check(f, all)
	}
}

// see takes note of a verified checkpoint. Two roots of one size are a fork,
// whichever files they came with.
func (c *checking) see(cp ledger.Signed) {
	for _, s := range c.seen {
		if s.Origin == cp.Origin && s.Size == cp.Size && s.Root != cp.Root {
			c.forked(&audit.Fork{Older: s, Newer: cp})
		}
	}
	c.seen = append(c.seen, cp)
}

// forked takes note of a proof that a log has two histories. Without a server
// nothing is written: the files at hand hold the two checkpoints.
func (c *checking) forked(f *audit.Fork) {
	c.forks[f.Older.Origin] = f
	if c.memory != nil {
		_ = c.memory.accuse(f) // it is the error that was given
	}
}

// hexSum returns the SHA-256 of bytes in hexadecimal.
func hexSum(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// fork returns how the log that a file is judged by misbehaved, nil if it did not.
func (c *checking) fork(f *received) error {
	switch {
	case f.forked != nil:
		return f.forked
	case f.bundle != nil:
		return c.forks[f.bundle.Log]
	case c.remote != nil:
		return c.forks[c.remote.log.Origin]
	}
	return nil
}

// check judges one file with all that is at hand beside it.
func (c *checking) check(f *received, all []*received) {
	r := receiving.Request{
		Memo: c.memo, File: f.file, Bundle: f.bundle, Trust: c.trust, At: c.at, Stage: c.stage,
		Policy: c.policy, Source: c.source, Inputs: c.inputs, Tests: c.tests,
		Context: c.context, Lists: c.lists, Assessed: f.assessed,
		Absent: f.absent, Lang: string(c.e.lang),
	}
	for _, other := range all {
		if other != f {
			r.Linked = append(r.Linked, receiving.Linked{File: other.file, Bundle: other.bundle, Absent: other.absent})
		}
	}
	v, err := receiving.Check(r)
	if err != nil {
		c.e.complainAbout(f.name, err)
		f.refused = err
		return
	}
	f.verdict = v
	// Of several with the same bytes each may have its own reasons: the order in
	// which they are given is none of a verdict's inputs.
	all = slices.SortedStableFunc(slices.Values(all), func(a, b *received) int {
		return cmp.Compare(codeOf(a.spoiled, a.missing), codeOf(b.spoiled, b.missing))
	})
	forked := f.forked
	for _, other := range all {
		document := ""
		if other != f {
			if document = hexSum(other.file); !slices.ContainsFunc(v.Linked, func(l receiving.LinkedRef) bool { return l.SHA256 == document }) {
				continue
			}
			document = "sha256:" + document
		}
		for _, err := range []error{other.spoiled, other.missing} {
			if err != nil {
				unproven(v, document, err)
			}
		}
		if other.forked != nil && (forked == nil || f.forked == nil && codeOf(other.forked) < codeOf(forked)) {
			forked = other.forked
		}
	}
	if forked != nil {
		misbehaved(v, forked)
	}
}

// receive reads a file and finds the bundle to judge it by: the one named, else the
// one beside it.
func (c *checking) receive(ctx context.Context, name, bundle string) (*received, error) {
	file, err := c.e.readInput(name, maxBOM)
	if err != nil {
		return nil, err
	}
	f := &received{name: name, file: file}
	local := bundle
	if local == "" && name != "-" {
		local = bundleName(name)
	}
	var own *held
	var forged bool
	if local != "" {
		raw, err := readFile(local, receiving.MaxBundle+1)
		switch {
		case errors.Is(err, fs.ErrNotExist) && bundle == "":
		case err != nil:
			f.spoiled = err
		default:
			if f.bundle, f.spoiled = receiving.ParseBundle(raw); f.spoiled == nil {
				if ev, err := receiving.Open(f.bundle, c.trust); err == nil {
					own = &held{raw, f.bundle, ev}
					c.see(own.signed())
				} else {
					forged = problem.Code(err) != "TRUST-LOG-UNKNOWN"
				}
			}
		}
	}
	if f.spoiled != nil {
		f.spoiled = fmt.Errorf("%s: %w", local, f.spoiled)
		c.e.complain(f.spoiled)
		return f, nil
	}
	if forged || own != nil && own.digest() != sha256.Sum256(file) {
		return f, nil // what was handed over is judged, and nothing put in its place
	}
	if c.offline != nil && own == nil {
		f.missing = c.offline
	}
	if c.remote == nil || c.forks[c.remote.log.Origin] != nil {
		return f, nil
	}
	c.refresh(ctx, f, own)
	return f, nil
}

// refresh asks the server about a file and takes its bundle unless the one at
// hand is newer.
func (c *checking) refresh(ctx context.Context, f *received, own *held) {
	if own != nil && own.bundle.Log != c.remote.log.Origin {
		c.e.complainAbout(f.name, refuse("CLI-ANSWER-MALFORMED", "%s serves log %s, the bundle at hand is of %s", c.remote.base, c.remote.log.Origin, own.bundle.Log))
		return
	}
	if own != nil && own.evidence.Checkpoint.Size <= c.head.Size && !c.agree(ctx, f, own.signed(), c.head) {
		return
	}
	fresh, err := c.remote.find(ctx, sha256.Sum256(f.file), c.head.Checkpoint, own, c.trust)
	switch {
	case problem.Code(err) == "LOG-ENTRY-ABSENT":
		f.absent = max(c.head.Size, 1)
		return
	case err != nil:
		c.e.complainAbout(f.name, err)
		if own == nil {
			f.missing = unanswered(err)
		}
		return
	}
	c.see(fresh.signed())
	if err := c.memory.committed(ctx, c.remote, fresh.signed()); err != nil {
		c.disagree(f, err)
		if own == nil {
			f.missing = unanswered(err)
		}
		return
	}
	if own != nil {
		if fresh.evidence.Checkpoint != c.head.Checkpoint && !c.agree(ctx, f, own.signed(), fresh.signed()) {
			return
		}
		if fresh.evidence.Checkpoint.Size < own.evidence.Checkpoint.Size || fresh.evidence.Checkpoint == own.evidence.Checkpoint && worse(*fresh, *own, c.at) {
			return
		}
	}
	f.bundle = fresh.bundle
}

// agree reports whether two checkpoints are of one history, and says if not.
func (c *checking) agree(ctx context.Context, f *received, older, newer ledger.Signed) bool {
	err := c.remote.consistent(ctx, older, newer)
	if err == nil {
		return true
	}
	c.disagree(f, c.memory.accuse(err))
	return false
}

// disagree takes note of why what a server sent about a file is not used.
func (c *checking) disagree(f *received, err error) {
	var fork *audit.Fork
	if errors.As(err, &fork) {
		c.forks[c.remote.log.Origin] = err
	}
	c.e.complainAbout(f.name, err)
}

// unproven says in a verdict why there is no bundle of the file, or of a linked
// document, and takes the exit code of that reason where it comes first.
func unproven(v *receiving.Verdict, document string, err error) {
	v.Exit = worst(v.Exit, exitOf(err))
	for i := range v.Reasons {
		r := &v.Reasons[i]
		if r.Code != "BUNDLE-FILE-ABSENT" || r.Document != document {
			continue
		}
		before := r.Text
		if r.Text = err.Error(); document != "" {
			r.Text = before + " (" + err.Error() + ")"
		}
		if code := problem.Code(err); code != "" {
			r.Code = code
		}
		for j := range v.Rows {
			if v.Rows[j].Name == r.Row && v.Rows[j].Text == before {
				v.Rows[j].Text = r.Text
			}
		}
	}
}

// misbehaved makes a verdict REJECT: the log showed two histories, so that
// nothing that it proves is worth anything. Its exit code is 13, unless what was
// given could not be read at all.
func misbehaved(v *receiving.Verdict, err error) {
	v.Verdict = receiving.Reject
	if v.Exit != exitInput {
		v.Exit = exitMisbehaved
	}
	for i := range v.Rows {
		if r := &v.Rows[i]; r.Name == receiving.RowLog {
			r.Outcome, r.Text = receiving.Fail, err.Error()
		}
	}
	v.Reasons = append([]receiving.Reason{{
		Code: problem.Code(err), Row: receiving.RowLog, Outcome: receiving.Reject, Count: 1, Subjects: []string{}, Text: err.Error(),
	}}, v.Reasons...)
}

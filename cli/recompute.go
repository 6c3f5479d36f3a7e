package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/list"
	"github.com/yurai-ledger/yurai/sbom/policy"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

func newVerdictRecompute(e *environment) *cobra.Command {
	var form formatFlag
	var out result
	cmd := leaf(e, &cobra.Command{
		Use:   "recompute FOLDER|case.json [-f table|json|markdown|sarif|junit] [-o FILE]",
		Short: "Judge again from what a case kept",
		Long: `Judge again from the folder that ` + "`yurai check --keep`" + ` wrote, and compare. Nothing else is
looked at: no clock, network, trust file or setting of this machine. Exit 0 if every
verdict has the same canonical bytes, 11 if one has others, 3 if an input is missing or
is not the one that was judged.

Texts and exit codes are no part of the canonical bytes: they may be in another language
here, and are not compared. What a server said at the time, that a log has no entry or
misbehaved, is taken from the case. -f shows the verdicts that were recomputed.`,
		Example: `  yurai check relay.cdx.json --trust trust.json --keep case
  yurai verdict recompute case`,
	}, cobra.ExactArgs(1), func(_ *cobra.Command, args []string) error {
		folder, err := openCase(args[0])
		if err != nil {
			return err
		}
		judged, err := folder.judge(e)
		if err := errors.Join(err, folder.close()); err != nil {
			return err
		}
		if form.value != "table" {
			if err := e.printJudged(&out, form.value, judged); err != nil {
				return err
			}
		}
		for i, f := range judged {
			was, err := folder.compare(i, f)
			if err != nil {
				return err
			}
			if form.value == "table" {
				fmt.Fprintf(&out, "%s: %s\n  sha256:%s\n", printable(f.name), e.verdictWord(f.verdict), was)
			}
		}
		if form.value == "table" {
			fmt.Fprintln(&out, e.text(
				"The kept inputs give the same canonical bytes. Texts and exit codes are not compared.",
				"保管された入力から、同じ正規バイト列が再現されました（説明文と終了コードは比較の対象外です）。"))
			fmt.Fprintln(&out, e.notice(judged[0].verdict))
		}
		return out.deliver(e)
	})
	form.flag(cmd, "table", "json", "markdown", "sarif", "junit")
	out.flag(cmd)
	return cmd
}

// kept is the folder of a case. No name in the case leads to a file: inputs are
// found by their digests.
type kept struct {
	root   *os.Root
	doc    *receiving.Case
	inputs map[string][]byte // that were read, by digest: a case may name one as often as it likes

	bundles map[string]*receiving.Bundle // of inputs, the same
}

// openCase reads a case, given its folder or its file.
func openCase(name string) (*kept, error) {
	file := caseFile
	if info, err := os.Stat(name); err == nil && !info.IsDir() {
		name, file = filepath.Dir(name), filepath.Base(name)
	}
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, refuse("CLI-FILE-UNREADABLE", "%s: %w", name, plainPath(err))
	}
	k := &kept{root: root}
	raw, err := k.read(file, receiving.MaxCase)
	if err == nil {
		k.doc, err = receiving.ParseCase(raw)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", filepath.Join(name, file), err), root.Close())
	}
	return k, nil
}

func (k *kept) close() error { return k.root.Close() }

// read returns the content of a plain file in the folder; a link is none, nor is
// anything else that could lead out of it or never end.
func (k *kept) read(name string, limit int) ([]byte, error) {
	info, err := k.root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, refuse("VERDICT-INPUT-MISSING", "%s is not there", name)
	case err != nil:
		return nil, refuse("CLI-FILE-UNREADABLE", "%s: %w", name, plainPath(err))
	case !info.Mode().IsRegular():
		return nil, refuse("VERDICT-INPUT-ALTERED", "%s is no plain file", name)
	case info.Size() > int64(limit):
		return nil, refuse("CLI-FILE-LARGE", "%s has more than %d bytes", name, limit)
	}
	f, err := k.root.Open(name)
	if err != nil {
		return nil, refuse("CLI-FILE-UNREADABLE", "%s: %w", name, plainPath(err))
	}
	defer f.Close()
	return readAll(name, f, limit)
}

// input returns the bytes with a digest.
func (k *kept) input(digest string, limit int) ([]byte, error) {
	if raw, ok := k.inputs[digest]; ok && len(raw) <= limit {
		return raw, nil
	}
	raw, err := k.read(keptName(digest), limit)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != digest {
		return nil, refuse("VERDICT-INPUT-ALTERED", "%s has digest %x", keptName(digest), sum)
	}
	if k.inputs == nil {
		k.inputs = map[string][]byte{}
	}
	k.inputs[digest] = raw
	return raw, nil
}

// bundle returns the bundle with a digest.
func (k *kept) bundle(digest string) (*receiving.Bundle, error) {
	if b := k.bundles[digest]; b != nil {
		return b, nil
	}
	raw, err := k.input(digest, receiving.MaxBundle+1)
	if err != nil {
		return nil, err
	}
	b, err := receiving.ParseBundle(raw)
	if err != nil {
		return nil, err
	}
	if k.bundles == nil {
		k.bundles = map[string]*receiving.Bundle{}
	}
	k.bundles[digest] = b
	return b, nil
}

// saw is what a case says that a server showed: a code without its error.
type saw string

func (s saw) Error() string { return "as the case says: " + string(s) }

// Code returns the code.
func (s saw) Code() string { return string(s) }

// judge judges the files of the case as check does, from its inputs alone.
func (k *kept) judge(e *environment) ([]*received, error) {
	doc := k.doc
	c := &checking{e: e, source: doc.Source(), stage: doc.Stage, at: doc.Time(), context: doc.Purpose(), lists: map[string]policy.Reference{}, forks: map[string]error{}}
	raw, err := k.input(doc.Trust.SHA256, ledger.MaxTrust+1)
	if err != nil {
		return nil, err
	}
	if c.trust, err = ledger.ParseTrust(raw); err != nil {
		return nil, fmt.Errorf("trust file of the case: %w", err)
	}
	if raw, err = k.input(doc.Policy.SHA256, maxPolicy); err != nil {
		return nil, err
	}
	if c.policy, err = policy.Parse(raw); err != nil {
		return nil, fmt.Errorf("policy of the case: %w", err)
	}
	if pin := c.trust.Policy; c.source == receiving.PolicyPinned && (pin == nil || pin.ID != c.policy.ID || int64(c.policy.Version) < pin.Version) {
		return nil, refuse("VERDICT-CASE-MALFORMED", "the case says that its policy is pinned, and its trust file pins another or none")
	}
	if c.inputs, err = c.policy.ParseInputs(doc.Policy.Inputs...); err != nil {
		return nil, refuse("VERDICT-CASE-MALFORMED", "the inputs of the case: %v", err)
	}
	files := map[string][]byte{}
	for _, t := range doc.Policy.Tests {
		if files[t.Name], err = k.input(t.SHA256, max(maxBOM, maxListFile)); err != nil {
			return nil, err
		}
	}
	if c.source == receiving.PolicyGiven {
		c.tests, _, err = runTests(c.policy, func(name string) ([]byte, error) {
			if raw, ok := files[name]; ok {
				return raw, nil
			}
			return nil, fs.ErrNotExist
		})
		if err != nil {
			return nil, err
		}
	}
	for _, l := range doc.Lists {
		if raw, err = k.input(l.SHA256, maxListFile); err != nil {
			return nil, err
		}
		r := policy.Reference{Date: l.Published()}
		if r.List, err = list.Parse(raw); err != nil {
			return nil, fmt.Errorf("list %s of the case: %w", printable(l.Input), err)
		}
		c.lists[l.Input] = r
	}
	for _, a := range doc.Assessed {
		if raw, err = k.input(a.SHA256, maxBOM); err != nil {
			return nil, err
		}
		c.assessed = append(c.assessed, receiving.Assessment{File: raw, At: a.Judged()})
	}
	if err := k.entries(c); err != nil {
		return nil, err
	}
	var all []*received
	for _, kf := range doc.Files {
		f, err := k.received(kf.CaseInput)
		if err != nil {
			return nil, err
		}
		if kf.Assessed != nil {
			f.assessed = &c.assessed[*kf.Assessed]
		}
		all = append(all, f)
	}
	for _, in := range doc.Linked {
		f, err := k.received(in)
		if err != nil {
			return nil, err
		}
		c.beside = append(c.beside, f)
	}
	c.together(all)
	for _, f := range all {
		if f.verdict == nil {
			return nil, f.refused
		}
	}
	return all, nil
}

// entries opens what the case keeps of the policy's entry and of profiles.
func (k *kept) entries(c *checking) error {
	bundle := func(digest string) (*receiving.Bundle, error) {
		raw, err := k.input(digest, receiving.MaxBundle+1)
		if err != nil {
			return nil, err
		}
		return receiving.ParseBundle(raw)
	}
	if k.doc.Policy.Entry != "" {
		b, err := bundle(k.doc.Policy.Entry)
		if err == nil {
			c.policyEntry, err = receiving.OpenPolicy(b, c.trust)
		}
		if err != nil {
			return fmt.Errorf("entry of the case's policy: %w", err)
		}
	}
	var bundles []*receiving.Bundle
	for _, digest := range k.doc.Profiles {
		b, err := bundle(digest)
		if err != nil {
			return fmt.Errorf("profile of the case: %w", err)
		}
		bundles = append(bundles, b)
	}
	var openings []*statement.Openings
	for _, digest := range k.doc.Openings {
		raw, err := k.input(digest, statement.MaxOpenings)
		if err != nil {
			return err
		}
		o, err := statement.ParseOpenings(raw)
		if err != nil {
			return fmt.Errorf("openings of the case: %w", err)
		}
		openings = append(openings, o)
	}
	var err error
	if c.profiles, err = receiving.OpenProfiles(bundles, openings, c.trust); err != nil {
		return fmt.Errorf("profiles of the case: %w", err)
	}
	return nil
}

// received returns a file of the case as check received it.
func (k *kept) received(in receiving.CaseInput) (*received, error) {
	f := &received{name: in.Name, absent: in.Absent}
	var err error
	if f.file, err = k.input(in.SHA256, maxBOM); err != nil {
		return nil, err
	}
	if in.Bundle != nil {
		if f.bundle, err = k.bundle(*in.Bundle); err != nil {
			return nil, err
		}
	}
	if in.Unproven != "" {
		f.missing = saw(in.Unproven)
	}
	if in.Misbehaved != "" {
		f.forked = saw(in.Misbehaved)
	}
	return f, nil
}

// compare holds a recomputed verdict against the case's, and returns the digest of
// their canonical bytes.
func (k *kept) compare(i int, f *received) (string, error) {
	kf := k.doc.Files[i]
	was, err := kf.Verdict.Canonical()
	if err != nil {
		return "", err
	}
	is, err := f.verdict.Canonical()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(is)
	digest := hex.EncodeToString(sum[:])
	if !bytes.Equal(was, is) {
		return "", refuse("VERDICT-CASE-DIFFERS", "%s: the kept inputs give verdict sha256:%s; it differs first at %s", printable(f.name), digest, firstDifference(was, is))
	}
	if digest != kf.Canonical {
		return "", refuse("VERDICT-CASE-DIFFERS", "%s: the kept inputs give verdict sha256:%s, which the case has, and it says sha256:%s", printable(f.name), digest, kf.Canonical)
	}
	return digest, nil
}

// firstDifference points at the first place, in the order of the canonical bytes,
// where two JSON texts differ, with what stands there.
func firstDifference(was, is []byte) string {
	var a, b any
	if json.Unmarshal(was, &a) != nil || json.Unmarshal(is, &b) != nil {
		return "the beginning"
	}
	pointer, x, y := differing("", a, b)
	if pointer == "" {
		pointer = "/"
	}
	return fmt.Sprintf("%s: the case says %s, recomputed is %s", printable(pointer), brief(x), brief(y))
}

package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/diff"
	"github.com/yurai-ledger/yurai/sbom/policy"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/problem"
)

// caseFile is the name of a case's own file in its folder.
const caseFile = "case.json"

// keeping has the bytes that are kept of what is the same for every file.
type keeping struct {
	trust  []byte
	inputs []string          // NAME=VALUE
	lists  map[string][]byte // by the policy's input
	tests  map[string][]byte // that the policy's tests read, by name
}

// keptName is the name under which an input is kept.
func keptName(digest string) string { return digest + ".bin" }

// keep writes the case of what was judged into a folder that does not exist yet.
// Everything is written to a folder beside it, case.json last, and synced; the
// rename is the commit point. A failure leaves nothing.
func (c *checking) keep(folder string, judged []*received) (err error) {
	inputs := map[string][]byte{}
	add := func(raw []byte) string {
		sum := sha256.Sum256(raw)
		digest := hex.EncodeToString(sum[:])
		inputs[digest] = raw
		return digest
	}
	doc, err := c.theCase(judged, add)
	if err != nil {
		return err
	}
	if len(doc.Files) == 0 {
		c.e.say("no case is kept: no file came to a verdict", "判定できたファイルがないため、案件は保存しません")
		return nil
	}
	raw, err := doc.Marshal()
	if err != nil {
		return err
	}
	raw = harmless(raw)
	if _, err := receiving.ParseCase(raw); err != nil {
		return fmt.Errorf("writing a case: %w", err)
	}
	folder = filepath.Clean(folder)
	parent := filepath.Dir(folder)
	temporary, err := os.MkdirTemp(parent, "."+filepath.Base(folder)+".*")
	if err != nil {
		return refuse("CLI-FILE-UNWRITABLE", "%s: %w", folder, plainPath(err))
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(temporary))
		}
	}()
	for digest, content := range inputs {
		if err := createFile(filepath.Join(temporary, keptName(digest)), content, 0o644); err != nil {
			return err
		}
	}
	if err := createFile(filepath.Join(temporary, caseFile), raw, 0o644); err != nil {
		return err
	}
	if err := os.Chmod(temporary, 0o755); err != nil {
		return refuse("CLI-FILE-UNWRITABLE", "%s: %w", folder, plainPath(err))
	}
	if exists(folder) {
		return refuse("CLI-FILE-EXISTS", "%s exists and is left as it is", folder)
	}
	if err := os.Rename(temporary, folder); err != nil {
		return refuse("CLI-FILE-UNWRITABLE", "%s: %w", folder, plainPath(err))
	}
	if err := syncFolder(parent); err != nil {
		return refuse("CLI-FILE-UNWRITABLE", "%s: %w", folder, plainPath(err))
	}
	return nil
}

// theCase returns the case of what was judged; add takes the bytes of an input and
// returns their digest.
func (c *checking) theCase(judged []*received, add func([]byte) string) (*receiving.Case, error) {
	k := c.kept
	doc := &receiving.Case{
		Format: receiving.CaseFormat, Stage: c.stage, At: statement.FormatTime(c.at), Context: map[string]string{},
		Trust:  receiving.FileRef{SHA256: add(k.trust)},
		Policy: receiving.CasePolicy{SHA256: add(c.policy.Raw), Chosen: c.source.Chosen(), Inputs: slices.Sorted(slices.Values(k.inputs))},
	}
	for name, value := range map[string]string{"sector": c.context.Sector, "facility": c.context.Facility, "asset": c.context.Asset, "operator": c.context.Operator} {
		if value != "" {
			doc.Context[name] = value
		}
	}
	for _, name := range slices.Sorted(maps.Keys(k.tests)) {
		doc.Policy.Tests = append(doc.Policy.Tests, receiving.CaseNamed{Name: name, SHA256: add(k.tests[name])})
	}
	for _, name := range slices.Sorted(maps.Keys(k.lists)) {
		l := receiving.CaseList{Input: name, SHA256: add(k.lists[name])}
		if date := c.lists[name].Date; !date.IsZero() {
			l.Date = statement.FormatTime(date)
		}
		doc.Lists = append(doc.Lists, l)
	}
	for _, a := range c.assessed {
		kept := receiving.CaseAssessed{SHA256: add(a.File)}
		if !a.At.IsZero() {
			kept.At = statement.FormatTime(a.At)
		}
		doc.Assessed = append(doc.Assessed, kept)
	}
	for _, f := range judged {
		if f.verdict == nil {
			if f.file == nil {
				continue
			}
			// It came to no verdict, and was at hand for the others.
			in, err := f.input(add)
			if err != nil {
				return nil, err
			}
			doc.Linked = append(doc.Linked, in)
			continue
		}
		digest, err := f.verdict.Digest()
		if err != nil {
			return nil, err
		}
		in, err := f.input(add)
		if err != nil {
			return nil, err
		}
		kept := receiving.CaseFile{CaseInput: in, Canonical: digest.Hex(), Verdict: f.verdict}
		for i := range c.assessed {
			if f.assessed == &c.assessed[i] {
				kept.Assessed = &i
			}
		}
		doc.Files = append(doc.Files, kept)
	}
	for _, f := range c.beside {
		in, err := f.input(add)
		if err != nil {
			return nil, err
		}
		doc.Linked = append(doc.Linked, in)
	}
	return doc, nil
}

// input returns what a case keeps of a file.
func (f *received) input(add func([]byte) string) (receiving.CaseInput, error) {
	in := receiving.CaseInput{
		Name: filepath.Base(f.name), SHA256: add(f.file), Absent: f.absent,
		Unproven: codeOf(f.spoiled, f.missing), Misbehaved: codeOf(f.forked),
	}
	if f.bundle != nil {
		raw, err := f.bundle.Marshal()
		if err != nil {
			return in, err
		}
		digest := add(raw)
		in.Bundle = &digest
	}
	return in, nil
}

// codeOf returns the code of the first error that there is.
func codeOf(errs ...error) string {
	for _, err := range errs {
		if err != nil {
			return problem.Code(err)
		}
	}
	return ""
}

// runTests runs the tests that a policy carries and returns what came of them and
// what was read. A test is skipped where a file that it names is not there; one that
// is there and cannot be read is an error: nobody knows what the test would say. One
// of the program's own policies is not tested: nil.
func runTests(p *policy.Policy, read func(name string) ([]byte, error)) (*receiving.PolicyTests, map[string][]byte, error) {
	if own, ok := policy.Pack(p.ID); ok && bytes.Equal(own, p.Raw) {
		return nil, nil, nil
	}
	files, missing := map[string][]byte{}, map[string]bool{}
	var unread error
	results := p.Test(func(name string) ([]byte, error) {
		raw, err := read(name)
		switch {
		case err == nil:
			files[name] = raw
		case errors.Is(err, fs.ErrNotExist):
			missing[name] = true
		case unread == nil:
			unread = fmt.Errorf("tests of policy %s: %w", p.ID, err)
		}
		return raw, err
	})
	if unread != nil {
		return nil, nil, unread
	}
	out := new(receiving.PolicyTests)
	for i, r := range results {
		lacks := missing[p.Tests[i].BOM]
		for _, l := range p.Tests[i].Lists {
			lacks = lacks || missing[l.File]
		}
		switch {
		case r.Passed():
			out.Passed++
		case lacks:
			out.Skipped = append(out.Skipped, r.Name)
		default:
			out.Failed = append(out.Failed, r.Name)
		}
	}
	return out, files, nil
}

// readAssessed reads what was assessed before: bills of materials, and cases.
func readAssessed(names []string, memo *sbom.Memo) ([]receiving.Assessment, error) {
	var out []receiving.Assessment
	for _, name := range names {
		info, err := os.Stat(name)
		if err == nil && info.IsDir() || filepath.Base(name) == caseFile {
			folder, err := openCase(name)
			if err != nil {
				return nil, err
			}
			for _, f := range folder.doc.Files {
				raw, err := folder.input(f.SHA256, maxBOM)
				if err != nil {
					return nil, errors.Join(err, folder.close())
				}
				out = append(out, receiving.Assessment{File: raw, At: folder.doc.Time()})
			}
			if err := folder.close(); err != nil {
				return nil, err
			}
			continue
		}
		raw, err := readFile(name, maxBOM)
		if err != nil {
			return nil, err
		}
		out = append(out, receiving.Assessment{File: raw})
	}
	for i := range out {
		if doc, findings := memo.Admit(out[i].File, sbom.DefaultLimits); doc == nil {
			return nil, fmt.Errorf("%s: %w", strings.Join(names, ", "), sbom.FirstError(findings))
		}
	}
	return out, nil
}

// counterpart returns what a file is compared with, of all that was assessed: the
// first that is about the same product, the only one where there is one of both,
// else nil.
func (c *checking) counterpart(file []byte, files int) *receiving.Assessment {
	if files == 1 && len(c.assessed) == 1 {
		return &c.assessed[0]
	}
	doc, _ := c.memo.Admit(file, sbom.DefaultLimits)
	if doc == nil {
		return nil
	}
	for i := range c.assessed {
		old, _ := c.memo.Admit(c.assessed[i].File, sbom.DefaultLimits)
		if old == nil {
			continue
		}
		if changes := diff.Compare(old, doc); changes.ViewError == nil && !changes.Other {
			return &c.assessed[i]
		}
	}
	return nil
}

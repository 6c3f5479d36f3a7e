package receiving

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/gowebpki/jcs"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// MaxVerdict bounds a verdict's file, in bytes.
const MaxVerdict = 16 << 20

// maxExact is the largest integer that canonical JSON tells from its neighbours.
const maxExact = 1<<53 - 1

// ParseVerdict reads a verdict as [Verdict.JSON] writes it, or as its canonical
// bytes are: strict JSON, no member too many or too few, the six rows in their
// order, a word that stands on them, and every other member as a verdict has it.
// Two files with other contents than texts and exit code have two digests.
// VERDICT-FORMAT-UNKNOWN for another format or a newer number,
// VERDICT-FILE-MALFORMED for anything else. A verdict is not signed: whoever has
// one compares its [Verdict.Digest] with what was signed.
func ParseVerdict(raw []byte) (*Verdict, error) {
	malformed := func(format string, args ...any) error { return sbom.Refuse("VERDICT-FILE-MALFORMED", format, args...) }
	if len(raw) > MaxVerdict {
		return nil, malformed("the verdict has %d bytes, more than %d", len(raw), MaxVerdict)
	}
	var head struct {
		Format string `json:"format"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, malformed("the verdict is not strict JSON: %w", err)
	}
	if head.Format != VerdictFormat {
		return nil, sbom.Refuse("VERDICT-FORMAT-UNKNOWN", "the file has format %q, this program reads %q", sbom.Clip(head.Format, 120), VerdictFormat)
	}
	v := new(Verdict)
	if err := json.Unmarshal(raw, v, json.RejectUnknownMembers(true)); err != nil {
		return nil, malformed("the verdict: %w", err)
	}
	if fault := v.fault(); fault != "" {
		return nil, malformed("the verdict: %s", fault)
	}
	// What is absent or null where a value stands would be read as a value.
	again, err := v.JSON()
	if err != nil {
		return nil, malformed("the verdict: %w", err)
	}
	was, err := withoutExit(raw)
	if err != nil {
		return nil, malformed("the verdict: %w", err)
	}
	if is, err := withoutExit(again); err != nil || !bytes.Equal(was, is) {
		return nil, malformed("the verdict lacks a member, or has one that is written otherwise")
	}
	return v, nil
}

// withoutExit returns the canonical form of a JSON object without its exit code.
func withoutExit(raw []byte) ([]byte, error) {
	var members map[string]jsontext.Value
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, err
	}
	delete(members, "exit")
	out, err := json.Marshal(members)
	if err != nil {
		return nil, err
	}
	return jcs.Transform(out)
}

// fault returns what of a verdict is not as it has to be, "" if nothing.
func (v *Verdict) fault() string {
	worst := Pass
	if len(v.Rows) != len(rowNames) {
		return fmt.Sprintf("it has %d rows, not %d", len(v.Rows), len(rowNames))
	}
	for i, row := range v.Rows {
		if _, ok := rank[row.Outcome]; row.Name != rowNames[i] || !ok && row.Outcome != NotRequired {
			return fmt.Sprintf("row %d is not row %s with an outcome", i, rowNames[i])
		}
		if !slices.Contains([]Basis{ByProof, ByLogSigned, ByNothing}, row.Basis) || !exact(row.AsOf) || slices.Contains(row.Checks, "") {
			return "row " + row.Name + " rests on nothing that a verdict rests on"
		}
		if rank[row.Outcome] > rank[worst] {
			worst = row.Outcome
		}
	}
	if word := map[Outcome]string{Pass: Accept, Unknown: Hold, HoldRow: Hold, Fail: Reject}[worst]; v.Verdict != word {
		return fmt.Sprintf("it is %q over rows that give %q", sbom.Clip(v.Verdict, 120), word)
	}
	if _, err := statement.ParseTime(v.At); err != nil {
		return err.Error()
	}
	switch {
	case !slices.Contains([]Scope{ScopeDocument, ScopeUnit, ScopeObserved}, v.Scope):
		return "it has no scope"
	case v.Stage == "":
		return "it has no stage"
	case v.Exit < 0 || v.Exit > 255:
		return "it has no exit code"
	case !isHex(v.File.SHA256) || !isHex(v.Trust.SHA256) || !isHex(v.Policy.SHA256):
		return "file, trust file and policy have each a SHA-256"
	case v.Policy.ID == "" || v.Policy.Version < 1 || !exact(v.Policy.Version):
		return "it names no policy"
	case !exact(int64(v.Counts.Components)) || !exact(int64(v.Counts.Unknown)) || !exact(int64(v.Counts.Excepted)):
		return "it counts nothing"
	case v.Unit != nil && *v.Unit == "":
		return "it is of a unit without a name"
	}
	if fault := faultOf(v.Party, v.Entry); fault != "" {
		return fault
	}
	for name, value := range v.Context {
		if name == "" || value == "" {
			return "its context says nothing"
		}
	}
	for _, l := range v.Lists {
		if _, err := statement.ParseTime(l.Date); l.ID == "" || !isHex(l.SHA256) || l.Date != "" && err != nil {
			return "it names a list that is none"
		}
	}
	for i := range v.Reasons {
		if fault := v.Reasons[i].fault(); fault != "" {
			return fmt.Sprintf("reason %d %s", i, fault)
		}
	}
	before := ""
	for _, l := range v.Linked {
		if !isHex(l.SHA256) || l.SHA256 <= before || len(l.From) == 0 || !slices.IsSorted(l.From) || slices.Contains(l.From, "") {
			return "its linked bills of materials do not stand in their order, each once, with the links that lead to them"
		}
		if fault := faultOf(l.Party, l.Entry); fault != "" {
			return fault
		}
		before = l.SHA256
	}
	return ""
}

func (r *Reason) fault() string {
	digest, linked := strings.CutPrefix(r.Document, "sha256:")
	switch {
	case !isCode(r.Code):
		return "has no code"
	case !slices.Contains(rowNames, r.Row):
		return "stands in no row"
	case !slices.Contains([]string{Reject, Hold, "note"}, r.Outcome):
		return "has no outcome"
	case !slices.Contains([]string{"", "true", "false", "unknown"}, r.Value):
		return "has a value that is none"
	case !exact(int64(r.Count)) || !slices.IsSorted(r.Subjects):
		return "counts nothing, or its subjects are not sorted"
	case r.Rule != nil && *r.Rule == "" || r.Entry != nil && !exact(*r.Entry):
		return "names no rule or entry"
	case r.Document != "" && (!linked || !isHex(digest)):
		return "is about a document without a digest"
	}
	if r.List != nil {
		if digest, ok := strings.CutPrefix(*r.List, "sha256:"); !ok || !isHex(digest) {
			return "rests on a list without a digest"
		}
	}
	return ""
}

// faultOf is [Verdict.fault] of who signed, and where.
func faultOf(p *PartyRef, e *EntryRef) string {
	if p != nil && (p.ID == "" || p.Registrar == "") {
		return "it names a party that is none"
	}
	if e == nil {
		return ""
	}
	digest, ok := strings.CutPrefix(e.Checkpoint, "sha256:")
	if !ok || !isHex(digest) || e.Log == "" || e.Standing == "" || !exact(e.TreeSize) || e.Index < 0 || e.Index >= e.TreeSize {
		return "it names an entry that is none"
	}
	return ""
}

// exact reports whether a number that is not negative can be told from its
// neighbours in canonical JSON.
func exact(n int64) bool { return n >= 0 && n <= maxExact }

// isHex reports whether a text is a SHA-256 in lower-case hexadecimal.
func isHex(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 32 && hex.EncodeToString(b) == s
}

// isCode reports whether a text has the shape of a code.
func isCode(s string) bool { return caseCode.MatchString(s) }

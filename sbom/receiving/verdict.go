package receiving

import (
	"github.com/go-json-experiment/json"
	"github.com/gowebpki/jcs"
)

// VerdictFormat is the "format" member of a verdict.
const VerdictFormat = "yurai-verdict/1"

// The three verdicts, as "verdict" says them.
const (
	Accept = "accept" // 受入
	Hold   = "hold"   // 保留: a person must look
	Reject = "reject" // 受入拒否
)

// Scope is the most that was looked at.
type Scope string

// The scopes, least first.
const (
	ScopeDocument Scope = "document" // papers only: no machine was looked at
	ScopeUnit     Scope = "unit"     // a delivered unit's label and shipment
	ScopeObserved Scope = "observed" // the machine's own inventory
)

// reaches reports whether scope s is at least what is demanded.
func (s Scope) reaches(demand Scope) bool {
	rank := map[Scope]int{ScopeDocument: 1, ScopeUnit: 2, ScopeObserved: 3}
	return rank[s] > 0 && rank[demand] > 0 && rank[s] >= rank[demand]
}

// Outcome is what one of the six rows says.
type Outcome string

// The outcomes of a row.
const (
	Pass        Outcome = "pass"
	HoldRow     Outcome = "hold"
	Fail        Outcome = "fail"
	Unknown     Outcome = "unknown"
	NotRequired Outcome = "not-required"
)

// Basis is what an outcome rests on.
type Basis string

// The bases of a row.
const (
	ByProof     Basis = "proof"      // signatures and Merkle proofs in the bundle
	ByLogSigned Basis = "log-signed" // the log's signed status: a lie is exposed by replay
	ByNothing   Basis = "none"
)

// Exit codes of a verdict.
const (
	ExitAccept = 0
	ExitHold   = 10
	ExitReject = 11
	ExitAbsent = 12 // a verified server answered that the log has no such entry
	ExitStale  = 14 // trust data missing or too old
)

// Verdict is the document that a check gives. Recomputed from the same inputs
// it has the same canonical bytes on every machine.
type Verdict struct {
	Format  string            `json:"format"`
	Verdict string            `json:"verdict"`
	Scope   Scope             `json:"scope"`
	Stage   string            `json:"stage"`
	At      string            `json:"at"` // RFC 3339 UTC, seconds
	Exit    int               `json:"exit"`
	File    FileRef           `json:"file"`
	Unit    *string           `json:"unit"`
	Party   *PartyRef         `json:"party"` // whose signature verified, else null
	Entry   *EntryRef         `json:"entry"` // whose proof verified, else null
	Policy  PolicyRef         `json:"policy"`
	Trust   FileRef           `json:"trust"`
	Context map[string]string `json:"context"` // what was told of it, the inputs that were set, what was assessed before
	Lists   []ListRef         `json:"lists"`
	Counts  Counts            `json:"counts"`
	Rows    []Row             `json:"rows"` // signature, log, witnesses, contents, origin, advisories
	Reasons []Reason          `json:"reasons"`

	// Linked are the linked BOMs that were looked at, by digest; absent if none was.
	Linked []LinkedRef `json:"linked,omitempty"`

	// Profiles are the profiles of parties that were given, by log and party; absent if
	// none was.
	Profiles []ProfileRef `json:"profiles,omitempty"`

	// Notice is the policy's own closing words, for human renderings.
	Notice string `json:"-"`
	// PartyName is the name that the registrar enrolled, for human renderings.
	PartyName string `json:"-"`
}

// FileRef names bytes by their SHA-256, 64 lower-case hexadecimal digits.
type FileRef struct {
	SHA256 string `json:"sha256"`
}

// PartyRef names the party that signed and the log whose registrar vouches for it.
type PartyRef struct {
	ID        string `json:"id"`
	Registrar string `json:"registrar"`
}

// EntryRef is a place in a log, seen at a size.
type EntryRef struct {
	Log        string `json:"log"`
	Index      int64  `json:"index"`
	TreeSize   int64  `json:"treeSize"`
	Checkpoint string `json:"checkpoint"` // sha256: of the note's body
	Standing   string `json:"standing"`
}

// PolicyRef names the policy that was applied.
type PolicyRef struct {
	ID       string `json:"id"`
	Version  int64  `json:"version"`
	SHA256   string `json:"sha256"`
	Verified bool   `json:"verified"`
	Pinned   bool   `json:"pinned"` // it is the one that the trust file pins, as far as was shown
}

// ListRef names a reference list that was used.
type ListRef struct {
	ID     string `json:"id"`
	SHA256 string `json:"sha256"`
	Date   string `json:"date"`
}

// Counts says how much was looked at.
type Counts struct {
	Components int  `json:"components"`
	Unknown    int  `json:"unknown"`
	Excepted   int  `json:"excepted"`
	Complete   bool `json:"complete"`
}

// Row is one of the six rows.
type Row struct {
	Name    string   `json:"name"`
	Outcome Outcome  `json:"outcome"`
	Basis   Basis    `json:"basis"`
	AsOf    int64    `json:"asOf"` // tree size that the row speaks of, 0 if none
	Checks  []string `json:"checks"`
	Text    string   `json:"text,omitempty"`
}

// Reason is why the verdict is not accept, or what it notes.
type Reason struct {
	Code     string   `json:"code"`
	Rule     *string  `json:"rule"` // of the policy, null if none
	Row      string   `json:"row"`
	Outcome  string   `json:"outcome"` // reject, hold or note
	Value    string   `json:"value"`   // true, false or unknown, "" outside rules
	Count    int      `json:"count"`
	Subjects []string `json:"subjects"` // JSON Pointers into the BOM, sorted; into a linked one behind its digest and "#"
	Entry    *int64   `json:"entry"`    // index in the log
	List     *string  `json:"list"`
	Document string   `json:"document,omitzero"` // sha256:<hex> of the linked BOM that it is about; absent for the file
	Text     string   `json:"text,omitempty"`
}

// The names of the rows, in the order in which they always stand.
const (
	RowSignature  = "signature"
	RowLog        = "log"
	RowWitnesses  = "witnesses"
	RowContents   = "contents"
	RowOrigin     = "origin"
	RowAdvisories = "advisories"
)

var rowNames = []string{RowSignature, RowLog, RowWitnesses, RowContents, RowOrigin, RowAdvisories}

// JSON returns the verdict on one line, without a newline.
func (v *Verdict) JSON() ([]byte, error) {
	return json.Marshal(v, json.Deterministic(true), json.FormatNilSliceAsNull(false))
}

// Canonical returns the bytes that two machines compare: RFC 8785 of the verdict
// without texts and exit code.
func (v *Verdict) Canonical() ([]byte, error) {
	c := *v
	c.Rows, c.Reasons = nil, nil
	for _, r := range v.Rows {
		r.Text = ""
		c.Rows = append(c.Rows, r)
	}
	for _, r := range v.Reasons {
		r.Text = ""
		c.Reasons = append(c.Reasons, r)
	}
	raw, err := json.Marshal(struct {
		*Verdict
		Exit int `json:"exit,omitzero"`
	}{&c, 0}, json.Deterministic(true))
	if err != nil {
		return nil, err
	}
	return jcs.Transform(raw)
}

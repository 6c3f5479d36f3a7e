package cli

import (
	"bytes"
	"net/url"
	"path/filepath"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/server/problem"
)

// SARIF 2.1.0, as far as a verdict fills it (OASIS sarif-v2.1.0 §3).
type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool        sarifTool         `json:"tool"`
	Invocations []sarifInvocation `json:"invocations"`
	ColumnKind  string            `json:"columnKind"`
	Results     []sarifResult     `json:"results"`
	Properties  sarifProperties   `json:"properties"`
}

// sarifProperties come last: the notice ends the document.
type sarifProperties struct {
	Verdicts []sarifVerdict `json:"verdicts"`
	Notices  []string       `json:"notices"`
}

type sarifVerdict struct {
	File    string `json:"file"`
	SHA256  string `json:"sha256"`
	Verdict string `json:"verdict"`
	Scope   string `json:"scope"`
	Stage   string `json:"stage"`
	At      string `json:"at"`
	Exit    int    `json:"exit"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name  string      `json:"name"`
	Rules []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID               string     `json:"id"`
	ShortDescription sarifText  `json:"shortDescription"`
	Help             *sarifText `json:"help,omitzero"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifInvocation struct {
	Successful    bool                `json:"executionSuccessful"`
	Notifications []sarifNotification `json:"toolExecutionNotifications"`
}

type sarifNotification struct {
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

type sarifResult struct {
	RuleID     string          `json:"ruleId"`
	RuleIndex  int             `json:"ruleIndex"`
	Kind       string          `json:"kind"`
	Level      string          `json:"level"`
	Message    sarifText       `json:"message"`
	Locations  []sarifLocation `json:"locations"`
	Properties *sarifDetail    `json:"properties,omitzero"`
}

// sarifDetail is what of a reason SARIF has no member for.
type sarifDetail struct {
	Row   string  `json:"row"`
	Rule  *string `json:"rule"` // of the policy
	Value string  `json:"value"`
	Count int     `json:"count"` // of places, of which no more than [maxSubjects] are located
	Entry *int64  `json:"entry"`
	List  *string `json:"list"`
}

type sarifLocation struct {
	Physical sarifPhysical  `json:"physicalLocation"`
	Logical  []sarifLogical `json:"logicalLocations,omitzero"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitzero"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine int `json:"startLine"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}

// sarifVerdictRule and sarifRowRule are the ids of results that are about no code:
// the verdict itself, and a row that nothing was shown for.
const (
	sarifVerdictRule = "yurai/verdict"
	sarifRowRule     = "yurai/row/"
)

// sarifing gathers the results of one run.
type sarifing struct {
	e     *environment
	run   sarifRun
	rules map[string]int
}

// printSARIF writes verdicts as one SARIF log with one run. Each file has a result
// for its verdict, which passes for ACCEPT alone, one a reason, and one for each row
// that does not pass without any reason.
func (e *environment) printSARIF(out *result, judged []*received) error {
	s := &sarifing{e: e, rules: map[string]int{}}
	s.run = sarifRun{
		Tool:        sarifTool{sarifDriver{Name: "yurai", Rules: []sarifRule{}}},
		Invocations: []sarifInvocation{{Successful: true, Notifications: []sarifNotification{}}},
		ColumnKind:  "utf16CodeUnits", Results: []sarifResult{},
		Properties: sarifProperties{Verdicts: []sarifVerdict{}, Notices: []string{}},
	}
	for _, f := range judged {
		s.file(f)
	}
	raw, err := json.Marshal(sarifLog{
		Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{s.run},
	}, json.Deterministic(true), jsontext.WithIndent(" "))
	if err != nil {
		return err
	}
	out.Write(append(harmless(raw), '\n'))
	return nil
}

// file adds what is said of one file.
func (s *sarifing) file(f *received) {
	artifact := sarifArtifact{URI: (&url.URL{Path: filepath.ToSlash(f.name)}).String()}
	whole := []sarifLocation{{Physical: sarifPhysical{Artifact: artifact}}}
	if f.verdict == nil {
		call := &s.run.Invocations[0]
		call.Successful = false
		call.Notifications = append(call.Notifications, sarifNotification{Level: "error", Message: sarifText{printable(refusalText(f.refused))}, Locations: whole})
		return
	}
	v := f.verdict
	kind, level := "fail", "warning"
	switch v.Verdict {
	case receiving.Accept:
		kind, level = "pass", "none"
	case receiving.Reject:
		level = "error"
	}
	s.result(sarifResult{RuleID: sarifVerdictRule, Kind: kind, Level: level, Message: sarifText{s.e.verdictWord(v)}, Locations: whole})
	against := map[string]bool{}
	wanted := map[string]bool{}
	for _, r := range v.Reasons {
		against[r.Row] = against[r.Row] || r.Outcome != "note"
		for _, p := range r.Subjects[:min(len(r.Subjects), maxSubjects)] {
			wanted[p] = true
		}
	}
	for _, row := range v.Rows {
		if row.Outcome == receiving.Pass || row.Outcome == receiving.NotRequired || against[row.Name] {
			continue
		}
		s.result(sarifResult{
			RuleID: sarifRowRule + row.Name, Kind: "fail", Level: "warning",
			Message: sarifText{printable(s.e.rowWord(row.Name) + ": " + row.Text)}, Locations: whole,
		})
	}
	lines := linesOf(f.file, wanted)
	for _, r := range v.Reasons {
		level := map[string]string{receiving.Reject: "error", receiving.Hold: "warning"}[r.Outcome]
		if level == "" {
			level = "note"
		}
		places := whole
		if len(r.Subjects) > 0 {
			places = nil
		}
		for _, p := range r.Subjects[:min(len(r.Subjects), maxSubjects)] {
			place := sarifLocation{Physical: sarifPhysical{Artifact: artifact}}
			if p != "" {
				place.Logical = []sarifLogical{{printable(p), "member"}}
			}
			if line := lines[p]; line > 0 {
				place.Physical.Region = &sarifRegion{line}
			}
			places = append(places, place)
		}
		s.result(sarifResult{
			RuleID: r.Code, Kind: "fail", Level: level, Message: sarifText{printable(r.Text)}, Locations: places,
			Properties: &sarifDetail{Row: r.Row, Rule: r.Rule, Value: r.Value, Count: max(r.Count, len(r.Subjects)), Entry: r.Entry, List: r.List},
		})
	}
	s.run.Properties.Verdicts = append(s.run.Properties.Verdicts, sarifVerdict{
		printable(f.name), v.File.SHA256, v.Verdict, string(v.Scope), v.Stage, v.At, v.Exit,
	})
	s.run.Properties.Notices = append(s.run.Properties.Notices, s.e.notice(v))
}

// result adds a result, and its rule where it is the first.
func (s *sarifing) result(r sarifResult) {
	index, known := s.rules[r.RuleID]
	if !known {
		index = len(s.rules)
		s.rules[r.RuleID] = index
		rule := sarifRule{ID: r.RuleID}
		switch row, ok := problem.Lookup(r.RuleID); {
		case ok:
			rule.ShortDescription = sarifText{row.Cause.In(s.e.lang)}
			rule.Help = &sarifText{row.Remedy.In(s.e.lang)}
		case r.RuleID == sarifVerdictRule:
			rule.ShortDescription = sarifText{s.e.text("The verdict.", "判定。")}
		default:
			rule.ShortDescription = sarifText{s.e.text("A row of the verdict that nothing was shown for.", "確認できる根拠がない判定項目。")}
		}
		s.run.Tool.Driver.Rules = append(s.run.Tool.Driver.Rules, rule)
	}
	r.RuleIndex = index
	s.run.Results = append(s.run.Results, r)
}

// linesOf returns the one-based lines of the values in a JSON text that the wanted
// pointers lead to, as far as it can be read.
func linesOf(raw []byte, wanted map[string]bool) map[string]int {
	found := map[string]int{}
	if len(wanted) == 0 {
		return found
	}
	d := jsontext.NewDecoder(bytes.NewReader(raw), jsontext.AllowDuplicateNames(true))
	line, from := 1, int64(0)
	for {
		if _, err := d.ReadToken(); err != nil {
			return found
		}
		p := string(d.StackPointer())
		if !wanted[p] || found[p] > 0 {
			continue
		}
		to := d.InputOffset()
		line += bytes.Count(raw[from:to], []byte("\n"))
		found[p], from = line, to
	}
}

package cli

import (
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/server/problem"
)

// The JUnit report: a testsuite a file, a testcase a row. Only a row that passes
// is a passed test; one that is not required is skipped, every other a failure, so
// that nothing but ACCEPT is a suite without failures.
type junitReport struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Timestamp  string          `xml:"timestamp,attr,omitempty"` // UTC, as JUnit writes it, without a zone
	Properties []junitProperty `xml:"properties>property,omitempty"`
	Cases      []junitCase     `xml:"testcase"`
	Notice     string          `xml:"system-out,omitempty"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Class   string      `xml:"classname,attr"`
	Name    string      `xml:"name,attr"`
	Failure *junitFault `xml:"failure"`
	Error   *junitFault `xml:"error"`
	Skipped *junitFault `xml:"skipped"`
}

type junitFault struct {
	Message string `xml:"message,attr,omitempty"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// printJUnit writes verdicts as one JUnit XML report.
func (e *environment) printJUnit(out *result, judged []*received) error {
	report := junitReport{Name: "yurai check"}
	for _, f := range judged {
		s := e.junitSuite(f)
		report.Tests += s.Tests
		report.Failures += s.Failures
		report.Errors += s.Errors
		report.Skipped += s.Skipped
		report.Suites = append(report.Suites, s)
	}
	raw, err := xml.MarshalIndent(report, "", " ")
	if err != nil {
		return fmt.Errorf("writing a JUnit report: %w", err)
	}
	out.WriteString(xml.Header)
	out.Write(append(raw, '\n'))
	return nil
}

func (e *environment) junitSuite(f *received) junitSuite {
	name := printable(f.name)
	if f.verdict == nil {
		return junitSuite{Name: name, Tests: 1, Errors: 1, Cases: []junitCase{{
			Class: name, Name: "verdict", Error: &junitFault{Message: printable(refusalText(f.refused)), Type: problem.Code(f.refused)},
		}}}
	}
	v := f.verdict
	s := junitSuite{
		Name: name, Timestamp: strings.TrimSuffix(v.At, "Z"), Notice: e.notice(v),
		Properties: []junitProperty{
			{"verdict", v.Verdict},
			{"scope", string(v.Scope)},
			{"stage", v.Stage},
			{"sha256", v.File.SHA256},
			{"policy", fmt.Sprintf("%s v%d sha256:%s", v.Policy.ID, v.Policy.Version, v.Policy.SHA256)},
		},
	}
	for _, row := range v.Rows {
		c := junitCase{Class: name, Name: row.Name}
		switch row.Outcome {
		case receiving.Pass:
		case receiving.NotRequired:
			c.Skipped = &junitFault{Message: printable(row.Text)}
			s.Skipped++
		default:
			c.Failure = e.junitFailure(v, row)
			s.Failures++
		}
		s.Cases = append(s.Cases, c)
		s.Tests++
	}
	return s
}

// junitFailure says what stands against a row.
func (e *environment) junitFailure(v *receiving.Verdict, row receiving.Row) *junitFault {
	fault := &junitFault{Message: printable(e.outcomeWord(row.Outcome) + ": " + row.Text), Type: string(row.Outcome)}
	var lines []string
	for _, r := range v.Reasons {
		if r.Row != row.Name || r.Outcome == "note" {
			continue
		}
		code := r.Code
		if r.Rule != nil {
			code += " " + *r.Rule
		}
		line := fmt.Sprintf("[%s] %s", code, r.Text)
		if where := strings.Join(strings.Fields(e.subjects(r)), " "); where != "" {
			line += " (" + where + ")"
		}
		lines = append(lines, printable(line))
	}
	fault.Text = strings.Join(lines, "\n")
	return fault
}

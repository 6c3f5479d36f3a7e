// Package problem is the one table of everything that can be refused: for each
// stable code its HTTP status, its exit code, its severity, and its cause and
// remedy in English and Japanese. A test holds the table against the code: each
// literal has a row, each row is used.
package problem

// Severity tells what a finding with this code does.
type Severity string

// The severities, gravest first.
const (
	SeverityError   Severity = "error"   // refuses the document, statement or answer
	SeverityWarning Severity = "warning" // admitted; somebody should look
	SeverityNote    Severity = "note"    // admitted; said for the record
)

// Text is one sentence in both languages.
type Text struct {
	EN string
	JA string
}

// Row is what there is to say about one code.
type Row struct {
	Code     string   // AREA-WORD-WORD, never renamed, never reused
	Status   int      // HTTP status, 0 if it never travels over HTTP
	Exit     int      // exit code of the command line
	Severity Severity // what it does
	Cause    Text     // what happened, one sentence
	Remedy   Text     // the one action that mends it
}

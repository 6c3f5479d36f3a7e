package policy

import "github.com/yurai-ledger/yurai/sbom/origin"

// Truth is the value of a rule: true, false or unknown.
type Truth = origin.Truth

// The three values.
const (
	Unknown = origin.Unknown
	False   = origin.False
	True    = origin.True
)

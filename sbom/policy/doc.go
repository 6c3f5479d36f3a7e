// Package policy judges the facts of a bill of materials by reviewable rules
// whose value is true, false or unknown.
package policy

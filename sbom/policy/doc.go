// Package policy judges the facts of a bill of materials by reviewable rules:
// [Parse] reads a policy, [Policy.Evaluate] gives its [Outcome] for [Evidence].
//
// # Three values
//
// A rule is true, false or unknown; true means that what it looks for is there.
// Its expression follows Kleene's strong logic: false wins in &&, true wins in
// ||, and otherwise one unknown makes the whole unknown, a condition of ?: too.
// An evaluation error is unknown. Each rule says what unknown does, and the
// format has no word by which it could pass.
//
// A hit counts on any fact, be it weak, partial or contradicted. A rule clears
// only on facts that are recognised, whole, uncontradicted and at least as
// strong as its strength, also where its expression turns a hit around.
//
// # Subjects
//
// Rules do not loop: each names what a rule ranges over and the engine visits
// all of them. A rule over components, services or parties that finds nothing is
// unknown, once, if the BOM does not state in its compositions that it lists
// everything. Critical is what the policy does not except by type, or by the
// function of a device; what states neither is critical. There are no facts of
// units: a rule over them is unknown, once.
//
// # Expressions
//
// Expressions are CEL with the macros has, exists and all; != is the negation of
// ==. The variables are
//
//	it        the subject
//	product   the component that the BOM is about
//	ctx       stage, sector, facility, asset, operator; unknown where not told
//	input     the policy's inputs; unknown where not set, and lists that are old
//	home      the operator's country
//	at        the instant of judgement
//
// Subjects and parties have no fields: facts reach an expression only through
// functions, so that a missing one is unknown and never an empty string. MANUAL.md
// has all of them. Package origin answers the questions about a BOM; here they are
// bound to the language, beside lists, advisories, standing and dates.
//
// # Lists
//
// A party is on a list by an equal id or an equal folded name. A name that is
// alike is unknown and holds, whatever a rule says of unknown, unless the value of
// the expression does not depend on it. Nobody is cleared by what is left out: who
// is not on a list has told what its rows could be met by, and who is on a list of
// those allowed is met by the id where the row gives one.
//
// # The file
//
// A policy is strict YAML 1.2 in which every scalar is the string that is
// written (NO is Norway). Unknown and duplicate keys, anchors, aliases, merge
// keys, tags and further documents are refused, each with its code, line and
// column. Its digest is SHA-256 over its raw bytes.
package policy

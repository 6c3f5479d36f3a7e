// Package sbom admits one CycloneDX bill of materials in JSON: raw bytes in, a
// [Document] or findings out.
//
// Admission has four steps, each of which runs only if the one before it found
// no error:
//
//  1. [Scan], the strict JSON scan. Size, depth and number of tokens are
//     bounded before anything is built; duplicate and case-variant members,
//     invalid UTF-8, a byte order mark, lone surrogates, truncated input,
//     trailing data and numbers that no common reader holds are errors.
//  2. The specification version: bomFormat and specVersion. 1.2 to 1.7 are
//     admitted; every other version is refused by a code that says whether it
//     has no JSON form, is not yet supported, or unknown.
//  3. The official schema of that version (draft-07), embedded as a reduction
//     without prose that cites its source and the digest of the original. 1.2
//     and 1.3 have two, of which the strict one admits.
//  4. What the schema cannot say and two readers would read as two documents:
//     bom-refs must be unique between the components and services of the
//     inventory, a member must not differ in case only from one of the
//     specification, and the name of a property that begins with yurai: must be
//     one of those that this program knows. References should resolve.
//
// [Lint] then says of an admitted document what somebody would read wrongly or
// not at all: cycles, BOM-Links, digests, active URLs, missing makers, properties
// that nobody reads; package origin has its own lint. An error always means that
// two readers could see two documents, or none; everything else is a warning, which
// refuses nothing and moves no verdict.
//
// The raw bytes are the record. A [Document] keeps them, their SHA-256 and a
// view: components, services and compositions in document order, each with the
// JSON Pointer of its place in the raw bytes. A document that the schema allows
// is admitted even if the view cannot be made; then Document.ViewError is set,
// and what would be read from the view is unknown, never absent.
//
// # Numbers
//
// A number is refused where two readers see two documents: if it has no float64
// neighbour but zero or infinity (1e400, 1e-400), if its literal is longer than
// 128 bytes or its exponent than four digits, or if it is the version of a BOM and an integer beyond 2^53 − 1,
// since that version is part of the identity under which equivocation is
// judged. Any other number beyond 2^53 − 1 is a warning.
//
// # Lines and pointers
//
// A line is one-based and counts U+000A; it is the line on which the value, or
// for a member that should not be there its name, begins. A JSON Pointer (RFC
// 6901) longer than 2,048 bytes is cut to its nearest ancestor that fits.
//
// The package opens no file and no socket and reads no clock.
package sbom

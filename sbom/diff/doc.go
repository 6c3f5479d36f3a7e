// Package diff tells what changed between two bills of materials, or one and its
// later self, part by part: not which lines differ, but which part is made
// somewhere else now, by whom, and what is no longer told.
//
// # Which part is which
//
// The products that the documents are about are one another's counterpart, even
// if nothing of them agrees; then [Changes.Other] is set. Any other component or
// service is found again by, in this order,
//
//  1. its package URL without version, qualifiers and subpath;
//  2. part, vendor and product of its CPE;
//  3. type, group and name below the counterpart of its parent; then group and
//     name there, since a type may change; then the name alone, since a group may;
//  4. type, group and name anywhere: it has moved.
//
// So a renamed part that keeps its package URL or CPE is the same, and one that
// keeps its name and changes its maker has another maker. Of several with one
// identity those are counterparts that agree most: in their place, everything told
// below them and of them, in what is told of origin and parties, in versions and
// digests, and last in the bom-ref. Whatever is left was added or removed. The
// order of components in the documents plays no part, and neither does which of
// them comes first: the comparison the other way round is the mirror of this one.
//
// # What is compared
//
// Identifiers, type, version, function, digests, quantity, properties; each stage of
// the origin, with shares, who did it, basis, state and strength; parties, with
// id, name, address, registration, plant and owners; remote access; endpoints and
// data of services; pedigree; links to other BOMs; completeness; attestations. A
// fact that is no longer told, withheld, said to be unknown, contradicted or less
// well founded than before is a change of its own kind. Licences, dependencies,
// vulnerabilities and external references of other types are not compared.
//
// Work is n log n in components and facts, whatever the documents repeat.
package diff

// Package specimen makes CycloneDX bills of materials in the shape of real
// deliveries, from a seed, and says beforehand what is true of them: [New]
// returns the raw bytes and what a reader has to find in them. The same options
// give the same bytes on every machine.
//
// The families are what operators of critical infrastructure buy: devices with
// boards, parts, firmware and the libraries in it, and services that stand
// elsewhere. Names, numbers and parties are made up; places are.
//
// The package writes JSON with types of its own and shares no code with what
// reads it, so that a fault of the reader is not repeated here. [Remove] takes
// facts away, as a vendor does who says less.
package specimen

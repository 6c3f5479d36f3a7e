// Package origin reads from one admitted BOM where things come from: for each
// component and service, at which stage of its life, in which places and with
// which shares. The model is the one of the draft of CycloneDX 2.0: stage ×
// basis × distribution. Each [Fact] keeps the JSON Pointer of what it was read
// from and its [Strength].
//
// CycloneDX 1.2 to 1.7 have no field for the country of origin. Two properties
// carry it, both asserted by the vendor:
//
//	yurai:origin:<stage>         the grammar of [ParseValue]
//	cdx:device:countryOfOrigin   one country, all of the stage manufactured
//
// # What counts
//
// A country is an officially assigned code of ISO 3166-1 in capital letters, or
// has the shape of ISO 3166-2 with such a country in front. The free text of
// cdx:device:countryOfOrigin may also be an alpha-3 code or a common English
// name, which is mapped and noted. Everything else, lower case, full-width and
// look-alike letters too, is not recognised, and what it was meant to say is
// unknown. HK, MO and TW are what they say; folding codes is a policy's matter.
//
// Percentages are integers in hundredths. What is missing to 100 is an unknown
// share; 100 ± 0.5 is the whole, because shares are rounded. The same stage and
// basis told twice is one fact if both tell the same, and else a contradiction
// that clears nothing. A value that cannot be read casts doubt on everything
// said about its stage.
//
// A value that is not one of these and looks like one, because letters of another
// script, full-width, styled or invisible characters or white space stand in it,
// has a finding of its own; it is never read as what it looks like.
//
// # Parties and access
//
//	yurai:party:<role>:id          a party, scheme:value
//	yurai:party:<role>:registered  the grammar of ParseValue
//	yurai:party:<role>:plant       the same
//	yurai:party:<role>:owner       the same, or a party
//	yurai:access:from              the grammar of ParseValue
//	yurai:access:operator          a party
//	yurai:access:privilege         none, read, operate or update
//	yurai:access:always-on         true or false
//
// A party that CycloneDX itself names, as manufacturer, supplier or provider, is
// the maker, seller or provider, with the address as a hint; organizations that
// govern a service's data are its custodians, stewards and owners. Any other name
// that begins with yurai: is an error, of which package sbom admits no document:
// the names are ours, and one that this program does not know would be a fact to a
// newer program and nothing to this one.
//
// Nothing is inferred: not from an address, not from a head office, not from a
// parent to its parts or back. The questions to a [Subject], a [Party] and the
// [Facts] answer with true, false or unknown, and unknown is never fine.
//
// # Who stands behind a fact
//
// A fact is asserted by the vendor. A citation of CycloneDX 1.7 whose pointer is
// that of the fact or of anything around it makes it cited, if it is attributed to
// a party in the document that is neither its author nor the maker or seller of
// the product. A claim of the declarations whose target is the subject and whose
// predicate is NAME=VALUE of the property makes it attested, if a third party
// attests it with full conformance and nothing counters it. All of this is the
// document's own word: nothing here verifies who cites or attests. Who stands
// behind a document from outside, such as an attestation in a log, comes from the
// caller: [ReadFrom].
//
// What a pedigree names as an ancestor, which is how a relabelled product is
// stated, accuses the subject and never clears it.
//
// # More than one document
//
// [Facts.Join] puts the facts of linked documents below the components that link
// to them by digest. [ReadDraft] reads origins and parties of the draft of
// CycloneDX 2.0, which package sbom does not admit.
//
// [Facts.Profiled] adds what parties say of themselves beside any document.
//
// # What nobody can know
//
// Every question is asked so that leaving out what the format asks for gains
// nothing: not a stage of making, not a party, not the classification of a flow of
// data. What accuses beyond that (a second statement that contradicts the first,
// an address, a pedigree) can be left out by whoever writes the document, and no
// reader of that document can know.
package origin

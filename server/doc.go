// Package server runs a ledger: it takes signed statements over HTTP, has the
// sequencer order them, and serves the log, its bundles, blobs and look-ups.
//
// # The folder
//
// [Init] makes it, [Open] opens it, one process at a time:
//
//	config.yaml               format and origin
//	keys/                     the two checkpoint keys and the service key of party log
//	registrar.key, .pub       signs admissions and parties; the key may leave the machine at once
//	trust.json                for operators and auditors, a year
//	genesis.statement.json    leaf of entry 0
//	admission.statement.json  leaf of entry 1
//	log/                      the log, the truth (ledger/filestore)
//	blobs/                    bytes of bills of materials (server/blobs)
//	index/                    look-ups, may be deleted at any time (server/index):
//	                          what leaves say, and in contents/ what open BOMs say
//
// Folders have mode 0700 and files 0600. The first [Server.Serve] publishes the
// signed empty checkpoint, appends genesis and admission, and answers nothing
// but the health checks before.
//
// # The way in
//
//	bytes → envelope.Parse → statement.Parse → registry.Acting → Verify
//	      → sbom.Admit, content rules, blob durable (kind bom only)
//	      → sequencer.Add, whose guard is the registry → bundle
//
// Everything that can be judged before a byte is stored is judged before: a
// refused submission changes no file. What only the order decides (two
// statements with one prev, two parties with one key) is judged by the guard
// when it sequences; it judges statements without a blob too.
//
// # Answers
//
//	GET  /checkpoint                       signed note, c2sp.org/tlog-checkpoint: the newest
//	                                       that satisfies the witness policy
//	GET  /tile/…                           c2sp.org/tlog-tiles
//	POST /api/v1/statements                multipart/form-data: statement, bom
//	                                       201 a new entry, 200 one already there
//	GET  /api/v1/entries/{index}/bundle    bundle against that if it covers the entry,
//	                                       else against the newest the log signed
//	GET  /api/v1/entries/{index}/time      cosigned checkpoints around the entry
//	GET  /api/v1/clock                     cosigned checkpoints, one a minute
//	GET  /api/v1/boms/sha256/{hex}         indices of the entries about these bytes
//	GET  /api/v1/search                    entries by what they say: a page of indices
//	GET  /blobs/sha256/{hex}               200, 403 held, 404 never stored, 500 lost
//	GET  /healthz                          200 while the process lives
//	GET  /openapi.json                     OpenAPI 3.1, made from the routes
//	GET  /readyz                           200, or 503 with what it waits for
//
// Nothing that is committed waits for a witness. A submission's header Yurai-Anchored
// says yes if a witness has cosigned this log since it was opened: a log that was put
// back to an older state is then found out, and takes nothing any more.
//
// Everything that is refused is a problem document (RFC 9457) with a stable
// code. A statement is its own authorisation: whoever holds a key of an enrolled
// party may submit for it, and reading needs no leave. The server speaks plain
// HTTP and listens on loopback only.
//
// # What is absent
//
// A look-up answers for a size of the tree and only when it has looked at every
// entry below it: the index up to where it has caught up, then the entries
// themselves. Each index hit is read again from the log. If the index has too far
// to catch up, or is damaged and being rebuilt, the answer is 503, never that
// there is nothing.
//
// # Searches
//
// GET /api/v1/search takes kind, the kind of the statements that are sought (bom
// if absent), one of these, and after and limit:
//
//	(nothing, with kind)  every entry of the kind                   any kind
//	party=ID              who acts: a party, registrar or log       any kind
//	about=ID              party that it speaks of                   bom (signer, or maker by id), party (also by another
//	                                                                identifier), keys, delegate, revoke, suspend,
//	                                                                advisory (selector), attestation, profile
//	product=NAME          name, GTIN, CPE or purl of a product      bom, advisory (selector)
//	part=NAME[&maker=M]   name, CPE or purl of a component          bom (contents), advisory (selector; also those
//	                                                                that name no maker)
//	maker=NAME            of the product or a component             bom (leaf or contents)
//	component=sha256:HEX  that a component states                   bom (contents)
//	digest=sha256:HEX     of the bytes that it speaks of            bom, advisory (selector), attestation, list, policy,
//	                                                                verdict and decision (of the verdict)
//	serial=URN            serial number, of any party and version   bom
//	entry=INDEX           entry that it withdraws or supersedes     bom, withdraw, decision (on a verdict entry)
//	name=TEXT             of a party, or id of a list or policy     party, list, policy
//	role=ROLE             of a party                                party
//	advisory=INDEX        what the advisory at this index selects   bom (leaf, or contents for a part or digest)
//
// Names of products, parts, makers and parties are alike without regard to case,
// outer blanks and compatibility forms of Unicode (full and half width), as
// sbom.FoldName writes them; a letter of another script is another letter. All else is compared byte for byte.
//
// advisory=INDEX applies the selector as verdicts do; unsure names those of the
// entries of which the document does not say, for which a verdict holds. It does
// not look for names that only look like the selected one, in letters of another
// script, for which a verdict holds too. Neither this nor kind=advisory looks at standing, at
// times or at withdrawals, and a vendor's advisory about another's products is
// found although it counts for nothing. A look-up proposes and may hide: what
// makes a verdict is the signed status of a bundle, which counts all advisories.
//
// What a leaf says is public, and is found whether a BOM is open or held. The
// contents of a held BOM are never looked into; those of an open one are read by
// sbom.Admit when they are indexed and again for each answer. The answer,
// yurai-search/1, names the log, the size that was looked through and the signed
// checkpoint of that size; the bundle of each index proves the rest. Where
// contents were asked for, held, unread and pending say how many entries below
// size were not looked into, because they are held, could not be read whole or
// exceed a bound, or were not reached yet: the entries named are then all of the
// others, and nothing is said of these. Where products or their makers were asked
// for, held counts the BOMs that hide theirs behind a commitment. An entry whose
// bytes were lost when it was indexed is read again for each search, and found
// once they are back; until its page is reached it counts as unread.
//
// Indices ascend, and next, if it is there, is the after of the next page. A log
// only grows, so what one page left out the next names, whatever was recorded in
// between.
package server

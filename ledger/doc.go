// Package ledger holds the pure formats of a transparency log: leaf hashes,
// checkpoints and their signatures, tiles and entry bundles, inclusion and
// consistency proofs, and the trust file. It does no I/O and reads no clock:
// bytes and times are arguments, so that the same code verifies in a server,
// at an air-gapped dock and in a browser.
//
// The tree is the one of RFC 6962 §2.1 (SHA-256, leaf prefix 0x00, node prefix
// 0x01). A checkpoint is a note as in c2sp.org/signed-note whose body is that of
// c2sp.org/tlog-checkpoint, three lines and no extension:
//
//	ledger.example/jp-power-2026
//	1900
//	CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//
// A log signs each checkpoint with two keys: Ed25519 (note signature type 0x01)
// on the first signature line, ML-DSA-44 (type 0x06, c2sp.org/tlog-cosignature)
// on the second. [OpenCheckpoint] accepts a note only if every key that the
// caller requires has signed it. Tiles and entry bundles are those of
// c2sp.org/tlog-tiles with tiles of 256 hashes.
//
// The log orders bytes. What a leaf says is none of this package's business.
package ledger

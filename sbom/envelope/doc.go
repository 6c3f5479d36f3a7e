// Package envelope is what is signed: DSSE over an in-toto Statement, in the
// one form in which it becomes a leaf of the log.
//
// # Keys
//
// A key is Ed25519 or ECDSA on P-256 with SHA-256, admitted through sigstore's
// registry of algorithms. Its id is the lower-case hex SHA-256 of its
// SubjectPublicKeyInfo in DER, always recomputed here. There is one DER for a
// key: an encoding that does not come back the same is refused, and so are
// Ed25519 points of small order, points off the curve and coordinates that are
// not reduced. Which Ed25519 signatures verify is what crypto/ed25519 says.
//
// # Leaf
//
// At most [MaxLeaf] bytes, exactly
//
//	{"payloadType":"application/vnd.in-toto+json","payload":"P","signatures":[S,…]}
//
// with P the payload in padded standard base64 and each S
//
//	{"keyid":"K","sig":"G"}
//
// with K a key id and G a signature in padded standard base64. No white space,
// no other member, no second spelling of a string. One to [MaxSignatures]
// signatures, one a key, in ascending order of key id. The shape of a signature
// tells its kind: 64 bytes are Ed25519, all else is ECDSA as DER SEQUENCE of
// two INTEGERs of minimal length with S at most half the order of the curve. (An ECDSA
// signature of 64 bytes, one in 2^40 or rarer, is refused; sign again.)
//
// A submission may be any strict-JSON DSSE: [Parse] and [Envelope.Verify]
// bring order, base64 alphabet, white space and S to the form above.
//
// # What is signed, and identity
//
// Signatures are over PAE(payloadType, payload), the Pre-Authentication
// Encoding of DSSE v1:
//
//	"DSSEv1" SP LEN(payloadType) SP payloadType SP LEN(payload) SP payload
//
// with LEN in decimal without leading zeros. The identity of an envelope is
//
//	SHA-256( "yurai/identity/v1" ‖ 0x00 ‖ PAE(payloadType, payload) ‖ id₁ ‖ … ‖ idₙ )
//
// where idᵢ are the raw 32-byte ids of the keys whose signatures verified, in
// ascending order. PAE carries its lengths and each id has 32 bytes, so no two
// envelopes share an input. Signature bytes are not part of it: the randomness
// of ECDSA makes no second identity.
//
// # Verified
//
// Only [Envelope.Verify] and [VerifyLeaf] make a [Verified]. It holds the
// payload and those signatures alone that verified under keys the caller named.
package envelope

package ledger

// Bounds of what is read. They are part of the formats: raising one is a change
// of format, not of taste.
const (
	MaxLeaf       = 65535     // bytes of one leaf; tlog-tiles writes its length in 16 bits
	MaxCheckpoint = 256 << 10 // bytes of one signed checkpoint; MaxWitnesses ML-DSA-44 cosignatures fit in
	MaxOrigin     = 200       // bytes of a log origin; ML-DSA messages allow 255
	MaxProof      = 63        // hashes in one proof
	MaxTrust      = 256 << 10 // bytes of a trust file
	MaxSize       = 1 << 48   // leaves in one log
	MaxWitnesses  = 64        // witnesses, and groups, in one witness policy
	MaxProofText  = 384 << 10 // bytes of a proof as text
	MaxPolicy     = 160 << 10 // bytes of the text of a witness policy
	TileHeight    = 8         // levels of the tree in one tile
	TileWidth     = 256       // hashes in a full tile, leaves in a full entry bundle
)
